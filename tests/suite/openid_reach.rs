//! How far a sign-in to an application reaches: for which school consent is given, which session it hangs on, and what takes
//! it back.

use axum::body::Body;
use axum::http::{Method, header};
use base64::Engine as _;
use chrono::Duration;
use schoolgate::{
    access::{ClientScope, Operator},
    clients::{self, NewClient},
    ids::AccountId,
    oauth2::keys,
};

use crate::member_actions::joins;
use crate::openid::{Application, BACK, answer, code_for, json, refused};
use crate::second_factor;
use crate::support::TestApp;
use crate::support::people::{Cast, PASSWORD};
use crate::support::say::vi;

/// An application of the operators, for all schools of the province.
async fn of_all_schools(test: &TestApp) -> Application {
    let operator = Operator { name: String::new(), is_national: false, provinces: vec!["79".to_owned()] };
    let new = NewClient {
        name: "Moodle".to_owned(),
        scopes: ClientScope::OPENID.to_vec(),
        redirect_uris: vec![BACK.to_owned()],
        ..NewClient::default()
    };
    let made = clients::make_for_operators(&operator, AccountId::nil(), test, Some("79"), &new).await;
    let made = made.unwrap().unwrap();
    Application { client: test.anonymous(), id: made.id.to_string(), secret: made.secret }
}

#[tokio::test]
async fn consent_is_given_for_one_school() {
    let test = TestApp::new().await;
    let (first, second) = (test.cast("79000001").await, test.cast("79000002").await);
    joins(&test, &first.teacher, &second, "teacher").await;
    let application = of_all_schools(&test).await;
    let browser = test.signed_in(&first.teacher).await;
    let of =
        |cast: &Cast, prompt| application.request(&[("school", &cast.school.scope.school.code), ("prompt", prompt)]);
    let error = async |address: String| answer(&browser.get(&address).await.location(), "error");

    // Before any consent a school of theirs is told apart from no other one.
    let elsewhere = application.request(&[("school", "79000009"), ("prompt", "none")]);
    for address in [of(&first, "none"), of(&second, "none"), elsewhere] {
        assert_eq!(error(address).await.as_deref(), Some("consent_required"));
    }
    let asked = browser.get(&of(&first, "")).await.expect(200).shows(&[&first.school.scope.school.name]);
    let (request, school) = (asked.input("request"), asked.input("school"));
    let allow = async |school: &str| {
        let fields = [("request", request.as_str()), ("school", school), ("decision", "allow")];
        browser.post("/oauth2/consent", &fields).await.location()
    };
    assert_eq!(answer(&allow("79000009").await, "error").as_deref(), Some("access_denied"));
    let back = allow(&school).await;
    assert!(answer(&browser.get(&back).await.location(), "code").is_some());
    assert!(answer(&browser.get(&of(&first, "none")).await.location(), "code").is_some());
    assert_eq!(error(of(&second, "none")).await.as_deref(), Some("consent_required"));
    browser.get(&of(&second, "")).await.expect(200).shows(&[&second.school.scope.school.name]);
}

/// While a program of the release before serves beside this one, consent that is taken back in one is taken back in both.
#[tokio::test]
async fn consent_is_taken_back_for_the_release_before_as_well() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let application = Application::of(&test, &cast).await;
    let (browser, _) = code_for(&test, &application, &cast.teacher).await;
    let mut admin = test.admin().await;
    let given = "INSERT INTO openid_consents (account_id, client_id, scopes, given_at)
         SELECT account_id, client_id, scopes, given_at FROM openid_school_consents";
    let held = "SELECT (SELECT count(*) FROM openid_consents), (SELECT count(*) FROM openid_school_consents)";
    sqlx::query(given).execute(&mut admin).await.unwrap();
    browser.post(&format!("/me/applications/{}/end", application.id), &[]).await.expect(303);
    assert_eq!(sqlx::query_as::<_, (i64, i64)>(held).fetch_one(&mut admin).await.unwrap(), (0, 0));

    code_for(&test, &application, &cast.teacher).await;
    sqlx::query(given).execute(&mut admin).await.unwrap();
    assert_eq!(sqlx::query_as::<_, (i64, i64)>(held).fetch_one(&mut admin).await.unwrap(), (1, 1));
    sqlx::query("DELETE FROM openid_consents").execute(&mut admin).await.unwrap();
    assert_eq!(sqlx::query_as::<_, (i64, i64)>(held).fetch_one(&mut admin).await.unwrap(), (0, 0));
}

