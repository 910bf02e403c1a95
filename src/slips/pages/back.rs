//! Where one goes back to from slips, printed or only looked at.

use uuid::Uuid;

use crate::access::{Scope, may};

pub fn to_ledger(scope: &Scope) -> String {
    format!("/schools/{}/slips/ledger", scope.school.code)
}

/// A homeroom teacher has no page of a pupil's own.
pub fn to_person(scope: &Scope, id: Uuid) -> String {
    match scope.may::<may::ManageAccounts>() {
        true => format!("/schools/{}/accounts/{id}", scope.school.code),
        false => format!("/schools/{}/my-classes", scope.school.code),
    }
}

pub fn to_own_class(scope: &Scope, id: Uuid) -> String {
    format!("/schools/{}/my-classes/{id}", scope.school.code)
}
