//! Requests that say far more than any page of ours makes: words, ids and fields by the ten thousand. They are turned
//! away at once, and kindly; no statement is run for them.

use axum::http::Method;
use schoolgate::router;
use uuid::Uuid;

use crate::access_matrix::things;
use crate::support::TestApp;
use crate::support::say::vi;

fn many(what: &str) -> String {
    vec![what; 10_000].join("+")
}

#[tokio::test]
async fn no_search_takes_more_words_than_people_type() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let plan = cast.school.plan(&test).await;
    let operator = test.operator("operator@example.vn", &[]).await;
    let (owner, operator) = (test.signed_in(&cast.owner).await, test.signed_in(&operator).await);
    let (eleven, long) = (["an"; 11].join("+"), "a".repeat(101));
    let lists = [
        "/accounts?q=",
        "/accounts?role=teacher&status=active&q=",
        "/accounts/export.csv?q=",
        "/accounts/export.xlsx?q=",
        "/audit?who=",
        "/audit?member=",
        "/audit/export.csv?member=",
        "/grants?q=",
        "/slips?q=",
        &format!("/plans/{plan}?q="),
    ];
    for list in lists {
        for typed in [&eleven, &long, &many("an")] {
            let page = owner.get(&cast.school.path(&format!("{list}{typed}"))).await.expect(422);
            page.shows(&[&vi("error-search-too-long-title"), &vi("error-search-too-long-text")]);
        }
        let ten = ["an"; 10].join("+");
        owner.get(&cast.school.path(&format!("{list}{ten}"))).await.expect(200);
    }
    for typed in [&eleven, &long, &many("an")] {
        operator.get(&format!("/operator/schools?q={typed}")).await.expect(422);
    }
    // A list that something is done with says what it is in the address as well.
    owner.post(&cast.school.path(&format!("/accounts/bulk?q={eleven}")), &[("ids", "all")]).await.expect(422);
}

#[tokio::test]
async fn every_route_turns_away_ten_thousand_of_anything() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let plan = cast.school.plan(&test).await;
    let things = things(&test, &cast, plan).await;
    let operator = test.operator("operator@example.vn", &[]).await;
    // As long as the library that reads addresses lets them be.
    let ids = vec![test.id::<Uuid>().to_string(); 1_700].join(",");
    let queries = [
        format!("q={}&school={}", many("an"), many("an")),
        format!("company_name={}", many("an")),
        format!("full_name={}", many("an")),
        format!("class={}", many("10A1")),
        format!("ids={ids}"),
        format!("after={ids}"),
        "ids=1&".repeat(10_000),
        format!("{}=1", "x".repeat(10_000)),
    ];
    for person in [&cast.owner, &operator] {
        let client = test.signed_in(person).await;
        for (method, path, _) in router::routes().declared().filter(|(method, ..)| **method == Method::GET) {
            let address = things.address(path, &things);
            let address = address.split('?').next().unwrap();
            for query in &queries {
                let page = client.get(&format!("{address}?{query}")).await;
                assert!([401, 403, 404, 414, 422].contains(&page.status.as_u16()), "{method} {path}: {}", page.status);
                // Those who may not come here at all are told that first, whatever they ask for.
                if [401, 403, 404].contains(&page.status.as_u16()) {
                    break;
                }
            }
        }
    }
}

#[tokio::test]
async fn every_form_turns_away_more_fields_than_ours_have() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let plan = cast.school.plan(&test).await;
    let things = things(&test, &cast, plan).await;
    let operator = test.operator("operator@example.vn", &[]).await;
    let fields = vec![("ids", "1"); 30_000];
    let long = "x".repeat(100_000);
    let forms: [&[(&str, &str)]; 3] = [&fields, &[("reason", &long)], &[(&long, "1")]];
    for person in [&cast.owner, &operator] {
        let client = test.signed_in(person).await;
        for (_, path, _) in router::routes().declared().filter(|(method, ..)| **method == Method::POST) {
            // Here nothing is read: a person who signs out need not fill anything in.
            if ["/sign-out", "/oauth2/logout"].contains(&path) || path.ends_with("/plans/new") {
                continue;
            }
            for form in forms {
                let page = client.post(&things.address(path, &things), form).await;
                assert!(!page.status.is_server_error(), "{path}: {}", page.status);
                if page.status == 413 {
                    page.shows(&[&vi("error-form-too-long-title")]);
                }
            }
        }
    }
    let owner = test.signed_in(&cast.owner).await;
    for address in ["/accounts/bulk", "/grants", "/classes", "/accounts/students"] {
        owner.post(&cast.school.path(address), &fields).await.expect(413);
    }
    for address in [format!("/plans/{plan}/columns"), format!("/plans/{plan}/missing"), format!("/plans/{plan}/apply")]
    {
        owner.post(&cast.school.path(&address), &fields).await.expect(413);
    }
    test.anonymous().post("/sign-in", &[("login", &long), ("password", "x")]).await.expect(413);
    test.work().await;
}
