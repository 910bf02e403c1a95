//! The papers of an exam: the plan of its days, and one paper.

use askama::Template;
use axum::extract::{Path, State};
use chrono::{NaiveDate, TimeZone, Utc};
use serde::Deserialize;

use super::{Frame, Opened, Step, faults as faults_of, open, shell_of};
use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    exams::{
        actions::papers::{self, NewPaper},
        closures,
        lessons::{self, ClashingLesson},
        model::{AtOnce, ExamRoom, Paper, Task},
        plans::day_shown,
        store,
    },
    ids::PaperId,
    paths,
    vietnam::text,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{self, Form, FormErrors},
        html,
        i18n::vietnam,
        page, refused,
    },
};

#[derive(Template)]
#[template(path = "exams/papers.html")]
struct PapersPage {
    l: Translator,
    shell: Shell,
    frame: Frame,
    papers: Vec<Paper>,
    rooms: Vec<ExamRoom>,
    /// The grades that a paper can be for.
    grades: Vec<String>,
    /// Lessons of the timetable at the times of the papers.
    lessons: Vec<ClashingLesson>,
    /// Candidates who sit papers of other exams at the same time.
    at_once: Vec<AtOnce>,
    form: PaperForm,
    /// The paper that is changed; none where one is added.
    editing: Option<PaperId>,
    faults: FormErrors,
}

impl PapersPage {
    /// The rooms that cannot be had for a paper.
    fn closed(&self, paper: &Paper) -> String {
        let closed = self.rooms.iter().filter(|room| room.is_closed(paper));
        closed.map(|room| room.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    fn clashes(&self) -> Vec<(&Paper, Vec<&ClashingLesson>)> {
        lessons::by_paper(&self.papers, &self.lessons)
    }

    /// The days with their papers.
    fn days(&self) -> Vec<(String, Vec<&Paper>)> {
        let mut days: Vec<(NaiveDate, Vec<&Paper>)> = Vec::new();
        for paper in &self.papers {
            match days.last_mut() {
                Some((day, papers)) if *day == paper.day() => papers.push(paper),
                _ => days.push((paper.day(), vec![paper])),
            }
        }
        days.into_iter().map(|(day, papers)| (day_shown(&self.l, &day), papers)).collect()
    }

    /// The length of a paper on the line of a day from 6:00 to 19:00: its beginning and length in hundredths.
    fn drawn(&self, paper: &Paper) -> (i64, i64) {
        use chrono::Timelike;
        let at = paper.starts_at.with_timezone(&vietnam());
        let minutes = i64::from(at.hour() * 60 + at.minute()) - 360;
        let start = (minutes * 100 / 780).clamp(0, 96);
        (start, (i64::from(paper.minutes) * 100 / 780).clamp(4, 100 - start))
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PaperForm {
    subject: String,
    code: String,
    grades: Vec<String>,
    date: String,
    begins: String,
    minutes: String,
}

impl PaperForm {
    fn has_grade(&self, grade: &str) -> bool {
        self.grades.iter().any(|each| each == grade)
    }

    fn of(paper: &Paper) -> Self {
        Self {
            subject: paper.subject.clone(),
            code: paper.code.clone(),
            grades: paper.grades.clone(),
            date: paper.day().to_string(),
            begins: paper.begins(),
            minutes: paper.minutes.to_string(),
        }
    }

    fn read(&self) -> Result<NewPaper, FormErrors> {
        let mut faults = FormErrors::new();
        let (subject, code) = (text::clean(&self.subject), text::clean(&self.code));
        if subject.is_empty() || subject.chars().count() > 60 {
            faults.add("subject", "fault-exam-subject");
        }
        if code.chars().count() > 20 {
            faults.add("code", "fault-exam-paper-code");
        }
        let date = forms::date(&self.date);
        if date.is_none() {
            faults.add("date", "fault-exam-date");
        }
        let begins = closures::time(&self.begins);
        if begins.is_none() {
            faults.add("begins", "fault-exam-begins");
        }
        let minutes = self.minutes.trim().parse::<i16>().ok().filter(|minutes| (5..=600).contains(minutes));
        if minutes.is_none() {
            faults.add("minutes", "fault-exam-minutes");
        }
        let starts_at =
            date.zip(begins).and_then(|(date, time)| vietnam().from_local_datetime(&date.and_time(time)).single());
        match (faults.is_empty(), starts_at, minutes) {
            (true, Some(starts_at), Some(minutes)) => {
                let grades = self.grades.iter().map(|grade| text::clean(grade)).filter(|grade| !grade.is_empty());
                Ok(NewPaper {
                    subject,
                    code,
                    grades: grades.collect(),
                    starts_at: starts_at.with_timezone(&Utc),
                    minutes,
                })
            }
            _ => Err(faults),
        }
    }
}

async fn papers_page(
    visitor: &RequestContext,
    opened: Opened,
    form: PaperForm,
    editing: Option<PaperId>,
    faults: FormErrors,
) -> Result<PapersPage> {
    let Opened { mut tx, entrusted, exam } = opened;
    let papers = store::papers(&entrusted, &mut tx, exam.id).await?;
    let rooms = store::rooms(&entrusted, &mut tx, exam.id).await?;
    let grades = exam.grades_with(&store::classes(&entrusted, &mut tx, exam.id).await?);
    let lessons = lessons::of_exam(&entrusted, &mut tx, exam.id, &papers).await?;
    let at_once = store::at_once(&entrusted, &mut tx, exam.id).await?;
    tx.commit().await?;
    Ok(PapersPage {
        l: visitor.l,
        shell: shell_of(visitor, &entrusted),
        frame: Frame::new(&entrusted, exam, Step::Papers),
        papers,
        rooms,
        grades,
        lessons,
        at_once,
        form,
        editing,
        faults,
    })
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, Some(Task::Papers)).await?;
    html(&papers_page(&visitor, opened, PaperForm::default(), None, FormErrors::new()).await?)
}

pub async fn edit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam, paper)): Path<(String, String, String)>,
) -> PageResult {
    let mut opened = open(&app, &granted, &exam, Some(Task::Papers)).await?;
    let id: PaperId = paper.parse().map_err(|_| Error::NotFound)?;
    let paper = store::paper(&granted, &mut opened.tx, opened.exam.id, id).await?;
    html(&papers_page(&visitor, opened, PaperForm::of(&paper), Some(id), FormErrors::new()).await?)
}

