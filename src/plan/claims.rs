//! Of several rows that change one member only the first could be written: applying would find the member changed by
//! it. So one of them has the member, and the others wait for a person, who leaves out what is wrong.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use super::{
    book::Book,
    draft::CHUNK,
    list_rules::signs_in_by_email,
    matching::RowKeys,
    model::{Decision, MEMBER_TWICE, Notes, Plan, PlanRow, RowOutcome, Source},
    rows,
};
use crate::{
    access::Scope,
    error::Result,
    ids::{MemberId, PlanId},
    roster::fields::{Fault, Field},
};

/// The member that a row would change.
#[must_use]
pub fn claimed(row: &PlanRow) -> Option<MemberId> {
    row.member_id.filter(|_| matches!(row.outcome, RowOutcome::Update | RowOutcome::Leave))
}

/// Holds the rows about members that another row changes already, of these members or all; gives their lines. The first
/// line has the member, but none of `late`, which have come to them just now: what a person has decided of the row that
/// has them stays. `notes` are the plan's. Syncs, rollovers and lists of classes have each person or class once.
pub async fn hold(
    scope: &Scope,
    tx: &mut PgConnection,
    plan: &Plan,
    notes: &Notes,
    of_members: Option<&[MemberId]>,
    late: &[i32],
) -> Result<Vec<i32>> {
    if plan.book != Book::Roster || !matches!(plan.source, Source::Students | Source::Teachers | Source::OneRoster) {
        return Ok(Vec::new());
    }
    let behind: BTreeMap<i32, i32> = sqlx::query!(
        r#"SELECT line AS "line!", first AS "first!" FROM (
               SELECT line, first_value(line) OVER (PARTITION BY member_id ORDER BY line = ANY($4), line) AS first
               FROM plan_rows
               WHERE school_id = $1 AND plan_id = $2 AND outcome IN ('update', 'leave') AND member_id IS NOT NULL
                   AND ($3::uuid[] IS NULL OR member_id = ANY($3))) claimed
           WHERE line <> first"#,
        scope.school_id(),
        plan.id,
        of_members as Option<&[MemberId]>,
        late,
    )
    .fetch_all(&mut *tx)
    .await?
    .into_iter()
    .map(|row| (row.line, row.first))
    .collect();
    let kind = plan.source.roster_kind(scope.school.kind);
    let lines: Vec<i32> = behind.keys().copied().collect();
    for lines in lines.chunks(CHUNK) {
        let mut rows = rows::at(scope, tx, plan.id, lines).await?;
        for row in &mut rows {
            let first = behind.get(&row.line).map(|first| notes.line_shown(*first)).unwrap_or_default();
            let member_id = row.member_id;
            row.forget_outcome();
            row.member_id = member_id;
            row.outcome = RowOutcome::Duplicate;
            row.blockers = vec![Fault::new(Field::FullName, MEMBER_TWICE, &first)];
            row.keys = RowKeys::of(&row.values, signs_in_by_email(row.kind(kind, scope.school.kind)));
            // It waits for a decision again.
            row.decision = row.decision.filter(|decision| *decision != Decision::Same);
        }
        rows::update(scope, tx, plan.id, &rows).await?;
    }
    Ok(lines)
}

/// The lines of the rows that are held behind another one about these members, each with its member.
pub async fn held(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: PlanId,
    members: &[MemberId],
) -> Result<Vec<(MemberId, i32)>> {
    let rows = sqlx::query!(
        r#"SELECT member_id AS "member_id!", line FROM plan_rows
           WHERE school_id = $1 AND plan_id = $2 AND outcome = 'duplicate' AND member_id = ANY($3)
               AND blockers -> 0 ->> 'key' = 'doubt-member-twice'
           ORDER BY line"#,
        scope.school_id(),
        plan_id,
        members as &[MemberId],
    );
    Ok(rows.fetch_all(tx).await?.into_iter().map(|row| (row.member_id, row.line)).collect())
}
