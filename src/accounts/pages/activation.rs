//! The school's answer to a person who registered themselves.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::actions::{PressedIn, address, member_id};
use crate::{
    access::{Granted, may},
    accounts::activation::{self, Activated},
    app::App,
    error::Result,
    ids::MemberId,
    paths,
    roster::{list_query::ListQuery, model::Status, store},
    schools::years,
    shell::{self, MenuPage},
    web::{
        PageResult, RequestContext, Shell, Translator,
        address_parts::Path,
        forms::{self, Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "accounts/refusal.html")]
pub struct RefusalPage {
    l: Translator,
    shell: Shell,
    code: String,
    /// Of one person: back to their page.
    id: Option<MemberId>,
    names: Vec<String>,
    /// Where the form goes.
    action: String,
    /// Of several: who they are, as the list's form said it.
    ids: Vec<String>,
    cancel: String,
    reason: String,
    faults: FormErrors,
}

impl RefusalPage {
    /// Asks for the reason to refuse several; `action` is where the list's form went.
    pub fn of_many(
        visitor: &RequestContext,
        granted: &Granted<may::ManageAccounts>,
        names: Vec<String>,
        ids: Vec<String>,
        query: &ListQuery,
    ) -> Self {
        let accounts = paths::Accounts::of(&granted.school.code).to_string();
        Self {
            l: visitor.l,
            shell: shell::of_school(visitor, granted, MenuPage::Waiting),
            code: granted.school.code.clone(),
            id: None,
            names,
            action: format!("{accounts}/bulk?{}", query.here(&[])),
            ids,
            cancel: format!("{accounts}?{}", query.here(&[])),
            reason: String::new(),
            faults: FormErrors::new(),
        }
    }

    pub fn with_fault(mut self, reason: String, fault: &str) -> Self {
        self.reason = reason;
        self.faults = FormErrors::one("reason", fault);
        self
    }
}

/// `join` is the listed member who is the same person; without it the person is new.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ActivationForm {
    join: String,
}

pub async fn activate(
    State(app): State<App>,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MemberId)>,
    Query(from): Query<PressedIn>,
    Query(list): Query<ListQuery>,
    Form(form): Form<ActivationForm>,
) -> PageResult {
    let twin = if form.join.is_empty() { None } else { Some(member_id(&form.join)?) };
    Ok(match activation::activate(&granted, &app, id, twin).await? {
        Activated::As(member) => from.done(&granted, &list, member, "activated"),
        Activated::Before => page::redirect(address(&granted, id)),
        Activated::Unverified => from.done(&granted, &list, id, "unverified"),
        Activated::TwinGone => from.done(&granted, &list, id, "twin-gone"),
    })
}

pub async fn ask_refusal(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MemberId)>,
) -> PageResult {
    match refusal_page(&app, &visitor, &granted, id, String::new(), FormErrors::new()).await? {
        Some(page) => html(&page),
        None => Ok(page::redirect(address(&granted, id))),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RefusalForm {
    reason: String,
}

pub async fn refuse(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MemberId)>,
    Form(form): Form<RefusalForm>,
) -> PageResult {
    match forms::reason(&form.reason) {
        Ok(reason) if activation::refuse(&granted, &app, id, &reason).await? => {
            let waiting = paths::Accounts::of(&granted.school.code).with("role", "teacher").with("status", "pending");
            Ok(page::redirect(waiting.with("done", "refused")))
        }
        Ok(_) => Ok(page::redirect(address(&granted, id))),
        Err(fault) => {
            let faults = FormErrors::one("reason", fault);
            match refusal_page(&app, &visitor, &granted, id, form.reason, faults).await? {
                Some(page) => refused(&page),
                None => Ok(page::redirect(address(&granted, id))),
            }
        }
    }
}

/// `None` where the member is no longer pending.
async fn refusal_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageAccounts>,
    id: MemberId,
    reason: String,
    faults: FormErrors,
) -> Result<Option<RefusalPage>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let profile = store::profile(granted, &mut tx, year.id, id).await?;
    tx.commit().await?;
    if profile.listed.status != Status::Pending.key() {
        return Ok(None);
    }
    Ok(Some(RefusalPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Waiting),
        code: granted.school.code.clone(),
        id: Some(id),
        names: vec![profile.listed.full_name],
        action: paths::AccountRefusal::of(&granted.school.code, id).to_string(),
        ids: Vec::new(),
        cancel: address(granted, id).to_string(),
        reason,
        faults,
    }))
}
