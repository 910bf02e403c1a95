//! Files of FET (`.fet`): what is to be taught, and the lessons that have a time. The file that FET writes with its answer
//! (`…_data_and_timetable.fet`) has one for each.

use std::collections::BTreeMap;

use super::{FoundLesson, FoundNeed, LONGEST, Read, places, xml::Element};
use crate::{
    timetable::model::{Session, Slot},
    vietnam,
};

/// Reads the tree of a file.
#[must_use]
pub fn read(root: &Element, morning: i16) -> Read {
    let times = Times::of(root, morning);
    let (at, rooms) = (times_of_activities(root), rooms_of_activities(root));
    let mut read = Read::default();
    let mut needs: BTreeMap<(String, String, String), (i16, i16)> = BTreeMap::new();
    for activity in root.listed("Activities_List", "Activity") {
        if activity.text_of("Active") == "false" {
            continue;
        }
        let id = activity.text_of("Id");
        let subject = plain(activity.text_of("Subject"));
        let teacher = activity.one("Teacher").map(|teacher| plain(&teacher.text)).unwrap_or_default();
        let duration: i16 =
            activity.text_of("Duration").parse().ok().filter(|length| (1..=12).contains(length)).unwrap_or(1);
        let begins = at.get(id).map(|(day, hour)| times.slot(day, hour));
        if let Some(None) = begins {
            read.strange(
                0,
                &format!("{id}: {}", at.get(id).map(|(day, hour)| format!("{day}, {hour}")).unwrap_or_default()),
            );
        }
        for class in activity.all("Students").map(|class| plain(&class.text)).filter(|class| !class.is_empty()) {
            if !teacher.is_empty() {
                let need = needs.entry((class.clone(), subject.clone(), teacher.clone())).or_default();
                need.0 = need.0.saturating_add(duration);
                need.1 = need.1.saturating_add(i16::from(duration == 2));
            }
            let Some(slot) = begins.flatten() else { continue };
            if read.is_full() {
                return read;
            }
            for step in 0..duration {
                let slot = Slot { period: slot.period + step, ..slot };
                read.lessons.push(FoundLesson {
                    class: class.clone(),
                    at: slot.key(),
                    subject: subject.clone(),
                    teacher: Some(teacher.clone()),
                    room: rooms.get(id).cloned(),
                });
            }
        }
    }
    read.needs = needs
        .into_iter()
        .map(|((class, subject, teacher), (periods, doubles))| FoundNeed { class, subject, teacher, periods, doubles })
        .collect();
    read
}

/// A name without the number that our own files give it ("Lê Thị Hoa #12", "Nhà đa năng #3 (2)"), for FET to tell two
/// of the same name apart; or that of VEMIS, the ministry's old program ("Yến_(10909510_000019)").
#[must_use]
pub fn plain(name: &str) -> String {
    let name = vietnam::text::clean(name);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let without_place = match name.strip_suffix(')').and_then(|name| name.rsplit_once(" (")) {
        Some((before, place)) if is_number(place) && before.contains(" #") => before,
        _ => &name,
    };
    let of_vemis = name.strip_suffix(')').and_then(|name| name.rsplit_once("_("));
    if let Some((own, _)) = of_vemis.filter(|(own, number)| !own.is_empty() && is_number(&number.replace('_', ""))) {
        return own.trim_end().chars().take(LONGEST).collect();
    }
    let own = without_place.rsplit_once(" #").filter(|(_, number)| is_number(number)).map(|(own, _)| own);
    own.unwrap_or(&name).chars().take(LONGEST).collect()
}

/// When each activity begins, by its number: the day and the hour as the file calls them.
fn times_of_activities(root: &Element) -> BTreeMap<&str, (&str, &str)> {
    root.listed("Time_Constraints_List", "ConstraintActivityPreferredStartingTime")
        .into_iter()
        .filter(|constraint| constraint.text_of("Active") != "false")
        .map(|constraint| {
            let day = constraint.one("Preferred_Day").or_else(|| constraint.one("Day"));
            let hour = constraint.one("Preferred_Hour").or_else(|| constraint.one("Hour"));
            (constraint.text_of("Activity_Id"), (text(day), text(hour)))
        })
        .collect()
}

fn text(of: Option<&Element>) -> &str {
    of.map_or("", |of| of.text.trim())
}

