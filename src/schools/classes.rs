//! Classes of a year: `store` and `actions` in one file, since both are short.

use sqlx::PgConnection;

use super::{homeroom, year_changes, years::Year};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction},
    error::{Error, Result},
    ids::{ClassId, MemberId, YearId},
    vietnam::class_name,
};

/// A class as lists show it.
#[derive(Clone, Debug)]
pub struct Class {
    pub id: ClassId,
    pub name: String,
    pub grade: Option<String>,
    pub homeroom_member_id: Option<MemberId>,
    pub homeroom_teacher: Option<String>,
    pub pupils: i64,
}

/// The classes of a year in their natural order: 10A2 before 10A10.
pub async fn of_year(scope: &Scope, tx: &mut PgConnection, year_id: YearId) -> Result<Vec<Class>> {
    Ok(sqlx::query_as!(
        Class,
        r#"SELECT c.id, c.name, c.grade, c.homeroom_member_id, m.full_name AS "homeroom_teacher?", coalesce(n.value, 0) AS "pupils!"
           FROM classes c
           LEFT JOIN LATERAL (
               SELECT full_name FROM members WHERE school_id = $1 AND id = c.homeroom_member_id OFFSET 0) m ON true
           LEFT JOIN LATERAL (
               SELECT value FROM counters WHERE school_id = $1 AND counter = 'class:' || c.id OFFSET 0) n ON true
           WHERE c.school_id = $1 AND c.school_year_id = $2 ORDER BY c.sort_key"#,
        scope.school_id(),
        year_id,
    )
    .fetch_all(tx)
    .await?)
}

/// The classes of a year in their natural order, where there are at most so many; `None` where there are more, which is
/// too long for a list of choices.
pub async fn at_most(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    most: usize,
) -> Result<Option<Vec<ClassName>>> {
    let choices = sqlx::query_as!(
        ClassName,
        "SELECT id, name FROM classes WHERE school_id = $1 AND school_year_id = $2 ORDER BY sort_key LIMIT $3",
        scope.school_id(),
        year_id,
        i64::try_from(most.saturating_add(1)).unwrap_or(i64::MAX),
    )
    .fetch_all(tx)
    .await?;
    Ok((choices.len() <= most).then_some(choices))
}

/// The class of a year that a typed name means.
pub async fn named(scope: &Scope, tx: &mut PgConnection, year_id: YearId, typed: &str) -> Result<Option<ClassName>> {
    let Some(name) = class_name::normalise(typed) else { return Ok(None) };
    Ok(by_name(scope, tx, year_id, &[name]).await?.pop())
}

/// One class, of whatever year.
///
/// # Errors
/// [`Error::NotFound`](crate::error::Error::NotFound) where the school has no such class.
pub async fn find(scope: &Scope, tx: &mut PgConnection, id: ClassId) -> Result<ClassName> {
    sqlx::query_as!(ClassName, "SELECT id, name FROM classes WHERE school_id = $1 AND id = $2", scope.school_id(), id,)
        .fetch_optional(tx)
        .await?
        .ok_or(Error::NotFound)
}

/// These classes, in their natural order.
pub async fn of_ids(scope: &Scope, tx: &mut PgConnection, ids: &[ClassId]) -> Result<Vec<ClassName>> {
    Ok(sqlx::query_as!(
        ClassName,
        "SELECT id, name FROM classes WHERE school_id = $1 AND id = ANY($2) ORDER BY sort_key",
        scope.school_id(),
        ids,
    )
    .fetch_all(tx)
    .await?)
}

/// Those of these classes of the year that have no homeroom teacher.
pub async fn without_homeroom_teacher(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    ids: &[ClassId],
) -> Result<Vec<ClassId>> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM classes
         WHERE school_id = $1 AND school_year_id = $2 AND id = ANY($3) AND homeroom_member_id IS NULL",
        scope.school_id(),
        year_id,
        ids,
    )
    .fetch_all(tx)
    .await?)
}

/// All that is known of a class.
#[derive(Clone, Debug)]
pub struct Details {
    pub id: ClassId,
    pub name: String,
    pub grade: Option<String>,
    pub school_year: String,
    pub school_year_id: YearId,
    pub homeroom_member_id: Option<MemberId>,
    pub pupils: i64,
    /// Whether it has or had members: then it cannot be deleted, since it is part of their history.
    pub is_used: bool,
    /// Whether it stands in a timetable or an exam, which would lose it.
    pub is_planned: bool,
}

