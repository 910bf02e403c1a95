//! The people of a demo school, drawn from the frequencies of Vietnamese names.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use crate::{
    access::{self, Grant, SchoolKind},
    clock::Randomness,
    members::fields::{Field, Values},
    vietnam::{
        name,
        national_id::Sex,
        people::{self, NameBook},
        school_year::{FirstDay, SchoolYear},
    },
};

/// What somebody is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    Owner,
    AccountManager,
    Teacher,
    HomeroomTeacher,
    Student,
    /// One of many.
    Extra,
}

impl Role {
    /// Whether his sign-in is printed, so that he has an own password.
    pub fn is_printed(self) -> bool {
        self != Self::Extra
    }

    pub fn grant(self) -> Option<Grant> {
        match self {
            Self::Owner => Some(Grant::Owner),
            Self::AccountManager => Some(Grant::AccountManager),
            _ => None,
        }
    }
}

/// Somebody of the demo.
#[derive(Clone, Debug)]
pub struct Person {
    pub part: Role,
    pub role: access::Role,
    /// Of pupils.
    pub username: Option<String>,
    pub email: String,
    pub class: String,
    pub values: Values,
}

/// Everybody of a school.
pub struct Cast {
    pub classes: Vec<String>,
    pub people: Vec<Person>,
    logins: HashMap<Role, String>,
}

impl Cast {
    /// What somebody types to sign in.
    pub fn login_of(&self, part: Role, code: &str) -> String {
        let login = self.logins.get(&part).cloned().unwrap_or_default();
        if login.contains('@') { login } else { crate::members::usernames::login(&login, code) }
    }
}

/// Pupils a class.
const CLASS_SIZE: usize = 40;

/// Draws everybody of a school.
pub fn cast(code: &str, kind: SchoolKind, pupils: usize, today: NaiveDate, randomness: &Randomness) -> Cast {
    let classes = class_names(kind, pupils);
    let mut draw =
        Draw { code, kind, year: SchoolYear::of(today, FirstDay::default()), randomness, taken: HashSet::new() };
    let mut people = vec![
        draw.staff(Role::Owner, access::Role::Manager),
        draw.staff(Role::AccountManager, access::Role::Teacher),
        draw.staff(Role::Teacher, access::Role::Teacher),
        draw.staff(Role::HomeroomTeacher, access::Role::Teacher),
    ];
    people.extend((0..pupils / 20).map(|_| draw.staff(Role::Extra, access::Role::Teacher)));
    for (index, class) in (0..pupils).zip(classes.iter().flat_map(|class| std::iter::repeat_n(class, CLASS_SIZE))) {
        let part = if index == 0 { Role::Student } else { Role::Extra };
        people.push(draw.pupil(part, class));
    }
    let login = |person: &Person| (person.part, person.username.clone().unwrap_or_else(|| person.email.clone()));
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

struct Draw<'a> {
    code: &'a str,
    kind: SchoolKind,
    year: SchoolYear,
    randomness: &'a Randomness,
    taken: HashSet<String>,
}

impl Draw<'_> {
    fn staff(&mut self, part: Role, role: access::Role) -> Person {
        let book = NameBook::shared();
        let year = self.year;
        let (full_name, gender, birth, phone) = self.randomness.with(|rng| {
            let sex = people::sex(rng);
            let full_name = book.adult_name(sex, rng);
            (full_name, gender(sex), people::teacher_birth_date(year, rng), people::phone(rng))
        });
        let email = format!("{}@{}.example.vn", self.free_stem(&full_name), self.code.to_lowercase());
        let values = Values::from([
            (Field::FullName, full_name),
            (Field::Gender, gender.to_owned()),
            (Field::BirthDate, birth.to_string()),
            (Field::Email, email.clone()),
            (Field::Phone, phone),
        ]);
        Person { part, role, username: None, email, class: String::new(), values }
    }

    fn pupil(&mut self, part: Role, class: &str) -> Person {
        let book = NameBook::shared();
        let grade = crate::vietnam::class_name::grade(class).unwrap_or(12);
        let year = self.year;
        let (full_name, gender, birth, mother) = self.randomness.with(|rng| {
            let sex = people::sex(rng);
            let birth = people::pupil_birth_date(i32::from(grade), year, rng);
            let mother = book.mother(birth, rng);
            (book.full_name(sex, rng), gender(sex), birth, mother)
        });
        let stem = self.free_stem(&full_name);
        let mut values = Values::from([
            (Field::FullName, full_name),
            (Field::Gender, gender.to_owned()),
            (Field::Class, class.to_owned()),
            (Field::BirthDate, birth.to_string()),
        ]);
        if self.kind == SchoolKind::Higher {
            let email = format!("{stem}@sv.{}.example.vn", self.code.to_lowercase());
            values.insert(Field::Email, email.clone());
            values.insert(Field::Department, "Công nghệ thông tin".to_owned());
            return Person {
                part,
                role: access::Role::Student,
                username: None,
                email,
                class: class.to_owned(),
                values,
            };
        }
        values.insert(Field::MotherName, mother.name);
        values.insert(Field::MotherBirthYear, mother.birth_year.to_string());
        Person {
            part,
            role: access::Role::Student,
            username: Some(stem),
            email: String::new(),
            class: class.to_owned(),
            values,
        }
    }

    fn free_stem(&mut self, full_name: &str) -> String {
        let stem = name::username_stem(full_name);
        let numbered = (2_u32..).map(|number| format!("{stem}{number}"));
        let free = std::iter::once(stem.clone()).chain(numbered).find(|candidate| !self.taken.contains(candidate));
        let free = free.unwrap_or(stem);
        self.taken.insert(free.clone());
        free
    }
}

fn gender(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "male",
        Sex::Female => "female",
    }
}
