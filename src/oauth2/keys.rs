//! The keys that sign, and the set that applications check with. The private halves are sealed with the server's key.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::jwk::Jwk;
use sqlx::PgConnection;
use zeroize::Zeroizing;

use crate::{
    app::App,
    crypto::{
        seal::{SealPurpose, Sealed},
        signing::{PrivateKey, SigningAlgorithm, SigningKey},
    },
    error::{Result, stored},
    ids::AccountId,
};

/// After this a new key signs, in days.
const SIGNS_DAYS: i64 = 90;

/// For how long a retired key is shown, so that what it signed last is still checked, in hours.
const SHOWN_HOURS: i64 = 24;

/// The keys that sign now: of each algorithm one.
pub struct SigningKeys {
    /// For tokens that only we read.
    pub es256: Arc<SigningKey>,
    /// For ID tokens: every client must know it.
    pub rs256: Arc<SigningKey>,
}

/// Which keys sign now, by their ids; none of an algorithm that was never used.
#[derive(Clone, Debug, Default)]
pub struct SigningKeyIds {
    pub es256: Option<String>,
    pub rs256: Option<String>,
}

/// Keys that were opened, by their ids: unsealing and reading one costs more than to sign with it. An id follows from its key.
static OPENED: LazyLock<Mutex<HashMap<String, Arc<SigningKey>>>> = LazyLock::new(Mutex::default);

/// How many opened keys are kept: those in use, and some that were.
const MOST_OPENED: usize = 16;

/// The keys that sign now. The first time they are made.
pub async fn signing(app: &App) -> Result<SigningKeys> {
    let rows = sqlx::query!("SELECT id, algorithm FROM signing_keys WHERE retired_at IS NULL");
    let rows = rows.fetch_all(app.db.pool()).await?;
    let id = |algorithm: SigningAlgorithm| {
        rows.iter().find(|row| row.algorithm == algorithm.key()).map(|row| row.id.clone())
    };
    let ids = SigningKeyIds { es256: id(SigningAlgorithm::Es256), rs256: id(SigningAlgorithm::Rs256) };
    of_ids(app, ids).await
}

/// The same where it is known which they are.
pub async fn of_ids(app: &App, ids: SigningKeyIds) -> Result<SigningKeys> {
    Ok(SigningKeys {
        es256: of(app, SigningAlgorithm::Es256, ids.es256).await?,
        rs256: of(app, SigningAlgorithm::Rs256, ids.rs256).await?,
    })
}

async fn of(app: &App, algorithm: SigningAlgorithm, id: Option<String>) -> Result<Arc<SigningKey>> {
    let id = match id {
        Some(id) => id,
        None => {
            renew(app, algorithm, None).await?;
            // Another process may have been quicker: its key counts.
            in_use(app, algorithm).await?
        }
    };
    if let Some(key) = OPENED.lock().unwrap_or_else(PoisonError::into_inner).get(&id) {
        return Ok(key.clone());
    }
    let key = Arc::new(opened(app, &id, algorithm).await?);
    let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    if opened.len() >= MOST_OPENED {
        opened.clear();
    }
    opened.insert(id, key.clone());
    Ok(key)
}

/// The id of the key that signs now, which is there.
async fn in_use(app: &App, algorithm: SigningAlgorithm) -> Result<String> {
    let id = sqlx::query_scalar!(
        "SELECT id FROM signing_keys WHERE algorithm = $1 AND retired_at IS NULL",
        algorithm.key(),
    );
    Ok(id.fetch_one(app.db.pool()).await?)
}

async fn opened(app: &App, id: &str, algorithm: SigningAlgorithm) -> Result<SigningKey> {
    let row = sqlx::query!("SELECT sealed_key, sealed_key_id FROM signing_keys WHERE id = $1", id)
        .fetch_one(app.db.pool())
        .await?;
    let sealed = Sealed { key_id: row.sealed_key_id, bytes: row.sealed_key };
    let opened = app.keys.open(SealPurpose::SigningKey, AccountId::nil(), &sealed).map_err(anyhow::Error::new)?;
    let pem = String::from_utf8(opened.to_vec()).map_err(anyhow::Error::new)?;
    Ok(PrivateKey::from_pem(Zeroizing::new(pem)).signing(algorithm).map_err(anyhow::Error::new)?)
}

