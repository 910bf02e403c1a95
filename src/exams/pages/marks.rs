//! Marks of one paper, typed in a column. Codes or numbers only: no name, class or room stands on this page, for holders
//! neither.

use std::collections::{BTreeMap, HashMap};

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use super::{Frame, Opened, Step, faults as faults_of, open, printed, shell_of};
use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    exams::{
        actions::{
            Entrusted,
            marking::{self, MarkChange, MarkedPaper, NotWritten},
        },
        marks::{Mark, SETTLED},
        model::{Paper, Task},
        plans, store,
        workbook::{self, Heading, SheetTable},
    },
    ids::PaperId,
    paths,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "exams/marks.html")]
pub(super) struct MarksPage {
    l: Translator,
    shell: Shell,
    frame: Frame,
    paper: Paper,
    /// Which entry is typed: 1 or 2, or 3 where differences are settled.
    entry: i16,
    /// The bags of a paper that was cut, and the one that is shown alone, or none.
    bags: Vec<String>,
    bag: String,
    rows: Vec<MarkRow>,
    /// No code or mark is shown any more.
    is_closed: bool,
    done: usize,
    count: usize,
    differing: usize,
    /// What was typed under codes that were cut anew meanwhile: the old codes with the marks.
    outdated: Vec<(String, String)>,
    faults: FormErrors,
}

/// A field of the column.
struct MarkRow {
    key: String,
    /// What stands there now, and what was typed.
    was: String,
    typed: String,
    /// What both typed, where a difference is settled.
    both: Option<(String, String)>,
    fault: Option<String>,
}

/// How many characters of a refused entry are shown again.
const LONGEST_TYPED: usize = 40;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct MarksQuery {
    entry: String,
    bag: String,
    file: String,
    print: String,
}

fn shown(mark: Option<Mark>) -> String {
    mark.map(Mark::typed).unwrap_or_default()
}

/// The bags of a paper, in their order.
fn bags_of(sheets: &[MarkedPaper]) -> Vec<String> {
    let mut bags: Vec<String> = sheets.iter().map(|sheet| plans::bag_of(&sheet.key).to_owned()).collect();
    bags.dedup();
    bags
}

impl MarksPage {
    pub(super) fn new(
        visitor: &RequestContext,
        entrusted: &Entrusted,
        exam: crate::exams::model::Exam,
        paper: Paper,
        sheets: &[MarkedPaper],
        entry: i16,
        bag: &str,
    ) -> Self {
        let is_closed = marking::is_closed(entrusted, sheets, visitor.now);
        let bags = if is_closed || paper.cut_at.is_none() { Vec::new() } else { bags_of(sheets) };
        let bag = bags.iter().find(|each| *each == bag).cloned().unwrap_or_default();
        let is_shown = |sheet: &&MarkedPaper| {
            !is_closed
                && (bag.is_empty() || plans::bag_of(&sheet.key) == bag)
                && (entry != SETTLED || sheet.differs() || sheet.of_entry(SETTLED).is_some())
        };
        let row = |sheet: &MarkedPaper| MarkRow {
            key: sheet.key.clone(),
            was: shown(sheet.of_entry(entry)),
            typed: shown(sheet.of_entry(entry)),
            both: (entry == SETTLED).then(|| (shown(sheet.of_entry(1)), shown(sheet.of_entry(2)))),
            fault: None,
        };
        Self {
            l: visitor.l,
            shell: shell_of(visitor, entrusted),
            frame: Frame::new(entrusted, exam, Step::Marks),
            paper,
            entry,
            rows: sheets.iter().filter(is_shown).map(row).collect(),
            bags,
            bag,
            is_closed,
            done: sheets.iter().filter(|sheet| sheet.of_entry(entry).is_some()).count(),
            count: sheets.len(),
            differing: sheets.iter().filter(|sheet| sheet.differs()).count(),
            outdated: Vec::new(),
            faults: if is_closed { FormErrors::one("marks", "fault-exam-marks-closed") } else { FormErrors::new() },
        }
    }

    /// The same, saying what is wrong with a field.
    pub(super) fn with_fault(self, field: &str, key: &str) -> Self {
        Self { faults: FormErrors::one(field, key), ..self }
    }

