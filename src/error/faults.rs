//! Errors as they may appear in a log: their kind and the names of our own tables and constraints, and nothing that
//! people typed. PostgreSQL quotes values in its messages ("invalid input syntax …", "Key (login)=(…) already exists").

use std::fmt::Write as _;

use crate::error::Error;

/// A statement waited for a lock longer than it may.
const LOCK_NOT_AVAILABLE: &str = "55P03";
/// A statement took longer than it may.
const QUERY_CANCELED: &str = "57014";

/// Whether the database refuses for now: a later attempt may succeed.
pub fn passing(error: &sqlx::Error) -> Option<Error> {
    match error {
        sqlx::Error::PoolTimedOut => Some(Error::Overloaded),
        sqlx::Error::Database(fault) => match fault.code().as_deref() {
            Some(LOCK_NOT_AVAILABLE) => Some(Error::Locked),
            Some(QUERY_CANCELED) => Some(Error::Overloaded),
            _ => None,
        },
        _ => None,
    }
}

/// Whether the database is away or cannot write: it is being restarted, out of space, or a copy that may only be read.
pub fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(fault) => fault.code().is_some_and(|code| {
            UNAVAILABLE.contains(&&*code) || UNAVAILABLE_CLASSES.iter().any(|class| code.starts_with(class))
        }),
        _ => false,
    }
}

/// A transaction that may only read; the server is shut down or not up yet.
const UNAVAILABLE: [&str; 4] = ["25006", "57P01", "57P02", "57P03"];
/// Connection failures, lack of resources, and errors of the system outside of PostgreSQL.
const UNAVAILABLE_CLASSES: [&str; 3] = ["08", "53", "58"];

/// An error with all its causes, as a log may have it.
#[must_use]
pub fn told(error: &anyhow::Error) -> String {
    let mut told = String::new();
    for cause in error.chain() {
        let separator = if told.is_empty() { "" } else { ": " };
        if let Some(fault) = cause.downcast_ref::<sqlx::Error>() {
            let _ = write!(told, "{separator}{}", told_of(fault));
            // The cause would be in the database's own words.
            break;
        }
        let text = match cause.downcast_ref::<serde_json::Error>() {
            // It quotes what it did not expect.
            Some(fault) => format!("JSON, {:?} in line {} at {}", fault.classify(), fault.line(), fault.column()),
            None => cause.to_string(),
        };
        // A transparent error has the text of its cause.
        if !told.ends_with(&text) {
            let _ = write!(told, "{separator}{text}");
        }
    }
    told
}

fn told_of(fault: &sqlx::Error) -> String {
    match fault {
        sqlx::Error::Database(fault) => {
            let mut told = format!("database error {}", fault.code().unwrap_or_default());
            for (what, name) in [("table", fault.table()), ("constraint", fault.constraint())] {
                if let Some(name) = name {
                    let _ = write!(told, ", {what} {name}");
                }
            }
            told
        }
        sqlx::Error::ColumnDecode { index, .. } => format!("the column {index} is not of the type expected"),
        sqlx::Error::Decode(_) => "a value is not of the type expected".to_owned(),
        sqlx::Error::Encode(_) => "a value cannot be sent".to_owned(),
        other => other.to_string(),
    }
}
