//! The rooms of an exam.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{Entrusted, ExamRefusal, lock, note, open};
use crate::{
    app::App,
    db,
    error::{Error, Result},
    exams::{closures::Closure, model::Paper, store},
    ids::{PaperId, RoomId},
    vietnam::text,
};

/// The seats of a room, unless the form says otherwise.
const USUAL_SEATS: i16 = 24;

/// How many more than its seats the last room may hold, unless the form says otherwise.
const MORE_IN_THE_LAST: i16 = 4;

/// What a room is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRoom {
    pub name: String,
    pub place: String,
    pub seats: i16,
    /// How many may sit in it where it is the last one.
    pub most: i16,
}

/// A field of a room, and what is wrong with it.
pub type RoomFault = (&'static str, &'static str);

impl NewRoom {
    /// Reads what was typed: without seats a room has 24, and as the last one it takes four more than its seats, unless
    /// the form says otherwise.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn read(name: &str, place: &str, seats: &str, most: &str) -> Result<Self, Vec<RoomFault>> {
        let mut faults = Vec::new();
        let (name, place) = (text::clean(name), text::clean(place));
        if name.is_empty() || name.chars().count() > 40 {
            faults.push(("name", "fault-exam-room-name"));
        }
        if place.chars().count() > 100 {
            faults.push(("place", "fault-exam-room-place"));
        }
        let number = |typed: &str, otherwise: i16| {
            if typed.trim().is_empty() { Some(otherwise) } else { typed.trim().parse::<i16>().ok() }
        };
        let seats = number(seats, USUAL_SEATS).filter(|seats| (1..=200).contains(seats));
        if seats.is_none() {
            faults.push(("seats", "fault-exam-room-seats"));
        }
        let seats = seats.unwrap_or(USUAL_SEATS);
        let most = number(most, seats + MORE_IN_THE_LAST).filter(|most| (seats..=seats + 20).contains(most));
        if most.is_none() {
            faults.push(("most", "fault-exam-room-most"));
        }
        let most = most.unwrap_or(seats);
        if faults.is_empty() { Ok(Self { name, place, seats, most }) } else { Err(faults) }
    }
}

/// Adds rooms of these names behind the others.
pub async fn add(
    entrusted: &Entrusted,
    app: &App,
    names: &[String],
    room: &NewRoom,
) -> Result<Result<usize, ExamRefusal>> {
    let now = app.clock.now();
    let ids: Vec<RoomId> = names.iter().map(|_| app.randomness.uuid_v7(now)).collect();
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "name") {
        return Ok(Err(refusal));
    }
    if let Err(refusal) = insert(entrusted, &mut tx, &ids, names, room).await? {
        return Ok(Err(refusal));
    }
    note(entrusted, app, &mut tx, exam.id, "rooms", names.len()).await?;
    tx.commit().await?;
    Ok(Ok(names.len()))
}

/// New rooms of these names behind the others.
async fn insert(
    entrusted: &Entrusted,
    tx: &mut PgConnection,
    ids: &[RoomId],
    names: &[String],
    room: &NewRoom,
) -> Result<Result<(), ExamRefusal>> {
    let written = sqlx::query!(
        "INSERT INTO exam_rooms (school_id, exam_id, id, name, place, seats, most, position)
         SELECT $1, $2, new.id, new.name, $3, $4, $5, new.place + coalesce(
             (SELECT max(position) FROM exam_rooms WHERE school_id = $1 AND exam_id = $2), 0)
         FROM unnest($6::uuid[], $7::text[]) WITH ORDINALITY AS new (id, name, place)
         RETURNING id",
        entrusted.school_id(),
        entrusted.exam_id,
        room.place,
        room.seats,
        room.most,
        ids,
        names,
    )
    .fetch_all(tx)
    .await;
    match written {
        Ok(_) => Ok(Ok(())),
        Err(error) if db::violated_constraint(&error) == Some("exam_room_name_taken") => {
            Ok(Err(ExamRefusal::about("name", "fault-exam-room-taken", names.join(", "))))
        }
        Err(error) => Err(error.into()),
    }
}