    /// The same with what was typed, where nothing of it was written.
    fn typed_again(mut self, fields: &HashMap<String, String>) -> Self {
        for row in &mut self.rows {
            if let Some(typed) = fields.get(&format!("mark_{}", row.key)) {
                row.typed = typed.chars().take(LONGEST_TYPED).collect();
            }
        }
        self
    }

    fn sheet(&self) -> String {
        paths::ExamMarksSheet::of(&self.frame.code, self.frame.exam.id, self.paper.id).to_string()
    }

    fn address(&self) -> String {
        paths::ExamMarks::of(&self.frame.code, self.frame.exam.id, self.paper.id).to_string()
    }
}

pub(super) struct MarksContext {
    pub entrusted: Entrusted,
    pub exam: crate::exams::model::Exam,
    pub paper: Paper,
    pub sheets: Vec<MarkedPaper>,
    pub entry: i16,
}

pub(super) async fn context(
    app: &App,
    granted: &Granted<may::HelpWithExams>,
    exam: &str,
    paper: &str,
    entry: &str,
) -> Result<MarksContext> {
    let Opened { mut tx, entrusted, exam } = open(app, granted, exam, Some(Task::Marks)).await?;
    let id: PaperId = paper.parse().map_err(|_| Error::NotFound)?;
    let paper = store::paper(&entrusted, &mut tx, exam.id, id).await?;
    let entry = marking::entry(&entrusted, &mut tx, &exam, id, entry.parse().ok()).await?;
    let sheets = marking::sheets(&entrusted, &mut tx, &paper).await?;
    tx.commit().await?;
    Ok(MarksContext { entrusted, exam, paper, sheets, entry })
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam, paper)): Path<(String, String, String)>,
    Query(query): Query<MarksQuery>,
) -> PageResult {
    let MarksContext { entrusted, exam, paper, sheets, entry } =
        context(&app, &granted, &exam, &paper, &query.entry).await?;
    marking::viewed(&entrusted, &app, &paper).await?;
    if query.file == "xlsx" && !marking::is_closed(&entrusted, &sheets, visitor.now) {
        let table = table(&visitor.l, &paper, &sheets, entry);
        // No heading: the file names no more than the page.
        let workbook = workbook::write(&[table], &Heading::default(), &[]).map_err(anyhow::Error::new)?;
        return Ok(page::attachment(workbook, page::XLSX, &format!("{}-marks.xlsx", granted.school.code)));
    }
    if query.print == "bags" && paper.cut_at.is_some() {
        let shown = if marking::is_closed(&entrusted, &sheets, visitor.now) { &[][..] } else { &sheets[..] };
        let codes: Vec<&str> = shown.iter().map(|sheet| sheet.key.as_str()).collect();
        return printed::bags(&app, &visitor, &entrusted, exam, &paper, &codes).await;
    }
    html(&MarksPage::new(&visitor, &entrusted, exam, paper, &sheets, entry, &query.bag))
}

/// The column as a sheet. Codes come with the cutting that they are of, so that the sheet of an earlier one is not taken.
fn table(l: &Translator, paper: &Paper, sheets: &[MarkedPaper], entry: i16) -> SheetTable {
    let key = if paper.cut_at.is_some() { "exam-code" } else { "exam-number" };
    let mut heads = vec![(l.t(key), 14.0), (l.t("exam-mark"), 10.0)];
    let cutting = paper.cut_at.map(|_| paper.cutting.to_string());
    heads.extend(cutting.iter().map(|_| (l.t("exam-cutting"), 16.0)));
    let row = |sheet: &MarkedPaper| {
        let mut row = vec![sheet.key.clone(), shown(sheet.of_entry(entry))];
        row.extend(cutting.clone());
        row
    };
    SheetTable { name: l.t("exam-sheet"), heads, rows: sheets.iter().map(row).collect() }
}

