//! Inviting a person who may have an account elsewhere: name, address, role. Whether they have one makes no difference.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use super::edit::year_and_classes;
use crate::{
    access::{Granted, Role, SchoolKind, may},
    accounts::{creation, forms::ParsedForm},
    app::App,
    error::Result,
    ids::MemberId,
    invitations::{self, Mailed},
    paths,
    roster::fields::{self, Field, Values},
    shell::{self, MenuPage},
    web::{
        PageResult, RequestContext, Shell, Translator,
        address_parts::Path,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "accounts/join.html")]
struct JoinPage {
    l: Translator,
    shell: Shell,
    code: String,
    roles: Vec<Role>,
    form: JoinForm,
    faults: FormErrors,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct JoinForm {
    full_name: String,
    email: String,
    role: String,
}

/// The roles to which the visitor may invite a person. Pupils of a school have usernames and are created instead.
fn roles(granted: &Granted<may::ManageAccounts>) -> Vec<Role> {
    let may = |role: &Role| match role {
        Role::Student => granted.school.kind == SchoolKind::Higher,
        Role::Teacher => true,
        Role::Manager => granted.may::<may::HandOutGrants>(),
    };
    [Role::Teacher, Role::Manager, Role::Student].into_iter().filter(may).collect()
}

pub async fn show(visitor: RequestContext, granted: Granted<may::ManageAccounts>) -> PageResult {
    let form = JoinForm { role: Role::Teacher.key().to_owned(), ..JoinForm::default() };
    html(&join_page(&visitor, &granted, form, FormErrors::new()))
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Form(form): Form<JoinForm>,
) -> PageResult {
    let (year, _) = year_and_classes(&app, &granted).await?;
    let invited = match read(&form, &granted, app.clock.today()) {
        Ok((role, typed)) => creation::invite(&granted, &app, role, &year, &typed).await?,
        Err(faults) => Err(faults),
    };
    match invited {
        Ok(id) => Ok(page::redirect(paths::Account::of(&granted.school.code, id).with("done", "invited"))),
        Err(faults) => refused(&join_page(&visitor, &granted, form, faults)),
    }
}

fn read(
    form: &JoinForm,
    granted: &Granted<may::ManageAccounts>,
    today: chrono::NaiveDate,
) -> Result<(Role, ParsedForm), FormErrors> {
    let mut values = Values::new();
    let mut faults = FormErrors::new();
    for (field, typed) in [(Field::FullName, &form.full_name), (Field::Email, &form.email)] {
        match fields::normalise(field, typed, today) {
            Ok(normal) if normal.value.is_none() => faults.add(field.key(), "fault-missing"),
            Ok(normal) => values.extend(normal.value.map(|value| (field, value))),
            Err(fault) => faults.add_about(field.key(), fault.sentence_key(), fault.value),
        }
    }
    let role = Role::from_key(&form.role).filter(|role| roles(granted).contains(role));
    if role.is_none() {
        faults.add("role", "fault-join-role");
    }
    match role {
        Some(role) => faults.or_ok((role, ParsedForm { values, class_id: None })),
        None => Err(faults),
    }
}

fn join_page(
    visitor: &RequestContext,
    granted: &Granted<may::ManageAccounts>,
    form: JoinForm,
    faults: FormErrors,
) -> JoinPage {
    JoinPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Accounts),
        code: granted.school.code.clone(),
        roles: roles(granted),
        form,
        faults,
    }
}

/// Sends the invitation once more. `undo` withdraws it, as the address for that does.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct InvitationForm {
    undo: String,
}

pub async fn invitation(
    State(app): State<App>,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MemberId)>,
    Form(form): Form<InvitationForm>,
) -> PageResult {
    if !form.undo.is_empty() {
        return withdrawn(&app, &granted, id).await;
    }
    let person = paths::Account::of(&granted.school.code, id);
    Ok(page::redirect(match invitations::send_again(&granted, &app, id).await? {
        Some(Mailed::Sent) => person.with("done", "invited-again"),
        Some(Mailed::Enough) => person.with("done", "invited-enough"),
        Some(Mailed::SchoolSuspended) | None => person.into(),
    }))
}

pub async fn withdraw(
    State(app): State<App>,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MemberId)>,
) -> PageResult {
    withdrawn(&app, &granted, id).await
}

async fn withdrawn(app: &App, granted: &Granted<may::ManageAccounts>, id: MemberId) -> PageResult {
    let code = &granted.school.code;
    Ok(page::redirect(match invitations::withdraw(granted, app, id).await? {
        true => paths::Accounts::of(code).with("role", "teacher").with("done", "invitation-withdrawn"),
        false => paths::Account::of(code, id).into(),
    }))
}
