//! Changes in parts (RFC 7644, 3.5.2): applied to a resource as it is told, so that what comes out is what replacing it
//! would have been sent.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{
    filter::{self, CompareOperator, PatchTarget, ScimFilter, field, fits},
    schema::{Attribute, Mutability, Schema},
};
use crate::web::scim::{ScimError, ScimType};

/// The most operations of a request.
const MOST_OPERATIONS: usize = 1_000;

/// The most that a request may look at: every operation looks at each of several values, the longer for a longer path.
const MOST_WORK: usize = 10_000_000;

/// The largest value, in bytes as JSON, other than a list of several.
const LARGEST_VALUE: usize = 4_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString)]
#[strum(serialize_all = "lowercase", ascii_case_insensitive)]
enum Op {
    Add,
    Remove,
    Replace,
}

/// Applies the operations of a request to a resource, one after another; what is wrong in one leaves all undone.
///
/// # Errors
/// What is wrong, in the standard's words.
pub fn apply(schema: &Schema, resource: &mut Map<String, Value>, request: &Value) -> Result<(), ScimError> {
    let operations = field(request, "Operations").and_then(Value::as_array);
    let operations = operations.ok_or_else(|| wrong(ScimType::InvalidSyntax, "Operations is missing"))?;
    if operations.is_empty() || operations.len() > MOST_OPERATIONS {
        return Err(wrong(ScimType::InvalidSyntax, format!("a request has 1 to {MOST_OPERATIONS} operations")));
    }
    let mut work = 0;
    for operation in operations {
        let op = field(operation, "op").and_then(Value::as_str).and_then(|op| op.parse().ok());
        let op = op.ok_or_else(|| wrong(ScimType::InvalidSyntax, "op is add, remove or replace"))?;
        let value = field(operation, "value").cloned();
        match field(operation, "path").filter(|path| !path.is_null()) {
            Some(path) => {
                let path = path.as_str().ok_or_else(|| wrong(ScimType::InvalidPath, "path is a text"))?;
                change(schema, resource, op, path, value, &mut work)?;
            }
            None => change_several(schema, resource, op, value, &mut work)?,
        }
    }
    Ok(())
}

/// An operation without a path: its value has the attributes by their names.
fn change_several(
    schema: &Schema,
    resource: &mut Map<String, Value>,
    op: Op,
    value: Option<Value>,
    work: &mut usize,
) -> Result<(), ScimError> {
    if op == Op::Remove {
        return Err(wrong(ScimType::NoTarget, "what is to be removed has a path"));
    }
    let Some(Value::Object(values)) = value else {
        return Err(wrong(ScimType::InvalidValue, "without a path, the value is an object"));
    };
    for (name, value) in values {
        // What every resource is told with, and no program changes.
        if !["schemas", "id", "meta"].iter().any(|common| common.eq_ignore_ascii_case(&name)) {
            change(schema, resource, op, &name, Some(value), work)?;
        }
    }
    Ok(())
}

fn change(
    schema: &Schema,
    resource: &mut Map<String, Value>,
    op: Op,
    path: &str,
    value: Option<Value>,
    work: &mut usize,
) -> Result<(), ScimError> {
    let size: usize = resource.values().filter_map(Value::as_array).map(Vec::len).sum();
    *work = work.saturating_add(size.saturating_mul(1 + path.len() / 16));
    if *work > MOST_WORK {
        return Err(wrong(ScimType::InvalidValue, "the operations are too many for so many values"));
    }
    let target = filter::target(path).map_err(|_| wrong(ScimType::InvalidPath, format!("no path: {}", shown(path))))?;
    let (attribute, part) = find_attribute(schema, path, &target)?;
    // Such a value is copied into each that fits the path.
    let is_list = attribute.multi_valued && target.filter.is_none() && target.part.is_none();
    if !is_list && value.as_ref().is_some_and(|value| value.to_string().len() > LARGEST_VALUE) {
        return Err(wrong(ScimType::InvalidValue, "value is too large"));
    }
    // An empty value is none (RFC 7643, 2.5).
    let is_nothing = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    let removes = op == Op::Remove || op == Op::Replace && value.as_ref().is_some_and(is_nothing);
    if removes {
        let is_whole = target.filter.is_none() && target.part.is_none();
        // The schema asks for an address, which staff need; that of a pupil's family may go.
        let is_required = match part {
            _ if is_whole => attribute.required && attribute.name != "emails",
            part => part.is_some_and(|part| part.required),
        };
        if is_required || is_fixed(attribute, part) {
            return Err(wrong(ScimType::Mutability, format!("{} cannot be removed", shown(path))));
        }
        let named = value.filter(|value| op == Op::Remove && !is_nothing(value));
        return remove(resource, attribute, &target, named.as_ref());
    }
    let value = value.ok_or_else(|| wrong(ScimType::InvalidValue, "value is missing"))?;
    if is_nothing(&value) {
        // An addition of nothing: what is replaced by nothing was removed above.
        return Ok(());
    }
    if is_fixed(attribute, part) {
        return Err(wrong(ScimType::Mutability, format!("{} is read only", shown(path))));
    }
    if attribute.multi_valued {
        return change_values(resource, attribute, op, &target, value);
    }
    match target.part {
        Some(part) => {
            let whole = entry(resource, &attribute.name, Value::Object(Map::new()));
            if let Value::Object(whole) = whole {
                set(whole, &part, value);
            }
        }
        None if attribute.is_complex() => {
            let Value::Object(parts) = value else {
                return Err(wrong(ScimType::InvalidValue, format!("{} is an object", attribute.name)));
            };
            let whole = entry(resource, &attribute.name, Value::Object(Map::new()));
            if let Value::Object(whole) = whole {
                let known = parts.into_iter().filter(|(name, _)| part_of(attribute, name).is_some());
                known.for_each(|(name, value)| set(whole, &name, value));
            }
        }
        None => set(resource, &attribute.name, value),
    }
    Ok(())
}

