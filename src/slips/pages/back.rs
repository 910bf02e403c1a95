//! Where slip pages link back to, after printing or viewing.

use crate::{
    access::{Scope, may},
    ids::MemberId,
};

pub fn to_ledger(scope: &Scope) -> String {
    format!("/schools/{}/slips/ledger", scope.school.code)
}

/// A homeroom teacher cannot open a pupil's own page.
pub fn to_person(scope: &Scope, id: MemberId) -> String {
    match scope.may::<may::ManageAccounts>() {
        true => format!("/schools/{}/accounts/{id}", scope.school.code),
        false => format!("/schools/{}/my-classes", scope.school.code),
    }
}

pub fn to_own_class(scope: &Scope, id: MemberId) -> String {
    format!("/schools/{}/my-classes/{id}", scope.school.code)
}
