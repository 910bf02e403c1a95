//! Results as workbooks: all in one table, class by class, subject by subject, and in the shape in which SMAS takes marks
//! in. Only what counts is written; who asks has been checked by the page.

use std::collections::BTreeMap;

use super::{
    marks::{self, Mark, Summary, decimal},
    model::{Candidate, Exam, Paper},
    store::TypedMarks,
    workbook::{PrintPage, SheetTable, TableHeads},
};
use crate::{ids::PaperId, vietnam::class_name, web::Translator};

/// How results are sorted into sheets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// One table of all.
    All,
    Class,
    Subject,
    /// One paper, class by class, as SMAS takes marks in.
    Smas,
}

impl By {
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        match key {
            "" => Some(Self::All),
            "class" => Some(Self::Class),
            "subject" => Some(Self::Subject),
            "smas" => Some(Self::Smas),
            _ => None,
        }
    }

    /// As the name of the file has it.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Self::All => "results",
            Self::Class => "results-class",
            Self::Subject => "results-subject",
            Self::Smas => "smas",
        }
    }
}

/// What results are made of.
pub struct ExamResults {
    pub exam: Exam,
    pub papers: Vec<Paper>,
    /// Class by class, in each in the order of their numbers.
    pub candidates: Vec<Candidate>,
    pub typed: TypedMarks,
    /// The identifiers of the ministry, by the places of the candidates.
    pub moet_ids: Vec<String>,
}

impl ExamResults {
    /// Puts the candidates class by class.
    #[must_use]
    pub fn new(exam: Exam, papers: Vec<Paper>, candidates: Vec<(Candidate, String)>, typed: TypedMarks) -> Self {
        let mut candidates = candidates;
        candidates.sort_by_cached_key(|(each, _)| class_name::natural_key(&each.class_name));
        let (candidates, moet_ids) = candidates.into_iter().unzip();
        Self { exam, papers, candidates, typed, moet_ids }
    }

    /// What counts of a candidate in a paper.
    #[must_use]
    pub fn mark(&self, paper: &Paper, candidate: &Candidate) -> Option<Mark> {
        let typed = self.typed.get(&(paper.id, candidate.id)).map(Vec::as_slice).unwrap_or_default();
        marks::counting(self.exam.entries, typed)
    }

    fn shown(&self, paper: &Paper, candidate: &Candidate) -> String {
        self.mark(paper, candidate).map(Mark::typed).unwrap_or_default()
    }

    /// One table with a column for each paper.
    #[must_use]
    pub fn all(&self, l: &Translator) -> SheetTable {
        let heads = self.heads(l, true);
        let row = |candidate: &Candidate| self.row(l, candidate, true);
        SheetTable { name: l.t("exam-sheet"), heads, rows: self.candidates.iter().map(row).collect() }
    }

    fn heads(&self, l: &Translator, with_class: bool) -> TableHeads {
        let mut heads =
            vec![(l.t("exam-number"), 14.0), (l.t("field-full-name"), 30.0), (l.t("field-birth-date"), 12.0)];
        if with_class {
            heads.push((l.t("field-class"), 10.0));
        }
        heads.extend(self.papers.iter().map(|paper| (paper.title(), 14.0)));
        heads
    }

    fn row(&self, l: &Translator, candidate: &Candidate, with_class: bool) -> Vec<String> {
        let mut row = person(l, candidate);
        if with_class {
            row.push(candidate.class_name.clone());
        }
        row.extend(self.papers.iter().map(|paper| self.shown(paper, candidate)));
        row
    }

    /// A page for each class, with all papers.
    #[must_use]
    pub fn by_class(&self, l: &Translator) -> Vec<PrintPage> {
        let page = |(class, candidates): (&str, Vec<&Candidate>)| {
            let papers: Vec<&Paper> =
                self.papers.iter().filter(|paper| candidates.iter().any(|each| each.sits(paper))).collect();
            let mut heads = vec![
                (l.t("exam-stt"), 6.0),
                (l.t("exam-number"), 12.0),
                (l.t("field-full-name"), 28.0),
                (l.t("field-birth-date"), 12.0),
            ];
            heads.extend(papers.iter().map(|paper| (paper.subject.clone(), 10.0)));
            let row = |(at, candidate): (usize, &&Candidate)| {
                let mut row = vec![(at + 1).to_string()];
                row.extend(person(l, candidate));
                row.extend(papers.iter().map(|paper| self.shown(paper, candidate)));
                row
            };
            PrintPage {
                name: class.to_owned(),
                title: l.t("exam-results-title"),
                lines: vec![l.t1("exam-results-class", "class", class)],
                heads,
                rows: candidates.iter().enumerate().map(row).collect(),
                below: vec![l.t1("exam-total", "count", candidates.len())],
                signs: Vec::new(),
            }
        };
        self.classes().into_iter().map(page).collect()
    }

