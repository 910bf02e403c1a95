//! `/scim/v2/…`: another system keeps people and classes in step, by a token of the school.

use axum::body::Body;
use axum::http::{Method, header};
use schoolgate::access::TokenScope;
use serde_json::{Value, json};

use crate::support::people::School;
use crate::support::say::vi;
use crate::support::{Client, Page, TestApp};

/// A program with a token.
pub struct Program {
    client: Client,
    token: String,
}

impl Program {
    pub async fn of(test: &TestApp, school: &School) -> Self {
        Self { client: test.anonymous(), token: school.bearer(test, &[TokenScope::Scim]).await }
    }

    pub async fn sends(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Page {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.client.request(method, &format!("/scim/v2{path}"));
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/scim+json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.client.send(request, body).await
    }

    pub async fn get(&self, path: &str) -> Value {
        json_of(&self.sends("GET", path, &[], None).await.expect(200))
    }

    pub async fn post(&self, path: &str, body: Value) -> Page {
        self.sends("POST", path, &[], Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Page {
        self.sends("PUT", path, &[], Some(body)).await
    }

    pub async fn patch(&self, path: &str, operations: Value) -> Page {
        let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
        self.sends("PATCH", path, &[], Some(body)).await
    }

    /// The ids of the first page of a filter.
    pub async fn found(&self, path: &str, filter: &str) -> Vec<String> {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("filter", filter).finish();
        let list = self.get(&format!("{path}?{query}")).await;
        let resources = list["Resources"].as_array().unwrap();
        assert_eq!(list["totalResults"], json!(resources.len()), "{filter}");
        resources.iter().map(|resource| text(&resource["id"])).collect()
    }
}

pub fn json_of(page: &Page) -> Value {
    assert_eq!(page.header("content-type"), "application/scim+json", "{}", page.what);
    serde_json::from_slice(&page.body).unwrap()
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}

/// A refusal, with its reason in the standard's words.
pub fn refused(page: &Page, status: u16, kind: &str) {
    let told = json_of(page);
    assert_eq!(page.status.as_u16(), status, "{}: {told}", page.what);
    assert_eq!(told["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(told["status"], json!(status.to_string()));
    assert_eq!(told.get("scimType").and_then(Value::as_str).unwrap_or_default(), kind, "{}: {told}", page.what);
    assert!(told["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
}

/// What a token did to a subject, in the order of the alphabet.
pub async fn done_by_token(test: &TestApp, subject: &str) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT action FROM audit_events WHERE subject_id = $1::uuid AND actor_kind = 'token'
             AND actor_id = (SELECT id FROM api_tokens WHERE school_id = audit_events.school_id) ORDER BY action",
    )
    .bind(subject)
    .fetch_all(&mut test.admin().await)
    .await
    .unwrap()
}

pub async fn value(test: &TestApp, query: &str) -> Option<String> {
    sqlx::query_scalar(sqlx::AssertSqlSafe(query.to_owned())).fetch_one(&mut test.admin().await).await.unwrap()
}

fn pupil(user_name: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": user_name, "externalId": "hs-7",
        "name": { "familyName": "Nguyễn", "givenName": "Trần Minh Khải" },
        "emails": [{ "value": "nha@example.vn", "primary": true }],
    })
}

#[tokio::test]
async fn a_pupil_is_made_and_a_teacher_is_invited() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let program = Program::of(&test, &cast.school).await;
    let page = program.post("/Users", pupil("Minh.Khai@hs.example.vn")).await.expect(201);
    let made = json_of(&page);
    let id = text(&made["id"]);
    assert_eq!(page.header("location"), format!("http://schoolgate.test/scim/v2/Users/{id}"));
    assert_eq!(page.header("etag"), made["meta"]["version"].as_str().unwrap());
    assert_eq!(made["userName"], json!("minh.khai@79000001"));
    assert_eq!(made["displayName"], json!("Nguyễn Trần Minh Khải"));
    assert_eq!((&made["userType"], &made["active"]), (&json!("student"), &json!(true)));
    assert_eq!(made["groups"][0]["value"], json!("student"));
    assert_eq!(done_by_token(&test, &id).await, ["member_created"]);
    // With a temporary password to be printed, as from the page.
    let waits = format!("SELECT (temporary_until > now() - interval '100 years')::text FROM members WHERE id = '{id}'");
    assert_eq!(value(&test, &waits).await.as_deref(), Some("true"));
    for name in ["minh.khai@79000001", "MINH.KHAI", "minh.khai@hs.example.vn"] {
        assert_eq!(program.found("/Users", &format!("userName eq \"{name}\"")).await.concat(), id, "{name}");
    }
    refused(&program.post("/Users", pupil("minh.khai@hs.example.vn")).await, 409, "uniqueness");
    refused(&program.post("/Users", pupil("minh.khai@khac.example.vn")).await, 409, "uniqueness");

    let teacher = json!({
        "userName": "lan@example.vn", "userType": "teacher", "active": false,
        "name": { "formatted": "Phạm Thị Lan" },
    });
    let lan = json_of(&program.post("/Users", teacher.clone()).await.expect(201));
    let lan_id = text(&lan["id"]);
    assert_eq!((&lan["userName"], &lan["active"]), (&json!("lan@example.vn"), &json!(false)));
    test.work().await;
    // Held back: the link of the mail opens nothing until that is lifted.
    let link = crate::support::app::link_in(&test.mail_to("lan@example.vn").text);
    test.anonymous().get(&link).await.expect(404);
    let active = json!([{ "op": "replace", "path": "active", "value": true }]);
    let lan = json_of(&program.patch(&format!("/Users/{lan_id}"), active).await.expect(200));
    assert_eq!(lan["active"], json!(true));
    test.work().await;
    test.anonymous().get(&link).await.expect(200);
    assert_eq!(done_by_token(&test, &lan_id).await, ["member_created", "suspended", "suspension_lifted"]);
    refused(&program.post("/Users", teacher).await, 409, "uniqueness");

    let without = json!({ "userName": "hoa", "userType": "teacher", "name": { "givenName": "Hoa" } });
    refused(&program.post("/Users", without).await, 400, "invalidValue");
    refused(&program.post("/Users", json!({ "userName": "hoa" })).await, 400, "invalidValue");
    refused(&program.post("/Users", json!({ "name": { "givenName": "Hoa" } })).await, 400, "invalidValue");
    let manager = json!({ "userName": "q@example.vn", "userType": "manager", "name": { "givenName": "Quản" } });
    refused(&program.post("/Users", manager).await, 403, "");
}

#[tokio::test]
async fn people_change_leave_and_come_back() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let program = Program::of(&test, &cast.school).await;
    let made = json_of(&program.post("/Users", pupil("khai")).await.expect(201));
    let id = text(&made["id"]);
    let at = format!("/Users/{id}");
    let version = text(&made["meta"]["version"]);
    program.sends("GET", &at, &[("if-none-match", &version)], None).await.expect(304);
    let renamed = json!([
        { "op": "Replace", "path": "name.familyName", "value": "Lê" },
        { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "moi@example.vn" },
        { "op": "remove", "path": "externalId" },
    ]);
    let body = json!({ "Operations": renamed });
    let stale = program.sends("PATCH", &at, &[("if-match", "W/\"another\"")], Some(body.clone())).await;
    refused(&stale, 412, "");
    let changed = json_of(&program.sends("PATCH", &at, &[("if-match", &version)], Some(body)).await.expect(200));
    assert_eq!(changed["displayName"], json!("Lê Trần Minh Khải"));
    assert_eq!(changed["emails"], json!([{ "value": "moi@example.vn" }]));
    assert!(changed.get("externalId").is_none() && changed["meta"]["version"] != json!(version));

    let whole_name = json!([
        { "op": "replace", "path": "name", "value": { "formatted": "Lê Lợi" } },
        { "op": "remove", "path": "emails" },
    ]);
    let changed = json_of(&program.patch(&at, whole_name).await.expect(200));
    assert_eq!(changed["displayName"], json!("Lê Lợi"));
    assert!(changed.get("emails").is_none());

    // Nothing of a request is done where a part of it cannot be.
    let half = json!([{ "op": "replace", "value": { "active": false } }, { "op": "replace", "path": "userName", "value": "x" }]);
    refused(&program.patch(&at, half).await, 400, "mutability");
    assert_eq!(program.get(&at).await, changed);

    let whole = json!({
        "userName": "khai", "externalId": "hs-8", "active": false, "userType": "student",
        "name": { "familyName": "Lê", "givenName": "Khải" },
    });
    let replaced = json_of(&program.put(&at, whole).await.expect(200));
    assert_eq!((&replaced["active"], &replaced["externalId"]), (&json!(false), &json!("hs-8")));
    assert!(replaced.get("emails").is_none());
    let teacher = json!([{ "op": "replace", "path": "userType", "value": "teacher" }]);
    assert_eq!(json_of(&program.patch(&at, teacher).await.expect(200))["groups"][0]["value"], json!("teacher"));
    let student = json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
    program.patch("/Groups/student", student).await.expect(200);
    assert_eq!(program.get(&at).await["userType"], json!("student"));

    program.sends("DELETE", &at, &[], None).await.expect(204);
    refused(&program.sends("GET", &at, &[], None).await, 404, "");
    refused(&program.sends("DELETE", &at, &[], None).await, 404, "");
    let status = format!("SELECT status FROM members WHERE id = '{id}'");
    assert_eq!(value(&test, &status).await.as_deref(), Some("left"));
    let mut again = pupil("khai");
    again["externalId"] = json!("hs-8");
    let back = json_of(&program.post("/Users", again).await.expect(201));
    assert_eq!((text(&back["id"]), &back["displayName"]), (id.clone(), &json!("Nguyễn Trần Minh Khải")));
    let done = done_by_token(&test, &id).await;
    for action in ["suspended", "role_changed", "left", "came_back"] {
        assert!(done.contains(&action.to_owned()), "{action}: {done:?}");
    }
    test.work().await;
}

/// What an attribute cannot have, what is missing, and what another schema has: all is refused, and nothing changes.
#[tokio::test]
async fn what_the_schema_does_not_have_changes_nothing() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let program = Program::of(&test, &cast.school).await;
    let at = format!("/Users/{}", text(&json_of(&program.post("/Users", pupil("khai")).await.expect(201))["id"]));
    let before = program.get(&at).await;
    for (path, value) in [
        ("emails", json!(5)),
        ("emails", json!([{ "value": 5 }])),
        ("emails[type eq \"work\"].value", json!(5)),
        ("name", json!("Khác")),
        ("name", json!({ "formatted": 5 })),
        ("name.givenName", json!("")),
        ("active", json!("perhaps")),
        ("externalId", json!(5)),
    ] {
        let replaced = json!([{ "op": "replace", "path": path, "value": value }]);
        refused(&program.patch(&at, replaced).await, 400, "invalidValue");
    }
    let no_address = json!([{ "op": "add", "path": "emails", "value": { "type": "home" } }]);
    refused(&program.patch(&at, no_address).await, 400, "invalidValue");
    for (attribute, value) in [
        ("emails", json!([5])),
        ("emails", json!([{ "type": "home" }])),
        ("name", json!({ "familyName": "Khác" })),
        ("name", json!(null)),
        ("userName", json!(null)),
        ("active", json!(1)),
        ("externalId", json!(["x"])),
    ] {
        for method in ["POST", "PUT"] {
            let (path, user_name) = if method == "PUT" { (at.as_str(), "khai") } else { ("/Users", "moi") };
            let mut person = pupil(user_name);
            person["displayName"] = json!("Ngô Khác");
            person[attribute] = value.clone();
            refused(&program.sends(method, path, &[], Some(person)).await, 400, "invalidValue");
        }
    }
    let foreign = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:active";
    for operation in [
        json!({ "op": "replace", "path": foreign, "value": false }),
        json!({ "op": "replace", "value": { "urn:example:params:whatever:active": false } }),
    ] {
        refused(&program.patch(&at, json!([operation])).await, 400, "invalidPath");
    }
    // What is read only is ignored.
    let mut whole = pupil("khai");
    for (attribute, value) in [("displayName", json!("Ngô Khác")), ("groups", json!(5)), ("id", json!("x"))] {
        whole[attribute] = value;
    }
    assert_eq!(json_of(&program.put(&at, whole).await.expect(200)), before);
    assert_eq!(program.get(&at).await, before);
    let own =
        json!([{ "op": "replace", "path": "URN:ietf:params:scim:schemas:core:2.0:User:active", "value": "False" }]);
    assert_eq!(json_of(&program.patch(&at, own).await.expect(200))["active"], json!(false));
    test.work().await;
}

