//! The format of FET (https://lalescu.ro/liviu/fet/, version 6): a problem as its file, and its answer read back.
//!
//! FET knows days and hours. Each of our mornings and afternoons is one of its days, so that lessons of a class follow one
//! another within a session, and a teacher's days are sessions. Names carry a number of ours, since FET tells things apart
//! by them; people read what stands before it.

mod answer;
mod blame;
mod time;
mod timed;

use std::fmt::Write as _;

pub use answer::{UnreadableAnswer, read_answer};
pub use blame::{Blamed, blamed};
pub use timed::write_timed;

use super::problem::{Index, Need, Problem};
use crate::timetable::model::{DAYS, Session, Slot};

/// The version of the format that is written.
const VERSION: &str = "6.8.5";

/// A block that is to be placed, or a lesson that has a time: an activity of FET, numbered from 1 in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activity {
    pub class: Index,
    pub subject: Index,
    pub teacher: Option<Index>,
    pub room: Option<Index>,
    pub duration: i16,
    /// Where it stands.
    pub at: Option<Slot>,
    /// It stays there.
    pub is_locked: bool,
}

/// The activities of a problem, in their order.
#[must_use]
pub fn activities(problem: &Problem) -> Vec<Activity> {
    let blocks = problem.blocks().into_iter().filter_map(|block| {
        let need: &Need = problem.needs.get(block.need)?;
        Some(Activity {
            class: need.class,
            subject: need.subject,
            teacher: need.teacher,
            room: need.room,
            duration: block.duration,
            at: None,
            is_locked: false,
        })
    });
    let locked = problem.locked.iter().map(|lesson| Activity {
        class: lesson.class,
        subject: lesson.subject,
        teacher: lesson.teacher,
        room: lesson.room,
        duration: 1,
        at: Some(lesson.slot),
        is_locked: true,
    });
    blocks.chain(locked).collect()
}

/// The days of FET: our days by sessions, as far as the school has them.
fn days(problem: &Problem) -> Vec<(i16, Session)> {
    let has = |session: &Session| problem.periods.iter().any(|(each, _)| each == session);
    DAYS.into_iter().flat_map(|day| Session::ALL.into_iter().filter(has).map(move |session| (day, session))).collect()
}

fn hours(problem: &Problem) -> i16 {
    problem.periods.iter().map(|(_, period)| *period).max().unwrap_or(1)
}

/// `Thứ 2 sáng`: what people of a school read in FET's own window.
fn day_name((day, session): (i16, Session)) -> String {
    let session = match session {
        Session::Morning => "sáng",
        Session::Afternoon => "chiều",
    };
    format!("Thứ {} {session}", day + 1)
}

fn hour_name(period: i16) -> String {
    format!("Tiết {period}")
}

/// A name of its own: two teachers may be called the same.
fn own_name(name: &str, number: usize) -> String {
    format!("{name} #{}", number + 1)
}

/// The name of one place of a room.
fn place_name(problem: &Problem, room: Index, place: i16) -> String {
    let Some(of) = problem.rooms.get(room) else { return String::new() };
    if of.capacity <= 1 { own_name(&of.name, room) } else { format!("{} ({place})", own_name(&of.name, room)) }
}

struct Writer(String);

impl Writer {
    fn open(&mut self, tag: &str) {
        let _ = writeln!(self.0, "<{tag}>");
    }

    fn close(&mut self, tag: &str) {
        let _ = writeln!(self.0, "</{tag}>");
    }

    fn put(&mut self, tag: &str, text: impl std::fmt::Display) {
        let text = text.to_string();
        let text = quick_xml::escape::escape(text.as_str());
        let _ = writeln!(self.0, "<{tag}>{text}</{tag}>");
    }

    /// A constraint with its weight, as all of them are.
    fn constraint(&mut self, name: &str, weight: &str, body: impl FnOnce(&mut Self)) {
        self.open(name);
        self.put("Weight_Percentage", weight);
        body(self);
        self.put("Active", "true");
        self.put("Comments", "");
        self.close(name);
    }

    fn time(&mut self, tag: &str, prefix: &str, day: (i16, Session), period: i16) {
        self.open(tag);
        self.put(&format!("{prefix}Day"), day_name(day));
        self.put(&format!("{prefix}Hour"), hour_name(period));
        self.close(tag);
    }
}

/// The problem as a file of FET.
#[must_use]
pub fn write(problem: &Problem) -> String {
    written(problem, &activities(problem))
}

