//! One plan: while it is read, reviewed, applied, and its result. One address, and what is so.

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    members::fields::{Fault, Field, Guess},
    plan::{
        apply,
        model::{Outcome, Plan, PlanRow, State as PlanState},
        store,
    },
    schools::shell::{self, Entry},
    web::{L, Reply, Shell, Visitor, forms::Form, html, page},
};

#[derive(Template)]
#[template(path = "plan/review.html")]
struct PlanPage {
    l: L,
    shell: Shell,
    code: String,
    plan: Plan,
    outcome: Option<Outcome>,
    rows: Vec<PlanRow>,
    new_classes: Vec<(String, bool)>,
    next: Option<i32>,
}

/// The part of the page that looks again by itself.
#[derive(Template)]
#[template(path = "plan/progress.html")]
struct ProgressPart {
    l: L,
    code: String,
    plan: Plan,
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
            href: self.base(),
            label: self.l.t("outcome-all"),
            count: self.plan.counts.all(),
            colour: "",
            is_current: self.outcome.is_none(),
        };
        let shown = |outcome: &Outcome| {
            matches!(outcome, Outcome::Create | Outcome::Error) || self.plan.counts.of(*outcome) > 0
        };
        let tile = |outcome: Outcome| Tile {
            href: format!("{}?outcome={}", self.base(), outcome.key()),
            label: self.l.tk("outcome", outcome.key()),
            count: self.plan.counts.of(outcome),
            colour: match outcome {
                Outcome::Create => "is-green",
                Outcome::Update => "is-blue",
                Outcome::Duplicate => "is-orange",
                Outcome::Error => "is-red",
                Outcome::Unchanged | Outcome::Leave | Outcome::Skip => "",
            },
            is_current: self.outcome == Some(outcome),
        };
        std::iter::once(all).chain(Outcome::ALL.into_iter().filter(shown).map(tile)).collect()
    }

    /// The columns that are not used.
    fn unused(&self) -> Vec<&str> {
        let unused = self.plan.columns.iter().filter(|column| column.field.is_none() && !column.header.is_empty());
        unused.map(|column| column.header.as_str()).collect()
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
        if let Some(fault) = row.faults.iter().find(|fault| fault.field == field && !fault.value.is_empty()) {
            return fault.value.clone();
        }
        let value = row.value(field);
        match field {
            Field::BirthDate => value.parse().map_or_else(|_| value.to_owned(), |date| self.l.date(&date)),
            Field::Gender if !value.is_empty() => self.l.t(&format!("gender-{value}")),
            _ => value.to_owned(),
        }
    }

    fn is_wrong(&self, row: &PlanRow, field: Field) -> bool {
        row.faults.iter().any(|fault| fault.field == field)
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

    fn fault(&self, fault: &Fault) -> String {
        fault_sentence(&self.l, fault)
    }

    fn guess(&self, row: &PlanRow, guess: &Guess) -> String {
        let new = self.cell(row, guess.field);
        self.l.t2(&format!("guess-{}", guess.key), "value", guess.value.as_str(), "new", new)
    }
}

/// What is wrong with a value, as a sentence that names the column.
#[must_use]
pub fn fault_sentence(l: &L, fault: &Fault) -> String {
    let key = if fault.key.starts_with("password-") { fault.key.clone() } else { format!("fault-{}", fault.key) };
    format!("{}: {}", l.t(fault.field.label_key()), l.t1(&key, "value", fault.value.as_str()))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ReviewQuery {
    outcome: String,
    after: String,
}

pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, String)>,
    Query(query): Query<ReviewQuery>,
) -> Reply {
    let id = plan_id(&id)?;
    let outcome = Outcome::from_key(&query.outcome);
    let after = query.after.parse().unwrap_or_default();
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let plan = store::find(&granted, &mut tx, id).await?;
    let mut rows = store::rows(&granted, &mut tx, id, outcome, after, store::PAGE + 1).await?;
    let new_classes = store::new_classes(&granted, &mut tx, id).await?;
    tx.commit().await?;
    let page = usize::try_from(store::PAGE).unwrap_or(usize::MAX);
    let has_more = rows.len() > page;
    rows.truncate(page);
    let next = if has_more { rows.last().map(|row| row.line) } else { None };
    html(&PlanPage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, Entry::Import),
        code: granted.school.code.clone(),
        plan,
        outcome,
        rows,
        new_classes,
        next,
    })
}

/// What the page asks for every second while a worker is at it; when that is over, the whole page is loaded anew.
pub async fn progress(
    State(app): State<App>,
    visitor: Visitor,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, String)>,
) -> Reply {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let plan = store::find(&granted, &mut tx, plan_id(&id)?).await?;
    tx.commit().await?;
    let is_over = !plan.state.is_busy();
    let mut response = html(&ProgressPart { l: visitor.l, code: granted.school.code.clone(), plan })?;
    if is_over {
        response.headers_mut().insert("HX-Refresh", axum::http::HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Absent `new_classes` mean all of them where the form has no boxes (`classes_asked` is not sent).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApplyForm {
    new_classes: Vec<String>,
    classes_asked: String,
}

pub async fn apply(
    State(app): State<App>,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, String)>,
    Form(form): Form<ApplyForm>,
) -> Reply {
    let id = plan_id(&id)?;
    let asked = !form.classes_asked.is_empty() || !form.new_classes.is_empty();
    let wanted = asked.then_some(form.new_classes.as_slice());
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    store::find(&granted, &mut tx, id).await?;
    tx.commit().await?;
    // Somebody who was not the first sees what the first one started.
    apply::start(&granted, &app, id, wanted).await?;
    Ok(page::redirect(&format!("/schools/{}/plans/{id}", granted.school.code)))
}

fn plan_id(id: &str) -> Result<Uuid> {
    id.parse().map_err(|_| Error::NotFound)
}
