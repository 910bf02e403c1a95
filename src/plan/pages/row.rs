//! One row of a review: mended where it is seen, or decided on.

use std::collections::HashMap;

use axum::extract::{Path, State};
use uuid::Uuid;

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
    let query = form.get("back").filter(|back| back.chars().all(|c| c.is_ascii_alphanumeric() || "=&-_".contains(c)));
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Ok(page::redirect(&format!("/schools/{}/plans/{id}{query}#row-{line}", granted.school.code)))
}
