//! Sheets in the three shapes that schools have: classes across with days and periods down; a block for each class, days
//! across; a line for each teacher, days and periods across.

use chrono::NaiveDate;

use super::{
    FoundLesson, NotRead, ParsedFile, SchoolNames,
    cells::{NONE, bounded, class_text, is_empty, is_too_long, of_class, of_teacher},
    places, whole,
};
use crate::{
    sources::spreadsheet::plain::PlainRow,
    timetable::model::{Session, Slot},
    vietnam::text,
};

/// How far down a table begins.
const DOWN: usize = 40;

/// Reads a sheet in whichever of the shapes it has.
///
/// # Errors
/// Where it has none of them, or no lesson.
pub fn read(rows: &[PlainRow], known: &SchoolNames<'_>) -> Result<ParsedFile, NotRead> {
    let days = rows.iter().take(DOWN).position(|row| days_of(row).len() >= 3);
    let mut read = match days {
        Some(at) if is_of_teachers(rows, at) => teachers(rows, at, known),
        Some(_) => blocks(rows, known),
        None => grid(rows, known).ok_or(NotRead::Shape)?,
    };
    read.from = rows.iter().take(DOWN).flat_map(|row| &row.cells).find_map(|cell| since(cell));
    whole(read)
}

/// The day from which a sheet says that it holds: "TKB TỪ 2024-09-06", "Áp dụng từ ngày 07/09/2026".
fn since(cell: &str) -> Option<NaiveDate> {
    let words = text::words(cell);
    if !words.iter().any(|word| matches!(word.as_str(), "tu" | "from" | "ngay")) || words.len() > 20 {
        return None;
    }
    let date = |part: &str| {
        let part = part.trim_matches(|c: char| !c.is_ascii_digit());
        let as_written = NaiveDate::parse_from_str(part, "%Y-%m-%d");
        as_written.or_else(|_| NaiveDate::parse_from_str(&part.replace(['-', '.'], "/"), "%d/%m/%Y")).ok()
    };
    cell.split_whitespace().find_map(date).filter(|date| (2000..2100).contains(&chrono::Datelike::year(date)))
}

/// The columns that are headed by days.
fn days_of(row: &PlainRow) -> Vec<(usize, i16)> {
    row.cells.iter().enumerate().filter_map(|(column, cell)| Some((column, places::day(cell)?))).collect()
}

const PERIOD_HEADS: [&str; 4] = ["tiet", "tiet hoc", "period", "tiet thu"];
const SESSION_HEADS: [&str; 4] = ["buoi", "buoi hoc", "session", "ca"];
const DAY_HEADS: [&str; 4] = ["thu", "ngay", "day", "thu ngay"];
const TEACHER_HEADS: [&str; 7] =
    ["giao vien", "ho va ten", "ho ten", "ho va ten giao vien", "ten giao vien", "teacher", "gv"];

fn raw(row: &PlainRow, column: usize) -> &str {
    row.cells.get(column).map_or("", |cell| cell.trim())
}

/// Where a row stands: cells that span several rows are only in the first of them.
#[derive(Default)]
struct Down {
    day: Option<i16>,
    session: Option<Session>,
    /// The number of the row before, and whether numbers have begun anew within the day.
    last: i16,
    has_restarted: bool,
}

impl Down {
    fn day(&mut self, cell: &str) {
        if let Some(day) = places::day_in_column(cell)
            && self.day != Some(day)
        {
            *self = Self { day: Some(day), ..Self::default() };
        }
    }

    fn session(&mut self, cell: &str) {
        if let Some(session) = places::session(cell) {
            self.session = Some(session);
        }
    }

    /// The session and the number of a row; none where the cell is no period.
    fn period(&mut self, cell: &str) -> Option<(Option<Session>, i16)> {
        let (said, number) = places::period(cell)?;
        self.has_restarted |= number <= self.last;
        self.last = number;
        let session = said.or(self.session).or(self.has_restarted.then_some(Session::Afternoon));
        Some((session, number))
    }
}

