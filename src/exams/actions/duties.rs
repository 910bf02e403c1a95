//! Invigilators: who may have duties, who has which, and changes by hand.

mod input;

use chrono::NaiveDate;
use sqlx::PgConnection;

pub use self::input::{DutyInput, GivenDuty, Invigilator, Lacking, given, people};

use super::{Entrusted, ExamRefusal, lock, note, open};
use crate::{
    access::Scope,
    app::App,
    db,
    error::{Error, Result},
    exams::{
        duties::{self, Duty, TooFew},
        model::{DutyChoices, Exam, Paper},
        store,
    },
    ids::{MemberId, PaperId, RoomId},
};

/// So that duties of the school's exams are given out one after another: two exams that are drawn at the same moment
/// would take the same people.
async fn lock_duties(scope: &Scope, tx: &mut PgConnection) -> Result<()> {
    sqlx::query!(
        "SELECT pg_advisory_xact_lock(hashtextextended('duties:' || $1::text, 0))",
        scope.school_id().to_string()
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Names all teachers as those who may have duties, with the subjects that they teach by the timetable, where nobody is
/// named yet.
async fn name_all(entrusted: &Entrusted, app: &App) -> Result<Result<(), ExamRefusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "seed") {
        return Ok(Err(refusal));
    }
    let named = sqlx::query!(
        "INSERT INTO exam_invigilators (school_id, exam_id, member_id, subjects)
         SELECT $1, $2, m.id, ARRAY(
             SELECT DISTINCT s.name FROM timetable_assignments a
             JOIN classes c ON c.school_id = a.school_id AND c.id = a.class_id AND c.school_year_id = $3
             JOIN timetable_subjects s ON s.school_id = a.school_id AND s.id = a.subject_id
             WHERE a.school_id = $1 AND a.teacher_id = m.id ORDER BY 1)
         FROM members m
         WHERE m.school_id = $1 AND m.role = 'teacher' AND m.status = 'active'
             AND NOT EXISTS (SELECT FROM exam_invigilators WHERE school_id = $1 AND exam_id = $2)
         RETURNING member_id",
        entrusted.school_id(),
        exam.id,
        exam.year_id,
    )
    .fetch_all(&mut *tx)
    .await?;
    if !named.is_empty() {
        note(entrusted, app, &mut tx, exam.id, "people", named.len()).await?;
    }
    tx.commit().await?;
    Ok(Ok(()))
}

/// Gives out all duties of all papers anew.
pub async fn assign(entrusted: &Entrusted, app: &App, choices: &DutyChoices) -> Result<Result<usize, ExamRefusal>> {
    draw(entrusted, app, Some(choices)).await
}

/// Gives out the duties that are missing, by the same choices as the others, which stay; only those in rooms where
/// nobody sits go.
pub async fn assign_missing(entrusted: &Entrusted, app: &App) -> Result<Result<usize, ExamRefusal>> {
    draw(entrusted, app, None).await
}

/// Computed outside of the transaction that writes; gives how many duties are new.
async fn draw(entrusted: &Entrusted, app: &App, anew: Option<&DutyChoices>) -> Result<Result<usize, ExamRefusal>> {
    if let Err(refusal) = name_all(entrusted, app).await? {
        return Ok(Err(refusal));
    }
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = store::find(entrusted, &mut tx, entrusted.exam_id).await?;
    let input = DutyInput::read(entrusted, &mut tx, exam).await?;
    let stays = if anew.is_some() { Vec::new() } else { given(entrusted, &mut tx, input.exam.id).await? };
    tx.commit().await?;
    if input.seats.is_empty() {
        return Ok(Err(ExamRefusal::new("seed", "fault-exam-not-seated")));
    }
    let choices = anew.unwrap_or(&input.exam.duties).clone();
    let used = choices.clone();
    let computed = tokio::task::spawn_blocking(move || {
        let (papers, people) = input.asked();
        let mut kept: Vec<Duty> = input.known(&stays, &papers).into_keys().collect();
        kept.sort_unstable();
        let assigned = duties::assign_beside(&kept, &papers, &people, &input.rules(&used));
        (input, papers, kept.len(), assigned)
    });
    let (input, papers, kept, assigned) = computed.await.map_err(anyhow::Error::new)?;
    let duties = match assigned {
        Ok(duties) => duties,
        Err(TooFew { paper, needed, available }) => {
            let subject = input.papers.get(paper).map(Paper::title).unwrap_or_default();
            let value = format!("{subject}: {available}/{needed}");
            return Ok(Err(ExamRefusal::about("per_room", "fault-exam-too-few-people", value)));
        }
    };
    let written = write(entrusted, app, &input, &papers, &choices, &duties).await?;
    Ok(written.map(|()| duties.len() - kept))
}

