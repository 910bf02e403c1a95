//! Sign-in slips: of a class, of a plan, of one person.

use crate::support::say::{vi, vi1, vi2};
use crate::support::{Client, Page, Someone, TestApp, html, sheets};

/// The slips of a page: the login and the password on each.
pub fn slips(page: &Page) -> Vec<(String, String)> {
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
async fn a_classs_slips_are_eight_to_a_sheet_and_sign_in() {
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
        "SELECT actor_id::text, detail::text FROM audit_events WHERE action = 'slips_shown' ORDER BY id",
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
    // To be copied, too, where there is no printer.
    page.shows(&[&vi("slips-copy")]);
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

/// To look is not to hand out: that slips were printed is noted when they are.
#[tokio::test]
async fn printing_is_recorded_with_its_actor() {
    let test = TestApp::new().await;
    let (cast, elsewhere) = (test.cast("79000001").await, test.cast("79000002").await);
    let pupils = [Someone::pupil("Lê Văn Tý", cast.class_id).new_here()];
    cast.school.add_all(&test, &pupils).await;
    let manager = test.signed_in(&cast.manager).await;
    let waiting = cast.school.path("/accounts?status=slips");
    let sheet = cast.school.path(&format!("/slips?class={}&status=slips", cast.class_id));
    let page = manager.get(&sheet).await.expect(200);
    manager.get(&waiting).await.expect(200).shows(&["Lê Văn Tý", &cast.newcomer.name]);

    // What was on the page, as far as it is the school's and has a slip.
    let ids = page.input("ids");
    assert_eq!(ids.split(',').count(), 2);
    let more = format!("{ids},{},{},nonsense", cast.pupil.member_id, elsewhere.newcomer.member_id);
    let ledger = manager.post(&cast.school.path("/slips"), &[("ids", &more)]).await.location();
    manager.get(&ledger).await.expect(200).shows(&[&vi1("done-slips-printed", "n", 2), &vi("ledger-all-printed")]);
    manager.get(&waiting).await.expect(200).hides(&["Lê Văn Tý", &cast.newcomer.name]);
    manager.get(&sheet).await.expect(200).shows(&[&vi("slips-none")]);
    test.signed_in(&elsewhere.manager)
        .await
        .get(&elsewhere.school.path("/accounts?status=slips"))
        .await
        .shows(&[&elsewhere.newcomer.name]);
    // Printed once more, and a single one.
    let slip = cast.school.path(&format!("/accounts/{}/slip", cast.newcomer.member_id));
    assert!(manager.post(&slip, &[]).await.location().ends_with("?done=slips-printed&n=1"));
    let printed: Vec<String> =
        sqlx::query_scalar("SELECT detail::text FROM audit_events WHERE action = 'slips_printed' ORDER BY id")
            .fetch_all(&mut test.admin().await)
            .await
            .unwrap();
    assert_eq!(printed.len(), 2);
    let printed = printed.join(" ");
    assert!(printed.contains(&cast.newcomer.member_id.to_string()));
    assert!(!printed.contains(&cast.pupil.member_id.to_string()), "who needs no slip got none");
}

#[tokio::test]
async fn slips_come_as_a_workbook_by_selection_class_and_filter() {
    let test = TestApp::new().await;
    let (cast, elsewhere) = (test.cast("79000001").await, test.cast("79000002").await);
    let other_class = cast.school.class(&test, "10A2").await;
    let [one, two] = [("Lê Văn Tý", cast.class_id), ("Lê Văn Sửu", other_class)]
        .map(|(name, class)| Someone::pupil(name, class).new_here());
    let added = cast.school.add_all(&test, &[one, two]).await;
    let manager = test.signed_in(&cast.manager).await;
    let file = cast.school.path("/slips.xlsx");
    let taken = async |query: &str, ids: &[&str]| {
        let fields: Vec<(&str, &str)> = ids.iter().map(|id| ("ids", *id)).collect();
        let table = sheets::read(manager.post(&format!("{file}{query}"), &fields).await.expect(200).file());
        table[1..].iter().map(|row| (row[0].clone(), row[2].clone(), row[3].clone())).collect::<Vec<_>>()
    };
    let of = |person: &crate::support::Person| {
        (person.name.clone(), person.login.clone(), person.temporary.clone().unwrap())
    };
    let (id, foreign) = (added[0].member_id.to_string(), elsewhere.newcomer.member_id.to_string());
    assert_eq!(taken("", &[&id, &foreign]).await, [of(&added[0])]);
    assert_eq!(taken(&format!("?class={other_class}"), &["all"]).await, [of(&added[1])]);
    assert_eq!(taken("?status=slips", &["all"]).await, [of(&cast.newcomer)], "the others were taken before");
    assert_eq!(taken("?q=le+van", &["all"]).await.len(), 2);
    let none = manager.post(&file, &[("ids", &cast.pupil.member_id.to_string())]).await.location();
    manager.get(&none).await.expect(200).shows(&[&vi("done-slips-none")]);
    let on_record: i64 = sqlx::query_scalar("SELECT count(*) FROM audit_events WHERE action = 'slips_downloaded'")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!(on_record, 4);
    test.signed_in(&cast.homeroom_teacher).await.post(&file, &[("ids", "all")]).await.expect(403);
}

/// Whatever happens to people, the ledger counts what is there.
#[tokio::test]
async fn the_ledger_says_what_is_so() {
    let test = TestApp::new().await;
    let (cast, elsewhere) = (test.cast("79000001").await, test.cast("79000002").await);
    let other_class = cast.school.class(&test, "10A2").await;
    let pupils: Vec<Someone> =
        (1..=4).map(|number| Someone::pupil(&format!("Lê Văn Bé{number}"), cast.class_id).new_here()).collect();
    let pupils = cast.school.add_all(&test, &pupils).await;
    let manager = test.signed_in(&cast.manager).await;
    let address = cast.school.path("/slips/ledger");
    let counted = async || {
        // What a count over the tables says: pupils, slips that wait, never signed in.
        let there: Vec<(String, i64, i64, i64)> = sqlx::query_as(
            "SELECT c.name, count(m.id), count(*) FILTER (WHERE m.status = 'active' AND m.temporary_until IS NOT NULL
                 AND m.slip_printed_at IS NULL), count(*) FILTER (WHERE m.status = 'active'
                 AND m.first_signed_in_at IS NULL)
             FROM classes c LEFT JOIN enrolments e ON e.class_id = c.id AND e.ended_at IS NULL
             LEFT JOIN members m ON m.id = e.member_id WHERE c.school_id = $1 GROUP BY c.name ORDER BY c.name",
        )
        .bind(cast.school.id())
        .fetch_all(&mut test.admin().await)
        .await
        .unwrap();
        let rows = manager.get(&address).await.expect(200).rows();
        assert_eq!(rows.len(), there.len());
        for (row, (name, pupils, waiting, never)) in rows.iter().zip(&there) {
            assert!(row.starts_with(name.as_str()), "{row}");
            assert!(row.contains(&format!("{pupils} {}", vi("classes-pupils"))), "{pupils}: {row}");
            assert!(row.contains(&format!("{never} {}", vi("ledger-n-never"))), "{never}: {row}");
            let says_waiting = row.contains(&format!("{waiting} {}", vi("ledger-n-waiting")));
            assert_eq!(says_waiting, *waiting > 0, "{waiting}: {row}");
        }
        there.into_iter().map(|(_, pupils, waiting, never)| (pupils, waiting, never)).collect::<Vec<_>>()
    };
    assert_eq!(counted().await, [(6, 5, 6), (0, 0, 0)]);

    let ids: Vec<String> = pupils.iter().map(|pupil| pupil.member_id.to_string()).collect();
    manager.post(&cast.school.path("/slips"), &[("ids", &ids[..2].join(","))]).await.expect(303);
    assert_eq!(counted().await, [(6, 3, 6), (0, 0, 0)]);
    test.signed_in(&pupils[0]).await.get(&cast.school.path("")).await.expect(200);
    assert_eq!(counted().await, [(6, 3, 5), (0, 0, 0)]);
    let class = other_class.to_string();
    let to_move = [("ids", ids[2].as_str()), ("ids", &ids[0]), ("action", "move"), ("class", &class)];
    manager.post(&cast.school.path("/accounts/bulk?role=student"), &to_move).await.expect(303);
    assert_eq!(counted().await, [(4, 2, 4), (2, 1, 1)]);
    manager.post(&cast.school.path(&format!("/accounts/{}/suspension", ids[2])), &[]).await.expect(303);
    assert_eq!(counted().await, [(4, 2, 4), (2, 0, 0)]);
    manager.post(&cast.school.path(&format!("/accounts/{}/leaving", ids[3])), &[]).await.expect(303);
    assert_eq!(counted().await, [(3, 1, 3), (2, 0, 0)]);
    manager.post(&cast.school.path(&format!("/accounts/{}/password", ids[0])), &[]).await.expect(303);
    assert_eq!(counted().await, [(3, 1, 3), (2, 1, 0)]);
    // Gone for good, as an undone import leaves them.
    let mut tx = test.db.begin_in(cast.school.id()).await.unwrap();
    sqlx::query("DELETE FROM members WHERE id = ANY($1)")
        .bind([pupils[1].member_id, cast.newcomer.member_id])
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(counted().await, [(1, 0, 1), (2, 1, 0)]);

    // One class: who has been handed a slip and who has come; and what is missing, to be printed.
    let page = manager.get(&format!("{address}?class={class}")).await.expect(200);
    let row = page.rows().into_iter().find(|row| row.contains(&pupils[0].name)).unwrap();
    assert!(row.contains(&vi("ledger-not-printed")), "{row}");
    let missing = manager.get(&page.link("status=slips")).await.expect(200);
    missing.shows(&[&pupils[0].login]).hides(&[&pupils[2].login]);
    for class in [elsewhere.class_id.to_string(), "nonsense".to_owned()] {
        manager.get(&format!("{address}?class={class}")).await.expect(404);
        manager.get(&cast.school.path(&format!("/slips?class={class}"))).await.expect(404);
    }
    manager.get(&cast.school.path(&format!("/slips?ids={}", elsewhere.newcomer.member_id))).await.expect(404);
}
