//! What operators see of the schools of their provinces: sums by area and day, and each school as it was counted last.
//! All of it stands outside of the schools' scopes, on the coordinator, and says nothing about a person. Each school's own
//! count writes its row (`school_figures`); triggers keep the sums (`area_figures`).

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, PgPool, Postgres, QueryBuilder};

use super::{count::Counted, daily};
use crate::{
    access::Scope,
    error::Result,
    ids::{SchoolId, UnitId},
    web::i18n,
};

/// How many schools a page shows.
pub const PAGE: i64 = 50;

/// Writes the row of a school.
pub async fn write(
    scope: &Scope,
    tx: &mut PgConnection,
    counted: &Counted,
    overdue: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    let (usage, quality) = (&counted.figures.usage, &counted.figures.quality);
    let staff = usage.staff();
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
        whole(staff.active),
        whole(staff.signed_in),
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
pub struct AreaSums {
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

impl AreaSums {
    /// Open schools in which nobody has signed in lately.
    #[must_use]
    pub fn silent(&self) -> i64 {
        self.schools - self.suspended - self.active
    }

    /// Those of one school.
    #[must_use]
    pub fn of(school: &SchoolRow) -> Self {
        Self {
            schools: 1,
            suspended: i64::from(school.state == SchoolActivity::Suspended.key()),
            active: i64::from(school.state == SchoolActivity::Active.key()),
            pupils: school.pupils.into(),
            pupils_in: school.pupils_in.into(),
            slips: school.slips.into(),
            staff: school.staff.into(),
            staff_in: school.staff_in.into(),
            checked: school.checked.into(),
            clean: school.clean.into(),
            overdue: school.overdue.into(),
        }
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
    pub sums: AreaSums,
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
            sums: AreaSums {
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
            sums: AreaSums {
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

/// Sums at the end of a day.
#[derive(Clone, Debug)]
pub struct AreaDay {
    pub day: NaiveDate,
    pub sums: AreaSums,
}

/// Areas over time, together: `country`, `province:…` or `unit:…`, since a day. An area has a row for each day on which it
/// moved; between them it is as it was.
pub async fn over_time(pool: &PgPool, areas: &[String], since: NaiveDate) -> Result<Vec<AreaDay>> {
    let rows = sqlx::query!(
        r#"SELECT a.area AS "area!", f.day, f.schools, f.suspended, f.active, f.pupils, f.pupils_in, f.slips, f.staff,
               f.staff_in, f.checked, f.clean, f.overdue
           FROM unnest($1::text[]) AS a (area)
           CROSS JOIN LATERAL (
               SELECT * FROM area_figures WHERE area = a.area AND day >= coalesce(
                   (SELECT max(day) FROM area_figures WHERE area = a.area AND day <= $2), $2)
           ) f ORDER BY f.day, a.area"#,
        areas,
        since,
    )
    .fetch_all(pool)
    .await?;
    let mut latest: HashMap<String, AreaSums> = HashMap::new();
    let mut days: Vec<AreaDay> = Vec::new();
    for row in rows {
        let of_area = AreaSums {
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
        };
        latest.insert(row.area, of_area);
        let day = row.day.max(since);
        if days.last().is_some_and(|last| last.day == day) {
            days.pop();
        }
        let mut sums = AreaSums::default();
        latest.values().for_each(|of_area| sums.add(of_area));
        days.push(AreaDay { day, sums });
    }
    Ok(days)
}

/// What schools are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchoolOrder {
    Name,
    Unit,
    State,
    Pupils,
    SignedIn,
    Slips,
    Staff,
    StaffIn,
    Score,
    Overdue,
    Counted,
}

impl SchoolOrder {
    pub const ALL: [Self; 11] = [
        Self::Name,
        Self::Unit,
        Self::State,
        Self::Pupils,
        Self::SignedIn,
        Self::Slips,
        Self::Staff,
        Self::StaffIn,
        Self::Score,
        Self::Overdue,
        Self::Counted,
    ];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Unit => "unit",
            Self::State => "state",
            Self::Pupils => "pupils",
            Self::SignedIn => "in",
            Self::Slips => "slips",
            Self::Staff => "staff",
            Self::StaffIn => "staff-in",
            Self::Score => "score",
            Self::Overdue => "overdue",
            Self::Counted => "counted",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.key() == key)
    }

    /// The sort key; those of the first five numbers, and the name, stand in an index of the province.
    fn column(self) -> &'static str {
        match self {
            Self::Name => "s.name COLLATE \"vi-x-icu\"",
            Self::Unit => "n.place",
            Self::State => "array_position(ARRAY['active', 'silent', 'unopened', 'suspended'], f.state)",
            Self::Pupils => "f.pupils",
            Self::SignedIn => "f.in_share",
            Self::Slips => "f.slip_share",
            Self::Staff => "f.staff",
            Self::StaffIn => "CASE WHEN f.staff > 0 THEN f.staff_in * 1000 / f.staff ELSE -1 END",
            Self::Score => "f.score",
            Self::Overdue => "f.overdue",
            Self::Counted => "coalesce(f.counted_at, '-infinity')",
        }
    }
}

/// What schools are narrowed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchoolActivity {
    Active,
    /// Nobody has signed in lately, or ever.
    Silent,
    /// Nobody has ever signed in.
    Unopened,
    Suspended,
}

impl SchoolActivity {
    pub const ALL: [Self; 4] = [Self::Active, Self::Silent, Self::Unopened, Self::Suspended];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Silent => "silent",
            Self::Unopened => "unopened",
            Self::Suspended => "suspended",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

/// A school as it was counted last.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SchoolRow {
    pub school_id: SchoolId,
    pub code: String,
    pub name: String,
    pub unit: String,
    pub province_code: String,
    pub counted_at: Option<DateTime<Utc>>,
    /// The key of a [`SchoolActivity`].
    pub state: String,
    pub pupils: i32,
    pub pupils_in: i32,
    pub slips: i32,
    pub staff: i32,
    pub staff_in: i32,
    pub checked: i32,
    pub clean: i32,
    pub overdue: i32,
}

const SCHOOL_COLUMNS: &str =
    "SELECT f.school_id, s.code, s.name, u.name AS unit, f.province_code, f.counted_at, f.state,
    f.pupils, f.pupils_in, f.slips, f.staff, f.staff_in, f.checked, f.clean, f.overdue";

/// Which schools of a province, and in which order.
#[derive(Clone, Debug)]
pub struct SchoolList<'a> {
    pub province: &'a str,
    pub unit: Option<UnitId>,
    pub state: Option<SchoolActivity>,
    /// Each must begin a word of the school's name or of one of its codes.
    pub words: Vec<String>,
    pub order: SchoolOrder,
    pub is_descending: bool,
}

