//! Errors as they may appear in a log: their kind and the names of our own tables and constraints, and nothing that
//! people typed. PostgreSQL quotes values in its messages ("invalid input syntax …", "Key (login)=(…) already exists").

use std::fmt::Write as _;

use crate::error::Error;

/// A statement waited for a lock longer than it may.
const LOCK_NOT_AVAILABLE: &str = "55P03";
/// Two transactions waited for each other, and this one was given up.
const DEADLOCK_DETECTED: &str = "40P01";
/// A statement took longer than it may.
const QUERY_CANCELED: &str = "57014";
/// A text that cannot be stored, such as one with a NUL: none of our pages sends one.
const UNSTORABLE: [&str; 2] = ["22021", "22P05"];

/// Whether the database refuses for now, so that a later attempt may succeed, or because of what was sent.
pub fn passing(error: &sqlx::Error) -> Option<Error> {
    match error {
        sqlx::Error::PoolTimedOut => Some(Error::Overloaded),
        sqlx::Error::Database(fault) => match fault.code().as_deref() {
            Some(LOCK_NOT_AVAILABLE | DEADLOCK_DETECTED) => Some(Error::Locked),
            Some(QUERY_CANCELED) => Some(Error::Overloaded),
            Some(code) if UNSTORABLE.contains(&code) => Some(Error::Malformed),
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
/// The server is shut down or not up yet.
const AWAY: [&str; 3] = ["57P01", "57P02", "57P03"];
/// Connection failures: as an error of the database's they are those between its nodes.
const CONNECTION_FAILURES: &str = "08";
/// Those, lack of resources, and errors of the system outside of PostgreSQL.
const UNAVAILABLE_CLASSES: [&str; 3] = [CONNECTION_FAILURES, "53", "58"];

/// Whether the database itself is away: it does not answer, is being stopped, or is not up yet. What was not sent yet may
/// be sent again.
pub fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(fault) => fault.code().is_some_and(|code| AWAY.contains(&&*code)),
        _ => false,
    }
}

/// [`is_away`] of an error that has gone through handlers.
pub fn tells_of_absence(error: &anyhow::Error) -> bool {
    error.downcast_ref::<sqlx::Error>().is_some_and(is_away)
}

/// Whether one node of a cluster is away, and the database itself is not: it has refused a statement for want of the
/// node.
pub fn is_of_a_node(error: &anyhow::Error) -> bool {
    let fault = error.downcast_ref::<sqlx::Error>().and_then(sqlx::Error::as_database_error);
    fault.and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code.starts_with(CONNECTION_FAILURES))
}

/// Whether an error of background work is that the database, or the node of a cluster that holds the school, is not
/// available: a later attempt may succeed, however many there were.
pub fn is_of_absence(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<sqlx::Error>().is_some_and(is_unavailable))
}

/// The name of the constraint that a statement violated, if that is the error.
pub fn constraint_of(error: &sqlx::Error) -> Option<&str> {
    let error = error.as_database_error()?;
    // From a node of a cluster comes the message alone.
    let in_message = || Some(error.message().split_once("constraint \"")?.1.split_once('"')?.0);
    Some(without_shard(error.constraint().or_else(in_message)?))
}

/// On the shards of a cluster names end with the shard's number.
fn without_shard(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((stem, shard)) if shard.len() >= 6 && shard.bytes().all(|byte| byte.is_ascii_digit()) => stem,
        _ => name,
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constraint_has_the_same_name_on_every_node() {
        assert_eq!(without_shard("class_name_taken"), "class_name_taken");
        assert_eq!(without_shard("class_name_taken_102042"), "class_name_taken");
        assert_eq!(without_shard("members_school_id_fkey1"), "members_school_id_fkey1");
        assert_eq!(without_shard("plan_rows_2026"), "plan_rows_2026");
    }
}
