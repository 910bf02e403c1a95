//! The service: every address of the standard, pages, orders, filters, fields, errors; and what one client sees of others.

use std::collections::BTreeMap;

use axum::http::Method;
use schoolgate::{access::ClientScope, roster::fields::Field, router, routes::Access};
use serde_json::Value;

use super::round_trip::share_everything;
use super::{Program, SERVICE, json, shape};
use crate::support::{Cast, Someone, TestApp};

/// The address of a route with ids in it that are there.
fn filled(path: &str, cast: &Cast) -> String {
    let (school, class, year) = (cast.school.id(), cast.class_id, cast.school.year_id);
    let path = path.replace("{class}", &class.to_string());
    for (collection, id) in [
        ("academicSessions", year.to_string()),
        ("classes", class.to_string()),
        ("courses", format!("{year}.10")),
        ("demographics", cast.pupil.member_id.to_string()),
        ("enrollments", format!("{class}.{}", cast.pupil.member_id)),
        ("gradingPeriods", "none".to_owned()),
        ("orgs", school.to_string()),
        ("schools", school.to_string()),
        ("students", cast.pupil.member_id.to_string()),
        ("teachers", cast.homeroom_teacher.member_id.to_string()),
        ("terms", format!("{year}.term")),
        ("users", cast.pupil.member_id.to_string()),
    ] {
        let before = format!("/{collection}/{{id}}");
        if path.contains(&before) {
            return path.replace(&before, &format!("/{collection}/{id}"));
        }
    }
    path
}

fn service_routes() -> Vec<(&'static str, &'static [ClientScope])> {
    let routes = router::routes();
    let all = routes.declared().filter_map(|(method, path, access)| match access {
        Access::Client(scopes) if !scopes.is_empty() => {
            assert_eq!(method, Method::GET);
            Some((path, scopes))
        }
        _ => None,
    });
    all.collect()
}

#[tokio::test]
async fn every_address_answers_in_the_shape_of_the_standard() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    share_everything(&test).await;
    let pupil = Someone::pupil("Lê Văn Bình", cast.class_id)
        .value(Field::BirthDate, "2011-02-03")
        .value(Field::MotherName, "Trần Thị Hoa")
        .value(Field::Phone, "0901234567");
    cast.school.add(&test, pupil).await;
    let program = Program::of(&test, &cast.school, &ClientScope::ONEROSTER).await;
    let routes = service_routes();
    assert_eq!(routes.len(), 41, "the standard's reading calls");
    for (path, _) in routes {
        let address = filled(path, &cast);
        let page = program.call(Method::GET, &address).await;
        if path.ends_with("/gradingPeriods/{id}") {
            // Nobody has any.
            let page = page.expect(404);
            shape::error(&page.what, &json(&page), "unknownobject");
            continue;
        }
        let page = page.expect(200);
        assert_eq!(page.header("content-type"), "application/json", "{address}");
        let body = json(&page);
        if body.as_object().unwrap().values().all(Value::is_array) {
            shape::collection(&page.what, &body);
            let count = body.as_object().unwrap().values().next().unwrap().as_array().unwrap().len();
            assert_eq!(page.header("x-total-count"), count.to_string(), "{address}");
            assert!(page.header("link").contains("rel=\"first\""), "{address}");
            assert_eq!(count == 0, path.ends_with("gradingPeriods"), "{address}: {body}");
        } else {
            shape::single(&page.what, &body);
        }
        // Only reading is declared.
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let page = program.call(method, &address).await.expect(405);
            shape::error(&page.what, &json(&page), "invaliddata");
            assert!(page.header("allow").contains("GET"), "{address}");
        }
    }
    let page = program.get("/nothing").await.expect(404);
    shape::error(&page.what, &json(&page), "unknownobject");
}