fn written(problem: &Problem, activities: &[Activity]) -> String {
    let mut out = Writer(String::with_capacity(activities.len() * 600));
    let _ = write!(out.0, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\n<fet version=\"{VERSION}\">\n\n");
    out.put("Mode", "Official");
    out.put("Institution_Name", &problem.name);
    out.put("Comments", "");
    frame(&mut out, problem);
    people(&mut out, problem);
    lessons(&mut out, problem, activities);
    rooms(&mut out, problem);
    time::write(&mut out, problem, activities);
    space(&mut out, problem, activities);
    out.0.push_str("<Timetable_Generation_Options_List>\n</Timetable_Generation_Options_List>\n\n</fet>\n");
    out.0
}

fn frame(out: &mut Writer, problem: &Problem) {
    let days = days(problem);
    out.open("Days_List");
    out.put("Number_of_Days", days.len());
    for day in days {
        out.open("Day");
        out.put("Name", day_name(day));
        out.close("Day");
    }
    out.close("Days_List");
    out.open("Hours_List");
    out.put("Number_of_Hours", hours(problem));
    for period in 1..=hours(problem) {
        out.open("Hour");
        out.put("Name", hour_name(period));
        out.close("Hour");
    }
    out.close("Hours_List");
}

fn people(out: &mut Writer, problem: &Problem) {
    out.open("Subjects_List");
    for (number, subject) in problem.subjects.iter().enumerate() {
        out.open("Subject");
        out.put("Name", own_name(&subject.name, number));
        out.put("Comments", "");
        out.close("Subject");
    }
    out.close("Subjects_List");
    out.0.push_str("<Activity_Tags_List>\n</Activity_Tags_List>\n");
    out.open("Teachers_List");
    for (number, teacher) in problem.teachers.iter().enumerate() {
        out.open("Teacher");
        out.put("Name", own_name(&teacher.name, number));
        out.put("Target_Number_of_Hours", 0);
        out.0.push_str("<Qualified_Subjects>\n</Qualified_Subjects>\n");
        out.put("Comments", "");
        out.close("Teacher");
    }
    out.close("Teachers_List");
    out.open("Students_List");
    for (number, class) in problem.classes.iter().enumerate() {
        out.open("Year");
        out.put("Name", own_name(&class.name, number));
        out.put("Number_of_Students", 0);
        out.put("Comments", "");
        out.put("Number_of_Categories", 0);
        out.put("Separator", " ");
        out.close("Year");
    }
    out.close("Students_List");
}

fn lessons(out: &mut Writer, problem: &Problem, activities: &[Activity]) {
    out.open("Activities_List");
    for (number, activity) in activities.iter().enumerate() {
        out.open("Activity");
        if let Some(teacher) =
            activity.teacher.and_then(|teacher| Some(own_name(&problem.teachers.get(teacher)?.name, teacher)))
        {
            out.put("Teacher", teacher);
        }
        out.put(
            "Subject",
            problem
                .subjects
                .get(activity.subject)
                .map(|subject| own_name(&subject.name, activity.subject))
                .unwrap_or_default(),
        );
        out.put(
            "Students",
            problem.classes.get(activity.class).map(|class| own_name(&class.name, activity.class)).unwrap_or_default(),
        );
        out.put("Duration", activity.duration);
        out.put("Total_Duration", activity.duration);
        out.put("Id", number + 1);
        out.put("Activity_Group_Id", 0);
        out.put("Active", "true");
        out.put("Comments", "");
        out.close("Activity");
    }
    out.close("Activities_List");
}

fn rooms(out: &mut Writer, problem: &Problem) {
    out.0.push_str("<Buildings_List>\n</Buildings_List>\n");
    out.open("Rooms_List");
    for (number, room) in problem.rooms.iter().enumerate() {
        for place in 1..=room.capacity {
            out.open("Room");
            out.put("Name", place_name(problem, number, place));
            out.put("Building", "");
            out.put("Capacity", 30_000);
            out.put("Virtual", "false");
            out.put("Comments", "");
            out.close("Room");
        }
    }
    out.close("Rooms_List");
}

fn space(out: &mut Writer, problem: &Problem, activities: &[Activity]) {
    out.open("Space_Constraints_List");
    out.constraint("ConstraintBasicCompulsorySpace", "100", |_| {});
    for (number, activity) in activities.iter().enumerate() {
        let Some((room, of)) = activity.room.and_then(|room| Some((room, problem.rooms.get(room)?))) else { continue };
        if of.capacity <= 1 {
            out.constraint("ConstraintActivityPreferredRoom", "100", |out| {
                out.put("Activity_Id", number + 1);
                out.put("Room", place_name(problem, room, 1));
                out.put("Permanently_Locked", "true");
            });
        } else {
            out.constraint("ConstraintActivityPreferredRooms", "100", |out| {
                out.put("Activity_Id", number + 1);
                out.put("Number_of_Preferred_Rooms", of.capacity);
                for place in 1..=of.capacity {
                    out.put("Preferred_Room", place_name(problem, room, place));
                }
            });
        }
    }
    out.close("Space_Constraints_List");
}
