//! OneRoster's CSV files, as versions 1.1 and 1.2 of the standard have them: which there are, with which columns in which
//! order, and what stands in each.

/// A version of the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StandardVersion {
    V1p1,
    V1p2,
}

impl StandardVersion {
    pub fn of(text: &str) -> Option<Self> {
        match text {
            "1.1" => Some(Self::V1p1),
            "1.2" => Some(Self::V1p2),
            _ => None,
        }
    }

    /// Every file that the manifest lists.
    pub fn files(self) -> &'static [&'static str] {
        match self {
            Self::V1p1 => FILES_1P1,
            Self::V1p2 => &FILES_1P2,
        }
    }
}

const FILES_1P1: &[&str] = &[
    "academicSessions",
    "categories",
    "classes",
    "classResources",
    "courses",
    "courseResources",
    "demographics",
    "enrollments",
    "lineItems",
    "orgs",
    "resources",
    "results",
    "users",
];

/// Every file of version 1.2; what goes out lists them as well.
pub const FILES_1P2: [&str; 21] = [
    "academicSessions",
    "categories",
    "classes",
    "classResources",
    "courseResources",
    "courses",
    "demographics",
    "enrollments",
    "lineItemLearningObjectiveIds",
    "lineItems",
    "lineItemScoreScales",
    "orgs",
    "resources",
    "resultLearningObjectiveIds",
    "results",
    "resultScoreScales",
    "roles",
    "scoreScales",
    "userProfiles",
    "userResources",
    "users",
];

/// A file that is read. The others are listed by the manifest and not looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StandardFile {
    Orgs,
    AcademicSessions,
    Courses,
    Classes,
    Users,
    UserProfiles,
    Roles,
    Enrollments,
    Demographics,
}

impl StandardFile {
    pub const ALL: [Self; 9] = [
        Self::Orgs,
        Self::AcademicSessions,
        Self::Courses,
        Self::Classes,
        Self::Users,
        Self::UserProfiles,
        Self::Roles,
        Self::Enrollments,
        Self::Demographics,
    ];

    /// The file's name, without its ending.
    pub fn name(self) -> &'static str {
        match self {
            Self::Orgs => "orgs",
            Self::AcademicSessions => "academicSessions",
            Self::Courses => "courses",
            Self::Classes => "classes",
            Self::Users => "users",
            Self::UserProfiles => "userProfiles",
            Self::Roles => "roles",
            Self::Enrollments => "enrollments",
            Self::Demographics => "demographics",
        }
    }

    pub fn columns(self, version: StandardVersion) -> &'static [StandardColumn] {
        match (self, version) {
            (Self::Orgs, _) => ORGS,
            (Self::AcademicSessions, _) => ACADEMIC_SESSIONS,
            (Self::Courses, _) => COURSES,
            (Self::Classes, _) => CLASSES,
            (Self::Users, StandardVersion::V1p1) => USERS_1P1,
            (Self::Users, StandardVersion::V1p2) => USERS_1P2,
            (Self::UserProfiles, _) => USER_PROFILES,
            (Self::Roles, _) => ROLES,
            (Self::Enrollments, _) => ENROLLMENTS,
            (Self::Demographics, _) => DEMOGRAPHICS,
        }
    }
}

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellFormat {
    Id,
    /// The id of a row of another file.
    Reference(StandardFile),
    /// Several of them, separated by commas.
    References(StandardFile),
    Text,
    /// Ids of other systems, separated by commas, each as `{type:id}`.
    UserIds,
    /// One of these, in this case, or an extension (`ext:…`).
    OneOf(&'static [&'static str]),
    Date,
    Bool,
    Year,
    Status,
    Modified,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandardColumn {
    pub name: &'static str,
    pub cell: CellFormat,
    pub required: bool,
}

const fn must(name: &'static str, cell: CellFormat) -> StandardColumn {
    StandardColumn { name, cell, required: true }
}

