//! The second factor: `/me/second-factor` and `/sign-in/code`; and the password that is asked for again before what
//! weighs much.

use chrono::Duration;
use schoolgate::{
    crypto::seal::{SealPurpose, Sealed},
    demo,
    identity::{
        operators,
        second_factor::{self, totp},
        sessions,
    },
    ids::AccountId,
};

use crate::support::app::link_in;
use crate::support::people::PASSWORD;
use crate::support::say::{vi, vi1};
use crate::support::{Client, Page, Person, Someone, TestApp, html};

const PAGE: &str = "/me/second-factor";

/// The secret of an account, as its app knows it.
async fn secret(test: &TestApp, account_id: AccountId) -> Vec<u8> {
    let (bytes, key_id): (Vec<u8>, String) =
        sqlx::query_as("SELECT secret, key_id FROM second_factors WHERE account_id = $1")
            .bind(account_id)
            .fetch_one(test.db.pool())
            .await
            .unwrap();
    test.keys.open(SealPurpose::SecondFactor, account_id, &Sealed { key_id, bytes }).unwrap().to_vec()
}

/// What the app shows, or has shown or will show.
pub async fn code(test: &TestApp, person: &Person, off: i64) -> String {
    let secret = secret(test, person.account_id).await;
    totp::code_at(&secret, test.clock.now() + Duration::seconds(off)).unwrap()
}

/// Turns the second factor on, and gives the recovery codes.
pub async fn turned_on(test: &TestApp, client: &Client, person: &Person) -> Vec<String> {
    assert_eq!(client.post(PAGE, &[]).await.location(), PAGE);
    let code = code(test, person, 0).await;
    let page = client.post("/me/second-factor/confirmation", &[("code", &code)]).await.expect(200);
    let page = page.shows(&[&vi("recovery-codes-title")]).html();
    // The next code is another one.
    test.clock.advance(Duration::seconds(90));
    html::elements(&page, "code").iter().map(|code| html::words(code)).collect()
}

async fn password(client: &Client, person: &Person) -> Page {
    client.post("/sign-in", &[("login", &person.login), ("password", PASSWORD)]).await
}

async fn types_code(client: &Client, code: &str) -> Page {
    client.post("/sign-in/code", &[("code", code), ("next", "")]).await
}

#[tokio::test]
async fn an_operator_sets_it_up_before_anything_else() {
    let test = TestApp::new().await;
    let operator = test.operator("operator@example.vn", &[]).await;
    let needs = "UPDATE operators SET needs_second_factor = true";
    sqlx::query(needs).execute(&mut test.admin().await).await.unwrap();
    let client = test.anonymous();
    assert_eq!(password(&client, &operator).await.location(), "/");
    for path in ["/operator/schools", "/operator/companies", "/"] {
        assert_eq!(client.get(path).await.location(), "/me/second-factor?needed=on", "{path}");
    }
    let page = client.get("/me/second-factor?needed=on").await.expect(200);
    page.shows(&[&vi("second-factor-needed"), &vi("second-factor-begin")]);
    client.post("/me/second-factor/confirmation", &[("code", "000000")]).await.expect(422);
    client.post(PAGE, &[]).await.expect(303);
    let page = client.get(PAGE).await.expect(200);
    let key = totp::base32(&secret(&test, operator.account_id).await);
    assert!(page.words().replace(' ', "").contains(&key), "the key can be typed");
    let wrong = client.post("/me/second-factor/confirmation", &[("code", "12345")]).await.expect(422);
    wrong.shows(&[&vi("fault-code-wrong")]);
    client.get("/operator/schools").await.expect(303);
    let elsewhere = test.signed_in(&operator).await;
    let codes = turned_on(&test, &client, &operator).await;
    assert_eq!(codes.len(), 10);
    client.get("/operator/schools").await.expect(200);
    assert!(elsewhere.get("/operator/schools").await.location().starts_with("/sign-in"), "who came without is out");
    client.get(PAGE).await.expect(200).shows(&[&vi1("second-factor-codes-left", "count", "10")]).hides(&codes);
}