/// A room as it is to be stored.
#[derive(Clone, Debug)]
pub struct RoomChange {
    pub room: NewRoom,
    pub closed_for: Vec<PaperId>,
    pub closures: Vec<Closure>,
    /// Its place among the rooms, from 1; none: unchanged.
    pub place: Option<usize>,
}

/// Changes a room. Seats that are taken stay: it cannot become smaller than they need, nor be closed at the time of a paper
/// that is sat there.
///
/// # Errors
/// [`Error::NotFound`] where the exam has no such room.
pub async fn change(
    entrusted: &Entrusted,
    app: &App,
    id: RoomId,
    change: &RoomChange,
) -> Result<Result<(), ExamRefusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "name") {
        return Ok(Err(refusal));
    }
    let rooms = store::rooms(entrusted, &mut tx, exam.id).await?;
    let at = rooms.iter().position(|room| room.id == id).ok_or(Error::NotFound)?;
    let papers = store::papers(entrusted, &mut tx, exam.id).await?;
    if let Err(refusal) = write(entrusted, &mut tx, &papers, id, change).await? {
        return Ok(Err(refusal));
    }
    if let Some(place) = change.place {
        let mut order: Vec<RoomId> = rooms.iter().map(|room| room.id).collect();
        let moved = order.remove(at);
        order.insert(place.saturating_sub(1).min(order.len()), moved);
        put_in_order(entrusted, &mut tx, &order).await?;
    }
    note(entrusted, app, &mut tx, exam.id, "rooms", 1).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// A room of a sheet: an existing one, or (without an id) a new one.
#[derive(Clone, Debug)]
pub struct SheetRoom {
    pub id: Option<RoomId>,
    pub change: RoomChange,
}

/// Adds and changes the rooms of a sheet, all or none. Rooms with a place are moved to it; new rooms without one are added at
/// the end, in the order of the sheet.
///
/// # Errors
/// [`Error::NotFound`] where one of them is not a room of the exam.
pub async fn put_all(entrusted: &Entrusted, app: &App, sheet: &[SheetRoom]) -> Result<Result<usize, ExamRefusal>> {
    let now = app.clock.now();
    let mut tx = app.db.begin_lasting_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "file") {
        return Ok(Err(refusal));
    }
    let rooms = store::rooms(entrusted, &mut tx, exam.id).await?;
    let papers = store::papers(entrusted, &mut tx, exam.id).await?;
    // Where two rooms have the same place, the one that the sheet puts there comes first.
    let mut order: Vec<(usize, bool, RoomId)> = (1..).zip(&rooms).map(|(place, room)| (place, true, room.id)).collect();
    for each in sheet {
        let id = match each.id {
            Some(id) => id,
            None => {
                let id: RoomId = app.randomness.uuid_v7(now);
                if let Err(refusal) =
                    insert(entrusted, &mut tx, &[id], std::slice::from_ref(&each.change.room.name), &each.change.room)
                        .await?
                {
                    return Ok(Err(refusal));
                }
                order.push((order.len() + 1, true, id));
                id
            }
        };
        let placed = order.iter_mut().find(|(_, _, other)| *other == id).ok_or(Error::NotFound)?;
        if let Some(place) = each.change.place {
            (placed.0, placed.1) = (place, false);
        }
        if let Err(refusal) = write(entrusted, &mut tx, &papers, id, &each.change).await? {
            return Ok(Err(refusal));
        }
    }
    order.sort_by_key(|(place, is_kept, _)| (*place, *is_kept));
    let order: Vec<RoomId> = order.into_iter().map(|(_, _, id)| id).collect();
    put_in_order(entrusted, &mut tx, &order).await?;
    note(entrusted, app, &mut tx, exam.id, "rooms", sheet.len()).await?;
    tx.commit().await?;
    Ok(Ok(sheet.len()))
}

