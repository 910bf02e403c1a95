//! What the resources consist of, as `/scim/v2/Schemas` tells it. Changes and answers are held to the same.

use std::{fmt, sync::LazyLock};

use serde::Deserialize;
use serde_json::Value;

/// The schemas as they are told, without their addresses.
const TOLD: &str = include_str!("schemas.json");

pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// Who may change an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mutability {
    ReadOnly,
    ReadWrite,
    /// Set once.
    Immutable,
}

/// An attribute, or a part of one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attribute {
    pub name: String,
    #[serde(rename = "type")]
    kind: String,
    pub multi_valued: bool,
    pub required: bool,
    pub mutability: Mutability,
    #[serde(default)]
    sub_attributes: Vec<Attribute>,
}

impl Attribute {
    #[must_use]
    pub fn is_complex(&self) -> bool {
        self.kind == "complex"
    }

    #[must_use]
    pub fn part(&self, name: &str) -> Option<&Self> {
        self.sub_attributes.iter().find(|part| part.name.eq_ignore_ascii_case(name))
    }
}

/// A kind of resource.
#[derive(Debug, Deserialize)]
pub struct Schema {
    pub id: String,
    attributes: Vec<Attribute>,
}

impl Schema {
    /// The attribute of this name. `externalId` is of every kind.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        let external = EXTERNAL_ID.name.eq_ignore_ascii_case(name).then(|| &*EXTERNAL_ID);
        external.or_else(|| self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name)))
    }
}

/// The schema that stands before the name of an attribute, as in `urn:…:User:userName`; without one, that of the resource is
/// meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedSchema(Option<String>);

impl NamedSchema {
    /// Separates it from the name.
    #[must_use]
    pub fn split(name: &str) -> (Self, &str) {
        let is_urn = name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:"));
        match name.rsplit_once(':').filter(|_| is_urn) {
            Some((schema, name)) => (Self(Some(schema.to_owned())), name),
            None => (Self(None), name),
        }
    }

    /// Whether the attribute is one of this schema.
    #[must_use]
    pub fn is(&self, schema: &str) -> bool {
        self.0.as_ref().is_none_or(|named| named.eq_ignore_ascii_case(schema))
    }
}

impl fmt::Display for NamedSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |schema| write!(f, "{schema}:"))
    }
}

static EXTERNAL_ID: LazyLock<Attribute> = LazyLock::new(|| Attribute {
    name: "externalId".to_owned(),
    kind: "string".to_owned(),
    multi_valued: false,
    required: false,
    mutability: Mutability::ReadWrite,
    sub_attributes: Vec::new(),
});

static SCHEMAS: LazyLock<Vec<Schema>> = LazyLock::new(|| serde_json::from_str(TOLD).unwrap_or_default());

/// The schemas as they are told.
pub static DOCUMENTS: LazyLock<Vec<Value>> = LazyLock::new(|| serde_json::from_str(TOLD).unwrap_or_default());

/// The schema of this id.
#[must_use]
pub fn of(id: &str) -> Option<&'static Schema> {
    SCHEMAS.iter().find(|schema| schema.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_schemas_are_read() {
        assert_eq!(SCHEMAS.iter().map(|schema| schema.id.as_str()).collect::<Vec<_>>(), [USER, GROUP]);
        let user = of(USER).unwrap();
        assert_eq!(user.attribute("USERNAME").unwrap().mutability, Mutability::Immutable);
        assert_eq!(user.attribute("groups").unwrap().part("display").unwrap().mutability, Mutability::ReadOnly);
        assert!(of(GROUP).unwrap().attribute("members").unwrap().multi_valued);
        assert!(user.attribute("externalId").is_some() && user.attribute("password").is_none());
    }

    #[test]
    fn an_attribute_is_of_the_schema_before_its_name() {
        let is_of_user = |name: &str, of: &str| {
            let (schema, rest) = NamedSchema::split(name);
            assert_eq!(rest, of, "{name}");
            schema.is(USER)
        };
        assert!(is_of_user("userName", "userName"));
        assert!(is_of_user("urn:ietf:params:scim:schemas:core:2.0:User:name.givenName", "name.givenName"));
        assert!(is_of_user("URN:IETF:params:scim:schemas:core:2.0:user:active", "active"));
        assert!(!is_of_user("urn:ietf:params:scim:schemas:core:2.0:Group:displayName", "displayName"));
        assert!(!is_of_user("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:active", "active"));
        assert!(!is_of_user("urn:active", "active"));
    }
}
