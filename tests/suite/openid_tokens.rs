//! Codes, tokens and keys of `/oauth2/…`: how often and how long each is good, and what ends it.

use axum::body::Body;
use axum::http::{Method, header};
use base64::Engine as _;
use chrono::Duration;
use schoolgate::{
    identity::applications,
    oauth2::cleanup::ForgetGrants,
    roster::{model::Status, store},
};

use crate::cleanup::run_scheduled;
use crate::openid::{Application, BACK, VERIFIER, answer, claims, code_for, json, refused};
use crate::support::TestApp;
use crate::support::say::vi;

#[tokio::test]
async fn a_code_is_good_once_for_its_application_its_address_and_its_verifier() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let (application, other) = (Application::of(&test, &cast).await, Application::of(&test, &cast).await);
    let (browser, code) = code_for(&test, &application, &cast.teacher).await;
    let new_code = async || answer(&browser.get(&application.request(&[])).await.location(), "code").unwrap();
    let with = |code: &str, redirect_uri: &str, verifier: &str| {
        [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ]
        .map(|(name, value)| (name, value.to_owned()))
    };
    let ask = async |fields: [(&str, String); 4]| {
        application.token(&fields.each_ref().map(|(name, value)| (*name, value.as_str()))).await
    };
    assert_eq!(refused(other.exchange(&code).await, 400), "invalid_grant");
    assert_eq!(refused(ask(with(&code, BACK, &VERIFIER.replace('d', "e"))).await, 400), "invalid_grant");
    assert_eq!(refused(ask(with(&code, "https://moodle.example/", VERIFIER)).await, 400), "invalid_grant");
    assert_eq!(refused(ask(with(&code, BACK, "")).await, 400), "invalid_request");

    // Used a second time, it ends what it began.
    let code = new_code().await;
    let tokens = json(application.exchange(&code).await);
    assert_eq!(refused(application.exchange(&code).await, 400), "invalid_grant");
    assert_eq!(refused(application.refresh(tokens["refresh_token"].as_str().unwrap()).await, 400), "invalid_grant");
    application.user_info(tokens["access_token"].as_str().unwrap()).await.expect(401);

    let code = new_code().await;
    test.clock.advance(Duration::seconds(61));
    assert_eq!(refused(application.exchange(&code).await, 400), "invalid_grant");
    assert_eq!(refused(application.exchange("x").await, 400), "invalid_grant");
}

/// An application that runs in a browser asks from its own page, with headers that the browser first asks about.
#[tokio::test]
async fn programs_in_a_browser_may_ask() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let application = Application::of(&test, &cast).await;
    let origin = "https://moodle.example";
    for path in ["/oauth2/userinfo", "/oauth2/token", "/oauth2/revoke", "/oauth2/jwks"] {
        let request = application.client.request(Method::OPTIONS, path).header(header::ORIGIN, origin);
        let request = request.header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization");
        let page = application.client.send(request, Body::empty()).await.expect(204);
        assert_eq!(page.header("access-control-allow-origin"), "*", "{path}");
        assert!(page.header("access-control-allow-headers").contains("authorization"), "{path}");
        assert_eq!(page.header("access-control-allow-credentials"), "", "{path}");
    }
    for (path, status) in [("/ims/oneroster/rostering/v1p2/users", 401), ("/oauth2/authorize", 405), ("/sign-in", 405)]
    {
        let request = application.client.request(Method::OPTIONS, path).header(header::ORIGIN, origin);
        let page = application.client.send(request, Body::empty()).await.expect(status);
        assert_eq!(page.header("access-control-allow-origin"), "", "{path}");
    }
    let (_, code) = code_for(&test, &application, &cast.teacher).await;
    let tokens = json(application.exchange(&code).await);
    let token = tokens["access_token"].as_str().unwrap();
    let told = application.user_info(token).await;
    assert_eq!(told.header("access-control-allow-origin"), "*");
    // The token may come in a form, and in one way at a time (RFC 6750, 2).
    let posted = async |token: &str, with_header: bool| {
        let request = application.client.request(Method::POST, "/oauth2/userinfo");
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let bearer = format!("Bearer {token}");
        let request = if with_header { request.header(header::AUTHORIZATION, bearer) } else { request };
        application.client.send(request, Body::from(format!("access_token={token}"))).await
    };
    assert_eq!(json(posted(token, false).await), json(told));
    assert_eq!(refused(posted("x", false).await, 401), "invalid_token");
    assert_eq!(refused(posted(token, true).await, 400), "invalid_request");
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_as_long_as_the_session() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let application = Application::of(&test, &cast).await;
    let (browser, code) = code_for(&test, &application, &cast.teacher).await;
    let first = json(application.exchange(&code).await);
    let second = json(application.refresh(first["refresh_token"].as_str().unwrap()).await);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    // Asking for too much does not use the token up.
    let third = second["refresh_token"].as_str().unwrap();
    let narrow = [("grant_type", "refresh_token"), ("refresh_token", third), ("scope", "openid everything")];
    assert_eq!(refused(application.token(&narrow).await, 400), "invalid_scope");
    let second = json(application.refresh(third).await);
    assert_eq!(claims(first["id_token"].as_str().unwrap())["sub"], claims(second["id_token"].as_str().unwrap())["sub"]);
    // A stolen one, used again, ends all of it.
    assert_eq!(refused(application.refresh(first["refresh_token"].as_str().unwrap()).await, 400), "invalid_grant");
    assert_eq!(refused(application.refresh(second["refresh_token"].as_str().unwrap()).await, 400), "invalid_grant");

    let location = browser.get(&application.request(&[])).await.location();
    let tokens = json(application.exchange(&answer(&location, "code").unwrap()).await);
    browser.post("/sign-out", &[]).await.expect(303);
    assert_eq!(refused(application.refresh(tokens["refresh_token"].as_str().unwrap()).await, 400), "invalid_grant");
    application.user_info(tokens["access_token"].as_str().unwrap()).await.expect(401);
}

