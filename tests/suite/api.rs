//! `/api/…`: programs hand in data by a token of the school, and read what became of it.

use std::cell::Cell;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, header};
use futures_util::future::{join, join_all};
use schoolgate::{
    access::TokenScope,
    router,
    routes::Access,
    web::{Translator, i18n::Lang},
};
use serde_json::Value;

use crate::support::people::School;
use crate::support::say::{vi, vi1};
use crate::support::{Client, Page, TestApp, sheets};

const SUBMIT: &str = "/api/submissions";

/// A program with a token.
pub struct Program {
    client: Client,
    token: String,
}

impl Program {
    pub async fn of(test: &TestApp, school: &School) -> Self {
        Self::that_may(test, school, &TokenScope::ALL).await
    }

    async fn that_may(test: &TestApp, school: &School, scopes: &[TokenScope]) -> Self {
        Self { client: test.anonymous(), token: school.bearer(test, scopes).await }
    }

    async fn get(&self, path: &str) -> Page {
        let request = self.client.request(Method::GET, path);
        let request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        self.client.send(request, Body::empty()).await
    }

    /// Hands a file in; the answer comes when it has been checked, unless a header says otherwise.
    pub async fn hands_in(&self, kind: &str, file: &[u8], headers: &[(&str, &str)]) -> Page {
        let head = format!(
            "--b0und\r\ncontent-disposition: form-data; name=\"kind\"\r\n\r\n{kind}\r\n--b0und\r\n\
             content-disposition: form-data; name=\"file\"; filename=\"ds.xlsx\"\r\n\r\n"
        );
        let body = [head.as_bytes(), file, b"\r\n--b0und--\r\n"].concat();
        let mut request = self.client.request(Method::POST, SUBMIT);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request = request
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b0und");
        self.client.send(request, Body::from(body)).await
    }
}

/// The answer to a request that waits for background work.
pub async fn answered<T>(test: &TestApp, request: impl Future<Output = T>) -> T {
    let is_done = Cell::new(false);
    let request = async {
        let answer = request.await;
        is_done.set(true);
        answer
    };
    let work = async {
        while !is_done.get() {
            tokio::time::sleep(Duration::from_millis(20)).await;
            test.work().await;
        }
    };
    let (answer, ()) = join(request, work).await;
    test.work().await;
    answer
}

fn json(page: &Page) -> Value {
    serde_json::from_slice(&page.body).unwrap_or_else(|_| panic!("{} is no JSON: {}", page.what, page.html()))
}

#[track_caller]
pub fn problem(page: &Page, status: u16, key: &str) -> Value {
    assert_eq!(page.status, status, "{}: {}", page.what, page.html());
    assert_eq!(page.header("content-type"), "application/problem+json", "{}", page.what);
    let body = json(page);
    assert_eq!(body["type"], format!("urn:schoolgate:problem:{key}"));
    assert_eq!(body["status"], status);
    assert!(body["title"].is_string() && body["detail"].is_string(), "{body}");
    body
}

/// A list of teachers; each is a name and a birth date as typed.
fn staff(people: &[(&str, &str)]) -> Vec<u8> {
    let mut rows = vec![["Họ và tên", "Giới tính", "Ngày sinh", "Email"].map(str::to_owned).to_vec()];
    rows.extend(people.iter().enumerate().map(|(n, (name, born))| {
        vec![(*name).to_owned(), "Nữ".to_owned(), (*born).to_owned(), format!("giao.vien{n}@example.vn")]
    }));
    sheets::written(&rows)
}

async fn count(test: &TestApp, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(&mut test.admin().await).await.unwrap()
}

const SUBMISSIONS: &str = "SELECT count(*) FROM submissions";

