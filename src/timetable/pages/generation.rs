//! Having a draft made: asking for it, how far it is, what came of it, and whether it is taken.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    ids::TimetableId,
    paths,
    shell::{self, MenuPage},
    timetable::{
        elsewhere::LessonsElsewhere,
        model::day_label,
        setup,
        solver::{
            basis, engine, feasible,
            generation::{
                self, Failure, Generation, GenerationRefusal, GenerationRequest, GenerationState, MOST_SECONDS,
                USUAL_SECONDS,
            },
            review::{self, Reason, Review, Unmet},
        },
        versions::{self, Version},
    },
    web::{
        PageResult, RequestContext, Shell, Translator,
        address_parts::Path,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

/// How the engine comes onto a server with Debian.
const INSTALL: &str = "sudo apt install fet";

#[derive(Template)]
#[template(path = "timetable/generation.html")]
struct GenerationPage {
    l: Translator,
    shell: Shell,
    code: String,
    version: Version,
    generation: Option<Generation>,
    /// The draft that waits, and what is to be said of it.
    result: Option<(Version, Review)>,
    /// Why nothing can be made of what there is now.
    reasons: Vec<Reason>,
    /// What the engine has named as hard to place, and whether as a double period.
    difficult: Vec<(String, bool)>,
    has_engine: bool,
    install: &'static str,
    form: GenerationForm,
    faults: FormErrors,
}

impl GenerationPage {
    fn is_under_way(&self) -> bool {
        self.generation.as_ref().is_some_and(|last| last.state.is_under_way())
    }

    fn is_waiting(&self) -> bool {
        self.generation.as_ref().is_some_and(|last| last.state == GenerationState::Waiting)
    }

    /// Why the last time has come to nothing.
    fn failure(&self) -> Option<String> {
        let failure = self.generation.as_ref()?.failure?;
        Some(self.l.t(match failure {
            Failure::Impossible => "timetable-failed-impossible",
            Failure::Died => "timetable-failed-died",
            Failure::Rights => "timetable-failed-rights",
            Failure::Nothing => "timetable-failed-nothing",
            Failure::Answer => "timetable-failed-answer",
            Failure::Changed => "timetable-failed-changed",
            Failure::TooMany => "fault-timetable-versions-many",
        }))
    }

    fn reason(&self, reason: &Reason) -> String {
        let l = &self.l;
        let load = |has: &i32, can: &i32| l.t2("timetable-has-can", "has", *has, "can", *can);
        match reason {
            Reason::Teacher { teacher, has, can } => {
                l.t2("timetable-impossible-teacher", "name", teacher.as_str(), "load", load(has, can))
            }
            Reason::Class { class, has, can } => {
                l.t2("timetable-impossible-class", "name", class.as_str(), "load", load(has, can))
            }
            Reason::Room { room, has, can } => {
                l.t2("timetable-impossible-room", "name", room.as_str(), "load", load(has, can))
            }
            Reason::Together { teacher, class, has, can } => {
                let both = l.t2("timetable-together", "teacher", teacher.as_str(), "class", class.as_str());
                l.t2("timetable-impossible-together", "both", both, "load", load(has, can))
            }
            Reason::Doubles { of, has, can } => {
                let load = l.t2("timetable-has-can-doubles", "has", *has, "can", *can);
                l.t2("timetable-impossible-doubles", "name", of.as_str(), "load", load)
            }
            Reason::Locked { of, slot } => {
                let at = super::slot_label(l, *slot);
                l.t2("timetable-impossible-locked", "name", of.as_str(), "at", at)
            }
            Reason::LockedClosed { of, slot } => {
                let at = super::slot_label(l, *slot);
                l.t2("timetable-impossible-closed", "name", of.as_str(), "at", at)
            }
            Reason::LockedDay { teacher, day } => {
                l.t2("timetable-impossible-day", "name", teacher.as_str(), "day", l.t(day_label(*day)))
            }
            Reason::LockedWeek { teacher } => l.t1("timetable-impossible-week", "name", teacher.as_str()),
            Reason::LockedNowhere { slot } => l.t1("timetable-impossible-nowhere", "at", super::slot_label(l, *slot)),
            Reason::Nothing => l.t("timetable-impossible-nothing"),
        }
    }

    /// Whether there is something to be said of what the engine could not place.
    fn tells_difficult(&self) -> bool {
        let has_left = self.result.as_ref().is_some_and(|(_, review)| !review.left.is_empty());
        !self.difficult.is_empty() && (has_left || self.generation.as_ref().is_some_and(|last| last.failure.is_some()))
    }

    fn difficult_name(&self, (name, is_double): &(String, bool)) -> String {
        if *is_double { format!("{name} ({})", self.l.t("timetable-double")) } else { name.clone() }
    }

    fn unmet(&self, unmet: &Unmet) -> String {
        let l = &self.l;
        let day = |day: &i16| l.t(day_label(*day));
        let (of, what) = match unmet {
            Unmet::SubjectTwiceADay { class, subject, day: on } => {
                (class, l.t2("timetable-unmet-twice", "subject", subject.as_str(), "day", day(on)))
            }
            Unmet::HeavyLate { class, subject, slot } => {
                let at = super::slot_label(l, *slot);
                (class, l.t2("timetable-unmet-late", "subject", subject.as_str(), "at", at))
            }
            Unmet::TeacherGaps { teacher, gaps } => (teacher, l.t1("timetable-unmet-gaps", "count", *gaps)),
            Unmet::ClassGap { class, day: on } => (class, l.t1("timetable-unmet-class-gap", "day", day(on))),
        };
        format!("{of}: {what}")
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct GenerationForm {
    seconds: String,
    seed: String,
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Path((_, id)): Path<(String, TimetableId)>,
) -> PageResult {
    let form = GenerationForm { seconds: USUAL_SECONDS.to_string(), seed: "1".to_owned() };
    html(&generation_page(&app, &visitor, &granted, id, form, FormErrors::new()).await?)
}

async fn generation_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageTimetable>,
    id: TimetableId,
    form: GenerationForm,
    faults: FormErrors,
) -> Result<GenerationPage> {
    let elsewhere = LessonsElsewhere::of_school(granted, app, app.clock.today()).await?;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    setup::ensure(granted, app, &mut tx).await?;
    let version = versions::find(granted, &mut tx, id).await?;
    let generation = generation::last(granted, &mut tx, id).await?;
    let is_under_way = generation.as_ref().is_some_and(|last| last.state.is_under_way());
    let (mut reasons, mut difficult) = (Vec::new(), Vec::new());
    if !is_under_way {
        let basis = basis::read(granted, &mut tx, &version, &elsewhere).await?;
        let found = feasible::impossible(&basis.problem);
        reasons = found.iter().map(|each| review::reason(&basis.problem, each)).collect();
        let blamed = generation.as_ref().map_or(&[][..], |last| last.blamed.as_slice());
        difficult = review::difficult(&basis, blamed);
    }
    let waits = generation.as_ref().filter(|last| last.state == GenerationState::Done);
    let mut result = None;
    if let Some(result_id) = waits.and_then(|last| last.result_id) {
        // It may have been deleted like any other draft.
        if let Some(draft) = versions::of_id(granted, &mut tx, result_id).await? {
            let review = review::of(&basis::read(granted, &mut tx, &draft, &elsewhere).await?);
            result = Some((draft, review));
        }
    }
    tx.commit().await?;
    Ok(GenerationPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Timetable),
        code: granted.school.code.clone(),
        version,
        generation,
        result,
        reasons,
        difficult,
        has_engine: engine::installed().is_some(),
        install: INSTALL,
        form,
        faults,
    })
}

