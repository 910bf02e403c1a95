//! Seats: drawn for all, given to late candidates, moved by hand.

use super::{Entrusted, ExamRefusal, is_cut, lock, note, open};
use crate::{
    app::App,
    db,
    error::{Error, Result},
    exams::{
        model::{Candidate, Exam, ExamRoom, Paper, SeatTaken, SeatingChoices},
        placing::{NoSeats, SeatPlacing},
        store,
    },
    ids::{CandidateId, PaperId, RoomId},
};

/// How often seats are computed anew because the exam has changed meanwhile.
const ATTEMPTS: usize = 3;

/// What seats are computed from.
struct SeatingInput {
    exam: Exam,
    papers: Vec<Paper>,
    rooms: Vec<ExamRoom>,
    candidates: Vec<Candidate>,
    seats: Vec<SeatTaken>,
}

/// Seats all candidates from the beginning, or (`late`) only those who have no seat, beside all others. Computed outside
/// of the transaction that writes, and computed anew where the exam has changed meanwhile.
pub async fn seat(
    entrusted: &Entrusted,
    app: &App,
    choices: &SeatingChoices,
    late: bool,
) -> Result<Result<usize, ExamRefusal>> {
    for _ in 0..ATTEMPTS {
        let input = read(entrusted, app).await?;
        let version = input.exam.version;
        if let Err(refusal) = ready(&input) {
            return Ok(Err(refusal));
        }
        // Late ones sit by the choices by which the others do.
        let choices = if late { input.exam.seating.clone() } else { choices.clone() };
        let used = choices.clone();
        let computed = tokio::task::spawn_blocking(move || {
            let SeatingInput { papers, rooms, candidates, seats, .. } = input;
            let placing = SeatPlacing { papers: &papers, rooms: &rooms, candidates: &candidates, choices: &used };
            let new = if late { placing.late(&seats) } else { placing.all() };
            new.map(|new| (new, rooms))
        });
        let (seats, rooms) = match computed.await.map_err(anyhow::Error::new)? {
            Ok(computed) => computed,
            Err(NoSeats { subject, missing }) => {
                return Ok(Err(ExamRefusal::about("seats", "fault-exam-no-seats", format!("{missing} ({subject})"))));
            }
        };
        match write(entrusted, app, version, &choices, &seats, &rooms, late).await? {
            SeatsWritten::Yes(count) => return Ok(Ok(count)),
            SeatsWritten::Refused(refusal) => return Ok(Err(refusal)),
            SeatsWritten::Changed => {}
        }
    }
    Ok(Err(ExamRefusal::new("seats", "fault-exam-changed")))
}

fn ready(input: &SeatingInput) -> Result<(), ExamRefusal> {
    let lacks = |key| Err(ExamRefusal::new("seats", key));
    match () {
        () if input.papers.is_empty() => lacks("fault-exam-no-papers"),
        () if input.rooms.is_empty() => lacks("fault-exam-no-rooms"),
        () if input.candidates.is_empty() => lacks("fault-exam-no-candidates"),
        () if input.candidates.iter().any(|each| each.number.is_none() && !each.is_withdrawn) => {
            lacks("fault-exam-unnumbered")
        }
        () => open(&input.exam, "seats"),
    }
}

async fn read(entrusted: &Entrusted, app: &App) -> Result<SeatingInput> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = store::find(entrusted, &mut tx, entrusted.exam_id).await?;
    let papers = store::papers(entrusted, &mut tx, exam.id).await?;
    let rooms = store::rooms(entrusted, &mut tx, exam.id).await?;
    let candidates = store::candidates(entrusted, &mut tx, exam.id).await?;
    let seats = store::seats(entrusted, &mut tx, exam.id).await?;
    tx.commit().await?;
    Ok(SeatingInput { exam, papers, rooms, candidates, seats })
}

enum SeatsWritten {
    Yes(usize),
    Refused(ExamRefusal),
    /// The exam is not what the seats were computed from.
    Changed,
}

async fn write(
    entrusted: &Entrusted,
    app: &App,
    version: i64,
    choices: &SeatingChoices,
    seats: &[SeatTaken],
    rooms: &[ExamRoom],
    late: bool,
) -> Result<SeatsWritten> {
    let most = |id: RoomId| rooms.iter().find(|room| room.id == id).map_or(0, |room| room.most);
    let columns: (Vec<PaperId>, Vec<RoomId>, Vec<i16>) = (
        seats.iter().map(|each| each.paper_id).collect(),
        seats.iter().map(|each| each.room_id).collect(),
        seats.iter().map(|each| each.seat).collect(),
    );
    let mosts: Vec<i16> = seats.iter().map(|each| most(each.room_id)).collect();
    let candidates: Vec<CandidateId> = seats.iter().map(|each| each.candidate_id).collect();
    let mut tx = app.db.begin_lasting_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if exam.version != version + 1 {
        return Ok(SeatsWritten::Changed);
    }
    if !late {
        if is_cut(entrusted, &mut tx, exam.id, None).await? {
            return Ok(SeatsWritten::Refused(ExamRefusal::new("seats", "fault-exam-seats-cut")));
        }
        sqlx::query!("DELETE FROM exam_seats WHERE school_id = $1 AND exam_id = $2", entrusted.school_id(), exam.id)
            .execute(&mut *tx)
            .await?;
    }
    sqlx::query!(
        "INSERT INTO exam_seats (school_id, exam_id, paper_id, room_id, seat, room_most, candidate_id)
         SELECT $1, $2, * FROM unnest($3::uuid[], $4::uuid[], $5::smallint[], $6::smallint[], $7::uuid[])
         RETURNING paper_id",
        entrusted.school_id(),
        exam.id,
        &columns.0,
        &columns.1,
        &columns.2,
        &mosts,
        &candidates,
    )
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE exams SET fill = $3, mix_classes = $4, per_paper = $5, seating_seed = $6, seated_at = $7,
             state = CASE WHEN state = 'preparing' THEN 'seated' ELSE state END
         WHERE school_id = $1 AND id = $2",
        entrusted.school_id(),
        exam.id,
        choices.fill.key(),
        choices.mix_classes,
        choices.per_paper,
        choices.seed,
        app.clock.now(),
    )
    .execute(&mut *tx)
    .await?;
    note(entrusted, app, &mut tx, exam.id, "seating", seats.len()).await?;
    tx.commit().await?;
    Ok(SeatsWritten::Yes(seats.len()))
}

