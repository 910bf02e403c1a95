//! Rows of a review: one mended where it is seen or decided on, or many decided on at once.

use std::collections::HashMap;

use axum::extract::State;
use serde::Deserialize;

use super::{PlanAddress, query::ReviewQuery, review::meanwhile};
use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    paths::Address,
    plan::{
        model::{Decision, LINES_OF_SHEET, PlanRow},
        review::{self, ChangeCondition, RowChange},
        rows, search,
    },
    roster::fields::Field,
    web::{PageResult, RequestContext, address_parts::Path, forms::Form, page},
};

/// The decision that takes one back.
const OPEN: &str = "open";

/// Fields by their names, or a `decision`; other form fields (`back`, `seen`) are not a person's.
pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    at: PlanAddress,
    Path((_, _, line)): Path<(String, String, i32)>,
    Form(form): Form<HashMap<String, String>>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let plan = at.find(&granted, &mut tx).await?;
    tx.commit().await?;
    review::may_act(&granted, &plan)?;
    let values = form.iter().filter_map(|(name, typed)| Some((Field::from_key(name)?, typed.clone())));
    let typed: Vec<(Field, String)> = values.filter(|(field, _)| *field != Field::Password).collect();
    let (change, typed) = match form.get("decision").map(String::as_str) {
        Some(OPEN) => (RowChange::Reopen, Vec::new()),
        Some(decision) if let Some(decision) = Decision::from_key(decision) => {
            (RowChange::Decide(decision), Vec::new())
        }
        _ => (RowChange::Mend(typed.clone()), typed),
    };
    let as_seen = ChangeCondition::AsSeen(form.get("seen").map(String::as_str));
    let changed = review::change(&granted, &app, at.id, &[(line, change)], as_seen).await?;
    let Some(row) = changed.first() else {
        return meanwhile(&app, &visitor, &granted, at, line, typed).await;
    };
    let back = ReviewQuery::parse(form.get("back").map_or("", String::as_str));
    Ok(page::redirect(on_to(&app, &granted, &at, &back, row).await?))
}

/// The review, where it goes on: at the same row as long as something is wrong with it, then at the next such row. The
/// page says what became of the row.
async fn on_to(
    app: &App,
    granted: &Granted<may::ManageAccounts>,
    at: &PlanAddress,
    back: &ReviewQuery,
    row: &PlanRow,
) -> Result<Address> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let search = back.search();
    let next = match row.outcome.is_settled() {
        true => search::next_to_mend(granted, &mut tx, at.id, &search, row.line).await?,
        false => None,
    };
    let shown = next.unwrap_or(row.line);
    let page = search::lines(granted, &mut tx, at.id, &search, back.after(), rows::PAGE).await?;
    tx.commit().await?;
    // The next one may stand on another page.
    let is_here = next.is_none() || page.contains(&shown);
    let back = if is_here { back.clone() } else { back.page(shown - 1) };
    let done = format!("row-{}", row.outcome.key());
    let review = back.address(at.page()).with("done", done).with("n", row.line % LINES_OF_SHEET);
    Ok(review.at(format!("row-{shown}")))
}

/// One decision on all rows that wait for one, or on those of one reason.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DecisionsForm {
    decision: String,
    reason: String,
    back: String,
}

pub async fn decide_all(
    State(app): State<App>,
    granted: Granted<may::ManageAccounts>,
    at: PlanAddress,
    Form(form): Form<DecisionsForm>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let plan = at.find(&granted, &mut tx).await?;
    tx.commit().await?;
    review::may_act(&granted, &plan)?;
    let reason = Some(form.reason.as_str()).filter(|reason| !reason.is_empty());
    let decided = match Decision::from_key(&form.decision) {
        Some(decision) => review::decide_all(&granted, &app, at.id, reason, decision).await?,
        None => 0,
    };
    // Rows that were decided on no longer wait: what stays are the others.
    let back = ReviewQuery { after: String::new(), ..ReviewQuery::parse(&form.back) };
    Ok(page::redirect(back.address(at.page()).with("done", "decided").with("n", decided)))
}
