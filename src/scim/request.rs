//! What a request asks with: a body in JSON, which page, which attributes, which resources.

use axum::http::{HeaderMap, header};
use serde_json::Value;
use url::form_urlencoded;

use super::{
    filter::{self, ScimFilter, field},
    selection::Selection,
};
use crate::{
    error::Error,
    scim::answer::ScimResult,
    web::scim::{ScimError, ScimType},
};

/// How many resources a page has where the request does not say, and the most that it has.
const PAGE: i64 = 100;
pub const LARGEST_PAGE: i64 = 200;

/// The longest filter, in bytes.
const LONGEST_FILTER: usize = 4_000;

/// A body: an object in JSON.
///
/// # Errors
/// Another kind of body, or none that can be read.
pub fn body(headers: &HeaderMap, body: &[u8]) -> ScimResult<Value> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !["application/scim+json", "application/json"].contains(&kind.as_str()) {
        return Err(Error::MediaType.into());
    }
    let is_good = |value: &Value| value.is_object() && !has_nul(value);
    let value = serde_json::from_slice(body).ok().filter(is_good);
    value.ok_or_else(|| ScimError::wrong(ScimType::InvalidSyntax, "the body is no object in JSON").into())
}

/// PostgreSQL has no text with it.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_nul),
        Value::Object(fields) => fields.values().any(has_nul),
        _ => false,
    }
}

/// Which attributes the query of an address asks for.
#[must_use]
pub fn selection(query: Option<&str>) -> Selection {
    let pairs = pairs(query);
    Selection::of(named(&pairs, "attributes"), named(&pairs, "excludedAttributes"))
}

/// Whether the query of an address asks for some resources alone.
#[must_use]
pub fn is_filtered(query: Option<&str>) -> bool {
    !named(&pairs(query), "filter").is_empty()
}

fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}

fn named<'p>(pairs: &'p [(String, String)], name: &str) -> Vec<&'p str> {
    pairs.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str()).collect()
}

/// A page of resources that is asked for.
#[derive(Clone, Debug)]
pub struct PageRequest {
    pub filter: Option<ScimFilter>,
    /// From 1.
    pub start: i64,
    pub count: i64,
    pub selection: Selection,
}

impl PageRequest {
    /// Of the query of an address.
    ///
    /// # Errors
    /// Numbers and filters that are none.
    pub fn of_query(query: Option<&str>) -> ScimResult<Self> {
        let pairs = pairs(query);
        let number = |name: &str| -> ScimResult<Option<i64>> {
            match named(&pairs, name).first() {
                Some(text) => Ok(Some(text.parse().map_err(|_| no_number(name))?)),
                None => Ok(None),
            }
        };
        let filter = named(&pairs, "filter").first().map(|text| (*text).to_owned());
        Self::of(filter, number("startIndex")?, number("count")?, selection(query))
    }

    /// Of the body of a search.
    ///
    /// # Errors
    /// The same.
    pub fn of_search(search: &Value) -> ScimResult<Self> {
        let number = |name: &str| -> ScimResult<Option<i64>> {
            match field(search, name) {
                None | Some(Value::Null) => Ok(None),
                Some(value) => Ok(Some(value.as_i64().ok_or_else(|| no_number(name))?)),
            }
        };
        let filter = match field(search, "filter") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => return Err(ScimError::wrong(ScimType::InvalidFilter, "filter is a text").into()),
        };
        let selection = Selection::of(names(search, "attributes")?, names(search, "excludedAttributes")?);
        Self::of(filter, number("startIndex")?, number("count")?, selection)
    }

    fn of(filter: Option<String>, start: Option<i64>, count: Option<i64>, selection: Selection) -> ScimResult<Self> {
        let filter = match filter.filter(|text| !text.trim().is_empty()) {
            Some(text) if text.len() <= LONGEST_FILTER => filter::read(&text).map(Some),
            Some(_) => Err(filter::UnreadableFilter),
            None => Ok(None),
        };
        let filter = filter
            .map_err(|_| ScimError::wrong(ScimType::InvalidFilter, "the filter cannot be read, or is too long"))?;
        // Less than the first is the first, and less than none is none (RFC 7644, 3.4.2.4).
        let start = start.unwrap_or(1).clamp(1, 1_000_000_000);
        Ok(Self { filter, start, count: count.unwrap_or(PAGE).clamp(0, LARGEST_PAGE), selection })
    }

    #[must_use]
    pub fn offset(&self) -> i64 {
        self.start - 1
    }
}

/// Names of attributes in a search.
fn names<'s>(search: &'s Value, name: &str) -> Result<Vec<&'s str>, ScimError> {
    let wrong = || ScimError::wrong(ScimType::InvalidValue, format!("{name} is a list of texts"));
    match field(search, name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(names)) => names.iter().map(|one| one.as_str().ok_or_else(wrong)).collect(),
        Some(_) => Err(wrong()),
    }
}

fn no_number(name: &str) -> ScimError {
    ScimError::wrong(ScimType::InvalidValue, format!("{name} is a whole number"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::answer::ScimRefusal;

    #[test]
    fn a_search_of_other_types_is_refused() {
        let good = json!({ "filter": "active eq true", "startIndex": 2, "count": 5, "attributes": ["userName"] });
        let page = PageRequest::of_search(&good).unwrap();
        assert_eq!((page.filter.is_some(), page.start, page.count), (true, 2, 5));
        let none = json!({ "filter": null, "startIndex": null, "count": null, "attributes": null });
        assert!(PageRequest::of_search(&none).unwrap().filter.is_none());
        for (search, kind) in [
            (json!({ "filter": 5 }), ScimType::InvalidFilter),
            (json!({ "filter": ["active eq true"] }), ScimType::InvalidFilter),
            (json!({ "attributes": "userName" }), ScimType::InvalidValue),
            (json!({ "attributes": ["userName", 5] }), ScimType::InvalidValue),
            (json!({ "excludedAttributes": { "a": 1 } }), ScimType::InvalidValue),
            (json!({ "startIndex": "2" }), ScimType::InvalidValue),
            (json!({ "startIndex": 1.5 }), ScimType::InvalidValue),
            (json!({ "count": [5] }), ScimType::InvalidValue),
            (json!({ "count": true }), ScimType::InvalidValue),
        ] {
            match PageRequest::of_search(&search).unwrap_err() {
                ScimRefusal::Scim(error) => assert_eq!(error.kind, Some(kind), "{search}"),
                ScimRefusal::Other(error) => panic!("{search}: {error}"),
            }
        }
    }
}
