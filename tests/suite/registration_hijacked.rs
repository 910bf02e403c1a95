//! A person registers with an address that is not theirs, and waits for its owner to come. Each test is that attack: what
//! the stranger chose opens nothing, before and after.

use crate::registration::{OWN_PASSWORD, form, members, register, subjects_to};
use crate::support::say::vi;
use crate::support::{Client, TestApp, link_in};
use schoolgate::ids::{AccountId, MemberId, SchoolId};

const STRANGERS: &str = "mật khẩu của kẻ lạ mặt";

async fn sign_in(client: &Client, login: &str, password: &str) -> u16 {
    client.post("/sign-in", &[("login", login), ("password", password)]).await.status.as_u16()
}

/// Registers as a stranger would.
async fn registered_by_a_stranger(test: &TestApp, email: &str, school: &str) {
    let mut fields = form("Kẻ Lạ Mặt", email, school);
    fields.retain(|(name, _)| !name.starts_with("password"));
    fields.extend([("password", STRANGERS), ("password_again", STRANGERS)]);
    test.anonymous().post("/register/teacher", &fields).await.expect(303);
    test.work().await;
}

async fn account(test: &TestApp, email: &str) -> (AccountId, bool) {
    sqlx::query_as("SELECT id, password_hash IS NOT NULL FROM accounts WHERE login = $1")
        .bind(email)
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn who_registers_with_a_strange_address_gets_in_neither_before_nor_after() {
    let test = TestApp::new().await;
    let (cast, other) = (test.cast("79000001").await, test.cast("79000002").await);
    let email = "sen@example.vn";
    registered_by_a_stranger(&test, email, other.school.code()).await;
    let mail = test.mail_to(email);
    assert!(!mail.text.contains("Kẻ Lạ Mặt") && !mail.html.contains("Kẻ Lạ Mặt") && mail.to_name.is_empty());
    let strangers_link = link_in(&mail.text);
    let stranger = test.anonymous();
    assert_eq!(sign_in(&stranger, email, STRANGERS).await, 422);
    assert!(!account(&test, email).await.1, "nothing opens the account");

    // The owner of the address registers: what was chosen before is gone, at the other school as well.
    register(&test, "Nguyễn Thị Sen", email, cast.school.code()).await.expect(303);
    test.work().await;
    let [(id, status)] = members(&test, email).await.try_into().unwrap();
    assert_eq!(status, "pending");
    let registrations: Vec<(SchoolId, MemberId)> = sqlx::query_as("SELECT school_id, member_id FROM registrations")
        .fetch_all(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!(registrations, [(cast.school.id(), id)]);
    test.anonymous().get(&strangers_link).await.expect(404);
    assert_eq!(sign_in(&stranger, email, STRANGERS).await, 422);
    assert_eq!(sign_in(&stranger, email, OWN_PASSWORD).await, 422);

    let link = link_in(&test.mail_to(email).text);
    test.anonymous().post(&link, &[("password", STRANGERS)]).await.expect(422);
    test.anonymous().post(&link, &[("password", OWN_PASSWORD)]).await.expect(303);
    test.work().await;
    assert_eq!(sign_in(&stranger, email, STRANGERS).await, 422);
    let owner = test.signed_in(&cast.owner).await;
    owner.post(&cast.school.path(&format!("/accounts/{id}/activation")), &[]).await.expect(303);
    test.work().await;
    stranger.get(&cast.school.path("")).await.expect(303);
    let sen = test.anonymous();
    assert_eq!(sign_in(&sen, email, OWN_PASSWORD).await, 303);
    sen.get(&cast.school.path("")).await.expect(200);
}

/// The victim has never heard of it and only presses the button: the password is chosen, not taken over.
#[tokio::test]
async fn a_button_alone_verifies_and_leads_to_choosing_a_password() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let email = "sen@example.vn";
    registered_by_a_stranger(&test, email, cast.school.code()).await;
    let next = test.anonymous().post(&link_in(&test.mail_to(email).text), &[]).await.location();
    assert!(next.starts_with("/password/reset/"), "{next}");
    test.work().await;
    assert_eq!(sign_in(&test.anonymous(), email, STRANGERS).await, 422);
    let sen = test.anonymous();
    let own = [("password", OWN_PASSWORD), ("password_again", OWN_PASSWORD)];
    sen.post(&next, &own).await.expect(303);
    sen.get("/registration").await.expect(200);
    assert_eq!(sign_in(&test.anonymous(), email, STRANGERS).await, 422);
    test.work().await;
}

/// Whatever else is mailed there proves the address, and ends what a stranger chose.
#[tokio::test]
async fn an_invitation_and_an_operators_link_find_no_password_of_a_stranger() {
    let test = TestApp::new().await;
    let (cast, other) = (test.cast("79000001").await, test.cast("79000002").await);
    let own = [("password", OWN_PASSWORD), ("password_again", OWN_PASSWORD)];
    for by_operator in [false, true] {
        let email = format!("sen{by_operator}@example.vn");
        registered_by_a_stranger(&test, &email, other.school.code()).await;
        let link = if by_operator {
            let token = schoolgate::identity::operators::add(&test, &email, "Vũ Thị Sen", &[]).await.unwrap();
            format!("/invitations/{}", token.to_url())
        } else {
            let fields = [("full_name", "Vũ Thị Sen"), ("email", &*email), ("role", "teacher")];
            let owner = test.signed_in(&cast.owner).await;
            owner.post(&cast.school.path("/accounts/join"), &fields).await.expect(303);
            test.work().await;
            link_in(&test.mail_to(&email).text)
        };
        let sen = test.anonymous();
        sen.get(&link).await.expect(200).shows(&[&vi("password-new")]);
        sen.post(&link, &own).await.expect(303);
        test.work().await;
        assert_eq!(sign_in(&test.anonymous(), &email, STRANGERS).await, 422, "{by_operator}");
        assert_eq!(sign_in(&test.anonymous(), &email, OWN_PASSWORD).await, 303, "{by_operator}");
        let waits: i64 = sqlx::query_scalar("SELECT count(*) FROM unverified_addresses")
            .fetch_one(&mut test.admin().await)
            .await
            .unwrap();
        assert_eq!(waits, 0, "{by_operator}");
    }
}

/// The database keeps it too, whatever the pages do.
#[tokio::test]
async fn an_unverified_account_can_be_given_neither_password_nor_session() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    registered_by_a_stranger(&test, "sen@example.vn", cast.school.code()).await;
    let (id, _) = account(&test, "sen@example.vn").await;
    let mut admin = test.admin().await;
    for attempt in [
        "UPDATE accounts SET password_hash = 'x', password_set_at = now() WHERE id = $1",
        "INSERT INTO pending_sign_ins (token_hash, account_id, must_choose_password, expires_at)
         VALUES (sha256('a'), $1, false, now())",
        "INSERT INTO sessions (token_hash, account_id, must_choose_password, created_at, last_seen_at, password_checked_at,
             expires_at, user_agent)
         VALUES (sha256('a'), $1, false, now(), now(), now(), now(), '')",
    ] {
        let refused = sqlx::query(attempt).bind(id).execute(&mut admin).await.unwrap_err();
        let constraint = refused.as_database_error().unwrap().constraint();
        assert_eq!(constraint, Some("unverified_address_opens_nothing"), "{attempt}");
    }
}