/// Classes across, days and periods down; several such tables may stand below one another.
fn grid(rows: &[PlainRow], known: &SchoolNames<'_>) -> Option<ParsedFile> {
    struct BlockColumns {
        day: Option<usize>,
        session: Option<usize>,
        period: usize,
        classes: Vec<(usize, String)>,
    }
    let columns = |row: &PlainRow| {
        let period = row.column(&PERIOD_HEADS)?;
        let class = |(column, cell): (usize, &String)| {
            (column > period && !cell.trim().is_empty()).then(|| (column, class_text(cell)))
        };
        let classes: Vec<(usize, String)> = row.cells.iter().enumerate().filter_map(class).collect();
        let has_known = classes.iter().any(|(_, name)| (known.is_class)(name));
        let (day, session) = (row.column(&DAY_HEADS), row.column(&SESSION_HEADS));
        (has_known || day.is_some() && !classes.is_empty()).then_some(BlockColumns { day, session, period, classes })
    };
    let (mut read, mut current, mut down) = (ParsedFile::default(), None, Down::default());
    for row in rows {
        if let Some(found) = columns(row) {
            (current, down) = (Some(found), Down::default());
            continue;
        }
        let Some(columns) = &current else { continue };
        if let Some(day) = columns.day {
            down.day(raw(row, day));
        }
        if let Some(session) = columns.session {
            down.session(raw(row, session));
        }
        let place = down.period(raw(row, columns.period));
        let slot =
            place.zip(down.day).and_then(|((session, number), day)| places::slot(day, session, number, known.morning));
        for (column, class) in &columns.classes {
            put_of_class(&mut read, row, *column, class, slot, known);
        }
    }
    current.map(|_| read)
}

fn put_of_class(
    read: &mut ParsedFile,
    row: &PlainRow,
    column: usize,
    class: &str,
    slot: Option<Slot>,
    known: &SchoolNames<'_>,
) {
    let cell = raw(row, column);
    if is_empty(cell) {
        return;
    }
    // Below a table stand notes and signatures.
    let Some(slot) = slot.filter(|_| !is_too_long(cell)) else { return read.strange(row.line, cell) };
    let (subject, teacher, room) = of_class(cell, known);
    let class = class.to_owned();
    read.lessons.push(FoundLesson { class, at: slot.key(), subject, teacher, room, is_locked: false });
}

/// A block for each class: its name, a row of heads with the days, the periods.
fn blocks(rows: &[PlainRow], known: &SchoolNames<'_>) -> ParsedFile {
    struct SheetBlock {
        class: String,
        days: Vec<(usize, i16)>,
        session: Option<usize>,
        period: Option<usize>,
    }
    let mut read = ParsedFile::default();
    let (mut current, mut down): (Option<SheetBlock>, Down) = (None, Down::default());
    for (at, row) in rows.iter().enumerate() {
        let days = days_of(row);
        if let Some((first, _)) = days.first().filter(|_| days.len() >= 3) {
            let (session, period) = (row.column(&SESSION_HEADS), row.column(&PERIOD_HEADS));
            let class = class_above(&rows[..at], row, *first, known);
            current = Some(SheetBlock { class, session, period, days });
            down = Down::default();
            continue;
        }
        let Some(block) = &current else { continue };
        let first = block.days.first().map_or(0, |(column, _)| *column);
        if let Some(session) = block.session.or_else(|| (0..first).find(|at| places::session(raw(row, *at)).is_some()))
        {
            down.session(raw(row, session));
        }
        let period = block.period.or_else(|| (0..first).find(|at| places::period(raw(row, *at)).is_some()));
        let Some((session, number)) = period.and_then(|at| down.period(raw(row, at))) else { continue };
        for (column, day) in &block.days {
            let slot = places::slot(*day, session, number, known.morning);
            put_of_class(&mut read, row, *column, &block.class, slot, known);
        }
    }
    read
}

/// The class that a block is of: it stands above the row of days, or in front of them.
fn class_above(above: &[PlainRow], heads: &PlainRow, first: usize, known: &SchoolNames<'_>) -> String {
    const UP: usize = 3;
    let cells = |row: &PlainRow, until: usize| -> Vec<String> {
        row.cells.iter().take(until).filter(|cell| !cell.trim().is_empty()).map(|cell| class_text(cell)).collect()
    };
    let own = cells(heads, first);
    let near: Vec<Vec<String>> = above.iter().rev().take(UP).map(|row| cells(row, usize::MAX)).collect();
    let is_class = |name: &&String| (known.is_class)(name);
    let found = near.iter().flatten().find(is_class).or_else(|| own.iter().find(is_class));
    let found = found.or_else(|| near.iter().find(|cells| !cells.is_empty()).and_then(|cells| cells.first()));
    found.cloned().unwrap_or_default()
}

/// Whether below the days stand periods or sessions, and not lessons.
fn is_of_teachers(rows: &[PlainRow], at: usize) -> bool {
    let Some((first, _)) = days_of(&rows[at]).first().copied() else { return false };
    if rows[at].column(&PERIOD_HEADS).is_some_and(|column| column < first) {
        return false;
    }
    let is_place = |cell: &&String| places::period(cell).is_some() || places::session(cell).is_some();
    rows.get(at + 1).is_some_and(|row| {
        let filled: Vec<&String> = row.cells.iter().skip(first).filter(|cell| !cell.trim().is_empty()).collect();
        filled.len() >= 3 && filled.iter().all(is_place)
    })
}

