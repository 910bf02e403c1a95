//! The people of a demo school, drawn from the frequencies of Vietnamese names.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Duration, Utc};
use rand::{Rng, RngExt};

use crate::{
    access::{self, Grant, SchoolKind},
    clock::{Randomness, date_in_vietnam},
    roster::fields::{Field, Values},
    vietnam::{
        name,
        national_id::Sex,
        people::{self, NameBook},
        school_year::{FirstDay, SchoolYear},
    },
};

/// A person's part in the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DemoRole {
    Owner,
    AccountManager,
    Teacher,
    HomeroomTeacher,
    Student,
    /// A member who holds this grant.
    Holder(Grant),
    /// One of many.
    Extra,
}

impl DemoRole {
    /// Whether the sign-in is printed, which requires an own password.
    pub fn is_printed(self) -> bool {
        !matches!(self, Self::Extra | Self::Holder(_))
    }

    pub fn grant(self) -> Option<Grant> {
        match self {
            Self::Owner => Some(Grant::Owner),
            Self::AccountManager => Some(Grant::AccountManager),
            Self::Holder(grant) => Some(grant),
            Self::Teacher | Self::HomeroomTeacher | Self::Student | Self::Extra => None,
        }
    }
}

/// The state of a person's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Story {
    /// The sign-in is printed for newcomers: an own password, not used yet.
    Printed,
    /// Has signed in, and has received a new temporary password since: newcomers can try what a slip does.
    Came {
        first: DateTime<Utc>,
        last: DateTime<Utc>,
    },
    /// Has the slip, and has not used it.
    SlipInHand {
        since: DateTime<Utc>,
    },
    /// Has a temporary password that nobody has printed.
    New,
    /// Invited by mail; has not accepted.
    Invited,
    Suspended {
        first: DateTime<Utc>,
        last: DateTime<Utc>,
    },
    Left {
        at: DateTime<Utc>,
    },
}

/// A person of the demo.
#[derive(Clone, Debug)]
pub struct DemoPerson {
    pub part: DemoRole,
    pub role: access::Role,
    /// Of pupils.
    pub username: Option<String>,
    pub email: String,
    /// A pupil's class, or the class that a member of staff leads; empty where none.
    pub class: String,
    pub story: Story,
    pub values: Values,
}

impl DemoPerson {
    pub fn has_own_password(&self) -> bool {
        self.story == Story::Printed
    }
}

/// Everybody of a school.
pub struct Cast {
    pub classes: Vec<String>,
    pub people: Vec<DemoPerson>,
    logins: HashMap<DemoRole, String>,
}

impl Cast {
    /// The login to sign in with.
    pub fn login_of(&self, part: DemoRole, code: &str) -> String {
        let login = self.logins.get(&part).cloned().unwrap_or_default();
        if login.contains('@') { login } else { crate::roster::usernames::login(&login, code) }
    }
}

/// Pupils a class.
const CLASS_SIZE: usize = 40;

/// How many pupils there are for each teacher.
const PUPILS_PER_TEACHER: usize = 20;

/// Draws everybody of a school with so many pupils; of these, the first `drawn`.
pub fn cast(
    code: &str,
    kind: SchoolKind,
    (pupils, drawn): (usize, usize),
    now: DateTime<Utc>,
    randomness: &Randomness,
) -> Cast {
    let classes = class_names(kind, pupils);
    let year = SchoolYear::of(date_in_vietnam(now), FirstDay::default());
    let mut draw = PeopleDraw {
        code,
        kind,
        year,
        now,
        randomness,
        numbers: HashMap::new(),
        taken: HashSet::new(),
        staff: 0,
        pupils: 0,
    };
    let mut people = vec![
        draw.staff(DemoRole::Owner, access::Role::Manager, ""),
        draw.staff(DemoRole::AccountManager, access::Role::Teacher, ""),
        draw.staff(DemoRole::Teacher, access::Role::Teacher, ""),
        draw.staff(DemoRole::Extra, access::Role::Manager, ""),
    ];
    let grants = [Grant::Timetable, Grant::Exams, Grant::Reports];
    people.extend(grants.map(|grant| draw.staff(DemoRole::Holder(grant), access::Role::Teacher, "")));
    // Each class has a homeroom teacher, the first class the one whose sign-in is printed.
    for (index, class) in classes.iter().enumerate() {
        let part = if index == 0 { DemoRole::HomeroomTeacher } else { DemoRole::Extra };
        people.push(draw.staff(part, access::Role::Teacher, class));
    }
    let others = (pupils / PUPILS_PER_TEACHER).saturating_sub(classes.len());
    people.extend((0..others).map(|_| draw.staff(DemoRole::Extra, access::Role::Teacher, "")));
    for index in 0..drawn.min(pupils) {
        let at = index / CLASS_SIZE;
        let Some(class) = classes.get(at) else { break };
        let part = if index == 0 { DemoRole::Student } else { DemoRole::Extra };
        people.push(draw.pupil(part, at, class));
    }
    let login = |person: &DemoPerson| (person.part, person.username.clone().unwrap_or_else(|| person.email.clone()));
    let logins = people.iter().filter(|person| person.part.is_printed()).map(login).collect();
    Cast { classes, people, logins }
}