/// Fails unless all references lead to what they name; how many there are.
pub async fn references(program: &Program) -> usize {
    let mut references = 0;
    for path in ["/academicSessions", "/classes", "/courses", "/enrollments", "/users"] {
        for thing in program.list(path).await {
            let mut waiting = vec![thing];
            while let Some(value) = waiting.pop() {
                if let Some(href) = value.get("href").and_then(Value::as_str) {
                    let path = href
                        .strip_prefix(&format!("http://schoolgate.test{SERVICE}"))
                        .unwrap_or_else(|| panic!("{href}"));
                    let found = json(&program.get(path).await.expect(200));
                    let found = found.as_object().unwrap().values().next().unwrap();
                    assert_eq!(found["sourcedId"], value["sourcedId"], "{href}");
                    references += 1;
                }
                match value {
                    Value::Array(values) => waiting.extend(values),
                    Value::Object(fields) => waiting.extend(fields.into_iter().map(|(_, value)| value)),
                    _ => {}
                }
            }
        }
    }
    references
}

#[tokio::test]
async fn references_lead_to_what_they_name() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let program = Program::of(&test, &cast.school, &ClientScope::ONEROSTER).await;
    let references = references(&program).await;
    assert!(references > 30, "{references}");
}

#[tokio::test]
async fn a_scope_that_is_lacking_is_forbidden_and_what_is_not_shared_is_not_there() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    for scope in ClientScope::ONEROSTER {
        let program = Program::of(&test, &cast.school, &[scope]).await;
        for (path, wanted) in service_routes() {
            let page = program.call(Method::GET, &filled(path, &cast)).await;
            if wanted.contains(&scope) {
                assert!([200, 404].contains(&page.status.as_u16()), "{scope:?}: {path}: {}", page.status);
            } else {
                let page = page.expect(403);
                shape::error(&page.what, &json(&page), "forbidden");
                assert!(page.header("www-authenticate").contains("insufficient_scope"), "{path}");
            }
        }
    }
    // With the scope, but without the school's yes.
    let personal = Program::of(&test, &cast.school, &ClientScope::ONEROSTER).await;
    assert_eq!(personal.list("/demographics").await, [] as [Value; 0]);
    personal.get(&format!("/demographics/{}", cast.pupil.member_id)).await.expect(404);
    share_everything(&test).await;
    assert!(!personal.list("/demographics").await.is_empty());
    // With the school's yes, but without the scope.
    let guardian = Someone::pupil("Lê Văn Bình", cast.class_id).value(Field::MotherName, "Trần Thị Hoa");
    cast.school.add(&test, guardian).await;
    let plain = Program::of(&test, &cast.school, &[ClientScope::Roster]).await;
    let text = plain.get("/users?limit=1000").await.expect(200).html();
    assert!(!text.contains("Hoa") && !text.contains("mother"), "{text}");
    assert!(personal.get("/users?limit=1000").await.expect(200).html().contains("mother"));
}

#[tokio::test]
async fn a_client_sees_nothing_of_another_school() {
    let test = TestApp::new().await;
    let (own, foreign) = (test.cast("79000001").await, test.cast("79000002").await);
    share_everything(&test).await;
    let program = Program::of(&test, &own.school, &ClientScope::ONEROSTER).await;
    let theirs: Vec<String> = foreign.everybody().iter().map(|person| person.member_id.to_string()).collect();
    for (path, _) in service_routes() {
        let address = filled(path, &foreign);
        let page = program.call(Method::GET, &address).await;
        if path.contains('{') {
            let page = page.expect(404);
            shape::error(&page.what, &json(&page), "unknownobject");
        } else {
            page.expect(200).hides(&theirs);
        }
    }
    // By whatever filter.
    for filter in [
        format!("sourcedId='{}'", foreign.pupil.member_id),
        format!("familyName='x' OR sourcedId='{}'", foreign.pupil.member_id),
        format!("primaryOrg.sourcedId='{}'", foreign.school.id()),
        "sourcedId~'-'".to_owned(),
        "sourcedId!='x'".to_owned(),
    ] {
        let filter: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        program.get(&format!("/users?limit=10000&filter={filter}")).await.expect(200).hides(&theirs);
    }
}

