//! Clients: made by owners and operators, their secret shown once; access tokens as RFC 6749 has them.

use axum::body::Body;
use axum::http::{Method, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::Duration;
use schoolgate::access::ClientScope;

use super::{Program, SERVICE, ask_for_token, client_of, json, shape};
use crate::support::people::PASSWORD;
use crate::support::say::vi;
use crate::support::{Page, TestApp};

const NAME: (&str, &str) = ("name", "Thư viện số");

/// What the page shows once.
fn shown(page: &Page) -> (String, String) {
    let words: Vec<&str> = page.words().leak().split_whitespace().collect();
    let secret = words.iter().find(|word| word.starts_with("sgs_")).expect("a secret");
    let id = words.iter().find(|word| word.parse::<uuid::Uuid>().is_ok()).expect("an id");
    ((*id).to_owned(), (*secret).to_owned())
}

#[tokio::test]
async fn a_client_is_made_with_a_fresh_password_and_its_secret_shown_once() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let page = cast.school.path("/settings/clients");
    let owner = test.signed_in(&cast.owner).await;
    owner.get(&page).await.expect(200).shows(&[&vi("clients-none")]);
    test.clock.advance(Duration::minutes(11));
    let scope = ClientScope::Roster.name();
    let form = [NAME, ("scopes", scope.as_str()), ("redirect_uris", "https://lms.example/cb\nhttp://localhost:1/")];
    owner.post(&page, &form).await.expect(422).shows(&[&vi("fresh-title")]);
    let with_password = [&form[..], &[("fresh_password", PASSWORD)]].concat();
    let made = owner.post(&page, &with_password).await.expect(200).shows(&[&vi("clients-once"), NAME.1]);
    let (id, secret) = shown(&made);
    owner.get(&page).await.expect(200).shows(&[NAME.1, &id, "https://lms.example/cb"]).hides(&[&secret]);
    let stored: String = sqlx::query_scalar(
        "SELECT (SELECT string_agg(to_jsonb(c)::text, ' ') FROM oauth_clients c)
             || (SELECT string_agg(to_jsonb(e)::text, ' ') FROM audit_events e)",
    )
    .fetch_one(&mut test.admin().await)
    .await
    .unwrap();
    assert!(!stored.contains(&secret[4..]) && stored.contains("client_made"), "{stored}");

    let fields = [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &secret)];
    let token = json(&ask_for_token(&test.anonymous(), &fields).await.expect(200));
    assert_eq!((token["token_type"].as_str(), token["expires_in"].as_i64()), (Some("Bearer"), Some(3600)));
    assert_eq!(token["scope"], scope);

    owner.post(&format!("{page}/{id}/revocation"), &[]).await.expect(303);
    owner.post(&format!("{page}/{id}/revocation"), &[]).await.expect(303);
    owner.get(&page).await.expect(200).hides(&[&format!("{id}/revocation")]);
    let refused = ask_for_token(&test.anonymous(), &fields).await.expect(401);
    assert_eq!(json(&refused)["error"], "invalid_client");
    let events = "SELECT count(*) FROM audit_events WHERE action = 'client_revoked'";
    let events: i64 = sqlx::query_scalar(events).fetch_one(&mut test.admin().await).await.unwrap();
    assert_eq!(events, 1);
}

#[tokio::test]
async fn a_program_that_keeps_no_secret_is_shown_none() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let form = [NAME, ("scopes", "openid"), ("redirect_uris", "https://library.example/back"), ("public", "on")];
    let page = owner.post(&cast.school.path("/settings/clients"), &form).await.expect(200);
    let page = page.shows(&[NAME.1, &vi("clients-id")]).hides(&[vi("clients-secret"), vi("clients-once")]);
    assert!(!page.html().contains("sgs_"));
}

#[tokio::test]
async fn forms_that_make_no_client_come_back_as_typed() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let page = cast.school.path("/settings/clients");
    let owner = test.signed_in(&cast.owner).await;
    let (scope, long) = (ClientScope::Roster.name(), "x".repeat(101));
    for (form, fault) in [
        (vec![("name", ""), ("scopes", scope.as_str())], "fault-client-name-missing"),
        (vec![("name", long.as_str()), ("scopes", scope.as_str())], "fault-client-name-too-long"),
        (vec![NAME], "fault-client-no-scope"),
        (vec![NAME, ("scopes", "everything")], "fault-client-no-scope"),
        (
            vec![NAME, ("scopes", scope.as_str()), ("redirect_uris", "http://lms.example/")],
            "fault-client-redirect-unfit",
        ),
    ] {
        let refused = owner.post(&page, &form).await.expect(422).shows(&[&vi(fault)]);
        assert_eq!(refused.input("name"), form[0].1);
    }
    let made: i64 =
        sqlx::query_scalar("SELECT count(*) FROM oauth_clients").fetch_one(&mut test.admin().await).await.unwrap();
    assert_eq!(made, 0);
}

