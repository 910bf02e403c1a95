//! What is printed of an exam, room by room, and the same as workbooks.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::{
    model::{Candidate, ExamRoom, Paper, SeatTaken},
    workbook::{PrintPage, TableHeads},
};
use crate::{
    ids::{CandidateId, PaperId, RoomId},
    web::Translator,
};

/// The lists, by the names that their addresses have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// For the door of each room.
    Door,
    /// For attendance and hand-in: one for each paper and room.
    Attendance,
    /// For the desks.
    Labels,
    /// For the envelopes of papers.
    Envelopes,
    /// One for each candidate.
    Slips,
    /// The plan of the papers.
    Plan,
    /// Who is on duty where.
    Duties,
    /// How many sit where.
    Statistics,
}

impl List {
    pub const ALL: [Self; 8] = [
        Self::Door,
        Self::Attendance,
        Self::Labels,
        Self::Envelopes,
        Self::Slips,
        Self::Plan,
        Self::Duties,
        Self::Statistics,
    ];

    /// Those that are made of the seats.
    pub const OF_SEATS: [Self; 5] = [Self::Door, Self::Attendance, Self::Labels, Self::Envelopes, Self::Slips];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Door => "door",
            Self::Attendance => "attendance",
            Self::Labels => "labels",
            Self::Envelopes => "envelopes",
            Self::Slips => "slips",
            Self::Plan => "plan",
            Self::Duties => "duties",
            Self::Statistics => "statistics",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.key() == key)
    }
}

/// Someone in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatLine {
    pub seat: i16,
    pub number: String,
    pub full_name: String,
    pub birth_date: Option<NaiveDate>,
    pub class_name: String,
}

/// Who sits in one room, of one paper or (none) of all.
#[derive(Clone, Debug)]
pub struct RoomSheet {
    pub room: String,
    pub place: String,
    pub paper: Option<Paper>,
    /// In the order of their seats.
    pub lines: Vec<SeatLine>,
}

impl RoomSheet {
    /// The first and the last number of the room, as they are sorted.
    #[must_use]
    pub fn span(&self) -> (&str, &str) {
        let numbers = || self.lines.iter().map(|line| line.number.as_str());
        (numbers().min().unwrap_or_default(), numbers().max().unwrap_or_default())
    }
}

/// Where a candidate sits which paper.
#[derive(Clone, Debug)]
pub struct CandidateSlip {
    pub number: String,
    pub full_name: String,
    pub birth_date: Option<NaiveDate>,
    pub class_name: String,
    /// The papers with room and seat.
    pub papers: Vec<(Paper, String, i16)>,
}

/// What the lists are made of.
pub struct Material {
    pub papers: Vec<Paper>,
    pub rooms: Vec<ExamRoom>,
    pub candidates: Vec<Candidate>,
    pub seats: Vec<SeatTaken>,
}

/// Of which paper, where each has its own, and of which room: where those stand in their lists.
type SheetPlace = (Option<usize>, usize);
type LinesBySeat = BTreeMap<(i16, CandidateId), SeatLine>;

impl Material {
    /// The sheets of these papers (`by_paper`: each its own; else one for all of them), of all rooms or of one.
    #[must_use]
    pub fn sheets(&self, paper: Option<PaperId>, room: Option<RoomId>, by_paper: bool) -> Vec<RoomSheet> {
        let candidates: HashMap<CandidateId, &Candidate> = self.candidates.iter().map(|each| (each.id, each)).collect();
        let mut held: BTreeMap<SheetPlace, LinesBySeat> = BTreeMap::new();
        let paper_at: HashMap<PaperId, usize> =
            self.papers.iter().enumerate().map(|(at, each)| (each.id, at)).collect();
        let room_at: HashMap<RoomId, usize> = self.rooms.iter().enumerate().map(|(at, each)| (each.id, at)).collect();
        for seat in &self.seats {
            if paper.is_some_and(|id| id != seat.paper_id) || room.is_some_and(|id| id != seat.room_id) {
                continue;
            }
            let (Some(at), Some(room), Some(candidate)) =
                (paper_at.get(&seat.paper_id), room_at.get(&seat.room_id), candidates.get(&seat.candidate_id))
            else {
                continue;
            };
            let key = ((by_paper || paper.is_some()).then_some(*at), *room);
            held.entry(key).or_default().insert((seat.seat, candidate.id), line(candidate, seat.seat));
        }
        let sheet = |((paper, room), lines): (SheetPlace, LinesBySeat)| RoomSheet {
            room: self.rooms[room].name.clone(),
            place: self.rooms[room].place.clone(),
            paper: paper.map(|at| self.papers[at].clone()),
            lines: lines.into_values().collect(),
        };
        held.into_iter().map(sheet).collect()
    }

