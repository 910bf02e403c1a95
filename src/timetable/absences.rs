//! Teachers who are away: noted, and each of their lessons given to a teacher who is free and knows the subject or the
//! class.

use std::collections::{HashMap, HashSet};

use chrono::{Days, NaiveDate};
use sqlx::PgConnection;

use super::{
    assignments::{self, Assignment},
    bells,
    covers::{self, Covers, TakenLesson},
    days,
    elsewhere::LessonsElsewhere,
    lessons::{self, Cover, Lesson, LessonsOf},
    members,
    model::Slot,
    week, wishes,
};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    ids::{AbsenceId, ClassId, MemberId, SubjectId, TimetableId},
    schools::{year_changes, years},
};

/// The most days of an absence.
pub const MOST_DAYS: i64 = 60;

#[derive(Clone, Debug)]
pub struct Absence {
    pub id: AbsenceId,
    pub teacher_id: MemberId,
    pub teacher: String,
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// How many of the lessons another teacher takes.
    pub taken: i64,
}

/// Those of a span of days, the latest first.
pub async fn between(scope: &Scope, tx: &mut PgConnection, from: NaiveDate, until: NaiveDate) -> Result<Vec<Absence>> {
    Ok(sqlx::query_as!(
        Absence,
        r#"SELECT a.id, a.teacher_id, m.full_name AS teacher, a.from_day AS "from", a.to_day AS "to",
               (SELECT count(*) FROM timetable_substitutions t WHERE t.school_id = $1 AND t.absence_id = a.id)
                   AS "taken!"
           FROM timetable_absences a JOIN members m ON m.school_id = $1 AND m.id = a.teacher_id
           WHERE a.school_id = $1 AND a.from_day <= $3 AND a.to_day >= $2
           ORDER BY a.from_day DESC, a.created_at DESC, a.id"#,
        scope.school_id(),
        from,
        until,
    )
    .fetch_all(tx)
    .await?)
}

/// # Errors
/// [`Error::NotFound`] where the school has no such absence.
pub async fn find(scope: &Scope, tx: &mut PgConnection, id: AbsenceId) -> Result<Absence> {
    sqlx::query_as!(
        Absence,
        r#"SELECT a.id, a.teacher_id, m.full_name AS teacher, a.from_day AS "from", a.to_day AS "to",
               (SELECT count(*) FROM timetable_substitutions t WHERE t.school_id = $1 AND t.absence_id = a.id)
                   AS "taken!"
           FROM timetable_absences a JOIN members m ON m.school_id = $1 AND m.id = a.teacher_id
           WHERE a.school_id = $1 AND a.id = $2"#,
        scope.school_id(),
        id,
    )
    .fetch_optional(tx)
    .await?
    .ok_or(Error::NotFound)
}

/// Refuses to go on where an absence ends in a year that must not be changed any more.
async fn expect_open(scope: &Scope, app: &App, tx: &mut PgConnection, last_day: NaiveDate) -> Result<()> {
    let year = years::current(scope, tx, last_day).await?;
    year_changes::expect_open(scope, app, tx, year.id).await
}

/// Notes that a teacher is away. None where it is noted for some of these days already.
pub async fn note(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    teacher_id: MemberId,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Option<AbsenceId>> {
    let now = app.clock.now();
    let id: AbsenceId = app.randomness.uuid_v7(now);
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    expect_open(granted, app, &mut tx, to).await?;
    // Of two who note the same at the same moment one waits here for the other.
    let teacher = sqlx::query_scalar!(
        "SELECT id FROM members WHERE school_id = $1 AND id = $2 AND role <> 'student' FOR NO KEY UPDATE",
        granted.school_id(),
        teacher_id,
    );
    teacher.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?;
    let noted = sqlx::query!(
        "INSERT INTO timetable_absences (school_id, id, teacher_id, from_day, to_day, created_by, created_at)
         SELECT $1, $2, $3, $4, $5, $6, $7
         WHERE NOT EXISTS (SELECT FROM timetable_absences
                           WHERE school_id = $1 AND teacher_id = $3 AND from_day <= $5 AND to_day >= $4)
         RETURNING id",
        granted.school_id(),
        id,
        teacher_id,
        from,
        to,
        granted.member().map(|member| member.id),
        now,
    )
    .fetch_all(&mut *tx)
    .await?;
    if noted.is_empty() {
        return Ok(None);
    }
    // What they were to take of others is open again.
    sqlx::query!(
        "DELETE FROM timetable_substitutions WHERE school_id = $1 AND substitute_id = $2 AND day BETWEEN $3 AND $4",
        granted.school_id(),
        teacher_id,
        from,
        to,
    )
    .execute(&mut *tx)
    .await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::TimetableAbsenceNoted, teacher_id)).await?;
    tx.commit().await?;
    Ok(Some(id))
}

