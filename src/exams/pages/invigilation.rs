//! Invigilators: the draw, who has which duty, what breaks a rule, and changes by hand.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use chrono::NaiveDate;
use serde::Deserialize;

use super::{Frame, Opened, Step, checked, faults as faults_of, is_on, is_seed, open, shell_of};
use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    exams::{
        actions::{
            Entrusted,
            duties::{self, DutyInput, GivenDuty},
        },
        duties::{BrokenDutyRule, DutyRule},
        lessons::{self, ClashingLesson},
        model::{DutyChoices, Paper, Task},
    },
    ids::{MemberId, PaperId, RoomId},
    paths,
    schools::homeroom::{self, HomeroomCandidate},
    vietnam::text,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{self, Form, FormErrors},
        html, page, refused,
    },
};

/// The most subjects of a person, and how long the name of one is.
const MOST_SUBJECTS: usize = 20;
const LONGEST_SUBJECT: usize = 100;

#[derive(Template)]
#[template(path = "exams/invigilation.html")]
struct InvigilationPage {
    l: Translator,
    shell: Shell,
    frame: Frame,
    input: DutyInput,
    given: Vec<GivenDuty>,
    /// Lessons of invigilators at the time of their duties.
    lessons: Vec<ClashingLesson>,
    /// What breaks a rule, in words.
    broken: Vec<String>,
    /// Which rooms lack invigilators, and who is on duty where nobody sits, in words.
    lacking: Vec<String>,
    staff: Vec<HomeroomCandidate>,
    /// An exchange breaks rules: it is made only where that is wanted.
    asks_anyway: bool,
    form: DutiesForm,
    faults: FormErrors,
}

/// A room of a paper with those who are on duty there.
struct RoomDuty {
    room: Option<String>,
    people: Vec<String>,
}

impl InvigilationPage {
    fn name(&self, id: MemberId) -> String {
        let person = self.input.people.iter().find(|person| person.member_id == id);
        person.map(|person| person.full_name.clone()).unwrap_or_default()
    }

    /// What an exchange would break, in words: those rules that can be set aside.
    fn conflicts(&self, paper: PaperId, both: (MemberId, MemberId)) -> Vec<String> {
        let broken = self.input.broken_by_swap(&self.given, paper, both);
        let words = |(broken, duty): (BrokenDutyRule, GivenDuty)| {
            format!("{}: {}", self.name(duty.member_id), self.l.tk("exam-rule", broken.rule.key()))
        };
        // On a day off or elsewhere nobody can be, wanted or not.
        let can_be =
            |(broken, _): &(BrokenDutyRule, GivenDuty)| !matches!(broken.rule, DutyRule::DayOff | DutyRule::TwoAtOnce);
        broken.into_iter().filter(can_be).map(words).collect()
    }

    /// Where people are lacking or are on duty for nothing, once duties were given out.
    fn lacking(&self) -> Vec<String> {
        if self.given.is_empty() {
            return Vec::new();
        }
        let paper = |id: PaperId| {
            let paper = self.input.papers.iter().find(|paper| paper.id == id);
            paper.map(|paper| format!("{}, {}", paper.title(), self.l.moment(&paper.starts_at))).unwrap_or_default()
        };
        let room = |id: Option<RoomId>| {
            let room = id.and_then(|id| self.input.rooms.iter().find(|room| room.id == id));
            room.map_or_else(|| self.l.t("exam-corridor"), |room| room.name.clone())
        };
        let lacks = self.input.lacking(&self.given).into_iter().map(|each| {
            let count = self.l.t1("exam-duties-lacking", "count", each.count);
            format!("{} · {}: {count}", paper(each.paper_id), room(each.room_id))
        });
        let unused = self.input.unused(&self.given).into_iter().map(|duty| {
            let why = self.l.t1("exam-duty-unused", "name", self.name(duty.member_id));
            format!("{} · {}: {why}", paper(duty.paper_id), room(duty.room_id))
        });
        lacks.chain(unused).collect()
    }

    fn is_chosen(&self, typed: &str, id: impl std::fmt::Display) -> bool {
        typed == id.to_string()
    }

    fn clashes(&self) -> Vec<(&Paper, Vec<&ClashingLesson>)> {
        lessons::by_paper(&self.input.papers, &self.lessons)
    }

