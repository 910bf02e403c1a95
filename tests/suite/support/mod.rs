//! What the tests stand on.

// Each helper is used by some test; not every test is there on every branch.
#![allow(dead_code)]

pub mod app;
pub mod client;
pub mod crowd;
pub mod database;
pub mod exams;
pub mod files;
pub mod html;
pub mod log;
pub mod people;
pub mod say;
pub mod server;
pub mod sheets;
pub mod smtp;

pub use app::{TestApp, link_in};
pub use client::{Client, Page};
pub use people::{Cast, Person, Someone};
pub use server::TestServer;
