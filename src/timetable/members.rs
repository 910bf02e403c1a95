//! Members as pages of timetables ask for them: the class of a pupil, the homeroom classes of a teacher, a teacher's name.

use sqlx::PgConnection;

use crate::{
    access::Scope,
    app::App,
    error::{Error, Result},
    ids::MemberId,
    schools::{
        classes::{self, ClassName},
        years,
    },
};

/// The pupil's class of this year.
pub async fn class_of(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    member_id: MemberId,
) -> Result<Option<ClassName>> {
    let year = years::current(scope, tx, app.clock.today()).await?;
    let class_id = sqlx::query_scalar!(
        "SELECT class_id FROM enrolments
         WHERE school_id = $1 AND school_year_id = $2 AND member_id = $3 AND ended_at IS NULL",
        scope.school_id(),
        year.id,
        member_id,
    )
    .fetch_optional(&mut *tx)
    .await?;
    match class_id {
        Some(id) => classes::find(scope, tx, id).await.map(Some),
        None => Ok(None),
    }
}

/// The classes of this year that a member is the homeroom teacher of.
pub async fn homeroom_classes(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    member_id: MemberId,
) -> Result<Vec<ClassName>> {
    let year = years::current(scope, tx, app.clock.today()).await?;
    Ok(sqlx::query_as!(
        ClassName,
        "SELECT id, name FROM classes
         WHERE school_id = $1 AND school_year_id = $2 AND homeroom_member_id = $3 ORDER BY sort_key",
        scope.school_id(),
        year.id,
        member_id,
    )
    .fetch_all(tx)
    .await?)
}

/// The name of a member of the staff.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such member of its staff.
pub async fn teacher_name(scope: &Scope, tx: &mut PgConnection, id: MemberId) -> Result<String> {
    sqlx::query_scalar!(
        "SELECT full_name FROM members WHERE school_id = $1 AND id = $2 AND role <> 'student'",
        scope.school_id(),
        id,
    )
    .fetch_optional(tx)
    .await?
    .ok_or(Error::NotFound)
}
