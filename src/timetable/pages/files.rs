//! A version as files: workbooks in the shapes of schools, and the format of FET.

use axum::response::Response;
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    ids::TimetableId,
    timetable::{
        export::{self, Shape},
        imports::taking,
        lessons::{self, Of},
        solver::{basis, fet},
        versions,
    },
    web::{Translator, page},
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct FileQuery {
    pub shape: String,
}

/// The version that a part of an address names, and as what file it is asked for.
pub fn split(part: &str) -> (&str, Option<&str>) {
    match part.rsplit_once('.') {
        Some((id, kind)) => (id, Some(kind)),
        None => (part, None),
    }
}

/// # Errors
/// [`Error::NotFound`] where there is no such kind of file.
pub async fn file(
    app: &App,
    granted: &Granted<may::ManageTimetable>,
    id: TimetableId,
    kind: &str,
    shape: &str,
    l: Translator,
) -> Result<Response> {
    match kind {
        "fet" => {
            let mut tx = app.db.begin_in(granted.school_id()).await?;
            let version = versions::find(granted, &mut tx, id).await?;
            let basis = basis::read(granted, &mut tx, &version).await?;
            tx.commit().await?;
            let written = tokio::task::spawn_blocking(move || fet::write(&basis.problem)).await;
            Ok(page::attachment(written.map_err(anyhow::Error::new)?, "application/xml", "timetable.fet"))
        }
        "xlsx" => {
            let shape = if shape.is_empty() { Shape::Grid } else { Shape::from_key(shape).ok_or(Error::NotFound)? };
            let mut tx = app.db.begin_in(granted.school_id()).await?;
            let version = versions::find(granted, &mut tx, id).await?;
            let ground = taking::ground(granted, &mut tx, version.year_id).await?;
            let lessons = lessons::of(granted, &mut tx, id, Of::All).await?;
            tx.commit().await?;
            let name = format!("timetable-{}-{}.xlsx", shape.key(), version.holds_from);
            let written =
                tokio::task::spawn_blocking(move || export::workbook(shape, &version, &ground, &lessons, l)).await;
            let file = written.map_err(anyhow::Error::new)?.map_err(anyhow::Error::new)?;
            Ok(page::attachment(file, page::XLSX, &name))
        }
        _ => Err(Error::NotFound),
    }
}
