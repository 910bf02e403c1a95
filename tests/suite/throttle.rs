//! Who tries too often, and what a try costs: neither tells whether there is an account.

use std::net::IpAddr;

use chrono::Duration;
use schoolgate::{
    app::App,
    identity::throttle::{self, Secret},
    roster::model::Status,
    router,
};

use crate::support::client::ADDRESS;
use crate::support::people::PASSWORD;
use crate::support::{Client, Page, Person, Someone, TestApp};

/// The work behind a refusal is one argon2, whatever is on record: hashing is all of the time that one could measure.
#[tokio::test]
async fn every_refused_try_costs_one_argon2() {
    let test = TestApp::with_own_hasher().await;
    let cast = test.cast("79000001").await;
    let invited = cast.school.add(&test, Someone::teacher("Tăng Văn Mời").who_is(Status::Invited)).await;
    // Nobody has set a password for it, and nobody was handed one.
    sqlx::query(
        "UPDATE accounts SET password_hash = NULL, temporary_password = NULL, temporary_key_id = NULL,
             temporary_expires_at = NULL WHERE id = $1",
    )
    .bind(invited.account_id)
    .execute(&mut test.admin().await)
    .await
    .unwrap();
    let expired = cast.school.add(&test, Someone::pupil("Hứa Văn Cũ", cast.class_id).new_here()).await;
    sqlx::query("UPDATE accounts SET temporary_expires_at = '2026-01-01' WHERE id = $1")
        .bind(expired.account_id)
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    let wrong = "một mật khẩu nào đó";
    let typed = expired.temporary.clone().unwrap();
    for (login, password) in [
        ("nobody@example.vn", wrong),
        ("nobody@79000001", wrong),
        (&cast.teacher.login, wrong),
        (&cast.newcomer.login, wrong),
        (&invited.login, wrong),
        (&expired.login, &typed),
    ] {
        let before = test.hasher.computed();
        let form = [("login", login), ("password", password)];
        test.anonymous().post("/sign-in", &form).await.expect(422);
        assert_eq!(test.hasher.computed() - before, 1, "{login}");
    }
    // On the school's own sign-in page, too.
    for login in ["nobody", cast.pupil.login.split('@').next().unwrap()] {
        let before = test.hasher.computed();
        let form = [("login", login), ("password", wrong)];
        test.anonymous().post(&cast.school.path("/sign-in"), &form).await.expect(422);
        assert_eq!(test.hasher.computed() - before, 1, "{login}");
    }
    // A forgotten password costs the same for everybody: nothing here, and the rest in the background.
    let before = test.hasher.computed();
    for login in ["nobody@example.vn", &cast.teacher.login] {
        test.anonymous().post("/password/forgot", &[("login", login)]).await.expect(200);
    }
    assert_eq!(test.hasher.computed(), before);
    test.work().await;
}

/// Wrong tries of one account.
async fn charge(test: &TestApp, login: &str, address: IpAddr, times: usize) {
    for _ in 0..times {
        drop(throttle::take_try(&test.db, Secret::Password(login), Some(address), test.clock.now()).await.unwrap());
    }
}

/// A wrong try each of so many accounts.
async fn charge_around(test: &TestApp, address: IpAddr, accounts: std::ops::Range<usize>) {
    for number in accounts {
        charge(test, &format!("nobody{number}@example.vn"), address, 1).await;
    }
}

async fn signs_in(test: &TestApp, person: &Person) -> u16 {
    let form = [("login", person.login.as_str()), ("password", PASSWORD)];
    test.anonymous().post("/sign-in", &form).await.status.as_u16()
}

