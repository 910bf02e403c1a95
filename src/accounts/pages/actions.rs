//! Actions on one person by a button: signing out, unlocking, mails; and where they lead back to.

use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;

use crate::{
    access::{Granted, Permission, may},
    accounts::password::{self, Removal, ResendOutcome},
    app::App,
    error::{Error, Result},
    ids::{ClassId, MemberId},
    paths::{self, Address},
    roster::list_query::ListQuery,
    web::{PageResult, RequestContext, Shell, address_parts::Path, page},
};

pub async fn sign_out(
    State(app): State<App>,
    granted: Granted<may::HelpPupils>,
    Path((_, id)): Path<(String, MemberId)>,
    Query(from): Query<PressedIn>,
    Query(list): Query<ListQuery>,
) -> PageResult {
    let was_done = password::sign_out(&granted, &app, id).await?;
    Ok(from.done(&granted, &list, id, if was_done { "signed-out-everywhere" } else { "account-elsewhere" }))
}

pub async fn remove_second_factor(
    State(app): State<App>,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MemberId)>,
) -> PageResult {
    Ok(match password::remove_second_factor(&granted, &app, id).await? {
        Removal::Removed => done(&granted, id, "second-factor-removed"),
        Removal::Elsewhere => done(&granted, id, "account-elsewhere"),
        Removal::Nothing => page::redirect(address(&granted, id)),
    })
}

pub async fn unlock(
    State(app): State<App>,
    granted: Granted<may::HelpPupils>,
    Path((_, id)): Path<(String, MemberId)>,
    Query(from): Query<PressedIn>,
    Query(list): Query<ListQuery>,
) -> PageResult {
    let was_done = password::unlock(&granted, &app, id).await?;
    Ok(from.done(&granted, &list, id, if was_done { "released" } else { "account-elsewhere" }))
}

pub async fn mail_verification(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MemberId)>,
) -> PageResult {
    let what = match password::mail_verification(&granted, &app, id, visitor.l.0).await? {
        ResendOutcome::Mailed => "mail-sent",
        ResendOutcome::Enough => "mail-enough",
        ResendOutcome::NotNeeded => return Ok(page::redirect(address(&granted, id))),
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
    pub fn done<P: Permission>(&self, granted: &Granted<P>, list: &ListQuery, id: MemberId, what: &str) -> Response {
        let code = &granted.school.code;
        let told = |page: Address| page.with("done", what).with("who", id).at(format!("of-{id}"));
        match (self.from.as_str(), list.class.parse::<ClassId>()) {
            ("list", _) => {
                let query = list.here(&[("done", what), ("who", &id.to_string())]);
                page::redirect(paths::Accounts::of(code).with_query(&query).at(format!("of-{id}")))
            }
            ("search", _) => page::redirect(told(paths::Search::of(code).with("q", &list.q))),
            ("class", Ok(class)) => page::redirect(told(paths::OwnClass::of(code, class).into())),
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
    pub fn id(&self) -> Option<MemberId> {
        self.who.parse().ok()
    }
}

pub fn member_id(id: &str) -> Result<MemberId> {
    id.parse().map_err(|_| Error::NotFound)
}

pub fn address<P: Permission>(granted: &Granted<P>, id: MemberId) -> paths::Account<'_> {
    paths::Account::of(&granted.school.code, id)
}

/// Redirects to the person's page, with a notice of what was done, if it was.
pub fn told<P: Permission>(granted: &Granted<P>, id: MemberId, was_done: bool, what: &str) -> Response {
    if was_done { done(granted, id, what) } else { page::redirect(address(granted, id)) }
}

/// Redirects to where the notice is shown: the person's page, or for a homeroom teacher their classes.
pub fn done<P: Permission>(granted: &Granted<P>, id: MemberId, what: &str) -> Response {
    page::redirect(match granted.may::<may::ManageAccounts>() {
        true => address(granted, id).with("done", what),
        false => paths::OwnClasses::of(&granted.school.code).with("done", what),
    })
}