/// Moves a candidate to a seat of one paper, or of all; two candidates change seats where it is taken.
///
/// # Errors
/// [`Error::NotFound`] where the exam has no such room.
pub async fn put(
    entrusted: &Entrusted,
    app: &App,
    number: &str,
    paper_id: Option<PaperId>,
    room_id: RoomId,
    seat: i16,
) -> Result<Result<(), ExamRefusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "number") {
        return Ok(Err(refusal));
    }
    let candidates = store::candidates(entrusted, &mut tx, exam.id).await?;
    let Some(candidate) = candidates.iter().find(|each| each.number.as_deref() == Some(number)) else {
        return Ok(Err(ExamRefusal::about("number", "fault-exam-number-unknown", number)));
    };
    let rooms = store::rooms(entrusted, &mut tx, exam.id).await?;
    let room = rooms.iter().find(|room| room.id == room_id).ok_or(Error::NotFound)?;
    if seat < 1 || seat > room.most {
        return Ok(Err(ExamRefusal::about("seat", "fault-exam-seat-beyond", room.most.to_string())));
    }
    let papers = store::papers(entrusted, &mut tx, exam.id).await?;
    let sat = papers.iter().filter(|paper| paper_id.is_none_or(|id| paper.id == id) && candidate.sits(paper));
    let sat: Vec<PaperId> = sat.map(|paper| paper.id).collect();
    if sat.is_empty() {
        return Ok(Err(ExamRefusal::new("paper", "fault-exam-not-sat")));
    }
    if papers.iter().any(|paper| sat.contains(&paper.id) && room.is_closed(paper)) {
        return Ok(Err(ExamRefusal::new("room", "fault-exam-room-closed")));
    }
    if is_used_otherwise(entrusted, &mut tx, &papers, &sat, room_id).await? {
        return Ok(Err(ExamRefusal::new("room", "fault-exam-room-other-paper")));
    }
    match exchange(entrusted, &mut tx, &exam, &sat, candidate.id, room, seat).await {
        Ok(()) => {}
        Err(Error::NotFound) => return Ok(Err(ExamRefusal::new("seat", "fault-exam-seat-taken"))),
        Err(error) => return Err(error),
    }
    note(entrusted, app, &mut tx, exam.id, "moved", 1).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Whether another paper is sat in the room at the same time.
async fn is_used_otherwise(
    entrusted: &Entrusted,
    tx: &mut sqlx::PgConnection,
    papers: &[Paper],
    sat: &[PaperId],
    room_id: RoomId,
) -> Result<bool> {
    let at_once = |paper: &&Paper| {
        !sat.contains(&paper.id) && papers.iter().any(|own| sat.contains(&own.id) && own.overlaps(paper))
    };
    let others: Vec<PaperId> = papers.iter().filter(at_once).map(|paper| paper.id).collect();
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM exam_seats WHERE school_id = $1 AND exam_id = $2 AND room_id = $3
               AND paper_id = ANY($4)) AS "is_used!""#,
        entrusted.school_id(),
        entrusted.exam_id,
        room_id,
        &others,
    )
    .fetch_one(tx)
    .await?)
}

/// In each of the papers: the candidate sits there, and who sat there takes their seat.
async fn exchange(
    entrusted: &Entrusted,
    tx: &mut sqlx::PgConnection,
    exam: &Exam,
    sat: &[PaperId],
    candidate_id: CandidateId,
    room: &ExamRoom,
    seat: i16,
) -> Result<()> {
    let gone = sqlx::query!(
        r#"DELETE FROM exam_seats WHERE school_id = $1 AND exam_id = $2 AND paper_id = ANY($3)
               AND (candidate_id = $4 OR (room_id = $5 AND seat = $6))
           RETURNING paper_id, room_id, seat, room_most, candidate_id"#,
        entrusted.school_id(),
        exam.id,
        sat,
        candidate_id,
        room.id,
        seat,
    )
    .fetch_all(&mut *tx)
    .await?;
    for paper in sat {
        let own = gone.iter().find(|row| row.paper_id == *paper && row.candidate_id == candidate_id);
        let other = gone.iter().find(|row| row.paper_id == *paper && row.candidate_id != candidate_id);
        let mut write = vec![(room.id, seat, room.most, candidate_id)];
        match (own, other) {
            (Some(own), Some(other)) => write.push((own.room_id, own.seat, own.room_most, other.candidate_id)),
            // Nobody is left without a seat.
            (None, Some(_)) => return Err(Error::NotFound),
            (_, None) => {}
        }
        for (room_id, seat, most, candidate_id) in write {
            sqlx::query!(
                "INSERT INTO exam_seats (school_id, exam_id, paper_id, room_id, seat, room_most, candidate_id)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
                entrusted.school_id(),
                exam.id,
                paper,
                room_id,
                seat,
                most,
                candidate_id,
            )
            .execute(&mut *tx)
            .await
            .map_err(|error| match db::violated_constraint(&error) {
                Some(_) => Error::NotFound,
                None => error.into(),
            })?;
        }
    }
    Ok(())
}
