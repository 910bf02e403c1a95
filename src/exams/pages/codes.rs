//! Phách: drawing the codes of a paper, and the list for those who cut. Only holders of the grant get here.

use askama::Template;
use axum::extract::{Path, State};
use serde::Deserialize;

use super::{Frame, Opened, Step, faults as faults_of, heading_of, is_seed, open, shell_of};
use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    exams::{
        actions::codes::{self, CodeLine},
        model::Paper,
        store,
        workbook::Heading,
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
#[template(path = "exams/codes.html")]
struct CodesPage {
    l: Translator,
    shell: Shell,
    frame: Frame,
    paper: Paper,
    heading: Heading,
    lines: Vec<CodeLine>,
    /// Papers that were sat later, and have no code yet beside those that are marked.
    waiting: usize,
    /// The names of the members who may match codes with numbers.
    may_join: Vec<String>,
    form: CodesForm,
    faults: FormErrors,
}

impl CodesPage {
    fn bags(&self) -> i16 {
        self.lines.iter().map(|line| line.bag).max().unwrap_or(0)
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CodesForm {
    seed: String,
    bag: String,
}

async fn codes_page(
    app: &App,
    visitor: &RequestContext,
    opened: Opened,
    paper: &str,
    form: CodesForm,
) -> Result<(super::Entrusted, CodesPage)> {
    let Opened { mut tx, entrusted, exam } = opened;
    let entrusted = entrusted.holder()?;
    let id: PaperId = paper.parse().map_err(|_| Error::NotFound)?;
    let paper = store::paper(&entrusted, &mut tx, exam.id, id).await?;
    let waiting = codes::waiting(&entrusted, &mut tx, &paper).await?;
    let may_join = codes::may_join(&entrusted, &mut tx).await?;
    tx.commit().await?;
    let lines = if paper.cut_at.is_some() { codes::look(&entrusted, app, &paper).await? } else { Vec::new() };
    let unit = store::unit(&entrusted, app.db.pool()).await?;
    let page = CodesPage {
        heading: heading_of(&visitor.l, &entrusted, &exam, unit),
        l: visitor.l,
        shell: shell_of(visitor, &entrusted),
        frame: Frame::new(&entrusted, exam, Step::Marks),
        paper,
        lines,
        waiting,
        may_join,
        form,
        faults: FormErrors::new(),
    };
    Ok((entrusted, page))
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam, paper)): Path<(String, String, String)>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, None).await?;
    let form = CodesForm { bag: "24".to_owned(), ..CodesForm::default() };
    html(&codes_page(&app, &visitor, opened, &paper, form).await?.1)
}

pub async fn cut(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam, paper)): Path<(String, String, String)>,
    Form(form): Form<CodesForm>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, None).await?;
    let (entrusted, page) = codes_page(&app, &visitor, opened, &paper, form).await?;
    let bag = page.form.bag.trim();
    let bag = if bag.is_empty() { Some(24) } else { bag.parse::<i16>().ok() };
    let Some(bag) = bag.filter(|bag| (1..=99).contains(bag)) else {
        return refused(&CodesPage { faults: FormErrors::one("bag", "fault-exam-bag"), ..page });
    };
    if !is_seed(&page.form.seed) {
        return refused(&CodesPage { faults: FormErrors::one("seed", "fault-exam-seed"), ..page });
    }
    match codes::cut(&entrusted, &app, page.paper.id, bag, page.form.seed.trim()).await? {
        Ok(count) => {
            let to = paths::ExamCodes::of(&granted.school.code, entrusted.exam_id, page.paper.id);
            Ok(page::redirect(to.with("done", "exam-codes-cut").with("n", count)))
        }
        Err(refusal) => refused(&CodesPage { faults: faults_of(refusal), ..page }),
    }
}
