//! Who was handed which task of an exam.

use askama::Template;
use axum::extract::{Path, State};
use serde::Deserialize;

use super::{Frame, Opened, Step, faults as faults_of, open, shell_of};
use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    exams::{
        actions::{
            Entrusted,
            helpers::{self, Helper},
        },
        model::{Paper, Task},
        store,
    },
    ids::{HelperId, MemberId, PaperId},
    paths,
    schools::homeroom::{self, HomeroomCandidate},
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "exams/helpers.html")]
struct HelpersPage {
    l: Translator,
    shell: Shell,
    frame: Frame,
    helpers: Vec<Helper>,
    papers: Vec<Paper>,
    staff: Vec<HomeroomCandidate>,
    form: HelperForm,
    faults: FormErrors,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct HelperForm {
    account: String,
    task: String,
    paper: String,
    entry: String,
    /// Takes this task back.
    remove: String,
}

async fn helpers_page(visitor: &RequestContext, opened: Opened, form: HelperForm) -> Result<(Entrusted, HelpersPage)> {
    let Opened { mut tx, entrusted, exam } = opened;
    let entrusted = entrusted.holder()?;
    let helpers = helpers::all(&entrusted, &mut tx).await?;
    let papers = store::papers(&entrusted, &mut tx, exam.id).await?;
    let staff = homeroom::candidates(&entrusted, &mut tx).await?;
    tx.commit().await?;
    let page = HelpersPage {
        l: visitor.l,
        shell: shell_of(visitor, &entrusted),
        frame: Frame::new(&entrusted, exam, Step::Helpers),
        helpers,
        papers,
        staff,
        form,
        faults: FormErrors::new(),
    };
    Ok((entrusted, page))
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, None).await?;
    html(&helpers_page(&visitor, opened, HelperForm::default()).await?.1)
}

pub async fn change(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
    Form(form): Form<HelperForm>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, None).await?;
    let (entrusted, page) = helpers_page(&visitor, opened, form).await?;
    let to = paths::ExamHelpers::of(&granted.school.code, entrusted.exam_id);
    if !page.form.remove.is_empty() {
        let id: HelperId = page.form.remove.parse().map_err(|_| Error::NotFound)?;
        helpers::remove(&entrusted, &app, id).await?;
        return Ok(page::redirect(to.with("done", "exam-helper-removed")));
    }
    let refuse = |field: &str, key: &str, page: HelpersPage| {
        refused(&HelpersPage { faults: FormErrors::one(field, key), ..page })
    };
    let Ok(member) = page.form.account.parse::<MemberId>() else {
        return refuse("account", "fault-exam-helper", page);
    };
    let Some(task) = Task::from_key(&page.form.task) else { return refuse("task", "fault-exam-task", page) };
    let marks = match (task, page.form.paper.parse::<PaperId>()) {
        (Task::Marks, Ok(paper)) => Some((paper, if page.form.entry == "2" { 2 } else { 1 })),
        (Task::Marks, Err(_)) => return refuse("paper", "fault-exam-task-paper", page),
        _ => None,
    };
    match helpers::add(&entrusted, &app, member, task, marks).await? {
        Ok(()) => Ok(page::redirect(to.with("done", "exam-helper-added"))),
        Err(refusal) => refused(&HelpersPage { faults: faults_of(refusal), ..page }),
    }
}
