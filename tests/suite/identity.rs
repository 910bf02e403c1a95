//! Signing in and out, temporary and forgotten passwords, and who tries too often.

use std::sync::Arc;

use axum::http::StatusCode;
use chrono::Duration;
use schoolgate::roster::model::Status;

use crate::support::app::link_in;
use crate::support::people::PASSWORD;
use crate::support::say::{vi, vi1};
use crate::support::{Client, Page, Person, Someone, TestApp, html};

async fn sign_in(client: &Client, login: &str, password: &str) -> Page {
    client.post("/sign-in", &[("login", login), ("password", password)]).await
}

async fn signs_in(test: &TestApp, login: &str, password: &str) -> bool {
    let page = sign_in(&test.anonymous(), login, password).await;
    match page.status {
        StatusCode::SEE_OTHER => true,
        StatusCode::UNPROCESSABLE_ENTITY => false,
        other => panic!("{other}: {}", page.words()),
    }
}

fn twice(password: &str) -> [(&'static str, &str); 2] {
    [("password", password), ("password_again", password)]
}

#[tokio::test]
async fn every_account_signs_in_on_the_common_page_and_is_led_home() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let operator = test.operator("operator@example.vn", &[]).await;
    let home = cast.school.path("");
    for (person, home) in
        [(&cast.owner, home.as_str()), (&cast.teacher, &home), (&cast.pupil, &home), (&operator, "/operator/schools")]
    {
        let client = test.anonymous();
        // As one types it: with spaces around and in whatever case.
        let typed = format!(" {} ", person.login.to_uppercase());
        assert_eq!(sign_in(&client, &typed, PASSWORD).await.location(), "/");
        assert_eq!(client.get("/").await.location(), home);
        client.get(home).await.expect(200).shows(&[&person.name]);
    }
    let somewhere = [("login", cast.pupil.login.as_str()), ("password", PASSWORD), ("next", "https://evil.example/")];
    assert_eq!(test.anonymous().post("/sign-in", &somewhere).await.location(), "/");
    let empty = test.anonymous().post("/sign-in", &[]).await.expect(422);
    empty.shows(&[&vi("fault-login-missing"), &vi("fault-password-missing")]);
}

#[tokio::test]
async fn a_schools_sign_in_page_adds_the_part_after_the_at() {
    let test = TestApp::new().await;
    let cast = test.cast("THPT-LQD").await;
    let (username, code) = cast.pupil.login.split_once('@').unwrap();
    assert_eq!(code, "thpt-lqd");
    let mut admin = test.admin().await;
    sqlx::query("INSERT INTO school_codes (folded, school_id) VALUES ('old-code', $1)")
        .bind(cast.school.id())
        .execute(&mut admin)
        .await
        .unwrap();
    for door in ["THPT-LQD", "thpt-lqd", "OLD-CODE"] {
        let door = format!("/schools/{door}/sign-in");
        let client = test.anonymous();
        let page = client.get(&format!("{door}?login={username}")).await.expect(200);
        assert_eq!(page.shows(&["Trường thử nghiệm THPT-LQD", "@THPT-LQD"]).input("login"), username);
        for login in [username, &cast.pupil.login, &cast.teacher.login] {
            let form = [("login", login), ("password", PASSWORD)];
            assert_eq!(test.anonymous().post(&door, &form).await.location(), "/", "{login} at {door}");
        }
        let wrong = test.anonymous().post(&door, &[("login", username), ("password", "sai rồi")]).await.expect(422);
        assert_eq!(wrong.hides(&["sai rồi"]).input("login"), username);
    }
    assert!(!signs_in(&test, username, PASSWORD).await, "the common sign-in page adds nothing");
    test.anonymous().get("/schools/nowhere/sign-in").await.expect(404);
}

#[tokio::test]
async fn a_refusal_does_not_tell_whether_there_is_an_account() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let invited = cast.school.add(&test, Someone::teacher("Tăng Văn Mời").who_is(Status::Invited)).await;
    let refusal = async |login: &str, password: &str| {
        let page = sign_in(&test.anonymous(), login, password).await.expect(422);
        page.html().replace(login, "LOGIN")
    };
    let unknown = refusal("nobody@example.vn", "một mật khẩu nào đó").await;
    assert!(html::words(&unknown).contains(&vi("fault-sign-in-wrong")));
    for login in [&cast.teacher.login, &cast.pupil.login, &cast.newcomer.login, &invited.login] {
        assert_eq!(refusal(login, "một mật khẩu nào đó").await, unknown, "{login}");
    }
    for nonsense in ["nobody", "@", "a@b@c", "' OR 1=1 --", "ẩn danh", &"x".repeat(5_000)] {
        sign_in(&test.anonymous(), nonsense, "x").await.expect(422).shows(&[&vi("fault-sign-in-wrong")]);
    }
}

