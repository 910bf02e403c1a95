//! Having a draft made of a version: asked for, stopped, taken or thrown away. The work itself is in [`super::writing`].

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use strum::{EnumString, IntoStaticStr};

use super::{engine, writing::MakeTimetable};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    db,
    error::{Result, stored},
    ids::{ClassId, MemberId, SubjectId, TimetableId, TimetableRoomId},
    jobs,
    timetable::versions,
};

/// How long the engine may search, in seconds, unless something else is asked for.
pub const USUAL_SECONDS: i16 = 120;
pub const MOST_SECONDS: i16 = 1_800;

#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum GenerationState {
    Waiting,
    Running,
    /// The draft waits to be taken or thrown away.
    Done,
    Taken,
    Discarded,
    Failed,
}

impl GenerationState {
    #[must_use]
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }
}

/// Why there is no draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Failure {
    /// Nothing can solve this; what, is found anew by [`super::feasible`].
    Impossible,
    /// The worker died, or was stopped.
    Died,
    /// The member who asked may no longer do so.
    Rights,
    /// The engine ended without an answer.
    Nothing,
    /// The engine's answer is none to what was asked.
    Answer,
    /// What the draft is made of was changed meanwhile.
    Changed,
    /// The year has as many versions as it may have.
    TooMany,
}

/// What the engine names as hard to place: a block by its class, subject and teacher, or one of these or a room alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Difficult {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<ClassId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<SubjectId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub teacher: Option<MemberId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<TimetableRoomId>,
    /// Two periods that follow one another.
    pub is_double: bool,
}

#[derive(Clone, Debug)]
pub struct Generation {
    pub state: GenerationState,
    /// Of the draft.
    pub name: String,
    pub seconds: i16,
    pub seed: i64,
    /// How many blocks of lessons are to be placed, and were at most so far.
    pub wanted: i32,
    pub placed: i32,
    pub is_stopping: bool,
    pub result_id: Option<TimetableId>,
    pub failure: Option<Failure>,
    pub blamed: Vec<Difficult>,
    pub asked_by: Option<MemberId>,
    /// Identifies the request, so that a worker of an earlier one changes nothing.
    pub asked_at: DateTime<Utc>,
}

/// The last time that a draft was made of this version.
pub async fn last(scope: &Scope, tx: &mut PgConnection, version_id: TimetableId) -> Result<Option<Generation>> {
    let row = sqlx::query!(
        "SELECT state, name, seconds, seed, wanted, placed, is_stopping, result_id, failure, blamed, asked_by, asked_at
         FROM timetable_generations WHERE school_id = $1 AND version_id = $2",
        scope.school_id(),
        version_id,
    );
    let Some(row) = row.fetch_optional(tx).await? else { return Ok(None) };
    let failure = row.failure.map(|key| stored("failure of a generation", key.parse().ok()));
    Ok(Some(Generation {
        state: stored("state of a generation", row.state.parse().ok())?,
        name: row.name,
        seconds: row.seconds,
        seed: row.seed,
        wanted: row.wanted,
        placed: row.placed,
        is_stopping: row.is_stopping,
        result_id: row.result_id,
        failure: failure.transpose()?,
        blamed: serde_json::from_value(row.blamed)?,
        asked_by: row.asked_by,
        asked_at: row.asked_at,
    }))
}

/// Why a draft is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GenerationRefusal {
    /// The engine is not installed.
    NoEngine,
    /// One is being made of this version or of another one of the school.
    UnderWay,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct GenerationRequest {
    /// Of the draft.
    pub name: String,
    pub seconds: i16,
    pub seed: i64,
}

