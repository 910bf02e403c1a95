//! Schoolgate opens, keeps and closes the accounts of schools: who is in which school and class, with which rights,
//! and how they get in.
//!
//! In layers, from the ground up: a module imports only from those above it in this list. ARCHITECTURE.md says what each
//! is for; a test holds the order.

pub mod ids;
pub mod vietnam;

pub mod paths;

pub mod clock;
pub mod config;
pub mod network;
pub mod outside;
pub mod telemetry;

pub mod crypto;
pub mod error;

pub mod access;
pub mod jobs;

pub mod db;
pub mod mail;

pub mod web;

pub mod app;

pub mod routes;

pub mod letters;

pub mod identity;

pub mod shell;

pub mod audit;

pub mod schools;

pub mod tokens;

pub mod roster;

pub mod registry;

pub mod help;
pub mod me;
pub mod providers;

pub mod invitations;

pub mod grants;
pub mod operator;

pub mod clients;
pub mod rollover;

pub mod plan;

pub mod sources;

pub mod new_year;
pub mod oneroster;

pub mod duplicates;

pub mod accounts;

pub mod own_registry;
pub mod scim;
pub mod submissions;

pub mod oauth2;

pub mod nightly;
pub mod scheduled_rollover;

pub mod homeroom;

pub mod registration_forms;
pub mod timetable;

pub mod exams;

pub mod calendar;

pub mod companies;

pub mod registration;

pub mod home;
pub mod slips;

pub mod reports;

pub mod demo;

pub mod api;

pub mod stranded;

pub mod auth;
pub mod health;

pub mod router;

pub mod cli;
