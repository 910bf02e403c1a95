//! Applying a plan of the draft for the coming year, set-wise from the rows themselves: pupils are enrolled in the year,
//! those who leave go, and those who have finished stay until their accounts are closed.
//!
//! A row is written where the draft still says what the row says: a pupil who has changed class or left meanwhile drops
//! out. The rows of members who leave go the way of every plan's.

use chrono::Days;
use sqlx::PgConnection;

use super::{
    apply::{confirm, make_classes},
    model::{FINISHED, Plan},
    new_classes, store, undo,
};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Imported},
    db,
    error::Result,
    identity::accounts,
    ids::{AccountId, MemberId, PlanId},
    rollover::{model::Rollover, store as drafts, take_over},
    roster::{departures, subject},
    schools::settings,
};

/// The transaction.
pub(super) async fn write(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    mut tx: db::Tx,
    plan: &Plan,
) -> Result<()> {
    drafts::lock(granted, &mut tx).await?;
    let draft = drafts::of_plan(granted, &mut tx, plan.notes.rollover).await?;
    if let Some(draft) = &draft {
        take_over::take_over(granted, &mut tx, draft, app.clock.now()).await?;
    }
    db::plan_anew(&mut tx).await?;
    let stale = stale_lines(granted, &mut tx, plan, draft.as_ref()).await?;
    undo::rows::note_what_is(granted, &mut tx, plan).await?;
    make_classes(granted, app, &mut tx, plan).await?;
    give_homerooms(granted, &mut tx, plan.id).await?;
    give_grades(granted, &mut tx, plan).await?;
    let unwanted = without_class(granted, &mut tx, plan, &stale).await?;
    let out: Vec<i32> = stale.iter().chain(&unwanted).copied().collect();
    let enrolled = enrol(granted, &mut tx, plan, &out).await?;
    audit::record_imported(granted, app, &mut tx, plan.id, Imported::Changed, &enrolled).await?;
    let finished = close_later(granted, app, &mut tx, plan, &out).await?;
    let left = leave(granted, app, &mut tx, plan, &out).await?;

    // Given up meanwhile, because this worker was taken for dead: then nothing may be written.
    if !store::finish_applying(granted, app, &mut tx, plan.id, &stale, &unwanted).await? {
        return Ok(());
    }
    if let Some(draft) = &draft {
        note_written(granted, app, &mut tx, draft, plan.id).await?;
    }
    if !out.is_empty() {
        store::recount(granted, &mut tx, plan.id).await?;
    }
    store::recount_results(granted, &mut tx, plan.id).await?;
    let action =
        AuditAction::PlanApplied { created: 0, updated: enrolled.len(), left: left + finished, stale: out.len() };
    audit::record(granted, app, &mut tx, audit::Event::about(action, plan.id)).await?;
    let done = i64::try_from(enrolled.len() + left + finished).unwrap_or_default();
    let left_out = plan.counts.left_out() + i64::try_from(out.len()).unwrap_or_default();
    confirm(granted, app, &mut tx, plan, done, left_out).await?;
    tx.commit().await?;
    Ok(())
}

/// Rows that the draft no longer agrees with, and rows of pupils who have come into another class of the coming year.
async fn stale_lines(scope: &Scope, tx: &mut PgConnection, plan: &Plan, draft: Option<&Rollover>) -> Result<Vec<i32>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT r.line FROM plan_rows r
           LEFT JOIN LATERAL (
               SELECT p.outcome, p.target FROM rollover_pupils p JOIN members m ON m.school_id = $1 AND m.id = p.member_id
               WHERE p.school_id = $1 AND p.rollover_id = $3 AND p.member_id = r.member_id AND p.plan_id IS NULL
                   AND m.role = 'student' AND m.status <> 'left'
               OFFSET 0) p ON true
           LEFT JOIN LATERAL (
               SELECT e.class_id FROM enrolments e
               WHERE e.school_id = $1 AND e.member_id = r.member_id AND e.school_year_id = $4 AND e.ended_at IS NULL
               OFFSET 0) e ON true
           LEFT JOIN LATERAL (
               SELECT lower(c.name) AS name FROM classes c WHERE c.school_id = $1 AND c.id = e.class_id OFFSET 0) n
               ON true
           WHERE r.school_id = $1 AND r.plan_id = $2 AND r.outcome IN ('update', 'leave') AND NOT coalesce(
               CASE
                   WHEN r.outcome = 'update' THEN p.target = r."values" ->> 'class'
                       AND (n.name IS NULL OR n.name IN (lower(r.before ->> 'class'), lower(r."values" ->> 'class')))
                   WHEN r."values" ->> 'status' = $5 THEN p.outcome = 'finished'
                   ELSE p.outcome = 'leaving' END, false)
           ORDER BY r.line"#,
        scope.school_id(),
        plan.id,
        draft.map(|draft| draft.id),
        plan.school_year_id,
        FINISHED,
    )
    .fetch_all(tx)
    .await?)
}

