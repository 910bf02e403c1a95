//! Which attributes an answer has: `attributes` and `excludedAttributes` (RFC 7644, 3.9).

use serde_json::{Map, Value};

use super::schema::NamedSchema;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    only: Vec<SelectedName>,
    without: Vec<SelectedName>,
}

/// An attribute, or a part of one.
#[derive(Clone, Debug)]
struct SelectedName {
    schema: NamedSchema,
    /// In small letters, with the part.
    name: String,
}

impl Selection {
    /// Of the two lists, as they are written in an address or in a search.
    #[must_use]
    pub fn of<'a>(only: impl IntoIterator<Item = &'a str>, without: impl IntoIterator<Item = &'a str>) -> Self {
        let read = |names: &str| -> Vec<SelectedName> {
            let names = names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(|name| {
                let (schema, name) = NamedSchema::split(name);
                SelectedName { schema, name: name.to_ascii_lowercase() }
            });
            names.collect()
        };
        Self { only: only.into_iter().flat_map(read).collect(), without: without.into_iter().flat_map(read).collect() }
    }

    /// Whether an attribute of a resource is told, in whole or in part.
    #[must_use]
    pub fn has(&self, schema: &str, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        let is_meant = |asked: &str| asked == name || asked.split('.').next() == Some(name.as_str());
        let is_asked = self.only.is_empty() || of_schema(&self.only, schema).any(is_meant);
        is_asked && !of_schema(&self.without, schema).any(|left_out| left_out == name)
    }

    /// Leaves the attributes that are asked for. The id and the schemas are always told.
    pub fn apply(&self, resource: &mut Map<String, Value>) {
        let schema = resource.get("schemas").and_then(|schemas| schemas.get(0)).and_then(Value::as_str);
        let schema = schema.unwrap_or_default().to_owned();
        resource.retain(|name, _| ["schemas", "id"].contains(&name.as_str()) || self.has(&schema, name));
        for (name, value) in resource.iter_mut() {
            let name = name.to_ascii_lowercase();
            let (only, without) = (parts(&self.only, &schema, &name), parts(&self.without, &schema, &name));
            let is_whole = only.is_empty() || of_schema(&self.only, &schema).any(|asked| asked == name);
            let keeps = |part: &str| {
                let part = part.to_ascii_lowercase();
                (is_whole || only.contains(&part.as_str())) && !without.contains(&part.as_str())
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

/// The names that are of a schema. Those of another one select nothing.
fn of_schema<'s>(names: &'s [SelectedName], schema: &str) -> impl Iterator<Item = &'s str> {
    names.iter().filter(move |asked| asked.schema.is(schema)).map(|asked| asked.name.as_str())
}

/// The parts of an attribute that are among the names.
fn parts<'s>(names: &'s [SelectedName], schema: &str, name: &str) -> Vec<&'s str> {
    of_schema(names, schema).filter_map(|asked| asked.strip_prefix(name)?.strip_prefix('.')).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::schema::USER;

    fn told(only: &str, without: &str) -> Value {
        let resource = json!({
            "schemas": [USER], "id": "1", "userName": "a", "name": { "familyName": "b", "givenName": "c" },
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
        let family_name = json!({ "id": "1", "name": { "familyName": "b" } });
        assert_eq!(told(&format!("{USER}:name.familyName, id"), ""), family_name);
        assert_eq!(told(&format!("{}:NAME.familyName", USER.to_uppercase()), ""), family_name);
        assert_eq!(told("emails.value", ""), json!({ "id": "1", "emails": [{ "value": "d" }] }));
        let without = json!({ "id": "1", "userName": "a", "name": { "familyName": "b" } });
        assert_eq!(told("", "emails,name.givenName,id"), without);
        assert_eq!(told("nothing", ""), json!({ "id": "1" }));
    }

    #[test]
    fn attributes_of_another_schema_are_none_of_the_resource() {
        assert_eq!(told("urn:example:x:userName", ""), json!({ "id": "1" }));
        assert_eq!(told("urn:example:x:userName,emails.value", "")["emails"], json!([{ "value": "d" }]));
        assert_eq!(told("", "urn:example:x:userName,urn:example:x:name.givenName"), told("", ""));
    }
}
