//! Filters: `field op 'value'`, and at most two of them joined by AND or OR.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    answer::Unanswerable,
    collection::{Collection, CollectionField, FieldKind},
    query::shown,
};
use crate::web::imsx::CodeMinor;

/// A filter that has been read: one predicate or two.
#[derive(Clone, Debug)]
pub struct CollectionFilter {
    first: Predicate,
    second: Option<(Join, Predicate)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Join {
    And,
    Or,
}

#[derive(Clone, Debug)]
struct Predicate {
    column: &'static CollectionField,
    operator: FilterOperator,
    value: FilterValue,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FilterOperator {
    Is,
    IsNot,
    Less,
    AtMost,
    More,
    AtLeast,
    Contains,
}

impl FilterOperator {
    /// The longer ones first, since some begin with another.
    const ALL: [(&'static str, Self); 7] = [
        ("!=", Self::IsNot),
        (">=", Self::AtLeast),
        ("<=", Self::AtMost),
        ("=", Self::Is),
        (">", Self::More),
        ("<", Self::Less),
        ("~", Self::Contains),
    ];

    fn sql(self) -> &'static str {
        match self {
            Self::Is => "=",
            Self::IsNot => "IS DISTINCT FROM",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
            Self::Contains => "@>",
        }
    }
}

/// A value of a filter, as it is bound.
#[derive(Clone, Debug, PartialEq)]
pub enum FilterValue {
    Text(String),
    Moment(DateTime<Utc>),
}

impl CollectionFilter {
    /// Reads a filter over a collection.
    ///
    /// # Errors
    /// What is no filter, or names a field that there is not, or compares it with what it cannot be.
    pub fn parse(collection: &Collection, text: &str) -> Result<Self, Unanswerable> {
        let (first, rest) = predicate(collection, text.trim())?;
        if rest.is_empty() {
            return Ok(Self { first, second: None });
        }
        let joined = [(" AND ", Join::And), (" OR ", Join::Or)];
        let joined = joined.into_iter().find_map(|(word, join)| Some((join, rest.strip_prefix(word)?)));
        let (join, rest) = joined.ok_or_else(|| wrong("two predicates are joined by AND or OR", rest))?;
        let (second, rest) = predicate(collection, rest.trim_start())?;
        if !rest.is_empty() {
            return Err(wrong("a filter has at most two predicates", rest));
        }
        Ok(Self { first, second: Some((join, second)) })
    }

