//! Reviewing many rows: deciding on all of a reason, sheets of classes, cards, columns, pages.

use chrono::Duration;
use schoolgate::roster::fields::Field;

use crate::plans_review::{AN, DAT, part, plan, plan_of, row};
use crate::support::say::{vi, vi1};
use crate::support::{Cast, Client, Someone, TestApp, html};

/// Four rows about two pupils of the school whose birth dates are right and who have nothing else in common with them, two
/// of each; in line 6 a fifth row that is new.
async fn doubtful(test: &TestApp, cast: &Cast, manager: &Client) -> String {
    for (name, born) in [("Lê Văn Tý", "2011-04-05"), ("Lê Văn Sửu", "2011-04-06"), ("Lê Văn Dần", "2011-04-07")]
    {
        let pupil = Someone::pupil(name, cast.class_id).value(Field::BirthDate, born);
        cast.school.add(test, pupil).await;
    }
    let of = |name: &'static str, born: &'static str| [name, "Nam", "10A9", born, "Lê Thị Khác", "1984", "", ""];
    let rows = [
        of("Lê Văn Tý", "05/04/2011"),
        of("Lê Văn Sửu", "06/04/2011"),
        of("Lê Văn Dần", "07/04/2011"),
        of("Lê Văn Mão", "08/04/2011"),
    ];
    plan(test, manager, cast, &rows).await
}

#[tokio::test]
async fn many_rows_are_decided_on_at_once_and_a_decision_is_taken_back() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let plan = doubtful(&test, &cast, &manager).await;
    let page = manager.get(&plan).await.expect(200).shows(&[&vi1("plan-doubts-same-name", "count", 3)]);
    page.shows(&[&vi1("plan-left-out", "count", 3)]);
    let decide = async |fields: &[(&str, &str)]| {
        let to = manager.post(&format!("{plan}/decisions"), fields).await.location();
        manager.get(&to).await.expect(200)
    };
    // Another reason, nobody.
    let page = decide(&[("decision", "new"), ("reason", "doubt-surname")]).await;
    page.shows(&[&vi1("done-decided", "n", 0), &vi1("plan-left-out", "count", 3)]);
    let page = decide(&[("decision", "same"), ("reason", "same-name"), ("back", "outcome=duplicate")]).await;
    page.shows(&[&vi1("done-decided", "n", 3), &vi1("plan-will-write", "count", 4)]).hides(&["/decisions"]);
    let page = manager.get(&plan).await.expect(200);
    for line in [2, 3, 4] {
        assert!(row(&page, line).contains(&vi("outcome-update")), "{}", row(&page, line));
    }
    assert!(row(&page, 5).contains(&vi("outcome-create")));
    // One of them after all not.
    manager.post(&format!("{plan}/rows/3"), &[("decision", "open")]).await.expect(303);
    let page = manager.get(&plan).await.expect(200).shows(&[&vi1("plan-left-out", "count", 1)]);
    assert!(row(&page, 3).contains(&vi("outcome-duplicate")), "{}", row(&page, 3));
    decide(&[("decision", "new")]).await.shows(&[&vi1("done-decided", "n", 1), &vi1("plan-will-write", "count", 4)]);
    decide(&[("decision", "whatever")]).await.shows(&[&vi1("plan-will-write", "count", 4)]);
}