/// Schools of a province, in the order of an index where there is one; `most` of them from a place on.
pub async fn schools(pool: &PgPool, list: &SchoolList<'_>, from: i64, most: i64) -> Result<Vec<SchoolRow>> {
    let mut query: QueryBuilder<Postgres> = QueryBuilder::new(SCHOOL_COLUMNS);
    let direction = if list.is_descending { " DESC" } else { "" };
    let key = list.order.column();
    query.push(format_args!(" FROM (SELECT f.*, {key} AS place FROM school_figures f"));
    match list.order {
        SchoolOrder::Name => {
            query.push(" JOIN schools s ON s.id = f.school_id AND s.province_code = ");
            query.push_bind(list.province.to_owned());
        }
        SchoolOrder::Unit => {
            query.push(" JOIN (SELECT id, row_number() OVER (ORDER BY kind DESC, name COLLATE \"vi-x-icu\") AS place");
            query.push(" FROM managing_units WHERE province_code = ").push_bind(list.province.to_owned());
            query.push(") n ON n.id = f.managing_unit_id");
        }
        _ => {}
    }
    query.push(" WHERE f.province_code = ").push_bind(list.province.to_owned());
    if let Some(unit) = list.unit {
        query.push(" AND f.managing_unit_id = ").push_bind(unit);
    }
    match list.state {
        None => {}
        Some(SchoolActivity::Silent) => {
            query.push(" AND f.state IN ('silent', 'unopened')");
        }
        Some(state) => {
            query.push(" AND f.state = ").push_bind(state.key());
        }
    }
    for word in &list.words {
        query.push(" AND EXISTS (SELECT FROM school_words w WHERE w.school_id = f.school_id AND w.word >= ");
        query.push_bind(word.clone()).push(" AND w.word < ").push_bind(format!("{word}\u{10FFFF}")).push(")");
    }
    // The key of an index over names ends with the school's own.
    let last = if list.order == SchoolOrder::Name { "s.id" } else { "f.school_id" };
    query
        .push(format_args!(" ORDER BY {key}{direction}, {last}{direction} LIMIT "))
        .push_bind(most)
        .push(" OFFSET ")
        .push_bind(from);
    query.push(") f JOIN schools s ON s.id = f.school_id JOIN managing_units u ON u.id = f.managing_unit_id");
    query.push(format_args!(" ORDER BY f.place{direction}, f.school_id{direction}"));
    Ok(query.build_query_as().fetch_all(pool).await?)
}

/// The school of this code, where it is in one of these provinces.
pub async fn school(pool: &PgPool, provinces: Option<&[String]>, code: &str) -> Result<Option<SchoolRow>> {
    let mut query: QueryBuilder<Postgres> = QueryBuilder::new(SCHOOL_COLUMNS);
    query.push(" FROM school_figures f JOIN schools s ON s.id = f.school_id");
    query.push(" JOIN managing_units u ON u.id = f.managing_unit_id WHERE s.folded_code = lower(");
    query.push_bind(code.to_owned()).push(")");
    if let Some(provinces) = provinces {
        query.push(" AND f.province_code = ANY(").push_bind(provinces.to_vec()).push(")");
    }
    Ok(query.build_query_as().fetch_optional(pool).await?)
}

/// Has the schools of a province counted.
pub async fn count_province(tx: &mut PgConnection, province: &str) -> Result<()> {
    let schools = sqlx::query_scalar!(
        "SELECT id FROM schools WHERE province_code = $1 AND suspended_at IS NULL ORDER BY id",
        province,
    )
    .fetch_all(&mut *tx)
    .await?;
    daily::enqueue_many(tx, schools).await
}
