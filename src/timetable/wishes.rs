//! When teachers do not teach, how much at most, and how much they are to.

use std::collections::BTreeSet;

use sqlx::PgConnection;

use super::model::Slot;
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    ids::MemberId,
};

/// The wishes of one teacher.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    pub teacher_id: MemberId,
    pub blocked: BTreeSet<Slot>,
    /// The most periods of a day.
    pub most_a_day: Option<i16>,
    /// The most sessions of a week.
    pub most_sessions: Option<i16>,
    /// The most free periods between lessons of a session, over the week.
    pub most_gaps: Option<i16>,
    /// The periods a week that they are to teach; none for the usual number.
    pub norm: Option<i16>,
}

/// Those of all teachers who have some.
pub async fn all(scope: &Scope, tx: &mut PgConnection) -> Result<Vec<Wishes>> {
    let rows = sqlx::query!(
        "SELECT teacher_id, blocked, most_a_day, most_sessions, most_gaps, norm FROM timetable_wishes
         WHERE school_id = $1",
        scope.school_id(),
    )
    .fetch_all(tx)
    .await?;
    let wishes = rows.into_iter().map(|row| Wishes {
        teacher_id: row.teacher_id,
        blocked: row.blocked.iter().filter_map(|key| Slot::from_key(key)).collect(),
        most_a_day: row.most_a_day,
        most_sessions: row.most_sessions,
        most_gaps: row.most_gaps,
        norm: row.norm,
    });
    Ok(wishes.collect())
}

/// Replaces the wishes of a teacher.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such teacher.
pub async fn save(granted: &Granted<may::ManageTimetable>, app: &App, wishes: &Wishes) -> Result<()> {
    let blocked: Vec<String> = wishes.blocked.iter().map(Slot::key).collect();
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let written = sqlx::query!(
        "INSERT INTO timetable_wishes (school_id, teacher_id, blocked, most_a_day, most_sessions, most_gaps, norm)
         SELECT $1, $2, $3, $4, $5, $6, $7
         WHERE EXISTS (SELECT FROM members WHERE school_id = $1 AND id = $2 AND role <> 'student')
         ON CONFLICT (school_id, teacher_id) DO UPDATE SET blocked = excluded.blocked,
             most_a_day = excluded.most_a_day, most_sessions = excluded.most_sessions, most_gaps = excluded.most_gaps,
             norm = excluded.norm",
        granted.school_id(),
        wishes.teacher_id,
        &blocked,
        wishes.most_a_day,
        wishes.most_sessions,
        wishes.most_gaps,
        wishes.norm,
    )
    .execute(&mut *tx)
    .await?;
    if written.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    audit::record(granted, app, &mut tx, Event::about(AuditAction::TimetableWishesChanged, wishes.teacher_id)).await?;
    tx.commit().await?;
    Ok(())
}
