//! What a review, or the command line, says of a file as a whole: each a sentence.

use serde::Deserialize;

use super::model::{KEPT, Plan, PlanColumn};
use crate::web::Translator;

/// What was guessed, left out or not read, and what is odd.
#[must_use]
pub fn notes(l: &Translator, plan: &Plan) -> Vec<String> {
    let notes = &plan.notes;
    let mut said = Vec::new();
    if notes.contradicted > 1 {
        said.push(l.t1("plan-contradicted", "count", notes.contradicted));
    }
    let unused = unused(plan);
    if !unused.is_empty() {
        said.push(l.t2("plan-columns-unused", "count", unused.len(), "names", unused.join(", ")));
    }
    if !notes.other_sheets.is_empty() {
        said.push(l.t1("table-other-sheets", "sheets", notes.other_sheets.join(", ")));
        said.push(l.t("import-other-sheets"));
        if notes.has_like_sheets {
            said.push(l.t("import-all-sheets"));
        }
    }
    if let Some((name, _)) = &notes.encoding {
        said.push(l.t1("plan-encoding", "name", l.tk("encoding", name)));
    }
    said.extend(particulars(l, plan));
    said
}

/// Those of the notes that a review has no other place for.
#[must_use]
pub fn particulars(l: &Translator, plan: &Plan) -> Vec<String> {
    let mut said = Vec::new();
    if plan.header_line.is_none() && !plan.columns.is_empty() {
        let taken = |column: &PlanColumn| Some(format!("{} = {}", column.header, l.t(column.field?.label_key())));
        let taken: Vec<String> = plan.columns.iter().filter_map(taken).collect();
        said.push(l.t1("plan-no-header", "columns", taken.join(", ")));
    }
    if plan.notes.hidden > 0 {
        let lines = plan.notes.hidden_lines.iter().filter_map(|line| i32::try_from(*line).ok());
        let lines: Vec<String> = lines.map(|line| plan.notes.line_shown(line)).collect();
        let more = if lines.len() < plan.notes.hidden as usize { ", …" } else { "" };
        said.push(l.t2("plan-hidden-rows", "count", plan.notes.hidden, "lines", lines.join(", ") + more));
    }
    if plan.notes.unlisted > 0 {
        said.push(l.t1("sync-unlisted", "count", plan.notes.unlisted));
    }
    let left_out = &plan.notes.left_out;
    let kept = KEPT.iter().filter_map(|key| Some((key, left_out.get(*key)?)));
    said.extend(kept.map(|(key, count)| l.t1(&format!("plan-{key}"), "count", *count)));
    said
}

/// The headers of columns that are not used.
#[must_use]
pub fn unused(plan: &Plan) -> Vec<&str> {
    let unused = plan.columns.iter().filter(|column| column.field.is_none() && !column.header.is_empty());
    unused.map(|column| column.header.as_str()).collect()
}

/// Why there are no rows in a plan, or none that can be written; nothing where there are.
#[must_use]
pub fn refusal(l: &Translator, plan: &Plan) -> Option<String> {
    if let Some(refusal) = &plan.refusal {
        return Some(why_refused(l, refusal).join(" "));
    }
    let counts = &plan.counts;
    if counts.all() == 0 {
        let has_names = plan.columns.iter().any(|column| column.field == Some(crate::roster::fields::Field::FullName));
        let why = l.t(if has_names { "plan-nobody-below" } else { "table-without-names" });
        return Some(format!("{}. {why}", l.t("plan-nobody")));
    }
    (counts.all() == counts.left_out()).then(|| l.t1("plan-nothing-good", "count", counts.left_out()))
}

/// What a refusal begins with that lists broken rules of OneRoster, as JSON.
pub const BROKEN: &str = "refusal-oneroster ";

/// What a refusal begins with that says, as JSON, which request to another system failed.
pub const NOT_FETCHED: &str = "refusal-not-fetched ";

/// A request that failed: its key, what was asked for, and a number that the sentence names.
#[derive(Clone, Debug, Deserialize)]
struct NotFetched {
    why: String,
    request: String,
    value: String,
}

impl NotFetched {
    fn of(refusal: &str) -> Option<Self> {
        serde_json::from_str(refusal.strip_prefix(NOT_FETCHED)?).ok()
    }

    fn told(&self, l: &Translator) -> String {
        let sentence = l.t1(&format!("fetch-{}", self.why), "value", self.value.as_str());
        if self.request.is_empty() { sentence } else { format!("{}: {sentence}", self.request) }
    }
}

/// A rule that a file breaks: in which file of the zip, line and column, and by what.
#[derive(Clone, Debug, Deserialize)]
pub struct BrokenRule {
    pub rule: String,
    pub file: String,
    pub line: u32,
    pub field: String,
    pub value: String,
}

impl BrokenRule {
    /// The rule, in words.
    #[must_use]
    pub fn sentence(&self, l: &Translator) -> String {
        l.t1(&format!("oneroster-rule-{}", self.rule), "value", self.value.as_str())
    }

    fn told(&self, l: &Translator) -> String {
        let line = (self.line > 0).then(|| l.t1("oneroster-line", "line", self.line));
        let field = Some(self.field.clone()).filter(|field| !field.is_empty());
        let place: Vec<String> = [Some(self.file.clone()), line, field].into_iter().flatten().collect();
        format!("{}: {}", place.join(", "), self.sentence(l))
    }
}

/// The rules that the file of a plan breaks.
#[must_use]
pub fn broken_rules(refusal: &str) -> Vec<BrokenRule> {
    let told = refusal.strip_prefix(BROKEN).and_then(|told| serde_json::from_str(told).ok());
    told.unwrap_or_default()
}

/// Why a file is not read: a sentence, one for each rule that it breaks, or which request for it failed.
#[must_use]
pub fn why_refused(l: &Translator, refusal: &str) -> Vec<String> {
    if let Some(not_fetched) = NotFetched::of(refusal) {
        return vec![l.t("refusal-not-fetched"), not_fetched.told(l)];
    }
    let broken = broken_rules(refusal);
    if broken.is_empty() {
        return vec![l.t(refusal)];
    }
    let lead = l.t("refusal-oneroster");
    std::iter::once(lead).chain(broken.iter().map(|broken| broken.told(l))).collect()
}