/// Takes an absence back, with the substitutions that it led to.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such absence.
pub async fn remove(granted: &Granted<may::ManageTimetable>, app: &App, id: AbsenceId) -> Result<()> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let absence = find(granted, &mut tx, id).await?;
    expect_open(granted, app, &mut tx, absence.to).await?;
    sqlx::query!("DELETE FROM timetable_absences WHERE school_id = $1 AND id = $2", granted.school_id(), id)
        .execute(&mut *tx)
        .await?;
    let event = Event::about(AuditAction::TimetableAbsenceRemoved, absence.teacher_id);
    audit::record(granted, app, &mut tx, event).await?;
    tx.commit().await?;
    Ok(())
}

/// A lesson that falls into an absence.
#[derive(Clone, Debug)]
pub struct Missed {
    pub date: NaiveDate,
    pub lesson: Lesson,
    /// The teacher who takes it.
    pub substitute: Option<MemberId>,
    /// Absences with a substitution at this time whose lesson the timetable no longer has.
    stale: Vec<AbsenceId>,
    /// Those who could, the best first.
    pub candidates: Vec<FreeTeacher>,
}

/// A teacher who is free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeTeacher {
    pub id: MemberId,
    pub name: String,
    pub knows_class: bool,
    pub knows_subject: bool,
}

impl FreeTeacher {
    /// The teacher who takes a lesson already.
    fn current(taken: &TakenLesson) -> Self {
        let (id, name) = (taken.substitute_id, taken.substitute.clone());
        Self { id, name, knows_class: false, knows_subject: false }
    }
}

/// All lessons of an absence, each with those who could take it: nobody who teaches then, here or at another school.
pub async fn missed(
    scope: &Scope,
    tx: &mut PgConnection,
    absence: &Absence,
    elsewhere: &LessonsElsewhere,
) -> Result<Vec<Missed>> {
    let span = (absence.from, absence.to);
    let holding = week::holding(scope, tx, absence.from, absence.to).await?;
    let covers = Covers::between(scope, tx, span, &holding).await?;
    let special = days::between(scope, tx, absence.from, absence.to).await?;
    let usual = bells::all(scope, tx).await?;
    let there: HashSet<MemberId> = members::staff(scope, tx).await?.into_iter().collect();
    let wishes = wishes::all(scope, tx).await?;
    let year = years::current(scope, tx, absence.from).await?;
    let lines = assignments::of_year(scope, tx, year.id).await?;
    let mut of_version: HashMap<TimetableId, Vec<Lesson>> = HashMap::new();
    for version in &holding {
        of_version.insert(version.id, lessons::of(scope, tx, version.id, LessonsOf::All).await?);
    }
    let mut missed = Vec::new();
    let mut date = absence.from;
    while date <= absence.to {
        let day = week::number_of(date);
        let version = holding.iter().find(|version| (version.from..=version.until).contains(&date));
        let lessons = version.and_then(|version| of_version.get(&version.id)).map_or(&[][..], Vec::as_slice);
        let bells = special.bells(date, &usual);
        let own =
            lessons.iter().filter(|lesson| lesson.slot.day == day && lesson.teacher_id == Some(absence.teacher_id));
        for lesson in own.filter(|lesson| special.is_held(date, lesson.slot)) {
            let is_blocked =
                |id: MemberId| wishes.iter().any(|wish| wish.teacher_id == id && wish.blocked.contains(&lesson.slot));
            let mut busy: HashSet<MemberId> =
                lessons.iter().filter(|other| other.slot == lesson.slot).filter_map(|other| other.teacher_id).collect();
            // A substitution in a timetable that no longer holds keeps no teacher busy.
            let at_once =
                covers.taken.iter().filter(|taken| taken.is_held && (taken.date, taken.slot) == (date, lesson.slot));
            let taken = at_once
                .clone()
                .find(|taken| taken.class_id == lesson.class_id && taken.absent_id == absence.teacher_id);
            let substitute = taken.map(|taken| taken.substitute_id);
            busy.extend(at_once.map(|taken| taken.substitute_id).filter(|id| Some(*id) != substitute));
            let bell = bells.at(lesson.slot);
            let is_free = |id: MemberId| {
                let is_at_work = busy.contains(&id) || bell.is_some_and(|bell| elsewhere.is_busy(id, date, bell));
                there.contains(&id) && !is_at_work && !covers.is_away(id, date) && !is_blocked(id)
            };
            let candidates = proposed(candidates(&lines, lesson), is_free, taken);
            let stale = covers.taken.iter().filter(|taken| !taken.is_held);
            let stale = stale.filter(|taken| (taken.date, taken.slot) == (date, lesson.slot));
            let stale = stale.map(|taken| taken.absence_id).collect();
            missed.push(Missed { date, lesson: lesson.clone(), substitute, stale, candidates });
        }
        date = date + Days::new(1);
    }
    Ok(missed)
}

