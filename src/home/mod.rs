//! The school's home: for those who manage accounts what is so and what needs doing, for others their classes and account.

mod dashboard;
pub mod figures;
mod own;
mod today;

use axum::extract::State;

use crate::{
    access::{Action, Granted, Role, may},
    app::App,
    paths,
    routes::{Access, Routes},
    web::{PageResult, RequestContext},
};

#[must_use]
pub fn routes() -> Routes {
    Routes::new().get(paths::School::PATH, Access::School(Action::Enter), show)
}

async fn show(State(app): State<App>, visitor: RequestContext, granted: Granted<may::Enter>) -> PageResult {
    if let Ok(manages) = granted.grant::<may::ManageAccounts>() {
        return dashboard::show(&app, &visitor, &manages).await;
    }
    match granted.member() {
        Some(member) if member.authority.role == Role::Student => own::show_pupil(&app, &visitor, &granted).await,
        _ => own::show_teacher(&app, &visitor, &granted).await,
    }
}
