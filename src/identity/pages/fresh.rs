//! Asks for the password before a change that weighs much, and goes on with the change as it was sent: the page carries
//! the whole form along.

use askama::Template;
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{
    app::App,
    error::{Error, Result},
    identity::fresh::{self, Refusal},
    web::{L, Shell, Visitor, forms::Faults, limits, page, routes::Fresh},
};

/// The field of the password, beside the fields of whatever form it is.
const FIELD: &str = "fresh_password";

/// As large as a form of ours gets: five thousand people picked.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// What becomes of a change.
pub enum Held {
    GoesOn(Request),
    /// The password comes first.
    Asks(Response),
}

#[derive(Template)]
#[template(path = "identity/fresh.html")]
struct FreshPage<'a> {
    l: L,
    shell: Shell,
    login: &'a str,
    action: &'a str,
    fields: &'a [(String, String)],
    faults: Faults,
}

/// Lets a change go on whose sender has typed his password a moment ago, or does so now.
///
/// # Errors
/// When the database cannot be reached, or the form is none.
pub async fn hold(app: &App, visitor: &Visitor, fresh: Fresh, request: Request) -> Result<Held> {
    let signed_in = visitor.signed_in()?;
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, MOST_BYTES).await.map_err(|_| Error::TooLarge)?;
    limits::check_form(&bytes)?;
    let mut fields: Vec<(String, String)> = url::form_urlencoded::parse(&bytes).into_owned().collect();
    let goes_on = || Held::GoesOn(Request::from_parts(parts, Body::from(bytes.clone())));
    if fresh::is_fresh(signed_in, visitor.now) || !weighs(fresh, &fields) {
        return Ok(goes_on());
    }
    let typed = fields.iter().find(|(name, _)| name == FIELD).map(|(_, value)| value.clone());
    let mut wait = None;
    let faults = match typed {
        None => Faults::new(),
        Some(typed) if typed.is_empty() => Faults::one(FIELD, "fault-password-missing"),
        Some(typed) => match fresh::check(app, signed_in, &typed, visitor.address).await? {
            Ok(()) => return Ok(goes_on()),
            Err(Refusal::Wrong) => Faults::one(FIELD, "fault-password-current-wrong"),
            Err(Refusal::TooManyTries(time)) => {
                wait = Some(time);
                let mut faults = Faults::new();
                faults.add_about(FIELD, "fault-sign-in-too-many", time.as_secs().div_ceil(60).to_string());
                faults
            }
        },
    };
    fields.retain(|(name, _)| name != FIELD);
    let asked = FreshPage {
        l: visitor.l,
        shell: Shell::plain(visitor),
        login: &signed_in.login,
        action: &visitor.here,
        fields: &fields,
        faults,
    };
    Ok(Held::Asks(
        match wait {
            None => page::refused(&asked)?,
            Some(wait) => page::retry_after(page::with_status(StatusCode::TOO_MANY_REQUESTS, &asked)?, wait),
        }
        .into_response(),
    ))
}

fn weighs(fresh: Fresh, fields: &[(String, String)]) -> bool {
    match fresh {
        Fresh::Always => true,
        Fresh::When { field, is } => fields.iter().any(|(name, value)| name == field && value == is),
    }
}