/// Asks for a draft: locked lessons of the version stay, all others are placed anew. The version itself is not touched.
///
/// # Errors
/// [`crate::error::Error::NotFound`] where the school has no such version.
pub async fn ask(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    version_id: TimetableId,
    asked: &GenerationRequest,
) -> Result<std::result::Result<(), GenerationRefusal>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    versions::find_to_change(granted, app, &mut tx, version_id).await?;
    if engine::installed().is_none() {
        return Ok(Err(GenerationRefusal::NoEngine));
    }
    // One at a time of a school: drafts are computed one after another, and other schools wait, too.
    db::lock_roster(&mut tx, granted.school_id()).await?;
    let is_under_way = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM timetable_generations
               WHERE school_id = $1 AND state IN ('waiting', 'running')) AS "is_under_way!""#,
        granted.school_id(),
    );
    if is_under_way.fetch_one(&mut *tx).await? {
        return Ok(Err(GenerationRefusal::UnderWay));
    }
    let now = app.clock.now();
    let written = sqlx::query!(
        "INSERT INTO timetable_generations AS g (school_id, version_id, state, name, seconds, seed, asked_by, asked_at)
         VALUES ($1, $2, 'waiting', $3, $4, $5, $6, $7)
         ON CONFLICT (school_id, version_id) DO UPDATE SET state = 'waiting', name = $3, seconds = $4, seed = $5,
             asked_by = $6, asked_at = $7, ended_at = NULL, wanted = 0, placed = 0, is_stopping = false,
             result_id = NULL, failure = NULL, blamed = '[]'
         WHERE g.state NOT IN ('waiting', 'running')",
        granted.school_id(),
        version_id,
        asked.name,
        asked.seconds,
        asked.seed,
        granted.member().map(|member| member.id),
        now,
    )
    .execute(&mut *tx)
    .await?;
    if written.rows_affected() == 0 {
        return Ok(Err(GenerationRefusal::UnderWay));
    }
    let job = MakeTimetable { school_id: granted.school_id(), version_id, asked_at: Some(now) };
    jobs::enqueue(&mut tx, &job).await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::TimetableGenerationAsked, version_id)).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Stops the search: the best that was found until then becomes the draft.
///
/// # Errors
/// [`crate::error::Error::NotFound`] where the school has no such version.
pub async fn stop(granted: &Granted<may::ManageTimetable>, app: &App, version_id: TimetableId) -> Result<()> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    versions::find(granted, &mut tx, version_id).await?;
    let stopped = sqlx::query!(
        "UPDATE timetable_generations SET is_stopping = true
         WHERE school_id = $1 AND version_id = $2 AND state IN ('waiting', 'running') AND NOT is_stopping",
        granted.school_id(),
        version_id,
    )
    .execute(&mut *tx)
    .await?;
    if stopped.rows_affected() > 0 {
        audit::record(granted, app, &mut tx, Event::about(AuditAction::TimetableGenerationStopped, version_id)).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Takes the draft: it is a version like any other from then on. None where there is none to take.
///
/// # Errors
/// [`crate::error::Error::NotFound`] where the school has no such version.
pub async fn take(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    version_id: TimetableId,
) -> Result<Option<TimetableId>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    versions::find_to_change(granted, app, &mut tx, version_id).await?;
    let Some(result_id) = decide(granted, &mut tx, version_id, GenerationState::Taken).await? else { return Ok(None) };
    audit::record(granted, app, &mut tx, Event::about(AuditAction::TimetableGenerationTaken, result_id)).await?;
    tx.commit().await?;
    Ok(Some(result_id))
}

/// Throws the draft away. False where there is none, or it was published meanwhile.
///
/// # Errors
/// [`crate::error::Error::NotFound`] where the school has no such version.
pub async fn discard(granted: &Granted<may::ManageTimetable>, app: &App, version_id: TimetableId) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    versions::find_to_change(granted, app, &mut tx, version_id).await?;
    let decided = decide(granted, &mut tx, version_id, GenerationState::Discarded).await?;
    let Some(result_id) = decided else { return Ok(false) };
    let deleted = sqlx::query!(
        "DELETE FROM timetable_versions WHERE school_id = $1 AND id = $2 AND published_at IS NULL",
        granted.school_id(),
        result_id,
    )
    .execute(&mut *tx)
    .await?;
    if deleted.rows_affected() == 0 {
        return Ok(false);
    }
    audit::record(granted, app, &mut tx, Event::about(AuditAction::TimetableGenerationDiscarded, version_id)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Of two who decide at the same moment one does.
async fn decide(
    scope: &Scope,
    tx: &mut PgConnection,
    version_id: TimetableId,
    state: GenerationState,
) -> Result<Option<TimetableId>> {
    let key: &str = state.into();
    let decided = sqlx::query_scalar!(
        "UPDATE timetable_generations g SET state = $3
         WHERE school_id = $1 AND version_id = $2 AND state = 'done'
             AND EXISTS (SELECT FROM timetable_versions v WHERE v.school_id = $1 AND v.id = g.result_id)
         RETURNING result_id",
        scope.school_id(),
        version_id,
        key,
    )
    .fetch_optional(tx)
    .await?;
    Ok(decided.flatten())
}
