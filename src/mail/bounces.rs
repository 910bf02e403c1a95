//! Mails that came back at once: what a mail server said of a receiver whom it does not know.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Result;

/// The last mail to somebody came back.
#[derive(Clone, Debug)]
pub struct Bounce {
    pub at: DateTime<Utc>,
    /// What the mail server said.
    pub words: String,
}

/// Whom a school asks about.
#[derive(Clone, Copy, Debug)]
pub enum Receiver {
    /// Somebody in the school: letters that name no school count as well.
    Member(Uuid),
    /// Somebody whom it has only invited, or who has asked: the school's own letters, for it does not learn what else
    /// there is to this address.
    Stranger(Uuid),
}

/// Whether the last letter that this school knows of came back.
pub async fn last(connection: &mut PgConnection, receiver: Receiver, school: &str) -> Result<Option<Bounce>> {
    let (account_id, is_member) = match receiver {
        Receiver::Member(account_id) => (account_id, true),
        Receiver::Stranger(account_id) => (account_id, false),
    };
    let row = sqlx::query!(
        "SELECT refused_at, refusal FROM mails
         WHERE account_id = $1 AND (sent_at IS NOT NULL OR refused_at IS NOT NULL)
             AND coalesce(coalesce(letter->>'school', letter->>'place') = $2, $3)
         ORDER BY created_at DESC LIMIT 1",
        account_id,
        school,
        is_member,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.and_then(|row| Some(Bounce { at: row.refused_at?, words: row.refusal.unwrap_or_default() })))
}
