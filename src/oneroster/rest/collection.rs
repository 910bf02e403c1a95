//! The collections of the standard: what they are called, which rows are in them, what a thing looks like as JSON, and by
//! which fields it is found and sorted.

use crate::oneroster::tables::StandardTable;

/// How a field compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    Text,
    Id,
    Date,
    Moment,
    /// Several values, separated by commas in the table.
    List,
}

/// A field to filter and sort by, by its path in the JSON.
#[derive(Debug)]
pub struct CollectionField {
    pub name: &'static str,
    pub sql: &'static str,
    pub kind: FieldKind,
}

/// A collection.
#[derive(Debug)]
pub struct Collection {
    /// The name of the list in its JSON, and of one thing in its own.
    pub key: &'static str,
    pub single: &'static str,
    pub table: StandardTable,
    /// Which rows of the table.
    pub only: &'static str,
    /// The fields of a thing beside those that all have, and each as SQL over a row `r`.
    pub written: &'static [(&'static str, Json)],
    /// The fields that the standard has, whether or not we have something for them.
    pub fields: &'static [&'static str],
    pub columns: &'static [CollectionField],
}

/// A field as it is written.
#[derive(Clone, Copy, Debug)]
pub enum Json {
    /// A value as it is.
    Plain(&'static str),
    /// A list, separated by commas in the table.
    List(&'static str),
    /// A reference to a thing of another collection: its path, its type, its id.
    One(&'static str, &'static str, &'static str),
    /// Several of them, separated by commas in the table.
    Many(&'static str, &'static str, &'static str),
}

impl Json {
    fn sql(self) -> String {
        match self {
            Self::Plain(sql) => sql.to_owned(),
            Self::List(sql) => format!("CASE WHEN {sql} IS NOT NULL THEN to_json(string_to_array({sql}, ',')) END"),
            Self::One(path, kind, id) => format!("CASE WHEN {id} IS NOT NULL THEN {} END", reference(path, kind, id)),
            Self::Many(path, kind, ids) => format!(
                "CASE WHEN {ids} IS NOT NULL THEN
                     (SELECT json_agg({}) FROM unnest(string_to_array({ids}, ',')) each (id)) END",
                reference(path, kind, "each.id"),
            ),
        }
    }
}

fn reference(path: &str, kind: &str, id: &str) -> String {
    format!("json_build_object('href', $4::text || '/{path}/' || {id}, 'sourcedId', {id}, 'type', '{kind}')")
}

impl Collection {
    /// A row `r` as JSON, without the fields that have no value.
    pub fn json(&self) -> String {
        let mut fields = "'sourcedId', r.\"sourcedId\", 'status', r.\"status\", 'dateLastModified', \
                          oneroster_moment(r.\"dateLastModified\")"
            .to_owned();
        for (name, json) in self.written {
            fields.push_str(&format!(", '{name}', {}", json.sql()));
        }
        format!("json_strip_nulls(json_build_object({fields}))::text")
    }

    /// The field of this name. One that the standard has and we never have a value of is always without.
    pub fn column(&self, name: &str) -> Option<&'static CollectionField> {
        if let Some(column) = self.columns.iter().find(|column| column.name == name) {
            return Some(column);
        }
        self.fields.contains(&name).then_some(&NEVER)
    }
}

static NEVER: CollectionField = CollectionField { name: "", sql: "NULL::text", kind: FieldKind::Text };

macro_rules! columns {
    ($($name:literal $kind:ident $sql:literal),* $(,)?) => {
        &[
            CollectionField { name: "sourcedId", sql: "r.\"sourcedId\"", kind: FieldKind::Id },
            CollectionField { name: "status", sql: "r.\"status\"", kind: FieldKind::Text },
            CollectionField { name: "dateLastModified", sql: "r.\"dateLastModified\"", kind: FieldKind::Moment },
            $(CollectionField { name: $name, sql: $sql, kind: FieldKind::$kind },)*
        ]
    };
}

const THIS_SCHOOL: Json = Json::One("orgs", "org", "$1::uuid::text");

const SESSION_FIELDS: &[&str] = &[
    "sourcedId",
    "status",
    "dateLastModified",
    "metadata",
    "title",
    "startDate",
    "endDate",
    "type",
    "parent",
    "children",
    "schoolYear",
];

const SESSION_WRITTEN: &[(&str, Json)] = &[
    ("title", Json::Plain("r.\"title\"")),
    ("startDate", Json::Plain("r.\"startDate\"")),
    ("endDate", Json::Plain("r.\"endDate\"")),
    ("type", Json::Plain("r.\"type\"")),
    ("parent", Json::One("academicSessions", "academicSession", "r.\"parent.sourcedId\"")),
    ("children", Json::Many("academicSessions", "academicSession", "r.\"children.sourcedId\"")),
    ("schoolYear", Json::Plain("r.\"schoolYear\"")),
];

const SESSION_COLUMNS: &[CollectionField] = columns![
    "title" Text "r.\"title\"",
    "startDate" Date "r.\"startDate\"",
    "endDate" Date "r.\"endDate\"",
    "type" Text "r.\"type\"",
    "parent.sourcedId" Id "r.\"parent.sourcedId\"",
    "children.sourcedId" List "r.\"children.sourcedId\"",
    "schoolYear" Text "r.\"schoolYear\"",
];

pub static SESSIONS: Collection = Collection {
    key: "academicSessions",
    single: "academicSession",
    table: StandardTable::AcademicSessions,
    only: "true",
    written: SESSION_WRITTEN,
    fields: SESSION_FIELDS,
    columns: SESSION_COLUMNS,
};

pub static TERMS: Collection = Collection {
    key: "academicSessions",
    single: "academicSession",
    table: StandardTable::AcademicSessions,
    only: "r.\"type\" = 'term'",
    written: SESSION_WRITTEN,
    fields: SESSION_FIELDS,
    columns: SESSION_COLUMNS,
};

pub static GRADING_PERIODS: Collection = Collection {
    key: "academicSessions",
    single: "academicSession",
    table: StandardTable::AcademicSessions,
    only: "r.\"type\" = 'gradingPeriod'",
    written: SESSION_WRITTEN,
    fields: SESSION_FIELDS,
    columns: SESSION_COLUMNS,
};

const ORG_FIELDS: &[&str] =
    &["sourcedId", "status", "dateLastModified", "metadata", "name", "type", "identifier", "parent", "children"];

const ORG_WRITTEN: &[(&str, Json)] = &[
    ("name", Json::Plain("r.\"name\"")),
    ("type", Json::Plain("r.\"type\"")),
    ("identifier", Json::Plain("r.\"identifier\"")),
];

const ORG_COLUMNS: &[CollectionField] = columns![
    "name" Text "r.\"name\"",
    "type" Text "r.\"type\"",
    "identifier" Text "r.\"identifier\"",
];

/// All organizations are schools.
pub static ORGS: Collection = Collection {
    key: "orgs",
    single: "org",
    table: StandardTable::Orgs,
    only: "true",
    written: ORG_WRITTEN,
    fields: ORG_FIELDS,
    columns: ORG_COLUMNS,
};

pub static COURSES: Collection = Collection {
    key: "courses",
    single: "course",
    table: StandardTable::Courses,
    only: "true",
    written: &[
        ("title", Json::Plain("r.\"title\"")),
        ("schoolYear", Json::One("academicSessions", "academicSession", "r.\"schoolYear.sourcedId\"")),
        ("courseCode", Json::Plain("r.\"courseCode\"")),
        ("grades", Json::List("r.\"grades\"")),
        ("subjects", Json::List("r.\"subjects\"")),
        ("subjectCodes", Json::List("r.\"subjectCodes\"")),
        ("org", THIS_SCHOOL),
    ],
    fields: &[
        "sourcedId",
        "status",
        "dateLastModified",
        "metadata",
        "title",
        "schoolYear",
        "courseCode",
        "grades",
        "subjects",
        "org",
        "subjectCodes",
        "resources",
    ],
    columns: columns![
        "title" Text "r.\"title\"",
        "schoolYear.sourcedId" Id "r.\"schoolYear.sourcedId\"",
        "courseCode" Text "r.\"courseCode\"",
        "grades" List "r.\"grades\"",
        "subjects" List "r.\"subjects\"",
        "subjectCodes" List "r.\"subjectCodes\"",
        "org.sourcedId" Id "$1::uuid::text",
    ],
};

pub static CLASSES: Collection = Collection {
    key: "classes",
    single: "class",
    table: StandardTable::Classes,
    only: "true",
    written: &[
        ("title", Json::Plain("r.\"title\"")),
        ("classCode", Json::Plain("r.\"classCode\"")),
        ("classType", Json::Plain("r.\"classType\"")),
        ("grades", Json::List("r.\"grades\"")),
        ("subjects", Json::List("r.\"subjects\"")),
        ("subjectCodes", Json::List("r.\"subjectCodes\"")),
        ("course", Json::One("courses", "course", "r.\"course.sourcedId\"")),
        ("school", THIS_SCHOOL),
        ("terms", Json::Many("terms", "academicSession", "r.\"terms.sourcedId\"")),
    ],
    fields: &[
        "sourcedId",
        "status",
        "dateLastModified",
        "metadata",
        "title",
        "classCode",
        "classType",
        "location",
        "grades",
        "subjects",
        "course",
        "school",
        "terms",
        "subjectCodes",
        "periods",
        "resources",
    ],
    columns: columns![
        "title" Text "r.\"title\"",
        "classCode" Text "r.\"classCode\"",
        "classType" Text "r.\"classType\"",
        "grades" List "r.\"grades\"",
        "subjects" List "r.\"subjects\"",
        "subjectCodes" List "r.\"subjectCodes\"",
        "course.sourcedId" Id "r.\"course.sourcedId\"",
        "school.sourcedId" Id "$1::uuid::text",
        "terms.sourcedId" List "r.\"terms.sourcedId\"",
    ],
};

const USER_FIELDS: &[&str] = &[
    "sourcedId",
    "status",
    "dateLastModified",
    "metadata",
    "userMasterIdentifier",
    "username",
    "userIds",
    "enabledUser",
    "givenName",
    "familyName",
    "middleName",
    "preferredFirstName",
    "preferredMiddleName",
    "preferredLastName",
    "pronouns",
    "roles",
    "userProfiles",
    "primaryOrg",
    "identifier",
    "email",
    "sms",
    "phone",
    "agents",
    "grades",
    "password",
    "resources",
];

const USER_WRITTEN: &[(&str, Json)] = &[
    ("userMasterIdentifier", Json::Plain("r.\"userMasterIdentifier\"")),
    ("username", Json::Plain("r.\"username\"")),
    ("enabledUser", Json::Plain("r.\"enabledUser\"")),
    ("givenName", Json::Plain("r.\"givenName\"")),
    ("familyName", Json::Plain("r.\"familyName\"")),
    ("middleName", Json::Plain("r.\"middleName\"")),
    (
        "roles",
        Json::Plain(
            "json_build_array(json_build_object('roleType', 'primary', 'role', r.\"roles.role\", 'org',
                 json_build_object('href', $4::text || '/orgs/' || $1::uuid::text, 'sourcedId', $1::uuid::text, 'type',
                     'org')))",
        ),
    ),
    ("primaryOrg", THIS_SCHOOL),
    ("email", Json::Plain("r.\"email\"")),
    ("phone", Json::Plain("r.\"phone\"")),
    ("agents", Json::Many("users", "user", "r.\"agents.sourcedId\"")),
    ("grades", Json::List("r.\"grades\"")),
];

const USER_COLUMNS: &[CollectionField] = columns![
    "userMasterIdentifier" Text "r.\"userMasterIdentifier\"",
    "username" Text "r.\"username\"",
    "enabledUser" Text "r.\"enabledUser\"",
    "givenName" Text "r.\"givenName\"",
    "familyName" Text "r.\"familyName\"",
    "middleName" Text "r.\"middleName\"",
    "roles.roleType" Text "'primary'",
    "roles.role" Text "r.\"roles.role\"",
    "roles.org.sourcedId" Id "$1::uuid::text",
    "primaryOrg.sourcedId" Id "$1::uuid::text",
    "email" Text "r.\"email\"",
    "phone" Text "r.\"phone\"",
    "agents.sourcedId" List "r.\"agents.sourcedId\"",
    "grades" List "r.\"grades\"",
];

pub static USERS: Collection = Collection {
    key: "users",
    single: "user",
    table: StandardTable::Users,
    only: "true",
    written: USER_WRITTEN,
    fields: USER_FIELDS,
    columns: USER_COLUMNS,
};

pub static STUDENTS: Collection = Collection {
    key: "users",
    single: "user",
    table: StandardTable::Users,
    only: "r.\"roles.role\" = 'student'",
    written: USER_WRITTEN,
    fields: USER_FIELDS,
    columns: USER_COLUMNS,
};

pub static TEACHERS: Collection = Collection {
    key: "users",
    single: "user",
    table: StandardTable::Users,
    only: "r.\"roles.role\" = 'teacher'",
    written: USER_WRITTEN,
    fields: USER_FIELDS,
    columns: USER_COLUMNS,
};

pub static ENROLLMENTS: Collection = Collection {
    key: "enrollments",
    single: "enrollment",
    table: StandardTable::Enrollments,
    only: "true",
    written: &[
        ("user", Json::One("users", "user", "r.\"user.sourcedId\"")),
        ("class", Json::One("classes", "class", "r.\"class.sourcedId\"")),
        ("school", THIS_SCHOOL),
        ("role", Json::Plain("r.\"role\"")),
        ("primary", Json::Plain("r.\"primary\"")),
    ],
    fields: &[
        "sourcedId",
        "status",
        "dateLastModified",
        "metadata",
        "user",
        "class",
        "school",
        "role",
        "primary",
        "beginDate",
        "endDate",
    ],
    columns: columns![
        "user.sourcedId" Id "r.\"user.sourcedId\"",
        "class.sourcedId" Id "r.\"class.sourcedId\"",
        "school.sourcedId" Id "$1::uuid::text",
        "role" Text "r.\"role\"",
        "primary" Text "r.\"primary\"",
    ],
};

pub static DEMOGRAPHICS: Collection = Collection {
    key: "demographics",
    single: "demographics",
    table: StandardTable::Demographics,
    only: "true",
    written: &[("birthDate", Json::Plain("r.\"birthDate\"")), ("sex", Json::Plain("r.\"sex\""))],
    fields: &[
        "sourcedId",
        "status",
        "dateLastModified",
        "metadata",
        "birthDate",
        "sex",
        "americanIndianOrAlaskaNative",
        "asian",
        "blackOrAfricanAmerican",
        "nativeHawaiianOrOtherPacificIslander",
        "white",
        "demographicRaceTwoOrMoreRaces",
        "hispanicOrLatinoEthnicity",
        "countryOfBirthCode",
        "stateOfBirthAbbreviation",
        "cityOfBirth",
        "publicSchoolResidenceStatus",
    ],
    columns: columns![
        "birthDate" Date "r.\"birthDate\"",
        "sex" Text "r.\"sex\"",
    ],
};