/// One's own account says whether it is on, and leads there; a pupil's says nothing of it.
#[tokio::test]
async fn ones_own_account_says_whether_it_is_on() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let operator = test.operator("operator@example.vn", &[]).await;
    let said = |key: &str| format!("{}: {}", vi("second-factor-title"), vi(key));
    let (on, off) = (said("me-second-factor-on"), said("me-second-factor-off"));
    for person in [&cast.teacher, &operator] {
        let client = test.signed_in(person).await;
        let page = client.get("/me").await.expect(200).shows(&[&off]).hides(&[&on]);
        let part = page.html();
        assert!(html::tags(html::elements(&part, "main")[0], "a").iter().any(|link| link.contains(PAGE)));
        turned_on(&test, &client, person).await;
        client.get("/me").await.expect(200).shows(&[&on]).hides(&[&off]);
    }
    let pupil = test.signed_in(&cast.pupil).await;
    pupil.get("/me").await.expect(200).hides(&[PAGE, &vi("second-factor-title")]);
}

#[tokio::test]
async fn there_is_no_session_before_the_code_is_right() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let codes = turned_on(&test, &test.signed_in(&cast.owner).await, &cast.owner).await;
    let home = cast.school.path("");
    let client = test.anonymous();
    let there = cast.school.path("/accounts?q=a");
    let form = [("login", cast.owner.login.as_str()), ("password", PASSWORD), ("next", &there)];
    let to = client.post("/sign-in", &form).await.location();
    assert!(to.starts_with("/sign-in/code?next="), "{to}");
    assert!(client.cookie("session").is_none());
    let waiting = client.cookie("sign-in").unwrap();
    client.set_cookie("session", &waiting);
    assert!(client.get(&home).await.location().starts_with("/sign-in?"), "what waits for a code opens nothing");
    let next = client.get(&to).await.expect(200).input("next");
    assert_eq!(next, there);
    types_code(&client, "").await.expect(422).shows(&[&vi("fault-code-missing")]);
    types_code(&client, "000000").await.expect(422).shows(&[&vi("fault-code-wrong")]);
    let right = code(&test, &cast.owner, 0).await;
    let form = [("code", right.as_str()), ("next", next.as_str())];
    assert_eq!(client.post("/sign-in/code", &form).await.location(), there);
    client.get(&home).await.expect(200);
    assert!(client.cookie("sign-in").is_none());

    // Not twice, nor one that is older than what was accepted; one step off either way otherwise.
    let again = test.anonymous();
    password(&again, &cast.owner).await.expect(303);
    types_code(&again, &right).await.expect(422);
    types_code(&again, &code(&test, &cast.owner, -30).await).await.expect(422);
    types_code(&again, &code(&test, &cast.owner, 60).await).await.expect(422);
    types_code(&again, &code(&test, &cast.owner, 30).await).await.expect(303);
    assert!(types_code(&again, &code(&test, &cast.owner, 60).await).await.location() == "/sign-in", "it is spent");
    test.clock.advance(Duration::minutes(5));
    password(&again, &cast.owner).await.expect(303);
    types_code(&again, &code(&test, &cast.owner, -30).await).await.expect(303);

    // A recovery code, as one copies it from paper, and once.
    password(&again, &cast.owner).await.expect(303);
    let typed = codes[3].to_uppercase().replace('-', " ");
    assert_eq!(types_code(&again, &typed).await.location(), "/");
    password(&again, &cast.owner).await.expect(303);
    types_code(&again, &codes[3]).await.expect(422);

    // After ten minutes it begins anew.
    test.clock.advance(Duration::minutes(10));
    assert_eq!(again.get("/sign-in/code").await.location(), "/sign-in");
    assert_eq!(types_code(&again, &code(&test, &cast.owner, 0).await).await.location(), "/sign-in");
    assert_eq!(test.anonymous().get("/sign-in/code").await.location(), "/sign-in");
}

/// A person who knew the password of before does not come in while it is being changed.
#[tokio::test]
async fn a_code_waits_for_a_new_password_and_is_not_good_after_it() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    turned_on(&test, &test.signed_in(&cast.owner).await, &cast.owner).await;
    let client = test.anonymous();
    password(&client, &cast.owner).await.expect(303);
    let right = code(&test, &cast.owner, 0).await;
    let mut change = test.db.begin().await.unwrap();
    let account_id = cast.owner.account_id;
    let set = "UPDATE accounts SET password_hash = password_hash WHERE id = $1";
    sqlx::query(set).bind(account_id).execute(&mut *change).await.unwrap();
    let end = async {
        test.until_one_waits_for_a_lock().await;
        sessions::end_all_of(&mut change, &[account_id]).await.unwrap();
        change.commit().await.unwrap();
    };
    let (page, ()) = tokio::join!(types_code(&client, &right), end);
    assert_eq!(page.location(), "/sign-in");
    assert!(client.cookie("session").is_none());
}