/// A person who is asked for the password anew goes on in all applications; another person in the same browser ends them.
#[tokio::test]
async fn signing_in_anew_signs_out_of_no_application() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let mut admin = test.admin().await;
    sqlx::query("UPDATE schools SET one_device_per_student = true").execute(&mut admin).await.unwrap();
    let application = Application::of(&test, &cast).await;
    for (person, other) in [(&cast.teacher, &cast.pupil), (&cast.pupil, &cast.teacher)] {
        let (browser, code) = code_for(&test, &application, person).await;
        let tokens = json(application.exchange(&code).await);
        let access = tokens["access_token"].as_str().unwrap();
        let sign_in = [("login", person.login.as_str()), ("password", PASSWORD)];
        browser.post("/sign-in", &sign_in).await.expect(303);
        application.user_info(access).await.expect(200);
        let refreshed = json(application.refresh(tokens["refresh_token"].as_str().unwrap()).await);
        browser.post("/sign-in", &[("login", other.login.as_str()), ("password", PASSWORD)]).await.expect(303);
        application.user_info(access).await.expect(401);
        let token = refreshed["refresh_token"].as_str().unwrap();
        assert_eq!(refused(application.refresh(token).await, 400), "invalid_grant");
        browser.post("/sign-out", &[]).await.expect(303);
    }
}

/// Until the code is typed, the person goes on with the session that they have.
#[tokio::test]
async fn a_second_factor_asked_for_anew_signs_out_of_no_application() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let application = Application::of(&test, &cast).await;
    let (browser, code) = code_for(&test, &application, &cast.teacher).await;
    let tokens = json(application.exchange(&code).await);
    let access = tokens["access_token"].as_str().unwrap();
    second_factor::turned_on(&test, &browser, &cast.teacher).await;
    browser.post("/sign-in", &[("login", cast.teacher.login.as_str()), ("password", PASSWORD)]).await.expect(303);
    application.user_info(access).await.expect(200);
    browser.post("/sign-in/code", &[("code", &second_factor::code(&test, &cast.teacher, 0).await)]).await.expect(303);
    application.user_info(access).await.expect(200);
    browser.get("/me").await.expect(200);
}

/// That the password was asked for, only this server says.
#[tokio::test]
async fn an_application_does_not_get_round_max_age() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let application = Application::of(&test, &cast).await;
    let (browser, _) = code_for(&test, &application, &cast.teacher).await;
    test.clock.advance(Duration::seconds(10));
    for forged in ["", "0", "a.b", "9999999999"] {
        let address = application.request(&[("max_age", "0"), ("asked_at", forged)]);
        assert!(browser.get(&address).await.location().starts_with("/sign-in?next="), "{forged}");
    }
}

#[tokio::test]
async fn withdrawn_keys_open_nothing() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let application = Application::of(&test, &cast).await;
    let (_, code) = code_for(&test, &application, &cast.teacher).await;
    let tokens = json(application.exchange(&code).await);
    let access = tokens["access_token"].as_str().unwrap();
    keys::replace(&test).await.unwrap();
    application.user_info(access).await.expect(200);
    keys::withdraw_retired(&test).await.unwrap();
    application.user_info(access).await.expect(401);
    assert_eq!(json(test.anonymous().get("/oauth2/jwks").await)["keys"].as_array().unwrap().len(), 2);
    let tokens = json(application.refresh(tokens["refresh_token"].as_str().unwrap()).await);
    application.user_info(tokens["access_token"].as_str().unwrap()).await.expect(200);
}

#[tokio::test]
async fn a_revoked_application_is_not_shown_as_signed_in() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let application = Application::of(&test, &cast).await;
    let (browser, _) = code_for(&test, &application, &cast.teacher).await;
    browser.get("/me/applications").await.expect(200).shows(&["Moodle", &vi("applications-signed-in")]);
    let granted = cast.school.scope.grant().unwrap();
    clients::revoke_of_school(&granted, &test, application.id.parse().unwrap()).await.unwrap();
    browser.get("/me/applications").await.expect(200).hides(&[vi("applications-signed-in")]);
}

/// Whatever is wrong is said as OAuth has it, and programs in a browser may read it.
#[tokio::test]
async fn errors_of_the_framework_are_those_of_oauth() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let application = Application::of(&test, &cast).await;
    let with_nul =
        [("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", "a\0"), ("code_verifier", "x")];
    assert_eq!(refused(application.token(&with_nul).await, 400), "invalid_request");
    for (method, path, status) in [
        (Method::GET, "/oauth2/token", 405),
        (Method::GET, "/oauth2/revoke", 405),
        (Method::PUT, "/oauth2/userinfo", 405),
    ] {
        let page = application.client.send(application.client.request(method, path), Body::empty()).await;
        assert_eq!(page.header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(refused(page, status), "invalid_request", "{path}");
    }
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", application.id, application.secret));
    let large = application.client.request(Method::POST, "/oauth2/token");
    let large = large
        .header(header::AUTHORIZATION, format!("Basic {basic}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let body = format!("grant_type=authorization_code&code={}", "x".repeat(3 * 1024 * 1024));
    assert_eq!(refused(application.client.send(large, Body::from(body)).await, 413), "invalid_request");
}
