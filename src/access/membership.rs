//! The membership by which an account comes into a school.

use std::sync::Arc;

use super::{Authority, Elsewhere, Role, School};
use crate::ids::MemberId;

/// The membership of an account in a school.
#[derive(Clone, Debug)]
pub struct Membership {
    pub school: Arc<School>,
    pub member_id: MemberId,
    /// The school is suspended: none of its members has access.
    pub is_suspended: bool,
    /// The other schools of the account, in the order of their names.
    pub elsewhere: Vec<Elsewhere>,
    /// It is the account's last school.
    pub is_last: bool,
    /// Who comes in with a second factor only: those who manage accounts, or all staff.
    pub second_factor_for_managers: bool,
    pub second_factor_for_staff: bool,
    /// Whether the account is of the staff there, as far as that is known from the last time.
    pub is_staff: Option<bool>,
}

impl Membership {
    /// Whether a member of this authority must have a second factor.
    #[must_use]
    pub fn wants_second_factor(&self, authority: &Authority) -> bool {
        self.second_factor_for_managers && authority.manages_accounts()
            || self.second_factor_for_staff && authority.role != Role::Student
    }
}
