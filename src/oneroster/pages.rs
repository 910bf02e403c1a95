//! The roster as a file.

use axum::extract::State;

use super::export;
use crate::{
    access::{Action, Granted, may},
    app::App,
    paths,
    routes::{Access, Routes},
    web::{PageResult, page::attached_file},
};

#[must_use]
pub fn routes() -> Routes {
    Routes::new().get_fresh(paths::OneRosterZip::PATH, Access::School(Action::ManageAccounts), zip)
}

async fn zip(State(app): State<App>, granted: Granted<may::ManageAccounts>) -> PageResult {
    let file = export::write(&granted, &app).await?;
    let name = format!("{}-oneroster-{}.zip", granted.school.code, app.clock.today());
    attached_file(file, "application/zip", &name)
}
