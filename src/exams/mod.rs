//! `/schools/{code}/exams`: school-wide exams, from the papers to the marks. What is computed, such as numbers, seats and
//! duties, is computed by solvers that know no database (`numbers`, `seating`, `duties`, `bags`), outside of transactions;
//! each act then writes in one.

pub mod actions;
pub mod bags;
pub mod candidates_sheet;
pub mod closures;
mod drawing;
pub mod duties;
pub mod lessons;
pub mod marks;
pub mod marks_sheet;
pub mod model;
pub mod numbers;
pub mod own;
mod pages;
pub mod placing;
pub mod plans;
pub mod results;
pub mod rooms_sheet;
pub mod seating;
pub mod sheets;
pub mod statistics;
pub mod store;
pub mod workbook;

pub use pages::{STEPS, routes};
pub use plans::DAYS;
