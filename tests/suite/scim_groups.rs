//! `/scim/v2/Groups`: classes and roles as groups, and who is in them.

use serde_json::{Value, json};

use crate::scim::{Program, done_by_token, json_of, refused, text, value};
use crate::support::TestApp;

/// What a list costs grows with its length, and what a request costs has an end.
#[tokio::test]
async fn long_lists_are_read_once() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let program = Program::of(&test, &cast.school).await;
    let at = format!("/Groups/{}", cast.class_id);
    let before = program.get(&at).await;
    let strangers: Vec<Value> =
        (0..30_000).map(|n| json!({ "value": format!("00000000-0000-7000-8000-{n:012}") })).collect();
    let add = json!({ "op": "add", "path": "members", "value": strangers });
    refused(&program.patch(&at, json!([add])).await, 400, "invalidValue");
    let remove = json!({ "op": "remove", "path": "members", "value": strangers });
    assert_eq!(json_of(&program.patch(&at, json!([remove])).await.expect(200)), before);
    let none = format!("members[value eq {}\"none\"]", " ".repeat(4_000));
    let none = json!({ "op": "remove", "path": none });
    let page = program.patch(&at, json!([add, none, none])).await;
    refused(&page, 400, "invalidValue");
    assert_eq!(json_of(&page)["detail"], json!("the operations are too many for so many values"));
    let same = vec![json!({ "value": cast.pupil.member_id }); 30_000];
    let group = json_of(&program.put(&at, json!({ "displayName": "10A1", "members": same })).await.expect(200));
    assert_eq!(group["members"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn classes_are_groups_and_their_members_move() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let program = Program::of(&test, &cast.school).await;
    let (pupil, teacher) = (cast.pupil.member_id.to_string(), cast.teacher.member_id.to_string());
    let class = json!({ "displayName": "Lớp 10a9", "externalId": "c9", "members": [{ "value": pupil }] });
    let page = program.post("/Groups", class).await.expect(201);
    let made = json_of(&page);
    let id = text(&made["id"]);
    assert_eq!((&made["displayName"], &made["externalId"]), (&json!("10A9"), &json!("c9")));
    assert_eq!(made["members"][0]["$ref"], json!(format!("http://schoolgate.test/scim/v2/Users/{pupil}")));
    assert_eq!(program.get(&format!("/Users/{pupil}")).await["groups"][0]["display"], json!("10A9"));
    let before = program.get(&format!("/Groups/{}", cast.class_id)).await;
    assert!(!before.to_string().contains(&pupil));
    refused(&program.post("/Groups", json!({ "displayName": "10A9" })).await, 409, "uniqueness");
    refused(&program.post("/Groups", json!({ "displayName": "x".repeat(41) })).await, 400, "invalidValue");

    let at = format!("/Groups/{id}");
    let with_teacher = json!([{ "op": "add", "path": "members", "value": [{ "value": teacher }] }]);
    let group = json_of(&program.patch(&at, with_teacher).await.expect(200));
    assert_eq!(group["members"].as_array().unwrap().len(), 2);
    let homeroom = format!("SELECT homeroom_member_id::text FROM classes WHERE id = '{id}'");
    assert_eq!(value(&test, &homeroom).await.as_deref(), Some(teacher.as_str()));
    let another = json!([{ "op": "add", "path": "members", "value": [{ "value": cast.exams.member_id }] }]);
    refused(&program.patch(&at, another).await, 400, "invalidValue");
    for (filter, found) in [
        (format!("members eq \"{pupil}\""), vec![id.clone(), "student".to_owned()]),
        (format!("members.value eq \"{teacher}\" and displayName sw \"10\""), vec![id.clone()]),
        ("externalId eq \"c9\"".to_owned(), vec![id.clone()]),
        ("displayName eq \"manager\"".to_owned(), vec!["manager".to_owned()]),
    ] {
        assert_eq!(program.found("/Groups", &filter).await, found, "{filter}");
    }
    // A version is told of what is whole: it is the one to change.
    let slim = program.get("/Groups?excludedAttributes=members").await;
    for group in slim["Resources"].as_array().unwrap() {
        assert!(group.get("members").is_none() && group["meta"].get("version").is_none(), "{group}");
    }
    for group in program.get("/Groups").await["Resources"].as_array().unwrap() {
        let page = program.sends("GET", &format!("/Groups/{}", text(&group["id"])), &[], None).await.expect(200);
        assert_eq!(group["meta"]["version"], json!(page.header("etag")));
    }
    let in_capitals = "/Groups?excludedAttributes=members&filter=MEMBERS%20eq%20";
    let found = program.get(&format!("{in_capitals}%22{pupil}%22")).await;
    assert_eq!(found["totalResults"], json!(2));

    let out = json!([{ "op": "remove", "path": format!("members[value eq \"{pupil}\"]") }]);
    assert_eq!(json_of(&program.patch(&at, out).await.expect(200))["members"].as_array().unwrap().len(), 1);
    assert_eq!(program.get(&format!("/Users/{pupil}")).await["groups"].as_array().unwrap().len(), 1);
    let moves = done_by_token(&test, &pupil).await;
    assert_eq!(moves, ["member_changed", "member_changed"]);
    // The class had pupils: it stays on record.
    refused(&program.sends("DELETE", &at, &[], None).await, 409, "");
    let renamed = json_of(&program.put(&at, json!({ "displayName": "10A10" })).await.expect(200));
    assert_eq!(renamed["displayName"], json!("10A10"));
    assert_eq!(value(&test, &homeroom).await, None);
    let empty = json_of(&program.post("/Groups", json!({ "displayName": "10A11" })).await.expect(201));
    program.sends("DELETE", &format!("/Groups/{}", text(&empty["id"])), &[], None).await.expect(204);
    assert_eq!(done_by_token(&test, &text(&empty["id"])).await, ["class_created", "class_deleted"]);

    // Every member has a role, and roles are not renamed.
    let gone = json!([{ "op": "remove", "path": "members" }]);
    refused(&program.patch("/Groups/teacher", gone).await, 400, "mutability");
    refused(&program.put("/Groups/teacher", json!({ "displayName": "boss" })).await, 400, "mutability");
    refused(&program.sends("DELETE", "/Groups/teacher", &[], None).await, 400, "mutability");
}
