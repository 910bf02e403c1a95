mod class;
mod classes;
mod homeroom;
mod look;
mod settings;
mod sign_in;
mod year;
mod years;

pub use look::read_logo;

use crate::{
    access::Action,
    paths,
    routes::{Access, Reauthentication, Routes},
};

/// A form with a logo: a little more than the file, so that one which is too large is told what is wrong.
pub const LOGO_FORM_BYTES: usize = 2 * super::logo::MOST_BYTES;

#[must_use]
pub fn routes() -> Routes {
    let settings = Access::School(Action::ChangeSettings);
    let classes = Access::School(Action::ManageClasses);
    Routes::new()
        .get(paths::SchoolSignIn::PATH, Access::Anyone, sign_in::show)
        .post(paths::SchoolSignIn::PATH, Access::Anyone, sign_in::submit)
        .get(paths::Settings::PATH, settings, settings::show)
        .post_reauthenticated(paths::Settings::PATH, settings, Reauthentication::WhereTold, settings::submit)
        .get(paths::SettingsLook::PATH, settings, look::show)
        .upload(paths::SettingsLook::PATH, settings, LOGO_FORM_BYTES, look::submit)
        .get(paths::SchoolLogo::PATH, Access::Anyone, look::logo)
        .post_reauthenticated(
            paths::SettingsHomeroomReset::PATH,
            settings,
            Reauthentication::WhereTold,
            settings::answer_homeroom_reset,
        )
        .get(paths::Years::PATH, classes, years::show)
        .post(paths::Years::PATH, classes, years::submit)
        .creating()
        .get(paths::Year::PATH, classes, year::show)
        .post(paths::Year::PATH, classes, year::change)
        .post(paths::YearDeletion::PATH, classes, year::delete)
        .asking(&[("", "", "ask-year-deletion")])
        .post(paths::YearOpening::PATH, classes, year::open)
        .get(paths::Classes::PATH, classes, classes::list)
        .get(paths::NewClass::PATH, classes, classes::new)
        .post(paths::Classes::PATH, classes, classes::create)
        .creating()
        .post(paths::NewClass::PATH, classes, classes::create)
        .creating()
        .get(paths::ClassPreview::PATH, classes, classes::preview)
        .get(paths::HomeroomTeachers::PATH, classes, homeroom::show)
        .post(paths::HomeroomTeachers::PATH, classes, homeroom::submit)
        .get(paths::Class::PATH, classes, class::show)
        .post(paths::Class::PATH, classes, class::change)
        .post(paths::ClassDeletion::PATH, classes, class::delete)
        .asking(&[("", "", "ask-class-deletion")])
}