#[tokio::test]
async fn a_file_without_faults_is_checked_and_handed_in() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let program = Program::of(&test, &school).await;
    let file = staff(&[("Ngô Thị Hạnh", "02/01/1980"), ("Đinh Thị Khuê", "03/01/1980")]);
    let page = answered(&test, program.hands_in("staff", &file, &[])).await.expect(202);
    let told = json(&page);
    assert_eq!((&told["state"], &told["kind"]), (&"submitted".into(), &"staff".into()), "{told}");
    assert_eq!((&told["rows"], &told["create"], &told["error"]), (&2.into(), &2.into(), &0.into()));
    assert_eq!(told["errors"], Value::Array(Vec::new()));
    assert_eq!(page.header("location"), told["url"].as_str().unwrap());
    let address = told["url"].as_str().unwrap().split_once("//").unwrap().1.split_once('/').unwrap().1.to_owned();
    let address = format!("/{address}");
    assert_eq!(address, format!("{SUBMIT}/{}", told["id"].as_str().unwrap()));
    assert_eq!(json(&program.get(&address).await.expect(200)), told);
    let (by_token, by): (i64, Vec<String>) = (
        count(&test, "SELECT count(*) FROM submissions WHERE token_id IS NOT NULL AND state = 'submitted'").await,
        sqlx::query_scalar("SELECT DISTINCT actor_kind FROM audit_events WHERE action LIKE 'submission%'")
            .fetch_all(&mut test.admin().await)
            .await
            .unwrap(),
    );
    assert_eq!((by_token, by), (1, vec!["token".to_owned()]));

    // Not waited for, it is handed in all the same.
    let file = staff(&[("Ngô Thị Hạnh", "02/01/1980"), ("Phan Thị Lựu", "03/01/1980")]);
    let page = program.hands_in("staff", &file, &[("prefer", "respond-async")]).await.expect(202);
    assert_eq!(json(&page)["state"], "checking");
    test.work().await;
    let address = format!("{SUBMIT}/{}", json(&page)["id"].as_str().unwrap());
    assert_eq!(json(&program.get(&address).await.expect(200))["state"], "submitted");
}

#[tokio::test]
async fn a_token_reaches_its_school_alone_and_nothing_else() {
    let test = TestApp::new().await;
    let (cast, foreign) = (test.cast("79000001").await, test.cast("79000002").await);
    let program = Program::of(&test, &cast.school).await;
    let file = staff(&[("Ngô Thị Hạnh", "02/01/1980")]);
    let page = answered(&test, program.hands_in("staff", &file, &[])).await.expect(202);
    let address = format!("{SUBMIT}/{}", json(&page)["id"].as_str().unwrap());
    let theirs = Program::of(&test, &foreign.school).await;
    problem(&theirs.get(&address).await, 404, "not-found");
    problem(&program.get(&format!("{SUBMIT}/nothing")).await, 404, "not-found");
    problem(&program.get("/api/nowhere").await, 404, "not-found");

    // Pages know no tokens, and the API no sessions.
    for path in [cast.school.path(""), cast.school.path("/accounts"), "/me".to_owned(), "/operator/schools".to_owned()]
    {
        assert!(program.get(&path).await.location().starts_with("/sign-in?next="), "{path}");
    }
    let owner = test.signed_in(&cast.owner).await;
    let refused = owner.get(&address).await;
    problem(&refused, 401, "token");
    assert!(refused.header("www-authenticate").starts_with("Bearer"));
    assert!(refused.headers.get("set-cookie").is_none() && refused.headers.get("location").is_none());

    for (scopes, method) in [(TokenScope::Read, Method::POST), (TokenScope::Submit, Method::GET)] {
        let narrow = Program::that_may(&test, &cast.school, &[scopes]).await;
        let page = match method {
            Method::POST => narrow.hands_in("staff", &file, &[]).await,
            _ => narrow.get(&address).await,
        };
        problem(&page, 403, "scope-missing");
        assert!(page.header("www-authenticate").contains("insufficient_scope"));
    }
    for token in ["", "sgt_", "sgt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "Basic"] {
        let stranger = Program { client: test.anonymous(), token: token.to_owned() };
        problem(&stranger.get(&address).await, 401, "token");
    }
    sqlx::query("UPDATE schools SET suspended_at = now()").execute(&mut test.admin().await).await.unwrap();
    problem(&program.get(&address).await, 403, "school-suspended");
}

