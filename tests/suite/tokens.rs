//! `/schools/{code}/settings/tokens`: made with a fresh password, shown once, revoked.

use chrono::Duration;
use schoolgate::{
    access::{Actor, TokenScope},
    error::Error,
    tokens,
};

use crate::support::people::PASSWORD;
use crate::support::say::{vi, vi1};
use crate::support::{Page, TestApp};

const BOTH: [(&str, &str); 3] = [("name", "SMAS phòng máy"), ("scopes", "submit"), ("scopes", "read")];

/// The token that a page shows.
fn shown(page: &Page) -> String {
    let token = page.words().split_whitespace().find(|word| word.starts_with("sgt_")).map(str::to_owned);
    token.unwrap_or_else(|| panic!("{} shows no token: {}", page.what, page.words()))
}

#[tokio::test]
async fn a_token_is_made_with_a_fresh_password_and_shown_once() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let page = cast.school.path("/settings/tokens");
    let owner = test.signed_in(&cast.owner).await;
    owner.get(&page).await.expect(200).shows(&[&vi("tokens-none")]);
    test.clock.advance(Duration::minutes(10));
    owner.post(&page, &BOTH).await.expect(422).shows(&[&vi("fresh-title")]);
    let with_password = [&BOTH[..], &[("fresh_password", PASSWORD)]].concat();
    let made = owner.post(&page, &with_password).await.expect(200).shows(&[&vi("tokens-once"), "SMAS phòng máy"]);
    let token = shown(&made);
    owner.get(&page).await.expect(200).shows(&["SMAS phòng máy", &vi("tokens-never-used")]).hides(&[&token]);

    // What is stored opens nothing.
    let mut admin = test.admin().await;
    let stored: String = sqlx::query_scalar(
        "SELECT (SELECT string_agg(to_jsonb(t)::text, ' ') FROM token_hashes t)
             || (SELECT string_agg(to_jsonb(t)::text, ' ') FROM api_tokens t)
             || (SELECT string_agg(to_jsonb(e)::text, ' ') FROM audit_events e)",
    )
    .fetch_one(&mut admin)
    .await
    .unwrap();
    assert!(!stored.contains(&token) && !stored.contains(&token[4..]));

    let bearer = tokens::find(&test.db, &token).await.unwrap();
    let scope = tokens::enter(&test, bearer, TokenScope::Read, None).await.unwrap();
    assert_eq!(scope.school_id(), cast.school.id());
    assert!(matches!(scope.actor, Actor::Token(ref actor) if actor.scopes == [TokenScope::Submit, TokenScope::Read]));
    let today = vi1(
        "time-today",
        "time",
        test.clock.now().with_timezone(&schoolgate::web::i18n::vietnam()).format("%H:%M").to_string(),
    );
    owner.get(&page).await.expect(200).shows(&[&today]);
}

#[tokio::test]
async fn forms_that_make_no_token_come_back_as_typed() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let page = cast.school.path("/settings/tokens");
    let owner = test.signed_in(&cast.owner).await;
    let long = "x".repeat(101);
    for (form, fault) in [
        (vec![("name", ""), ("scopes", "read")], "fault-token-name-missing"),
        (vec![("name", long.as_str()), ("scopes", "read")], "fault-token-name-too-long"),
        (vec![("name", "SMAS")], "fault-token-no-scope"),
        (vec![("name", "SMAS"), ("scopes", "everything")], "fault-token-no-scope"),
    ] {
        let refused = owner.post(&page, &form).await.expect(422).shows(&[&vi(fault)]);
        assert_eq!(refused.input("name"), form[0].1);
    }
    for _ in 0..50 {
        owner.post(&page, &BOTH).await.expect(200);
        test.clock.advance(Duration::seconds(10));
    }
    owner.post(&page, &BOTH).await.expect(422).shows(&[&vi("fault-token-too-many")]);
    let made: i64 =
        sqlx::query_scalar("SELECT count(*) FROM token_hashes").fetch_one(&mut test.admin().await).await.unwrap();
    assert_eq!(made, 50);
}

