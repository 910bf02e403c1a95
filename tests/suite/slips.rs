//! Sign-in slips: of a class, of a plan, of one person.

use crate::support::say::{vi, vi1, vi2};
use crate::support::{Client, Page, Someone, TestApp, html};

/// The slips of a page: the login and the password on each.
fn slips(page: &Page) -> Vec<(String, String)> {
    let page = page.html();
    html::elements(&page, "section")
        .iter()
        .map(|slip| {
            let values: Vec<String> = html::elements(slip, "dd").iter().map(|value| html::words(value)).collect();
            (values[0].clone(), values[1].clone())
        })
        .collect()
}

async fn comes_in(client: &Client, (login, password): &(String, String)) -> String {
    client.post("/sign-in", &[("login", login), ("password", password)]).await.location()
}

#[tokio::test]
async fn a_classs_slips_are_eight_to_a_sheet_and_open_the_door() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let pupils: Vec<Someone> =
        (1..=10).map(|number| Someone::pupil(&format!("Lê Văn Bé{number}"), cast.class_id).new_here()).collect();
    let pupils = cast.school.add_all(&test, &pupils).await;
    let manager = test.signed_in(&cast.manager).await;
    let address = cast.school.path(&format!("/slips?class={}", cast.class_id));
    let page = manager.get(&address).await.expect(200).shows(&[
        &vi2("slips-line", ("count", 11), ("sheets", 2)),
        &vi1("slips-without", "count", 1),
        "10A1",
    ]);
    let printed = slips(&page);
    let sheets = page.html();
    let on_each: Vec<usize> =
        sheets.split("class=\"sheet\"").skip(1).map(|sheet| sheet.matches("class=\"slip\"").count()).collect();
    assert_eq!(on_each, [8, 3]);
    assert_eq!(sheets.matches("role=\"img\"").count(), 11, "a QR code each");
    for pupil in &pupils {
        assert!(printed.contains(&(pupil.login.clone(), pupil.temporary.clone().unwrap())), "{}", pupil.name);
    }
    assert_eq!(page.header("cache-control"), "no-store");

    let pupil = test.anonymous();
    assert_eq!(comes_in(&pupil, &printed[0]).await, "/password/change");
    let own = [("password", "trăng lên đầu núi"), ("password_again", "trăng lên đầu núi")];
    pupil.post("/password/change", &own).await.expect(303);
    pupil.get(&cast.school.path("")).await.expect(200);
    let again =
        slips(&manager.get(&address).await.expect(200).shows(&[&vi2("slips-line", ("count", 10), ("sheets", 2))]));
    assert!(!again.contains(&printed[0]), "who has an own password has no slip");

    let events: Vec<(String, String)> = sqlx::query_as(
        "SELECT actor_id::text, detail::text FROM audit_events WHERE action = 'slips_printed' ORDER BY id",
    )
    .fetch_all(&mut test.admin().await)
    .await
    .unwrap();
    assert_eq!(events.len(), 2, "each time is on record");
    assert!(events.iter().all(|(actor, _)| *actor == cast.manager.member_id.to_string()));
    assert!(events.iter().all(|(_, detail)| printed.iter().all(|(_, password)| !detail.contains(password.as_str()))));
}

#[tokio::test]
async fn a_slip_lasts_as_long_as_its_password() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let slip = cast.school.path(&format!("/accounts/{}/slip", cast.newcomer.member_id));
    let page = manager.get(&slip).await.expect(200).shows(&[&cast.newcomer.name, "06/12/2026"]);
    assert_eq!(slips(&page), [(cast.newcomer.login.clone(), cast.newcomer.temporary.clone().unwrap())]);
    manager.get(&cast.school.path("/accounts?status=slips")).await.expect(200).hides(&[&cast.newcomer.name]);
    test.clock.advance(chrono::Duration::days(90));
    let manager = test.signed_in(&cast.manager).await;
    let page = manager.get(&slip).await.expect(200).shows(&[&vi("slips-none")]);
    assert!(slips(&page).is_empty());
    let person = cast.school.path(&format!("/accounts/{}", cast.newcomer.member_id));
    manager.get(&person).await.expect(200).shows(&[&vi("state-temporary-expired")]);
}

/// Only in the printed page; neither in lists nor in what is stored in the open.
#[tokio::test]
async fn passwords_stand_on_slips_and_nowhere_else() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let password = cast.newcomer.temporary.clone().unwrap();
    let owner = test.signed_in(&cast.owner).await;
    for page in ["/accounts", "/accounts?status=slips", "/accounts/export.csv?role=student", "/plans", ""] {
        owner.get(&cast.school.path(page)).await.expect(200).hides(&[&password]);
    }
    let mut admin = test.admin().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    for table in tables {
        let rows: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT to_jsonb(t)::text FROM {table} t")))
                .fetch_all(&mut admin)
                .await
                .unwrap();
        assert!(rows.iter().all(|row| !row.contains(&password)), "{table}");
    }
}
