//! What is particular to Vietnam and its schools: text, names, classes, numbers, provinces, the school year.

pub mod class_name;
pub mod name;
pub mod national_id;
pub mod people;
pub mod phone;
pub mod provinces;
pub mod school_year;
pub mod text;
