//! Candidates by sheet: which pupils it names is shown, with every line that names none; those who are new are added once
//! that is confirmed.

use std::io::Cursor;

use askama::Template;
use axum::extract::{Multipart, Path, State};

use super::{
    Frame, Step,
    candidates::{CandidatesQuery, candidates_page},
    open, shell_of, uploaded,
};
use crate::{
    access::{Granted, may},
    app::App,
    exams::{
        candidates_sheet::{self, CandidatesReading},
        model::Task,
        store,
    },
    paths,
    roster::fields::RosterKind,
    sources::{
        pages::sheet_form::unreadable,
        spreadsheet::{FileRefusal, ReadOptions, Table, child},
    },
    web::{PageResult, RequestContext, Shell, Translator, forms::FormErrors, html, refused},
};

/// How many ids one field of the form holds.
const IDS_OF_FIELD: usize = 500;

/// How many of those who are new are shown by name.
const MOST_SHOWN: usize = 200;

/// The most rows of a list of candidates: far more than an exam has.
const MOST_ROWS: usize = 10_000;

#[derive(Template)]
#[template(path = "exams/candidates_sheet.html")]
struct CandidatesSheetPage {
    l: Translator,
    shell: Shell,
    frame: Frame,
    file_name: String,
    understood: CandidatesReading,
}

impl CandidatesSheetPage {
    fn address(&self) -> String {
        paths::ExamCandidates::of(&self.frame.code, self.frame.exam.id).to_string()
    }

    /// The ids of those who are new, many in each field.
    fn members(&self) -> Vec<String> {
        let joined = |pupils: &[candidates_sheet::ExamPupil]| {
            pupils.iter().map(|pupil| pupil.member_id.to_string()).collect::<Vec<_>>().join(",")
        };
        self.understood.new.chunks(IDS_OF_FIELD).map(joined).collect()
    }

    fn shown(&self) -> &[candidates_sheet::ExamPupil] {
        &self.understood.new[..self.understood.new.len().min(MOST_SHOWN)]
    }
}

pub async fn review(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
    multipart: Multipart,
) -> PageResult {
    let (file_name, file) = uploaded(&app, &granted, &exam, multipart).await?;
    let read = match file {
        Err(key) => Err(key),
        Ok(file) => {
            let kind = RosterKind::of(granted.school.kind, true);
            let options = ReadOptions::new(kind, app.clock.today());
            let table = child::read_all_guarded(&app.program, Cursor::new(file), &options).await;
            table.and_then(within_limit).map_err(unreadable)
        }
    };
    let mut opened = open(&app, &granted, &exam, Some(Task::Seating)).await?;
    let pupils = store::pupils(&granted, &mut opened.tx, &opened.exam).await?;
    let table = match read {
        Ok(table) => table,
        Err(key) => {
            let faults = FormErrors::one("file", key);
            return refused(&candidates_page(&visitor, opened, CandidatesQuery::default(), None, faults).await?);
        }
    };
    opened.tx.commit().await?;
    let made = tokio::task::spawn_blocking(move || candidates_sheet::understand(&table.rows, &pupils));
    let understood = made.await.map_err(anyhow::Error::new)?;
    html(&CandidatesSheetPage {
        l: visitor.l,
        shell: shell_of(&visitor, &opened.entrusted),
        frame: Frame::new(&opened.entrusted, opened.exam, Step::Candidates),
        file_name,
        understood,
    })
}

fn within_limit(table: Table) -> Result<Table, FileRefusal> {
    if table.rows.len() > MOST_ROWS { Err(FileRefusal::TooManyRows) } else { Ok(table) }
}
