//! The rooms of an exam.

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use super::{Frame, Opened, Step, faults as faults_of, open, papers_of, rooms_sheet, shell_of};
use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    exams::{
        actions::rooms::{self, NewRoom, RoomChange},
        closures::{self, Closure},
        model::{ExamRoom, Paper, Task},
        store,
        workbook::{self, Heading},
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

/// The most rooms that one entry makes.
const MOST_ROOMS: u32 = 200;

#[derive(Template)]
#[template(path = "exams/rooms.html")]
pub(super) struct ExamRoomsPage {
    l: Translator,
    shell: Shell,
    frame: Frame,
    rooms: Vec<ExamRoom>,
    papers: Vec<Paper>,
    form: RoomForm,
    editing: Option<RoomId>,
    faults: FormErrors,
}

impl ExamRoomsPage {
    fn seats(&self) -> i64 {
        self.rooms.iter().map(|room| i64::from(room.seats)).sum()
    }

    fn closed(&self, room: &ExamRoom) -> String {
        let papers = self.papers.iter().filter(|paper| room.closed_for.contains(&paper.id)).map(Paper::title);
        papers.chain(room.closures().iter().map(Closure::typed)).collect::<Vec<_>>().join(", ")
    }

    /// Whether any room is closed at some time: else the column of that is not shown.
    fn tells_closed(&self) -> bool {
        self.rooms.iter().any(|room| !self.closed(room).is_empty())
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
    /// Times at which it cannot be had, each in a line.
    closed_times: String,
    /// Its place among the rooms.
    order: String,
    /// Rooms as the review of a sheet has them.
    rows: Vec<String>,
}

impl RoomForm {
    fn is_closed_for(&self, id: &PaperId) -> bool {
        papers_of(&self.closed_for).contains(id)
    }

    fn of(room: &ExamRoom) -> Self {
        Self {
            name: room.name.clone(),
            place: room.place.clone(),
            seats: room.seats.to_string(),
            most: room.most.to_string(),
            closed_for: room.closed_for.iter().map(ToString::to_string).collect(),
            closed_times: closures::typed(&room.closures(), "\n"),
            ..Self::default()
        }
    }

    fn read(&self) -> Result<NewRoom, FormErrors> {
        NewRoom::read(&self.name, &self.place, &self.seats, &self.most).map_err(|found| {
            let mut faults = FormErrors::new();
            found.into_iter().for_each(|(field, key)| faults.add(field, key));
            faults
        })
    }

    /// The same, with the times and the place among the others; the papers are those of the exam.
    fn change(&self, papers: &[Paper]) -> Result<RoomChange, FormErrors> {
        let room = self.read();
        let mut faults = room.as_ref().err().cloned().unwrap_or_default();
        let closures = closures::read_all(&self.closed_times);
        if let Err(part) = &closures {
            faults.add_about("closed_times", "fault-exam-room-closed-times", part);
        }
        let place = match self.order.trim() {
            "" => Some(None),
            typed => typed.parse::<usize>().ok().filter(|place| *place > 0).map(Some),
        };
        if place.is_none() {
            faults.add("order", "fault-exam-room-order");
        }
        let (Ok(room), Ok(closures), Some(place)) = (room, closures, place) else { return Err(faults) };
        let known = |id: &PaperId| papers.iter().any(|paper| paper.id == *id);
        let closed_for = papers_of(&self.closed_for).into_iter().filter(known).collect();
        Ok(RoomChange { room, closed_for, closures, place })
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

pub(super) async fn rooms_page(
    visitor: &RequestContext,
    opened: Opened,
    form: RoomForm,
    editing: Option<RoomId>,
    faults: FormErrors,
) -> Result<ExamRoomsPage> {
    let Opened { mut tx, entrusted, exam } = opened;
    let rooms = store::rooms(&entrusted, &mut tx, exam.id).await?;
    let papers = store::papers(&entrusted, &mut tx, exam.id).await?;
    tx.commit().await?;
    Ok(ExamRoomsPage {
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

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RoomsQuery {
    file: String,
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
    Query(query): Query<RoomsQuery>,
) -> PageResult {
    let mut opened = open(&app, &granted, &exam, Some(Task::Seating)).await?;
    if query.file == "xlsx" {
        let rooms = store::rooms(&opened.entrusted, &mut opened.tx, opened.exam.id).await?;
        opened.tx.commit().await?;
        let table = crate::exams::rooms_sheet::table(&visitor.l, &rooms);
        let workbook = workbook::write(&[table], &Heading::default(), &[]).map_err(anyhow::Error::new)?;
        return Ok(page::attachment(workbook, page::XLSX, &format!("{}-rooms.xlsx", granted.school.code)));
    }
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
    let at = page.rooms.iter().position(|room| room.id == id).ok_or(Error::NotFound)?;
    let form = RoomForm { order: (at + 1).to_string(), ..RoomForm::of(&page.rooms[at]) };
    html(&ExamRoomsPage { form, ..page })
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
    if !form.rows.is_empty() {
        return rooms_sheet::confirm(&app, &visitor, opened, &form.rows).await;
    }
    let page = rooms_page(&visitor, opened, form, None, FormErrors::new()).await?;
    let names = names(&page.form.name);
    // Of many names each is short; the entry may be long.
    let read = RoomForm {
        name: names.as_ref().and_then(|names| names.first().cloned()).unwrap_or_default(),
        ..page.form.clone()
    };
    let (names, room) = match (names, read.read()) {
        (Some(names), Ok(room)) => (names, room),
        (_, Err(faults)) => return refused(&ExamRoomsPage { faults, ..page }),
        (None, Ok(_)) => {
            return refused(&ExamRoomsPage { faults: FormErrors::one("name", "fault-exam-room-name"), ..page });
        }
    };
    match rooms::add(&entrusted, &app, &names, &room).await? {
        Ok(count) => {
            let to = paths::ExamRooms::of(&granted.school.code, entrusted.exam_id).with("done", "exam-rooms-added");
            Ok(page::redirect(to.with("n", count).to_string()))
        }
        Err(refusal) => refused(&ExamRoomsPage { faults: faults_of(refusal), ..page }),
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
    let change = match page.form.change(&page.papers) {
        Ok(change) => change,
        Err(faults) => return refused(&ExamRoomsPage { faults, ..page }),
    };
    match rooms::change(&entrusted, &app, id, &change).await? {
        Ok(()) => {
            let to = paths::ExamRooms::of(&granted.school.code, entrusted.exam_id).with("done", "exam-room-changed");
            Ok(page::redirect(to.to_string()))
        }
        Err(refusal) => refused(&ExamRoomsPage { faults: faults_of(refusal), ..page }),
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
        Err(refusal) => refused(&ExamRoomsPage { faults: faults_of(refusal), ..page }),
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
