//! What the address of a review says: which rows, searched for by what, and where the page begins.

use serde::Deserialize;

use crate::{
    paths::Address,
    plan::{model::RowOutcome, search::RowSearch},
};

/// What the address says, as it came. What cannot be read narrows nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ReviewQuery {
    pub outcome: String,
    pub q: String,
    pub after: String,
    /// `on`: all fields of the sheet have a column.
    pub all: String,
}

impl ReviewQuery {
    /// The query of an address that a form sends back; whatever else it holds is left out.
    #[must_use]
    pub fn parse(query: &str) -> Self {
        let mut parsed = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "outcome" => parsed.outcome = value.into_owned(),
                "q" => parsed.q = value.into_owned(),
                "after" => parsed.after = value.into_owned(),
                "all" => parsed.all = value.into_owned(),
                _ => {}
            }
        }
        parsed
    }

    #[must_use]
    pub fn outcome(&self) -> Option<RowOutcome> {
        RowOutcome::from_key(&self.outcome)
    }

    #[must_use]
    pub fn search(&self) -> RowSearch {
        RowSearch::of(self.outcome(), &self.q)
    }

    /// The line after which the page begins.
    #[must_use]
    pub fn after(&self) -> i32 {
        self.after.parse().unwrap_or_default()
    }

    #[must_use]
    pub fn shows_all(&self) -> bool {
        self.all == "on"
    }

    /// The same rows with all fields, or with those that matter most.
    #[must_use]
    pub fn with_all(&self, all: bool) -> Self {
        Self { all: if all { "on".to_owned() } else { String::new() }, ..self.clone() }
    }

    /// The address of a review with this query.
    #[must_use]
    pub fn address(&self, page: impl Into<Address>) -> Address {
        page.into().with_query(&self.encoded())
    }

    /// As an address has it.
    #[must_use]
    pub fn encoded(&self) -> String {
        let all = if self.shows_all() { "on".to_owned() } else { String::new() };
        let pairs = [("outcome", &self.outcome), ("q", &self.q), ("after", &self.after), ("all", &all)];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs.into_iter().filter(|(_, value)| !value.is_empty()));
        query.finish()
    }

    /// The same rows, another page.
    #[must_use]
    pub fn page(&self, after: i32) -> Self {
        let after = if after > 0 { after.to_string() } else { String::new() };
        Self { after, ..self.clone() }
    }

    /// The same search among the rows of one outcome, or all.
    #[must_use]
    pub fn among(&self, outcome: Option<RowOutcome>) -> Self {
        let outcome = outcome.map(|outcome| outcome.key().to_owned()).unwrap_or_default();
        Self { outcome, q: self.q.clone(), after: String::new(), all: self.all.clone() }
    }

    /// The same rows without the search.
    #[must_use]
    pub fn unsearched(&self) -> Self {
        Self { outcome: self.outcome.clone(), all: self.all.clone(), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ids::PlanId, paths};

    #[test]
    fn an_address_says_what_it_was_made_of() {
        let query = ReviewQuery { outcome: "error".to_owned(), q: "Đạt & 1%".to_owned(), ..ReviewQuery::default() };
        let page = Address::from(paths::Plan::of("79000701", PlanId::nil()));
        let address = |query: ReviewQuery| query.address(page.clone()).to_string();
        let made = address(query.page(12));
        assert_eq!(made, format!("{page}?outcome=error&q=%C4%90%E1%BA%A1t+%26+1%25&after=12"));
        assert_eq!(ReviewQuery::parse(made.split_once('?').unwrap().1), query.page(12));
        assert_eq!(address(query.with_all(true).unsearched()), format!("{page}?outcome=error&all=on"));
        assert_eq!(address(query.unsearched().among(None)), page.to_string());
        assert_eq!(ReviewQuery::parse("//evil.example/?x=y"), ReviewQuery::default());
    }
}