/// Ten thousand wrong tries from the school's one address: a person who was not guessed at gets in, and has two tries to
/// mistype. Beyond its limit an address owes no more, so that ten thousand weigh no more than six hundred.
#[tokio::test]
async fn ten_thousand_wrong_tries_do_not_lock_the_others_out() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    charge(&test, &cast.newcomer.login, ADDRESS, 700).await;
    charge_around(&test, ADDRESS, 0..700).await;
    let owed = async || {
        let most = "SELECT max(resets_at) FROM attempts";
        let owed: chrono::DateTime<chrono::Utc> =
            sqlx::query_scalar(most).fetch_one(&mut test.admin().await).await.unwrap();
        owed
    };
    let after_hundreds = owed().await;
    charge_around(&test, ADDRESS, 700..1_000).await;
    assert_eq!(owed().await, after_hundreds, "the rest of ten thousand changes nothing");

    let (pupil, teacher) = (&cast.pupil, &cast.teacher);
    for person in [pupil, teacher] {
        assert_eq!(signs_in(&test, person).await, 303, "{}", person.name);
    }
    // Two may be wrong, from there; then one waits half a minute.
    charge(&test, &pupil.login, ADDRESS, 1).await;
    assert_eq!(signs_in(&test, pupil).await, 303);
    charge(&test, &pupil.login, ADDRESS, 2).await;
    assert_eq!(signs_in(&test, pupil).await, 429);
    let temporary = cast.newcomer.temporary.clone().unwrap();
    let form = [("login", cast.newcomer.login.as_str()), ("password", temporary.as_str())];
    test.anonymous().post("/sign-in", &form).await.expect(429);
    // Who was guessed at is free again in time, too.
    test.clock.advance(Duration::seconds(30));
    assert_eq!(signs_in(&test, pupil).await, 303);
    test.anonymous().post("/sign-in", &form).await.expect(303);
}

/// A second process of the program over the same database, with connections of its own.
fn another(test: &TestApp) -> App {
    let config = (*test.config).clone();
    let mailer = schoolgate::mail::Mailer::memory(
        schoolgate::mail::Sender::new(&config.mail_from, &config.base_url).unwrap(),
        test.outbox.clone(),
    );
    let randomness = schoolgate::clock::Randomness::seeded(2);
    let app = crate::support::app::assemble(&test.database, config, test.clock.clone(), randomness, mailer);
    App { hasher: test.hasher.clone(), ..app }
}

fn client(app: &App) -> Client {
    Client::new(router::router(app), app.config.base_url.origin().ascii_serialization())
}

/// What a visitor sees, but for what differs with each request.
fn seen(page: &Page) -> (u16, String, String) {
    (page.status.as_u16(), page.header("retry-after").to_owned(), page.html())
}

/// Six hundred guesses at once through two processes, the right password among them: no more than the limit are looked
/// at, and what the others are told does not depend on what they guessed.
#[tokio::test]
async fn a_volley_of_guesses_looks_at_no_more_than_the_limit() {
    let test = TestApp::with_own_hasher().await;
    let cast = test.cast("79000001").await;
    let login = cast.teacher.login.as_str();
    let processes = [client(&test), client(&another(&test))];
    for round in 0..4 {
        let before = test.hasher.computed();
        let guesses: Vec<String> = (0..600).map(|number| format!("đoán mò lần {round}-{number}")).collect();
        let tries = guesses.iter().enumerate().map(|(number, guess)| {
            let guess = if number == 500 { PASSWORD } else { guess };
            let form = [("login", login), ("password", guess)];
            let process = &processes[number % 2];
            async move { process.post("/sign-in", &form).await }
        });
        let pages = futures_util::future::join_all(tries).await;
        let of = |status: u16| pages.iter().filter(|page| page.status.as_u16() == status).count();
        let (right, wrong, over) = (of(303), of(422), of(429));
        assert_eq!(right + wrong + over, 600);
        // Where the right one was among the first, the account's tries began anew.
        assert!(right + wrong <= 10 * (1 + right), "{right} right, {wrong} wrong");
        assert_eq!(test.hasher.computed() - before, (right + wrong) as u64, "what is over the limit is not looked at");
        if right == 0 {
            let told: Vec<_> = pages.iter().filter(|page| page.status == 429).map(seen).collect();
            assert!(told.windows(2).all(|two| two[0] == two[1]));
        }
        // One after the other it is the same.
        charge(&test, login, ADDRESS, 10).await;
        let (guess, right) = ([("login", login), ("password", "sai rồi")], [("login", login), ("password", PASSWORD)]);
        for process in &processes {
            let wrong = process.post("/sign-in", &guess).await;
            assert_eq!(wrong.status, 429);
            assert_eq!(seen(&wrong), seen(&process.post("/sign-in", &right).await));
        }
        test.clock.advance(Duration::minutes(10));
    }
}

/// A person who signs in in six tabs at once gets in, and so does a whole school at one address.
#[tokio::test]
async fn right_passwords_at_once_get_in_and_owe_nothing() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let tabs = (0..6).map(|_| signs_in(&test, &cast.teacher));
    assert_eq!(futures_util::future::join_all(tabs).await, [303; 6]);
    charge_around(&test, ADDRESS, 0..700).await;
    let everybody = cast.everybody();
    let all = everybody.iter().filter(|person| person.temporary.is_none()).map(|person| signs_in(&test, person));
    assert!(futures_util::future::join_all(all).await.iter().all(|status| *status == 303));
    test.clock.advance(Duration::hours(1));
    for _ in 0..50 {
        assert_eq!(signs_in(&test, &cast.teacher).await, 303);
    }
    let owed: i64 = sqlx::query_scalar("SELECT count(*) FROM attempts WHERE resets_at > $1")
        .bind(test.clock.now())
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!(owed, 0, "a right password gives back what it cost");
}

