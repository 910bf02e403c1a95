//! The pages of a school's registry.

mod classes;
mod people;
mod person;

use crate::{
    access::Action,
    paths,
    routes::{Access, Routes},
    web::forms::FormErrors,
};

#[must_use]
pub fn routes() -> Routes {
    let owners = Access::School(Action::ManageRegistry);
    Routes::new()
        .get(paths::RegistryClasses::PATH, owners, classes::show)
        .post(paths::RegistryClasses::PATH, owners, classes::add)
        .creating()
        .post(paths::RegistryClassRemoval::PATH, owners, classes::remove)
        .asking(&[("", "", "ask-registry-class-removal")])
        .get(paths::RegistryPeople::PATH, owners, people::show)
        .get(paths::RegistryPerson::PATH, owners, person::show)
        .post(paths::RegistryPerson::PATH, owners, person::change)
        .post(paths::RegistryPersonLeaving::PATH, owners, person::leave)
        .asking(&[("", "", "ask-registry-leaving")])
        .get(paths::RegistryNewStudent::PATH, owners, person::new_student)
        .post(paths::RegistryNewStudent::PATH, owners, person::add_student)
        .creating()
        .get(paths::RegistryNewTeacher::PATH, owners, person::new_teacher)
        .post(paths::RegistryNewTeacher::PATH, owners, person::add_teacher)
        .creating()
}

/// The registry of the school changes by submissions.
fn not_here() -> FormErrors {
    FormErrors::one("name", "fault-registry-by-submissions")
}