pub async fn type_in(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam, paper)): Path<(String, String, String)>,
    Form(fields): Form<Vec<(String, String)>>,
) -> PageResult {
    let fields: HashMap<String, String> = fields.into_iter().collect();
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let MarksContext { entrusted, exam, paper, sheets, entry } =
        context(&app, &granted, &exam, &paper, field("entry")).await?;
    let typing = exam.typing();
    let mut changes = BTreeMap::new();
    let mut faults: BTreeMap<String, String> = BTreeMap::new();
    for (key, typed) in fields.iter().filter_map(|(name, typed)| Some((name.strip_prefix("mark_")?, typed))) {
        let standing = || sheets.iter().find(|sheet| sheet.key == key).and_then(|sheet| sheet.of_entry(entry));
        // A form without what stood there means to write over what stands now.
        let was = match fields.get(&format!("was_{key}")) {
            Some(was) => Mark::read(was, typing).ok().flatten(),
            None => standing(),
        };
        match Mark::read(typed, typing) {
            Ok(mark) => drop(changes.insert(key.to_owned(), MarkChange { was, mark })),
            Err(fault) => drop(faults.insert(key.to_owned(), visitor.l.t(&format!("fault-{}", fault.key())))),
        }
    }
    if changes.is_empty() && faults.is_empty() {
        let page = MarksPage::new(&visitor, &entrusted, exam, paper, &sheets, entry, field("bag"));
        return refused(&MarksPage { faults: FormErrors::one("marks", "fault-exam-marks-none"), ..page });
    }
    let id = paper.id;
    let cutting = field("cutting").parse().ok();
    let (written, kept) = match marking::type_in(&entrusted, &app, id, entry, cutting, &changes).await? {
        Ok(outcome) => outcome,
        Err(refusal) => {
            let now = context(&app, &granted, &exam.id.to_string(), &id.to_string(), field("entry")).await?;
            let page = MarksPage::new(&visitor, &entrusted, exam, now.paper, &now.sheets, entry, field("bag"));
            // The old code may belong to another candidate now: the mark is shown next to the column, not in it.
            let page = if refusal.key == marking::CUT_ANEW {
                MarksPage { outdated: outdated(&fields), ..page }
            } else {
                page.typed_again(&fields)
            };
            return refused(&MarksPage { faults: faults_of(refusal), ..page });
        }
    };
    faults.extend(kept.into_iter().map(|(key, why)| (key, sentence(&visitor.l, why))));
    if faults.is_empty() {
        let to = paths::ExamMarks::of(&granted.school.code, exam.id, id).with("entry", entry);
        let to = to.with("bag", field("bag")).with("done", "exam-marks-typed").with("n", written);
        return Ok(page::redirect(to));
    }
    // What could be written was; the rest comes back as typed, with why not.
    let id = exam.id.to_string();
    let after = context(&app, &granted, &id, &paper.id.to_string(), field("entry")).await?;
    let mut page = MarksPage::new(&visitor, &entrusted, exam, paper, &after.sheets, entry, field("bag"));
    for row in &mut page.rows {
        if let Some(fault) = faults.remove(&row.key) {
            row.typed = field(&format!("mark_{}", row.key)).to_owned();
            page.faults.add_about(format!("mark_{}", row.key), "fault-exam-mark-of", format!("{}: {fault}", row.key));
            row.fault = Some(fault);
        }
    }
    for (key, fault) in faults {
        page.faults.add_about("marks", "fault-exam-mark-of", format!("{key}: {fault}"));
    }
    refused(&page)
}

/// What was typed, by its old code.
fn outdated(fields: &HashMap<String, String>) -> Vec<(String, String)> {
    let typed = |(name, typed): (&String, &String)| {
        let key = name.strip_prefix("mark_")?;
        let was = fields.get(&format!("was_{key}")).map(String::as_str).unwrap_or_default();
        let short = |text: &str| text.chars().take(LONGEST_TYPED).collect();
        (typed.trim() != was).then(|| (short(key), short(typed)))
    };
    let mut outdated: Vec<(String, String)> = fields.iter().filter_map(typed).collect();
    outdated.sort_unstable();
    outdated
}

fn sentence(l: &Translator, why: NotWritten) -> String {
    match why {
        NotWritten::Meanwhile(mark) => l.t1("fault-exam-mark-meanwhile", "value", shown(mark)),
        NotWritten::Published => l.t("fault-exam-mark-published"),
        NotWritten::SameTypist => l.t("fault-exam-mark-same-typist"),
        NotWritten::Settled => l.t("fault-exam-mark-settled"),
        NotWritten::Unknown => l.t("fault-exam-mark-unknown"),
    }
}
