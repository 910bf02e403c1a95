//! Which school of the country holds an identifier of the ministry. Kept outside of the schools' scopes, as ids and a
//! keyed hash, and always written in the transaction that writes the person.

use std::collections::HashMap;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use sqlx::PgConnection;
use zeroize::Zeroizing;

use crate::{
    access::Scope,
    app::App,
    crypto::seal::{SealPurpose, Sealed},
    error::Result,
    ids::{RegistryPersonId, SchoolId},
};

const KEY_BYTES: usize = 32;

/// An identifier, hashed.
pub type IdentifierHash = [u8; 32];

/// The key of the hashes. It is made once, sealed in the database, and outlives every change of the server's own key:
/// by another one nothing would be found.
pub struct IdentifierKey(Zeroizing<Vec<u8>>);

impl IdentifierKey {
    /// The key; makes it where there is none, and seals it anew where it was sealed with an older key of the server.
    pub async fn load(app: &App, tx: &mut PgConnection) -> Result<Self> {
        let stored = match stored(tx).await? {
            Some(stored) => stored,
            None => {
                let fresh = Zeroizing::new(app.randomness.bytes::<KEY_BYTES>());
                let sealed = seal(app, fresh.as_slice());
                sqlx::query!(
                    "INSERT INTO registry_hash_key (sealed, key_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                    sealed.bytes,
                    sealed.key_id,
                )
                .execute(&mut *tx)
                .await?;
                // Another transaction may have been first.
                stored(tx).await?.unwrap_or(sealed)
            }
        };
        let key = app.keys.open(SealPurpose::IdentifierKey, uuid::Uuid::nil(), &stored).map_err(anyhow::Error::new)?;
        if stored.key_id != app.keys.sealing_key_id() {
            let sealed = seal(app, &key);
            sqlx::query!("UPDATE registry_hash_key SET sealed = $1, key_id = $2", sealed.bytes, sealed.key_id)
                .execute(tx)
                .await?;
        }
        Ok(Self(key))
    }

    /// The hash under which an identifier is found; its case does not matter.
    #[must_use]
    pub fn hash(&self, moet_id: &str) -> IdentifierHash {
        // A key of any length is taken.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return [0; 32] };
        mac.update(moet_id.to_lowercase().as_bytes());
        mac.finalize().into_bytes().into()
    }
}

async fn stored(tx: &mut PgConnection) -> Result<Option<Sealed>> {
    let row = sqlx::query!("SELECT sealed, key_id FROM registry_hash_key").fetch_optional(tx).await?;
    Ok(row.map(|row| Sealed { key_id: row.key_id, bytes: row.sealed }))
}

fn seal(app: &App, key: &[u8]) -> Sealed {
    app.keys.seal(&app.randomness, SealPurpose::IdentifierKey, uuid::Uuid::nil(), key)
}

/// Who holds an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    pub school_id: SchoolId,
    pub person_id: RegistryPersonId,
}

/// The holders of these identifiers, where there are any.
pub async fn holders(tx: &mut PgConnection, hashes: &[IdentifierHash]) -> Result<HashMap<IdentifierHash, Holder>> {
    let hashes: Vec<&[u8]> = hashes.iter().map(<[u8; 32]>::as_slice).collect();
    let rows = sqlx::query!(
        "SELECT identifier_hash, school_id, person_id FROM registry_identifiers WHERE identifier_hash = ANY($1)",
        &hashes as &[&[u8]],
    )
    .fetch_all(tx)
    .await?;
    let holder = |school_id, person_id| Holder { school_id, person_id };
    Ok(rows
        .into_iter()
        .filter_map(|row| Some((row.identifier_hash.try_into().ok()?, holder(row.school_id, row.person_id))))
        .collect())
}

/// Takes these identifiers for people of the school, from nobody. Those that are held stay where they are; a
/// transaction that is taking one at the same time is waited for, so the hashes must come in their order.
pub async fn take(scope: &Scope, tx: &mut PgConnection, people: &[(IdentifierHash, RegistryPersonId)]) -> Result<()> {
    let (hashes, ids): (Vec<&[u8]>, Vec<RegistryPersonId>) =
        people.iter().map(|(hash, id)| (hash.as_slice(), *id)).unzip();
    sqlx::query!(
        "INSERT INTO registry_identifiers (identifier_hash, school_id, person_id)
         SELECT hash, $1, person_id FROM unnest($2::bytea[], $3::uuid[]) AS new (hash, person_id) ORDER BY hash
         ON CONFLICT DO NOTHING",
        scope.school_id(),
        &hashes as &[&[u8]],
        &ids,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes identifiers over from other schools, whose people have moved here.
pub async fn take_over(
    scope: &Scope,
    tx: &mut PgConnection,
    people: &[(IdentifierHash, RegistryPersonId)],
) -> Result<()> {
    let (hashes, ids): (Vec<&[u8]>, Vec<RegistryPersonId>) =
        people.iter().map(|(hash, id)| (hash.as_slice(), *id)).unzip();
    sqlx::query!(
        "UPDATE registry_identifiers i SET school_id = $1, person_id = new.person_id
         FROM unnest($2::bytea[], $3::uuid[]) AS new (hash, person_id) WHERE i.identifier_hash = new.hash",
        scope.school_id(),
        &hashes as &[&[u8]],
        &ids,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Lets go of all identifiers of these people but those given: who has left holds none.
pub async fn let_go(
    scope: &Scope,
    tx: &mut PgConnection,
    people: &[RegistryPersonId],
    but: &[IdentifierHash],
) -> Result<()> {
    let but: Vec<&[u8]> = but.iter().map(<[u8; 32]>::as_slice).collect();
    sqlx::query!(
        "DELETE FROM registry_identifiers
         WHERE school_id = $1 AND person_id = ANY($2) AND identifier_hash <> ALL ($3)",
        scope.school_id(),
        people,
        &but as &[&[u8]],
    )
    .execute(tx)
    .await?;
    Ok(())
}
