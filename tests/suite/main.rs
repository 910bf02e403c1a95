//! The tests against a real database, a real mail server and real processes: one program, so that it is linked once
//! and all tests share one database server.
//!
//! A test makes its [`support::TestApp`]: the real router over a database of its own, with a clock that stands still, a mailbox
//! in memory, and background work that runs when it is told to. Files mirror the flows and addresses of the program.
// A test that cannot go on fails by panicking, helpers included; and it may ask the machine for the time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

mod accounts;
mod accounts_list;
mod addresses;
mod audit;
mod big_writes;
mod bounces;
mod bounds;
mod browser;
mod bulk;
mod catalogue;
mod classes;
mod companies;
mod config;
mod connections;
mod counters;
mod daily;
mod demo;
mod downloads;
mod embedded;
mod faults;
mod fresh;
mod grants;
mod homeroom;
mod hostile;
mod i18n;
mod identity;
mod invitations;
mod jobs;
mod killed;
mod layers;
mod leaving;
mod logs;
mod mail;
mod matrix;
mod metrics;
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
mod shares;
mod sign_in_events;
mod slips;
mod spent;
mod spreadsheet;
mod staff_idle;
mod support;
mod sweep;
mod sweep_accounts;
mod throttle;
mod tokens;
mod uploads;
mod why;
