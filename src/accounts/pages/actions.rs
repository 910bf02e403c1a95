//! Actions on one person by a button: a new password, signing out.

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    access::{Granted, Permission, may},
    accounts::password::{self, Asked, Removal, Reset},
    app::App,
    error::{Error, Result},
    identity::reauthentication,
    ids::MemberId,
    roster::list_query::ListQuery,
    web::{PageResult, RequestContext, Shell, page},
};

pub async fn reset_password(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpPupils>,
    Path((_, id)): Path<(String, String)>,
) -> PageResult {
    let id = member_id(&id)?;
    // Staff accounts could do harm, so the actor must have confirmed their password recently; a pupil who stands at the
    // desk is helped at once.
    if password::is_of_staff(&granted, &app, id).await? {
        reauthentication::expect(&visitor)?;
    }
    Ok(match password::reset(&granted, &app, id, visitor.l.0).await? {
        Reset::Slip => page::redirect(&format!("{}/slip", address(&granted, id))),
        Reset::Mailed => done(&granted, id, "reset-mailed"),
        Reset::Invited => done(&granted, id, "invited-again"),
        Reset::InvitedEnough => done(&granted, id, "invited-enough"),
    })
}

pub async fn sign_out(
    State(app): State<App>,
    granted: Granted<may::HelpPupils>,
    Path((_, id)): Path<(String, String)>,
    Query(from): Query<PressedIn>,
    Query(list): Query<ListQuery>,
) -> PageResult {
    let id = member_id(&id)?;
    let was_done = password::sign_out(&granted, &app, id).await?;
    Ok(from.done(&granted, &list, id, if was_done { "signed-out-everywhere" } else { "account-elsewhere" }))
}

pub async fn remove_second_factor(
    State(app): State<App>,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, String)>,
) -> PageResult {
    let id = member_id(&id)?;
    Ok(match password::remove_second_factor(&granted, &app, id).await? {
        Removal::Removed => done(&granted, id, "second-factor-removed"),
        Removal::Elsewhere => done(&granted, id, "account-elsewhere"),
        Removal::Nothing => page::redirect(&address(&granted, id)),
    })
}

pub async fn unlock(
    State(app): State<App>,
    granted: Granted<may::HelpPupils>,
    Path((_, id)): Path<(String, String)>,
    Query(from): Query<PressedIn>,
    Query(list): Query<ListQuery>,
) -> PageResult {
    let id = member_id(&id)?;
    let was_done = password::unlock(&granted, &app, id).await?;
    Ok(from.done(&granted, &list, id, if was_done { "released" } else { "account-elsewhere" }))
}

pub async fn mail_verification(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, String)>,
) -> PageResult {
    let id = member_id(&id)?;
    let what = match password::mail_verification(&granted, &app, id, visitor.l.0).await? {
        Asked::Mailed => "mail-sent",
        Asked::Enough => "mail-enough",
        Asked::NotNeeded => return Ok(page::redirect(&address(&granted, id))),
    };
    Ok(done(&granted, id, what))
}

/// The page in which a button was pressed, to come back to as it was: `from` is `list` or `search`, whose filters and
/// page stand in the address as well, or `class`, of which a homeroom teacher is; else it is the person's own page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PressedIn {
    from: String,
}

impl PressedIn {
    /// Redirects there, with a notice that names the person and what was done.
    pub fn done<P: Permission>(&self, granted: &Granted<P>, list: &ListQuery, id: Uuid, what: &str) -> Response {
        let base = format!("/schools/{}", granted.school.code);
        let who = id.to_string();
        match (self.from.as_str(), list.class.parse::<Uuid>()) {
            ("list", _) => {
                let query = list.here(&[("done", what), ("who", &who)]);
                page::redirect(&format!("{base}/accounts?{query}#of-{id}"))
            }
            ("search", _) => {
                let mut query = url::form_urlencoded::Serializer::new(String::new());
                query.append_pair("q", &list.q).append_pair("done", what).append_pair("who", &who);
                page::redirect(&format!("{base}/search?{}#of-{id}", query.finish()))
            }
            ("class", Ok(class)) => page::redirect(&format!("{base}/my-classes/{class}?done={what}&who={who}#of-{id}")),
            _ => done(granted, id, what),
        }
    }
}

/// Puts the name of the person before the notice of what was done to them.
pub fn name_in_notice(shell: &mut Shell, name: Option<&str>) {
    if let (Some(notice), Some(name)) = (&mut shell.notice, name) {
        notice.sentence = format!("{name}: {}", notice.sentence);
    }
}

/// The person that the notice is about.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DoneTo {
    who: String,
}

impl DoneTo {
    pub fn id(&self) -> Option<Uuid> {
        self.who.parse().ok()
    }
}

pub fn member_id(id: &str) -> Result<Uuid> {
    id.parse().map_err(|_| Error::NotFound)
}

pub fn address<P: Permission>(granted: &Granted<P>, id: MemberId) -> String {
    format!("/schools/{}/accounts/{id}", granted.school.code)
}

/// Redirects to the person's page, with a notice of what was done, if it was.
pub fn told<P: Permission>(granted: &Granted<P>, id: MemberId, was_done: bool, what: &str) -> Response {
    if was_done { done(granted, id, what) } else { page::redirect(&address(granted, id)) }
}

/// Redirects to where the notice is shown: the person's page, or for a homeroom teacher their classes.
pub fn done<P: Permission>(granted: &Granted<P>, id: MemberId, what: &str) -> Response {
    let back = match granted.may::<may::ManageAccounts>() {
        true => address(granted, id),
        false => format!("/schools/{}/my-classes", granted.school.code),
    };
    page::redirect(&format!("{back}?done={what}"))
}
