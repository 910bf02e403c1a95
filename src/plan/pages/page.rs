//! The page of a plan: what it shows in each of its states.

use std::collections::HashMap;

use askama::Template;

use super::{PlanAddress, compare::PeopleComparison, events::PlanEvent, progress::ProgressShown, query::ReviewQuery};
use crate::{
    plan::{
        links,
        model::{IDENTIFIER_DOUBTS, MEMBER_TWICE, Plan, PlanRow, PlanState, RowOutcome, Source},
        related_rows::RelatedRows,
        said,
        search::DoubtGroup,
        store,
    },
    registry::submissions::{MissingClass, Submission, SubmissionKind, SubmissionState},
    roster::fields::{Fault, Field, Guess, RosterKind},
    vietnam::national_id,
    web::{Shell, Translator, forms::FormErrors},
};

#[derive(Template)]
#[template(path = "plan/review.html")]
pub struct PlanPage {
    pub(super) l: Translator,
    pub(super) shell: Shell,
    pub(super) code: String,
    pub(super) now: chrono::DateTime<chrono::Utc>,
    pub(super) at: PlanAddress,
    pub(super) plan: Plan,
    /// Of a plan over the registry.
    pub(super) submission: Option<SubmissionPart>,
    /// Rows may be mended and decided on.
    pub(super) can_change: bool,
    /// Only owners may act on the plan, and the visitor is not one.
    pub(super) is_for_owners: bool,
    pub(super) kind: RosterKind,
    /// The year it is for, where that is not today's.
    pub(super) other_year: Option<String>,
    pub(super) query: ReviewQuery,
    pub(super) rows: Vec<PlanRow>,
    /// Of the rows that wait for a decision, by line.
    pub(super) comparisons: HashMap<i32, PeopleComparison>,
    /// Which other rows stand beside these.
    pub(super) related: RelatedRows,
    pub(super) new_classes: Vec<(String, bool)>,
    /// After which lines the pages before and behind begin.
    pub(super) previous: Option<i32>,
    pub(super) next: Option<i32>,
    /// More than a fifth of the school would leave: asked once more.
    pub(super) takes_many: bool,
    /// How many rows are kept out for want of a value.
    pub(super) lacking: i64,
    /// Why rows wait for a decision.
    pub(super) doubts: Vec<DoubtGroup>,
    /// Who read the file in, wrote it and took it back, and when.
    pub(super) acts: Vec<PlanEvent>,
    pub(super) progress: ProgressShown,
    /// What was typed into a row that another person had changed before.
    pub(super) typed: Option<(i32, Vec<(Field, String)>)>,
    pub(super) faults: FormErrors,
}

/// What a page of a submission says beside its rows.
#[derive(Debug)]
pub struct SubmissionPart {
    pub submission: Submission,
    /// The classes that its rows name and the registry does not have.
    pub missing: Vec<MissingClass>,
    /// Where an operator looks at it.
    pub operator: Option<OperatorPart>,
}

/// What an operator sees beside a submission's rows.
#[derive(Debug, Default)]
pub struct OperatorPart {
    pub school: String,
    pub code: String,
    pub province: String,
    /// Rows whose identifier another school holds: the line, and that school.
    pub elsewhere: Vec<(i32, String)>,
    /// How many rows lack what they should have: the key of a word, and how many.
    pub quality: Vec<(String, i64)>,
    /// A remark as typed.
    pub remark: String,
}

