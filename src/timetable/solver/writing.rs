//! The job that makes a draft: reads what there is, lets the engine search, and writes what was found in one transaction,
//! all of it or nothing.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    basis::{self, ProblemBasis},
    check,
    engine::{self, Ended, Run},
    feasible,
    fet::{self, Blamed},
    generation::{self, Difficult, Failure, Generation, GenerationState},
    problem::Placed,
};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    ids::{SchoolId, TimetableId},
    jobs,
    roster::membership,
    schools::{directory, year_changes},
    timetable::{
        elsewhere::LessonsElsewhere,
        lessons::LessonPlacing,
        rows::LessonRows,
        versions::{self, NewVersion, Version},
    },
};

/// Make a draft of the version of this id, as it was asked for at this time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MakeTimetable {
    pub school_id: SchoolId,
    pub version_id: TimetableId,
    /// None in jobs that an older release has enqueued: then it is the one that is under way.
    #[serde(default)]
    pub asked_at: Option<DateTime<Utc>>,
}

impl jobs::Job for MakeTimetable {
    const NAME: &'static str = "make_timetable";
    // An attempt that follows another only says that the worker died; the last one must not fail to.
    const MAX_ATTEMPTS: i16 = 25;
    const LANE: jobs::Lane = jobs::Lane::Timetables;

    fn queue(&self) -> Option<String> {
        Some(format!("timetable:{}", self.school_id))
    }
}

impl jobs::Handle<App> for MakeTimetable {
    async fn handle(self, app: Arc<App>, attempt: jobs::Attempt) -> anyhow::Result<()> {
        let school = directory::by_id(&mut *app.db.pool().acquire().await?, self.school_id).await?;
        let system = Scope::system(school);
        let mut tx = app.db.begin_in(self.school_id).await?;
        let generation = generation::last(&system, &mut tx, self.version_id).await?;
        tx.commit().await?;
        // The version may have been deleted meanwhile, or a draft requested anew after this worker was replaced.
        let is_own = |generation: &Generation| {
            generation.state.is_under_way() && self.asked_at.is_none_or(|asked_at| generation.asked_at == asked_at)
        };
        let Some(generation) = generation.filter(is_own) else { return Ok(()) };
        // A job that was put off, since the database was away, comes again as a new one: what it had begun ended with
        // it.
        if attempt.number > 1 || generation.state == GenerationState::Running {
            return Ok(fail(&system, &app, self.version_id, &generation, Failure::Died).await?);
        }
        match make(&system, &app, self.version_id, &generation).await? {
            Ok(()) => Ok(()),
            Err(failure) => Ok(fail(&system, &app, self.version_id, &generation, failure).await?),
        }
    }
}

