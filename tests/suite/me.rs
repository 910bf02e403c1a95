//! One's own account: `/me`, `/me/devices`, and the mails that tell of a changed password.

use schoolgate::mail::Message;

use crate::support::people::PASSWORD;
use crate::support::say::{vi, vi1};
use crate::support::{Client, Person, TestApp, html};

const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36";

async fn signed_in_at(test: &TestApp, person: &Person, address: [u8; 4], user_agent: &str) -> Client {
    let client = test.anonymous().at(address);
    client.says_it_is(user_agent);
    client.post("/sign-in", &[("login", &person.login), ("password", PASSWORD)]).await.expect(303);
    client
}

#[tokio::test]
async fn one_sees_and_ends_ones_own_devices() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let here = signed_in_at(&test, &cast.teacher, [203, 0, 113, 7], CHROME).await;
    let there = signed_in_at(&test, &cast.teacher, [198, 51, 100, 9], "curl/8.5").await;
    let stranger = test.signed_in(&cast.pupil).await;
    let page = here.get("/me/devices").await.expect(200);
    let page =
        page.shows(&["Chrome · Windows", "203.0.113.7", &vi("devices-this"), &vi("devices-unknown"), "198.51.100.9"]);
    assert_eq!(page.rows().len(), 2);

    let keys = |page: &str| {
        let buttons = html::tags(page, "button");
        let values = buttons.iter().filter_map(|tag| html::attribute(tag, "value"));
        values.filter(|value| value.len() == 64).collect::<Vec<_>>()
    };
    let all = keys(&page.html());
    assert_eq!(all.len(), 2);
    // Nobody else's, and no token that opens anything.
    for key in &all {
        assert_eq!(
            stranger.post("/me/devices", &[("device", key)]).await.location(),
            "/me/devices?done=device-signed-out"
        );
        let thief = test.anonymous();
        thief.set_cookie("session", key);
        thief.get("/me").await.expect(303);
    }
    assert_eq!(here.get("/me/devices").await.expect(200).rows().len(), 2);

    // One of them: the row that is not this one.
    let not_this = {
        let page = page.html();
        let rows: Vec<&str> = html::elements(&page, "tr").into_iter().skip(1).collect();
        let row = rows.iter().find(|row| !row.contains(&vi("devices-this"))).unwrap();
        keys(row).remove(0)
    };
    here.post("/me/devices", &[("device", &not_this)]).await.expect(303);
    assert!(there.get("/me/devices").await.location().starts_with("/sign-in?next="));
    here.get("/me/devices").await.expect(200);

    // All of them, this one included.
    let there = test.signed_in(&cast.teacher).await;
    assert_eq!(here.post("/me/devices", &[("device", "all")]).await.location(), "/sign-in?done=signed-out");
    assert_eq!(here.cookie("session"), None);
    there.get("/me").await.expect(303);
    stranger.get("/me").await.expect(200).shows(&[&cast.pupil.name]);
    let actions: Vec<String> =
        sqlx::query_scalar("SELECT action FROM account_events WHERE account_id = $1 ORDER BY action")
            .bind(cast.teacher.account_id)
            .fetch_all(&mut test.admin().await)
            .await
            .unwrap();
    assert_eq!(actions, ["device_signed_out", "signed_out_everywhere"]);
}

#[tokio::test]
async fn the_own_page_is_for_accounts_with_an_own_password() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let newcomer = test.signed_in_by_temporary(&cast.newcomer).await;
    for page in ["/me", "/me/devices"] {
        assert_eq!(newcomer.get(page).await.location(), "/password/change");
    }
    let operator = test.operator("operator@example.vn", &[]).await;
    test.signed_in(&operator).await.get("/me").await.expect(200).shows(&[&operator.name, &vi("shell-operator")]);
    let teacher = test.signed_in(&cast.teacher).await;
    teacher.post("/me", &[("language", "tlh")]).await.expect(422).shows(&[&vi("fault-language")]);
    assert_eq!(teacher.post("/me", &[("language", "en")]).await.location(), "/me?done=me-saved");
    teacher.get("/me").await.expect(200).shows(&["My account"]);
    test.signed_in(&cast.teacher).await.get("/me").await.expect(200).shows(&["My account"]);
}

/// A person who signs in with an address is told of every new password, and by whose hand; pupils have no address of their own.
#[tokio::test]
async fn a_new_password_is_notified_with_its_author() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let reset = |person: &Person| cast.school.path(&format!("/accounts/{}/password", person.member_id));
    manager.post(&reset(&cast.pupil), &[]).await.expect(303);
    assert_eq!(test.work().await, [] as [String; 0]);

    let slip = manager.post(&reset(&cast.teacher), &[]).await.location();
    assert_eq!(test.work().await, ["send_mail"]);
    let school = cast.school.scope.school.name.clone();
    let mail: Message = test.mail_to(&cast.teacher.login);
    assert_eq!(mail.subject, vi1("mail-password-renewed-subject", "school", school.as_str()));
    assert!(mail.text.contains(&cast.manager.name) && mail.text.contains(&school), "{}", mail.text);
    let page = manager.get(&slip).await.html();
    let password = html::words(html::elements(&page, "dd")[1]);
    assert!(!mail.text.contains(&password) && !mail.html.contains(&password), "passwords are never mailed");

    // Many at once: each is told.
    let ids: Vec<String> =
        [&cast.teacher, &cast.exams, &cast.pupil].iter().map(|person| person.member_id.to_string()).collect();
    let mut fields: Vec<(&str, &str)> = ids.iter().map(|id| ("ids", id.as_str())).collect();
    fields.push(("action", "password"));
    let slips = manager.post(&cast.school.path("/accounts/bulk?role=teacher"), &fields).await.location();
    assert_eq!(test.work().await, ["send_mail", "send_mail"]);
    assert_eq!(test.mail_to(&cast.exams.login).subject, mail.subject);

    // They choose an own one, and then another.
    let page = manager.get(&slips).await.html();
    let part = page.split(&cast.teacher.login).nth(1).unwrap();
    let password = html::words(html::elements(part, "dd")[0]);
    let teacher = test.anonymous();
    let form = [("login", cast.teacher.login.as_str()), ("password", password.as_str())];
    teacher.post("/sign-in", &form).await.expect(303);
    let (first, second) = ("một câu dài dễ nhớ", "một câu khác dài hơn");
    teacher.post("/password/change", &[("password", first), ("password_again", first)]).await.expect(303);
    let change = [("current_password", first), ("password", second), ("password_again", second)];
    teacher.post("/password/change", &change).await.expect(303);
    assert_eq!(test.work().await, ["send_mail", "send_mail"]);
    let mail = test.mail_to(&cast.teacher.login);
    assert_eq!(mail.subject, vi("mail-password-changed-subject"));
    assert!(mail.text.contains(&vi("mail-password-changed-text")) && mail.text.contains("/password/forgot"));
}
