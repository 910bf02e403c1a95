//! The rooms of an exam.

use askama::Template;
use axum::extract::{Path, State};
use serde::Deserialize;

use super::{Frame, Opened, Step, faults as faults_of, open, papers_of, shell_of};
use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    exams::{
        actions::rooms::{self, NewRoom},
        model::{Paper, Room, Task},
        store,
    },
    ids::{PaperId, RoomId},
    paths,
    vietnam::text,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

/// How many more than its seats the last room may hold, unless the form says otherwise.
const MORE_IN_THE_LAST: i16 = 4;

/// The most rooms that one entry makes.
const MOST_ROOMS: u32 = 200;

#[derive(Template)]
#[template(path = "exams/rooms.html")]
struct RoomsPage {
    l: Translator,
    shell: Shell,
    frame: Frame,
    rooms: Vec<Room>,
    papers: Vec<Paper>,
    form: RoomForm,
    editing: Option<RoomId>,
    faults: FormErrors,
}

impl RoomsPage {
    fn seats(&self) -> i64 {
        self.rooms.iter().map(|room| i64::from(room.seats)).sum()
    }

    fn closed(&self, room: &Room) -> String {
        let papers = self.papers.iter().filter(|paper| room.closed_for.contains(&paper.id));
        papers.map(|paper| paper.title()).collect::<Vec<_>>().join(", ")
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RoomForm {
    name: String,
    place: String,
    seats: String,
    most: String,
    closed_for: Vec<String>,
}

impl RoomForm {
    fn is_closed_for(&self, id: &PaperId) -> bool {
        papers_of(&self.closed_for).contains(id)
    }

    fn of(room: &Room) -> Self {
        Self {
            name: room.name.clone(),
            place: room.place.clone(),
            seats: room.seats.to_string(),
            most: room.most.to_string(),
            closed_for: room.closed_for.iter().map(ToString::to_string).collect(),
        }
    }

    fn read(&self) -> Result<NewRoom, FormErrors> {
        let mut faults = FormErrors::new();
        let (name, place) = (text::clean(&self.name), text::clean(&self.place));
        if name.is_empty() || name.chars().count() > 40 {
            faults.add("name", "fault-exam-room-name");
        }
        if place.chars().count() > 100 {
            faults.add("place", "fault-exam-room-place");
        }
        let number = |typed: &str| typed.trim().parse::<i16>().ok();
        let seats = if self.seats.trim().is_empty() { Some(24) } else { number(&self.seats) };
        let seats = seats.filter(|seats| (1..=200).contains(seats));
        if seats.is_none() {
            faults.add("seats", "fault-exam-room-seats");
        }
        let seats = seats.unwrap_or(24);
        let most = if self.most.trim().is_empty() { Some(seats + MORE_IN_THE_LAST) } else { number(&self.most) };
        let most = most.filter(|most| (seats..=seats + 20).contains(most));
        if most.is_none() {
            faults.add("most", "fault-exam-room-most");
        }
        let most = most.unwrap_or(seats);
        faults.or_ok(NewRoom { name, place, seats, most })
    }
}

/// One name, or many: Phòng 01-20 is twenty rooms, P1, P2 two.
fn names(typed: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for part in typed.split([',', ';']).map(text::clean).filter(|part| !part.is_empty()) {
        let range = part.rsplit_once(['-', '–']).and_then(|(from, to)| {
            let digits = from.trim_end().chars().rev().take_while(char::is_ascii_digit).count();
            let (stem, first) = from.trim_end().split_at(from.trim_end().len() - digits);
            let (start, end) = (first.parse::<u32>().ok()?, to.trim().parse::<u32>().ok()?);
            (start < end).then(|| (stem.to_owned(), first.len(), start, end))
        });
        match range {
            Some((_, _, start, end)) if end - start >= MOST_ROOMS => return None,
            Some((stem, width, start, end)) => names.extend((start..=end).map(|each| format!("{stem}{each:0width$}"))),
            None => names.push(part),
        }
    }
    let is_fine = !names.is_empty()
        && names.len() <= usize::try_from(MOST_ROOMS).unwrap_or(usize::MAX)
        && names.iter().all(|name| name.chars().count() <= 40);
    is_fine.then_some(names)
}

async fn rooms_page(
    visitor: &RequestContext,
    opened: Opened,
    form: RoomForm,
    editing: Option<RoomId>,
    faults: FormErrors,
) -> Result<RoomsPage> {
    let Opened { mut tx, entrusted, exam } = opened;
    let rooms = store::rooms(&entrusted, &mut tx, exam.id).await?;
    let papers = store::papers(&entrusted, &mut tx, exam.id).await?;
    tx.commit().await?;
    Ok(RoomsPage {
        l: visitor.l,
        shell: shell_of(visitor, &entrusted),
        frame: Frame::new(&entrusted, exam, Step::Rooms),
        rooms,
        papers,
        form,
        editing,
        faults,
    })
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, Some(Task::Seating)).await?;
    let form = RoomForm { seats: "24".to_owned(), ..RoomForm::default() };
    html(&rooms_page(&visitor, opened, form, None, FormErrors::new()).await?)
}

pub async fn edit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam, room)): Path<(String, String, String)>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, Some(Task::Seating)).await?;
    let id: RoomId = room.parse().map_err(|_| Error::NotFound)?;
    let page = rooms_page(&visitor, opened, RoomForm::default(), Some(id), FormErrors::new()).await?;
    let form = page.rooms.iter().find(|room| room.id == id).map(RoomForm::of).ok_or(Error::NotFound)?;
    html(&RoomsPage { form, ..page })
}

