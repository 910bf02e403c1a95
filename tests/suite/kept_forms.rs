//! A session that ends while a form is being filled in: nothing that was typed is lost, and nobody else sees it.

use chrono::Duration;

use crate::support::say::vi;
use crate::support::{Cast, Client, Person, TestApp};

const TYPED: [(&str, &str); 6] = [
    ("full_name", "Lê Văn Tý"),
    ("gender", "female"),
    ("birth_date", "2011-04-05"),
    ("mother_name", "Trần Thị Mai"),
    ("mother_birth_year", "1985"),
    ("address", "12 Lê Lợi, \"nhà\" & <b>"),
];

async fn end_sessions(test: &TestApp, person: &Person) {
    sqlx::query("DELETE FROM sessions WHERE account_id = $1")
        .bind(person.account_id)
        .execute(&mut test.admin().await)
        .await
        .unwrap();
}

/// Where signing in leads to afterwards.
fn next(sign_in: &str) -> String {
    let (_, query) = sign_in.split_once('?').unwrap();
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.into_owned().find(|(name, _)| name == "next").unwrap().1
}

/// The same browser, in which an account has signed in again.
async fn again(test: &TestApp, client: &Client, person: &Person) {
    let token = test.signed_in(person).await.cookie("session").unwrap();
    client.set_cookie("session", &token);
}

fn new(cast: &Cast) -> String {
    cast.school.path("/accounts/new/student?class=")
}

#[tokio::test]
async fn a_form_stands_as_typed_after_signing_in_again_and_is_forgotten_once_it_is_sent() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let (page, students) = (new(&cast), cast.school.path("/accounts/students"));
    let class = cast.class_id.to_string();
    let version = manager.get(&page).await.expect(200).input("form_key");
    let fields = [&TYPED[..], &[("class", class.as_str()), ("form_key", &version)]].concat();
    end_sessions(&test, &cast.manager).await;
    let sign_in = manager.post_from(&page, &students, &fields).await.location();
    assert_eq!(next(&sign_in), page);
    manager.get(&sign_in).await.expect(200).shows(&[&vi("sign-in-form-kept")]);

    again(&test, &manager, &cast.manager).await;
    let back = manager.get(&page).await.expect(200).shows(&[&vi("kept-form-note")]);
    for (name, value) in TYPED.iter().filter(|(name, _)| *name != "gender") {
        assert_eq!(back.input(name), *value, "{name}");
    }
    let html = back.html();
    assert!(html.contains("value=\"female\" checked"), "the gender is chosen");
    assert!(html.contains(&format!("<option value=\"{class}\" selected")), "the class is chosen");
    let sealed: Vec<u8> =
        sqlx::query_scalar("SELECT content FROM kept_forms").fetch_one(&mut test.admin().await).await.unwrap();
    assert!(!String::from_utf8_lossy(&sealed).contains("Mai"), "sealed");

    let person = manager.post_from(&page, &students, &fields).await.location();
    manager.get(&person).await.expect(200).shows(&["12 Lê Lợi"]);
    let kept: i64 =
        sqlx::query_scalar("SELECT count(*) FROM kept_forms").fetch_one(&mut test.admin().await).await.unwrap();
    assert_eq!((kept, manager.cookie("kept-form")), (0, None));
    assert_eq!(manager.get(&page).await.expect(200).input("full_name"), "");
}

#[tokio::test]
async fn no_other_account_sees_it_not_even_in_the_same_browser() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    end_sessions(&test, &cast.manager).await;
    let sign_in = manager.post_from(&new(&cast), &cast.school.path("/accounts/students"), &TYPED).await.location();
    again(&test, &manager, &cast.owner).await;
    manager.get(&next(&sign_in)).await.expect(200).hides(&["12 Lê Lợi", "Trần Thị Mai"]);
    assert_eq!(manager.get("/kept-form").await.location(), "/");
    // The one who typed it finds it afterwards, for half an hour.
    again(&test, &manager, &cast.manager).await;
    assert_eq!(manager.get(&new(&cast)).await.input("address"), TYPED[5].1);
    test.clock.advance(Duration::minutes(31));
    again(&test, &manager, &cast.manager).await;
    assert_eq!(manager.get(&new(&cast)).await.input("address"), "");
}

