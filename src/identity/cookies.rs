//! The cookies: the session's token, the language, the colours.

use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};

use crate::{config::Config, crypto::token::Token};

pub const LANGUAGE: &str = "lang";
pub const THEME: &str = "theme";

/// `__Host-` binds a cookie to this very host; browsers accept the prefix only over https.
fn session_name(config: &Config) -> &'static str {
    if config.base_url.scheme() == "https" { "__Host-session" } else { "session" }
}

/// The cookie of a session that was ended by signing out: it opens nothing, and tells whose form it was that another tab
/// sends later.
fn ended_name(config: &Config) -> &'static str {
    if config.base_url.scheme() == "https" { "__Host-ended" } else { "ended" }
}

fn kept_form_name(config: &Config) -> &'static str {
    if config.base_url.scheme() == "https" { "__Host-kept-form" } else { "kept-form" }
}

fn begun_name(config: &Config) -> &'static str {
    if config.base_url.scheme() == "https" { "__Host-begun" } else { "begun" }
}

fn pending_name(config: &Config) -> &'static str {
    if config.base_url.scheme() == "https" { "__Host-sign-in" } else { "sign-in" }
}

#[must_use]
pub fn session_token(cookies: &CookieJar, config: &Config) -> Option<Token> {
    Token::parse(cookies.get(session_name(config))?.value())
}

/// The cookie of a new session. It ends with the browser where the session is only for choosing a password.
#[must_use]
pub fn session(config: &Config, token: &Token) -> Cookie<'static> {
    let mut cookie = Cookie::new(session_name(config), token.to_url());
    protect(&mut cookie, config);
    cookie.set_http_only(true);
    cookie.set_max_age(cookie_days(super::sessions::DAYS));
    cookie
}

/// Removes the session's cookie.
#[must_use]
pub fn no_session(config: &Config) -> Cookie<'static> {
    let mut cookie = Cookie::new(session_name(config), "");
    protect(&mut cookie, config);
    cookie.set_http_only(true);
    cookie.set_max_age(cookie_days(0));
    cookie
}

/// The cookie of the session that ends now, see [`ended_name`].
fn ended(config: &Config, token: &Token) -> Cookie<'static> {
    secret(config, ended_name(config), token.to_url(), cookie_days(1))
}

/// The cookies after signing out: the session's is removed, and the token that has ended is kept, see [`ended_name`].
pub fn signed_out(cookies: CookieJar, config: &Config) -> CookieJar {
    let ended = session_token(&cookies, config).map(|token| ended(config, &token));
    ended.into_iter().fold(cookies.add(no_session(config)), CookieJar::add)
}

#[must_use]
pub fn ended_token(cookies: &CookieJar, config: &Config) -> Option<Token> {
    Token::parse(cookies.get(ended_name(config))?.value())
}

/// The cookie by which a form is found that waits for its sender to sign in.
#[must_use]
pub fn kept_form(config: &Config, token: &Token) -> Cookie<'static> {
    let minutes = time::Duration::minutes(super::kept_forms::MINUTES);
    secret(config, kept_form_name(config), token.to_url(), minutes)
}

/// Removes that cookie.
#[must_use]
pub fn no_kept_form(config: &Config) -> Cookie<'static> {
    secret(config, kept_form_name(config), String::new(), cookie_days(0))
}

/// What the browser keeps while its person signs in at another service, sealed.
#[must_use]
pub fn begun(config: &Config, sealed: String, minutes: i64) -> Cookie<'static> {
    secret(config, begun_name(config), sealed, time::Duration::minutes(minutes))
}

#[must_use]
pub fn begun_value<'a>(cookies: &'a CookieJar, config: &Config) -> Option<&'a str> {
    Some(cookies.get(begun_name(config))?.value())
}

#[must_use]
pub fn kept_form_token(cookies: &CookieJar, config: &Config) -> Option<Token> {
    Token::parse(cookies.get(kept_form_name(config))?.value())
}

fn secret(config: &Config, name: &'static str, value: String, lasts: time::Duration) -> Cookie<'static> {
    let mut cookie = Cookie::new(name, value);
    protect(&mut cookie, config);
    cookie.set_http_only(true);
    cookie.set_max_age(lasts);
    cookie
}

/// The cookie of a visitor who has typed a right password and is to type a code.
#[must_use]
pub fn pending(config: &Config, token: &Token) -> Cookie<'static> {
    let mut cookie = Cookie::new(pending_name(config), token.to_url());
    protect(&mut cookie, config);
    cookie.set_http_only(true);
    cookie.set_max_age(time::Duration::minutes(super::mfa_challenge::MINUTES));
    cookie
}

/// Removes that cookie.
#[must_use]
pub fn no_pending(config: &Config) -> Cookie<'static> {
    let mut cookie = Cookie::new(pending_name(config), "");
    protect(&mut cookie, config);
    cookie.set_http_only(true);
    cookie.set_max_age(cookie_days(0));
    cookie
}

#[must_use]
pub fn pending_token(cookies: &CookieJar, config: &Config) -> Option<Token> {
    Token::parse(cookies.get(pending_name(config))?.value())
}

/// Remembers a preference for a year. Scripts may read it: they show the colours at once.
#[must_use]
pub fn preference(config: &Config, name: &'static str, value: &'static str) -> Cookie<'static> {
    let mut cookie = Cookie::new(name, value);
    protect(&mut cookie, config);
    cookie.set_max_age(cookie_days(365));
    cookie
}

fn protect(cookie: &mut Cookie<'static>, config: &Config) {
    cookie.set_path("/");
    // Lax, not Strict: a link in a mail must find the person signed in.
    cookie.set_same_site(SameSite::Lax);
    cookie.set_secure(config.base_url.scheme() == "https");
}

fn cookie_days(days: i64) -> time::Duration {
    time::Duration::days(days)
}
