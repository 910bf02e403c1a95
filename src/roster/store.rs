//! The SQL of people. Every statement filters by the scope's school; row-level security is the second safeguard.

mod accounts;
mod list;
mod listing;
mod word_search;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::LazyLock,
};

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

use super::{
    fields::{Field, FieldStorage, Values},
    model::{MemberListRow, Status, StatusFilter},
};
use crate::{
    access::{Authority, Grant, Rank, Role, Scope},
    error::{Error, Result, stored},
    ids::{AccountId, ClassId, MemberId, YearId},
};
pub use accounts::{accounts_held, accounts_of, all_accounts_of, names_of_accounts};
pub use list::{ListBasis, count_to_a_page, everybody, ids, list, list_basis, plans, send_records};
pub use word_search::WordSearch;

/// Numbers of people: maintained by triggers, never counted for a page.
#[derive(Clone, Debug, Default)]
pub struct MemberCounts(HashMap<String, i64>);

impl MemberCounts {
    /// People of this role who have not left.
    #[must_use]
    pub fn of_role(&self, role: Role) -> i64 {
        Status::ALL.into_iter().filter(|each| *each != Status::Left).map(|status| self.of_status(role, status)).sum()
    }

    /// Everybody who has not left.
    #[must_use]
    pub fn everybody(&self) -> i64 {
        Role::ALL.into_iter().map(|role| self.of_role(role)).sum()
    }

    /// People of this role in a narrowing; without one, all who have not left.
    #[must_use]
    pub fn narrowed(&self, role: Role, narrowing: Option<StatusFilter>) -> i64 {
        match narrowing {
            None => self.of_role(role),
            Some(StatusFilter::Status(status)) => self.get(&format!("member:{}:{}", role.key(), status.key())),
            Some(StatusFilter::NeverSignedIn) => self.never_signed_in(role),
            Some(StatusFilter::SignedIn) => self.of_status(role, Status::Active) - self.never_signed_in(role),
            Some(StatusFilter::SlipWaiting) => self.slips_waiting(role),
        }
    }

    #[must_use]
    pub fn of_status(&self, role: Role, status: Status) -> i64 {
        self.get(&format!("member:{}:{}", role.key(), status.key()))
    }

    #[must_use]
    pub fn never_signed_in(&self, role: Role) -> i64 {
        self.get(&format!("never_signed_in:{}", role.key()))
    }

    /// Pupils of a class, where it was asked for.
    #[must_use]
    pub fn of_class(&self, class_id: ClassId) -> i64 {
        self.get(&of_class(class_id))
    }

    #[must_use]
    pub fn slips_waiting(&self, role: Role) -> i64 {
        self.get(&format!("slip_waiting:{}", role.key()))
    }

    fn get(&self, counter: &str) -> i64 {
        self.0.get(counter).copied().unwrap_or_default()
    }
}

fn of_class(class_id: ClassId) -> String {
    format!("class:{class_id}")
}

/// The names of the counters of all roles.
fn of_roles() -> impl Iterator<Item = String> {
    Role::ALL.into_iter().flat_map(|role| {
        let role = role.key();
        let members = Status::ALL.map(|status| format!("member:{role}:{}", status.key()));
        members.into_iter().chain([format!("never_signed_in:{role}"), format!("slip_waiting:{role}")])
    })
}

/// The counters of a school and of these classes. A school may have thousands, so each is asked for by its name.
pub async fn counts(
    scope: &Scope,
    tx: &mut PgConnection,
    classes: impl IntoIterator<Item = ClassId>,
) -> Result<MemberCounts> {
    let counters: Vec<String> = of_roles().chain(classes.into_iter().map(of_class)).collect();
    let rows = sqlx::query!(
        "SELECT counter, value FROM counters WHERE school_id = $1 AND counter = ANY($2)",
        scope.school_id(),
        &counters,
    )
    .fetch_all(tx)
    .await?;
    Ok(MemberCounts(rows.into_iter().map(|row| (row.counter, row.value)).collect()))
}

/// Everything that the school knows of one person.
#[derive(Clone, Debug)]
pub struct Profile {
    pub listed: MemberListRow,
    pub role: Role,
    pub grants: Vec<Grant>,
    /// Why the member is suspended or has left, if a reason was given.
    pub status_reason: Option<String>,
    pub values: Values,
}

