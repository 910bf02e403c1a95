//! Handing in a spreadsheet.

use askama::Template;
use axum::extract::{Multipart, Query, State, multipart::MultipartError};
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    plan::{draft::Upload, model::Source},
    schools::{
        shell::{self, Entry},
        years::{self, Year},
    },
    sources::import,
    web::{L, Reply, Shell, Visitor, forms::Faults, html, page, refused},
};

#[derive(Template)]
#[template(path = "plan/new.html")]
struct UploadPage {
    l: L,
    shell: Shell,
    code: String,
    source: Source,
    noun: &'static str,
    /// Today's, and those to come.
    years: Vec<Year>,
    faults: Faults,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SourceQuery {
    source: String,
}

impl SourceQuery {
    fn source(&self) -> Result<Source> {
        if self.source.is_empty() {
            Ok(Source::Students)
        } else {
            Source::from_key(&self.source).ok_or(Error::NotFound)
        }
    }
}

pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    granted: Granted<may::ManageAccounts>,
    Query(query): Query<SourceQuery>,
) -> Reply {
    html(&upload_page(&app, &visitor, &granted, query.source()?, Faults::new()).await?)
}

pub async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    granted: Granted<may::ManageAccounts>,
    Query(query): Query<SourceQuery>,
    multipart: Multipart,
) -> Reply {
    let source = query.source()?;
    let typed = read(multipart).await?;
    let fault = match (typed.file_name.is_empty(), typed.file.is_empty()) {
        (true, true) => Some("fault-file-missing"),
        (false, true) => Some("fault-file-empty"),
        (_, false) => None,
    };
    if let Some(key) = fault {
        return refused(&upload_page(&app, &visitor, &granted, source, Faults::one("file", key)).await?);
    }
    let year_id = match typed.school_year.as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| Error::NotFound)?),
    };
    let upload = Upload { source, file_name: &typed.file_name, file: &typed.file, year_id };
    let plan_id = import::begin(&granted, &app, upload).await?;
    Ok(page::redirect(&format!("/schools/{}/plans/{plan_id}", granted.school.code)))
}

/// The form as it came; what was not sent is empty.
#[derive(Default)]
struct Typed {
    file_name: String,
    file: Vec<u8>,
    school_year: String,
}

async fn read(mut multipart: Multipart) -> Result<Typed> {
    let mut typed = Typed::default();
    while let Some(field) = multipart.next_field().await? {
        match field.name() {
            Some("file") => {
                typed.file_name = field.file_name().unwrap_or_default().chars().take(200).collect();
                typed.file = field.bytes().await?.to_vec();
            }
            Some("school_year") => typed.school_year = field.text().await?,
            _ => {}
        }
    }
    Ok(typed)
}

impl From<MultipartError> for Error {
    fn from(error: MultipartError) -> Self {
        if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE { Self::TooLarge } else { Self::Malformed }
    }
}

async fn upload_page(
    app: &App,
    visitor: &Visitor,
    granted: &Granted<may::ManageAccounts>,
    source: Source,
    faults: Faults,
) -> Result<UploadPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let years = years::all_open(granted, &mut tx, app.clock.today()).await?;
    tx.commit().await?;
    Ok(UploadPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, Entry::Import),
        code: granted.school.code.clone(),
        source,
        noun: source.noun(),
        years,
        faults,
    })
}