#[tokio::test]
async fn a_login_that_no_database_takes_is_a_wrong_one() {
    let test = TestApp::new().await;
    test.school("79000001").await;
    let client = test.anonymous();
    let form = [("login", "an\0"), ("password", "x\0")];
    for door in ["/sign-in", "/schools/79000001/sign-in"] {
        client.post(door, &form).await.expect(422).shows(&[&vi("fault-sign-in-wrong")]);
    }
    client.post("/password/forgot", &form).await.expect(422);
    client.post("/password/forgot", &[("login", "an\0@example.vn")]).await.expect(200);
    test.work().await;
}

#[tokio::test]
async fn a_temporary_password_is_good_for_choosing_an_own_one() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let pupil = &cast.newcomer;
    let temporary = pupil.temporary.clone().unwrap();
    let client = test.anonymous();
    // As one copies it from paper.
    let typed = temporary.to_uppercase().replace('-', " ");
    assert_eq!(sign_in(&client, &pupil.login, &typed).await.location(), "/password/change");
    assert_eq!(client.get(&cast.school.path("")).await.location(), "/password/change");
    assert_eq!(client.get("/").await.location(), "/password/change");
    let page =
        client.get("/password/change").await.expect(200).shows(&[&vi("password-first-title-pupil"), &pupil.login]);
    assert!(!page.html().contains("current_password"), "the temporary one was the proof");

    for (form, said) in [
        (twice("ngắn"), "password-too-short-pupil"),
        (twice(&temporary), "password-temporary"),
        (twice("12345678"), "password-common"),
        ([("password", "trăng lên đầu núi"), ("password_again", "trăng lên đầu non")], "fault-password-not-repeated"),
    ] {
        let refused = client.post("/password/change", &form).await.expect(422).shows(&[&vi(said)]);
        refused.hides(&["ngắn\"", &temporary, "12345678", "trăng lên"]);
    }
    let before = client.cookie("session").unwrap();
    let home = client.post("/password/change", &twice("trăng lên đầu núi")).await.location();
    assert_eq!(home, cast.school.path("?done=password-changed"));
    client.get(&home).await.expect(200).shows(&[&vi("done-password-changed")]);
    assert_ne!(client.cookie("session").unwrap(), before);

    assert!(!signs_in(&test, &pupil.login, &temporary).await, "spent");
    assert!(signs_in(&test, &pupil.login, "trăng lên đầu núi").await);
    let thief = test.anonymous();
    thief.set_cookie("session", &before);
    assert_eq!(thief.get("/password/change").await.location(), "/sign-in?next=%2Fpassword%2Fchange");
    // From now on the current one is asked for.
    let change = client.post("/password/change", &twice("mưa rơi trên mái")).await.expect(422);
    change.shows(&[&vi("fault-password-current-wrong")]);
    let with_current = [&twice("mưa rơi trên mái")[..], &[("current_password", "trăng lên đầu núi")]].concat();
    // By then there is another device.
    let home = client.post("/password/change", &with_current).await.location();
    client.get(&home).await.expect(200).shows(&[&vi("done-password-changed-everywhere")]);
    assert!(signs_in(&test, &pupil.login, "mưa rơi trên mái").await);
}

#[tokio::test]
async fn of_two_who_spend_one_temporary_password_at_once_one_wins() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    for round in 0..4 {
        let pupil = cast.school.add(&test, Someone::pupil("Tô Thị Đua", cast.class_id).new_here()).await;
        let (one, two) = (test.signed_in_by_temporary(&pupil).await, test.signed_in_by_temporary(&pupil).await);
        let (password_one, password_two) = (format!("người thứ nhất {round}"), format!("người thứ hai {round}"));
        let (form_one, form_two) = (twice(&password_one), twice(&password_two));
        let (first, second) =
            tokio::join!(one.post("/password/change", &form_one), two.post("/password/change", &form_two));
        let has_won = |page: &Page| page.header("location").contains("done=password-changed");
        assert_eq!(u8::from(has_won(&first)) + u8::from(has_won(&second)), 1, "{first:?} {second:?}");
        assert_eq!(signs_in(&test, &pupil.login, &password_one).await, has_won(&first));
        assert_eq!(signs_in(&test, &pupil.login, &password_two).await, has_won(&second));
    }
}

