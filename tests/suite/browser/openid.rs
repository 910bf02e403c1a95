//! Signing in to an application in a real browser, where the application is one of the libraries that applications use:
//! openid-client and oauth4webapi.

use std::process::Stdio;

use schoolgate::{
    access::ClientScope,
    clients::{self, NewClient},
    web::{Translator, i18n::Lang},
};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::driver::Browser;
use crate::support::TestServer;
use crate::support::people::{Cast, PASSWORD, Person};

/// An application of the school.
struct Registered {
    id: String,
    secret: String,
    redirect_uri: String,
}

impl Registered {
    async fn new(server: &TestServer, cast: &Cast, new: NewClient) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let redirect_uri = format!("http://127.0.0.1:{port}/callback");
        let is_public = new.is_public;
        let new = NewClient { name: "Moodle".to_owned(), redirect_uris: vec![redirect_uri.clone()], ..new };
        let granted = cast.school.scope.grant().unwrap();
        let made = clients::make_for_school(&granted, &server.test, &new).await.unwrap().unwrap();
        let secret = if is_public { "none".to_owned() } else { made.secret };
        Self { id: made.id.to_string(), secret, redirect_uri }
    }

    /// The application, begun: it waits for the browser to come back.
    async fn begin(&self, server: &TestServer, library: &str, what: &str) -> Running {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/openid/client.mjs");
        let mut child = Command::new("node")
            .args([script, &server.url, &self.id, &self.secret, library, what, "openid profile school"])
            .env("REDIRECT_URI", &self.redirect_uri)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("make setup-test installs node");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut running = Running { _child: child, lines, begins_at: String::new() };
        running.begins_at = running.says().await["goto"].as_str().unwrap().to_owned();
        running
    }
}

struct Running {
    _child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    begins_at: String,
}

impl Running {
    async fn says(&mut self) -> Value {
        let line = self.lines.next_line().await.unwrap().expect("the application goes on");
        serde_json::from_str(&line).unwrap()
    }
}

/// A browser in which nobody is signed in.
async fn stranger(server: &TestServer, lang: Lang) -> Browser {
    let browser = Browser::open(&server.url, true).await;
    browser.goto("/sign-in").await;
    browser.speaks(lang).await;
    browser
}

async fn sign_in(browser: &Browser, person: &Person, l: &Translator) {
    browser.fill("login", &person.login).await;
    browser.fill("password", PASSWORD).await;
    browser.press(&l.t("sign-in-button")).await;
}

/// Waits until the browser is back at the application.
async fn comes_back(browser: &Browser) {
    browser.arrives("/callback").await;
}

fn openid(is_own: bool, is_public: bool) -> NewClient {
    let scopes = vec![ClientScope::OpenId, ClientScope::Profile, ClientScope::School];
    NewClient { scopes, is_own, is_public, ..NewClient::default() }
}

#[tokio::test]
async fn published_clients_sign_a_teacher_and_a_pupil_in() {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    for (library, person, lang, new) in [
        ("openid-client", &cast.homeroom_teacher, Lang::Vi, openid(false, false)),
        ("openid-client", &cast.pupil, Lang::En, openid(true, true)),
        ("oauth4webapi", &cast.pupil, Lang::Vi, openid(false, true)),
        ("oauth4webapi", &cast.homeroom_teacher, Lang::En, openid(true, false)),
    ] {
        let l = Translator::new(lang);
        let asks_consent = !new.is_own;
        let application = Registered::new(&server, &cast, new).await;
        let mut running = application.begin(&server, library, "sign-in").await;
        let browser = stranger(&server, lang).await;
        browser.goto(&running.begins_at).await;
        sign_in(&browser, person, &l).await;
        if asks_consent {
            browser.says(&l.t("openid-scope-school")).await;
            browser.press(&l.t("openid-consent-allow")).await;
        }
        comes_back(&browser).await;
        let done = running.says().await["done"].clone();
        assert!(done.is_object(), "{library}: {done}");
        assert_eq!(done["claims"]["sub"], done["told"]["sub"]);
        assert_eq!(done["told"]["name"], json!(person.name));
        assert_eq!(done["told"]["school"]["code"], json!("79000001"));
        assert_eq!((&done["renewed"], &done["after"]), (&json!(true), &json!("invalid_grant")), "{library}");
        browser.quit().await;
    }
}

#[tokio::test]
async fn what_is_not_right_is_refused_as_the_libraries_expect() {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let browser = Browser::of(&server, &cast.teacher, Lang::Vi, true).await;
    for library in ["openid-client", "oauth4webapi"] {
        for (what, refused) in [
            ("wrong-verifier", "invalid_grant"),
            ("code-twice", "invalid_grant"),
            ("no-pkce", "invalid_request"),
            ("scope-not-granted", "invalid_scope"),
            ("wrong-nonce", ""),
        ] {
            let application = Registered::new(&server, &cast, openid(true, false)).await;
            let mut running = application.begin(&server, library, what).await;
            browser.goto(&running.begins_at).await;
            comes_back(&browser).await;
            let told = running.says().await;
            let why = told["refused"].as_str().unwrap_or_else(|| panic!("{library}, {what}: {told}"));
            assert!(if refused.is_empty() { !why.is_empty() } else { why == refused }, "{library}, {what}: {why}");
        }
    }
    browser.forget_me().await;
    let application = Registered::new(&server, &cast, openid(true, false)).await;
    let mut running = application.begin(&server, "openid-client", "none-without-session").await;
    browser.goto(&running.begins_at).await;
    comes_back(&browser).await;
    assert_eq!(running.says().await["refused"], json!("login_required"));
    // What another application was sent a code for, and an address that is not registered, lead nowhere.
    let other = Registered { redirect_uri: "http://127.0.0.1:9/callback".to_owned(), ..application };
    let running = other.begin_unheard(&server).await;
    browser.goto(&running).await;
    browser.says(&Translator::new(Lang::Vi).t("openid-refused-redirect-uri")).await;
    browser.quit().await;
}

impl Registered {
    /// The address of a request that is refused before it comes back.
    async fn begin_unheard(&self, server: &TestServer) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("response_type", "code"),
                ("client_id", &self.id),
                ("redirect_uri", &self.redirect_uri),
                ("scope", "openid"),
                ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
                ("code_challenge_method", "S256"),
            ])
            .finish();
        format!("{}/oauth2/authorize?{query}", server.url)
    }
}
