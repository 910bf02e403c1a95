//! The schools of an operator's provinces, with counts and no people.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;
use sqlx::PgPool;

use crate::{
    app::App,
    error::{Error, Result},
    schools::shell::{self, OperatorEntry},
    vietnam::text,
    web::{L, Reply, Shell, Visitor, html},
};

/// How many schools a page shows.
const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "provisioning/schools.html")]
struct SchoolsPage {
    l: L,
    shell: Shell,
    q: String,
    after: String,
    schools: Vec<Listed>,
    next: Option<String>,
}

struct Listed {
    code: String,
    folded_code: String,
    name: String,
    kind: String,
    province: String,
    unit: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SchoolsQuery {
    q: String,
    after: String,
}

pub async fn list(State(app): State<App>, visitor: Visitor, Query(query): Query<SchoolsQuery>) -> Reply {
    let operator = visitor.signed_in()?.operator.as_ref().ok_or(Error::Forbidden)?;
    let mut schools = find(app.db.pool(), operator.bounds(), &query).await?;
    let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let has_more = schools.len() > page;
    schools.truncate(page);
    let next = if has_more { schools.last().map(|school| school.folded_code.clone()) } else { None };
    html(&SchoolsPage {
        l: visitor.l,
        shell: shell::of_operator(&visitor, OperatorEntry::Schools),
        q: query.q,
        after: query.after,
        schools,
        next,
    })
}

/// The schools by code; all the words that were typed must begin a word of the school's name or code.
async fn find(pool: &PgPool, provinces: Option<&[String]>, query: &SchoolsQuery) -> Result<Vec<Listed>> {
    let words = text::words(&query.q);
    Ok(sqlx::query_as!(
        Listed,
        r#"SELECT s.code, s.folded_code AS "folded_code!", s.name, s.kind, p.name AS province, u.name AS unit
           FROM schools s
           JOIN provinces p ON p.code = s.province_code
           JOIN managing_units u ON u.id = s.managing_unit_id
           WHERE ($1::text[] IS NULL OR s.province_code = ANY($1))
             AND s.folded_code > $2
             AND NOT EXISTS (
                 SELECT FROM unnest($3::text[]) AS typed (word)
                 WHERE NOT EXISTS (
                     SELECT FROM school_words w
                     WHERE w.school_id = s.id AND w.word >= typed.word AND w.word < typed.word || U&'\+10FFFF'))
           ORDER BY s.folded_code LIMIT $4"#,
        provinces,
        query.after,
        &words,
        PAGE + 1,
    )
    .fetch_all(pool)
    .await?)
}
