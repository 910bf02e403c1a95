//! Who teaches what to which class, and how many periods a week.

use std::collections::{BTreeSet, HashMap};

use sqlx::PgConnection;

use super::{lessons::Lesson, wishes::Wishes};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    ids::{AssignmentId, ClassId, MemberId, SubjectId, TimetableRoomId, YearId},
    schools::{classes::Class, year_changes},
    vietnam::teaching_norm,
};

#[derive(Clone, Debug)]
pub struct Assignment {
    pub id: AssignmentId,
    pub class_id: ClassId,
    pub class_name: String,
    pub subject_id: SubjectId,
    pub short_name: String,
    pub teacher_id: MemberId,
    pub teacher: String,
    pub periods: i16,
    /// How many times a week two of the periods follow one another.
    pub doubles: i16,
    pub room_id: Option<TimetableRoomId>,
    pub room: Option<String>,
}

impl Assignment {
    /// How many of its periods are still to be placed beside these lessons; below 0 where there are too many.
    #[must_use]
    pub fn left(&self, lessons: &[Lesson]) -> i64 {
        let is_its = |lesson: &&Lesson| {
            lesson.class_id == self.class_id
                && lesson.subject_id == self.subject_id
                && lesson.teacher_id == Some(self.teacher_id)
        };
        i64::from(self.periods) - i64::try_from(lessons.iter().filter(is_its).count()).unwrap_or_default()
    }
}

/// All of a year: by teacher in the order of Vietnamese lists, then by class.
pub async fn of_year(scope: &Scope, tx: &mut PgConnection, year_id: YearId) -> Result<Vec<Assignment>> {
    Ok(sqlx::query_as!(
        Assignment,
        r#"SELECT a.id, a.class_id, c.name AS class_name, a.subject_id, s.short_name, a.teacher_id,
               m.full_name AS teacher, a.periods, a.doubles, a.room_id, r.name AS "room?"
           FROM timetable_assignments a
           JOIN classes c ON c.school_id = $1 AND c.id = a.class_id AND c.school_year_id = $2
           JOIN timetable_subjects s ON s.school_id = $1 AND s.id = a.subject_id
           JOIN members m ON m.school_id = $1 AND m.id = a.teacher_id
           LEFT JOIN timetable_rooms r ON r.school_id = $1 AND r.id = a.room_id
           WHERE a.school_id = $1
           ORDER BY m.given_name, m.family_name, m.middle_name, m.id, s.id, c.sort_key"#,
        scope.school_id(),
        year_id,
    )
    .fetch_all(tx)
    .await?)
}

/// Those of one class, in the order of its subjects.
pub async fn of_class(scope: &Scope, tx: &mut PgConnection, class_id: ClassId) -> Result<Vec<Assignment>> {
    Ok(sqlx::query_as!(
        Assignment,
        r#"SELECT a.id, a.class_id, c.name AS class_name, a.subject_id, s.short_name, a.teacher_id,
               m.full_name AS teacher, a.periods, a.doubles, a.room_id, r.name AS "room?"
           FROM timetable_assignments a
           JOIN classes c ON c.school_id = $1 AND c.id = a.class_id
           JOIN timetable_subjects s ON s.school_id = $1 AND s.id = a.subject_id
           JOIN members m ON m.school_id = $1 AND m.id = a.teacher_id
           LEFT JOIN timetable_rooms r ON r.school_id = $1 AND r.id = a.room_id
           WHERE a.school_id = $1 AND a.class_id = $2 ORDER BY s.id, m.id"#,
        scope.school_id(),
        class_id,
    )
    .fetch_all(tx)
    .await?)
}

/// A line of the table: one teacher and one subject in several classes.
#[derive(Clone, Debug)]
pub struct NewAssignment {
    pub classes: Vec<ClassId>,
    pub subject_id: SubjectId,
    pub teacher_id: MemberId,
    /// By class, in the order of `classes`.
    pub periods: Vec<i16>,
    pub doubles: i16,
    pub room_id: Option<TimetableRoomId>,
}

/// A class, subject, teacher or room was removed since it was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

/// Writes lines: what a teacher teaches in a class already is changed. All or none.
pub async fn assign(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    lines: &[NewAssignment],
) -> Result<std::result::Result<(), Gone>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let classes: Vec<ClassId> = lines.iter().flat_map(|line| line.classes.iter().copied()).collect();
    expect_open(granted, app, &mut tx, &classes).await?;
    if let Err(gone) = assign_in(granted, app, &mut tx, lines).await? {
        return Ok(Err(gone));
    }
    tx.commit().await?;
    Ok(Ok(()))
}

