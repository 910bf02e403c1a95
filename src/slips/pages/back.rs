//! Where slip pages link back to, after printing or viewing.

use crate::{
    access::{Scope, may},
    ids::{ClassId, MemberId},
    paths::{self, Address},
};

pub fn to_ledger(scope: &Scope) -> Address {
    paths::SlipsLedger::of(&scope.school.code).into()
}

/// A homeroom teacher cannot open a pupil's own page.
pub fn to_person(scope: &Scope, id: MemberId) -> Address {
    match scope.may::<may::ManageAccounts>() {
        true => paths::Account::of(&scope.school.code, id).into(),
        false => paths::OwnClasses::of(&scope.school.code).into(),
    }
}

pub fn to_own_class(scope: &Scope, id: ClassId) -> Address {
    paths::OwnClass::of(&scope.school.code, id).into()
}
