//! One row of a review: mended where it is seen, or decided on.

use std::collections::HashMap;

use axum::extract::{Path, State};
use uuid::Uuid;

use super::query::ReviewQuery;
use crate::{
    access::{Granted, may},
    app::App,
    error::Error,
    members::fields::Field,
    plan::{
        model::Decision,
        review::{self, Change},
    },
    web::{Reply, forms::Form, page},
};

/// Fields by their names, or a `decision`; whatever else a form sends (`back`) is no field of a person.
pub async fn submit(
    State(app): State<App>,
    granted: Granted<may::ManageAccounts>,
    Path((_, id, line)): Path<(String, String, i32)>,
    Form(form): Form<HashMap<String, String>>,
) -> Reply {
    let id: Uuid = id.parse().map_err(|_| Error::NotFound)?;
    let decision = form.get("decision").and_then(|decision| Decision::from_key(decision));
    let values = form.iter().filter_map(|(name, typed)| Some((Field::from_key(name)?, typed.clone())));
    let change = match decision {
        Some(decision) => Change::Decide(decision),
        None => Change::Mend(values.filter(|(field, _)| *field != Field::Password).collect()),
    };
    review::change(&granted, &app, id, line, change).await?;
    let back = ReviewQuery::parse(form.get("back").map_or("", String::as_str));
    let review = back.address(&format!("/schools/{}/plans/{id}", granted.school.code));
    Ok(page::redirect(&format!("{review}#row-{line}")))
}