/// The same in the caller's transaction, which has failed and must be rolled back in case of [`Gone`].
pub(super) async fn assign_in(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    tx: &mut PgConnection,
    lines: &[NewAssignment],
) -> Result<std::result::Result<(), Gone>> {
    for line in lines {
        match write(granted, app, tx, line).await {
            Err(error) if error.violated_constraint().is_some() => return Ok(Err(Gone)),
            other => other?,
        }
    }
    Ok(Ok(()))
}

/// Refuses to go on where a class is of a year that must not be changed any more.
async fn expect_open(scope: &Scope, app: &App, tx: &mut PgConnection, classes: &[ClassId]) -> Result<()> {
    let years = sqlx::query_scalar!(
        "SELECT DISTINCT school_year_id FROM classes WHERE school_id = $1 AND id = ANY($2)",
        scope.school_id(),
        classes,
    );
    for year_id in years.fetch_all(&mut *tx).await? {
        year_changes::expect_open(scope, app, tx, year_id).await?;
    }
    Ok(())
}

async fn write(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    tx: &mut PgConnection,
    line: &NewAssignment,
) -> Result<()> {
    let now = app.clock.now();
    let ids: Vec<AssignmentId> = line.classes.iter().map(|_| app.randomness.uuid_v7(now)).collect();
    sqlx::query!(
        "INSERT INTO timetable_assignments
             (school_id, subject_id, teacher_id, doubles, room_id, id, class_id, periods)
         SELECT $1, $2, $3, $4, $5, * FROM unnest($6::uuid[], $7::uuid[], $8::smallint[])
         ON CONFLICT (school_id, class_id, subject_id, teacher_id) WHERE class_id IS NOT NULL
         DO UPDATE SET periods = excluded.periods, doubles = excluded.doubles, room_id = excluded.room_id",
        granted.school_id(),
        line.subject_id,
        line.teacher_id,
        line.doubles,
        line.room_id,
        &ids,
        &line.classes,
        &line.periods,
    )
    .execute(&mut *tx)
    .await?;
    let action = AuditAction::TimetableAssigned {
        classes: line.classes.clone(),
        periods: line.periods.iter().map(|periods| i32::from(*periods)).sum(),
    };
    audit::record(granted, app, tx, Event::about(action, line.teacher_id)).await
}

/// Takes an assignment back; lessons that stand in a version stay there.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such assignment.
pub async fn remove(granted: &Granted<may::ManageTimetable>, app: &App, id: AssignmentId) -> Result<()> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let removed = sqlx::query!(
        "DELETE FROM timetable_assignments WHERE school_id = $1 AND id = $2 RETURNING teacher_id, class_id",
        granted.school_id(),
        id,
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    expect_open(granted, app, &mut tx, &[removed.class_id]).await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::TimetableUnassigned, removed.teacher_id)).await?;
    tx.commit().await?;
    Ok(())
}

/// How many periods a week each teacher is to have: their own norm, or else the usual number for the level of their
/// classes and for a homeroom teacher.
#[must_use]
pub fn norms(assignments: &[Assignment], classes: &[Class], wishes: &[Wishes]) -> HashMap<MemberId, i16> {
    let mut norms: HashMap<MemberId, i16> = HashMap::new();
    let teachers: BTreeSet<MemberId> = assignments.iter().map(|line| line.teacher_id).collect();
    for id in teachers {
        let grade = |line: &Assignment| {
            let class = classes.iter().find(|class| class.id == line.class_id)?;
            Some((class.grade.as_deref()?, line.periods))
        };
        let grades = assignments.iter().filter(|line| line.teacher_id == id).filter_map(grade);
        let has_homeroom = classes.iter().any(|class| class.homeroom_member_id == Some(id));
        let own = wishes.iter().find(|wish| wish.teacher_id == id).and_then(|wish| wish.norm);
        norms.extend(own.or_else(|| teaching_norm::usual(grades, has_homeroom)).map(|norm| (id, norm)));
    }
    norms
}

/// How many periods each teacher has a week.
#[must_use]
pub fn sums(assignments: &[Assignment]) -> HashMap<MemberId, i32> {
    let mut sums = HashMap::new();
    for assignment in assignments {
        *sums.entry(assignment.teacher_id).or_insert(0) += i32::from(assignment.periods);
    }
    sums
}