/// Another address would be invited to the record of a person who has used it.
#[tokio::test]
async fn an_address_that_was_signed_in_with_stays() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let program = Program::of(&test, &cast.school).await;
    let id = cast.teacher.member_id.to_string();
    let at = format!("/Users/{id}");
    let status = format!("SELECT status FROM members WHERE id = '{id}'");
    sqlx::query("UPDATE members SET first_signed_in_at = now() WHERE id = $1")
        .bind(cast.teacher.member_id)
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    let external = json!([{ "op": "add", "path": "externalId", "value": "gv-1" }]);
    program.patch(&at, external).await.expect(200);
    program.sends("DELETE", &at, &[], None).await.expect(204);
    let teacher = |email: &str| {
        json!({
            "userName": email, "externalId": "gv-1", "userType": "teacher",
            "name": { "formatted": cast.teacher.name }, "emails": [{ "value": email }],
        })
    };
    refused(&program.post("/Users", teacher("ke.gian@example.vn")).await, 400, "mutability");
    assert_eq!(value(&test, &status).await.as_deref(), Some("left"));

    let back = json_of(&program.post("/Users", teacher(&cast.teacher.login)).await.expect(201));
    assert_eq!(text(&back["id"]), id);
    assert_eq!(value(&test, &status).await.as_deref(), Some("invited"));
    let email = json!([{ "op": "replace", "path": "emails", "value": [{ "value": "ke.gian@example.vn" }] }]);
    refused(&program.patch(&at, email).await, 400, "mutability");
    assert_eq!(program.get(&at).await["emails"], json!([{ "value": cast.teacher.login }]));
    test.work().await;
    test.mail_to(&cast.teacher.login);
}