#[tokio::test]
async fn operators_make_clients_of_their_provinces() {
    let test = TestApp::new().await;
    let own = test.cast("79000001").await;
    let elsewhere = test.cast("79000002").await;
    let move_it = "UPDATE schools SET province_code = '01', managing_unit_id =
        (SELECT id FROM managing_units WHERE province_code = '01' AND kind = 'department') WHERE code = '79000002'";
    sqlx::query(move_it).execute(&mut test.admin().await).await.unwrap();
    let bound = test.operator("bound@example.vn", &["79"]).await;
    let bound = test.signed_in(&bound).await;
    let scope = ClientScope::Roster.name();
    let form = |province| [NAME, ("scopes", scope.as_str()), ("province", province)];
    for outside in ["01", ""] {
        bound.post("/operator/clients", &form(outside)).await.expect(422).shows(&[&vi("fault-province")]);
    }
    let (id, secret) = shown(&bound.post("/operator/clients", &form("79")).await.expect(200));
    bound.get("/operator/clients").await.expect(200).shows(&[NAME.1, &id]);
    let made = schoolgate::clients::MadeClient { id: id.parse().unwrap(), secret };
    let program = Program::with(&test, &made).await;
    let school = |cast: &crate::support::Cast| cast.school.id().to_string();
    for path in ["/orgs", "/schools"] {
        let orgs = program.list(path).await;
        assert_eq!(orgs.len(), 1, "{orgs:?}");
        assert_eq!(orgs[0]["sourcedId"], school(&own));
    }
    program.get(&format!("/schools/{}/students", school(&own))).await.expect(200);
    for path in ["", "/students", "/classes"] {
        program.get(&format!("/schools/{}{path}", school(&elsewhere))).await.expect(404);
    }
    program.get(&format!("/users/{}", elsewhere.pupil.member_id)).await.expect(404);
    program.get(&format!("/users/{}", own.pupil.member_id)).await.expect(200);

    // Pages go on from school to school.
    let national = test.operator("national@example.vn", &[]).await;
    let national = test.signed_in(&national).await;
    let form = [NAME, ("scopes", ClientScope::RosterCore.key()), ("province", "")];
    let (id, secret) = shown(&national.post("/operator/clients", &form).await.expect(200));
    let made = schoolgate::clients::MadeClient { id: id.parse().unwrap(), secret };
    let program = Program::with(&test, &made).await;
    let all = program.list("/users?limit=1000").await;
    let mut paged = Vec::new();
    for offset in (0..all.len()).step_by(5) {
        let page = program.get(&format!("/users?limit=5&offset={offset}")).await.expect(200);
        assert_eq!(page.header("x-total-count"), all.len().to_string());
        paged.extend(json(&page)["users"].as_array().unwrap().clone());
    }
    assert_eq!(paged, all);
    assert!(all.len() > 14, "of both schools: {}", all.len());

    // The other operator does not see it, and cannot revoke it.
    bound.get("/operator/clients").await.expect(200).hides(&[&id]);
    bound.post(&format!("/operator/clients/{id}/revocation"), &[]).await.expect(404);
    national.post(&format!("/operator/clients/{id}/revocation"), &[]).await.expect(303);
    program.get("/users").await.expect(401);
}

