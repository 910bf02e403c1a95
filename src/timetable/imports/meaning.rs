//! Resolves the names of a file to classes, subjects, teachers and rooms of the school, and finds lessons that collide. Does
//! not use the database.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use uuid::Uuid;

use super::{
    FoundLesson, ParsedFile, SchoolNames,
    spellings::{NameKind, Spellings, spelling},
};
use crate::{
    ids::{ClassId, MemberId, SubjectId, TimetableRoomId},
    schools::{classes::Class, homeroom::HomeroomCandidate},
    timetable::{
        assignments::{Assignment, NewAssignment},
        bells::{Bells, Shift},
        lessons::{LessonPlacing, PlacingConflict},
        model::{Session, Slot},
        rooms::{self, Room},
        rows::LessonRows,
        subjects::{self, Subject},
    },
    vietnam::{class_name, text},
};

/// What a file is read against.
#[derive(Clone, Debug, Default)]
pub struct ImportContext {
    pub classes: Vec<Class>,
    pub subjects: Vec<Subject>,
    pub teachers: Vec<HomeroomCandidate>,
    pub rooms: Vec<Room>,
    pub assignments: Vec<Assignment>,
    pub bells: Bells,
    pub shifts: Vec<Shift>,
    pub spellings: Spellings,
}

/// Results by name, since each name is in many lessons.
type Cache<T> = RefCell<HashMap<String, T>>;

fn cached<T: Clone>(cache: &Cache<T>, name: &str, find: impl FnOnce() -> T) -> T {
    if let Some(found) = cache.borrow().get(name) {
        return found.clone();
    }
    let found = find();
    cache.borrow_mut().insert(name.to_owned(), found.clone());
    found
}

/// What became of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FoundName<T> {
    One(T),
    LeftOut,
    Unknown,
}

/// A name that is not the school's own: chosen before, or still to be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    pub kind: NameKind,
    pub spelling: String,
    /// In how many lessons it stands.
    pub count: usize,
    /// None where it is still to be chosen.
    pub chosen: Option<Option<Uuid>>,
}

/// A lesson that cannot stand where the file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MisplacedLesson {
    pub class: String,
    pub subject: String,
    pub slot: Slot,
    pub conflict: PlacingConflict,
}

/// What a file comes to.
#[derive(Default)]
pub struct TimetableReading {
    pub rows: LessonRows,
    pub assignments: Vec<NewAssignment>,
    /// Those that are still to be chosen first.
    pub names: Vec<UnknownName>,
    pub in_the_way: Vec<MisplacedLesson>,
    /// Lessons that are left out because a name of theirs is.
    pub left_out: usize,
}

impl TimetableReading {
    #[must_use]
    pub fn unknown(&self) -> usize {
        self.names.iter().filter(|name| name.chosen.is_none()).count()
    }
}

