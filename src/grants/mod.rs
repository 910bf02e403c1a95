//! Grants: what owners give to staff.
//!
//! No member raises their own rank, and an owner's grants can be changed by that owner alone. A school always keeps an
//! owner: every change of owners takes the roster lock, so that of two owners who resign at the same instant one stays.

mod pages;

use std::collections::BTreeSet;

use sqlx::PgConnection;

use crate::{
    access::{Action, Grant, Granted, MemberAction, Rank, Role, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    db,
    error::{Result, stored},
    ids::MemberId,
    paths,
    roster::{model::Status, subject::LockedMember},
    routes::{Access, Reauthentication, Routes},
    schools::years,
};

/// Why the grants stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum GrantRefusal {
    /// The school would have no owner.
    LastOwner,
    /// Pupils hold no grants, nor do members who are not active.
    NotForThem,
}

impl GrantRefusal {
    pub const ALL: [Self; 2] = [Self::LastOwner, Self::NotForThem];

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }
}

/// Replaces the grants of a member by these.
///
/// # Errors
/// As [`LockedMember::find`]. The inner error: why nothing was changed.
pub async fn set(
    granted: &Granted<may::HandOutGrants>,
    app: &App,
    id: MemberId,
    grants: &[Grant],
) -> Result<Result<(), GrantRefusal>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    db::lock_roster(&mut tx, granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = LockedMember::find(granted, &mut tx, year.id, id, MemberAction::SetGrants).await?;
    let outcome = set_in(granted, app, &mut tx, &subject, grants).await?;
    tx.commit().await?;
    Ok(outcome)
}

/// What a row of the matrix changes: what was ticked, and what no longer is. Another owner's change of the same member
/// meanwhile stays.
#[derive(Clone, Debug)]
pub struct GrantChange {
    pub id: MemberId,
    pub added: Vec<Grant>,
    pub removed: Vec<Grant>,
}

/// Makes all of these changes, or none.
///
/// # Errors
/// As [`LockedMember::find`]. The inner error: why nothing was changed, and whose grants stand in the way.
pub async fn change_all(
    granted: &Granted<may::HandOutGrants>,
    app: &App,
    changes: &[GrantChange],
) -> Result<Result<(), (GrantRefusal, String)>> {
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    db::lock_roster(&mut tx, granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let is_self = |change: &GrantChange| granted.member().is_some_and(|member| member.id == change.id);
    // The actor comes last: who hands ownership on still holds it until then.
    let (own, others): (Vec<&GrantChange>, Vec<&GrantChange>) = changes.iter().partition(|change| is_self(change));
    for change in others.into_iter().chain(own) {
        let subject = LockedMember::find(granted, &mut tx, year.id, change.id, MemberAction::SetGrants).await?;
        let mut grants = held(granted, &mut tx, change.id).await?;
        grants.extend(change.added.iter().copied());
        grants.retain(|grant| !change.removed.contains(grant));
        if let Err(refusal) = set_in(granted, app, &mut tx, &subject, &grants).await? {
            return Ok(Err((refusal, subject.name().to_owned())));
        }
    }
    tx.commit().await?;
    Ok(Ok(()))
}

async fn held(scope: &Scope, tx: &mut PgConnection, id: MemberId) -> Result<BTreeSet<Grant>> {
    let keys = sqlx::query_scalar!(
        r#"SELECT "grant" FROM grants WHERE school_id = $1 AND member_id = $2"#,
        scope.school_id(),
        id,
    );
    Ok(keys.fetch_all(tx).await?.iter().filter_map(|key| Grant::from_key(key)).collect())
}

/// Changes nothing unless it succeeds.
async fn set_in<'a>(
    granted: &Granted<may::HandOutGrants>,
    app: &App,
    tx: &mut PgConnection,
    subject: &LockedMember,
    grants: impl IntoIterator<Item = &'a Grant>,
) -> Result<Result<(), GrantRefusal>> {
    let id = subject.id;
    let grants: Vec<Grant> = grants.into_iter().copied().collect();
    if !subject.is_staff() || subject.status != Status::Active && !grants.is_empty() {
        return Ok(Err(GrantRefusal::NotForThem));
    }
    let lets_go = subject.rank == Rank::Owner && !grants.contains(&Grant::Owner);
    if lets_go && !has_another_owner(granted, tx, id).await? {
        return Ok(Err(GrantRefusal::LastOwner));
    }
    replace(granted, app, tx, id, &grants).await?;
    let action = AuditAction::GrantsChanged { grants };
    audit::record(granted, app, tx, Event::about(action, id)).await?;
    Ok(Ok(()))
}

