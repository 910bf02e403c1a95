//! Schoolgate opens, keeps and closes the accounts of schools: who is in which school and class, with which rights,
//! and how they sign in.
//!
//! The modules, in layers from the bottom up. ARCHITECTURE.md has their order within a layer, and why.

pub mod clock;
pub mod companies;
pub mod config;
pub mod error;
pub mod vietnam;

pub mod access;
pub mod db;
pub mod jobs;
pub mod web;

pub mod app;
pub mod audit;
pub mod identity;
pub mod mail;

pub mod demo;
pub mod home;
pub mod leaving;
pub mod members;
pub mod plan;
pub mod provisioning;
pub mod registration;
pub mod schools;
pub mod slips;
pub mod sources;

pub mod assembly;
pub mod cli;
pub mod gate;
pub mod health;
