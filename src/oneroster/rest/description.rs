//! The description of the service in OpenAPI 3, as the standard has providers publish it: what of the standard is here, at
//! which address, and where access tokens come from. Written by us; names and shapes are the standard's.

use axum::{Json, extract::State};
use serde_json::{Map, Value, json};

use super::{
    CORE, FULL, PARTS, PERSONAL, WHOLE,
    collection::{CLASSES, COURSES, Collection, DEMOGRAPHICS, ENROLLMENTS, Json as Written, ORGS, SESSIONS, USERS},
};
use crate::{access::ClientScope, app::App, paths};

pub async fn serve(State(app): State<App>) -> Json<Value> {
    Json(description(app.config.base_url.as_str()))
}

fn description(base_url: &str) -> Value {
    let base_url = base_url.trim_end_matches('/');
    let scopes: Map<String, Value> = ClientScope::ALL.iter().map(|scope| (scope.name(), json!(scope.key()))).collect();
    let flow = json!({ "tokenUrl": format!("{base_url}{}", paths::OAuthToken {}), "scopes": scopes });
    json!({
        "openapi": "3.0.0",
        "info": { "title": "OneRoster Rostering Service", "version": "1.2" },
        "servers": [{ "url": format!("{base_url}{}", paths::ONEROSTER) }],
        "paths": operations(),
        "components": {
            "securitySchemes": { "OAuth2CC": { "type": "oauth2", "flows": { "clientCredentials": flow } } },
            "schemas": schemas(),
        },
    })
}

/// Below the service's address, with the standard's names for its parts: what is asked for is `sourcedId`, what it lies in
/// is named by its kind.
fn short(path: &str) -> String {
    let short = path.strip_prefix(paths::ONEROSTER).unwrap_or(path);
    let whole = match short.split('/').nth(1) {
        _ if short.ends_with("/{id}") => "{sourcedId}",
        Some("classes") => "{classSourcedId}",
        Some("courses") => "{courseSourcedId}",
        Some("schools") => "{schoolSourcedId}",
        Some("students") => "{studentSourcedId}",
        Some("teachers") => "{teacherSourcedId}",
        Some("terms") => "{termSourcedId}",
        _ => "{userSourcedId}",
    };
    short.replace("{id}", whole).replace("{class}", "{classSourcedId}")
}

fn operations() -> Map<String, Value> {
    let mut all = Map::new();
    for (names, addresses, of) in WHOLE {
        let scopes = if of.key == DEMOGRAPHICS.key { PERSONAL } else { CORE };
        all.insert(short(addresses[0]), json!({ "get": operation(names[0], addresses[0], of, true, scopes) }));
        all.insert(short(addresses[1]), json!({ "get": operation(names[1], addresses[1], of, false, scopes) }));
    }
    for (name, path, of, _) in PARTS {
        all.insert(short(path), json!({ "get": operation(name, path, of, true, FULL) }));
    }
    all
}

fn operation(name: &str, path: &str, of: &Collection, is_list: bool, scopes: &[ClientScope]) -> Value {
    let mut parameters: Vec<Value> = short(path)
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|part| json!({ "name": part, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    let parameter = |name: &str, schema: Value| json!({ "name": name, "in": "query", "schema": schema });
    if is_list {
        let number = |least: i64, default: i64| json!({ "type": "integer", "format": "int32", "minimum": least, "maximum": i32::MAX, "default": default });
        parameters.extend([
            parameter("limit", number(1, 100)),
            parameter("offset", number(0, 0)),
            parameter("sort", json!({ "type": "string" })),
            parameter("orderBy", json!({ "type": "string", "enum": ["asc", "desc"] })),
            parameter("filter", json!({ "type": "string" })),
        ]);
    }
    parameters.push(parameter("fields", json!({ "type": "array", "items": { "type": "string" } })));
    let schema = format!("{}{}", if is_list { "Set" } else { "Single" }, of.single);
    let mut responses = Map::new();
    let mut success = json!({ "description": "what was asked for", "content": content(&schema) });
    if is_list {
        success["headers"] = json!({
            "X-Total-Count": { "schema": { "type": "integer" } },
            "Link": { "schema": { "type": "string" } },
        });
    }
    responses.insert("200".to_owned(), success);
    for (status, why) in [
        ("400", "a parameter, a filter or a field that there is not"),
        ("401", "no access token of a client in force"),
        ("403", "the access token lacks the scope"),
        ("404", "there is no such thing"),
        ("429", "too many requests"),
        ("500", "a fault of the server"),
        ("default", "any other failure"),
    ] {
        responses.insert(status.to_owned(), json!({ "description": why, "content": content("imsx_StatusInfo") }));
    }
    let scopes: Vec<String> = scopes.iter().map(|scope| scope.name()).collect();
    json!({
        "operationId": name,
        "parameters": parameters,
        "security": [{ "OAuth2CC": scopes }],
        "responses": responses,
    })
}

fn content(schema: &str) -> Value {
    json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } })
}

