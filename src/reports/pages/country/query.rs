//! What of the country is asked for: an area, which of its schools, and in which order.

use serde::Deserialize;

use crate::{
    paths,
    reports::country::{SchoolActivity, SchoolOrder},
};

/// The columns of sums, by which provinces and units can be sorted.
pub const COLUMNS: [&str; 11] =
    ["schools", "active", "silent", "suspended", "pupils", "in", "slips", "staff", "staff-in", "score", "overdue"];

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CountryQuery {
    pub province: String,
    pub unit: String,
    /// The code of a school, which is then shown alone.
    pub school: String,
    /// The key of a [`SchoolActivity`].
    pub state: String,
    /// The beginnings of words of schools' names, or a code.
    pub q: String,
    /// The key of a column, with `-` before it for descending.
    pub sort: String,
    /// How many schools come before the page.
    pub from: i64,
}

impl CountryQuery {
    pub fn sorting(&self) -> (&str, bool) {
        self.sort.strip_prefix('-').map_or((self.sort.as_str(), false), |key| (key, true))
    }

    pub fn state(&self) -> Option<SchoolActivity> {
        SchoolActivity::from_key(&self.state)
    }

    /// Only some of an area's schools are asked for.
    pub fn is_filtered(&self) -> bool {
        self.state().is_some() || !self.q.trim().is_empty()
    }

    /// The address of the same report, sorted by this column, with the way in which it is sorted now: words begin with the
    /// first, of numbers the most is what is looked for.
    pub fn sorted_by(&self, key: &str) -> (String, &'static str) {
        let is_of_words = [SchoolOrder::Name, SchoolOrder::Unit, SchoolOrder::State].iter().any(|of| of.key() == key);
        let (current, is_descending) = self.sorting();
        let is_current = current == key;
        let descends = if is_current { !is_descending } else { !is_of_words };
        let next = if descends { format!("-{key}") } else { key.to_owned() };
        let sorted = match (is_current, is_descending) {
            (false, _) => "",
            (true, false) => "ascending",
            (true, true) => "descending",
        };
        (self.address(&[("sort", &next)]), sorted)
    }

    /// The address of the report with other values than these.
    pub fn address(&self, changes: &[(&str, &str)]) -> String {
        self.fields(paths::OperatorReports {}.with_query(""), changes).to_string()
    }

    /// The address of the same as a file.
    pub fn file(&self) -> String {
        self.fields(paths::OperatorReportsXlsx {}.with_query(""), &[]).to_string()
    }

    fn fields(&self, address: paths::Address, changes: &[(&str, &str)]) -> paths::Address {
        let kept = [
            ("province", self.province.as_str()),
            ("unit", &self.unit),
            ("school", &self.school),
            ("state", &self.state),
            ("q", &self.q),
            ("sort", &self.sort),
        ];
        let kept = kept.into_iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        let fields = kept.chain(changes.iter().copied()).filter(|(_, value)| !value.is_empty());
        fields.fold(address, |address, (name, value)| address.with(name, value))
    }
}
