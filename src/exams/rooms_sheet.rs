//! Rooms from a spreadsheet: which rows are new rooms, which change an existing one, and which are not understood. Rooms are
//! identified by name. Values that the sheet has no column for stay as they are. Does not use the database.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::{
    actions::rooms::{NewRoom, RoomChange, SheetRoom},
    closures::{self, Closure},
    model::ExamRoom,
    workbook::SheetTable,
};
use crate::{
    sources::spreadsheet::plain::{self, PlainRow},
    vietnam::text,
    web::Translator,
};

/// The heads of the columns, without marks and in lower case.
const NAMES: [&str; 7] = ["phong thi", "ten phong thi", "ten phong", "phong", "room", "room name", "name"];
const PLACES: [&str; 6] = ["dia diem", "vi tri", "toa nha", "khu nha", "place", "building"];
const SEATS: [&str; 5] = ["so cho", "so cho ngoi", "suc chua", "seats", "capacity"];
const MOST: [&str; 5] =
    ["toi da neu la phong cuoi", "toi da", "so cho toi da", "most seats as the last room", "most seats"];
const ORDERS: [&str; 4] = ["thu tu", "thu tu phong", "order", "position"];
const CLOSURES: [&str; 5] =
    ["khong dung duoc vao luc", "khong dung duoc", "thoi gian khong dung duoc", "cannot be used at", "not available"];

/// Labels of total rows below a table of rooms.
const TOTALS: [&str; 4] = ["tong", "tong so", "tong cong", "total"];

/// The most rooms that an exam takes from one sheet.
pub const MOST_ROOMS: usize = 300;

/// A row as it was read: every value as it is typed, empty where the sheet says nothing. The form that confirms it carries
/// the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoomRow {
    pub line: u32,
    pub name: String,
    pub place: Option<String>,
    pub seats: Option<String>,
    pub most: Option<String>,
    pub order: Option<String>,
    pub closures: Option<String>,
}

/// Why a row is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoomRejection {
    /// The same room stands in the sheet before.
    Twice,
    Order,
    /// Times at which it cannot be had, of which this is none.
    Closure(String),
    /// As the form of a room says it.
    Fault(&'static str),
}

/// A row that is not taken, as it stands in the sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedRoom {
    pub line: u32,
    pub shown: String,
    pub why: RoomRejection,
}

/// A row that is to be written.
#[derive(Clone, Debug)]
pub struct FoundRoom {
    pub row: RoomRow,
    pub is_new: bool,
    pub to: SheetRoom,
}

/// What a sheet comes to.
#[derive(Clone, Debug, Default)]
pub struct RoomsReading {
    pub found: Vec<FoundRoom>,
    /// Rooms that are there already, just so.
    pub same: usize,
    pub not_taken: Vec<RejectedRoom>,
}

/// The rows of a table; none where it has no column of names.
#[must_use]
pub fn rows(table: &[PlainRow]) -> Option<Vec<RoomRow>> {
    let heads = plain::columns(table, [&NAMES, &SEATS]).map(|(at, _)| at);
    let heads = heads.or_else(|| plain::columns(table, [&NAMES]).map(|(at, _)| at))?;
    let column = |names: &[&str]| table[heads].column(names);
    let name = column(&NAMES)?;
    let [place, seats, most, order, closed] =
        [&PLACES[..], &SEATS[..], &MOST[..], &ORDERS[..], &CLOSURES[..]].map(column);
    let row = |row: &PlainRow| {
        // Times stand one in a line, which a cell without needless spaces would lose.
        let lines = |column: usize| row.cells.get(column).cloned().unwrap_or_default();
        let cell = |column: Option<usize>| column.map(|column| row.cell(column));
        RoomRow {
            line: row.line,
            name: row.cell(name),
            place: cell(place),
            seats: cell(seats),
            most: cell(most),
            order: cell(order),
            closures: closed.map(lines),
        }
    };
    // Totals and signatures below the table name no room.
    let is_room = |row: &RoomRow| !row.name.is_empty() && !TOTALS.contains(&text::words(&row.name).join(" ").as_str());
    Some(table[heads + 1..].iter().map(row).filter(is_room).collect())
}