/// Writes the duties in place of those that there were, unless the exam, or who is on duty in others, has changed since
/// they were computed.
async fn write(
    entrusted: &Entrusted,
    app: &App,
    input: &DutyInput,
    papers: &[duties::DutyPaper],
    choices: &DutyChoices,
    duties: &[Duty],
) -> Result<Result<(), ExamRefusal>> {
    let room = |duty: &Duty| {
        let at = papers[duty.paper].rooms[duty.room?].room;
        Some(input.rooms[usize::try_from(at).ok()?].id)
    };
    let paper_ids: Vec<PaperId> = duties.iter().map(|duty| input.papers[duty.paper].id).collect();
    let members: Vec<MemberId> = duties.iter().map(|duty| input.people[duty.person].member_id).collect();
    let rooms: Vec<Option<RoomId>> = duties.iter().map(room).collect();
    let mut tx = app.db.begin_lasting_in(entrusted.school_id()).await?;
    lock_duties(entrusted, &mut tx).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    let elsewhere = input::elsewhere(entrusted, &mut tx, exam.id, &input.papers).await?;
    if exam.version != input.exam.version + 1 || elsewhere != input.elsewhere {
        return Ok(Err(ExamRefusal::new("seed", "fault-exam-changed")));
    }
    sqlx::query!("DELETE FROM exam_duties WHERE school_id = $1 AND exam_id = $2", entrusted.school_id(), exam.id)
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "INSERT INTO exam_duties (school_id, exam_id, paper_id, member_id, room_id)
         SELECT $1, $2, * FROM unnest($3::uuid[], $4::uuid[], $5::uuid[])
         RETURNING member_id",
        entrusted.school_id(),
        exam.id,
        &paper_ids,
        &members,
        &rooms as &[Option<RoomId>],
    )
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE exams SET per_room = $3, rooms_per_corridor = $4, not_own_class = $5, not_own_subject = $6, duties_seed = $7
         WHERE school_id = $1 AND id = $2",
        entrusted.school_id(),
        exam.id,
        choices.per_room,
        choices.rooms_per_corridor,
        choices.not_own_class,
        choices.not_own_subject,
        choices.seed,
    )
    .execute(&mut *tx)
    .await?;
    note(entrusted, app, &mut tx, exam.id, "duties", duties.len()).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Says what a person teaches and when they are off, or (none) that they have no duties.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such member of staff.
pub async fn name(
    entrusted: &Entrusted,
    app: &App,
    member_id: MemberId,
    who: Option<(&[String], &[NaiveDate])>,
) -> Result<Result<(), ExamRefusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "member") {
        return Ok(Err(refusal));
    }
    match who {
        Some((subjects, days_off)) => {
            sqlx::query!(
                "INSERT INTO exam_invigilators (school_id, exam_id, member_id, subjects, days_off)
                 SELECT $1, $2, id, $4, $5 FROM members
                 WHERE school_id = $1 AND id = $3 AND role <> 'student' AND status = 'active'
                 ON CONFLICT (school_id, exam_id, member_id) DO UPDATE SET subjects = EXCLUDED.subjects,
                     days_off = EXCLUDED.days_off
                 RETURNING member_id",
                entrusted.school_id(),
                entrusted.exam_id,
                member_id,
                subjects,
                days_off,
            )
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(Error::NotFound)?;
        }
        None => {
            sqlx::query!(
                "DELETE FROM exam_invigilators WHERE school_id = $1 AND exam_id = $2 AND member_id = $3
                 RETURNING member_id",
                entrusted.school_id(),
                entrusted.exam_id,
                member_id,
            )
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(Error::NotFound)?;
        }
    }
    note(entrusted, app, &mut tx, exam.id, "people", 1).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Gives a duty to another person; where that one has a duty of the same paper, the two change.