/// Two rows that may both be about one pupil: as both are decided to be, one is, and the other waits.
#[tokio::test]
async fn two_rows_about_one_member_are_not_both_settled() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let pupil = Someone::pupil("Lê Văn Tý", cast.class_id)
        .value(Field::BirthDate, "2011-04-05")
        .value(Field::MotherName, "Lê Thị Mẹ");
    cast.school.add(&test, pupil).await;
    let of = |born: &'static str| ["Lê Văn Tý", "Nam", "10A1", born, "Lê Thị Mẹ", "1984", "", ""];
    let plan = plan(&test, &manager, &cast, &[of("06/04/2011"), of("07/04/2011")]).await;
    let page = manager.get(&plan).await.expect(200).shows(&[&vi1("plan-left-out", "count", 2)]);
    assert!(row(&page, 3).contains(&vi("fault-doubt-birth-date")), "{}", row(&page, 3));
    let to = manager.post(&format!("{plan}/decisions"), &[("decision", "same")]).await.location();
    let page = manager.get(&to).await.expect(200);
    let page = page.shows(&[&vi1("done-decided", "n", 1), &vi1("plan-will-write", "count", 1)]);
    assert!(row(&page, 2).contains(&vi("outcome-update")), "{}", row(&page, 2));
    let behind = row(&page, 3);
    assert!(behind.contains(&vi1("fault-doubt-member-twice", "value", "2")), "{behind}");
    assert!(behind.contains("Lê Văn Tý") && !behind.contains(&vi("plan-decide-same")), "{behind}");
    // One by one it is no different.
    manager.post(&format!("{plan}/rows/3"), &[("decision", "same")]).await.expect(303);
    let page = manager.get(&plan).await.expect(200).shows(&[&vi1("plan-will-write", "count", 1)]);
    assert!(row(&page, 3).contains(&vi1("fault-doubt-member-twice", "value", "2")), "{}", row(&page, 3));
    // Without the first, the second is as before.
    manager.post(&format!("{plan}/rows/2"), &[("decision", "drop")]).await.expect(303);
    let page = manager.get(&plan).await.expect(200);
    assert!(row(&page, 3).contains(&vi("fault-doubt-birth-date")), "{}", row(&page, 3));
    manager.post(&format!("{plan}/rows/3"), &[("decision", "same")]).await.expect(303);
    manager.post(&format!("{plan}/apply"), &[]).await.expect(303);
    test.work().await;
    manager.get(&plan).await.expect(200).hides(&[vi("fault-stale")]);
}

#[tokio::test]
async fn the_same_name_with_and_without_marks_in_one_sheet_is_decided_on() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let of = |name: &'static str| [name, "Nữ", "10A1", "05/04/2011", "Lê Thị Mẹ", "1984", "", ""];
    // Two who differ in a mark are two; one without marks may be either.
    let plan = plan(&test, &manager, &cast, &[of("Lê Thị Hà"), of("Lê Thị Hạ")]).await;
    manager.get(&plan).await.expect(200).shows(&[&vi1("plan-will-write", "count", 2)]);
    let plan = self::plan(&test, &manager, &cast, &[of("Lê Thị Mỹ"), of("LE THI MI"), of("Lê Thị Hà")]).await;
    let page = manager.get(&plan).await.expect(200).shows(&[&vi1("plan-left-out", "count", 2)]);
    for line in [2, 3] {
        assert!(row(&page, line).contains(&vi("fault-doubt-spelling-in-sheet")), "{}", row(&page, line));
    }
    assert!(row(&page, 4).contains(&vi("outcome-create")), "{}", row(&page, 4));
}

#[tokio::test]
async fn a_sheet_for_each_class_is_read_as_a_whole_where_one_wants_it() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let file = std::fs::read("tests/samples/cases/12_sheet_per_class.xlsx").unwrap();
    let plan = manager.upload(&cast.school.path("/plans/new?source=students"), "12.xlsx", &file).await.location();
    test.work().await;
    let first = manager.get(&plan).await.expect(200).shows(&[&vi("plan-like-sheets")]);
    let rows = first.rows().len();
    manager.post(&format!("{plan}/columns"), &[("all_sheets", "on")]).await.expect(303);
    test.work().await;
    let all = manager.get(&plan).await.expect(200).hides(&[&vi("plan-like-sheets")]);
    assert!(all.rows().len() > rows, "{} and {rows}", all.rows().len());
    let sheets: Vec<String> = sqlx::query_scalar("SELECT jsonb_array_elements_text(notes -> 'sheets') FROM plans")
        .fetch_all(&mut test.admin().await)
        .await
        .unwrap();
    assert!(sheets.len() >= 3, "{sheets:?}");
    let lines: Vec<i32> = sqlx::query_scalar("SELECT line FROM plan_rows ORDER BY line")
        .fetch_all(&mut test.admin().await)
        .await
        .unwrap();
    for (place, sheet) in (0..).zip(&sheets) {
        let own: Vec<i32> =
            lines.iter().filter(|line| *line / 2_000_000 == place).map(|line| line % 2_000_000).collect();
        assert!(own.first().is_some_and(|line| *line < 10), "{sheet}: {own:?}");
        assert!(all.words().contains(&format!("{sheet}: {}", own[0])), "{sheet}: {}", all.words());
    }
}

