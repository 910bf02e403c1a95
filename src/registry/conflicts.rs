//! Identifiers of the ministry that a second school names: told to the operators of both provinces, with both schools.
//! Kept outside of the schools' scopes, as ids and a keyed hash.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};

use super::identifiers::IdentifierHash;
use crate::{
    access::{Actor, Scope},
    app::App,
    error::{Error, Result, stored},
    ids::{AccountId, ConflictId, PlanId, RegistryPersonId, SchoolId},
};

/// How many a page shows.
pub const PAGE: usize = 50;

/// What became of a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum ConflictState {
    /// An operator is to decide.
    Open,
    /// The pupil is in the school that named the identifier.
    Moved,
    /// The school that held it still does.
    Kept,
}

impl ConflictState {
    pub const ALL: [Self; 3] = [Self::Open, Self::Moved, Self::Kept];

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        key.parse().ok()
    }
}

/// What names an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimOrigin {
    Submission(PlanId),
    /// A person of the registry of a school that keeps its own.
    Own(RegistryPersonId),
}

/// A school names an identifier that another one holds.
#[derive(Clone, Copy, Debug)]
pub struct IdentifierClaim {
    pub hash: IdentifierHash,
    pub holder: SchoolId,
    pub origin: ClaimOrigin,
}

/// Writes conflicts of the school in scope, or what became of those that are known already.
pub async fn note(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    claims: &[IdentifierClaim],
    state: ConflictState,
) -> Result<()> {
    if claims.is_empty() {
        return Ok(());
    }
    let now = app.clock.now();
    let ids: Vec<ConflictId> = claims.iter().map(|_| app.randomness.uuid_v7(now)).collect();
    let hashes: Vec<&[u8]> = claims.iter().map(|claim| claim.hash.as_slice()).collect();
    let holders: Vec<SchoolId> = claims.iter().map(|claim| claim.holder).collect();
    let (plans, people): (Vec<Option<PlanId>>, Vec<Option<RegistryPersonId>>) =
        claims.iter().map(|claim| claim.origin.ids()).unzip();
    let is_open = state == ConflictState::Open;
    sqlx::query!(
        "INSERT INTO registry_conflicts AS c (school_id, state, found_at, decided_at, decided_by, id, identifier_hash,
             holder_id, plan_id, person_id)
         SELECT $1, $2, $3, $4, $5, * FROM unnest($6::uuid[], $7::bytea[], $8::uuid[], $9::uuid[], $10::uuid[])
             AS new (id, hash, holder_id, plan_id, person_id) ORDER BY hash
         ON CONFLICT ON CONSTRAINT registry_conflict_is_known DO UPDATE SET state = excluded.state,
             holder_id = excluded.holder_id, plan_id = excluded.plan_id, person_id = excluded.person_id,
             found_at = CASE WHEN c.state = 'open' THEN c.found_at ELSE excluded.found_at END,
             decided_at = excluded.decided_at, decided_by = excluded.decided_by",
        scope.school_id(),
        state.key(),
        now,
        (!is_open).then_some(now),
        operator(scope).filter(|_| !is_open) as Option<AccountId>,
        &ids,
        &hashes as &[&[u8]],
        &holders,
        &plans as &[Option<PlanId>],
        &people as &[Option<RegistryPersonId>],
    )
    .execute(tx)
    .await?;
    Ok(())
}

impl ClaimOrigin {
    fn ids(self) -> (Option<PlanId>, Option<RegistryPersonId>) {
        match self {
            Self::Submission(plan_id) => (Some(plan_id), None),
            Self::Own(person_id) => (None, Some(person_id)),
        }
    }
}

fn operator(scope: &Scope) -> Option<AccountId> {
    if let Actor::Operator(account_id) = &scope.actor { Some(*account_id) } else { None }
}