#[tokio::test]
async fn a_temporary_password_lasts_ninety_days_and_belongs_to_one_account() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let other = cast.school.add(&test, Someone::pupil("Tôn Thất Khác", cast.class_id).new_here()).await;
    let temporary = cast.newcomer.temporary.clone().unwrap();

    // An attacker who can write to the database moves it to an account of their own.
    let mut admin = test.admin().await;
    sqlx::query(
        "UPDATE accounts a SET temporary_password = b.temporary_password, temporary_key_id = b.temporary_key_id
         FROM accounts b WHERE a.id = $1 AND b.id = $2",
    )
    .bind(other.account_id)
    .bind(cast.newcomer.account_id)
    .execute(&mut admin)
    .await
    .unwrap();
    assert!(!signs_in(&test, &other.login, &temporary).await);

    test.clock.advance(Duration::days(90) - Duration::minutes(1));
    assert!(signs_in(&test, &cast.newcomer.login, &temporary).await);
    test.clock.advance(Duration::minutes(1));
    assert!(!signs_in(&test, &cast.newcomer.login, &temporary).await);
}

/// Choosing a password is what such a session is for; it does not wait for days on a shared computer.
#[tokio::test]
async fn a_session_by_a_temporary_password_ends_within_the_hour() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let client = test.signed_in_by_temporary(&cast.newcomer).await;
    test.clock.advance(Duration::minutes(59));
    client.get("/password/change").await.expect(200);
    test.clock.advance(Duration::minutes(1));
    client.get("/password/change").await.expect(303);
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_by_a_mailed_link() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    // Before the first sign-in, too.
    let newcomer = cast.school.add(&test, Someone::teacher("Tạ Văn Quên").new_here()).await;
    let ask = async |login: &str| {
        let page = test.anonymous().post("/password/forgot", &[("login", login)]).await.expect(200);
        page.shows(&[&vi("forgot-sent-title")]).html()
    };
    let said = ask("nobody@example.vn").await;
    // The same is done for everybody; only for some there is an address to mail to.
    assert_eq!(test.work().await, ["mail_reset"]);
    // A name on a slip has no mailbox, whether there is such an account or not: the page says so, and who helps.
    for login in [cast.pupil.login.as_str(), "khongco@79000001"] {
        let page = test.anonymous().post("/password/forgot", &[("login", login)]).await.expect(422);
        page.shows(&[&vi("fault-no-mailbox")]);
    }
    assert_eq!(test.work().await, [] as [&str; 0]);
    for person in [&cast.teacher, &newcomer] {
        assert_eq!(ask(&person.login.to_uppercase()).await, said);
        assert_eq!(test.work().await, ["mail_reset", "send_mail"]);
    }
    ask(&cast.teacher.login).await;
    test.work().await;

    let link = |person: &Person| link_in(&test.mail_to(&person.login).text);
    let first = test.outbox.sent().iter().find(|mail| mail.to_address == cast.teacher.login).unwrap().text.clone();
    let (first, second) = (link_in(&first), link(&cast.teacher));
    assert_ne!(first, second);
    let session = test.signed_in(&cast.teacher).await;
    let client = test.anonymous();
    client.get(&second).await.expect(200).shows(&[&vi("password-reset-title"), &cast.teacher.login]);
    client
        .post(&second, &twice("ngắn quá"))
        .await
        .expect(422)
        .shows(&[&vi("password-too-short-staff")])
        .hides(&["ngắn quá"]);
    assert_eq!(client.post(&second, &twice("một câu dài dễ nhớ")).await.location(), "/");
    assert_eq!(test.work().await, ["send_mail"]);
    assert_eq!(test.mail_to(&cast.teacher.login).subject, vi("mail-password-changed-subject"));
    client.get(&cast.school.path("")).await.expect(200);
    assert_eq!(session.get("/password/change").await.status, 303, "other devices are signed out");
    for link in [&first, &second] {
        test.anonymous().get(link).await.expect(404).shows(&[&vi("password-link-dead-title")]);
        test.anonymous().post(link, &twice("một câu khác dài hơn")).await.expect(404);
    }
    assert!(signs_in(&test, &cast.teacher.login, "một câu dài dễ nhớ").await);

    test.clock.advance(Duration::minutes(59));
    test.anonymous().get(&link(&newcomer)).await.expect(200);
    test.clock.advance(Duration::minutes(1));
    test.anonymous().get(&link(&newcomer)).await.expect(404);
    test.anonymous().get("/password/reset/short").await.expect(404);
}

