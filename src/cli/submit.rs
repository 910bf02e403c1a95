//! `schoolgate submit` and `schoolgate approve`: handing in and approving, as in the pages, on record as done by the
//! system.

use std::{
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{Language, import::failed, say};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    ids::PlanId,
    jobs,
    plan::{
        model::{Plan, RowOutcome},
        rows, said, store,
        upload::Sealing,
    },
    registry::submissions::{self, SubmissionKind, SubmissionState},
    router,
    schools::directory,
    submissions::{
        actions::{self, NewSubmission},
        deciding, queue,
    },
    web::Translator,
};

/// What is handed in.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum SubmittedKind {
    Staff,
    Classes,
    Pupils,
}

#[derive(Debug, Args)]
pub struct SubmitArgs {
    /// The school's code
    #[arg(long)]
    school: String,
    /// What the file is a list of
    #[arg(long)]
    kind: SubmittedKind,
    /// The spreadsheet
    file: PathBuf,
    /// Hands in a list that more than a fifth of the people are missing from
    #[arg(long)]
    confirm_leaves: bool,
    /// The language of messages
    #[arg(long, default_value = "vi")]
    lang: Language,
    /// Prints one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// The submission's id
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    id: Option<PlanId>,
    /// Everything that waits in a province
    #[arg(long, requires = "province")]
    all: bool,
    /// The province's code
    #[arg(long)]
    province: Option<String>,
    /// Prints one JSON object: that of the submission, or of all of them with how many were approved
    #[arg(long)]
    json: bool,
}

pub async fn submit(app: &App, args: SubmitArgs) -> Result<ExitCode> {
    let outcome = submitted(app, &args).await;
    if let (true, Err(error)) = (args.json, &outcome) {
        say(failed(error));
    }
    outcome
}

async fn submitted(app: &App, args: &SubmitArgs) -> Result<ExitCode> {
    let began = Instant::now();
    let school = directory::find(&app.db, &args.school);
    let school = school.await.with_context(|| format!("there is no school {}", args.school))?;
    let l = &args.lang.translator().in_words_of(school.kind.key());
    let granted: Granted<may::ManageRegistry> = Scope::system(school).grant()?;
    let path = args.file.display().to_string();
    let file = std::fs::read(&args.file).with_context(|| l.t1("import-unreadable", "file", path.as_str()))?;
    let mut sealing = Sealing::begin(app)?;
    sealing.push(&file).await?;
    let name = args.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let kind = match args.kind {
        SubmittedKind::Staff => SubmissionKind::Staff,
        SubmittedKind::Classes => SubmissionKind::Classes,
        SubmittedKind::Pupils => SubmissionKind::Pupils,
    };
    let new = NewSubmission { kind, file_name: &name, file: sealing.finish().await?, year_id: None, token_id: None };
    let id = actions::begin(&granted, app, new).await?;
    let plan = wait(&granted, app, id).await?;
    let refusal = hand_in(&granted, app, &plan, args.confirm_leaves, l).await?;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let state = submissions::find(&granted, &mut tx, id).await?.state;
    tx.commit().await?;
    let errors = errors(&granted, app, &plan, l).await?;
    if args.json {
        let mut report = report(&plan, state, errors, began, l);
        if let (Some(refusal), Some(object)) = (&refusal, report.as_object_mut()) {
            object.insert("refusal".to_owned(), Value::String(refusal.clone()));
        }
        say(report);
    } else {
        say(format_args!("{id}: {}", l.tk("submission-state", state.key())));
    }
    if let Some(refusal) = refusal {
        eprintln!("schoolgate: {refusal}");
        return Ok(if plan.counts.left_out() > 0 { ExitCode::from(2) } else { ExitCode::FAILURE });
    }
    Ok(ExitCode::SUCCESS)
}

/// A submission as one object, with the names of an import's.
fn report(plan: &Plan, state: SubmissionState, errors: Vec<Value>, began: Instant, l: &Translator) -> Value {
    let counts = &plan.counts;
    json!({
        "plan": plan.id, "id": plan.id, "state": state.key(), "rows": counts.all(), "create": counts.create,
        "update": counts.update, "unchanged": counts.unchanged, "leave": counts.leave, "skip": counts.skip,
        "duplicate": counts.duplicate, "error": counts.error, "new_classes": [],
        "seconds": began.elapsed().as_secs_f64(), "errors": errors, "notes": said::notes(l, plan),
    })
}