const fn may(name: &'static str, cell: CellFormat) -> StandardColumn {
    StandardColumn { name, cell, required: false }
}

const ID: StandardColumn = must("sourcedId", CellFormat::Id);
const STATUS: StandardColumn = may("status", CellFormat::Status);
const MODIFIED: StandardColumn = may("dateLastModified", CellFormat::Modified);

const SESSION_TYPES: &[&str] = &["gradingPeriod", "semester", "schoolYear", "term"];
const ORG_TYPES: &[&str] = &["department", "school", "district", "local", "state", "national"];
const CLASS_TYPES: &[&str] = &["homeroom", "scheduled"];
const ENROLLED_AS: &[&str] = &["administrator", "proctor", "student", "teacher"];
const USER_ROLES_1P1: &[&str] =
    &["administrator", "aide", "guardian", "parent", "proctor", "relative", "student", "teacher"];
const USER_ROLES_1P2: &[&str] = &[
    "aide",
    "counselor",
    "districtAdministrator",
    "guardian",
    "parent",
    "principal",
    "proctor",
    "relative",
    "siteAdministrator",
    "student",
    "systemAdministrator",
    "teacher",
];
const SEXES: &[&str] = &["male", "female", "unspecified", "other"];

const ORGS: &[StandardColumn] = &[
    ID,
    STATUS,
    MODIFIED,
    must("name", CellFormat::Text),
    must("type", CellFormat::OneOf(ORG_TYPES)),
    may("identifier", CellFormat::Text),
    may("parentSourcedId", CellFormat::Reference(StandardFile::Orgs)),
];

const ACADEMIC_SESSIONS: &[StandardColumn] = &[
    ID,
    STATUS,
    MODIFIED,
    must("title", CellFormat::Text),
    must("type", CellFormat::OneOf(SESSION_TYPES)),
    must("startDate", CellFormat::Date),
    must("endDate", CellFormat::Date),
    may("parentSourcedId", CellFormat::Reference(StandardFile::AcademicSessions)),
    must("schoolYear", CellFormat::Year),
];

const COURSES: &[StandardColumn] = &[
    ID,
    STATUS,
    MODIFIED,
    may("schoolYearSourcedId", CellFormat::Reference(StandardFile::AcademicSessions)),
    must("title", CellFormat::Text),
    may("courseCode", CellFormat::Text),
    may("grades", CellFormat::Text),
    must("orgSourcedId", CellFormat::Reference(StandardFile::Orgs)),
    may("subjects", CellFormat::Text),
    may("subjectCodes", CellFormat::Text),
];

const CLASSES: &[StandardColumn] = &[
    ID,
    STATUS,
    MODIFIED,
    must("title", CellFormat::Text),
    may("grades", CellFormat::Text),
    must("courseSourcedId", CellFormat::Reference(StandardFile::Courses)),
    may("classCode", CellFormat::Text),
    must("classType", CellFormat::OneOf(CLASS_TYPES)),
    may("location", CellFormat::Text),
    must("schoolSourcedId", CellFormat::Reference(StandardFile::Orgs)),
    must("termSourcedIds", CellFormat::References(StandardFile::AcademicSessions)),
    may("subjects", CellFormat::Text),
    may("subjectCodes", CellFormat::Text),
    may("periods", CellFormat::Text),
];

const USERS_1P1: &[StandardColumn] = &[
    ID,
    STATUS,
    MODIFIED,
    must("enabledUser", CellFormat::Bool),
    must("orgSourcedIds", CellFormat::References(StandardFile::Orgs)),
    must("role", CellFormat::OneOf(USER_ROLES_1P1)),
    must("username", CellFormat::Text),
    may("userIds", CellFormat::UserIds),
    must("givenName", CellFormat::Text),
    must("familyName", CellFormat::Text),
    may("middleName", CellFormat::Text),
    may("identifier", CellFormat::Text),
    may("email", CellFormat::Text),
    may("sms", CellFormat::Text),
    may("phone", CellFormat::Text),
    may("agentSourcedIds", CellFormat::References(StandardFile::Users)),
    may("grades", CellFormat::Text),
    may("password", CellFormat::Text),
];

