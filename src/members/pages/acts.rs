//! What is done about one person by a button: a new password, signed out, kept out, gone.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    access::{Granted, Permission, may},
    app::App,
    error::{Error, Result},
    members::{
        credentials::{self, Reset},
        status,
    },
    web::{Reply, Visitor, forms::Form, page},
};

pub async fn reset_password(
    State(app): State<App>,
    visitor: Visitor,
    granted: Granted<may::HelpPupils>,
    Path((_, id)): Path<(String, String)>,
) -> Reply {
    let id = member_id(&id)?;
    Ok(match credentials::reset(&granted, &app, id, visitor.l.0).await? {
        Reset::Slip => page::redirect(&format!("{}/slip", address(&granted, id))),
        Reset::Mailed => done(&granted, id, "reset-mailed"),
        Reset::Invited => done(&granted, id, "invited-again"),
    })
}

pub async fn sign_out(
    State(app): State<App>,
    granted: Granted<may::HelpPupils>,
    Path((_, id)): Path<(String, String)>,
) -> Reply {
    let id = member_id(&id)?;
    let was_done = credentials::sign_out(&granted, &app, id).await?;
    Ok(done(&granted, id, if was_done { "signed-out-everywhere" } else { "account-elsewhere" }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SuspensionForm {
    undo: String,
}

pub async fn suspend(
    State(app): State<App>,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, String)>,
    Form(form): Form<SuspensionForm>,
) -> Reply {
    let id = member_id(&id)?;
    let (was_done, what) = if form.undo.is_empty() {
        (status::suspend(&granted, &app, id).await?, "suspended")
    } else {
        (status::lift_suspension(&granted, &app, id).await?, "suspension-lifted")
    };
    Ok(if was_done { done(&granted, id, what) } else { page::redirect(&address(&granted, id)) })
}

pub async fn leave(
    State(app): State<App>,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, String)>,
) -> Reply {
    let id = member_id(&id)?;
    status::leave(&granted, &app, id).await?;
    Ok(done(&granted, id, "left"))
}

fn member_id(id: &str) -> Result<Uuid> {
    id.parse().map_err(|_| Error::NotFound)
}

fn address<P: Permission>(granted: &Granted<P>, id: Uuid) -> String {
    format!("/schools/{}/accounts/{id}", granted.school.code)
}

/// Back to where it is said what was done: the person, or for a homeroom teacher the classes.
fn done<P: Permission>(granted: &Granted<P>, id: Uuid, what: &str) -> Response {
    let back = match granted.may::<may::ManageAccounts>() {
        true => address(granted, id),
        false => format!("/schools/{}/my-classes", granted.school.code),
    };
    page::redirect(&format!("{back}?done={what}"))
}
