//! Roles, grants and scopes in the details of a row, by their keys. What this version does not know is left out, so that rows of
//! another version stay readable.

use crate::access::{Grant, Role, TokenScope};

/// A value that is stored by its key.
pub trait Keyed: Sized {
    fn key(&self) -> &'static str;
    fn from_key(key: &str) -> Option<Self>;
}

impl Keyed for Role {
    fn key(&self) -> &'static str {
        Self::key(*self)
    }

    fn from_key(key: &str) -> Option<Self> {
        Self::from_key(key)
    }
}

impl Keyed for Grant {
    fn key(&self) -> &'static str {
        Self::key(*self)
    }

    fn from_key(key: &str) -> Option<Self> {
        Self::from_key(key)
    }
}

impl Keyed for TokenScope {
    fn key(&self) -> &'static str {
        Self::key(*self)
    }

    fn from_key(key: &str) -> Option<Self> {
        Self::from_key(key)
    }
}

pub mod one {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Keyed;

    pub fn serialize<T: Keyed, S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        value.as_ref().map(Keyed::key).serialize(serializer)
    }

    pub fn deserialize<'de, T: Keyed, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        let key = Option::<String>::deserialize(deserializer)?;
        Ok(key.and_then(|key| T::from_key(&key)))
    }
}

pub mod many {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Keyed;

    pub fn serialize<T: Keyed, S: Serializer>(values: &[T], serializer: S) -> Result<S::Ok, S::Error> {
        values.iter().map(Keyed::key).collect::<Vec<_>>().serialize(serializer)
    }

    pub fn deserialize<'de, T: Keyed, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        let keys = Vec::<String>::deserialize(deserializer)?;
        Ok(keys.iter().filter_map(|key| T::from_key(key)).collect())
    }
}
