//! Services that fail, lie or lead elsewhere: it is told which request failed and why, and nothing is taken.

use std::time::Duration;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use schoolgate::{
    access::Grant,
    outside::Outside,
    sources::remote::{
        self, FetchWhy, ServiceLimits,
        keep::{self, RemoteSourceDetails},
    },
};
use serde_json::json;

use super::fake::{Asked, Fake, page_of, status, things};
use super::remote::{SECRET, added, at_loopback, fetched};
use super::zips::counts;
use crate::support::people::School;
use crate::support::say::vi;
use crate::support::{Someone, TestApp};

/// Quick to give up.
fn impatient() -> ServiceLimits {
    ServiceLimits { pause: Duration::from_millis(1), tries: 3, ..ServiceLimits::default() }
}

/// Why nothing is fetched.
async fn why(test: &TestApp, school: &School, fake: &Fake, limits: ServiceLimits) -> (FetchWhy, String) {
    let source = added(test, school, fake).await;
    let failure = remote::fetch(&school.scope, test, test.id(), source, limits).await.unwrap().unwrap_err();
    keep::remove(&school.scope.grant().unwrap(), test, source).await.unwrap();
    (failure.why, failure.request)
}

/// What the database has of people and of files that wait.
async fn kept(test: &TestApp) -> (i64, i64, i64) {
    let counts =
        "SELECT (SELECT count(*) FROM members), (SELECT count(*) FROM plan_rows), (SELECT count(*) FROM plan_uploads)";
    sqlx::query_as(counts).fetch_one(&mut test.admin().await).await.unwrap()
}

fn is_second(asked: &Asked, of: &str) -> bool {
    asked.of(of) && asked.offset() == 2
}

