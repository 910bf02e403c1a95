//! All classes, or all teachers, of a version on paper: one table after another, as wide as a sheet of A3 or A4 holds.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    ids::TimetableId,
    paths,
    schools::classes,
    shell::{self, MenuPage},
    timetable::{
        bells::{self, Bell, Bells},
        export::called,
        lessons::{self, Lesson, LessonsOf},
        model::{DAYS, Session, Slot, day_label},
        versions::{self, Version},
    },
    web::{PageResult, RequestContext, Shell, Translator, address_parts::Path, html},
};

/// How many classes stand side by side: 19 mm for each on A3, 22 mm on A4.
const ACROSS: usize = 20;
const ACROSS_A4: usize = 12;

/// How many days of teachers stand side by side on A4; on A3 all of them do.
const DAYS_A4: usize = 3;

#[derive(Template)]
#[template(path = "timetable/sheet.html")]
struct WholeSchoolPage {
    l: Translator,
    shell: Shell,
    code: String,
    version: Version,
    bells: Bells,
    is_of_teachers: bool,
    is_a4: bool,
    /// The classes of each table: how many there are, and their names.
    tables: Vec<Vec<String>>,
    by_class: HashMap<(String, Slot), SheetField>,
    teachers: Vec<SheetTeacher>,
}

/// What stands in a field: the subject or class, and below it the teacher or subject.
struct SheetField {
    what: String,
    more: String,
}

impl SheetField {
    /// Whether it is more than fits on one line of a narrow column.
    fn is_long(&self) -> bool {
        const FITS: usize = 12;
        self.what.chars().count() + self.more.chars().count() > FITS
    }
}

struct SheetTeacher {
    name: String,
    lessons: HashMap<Slot, SheetField>,
}

impl WholeSchoolPage {
    fn days(&self) -> [i16; 6] {
        DAYS
    }

    fn day(&self, day: &i16) -> String {
        self.l.t(day_label(*day))
    }

    /// The days of each table of teachers.
    fn parts(&self) -> Vec<Vec<i16>> {
        DAYS.chunks(if self.is_a4 { DAYS_A4 } else { DAYS.len() }).map(<[i16]>::to_vec).collect()
    }

    /// The address of the same sheet on other paper.
    fn other_paper(&self) -> String {
        let here =
            paths::TimetableSheet::of(&self.code, self.version.id).with("paper", if self.is_a4 { "a3" } else { "a4" });
        if self.is_of_teachers { here.with("of", "teachers").to_string() } else { here.to_string() }
    }

    /// The address of the classes or the teachers on the same paper.
    fn sheet_of(&self, of: &str) -> String {
        let here = paths::TimetableSheet::of(&self.code, self.version.id).with("of", of);
        if self.is_a4 { here.with("paper", "a4").to_string() } else { here.to_string() }
    }

    fn across(&self) -> usize {
        self.bells.0.len()
    }

    fn bells(&self) -> &[Bell] {
        &self.bells.0
    }

    /// In Vietnamese S for the morning and C for the afternoon, as the sheets of schools have it.
    fn period(&self, bell: &Bell) -> String {
        let letter = match bell.session {
            Session::Morning => self.l.t("timetable-morning-letter"),
            Session::Afternoon => self.l.t("timetable-afternoon-letter"),
        };
        format!("{letter}{}", bell.period)
    }

    fn cell(&self, class: &str, day: &i16, bell: &Bell) -> Option<&SheetField> {
        self.by_class.get(&(class.to_owned(), slot(*day, bell)))
    }

    fn is_empty(&self) -> bool {
        self.version.lessons == 0
    }
}

impl SheetTeacher {
    fn cell(&self, day: &i16, bell: &Bell) -> Option<&SheetField> {
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
    paper: String,
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
    let lessons = lessons::of(&granted, &mut tx, id, LessonsOf::All).await?;
    tx.commit().await?;
    let (is_of_teachers, is_a4) = (query.of == "teachers", query.paper == "a4");
    let across = if is_a4 { ACROSS_A4 } else { ACROSS };
    // Classes without lessons, of another shift or not placed yet, would only take room.
    let has_lessons = |name: &String| lessons.iter().any(|lesson| lesson.class_name == *name);
    let names: Vec<String> = classes.into_iter().map(|class| class.name).filter(has_lessons).collect();
    html(&WholeSchoolPage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, MenuPage::Timetable),
        code: granted.school.code.clone(),
        version,
        bells,
        is_of_teachers,
        is_a4,
        tables: if is_of_teachers { Vec::new() } else { names.chunks(across).map(<[String]>::to_vec).collect() },
        by_class: if is_of_teachers { HashMap::new() } else { by_class(&lessons) },
        teachers: if is_of_teachers { teachers(&lessons) } else { Vec::new() },
    })
}

fn by_class(lessons: &[Lesson]) -> HashMap<(String, Slot), SheetField> {
    let cell = |lesson: &Lesson| {
        let more = lesson.teacher.as_deref().map(|teacher| called(teacher).to_owned()).unwrap_or_default();
        ((lesson.class_name.clone(), lesson.slot), SheetField { what: lesson.short_name.clone(), more })
    };
    lessons.iter().map(cell).collect()
}

/// In the order of Vietnamese lists.
fn teachers(lessons: &[Lesson]) -> Vec<SheetTeacher> {
    let mut teachers: HashMap<_, SheetTeacher> = HashMap::new();
    for lesson in lessons {
        let (Some(id), Some(name)) = (lesson.teacher_id, &lesson.teacher) else { continue };
        let teacher =
            teachers.entry(id).or_insert_with(|| SheetTeacher { name: name.clone(), lessons: HashMap::new() });
        let cell = SheetField { what: lesson.class_name.clone(), more: lesson.short_name.clone() };
        teacher.lessons.insert(lesson.slot, cell);
    }
    let mut teachers: Vec<SheetTeacher> = teachers.into_values().collect();
    teachers.sort_by_cached_key(|teacher| {
        (crate::vietnam::text::fold(called(&teacher.name)), crate::vietnam::text::fold(&teacher.name))
    });
    teachers
}
