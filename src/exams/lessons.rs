//! Lessons of the timetable at the time of an exam: those of the classes that sit a paper, those in the rooms that it takes,
//! and those of the teachers who are on duty then. Read from the timetable as it is published; nothing of it is changed.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, NaiveTime};
use sqlx::PgConnection;

use super::{
    actions::duties::GivenDuty,
    model::{Paper, Room},
    store,
};
use crate::{
    access::Scope,
    error::Result,
    ids::{ClassId, ExamId, MemberId, PaperId, RoomId},
    timetable::{
        bells,
        covers::Covers,
        lessons::{self, Cover, Lesson, Of},
        model::Session,
        week,
    },
    vietnam::text,
    web::i18n::vietnam,
};

/// A lesson that is held while a paper is sat, or would be.
#[derive(Clone, Debug)]
pub struct Falling {
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

/// Which grades' classes sit in an exam, and which rooms it has.
struct Taking {
    grades: HashMap<ClassId, String>,
    rooms: Vec<Room>,
    /// The rooms of each paper, once candidates have seats.
    used: HashSet<(PaperId, RoomId)>,
}

impl Taking {
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
        let is_taken = |room: &Room| self.used.is_empty() || self.used.contains(&(paper.id, room.id));
        self.rooms.iter().any(|room| text::fold(&room.name) == name && is_taken(room))
    }
}

/// The lessons of the classes that sit the papers, and of others in the rooms that these take.
pub async fn of_exam(scope: &Scope, tx: &mut PgConnection, exam_id: ExamId, papers: &[Paper]) -> Result<Vec<Falling>> {
    let taking = Taking::read(scope, tx, exam_id).await?;
    let mut falling = at_once(scope, tx, papers, Of::All, &taking).await?;
    let by_id: HashMap<PaperId, &Paper> = papers.iter().map(|paper| (paper.id, paper)).collect();
    falling.retain(|each| {
        each.is_of_candidates
            || by_id.get(&each.paper_id).is_some_and(|paper| taking.takes(each.lesson.room.as_deref(), paper))
    });
    Ok(falling)
}

/// The lessons that those on duty have then, of classes that do not sit the paper: somebody else has to hold them.
pub async fn of_duties(
    scope: &Scope,
    tx: &mut PgConnection,
    exam_id: ExamId,
    papers: &[Paper],
    given: &[GivenDuty],
) -> Result<Vec<Falling>> {
    if given.is_empty() {
        return Ok(Vec::new());
    }
    let taking = Taking::read(scope, tx, exam_id).await?;
    let on_duty: HashSet<(PaperId, MemberId)> = given.iter().map(|duty| (duty.paper_id, duty.member_id)).collect();
    let mut falling = at_once(scope, tx, papers, Of::All, &taking).await?;
    falling.retain(|each| {
        let is_on_duty = |id: MemberId| on_duty.contains(&(each.paper_id, id));
        !each.is_of_candidates
            && each.lesson.cover != Some(Cover::Nobody)
            && each.lesson.teacher_id.is_some_and(is_on_duty)
    });
    Ok(falling)
}

/// The lessons of one teacher that fall on papers of classes that sit them: they are not held.
pub async fn of_teacher(
    scope: &Scope,
    tx: &mut PgConnection,
    exam_id: ExamId,
    papers: &[Paper],
    teacher: MemberId,
) -> Result<Vec<Falling>> {
    let taking = Taking::read(scope, tx, exam_id).await?;
    let mut falling = at_once(scope, tx, papers, Of::Teacher(teacher), &taking).await?;
    let is_theirs = |lesson: &Lesson| !matches!(lesson.cover, Some(Cover::By(_) | Cover::Nobody));
    falling.retain(|each| each.is_of_candidates && is_theirs(&each.lesson));
    Ok(falling)
}

/// The lessons at the times of the papers, paper by paper.
async fn at_once(
    scope: &Scope,
    tx: &mut PgConnection,
    papers: &[Paper],
    of: Of,
    taking: &Taking,
) -> Result<Vec<Falling>> {
    let days = || papers.iter().map(Paper::day);
    let (Some(first), Some(last)) = (days().min(), days().max()) else { return Ok(Vec::new()) };
    let bells = bells::all(scope, tx).await?;
    if bells.is_empty() {
        return Ok(Vec::new());
    }
    let holding = week::holding(scope, tx, first, last).await?;
    let covers = Covers::between(scope, tx, (first, last), &holding).await?;
    let mut falling = Vec::new();
    for version in &holding {
        let holds = |paper: &&Paper| (version.from..=version.until).contains(&paper.day());
        if !papers.iter().any(|paper| holds(&paper)) {
            continue;
        }
        let planned = lessons::of(scope, tx, version.id, of).await?;
        for paper in papers.iter().filter(holds) {
            let date = paper.day();
            let number = week::number_of(date);
            let of_day = planned.iter().filter(|lesson| lesson.slot.day == number).cloned().collect();
            for lesson in covers.applied(date, of_day, of) {
                let Some(bell) = bells.at(lesson.slot) else { continue };
                if !is_at_once(paper, date, bell) {
                    continue;
                }
                falling.push(Falling {
                    paper_id: paper.id,
                    date,
                    session: bell.session,
                    period: bell.period,
                    begins: bell.begins,
                    ends: bell.ends,
                    is_of_candidates: taking.sits(lesson.class_id, paper),
                    lesson,
                });
            }
        }
    }
    Ok(falling)
}

fn is_at_once(paper: &Paper, date: NaiveDate, bell: bells::Bell) -> bool {
    let (begins, ends) = (paper.starts_at.with_timezone(&vietnam()), paper.ends_at.with_timezone(&vietnam()));
    // A paper that goes on past midnight falls on all lessons of its day from its begin on.
    let ends = if ends.date_naive() > date {
        NaiveTime::from_hms_opt(23, 59, 59).unwrap_or(NaiveTime::MIN)
    } else {
        ends.time()
    };
    begins.time() < bell.ends && bell.begins < ends
}
