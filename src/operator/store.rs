//! The SQL of the directory as operators see it. `provinces` are those that the operator is limited to; none for the
//! whole country.

use std::collections::BTreeSet;

use sqlx::{PgConnection, PgPool, Postgres, QueryBuilder};

use super::model::{
    self, Owner, PAGE, ProvinceChoice, SchoolCount, SchoolCounts, SchoolCursor, SchoolFacts, SchoolFilter,
    SchoolListRow, Schools, SimilarSchool, Unit,
};
use crate::{
    access::Scope,
    error::Result,
    ids::{SchoolId, UnitId},
    vietnam::text,
};

/// A page of schools, by code.
pub async fn list(
    pool: &PgPool,
    provinces: Option<&[String]>,
    filter: &SchoolFilter,
    page_cursor: &SchoolCursor,
) -> Result<Schools> {
    let is_backwards = matches!(page_cursor, SchoolCursor::Before(_));
    let order = if is_backwards { " ORDER BY s.folded_code DESC" } else { " ORDER BY s.folded_code" };
    // The page is found by itself: to plan a search together with what is shown takes longer than both.
    let mut query = QueryBuilder::new(
        "WITH page AS MATERIALIZED (
             SELECT s.id, s.code, s.folded_code, s.name, s.kind, s.suspended_at, s.province_code, s.managing_unit_id
             FROM schools s WHERE TRUE",
    );
    push_filter(&mut query, provinces, filter);
    match page_cursor {
        SchoolCursor::After(code) if code.is_empty() => {}
        SchoolCursor::After(code) => {
            query.push(" AND s.folded_code > ").push_bind(code.clone());
        }
        SchoolCursor::Before(code) => {
            query.push(" AND s.folded_code < ").push_bind(code.clone());
        }
    }
    query.push(order).push(" LIMIT ").push_bind(i64::try_from(PAGE + 1).unwrap_or(i64::MAX));
    query.push(
        ")
         SELECT s.code, s.folded_code, s.name, s.kind, s.suspended_at IS NOT NULL AS is_suspended, p.name AS province,
             u.name AS unit, ARRAY(SELECT c.folded FROM school_codes c
                 WHERE c.school_id = s.id AND c.folded <> s.folded_code ORDER BY c.folded) AS old_codes
         FROM page s
         JOIN provinces p ON p.code = s.province_code
         JOIN managing_units u ON u.id = s.managing_unit_id",
    );
    query.push(order);
    // Planned anew each time: the best plan depends on the words that were typed.
    let mut rows: Vec<SchoolListRow> = query.build_query_as().persistent(false).fetch_all(pool).await?;
    let has_more = rows.len() > PAGE;
    rows.truncate(PAGE);
    if is_backwards {
        rows.reverse();
    }
    let has_previous =
        if is_backwards { has_more } else { matches!(page_cursor, SchoolCursor::After(code) if !code.is_empty()) };
    let key = |row: Option<&SchoolListRow>, is_there: bool| row.filter(|_| is_there).map(|row| row.folded_code.clone());
    Ok(Schools { previous: key(rows.first(), has_previous), next: key(rows.last(), is_backwards || has_more), rows })
}

fn push_filter(query: &mut QueryBuilder<Postgres>, provinces: Option<&[String]>, filter: &SchoolFilter) {
    if let Some(provinces) = provinces {
        query.push(" AND s.province_code = ANY(").push_bind(provinces.to_vec()).push(")");
    }
    if let Some(province) = &filter.province {
        query.push(" AND s.province_code = ").push_bind(province.clone());
    }
    if let Some(unit) = filter.unit {
        query.push(" AND s.managing_unit_id = ").push_bind(unit);
    }
    if let Some(kind) = filter.kind {
        query.push(" AND s.kind = ").push_bind(kind.key());
    }
    match filter.is_suspended {
        None => {}
        Some(true) => {
            query.push(" AND s.suspended_at IS NOT NULL");
        }
        Some(false) => {
            query.push(" AND s.suspended_at IS NULL");
        }
    }
    for word in &filter.words {
        query.push(" AND EXISTS (SELECT FROM school_words w WHERE w.school_id = s.id AND w.word >= ");
        query.push_bind(word.clone()).push(" AND w.word < ").push_bind(format!("{word}\u{10FFFF}")).push(")");
    }
}

/// How many schools there are, of each sort.
pub async fn counts(pool: &PgPool, provinces: Option<&[String]>) -> Result<SchoolCounts> {
    let rows = sqlx::query_as!(
        SchoolCount,
        "SELECT province_code AS province, managing_unit_id AS unit, kind, is_suspended, schools FROM school_counts
         WHERE schools <> 0 AND ($1::text[] IS NULL OR province_code = ANY($1))",
        provinces,
    )
    .fetch_all(pool)
    .await?;
    Ok(SchoolCounts(rows))
}

/// The provinces by name.
pub async fn provinces(pool: &PgPool, provinces: Option<&[String]>) -> Result<Vec<ProvinceChoice>> {
    Ok(sqlx::query_as!(
        ProvinceChoice,
        "SELECT code, name FROM provinces WHERE $1::text[] IS NULL OR code = ANY($1) ORDER BY name COLLATE \"vi-x-icu\"",
        provinces,
    )
    .fetch_all(pool)
    .await?)
}

