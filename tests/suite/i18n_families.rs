//! The keys of sentences that are put together while the program runs, for the tests of `i18n`.

use std::collections::BTreeSet;

use schoolgate::{
    access::{Grant, Role, SchoolKind, TokenScope},
    clients::ClientRefusal,
    exams,
    grants::GrantRefusal,
    identity::{
        password::{PasswordFault, SheetPasswordFault},
        user_agent::DeviceKind,
    },
    oauth2::scopes::OpenIdScope,
    plan::{
        class_links, links,
        model::{DOUBTS, IDENTIFIER_ELSEWHERE, KEPT, PlanState, ROLLOVER_REMARKS, RowOutcome, Source},
        undo::UndoOutcome,
    },
    registry::{
        conflicts::ConflictState,
        history::{ACTORS, HistoryChange},
        model::PersonKind,
        submissions::{Setback, SubmissionKind, SubmissionState},
    },
    reports,
    rollover::{
        model::{PupilOutcome, REASONS},
        schedule::ScheduleFailure,
        targets::Carry,
    },
    roster::{
        fields::{FAULT_KEYS, Field, GUESS_KEYS},
        model::{SortColumn, Status, StatusFilter},
    },
    schools::settings::{NightlySync, RegistrySource},
    sources::oneroster::Rule,
    sources::remote::{FetchWhy, keep::RemoteSourceRefusal},
    sources::spreadsheet::{ENCODINGS, FileRefusal},
    tokens::TokenRefusal,
    vietnam::class_name::ExpandError,
};

/// All of them, family by family.
pub fn families() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut each = |name: &str, member: &str| keys.insert(format!("{name}-{}", member.replace('_', "-")));
    each_of_families(&mut |name, members| {
        members.iter().for_each(|member| {
            each(name, member);
        })
    });
    keys.extend(more_keys());
    keys
}

