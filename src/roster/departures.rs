//! Taking people out of the roster: members who leave, and members who have never been used.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    access::Scope,
    clock::date_in_vietnam,
    error::Result,
    ids::{AccountId, MemberId},
};

/// People leave: their records and their classes of the year are kept, but they are no longer counted, hold no grants,
/// and their accounts no longer lead to this school. Returns those whose version is still the given one, with their
/// accounts.
pub async fn leave(
    scope: &Scope,
    tx: &mut PgConnection,
    people: &[(MemberId, i64)],
    now: DateTime<Utc>,
) -> Result<Vec<(MemberId, Option<AccountId>)>> {
    let (ids, versions): (Vec<MemberId>, Vec<i64>) = people.iter().copied().unzip();
    let left = sqlx::query!(
        "UPDATE members m SET status = 'left', version = m.version + 1, temporary_until = NULL
         FROM unnest($2::uuid[], $3::bigint[]) AS gone (id, version)
         WHERE m.school_id = $1 AND m.id = gone.id AND m.version = gone.version RETURNING m.id, m.account_id",
        scope.school_id(),
        &ids,
        &versions,
    )
    .fetch_all(&mut *tx)
    .await?;
    let ids: Vec<MemberId> = left.iter().map(|row| row.id).collect();
    end_enrolments(scope, tx, &ids, now).await?;
    end_staff(scope, tx, &ids, now).await?;
    Ok(left.into_iter().map(|row| (row.id, row.account_id)).collect())
}

/// Ends pupils' enrolments of this year and later ones. Classes of years that are over are history.
pub async fn end_enrolments(scope: &Scope, tx: &mut PgConnection, ids: &[MemberId], now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "UPDATE enrolments e SET ended_at = $3 FROM school_years y
         WHERE e.school_id = $1 AND e.member_id = ANY($2) AND e.ended_at IS NULL
             AND y.school_id = $1 AND y.id = e.school_year_id AND NOT EXISTS (
                 SELECT FROM school_years n WHERE n.school_id = $1 AND n.starts_on > y.starts_on AND n.starts_on <= $4)",
        scope.school_id(),
        ids,
        now,
        date_in_vietnam(now),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Ends what belongs to staff: grants, and homeroom classes of this year and later ones.
pub async fn end_staff(scope: &Scope, tx: &mut PgConnection, ids: &[MemberId], now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("DELETE FROM grants WHERE school_id = $1 AND member_id = ANY($2)", scope.school_id(), ids)
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "UPDATE classes c SET homeroom_member_id = NULL FROM school_years y
         WHERE c.school_id = $1 AND c.homeroom_member_id = ANY($2)
             AND y.school_id = $1 AND y.id = c.school_year_id AND NOT EXISTS (
                 SELECT FROM school_years n WHERE n.school_id = $1 AND n.starts_on > y.starts_on AND n.starts_on <= $3)",
        scope.school_id(),
        ids,
        date_in_vietnam(now),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Those of these members who stand in a timetable or an exam, which would lose what it has of them.
pub async fn planned(scope: &Scope, tx: &mut PgConnection, members: &[MemberId]) -> Result<Vec<MemberId>> {
    let rows = sqlx::query_scalar!(
        "SELECT teacher_id FROM timetable_assignments WHERE school_id = $1 AND teacher_id = ANY($2)
         UNION SELECT teacher_id FROM timetable_lessons WHERE school_id = $1 AND teacher_id = ANY($2)
         UNION SELECT teacher_id FROM timetable_absences WHERE school_id = $1 AND teacher_id = ANY($2)
         UNION SELECT substitute_id FROM timetable_substitutions WHERE school_id = $1 AND substitute_id = ANY($2)
         UNION SELECT member_id FROM exam_candidates WHERE school_id = $1 AND member_id = ANY($2)
         UNION SELECT member_id FROM exam_invigilators WHERE school_id = $1 AND member_id = ANY($2)
         UNION SELECT member_id FROM exam_duties WHERE school_id = $1 AND member_id = ANY($2)
         UNION SELECT member_id FROM exam_helpers WHERE school_id = $1 AND member_id = ANY($2)",
        scope.school_id(),
        members as &[MemberId],
    );
    Ok(rows.fetch_all(tx).await?.into_iter().flatten().collect())
}

/// Both members of each merge that is in force and that one of these members is part of.
pub async fn merged(scope: &Scope, tx: &mut PgConnection, members: &[MemberId]) -> Result<Vec<MemberId>> {
    let rows = sqlx::query!(
        "SELECT gone_id, kept_id FROM merges
         WHERE school_id = $1 AND undone_at IS NULL AND (gone_id = ANY($2) OR kept_id = ANY($2))",
        scope.school_id(),
        members,
    );
    Ok(rows.fetch_all(tx).await?.into_iter().flat_map(|row| [row.gone_id, row.kept_id]).collect())
}

/// Removes members that have never been used: a pupil who never signed in, an invited person who has not accepted, and
/// neither of them in a timetable or an exam, nor with what another member had who was merged into them. Returns those
/// that were removed, with their accounts.
pub async fn remove_unused(
    scope: &Scope,
    tx: &mut PgConnection,
    members: &[MemberId],
) -> Result<Vec<(MemberId, Option<AccountId>)>> {
    let mut used: HashSet<MemberId> = planned(scope, tx, members).await?.into_iter().collect();
    used.extend(merged(scope, tx, members).await?);
    let members: Vec<MemberId> = members.iter().copied().filter(|id| !used.contains(id)).collect();
    let unused = sqlx::query_scalar!(
        "SELECT id FROM members WHERE school_id = $1 AND id = ANY($2) AND first_signed_in_at IS NULL
             AND (username IS NOT NULL OR status = 'invited')
         ORDER BY id FOR UPDATE",
        scope.school_id(),
        &members,
    )
    .fetch_all(&mut *tx)
    .await?;
    // All at once, so that each counter moves once; the school's are taken before those of its classes, as everywhere.
    sqlx::query!(
        "SELECT counter FROM counters WHERE school_id = $1 AND counter NOT LIKE 'class%' ORDER BY counter FOR UPDATE",
        scope.school_id(),
    )
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query!("DELETE FROM enrolments WHERE school_id = $1 AND member_id = ANY($2)", scope.school_id(), &unused)
        .execute(&mut *tx)
        .await?;
    let removed = sqlx::query!(
        "DELETE FROM members WHERE school_id = $1 AND id = ANY($2) RETURNING id, account_id",
        scope.school_id(),
        &unused,
    )
    .fetch_all(tx)
    .await?;
    Ok(removed.into_iter().map(|row| (row.id, row.account_id)).collect())
}
