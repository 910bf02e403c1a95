//! Releasing a pupil: a printed code that the family takes to the next school. It is shown once, stored as a hash, and
//! valid once and for a month. Making one changes nothing yet: the pupil stays here until another school has admitted
//! them.

use chrono::{DateTime, Duration, Utc};
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;

use crate::{
    access::{Granted, MemberAction, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    clock::Randomness,
    error::Result,
    identity::{accounts, password::TemporaryPassword},
    ids::{AccountId, MemberId},
    roster::{store::MemberRecord, subject::LockedMember},
    schools::years,
};

/// How many days a code is valid.
pub const DAYS: i64 = 30;

/// Why a pupil cannot be released by a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferCodeRefusal {
    /// Staff, and students who sign in with their own e-mail address, are invited by the next school instead.
    NotByCode,
    /// The account is already in use in another school, or there is none.
    NotOurs,
}

/// A code that another school can use.
#[derive(Clone, Debug)]
pub struct TransferCode {
    pub code: String,
    pub good_until: DateTime<Utc>,
}

/// Sixteen letters and digits in four groups, without what looks alike on paper.
fn draw(randomness: &Randomness) -> String {
    let half = || TemporaryPassword::generate(randomness).as_str().to_owned();
    format!("{}-{}", half(), half())
}

/// The stored hash of a code. Salt and key stretching would add nothing to 76 random bits.
#[must_use]
pub fn hash(typed: &str) -> [u8; 32] {
    let letters: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    Sha256::new().chain_update(b"release code/").chain_update(letters.to_ascii_lowercase()).finalize().into()
}

/// Makes a code; it replaces an earlier one.
///
/// # Errors
/// As [`LockedMember::find`]. The inner error: why no code can be made.
pub async fn make(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    id: MemberId,
) -> Result<std::result::Result<TransferCode, TransferCodeRefusal>> {
    let now = app.clock.now();
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = LockedMember::find(granted, &mut tx, year.id, id, MemberAction::LetGo).await?;
    let account_id = match account_to_release(granted, &mut tx, &subject).await? {
        Ok(account_id) => account_id,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let release = TransferCode { code: draw(&app.randomness), good_until: now + Duration::days(DAYS) };
    remove(granted, &mut tx, id).await?;
    let hash = hash(&release.code);
    sqlx::query!(
        "INSERT INTO releases (code_hash, account_id, school_id, member_id, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        hash.as_slice(),
        account_id,
        granted.school_id(),
        id,
        now,
        release.good_until,
    )
    .execute(&mut *tx)
    .await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::ReleaseMade { days: DAYS }, id)).await?;
    tx.commit().await?;
    Ok(Ok(release))
}

/// The account that may be transferred, if it may.
pub async fn account_to_release(
    scope: &Scope,
    tx: &mut PgConnection,
    known: &MemberRecord,
) -> Result<std::result::Result<AccountId, TransferCodeRefusal>> {
    if known.is_staff() || known.signs_in_by_email {
        return Ok(Err(TransferCodeRefusal::NotByCode));
    }
    let Some(account_id) = known.account_id else { return Ok(Err(TransferCodeRefusal::NotOurs)) };
    if !accounts::lock_not_elsewhere(tx, &[account_id], scope.school_id()).await?.contains(&account_id) {
        return Ok(Err(TransferCodeRefusal::NotOurs));
    }
    Ok(Ok(account_id))
}

/// Withdraws a code: the printed copy is no longer valid.
///
/// # Errors
/// As [`LockedMember::find`].
pub async fn withdraw(granted: &Granted<may::ManageAccounts>, app: &App, id: MemberId) -> Result<()> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    LockedMember::find(granted, &mut tx, year.id, id, MemberAction::LetGo).await?;
    if remove(granted, &mut tx, id).await? {
        audit::record(granted, app, &mut tx, Event::about(AuditAction::ReleaseWithdrawn, id)).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn remove(scope: &Scope, tx: &mut PgConnection, id: MemberId) -> Result<bool> {
    let removed = sqlx::query!("DELETE FROM releases WHERE school_id = $1 AND member_id = $2", scope.school_id(), id)
        .execute(tx)
        .await?;
    Ok(removed.rows_affected() == 1)
}

/// A pupil, as their release page shows them.
#[derive(Clone, Debug)]
pub struct TransferCandidate {
    pub name: String,
    pub refusal: Option<TransferCodeRefusal>,
    /// Until when an already made code is valid.
    pub open_until: Option<DateTime<Utc>>,
}

/// The state shown before a code is made.
///
/// # Errors
/// As [`LockedMember::find`].
pub async fn look(granted: &Granted<may::ManageAccounts>, app: &App, id: MemberId) -> Result<TransferCandidate> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = LockedMember::find(granted, &mut tx, year.id, id, MemberAction::LetGo).await?;
    let refusal = account_to_release(granted, &mut tx, &subject).await?.err();
    let open_until = sqlx::query_scalar!(
        "SELECT expires_at FROM releases WHERE school_id = $1 AND member_id = $2 AND expires_at > $3",
        granted.school_id(),
        id,
        app.clock.now(),
    )
    .fetch_optional(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(TransferCandidate { name: subject.name().to_owned(), refusal, open_until })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_copy_it() {
        let code = draw(&Randomness::seeded(1));
        assert_eq!(code.len(), 19);
        assert_eq!(hash(&code), hash(&format!(" {} ", code.to_uppercase().replace('-', " "))));
        assert_ne!(hash(&code), hash(&draw(&Randomness::seeded(2))));
    }
}