/// A person has found a device unlocked: what asks for the password there is a sign-in page like the other.
#[tokio::test]
async fn no_other_page_allows_more_guesses_than_the_sign_in_page() {
    let test = TestApp::with_own_hasher().await;
    let cast = test.cast("79000001").await;
    let change = |current: &'static str| {
        [
            ("current_password", current),
            ("password", "gió đưa cành trúc la đà"),
            ("password_again", "gió đưa cành trúc la đà"),
        ]
    };
    let erasure = cast.school.path(&format!("/accounts/{}/erasure", cast.pupil.member_id));
    let owner = test.signed_in(&cast.owner).await;
    test.clock.advance(Duration::hours(1));
    for (path, field) in [
        ("/password/change", "current_password"),
        ("/me/second-factor/removal", "password"),
        ("/me/second-factor/codes", "password"),
        (erasure.as_str(), "fresh_password"),
    ] {
        let before = test.hasher.computed();
        let guesses: Vec<String> = (0..40).map(|number| format!("đoán mò lần {number}")).collect();
        let tries = guesses.iter().map(|guess| {
            let form = [(field, guess.as_str()), ("confirm", "on")];
            let owner = &owner;
            async move { owner.post(path, &form).await.status.as_u16() }
        });
        let told = futures_util::future::join_all(tries).await;
        assert_eq!(told.iter().filter(|status| **status == 422).count(), 10, "{path}");
        assert_eq!(told.iter().filter(|status| **status == 429).count(), 30, "{path}");
        assert_eq!(test.hasher.computed() - before, 10, "{path}");
        // Nor does the right one do anything, and it is told the same.
        let own = change(PASSWORD);
        let right = if path == "/password/change" { own.as_slice() } else { &[(field, PASSWORD)] };
        let page = owner.post(path, right).await.expect(429);
        assert!(!page.header("retry-after").is_empty(), "{path}");
        // The sign-in page is locked by that as well.
        assert_eq!(signs_in(&test, &cast.owner).await, 429);
        test.clock.advance(Duration::minutes(10));
    }
    owner.post("/password/change", &change(PASSWORD)).await.expect(303);
    test.work().await;
}

/// Codes that take pupils in, and mailed links.
#[tokio::test]
async fn codes_and_links_are_not_guessed_for_ever() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let transfer = cast.school.path("/accounts/transfer");
    for _ in 0..10 {
        manager.post(&transfer, &[("code", "aaaa-aaaa-aaaa-aaaa")]).await.expect(422);
    }
    manager.post(&transfer, &[("code", "aaaa-aaaa-aaaa-aaaa")]).await.expect(429);
    let stranger = test.anonymous();
    let token = "A".repeat(43);
    for path in ["/password/reset", "/invitations", "/verify-email"] {
        for _ in 0..20 {
            stranger.get(&format!("{path}/{token}")).await.expect(404);
        }
    }
    let page = stranger.get(&format!("/password/reset/{token}")).await.expect(429);
    assert!(!page.header("retry-after").is_empty());
    test.anonymous().at([198, 51, 100, 1]).get(&format!("/password/reset/{token}")).await.expect(404);
}

/// A clock that was wrong for a moment locks no account for longer than any lock lasts.
#[tokio::test]
async fn a_clock_that_jumps_locks_no_account_out() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let form = [("login", cast.teacher.login.as_str())];
    test.clock.advance(Duration::days(400));
    charge(&test, &cast.teacher.login, ADDRESS, 10).await;
    charge_around(&test, ADDRESS, 0..700).await;
    for _ in 0..3 {
        test.anonymous().post("/password/forgot", &form).await.expect(200);
    }
    test.clock.advance(-Duration::days(400));
    assert_eq!(signs_in(&test, &cast.teacher).await, 429);
    assert_eq!(signs_in(&test, &cast.pupil).await, 303);
    let waits = test.anonymous().post("/password/forgot", &form).await.expect(429);
    assert_eq!(waits.header("retry-after"), "30");
    test.clock.advance(Duration::minutes(10));
    test.anonymous().post("/password/forgot", &form).await.expect(200);
    assert_eq!(signs_in(&test, &cast.teacher).await, 303);
    let far: i64 = sqlx::query_scalar("SELECT count(*) FROM attempts WHERE resets_at > $1")
        .bind(test.clock.now() + Duration::hours(1))
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!(far, 700, "only those that nobody has asked about since");
    test.work().await;
}