impl ImportContext {
    /// Reads with what is known of the school.
    pub fn with_known<T>(&self, read: impl FnOnce(&SchoolNames<'_>) -> T) -> T {
        let is_chosen = |kind, name: &str| self.spellings.of(kind, name).is_some();
        let (classes, subjects, rooms): (Cache<bool>, Cache<bool>, Cache<bool>) = Default::default();
        let is_class = |name: &str| self.class(name).is_some() || is_chosen(NameKind::Class, name);
        let is_subject = |name: &str| {
            // "Văn - Hoa" is not "Văn hóa": where there are two parts, only a name that is written so is one.
            let is_parted = name.contains(" - ") || name.contains('\n');
            match subjects::meant(name, &self.subjects) {
                Some(subject) => !is_parted || is_written(subject, name),
                None => is_chosen(NameKind::Subject, name),
            }
        };
        let is_room = |name: &str| rooms::meant(name, &self.rooms).is_some() || is_chosen(NameKind::Room, name);
        read(&SchoolNames {
            is_class: &|name| cached(&classes, name, || is_class(name)),
            is_subject: &|name| cached(&subjects, name, || is_subject(name)),
            is_room: &|name| cached(&rooms, name, || is_room(name)),
            morning: self.morning(),
        })
    }

    /// How many periods a morning has.
    #[must_use]
    pub fn morning(&self) -> i16 {
        i16::try_from(self.bells.of(Session::Morning).len()).unwrap_or_default()
    }

    fn class(&self, name: &str) -> Option<&Class> {
        let name = class_name::normalise(name)?;
        self.classes.iter().find(|class| class.name.to_lowercase() == name.to_lowercase())
    }

    /// The names by which teachers are called in files: whole or as schools call them, but so that each means one.
    #[must_use]
    pub fn names(&self, whole: bool) -> HashMap<MemberId, String> {
        let short = |teacher: &HomeroomCandidate| {
            let is_own = |name: &str| named(name, &self.teachers).len() == 1;
            let called = crate::timetable::export::called(&teacher.full_name);
            let name = if !whole && is_own(called) {
                called.to_owned()
            } else if is_own(&teacher.full_name) {
                teacher.full_name.clone()
            } else {
                teacher.label()
            };
            (teacher.id, name)
        };
        self.teachers.iter().map(short).collect()
    }

    /// The shared room that a lesson has where nothing is said of one.
    #[must_use]
    pub fn usual_room(&self, class: ClassId, subject: SubjectId, teacher: Option<MemberId>) -> Option<TimetableRoomId> {
        let mut lines = self.of_class(class).filter(|line| line.subject_id == subject);
        match teacher {
            Some(teacher) => lines.find(|line| line.teacher_id == teacher)?.room_id,
            None => lines.next()?.room_id,
        }
    }

    /// The teacher of a lesson where nothing is said of one: the only one that it is assigned to.
    #[must_use]
    pub fn usual_teacher(&self, class: ClassId, subject: SubjectId) -> Option<MemberId> {
        let mut lines = self.of_class(class).filter(|line| line.subject_id == subject);
        let first = lines.next()?.teacher_id;
        lines.all(|line| line.teacher_id == first).then_some(first)
    }

    fn of_class(&self, class: ClassId) -> impl Iterator<Item = &Assignment> {
        self.assignments.iter().filter(move |line| line.class_id == class)
    }

    fn chosen<T: From<Uuid> + PartialEq>(
        &self,
        kind: NameKind,
        name: &str,
        all: impl Iterator<Item = T>,
    ) -> FoundName<T> {
        let mut all = all;
        match self.spellings.of(kind, name) {
            Some(None) => FoundName::LeftOut,
            // What was chosen may have been removed since.
            Some(Some(id)) => all.find(|each| *each == T::from(id)).map_or(FoundName::Unknown, FoundName::One),
            None => FoundName::Unknown,
        }
    }

    /// The teacher of this name; of several the one that the lesson, or else one of the class, is assigned to.
    fn find_teacher(&self, alike: &[MemberId], name: &str, class: ClassId, subject: SubjectId) -> FoundName<MemberId> {
        if let [one] = alike {
            return FoundName::One(*one);
        }
        let lines = || self.of_class(class).filter(|line| alike.contains(&line.teacher_id));
        let only = |of: BTreeSet<MemberId>| of.first().copied().filter(|_| of.len() == 1);
        let assigned = only(lines().filter(|line| line.subject_id == subject).map(|line| line.teacher_id).collect());
        match assigned.or_else(|| only(lines().map(|line| line.teacher_id).collect())) {
            Some(one) => FoundName::One(one),
            None => self.chosen(NameKind::Teacher, name, self.teachers.iter().map(|teacher| teacher.id)),
        }
    }
}

/// Whether a name is that of the subject, letter by letter.
fn is_written(subject: &Subject, name: &str) -> bool {
    let name = text::clean(name).to_lowercase();
    [&subject.short_name, &subject.name].iter().any(|own| own.to_lowercase() == name)
}

/// The teachers of a name: by label or full name, or else by the end of the full name, as schools write it. Where diacritics
/// distinguish several, those of this spelling.
fn named(name: &str, teachers: &[HomeroomCandidate]) -> Vec<MemberId> {
    let cleaned = text::clean(name);
    let words = text::words(&cleaned);
    if words.is_empty() {
        return Vec::new();
    }
    if let Some(one) = teachers.iter().find(|teacher| teacher.label() == cleaned) {
        return vec![one.id];
    }
    let fits = |of: &dyn Fn(&[String]) -> bool| -> Vec<&HomeroomCandidate> {
        teachers.iter().filter(|teacher| of(&text::words(&teacher.full_name))).collect()
    };
    let whole = fits(&|own| own == words);
    let alike = if whole.is_empty() { fits(&|own| own.ends_with(&words)) } else { whole };
    let lower = cleaned.to_lowercase();
    let exact: Vec<MemberId> = alike
        .iter()
        .filter(|teacher| teacher.full_name.to_lowercase().ends_with(&lower))
        .map(|teacher| teacher.id)
        .collect();
    if exact.is_empty() { alike.into_iter().map(|teacher| teacher.id).collect() } else { exact }
}

/// Looks names up, and notes which are not the school's own.
struct NameLookup<'a> {
    ground: &'a ImportContext,
    /// What each name means, and whether it is the school's own.
    classes: Cache<(FoundName<ClassId>, bool)>,
    subjects: Cache<(FoundName<SubjectId>, bool)>,
    rooms: Cache<(FoundName<TimetableRoomId>, bool)>,
    teachers: Cache<Vec<MemberId>>,
    noted: BTreeMap<(NameKind, String), UnknownName>,
}

