//! `/schools/{code}/plans`.

mod cases;
mod command;
mod decisions;
mod doubts;
mod files;
mod life;
mod properties;
mod review;
mod undo;
