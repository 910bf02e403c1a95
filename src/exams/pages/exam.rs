//! One exam: what is done, what comes next, and its settings.

use askama::Template;
use axum::extract::{Path, State};
use serde::Deserialize;

use super::{Frame, Opened, Step, faults as faults_of, name_fault, open, shell_of};
use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    exams::{
        actions::exam,
        marks::MarkKind,
        model::{Counts, ExamClass, ExamState, Paper, Room},
        store,
    },
    paths,
    vietnam::text,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{self, Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "exams/exam.html")]
struct ExamPage {
    l: Translator,
    shell: Shell,
    frame: Frame,
    papers: Vec<Paper>,
    rooms: Vec<Room>,
    classes: Vec<ExamClass>,
    counts: Counts,
    form: SettingsForm,
    faults: FormErrors,
}

impl ExamPage {
    fn capacity(&self) -> i64 {
        self.rooms.iter().map(|room| i64::from(room.seats)).sum()
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SettingsForm {
    name: String,
    mark_kind: String,
    entries: String,
    state: String,
}

async fn exam_page(
    visitor: &RequestContext,
    opened: Opened,
    form: Option<SettingsForm>,
    faults: FormErrors,
) -> Result<ExamPage> {
    let Opened { mut tx, entrusted, exam } = opened;
    let papers = store::papers(&entrusted, &mut tx, exam.id).await?;
    let rooms = store::rooms(&entrusted, &mut tx, exam.id).await?;
    let classes = store::classes(&entrusted, &mut tx, exam.id).await?;
    let counts = store::counts(&entrusted, &mut tx, exam.id).await?;
    tx.commit().await?;
    let form = form.unwrap_or_else(|| SettingsForm {
        name: exam.name.clone(),
        mark_kind: exam.mark_kind.key().to_owned(),
        entries: exam.entries.to_string(),
        state: exam.state.key().to_owned(),
    });
    Ok(ExamPage {
        l: visitor.l,
        shell: shell_of(visitor, &entrusted),
        frame: Frame::new(&entrusted, exam, Step::Exam),
        papers,
        rooms,
        classes,
        counts,
        form,
        faults,
    })
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, None).await?;
    html(&exam_page(&visitor, opened, None, FormErrors::new()).await?)
}

pub async fn change(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
    Form(form): Form<SettingsForm>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, None).await?;
    let entrusted = opened.entrusted.clone().holder()?;
    let (name, state) = (text::clean(&form.name), ExamState::from_key(&form.state));
    let mut faults = FormErrors::new();
    if let Some(key) = name_fault(&name) {
        faults.add("name", key);
    }
    let kind = MarkKind::from_key(&form.mark_kind).unwrap_or(opened.exam.mark_kind);
    let state = state.unwrap_or(opened.exam.state);
    let entries = if form.entries == "2" { 2 } else { 1 };
    let page = exam_page(&visitor, opened, Some(form), faults.clone()).await?;
    if !faults.is_empty() {
        return refused(&page);
    }
    match exam::change(&entrusted, &app, &name, kind, entries, state).await? {
        Ok(()) => {
            let to = paths::Exam::of(&granted.school.code, entrusted.exam_id).with("done", "exam-changed");
            Ok(page::redirect(to.to_string()))
        }
        Err(refusal) => refused(&ExamPage { faults: faults_of(refusal), ..page }),
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CopyForm {
    first_day: String,
}

pub async fn copy(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
    Form(form): Form<CopyForm>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, None).await?;
    let entrusted = opened.entrusted.clone().holder()?;
    let page = exam_page(&visitor, opened, None, FormErrors::new()).await?;
    let Some(day) = forms::date(&form.first_day) else {
        return refused(&ExamPage { faults: FormErrors::one("first_day", "fault-exam-date"), ..page });
    };
    let id = exam::copy(&entrusted, &app, day).await?;
    Ok(page::redirect(paths::Exam::of(&granted.school.code, id).with("done", "exam-created")))
}
