//! The exams of a school, and making one.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use super::{faults as faults_of, name_fault, shell_of};
use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    exams::{
        actions::exam::{self, NewExam},
        marks::MarkKind,
        model::ExamLine,
        store,
    },
    ids::ClassId,
    paths,
    schools::{
        classes::{self, Class},
        years::{self, Year},
    },
    vietnam::text,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "exams/list.html")]
struct ExamsPage {
    l: Translator,
    shell: Shell,
    code: String,
    exams: Vec<ExamLine>,
}

pub async fn show(State(app): State<App>, visitor: RequestContext, granted: Granted<may::ManageExams>) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let exams = store::all(&granted, &mut tx, visitor.now).await?;
    tx.commit().await?;
    html(&ExamsPage { l: visitor.l, shell: shell_of(&visitor, &granted), code: granted.school.code.clone(), exams })
}

#[derive(Template)]
#[template(path = "exams/new.html")]
struct NewPage {
    l: Translator,
    shell: Shell,
    code: String,
    years: Vec<Year>,
    /// Of the year that is chosen.
    grades: Vec<String>,
    classes: Vec<Class>,
    form: ExamForm,
    faults: FormErrors,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ExamForm {
    name: String,
    school_year: String,
    grades: Vec<String>,
    classes: Vec<String>,
    mark_kind: String,
    entries: String,
    /// Whether points are typed by their digits alone; on, unless the form says off.
    speed: String,
}

impl ExamForm {
    fn has_grade(&self, grade: &str) -> bool {
        self.grades.iter().any(|each| each == grade)
    }

    fn has_class(&self, id: &ClassId) -> bool {
        self.classes.iter().any(|each| each.parse() == Ok(*id))
    }
}

pub async fn new(State(app): State<App>, visitor: RequestContext, granted: Granted<may::ManageExams>) -> PageResult {
    let (page, _) = new_page(&app, &visitor, &granted, ExamForm::default()).await?;
    html(&page)
}

/// The page, and the year that its form names: without one the current year; where there is no such year, that is said.
async fn new_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageExams>,
    mut form: ExamForm,
) -> Result<(NewPage, Year)> {
    let mut faults = FormErrors::new();
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let years = years::all(granted, &mut tx).await?;
    let asked = years.iter().find(|year| year.id.to_string() == form.school_year || year.name == form.school_year);
    if asked.is_none() && !form.school_year.is_empty() {
        faults.add("school_year", "fault-exam-year");
    }
    let year = match asked {
        Some(year) => year.clone(),
        None => years::current(granted, &mut tx, app.clock.today()).await?,
    };
    form.school_year = year.id.to_string();
    let classes = classes::of_year(granted, &mut tx, year.id).await?;
    tx.commit().await?;
    let mut seen = BTreeSet::new();
    let grades = classes.iter().filter_map(|class| class.grade.clone()).filter(|grade| seen.insert(grade.clone()));
    let page = NewPage {
        l: visitor.l,
        shell: shell_of(visitor, granted),
        code: granted.school.code.clone(),
        years,
        grades: grades.collect(),
        classes,
        form,
        faults,
    };
    Ok((page, year))
}

pub async fn create(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageExams>,
    Form(form): Form<ExamForm>,
) -> PageResult {
    let (page, year) = new_page(&app, &visitor, &granted, form).await?;
    let name = text::clean(&page.form.name);
    let mut faults = page.faults.clone();
    if let Some(key) = name_fault(&name) {
        faults.add("name", key);
    }
    let typed: Vec<String> = page.form.grades.iter().map(|grade| grade.trim().to_owned()).collect();
    let (grades, unknown): (Vec<String>, Vec<String>) = typed.into_iter().partition(|each| page.grades.contains(each));
    if let Some(grade) = unknown.first() {
        faults.add_about("grades", "fault-exam-grade-unknown", grade);
    }
    let classes: Vec<ClassId> =
        page.classes.iter().map(|class| class.id).filter(|id| page.form.has_class(id)).collect();
    if grades.is_empty() && classes.is_empty() && unknown.is_empty() {
        faults.add("grades", "fault-exam-no-classes");
    }
    if !faults.is_empty() {
        return refused(&NewPage { faults, ..page });
    }
    let mark_kind = MarkKind::from_key(&page.form.mark_kind).unwrap_or(MarkKind::Points);
    let entries = if page.form.entries == "2" { 2 } else { 1 };
    let types_at_speed = page.form.speed != "off";
    let new = NewExam { name, year_id: year.id, grades, classes, mark_kind, entries, types_at_speed };
    match exam::create(&granted, &app, &new).await? {
        Ok(id) => {
            Ok(page::redirect(paths::Exam::of(&granted.school.code, id).with("done", "exam-created").to_string()))
        }
        Err(refusal) => refused(&NewPage { faults: faults_of(refusal), ..page }),
    }
}