/// Tells each family with its members.
pub fn each_of_families(family: &mut dyn FnMut(&str, &[&str])) {
    let roles = Role::ALL.map(Role::key);
    let states = PlanState::ALL.map(PlanState::key);
    let nouns = Source::ALL.map(Source::noun);
    let genders = ["male", "female", "other"];
    let kinds = [SchoolKind::K12, SchoolKind::Higher].map(SchoolKind::key);
    let fields = Field::ALL.map(Field::key);
    let template_fields: Vec<&str> =
        fields.iter().copied().filter(|key| *key != "status").chain(["first_name", "last_name", "grade"]).collect();
    let ranges =
        [ExpandError::Empty, ExpandError::TooMany, ExpandError::Name(String::new()), ExpandError::Range(String::new())];
    family("tone", &schoolgate::access::Tone::ALL.map(schoolgate::access::Tone::key));
    family("fault", FAULT_KEYS);
    // Who may not be imported over.
    family("fault", &["other-role", "rank"]);
    family(
        "fault",
        &[SheetPasswordFault::TooShort, SheetPasswordFault::TooLong, SheetPasswordFault::Common]
            .map(SheetPasswordFault::key),
    );
    family("fault", &ranges.each_ref().map(ExpandError::key));
    family("fault", &["owner_name_missing", "owner_email_missing"]);
    // What only a plan finds.
    family(
        "fault",
        &[
            "other-role",
            "rank",
            SheetPasswordFault::TooShort.key(),
            SheetPasswordFault::TooLong.key(),
            SheetPasswordFault::Common.key(),
        ],
    );
    family("fault", &["moet-id-taken", "stale", "class-unwanted", "identifier-taken"]);
    family("fault", &KEPT);
    family("plan", &KEPT);
    family("fault", &DOUBTS);
    family("fault", &links::REASONS);
    family("fault", &[class_links::CLASS_GONE]);
    family("fault", &ROLLOVER_REMARKS);
    family("rollover-outcome", &PupilOutcome::ALL.map(PupilOutcome::key));
    family("rollover-reason", &REASONS);
    let of_a_merge = ["classes", "grants", "guardians", "registry", "closing", "scim", "homerooms", "member"];
    family("merge-stays", &of_a_merge);
    family("merge-stays", &["draft", "exams", "timetable", "identifier"]);
    family("done", &["merged", "told-apart", "merge-undone", "merge-undone-in-part", "merge-not-undone"]);
    family("done", &["merge-behind", "merge-taken"]);
    family("rollover-news", &["came", "moved", "left"]);
    family("refusal", &["rollover", "rollover-gone"]);
    family("done", &["rollover-begun", "rollover-discarded", "rollover-none", "rollover-nothing"]);
    family("rollover-not-applied", &ScheduleFailure::ALL.map(ScheduleFailure::key));
    family("rollover-carry", &Carry::ALL.map(Carry::key));
    family("done", &["rollover-balanced", "rollover-gone"]);
    family("rollover-sheet-why", &schoolgate::new_year::SHEET_FAULTS);
    family("done", &["rollover-scheduled", "rollover-withdrawn", "year-changed", "year-deleted", "year-opened"]);
    family("done", &["rollover-classes", "rollover-pupils", "rollover-nobody"]);
    family("sync-title", &["accounts", "classes"]);
    family("sync-line", &["accounts", "classes"]);
    family("settings-nightly", &NightlySync::ALL.map(NightlySync::key));
    family("problem", &["submission-kind", "submission-file", "idempotency", "rows-wrong", "submission-held-back"]);
    let explained = ["submission-kind", "submission-file", "idempotency", "rows-wrong"];
    family("problem", &explained.map(|key| format!("{key}-detail")).each_ref().map(String::as_str));
    family("refusal", &["registry"]);
    family("plan-doubts", &DOUBTS);
    family("plan-doubts", &["same-name", "in-sheet"]);
    family("done-row", &RowOutcome::ALL.map(RowOutcome::key));
    // Why undoing leaves something as it is.
    family(
        "fault",
        &["undo-changed", "undo-class-gone", "undo-late", "undo-planned", "undo-rank", "undo-signed-in", "undo-taken"],
    );
    let refusals = schoolgate::identity::linked::ProviderRefusal::ALL;
    family("provider-refused", &refusals.map(schoolgate::identity::linked::ProviderRefusal::key));
    family("sign-in-event", &schoolgate::identity::sign_in_events::SignInEventKind::ALL.map(|kind| kind.key()));
    family("fault", &["undo-gone-elsewhere", "undo-suspended", "undo-merged"]);
    family("encoding", &ENCODINGS);
    family("guess", GUESS_KEYS);
    // What the reader of spreadsheets guesses beyond single values.
    family("guess", &["number-format", "gender-mark", "class-from-above", "class-from-title", "class-from-sheet-name"]);
    family("refusal", &FileRefusal::ALL.map(FileRefusal::key));
    // Of a plan that is too old.
    family("refusal", &["discarded", "expired", "rights-lost"]);
    family("outcome", &RowOutcome::ALL.map(RowOutcome::key));
    family("plans-count", &RowOutcome::ALL.map(RowOutcome::key));
    family("undo", &UndoOutcome::ALL.map(UndoOutcome::key));
    family("undo-becomes", &UndoOutcome::ALL.map(UndoOutcome::key));
    family("status", &Status::ALL.map(Status::key));
    family("plan-state", &states);
    family("plan-title", &states);
    // No operator approves a sync.
    let of_syncs: Vec<&str> = states.iter().copied().filter(|state| *state != "submitted").collect();
    family("sync-plan", &of_syncs);
    family("submission-state", &SubmissionState::ALL.map(SubmissionState::key));
    family("submission-kind", &SubmissionKind::ALL.map(SubmissionKind::key));
    family("submissions-next", &SubmissionKind::ALL.map(SubmissionKind::key));
    family("quality", &schoolgate::submissions::quality::KEYS);
    family("submission-setback", &Setback::ALL.map(Setback::key));
    family("identifiers-state", &ConflictState::ALL.map(ConflictState::key));
    family("settings-registry", &RegistrySource::ALL.map(RegistrySource::key));
    family("done", &["submission-submitted", "submission-withdrawn", "registry-person-added"]);
    family("done", &["identifier-moved", "identifier-kept", "registry-class-removed", "registry-person-changed"]);
    family("done", &["registry-person-left", "registry-person-returned"]);
    let people = PersonKind::ALL.map(PersonKind::key);
    for of_people in
        ["registry-kind", "registry-kind-one", "registry-left", "registry-left-one", "registry-elsewhere-sure"]
    {
        family(of_people, &people);
    }
    family("registry-change", &HistoryChange::ALL.map(HistoryChange::key));
    family("registry-actor", &ACTORS);
    family("fault", &[IDENTIFIER_ELSEWHERE]);
    family("plan-stage", &["waiting", "fetching", "matching", "preparing", "writing"]);
    family("plan-apply", &nouns);
    family("upload-title", &nouns);
    family("form-new", &nouns);
    family("person-make", &roles);
    family("others-make", &roles);
    family("transition-title", &["suspension", "leaving"]);
    family("transition-title-role", &roles);
    family("transition-stays", &["suspension", "leaving", "role"]);
    family("done", &["invitation-withdrawn", "came-back", "new-role"]);
    family("done", &["password-changed", "password-changed-everywhere"]);
    family("fault", &GrantRefusal::ALL.map(GrantRefusal::key));
    family("form-lead", &nouns);
    let done =
        ["reset-mailed", "invited-again", "invited-enough", "signed-out-everywhere", "account-elsewhere", "left"];
    family("done", &done);
    family("done", &["suspended", "suspension-lifted", "second-factor-removed"]);
    family("done", &["activated", "refused", "unverified", "twin-gone"]);
    family("done", &["released", "slips-none", "mail-sent", "mail-enough"]);
    family("done", &["bulk-nobody", "bulk-sign-out", "bulk-suspension", "bulk-lifting", "bulk-move"]);
    family("done", &["bulk-too-many", "bulk-no-class", "bulk-activation", "bulk-refusal"]);
    family("accounts-column", &SortColumn::ALL.map(SortColumn::key));
    family("accounts-order", &SortColumn::ALL.map(SortColumn::key));
    family(
        "accounts-order",
        &SortColumn::ALL.map(|column| format!("{}-down", column.key())).each_ref().map(String::as_str),
    );
    family("accounts-none-here", &roles);
    family("upload-template", &nouns);
    family("search-all", &roles);
    family("narrowing", &StatusFilter::OFFERED.map(StatusFilter::key));
    family("role", &roles);
    family("roles", &roles);
    family("accounts-empty", &roles);
    family("grant", &Grant::ALL.map(Grant::key));
    family("exam-state", &exams::model::ExamState::ALL.map(exams::model::ExamState::key));
    family("exam-step", &exams::STEPS);
    family("done", &["exam-created", "exam-changed", "exam-paper-added", "exam-paper-changed", "exam-paper-removed"]);
    family("done", &["exam-rooms-added", "exam-room-changed", "exam-room-removed", "exam-candidates-added"]);
    family(
        "done",
        &["exam-marks-typed", "exam-published", "exam-helper-added", "exam-helper-removed", "exam-codes-cut"],
    );
    family("done", &["exam-duty-changed", "exam-person-named", "exam-duties-given", "exam-mark-corrected"]);
    family("exam-task", &exams::model::Task::ALL.map(exams::model::Task::key));
    family("exam-rule", &exams::duties::DutyRule::ALL.map(exams::duties::DutyRule::key));
    family("fault", &exams::marks::MarkFault::ALL.map(exams::marks::MarkFault::key));
    family("done", &["exam-numbered", "exam-candidate-changed", "exam-seated", "exam-moved"]);
    family(
        "exam-sheet-why",
        &exams::candidates_sheet::UnmatchedReason::ALL.map(exams::candidates_sheet::UnmatchedReason::key),
    );
    family("exam-day", &exams::DAYS);
    family("exam-order", &exams::numbers::NumberOrder::ALL.map(exams::numbers::NumberOrder::key));
    family("exam-fill", &exams::seating::Fill::ALL.map(exams::seating::Fill::key));
    family("exam-list", &exams::sheets::List::ALL.map(exams::sheets::List::key));
    family("audit-exam", &exams::actions::NOTED);
    family("fault", &exams::numbers::NumberFault::ALL.map(exams::numbers::NumberFault::key));
    for topic in schoolgate::help::Topic::ALL {
        let parts = ["title", "lead", "1", "2", "3", "4", "note"];
        family(&format!("help-{}", topic.key()), &parts);
    }
    family("grants-what", &Grant::ALL.map(Grant::key));
    family("fault-grants", &GrantRefusal::ALL.map(GrantRefusal::key));
    family("gender", &genders);
    family("value-gender", &genders);
    family("value-status", &Status::ALL.map(Status::key));
    family("school-kind", &kinds);
    family("done", &["token-revoked"]);
    family("token-scope", &TokenScope::ALL.map(TokenScope::key));
    family("fault", &TokenRefusal::ALL.map(TokenRefusal::key));
    family("fault", &ClientRefusal::ALL.map(ClientRefusal::key));
    let told: Vec<&str> =
        OpenIdScope::all().into_iter().filter(|scope| scope.is_told()).map(OpenIdScope::key).collect();
    family("openid-scope", &told);
    family("openid-refused", &["client", "redirect-uri", "repeated"]);
    family("oneroster-rule", &Rule::ALL.map(Rule::key));
    family("fault", &RemoteSourceRefusal::ALL.map(RemoteSourceRefusal::key));
    family("fetch", &FetchWhy::ALL.map(FetchWhy::key));
    family("done", &["remote-source-added", "remote-source-changed", "remote-source-removed"]);
    family("upload-title", &["oneroster"]);
    family("fault", &[schoolgate::plan::apply::HOMEROOM]);
    family("school-state", &["active", "suspended"]);
    family("reports-tab", &["users", "use", "size", "quality"]);
    family("reports-gender", &reports::figures::GENDERS);
    family("quality-line", &reports::QualityLine::ALL.map(reports::QualityLine::key));
    family("quality-why", &reports::QualityLine::ALL.map(reports::QualityLine::key));
    let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    family("weekday", &weekdays);
    family("weekday-short", &weekdays);
    family("device-kind", &DeviceKind::ALL.map(DeviceKind::key));
    family("reset-cause", &["forgotten", "first", "staff", "gone"]);
    family("reports-column", &reports::country::SchoolOrder::ALL.map(reports::country::SchoolOrder::key));
    family("reports-column", &["schools", "active", "silent", "suspended"]);
    family("reports-state", &reports::country::SchoolActivity::ALL.map(reports::country::SchoolActivity::key));
    family("unit-level", &["department", "commune"]);
    family("done", &["school-changed", "school-suspended", "school-suspension-lifted", "school-code-added"]);
    family("done", &["owner-suspended", "grants-changed", "grants-unchanged"]);
    family("done", &["homeroom-may-reset", "homeroom-may-not-reset"]);
    family("done", &["timetable-published", "timetable-withdrawn", "timetable-is-published"]);
    family("done", &["timetable-taken", "timetable-discarded", "timetable-decided", "timetable-announced"]);
    family("done", &["busy-times-shared", "busy-times-kept"]);
    family("done", &["unit-added", "unit-renamed", "unit-removed"]);
    family("template-help", &template_fields);
    family("template-example", &template_fields);
}

