//! Taking a plan back: a preview of what that would do, down to each field; afterwards, what stayed.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::{PlanAddress, fault_sentence, page::shown};
use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    paths,
    plan::{
        model::{Plan, PlanRow, PlanState},
        review::may_act,
        rows::{self, PAGE},
        undo::{
            self, Preview, UndoOutcome,
            rows::{self as undo_rows, KeptChange},
        },
    },
    roster::fields::{Fault, Field},
    shell::{self, MenuPage},
    web::{PageResult, RequestContext, Shell, Translator, html, page},
};

#[derive(Template)]
#[template(path = "plan/undo.html")]
struct UndoPage {
    l: Translator,
    shell: Shell,
    code: String,
    plan: Plan,
    preview: Preview,
    /// Whether the rows are those that stay, or would; otherwise those that go back.
    shows_stays: bool,
    rows: Vec<UndoRow>,
    /// How many stay in all.
    staying: usize,
    next: Option<i32>,
}

/// A row, what becomes of it, and what of it stays and why.
struct UndoRow {
    row: PlanRow,
    becomes: Option<UndoOutcome>,
    stays: Vec<Fault>,
}

impl UndoPage {
    /// The kinds of change there are, each with the number of people.
    fn counts(&self) -> Vec<(UndoOutcome, usize)> {
        let counted = UndoOutcome::ALL.map(|each| (each, self.preview.count(each)));
        counted.into_iter().filter(|(_, count)| *count > 0).collect()
    }

    /// The fields that go back: what each is by the plan, and what it was before.
    fn changes(&self, undone: &UndoRow) -> Vec<(String, String, String)> {
        if undone.becomes != Some(UndoOutcome::SetBack) {
            return Vec::new();
        }
        let goes = |field: &Field| undone.stays.iter().all(|fault| fault.field != *field);
        let change = |(field, before): (&Field, &String)| {
            let now = shown(&self.l, *field, undone.row.value(*field));
            (self.l.t(field.label_key()), now, shown(&self.l, *field, before))
        };
        undone.row.before.iter().filter(|(field, _)| goes(field)).map(change).collect()
    }

    /// Why something stays: of a whole person, or of one field.
    fn reason(&self, fault: &Fault) -> String {
        if fault.field == Field::FullName && fault.key != "undo-changed" {
            self.l.t(&fault.sentence_key())
        } else {
            fault_sentence(&self.l, fault)
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct UndoQuery {
    after: i32,
    /// `goes` or `stays`; what stays is shown first.
    show: String,
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    at: PlanAddress,
    Query(query): Query<UndoQuery>,
) -> PageResult {
    let id = at.id;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let plan = at.find(&granted, &mut tx).await?;
    tx.commit().await?;
    let preview = match plan.state {
        PlanState::Applied => undo::preview(&granted, &app, &plan).await?,
        PlanState::Undone => what_stayed(&granted, &app, &plan, query.after).await?,
        // There is nothing to take back, or not yet: the plan's page shows its state.
        _ => return Ok(page::redirect(address(&granted, &plan))),
    };
    let staying = match plan.state {
        PlanState::Applied => preview.stays.len(),
        _ => usize::try_from(plan.results.stayed).unwrap_or_default(),
    };
    let shows_stays = staying > 0 && query.show != "goes";
    let mut lines: Vec<i32> = match shows_stays {
        true => preview.stays.iter().map(|stay| stay.line).collect(),
        false => preview.goes.iter().map(|(line, _)| *line).collect(),
    };
    lines.retain(|line| *line > query.after);
    let most = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let has_more = lines.len() > most;
    lines.truncate(most);
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let rows = rows::at(&granted, &mut tx, id, &lines).await?;
    tx.commit().await?;
    html(&UndoPage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, MenuPage::Import),
        code: granted.school.code.clone(),
        plan,
        rows: rows.into_iter().map(|row| undone(row, &preview)).collect(),
        preview,
        shows_stays,
        staying,
        next: if has_more { lines.last().copied() } else { None },
    })
}

/// Of a plan that was taken back: a page of what stayed.
async fn what_stayed(granted: &Granted<may::ManageAccounts>, app: &App, plan: &Plan, after: i32) -> Result<Preview> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let stays = undo_rows::stayed(granted, &mut tx, plan.id, after, PAGE + 1).await?;
    tx.commit().await?;
    Ok(Preview { stays, ..Preview::default() })
}

fn undone(row: PlanRow, preview: &Preview) -> UndoRow {
    let is_row = |line: i32| line == row.line;
    let becomes = preview.goes.iter().find(|(line, _)| is_row(*line)).map(|(_, becomes)| *becomes);
    let stays = preview.stays.iter().find(|stay: &&KeptChange| is_row(stay.line)).map(|stay| stay.faults.clone());
    UndoRow { becomes, stays: stays.unwrap_or_default(), row }
}

/// A person who was not the first sees what the first one started.
pub async fn submit(State(app): State<App>, granted: Granted<may::ManageAccounts>, at: PlanAddress) -> PageResult {
    let id = at.id;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let plan = at.find(&granted, &mut tx).await?;
    tx.commit().await?;
    may_act(&granted, &plan)?;
    undo::start(&granted, &app, id).await?;
    Ok(page::redirect(address(&granted, &plan)))
}

fn address(granted: &Granted<may::ManageAccounts>, plan: &Plan) -> String {
    paths::Plan::of(&granted.school.code, plan.id).to_string()
}
