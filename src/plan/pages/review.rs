//! One plan: while it is read, reviewed and applied, and its result. One address; the page shows the current state.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use super::{
    compare::{self, Comparison},
    events::{self, PlanEvent},
    plan_id,
    progress::Progress,
    query::ReviewQuery,
};
use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    ids::PlanId,
    plan::{
        apply, matching,
        model::{Outcome, Plan, PlanRow, PlanState},
        new_classes, purge, rows, said, search, store,
    },
    roster::{
        fields::{Fault, Field, Guess, RosterKind},
        store as members,
    },
    schools::years,
    shell::{self, Entry},
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "plan/review.html")]
struct PlanPage {
    l: Translator,
    shell: Shell,
    code: String,
    plan: Plan,
    kind: RosterKind,
    /// The year it is for, where that is not today's.
    other_year: Option<String>,
    query: ReviewQuery,
    rows: Vec<PlanRow>,
    /// Of the rows that wait for a decision, by line.
    comparisons: HashMap<i32, Comparison>,
    new_classes: Vec<(String, bool)>,
    /// After which lines the pages before and behind begin.
    previous: Option<i32>,
    next: Option<i32>,
    /// More than a fifth of the school would leave: asked once more.
    takes_many: bool,
    /// How many pupils are kept out for want of a mother or a guardian.
    without_guardian: i64,
    /// Who read the file in, wrote it and took it back, and when.
    acts: Vec<PlanEvent>,
    progress: Progress,
    /// What was typed into a row that another person had changed before.
    typed: Option<(i32, Vec<(Field, String)>)>,
    faults: FormErrors,
}

/// A value of a row, as the table shows it.
struct ShownValue {
    text: String,
    is_wrong: bool,
    /// Of an update: what the school has now.
    before: Option<String>,
}

/// The rows of one outcome, and how many there are.
struct Tile {
    href: String,
    label: String,
    count: i64,
    colour: &'static str,
    is_current: bool,
}

impl PlanPage {
    fn base(&self) -> String {
        format!("/schools/{}/plans/{}", self.code, self.plan.id)
    }

    /// All rows, what is new, what is wrong, and whatever else there is.
    fn tiles(&self) -> Vec<Tile> {
        let all = Tile {
            href: self.query.among(None).address(&self.base()),
            label: self.l.t("outcome-all"),
            count: self.plan.counts.all(),
            colour: "",
            is_current: self.query.outcome().is_none(),
        };
        let shown = |outcome: &Outcome| {
            matches!(outcome, Outcome::Create | Outcome::Error) || self.plan.counts.of(*outcome) > 0
        };
        let tile = |outcome: Outcome| Tile {
            href: self.query.among(Some(outcome)).address(&self.base()),
            label: self.l.tk("outcome", outcome.key()),
            count: self.plan.counts.of(outcome),
            colour: match outcome {
                Outcome::Create => "is-green",
                Outcome::Update => "is-blue",
                Outcome::Duplicate => "is-orange",
                Outcome::Error => "is-red",
                Outcome::Unchanged | Outcome::Leave | Outcome::Skip => "",
            },
            is_current: self.query.outcome() == Some(outcome),
        };
        std::iter::once(all).chain(Outcome::ALL.into_iter().filter(shown).map(tile)).collect()
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

    fn noun(&self) -> &'static str {
        self.plan.source.noun()
    }

    fn cell(&self, row: &PlanRow, field: Field) -> String {
        if let Some(fault) = row.problems().find(|fault| fault.field == field && !fault.value.is_empty()) {
            return fault.value.clone();
        }
        shown(&self.l, field, row.value(field))
    }

    /// The cells of a row, one for each column; the first is the person's name.
    fn cells(&self, row: &PlanRow) -> Vec<ShownValue> {
        let cell = |field: &Field| ShownValue {
            text: self.cell(row, *field),
            is_wrong: row.outcome != Outcome::Duplicate && row.problems().any(|fault| fault.field == *field),
            before: self.before(row, *field),
        };
        self.columns().iter().map(cell).collect()
    }

