//! `/scim/v2/Groups`: classes and roles as groups, and who is in them. Lists of people and groups: filters and searches.

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

/// Those who manage the school become homeroom teachers, or are it no more, by people alone.
#[tokio::test]
async fn no_program_gives_a_class_to_those_who_manage_the_school_or_takes_it_away() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let program = Program::of(&test, &cast.school).await;
    let at = format!("/Groups/{}", cast.class_id);
    let before = program.get(&at).await;
    for person in [&cast.owner, &cast.manager, &cast.account_manager] {
        let members = json!([{ "value": person.member_id }]);
        let replaced = json!([{ "op": "replace", "path": "members", "value": members }]);
        refused(&program.patch(&at, replaced).await, 403, "");
        refused(&program.put(&at, json!({ "displayName": "10A1", "members": members })).await, 403, "");
        refused(&program.post("/Groups", json!({ "displayName": "10A9", "members": members })).await, 403, "");
    }
    assert_eq!(program.get(&at).await, before);
    assert!(program.found("/Groups", "displayName eq \"10A9\"").await.is_empty());

    let empty = json_of(&program.post("/Groups", json!({ "displayName": "10A9" })).await.expect(201));
    sqlx::query("UPDATE classes SET homeroom_member_id = $1")
        .bind(cast.manager.member_id)
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    let before = program.get(&at).await;
    let out = json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", cast.manager.member_id) }]);
    refused(&program.patch(&at, out).await, 403, "");
    refused(&program.put(&at, json!({ "displayName": "10A1" })).await, 403, "");
    let another = json!([{ "op": "replace", "path": "members", "value": [{ "value": cast.teacher.member_id }] }]);
    refused(&program.patch(&at, another).await, 403, "");
    refused(&program.sends("DELETE", &format!("/Groups/{}", text(&empty["id"])), &[], None).await, 403, "");
    assert_eq!(program.get(&at).await, before);
    // Who is it already may stay.
    let pupil_out = json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", cast.pupil.member_id) }]);
    let left = json_of(&program.patch(&at, pupil_out).await.expect(200));
    let ids = |group: &Value| -> Vec<String> {
        group["members"].as_array().unwrap().iter().map(|member| text(&member["value"])).collect()
    };
    assert_eq!(ids(&left), [cast.newcomer.member_id.to_string(), cast.manager.member_id.to_string()]);
    let same = json!({ "displayName": "10A2", "members": left["members"] });
    assert_eq!(ids(&json_of(&program.put(&at, same).await.expect(200))), ids(&left));
}

#[tokio::test]
async fn people_are_found_a_page_at_a_time_and_in_part() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let program = Program::of(&test, &cast.school).await;
    let all = program.get("/Users?count=3").await;
    let total = all["totalResults"].as_u64().unwrap();
    assert_eq!((total, &all["itemsPerPage"], &all["startIndex"]), (11, &json!(3), &json!(1)));
    let mut seen = std::collections::BTreeSet::new();
    for start in (1..=total).step_by(4) {
        let page = program.get(&format!("/Users?startIndex={start}&count=4&attributes=userName")).await;
        for person in page["Resources"].as_array().unwrap() {
            let mut keys: Vec<&String> = person.as_object().unwrap().keys().collect();
            keys.sort();
            assert_eq!(keys, ["id", "schemas", "userName"]);
            assert!(seen.insert(text(&person["id"])));
        }
    }
    assert_eq!(seen.len() as u64, total);
    assert_eq!(program.get("/Users?count=0").await["totalResults"], json!(total));
    assert_eq!(program.get("/Users?startIndex=99").await["Resources"], json!([]));

    let me = cast.teacher.member_id.to_string();
    let email = &cast.teacher.login;
    for filter in [
        format!("userName eq \"{email}\""),
        format!("emails eq \"{}\"", email.to_uppercase()),
        format!("emails[type eq \"work\" and value eq \"{email}\"]"),
        format!("id eq \"{me}\" and active eq true"),
        format!(
            "userName sw \"{}\" and userType eq \"teacher\" and not (externalId pr)",
            email.split('@').next().unwrap()
        ),
        format!("id eq \"{me}\" and meta.lastModified gt \"2020-01-01T00:00:00Z\""),
        format!("id eq \"{me}\" and groups eq \"teacher\""),
        format!("(id eq \"{me}\") and not (active eq false) and (active eq true)"),
        format!("urn:ietf:params:scim:schemas:core:2.0:user:id eq \"{me}\""),
    ] {
        assert_eq!(program.found("/Users", &filter).await.concat(), me, "{filter}");
    }
    assert_eq!(program.found("/Users", "active eq false").await, [cast.suspended.member_id.to_string()]);
    assert!(program.found("/Users", "externalId eq \"nobody\"").await.is_empty());
    for wrong in [
        "userName",
        "shoeSize eq \"44\"",
        "active gt true",
        "meta.created eq \"yesterday\"",
        "urn:example:x:active eq false",
        "urn:example:x:emails[value pr]",
        "urn:ietf:params:scim:schemas:core:2.0:Group:id pr",
    ] {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("filter", wrong).finish();
        refused(&program.sends("GET", &format!("/Users?{query}"), &[], None).await, 400, "invalidFilter");
    }
    let search = json!({ "filter": format!("id eq \"{me}\""), "excludedAttributes": ["emails", "name.givenName"] });
    let found = json_of(&program.post("/Users/.search", search).await.expect(200));
    let person = &found["Resources"][0];
    assert!(person.get("emails").is_none() && person["name"].get("givenName").is_none());
    assert!(person["name"]["familyName"].is_string());
    let foreign = json!({ "filter": format!("id eq \"{me}\""), "attributes": ["urn:example:x:userName"] });
    let found = json_of(&program.post("/Users/.search", foreign).await.expect(200));
    assert_eq!(found["Resources"][0].as_object().unwrap().keys().collect::<Vec<_>>(), ["id", "schemas"]);
    // Over both kinds: the roles are always there.
    let both = json_of(&program.post("/.search", json!({ "count": 200 })).await.expect(200));
    let classes = program.get("/Groups").await["totalResults"].as_u64().unwrap();
    assert_eq!(both["totalResults"], json!(total + classes));
    let named = json!({ "filter": "displayName eq \"teacher\"" });
    let named = json_of(&program.post("/.search", named).await.expect(200));
    assert_eq!(named["Resources"][0]["id"], json!("teacher"));
    let of_groups = "urn:ietf:params:scim:schemas:core:2.0:Group:id pr";
    let of_groups = json_of(&program.post("/.search", json!({ "filter": of_groups })).await.expect(200));
    assert_eq!(of_groups["totalResults"], json!(classes));
    // Unless the filter is about what only people have.
    let pupils = json!({ "filter": "userType ne \"teacher\"" });
    let pupils = json_of(&program.post("/.search", pupils).await.expect(200));
    for each in pupils["Resources"].as_array().unwrap() {
        assert_eq!(each["meta"]["resourceType"], json!("User"));
    }
}