/// A user name that the other system gives to another person is not the old one's way back.
#[tokio::test]
async fn a_user_name_used_again_is_another_persons() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let program = Program::of(&test, &cast.school).await;
    let id = text(&json_of(&program.post("/Users", pupil("khai")).await.expect(201))["id"]);
    program.sends("DELETE", &format!("/Users/{id}"), &[], None).await.expect(204);
    let mut other = pupil("khai");
    other["externalId"] = json!("hs-8");
    refused(&program.post("/Users", other).await, 409, "uniqueness");
    let status = format!("SELECT status FROM members WHERE id = '{id}'");
    assert_eq!(value(&test, &status).await.as_deref(), Some("left"));
    // The id is the same person, by whatever name.
    let back = json_of(&program.post("/Users", pupil("khai.moi")).await.expect(201));
    assert_eq!((text(&back["id"]), &back["userName"]), (id.clone(), &json!("khai@79000001")));
    for name in ["khai", "khai.moi"] {
        assert_eq!(program.found("/Users", &format!("userName eq \"{name}\"")).await.concat(), id, "{name}");
    }
}

#[tokio::test]
async fn a_pupil_with_the_address_of_a_teacher_becomes_none() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let program = Program::of(&test, &cast.school).await;
    let mut child = pupil("khai");
    child["emails"] = json!([{ "value": cast.teacher.login }]);
    let id = text(&json_of(&program.post("/Users", child).await.expect(201))["id"]);
    let teacher = json!([{ "op": "replace", "path": "userType", "value": "teacher" }]);
    refused(&program.patch(&format!("/Users/{id}"), teacher).await, 409, "uniqueness");
    let member = json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
    refused(&program.patch("/Groups/teacher", member).await, 409, "uniqueness");
    let page = cast.school.path(&format!("/accounts/{id}/role"));
    let owner = test.signed_in(&cast.owner).await;
    owner.post(&page, &[("role", "teacher")]).await.expect(422).shows(&[&vi("fault-email-taken")]);
    assert_eq!(program.get(&format!("/Users/{id}")).await["userType"], json!("student"));
}

