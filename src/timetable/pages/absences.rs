//! Teachers who are away: noted, given substitutes lesson by lesson, and the list for the staff room.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};
use chrono::{Datelike, Days, Months, NaiveDate};
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    ids::{AbsenceId, MemberId},
    paths,
    schools::homeroom::{self, HomeroomCandidate, HomeroomEntry},
    shell::{self, MenuPage},
    timetable::{
        absences::{self, Absence, CoverChoice, CoverCount, MOST_DAYS, Missed},
        bells::{self, Bells},
        covers::{self, TakenLesson},
        days,
        lessons::Lesson,
        model::{Slot, day_label},
        week,
    },
    web::{
        PageResult, RequestContext, Shell, Translator,
        address_parts::Path,
        forms::{self, Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "timetable/absences.html")]
struct AbsencesPage {
    l: Translator,
    shell: Shell,
    code: String,
    teachers: Vec<HomeroomCandidate>,
    /// Of the month that is shown.
    absences: Vec<Absence>,
    counts: Vec<CoverCount>,
    month: NaiveDate,
    /// The day of the list for the staff room, and what differs on it.
    day: NaiveDate,
    taken: Vec<TakenLesson>,
    /// The lessons of the day that nobody takes.
    open: Vec<Lesson>,
    bells: Bells,
    form: AbsenceForm,
    faults: FormErrors,
}

impl AbsencesPage {
    fn day_name(&self, date: &NaiveDate) -> String {
        day_name(&self.l, *date)
    }

    fn slot(&self, slot: &Slot) -> String {
        let bell = self.bells.at(*slot).map(|bell| format!(" ({})", bell.begins.format("%H:%M"))).unwrap_or_default();
        let session = self.l.t(slot.session.label());
        format!("{}{bell}", self.l.t2("timetable-slot", "session", session, "period", slot.period))
    }

    fn month_name(&self) -> String {
        self.month.format("%m/%Y").to_string()
    }

    /// The address of another month or day.
    fn at(&self, month: NaiveDate, day: NaiveDate) -> String {
        let here = paths::TimetableAbsences::of(&self.code);
        here.with("month", month.format("%Y-%m")).with("day", day).to_string()
    }

    fn month_before(&self) -> String {
        self.at(self.month - Months::new(1), self.day)
    }

    fn month_after(&self) -> String {
        self.at(self.month + Months::new(1), self.day)
    }

    fn day_before(&self) -> String {
        self.at(self.month, self.day - Days::new(1))
    }

    fn day_after(&self) -> String {
        self.at(self.month, self.day + Days::new(1))
    }
}

/// "Thứ 2, 30/11/2026"; a Sunday has no lessons and goes by its date.
fn day_name(l: &Translator, date: NaiveDate) -> String {
    match week::number_of(date) {
        day @ 1..=6 => format!("{}, {}", l.t(day_label(day)), l.date(&date)),
        _ => l.date(&date),
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AbsenceForm {
    teacher: String,
    from: String,
    to: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AbsencesQuery {
    /// `2026-11`.
    month: String,
    day: String,
}

pub async fn list(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Query(query): Query<AbsencesQuery>,
) -> PageResult {
    let today = app.clock.today().to_string();
    let form = AbsenceForm { from: today.clone(), to: today, ..AbsenceForm::default() };
    html(&absences_page(&app, &visitor, &granted, &query, form, FormErrors::new()).await?)
}

async fn absences_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageTimetable>,
    query: &AbsencesQuery,
    form: AbsenceForm,
    faults: FormErrors,
) -> Result<AbsencesPage> {
    let today = app.clock.today();
    let is_near = |date: &NaiveDate| (1900..=2999).contains(&date.year());
    let day = query.day.parse::<NaiveDate>().ok().filter(is_near).unwrap_or(today);
    let month = format!("{}-01", query.month).parse::<NaiveDate>().ok().filter(is_near).unwrap_or(today);
    let first = month.with_day(1).unwrap_or(month);
    let last = first + Months::new(1) - Days::new(1);
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let page = AbsencesPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Timetable),
        code: granted.school.code.clone(),
        teachers: homeroom::candidates(granted, &mut tx).await?,
        absences: absences::between(granted, &mut tx, first, last).await?,
        counts: absences::counts(granted, &mut tx, first, last).await?,
        month: first,
        day,
        taken: covers::taken(granted, &mut tx, day, day).await?,
        open: absences::open(granted, &mut tx, day).await?,
        bells: days::between(granted, &mut tx, day, day).await?.bells(day, &bells::all(granted, &mut tx).await?),
        form,
        faults,
    };
    tx.commit().await?;
    Ok(page)
}