/// Those that follow another pattern than a family's.
fn more_keys() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for error in [
        "not-found",
        "forbidden",
        "address-too-long",
        "files-waiting",
        "foreign-origin",
        "form-too-long",
        "school-suspended",
        "method",
        "too-large",
        "too-many-tries",
        "locked",
        "media-type",
        "scope-missing",
        "token",
        "overloaded",
        "unavailable",
        "search-too-long",
        "year-over",
        "malformed",
        "internal",
    ] {
        keys.extend([format!("error-{error}-title"), format!("error-{error}-text")]);
    }
    for to_do in
        ["classes", "students", "slips", "never", "waiting", "plans", "homeroom", "invited", "year", "awaiting"]
    {
        keys.extend([format!("to-do-{to_do}"), format!("to-do-{to_do}-text")]);
    }
    keys.extend(schoolgate::audit::words::keys().into_iter().map(str::to_owned));
    keys.extend(Field::ALL.map(|field| field.label_key().to_owned()));
    let password_faults = [
        PasswordFault::TooShortForStaff,
        PasswordFault::TooShortForPupil,
        PasswordFault::TooLong,
        PasswordFault::Common,
        PasswordFault::PersonName,
        PasswordFault::SchoolName,
        PasswordFault::Login,
        PasswordFault::Temporary,
    ];
    keys.extend(password_faults.map(|fault| fault.key().to_owned()));
    keys
}
