//! The list of a school's submissions.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::quality::SubmissionQuality;
use crate::{
    access::Scope,
    error::{Result, stored},
    ids::PlanId,
    plan::model::{OutcomeCounts, PlanState, RowOutcome},
    registry::submissions::{SubmissionKind, SubmissionState},
};

/// A submission as the list shows it.
#[derive(Clone, Debug)]
pub struct SubmissionListRow {
    pub plan_id: PlanId,
    pub kind: SubmissionKind,
    pub state: SubmissionState,
    pub plan_state: PlanState,
    pub file_name: Option<String>,
    pub counts: OutcomeCounts,
    pub created_at: DateTime<Utc>,
    pub remark: Option<String>,
}

impl SubmissionListRow {
    /// The row outcomes, as far as there are rows.
    #[must_use]
    pub fn outcomes(&self) -> Vec<(RowOutcome, i64)> {
        let counted = RowOutcome::ALL.into_iter().map(|outcome| (outcome, self.counts.of(outcome)));
        counted.filter(|(_, count)| *count > 0).collect()
    }
}

/// How many submissions a page shows.
pub const PAGE: usize = 50;

/// A page of the submissions, the latest first, behind one; and whether there are more.
pub async fn page(
    scope: &Scope,
    tx: &mut PgConnection,
    after: Option<PlanId>,
) -> Result<(Vec<SubmissionListRow>, bool)> {
    let rows = sqlx::query!(
        r#"SELECT s.plan_id, s.kind, s.state, p.state AS plan_state, p.file_name, p.counts, s.created_at,
               s.remark
           FROM submissions s JOIN plans p ON p.school_id = s.school_id AND p.id = s.plan_id
           WHERE s.school_id = $1 AND ($2::uuid IS NULL OR (s.created_at, s.plan_id) < (
               SELECT a.created_at, a.plan_id FROM submissions a WHERE a.school_id = $1 AND a.plan_id = $2))
           ORDER BY s.created_at DESC, s.plan_id DESC LIMIT $3"#,
        scope.school_id(),
        after,
        i64::try_from(PAGE + 1).unwrap_or(i64::MAX),
    )
    .fetch_all(tx)
    .await?;
    let has_more = rows.len() > PAGE;
    let listed = rows
        .into_iter()
        .take(PAGE)
        .map(|row| {
            Ok(SubmissionListRow {
                plan_id: row.plan_id,
                kind: stored("kind of submission", SubmissionKind::from_key(&row.kind))?,
                state: stored("state of a submission", SubmissionState::from_key(&row.state))?,
                plan_state: stored("state of a plan", PlanState::from_key(&row.plan_state))?,
                file_name: row.file_name,
                counts: serde_json::from_value(row.counts)?,
                created_at: row.created_at,
                remark: row.remark,
            })
        })
        .collect::<Result<Vec<SubmissionListRow>>>()?;
    Ok((listed, has_more))
}

/// What a submission's rows lack, as it was when it was handed in: the keys of words.
pub async fn quality(tx: &mut PgConnection, plan_id: PlanId) -> Result<Vec<(String, i64)>> {
    let quality = sqlx::query_scalar!("SELECT quality FROM submission_queue WHERE plan_id = $1", plan_id)
        .fetch_optional(tx)
        .await?;
    let quality: SubmissionQuality = quality.map(serde_json::from_value).transpose()?.unwrap_or_default();
    Ok(quality.into_iter().collect())
}