/// A pupil's login has the code of the school that made it.
#[tokio::test]
async fn user_names_are_compared_as_they_are_told() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let program = Program::of(&test, &cast.school).await;
    let id = cast.pupil.member_id.to_string();
    sqlx::query("UPDATE accounts SET login = split_part(login, '@', 1) || '@79009999' WHERE id = $1")
        .bind(cast.pupil.account_id)
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    let told = text(&program.get(&format!("/Users/{id}")).await["userName"]);
    let username = told.strip_suffix("@79009999").unwrap();
    for filter in [
        format!("userName eq \"{told}\""),
        format!("userName sw \"{}\"", told.to_uppercase()),
        format!("userName sw \"{username}@\""),
        format!("userName co \"{username}@79009\""),
        "userName ew \"@79009999\"".to_owned(),
        format!("userName ge \"{told}\" and userName le \"{told}\""),
        format!("id eq \"{id}\" and not (userName gt \"{told}\" or userName lt \"{told}\")"),
        format!("id eq \"{id}\" and userName gt \"{username}\" and (userName pr)"),
    ] {
        assert_eq!(program.found("/Users", &filter).await, std::slice::from_ref(&id), "{filter}");
    }
    for filter in [
        format!("userName ne \"{told}\" and id eq \"{id}\""),
        format!("userName co \"{username}@79000001\""),
        format!("userName eq null and id eq \"{id}\""),
    ] {
        assert!(program.found("/Users", &filter).await.is_empty(), "{filter}");
    }
    let newcomer = "userName ew \"@79000001\"";
    assert_eq!(program.found("/Users", newcomer).await, [cast.newcomer.member_id.to_string()]);
    assert_eq!(program.found("/Users", "userName pr").await.len(), 11);
    let both = json_of(&program.post("/.search", json!({ "filter": newcomer })).await.expect(200));
    assert_eq!(both["totalResults"], json!(1));
}

/// A filter that is not read as one would find everybody.
#[tokio::test]
async fn a_search_of_other_types_is_refused() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let program = Program::of(&test, &cast.school).await;
    for (search, kind) in [
        (json!({ "filter": 5 }), "invalidFilter"),
        (json!({ "filter": ["active eq false"] }), "invalidFilter"),
        (json!({ "attributes": "userName" }), "invalidValue"),
        (json!({ "excludedAttributes": [5] }), "invalidValue"),
        (json!({ "startIndex": "1" }), "invalidValue"),
        (json!({ "count": "5" }), "invalidValue"),
    ] {
        for path in ["/Users/.search", "/Groups/.search", "/.search"] {
            refused(&program.post(path, search.clone()).await, 400, kind);
        }
    }
}