#[tokio::test]
async fn pages_orders_filters_and_fields_are_the_databases() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    for n in 0..25 {
        let name = format!("{} Văn {}", ["Lê", "Đặng", "Nguyễn"][n % 3], ["An", "Ánh", "Bình", "O'Kim", "Đạt"][n % 5]);
        cast.school.add(&test, Someone::pupil(&name, cast.class_id)).await;
    }
    let program = Program::of(&test, &cast.school, &[ClientScope::Roster]).await;
    let all = program.list("/students?limit=1000").await;
    let ids = |things: &[Value]| -> Vec<String> {
        things.iter().map(|thing| thing["sourcedId"].as_str().unwrap().to_owned()).collect()
    };
    let mut sorted = ids(&all);
    sorted.sort();
    assert_eq!(sorted, ids(&all), "by their ids where nothing is said");

    // The links lead through all of them, each once.
    let (mut next, mut seen) = (format!("{SERVICE}/students?limit=7&filter=status%3D%27active%27"), Vec::new());
    loop {
        let page = program.call(Method::GET, &next).await.expect(200);
        assert_eq!(page.header("x-total-count"), all.len().to_string());
        seen.extend(ids(json(&page)["users"].as_array().unwrap()));
        let links: Vec<String> = page.header("link").split(", ").map(str::to_owned).collect();
        let Some(link) = links.iter().find(|link| link.ends_with("rel=\"next\"")) else { break };
        let address = link.split(['<', '>']).nth(1).unwrap();
        assert!(address.starts_with("http://schoolgate.test/"), "{address}");
        next = address.trim_start_matches("http://schoolgate.test").to_owned();
    }
    assert_eq!(seen, ids(&all));
    let beyond = program.get("/students?limit=5&offset=1000").await.expect(200);
    assert_eq!(
        (beyond.header("x-total-count"), beyond.html()),
        (all.len().to_string().as_str(), "{\"users\":[]}".into())
    );

    let families = |things: &[Value]| -> Vec<String> {
        things.iter().map(|thing| thing["familyName"].as_str().unwrap().to_owned()).collect()
    };
    let upwards = families(&program.list("/students?limit=1000&sort=familyName&orderBy=asc").await);
    let mut expected = families(&all);
    expected.sort();
    assert_eq!(upwards, expected, "by code points");
    let mut downwards = families(&program.list("/students?limit=1000&sort=familyName&orderBy=desc").await);
    downwards.reverse();
    assert_eq!(upwards, downwards);
    assert_eq!(ids(&program.list("/students?limit=1000&sort=nothing").await), ids(&all), "the usual order");

    let found = async |filter: &str| {
        let filter: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        program.list(&format!("/students?limit=1000&filter={filter}")).await
    };
    let of = |name: &str| all.iter().filter(|thing| thing["familyName"] == name).count();
    assert_eq!(found("familyName='Đặng'").await.len(), of("Đặng"));
    assert_eq!(found("familyName='đặng'").await.len(), of("Đặng"), "whatever the case");
    assert_eq!(found("familyName!='Đặng'").await.len(), all.len() - of("Đặng"));
    assert_eq!(found("familyName='Đặng' OR familyName='Lê'").await.len(), of("Đặng") + of("Lê"));
    assert_eq!(found("familyName='Đặng' AND familyName='Lê'").await.len(), 0);
    assert_eq!(found("givenName='O''Kim'").await.len(), 5);
    assert!(found("givenName~'kim'").await.len() >= 5);
    assert_eq!(found("grades~'10'").await.len(), found("grades='10'").await.len());
    assert_eq!(found("grades='10'").await.len(), all.iter().filter(|thing| thing["grades"][0] == "10").count());
    assert_eq!(found("roles.role='teacher'").await.len(), 0);
    assert_eq!(found("sms='1'").await.len(), 0, "nobody has one");
    assert_eq!(found("sms!='1'").await.len(), all.len());
    assert_eq!(found("givenName='%'").await.len(), 0);

    for fields in ["fields=sourcedId,givenName", "fields=sourcedId&fields=givenName"] {
        let page = json(&program.get(&format!("/students?{fields}")).await.expect(200));
        for thing in page["users"].as_array().unwrap() {
            let mut names: Vec<&String> = thing.as_object().unwrap().keys().collect();
            names.sort();
            assert_eq!(names, ["givenName", "sourcedId"]);
        }
    }
    let one = json(&program.get(&format!("/users/{}?fields=email", cast.teacher.member_id)).await.expect(200));
    assert_eq!(one["user"].as_object().unwrap().keys().collect::<Vec<_>>(), ["email"]);

    for (query, reason) in [
        ("limit=0", "invaliddata"),
        ("limit=-1", "invaliddata"),
        ("limit=ten", "invaliddata"),
        ("limit=99999999999", "invaliddata"),
        ("limit=", "invaliddata"),
        ("offset=-1", "invaliddata"),
        ("orderBy=up", "invaliddata"),
        ("fields=nothing", "invalid_selection_field"),
        ("fields=", "invalid_selection_field"),
        ("filter=", "invalid_filter_field"),
        ("filter=nothing%3D%27x%27", "invalid_filter_field"),
        ("filter=familyName%3DJones", "invalid_filter_field"),
        ("filter=familyName%3D%27a%27+XOR+familyName%3D%27b%27", "invalid_filter_field"),
        ("filter=dateLastModified%3E%27soon%27", "invalid_filter_field"),
        ("filter=familyName%3D%27%00%27", "invalid_filter_field"),
    ] {
        let page = program.get(&format!("/students?{query}")).await.expect(400);
        shape::error(&page.what, &json(&page), reason);
    }
}

