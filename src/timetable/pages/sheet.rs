//! All classes, or all teachers, of a version on paper: one table after another, as wide as a sheet of A3 holds.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    ids::TimetableId,
    schools::classes,
    shell::{self, Entry},
    timetable::{
        bells::{self, Bell, Bells},
        export::called,
        lessons::{self, Lesson, Of},
        model::{DAYS, Session, Slot, day_label},
        versions::{self, Version},
    },
    web::{PageResult, RequestContext, Shell, Translator, address_parts::Path, html},
};

/// How many classes stand side by side: 19 mm for each on A3.
const ACROSS: usize = 20;

#[derive(Template)]
#[template(path = "timetable/sheet.html")]
struct SheetPage {
    l: Translator,
    shell: Shell,
    code: String,
    version: Version,
    bells: Bells,
    is_of_teachers: bool,
    /// The classes of each table: how many there are, and their names.
    tables: Vec<Vec<String>>,
    by_class: HashMap<(String, Slot), Cell>,
    teachers: Vec<Teacher>,
}

/// What stands in a field: the subject or class, and below it the teacher or subject.
struct Cell {
    what: String,
    more: String,
}

impl Cell {
    /// Whether it is more than fits on one line of a narrow column.
    fn is_long(&self) -> bool {
        const FITS: usize = 13;
        self.what.chars().count() + self.more.chars().count() > FITS
    }
}

struct Teacher {
    name: String,
    lessons: HashMap<Slot, Cell>,
}

impl SheetPage {
    fn days(&self) -> [i16; 6] {
        DAYS
    }

    fn day(&self, day: &i16) -> String {
        self.l.t(day_label(*day))
    }

    fn across(&self) -> usize {
        self.bells.0.len()
    }

    fn bells(&self) -> &[Bell] {
        &self.bells.0
    }

    /// S for the morning, C for the afternoon, as the sheets of schools have it.
    fn period(&self, bell: &Bell) -> String {
        let letter = match bell.session {
            Session::Morning => "S",
            Session::Afternoon => "C",
        };
        format!("{letter}{}", bell.period)
    }

    fn cell(&self, class: &str, day: &i16, bell: &Bell) -> Option<&Cell> {
        self.by_class.get(&(class.to_owned(), slot(*day, bell)))
    }

    fn is_empty(&self) -> bool {
        self.version.lessons == 0
    }
}

impl Teacher {
    fn cell(&self, day: &i16, bell: &Bell) -> Option<&Cell> {
        self.lessons.get(&slot(*day, bell))
    }
}

fn slot(day: i16, bell: &Bell) -> Slot {
    Slot { day, session: bell.session, period: bell.period }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SheetQuery {
    of: String,
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Path((_, id)): Path<(String, TimetableId)>,
    Query(query): Query<SheetQuery>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let version = versions::find(&granted, &mut tx, id).await?;
    let bells = bells::all(&granted, &mut tx).await?;
    let classes = classes::of_year(&granted, &mut tx, version.year_id).await?;
    let lessons = lessons::of(&granted, &mut tx, id, Of::All).await?;
    tx.commit().await?;
    let is_of_teachers = query.of == "teachers";
    // Classes without lessons, of another shift or not placed yet, would only take room.
    let has_lessons = |name: &String| lessons.iter().any(|lesson| lesson.class_name == *name);
    let names: Vec<String> = classes.into_iter().map(|class| class.name).filter(has_lessons).collect();
    html(&SheetPage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, Entry::Timetable),
        code: granted.school.code.clone(),
        version,
        bells,
        is_of_teachers,
        tables: if is_of_teachers { Vec::new() } else { names.chunks(ACROSS).map(<[String]>::to_vec).collect() },
        by_class: if is_of_teachers { HashMap::new() } else { by_class(&lessons) },
        teachers: if is_of_teachers { teachers(&lessons) } else { Vec::new() },
    })
}

fn by_class(lessons: &[Lesson]) -> HashMap<(String, Slot), Cell> {
    let cell = |lesson: &Lesson| {
        let more = lesson.teacher.as_deref().map(|teacher| called(teacher).to_owned()).unwrap_or_default();
        ((lesson.class_name.clone(), lesson.slot), Cell { what: lesson.short_name.clone(), more })
    };
    lessons.iter().map(cell).collect()
}

/// In the order of Vietnamese lists.
fn teachers(lessons: &[Lesson]) -> Vec<Teacher> {
    let mut teachers: HashMap<_, Teacher> = HashMap::new();
    for lesson in lessons {
        let (Some(id), Some(name)) = (lesson.teacher_id, &lesson.teacher) else { continue };
        let teacher = teachers.entry(id).or_insert_with(|| Teacher { name: name.clone(), lessons: HashMap::new() });
        let cell = Cell { what: lesson.class_name.clone(), more: lesson.short_name.clone() };
        teacher.lessons.insert(lesson.slot, cell);
    }
    let mut teachers: Vec<Teacher> = teachers.into_values().collect();
    teachers.sort_by_cached_key(|teacher| {
        (crate::vietnam::text::fold(called(&teacher.name)), crate::vietnam::text::fold(&teacher.name))
    });
    teachers
}
