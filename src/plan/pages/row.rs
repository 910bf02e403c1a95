//! One row of a review: mended where it is seen, or decided on.

use std::collections::HashMap;

use axum::extract::{Path, State};

use super::{query::ReviewQuery, review::meanwhile};
use crate::{
    access::{Granted, may},
    app::App,
    error::Error,
    ids::PlanId,
    plan::{
        matching,
        model::{Decision, PlanRow},
        review::{self, RowChange},
    },
    roster::fields::Field,
    web::{PageResult, RequestContext, forms::Form, page},
};

/// Fields by their names, or a `decision`; other form fields (`back`, `seen`) are not a person's.
pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id, line)): Path<(String, String, i32)>,
    Form(form): Form<HashMap<String, String>>,
) -> PageResult {
    let id: PlanId = id.parse().map_err(|_| Error::NotFound)?;
    let decision = form.get("decision").and_then(|decision| Decision::from_key(decision));
    let values = form.iter().filter_map(|(name, typed)| Some((Field::from_key(name)?, typed.clone())));
    let typed: Vec<(Field, String)> = values.filter(|(field, _)| *field != Field::Password).collect();
    let change = decision.map_or_else(|| RowChange::Mend(typed.clone()), RowChange::Decide);
    let is_as_seen = |row: &PlanRow| form.get("seen").is_none_or(|seen| *seen == matching::seen_key(row).to_string());
    let changed = review::change(&granted, &app, id, &[(line, change)], is_as_seen).await?;
    if changed.is_empty() {
        let typed = if decision.is_some() { Vec::new() } else { typed };
        return meanwhile(&app, &visitor, &granted, id, line, typed).await;
    }
    let back = ReviewQuery::parse(form.get("back").map_or("", String::as_str));
    let review = back.address(&format!("/schools/{}/plans/{id}", granted.school.code));
    Ok(page::redirect(&format!("{review}#row-{line}")))
}
