//! People of the registry who may be the person about to be created by hand: a sync would bring them in.

use chrono::{Datelike, NaiveDate};
use sqlx::PgConnection;

use crate::{
    access::Scope,
    error::Result,
    vietnam::name::{self, Likeness},
};

/// How many are shown.
const MOST: usize = 5;

/// How many of a given name are looked at.
const LOOKED_AT: i64 = 500;

/// A person of the registry who is not in the roster yet.
#[derive(Clone, Debug)]
pub struct RegistryTwin {
    pub full_name: String,
    pub birth_date: Option<NaiveDate>,
    pub class_name: Option<String>,
}

impl RegistryTwin {
    #[must_use]
    pub fn birth_year(&self) -> Option<i32> {
        self.birth_date.map(|date| date.year())
    }
}

/// Those whose names are alike; if a birth date is known, only those of the same year.
pub async fn of(
    scope: &Scope,
    tx: &mut PgConnection,
    is_student: bool,
    full_name: &str,
    birth_date: Option<NaiveDate>,
) -> Result<Vec<RegistryTwin>> {
    if full_name.split_whitespace().count() < 2 {
        return Ok(Vec::new());
    }
    let [given, ..] = name::sort_keys(full_name);
    let mut twins = sqlx::query_as!(
        RegistryTwin,
        r#"SELECT p.full_name, p.birth_date, c.name AS "class_name?" FROM registry_people p
           LEFT JOIN registry_classes c ON c.school_id = $1 AND c.id = p.class_id
           WHERE p.school_id = $1 AND p.kind = $2 AND p.given_name = $3 AND p.left_at IS NULL
               AND NOT EXISTS (SELECT FROM registry_links l WHERE l.school_id = $1 AND l.registry_person_id = p.id)
               AND ($4::date IS NULL OR p.birth_date IS NULL
                   OR extract(year FROM p.birth_date) = extract(year FROM $4::date))
           ORDER BY p.birth_date, p.id LIMIT $5"#,
        scope.school_id(),
        if is_student { "student" } else { "staff" },
        given,
        birth_date,
        LOOKED_AT,
    )
    .fetch_all(tx)
    .await?;
    twins.retain(|twin| name::likeness(full_name, &twin.full_name) >= Likeness::Respelt);
    twins.truncate(MOST);
    Ok(twins)
}
