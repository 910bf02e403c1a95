//! Accounts: how a person signs in. Sign-in, sessions, passwords, links. Reads no school's data; no other module reads
//! accounts.

pub mod account_state;
pub mod accounts;
pub mod applications;
pub mod cleanup;
pub mod cookies;
pub mod devices;
pub mod kept_forms;
pub mod landing;
pub mod linked;
pub mod links;
pub mod login_aliases;
pub mod mfa_challenge;
pub mod one_device;
pub mod operators;
pub mod own_password;
pub mod pages;
pub mod password;
pub mod password_try;
pub mod reauthentication;
pub mod recovery;
pub mod registrations;
pub mod sealed_with;
pub mod second_factor;
pub mod sent_forms;
pub mod sessions;
pub mod sign_in;
pub mod sign_in_events;
pub mod throttle;
pub mod user_agent;
pub mod verification;

pub use pages::routes;