#[tokio::test]
async fn wrong_rows_are_named_and_wait_for_the_school() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let program = Program::of(&test, &cast.school).await;
    let file = staff(&[("Ngô Thị Hạnh", "02/01/1980"), ("Đinh Thị Khuê", "31/02/1980")]);
    let page = answered(&test, program.hands_in("staff", &file, &[])).await;
    let told = problem(&page, 422, "rows-wrong");
    assert_eq!((&told["state"], &told["rows"], &told["error"]), (&"draft".into(), &2.into(), &1.into()));
    let wrong = &told["errors"][0];
    assert_eq!((&wrong["row"], &wrong["column"]), (&3.into(), &vi("field-birth-date").into()), "{told}");
    assert_eq!(wrong["message"], vi1("fault-date-impossible", "value", "31/02/1980"));
    let page = told["page"].as_str().unwrap().split_once("schoolgate.test").unwrap().1.to_owned();
    test.signed_in(&cast.owner).await.get(&page).await.expect(200).shows(&["31/02/1980"]);

    let page = answered(&test, program.hands_in("staff", &file, &[("accept-language", "en-GB, vi;q=0.5")])).await;
    assert_eq!(problem(&page, 422, "rows-wrong")["title"], Translator::new(Lang::En).t("problem-rows-wrong"));
    // What is no spreadsheet is taken, looked at and refused.
    let page = answered(&test, program.hands_in("staff", b"\x00\x01\x02 nothing", &[])).await.expect(202);
    let told = json(&page);
    assert_eq!(told["state"], "refused");
    assert!(told["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{told}");

    // Two rows that may be one person wait for the school to decide.
    let twins = staff(&[("Ngô Thị Hạnh", "02/01/1980"), ("Ngô Thị Hạnh", "02/01/1980")]);
    let page = answered(&test, program.hands_in("staff", &twins, &[])).await.expect(202);
    let told = json(&page);
    assert_eq!((&told["state"], &told["duplicate"]), (&"draft".into(), &2.into()), "{told}");
    assert_eq!(told["detail"], vi1("problem-rows-undecided-detail", "count", 2));
}

#[tokio::test]
async fn a_key_gets_the_same_answer_for_a_day() {
    let test = TestApp::with_many_connections().await;
    let school = test.school("79000001").await;
    let program = Program::of(&test, &school).await;
    let (file, other) = (staff(&[("Ngô Thị Hạnh", "02/01/1980")]), staff(&[("Đinh Thị Khuê", "03/01/1980")]));
    let key = [("idempotency-key", "nop-2026-11-29")];
    let first = answered(&test, program.hands_in("staff", &file, &key)).await.expect(202);
    let again = answered(&test, program.hands_in("staff", &file, &key)).await.expect(202);
    assert_eq!((&first.body, first.header("location")), (&again.body, again.header("location")));
    assert_eq!(count(&test, SUBMISSIONS).await, 1);
    problem(&answered(&test, program.hands_in("staff", &other, &key)).await, 422, "idempotency");
    problem(&answered(&test, program.hands_in("classes", &file, &key)).await, 422, "idempotency");
    // Another token's keys are its own.
    let second = Program::of(&test, &school).await;
    answered(&test, second.hands_in("staff", &other, &key)).await.expect(202);
    assert_eq!(count(&test, SUBMISSIONS).await, 2);

    // At once, too.
    let key = [("idempotency-key", "zwei")];
    let third = Program::of(&test, &school).await;
    let wrong = staff(&[("Đinh Thị Khuê", "31/02/1980")]);
    let both = join_all((0..3).map(|_| third.hands_in("staff", &wrong, &key)));
    let answers = answered(&test, both).await;
    assert_eq!(count(&test, SUBMISSIONS).await, 3);
    for answer in &answers {
        assert_eq!(answer.body, answers[0].body);
        problem(answer, 422, "rows-wrong");
    }
    test.clock.advance(chrono::Duration::hours(24));
    answered(&test, program.hands_in("staff", &other, &[("idempotency-key", "nop-2026-11-29")])).await.expect(202);
    assert_eq!(count(&test, SUBMISSIONS).await, 4);
}

