//! The format of calendars (RFC 5545), as far as lessons and duties need it.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

/// A lesson or a duty on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarEntry {
    /// The same from version to version of the timetable, so that calendars change what they have.
    pub uid: String,
    pub date: NaiveDate,
    pub begins: NaiveTime,
    pub ends: NaiveTime,
    pub summary: String,
    pub location: Option<String>,
    pub description: String,
}

/// The zone of all lessons: without summer time since 1975.
const ZONE: &str = "BEGIN:VTIMEZONE\r\nTZID:Asia/Ho_Chi_Minh\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n\
    TZOFFSETFROM:+0700\r\nTZOFFSETTO:+0700\r\nTZNAME:+07\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";

/// The whole calendar.
#[must_use]
pub fn calendar(name: &str, entries: &[CalendarEntry], now: DateTime<Utc>) -> String {
    let mut out = String::with_capacity(entries.len() * 320 + 512);
    let mut put = |line: &str| out.push_str(&folded(line));
    put("BEGIN:VCALENDAR");
    put("VERSION:2.0");
    put("PRODID:-//Schoolgate//Timetable//VI");
    put("CALSCALE:GREGORIAN");
    put("METHOD:PUBLISH");
    put(&format!("X-WR-CALNAME:{}", escaped(name)));
    put("X-WR-TIMEZONE:Asia/Ho_Chi_Minh");
    put("REFRESH-INTERVAL;VALUE=DURATION:PT6H");
    out.push_str(ZONE);
    let stamp = now.format("%Y%m%dT%H%M%SZ");
    for entry in entries {
        let mut put = |line: &str| out.push_str(&folded(line));
        let at = |time: NaiveTime| format!("{}T{}", entry.date.format("%Y%m%d"), time.format("%H%M%S"));
        put("BEGIN:VEVENT");
        put(&format!("UID:{}", entry.uid));
        put(&format!("DTSTAMP:{stamp}"));
        put(&format!("DTSTART;TZID=Asia/Ho_Chi_Minh:{}", at(entry.begins)));
        put(&format!("DTEND;TZID=Asia/Ho_Chi_Minh:{}", at(entry.ends)));
        put(&format!("SUMMARY:{}", escaped(&entry.summary)));
        if let Some(location) = &entry.location {
            put(&format!("LOCATION:{}", escaped(location)));
        }
        if !entry.description.is_empty() {
            put(&format!("DESCRIPTION:{}", escaped(&entry.description)));
        }
        put("END:VEVENT");
    }
    out.push_str("END:VCALENDAR\r\n");
    out
}

/// A text as a value (RFC 5545, 3.3.11).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | ';' | ',' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            letter if letter.is_control() => {}
            letter => out.push(letter),
        }
    }
    out
}

/// A line in parts of at most 75 bytes, none of them within a letter (RFC 5545, 3.1).
fn folded(line: &str) -> String {
    let (mut out, mut length) = (String::with_capacity(line.len() + 8), 0);
    for letter in line.chars() {
        if length + letter.len_utf8() > 75 {
            out.push_str("\r\n ");
            length = 1;
        }
        out.push(letter);
        length += letter.len_utf8();
    }
    out.push_str("\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_and_texts_escaped() {
        let long = "Hoạt động trải nghiệm, hướng nghiệp; phòng đa năng ".repeat(4);
        let entry = CalendarEntry {
            uid: "a@b".to_owned(),
            date: NaiveDate::from_ymd_opt(2026, 11, 30).unwrap(),
            begins: NaiveTime::from_hms_opt(7, 0, 0).unwrap(),
            ends: NaiveTime::from_hms_opt(7, 45, 0).unwrap(),
            summary: long.clone(),
            location: Some("P.1\r\nX".to_owned()),
            description: String::new(),
        };
        let text = calendar("Lịch", &[entry], DateTime::UNIX_EPOCH);
        assert!(text.lines().all(|line| line.len() <= 75));
        assert!(text.split("\r\n").all(|line| !line.contains(['\n', '\r'])));
        let whole = text.replace("\r\n ", "");
        let expected = long.replace(',', "\\,").replace(';', "\\;");
        assert!(whole.contains(&format!("SUMMARY:{expected}\r\n")), "{whole}");
        assert!(whole.contains("DTSTART;TZID=Asia/Ho_Chi_Minh:20261130T070000\r\n"));
        assert!(whole.contains("LOCATION:P.1\\nX\r\n"));
    }
}
