//! The timetable of a demo school: who teaches what in its first classes, and a published version with every lesson placed.

use std::collections::{HashMap, HashSet};

use sqlx::PgConnection;

use crate::{
    access::{Granted, Scope, may},
    app::App,
    error::Result,
    ids::{AssignmentId, ClassId, MemberId, SubjectId, TimetableId},
    schools::years::{self, Year},
    timetable::{
        bells::{self, Bells},
        setup,
        subjects::{self, Subject},
        versions::{self, NewVersion},
    },
};

/// How many classes have a timetable.
const CLASSES: i64 = 6;

/// Monday to Saturday.
const DAYS: i16 = 6;

const FLAG_CEREMONY: &str = "SHDC";

const NAME: &str = "Thời khóa biểu học kỳ I";

struct DemoClass {
    id: ClassId,
    grade: String,
}

/// So many periods a week of a subject in a class, by a teacher.
struct DemoAssignment {
    class_id: ClassId,
    subject_id: SubjectId,
    teacher_id: MemberId,
    periods: i16,
}

struct DemoLesson {
    class_id: ClassId,
    subject_id: SubjectId,
    teacher_id: MemberId,
    day: i16,
    session: &'static str,
    period: i16,
}

/// Makes the timetable. A school without teachers has none.
pub async fn fill(app: &App, scope: &Scope) -> Result<()> {
    let granted: Granted<may::ManageTimetable> = scope.grant()?;
    let mut tx = app.db.begin_work_in(scope.school_id()).await?;
    setup::ensure(&granted, app, &mut tx).await?;
    let year = years::current(scope, &mut tx, app.clock.today()).await?;
    let (classes, teachers) = people(scope, &mut tx, &year).await?;
    if teachers.is_empty() {
        return Ok(());
    }
    let mut subjects = subjects::all(scope, &mut tx).await?;
    // The week begins with the flag ceremony.
    subjects.sort_by_key(|subject| subject.short_name != FLAG_CEREMONY);
    let assignments = assigned(&classes, &teachers, &subjects);
    insert_assignments(app, scope, &mut tx, &assignments).await?;
    let lessons = placed(&assignments, &bells::all(scope, &mut tx).await?);
    tx.commit().await?;
    let holds_from = year.starts_on.max(app.clock.today() - chrono::Duration::days(28));
    let new = NewVersion { year_id: year.id, name: NAME.to_owned(), holds_from, copy_of: None };
    let Some(version_id) = versions::make(&granted, app, &new).await? else { return Ok(()) };
    let mut tx = app.db.begin_work_in(scope.school_id()).await?;
    insert_lessons(scope, &mut tx, version_id, &lessons).await?;
    tx.commit().await?;
    versions::publish(&granted, app, version_id, false).await
}

async fn people(scope: &Scope, tx: &mut PgConnection, year: &Year) -> Result<(Vec<DemoClass>, Vec<MemberId>)> {
    let classes = sqlx::query_as!(
        DemoClass,
        r#"SELECT id, coalesce(grade, '') AS "grade!" FROM classes WHERE school_id = $1 AND school_year_id = $2
           ORDER BY sort_key LIMIT $3"#,
        scope.school_id(),
        year.id,
        CLASSES,
    )
    .fetch_all(&mut *tx)
    .await?;
    let teachers = sqlx::query_scalar!(
        "SELECT id FROM members WHERE school_id = $1 AND role = 'teacher' AND status = 'active' ORDER BY id LIMIT 60",
        scope.school_id(),
    )
    .fetch_all(tx)
    .await?;
    Ok((classes, teachers))
}

/// The usual periods of each class, each subject with one teacher for as many classes as the week lets them teach.
fn assigned(classes: &[DemoClass], teachers: &[MemberId], subjects: &[Subject]) -> Vec<DemoAssignment> {
    let mut loads: HashMap<MemberId, i16> = HashMap::new();
    let mut assignments = Vec::new();
    for subject in subjects {
        for class in classes {
            let periods = subject.periods.get(&class.grade).copied().unwrap_or(0);
            // The teacher with the fewest periods so far.
            let least = teachers.iter().min_by_key(|teacher| (loads.get(teacher).copied().unwrap_or(0), **teacher));
            let (true, Some(teacher)) = (periods > 0, least) else { continue };
            *loads.entry(*teacher).or_insert(0) += periods;
            assignments.push(DemoAssignment {
                class_id: class.id,
                subject_id: subject.id,
                teacher_id: *teacher,
                periods,
            });
        }
    }
    assignments
}

