//! Mailed links: each is good once, for one purpose and a limited time. The person holds the token, we its hash.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use crate::{
    crypto::token::Token,
    error::Result,
    ids::{AccountId, LinkId, MemberId, SchoolId},
};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum LinkPurpose {
    /// To set a first password, or to accept a school's invitation.
    Invitation,
    PasswordReset,
    EmailVerification,
}

impl LinkPurpose {
    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }

    #[must_use]
    pub fn lasts(self) -> Duration {
        match self {
            Self::Invitation => Duration::days(7),
            Self::PasswordReset => Duration::hours(1),
            Self::EmailVerification => Duration::days(3),
        }
    }
}

/// What a link leads to.
#[derive(Clone, Debug)]
pub struct Link {
    pub id: LinkId,
    pub account_id: AccountId,
    /// Of an invitation into a school: the school and the member who is invited.
    pub membership: Option<(SchoolId, MemberId)>,
}

/// Makes a link; its token is to be mailed and is stored nowhere.
pub async fn create(
    tx: &mut PgConnection,
    id: LinkId,
    token: &Token,
    purpose: LinkPurpose,
    account_id: AccountId,
    membership: Option<(SchoolId, MemberId)>,
    now: DateTime<Utc>,
) -> Result<()> {
    let (school_id, member_id) = membership.unzip();
    let hash = token.hash();
    sqlx::query!(
        "INSERT INTO links (id, token_hash, purpose, account_id, school_id, member_id, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        id,
        hash.as_slice(),
        purpose.key(),
        account_id,
        school_id,
        member_id,
        now,
        now + purpose.lasts(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The link of this token, if it is still good.
pub async fn find(
    tx: &mut PgConnection,
    token: &Token,
    purpose: LinkPurpose,
    now: DateTime<Utc>,
) -> Result<Option<Link>> {
    let hash = token.hash();
    let row = sqlx::query!(
        "SELECT id, account_id, school_id, member_id FROM links
         WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3 AND used_at IS NULL",
        hash.as_slice(),
        purpose.key(),
        now,
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| Link { id: row.id, account_id: row.account_id, membership: row.school_id.zip(row.member_id) }))
}

/// Spends the link. False where another request was first: of two uses at the same instant, one wins.
pub async fn consume(tx: &mut PgConnection, link: &Link, now: DateTime<Utc>) -> Result<bool> {
    let spent = sqlx::query!("UPDATE links SET used_at = $2 WHERE id = $1 AND used_at IS NULL", link.id, now)
        .execute(tx)
        .await?;
    Ok(spent.rows_affected() == 1)
}

/// Spends all invitations to become this member of a school, whatever address they were mailed to.
pub async fn consume_of_member(
    tx: &mut PgConnection,
    school_id: SchoolId,
    member_id: MemberId,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "UPDATE links SET used_at = $3 WHERE school_id = $1 AND member_id = $2 AND used_at IS NULL",
        school_id,
        member_id,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Spends all other links of this purpose that the account has: after a password is set, no further reset is needed.
pub async fn spend_all(
    tx: &mut PgConnection,
    account_id: AccountId,
    purpose: LinkPurpose,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "UPDATE links SET used_at = $3 WHERE account_id = $1 AND purpose = $2 AND used_at IS NULL",
        account_id,
        purpose.key(),
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// How many invitations of a school have gone to an account since these two moments.
pub async fn invitations(
    tx: &mut PgConnection,
    account_id: AccountId,
    school_id: SchoolId,
    later: DateTime<Utc>,
    earlier: DateTime<Utc>,
) -> Result<(i64, i64)> {
    let row = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE created_at > $4) AS "later!", count(*) AS "earlier!" FROM links
           WHERE account_id = $1 AND purpose = $2 AND school_id = $3 AND created_at > $5"#,
        account_id,
        LinkPurpose::Invitation.key(),
        school_id,
        later,
        earlier,
    )
    .fetch_one(tx)
    .await?;
    Ok((row.later, row.earlier))
}

/// When a member was last invited, and until when that link is good; `None` where nobody has invited them.
pub async fn last_invitation(
    tx: &mut PgConnection,
    school_id: SchoolId,
    member_id: MemberId,
) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>> {
    let row = sqlx::query!(
        "SELECT created_at, expires_at FROM links
         WHERE school_id = $1 AND member_id = $2 AND purpose = $3 ORDER BY created_at DESC LIMIT 1",
        school_id,
        member_id,
        LinkPurpose::Invitation.key(),
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| (row.created_at, row.expires_at)))
}