/// Makes a new key that signs from now on, unless the one in use is newer than `older_than`.
pub async fn renew(app: &App, algorithm: SigningAlgorithm, older_than: Option<DateTime<Utc>>) -> Result<()> {
    let made = tokio::task::spawn_blocking(move || {
        let private = PrivateKey::generate(algorithm)?;
        let public = private.signing(algorithm)?.public;
        Ok::<_, crate::crypto::signing::SigningError>((private, public))
    });
    let (private, public) = made.await.map_err(anyhow::Error::new)?.map_err(anyhow::Error::new)?;
    let id = stored("thumbprint", public.common.key_id.clone())?;
    let now = app.clock.now();
    let sealed = app.keys.seal(&app.randomness, SealPurpose::SigningKey, AccountId::nil(), private.as_pem().as_bytes());
    let mut tx = app.db.begin().await?;
    sqlx::query!(
        "UPDATE signing_keys SET retired_at = $2
         WHERE algorithm = $1 AND retired_at IS NULL AND created_at < coalesce($3, created_at)",
        algorithm.key(),
        now,
        older_than,
    )
    .execute(&mut *tx)
    .await?;
    // Where one signs already, it goes on.
    sqlx::query!(
        "INSERT INTO signing_keys (id, algorithm, public_key, sealed_key, sealed_key_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (algorithm) WHERE retired_at IS NULL DO NOTHING",
        id,
        algorithm.key(),
        serde_json::to_value(&public)?,
        sealed.bytes,
        sealed.key_id,
        now,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Replaces keys that have signed for long enough, and forgets those that nothing is checked with any more.
pub async fn rotate(app: &App) -> Result<()> {
    let now = app.clock.now();
    let oldest = now - Duration::days(SIGNS_DAYS);
    for algorithm in SigningAlgorithm::ALL {
        let is_due = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM signing_keys
                              WHERE algorithm = $1 AND retired_at IS NULL AND created_at < $2) AS "due!""#,
            algorithm.key(),
            oldest,
        );
        if is_due.fetch_one(app.db.pool()).await? {
            renew(app, algorithm, Some(oldest)).await?;
        }
    }
    sqlx::query!("DELETE FROM signing_keys WHERE retired_at < $1", now - Duration::hours(SHOWN_HOURS))
        .execute(app.db.pool())
        .await?;
    Ok(())
}

/// Replaces all keys that sign now, however new they are; those that sign from now on, by their ids. What the old ones
/// signed last is still checked, for as long as after a change by age.
pub async fn replace(app: &App) -> Result<Vec<(SigningAlgorithm, String)>> {
    let mut keys = Vec::new();
    for algorithm in SigningAlgorithm::ALL {
        renew(app, algorithm, Some(app.clock.now() + Duration::seconds(1))).await?;
        keys.push((algorithm, in_use(app, algorithm).await?));
    }
    Ok(keys)
}

/// Forgets all keys that do not sign any more: what they signed is good no longer.
pub async fn withdraw_retired(app: &App) -> Result<()> {
    sqlx::query!("DELETE FROM signing_keys WHERE retired_at IS NOT NULL").execute(app.db.pool()).await?;
    Ok(())
}

/// What signatures are checked with, the newest first: the keys in use and those that were until lately.
pub async fn shown(connection: &mut PgConnection) -> Result<Vec<Jwk>> {
    let rows = sqlx::query_scalar!("SELECT public_key FROM signing_keys ORDER BY created_at DESC, id");
    let rows = rows.fetch_all(connection).await?;
    rows.into_iter().map(|key| Ok(serde_json::from_value(key)?)).collect()
}
