//! What a request wants a person or a group to be.

use std::collections::HashSet;

use chrono::NaiveDate;
use serde_json::Value;

use super::{filter::field, patch::shown};
use crate::{
    access::Role,
    roster::fields::{self, Field},
    vietnam::{class_name, name, text},
    web::scim::{ScimError, ScimType},
};

/// The longest id of another system, in characters.
const LONGEST_ID: usize = 200;

/// The longest user name, in characters.
const LONGEST_NAME: usize = 254;

/// A person as they are to be. What is left out stays as it is, or is removed where it may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedPerson {
    pub user_name: Option<String>,
    pub external_id: Option<String>,
    pub full_name: Option<String>,
    pub role: Option<Role>,
    pub active: Option<bool>,
    pub email: Option<String>,
}

impl WantedPerson {
    /// # Errors
    /// A value that the attribute cannot have.
    pub fn read(resource: &Value, today: NaiveDate) -> Result<Self, ScimError> {
        let user_name = line(resource, "userName", LONGEST_NAME)?;
        // It is kept in small letters, of which there may be more.
        if user_name.as_ref().is_some_and(|name| name.to_lowercase().chars().count() > LONGEST_NAME) {
            return Err(wrong(format!("userName has at most {LONGEST_NAME} characters")));
        }
        Ok(Self {
            user_name,
            external_id: line(resource, "externalId", LONGEST_ID)?,
            full_name: full_name(resource)?,
            role: role(resource)?,
            active: boolean(resource, "active")?,
            email: email(resource, today)?,
        })
    }

    /// The user name, where it is an e-mail address.
    #[must_use]
    pub fn name_as_email(&self, today: NaiveDate) -> Option<String> {
        fields::normalise(Field::Email, self.user_name.as_deref()?, today).ok()?.value
    }

    /// The user name as a pupil's: in small letters, without what stands behind an @. One with letters that usernames do
    /// not have is no wish.
    #[must_use]
    pub fn username(&self, today: NaiveDate) -> Option<String> {
        fields::normalise(Field::Username, self.user_name.as_deref()?, today).ok()?.value
    }
}

/// A group as it is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedGroup {
    pub display_name: Option<String>,
    pub external_id: Option<String>,
    /// Ids of people, as they were sent.
    pub members: Vec<String>,
}

impl WantedGroup {
    /// # Errors
    /// A value that the attribute cannot have.
    pub fn read(resource: &Value) -> Result<Self, ScimError> {
        let (mut members, mut seen) = (Vec::new(), HashSet::new());
        for member in list(resource, "members")? {
            typed(member, "type")?;
            let id = field(member, "value").or_else(|| field(member, "$ref")).unwrap_or(member);
            let id = id.as_str().ok_or_else(|| wrong("each of members has the id of a person as its value"))?;
            let id = id.rsplit('/').next().unwrap_or(id).to_owned();
            if seen.insert(id.clone()) {
                members.push(id);
            }
        }
        Ok(Self {
            display_name: line(resource, "displayName", LONGEST_NAME)?,
            external_id: line(resource, "externalId", LONGEST_ID)?,
            members,
        })
    }

    /// The name as it was sent.
    ///
    /// # Errors
    /// Where there is none.
    pub fn sent_name(&self) -> Result<&str, ScimError> {
        self.display_name.as_deref().ok_or_else(|| wrong("displayName is missing"))
    }

    /// The name of the class, in its normal form.
    ///
    /// # Errors
    /// Where there is none, or it is no name of a class.
    pub fn class_name(&self) -> Result<String, ScimError> {
        let typed = self.sent_name()?;
        let name = class_name::normalise(typed).filter(|_| !class_name::is_date(typed));
        let most = class_name::MAX_CHARS;
        name.ok_or_else(|| wrong(format!("displayName is the name of a class, of at most {most} characters")))
    }
}

/// A text as it was sent.
fn typed<'v>(resource: &'v Value, name: &str) -> Result<Option<&'v str>, ScimError> {
    match field(resource, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(typed)) => Ok(Some(typed)),
        Some(_) => Err(wrong(format!("{name} is a text"))),
    }
}

/// A text in one line, without spaces around it; an empty one is none.
fn line(resource: &Value, name: &str, most: usize) -> Result<Option<String>, ScimError> {
    let line = typed(resource, name)?.map(text::clean).filter(|line| !line.is_empty());
    if line.as_ref().is_some_and(|line| line.chars().count() > most) {
        return Err(wrong(format!("{name} has at most {most} characters")));
    }
    Ok(line)
}

