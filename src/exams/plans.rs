//! Lists for teachers and markers: the plan of the papers, the duties, and a sheet for each bag. The same pages are printed
//! and written into workbooks.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};

use super::{
    actions::duties::{GivenDuty, Invigilator},
    model::{ExamRoom, Paper},
    workbook::{PrintPage, SheetTable},
};
use crate::{
    ids::{MemberId, PaperId, RoomId},
    web::Translator,
};

/// A day with its name: Thứ hai, 14/12/2026.
#[must_use]
pub fn day_shown(l: &Translator, day: &NaiveDate) -> String {
    let at = usize::try_from(day.weekday().num_days_from_monday()).unwrap_or(0);
    format!("{}, {}", l.tk("exam-day", DAYS.get(at).copied().unwrap_or("mon")), l.date(day))
}

/// The keys of the days, for the test of the sentences.
pub const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The plan of the papers: a table, and the same as a page.
#[must_use]
pub fn papers(l: &Translator, papers: &[Paper]) -> (SheetTable, Vec<PrintPage>) {
    let heads = [
        ("exam-date", 22.0),
        ("exam-subject", 22.0),
        ("exam-begins", 11.0),
        ("exam-ends", 11.0),
        ("exam-minutes-head", 11.0),
        ("exam-paper-code", 11.0),
    ];
    let heads: Vec<(String, f64)> = heads.into_iter().map(|(key, width)| (l.t(key), width)).collect();
    let row = |paper: &Paper| {
        let (day, minutes) = (day_shown(l, &paper.day()), paper.minutes.to_string());
        vec![day, paper.title(), paper.begins(), paper.ends(), minutes, paper.code.clone()]
    };
    let rows: Vec<Vec<String>> = papers.iter().map(row).collect();
    let page = PrintPage {
        name: l.t("exam-list-plan"),
        title: l.t("exam-list-plan"),
        lines: Vec::new(),
        heads: heads.clone(),
        rows: rows.clone(),
        below: Vec::new(),
        signs: vec![String::new(), l.t("exam-sign-head")],
    };
    let pages = if papers.is_empty() { Vec::new() } else { vec![page] };
    (SheetTable { name: l.t("exam-sheet"), heads, rows }, pages)
}

/// The duties of an exam, to be listed.
pub struct Duties<'a> {
    pub papers: &'a [Paper],
    pub rooms: &'a [ExamRoom],
    pub people: &'a [Invigilator],
    pub given: &'a [GivenDuty],
}

impl Duties<'_> {
    /// The duties as a table of all, and as pages: one for each paper, and behind them one by people.
    #[must_use]
    pub fn pages(&self, l: &Translator) -> (SheetTable, Vec<PrintPage>) {
        let heads = [
            ("exam-date", 12.0),
            ("exam-begins", 10.0),
            ("exam-subject", 20.0),
            ("exam-room", 18.0),
            ("exam-person", 30.0),
        ];
        let mut rows = Vec::new();
        let mut pages = Vec::new();
        for paper in self.papers {
            let places = self.places(l, paper);
            for (place, people) in &places {
                let row = |person: &String| {
                    vec![l.date(&paper.day()), paper.begins(), paper.title(), place.clone(), person.clone()]
                };
                rows.extend(people.iter().map(row));
            }
            if !places.is_empty() {
                pages.push(paper_page(l, paper, &places));
            }
        }
        if !pages.is_empty() {
            pages.push(self.people_page(l));
        }
        let heads = heads.into_iter().map(|(key, width)| (l.t(key), width)).collect();
        (SheetTable { name: l.t("exam-sheet"), heads, rows }, pages)
    }

    /// The rooms of a paper in their order, the corridor behind them, with who is on duty there.
    fn places(&self, l: &Translator, paper: &Paper) -> Vec<(String, Vec<String>)> {
        let names: HashMap<MemberId, &str> =
            self.people.iter().map(|person| (person.member_id, person.full_name.as_str())).collect();
        let mut of_room: HashMap<Option<RoomId>, Vec<String>> = HashMap::new();
        for duty in self.given.iter().filter(|duty| duty.paper_id == paper.id) {
            let name = names.get(&duty.member_id).copied().unwrap_or_default();
            of_room.entry(duty.room_id).or_default().push(name.to_owned());
        }
        let rooms = self.rooms.iter().map(|room| (Some(room.id), room.name.clone()));
        let places = rooms.chain(std::iter::once((None, l.t("exam-corridor"))));
        places.filter_map(|(id, name)| Some((name, of_room.remove(&id)?))).collect()
    }

    fn people_page(&self, l: &Translator) -> PrintPage {
        let papers: HashMap<PaperId, &Paper> = self.papers.iter().map(|paper| (paper.id, paper)).collect();
        let rooms: HashMap<RoomId, &str> = self.rooms.iter().map(|room| (room.id, room.name.as_str())).collect();
        let of = |person: &Invigilator| {
            let mut own: Vec<(&Paper, String)> = self
                .given
                .iter()
                .filter(|duty| duty.member_id == person.member_id)
                .filter_map(|duty| {
                    let room = duty.room_id.and_then(|id| rooms.get(&id)).map(|name| (*name).to_owned());
                    Some((*papers.get(&duty.paper_id)?, room.unwrap_or_else(|| l.t("exam-corridor"))))
                })
                .collect();
            own.sort_by_key(|(paper, _)| paper.starts_at);
            own
        };
        let shown = |(paper, room): &(&Paper, String)| {
            format!("{} {} {} ({room})", paper.day().format("%d/%m"), paper.begins(), paper.title())
        };
        let row = |at: usize, person: &Invigilator, own: &[(&Paper, String)]| {
            let duties = own.iter().map(shown).collect::<Vec<_>>().join("; ");
            vec![at.to_string(), person.full_name.clone(), own.len().to_string(), duties]
        };
        let with_duties = self.people.iter().map(|person| (person, of(person))).filter(|(_, own)| !own.is_empty());
        PrintPage {
            name: l.t("exam-duties-by-person"),
            title: l.t("exam-list-duties"),
            lines: vec![l.t("exam-duties-by-person")],
            heads: vec![
                (l.t("exam-stt"), 6.0),
                (l.t("exam-person"), 26.0),
                (l.t("exam-duties-count"), 8.0),
                (l.t("exam-list-duties"), 60.0),
            ],
            rows: (1..).zip(with_duties).map(|(at, (person, own))| row(at, person, &own)).collect(),
            below: Vec::new(),
            signs: Vec::new(),
        }
    }
}

