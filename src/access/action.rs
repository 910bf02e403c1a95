//! The actions of the table of rights, and for each a type that stands for the permission to do it.

/// One row of the table of rights: what can be done in a school.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Open the school's home.
    Enter,
    /// Years and classes: see, make, change.
    ManageClasses,
    /// People's accounts: see, create, import, edit, export.
    ManageAccounts,
    /// Create pupils by hand: also a teacher's, where the school allows it.
    CreatePupils,
    /// Print sign-in slips that are not used yet.
    PrintSlips,
    /// Help pupils who cannot sign in: by right all of the school, as homeroom teacher those of the class.
    HelpPupils,
    /// Erase the data of a pupil.
    ErasePupils,
    /// Hand out grants, make managers.
    HandOutGrants,
    /// The school's settings.
    ChangeSettings,
    /// See the audit log.
    SeeAudit,
    /// The school's part of the registry: hand in, and keep where the school keeps its own.
    ManageRegistry,
    /// The timetable: what it stands on, its versions and lessons.
    ManageTimetable,
    /// The reports of the school.
    SeeReports,
    /// Exams: all of them.
    ManageExams,
    /// A task of an exam that was handed to them: which one is looked up when it is done.
    HelpWithExams,
}

impl Action {
    pub const ALL: [Self; 15] = [
        Self::Enter,
        Self::ManageClasses,
        Self::ManageAccounts,
        Self::CreatePupils,
        Self::PrintSlips,
        Self::HelpPupils,
        Self::ErasePupils,
        Self::HandOutGrants,
        Self::ChangeSettings,
        Self::SeeAudit,
        Self::ManageRegistry,
        Self::ManageTimetable,
        Self::SeeReports,
        Self::ManageExams,
        Self::HelpWithExams,
    ];
}

/// A type that stands for one action, so that a function can demand the permission by its signature.
pub trait Permission: Send + Sync + 'static {
    const ACTION: Action;
}

/// The permissions as types: `&Granted<may::ManageAccounts>` reads as what it demands.
pub mod may {
    use super::{Action, Permission};

    #[derive(Clone, Copy, Debug)]
    pub struct Enter;
    #[derive(Clone, Copy, Debug)]
    pub struct ManageClasses;
    #[derive(Clone, Copy, Debug)]
    pub struct ManageAccounts;
    #[derive(Clone, Copy, Debug)]
    pub struct CreatePupils;
    #[derive(Clone, Copy, Debug)]
    pub struct PrintSlips;
    #[derive(Clone, Copy, Debug)]
    pub struct HelpPupils;
    #[derive(Clone, Copy, Debug)]
    pub struct ErasePupils;
    #[derive(Clone, Copy, Debug)]
    pub struct HandOutGrants;
    #[derive(Clone, Copy, Debug)]
    pub struct ChangeSettings;
    #[derive(Clone, Copy, Debug)]
    pub struct SeeAudit;
    #[derive(Clone, Copy, Debug)]
    pub struct ManageRegistry;
    #[derive(Clone, Copy, Debug)]
    pub struct ManageTimetable;
    #[derive(Clone, Copy, Debug)]
    pub struct SeeReports;
    #[derive(Clone, Copy, Debug)]
    pub struct ManageExams;
    #[derive(Clone, Copy, Debug)]
    pub struct HelpWithExams;

    impl Permission for Enter {
        const ACTION: Action = Action::Enter;
    }
    impl Permission for ManageClasses {
        const ACTION: Action = Action::ManageClasses;
    }
    impl Permission for ManageAccounts {
        const ACTION: Action = Action::ManageAccounts;
    }
    impl Permission for CreatePupils {
        const ACTION: Action = Action::CreatePupils;
    }
    impl Permission for PrintSlips {
        const ACTION: Action = Action::PrintSlips;
    }
    impl Permission for HelpPupils {
        const ACTION: Action = Action::HelpPupils;
    }
    impl Permission for ErasePupils {
        const ACTION: Action = Action::ErasePupils;
    }
    impl Permission for HandOutGrants {
        const ACTION: Action = Action::HandOutGrants;
    }
    impl Permission for ChangeSettings {
        const ACTION: Action = Action::ChangeSettings;
    }
    impl Permission for SeeAudit {
        const ACTION: Action = Action::SeeAudit;
    }
    impl Permission for ManageRegistry {
        const ACTION: Action = Action::ManageRegistry;
    }
    impl Permission for ManageTimetable {
        const ACTION: Action = Action::ManageTimetable;
    }
    impl Permission for SeeReports {
        const ACTION: Action = Action::SeeReports;
    }
    impl Permission for ManageExams {
        const ACTION: Action = Action::ManageExams;
    }
    impl Permission for HelpWithExams {
        const ACTION: Action = Action::HelpWithExams;
    }
}
