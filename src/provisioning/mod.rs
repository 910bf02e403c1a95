//! What operators do: opening schools and inviting their first owners. They administer schools, not people.

mod actions;
mod pages;

pub use actions::insert_demo_school;
pub use pages::routes;
