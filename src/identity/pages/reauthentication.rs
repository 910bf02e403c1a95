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
        reauthentication::{self, PasswordTryRefusal},
        sessions::Device,
    },
    paths,
    routes::Reauthentication,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        limits, page, path,
    },
};

/// The password field, beside the fields of the original form.
const FIELD: &str = "fresh_password";

/// As large as our forms get: five thousand people selected.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// What becomes of a change.
pub enum HeldChange {
    GoesOn(Request),
    /// It goes on to the handler, which may ask for the password first.
    GoesOnUnlessTold(Request, Sent),
    /// The password comes first.
    Asks(Response),
}

/// The form as it was sent, but for the password.
pub struct Sent(Vec<(String, String)>);

#[derive(Template)]
#[template(path = "identity/reauthentication.html")]
struct FreshPage<'a> {
    l: Translator,
    shell: Shell,
    login: &'a str,
    action: &'a str,
    fields: &'a [(String, String)],
    faults: FormErrors,
}

/// Why the password is asked for again.
enum Asking {
    First,
    Missing,
    Refused(PasswordTryRefusal),
}

/// Lets a change go on if its sender has typed the password a moment ago, or does so now.
///
/// # Errors
/// When the form cannot be parsed.
pub async fn hold(
    app: &App,
    visitor: &RequestContext,
    fresh: Reauthentication,
    request: Request,
) -> Result<HeldChange> {
    let signed_in = visitor.signed_in()?;
    let (mut parts, body) = request.into_parts();
    let bytes = to_bytes(body, MOST_BYTES).await.map_err(|_| Error::TooLarge)?;
    limits::check_form(&bytes)?;
    let mut fields: Vec<(String, String)> = url::form_urlencoded::parse(&bytes).into_owned().collect();
    let body = Body::from(bytes);
    if reauthentication::is_fresh(signed_in, visitor.now) || !weighs(fresh, &fields) {
        return Ok(HeldChange::GoesOn(Request::from_parts(parts, body)));
    }
    let typed = fields.iter().find(|(name, _)| name == FIELD).map(|(_, value)| value.clone());
    fields.retain(|(name, _)| name != FIELD);
    let sent = Sent(fields);
    let asking = match typed {
        None if fresh == Reauthentication::WhereTold => {
            return Ok(HeldChange::GoesOnUnlessTold(Request::from_parts(parts, body), sent));
        }
        None => Asking::First,
        Some(typed) if typed.is_empty() => Asking::Missing,
        Some(typed) => match reauthentication::check(app, signed_in, &typed, &Device::of(visitor)).await? {
            Ok(()) => {
                // The visitor that the auth middleware found, with the wording of the school.
                let known = parts.extensions.get::<RequestContext>().unwrap_or(visitor).who_is_fresh();
                parts.extensions.insert(known);
                return Ok(HeldChange::GoesOn(Request::from_parts(parts, body)));
            }
            Err(refusal) => Asking::Refused(refusal),
        },
    };
    page_of(visitor, &visitor.here, &sent.0, &asking).map(HeldChange::Asks)
}

impl Sent {
    /// Asks for the password, and carries the form along.
    ///
    /// # Errors
    /// When the page cannot be rendered.
    pub fn ask(&self, visitor: &RequestContext) -> PageResult {
        page_of(visitor, &visitor.here, &self.0, &Asking::First)
    }
}

fn page_of(visitor: &RequestContext, action: &str, fields: &[(String, String)], asking: &Asking) -> PageResult {
    let (faults, wait) = match asking {
        Asking::First => (FormErrors::new(), None),
        Asking::Missing => (FormErrors::one(FIELD, "fault-password-missing"), None),
        Asking::Refused(PasswordTryRefusal::Wrong) => (FormErrors::one(FIELD, "fault-password-current-wrong"), None),
        Asking::Refused(PasswordTryRefusal::TooManyTries(wait)) => {
            let mut faults = FormErrors::new();
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

fn weighs(fresh: Reauthentication, fields: &[(String, String)]) -> bool {
    match fresh {
        Reauthentication::Always | Reauthentication::WhereTold => true,
        Reauthentication::When { field, is } => fields.iter().any(|(name, value)| name == field && value == is),
    }
}

/// Where a page or a file is requested, the password is asked for on a page of its own.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PasswordForm {
    fresh_password: String,
    next: String,
}

pub async fn show(visitor: RequestContext, Query(form): Query<PasswordForm>) -> PageResult {
    let mut asked = own_page(&visitor, &form.next, &Asking::First)?;
    *asked.status_mut() = StatusCode::OK;
    Ok(asked)
}

pub async fn submit(State(app): State<App>, visitor: RequestContext, Form(form): Form<PasswordForm>) -> PageResult {
    if form.fresh_password.is_empty() {
        return own_page(&visitor, &form.next, &Asking::Missing);
    }
    let device = Device::of(&visitor);
    match reauthentication::check(&app, visitor.signed_in()?, &form.fresh_password, &device).await? {
        Ok(()) => Ok(page::redirect(path::of_ours_or_home(&form.next))),
        Err(refusal) => own_page(&visitor, &form.next, &Asking::Refused(refusal)),
    }
}

fn own_page(visitor: &RequestContext, next: &str, asking: &Asking) -> PageResult {
    page_of(visitor, paths::Reauthentication::PATH, &[("next".to_owned(), path::of_ours_or_home(next))], asking)
}