pub async fn add(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
    Form(form): Form<RoomForm>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, Some(Task::Seating)).await?;
    let entrusted = opened.entrusted.clone();
    let page = rooms_page(&visitor, opened, form, None, FormErrors::new()).await?;
    let names = names(&page.form.name);
    // Of many names each is short; the entry may be long.
    let read = RoomForm {
        name: names.as_ref().and_then(|names| names.first().cloned()).unwrap_or_default(),
        ..page.form.clone()
    };
    let (names, room) = match (names, read.read()) {
        (Some(names), Ok(room)) => (names, room),
        (_, Err(faults)) => return refused(&RoomsPage { faults, ..page }),
        (None, Ok(_)) => {
            return refused(&RoomsPage { faults: FormErrors::one("name", "fault-exam-room-name"), ..page });
        }
    };
    match rooms::add(&entrusted, &app, &names, &room).await? {
        Ok(count) => {
            let to = paths::ExamRooms::of(&granted.school.code, entrusted.exam_id).with("done", "exam-rooms-added");
            Ok(page::redirect(to.with("n", count).to_string()))
        }
        Err(refusal) => refused(&RoomsPage { faults: faults_of(refusal), ..page }),
    }
}

pub async fn change(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam, room)): Path<(String, String, String)>,
    Form(form): Form<RoomForm>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, Some(Task::Seating)).await?;
    let entrusted = opened.entrusted.clone();
    let id: RoomId = room.parse().map_err(|_| Error::NotFound)?;
    let page = rooms_page(&visitor, opened, form, Some(id), FormErrors::new()).await?;
    if !page.rooms.iter().any(|room| room.id == id) {
        return Err(Error::NotFound);
    }
    let room = match page.form.read() {
        Ok(room) => room,
        Err(faults) => return refused(&RoomsPage { faults, ..page }),
    };
    let known = |id: &PaperId| page.papers.iter().any(|paper| paper.id == *id);
    let closed: Vec<PaperId> = papers_of(&page.form.closed_for).into_iter().filter(known).collect();
    match rooms::change(&entrusted, &app, id, &room, &closed).await? {
        Ok(()) => {
            let to = paths::ExamRooms::of(&granted.school.code, entrusted.exam_id).with("done", "exam-room-changed");
            Ok(page::redirect(to.to_string()))
        }
        Err(refusal) => refused(&RoomsPage { faults: faults_of(refusal), ..page }),
    }
}

pub async fn remove(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam, room)): Path<(String, String, String)>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, Some(Task::Seating)).await?;
    let entrusted = opened.entrusted.clone();
    let id: RoomId = room.parse().map_err(|_| Error::NotFound)?;
    let page = rooms_page(&visitor, opened, RoomForm::default(), None, FormErrors::new()).await?;
    match rooms::remove(&entrusted, &app, id).await? {
        Ok(()) => {
            let to = paths::ExamRooms::of(&granted.school.code, entrusted.exam_id).with("done", "exam-room-removed");
            Ok(page::redirect(to.to_string()))
        }
        Err(refusal) => refused(&RoomsPage { faults: faults_of(refusal), ..page }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_names_many_rooms() {
        assert_eq!(names("Phòng 09-11").unwrap(), ["Phòng 09", "Phòng 10", "Phòng 11"]);
        assert_eq!(names("P1, P3-4; Hội trường").unwrap(), ["P1", "P3", "P4", "Hội trường"]);
        assert_eq!(names("A2-B").unwrap(), ["A2-B"]);
        assert_eq!(names("1-9999"), None);
        assert_eq!(names(" , "), None);
    }
}
