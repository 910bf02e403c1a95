//! The table of rights: each action, and who may do it; each act on a person, and on which ranks it may be done.

use super::{Action, Grant, Role};

/// The rank of a member: an actor who may not reset a person's password may neither change what they sign in with, nor
/// suspend them, change their role or import over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    Student,
    Teacher,
    /// The role manager, or the grant `account_manager`.
    Manager,
    Owner,
}

/// What the table depends on: the actor's role and grants in a school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    pub role: Role,
    pub grants: Vec<Grant>,
}

impl Authority {
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

/// Whether this authority allows the action.
#[must_use]
pub fn allows(action: Action, authority: &Authority) -> bool {
    match action {
        Action::Enter => true,
        Action::ManageClasses
        | Action::ErasePupils
        | Action::HandOutGrants
        | Action::ChangeSettings
        | Action::SeeAudit
        | Action::ManageRegistry => authority.is_owner(),
        Action::SeeReports => authority.is_owner() || authority.grants.contains(&Grant::Reports),
        Action::ManageExams => authority.is_owner() || authority.grants.contains(&Grant::Exams),
        // What a homeroom teacher may do depends on the class, and is looked up when it is done; so is the task of an exam.
        Action::HelpPupils | Action::HelpWithExams => authority.role != Role::Student,
        Action::ManageAccounts | Action::CreatePupils | Action::PrintSlips => authority.manages_accounts(),
        Action::ManageTimetable => authority.is_owner() || authority.grants.contains(&Grant::Timetable),
    }
}

/// What a school's settings allow beyond the table.
#[must_use]
pub fn let_by_school(authority: &Authority, teachers_may_create_students: bool) -> Vec<Action> {
    match authority.role {
        Role::Teacher if teachers_may_create_students => vec![Action::CreatePupils],
        _ => Vec::new(),
    }
}

/// Something that is done to one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MemberAction {
    /// Change what the school knows of them.
    Edit,
    /// See their personal number whole.
    ShowNationalId,
    /// Give them a new password.
    ResetPassword,
    /// Open their temporary password, as long as it is not used.
    PrintSlip,
    /// End all their sessions.
    SignOut,
    /// Allow attempts again after too many wrong ones.
    Release,
    /// Suspend them, and end the suspension.
    Suspend,
    /// Take them out of the school.
    Leave,
    /// Send their invitation again, or withdraw it.
    Invite,
    /// Accept or reject a person who registered.
    Answer,
    /// Make a teacher of a pupil, or the other way round.
    ChangeRole,
    /// Make them a manager, or a manager something else.
    ChangeManager,
    /// Replace the grants that they hold.
    SetGrants,
    /// Remove their second factor, when it is lost.
    RemoveSecondFactor,
    /// Let them take their account to another school.
    LetGo,
    /// Erase them.
    Erase,
}

impl MemberAction {
    pub const ALL: [Self; 16] = [
        Self::Edit,
        Self::ShowNationalId,
        Self::ResetPassword,
        Self::PrintSlip,
        Self::SignOut,
        Self::Release,
        Self::Suspend,
        Self::Leave,
        Self::Invite,
        Self::Answer,
        Self::ChangeRole,
        Self::ChangeManager,
        Self::SetGrants,
        Self::RemoveSecondFactor,
        Self::LetGo,
        Self::Erase,
    ];
}

/// The target of an act, as far as the table depends on it.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub rank: Rank,
    pub is_pupil: bool,
    /// The target is the actor.
    pub is_self: bool,
    /// The target is in the class whose homeroom teacher the actor is this year.
    pub is_of_own_class: bool,
    /// The school lets homeroom teachers give new passwords.
    pub homeroom_may_reset: bool,
}

