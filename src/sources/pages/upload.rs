//! Handing in a spreadsheet.

use askama::Template;
use axum::extract::{Multipart, Query, State, multipart::MultipartError};
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    plan::model::Source,
    schools::shell::{self, Entry},
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

pub async fn show(visitor: Visitor, granted: Granted<may::ManageAccounts>, Query(query): Query<SourceQuery>) -> Reply {
    html(&upload_page(&visitor, &granted, query.source()?, Faults::new()))
}

pub async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    granted: Granted<may::ManageAccounts>,
    Query(query): Query<SourceQuery>,
    multipart: Multipart,
) -> Reply {
    let source = query.source()?;
    let (name, file) = read_file(multipart).await?;
    let fault = match (name.is_empty(), file.is_empty()) {
        (true, true) => Some("fault-file-missing"),
        (false, true) => Some("fault-file-empty"),
        (_, false) => None,
    };
    if let Some(key) = fault {
        return refused(&upload_page(&visitor, &granted, source, Faults::one("file", key)));
    }
    let plan_id = import::begin(&granted, &app, source, &name, &file).await?;
    Ok(page::redirect(&format!("/schools/{}/plans/{plan_id}", granted.school.code)))
}

/// The name and the bytes of the field `file`; both empty where there is none.
async fn read_file(mut multipart: Multipart) -> Result<(String, Vec<u8>)> {
    while let Some(field) = multipart.next_field().await? {
        if field.name() == Some("file") {
            let name: String = field.file_name().unwrap_or_default().chars().take(200).collect();
            return Ok((name, field.bytes().await?.to_vec()));
        }
    }
    Ok((String::new(), Vec::new()))
}

impl From<MultipartError> for Error {
    fn from(error: MultipartError) -> Self {
        if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE { Self::TooLarge } else { Self::Malformed }
    }
}

fn upload_page(
    visitor: &Visitor,
    granted: &Granted<may::ManageAccounts>,
    source: Source,
    faults: Faults,
) -> UploadPage {
    UploadPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, Entry::Import),
        code: granted.school.code.clone(),
        source,
        noun: source.noun(),
        faults,
    }
}
