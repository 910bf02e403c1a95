//! An operator hands in one list of several schools.

use axum::extract::{Multipart, State};

use super::queue::{QueueQuery, queue_page};
use crate::{
    app::App,
    error::{Error, Result},
    paths,
    registry::submissions::SubmissionKind,
    submissions::many_schools::{self, ListOfMany},
    web::{PageResult, RequestContext, forms::FormErrors, page, refused},
};

/// The fields of the form, and others that a browser may send along.
const MOST_FIELDS: usize = 10;

pub async fn submit(State(app): State<App>, visitor: RequestContext, multipart: Multipart) -> PageResult {
    let (kind, file_name, file) = read(multipart).await?;
    let mut faults = FormErrors::new();
    let of_kind = SubmissionKind::from_key(&kind);
    if of_kind.is_none() {
        faults.add("kind", "fault-submission-kind");
    }
    match (file_name.is_empty(), file.is_empty()) {
        (true, true) => faults.add("file", "fault-file-missing"),
        (false, true) => faults.add("file", "fault-file-empty"),
        (_, false) => {}
    }
    if let (Some(kind), true) = (of_kind, faults.is_empty()) {
        match many_schools::begin(&app, &visitor, ListOfMany { kind, file_name, file }).await? {
            Ok(schools) => {
                let queue = paths::OperatorSubmissions::of().with("done", "submissions-begun").with("n", schools);
                return Ok(page::redirect(queue));
            }
            Err(refusal) => faults.add_about("file", refusal.key(), refusal.value()),
        }
    }
    refused(&queue_page(&app, &visitor, QueueQuery::default(), faults).await?.with_kind(kind))
}

/// The kind, and the file with its name.
async fn read(mut multipart: Multipart) -> Result<(String, String, Vec<u8>)> {
    let (mut kind, mut name, mut file) = (String::new(), String::new(), Vec::new());
    for _ in 0..MOST_FIELDS {
        let Some(field) = multipart.next_field().await? else { return Ok((kind, name, file)) };
        match field.name() {
            Some("file") if file.is_empty() => {
                name = field.file_name().unwrap_or_default().chars().take(200).collect();
                file = field.bytes().await?.to_vec();
            }
            Some("kind") => kind = field.text().await?.chars().take(20).collect(),
            _ => drop(field.bytes().await?),
        }
    }
    Err(Error::Malformed)
}
