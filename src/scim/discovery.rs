//! What the service can do, and what its resources consist of (RFC 7644, 4).

use axum::{
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Response,
};
use serde_json::{Value, json};

use super::{
    answer::{self, ScimResult},
    request::{self, LARGEST_PAGE},
    schema,
};
use crate::{app::App, error::Error, paths, web::scim::ScimError};

const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const SERVICE: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

/// Nothing is filtered here: a program that asks for it must not take what is told for what fits (RFC 7644, 4).
fn unfiltered(query: Option<&str>) -> ScimResult<()> {
    if request::is_filtered(query) {
        let detail = "what the service consists of is not filtered".to_owned();
        return Err(ScimError { status: StatusCode::FORBIDDEN, kind: None, detail }.into());
    }
    Ok(())
}

pub async fn service(State(app): State<App>, RawQuery(query): RawQuery) -> ScimResult<Response> {
    unfiltered(query.as_deref())?;
    let body = json!({
        "schemas": [SERVICE],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": LARGEST_PAGE },
        "changePassword": { "supported": false },
        "sort": { "supported": false },
        "etag": { "supported": true },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token of the school with the scope scim, made on its page of settings",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": app.config.address_of(paths::ScimService::PATH),
        },
    });
    Ok(answer::json(StatusCode::OK, &body))
}

fn resource_types(app: &App) -> [(&'static str, Value); 2] {
    let told = |name: &'static str, schema: &str, endpoint: &str, description: &str| {
        let at = app.config.address_of(&paths::ScimResourceType::of(name).to_string());
        let told = json!({
            "schemas": [RESOURCE_TYPE], "id": name, "name": name, "endpoint": endpoint, "description": description,
            "schema": schema, "schemaExtensions": [], "meta": { "resourceType": "ResourceType", "location": at },
        });
        (name, told)
    };
    [
        told("User", schema::USER, "/Users", "The people of the school"),
        told("Group", schema::GROUP, "/Groups", "The classes of the school year, and the roles"),
    ]
}

pub async fn list_resource_types(State(app): State<App>, RawQuery(query): RawQuery) -> ScimResult<Response> {
    unfiltered(query.as_deref())?;
    let types: Vec<Value> = resource_types(&app).into_iter().map(|(_, told)| told).collect();
    let total = i64::try_from(types.len()).unwrap_or_default();
    Ok(answer::documents(types, total, 1))
}

pub async fn resource_type(State(app): State<App>, Path(id): Path<String>) -> ScimResult<Response> {
    let found = resource_types(&app).into_iter().find(|(name, _)| *name == id).ok_or(Error::NotFound)?;
    Ok(answer::json(StatusCode::OK, &found.1))
}

/// The schemas with their addresses.
fn schemas(app: &App) -> Vec<Value> {
    let told = |document: &Value| {
        let id = document.get("id").and_then(Value::as_str).unwrap_or_default();
        let at = app.config.address_of(&paths::ScimSchema::of(id).to_string());
        let mut told = document.clone();
        if let Some(told) = told.as_object_mut() {
            told.insert("schemas".to_owned(), json!([SCHEMA]));
            told.insert("meta".to_owned(), json!({ "resourceType": "Schema", "location": at }));
        }
        told
    };
    schema::DOCUMENTS.iter().map(told).collect()
}

pub async fn list_schemas(State(app): State<App>, RawQuery(query): RawQuery) -> ScimResult<Response> {
    unfiltered(query.as_deref())?;
    let schemas = schemas(&app);
    let total = i64::try_from(schemas.len()).unwrap_or_default();
    Ok(answer::documents(schemas, total, 1))
}

pub async fn schema(State(app): State<App>, Path(id): Path<String>) -> ScimResult<Response> {
    let is_meant = |schema: &Value| schema.get("id").and_then(Value::as_str) == Some(&id);
    let found = schemas(&app).into_iter().find(is_meant).ok_or(Error::NotFound)?;
    Ok(answer::json(StatusCode::OK, &found))
}
