//! `/schools/{code}/plans`.

mod cases;
mod life;
mod properties;
mod review;
mod undo;