#[tokio::test]
async fn of_two_who_use_one_link_at_once_one_wins() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    test.anonymous().post("/password/forgot", &[("login", &cast.teacher.login)]).await.expect(200);
    test.work().await;
    let link = link_in(&test.mail_to(&cast.teacher.login).text);
    let (one, two) = (test.anonymous(), test.anonymous());
    let (form_one, form_two) = (twice("người thứ nhất đến"), twice("người thứ hai đến"));
    let (first, second) = tokio::join!(one.post(&link, &form_one), two.post(&link, &form_two));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 404]);
    assert_eq!(test.work().await, ["send_mail"], "and one mail tells of it");
    assert_eq!(signs_in(&test, &cast.teacher.login, "người thứ nhất đến").await, first.status == 303);
}

#[tokio::test]
async fn password_reset_mails_are_limited() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    for _ in 0..6 {
        test.anonymous().post("/password/forgot", &[("login", &cast.teacher.login)]).await.expect(200);
    }
    test.work().await;
    assert_eq!(test.outbox.take().len(), 3);
    test.clock.advance(Duration::minutes(10));
    test.anonymous().post("/password/forgot", &[("login", &cast.teacher.login)]).await.expect(200);
    test.work().await;
    assert_eq!(test.outbox.take().len(), 1);
}

#[tokio::test]
async fn who_guesses_too_often_waits_and_not_for_long() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let login = &cast.pupil.login;
    for _ in 0..10 {
        sign_in(&test.anonymous(), login, "đoán mò").await.expect(422);
    }
    let page = sign_in(&test.anonymous(), login, PASSWORD).await.expect(429).shows(&[&vi1(
        "fault-sign-in-too-many",
        "value",
        "1",
    )]);
    let wait: i64 = page.hides(&[PASSWORD]).header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    // Neither another device nor another spelling helps, and nobody else is in the way.
    let elsewhere = test.anonymous().at([198, 51, 100, 9]);
    sign_in(&elsewhere, &format!(" {} ", login.to_uppercase()), PASSWORD).await.expect(429);
    assert!(signs_in(&test, &cast.teacher.login, PASSWORD).await);
    // Unknown accounts are no different.
    for _ in 0..10 {
        sign_in(&test.anonymous(), "nobody@example.vn", "đoán mò").await.expect(422);
    }
    sign_in(&test.anonymous(), "nobody@example.vn", "đoán mò").await.expect(429);

    test.clock.advance(Duration::seconds(wait - 1));
    sign_in(&test.anonymous(), login, PASSWORD).await.expect(429);
    test.clock.advance(Duration::seconds(1));
    assert!(signs_in(&test, login, PASSWORD).await, "the right one is taken when the time has come");
    for _ in 0..10 {
        sign_in(&test.anonymous(), login, "đoán mò").await.expect(422);
    }
}

/// A guess that is lucky after ten wrong ones opens nothing, and be they all sent at once.
#[tokio::test]
async fn guesses_at_once_count_one_by_one() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let clients: Vec<Client> = (0..30).map(|_| test.anonymous()).collect();
    let tries = clients.iter().map(|client| sign_in(client, &cast.pupil.login, "đoán mò"));
    let pages = futures_util::future::join_all(tries).await;
    assert!(pages.iter().all(|page| page.status == 422 || page.status == 429));
    sign_in(&test.anonymous(), &cast.pupil.login, PASSWORD).await.expect(429);
    // They owe no more than ten wrong tries: half a minute later the next one is taken.
    test.clock.advance(Duration::seconds(30));
    assert!(signs_in(&test, &cast.pupil.login, PASSWORD).await);
}

