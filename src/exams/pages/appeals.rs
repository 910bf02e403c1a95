//! Appeals (phúc khảo) and other corrections of published marks: all of them, and a form to enter one by its number.

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use super::{Frame, Opened, Step, faults as faults_of, heading_of, is_on, open, shell_of};
use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    exams::{
        actions::{
            Entrusted,
            corrections::{self, Correction},
        },
        marks::{Mark, Typing},
        model::{Candidate, Paper},
        store,
        workbook::{self, SheetTable},
    },
    ids::PaperId,
    paths,
    vietnam::text,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{self, Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "exams/appeals.html")]
struct AppealsPage {
    l: Translator,
    shell: Shell,
    frame: Frame,
    papers: Vec<Paper>,
    corrections: Vec<Correction>,
    form: AppealForm,
    faults: FormErrors,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AppealForm {
    number: String,
    paper: String,
    mark: String,
    reason: String,
    appeal: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AppealsQuery {
    file: String,
}

async fn appeals_page(
    visitor: &RequestContext,
    opened: Opened,
    form: AppealForm,
) -> Result<(Entrusted, AppealsPage, Vec<Candidate>)> {
    let Opened { mut tx, entrusted, exam } = opened;
    let entrusted = entrusted.holder()?;
    let papers = store::papers(&entrusted, &mut tx, exam.id).await?;
    let candidates = store::candidates(&entrusted, &mut tx, exam.id).await?;
    let corrections = corrections::all(&entrusted, &mut tx, exam.id).await?;
    tx.commit().await?;
    let page = AppealsPage {
        l: visitor.l,
        shell: shell_of(visitor, &entrusted),
        frame: Frame::new(&entrusted, exam, Step::Marks),
        papers,
        corrections,
        form,
        faults: FormErrors::new(),
    };
    Ok((entrusted, page, candidates))
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
    Query(query): Query<AppealsQuery>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, None).await?;
    let form = AppealForm { appeal: "on".to_owned(), ..AppealForm::default() };
    let (entrusted, page, _) = appeals_page(&visitor, opened, form).await?;
    if query.file != "xlsx" {
        return html(&page);
    }
    let unit = store::unit(&entrusted, app.db.pool()).await?;
    let heading = heading_of(&page.l, &entrusted, &page.frame.exam, unit);
    let workbook = workbook::write(&[table(&page)], &heading, &[]).map_err(anyhow::Error::new)?;
    Ok(page::attachment(workbook, page::XLSX, &format!("{}-appeals.xlsx", granted.school.code)))
}

fn table(page: &AppealsPage) -> SheetTable {
    let l = &page.l;
    let heads = [
        ("exam-number", 14.0),
        ("field-full-name", 30.0),
        ("field-class", 10.0),
        ("exam-subject", 20.0),
        ("exam-before", 10.0),
        ("exam-after", 10.0),
        ("exam-correction-kind", 14.0),
        ("exam-correction-reason", 40.0),
        ("exam-correction-at", 18.0),
        ("exam-correction-actor", 28.0),
    ];
    let row = |each: &Correction| {
        vec![
            each.number.clone(),
            each.full_name.clone(),
            each.class_name.clone(),
            each.subject.clone(),
            each.before.clone(),
            each.after.clone(),
            l.t(if each.is_appeal { "exam-correction-appeal" } else { "exam-correction" }),
            each.reason.clone(),
            l.moment(&each.at),
            each.actor.clone(),
        ]
    };
    SheetTable {
        name: l.t("exam-appeals"),
        heads: heads.map(|(key, width)| (l.t(key), width)).into(),
        rows: page.corrections.iter().map(row).collect(),
    }
}

pub async fn enter(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
    Form(form): Form<AppealForm>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, None).await?;
    let (entrusted, page, candidates) = appeals_page(&visitor, opened, form).await?;
    let mut faults = FormErrors::new();
    let number = text::clean(&page.form.number).to_uppercase();
    let candidate = candidates.iter().find(|each| each.number.as_deref() == Some(number.as_str()));
    if candidate.is_none() {
        faults.add_about("number", "fault-exam-number-unknown", number);
    }
    let mark = read_mark(&page.form.mark, page.frame.exam.typing(), &mut faults);
    let reason = read_reason(&page.form.reason, &mut faults);
    let (Some(candidate), Some(mark), true) = (candidate, mark, faults.is_empty()) else {
        return refused(&AppealsPage { faults, ..page });
    };
    let paper: PaperId = page.form.paper.parse().map_err(|_| Error::NotFound)?;
    let is_appeal = is_on(&page.form.appeal);
    match corrections::correct(&entrusted, &app, candidate.id, paper, mark, &reason, is_appeal).await? {
        Ok(()) => {
            let to = paths::ExamAppeals::of(&granted.school.code, entrusted.exam_id);
            Ok(page::redirect(to.with("done", "exam-mark-corrected")))
        }
        Err(refusal) => refused(&AppealsPage { faults: faults_of(refusal), ..page }),
    }
}

/// The mark of a correction as typed; what is wrong with it is noted.
pub(super) fn read_mark(typed: &str, typing: Typing, faults: &mut FormErrors) -> Option<Mark> {
    match Mark::read(typed, typing) {
        Ok(Some(mark)) => return Some(mark),
        Ok(None) => faults.add("mark", "fault-exam-mark"),
        Err(fault) => faults.add("mark", format!("fault-{}", fault.key())),
    }
    None
}

/// The reason of a correction as typed; what is wrong with it is noted.
pub(super) fn read_reason(typed: &str, faults: &mut FormErrors) -> String {
    forms::reason(typed).unwrap_or_else(|key| {
        faults.add("reason", key);
        String::new()
    })
}
