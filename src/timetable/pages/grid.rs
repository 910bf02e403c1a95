//! The grid of one class: every period of the week with a field, and beside it what is still to be placed.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::{
    assignments::AssignmentChoices,
    entry::{self, EntryContext, TypedLesson},
    table::{CellContent, GridTable},
};
use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    ids::{ClassId, TimetableId},
    paths,
    schools::{
        classes::{self, Class, ClassName},
        homeroom::HomeroomCandidate,
    },
    shell::{self, MenuPage},
    timetable::{
        assignments::{self, Assignment},
        bells::{self, Bells},
        cautions::Caution,
        lessons::{self, Lesson, LessonsOf},
        model::{DAYS, Slot, day_label},
        versions::{self, Version},
    },
    web::{
        PageResult, RequestContext, Shell, Translator,
        address_parts::Path,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "timetable/grid.html")]
struct GridPage {
    l: Translator,
    shell: Shell,
    code: String,
    version: Version,
    class: ClassName,
    bells: Bells,
    lessons: HashMap<Slot, Lesson>,
    /// What is assigned, and how much of it is left.
    left: Vec<(Assignment, i64)>,
    basis: AssignmentChoices,
    /// The slot that the form beside the grid is about.
    at: Option<Slot>,
    form: CellForm,
    /// Why what was typed is not taken.
    conflict: Option<String>,
    /// Why lessons do not change places, or a day or a class is not copied.
    in_the_way: Vec<String>,
    /// What stands against a wish.
    cautions: Vec<(Slot, Caution)>,
    faults: FormErrors,
}

impl GridPage {
    fn days(&self) -> [i16; 6] {
        DAYS
    }

    fn day(&self, day: &i16) -> String {
        self.l.t(day_label(*day))
    }

    fn label(&self, slot: &Slot) -> String {
        super::slot_label(&self.l, *slot)
    }

    fn lesson(&self, slot: &Slot) -> Option<&Lesson> {
        self.lessons.get(slot)
    }

    /// Whether what was typed into this slot is refused.
    fn is_refused(&self, slot: Slot) -> bool {
        (self.conflict.is_some() || !self.faults.is_empty()) && self.at == Some(slot)
    }

    fn table(&self) -> GridTable {
        let shown = |slot: Slot| {
            let lesson = self.lessons.get(&slot);
            let is_refused = self.is_refused(slot);
            // What was typed, where that was refused.
            let typed = is_refused.then(|| self.form.subject.clone());
            CellContent {
                value: typed.or_else(|| Some(lesson?.short_name.clone())).unwrap_or_default(),
                was: Some(self.mark(&slot)),
                is_refused,
                details: Some(self.details(lesson)),
                note: super::caution_note(&self.l, &self.cautions, slot),
                is_locked: lesson.is_some_and(|lesson| lesson.is_locked),
                is_lesson: lesson.is_some(),
            }
        };
        let name = self.l.t1("slips-class", "class", self.class.name.as_str());
        let address = paths::TimetableGrid::of(&self.code, self.version.id, self.class.id).to_string();
        GridTable::new(&self.l, &self.bells, (name, address), ("subject", "subjects"), self.at, shown)
    }

    fn caution_sentences(&self) -> Vec<String> {
        self.cautions.iter().map(|(slot, caution)| super::caution_sentence(&self.l, *slot, caution)).collect()
    }

    /// The teacher and the room, leading to the details.
    fn details(&self, lesson: Option<&Lesson>) -> String {
        let Some(lesson) = lesson else { return self.l.t("timetable-more") };
        let teacher = lesson.teacher.clone().unwrap_or_else(|| self.l.t("timetable-no-teacher"));
        let room = lesson.room.as_ref().map(|room| format!(" · {room}")).unwrap_or_default();
        format!("{teacher}{room}")
    }

    fn mark(&self, slot: &Slot) -> String {
        self.lesson(slot).map_or_else(|| lessons::EMPTY.to_owned(), Lesson::mark)
    }

    /// The subjects that the class has, and then all others.
    fn suggestions(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.left.iter().map(|(line, _)| line.short_name.as_str()).collect();
        names.extend(self.basis.subjects.iter().map(|subject| subject.short_name.as_str()));
        let mut seen = std::collections::HashSet::new();
        names.into_iter().filter(|name| seen.insert(*name)).collect()
    }

    /// Every period of the class with what stands in it, to choose from.
    fn slots(&self) -> Vec<(String, String)> {
        let shown = |slot: Slot| {
            let empty = || self.l.t("timetable-empty-slot");
            let what = self.lesson(&slot).map_or_else(empty, |lesson| lesson.short_name.clone());
            (slot.key(), format!("{}: {what}", self.label(&slot)))
        };
        self.bells.slots().map(shown).collect()
    }

    fn is_whole(&self) -> bool {
        self.left.iter().all(|(_, left)| *left <= 0)
    }

