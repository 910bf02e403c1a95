//! `/schools/{code}/plans`.

mod properties;
mod review;
mod undo;