#[tokio::test]
async fn tokens_are_given_as_the_standard_says() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let made = client_of(&test, &school, &[ClientScope::Roster, ClientScope::RosterCore]).await;
    let id = made.id.to_string();
    let (own_id, own_secret) = (("client_id", id.as_str()), ("client_secret", made.secret.as_str()));
    let grant = ("grant_type", "client_credentials");
    let program = test.anonymous();
    let (roster, personal) = (ClientScope::Roster.name(), ClientScope::RosterDemographics.name());
    let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{}", made.secret)));
    let with_basic = async |basic: &str, form: &'static str| {
        let request = program.request(Method::POST, "/oauth2/token").header(header::AUTHORIZATION, basic);
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded; charset=utf-8");
        program.send(request, Body::from(form)).await
    };

    let given = with_basic(&basic, "grant_type=client_credentials").await.expect(200);
    assert_eq!((given.header("cache-control"), given.header("pragma")), ("no-store", "no-cache"));
    assert_eq!(given.header("content-type"), "application/json");
    // Of several scopes those are given that the client has, and the answer says which.
    let some = ask_for_token(&program, &[grant, own_id, own_secret, ("scope", &format!("{roster} {personal}"))]).await;
    assert_eq!(json(&some.expect(200))["scope"], roster);

    let unfit = "grant_type=client_credentials&client_secret=x";
    for (page, status, error) in [
        (ask_for_token(&program, &[own_id, own_secret]).await, 400, "invalid_request"),
        (ask_for_token(&program, &[grant, grant, own_id, own_secret]).await, 400, "invalid_request"),
        (
            ask_for_token(&program, &[("grant_type", "password"), own_id, own_secret]).await,
            400,
            "unsupported_grant_type",
        ),
        (ask_for_token(&program, &[grant, own_id, own_secret, ("scope", &personal)]).await, 400, "invalid_scope"),
        (ask_for_token(&program, &[grant, own_id, own_secret, ("scope", "everything")]).await, 400, "invalid_scope"),
        (ask_for_token(&program, &[grant, own_id, ("client_secret", "wrong")]).await, 401, "invalid_client"),
        (ask_for_token(&program, &[grant, own_id]).await, 401, "invalid_client"),
        (ask_for_token(&program, &[grant, ("client_id", "nobody"), own_secret]).await, 401, "invalid_client"),
        (with_basic("Basic !!!", "grant_type=client_credentials").await, 401, "invalid_client"),
        (with_basic(&basic, unfit).await, 400, "invalid_request"),
    ] {
        let page = page.expect(status);
        assert_eq!(json(&page)["error"], error, "{}", page.html());
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("www-authenticate").starts_with("Basic "), status == 401);
    }
    let request = program.request(Method::POST, "/oauth2/token").header(header::CONTENT_TYPE, "application/json");
    let page = program.send(request, Body::from("{}")).await.expect(400);
    assert_eq!(json(&page)["error"], "invalid_request");
    let page = program.get("/oauth2/token").await.expect(405);
    assert_eq!(page.header("allow"), "POST");
}

#[tokio::test]
async fn a_token_ends_after_an_hour_and_with_its_client() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let made = client_of(&test, &cast.school, &[ClientScope::RosterCore]).await;
    let program = Program::with(&test, &made).await;
    program.get("/users").await.expect(200);
    let owner = test.signed_in(&cast.owner).await;
    owner.get(&cast.school.path("/settings/clients")).await.expect(200).hides(&[&vi("tokens-never-used")]);
    test.clock.advance(Duration::minutes(61));
    let page = program.get("/users").await.expect(401);
    shape::error(&page.what, &json(&page), "unauthorisedrequest");
    assert_eq!(page.header("www-authenticate"), "Bearer realm=\"schoolgate\"");
    let program = Program::with(&test, &made).await;
    program.get("/users").await.expect(200);
    sqlx::query("UPDATE schools SET suspended_at = now()").execute(&mut test.admin().await).await.unwrap();
    program.get("/users").await.expect(403);
    test.anonymous().get(&format!("{SERVICE}/users")).await.expect(401);
}

#[tokio::test]
async fn a_token_is_given_back_by_its_own_client_alone() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let made = client_of(&test, &school, &[ClientScope::RosterCore]).await;
    let other = client_of(&test, &school, &[ClientScope::RosterCore]).await;
    let program = Program::with(&test, &made).await;
    for (by, status) in [(&other, 200), (&made, 401)] {
        let id = by.id.to_string();
        let fields = [("token", program.token()), ("client_id", &id), ("client_secret", &by.secret)];
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let client = test.anonymous();
        let request = client.request(Method::POST, "/oauth2/revoke");
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        client.send(request, Body::from(form)).await.expect(200);
        program.get("/users").await.expect(status);
    }
}

#[tokio::test]
async fn a_client_that_asks_too_often_is_told_when_to_come_again() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let program = Program::of(&test, &school, &[ClientScope::RosterCore]).await;
    let spent = "UPDATE attempts SET resets_at = resets_at + interval '10 minutes'";
    sqlx::query(spent).execute(&mut test.admin().await).await.unwrap();
    let page = program.get("/users").await.expect(429);
    shape::error(&page.what, &json(&page), "server_busy");
    assert!(page.header("retry-after").parse::<u32>().unwrap() > 0);
    sqlx::query("DELETE FROM attempts").execute(&mut test.admin().await).await.unwrap();

    // Guessing at secrets is charged to the network.
    let client = client_of(&test, &school, &[ClientScope::RosterCore]).await;
    let id = client.id.to_string();
    let guess = [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", "wrong")];
    let mut refused = 0;
    while ask_for_token(&test.anonymous(), &guess).await.status == 401 {
        refused += 1;
        assert!(refused <= 120, "nothing ends the guessing");
    }
    assert!(refused > 100, "{refused}");
    assert_eq!(ask_for_token(&test.anonymous(), &guess).await.status, 429);
    let right = [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &client.secret)];
    assert_eq!(ask_for_token(&test.anonymous(), &right).await.status, 429, "the right one neither");
}