    /// The candidates' slips, class by class in the order of their numbers; of one room: of those who sit there.
    #[must_use]
    pub fn slips(&self, room: Option<RoomId>) -> Vec<CandidateSlip> {
        let mut of_candidate: HashMap<CandidateId, Vec<&SeatTaken>> = HashMap::new();
        self.seats.iter().for_each(|seat| of_candidate.entry(seat.candidate_id).or_default().push(seat));
        let room_name = |id: RoomId| self.rooms.iter().find(|each| each.id == id).map(|each| each.name.clone());
        let slip = |candidate: &Candidate| {
            let seats = of_candidate.get(&candidate.id)?;
            if room.is_some_and(|room| !seats.iter().any(|seat| seat.room_id == room)) {
                return None;
            }
            let papers = self.papers.iter().filter_map(|paper| {
                let seat = seats.iter().find(|seat| seat.paper_id == paper.id)?;
                Some((paper.clone(), room_name(seat.room_id)?, seat.seat))
            });
            Some(CandidateSlip {
                number: candidate.number.clone().unwrap_or_default(),
                full_name: candidate.full_name.clone(),
                birth_date: candidate.birth_date,
                class_name: candidate.class_name.clone(),
                papers: papers.collect(),
            })
        };
        let mut slips: Vec<CandidateSlip> = self.candidates.iter().filter_map(slip).collect();
        slips.sort_by_cached_key(|slip| crate::vietnam::class_name::natural_key(&slip.class_name));
        slips
    }
}

fn line(candidate: &Candidate, seat: i16) -> SeatLine {
    SeatLine {
        seat,
        number: candidate.number.clone().unwrap_or_default(),
        full_name: candidate.full_name.clone(),
        birth_date: candidate.birth_date,
        class_name: candidate.class_name.clone(),
    }
}

/// The sheets as rows of one table, with their heads.
#[must_use]
pub fn table(l: &Translator, list: List, sheets: &[RoomSheet]) -> (TableHeads, Vec<Vec<String>>) {
    let head = |key: &str, width: f64| (l.t(key), width);
    let paper = |sheet: &RoomSheet| sheet.paper.as_ref().map(Paper::title).unwrap_or_default();
    let day = |sheet: &RoomSheet| sheet.paper.as_ref().map(|paper| l.date(&paper.day())).unwrap_or_default();
    if list == List::Envelopes {
        let heads = vec![
            head("exam-room", 18.0),
            head("exam-subject", 20.0),
            head("exam-date", 12.0),
            head("exam-begins", 10.0),
            head("exam-candidates-count", 12.0),
            head("exam-number-from", 14.0),
            head("exam-number-to", 14.0),
        ];
        let row = |sheet: &RoomSheet| {
            let begins = sheet.paper.as_ref().map(Paper::begins).unwrap_or_default();
            let (first, last) = sheet.span();
            let count = sheet.lines.len().to_string();
            vec![sheet.room.clone(), paper(sheet), day(sheet), begins, count, first.to_owned(), last.to_owned()]
        };
        return (heads, sheets.iter().map(row).collect());
    }
    let heads = vec![
        head("exam-room", 18.0),
        head("exam-subject", 20.0),
        head("exam-date", 12.0),
        head("exam-seat", 8.0),
        head("exam-number", 14.0),
        head("field-full-name", 30.0),
        head("field-birth-date", 12.0),
        head("field-class", 10.0),
    ];
    let row = |sheet: &RoomSheet, line: &SeatLine| {
        vec![
            sheet.room.clone(),
            paper(sheet),
            day(sheet),
            line.seat.to_string(),
            line.number.clone(),
            line.full_name.clone(),
            line.birth_date.map(|date| l.date(&date)).unwrap_or_default(),
            line.class_name.clone(),
        ]
    };
    (heads, sheets.iter().flat_map(|sheet| sheet.lines.iter().map(move |line| row(sheet, line))).collect())
}

