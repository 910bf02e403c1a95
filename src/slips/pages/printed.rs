//! Noting that slips were printed: those that were on the page, and no others.

use axum::{extract::State, response::Response};
use serde::Deserialize;

use super::back;
use crate::{
    access::{Granted, MemberAction, may},
    app::App,
    homeroom::own_class::OwnClass,
    ids::{ClassId, MemberId},
    paths::Address,
    roster::{model::MemberFilter, store as members, subject::LockedMember},
    schools::years,
    slips::actions::{self, Printing},
    web::{PageResult, address_parts::Path, forms::Form, page},
};

/// Members' ids, with commas between them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PrintedForm {
    ids: String,
}

impl PrintedForm {
    fn ids(&self) -> Vec<MemberId> {
        self.ids.split(',').filter_map(|id| id.parse().ok()).collect()
    }
}

pub async fn of_list(
    State(app): State<App>,
    granted: Granted<may::PrintSlips>,
    Form(form): Form<PrintedForm>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let count = actions::note_printed(&granted, &Printing::of(&granted), &app, &mut tx, &form.ids()).await?;
    tx.commit().await?;
    Ok(noted(back::to_ledger(&granted), count))
}

pub async fn of_member(
    State(app): State<App>,
    granted: Granted<may::HelpPupils>,
    Path((_, id)): Path<(String, MemberId)>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(&granted, &mut tx, app.clock.today()).await?;
    let subject = LockedMember::find(&granted, &mut tx, year.id, id, MemberAction::PrintSlip).await?;
    let count = actions::note_printed(&granted, &Printing::of_subject(&subject), &app, &mut tx, &[id]).await?;
    tx.commit().await?;
    Ok(noted(back::to_person(&granted, id), count))
}

pub async fn of_own_class(
    State(app): State<App>,
    granted: Granted<may::HelpPupils>,
    Path((_, id)): Path<(String, ClassId)>,
    Form(form): Form<PrintedForm>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let class = OwnClass::find(&granted, &app, &mut tx, id).await?;
    let of_class = members::ids(&granted, &mut tx, class.year_id, &MemberFilter::of_class(id), i64::MAX).await?;
    let mut ids = form.ids();
    ids.retain(|id| of_class.contains(id));
    let count = actions::note_printed(&granted, &Printing::of_class(&class), &app, &mut tx, &ids).await?;
    tx.commit().await?;
    Ok(noted(back::to_own_class(&granted, id), count))
}

/// Back to the page, which says how many slips were noted.
fn noted(back: Address, count: usize) -> Response {
    page::redirect(back.with("done", "slips-printed").with("n", count))
}
