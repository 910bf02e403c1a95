//! The table of rooms.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    ids::TimetableRoomId,
    paths,
    schools::classes::{self, Class},
    shell::{self, MenuPage},
    timetable::rooms::{self, RoomLine, RoomRefusal},
    vietnam::{class_name, text},
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

/// Empty lines below the table, for new rooms.
const NEW_LINES: usize = 4;

#[derive(Template)]
#[template(path = "timetable/rooms.html")]
struct RoomsPage {
    l: Translator,
    shell: Shell,
    code: String,
    lines: Vec<TypedRoom>,
    classes: Vec<Class>,
    faults: FormErrors,
}

impl RoomsPage {
    /// The address of a room's week.
    fn week(&self, line: &TypedRoom) -> String {
        let id = line.id.parse::<TimetableRoomId>().unwrap_or_default();
        paths::TimetableOfRoom::of(&self.code, id).to_string()
    }
}

/// A line as typed.
#[derive(Clone, Debug, Default)]
struct TypedRoom {
    id: String,
    name: String,
    capacity: String,
    class: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RoomsForm {
    id: Vec<String>,
    name: Vec<String>,
    capacity: Vec<String>,
    class: Vec<String>,
}

impl RoomsForm {
    fn lines(&self) -> Vec<TypedRoom> {
        let at = |of: &[String], index: usize| of.get(index).map(|text| text::clean(text)).unwrap_or_default();
        let line = |index: usize| TypedRoom {
            id: at(&self.id, index),
            name: at(&self.name, index),
            capacity: at(&self.capacity, index),
            class: at(&self.class, index),
        };
        (0..self.name.len()).map(line).collect()
    }
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let rooms = rooms::all(&granted, &mut tx).await?;
    let year = super::year(&granted, &mut tx, app.clock.today()).await?;
    let classes = classes::of_year(&granted, &mut tx, year.id).await?;
    tx.commit().await?;
    let line = |room: rooms::Room| TypedRoom {
        id: room.id.to_string(),
        name: room.name,
        capacity: room.capacity.to_string(),
        class: room.home_class.unwrap_or_default(),
    };
    let lines = rooms.into_iter().map(line).chain(vec![TypedRoom::default(); NEW_LINES]).collect();
    html(&rooms_page(&visitor, &granted, lines, classes, FormErrors::new()))
}

pub async fn save(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Form(form): Form<RoomsForm>,
) -> PageResult {
    let lines = form.lines();
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = super::year(&granted, &mut tx, app.clock.today()).await?;
    let classes = classes::of_year(&granted, &mut tx, year.id).await?;
    tx.commit().await?;
    let faults = match read(&lines, &classes)? {
        Ok(read) => match rooms::save(&granted, &app, &read).await? {
            Ok(()) => {
                let to = paths::TimetableRooms::of(&granted.school.code).with("done", "timetable-rooms");
                return Ok(page::redirect(to.to_string()));
            }
            Err(refusal) => refusal_of(&lines, &refusal),
        },
        Err(faults) => faults,
    };
    refused(&rooms_page(&visitor, &granted, lines, classes, faults))
}

fn refusal_of(lines: &[TypedRoom], refusal: &RoomRefusal) -> FormErrors {
    let line_of = |name: &str| lines.iter().rposition(|line| line.name == name).unwrap_or_default();
    let mut faults = FormErrors::new();
    match refusal {
        RoomRefusal::Twice(name) => {
            faults.add_about(format!("name-{}", line_of(name)), "fault-timetable-room-twice", name.as_str());
        }
        RoomRefusal::InUse(name) => {
            let line = lines.iter().position(|line| !line.id.is_empty() && line.name.is_empty()).unwrap_or_default();
            faults.add_about(format!("name-{line}"), "fault-timetable-room-used", name.as_str());
        }
        RoomRefusal::TooSmall(name) => {
            faults.add_about(format!("capacity-{}", line_of(name)), "fault-timetable-room-small", name.as_str());
        }
        RoomRefusal::ClassGone(name) => faults.add(format!("class-{}", line_of(name)), "fault-timetable-gone"),
        RoomRefusal::TooMany => faults.add("name-0", "fault-timetable-rooms-many"),
    }
    faults
}

fn read(lines: &[TypedRoom], classes: &[Class]) -> Result<std::result::Result<Vec<RoomLine>, FormErrors>> {
    let (mut faults, mut read) = (FormErrors::new(), Vec::new());
    for (number, line) in lines.iter().enumerate() {
        if line.name.is_empty() && line.id.is_empty() {
            continue;
        }
        let id = if line.id.is_empty() { None } else { Some(line.id.parse().map_err(|_| Error::NotFound)?) };
        if line.name.chars().count() > 50 {
            faults.add(format!("name-{number}"), "fault-timetable-room-name");
        }
        let capacity = match line.capacity.as_str() {
            "" => Some(1),
            typed => typed.parse().ok().filter(|capacity| (1..=20).contains(capacity)),
        };
        let capacity = capacity.unwrap_or_else(|| {
            faults.add(format!("capacity-{number}"), "fault-timetable-room-capacity");
            1
        });
        let wanted = class_name::normalise(&line.class);
        let class =
            classes.iter().find(|class| Some(&class.name) == wanted.as_ref() || class.id.to_string() == line.class);
        if class.is_none() && !line.class.is_empty() {
            faults.add_about(format!("class-{number}"), "fault-timetable-class", line.class.as_str());
        }
        let home_class_id = class.map(|class| class.id);
        read.push(RoomLine { id, name: line.name.clone(), capacity, home_class_id });
    }
    if read.is_empty() && faults.is_empty() {
        faults.add("name-0", "fault-timetable-nothing");
    }
    Ok(faults.or_ok(read))
}

fn rooms_page(
    visitor: &RequestContext,
    granted: &Granted<may::ManageTimetable>,
    lines: Vec<TypedRoom>,
    classes: Vec<Class>,
    faults: FormErrors,
) -> RoomsPage {
    RoomsPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Timetable),
        code: granted.school.code.clone(),
        lines,
        classes,
        faults,
    }
}
