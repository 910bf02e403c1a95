//! What operators see of the schools of their provinces: sums by area and day, and each school as it was counted last.
//! All of it stands outside of the schools' scopes, on the coordinator, and says nothing about a person. Each school's own
//! count writes its row (`school_figures`); triggers keep the sums (`area_figures`).

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, PgPool, Postgres, QueryBuilder};

use super::{count::Counted, daily};
use crate::{access::Scope, error::Result, ids::UnitId, web::i18n};

/// How many schools a page shows.
pub const PAGE: i64 = 50;

/// Writes the row of a school.
pub async fn write(scope: &Scope, tx: &mut PgConnection, counted: &Counted, now: DateTime<Utc>) -> Result<()> {
    let overdue = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM submission_queue
           WHERE school_id = $1 AND state = 'submitted' AND submitted_at < $2"#,
        scope.school_id(),
        now - daily::OVERDUE,
    )
    .fetch_one(&mut *tx)
    .await?;
    let (usage, quality) = (&counted.figures.usage, &counted.figures.quality);
    let whole = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
    sqlx::query!(
        "UPDATE school_figures SET day = $2, counted_at = $3, is_active = $4, pupils = $5, pupils_in = $6, slips = $7,
             staff = $8, staff_in = $9, checked = $10, clean = $11, overdue = $12
         WHERE school_id = $1",
        scope.school_id(),
        now.with_timezone(&i18n::vietnam()).date_naive(),
        now,
        counted.is_active,
        whole(usage.pupils.active),
        whole(usage.pupils.signed_in),
        whole(counted.with_slip),
        whole(usage.staff.active),
        whole(usage.staff.signed_in),
        whole(quality.checked),
        whole(quality.clean),
        whole(overdue),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The sums of an area at the end of a day.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    pub schools: i64,
    pub suspended: i64,
    pub active: i64,
    pub pupils: i64,
    pub pupils_in: i64,
    pub slips: i64,
    pub staff: i64,
    pub staff_in: i64,
    pub checked: i64,
    pub clean: i64,
    pub overdue: i64,
}

impl Sums {
    /// Open schools in which nobody has signed in lately.
    #[must_use]
    pub fn silent(&self) -> i64 {
        self.schools - self.suspended - self.active
    }

    /// Adds those of another area.
    pub fn add(&mut self, other: &Self) {
        self.schools += other.schools;
        self.suspended += other.suspended;
        self.active += other.active;
        self.pupils += other.pupils;
        self.pupils_in += other.pupils_in;
        self.slips += other.slips;
        self.staff += other.staff;
        self.staff_in += other.staff_in;
        self.checked += other.checked;
        self.clean += other.clean;
        self.overdue += other.overdue;
    }
}

/// A province or unit, and its sums of today.
#[derive(Clone, Debug)]
pub struct Area {
    /// The code of a province, or the id of a unit.
    pub key: String,
    pub name: String,
    pub sums: Sums,
}

/// The provinces, all of them or those named, by name: one look into the index for each.
pub async fn provinces(pool: &PgPool, bounds: Option<&[String]>) -> Result<Vec<Area>> {
    let rows = sqlx::query!(
        r#"SELECT p.code AS "key!", p.name AS "name!", a.schools AS "schools?", a.suspended AS "suspended?",
               a.active AS "active?", a.pupils AS "pupils?", a.pupils_in AS "pupils_in?", a.slips AS "slips?",
               a.staff AS "staff?", a.staff_in AS "staff_in?", a.checked AS "checked?", a.clean AS "clean?",
               a.overdue AS "overdue?"
           FROM provinces p
           LEFT JOIN LATERAL (
               SELECT * FROM area_figures WHERE area = 'province:' || p.code ORDER BY day DESC LIMIT 1) a ON true
           WHERE $1::text[] IS NULL OR p.code = ANY($1) ORDER BY p.name COLLATE "vi-x-icu""#,
        bounds,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Area {
            key: row.key,
            name: row.name,
            sums: Sums {
                schools: row.schools.unwrap_or_default(),
                suspended: row.suspended.unwrap_or_default(),
                active: row.active.unwrap_or_default(),
                pupils: row.pupils.unwrap_or_default(),
                pupils_in: row.pupils_in.unwrap_or_default(),
                slips: row.slips.unwrap_or_default(),
                staff: row.staff.unwrap_or_default(),
                staff_in: row.staff_in.unwrap_or_default(),
                checked: row.checked.unwrap_or_default(),
                clean: row.clean.unwrap_or_default(),
                overdue: row.overdue.unwrap_or_default(),
            },
        })
        .collect())
}

