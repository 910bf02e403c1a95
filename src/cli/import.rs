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
use uuid::Uuid;

use super::{Language, SchoolArgs, say, system_scope};
use crate::{
    access::{Granted, may},
    app::App,
    assembly, jobs,
    members::{
        fields::{Fault, Field, Guess},
        store as members,
    },
    plan::{
        apply,
        draft::Upload,
        model::{Outcome, Plan, PlanRow, State},
        new_classes, rows, store,
    },
    sources::import,
    web::{L, i18n::Lang},
};

#[derive(Debug, Args)]
pub struct ImportArgs {
    #[command(flatten)]
    school: SchoolArgs,
    /// The spreadsheet
    file: PathBuf,
    /// Makes the plan and applies nothing
    #[arg(long)]
    dry_run: bool,
    /// Leaves out pupils of classes that the year does not have
    #[arg(long)]
    no_new_classes: bool,
    /// Applies a plan that takes more than a fifth of the school's people out
    #[arg(long)]
    confirm_leaves: bool,
    /// The language of messages
    #[arg(long, default_value = "vi")]
    lang: Language,
    /// Prints one JSON object
    #[arg(long)]
    json: bool,
    /// With --json: every row as it would be stored
    #[arg(long)]
    rows: bool,
}

/// Rows are told a page at a time.
const PAGE: i64 = 2_000;

pub async fn run(app: &App, args: ImportArgs) -> Result<ExitCode> {
    let began = Instant::now();
    let granted = system_scope(app, &args.school.school).await?;
    let l = L::new(match args.lang {
        Language::Vi => Lang::Vi,
        Language::En => Lang::En,
    });
    let file = std::fs::read(&args.file).with_context(|| format!("{} cannot be read", args.file.display()))?;
    let name = args.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let upload = Upload { source: args.school.kind.into(), file_name: &name, file: &file, year_id: None };
    let id = import::begin(&granted, app, upload).await?;
    let mut plan = wait(&granted, app, id).await?;
    if plan.state == State::Refused {
        bail!("{}", plan.refusal.as_deref().map(|key| l.t(key)).unwrap_or_default());
    }
    let new_classes = new_classes(&granted, app, id).await?;
    if !args.dry_run && !args.confirm_leaves && takes_many(&granted, app, &plan).await? {
        bail!("{}", l.t1("import-confirm-leaves", "count", plan.counts.leave));
    }
    // What a dry run would leave out for want of a class; after a real one the rows say so themselves.
    let left_out = if args.dry_run && args.no_new_classes { new_classes.as_slice() } else { &[] };
    leave_out(&granted, app, &mut plan, left_out).await?;
    if !args.dry_run && plan.counts.to_write() > 0 {
        let wanted = args.no_new_classes.then_some([].as_slice());
        apply::start(&granted, app, id, wanted).await?;
        plan = wait(&granted, app, id).await?;
        if plan.state != State::Applied {
            bail!("{}", l.t("plan-failed-text"));
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    if args.json {
        say(report(&granted, app, &plan, (&new_classes, left_out), &l, seconds, args.rows).await?);
    } else {
        tell(&granted, app, &plan, &l).await?;
    }
    Ok(exit_code(&plan))
}

/// Whether the plan takes away more than a fifth of the school's people: in the pages that is asked once more.
async fn takes_many(granted: &Granted<may::ManageAccounts>, app: &App, plan: &Plan) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let everybody = members::counts(granted, &mut tx, []).await?.everybody();
    tx.commit().await?;
    Ok(plan.counts.leave * 5 > everybody)
}

/// Counts as refused, without applying, whom applying would leave out for want of a class.
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
    each_row(granted, app, plan.id, Some(Outcome::Create), |row| {
        out += i64::from(is_left_out(row, new_classes));
    })
    .await?;
    plan.counts.create -= out;
    plan.counts.error += out;
    Ok(())
}

fn is_left_out(row: &PlanRow, new_classes: &[String]) -> bool {
    row.outcome == Outcome::Create && new_classes.iter().any(|class| class == row.value(Field::Class))
}

