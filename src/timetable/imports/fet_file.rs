//! Files of FET (`.fet`): what is to be taught, and the lessons that have a time. The file that FET writes with its answer
//! (`…_data_and_timetable.fet`) has one for each.

use std::collections::BTreeMap;

use super::{FoundLesson, FoundNeed, LONGEST, ParsedFile, places, xml::Element};
use crate::{
    timetable::model::{Session, Slot},
    vietnam,
};

/// How many days and hours of a file count.
const MOST_PLACES: i16 = 1_000;

/// Reads the tree of a file.
#[must_use]
pub fn read(root: &Element, morning: i16) -> ParsedFile {
    let times = Times::of(root, morning);
    let (at, rooms) = (times_of_activities(root), rooms_of_activities(root));
    // A file that says rooms says of all other lessons that they have none.
    let no_room = (!rooms.is_empty()).then(String::new);
    let mut read = ParsedFile::default();
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
        let time = at.get(id);
        let slots: Vec<Option<Slot>> = time.map(|time| times.slots(time, duration)).unwrap_or_default();
        if let (Some(time), true) = (time, slots.contains(&None)) {
            read.strange(0, &format!("{id}: {subject}, {}, {} ({duration})", time.day, time.hour));
        }
        for class in activity.all("Students").map(|class| plain(&class.text)).filter(|class| !class.is_empty()) {
            if !teacher.is_empty() {
                let need = needs.entry((class.clone(), subject.clone(), teacher.clone())).or_default();
                need.0 = need.0.saturating_add(duration);
                need.1 = need.1.saturating_add(i16::from(duration == 2));
            }
            if read.is_full() {
                return read;
            }
            for slot in slots.iter().flatten() {
                read.lessons.push(FoundLesson {
                    class: class.clone(),
                    at: slot.key(),
                    subject: subject.clone(),
                    teacher: Some(teacher.clone()),
                    room: rooms.get(id).cloned().or_else(|| no_room.clone()),
                    is_locked: time.is_some_and(|time| time.is_locked),
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

/// When an activity begins: the day and the hour as the file calls them.
#[derive(Clone, Copy, Debug)]
struct Time<'a> {
    day: &'a str,
    hour: &'a str,
    is_locked: bool,
}

/// When each activity begins, by its number.
fn times_of_activities(root: &Element) -> BTreeMap<&str, Time<'_>> {
    root.listed("Time_Constraints_List", "ConstraintActivityPreferredStartingTime")
        .into_iter()
        .filter(|constraint| constraint.text_of("Active") != "false")
        .map(|constraint| {
            let day = constraint.one("Preferred_Day").or_else(|| constraint.one("Day"));
            let hour = constraint.one("Preferred_Hour").or_else(|| constraint.one("Hour"));
            let is_locked = constraint.text_of("Permanently_Locked") == "true";
            (constraint.text_of("Activity_Id"), Time { day: text(day), hour: text(hour), is_locked })
        })
        .collect()
}

fn text(of: Option<&Element>) -> &str {
    of.map_or("", |of| of.text.trim())
}

/// The room of each activity. Where a file leaves the choice between several of the same name, they are the places of
/// one room that holds several classes.
fn rooms_of_activities(root: &Element) -> BTreeMap<&str, String> {
    let chosen = root.listed("Space_Constraints_List", "ConstraintActivityPreferredRooms");
    let chosen = chosen.into_iter().filter_map(|constraint| {
        let mut rooms = constraint.all("Preferred_Room").map(|room| plain(&room.text));
        let first = rooms.next()?;
        rooms.all(|room| room == first).then(|| (constraint.text_of("Activity_Id"), first))
    });
    let fixed = root.listed("Space_Constraints_List", "ConstraintActivityPreferredRoom");
    let fixed =
        fixed.into_iter().map(|constraint| (constraint.text_of("Activity_Id"), plain(constraint.text_of("Room"))));
    chosen.chain(fixed).collect()
}

/// The days and hours of a file, by their names.
struct Times {
    days: BTreeMap<String, (i16, Option<Session>)>,
    /// In their order.
    hours: Vec<(String, (Option<Session>, i16))>,
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
            days: (1..=MOST_PLACES).zip(&names("Days_List", "Day")).map(day).collect(),
            hours: (1..=MOST_PLACES).zip(&names("Hours_List", "Hour")).map(hour).collect(),
            morning,
        }
    }

    /// The slots of an activity, hour by hour; none for an hour that no school has.
    fn slots(&self, time: &Time<'_>, duration: i16) -> Vec<Option<Slot>> {
        let begins = self.hours.iter().position(|(name, _)| name == time.hour);
        let slot = |step: usize| {
            let (day, of_day) = *self.days.get(time.day)?;
            let (_, (of_hour, number)) = self.hours.get(begins? + step)?;
            places::slot(day, of_hour.or(of_day), *number, self.morning)
        };
        (0..usize::try_from(duration).unwrap_or(1)).map(slot).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timetable::{
        imports::xml,
        solver::{
            fet,
            problem::{Need, Placed, Problem, ProblemClass, ProblemRoom, ProblemSubject, ProblemTeacher},
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
            teachers: vec![ProblemTeacher { name: "Lê Thị Hoa".to_owned(), ..ProblemTeacher::default() }],
            classes: vec![ProblemClass { name: "10A1".to_owned(), ..ProblemClass::default() }],
            subjects: vec![ProblemSubject { name: "GDKT-PL".to_owned(), is_heavy: false }],
            rooms: vec![ProblemRoom { name: "Nhà đa năng".to_owned(), capacity: 1 }],
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
    fn a_version_with_all_of_its_lessons_is_read_back() {
        let slot = |day, period| Slot { day, session: Session::Morning, period };
        let lesson = |class, day, period, room| Placed {
            class,
            slot: slot(day, period),
            subject: 0,
            teacher: Some(class),
            room,
        };
        let need = |class| Need { class, subject: 0, teacher: Some(class), periods: 5, doubles: 1, room: Some(0) };
        let placed = [
            lesson(0, 1, 1, Some(0)),
            lesson(0, 1, 2, Some(0)),
            lesson(0, 2, 1, Some(0)),
            lesson(0, 3, 5, None),
            lesson(1, 1, 1, Some(0)),
        ];
        let named = |name: &str| ProblemTeacher { name: name.to_owned(), ..ProblemTeacher::default() };
        let problem = Problem {
            periods: (1..=5).map(|period| (Session::Morning, period)).collect(),
            teachers: vec![named("Lê Hoa"), named("Đỗ An")],
            classes: ["10A1", "10A2"]
                .map(|name| ProblemClass { name: name.to_owned(), ..ProblemClass::default() })
                .into(),
            subjects: vec![ProblemSubject { name: "TD".to_owned(), is_heavy: false }],
            // Of several places: the file leaves the choice between them.
            rooms: vec![ProblemRoom { name: "Nhà đa năng".to_owned(), capacity: 2 }],
            needs: vec![need(0), need(1)],
            locked: vec![placed[2]],
            ..Problem::default()
        };
        let read = read(&xml::parse(fet::write_timed(&problem, &placed).as_bytes()).unwrap(), 5);
        let shown = |each: &FoundLesson| {
            format!("{} {} {} {}", each.class, each.at, each.room.clone().unwrap_or_default(), each.is_locked)
        };
        let mut found: Vec<String> = read.lessons.iter().map(shown).collect();
        found.sort();
        assert_eq!(
            found,
            [
                "10A1 1-morning-1 Nhà đa năng false",
                "10A1 1-morning-2 Nhà đa năng false",
                "10A1 2-morning-1 Nhà đa năng true",
                "10A1 3-morning-5  false",
                "10A2 1-morning-1 Nhà đa năng false",
            ]
        );
        let needs: Vec<(&str, i16, i16)> =
            read.needs.iter().map(|need| (need.class.as_str(), need.periods, need.doubles)).collect();
        assert_eq!(needs, [("10A1", 5, 1), ("10A2", 5, 1)]);
        assert_eq!(read.strange, []);
    }

    #[test]
    fn a_double_period_behind_the_last_one_is_named() {
        let file = |day: &str, hour: &str| {
            format!(
                "<fet><Days_List><Day><Name>Thứ 2</Name></Day></Days_List><Hours_List>{}</Hours_List><Activities_List>\
                 <Activity><Teacher>Lê Hoa</Teacher><Subject>Văn</Subject><Students>10A1</Students><Duration>2</Duration>\
                 <Id>1</Id></Activity></Activities_List><Time_Constraints_List><ConstraintActivityPreferredStartingTime>\
                 <Activity_Id>1</Activity_Id><Preferred_Day>{day}</Preferred_Day><Preferred_Hour>{hour}</Preferred_Hour>\
                 </ConstraintActivityPreferredStartingTime></Time_Constraints_List></fet>",
                (1..=6).map(|number| format!("<Hour><Name>{number}</Name></Hour>")).collect::<String>()
            )
        };
        let told = |file: String| {
            let read = read(&xml::parse(file.as_bytes()).unwrap(), 5);
            (read.lessons.into_iter().map(|each| each.at).collect::<Vec<_>>(), read.strange.len())
        };
        let at = |slots: &[&str]| slots.iter().map(|slot| (*slot).to_owned()).collect::<Vec<_>>();
        assert_eq!(told(file("Thứ 2", "1")), (at(&["1-morning-1", "1-morning-2"]), 0));
        // Hours that count on go over into the afternoon.
        assert_eq!(told(file("Thứ 2", "5")), (at(&["1-morning-5", "1-afternoon-1"]), 0));
        assert_eq!(told(file("Thứ 2", "6")), (at(&["1-afternoon-1"]), 1));
        assert_eq!(told(file("Thứ 9", "1")), (at(&[]), 1));
        let read = read(&xml::parse(file("Thứ\u{0}9", "1").as_bytes()).unwrap(), 5);
        assert!(!read.strange[0].text.contains('\0'), "{:?}", read.strange);
    }

    #[test]
    fn more_days_than_numbers_go_are_read() {
        let (days, hours) = ("<Day><Name/></Day>".repeat(33_000), "<Hour/>".repeat(33_000));
        let file = format!("<fet><Days_List>{days}</Days_List><Hours_List>{hours}</Hours_List></fet>");
        let read = read(&xml::parse(file.as_bytes()).unwrap(), 5);
        assert_eq!((read.lessons.len(), read.strange.len()), (0, 0));
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
