//! What can be done, each with what the record has to know of it.

use std::borrow::Cow;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use strum::{EnumDiscriminants, EnumString, IntoStaticStr, VariantArray};

use super::keys;
use crate::{
    access::{Grant, Role, TokenScope},
    ids::{ClassId, MemberId},
};

/// What was done. Ids, counts and codes only: never a name of a person, a password or a token.
///
/// The kind is stored by its key, which never changes: an action that is called otherwise one day keeps the old key as
/// a second one (`#[strum(serialize = "…")]`). The details are stored as JSON; rows of older versions may lack some.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, EnumDiscriminants)]
#[serde(tag = "action", rename_all = "snake_case")]
#[strum_discriminants(
    name(AuditActionKind),
    derive(PartialOrd, Ord, Hash, EnumString, IntoStaticStr, VariantArray),
    strum(serialize_all = "snake_case")
)]
pub enum AuditAction {
    /// Of a pupil who has finished school, when the time is over for which the school leaves it open.
    AccountClosed,
    AccountsExported {
        people: u64,
        #[serde(default, with = "keys::one")]
        role: Option<Role>,
    },
    AuditExported {
        form: FileForm,
    },
    CameBack,
    ClassChanged,
    ClassCreated,
    ClassDeleted {
        name: String,
    },
    ClientLogoChanged,
    ClientMade {
        /// The ends of the scopes' names.
        #[serde(default)]
        scopes: Vec<String>,
    },
    ClientRevoked,
    DataExported,
    /// What was done to an exam, which is the subject: candidates and people by their ids where they are told at all.
    ExamChanged {
        what: Cow<'static, str>,
        #[serde(default)]
        count: usize,
        /// Of which paper, where it is about one.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        paper: String,
    },
    ExamCreated,
    GrantsChanged {
        #[serde(default, with = "keys::many")]
        grants: Vec<Grant>,
    },
    HomeroomChanged {
        teacher: Option<MemberId>,
    },
    /// What a list did to one person: these have rows of their own, `imported_members`.
    ImportChanged,
    ImportCreated,
    ImportLeft,
    ImportUndone,
    InvitationAccepted,
    InvitationDeclined,
    InvitationSentAgain,
    InvitationWithdrawn,
    Left,
    LockLifted,
    LookChanged {
        tone: Option<Cow<'static, str>>,
        /// The logo became another one, or went.
        logo: bool,
    },
    MemberChanged {
        /// The keys of the roster's fields that changed, where they were edited one by one.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        fields: Vec<String>,
        /// Of a move, the class before and after.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from_class: Option<ClassId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to_class: Option<ClassId>,
    },
    MemberCreated {
        #[serde(default, with = "keys::one")]
        role: Option<Role>,
    },
    MembersMerged {
        /// The record that went.
        gone: MemberId,
    },
    MergeUndone {
        gone: MemberId,
    },
    NationalIdShown,
    OneRosterExported {
        people: u64,
    },
    OwnerInvited,
    OwnerReplaced {
        by: MemberId,
    },
    PasswordReset,
    PlanApplied {
        created: usize,
        updated: usize,
        left: usize,
        stale: usize,
    },
    PlanDiscarded,
    PlanMade,
    PlanUndone {
        undone: usize,
        stayed: usize,
        classes: usize,
    },
    PupilErased,
    PupilLetGo,
    PupilTakenIn,
    Registered,
    RegistrationAccepted,
    RegistrationRefused,
    RegistryClassAdded,
    RegistryClassRemoved,
    /// By an operator, from another school.
    RegistryIdentifierMoved,
    /// It stays with another school.
    RegistryIdentifierRefused,
    RegistryPeopleMoved {
        count: usize,
    },
    RegistryPersonAdded,
    RegistryPersonChanged {
        fields: Vec<String>,
    },
    RegistryPersonLeft,
    RegistryPersonReturned,
    RegistryPersonViewed,
    ReleaseMade {
        days: i64,
    },
    ReleaseWithdrawn,
    /// A OneRoster service from which the school takes its roster.
    #[serde(rename = "provider_added")]
    #[strum_discriminants(strum(serialize = "provider_added"))]
    RemoteSourceAdded,
    #[serde(rename = "provider_changed")]
    #[strum_discriminants(strum(serialize = "provider_changed"))]
    RemoteSourceChanged,
    #[serde(rename = "provider_removed")]
    #[strum_discriminants(strum(serialize = "provider_removed"))]
    RemoteSourceRemoved,
    ReportTaken {
        report: Cow<'static, str>,
        form: FileForm,
        /// Of a list: how many people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        people: Option<u64>,
    },
    RoleChanged {
        #[serde(default, with = "keys::one")]
        role: Option<Role>,
        #[serde(default, with = "keys::one")]
        was: Option<Role>,
    },
    RolloverBalanced {
        classes: usize,
        pupils: usize,
    },
    RolloverBegun,
    RolloverClassesChanged {
        count: usize,
    },
    RolloverDiscarded,
    /// On the day on which it was to be applied by itself.
    RolloverNotApplied {
        why: Cow<'static, str>,
    },
    RolloverPupilsChanged {
        count: usize,
        outcome: Cow<'static, str>,
    },
    RolloverScheduleWithdrawn,
    RolloverScheduled {
        on: NaiveDate,
    },
    SchoolChanged {
        fields: Vec<Cow<'static, str>>,
        /// Before and after.
        code: [String; 2],
        province: [String; 2],
    },
    SchoolCodeAdded {
        code: String,
    },
    SchoolOpened,
    SchoolSuspended,
    SchoolSuspensionLifted,
    SchoolYearAdded,
    SchoolYearChanged,
    SchoolYearDeleted {
        name: String,
    },
    /// A year that is over may be changed for a while, for the reason on record.
    /// As a workbook.
    SchoolYearExported {
        people: u64,
    },
    SchoolYearOpened,
    SecondFactorRemoved,
    SettingsChanged {
        homeroom_may_reset: bool,
        teachers_may_create_students: bool,
        one_device_per_student: bool,
        idle_minutes: i32,
        second_factor_for_managers: bool,
        second_factor_for_staff: bool,
        staff_idle_hours: i32,
        #[serde(default)]
        keeps_own_registry: bool,
        #[serde(default)]
        nightly_sync: Cow<'static, str>,
        #[serde(default)]
        letters_in_english: bool,
        #[serde(default)]
        shares_demographics: bool,
        #[serde(default)]
        shares_guardians: bool,
        monthly_report: bool,
        #[serde(default)]
        finished_days: i32,
        #[serde(default)]
        provider_sign_in: bool,
    },
    SignedOutEverywhere,
    SlipsDownloaded {
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        members: Vec<MemberId>,
    },
    SlipsPrinted {
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        members: Vec<MemberId>,
    },
    SlipsShown {
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        members: Vec<MemberId>,
    },
    SubmissionApproved {
        kind: Cow<'static, str>,
        created: usize,
        updated: usize,
        left: usize,
        stale: usize,
        moved: usize,
    },
    SubmissionMade,
    /// An approval came to nothing: the list waits again.
    SubmissionNotTakenOver {
        why: Cow<'static, str>,
    },
    SubmissionReplaced,
    SubmissionReturned,
    SubmissionSubmitted,
    SubmissionViewed,
    SubmissionWithdrawn,
    Suspended,
    SuspensionLifted,
    SyncMade,
    SyncPrepared,
    TimetableAbsenceNoted,
    TimetableAbsenceRemoved,
    TimetableAssigned {
        classes: Vec<ClassId>,
        periods: i32,
    },
    TimetableBellsChanged,
    TimetableDayNoted {
        from: NaiveDate,
    },
    TimetableDayRemoved {
        from: NaiveDate,
    },
    TimetableDeleted {
        name: String,
    },
    TimetableGenerated,
    TimetableGenerationAsked,
    TimetableGenerationDiscarded,
    TimetableGenerationStopped,
    TimetableGenerationTaken,
    TimetableImportDiscarded,
    TimetableImportRead,
    TimetableImportTaken {
        lessons: usize,
    },
    TimetableLessonPlaced {
        class: ClassId,
        day: i16,
        session: Cow<'static, str>,
        period: i16,
    },
    TimetableLessonRemoved {
        class: ClassId,
        day: i16,
        session: Cow<'static, str>,
        period: i16,
    },
    TimetableMade,
    TimetablePublished,
    TimetableRoomsChanged,
    TimetableSpellingsChosen,
    TimetableSubjectsChanged,
    TimetableSubstituted {
        lessons: usize,
    },
    TimetableUnassigned,
    TimetableWishesChanged,
    TimetableWithdrawn,
    ToldApart {
        other: MemberId,
    },
    TokenMade {
        #[serde(default, with = "keys::many")]
        scopes: Vec<TokenScope>,
    },
    TokenRevoked,
    VerificationMailed,
}

