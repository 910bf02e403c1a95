//! `/oauth2/…` for people: signing in to other applications with an account of here (OpenID Connect Core 1.0, code flow with
//! PKCE; RFC 9700). The provider answers programs without cookies; its pages are like all others.

pub mod claims;
pub mod cleanup;
pub mod clients;
pub mod consents;
pub mod exchange;
pub mod grants;
pub mod keys;
mod metadata;
mod pages;
pub mod request;

pub mod scopes;
mod subjects;
pub mod tokens;
mod userinfo;

use crate::{
    paths,
    routes::{Access, Routes},
};

/// The pages that a person sees between an application and its tokens.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get(paths::Authorize::PATH, Access::Always, pages::show)
        .post(paths::Consent::PATH, Access::PasswordSet, pages::consent)
        .get(paths::OpenIdSignOut::PATH, Access::Always, pages::ask)
        .post(paths::OpenIdSignOut::PATH, Access::Always, pages::sign_out)
        .get(paths::MyApplications::PATH, Access::PasswordSet, pages::list)
        .post(paths::MyApplicationEnd::PATH, Access::PasswordSet, pages::take_back)
        .asking(&[("", "", "application-end-ask")])
}

/// What programs ask: without cookies, and from everywhere.
#[must_use]
pub fn program_routes() -> Routes {
    Routes::new()
        .get(paths::OpenIdConfiguration::PATH, Access::Anyone, metadata::configuration)
        .get(paths::KeySet::PATH, Access::Anyone, metadata::key_set)
        .get(paths::UserInfo::PATH, Access::Anyone, userinfo::show)
        .post(paths::UserInfo::PATH, Access::Anyone, userinfo::show)
}
