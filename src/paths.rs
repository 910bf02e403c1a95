//! The addresses of all pages, each defined once: [`crate::routes::Routes`] serves its `PATH`, and links, redirects and
//! mails are values of its type. Its `Display` is the address, with every part percent-encoded.
//!
//! All of them stand here, beneath every domain, since pages of one domain lead to those of another.

#[macro_use]
mod parts;

use std::fmt;

pub use parts::{Address, Part, encoded};

use crate::ids::{
    AbsenceId, CandidateId, ClassId, ClientId, CompanyId, ConflictId, ExamId, MemberId, MergeId, PaperId, PlanId,
    RegistryClassId, RegistryPersonId, RemoteSourceId, RoomId, TimetableId, TimetableImportId, TimetableRoomId,
    TokenId, UnitId, YearId,
};

/// Where OneRoster's rostering service is, as the standard has it.
pub const ONEROSTER: &str = "/ims/oneroster/rostering/v1p2";

/// What is below the addresses of the services of that standard, as the router matches it.
pub const ONEROSTER_ELSE: &str = "/ims/{*nothing}";

/// Where SCIM is; its routes know tokens and no sessions, and their errors are SCIM's.
pub const SCIM: &str = "/scim/";

/// What the standard knows there and the service does not: the person who asks, since a token is no person's, and many
/// changes at once.
pub const SCIM_UNSUPPORTED: [&str; 2] = ["/scim/v2/Me", "/scim/v2/Bulk"];

/// What is below it and no route.
pub const SCIM_ELSE: &str = "/scim/{*nothing}";

/// The code of the school that an address is of.
#[must_use]
pub fn school_in(address: &str) -> Option<&str> {
    let (before, _) = School::PATH.split_once("{code}")?;
    address.strip_prefix(before)?.split(['/', '?', '#']).next()
}