impl<'a> NameLookup<'a> {
    fn new(ground: &'a ImportContext) -> Self {
        Self {
            ground,
            classes: Cache::default(),
            subjects: Cache::default(),
            rooms: Cache::default(),
            teachers: Cache::default(),
            noted: BTreeMap::new(),
        }
    }

    fn class(&mut self, name: &str) -> FoundName<ClassId> {
        let ground = self.ground;
        let (found, is_own) = cached(&self.classes, name, || match ground.class(name) {
            Some(class) => (FoundName::One(class.id), true),
            None => (ground.chosen(NameKind::Class, name, ground.classes.iter().map(|class| class.id)), false),
        });
        self.note(NameKind::Class, name, found, is_own)
    }

    fn subject(&mut self, name: &str) -> FoundName<SubjectId> {
        let ground = self.ground;
        let (found, is_own) = cached(&self.subjects, name, || match subjects::meant(name, &ground.subjects) {
            Some(subject) => (FoundName::One(subject.id), true),
            None => (ground.chosen(NameKind::Subject, name, ground.subjects.iter().map(|subject| subject.id)), false),
        });
        self.note(NameKind::Subject, name, found, is_own)
    }

    fn room(&mut self, name: &str) -> FoundName<TimetableRoomId> {
        let ground = self.ground;
        let (found, is_own) = cached(&self.rooms, name, || match rooms::meant(name, &ground.rooms) {
            Some(room) => (FoundName::One(room.id), true),
            None => (ground.chosen(NameKind::Room, name, ground.rooms.iter().map(|room| room.id)), false),
        });
        self.note(NameKind::Room, name, found, is_own)
    }

    fn teacher(&mut self, name: &str, class: ClassId, subject: SubjectId) -> FoundName<MemberId> {
        let ground = self.ground;
        let alike = cached(&self.teachers, name, || named(name, &ground.teachers));
        let found = ground.find_teacher(&alike, name, class, subject);
        let is_own = ground.spellings.of(NameKind::Teacher, name).is_none();
        self.note(NameKind::Teacher, name, found, is_own)
    }

    fn note<T>(&mut self, kind: NameKind, name: &str, found: FoundName<T>, is_own: bool) -> FoundName<T> {
        if is_own && matches!(found, FoundName::One(_)) {
            return found;
        }
        let chosen = match found {
            FoundName::Unknown => None,
            _ => self.ground.spellings.of(kind, name),
        };
        let new = || UnknownName { kind, spelling: text::clean(name), count: 0, chosen };
        self.noted.entry((kind, spelling(name))).or_insert_with(new).count += 1;
        found
    }

    /// Those that are still to be chosen first, the most frequent ones before others.
    fn listed(self) -> Vec<UnknownName> {
        let mut names: Vec<UnknownName> = self.noted.into_values().collect();
        names.sort_by_key(|name| (name.chosen.is_some(), name.kind, std::cmp::Reverse(name.count)));
        names
    }
}

/// Understands a file.
#[must_use]
pub fn understand(read: &ParsedFile, ground: &ImportContext) -> TimetableReading {
    let (mut names, mut understood, mut taken) =
        (NameLookup::new(ground), TimetableReading::default(), OccupiedSlots::default());
    for lesson in &read.lessons {
        let Some(slot) = lesson.slot() else { continue };
        match placing(lesson, ground, &mut names) {
            FoundName::One((class_id, placing)) => match taken.take(ground, class_id, slot, placing) {
                Ok(true) => understood.rows.push(class_id, slot, placing),
                // It stands in the file twice.
                Ok(false) => {}
                Err(conflict) => understood.in_the_way.push(MisplacedLesson {
                    class: lesson.class.clone(),
                    subject: lesson.subject.clone(),
                    slot,
                    conflict,
                }),
            },
            FoundName::LeftOut => understood.left_out += 1,
            FoundName::Unknown => {}
        }
    }
    understood.assignments = assignments(read, ground, &mut names);
    understood.names = names.listed();
    understood
}

