//! Rooms: those that classes share, and classes' own ones.

use sqlx::PgConnection;

use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    ids::{ClassId, TimetableRoomId},
    vietnam::text,
};

/// The most rooms of a school.
pub const MOST: usize = 300;

#[derive(Clone, Debug)]
pub struct Room {
    pub id: TimetableRoomId,
    pub name: String,
    /// How many classes it holds at the same time.
    pub capacity: i16,
    pub home_class_id: Option<ClassId>,
    pub home_class: Option<String>,
}

/// The room that was typed or chosen.
#[must_use]
pub fn meant<'a>(typed: &str, rooms: &'a [Room]) -> Option<&'a Room> {
    let typed = text::clean(typed);
    let exact = |room: &&Room| room.id.to_string() == typed || room.name.to_lowercase() == typed.to_lowercase();
    let letters = text::words(&typed).concat();
    let alike = |room: &&Room| !letters.is_empty() && text::words(&room.name).concat() == letters;
    rooms.iter().find(exact).or_else(|| rooms.iter().find(alike))
}

pub async fn all(scope: &Scope, tx: &mut PgConnection) -> Result<Vec<Room>> {
    Ok(sqlx::query_as!(
        Room,
        r#"SELECT r.id, r.name, r.capacity, r.home_class_id, c.name AS "home_class?"
           FROM timetable_rooms r LEFT JOIN classes c ON c.school_id = $1 AND c.id = r.home_class_id
           WHERE r.school_id = $1 ORDER BY r.home_class_id IS NOT NULL, lower(r.name)"#,
        scope.school_id(),
    )
    .fetch_all(tx)
    .await?)
}

/// What a line of the form says of a room; without an id it is a new one, without a name it is to go.
#[derive(Clone, Debug)]
pub struct RoomLine {
    pub id: Option<TimetableRoomId>,
    pub name: String,
    pub capacity: i16,
    pub home_class_id: Option<ClassId>,
}

/// Why lines are not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoomRefusal {
    Twice(String),
    InUse(String),
    TooMany,
    /// Some version has more classes in it at a time than it would hold.
    TooSmall(String),
    /// The class whose own room it is was removed since it was chosen.
    ClassGone(String),
}

/// Writes all lines or none.
///
/// # Errors
/// [`Error::NotFound`] where a line names a room that the school does not have.
pub async fn save(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    lines: &[RoomLine],
) -> Result<std::result::Result<(), RoomRefusal>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let now = app.clock.now();
    for line in lines {
        let refusal = match line.id {
            Some(id) if line.name.is_empty() => remove(granted, &mut tx, id).await?,
            Some(id) => change(granted, &mut tx, id, line).await?,
            None => add(granted, &mut tx, app.randomness.uuid_v7(now), line).await?,
        };
        if let Some(refusal) = refusal {
            return Ok(Err(refusal));
        }
    }
    if all(granted, &mut tx).await?.len() > MOST {
        return Ok(Err(RoomRefusal::TooMany));
    }
    audit::record(granted, app, &mut tx, Event::new(AuditAction::TimetableRoomsChanged)).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

fn taken_name(error: sqlx::Error, line: &RoomLine) -> Result<Option<RoomRefusal>> {
    match crate::db::violated_constraint(&error) {
        Some("timetable_room_name_taken") => Ok(Some(RoomRefusal::Twice(line.name.clone()))),
        Some(_) => Ok(Some(RoomRefusal::ClassGone(line.name.clone()))),
        None => Err(error.into()),
    }
}

async fn add(
    scope: &Scope,
    tx: &mut PgConnection,
    id: TimetableRoomId,
    line: &RoomLine,
) -> Result<Option<RoomRefusal>> {
    let written = sqlx::query!(
        "INSERT INTO timetable_rooms (school_id, id, name, capacity, home_class_id) VALUES ($1, $2, $3, $4, $5)",
        scope.school_id(),
        id,
        line.name,
        line.capacity,
        line.home_class_id,
    )
    .execute(tx)
    .await;
    written.map_or_else(|error| taken_name(error, line), |_| Ok(None))
}

async fn change(
    scope: &Scope,
    tx: &mut PgConnection,
    id: TimetableRoomId,
    line: &RoomLine,
) -> Result<Option<RoomRefusal>> {
    let most = sqlx::query_scalar!(
        "SELECT max(room_place) FROM timetable_lessons WHERE school_id = $1 AND room_id = $2",
        scope.school_id(),
        id,
    )
    .fetch_one(&mut *tx)
    .await?;
    if most.is_some_and(|most| most > line.capacity) {
        return Ok(Some(RoomRefusal::TooSmall(line.name.clone())));
    }
    let written = sqlx::query!(
        "UPDATE timetable_rooms SET name = $3, capacity = $4, home_class_id = $5
         WHERE school_id = $1 AND id = $2 RETURNING id",
        scope.school_id(),
        id,
        line.name,
        line.capacity,
        line.home_class_id,
    )
    .fetch_optional(tx)
    .await;
    match written {
        Ok(row) => row.map(|_| None).ok_or(Error::NotFound),
        Err(error) => taken_name(error, line),
    }
}

async fn remove(scope: &Scope, tx: &mut PgConnection, id: TimetableRoomId) -> Result<Option<RoomRefusal>> {
    let room = sqlx::query!(
        r#"SELECT name, EXISTS (SELECT FROM timetable_assignments WHERE school_id = $1 AND room_id = $2)
             OR EXISTS (SELECT FROM timetable_lessons WHERE school_id = $1 AND room_id = $2) AS "is_used!"
           FROM timetable_rooms WHERE school_id = $1 AND id = $2"#,
        scope.school_id(),
        id,
    );
    let room = room.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?;
    if room.is_used {
        return Ok(Some(RoomRefusal::InUse(room.name)));
    }
    let deleted = sqlx::query!("DELETE FROM timetable_rooms WHERE school_id = $1 AND id = $2", scope.school_id(), id)
        .execute(tx)
        .await;
    match deleted {
        Ok(_) => Ok(None),
        // Assigned or placed by another request at the same moment.
        Err(error) if crate::db::violated_constraint(&error).is_some() => Ok(Some(RoomRefusal::InUse(room.name))),
        Err(error) => Err(error.into()),
    }
}
