//! Mails that bounced at once: the mail server's reply about an unknown receiver.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{error::Result, ids::AccountId};

/// The last mail to a receiver bounced.
#[derive(Clone, Debug)]
pub struct Bounce {
    pub at: DateTime<Utc>,
    /// The mail server's reply.
    pub words: String,
}

/// The receiver that a school asks about.
#[derive(Clone, Copy, Debug)]
pub enum Receiver {
    /// A member of the school: letters that name no school count as well.
    Member(AccountId),
    /// A person who is only invited, or has registered: the school's own letters only, since it must not learn anything
    /// else about this address.
    Stranger(AccountId),
}

/// Whether the last letter that this school knows of bounced.
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