pub async fn add(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
    Form(form): Form<PaperForm>,
) -> PageResult {
    put(&app, &visitor, &granted, &exam, None, form).await
}

pub async fn change(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam, paper)): Path<(String, String, String)>,
    Form(form): Form<PaperForm>,
) -> PageResult {
    let id: PaperId = paper.parse().map_err(|_| Error::NotFound)?;
    put(&app, &visitor, &granted, &exam, Some(id), form).await
}

async fn put(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::HelpWithExams>,
    exam: &str,
    id: Option<PaperId>,
    form: PaperForm,
) -> PageResult {
    let mut opened = open(app, granted, exam, Some(Task::Papers)).await?;
    if let Some(id) = id {
        store::paper(granted, &mut opened.tx, opened.exam.id, id).await?;
    }
    let entrusted = opened.entrusted.clone();
    let page = papers_page(visitor, opened, form, id, FormErrors::new()).await?;
    let new = match page.form.read() {
        Ok(new) => new,
        Err(faults) => return refused(&PapersPage { faults, ..page }),
    };
    match papers::put(&entrusted, app, id, &new).await? {
        Ok(_) => {
            let done = if id.is_some() { "exam-paper-changed" } else { "exam-paper-added" };
            let to = paths::ExamPapers::of(&granted.school.code, entrusted.exam_id).with("done", done);
            Ok(page::redirect(to.to_string()))
        }
        Err(refusal) => refused(&PapersPage { faults: faults_of(refusal), ..page }),
    }
}

pub async fn remove(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam, paper)): Path<(String, String, String)>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, Some(Task::Papers)).await?;
    let id: PaperId = paper.parse().map_err(|_| Error::NotFound)?;
    let entrusted = opened.entrusted.clone();
    let page = papers_page(&visitor, opened, PaperForm::default(), None, FormErrors::new()).await?;
    match papers::remove(&entrusted, &app, id).await? {
        Ok(()) => {
            let to = paths::ExamPapers::of(&granted.school.code, entrusted.exam_id).with("done", "exam-paper-removed");
            Ok(page::redirect(to.to_string()))
        }
        Err(refusal) => refused(&PapersPage { faults: faults_of(refusal), ..page }),
    }
}