#[tokio::test]
async fn an_idle_session_and_one_that_another_tab_signed_out_lose_nothing_either() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let (page, students) = (new(&cast), cast.school.path("/accounts/students"));
    let manager = test.signed_in(&cast.manager).await;
    test.clock.advance(Duration::hours(13));
    manager.post_from(&page, &students, &TYPED).await.expect(303);
    again(&test, &manager, &cast.manager).await;
    assert_eq!(manager.get(&page).await.input("address"), TYPED[5].1);

    let owner = test.signed_in(&cast.owner).await;
    owner.post("/sign-out", &[]).await.expect(303);
    assert_eq!(owner.cookie("session"), None);
    owner.post_from(&page, &students, &TYPED).await.expect(303);
    again(&test, &owner, &cast.owner).await;
    assert_eq!(owner.get(&page).await.input("address"), TYPED[5].1);
}

#[tokio::test]
async fn passwords_are_dropped_and_a_form_without_a_page_is_sent_from_a_page_of_its_own() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    end_sessions(&test, &cast.manager).await;
    let students = cast.school.path("/accounts/students");
    let fields = [&TYPED[..], &[("password", "bi mat lam nha")]].concat();
    // Refused once, the form stands at the address that it is sent to, where there is no page.
    let sign_in = manager.post_from(&students, &students, &fields).await.location();
    again(&test, &manager, &cast.manager).await;
    let kept = manager.get(&next(&sign_in)).await.location();
    let page = manager.get(&kept).await.expect(200).shows(&[&vi("kept-form-title"), "12 Lê Lợi", "Trần Thị Mai"]);
    page.hides(&["bi mat lam nha"]);
    assert!(page_sends_to(&manager, &kept, &students).await);
    // Without a word of the browser on where it stood, the same.
    end_sessions(&test, &cast.manager).await;
    let sign_in = manager.post(&students, &TYPED).await.location();
    assert_eq!(next(&sign_in), "/kept-form");
}

async fn page_sends_to(client: &Client, page: &str, action: &str) -> bool {
    client.get(page).await.html().contains(&format!("action=\"{action}\""))
}

#[tokio::test]
async fn strangers_keep_nothing_and_files_and_large_forms_are_told_plainly() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let students = cast.school.path("/accounts/students");
    let stranger = test.anonymous();
    let sign_in = stranger.post_from(&new(&cast), &students, &TYPED).await.location();
    assert_eq!(next(&sign_in), new(&cast));
    assert!(!sign_in.contains("kept="));

    let manager = test.signed_in(&cast.manager).await;
    end_sessions(&test, &cast.manager).await;
    let upload = manager.upload(&cast.school.path("/plans/new?source=students"), "a.csv", b"a").await.location();
    manager.get(&upload).await.expect(200).shows(&[&vi("sign-in-file-not-kept")]);
    let long = "a".repeat(300_000);
    let large = manager.post_from(&new(&cast), &students, &[("address", &long)]).await.location();
    manager.get(&large).await.expect(200).shows(&[&vi("sign-in-form-too-large")]);
    let kept: i64 =
        sqlx::query_scalar("SELECT count(*) FROM kept_forms").fetch_one(&mut test.admin().await).await.unwrap();
    assert_eq!(kept, 0);
    // However often one tries, five are kept.
    for number in 0..8 {
        test.clock.advance(Duration::seconds(1));
        manager.post_from(&new(&cast), &students, &[("address", &number.to_string())]).await.expect(303);
    }
    let kept: i64 =
        sqlx::query_scalar("SELECT count(*) FROM kept_forms").fetch_one(&mut test.admin().await).await.unwrap();
    assert_eq!(kept, 5);
}