/// A line for each teacher.
fn teachers(rows: &[PlainRow], at: usize, known: &SchoolNames<'_>) -> ParsedFile {
    let days = days_of(&rows[at]);
    let first = days.first().map_or(0, |(column, _)| *column);
    let (slots, begins) = slots_across(rows, at, &days, known.morning);
    let body = &rows[begins..];
    let is_name = |cell: &str| cell.chars().any(char::is_alphabetic) || cell == NONE;
    let names = |column: usize| body.iter().filter(|row| is_name(raw(row, column))).count();
    let heads = rows[at..begins].iter().find_map(|row| row.column(&TEACHER_HEADS).filter(|column| *column < first));
    let name_column = heads.or_else(|| (0..first).max_by_key(|column| names(*column))).unwrap_or(0);
    // Where empty periods are marked, a cell with nothing in it is the rest of the one before: two periods in a row.
    let marks_empty = body.iter().flat_map(|row| &row.cells).any(|cell| cell.trim() == "#");
    let mut read = ParsedFile::default();
    for row in body {
        let name = raw(row, name_column);
        if !is_name(name) {
            continue;
        }
        let name = if name == NONE { String::new() } else { bounded(name) };
        let mut before: Option<(Slot, &str)> = None;
        for (column, slot) in &slots {
            let goes_on = before.filter(|(last, _)| {
                marks_empty && (last.day, last.session, last.period + 1) == (slot.day, slot.session, slot.period)
            });
            let cell = match (raw(row, *column), goes_on) {
                ("", Some((_, cell))) => cell,
                (cell, _) => cell,
            };
            before = None;
            if is_empty(cell) {
                continue;
            }
            before = Some((*slot, cell));
            for part in cell.split(';').filter(|part| !part.trim().is_empty()) {
                let Some((class, subject, room)) = of_teacher(part, known) else {
                    read.strange(row.line, part.trim());
                    continue;
                };
                let (at, teacher) = (slot.key(), Some(name.clone()));
                read.lessons.push(FoundLesson { class, at, subject, teacher, room, is_locked: false });
            }
        }
    }
    read
}

