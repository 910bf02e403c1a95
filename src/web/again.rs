//! Requests while the database is being restarted, or another one takes its place: what only reads is asked again for some
//! seconds, and a form waits before it is read. A form is never handled twice.

use std::time::{Duration, Instant};

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use super::errors;
use crate::db::{Db, PATIENCE_WITH_ABSENCE};

/// How long is waited between two tries.
const PAUSE: Duration = Duration::from_millis(250);

/// The layer around everything that looks at the database.
pub async fn try_again(State(db): State<Db>, request: Request, next: Next) -> Response {
    if !request.method().is_safe() {
        if db.was_away() {
            db.wait_for_return().await;
        }
        return next.run(request).await;
    }
    let until = Instant::now() + PATIENCE_WITH_ABSENCE;
    let (parts, body) = request.into_parts();
    let mut response = next.clone().run(Request::from_parts(parts.clone(), body)).await;
    while errors::tells_of_absence(&response) && Instant::now() < until {
        db.note_absence();
        tokio::time::sleep(PAUSE).await;
        response = next.clone().run(Request::from_parts(parts.clone(), Body::empty())).await;
    }
    response
}
