//! OneRoster's CSV files, as versions 1.1 and 1.2 of the standard have them: which there are, with which columns in which
//! order, and what stands in each.

/// A version of the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    V1p1,
    V1p2,
}

impl Version {
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
pub enum Table {
    Orgs,
    AcademicSessions,
    Courses,
    Classes,
    Users,
    Roles,
    Enrollments,
    Demographics,
}

impl Table {
    pub const ALL: [Self; 8] = [
        Self::Orgs,
        Self::AcademicSessions,
        Self::Courses,
        Self::Classes,
        Self::Users,
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
            Self::Roles => "roles",
            Self::Enrollments => "enrollments",
            Self::Demographics => "demographics",
        }
    }

    pub fn columns(self, version: Version) -> &'static [Column] {
        match (self, version) {
            (Self::Orgs, _) => ORGS,
            (Self::AcademicSessions, _) => ACADEMIC_SESSIONS,
            (Self::Courses, _) => COURSES,
            (Self::Classes, _) => CLASSES,
            (Self::Users, Version::V1p1) => USERS_1P1,
            (Self::Users, Version::V1p2) => USERS_1P2,
            (Self::Roles, _) => ROLES,
            (Self::Enrollments, _) => ENROLLMENTS,
            (Self::Demographics, _) => DEMOGRAPHICS,
        }
    }
}

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    Id,
    /// The id of a row of another file.
    Reference(Table),
    /// Several of them, separated by commas.
    References(Table),
    /// An id of a file that is not looked into.
    OtherReference,
    Text,
    /// One of these, in this case, or an extension (`ext:…`).
    OneOf(&'static [&'static str]),
    Date,
    Bool,
    Year,
    Status,
    Modified,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub cell: Cell,
    pub required: bool,
}

const fn must(name: &'static str, cell: Cell) -> Column {
    Column { name, cell, required: true }
}

const fn may(name: &'static str, cell: Cell) -> Column {
    Column { name, cell, required: false }
}

const ID: Column = must("sourcedId", Cell::Id);
const STATUS: Column = may("status", Cell::Status);
const MODIFIED: Column = may("dateLastModified", Cell::Modified);

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

const ORGS: &[Column] = &[
    ID,
    STATUS,
    MODIFIED,
    must("name", Cell::Text),
    must("type", Cell::OneOf(ORG_TYPES)),
    may("identifier", Cell::Text),
    may("parentSourcedId", Cell::Reference(Table::Orgs)),
];

const ACADEMIC_SESSIONS: &[Column] = &[
    ID,
    STATUS,
    MODIFIED,
    must("title", Cell::Text),
    must("type", Cell::OneOf(SESSION_TYPES)),
    must("startDate", Cell::Date),
    must("endDate", Cell::Date),
    may("parentSourcedId", Cell::Reference(Table::AcademicSessions)),
    must("schoolYear", Cell::Year),
];

const COURSES: &[Column] = &[
    ID,
    STATUS,
    MODIFIED,
    may("schoolYearSourcedId", Cell::Reference(Table::AcademicSessions)),
    must("title", Cell::Text),
    may("courseCode", Cell::Text),
    may("grades", Cell::Text),
    must("orgSourcedId", Cell::Reference(Table::Orgs)),
    may("subjects", Cell::Text),
    may("subjectCodes", Cell::Text),
];

const CLASSES: &[Column] = &[
    ID,
    STATUS,
    MODIFIED,
    must("title", Cell::Text),
    may("grades", Cell::Text),
    must("courseSourcedId", Cell::Reference(Table::Courses)),
    may("classCode", Cell::Text),
    must("classType", Cell::OneOf(CLASS_TYPES)),
    may("location", Cell::Text),
    must("schoolSourcedId", Cell::Reference(Table::Orgs)),
    must("termSourcedIds", Cell::References(Table::AcademicSessions)),
    may("subjects", Cell::Text),
    may("subjectCodes", Cell::Text),
    may("periods", Cell::Text),
];

const USERS_1P1: &[Column] = &[
    ID,
    STATUS,
    MODIFIED,
    must("enabledUser", Cell::Bool),
    must("orgSourcedIds", Cell::References(Table::Orgs)),
    must("role", Cell::OneOf(USER_ROLES_1P1)),
    must("username", Cell::Text),
    may("userIds", Cell::Text),
    must("givenName", Cell::Text),
    must("familyName", Cell::Text),
    may("middleName", Cell::Text),
    may("identifier", Cell::Text),
    may("email", Cell::Text),
    may("sms", Cell::Text),
    may("phone", Cell::Text),
    may("agentSourcedIds", Cell::References(Table::Users)),
    may("grades", Cell::Text),
    may("password", Cell::Text),
];

const USERS_1P2: &[Column] = &[
    ID,
    STATUS,
    MODIFIED,
    must("enabledUser", Cell::Bool),
    must("username", Cell::Text),
    may("userIds", Cell::Text),
    must("givenName", Cell::Text),
    must("familyName", Cell::Text),
    may("middleName", Cell::Text),
    may("identifier", Cell::Text),
    may("email", Cell::Text),
    may("sms", Cell::Text),
    may("phone", Cell::Text),
    may("agentSourcedIds", Cell::References(Table::Users)),
    may("grades", Cell::Text),
    may("password", Cell::Text),
    may("userMasterIdentifier", Cell::Text),
    may("preferredGivenName", Cell::Text),
    may("preferredMiddleName", Cell::Text),
    may("preferredFamilyName", Cell::Text),
    may("primaryOrgSourcedId", Cell::Reference(Table::Orgs)),
    may("pronouns", Cell::Text),
];

const ROLES: &[Column] = &[
    ID,
    STATUS,
    MODIFIED,
    must("userSourcedId", Cell::Reference(Table::Users)),
    must("roleType", Cell::OneOf(&["primary", "secondary"])),
    must("role", Cell::OneOf(USER_ROLES_1P2)),
    may("beginDate", Cell::Date),
    may("endDate", Cell::Date),
    must("orgSourcedId", Cell::Reference(Table::Orgs)),
    may("userProfileSourcedId", Cell::OtherReference),
];

const ENROLLMENTS: &[Column] = &[
    ID,
    STATUS,
    MODIFIED,
    must("classSourcedId", Cell::Reference(Table::Classes)),
    must("schoolSourcedId", Cell::Reference(Table::Orgs)),
    must("userSourcedId", Cell::Reference(Table::Users)),
    must("role", Cell::OneOf(ENROLLED_AS)),
    may("primary", Cell::Bool),
    may("beginDate", Cell::Date),
    may("endDate", Cell::Date),
];

const DEMOGRAPHICS: &[Column] = &[
    must("sourcedId", Cell::Reference(Table::Users)),
    STATUS,
    MODIFIED,
    may("birthDate", Cell::Date),
    may("sex", Cell::OneOf(SEXES)),
    may("americanIndianOrAlaskaNative", Cell::Bool),
    may("asian", Cell::Bool),
    may("blackOrAfricanAmerican", Cell::Bool),
    may("nativeHawaiianOrOtherPacificIslander", Cell::Bool),
    may("white", Cell::Bool),
    may("demographicRaceTwoOrMoreRaces", Cell::Bool),
    may("hispanicOrLatinoEthnicity", Cell::Bool),
    may("countryOfBirthCode", Cell::Text),
    may("stateOfBirthAbbreviation", Cell::Text),
    may("cityOfBirth", Cell::Text),
    may("publicSchoolResidenceStatus", Cell::Text),
];
