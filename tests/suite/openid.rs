//! `/oauth2/…`: an application signs a person in.

use axum::body::Body;
use axum::http::{Method, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use schoolgate::{access::ClientScope, clients};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::people::{Cast, Person};
use crate::support::say::vi;
use crate::support::{Client, Page, TestApp};

pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const BACK: &str = "https://moodle.example/auth/oidc/";

/// An application that people sign in to.
pub struct Application {
    pub client: Client,
    pub id: String,
    pub secret: String,
}

impl Application {
    pub async fn of(test: &TestApp, cast: &Cast) -> Self {
        Self::with_logout_notice(test, cast, None).await
    }

    /// One that is told at this address when a sign-in has ended.
    pub async fn with_logout_notice(test: &TestApp, cast: &Cast, logout_notice_uri: Option<String>) -> Self {
        let new = clients::NewClient {
            logout_notice_uri,
            name: "Moodle".to_owned(),
            scopes: ClientScope::OPENID.to_vec(),
            redirect_uris: vec![BACK.to_owned()],
            ..clients::NewClient::default()
        };
        let made = clients::make_for_school(&cast.school.scope.grant().unwrap(), test, &new).await.unwrap().unwrap();
        Self { client: test.anonymous(), id: made.id.to_string(), secret: made.secret }
    }

    /// The address that it sends a browser to, with these parameters changed or left out.
    pub fn request(&self, changes: &[(&str, &str)]) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let mut pairs = vec![
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", BACK),
            ("scope", "openid profile email school"),
            ("state", "s+1&2"),
            ("nonce", "n-1"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        pairs.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        pairs.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        format!("/oauth2/authorize?{query}")
    }

    pub async fn token(&self, fields: &[(&str, &str)]) -> Page {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", self.id, self.secret));
        let request = self.client.request(Method::POST, "/oauth2/token");
        let request = request
            .header(header::AUTHORIZATION, format!("Basic {basic}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.client.send(request, Body::from(form)).await
    }

    pub async fn exchange(&self, code: &str) -> Page {
        let fields =
            [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", BACK), ("code_verifier", VERIFIER)];
        self.token(&fields).await
    }

    pub async fn refresh(&self, token: &str) -> Page {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    pub async fn user_info(&self, access_token: &str) -> Page {
        let request = self.client.request(Method::GET, "/oauth2/userinfo");
        let request = request.header(header::AUTHORIZATION, format!("Bearer {access_token}"));
        self.client.send(request, Body::empty()).await
    }
}

/// What the address that leads back to the application says.
pub fn answer(location: &str, name: &str) -> Option<String> {
    assert!(location.starts_with(BACK), "leads to {location}");
    let url = url::Url::parse(location).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

pub fn json(page: Page) -> Value {
    let page = page.expect(200);
    serde_json::from_slice(page.bytes()).unwrap()
}

pub fn refused(page: Page, status: u16) -> String {
    let page = page.expect(status);
    serde_json::from_slice::<Value>(page.bytes()).unwrap()["error"].as_str().unwrap().to_owned()
}

/// The claims of a token; its signature is not checked.
pub fn claims(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

/// A code for the person, who agrees.
pub async fn code_for(test: &TestApp, application: &Application, person: &Person) -> (Client, String) {
    let browser = test.signed_in(person).await;
    let address = application.request(&[]);
    let asked =
        browser.get(&address).await.expect(200).shows(&["Moodle", "moodle.example", &vi("openid-scope-school")]);
    let (request, school) = (asked.input("request"), asked.input("school"));
    let fields = [("request", request.as_str()), ("school", &school), ("decision", "allow")];
    let back = browser.post("/oauth2/consent", &fields).await.location();
    let location = browser.get(&back).await.location();
    assert_eq!(answer(&location, "state").as_deref(), Some("s+1&2"));
    assert_eq!(answer(&location, "iss").as_deref(), Some(test.config.address_of("").as_str()));
    (browser, answer(&location, "code").unwrap())
}

#[tokio::test]
async fn an_application_signs_a_teacher_in_and_learns_what_its_scopes_say() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let application = Application::of(&test, &cast).await;
    let metadata = json(application.client.get("/.well-known/openid-configuration").await);
    assert_eq!(metadata["issuer"], "http://schoolgate.test");
    let (browser, code) = code_for(&test, &application, &cast.homeroom_teacher).await;
    let tokens = json(application.exchange(&code).await);
    assert_eq!(tokens["token_type"], "Bearer");

    let keys = json(application.client.get("/oauth2/jwks").await);
    let keys: Vec<jsonwebtoken::jwk::Jwk> = serde_json::from_value(keys["keys"].clone()).unwrap();
    let id_token = tokens["id_token"].as_str().unwrap();
    let id: Value = schoolgate::crypto::signing::verified(id_token, "JWT", &keys).unwrap();
    assert_eq!((id["aud"].as_str(), id["nonce"].as_str()), (Some(application.id.as_str()), Some("n-1")));
    assert_eq!(id["amr"], serde_json::json!(["pwd"]));

    let told = json(application.user_info(tokens["access_token"].as_str().unwrap()).await);
    assert_eq!(told["sub"], id["sub"]);
    assert_eq!(told["given_name"], "Chủ");
    assert_eq!(told["school"]["code"], "79000001");
    assert_eq!(told["school"]["role"], "teacher");
    assert_eq!(told["school"]["homeroom_of"], serde_json::json!(["10A1"]));

    // The second time the person is not asked. The name by which the application knows them is not the account's id.
    let location = browser.get(&application.request(&[("scope", "openid")])).await.location();
    let again = json(application.exchange(&answer(&location, "code").unwrap()).await);
    let told = json(application.user_info(again["access_token"].as_str().unwrap()).await);
    assert_eq!(told, serde_json::json!({ "sub": id["sub"] }));
    assert_ne!(id["sub"], cast.homeroom_teacher.account_id.to_string());
    browser.get("/me/applications").await.expect(200).shows(&["Moodle", &vi("applications-signed-in")]);
}

#[tokio::test]
async fn of_a_pupil_neither_address_nor_guardian_nor_birth_date_is_told() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let application = Application::of(&test, &cast).await;
    let (_, code) = code_for(&test, &application, &cast.pupil).await;
    let tokens = json(application.exchange(&code).await);
    let told = json(application.user_info(tokens["access_token"].as_str().unwrap()).await);
    let school = serde_json::json!({
        "code": "79000001", "name": "Trường thử nghiệm 79000001", "role": "student", "grants": [], "class": "10A1",
        "grade": "10",
    });
    assert_eq!(told["school"], school);
    let mut names: Vec<&str> = told.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["family_name", "given_name", "locale", "middle_name", "name", "school", "sub", "zoneinfo"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told_to_the_application_only_where_it_is_the_one() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let application = Application::of(&test, &cast).await;
    let browser = test.signed_in(&cast.teacher).await;
    for (change, key) in [
        (("client_id", "x"), "openid-refused-client"),
        (("client_id", "00000000-0000-0000-0000-000000000000"), "openid-refused-client"),
        (("redirect_uri", "https://moodle.example/auth/oidc"), "openid-refused-redirect-uri"),
        (("redirect_uri", "https://evil.example/"), "openid-refused-redirect-uri"),
    ] {
        browser.get(&application.request(&[change])).await.expect(400).shows(&[&vi(key)]);
    }
    let twice = format!("{}&scope=openid", application.request(&[]));
    browser.get(&twice).await.expect(400).shows(&[&vi("openid-refused-repeated")]);
    for (change, error) in [
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("scope", "openid everything"), "invalid_scope"),
        (("prompt", "none"), "consent_required"),
    ] {
        let location = browser.get(&application.request(&[change])).await.location();
        assert_eq!(answer(&location, "error").as_deref(), Some(error), "{change:?}");
        assert_eq!(answer(&location, "code"), None);
        assert_eq!(answer(&location, "state").as_deref(), Some("s+1&2"));
    }
    let location = test.anonymous().get(&application.request(&[("prompt", "none")])).await.location();
    assert_eq!(answer(&location, "error").as_deref(), Some("login_required"));

    // Not agreed to.
    let asked = browser.get(&application.request(&[])).await.expect(200);
    let (request, school) = (asked.input("request"), asked.input("school"));
    let fields = [("request", request.as_str()), ("school", &school), ("decision", "deny")];
    let location = browser.post("/oauth2/consent", &fields).await.location();
    assert_eq!(answer(&location, "error").as_deref(), Some("access_denied"));
}

#[tokio::test]
async fn who_is_not_signed_in_signs_in_first_and_comes_back() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let application = Application::of(&test, &cast).await;
    let address = application.request(&[("login_hint", "a@b.example")]);
    let location = test.anonymous().get(&address).await.location();
    let url = url::Url::parse(&format!("http://here{location}")).unwrap();
    let field = |name: &str| url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    assert_eq!((url.path(), field("login").as_str()), ("/sign-in", "a@b.example"));
    assert_eq!(field("next"), address);

    // Signed in, but to be asked anew: after that it goes on.
    let browser = test.signed_in(&cast.teacher).await;
    test.clock.advance(Duration::minutes(5));
    for change in [("prompt", "login"), ("max_age", "60")] {
        let location = browser.get(&application.request(&[change])).await.location();
        assert!(location.starts_with("/sign-in?next="), "{location}");
        let url = url::Url::parse(&format!("http://here{location}")).unwrap();
        let next = url.query_pairs().find(|(key, _)| key == "next").unwrap().1.into_owned();
        assert!(
            browser.get(&next).await.location().starts_with("/sign-in?next="),
            "the old password check does not do"
        );
        test.signed_in(&cast.teacher).await.get(&next).await.expect(200).shows(&["Moodle"]);
    }
}

/// An application that expects a person says so by their ID token (OpenID Connect Core 1.0, 3.1.2.1).
#[tokio::test]
async fn another_person_than_the_application_expects_is_not_signed_in() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let (application, other) = (Application::of(&test, &cast).await, Application::of(&test, &cast).await);
    let (expected, code) = code_for(&test, &application, &cast.teacher).await;
    let tokens = json(application.exchange(&code).await);
    let hint = tokens["id_token"].as_str().unwrap();
    let (stranger, _) = code_for(&test, &application, &cast.pupil).await;
    // The token of a sign-in long ago names the person as well.
    test.clock.advance(Duration::minutes(10));
    let quiet = application.request(&[("prompt", "none"), ("id_token_hint", hint)]);
    assert!(answer(&expected.get(&quiet).await.location(), "code").is_some());
    for browser in [&stranger, &test.anonymous()] {
        let location = browser.get(&quiet).await.location();
        assert_eq!(answer(&location, "error").as_deref(), Some("login_required"));
        assert_eq!(answer(&location, "code"), None);
    }
    // Where a page may be shown, the person may sign in as the other, and is asked once.
    let location = stranger.get(&application.request(&[("id_token_hint", hint)])).await.location();
    assert!(location.starts_with("/sign-in?next="), "{location}");
    let url = url::Url::parse(&format!("http://here{location}")).unwrap();
    let next = url.query_pairs().find(|(key, _)| key == "next").unwrap().1.into_owned();
    let again = test.signed_in(&cast.teacher).await.get(&next).await.location();
    assert!(answer(&again, "code").is_some());
    let again = test.signed_in(&cast.pupil).await.get(&next).await.location();
    assert_eq!(answer(&again, "error").as_deref(), Some("login_required"));
    // What is no ID token of this application names nobody.
    for hint in ["x", tokens["access_token"].as_str().unwrap()] {
        let location = expected.get(&application.request(&[("id_token_hint", hint)])).await.location();
        assert_eq!(answer(&location, "error").as_deref(), Some("invalid_request"));
    }
    let location = expected.get(&other.request(&[("id_token_hint", hint)])).await.location();
    assert_eq!(answer(&location, "error").as_deref(), Some("invalid_request"));
}

/// What applications send by a form (OpenID Connect Core 1.0, 3.1.2.1): from a page of theirs, to which no cookie of
/// ours belongs.
#[tokio::test]
async fn a_request_by_a_form_leads_to_the_same_page() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let application = Application::of(&test, &cast).await;
    let posted = async |client: &Client, path: &str, query: &str| {
        let request = client.request(Method::POST, path).header("sec-fetch-site", "cross-site");
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        client.send(request, Body::from(query.to_owned())).await.expect(303).location()
    };
    let asked = application.request(&[]);
    let (path, query) = asked.split_once('?').unwrap();
    let browser = test.signed_in(&cast.teacher).await;
    assert_eq!(posted(&test.anonymous(), path, query).await, asked);
    browser.get(&posted(&browser, path, query).await).await.expect(200).shows(&[&vi("openid-consent-allow")]);

    // The same for signing out: the person is asked first.
    let query = format!("client_id={}&state=x", application.id);
    let location = posted(&browser, "/oauth2/logout", &query).await;
    assert_eq!(location, format!("/oauth2/logout?{query}"));
    browser.get(&location).await.expect(200).shows(&["Moodle", &vi("openid-sign-out-title")]);
    browser.get("/me").await.expect(200);
}

#[tokio::test]
async fn a_schools_application_is_for_its_own_people_and_stored_values_open_nothing() {
    let test = TestApp::new().await;
    let (cast, foreign) = (test.cast("79000001").await, test.cast("79000002").await);
    let application = Application::of(&test, &cast).await;
    let stranger = test.signed_in(&foreign.teacher).await;
    let location = stranger.get(&application.request(&[])).await.location();
    assert_eq!(answer(&location, "error").as_deref(), Some("access_denied"));

    let (_, code) = code_for(&test, &application, &cast.teacher).await;
    let tokens = json(application.exchange(&code).await);
    let stored: String = sqlx::query_scalar(
        "SELECT concat_ws(' ', (SELECT string_agg(to_jsonb(t)::text, ' ') FROM openid_codes t),
                          (SELECT string_agg(to_jsonb(t)::text, ' ') FROM openid_grants t),
                          (SELECT string_agg(to_jsonb(t)::text, ' ') FROM openid_refresh_tokens t),
                          (SELECT string_agg(to_jsonb(t)::text, ' ') FROM signing_keys t))",
    )
    .fetch_one(&mut test.admin().await)
    .await
    .unwrap();
    for secret in [code.as_str(), tokens["refresh_token"].as_str().unwrap(), "PRIVATE KEY"] {
        assert!(!stored.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn an_application_signs_the_person_out_and_is_led_back_to() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let application = Application::of(&test, &cast).await;
    let out = "https://moodle.example/out";
    sqlx::query("UPDATE oauth_clients SET logout_uris = ARRAY[$1]")
        .bind(out)
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    let (browser, code) = code_for(&test, &application, &cast.teacher).await;
    let tokens = json(application.exchange(&code).await);
    let fields =
        [("id_token_hint", tokens["id_token"].as_str().unwrap()), ("post_logout_redirect_uri", out), ("state", "x")];
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    browser.get(&format!("/oauth2/logout?{query}")).await.expect(200).shows(&["Moodle"]);
    browser.get("/me").await.expect(200);
    assert_eq!(browser.post("/oauth2/logout", &fields).await.location(), format!("{out}?state=x"));
    assert!(browser.get("/me").await.location().starts_with("/sign-in"));
    let elsewhere = [("post_logout_redirect_uri", "https://evil.example/"), ("client_id", &application.id)];
    assert_eq!(browser.post("/oauth2/logout", &elsewhere).await.location(), "/sign-in?done=signed-out");
}