fn role(resource: &Value) -> Result<Option<Role>, ScimError> {
    let Some(key) = typed(resource, "userType")?.filter(|key| !key.trim().is_empty()) else { return Ok(None) };
    let role = Role::from_key(&text::clean(key).to_ascii_lowercase());
    role.map(Some).ok_or_else(|| wrong(format!("userType is student or teacher, not {}", shown(key))))
}

/// The family name stands first. Where the given name is not sent, the whole name says all of it. The name that is
/// displayed is not read: it follows from this one.
fn full_name(resource: &Value) -> Result<Option<String>, ScimError> {
    let parts = match field(resource, "name") {
        None | Some(Value::Null) => &Value::Null,
        Some(parts @ Value::Object(_)) => parts,
        Some(_) => return Err(wrong("name is an object")),
    };
    let of = |part: &str| line(parts, part, LONGEST_NAME);
    let (family, middle, given, formatted) = (of("familyName")?, of("middleName")?, of("givenName")?, of("formatted")?);
    let is_given = given.is_some();
    let words: Vec<String> = [family, middle, given].into_iter().flatten().collect();
    let full_name = match formatted {
        _ if is_given => Some(words.join(" ")),
        None if !words.is_empty() => return Err(wrong("name.givenName is missing")),
        formatted => formatted,
    };
    match full_name {
        Some(name) if name.chars().count() > name::MAX_CHARS => {
            Err(wrong(format!("a name has at most {} characters", name::MAX_CHARS)))
        }
        Some(name) if !name.chars().any(char::is_alphabetic) || name.contains(['<', '>', '=', '@', '\\']) => {
            Err(wrong("name is no name of a person"))
        }
        name => Ok(name),
    }
}

/// Some programs send texts.
fn boolean(resource: &Value, name: &str) -> Result<Option<bool>, ScimError> {
    match field(resource, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(*value)),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        Some(_) => Err(wrong(format!("{name} is true or false"))),
    }
}

/// The primary address, or else the first.
fn email(resource: &Value, today: NaiveDate) -> Result<Option<String>, ScimError> {
    let sent = list(resource, "emails")?.into_iter().filter(|value| !is_blank(value));
    let addresses = sent.map(address).collect::<Result<Vec<_>, _>>()?;
    let primary = addresses.iter().find(|(_, is_primary)| *is_primary);
    let Some((typed, _)) = primary.or_else(|| addresses.first()) else { return Ok(None) };
    let address = fields::normalise(Field::Email, typed, today).ok().and_then(|normal| normal.value);
    address.map(Some).ok_or_else(|| wrong(format!("no e-mail address: {}", shown(typed))))
}

/// Some programs send an entry without an address for a person who has none.
fn is_blank(value: &Value) -> bool {
    match field(value, "value") {
        Some(Value::Null) => true,
        Some(Value::String(address)) => address.trim().is_empty(),
        _ => false,
    }
}

/// One of several addresses, and whether it is the primary one.
fn address(value: &Value) -> Result<(&str, bool), ScimError> {
    let address = field(value, "value").unwrap_or(value).as_str();
    let address = address.ok_or_else(|| wrong("each of emails has an address as its value"))?;
    typed(value, "type")?;
    Ok((address, boolean(value, "primary")?.unwrap_or(false)))
}

fn list<'v>(resource: &'v Value, name: &str) -> Result<Vec<&'v Value>, ScimError> {
    match field(resource, name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(values)) => Ok(values.iter().collect()),
        Some(Value::Object(_)) => Ok(field(resource, name).into_iter().collect()),
        Some(_) => Err(wrong(format!("{name} is a list"))),
    }
}

