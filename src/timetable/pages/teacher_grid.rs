//! The grid of one teacher: every period of the week with a field for the class and the subject.

use std::collections::{BTreeSet, HashMap};

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::{
    assignments::AssignmentChoices,
    table::{CellContent, GridTable},
};
use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    ids::{ClassId, MemberId, SubjectId, TimetableId},
    paths,
    schools::homeroom::HomeroomCandidate,
    shell::{self, MenuPage},
    timetable::{
        assignments::{self, Assignment},
        bells::{self, Bells},
        cautions::Caution,
        elsewhere::LessonsElsewhere,
        lessons::{self, Lesson, LessonPlacing, LessonsOf},
        members,
        model::Slot,
        moves, subjects,
        versions::{self, Version},
        wishes,
    },
    web::{PageResult, RequestContext, Shell, Translator, address_parts::Path, forms::Form, html, page, refused},
};

#[derive(Template)]
#[template(path = "timetable/teacher_grid.html")]
struct TeacherGridPage {
    l: Translator,
    shell: Shell,
    code: String,
    version: Version,
    id: MemberId,
    name: String,
    teachers: Vec<HomeroomCandidate>,
    bells: Bells,
    lessons: HashMap<Slot, Lesson>,
    /// When they do not teach, and when they teach at another school.
    blocked: BTreeSet<Slot>,
    elsewhere: BTreeSet<Slot>,
    /// What stands against a wish.
    cautions: Vec<(Slot, Caution)>,
    /// What they are assigned, and how much of it is left.
    left: Vec<(Assignment, i64)>,
    at: Option<Slot>,
    typed: String,
    /// Why what was typed is not taken.
    conflict: Option<String>,
}

impl TeacherGridPage {
    fn table(&self) -> GridTable {
        let shown = |slot: Slot| {
            let lesson = self.lessons.get(&slot);
            let is_refused = self.conflict.is_some() && self.at == Some(slot);
            // What was typed, where that was refused.
            let typed = is_refused.then(|| self.typed.clone());
            let stands = || lesson.map(|lesson| format!("{} {}", lesson.class_name, lesson.short_name));
            let note = if self.blocked.contains(&slot) {
                Some(self.l.t("timetable-blocked-short"))
            } else if self.elsewhere.contains(&slot) {
                Some(self.l.t("timetable-elsewhere-short"))
            } else {
                lesson.and_then(|lesson| lesson.room.clone())
            };
            let was = Some(lesson.map_or_else(|| lessons::EMPTY.to_owned(), Lesson::mark_of_teacher));
            CellContent {
                value: typed.or_else(stands).unwrap_or_default(),
                was,
                is_refused,
                note,
                ..CellContent::default()
            }
        };
        let address = paths::TimetableTeacherGrid::of(&self.code, self.version.id, self.id).to_string();
        GridTable::new(&self.l, &self.bells, (self.name.clone(), address), ("lesson", "lessons"), self.at, shown)
    }

    fn caution_sentences(&self) -> Vec<String> {
        self.cautions.iter().map(|(slot, caution)| super::caution_sentence(&self.l, *slot, caution)).collect()
    }

    /// Whether a teacher is this one, for the choice of another.
    fn is_this(&self, teacher: &HomeroomCandidate) -> bool {
        teacher.id == self.id
    }

