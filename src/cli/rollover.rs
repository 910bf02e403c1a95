//! `schoolgate rollover`: the draft for the coming year, made where there is none, and a plan of it as in the pages, made,
//! applied and waited for.

use std::{process::ExitCode, time::Instant};

use anyhow::{Context, Result};
use clap::Args;

use super::{
    Language,
    import::{failed, finish, new_classes, takes_many, wait},
    say, system_scope,
};
use crate::{
    access::{Granted, may},
    app::App,
    plan::{
        apply,
        model::{Plan, PlanState},
    },
    rollover::{
        changes::{self, BeginRefusal},
        store as drafts,
    },
    sources::rollover,
    vietnam::school_year::SchoolYear,
    web::Translator,
};

#[derive(Debug, Args)]
pub struct RolloverArgs {
    /// The school's code
    #[arg(long)]
    school: String,
    /// The coming school year, such as 2027-2028
    #[arg(long)]
    to: String,
    /// Makes the draft and the plan, and applies nothing
    #[arg(long)]
    dry_run: bool,
    /// Applies a plan that takes many out who have not finished the last grade
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

pub async fn run(app: &App, args: RolloverArgs) -> Result<ExitCode> {
    let l = args.lang.translator();
    let outcome = roll_over(app, &args, &l).await;
    if let (true, Err(error)) = (args.json, &outcome) {
        say(failed(error));
    }
    outcome
}

async fn roll_over(app: &App, args: &RolloverArgs, l: &Translator) -> Result<ExitCode> {
    let began = Instant::now();
    let granted = system_scope(app, &args.school).await?;
    let l = &l.in_words_of(granted.school.kind.key());
    let owners: Granted<may::ManageClasses> = granted.grant()?;
    draft(&owners, app, &args.to, l).await?;
    let id = rollover::begin(&owners, app).await?.with_context(|| l.t("done-rollover-nothing"))?;
    let mut plan = wait(&granted, app, id).await?;
    let new_classes = new_classes(&granted, app, id).await?;
    let mut refusal = plan.refusal.as_deref().map(|key| l.t(key));
    if refusal.is_none() && !args.dry_run && !args.confirm_leaves && takes_many(&granted, app, &plan).await? {
        refusal = Some(l.t1("import-confirm-leaves", "count", leaving(&plan)));
    }
    if refusal.is_none() && !args.dry_run {
        apply::start(&granted, app, id, None).await?;
        plan = wait(&granted, app, id).await?;
        refusal = (plan.state != PlanState::Applied).then(|| l.t("plan-failed-text"));
    }
    let (classes, output) = ((new_classes.as_slice(), [].as_slice()), (args.json, args.rows));
    finish((&granted, app, l), &plan, classes, began, output, refusal.as_deref()).await
}

/// How many go who have not finished the last grade.
fn leaving(plan: &Plan) -> i64 {
    plan.counts.leave - plan.notes.finishing
}

/// The draft for this year: the open one, or a new one.
async fn draft(owners: &Granted<may::ManageClasses>, app: &App, to: &str, l: &Translator) -> Result<()> {
    let refused = |refusal: BeginRefusal| anyhow::anyhow!("{}", l.t1(refusal.key(), "value", to));
    let year = to.parse::<SchoolYear>().map_err(|_| refused(BeginRefusal::Year))?;
    let mut tx = app.db.begin_in(owners.school_id()).await?;
    let open = drafts::open(owners, &mut tx).await?;
    tx.commit().await?;
    if open.is_some_and(|draft| draft.to_year == year.to_string()) {
        return Ok(());
    }
    changes::begin(owners, app, year).await?.map(|_| ()).map_err(refused)
}
