//! The XML of aSc TimeTables (its exports "aSc Timetables 2012 XML" and the older ones with a day in each card).

use std::collections::BTreeMap;

use super::{FoundLesson, FoundNeed, LONGEST, MOST_LESSONS, MOST_STRANGE, ParsedFile, places, xml::Element};
use crate::{
    timetable::model::{Session, Slot},
    vietnam::text,
};

/// How many classes, teachers or rooms a lesson may name: each of its cards goes through them all.
const MOST_NAMED: usize = 500;

/// Reads the tree of a file.
#[must_use]
pub fn read(root: &Element, morning: i16) -> ParsedFile {
    let names = AscNames::of(root);
    let lessons = root.listed("lessons", "lesson");
    let by_id: BTreeMap<&str, &Element> = lessons.iter().map(|lesson| (lesson.attribute("id"), *lesson)).collect();
    let mut cards: BTreeMap<&str, i16> = BTreeMap::new();
    let all_cards = root.listed("cards", "card");
    for card in &all_cards {
        let count = cards.entry(card.attribute("lessonid")).or_default();
        *count = count.saturating_add(1);
    }
    let mut read = ParsedFile::default();
    for card in all_cards {
        let id = card.attribute("lessonid");
        let lesson = by_id.get(id).copied();
        // Values of the card override those of its lesson.
        let of = |keys: [&str; 2]| said(card, keys).or_else(|| said(lesson?, keys)).unwrap_or_default();
        let (Some(number), days) = (number(card.attribute("period")), names.days(card)) else { continue };
        let length = number_of_periods(card, lesson, cards.get(id).copied().unwrap_or(1));
        let teacher = names.first("teachers", of(["teacherids", "teacherid"]));
        let room = names.first("classrooms", of(["classroomids", "classroomid"]));
        let subject = names.first("subjects", of(["subjectid", "subjectids"]));
        let classes = names.all("classes", of(["classids", "classid"]));
        if classes.is_empty() {
            continue;
        }
        let mut slots: Vec<Slot> = Vec::new();
        for day in &days {
            // Each by its own number: after the last one of the morning comes the first of the afternoon.
            for number in (number..).take(usize::try_from(length).unwrap_or(1)) {
                match names.slot(*day, number, morning) {
                    Some(slot) => slots.push(slot),
                    None if read.strange.len() < MOST_STRANGE => {
                        read.strange(0, &format!("{} {subject}: {day}, {number}", classes.join(", ")));
                    }
                    None => {}
                }
            }
        }
        if slots.is_empty() {
            continue;
        }
        for class in classes {
            if read.is_full() {
                return read;
            }
            read.lessons.extend(slots.iter().map(|slot| FoundLesson {
                class: class.clone(),
                at: slot.key(),
                subject: subject.clone(),
                teacher: Some(teacher.clone()),
                room: Some(room.clone()).filter(|room| !room.is_empty()),
                is_locked: false,
            }));
        }
    }
    read.needs = lessons.into_iter().flat_map(|lesson| needs(lesson, &names)).take(MOST_LESSONS + 1).collect();
    read
}

/// What an element says under one of these names.
fn said<'a>(element: &'a Element, keys: [&str; 2]) -> Option<&'a str> {
    keys.into_iter().map(|key| element.attribute(key)).find(|value| !value.is_empty())
}

fn number(text: &str) -> Option<i16> {
    let number: f64 = text.replace(',', ".").parse().ok().filter(|number| (0.0..1_000.0).contains(number))?;
    #[expect(clippy::cast_possible_truncation, reason = "it lies within the bounds")]
    let whole = number.round() as i16;
    Some(whole)
}

/// How many periods a card stands for: a lesson of two periods has one card for both, or one for each.
fn number_of_periods(card: &Element, lesson: Option<&Element>, cards: i16) -> i16 {
    let bounded = |length: i16| length.clamp(1, 6);
    if let Some(own) = number(card.attribute("durationperiods")) {
        return bounded(own);
    }
    let of_lesson = |key: &str| lesson.and_then(|lesson| number(lesson.attribute(key)));
    match (of_lesson("periodspercard"), of_lesson("periodsperweek")) {
        (Some(length), Some(week)) if length.saturating_mul(cards) <= week => bounded(length),
        _ => 1,
    }
}