/// One person.
///
/// # Errors
/// [`Error::NotFound`] where the school has no member of this id.
pub async fn profile(scope: &Scope, tx: &mut PgConnection, year_id: YearId, id: MemberId) -> Result<Profile> {
    let mut query = QueryBuilder::new(PROFILE_COLUMNS.as_str());
    push_profile_tables(&mut query, year_id);
    query.push(" WHERE m.school_id = ").push_bind(scope.school_id()).push(" AND m.id = ").push_bind(id);
    let row = query.build().fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?;
    let grants = sqlx::query_scalar!(
        r#"SELECT "grant" FROM grants WHERE school_id = $1 AND member_id = $2"#,
        scope.school_id(),
        id,
    )
    .fetch_all(tx)
    .await?;
    Ok(Profile {
        listed: sqlx::FromRow::from_row(&row)?,
        role: stored("role", Role::from_key(row.try_get("role")?))?,
        grants: grants.iter().map(|grant| stored("grant", Grant::from_key(grant))).collect::<Result<_>>()?,
        status_reason: row.try_get("status_reason")?,
        values: values_of(&row)?,
    })
}

/// All that is known of a person, with the fields that the table says are columns.
static PROFILE_COLUMNS: LazyLock<String> = LazyLock::new(|| {
    let is_column = |field: &Field| field.info().storage == FieldStorage::Member;
    let columns: String =
        Field::ALL.into_iter().filter(is_column).map(|field| format!(", m.{}", field.key())).collect();
    format!(
        "SELECT m.id, m.account_id, c.name AS class_name, m.slip_printed_at, m.temporary_until, m.declined_at,
            m.last_signed_in_at, m.status_reason, m.role, mother.full_name AS mother_name,
            mother.birth_year AS mother_birth_year, guardian.full_name AS guardian_name,
            guardian.birth_year AS guardian_birth_year{columns}"
    )
});

/// The tables of [`PROFILE_COLUMNS`]; the caller's WHERE names the school.
fn push_profile_tables(query: &mut QueryBuilder<Postgres>, year_id: YearId) {
    push_class_tables(query, year_id);
    for relation in ["mother", "guardian"] {
        query.push(format_args!(
            " LEFT JOIN guardians {relation} ON {relation}.school_id = m.school_id
                AND {relation}.member_id = m.id AND {relation}.relation = '{relation}'"
        ));
    }
}

/// The same for thousands of people: each row is asked for by its key, whatever the statistics say. Joined, a table that
/// is believed to be nearly empty would be walked through for each person.
fn push_known_tables(query: &mut QueryBuilder<Postgres>, scope: &Scope, year_id: YearId, ids: &[MemberId]) {
    let school_id = scope.school_id();
    let ids: BTreeSet<MemberId> = ids.iter().copied().collect();
    query.push(" FROM unnest(").push_bind(ids.into_iter().collect::<Vec<_>>()).push(") AS wanted (id)");
    query.push(" CROSS JOIN LATERAL (SELECT * FROM members WHERE school_id = ").push_bind(school_id);
    query.push(" AND id = wanted.id OFFSET 0) m");
    query.push(" LEFT JOIN LATERAL (SELECT class_id FROM enrolments WHERE school_id = ").push_bind(school_id);
    query.push(" AND member_id = m.id AND ended_at IS NULL AND school_year_id = ").push_bind(year_id);
    query.push(" OFFSET 0) e ON true");
    query.push(" LEFT JOIN LATERAL (SELECT name FROM classes WHERE school_id = ").push_bind(school_id);
    query.push(" AND id = e.class_id OFFSET 0) c ON true");
    for relation in ["mother", "guardian"] {
        query.push(" LEFT JOIN LATERAL (SELECT full_name, birth_year FROM guardians WHERE school_id = ");
        query
            .push_bind(school_id)
            .push(format_args!(" AND member_id = m.id AND relation = '{relation}' OFFSET 0) {relation} ON true"));
    }
}

/// People, each with their class of this year.
fn push_class_tables(query: &mut QueryBuilder<Postgres>, year_id: YearId) {
    query.push(" FROM members m LEFT JOIN enrolments e ON e.school_id = m.school_id AND e.member_id = m.id");
    query.push(" AND e.ended_at IS NULL AND e.school_year_id = ").push_bind(year_id);
    query.push(" LEFT JOIN classes c ON c.school_id = e.school_id AND c.id = e.class_id");
}