fn schemas() -> Map<String, Value> {
    let mut all = Map::new();
    for of in [&SESSIONS, &CLASSES, &COURSES, &DEMOGRAPHICS, &ENROLLMENTS, &ORGS, &USERS] {
        let thing = json!({ "$ref": format!("#/components/schemas/{}", of.single) });
        let set = json!({ of.key: { "type": "array", "items": thing } });
        all.insert(of.single.to_owned(), closed(&properties(of), &["sourcedId", "status", "dateLastModified"]));
        all.insert(format!("Set{}", of.single), closed(&set, &[of.key]));
        all.insert(format!("Single{}", of.single), closed(&json!({ of.single: thing }), &[of.single]));
    }
    let text = || json!({ "type": "string" });
    let reference = json!({ "href": { "type": "string", "format": "uri" }, "sourcedId": text(), "type": text() });
    all.insert("Reference".to_owned(), closed(&reference, &["href", "sourcedId", "type"]));
    let role = json!({
        "roleType": { "type": "string", "enum": ["primary", "secondary"] },
        "role": text(),
        "org": { "$ref": "#/components/schemas/Reference" },
    });
    all.insert("Role".to_owned(), closed(&role, &["roleType", "role", "org"]));
    let minor = json!({ "imsx_codeMinorFieldName": text(), "imsx_codeMinorFieldValue": text() });
    let minor = closed(&minor, &["imsx_codeMinorFieldName", "imsx_codeMinorFieldValue"]);
    let minors = json!({ "imsx_codeMinorField": { "type": "array", "minItems": 1, "items": minor } });
    let info = json!({
        "imsx_codeMajor": { "type": "string", "enum": ["success", "processing", "failure", "unsupported"] },
        "imsx_severity": { "type": "string", "enum": ["status", "warning", "error"] },
        "imsx_description": text(),
        "imsx_CodeMinor": closed(&minors, &["imsx_codeMinorField"]),
    });
    all.insert("imsx_StatusInfo".to_owned(), closed(&info, &["imsx_codeMajor", "imsx_severity"]));
    all
}

fn closed(properties: &Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// What a thing has of the standard's fields, here: those that are never written are no part of it.
fn properties(of: &Collection) -> Value {
    let mut all = Map::new();
    for (name, kind) in [("sourcedId", None), ("status", None), ("dateLastModified", Some("date-time"))] {
        let mut property = json!({ "type": "string" });
        if let Some(format) = kind {
            property["format"] = json!(format);
        }
        all.insert(name.to_owned(), property);
    }
    let reference = json!({ "$ref": "#/components/schemas/Reference" });
    for (name, written) in of.written {
        let property = match written {
            Written::Plain(_) if *name == "roles" => {
                json!({ "type": "array", "minItems": 1, "items": { "$ref": "#/components/schemas/Role" } })
            }
            Written::Plain(_) => json!({ "type": "string" }),
            Written::List(_) => json!({ "type": "array", "items": { "type": "string" } }),
            Written::One(..) => reference.clone(),
            Written::Many(..) => json!({ "type": "array", "items": reference }),
        };
        all.insert((*name).to_owned(), property);
    }
    Value::Object(all)
}
