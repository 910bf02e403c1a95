//! What is specific to Vietnam and its schools: text, names, classes, numbers, provinces, the school year; and
//! searching for people by such text.

pub mod class_name;
mod class_ranges;
pub mod name;
pub mod national_id;
pub mod people;
pub mod phone;
pub mod provinces;
pub mod school_year;
pub mod search;
pub mod teaching_norm;
pub mod text;
