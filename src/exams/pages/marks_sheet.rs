//! Marks by sheet: what the sheet says is shown beside what stands there, with every line that is not understood; what is
//! confirmed goes the way of marks that are typed. Like the page of the column, this one names nobody.

use askama::Template;
use axum::extract::{Multipart, Path, State};

use super::{
    Frame, Step,
    marks::{MarksContext, MarksPage, context},
    shell_of,
};
use crate::{
    access::{Granted, may},
    app::App,
    exams::{
        actions::marking,
        marks::Mark,
        marks_sheet::{self, MarkRejection, MarksReading, RejectedMark},
        model::Paper,
    },
    paths,
    sources::{
        pages::sheet_form::{SheetForm, unreadable},
        spreadsheet::{FileRefusal, plain},
    },
    web::{PageResult, RequestContext, Shell, Translator, html, refused},
};

/// The most rows of a sheet of marks: far more than a paper has candidates.
const MOST_ROWS: usize = 10_000;

#[derive(Template)]
#[template(path = "exams/marks_sheet.html")]
struct MarksSheetPage {
    l: Translator,
    shell: Shell,
    frame: Frame,
    paper: Paper,
    entry: i16,
    file_name: String,
    understood: MarksReading,
}

impl MarksSheetPage {
    fn address(&self) -> String {
        paths::ExamMarks::of(&self.frame.code, self.frame.exam.id, self.paper.id).to_string()
    }

    fn shown(&self, mark: &Option<Mark>) -> String {
        mark.map(Mark::typed).unwrap_or_default()
    }

    fn why(&self, not_taken: &RejectedMark) -> String {
        match not_taken.why {
            MarkRejection::UnknownKey => self.l.t("fault-exam-mark-unknown"),
            MarkRejection::Twice => self.l.t("exam-sheet-twice"),
            MarkRejection::OtherCutting => self.l.t("exam-sheet-other-cutting"),
            MarkRejection::Mark(fault) => self.l.t(&format!("fault-{}", fault.key())),
        }
    }
}

pub async fn review(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam, paper)): Path<(String, String, String)>,
    multipart: Multipart,
) -> PageResult {
    let upload = SheetForm::read(multipart).await?;
    let MarksContext { entrusted, exam, paper, sheets, entry } =
        context(&app, &granted, &exam, &paper, upload.value("entry")).await?;
    marking::viewed(&entrusted, &app, &paper).await?;
    let page = |key: &str| {
        let page = MarksPage::new(&visitor, &entrusted, exam.clone(), paper.clone(), &sheets, entry, "");
        page.with_fault("file", key)
    };
    if marking::is_closed(&entrusted, &sheets, visitor.now) {
        return refused(&page("fault-exam-marks-closed"));
    }
    if let Some(key) = upload.fault() {
        return refused(&page(key));
    }
    let file_name = upload.file_name;
    let rows = match plain::read(&app.program, upload.file).await {
        Ok(rows) => rows,
        Err(refusal) => return refused(&page(&unreadable(refusal))),
    };
    if rows.len() > MOST_ROWS {
        return refused(&page(&unreadable(FileRefusal::TooManyRows)));
    }
    let known: Vec<_> = sheets.iter().map(|sheet| (sheet.key.clone(), sheet.of_entry(entry))).collect();
    let Some(understood) = marks_sheet::understand(&rows, exam.typing(), paper.cutting, &known) else {
        return refused(&page("fault-exam-sheet-columns"));
    };
    html(&MarksSheetPage {
        l: visitor.l,
        shell: shell_of(&visitor, &entrusted),
        frame: Frame::new(&entrusted, exam, Step::Marks),
        paper,
        entry,
        file_name,
        understood,
    })
}
