//! Every declared route once more: about people whose accounts are in use elsewhere too, and from a session that must choose
//! a password first.

use axum::http::Method;
use schoolgate::{
    companies::store::{self as companies, NewRepresentative},
    identity::{accounts, operators},
    ids::AccountId,
    router,
    routes::Access,
};
use sqlx::PgConnection;

use crate::access_matrix::{Things, call, things};
use crate::support::{Cast, Person, Someone, TestApp, link_in};

/// People of the school whose accounts are also another school's, an operator's, a company's.
async fn shared(test: &TestApp, cast: &Cast, elsewhere: &Cast) -> Vec<Person> {
    let people = [
        Someone::teacher("Tạ Thị Hai"),
        Someone::pupil("Tạ Văn Đôi", cast.class_id),
        Someone::teacher("Tạ Thị Nhà"),
        Someone::teacher("Tạ Thị Hãng"),
    ];
    let people = cast.school.add_all(test, &people).await;
    for person in &people[..2] {
        let mut tx = test.db.begin_in(elsewhere.school.id()).await.unwrap();
        accounts::add_memberships(&mut tx, &[person.account_id], elsewhere.school.id(), &[test.id()]).await.unwrap();
        tx.commit().await.unwrap();
    }
    operators::add(test, &people[2].login, &people[2].name, &[]).await.unwrap();
    let new = NewRepresentative {
        company_id: test.company().await,
        account_id: people[3].account_id,
        full_name: &people[3].name,
        phone: None,
        position: None,
    };
    let mut tx = test.db.begin().await.unwrap();
    companies::add_representative(&mut tx, &new, test.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    people
}

/// How the account gets in, and on how many devices it is.
async fn credentials(admin: &mut PgConnection, account: AccountId) -> (Option<String>, bool, i64) {
    sqlx::query_as(
        "SELECT password_hash, temporary_password IS NOT NULL, (SELECT count(*) FROM sessions WHERE account_id = $1)
         FROM accounts WHERE id = $1",
    )
    .bind(account)
    .fetch_one(admin)
    .await
    .unwrap()
}

/// Whatever went before: the person is in the school as at the beginning.
async fn put_back(admin: &mut PgConnection, cast: &Cast, person: &Person) {
    sqlx::query("UPDATE members SET status = 'active', account_id = $2 WHERE id = $1")
        .bind(person.member_id)
        .bind(person.account_id)
        .execute(&mut *admin)
        .await
        .unwrap();
    sqlx::query(
        "INSERT INTO memberships (account_id, school_id, member_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    )
    .bind(person.account_id)
    .bind(cast.school.id())
    .bind(person.member_id)
    .execute(admin)
    .await
    .unwrap();
}

#[tokio::test]
async fn nothing_sets_or_hands_out_a_password_of_who_is_somewhere_else_too() {
    let test = TestApp::new().await;
    let (cast, elsewhere) = (test.cast("79000001").await, test.cast("79000002").await);
    let plan = cast.school.plan(&test).await;
    let of_school = things(&test, &cast, plan).await;
    let mut admin = test.admin().await;
    let owner = test.signed_in(&cast.owner).await;
    let mut calls = 0;
    for person in shared(&test, &cast, &elsewhere).await {
        let device = test.signed_in(&person).await;
        let before = credentials(&mut admin, person.account_id).await;
        assert!(before.0.is_some() && !before.1);
        let ids = Things { member: person.member_id, ..of_school };
        for (method, path, _) in router::routes().declared() {
            if !path.contains("/accounts/{id}") {
                continue;
            }
            put_back(&mut admin, &cast, &person).await;
            let address = of_school.address(path, &ids);
            for fields in [&[][..], &[("undo", "on")], &[("confirmation", person.name.as_str())]] {
                let page = match *method {
                    Method::POST => owner.post(&address, fields).await,
                    _ => call(&owner, method, path, &address).await,
                };
                assert!(!page.status.is_server_error(), "{}: {}", page.what, page.words());
                assert_eq!(credentials(&mut admin, person.account_id).await, before, "{} {}", person.name, page.what);
                calls += 1;
                put_back(&mut admin, &cast, &person).await;
            }
        }
        for action in ["password", "sign-out", "suspension", "slips"] {
            put_back(&mut admin, &cast, &person).await;
            let form = [("action", action), ("ids", &*person.member_id.to_string())];
            let page = owner.post(&cast.school.path("/accounts/bulk"), &form).await;
            assert!(!page.status.is_server_error(), "{}: {}", page.what, page.words());
            assert_eq!(credentials(&mut admin, person.account_id).await, before, "{} {action}", person.name);
        }
        put_back(&mut admin, &cast, &person).await;
        device.get("/").await.expect(303);
        test.work().await;
    }
    assert!(calls > 150, "{calls} calls");
}

/// All that is stored, but for when a person was seen.
async fn everything(admin: &mut PgConnection) -> Vec<(String, String)> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1",
    )
    .fetch_all(&mut *admin)
    .await
    .unwrap();
    let mut all = Vec::new();
    for table in tables {
        let digest = format!(
            "SELECT coalesce(md5(string_agg(row::text, '|' ORDER BY row::text)), '')
             FROM (SELECT to_jsonb(t) - 'last_seen_at' FROM {table} t) AS rows (row)"
        );
        let digest = sqlx::query_scalar(sqlx::AssertSqlSafe(digest)).fetch_one(&mut *admin).await.unwrap();
        all.push((table, digest));
    }
    all
}