#[tokio::test]
async fn what_fails_is_told_with_the_request_and_nothing_is_taken() {
    let test = at_loopback().await;
    let school = test.school("79000001").await;
    let before = kept(&test).await;
    let users = || things("users");
    let redirect = |to: &'static str| move || (StatusCode::FOUND, [(header::LOCATION, to)]).into_response();
    type Fault = Box<dyn Fn(&Asked) -> Option<Response> + Send + Sync>;
    let when = |is: fn(&Asked) -> bool, answer: Box<dyn Fn() -> Response + Send + Sync>| -> Fault {
        Box::new(move |asked| is(asked).then(&*answer))
    };
    let users_page: fn(&Asked) -> bool = |asked| is_second(asked, "users");
    let is_token: fn(&Asked) -> bool = |asked| asked.path == "/token";
    let cases: Vec<(&str, Fault, FetchWhy, &str)> = vec![
        (
            "a page that is missing",
            when(users_page, Box::new(|| page_of("users", &[], Some(4)))),
            FetchWhy::Incomplete,
            "/users",
        ),
        ("no JSON", when(users_page, Box::new(|| "<html>".into_response())), FetchWhy::Unfit, "/users"),
        (
            "a thing without an id",
            when(users_page, Box::new(|| page_of("users", &[json!({ "givenName": "An" })], Some(4)))),
            FetchWhy::Unfit,
            "/users",
        ),
        ("another collection", when(users_page, Box::new(|| page_of("orgs", &[], Some(4)))), FetchWhy::Unfit, "/users"),
        (
            "the same page again",
            when(users_page, Box::new(move || page_of("users", &users()[..2], Some(4)))),
            FetchWhy::Changed,
            "/users",
        ),
        (
            "another count",
            when(users_page, Box::new(move || page_of("users", &users()[2..], Some(5)))),
            FetchWhy::Changed,
            "/users",
        ),
        ("a fault that lasts", when(users_page, Box::new(|| status(503))), FetchWhy::Status, "/users"),
        ("too many requests, for ever", when(users_page, Box::new(|| status(429))), FetchWhy::Status, "/users"),
        ("not found", when(users_page, Box::new(|| status(404))), FetchWhy::Status, "/users"),
        ("not permitted", when(users_page, Box::new(|| status(403))), FetchWhy::Denied, "/users"),
        ("a token that is taken no more", when(users_page, Box::new(|| status(401))), FetchWhy::Denied, "/users"),
        (
            "the inner network",
            when(users_page, Box::new(redirect("http://169.254.169.254/latest/meta-data/"))),
            FetchWhy::Redirected,
            "/users",
        ),
        ("no token", when(is_token, Box::new(|| status(401))), FetchWhy::TokenRefused, "token"),
        ("a token that is none", when(is_token, Box::new(|| "{}".into_response())), FetchWhy::Unfit, "token"),
        ("a token elsewhere", when(is_token, Box::new(redirect("http://127.0.0.1:1/"))), FetchWhy::Redirected, "token"),
        (
            "a huge answer",
            when(users_page, Box::new(|| vec![b' '; 2 * 1024 * 1024].into_response())),
            FetchWhy::TooLarge,
            "/users",
        ),
    ];
    for (what, fault, expected, part) in cases {
        let fake = Fake::start(fault).await;
        let (why, request) = why(&test, &school, &fake, ServiceLimits { page_bytes: 1024 * 1024, ..impatient() }).await;
        assert_eq!(why, expected, "{what}: {request}");
        assert!(request.contains(part), "{what}: {request}");
    }
    assert_eq!(kept(&test).await, before);

    // A server that is led to is not asked.
    let inner = Fake::right().await;
    let to = inner.address();
    let fake = Fake::start(move |asked| {
        let answer = || (StatusCode::FOUND, [(header::LOCATION, to.clone())]).into_response();
        asked.of("users").then(answer)
    })
    .await;
    assert_eq!(why(&test, &school, &fake, impatient()).await.0, FetchWhy::Redirected);
    assert_eq!(inner.count(""), 0);

    // All together too much, too many pages, too slow.
    let fake = Fake::right().await;
    let small = ServiceLimits { all_bytes: 1_000, ..impatient() };
    assert_eq!(why(&test, &school, &fake, small).await.0, FetchWhy::TooLarge);
    assert_eq!(why(&test, &school, &fake, ServiceLimits { pages: 5, ..impatient() }).await.0, FetchWhy::TooMuch);
    let none = ServiceLimits { all_within: Duration::ZERO, ..impatient() };
    assert_eq!(why(&test, &school, &fake, none).await.0, FetchWhy::TooLong);
    drop(fake);
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut gone = Fake::right().await;
    gone.url = format!("http://{}", silent.local_addr().unwrap());
    let hasty = ServiceLimits { answer_within: Duration::from_millis(50), ..impatient() };
    assert_eq!(why(&test, &school, &gone, hasty).await.0, FetchWhy::TimedOut);
    drop(silent);
    assert_eq!(why(&test, &school, &gone, impatient()).await.0, FetchWhy::Unreachable);
}

#[tokio::test]
async fn what_passes_is_waited_for() {
    let test = at_loopback().await;
    let school = test.school("79000001").await;
    let fake = Fake::start(|asked| {
        let first = asked.before == 0;
        match () {
            // Demographics are not for this client, by either way to say so.
            () if asked.path == "/token" && asked.body.contains("demographics") => Some(status(400)),
            () if asked.of("demographics") => Some(status(403)),
            // Busy, broken, and a token that ends on the way.
            () if is_second(asked, "users") && first => {
                let mut busy = status(429);
                busy.headers_mut().insert(header::RETRY_AFTER, "1".parse().unwrap());
                Some(busy)
            }
            () if is_second(asked, "classes") && first => Some(status(500)),
            () if is_second(asked, "enrollments") && first => Some(status(401)),
            // Who does not say how many there are, says where they go on; or has short pages at the end.
            () if asked.of("academicSessions") => {
                let things = things("academicSessions");
                let mut page = page_of("academicSessions", &things[asked.offset()..][..1], None);
                let next = if asked.offset() + 1 < things.len() { "next" } else { "prev" };
                page.headers_mut().insert(header::LINK, format!("<https://x/>; rel=\"{next}\"").parse().unwrap());
                Some(page)
            }
            () if asked.of("orgs") => Some(page_of("orgs", &things("orgs"), None)),
            () => None,
        }
    })
    .await;
    let source = added(&test, &school, &fake).await;
    let plan = fetched(&test, &school, source).await;
    assert_eq!(counts(&test, &school, plan).await, [("create", 3)].into());
    assert_eq!(fake.count("/token"), 3, "with demographics, without them, and once more on the way, without them");
    assert_eq!(fake.count("/users?limit=1000&offset=2"), 2);
    assert_eq!(fake.count("/academicSessions"), 3);
}

