//! A OneRoster service elsewhere, on loopback: it answers rightly, but for what a test lets go wrong.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    body::Body,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use url::form_urlencoded;

/// A request that came: its path below the service and its query, and how many came before it for the same.
pub struct Asked {
    pub path: String,
    pub query: HashMap<String, String>,
    pub authorization: String,
    pub body: String,
    pub before: usize,
}

impl Asked {
    /// The name of the collection.
    pub fn of(&self, name: &str) -> bool {
        self.path == format!("/rostering/{name}")
    }

    fn number(&self, name: &str, otherwise: usize) -> usize {
        self.query.get(name).map_or(otherwise, |number| number.parse().unwrap())
    }

    pub fn offset(&self) -> usize {
        self.number("offset", 0)
    }
}

type Fault = dyn Fn(&Asked) -> Option<Response> + Send + Sync;

/// What was asked of it so far: each path with its query.
type Log = Arc<Mutex<Vec<String>>>;

pub struct Fake {
    pub url: String,
    log: Log,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Fake {
    /// Serves until it is dropped; what `fault` answers goes before what would be right.
    pub async fn start(fault: impl Fn(&Asked) -> Option<Response> + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (log, fault): (Log, Arc<Fault>) = (Log::default(), Arc::new(fault));
        let seen = log.clone();
        let router = Router::new().fallback(move |request: Request| {
            let (seen, fault) = (seen.clone(), fault.clone());
            async move {
                let asked = asked(request, &seen).await;
                fault(&asked).unwrap_or_else(|| right(&asked))
            }
        });
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, log, server }
    }

    pub async fn right() -> Self {
        Self::start(|_| None).await
    }

    pub fn address(&self) -> String {
        format!("{}/rostering", self.url)
    }

    pub fn token_address(&self) -> String {
        format!("{}/token", self.url)
    }

    /// How often this was asked for.
    pub fn count(&self, part: &str) -> usize {
        self.log.lock().unwrap().iter().filter(|asked| asked.contains(part)).count()
    }
}

async fn asked(request: Request, log: &Log) -> Asked {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let query = parts.uri.query().unwrap_or_default();
    let what = format!("{} {}", parts.method, parts.uri);
    let before = {
        let mut log = log.lock().unwrap();
        let before = log.iter().filter(|other| **other == what).count();
        log.push(what);
        before
    };
    let authorization = parts.headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    Asked {
        path: parts.uri.path().to_owned(),
        query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        authorization: authorization.unwrap_or_default(),
        body: String::from_utf8(body.to_vec()).unwrap(),
        before,
    }
}

/// The right answer: pages of at most two things, whatever is asked for.
fn right(asked: &Asked) -> Response {
    if asked.path == "/token" {
        return Json(json!({ "access_token": "t", "token_type": "Bearer", "expires_in": 3600 })).into_response();
    }
    if asked.authorization != "Bearer t" {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Some(name) = asked.path.strip_prefix("/rostering/") else { return StatusCode::NOT_FOUND.into_response() };
    let things = things(name);
    let page: Vec<Value> =
        things.iter().skip(asked.offset()).take(asked.number("limit", 100).min(2)).cloned().collect();
    page_of(name, &page, Some(things.len()))
}

/// A page with these things, and with what it says there are in all.
pub fn page_of(name: &str, things: &[Value], total: Option<usize>) -> Response {
    let mut response = Json(json!({ name: things })).into_response();
    if let Some(total) = total {
        response.headers_mut().insert("x-total-count", total.into());
    }
    response
}

pub fn status(status: u16) -> Response {
    (StatusCode::from_u16(status).unwrap(), Body::empty()).into_response()
}

fn named(id: &str) -> Value {
    json!({ "href": "https://elsewhere.example/x", "sourcedId": id, "type": "x" })
}

/// A class with a teacher and three pupils, one of which has left; and a class of last year.
pub fn things(collection: &str) -> Vec<Value> {
    let base =
        |id: &str| json!({ "sourcedId": id, "status": "active", "dateLastModified": "2026-09-01T00:00:00.000Z" });
    let with = |id: &str, more: Value| {
        let mut thing = base(id);
        thing.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        thing
    };
    let session = |id: &str, kind: &str, from: &str, to: &str| {
        with(id, json!({ "title": id, "type": kind, "startDate": from, "endDate": to, "schoolYear": "2027" }))
    };
    let class = |id: &str, title: &str, term: &str| {
        with(
            id,
            json!({ "title": title, "classType": "homeroom", "grades": ["10"], "course": named("course"),
                "school": named("org"), "terms": [named(term)] }),
        )
    };
    let user = |id: &str, family: &str, given: &str, role: &str, email: &str| {
        with(
            id,
            json!({ "username": id, "enabledUser": "true", "givenName": given, "familyName": family, "email": email,
                "roles": [{ "roleType": "primary", "role": role, "org": named("org") }], "primaryOrg": named("org") }),
        )
    };
    let enrolled = |id: &str, class: &str, user: &str, role: &str| {
        with(
            id,
            json!({ "class": named(class), "user": named(user), "school": named("org"), "role": role,
                "primary": (role == "teacher").to_string() }),
        )
    };
    match collection {
        "orgs" => vec![with(
            "org",
            json!({ "name": "Trường A", "type": "school", "identifier": "79000001", "parent": named("so") }),
        )],
        "academicSessions" => vec![
            session("last", "term", "2025-08-01", "2026-06-01"),
            session("year", "schoolYear", "2026-08-01", "2027-06-01"),
            session("term", "term", "2026-08-01", "2027-06-01"),
        ],
        "courses" => vec![with("course", json!({ "title": "Khối 10", "courseCode": "10", "org": named("org") }))],
        "classes" => vec![class("old", "9A1", "last"), class("class", "10A1", "term")],
        "users" => vec![
            user("thu", "Nguyễn", "Thị Thu", "teacher", "thu@example.vn"),
            user("an", "Lê", "Văn An", "student", ""),
            user("binh", "Trần", "Thanh Bình", "student", ""),
            {
                let mut gone = user("chi", "Đỗ", "Chi", "student", "");
                gone["status"] = json!("tobedeleted");
                gone
            },
        ],
        "enrollments" => vec![
            enrolled("e1", "class", "thu", "teacher"),
            enrolled("e2", "old", "an", "student"),
            enrolled("e3", "class", "an", "student"),
            enrolled("e4", "class", "binh", "student"),
        ],
        "demographics" => vec![
            with("an", json!({ "birthDate": "2011-02-03", "sex": "male" })),
            with("chi", json!({ "birthDate": "2011-02-03", "sex": "female" })),
        ],
        other => panic!("there is no {other}"),
    }
}