const USERS_1P2: &[StandardColumn] = &[
    ID,
    STATUS,
    MODIFIED,
    must("enabledUser", CellFormat::Bool),
    must("username", CellFormat::Text),
    may("userIds", CellFormat::UserIds),
    must("givenName", CellFormat::Text),
    must("familyName", CellFormat::Text),
    may("middleName", CellFormat::Text),
    may("identifier", CellFormat::Text),
    may("email", CellFormat::Text),
    may("sms", CellFormat::Text),
    may("phone", CellFormat::Text),
    may("agentSourcedIds", CellFormat::References(StandardFile::Users)),
    may("grades", CellFormat::Text),
    may("password", CellFormat::Text),
    may("userMasterIdentifier", CellFormat::Text),
    may("preferredGivenName", CellFormat::Text),
    may("preferredMiddleName", CellFormat::Text),
    may("preferredFamilyName", CellFormat::Text),
    may("primaryOrgSourcedId", CellFormat::Reference(StandardFile::Orgs)),
    may("pronouns", CellFormat::Text),
];

const USER_PROFILES: &[StandardColumn] = &[
    ID,
    STATUS,
    MODIFIED,
    must("userSourcedId", CellFormat::Reference(StandardFile::Users)),
    must("profileType", CellFormat::Text),
    must("vendorId", CellFormat::Text),
    may("applicationId", CellFormat::Text),
    may("description", CellFormat::Text),
    must("credentialType", CellFormat::Text),
    must("username", CellFormat::Text),
    may("password", CellFormat::Text),
];

const ROLES: &[StandardColumn] = &[
    ID,
    STATUS,
    MODIFIED,
    must("userSourcedId", CellFormat::Reference(StandardFile::Users)),
    must("roleType", CellFormat::OneOf(&["primary", "secondary"])),
    must("role", CellFormat::OneOf(USER_ROLES_1P2)),
    may("beginDate", CellFormat::Date),
    may("endDate", CellFormat::Date),
    must("orgSourcedId", CellFormat::Reference(StandardFile::Orgs)),
    may("userProfileSourcedId", CellFormat::Reference(StandardFile::UserProfiles)),
];

const ENROLLMENTS: &[StandardColumn] = &[
    ID,
    STATUS,
    MODIFIED,
    must("classSourcedId", CellFormat::Reference(StandardFile::Classes)),
    must("schoolSourcedId", CellFormat::Reference(StandardFile::Orgs)),
    must("userSourcedId", CellFormat::Reference(StandardFile::Users)),
    must("role", CellFormat::OneOf(ENROLLED_AS)),
    may("primary", CellFormat::Bool),
    may("beginDate", CellFormat::Date),
    may("endDate", CellFormat::Date),
];

const DEMOGRAPHICS: &[StandardColumn] = &[
    must("sourcedId", CellFormat::Reference(StandardFile::Users)),
    STATUS,
    MODIFIED,
    may("birthDate", CellFormat::Date),
    may("sex", CellFormat::OneOf(SEXES)),
    may("americanIndianOrAlaskaNative", CellFormat::Bool),
    may("asian", CellFormat::Bool),
    may("blackOrAfricanAmerican", CellFormat::Bool),
    may("nativeHawaiianOrOtherPacificIslander", CellFormat::Bool),
    may("white", CellFormat::Bool),
    may("demographicRaceTwoOrMoreRaces", CellFormat::Bool),
    may("hispanicOrLatinoEthnicity", CellFormat::Bool),
    may("countryOfBirthCode", CellFormat::Text),
    may("stateOfBirthAbbreviation", CellFormat::Text),
    may("cityOfBirth", CellFormat::Text),
    may("publicSchoolResidenceStatus", CellFormat::Text),
];