/// Asking for mails is bounded for all accounts together, and costs the same whether or not there is one.
#[tokio::test]
async fn forgotten_passwords_are_asked_for_a_bounded_number_of_times() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    for login in [cast.teacher.login.as_str(), "nobody@example.vn", "nobody@79000001.vn"] {
        test.anonymous().post("/password/forgot", &[("login", login)]).await.expect(200);
        assert_eq!(test.left_over().await.len(), 1, "the same is left to do for {login}");
        test.work().await;
    }
    assert_eq!(test.outbox.sent().len(), 1);
    for number in 3..60 {
        let login = format!("nobody{number}@example.vn");
        test.anonymous().post("/password/forgot", &[("login", &login)]).await.expect(200);
    }
    let page = test.anonymous().post("/password/forgot", &[("login", &cast.owner.login)]).await.expect(429);
    assert!(!page.header("retry-after").is_empty());
    let elsewhere = test.anonymous().at([198, 51, 100, 1]);
    elsewhere.post("/password/forgot", &[("login", &cast.owner.login)]).await.expect(200);
    test.work().await;
    assert_eq!(test.outbox.sent().len(), 2);
}

/// Where a request comes from, as the sessions say it.
#[tokio::test]
async fn an_address_has_one_form_and_several_lines_are_one_list() {
    let test = TestApp::with_config(|config| config.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()]).await;
    let cast = test.cast("79000001").await;
    let seen = async |lines: &[&str]| {
        let client = test.anonymous().at([10, 0, 0, 1]);
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("login", cast.teacher.login.as_str()), ("password", PASSWORD)])
            .finish();
        let request = client.request(axum::http::Method::POST, "/sign-in").header("origin", "http://schoolgate.test");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let request = lines.iter().fold(request, |request, line| request.header("x-forwarded-for", *line));
        client.send(request, form.into()).await.expect(303);
        let last = "SELECT host(address) FROM sessions ORDER BY token_hash";
        let all: Vec<String> = sqlx::query_scalar(last).fetch_all(&mut test.admin().await).await.unwrap();
        sqlx::query("DELETE FROM sessions").execute(&mut test.admin().await).await.unwrap();
        all.join(" ")
    };
    assert_eq!(seen(&["198.51.100.1"]).await, "198.51.100.1");
    assert_eq!(seen(&["192.0.2.66", "198.51.100.1"]).await, "198.51.100.1", "the last line is the nearest hop");
    assert_eq!(seen(&["192.0.2.66, 198.51.100.1", "10.1.1.1"]).await, "198.51.100.1");
    assert_eq!(seen(&["::ffff:198.51.100.1", "::ffff:10.2.2.2"]).await, "198.51.100.1");
    assert_eq!(seen(&["nonsense", "10.1.1.1"]).await, "10.0.0.1");
    assert_eq!(seen(&["2001:db8::7"]).await, "2001:db8::7");
}

/// Two spellings of one address, and all of a customer's network, are one sender.
#[test]
fn one_network_is_one_sender() {
    let network = |text: &str| schoolgate::network::network_of(text.parse().unwrap());
    assert_eq!(network("::ffff:203.0.113.7"), network("203.0.113.7"));
    assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
    assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
}

/// Where one is sent to is a page of ours, whatever the form says.
#[tokio::test]
async fn no_redirect_leads_to_another_site() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    for next in ["/\t/evil.example", "/%09/", "/\u{0}", "/\u{7f}a", "/.//evil.example", "/a\r\nb: c", "//evil.example"]
    {
        let form = [("login", cast.teacher.login.as_str()), ("password", PASSWORD), ("next", next)];
        assert_eq!(test.anonymous().post("/sign-in", &form).await.location(), "/", "{next:?}");
        let form = [("language", "en"), ("next", next)];
        assert_eq!(test.anonymous().post("/preferences", &form).await.location(), "/", "{next:?}");
    }
    let form = [("login", cast.teacher.login.as_str()), ("password", PASSWORD), ("next", "/me?q=Lê")];
    assert_eq!(test.anonymous().post("/sign-in", &form).await.location(), "/me?q=L%C3%AA");
}
