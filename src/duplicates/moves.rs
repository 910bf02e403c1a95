//! What the one who goes had, given to the one who stays: classes of all years, rights, homerooms, what others have
//! noted of them, and what they have done.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{merge::MergeChoice, statements::give_over};
use crate::{
    access::Scope,
    error::Result,
    ids::{MemberId, YearId},
    roster::fields::Field,
};

/// Moves it, where the one who stays has none of their own.
pub(super) async fn move_rows(
    scope: &Scope,
    tx: &mut PgConnection,
    choice: &MergeChoice,
    year_id: YearId,
    now: DateTime<Utc>,
) -> Result<()> {
    move_classes(scope, tx, choice, year_id).await?;
    move_standing(scope, tx, choice.kept, choice.gone).await?;
    move_scim_names(scope, tx, choice, now).await?;
    move_homerooms(scope, tx, choice.kept, choice.gone).await?;
    move_notes(scope, tx, choice.kept, choice.gone).await?;
    move_deeds(scope, tx, choice.kept, choice.gone).await
}

/// One class a year: one that was left gives way to one that was not, and that of this year to the one that was chosen.
/// It stays in the history, as far as it is another.
async fn move_classes(scope: &Scope, tx: &mut PgConnection, choice: &MergeChoice, year_id: YearId) -> Result<()> {
    let (school, kept, gone) = (scope.school_id(), choice.kept, choice.gone);
    sqlx::query!(
        "WITH yielding AS (
             DELETE FROM enrolments l USING enrolments o
             WHERE l.school_id = $1 AND l.member_id IN ($2, $3) AND o.school_id = $1 AND o.member_id IN ($2, $3)
                 AND o.school_year_id = l.school_year_id AND o.member_id <> l.member_id
                 AND CASE WHEN l.member_id = $2
                     THEN o.ended_at IS NULL AND (l.ended_at IS NOT NULL OR $4 AND l.school_year_id = $5)
                     ELSE NOT (l.ended_at IS NULL AND (o.ended_at IS NOT NULL OR $4 AND l.school_year_id = $5)) END
             RETURNING l.school_year_id, l.class_id, l.from_day, l.ended_at, o.class_id AS other)
         INSERT INTO past_stays (school_id, member_id, school_year_id, class_id, from_day, to_day)
         SELECT $1, $2, l.school_year_id, l.class_id, l.from_day, u.to_day FROM yielding l
         JOIN school_years y ON y.school_id = $1 AND y.id = l.school_year_id
         CROSS JOIN LATERAL (SELECT (coalesce(l.ended_at, least(moment(), y.ends_on + interval '1 day'))
             AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS to_day) u
         WHERE l.class_id <> l.other AND (l.from_day IS NULL OR l.from_day < u.to_day) ON CONFLICT DO NOTHING",
        school,
        kept,
        gone,
        choice.of_gone.contains(&Field::Class),
        year_id,
    )
    .execute(&mut *tx)
    .await?;
    give_over!(scope, tx, kept, gone;
        "UPDATE enrolments SET member_id = $2 WHERE school_id = $1 AND member_id = $3";
        "UPDATE past_stays p SET member_id = $2 WHERE p.school_id = $1 AND p.member_id = $3 AND NOT EXISTS (
             SELECT FROM past_stays k WHERE k.school_id = $1 AND k.member_id = $2
                 AND k.school_year_id = p.school_year_id AND k.class_id = p.class_id AND k.to_day = p.to_day)";
        // What a person has decided for the coming year.
        "UPDATE rollover_pupils p SET member_id = $2 WHERE p.school_id = $1 AND p.member_id = $3 AND NOT EXISTS (
             SELECT FROM rollover_pupils k WHERE k.school_id = $1 AND k.member_id = $2
                 AND k.rollover_id = p.rollover_id)";
    );
    Ok(())
}

