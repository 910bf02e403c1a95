//! Publication, and how far the marks are.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use serde::Deserialize;

use super::{Frame, Opened, Step, faults as faults_of, open, shell_of};
use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    exams::{
        actions::{Entrusted, publication},
        marks::{self, Mark, Summary},
        model::{Candidate, ExamClass, ExamRoom, Paper, SeatTaken},
        results, store,
    },
    ids::{CandidateId, ClassId, PaperId, RoomId},
    paths,
    web::{
        PageResult, RequestContext, Shell, Translator,
        chart::{Amount, Bars, ColumnChart, Share},
        forms::{Form, FormErrors},
        html,
        i18n::vietnam,
        page, refused,
    },
};

#[derive(Template)]
#[template(path = "exams/publication.html")]
struct PublicationPage {
    l: Translator,
    shell: Shell,
    frame: Frame,
    classes: Vec<ExamClass>,
    /// Published classes that lack marks, since candidates came later, with how many.
    missing: Vec<(String, usize)>,
    progress: Vec<MarkingProgress>,
    /// The paper whose marks are drawn.
    drawn: Option<PaperId>,
    form: PublicationForm,
    faults: FormErrors,
    now: DateTime<Utc>,
}

/// How far the marks of a paper are.
struct MarkingProgress {
    paper: Paper,
    sat: usize,
    counting: usize,
    differing: usize,
    /// The rooms with how many marks are there, of how many candidates.
    rooms: Vec<(String, usize, usize)>,
    /// How many have marks in each whole point.
    spread: [i64; 11],
    summary: Summary,
}

impl PublicationPage {
    fn chart(&self) -> Bars {
        let share = |each: &MarkingProgress| Share {
            label: each.paper.title(),
            part: i64::try_from(each.counting).unwrap_or(0),
            whole: i64::try_from(each.sat).unwrap_or(0),
        };
        Bars {
            l: self.l,
            id: "progress",
            title: self.l.t("exam-progress"),
            heads: [self.l.t("exam-subject"), self.l.t("exam-marked"), self.l.t("exam-candidates-count")],
            shares: self.progress.iter().map(share).collect(),
        }
    }

    /// The paper that is drawn: the one that was asked for, or the first with points.
    fn drawn(&self) -> Option<&MarkingProgress> {
        let asked = self.progress.iter().find(|each| Some(each.paper.id) == self.drawn);
        asked.or_else(|| self.progress.iter().find(|each| each.summary.points > 0))
    }

    fn is_drawn(&self, id: &PaperId) -> bool {
        self.drawn().is_some_and(|each| each.paper.id == *id)
    }

    /// How many marks there are in each whole point.
    fn columns(&self, of: &MarkingProgress) -> ColumnChart {
        let amount = |(point, count): (usize, &i64)| Amount {
            label: point.to_string(),
            value: *count,
            figure: self.l.number(*count),
        };
        ColumnChart {
            id: "drawn",
            title: format!("{}: {}", self.l.t("exam-spread"), of.paper.title()),
            amounts: of.spread.iter().enumerate().map(amount).collect(),
        }
    }

    fn said(&self, of: &MarkingProgress) -> Vec<String> {
        results::said(&self.l, &of.summary)
    }

    fn results(&self, by: &str) -> String {
        paths::ExamResults::of(&self.frame.code, self.frame.exam.id).with("by", by).to_string()
    }