fn paper_page(l: &Translator, paper: &Paper, places: &[(String, Vec<String>)]) -> PrintPage {
    let most = places.iter().map(|(_, people)| people.len()).max().unwrap_or(1);
    let mut heads = vec![(l.t("exam-room"), 16.0)];
    heads.extend((1..=most).map(|n| (l.t1("exam-invigilator-n", "n", n.to_string()), 26.0)));
    heads.push((l.t("exam-signature"), 20.0));
    let row = |(place, people): &(String, Vec<String>)| {
        let mut row = vec![place.clone()];
        row.extend(people.iter().cloned());
        row.resize(most + 2, String::new());
        row
    };
    PrintPage {
        name: paper.title(),
        title: l.t("exam-list-duties"),
        lines: vec![format!("{} · {}–{}, {}", paper.title(), paper.begins(), paper.ends(), day_shown(l, &paper.day()))],
        heads,
        rows: places.iter().map(row).collect(),
        below: Vec::new(),
        signs: Vec::new(),
    }
}

/// The bag of a code: 012 of 012.07; none of a number.
#[must_use]
pub fn bag_of(code: &str) -> &str {
    code.split_once('.').map_or("", |(bag, _)| bag)
}

/// A sheet for each bag of a paper: its codes, and room for marks and the names of those who mark. Codes say no more.
#[must_use]
pub fn bags(l: &Translator, paper: &Paper, codes: &[&str]) -> Vec<PrintPage> {
    let heads = vec![
        (l.t("exam-stt"), 6.0),
        (l.t("exam-code"), 14.0),
        (l.t("exam-mark"), 12.0),
        (l.t("exam-mark-in-words"), 26.0),
        (l.t("exam-remark"), 24.0),
    ];
    let mut bags: Vec<(&str, Vec<&str>)> = Vec::new();
    for code in codes.iter().copied() {
        let bag = bag_of(code);
        match bags.last_mut() {
            Some((last, held)) if *last == bag => held.push(code),
            _ => bags.push((bag, vec![code])),
        }
    }
    let row = |(at, code): (usize, &&str)| {
        let mut row = vec![at.to_string(), (*code).to_owned()];
        row.resize(heads.len(), String::new());
        row
    };
    let page = |(bag, held): &(&str, Vec<&str>)| PrintPage {
        name: format!("{} {bag}", l.t("exam-bag")),
        title: l.t("exam-bag-title"),
        lines: vec![format!("{} · {} {bag}", paper.title(), l.t("exam-bag"))],
        heads: heads.clone(),
        rows: (1..).zip(held).map(row).collect(),
        below: vec![l.t1("exam-bag-total", "count", held.len())],
        signs: vec![l.t1("exam-marker-n", "n", "1"), l.t1("exam-marker-n", "n", "2")],
    };
    bags.iter().map(page).collect()
}