#[tokio::test]
async fn the_service_describes_itself() {
    let test = TestApp::new().await;
    let names = ["onerosterv1p2rostersservice_openapi3_v1p0.json", "imsorv1p2_rostering_openapi3_v1p0.json"];
    let mut described = Vec::new();
    for name in names {
        described.push(json(&test.anonymous().get(&format!("{SERVICE}/discovery/{name}")).await.expect(200)));
    }
    assert_eq!(described[0], described[1]);
    let description = &described[0];
    assert_eq!(description["servers"][0]["url"], format!("http://schoolgate.test{SERVICE}"));
    let flows = &description["components"]["securitySchemes"]["OAuth2CC"]["flows"];
    assert_eq!(flows["clientCredentials"]["tokenUrl"], "http://schoolgate.test/oauth2/token");
    // The parts of an address have the standard's names there, and ours in the routes.
    let nameless = |path: &str| {
        path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect::<Vec<_>>().join("/")
    };
    let paths: BTreeMap<String, &Value> =
        description["paths"].as_object().unwrap().iter().map(|(path, at)| (nameless(path), at)).collect();
    assert_eq!(description["paths"]["/classes/{sourcedId}"]["get"]["operationId"], "getClass");
    let students = &description["paths"]["/schools/{schoolSourcedId}/classes/{classSourcedId}/students"]["get"];
    assert_eq!(students["operationId"], "getStudentsForClassInSchool");
    for (path, scopes) in service_routes() {
        let operation = &paths[&nameless(path.strip_prefix(SERVICE).unwrap())]["get"];
        assert!(operation["operationId"].as_str().unwrap().starts_with("get"), "{path}");
        let described = operation["security"][0]["OAuth2CC"].as_array().unwrap();
        assert_eq!(described.len(), scopes.len(), "{path}");
    }
    assert_eq!(paths.len(), service_routes().len());
}
