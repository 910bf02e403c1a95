//! Operators' forms: parsed into values or into faults.

use chrono::NaiveDate;
use serde::Deserialize;

use super::{
    model::{SchoolFault, SchoolValues},
    owners::{NewOwner, OwnerFault},
};
use crate::{
    access::{Operator, SchoolKind},
    roster::fields::{self, Field},
    schools::directory,
    vietnam::{provinces, text},
    web::forms::FormErrors,
};

/// A school and its first owner, as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SchoolForm {
    pub name: String,
    pub code: String,
    pub kind: String,
    pub province: String,
    pub managing_unit: String,
    pub owner_name: String,
    pub owner_email: String,
    /// The codes of the possible duplicates that were shown and dismissed; `on` for all.
    pub confirm: String,
}

/// An owner, as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct OwnerForm {
    pub owner_name: String,
    pub owner_email: String,
    /// The owner whose grant is removed; none where it is empty.
    pub replaces: String,
}

/// The school's values in their normal form; what is wrong with them is added to `faults`.
pub fn school(form: &SchoolForm, operator: &Operator, faults: &mut FormErrors) -> SchoolValues {
    let name = text::clean(&form.name);
    if name.is_empty() || name.chars().count() > 200 {
        faults.add("name", "fault-school-name");
    }
    let code = code(&form.code, faults);
    if !may_choose(operator, &form.province) {
        faults.add("province", "fault-province");
    }
    let kind = SchoolKind::from_key(&form.kind);
    if kind.is_none() {
        faults.add("kind", "fault-school-kind");
    }
    SchoolValues {
        name,
        code,
        kind: kind.unwrap_or(SchoolKind::K12),
        province: form.province.clone(),
        managing_unit: form.managing_unit.parse().ok(),
    }
}

/// Whether this is a province, and one of the operator's.
pub fn may_choose(operator: &Operator, province: &str) -> bool {
    provinces::by_code(province).is_some() && operator.administers(province)
}

/// A code in its normal form: blanks inside, as in "79 000 701", are for reading only.
pub fn code(typed: &str, faults: &mut FormErrors) -> String {
    let code: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    if !directory::is_code(&code) {
        faults.add("code", "fault-school-code");
    }
    code
}

/// An owner's name and address in their normal form.
pub fn owner(name: &str, email: &str, today: NaiveDate, faults: &mut FormErrors) -> NewOwner {
    let mut person = |field: Field, name: &str, typed: &str| match fields::normalise(field, typed, today) {
        Ok(normal) => normal.value.unwrap_or_else(|| {
            faults.add(name, format!("fault-{}-missing", name.replace('_', "-")));
            String::new()
        }),
        Err(fault) => {
            faults.add_about(name, format!("fault-{}", fault.key), fault.value);
            String::new()
        }
    };
    NewOwner { name: person(Field::FullName, "owner_name", name), email: person(Field::Email, "owner_email", email) }
}

impl SchoolFault {
    /// As faults of the form.
    #[must_use]
    pub fn told(&self) -> FormErrors {
        let mut faults = FormErrors::new();
        match self {
            Self::CodeTaken { by: None, .. } => faults.add("code", "fault-school-code-taken"),
            Self::CodeTaken { by: Some(by), is_old: false } => faults.add_about("code", "fault-school-code-of", by),
            Self::CodeTaken { by: Some(by), is_old: true } => faults.add_about("code", "fault-school-code-once-of", by),
            Self::UnitUnknown => faults.add("managing_unit", "fault-managing-unit"),
        }
        faults
    }
}

impl OwnerFault {
    /// As faults of the form.
    #[must_use]
    pub fn told(self) -> FormErrors {
        match self {
            Self::OwnerAlready => FormErrors::one("owner_email", "fault-owner-already"),
            Self::NotActive => FormErrors::one("owner_email", "fault-owner-not-active"),
            Self::NoLongerOwner => FormErrors::one("replaces", "fault-owner-no-longer"),
            Self::InvitedEnough => FormErrors::one("owner_email", "fault-invited-enough"),
            Self::SchoolSuspended => FormErrors::one("owner_email", "fault-owner-suspended"),
        }
    }
}
