//! The directory of schools, which belongs to no school: by code, old codes included.

use std::sync::Arc;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    access::{School, SchoolKind},
    db::Db,
    error::{Error, Result},
};

struct SchoolRow {
    id: Uuid,
    code: String,
    name: String,
    kind: String,
    year_starts_month: i32,
}

impl From<SchoolRow> for School {
    fn from(row: SchoolRow) -> Self {
        Self {
            id: row.id,
            code: row.code,
            name: row.name,
            // The column's constraint allows the two kinds only.
            kind: SchoolKind::from_key(&row.kind).unwrap_or(SchoolKind::K12),
            year_starts_month: row.year_starts_month.unsigned_abs(),
        }
    }
}

/// The school of this code, today's or an old one.
///
/// # Errors
/// [`Error::NotFound`] where there is none.
pub async fn find(db: &Db, code: &str) -> Result<Arc<School>> {
    let row = sqlx::query_as!(
        SchoolRow,
        "SELECT s.id, s.code, s.name, s.kind, s.year_starts_month
         FROM school_codes c JOIN schools s ON s.id = c.school_id WHERE c.folded = lower($1)",
        code,
    )
    .fetch_optional(db.pool())
    .await?;
    row.map(|row| Arc::new(School::from(row))).ok_or(Error::NotFound)
}

/// The school of this id.
///
/// # Errors
/// [`Error::NotFound`] where there is none.
pub async fn by_id(tx: &mut PgConnection, id: Uuid) -> Result<Arc<School>> {
    let row =
        sqlx::query_as!(SchoolRow, "SELECT id, code, name, kind, year_starts_month FROM schools WHERE id = $1", id,)
            .fetch_optional(tx)
            .await?;
    row.map(|row| Arc::new(School::from(row))).ok_or(Error::NotFound)
}

/// The school of this code and which of its members this account is. `None` where there is no such school, where the
/// account does not belong to it, and where the school is suspended: who is outside cannot tell these apart.
///
/// # Errors
/// When the database cannot be reached.
pub async fn membership(db: &Db, code: &str, account_id: Uuid) -> Result<Option<(Arc<School>, Uuid)>> {
    let row = sqlx::query!(
        "SELECT s.id, s.code, s.name, s.kind, s.year_starts_month, m.member_id
         FROM school_codes c
         JOIN schools s ON s.id = c.school_id
         JOIN memberships m ON m.school_id = s.id AND m.account_id = $2
         WHERE c.folded = lower($1) AND s.suspended_at IS NULL",
        code,
        account_id,
    )
    .fetch_optional(db.pool())
    .await?;
    Ok(row.map(|row| {
        let school = SchoolRow {
            id: row.id,
            code: row.code,
            name: row.name,
            kind: row.kind,
            year_starts_month: row.year_starts_month,
        };
        (Arc::new(School::from(school)), row.member_id)
    }))
}
