//! What a person does in a real browser, with and without JavaScript.

mod api;
mod axe;
mod chain;
mod counted;
mod driver;
mod every_page;
mod exams;
mod few_steps;
mod grid;
mod hand;
mod icalendar;
mod imports;
mod in_three;
mod journey;
mod new_year;
mod one_by_one;
mod oneroster;
mod openid;
mod paper;
mod providers;
mod registering;
mod scim;
mod stay;
mod timetable;
mod weight;
