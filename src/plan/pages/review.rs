//! One plan: while it is read, reviewed and applied, and its result. One address; the page shows the current state.

use std::collections::HashMap;

use axum::extract::{Query, State};
use serde::Deserialize;

use super::{
    PlanAddress, compare, events,
    page::{PlanPage, SubmissionPart},
    progress::ProgressShown,
    query::ReviewQuery,
};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    error::{Error, Result},
    plan::{
        apply,
        book::Book,
        model::{Plan, PlanState, Source},
        new_classes, purge,
        related_rows::RelatedRows,
        review::{may_act, takes_many},
        rows, search,
    },
    registry::submissions,
    roster::fields::Field,
    schools::years,
    shell::{self, MenuPage},
    web::{
        PageResult, RequestContext, Shell,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    at: PlanAddress,
    Query(query): Query<ReviewQuery>,
) -> PageResult {
    html(&of_school(&app, &visitor, &granted, at, &query).await?)
}

/// The page as the school sees it.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such plan.
pub async fn of_school(
    app: &App,
    visitor: &RequestContext,
    scope: &Scope,
    at: PlanAddress,
    query: &ReviewQuery,
) -> Result<PlanPage> {
    let shell = shell::of_school(visitor, scope, at.entry());
    let mut page = plan_page(app, visitor, scope, shell, at, query).await?;
    if page.is_sync() {
        let entry = if page.synced() == "classes" { MenuPage::Classes } else { MenuPage::Sync };
        page.shell = shell::of_school(visitor, scope, entry);
    }
    Ok(page)
}

/// The page of a plan.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such plan.
pub async fn plan_page(
    app: &App,
    visitor: &RequestContext,
    scope: &Scope,
    shell: Shell,
    at: PlanAddress,
    query: &ReviewQuery,
) -> Result<PlanPage> {
    let (search, after, id) = (query.search(), query.after(), at.id);
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let plan = at.find(scope, &mut tx).await?;
    let submission = submission_part(scope, &mut tx, &plan).await?;
    let takes_many = takes_many(scope, &mut tx, &plan).await?;
    let current = years::current(scope, &mut tx, app.clock.today()).await?;
    let year = years::all(scope, &mut tx).await?.into_iter().find(|year| year.id == plan.school_year_id);
    let mut lines = search::lines(scope, &mut tx, id, &search, after, rows::PAGE + 1).await?;
    let page = usize::try_from(rows::PAGE).unwrap_or(usize::MAX);
    let has_more = lines.len() > page;
    lines.truncate(page);
    let rows = rows::at(scope, &mut tx, id, &lines).await?;
    let previous = search::page_before(scope, &mut tx, id, &search, after).await?;
    let (related, comparisons) = match plan.state {
        PlanState::Ready => {
            let related = RelatedRows::of(scope, &mut tx, &plan, &rows).await?;
            let comparisons = compare::of_rows(scope, &mut tx, &visitor.l, &plan, &rows, &related).await?;
            (related, comparisons)
        }
        _ => (RelatedRows::default(), HashMap::new()),
    };
    let new_classes = match plan.book {
        Book::Roster => new_classes::all(scope, &mut tx, id).await?,
        Book::Registry => Vec::new(),
    };
    let acts = match plan.book {
        Book::Roster => events::of(scope, &mut tx, &plan).await?,
        // What was done with a submission is said with its state.
        Book::Registry => Vec::new(),
    };
    let (lacking, doubts) = match plan.state {
        PlanState::Ready => {
            (search::count_lacking(scope, &mut tx, id).await?, search::doubts(scope, &mut tx, id).await?)
        }
        _ => (0, Vec::new()),
    };
    tx.commit().await?;
    let next = if has_more { lines.last().copied() } else { None };
    let is_for_owners = may_act(scope, &plan).is_err();
    Ok(PlanPage {
        l: visitor.l,
        shell,
        code: scope.school.code.clone(),
        now: visitor.now,
        at,
        progress: ProgressShown::of(&visitor.l, &plan, visitor.now),
        kind: plan.source.roster_kind(scope.school.kind),
        can_change: plan.state == PlanState::Ready
            && !is_for_owners
            && submission.as_ref().is_none_or(|part| part.submission.state.is_open()),
        is_for_owners,
        plan,
        submission,
        other_year: year.filter(|year| year.id != current.id).map(|year| year.label()),
        query: query.clone(),
        rows,
        comparisons,
        related,
        new_classes,
        previous,
        next,
        takes_many,
        lacking,
        doubts,
        acts,
        typed: None,
        faults: FormErrors::new(),
    })
}

async fn submission_part(scope: &Scope, tx: &mut sqlx::PgConnection, plan: &Plan) -> Result<Option<SubmissionPart>> {
    if plan.book == Book::Roster {
        return Ok(None);
    }
    let submission = submissions::find(scope, tx, plan.id).await?;
    let missing = match plan.state {
        PlanState::Ready | PlanState::Submitted => {
            submissions::missing_classes(scope, tx, plan.id, plan.school_year_id).await?
        }
        _ => Vec::new(),
    };
    Ok(Some(SubmissionPart { submission, missing, operator: None }))
}

/// Another person was first: the row as it is now, and what was typed, to send once more or to discard.
///
/// # Errors
/// [`Error::NotFound`] where there is no such row.
pub async fn meanwhile(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageAccounts>,
    at: PlanAddress,
    line: i32,
    typed: Vec<(Field, String)>,
) -> PageResult {
    let mut page = of_school(app, visitor, granted, at, &ReviewQuery::default().page(line - 1)).await?;
    if page.rows.iter().all(|row| row.line != line) {
        return Err(Error::NotFound);
    }
    page.faults = FormErrors::one(format!("row-{line}"), "fault-row-meanwhile");
    page.typed = Some((line, typed));
    refused(&page)
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
    at: PlanAddress,
    Form(form): Form<ApplyForm>,
) -> PageResult {
    let asked = !form.classes_asked.is_empty() || !form.new_classes.is_empty();
    let wanted = asked.then_some(form.new_classes.as_slice());
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let plan = at.find(&granted, &mut tx).await?;
    may_act(&granted, &plan)?;
    let asks = plan.state == PlanState::Ready && takes_many(&granted, &mut tx, &plan).await?;
    tx.commit().await?;
    if asks && form.confirm_leaves.is_empty() {
        let mut page = of_school(&app, &visitor, &granted, at, &ReviewQuery::default()).await?;
        page.faults = FormErrors::one(
            "confirm_leaves",
            if plan.source == Source::Rollover { "fault-rollover-leaves" } else { "fault-plan-leaves" },
        );
        return refused(&page);
    }
    // A person who was not the first sees what the first one started.
    apply::start(&granted, &app, at.id, wanted).await?;
    Ok(page::redirect(at.page()))
}

/// Drops a plan that waits, with its file.
pub async fn discard(State(app): State<App>, granted: Granted<may::ManageAccounts>, at: PlanAddress) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let plan = at.find(&granted, &mut tx).await?;
    tx.commit().await?;
    may_act(&granted, &plan)?;
    purge::discard(&granted, &app, at.id).await?;
    Ok(page::redirect(at.page()))
}
