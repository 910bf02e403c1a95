//! The pages of the timetable.

mod absences;
mod assignment_sheet;
mod assignments;
mod bells;
mod comparison;
mod days;
mod entry;
mod files;
mod fixed;
mod generation;
mod grid;
mod imports;
mod moving;
mod rooms;
mod sheet;
mod subjects;
mod table;
mod teacher_grid;
mod versions;
mod week;
mod wishes;

use chrono::NaiveDate;
use sqlx::PgConnection;

use super::{
    bells::Bells,
    cautions::{self, Caution, CautionContext},
    elsewhere::LessonsElsewhere,
    lessons::{Lesson, PlacingConflict},
    model::{Slot, day_label},
    versions::Version,
};
use crate::{
    access::{Action, Granted, Scope, may},
    app::App,
    error::{Error, Result},
    paths,
    routes::{Access, Routes},
    schools::{
        homeroom::{self, HomeroomCandidate, HomeroomEntry},
        years::{self, Year},
    },
    sources::pages::UPLOAD_BYTES,
    web::Translator,
};

#[must_use]
pub fn routes() -> Routes {
    let (makers, members) = (Access::School(Action::ManageTimetable), Access::School(Action::Enter));
    Routes::new()
        .get(paths::Timetable::PATH, members, week::home)
        .get(paths::TimetableBells::PATH, makers, bells::show)
        .post(paths::TimetableBells::PATH, makers, bells::save)
        .get(paths::TimetableSubjects::PATH, makers, subjects::show)
        .post(paths::TimetableSubjects::PATH, makers, subjects::save)
        .creating()
        .get(paths::TimetableRooms::PATH, makers, rooms::show)
        .post(paths::TimetableRooms::PATH, makers, rooms::save)
        .creating()
        .get(paths::TimetableAssignments::PATH, makers, assignments::show)
        .upload(paths::TimetableAssignments::PATH, makers, UPLOAD_BYTES, assignments::save)
        .get(paths::TimetableDays::PATH, makers, days::list)
        .post(paths::TimetableDays::PATH, makers, days::save)
        .get(paths::TimetableImports::PATH, makers, imports::list)
        .upload(paths::TimetableImports::PATH, makers, UPLOAD_BYTES, imports::read)
        .get(paths::TimetableImport::PATH, makers, imports::show)
        .post(paths::TimetableImport::PATH, makers, imports::choose)
        .post(paths::TimetableImportTaking::PATH, makers, imports::take)
        .post(paths::TimetableImportDiscarding::PATH, makers, imports::discard)
        .get(paths::TimetableVersions::PATH, makers, versions::list)
        .post(paths::TimetableVersions::PATH, makers, versions::make)
        .creating()
        .get(paths::TimetableVersion::PATH, makers, versions::show)
        .post(paths::TimetablePublication::PATH, makers, versions::publish)
        .post(paths::TimetableWithdrawal::PATH, makers, versions::withdraw)
        .post(paths::TimetableDeletion::PATH, makers, versions::delete)
        .asking(&[("", "", "ask-timetable-delete")])
        .get(paths::TimetableGeneration::PATH, makers, generation::show)
        .post(paths::TimetableGeneration::PATH, makers, generation::ask)
        .post(paths::TimetableGenerationStop::PATH, makers, generation::stop)
        .post(paths::TimetableGenerationTaking::PATH, makers, generation::take)
        .post(paths::TimetableGenerationDiscarding::PATH, makers, generation::discard)
        .asking(&[("", "", "ask-timetable-discard")])
        .get(paths::TimetableAbsences::PATH, makers, absences::list)
        .post(paths::TimetableAbsences::PATH, makers, absences::note)
        .creating()
        .get(paths::TimetableAbsence::PATH, makers, absences::show)
        .post(paths::TimetableSubstitutions::PATH, makers, absences::substitute)
        .post(paths::TimetableAbsenceRemoval::PATH, makers, absences::remove)
        .asking(&[("", "", "ask-timetable-absence")])
        .get(paths::TimetableWishes::PATH, makers, wishes::show)
        .post(paths::TimetableWishes::PATH, makers, wishes::save)
        .get(paths::TimetableGrid::PATH, makers, grid::show)
        .post(paths::TimetableGrid::PATH, makers, grid::place)
        .post(paths::TimetableSwap::PATH, makers, moving::swap)
        .post(paths::TimetableDayCopy::PATH, makers, moving::copy_day)
        .post(paths::TimetableClassCopy::PATH, makers, moving::copy_class)
        .post(paths::TimetableFixed::PATH, makers, fixed::fix)
        .get(paths::TimetableTeacherGrid::PATH, makers, teacher_grid::show)
        .post(paths::TimetableTeacherGrid::PATH, makers, teacher_grid::place)
        .get(paths::TimetableSheet::PATH, makers, sheet::show)
        .get(paths::TimetableComparison::PATH, makers, comparison::show)
        .get(paths::TimetableOfClass::PATH, members, week::of_class)
        .get(paths::TimetableOfTeacher::PATH, members, week::of_teacher)
        .get(paths::TimetableOfRoom::PATH, makers, week::of_room)
}

