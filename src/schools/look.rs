//! How a school looks: its colour and its logo. The logo is public: the sign-in page shows it.

use sha2::{Digest, Sha256};

use super::logo::Logo;
use crate::{
    access::{Granted, School, Tone, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
};

/// What becomes of the logo.
#[derive(Debug)]
pub enum LogoChange {
    Stays,
    Goes,
    Becomes(Logo),
}

/// Changes the colour and the logo.
pub async fn change(
    granted: &Granted<may::ChangeSettings>,
    app: &App,
    tone: Option<Tone>,
    logo: &LogoChange,
) -> Result<()> {
    let school_id = granted.school_id();
    let mut tx = app.db.begin_in(school_id).await?;
    sqlx::query!("UPDATE schools SET tone = $2 WHERE id = $1", school_id, tone.map(Tone::key))
        .execute(&mut *tx)
        .await?;
    match logo {
        LogoChange::Stays => {}
        LogoChange::Goes => {
            sqlx::query!("DELETE FROM school_logos WHERE school_id = $1", school_id).execute(&mut *tx).await?;
            sqlx::query!("UPDATE schools SET logo_version = NULL WHERE id = $1", school_id).execute(&mut *tx).await?;
        }
        LogoChange::Becomes(Logo(png)) => {
            sqlx::query!(
                "INSERT INTO school_logos (school_id, png) VALUES ($1, $2)
                 ON CONFLICT (school_id) DO UPDATE SET png = excluded.png",
                school_id,
                png,
            )
            .execute(&mut *tx)
            .await?;
            let version = hex::encode(&Sha256::digest(png)[..6]);
            sqlx::query!("UPDATE schools SET logo_version = $2 WHERE id = $1", school_id, version)
                .execute(&mut *tx)
                .await?;
        }
    }
    let changed =
        AuditAction::LookChanged { tone: tone.map(|tone| tone.key().into()), logo: !matches!(logo, LogoChange::Stays) };
    audit::record(granted, app, &mut tx, Event::new(changed)).await?;
    tx.commit().await?;
    Ok(())
}

/// The logo, as a PNG.
///
/// # Errors
/// [`Error::NotFound`] where the school has none.
pub async fn logo(app: &App, school: &School) -> Result<Vec<u8>> {
    let mut tx = app.db.begin_in(school.id).await?;
    let png = sqlx::query_scalar!("SELECT png FROM school_logos WHERE school_id = $1", school.id);
    png.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)
}
