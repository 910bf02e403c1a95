//! The shapes of OneRoster 1.2, as its description has them: which fields a thing has, which it must have, of which kind
//! they are, and that there are no others. Written by us, since the description itself may not be passed on.

use chrono::{DateTime, NaiveDate};
use serde_json::{Map, Value};

/// What a field holds.
#[derive(Clone, Copy)]
enum Is {
    Text,
    Date,
    Moment,
    Year,
    Bool,
    /// One of these, or an extension.
    OneOf(&'static [&'static str]),
    Texts,
    Reference(&'static str),
    References(&'static str),
    Roles,
    Metadata,
}

type Shape = &'static [(&'static str, bool, Is)];

const SESSION: Shape = &[
    ("sourcedId", true, Is::Text),
    ("status", true, Is::OneOf(&["active", "tobedeleted"])),
    ("dateLastModified", true, Is::Moment),
    ("metadata", false, Is::Metadata),
    ("title", true, Is::Text),
    ("startDate", true, Is::Date),
    ("endDate", true, Is::Date),
    ("type", true, Is::OneOf(&["gradingPeriod", "semester", "schoolYear", "term"])),
    ("parent", false, Is::Reference("academicSession")),
    ("children", false, Is::References("academicSession")),
    ("schoolYear", true, Is::Year),
];

const CLASS: Shape = &[
    ("sourcedId", true, Is::Text),
    ("status", true, Is::OneOf(&["active", "tobedeleted"])),
    ("dateLastModified", true, Is::Moment),
    ("metadata", false, Is::Metadata),
    ("title", true, Is::Text),
    ("classCode", false, Is::Text),
    ("classType", false, Is::OneOf(&["homeroom", "scheduled"])),
    ("location", false, Is::Text),
    ("grades", false, Is::Texts),
    ("subjects", false, Is::Texts),
    ("course", true, Is::Reference("course")),
    ("school", true, Is::Reference("org")),
    ("terms", true, Is::References("academicSession")),
    ("subjectCodes", false, Is::Texts),
    ("periods", false, Is::Texts),
    ("resources", false, Is::References("resource")),
];

const COURSE: Shape = &[
    ("sourcedId", true, Is::Text),
    ("status", true, Is::OneOf(&["active", "tobedeleted"])),
    ("dateLastModified", true, Is::Moment),
    ("metadata", false, Is::Metadata),
    ("title", true, Is::Text),
    ("schoolYear", false, Is::Reference("academicSession")),
    ("courseCode", true, Is::Text),
    ("grades", false, Is::Texts),
    ("subjects", false, Is::Texts),
    ("org", false, Is::Reference("org")),
    ("subjectCodes", false, Is::Texts),
    ("resources", false, Is::References("resource")),
];

const DEMOGRAPHICS: Shape = &[
    ("sourcedId", true, Is::Text),
    ("status", true, Is::OneOf(&["active", "tobedeleted"])),
    ("dateLastModified", true, Is::Moment),
    ("metadata", false, Is::Metadata),
    ("birthDate", false, Is::Date),
    ("sex", false, Is::OneOf(&["male", "female", "unspecified", "other"])),
];

const ENROLLMENT: Shape = &[
    ("sourcedId", true, Is::Text),
    ("status", true, Is::OneOf(&["active", "tobedeleted"])),
    ("dateLastModified", true, Is::Moment),
    ("metadata", false, Is::Metadata),
    ("user", true, Is::Reference("user")),
    ("class", true, Is::Reference("class")),
    ("school", true, Is::Reference("org")),
    ("role", true, Is::OneOf(&["administrator", "proctor", "student", "teacher"])),
    ("primary", false, Is::Bool),
    ("beginDate", false, Is::Date),
    ("endDate", false, Is::Date),
];

const ORG: Shape = &[
    ("sourcedId", true, Is::Text),
    ("status", true, Is::OneOf(&["active", "tobedeleted"])),
    ("dateLastModified", true, Is::Moment),
    ("metadata", false, Is::Metadata),
    ("name", true, Is::Text),
    ("type", true, Is::OneOf(&["department", "district", "local", "national", "school", "state"])),
    ("identifier", true, Is::Text),
    ("parent", false, Is::Reference("org")),
    ("children", false, Is::References("org")),
];

const USER: Shape = &[
    ("sourcedId", true, Is::Text),
    ("status", true, Is::OneOf(&["active", "tobedeleted"])),
    ("dateLastModified", true, Is::Moment),
    ("metadata", false, Is::Metadata),
    ("userMasterIdentifier", false, Is::Text),
    ("username", false, Is::Text),
    ("enabledUser", true, Is::Bool),
    ("givenName", true, Is::Text),
    ("familyName", true, Is::Text),
    ("middleName", false, Is::Text),
    ("preferredFirstName", false, Is::Text),
    ("preferredMiddleName", false, Is::Text),
    ("preferredLastName", false, Is::Text),
    ("pronouns", false, Is::Text),
    ("roles", true, Is::Roles),
    ("primaryOrg", false, Is::Reference("org")),
    ("identifier", false, Is::Text),
    ("email", false, Is::Text),
    ("sms", false, Is::Text),
    ("phone", false, Is::Text),
    ("agents", false, Is::References("user")),
    ("grades", false, Is::Texts),
    ("resources", false, Is::References("resource")),
];