/// The slips as rows of one table: a row for each paper.
#[must_use]
pub fn slip_table(l: &Translator, slips: &[CandidateSlip]) -> (TableHeads, Vec<Vec<String>>) {
    let heads = [
        ("exam-number", 14.0),
        ("field-full-name", 30.0),
        ("field-birth-date", 12.0),
        ("field-class", 10.0),
        ("exam-subject", 20.0),
        ("exam-date", 12.0),
        ("exam-begins", 10.0),
        ("exam-room", 18.0),
        ("exam-seat", 8.0),
    ];
    let row = |slip: &CandidateSlip, (paper, room, seat): &(Paper, String, i16)| {
        vec![
            slip.number.clone(),
            slip.full_name.clone(),
            slip.birth_date.map(|date| l.date(&date)).unwrap_or_default(),
            slip.class_name.clone(),
            paper.title(),
            l.date(&paper.day()),
            paper.begins(),
            room.clone(),
            seat.to_string(),
        ]
    };
    let rows = slips.iter().flat_map(|slip| slip.papers.iter().map(move |paper| row(slip, paper)));
    (heads.into_iter().map(|(key, width)| (l.t(key), width)).collect(), rows.collect())
}

/// The sheets as pages to print, for lists that are tables of candidates.
#[must_use]
pub fn pages(l: &Translator, list: List, sheets: &[RoomSheet]) -> Vec<PrintPage> {
    let is_attendance = match list {
        List::Door => false,
        List::Attendance => true,
        List::Labels | List::Envelopes | List::Slips | List::Plan | List::Duties | List::Statistics => {
            return Vec::new();
        }
    };
    let mut heads = vec![
        (l.t("exam-stt"), 6.0),
        (l.t("exam-number"), 12.0),
        (l.t("field-full-name"), 28.0),
        (l.t("field-birth-date"), 12.0),
        (l.t("field-class"), 9.0),
    ];
    if is_attendance {
        let more = [("exam-sheets-of-paper", 8.0), ("exam-signature", 14.0), ("exam-remark", 12.0)];
        heads.extend(more.map(|(key, width)| (l.t(key), width)));
    }
    let row = |line: &SeatLine| {
        let birth = line.birth_date.map(|date| l.date(&date)).unwrap_or_default();
        let mut row =
            vec![line.seat.to_string(), line.number.clone(), line.full_name.clone(), birth, line.class_name.clone()];
        row.resize(heads.len(), String::new());
        row
    };
    let page = |sheet: &RoomSheet| {
        let place = if sheet.place.is_empty() { String::new() } else { format!(" ({})", sheet.place) };
        let mut lines = vec![format!("{}{place}", sheet.room)];
        let paper = sheet.paper.as_ref();
        lines.extend(paper.map(|paper| format!("{} · {}, {}", paper.title(), paper.begins(), l.date(&paper.day()))));
        let mut below = vec![l.t1("exam-total", "count", sheet.lines.len())];
        below.extend(is_attendance.then(|| l.t("exam-total-handed")));
        let signs = if is_attendance { vec![l.t("exam-invigilator-1"), l.t("exam-invigilator-2")] } else { Vec::new() };
        let of_paper = paper.map(|paper| format!(" {}", paper.subject)).unwrap_or_default();
        PrintPage {
            name: format!("{}{of_paper}", sheet.room),
            title: l.t(if is_attendance { "exam-attendance-title" } else { "exam-door-title" }),
            lines,
            heads: heads.clone(),
            rows: sheet.lines.iter().map(row).collect(),
            below,
            signs,
        }
    };
    sheets.iter().map(page).collect()
}
