//! `/oauth2/…`: what programs get to ask with (OAuth 2), and signing in to other applications with an account of here
//! (OpenID Connect Core 1.0, code flow with PKCE; RFC 9700). Programs are answered without cookies; the pages are like all
//! others.

pub mod claims;
pub mod cleanup;
pub mod client_auth;
pub mod clients;
pub mod consents;
pub mod exchange;
pub mod grants;
pub mod keys;
pub mod logout_notice;
mod metadata;
mod pages;
mod preflight;
pub mod request;
mod revocation;
pub mod scopes;
mod subjects;
mod token;
pub mod tokens;
mod userinfo;

pub use preflight::answer_preflight;

use crate::{
    paths,
    routes::{Access, Routes},
};

/// The pages that a person sees between an application and its tokens, and what programs ask: without cookies, and from
/// everywhere.
#[must_use]
pub fn routes() -> Routes {
    let programs = Access::Client(&[]);
    Routes::new()
        .get(paths::Authorize::PATH, Access::Always, pages::show)
        .post(paths::Authorize::PATH, Access::Always, pages::show_posted)
        .post(paths::Consent::PATH, Access::PasswordSet, pages::consent)
        .get(paths::OpenIdSignOut::PATH, Access::Always, pages::ask)
        .post(paths::OpenIdSignOut::PATH, Access::Always, pages::sign_out)
        .get(paths::MyApplications::PATH, Access::PasswordSet, pages::list)
        .post(paths::MyApplicationEnd::PATH, Access::PasswordSet, pages::take_back)
        .asking(&[("", "", "application-end-ask")])
        .get(paths::OpenIdConfiguration::PATH, programs, metadata::configuration)
        .get(paths::KeySet::PATH, programs, metadata::key_set)
        .get(paths::UserInfo::PATH, programs, userinfo::show)
        .post(paths::UserInfo::PATH, programs, userinfo::show_posted)
        .post(paths::OAuthToken::PATH, programs, token::token)
        .post(paths::ClientTokenRevocation::PATH, programs, revocation::revoke)
}