fn values_of(row: &sqlx::postgres::PgRow) -> sqlx::Result<Values> {
    let mut values = Values::new();
    for field in Field::ALL {
        let value: Option<String> = match field {
            Field::BirthDate => row.try_get::<Option<NaiveDate>, _>("birth_date")?.map(|date| date.to_string()),
            Field::MotherBirthYear | Field::GuardianBirthYear => {
                row.try_get::<Option<i32>, _>(field.key())?.map(|year| year.to_string())
            }
            Field::Class => row.try_get("class_name")?,
            // Never stored in plain text.
            Field::Password => None,
            _ => row.try_get(field.key())?,
        };
        if let Some(value) = value {
            values.insert(field, value);
        }
    }
    Ok(values)
}

/// A member of the roster as a plan sees them.
#[derive(Clone, Debug)]
pub struct MemberRecord {
    pub id: MemberId,
    pub account_id: Option<AccountId>,
    pub version: i64,
    pub status: Status,
    pub role: Role,
    pub rank: Rank,
    /// The e-mail address is the login, and the person's to change.
    pub signs_in_by_email: bool,
    pub has_signed_in: bool,
    pub values: Values,
}

impl MemberRecord {
    #[must_use]
    pub fn is_staff(&self) -> bool {
        self.role != Role::Student
    }

    #[must_use]
    pub fn name(&self) -> &str {
        self.values.get(&Field::FullName).map_or("", String::as_str)
    }

    /// Whether a person has used this member: has signed in, or has accepted the invitation.
    #[must_use]
    pub fn has_come(&self) -> bool {
        self.has_signed_in || self.signs_in_by_email && self.status != Status::Invited
    }
}

/// These people, as far as the school has them.
pub async fn known(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    ids: &[MemberId],
) -> Result<Vec<MemberRecord>> {
    let mut query = QueryBuilder::new(PROFILE_COLUMNS.as_str());
    query.push(", m.version, m.first_signed_in_at IS NOT NULL AS has_signed_in, ARRAY(SELECT g.\"grant\" FROM grants g WHERE g.school_id = ");
    query.push_bind(scope.school_id()).push(" AND g.member_id = m.id) AS grants");
    push_known_tables(&mut query, scope, year_id, ids);
    let rows = query.build().fetch_all(tx).await?;
    rows.iter().map(known_of).collect()
}

fn known_of(row: &sqlx::postgres::PgRow) -> Result<MemberRecord> {
    let grants: Vec<String> = row.try_get("grants")?;
    let role = stored("role", Role::from_key(row.try_get("role")?))?;
    let grants = grants.iter().map(|grant| stored("grant", Grant::from_key(grant))).collect::<Result<_>>()?;
    let values = values_of(row)?;
    Ok(MemberRecord {
        id: row.try_get("id")?,
        account_id: row.try_get("account_id")?,
        version: row.try_get("version")?,
        status: stored("status", Status::from_key(row.try_get("status")?))?,
        role,
        rank: Authority { role, grants }.rank(),
        has_signed_in: row.try_get("has_signed_in")?,
        signs_in_by_email: !values.contains_key(&Field::Username),
        values,
    })
}

/// Records until when people's new temporary passwords are valid; their slips are not printed yet.
pub async fn note_temporary(
    scope: &Scope,
    tx: &mut PgConnection,
    ids: &[MemberId],
    until: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "UPDATE members SET temporary_until = $3, slip_printed_at = NULL WHERE school_id = $1 AND id = ANY($2)",
        scope.school_id(),
        ids,
        until,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Those of these people whose temporary password has expired.
pub async fn with_expired_password(
    scope: &Scope,
    tx: &mut PgConnection,
    ids: &[MemberId],
    now: DateTime<Utc>,
) -> Result<Vec<MemberId>> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM members WHERE school_id = $1 AND id = ANY($2) AND status = 'active' AND temporary_until <= $3",
        scope.school_id(),
        ids,
        now,
    )
    .fetch_all(tx)
    .await?)
}

/// Changes the status of those of these members who have the status `from` and an account, clears the reason, and returns
/// their ids.
pub async fn turn_status(
    scope: &Scope,
    tx: &mut PgConnection,
    ids: &[MemberId],
    from: Status,
    to: Status,
) -> Result<Vec<MemberId>> {
    Ok(sqlx::query_scalar!(
        "UPDATE members SET status = $4, status_reason = NULL, version = version + 1
         WHERE school_id = $1 AND id = ANY($2) AND status = $3 AND account_id IS NOT NULL RETURNING id",
        scope.school_id(),
        ids,
        from.key(),
        to.key(),
    )
    .fetch_all(tx)
    .await?)
}

