//! Forms that were sent when the session had ended: kept until the account that typed them is signed in again.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::sent_forms;
use crate::{
    app::App,
    crypto::{
        seal::{SealPurpose, Sealed},
        token::Token,
    },
    db::Db,
    error::Result,
    ids::AccountId,
};

/// How long a form is kept: enough to sign in.
pub const MINUTES: i64 = 30;

/// The largest form that is kept, in bytes.
pub const MOST_BYTES: usize = 256 * 1024;

/// How many are kept for an account; a further one takes the place of the oldest.
const MOST_OF_ACCOUNT: i64 = 5;

/// A form as it was typed, but for passwords.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptForm {
    /// The page that it stands on; empty where the browser did not say.
    pub page: String,
    /// The address that it was sent to.
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl KeptForm {
    /// Of what was sent; none where nothing was typed.
    #[must_use]
    pub fn of(page: String, action: String, mut fields: Vec<(String, String)>) -> Option<Self> {
        fields.retain(|(name, _)| !sent_forms::is_secret(name));
        (!fields.is_empty()).then_some(Self { page, action, fields })
    }
}

/// The account whose session this token was, whether or not it has ended. For keeping a form only.
pub async fn typist(db: &Db, token: &Token) -> Result<Option<AccountId>> {
    let hash = token.hash();
    Ok(sqlx::query_scalar!(
        r#"SELECT account_id AS "account_id!" FROM sessions WHERE token_hash = $1 AND NOT must_choose_password
           UNION ALL SELECT account_id FROM ended_sessions WHERE token_hash = $1 LIMIT 1"#,
        hash.as_slice(),
    )
    .fetch_optional(db.pool())
    .await?)
}

/// Keeps a form for an account. Gives the token by which this browser finds it again.
///
/// # Errors
/// When it cannot be written as JSON.
pub async fn keep(app: &App, account_id: AccountId, form: &KeptForm, now: DateTime<Utc>) -> Result<Token> {
    let token = Token::generate(&app.randomness);
    let hash = token.hash();
    let content = serde_json::to_vec(form)?;
    let sealed = app.keys.seal(&app.randomness, SealPurpose::KeptForm, account_id, &content);
    let mut tx = app.db.begin().await?;
    sqlx::query!(
        "INSERT INTO kept_forms (token_hash, account_id, key_id, content, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        hash.as_slice(),
        account_id,
        sealed.key_id,
        sealed.bytes,
        now,
        now + Duration::minutes(MINUTES),
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "DELETE FROM kept_forms WHERE account_id = $1 AND token_hash IN (
             SELECT token_hash FROM kept_forms WHERE account_id = $1 AND token_hash <> $2
             ORDER BY created_at DESC OFFSET $3)",
        account_id,
        hash.as_slice(),
        MOST_OF_ACCOUNT - 1,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(token)
}

/// The form that is kept by this token for this account; another account's is not found.
pub async fn find(app: &App, account_id: AccountId, token: &Token, now: DateTime<Utc>) -> Result<Option<KeptForm>> {
    let hash = token.hash();
    let row = sqlx::query!(
        "SELECT key_id, content FROM kept_forms WHERE token_hash = $1 AND account_id = $2 AND expires_at > $3",
        hash.as_slice(),
        account_id,
        now,
    )
    .fetch_optional(app.db.pool())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let sealed = Sealed { key_id: row.key_id, bytes: row.content };
    // A key that was replaced within the half hour loses the form, and nothing else.
    let Ok(content) = app.keys.open(SealPurpose::KeptForm, account_id, &sealed) else { return Ok(None) };
    Ok(Some(serde_json::from_slice(&content)?))
}

/// Forgets a form, once it was sent.
pub async fn forget(db: &Db, account_id: AccountId, token: &Token) -> Result<()> {
    let hash = token.hash();
    sqlx::query!("DELETE FROM kept_forms WHERE token_hash = $1 AND account_id = $2", hash.as_slice(), account_id)
        .execute(db.pool())
        .await?;
    Ok(())
}
