//! `/schools/{code}/reports/use?…`: each number leads to its people, and not further.

use std::collections::BTreeSet;

use crate::support::say::vi;
use crate::support::{Client, Someone, TestApp};

const PHONE: &str =
    "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 Chrome/125.0.0.0 Mobile Safari/537.36";

#[tokio::test]
async fn each_number_leads_to_its_people() {
    let mut test = TestApp::new().await;
    test.leaves_jobs();
    let cast = test.cast("79000001").await;
    // Monday, eight in the morning in Vietnam.
    let pupil = test.signed_in(&cast.pupil).await;
    pupil.says_it_is(PHONE);
    pupil.get(&cast.school.path("")).await.expect(200);
    let id = cast.newcomer.member_id.to_string();
    let reset = [("ids", id.as_str()), ("action", "password")];
    test.signed_in(&cast.owner).await.post(&cast.school.path("/accounts/bulk"), &reset).await.expect(303);
    let reporter = test.signed_in(&cast.reports).await;
    let page = reporter.get(&cast.school.path("/reports/use")).await.expect(200);
    let (came, never) = (cast.pupil.name.as_str(), cast.newcomer.name.as_str());
    for (part, who, not) in [
        ("first=2026-09-07", came, never),
        ("hour=8", came, never),
        ("weekday=monday", came, never),
        ("device=phone", came, never),
        ("grade=10&status=in", came, never),
        ("grade=10&status=never", never, came),
        ("reset=first", never, came),
    ] {
        let list = reporter.get(&page.link(part)).await.expect(200).shows(&[who]).hides(&[not]);
        assert!(list.links().iter().all(|link| !link.contains("/accounts")), "{part}: {:?}", list.links());
    }
    let all = reporter.get(&page.link("reports/use?grade=10")).await.expect(200);
    all.shows(&[came, never]);
    // Numbers of nobody lead nowhere.
    assert!(page.links().iter().all(|link| !link.contains("hour=3") && !link.contains("device=tablet")));
}

/// The rows of all pages of a number.
async fn turned_through(client: &Client, address: String) -> Vec<String> {
    let (mut rows, mut next) = (Vec::new(), Some(address));
    while let Some(address) = next {
        let page = client.get(&address).await.expect(200);
        rows.extend(page.rows());
        next = page.links().into_iter().find(|link| link.contains("from="));
        assert!(rows.len() < 1_000, "it ends");
    }
    rows
}

#[tokio::test]
async fn the_people_of_a_number_are_turned_through() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let (other, last) = (cast.school.class(&test, "10A2").await, cast.school.class(&test, "10A3").await);
    let pupils: Vec<Someone> = (0..120)
        .map(|number| Someone::pupil(&format!("Lê Văn Bé{number}"), [cast.class_id, other, last][number % 3]))
        .collect();
    cast.school.add_all(&test, &pupils).await;
    let mut admin = test.admin().await;
    for statement in [
        "INSERT INTO entries (school_id, member_id, hour, device)
         SELECT school_id, id, '2026-09-07 00:00+00'::timestamptz - make_interval(hours => 24 * (abs(hashtext(id::text)) % 2)),
             'tablet' FROM members WHERE full_name LIKE 'Lê Văn Bé%'",
        "UPDATE members SET first_signed_in_at = '2026-09-06 01:00+00' WHERE full_name LIKE 'Lê Văn Bé%'",
    ] {
        sqlx::query(statement).execute(&mut admin).await.unwrap();
    }
    let reporter = test.signed_in(&cast.reports).await;
    for part in ["hour=7", "device=tablet", "first=2026-09-06", "grade=10&status=in", "grade=10"] {
        let rows = turned_through(&reporter, cast.school.path(&format!("/reports/use?{part}"))).await;
        let found: Vec<&String> = rows.iter().filter(|row| row.contains("Lê Văn Bé")).collect();
        assert_eq!(found.len(), 120, "{part}");
        assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 120, "{part}: nobody twice");
    }
    let of_monday = turned_through(&reporter, cast.school.path("/reports/use?weekday=monday")).await;
    let of_sunday = turned_through(&reporter, cast.school.path("/reports/use?weekday=sunday")).await;
    let found = |rows: &[String]| rows.iter().filter(|row| row.contains("Lê Văn Bé")).count();
    assert_eq!(found(&of_monday) + found(&of_sunday), 120);
}

/// What is no number is the report, and what no page has given out is the first page.
#[tokio::test]
async fn other_values_are_no_numbers() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    test.signed_in(&cast.pupil).await.get(&cast.school.path("")).await.expect(200);
    let reporter = test.signed_in(&cast.reports).await;
    for query in
        ["hour=24", "hour=-1", "weekday=someday", "device=%00", "first=%2B262142-12-31", "reset=gone", "grade=%00"]
    {
        let page = reporter.get(&cast.school.path(&format!("/reports/use?{query}"))).await.expect(200);
        page.shows(&[&vi("reports-use-hours"), &vi("reports-use-weekdays")]);
    }
    for from in ["zzz", "99999999999999999.00000000-0000-0000-0000-000000000000", "7-7", "%00", "-1"] {
        let page = reporter.get(&cast.school.path(&format!("/reports/use?hour=8&from={from}"))).await.expect(200);
        page.shows(&[&cast.pupil.name]);
    }
    let nobody = reporter.get(&cast.school.path("/reports/use?grade=11")).await.expect(200);
    nobody.shows(&[&vi("reports-people-none")]);
}