/// Writes the room, unless candidates who have seats in it would lose them.
async fn write(
    entrusted: &Entrusted,
    tx: &mut PgConnection,
    papers: &[Paper],
    id: RoomId,
    change: &RoomChange,
) -> Result<Result<(), ExamRefusal>> {
    let RoomChange { room, closed_for, closures, .. } = change;
    let in_use = sqlx::query!(
        r#"SELECT coalesce(max(seat), 0) AS "last!", coalesce(array_agg(DISTINCT paper_id), '{}') AS "papers!: Vec<PaperId>"
           FROM exam_seats WHERE school_id = $1 AND exam_id = $2 AND room_id = $3"#,
        entrusted.school_id(),
        entrusted.exam_id,
        id,
    )
    .fetch_one(&mut *tx)
    .await?;
    if in_use.last > i32::from(room.most) {
        return Ok(Err(ExamRefusal::about("seats", "fault-exam-room-smaller", in_use.last.to_string())));
    }
    if closed_for.iter().any(|paper| in_use.papers.contains(paper)) {
        return Ok(Err(ExamRefusal::new("closed_for", "fault-exam-room-used")));
    }
    let overlaps =
        |paper: &&Paper| in_use.papers.contains(&paper.id) && closures.iter().any(|closure| closure.overlaps(paper));
    if let Some(paper) = papers.iter().find(overlaps) {
        let sat = format!("{} ({}, {})", room.name, paper.title(), paper.day().format("%d/%m/%Y"));
        return Ok(Err(ExamRefusal::about("closed_times", "fault-exam-room-used-at", sat)));
    }
    let (from, until): (Vec<DateTime<Utc>>, Vec<DateTime<Utc>>) =
        closures.iter().map(|closure| (closure.from, closure.until)).unzip();
    let written = sqlx::query!(
        "UPDATE exam_rooms SET name = $4, place = $5, seats = $6, most = $7, closed_for = $8, closed_from = $9,
             closed_until = $10
         WHERE school_id = $1 AND exam_id = $2 AND id = $3 RETURNING id",
        entrusted.school_id(),
        entrusted.exam_id,
        id,
        room.name,
        room.place,
        room.seats,
        room.most,
        closed_for,
        &from,
        &until,
    )
    .fetch_optional(tx)
    .await;
    match written {
        Ok(changed) => changed.map(|_| Ok(())).ok_or(Error::NotFound),
        Err(error) if db::violated_constraint(&error) == Some("exam_room_name_taken") => {
            Ok(Err(ExamRefusal::about("name", "fault-exam-room-taken", room.name.as_str())))
        }
        Err(error) => Err(error.into()),
    }
}

async fn put_in_order(entrusted: &Entrusted, tx: &mut PgConnection, order: &[RoomId]) -> Result<()> {
    let places: Vec<i32> = (1..).take(order.len()).collect();
    sqlx::query!(
        "UPDATE exam_rooms r SET position = new.position
         FROM unnest($3::uuid[], $4::integer[]) AS new (id, position)
         WHERE r.school_id = $1 AND r.exam_id = $2 AND r.id = new.id AND r.position <> new.position",
        entrusted.school_id(),
        entrusted.exam_id,
        order,
        &places,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Removes a room in which nobody sits.
///
/// # Errors
/// [`Error::NotFound`] where the exam has no such room.
pub async fn remove(entrusted: &Entrusted, app: &App, id: RoomId) -> Result<Result<(), ExamRefusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "name") {
        return Ok(Err(refusal));
    }
    let is_used = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM exam_seats WHERE school_id = $1 AND exam_id = $2 AND room_id = $3)
               OR EXISTS (SELECT FROM exam_duties WHERE school_id = $1 AND room_id = $3) AS "is_used!""#,
        entrusted.school_id(),
        exam.id,
        id,
    )
    .fetch_one(&mut *tx)
    .await?;
    if is_used {
        return Ok(Err(ExamRefusal::new("name", "fault-exam-room-used")));
    }
    sqlx::query!(
        "DELETE FROM exam_rooms WHERE school_id = $1 AND exam_id = $2 AND id = $3 RETURNING id",
        entrusted.school_id(),
        exam.id,
        id,
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    note(entrusted, app, &mut tx, exam.id, "rooms", 1).await?;
    tx.commit().await?;
    Ok(Ok(()))
}