/// Rows whose class is not there and was not wanted: their pupils would have none.
async fn without_class(scope: &Scope, tx: &mut PgConnection, plan: &Plan, stale: &[i32]) -> Result<Vec<i32>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT r.line FROM plan_rows r
           WHERE r.school_id = $1 AND r.plan_id = $2 AND r.outcome = 'update' AND r.line <> ALL($4) AND NOT EXISTS (
               SELECT FROM classes c
               WHERE c.school_id = $1 AND c.school_year_id = $3 AND c.name = r."values" ->> 'class')"#,
        scope.school_id(),
        plan.id,
        plan.school_year_id,
        stale,
    )
    .fetch_all(tx)
    .await?)
}

/// Gives the classes that the plan has made the homeroom teachers that were chosen, as far as they still teach here.
async fn give_homerooms(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId) -> Result<()> {
    sqlx::query!(
        "UPDATE classes c SET homeroom_member_id = p.homeroom_member_id FROM plan_classes p
         WHERE p.school_id = $1 AND p.plan_id = $2 AND c.school_id = $1 AND c.id = p.class_id AND EXISTS (
             SELECT FROM members m WHERE m.school_id = $1 AND m.id = p.homeroom_member_id
                 AND m.role IN ('teacher', 'manager') AND m.status IN ('active', 'invited'))",
        scope.school_id(),
        plan_id,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The grades of classes whose names say none: as the draft has them.
async fn give_grades(scope: &Scope, tx: &mut PgConnection, plan: &Plan) -> Result<()> {
    sqlx::query!(
        "UPDATE classes c SET grade = t.grade FROM plan_classes p
         JOIN rollover_targets t ON t.school_id = $1 AND t.rollover_id = $3 AND t.name = p.name
         WHERE p.school_id = $1 AND p.plan_id = $2 AND c.school_id = $1 AND c.id = p.class_id AND c.grade IS NULL
             AND t.grade IS NOT NULL",
        scope.school_id(),
        plan.id,
        plan.notes.rollover,
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn enrol(scope: &Scope, tx: &mut PgConnection, plan: &Plan, out: &[i32]) -> Result<Vec<MemberId>> {
    Ok(sqlx::query_scalar!(
        r#"INSERT INTO enrolments (school_id, school_year_id, member_id, class_id)
           SELECT $1, $3, r.member_id, c.id FROM plan_rows r
           JOIN classes c ON c.school_id = $1 AND c.school_year_id = $3 AND c.name = r."values" ->> 'class'
           WHERE r.school_id = $1 AND r.plan_id = $2 AND r.outcome = 'update'
               AND r.line NOT IN (SELECT unnest($4::int[]))
           ON CONFLICT (school_id, school_year_id, member_id)
               DO UPDATE SET class_id = excluded.class_id, ended_at = NULL
           RETURNING member_id"#,
        scope.school_id(),
        plan.id,
        plan.school_year_id,
        out,
    )
    .fetch_all(tx)
    .await?)
}

/// Notes when the accounts of those who have finished are closed.
async fn close_later(scope: &Scope, app: &App, tx: &mut PgConnection, plan: &Plan, out: &[i32]) -> Result<usize> {
    let days = settings::finished_days(scope, tx).await?;
    let due = app.clock.today().checked_add_days(Days::new(u64::from(days.unsigned_abs())));
    let finished = sqlx::query!(
        r#"INSERT INTO closings (school_id, member_id, plan_id, due_on)
           SELECT $1, r.member_id, $2, $5 FROM plan_rows r
           WHERE r.school_id = $1 AND r.plan_id = $2 AND r.outcome = 'leave' AND r."values" ->> 'status' = $4
               AND r.line NOT IN (SELECT unnest($3::int[]))
           ON CONFLICT (school_id, member_id) DO UPDATE SET plan_id = excluded.plan_id, due_on = excluded.due_on"#,
        scope.school_id(),
        plan.id,
        out,
        FINISHED,
        due.unwrap_or_else(|| app.clock.today()),
    )
    .execute(tx)
    .await?;
    Ok(usize::try_from(finished.rows_affected()).unwrap_or(usize::MAX))
}

/// Pupils who leave.
async fn leave(scope: &Scope, app: &App, tx: &mut PgConnection, plan: &Plan, out: &[i32]) -> Result<usize> {
    subject::say_who_acts(scope, tx).await?;
    let people = sqlx::query!(
        r#"SELECT m.id, m.version FROM plan_rows r JOIN members m ON m.school_id = $1 AND m.id = r.member_id
           WHERE r.school_id = $1 AND r.plan_id = $2 AND r.outcome = 'leave' AND r."values" ->> 'status' <> $4
               AND r.line NOT IN (SELECT unnest($3::int[]))"#,
        scope.school_id(),
        plan.id,
        out,
        FINISHED,
    )
    .fetch_all(&mut *tx)
    .await?;
    let people: Vec<(MemberId, i64)> = people.into_iter().map(|row| (row.id, row.version)).collect();
    let left = departures::leave(scope, tx, &people, app.clock.now()).await?;
    let ids: Vec<MemberId> = left.iter().map(|(id, _)| *id).collect();
    audit::record_imported(scope, app, tx, plan.id, Imported::Left, &ids).await?;
    let accounts: Vec<AccountId> = left.iter().filter_map(|(_, account)| *account).collect();
    accounts::remove_memberships(tx, &accounts, scope.school_id()).await?;
    Ok(ids.len())
}

/// The draft knows which of its pupils are in the coming year, and is closed; those who wait to be assessed again are
/// decided on later.
async fn note_written(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    draft: &Rollover,
    plan_id: PlanId,
) -> Result<()> {
    sqlx::query!(
        "UPDATE rollover_pupils p SET plan_id = $3 FROM plan_rows r
         WHERE p.school_id = $1 AND p.rollover_id = $2 AND p.outcome <> 'awaiting' AND p.plan_id IS NULL
             AND r.school_id = $1 AND r.plan_id = $3 AND r.member_id = p.member_id
             AND (r.result = 'done' OR r.outcome = 'unchanged')",
        scope.school_id(),
        draft.id,
        plan_id,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE rollovers SET state = 'applied', applied_at = $3, apply_on = NULL, scheduled_by = NULL,
             schedule_failed = NULL
         WHERE school_id = $1 AND id = $2 AND state = 'open'",
        scope.school_id(),
        draft.id,
        app.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The rollover was taken back: accounts are not closed for it any more, and the draft goes on where it was.
pub(super) async fn put_back(
    scope: &Scope,
    tx: &mut PgConnection,
    plan: &Plan,
    stay_open: &[MemberId],
) -> Result<Vec<MemberId>> {
    let (plan_id, draft_id) = (plan.id, plan.notes.rollover);
    let kept = sqlx::query_scalar!(
        "DELETE FROM closings WHERE school_id = $1 AND plan_id = $2 AND member_id = ANY($3) RETURNING member_id",
        scope.school_id(),
        plan_id,
        stay_open,
    )
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE rollover_pupils SET plan_id = NULL WHERE school_id = $1 AND rollover_id = $2 AND plan_id = $3",
        scope.school_id(),
        draft_id,
        plan_id,
    )
    .execute(&mut *tx)
    .await?;
    let opened = sqlx::query!(
        "UPDATE rollovers r SET state = 'open', applied_at = NULL
         WHERE r.school_id = $1 AND r.id = $2 AND r.state = 'applied'
             AND NOT EXISTS (SELECT FROM rollovers o WHERE o.school_id = $1 AND o.state = 'open')
             AND NOT EXISTS (SELECT FROM rollover_pupils p
                 WHERE p.school_id = $1 AND p.rollover_id = $2 AND p.plan_id IS NOT NULL)",
        scope.school_id(),
        draft_id,
    )
    .execute(&mut *tx)
    .await?;
    if opened.rows_affected() > 0 {
        // What has changed since is taken over when the draft is looked at.
        sqlx::query!(
            "INSERT INTO rollover_marks (school_id, id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            scope.school_id(),
            plan_id,
        )
        .execute(tx)
        .await?;
    }
    Ok(kept)
}

/// Keeps with the plan which classes it makes and who is their homeroom teacher.
pub async fn name_classes(scope: &Scope, tx: &mut PgConnection, plan: &Plan, draft: &Rollover) -> Result<()> {
    let map = drafts::class_map(scope, tx, draft.id).await?;
    let names: Vec<String> = sqlx::query_scalar!(
        "SELECT t.name FROM rollover_targets t
         WHERE t.school_id = $1 AND t.rollover_id = $2 AND NOT EXISTS (
             SELECT FROM classes c WHERE c.school_id = $1 AND c.school_year_id = $3 AND c.name = t.name)",
        scope.school_id(),
        draft.id,
        plan.school_year_id,
    )
    .fetch_all(&mut *tx)
    .await?;
    new_classes::add(scope, tx, plan.id, &names).await?;
    let teachers: Vec<(String, MemberId)> =
        map.targets.into_iter().filter_map(|target| Some((target.name, target.homeroom_member_id?))).collect();
    let (names, teachers): (Vec<String>, Vec<MemberId>) = teachers.into_iter().unzip();
    sqlx::query!(
        "UPDATE plan_classes p SET homeroom_member_id = new.teacher FROM unnest($3::text[], $4::uuid[]) AS new (name, teacher)
         WHERE p.school_id = $1 AND p.plan_id = $2 AND p.name = new.name",
        scope.school_id(),
        plan.id,
        &names,
        &teachers,
    )
    .execute(tx)
    .await?;
    Ok(())
}
