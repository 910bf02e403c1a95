//! Members as timetables need them: the staff, the class of a pupil, the homeroom classes and the name of a teacher.

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

/// The staff who are in the school: a member who has left or is suspended takes no lesson.
pub async fn staff(scope: &Scope, tx: &mut PgConnection) -> Result<Vec<MemberId>> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM members WHERE school_id = $1 AND role IN ('teacher', 'manager') AND status = 'active'",
        scope.school_id(),
    );
    Ok(ids.fetch_all(tx).await?)
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
