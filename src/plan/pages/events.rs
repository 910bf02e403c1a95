//! Who did what with a plan, and when.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{access::Scope, error::Result, ids::MemberId, plan::model::Plan, roster::store as members};

/// What was done with the plan: the key of a sentence, the actor (none is the system), and when.
pub struct PlanEvent {
    pub key: &'static str,
    pub name: Option<String>,
    pub at: DateTime<Utc>,
}

/// What was done with a plan that is no longer under review.
pub async fn of(scope: &Scope, tx: &mut PgConnection, plan: &Plan) -> Result<Vec<PlanEvent>> {
    if plan.applied_at.is_none() {
        return Ok(Vec::new());
    }
    let (made, applied) =
        if plan.source.has_no_file() { ("plan-begun-by", "plan-used-by") } else { ("plan-made-by", "plan-applied-by") };
    let done = [
        (made, plan.created_by, Some(plan.created_at)),
        (applied, plan.applied_by, plan.applied_at),
        ("plan-undone-by", plan.undone_by, plan.undone_at),
    ];
    let ids: Vec<MemberId> = done.iter().filter_map(|(_, by, _)| *by).collect();
    let names = members::names(scope, tx, plan.school_year_id, &ids).await?;
    let act = |(key, by, at): (&'static str, Option<MemberId>, Option<DateTime<Utc>>)| {
        Some(PlanEvent {
            key,
            name: by.and_then(|by| names.iter().find(|name| name.id == by)).map(|name| name.full_name.clone()),
            at: at?,
        })
    };
    Ok(done.into_iter().filter_map(act).collect())
}
