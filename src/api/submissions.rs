//! `/api/submissions`: a file is handed in by a token of the school, and what became of it is told.

use std::time::Duration;

use axum::{
    Extension,
    extract::{FromRequest, Multipart, Request, State},
    http::{HeaderMap, header},
    response::IntoResponse,
};
use sha2::{Digest, Sha256};

use super::{
    answer,
    hand_in::{self, Handed},
    idempotency::{self, IdempotencyClaim},
};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    error::{Error, Result},
    ids::PlanId,
    plan::{book::Book, upload::Sealing},
    registry::submissions::SubmissionKind,
    sources::import,
    web::{PageResult, RequestContext, address_parts::Path, forms::short_text},
};

/// How long the answer to a file waits for it to be checked, unless the request says otherwise (RFC 7240).
const WAIT: Duration = Duration::from_secs(10);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The fields of the form, and others that a program may send along.
const MOST_FIELDS: usize = 10;

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageRegistry>,
    request: Request,
) -> PageResult {
    let headers = request.headers().clone();
    let key = idempotency::key(&headers)?;
    check_media_type(&headers)?;
    let has_room = import::has_room(&granted, &app, Book::Registry).await?;
    let multipart = Multipart::from_request(request, &app).await.map_err(|_| Error::Malformed)?;
    let mut sealing = Sealing::begin(&app)?;
    let typed = read(multipart, has_room.then_some(&mut sealing)).await?;
    let Some(kind) = SubmissionKind::from_key(&typed.kind) else {
        return Ok(answer::refused(&visitor, "submission-kind").into_response());
    };
    if typed.is_empty {
        return Ok(answer::refused(&visitor, "submission-file").into_response());
    }
    let claim = key.as_deref().map(|key| (key, typed.hash(kind)));
    let claimed = if has_room {
        let file = Handed { kind, file_name: typed.file_name, file: sealing.finish().await? };
        hand_in::begin(&granted, &app, file, claim).await?
    } else {
        answered_before(&granted, &app, claim).await?
    };
    let plan_id = match claimed {
        IdempotencyClaim::Of(plan_id) => plan_id,
        IdempotencyClaim::OfSomethingElse => return Ok(answer::refused(&visitor, "idempotency").into_response()),
    };
    if let Some(key) = &key
        && let Some(answer) = idempotency::remembered(&granted, &app, key).await?
    {
        return Ok(answer.into_response());
    }
    let answer = hand_in::settled(&granted, &app, &visitor, plan_id, wait(&headers)).await?;
    match &key {
        Some(key) => Ok(idempotency::remember(&granted, &app, key, answer).await?.into_response()),
        None => Ok(answer.into_response()),
    }
}

/// No more files of the school may wait: what came before is answered all the same.
///
/// # Errors
/// [`Error::FilesWaiting`] where this is a new one.
async fn answered_before(scope: &Scope, app: &App, claim: Option<(&str, [u8; 32])>) -> Result<IdempotencyClaim> {
    let Some(claim) = claim else { return Err(Error::FilesWaiting) };
    idempotency::earlier(scope, app, claim).await?.ok_or(Error::FilesWaiting)
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    Extension(scope): Extension<Scope>,
    Path(plan_id): Path<PlanId>,
) -> PageResult {
    let found = answer::find(&scope, &app, plan_id).await?;
    Ok(answer::of(&app, &visitor, &scope, &found, None).into_response())
}

fn check_media_type(headers: &HeaderMap) -> Result<()> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("multipart/form-data") { Ok(()) } else { Err(Error::MediaType) }
}

/// `Prefer: respond-async`, or `wait` in seconds.
fn wait(headers: &HeaderMap) -> Duration {
    let preferred = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let mut wanted = preferred.flat_map(|line| line.split([',', ';'])).map(str::trim);
    let wait = wanted.find_map(|each| match each.split_once('=') {
        None if each.eq_ignore_ascii_case("respond-async") => Some(Duration::ZERO),
        Some((name, seconds)) if name.trim().eq_ignore_ascii_case("wait") => {
            seconds.trim().parse().ok().map(Duration::from_secs)
        }
        _ => None,
    });
    wait.unwrap_or(WAIT).min(LONGEST_WAIT)
}

/// The form as sent, but for the file itself.
struct SubmissionUpload {
    kind: String,
    file_name: String,
    is_empty: bool,
    of_file: Sha256,
}

impl SubmissionUpload {
    /// By which the same request is known again.
    fn hash(&self, kind: SubmissionKind) -> [u8; 32] {
        let file = self.of_file.clone().finalize();
        Sha256::new().chain_update(kind.key()).chain_update([0]).chain_update(file).finalize().into()
    }
}

/// Reads the form; the file is sealed as it comes.
async fn read(mut multipart: Multipart, mut sealing: Option<&mut Sealing>) -> Result<SubmissionUpload> {
    let mut typed =
        SubmissionUpload { kind: String::new(), file_name: String::new(), is_empty: true, of_file: Sha256::new() };
    for _ in 0..MOST_FIELDS {
        let Some(mut field) = multipart.next_field().await? else { return Ok(typed) };
        match field.name() {
            Some("file") if typed.is_empty => {
                typed.file_name = field.file_name().unwrap_or_default().chars().take(200).collect();
                while let Some(bytes) = field.chunk().await? {
                    typed.is_empty &= bytes.is_empty();
                    typed.of_file.update(&bytes);
                    if let Some(sealing) = &mut sealing {
                        sealing.push(&bytes).await?;
                    }
                }
            }
            Some("kind") => typed.kind = short_text(field).await?,
            // As the description has it: nothing else, and no second file.
            _ => return Err(Error::Malformed),
        }
    }
    Err(Error::Malformed)
}
