//! Staff sign in with a work account at another service, where that is a published provider: oidc-provider.

use std::process::Stdio;

use schoolgate::{
    clock::Clock,
    config::{ProviderKind, SignInProvider},
    web::{Translator, i18n::Lang},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use url::{Position, Url};

use super::driver::Browser;
use crate::openid::{Application, answer, claims, json as read};
use crate::support::people::{Cast, PASSWORD, Person};
use crate::support::say::vi;
use crate::support::{Client, TestApp, TestServer};

/// Where the program is said to be: an address of this machine, so that it may ask the provider there.
const HERE: &str = "http://127.0.0.1:8080";

/// A provider on this machine.
struct Provider {
    _child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    issuer: String,
}

impl Provider {
    /// One that knows a server at this address.
    async fn start(base: &str, kind: ProviderKind) -> Self {
        let redirect = format!("{}/sign-in/with/{}/answer", base.trim_end_matches('/'), kind.key());
        let mut child = Command::new("node")
            .args([concat!(env!("CARGO_MANIFEST_DIR"), "/tests/openid/provider.mjs"), "schoolgate", "secret of tests"])
            .arg(redirect)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("make setup-test installs node");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let input = child.stdin.take().unwrap();
        let mut provider = Self { _child: child, input, lines, issuer: String::new() };
        provider.issuer = provider.says().await["issuer"].as_str().unwrap().to_owned();
        provider
    }

    fn registered(&self, kind: ProviderKind) -> SignInProvider {
        SignInProvider {
            kind,
            issuer: self.issuer.clone(),
            client_id: "schoolgate".to_owned(),
            client_secret: "secret of tests".to_owned(),
        }
    }

    async fn says(&mut self) -> Value {
        let line = self.lines.next_line().await.unwrap().expect("the provider goes on");
        serde_json::from_str(&line).unwrap()
    }

    async fn told(&mut self, line: Value) -> Value {
        self.input.write_all(format!("{line}\n").as_bytes()).await.unwrap();
        self.says().await
    }

    /// From now on this person is signed in there.
    async fn is_used_by(&mut self, person: Value) {
        self.told(json!({ "as": person })).await;
    }

    /// Where it sends a browser back to that was sent there.
    async fn sends_back(&mut self, address: &str) -> String {
        let told = self.told(json!({ "authorize": address })).await;
        let back: Url = told["back"].as_str().unwrap().parse().unwrap_or_else(|_| panic!("{told}"));
        back[Position::BeforePath..].to_owned()
    }

    /// A browser goes there by the sign-in page's button and comes back: to where the answer leads.
    async fn signs_in(&mut self, browser: &Client, next: &str) -> String {
        let kind = ProviderKind::Google.key();
        let there = browser.get(&format!("/sign-in/with/{kind}?next={next}")).await.location();
        let back = self.sends_back(&there).await;
        browser.get(&back).await.location()
    }

    /// The same to link the account of a person who is signed in here.
    async fn links(&mut self, browser: &Client, kind: ProviderKind) -> String {
        let there = browser.post(&format!("/me/providers/{}", kind.key()), &[]).await.location();
        let back = self.sends_back(&there).await;
        browser.get(&back).await.location()
    }
}

/// The program where it may ask a provider of this machine; the time is the provider's.
async fn at_home(kind: ProviderKind) -> (Provider, TestApp, Cast) {
    let provider = Provider::start(HERE, kind).await;
    let registered = provider.registered(kind);
    let test = TestApp::with_config(|config| {
        config.base_url = HERE.parse().unwrap();
        config.providers = vec![registered];
    })
    .await;
    let cast = test.cast("79000001").await;
    test.clock.advance(Clock::system().now() - test.clock.now());
    (provider, test, cast)
}

fn work_account(subject: &str, address: &str) -> Value {
    json!({ "sub": subject, "email": address, "email_verified": true })
}

/// A person who is signed in by password and has been in the school.
async fn inside(test: &TestApp, cast: &Cast, person: &Person) -> Client {
    let browser = test.signed_in(person).await;
    browser.get(&cast.school.path("")).await.expect(200);
    browser
}

async fn allow(test: &TestApp, cast: &Cast, allows: bool) {
    let owner = test.signed_in(&cast.owner).await;
    let fields = if allows { vec![("provider_sign_in", "on")] } else { Vec::new() };
    owner.post(&cast.school.path("/settings"), &fields).await.expect(303);
    test.clock.advance(chrono::Duration::seconds(10));
}

/// A teacher whose account is linked with a work account.
async fn linked(provider: &mut Provider, test: &TestApp, cast: &Cast) -> Client {
    allow(test, cast, true).await;
    let browser = inside(test, cast, &cast.teacher).await;
    provider.is_used_by(work_account("1097", &cast.teacher.login)).await;
    assert_eq!(provider.links(&browser, ProviderKind::Google).await, "/me/providers?done=provider-linked");
    test.work().await;
    test.clock.advance(chrono::Duration::seconds(10));
    browser
}

fn refused(why: &str) -> String {
    format!("/sign-in?refused={why}&next=%2F")
}

async fn count(test: &TestApp, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(&mut test.admin().await).await.unwrap()
}

#[tokio::test]
async fn a_teacher_links_a_work_account_and_signs_in_with_it() {
    let (mut provider, test, cast) = at_home(ProviderKind::Google).await;
    provider.is_used_by(work_account("1097", &cast.teacher.login)).await;
    let stranger = test.anonymous();
    let page = stranger.get("/sign-in?next=/me").await.expect(200).shows(&["Đăng nhập bằng Google"]);
    assert_eq!(page.link("/sign-in/with/"), "/sign-in/with/google?next=%2Fme");
    // The address alone opens nothing.
    let location = provider.signs_in(&stranger, "/").await;
    assert_eq!(location, refused("not-linked"));
    stranger.get(&location).await.expect(200).shows(&[&vi("provider-refused-not-linked")]);
    assert_eq!(stranger.cookie("session"), None);

    // Not before the school's owner allows it.
    let teacher = inside(&test, &cast, &cast.teacher).await;
    // The title is this page's, and not that of the OneRoster sources.
    teacher.get("/me").await.expect(200).hides(&[vi("remote-sources-title")]).link("/me/providers");
    teacher.get("/me/providers").await.expect(200).shows(&[&vi("providers-not-allowed")]);
    let location = teacher.post("/me/providers/google", &[]).await.location();
    assert_eq!(location, "/me/providers?refused=not-allowed");
    allow(&test, &cast, true).await;
    let location = provider.links(&teacher, ProviderKind::Google).await;
    teacher.get(&location).await.expect(200).shows(&[&vi("done-provider-linked"), &vi("providers-unlink")]);
    test.work().await;
    assert!(test.mail_to(&cast.teacher.login).subject.contains("Google"));

    let elsewhere = test.anonymous();
    let home = cast.school.path("");
    assert_eq!(provider.signs_in(&elsewhere, &home).await, home);
    elsewhere.get(&home).await.expect(200);
    elsewhere.get("/me").await.expect(200).shows(&[&vi("sign-in-event-signed-in-by-provider")]);
    // No password was typed: what wants one asks.
    elsewhere.post("/me/second-factor", &[]).await.expect(422).shows(&[&vi("fresh-title")]);
    // What was done is on record; who the person is there, is not.
    let done = "SELECT count(*) FROM account_events WHERE action = 'sign_in_linked'";
    assert_eq!(count(&test, done).await, 1);
    let kept: Vec<u8> = sqlx::query_scalar("SELECT subject_hash FROM linked_sign_ins")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!(kept, Sha256::digest(format!("{}\0{}", provider.issuer, "1097")).to_vec());
}

#[tokio::test]
async fn applications_are_told_that_no_password_was_typed() {
    let (mut provider, test, cast) = at_home(ProviderKind::Google).await;
    linked(&mut provider, &test, &cast).await;
    let browser = test.anonymous();
    provider.signs_in(&browser, "/").await;
    let application = Application::with_logout_notice(&test, &cast, None).await;
    let asked = browser.get(&application.request(&[])).await.expect(200);
    let (request, school) = (asked.input("request"), asked.input("school"));
    let fields = [("request", request.as_str()), ("school", &school), ("decision", "allow")];
    let back = browser.post("/oauth2/consent", &fields).await.location();
    let code = answer(&browser.get(&back).await.location(), "code").unwrap();
    let id = claims(read(application.exchange(&code).await)["id_token"].as_str().unwrap());
    assert_eq!((&id["acr"], &id["amr"]), (&json!("urn:schoolgate:provider"), &json!([])));
    assert_eq!(id["auth_time"], json!(test.clock.now().timestamp()));
    // One that wants the person asked anew has the password asked for.
    for change in [("prompt", "login"), ("max_age", "3600")] {
        let location = browser.get(&application.request(&[change])).await.location();
        let page = browser.get(&location).await.expect(200);
        assert!(!page.html().contains("/sign-in/with/"), "{change:?}");
        assert!(browser.get(&page.input("next")).await.location().starts_with("/sign-in?"), "{change:?}");
    }
}

#[tokio::test]
async fn an_answer_is_good_once_in_the_browser_that_asked_for_it() {
    let (mut provider, test, cast) = at_home(ProviderKind::Google).await;
    linked(&mut provider, &test, &cast).await;
    let browser = test.anonymous();
    let there = browser.get("/sign-in/with/google").await.location();
    let url: Url = there.parse().unwrap();
    let asked = |name: &str| url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    assert_eq!(asked("code_challenge_method"), "S256");
    assert_eq!(asked("scope"), "openid email");
    let back = provider.sends_back(&there).await;
    let other = test.anonymous();
    assert_eq!(other.get(&back).await.location(), refused("expired"));
    other.get("/sign-in/with/google").await.expect(303);
    assert_eq!(other.get(&back).await.location(), refused("expired"), "of another sign-in");
    let changed = |name: &str, value: &str| {
        let mut url = Url::parse("http://here").unwrap().join(&back).unwrap();
        let pairs: Vec<_> = url.query_pairs().into_owned().filter(|(key, _)| key != name).collect();
        url.query_pairs_mut().clear().extend_pairs(pairs).append_pair(name, value);
        url[Position::BeforePath..].to_owned()
    };
    let state = asked("state");
    for (name, value, why) in [
        ("state", "", "expired"),
        ("state", &state[1..], "expired"),
        ("iss", "https://accounts.google.com", "not-proven"),
        ("code", "", "not-proven"),
        ("code", "made up", "not-proven"),
        ("error", "access_denied", "cancelled"),
    ] {
        let waiting = test.anonymous();
        waiting.set_cookie("begun", &browser.cookie("begun").unwrap());
        assert_eq!(waiting.get(&changed(name, value)).await.location(), refused(why), "{name}={value}");
        assert_eq!((waiting.cookie("session"), waiting.cookie("begun")), (None, None));
    }
    assert_eq!(browser.get(&back).await.location(), "/");
    assert_eq!(browser.get(&back).await.location(), "/me/providers?refused=expired");
    // A cookie that is kept is good for ten minutes, and its answer at the provider for one code.
    let late = test.anonymous();
    let there = late.get("/sign-in/with/google").await.location();
    let back = provider.sends_back(&there).await;
    test.clock.advance(chrono::Duration::minutes(11));
    assert_eq!(late.get(&back).await.location(), refused("expired"));
    late.get("/sign-in/with/elsewhere").await.expect(303);
}

#[tokio::test]
async fn only_the_own_verified_address_is_linked_and_with_one_account() {
    let (mut provider, test, cast) = at_home(ProviderKind::Google).await;
    linked(&mut provider, &test, &cast).await;
    let manager = inside(&test, &cast, &cast.manager).await;
    let login = cast.manager.login.as_str();
    for (person, why) in [
        (work_account("2", &cast.teacher.login), "other-address"),
        (json!({ "sub": "2", "email": login, "email_verified": false }), "address-unverified"),
        (json!({ "sub": "2", "email": login, "xms_edov": true }), "address-unverified"),
        (json!({ "sub": "2", "email_verified": true }), "address-unverified"),
        (json!({ "sub": "2", "refuses": true }), "cancelled"),
        // The address there is the manager's by now; the account there is still the teacher's.
        (work_account("1097", login), "taken"),
    ] {
        provider.is_used_by(person.clone()).await;
        let location = provider.links(&manager, ProviderKind::Google).await;
        assert_eq!(location, format!("/me/providers?refused={why}"), "{person}");
        manager.get(&location).await.expect(200).shows(&[&vi(&format!("provider-refused-{why}"))]);
    }
    // Begun by one person, finished by another.
    provider.is_used_by(work_account("2", login)).await;
    let there = manager.post("/me/providers/google", &[]).await.location();
    let back = provider.sends_back(&there).await;
    let other = inside(&test, &cast, &cast.exams).await;
    other.set_cookie("begun", &manager.cookie("begun").unwrap());
    assert_eq!(other.get(&back).await.location(), "/me/providers?refused=expired");
    assert_eq!(count(&test, "SELECT count(*) FROM linked_sign_ins").await, 1);
    // It is written as people write addresses.
    provider.is_used_by(work_account("2", &login.to_uppercase())).await;
    let location = provider.links(&manager, ProviderKind::Google).await;
    assert_eq!(location, "/me/providers?done=provider-linked");
    test.work().await;
    // An hour later the password is asked for before another is linked.
    manager.post("/me/providers/google/removal", &[]).await.expect(303);
    test.clock.advance(chrono::Duration::hours(1));
    manager.post("/me/providers/google", &[]).await.expect(422).shows(&[&vi("fresh-title")]);
    assert_eq!(provider.signs_in(&test.anonymous(), "/").await, refused("not-linked"));
    assert_eq!(count(&test, "SELECT count(*) FROM account_events WHERE action = 'sign_in_unlinked'").await, 1);
}

#[tokio::test]
async fn microsofts_address_counts_where_the_organization_owns_it() {
    let (mut provider, test, cast) = at_home(ProviderKind::Microsoft).await;
    allow(&test, &cast, true).await;
    let teacher = inside(&test, &cast, &cast.teacher).await;
    provider.is_used_by(work_account("7", &cast.teacher.login)).await;
    let location = provider.links(&teacher, ProviderKind::Microsoft).await;
    assert_eq!(location, "/me/providers?refused=address-unverified");
    provider.is_used_by(json!({ "sub": "7", "email": cast.teacher.login, "xms_edov": true })).await;
    let location = provider.links(&teacher, ProviderKind::Microsoft).await;
    assert_eq!(location, "/me/providers?done=provider-linked");
    test.work().await;
}

#[tokio::test]
async fn only_staff_whose_schools_all_allow_it_sign_in_this_way() {
    let (mut provider, test, cast) = at_home(ProviderKind::Google).await;
    let teacher = linked(&mut provider, &test, &cast).await;
    let mut signs_in = async || provider.signs_in(&test.anonymous(), "/").await;
    assert_eq!(signs_in().await, "/");
    // The school, or any other school of theirs, may say no.
    allow(&test, &cast, false).await;
    assert_eq!(signs_in().await, refused("not-allowed"));
    test.anonymous().get(&cast.school.path("/sign-in")).await.expect(200).hides(&["/sign-in/with/"]);
    allow(&test, &cast, true).await;
    let page = test.anonymous().get(&cast.school.path("/sign-in")).await.expect(200);
    page.link("/sign-in/with/google");
    let mut admin = test.admin().await;
    let foreign = test.school("79000002").await;
    let joined = "INSERT INTO memberships (account_id, school_id, member_id, is_staff) VALUES ($1, $2, $3, true)";
    let member: schoolgate::ids::MemberId = test.id();
    let joined = sqlx::query(joined).bind(cast.teacher.account_id).bind(foreign.id()).bind(member);
    joined.execute(&mut admin).await.unwrap();
    assert_eq!(signs_in().await, refused("not-allowed"));
    sqlx::query("DELETE FROM memberships WHERE school_id = $1").bind(foreign.id()).execute(&mut admin).await.unwrap();
    assert_eq!(signs_in().await, "/");
    // The account becomes a pupil's, or an operator's.
    for (change, back) in [
        ("UPDATE memberships SET is_staff = false", "UPDATE memberships SET is_staff = true"),
        (
            "INSERT INTO operators (account_id, name, is_national, created_at)
             SELECT account_id, 'A', true, now() FROM linked_sign_ins",
            "DELETE FROM operators",
        ),
    ] {
        sqlx::query(change).execute(&mut admin).await.unwrap();
        assert_eq!(signs_in().await, refused("not-allowed"), "{change}");
        sqlx::query(back).execute(&mut admin).await.unwrap();
    }
    // The second factor is asked for as after the password.
    let with_code = "INSERT INTO second_factors (account_id, secret, key_id, begun_at, confirmed_at)
        SELECT account_id, '', '', now(), now() FROM linked_sign_ins";
    sqlx::query(with_code).execute(&mut admin).await.unwrap();
    assert!(signs_in().await.starts_with("/sign-in/code"));
    sqlx::query("DELETE FROM second_factors").execute(&mut admin).await.unwrap();
    // Signing out of all devices ends the link as well.
    teacher.post("/me/devices", &[("device", "all")]).await.expect(303);
    assert_eq!(signs_in().await, refused("not-linked"));
    // Pupils are not offered it.
    let pupil = inside(&test, &cast, &cast.pupil).await;
    pupil.get("/me").await.expect(200).hides(&["/me/providers"]);
    assert_eq!(pupil.get("/me/providers").await.location(), "/me");
    assert_eq!(pupil.post("/me/providers/google", &[]).await.location(), "/me/providers?refused=not-allowed");
}

#[tokio::test]
async fn a_new_password_and_suspension_end_the_link() {
    let (mut provider, test, cast) = at_home(ProviderKind::Google).await;
    let teacher = linked(&mut provider, &test, &cast).await;
    let new = "một câu khác hẳn câu trước";
    let change = [("current_password", PASSWORD), ("password", new), ("password_again", new)];
    teacher.post("/password/change", &change).await.expect(303);
    assert_eq!(provider.signs_in(&test.anonymous(), "/").await, refused("not-linked"));
    let location = provider.links(&teacher, ProviderKind::Google).await;
    assert_eq!(location, "/me/providers?done=provider-linked");
    let manager = test.signed_in(&cast.manager).await;
    let suspension = cast.school.path(&format!("/accounts/{}/suspension", cast.teacher.member_id));
    manager.post(&suspension, &[("reason", "nghỉ")]).await.expect(303);
    assert_eq!(count(&test, "SELECT count(*) FROM linked_sign_ins").await, 0);
    test.work().await;
}

#[tokio::test]
async fn a_teacher_does_all_of_it_in_a_browser() {
    let mut provider = None;
    let server = TestServer::start_with(async |config| {
        let started = Provider::start(config.base_url.as_str(), ProviderKind::Google).await;
        config.providers = vec![started.registered(ProviderKind::Google)];
        provider = Some(started);
    })
    .await;
    let mut provider = provider.unwrap();
    let cast = server.test.cast("79000001").await;
    provider.is_used_by(work_account("1097", &cast.teacher.login)).await;
    let l = Translator::new(Lang::Vi);

    let owner = Browser::of(&server, &cast.owner, Lang::Vi, true).await;
    owner.goto(&cast.school.path("/settings")).await;
    owner.click("[name=provider_sign_in]").await;
    owner.press(&l.t("settings-save")).await;
    owner.says(&l.t("done-settings-changed")).await;
    owner.quit().await;

    let teacher = Browser::of(&server, &cast.teacher, Lang::Vi, true).await;
    teacher.goto(&cast.school.path("")).await;
    teacher.goto("/me/providers").await;
    teacher.press(&l.t("providers-link")).await;
    teacher.says(&l.t("done-provider-linked")).await;
    teacher.forget_me().await;
    teacher.goto("/sign-in").await;
    teacher.speaks(Lang::Vi).await;
    teacher.press("Google").await;
    teacher.arrives(&cast.school.path("")).await;
    teacher.goto("/me").await;
    teacher.says(&l.t("sign-in-event-signed-in-by-provider")).await;
    teacher.quit().await;
}
