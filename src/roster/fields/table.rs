//! The table of the fields: each stands here once, with all that forms, sheets, plans, pages, reports, search and the
//! store derive from it. Beside its row, a field needs its column (a migration, `roster::records`), its label and the
//! help of the template (`locales/*/fields.ftl`), and the headers that it has in sheets (`headers.txt`).

use std::{collections::HashMap, sync::LazyLock};

use chrono::NaiveDate;

use super::{
    Parsed,
    RosterKind::{self, Classes, HigherStudents, HigherTeachers, Students, Teachers},
    choices, class,
    dates::{self, DateOrder},
    free_text, grade, identifiers, national_id, password, person_name, phone_number,
};

/// Reads a value as it was typed. The date is today's in Vietnam.
type ValueReader = fn(&str, NaiveDate, DateOrder) -> Parsed;

/// Where the value of a field is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldStorage {
    /// In the column of `members` that has the field's key.
    Member,
    /// In a table of its own.
    Elsewhere,
    /// Nowhere as it was typed.
    Nowhere,
}

/// What the program knows of a field.
pub struct FieldInfo {
    /// The name in columns, forms and JSON.
    pub key: &'static str,
    /// The label in Fluent.
    pub label_key: &'static str,
    pub(super) read: ValueReader,
    pub storage: FieldStorage,
    /// The kinds of people whose forms have it.
    forms: &'static [RosterKind],
    /// The kinds of people whose template and export have it, where these follow the table.
    sheets: &'static [RosterKind],
    /// Words: letters that a program with a smaller character set has lost are noticed.
    pub is_text: bool,
    /// Collapsed in the form of a new person, where it is not required of them.
    pub is_rare: bool,
    /// People are found by its words.
    pub is_searched: bool,
    /// A number that reports show the end of only.
    pub is_masked: bool,
}

const EVERY_KIND: &[RosterKind] = &[Students, Teachers, HigherStudents, HigherTeachers];
const OF_SCHOOLS: &[RosterKind] = &[Students, Teachers];
const OF_HIGHER_EDUCATION: &[RosterKind] = &[HigherStudents, HigherTeachers];
const ALL_STUDENTS: &[RosterKind] = &[Students, HigherStudents];
const PUPILS: &[RosterKind] = &[Students];
const ALL_TEACHERS_AND_PUPILS: &[RosterKind] = &[Students, Teachers, HigherTeachers];

impl FieldInfo {
    /// A field of a member that nothing else shows.
    const fn new(key: &'static str, label_key: &'static str, read: ValueReader) -> Self {
        Self {
            key,
            label_key,
            read,
            storage: FieldStorage::Member,
            forms: &[],
            sheets: &[],
            is_text: false,
            is_rare: false,
            is_searched: false,
            is_masked: false,
        }
    }

    const fn kept(mut self, storage: FieldStorage) -> Self {
        self.storage = storage;
        self
    }

    const fn forms(mut self, kinds: &'static [RosterKind]) -> Self {
        self.forms = kinds;
        self
    }

    const fn sheets(mut self, kinds: &'static [RosterKind]) -> Self {
        self.sheets = kinds;
        self
    }

    const fn text(mut self) -> Self {
        self.is_text = true;
        self
    }

    const fn rare(mut self) -> Self {
        self.is_rare = true;
        self
    }

    const fn searched(mut self) -> Self {
        self.is_searched = true;
        self
    }

    const fn masked(mut self) -> Self {
        self.is_masked = true;
        self
    }
}

