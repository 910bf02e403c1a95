//! Reports: who is in a school, how they sign in, how many there are, what is missing; and what operators see of all
//! schools, without a word about a person.
//!
//! `count` goes over a school once and says all its figures. The worker does that once a day and on demand; a page of a
//! small school does it itself, and a page of a large one shows what was counted last ([`figures::current`]). Pages and
//! workbooks are made of the same sections ([`section`]).

pub mod count;
pub mod country;
pub mod daily;
mod days;
pub mod figures;
mod monthly;
mod pages;
pub mod past;
pub mod people;
mod quality;
mod section;
mod size;
mod twins;
mod usage;
pub mod users;
mod walk;
mod workbook;

pub use monthly::{BeginMonth, MailMonth};
pub use pages::routes;
pub use quality::QualityLine;