/// Verifying in one process, registering once more in another: no matter which is first, what the stranger chose opens nothing, and
/// there is one member.
#[tokio::test]
async fn of_verifying_and_registering_at_once_none_lets_the_stranger_in() {
    let test = TestApp::with_many_connections().await;
    let (cast, other) = (test.cast("79000001").await, test.cast("79000002").await);
    for round in 0..5 {
        let email = format!("sen{round}@example.vn");
        register(&test, "Nguyễn Thị Sen", &email, cast.school.code()).await.expect(303);
        test.work().await;
        let link = link_in(&test.mail_to(&email).text);
        let mut fields = form("Kẻ Lạ Mặt", &email, other.school.code());
        fields.retain(|(name, _)| !name.starts_with("password"));
        fields.extend([("password", STRANGERS), ("password_again", STRANGERS)]);
        test.anonymous().post("/register/teacher", &fields).await.expect(303);
        let sen = test.through_another_process(&test.anonymous());
        let (_, page) = tokio::join!(test.work(), sen.post(&link, &[("password", OWN_PASSWORD)]));
        assert!(!page.status.is_server_error(), "{}", page.words());
        test.work().await;
        assert_eq!(sign_in(&test.anonymous(), &email, STRANGERS).await, 422, "{email}");
        assert_eq!(members(&test, &email).await.len(), 1, "{email}");
        let is_in = page.status == 303;
        assert_eq!(sign_in(&test.anonymous(), &email, OWN_PASSWORD).await, if is_in { 303 } else { 422 }, "{email}");
        assert!(subjects_to(&test, &email).len() <= 3);
    }
}