#[tokio::test]
async fn who_knows_the_password_is_let_in_from_many_tabs_at_once() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let clients: Vec<Client> = (0..10).map(|_| test.anonymous()).collect();
    let tries = clients.iter().map(|client| sign_in(client, &cast.pupil.login, PASSWORD));
    let pages = futures_util::future::join_all(tries).await;
    assert_eq!(pages.iter().filter(|page| page.status == 303).count(), 10);
}

#[tokio::test]
async fn a_session_ends_where_it_is_signed_out_and_with_its_time() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let (here, there) = (test.signed_in(&cast.teacher).await, test.signed_in(&cast.teacher).await);
    let token = here.cookie("session").unwrap();
    let out = here.post("/sign-out", &[]).await.location();
    assert_eq!(here.cookie("session"), None);
    here.get(&out).await.expect(200).shows(&[&vi("done-signed-out")]);
    let thief = test.anonymous();
    thief.set_cookie("session", &token);
    thief.get(&cast.school.path("")).await.expect(303);
    there.get(&cast.school.path("")).await.expect(200);

    // A person who signs in over a person on the same device ends that one's session.
    let before = there.cookie("session").unwrap();
    sign_in(&there, &cast.pupil.login, PASSWORD).await.expect(303);
    thief.set_cookie("session", &before);
    thief.get(&cast.school.path("")).await.expect(303);
    there.get(&cast.school.path("")).await.expect(200).shows(&[&cast.pupil.name]);

    test.clock.advance(Duration::days(14) - Duration::minutes(1));
    there.get(&cast.school.path("")).await.expect(200);
    test.clock.advance(Duration::minutes(1));
    there.get(&cast.school.path("")).await.expect(303);
}

#[tokio::test]
async fn cookies_are_the_hosts_own_behind_https() {
    let test = TestApp::with_config(|config| config.base_url = "https://schoolgate.test".parse().unwrap()).await;
    let cast = test.cast("79000001").await;
    let page = sign_in(&test.anonymous(), &cast.teacher.login, PASSWORD).await.expect(303);
    let cookie = page.header("set-cookie").to_owned();
    assert!(cookie.starts_with("__Host-session="), "{cookie}");
    for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{attribute}: {cookie}");
    }
    assert!(!cookie.contains("Domain"));
    assert!(page.header("strict-transport-security").contains("max-age"));
}

#[tokio::test]
async fn the_language_and_the_colours_are_remembered() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let teacher = test.signed_in(&cast.teacher).await;
    let next = [("language", "en"), ("next", "/schools/79000001")];
    assert_eq!(teacher.post("/preferences", &next).await.location(), "/schools/79000001");
    teacher.get("/schools/79000001").await.expect(200).shows(&["Hello"]);
    teacher.post("/preferences", &[("theme", "dark"), ("next", "//evil.example")]).await.expect(303);
    assert!(teacher.get("/schools/79000001").await.html().contains("data-bs-theme=\"dark\""));
    // On another device, and in mails: the account's own.
    test.signed_in(&cast.teacher).await.get("/schools/79000001").await.expect(200).shows(&["Hello"]);
    test.anonymous().post("/password/forgot", &[("login", &cast.teacher.login)]).await.expect(200);
    test.work().await;
    assert_eq!(test.mail_to(&cast.teacher.login).subject, "Reset your Schoolgate password");
}

/// A whole school signs in at seven in the morning, from one address.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_sign_in_at_once_and_pages_are_answered_meanwhile() {
    let test = TestApp::with_many_connections().await;
    let school = test.school("79000001").await;
    let class_id = school.class(&test, "10A1").await;
    let pupils: Vec<Someone> =
        (0..300).map(|number| Someone::pupil(&format!("Học Sinh Số {number}"), class_id)).collect();
    let pupils = school.add_all(&test, &pupils).await;
    let test = Arc::new(test);
    let signing_in: Vec<_> = pupils
        .into_iter()
        .map(|pupil| {
            let test = Arc::clone(&test);
            tokio::spawn(async move { sign_in(&test.anonymous(), &pupil.login, PASSWORD).await.status })
        })
        .collect();
    let mut answered = 0;
    while signing_in.iter().any(|each| !each.is_finished()) {
        test.anonymous().get("/sign-in").await.expect(200);
        test.anonymous().get("/readyz").await.expect(200);
        answered += 1;
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    for each in signing_in {
        assert_eq!(each.await.unwrap(), StatusCode::SEE_OTHER);
    }
    assert!(answered > 10, "only {answered} other pages were answered meanwhile");
}
