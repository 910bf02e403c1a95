//! What the engine answers.

use quick_xml::{Reader, events::Event};

use super::{activities, day_name, days, hour_name, hours};
use crate::timetable::{
    model::Slot,
    solver::problem::{Placed, Problem},
};

/// Why an answer of FET cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableAnswer {
    #[error("not well-formed XML")]
    Xml,
    #[error("an activity that is not of this problem: {0}")]
    Activity(String),
}

/// What FET has placed: `…_activities.xml`. Activities that it could not place are not among them.
///
/// # Errors
/// Where it is no answer to this problem.
pub fn read_answer(problem: &Problem, answer: &str) -> Result<Vec<Placed>, UnreadableAnswer> {
    let activities = activities(problem);
    let days = days(problem);
    let mut placed = Vec::new();
    for record in records(answer, "Activity")? {
        let value = |name: &str| record.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
        let (day, hour) = (value("Day"), value("Hour"));
        if day.is_empty() || hour.is_empty() {
            continue;
        }
        let unknown = || UnreadableAnswer::Activity(value("Id").to_owned());
        let number: usize = value("Id").parse().map_err(|_| unknown())?;
        let activity = number.checked_sub(1).and_then(|at| activities.get(at)).ok_or_else(unknown)?;
        let (day, session) = days.iter().copied().find(|each| day_name(*each) == day).ok_or_else(unknown)?;
        let period = (1..=hours(problem)).find(|period| hour_name(*period) == hour).ok_or_else(unknown)?;
        placed.extend((0..activity.duration).map(|step| Placed {
            class: activity.class,
            slot: Slot { day, session, period: period + step },
            subject: activity.subject,
            teacher: activity.teacher,
            room: activity.room,
        }));
    }
    placed.sort();
    Ok(placed)
}

/// An element as its children: names and texts.
type Record = Vec<(String, String)>;

/// The elements of a name.
fn records(xml: &str, element: &str) -> Result<Vec<Record>, UnreadableAnswer> {
    let mut reader = Reader::from_str(xml);
    let mut records: Vec<Record> = Vec::new();
    let mut current: Option<Record> = None;
    let mut child: Option<(String, String)> = None;
    // How many elements are open: a file that was cut off ends within some, or before any.
    let (mut depth, mut has_root) = (0_u32, false);
    loop {
        match reader.read_event().map_err(|_| UnreadableAnswer::Xml)? {
            Event::Start(tag) => {
                (depth, has_root) = (depth + 1, true);
                let name = tag.name().as_ref().to_owned();
                if current.is_some() {
                    child = Some((name, String::new()));
                } else if name == element {
                    current = Some(Vec::new());
                }
            }
            Event::Text(text) => {
                if let Some((_, value)) = &mut child {
                    value.push_str(&text.xml10_content());
                }
            }
            Event::GeneralRef(entity) => {
                if let Some((_, value)) = &mut child {
                    let text = format!("&{};", &*entity);
                    value.push_str(&quick_xml::escape::unescape(&text).map_err(|_| UnreadableAnswer::Xml)?);
                }
            }
            Event::End(tag) => {
                depth = depth.saturating_sub(1);
                let name = tag.name().as_ref().to_owned();
                if let (Some(done), Some(fields)) = (child.take_if(|(open, _)| *open == name), current.as_mut()) {
                    fields.push(done);
                } else if name == element {
                    records.extend(current.take());
                }
            }
            Event::Eof if depth > 0 || !has_root => return Err(UnreadableAnswer::Xml),
            Event::Eof => return Ok(records),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_was_cut_off_is_none() {
        let whole = "<?xml version=\"1.0\"?><Activities_Timetable><Activity><Id>1</Id><Day></Day></Activity>\
            <Activity><Id>2</Id></Activity></Activities_Timetable>\n";
        assert_eq!(records(whole, "Activity").unwrap().len(), 2);
        let end = whole.rfind("</Activities_Timetable>").unwrap();
        for length in (0..end).chain(end + 1..whole.trim_end().len()).filter(|length| whole.is_char_boundary(*length)) {
            assert_eq!(records(&whole[..length], "Activity"), Err(UnreadableAnswer::Xml), "{length}");
        }
        assert_eq!(records(&whole[..end], "Activity"), Err(UnreadableAnswer::Xml));
    }
}
