//! Undoing a merge: everything goes back as it was, but for what has been changed since, which stays and is listed.

use chrono::{DateTime, Duration, Utc};
use serde_json::Value;
use sqlx::{PgConnection, types::Json};

use super::{
    merge::UNDO_DAYS,
    snapshot::{RowTakeback, Snapshot, SnapshotRow, takeback, text},
};
use crate::{
    access::{Granted, MemberAction, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    db,
    error::{Error, Result},
    identity::{accounts, login_aliases},
    ids::{AccountId, MemberId, MergeId},
    roster::{records, subject::Subject},
    schools::years,
};

/// A merge of which it is known who it was about.
#[derive(Clone, Debug)]
pub struct Merge {
    pub id: MergeId,
    pub kept: MemberId,
    pub kept_name: String,
    pub gone_name: String,
    pub created_by: Option<String>,
    pub created_at: DateTime<Utc>,
    pub undone_at: Option<DateTime<Utc>>,
    /// What undoing left as it was: keys of words.
    pub stays: Vec<String>,
    pub can_undo: bool,
}

/// The merges of the last days, the latest first.
pub async fn lately(scope: &Scope, tx: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<Merge>> {
    let rows = sqlx::query!(
        r#"SELECT g.id, g.kept_id, k.full_name AS kept_name, g.gone_id, g.created_at, g.undone_at, m.full_name AS "created_by?",
               g.stays AS "stays: Json<Vec<String>>", g.before IS NOT NULL AS "is_kept!",
               (SELECT w ->> 'full_name' FROM jsonb_array_elements(g.before -> 'members') w
                WHERE w ->> 'id' = g.gone_id::text) AS gone_name
           FROM merges g JOIN members k ON k.school_id = g.school_id AND k.id = g.kept_id
           LEFT JOIN members m ON m.school_id = g.school_id AND m.id = g.created_by
           WHERE g.school_id = $1 AND g.created_at > $2 ORDER BY g.created_at DESC LIMIT 50"#,
        scope.school_id(),
        now - Duration::days(UNDO_DAYS),
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Merge {
            id: row.id,
            kept: row.kept_id,
            gone_name: row.gone_name.unwrap_or_else(|| row.kept_name.clone()),
            kept_name: row.kept_name,
            created_by: row.created_by,
            created_at: row.created_at,
            undone_at: row.undone_at,
            stays: row.stays.0,
            can_undo: row.is_kept && row.undone_at.is_none(),
        })
        .collect())
}

/// Forgets what merges found that cannot be undone any more.
pub async fn forget(scope: &Scope, tx: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "UPDATE merges SET before = NULL, after = NULL WHERE school_id = $1 AND created_at < $2 AND before IS NOT NULL",
        scope.school_id(),
        now - Duration::days(UNDO_DAYS),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Undoes a merge. Gives what stays, by the keys of words; nothing where it cannot be undone (any more).
///
/// # Errors
/// [`Error::NotFound`] where the school has no such merge, [`Error::Forbidden`] where the table of rights says no.
pub async fn undo(granted: &Granted<may::ManageAccounts>, app: &App, id: MergeId) -> Result<Option<Vec<String>>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    db::lock_roster(&mut tx, granted.school_id()).await?;
    let row = sqlx::query!(
        r#"SELECT kept_id, gone_id, before AS "before: Json<Snapshot>", after AS "after: Json<Snapshot>", created_at,
               undone_at
           FROM merges WHERE school_id = $1 AND id = $2 FOR UPDATE"#,
        granted.school_id(),
        id,
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    let is_over = row.undone_at.is_some() || row.created_at + Duration::days(UNDO_DAYS) < app.clock.now();
    let (Some(before), Some(after), false) = (row.before, row.after, is_over) else { return Ok(None) };
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    Subject::find(granted, &mut tx, year.id, row.kept_id, MemberAction::Leave).await?;
    if !before.0.grants.is_empty() {
        granted.grant::<may::HandOutGrants>()?;
    }
    let both = [row.kept_id, row.gone_id];
    let now = Snapshot::read(granted, &mut tx, both).await?;
    if is_taken(granted, &mut tx, &before.0, row.gone_id, row.kept_id).await? {
        return Ok(None);
    }
    let stays = put_back(granted, &mut tx, both, (&before.0, &after.0, &now)).await?;
    sqlx::query!(
        "UPDATE merges SET undone_at = $3, undone_by = $4, stays = $5, before = NULL, after = NULL
         WHERE school_id = $1 AND id = $2",
        granted.school_id(),
        id,
        app.clock.now(),
        granted.member().map(|member| member.id),
        Json(&stays) as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("DELETE FROM member_aliases WHERE school_id = $1 AND merge_id = $2", granted.school_id(), id)
        .execute(&mut *tx)
        .await?;
    let event = Event::about(AuditAction::MergeUndone { gone: row.gone_id }, row.kept_id.uuid());
    audit::record(granted, app, &mut tx, event).await?;
    tx.commit().await?;
    Ok(Some(stays))
}

/// Whether a third member has a name or number by now that the one who comes back had to themselves.
async fn is_taken(
    scope: &Scope,
    tx: &mut PgConnection,
    before: &Snapshot,
    gone: MemberId,
    kept: MemberId,
) -> Result<bool> {
    let Some(row) = before.member(gone) else { return Ok(true) };
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM members WHERE school_id = $1 AND id <> $2
               AND (username = nullif($3, '') OR moet_id = nullif($4, ''))) AS "is!""#,
        scope.school_id(),
        kept,
        text(row, "username"),
        text(row, "moet_id"),
    )
    .fetch_one(tx)
    .await?)
}