/// What the rows come to beside the rooms that are there.
#[must_use]
pub fn understand(rows: &[RoomRow], rooms: &[ExamRoom]) -> RoomsReading {
    let exact: HashMap<&str, usize> = rooms.iter().enumerate().map(|(at, room)| (room.name.as_str(), at)).collect();
    let folded: HashMap<String, usize> =
        rooms.iter().enumerate().map(|(at, room)| (text::fold(&room.name), at)).collect();
    let mut understood = RoomsReading::default();
    let mut seen = HashSet::new();
    for row in rows {
        let there = exact.get(row.name.as_str()).or_else(|| folded.get(&text::fold(&row.name))).copied();
        let key = there.map_or_else(|| text::fold(&row.name), |at| text::fold(&rooms[at].name));
        let read =
            if seen.insert(key) { read(row, there.map(|at| (at, &rooms[at]))) } else { Err(RoomRejection::Twice) };
        match read {
            Ok(None) => understood.same += 1,
            Ok(Some(to)) => understood.found.push(FoundRoom { row: row.clone(), is_new: there.is_none(), to }),
            Err(why) => understood.not_taken.push(RejectedRoom { line: row.line, shown: row.shown(), why }),
        }
    }
    understood
}

impl RoomRow {
    fn shown(&self) -> String {
        let cells = [Some(&self.name), self.place.as_ref(), self.seats.as_ref(), self.most.as_ref()];
        let more = [self.order.as_ref(), self.closures.as_ref()];
        let filled = cells.into_iter().chain(more).flatten().filter(|cell| !cell.is_empty());
        filled.map(String::as_str).collect::<Vec<_>>().join(" · ")
    }
}

/// What a row makes of the room of its name (with its place in the list), or of a new one; none where nothing changes.
fn read(row: &RoomRow, there: Option<(usize, &ExamRoom)>) -> Result<Option<SheetRoom>, RoomRejection> {
    let stands = there.map(|(_, room)| room);
    // The place alone may be emptied; other cells that are empty leave what stands.
    let place = row.place.clone().or_else(|| stands.map(|room| room.place.clone())).unwrap_or_default();
    let said = |cell: &Option<String>| cell.clone().filter(|cell| !cell.is_empty());
    let seats = said(&row.seats).or_else(|| stands.map(|room| room.seats.to_string())).unwrap_or_default();
    // New seats without a new limit have the usual one above them.
    let most = || stands.filter(|room| seats == room.seats.to_string()).map(|room| room.most.to_string());
    let most = said(&row.most).or_else(most).unwrap_or_default();
    let name = stands.map_or(row.name.as_str(), |room| room.name.as_str());
    let room = NewRoom::read(name, &place, &seats, &most)
        .map_err(|faults| RoomRejection::Fault(faults.first().map_or("fault-exam-room-name", |(_, key)| key)))?;
    let order = row.order.as_deref().unwrap_or_default();
    let order = match order {
        "" => None,
        order => Some(
            order.parse::<usize>().ok().filter(|place| (1..=MOST_ROOMS).contains(place)).ok_or(RoomRejection::Order)?,
        ),
    };
    let closures = match (&row.closures, there) {
        (Some(typed), _) => closures::read_all(typed).map_err(RoomRejection::Closure)?,
        (None, there) => there.map(|(_, room)| room.closures()).unwrap_or_default(),
    };
    let closed_for = there.map(|(_, room)| room.closed_for.clone()).unwrap_or_default();
    let is_same = there.is_some_and(|(at, stands)| {
        stands.place == room.place
            && (stands.seats, stands.most) == (room.seats, room.most)
            && order.is_none_or(|order| order == at + 1)
            && sorted(stands.closures()) == closures
    });
    let change = RoomChange { room, closed_for, closures, place: order };
    Ok((!is_same).then(|| SheetRoom { id: there.map(|(_, room)| room.id), change }))
}

fn sorted(mut closures: Vec<Closure>) -> Vec<Closure> {
    closures.sort_unstable();
    closures
}