/// As many classes as the pupils need: 10A1, 11A1, 12A1, 10A2, …, or groups.
fn class_names(kind: SchoolKind, pupils: usize) -> Vec<String> {
    let count = pupils.div_ceil(CLASS_SIZE).max(1);
    let name = |index: usize| match kind {
        SchoolKind::K12 => format!("{}A{}", 10 + index % 3, 1 + index / 3),
        SchoolKind::Higher => format!("CNTT-K{}", 60 + index),
    };
    (0..count).map(name).collect()
}

/// A name for one of the further schools.
pub fn school_name(number: usize, randomness: &Randomness) -> String {
    let book = NameBook::shared();
    let person = randomness.with(|rng| book.full_name(Sex::Female, rng));
    format!("Trường THPT {person} {number}")
}

struct PeopleDraw<'a> {
    code: &'a str,
    kind: SchoolKind,
    year: SchoolYear,
    now: DateTime<Utc>,
    randomness: &'a Randomness,
    /// The last number that was put behind each stem of a login.
    numbers: HashMap<String, u32>,
    taken: HashSet<String>,
    /// How many there are so far.
    staff: u32,
    pupils: u32,
}

impl PeopleDraw<'_> {
    fn staff(&mut self, part: DemoRole, role: access::Role, class: &str) -> DemoPerson {
        let book = NameBook::shared();
        let (year, now) = (self.year, self.now);
        self.staff += 1;
        let number = self.staff;
        let (full_name, gender, birth, phone, story) = self.randomness.with(|rng| {
            let sex = people::sex(rng);
            let full_name = book.adult_name(sex, rng);
            let story = if part.is_printed() { Story::Printed } else { story_of_staff(number, now, rng) };
            (full_name, gender(sex), people::teacher_birth_date(year, rng), people::phone(rng), story)
        });
        let email = format!("{}@{}.example.vn", self.free_stem(&full_name), self.code.to_lowercase());
        let values = Values::from([
            (Field::FullName, full_name),
            (Field::Gender, gender.to_owned()),
            (Field::BirthDate, birth.to_string()),
            (Field::Email, email.clone()),
            (Field::Phone, phone),
        ]);
        DemoPerson { part, role, username: None, email, class: class.to_owned(), story, values }
    }

    fn pupil(&mut self, part: DemoRole, class_index: usize, class: &str) -> DemoPerson {
        let grade = i32::from(crate::vietnam::class_name::grade(class).unwrap_or(12));
        let (year, now, kind) = (self.year, self.now, self.kind);
        self.pupils += 1;
        let moet_id = format!("{}{:06}", self.code.get(..4).unwrap_or_default(), self.pupils);
        let (mut values, story) = self.randomness.with(|rng| {
            let story = if part.is_printed() { Story::Printed } else { story_of_pupil(class_index, now, rng) };
            let values = match kind {
                SchoolKind::K12 => school_child(grade, year, moet_id, rng),
                SchoolKind::Higher => student(grade, year, rng),
            };
            (values, story)
        });
        values.insert(Field::Class, class.to_owned());
        let stem = self.free_stem(values.get(&Field::FullName).map(String::as_str).unwrap_or_default());
        let (username, email) = match kind {
            SchoolKind::K12 => (Some(stem), String::new()),
            SchoolKind::Higher => (None, format!("{stem}@sv.{}.example.vn", self.code.to_lowercase())),
        };
        if username.is_none() {
            values.insert(Field::Email, email.clone());
        }
        DemoPerson { part, role: access::Role::Student, username, email, class: class.to_owned(), story, values }
    }

    fn free_stem(&mut self, full_name: &str) -> String {
        let stem = name::username_stem(full_name);
        loop {
            let number = self.numbers.entry(stem.clone()).and_modify(|number| *number += 1).or_insert(1);
            let candidate = if *number == 1 { stem.clone() } else { format!("{stem}{number}") };
            if self.taken.insert(candidate.clone()) {
                return candidate;
            }
        }
    }
}

