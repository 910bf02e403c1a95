//! `/schools/{code}/timetable`: what a timetable stands on, its versions, and everybody's own week.
//!
//! A version holds from a day on, once it is published. Its lessons are rows; that a class, a teacher or a place in a
//! room is taken once at a time is held by unique indexes, for whatever writes. [`lessons`] turns what they refuse into
//! words. [`solver`] has drafts made.

pub mod absences;
pub mod announcements;
pub mod assignments;
pub mod bells;
pub mod cautions;
pub mod comparison;
pub mod covers;
pub mod days;
pub mod elsewhere;
pub mod export;
pub mod fixed;
pub mod imports;
pub mod lessons;
pub mod members;
pub mod model;
pub mod moves;
mod pages;
pub mod rooms;
pub mod rows;
pub mod setup;
pub mod solver;
pub mod subjects;
pub mod versions;
pub mod week;
pub mod wishes;

pub use pages::routes;