/// One class with all that is known of it.
///
/// # Errors
/// [`Error::NotFound`](crate::error::Error::NotFound) where the school has no such class.
pub async fn details(scope: &Scope, tx: &mut PgConnection, id: ClassId) -> Result<Details> {
    let is_planned = !planned(scope, tx, &[id]).await?.is_empty();
    let row = sqlx::query!(
        r#"SELECT c.id, c.name, c.grade, y.name AS school_year, c.school_year_id, c.homeroom_member_id, coalesce(n.value, 0) AS "pupils!",
               EXISTS (SELECT FROM enrolments e WHERE e.school_id = $1 AND e.class_id = c.id)
                   OR EXISTS (SELECT FROM past_stays p WHERE p.school_id = $1 AND p.class_id = c.id) AS "is_used!"
           FROM classes c
           JOIN school_years y ON y.school_id = c.school_id AND y.id = c.school_year_id
           LEFT JOIN LATERAL (
               SELECT value FROM counters WHERE school_id = $1 AND counter = 'class:' || c.id OFFSET 0) n ON true
           WHERE c.school_id = $1 AND c.id = $2"#,
        scope.school_id(),
        id,
    );
    let row = row.fetch_optional(tx).await?.ok_or(Error::NotFound)?;
    Ok(Details {
        id: row.id,
        name: row.name,
        grade: row.grade,
        school_year: row.school_year,
        school_year_id: row.school_year_id,
        homeroom_member_id: row.homeroom_member_id,
        pupils: row.pupils,
        is_used: row.is_used,
        is_planned,
    })
}

/// Those of these classes that stand in a timetable or an exam.
async fn planned(scope: &Scope, tx: &mut PgConnection, ids: &[ClassId]) -> Result<Vec<ClassId>> {
    let rows = sqlx::query_scalar!(
        "SELECT class_id FROM timetable_assignments WHERE school_id = $1 AND class_id = ANY($2)
         UNION SELECT class_id FROM timetable_lessons WHERE school_id = $1 AND class_id = ANY($2)
         UNION SELECT home_class_id FROM timetable_rooms WHERE school_id = $1 AND home_class_id = ANY($2)
         UNION SELECT class_id FROM exam_classes WHERE school_id = $1 AND class_id = ANY($2)",
        scope.school_id(),
        ids as &[ClassId],
    );
    Ok(rows.fetch_all(tx).await?.into_iter().flatten().collect())
}

/// What a class is to be.
#[derive(Clone, Debug)]
pub struct ClassChange {
    /// In its normal form.
    pub name: String,
    pub grade: Option<String>,
    pub homeroom_member_id: Option<MemberId>,
}

/// Changes a class.
///
/// # Errors
/// [`Error::NotFound`](crate::error::Error::NotFound) where the school has no such class, [`Error::Forbidden`] where its
/// year is over, and the constraint
/// `class_name_taken` where the year has another one of the name.
pub async fn change(granted: &Granted<may::ManageClasses>, app: &App, id: ClassId, change: &ClassChange) -> Result<()> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    change_in(granted, app, &mut tx, id, change).await?;
    tx.commit().await?;
    Ok(())
}

/// The same in the caller's transaction.
pub async fn change_in(
    granted: &Granted<may::ManageClasses>,
    app: &App,
    tx: &mut PgConnection,
    id: ClassId,
    change: &ClassChange,
) -> Result<()> {
    expect_open(granted, app, tx, id).await?;
    sqlx::query!(
        "UPDATE classes SET name = $3, sort_key = $4, grade = $5 WHERE school_id = $1 AND id = $2 RETURNING id",
        granted.school_id(),
        id,
        change.name,
        class_name::natural_key(&change.name),
        change.grade,
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    audit::record(granted, app, tx, audit::Event::about(AuditAction::ClassChanged, id)).await?;
    homeroom::assign_in(granted, app, tx, &[(id, change.homeroom_member_id)]).await?;
    Ok(())
}

/// That the class is of a year that may be changed.
async fn expect_open(
    granted: &Granted<may::ManageClasses>,
    app: &App,
    tx: &mut PgConnection,
    id: ClassId,
) -> Result<()> {
    let year_id = details(granted, tx, id).await?.school_year_id;
    if year_changes::is_closed(granted, app, tx, year_id).await? {
        return Err(Error::Forbidden);
    }
    Ok(())
}

/// Deletes a class that never had members and stands in no timetable or exam. False where it does.
///
/// # Errors
/// [`Error::NotFound`](crate::error::Error::NotFound) where the school has no such class.
pub async fn delete(granted: &Granted<may::ManageClasses>, app: &App, id: ClassId) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let is_deleted = delete_in(granted, app, &mut tx, id).await?;
    tx.commit().await?;
    Ok(is_deleted)
}

/// The same in the caller's transaction.
pub async fn delete_in(
    granted: &Granted<may::ManageClasses>,
    app: &App,
    tx: &mut PgConnection,
    id: ClassId,
) -> Result<bool> {
    let class = find(granted, tx, id).await?;
    expect_open(granted, app, tx, id).await?;
    if delete_empty(granted, tx, &[class.id]).await?.is_empty() {
        return Ok(false);
    }
    let event = audit::Event::about(AuditAction::ClassDeleted { name: class.name }, class.id);
    audit::record(granted, app, tx, event).await?;
    Ok(true)
}