/// The id in a part of an address; one that is none leads nowhere.
fn id<T: std::str::FromStr>(part: &str) -> Result<T> {
    part.parse().map_err(|_| Error::NotFound)
}

/// The year that the timetable is made for: the one of today.
async fn year(scope: &Scope, tx: &mut PgConnection, today: NaiveDate) -> Result<Year> {
    years::current(scope, tx, today).await
}

/// "Thứ 2, sáng, tiết 3".
fn slot_label(l: &Translator, slot: Slot) -> String {
    let session = l.t(slot.session.label());
    format!("{}, {}", l.t(day_label(slot.day)), l.t2("timetable-slot", "session", session, "period", slot.period))
}

/// Why a lesson is not placed, as a sentence that says what to do.
fn conflict_sentence(l: &Translator, slot: Slot, conflict: &PlacingConflict) -> String {
    let at = slot_label(l, slot);
    match conflict {
        PlacingConflict::Teacher { teacher, class_name } => {
            let taken = l.t2("timetable-teacher-taken", "teacher", teacher.as_str(), "class", class_name.as_str());
            format!("{at}: {taken}")
        }
        PlacingConflict::Room { room, class_names } => {
            let taken = l.t2("timetable-room-taken", "room", room.as_str(), "classes", class_names.as_str());
            format!("{at}: {taken}")
        }
        PlacingConflict::NoPeriod => l.t1("timetable-no-period", "at", at),
        PlacingConflict::OtherSession(session) => l.t1("timetable-other-session", "session", l.t(session.label())),
        PlacingConflict::Class { class_name, subject } => {
            let taken = l.t2("timetable-class-taken", "class", class_name.as_str(), "subject", subject.as_str());
            format!("{at}: {taken}")
        }
        PlacingConflict::Changed => l.t1("timetable-changed", "at", at),
    }
}

/// The wishes that these lessons of a version do not meet, each with its slot. The caller holds no transaction.
async fn cautions_of(
    app: &App,
    granted: &Granted<may::ManageTimetable>,
    (version, bells): (&Version, &Bells),
    lessons: &[Lesson],
) -> Result<Vec<(Slot, Caution)>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let context = CautionContext::read(granted, &mut tx, version.id, lessons).await?;
    tx.commit().await?;
    let elsewhere = LessonsElsewhere::of(granted, app, app.clock.today(), &cautions::teachers(lessons)).await?;
    Ok(cautions::of(lessons, &context, &elsewhere, (version, bells)))
}

/// The short note in a slot whose lesson goes against a wish; what is about a whole day is said above the grid only.
fn caution_note(l: &Translator, cautions: &[(Slot, Caution)], slot: Slot) -> Option<String> {
    let note = |(_, caution): &(Slot, Caution)| match caution {
        Caution::Blocked { .. } => Some(l.t("timetable-blocked-short")),
        Caution::Elsewhere { .. } => Some(l.t("timetable-elsewhere-short")),
        Caution::DayTooLong { .. } => None,
    };
    cautions.iter().filter(|(at, _)| *at == slot).find_map(note)
}

/// A wish that is not met, as a sentence.
fn caution_sentence(l: &Translator, slot: Slot, caution: &Caution) -> String {
    match caution {
        Caution::Blocked { teacher } => {
            format!("{}: {}", slot_label(l, slot), l.t1("timetable-caution-blocked", "teacher", teacher.as_str()))
        }
        Caution::Elsewhere { teacher } => {
            format!("{}: {}", slot_label(l, slot), l.t1("timetable-caution-elsewhere", "teacher", teacher.as_str()))
        }
        Caution::DayTooLong { teacher, count, most } => {
            let load = l.t2("timetable-caution-load", "count", *count, "most", *most);
            let told = l.t2("timetable-caution-day", "teacher", teacher.as_str(), "load", load);
            format!("{}: {told}", l.t(day_label(slot.day)))
        }
    }
}

/// The key of a fault: nothing typed is another sentence than something unknown.
fn blank_or<'a>(typed: &str, blank: &'a str, unknown: &'a str) -> &'a str {
    if typed.trim().is_empty() { blank } else { unknown }
}

/// The teacher that was typed or chosen.
fn teacher_meant(typed: &str, candidates: &[HomeroomCandidate]) -> HomeroomEntry {
    let chosen = candidates.iter().find(|candidate| candidate.id.to_string() == typed.trim());
    chosen.map_or_else(|| homeroom::meant(typed, candidates), |candidate| HomeroomEntry::One(candidate.id))
}
