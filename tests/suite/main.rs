//! The tests against a real database, a real mail server and real processes: one program, so that it is linked once
//! and all tests share one database server.
//!
//! A test makes its [`support::TestApp`]: the real router over a database of its own, with a clock that stands still, a mailbox
//! in memory, and background work that runs when it is told to. Files mirror the flows and addresses of the program.
// A test that cannot go on fails by panicking, helpers included; and it may ask the machine for the time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

mod accounts;
mod accounts_list;
mod audit;
mod bounces;
mod browser;
mod bulk;
mod catalogue;
mod classes;
mod companies;
mod config;
mod daily;
mod demo;
mod embedded;
mod grants;
mod homeroom;
mod i18n;
mod identity;
mod invitations;
mod jobs;
mod killed;
mod leaving;
mod mail;
mod matrix;
mod one_by_one;
mod operator;
mod person;
mod plan;
mod plans_review;
mod provisioning;
mod registration;
mod registration_hijacked;
mod registration_limits;
mod registration_outage;
mod school_search;
mod scope;
mod second_factor;
mod secrets;
mod settings;
mod shared_accounts;
mod slips;
mod spreadsheet;
mod support;
mod sweep;
mod sweep_accounts;
mod throttle;
mod why;
