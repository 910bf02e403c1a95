//! What the resources consist of, as `/scim/v2/Schemas` tells it. Changes and answers are held to the same.

use std::sync::LazyLock;

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
}