#[tokio::test]
async fn what_is_no_submission_is_refused_with_a_reason() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let program = Program::of(&test, &school).await;
    let file = staff(&[("Ngô Thị Hạnh", "02/01/1980")]);
    problem(&program.hands_in("everything", &file, &[]).await, 422, "submission-kind");
    problem(&program.hands_in("staff", b"", &[]).await, 422, "submission-file");
    for key in ["", "có dấu cách", &"x".repeat(256)] {
        let key = [("idempotency-key", key)];
        problem(&program.hands_in("staff", &file, &key).await, 400, "malformed");
    }
    let authorized = |kind: &'static str| {
        let request = program.client.request(Method::POST, SUBMIT).header(header::CONTENT_TYPE, kind);
        request.header(header::AUTHORIZATION, format!("bearer {}", program.token))
    };
    let page = program.client.send(authorized("application/json"), Body::from("{}")).await;
    problem(&page, 415, "media-type");
    let page = program.client.send(authorized("multipart/form-data; boundary=x"), Body::from("nonsense")).await;
    problem(&page, 400, "malformed");
    let huge = vec![0; 40 * 1024 * 1024];
    problem(&program.hands_in("staff", &huge, &[]).await, 413, "too-large");
    let put = program.client.request(Method::PUT, SUBMIT);
    let put = put.header(header::AUTHORIZATION, format!("bearer {}", program.token));
    let page = program.client.send(put, Body::empty()).await;
    problem(&page, 405, "method");
    assert_eq!(page.header("allow"), "POST");
    assert_eq!(count(&test, SUBMISSIONS).await, 0);
}

#[tokio::test]
async fn a_hundred_requests_at_once_throttle_their_own_token_only() {
    let mut test = TestApp::with_many_connections().await;
    let (cast, foreign) = (test.cast("79000001").await, test.cast("79000002").await);
    let program = Program::of(&test, &cast.school).await;
    let theirs = Program::of(&test, &foreign.school).await;
    let owner = test.signed_in(&cast.owner).await;
    let file = staff(&[("Ngô Thị Hạnh", "02/01/1980")]);
    let asks = [("prefer", "respond-async")];
    let flood = join_all((0..100).map(|_| program.hands_in("staff", &file, &asks)));
    let page = cast.school.path("/accounts");
    let ((answers, own_page), their_answer) =
        join(join(flood, owner.get(&page)), theirs.hands_in("staff", &file, &asks)).await;
    own_page.expect(200);
    their_answer.expect(202);
    let taken = answers.iter().filter(|answer| answer.status == 202).count();
    let waiting = answers.iter().filter(|answer| answer.status == 422).count();
    assert_eq!(taken + waiting, 10, "ten at once, as far as the school has room");
    for answer in answers.iter().filter(|answer| ![202, 422].contains(&answer.status.as_u16())) {
        problem(answer, 429, "too-many-tries");
        assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
    }
    test.clock.advance(chrono::Duration::seconds(10));
    test.work().await;
    answered(&test, program.hands_in("staff", &file, &[])).await.expect(202);
    test.leaves_jobs();
}