    /// The condition, with its values from `$from` on.
    pub fn sql(&self, from: usize) -> (String, Vec<FilterValue>) {
        let first = self.first.sql(from);
        match &self.second {
            None => (first, vec![self.first.value.clone()]),
            Some((join, second)) => {
                let word = if *join == Join::And { "AND" } else { "OR" };
                let condition = format!("({first} {word} {})", second.sql(from + 1));
                (condition, vec![self.first.value.clone(), second.value.clone()])
            }
        }
    }
}

impl Predicate {
    /// Never NULL: what has no value is unlike any, and within no bounds. Text is compared without regard to case, ids
    /// are not.
    fn sql(&self, at: usize) -> String {
        let (column, operator) = (self.column.sql, self.operator.sql());
        let folded = |text: &str| format!("(lower(({text}) COLLATE \"vi-x-icu\") COLLATE \"C\")");
        let condition = match (self.column.kind, self.operator) {
            (FieldKind::List, FilterOperator::Contains) => format!(
                "string_to_array({}, ',') @> string_to_array({}, ',')",
                folded(column),
                folded(&format!("${at}"))
            ),
            (FieldKind::Moment, FilterOperator::Contains) => format!("strpos({MOMENT_OF}({column}), ${at}) > 0"),
            (FieldKind::Id | FieldKind::Date, FilterOperator::Contains) => format!("strpos({column}, ${at}) > 0"),
            (_, FilterOperator::Contains) => format!("strpos({}, {}) > 0", folded(column), folded(&format!("${at}"))),
            (FieldKind::Moment, _) => format!("{column} {operator} ${at}"),
            (FieldKind::Id | FieldKind::Date, _) => format!("({column}) COLLATE \"C\" {operator} ${at}"),
            (FieldKind::Text | FieldKind::List, _) => {
                format!("{} {operator} {}", folded(column), folded(&format!("${at}")))
            }
        };
        format!("coalesce({condition}, false)")
    }
}

/// How a moment is written, for filters that look for a part of it.
const MOMENT_OF: &str = "oneroster_moment";

fn wrong(what: &str, text: &str) -> Unanswerable {
    Unanswerable::new(CodeMinor::InvalidFilterField, format!("{what}: {:?}", shown(text)))
}

/// One predicate, and what follows it.
fn predicate<'t>(collection: &Collection, text: &'t str) -> Result<(Predicate, &'t str), Unanswerable> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_')).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let column = collection.column(name).ok_or_else(|| wrong("there is no such field to filter by", name))?;
    let rest = rest.trim_start();
    let operator =
        FilterOperator::ALL.into_iter().find_map(|(sign, operator)| Some((operator, rest.strip_prefix(sign)?)));
    let (operator, rest) = operator.ok_or_else(|| wrong("there is no such comparison", rest))?;
    let (value, rest) = quoted(rest.trim_start()).ok_or_else(|| wrong("a value stands in single quotes", rest))?;
    let value = match (column.kind, operator) {
        (FieldKind::Moment, FilterOperator::Contains) => FilterValue::Text(value),
        (FieldKind::Moment, _) => {
            FilterValue::Moment(moment(&value).ok_or_else(|| wrong("this is no date and time", &value))?)
        }
        (FieldKind::Date, FilterOperator::Contains) => FilterValue::Text(value),
        (FieldKind::Date, _) => {
            let date = NaiveDate::parse_from_str(&value, "%Y-%m-%d").map_err(|_| wrong("this is no date", &value))?;
            FilterValue::Text(date.to_string())
        }
        _ => FilterValue::Text(value),
    };
    Ok((Predicate { column, operator, value }, rest))
}

/// What stands in single quotes, a quote within it doubled, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let text = text.strip_prefix('\'')?;
    let mut value = String::new();
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\'' if letters.peek().is_some_and(|(_, next)| *next == '\'') => {
                letters.next();
                value.push('\'');
            }
            '\'' => return Some((value, text.get(at + 1..)?)),
            // PostgreSQL has no text with it.
            '\0' => return None,
            letter => value.push(letter),
        }
    }
    None
}

/// A date and time, or a date alone, which is its first moment.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.to_utc());
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(date.and_hms_opt(0, 0, 0)?.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oneroster::rest::collection::USERS;

    fn read(text: &str) -> Result<(String, Vec<FilterValue>), Unanswerable> {
        CollectionFilter::parse(&USERS, text).map(|filter| filter.sql(10))
    }

    #[test]
    fn filters_are_read_as_the_standard_writes_them() {
        let (sql, values) = read("familyName='O''Brien' AND dateLastModified>='2026-11-30T00:00:00Z'").unwrap();
        assert!(sql.contains("$10") && sql.contains("$11") && sql.contains(" AND "), "{sql}");
        assert_eq!(values.first(), Some(&FilterValue::Text("O'Brien".to_owned())));
        assert!(matches!(values.last(), Some(FilterValue::Moment(_))));
        assert!(read("givenName~'a AND b' OR roles.role='student'").unwrap().0.contains(" OR "));
        assert!(read("dateLastModified>'2026-11-30'").is_ok());
    }

    #[test]
    fn what_is_no_filter_is_told() {
        for text in [
            "",
            "familyName",
            "familyName=Jones",
            "familyName='Jones",
            "familyName=='Jones'",
            "nothing='x'",
            "familyName='a' and givenName='b'",
            "familyName='a' AND",
            "familyName='a' AND givenName='b' AND givenName='c'",
            "dateLastModified>'yesterday'",
            "familyName='a'; DROP TABLE members",
            "(familyName='a')",
        ] {
            assert_eq!(read(text).unwrap_err().code, CodeMinor::InvalidFilterField, "{text}");
        }
    }
}
