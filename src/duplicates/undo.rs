//! Undoing a merge: everything goes back as it was, but for what has been changed since, which stays and is listed.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Duration, Utc};
use serde_json::Value;
use sqlx::{PgConnection, types::Json};

use super::{
    merge::UNDO_DAYS,
    planned,
    put_back::RowsBack,
    snapshot::{Snapshot, SnapshotRow, text},
    ways_in,
};
use crate::{
    access::{Granted, MemberAction, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    db,
    error::{Error, Result},
    identity::{accounts, login_aliases},
    ids::{AccountId, MemberId, MergeId},
    registry,
    roster::{records, subject::LockedMember},
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
    /// The member who stayed was merged into a third one since: that merge is to be undone first.
    pub is_behind: bool,
}

/// What became of undoing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undone {
    /// With what stays, by the keys of words.
    Done(Vec<String>),
    /// It was undone already, or too long ago.
    Over,
    /// A later merge has to be undone first.
    Behind,
    /// The way in, or the address, of the one who would come back is another member's by now.
    Taken,
}

/// The merges of the last days, the latest first.
pub async fn lately(scope: &Scope, tx: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<Merge>> {
    let rows = sqlx::query!(
        r#"SELECT g.id, g.kept_id, k.full_name AS kept_name, g.gone_id, g.created_at, g.undone_at, m.full_name AS "created_by?",
               g.stays AS "stays: Json<Vec<String>>", g.before IS NOT NULL AS "is_kept!",
               EXISTS (SELECT FROM jsonb_array_elements(g.before -> 'members') w
                   WHERE w ->> 'id' = g.kept_id::text) AS "is_next!",
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
            can_undo: row.is_next && row.undone_at.is_none(),
            is_behind: row.is_kept && !row.is_next && row.undone_at.is_none(),
        })
        .collect())
}

/// The member that one lives on as who was merged away.
pub async fn lives_on_as(scope: &Scope, tx: &mut PgConnection, id: MemberId) -> Result<Option<MemberId>> {
    let kept = sqlx::query_scalar!(
        "SELECT kept_id FROM merges WHERE school_id = $1 AND gone_id = $2 AND undone_at IS NULL
         ORDER BY created_at DESC LIMIT 1",
        scope.school_id(),
        id,
    );
    Ok(kept.fetch_optional(tx).await?)
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

/// Undoes a merge.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such merge, [`Error::Forbidden`] where the table of rights says no.
pub async fn undo(granted: &Granted<may::ManageAccounts>, app: &App, id: MergeId) -> Result<Undone> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    db::lock_roster(&mut tx, granted.school_id()).await?;
    registry::records::lock(&mut tx, &BTreeSet::from([granted.school_id()])).await?;
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
    let (Some(Json(before)), Some(Json(after)), false) = (row.before, row.after, is_over) else {
        return Ok(Undone::Over);
    };
    let both = [row.kept_id, row.gone_id];
    if before.member(row.kept_id).is_none() {
        return Ok(Undone::Behind);
    }
    planned::lock_exams(granted, &mut tx, both).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    LockedMember::find(granted, &mut tx, year.id, row.kept_id, MemberAction::Leave).await?;
    if !before.grants.is_empty() {
        granted.grant::<may::HandOutGrants>()?;
    }
    let Some(stays) = put_back(granted, &mut tx, both, (&before, &after)).await? else { return Ok(Undone::Taken) };
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
    Ok(Undone::Done(stays))
}

/// Puts back what has not been changed since; gives what stays. None where the one who went cannot come back.
async fn put_back(
    scope: &Scope,
    tx: &mut PgConnection,
    both: [MemberId; 2],
    (before, after): (&Snapshot, &Snapshot),
) -> Result<Option<Vec<String>>> {
    let [kept, gone] = both;
    let now = Snapshot::read(scope, tx, both).await?;
    let (mut member, changed) = member_back(before, after, &now, kept);
    let mut other = before.member(gone).cloned().unwrap_or_default();
    let others = Others::of(scope, tx, both, [&member, &other]).await?;
    if others.block(&member, &other) {
        return Ok(None);
    }
    let rows = RowsBack::of(before, after, &now);
    let mut stays = rows.what_stays();
    stays.extend(changed);
    if others.take_identifiers(&mut member, &mut other) {
        stays.push("identifier".to_owned());
    }
    rows.take_away(scope, tx).await?;
    let held: Vec<AccountId> =
        [account(before, kept), account(before, gone), account(&now, kept)].into_iter().flatten().collect();
    accounts::lock(tx, &held).await?;
    let logins: Vec<String> = accounts::logins(tx, &held).await?.into_iter().map(|(_, login)| login).collect();
    login_aliases::remove(tx, &logins).await?;
    let lived = account(after, kept);
    let ended = [account(before, kept), account(before, gone)].into_iter().flatten().find(|one| Some(*one) != lived);
    if let (Some(lived), Some(ended)) = (lived, ended) {
        login_aliases::redirect_back(tx, &before.logins, lived, ended).await?;
    }
    records::put_back(scope, tx, kept, Value::Object(member)).await?;
    records::insert_back(scope, tx, Value::Object(other)).await?;
    ways_in::part(scope, tx, &held, both).await?;
    rows.give(scope, tx, kept).await?;
    Ok(Some(stays))
}

