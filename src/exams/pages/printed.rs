//! Pages as schools print them, with the headings that Vietnamese lists have: the plan of the papers, who is on duty where,
//! how many sit where, and the bags of those who mark. The same pages are written into workbooks.

use askama::Template;

use super::{Entrusted, Frame, Opened, Step, heading_of, open, shell_of};
use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    exams::{
        actions::duties::{self, DutyInput},
        model::{Exam, Paper, Task},
        plans::{self, Duties},
        sheets::List,
        statistics::Statistics,
        store,
        workbook::{self, Heading, PrintPage, SheetTable},
    },
    paths,
    web::{PageResult, RequestContext, Shell, Translator, html, page},
};

#[derive(Template)]
#[template(path = "exams/printed.html")]
struct PrintedPage {
    l: Translator,
    shell: Shell,
    frame: Frame,
    title: String,
    heading: Heading,
    pages: Vec<PrintPage>,
    /// The page that one comes from: its name and address.
    back: (String, String),
    /// The same as a workbook, where there is one.
    file: Option<String>,
}

async fn heading(app: &App, l: &Translator, entrusted: &Entrusted, exam: &Exam) -> Result<Heading> {
    let unit = store::unit(entrusted, app.db.pool()).await?;
    Ok(heading_of(l, entrusted, exam, unit))
}

pub(super) async fn plan(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::HelpWithExams>,
    exam: &str,
    is_file: bool,
) -> PageResult {
    let Opened { mut tx, entrusted, exam } = open(app, granted, exam, Some(Task::Papers)).await?;
    let papers = store::papers(&entrusted, &mut tx, exam.id).await?;
    tx.commit().await?;
    let heading = heading(app, &visitor.l, &entrusted, &exam).await?;
    let (table, pages) = plans::papers(&visitor.l, &papers);
    shown(visitor, &entrusted, exam, heading, (List::Plan, Step::Papers), (vec![table], pages), is_file).await
}

pub(super) async fn statistics(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::HelpWithExams>,
    exam: &str,
    is_file: bool,
) -> PageResult {
    let Opened { mut tx, entrusted, exam } = open(app, granted, exam, Some(Task::Seating)).await?;
    let material = store::material(&entrusted, &mut tx, exam.id).await?;
    tx.commit().await?;
    let heading = heading(app, &visitor.l, &entrusted, &exam).await?;
    let l = visitor.l;
    let made = tokio::task::spawn_blocking(move || {
        let statistics = Statistics::of(&material);
        (statistics.tables(&l), statistics.pages(&l))
    });
    let made = made.await.map_err(anyhow::Error::new)?;
    shown(visitor, &entrusted, exam, heading, (List::Statistics, Step::Seating), made, is_file).await
}

pub(super) async fn duties(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::HelpWithExams>,
    exam: &str,
    is_file: bool,
) -> PageResult {
    let Opened { mut tx, entrusted, exam } = open(app, granted, exam, Some(Task::Invigilation)).await?;
    let input = DutyInput::read(&entrusted, &mut tx, exam.clone()).await?;
    let given = duties::given(&entrusted, &mut tx, exam.id).await?;
    tx.commit().await?;
    let heading = heading(app, &visitor.l, &entrusted, &exam).await?;
    let duties = Duties { papers: &input.papers, rooms: &input.rooms, people: &input.people, given: &given };
    let (table, pages) = duties.pages(&visitor.l);
    shown(visitor, &entrusted, exam, heading, (List::Duties, Step::Invigilation), (vec![table], pages), is_file).await
}

async fn shown(
    visitor: &RequestContext,
    entrusted: &Entrusted,
    exam: Exam,
    heading: Heading,
    (list, step): (List, Step),
    (tables, pages): (Vec<SheetTable>, Vec<PrintPage>),
    is_file: bool,
) -> PageResult {
    let code = entrusted.school.code.clone();
    if is_file {
        let name = format!("{code}-{}.xlsx", list.key());
        let made = tokio::task::spawn_blocking(move || workbook::write(&tables, &heading, &pages));
        let workbook = made.await.map_err(anyhow::Error::new)?.map_err(anyhow::Error::new)?;
        return Ok(page::attachment(workbook, page::XLSX, &name));
    }
    let l = visitor.l;
    let file = format!("{}.xlsx", list.key());
    html(&PrintedPage {
        l,
        shell: shell_of(visitor, entrusted),
        title: l.tk("exam-list", list.key()),
        heading,
        pages,
        back: (l.tk("exam-step", step.key()), step.address(&code, exam.id)),
        file: Some(paths::ExamList::of(&code, exam.id, file.as_str()).to_string()),
        frame: Frame::new(entrusted, exam, step),
    })
}

/// The bags of a paper, for those who mark it: codes alone.
pub(super) async fn bags(
    app: &App,
    visitor: &RequestContext,
    entrusted: &Entrusted,
    exam: Exam,
    paper: &Paper,
    codes: &[&str],
) -> PageResult {
    let l = visitor.l;
    let heading = heading(app, &l, entrusted, &exam).await?;
    let marks = paths::ExamMarks::of(&entrusted.school.code, exam.id, paper.id).to_string();
    html(&PrintedPage {
        l,
        shell: shell_of(visitor, entrusted),
        title: l.t("exam-bag-title"),
        heading,
        pages: plans::bags(&l, paper, codes),
        back: (l.t1("exam-marks-of", "subject", paper.title()), marks),
        file: None,
        frame: Frame::new(entrusted, exam, Step::Marks),
    })
}
