//! The visitor and their preferences: found once a request, before anything else.

use std::{convert::Infallible, net::IpAddr, sync::Arc};

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
};
use chrono::{DateTime, Utc};

use super::Translator;
use crate::{
    access::{Granted, Permission, Scope, SignedIn},
    error::Error,
};

/// The colours that the visitor chose; until then those of their system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    OfSystem,
    Light,
    Dark,
}

impl Theme {
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::OfSystem => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Light, Self::Dark].into_iter().find(|theme| theme.key() == key)
    }
}

/// What is known of a request beside its address and body.
#[derive(Clone, Debug)]
pub struct RequestContext(Arc<RequestFacts>);

#[derive(Clone, Debug)]
pub struct RequestFacts {
    pub request_id: String,
    pub now: DateTime<Utc>,
    pub l: Translator,
    pub theme: Theme,
    /// Path and query, to come back to.
    pub here: String,
    /// The visitor's network address: the connection's, or what a trusted proxy says.
    pub address: Option<IpAddr>,
    pub user_agent: String,
    pub signed_in: Option<SignedIn>,
    /// For operators of the whole country: how many companies wait for their answer.
    pub waiting_companies: i64,
}

impl RequestContext {
    #[must_use]
    pub fn new(facts: RequestFacts) -> Self {
        Self(Arc::new(facts))
    }

    /// The same visitor, addressed with the wording of a kind of school.
    #[must_use]
    pub fn in_words_of(&self, kind: &'static str) -> Self {
        Self::new(RequestFacts { l: self.l.in_words_of(kind), ..RequestFacts::clone(&self.0) })
    }

    /// The same visitor, with how many companies wait for their answer.
    #[must_use]
    pub fn with_waiting_companies(&self, waiting_companies: i64) -> Self {
        Self::new(RequestFacts { waiting_companies, ..RequestFacts::clone(&self.0) })
    }

    /// The same visitor, who has typed the password at this moment.
    #[must_use]
    pub fn who_is_fresh(&self) -> Self {
        let mut facts = RequestFacts::clone(&self.0);
        if let Some(signed_in) = &mut facts.signed_in {
            signed_in.password_checked_at = Some(facts.now);
        }
        Self::new(facts)
    }

    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        self.signed_in.is_some()
    }

    /// The account that is signed in.
    ///
    /// # Errors
    /// [`Error::SignInNeeded`] where there is none.
    pub fn signed_in(&self) -> Result<&SignedIn, Error> {
        self.0.signed_in.as_ref().ok_or(Error::SignInNeeded)
    }
}

impl std::ops::Deref for RequestContext {
    type Target = RequestFacts;

    fn deref(&self) -> &RequestFacts {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for RequestContext {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Error::Internal(anyhow::anyhow!("no visitor is known")))
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for RequestContext {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

/// The auth middleware has put the scope there; the permission is checked again, by the only way to make one.
impl<S: Sync, P: Permission> FromRequestParts<S> for Granted<P> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get::<Scope>().ok_or(Error::NotFound)?.grant()
    }
}