    /// Whether a class is this one, for the choice of another.
    fn is_this(&self, class: &Class) -> bool {
        class.id == self.class.id
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ClassGridQuery {
    at: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CellForm {
    day: String,
    session: String,
    period: String,
    subject: String,
    teacher: String,
    room: Option<String>,
    locked: Option<String>,
    /// The form has a box for `locked`; without one, what is locked stays so.
    asks_lock: Option<String>,
    /// The mark of what the form showed; without it, whatever stands there is replaced.
    was: Option<String>,
}

impl CellForm {
    fn of(lesson: &Lesson, teachers: &[HomeroomCandidate]) -> Self {
        // The name alone may be that of several, and the form would not be taken as it was shown.
        let label = teachers.iter().find(|teacher| Some(teacher.id) == lesson.teacher_id).map(HomeroomCandidate::label);
        Self {
            subject: lesson.short_name.clone(),
            teacher: label.or_else(|| lesson.teacher.clone()).unwrap_or_default(),
            room: lesson.room.clone(),
            locked: lesson.is_locked.then(|| "on".to_owned()),
            ..Self::default()
        }
    }

    fn typed(&self) -> TypedLesson<'_> {
        TypedLesson {
            subject: &self.subject,
            teacher: &self.teacher,
            room: self.room.as_deref(),
            is_locked: (self.locked.is_some() || self.asks_lock.is_some()).then_some(self.locked.is_some()),
        }
    }
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Path((_, v, class)): Path<(String, TimetableId, ClassId)>,
    Query(query): Query<ClassGridQuery>,
) -> PageResult {
    let at = Slot::from_key(&query.at);
    let mut page = grid_page(&app, &visitor, &granted, v, class, at).await?;
    if let Some(lesson) = at.and_then(|at| page.lesson(&at).cloned()) {
        page.form = CellForm::of(&lesson, &page.basis.teachers);
    }
    let lessons: Vec<Lesson> = page.lessons.values().cloned().collect();
    page.cautions = super::cautions_of(&app, &granted, (&page.version, &page.bells), &lessons).await?;
    html(&page)
}

pub async fn place(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Path((_, v, class)): Path<(String, TimetableId, ClassId)>,
    Form(form): Form<CellForm>,
) -> PageResult {
    let Some(slot) = Slot::parse(&form.day, &form.session, &form.period) else {
        let page = grid_page(&app, &visitor, &granted, v, class, None).await?;
        let conflict = Some(visitor.l.t("timetable-slot-missing"));
        return refused(&GridPage { form, conflict, ..page });
    };
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let typed = form.typed();
    let known = EntryContext::load(&granted, &mut tx, (v, class), &typed).await?;
    let placing = match entry::read(&typed, slot, &known) {
        Ok(placing) => placing,
        Err(faults) => {
            tx.commit().await?;
            let page = grid_page(&app, &visitor, &granted, v, class, Some(slot)).await?;
            return refused(&GridPage { form, faults, ..page });
        }
    };
    let bells = bells::all(&granted, &mut tx).await?;
    match lessons::place(&granted, &app, tx, v, (class, slot), placing, form.was.as_deref()).await? {
        Ok(()) => {
            let next = next(&bells, slot);
            let to = paths::TimetableGrid::of(&granted.school.code, v, class).with("at", next.key());
            Ok(page::redirect(to.to_string()))
        }
        Err(conflict) => {
            let conflict = Some(super::conflict_sentence(&visitor.l, slot, &conflict));
            // What another has written meanwhile is shown beside what was typed.
            let page = grid_page(&app, &visitor, &granted, v, class, Some(slot)).await?;
            refused(&GridPage { form, conflict, ..page })
        }
    }
}

/// The period below, and after the last one the first of the next day.
pub(super) fn next(bells: &Bells, slot: Slot) -> Slot {
    let all: Vec<Slot> = bells.slots().collect();
    let at = all.iter().position(|each| *each == slot);
    at.and_then(|at| all.get(at + 1)).copied().unwrap_or(slot)
}

async fn grid_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageTimetable>,
    v: TimetableId,
    class: ClassId,
    at: Option<Slot>,
) -> Result<GridPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let version = versions::find(granted, &mut tx, v).await?;
    let basis = AssignmentChoices::load(granted, app, &mut tx, version.year_id).await?;
    let class = classes::find(granted, &mut tx, class).await?;
    let bells = bells::all(granted, &mut tx).await?;
    let lines = assignments::of_class(granted, &mut tx, class.id).await?;
    let lessons = lessons::of(granted, &mut tx, version.id, LessonsOf::Class(class.id)).await?;
    tx.commit().await?;
    let left = lines.into_iter().map(|line| {
        let left = line.left(&lessons);
        (line, left)
    });
    Ok(GridPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Timetable),
        code: granted.school.code.clone(),
        version,
        class,
        left: left.collect(),
        lessons: lessons.into_iter().map(|lesson| (lesson.slot, lesson)).collect(),
        bells,
        basis,
        at,
        form: CellForm::default(),
        conflict: None,
        in_the_way: Vec::new(),
        cautions: Vec::new(),
        faults: FormErrors::new(),
    })
}

/// The page after lessons could not be moved, and why.
pub(super) async fn refused_move(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageTimetable>,
    (v, class): (TimetableId, ClassId),
    in_the_way: Vec<String>,
) -> PageResult {
    let page = grid_page(app, visitor, granted, v, class, None).await?;
    refused(&GridPage { in_the_way, ..page })
}
