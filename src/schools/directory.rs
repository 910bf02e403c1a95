//! The directory of schools, which is global and not of one school: by code, old codes included.

use std::sync::Arc;

use sqlx::PgConnection;

use crate::{
    access::{Elsewhere, Look, Membership, School, SchoolKind, Scope, Tone},
    db::Db,
    error::{Error, Result, stored},
    ids::{AccountId, SchoolId},
};

struct DirectoryRow {
    id: SchoolId,
    code: String,
    name: String,
    kind: String,
    year_starts_month: i32,
    tone: Option<String>,
    logo_version: Option<String>,
}

impl DirectoryRow {
    fn read(self) -> Result<Arc<School>> {
        Ok(Arc::new(School {
            id: self.id,
            code: self.code,
            name: self.name,
            kind: stored("kind of school", SchoolKind::from_key(&self.kind))?,
            year_starts_month: self.year_starts_month.unsigned_abs(),
            look: Look { tone: self.tone.as_deref().and_then(Tone::from_key), logo: self.logo_version },
        }))
    }
}

/// Whether this can be a school's code.
#[must_use]
pub fn is_code(text: &str) -> bool {
    (3..=20).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
}

/// What is searched for: a code that was typed in groups ("79 000 701") is one word.
#[must_use]
pub fn searched(typed: &str) -> String {
    let is_grouped = typed.chars().all(|c| c.is_ascii_digit() || c.is_whitespace());
    if is_grouped { typed.chars().filter(|c| !c.is_whitespace()).collect() } else { typed.trim().to_owned() }
}

/// The school of this code, today's or an old one.
///
/// # Errors
/// [`Error::NotFound`] where there is none.
pub async fn find(db: &Db, code: &str) -> Result<Arc<School>> {
    if !is_code(code) {
        return Err(Error::NotFound);
    }
    let row = sqlx::query_as!(
        DirectoryRow,
        "SELECT s.id, s.code, s.name, s.kind, s.year_starts_month, s.tone, s.logo_version
         FROM school_codes c JOIN schools s ON s.id = c.school_id WHERE c.folded = lower($1)",
        code,
    )
    .fetch_optional(db.pool())
    .await?;
    row.ok_or(Error::NotFound)?.read()
}

/// The school of this id.
///
/// # Errors
/// [`Error::NotFound`] where there is none.
pub async fn by_id(tx: &mut PgConnection, id: SchoolId) -> Result<Arc<School>> {
    let row = sqlx::query_as!(
        DirectoryRow,
        "SELECT id, code, name, kind, year_starts_month, tone, logo_version FROM schools WHERE id = $1",
        id,
    )
    .fetch_optional(tx)
    .await?;
    row.ok_or(Error::NotFound)?.read()
}

/// Whether the school is suspended: then none of its members has access.
pub async fn is_suspended(scope: &Scope, tx: &mut PgConnection) -> Result<bool> {
    let suspended = sqlx::query_scalar!(
        r#"SELECT suspended_at IS NOT NULL AS "suspended!" FROM schools WHERE id = $1"#,
        scope.school_id(),
    );
    Ok(suspended.fetch_one(tx).await?)
}

/// The school of this code, where it is in one of these provinces; none named means the whole country.
///
/// # Errors
/// [`Error::NotFound`] where there is none, or it is somewhere else.
pub async fn find_within(db: &Db, code: &str, provinces: Option<&[String]>) -> Result<Arc<School>> {
    if !is_code(code) {
        return Err(Error::NotFound);
    }
    let row = sqlx::query_as!(
        DirectoryRow,
        "SELECT s.id, s.code, s.name, s.kind, s.year_starts_month, s.tone, s.logo_version
         FROM school_codes c JOIN schools s ON s.id = c.school_id
         WHERE c.folded = lower($1) AND ($2::text[] IS NULL OR s.province_code = ANY($2))",
        code,
        provinces,
    )
    .fetch_optional(db.pool())
    .await?;
    row.ok_or(Error::NotFound)?.read()
}

/// The school of this code and the member of it that this account is. `None` both where there is no such school and
/// where the account does not belong to it: outsiders cannot tell these apart.
pub async fn membership(db: &Db, code: &str, account_id: AccountId) -> Result<Option<Membership>> {
    if !is_code(code) {
        return Ok(None);
    }
    let row = sqlx::query!(
        r#"SELECT s.id, s.code, s.name, s.kind, s.year_starts_month, s.tone, s.logo_version, m.member_id,
                  s.suspended_at IS NOT NULL AS "is_suspended!", s.second_factor_for_managers,
                  s.second_factor_for_staff, m.is_staff,
                  a.last_school_id IS NOT DISTINCT FROM s.id AS "is_last!",
                  ARRAY(SELECT o.code FROM memberships n JOIN schools o ON o.id = n.school_id
                        WHERE n.account_id = $2 AND n.school_id <> s.id ORDER BY o.name, o.id) AS "codes!",
                  ARRAY(SELECT o.name FROM memberships n JOIN schools o ON o.id = n.school_id
                        WHERE n.account_id = $2 AND n.school_id <> s.id ORDER BY o.name, o.id) AS "names!"
           FROM school_codes c
           JOIN schools s ON s.id = c.school_id
           JOIN memberships m ON m.school_id = s.id AND m.account_id = $2
           JOIN accounts a ON a.id = m.account_id
           WHERE c.folded = lower($1)"#,
        code,
        account_id,
    )
    .fetch_optional(db.pool())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let school = DirectoryRow {
        id: row.id,
        code: row.code,
        name: row.name,
        kind: row.kind,
        year_starts_month: row.year_starts_month,
        tone: row.tone,
        logo_version: row.logo_version,
    };
    let others = row.codes.into_iter().zip(row.names);
    Ok(Some(Membership {
        school: school.read()?,
        member_id: row.member_id,
        is_suspended: row.is_suspended,
        elsewhere: others.map(|(code, name)| Elsewhere { code, name }).collect(),
        is_last: row.is_last,
        second_factor_for_managers: row.second_factor_for_managers,
        second_factor_for_staff: row.second_factor_for_staff,
        is_staff: row.is_staff,
    }))
}