#[tokio::test]
async fn codes_cannot_be_guessed_nor_used_by_two() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    turned_on(&test, &test.signed_in(&cast.owner).await, &cast.owner).await;
    let two = [test.anonymous(), test.anonymous()];
    for client in &two {
        password(client, &cast.owner).await.expect(303);
    }
    let right = code(&test, &cast.owner, 0).await;
    let (one, other) = tokio::join!(types_code(&two[0], &right), types_code(&two[1], &right));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422]);

    let client = test.anonymous();
    for _ in 0..10 {
        // A right password in between buys no more tries.
        password(&client, &cast.owner).await.expect(303);
        types_code(&client, "000000").await;
    }
    let later = code(&test, &cast.owner, 30).await;
    let page = types_code(&client, &later).await.expect(429);
    assert!(page.header("retry-after").parse::<u32>().unwrap() > 0);
    test.clock.advance(Duration::minutes(5));
    password(&client, &cast.owner).await.expect(303);
    types_code(&client, &code(&test, &cast.owner, 0).await).await.expect(303);
}

#[tokio::test]
async fn a_link_that_sets_the_password_asks_for_the_code_too() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    turned_on(&test, &test.signed_in(&cast.owner).await, &cast.owner).await;
    let waiting = test.anonymous();
    password(&waiting, &cast.owner).await.expect(303);
    test.anonymous().post("/password/forgot", &[("login", &cast.owner.login)]).await.expect(200);
    test.work().await;
    let thief = test.anonymous();
    let link = link_in(&test.mail_to(&cast.owner.login).text);
    let chosen = [("password", "gió đưa cành trúc la đà"), ("password_again", "gió đưa cành trúc la đà")];
    let to = thief.post(&link, &chosen).await.location();
    assert_eq!(to, "/sign-in/code?next=%2F");
    thief.get(&cast.school.path("")).await.expect(303);
    let code = code(&test, &cast.owner, 0).await;
    assert_eq!(types_code(&waiting, &code).await.location(), "/sign-in", "it came by the password before");
    types_code(&thief, &code).await.expect(303);
    thief.get(&cast.school.path("")).await.expect(200);
    test.work().await;
}

#[tokio::test]
async fn a_school_asks_it_of_those_who_manage_accounts() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    turned_on(&test, &owner, &cast.owner).await;
    let settings = [("second_factor_for_managers", "on"), ("idle_minutes", "60")];
    owner.post(&cast.school.path("/settings"), &settings).await.expect(303);
    let page = owner.get(&cast.school.path("/settings")).await.expect(200);
    assert!(page.html().contains("name=\"second_factor_for_managers\" checked"));
    for (person, is_asked) in
        [(&cast.owner, false), (&cast.manager, true), (&cast.account_manager, true), (&cast.teacher, false)]
    {
        let client = test.signed_in(person).await;
        let home = client.get(&cast.school.path("")).await;
        assert_eq!(home.header("location") == "/me/second-factor?needed=on", is_asked, "{}", person.name);
    }
    let manager = test.signed_in(&cast.manager).await;
    manager.get("/me/second-factor?needed=on").await.expect(200).shows(&[&vi("second-factor-needed")]);
    turned_on(&test, &manager, &cast.manager).await;
    manager.get(&cast.school.path("/accounts")).await.expect(200).shows(&[&vi("second-factor-title")]);
    // Pupils have none.
    let pupil = test.signed_in(&cast.pupil).await;
    pupil.get(&cast.school.path("")).await.expect(200).hides(&["/me/second-factor"]);
    assert_eq!(pupil.get(PAGE).await.location(), "/");
    assert_eq!(pupil.post(PAGE, &[]).await.location(), "/");
}