#[tokio::test]
async fn a_suspended_or_departed_member_is_out_of_every_application() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let application = Application::of(&test, &cast).await;
    let owner = test.signed_in(&cast.owner).await;
    for (person, end) in [(&cast.teacher, "suspension"), (&cast.pupil, "leaving")] {
        let (_, code) = code_for(&test, &application, person).await;
        let tokens = json(application.exchange(&code).await);
        application.user_info(tokens["access_token"].as_str().unwrap()).await.expect(200);
        let path = cast.school.path(&format!("/accounts/{}/{end}", person.member_id));
        owner.post(&path, &[("reason", "x")]).await.expect(303);
        application.user_info(tokens["access_token"].as_str().unwrap()).await.expect(401);
        assert_eq!(refused(application.refresh(tokens["refresh_token"].as_str().unwrap()).await, 400), "invalid_grant");
        test.clock.advance(Duration::seconds(10));
    }
}

/// An exchange does not look at the member: so no sign-in may begin while the member is being suspended.
#[tokio::test]
async fn a_sign_in_waits_for_a_suspension_and_does_not_outlive_it() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let application = Application::of(&test, &cast).await;
    let (browser, code) = code_for(&test, &application, &cast.teacher).await;
    let mut suspension = test.db.begin_in(cast.school.id()).await.unwrap();
    store::set_status(&cast.school.scope, &mut suspension, cast.teacher.member_id, Status::Suspended).await.unwrap();
    applications::end_in_school(&mut suspension, &[cast.teacher.account_id], cast.school.id()).await.unwrap();
    let request = application.request(&[]);
    let (page, ()) = tokio::join!(browser.get(&request), test.commit_once_waited_for(suspension));
    assert_eq!(answer(&page.location(), "error").unwrap(), "access_denied");
    assert_eq!(refused(application.exchange(&code).await, 400), "invalid_grant");
}

/// Of an end and an exchange at the same moment one waits: an application that got tokens is told of the end.
#[tokio::test]
async fn an_exchange_waits_for_the_end_of_its_sign_in() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let application = Application::of(&test, &cast).await;
    let (_, code) = code_for(&test, &application, &cast.teacher).await;
    let mut ending = test.db.begin_in(cast.school.id()).await.unwrap();
    applications::end_in_school(&mut ending, &[cast.teacher.account_id], cast.school.id()).await.unwrap();
    let (page, ()) = tokio::join!(application.exchange(&code), test.commit_once_waited_for(ending));
    assert_eq!(refused(page, 400), "invalid_grant");
}

#[tokio::test]
async fn a_sign_in_goes_on_however_old_it_is_and_is_forgotten_when_it_has_ended() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let application = Application::of(&test, &cast).await;
    let (browser, code) = code_for(&test, &application, &cast.teacher).await;
    let tokens = json(application.exchange(&code).await);
    let mut admin = test.admin().await;
    // From session to session, it has been handed on for more than the days for which an ended one is shown.
    sqlx::query("UPDATE openid_grants SET created_at = created_at - interval '91 days'")
        .execute(&mut admin)
        .await
        .unwrap();
    run_scheduled(&test, &ForgetGrants {}).await;
    json(application.refresh(tokens["refresh_token"].as_str().unwrap()).await);
    browser.post("/sign-out", &[]).await.expect(303);
    run_scheduled(&test, &ForgetGrants {}).await;
    let left: Vec<String> =
        sqlx::query_scalar("SELECT g::text FROM openid_grants g").fetch_all(&mut admin).await.unwrap();
    assert_eq!(left, [] as [String; 0]);
}