const REFERENCE: Shape = &[("href", true, Is::Text), ("sourcedId", true, Is::Text), ("type", true, Is::Text)];

const ROLE: Shape = &[
    ("roleType", true, Is::OneOf(&["primary", "secondary"])),
    (
        "role",
        true,
        Is::OneOf(&[
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
        ]),
    ),
    ("org", true, Is::Reference("org")),
    ("userProfile", false, Is::Text),
    ("beginDate", false, Is::Date),
    ("endDate", false, Is::Date),
];

/// The key of a list, of one thing, and the shape.
const SHAPES: [(&str, &str, Shape); 7] = [
    ("academicSessions", "academicSession", SESSION),
    ("classes", "class", CLASS),
    ("courses", "course", COURSE),
    ("demographics", "demographics", DEMOGRAPHICS),
    ("enrollments", "enrollment", ENROLLMENT),
    ("orgs", "org", ORG),
    ("users", "user", USER),
];

/// Fails unless it is a collection of the standard.
#[track_caller]
pub fn collection(what: &str, body: &Value) {
    let object = body.as_object().unwrap_or_else(|| panic!("{what}: {body}"));
    assert_eq!(object.len(), 1, "{what}: {body}");
    let (_, _, shape) = SHAPES.iter().find(|(key, ..)| object.contains_key(*key)).expect(what);
    for thing in object.values().next().unwrap().as_array().expect(what) {
        check(what, thing, shape);
    }
}

/// Fails unless it is one thing of the standard.
#[track_caller]
pub fn single(what: &str, body: &Value) {
    let object = body.as_object().unwrap_or_else(|| panic!("{what}: {body}"));
    assert_eq!(object.len(), 1, "{what}: {body}");
    let (_, _, shape) = SHAPES.iter().find(|(_, key, _)| object.contains_key(*key)).expect(what);
    check(what, object.values().next().unwrap(), shape);
}

/// Fails unless it is an error of the standard with this reason.
#[track_caller]
pub fn error(what: &str, body: &Value, reason: &str) {
    let mut fields: Vec<&str> = body.as_object().expect(what).keys().map(String::as_str).collect();
    fields.sort_unstable();
    let known = ["imsx_CodeMinor", "imsx_codeMajor", "imsx_description", "imsx_severity"];
    assert_eq!(fields, known, "{what}");
    assert!(["failure", "unsupported"].contains(&body["imsx_codeMajor"].as_str().unwrap()), "{what}: {body}");
    assert_eq!(body["imsx_severity"], "error", "{what}");
    let minor = &body["imsx_CodeMinor"];
    assert_eq!(minor.as_object().unwrap().len(), 1, "{what}");
    let fields = minor["imsx_codeMinorField"].as_array().unwrap();
    assert_eq!(fields.len(), 1, "{what}: {body}");
    assert_eq!(fields[0]["imsx_codeMinorFieldName"], "TargetEndSystem", "{what}");
    assert_eq!(fields[0]["imsx_codeMinorFieldValue"], reason, "{what}: {body}");
    assert_eq!(fields[0].as_object().unwrap().len(), 2, "{what}");
}

#[track_caller]
fn check(what: &str, thing: &Value, shape: Shape) {
    let fields: &Map<String, Value> = thing.as_object().unwrap_or_else(|| panic!("{what}: {thing}"));
    for name in fields.keys() {
        assert!(shape.iter().any(|(known, ..)| known == name), "{what}: the standard has no {name}: {thing}");
    }
    for (name, required, is) in shape {
        match fields.get(*name) {
            Some(value) => assert!(fits(what, value, *is), "{what}: {name} is {value}"),
            None => assert!(!required, "{what} lacks {name}: {thing}"),
        }
    }
}

#[track_caller]
fn fits(what: &str, value: &Value, is: Is) -> bool {
    let text = value.as_str();
    let list = value.as_array();
    match is {
        Is::Text => text.is_some(),
        Is::Date => text.is_some_and(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()),
        Is::Moment => text
            .is_some_and(|text| DateTime::parse_from_rfc3339(text).is_ok() && text.ends_with('Z') && text.len() == 24),
        Is::Year => text.is_some_and(|text| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())),
        Is::Bool => matches!(text, Some("true" | "false")),
        Is::OneOf(known) => text.is_some_and(|text| known.contains(&text) || text.starts_with("ext:")),
        Is::Texts => list.is_some_and(|list| list.iter().all(Value::is_string)),
        Is::Reference(kind) => {
            check(what, value, REFERENCE);
            value["type"] == kind && url::Url::parse(value["href"].as_str().unwrap()).is_ok()
        }
        Is::References(kind) => list.is_some_and(|list| list.iter().all(|each| fits(what, each, Is::Reference(kind)))),
        Is::Roles => {
            let roles = list.expect(what);
            roles.iter().for_each(|role| check(what, role, ROLE));
            !roles.is_empty()
        }
        Is::Metadata => value.is_object(),
    }
}