/// Rights, the link to the registry, and the day on which the account is closed.
async fn move_standing(scope: &Scope, tx: &mut PgConnection, kept: MemberId, gone: MemberId) -> Result<()> {
    give_over!(scope, tx, kept, gone;
        r#"INSERT INTO grants (school_id, member_id, "grant", granted_at)
           SELECT $1, $2, "grant", granted_at FROM grants WHERE school_id = $1 AND member_id = $3 ON CONFLICT DO NOTHING"#;
        "UPDATE registry_links SET member_id = $2 WHERE school_id = $1 AND member_id = $3
             AND NOT EXISTS (SELECT FROM registry_links k WHERE k.school_id = $1 AND k.member_id = $2)";
        "UPDATE closings SET member_id = $2 WHERE school_id = $1 AND member_id = $3
             AND NOT EXISTS (SELECT FROM closings k WHERE k.school_id = $1 AND k.member_id = $2)";
    );
    Ok(())
}

/// What another system calls the person, which it sees change.
async fn move_scim_names(scope: &Scope, tx: &mut PgConnection, choice: &MergeChoice, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "UPDATE scim_people SET member_id = $2, changed_at = $4 WHERE school_id = $1 AND member_id = $3
             AND NOT EXISTS (SELECT FROM scim_people k WHERE k.school_id = $1 AND k.member_id = $2)",
        scope.school_id(),
        choice.kept,
        choice.gone,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Of all years, of drafts for the coming one, and of plans that make its classes.
async fn move_homerooms(scope: &Scope, tx: &mut PgConnection, kept: MemberId, gone: MemberId) -> Result<()> {
    give_over!(scope, tx, kept, gone;
        "UPDATE classes SET homeroom_member_id = $2 WHERE school_id = $1 AND homeroom_member_id = $3";
        "UPDATE rollover_targets SET homeroom_member_id = $2 WHERE school_id = $1 AND homeroom_member_id = $3";
        "UPDATE plan_classes SET homeroom_member_id = $2 WHERE school_id = $1 AND homeroom_member_id = $3";
    );
    Ok(())
}

/// Who was told apart from the one who goes is told apart from the one who stays.
async fn move_notes(scope: &Scope, tx: &mut PgConnection, kept: MemberId, gone: MemberId) -> Result<()> {
    give_over!(scope, tx, kept, gone;
        "INSERT INTO told_apart (school_id, a, b, at, by)
         SELECT $1, least($2, o.other), greatest($2, o.other), o.at, o.by FROM (
             SELECT CASE WHEN a = $3 THEN b ELSE a END AS other, at, by FROM told_apart
             WHERE school_id = $1 AND (a = $3 OR b = $3)) o
         WHERE o.other <> $2 ON CONFLICT DO NOTHING";
        // Earlier merges into the one who goes are now into the one who stays: undone after this one.
        "UPDATE member_aliases SET member_id = $2 WHERE school_id = $1 AND member_id = $3";
        "UPDATE merges SET kept_id = $2 WHERE school_id = $1 AND kept_id = $3";
    );
    Ok(())
}

/// Sign-ins as reports count them, and the plans that the person has made, applied or taken back.
async fn move_deeds(scope: &Scope, tx: &mut PgConnection, kept: MemberId, gone: MemberId) -> Result<()> {
    give_over!(scope, tx, kept, gone;
        "INSERT INTO entries (school_id, member_id, hour, device)
         SELECT $1, $2, hour, device FROM entries WHERE school_id = $1 AND member_id = $3 ON CONFLICT DO NOTHING";
        "UPDATE plans SET created_by = CASE WHEN created_by = $3 THEN $2 ELSE created_by END,
             applied_by = CASE WHEN applied_by = $3 THEN $2 ELSE applied_by END,
             undone_by = CASE WHEN undone_by = $3 THEN $2 ELSE undone_by END
         WHERE school_id = $1 AND (created_by = $3 OR applied_by = $3 OR undone_by = $3)";
    );
    Ok(())
}