pub async fn ask(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Path((_, id)): Path<(String, TimetableId)>,
    Form(form): Form<GenerationForm>,
) -> PageResult {
    let mut faults = FormErrors::new();
    let number = |typed: &str, usual: i64| match typed.trim() {
        "" => Some(usual),
        typed => typed.parse::<i64>().ok(),
    };
    let seconds = number(&form.seconds, USUAL_SECONDS.into()).and_then(|seconds| i16::try_from(seconds).ok());
    let seconds = seconds.filter(|seconds| (1..=MOST_SECONDS).contains(seconds));
    if seconds.is_none() {
        faults.add_about("seconds", "fault-timetable-seconds", MOST_SECONDS.to_string());
    }
    let seed = number(&form.seed, 1).filter(|seed| *seed >= 0);
    if seed.is_none() {
        faults.add("seed", "fault-timetable-seed");
    }
    let mut page = generation_page(&app, &visitor, &granted, id, form, faults).await?;
    let (Some(seconds), Some(seed)) = (seconds, seed) else { return refused(&page) };
    if !page.reasons.is_empty() {
        page.faults.add("seconds", "timetable-failed-impossible");
        return refused(&page);
    }
    let mark = visitor.l.t("timetable-made-by-program");
    let asked = GenerationRequest { name: marked(&page.version.name, &mark), seconds, seed };
    match generation::ask(&granted, &app, id, &asked).await? {
        Ok(()) => Ok(page::redirect(paths::TimetableGeneration::of(&granted.school.code, id))),
        Err(refusal) => {
            let fault = match refusal {
                GenerationRefusal::NoEngine => "fault-timetable-no-engine",
                GenerationRefusal::UnderWay => "fault-timetable-under-way",
            };
            page.faults.add("seconds", fault);
            refused(&page)
        }
    }
}

/// The name of a draft that is made of a version, as long as a name may be.
fn marked(name: &str, mark: &str) -> String {
    let mark = format!(" – {mark}");
    let name = name.strip_suffix(&mark).unwrap_or(name);
    let room = versions::LONGEST_NAME.saturating_sub(mark.chars().count());
    format!("{}{mark}", name.chars().take(room).collect::<String>())
}

pub async fn stop(
    State(app): State<App>,
    granted: Granted<may::ManageTimetable>,
    Path((_, id)): Path<(String, TimetableId)>,
) -> PageResult {
    generation::stop(&granted, &app, id).await?;
    Ok(page::redirect(paths::TimetableGeneration::of(&granted.school.code, id)))
}

pub async fn take(
    State(app): State<App>,
    granted: Granted<may::ManageTimetable>,
    Path((_, id)): Path<(String, TimetableId)>,
) -> PageResult {
    let code = &granted.school.code;
    match generation::take(&granted, &app, id).await? {
        Some(draft) => Ok(page::redirect(paths::TimetableVersion::of(code, draft).with("done", "timetable-taken"))),
        None => Ok(page::redirect(paths::TimetableGeneration::of(code, id).with("done", "timetable-decided"))),
    }
}

pub async fn discard(
    State(app): State<App>,
    granted: Granted<may::ManageTimetable>,
    Path((_, id)): Path<(String, TimetableId)>,
) -> PageResult {
    let is_gone = generation::discard(&granted, &app, id).await?;
    let done = if is_gone { "timetable-discarded" } else { "timetable-decided" };
    Ok(page::redirect(paths::TimetableGeneration::of(&granted.school.code, id).with("done", done)))
}