    /// The papers with their rooms.
    fn plan(&self) -> Vec<(&Paper, Vec<RoomDuty>)> {
        let rooms_of = |paper: &Paper| {
            let mut rooms: BTreeMap<usize, RoomDuty> = BTreeMap::new();
            for duty in self.given.iter().filter(|duty| duty.paper_id == paper.id) {
                let at = duty.room_id.and_then(|id| self.input.rooms.iter().position(|room| room.id == id));
                let room = at.map(|at| self.input.rooms[at].name.clone());
                let entry = rooms.entry(at.unwrap_or(usize::MAX));
                entry.or_insert(RoomDuty { room, people: Vec::new() }).people.push(self.name(duty.member_id));
            }
            rooms.into_values().collect::<Vec<_>>()
        };
        self.input.papers.iter().map(|paper| (paper, rooms_of(paper))).filter(|(_, rooms)| !rooms.is_empty()).collect()
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct DutiesForm {
    per_room: String,
    corridor: String,
    not_own_class: String,
    not_own_subject: String,
    seed: String,
    /// Gives out only what is missing.
    missing: String,
    /// Says what a person teaches and when they are off; `remove` takes them out.
    member: String,
    subjects: String,
    days_off: String,
    remove: String,
    /// Gives `from`'s duty of a paper to `by`.
    paper: String,
    from: String,
    by: String,
    /// Also where that breaks a rule.
    anyway: String,
}

async fn duties_page(
    visitor: &RequestContext,
    opened: Opened,
    form: Option<DutiesForm>,
) -> Result<(Entrusted, InvigilationPage)> {
    let Opened { mut tx, entrusted, exam } = opened;
    let input = DutyInput::read(&entrusted, &mut tx, exam).await?;
    let given = duties::given(&entrusted, &mut tx, entrusted.exam_id).await?;
    let lessons = lessons::of_duties(&entrusted, &mut tx, entrusted.exam_id, &input.papers, &given).await?;
    let staff = homeroom::candidates(&entrusted, &mut tx).await?;
    tx.commit().await?;
    let choices = &input.exam.duties;
    let form = form.unwrap_or_else(|| DutiesForm {
        per_room: choices.per_room.to_string(),
        corridor: choices.rooms_per_corridor.to_string(),
        not_own_class: checked(choices.not_own_class),
        not_own_subject: checked(choices.not_own_subject),
        seed: choices.seed.clone(),
        ..DutiesForm::default()
    });
    // Checking whole weeks of duties takes a while of one core.
    let (input, given, broken) = tokio::task::spawn_blocking(move || {
        let broken = input.broken(&given);
        (input, given, broken)
    })
    .await
    .map_err(anyhow::Error::new)?;
    let l = visitor.l;
    let frame = Frame::new(&entrusted, input.exam.clone(), Step::Invigilation);
    let mut page = InvigilationPage {
        l,
        shell: shell_of(visitor, &entrusted),
        frame,
        input,
        given,
        lessons,
        broken: Vec::new(),
        lacking: Vec::new(),
        staff,
        asks_anyway: false,
        form,
        faults: FormErrors::new(),
    };
    page.broken = broken
        .into_iter()
        .map(|(broken, duty)| {
            let paper = page.input.papers.iter().find(|paper| paper.id == duty.paper_id).map(Paper::title);
            let rule = l.tk("exam-rule", broken.rule.key());
            format!("{} · {}: {rule}", paper.unwrap_or_default(), page.name(duty.member_id))
        })
        .collect();
    page.lacking = page.lacking();
    Ok((entrusted, page))
}

/// In words: the lessons that a person has at the time of a paper, unless they are on duty in it already.
async fn taught(
    app: &App,
    entrusted: &Entrusted,
    page: &InvigilationPage,
    paper: PaperId,
    person: MemberId,
) -> Result<Vec<String>> {
    let is_on_duty = page.given.iter().any(|duty| (duty.paper_id, duty.member_id) == (paper, person));
    let paper = page.input.papers.iter().find(|each| each.id == paper && !is_on_duty);
    let Some(paper) = paper else { return Ok(Vec::new()) };
    let duty = GivenDuty { paper_id: paper.id, member_id: person, room_id: None };
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let lessons =
        lessons::of_duties(entrusted, &mut tx, entrusted.exam_id, std::slice::from_ref(paper), &[duty]).await?;
    tx.commit().await?;
    let l = page.l;
    let words = |each: &ClashingLesson| {
        let slot = l.t2("timetable-slot", "session", l.t(each.session.label()), "period", each.period.to_string());
        let lesson = format!("{slot}, {}", each.lesson.class_name);
        l.t2("exam-duty-teaches", "name", page.name(person), "lesson", lesson)
    };
    Ok(lessons.iter().map(words).collect())
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, Some(Task::Invigilation)).await?;
    html(&duties_page(&visitor, opened, None).await?.1)
}

pub async fn change(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
    Form(form): Form<DutiesForm>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, Some(Task::Invigilation)).await?;
    let (entrusted, page) = duties_page(&visitor, opened, Some(form)).await?;
    let form = page.form.clone();
    let to = paths::ExamInvigilation::of(&granted.school.code, entrusted.exam_id);
    let refuse = |field: &str, key: &str, page: InvigilationPage| {
        refused(&InvigilationPage { faults: FormErrors::one(field, key), ..page })
    };
    if !form.from.is_empty() {
        let (paper, from): (PaperId, MemberId) =
            (form.paper.parse().map_err(|_| Error::NotFound)?, form.from.parse().map_err(|_| Error::NotFound)?);
        let Ok(by) = form.by.parse::<MemberId>() else { return refuse("by", "fault-exam-helper", page) };
        if !is_on(&form.anyway) {
            let mut conflicts = page.conflicts(paper, (from, by));
            conflicts.extend(taught(&app, &entrusted, &page, paper, by).await?);
            if !conflicts.is_empty() {
                let mut faults = FormErrors::new();
                faults.add_about("by", "fault-exam-duty-conflict", conflicts.join("; "));
                return refused(&InvigilationPage { asks_anyway: true, faults, ..page });
            }
        }
        return match duties::swap(&entrusted, &app, paper, from, by).await? {
            Ok(()) => Ok(page::redirect(to.with("done", "exam-duty-changed"))),
            Err(refusal) => refused(&InvigilationPage { faults: faults_of(refusal), ..page }),
        };
    }
    if !form.member.is_empty() {
        let member: MemberId = form.member.parse().map_err(|_| Error::NotFound)?;
        let subjects: Vec<String> =
            form.subjects.split([',', ';']).map(text::clean).filter(|subject| !subject.is_empty()).collect();
        let typed: Vec<&str> = form.days_off.split([',', ';']).map(str::trim).filter(|day| !day.is_empty()).collect();
        let days: Option<Vec<NaiveDate>> = typed.iter().map(|day| forms::date(day)).collect();
        let Some(days) = days else { return refuse("days_off", "fault-exam-date", page) };
        if subjects.len() > MOST_SUBJECTS || subjects.iter().any(|subject| subject.chars().count() > LONGEST_SUBJECT) {
            return refuse("subjects", "fault-exam-person-subjects", page);
        }
        let who = (!is_on(&form.remove)).then_some((subjects.as_slice(), days.as_slice()));
        return match duties::name(&entrusted, &app, member, who).await? {
            Ok(()) => Ok(page::redirect(to.with("done", "exam-person-named"))),
            Err(refusal) => refused(&InvigilationPage { faults: faults_of(refusal), ..page }),
        };
    }
    if is_on(&form.missing) {
        return match duties::assign_missing(&entrusted, &app).await? {
            Ok(count) => Ok(page::redirect(to.with("done", "exam-duties-given").with("n", count))),
            Err(refusal) => refused(&InvigilationPage { faults: faults_of(refusal), ..page }),
        };
    }
    let number =
        |typed: &str, otherwise: i16| if typed.trim().is_empty() { Some(otherwise) } else { typed.trim().parse().ok() };
    let Some(per_room) = number(&form.per_room, 2).filter(|count| (1..=4).contains(count)) else {
        return refuse("per_room", "fault-exam-per-room", page);
    };
    let Some(rooms_per_corridor) = number(&form.corridor, 0).filter(|count| (0..=50).contains(count)) else {
        return refuse("corridor", "fault-exam-corridor", page);
    };
    if !is_seed(&form.seed) {
        return refuse("seed", "fault-exam-seed", page);
    }
    let choices = DutyChoices {
        per_room,
        rooms_per_corridor,
        not_own_class: is_on(&form.not_own_class),
        not_own_subject: is_on(&form.not_own_subject),
        seed: form.seed.trim().to_owned(),
    };
    match duties::assign(&entrusted, &app, &choices).await? {
        Ok(count) => Ok(page::redirect(to.with("done", "exam-duties-given").with("n", count))),
        Err(refusal) => refused(&InvigilationPage { faults: faults_of(refusal), ..page }),
    }
}