impl SubmissionPart {
    fn names(&self, is_submitted: bool) -> String {
        let names = self.missing.iter().filter(|class| class.is_submitted == is_submitted);
        names.map(|class| class.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The classes that have to be handed in first.
    fn to_hand_in(&self) -> String {
        self.names(false)
    }

    /// The classes that have to be approved first.
    fn to_approve(&self) -> String {
        self.names(true)
    }
}

/// A value of a row, as the table shows it.
struct ShownValue {
    text: String,
    is_wrong: bool,
    /// Of an update: what the school has now.
    before: Option<String>,
}

/// The rows of one outcome, and how many there are.
struct OutcomeTile {
    href: String,
    label: String,
    count: i64,
    colour: &'static str,
    is_current: bool,
}

impl PlanPage {
    fn title(&self) -> String {
        if self.plan.is_discarded() {
            return self.l.t("plan-discarded-title");
        }
        if self.plan.is_expired() {
            return self.l.t("plan-expired-title");
        }
        match &self.submission {
            // While a worker is at it, and where the file could not be read, the plan says what is going on.
            Some(part) if !self.plan.state.is_busy() && self.plan.state != PlanState::Refused => {
                self.l.tk("submission-state", part.submission.state.key())
            }
            _ if self.is_sync() => self.l.tk("sync-plan", self.plan.state.key()),
            _ => self.l.tk("plan-title", self.plan.state.key()),
        }
    }

    /// Said of a submission: what it is a list of.
    fn kind_label(&self) -> String {
        self.submission
            .as_ref()
            .map_or_else(String::new, |part| self.l.tk("submission-kind", part.submission.kind.key()))
    }

    /// The same page with what is wrong with a form on it.
    #[must_use]
    pub fn with_faults(mut self, faults: FormErrors) -> Self {
        self.faults = faults;
        self
    }

    /// The same page as an operator sees it.
    #[must_use]
    pub fn for_operator(mut self, operator: OperatorPart) -> Self {
        self.can_change = false;
        if let Some(part) = &mut self.submission {
            part.operator = Some(operator);
        }
        if self.is_with_school() {
            self.rows.clear();
        }
        self
    }

    /// An operator looks at a submission that the school is working at, for the first time or again: its rows are the
    /// school's alone.
    fn is_with_school(&self) -> bool {
        self.operator().is_some() && self.submission.as_ref().is_some_and(|part| part.submission.state.is_open())
    }

    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The rows that the page shows, by their lines.
    #[must_use]
    pub fn shown_lines(&self) -> Vec<i32> {
        self.rows.iter().map(|row| row.line).collect()
    }

    fn operator(&self) -> Option<&OperatorPart> {
        self.submission.as_ref()?.operator.as_ref()
    }

    /// All rows, what is new, what is wrong, and whatever else there is.
    fn tiles(&self) -> Vec<OutcomeTile> {
        let all = OutcomeTile {
            href: self.query.among(None).address(self.at.page()).to_string(),
            label: self.l.t("outcome-all"),
            count: self.plan.counts.all(),
            colour: "",
            is_current: self.query.outcome().is_none(),
        };
        let shown = |outcome: &RowOutcome| {
            matches!(outcome, RowOutcome::Create | RowOutcome::Error) || self.plan.counts.of(*outcome) > 0
        };
        let tile = |outcome: RowOutcome| OutcomeTile {
            href: self.query.among(Some(outcome)).address(self.at.page()).to_string(),
            label: self.l.tk("outcome", outcome.key()),
            count: self.plan.counts.of(outcome),
            colour: match outcome {
                RowOutcome::Create => "is-green",
                RowOutcome::Update => "is-blue",
                RowOutcome::Duplicate => "is-orange",
                RowOutcome::Error => "is-red",
                RowOutcome::Unchanged | RowOutcome::Leave | RowOutcome::Skip => "",
            },
            is_current: self.query.outcome() == Some(outcome),
        };
        std::iter::once(all).chain(RowOutcome::ALL.into_iter().filter(shown).map(tile)).collect()
    }

    /// The columns that are not used.
    fn unused(&self) -> Vec<&str> {
        said::unused(&self.plan)
    }

    /// What else is to be said of the file.
    fn particulars(&self) -> Vec<String> {
        said::particulars(&self.l, &self.plan)
    }

    fn used(&self) -> usize {
        self.plan.columns.iter().filter(|column| column.field.is_some()).count()
    }

    fn class_names(&self) -> String {
        self.new_classes.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// What came of applying it.
    fn applied_text(&self) -> String {
        let (of, done, left) = (self.plan.source.wrote().key(), self.plan.results.done, self.plan.counts.left_out());
        self.l.t3("plan-applied-text", ("of", of), ("done", done), ("left", left))
    }

    fn noun(&self) -> &'static str {
        self.plan.source.noun()
    }

    /// It was made from the registry, and not from a file.
    pub(super) fn is_sync(&self) -> bool {
        self.plan.source.is_sync()
    }

    /// It was made from the draft for the coming year.
    fn is_rollover(&self) -> bool {
        self.plan.source == Source::Rollover
    }

    /// A rollover is taken back within some weeks only.
    fn can_undo(&self) -> bool {
        let until = self.plan.applied_at.map(|at| at + chrono::Duration::days(store::ROLLOVER_UNDO_DAYS));
        self.plan.results.done > 0 && (!self.is_rollover() || until.is_some_and(|until| until > self.now))
    }

    fn has_no_file(&self) -> bool {
        self.plan.source.has_no_file()
    }

    /// Of a sync: what it is about, as its address has it.
    pub(super) fn synced(&self) -> &'static str {
        if self.plan.source == Source::RegistryClasses { "classes" } else { "accounts" }
    }

    /// Rows of a sync have no numbers.
    fn find_label(&self) -> String {
        self.l.t(if self.is_sync() { "sync-find" } else { "plan-find" })
    }

    /// The school and the registry have both changed something of this person.
    fn is_conflict(&self, row: &PlanRow) -> bool {
        row.blockers.iter().any(|fault| fault.key == links::CONFLICT)
            || row.warnings.iter().any(|fault| fault.key == links::CONFLICTS || fault.key == links::DIFFERS)
    }

    fn cell(&self, row: &PlanRow, field: Field) -> String {
        // The value of a row that stands behind another one is that one's line.
        let is_told = |fault: &&Fault| fault.field == field && !fault.value.is_empty() && fault.key != MEMBER_TWICE;
        if let Some(fault) = row.problems().find(is_told) {
            return fault.value.clone();
        }
        shown(&self.l, field, row.value(field))
    }

    /// The cells of a row, one for each column; the first is the person's name.
    fn cells(&self, row: &PlanRow) -> Vec<ShownValue> {
        let cell = |field: &Field| ShownValue {
            text: self.cell(row, *field),
            is_wrong: row.outcome != RowOutcome::Duplicate && row.problems().any(|fault| fault.field == *field),
            before: self.before(row, *field),
        };
        self.columns().iter().map(cell).collect()
    }

    /// The actor, by name; the command line is the system.
    fn actor(&self, act: &PlanEvent) -> String {
        act.name.clone().unwrap_or_else(|| self.l.t("plans-system"))
    }

    /// Whether the person is no longer in the registry: the school may keep them all the same.
    fn is_leaver(&self, row: &PlanRow) -> bool {
        self.is_sync() && row.outcome == RowOutcome::Leave
    }

    /// Other rows wait behind this one: leaving it out lets one of them in.
    fn is_ahead(&self, row: &PlanRow) -> bool {
        !self.related.behind(row).is_empty()
    }

    /// What the page identifies the row's version by, for the form that changes it.
    fn seen(&self, row: &PlanRow) -> String {
        self.related.seen_key(row)
    }

    /// The fields to mend a row in: those that are wrong, and where nobody is named around a pupil, the mother's.
    fn mendable(&self, row: &PlanRow) -> Vec<(Field, String)> {
        if let Some((_, typed)) = self.typed.as_ref().filter(|(line, typed)| *line == row.line && !typed.is_empty()) {
            return typed.clone();
        }
        let mut fields: Vec<Field> = Vec::new();
        for fault in row.problems() {
            let asked: &[Field] = match (fault.key.as_str(), fault.field) {
                ("rank" | "other-role", _) => &[],
                (key, _) if key.starts_with("doubt-") && !IDENTIFIER_DOUBTS.contains(&key) => &[],
                (_, Field::MotherName | Field::MotherBirthYear) => &[Field::MotherName, Field::MotherBirthYear],
                (_, Field::GuardianName | Field::GuardianBirthYear) => &[Field::GuardianName, Field::GuardianBirthYear],
                (_, field) => &[field],
            };
            fields.extend(asked);
        }
        fields.sort();
        fields.dedup();
        // What is masked for reading is not sent back.
        let text = |field| if field == Field::NationalId { row.value(field).to_owned() } else { self.cell(row, field) };
        fields.into_iter().map(|field| (field, text(field))).collect()
    }

    /// Of an update: what the school has now.
    fn before(&self, row: &PlanRow, field: Field) -> Option<String> {
        row.before.get(&field).map(|before| shown(&self.l, field, before))
    }

    /// Changes of fields that the table has no column for.
    fn other_changes(&self, row: &PlanRow) -> Vec<(String, String, String)> {
        let fields = row.before.keys().filter(|field| !self.columns().contains(field));
        let change = |field: &Field| {
            let label = self.l.t(field.label_key());
            (label, self.before(row, *field).unwrap_or_default(), self.cell(row, *field))
        };
        fields.map(change).collect()
    }

    /// What is said of a row beside what keeps it out.
    fn warnings<'a>(&self, row: &'a PlanRow) -> Vec<&'a Fault> {
        row.warnings.iter().filter(|warning| !row.blockers.contains(warning)).collect()
    }

    /// The position of the page, to come back to: the query of its address.
    fn back(&self) -> String {
        self.query.encoded()
    }

    fn page(&self, after: &i32) -> String {
        self.query.page(*after).address(self.at.page()).to_string()
    }

    /// The columns of the table, beside the line, the outcome and the people named around a pupil: those that matter
    /// most, or all that the sheet has.
    fn columns(&self) -> Vec<Field> {
        let mut columns = match self.kind {
            RosterKind::Students => vec![Field::FullName, Field::Class, Field::BirthDate],
            RosterKind::Teachers | RosterKind::HigherTeachers => vec![Field::FullName, Field::Email, Field::BirthDate],
            RosterKind::HigherStudents => vec![Field::FullName, Field::Email, Field::Class, Field::Department],
            RosterKind::Classes if self.has_grades() => vec![Field::Class, Field::Grade],
            RosterKind::Classes => vec![Field::Class],
        };
        if self.query.shows_all() {
            let mapped = self.plan.columns.iter().filter_map(|column| column.field);
            columns.extend(mapped.filter(|field| *field != Field::Password));
            columns.sort();
            columns.dedup();
        }
        columns
    }

    /// Whether the rows of a list of classes have grades.
    fn has_grades(&self) -> bool {
        self.is_sync() || self.plan.columns.iter().any(|column| column.field == Some(Field::Grade))
    }

    /// The people named around a pupil stand together, unless each field has its own column.
    fn shows_guardian(&self) -> bool {
        self.kind == RosterKind::Students && !self.query.shows_all()
    }

    /// How many columns there are behind the line and the outcome.
    fn width(&self) -> usize {
        self.columns().len() + usize::from(self.shows_guardian())
    }

    /// The reasons why rows wait for a decision: as one decides on many of them at once.
    fn doubts(&self) -> &[DoubtGroup] {
        if self.plan.state == PlanState::Ready && self.plan.counts.duplicate > 1 { &self.doubts } else { &[] }
    }

    /// Whether some of the rows that wait may be about new people.
    fn some_may_be_new(&self) -> bool {
        self.doubts.iter().any(DoubtGroup::may_be_new)
    }

    /// The mother or, where she is not named, the guardian.
    fn guardian(&self, row: &PlanRow) -> String {
        let pair = |name, year| [row.value(name), row.value(year)].join(", ");
        match (row.value(Field::MotherName), row.value(Field::GuardianName)) {
            ("", "") => String::new(),
            ("", _) => pair(Field::GuardianName, Field::GuardianBirthYear),
            _ => pair(Field::MotherName, Field::MotherBirthYear),
        }
    }

    /// Whether there is more to say of a row than its columns do.
    fn has_more(&self, row: &PlanRow) -> bool {
        row.problems().next().is_some()
            || !row.warnings.is_empty()
            || !row.guesses.is_empty()
            || row.decision.is_some()
            || row.is_absent
            || row.outcome == RowOutcome::Duplicate
            || self.is_ahead(row)
            || !self.other_changes(row).is_empty()
            || self.typed.as_ref().is_some_and(|(line, _)| *line == row.line)
    }

    /// Lines of the sheet, as a sentence names them: the first ones.
    fn lines(&self, lines: &[i32]) -> String {
        let (shown, rest) = lines.split_at_checked(10).unwrap_or((lines, &[]));
        let more = (!rest.is_empty()).then(|| "…".to_owned());
        shown.iter().map(|line| self.plan.notes.line_shown(*line)).chain(more).collect::<Vec<_>>().join(", ")
    }

    fn fault(&self, fault: &Fault) -> String {
        fault_sentence(&self.l, fault)
    }

    fn guess(&self, row: &PlanRow, guess: &Guess) -> String {
        let new = self.cell(row, guess.field);
        self.l.t2(&format!("guess-{}", guess.key), "value", guess.value.as_str(), "new", new)
    }
}

/// A value as one reads it; personal numbers by their end only.
#[must_use]
pub fn shown(l: &Translator, field: Field, value: &str) -> String {
    match field {
        Field::BirthDate => value.parse().map_or_else(|_| value.to_owned(), |date| l.date(&date)),
        Field::NationalId => national_id::masked(value),
        Field::Gender if !value.is_empty() => l.tk("gender", value),
        Field::Status if !value.is_empty() => l.tk("status", value),
        _ => value.to_owned(),
    }
}

/// What is wrong with a value, as a sentence that names the column.
#[must_use]
pub fn fault_sentence(l: &Translator, fault: &Fault) -> String {
    format!("{}: {}", l.t(fault.field.label_key()), l.t1(&fault.sentence_key(), "value", fault.value.as_str()))
}
