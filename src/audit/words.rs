//! The audit log in words.

use super::{
    action::{AuditAction, AuditActionKind},
    list::Recorded,
};
use crate::web::Translator;

/// The name of an action, and its sentence on the page of the person it is about; an action without a sentence goes by
/// its name there. A new action without words does not compile.
const fn messages(kind: AuditActionKind) -> (&'static str, Option<&'static str>) {
    use AuditActionKind as Kind;
    match kind {
        Kind::AccountsExported => ("audit-accounts-exported", None),
        Kind::AuditExported => ("audit-audit-exported", None),
        Kind::CameBack => ("audit-came-back", Some("history-came-back")),
        Kind::ClassChanged => ("audit-class-changed", None),
        Kind::ClassCreated => ("audit-class-created", None),
        Kind::ClassDeleted => ("audit-class-deleted", None),
        Kind::ClientLogoChanged => ("audit-client-logo-changed", None),
        Kind::ClientMade => ("audit-client-made", None),
        Kind::ClientRevoked => ("audit-client-revoked", None),
        Kind::DataExported => ("audit-data-exported", None),
        Kind::ExamChanged => ("audit-exam-changed", None),
        Kind::ExamCreated => ("audit-exam-created", None),
        Kind::GrantsChanged => ("audit-grants-changed", Some("history-grants-changed")),
        Kind::HomeroomChanged => ("audit-homeroom-changed", None),
        Kind::ImportChanged => ("audit-import-changed", Some("history-import-changed")),
        Kind::ImportCreated => ("audit-import-created", Some("history-import-created")),
        Kind::ImportLeft => ("audit-import-left", Some("history-import-left")),
        Kind::ImportUndone => ("audit-import-undone", Some("history-import-undone")),
        Kind::InvitationAccepted => ("audit-invitation-accepted", Some("history-invitation-accepted")),
        Kind::InvitationDeclined => ("audit-invitation-declined", Some("history-invitation-declined")),
        Kind::InvitationSentAgain => ("audit-invitation-sent-again", Some("history-invitation-sent-again")),
        Kind::InvitationWithdrawn => ("audit-invitation-withdrawn", Some("history-invitation-withdrawn")),
        Kind::Left => ("audit-left", Some("history-left")),
        Kind::LockLifted => ("audit-lock-lifted", None),
        Kind::LookChanged => ("audit-look-changed", None),
        Kind::MemberChanged => ("audit-member-changed", Some("history-member-changed")),
        Kind::MemberCreated => ("audit-member-created", Some("history-member-created")),
        Kind::NationalIdShown => ("audit-national-id-shown", Some("history-national-id-shown")),
        Kind::OneRosterExported => ("audit-oneroster-exported", None),
        Kind::OwnerInvited => ("audit-owner-invited", Some("history-owner-invited")),
        Kind::OwnerReplaced => ("audit-owner-replaced", Some("history-owner-replaced")),
        Kind::PasswordReset => ("audit-password-reset", Some("history-password-reset")),
        Kind::PlanApplied => ("audit-plan-applied", None),
        Kind::PlanDiscarded => ("audit-plan-discarded", None),
        Kind::PlanMade => ("audit-plan-made", None),
        Kind::PlanUndone => ("audit-plan-undone", None),
        Kind::PupilErased => ("audit-pupil-erased", None),
        Kind::PupilLetGo => ("audit-pupil-let-go", None),
        Kind::PupilTakenIn => ("audit-pupil-taken-in", None),
        Kind::Registered => ("audit-registered", Some("history-registered")),
        Kind::RegistrationAccepted => ("audit-registration-accepted", Some("history-registration-accepted")),
        Kind::RegistrationRefused => ("audit-registration-refused", None),
        Kind::ReleaseMade => ("audit-release-made", None),
        Kind::ReleaseWithdrawn => ("audit-release-withdrawn", None),
        Kind::RemoteSourceAdded => ("audit-remote-source-added", None),
        Kind::RemoteSourceChanged => ("audit-remote-source-changed", None),
        Kind::RemoteSourceRemoved => ("audit-remote-source-removed", None),
        Kind::ReportTaken => ("audit-report-taken", None),
        Kind::RoleChanged => ("audit-role-changed", Some("history-role-changed")),
        Kind::SchoolChanged => ("audit-school-changed", None),
        Kind::SchoolCodeAdded => ("audit-school-code-added", None),
        Kind::SchoolOpened => ("audit-school-opened", None),
        Kind::SchoolSuspended => ("audit-school-suspended", None),
        Kind::SchoolSuspensionLifted => ("audit-school-suspension-lifted", None),
        Kind::SchoolYearAdded => ("audit-school-year-added", None),
        Kind::SchoolYearChanged => ("audit-school-year-changed", None),
        Kind::SchoolYearDeleted => ("audit-school-year-deleted", None),
        Kind::SchoolYearExported => ("audit-school-year-exported", None),
        Kind::SchoolYearOpened => ("audit-school-year-opened", None),
        Kind::SecondFactorRemoved => ("audit-second-factor-removed", None),
        Kind::SettingsChanged => ("audit-settings-changed", None),
        Kind::SignedOutEverywhere => ("audit-signed-out-everywhere", Some("history-signed-out-everywhere")),
        Kind::SlipsDownloaded => ("audit-slips-downloaded", None),
        Kind::SlipsPrinted => ("audit-slips-printed", Some("history-slips-printed")),
        Kind::SlipsShown => ("audit-slips-shown", None),
        Kind::Suspended => ("audit-suspended", Some("history-suspended")),
        Kind::SuspensionLifted => ("audit-suspension-lifted", Some("history-suspension-lifted")),
        Kind::TimetableAbsenceNoted => ("audit-timetable-absence-noted", None),
        Kind::TimetableAbsenceRemoved => ("audit-timetable-absence-removed", None),
        Kind::TimetableAssigned => ("audit-timetable-assigned", None),
        Kind::TimetableBellsChanged => ("audit-timetable-bells-changed", None),
        Kind::TimetableDayNoted => ("audit-timetable-day-noted", None),
        Kind::TimetableDayRemoved => ("audit-timetable-day-removed", None),
        Kind::TimetableDeleted => ("audit-timetable-deleted", None),
        Kind::TimetableGenerated => ("audit-timetable-generated", None),
        Kind::TimetableGenerationAsked => ("audit-timetable-generation-asked", None),
        Kind::TimetableGenerationDiscarded => ("audit-timetable-generation-discarded", None),
        Kind::TimetableGenerationStopped => ("audit-timetable-generation-stopped", None),
        Kind::TimetableGenerationTaken => ("audit-timetable-generation-taken", None),
        Kind::TimetableImportDiscarded => ("audit-timetable-import-discarded", None),
        Kind::TimetableImportRead => ("audit-timetable-import-read", None),
        Kind::TimetableImportTaken => ("audit-timetable-import-taken", None),
        Kind::TimetableLessonPlaced => ("audit-timetable-lesson-placed", None),
        Kind::TimetableLessonRemoved => ("audit-timetable-lesson-removed", None),
        Kind::TimetableMade => ("audit-timetable-made", None),
        Kind::TimetablePublished => ("audit-timetable-published", None),
        Kind::TimetableRoomsChanged => ("audit-timetable-rooms-changed", None),
        Kind::TimetableSpellingsChosen => ("audit-timetable-spellings-chosen", None),
        Kind::TimetableSubjectsChanged => ("audit-timetable-subjects-changed", None),
        Kind::TimetableSubstituted => ("audit-timetable-substituted", None),
        Kind::TimetableUnassigned => ("audit-timetable-unassigned", None),
        Kind::TimetableWishesChanged => ("audit-timetable-wishes-changed", None),
        Kind::TimetableWithdrawn => ("audit-timetable-withdrawn", None),
        Kind::TokenMade => ("audit-token-made", None),
        Kind::TokenRevoked => ("audit-token-revoked", None),
        Kind::RegistryClassAdded => ("audit-registry-class-added", None),
        Kind::RegistryClassRemoved => ("audit-registry-class-removed", None),
        Kind::RegistryIdentifierMoved => ("audit-registry-identifier-moved", None),
        Kind::RegistryIdentifierRefused => ("audit-registry-identifier-refused", None),
        Kind::RegistryPersonChanged => ("audit-registry-person-changed", None),
        Kind::RegistryPersonLeft => ("audit-registry-person-left", None),
        Kind::RegistryPersonReturned => ("audit-registry-person-returned", None),
        Kind::RegistryPersonViewed => ("audit-registry-person-viewed", None),
        Kind::RegistryPeopleMoved => ("audit-registry-people-moved", None),
        Kind::RegistryPersonAdded => ("audit-registry-person-added", None),
        Kind::SubmissionApproved => ("audit-submission-approved", None),
        Kind::SubmissionMade => ("audit-submission-made", None),
        Kind::SubmissionNotTakenOver => ("audit-submission-not-taken-over", None),
        Kind::SubmissionReplaced => ("audit-submission-replaced", None),
        Kind::SubmissionReturned => ("audit-submission-returned", None),
        Kind::SubmissionSubmitted => ("audit-submission-submitted", None),
        Kind::SubmissionViewed => ("audit-submission-viewed", None),
        Kind::SubmissionWithdrawn => ("audit-submission-withdrawn", None),
        Kind::MembersMerged => ("audit-members-merged", Some("history-members-merged")),
        Kind::MergeUndone => ("audit-merge-undone", Some("history-merge-undone")),
        Kind::ToldApart => ("audit-told-apart", Some("history-told-apart")),
        Kind::RolloverBegun => ("audit-rollover-begun", None),
        Kind::RolloverClassesChanged => ("audit-rollover-classes-changed", None),
        Kind::RolloverBalanced => ("audit-rollover-balanced", None),
        Kind::RolloverNotApplied => ("audit-rollover-not-applied", None),
        Kind::RolloverScheduled => ("audit-rollover-scheduled", None),
        Kind::RolloverScheduleWithdrawn => ("audit-rollover-schedule-withdrawn", None),
        Kind::RolloverDiscarded => ("audit-rollover-discarded", None),
        Kind::RolloverPupilsChanged => ("audit-rollover-pupils-changed", None),
        Kind::AccountClosed => ("audit-account-closed", Some("history-account-closed")),
        Kind::SyncMade => ("audit-sync-made", None),
        Kind::SyncPrepared => ("audit-sync-prepared", None),
        Kind::VerificationMailed => ("audit-verification-mailed", None),
    }
}

