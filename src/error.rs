//! Why a request fails: the expected refusals, and everything else.
//!
//! A refusal has a page of its own. Everything else is our fault: it is logged with the request's id, and the person
//! sees that id and no more.

pub mod faults;

use std::time::Duration;

/// Why a request gets no ordinary response.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or it is another school's: both look the same to the visitor.
    #[error("not found")]
    NotFound,
    /// The thing exists, and this person may not do this with it.
    #[error("not permitted")]
    Forbidden,
    /// A token of the school that is not for this: the key of the scope that it lacks.
    #[error("the token lacks a scope")]
    ScopeMissing(&'static str),
    /// The person belongs to the school, and the school is suspended.
    #[error("the school is suspended")]
    SchoolSuspended,
    /// No account is signed in.
    #[error("not signed in")]
    SignInNeeded,
    /// Signed in by a temporary password: an own one comes first.
    #[error("an own password must be chosen first")]
    OwnPasswordNeeded,
    /// An account with such rights needs a second factor: setting it up comes first.
    #[error("a second factor must be set up first")]
    SecondFactorNeeded,
    /// The request is so sensitive that the password is asked for again first.
    #[error("the password must be typed once more")]
    PasswordNeeded,
    /// The request does not show that it comes from one of our own pages.
    #[error("not from here")]
    ForeignOrigin,
    /// A body or an address that none of our pages sends.
    #[error("malformed request")]
    Malformed,
    /// A body of another kind than the address takes.
    #[error("not this media type")]
    MediaType,
    /// More bytes than a file may have.
    #[error("too large")]
    TooLarge,
    /// Too many attempts; the time after which it is worth trying again.
    #[error("too many tries")]
    TooManyTries(Duration),
    /// The school's limit on files that wait for review is reached.
    #[error("too many files wait")]
    FilesWaiting,
    /// More work than the server takes at once.
    #[error("overloaded")]
    Overloaded,
    /// What belongs to a school year that is over, and that the actor has not opened.
    #[error("the school year is over")]
    YearOver,
    /// A long write holds a lock that this would have to wait for.
    #[error("something else is being written")]
    Locked,
    /// A search of more words or letters than anybody needs.
    #[error("the search is too long")]
    SearchTooLong,
    /// An address that none of our pages makes: too long, or with too many fields.
    #[error("the address is too long")]
    AddressTooLong,
    /// A form that none of our pages makes: too many fields, or too much in one of them.
    #[error("the form is too long")]
    FormTooLong,
    /// The database cannot be reached, or cannot write for now: nobody's fault, and it passes.
    #[error("the database is not available")]
    Unavailable(#[source] anyhow::Error),
    /// Not expected: a fault of ours or of our dependencies.
    #[error(transparent)]
    Internal(#[from] anyhow::Error),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The name of the constraint that a statement violated, if that is the error.
    #[must_use]
    pub fn violated_constraint(&self) -> Option<&str> {
        let Self::Internal(error) = self else { return None };
        faults::constraint_of(error.downcast_ref::<sqlx::Error>()?)
    }
}

/// A value that the database holds by its key. One that is not known is a fault of ours, not a missing page.
pub fn stored<T>(what: &'static str, value: Option<T>) -> Result<T> {
    value.ok_or_else(|| Error::Internal(anyhow::anyhow!("a stored {what} is not one of those known")))
}

/// A row that is missing here must exist: only a look-up by what an address or a form names says [`Error::NotFound`].
impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        faults::passing(&error).unwrap_or_else(|| {
            let is_unavailable = faults::is_unavailable(&error);
            let fault = anyhow::Error::new(error).context("the database refused");
            if is_unavailable { Self::Unavailable(fault) } else { Self::Internal(fault) }
        })
    }
}

impl From<askama::Error> for Error {
    fn from(error: askama::Error) -> Self {
        Self::Internal(anyhow::Error::new(error).context("a page could not be rendered"))
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(anyhow::Error::new(error).context("stored JSON is not what it should be"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Role;

    #[test]
    fn an_unknown_stored_key_is_an_internal_error() {
        assert_eq!(stored("role", Role::from_key("teacher")).unwrap(), Role::Teacher);
        assert!(matches!(stored("role", Role::from_key("wizard")), Err(Error::Internal(_))));
    }
}
