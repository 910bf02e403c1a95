//! The changes from one version to another, by class and by teacher. Does not use the database.

use std::collections::{BTreeMap, BTreeSet};

use super::{lessons::Lesson, model::Slot};
use crate::vietnam::{class_name, text};

/// The lesson in a slot before and after, as text; empty where there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LessonChange {
    pub slot: Slot,
    pub before: String,
    pub after: String,
}

/// All changes of one class or teacher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedTimetable {
    pub name: String,
    pub changes: Vec<LessonChange>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionComparison {
    pub classes: Vec<ChangedTimetable>,
    pub teachers: Vec<ChangedTimetable>,
}

/// Compares the lessons of two versions.
#[must_use]
pub fn compare(before: &[Lesson], after: &[Lesson]) -> VersionComparison {
    let class = |lesson: &Lesson| {
        let what = [Some(&lesson.short_name), lesson.teacher.as_ref(), lesson.room.as_ref()];
        let key = (class_name::natural_key(&lesson.class_name), lesson.class_name.clone());
        Some((key, lesson.class_name.clone(), joined(&what)))
    };
    let teacher = |lesson: &Lesson| {
        let (id, name) = (lesson.teacher_id?, lesson.teacher.as_ref()?);
        let what = [Some(&lesson.class_name), Some(&lesson.short_name), lesson.room.as_ref()];
        let key = (text::fold(super::export::called(name)), format!("{name} {id}"));
        Some((key, name.clone(), joined(&what)))
    };
    VersionComparison { classes: changed(before, after, class), teachers: changed(before, after, teacher) }
}

fn joined(parts: &[Option<&String>]) -> String {
    parts.iter().flatten().map(|part| part.as_str()).collect::<Vec<_>>().join(" · ")
}

/// The sort key of a class or teacher.
type ComparisonKey = (String, String);

fn changed(
    before: &[Lesson],
    after: &[Lesson],
    of: impl Fn(&Lesson) -> Option<(ComparisonKey, String, String)>,
) -> Vec<ChangedTimetable> {
    let mut all: BTreeMap<ComparisonKey, (String, BTreeMap<Slot, [String; 2]>)> = BTreeMap::new();
    for (side, lessons) in [before, after].into_iter().enumerate() {
        for lesson in lessons {
            let Some((key, name, what)) = of(lesson) else { continue };
            let (_, slots) = all.entry(key).or_insert_with(|| (name, BTreeMap::new()));
            slots.entry(lesson.slot).or_default()[side] = what;
        }
    }
    let changes = |slots: BTreeMap<Slot, [String; 2]>| -> Vec<LessonChange> {
        let differing = slots.into_iter().filter(|(_, [before, after])| before != after);
        differing.map(|(slot, [before, after])| LessonChange { slot, before, after }).collect()
    };
    let changed = all.into_values().map(|(name, slots)| ChangedTimetable { name, changes: changes(slots) });
    changed.filter(|each| !each.changes.is_empty()).collect()
}

impl VersionComparison {
    /// How many lessons of classes change.
    #[must_use]
    pub fn count(&self) -> usize {
        self.classes.iter().map(|class| class.changes.len()).sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty() && self.teachers.is_empty()
    }

    /// The names of the classes and teachers that have changes.
    #[must_use]
    pub fn names(&self) -> BTreeSet<&str> {
        self.classes.iter().chain(&self.teachers).map(|each| each.name.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::{ClassId, MemberId, SubjectId},
        timetable::model::Session,
    };

    fn lesson(class: &str, period: i16, subject: &str, teacher: u128) -> Lesson {
        Lesson {
            slot: Slot { day: 1, session: Session::Morning, period },
            class_id: ClassId::from_u128(1),
            class_name: class.to_owned(),
            subject_id: SubjectId::from_u128(1),
            short_name: subject.to_owned(),
            subject: subject.to_owned(),
            teacher_id: Some(MemberId::from_u128(teacher)),
            teacher: Some(format!("Cô {teacher}")),
            room_id: None,
            room: None,
            is_locked: false,
            cover: None,
        }
    }

    #[test]
    fn changes_are_listed_by_class_and_teacher() {
        let before = [lesson("10A10", 1, "Văn", 1), lesson("10A2", 1, "Toán", 2), lesson("10A2", 2, "Sử", 3)];
        let after = [lesson("10A10", 1, "Văn", 1), lesson("10A2", 3, "Toán", 2), lesson("10A2", 2, "Sử", 2)];
        assert!(compare(&before, &before).is_empty());
        let found = compare(&before, &after);
        let told = |of: &[ChangedTimetable]| -> Vec<String> {
            let each = |each: &ChangedTimetable| {
                let of =
                    |change: &LessonChange| format!("{}: {} > {}", change.slot.period, change.before, change.after);
                format!("{} {}", each.name, each.changes.iter().map(of).collect::<Vec<_>>().join("; "))
            };
            of.iter().map(each).collect()
        };
        assert_eq!(told(&found.classes), ["10A2 1: Toán · Cô 2 > ; 2: Sử · Cô 3 > Sử · Cô 2; 3:  > Toán · Cô 2"]);
        assert_eq!(
            told(&found.teachers),
            ["Cô 2 1: 10A2 · Toán > ; 2:  > 10A2 · Sử; 3:  > 10A2 · Toán", "Cô 3 2: 10A2 · Sử > "]
        );
        assert_eq!((found.count(), found.names().len()), (3, 3));
    }
}