/// Whether the page of a person has a sentence of its own for it.
#[must_use]
pub fn is_told_of_person(kind: AuditActionKind) -> bool {
    messages(kind).1.is_some()
}

/// What was done, in two or three words.
#[must_use]
pub fn name(l: &Translator, kind: AuditActionKind) -> String {
    l.t(messages(kind).0)
}

/// Who did it.
#[must_use]
pub fn actor(l: &Translator, event: &Recorded) -> String {
    match (&event.actor_name, event.actor_kind.as_str()) {
        (Some(name), "token") => l.t1("audit-token", "name", name.as_str()),
        (Some(name), _) => name.clone(),
        (None, "operator") => l.t("shell-operator"),
        (None, "system") => l.t("plans-system"),
        (None, _) => l.t("audit-someone"),
    }
}

/// The event, as a sentence on the page of the person it is about.
#[must_use]
pub fn sentence(l: &Translator, event: &Recorded) -> String {
    let who = actor(l, event);
    match messages(event.action).1 {
        Some(key) => l.t1(key, "who", who),
        None => l.t2("history-other", "what", name(l, event.action), "who", who),
    }
}

/// The event's details: which rights, which role, which fields, how many people, for what reason. Nothing where there
/// is nothing to add.
#[must_use]
pub fn detail(l: &Translator, event: &Recorded) -> String {
    let mut parts = event.read().map(|action| particulars(l, event, action)).unwrap_or_default();
    parts.extend(event.reason.as_deref().map(|reason| l.t1("audit-reason", "reason", reason)));
    if event.is_bulk() {
        parts.push(l.t("history-bulk"));
    }
    parts.join(" · ")
}

