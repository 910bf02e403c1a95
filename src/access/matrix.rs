//! The table of rights: each action, and who may do it.

use super::{Action, Grant, Role};

/// How high somebody stands: whoever may not reset a person's password may neither change what he signs in with, nor
/// suspend him, change his role or import over him.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    Student,
    Teacher,
    /// The role manager, or the grant `account_manager`.
    Manager,
    Owner,
}

/// What the table looks at: who somebody is in a school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub role: Role,
    pub grants: Vec<Grant>,
}

impl Standing {
    #[must_use]
    pub fn is_owner(&self) -> bool {
        self.grants.contains(&Grant::Owner)
    }

    #[must_use]
    pub fn rank(&self) -> Rank {
        match self.role {
            _ if self.is_owner() => Rank::Owner,
            _ if self.manages_accounts() => Rank::Manager,
            Role::Teacher | Role::Manager => Rank::Teacher,
            Role::Student => Rank::Student,
        }
    }

    /// The role `manager` carries what the grant `account_manager` carries.
    #[must_use]
    pub fn manages_accounts(&self) -> bool {
        self.is_owner() || self.role == Role::Manager || self.grants.contains(&Grant::AccountManager)
    }
}

/// Whether somebody of this standing may do this.
#[must_use]
pub fn allows(action: Action, standing: &Standing) -> bool {
    match action {
        Action::Enter => true,
        Action::ManageClasses | Action::HandOutGrants | Action::ChangeSettings | Action::SeeAudit => {
            standing.is_owner()
        }
        // What a homeroom teacher may do hangs on the class, and is looked up when it is done.
        Action::HelpPupils => standing.role != Role::Student,
        Action::ManageAccounts | Action::PrintSlips => standing.manages_accounts(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(role: Role, grants: &[Grant]) -> Vec<Action> {
        let standing = Standing { role, grants: grants.to_vec() };
        Action::ALL.into_iter().filter(|action| allows(*action, &standing)).collect()
    }

    #[test]
    fn each_standing_may_do_what_its_column_says() {
        use Action::{Enter, HelpPupils, ManageAccounts, PrintSlips};
        assert_eq!(allowed(Role::Student, &[]), [Enter]);
        assert_eq!(allowed(Role::Teacher, &[]), [Enter, HelpPupils]);
        assert_eq!(allowed(Role::Teacher, &[Grant::Timetable, Grant::Exams, Grant::Reports]), [Enter, HelpPupils]);
        assert_eq!(allowed(Role::Teacher, &[Grant::AccountManager]), [Enter, ManageAccounts, PrintSlips, HelpPupils]);
        assert_eq!(allowed(Role::Manager, &[]), [Enter, ManageAccounts, PrintSlips, HelpPupils]);
        assert_eq!(allowed(Role::Manager, &[Grant::Owner]), Action::ALL);
    }
}
