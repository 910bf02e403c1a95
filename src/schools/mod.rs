//! A school itself: its directory entry, its years and classes, the frame of its pages.

pub mod classes;
pub mod directory;
pub mod homeroom;
mod pages;
pub mod settings;
pub mod years;

pub use pages::routes;
