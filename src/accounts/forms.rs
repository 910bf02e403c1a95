//! The form of one person, for creating and for changing: the text as typed, and the values that it is read as.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, de::Error};

use crate::{
    ids::ClassId,
    roster::fields::{self, Field, RosterKind, Values},
    schools::classes::Class,
    web::forms::FormErrors,
};

/// A form as typed.
#[derive(Clone, Debug, Default)]
pub struct PersonForm {
    /// The text typed into each field; that of the class is a class id.
    typed: BTreeMap<Field, String>,
    /// The button "Create and add another".
    pub again: String,
    /// The members that the form showed as possible duplicates: submitting it again confirms that they were seen.
    pub seen: Vec<String>,
    /// For a change: the version of the person that the form showed.
    pub version: String,
}

impl<'de> Deserialize<'de> for PersonForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut form = Self::default();
        for (name, value) in Vec::<(String, String)>::deserialize(deserializer)? {
            match (name.as_str(), Field::from_key(&name)) {
                (_, Some(field)) if form.typed.contains_key(&field) => {
                    return Err(D::Error::duplicate_field(field.key()));
                }
                (_, Some(field)) => drop(form.typed.insert(field, value)),
                ("again", _) => form.again = value,
                ("seen", _) => form.seen.push(value),
                ("version", _) => form.version = value,
                _ => {}
            }
        }
        Ok(form)
    }
}

impl PersonForm {
    /// The form, filled with these values.
    #[must_use]
    pub fn of(values: &Values, class_id: Option<ClassId>, version: i64) -> Self {
        let mut form = Self { typed: values.clone(), version: version.to_string(), ..Self::default() };
        form.set(Field::Class, class_id.map(|id| id.to_string()).unwrap_or_default());
        form
    }

    /// The text typed into a field.
    #[must_use]
    pub fn typed(&self, field: Field) -> &str {
        self.typed.get(&field).map_or("", String::as_str)
    }

    pub fn set(&mut self, field: Field, text: impl Into<String>) {
        self.typed.insert(field, text.into());
    }

    /// The values in the form in which they are stored. `today` is the date in Vietnam.
    ///
    /// # Errors
    /// What cannot be accepted, field by field.
    pub fn values(&self, kind: RosterKind, classes: &[Class], today: NaiveDate) -> Result<ParsedForm, FormErrors> {
        let (typed, faults) = self.read(kind, classes, today);
        faults.or_ok(typed)
    }

    /// The same for a new person, who must have some of them.
    ///
    /// # Errors
    /// What cannot be accepted and what is missing, all at once, in the order of the form.
    pub fn values_of_new(
        &self,
        kind: RosterKind,
        classes: &[Class],
        today: NaiveDate,
    ) -> Result<ParsedForm, FormErrors> {
        let (typed, mut faults) = self.read(kind, classes, today);
        for fault in fields::missing_of_new(kind, &typed.values) {
            if !faults.has(fault.field.key()) {
                faults.add(fault.field.key(), fault.sentence_key());
            }
        }
        faults.in_order_of(fields::of_forms(kind).iter().map(|field| field.key())).or_ok(typed)
    }

    fn read(&self, kind: RosterKind, classes: &[Class], today: NaiveDate) -> (ParsedForm, FormErrors) {
        let mut values = Values::new();
        let mut faults = FormErrors::new();
        let mut class_id = None;
        for field in fields::of_forms(kind) {
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
        (ParsedForm { values, class_id }, faults)
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