/// A submission waits no longer: what it named and did not get stays where it is.
pub async fn close_of_plan(scope: &Scope, app: &App, tx: &mut PgConnection, plan_id: PlanId) -> Result<()> {
    sqlx::query!(
        "UPDATE registry_conflicts SET state = 'kept', decided_at = $2, decided_by = $3
         WHERE school_id = $4 AND plan_id = $1 AND state = 'open'",
        plan_id,
        app.clock.now(),
        operator(scope) as Option<AccountId>,
        scope.school_id(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A person of the school's own registry names the identifier no longer.
pub async fn close_of_person(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    person_id: RegistryPersonId,
) -> Result<()> {
    sqlx::query!(
        "UPDATE registry_conflicts SET state = 'kept', decided_at = $3, decided_by = $4
         WHERE school_id = $1 AND person_id = $2 AND state = 'open'",
        scope.school_id(),
        person_id,
        app.clock.now(),
        operator(scope) as Option<AccountId>,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Forgets the conflicts of people who are erased.
pub async fn forget(scope: &Scope, tx: &mut PgConnection, people: &[RegistryPersonId]) -> Result<()> {
    sqlx::query!(
        "DELETE FROM registry_conflicts WHERE school_id = $1 AND person_id = ANY($2)",
        scope.school_id(),
        people,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A school, as conflicts name it.
#[derive(Clone, Debug)]
pub struct NamedSchool {
    pub id: SchoolId,
    pub name: String,
    pub code: String,
    pub province: String,
    /// It is in the operator's provinces.
    pub is_administered: bool,
}

/// A conflict, as operators see it.
#[derive(Clone, Debug)]
pub struct IdentifierConflict {
    pub id: ConflictId,
    pub hash: Vec<u8>,
    pub claimant: NamedSchool,
    pub holder: NamedSchool,
    pub origin: ClaimOrigin,
    pub state: ConflictState,
    pub found_at: DateTime<Utc>,
    pub decided_at: Option<DateTime<Utc>>,
}

struct StoredConflict {
    id: ConflictId,
    identifier_hash: Vec<u8>,
    plan_id: Option<PlanId>,
    person_id: Option<RegistryPersonId>,
    state: String,
    found_at: DateTime<Utc>,
    decided_at: Option<DateTime<Utc>>,
    school_id: SchoolId,
    name: String,
    code: String,
    province: String,
    is_administered: bool,
    holder_id: SchoolId,
    holder_name: String,
    holder_code: String,
    holder_province: String,
    is_holder_administered: bool,
}

impl TryFrom<StoredConflict> for IdentifierConflict {
    type Error = Error;

    fn try_from(row: StoredConflict) -> Result<Self> {
        let origin = match (row.plan_id, row.person_id) {
            (Some(plan_id), _) => Some(ClaimOrigin::Submission(plan_id)),
            (None, person_id) => person_id.map(ClaimOrigin::Own),
        };
        Ok(Self {
            id: row.id,
            hash: row.identifier_hash,
            claimant: NamedSchool {
                id: row.school_id,
                name: row.name,
                code: row.code,
                province: row.province,
                is_administered: row.is_administered,
            },
            holder: NamedSchool {
                id: row.holder_id,
                name: row.holder_name,
                code: row.holder_code,
                province: row.holder_province,
                is_administered: row.is_holder_administered,
            },
            origin: stored("origin of a conflict", origin)?,
            state: stored("state of a conflict", ConflictState::from_key(&row.state))?,
            found_at: row.found_at,
            decided_at: row.decided_at,
        })
    }
}

/// Conflicts that a school of the provinces `$1` is part of; of all provinces where that is null.
macro_rules! conflicts {
    ($which:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            StoredConflict,
            r#"SELECT c.id, c.identifier_hash, c.plan_id, c.person_id, c.state, c.found_at, c.decided_at, c.school_id,
                   s.name, s.code, p.name AS province,
                   ($1::text[] IS NULL OR s.province_code = ANY($1)) AS "is_administered!", c.holder_id,
                   h.name AS holder_name, h.code AS holder_code, q.name AS holder_province,
                   ($1::text[] IS NULL OR h.province_code = ANY($1)) AS "is_holder_administered!"
               FROM registry_conflicts c
               JOIN schools s ON s.id = c.school_id JOIN provinces p ON p.code = s.province_code
               JOIN schools h ON h.id = c.holder_id JOIN provinces q ON q.code = h.province_code
               WHERE ($1::text[] IS NULL OR s.province_code = ANY($1) OR h.province_code = ANY($1))"# + $which,
            $($argument),+
        )
    };
}

/// A page of the conflicts in one state that a school of these provinces is part of, the latest first, behind one; and
/// whether there are more.
pub async fn page(
    pool: &PgPool,
    provinces: Option<&[String]>,
    state: ConflictState,
    after: Option<ConflictId>,
) -> Result<(Vec<IdentifierConflict>, bool)> {
    let rows = conflicts!(
        " AND c.state = $2 AND ($3::uuid IS NULL OR (c.found_at, c.id) < (
              SELECT a.found_at, a.id FROM registry_conflicts a WHERE a.id = $3))
          ORDER BY c.found_at DESC, c.id DESC LIMIT $4",
        provinces,
        state.key(),
        after,
        i64::try_from(PAGE + 1).unwrap_or(i64::MAX),
    )
    .fetch_all(pool)
    .await?;
    let has_more = rows.len() > PAGE;
    Ok((rows.into_iter().take(PAGE).map(IdentifierConflict::try_from).collect::<Result<_>>()?, has_more))
}

/// One conflict, where a school of these provinces is part of it.
///
/// # Errors
/// [`Error::NotFound`] where there is no such conflict there.
pub async fn find(pool: &PgPool, provinces: Option<&[String]>, id: ConflictId) -> Result<IdentifierConflict> {
    let found = conflicts!(" AND c.id = $2", provinces, id).fetch_optional(pool).await?;
    found.ok_or(Error::NotFound)?.try_into()
}

/// Decides a conflict. False where it is no longer open.
pub async fn decide(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    id: ConflictId,
    state: ConflictState,
) -> Result<bool> {
    let decided = sqlx::query!(
        "UPDATE registry_conflicts SET state = $2, decided_at = $3, decided_by = $4
         WHERE school_id = $5 AND id = $1 AND state = 'open'",
        id,
        state.key(),
        app.clock.now(),
        operator(scope) as Option<AccountId>,
        scope.school_id(),
    )
    .execute(tx)
    .await?;
    Ok(decided.rows_affected() == 1)
}
