//! The registration forms and their values.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    ids::SchoolId,
    roster::fields::{self, Field, Values},
    web::forms::FormErrors,
};

/// The form of a teacher. `school` is the school's code, or the search text; of those that were found for
/// `school_found`, `school_choice` is the chosen one's code.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct TeacherForm {
    pub full_name: String,
    pub email: String,
    pub phone: String,
    pub gender: String,
    pub birth_date: String,
    pub school: String,
    pub school_found: String,
    pub school_choice: String,
    pub password: String,
    pub password_again: String,
}

/// The contents of a form, as it waits for the job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TakenTeacher {
    pub values: Values,
    pub school_id: SchoolId,
}

impl TeacherForm {
    /// The code that was chosen, or what was typed instead. A choice is valid only for the search it was made in.
    #[must_use]
    pub fn school_code(&self) -> &str {
        let is_chosen = !self.school_choice.is_empty() && self.school_found == self.school;
        if is_chosen { &self.school_choice } else { self.school.trim() }
    }

    /// The values in their normal form; a signed-in account has an address already.
    ///
    /// # Errors
    /// What is invalid or missing, field by field.
    pub fn values(&self, asks_email: bool, today: NaiveDate) -> Result<Values, FormErrors> {
        let typed = [
            (Field::FullName, &self.full_name, Some("fault-own-name-missing")),
            (Field::Gender, &self.gender, Some("fault-own-gender-missing")),
            (Field::BirthDate, &self.birth_date, Some("fault-own-birth-date-missing")),
            (Field::Phone, &self.phone, None),
            (Field::Email, &self.email, Some("fault-email-missing")),
        ];
        let mut values = Values::new();
        let mut faults = FormErrors::new();
        for (field, typed, missing) in typed {
            if field == Field::Email && !asks_email {
                continue;
            }
            match fields::normalise(field, typed, today) {
                Ok(normal) => match (normal.value, missing) {
                    (Some(value), _) => {
                        values.insert(field, value);
                    }
                    (None, Some(missing)) => faults.add(field.key(), missing),
                    (None, None) => {}
                },
                Err(fault) => faults.add_about(field.key(), fault.sentence_key(), fault.value),
            }
        }
        faults.or_ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_counts_for_what_it_was_found_for() {
        let typed = TeacherForm { school: " le quy don".to_owned(), ..TeacherForm::default() };
        assert_eq!(typed.school_code(), "le quy don");
        let chosen = TeacherForm {
            school_found: " le quy don".to_owned(),
            school_choice: "79000701".to_owned(),
            ..typed.clone()
        };
        assert_eq!(chosen.school_code(), "79000701");
        assert_eq!(TeacherForm { school: "nguyen du".to_owned(), ..chosen }.school_code(), "nguyen du");
    }
}
