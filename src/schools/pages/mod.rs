mod class;
mod classes;
mod homeroom;
mod look;
mod settings;
mod sign_in;
mod years;

use crate::{
    access::Action,
    routes::{Access, Reauthentication, Routes},
};

/// A form with a logo: a little more than the file, so that one which is too large is told what is wrong.
const LOGO_FORM_BYTES: usize = 2 * super::logo::MOST_BYTES;

#[must_use]
pub fn routes() -> Routes {
    let settings = Access::School(Action::ChangeSettings);
    let classes = Access::School(Action::ManageClasses);
    Routes::new()
        .get("/schools/{code}/sign-in", Access::Anyone, sign_in::show)
        .post("/schools/{code}/sign-in", Access::Anyone, sign_in::submit)
        .get("/schools/{code}/settings", settings, settings::show)
        .post_reauthenticated("/schools/{code}/settings", settings, Reauthentication::WhereTold, settings::submit)
        .get("/schools/{code}/settings/look", settings, look::show)
        .upload("/schools/{code}/settings/look", settings, LOGO_FORM_BYTES, look::submit)
        .get("/schools/{code}/logo/{version}", Access::Anyone, look::logo)
        .post_reauthenticated(
            "/schools/{code}/settings/homeroom-reset",
            settings,
            Reauthentication::WhereTold,
            settings::answer_homeroom_reset,
        )
        .get("/schools/{code}/years", classes, years::show)
        .post("/schools/{code}/years", classes, years::submit)
        .creating()
        .get("/schools/{code}/classes", classes, classes::list)
        .get("/schools/{code}/classes/new", classes, classes::new)
        .post("/schools/{code}/classes", classes, classes::create)
        .creating()
        .post("/schools/{code}/classes/new", classes, classes::create)
        .creating()
        .get("/schools/{code}/classes/preview", classes, classes::preview)
        .get("/schools/{code}/classes/homeroom", classes, homeroom::show)
        .post("/schools/{code}/classes/homeroom", classes, homeroom::submit)
        .get("/schools/{code}/classes/{id}", classes, class::show)
        .post("/schools/{code}/classes/{id}", classes, class::change)
        .post("/schools/{code}/classes/{id}/deletion", classes, class::delete)
        .asking(&[("", "", "ask-class-deletion")])
}