#[tokio::test]
async fn who_must_choose_a_password_changes_nothing_else() {
    let test = TestApp::new().await;
    let (cast, elsewhere) = (test.cast("79000001").await, test.cast("79000002").await);
    let plan = cast.school.plan(&test).await;
    let things = things(&test, &cast, plan).await;
    let person = cast.school.add(&test, Someone::teacher("Tạ Thị Mới").new_here()).await;
    // Links that are good, mailed to this very person.
    let owner = test.signed_in(&elsewhere.owner).await;
    let fields = [("full_name", "Tạ Thị Mới"), ("email", person.login.as_str()), ("role", "teacher")];
    owner.post(&elsewhere.school.path("/accounts/join"), &fields).await.expect(303);
    test.work().await;
    let invitation = link_in(&test.mail_to(&person.login).text);
    test.anonymous().post("/password/forgot", &[("login", &person.login)]).await.expect(200);
    test.work().await;
    let reset = link_in(&test.mail_to(&person.login).text);
    assert!(invitation.starts_with("/invitations/") && reset.starts_with("/password/reset/"));

    let client = test.signed_in_by_temporary(&person).await;
    let mut admin = test.admin().await;
    let before = everything(&mut admin).await;
    let password = [("password", "một câu dài dễ nhớ"), ("password_again", "một câu dài dễ nhớ")];
    let mut posts = 0;
    for (method, path, access) in router::routes().declared() {
        if *method != Method::POST
            || matches!(access, Access::SignedIn | Access::Always | Access::Token(_) | Access::Client(_))
        {
            continue;
        }
        let address = match path.split("/{token}").collect::<Vec<_>>()[..] {
            ["/invitations", rest] => format!("{invitation}{rest}"),
            ["/password/reset", _] => reset.clone(),
            _ => things.address(path, &things),
        };
        for page in [call(&client, method, path, &address).await, client.post(&address, &password).await] {
            assert_eq!((page.status.as_u16(), page.header("location")), (303, "/password/change"), "{}", page.what);
        }
        posts += 1;
    }
    assert!(posts > 60, "{posts}");
    // Opening a link counts as an attempt, whatever comes of it.
    let but_attempts =
        |tables: Vec<(String, String)>| tables.into_iter().filter(|(table, _)| table != "attempts").collect::<Vec<_>>();
    assert_eq!(but_attempts(everything(&mut admin).await), but_attempts(before));
    // What is left: the language, signing out, and the choice.
    client.post("/preferences", &[("language", "en")]).await.expect(303);
    client.get("/password/change").await.expect(200);
    client.post("/sign-out", &[]).await.expect(303);
    test.work().await;
}