fn particulars(l: &Translator, event: &Recorded, action: AuditAction) -> Vec<String> {
    use AuditAction as Did;
    match action {
        Did::GrantsChanged { grants } if grants.is_empty() => vec![l.t("history-no-grants")],
        Did::GrantsChanged { grants } => {
            let grants: Vec<String> = grants.into_iter().map(|grant| l.tk("grant", grant.key())).collect();
            vec![grants.join(", ")]
        }
        Did::RoleChanged { role, .. } | Did::MemberCreated { role } => {
            role.map(|role| l.tk("role", role.key())).into_iter().collect()
        }
        Did::MemberChanged { fields, from_class, to_class } => {
            let labels = fields.into_iter().map(|field| format!("field-{}", field.replace('_', "-")));
            let fields: Vec<String> = labels.filter(|label| l.knows(label)).map(|label| l.t(&label)).collect();
            let fields = Some(fields.join(", ")).filter(|fields| !fields.is_empty());
            let moved = (from_class.is_some() || to_class.is_some()).then(|| moved(l, event));
            fields.into_iter().chain(moved).collect()
        }
        Did::RegistryPersonChanged { fields } => {
            let labels = fields.into_iter().map(|field| format!("field-{}", field.replace('_', "-")));
            labels.filter(|label| l.knows(label)).map(|label| l.t(&label)).collect()
        }
        Did::SlipsDownloaded { members } | Did::SlipsPrinted { members } | Did::SlipsShown { members } => {
            if members.is_empty() { Vec::new() } else { vec![l.t1("accounts-total", "count", members.len())] }
        }
        Did::ExamChanged { what, paper, .. } => {
            let what = format!("audit-exam-{}", what.replace('_', "-"));
            let what = l.knows(&what).then(|| l.t(&what));
            what.into_iter().chain(Some(paper).filter(|paper| !paper.is_empty())).collect()
        }
        Did::SchoolYearDeleted { name } => vec![name.replace('-', "–")],
        Did::RolloverNotApplied { why } => {
            let key = format!("rollover-not-applied-{why}");
            if l.knows(&key) { vec![l.t(&key)] } else { Vec::new() }
        }
        Did::RolloverBalanced { classes, pupils } => {
            vec![l.t1("classes-line", "count", classes), l.t1("accounts-total", "count", pupils)]
        }
        Did::RolloverScheduled { on } => vec![l.date(&on)],
        Did::TimetableDayNoted { from } | Did::TimetableDayRemoved { from } => vec![l.date(&from)],
        Did::RolloverClassesChanged { count } => vec![l.t1("classes-line", "count", count)],
        Did::RolloverPupilsChanged { count, outcome } => {
            vec![l.tk("rollover-outcome", &outcome), l.t1("accounts-total", "count", count)]
        }
        Did::AccountClosed
        | Did::AccountsExported { .. }
        | Did::AuditExported { .. }
        | Did::CameBack
        | Did::ClassChanged
        | Did::ClassCreated
        | Did::ClassDeleted { .. }
        | Did::ClientMade { .. }
        | Did::ClientLogoChanged
        | Did::ClientRevoked
        | Did::DataExported
        | Did::ExamCreated
        | Did::HomeroomChanged { .. }
        | Did::ImportChanged
        | Did::ImportCreated
        | Did::ImportLeft
        | Did::ImportUndone
        | Did::InvitationAccepted
        | Did::InvitationDeclined
        | Did::InvitationSentAgain
        | Did::InvitationWithdrawn
        | Did::Left
        | Did::LockLifted
        | Did::LookChanged { .. }
        | Did::NationalIdShown
        | Did::OneRosterExported { .. }
        | Did::OwnerInvited
        | Did::OwnerReplaced { .. }
        | Did::PasswordReset
        | Did::PlanApplied { .. }
        | Did::PlanDiscarded
        | Did::PlanMade
        | Did::PlanUndone { .. }
        | Did::PupilErased
        | Did::PupilLetGo
        | Did::PupilTakenIn
        | Did::Registered
        | Did::RegistrationAccepted
        | Did::RegistrationRefused
        | Did::ReleaseMade { .. }
        | Did::ReleaseWithdrawn
        | Did::RemoteSourceAdded
        | Did::RemoteSourceChanged
        | Did::RemoteSourceRemoved
        | Did::ReportTaken { .. }
        | Did::SchoolChanged { .. }
        | Did::SchoolCodeAdded { .. }
        | Did::SchoolOpened
        | Did::SchoolSuspended
        | Did::SchoolSuspensionLifted
        | Did::SchoolYearAdded
        | Did::SchoolYearChanged
        | Did::SchoolYearExported { .. }
        | Did::SchoolYearOpened
        | Did::SecondFactorRemoved
        | Did::SettingsChanged { .. }
        | Did::SignedOutEverywhere
        | Did::Suspended
        | Did::SuspensionLifted
        | Did::TimetableAbsenceNoted
        | Did::TimetableAbsenceRemoved
        | Did::TimetableAssigned { .. }
        | Did::TimetableBellsChanged
        | Did::TimetableDeleted { .. }
        | Did::TimetableGenerated
        | Did::TimetableGenerationAsked
        | Did::TimetableGenerationDiscarded
        | Did::TimetableGenerationStopped
        | Did::TimetableGenerationTaken
        | Did::TimetableImportDiscarded
        | Did::TimetableImportRead
        | Did::TimetableImportTaken { .. }
        | Did::TimetableLessonPlaced { .. }
        | Did::TimetableLessonRemoved { .. }
        | Did::TimetableMade
        | Did::TimetablePublished
        | Did::TimetableRoomsChanged
        | Did::TimetableSpellingsChosen
        | Did::TimetableSubjectsChanged
        | Did::TimetableSubstituted { .. }
        | Did::TimetableUnassigned
        | Did::TimetableWishesChanged
        | Did::TimetableWithdrawn
        | Did::TokenMade { .. }
        | Did::TokenRevoked
        | Did::RegistryClassAdded
        | Did::RegistryClassRemoved
        | Did::RegistryIdentifierMoved
        | Did::RegistryIdentifierRefused
        | Did::RegistryPeopleMoved { .. }
        | Did::RegistryPersonAdded
        | Did::RegistryPersonLeft
        | Did::RegistryPersonReturned
        | Did::RegistryPersonViewed
        | Did::SubmissionApproved { .. }
        | Did::SubmissionMade
        | Did::SubmissionNotTakenOver { .. }
        | Did::SubmissionReplaced
        | Did::SubmissionReturned
        | Did::SubmissionSubmitted
        | Did::SubmissionViewed
        | Did::SubmissionWithdrawn
        | Did::MembersMerged { .. }
        | Did::MergeUndone { .. }
        | Did::ToldApart { .. }
        | Did::RolloverBegun
        | Did::RolloverDiscarded
        | Did::RolloverScheduleWithdrawn
        | Did::SyncMade
        | Did::SyncPrepared
        | Did::VerificationMailed => Vec::new(),
    }
}

fn moved(l: &Translator, event: &Recorded) -> String {
    let named = |class: &Option<String>| class.clone().unwrap_or_else(|| l.t("history-no-class"));
    l.t2("history-moved", "from", named(&event.from_class), "to", named(&event.to_class))
}

/// The keys of all messages that are put together here.
#[must_use]
pub fn keys() -> Vec<&'static str> {
    AuditActionKind::ALL
        .iter()
        .map(|kind| messages(*kind))
        .flat_map(|(name, told)| [Some(name), told])
        .flatten()
        .collect()
}
