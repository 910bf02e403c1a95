//! What a request asks of a collection: which page, in which order, which rows, which fields.

use url::form_urlencoded;

use super::{
    answer::Unanswerable,
    collection::{Collection, CollectionField},
    filter::CollectionFilter,
};
use crate::web::imsx::CodeMinor;

/// How many things a page has where the request does not say.
const LIMIT: i64 = 100;

/// The most that a page has, whatever is asked for: the links lead on.
const MOST: i64 = 10_000;

/// Which page, and what of the request the links to others repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    pub limit: i64,
    pub offset: i64,
    pub others: Vec<(String, String)>,
}

/// What is asked of a collection.
#[derive(Clone, Debug)]
pub struct CollectionRequest {
    pub paging: Paging,
    /// A column of the collection, and whether the order is reversed.
    pub sort: Option<(&'static CollectionField, bool)>,
    pub filter: Option<CollectionFilter>,
    pub fields: Option<Vec<&'static str>>,
}

impl CollectionRequest {
    /// Reads the query of an address.
    ///
    /// # Errors
    /// What cannot be answered: numbers, orders, filters and fields that the standard does not have.
    pub fn read(collection: &Collection, query: &str) -> Result<Self, Unanswerable> {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let limit = number("limit", value("limit"), 1)?.unwrap_or(LIMIT).min(MOST);
        let offset = number("offset", value("offset"), 0)?.unwrap_or(0);
        let reversed = match value("orderBy") {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(_) => return Err(Unanswerable::new(CodeMinor::InvalidData, "orderBy is asc or desc")),
        };
        // A field that there is not is no field to sort by: then the order is the usual one.
        let sort = value("sort").and_then(|name| collection.column(name)).map(|column| (column, reversed));
        let filter = value("filter").map(|text| CollectionFilter::parse(collection, text)).transpose()?;
        let others = pairs.iter().filter(|(name, _)| !matches!(name.as_str(), "limit" | "offset"));
        let others = others.cloned().collect();
        Ok(Self { paging: Paging { limit, offset, others }, sort, filter, fields: fields(collection, &pairs)? })
    }
}

/// The fields that are asked for, of a collection or of one thing.
///
/// # Errors
/// A field that the standard does not have, or none at all.
pub fn fields(collection: &Collection, pairs: &[(String, String)]) -> Result<Option<Vec<&'static str>>, Unanswerable> {
    let mut asked = pairs.iter().filter(|(name, _)| name == "fields").peekable();
    if asked.peek().is_none() {
        return Ok(None);
    }
    let mut fields = Vec::new();
    for name in asked.flat_map(|(_, value)| value.split(',')) {
        let known = collection.fields.iter().find(|field| **field == name.trim());
        let known = known.ok_or_else(|| {
            Unanswerable::new(CodeMinor::InvalidSelectionField, format!("there is no field {:?} here", shown(name)))
        })?;
        fields.push(*known);
    }
    Ok(Some(fields))
}

/// What was asked for, as it may be told back: not at any length.
pub fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

fn number(name: &str, typed: Option<&str>, least: i64) -> Result<Option<i64>, Unanswerable> {
    let Some(typed) = typed else { return Ok(None) };
    // 32 bits, as the standard describes it.
    let is_digits = !typed.is_empty() && typed.bytes().all(|byte| byte.is_ascii_digit());
    let number = typed.parse::<i32>().ok().map(i64::from).filter(|number| is_digits && *number >= least);
    let refusal = || Unanswerable::new(CodeMinor::InvalidData, format!("{name} is a whole number from {least}"));
    number.map(Some).ok_or_else(refusal)
}