///
/// # Errors
/// [`Error::NotFound`] where there is no such duty.
pub async fn swap(
    entrusted: &Entrusted,
    app: &App,
    paper_id: PaperId,
    member_id: MemberId,
    by: MemberId,
) -> Result<Result<(), ExamRefusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    lock_duties(entrusted, &mut tx).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "by") {
        return Ok(Err(refusal));
    }
    let paper = store::paper(entrusted, &mut tx, exam.id, paper_id).await?;
    if let Some(key) = hindrance(entrusted, &mut tx, &exam, &paper, by).await? {
        return Ok(Err(ExamRefusal::new("by", key)));
    }
    let both = [member_id, by];
    let gone = sqlx::query!(
        "DELETE FROM exam_duties WHERE school_id = $1 AND exam_id = $2 AND paper_id = $3 AND member_id = ANY($4)
         RETURNING member_id, room_id",
        entrusted.school_id(),
        exam.id,
        paper_id,
        &both[..],
    )
    .fetch_all(&mut *tx)
    .await?;
    let own = gone.iter().find(|row| row.member_id == member_id).ok_or(Error::NotFound)?;
    let other = gone.iter().find(|row| row.member_id == by && by != member_id);
    let mut write = vec![(by, own.room_id)];
    write.extend(other.map(|other| (member_id, other.room_id)));
    for (member, room) in write {
        let written = sqlx::query!(
            "INSERT INTO exam_duties (school_id, exam_id, paper_id, member_id, room_id) VALUES ($1, $2, $3, $4, $5)",
            entrusted.school_id(),
            exam.id,
            paper_id,
            member,
            room,
        )
        .execute(&mut *tx)
        .await;
        match written {
            Ok(_) => {}
            Err(error) if db::violated_constraint(&error).is_some() => {
                return Ok(Err(ExamRefusal::new("by", "fault-exam-not-invigilator")));
            }
            Err(error) => return Err(error.into()),
        }
    }
    note(entrusted, app, &mut tx, exam.id, "duties_changed", 1).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Why a person cannot be on duty in a paper, whatever the rules are: they are off that day, or on duty elsewhere at that
/// time, in whichever exam.
async fn hindrance(
    entrusted: &Entrusted,
    tx: &mut PgConnection,
    exam: &Exam,
    paper: &Paper,
    member_id: MemberId,
) -> Result<Option<&'static str>> {
    let row = sqlx::query!(
        r#"SELECT EXISTS (SELECT FROM exam_invigilators WHERE school_id = $1 AND exam_id = $2 AND member_id = $3
                   AND $4 = ANY(days_off)) AS "is_off!",
               EXISTS (SELECT FROM exam_duties d
                   JOIN exam_papers p ON p.school_id = d.school_id AND p.id = d.paper_id
                   WHERE d.school_id = $1 AND d.member_id = $3 AND d.paper_id <> $5
                       AND p.starts_at < $7 AND p.ends_at > $6) AS "is_elsewhere!",
               EXISTS (SELECT FROM members WHERE school_id = $1 AND id = $3 AND status = 'active') AS "is_active!""#,
        entrusted.school_id(),
        exam.id,
        member_id,
        paper.day(),
        paper.id,
        paper.starts_at,
        paper.ends_at,
    )
    .fetch_one(tx)
    .await?;
    Ok(match () {
        () if !row.is_active => Some("fault-exam-not-invigilator"),
        () if row.is_off => Some("fault-exam-duty-day-off"),
        () if row.is_elsewhere => Some("fault-exam-duty-elsewhere"),
        () => None,
    })
}