/// All staff, and not only those who manage accounts; pupils are asked for nothing.
#[tokio::test]
async fn a_school_asks_it_of_all_staff() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let (home, settings) = (cast.school.path(""), cast.school.path("/settings"));
    let owner = test.signed_in(&cast.owner).await;
    turned_on(&test, &owner, &cast.owner).await;
    owner.post(&settings, &[("second_factor_for_staff", "on")]).await.expect(303);
    let page = owner.get(&settings).await.expect(200).html();
    for name in ["second_factor_for_managers", "second_factor_for_staff"] {
        assert!(page.contains(&format!("name=\"{name}\" checked")), "{name}");
    }
    let detail: String = sqlx::query_scalar("SELECT detail::text FROM audit_events WHERE action = 'settings_changed'")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert!(detail.contains("\"second_factor_for_staff\": true"), "{detail}");
    for person in [&cast.manager, &cast.teacher, &cast.homeroom_teacher] {
        let client = test.signed_in(person).await;
        for path in [&home, &cast.school.path("/accounts")] {
            assert_eq!(client.get(path).await.location(), "/me/second-factor?needed=on", "{} {path}", person.name);
        }
    }
    test.signed_in(&cast.pupil).await.get(&home).await.expect(200);
    let teacher = test.signed_in(&cast.teacher).await;
    teacher.get("/me/second-factor?needed=on").await.expect(200).shows(&[&vi("second-factor-needed")]);
    turned_on(&test, &teacher, &cast.teacher).await;
    teacher.get(&home).await.expect(200);

    // Asking it of fewer again is a loosening.
    test.clock.advance(Duration::minutes(10));
    let fewer = [("second_factor_for_managers", "on")];
    owner.post(&settings, &fewer).await.expect(422).shows(&[&vi("fresh-title")]);
    owner.post(&settings, &[fewer[0], ("fresh_password", PASSWORD)]).await.expect(303);
    test.signed_in(&cast.homeroom_teacher).await.get(&home).await.expect(200);
    assert!(test.signed_in(&cast.manager).await.get(&home).await.location().ends_with("?needed=on"));
}

/// A person who sets it up types codes that can be guessed at as well: they are on record, with the device.
#[tokio::test]
async fn wrong_codes_while_it_is_set_up_are_on_record() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let client = test.signed_in(&cast.teacher).await;
    client.says_it_is("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36");
    client.post(PAGE, &[]).await.expect(303);
    let confirm = async |code: &str| client.post("/me/second-factor/confirmation", &[("code", code)]).await;
    confirm(" ").await.expect(422).shows(&[&vi("fault-code-missing")]);
    for _ in 0..10 {
        confirm("000000").await.expect(422).shows(&[&vi("fault-code-wrong")]);
    }
    confirm("000000").await.expect(429);
    let events: Vec<(AccountId, String, i32, String)> =
        sqlx::query_as("SELECT account_id, kind, times, user_agent FROM sign_in_events ORDER BY kind DESC")
            .fetch_all(&mut test.admin().await)
            .await
            .unwrap();
    let told: Vec<_> = events.iter().map(|(id, kind, times, _)| (*id, kind.as_str(), *times)).collect();
    let id = cast.teacher.account_id;
    assert_eq!(told, [(id, "wrong_code", 10), (id, "code_locked", 1)]);
    assert!(events.iter().all(|(.., user_agent)| user_agent.contains("Chrome/140")), "{events:?}");
    // One that is typed where nothing was begun opens nothing, either.
    let other = test.signed_in(&cast.manager).await;
    other.post("/me/second-factor/confirmation", &[("code", "000000")]).await.expect(422);
    other.get("/me").await.expect(200).shows(&[&vi("sign-in-event-wrong-code")]);
}

#[tokio::test]
async fn who_has_lost_it_is_helped() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let lost = test.signed_in(&cast.manager).await;
    turned_on(&test, &lost, &cast.manager).await;
    turned_on(&test, &test.signed_in(&cast.owner).await, &cast.owner).await;
    let of = |person: &Person| cast.school.path(&format!("/accounts/{}", person.member_id));
    let remove = |person: &Person| format!("{}/second-factor", of(person));
    let (owner, account_manager) = (test.signed_in(&cast.owner).await, test.signed_in(&cast.account_manager).await);
    account_manager.post(&remove(&cast.manager), &[]).await.expect(403);
    owner.post(&remove(&cast.owner), &[]).await.expect(403);
    let foreign = test.cast("79000002").await;
    test.signed_in(&foreign.owner).await.post(&remove(&cast.manager), &[]).await.expect(404);
    lost.get(&cast.school.path("")).await.expect(200);

    owner.get(&of(&cast.manager)).await.expect(200).shows(&[&vi("person-second-factor-remove")]);
    let done = owner.post(&remove(&cast.manager), &[]).await.location();
    owner.get(&done).await.expect(200).shows(&[&vi("done-second-factor-removed")]).hides(&["/second-factor\"><button"]);
    lost.get(&cast.school.path("")).await.expect(303);
    assert_eq!(password(&lost, &cast.manager).await.location(), "/");
    owner.get(&cast.school.path("/audit")).await.expect(200).shows(&[&vi("audit-second-factor-removed")]);

    // Whose account is in use elsewhere too is not this school's to change.
    turned_on(&test, &lost, &cast.manager).await;
    let mut tx = test.db.begin().await.unwrap();
    let id = [cast.manager.account_id];
    schoolgate::identity::accounts::add_memberships(&mut tx, &id, foreign.school.id(), &[test.id()]).await.unwrap();
    tx.commit().await.unwrap();
    let done = owner.post(&remove(&cast.manager), &[]).await.location();
    owner.get(&done).await.expect(200).shows(&[&vi("done-account-elsewhere")]);

    // The last way: the person who runs the machine.
    assert!(second_factor::reset(&test, &cast.owner.login.to_uppercase()).await.unwrap());
    assert!(!second_factor::reset(&test, &cast.owner.login).await.unwrap());
    owner.get(&cast.school.path("")).await.expect(303);
    assert_eq!(password(&owner, &cast.owner).await.location(), "/");
}

