//! `/schools/{code}/plans`.

mod life;
mod properties;
mod review;
mod undo;
