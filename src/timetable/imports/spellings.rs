//! Names in files that differ from the school's own: matched once by hand, and remembered for later files.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use strum::{EnumString, IntoStaticStr};
use uuid::Uuid;

use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Result, stored},
    vietnam::text,
};

/// What a name in a file may be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum NameKind {
    Class,
    Subject,
    Teacher,
    Room,
}

impl NameKind {
    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }
}

/// A name as it is remembered: without regard to case and needless spaces.
#[must_use]
pub fn spelling(name: &str) -> String {
    text::clean(name).to_lowercase()
}

/// What a name means: a thing of the school, or that its lessons are left out.
pub type NameTarget = Option<Uuid>;

#[derive(Clone, Debug, Default)]
pub struct Spellings(BTreeMap<(NameKind, String), NameTarget>);

impl Spellings {
    /// None where nothing is remembered.
    #[must_use]
    pub fn of(&self, kind: NameKind, name: &str) -> Option<NameTarget> {
        self.0.get(&(kind, spelling(name))).copied()
    }

    #[must_use]
    pub fn with(mut self, kind: NameKind, name: &str, target: NameTarget) -> Self {
        self.0.insert((kind, spelling(name)), target);
        self
    }
}

pub async fn all(scope: &Scope, tx: &mut PgConnection) -> Result<Spellings> {
    let rows = sqlx::query!(
        "SELECT kind, spelling, target_id FROM timetable_spellings WHERE school_id = $1",
        scope.school_id(),
    );
    let mut all = BTreeMap::new();
    for row in rows.fetch_all(tx).await? {
        all.insert((stored("kind of a name", row.kind.parse().ok())?, row.spelling), row.target_id);
    }
    Ok(Spellings(all))
}

async fn remember(
    scope: &Scope,
    tx: &mut PgConnection,
    kind: NameKind,
    spelled: &str,
    target: NameTarget,
) -> Result<bool> {
    let written = sqlx::query!(
        "INSERT INTO timetable_spellings AS s (school_id, kind, spelling, target_id) VALUES ($1, $2, $3, $4)
         ON CONFLICT (school_id, kind, spelling) DO UPDATE SET target_id = $4
         WHERE s.target_id IS DISTINCT FROM $4",
        scope.school_id(),
        kind.key(),
        spelled,
        target as NameTarget,
    );
    Ok(written.execute(tx).await?.rows_affected() > 0)
}

async fn forget(scope: &Scope, tx: &mut PgConnection, kind: NameKind, spelled: &str) -> Result<bool> {
    let deleted = sqlx::query!(
        "DELETE FROM timetable_spellings WHERE school_id = $1 AND kind = $2 AND spelling = $3",
        scope.school_id(),
        kind.key(),
        spelled,
    );
    Ok(deleted.execute(tx).await?.rows_affected() > 0)
}

/// What is remembered of a name from now on; none where it is to be asked again.
pub type SpellingChoice = (NameKind, String, Option<NameTarget>);

/// Remembers choices, all or none.
pub async fn choose(granted: &Granted<may::ManageTimetable>, app: &App, choices: &[SpellingChoice]) -> Result<()> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let mut is_changed = false;
    for (kind, name, target) in choices {
        let spelled = spelling(name);
        is_changed |= match target {
            Some(target) => remember(granted, &mut tx, *kind, &spelled, *target).await?,
            None => forget(granted, &mut tx, *kind, &spelled).await?,
        };
    }
    if is_changed {
        audit::record(granted, app, &mut tx, Event::new(AuditAction::TimetableSpellingsChosen)).await?;
    }
    tx.commit().await?;
    Ok(())
}
