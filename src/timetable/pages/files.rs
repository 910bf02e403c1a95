//! A version as files: workbooks in the shapes of schools, and the format of FET.

use axum::response::Response;
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    ids::TimetableId,
    timetable::{
        elsewhere::LessonsElsewhere,
        export::{self, ExportShape},
        imports::taking,
        lessons::{self, LessonsOf},
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
            let is_timed = match shape {
                "" => false,
                "lessons" => true,
                _ => return Err(Error::NotFound),
            };
            let elsewhere = LessonsElsewhere::of_school(granted, app, app.clock.today()).await?;
            let mut tx = app.db.begin_in(granted.school_id()).await?;
            let version = versions::find(granted, &mut tx, id).await?;
            let basis = basis::read(granted, &mut tx, &version, &elsewhere).await?;
            tx.commit().await?;
            let write = move || match is_timed {
                true => fet::write_timed(&basis.problem, &basis.placed),
                false => fet::write(&basis.problem),
            };
            let written = tokio::task::spawn_blocking(write).await;
            Ok(page::attachment(written.map_err(anyhow::Error::new)?, "application/xml", "timetable.fet"))
        }
        "xlsx" => {
            let shape = if shape.is_empty() {
                ExportShape::Grid
            } else {
                ExportShape::from_key(shape).ok_or(Error::NotFound)?
            };
            let mut tx = app.db.begin_in(granted.school_id()).await?;
            let version = versions::find(granted, &mut tx, id).await?;
            let ground = taking::ground(granted, &mut tx, version.year_id).await?;
            let lessons = lessons::of(granted, &mut tx, id, LessonsOf::All).await?;
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