/// What a list is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileForm {
    Csv,
    Xlsx,
}

/// The field in which serde puts the kind; the row has it in a column of its own.
const TAG: &str = "action";

impl AuditAction {
    #[must_use]
    pub fn kind(&self) -> AuditActionKind {
        self.into()
    }

    /// The details, as the row has them.
    pub(super) fn to_detail(&self) -> Result<Map<String, Value>, serde_json::Error> {
        let mut detail = match serde_json::to_value(self)? {
            Value::Object(detail) => detail,
            _ => Map::new(),
        };
        detail.remove(TAG);
        Ok(detail)
    }

    /// The action of a row; none where an older version wrote other details.
    pub(super) fn from_row(kind: AuditActionKind, detail: &Value) -> Option<Self> {
        let mut detail = detail.as_object()?.clone();
        detail.insert(TAG.to_owned(), kind.key().into());
        serde_json::from_value(Value::Object(detail)).ok()
    }
}

impl AuditActionKind {
    pub const ALL: &'static [Self] = <Self as VariantArray>::VARIANTS;

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        key.parse().ok()
    }
}

impl TryFrom<String> for AuditActionKind {
    type Error = strum::ParseError;

    fn try_from(key: String) -> Result<Self, Self::Error> {
        key.parse()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The key of the column is the tag of the details, or rows could not be read again.
    #[test]
    fn each_action_is_read_again_as_it_was_written() {
        for action in [
            AuditAction::Left,
            AuditAction::AccountsExported { people: 3, role: Some(Role::Student) },
            AuditAction::GrantsChanged { grants: vec![Grant::Owner, Grant::AccountManager] },
            AuditAction::MemberChanged { fields: Vec::new(), from_class: None, to_class: Some(ClassId::from_u128(7)) },
            AuditAction::SlipsPrinted { members: vec![MemberId::from_u128(7)] },
            AuditAction::AuditExported { form: FileForm::Csv },
        ] {
            let detail = Value::Object(action.to_detail().unwrap());
            assert_eq!(AuditAction::from_row(action.kind(), &detail), Some(action), "{detail}");
        }
        for kind in AuditActionKind::ALL {
            assert_eq!(AuditActionKind::from_key(kind.key()), Some(*kind));
        }
    }

    /// What is not known any more, or not yet, hides nothing of what is.
    #[test]
    fn rows_of_other_versions_stay_readable() {
        let read = |key: &str, detail: Value| AuditAction::from_row(AuditActionKind::from_key(key).unwrap(), &detail);
        assert_eq!(read("left", json!({ "reason": "as it once was", "bulk": true })), Some(AuditAction::Left));
        assert_eq!(read("member_created", json!({})), Some(AuditAction::MemberCreated { role: None }));
        assert_eq!(
            read("member_created", json!({ "role": "janitor" })),
            Some(AuditAction::MemberCreated { role: None })
        );
        assert_eq!(
            read("grants_changed", json!({ "grants": ["owner", "wizard"] })),
            Some(AuditAction::GrantsChanged { grants: vec![Grant::Owner] })
        );
        assert_eq!(read("plan_applied", json!({ "created": "many" })), None);
    }
}
