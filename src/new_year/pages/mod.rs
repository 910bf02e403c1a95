mod balance;
mod classes;
mod overview;
mod pupils;
mod sheet;

use axum::response::Response;

use crate::{
    access::{Action, Scope},
    app::App,
    db::Tx,
    error::Result,
    paths,
    rollover::{model::Rollover, store, take_over},
    routes::{Access, Routes},
    sources::pages::sheet_form::SHEET_BYTES,
    web::page,
};

#[must_use]
pub fn routes() -> Routes {
    let owners = Access::School(Action::ManageClasses);
    Routes::new()
        .get(paths::Rollover::PATH, owners, overview::show)
        .post(paths::Rollover::PATH, owners, overview::begin)
        .creating()
        .post(paths::RolloverDiscard::PATH, owners, overview::discard)
        .asking(&[("", "", "rollover-discard-ask")])
        .post(paths::RolloverPlan::PATH, owners, overview::plan)
        .post(paths::RolloverSchedule::PATH, owners, overview::schedule)
        .post(paths::RolloverScheduleWithdrawal::PATH, owners, overview::withdraw)
        .get(paths::RolloverClasses::PATH, owners, classes::show)
        .post(paths::RolloverClasses::PATH, owners, classes::submit)
        .get(paths::RolloverBalance::PATH, owners, balance::show)
        .upload(paths::RolloverBalance::PATH, owners, SHEET_BYTES, balance::submit)
        .get(paths::RolloverPupils::PATH, owners, pupils::show)
        .upload(paths::RolloverPupils::PATH, owners, SHEET_BYTES, pupils::submit)
}

/// The draft as of now, if there is one: what has changed in the roster is taken over before it is shown.
async fn draft(scope: &Scope, app: &App) -> Result<Option<(Tx, Rollover)>> {
    let tx = app.db.begin_in(scope.school_id()).await?;
    up_to_date(scope, app, tx).await
}

/// The same for a change, which waits for others that are under way: a colleague may be dropping the draft.
async fn draft_to_change(scope: &Scope, app: &App) -> Result<Option<(Tx, Rollover)>> {
    let mut tx = app.db.begin_lasting_in(scope.school_id()).await?;
    store::lock(scope, &mut tx).await?;
    up_to_date(scope, app, tx).await
}

async fn up_to_date(scope: &Scope, app: &App, mut tx: Tx) -> Result<Option<(Tx, Rollover)>> {
    let Some(draft) = store::latest(scope, &mut tx).await? else { return Ok(None) };
    let is_there = take_over::take_over(scope, &mut tx, &draft, app.clock.now()).await?;
    Ok(is_there.then_some((tx, draft)))
}

/// Where there is no draft, its pages lead to where one is made.
fn to_overview(scope: &Scope) -> Response {
    page::redirect(paths::Rollover::of(&scope.school.code).with("done", "rollover-none").to_string())
}

/// A change of a draft that a colleague has dropped since its page was made.
fn gone(scope: &Scope) -> Response {
    page::redirect(paths::Rollover::of(&scope.school.code).with("done", "rollover-gone").to_string())
}