    fn smas(&self, paper: &PaperId) -> String {
        let results = paths::ExamResults::of(&self.frame.code, self.frame.exam.id);
        results.with("by", "smas").with("paper", paper).to_string()
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PublicationQuery {
    paper: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PublicationForm {
    at: String,
    classes: Vec<String>,
}

/// A moment as typed, in Vietnam's time; now where nothing is.
fn moment(typed: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Some(now);
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(typed) {
        return Some(at.with_timezone(&Utc));
    }
    let forms = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M", "%H:%M %d/%m/%Y"];
    let local = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(typed, form).ok())?;
    vietnam().from_local_datetime(&local).single().map(|at| at.with_timezone(&Utc))
}

async fn publication_page(
    visitor: &RequestContext,
    opened: Opened,
    drawn: &str,
    form: PublicationForm,
) -> Result<(Entrusted, PublicationPage)> {
    let Opened { mut tx, entrusted, exam } = opened;
    let entrusted = entrusted.holder()?;
    let classes = store::classes(&entrusted, &mut tx, exam.id).await?;
    let papers = store::papers(&entrusted, &mut tx, exam.id).await?;
    let candidates = store::candidates(&entrusted, &mut tx, exam.id).await?;
    let typed = store::marks(&entrusted, &mut tx, exam.id).await?;
    let rooms = store::rooms(&entrusted, &mut tx, exam.id).await?;
    let seats = store::seats(&entrusted, &mut tx, exam.id).await?;
    let missing = publication::missing_in_published(&entrusted, &mut tx, &exam, &classes, visitor.now).await?;
    tx.commit().await?;
    let progress = papers.into_iter().map(|paper| {
        let rooms = by_room(&paper, &rooms, &seats, |id| {
            typed.get(&(paper.id, id)).is_some_and(|typed| marks::counting(exam.entries, typed).is_some())
        });
        let sat: Vec<&Candidate> = candidates.iter().filter(|each| each.sits(&paper)).collect();
        let of = |candidate: &&&Candidate| typed.get(&(paper.id, candidate.id));
        let counting: Vec<Mark> = sat.iter().filter_map(|each| marks::counting(exam.entries, of(&each)?)).collect();
        MarkingProgress {
            rooms,
            sat: sat.len(),
            counting: counting.len(),
            differing: sat.iter().filter(|each| of(each).is_some_and(|typed| marks::differs(typed))).count(),
            spread: marks::distribution(counting.iter().copied()),
            summary: Summary::of(counting),
            paper,
        }
    });
    let progress = progress.collect();
    let page = PublicationPage {
        l: visitor.l,
        shell: shell_of(visitor, &entrusted),
        frame: Frame::new(&entrusted, exam, Step::Marks),
        classes,
        missing,
        progress,
        drawn: drawn.parse().ok(),
        form,
        faults: FormErrors::new(),
        now: visitor.now,
    };
    Ok((entrusted, page))
}

/// How far the marks of a paper are in each of its rooms.
fn by_room(
    paper: &Paper,
    rooms: &[ExamRoom],
    seats: &[SeatTaken],
    is_marked: impl Fn(CandidateId) -> bool,
) -> Vec<(String, usize, usize)> {
    let mut counts: HashMap<RoomId, (usize, usize)> = HashMap::new();
    for seat in seats.iter().filter(|seat| seat.paper_id == paper.id) {
        let (done, all) = counts.entry(seat.room_id).or_default();
        *done += usize::from(is_marked(seat.candidate_id));
        *all += 1;
    }
    let of = |room: &ExamRoom| counts.get(&room.id).map(|(done, all)| (room.name.clone(), *done, *all));
    rooms.iter().filter_map(of).collect()
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
    Query(query): Query<PublicationQuery>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, None).await?;
    html(&publication_page(&visitor, opened, &query.paper, PublicationForm::default()).await?.1)
}

pub async fn publish(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
    Form(form): Form<PublicationForm>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, None).await?;
    let (entrusted, page) = publication_page(&visitor, opened, "", form).await?;
    let Some(at) = moment(&page.form.at, visitor.now) else {
        return refused(&PublicationPage { faults: FormErrors::one("at", "fault-exam-at"), ..page });
    };
    let values: Vec<&str> = page.form.classes.iter().flat_map(|value| value.split(',')).map(str::trim).collect();
    let chosen: Vec<ClassId> = values.iter().filter_map(|value| value.parse().ok()).collect();
    let chosen: Vec<ClassId> =
        chosen.into_iter().filter(|id| page.classes.iter().any(|class| class.id == *id)).collect();
    let is_all = values.contains(&"all");
    if chosen.is_empty() && !is_all {
        return refused(&PublicationPage { faults: FormErrors::one("classes", "fault-exam-nobody-chosen"), ..page });
    }
    let classes = (!is_all).then_some(chosen.as_slice());
    match publication::publish(&entrusted, &app, classes, at).await? {
        Ok(count) => {
            let to = paths::ExamPublication::of(&granted.school.code, entrusted.exam_id);
            Ok(page::redirect(to.with("done", "exam-published").with("n", count)))
        }
        Err(refusal) => refused(&PublicationPage { faults: faults_of(refusal), ..page }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_in_vietnams_time() {
        let now = "2026-12-20T00:00:00Z".parse().unwrap();
        let at = Some("2026-12-20T10:00:00Z".parse().unwrap());
        assert_eq!(moment("2026-12-20T17:00", now), at);
        assert_eq!(moment("20/12/2026 17:00", now), at);
        assert_eq!(moment("2026-12-20T10:00:00Z", now), at);
        assert_eq!(moment("", now), Some(now));
        assert_eq!(moment("mai", now), None);
    }
}
