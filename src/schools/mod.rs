//! A school itself: its directory entry, its years and classes, the frame of its pages.

pub mod class_figures;
pub mod classes;
pub mod counting;
pub mod directory;
pub mod homeroom;
pub mod logo;
pub mod look;
mod pages;
pub mod settings;
pub mod stays;
pub mod year_changes;
pub mod years;

pub use pages::{LOGO_FORM_BYTES, read_logo, routes};
