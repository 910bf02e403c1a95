//! Forms that create something, each remembered for a day: what an account sends twice creates once.

use chrono::{DateTime, Duration, Utc};
use sha2::{Digest as _, Sha256};

use crate::{
    app::App,
    crypto::seal::{SealPurpose, Sealed},
    db::Db,
    error::Result,
    ids::AccountId,
};

/// The hidden field that tells one page's form from the same form of another page.
pub const FIELD: &str = "form_key";

/// How long a form with a key is remembered: as long as a page may stay open in a browser.
pub const KEPT_HOURS: i64 = 24;

/// Without a key the same values may be meant a second time; not within so many seconds.
const SECONDS_WITHOUT_KEY: i64 = 5;

/// When a form counts as given up that has no answer: no request takes as long.
const SECONDS_UNTIL_GIVEN_UP: i64 = 120;

/// A form as it was sent: who sent it and what it holds.
#[derive(Clone, Debug)]
pub struct SentForm {
    account_id: AccountId,
    digest: [u8; 32],
    /// Within this time the same form is the same act.
    window: Duration,
}

/// What is to be done with a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormClaim {
    /// It is the first: it is worked on, and then [`answered`] or [`failed`].
    First,
    /// It is being worked on elsewhere at this moment.
    InProgress,
    /// It was answered by a redirect to this address.
    LedTo(String),
    /// It was answered by this page.
    Shown(String),
}

impl SentForm {
    /// `place` is the address that it was sent to, and for visitors who are not signed in, their own address as well.
    #[must_use]
    pub fn new(account_id: Option<AccountId>, place: &str, fields: &[(String, String)]) -> Self {
        let has_key = fields.iter().any(|(name, value)| name == FIELD && !value.is_empty());
        let has_password = fields.iter().any(|(name, _)| is_secret(name));
        let mut digest = Sha256::new();
        let mut add = |text: &str| {
            digest.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(text.as_bytes());
        };
        add(place);
        for (name, value) in fields.iter().filter(|(name, _)| !is_secret(name)) {
            add(name);
            add(value);
        }
        // A password is not part of the digest: typed anew, it may be another one.
        let window = match has_key && !has_password {
            true => Duration::hours(KEPT_HOURS),
            false => Duration::seconds(SECONDS_WITHOUT_KEY),
        };
        Self { account_id: account_id.unwrap_or_default(), digest: digest.finalize().into(), window }
    }

    /// The answer to it is a secret, which is not kept for longer than a double click takes.
    #[must_use]
    pub fn of_secret(self) -> Self {
        Self { window: Duration::seconds(SECONDS_WITHOUT_KEY), ..self }
    }
}

/// Whether a field holds a password or the secret of a program: those are neither remembered nor kept.
#[must_use]
pub fn is_secret(field: &str) -> bool {
    field.contains("password") || field == "secret"
}

/// Takes up a form, unless it was taken up before.
///
/// # Errors
/// When the page that answered it cannot be opened.
pub async fn claim(app: &App, form: &SentForm, now: DateTime<Utc>) -> Result<FormClaim> {
    let db = &app.db;
    let is_first = sqlx::query!(
        "INSERT INTO sent_forms AS s (account_id, digest, at) VALUES ($1, $2, $3)
         ON CONFLICT (account_id, digest) DO UPDATE SET at = $3, led_to = NULL, shown = NULL, shown_key_id = NULL
         WHERE s.at < $4 OR (s.led_to IS NULL AND s.shown IS NULL AND s.at < $5)",
        form.account_id,
        form.digest.as_slice(),
        now,
        now - form.window,
        now - Duration::seconds(SECONDS_UNTIL_GIVEN_UP),
    )
    .execute(db.pool())
    .await?
    .rows_affected()
        > 0;
    if is_first {
        return Ok(FormClaim::First);
    }
    let answer = sqlx::query!(
        "SELECT led_to, shown, shown_key_id FROM sent_forms WHERE account_id = $1 AND digest = $2",
        form.account_id,
        form.digest.as_slice(),
    )
    .fetch_optional(db.pool())
    .await?;
    let Some(answer) = answer else { return Ok(FormClaim::InProgress) };
    if let (Some(bytes), Some(key_id)) = (answer.shown, answer.shown_key_id) {
        let page = app.keys.open(SealPurpose::ShownPage, form.account_id, &Sealed { key_id, bytes });
        let page = page.map_err(anyhow::Error::new)?;
        return Ok(FormClaim::Shown(String::from_utf8_lossy(&page).into_owned()));
    }
    Ok(answer.led_to.map_or(FormClaim::InProgress, FormClaim::LedTo))
}

/// Remembers the page that answered a form, sealed.
pub async fn answered_by_page(app: &App, form: &SentForm, page: &[u8], now: DateTime<Utc>) -> Result<()> {
    let sealed = app.keys.seal(&app.randomness, SealPurpose::ShownPage, form.account_id, page);
    sqlx::query!(
        "UPDATE sent_forms SET shown = $3, shown_key_id = $4, at = $5 WHERE account_id = $1 AND digest = $2",
        form.account_id,
        form.digest.as_slice(),
        sealed.bytes,
        sealed.key_id,
        now,
    )
    .execute(app.db.pool())
    .await?;
    Ok(())
}

/// Wipes the pages that were shown before this time.
pub async fn forget_pages(db: &Db, before: DateTime<Utc>) -> Result<()> {
    sqlx::query!("UPDATE sent_forms SET shown = NULL, shown_key_id = NULL WHERE shown IS NOT NULL AND at < $1", before)
        .execute(db.pool())
        .await?;
    Ok(())
}

/// Remembers where the form led.
pub async fn answered(db: &Db, form: &SentForm, led_to: &str, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "UPDATE sent_forms SET led_to = $3, at = $4 WHERE account_id = $1 AND digest = $2",
        form.account_id,
        form.digest.as_slice(),
        led_to,
        now,
    )
    .execute(db.pool())
    .await?;
    Ok(())
}

/// Forgets a form that created nothing: it may be sent again.
pub async fn failed(db: &Db, form: &SentForm) -> Result<()> {
    sqlx::query!(
        "DELETE FROM sent_forms WHERE account_id = $1 AND digest = $2",
        form.account_id,
        form.digest.as_slice(),
    )
    .execute(db.pool())
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(place: &str, fields: &[(&str, &str)]) -> SentForm {
        let fields: Vec<_> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        SentForm::new(None, place, &fields)
    }

    #[test]
    fn other_values_make_another_form() {
        let one = form("/classes", &[("name", "10A1"), ("grade", "")]);
        assert_eq!(one.digest, form("/classes", &[("name", "10A1"), ("grade", "")]).digest);
        for other in [
            form("/years", &[("name", "10A1"), ("grade", "")]),
            form("/classes", &[("name", "10A2"), ("grade", "")]),
            form("/classes", &[("name", "10"), ("A1grade", "")]),
            form("/classes", &[("name", "10A1"), ("grade", ""), (FIELD, "a")]),
        ] {
            assert_ne!(one.digest, other.digest, "{other:?}");
        }
    }

    #[test]
    fn passwords_are_no_part_of_it_and_may_be_typed_anew() {
        let one = form("/register", &[("email", "a@b.vn"), ("password", "one"), (FIELD, "a")]);
        let other = form("/register", &[("email", "a@b.vn"), ("password", "two"), (FIELD, "a")]);
        assert_eq!(one.digest, other.digest);
        assert_eq!(one.window, Duration::seconds(SECONDS_WITHOUT_KEY));
        assert_eq!(form("/years", &[(FIELD, "a")]).window, Duration::hours(KEPT_HOURS));
    }
}
