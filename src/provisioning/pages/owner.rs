//! A new owner for a school, in addition to its owners or instead of one of them.

use askama::Template;
use axum::extract::State;

use crate::{
    app::App,
    error::Result,
    provisioning::{
        administered::Administered,
        forms::{self, OwnerForm},
        model::Owner,
        owners, store,
    },
    schools::shell::{self, OperatorEntry},
    web::{
        L, Reply, Shell, Visitor,
        forms::{Faults, Form},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "provisioning/owner.html")]
struct OwnerPage {
    l: L,
    shell: Shell,
    school: String,
    code: String,
    owners: Vec<Owner>,
    form: OwnerForm,
    faults: Faults,
}

pub async fn show(State(app): State<App>, visitor: Visitor, administered: Administered) -> Reply {
    html(&owner_page(&app, &visitor, &administered, OwnerForm::default(), Faults::new()).await?)
}

pub async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    administered: Administered,
    Form(form): Form<OwnerForm>,
) -> Reply {
    let mut faults = Faults::new();
    let new = forms::owner(&form.owner_name, &form.owner_email, app.clock.today(), &mut faults);
    let replaces = if form.replaces.is_empty() { None } else { form.replaces.parse().ok() };
    if replaces.is_none() && !form.replaces.is_empty() {
        faults.add("replaces", "fault-owner-no-longer");
    }
    if faults.is_empty() {
        match owners::set(&administered, &app, &new, replaces, visitor.l.0).await? {
            Ok(()) => {
                let to = format!("/operator/schools/{}?done=owner-invited", administered.school.code);
                return Ok(page::redirect(&to));
            }
            Err(fault) => faults = fault.told(),
        }
    }
    refused(&owner_page(&app, &visitor, &administered, form, faults).await?)
}

async fn owner_page(
    app: &App,
    visitor: &Visitor,
    administered: &Administered,
    form: OwnerForm,
    faults: Faults,
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
