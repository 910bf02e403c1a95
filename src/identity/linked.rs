//! Accounts at other services with which staff sign in: linked by their owner, and only as long as every school of theirs
//! allows it. A link is with the service's own name for the person, which never changes; an address may become another
//! person's.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;

use super::{
    accounts::{self, AccountEvent},
    mfa_challenge, own_password,
    sessions::{Device, Proof},
    sign_in::SignInOutcome,
};
use crate::{
    access::SignedIn,
    app::App,
    config::ProviderKind,
    error::{Result, stored},
    ids::AccountId,
    letters::outbox::Letter,
    web::i18n::Lang,
};

/// An account at another service.
#[derive(Clone, Debug)]
pub struct OutsideAccount {
    pub provider: ProviderKind,
    subject_hash: [u8; 32],
}

impl OutsideAccount {
    /// By the names of the service and, there, of the person (`iss`, `sub`).
    #[must_use]
    pub fn new(provider: ProviderKind, issuer: &str, subject: &str) -> Self {
        let hash = Sha256::new().chain_update(issuer).chain_update([0]).chain_update(subject).finalize();
        Self { provider, subject_hash: hash.into() }
    }
}

/// Why a person is not signed in by another service, or two accounts are not linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum ProviderRefusal {
    /// It does not answer.
    Unreachable,
    /// The person declined there.
    Cancelled,
    /// It took too long, or was not begun in this browser.
    Expired,
    /// What it says of the person cannot be trusted.
    NotProven,
    TooManyTries,
    /// No account here is linked with the one there.
    NotLinked,
    /// A school of theirs does not allow it, or they are no staff.
    NotAllowed,
    /// It does not say whether the address there is the person's own.
    AddressUnverified,
    /// The address there is not the one here.
    OtherAddress,
    /// One of the two is linked with another account already.
    Taken,
}

impl ProviderRefusal {
    pub const ALL: [Self; 10] = [
        Self::Unreachable,
        Self::Cancelled,
        Self::Expired,
        Self::NotProven,
        Self::TooManyTries,
        Self::NotLinked,
        Self::NotAllowed,
        Self::AddressUnverified,
        Self::OtherAddress,
        Self::Taken,
    ];

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }
}

/// Signs in the account that is linked with one at another service.
///
/// # Errors
/// The inner [`ProviderRefusal`].
pub async fn sign_in(
    app: &App,
    outside: &OutsideAccount,
    device: &Device,
) -> Result<std::result::Result<SignInOutcome, ProviderRefusal>> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    // The account's row is held, as at any sign-in. It signs in with an address: the rule of one device is not for it.
    let found = sqlx::query_scalar!(
        "SELECT a.id FROM linked_sign_ins l JOIN accounts a ON a.id = l.account_id
         WHERE l.subject_hash = $1 FOR UPDATE OF a",
        outside.subject_hash.as_slice(),
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(account_id) = found else { return Ok(Err(ProviderRefusal::NotLinked)) };
    if !may_use(&mut tx, account_id).await? {
        return Ok(Err(ProviderRefusal::NotAllowed));
    }
    sqlx::query!(
        "UPDATE linked_sign_ins SET last_used_at = $2 WHERE subject_hash = $1",
        outside.subject_hash.as_slice(),
        now,
    )
    .execute(&mut *tx)
    .await?;
    let entered = mfa_challenge::enter(&mut tx, app, account_id, device, Proof::Provider).await?;
    tx.commit().await?;
    Ok(Ok(entered))
}

/// Whether an account may sign in by another service: it has an own password, is of staff in every school that it is in, every
/// one of them allows it, and it is neither an operator's nor a company's.
pub async fn may_use(tx: &mut PgConnection, account_id: AccountId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM accounts a WHERE a.id = $1 AND a.password_hash IS NOT NULL)
               AND EXISTS (SELECT FROM memberships m WHERE m.account_id = $1)
               AND NOT EXISTS (
                   SELECT FROM memberships m JOIN schools s ON s.id = m.school_id
                   WHERE m.account_id = $1 AND NOT (s.provider_sign_in AND coalesce(m.is_staff, false)))
               AND NOT EXISTS (SELECT FROM operators o WHERE o.account_id = $1)
               AND NOT EXISTS (SELECT FROM company_members c WHERE c.account_id = $1) AS "may!""#,
        account_id,
    )
    .fetch_one(tx)
    .await?)
}

/// An account at another service that is linked with one here.
#[derive(Clone, Debug)]
pub struct Linked {
    pub provider: ProviderKind,
    pub since: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
}

/// The accounts at other services that are linked with one here.
pub async fn of_account(tx: &mut PgConnection, account_id: AccountId) -> Result<Vec<Linked>> {
    let rows = sqlx::query!(
        "SELECT provider, linked_at, last_used_at FROM linked_sign_ins WHERE account_id = $1",
        account_id,
    );
    let linked = rows.fetch_all(tx).await?.into_iter().map(|row| {
        let provider = stored("provider", row.provider.parse().ok())?;
        Ok(Linked { provider, since: row.linked_at, last_used_at: row.last_used_at })
    });
    linked.collect()
}

/// Links an account with one at another service, and tells its address. The caller has asked for the password.
///
/// # Errors
/// The inner [`ProviderRefusal`].
pub async fn link(
    app: &App,
    signed_in: &SignedIn,
    outside: &OutsideAccount,
    device: &Device,
    (name, lang): (String, Lang),
) -> Result<std::result::Result<(), ProviderRefusal>> {
    let account_id = signed_in.account_id;
    let mut tx = app.db.begin().await?;
    accounts::lock(&mut tx, &[account_id]).await?;
    // A new password ends sessions and links alike: none is made behind it.
    if !is_open(&mut tx, &signed_in.session).await? {
        return Ok(Err(ProviderRefusal::Expired));
    }
    if !may_use(&mut tx, account_id).await? {
        return Ok(Err(ProviderRefusal::NotAllowed));
    }
    let made = sqlx::query!(
        "INSERT INTO linked_sign_ins (account_id, provider, subject_hash, linked_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
        account_id,
        outside.provider.key(),
        outside.subject_hash.as_slice(),
        app.clock.now(),
    )
    .execute(&mut *tx)
    .await?;
    if made.rows_affected() == 0 {
        return Ok(Err(ProviderRefusal::Taken));
    }
    record(&mut tx, app, account_id, "sign_in_linked", device).await?;
    let letter = Letter::SignInLinked { name, provider: outside.provider.name().to_owned() };
    own_password::tell(&mut tx, app, (account_id, &signed_in.login), &letter, lang).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

async fn is_open(tx: &mut PgConnection, session: &[u8; 32]) -> Result<bool> {
    let open = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM sessions WHERE token_hash = $1) AS "is_open!""#,
        session.as_slice(),
    );
    Ok(open.fetch_one(tx).await?)
}

/// Takes a link back. Sessions that it has opened go on.
pub async fn unlink(app: &App, account_id: AccountId, provider: ProviderKind, device: &Device) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let removed = sqlx::query!(
        "DELETE FROM linked_sign_ins WHERE account_id = $1 AND provider = $2",
        account_id,
        provider.key(),
    );
    if removed.execute(&mut *tx).await?.rows_affected() > 0 {
        record(&mut tx, app, account_id, "sign_in_unlinked", device).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn record(tx: &mut PgConnection, app: &App, account_id: AccountId, action: &str, device: &Device) -> Result<()> {
    let at = app.clock.now();
    let (id, actor) = (app.randomness.uuid_v7(at), Some(account_id));
    accounts::record(tx, &AccountEvent { id, at, actor, account_id, action, address: device.address }).await
}