/// The units of a province that have or had schools, by name.
pub async fn units(pool: &PgPool, province: &str) -> Result<Vec<Area>> {
    let rows = sqlx::query!(
        r#"SELECT u.id AS "key!", u.name AS "name!", a.schools AS "schools!", a.suspended AS "suspended!",
               a.active AS "active!", a.pupils AS "pupils!", a.pupils_in AS "pupils_in!", a.slips AS "slips!",
               a.staff AS "staff!", a.staff_in AS "staff_in!", a.checked AS "checked!", a.clean AS "clean!",
               a.overdue AS "overdue!"
           FROM managing_units u
           CROSS JOIN LATERAL (
               SELECT * FROM area_figures WHERE area = 'unit:' || u.id ORDER BY day DESC LIMIT 1) a
           WHERE u.province_code = $1 AND a.schools > 0
           ORDER BY u.kind DESC, u.name COLLATE "vi-x-icu""#,
        province,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Area {
            key: row.key.to_string(),
            name: row.name,
            sums: Sums {
                schools: row.schools,
                suspended: row.suspended,
                active: row.active,
                pupils: row.pupils,
                pupils_in: row.pupils_in,
                slips: row.slips,
                staff: row.staff,
                staff_in: row.staff_in,
                checked: row.checked,
                clean: row.clean,
                overdue: row.overdue,
            },
        })
        .collect())
}

/// An area on a day.
#[derive(Clone, Debug)]
pub struct AreaDay {
    pub day: NaiveDate,
    pub schools: i64,
    pub active: i64,
    pub pupils: i64,
    pub pupils_in: i64,
    pub checked: i64,
    pub clean: i64,
}

/// An area over time: `country`, `province:…` or `unit:…`, since a day.
pub async fn over_time(pool: &PgPool, area: &str, since: NaiveDate) -> Result<Vec<AreaDay>> {
    Ok(sqlx::query_as!(
        AreaDay,
        "SELECT day, schools, active, pupils, pupils_in, checked, clean FROM area_figures
         WHERE area = $1 AND day >= $2 ORDER BY day",
        area,
        since,
    )
    .fetch_all(pool)
    .await?)
}

/// What schools are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchoolOrder {
    Pupils,
    SignedIn,
    Slips,
    Score,
    Overdue,
}

impl SchoolOrder {
    pub const ALL: [Self; 5] = [Self::Pupils, Self::SignedIn, Self::Slips, Self::Score, Self::Overdue];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Pupils => "pupils",
            Self::SignedIn => "in",
            Self::Slips => "slips",
            Self::Score => "score",
            Self::Overdue => "overdue",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.key() == key)
    }

    fn column(self) -> &'static str {
        match self {
            Self::Pupils => "f.pupils",
            Self::SignedIn => "f.in_share",
            Self::Slips => "f.slip_share",
            Self::Score => "f.score",
            Self::Overdue => "f.overdue",
        }
    }
}

/// A school as it was counted last.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SchoolRow {
    pub code: String,
    pub name: String,
    pub unit: String,
    pub counted_at: Option<DateTime<Utc>>,
    pub is_suspended: bool,
    pub is_active: bool,
    pub pupils: i32,
    pub pupils_in: i32,
    pub slips: i32,
    pub checked: i32,
    pub clean: i32,
    pub overdue: i32,
}

/// Which schools of a province, and in which order.
#[derive(Clone, Copy, Debug)]
pub struct SchoolList<'a> {
    pub province: &'a str,
    pub unit: Option<UnitId>,
    pub order: SchoolOrder,
    pub is_descending: bool,
}

/// Schools of a province, in the order of an index; `most` of them from a place on.
pub async fn schools(pool: &PgPool, list: SchoolList<'_>, from: i64, most: i64) -> Result<Vec<SchoolRow>> {
    let mut query: QueryBuilder<Postgres> = QueryBuilder::new(
        "SELECT s.code, s.name, u.name AS unit, f.counted_at, f.is_suspended, f.is_active, f.pupils, f.pupils_in,
             f.slips, f.checked, f.clean, f.overdue
         FROM (SELECT * FROM school_figures f WHERE f.province_code = ",
    );
    query.push_bind(list.province.to_owned());
    if let Some(unit) = list.unit {
        query.push(" AND f.managing_unit_id = ").push_bind(unit);
    }
    let direction = if list.is_descending { " DESC" } else { "" };
    let order = format!(" ORDER BY {}{direction}, f.school_id{direction}", list.order.column());
    query.push(&order).push(" LIMIT ").push_bind(most).push(" OFFSET ").push_bind(from);
    query.push(") f JOIN schools s ON s.id = f.school_id JOIN managing_units u ON u.id = f.managing_unit_id");
    query.push(&order);
    Ok(query.build_query_as().fetch_all(pool).await?)
}

/// Has the schools of a province counted.
pub async fn count_province(tx: &mut PgConnection, province: &str) -> Result<()> {
    let schools = sqlx::query_scalar!(
        "SELECT id FROM schools WHERE province_code = $1 AND suspended_at IS NULL ORDER BY id",
        province,
    )
    .fetch_all(&mut *tx)
    .await?;
    for school_id in schools {
        daily::enqueue(tx, school_id).await?;
    }
    Ok(())
}
