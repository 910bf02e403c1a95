//! Acts that cannot be taken back, in a browser without scripts: its forms say so, and the server asks on a page of its own.

use axum::body::Body;
use axum::http::{Method, header};
use schoolgate::ids::AccountId;
use schoolgate::router;

use crate::support::say::vi;
use crate::support::{Client, Page, TestApp};

async fn send(client: &Client, page: &str, path: &str, fields: &[(&str, &str)]) -> Page {
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = client
        .request(Method::POST, path)
        .header(header::ORIGIN, "http://schoolgate.test")
        .header(header::REFERER, format!("http://schoolgate.test{page}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    client.send(request, Body::from(form)).await
}

async fn temporary(test: &TestApp, account_id: AccountId) -> Option<Vec<u8>> {
    sqlx::query_scalar("SELECT temporary_password FROM accounts WHERE id = $1")
        .bind(account_id)
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_reset_is_asked_about_and_then_done() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let list = cast.school.path("/accounts?role=student");
    assert!(manager.get(&list).await.html().contains("<noscript><input type=\"hidden\" name=\"ask\" value=\"on\">"));
    let reset = cast.school.path(&format!("/accounts/{}/password", cast.pupil.member_id));
    let asked = send(&manager, &list, &reset, &[("ask", "on"), ("ids", "a")]).await.expect(200);
    let asked = asked.shows(&[&vi("ask-password"), &vi("shell-ask-yes")]);
    assert_eq!(asked.input("ids"), "a", "the form is carried along");
    assert!(!asked.html().contains("name=\"ask\""));
    assert_eq!(asked.link("role=student"), list, "and back it goes to where it stood");
    assert_eq!(temporary(&test, cast.pupil.account_id).await, None, "nothing is done yet");
    manager.post(&reset, &[("ids", "a")]).await.expect(303);
    assert!(temporary(&test, cast.pupil.account_id).await.is_some());
}

#[tokio::test]
async fn what_can_be_taken_back_and_what_was_asked_about_is_done_at_once() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let bulk = cast.school.path("/accounts/bulk?role=student");
    let ids = cast.pupil.member_id.to_string();
    let fields = |action| [("ask", "on"), ("ids", ids.as_str()), ("action", action)];
    manager.post(&bulk, &fields("suspension")).await.expect(200).shows(&[&vi("ask-bulk-suspension")]);
    manager.post(&bulk, &fields("slips")).await.expect(303);
    manager.post(&bulk, &fields("suspension")[1..]).await.expect(303);
}

#[test]
fn questions_are_declared_with_their_routes() {
    let asking: Vec<&str> = router::routes().asking_routes();
    for path in [
        "/schools/{code}/accounts/{id}/password",
        "/schools/{code}/accounts/{id}/sign-out",
        "/schools/{code}/accounts/bulk",
        "/schools/{code}/classes/{id}/deletion",
        "/schools/{code}/plans/{id}/discard",
        "/operator/units/{id}/removal",
        "/operator/schools/{code}/suspension",
        "/invitations/{token}/refusal",
        "/me/devices",
        "/schools/{code}/settings/tokens/{id}/revocation",
        "/schools/{code}/settings/oneroster/{id}/removal",
    ] {
        assert!(asking.contains(&path), "{path}");
    }
}