fn wrong(detail: impl Into<String>) -> ScimError {
    ScimError::wrong(ScimType::InvalidValue, detail)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(resource: Value) -> Result<WantedPerson, ScimError> {
        WantedPerson::read(&resource, NaiveDate::from_ymd_opt(2026, 11, 30).unwrap())
    }

    #[test]
    fn names_are_put_together_as_they_are_read_here() {
        let name = |resource| read(resource).unwrap().full_name;
        assert_eq!(
            name(json!({ "name": { "givenName": "Khai", "familyName": "Nguyễn", "middleName": "Minh" } })).as_deref(),
            Some("Nguyễn Minh Khai")
        );
        assert_eq!(name(json!({ "name": { "formatted": "Lê  Lợi" } })).as_deref(), Some("Lê Lợi"));
        let given_missing = json!({ "name": { "familyName": "Lê", "formatted": "Lê Lợi" } });
        assert_eq!(name(given_missing).as_deref(), Some("Lê Lợi"));
        // It is read only.
        assert_eq!(name(json!({ "displayName": "Siu" })), None);
        assert_eq!(name(json!({ "displayName": 5, "name": { "givenName": "Siu" } })).as_deref(), Some("Siu"));
        assert_eq!(name(json!({ "NAME": { "GIVENNAME": "Siu" } })).as_deref(), Some("Siu"));
        assert_eq!(name(json!({ "name": {} })), None);
        assert!(read(json!({ "name": { "givenName": "x".repeat(60), "familyName": "y".repeat(60) } })).is_err());
    }

    #[test]
    fn values_are_read_as_programs_send_them() {
        let person = read(json!({
            "userName": "An.Nguyen@Example.vn", "active": "False", "userType": "Teacher", "externalId": " 7 ",
            "emails": [{ "value": "b@c.vn" }, { "value": "d@e.vn", "primary": true }],
        }));
        let person = person.unwrap();
        let today = NaiveDate::default();
        assert_eq!((person.active, person.role), (Some(false), Some(Role::Teacher)));
        let primary_as_text = json!({ "emails": [{ "value": "b@c.vn" }, { "value": "d@e.vn", "primary": "True" }] });
        assert_eq!(read(primary_as_text).unwrap().email.as_deref(), Some("d@e.vn"));
        assert_eq!(read(json!({ "emails": ["b@c.vn"] })).unwrap().email.as_deref(), Some("b@c.vn"));
        let left_out = json!({ "active": null, "userType": null, "emails": [], "externalId": "", "name": null });
        assert_eq!(read(left_out).unwrap(), WantedPerson::default());
        assert_eq!((person.email.as_deref(), person.external_id.as_deref()), (Some("d@e.vn"), Some("7")));
        assert_eq!(person.name_as_email(today).as_deref(), Some("An.Nguyen@Example.vn"));
        assert_eq!(person.username(today).as_deref(), Some("an.nguyen"));
        // Of a person who has none.
        let blank = json!({ "userType": "", "emails": [{ "type": "work", "value": null }, { "value": " " }] });
        let person = read(blank).unwrap();
        assert_eq!((person.role, person.email), (None, None));
        for wrong in [
            json!({ "userName": 7 }),
            json!({ "externalId": 7 }),
            json!({ "externalId": ["x"] }),
            json!({ "active": "perhaps" }),
            json!({ "active": 1 }),
            json!({ "active": [true] }),
            json!({ "userType": "wizard" }),
            json!({ "userType": true }),
            json!({ "emails": [{ "value": "nobody" }] }),
            json!({ "emails": "a@b.vn" }),
            json!({ "emails": 5 }),
            json!({ "emails": [5] }),
            json!({ "emails": [{}] }),
            json!({ "emails": [""] }),
            json!({ "emails": [{ "value": 5 }] }),
            json!({ "emails": [{ "type": "home" }] }),
            json!({ "emails": [{ "value": "a@b.vn" }, { "type": "home" }] }),
            json!({ "emails": [{ "value": "a@b.vn", "type": 5 }] }),
            json!({ "emails": [{ "value": "a@b.vn", "primary": "perhaps" }] }),
            json!({ "name": "An" }),
            json!({ "name": ["An"] }),
            json!({ "name": { "givenName": 5 } }),
            json!({ "name": { "formatted": ["An"] } }),
            json!({ "name": { "givenName": "An", "formatted": 5 } }),
            json!({ "name": { "givenName": "An", "middleName": false } }),
            json!({ "name": { "familyName": "Lê" } }),
            json!({ "name": { "givenName": "=1+1" } }),
            json!({ "name": { "givenName": "7" } }),
            json!({ "userName": "İ".repeat(200) }),
        ] {
            assert_eq!(read(wrong.clone()).unwrap_err().kind, Some(ScimType::InvalidValue), "{wrong}");
        }
    }

    #[test]
    fn members_are_named_by_id_or_address() {
        let group = WantedGroup::read(&json!({
            "displayName": "Lớp 10a1", "members": [{ "value": "1" }, { "$ref": "https://x/Users/2" }, { "value": "1" }],
        }));
        let group = group.unwrap();
        assert_eq!(group.members, ["1", "2"]);
        assert_eq!(group.class_name().unwrap(), "10A1");
        for wrong in [
            json!({ "displayName": 5 }),
            json!({ "externalId": {} }),
            json!({ "members": "1" }),
            json!({ "members": [5] }),
            json!({ "members": [{ "value": 5 }] }),
            json!({ "members": [{ "value": "1", "type": 5 }] }),
            json!({ "members": [{ "display": "x" }] }),
        ] {
            assert_eq!(WantedGroup::read(&wrong).unwrap_err().kind, Some(ScimType::InvalidValue), "{wrong}");
        }
        assert!(WantedGroup::default().class_name().is_err());
    }
}
