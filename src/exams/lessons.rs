//! Lessons of the timetable that overlap with an exam: those of the classes that sit a paper, those in rooms that the paper
//! uses, and those of teachers on duty at that time. Read from the published timetable; nothing of it is changed.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, NaiveTime};
use sqlx::PgConnection;

use super::{
    actions::duties::GivenDuty,
    model::{ExamRoom, Paper},
    store,
};
use crate::{
    access::Scope,
    error::Result,
    ids::{ClassId, ExamId, MemberId, PaperId, RoomId},
    timetable::{
        bells,
        covers::Covers,
        days,
        lessons::{self, Cover, Lesson, LessonsOf},
        model::Session,
        week,
    },
    vietnam::text,
    web::i18n::vietnam,
};

/// A lesson of the timetable at the time of a paper.
#[derive(Clone, Debug)]
pub struct ClashingLesson {
    pub paper_id: PaperId,
    pub date: NaiveDate,
    pub session: Session,
    pub period: i16,
    pub begins: NaiveTime,
    pub ends: NaiveTime,
    pub lesson: Lesson,
    /// Whether its class sits the paper.
    pub is_of_candidates: bool,
}

/// The classes and rooms that an exam occupies.
struct Occupied {
    grades: HashMap<ClassId, String>,
    rooms: Vec<ExamRoom>,
    /// The rooms of each paper, once candidates have seats.
    used: HashSet<(PaperId, RoomId)>,
}

impl Occupied {
    async fn read(scope: &Scope, tx: &mut PgConnection, exam_id: ExamId) -> Result<Self> {
        let classes = store::classes(scope, tx, exam_id).await?;
        let used = sqlx::query!(
            "SELECT DISTINCT paper_id, room_id FROM exam_seats WHERE school_id = $1 AND exam_id = $2",
            scope.school_id(),
            exam_id,
        );
        let used = used.fetch_all(&mut *tx).await?.into_iter().map(|row| (row.paper_id, row.room_id)).collect();
        Ok(Self {
            grades: classes.into_iter().map(|class| (class.id, class.grade)).collect(),
            rooms: store::rooms(scope, tx, exam_id).await?,
            used,
        })
    }

    fn sits(&self, class: ClassId, paper: &Paper) -> bool {
        self.grades.get(&class).is_some_and(|grade| paper.is_of_grade(grade))
    }

    /// Whether the paper is sat in a room of this name.
    fn takes(&self, room: Option<&str>, paper: &Paper) -> bool {
        let Some(name) = room.map(text::fold) else { return false };
        let is_taken = |room: &ExamRoom| self.used.is_empty() || self.used.contains(&(paper.id, room.id));
        self.rooms.iter().any(|room| text::fold(&room.name) == name && is_taken(room))
    }
}

/// The lessons of the classes that sit the papers, and of other classes in rooms that the papers use.
pub async fn of_exam(
    scope: &Scope,
    tx: &mut PgConnection,
    exam_id: ExamId,
    papers: &[Paper],
) -> Result<Vec<ClashingLesson>> {
    let occupied = Occupied::read(scope, tx, exam_id).await?;
    let mut clashing = at_once(scope, tx, papers, LessonsOf::All, &occupied).await?;
    let by_id: HashMap<PaperId, &Paper> = papers.iter().map(|paper| (paper.id, paper)).collect();
    clashing.retain(|each| {
        each.is_of_candidates
            || by_id.get(&each.paper_id).is_some_and(|paper| occupied.takes(each.lesson.room.as_deref(), paper))
    });
    Ok(clashing)
}

/// The lessons of teachers on duty in classes that do not sit the paper: they need a substitute.
pub async fn of_duties(
    scope: &Scope,
    tx: &mut PgConnection,
    exam_id: ExamId,
    papers: &[Paper],
    given: &[GivenDuty],
) -> Result<Vec<ClashingLesson>> {
    if given.is_empty() {
        return Ok(Vec::new());
    }
    let occupied = Occupied::read(scope, tx, exam_id).await?;
    let on_duty: HashSet<(PaperId, MemberId)> = given.iter().map(|duty| (duty.paper_id, duty.member_id)).collect();
    let mut clashing = at_once(scope, tx, papers, LessonsOf::All, &occupied).await?;
    clashing.retain(|each| {
        let is_on_duty = |id: MemberId| on_duty.contains(&(each.paper_id, id));
        !each.is_of_candidates
            && each.lesson.cover != Some(Cover::Nobody)
            && each.lesson.teacher_id.is_some_and(is_on_duty)
    });
    Ok(clashing)
}

