//! Applications are told when a sign-in to them has ended (OpenID Connect Back-Channel Logout 1.0), by a job that is
//! retried.

use std::sync::{Arc, Mutex};

use chrono::Duration;
use schoolgate::{
    access::ClientScope,
    clients::{self, ClientRefusal, NewClient},
    crypto::signing,
    jobs::{self, Job},
    oauth2::{keys, logout_notice::TellLogout},
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::openid::{Application, answer, claims, code_for, json};
use crate::support::people::{PASSWORD, Person};
use crate::support::{Client, TestApp};

/// An application's server: it keeps what it is sent, and answers with one status after another, the last one for ever.
struct Receiver {
    address: String,
    bodies: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    async fn answering(statuses: &'static [&'static str]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/backchannel?tenant=1", listener.local_addr().unwrap());
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let kept = bodies.clone();
        tokio::spawn(async move {
            for turn in 0.. {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = Vec::new();
                let mut part = [0_u8; 4096];
                let body = loop {
                    let read = stream.read(&mut part).await.unwrap();
                    request.extend_from_slice(&part[..read]);
                    let text = String::from_utf8_lossy(&request).into_owned();
                    let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                    let lower = head.to_lowercase();
                    let length = lower.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
                    if body.len() >= length.parse().unwrap() {
                        assert!(head.starts_with("POST /backchannel?tenant=1 HTTP/1.1"), "{head}");
                        assert!(lower.contains("content-type: application/x-www-form-urlencoded"), "{head}");
                        break body.to_owned();
                    }
                };
                kept.lock().unwrap().push(body);
                let status = statuses.get(turn).or(statuses.last()).unwrap();
                let answer = format!("HTTP/1.1 {status}\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { address, bodies }
    }

    /// The logout tokens that came, checked with the keys that are shown.
    async fn tokens(&self, test: &TestApp) -> Vec<Value> {
        let keys = keys::shown(&mut test.db.pool().acquire().await.unwrap()).await.unwrap();
        let bodies = self.bodies.lock().unwrap().clone();
        let token = |body: String| {
            let fields: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
            assert_eq!(fields.len(), 1);
            assert_eq!(fields[0].0, "logout_token");
            signing::verified::<Value>(&fields[0].1, "logout+jwt", &keys).expect("signed by a key of ours")
        };
        bodies.into_iter().map(token).collect()
    }
}

/// On the developer's own machine, where other programs of it may be told.
async fn at_home() -> TestApp {
    TestApp::with_config(|config| config.base_url = "http://127.0.0.1:8080".parse().unwrap()).await
}

/// The ID token of a new sign-in, and the browser.
async fn signed_in(test: &TestApp, application: &Application, person: &Person) -> (Client, Value, Value) {
    let browser = test.signed_in(person).await;
    let page = browser.get(&application.request(&[])).await;
    // Asked once alone.
    let (browser, code) = match page.status.as_u16() {
        200 => code_for(test, application, person).await,
        _ => (browser, answer(&page.location(), "code").unwrap()),
    };
    let tokens = json(application.exchange(&code).await);
    let id = claims(tokens["id_token"].as_str().unwrap());
    (browser, id, tokens)
}

#[tokio::test]
async fn whatever_ends_a_sign_in_is_told_to_the_application() {
    let test = at_home().await;
    let cast = test.cast("79000001").await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let application = Application::with_logout_notice(&test, &cast, Some(receiver.address.clone())).await;
    let metadata = json(application.client.get("/.well-known/openid-configuration").await);
    assert_eq!(metadata["backchannel_logout_supported"], json!(true));
    assert_eq!(metadata["backchannel_logout_session_supported"], json!(true));
    let owner = test.signed_in(&cast.owner).await;
    let mut ended = Vec::new();
    let by_school = |person: &Person, what: &str| cast.school.path(&format!("/accounts/{}/{what}", person.member_id));
    for (person, what) in [
        (&cast.homeroom_teacher, "own"),
        (&cast.pupil, "devices"),
        (&cast.pupil, "password"),
        (&cast.teacher, "sign-out"),
        (&cast.teacher, "suspension"),
        (&cast.exams, "leaving"),
    ] {
        let (browser, id, tokens) = signed_in(&test, &application, person).await;
        assert_eq!(receiver.tokens(&test).await.len(), ended.len(), "nothing is told before {what}");
        match what {
            "own" => drop(browser.post("/sign-out", &[]).await.expect(303)),
            "devices" => end_sessions(&test, person).await,
            what => drop(
                owner
                    .post(&by_school(person, what), &[("reason", "x"), ("fresh_password", PASSWORD)])
                    .await
                    .expect(303),
            ),
        }
        assert_eq!(test.work().await.iter().filter(|job| *job == TellLogout::NAME).count(), 1, "{what}");
        let told = receiver.tokens(&test).await.pop().unwrap();
        for name in ["iss", "aud", "sub", "sid"] {
            assert_eq!(
                told[name],
                if name == "iss" { json!("http://127.0.0.1:8080") } else { id[name].clone() },
                "{what}"
            );
        }
        assert_eq!(told["events"], json!({ "http://schemas.openid.net/event/backchannel-logout": {} }));
        assert!(told.get("nonce").is_none() && told["jti"].is_string());
        application.refresh(tokens["refresh_token"].as_str().unwrap()).await.expect(400);
        ended.push(id["sid"].clone());
        test.clock.advance(Duration::seconds(10));
    }
    let sids: Vec<Value> = receiver.tokens(&test).await.into_iter().map(|told| told["sid"].clone()).collect();
    assert_eq!(sids, ended);
}

/// As the one-device rule and a changed password do: all sessions of the account go.
async fn end_sessions(test: &TestApp, person: &Person) {
    let mut tx = test.db.begin().await.unwrap();
    schoolgate::identity::sessions::end_all(&mut tx, person.account_id).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_application_that_does_not_answer_is_told_again_and_not_led_away() {
    let test = at_home().await;
    let cast = test.cast("79000001").await;
    let receiver = Receiver::answering(&["503 Service Unavailable", "302 Found", "200 OK"]).await;
    let application = Application::with_logout_notice(&test, &cast, Some(receiver.address.clone())).await;
    let (browser, ..) = signed_in(&test, &application, &cast.teacher).await;
    browser.post("/sign-out", &[]).await.expect(303);
    for _ in 0..2 {
        assert_eq!(test.work_that_may_fail().await.failed.len(), 1);
        jobs::bring_forward(&mut test.db.pool().acquire().await.unwrap()).await.unwrap();
    }
    test.work().await;
    let told = receiver.tokens(&test).await;
    assert_eq!(told.len(), 3);
    assert_eq!(told[0]["sid"], told[2]["sid"]);
    assert_ne!(told[0]["jti"], told[2]["jti"]);
    let is_told = "SELECT bool_and(logout_told) FROM openid_grants WHERE ended";
    let is_told: bool = sqlx::query_scalar(is_told).fetch_one(&mut test.admin().await).await.unwrap();
    assert!(is_told);
}

#[tokio::test]
async fn who_never_got_tokens_or_wants_no_notice_is_told_nothing() {
    let test = at_home().await;
    let cast = test.cast("79000001").await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let (told, untold) = (
        Application::with_logout_notice(&test, &cast, Some(receiver.address.clone())).await,
        Application::with_logout_notice(&test, &cast, None).await,
    );
    let (browser, _) = code_for(&test, &told, &cast.teacher).await;
    browser.post("/sign-out", &[]).await.expect(303);
    let (browser, ..) = signed_in(&test, &untold, &cast.pupil).await;
    browser.post("/sign-out", &[]).await.expect(303);
    assert_eq!(test.work().await, [] as [String; 0]);
    assert!(receiver.tokens(&test).await.is_empty());
}

/// Elsewhere than on a developer's machine, no program of this machine is asked.
#[tokio::test]
async fn no_logout_notice_goes_to_an_address_of_the_own_network() {
    let mut test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let application = Application::with_logout_notice(&test, &cast, Some(receiver.address.clone())).await;
    let (browser, ..) = signed_in(&test, &application, &cast.teacher).await;
    browser.post("/sign-out", &[]).await.expect(303);
    assert_eq!(test.work_that_may_fail().await.failed.len(), 1);
    assert!(receiver.tokens(&test).await.is_empty());
    test.leaves_jobs();
}

#[tokio::test]
async fn what_a_client_may_not_be_is_refused() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let make = async |new: NewClient| {
        let new = NewClient { name: "X".to_owned(), redirect_uris: vec!["https://x.example/".to_owned()], ..new };
        clients::make_for_school(&cast.school.scope.grant().unwrap(), &test, &new).await.unwrap()
    };
    let openid = vec![ClientScope::OpenId];
    for (uri, is_taken) in [("https://x.example/out", true), ("http://x.example/out", false), ("ftp://x", false)] {
        let new = NewClient { scopes: openid.clone(), logout_notice_uri: Some(uri.to_owned()), ..NewClient::default() };
        assert_eq!(make(new).await.err(), (!is_taken).then_some(ClientRefusal::NoticeUnfit), "{uri}");
    }
    let scopes = vec![ClientScope::OpenId, ClientScope::Roster];
    let public = NewClient { scopes, is_public: true, ..NewClient::default() };
    assert_eq!(make(public).await.err(), Some(ClientRefusal::PublicRoster));
    // What applications may compare is an operator's decision.
    let shared = NewClient { scopes: openid, has_public_subject: true, ..NewClient::default() };
    let made = make(shared).await.unwrap();
    let stored = sqlx::query_scalar("SELECT public_subject FROM oauth_clients WHERE id = $1").bind(made.id);
    let is_shared: bool = stored.fetch_one(&mut test.admin().await).await.unwrap();
    assert!(!is_shared);
}

#[tokio::test]
async fn replaced_keys_sign_and_the_old_ones_are_still_shown() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let application = Application::with_logout_notice(&test, &cast, None).await;
    let before = json(application.client.get("/oauth2/jwks").await)["keys"].as_array().unwrap().clone();
    test.clock.advance(Duration::seconds(5));
    let replaced = keys::replace(&test).await.unwrap();
    let after = json(application.client.get("/oauth2/jwks").await)["keys"].as_array().unwrap().clone();
    assert_eq!((before.len(), replaced.len(), after.len()), (2, 2, 4));
    assert!(before.iter().all(|key| after.contains(key)));
    let (browser, code) = code_for(&test, &application, &cast.teacher).await;
    let tokens = json(application.exchange(&code).await);
    let head = jsonwebtoken::decode_header(tokens["id_token"].as_str().unwrap()).unwrap();
    assert!(replaced.iter().any(|(_, id)| Some(id) == head.kid.as_ref()));
    assert!(answer(&browser.get(&application.request(&[])).await.location(), "code").is_some());
}

/// Nothing of it goes on where the school is let in again.
#[tokio::test]
async fn a_suspended_schools_people_are_signed_out_of_applications() {
    let test = at_home().await;
    let (cast, foreign) = (test.cast("79000001").await, test.cast("79000002").await);
    let receiver = Receiver::answering(&["200 OK"]).await;
    let application = Application::with_logout_notice(&test, &cast, Some(receiver.address.clone())).await;
    let elsewhere = Application::with_logout_notice(&test, &foreign, None).await;
    let (_, _, tokens) = signed_in(&test, &application, &cast.teacher).await;
    let (_, _, others) = signed_in(&test, &elsewhere, &foreign.teacher).await;
    let operator = test.operator("operator@example.vn", &[]).await;
    let operator = test.signed_in(&operator).await;
    operator.post("/operator/schools/79000001/suspension", &[]).await.expect(303);
    application.refresh(tokens["refresh_token"].as_str().unwrap()).await.expect(400);
    let (_, _, again) = {
        operator.post("/operator/schools/79000001/suspension/lifting", &[]).await.expect(303);
        test.clock.advance(Duration::seconds(10));
        signed_in(&test, &application, &cast.pupil).await
    };
    test.work().await;
    assert_eq!(receiver.tokens(&test).await.len(), 1, "of the one who was signed in then");
    json(application.refresh(again["refresh_token"].as_str().unwrap()).await);
    json(elsewhere.refresh(others["refresh_token"].as_str().unwrap()).await);
    // A suspension during which no application asks ends the sign-ins as well.
    operator.post("/operator/schools/79000001/suspension", &[]).await.expect(303);
    test.work().await;
    operator.post("/operator/schools/79000001/suspension/lifting", &[]).await.expect(303);
    assert_eq!(receiver.tokens(&test).await.len(), 2);
}