// Signing in, and the own account.
paths! {
    Front {} = "/";
    SignIn {} = "/sign-in";
    SignInCode {} = "/sign-in/code";
    ProviderSignIn<'a> { provider: &'a str } = "/sign-in/with/{provider}";
    ProviderAnswer<'a> { provider: &'a str } = "/sign-in/with/{provider}/answer";
    MyProviders {} = "/me/providers";
    MyProvider<'a> { provider: &'a str } = "/me/providers/{provider}";
    MyProviderRemoval<'a> { provider: &'a str } = "/me/providers/{provider}/removal";
    KeptForm {} = "/kept-form";
    SignOut {} = "/sign-out";
    Preferences {} = "/preferences";
    Invitation<'a> { token: &'a str } = "/invitations/{token}";
    InvitationRefusal<'a> { token: &'a str } = "/invitations/{token}/refusal";
    Me {} = "/me";
    Devices {} = "/me/devices";
    MyCalendar {} = "/me/calendar";
    MyCalendarRevocation {} = "/me/calendar/revocation";
    MyBusyTimes {} = "/me/calendar/busy-times";
    /// The token, and `.ics` behind it.
    Calendar<'a> { token: &'a str } = "/calendar/{token}";
    Reauthentication {} = "/me/reauthentication";
    SecondFactor {} = "/me/second-factor";
    SecondFactorCodes {} = "/me/second-factor/codes";
    SecondFactorConfirmation {} = "/me/second-factor/confirmation";
    SecondFactorRemoval {} = "/me/second-factor/removal";
    MyApplications {} = "/me/applications";
    MyApplicationEnd { id: ClientId } = "/me/applications/{id}/end";
    OpenIdConfiguration {} = "/.well-known/openid-configuration";
    Authorize {} = "/oauth2/authorize";
    Consent {} = "/oauth2/consent";
    UserInfo {} = "/oauth2/userinfo";
    KeySet {} = "/oauth2/jwks";
    ClientTokenRevocation {} = "/oauth2/revoke";
    OpenIdSignOut {} = "/oauth2/logout";
    PasswordChange {} = "/password/change";
    PasswordForgotten {} = "/password/forgot";
    PasswordReset<'a> { token: &'a str } = "/password/reset/{token}";

    // Registering oneself, and companies.
    Register {} = "/register";
    RegisterTeacher {} = "/register/teacher";
    RegisterSchools {} = "/register/schools";
    RegisterCompany {} = "/register/company";
    RegisterCompanies {} = "/register/companies";
    RegisterSent {} = "/register/sent";
    VerifyEmail<'a> { token: &'a str } = "/verify-email/{token}";
    Registration {} = "/registration";
    Company { id: CompanyId } = "/companies/{id}";
    CompanyApproval { id: CompanyId } = "/companies/{id}/approval";
    CompanyRejection { id: CompanyId } = "/companies/{id}/rejection";

    // Operators.
    OperatorCompanies {} = "/operator/companies";
    OperatorCompany { id: CompanyId } = "/operator/companies/{id}";
    OperatorCompanyApproval { id: CompanyId } = "/operator/companies/{id}/approval";
    OperatorCompanyRejection { id: CompanyId } = "/operator/companies/{id}/rejection";
    OperatorSchools {} = "/operator/schools";
    OperatorNewSchool {} = "/operator/schools/new";
    OperatorSchool<'a> { code: &'a str } = "/operator/schools/{code}";
    OperatorSchoolCodes<'a> { code: &'a str } = "/operator/schools/{code}/codes";
    OperatorSchoolOwner<'a> { code: &'a str } = "/operator/schools/{code}/owner";
    OperatorSchoolSuspension<'a> { code: &'a str } = "/operator/schools/{code}/suspension";
    OperatorSchoolSuspensionLifting<'a> { code: &'a str } = "/operator/schools/{code}/suspension/lifting";
    OperatorOwnerInvitation<'a> { code: &'a str, id: MemberId } =
        "/operator/schools/{code}/owners/{id}/invitation";
    OperatorUnits {} = "/operator/units";
    OperatorUnit { id: UnitId } = "/operator/units/{id}";
    OperatorUnitRemoval { id: UnitId } = "/operator/units/{id}/removal";
    OperatorSubmissions {} = "/operator/submissions";
    OperatorApprovals {} = "/operator/submissions/approvals";
    OperatorSubmission { id: PlanId } = "/operator/submissions/{id}";
    OperatorSubmissionProgress { id: PlanId } = "/operator/submissions/{id}/progress";
    OperatorSubmissionApproval { id: PlanId } = "/operator/submissions/{id}/approval";
    OperatorSubmissionReturn { id: PlanId } = "/operator/submissions/{id}/return";
    OperatorIdentifiers {} = "/operator/identifiers";
    OperatorIdentifier { id: ConflictId } = "/operator/identifiers/{id}";
    OperatorIdentifierApproval { id: ConflictId } = "/operator/identifiers/{id}/approval";
    OperatorIdentifierRefusal { id: ConflictId } = "/operator/identifiers/{id}/refusal";

    OperatorReports {} = "/operator/reports";
    OperatorReportsXlsx {} = "/operator/reports.xlsx";
    OperatorReportsCount {} = "/operator/reports/count";

    // One school.
    School<'a> { code: &'a str } = "/schools/{code}";
    SchoolSignIn<'a> { code: &'a str } = "/schools/{code}/sign-in";
    Settings<'a> { code: &'a str } = "/schools/{code}/settings";
    Tokens<'a> { code: &'a str } = "/schools/{code}/settings/tokens";
    TokenRevocation<'a> { code: &'a str, id: TokenId } = "/schools/{code}/settings/tokens/{id}/revocation";
    Years<'a> { code: &'a str } = "/schools/{code}/years";
    Year<'a> { code: &'a str, id: YearId } = "/schools/{code}/years/{id}";
    YearDeletion<'a> { code: &'a str, id: YearId } = "/schools/{code}/years/{id}/deletion";
    YearExport<'a> { code: &'a str, id: YearId } = "/schools/{code}/years/{id}/export.xlsx";
    YearOpening<'a> { code: &'a str, id: YearId } = "/schools/{code}/years/{id}/opening";
    Rollover<'a> { code: &'a str } = "/schools/{code}/rollover";
    RolloverDiscard<'a> { code: &'a str } = "/schools/{code}/rollover/discard";
    RolloverClasses<'a> { code: &'a str } = "/schools/{code}/rollover/classes";
    RolloverPupils<'a> { code: &'a str } = "/schools/{code}/rollover/pupils";
    RolloverBalance<'a> { code: &'a str } = "/schools/{code}/rollover/balance";
    RolloverSchedule<'a> { code: &'a str } = "/schools/{code}/rollover/schedule";
    RolloverScheduleWithdrawal<'a> { code: &'a str } = "/schools/{code}/rollover/schedule/withdrawal";
    RolloverPlan<'a> { code: &'a str } = "/schools/{code}/rollover/plan";
    Classes<'a> { code: &'a str } = "/schools/{code}/classes";
    NewClass<'a> { code: &'a str } = "/schools/{code}/classes/new";
    ClassesSync<'a> { code: &'a str } = "/schools/{code}/classes/sync";
    ClassPreview<'a> { code: &'a str } = "/schools/{code}/classes/preview";
    HomeroomTeachers<'a> { code: &'a str } = "/schools/{code}/classes/homeroom";
    Class<'a> { code: &'a str, id: ClassId } = "/schools/{code}/classes/{id}";
    ClassDeletion<'a> { code: &'a str, id: ClassId } = "/schools/{code}/classes/{id}/deletion";
    OwnClasses<'a> { code: &'a str } = "/schools/{code}/my-classes";
    OwnClass<'a> { code: &'a str, id: ClassId } = "/schools/{code}/my-classes/{id}";
    OwnClassSlips<'a> { code: &'a str, id: ClassId } = "/schools/{code}/my-classes/{id}/slips";
    Grants<'a> { code: &'a str } = "/schools/{code}/grants";
    Audit<'a> { code: &'a str } = "/schools/{code}/audit";
    AuditCsv<'a> { code: &'a str } = "/schools/{code}/audit/export.csv";
    AuditXlsx<'a> { code: &'a str } = "/schools/{code}/audit/export.xlsx";
    AuditSignIns<'a> { code: &'a str } = "/schools/{code}/audit/sign-ins";
    Slips<'a> { code: &'a str } = "/schools/{code}/slips";
    SlipsXlsx<'a> { code: &'a str } = "/schools/{code}/slips.xlsx";
    SlipsLedger<'a> { code: &'a str } = "/schools/{code}/slips/ledger";

    Search<'a> { code: &'a str } = "/schools/{code}/search";
    SettingsHomeroomReset<'a> { code: &'a str } = "/schools/{code}/settings/homeroom-reset";
    SettingsLook<'a> { code: &'a str } = "/schools/{code}/settings/look";
    SchoolLogo<'a> { code: &'a str, version: &'a str } = "/schools/{code}/logo/{version}";

    // The accounts of a school.
    Accounts<'a> { code: &'a str } = "/schools/{code}/accounts";
    AccountsBulk<'a> { code: &'a str } = "/schools/{code}/accounts/bulk";
    AccountsCsv<'a> { code: &'a str } = "/schools/{code}/accounts/export.csv";
    AccountsXlsx<'a> { code: &'a str } = "/schools/{code}/accounts/export.xlsx";
    AccountsSync<'a> { code: &'a str } = "/schools/{code}/accounts/sync";
    AccountsJoin<'a> { code: &'a str } = "/schools/{code}/accounts/join";
    NewStudent<'a> { code: &'a str } = "/schools/{code}/accounts/new/student";
    NewTeacher<'a> { code: &'a str } = "/schools/{code}/accounts/new/teacher";
    Students<'a> { code: &'a str } = "/schools/{code}/accounts/students";
    Teachers<'a> { code: &'a str } = "/schools/{code}/accounts/teachers";
    LikelyPairs<'a> { code: &'a str } = "/schools/{code}/duplicates";
    LikelyPair<'a> { code: &'a str, a: MemberId, b: MemberId } = "/schools/{code}/duplicates/{a}/{b}";
    PairMerge<'a> { code: &'a str, a: MemberId, b: MemberId } = "/schools/{code}/duplicates/{a}/{b}/merge";
    PairDismissal<'a> { code: &'a str, a: MemberId, b: MemberId } = "/schools/{code}/duplicates/{a}/{b}/dismissal";
    MergeUndo<'a> { code: &'a str, id: MergeId } = "/schools/{code}/merges/{id}/undo";
    Transfer<'a> { code: &'a str } = "/schools/{code}/accounts/transfer";
    Duplicates<'a> { code: &'a str } = "/schools/{code}/accounts/twins";
    Account<'a> { code: &'a str, id: MemberId } = "/schools/{code}/accounts/{id}";
    AccountActivation<'a> { code: &'a str, id: MemberId } = "/schools/{code}/accounts/{id}/activation";
    AccountData<'a> { code: &'a str, id: MemberId } = "/schools/{code}/accounts/{id}/data";
    AccountEdit<'a> { code: &'a str, id: MemberId } = "/schools/{code}/accounts/{id}/edit";
    AccountErasure<'a> { code: &'a str, id: MemberId } = "/schools/{code}/accounts/{id}/erasure";
    AccountGrants<'a> { code: &'a str, id: MemberId } = "/schools/{code}/accounts/{id}/grants";
    AccountInvitation<'a> { code: &'a str, id: MemberId } = "/schools/{code}/accounts/{id}/invitation";
    AccountInvitationWithdrawal<'a> { code: &'a str, id: MemberId } =
        "/schools/{code}/accounts/{id}/invitation/withdrawal";
    AccountLeaving<'a> { code: &'a str, id: MemberId } = "/schools/{code}/accounts/{id}/leaving";
    AccountReturn<'a> { code: &'a str, id: MemberId } = "/schools/{code}/accounts/{id}/leaving/return";
    AccountNationalId<'a> { code: &'a str, id: MemberId } = "/schools/{code}/accounts/{id}/national-id";
    AccountPassword<'a> { code: &'a str, id: MemberId } = "/schools/{code}/accounts/{id}/password";
    AccountRefusal<'a> { code: &'a str, id: MemberId } = "/schools/{code}/accounts/{id}/refusal";
    AccountTransferCode<'a> { code: &'a str, id: MemberId } = "/schools/{code}/accounts/{id}/release";
    AccountTransferCodeWithdrawal<'a> { code: &'a str, id: MemberId } =
        "/schools/{code}/accounts/{id}/release/withdrawal";
    AccountRole<'a> { code: &'a str, id: MemberId } = "/schools/{code}/accounts/{id}/role";
    AccountSecondFactor<'a> { code: &'a str, id: MemberId } = "/schools/{code}/accounts/{id}/second-factor";
    AccountSignOut<'a> { code: &'a str, id: MemberId } = "/schools/{code}/accounts/{id}/sign-out";
    AccountSlip<'a> { code: &'a str, id: MemberId } = "/schools/{code}/accounts/{id}/slip";
    AccountSuspension<'a> { code: &'a str, id: MemberId } = "/schools/{code}/accounts/{id}/suspension";
    AccountSuspensionLifting<'a> { code: &'a str, id: MemberId } =
        "/schools/{code}/accounts/{id}/suspension/lifting";
    AccountUnlocking<'a> { code: &'a str, id: MemberId } = "/schools/{code}/accounts/{id}/unlocking";
    AccountVerification<'a> { code: &'a str, id: MemberId } = "/schools/{code}/accounts/{id}/verification";

    // Reports.
    ReportUsers<'a> { code: &'a str } = "/schools/{code}/reports/users";
    ReportUsersXlsx<'a> { code: &'a str } = "/schools/{code}/reports/users.xlsx";
    ReportUsersCsv<'a> { code: &'a str } = "/schools/{code}/reports/users.csv";
    ReportUse<'a> { code: &'a str } = "/schools/{code}/reports/use";
    ReportUseXlsx<'a> { code: &'a str } = "/schools/{code}/reports/use.xlsx";
    ReportSize<'a> { code: &'a str } = "/schools/{code}/reports/size";
    ReportSizeXlsx<'a> { code: &'a str } = "/schools/{code}/reports/size.xlsx";
    ReportQuality<'a> { code: &'a str } = "/schools/{code}/reports/quality";
    ReportQualityXlsx<'a> { code: &'a str } = "/schools/{code}/reports/quality.xlsx";
    ReportCount<'a> { code: &'a str } = "/schools/{code}/reports/count";

    // Plans of imports.
    Plans<'a> { code: &'a str } = "/schools/{code}/plans";
    NewPlan<'a> { code: &'a str } = "/schools/{code}/plans/new";
    Plan<'a> { code: &'a str, id: PlanId } = "/schools/{code}/plans/{id}";
    PlanApply<'a> { code: &'a str, id: PlanId } = "/schools/{code}/plans/{id}/apply";
    PlanColumns<'a> { code: &'a str, id: PlanId } = "/schools/{code}/plans/{id}/columns";
    PlanDiscard<'a> { code: &'a str, id: PlanId } = "/schools/{code}/plans/{id}/discard";
    PlanErrors<'a> { code: &'a str, id: PlanId } = "/schools/{code}/plans/{id}/errors.xlsx";
    PlanMissing<'a> { code: &'a str, id: PlanId } = "/schools/{code}/plans/{id}/missing";
    PlanDecisions<'a> { code: &'a str, id: PlanId } = "/schools/{code}/plans/{id}/decisions";
    PlanProgress<'a> { code: &'a str, id: PlanId } = "/schools/{code}/plans/{id}/progress";
    PlanRow<'a> { code: &'a str, id: PlanId, line: i32 } = "/schools/{code}/plans/{id}/rows/{line}";
    PlanSlips<'a> { code: &'a str, id: PlanId } = "/schools/{code}/plans/{id}/slips";
    PlanUndo<'a> { code: &'a str, id: PlanId } = "/schools/{code}/plans/{id}/undo";
    TemplateStudents<'a> { code: &'a str } = "/schools/{code}/templates/students.xlsx";
    TemplateTeachers<'a> { code: &'a str } = "/schools/{code}/templates/teachers.xlsx";
    TemplateClasses<'a> { code: &'a str } = "/schools/{code}/templates/classes.xlsx";

    // What a school hands in for the registry: plans that an operator approves.
    Submissions<'a> { code: &'a str } = "/schools/{code}/submissions";
    Submission<'a> { code: &'a str, id: PlanId } = "/schools/{code}/submissions/{id}";
    SubmissionColumns<'a> { code: &'a str, id: PlanId } = "/schools/{code}/submissions/{id}/columns";
    SubmissionDecisions<'a> { code: &'a str, id: PlanId } = "/schools/{code}/submissions/{id}/decisions";
    SubmissionDiscard<'a> { code: &'a str, id: PlanId } = "/schools/{code}/submissions/{id}/discard";
    SubmissionErrors<'a> { code: &'a str, id: PlanId } = "/schools/{code}/submissions/{id}/errors.xlsx";
    SubmissionMissing<'a> { code: &'a str, id: PlanId } = "/schools/{code}/submissions/{id}/missing";
    SubmissionProgress<'a> { code: &'a str, id: PlanId } = "/schools/{code}/submissions/{id}/progress";
    SubmissionRow<'a> { code: &'a str, id: PlanId, line: i32 } = "/schools/{code}/submissions/{id}/rows/{line}";
    SubmissionSubmit<'a> { code: &'a str, id: PlanId } = "/schools/{code}/submissions/{id}/submit";
    SubmissionWithdrawal<'a> { code: &'a str, id: PlanId } = "/schools/{code}/submissions/{id}/withdraw";

    // The school's part of the registry.
    RegistryClasses<'a> { code: &'a str } = "/schools/{code}/registry/classes";
    RegistryPeople<'a> { code: &'a str } = "/schools/{code}/registry/people";
    RegistryClassRemoval<'a> { code: &'a str, id: RegistryClassId } = "/schools/{code}/registry/classes/{id}/removal";
    RegistryPerson<'a> { code: &'a str, id: RegistryPersonId } = "/schools/{code}/registry/people/{id}";
    RegistryPersonLeaving<'a> { code: &'a str, id: RegistryPersonId } =
        "/schools/{code}/registry/people/{id}/leaving";
    RegistryNewStudent<'a> { code: &'a str } = "/schools/{code}/registry/people/new/student";
    RegistryNewTeacher<'a> { code: &'a str } = "/schools/{code}/registry/people/new/teacher";

    // Programs that ask by OAuth 2, and OneRoster.
    Clients<'a> { code: &'a str } = "/schools/{code}/settings/clients";
    ClientRevocation<'a> { code: &'a str, id: ClientId } = "/schools/{code}/settings/clients/{id}/revocation";
    OperatorClients {} = "/operator/clients";
    OperatorClientRevocation { id: ClientId } = "/operator/clients/{id}/revocation";
    ClientLogoForm<'a> { code: &'a str, id: ClientId } = "/schools/{code}/settings/clients/{id}/logo";
    OperatorClientLogoForm { id: ClientId } = "/operator/clients/{id}/logo";
    ClientLogo<'a> { id: ClientId, version: &'a str } = "/oauth2/logos/{id}/{version}";
    OAuthToken {} = "/oauth2/token";
    OneRosterZip<'a> { code: &'a str } = "/schools/{code}/oneroster.zip";
    RemoteSources<'a> { code: &'a str } = "/schools/{code}/settings/oneroster";
    RemoteSource<'a> { code: &'a str, id: RemoteSourceId } = "/schools/{code}/settings/oneroster/{id}";
    RemoteSourceRemoval<'a> { code: &'a str, id: RemoteSourceId } = "/schools/{code}/settings/oneroster/{id}/removal";
    RemoteSourcePlan<'a> { code: &'a str, id: RemoteSourceId } = "/schools/{code}/settings/oneroster/{id}/plan";

    // SCIM 2.0.
    ScimService {} = "/scim/v2/ServiceProviderConfig";
    ScimResourceTypes {} = "/scim/v2/ResourceTypes";
    ScimResourceType<'a> { id: &'a str } = "/scim/v2/ResourceTypes/{id}";
    ScimSchemas {} = "/scim/v2/Schemas";
    ScimSchema<'a> { id: &'a str } = "/scim/v2/Schemas/{id}";
    ScimSearch {} = "/scim/v2/.search";
    ScimUsers {} = "/scim/v2/Users";
    ScimUsersSearch {} = "/scim/v2/Users/.search";
    ScimUser<'a> { id: &'a str } = "/scim/v2/Users/{id}";
    ScimGroups {} = "/scim/v2/Groups";
    ScimGroupsSearch {} = "/scim/v2/Groups/.search";
    ScimGroup<'a> { id: &'a str } = "/scim/v2/Groups/{id}";

    // OneRoster's rostering service, and its description by the two names that the standard has for it.
    OneRosterDescription {} =
        "/ims/oneroster/rostering/v1p2/discovery/onerosterv1p2rostersservice_openapi3_v1p0.json";
    OneRosterDiscovery {} = "/ims/oneroster/rostering/v1p2/discovery/imsorv1p2_rostering_openapi3_v1p0.json";
    OneRosterAcademicSessions {} = "/ims/oneroster/rostering/v1p2/academicSessions";
    OneRosterAcademicSession<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/academicSessions/{id}";
    OneRosterClasses {} = "/ims/oneroster/rostering/v1p2/classes";
    OneRosterClass<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/classes/{id}";
    OneRosterCourses {} = "/ims/oneroster/rostering/v1p2/courses";
    OneRosterCourse<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/courses/{id}";
    OneRosterAllDemographics {} = "/ims/oneroster/rostering/v1p2/demographics";
    OneRosterDemographics<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/demographics/{id}";
    OneRosterEnrollments {} = "/ims/oneroster/rostering/v1p2/enrollments";
    OneRosterEnrollment<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/enrollments/{id}";
    OneRosterGradingPeriods {} = "/ims/oneroster/rostering/v1p2/gradingPeriods";
    OneRosterGradingPeriod<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/gradingPeriods/{id}";
    OneRosterOrgs {} = "/ims/oneroster/rostering/v1p2/orgs";
    OneRosterOrg<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/orgs/{id}";
    OneRosterSchools {} = "/ims/oneroster/rostering/v1p2/schools";
    OneRosterSchool<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/schools/{id}";
    OneRosterStudents {} = "/ims/oneroster/rostering/v1p2/students";
    OneRosterStudent<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/students/{id}";
    OneRosterTeachers {} = "/ims/oneroster/rostering/v1p2/teachers";
    OneRosterTeacher<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/teachers/{id}";
    OneRosterTerms {} = "/ims/oneroster/rostering/v1p2/terms";
    OneRosterTerm<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/terms/{id}";
    OneRosterUsers {} = "/ims/oneroster/rostering/v1p2/users";
    OneRosterUser<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/users/{id}";
    OneRosterStudentsOfClass<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/classes/{id}/students";
    OneRosterTeachersOfClass<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/classes/{id}/teachers";
    OneRosterClassesOfCourse<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/courses/{id}/classes";
    OneRosterClassesOfSchool<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/schools/{id}/classes";
    OneRosterEnrollmentsOfClassInSchool<'a> { id: &'a str, class: &'a str } =
        "/ims/oneroster/rostering/v1p2/schools/{id}/classes/{class}/enrollments";
    OneRosterStudentsOfClassInSchool<'a> { id: &'a str, class: &'a str } =
        "/ims/oneroster/rostering/v1p2/schools/{id}/classes/{class}/students";
    OneRosterTeachersOfClassInSchool<'a> { id: &'a str, class: &'a str } =
        "/ims/oneroster/rostering/v1p2/schools/{id}/classes/{class}/teachers";
    OneRosterCoursesOfSchool<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/schools/{id}/courses";
    OneRosterEnrollmentsOfSchool<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/schools/{id}/enrollments";
    OneRosterStudentsOfSchool<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/schools/{id}/students";
    OneRosterTeachersOfSchool<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/schools/{id}/teachers";
    OneRosterTermsOfSchool<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/schools/{id}/terms";
    OneRosterClassesOfStudent<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/students/{id}/classes";
    OneRosterClassesOfTeacher<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/teachers/{id}/classes";
    OneRosterClassesOfUser<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/users/{id}/classes";
    OneRosterClassesOfTerm<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/terms/{id}/classes";
    OneRosterGradingPeriodsOfTerm<'a> { id: &'a str } = "/ims/oneroster/rostering/v1p2/terms/{id}/gradingPeriods";
    // Exams.
    Exams<'a> { code: &'a str } = "/schools/{code}/exams";
    NewExam<'a> { code: &'a str } = "/schools/{code}/exams/new";
    Exam<'a> { code: &'a str, exam: ExamId } = "/schools/{code}/exams/{exam}";
    ExamPapers<'a> { code: &'a str, exam: ExamId } = "/schools/{code}/exams/{exam}/papers";
    ExamPaper<'a> { code: &'a str, exam: ExamId, paper: PaperId } = "/schools/{code}/exams/{exam}/papers/{paper}";
    ExamPaperRemoval<'a> { code: &'a str, exam: ExamId, paper: PaperId } =
        "/schools/{code}/exams/{exam}/papers/{paper}/removal";
    ExamRooms<'a> { code: &'a str, exam: ExamId } = "/schools/{code}/exams/{exam}/rooms";
    ExamRoom<'a> { code: &'a str, exam: ExamId, room: RoomId } = "/schools/{code}/exams/{exam}/rooms/{room}";
    ExamRoomRemoval<'a> { code: &'a str, exam: ExamId, room: RoomId } =
        "/schools/{code}/exams/{exam}/rooms/{room}/removal";
    ExamRoomsSheet<'a> { code: &'a str, exam: ExamId } = "/schools/{code}/exams/{exam}/rooms/sheet";
    ExamCandidates<'a> { code: &'a str, exam: ExamId } = "/schools/{code}/exams/{exam}/candidates";
    ExamCandidate<'a> { code: &'a str, exam: ExamId, candidate: CandidateId } =
        "/schools/{code}/exams/{exam}/candidates/{candidate}";
    ExamNumbers<'a> { code: &'a str, exam: ExamId } = "/schools/{code}/exams/{exam}/numbers";
    ExamSeating<'a> { code: &'a str, exam: ExamId } = "/schools/{code}/exams/{exam}/seating";
    ExamInvigilation<'a> { code: &'a str, exam: ExamId } = "/schools/{code}/exams/{exam}/invigilation";
    ExamCodes<'a> { code: &'a str, exam: ExamId, paper: PaperId } =
        "/schools/{code}/exams/{exam}/papers/{paper}/phach";
    ExamMarks<'a> { code: &'a str, exam: ExamId, paper: PaperId } =
        "/schools/{code}/exams/{exam}/papers/{paper}/marks";
    ExamPublication<'a> { code: &'a str, exam: ExamId } = "/schools/{code}/exams/{exam}/publication";
    ExamResults<'a> { code: &'a str, exam: ExamId } = "/schools/{code}/exams/{exam}/results.xlsx";
    ExamAppeals<'a> { code: &'a str, exam: ExamId } = "/schools/{code}/exams/{exam}/appeals";
    ExamStatistics<'a> { code: &'a str, exam: ExamId } = "/schools/{code}/exams/{exam}/statistics";
    ExamMarksSheet<'a> { code: &'a str, exam: ExamId, paper: PaperId } =
        "/schools/{code}/exams/{exam}/papers/{paper}/marks/sheet";
    ExamCandidatesSheet<'a> { code: &'a str, exam: ExamId } = "/schools/{code}/exams/{exam}/candidates/sheet";
    ExamHelpers<'a> { code: &'a str, exam: ExamId } = "/schools/{code}/exams/{exam}/helpers";
    ExamCopy<'a> { code: &'a str, exam: ExamId } = "/schools/{code}/exams/{exam}/copy";
    ExamCorrections<'a> { code: &'a str, exam: ExamId, candidate: CandidateId } =
        "/schools/{code}/exams/{exam}/candidates/{candidate}/corrections";
    OwnExams<'a> { code: &'a str } = "/schools/{code}/my-exams";
    OwnClassExams<'a> { code: &'a str, id: ClassId } = "/schools/{code}/my-classes/{id}/exams";
    ExamList<'a> { code: &'a str, exam: ExamId, list: &'a str } = "/schools/{code}/exams/{exam}/lists/{list}";

    // The timetable.
    Timetable<'a> { code: &'a str } = "/schools/{code}/timetable";
    TimetableBells<'a> { code: &'a str } = "/schools/{code}/timetable/bells";
    TimetableSubjects<'a> { code: &'a str } = "/schools/{code}/timetable/subjects";
    TimetableRooms<'a> { code: &'a str } = "/schools/{code}/timetable/rooms";
    TimetableAssignments<'a> { code: &'a str } = "/schools/{code}/timetable/assignments";
    TimetableDays<'a> { code: &'a str } = "/schools/{code}/timetable/days";
    TimetableImports<'a> { code: &'a str } = "/schools/{code}/timetable/imports";
    TimetableImport<'a> { code: &'a str, import: TimetableImportId } = "/schools/{code}/timetable/imports/{import}";
    TimetableImportTaking<'a> { code: &'a str, import: TimetableImportId } =
        "/schools/{code}/timetable/imports/{import}/acceptance";
    TimetableImportDiscarding<'a> { code: &'a str, import: TimetableImportId } =
        "/schools/{code}/timetable/imports/{import}/refusal";
    TimetableComparison<'a> { code: &'a str, v: TimetableId } = "/schools/{code}/timetable/versions/{v}/comparison";
    TimetableVersions<'a> { code: &'a str } = "/schools/{code}/timetable/versions";
    TimetableVersion<'a> { code: &'a str, v: TimetableId } = "/schools/{code}/timetable/versions/{v}";
    TimetablePublication<'a> { code: &'a str, v: TimetableId } =
        "/schools/{code}/timetable/versions/{v}/publication";
    TimetableWithdrawal<'a> { code: &'a str, v: TimetableId } = "/schools/{code}/timetable/versions/{v}/withdrawal";
    TimetableDeletion<'a> { code: &'a str, v: TimetableId } = "/schools/{code}/timetable/versions/{v}/deletion";
    TimetableGeneration<'a> { code: &'a str, v: TimetableId } =
        "/schools/{code}/timetable/versions/{v}/generation";
    TimetableGenerationStop<'a> { code: &'a str, v: TimetableId } =
        "/schools/{code}/timetable/versions/{v}/generation/stop";
    TimetableGenerationTaking<'a> { code: &'a str, v: TimetableId } =
        "/schools/{code}/timetable/versions/{v}/generation/acceptance";
    TimetableGenerationDiscarding<'a> { code: &'a str, v: TimetableId } =
        "/schools/{code}/timetable/versions/{v}/generation/refusal";
    TimetableAbsences<'a> { code: &'a str } = "/schools/{code}/timetable/absences";
    TimetableAbsence<'a> { code: &'a str, id: AbsenceId } = "/schools/{code}/timetable/absences/{id}";
    TimetableSubstitutions<'a> { code: &'a str, id: AbsenceId } =
        "/schools/{code}/timetable/absences/{id}/substitutions";
    TimetableAbsenceRemoval<'a> { code: &'a str, id: AbsenceId } =
        "/schools/{code}/timetable/absences/{id}/removal";
    TimetableWishes<'a> { code: &'a str, id: MemberId } = "/schools/{code}/timetable/teachers/{id}/wishes";
    TimetableGrid<'a> { code: &'a str, v: TimetableId, class: ClassId } =
        "/schools/{code}/timetable/versions/{v}/classes/{class}";
    TimetableSwap<'a> { code: &'a str, v: TimetableId, class: ClassId } =
        "/schools/{code}/timetable/versions/{v}/classes/{class}/swap";
    TimetableDayCopy<'a> { code: &'a str, v: TimetableId, class: ClassId } =
        "/schools/{code}/timetable/versions/{v}/classes/{class}/day-copy";
    TimetableClassCopy<'a> { code: &'a str, v: TimetableId, class: ClassId } =
        "/schools/{code}/timetable/versions/{v}/classes/{class}/class-copy";
    TimetableFixed<'a> { code: &'a str, v: TimetableId } = "/schools/{code}/timetable/versions/{v}/fixed-lessons";
    TimetableTeacherGrid<'a> { code: &'a str, v: TimetableId, teacher: MemberId } =
        "/schools/{code}/timetable/versions/{v}/teachers/{teacher}";
    TimetableSheet<'a> { code: &'a str, v: TimetableId } = "/schools/{code}/timetable/versions/{v}/sheet";
    TimetableOfClass<'a> { code: &'a str, id: ClassId } = "/schools/{code}/timetable/classes/{id}";
    TimetableOfTeacher<'a> { code: &'a str, id: MemberId } = "/schools/{code}/timetable/teachers/{id}";
    TimetableOfRoom<'a> { code: &'a str, id: TimetableRoomId } = "/schools/{code}/timetable/rooms/{id}";

    // Help.
    Help {} = "/help";
    HelpTopic<'a> { topic: &'a str } = "/help/{topic}";

    // For other programs.
    ApiSubmissions {} = "/api/submissions";
    ApiSubmission { id: PlanId } = "/api/submissions/{id}";
    ApiDescription {} = "/api/openapi.json";

    // The demo.
    Mailbox {} = "/mailbox";
    MailboxLetters {} = "/mailbox/letters";
    MailboxLetter {} = "/mailbox/letters/one";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_its_path_with_the_parts_in_their_places() {
        let id = MemberId::from_u128(7);
        let account = Account { code: "79000701", id };
        assert_eq!(account.to_string(), format!("/schools/79000701/accounts/{id}"));
        assert_eq!(Account::PATH, "/schools/{code}/accounts/{id}");
        assert_eq!(Account::of(&"79000701".to_owned(), id), account);
        assert_eq!(OperatorUnits {}.to_string(), "/operator/units");
        let answered = Address::from(account).with("q", "a b").at("of-1");
        assert_eq!(answered.to_string(), format!("{account}?q=a+b#of-1"));
    }

    #[test]
    fn the_code_of_the_school_is_found_in_an_address() {
        for of_school in ["/schools/79000701", "/schools/79000701/accounts?q=an", "/schools/79000701?q=an"] {
            assert_eq!(school_in(of_school), Some("79000701"));
        }
        assert_eq!(school_in("/me"), None);
    }

    #[test]
    fn what_a_part_holds_stays_within_it() {
        assert_eq!(Invitation { token: "a/b?c#d e" }.to_string(), "/invitations/a%2Fb%3Fc%23d%20e");
        assert_eq!(Invitation { token: "A-z_0.~" }.to_string(), "/invitations/A-z_0.~");
    }

    #[test]
    fn fields_of_a_query_are_encoded_and_joined() {
        let list = Accounts { code: "1" }.with("q", "Lê & Văn").with("role", "teacher");
        assert_eq!(list.to_string(), "/schools/1/accounts?q=L%C3%AA+%26+V%C4%83n&role=teacher");
        assert_eq!(Accounts { code: "1" }.with_query("").to_string(), "/schools/1/accounts");
    }
}
