//! What is one's own: a pupil's seats and, once they are published, marks; a teacher's duties and tasks; and the marks of
//! one's homeroom class.

use askama::Template;
use axum::extract::{Path, State};

use crate::{
    access::{Granted, may},
    app::App,
    error::Error,
    exams::own::{self, ClassMarks, OwnDuty, OwnExam, OwnTask},
    homeroom::own_class::OwnClass,
    ids::ClassId,
    shell::{self, MenuPage},
    web::{PageResult, RequestContext, Shell, Translator, html},
};

#[derive(Template)]
#[template(path = "exams/own.html")]
struct OwnPage {
    l: Translator,
    shell: Shell,
    code: String,
    exams: Vec<OwnExam>,
    duties: Vec<OwnDuty>,
    tasks: Vec<OwnTask>,
}

pub async fn show(State(app): State<App>, visitor: RequestContext, granted: Granted<may::Enter>) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let exams = own::exams(&granted, &mut tx, visitor.now).await?;
    let duties = own::duties(&granted, &mut tx, visitor.now).await?;
    let tasks = own::tasks(&granted, &mut tx).await?;
    tx.commit().await?;
    let shell = shell::of_school(&visitor, &granted, MenuPage::OwnExams);
    html(&OwnPage { l: visitor.l, shell, code: granted.school.code.clone(), exams, duties, tasks })
}

#[derive(Template)]
#[template(path = "exams/class_marks.html")]
struct ClassMarksPage {
    l: Translator,
    shell: Shell,
    code: String,
    class: OwnClass,
    exams: Vec<ClassMarks>,
}

pub async fn of_class(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpPupils>,
    Path((_, id)): Path<(String, String)>,
) -> PageResult {
    let id: ClassId = id.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let class = OwnClass::find(&granted, &app, &mut tx, id).await?;
    let exams = own::of_class(&granted, &mut tx, &class, visitor.now).await?;
    tx.commit().await?;
    let shell = shell::of_school(&visitor, &granted, MenuPage::MyClasses);
    html(&ClassMarksPage { l: visitor.l, shell, code: granted.school.code.clone(), class, exams })
}