fn rooms_of_activities(root: &Element) -> BTreeMap<&str, String> {
    let constraints = root.listed("Space_Constraints_List", "ConstraintActivityPreferredRoom");
    constraints
        .into_iter()
        .map(|constraint| (constraint.text_of("Activity_Id"), plain(constraint.text_of("Room"))))
        .collect()
}

/// The days and hours of a file, by their names.
struct Times {
    days: BTreeMap<String, (i16, Option<Session>)>,
    hours: BTreeMap<String, (Option<Session>, i16)>,
    morning: i16,
}

impl Times {
    fn of(root: &Element, morning: i16) -> Self {
        let names = |list: &str, element: &str| -> Vec<String> {
            root.listed(list, element).into_iter().map(|each| each.text_of("Name").to_owned()).collect()
        };
        // What is not named as days and hours are here goes by its place.
        let day =
            |(place, name): (i16, &String)| (name.clone(), (places::day(name).unwrap_or(place), places::session(name)));
        let hour = |(place, name): (i16, &String)| (name.clone(), places::period(name).unwrap_or((None, place)));
        Self {
            days: (1..).zip(&names("Days_List", "Day")).map(day).collect(),
            hours: (1..).zip(&names("Hours_List", "Hour")).map(hour).collect(),
            morning,
        }
    }

    fn slot(&self, day: &str, hour: &str) -> Option<Slot> {
        let ((day, of_day), (of_hour, number)) = (*self.days.get(day)?, *self.hours.get(hour)?);
        places::slot(day, of_hour.or(of_day), number, self.morning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timetable::{
        imports::xml,
        solver::{
            fet,
            problem::{Class, Need, Placed, Problem, Room, Subject, Teacher},
        },
    };

    #[test]
    fn our_own_file_is_read_back() {
        let slot = |period| Slot { day: 2, session: Session::Afternoon, period };
        let lesson = |period| Placed { class: 0, slot: slot(period), subject: 0, teacher: Some(0), room: Some(0) };
        let problem = Problem {
            name: "Trường & <thử>".to_owned(),
            periods: Session::ALL
                .into_iter()
                .flat_map(|session| (1..=5).map(move |period| (session, period)))
                .collect(),
            teachers: vec![Teacher { name: "Lê Thị Hoa".to_owned(), ..Teacher::default() }],
            classes: vec![Class { name: "10A1".to_owned(), ..Class::default() }],
            subjects: vec![Subject { name: "GDKT-PL".to_owned(), is_heavy: false }],
            rooms: vec![Room { name: "Nhà đa năng".to_owned(), capacity: 1 }],
            needs: vec![Need { class: 0, subject: 0, teacher: Some(0), periods: 4, doubles: 1, room: Some(0) }],
            locked: vec![lesson(4), lesson(5)],
        };
        let read = read(&xml::parse(fet::write(&problem).as_bytes()).unwrap(), 5);
        let found: Vec<(&str, &str, &str)> =
            read.lessons.iter().map(|each| (each.class.as_str(), each.at.as_str(), each.subject.as_str())).collect();
        assert_eq!(found, [("10A1", "2-afternoon-4", "GDKT-PL"), ("10A1", "2-afternoon-5", "GDKT-PL")]);
        assert!(read.lessons.iter().all(|each| each.teacher.as_deref() == Some("Lê Thị Hoa")));
        assert!(read.lessons.iter().all(|each| each.room.as_deref() == Some("Nhà đa năng")));
        let need = FoundNeed {
            class: "10A1".to_owned(),
            subject: "GDKT-PL".to_owned(),
            teacher: "Lê Thị Hoa".to_owned(),
            periods: 4,
            doubles: 1,
        };
        assert_eq!((read.needs, read.strange), (vec![need], vec![]));
    }

    #[test]
    fn numbers_of_ours_go_and_others_stay() {
        for (name, expected) in [
            ("Lê Thị Hoa #12", "Lê Thị Hoa"),
            ("Nhà đa năng #3 (2)", "Nhà đa năng"),
            ("Phòng (2)", "Phòng (2)"),
            ("Yến _(10909510_000019)", "Yến"),
            ("Tổ_(Sử)", "Tổ_(Sử)"),
            ("C#", "C#"),
        ] {
            assert_eq!(plain(name), expected);
        }
    }
}