/// Those of the candidates who are free, and the teacher who takes the lesson already, even if no candidate any more.
fn proposed(
    mut candidates: Vec<FreeTeacher>,
    is_free: impl Fn(MemberId) -> bool,
    taken: Option<&TakenLesson>,
) -> Vec<FreeTeacher> {
    candidates.retain(|each| is_free(each.id));
    if let Some(taken) = taken.filter(|taken| !candidates.iter().any(|each| each.id == taken.substitute_id)) {
        candidates.insert(0, FreeTeacher::current(taken));
    }
    candidates
}

/// When the teachers of the school are busy at others, from the first day of an absence on. The caller holds no
/// transaction.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such absence.
pub async fn elsewhere(scope: &Scope, app: &App, id: AbsenceId) -> Result<LessonsElsewhere> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let absence = find(scope, &mut tx, id).await?;
    tx.commit().await?;
    LessonsElsewhere::of_school(scope, app, absence.from).await
}

/// The lessons of a day whose teacher is away and that have no substitute.
pub async fn open(scope: &Scope, tx: &mut PgConnection, date: NaiveDate) -> Result<Vec<Lesson>> {
    let holding = week::holding(scope, tx, date, date).await?;
    let covers = Covers::between(scope, tx, (date, date), &holding).await?;
    let version = holding.iter().find(|version| (version.from..=version.until).contains(&date));
    let Some(version) = version.filter(|_| covers.has_absences()) else { return Ok(Vec::new()) };
    let special = days::between(scope, tx, date, date).await?;
    let mut planned = lessons::of(scope, tx, version.id, LessonsOf::All).await?;
    let day = week::number_of(date);
    planned.retain(|lesson| lesson.slot.day == day && special.is_held(date, lesson.slot));
    let mut held = covers.applied(date, planned, LessonsOf::All);
    held.retain(|lesson| lesson.cover == Some(Cover::Nobody));
    Ok(held)
}

/// Those who teach the class or the subject: those who teach both first, then those who know the class.
fn candidates(lines: &[Assignment], lesson: &Lesson) -> Vec<FreeTeacher> {
    let mut found: Vec<FreeTeacher> = Vec::new();
    for line in lines {
        let (knows_class, knows_subject) = (line.class_id == lesson.class_id, line.subject_id == lesson.subject_id);
        if !knows_class && !knows_subject {
            continue;
        }
        match found.iter_mut().find(|each| each.id == line.teacher_id) {
            Some(each) => {
                each.knows_class |= knows_class;
                each.knows_subject |= knows_subject;
            }
            None => {
                found.push(FreeTeacher { id: line.teacher_id, name: line.teacher.clone(), knows_class, knows_subject });
            }
        }
    }
    // The order of names stays among equals.
    found.sort_by_key(|each| (!(each.knows_class && each.knows_subject), !each.knows_class));
    found
}

