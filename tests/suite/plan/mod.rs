//! `/schools/{code}/plans`.

mod cases;
mod doubts;
mod life;
mod properties;
mod review;
mod undo;