/// Puts back what has not been changed since; gives what stays.
async fn put_back(
    scope: &Scope,
    tx: &mut PgConnection,
    [kept, gone]: [MemberId; 2],
    (before, after, now): (&Snapshot, &Snapshot, &Snapshot),
) -> Result<Vec<String>> {
    let mut stays = Vec::new();
    let mut note = |what: &str, takeback: &RowTakeback| {
        if takeback.stays > 0 {
            stays.push(what.to_owned());
            stays.dedup();
        }
    };
    let places = takeback(&before.enrolments, &after.enrolments, &now.enrolments, &["member_id", "school_year_id"]);
    let stays_before =
        takeback(&before.stays, &after.stays, &now.stays, &["member_id", "school_year_id", "class_id", "to_day"]);
    let grants = takeback(&before.grants, &after.grants, &now.grants, &["member_id", "grant"]);
    let guardians = takeback(&before.guardians, &after.guardians, &now.guardians, &["member_id", "relation"]);
    let links = takeback(&before.links, &after.links, &now.links, &["registry_person_id"]);
    let closings = takeback(&before.closings, &after.closings, &now.closings, &["member_id"]);
    let names = takeback(&before.scim_people, &after.scim_people, &now.scim_people, &["member_id"]);
    let homerooms = takeback(&before.homerooms, &after.homerooms, &now.homerooms, &["id"]);
    for (what, takeback) in [
        ("classes", &places),
        ("classes", &stays_before),
        ("grants", &grants),
        ("guardians", &guardians),
        ("registry", &links),
        ("closing", &closings),
        ("scim", &names),
        ("homerooms", &homerooms),
    ] {
        note(what, takeback);
    }
    let (member, changed) = member_back(before, after, now, kept);
    stays.extend(changed);
    delete_rows(scope, tx, [&places, &stays_before, &grants, &guardians, &links, &closings, &names]).await?;
    accounts_back(scope, tx, [kept, gone], before, &member, now).await?;
    insert_rows(scope, tx, [&places, &stays_before, &grants, &guardians, &links, &closings, &names]).await?;
    for row in &homerooms.insert {
        sqlx::query!(
            "UPDATE classes SET homeroom_member_id = $3::text::uuid WHERE school_id = $1 AND id = $2::text::uuid",
            scope.school_id(),
            text(row, "id"),
            text(row, "homeroom_member_id"),
        )
        .execute(&mut *tx)
        .await?;
    }
    Ok(stays)
}

/// The columns that follow from others, or count changes.
const DERIVED: [&str; 7] =
    ["version", "words", "given_name", "family_name", "middle_name", "birth_order", "sign_in_order"];

/// The one who stayed as they were, but for what has been changed since: their row, and what stays.
fn member_back(before: &Snapshot, after: &Snapshot, now: &Snapshot, kept: MemberId) -> (SnapshotRow, Vec<String>) {
    let (Some(was), Some(left), Some(is)) = (before.member(kept), after.member(kept), now.member(kept)) else {
        return (SnapshotRow::new(), Vec::new());
    };
    let mut row = is.clone();
    let mut stays = Vec::new();
    // Who they are in lists follows from the name.
    let name_stays = is.get("full_name") != left.get("full_name");
    for (column, value) in was {
        let derived = DERIVED.contains(&column.as_str());
        if column == "version" || derived && name_stays || is.get(column) == Some(value) {
            continue;
        }
        if !derived && is.get(column) != left.get(column) {
            stays.push("member".to_owned());
        } else {
            row.insert(column.clone(), value.clone());
        }
    }
    stays.dedup();
    (row, stays)
}

