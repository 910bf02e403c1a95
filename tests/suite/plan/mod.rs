//! `/schools/{code}/plans`.

mod cases;
mod files;
mod life;
mod properties;
mod review;
mod undo;