    /// The actor, by name; the command line is the system.
    fn actor(&self, act: &PlanEvent) -> String {
        act.name.clone().unwrap_or_else(|| self.l.t("plans-system"))
    }

    /// What the page identifies the row's version by, for the form that changes it.
    fn seen(&self, row: &PlanRow) -> String {
        matching::seen_key(row).to_string()
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
                (key, _) if key.starts_with("doubt-") && key != "doubt-identifier" => &[],
                (_, Field::MotherName | Field::MotherBirthYear) => &[Field::MotherName, Field::MotherBirthYear],
                (_, Field::GuardianName | Field::GuardianBirthYear) => &[Field::GuardianName, Field::GuardianBirthYear],
                (_, field) => &[field],
            };
            fields.extend(asked);
        }
        fields.sort();
        fields.dedup();
        fields.into_iter().map(|field| (field, self.cell(row, field))).collect()
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
        row.warnings.iter().filter(|warning| !row.lacks.contains(warning)).collect()
    }

    /// The position of the page, to come back to: the query of its address.
    fn back(&self) -> String {
        self.query.address("").trim_start_matches('?').to_owned()
    }

    fn page(&self, after: &i32) -> String {
        self.query.page(*after).address(&self.base())
    }

    /// The columns of the table, beside the line, the outcome and the people named around a pupil.
    fn columns(&self) -> &'static [Field] {
        match self.kind {
            RosterKind::Students => &[Field::FullName, Field::Class, Field::BirthDate],
            RosterKind::Teachers | RosterKind::HigherTeachers => &[Field::FullName, Field::Email, Field::BirthDate],
            RosterKind::HigherStudents => &[Field::FullName, Field::Email, Field::Class, Field::Department],
        }
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
            || row.outcome == Outcome::Duplicate
            || !self.other_changes(row).is_empty()
            || self.typed.as_ref().is_some_and(|(line, _)| *line == row.line)
    }

    /// Lines of the sheet, as a sentence names them: the first ones.
    fn lines(&self, lines: &[i32]) -> String {
        let (shown, rest) = lines.split_at_checked(10).unwrap_or((lines, &[]));
        let more = (!rest.is_empty()).then(|| "…".to_owned());
        shown.iter().map(i32::to_string).chain(more).collect::<Vec<_>>().join(", ")
    }

    fn fault(&self, fault: &Fault) -> String {
        fault_sentence(&self.l, fault)
    }

    fn guess(&self, row: &PlanRow, guess: &Guess) -> String {
        let new = self.cell(row, guess.field);
        self.l.t2(&format!("guess-{}", guess.key), "value", guess.value.as_str(), "new", new)
    }
}

/// A value as one reads it.
#[must_use]
pub fn shown(l: &Translator, field: Field, value: &str) -> String {
    match field {
        Field::BirthDate => value.parse().map_or_else(|_| value.to_owned(), |date| l.date(&date)),
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

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, String)>,
    Query(query): Query<ReviewQuery>,
) -> PageResult {
    html(&plan_page(&app, &visitor, &granted, plan_id(&id)?, &query).await?)
}

