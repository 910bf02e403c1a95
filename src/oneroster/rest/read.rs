//! Reading a page of a collection, or one thing. Filters, order and page are the database's work.

use chrono::Duration;
use serde_json::{Map, Value as JsonValue};
use sqlx::{PgConnection, Postgres, Row, postgres::PgArguments, query::Query};

use super::{
    Within,
    collection::{CLASSES, COURSES, Collection, FieldKind, TERMS},
    filter::FilterValue,
    query::CollectionRequest,
    reach,
};
use crate::{
    access::{ClientScope, Scope},
    app::App,
    clients::ClientToken,
    error::{Error, Result},
    oneroster::tables::{ExportSource, GONE_TOLD_DAYS, PARAMETERS, StandardTable, Wanted},
};

/// The part of a collection that an address names.
#[derive(Clone, Debug)]
pub struct CollectionPart {
    /// The school, where it is named.
    school: Option<String>,
    /// The thing that it is a part of.
    of: Option<(&'static Collection, String)>,
    within: Within,
}

impl CollectionPart {
    pub(super) fn new(within: Within, id: &str, class: &str) -> Self {
        let school = matches!(within, Within::School | Within::ClassInSchool).then(|| id.to_owned());
        let of = match within {
            Within::All | Within::School => None,
            Within::Course => Some((&COURSES, id.to_owned())),
            Within::Class => Some((&CLASSES, id.to_owned())),
            Within::ClassInSchool => Some((&CLASSES, class.to_owned())),
            Within::Person(of) => Some((of, id.to_owned())),
            Within::Term => Some((&TERMS, id.to_owned())),
        };
        Self { school, of, within }
    }