/// The attribute that a path names, and its part, where it names one that we keep.
fn find_attribute<'s>(
    schema: &'s Schema,
    path: &str,
    target: &PatchTarget,
) -> Result<(&'s Attribute, Option<&'s Attribute>), ScimError> {
    let unknown = || wrong(ScimType::InvalidPath, format!("there is no attribute {}", shown(path)));
    if !target.schema.is(&schema.id) {
        return Err(unknown());
    }
    if ["id", "meta", "schemas"].iter().any(|common| common.eq_ignore_ascii_case(&target.name)) {
        return Err(wrong(ScimType::Mutability, format!("{} is read only", target.name)));
    }
    let attribute = schema.attribute(&target.name).ok_or_else(unknown)?;
    let part = match &target.part {
        Some(part) => part_of(attribute, part).ok_or_else(unknown)?,
        None => None,
    };
    if target.filter.is_some() && !attribute.multi_valued {
        return Err(wrong(ScimType::InvalidPath, format!("{} has one value", attribute.name)));
    }
    Ok((attribute, part))
}

/// The part of an attribute; `Some(None)` for one that the standard has and we do not keep.
fn part_of<'a>(attribute: &'a Attribute, name: &str) -> Option<Option<&'a Attribute>> {
    let standard: &[&str] = match attribute.multi_valued {
        true => &["type", "primary", "display"],
        false if attribute.is_complex() => &["formatted", "middleName"],
        false => &[],
    };
    match attribute.part(name) {
        Some(part) => Some(Some(part)),
        None if standard.iter().any(|known| known.eq_ignore_ascii_case(name)) => Some(None),
        None => None,
    }
}

/// Whether an attribute, or this part of its values, cannot be changed. A value with parts that are set once is added
/// and removed as a whole.
fn is_fixed(attribute: &Attribute, part: Option<&Attribute>) -> bool {
    attribute.mutability == Mutability::ReadOnly || part.is_some_and(|part| part.mutability != Mutability::ReadWrite)
}

fn change_values(
    resource: &mut Map<String, Value>,
    attribute: &Attribute,
    op: Op,
    target: &PatchTarget,
    value: Value,
) -> Result<(), ScimError> {
    let Value::Array(values) = entry(resource, &attribute.name, Value::Array(Vec::new())) else {
        return Err(wrong(ScimType::InvalidValue, format!("{} is a list", attribute.name)));
    };
    if let Some(filter) = &target.filter {
        if !values.iter().any(|each| fits(filter, each)) {
            // What is replaced is there (RFC 7644, 3.5.2.3), but for the first value.
            let may_be_made = op == Op::Add || values.is_empty();
            let made = may_be_made.then(|| made_to_fit(filter)).flatten();
            values.push(made.ok_or_else(|| wrong(ScimType::NoTarget, "no value fits the filter of the path"))?);
        }
        for each in values.iter_mut().filter(|each| fits(filter, each)) {
            match (&target.part, each, &value) {
                (Some(part), Value::Object(each), value) => set(each, part, value.clone()),
                (None, Value::Object(each), Value::Object(parts)) => {
                    let known = parts.iter().filter(|(name, _)| part_of(attribute, name).is_some());
                    known.for_each(|(name, value)| set(each, name, value.clone()));
                }
                _ => return Err(wrong(ScimType::InvalidValue, "such a value is an object")),
            }
        }
        return Ok(());
    }
    if let Some(part) = &target.part {
        // Of all values; where there is none, of a new one.
        if values.is_empty() {
            values.push(Value::Object(Map::new()));
        }
        for each in values.iter_mut().filter_map(Value::as_object_mut) {
            set(each, part, value.clone());
        }
        return Ok(());
    }
    let new = match value {
        Value::Array(new) => new,
        one => vec![one],
    };
    if op == Op::Replace {
        *values = new;
        return Ok(());
    }
    let mut there: HashSet<String> = values.iter().filter_map(identity).map(str::to_owned).collect();
    let is_new = |value: &Value| identity(value).is_none_or(|id| there.insert(id.to_owned()));
    let mut all: Vec<Value> = new.into_iter().filter(is_new).collect();
    // The newest is the one that is meant to count, unless another one is said to be primary.
    all.reverse();
    all.append(values);
    *values = all;
    Ok(())
}