/// The units of the provinces, province by province, departments first; of one province where it is named.
pub async fn units(pool: &PgPool, provinces: Option<&[String]>, province: Option<&str>) -> Result<Vec<Unit>> {
    Ok(sqlx::query_as!(
        Unit,
        "SELECT u.id, u.province_code, p.name AS province, u.name, u.kind
         FROM managing_units u JOIN provinces p ON p.code = u.province_code
         WHERE ($1::text[] IS NULL OR u.province_code = ANY($1)) AND ($2::text IS NULL OR u.province_code = $2)
         ORDER BY p.name COLLATE \"vi-x-icu\", u.kind DESC, u.name COLLATE \"vi-x-icu\"",
        provinces,
        province,
    )
    .fetch_all(pool)
    .await?)
}

/// The unit of this id in the province, or the province's department where none is named.
pub async fn managing_unit(tx: &mut PgConnection, province: &str, unit: Option<UnitId>) -> Result<Option<UnitId>> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM managing_units
         WHERE province_code = $1 AND ($2::uuid IS NULL AND kind = 'department' OR id = $2) ORDER BY id LIMIT 1",
        province,
        unit,
    )
    .fetch_optional(tx)
    .await?)
}

/// What operators see of the school.
pub async fn facts(scope: &Scope, tx: &mut PgConnection) -> Result<SchoolFacts> {
    Ok(sqlx::query_as!(
        SchoolFacts,
        r#"SELECT s.code, s.name, s.kind, s.province_code, p.name AS province, s.managing_unit_id AS unit_id,
                  u.name AS unit, s.suspended_at, s.created_at,
                  ARRAY(SELECT c.folded FROM school_codes c
                        WHERE c.school_id = s.id AND c.folded <> s.folded_code ORDER BY c.folded) AS "old_codes!"
           FROM schools s
           JOIN provinces p ON p.code = s.province_code
           JOIN managing_units u ON u.id = s.managing_unit_id
           WHERE s.id = $1"#,
        scope.school_id(),
    )
    .fetch_one(tx)
    .await?)
}

/// The school's owners, in the order of lists.
pub async fn owners(scope: &Scope, tx: &mut PgConnection) -> Result<Vec<Owner>> {
    Ok(sqlx::query_as!(
        Owner,
        r#"SELECT m.id, m.full_name, m.email, m.account_id, m.status, m.version, m.last_signed_in_at
           FROM grants g JOIN members m ON m.school_id = g.school_id AND m.id = g.member_id
           WHERE g.school_id = $1 AND g."grant" = 'owner'
           ORDER BY m.given_name, m.family_name, m.middle_name, m.id"#,
        scope.school_id(),
    )
    .fetch_all(tx)
    .await?)
}

/// The school that has this code, today or of old: its id, its name and code of today, its province.
#[derive(Clone, Debug)]
pub struct CodeHolder {
    pub school_id: SchoolId,
    pub name: String,
    pub code: String,
    pub province: String,
}

/// The school that has this code, in whatever province.
pub async fn holder(tx: &mut PgConnection, code: &str) -> Result<Option<CodeHolder>> {
    Ok(sqlx::query_as!(
        CodeHolder,
        "SELECT s.id AS school_id, s.name, s.code, s.province_code AS province
         FROM school_codes c JOIN schools s ON s.id = c.school_id WHERE c.folded = lower($1)",
        code,
    )
    .fetch_optional(tx)
    .await?)
}

/// Makes a code lead to the school; false where it leads to some school already.
pub async fn claim_code(scope: &Scope, tx: &mut PgConnection, code: &str) -> Result<bool> {
    let claimed = sqlx::query!(
        "INSERT INTO school_codes (folded, school_id) VALUES (lower($1), $2) ON CONFLICT DO NOTHING",
        code,
        scope.school_id(),
    )
    .execute(tx)
    .await?;
    Ok(claimed.rows_affected() == 1)
}

/// Rewrites the words by which the school is found: those of its name, of its province and of all its codes.
pub async fn write_words(scope: &Scope, tx: &mut PgConnection) -> Result<()> {
    let texts = sqlx::query_scalar!(
        r#"SELECT name AS "text!" FROM schools WHERE id = $1
           UNION ALL SELECT folded FROM school_codes WHERE school_id = $1
           UNION ALL SELECT p.name FROM schools s JOIN provinces p ON p.code = s.province_code WHERE s.id = $1"#,
        scope.school_id(),
    )
    .fetch_all(&mut *tx)
    .await?;
    let words: BTreeSet<String> = texts.iter().flat_map(|text| text::words(text)).collect();
    let words: Vec<String> = words.into_iter().collect();
    sqlx::query!("DELETE FROM school_words WHERE school_id = $1", scope.school_id()).execute(&mut *tx).await?;
    sqlx::query!(
        "INSERT INTO school_words (word, school_id) SELECT word, $2 FROM unnest($1::text[]) AS new (word)",
        &words,
        scope.school_id(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Schools of the province whose names have the same key.
pub async fn doubles(pool: &PgPool, province: &str, name: &str) -> Result<Vec<SimilarSchool>> {
    let words = model::telling_words(name);
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let mut alike = sqlx::query_as!(
        SimilarSchool,
        "SELECT s.name, s.code, u.name AS unit FROM schools s JOIN managing_units u ON u.id = s.managing_unit_id
         WHERE s.province_code = $1 AND s.id IN (
             SELECT school_id FROM school_words WHERE word = ANY($2) GROUP BY school_id
             HAVING count(*) = (SELECT count(DISTINCT word) FROM unnest($2::text[]) AS typed (word)))
         ORDER BY s.folded_code",
        province,
        &words,
    )
    .fetch_all(pool)
    .await?;
    let key = model::name_key(name);
    alike.retain(|school| model::name_key(&school.name) == key);
    alike.truncate(10);
    Ok(alike)
}
