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
        actions::exam::{self, ExamSettings, NewCopy},
        marks::MarkKind,
        model::{Counts, ExamClass, ExamRoom, ExamState, Paper},
        store,
    },
    paths,
    schools::years::{self, Year},
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
    rooms: Vec<ExamRoom>,
    classes: Vec<ExamClass>,
    counts: Counts,
    form: ExamSettingsForm,
    /// Into which years it can be copied.
    years: Vec<Year>,
    copy: CopyExamForm,
    faults: FormErrors,
}

impl ExamPage {
    fn capacity(&self) -> i64 {
        self.rooms.iter().map(|room| i64::from(room.seats)).sum()
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ExamSettingsForm {
    name: String,
    mark_kind: String,
    entries: String,
    /// Whether points are typed by their digits alone: on or off.
    speed: String,
    state: String,
}

async fn exam_page(
    visitor: &RequestContext,
    opened: Opened,
    form: Option<ExamSettingsForm>,
    faults: FormErrors,
) -> Result<ExamPage> {
    let Opened { mut tx, entrusted, exam } = opened;
    let papers = store::papers(&entrusted, &mut tx, exam.id).await?;
    let rooms = store::rooms(&entrusted, &mut tx, exam.id).await?;
    let classes = store::classes(&entrusted, &mut tx, exam.id).await?;
    let counts = store::counts(&entrusted, &mut tx, exam.id).await?;
    let years = if entrusted.is_holder { years::all(&entrusted, &mut tx).await? } else { Vec::new() };
    tx.commit().await?;
    let form = form.unwrap_or_else(|| ExamSettingsForm {
        name: exam.name.clone(),
        mark_kind: exam.mark_kind.key().to_owned(),
        entries: exam.entries.to_string(),
        speed: if exam.types_at_speed { "on" } else { "off" }.to_owned(),
        state: exam.state.key().to_owned(),
    });
    // Of a year that is over it is a start for the latest one.
    let year_id = years.first().filter(|_| entrusted.is_of_closed_year).map_or(exam.year_id, |year| year.id);
    let copy = CopyExamForm { name: exam.name.clone(), school_year: year_id.to_string(), ..CopyExamForm::default() };
    Ok(ExamPage {
        l: visitor.l,
        shell: shell_of(visitor, &entrusted),
        frame: Frame::new(&entrusted, exam, Step::Exam),
        papers,
        rooms,
        classes,
        counts,
        form,
        years,
        copy,
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
    Form(form): Form<ExamSettingsForm>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, None).await?;
    let entrusted = opened.entrusted.clone().holder()?;
    let (name, state) = (text::clean(&form.name), ExamState::from_key(&form.state));
    let mut faults = FormErrors::new();
    if let Some(key) = name_fault(&name) {
        faults.add("name", key);
    }
    let speed = match form.speed.as_str() {
        "" => opened.exam.types_at_speed,
        speed => speed != "off",
    };
    let new = ExamSettings {
        name,
        mark_kind: MarkKind::from_key(&form.mark_kind).unwrap_or(opened.exam.mark_kind),
        entries: if form.entries == "2" { 2 } else { 1 },
        types_at_speed: speed,
        state: state.unwrap_or(opened.exam.state),
    };
    let page = exam_page(&visitor, opened, Some(form), faults.clone()).await?;
    if !faults.is_empty() {
        return refused(&page);
    }
    match exam::change(&entrusted, &app, &new).await? {
        Ok(()) => {
            let to = paths::Exam::of(&granted.school.code, entrusted.exam_id).with("done", "exam-changed");
            Ok(page::redirect(to.to_string()))
        }
        Err(refusal) => refused(&ExamPage { faults: faults_of(refusal), ..page }),
    }
}

/// What the copy is to be; an empty name or year: those of the exam.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CopyExamForm {
    name: String,
    school_year: String,
    first_day: String,
}

pub async fn copy(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
    Form(form): Form<CopyExamForm>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, None).await?;
    let entrusted = opened.entrusted.clone().holder()?;
    let page = exam_page(&visitor, opened, None, FormErrors::new()).await?;
    let or = |typed: &str, own: &str| if typed.trim().is_empty() { own.to_owned() } else { text::clean(typed) };
    let copy = CopyExamForm {
        name: or(&form.name, &page.copy.name),
        school_year: or(&form.school_year, &page.copy.school_year),
        first_day: form.first_day,
    };
    let page = ExamPage { copy, ..page };
    let mut faults = FormErrors::new();
    if let Some(key) = name_fault(&page.copy.name) {
        faults.add("copy_name", key);
    }
    let is_asked = |year: &&Year| year.id.to_string() == page.copy.school_year || year.name == page.copy.school_year;
    let year = page.years.iter().find(is_asked).map(|year| year.id);
    if year.is_none() {
        faults.add("school_year", "fault-exam-year");
    }
    let first_day = forms::date(&page.copy.first_day);
    if first_day.is_none() {
        faults.add("first_day", "fault-exam-date");
    }
    let (Some(year_id), Some(first_day), true) = (year, first_day, faults.is_empty()) else {
        return refused(&ExamPage { faults, ..page });
    };
    let new = NewCopy { name: page.copy.name.clone(), year_id, first_day };
    match exam::copy(&entrusted, &app, &new).await? {
        Ok(id) => Ok(page::redirect(paths::Exam::of(&granted.school.code, id).with("done", "exam-created"))),
        Err(refusal) => refused(&ExamPage { faults: faults_of(refusal), ..page }),
    }
}
