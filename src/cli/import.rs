//! `schoolgate import`: the same plan as in the pages, made, applied and waited for.

use std::{
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Value, json};

use super::{Language, PeopleKind, SchoolArgs, say, system_scope};
use crate::{
    access::{Granted, may},
    app::App,
    error::Error,
    ids::PlanId,
    jobs,
    plan::{
        apply,
        draft::Upload,
        headerless,
        model::{LINES_OF_SHEET, Plan, PlanRow, PlanState, ReadProgress, RowOutcome, Source},
        new_classes, purge, review, rows, said, store,
    },
    roster::fields::{Fault, Field, Guess},
    router,
    sources::{import, remote},
    web::Translator,
};

#[derive(Debug, Args)]
pub struct ImportArgs {
    #[command(flatten)]
    school: SchoolArgs,
    /// The spreadsheet
    file: PathBuf,
    /// Makes the plan, applies nothing and discards it
    #[arg(long)]
    dry_run: bool,
    /// Leaves out pupils of classes that the year does not have
    #[arg(long)]
    no_new_classes: bool,
    /// Applies a plan that takes more than a fifth of the school's people out
    #[arg(long)]
    confirm_leaves: bool,
    /// Reads this sheet, and not the one that would be found
    #[arg(long)]
    sheet: Option<String>,
    /// Reads all sheets that have the same header, such as a sheet for each class
    #[arg(long, conflicts_with = "sheet")]
    all_sheets: bool,
    /// Leaves out rows that the spreadsheet hides, by hand or by a filter
    #[arg(long)]
    without_hidden_rows: bool,
    /// The language of messages
    #[arg(long, default_value = "vi")]
    lang: Language,
    /// Prints one JSON object
    #[arg(long)]
    json: bool,
    /// With --json: every row as it would be stored
    #[arg(long)]
    rows: bool,
    /// What the file is, where it is no list of one kind
    #[arg(skip)]
    source: Option<Source>,
    /// The OneRoster source of the school's settings that is asked, where there is no file
    #[arg(skip)]
    from: Option<String>,
}

impl ImportArgs {
    /// Of a OneRoster zip, or of a service that is asked.
    pub(super) fn of_oneroster(
        school: String,
        file: Option<PathBuf>,
        from: Option<String>,
        dry_run: bool,
        confirm_leaves: bool,
        lang: Language,
        json: bool,
    ) -> Self {
        Self {
            school: SchoolArgs { school, kind: PeopleKind::Students },
            file: file.unwrap_or_default(),
            dry_run,
            no_new_classes: false,
            confirm_leaves,
            sheet: None,
            all_sheets: false,
            without_hidden_rows: false,
            lang,
            json,
            rows: false,
            source: Some(Source::OneRoster),
            from,
        }
    }
}

/// Rows are printed a page at a time.
const PAGE: i64 = 2_000;

pub async fn run(app: &App, args: ImportArgs) -> Result<ExitCode> {
    let l = args.lang.translator();
    let outcome = import(app, &args, &l).await;
    if let (true, Err(error)) = (args.json, &outcome) {
        say(failed(error));
    }
    outcome
}

async fn import(app: &App, args: &ImportArgs, l: &Translator) -> Result<ExitCode> {
    let began = Instant::now();
    let granted = system_scope(app, &args.school.school).await?;
    let l = &l.in_words_of(granted.school.kind.key());
    let id = match &args.from {
        Some(name) => begin_fetching(&granted, app, name, l).await?,
        None => begin_reading(&granted, app, args, l).await?,
    };
    let outcome = carry_out(&granted, app, args, l, id, began).await;
    if !args.dry_run {
        return outcome;
    }
    // Nobody is to review it: left waiting, its file would take the place of one that a person uploads.
    let discarded = purge::discard(&granted, app, id).await;
    let code = outcome?;
    discarded?;
    Ok(code)
}

