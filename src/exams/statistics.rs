//! How many sit where: by paper, by room and by class. Counted from what the lists are made of.

use std::{collections::HashMap, ops::Range};

use super::{
    model::Paper,
    sheets::Material,
    workbook::{PrintPage, SheetTable},
};
use crate::{
    ids::{ClassId, PaperId, RoomId},
    vietnam::class_name,
    web::Translator,
};

/// How many papers the columns of a printed page hold.
const PAPERS_OF_A_PAGE: usize = 9;

/// A paper in figures.
#[derive(Clone, Debug)]
pub struct OfPaper {
    pub paper: Paper,
    /// Who is to sit it, who has a seat for it, and who is exempted.
    pub candidates: usize,
    pub seated: usize,
    pub exempted: usize,
    pub rooms: usize,
}

/// A room or a class, with how many sit each paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatisticsLine {
    pub name: String,
    pub counts: Vec<usize>,
}

#[derive(Clone, Debug)]
pub struct Statistics {
    pub papers: Vec<OfPaper>,
    pub rooms: Vec<StatisticsLine>,
    pub classes: Vec<StatisticsLine>,
    pub candidates: usize,
    pub withdrawn: usize,
    /// Candidates who were added after numbers had been given, and did not withdraw.
    pub late: usize,
}

impl Statistics {
    #[must_use]
    pub fn of(material: &Material) -> Self {
        let mut seats: HashMap<(PaperId, RoomId), usize> = HashMap::new();
        material.seats.iter().for_each(|seat| *seats.entry((seat.paper_id, seat.room_id)).or_default() += 1);
        let there = || material.candidates.iter().filter(|each| !each.is_withdrawn);
        let of_paper = |paper: &Paper| OfPaper {
            candidates: there().filter(|each| each.sits(paper)).count(),
            seated: seats.iter().filter(|((id, _), _)| *id == paper.id).map(|(_, count)| count).sum(),
            exempted: there().filter(|each| each.exempt_from.contains(&paper.id)).count(),
            rooms: seats.keys().filter(|(id, _)| *id == paper.id).count(),
            paper: paper.clone(),
        };
        let of_room = |room: &super::model::ExamRoom| StatisticsLine {
            name: room.name.clone(),
            counts: material.papers.iter().map(|paper| seats.get(&(paper.id, room.id)).copied().unwrap_or(0)).collect(),
        };
        let mut classes: Vec<(ClassId, String)> =
            there().map(|each| (each.class_id, each.class_name.clone())).collect();
        classes.sort_by_cached_key(|(id, name)| (class_name::natural_key(name), *id));
        classes.dedup();
        let of_class = |(id, name): (ClassId, String)| StatisticsLine {
            counts: material
                .papers
                .iter()
                .map(|paper| there().filter(|each| each.class_id == id && each.sits(paper)).count())
                .collect(),
            name,
        };
        Self {
            papers: material.papers.iter().map(of_paper).collect(),
            rooms: material.rooms.iter().map(of_room).collect(),
            classes: classes.into_iter().map(of_class).collect(),
            candidates: there().count(),
            withdrawn: material.candidates.len() - there().count(),
            late: there().filter(|each| each.is_late).count(),
        }
    }

    /// The same as pages to print; of many papers there are several, so that the columns fit.
    #[must_use]
    pub fn pages(&self, l: &Translator) -> Vec<PrintPage> {
        if self.papers.is_empty() {
            return Vec::new();
        }
        let said = [
            ("exam-candidates-n", self.candidates, true),
            ("exam-late-n", self.late, self.late > 0),
            ("exam-withdrawn-n", self.withdrawn, self.withdrawn > 0),
        ];
        let said = said.into_iter().filter(|(_, _, is_shown)| *is_shown);
        let said: Vec<String> = said.map(|(key, count, _)| l.t1(key, "count", count)).collect();
        let page = |table: SheetTable, lines: Vec<String>| PrintPage {
            title: l.t("exam-statistics"),
            lines: std::iter::once(table.name.clone()).chain(lines).collect(),
            name: table.name,
            heads: table.heads,
            rows: table.rows,
            below: Vec::new(),
            signs: Vec::new(),
        };
        let mut pages = vec![page(self.by_paper(l), vec![said.join(" · ")])];
        for (name, head, lines) in self.lines() {
            for from in (0..self.papers.len()).step_by(PAPERS_OF_A_PAGE) {
                let until = self.papers.len().min(from + PAPERS_OF_A_PAGE);
                pages.push(page(self.by_line(l, (name, head), lines, from..until), Vec::new()));
            }
        }
        pages
    }

    /// Rooms and classes: the keys of the name and of the first head, and the lines.
    #[must_use]
    pub fn lines(&self) -> [(&'static str, &'static str, &[StatisticsLine]); 2] {
        [("exam-by-room", "exam-room", &self.rooms), ("exam-by-class", "field-class", &self.classes)]
    }

    /// The same as sheets of a workbook.
    #[must_use]
    pub fn tables(&self, l: &Translator) -> Vec<SheetTable> {
        let lines = self.lines().map(|(name, head, lines)| self.by_line(l, (name, head), lines, 0..self.papers.len()));
        std::iter::once(self.by_paper(l)).chain(lines).collect()
    }

    fn by_paper(&self, l: &Translator) -> SheetTable {
        SheetTable {
            name: l.t("exam-by-paper"),
            heads: vec![
                (l.t("exam-subject"), 24.0),
                (l.t("exam-date"), 12.0),
                (l.t("exam-begins"), 10.0),
                (l.t("exam-candidates-count"), 12.0),
                (l.t("exam-seated-count"), 12.0),
                (l.t("exam-exempt"), 12.0),
                (l.t("exam-rooms-used"), 12.0),
            ],
            rows: self
                .papers
                .iter()
                .map(|each| {
                    let counts =
                        [each.candidates, each.seated, each.exempted, each.rooms].map(|count| count.to_string());
                    let mut row = vec![each.paper.title(), l.date(&each.paper.day()), each.paper.begins()];
                    row.extend(counts);
                    row
                })
                .collect(),
        }
    }

    /// The lines with these of the papers.
    fn by_line(
        &self,
        l: &Translator,
        (name, head): (&str, &str),
        lines: &[StatisticsLine],
        papers: Range<usize>,
    ) -> SheetTable {
        let mut heads = vec![(l.t(head), 20.0)];
        heads.extend(self.papers[papers.clone()].iter().map(|each| (each.paper.title(), 14.0)));
        let row = |line: &StatisticsLine| {
            let counts = line.counts[papers.clone()].iter().map(ToString::to_string);
            std::iter::once(line.name.clone()).chain(counts).collect()
        };
        SheetTable { name: l.t(name), heads, rows: lines.iter().map(row).collect() }
    }
}
