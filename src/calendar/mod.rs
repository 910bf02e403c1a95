//! `/me/calendar`, `/calendar/{token}.ics`: the own timetable and the own duties at exams for calendars, under a private
//! address.

mod feed;
mod ics;
mod pages;

pub use pages::routes;