/// Waits for the plan, applies it where that is asked for, and prints what has become of it.
async fn carry_out(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    args: &ImportArgs,
    l: &Translator,
    id: PlanId,
    began: Instant,
) -> Result<ExitCode> {
    let mut plan = wait(granted, app, id).await?;
    let new_classes = new_classes(granted, app, id).await?;
    // What a dry run would leave out for lack of a class; after a real one the rows say so themselves.
    let left_out = if args.dry_run && args.no_new_classes { new_classes.as_slice() } else { &[] };
    // A dry run says what was guessed, with the rest.
    let mut refusal = if args.dry_run { None } else { guessed_names(granted, app, &plan, l).await? };
    refusal = refusal.or_else(|| said::refusal(l, &plan));
    if refusal.is_none() && !args.dry_run && !args.confirm_leaves && takes_many(granted, app, &plan).await? {
        refusal = Some(l.t1("import-confirm-leaves", "count", plan.counts.leave));
    }
    leave_out(granted, app, &mut plan, left_out).await?;
    if refusal.is_none() && !args.dry_run && plan.counts.to_write() > 0 {
        let wanted = args.no_new_classes.then_some([].as_slice());
        apply::start(granted, app, id, wanted).await?;
        plan = wait(granted, app, id).await?;
        refusal = (plan.state != PlanState::Applied).then(|| l.t("plan-failed-text"));
    }
    refusal = refusal.or_else(|| said::refusal(l, &plan));
    let (classes, output) = ((new_classes.as_slice(), left_out), (args.json, args.rows));
    finish((granted, app, l), &plan, classes, began, output, refusal.as_deref()).await
}

/// How many rows show what is in the columns of a table without a header.
const SEEN_OF_COLUMNS: i64 = 200;

/// Why a table without a header is not applied unasked: several of its columns have names of people, and which of them
/// the list is about was only guessed.
async fn guessed_names(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    plan: &Plan,
    l: &Translator,
) -> Result<Option<String>> {
    if !headerless::is_guessed(plan) {
        return Ok(None);
    }
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let rows = rows::page(granted, &mut tx, plan.id, None, 0, SEEN_OF_COLUMNS).await?;
    tx.commit().await?;
    let columns = headerless::columns_of_names(plan, &rows);
    Ok((!columns.is_empty()).then(|| l.t1("import-guessed-names", "columns", columns.join(", "))))
}

async fn begin_reading(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    args: &ImportArgs,
    l: &Translator,
) -> Result<PlanId> {
    let path = args.file.display().to_string();
    let file = std::fs::read(&args.file).with_context(|| l.t1("import-unreadable", "file", path.as_str()))?;
    let name = args.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let reading = ReadProgress {
        sheet: args.sheet.clone(),
        without_hidden: args.without_hidden_rows,
        all_sheets: args.all_sheets,
        ..ReadProgress::default()
    };
    let source = args.source.unwrap_or_else(|| args.school.kind.into());
    let upload = Upload { source, file_name: &name, file: &file, year_id: None };
    Ok(import::begin_reading(granted, app, upload, &reading).await?)
}

async fn begin_fetching(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    name: &str,
    l: &Translator,
) -> Result<PlanId> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let source = match remote::named(granted, &mut tx, name).await {
        Err(Error::NotFound) => bail!(l.t1("import-no-remote-source", "name", name)),
        found => found?,
    };
    tx.commit().await?;
    Ok(remote::begin(granted, app, source.id).await?)
}

/// Prints what has become of a plan, as one JSON object or in words, and why it was not applied. `began` is when the
/// command did; `new_classes` are the classes that the plan makes, `left_out` those that it is not to make.
pub(super) async fn finish(
    (granted, app, l): (&Granted<may::ManageAccounts>, &App, &Translator),
    plan: &Plan,
    (new_classes, left_out): (&[String], &[String]),
    began: Instant,
    (as_json, with_rows): (bool, bool),
    refusal: Option<&str>,
) -> Result<ExitCode> {
    if as_json {
        let (classes, seconds) = ((new_classes, left_out), began.elapsed().as_secs_f64());
        say(report(granted, app, plan, classes, l, seconds, with_rows, refusal).await?);
    } else {
        tell(granted, app, plan, l).await?;
    }
    if let Some(refusal) = refusal {
        eprintln!("schoolgate: {refusal}");
        return Ok(ExitCode::FAILURE);
    }
    Ok(exit_code(plan))
}