fn needs(lesson: &Element, names: &AscNames<'_>) -> Vec<FoundNeed> {
    let teacher = names.first("teachers", lesson.attribute("teacherids"));
    let subject = names.first("subjects", lesson.attribute("subjectid"));
    let periods = number(lesson.attribute("periodsperweek")).filter(|periods| (1..=30).contains(periods));
    let (Some(periods), false) = (periods, teacher.is_empty()) else { return Vec::new() };
    let doubles = if number(lesson.attribute("periodspercard")) == Some(2) { periods / 2 } else { 0 };
    let need = |class: String| FoundNeed {
        class,
        subject: subject.clone(),
        teacher: teacher.clone(),
        periods,
        doubles: doubles.min(6),
    };
    names.all("classes", lesson.attribute("classids")).into_iter().map(need).collect()
}

/// What the ids of a file stand for.
struct AscNames<'a> {
    by_list: BTreeMap<&'static str, BTreeMap<&'a str, String>>,
    days: BTreeMap<&'a str, i16>,
    periods: BTreeMap<i16, (Option<Session>, i16)>,
}

impl<'a> AscNames<'a> {
    fn of(root: &'a Element) -> Self {
        let list = |list: &'static str, element: &'static str, shown: &'static str| {
            let names = root.listed(list, element).into_iter().map(|each| {
                let name = [each.attribute(shown), each.attribute("name"), each.attribute("short")];
                let name = name.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
                (each.attribute("id"), text::clean(name).chars().take(LONGEST).collect())
            });
            (list, names.collect())
        };
        let periods = root.listed("periods", "period").into_iter().filter_map(|each| {
            let own = number(each.attribute("period"))?;
            let named = places::period(each.attribute("name")).filter(|(session, _)| session.is_some());
            Some((own, named.unwrap_or((None, own))))
        });
        let days = root.listed("days", "day").into_iter().filter_map(|each| {
            let day = each.attribute("day");
            Some((day, places::day(each.attribute("name")).or_else(|| Some(number(day)? + 1))?))
        });
        Self {
            by_list: [
                list("subjects", "subject", "short"),
                list("teachers", "teacher", "name"),
                list("classes", "class", "name"),
                list("classrooms", "classroom", "name"),
            ]
            .into(),
            days: days.collect(),
            periods: periods.collect(),
        }
    }

    fn all(&self, list: &str, ids: &str) -> Vec<String> {
        let Some(names) = self.by_list.get(list) else { return Vec::new() };
        let ids = ids.split(',').take(MOST_NAMED);
        ids.filter_map(|id| names.get(id.trim())).filter(|name| !name.is_empty()).cloned().collect()
    }

    fn first(&self, list: &str, ids: &str) -> String {
        self.all(list, ids).into_iter().next().unwrap_or_default()
    }

    /// The days of a card: `day`, or a sign for each day in `days`, 1 where it is held.
    fn days(&self, card: &Element) -> Vec<i16> {
        let day = card.attribute("day");
        if !day.is_empty() {
            let day = self.days.get(day).copied().or_else(|| Some(number(day)? + 1));
            return day.into_iter().collect();
        }
        let signs = (1..=7_i16).zip(card.attribute("days").chars());
        signs.filter(|(_, sign)| *sign == '1').map(|(day, _)| day).take(6).collect()
    }

    fn slot(&self, day: i16, number: i16, morning: i16) -> Option<Slot> {
        let (session, period) = self.periods.get(&number).copied().unwrap_or((None, number));
        places::slot(day, session, period, morning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timetable::imports::xml;

    fn told(file: &str) -> Vec<String> {
        let read = read(&xml::parse(file.as_bytes()).unwrap(), 5);
        let shown = |each: &FoundLesson| {
            let (teacher, room) = (each.teacher.clone().unwrap_or_default(), each.room.clone().unwrap_or_default());
            format!("{} {} {} {teacher} {room}", each.class, each.at, each.subject)
        };
        read.lessons.iter().map(shown).collect()
    }

    const NAMES: &str = "<subjects><subject id='S1' name='Toán học' short='Toán'/></subjects>\
        <teachers><teacher id='T1' name='Lê Hoa' short='LH'/></teachers>\
        <classes><class id='C1' name='10A1'/><class id='C2' name='10A2'/></classes>\
        <classrooms><classroom id='R1' name='Phòng Lý'/></classrooms>";

    #[test]
    fn cards_of_the_newer_file() {
        let file = format!(
            "<?xml version='1.0' encoding='UTF-8'?><timetable ascttversion='2012'>{NAMES}\
             <lessons><lesson id='L1' subjectid='S1' classids='C1' teacherids='T1' periodspercard='2' periodsperweek='2.0'/>\
             <lesson id='L2' subjectid='S1' classids='C1,C2' teacherids='' periodspercard='1' periodsperweek='1.0'/></lessons>\
             <cards><card lessonid='L1' period='1' days='010000' classroomids='R1'/>\
             <card lessonid='L2' period='6' days='000001'/></cards></timetable>"
        );
        assert_eq!(
            told(&file),
            [
                "10A1 2-morning-1 Toán Lê Hoa Phòng Lý",
                "10A1 2-morning-2 Toán Lê Hoa Phòng Lý",
                "10A1 6-afternoon-1 Toán  ",
                "10A2 6-afternoon-1 Toán  ",
            ]
        );
        let needs = read(&xml::parse(file.as_bytes()).unwrap(), 5).needs;
        assert_eq!((needs.len(), needs[0].periods, needs[0].doubles), (1, 2, 1));
    }

    #[test]
    fn a_double_period_goes_on_after_the_morning_and_is_named_where_it_goes_too_far() {
        let file = |number: i16| {
            format!(
                "<timetable>{NAMES}<lessons><lesson id='L' subjectid='S1' classids='C1' teacherids='T1' periodspercard='2' \
                 periodsperweek='2'/></lessons><cards><card lessonid='L' period='{number}' days='100000'/></cards></timetable>"
            )
        };
        assert_eq!(told(&file(5)), ["10A1 1-morning-5 Toán Lê Hoa ", "10A1 1-afternoon-1 Toán Lê Hoa "]);
        let last = file(11);
        assert_eq!(told(&last), ["10A1 1-afternoon-6 Toán Lê Hoa "]);
        let strange = read(&xml::parse(last.as_bytes()).unwrap(), 5).strange;
        assert_eq!(strange.len(), 1, "{strange:?}");
    }

    #[test]
    fn cards_of_the_older_file_say_their_day() {
        let file = format!(
            "<timetable>{NAMES}<days><day day='0' name='Thứ 3'/></days><periods><period period='7' name='C2'/></periods>\
             <cards><card subjectid='S1' classids='C1' teacherids='T1' day='0' period='7'/>\
             <card subjectid='S1' classids='C1' teacherids='T1' day='0' period='9'/>\
             <card subjectid='S1' classids='C1' teacherids='T1' day='9' period='1'/></cards></timetable>"
        );
        assert_eq!(told(&file), ["10A1 2-afternoon-2 Toán Lê Hoa ", "10A1 2-afternoon-4 Toán Lê Hoa "]);
        assert_eq!(read(&xml::parse(file.as_bytes()).unwrap(), 5).strange.len(), 1);
    }

    #[test]
    fn more_cards_and_signs_than_numbers_go_are_read() {
        let (cards, signs) = ("<card lessonid='L1'/>".repeat(33_000), "0".repeat(40_000));
        let file = format!(
            "<timetable>{NAMES}<lessons><lesson id='L1' subjectid='S1' classids='C1'/></lessons>\
             <cards>{cards}<card lessonid='L1' period='1' days='{signs}'/>\
             <card lessonid='L1' period='1' days='100000'/></cards></timetable>"
        );
        assert_eq!(told(&file), ["10A1 1-morning-1 Toán  "]);
    }

    #[test]
    fn of_very_many_classes_some_are_read() {
        let classes = "C1,".repeat(100_000);
        let cards = "<card lessonid='L1' period='99' days='111111'/>".repeat(2_000);
        let file = format!(
            "<timetable>{NAMES}<lessons><lesson id='L1' subjectid='S1' classids='{classes}'/></lessons>\
             <cards>{cards}</cards></timetable>"
        );
        let read = read(&xml::parse(file.as_bytes()).unwrap(), 5);
        assert_eq!((read.lessons.len(), read.strange.len()), (0, MOST_STRANGE));
    }

    #[test]
    fn reading_stops_at_too_many_lessons() {
        let (classes, cards) = ("C1,".repeat(5_000), "<card lessonid='L1' period='1' days='111111'/>".repeat(10));
        let file = format!(
            "<timetable>{NAMES}<lessons><lesson id='L1' subjectid='S1' classids='{classes}'/></lessons>\
             <cards>{cards}</cards></timetable>"
        );
        let read = read(&xml::parse(file.as_bytes()).unwrap(), 5);
        assert!((MOST_LESSONS + 1..MOST_LESSONS + 10).contains(&read.lessons.len()), "{}", read.lessons.len());
    }
}