/// What programs hand in is limited like what people upload, and keeps no import of the school back.
#[tokio::test]
async fn ten_lists_of_programs_wait_and_no_more() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let program = Program::of(&test, &cast.school).await;
    let wrong = staff(&[("Ngô Thị Hạnh", "31/02/1980")]);
    let key = [("idempotency-key", "nop-lan-dau")];
    let hands_in = async |headers: &[(&str, &str)]| {
        test.clock.advance(chrono::Duration::seconds(10));
        answered(&test, program.hands_in("staff", &wrong, headers)).await
    };
    let first = hands_in(&key[..]).await;
    problem(&first, 422, "rows-wrong");
    for _ in 1..10 {
        problem(&hands_in(&[]).await, 422, "rows-wrong");
    }
    problem(&hands_in(&[]).await, 422, "files-waiting");
    assert_eq!(count(&test, SUBMISSIONS).await, 10);
    // What was answered is answered again; another file with the key is not taken for it.
    assert_eq!(hands_in(&key[..]).await.body, first.body);
    test.clock.advance(chrono::Duration::seconds(10));
    let other = staff(&[("Đinh Thị Khuê", "31/02/1980")]);
    problem(&answered(&test, program.hands_in("staff", &other, &key)).await, 422, "idempotency");

    let manager = test.signed_in(&cast.manager).await;
    let import = cast.school.path("/plans/new?source=teachers");
    manager.upload(&import, "giao-vien.xlsx", &staff(&[("Ngô Thị Hạnh", "02/01/1980")])).await.expect(303);
    test.work().await;

    // A draft that is discarded makes room; what the program was told of it is forgotten when its key is.
    let owner = test.signed_in(&cast.owner).await;
    let told: Value = serde_json::from_slice(&first.body).unwrap();
    let draft = cast.school.path(&format!("/submissions/{}", told["id"].as_str().unwrap()));
    owner.post(&format!("{draft}/discard"), &[]).await.expect(303);
    assert_eq!(hands_in(&key[..]).await.body, first.body);
    problem(&hands_in(&[]).await, 422, "rows-wrong");
    let keys = "SELECT count(*) FROM idempotency_keys";
    assert_eq!(count(&test, keys).await, 1);
    test.clock.advance(chrono::Duration::days(1));
    let attempt = schoolgate::jobs::Attempt { number: 1, is_last: false };
    let purge = schoolgate::plan::purge::PurgePlans {};
    schoolgate::jobs::Handle::handle(purge, std::sync::Arc::new((*test).clone()), attempt).await.unwrap();
    assert_eq!(count(&test, keys).await, 0);
}

/// The same list night after night, as programs send it, does not stand among those that wait.
#[tokio::test]
async fn lists_that_change_nothing_or_were_replaced_keep_no_file() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let program = Program::of(&test, &cast.school).await;
    let operator = test.operator("chuyenvien@example.vn", &["79"]).await;
    let operator = test.signed_in(&operator).await;
    let hands_in = async |born: &str| -> Value {
        test.clock.advance(chrono::Duration::seconds(10));
        let file = staff(&[("Ngô Thị Hạnh", born)]);
        json(&answered(&test, program.hands_in("staff", &file, &[])).await.expect(202))
    };
    let files = "SELECT count(DISTINCT plan_id) FROM plan_uploads";
    let mut last = Value::Null;
    for day in 1..=12 {
        last = hands_in(&format!("{day:02}/01/1980")).await;
        assert_eq!(last["state"], "submitted");
        assert_eq!(count(&test, files).await, 1, "those that it replaced keep none");
    }
    let approval = format!("/operator/submissions/{}/approval", last["id"].as_str().unwrap());
    operator.post(&approval, &[]).await.expect(303);
    test.work().await;
    for _ in 0..12 {
        let told = hands_in("12/01/1980").await;
        assert_eq!((&told["unchanged"], &told["create"]), (&1.into(), &0.into()), "{told}");
    }
    assert_eq!(count(&test, files).await, 0);
    // Its columns are no longer read otherwise.
    let told = hands_in("12/01/1980").await;
    let draft = cast.school.path(&format!("/submissions/{}", told["id"].as_str().unwrap()));
    let owner = test.signed_in(&cast.owner).await;
    owner.post(&format!("{draft}/columns"), &[("date_order", "month-first")]).await.expect(303);
    test.work().await;
    owner.get(&draft).await.expect(200).shows(&[&vi1("submission-all-unchanged", "count", 1)]);
}

#[tokio::test]
async fn the_description_names_every_address_of_the_api() {
    let test = TestApp::new().await;
    let description = json(&test.anonymous().get("/api/openapi.json").await.expect(200));
    assert_eq!(description["openapi"], "3.1.0");
    assert_eq!(description["servers"][0]["url"], "http://schoolgate.test");
    let routes = router::routes();
    for (method, path, access) in routes.declared().filter(|(_, path, _)| path.starts_with("/api/")) {
        if !matches!(access, Access::Token(_)) {
            continue;
        }
        let operation = &description["paths"][path][method.as_str().to_lowercase()];
        assert!(operation.is_object(), "{method} {path} ({access:?}) is not described");
    }
    let described = description["paths"].as_object().unwrap();
    for path in described.keys() {
        assert!(routes.declared().any(|(_, declared, _)| declared == path), "{path} is described and not there");
    }
}
