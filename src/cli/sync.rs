//! `schoolgate sync`: the same plan from the registry as in the pages, made and waited for, and applied where that is
//! asked for.

use std::{process::ExitCode, time::Instant};

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::{
    Language,
    import::{failed, finish, new_classes, takes_many, wait},
    say, system_scope,
};
use crate::{
    app::App,
    plan::{
        apply,
        model::{PlanState, Source},
    },
    sources::registry,
    web::Translator,
};

#[derive(Debug, Args)]
pub struct SyncArgs {
    /// The school's code
    #[arg(long)]
    school: String,
    /// What is synced
    #[arg(long)]
    what: SyncedPart,
    /// Applies the plan
    #[arg(long)]
    apply: bool,
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

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SyncedPart {
    Classes,
    Accounts,
}

pub async fn run(app: &App, args: SyncArgs) -> Result<ExitCode> {
    let l = args.lang.translator();
    let outcome = sync(app, &args, &l).await;
    if let (true, Err(error)) = (args.json, &outcome) {
        say(failed(error));
    }
    outcome
}

async fn sync(app: &App, args: &SyncArgs, l: &Translator) -> Result<ExitCode> {
    let began = Instant::now();
    let granted = system_scope(app, &args.school).await?;
    let l = &l.in_words_of(granted.school.kind.key());
    let id = match args.what {
        SyncedPart::Classes => registry::begin(&granted, app, Source::RegistryClasses).await?,
        SyncedPart::Accounts => registry::begin(&granted, app, Source::Registry).await?,
    };
    let mut plan = wait(&granted, app, id).await?;
    let new_classes = new_classes(&granted, app, id).await?;
    let mut refusal = plan.refusal.as_deref().map(|key| l.t(key));
    if refusal.is_none() && args.apply && !args.confirm_leaves && takes_many(&granted, app, &plan).await? {
        refusal = Some(l.t1("import-confirm-leaves", "count", plan.counts.leave));
    }
    if refusal.is_none() && args.apply {
        apply::start(&granted, app, id, None).await?;
        plan = wait(&granted, app, id).await?;
        refusal = (plan.state != PlanState::Applied).then(|| l.t("plan-failed-text"));
    }
    let (classes, output) = ((new_classes.as_slice(), [].as_slice()), (args.json, args.rows));
    finish((&granted, app, l), &plan, classes, began, output, refusal.as_deref()).await
}