#[tokio::test]
async fn a_revoked_token_opens_nothing() {
    let test = TestApp::new().await;
    let (cast, foreign) = (test.cast("79000001").await, test.cast("79000002").await);
    let token = cast.school.bearer(&test, &[TokenScope::Submit]).await;
    let bearer = tokens::find(&test.db, &token).await.unwrap();
    let owner = test.signed_in(&cast.owner).await;
    let revocation = |school: &crate::support::people::School| {
        school.path(&format!("/settings/tokens/{}/revocation", bearer.token_id))
    };
    // Not by others.
    test.signed_in(&cast.manager).await.post(&revocation(&cast.school), &[]).await.expect(403);
    test.signed_in(&foreign.owner).await.post(&revocation(&foreign.school), &[]).await.expect(404);
    tokens::enter(&test, bearer, TokenScope::Submit, None).await.unwrap();

    let done = cast.school.path("/settings/tokens?done=token-revoked");
    assert_eq!(owner.post(&revocation(&cast.school), &[]).await.location(), done);
    // Twice is once.
    assert_eq!(owner.post(&revocation(&cast.school), &[]).await.location(), done);
    assert!(matches!(tokens::find(&test.db, &token).await, Err(Error::SignInNeeded)));
    // A request that had found it before does not go on either.
    let late = tokens::enter(&test, bearer, TokenScope::Submit, None).await;
    assert!(matches!(late, Err(Error::SignInNeeded)));
    owner.get(&done).await.expect(200).shows(&[&vi1("tokens-revoked", "date", "")[..8], &vi("done-token-revoked")]);
    let actions: Vec<String> =
        sqlx::query_scalar("SELECT action FROM audit_events WHERE action LIKE 'token%' ORDER BY at, id")
            .fetch_all(&mut test.admin().await)
            .await
            .unwrap();
    assert_eq!(actions, ["token_made", "token_revoked"]);
}

#[tokio::test]
async fn a_token_of_a_suspended_school_or_without_the_scope_does_nothing() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let token = cast.school.bearer(&test, &[TokenScope::Read]).await;
    let bearer = tokens::find(&test.db, &token).await.unwrap();
    let other = tokens::enter(&test, bearer, TokenScope::Submit, None).await;
    assert!(matches!(other, Err(Error::ScopeMissing("submit"))));
    sqlx::query("UPDATE schools SET suspended_at = now()").execute(&mut test.admin().await).await.unwrap();
    let suspended = tokens::enter(&test, bearer, TokenScope::Read, None).await;
    assert!(matches!(suspended, Err(Error::SchoolSuspended)));
    for wrong in ["", "sgt_", &token[4..], &token[..46], &format!("{token}A"), "sgt_é"] {
        assert!(matches!(tokens::find(&test.db, wrong).await, Err(Error::SignInNeeded)), "{wrong}");
    }
}

#[tokio::test]
async fn a_form_that_is_sent_twice_makes_one_token_and_shows_it_twice() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let page = cast.school.path("/settings/tokens");
    let owner = test.signed_in(&cast.owner).await;
    let twice = futures_util::future::join_all((0..4).map(|_| owner.post(&page, &BOTH))).await;
    let tokens: Vec<String> = twice.into_iter().map(|page| shown(&page.expect(200))).collect();
    assert!(tokens.iter().all(|token| *token == tokens[0]), "{tokens:?}");
    let mut admin = test.admin().await;
    let made: i64 = sqlx::query_scalar("SELECT count(*) FROM token_hashes").fetch_one(&mut admin).await.unwrap();
    assert_eq!(made, 1);
    tokens::find(&test.db, &tokens[0]).await.unwrap();
    let kept = "SELECT position(convert_to($1, 'UTF8') in shown) > 0 FROM sent_forms WHERE shown IS NOT NULL";
    let is_open: bool = sqlx::query_scalar(kept).bind(&tokens[0]).fetch_one(&mut admin).await.unwrap();
    assert!(!is_open, "the page is kept sealed");
    // A person who makes another one means it; and what was kept is wiped.
    test.clock.advance(Duration::seconds(10));
    assert_ne!(shown(&owner.post(&page, &BOTH).await.expect(200)), tokens[0]);
    test.clock.advance(Duration::minutes(5));
    crate::cleanup::forget(&test).await;
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM sent_forms WHERE shown IS NOT NULL")
        .fetch_one(&mut admin)
        .await
        .unwrap();
    assert_eq!(kept, 0);
}