    fn is_whole(&self) -> bool {
        self.left.iter().all(|(_, left)| *left <= 0)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct TeacherGridQuery {
    at: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct LessonForm {
    day: String,
    session: String,
    period: String,
    /// `10A1 Văn`, or `10A1` where one subject alone is meant; empty clears.
    lesson: String,
    /// The mark of what the form showed; without it, whatever stands there is replaced.
    was: Option<String>,
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Path((_, v, teacher)): Path<(String, TimetableId, MemberId)>,
    Query(query): Query<TeacherGridQuery>,
) -> PageResult {
    let (mut page, _) = grid_page(&app, &visitor, &granted, (v, teacher), Slot::from_key(&query.at)).await?;
    let lessons: Vec<Lesson> = page.lessons.values().cloned().collect();
    page.cautions = super::cautions_of(&app, &granted, (&page.version, &page.bells), &lessons).await?;
    let elsewhere = LessonsElsewhere::of(&granted, &app, app.clock.today(), &[teacher]).await?;
    page.elsewhere = elsewhere.blocked(teacher, &page.version, &page.bells);
    html(&page)
}

pub async fn place(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Path((_, v, teacher)): Path<(String, TimetableId, MemberId)>,
    Form(form): Form<LessonForm>,
) -> PageResult {
    let slot = Slot::parse(&form.day, &form.session, &form.period);
    let (page, basis) = grid_page(&app, &visitor, &granted, (v, teacher), slot).await?;
    let Some(slot) = slot else {
        let conflict = Some(visitor.l.t("timetable-slot-missing"));
        return refused(&TeacherGridPage { typed: form.lesson, conflict, ..page });
    };
    let wanted = match meant(&form.lesson, &page.left, &basis) {
        Ok(wanted) => wanted,
        Err((key, value)) => {
            let conflict = Some(visitor.l.t1(key, "value", value));
            return refused(&TeacherGridPage { typed: form.lesson, conflict, ..page });
        }
    };
    let there = page.lessons.get(&slot);
    let wanted = wanted.map(|(class_id, subject_id)| {
        let same = there.filter(|lesson| lesson.class_id == class_id && lesson.subject_id == subject_id);
        let line = page.left.iter().map(|(line, _)| line).find(|line| is_of(line, class_id, subject_id));
        let room_id = same.map_or_else(|| line.and_then(|line| line.room_id), |lesson| lesson.room_id);
        (class_id, LessonPlacing { subject_id, teacher_id: Some(teacher), room_id, is_locked: false })
    });
    match moves::teach(&granted, &app, v, (teacher, slot), wanted, form.was.as_deref()).await? {
        Ok(()) => {
            let to = paths::TimetableTeacherGrid::of(&granted.school.code, v, teacher);
            Ok(page::redirect(to.with("at", super::grid::next(&page.bells, slot).key())))
        }
        Err(in_the_way) => {
            let words = in_the_way.iter().map(|(slot, conflict)| super::conflict_sentence(&visitor.l, *slot, conflict));
            let conflict = Some(words.collect::<Vec<_>>().join(" "));
            let (page, _) = grid_page(&app, &visitor, &granted, (v, teacher), Some(slot)).await?;
            refused(&TeacherGridPage { typed: form.lesson, conflict, ..page })
        }
    }
}

fn is_of(line: &Assignment, class_id: ClassId, subject_id: SubjectId) -> bool {
    line.class_id == class_id && line.subject_id == subject_id
}

/// The class and the subject that were typed; none where the slot is to be empty.
fn meant<'a>(
    typed: &'a str,
    left: &[(Assignment, i64)],
    basis: &AssignmentChoices,
) -> std::result::Result<Option<(ClassId, SubjectId)>, (&'static str, &'a str)> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let (class, subject) = match typed.split_once([' ', '-', ':']) {
        Some((class, subject)) => (class.trim(), subject.trim()),
        None => (typed, ""),
    };
    let classes = super::assignments::classes_meant(class, &basis.classes).unwrap_or_default();
    let [class_of_year] = classes.as_slice() else { return Err(("fault-timetable-class", class)) };
    if subject.is_empty() {
        // Of several subjects the one that has most left to place.
        let lines = left.iter().filter(|(line, _)| line.class_id == class_of_year.id);
        let line = lines.max_by_key(|(_, left)| *left).ok_or(("fault-timetable-lesson", class))?;
        return Ok(Some((class_of_year.id, line.0.subject_id)));
    }
    let subject = subjects::meant(subject, &basis.subjects).ok_or(("fault-timetable-subject", subject))?;
    Ok(Some((class_of_year.id, subject.id)))
}

async fn grid_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageTimetable>,
    (v, teacher): (TimetableId, MemberId),
    at: Option<Slot>,
) -> Result<(TeacherGridPage, AssignmentChoices)> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let version = versions::find(granted, &mut tx, v).await?;
    let name = members::teacher_name(granted, &mut tx, teacher).await?;
    let basis = AssignmentChoices::load(granted, app, &mut tx, version.year_id).await?;
    let bells = bells::all(granted, &mut tx).await?;
    let lines = assignments::of_year(granted, &mut tx, version.year_id).await?;
    let lessons = lessons::of(granted, &mut tx, version.id, LessonsOf::Teacher(teacher)).await?;
    let wishes = wishes::all(granted, &mut tx).await?;
    tx.commit().await?;
    let left = lines.into_iter().filter(|line| line.teacher_id == teacher).map(|line| {
        let left = line.left(&lessons);
        (line, left)
    });
    let own = wishes.into_iter().find(|wish| wish.teacher_id == teacher);
    let page = TeacherGridPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Timetable),
        code: granted.school.code.clone(),
        version,
        id: teacher,
        name,
        teachers: basis.teachers.clone(),
        left: left.collect(),
        lessons: lessons.into_iter().map(|lesson| (lesson.slot, lesson)).collect(),
        blocked: own.map(|wish| wish.blocked).unwrap_or_default(),
        elsewhere: BTreeSet::new(),
        cautions: Vec::new(),
        bells,
        at,
        typed: String::new(),
        conflict: None,
    };
    Ok((page, basis))
}