/// The slot of each column, and where the lines of teachers begin.
fn slots_across(rows: &[PlainRow], at: usize, days: &[(usize, i16)], morning: i16) -> (Vec<(usize, Slot)>, usize) {
    let first = days.first().map_or(0, |(column, _)| *column);
    let (mut sessions, mut periods, mut begins): (Option<&PlainRow>, Option<&PlainRow>, usize) = (None, None, at + 1);
    for row in rows.iter().skip(at + 1).take(2) {
        let filled: Vec<&str> =
            (first..row.cells.len()).map(|at| raw(row, at)).filter(|cell| !cell.is_empty()).collect();
        if !filled.is_empty() && filled.iter().all(|cell| places::period(cell).is_some()) {
            periods = Some(row);
        } else if !filled.is_empty() && filled.iter().all(|cell| places::session(cell).is_some()) {
            sessions = Some(row);
        } else {
            break;
        }
        begins += 1;
        if periods.is_some() {
            break;
        }
    }
    let Some(periods) = periods else { return (Vec::new(), begins) };
    let mut slots = Vec::new();
    let mut down = Down::default();
    for column in first..periods.cells.len() {
        if let Some((_, day)) = days.iter().find(|(head, _)| *head == column) {
            down = Down { day: Some(*day), ..Down::default() };
        }
        if let Some(sessions) = sessions {
            down.session(raw(sessions, column));
        }
        let place = down.period(raw(periods, column)).zip(down.day);
        let slot = place.and_then(|((session, number), day)| places::slot(day, session, number, morning));
        slots.extend(slot.map(|slot| (column, slot)));
    }
    (slots, begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLASSES: [&str; 4] = ["10A1", "10A2", "10A12", "6/1"];
    const SUBJECTS: [&str; 6] = ["Văn", "Toán", "GDKT-PL", "HĐTN-HN", "TD", "SHDC"];

    fn rows(table: &str) -> Vec<PlainRow> {
        let row = |(at, line): (usize, &str)| PlainRow {
            line: u32::try_from(at).unwrap() + 1,
            cells: line.split('|').map(|cell| cell.trim().replace("\\n", "\n")).collect(),
        };
        table.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(row).collect()
    }

    fn known<T>(ask: impl FnOnce(&SchoolNames<'_>) -> T) -> T {
        ask(&SchoolNames {
            is_class: &|name| CLASSES.contains(&class_text(name).as_str()),
            is_subject: &|name| SUBJECTS.contains(&text::clean(name).as_str()),
            is_room: &|name| name == "Phòng Lý",
            morning: 5,
        })
    }

    fn told(table: &str) -> Vec<String> {
        let read = known(|known| super::read(&rows(table), known)).unwrap();
        let of = |name: &Option<String>| name.clone().unwrap_or_else(|| "?".to_owned());
        let lesson = |found: &FoundLesson| {
            format!("{} {} {} {} {}", found.class, found.at, found.subject, of(&found.teacher), of(&found.room))
        };
        read.lessons.iter().map(lesson).collect()
    }

    #[test]
    fn classes_across() {
        let table = "THỜI KHÓA BIỂU\nThứ|Buổi|Tiết|Lớp 10A1|10A2\n2|S|1|SHDC|SHDC\n||2|Văn - Hoa|#\n|C|1|Toán|Văn\n\
            Thứ 3||1||TD\n|||Hiệu trưởng|";
        assert_eq!(
            told(table),
            [
                "10A1 1-morning-1 SHDC ? ?",
                "10A2 1-morning-1 SHDC ? ?",
                "10A1 1-morning-2 Văn Hoa ?",
                "10A1 1-afternoon-1 Toán ? ?",
                "10A2 1-afternoon-1 Văn ? ?",
                "10A2 2-morning-1 TD ? ?",
            ]
        );
        let read = known(|known| super::read(&rows(table), known)).unwrap();
        assert_eq!(read.strange.len(), 1, "{:?}", read.strange);
        // Without sessions numbers begin anew, or count on.
        assert_eq!(
            told("Thứ|Tiết|10A1\n2|1|Văn\n|5|Văn\n|1|TD"),
            ["10A1 1-morning-1 Văn ? ?", "10A1 1-morning-5 Văn ? ?", "10A1 1-afternoon-1 TD ? ?"]
        );
        assert_eq!(told("Thứ|Tiết|10A1\n2|6|Văn"), ["10A1 1-afternoon-1 Văn ? ?"]);
    }

    #[test]
    fn blocks_below_one_another() {
        let table = "TKB TỪ 2024-09-06\n\n10A1\nBuổi|Tiết|Thứ 2|Thứ 3|Thứ 4\nS|1|SHDC|Văn - Hoa|\n|2||Toán|TD\nC|1|||Văn\n\n\
            Lớp: 6/1\nBuổi|Tiết|Thứ 2|Thứ 3|Thứ 4\nS|1|Toán||";
        assert_eq!(
            told(table),
            [
                "10A1 1-morning-1 SHDC ? ?",
                "10A1 2-morning-1 Văn Hoa ?",
                "10A1 2-morning-2 Toán ? ?",
                "10A1 3-morning-2 TD ? ?",
                "10A1 3-afternoon-1 Văn ? ?",
                "6/1 1-morning-1 Toán ? ?",
            ]
        );
        let read = known(|known| super::read(&rows(table), known)).unwrap();
        assert_eq!(read.from, NaiveDate::from_ymd_opt(2024, 9, 6));
    }

    #[test]
    fn lines_of_teachers() {
        let table = "STT|Giáo viên|Thứ 2|||Thứ 3|||Thứ 4\n||S||C|S||C|S\n||1|2|1|1|2|1|1\n\
            1|Lê Thị Hoa|10A12-GDKT-PL||#|10A1-Văn (Phòng Lý)|#|#|#\n2|Đỗ An|#|#|10A2 - Toán|#|#|#|xx\n\
            |–|10A1-SHDC; 10A2-SHDC|#|#|#|#|#|#\n||||||||";
        assert_eq!(
            told(table),
            [
                "10A12 1-morning-1 GDKT-PL Lê Thị Hoa ?",
                "10A12 1-morning-2 GDKT-PL Lê Thị Hoa ?",
                "10A1 2-morning-1 Văn Lê Thị Hoa Phòng Lý",
                "10A2 1-afternoon-1 Toán Đỗ An ?",
                "10A1 1-morning-1 SHDC  ?",
                "10A2 1-morning-1 SHDC  ?",
            ]
        );
        let read = known(|known| super::read(&rows(table), known)).unwrap();
        assert_eq!(read.strange, [super::super::Strange { line: 5, text: "xx".to_owned() }]);
    }

    #[test]
    fn other_sheets_are_none() {
        let read = |table: &str| known(|known| super::read(&rows(table), known));
        assert_eq!(read("STT|Họ và tên|Lớp\n1|Lê Hoa|10A1"), Err(NotRead::Shape));
        assert_eq!(read("Thứ|Tiết|10A1\n2|1|#"), Err(NotRead::Empty));
    }
}