/// Hands in what nothing is wrong with; otherwise says what is.
async fn hand_in(
    granted: &Granted<may::ManageRegistry>,
    app: &App,
    plan: &Plan,
    confirms_leaves: bool,
    l: &Translator,
) -> Result<Option<String>> {
    if let Some(refusal) = said::refusal(l, plan) {
        return Ok(Some(refusal));
    }
    if plan.counts.left_out() > 0 {
        return Ok(Some(l.t1("plan-left-out", "count", plan.counts.left_out())));
    }
    let refusal = actions::submit(granted, app, plan.id, confirms_leaves).await?.err();
    Ok(refusal.map(|refusal| l.t1(refusal.key(), "value", refusal.value())))
}

async fn errors(scope: &Scope, app: &App, plan: &Plan, l: &Translator) -> Result<Vec<Value>> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let rows = rows::page(scope, &mut tx, plan.id, Some(RowOutcome::Error), 0, i64::MAX).await?;
    tx.commit().await?;
    let error = |line: i32, fault: &crate::roster::fields::Fault| {
        let message = l.t1(&fault.sentence_key(), "value", fault.value.as_str());
        json!({ "row": line, "column": l.t(fault.field.label_key()), "message": message })
    };
    Ok(rows.iter().flat_map(|row| row.problems().map(|fault| error(row.line, fault))).collect())
}

/// Works through due jobs, here, until the plan is at rest.
async fn wait(scope: &Scope, app: &App, id: PlanId) -> Result<Plan> {
    let handlers = router::handlers();
    loop {
        jobs::run_until_empty(app.db.pool(), &handlers, Arc::new(app.clone())).await?;
        let mut tx = app.db.begin_in(scope.school_id()).await?;
        let plan = store::find(scope, &mut tx, id).await?;
        tx.commit().await?;
        if !plan.state.is_busy() {
            return Ok(plan);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

pub async fn approve(app: &App, args: ApproveArgs) -> Result<ExitCode> {
    let began = Instant::now();
    let provinces = args.province.map(|province| vec![province]);
    let ids = match args.id {
        Some(id) => vec![id],
        None => queue::waiting(app.db.pool(), provinces.as_deref()).await?,
    };
    let l = Language::Vi.translator();
    let (mut reports, mut refused) = (Vec::new(), 0);
    for id in ids {
        match approve_one(app, id, provinces.as_deref(), &l).await {
            Ok(approved) => {
                if !args.json {
                    say(approved.line);
                }
                reports.push(approved.report);
            }
            // One that fails keeps none of the others back.
            Err(error) => {
                eprintln!("schoolgate: {id}: {error:#}");
                reports.push(json!({ "plan": id, "id": id, "refusal": format!("{error:#}") }));
                refused += 1;
            }
        }
    }
    if args.json {
        let approved = reports.len() - refused;
        let all = json!({
            "approved": approved, "refused": refused, "seconds": began.elapsed().as_secs_f64(), "submissions": reports,
        });
        say(if args.all { all } else { all["submissions"][0].clone() });
    }
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A submission that was taken over, in words and as an object.
struct Approved {
    line: String,
    report: Value,
}

/// Approves one, and waits until it has been taken over.
async fn approve_one(app: &App, id: PlanId, provinces: Option<&[String]>, l: &Translator) -> Result<Approved> {
    let began = Instant::now();
    let code = queue::school_of(app.db.pool(), provinces, id).await.context("there is no such submission")?;
    let scope = Scope::system(directory::find(&app.db, &code).await?);
    if let Err(refusal) = deciding::approve(&scope, app, id).await? {
        bail!("{}", l.t1(refusal.key(), "value", refusal.value()));
    }
    let plan = wait(&scope, app, id).await?;
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let submission = submissions::find(&scope, &mut tx, id).await?;
    tx.commit().await?;
    if submission.state != SubmissionState::Approved {
        let why = submission.setback.map(|(setback, about)| l.tk1("submission-setback", setback.key(), "value", about));
        bail!("{}", why.unwrap_or_else(|| l.t("submission-setback")));
    }
    let errors = errors(&scope, app, &plan, l).await?;
    let mut report = report(&plan, submission.state, errors, began, l);
    if let Some(object) = report.as_object_mut() {
        object.insert("school".to_owned(), Value::String(code.clone()));
    }
    Ok(Approved { line: format!("{id} {code}: {}", submission.state.key()), report })
}
