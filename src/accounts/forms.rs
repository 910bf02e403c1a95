//! The form of one person, for creating and for changing: the text as typed, and the values that it is read as.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::{
    ids::ClassId,
    roster::fields::{self, Field, RosterKind, Values},
    schools::classes::Class,
    web::forms::FormErrors,
};

/// The text as typed. `class` is a class id.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PersonForm {
    pub full_name: String,
    pub gender: String,
    pub class: String,
    pub birth_date: String,
    pub mother_name: String,
    pub mother_birth_year: String,
    pub guardian_name: String,
    pub guardian_birth_year: String,
    pub email: String,
    pub phone: String,
    pub address: String,
    pub national_id: String,
    pub moet_id: String,
    pub department: String,
    /// The button "Create and add another".
    pub again: String,
    /// The members that the form showed as possible duplicates: submitting it again confirms that they were seen.
    pub seen: Vec<String>,
    /// For a change: the version of the person that the form showed.
    pub version: String,
}

impl PersonForm {
    /// The fields of a form about these people, in their order; the ones required of a new person come first.
    #[must_use]
    pub fn fields(kind: RosterKind) -> &'static [Field] {
        use Field::{
            Address, BirthDate, Class, Department, Email, FullName, Gender, GuardianBirthYear, GuardianName, MoetId,
            MotherBirthYear, MotherName, NationalId, Phone,
        };
        match kind {
            RosterKind::Students => &[
                FullName,
                Gender,
                Class,
                BirthDate,
                MotherName,
                MotherBirthYear,
                GuardianName,
                GuardianBirthYear,
                Email,
                Phone,
                Address,
                NationalId,
                MoetId,
            ],
            RosterKind::Teachers => &[FullName, Gender, BirthDate, Email, Phone, Address, NationalId, MoetId],
            RosterKind::HigherStudents => {
                &[FullName, Email, Class, Department, Gender, BirthDate, Phone, Address, NationalId]
            }
            RosterKind::HigherTeachers => &[FullName, Email, Department, Gender, BirthDate, Phone, Address, NationalId],
            RosterKind::Classes => &[Class],
        }
    }

    /// The form, filled with these values.
    #[must_use]
    pub fn of(values: &Values, class_id: Option<ClassId>, version: i64) -> Self {
        let mut form = Self { version: version.to_string(), ..Self::default() };
        for (field, value) in values {
            if let Some(typed) = form.field_mut(*field) {
                typed.clone_from(value);
            }
        }
        form.class = class_id.map(|id| id.to_string()).unwrap_or_default();
        form
    }

    /// The text typed into a field.
    #[must_use]
    pub fn typed(&self, field: Field) -> &str {
        match field {
            Field::FullName => &self.full_name,
            Field::Gender => &self.gender,
            Field::Class => &self.class,
            Field::BirthDate => &self.birth_date,
            Field::MotherName => &self.mother_name,
            Field::MotherBirthYear => &self.mother_birth_year,
            Field::GuardianName => &self.guardian_name,
            Field::GuardianBirthYear => &self.guardian_birth_year,
            Field::Email => &self.email,
            Field::Phone => &self.phone,
            Field::Address => &self.address,
            Field::NationalId => &self.national_id,
            Field::MoetId => &self.moet_id,
            Field::Department => &self.department,
            Field::Username | Field::Password | Field::Status | Field::Grade => "",
        }
    }

    fn field_mut(&mut self, field: Field) -> Option<&mut String> {
        Some(match field {
            Field::FullName => &mut self.full_name,
            Field::Gender => &mut self.gender,
            Field::BirthDate => &mut self.birth_date,
            Field::MotherName => &mut self.mother_name,
            Field::MotherBirthYear => &mut self.mother_birth_year,
            Field::GuardianName => &mut self.guardian_name,
            Field::GuardianBirthYear => &mut self.guardian_birth_year,
            Field::Email => &mut self.email,
            Field::Phone => &mut self.phone,
            Field::Address => &mut self.address,
            Field::NationalId => &mut self.national_id,
            Field::MoetId => &mut self.moet_id,
            Field::Department => &mut self.department,
            Field::Class | Field::Username | Field::Password | Field::Status | Field::Grade => return None,
        })
    }

    /// The values in the form in which they are stored. `today` is the date in Vietnam.
    ///
    /// # Errors
    /// What cannot be accepted, field by field.
    pub fn values(&self, kind: RosterKind, classes: &[Class], today: NaiveDate) -> Result<ParsedForm, FormErrors> {
        let mut values = Values::new();
        let mut faults = FormErrors::new();
        let mut class_id = None;
        for field in Self::fields(kind) {
            let typed = self.typed(*field);
            if *field == Field::Class {
                match chosen(typed, classes) {
                    Ok(class) => {
                        class_id = class.map(|class| class.id);
                        values.extend(class.map(|class| (Field::Class, class.name.clone())));
                    }
                    Err(()) => faults.add("class", "fault-class-gone"),
                }
                continue;
            }
            match fields::normalise(*field, typed, today) {
                Ok(normal) => values.extend(normal.value.map(|value| (*field, value))),
                Err(fault) => faults.add_about(field.key(), fault.sentence_key(), fault.value),
            }
        }
        faults.or_ok(ParsedForm { values, class_id })
    }
}

/// The chosen class; `None` where none was chosen.
fn chosen<'a>(typed: &str, classes: &'a [Class]) -> Result<Option<&'a Class>, ()> {
    if typed.is_empty() {
        return Ok(None);
    }
    let id: ClassId = typed.parse().map_err(drop)?;
    classes.iter().find(|class| class.id == id).map(Some).ok_or(())
}

/// What a form is read as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedForm {
    pub values: Values,
    pub class_id: Option<ClassId>,
}

/// What a new person lacks.
#[must_use]
pub fn lacking(kind: RosterKind, values: &Values) -> FormErrors {
    let mut faults = FormErrors::new();
    for fault in fields::missing_of_new(kind, values) {
        faults.add(fault.field.key(), fault.sentence_key());
    }
    faults
}
