//! The schools of an operator's provinces, with counts and no people.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::operator;
use crate::{
    access::SchoolKind,
    app::App,
    operator::{
        model::{ProvinceChoice, SchoolCounts, SchoolCursor, SchoolFilter, Schools, Unit},
        store,
    },
    schools::directory,
    shell::{self, OperatorEntry},
    vietnam::{search, text},
    web::{PageResult, RequestContext, Shell, Translator, html},
};

#[derive(Template)]
#[template(path = "operator/schools.html")]
struct SchoolsPage {
    l: Translator,
    shell: Shell,
    query: SchoolsQuery,
    provinces: Vec<ProvinceChoice>,
    /// Of the chosen province; all of them would be thousands.
    units: Vec<Unit>,
    counts: SchoolCounts,
    found: Option<i64>,
    schools: Schools,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SchoolsQuery {
    q: String,
    province: String,
    unit: String,
    kind: String,
    state: String,
    after: String,
    before: String,
}

impl SchoolsQuery {
    /// Unreadable parameters filter nothing; a province must be the operator's, and a unit the province's.
    fn filter(&self, provinces: &[ProvinceChoice], units: &[Unit]) -> SchoolFilter {
        let unit = self.unit.parse().ok();
        SchoolFilter {
            words: text::words(&directory::searched(&self.q)).into_iter().take(search::MOST_WORDS).collect(),
            province: provinces.iter().map(|province| &province.code).find(|code| **code == self.province).cloned(),
            unit: unit.filter(|id| units.iter().any(|unit| unit.id == *id)),
            kind: SchoolKind::from_key(&self.kind),
            is_suspended: match self.state.as_str() {
                "active" => Some(false),
                "suspended" => Some(true),
                _ => None,
            },
        }
    }

    /// An invalid code means the beginning.
    fn page_cursor(&self) -> SchoolCursor {
        let code = |text: &str| if directory::is_code(text) { text.to_owned() } else { String::new() };
        match code(&self.before) {
            before if before.is_empty() => SchoolCursor::After(code(&self.after)),
            before => SchoolCursor::Before(before),
        }
    }

    fn is_filtered(&self) -> bool {
        [&self.q, &self.province, &self.unit, &self.kind, &self.state].iter().any(|value| !value.is_empty())
    }

    /// The query of the same list at another page.
    fn page(&self, name: &str, code: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let kept = [
            ("q", &self.q),
            ("province", &self.province),
            ("unit", &self.unit),
            ("kind", &self.kind),
            ("state", &self.state),
        ];
        query.extend_pairs(kept.iter().filter(|(_, value)| !value.is_empty()));
        query.append_pair(name, code).finish()
    }
}

pub async fn list(State(app): State<App>, visitor: RequestContext, Query(query): Query<SchoolsQuery>) -> PageResult {
    let bounds = operator(&visitor)?.bounds();
    let pool = app.db.pool();
    let provinces = store::provinces(pool, bounds).await?;
    // With one province there is nothing to choose.
    let chosen = match provinces.as_slice() {
        [only] => Some(only.code.as_str()),
        several => several.iter().map(|province| province.code.as_str()).find(|code| *code == query.province),
    };
    let units = match chosen {
        Some(province) => store::units(pool, bounds, Some(province)).await?,
        None => Vec::new(),
    };
    let filter = query.filter(&provinces, &units);
    let counts = store::counts(pool, bounds).await?;
    let schools = store::list(pool, bounds, &filter, &query.page_cursor()).await?;
    html(&SchoolsPage {
        l: visitor.l,
        shell: shell::of_operator(&visitor, OperatorEntry::Schools),
        found: counts.of_filter(&filter),
        query,
        provinces,
        units,
        counts,
        schools,
    })
}
