mod balance;
mod classes;
mod overview;
mod pupils;

use axum::response::Response;

use crate::{
    access::{Action, Scope},
    app::App,
    db::Tx,
    error::Result,
    paths,
    rollover::{model::Rollover, store, take_over},
    routes::{Access, Routes},
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
        .post(paths::RolloverBalance::PATH, owners, balance::submit)
        .get(paths::RolloverPupils::PATH, owners, pupils::show)
        .post(paths::RolloverPupils::PATH, owners, pupils::submit)
}

/// The draft as of now, if there is one: what has changed in the roster is taken over before it is shown or changed.
async fn draft(scope: &Scope, app: &App) -> Result<Option<(Tx, Rollover)>> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let Some(draft) = store::latest(scope, &mut tx).await? else { return Ok(None) };
    take_over::take_over(scope, &mut tx, &draft, app.clock.now()).await?;
    Ok(Some((tx, draft)))
}

/// Where there is no draft, its pages lead to where one is made.
fn to_overview(scope: &Scope) -> Response {
    page::redirect(paths::Rollover::of(&scope.school.code).with("done", "rollover-none").to_string())
}
