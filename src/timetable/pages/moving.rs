//! Two lessons of a class that change places, and a day or the week of another class that is copied.

use axum::extract::State;
use serde::Deserialize;

use super::grid;
use crate::{
    access::{Granted, may},
    app::App,
    ids::{ClassId, TimetableId},
    paths,
    schools::classes,
    timetable::{
        model::{DAYS, Slot},
        moves::{self, Obstacle},
        versions,
    },
    web::{PageResult, RequestContext, Translator, address_parts::Path, forms::Form, page},
};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SwapForm {
    /// Slots, each by its key.
    one: String,
    two: String,
}

pub async fn swap(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Path((_, v, class)): Path<(String, TimetableId, ClassId)>,
    Form(form): Form<SwapForm>,
) -> PageResult {
    let slots = Slot::from_key(&form.one).zip(Slot::from_key(&form.two)).filter(|(one, two)| one != two);
    let Some(slots) = slots else {
        let sentence = visitor.l.t("fault-timetable-swap");
        return grid::refused_move(&app, &visitor, &granted, (v, class), vec![sentence]).await;
    };
    match moves::swap(&granted, &app, v, class, slots).await? {
        Ok(()) => {
            let to = paths::TimetableGrid::of(&granted.school.code, v, class).with("done", "timetable-swapped");
            Ok(page::redirect(to))
        }
        Err(in_the_way) => {
            let sentences = sentences(&visitor.l, &in_the_way);
            grid::refused_move(&app, &visitor, &granted, (v, class), sentences).await
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CopyLessonsForm {
    from: String,
    to: String,
    /// What is in the way is left out.
    rest: Option<String>,
}

pub async fn copy_day(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Path((_, v, class)): Path<(String, TimetableId, ClassId)>,
    Form(form): Form<CopyLessonsForm>,
) -> PageResult {
    let day = |typed: &str| typed.parse::<i16>().ok().filter(|day| DAYS.contains(day));
    let days = day(&form.from).zip(day(&form.to)).filter(|(from, to)| from != to);
    let Some(days) = days else {
        let sentence = visitor.l.t("fault-timetable-copy-day");
        return grid::refused_move(&app, &visitor, &granted, (v, class), vec![sentence]).await;
    };
    match moves::copy_day(&granted, &app, v, class, days, form.rest.is_some()).await? {
        Ok(copied) => {
            let to = paths::TimetableGrid::of(&granted.school.code, v, class);
            Ok(page::redirect(to.with("done", "timetable-day-copied").with("n", copied)))
        }
        Err(in_the_way) => {
            let sentences = sentences(&visitor.l, &in_the_way);
            grid::refused_move(&app, &visitor, &granted, (v, class), sentences).await
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ClassCopyForm {
    /// The other class: an id or a name.
    from: String,
    /// What is in the way is left out.
    rest: Option<String>,
}

pub async fn copy_class(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Path((_, v, class)): Path<(String, TimetableId, ClassId)>,
    Form(form): Form<ClassCopyForm>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let version = versions::find(&granted, &mut tx, v).await?;
    let classes = classes::of_year(&granted, &mut tx, version.year_id).await?;
    tx.commit().await?;
    let meant = super::assignments::classes_meant(&form.from, &classes).unwrap_or_default();
    let from = match meant.as_slice() {
        [one] if one.id != class => one.id,
        _ => {
            let sentence = visitor.l.t("fault-timetable-copy-class");
            return grid::refused_move(&app, &visitor, &granted, (v, class), vec![sentence]).await;
        }
    };
    match moves::copy_class(&granted, &app, v, class, from, form.rest.is_some()).await? {
        Ok(copied) => {
            let to = paths::TimetableGrid::of(&granted.school.code, v, class);
            Ok(page::redirect(to.with("done", "timetable-class-copied").with("n", copied)))
        }
        Err(in_the_way) => {
            let sentences = sentences(&visitor.l, &in_the_way);
            grid::refused_move(&app, &visitor, &granted, (v, class), sentences).await
        }
    }
}

fn sentences(l: &Translator, in_the_way: &[Obstacle]) -> Vec<String> {
    in_the_way.iter().map(|(slot, conflict)| super::conflict_sentence(l, *slot, conflict)).collect()
}