#[tokio::test]
async fn it_is_turned_off_and_its_codes_renewed_with_the_password() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let client = test.signed_in(&cast.teacher).await;
    let before = turned_on(&test, &client, &cast.teacher).await;
    for act in ["/me/second-factor/codes", "/me/second-factor/removal"] {
        client.post(act, &[]).await.expect(422).shows(&[&vi("fault-password-missing")]);
        let page = client.post(act, &[("password", "sai rồi")]).await.expect(422);
        page.shows(&[&vi("fault-password-current-wrong")]);
    }
    let page = client.post("/me/second-factor/codes", &[("password", PASSWORD)]).await.expect(200);
    page.shows(&[&vi("recovery-codes-lead")]).hides(&before);
    let old = test.anonymous();
    password(&old, &cast.teacher).await.expect(303);
    types_code(&old, &before[0]).await.expect(422);
    // What it means is said, and the password asked for, on a page of its own.
    client.get("/me/second-factor").await.expect(200).link("/me/second-factor/removal");
    client.get("/me/second-factor/removal").await.expect(200).shows(&[&vi("second-factor-off-ask")]);
    let done = client.post("/me/second-factor/removal", &[("password", PASSWORD)]).await.location();
    assert_eq!(client.get("/me/second-factor/removal").await.location(), "/me/second-factor");
    client.get(&done).await.expect(200).shows(&[&vi("done-second-factor-off"), &vi("second-factor-begin")]);
    assert_eq!(password(&old, &cast.teacher).await.location(), "/");
}

#[tokio::test]
async fn a_copy_of_the_database_opens_no_account() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let codes = turned_on(&test, &test.signed_in(&cast.owner).await, &cast.owner).await;
    let client = test.anonymous();
    password(&client, &cast.owner).await.expect(303);
    let token = client.cookie("sign-in").unwrap();
    let secret = secret(&test, cast.owner.account_id).await;
    let mut admin = test.admin().await;
    for table in ["second_factors", "recovery_codes", "pending_sign_ins", "account_events"] {
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT t::text FROM {table} t")))
            .fetch_all(&mut admin)
            .await
            .unwrap();
        assert!(!rows.is_empty(), "{table}");
        let all = rows.join("\n");
        for readable in codes.iter().chain([&token, &totp::base32(&secret), &hex::encode(&secret)]) {
            assert!(!all.contains(readable.as_str()), "{table} tells {readable}");
        }
    }
    // Moved to another person's row it does not open.
    let moved = "INSERT INTO second_factors SELECT $1, secret, key_id, begun_at, confirmed_at, 0 FROM second_factors";
    sqlx::query(moved).bind(cast.manager.account_id).execute(&mut admin).await.unwrap();
    let thief = test.anonymous();
    password(&thief, &cast.manager).await.expect(303);
    let code = code(&test, &cast.owner, 0).await;
    types_code(&thief, &code).await.expect(500);
    assert!(thief.cookie("session").is_none());
}

#[tokio::test]
async fn operators_of_the_command_line_need_one_and_those_of_the_demo_do_not() {
    let test = TestApp::new().await;
    operators::add(&test, "moi@example.vn", "Vũ Thị Mới", &[]).await.unwrap();
    let needs: Vec<bool> =
        sqlx::query_scalar("SELECT needs_second_factor FROM operators").fetch_all(test.db.pool()).await.unwrap();
    assert_eq!(needs, [true]);
    let owner = test.owner().await;
    let demo = demo::make(&test, &owner, demo::DemoSize { schools: 2, pupils: 4, seed: 1 }).await.unwrap();
    owner.pool().close().await;
    let client = test.anonymous();
    let operator = &demo.operators[0];
    let form = [("login", operator.login.as_str()), ("password", operator.password)];
    client.post("/sign-in", &form).await.expect(303);
    client.get("/operator/schools").await.expect(200);
}