#[tokio::test]
async fn what_breaks_the_standard_is_refused_like_a_file() {
    let test = at_loopback().await;
    let school = test.school("79000001").await;
    let owner = school.add(&test, Someone::manager("Lê Thị Chủ").with(Grant::Owner)).await;
    let owner = test.signed_in(&owner).await;
    let before = kept(&test).await;
    let roleless = Fake::start(|asked| {
        let mut users = things("users");
        users[1]["roles"] = json!([]);
        asked.of("users").then(|| page_of("users", &users, Some(4)))
    })
    .await;
    let source = added(&test, &school, &roleless).await;
    let plan = fetched(&test, &school, source).await;
    owner.get(&school.path(&format!("/plans/{plan}"))).await.expect(200).shows(&[
        &vi("refusal-oneroster"),
        "users.csv",
        "“an”",
    ]);
    keep::remove(&school.scope.grant().unwrap(), &test, source).await.unwrap();
    // One that does not answer: in words, with what was asked.
    let denied = Fake::start(|asked| asked.of("courses").then(|| status(403))).await;
    let source = added(&test, &school, &denied).await;
    let plan = fetched(&test, &school, source).await;
    owner.get(&school.path(&format!("/plans/{plan}"))).await.expect(200).shows(&[
        &vi("refusal-not-fetched"),
        "GET /courses?limit=1000&offset=0",
        "403",
    ]);
    assert_eq!(kept(&test).await, before);
    // One that is removed while its plan waits.
    let plan = remote::begin(&school.scope.grant().unwrap(), &test, source).await.unwrap();
    keep::remove(&school.scope.grant().unwrap(), &test, source).await.unwrap();
    test.work().await;
    owner.get(&school.path(&format!("/plans/{plan}"))).await.expect(200).shows(&[&vi("refusal-provider-gone")]);
}

#[tokio::test]
async fn without_the_setting_no_private_address_is_asked() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let fake = Fake::right().await;
    let details = RemoteSourceDetails {
        name: "Sở".to_owned(),
        address: "https://sis.example/".to_owned(),
        token_address: "https://sis.example/token".to_owned(),
        client_id: "a".to_owned(),
        secret: SECRET.to_owned().into(),
        with_demographics: false,
    };
    let source = keep::add(&school.scope.grant().unwrap(), &test, &details).await.unwrap().unwrap();
    let port = fake.url.rsplit(':').next().unwrap().to_owned();
    for (address, expected) in [
        (fake.token_address(), FetchWhy::NotHttps),
        (format!("https://127.0.0.1:{port}/token"), FetchWhy::NotPublic),
        (format!("https://localhost:{port}/token"), FetchWhy::NotPublic),
        (format!("https://[::ffff:127.0.0.1]:{port}/token"), FetchWhy::NotPublic),
        ("https://169.254.169.254/latest/meta-data/".to_owned(), FetchWhy::NotPublic),
    ] {
        // As it may stand there from before the setting was taken back.
        sqlx::query("UPDATE oneroster_providers SET token_address = $1")
            .bind(&address)
            .execute(&mut test.admin().await)
            .await
            .unwrap();
        let failure = remote::fetch(&school.scope, &test, test.id(), source, impatient()).await.unwrap().unwrap_err();
        assert_eq!(failure.why, expected, "{address}");
    }
    assert_eq!(fake.count(""), 0);
    assert!(Outside::default().check(&"https://sis.example/".parse().unwrap()).is_ok());
}
