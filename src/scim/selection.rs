//! Which attributes an answer has: `attributes` and `excludedAttributes` (RFC 7644, 3.9).

use serde_json::{Map, Value};

use super::filter::without_schema;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    only: Vec<String>,
    without: Vec<String>,
}

impl Selection {
    /// Of the two lists, as they are written in an address or in a search.
    #[must_use]
    pub fn of<'a>(only: impl IntoIterator<Item = &'a str>, without: impl IntoIterator<Item = &'a str>) -> Self {
        let read = |names: &str| -> Vec<String> {
            let names = names.split(',').map(|name| without_schema(name.trim()).to_ascii_lowercase());
            names.filter(|name| !name.is_empty()).collect()
        };
        Self { only: only.into_iter().flat_map(read).collect(), without: without.into_iter().flat_map(read).collect() }
    }

    /// Whether an attribute is told, in whole or in part.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        let is_meant = |asked: &String| *asked == name || asked.split('.').next() == Some(&name);
        let is_asked = self.only.is_empty() || self.only.iter().any(is_meant);
        is_asked && !self.without.contains(&name)
    }

    /// Leaves the attributes that are asked for. The id and the schemas are always told.
    pub fn apply(&self, resource: &mut Map<String, Value>) {
        resource.retain(|name, _| ["schemas", "id"].contains(&name.as_str()) || self.has(name));
        for (name, value) in resource.iter_mut() {
            let parts = |list: &[String]| -> Vec<String> {
                let prefix = format!("{}.", name.to_ascii_lowercase());
                list.iter().filter_map(|asked| asked.strip_prefix(&prefix).map(str::to_owned)).collect()
            };
            let (only, without) = (parts(&self.only), parts(&self.without));
            let is_whole = only.is_empty() || self.only.contains(&name.to_ascii_lowercase());
            let keeps = |part: &str| {
                let part = part.to_ascii_lowercase();
                (is_whole || only.contains(&part)) && !without.contains(&part)
            };
            match value {
                Value::Object(parts) => parts.retain(|part, _| keeps(part)),
                Value::Array(values) => {
                    values
                        .iter_mut()
                        .filter_map(Value::as_object_mut)
                        .for_each(|each| each.retain(|part, _| keeps(part)));
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(only: &str, without: &str) -> Value {
        let resource = json!({
            "schemas": ["x"], "id": "1", "userName": "a", "name": { "familyName": "b", "givenName": "c" },
            "emails": [{ "value": "d", "type": "work" }],
        });
        let mut resource = resource.as_object().unwrap().clone();
        Selection::of([only], [without]).apply(&mut resource);
        resource.remove("schemas");
        Value::Object(resource)
    }

    #[test]
    fn only_what_is_asked_for_is_told() {
        assert_eq!(told("username", ""), json!({ "id": "1", "userName": "a" }));
        assert_eq!(told("urn:x:User:name.familyName, id", ""), json!({ "id": "1", "name": { "familyName": "b" } }));
        assert_eq!(told("emails.value", ""), json!({ "id": "1", "emails": [{ "value": "d" }] }));
        let without = json!({ "id": "1", "userName": "a", "name": { "familyName": "b" } });
        assert_eq!(told("", "emails,name.givenName,id"), without);
        assert_eq!(told("nothing", ""), json!({ "id": "1" }));
    }
}