    /// A page for each paper, with what its marks come to.
    #[must_use]
    pub fn by_subject(&self, l: &Translator) -> Vec<PrintPage> {
        let page = |paper: &Paper| {
            let candidates: Vec<&Candidate> = self.candidates.iter().filter(|each| each.sits(paper)).collect();
            let row = |(at, candidate): (usize, &&Candidate)| {
                let mut row = vec![(at + 1).to_string()];
                row.extend(person(l, candidate));
                row.extend([candidate.class_name.clone(), self.shown(paper, candidate)]);
                row
            };
            let summary = Summary::of(candidates.iter().filter_map(|each| self.mark(paper, each)));
            PrintPage {
                name: paper.title(),
                title: l.t("exam-results-title"),
                lines: vec![format!("{} · {}, {}", paper.title(), paper.begins(), l.date(&paper.day()))],
                heads: vec![
                    (l.t("exam-stt"), 6.0),
                    (l.t("exam-number"), 12.0),
                    (l.t("field-full-name"), 28.0),
                    (l.t("field-birth-date"), 12.0),
                    (l.t("field-class"), 10.0),
                    (l.t("exam-mark"), 10.0),
                ],
                rows: candidates.iter().enumerate().map(row).collect(),
                below: said(l, &summary),
                signs: Vec::new(),
            }
        };
        self.papers.iter().map(page).collect()
    }

    /// A table for each class: the identifier by which SMAS knows the pupil, and the mark of this paper in the column of
    /// the mark at the end of the term, with one decimal as school reports have it (Thông tư 22/2021/TT-BGDĐT, điều 7).
    /// Who was absent or annulled has no mark there.
    #[must_use]
    pub fn smas(&self, l: &Translator, paper: PaperId) -> Vec<SheetTable> {
        let Some(paper) = self.papers.iter().find(|each| each.id == paper) else { return Vec::new() };
        let ids: BTreeMap<_, &String> = self.candidates.iter().map(|each| each.id).zip(&self.moet_ids).collect();
        // As SMAS names them, in whatever language the page is.
        let heads = [("STT", 6.0), ("Mã học sinh", 16.0), ("Họ và tên", 30.0), ("Ngày sinh", 12.0), ("ĐĐGck", 10.0)];
        let table = |(class, candidates): (&str, Vec<&Candidate>)| {
            let row = |(at, candidate): (usize, &&Candidate)| {
                let mark = match self.mark(paper, candidate) {
                    Some(Mark::Points(value)) => decimal((value + 5) / 10 * 10, ','),
                    Some(mark @ Mark::Pass(_)) => mark.typed(),
                    _ => String::new(),
                };
                let id = ids.get(&candidate.id).map(|id| (*id).clone()).unwrap_or_default();
                let birth = candidate.birth_date.map(|date| l.date(&date)).unwrap_or_default();
                vec![(at + 1).to_string(), id, candidate.full_name.clone(), birth, mark]
            };
            let rows = candidates.iter().filter(|each| each.sits(paper)).enumerate().map(|(at, each)| row((at, each)));
            SheetTable {
                name: class.to_owned(),
                heads: heads.iter().map(|(text, width)| ((*text).to_owned(), *width)).collect(),
                rows: rows.collect(),
            }
        };
        let tables = self.classes().into_iter().map(table);
        tables.filter(|table| !table.rows.is_empty()).collect()
    }

    /// The candidates who did not withdraw, class by class.
    fn classes(&self) -> Vec<(&str, Vec<&Candidate>)> {
        let mut classes: Vec<(&str, Vec<&Candidate>)> = Vec::new();
        for candidate in self.candidates.iter().filter(|each| !each.is_withdrawn) {
            match classes.last_mut() {
                Some((class, candidates)) if *class == candidate.class_name => candidates.push(candidate),
                _ => classes.push((&candidate.class_name, vec![candidate])),
            }
        }
        classes
    }
}

/// Number, name and birth date.
fn person(l: &Translator, candidate: &Candidate) -> Vec<String> {
    vec![
        candidate.number.clone().unwrap_or_default(),
        candidate.full_name.clone(),
        candidate.birth_date.map(|date| l.date(&date)).unwrap_or_default(),
    ]
}

/// What the marks of a paper come to, in lines.
#[must_use]
pub fn said(l: &Translator, summary: &Summary) -> Vec<String> {
    let mut lines = Vec::new();
    if let (Some(mean), Some(highest), Some(lowest)) = (summary.mean(), summary.highest, summary.lowest) {
        let shown = |value| decimal(value, ',');
        lines.push(format!("{}: {}", l.t("exam-mean"), shown(mean)));
        lines.push(format!("{}: {} – {}", l.t("exam-mark-span"), shown(lowest), shown(highest)));
        lines.push(format!("{}: {}", l.t("exam-at-least-5"), share(summary.at_least_5, summary.points)));
        lines.push(format!("{}: {}", l.t("exam-at-least-8"), share(summary.at_least_8, summary.points)));
    }
    let judged = summary.passed + summary.failed;
    if judged > 0 {
        lines.push(format!("{}: {}", l.t("exam-passed"), share(summary.passed, judged)));
    }
    if summary.absent > 0 {
        lines.push(format!("{}: {}", l.t("exam-absent"), summary.absent));
    }
    if summary.violations > 0 {
        lines.push(format!("{}: {}", l.t("exam-violations"), summary.violations));
    }
    lines
}

/// 12/40 (30%).
fn share(part: i64, whole: i64) -> String {
    let percent = (part * 200 + whole).checked_div(whole * 2).unwrap_or(0);
    format!("{part}/{whole} ({percent}%)")
}