/// Both have their own way in again, and the one who went is there again.
async fn accounts_back(
    scope: &Scope,
    tx: &mut PgConnection,
    [kept, gone]: [MemberId; 2],
    before: &Snapshot,
    member: &SnapshotRow,
    now: &Snapshot,
) -> Result<()> {
    let account = |snapshot: &Snapshot, id: MemberId| -> Option<AccountId> {
        snapshot.member(id).and_then(|row| text(row, "account_id").parse().ok())
    };
    let all: Vec<AccountId> =
        [account(before, kept), account(before, gone), account(now, kept)].into_iter().flatten().collect();
    accounts::lock(tx, &all).await?;
    accounts::remove_memberships(tx, &all, scope.school_id()).await?;
    let logins = accounts::logins(tx, &all).await?;
    let logins: Vec<String> = logins.into_iter().map(|(_, login)| login).collect();
    login_aliases::remove(tx, &logins).await?;
    records::put_back(scope, tx, kept, Value::Object(member.clone())).await?;
    let row = before.member(gone).cloned().unwrap_or_default();
    records::insert_back(scope, tx, Value::Object(row)).await?;
    records::renew_words(scope, tx, &[kept, gone]).await?;
    let rows = sqlx::query!(
        "SELECT id, account_id FROM members
         WHERE school_id = $1 AND id = ANY($2) AND account_id IS NOT NULL AND status IN ('active', 'suspended')",
        scope.school_id(),
        &[kept, gone][..],
    )
    .fetch_all(&mut *tx)
    .await?;
    let (accounts, members): (Vec<AccountId>, Vec<MemberId>) =
        rows.into_iter().filter_map(|row| Some((row.account_id?, row.id))).unzip();
    accounts::add_memberships(tx, &accounts, scope.school_id(), &members).await
}

/// Of each table in turn, as the functions below name them.
type Takebacks<'a> = [&'a RowTakeback; 7];

async fn delete_rows(
    scope: &Scope,
    tx: &mut PgConnection,
    [places, stays, grants, guardians, links, closings, names]: Takebacks<'_>,
) -> Result<()> {
    let school = scope.school_id();
    sqlx::query!(
        "DELETE FROM enrolments t USING jsonb_populate_recordset(NULL::enrolments, $2) g
         WHERE t.school_id = $1 AND t.member_id = g.member_id AND t.school_year_id = g.school_year_id",
        school,
        Json(&places.delete) as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "DELETE FROM past_stays t USING jsonb_populate_recordset(NULL::past_stays, $2) g
         WHERE t.school_id = $1 AND t.member_id = g.member_id AND t.school_year_id = g.school_year_id
             AND t.class_id = g.class_id AND t.to_day = g.to_day",
        school,
        Json(&stays.delete) as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        r#"DELETE FROM grants t USING jsonb_populate_recordset(NULL::grants, $2) g
           WHERE t.school_id = $1 AND t.member_id = g.member_id AND t."grant" = g."grant""#,
        school,
        Json(&grants.delete) as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "DELETE FROM guardians t USING jsonb_populate_recordset(NULL::guardians, $2) g
         WHERE t.school_id = $1 AND t.member_id = g.member_id AND t.relation = g.relation",
        school,
        Json(&guardians.delete) as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "DELETE FROM registry_links t USING jsonb_populate_recordset(NULL::registry_links, $2) g
         WHERE t.school_id = $1 AND t.registry_person_id = g.registry_person_id",
        school,
        Json(&links.delete) as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "DELETE FROM closings t USING jsonb_populate_recordset(NULL::closings, $2) g
         WHERE t.school_id = $1 AND t.member_id = g.member_id",
        school,
        Json(&closings.delete) as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "DELETE FROM scim_people t USING jsonb_populate_recordset(NULL::scim_people, $2) g
         WHERE t.school_id = $1 AND t.member_id = g.member_id",
        school,
        Json(&names.delete) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn insert_rows(
    scope: &Scope,
    tx: &mut PgConnection,
    [places, stays, grants, guardians, links, closings, names]: Takebacks<'_>,
) -> Result<()> {
    let school = scope.school_id();
    sqlx::query!(
        "INSERT INTO enrolments SELECT g.* FROM jsonb_populate_recordset(NULL::enrolments, $2) g
         JOIN classes c ON c.school_id = $1 AND c.id = g.class_id WHERE g.school_id = $1 ON CONFLICT DO NOTHING",
        school,
        Json(&places.insert) as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO past_stays SELECT g.* FROM jsonb_populate_recordset(NULL::past_stays, $2) g
         JOIN classes c ON c.school_id = $1 AND c.id = g.class_id WHERE g.school_id = $1 ON CONFLICT DO NOTHING",
        school,
        Json(&stays.insert) as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO grants SELECT g.* FROM jsonb_populate_recordset(NULL::grants, $2) g
         WHERE g.school_id = $1 ON CONFLICT DO NOTHING",
        school,
        Json(&grants.insert) as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO guardians SELECT g.* FROM jsonb_populate_recordset(NULL::guardians, $2) g
         WHERE g.school_id = $1 ON CONFLICT DO NOTHING",
        school,
        Json(&guardians.insert) as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO registry_links SELECT g.* FROM jsonb_populate_recordset(NULL::registry_links, $2) g
         JOIN registry_people p ON p.school_id = $1 AND p.id = g.registry_person_id
         WHERE g.school_id = $1 ON CONFLICT DO NOTHING",
        school,
        Json(&links.insert) as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO closings SELECT g.* FROM jsonb_populate_recordset(NULL::closings, $2) g
         WHERE g.school_id = $1 ON CONFLICT DO NOTHING",
        school,
        Json(&closings.insert) as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO scim_people SELECT g.* FROM jsonb_populate_recordset(NULL::scim_people, $2) g
         WHERE g.school_id = $1 ON CONFLICT DO NOTHING",
        school,
        Json(&names.insert) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}