/// All rows good, some refused or undecided, or nothing done.
fn exit_code(plan: &Plan) -> ExitCode {
    let counts = &plan.counts;
    match (counts.left_out(), counts.all() - counts.left_out()) {
        (0, 0) => ExitCode::from(1),
        (0, _) => ExitCode::SUCCESS,
        (_, 0) => ExitCode::from(1),
        _ => ExitCode::from(2),
    }
}

/// Works through what is due, here, until the plan is at rest. Where a server's worker was quicker, waits for that one.
async fn wait(granted: &Granted<may::ManageAccounts>, app: &App, id: Uuid) -> Result<Plan> {
    let handlers = assembly::handlers();
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

async fn new_classes(granted: &Granted<may::ManageAccounts>, app: &App, id: Uuid) -> Result<Vec<String>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let classes = new_classes::all(granted, &mut tx, id).await?;
    Ok(classes.into_iter().map(|(name, _)| name).collect())
}

async fn report(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    plan: &Plan,
    (new_classes, left_out): (&[String], &[String]),
    l: &L,
    seconds: f64,
    with_rows: bool,
) -> Result<Value> {
    let mut errors = Vec::new();
    let mut items = Vec::new();
    let outcome = if with_rows || !left_out.is_empty() { None } else { Some(Outcome::Error) };
    each_row(granted, app, plan.id, outcome, |row| {
        let unwanted = is_left_out(row, left_out).then(|| Fault::new(Field::Class, "class-unwanted", ""));
        for fault in row.problems().chain(&unwanted) {
            let (column, message) = (l.t(fault.field.label_key()), sentence(l, fault));
            errors.push(json!({ "row": row.line, "column": column, "message": message }));
        }
        if with_rows {
            let said = |field: Field, message: String| json!({ "column": l.t(field.label_key()), "message": message });
            let warnings: Vec<Value> = row.warnings.iter().map(|fault| said(fault.field, sentence(l, fault))).collect();
            let guess = |guess: &Guess| {
                let new = row.value(guess.field).to_owned();
                said(guess.field, l.t2(&format!("guess-{}", guess.key), "value", guess.value.as_str(), "new", new))
            };
            let guesses: Vec<Value> = row.guesses.iter().map(guess).collect();
            items.push(json!({
                "row": row.line, "outcome": if unwanted.is_some() { "error" } else { row.outcome.key() }, "values": row.values, "warnings": warnings,
                "guesses": guesses,
            }));
        }
    })
    .await?;
    let counts = &plan.counts;
    let mut report = json!({
        "plan": plan.id, "rows": counts.all(), "create": counts.create, "update": counts.update,
        "unchanged": counts.unchanged, "leave": counts.leave, "skip": counts.skip, "duplicate": counts.duplicate,
        "error": counts.error, "new_classes": new_classes, "seconds": seconds, "errors": errors,
    });
    if with_rows && let Some(object) = report.as_object_mut() {
        object.insert("items".to_owned(), Value::Array(items));
    }
    Ok(report)
}

async fn tell(granted: &Granted<may::ManageAccounts>, app: &App, plan: &Plan, l: &L) -> Result<()> {
    for outcome in Outcome::ALL {
        let count = plan.counts.of(outcome);
        if count > 0 {
            say(format_args!("{}: {}", l.t(&format!("outcome-{}", outcome.key())), l.number(count)));
        }
    }
    each_row(granted, app, plan.id, Some(Outcome::Error), |row| {
        for fault in row.problems() {
            let column = l.t(fault.field.label_key());
            eprintln!("{} {}: {column}: {}", l.t("plan-line"), row.line, sentence(l, fault));
        }
    })
    .await
}

async fn each_row(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    id: Uuid,
    outcome: Option<Outcome>,
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

fn sentence(l: &L, fault: &Fault) -> String {
    l.t1(&fault.sentence_key(), "value", fault.value.as_str())
}