/// Who is to take which lesson: the day, the period, and the teacher; none where nobody takes it.
pub type CoverChoice = (NaiveDate, Slot, Option<MemberId>);

/// Gives lessons of an absence to teachers, all or none. False where one of them is no candidate, for example because
/// they have a lesson then by now.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such absence.
pub async fn substitute(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    id: AbsenceId,
    choices: &[CoverChoice],
) -> Result<bool> {
    let elsewhere = elsewhere(granted, app, id).await?;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let absence = find(granted, &mut tx, id).await?;
    expect_open(granted, app, &mut tx, absence.to).await?;
    let missed = missed(granted, &mut tx, &absence, &elsewhere).await?;
    let mut changed = 0;
    for (date, slot, teacher_id) in choices {
        let Some(lesson) = missed.iter().find(|each| (each.date, each.lesson.slot) == (*date, *slot)) else {
            return Ok(false);
        };
        if *teacher_id == lesson.substitute {
            continue;
        }
        if teacher_id.is_some_and(|id| !lesson.candidates.iter().any(|each| each.id == id)) {
            return Ok(false);
        }
        changed += 1;
        if let Err(error) = write(granted, &mut tx, id, lesson, *teacher_id).await {
            // Another request was quicker.
            return if error.violated_constraint().is_some() { Ok(false) } else { Err(error) };
        }
    }
    if changed > 0 {
        let event = Event::about(AuditAction::TimetableSubstituted { lessons: changed }, absence.teacher_id);
        audit::record(granted, app, &mut tx, event).await?;
    }
    tx.commit().await?;
    Ok(true)
}

async fn write(
    scope: &Scope,
    tx: &mut PgConnection,
    id: AbsenceId,
    missed: &Missed,
    teacher_id: Option<MemberId>,
) -> Result<()> {
    let (slot, class_id, subject_id): (Slot, ClassId, SubjectId) =
        (missed.lesson.slot, missed.lesson.class_id, missed.lesson.subject_id);
    // Together with substitutions at this time from a timetable that no longer holds.
    let absences: Vec<AbsenceId> = missed.stale.iter().copied().chain([id]).collect();
    sqlx::query!(
        "DELETE FROM timetable_substitutions
         WHERE school_id = $1 AND absence_id = ANY($2) AND day = $3 AND session = $4 AND period = $5",
        scope.school_id(),
        &absences as &[AbsenceId],
        missed.date,
        slot.session.key(),
        slot.period,
    )
    .execute(&mut *tx)
    .await?;
    let Some(teacher_id) = teacher_id else { return Ok(()) };
    sqlx::query!(
        "INSERT INTO timetable_substitutions
             (school_id, absence_id, day, session, period, class_id, subject_id, substitute_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        scope.school_id(),
        id,
        missed.date,
        slot.session.key(),
        slot.period,
        class_id,
        subject_id,
        teacher_id,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What a month comes to for one teacher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverCount {
    pub teacher_id: MemberId,
    pub teacher: String,
    /// Lessons that others took for them, and that they took for others.
    pub given: usize,
    pub taken: usize,
}

/// The counts of a span of days, for those who have any, in the order of how many they took.
pub async fn counts(
    scope: &Scope,
    tx: &mut PgConnection,
    from: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<CoverCount>> {
    let mut counts: Vec<CoverCount> = Vec::new();
    let mut add = |id: MemberId, name: &str, (given, taken): (usize, usize)| match counts
        .iter_mut()
        .find(|count| count.teacher_id == id)
    {
        Some(count) => {
            count.given += given;
            count.taken += taken;
        }
        None => counts.push(CoverCount { teacher_id: id, teacher: name.to_owned(), given, taken }),
    };
    for each in covers::taken(scope, tx, from, until).await? {
        add(each.absent_id, &each.absent, (1, 0));
        add(each.substitute_id, &each.substitute, (0, 1));
    }
    counts.sort_by(|a, b| b.taken.cmp(&a.taken).then(b.given.cmp(&a.given)));
    Ok(counts)
}