/// What a lesson is here.
fn placing(
    lesson: &FoundLesson,
    ground: &ImportContext,
    names: &mut NameLookup<'_>,
) -> FoundName<(ClassId, LessonPlacing)> {
    let (class_id, subject_id) = match (names.class(&lesson.class), names.subject(&lesson.subject)) {
        (FoundName::One(class), FoundName::One(subject)) => (class, subject),
        (FoundName::LeftOut, _) | (_, FoundName::LeftOut) => return FoundName::LeftOut,
        _ => return FoundName::Unknown,
    };
    let teacher_id = match lesson.teacher.as_deref() {
        None => ground.usual_teacher(class_id, subject_id),
        Some("") => None,
        Some(name) => match names.teacher(name, class_id, subject_id) {
            FoundName::One(id) => Some(id),
            FoundName::LeftOut => return FoundName::LeftOut,
            FoundName::Unknown => return FoundName::Unknown,
        },
    };
    let room_id = match lesson.room.as_deref() {
        None => ground.usual_room(class_id, subject_id, teacher_id),
        Some("") => None,
        Some(name) => match names.room(name) {
            FoundName::One(id) => Some(id),
            // Without its room the lesson is still one.
            FoundName::LeftOut => None,
            FoundName::Unknown => return FoundName::Unknown,
        },
    };
    FoundName::One((class_id, LessonPlacing { subject_id, teacher_id, room_id, is_locked: lesson.is_locked }))
}

/// What is assigned in a file, line by line.
fn assignments(read: &ParsedFile, ground: &ImportContext, names: &mut NameLookup<'_>) -> Vec<NewAssignment> {
    let mut lines: Vec<NewAssignment> = Vec::new();
    for need in &read.needs {
        let lesson = FoundLesson {
            class: need.class.clone(),
            at: String::new(),
            subject: need.subject.clone(),
            teacher: Some(need.teacher.clone()),
            room: Some(String::new()),
            is_locked: false,
        };
        let FoundName::One((class_id, placing)) = placing(&lesson, ground, names) else { continue };
        let Some(teacher_id) = placing.teacher_id else { continue };
        let periods = need.periods.clamp(1, 30);
        lines.push(NewAssignment {
            classes: vec![class_id],
            subject_id: placing.subject_id,
            teacher_id,
            periods: vec![periods],
            doubles: need.doubles.clamp(0, 6).min(periods / 2),
            room_id: ground.usual_room(class_id, placing.subject_id, Some(teacher_id)),
        });
    }
    lines
}

/// What stands already.
#[derive(Default)]
struct OccupiedSlots {
    classes: BTreeMap<(ClassId, Slot), LessonPlacing>,
    teachers: BTreeMap<(MemberId, Slot), ClassId>,
    rooms: BTreeMap<(TimetableRoomId, Slot), Vec<ClassId>>,
}

impl OccupiedSlots {
    /// Takes a class, a teacher and a room; false where the same lesson stands there already.
    fn take(
        &mut self,
        ground: &ImportContext,
        class: ClassId,
        slot: Slot,
        placing: LessonPlacing,
    ) -> Result<bool, PlacingConflict> {
        let name_of = |id: ClassId| {
            ground.classes.iter().find(|class| class.id == id).map(|class| class.name.clone()).unwrap_or_default()
        };
        if let Some(there) = self.classes.get(&(class, slot)) {
            if (there.subject_id, there.teacher_id) == (placing.subject_id, placing.teacher_id) {
                return Ok(false);
            }
            let subject = ground.subjects.iter().find(|subject| subject.id == there.subject_id);
            let subject = subject.map(|subject| subject.short_name.clone()).unwrap_or_default();
            return Err(PlacingConflict::Class { class_name: name_of(class), subject });
        }
        if ground.bells.at(slot).is_none() {
            return Err(PlacingConflict::NoPeriod);
        }
        let grade = ground.classes.iter().find(|each| each.id == class).and_then(|class| class.grade.clone());
        let shift = ground.shifts.iter().find(|shift| Some(&shift.grade) == grade.as_ref());
        if let Some(shift) = shift.filter(|shift| shift.session != slot.session) {
            return Err(PlacingConflict::OtherSession(shift.session));
        }
        if let Some((teacher, other)) = placing.teacher_id.and_then(|id| Some((id, *self.teachers.get(&(id, slot))?))) {
            let teacher = ground.teachers.iter().find(|each| each.id == teacher);
            let teacher = teacher.map(|teacher| teacher.full_name.clone()).unwrap_or_default();
            return Err(PlacingConflict::Teacher { teacher, class_name: name_of(other) });
        }
        if let Some(room) = placing.room_id.and_then(|id| ground.rooms.iter().find(|room| room.id == id)) {
            let in_it = self.rooms.entry((room.id, slot)).or_default();
            if in_it.len() >= usize::try_from(room.capacity).unwrap_or(1) {
                let class_names = in_it.iter().map(|id| name_of(*id)).collect::<Vec<_>>().join(", ");
                return Err(PlacingConflict::Room { room: room.name.clone(), class_names });
            }
            in_it.push(class);
        }
        self.classes.insert((class, slot), placing);
        if let Some(teacher) = placing.teacher_id {
            self.teachers.insert((teacher, slot), class);
        }
        Ok(true)
    }
}
