//! How many sit where: by paper, by room and by class. Counted from what the lists are made of.

use std::collections::HashMap;

use super::{model::Paper, sheets::Material, workbook::Table};
use crate::{
    ids::{ClassId, PaperId, RoomId},
    vietnam::class_name,
    web::Translator,
};

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
pub struct Line {
    pub name: String,
    pub counts: Vec<usize>,
}

#[derive(Clone, Debug)]
pub struct Statistics {
    pub papers: Vec<OfPaper>,
    pub rooms: Vec<Line>,
    pub classes: Vec<Line>,
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
        let of_room = |room: &super::model::Room| Line {
            name: room.name.clone(),
            counts: material.papers.iter().map(|paper| seats.get(&(paper.id, room.id)).copied().unwrap_or(0)).collect(),
        };
        let mut classes: Vec<(ClassId, String)> =
            there().map(|each| (each.class_id, each.class_name.clone())).collect();
        classes.sort_by_cached_key(|(id, name)| (class_name::natural_key(name), *id));
        classes.dedup();
        let of_class = |(id, name): (ClassId, String)| Line {
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

    /// The same as sheets of a workbook.
    #[must_use]
    pub fn tables(&self, l: &Translator) -> Vec<Table> {
        let papers = Table {
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
        };
        let lines = |name: &str, head: &str, lines: &[Line]| {
            let mut heads = vec![(l.t(head), 20.0)];
            heads.extend(self.papers.iter().map(|each| (each.paper.title(), 14.0)));
            let row = |line: &Line| {
                std::iter::once(line.name.clone()).chain(line.counts.iter().map(ToString::to_string)).collect()
            };
            Table { name: l.t(name), heads, rows: lines.iter().map(row).collect() }
        };
        vec![
            papers,
            lines("exam-by-room", "exam-room", &self.rooms),
            lines("exam-by-class", "field-class", &self.classes),
        ]
    }
}