/// Makes classes that the year does not have yet; those that it has are left as they are. Gives their names.
pub async fn create(
    granted: &Granted<may::ManageClasses>,
    app: &App,
    year: &Year,
    names: &[String],
    grade: Option<&str>,
    homeroom_member_id: Option<MemberId>,
) -> Result<Vec<String>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    if year_changes::is_closed(granted, app, &mut tx, year.id).await? {
        return Err(Error::Forbidden);
    }
    let created = create_in(granted, app, &mut tx, year.id, names, grade).await?;
    if let Some(teacher) = homeroom_member_id {
        let assignments: Vec<_> = created.iter().map(|class| (class.id, Some(teacher))).collect();
        homeroom::assign_in(granted, app, &mut tx, &assignments).await?;
    }
    tx.commit().await?;
    Ok(created.into_iter().map(|class| class.name).collect())
}

/// The same in the caller's transaction, without a homeroom teacher.
pub async fn create_in(
    granted: &Granted<may::ManageClasses>,
    app: &App,
    tx: &mut PgConnection,
    year_id: YearId,
    names: &[String],
    grade: Option<&str>,
) -> Result<Vec<ClassName>> {
    let created = insert(granted, app, tx, year_id, names, grade).await?;
    for class in &created {
        audit::record(granted, app, tx, audit::Event::about(AuditAction::ClassCreated, class.id)).await?;
    }
    Ok(created)
}

/// The id and name of a class.
#[derive(Clone, Debug)]
pub struct ClassName {
    pub id: ClassId,
    pub name: String,
}

/// Inserts the classes that are missing, set-wise. Names are in their normal form.
pub async fn insert(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    year_id: YearId,
    names: &[String],
    grade: Option<&str>,
) -> Result<Vec<ClassName>> {
    let now = app.clock.now();
    let ids: Vec<ClassId> = names.iter().map(|_| app.randomness.uuid_v7(now)).collect();
    let sort_keys: Vec<String> = names.iter().map(|name| class_name::natural_key(name)).collect();
    let grades: Vec<Option<String>> = names
        .iter()
        .map(|name| grade.map(str::to_owned).or_else(|| class_name::grade(name).map(|grade| grade.to_string())))
        .collect();
    Ok(sqlx::query_as!(
        ClassName,
        "INSERT INTO classes (school_id, id, school_year_id, name, sort_key, grade, created_at)
         SELECT $1, id, $2, name, sort_key, grade, $3
         FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[]) AS new (id, name, sort_key, grade)
         ON CONFLICT ON CONSTRAINT class_name_taken DO NOTHING
         RETURNING id, name",
        scope.school_id(),
        year_id,
        now,
        &ids,
        names,
        &sort_keys,
        &grades as &[Option<String>],
    )
    .fetch_all(tx)
    .await?)
}

/// The ids of the classes of these names in a year, as far as there are such.
pub async fn by_name(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    names: &[String],
) -> Result<Vec<ClassName>> {
    Ok(sqlx::query_as!(
        ClassName,
        "SELECT id, name FROM classes WHERE school_id = $1 AND school_year_id = $2 AND name = ANY($3)",
        scope.school_id(),
        year_id,
        names,
    )
    .fetch_all(tx)
    .await?)
}

/// Deletes those of these classes that never had members and stand in no timetable or exam, which would lose what it has
/// of them. Gives their ids.
pub async fn delete_empty(scope: &Scope, tx: &mut PgConnection, ids: &[ClassId]) -> Result<Vec<ClassId>> {
    let planned = planned(scope, tx, ids).await?;
    let ids: Vec<ClassId> = ids.iter().copied().filter(|id| !planned.contains(id)).collect();
    Ok(sqlx::query_scalar!(
        "DELETE FROM classes c WHERE c.school_id = $1 AND c.id = ANY($2)
             AND NOT EXISTS (SELECT FROM enrolments e WHERE e.school_id = $1 AND e.class_id = c.id)
             AND NOT EXISTS (SELECT FROM past_stays p WHERE p.school_id = $1 AND p.class_id = c.id)
         RETURNING c.id",
        scope.school_id(),
        &ids,
    )
    .fetch_all(tx)
    .await?)
}

/// Sets the class's homeroom teacher.
pub async fn set_homeroom_teacher(
    scope: &Scope,
    tx: &mut PgConnection,
    class_id: ClassId,
    member_id: MemberId,
) -> Result<()> {
    sqlx::query!(
        "UPDATE classes SET homeroom_member_id = $3 WHERE school_id = $1 AND id = $2",
        scope.school_id(),
        class_id,
        member_id,
    )
    .execute(tx)
    .await?;
    Ok(())
}