    /// The condition, with the id of the thing as `$10`.
    fn condition(&self, table: StandardTable) -> String {
        let enrolled = StandardTable::Enrollments.rows();
        let own = format!("${}", PARAMETERS + 1);
        match (self.within, table) {
            (Within::All | Within::School, _) => "true".to_owned(),
            (Within::Course, _) => format!("r.\"course.sourcedId\" = {own}"),
            (Within::Term, StandardTable::Classes) => format!("r.\"terms.sourcedId\" = {own}"),
            (Within::Term, _) => format!("r.\"parent.sourcedId\" = {own}"),
            (Within::Class | Within::ClassInSchool, StandardTable::Enrollments) => {
                format!("r.\"class.sourcedId\" = {own}")
            }
            (Within::Class | Within::ClassInSchool, _) => format!(
                "r.\"sourcedId\" IN (SELECT r.\"user.sourcedId\" FROM {enrolled}
                     WHERE r.\"status\" = 'active' AND r.\"class.sourcedId\" = {own})"
            ),
            (Within::Person(_), _) => format!(
                "r.\"sourcedId\" IN (SELECT r.\"class.sourcedId\" FROM {enrolled}
                     WHERE r.\"status\" = 'active' AND r.\"user.sourcedId\" = {own})"
            ),
        }
    }
}

/// A page: its things as JSON, and how many there are in all.
///
/// # Errors
/// [`Error::NotFound`] where the address names what the client does not see.
pub async fn page(
    app: &App,
    token: &ClientToken,
    of: &Collection,
    part: &CollectionPart,
    asked: &CollectionRequest,
) -> Result<(Vec<String>, i64)> {
    let (mut rows, mut total, mut is_there) = (Vec::new(), 0, part.of.is_none());
    let (mut limit, mut offset) = (asked.paging.limit, asked.paging.offset);
    if of.table == StandardTable::Orgs && token.school_id.is_none() {
        let source = ExportSource::of_operators(app, token.province.as_deref());
        let mut tx = app.db.begin().await?;
        (rows, total) = of_school(&mut tx, &source, of, part, asked, (limit, offset)).await?;
        return Ok((chosen(rows, asked)?, total));
    }
    for scope in reach::scopes(app, token, part.school.as_deref()).await? {
        let mut tx = app.db.begin_in(scope.school_id()).await?;
        let source = source(app, token, &scope, &mut tx).await?;
        if let Some((whole, id)) = &part.of {
            if find(&mut tx, &source, whole, id, "1").await?.is_none() {
                continue;
            }
            is_there = true;
        }
        let (more, count) = of_school(&mut tx, &source, of, part, asked, (limit, offset)).await?;
        tx.commit().await?;
        total += count;
        offset = (offset - count).max(0);
        limit -= i64::try_from(more.len()).unwrap_or_default();
        rows.extend(more);
    }
    if is_there { Ok((chosen(rows, asked)?, total)) } else { Err(Error::NotFound) }
}

/// One thing as JSON.
///
/// # Errors
/// [`Error::NotFound`] where the client sees no such thing.
pub async fn one(app: &App, token: &ClientToken, of: &Collection, id: &str, fields: Option<&[&str]>) -> Result<String> {
    // PostgreSQL has no text with it, so there is no such thing either.
    if id.contains('\0') {
        return Err(Error::NotFound);
    }
    let only = (of.table == StandardTable::Orgs).then_some(id);
    for scope in reach::scopes(app, token, only).await? {
        let mut tx = app.db.begin_in(scope.school_id()).await?;
        let source = source(app, token, &scope, &mut tx).await?;
        let found = find(&mut tx, &source, of, id, &of.json()).await?;
        tx.commit().await?;
        if let Some(thing) = found {
            return match fields {
                Some(fields) => selected(&thing, fields),
                None => Ok(thing),
            };
        }
    }
    Err(Error::NotFound)
}

async fn source(app: &App, token: &ClientToken, scope: &Scope, tx: &mut PgConnection) -> Result<ExportSource> {
    let personal = token.has_any(&[ClientScope::RosterDemographics]);
    let gone_since = Some(app.clock.now() - Duration::days(GONE_TOLD_DAYS));
    ExportSource::of(scope, app, tx, Wanted { demographics: personal, guardians: personal, gone_since }).await
}

async fn find(
    tx: &mut PgConnection,
    source: &ExportSource,
    of: &Collection,
    id: &str,
    told: &str,
) -> Result<Option<String>> {
    if id.contains('\0') {
        return Ok(None);
    }
    let sql = format!(
        "SELECT ({told})::text FROM {} WHERE {} AND r.\"sourcedId\" = ${}",
        of.table.rows(),
        of.only,
        PARAMETERS + 1
    );
    let row = source.query(sql).bind(id).fetch_optional(tx).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// A page of one school.
async fn of_school(
    tx: &mut PgConnection,
    source: &ExportSource,
    of: &Collection,
    part: &CollectionPart,
    asked: &CollectionRequest,
    (limit, offset): (i64, i64),
) -> Result<(Vec<String>, i64)> {
    let id = part.of.as_ref().map(|(_, id)| id.as_str());
    let from = PARAMETERS + 1 + usize::from(id.is_some());
    let (filter, values) = match &asked.filter {
        Some(filter) => filter.sql(from),
        None => ("true".to_owned(), Vec::new()),
    };
    let found = format!("FROM {} WHERE {} AND {} AND {filter}", of.table.rows(), of.only, part.condition(of.table));
    if limit > 0 {
        let order = order(asked);
        let sql = format!(
            "SELECT {}, r.total FROM (SELECT r.*, count(*) OVER () AS total {found} ORDER BY {order}
                 LIMIT {limit} OFFSET {offset}) r ORDER BY {order}",
            of.json(),
        );
        let rows = bound(source.query(sql), id, &values).fetch_all(&mut *tx).await?;
        if let Some(first) = rows.first() {
            let total = first.try_get(1)?;
            let rows = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
            return Ok((rows, total));
        }
        if offset == 0 {
            return Ok((Vec::new(), 0));
        }
    }
    // Behind the last one: they are counted only.
    let counted = bound(source.query(format!("SELECT count(*) {found}")), id, &values).fetch_one(tx).await?;
    Ok((Vec::new(), counted.try_get(0)?))
}

/// By code points, ends with the id, so that pages neither repeat nor leave out.
fn order(asked: &CollectionRequest) -> String {
    let Some((column, reversed)) = asked.sort else { return "r.\"sourcedId\" COLLATE \"C\"".to_owned() };
    let collation = if column.kind == FieldKind::Moment { "" } else { " COLLATE \"C\"" };
    let direction = if reversed { "DESC NULLS LAST" } else { "ASC NULLS FIRST" };
    format!("({}){collation} {direction}, r.\"sourcedId\" COLLATE \"C\"", column.sql)
}

fn bound<'q>(
    mut query: Query<'q, Postgres, PgArguments>,
    id: Option<&'q str>,
    values: &'q [FilterValue],
) -> Query<'q, Postgres, PgArguments> {
    if let Some(id) = id {
        query = query.bind(id);
    }
    for value in values {
        query = match value {
            FilterValue::Text(text) => query.bind(text),
            FilterValue::Moment(moment) => query.bind(moment),
        };
    }
    query
}

/// The rows with the fields that are asked for.
fn chosen(rows: Vec<String>, asked: &CollectionRequest) -> Result<Vec<String>> {
    match &asked.fields {
        Some(fields) => rows.iter().map(|row| selected(row, fields)).collect(),
        None => Ok(rows),
    }
}

fn selected(thing: &str, fields: &[&str]) -> Result<String> {
    let mut thing: Map<String, JsonValue> = serde_json::from_str(thing)?;
    thing.retain(|name, _| fields.contains(&name.as_str()));
    Ok(JsonValue::Object(thing).to_string())
}
