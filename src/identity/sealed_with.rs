//! Which keys the sealed values in the database were sealed with. A key that is not configured, because the database
//! was restored without it or because it was removed too early, is reported at once, and not by the first pupil whose
//! slip does not work.

use crate::{crypto::seal::KeyRing, db::Db, error::Result};

/// The ids of keys that open something in the database and are not in the ring.
pub async fn missing_keys(db: &Db, keys: &KeyRing) -> Result<Vec<String>> {
    // One index step for each key in use, however many values it has sealed.
    let used = sqlx::query_scalar!(
        r#"WITH RECURSIVE
               of_accounts AS (
                   SELECT min(temporary_key_id) AS id FROM accounts WHERE temporary_key_id IS NOT NULL
                   UNION ALL
                   SELECT (SELECT min(a.temporary_key_id) FROM accounts a WHERE a.temporary_key_id > k.id)
                   FROM of_accounts k WHERE k.id IS NOT NULL
               ),
               of_mails AS (
                   SELECT min(token_key_id) AS id FROM mails WHERE token_key_id IS NOT NULL
                   UNION ALL
                   SELECT (SELECT min(m.token_key_id) FROM mails m WHERE m.token_key_id > k.id)
                   FROM of_mails k WHERE k.id IS NOT NULL
               ),
               of_second_factors AS (
                   SELECT min(key_id) AS id FROM second_factors
                   UNION ALL
                   SELECT (SELECT min(f.key_id) FROM second_factors f WHERE f.key_id > k.id)
                   FROM of_second_factors k WHERE k.id IS NOT NULL
               )
           SELECT id AS "id!" FROM of_accounts WHERE id IS NOT NULL
           UNION SELECT id FROM of_mails WHERE id IS NOT NULL
           UNION SELECT id FROM of_second_factors WHERE id IS NOT NULL
           UNION SELECT key_id FROM registry_hash_key
           UNION SELECT sealed_key_id FROM signing_keys
           ORDER BY 1"#
    )
    .fetch_all(db.pool())
    .await?;
    Ok(used.into_iter().filter(|id| !keys.has(id)).collect())
}

/// The message about missing keys on the command line; nothing where none is missing.
#[must_use]
pub fn complaint(missing: &[String]) -> Option<String> {
    (!missing.is_empty()).then(|| {
        format!(
            "temporary passwords, waiting mails or second factors were sealed with a key that is not here and cannot \
             be opened (its id: {}). Bring that key back; several may be given in SCHOOLGATE_SECRET_KEY, separated by \
             commas",
            missing.join(", ")
        )
    })
}
