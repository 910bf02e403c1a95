//! A new owner for a school, in addition to its owners or instead of one of them.

use askama::Template;
use axum::extract::State;

use crate::{
    app::App,
    error::Result,
    operator::{
        administered::Administered,
        forms::{self, OwnerForm},
        model::Owner,
        owners, store,
    },
    paths,
    shell::{self, OperatorEntry},
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "operator/owner.html")]
struct OwnerPage {
    l: Translator,
    shell: Shell,
    school: String,
    code: String,
    owners: Vec<Owner>,
    form: OwnerForm,
    faults: FormErrors,
}

pub async fn show(State(app): State<App>, visitor: RequestContext, administered: Administered) -> PageResult {
    html(&owner_page(&app, &visitor, &administered, OwnerForm::default(), FormErrors::new()).await?)
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    administered: Administered,
    Form(form): Form<OwnerForm>,
) -> PageResult {
    let mut faults = FormErrors::new();
    let new = forms::owner(&form.owner_name, &form.owner_email, app.clock.today(), &mut faults);
    let replaces = if form.replaces.is_empty() { None } else { form.replaces.parse().ok() };
    if replaces.is_none() && !form.replaces.is_empty() {
        faults.add("replaces", "fault-owner-no-longer");
    }
    if faults.is_empty() {
        match owners::set(&administered, &app, &new, replaces, visitor.l.0).await? {
            Ok(()) => {
                let to = paths::OperatorSchool::of(&administered.school.code).with("done", "owner-invited").to_string();
                return Ok(page::redirect(&to));
            }
            Err(fault) => faults = fault.told(),
        }
    }
    refused(&owner_page(&app, &visitor, &administered, form, faults).await?)
}

async fn owner_page(
    app: &App,
    visitor: &RequestContext,
    administered: &Administered,
    form: OwnerForm,
    faults: FormErrors,
) -> Result<OwnerPage> {
    let mut tx = app.db.begin_in(administered.school_id()).await?;
    let owners = store::owners(administered, &mut tx).await?;
    tx.commit().await?;
    Ok(OwnerPage {
        l: visitor.l,
        shell: shell::of_operator(visitor, OperatorEntry::Schools),
        school: administered.school.name.clone(),
        code: administered.school.code.clone(),
        owners,
        form,
        faults,
    })
}