#[tokio::test]
async fn ranks_hold_and_no_other_school_is_seen() {
    let test = TestApp::new().await;
    let (own, foreign) = (test.cast("79000001").await, test.cast("79000002").await);
    let program = Program::of(&test, &own.school).await;
    let promoted = json!([{ "op": "add", "path": "members", "value": [{ "value": own.teacher.member_id }] }]);
    refused(&program.patch("/Groups/manager", promoted).await, 403, "");
    for person in [&own.owner, &own.manager, &own.account_manager] {
        let at = format!("/Users/{}", person.member_id);
        let before = program.get(&at).await;
        for operations in [
            json!([{ "op": "replace", "path": "active", "value": false }]),
            json!([{ "op": "replace", "path": "name.givenName", "value": "Khác" }]),
            json!([{ "op": "replace", "path": "userType", "value": "student" }]),
            json!([{ "op": "replace", "path": "externalId", "value": "x" }]),
        ] {
            refused(&program.patch(&at, operations).await, 403, "");
        }
        refused(&program.sends("DELETE", &at, &[], None).await, 403, "");
        assert_eq!(program.get(&at).await, before);
    }
    // An address that a person signs in with is theirs to change.
    let email = json!([{ "op": "replace", "path": "emails", "value": [{ "value": "ke.gian@example.vn" }] }]);
    refused(&program.patch(&format!("/Users/{}", own.teacher.member_id), email).await, 400, "mutability");

    let name = json!({ "displayName": "10A1" });
    for path in [format!("/Users/{}", foreign.pupil.member_id), format!("/Groups/{}", foreign.class_id)] {
        refused(&program.sends("GET", &path, &[], None).await, 404, "");
        refused(&program.sends("DELETE", &path, &[], None).await, 404, "");
        refused(&program.put(&path, name.clone()).await, 404, "");
        refused(&program.patch(&path, json!([{ "op": "replace", "path": "externalId", "value": "x" }])).await, 404, "");
    }
    let stranger = json!([{ "op": "add", "path": "members", "value": [{ "value": foreign.pupil.member_id }] }]);
    refused(&program.patch(&format!("/Groups/{}", own.class_id), stranger).await, 400, "invalidValue");
    let found = program.found("/Users", &format!("userName eq \"{}\"", foreign.pupil.login)).await;
    assert!(found.is_empty(), "{found:?}");
    assert!(!program.get("/Users?count=200").await.to_string().contains(&foreign.teacher.name));
}

