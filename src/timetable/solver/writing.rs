//! The job that makes a draft: reads what there is, lets the engine search, and writes what was found in one transaction,
//! all of it or nothing.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::{
    basis::{self, Basis},
    check,
    engine::{self, Ended, Run},
    feasible, fet,
    generation::{self, Failure, Generation, GenerationState},
    problem::Placed,
};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    ids::{ClassId, MemberId, SchoolId, SubjectId, TimetableId, TimetableRoomId},
    jobs,
    roster::membership,
    schools::{directory, year_changes},
    timetable::{
        model::Slot,
        versions::{self, NewVersion, Version},
    },
};

/// Make a draft of the version of this id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MakeTimetable {
    pub school_id: SchoolId,
    pub version_id: TimetableId,
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
        // The version may have been deleted meanwhile.
        let Some(generation) = generation.filter(|generation| generation.state.is_under_way()) else { return Ok(()) };
        if attempt.number > 1 {
            return Ok(fail(&system, &app, self.version_id, Failure::Died).await?);
        }
        match make(&system, &app, self.version_id, &generation).await? {
            Ok(()) => Ok(()),
            Err(failure) => Ok(fail(&system, &app, self.version_id, failure).await?),
        }
    }
}

async fn make(
    system: &Scope,
    app: &App,
    version_id: TimetableId,
    generation: &Generation,
) -> Result<std::result::Result<(), Failure>> {
    let mut tx = app.db.begin_in(system.school_id()).await?;
    let version = versions::find(system, &mut tx, version_id).await?;
    let scope = membership::acting_for(system, &mut tx, generation.asked_by).await;
    let basis = basis::read(system, &mut tx, &version).await?;
    let wanted = i32::try_from(fet::activities(&basis.problem).len()).unwrap_or(i32::MAX);
    sqlx::query!(
        "UPDATE timetable_generations SET state = 'running', wanted = $3 WHERE school_id = $1 AND version_id = $2",
        system.school_id(),
        version_id,
        wanted,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
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
    write(&granted, app, &version, generation, &basis, &placed).await
}

/// Lets the engine search, says how far it is, and stops it where that is asked for.
async fn search(
    scope: &Scope,
    app: &App,
    version_id: TimetableId,
    generation: &Generation,
    basis: &Basis,
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
            "UPDATE timetable_generations SET placed = $3 WHERE school_id = $1 AND version_id = $2
             RETURNING is_stopping",
            scope.school_id(),
            version_id,
            placed,
        )
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        // Where the version was deleted nobody waits any more.
        if is_stopping.unwrap_or(true) && !is_stopped {
            is_stopped = true;
            run.stop().await;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(run.ended().await)
}

/// Makes the draft with all that was placed, in one transaction.
async fn write(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    version: &Version,
    generation: &Generation,
    basis: &Basis,
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
    let rows = Rows::of(basis, placed);
    if let Err(error) = rows.insert(&mut tx, granted.school_id(), id).await {
        // A class, teacher, subject or room that is no longer there; or the check has let a collision pass.
        return if error.violated_constraint().is_some() { Ok(Err(Failure::Changed)) } else { Err(error) };
    }
    let finished = sqlx::query!(
        "UPDATE timetable_generations SET state = 'done', result_id = $3, ended_at = $4, placed = wanted
         WHERE school_id = $1 AND version_id = $2 AND state = 'running'",
        granted.school_id(),
        version.id,
        id,
        app.clock.now(),
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

/// Lessons, column by column.
#[derive(Default)]
struct Rows {
    classes: Vec<ClassId>,
    days: Vec<i16>,
    sessions: Vec<String>,
    periods: Vec<i16>,
    subjects: Vec<SubjectId>,
    teachers: Vec<Option<MemberId>>,
    rooms: Vec<Option<TimetableRoomId>>,
    places: Vec<i16>,
    locks: Vec<bool>,
}

impl Rows {
    fn of(basis: &Basis, placed: &[Placed]) -> Self {
        let mut rows = Self::default();
        let mut taken: BTreeMap<(usize, Slot), i16> = BTreeMap::new();
        for lesson in placed {
            let ids = (basis.classes.get(lesson.class), basis.subjects.get(lesson.subject));
            let (Some(class), Some(subject)) = ids else { continue };
            rows.classes.push(*class);
            rows.subjects.push(*subject);
            rows.days.push(lesson.slot.day);
            rows.sessions.push(lesson.slot.session.key().to_owned());
            rows.periods.push(lesson.slot.period);
            rows.teachers.push(lesson.teacher.and_then(|teacher| basis.teachers.get(teacher)).copied());
            rows.rooms.push(lesson.room.and_then(|room| basis.rooms.get(room)).copied());
            rows.locks.push(basis.problem.locked.contains(lesson));
            rows.places.push(lesson.room.map_or(1, |room| {
                let place = taken.entry((room, lesson.slot)).or_default();
                *place += 1;
                *place
            }));
        }
        rows
    }

    async fn insert(&self, tx: &mut PgConnection, school_id: SchoolId, version_id: TimetableId) -> Result<()> {
        sqlx::query!(
            "INSERT INTO timetable_lessons (school_id, version_id, class_id, day, session, period, subject_id,
                 teacher_id, room_id, room_place, is_locked)
             SELECT $1, $2, * FROM unnest($3::uuid[], $4::smallint[], $5::text[], $6::smallint[], $7::uuid[],
                 $8::uuid[], $9::uuid[], $10::smallint[], $11::bool[])
             RETURNING class_id",
            school_id,
            version_id,
            &self.classes,
            &self.days,
            &self.sessions,
            &self.periods,
            &self.subjects,
            &self.teachers as &[Option<MemberId>],
            &self.rooms as &[Option<TimetableRoomId>],
            &self.places,
            &self.locks,
        )
        .fetch_all(tx)
        .await?;
        Ok(())
    }
}

/// Says why there is no draft; of a generation that has ended nothing changes.
async fn fail(scope: &Scope, app: &App, version_id: TimetableId, failure: Failure) -> Result<()> {
    let state: &str = GenerationState::Failed.into();
    let failure: &str = failure.into();
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    sqlx::query!(
        "UPDATE timetable_generations SET state = $3, failure = $4, ended_at = $5
         WHERE school_id = $1 AND version_id = $2 AND state IN ('waiting', 'running')",
        scope.school_id(),
        version_id,
        state,
        failure,
        app.clock.now(),
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}