/// What a school knows of a child: always who it is and a mother or guardian, often more.
fn school_child<R: Rng + ?Sized>(grade: i32, year: SchoolYear, moet_id: String, rng: &mut R) -> Values {
    let book = NameBook::shared();
    let sex = people::sex(rng);
    let birth = people::pupil_birth_date(grade, year, rng);
    let mut values = Values::from([
        (Field::FullName, book.full_name(sex, rng)),
        (Field::Gender, gender(sex).to_owned()),
        (Field::BirthDate, birth.to_string()),
    ]);
    let has_mother = rng.random_bool(0.9);
    if has_mother {
        let mother = book.mother(birth, rng);
        values.insert(Field::MotherName, mother.name);
        values.insert(Field::MotherBirthYear, mother.birth_year.to_string());
    }
    if !has_mother || rng.random_bool(0.15) {
        let guardian = book.guardian(birth, rng);
        values.insert(Field::GuardianName, guardian.name);
        values.insert(Field::GuardianBirthYear, guardian.birth_year.to_string());
    }
    if rng.random_bool(0.7) {
        values.insert(Field::Phone, people::phone(rng));
    }
    if rng.random_bool(0.85) {
        values.insert(Field::MoetId, moet_id);
    }
    if rng.random_bool(0.3) {
        values.insert(Field::NationalId, people::national_id(sex, birth, rng));
    }
    values
}

/// What an institute knows of a student.
fn student<R: Rng + ?Sized>(grade: i32, year: SchoolYear, rng: &mut R) -> Values {
    let sex = people::sex(rng);
    Values::from([
        (Field::FullName, NameBook::shared().full_name(sex, rng)),
        (Field::Gender, gender(sex).to_owned()),
        (Field::BirthDate, people::pupil_birth_date(grade, year, rng).to_string()),
        (Field::Department, "Công nghệ thông tin".to_owned()),
    ])
}

/// Most have signed in; of each dozen two are still invited, and one has not used the printed password.
fn story_of_staff<R: Rng + ?Sized>(number: u32, now: DateTime<Utc>, rng: &mut R) -> Story {
    match number % 12 {
        3 | 8 => Story::Invited,
        11 => Story::New,
        _ => came(now, rng),
    }
}

/// Class by class: in every third one the slips are not handed out yet, in another they were just now.
fn story_of_pupil<R: Rng + ?Sized>(class_index: usize, now: DateTime<Utc>, rng: &mut R) -> Story {
    // One in a hundred has left, two are suspended; the others are as far as their class.
    match (rng.random_range(0..100), class_index % 3) {
        (0, _) => Story::Left { at: now - Duration::minutes(rng.random_range(1..20 * 24 * 60)) },
        (1..3, 0 | 1) => match came(now, rng) {
            Story::Came { first, last } => Story::Suspended { first, last },
            other => other,
        },
        (3..90, 0) | (3..40, 1) => came(now, rng),
        (_, 0 | 1) => Story::SlipInHand { since: now - Duration::minutes(rng.random_range(60..3 * 24 * 60)) },
        _ => Story::New,
    }
}

/// First and last sign-ins within the last weeks.
fn came<R: Rng + ?Sized>(now: DateTime<Utc>, rng: &mut R) -> Story {
    let last = now - Duration::minutes(rng.random_range(30..20 * 24 * 60));
    Story::Came { first: last - Duration::minutes(rng.random_range(0..20 * 24 * 60)), last }
}

fn gender(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "male",
        Sex::Female => "female",
    }
}