#[tokio::test]
async fn refusals_are_told_as_the_standard_has_them() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let program = Program::of(&test, &cast.school).await;
    let stranger = Program { client: test.anonymous(), token: "sgt_no".to_owned() };
    let page = stranger.sends("GET", "/Users", &[], None).await;
    refused(&page, 401, "");
    assert!(page.header("www-authenticate").starts_with("Bearer"));
    let reader = Program {
        client: test.anonymous(),
        token: cast.school.bearer(&test, &[TokenScope::Submit, TokenScope::Read]).await,
    };
    let page = reader.sends("GET", "/Users", &[], None).await;
    refused(&page, 403, "");
    assert!(page.header("www-authenticate").contains("scope=\"scim\""));
    for path in ["/Nothing", "/Users/7", "/Users/nobody", "/Groups/janitor", "/Schemas/urn:x", "/ResourceTypes/Car"] {
        refused(&program.sends("GET", path, &[], None).await, 404, "");
    }
    // What the standard knows and the service does not support (RFC 7644, 3.11).
    for (method, path) in [("GET", "/Me"), ("PATCH", "/Me"), ("POST", "/Bulk")] {
        refused(&program.sends(method, path, &[], None).await, 501, "");
    }
    for (method, path) in [("POST", "/Schemas"), ("DELETE", "/Users"), ("PUT", "/ServiceProviderConfig")] {
        let page = program.sends(method, path, &[], None).await;
        refused(&page, 405, "");
        assert!(!page.header("allow").is_empty());
    }
    let send = async |kind: &str, body: String| {
        let request = program.client.request(Method::POST, "/scim/v2/Users").header(header::CONTENT_TYPE, kind);
        let request = request.header(header::AUTHORIZATION, format!("Bearer {}", program.token));
        program.client.send(request, Body::from(body)).await
    };
    refused(&send("text/xml", pupil("a1").to_string()).await, 415, "");
    refused(&send("application/json", "x".repeat(3 << 20)).await, 413, "");
    refused(&send("application/json", "{".to_owned()).await, 400, "invalidSyntax");
    refused(&send("application/json", "[]".to_owned()).await, 400, "invalidSyntax");
    send("application/json; charset=utf-8", pupil("a1").to_string()).await.expect(201);
    for (path, status) in [("/Users?count=many", 400), ("/Users?startIndex=x", 400)] {
        refused(&program.sends("GET", path, &[], None).await, status, "invalidValue");
    }
    // The tokens of a suspended school open nothing.
    sqlx::query("UPDATE schools SET suspended_at = now()").execute(&mut test.admin().await).await.unwrap();
    refused(&program.sends("GET", "/Users", &[], None).await, 403, "");
}

/// What the service supports, and its resource types and schemas, can be read from it.
#[tokio::test]
async fn the_service_says_what_it_can_do() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let program = Program::of(&test, &cast.school).await;
    let service = program.get("/ServiceProviderConfig").await;
    for (part, is_supported) in [("patch", true), ("filter", true), ("etag", true), ("bulk", false), ("sort", false)] {
        assert_eq!(service[part]["supported"], json!(is_supported), "{part}");
    }
    let types = program.get("/ResourceTypes").await;
    assert_eq!(types["totalResults"], json!(2));
    for kind in types["Resources"].as_array().unwrap() {
        let schema = program.get(&format!("/Schemas/{}", text(&kind["schema"]))).await;
        assert_eq!(schema["name"], kind["name"]);
        let one = program.get(&format!("/ResourceTypes/{}", text(&kind["id"]))).await;
        assert_eq!(&one, kind);
    }
    assert_eq!(program.get("/Schemas").await["totalResults"], json!(2));
    for path in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"] {
        refused(&program.sends("GET", &format!("{path}?filter=id+pr"), &[], None).await, 403, "");
    }
}