/// Makes the enum, the list and the rows of one table.
macro_rules! fields {
    (person { $($person:ident = $info:expr;)* } other { $($(#[$doc:meta])* $other:ident = $other_info:expr;)* }) => {
        /// A field of a pupil's or teacher's record, in the order of the templates.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Field {
            $($person,)*
            $($(#[$doc])* $other,)*
        }

        impl Field {
            const COUNT: usize = [$(stringify!($person)),*].len();

            /// Every field of a person, in the order of the templates.
            pub const ALL: [Self; Self::COUNT] = [$(Self::$person),*];

            const OTHERS: &[Self] = &[$(Self::$other),*];

            /// The field's row in the table.
            #[must_use]
            pub const fn info(self) -> &'static FieldInfo {
                match self {
                    $(Self::$person => {
                        const INFO: FieldInfo = $info;
                        &INFO
                    })*
                    $(Self::$other => {
                        const INFO: FieldInfo = $other_info;
                        &INFO
                    })*
                }
            }
        }
    };
}

fields! {
    person {
        FullName = FieldInfo::new("full_name", "field-full-name", |typed, _, _| person_name(typed))
            .forms(EVERY_KIND).sheets(ALL_TEACHERS_AND_PUPILS).text().searched();
        Gender = FieldInfo::new("gender", "field-gender", |typed, _, _| choices::gender(typed))
            .forms(EVERY_KIND).sheets(ALL_TEACHERS_AND_PUPILS);
        Class = FieldInfo::new("class", "field-class", |typed, _, _| class(typed))
            .kept(FieldStorage::Elsewhere).forms(ALL_STUDENTS).sheets(PUPILS).text();
        BirthDate = FieldInfo::new("birth_date", "field-birth-date", dates::birth_date)
            .forms(EVERY_KIND).sheets(ALL_TEACHERS_AND_PUPILS);
        MotherName = FieldInfo::new("mother_name", "field-mother-name", |typed, _, _| person_name(typed))
            .kept(FieldStorage::Elsewhere).forms(PUPILS).sheets(PUPILS).text();
        MotherBirthYear = FieldInfo::new(
            "mother_birth_year", "field-mother-birth-year", |typed, today, _| dates::birth_year(typed, today))
            .kept(FieldStorage::Elsewhere).forms(PUPILS).sheets(PUPILS);
        GuardianName = FieldInfo::new("guardian_name", "field-guardian-name", |typed, _, _| person_name(typed))
            .kept(FieldStorage::Elsewhere).forms(PUPILS).sheets(PUPILS).text();
        GuardianBirthYear = FieldInfo::new(
            "guardian_birth_year", "field-guardian-birth-year", |typed, today, _| dates::birth_year(typed, today))
            .kept(FieldStorage::Elsewhere).forms(PUPILS).sheets(PUPILS);
        Email = FieldInfo::new("email", "field-email", |typed, _, _| identifiers::email(typed))
            .forms(EVERY_KIND).sheets(ALL_TEACHERS_AND_PUPILS).rare().searched();
        Phone = FieldInfo::new("phone", "field-phone", |typed, _, _| phone_number(typed))
            .forms(EVERY_KIND).sheets(ALL_TEACHERS_AND_PUPILS).rare().searched().masked();
        Address = FieldInfo::new("address", "field-address", |typed, _, _| free_text(typed))
            .forms(EVERY_KIND).sheets(ALL_TEACHERS_AND_PUPILS).text().rare();
        NationalId = FieldInfo::new("national_id", "field-national-id", |typed, today, _| national_id(typed, today))
            .forms(EVERY_KIND).sheets(ALL_TEACHERS_AND_PUPILS).rare().searched().masked();
        MoetId = FieldInfo::new("moet_id", "field-moet-id", |typed, _, _| identifiers::moet_id(typed))
            .forms(OF_SCHOOLS).sheets(ALL_TEACHERS_AND_PUPILS).rare().searched().masked();
        Username = FieldInfo::new("username", "field-username", |typed, _, _| identifiers::username(typed))
            .sheets(ALL_TEACHERS_AND_PUPILS);
        Password = FieldInfo::new("password", "field-password", |typed, _, _| password(typed))
            .kept(FieldStorage::Nowhere).sheets(ALL_TEACHERS_AND_PUPILS);
        Department = FieldInfo::new("department", "field-department", |typed, _, _| free_text(typed))
            .forms(OF_HIGHER_EDUCATION).text();
        Status = FieldInfo::new("status", "field-status", |typed, _, _| choices::status(typed));
    }
    other {
        /// Of a class, in a list of classes; no field of a person.
        Grade = FieldInfo::new("grade", "field-grade", |typed, _, _| grade(typed)).kept(FieldStorage::Nowhere);
    }
}

impl Field {
    /// The field's name in columns, forms and JSON.
    #[must_use]
    pub const fn key(self) -> &'static str {
        self.info().key
    }

    /// The field of this [`key`](Self::key).
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().chain(Self::OTHERS.iter().copied()).find(|field| field.key() == key)
    }

    /// The field's label in Fluent.
    #[must_use]
    pub const fn label_key(self) -> &'static str {
        self.info().label_key
    }
}

/// What forms of higher education begin with; the rest follows in the order of the table.
const FIRST_IN_HIGHER_EDUCATION: [Field; 4] = [Field::FullName, Field::Email, Field::Class, Field::Department];

static FORMS: LazyLock<HashMap<RosterKind, Vec<Field>>> = LazyLock::new(|| {
    let of_kind = |kind: RosterKind| {
        let mut fields: Vec<Field> =
            Field::ALL.into_iter().filter(|field| field.info().forms.contains(&kind)).collect();
        if OF_HIGHER_EDUCATION.contains(&kind) {
            let place = |field: &Field| FIRST_IN_HIGHER_EDUCATION.iter().position(|first| first == field);
            fields.sort_by_key(|field| place(field).unwrap_or(FIRST_IN_HIGHER_EDUCATION.len()));
        }
        (kind, fields)
    };
    EVERY_KIND.iter().copied().map(of_kind).chain([(Classes, vec![Field::Class])]).collect()
});

/// The fields of a form about these people, in their order.
#[must_use]
pub fn of_forms(kind: RosterKind) -> &'static [Field] {
    FORMS.get(&kind).map_or(&[], Vec::as_slice)
}

/// The fields of the template for these people, where it follows the table.
pub fn of_sheets(kind: RosterKind) -> impl Iterator<Item = Field> {
    Field::ALL.into_iter().filter(move |field| field.info().sheets.contains(&kind))
}
