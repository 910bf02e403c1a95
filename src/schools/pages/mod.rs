mod class;
mod classes;
mod homeroom;
mod settings;
mod sign_in;
mod years;

use crate::{
    access::Action,
    paths,
    routes::{Access, Reauthentication, Routes},
};

#[must_use]
pub fn routes() -> Routes {
    let settings = Access::School(Action::ChangeSettings);
    let classes = Access::School(Action::ManageClasses);
    Routes::new()
        .get(paths::SchoolSignIn::PATH, Access::Anyone, sign_in::show)
        .post(paths::SchoolSignIn::PATH, Access::Anyone, sign_in::submit)
        .get(paths::Settings::PATH, settings, settings::show)
        .post_reauthenticated(paths::Settings::PATH, settings, Reauthentication::WhereTold, settings::submit)
        .get(paths::Years::PATH, classes, years::show)
        .post(paths::Years::PATH, classes, years::submit)
        .get(paths::Classes::PATH, classes, classes::list)
        .get(paths::NewClass::PATH, classes, classes::new)
        .post(paths::Classes::PATH, classes, classes::create)
        .post(paths::NewClass::PATH, classes, classes::create)
        .get(paths::HomeroomTeachers::PATH, classes, homeroom::show)
        .post(paths::HomeroomTeachers::PATH, classes, homeroom::submit)
        .get(paths::Class::PATH, classes, class::show)
        .post(paths::Class::PATH, classes, class::change)
        .post(paths::ClassDeletion::PATH, classes, class::delete)
}
