//! A school's data as a problem, with the ids of what stands in it.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::PgConnection;

use super::problem::{Index, Need, Placed, Problem, ProblemClass, ProblemRoom, ProblemSubject, ProblemTeacher};
use crate::{
    access::Scope,
    error::Result,
    ids::{ClassId, MemberId, SubjectId, TimetableRoomId},
    schools::classes,
    timetable::{
        assignments, bells,
        elsewhere::LessonsElsewhere,
        lessons::{self, LessonsOf},
        model::Slot,
        rooms, subjects,
        versions::Version,
        wishes,
    },
};

/// A problem, and whose numbers stand in it.
#[derive(Clone, Debug, Default)]
pub struct ProblemBasis {
    pub problem: Problem,
    /// All lessons of the version.
    pub placed: Vec<Placed>,
    pub teachers: Vec<MemberId>,
    pub classes: Vec<ClassId>,
    pub subjects: Vec<SubjectId>,
    pub rooms: Vec<TimetableRoomId>,
}

/// A list of things by their ids, each with its number.
struct NumberedIds<T>(BTreeMap<T, Index>);

impl<T: Ord + Copy> NumberedIds<T> {
    fn of(ids: &[T]) -> Self {
        Self(ids.iter().enumerate().map(|(number, id)| (*id, number)).collect())
    }

    fn get(&self, id: T) -> Option<Index> {
        self.0.get(&id).copied()
    }
}

/// What a version is to be made of: everything that is assigned in its year, and of its lessons those that are locked.
/// A teacher who is busy at another school does not teach then.
pub async fn read(
    scope: &Scope,
    tx: &mut PgConnection,
    version: &Version,
    elsewhere: &LessonsElsewhere,
) -> Result<ProblemBasis> {
    let bells = bells::all(scope, tx).await?;
    let shifts = bells::shifts(scope, tx).await?;
    let classes = classes::of_year(scope, tx, version.year_id).await?;
    let subjects = subjects::all(scope, tx).await?;
    let rooms = rooms::all(scope, tx).await?;
    let lines = assignments::of_year(scope, tx, version.year_id).await?;
    let lessons = lessons::of(scope, tx, version.id, LessonsOf::All).await?;
    let wishes = wishes::all(scope, tx).await?;

    let mut teachers: Vec<(MemberId, String)> = Vec::new();
    let taught = lines.iter().map(|line| (line.teacher_id, line.teacher.clone()));
    let in_lessons = lessons.iter().filter_map(|lesson| Some((lesson.teacher_id?, lesson.teacher.clone()?)));
    let mut seen = BTreeSet::new();
    teachers.extend(taught.chain(in_lessons).filter(|(id, _)| seen.insert(*id)));

    let ids = ProblemBasis {
        problem: Problem::default(),
        placed: Vec::new(),
        teachers: teachers.iter().map(|(id, _)| *id).collect(),
        classes: classes.iter().map(|class| class.id).collect(),
        subjects: subjects.iter().map(|subject| subject.id).collect(),
        rooms: rooms.iter().map(|room| room.id).collect(),
    };
    let (of_teacher, of_class) = (NumberedIds::of(&ids.teachers), NumberedIds::of(&ids.classes));
    let (of_subject, of_room) = (NumberedIds::of(&ids.subjects), NumberedIds::of(&ids.rooms));

    let all: BTreeSet<Slot> = bells.slots().collect();
    let closed_to = |grade: Option<&String>| -> BTreeSet<Slot> {
        let shift = shifts.iter().find(|shift| Some(&shift.grade) == grade);
        shift
            .map(|shift| all.iter().filter(|slot| slot.session != shift.session).copied().collect())
            .unwrap_or_default()
    };
    let teacher = |(id, name): &(MemberId, String)| {
        let own = wishes.iter().find(|wishes| wishes.teacher_id == *id);
        let mut blocked = elsewhere.blocked(*id, version, &bells);
        blocked.extend(own.iter().flat_map(|own| own.blocked.iter().copied()));
        ProblemTeacher {
            name: name.clone(),
            blocked,
            most_a_day: own.and_then(|own| own.most_a_day),
            most_sessions: own.and_then(|own| own.most_sessions),
            most_gaps: own.and_then(|own| own.most_gaps),
        }
    };
    let need = |line: &assignments::Assignment| {
        Some(Need {
            class: of_class.get(line.class_id)?,
            subject: of_subject.get(line.subject_id)?,
            teacher: Some(of_teacher.get(line.teacher_id)?),
            periods: line.periods,
            doubles: line.doubles,
            room: line.room_id.and_then(|room| of_room.get(room)),
        })
    };
    let placed = |lesson: &lessons::Lesson| {
        Some(Placed {
            class: of_class.get(lesson.class_id)?,
            slot: lesson.slot,
            subject: of_subject.get(lesson.subject_id)?,
            teacher: lesson.teacher_id.and_then(|id| of_teacher.get(id)),
            room: lesson.room_id.and_then(|id| of_room.get(id)),
        })
    };
    let problem = Problem {
        name: scope.school.name.clone(),
        periods: bells.0.iter().map(|bell| (bell.session, bell.period)).collect(),
        teachers: teachers.iter().map(teacher).collect(),
        classes: classes
            .iter()
            .map(|class| ProblemClass { name: class.name.clone(), blocked: closed_to(class.grade.as_ref()) })
            .collect(),
        subjects: subjects
            .iter()
            .map(|subject| ProblemSubject { name: subject.short_name.clone(), is_heavy: subject.is_heavy })
            .collect(),
        rooms: rooms.iter().map(|room| ProblemRoom { name: room.name.clone(), capacity: room.capacity }).collect(),
        needs: lines.iter().filter_map(need).collect(),
        locked: lessons.iter().filter(|lesson| lesson.is_locked).filter_map(placed).collect(),
    };
    let placed = lessons.iter().filter_map(placed).collect();
    Ok(ProblemBasis { problem, placed, ..ids })
}
