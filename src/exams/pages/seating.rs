//! Who sits where.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use super::{Frame, Opened, Step, checked, faults as faults_of, is_on, is_seed, open, shell_of};
use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    exams::{
        actions::seats,
        model::{Candidate, ExamRoom, Paper, SeatTaken, SeatingChoices, Task},
        seating::Fill,
        sheets::List,
        store,
    },
    ids::{CandidateId, PaperId, RoomId},
    paths,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "exams/seating.html")]
struct SeatingPage {
    l: Translator,
    shell: Shell,
    frame: Frame,
    papers: Vec<Paper>,
    rooms: Vec<ExamRoom>,
    candidates: Vec<Candidate>,
    /// Of the paper that is looked at.
    paper: Option<Paper>,
    seats: Vec<SeatTaken>,
    /// Candidates who have no seat in a paper that they sit.
    lacking: usize,
    form: SeatingForm,
    faults: FormErrors,
}

/// A room with those who sit in it.
struct RoomShown<'a> {
    room: &'a ExamRoom,
    seats: Vec<(i16, &'a Candidate)>,
}

impl SeatingPage {
    fn shown(&self) -> Vec<RoomShown<'_>> {
        let by_id: HashMap<CandidateId, &Candidate> = self.candidates.iter().map(|each| (each.id, each)).collect();
        self.rooms
            .iter()
            .map(|room| RoomShown {
                room,
                seats: self
                    .seats
                    .iter()
                    .filter(|seat| seat.room_id == room.id)
                    .filter_map(|seat| Some((seat.seat, *by_id.get(&seat.candidate_id)?)))
                    .collect(),
            })
            .filter(|shown| !shown.seats.is_empty())
            .collect()
    }

    fn is_paper(&self, id: &PaperId) -> bool {
        self.paper.as_ref().is_some_and(|paper| paper.id == *id)
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SeatingQuery {
    paper: String,
}

/// Draws all seats; with `late` those of candidates without one; with `number` it moves one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SeatingForm {
    mix_classes: String,
    per_paper: String,
    seed: String,
    fill: String,
    late: String,
    number: String,
    paper: String,
    room: String,
    seat: String,
}

async fn seating_page(
    visitor: &RequestContext,
    opened: Opened,
    paper: &str,
    form: Option<SeatingForm>,
    faults: FormErrors,
) -> Result<SeatingPage> {
    let Opened { mut tx, entrusted, exam } = opened;
    let papers = store::papers(&entrusted, &mut tx, exam.id).await?;
    let rooms = store::rooms(&entrusted, &mut tx, exam.id).await?;
    let candidates = store::candidates(&entrusted, &mut tx, exam.id).await?;
    let mut seats = store::seats(&entrusted, &mut tx, exam.id).await?;
    tx.commit().await?;
    let needed: usize =
        papers.iter().map(|paper| candidates.iter().filter(|candidate| candidate.sits(paper)).count()).sum();
    let lacking = needed.saturating_sub(seats.len());
    let asked = paper.parse::<PaperId>().ok();
    let paper = papers.iter().find(|paper| Some(paper.id) == asked).or(papers.first()).cloned();
    seats.retain(|seat| paper.as_ref().is_some_and(|paper| paper.id == seat.paper_id));
    let form = form.unwrap_or_else(|| SeatingForm {
        mix_classes: checked(exam.seating.mix_classes || exam.seated_at.is_none()),
        per_paper: checked(exam.seating.per_paper),
        seed: exam.seating.seed.clone(),
        fill: exam.seating.fill.key().to_owned(),
        ..SeatingForm::default()
    });
    Ok(SeatingPage {
        l: visitor.l,
        shell: shell_of(visitor, &entrusted),
        frame: Frame::new(&entrusted, exam, Step::Seating),
        papers,
        rooms,
        candidates,
        paper,
        seats,
        lacking,
        form,
        faults,
    })
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
    Query(query): Query<SeatingQuery>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, Some(Task::Seating)).await?;
    html(&seating_page(&visitor, opened, &query.paper, None, FormErrors::new()).await?)
}

pub async fn seat(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
    Form(form): Form<SeatingForm>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, Some(Task::Seating)).await?;
    let entrusted = opened.entrusted.clone();
    let page = seating_page(&visitor, opened, &form.paper.clone(), Some(form), FormErrors::new()).await?;
    let form = &page.form;
    let to = paths::ExamSeating::of(&granted.school.code, entrusted.exam_id);
    if !form.number.trim().is_empty() {
        let room: RoomId = form.room.parse().map_err(|_| Error::NotFound)?;
        let Ok(seat) = form.seat.trim().parse() else {
            return refused(&SeatingPage { faults: FormErrors::one("seat", "fault-exam-seat"), ..page });
        };
        let number = form.number.trim().to_uppercase();
        // With one seat for all papers a move is one of all.
        let paper = if page.frame.exam.seating.per_paper { form.paper.parse().ok() } else { None };
        return match seats::put(&entrusted, &app, &number, paper, room, seat).await? {
            Ok(()) => Ok(page::redirect(to.with("paper", &form.paper).with("done", "exam-moved").to_string())),
            Err(refusal) => refused(&SeatingPage { faults: faults_of(refusal), ..page }),
        };
    }
    if !is_seed(&form.seed) {
        return refused(&SeatingPage { faults: FormErrors::one("seed", "fault-exam-seed"), ..page });
    }
    let choices = SeatingChoices {
        fill: Fill::from_key(&form.fill).unwrap_or(Fill::InOrder),
        mix_classes: is_on(&form.mix_classes),
        per_paper: is_on(&form.per_paper),
        seed: form.seed.trim().to_owned(),
    };
    match seats::seat(&entrusted, &app, &choices, is_on(&form.late)).await? {
        Ok(count) => Ok(page::redirect(to.with("done", "exam-seated").with("n", count).to_string())),
        Err(refusal) => refused(&SeatingPage { faults: faults_of(refusal), ..page }),
    }
}
