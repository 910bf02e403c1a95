//! The lessons of today, on the homes of those who learn and teach.

use sqlx::PgConnection;

use crate::{
    access::Scope,
    app::App,
    error::Result,
    timetable::{
        bells,
        lessons::{Lesson, LessonsOf},
        week::{self, Week},
    },
};

/// The lessons of a class or a teacher today.
pub(super) struct Today {
    /// With when they begin.
    pub lessons: Vec<(String, Lesson)>,
    pub of_class: bool,
}

/// Reads them. None where no published version holds today.
pub(super) async fn read(scope: &Scope, app: &App, tx: &mut PgConnection, of: LessonsOf) -> Result<Option<Today>> {
    let today = app.clock.today();
    let (days, holding) = week::days(scope, tx, Week::of(today), of).await?;
    if !holding.iter().any(|version| (version.from..=version.until).contains(&today)) {
        return Ok(None);
    }
    let bells = bells::all(scope, tx).await?;
    let lessons = days.into_iter().find(|day| day.date == today).map(|day| day.lessons).unwrap_or_default();
    let begins = |lesson: &Lesson| bells.at(lesson.slot).map(|bell| bell.begins.format("%H:%M").to_string());
    let mut lessons: Vec<(String, Lesson)> =
        lessons.into_iter().map(|lesson| (begins(&lesson).unwrap_or_default(), lesson)).collect();
    lessons.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(Some(Today { lessons, of_class: matches!(of, LessonsOf::Class(_)) }))
}