async fn plan_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageAccounts>,
    id: PlanId,
    query: &ReviewQuery,
) -> Result<PlanPage> {
    let (search, after) = (query.search(), query.after());
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let plan = store::find(granted, &mut tx, id).await?;
    let takes_many = takes_many(granted, &mut tx, &plan).await?;
    let current = years::current(granted, &mut tx, app.clock.today()).await?;
    let year = years::all(granted, &mut tx).await?.into_iter().find(|year| year.id == plan.school_year_id);
    let mut lines = search::lines(granted, &mut tx, id, &search, after, rows::PAGE + 1).await?;
    let page = usize::try_from(rows::PAGE).unwrap_or(usize::MAX);
    let has_more = lines.len() > page;
    lines.truncate(page);
    let rows = rows::at(granted, &mut tx, id, &lines).await?;
    let previous = search::page_before(granted, &mut tx, id, &search, after).await?;
    let comparisons = match plan.state {
        PlanState::Ready => compare::of_rows(granted, &mut tx, &visitor.l, &plan, &rows).await?,
        _ => HashMap::new(),
    };
    let new_classes = new_classes::all(granted, &mut tx, id).await?;
    let acts = events::of(granted, &mut tx, &plan).await?;
    let without_guardian = match plan.state {
        PlanState::Ready => search::count_without_guardian(granted, &mut tx, id).await?,
        _ => 0,
    };
    tx.commit().await?;
    let next = if has_more { lines.last().copied() } else { None };
    Ok(PlanPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, Entry::Import),
        code: granted.school.code.clone(),
        progress: Progress::of(&visitor.l, &plan, visitor.now),
        kind: plan.source.roster_kind(granted.school.kind),
        plan,
        other_year: year.filter(|year| year.id != current.id).map(|year| year.label()),
        query: query.clone(),
        rows,
        comparisons,
        new_classes,
        previous,
        next,
        takes_many,
        without_guardian,
        acts,
        typed: None,
        faults: FormErrors::new(),
    })
}

/// Another person was first: the row as it is now, and what was typed, to send once more or to discard.
///
/// # Errors
/// [`Error::NotFound`] where there is no such row.
pub async fn meanwhile(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageAccounts>,
    id: PlanId,
    line: i32,
    typed: Vec<(Field, String)>,
) -> PageResult {
    let mut page = plan_page(app, visitor, granted, id, &ReviewQuery::default().page(line - 1)).await?;
    if page.rows.iter().all(|row| row.line != line) {
        return Err(Error::NotFound);
    }
    page.faults = FormErrors::one(format!("row-{line}"), "fault-row-meanwhile");
    page.typed = Some((line, typed));
    refused(&page)
}

/// Whether the plan takes away more than a fifth of the school's people.
async fn takes_many(granted: &Granted<may::ManageAccounts>, tx: &mut sqlx::PgConnection, plan: &Plan) -> Result<bool> {
    Ok(plan.counts.leave > 0 && plan.counts.leave * 5 > members::counts(granted, tx, []).await?.everybody())
}

/// Absent `new_classes` mean all of them where the form has no boxes (`classes_asked` is not sent).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApplyForm {
    new_classes: Vec<String>,
    classes_asked: String,
    confirm_leaves: String,
}

pub async fn apply(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, String)>,
    Form(form): Form<ApplyForm>,
) -> PageResult {
    let id = plan_id(&id)?;
    let asked = !form.classes_asked.is_empty() || !form.new_classes.is_empty();
    let wanted = asked.then_some(form.new_classes.as_slice());
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let plan = store::find(&granted, &mut tx, id).await?;
    let asks = plan.state == PlanState::Ready && takes_many(&granted, &mut tx, &plan).await?;
    tx.commit().await?;
    if asks && form.confirm_leaves.is_empty() {
        let mut page = plan_page(&app, &visitor, &granted, id, &ReviewQuery::default()).await?;
        page.faults = FormErrors::one("confirm_leaves", "fault-plan-leaves");
        return refused(&page);
    }
    // A person who was not the first sees what the first one started.
    apply::start(&granted, &app, id, wanted).await?;
    Ok(page::redirect(&format!("/schools/{}/plans/{id}", granted.school.code)))
}

/// Drops a plan that waits, with its file.
pub async fn discard(
    State(app): State<App>,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, String)>,
) -> PageResult {
    let id = plan_id(&id)?;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    store::find(&granted, &mut tx, id).await?;
    tx.commit().await?;
    purge::discard(&granted, &app, id).await?;
    Ok(page::redirect(&format!("/schools/{}/plans/{id}", granted.school.code)))
}