/// What is printed with --json where there is no plan, or its outcome is unknown.
pub(super) fn failed(error: &anyhow::Error) -> Value {
    json!({
        "plan": null, "rows": 0, "create": 0, "update": 0, "unchanged": 0, "leave": 0, "skip": 0, "duplicate": 0,
        "error": 0, "new_classes": [], "errors": [], "refusal": format!("{error:#}"),
    })
}

/// Whether the plan takes out more than a fifth of the school's people: the pages ask for confirmation then.
pub(super) async fn takes_many(granted: &Granted<may::ManageAccounts>, app: &App, plan: &Plan) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let takes_many = review::takes_many(granted, &mut tx, plan).await?;
    tx.commit().await?;
    Ok(takes_many)
}

/// Counts as refused, without applying, the rows that applying would leave out for lack of a class.
async fn leave_out(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    plan: &mut Plan,
    new_classes: &[String],
) -> Result<()> {
    if new_classes.is_empty() {
        return Ok(());
    }
    let mut out = 0;
    each_row(granted, app, plan.id, Some(RowOutcome::Create), |row| {
        out += i64::from(is_left_out(row, new_classes));
    })
    .await?;
    plan.counts.create -= out;
    plan.counts.error += out;
    Ok(())
}

fn is_left_out(row: &PlanRow, new_classes: &[String]) -> bool {
    row.outcome == RowOutcome::Create && new_classes.iter().any(|class| class == row.value(Field::Class))
}

/// All rows good, or some refused or undecided.
fn exit_code(plan: &Plan) -> ExitCode {
    if plan.counts.left_out() == 0 { ExitCode::SUCCESS } else { ExitCode::from(2) }
}

