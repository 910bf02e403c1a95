//! Erasing a pupil: everything that names them is deleted. The audit log keeps what was done, with ids that no longer
//! resolve.

use sqlx::PgConnection;

use crate::{
    access::{Granted, MemberAction, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    db,
    error::{Result, stored},
    identity::{accounts, login_aliases},
    ids::{AccountId, MemberId},
    plan::{model::PlanState, purge, store as plans, upload},
    registry,
    roster::{model::Status, subject::LockedMember},
    schools::years,
    vietnam::text,
};

/// Why nothing was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErasureRefusal {
    /// The pupil is still in the school, and their name was not typed as confirmation.
    NotConfirmed,
    /// A plan that contains the pupil is being applied or undone at this moment.
    Busy,
}

/// Erases a pupil. A pupil who has not left is erased only when their name is typed as confirmation.
///
/// # Errors
/// As [`LockedMember::find`]. The inner error: why nothing was erased.
pub async fn erase(
    granted: &Granted<may::ErasePupils>,
    app: &App,
    id: MemberId,
    typed_name: &str,
) -> Result<std::result::Result<(), ErasureRefusal>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    // No plan is applied meanwhile: it would bring the pupil back.
    db::lock_roster(&mut tx, granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = LockedMember::find(granted, &mut tx, year.id, id, MemberAction::Erase).await?;
    let (name, birth_date) = sqlx::query!(
        "SELECT full_name, birth_date::text FROM members WHERE school_id = $1 AND id = $2",
        granted.school_id(),
        id,
    )
    .fetch_one(&mut *tx)
    .await
    .map(|row| (row.full_name, row.birth_date))?;
    if subject.status != Status::Left && text::words(typed_name) != text::words(&name) {
        return Ok(Err(ErasureRefusal::NotConfirmed));
    }
    if !erase_from_plans(granted, app, &mut tx, id, &name, birth_date.as_deref()).await? {
        return Ok(Err(ErasureRefusal::Busy));
    }
    let merged = merged_into(granted, &mut tx, id).await?;
    for other in &merged {
        if !erase_from_plans(granted, app, &mut tx, other.id, &other.name, other.birth_date.as_deref()).await? {
            return Ok(Err(ErasureRefusal::Busy));
        }
        audit::forget_reasons(granted, &mut tx, other.id).await?;
        let (name, birth_date) = (&other.name, other.birth_date.as_deref());
        registry::records::erase_pupil(granted, &mut tx, other.id, name, birth_date).await?;
    }
    audit::forget_reasons(granted, &mut tx, id).await?;
    // Before the member, whose link to the registry goes with them; a sync would bring the pupil back.
    registry::records::erase_pupil(granted, &mut tx, id, &name, birth_date.as_deref()).await?;
    remove_member(granted, &mut tx, id).await?;
    let ended: Vec<AccountId> = merged.iter().filter_map(|other| other.ended_account_id).collect();
    let logins = accounts::logins(&mut tx, &ended).await?.into_iter().map(|(_, login)| login);
    login_aliases::remove(&mut tx, &logins.collect::<Vec<_>>()).await?;
    for account_id in subject.account_id.into_iter().chain(ended) {
        let alone = accounts::lock_not_elsewhere(&mut tx, &[account_id], granted.school_id()).await?;
        accounts::remove_memberships(&mut tx, &[account_id], granted.school_id()).await?;
        if alone.contains(&account_id) {
            accounts::delete(&mut tx, account_id).await?;
        }
    }
    audit::record(granted, app, &mut tx, Event::about(AuditAction::PupilErased, id)).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Who was merged into the pupil, and by what they are known still.
struct Merged {
    id: MemberId,
    name: String,
    birth_date: Option<String>,
    ended_account_id: Option<AccountId>,
}

async fn merged_into(scope: &Scope, tx: &mut PgConnection, id: MemberId) -> Result<Vec<Merged>> {
    Ok(sqlx::query_as!(
        Merged,
        r#"SELECT g.gone_id AS id, a."values" ->> 'full_name' AS "name!", a."values" ->> 'birth_date' AS birth_date,
               g.ended_account_id
           FROM merges g JOIN member_aliases a ON a.school_id = $1 AND a.merge_id = g.id
           WHERE g.school_id = $1 AND g.kept_id = $2 AND g.undone_at IS NULL"#,
        scope.school_id(),
        id,
    )
    .fetch_all(tx)
    .await?)
}

/// With every row that depends on it: guardians, classes of all years, search words, merges.
async fn remove_member(scope: &Scope, tx: &mut PgConnection, id: MemberId) -> Result<()> {
    sqlx::query!("DELETE FROM releases WHERE school_id = $1 AND member_id = $2", scope.school_id(), id)
        .execute(&mut *tx)
        .await?;
    sqlx::query!("DELETE FROM merges WHERE school_id = $1 AND (kept_id = $2 OR gone_id = $2)", scope.school_id(), id)
        .execute(&mut *tx)
        .await?;
    sqlx::query!("DELETE FROM members WHERE school_id = $1 AND id = $2", scope.school_id(), id).execute(tx).await?;
    Ok(())
}

/// Deletes the plan rows that are about the pupil or carry their name and birth date, and the uploaded files that these
/// came in. A plan that waits to be applied is abandoned with all its rows, because its file is gone and cannot be read
/// again. False where such a plan is being processed at this moment.
async fn erase_from_plans(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    id: MemberId,
    name: &str,
    birth_date: Option<&str>,
) -> Result<bool> {
    let told = sqlx::query!(
        r#"SELECT DISTINCT p.id, p.state FROM plans p JOIN plan_rows r ON r.school_id = p.school_id AND r.plan_id = p.id
           WHERE p.school_id = $1
               AND (r.member_id = $2 OR r."values" ->> 'full_name' = $3 AND r."values" ->> 'birth_date' = $4)"#,
        scope.school_id(),
        id,
        name,
        birth_date,
    )
    .fetch_all(&mut *tx)
    .await?;
    for plan in told {
        let state = stored("state of a plan", PlanState::from_key(&plan.state))?;
        if state.is_busy() {
            return Ok(false);
        }
        if state == PlanState::Ready {
            purge::purge_in(scope, app, tx, plan.id).await?;
            continue;
        }
        sqlx::query!(
            r#"DELETE FROM plan_rows WHERE school_id = $1 AND plan_id = $2
                   AND (member_id = $3 OR "values" ->> 'full_name' = $4 AND "values" ->> 'birth_date' = $5)"#,
            scope.school_id(),
            plan.id,
            id,
            name,
            birth_date,
        )
        .execute(&mut *tx)
        .await?;
        plans::recount(scope, tx, plan.id).await?;
        plans::recount_results(scope, tx, plan.id).await?;
        upload::forget(scope, tx, plan.id).await?;
    }
    Ok(true)
}