/// A value that fits a filter of equalities: programs name a value that there is not yet by its type.
fn made_to_fit(filter: &ScimFilter) -> Option<Value> {
    match filter {
        ScimFilter::Compare(path, CompareOperator::Eq, value)
            if path.part.is_none() && !path.key().starts_with("value") =>
        {
            Some(Value::Object(Map::from_iter([(path.name.clone(), value.clone())])))
        }
        ScimFilter::And(one, other) => match (made_to_fit(one)?, made_to_fit(other)?) {
            (Value::Object(mut one), Value::Object(other)) => {
                one.extend(other);
                Some(Value::Object(one))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Removes an attribute, a part, or values of several: those that fit the path's filter, or those that are named.
fn remove(
    resource: &mut Map<String, Value>,
    attribute: &Attribute,
    target: &PatchTarget,
    named: Option<&Value>,
) -> Result<(), ScimError> {
    let key = resource.keys().find(|key| key.eq_ignore_ascii_case(&attribute.name)).cloned();
    let Some(key) = key else { return Ok(()) };
    match (resource.get_mut(&key), &target.filter, &target.part) {
        (Some(Value::Array(values)), Some(filter), None) => values.retain(|each| !fits(filter, each)),
        (Some(Value::Array(values)), filter, Some(part)) => {
            for each in values.iter_mut().filter(|each| filter.as_ref().is_none_or(|filter| fits(filter, each))) {
                if let Value::Object(each) = each {
                    each.retain(|name, _| !name.eq_ignore_ascii_case(part));
                }
            }
        }
        (Some(Value::Array(values)), None, None) => match named {
            Some(Value::Array(named)) => remove_named(values, named)?,
            Some(one) => remove_named(values, std::slice::from_ref(one))?,
            None => values.clear(),
        },
        (Some(Value::Object(whole)), None, Some(part)) => whole.retain(|name, _| !name.eq_ignore_ascii_case(part)),
        (Some(_), None, None) => {
            resource.remove(&key);
        }
        _ => return Err(wrong(ScimType::InvalidPath, "the path does not fit the attribute")),
    }
    Ok(())
}

fn remove_named(values: &mut Vec<Value>, named: &[Value]) -> Result<(), ScimError> {
    let gone: Option<HashSet<&str>> = named.iter().map(identity).collect();
    let gone = gone.ok_or_else(|| wrong(ScimType::InvalidValue, "what is to be removed is named by its value"))?;
    values.retain(|each| identity(each).is_none_or(|id| !gone.contains(id)));
    Ok(())
}

/// By what two values of several are the same.
fn identity(value: &Value) -> Option<&str> {
    field(value, "value")
        .or_else(|| field(value, "$ref").filter(|value| value.is_string()))
        .map_or_else(|| value.as_str(), |told| told.as_str().map(|told| told.rsplit('/').next().unwrap_or(told)))
}

/// The value of this name, regardless of case, made where there is none.
fn entry<'m>(object: &'m mut Map<String, Value>, name: &str, empty: Value) -> &'m mut Value {
    let key = object.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned();
    object.entry(key.unwrap_or_else(|| name.to_owned())).or_insert(empty)
}

fn set(object: &mut Map<String, Value>, name: &str, value: Value) {
    object.retain(|key, _| !key.eq_ignore_ascii_case(name));
    object.insert(name.to_owned(), value);
}

fn wrong(kind: ScimType, detail: impl Into<String>) -> ScimError {
    ScimError::wrong(kind, detail)
}

/// What was sent, as it may be told back: not at any length.
#[must_use]
pub fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::schema;

    fn person() -> Map<String, Value> {
        let person = json!({
            "userName": "khaintm@79000701", "active": true, "userType": "student", "externalId": "7",
            "name": { "familyName": "Nguyễn", "givenName": "Minh Khai" },
            "emails": [{ "value": "a@b.vn", "type": "work" }],
        });
        person.as_object().unwrap().clone()
    }

    fn group() -> Map<String, Value> {
        json!({ "displayName": "10A1", "members": [{ "value": "1" }, { "value": "2" }] }).as_object().unwrap().clone()
    }

    fn changed(of: &str, mut resource: Map<String, Value>, operations: Value) -> Result<Value, ScimType> {
        let request = json!({ "Operations": operations });
        match apply(schema::of(of).unwrap(), &mut resource, &request) {
            Ok(()) => Ok(Value::Object(resource)),
            Err(error) => Err(error.kind.unwrap()),
        }
    }

    #[test]
    fn attributes_and_their_parts_are_set_and_removed() {
        let of = |operations| changed(schema::USER, person(), operations).unwrap();
        assert_eq!(of(json!([{ "op": "Replace", "path": "active", "value": false }]))["active"], json!(false));
        assert_eq!(of(json!([{ "op": "add", "value": { "ACTIVE": false } }]))["active"], json!(false));
        assert_eq!(of(json!([{ "op": "remove", "path": "externalId" }])).get("externalId"), None);
        assert_eq!(of(json!([{ "op": "replace", "path": "externalId", "value": null }])).get("externalId"), None);
        let name = of(json!([{ "op": "replace", "path": "name.givenName", "value": "An" }]))["name"].clone();
        assert_eq!(name, json!({ "familyName": "Nguyễn", "givenName": "An" }));
        let name = of(json!([{ "op": "replace", "value": { "name.familyName": "Lê" } }]))["name"].clone();
        assert_eq!(name["familyName"], json!("Lê"));
        let name = of(json!([{ "op": "remove", "path": "name.familyName" }]))["name"].clone();
        assert_eq!(name, json!({ "givenName": "Minh Khai" }));
        let name = of(json!([{ "op": "add", "path": "name", "value": { "formatted": "Lê An", "shoes": 44 } }]))["name"]
            .clone();
        assert_eq!(name, json!({ "familyName": "Nguyễn", "givenName": "Minh Khai", "formatted": "Lê An" }));
        let urn = schema::USER.to_uppercase();
        let active = of(json!([{ "op": "replace", "path": format!("{urn}:active"), "value": false }]));
        assert_eq!(active["active"], json!(false));
        let emails = of(json!([{ "op": "remove", "path": "emails" }])).get("emails").cloned();
        assert!(emails.is_none_or(|emails| emails == json!([])));
    }

    #[test]
    fn one_of_several_values_is_found_by_a_filter() {
        let of = |operations| changed(schema::USER, person(), operations).unwrap()["emails"].clone();
        let by_type = json!([{ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "c@d.vn" }]);
        assert_eq!(of(by_type), json!([{ "value": "c@d.vn", "type": "work" }]));
        let other = json!([{ "op": "add", "path": "emails[type eq \"home\"].value", "value": "c@d.vn" }]);
        assert_eq!(of(other)[1], json!({ "value": "c@d.vn", "type": "home" }));
        let same = json!([{ "op": "add", "path": "emails", "value": [{ "value": "a@b.vn" }, { "value": "x@y.vn" }] }]);
        assert_eq!(of(same).as_array().unwrap().len(), 2);
    }

    #[test]
    fn members_come_and_go() {
        let of = |operations| {
            let members = changed(schema::GROUP, group(), operations).unwrap()["members"].clone();
            let mut ids: Vec<String> =
                members.as_array().unwrap().iter().map(|each| identity(each).unwrap().to_owned()).collect();
            ids.sort();
            ids.concat()
        };
        assert_eq!(
            of(json!([{ "op": "add", "path": "members", "value": [{ "value": "3" }, { "value": "2" }] }])),
            "123"
        );
        assert_eq!(of(json!([{ "op": "add", "path": "members", "value": { "$ref": "https://x/Users/4" } }])), "124");
        assert_eq!(of(json!([{ "op": "remove", "path": "members[value eq \"1\"]" }])), "2");
        assert_eq!(of(json!([{ "op": "remove", "path": "members", "value": [{ "value": "2" }] }])), "1");
        assert_eq!(of(json!([{ "op": "remove", "path": "members", "value": "2" }])), "1");
        assert_eq!(of(json!([{ "op": "remove", "path": "members" }])), "");
        assert_eq!(of(json!([{ "op": "replace", "path": "members", "value": [{ "value": "9" }] }])), "9");
        assert_eq!(
            of(
                json!([{ "op": "remove", "path": "members[value eq \"7\"]" }, { "op": "replace", "value": { "members": [] } }])
            ),
            ""
        );
    }

    #[test]
    fn what_cannot_be_changed_is_told() {
        for (operations, kind) in [
            (json!([]), ScimType::InvalidSyntax),
            (json!([{ "op": "move", "path": "active" }]), ScimType::InvalidSyntax),
            (json!([{ "op": "remove" }]), ScimType::NoTarget),
            (json!([{ "op": "add", "value": "x" }]), ScimType::InvalidValue),
            (json!([{ "op": "add", "path": "active" }]), ScimType::InvalidValue),
            (json!([{ "op": "remove", "path": "emails", "value": 5 }]), ScimType::InvalidValue),
            (json!([{ "op": "remove", "path": "emails", "value": [{ "type": "work" }] }]), ScimType::InvalidValue),
            (json!([{ "op": "replace", "path": "urn:example:x:active", "value": false }]), ScimType::InvalidPath),
            (json!([{ "op": "add", "value": { "urn:example:x:active": false } }]), ScimType::InvalidPath),
            (json!([{ "op": "add", "path": "urn:example:x:id", "value": "x" }]), ScimType::InvalidPath),
            (json!([{ "op": "remove", "path": format!("{}:externalId", schema::GROUP) }]), ScimType::InvalidPath),
            (json!([{ "op": "add", "path": "nothing", "value": "x" }]), ScimType::InvalidPath),
            (json!([{ "op": "add", "path": "name.nothing", "value": "x" }]), ScimType::InvalidPath),
            (json!([{ "op": "add", "path": "active[value eq \"x\"]", "value": "x" }]), ScimType::InvalidPath),
            (json!([{ "op": "add", "path": "id", "value": "x" }]), ScimType::Mutability),
            (json!([{ "op": "replace", "path": "displayName", "value": "x" }]), ScimType::Mutability),
            (json!([{ "op": "replace", "path": "groups.display", "value": "x" }]), ScimType::Mutability),
            (json!([{ "op": "remove", "path": "userType" }]), ScimType::Mutability),
            (json!([{ "op": "remove", "path": "name.givenName" }]), ScimType::Mutability),
            (json!([{ "op": "replace", "path": "active", "value": null }]), ScimType::Mutability),
            (
                json!([{ "op": "replace", "path": "emails[value eq \"n@o.vn\"].value", "value": "x" }]),
                ScimType::NoTarget,
            ),
            (
                json!([{ "op": "replace", "path": "emails[type eq \"home\"].value", "value": "c@d.vn" }]),
                ScimType::NoTarget,
            ),
            (json!([{ "op": "replace", "path": "name", "value": "x" }]), ScimType::InvalidValue),
            (
                json!([{ "op": "replace", "path": "name.givenName", "value": "x".repeat(5_000) }]),
                ScimType::InvalidValue,
            ),
        ] {
            assert_eq!(changed(schema::USER, person(), operations.clone()), Err(kind), "{operations}");
        }
        for path in ["members[value eq \"1\"].value", "members.value"] {
            let operations = json!([{ "op": "replace", "path": path, "value": "9" }]);
            assert_eq!(changed(schema::GROUP, group(), operations), Err(ScimType::Mutability), "{path}");
        }
    }

    #[test]
    fn the_work_of_a_request_is_bounded() {
        let members =
            |ids: std::ops::Range<usize>| -> Vec<Value> { ids.map(|id| json!({ "value": id.to_string() })).collect() };
        let add = json!([{ "op": "add", "path": "members", "value": members(0..30_000) }]);
        let full = changed(schema::GROUP, group(), add).unwrap();
        assert_eq!(full["members"].as_array().unwrap().len(), 30_000);
        let full = full.as_object().unwrap().clone();
        let remove = json!([{ "op": "remove", "path": "members", "value": members(1..30_000) }]);
        assert_eq!(changed(schema::GROUP, full.clone(), remove).unwrap()["members"].as_array().unwrap().len(), 1);
        let path = format!("members[value eq {}\"none\"]", " ".repeat(4_000));
        let one = json!({ "op": "remove", "path": path });
        assert_eq!(changed(schema::GROUP, full, json!([one, one])), Err(ScimType::InvalidValue));
    }
}