pub async fn note(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Form(form): Form<AbsenceForm>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let teachers = homeroom::candidates(&granted, &mut tx).await?;
    tx.commit().await?;
    let mut faults = FormErrors::new();
    let teacher = match super::teacher_meant(&form.teacher, &teachers) {
        HomeroomEntry::One(id) => Some(id),
        HomeroomEntry::Nobody | HomeroomEntry::Unknown => {
            let key = super::blank_or(&form.teacher, "fault-timetable-teacher-missing", "fault-timetable-teacher");
            faults.add_about("teacher", key, form.teacher.trim());
            None
        }
        HomeroomEntry::OneOfSeveral => {
            faults.add_about("teacher", "fault-timetable-teacher-several", form.teacher.trim());
            None
        }
    };
    let from = forms::date(&form.from);
    if from.is_none() {
        faults.add("from", "fault-timetable-absence-day");
    }
    // One day is mostly meant.
    let to = if form.to.trim().is_empty() { from } else { forms::date(&form.to) };
    let is_span = |from: NaiveDate, to: NaiveDate| (0..MOST_DAYS).contains(&(to - from).num_days());
    if to.is_none() || from.zip(to).is_some_and(|(from, to)| !is_span(from, to)) {
        faults.add_about("to", "fault-timetable-absence-span", MOST_DAYS.to_string());
    }
    if let (Some(teacher), Some(from), Some(to), true) = (teacher, from, to, faults.is_empty()) {
        if let Some(id) = absences::note(&granted, &app, teacher, from, to).await? {
            let to = paths::TimetableAbsence::of(&granted.school.code, id).with("done", "timetable-absence-noted");
            return Ok(page::redirect(to));
        }
        faults.add("from", "fault-timetable-absence-twice");
    }
    let query = AbsencesQuery::default();
    refused(&absences_page(&app, &visitor, &granted, &query, form, faults).await?)
}

#[derive(Template)]
#[template(path = "timetable/absence.html")]
struct AbsencePage {
    l: Translator,
    shell: Shell,
    code: String,
    absence: Absence,
    missed: Vec<Missed>,
    /// What was chosen, where that was refused.
    chosen: HashMap<String, String>,
    faults: FormErrors,
}

impl AbsencePage {
    fn day_name(&self, date: &NaiveDate) -> String {
        day_name(&self.l, *date)
    }

    fn slot(&self, slot: &Slot) -> String {
        let session = self.l.t(slot.session.label());
        self.l.t2("timetable-slot", "session", session, "period", slot.period)
    }

    fn field(&self, missed: &Missed) -> String {
        field(missed)
    }

    fn is_chosen(&self, missed: &Missed, id: &MemberId) -> bool {
        match self.chosen.get(&field(missed)) {
            Some(chosen) => *chosen == id.to_string(),
            None => missed.substitute == Some(*id),
        }
    }

    /// Why one is proposed.
    fn why(&self, candidate: &absences::FreeTeacher) -> String {
        self.l.t(match (candidate.knows_class, candidate.knows_subject) {
            (true, true) => "timetable-knows-both",
            (true, false) => "timetable-knows-class",
            (false, true) => "timetable-knows-subject",
            (false, false) => "timetable-takes-it",
        })
    }
}

/// The name of the field of a lesson: `teacher_2026-11-30_1-morning-2`.
fn field(missed: &Missed) -> String {
    format!("teacher_{}_{}", missed.date, missed.lesson.slot.key())
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Path((_, id)): Path<(String, AbsenceId)>,
) -> PageResult {
    html(&absence_page(&app, &visitor, &granted, id, HashMap::new(), FormErrors::new()).await?)
}

async fn absence_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageTimetable>,
    id: AbsenceId,
    chosen: HashMap<String, String>,
    faults: FormErrors,
) -> Result<AbsencePage> {
    let elsewhere = absences::elsewhere(granted, app, id).await?;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let absence = absences::find(granted, &mut tx, id).await?;
    let missed = absences::missed(granted, &mut tx, &absence, &elsewhere).await?;
    tx.commit().await?;
    Ok(AbsencePage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Timetable),
        code: granted.school.code.clone(),
        absence,
        missed,
        chosen,
        faults,
    })
}

pub async fn substitute(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Path((_, id)): Path<(String, AbsenceId)>,
    Form(form): Form<HashMap<String, String>>,
) -> PageResult {
    let choices: Option<Vec<CoverChoice>> =
        form.iter().filter(|(name, _)| name.starts_with("teacher_")).map(|(name, value)| choice(name, value)).collect();
    let is_done = match choices {
        Some(choices) => absences::substitute(&granted, &app, id, &choices).await?,
        None => false,
    };
    if is_done {
        let to = paths::TimetableAbsence::of(&granted.school.code, id).with("done", "timetable-substituted");
        return Ok(page::redirect(to));
    }
    let faults = FormErrors::one("substitutions", "fault-timetable-substitute");
    refused(&absence_page(&app, &visitor, &granted, id, form, faults).await?)
}

fn choice(name: &str, value: &str) -> Option<CoverChoice> {
    let (date, slot) = name.strip_prefix("teacher_")?.split_once('_')?;
    let teacher = if value.is_empty() { None } else { Some(value.parse().ok()?) };
    Some((date.parse().ok()?, Slot::from_key(slot)?, teacher))
}

pub async fn remove(
    State(app): State<App>,
    granted: Granted<may::ManageTimetable>,
    Path((_, id)): Path<(String, AbsenceId)>,
) -> PageResult {
    absences::remove(&granted, &app, id).await?;
    let to = paths::TimetableAbsences::of(&granted.school.code).with("done", "timetable-absence-removed");
    Ok(page::redirect(to))
}
