//! How far a worker is with a plan: a part of its page that polls by itself.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};

use super::PlanAddress;
use crate::{
    access::{Granted, may},
    app::App,
    plan::{
        eta::{self, TimeLeft},
        model::{Plan, PlanState},
    },
    web::{PageResult, RequestContext, Translator, html},
};

/// The part of the page that polls by itself.
#[derive(Template)]
#[template(path = "plan/progress.html")]
struct ProgressPart {
    l: Translator,
    at: PlanAddress,
    plan: Plan,
    progress: ProgressShown,
}

/// How far a worker is.
pub struct ProgressShown {
    /// What is done, of how much; neither is known while a file is read.
    pub bar: Option<(i64, i64)>,
    pub time_left: Option<String>,
}

impl ProgressShown {
    #[must_use]
    pub fn of(l: &Translator, plan: &Plan, now: DateTime<Utc>) -> Self {
        let rows = plan.counts.to_write();
        let by_rows = (rows > 0).then_some((i64::from(plan.done_rows), rows));
        // Only applying reports its pace, and what was reported while waiting is from an earlier attempt.
        let is_told = plan.state == PlanState::Applying && plan.stage.as_deref() != Some("waiting");
        let (Some(begun_at), Some(ends_at), true) = (plan.begun_at, plan.ends_at, is_told) else {
            return Self { bar: by_rows, time_left: None };
        };
        let time_left = TimeLeft::until(ends_at, now).map(|left| match left {
            TimeLeft::Moments => l.t("plan-left-moments"),
            TimeLeft::Seconds(count) => l.t1("plan-left-seconds", "count", count),
            TimeLeft::Minutes(count) => l.t1("plan-left-minutes", "count", count),
        });
        Self { bar: Some((eta::share(begun_at, ends_at, now), 100)), time_left }
    }
}

/// What the page requests every second while a worker is at it; when that is over, the whole page is loaded anew.
pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    at: PlanAddress,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let plan = at.find(&granted, &mut tx).await?;
    tx.commit().await?;
    part(&visitor, at, plan)
}

/// The part of the page, which asks for the whole page once the worker is done.
///
/// # Errors
/// When the template cannot be rendered.
pub fn part(visitor: &RequestContext, at: PlanAddress, plan: Plan) -> PageResult {
    let is_over = !plan.state.is_busy();
    let mut response =
        html(&ProgressPart { l: visitor.l, at, progress: ProgressShown::of(&visitor.l, &plan, visitor.now), plan })?;
    if is_over {
        response.headers_mut().insert("HX-Refresh", axum::http::HeaderValue::from_static("true"));
    }
    Ok(response)
}