#[tokio::test]
async fn a_card_shows_what_differs_and_the_rest_on_demand() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let plan = doubtful(&test, &cast, &manager).await;
    let page = manager.get(&plan).await.expect(200);
    let card = part(&page, 2);
    let (differing, rest) = card.split_once("sg-compare").unwrap().1.split_once("<details").unwrap();
    assert!(differing.contains("10A9") && !differing.contains("05/04/2011"), "{differing}");
    assert!(rest.contains("<summary>") && rest.contains("05/04/2011"), "{rest}");
}

#[tokio::test]
async fn all_fields_have_a_column_where_one_asks_for_them() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let plan = plan(&test, &manager, &cast, &[AN, DAT]).await;
    let page = manager.get(&format!("{plan}?outcome=create")).await.expect(200).hides(&[&vi("plan-fewer-fields")]);
    let all = manager.get(&page.link("all=on")).await.expect(200).shows(&[
        &vi("plan-fewer-fields"),
        &vi("field-gender"),
        &vi("field-mother-birth-year"),
        &vi("field-guardian-name"),
    ]);
    assert!(row(&all, 3).contains("Nguyễn Văn Đạt Nam 10A1 07/04/2011 Lê Thị Mẹ 1984"), "{}", row(&all, 3));
    assert_eq!(all.link("outcome=error"), format!("{plan}?outcome=error&all=on"), "it stays while one looks on");
}

#[tokio::test]
async fn pages_go_on_and_back() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let rows: Vec<Vec<String>> = (0..250)
        .map(|number| {
            let mut row = AN.map(str::to_owned).to_vec();
            row[3] = format!("{:02}/{:02}/2011", number % 28 + 1, number / 28 + 1);
            row
        })
        .collect();
    let plan = plan_of(&test, &manager, &cast, &rows).await;
    let search = format!("{plan}?outcome=error&q=hoang");
    let first = manager.get(&search).await.expect(200);
    assert!(!first.html().contains("rel=\"prev\""));
    let second = manager.get(&first.link("after=101")).await.expect(200);
    assert!(second.html().contains("id=\"row-102\"") && second.html().contains("id=\"row-201\""));
    let third = manager.get(&second.link("after=201")).await.expect(200);
    assert!(!third.html().contains("rel=\"next\""));
    let back = third.links().into_iter().find(|link| link.contains("after=") && !link.contains("all=on")).unwrap();
    assert_eq!(back, format!("{search}&after=101"));
    let html = second.html();
    let previous = html::tags(&html, "a").into_iter().find(|tag| tag.contains("rel=\"prev\"")).unwrap();
    assert_eq!(html::attribute(previous, "href").unwrap(), search);
}

#[tokio::test]
async fn an_apply_says_how_long_it_will_still_take() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let plan = plan(&test, &manager, &cast, &[DAT]).await;
    manager.post(&format!("{plan}/apply"), &[]).await.expect(303);
    let progress = format!("{plan}/progress");
    let nothing_known = manager.get(&progress).await.expect(200).shows(&[&vi("plan-stage-waiting")]);
    nothing_known.hides(&[vi("plan-left-moments")]);
    let (now, mut admin) = (test.clock.now(), test.admin().await);
    for (stage, before, after, said) in [
        ("preparing", 5, 15, vi1("plan-left-seconds", "count", 15)),
        ("writing", 20, 3, vi("plan-left-moments")),
        ("writing", 20, 90, vi1("plan-left-minutes", "count", 2)),
    ] {
        let told = "UPDATE plans SET stage = $1, begun_at = $2, ends_at = $3";
        let (begun, ends) = (now - Duration::seconds(before), now + Duration::seconds(after));
        sqlx::query(told).bind(stage).bind(begun).bind(ends).execute(&mut admin).await.unwrap();
        let page = manager.get(&progress).await.expect(200).shows(&[&said]);
        let share = 100 * before / (before + after);
        assert!(page.html().contains(&format!("max=\"100\" value=\"{share}\"")), "{}", page.html());
    }
    // Longer than was thought: nobody knows, and nothing is said.
    test.clock.advance(Duration::seconds(200));
    manager.get(&progress).await.expect(200).hides(&[vi("plan-left-moments"), vi1("plan-left-minutes", "count", 1)]);
    test.work().await;
    manager.get(&plan).await.expect(200).shows(&[&vi("plan-title-applied")]);
}