/// Works through due jobs, here, until the plan is finished. Where a server's worker was first, waits for that one.
pub(super) async fn wait(granted: &Granted<may::ManageAccounts>, app: &App, id: PlanId) -> Result<Plan> {
    let handlers = router::handlers();
    loop {
        jobs::run_until_empty(app.db.pool(), &handlers, Arc::new(app.clone())).await?;
        let mut tx = app.db.begin_in(granted.school_id()).await?;
        let plan = store::find(granted, &mut tx, id).await?;
        tx.commit().await?;
        if !plan.state.is_busy() {
            return Ok(plan);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

pub(super) async fn new_classes(granted: &Granted<may::ManageAccounts>, app: &App, id: PlanId) -> Result<Vec<String>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let classes = new_classes::all(granted, &mut tx, id).await?;
    Ok(classes.into_iter().map(|(name, _)| name).collect())
}

#[allow(clippy::too_many_arguments)]
async fn report(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    plan: &Plan,
    (new_classes, left_out): (&[String], &[String]),
    l: &Translator,
    seconds: f64,
    with_rows: bool,
    refusal: Option<&str>,
) -> Result<Value> {
    let mut errors = Vec::new();
    let mut items = Vec::new();
    let outcome = if with_rows || !left_out.is_empty() { None } else { Some(RowOutcome::Error) };
    each_row(granted, app, plan.id, outcome, |row| {
        let unwanted = is_left_out(row, left_out).then(|| Fault::new(Field::Class, "class-unwanted", ""));
        let refused = row.problems().filter(|_| row.outcome != RowOutcome::Duplicate);
        for fault in refused.chain(&unwanted) {
            let (column, message) = (l.t(fault.field.label_key()), sentence(l, fault));
            errors.push(in_sheet(plan, row, json!({ "row": row.line, "column": column, "message": message })));
        }
        if with_rows {
            let said = |field: Field, message: String| json!({ "column": l.t(field.label_key()), "message": message });
            let warnings: Vec<Value> = row.warnings.iter().map(|fault| said(fault.field, sentence(l, fault))).collect();
            let guess = |guess: &Guess| {
                let new = row.value(guess.field).to_owned();
                said(guess.field, l.t2(&format!("guess-{}", guess.key), "value", guess.value.as_str(), "new", new))
            };
            let guesses: Vec<Value> = row.guesses.iter().map(guess).collect();
            let mut item = json!({
                "row": row.line, "outcome": if unwanted.is_some() { "error" } else { row.outcome.key() }, "values": row.values, "warnings": warnings,
                "guesses": guesses,
            });
            if row.outcome == RowOutcome::Duplicate && let Some(item) = item.as_object_mut() {
                item.insert("reason".to_owned(), Value::String(reason(l, row)));
            }
            items.push(in_sheet(plan, row, item));
        }
    })
    .await?;
    for broken in plan.refusal.as_deref().map(said::broken_rules).unwrap_or_default() {
        let message = broken.sentence(l);
        errors.push(json!({ "file": broken.file, "row": broken.line, "column": broken.field, "message": message }));
    }
    let counts = &plan.counts;
    let mut report = json!({
        "plan": plan.id, "rows": counts.all(), "create": counts.create, "update": counts.update,
        "unchanged": counts.unchanged, "leave": counts.leave, "skip": counts.skip, "duplicate": counts.duplicate,
        "error": counts.error, "new_classes": new_classes, "seconds": seconds, "errors": errors,
        "notes": said::notes(l, plan),
    });
    if let (Some(refusal), Some(object)) = (refusal, report.as_object_mut()) {
        object.insert("refusal".to_owned(), Value::String(refusal.to_owned()));
    }
    if with_rows && let Some(object) = report.as_object_mut() {
        object.insert("items".to_owned(), Value::Array(items));
    }
    Ok(report)
}

/// What is said of a row, with its number in its sheet and, where several were read, the sheet.
fn in_sheet(plan: &Plan, row: &PlanRow, mut said: Value) -> Value {
    let sheet = usize::try_from(row.line / LINES_OF_SHEET).ok().and_then(|place| plan.notes.sheets.get(place));
    if let (Some(sheet), Some(object)) = (sheet, said.as_object_mut()) {
        object.insert("row".to_owned(), json!(row.line % LINES_OF_SHEET));
        object.insert("sheet".to_owned(), json!(sheet));
    }
    said
}

async fn tell(granted: &Granted<may::ManageAccounts>, app: &App, plan: &Plan, l: &Translator) -> Result<()> {
    for outcome in RowOutcome::ALL {
        let count = plan.counts.of(outcome);
        if count > 0 {
            say(format_args!("{}: {}", l.t(&format!("outcome-{}", outcome.key())), l.number(count)));
        }
    }
    for note in said::notes(l, plan) {
        eprintln!("{note}");
    }
    each_row(granted, app, plan.id, Some(RowOutcome::Error), |row| {
        for fault in row.problems() {
            let column = l.t(fault.field.label_key());
            eprintln!("{} {}: {column}: {}", l.t("plan-line"), plan.notes.line_shown(row.line), sentence(l, fault));
        }
    })
    .await?;
    each_row(granted, app, plan.id, Some(RowOutcome::Duplicate), |row| {
        eprintln!("{} {}: {}", l.t("plan-line"), plan.notes.line_shown(row.line), reason(l, row));
    })
    .await
}

/// Why a row waits for a person to decide.
fn reason(l: &Translator, row: &PlanRow) -> String {
    let reasons: Vec<String> = row.problems().map(|fault| sentence(l, fault)).collect();
    match (reasons.is_empty(), row.member_id) {
        (false, _) => reasons.join(" "),
        (true, Some(_)) => l.t("plan-duplicate"),
        (true, None) => l.t("plan-duplicate-in-sheet"),
    }
}

async fn each_row(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    id: PlanId,
    outcome: Option<RowOutcome>,
    mut see: impl FnMut(&PlanRow),
) -> Result<()> {
    let mut after = 0;
    loop {
        let mut tx = app.db.begin_in(granted.school_id()).await?;
        let rows = rows::page(granted, &mut tx, id, outcome, after, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.line;
        rows.iter().for_each(&mut see);
    }
}

fn sentence(l: &Translator, fault: &Fault) -> String {
    l.t1(&fault.sentence_key(), "value", fault.value.as_str())
}
