//! What a list may change of a member, who is invited by it, and who may leave by it.

use super::{
    model::{PlanRow, STATUS_KEPT},
    three_way,
};
use crate::{
    access::{Rank, Scope},
    roster::{
        fields::{Fault, Field, RosterKind, Values},
        model::Status,
        store::MemberRecord,
    },
};

/// No list takes out an owner, who may be the last, or the actor who brings it in.
#[must_use]
pub fn may_leave_by_list(scope: &Scope, known: &MemberRecord) -> bool {
    known.rank != Rank::Owner && scope.member().is_none_or(|member| member.id != known.id)
}

/// Values for an existing member that a list may not change.
pub fn kept(row: &PlanRow, known: &MemberRecord) -> Vec<Fault> {
    let said = |field: Field| {
        let (said, is) = (row.values.get(&field)?, known.values.get(&field)?);
        (said.to_lowercase() != is.to_lowercase()).then_some(is)
    };
    let email = said(Field::Email).filter(|_| known.signs_in_by_email);
    let email = email.map(|email| Fault::new(Field::Email, "email-kept", email));
    let username = said(Field::Username).map(|username| Fault::new(Field::Username, "username-kept", username));
    let has_password = row.password.is_some() || row.warnings.iter().any(|warning| warning.field == Field::Password);
    let password = has_password.then(|| Fault::new(Field::Password, "password-kept", ""));
    // A list suspends nobody: that is done person by person, with a reason.
    let is_here = matches!(known.status, Status::Active | Status::Invited | Status::Pending);
    let status = (row.says_away() && is_here).then(|| Fault::new(Field::Status, STATUS_KEPT, ""));
    email.into_iter().chain(username).chain(password).chain(status).collect()
}

/// Where the row differs from what the school knows. An empty cell says nothing. A list may not change what a person
/// signs in with.
pub fn changes(row: &Values, known: &MemberRecord) -> Values {
    let kept = [Field::Password, Field::Username, Field::Status];
    let is_own_email = |field: Field| field == Field::Email && known.signs_in_by_email;
    let differs = |field: Field, value: &str| {
        known.values.get(&field).is_none_or(|current| !three_way::says_the_same(field, current, value))
    };
    let mut changes: Values = row
        .iter()
        .filter(|(field, value)| {
            !kept.contains(field) && !is_own_email(**field) && !value.is_empty() && differs(**field, value)
        })
        .map(|(field, value)| (*field, value.clone()))
        .collect();
    if known.status == Status::Left {
        changes.insert(Field::Status, "active".to_owned());
    }
    changes
}

/// Staff, and students in higher education, have an address of their own to sign in with and are invited; pupils get
/// a username and a temporary password.
#[must_use]
pub fn signs_in_by_email(kind: RosterKind) -> bool {
    kind != RosterKind::Students
}

/// Whether a new person is invited by e-mail. A student without a mailbox who has a password in the sheet gets a
/// username and that password on a slip, as pupils do.
#[must_use]
pub fn is_invited(kind: RosterKind, row: &PlanRow) -> bool {
    let has_slip = kind == RosterKind::HigherStudents && row.value(Field::Email).is_empty() && row.password.is_some();
    signs_in_by_email(kind) && !has_slip
}