async fn make(
    system: &Scope,
    app: &App,
    version_id: TimetableId,
    generation: &Generation,
) -> Result<std::result::Result<(), Failure>> {
    let elsewhere = LessonsElsewhere::of_school(system, app, app.clock.today()).await?;
    let mut tx = app.db.begin_in(system.school_id()).await?;
    let version = versions::find(system, &mut tx, version_id).await?;
    let scope = membership::acting_for(system, &mut tx, generation.asked_by).await;
    let basis = basis::read(system, &mut tx, &version, &elsewhere).await?;
    let wanted = i32::try_from(fet::activities(&basis.problem).len()).unwrap_or(i32::MAX);
    let begun = sqlx::query!(
        "UPDATE timetable_generations SET state = 'running', wanted = $3
         WHERE school_id = $1 AND version_id = $2 AND state = 'waiting' AND asked_at = $4",
        system.school_id(),
        version_id,
        wanted,
        generation.asked_at,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    if begun.rows_affected() == 0 {
        return Ok(Ok(()));
    }
    let granted = match scope.and_then(|scope| scope.grant::<may::ManageTimetable>()) {
        Ok(granted) => granted,
        Err(Error::Forbidden) => return Ok(Err(Failure::Rights)),
        Err(error) => return Err(error),
    };
    if !feasible::impossible(&basis.problem).is_empty() {
        return Ok(Err(Failure::Impossible));
    }
    let Ended::Answer(answer) = search(system, app, version_id, generation, &basis).await? else {
        tracing::warn!("the engine has made no timetable");
        return Ok(Err(Failure::Nothing));
    };
    // What collides is not written, whatever made it.
    let placed = fet::read_answer(&basis.problem, &answer).ok();
    let Some(placed) = placed.filter(|placed| check::collisions(&basis.problem, placed).is_empty()) else {
        return Ok(Err(Failure::Answer));
    };
    // Stuck at its first activity, it answers with the locked lessons alone.
    if !basis.problem.blocks().is_empty() && placed.iter().all(|lesson| basis.problem.locked.contains(lesson)) {
        return Ok(Err(Failure::Nothing));
    }
    write(&granted, app, &version, generation, &basis, &placed).await
}

/// Lets the engine search, says how far it is, and stops it where that is asked for.
async fn search(
    scope: &Scope,
    app: &App,
    version_id: TimetableId,
    generation: &Generation,
    basis: &ProblemBasis,
) -> Result<Ended> {
    let Some(engine) = engine::installed() else { return Ok(Ended::Nothing) };
    let problem = fet::write(&basis.problem);
    let seconds = u16::try_from(generation.seconds).unwrap_or_default();
    let seed = u32::try_from(generation.seed.unsigned_abs() % u64::from(u32::MAX)).unwrap_or_default();
    let run = Run::start(&app.program, &engine, problem, seconds, seed).await;
    let mut run = run.map_err(anyhow::Error::new)?;
    let (mut placed, mut is_stopped) = (0, false);
    while run.wait_a_moment().await.map_err(anyhow::Error::new)? {
        placed = run.placed().await.unwrap_or(placed);
        let mut tx = app.db.begin_in(scope.school_id()).await?;
        let is_stopping = sqlx::query_scalar!(
            "UPDATE timetable_generations SET placed = $3
             WHERE school_id = $1 AND version_id = $2 AND state = 'running' AND asked_at = $4
             RETURNING is_stopping",
            scope.school_id(),
            version_id,
            placed,
            generation.asked_at,
        )
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        // The version was deleted, or this worker replaced: the result is not needed any more.
        if is_stopping.unwrap_or(true) && !is_stopped {
            is_stopped = true;
            run.stop().await;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let blamed = fet::blamed(&basis.problem, &run.complaints().await);
    note_blamed(scope, app, version_id, generation, &difficult(basis, &blamed)).await?;
    Ok(run.ended().await)
}

/// What the engine complains of, by the ids of the school.
fn difficult(basis: &ProblemBasis, blamed: &[Blamed]) -> Vec<Difficult> {
    let teacher = |number: usize| basis.teachers.get(number).copied();
    let class = |number: usize| basis.classes.get(number).copied();
    let each = |blamed: &Blamed| match *blamed {
        Blamed::Block(activity) => Difficult {
            class: class(activity.class),
            subject: basis.subjects.get(activity.subject).copied(),
            teacher: activity.teacher.and_then(teacher),
            is_double: activity.duration > 1,
            ..Difficult::default()
        },
        Blamed::Teacher(number) => Difficult { teacher: teacher(number), ..Difficult::default() },
        Blamed::Class(number) => Difficult { class: class(number), ..Difficult::default() },
        Blamed::Room(number) => Difficult { room: basis.rooms.get(number).copied(), ..Difficult::default() },
    };
    blamed.iter().map(each).collect()
}

async fn note_blamed(
    scope: &Scope,
    app: &App,
    version_id: TimetableId,
    generation: &Generation,
    difficult: &[Difficult],
) -> Result<()> {
    if difficult.is_empty() {
        return Ok(());
    }
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    sqlx::query!(
        "UPDATE timetable_generations SET blamed = $3
         WHERE school_id = $1 AND version_id = $2 AND state = 'running' AND asked_at = $4",
        scope.school_id(),
        version_id,
        serde_json::to_value(difficult)?,
        generation.asked_at,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Makes the draft with all that was placed, in one transaction.
async fn write(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    version: &Version,
    generation: &Generation,
    basis: &ProblemBasis,
    placed: &[Placed],
) -> Result<std::result::Result<(), Failure>> {
    let mut tx = app.db.begin_work_in(granted.school_id()).await?;
    // The year may have ended since the draft was asked for.
    if year_changes::is_closed(granted, app, &mut tx, version.year_id).await? {
        return Ok(Err(Failure::Rights));
    }
    let new = NewVersion {
        year_id: version.year_id,
        name: generation.name.clone(),
        holds_from: version.holds_from,
        copy_of: None,
    };
    let Some(id) = versions::insert(granted, app, &mut tx, &new).await? else { return Ok(Err(Failure::TooMany)) };
    if let Err(error) = rows(basis, placed).insert(&mut tx, granted.school_id(), id).await {
        // A class, teacher, subject or room that is no longer there; or the check has let a collision pass.
        return if error.violated_constraint().is_some() { Ok(Err(Failure::Changed)) } else { Err(error) };
    }
    let finished = sqlx::query!(
        "UPDATE timetable_generations SET state = 'done', result_id = $3, ended_at = $4, placed = wanted
         WHERE school_id = $1 AND version_id = $2 AND state = 'running' AND asked_at = $5",
        granted.school_id(),
        version.id,
        id,
        app.clock.now(),
        generation.asked_at,
    )
    .execute(&mut *tx)
    .await?;
    // Given up meanwhile, because this worker was taken for dead: then nothing may be written.
    if finished.rows_affected() == 0 {
        return Ok(Ok(()));
    }
    audit::record(granted, app, &mut tx, Event::about(AuditAction::TimetableGenerated, id)).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// What was placed, by the ids of the school.
fn rows(basis: &ProblemBasis, placed: &[Placed]) -> LessonRows {
    let mut rows = LessonRows::default();
    for lesson in placed {
        let ids = (basis.classes.get(lesson.class), basis.subjects.get(lesson.subject));
        let (Some(class_id), Some(subject_id)) = ids else { continue };
        let placing = LessonPlacing {
            subject_id: *subject_id,
            teacher_id: lesson.teacher.and_then(|teacher| basis.teachers.get(teacher)).copied(),
            room_id: lesson.room.and_then(|room| basis.rooms.get(room)).copied(),
            is_locked: basis.problem.locked.contains(lesson),
        };
        rows.push(*class_id, lesson.slot, placing);
    }
    rows
}

/// Says why there is no draft; of a generation that has ended nothing changes.
async fn fail(
    scope: &Scope,
    app: &App,
    version_id: TimetableId,
    generation: &Generation,
    failure: Failure,
) -> Result<()> {
    let state: &str = GenerationState::Failed.into();
    let failure: &str = failure.into();
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    sqlx::query!(
        "UPDATE timetable_generations SET state = $3, failure = $4, ended_at = $5
         WHERE school_id = $1 AND version_id = $2 AND state IN ('waiting', 'running') AND asked_at = $6",
        scope.school_id(),
        version_id,
        state,
        failure,
        app.clock.now(),
        generation.asked_at,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}