#[tokio::test]
async fn the_password_is_asked_for_before_what_weighs_much_and_nothing_is_lost() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let grants = cast.school.path("/grants");
    let id = cast.teacher.member_id.to_string();
    let form = [("account", id.as_str()), ("grants", "exams"), ("grants", "reports")];
    // Who has just signed in is not asked.
    owner.post(&grants, &[("account", &id), ("grants", "timetable")]).await.expect(303);
    test.clock.advance(Duration::minutes(10));
    let held = async || -> Vec<String> {
        let held = "SELECT \"grant\" FROM grants WHERE member_id = $1 ORDER BY 1";
        sqlx::query_scalar(held).bind(cast.teacher.member_id).fetch_all(&mut test.admin().await).await.unwrap()
    };
    let page = owner.post(&grants, &form).await.expect(422).shows(&[&vi("fresh-title")]);
    assert_eq!(held().await, ["timetable"]);
    let page = page.html();
    let sent: Vec<(String, String)> = html::tags(&page, "input")
        .iter()
        .filter(|tag| html::attribute(tag, "type").as_deref() == Some("hidden"))
        .map(|tag| (html::attribute(tag, "name").unwrap(), html::attribute(tag, "value").unwrap()))
        .collect();
    let again = |password: &'static str| -> Vec<(&str, &str)> {
        let fields = sent.iter().filter(|(name, _)| form.iter().any(|(field, _)| field == name));
        fields.map(|(name, value)| (name.as_str(), value.as_str())).chain([("fresh_password", password)]).collect()
    };
    assert_eq!(again(PASSWORD).len(), 4, "as it was sent: {sent:?}");
    let wrong = owner.post(&grants, &again("sai rồi")).await.expect(422).shows(&[&vi("fault-password-current-wrong")]);
    assert!(!wrong.html().contains("sai rồi"));
    assert_eq!(held().await, ["timetable"]);
    owner.post(&grants, &again(PASSWORD)).await.expect(303);
    assert_eq!(held().await, ["exams", "reports"]);
    // It holds for a while, on this device.
    test.clock.advance(Duration::minutes(9));
    let of_teacher = cast.school.path(&format!("/accounts/{id}/grants"));
    owner.post(&of_teacher, &[("grants", "exams")]).await.expect(303);
    test.clock.advance(Duration::minutes(1));
    owner.post(&of_teacher, &[("grants", "owner")]).await.expect(422);
    owner.post(&cast.school.path(&format!("/accounts/{id}/role")), &[("role", "manager")]).await.expect(422);
    owner.post(&cast.school.path(&format!("/accounts/{id}/role")), &[("role", "student")]).await.expect(303);

    // Many new passwords at once; what does not weigh as much goes on.
    let pupil = cast.school.add(&test, Someone::pupil("Lê Văn Tý", cast.class_id)).await;
    let picked = pupil.member_id.to_string();
    let bulk = cast.school.path("/accounts/bulk?role=student");
    owner.post(&bulk, &[("ids", &picked), ("action", "sign-out")]).await.expect(303);
    let reset = [("ids", picked.as_str()), ("action", "password")];
    let page = owner.post(&bulk, &reset).await.expect(422).shows(&[&vi("fresh-title")]).html();
    assert!(page.contains("action=\"/schools/79000001/accounts/bulk?role=student\""), "the list's filters stay");
    assert!(password(&test.anonymous(), &pupil).await.status == 303, "nothing was done");
    owner.post(&bulk, &[reset[0], reset[1], ("fresh_password", PASSWORD)]).await.expect(303);
    password(&test.anonymous(), &pupil).await.expect(422);

    // Guessing is stopped as on the sign-in page.
    test.clock.advance(Duration::minutes(20));
    for _ in 0..10 {
        owner.post(&bulk, &[reset[0], reset[1], ("fresh_password", "sai rồi")]).await.expect(422);
    }
    let stopped = owner.post(&bulk, &[reset[0], reset[1], ("fresh_password", PASSWORD)]).await.expect(429);
    assert!(!stopped.header("retry-after").is_empty());
}