/// Changes a member's status.
pub async fn set_status(scope: &Scope, tx: &mut PgConnection, id: MemberId, status: Status) -> Result<()> {
    sqlx::query!(
        "UPDATE members SET status = $3, version = version + 1 WHERE school_id = $1 AND id = $2",
        scope.school_id(),
        id,
        status.key(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Stores why a member is suspended or has left; nothing where no reason was given.
pub async fn give_reason(scope: &Scope, tx: &mut PgConnection, id: MemberId, reason: &str) -> Result<()> {
    sqlx::query!(
        "UPDATE members SET status_reason = nullif($3, '') WHERE school_id = $1 AND id = $2",
        scope.school_id(),
        id,
        reason,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Changes a member's role.
pub async fn set_role(scope: &Scope, tx: &mut PgConnection, id: MemberId, role: Role) -> Result<()> {
    sqlx::query!(
        "UPDATE members SET role = $3, version = version + 1 WHERE school_id = $1 AND id = $2",
        scope.school_id(),
        id,
        role.key(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The ranks of these people.
pub async fn ranks(scope: &Scope, tx: &mut PgConnection, ids: &[MemberId]) -> Result<HashMap<MemberId, Rank>> {
    let rows = sqlx::query!(
        r#"SELECT m.id, m.role,
               ARRAY(SELECT g."grant" FROM grants g WHERE g.school_id = $1 AND g.member_id = m.id) AS "grants!"
           FROM members m WHERE m.school_id = $1 AND m.id = ANY($2)"#,
        scope.school_id(),
        ids,
    )
    .fetch_all(tx)
    .await?;
    let rank = |role: &str, grants: &[String]| -> Result<Rank> {
        let grants = grants.iter().map(|grant| stored("grant", Grant::from_key(grant))).collect::<Result<_>>()?;
        Ok(Authority { role: stored("role", Role::from_key(role))?, grants }.rank())
    };
    rows.into_iter().map(|row| Ok((row.id, rank(&row.role, &row.grants)?))).collect()
}

/// Which of these MoET identifiers are in use.
pub async fn taken_moet_ids(scope: &Scope, tx: &mut PgConnection, ids: &[String]) -> Result<HashSet<String>> {
    let taken = sqlx::query_scalar!(
        r#"SELECT moet_id AS "moet_id!" FROM members WHERE school_id = $1 AND moet_id = ANY($2)"#,
        scope.school_id(),
        ids,
    )
    .fetch_all(tx)
    .await?;
    Ok(taken.into_iter().collect())
}

/// The classes of the year in which these people are, by person.
pub async fn class_ids(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    ids: &[MemberId],
) -> Result<HashMap<MemberId, ClassId>> {
    let rows = sqlx::query!(
        "SELECT member_id, class_id FROM enrolments
         WHERE school_id = $1 AND school_year_id = $2 AND member_id = ANY($3) AND ended_at IS NULL",
        scope.school_id(),
        year_id,
        ids,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.member_id, row.class_id)).collect())
}

/// What a slip shows of a person.
#[derive(Clone, Debug)]
pub struct SlipName {
    pub id: MemberId,
    pub full_name: String,
    pub class_name: Option<String>,
    pub birth_date: Option<NaiveDate>,
}

/// The names, classes and birth dates of these people, in the order of lists.
pub async fn names(scope: &Scope, tx: &mut PgConnection, year_id: YearId, ids: &[MemberId]) -> Result<Vec<SlipName>> {
    Ok(sqlx::query_as!(
        SlipName,
        r#"SELECT m.id, m.full_name, c.name AS "class_name?", m.birth_date
           FROM members m
           LEFT JOIN enrolments e ON e.school_id = m.school_id AND e.member_id = m.id AND e.school_year_id = $2
               AND e.ended_at IS NULL
           LEFT JOIN classes c ON c.school_id = e.school_id AND c.id = e.class_id
           WHERE m.school_id = $1 AND m.id = ANY($3)
           ORDER BY m.given_name, m.family_name, m.middle_name, m.id"#,
        scope.school_id(),
        year_id,
        ids,
    )
    .fetch_all(tx)
    .await?)
}