/// Places what fits: a class and a teacher once at a time, a subject on another day each time as far as that goes.
fn placed(assignments: &[DemoAssignment], bells: &Bells) -> Vec<DemoLesson> {
    let slots: Vec<(i16, &'static str, i16)> =
        bells.0.iter().flat_map(|bell| (1..=DAYS).map(move |day| (day, bell.session.key(), bell.period))).collect();
    let mut lessons: Vec<DemoLesson> = Vec::new();
    let (mut of_class, mut of_teacher, mut that_day) = (HashSet::new(), HashSet::new(), HashSet::new());
    for assignment in assignments {
        let DemoAssignment { class_id, subject_id, teacher_id, periods } = *assignment;
        for _ in 0..periods {
            let is_free = |slot: &(i16, &'static str, i16)| {
                !of_class.contains(&(class_id, *slot)) && !of_teacher.contains(&(teacher_id, *slot))
            };
            let is_apart = |slot: &(i16, &'static str, i16)| !that_day.contains(&(class_id, subject_id, slot.0));
            let free = slots.iter().copied().filter(is_free);
            let Some(slot) = free.clone().find(is_apart).or_else(|| free.clone().next()) else { continue };
            of_class.insert((class_id, slot));
            of_teacher.insert((teacher_id, slot));
            that_day.insert((class_id, subject_id, slot.0));
            let (day, session, period) = slot;
            lessons.push(DemoLesson { class_id, subject_id, teacher_id, day, session, period });
        }
    }
    lessons
}

async fn insert_assignments(
    app: &App,
    scope: &Scope,
    tx: &mut PgConnection,
    assignments: &[DemoAssignment],
) -> Result<()> {
    let now = app.clock.now();
    let ids: Vec<AssignmentId> = assignments.iter().map(|_| app.randomness.uuid_v7(now)).collect();
    let classes: Vec<ClassId> = assignments.iter().map(|each| each.class_id).collect();
    let subjects: Vec<SubjectId> = assignments.iter().map(|each| each.subject_id).collect();
    let teachers: Vec<MemberId> = assignments.iter().map(|each| each.teacher_id).collect();
    let periods: Vec<i16> = assignments.iter().map(|each| each.periods).collect();
    sqlx::query!(
        "INSERT INTO timetable_assignments (school_id, id, class_id, subject_id, teacher_id, periods)
         SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::smallint[])
         RETURNING id",
        scope.school_id(),
        &ids,
        &classes,
        &subjects,
        &teachers,
        &periods,
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}

async fn insert_lessons(
    scope: &Scope,
    tx: &mut PgConnection,
    version_id: TimetableId,
    lessons: &[DemoLesson],
) -> Result<()> {
    let classes: Vec<ClassId> = lessons.iter().map(|lesson| lesson.class_id).collect();
    let subjects: Vec<SubjectId> = lessons.iter().map(|lesson| lesson.subject_id).collect();
    let teachers: Vec<MemberId> = lessons.iter().map(|lesson| lesson.teacher_id).collect();
    let days: Vec<i16> = lessons.iter().map(|lesson| lesson.day).collect();
    let sessions: Vec<String> = lessons.iter().map(|lesson| lesson.session.to_owned()).collect();
    let periods: Vec<i16> = lessons.iter().map(|lesson| lesson.period).collect();
    sqlx::query!(
        "INSERT INTO timetable_lessons
             (school_id, version_id, class_id, subject_id, teacher_id, day, session, period)
         SELECT $1, $2, * FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::smallint[], $7::text[], $8::smallint[])
         RETURNING class_id",
        scope.school_id(),
        version_id,
        &classes,
        &subjects,
        &teachers,
        &days,
        &sessions,
        &periods,
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}
