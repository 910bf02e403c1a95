//! `/sign-in/with/…`, `/me/providers`: staff sign in with a work account at another service (OpenID Connect, code flow with
//! PKCE), once they have linked the two. The server trusts what such a service signs, and nothing that a browser carries.

mod begun;
mod id_token;
mod known;
mod pages;

use crate::{
    app::App,
    config::{ProviderKind, SignInProvider},
    paths,
    routes::{Access, Reauthentication, Routes},
};

#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get(paths::ProviderSignIn::PATH, Access::Anyone, pages::begin_sign_in)
        .get(paths::ProviderAnswer::PATH, Access::Anyone, pages::answer)
        .get(paths::MyProviders::PATH, Access::PasswordSet, pages::show)
        .post_reauthenticated(paths::MyProvider::PATH, Access::PasswordSet, Reauthentication::Always, pages::begin_link)
        .post(paths::MyProviderRemoval::PATH, Access::PasswordSet, pages::unlink)
        .asking(&[("", "", "provider-unlink-ask")])
}

/// The provider that an address names, where this server has it.
fn provider<'a>(app: &'a App, key: &str) -> Option<&'a SignInProvider> {
    app.config.providers.iter().find(|provider| provider.kind.key() == key)
}

/// Where a provider sends the browser back to: registered with it to the letter.
fn redirect_uri(app: &App, kind: ProviderKind) -> String {
    app.config.address_of(&paths::ProviderAnswer::of(kind.key()).to_string())
}
