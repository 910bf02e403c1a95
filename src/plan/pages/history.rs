//! What was imported, the actor, and the result.

use askama::Template;
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    ids::PlanId,
    paths::{self, Address},
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
    /// Only those are shown that wait for a person.
    only_waiting: bool,
    /// The page is not the first one.
    is_later: bool,
    /// The plan behind which the next page begins.
    next: Option<PlanId>,
    now: DateTime<Utc>,
}

impl HistoryPage {
    /// The row outcomes, as far as there are rows.
    fn counts(&self, plan: &Plan) -> Vec<(RowOutcome, i64)> {
        let counted = RowOutcome::ALL.into_iter().map(|outcome| (outcome, plan.counts.of(outcome)));
        counted.filter(|(_, count)| *count > 0).collect()
    }

    /// The first page of this list.
    fn first(&self) -> Address {
        let page: Address = paths::Plans::of(&self.code).into();
        if self.only_waiting { page.with("waiting", "on") } else { page }
    }

    fn page_after(&self, last: &PlanId) -> Address {
        self.first().with("after", last)
    }
}

/// Which plans are asked for: those that wait (`waiting=on`), or all; behind which one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct HistoryQuery {
    waiting: String,
    after: String,
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Query(query): Query<HistoryQuery>,
) -> PageResult {
    let only_waiting = query.waiting == "on";
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let (plans, has_more) = store::page(&granted, &mut tx, only_waiting, query.after.parse().ok()).await?;
    tx.commit().await?;
    html(&HistoryPage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, MenuPage::Import),
        code: granted.school.code.clone(),
        only_waiting,
        is_later: !query.after.is_empty(),
        next: plans.last().map(|(plan, _)| plan.id).filter(|_| has_more),
        plans,
        now: visitor.now,
    })
}
