//! What routes answer to every caller: where a visitor is led, that a change comes from here, the headers, errors as
//! pages, and how many connections a request holds.

use axum::body::Body;
use axum::http::{Method, header};
use schoolgate::{
    router,
    web::{Translator, i18n::Lang},
};

use super::{call, things};
use crate::support::app::link_in;
use crate::support::people::PASSWORD;
use crate::support::say::vi;
use crate::support::{Client, Page, TestApp};

/// A page reads on in the transaction in which its visitor was looked up; the first visit has something to write, and
/// the others nothing.
#[tokio::test]
async fn a_page_that_goes_on_from_its_entry_needs_one_connection() {
    let test = TestApp::with_one_connection().await;
    let cast = test.cast("79000001").await;
    let other = test.cast("79000002").await;
    let (owner, teacher) = (test.signed_in(&cast.owner).await, test.signed_in(&cast.teacher).await);
    let list = cast.school.path("/accounts");
    let class = format!("?class={}", cast.class_id);
    for query in ["", "?role=teacher", "?status=pending", "?q=khongcoai", "?before=end", class.as_str()] {
        owner.get(&format!("{list}{query}")).await.expect(200);
    }
    for _ in 0..2 {
        // A visitor who is refused leaves the connection to the others.
        teacher.get(&list).await.expect(403);
        owner.get(&other.school.path("/accounts")).await.expect(404);
        owner.get(&list).await.expect(200).shows(&[&cast.pupil.name]);
    }
}

/// A request that holds one connection while it waits for a second one stands still when many do so at once.
#[tokio::test]
async fn no_request_needs_two_connections_at_once() {
    let test = TestApp::with_one_connection().await;
    let cast = test.cast("79000001").await;
    let plan = cast.school.plan(&test).await;
    let things = things(&test, &cast, plan).await;
    let operator = test.operator("operator@example.vn", &[]).await;
    for person in [&cast.owner, &operator] {
        for (method, path, _) in
            router::routes().declared().filter(|(_, path, _)| !["/sign-out", "/oauth2/logout"].contains(path))
        {
            let client = test.signed_in(person).await;
            let page = call(&client, method, path, &things.address(path, &things)).await;
            assert!(!page.status.is_server_error(), "{}: {}", page.what, page.words());
        }
    }
    test.work().await;

    // The flows whose forms must be filled in to get to the database.
    let opened = [
        ("name", "Trường mới"),
        ("code", "79000009"),
        ("kind", "k12"),
        ("province", "79"),
        ("owner_name", "Lê Thị Chủ"),
        ("owner_email", "chu@example.vn"),
    ];
    test.signed_in(&operator).await.post("/operator/schools", &opened).await.expect(303);
    test.anonymous().post("/password/forgot", &[("login", &cast.teacher.login)]).await.expect(200);
    test.work().await;
    let password = [("password", "một câu dài dễ nhớ"), ("password_again", "một câu dài dễ nhớ")];
    for address in ["chu@example.vn", &cast.teacher.login] {
        let link = link_in(&test.mail_to(address).text);
        let client = test.anonymous();
        client.get(&link).await.expect(200);
        client.post(&link, &password).await.expect(303);
    }
    test.work().await;
    let client = test.anonymous();
    let sign_in = [("login", cast.newcomer.login.as_str()), ("password", cast.newcomer.temporary.as_deref().unwrap())];
    client.post("/sign-in", &sign_in).await.expect(303);
    client.post("/password/change", &password).await.expect(303);
}

#[tokio::test]
async fn an_anonymous_visitor_is_led_back_after_signing_in() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let there = cast.school.path("/accounts?q=an&role=teacher");
    let location = test.anonymous().get(&there).await.location();
    assert_eq!(location, "/sign-in?next=%2Fschools%2F79000001%2Faccounts%3Fq%3Dan%26role%3Dteacher");
    let client = test.anonymous();
    let next = client.get(&location).await.expect(200).input("next");
    let form = [("login", cast.owner.login.as_str()), ("password", PASSWORD), ("next", &next)];
    assert_eq!(client.post("/sign-in", &form).await.location(), there);
    // A form that was sent too late cannot be sent again by a GET.
    let late = test.anonymous().post(&cast.school.path("/classes"), &[]).await.location();
    assert_eq!(late, "/sign-in?next=%2F");
}