async fn replace(scope: &Scope, app: &App, tx: &mut PgConnection, id: MemberId, grants: &[Grant]) -> Result<()> {
    let keys: Vec<String> = grants.iter().map(|grant| grant.key().to_owned()).collect();
    // New grants are added first: an owner who gives up ownership still holds it while they take another grant.
    sqlx::query!(
        r#"INSERT INTO grants (school_id, member_id, "grant", granted_at) SELECT $1, $2, unnest($3::text[]), $4
           ON CONFLICT DO NOTHING"#,
        scope.school_id(),
        id,
        &keys,
        app.clock.now(),
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        r#"DELETE FROM grants WHERE school_id = $1 AND member_id = $2 AND "grant" <> ALL ($3)"#,
        scope.school_id(),
        id,
        &keys,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether another member who can sign in owns the school.
async fn has_another_owner(scope: &Scope, tx: &mut PgConnection, id: MemberId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM grants g JOIN members m ON m.school_id = g.school_id AND m.id = g.member_id
               WHERE g.school_id = $1 AND g."grant" = 'owner' AND g.member_id <> $2 AND m.status = 'active'
           ) AS "exists!""#,
        scope.school_id(),
        id,
    )
    .fetch_one(tx)
    .await?)
}

/// A row of the page of grants.
#[derive(Clone, Debug)]
pub struct GrantHolder {
    pub id: MemberId,
    pub full_name: String,
    pub email: Option<String>,
    pub role: Role,
    pub grants: Vec<Grant>,
}

/// How many search results are shown.
const FOUND: i64 = 20;

/// The staff who hold grants; if search words are given, the active staff who match them instead. `also` are shown in
/// any case: their grants have just changed.
pub async fn holders(
    scope: &Scope,
    tx: &mut PgConnection,
    words: &[String],
    also: &[MemberId],
) -> Result<Vec<GrantHolder>> {
    let ids: Option<Vec<MemberId>> = if words.is_empty() { None } else { Some(found(scope, tx, words).await?) };
    let rows = sqlx::query!(
        r#"SELECT m.id, m.full_name, m.email, m.role,
               ARRAY(SELECT g."grant" FROM grants g WHERE g.school_id = $1 AND g.member_id = m.id) AS "grants!"
           FROM members m
           WHERE m.school_id = $1 AND m.status = 'active' AND m.role <> 'student'
               AND CASE WHEN m.id = ANY($3) THEN true
                   WHEN $2::uuid[] IS NULL THEN m.id IN (SELECT g.member_id FROM grants g WHERE g.school_id = $1)
                   ELSE m.id = ANY($2) END
           ORDER BY m.given_name, m.family_name, m.middle_name, m.id"#,
        scope.school_id(),
        ids.as_deref(),
        also,
    )
    .fetch_all(tx)
    .await?;
    let holder = |row: _| -> Result<GrantHolder> {
        let (id, full_name, email, role, grants): (MemberId, String, Option<String>, String, Vec<String>) = row;
        let grants = grants.iter().map(|grant| stored("grant", Grant::from_key(grant))).collect::<Result<_>>()?;
        Ok(GrantHolder { id, full_name, email, role: stored("role", Role::from_key(&role))?, grants })
    };
    rows.into_iter().map(|row| holder((row.id, row.full_name, row.email, row.role, row.grants))).collect()
}

async fn found(scope: &Scope, tx: &mut PgConnection, words: &[String]) -> Result<Vec<MemberId>> {
    let mut query = sqlx::QueryBuilder::new("SELECT m.id FROM members m WHERE m.school_id = ");
    query.push_bind(scope.school_id()).push(" AND m.role <> 'student' AND m.status = 'active'");
    for word in words {
        query.push(" AND m.id IN (SELECT w.member_id FROM member_words w WHERE w.school_id = ");
        query.push_bind(scope.school_id()).push(" AND w.word >= ").push_bind(word.clone());
        query.push(" AND w.word < ").push_bind(format!("{word}\u{10FFFF}")).push(")");
    }
    query.push(" ORDER BY m.given_name, m.family_name, m.middle_name, m.id LIMIT ").push_bind(FOUND);
    Ok(query.build_query_scalar().fetch_all(tx).await?)
}

#[must_use]
pub fn routes() -> Routes {
    let owners = Access::School(Action::HandOutGrants);
    Routes::new()
        .get(paths::Grants::PATH, owners, pages::show)
        .post_reauthenticated(paths::Grants::PATH, owners, Reauthentication::Always, pages::submit)
        .asking(&[("owner", "", "grants-owner-ask")])
        .post_reauthenticated(paths::AccountGrants::PATH, owners, Reauthentication::Always, pages::submit_of_person)
}
