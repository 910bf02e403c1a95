//! The reader and the writers of spreadsheets, on files as schools have them and on files that nobody should have.

mod child;
mod columns;
mod fuzzed;
mod handmade;
pub mod libreoffice;
mod limits;
mod programs;
mod repeats;
mod samples;
pub mod support;
mod written;
