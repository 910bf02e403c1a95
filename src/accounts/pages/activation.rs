//! The school's answer to a person who registered themselves.

use askama::Template;
use axum::extract::{Path, State};
use serde::Deserialize;

use super::actions::{address, done, member_id};
use crate::{
    access::{Granted, may},
    accounts::activation::{self, Activated},
    app::App,
    error::Result,
    ids::MemberId,
    roster::{model::Status, store},
    schools::years,
    shell::{self, Entry},
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{self, Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "accounts/refusal.html")]
struct RefusalPage {
    l: Translator,
    shell: Shell,
    code: String,
    id: MemberId,
    name: String,
    reason: String,
    faults: FormErrors,
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
    Path((_, id)): Path<(String, String)>,
    Form(form): Form<ActivationForm>,
) -> PageResult {
    let id = member_id(&id)?;
    let twin = if form.join.is_empty() { None } else { Some(member_id(&form.join)?) };
    Ok(match activation::activate(&granted, &app, id, twin).await? {
        Activated::As(member) => done(&granted, member, "activated"),
        Activated::Before => page::redirect(&address(&granted, id)),
        Activated::Unverified => done(&granted, id, "unverified"),
        Activated::TwinGone => done(&granted, id, "twin-gone"),
    })
}

pub async fn ask_refusal(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, String)>,
) -> PageResult {
    let id = member_id(&id)?;
    match refusal_page(&app, &visitor, &granted, id, String::new(), FormErrors::new()).await? {
        Some(page) => html(&page),
        None => Ok(page::redirect(&address(&granted, id))),
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
    Path((_, id)): Path<(String, String)>,
    Form(form): Form<RefusalForm>,
) -> PageResult {
    let id = member_id(&id)?;
    match forms::reason(&form.reason) {
        Ok(reason) if activation::refuse(&granted, &app, id, &reason).await? => {
            let waiting = format!("/schools/{}/accounts?role=teacher&status=pending", granted.school.code);
            Ok(page::redirect(&format!("{waiting}&done=refused")))
        }
        Ok(_) => Ok(page::redirect(&address(&granted, id))),
        Err(fault) => {
            let faults = FormErrors::one("reason", fault);
            match refusal_page(&app, &visitor, &granted, id, form.reason, faults).await? {
                Some(page) => refused(&page),
                None => Ok(page::redirect(&address(&granted, id))),
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
        shell: shell::of_school(visitor, granted, Entry::Waiting),
        code: granted.school.code.clone(),
        id,
        name: profile.listed.full_name,
        reason,
        faults,
    }))
}