/// Whether this authority permits the act on such a person of the school. What depends on the person's own state (a
/// member who has left cannot be suspended, a school keeps an owner) is checked by the act.
#[must_use]
pub fn permits(act: MemberAction, actor: &Authority, target: &Target) -> bool {
    let is_below = !target.is_self && actor.rank() > target.rank;
    let manages = actor.manages_accounts();
    let helps = is_below && (manages || target.is_of_own_class && target.is_pupil);
    match act {
        MemberAction::Edit | MemberAction::ShowNationalId => manages && (is_below || target.is_self),
        MemberAction::SignOut => helps || target.is_self && actor.role != Role::Student,
        MemberAction::PrintSlip | MemberAction::Release => helps,
        MemberAction::ResetPassword => helps && (manages || target.homeroom_may_reset),
        MemberAction::Suspend
        | MemberAction::Leave
        | MemberAction::Invite
        | MemberAction::Answer
        | MemberAction::ChangeRole
        | MemberAction::RemoveSecondFactor
        | MemberAction::LetGo => manages && is_below,
        MemberAction::Erase => actor.is_owner() && is_below && target.is_pupil,
        MemberAction::ChangeManager => actor.is_owner() && is_below,
        MemberAction::SetGrants => actor.is_owner() && (is_below || target.is_self),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(role: Role, grants: &[Grant]) -> Vec<Action> {
        let authority = Authority { role, grants: grants.to_vec() };
        Action::ALL.into_iter().filter(|action| allows(*action, &authority)).collect()
    }

    #[test]
    fn each_authority_may_do_what_its_column_says() {
        use Action::{
            CreatePupils, Enter, HelpPupils, HelpWithExams, ManageAccounts, ManageExams, ManageTimetable, PrintSlips,
            SeeReports,
        };
        assert_eq!(allowed(Role::Student, &[]), [Enter]);
        assert_eq!(allowed(Role::Teacher, &[]), [Enter, HelpPupils, HelpWithExams]);
        assert_eq!(allowed(Role::Teacher, &[Grant::Timetable]), [Enter, HelpPupils, ManageTimetable, HelpWithExams]);
        assert_eq!(allowed(Role::Teacher, &[Grant::Reports]), [Enter, HelpPupils, SeeReports, HelpWithExams]);
        assert_eq!(allowed(Role::Teacher, &[Grant::Exams]), [Enter, HelpPupils, ManageExams, HelpWithExams]);
        let of_managers = [Enter, ManageAccounts, CreatePupils, PrintSlips, HelpPupils, HelpWithExams];
        assert_eq!(allowed(Role::Teacher, &[Grant::AccountManager]), of_managers);
        assert_eq!(allowed(Role::Manager, &[]), of_managers);
        assert_eq!(allowed(Role::Manager, &[Grant::Owner]), Action::ALL);
    }
    #[test]
    fn a_school_may_let_its_teachers_create_pupils() {
        let teacher = Authority { role: Role::Teacher, grants: Vec::new() };
        let pupil = Authority { role: Role::Student, grants: Vec::new() };
        assert_eq!(let_by_school(&teacher, true), [Action::CreatePupils]);
        assert_eq!(let_by_school(&teacher, false), []);
        assert_eq!(let_by_school(&pupil, true), []);
    }

    /// The expected rights, written out: o the owner, m a manager, h a homeroom teacher of the target's class, t
    /// another teacher, p a pupil; what a row lacks is forbidden.
    #[test]
    fn each_act_reaches_as_far_down_as_its_row_says() {
        let actor = |letter: char| match letter {
            'o' => Authority { role: Role::Manager, grants: vec![Grant::Owner] },
            'm' => Authority { role: Role::Manager, grants: Vec::new() },
            'h' | 't' => Authority { role: Role::Teacher, grants: vec![Grant::Exams] },
            _ => Authority { role: Role::Student, grants: Vec::new() },
        };
        let may = |act: MemberAction, rank: Rank, is_self: bool| -> String {
            let target = |letter| Target {
                rank,
                is_pupil: rank == Rank::Student,
                is_self,
                is_of_own_class: letter == 'h' && rank == Rank::Student,
                homeroom_may_reset: false,
            };
            let who = if is_self { "omtp" } else { "omhtp" };
            let is_rank = |letter: &char| !is_self || actor(*letter).rank() == rank;
            who.chars().filter(|each| is_rank(each) && permits(act, &actor(*each), &target(*each))).collect()
        };
        for (act, pupil, teacher, manager, owner, own) in [
            (MemberAction::Edit, "om", "om", "o", "", "om"),
            (MemberAction::ShowNationalId, "om", "om", "o", "", "om"),
            (MemberAction::ResetPassword, "om", "om", "o", "", ""),
            (MemberAction::PrintSlip, "omh", "om", "o", "", ""),
            (MemberAction::Release, "omh", "om", "o", "", ""),
            (MemberAction::SignOut, "omh", "om", "o", "", "omt"),
            (MemberAction::Suspend, "om", "om", "o", "", ""),
            (MemberAction::Leave, "om", "om", "o", "", ""),
            (MemberAction::Invite, "om", "om", "o", "", ""),
            (MemberAction::Answer, "om", "om", "o", "", ""),
            (MemberAction::ChangeRole, "om", "om", "o", "", ""),
            (MemberAction::ChangeManager, "o", "o", "o", "", ""),
            (MemberAction::SetGrants, "o", "o", "o", "", "o"),
            (MemberAction::RemoveSecondFactor, "om", "om", "o", "", ""),
            (MemberAction::LetGo, "om", "om", "o", "", ""),
            (MemberAction::Erase, "o", "", "", "", ""),
        ] {
            let ranks = [Rank::Student, Rank::Teacher, Rank::Manager, Rank::Owner];
            let others = ranks.map(|rank| may(act, rank, false));
            assert_eq!(others, [pupil, teacher, manager, owner], "{act:?}");
            // From the highest down, as the letters stand.
            let selves: String = ranks.iter().rev().map(|rank| may(act, *rank, true)).collect();
            assert_eq!(selves, own, "{act:?} to oneself");
        }
    }

    #[test]
    fn a_homeroom_teacher_gives_passwords_where_the_school_allows_it() {
        let teacher = Authority { role: Role::Teacher, grants: Vec::new() };
        let pupil = |is_of_own_class, homeroom_may_reset| Target {
            rank: Rank::Student,
            is_pupil: true,
            is_self: false,
            is_of_own_class,
            homeroom_may_reset,
        };
        assert!(permits(MemberAction::ResetPassword, &teacher, &pupil(true, true)));
        assert!(!permits(MemberAction::ResetPassword, &teacher, &pupil(true, false)));
        assert!(!permits(MemberAction::ResetPassword, &teacher, &pupil(false, true)));
    }
}