/// A school that is suspended before its sign-ins are ended in the background.
#[tokio::test]
async fn a_suspended_school_gets_no_tokens() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let application = Application::of(&test, &cast).await;
    let (_, code) = code_for(&test, &application, &cast.teacher).await;
    let (_, other) = code_for(&test, &application, &cast.pupil).await;
    let tokens = json(application.exchange(&code).await);
    let mut admin = test.admin().await;
    sqlx::query("UPDATE schools SET suspended_at = now()").execute(&mut admin).await.unwrap();
    assert_eq!(refused(application.exchange(&other).await, 400), "invalid_grant");
    assert_eq!(refused(application.refresh(tokens["refresh_token"].as_str().unwrap()).await, 400), "invalid_grant");
    application.user_info(tokens["access_token"].as_str().unwrap()).await.expect(401);
}

#[tokio::test]
async fn an_application_is_let_go_of_by_the_person_and_gives_its_tokens_back() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let application = Application::of(&test, &cast).await;
    let (browser, code) = code_for(&test, &application, &cast.pupil).await;
    let tokens = json(application.exchange(&code).await);
    let path = format!("/me/applications/{}/end", application.id);
    browser.post(&path, &[]).await.expect(303);
    application.user_info(tokens["access_token"].as_str().unwrap()).await.expect(401);
    browser.get(&application.request(&[])).await.expect(200).shows(&[&vi("openid-consent-allow")]);

    let (_, code) = code_for(&test, &application, &cast.teacher).await;
    let tokens = json(application.exchange(&code).await);
    let other = Application::of(&test, &cast).await;
    for (by, status) in [(&other, 200), (&application, 401)] {
        let form = format!("token={}", tokens["refresh_token"].as_str().unwrap());
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", by.id, by.secret));
        let request = by.client.request(Method::POST, "/oauth2/revoke");
        let request = request
            .header(header::AUTHORIZATION, format!("Basic {basic}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        by.client.send(request, Body::from(form)).await.expect(200);
        application.user_info(tokens["access_token"].as_str().unwrap()).await.expect(status);
    }
}

#[tokio::test]
async fn keys_are_renewed_by_age_and_the_last_one_is_still_shown() {
    let test = TestApp::new().await;
    let keys = async || json(test.anonymous().get("/oauth2/jwks").await)["keys"].as_array().unwrap().clone();
    let first = keys().await;
    assert_eq!(first.len(), 2);
    test.clock.advance(Duration::days(91));
    schoolgate::oauth2::keys::rotate(&test).await.unwrap();
    let both = keys().await;
    assert_eq!(both.len(), 4);
    assert!(first.iter().all(|key| both.contains(key)));
    test.clock.advance(Duration::hours(25));
    schoolgate::oauth2::keys::rotate(&test).await.unwrap();
    let last = keys().await;
    assert!(last.len() == 2 && !last.contains(&first[0]));
}

/// All of a school sign in within a few minutes: what is good is not counted, what is not is.
#[tokio::test]
async fn an_applications_use_is_noted_and_good_codes_are_never_too_many() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let application = Application::of(&test, &cast).await;
    let owner = test.signed_in(&cast.owner).await;
    let clients = cast.school.path("/settings/clients");
    owner.get(&clients).await.expect(200).shows(&[&vi("tokens-never-used")]);
    let (browser, code) = code_for(&test, &application, &cast.teacher).await;
    json(application.exchange(&code).await);
    owner.get(&clients).await.expect(200).hides(&[vi("tokens-never-used")]);

    let mut admin = test.admin().await;
    let before: Vec<String> = sqlx::query_scalar("SELECT subject FROM attempts").fetch_all(&mut admin).await.unwrap();
    assert_eq!(refused(application.exchange("x").await, 400), "invalid_grant");
    // Whatever is counted anew is the client's: now it has asked for too much.
    let used_up = "UPDATE attempts SET resets_at = $2 WHERE subject <> ALL($1)";
    let later = test.clock.now() + Duration::hours(1);
    let used_up = sqlx::query(used_up).bind(&before).bind(later).execute(&mut admin).await.unwrap();
    assert_eq!(used_up.rows_affected(), 1);
    let location = browser.get(&application.request(&[])).await.location();
    let tokens = json(application.exchange(&answer(&location, "code").unwrap()).await);
    json(application.refresh(tokens["refresh_token"].as_str().unwrap()).await);
    assert_eq!(refused(application.exchange("x").await, 429), "temporarily_unavailable");
}
