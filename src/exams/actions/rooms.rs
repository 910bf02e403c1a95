//! The rooms of an exam.

use super::{Entrusted, Refusal, lock, note, open};
use crate::{
    app::App,
    db,
    error::{Error, Result},
    ids::{PaperId, RoomId},
};

/// What a room is to be.
#[derive(Clone, Debug)]
pub struct NewRoom {
    pub name: String,
    pub place: String,
    pub seats: i16,
    /// How many may sit in it where it is the last one.
    pub most: i16,
}

/// Adds rooms of these names behind the others.
pub async fn add(entrusted: &Entrusted, app: &App, names: &[String], room: &NewRoom) -> Result<Result<usize, Refusal>> {
    let now = app.clock.now();
    let ids: Vec<RoomId> = names.iter().map(|_| app.randomness.uuid_v7(now)).collect();
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "name") {
        return Ok(Err(refusal));
    }
    let written = sqlx::query!(
        "INSERT INTO exam_rooms (school_id, exam_id, id, name, place, seats, most, position)
         SELECT $1, $2, new.id, new.name, $3, $4, $5, new.place + coalesce(
             (SELECT max(position) FROM exam_rooms WHERE school_id = $1 AND exam_id = $2), 0)
         FROM unnest($6::uuid[], $7::text[]) WITH ORDINALITY AS new (id, name, place)
         RETURNING id",
        entrusted.school_id(),
        exam.id,
        room.place,
        room.seats,
        room.most,
        &ids,
        names,
    )
    .fetch_all(&mut *tx)
    .await;
    match written {
        Ok(_) => {}
        Err(error) if db::violated_constraint(&error) == Some("exam_room_name_taken") => {
            return Ok(Err(Refusal::about("name", "fault-exam-room-taken", names.join(", "))));
        }
        Err(error) => return Err(error.into()),
    }
    note(entrusted, app, &mut tx, exam.id, "rooms", names.len()).await?;
    tx.commit().await?;
    Ok(Ok(names.len()))
}

/// Changes a room. Seats that are taken stay: it cannot become smaller than they need.
///
/// # Errors
/// [`Error::NotFound`] where the exam has no such room.
pub async fn change(
    entrusted: &Entrusted,
    app: &App,
    id: RoomId,
    room: &NewRoom,
    closed_for: &[PaperId],
) -> Result<Result<(), Refusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "name") {
        return Ok(Err(refusal));
    }
    let in_use = sqlx::query!(
        r#"SELECT coalesce(max(seat), 0) AS "last!", coalesce(array_agg(DISTINCT paper_id), '{}') AS "papers!: Vec<PaperId>"
           FROM exam_seats WHERE school_id = $1 AND exam_id = $2 AND room_id = $3"#,
        entrusted.school_id(),
        exam.id,
        id,
    )
    .fetch_one(&mut *tx)
    .await?;
    if in_use.last > i32::from(room.most) {
        return Ok(Err(Refusal::about("seats", "fault-exam-room-smaller", in_use.last.to_string())));
    }
    if closed_for.iter().any(|paper| in_use.papers.contains(paper)) {
        return Ok(Err(Refusal::new("closed_for", "fault-exam-room-used")));
    }
    let written = sqlx::query!(
        "UPDATE exam_rooms SET name = $4, place = $5, seats = $6, most = $7, closed_for = $8
         WHERE school_id = $1 AND exam_id = $2 AND id = $3 RETURNING id",
        entrusted.school_id(),
        exam.id,
        id,
        room.name,
        room.place,
        room.seats,
        room.most,
        closed_for,
    )
    .fetch_optional(&mut *tx)
    .await;
    match written {
        Ok(changed) => changed.map(|_| ()).ok_or(Error::NotFound)?,
        Err(error) if db::violated_constraint(&error) == Some("exam_room_name_taken") => {
            return Ok(Err(Refusal::about("name", "fault-exam-room-taken", room.name.as_str())));
        }
        Err(error) => return Err(error.into()),
    }
    note(entrusted, app, &mut tx, exam.id, "rooms", 1).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Removes a room in which nobody sits.
///
/// # Errors
/// [`Error::NotFound`] where the exam has no such room.
pub async fn remove(entrusted: &Entrusted, app: &App, id: RoomId) -> Result<Result<(), Refusal>> {
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
        return Ok(Err(Refusal::new("name", "fault-exam-room-used")));
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
