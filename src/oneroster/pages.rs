//! The roster as a file.

use axum::{body::Body, extract::State, http::header};
use tokio_util::io::ReaderStream;

use super::export;
use crate::{
    access::{Action, Granted, may},
    app::App,
    paths,
    routes::{Access, Routes},
    web::{PageResult, page::attachment},
};

#[must_use]
pub fn routes() -> Routes {
    Routes::new().get_fresh(paths::OneRosterZip::PATH, Access::School(Action::ManageAccounts), zip)
}

async fn zip(State(app): State<App>, granted: Granted<may::ManageAccounts>) -> PageResult {
    let file = export::write(&granted, &app).await?;
    let length = file.metadata().map_err(anyhow::Error::new)?.len();
    let body = Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file)));
    let name = format!("{}-oneroster-{}.zip", granted.school.code, app.clock.today());
    let mut response = attachment(body, "application/zip", &name);
    response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    Ok(response)
}