/// The rooms as a sheet that is read again as it is.
#[must_use]
pub fn table(l: &Translator, rooms: &[ExamRoom]) -> SheetTable {
    let heads = [
        ("exam-room-order", 8.0),
        ("exam-room", 20.0),
        ("exam-room-place", 20.0),
        ("exam-room-seats", 10.0),
        ("exam-room-most", 24.0),
        ("exam-room-closed-times", 40.0),
    ];
    let row = |(place, room): (usize, &ExamRoom)| {
        let closures = closures::typed(&room.closures(), "; ");
        let (seats, most) = (room.seats.to_string(), room.most.to_string());
        vec![place.to_string(), room.name.clone(), room.place.clone(), seats, most, closures]
    };
    SheetTable {
        name: l.t("exam-step-rooms"),
        heads: heads.map(|(key, width)| (l.t(key), width)).into(),
        rows: (1..).zip(rooms).map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{ids::RoomId, web::i18n::Lang};

    fn plain(table: &[Vec<String>]) -> Vec<PlainRow> {
        let row = |(line, cells): (u32, &Vec<String>)| PlainRow { line, cells: cells.clone() };
        (1..).zip(table).map(row).collect()
    }

    fn room(n: u128, seats: i16, closures: &[Closure]) -> ExamRoom {
        ExamRoom {
            id: RoomId::from_u128(n),
            name: format!("Phòng {n:02}"),
            place: if n.is_multiple_of(2) { String::new() } else { "Nhà A".to_owned() },
            seats,
            most: seats + 4,
            closed_for: Vec::new(),
            closed_from: closures.iter().map(|closure| closure.from).collect(),
            closed_until: closures.iter().map(|closure| closure.until).collect(),
        }
    }

    #[test]
    fn each_row_is_a_room_or_named() {
        let rooms = [room(1, 24, &[]), room(2, 24, &[])];
        let cells = |row: [&str; 4]| row.map(str::to_owned).to_vec();
        let table = plain(&[
            cells(["TRƯỜNG THPT LÊ QUÝ ĐÔN", "", "", ""]),
            cells(["Phòng thi", "Số chỗ", "Địa điểm", "Không dùng được"]),
            cells(["phong 01", "24", "Nhà A", ""]),
            cells(["Phòng 02", "20", "Nhà B", "14/12/2026 7:00-9:00; 15/12/2026"]),
            cells(["Phòng 03", "", "", ""]),
            cells(["Phòng 04", "nhiều", "", ""]),
            cells(["Phòng 05", "24", "", "mai"]),
            cells(["Phòng 03", "30", "", ""]),
            cells(["", "98", "", ""]),
            cells(["Tổng cộng", "98", "", ""]),
        ]);
        let understood = understand(&rows(&table).unwrap(), &rooms);
        let found: Vec<_> = understood.found.iter().map(|each| (each.row.line, each.is_new)).collect();
        // The first is there, though it is written otherwise.
        assert_eq!((found, understood.same), (vec![(4, false), (5, true)], 1));
        let second = &understood.found[0].to.change;
        assert_eq!((second.room.seats, second.room.most, second.closures.len()), (20, 24, 2));
        assert_eq!(understood.found[1].to.change.room.seats, 24);
        let not: Vec<_> = understood.not_taken.iter().map(|each| (each.line, each.why.clone())).collect();
        let expected = [
            (6, RoomRejection::Fault("fault-exam-room-seats")),
            (7, RoomRejection::Closure("mai".to_owned())),
            (8, RoomRejection::Twice),
        ];
        assert_eq!(not, expected);
        assert_eq!(rows(&plain(&[cells(["Tên", "Tuổi", "", ""])])), None);
    }

    proptest! {
        /// What goes out comes in as it is, in both languages.
        #[test]
        fn what_was_written_is_read_as_it_is(seats in prop::collection::vec((1..60_i16, prop::option::of(0..40_i64)), 1..40), english: bool) {
            let first: chrono::DateTime<chrono::Utc> = "2026-12-14T00:30:00Z".parse().unwrap();
            let closure = |hour: i64| {
                let from = first + chrono::Duration::days(hour);
                Closure { from, until: from + chrono::Duration::minutes(90) }
            };
            let rooms: Vec<ExamRoom> = (1..).zip(seats).map(|(n, (seats, hour))| {
                room(n, seats, &hour.map(closure).into_iter().collect::<Vec<_>>())
            }).collect();
            let l = Translator::new(if english { Lang::En } else { Lang::Vi });
            let table = table(&l, &rooms);
            let heads: Vec<String> = table.heads.iter().map(|(head, _)| head.clone()).collect();
            let cells: Vec<Vec<String>> = std::iter::once(heads).chain(table.rows).collect();
            let understood = understand(&rows(&plain(&cells)).unwrap(), &rooms);
            prop_assert_eq!((understood.same, understood.found.len(), understood.not_taken.len()), (rooms.len(), 0, 0));
        }
    }
}