#[tokio::test]
async fn a_change_must_show_that_it_comes_from_here() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let plan = cast.school.plan(&test).await;
    let things = things(&test, &cast, plan).await;
    let owner = test.signed_in(&cast.owner).await;
    let elsewhere: [&[(&str, &str)]; 7] = [
        &[],
        &[("origin", "http://evil.example")],
        &[("origin", "http://schoolgate.test.evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "none"), ("origin", "http://schoolgate.test")],
        &[("sec-fetch-site", "same-site"), ("origin", "http://schoolgate.test")],
    ];
    let mut posts = 0;
    // Those of programs look at tokens and not at cookies, which alone a foreign page could send along.
    let is_of_pages = |path: &str| {
        !path.starts_with("/api/")
            && !path.starts_with("/scim/")
            && !["/oauth2/token", "/oauth2/revoke", "/oauth2/userinfo"].contains(&path)
    };
    for (_, path, _) in
        router::routes().declared().filter(|(method, path, _)| **method == Method::POST && is_of_pages(path))
    {
        for headers in elsewhere {
            let mut request = owner.request(Method::POST, &things.address(path, &things));
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            let page = owner.send(request, Body::from("name=10A5")).await;
            posts += 1;
            // Applications send browsers there by a form as well: then it leads to the page that an address leads to.
            if ["/oauth2/authorize", "/oauth2/logout"].contains(&path) {
                let location = page.expect(303).location();
                assert_eq!(location.split('?').next(), Some(path));
                continue;
            }
            assert_eq!(page.status, 403, "{} with {headers:?}", page.what);
            page.shows(&[&vi("error-foreign-origin-title")]);
        }
    }
    assert!(posts > 80, "{posts}");
    owner.get(&cast.school.path("/classes")).await.expect(200).hides(&["10A5"]);
    let here = owner.request(Method::POST, &cast.school.path("/classes")).header("sec-fetch-site", "same-origin");
    let here = here.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    owner.send(here, Body::from("name=10A5")).await.expect(303);
}

const HEADERS: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

#[tokio::test]
async fn every_answer_carries_the_headers_that_guard_it() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let plan = cast.school.plan(&test).await;
    let things = things(&test, &cast, plan).await;
    let mut addresses: Vec<String> = router::routes()
        .declared()
        .filter(|(method, ..)| **method == Method::GET)
        .map(|(_, path, _)| things.address(path, &things))
        .collect();
    addresses.extend(["/nowhere", "/healthz", "/readyz", "/metrics", "/assets/nothing.css"].map(str::to_owned));
    let mut ids = std::collections::HashSet::new();
    for client in [test.anonymous(), test.signed_in(&cast.owner).await] {
        for address in &addresses {
            let page = client.get(address).await;
            for (name, value) in HEADERS {
                assert_eq!(page.header(name), value, "{name} of {}", page.what);
            }
            let policy = page.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{}", page.what);
            // Programs keep for a while how signing in goes, and with which keys it is checked.
            let is_kept = ["/.well-known/openid-configuration", "/oauth2/jwks"].contains(&address.as_str());
            let cached = if is_kept { "public, max-age=300" } else { "no-store" };
            assert_eq!(page.header("cache-control"), cached, "{}", page.what);
            let is_page = !["/healthz", "/readyz", "/metrics", "/assets"].iter().any(|bare| address.starts_with(bare));
            if is_page {
                let id = page.header("x-request-id").to_owned();
                assert!(id.len() == 12 && ids.insert(id), "{} has no id of its own", page.what);
            }
        }
    }
}

#[tokio::test]
async fn errors_are_pages_in_the_visitors_language() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    for lang in Lang::ALL {
        let l = Translator::new(lang);
        let client = |client: Client| if lang == Lang::En { client.in_english() } else { client };
        let anonymous = client(test.anonymous());
        let shown = |page: Page, status: u16, key: &str| {
            let id = page.header("x-request-id").to_owned();
            let page = page.expect(status).shows(&[&l.t(&format!("error-{key}-title")), &id]);
            assert!(page.html().contains(&format!("<html lang=\"{}\"", l.lang())));
        };
        shown(anonymous.get("/nowhere").await, 404, "not-found");
        shown(anonymous.get("/schools/79000001/nowhere").await, 404, "not-found");
        let put = anonymous.request(Method::PUT, "/sign-in").header(header::ORIGIN, "http://schoolgate.test");
        shown(anonymous.send(put, Body::empty()).await, 405, "method");
        let long = "x".repeat(3 * 1024 * 1024);
        shown(anonymous.post("/sign-in", &[("login", &long)]).await, 413, "too-large");
        let teacher = client(test.signed_in(&cast.teacher).await);
        shown(teacher.get(&cast.school.path("/accounts")).await, 403, "forbidden");
        shown(teacher.get("/operator/schools").await, 403, "forbidden");

        // Something that nobody foresaw.
        let mut admin = test.admin().await;
        let broken = [
            "ALTER TABLE school_years RENAME TO school_years_away",
            "ALTER TABLE school_years_away RENAME TO school_years",
        ];
        let owner = client(test.signed_in(&cast.owner).await);
        sqlx::query(broken[0]).execute(&mut admin).await.unwrap();
        let page = owner.get(&cast.school.path("/classes")).await;
        sqlx::query(broken[1]).execute(&mut admin).await.unwrap();
        shown(page.hides(&["school_years", "relation"]), 500, "internal");
        owner.get(&cast.school.path("/classes")).await.expect(200);
    }
}
