//! Answers as the standard has them: one resource with its version, pages of several, and refusals.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::selection::Selection;
use crate::{
    error::Error,
    web::scim::{SCIM_JSON, ScimError},
};

const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// Why a request is not answered as it hopes: in the standard's words, or as everywhere.
#[derive(Debug)]
pub enum ScimRefusal {
    Scim(ScimError),
    Other(Error),
}

/// What handlers and actions give.
pub type ScimResult<T> = Result<T, ScimRefusal>;

impl From<ScimError> for ScimRefusal {
    fn from(error: ScimError) -> Self {
        Self::Scim(error)
    }
}

impl<E: Into<Error>> From<E> for ScimRefusal {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

impl IntoResponse for ScimRefusal {
    fn into_response(self) -> Response {
        match self {
            Self::Scim(error) => error.into_response(),
            Self::Other(error) => error.into_response(),
        }
    }
}

/// A resource as it is told.
#[derive(Clone, Debug)]
pub struct Resource(Map<String, Value>);

/// What every resource is told with.
pub struct Meta<'a> {
    pub schema: &'a str,
    pub kind: &'a str,
    pub location: String,
    pub created: Option<DateTime<Utc>>,
    pub changed: Option<DateTime<Utc>>,
    /// Whether the attributes are all that there are. What was loaded in part has no version to tell.
    pub is_whole: bool,
}

impl Resource {
    /// Adds what every resource is told with. The version follows from all that is told.
    #[must_use]
    pub fn of(mut attributes: Map<String, Value>, meta: Meta<'_>) -> Self {
        let moment = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
        attributes.insert("schemas".to_owned(), json!([meta.schema]));
        let hash: [u8; 32] = Sha256::digest(Value::Object(attributes.clone()).to_string()).into();
        let mut told = Map::new();
        told.insert("resourceType".to_owned(), json!(meta.kind));
        told.insert("location".to_owned(), json!(meta.location));
        if meta.is_whole {
            told.insert("version".to_owned(), json!(format!("W/\"{}\"", hex::encode(&hash[..12]))));
        }
        told.extend(meta.created.map(|at| ("created".to_owned(), json!(moment(at)))));
        told.extend(meta.changed.map(|at| ("lastModified".to_owned(), json!(moment(at)))));
        attributes.insert("meta".to_owned(), Value::Object(told));
        Self(attributes)
    }

    #[must_use]
    pub fn value(&self) -> Value {
        Value::Object(self.0.clone())
    }

    /// What a change is applied to: the attributes without those that follow from others.
    #[must_use]
    pub fn to_change(&self) -> Map<String, Value> {
        let mut resource = self.0.clone();
        resource.retain(|name, _| !["schemas", "id", "meta", "displayName", "groups"].contains(&name.as_str()));
        resource
    }

    fn meta(&self, part: &str) -> &str {
        self.0.get("meta").and_then(|meta| meta.get(part)).and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether this is the version that a request is about, where it names one.
    ///
    /// # Errors
    /// 412 where it names another.
    pub fn require(&self, headers: &HeaderMap) -> Result<(), ScimError> {
        match headers.get(header::IF_MATCH) {
            Some(named) if !self.is_among(named) => Err(ScimError {
                status: StatusCode::PRECONDITION_FAILED,
                kind: None,
                detail: "the resource has another version by now".to_owned(),
            }),
            _ => Ok(()),
        }
    }

    fn is_among(&self, named: &HeaderValue) -> bool {
        let plain = |version: &str| version.trim().trim_start_matches("W/").to_owned();
        let named = named.to_str().unwrap_or_default();
        named.split(',').any(|one| one.trim() == "*" || plain(one) == plain(self.meta("version")))
    }

    /// The answer to a request for it.
    #[must_use]
    pub fn answer(mut self, selection: &Selection, headers: &HeaderMap) -> Response {
        if headers.get(header::IF_NONE_MATCH).is_some_and(|named| self.is_among(named)) {
            return self.with_version(StatusCode::NOT_MODIFIED.into_response());
        }
        let version = HeaderValue::try_from(self.meta("version"));
        selection.apply(&mut self.0);
        let mut response = json(StatusCode::OK, &Value::Object(self.0));
        response.headers_mut().extend(version.ok().map(|version| (header::ETAG, version)));
        response
    }

    /// The answer to a request that made it.
    #[must_use]
    pub fn made(self, selection: &Selection) -> Response {
        let location = HeaderValue::try_from(self.meta("location"));
        let mut response = self.answer(selection, &HeaderMap::new());
        *response.status_mut() = StatusCode::CREATED;
        response.headers_mut().extend(location.ok().map(|location| (header::LOCATION, location)));
        response
    }

    fn with_version(&self, mut response: Response) -> Response {
        let version = HeaderValue::try_from(self.meta("version"));
        response.headers_mut().extend(version.ok().map(|version| (header::ETAG, version)));
        response
    }
}

/// A page of resources.
#[must_use]
pub fn list(resources: Vec<Resource>, total: i64, start: i64, selection: &Selection) -> Response {
    let resources = resources.into_iter().map(|mut resource| {
        selection.apply(&mut resource.0);
        Value::Object(resource.0)
    });
    documents(resources.collect(), total, start)
}

/// A page of what is told whole.
#[must_use]
pub fn documents(resources: Vec<Value>, total: i64, start: i64) -> Response {
    let body = json!({
        "schemas": [LIST], "totalResults": total, "startIndex": start, "itemsPerPage": resources.len(),
        "Resources": resources,
    });
    json(StatusCode::OK, &body)
}

#[must_use]
pub fn json(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, SCIM_JSON)], body.to_string()).into_response()
}