fn account(snapshot: &Snapshot, id: MemberId) -> Option<AccountId> {
    snapshot.member(id).and_then(|row| text(row, "account_id").parse().ok())
}

/// What other members have that is one member's alone.
#[derive(Debug, Default)]
struct Others {
    /// Usernames, accounts and addresses of staff, each with what it is.
    ways_in: HashSet<(&'static str, String)>,
    moet_ids: HashSet<String>,
}

/// What nobody else may have: with it one comes in.
const WAYS_IN: [&str; 3] = ["username", "account_id", "email"];

impl Others {
    async fn of(scope: &Scope, tx: &mut PgConnection, both: [MemberId; 2], rows: [&SnapshotRow; 2]) -> Result<Self> {
        let all = |column: &str| rows.map(|row| text(row, column).to_lowercase());
        let [usernames, moet_ids, emails] = ["username", "moet_id", "email"].map(all);
        let held: Vec<String> = all("account_id").into_iter().filter(|id| !id.is_empty()).collect();
        let found = sqlx::query!(
            r#"SELECT username, moet_id, account_id::text AS account_id,
                   CASE WHEN role <> 'student' THEN lower(email) END AS email FROM members
               WHERE school_id = $1 AND id <> ALL($2) AND (username = ANY($3) OR lower(moet_id) = ANY($4)
                   OR account_id = ANY($5::text[]::uuid[]) OR role <> 'student' AND lower(email) = ANY($6))"#,
            scope.school_id(),
            &both[..],
            &usernames[..],
            &moet_ids[..],
            &held,
            &emails[..],
        )
        .fetch_all(tx)
        .await?;
        let mut others = Self::default();
        for row in found {
            for (what, value) in WAYS_IN.into_iter().zip([row.username, row.account_id, row.email]) {
                others.ways_in.extend(value.map(|value| (what, value)));
            }
            others.moet_ids.extend(row.moet_id);
        }
        Ok(others)
    }

    /// Whether one of the two members cannot be restored, since another member signs in by the same login, or they
    /// would share one.
    fn block(&self, member: &SnapshotRow, other: &SnapshotRow) -> bool {
        let is_staff = text(other, "role") != "student";
        WAYS_IN.into_iter().filter(|what| *what != "email" || is_staff).any(|what| {
            let [one, two] = [member, other].map(|row| text(row, what).to_lowercase());
            let is_taken = |value: &String| !value.is_empty() && self.ways_in.contains(&(what, value.clone()));
            is_taken(&one) || is_taken(&two) || !one.is_empty() && one == two
        })
    }

    /// Identifiers of the ministry that another member has by now, be it the other of the two, stay where they are.
    fn take_identifiers(&self, member: &mut SnapshotRow, other: &mut SnapshotRow) -> bool {
        let of_member = text(member, "moet_id").to_owned();
        let of_other = text(other, "moet_id").to_owned();
        let is_lost = !of_member.is_empty() && self.moet_ids.contains(&of_member);
        let is_others = !of_other.is_empty() && (self.moet_ids.contains(&of_other) || of_other == of_member);
        for (row, is_away) in [(member, is_lost), (other, is_others)] {
            if is_away {
                let id = text(row, "moet_id").to_lowercase();
                let words: Vec<&str> = text(row, "words").split(' ').filter(|word| *word != id).collect();
                let words = words.join(" ");
                row.insert("words".to_owned(), Value::String(words));
                row.insert("moet_id".to_owned(), Value::Null);
            }
        }
        is_lost || is_others
    }
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