/// The lessons of one teacher whose classes sit a paper at that time: they are not held.
pub async fn of_teacher(
    scope: &Scope,
    tx: &mut PgConnection,
    exam_id: ExamId,
    papers: &[Paper],
    teacher: MemberId,
) -> Result<Vec<ClashingLesson>> {
    let occupied = Occupied::read(scope, tx, exam_id).await?;
    let mut clashing = at_once(scope, tx, papers, LessonsOf::Teacher(teacher), &occupied).await?;
    let is_theirs = |lesson: &Lesson| !matches!(lesson.cover, Some(Cover::By(_) | Cover::Nobody));
    clashing.retain(|each| each.is_of_candidates && is_theirs(&each.lesson));
    Ok(clashing)
}

/// The papers that have clashing lessons, each with its lessons.
#[must_use]
pub fn by_paper<'a>(papers: &'a [Paper], lessons: &'a [ClashingLesson]) -> Vec<(&'a Paper, Vec<&'a ClashingLesson>)> {
    let of = |paper: &Paper| lessons.iter().filter(|each| each.paper_id == paper.id).collect::<Vec<_>>();
    papers.iter().map(|paper| (paper, of(paper))).filter(|(_, lessons)| !lessons.is_empty()).collect()
}

/// The lessons at the times of the papers, paper by paper.
async fn at_once(
    scope: &Scope,
    tx: &mut PgConnection,
    papers: &[Paper],
    of: LessonsOf,
    occupied: &Occupied,
) -> Result<Vec<ClashingLesson>> {
    let days = || papers.iter().map(Paper::day);
    let (Some(first), Some(last)) = (days().min(), days().max()) else { return Ok(Vec::new()) };
    let usual = bells::all(scope, tx).await?;
    if usual.is_empty() {
        return Ok(Vec::new());
    }
    let special = days::between(scope, tx, first, last).await?;
    let holding = week::holding(scope, tx, first, last).await?;
    let covers = Covers::between(scope, tx, (first, last), &holding).await?;
    let mut clashing = Vec::new();
    for version in &holding {
        let holds = |paper: &&Paper| (version.from..=version.until).contains(&paper.day());
        if !papers.iter().any(|paper| holds(&paper)) {
            continue;
        }
        let planned = lessons::of(scope, tx, version.id, of).await?;
        for paper in papers.iter().filter(holds) {
            let date = paper.day();
            let number = week::number_of(date);
            // A holiday has no periods, so that no lesson of it is reported.
            let bells = special.bells(date, &usual);
            let of_day = planned.iter().filter(|lesson| lesson.slot.day == number).cloned().collect();
            for lesson in covers.applied(date, of_day, of) {
                let Some(bell) = bells.at(lesson.slot) else { continue };
                if !is_at_once(paper, date, bell) {
                    continue;
                }
                clashing.push(ClashingLesson {
                    paper_id: paper.id,
                    date,
                    session: bell.session,
                    period: bell.period,
                    begins: bell.begins,
                    ends: bell.ends,
                    is_of_candidates: occupied.sits(lesson.class_id, paper),
                    lesson,
                });
            }
        }
    }
    Ok(clashing)
}

fn is_at_once(paper: &Paper, date: NaiveDate, bell: bells::Bell) -> bool {
    let (begins, ends) = (paper.starts_at.with_timezone(&vietnam()), paper.ends_at.with_timezone(&vietnam()));
    // A paper that ends after midnight overlaps with all lessons of its day from its beginning.
    let ends = if ends.date_naive() > date {
        NaiveTime::from_hms_opt(23, 59, 59).unwrap_or(NaiveTime::MIN)
    } else {
        ends.time()
    };
    begins.time() < bell.ends && bell.begins < ends
}
