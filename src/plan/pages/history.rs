//! What was imported, the actor, and the result.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};

use crate::{
    access::{Granted, may},
    app::App,
    plan::{
        model::{Plan, PlanState, RowOutcome},
        store,
    },
    shell::{self, MenuPage},
    web::{PageResult, RequestContext, Shell, Translator, html},
};

#[derive(Template)]
#[template(path = "plan/history.html")]
struct HistoryPage {
    l: Translator,
    shell: Shell,
    code: String,
    plans: Vec<(Plan, Option<String>)>,
    now: DateTime<Utc>,
}

impl HistoryPage {
    /// The row outcomes, as far as there are rows.
    fn counts(&self, plan: &Plan) -> Vec<(RowOutcome, i64)> {
        let counted = RowOutcome::ALL.into_iter().map(|outcome| (outcome, plan.counts.of(outcome)));
        counted.filter(|(_, count)| *count > 0).collect()
    }
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let plans = store::latest(&granted, &mut tx).await?;
    tx.commit().await?;
    html(&HistoryPage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, MenuPage::Import),
        code: granted.school.code.clone(),
        plans,
        now: visitor.now,
    })
}
