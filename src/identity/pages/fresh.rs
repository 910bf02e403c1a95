//! Asks for the password before a sensitive change, and then continues with the change as it was sent: the page carries
//! the whole form along.

use askama::Template;
use axum::{
    body::{Body, to_bytes},
    extract::{Query, Request, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;

use crate::{
    app::App,
    error::{Error, Result},
    identity::{
        fresh::{self, Refusal},
        sessions::Device,
    },
    web::{
        L, Reply, Shell, Visitor,
        forms::{Faults, Form},
        limits, page, path,
        routes::Fresh,
    },
};

/// The password field, beside the fields of the original form.
const FIELD: &str = "fresh_password";

/// As large as our forms get: five thousand people selected.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// What becomes of a change.
pub enum Held {
    GoesOn(Request),
    /// It goes on to the handler, which may ask for the password first.
    GoesOnUnlessTold(Request, Sent),
    /// The password comes first.
    Asks(Response),
}

/// The form as it was sent, but for the password.
pub struct Sent(Vec<(String, String)>);

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

/// Why the password is asked for again.
enum Asking {
    First,
    Missing,
    Refused(Refusal),
}

/// Lets a change go on if its sender has typed the password a moment ago, or does so now.
///
/// # Errors
/// When the form cannot be parsed.
pub async fn hold(app: &App, visitor: &Visitor, fresh: Fresh, request: Request) -> Result<Held> {
    let signed_in = visitor.signed_in()?;
    let (mut parts, body) = request.into_parts();
    let bytes = to_bytes(body, MOST_BYTES).await.map_err(|_| Error::TooLarge)?;
    limits::check_form(&bytes)?;
    let mut fields: Vec<(String, String)> = url::form_urlencoded::parse(&bytes).into_owned().collect();
    let body = Body::from(bytes);
    if fresh::is_fresh(signed_in, visitor.now) || !weighs(fresh, &fields) {
        return Ok(Held::GoesOn(Request::from_parts(parts, body)));
    }
    let typed = fields.iter().find(|(name, _)| name == FIELD).map(|(_, value)| value.clone());
    fields.retain(|(name, _)| name != FIELD);
    let sent = Sent(fields);
    let asking = match typed {
        None if fresh == Fresh::WhereTold => {
            return Ok(Held::GoesOnUnlessTold(Request::from_parts(parts, body), sent));
        }
        None => Asking::First,
        Some(typed) if typed.is_empty() => Asking::Missing,
        Some(typed) => match fresh::check(app, signed_in, &typed, &Device::of(visitor)).await? {
            Ok(()) => {
                // The visitor that the auth middleware found, with the wording of the school.
                let known = parts.extensions.get::<Visitor>().unwrap_or(visitor).who_is_fresh();
                parts.extensions.insert(known);
                return Ok(Held::GoesOn(Request::from_parts(parts, body)));
            }
            Err(refusal) => Asking::Refused(refusal),
        },
    };
    page_of(visitor, &visitor.here, &sent.0, &asking).map(Held::Asks)
}

impl Sent {
    /// Asks for the password, and carries the form along.
    ///
    /// # Errors
    /// When the page cannot be rendered.
    pub fn ask(&self, visitor: &Visitor) -> Reply {
        page_of(visitor, &visitor.here, &self.0, &Asking::First)
    }
}

fn page_of(visitor: &Visitor, action: &str, fields: &[(String, String)], asking: &Asking) -> Reply {
    let (faults, wait) = match asking {
        Asking::First => (Faults::new(), None),
        Asking::Missing => (Faults::one(FIELD, "fault-password-missing"), None),
        Asking::Refused(Refusal::Wrong) => (Faults::one(FIELD, "fault-password-current-wrong"), None),
        Asking::Refused(Refusal::TooManyTries(wait)) => {
            let mut faults = Faults::new();
            faults.add_about(FIELD, "fault-sign-in-too-many", wait.as_secs().div_ceil(60).to_string());
            (faults, Some(*wait))
        }
    };
    let login = &visitor.signed_in()?.login;
    let asked = FreshPage { l: visitor.l, shell: Shell::plain(visitor), login, action, fields, faults };
    match wait {
        None => page::refused(&asked),
        Some(wait) => Ok(page::retry_after(page::with_status(StatusCode::TOO_MANY_REQUESTS, &asked)?, wait)),
    }
}

fn weighs(fresh: Fresh, fields: &[(String, String)]) -> bool {
    match fresh {
        Fresh::Always | Fresh::WhereTold => true,
        Fresh::When { field, is } => fields.iter().any(|(name, value)| name == field && value == is),
    }
}

/// Where a page or a file is requested, the password is asked for on a page of its own.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PasswordForm {
    fresh_password: String,
    next: String,
}

pub async fn show(visitor: Visitor, Query(form): Query<PasswordForm>) -> Reply {
    let mut asked = own_page(&visitor, &form.next, &Asking::First)?;
    *asked.status_mut() = StatusCode::OK;
    Ok(asked)
}

pub async fn submit(State(app): State<App>, visitor: Visitor, Form(form): Form<PasswordForm>) -> Reply {
    if form.fresh_password.is_empty() {
        return own_page(&visitor, &form.next, &Asking::Missing);
    }
    let device = Device::of(&visitor);
    match fresh::check(&app, visitor.signed_in()?, &form.fresh_password, &device).await? {
        Ok(()) => Ok(page::redirect(&path::of_ours_or_home(&form.next))),
        Err(refusal) => own_page(&visitor, &form.next, &Asking::Refused(refusal)),
    }
}

fn own_page(visitor: &Visitor, next: &str, asking: &Asking) -> Reply {
    page_of(visitor, "/me/reauthentication", &[("next".to_owned(), path::of_ours_or_home(next))], asking)
}
