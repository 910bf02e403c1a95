//! What the worker counts: sign-ins by day, each school in its turn, and the monthly mail.

use chrono::{Duration, NaiveDate};
use schoolgate::reports::daily;

use super::figures;
use crate::support::TestApp;
use crate::support::say::vi;

#[tokio::test]
async fn sign_ins_are_counted_by_hour_day_and_device_once_the_worker_has_been() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let phone = "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 Chrome/125.0.0.0 Mobile Safari/537.36";
    // Monday, eight in the morning in Vietnam; twice in the same hour is once.
    for _ in 0..2 {
        let pupil = test.signed_in(&cast.pupil).await;
        pupil.says_it_is(phone);
        pupil.get(&cast.school.path("")).await.expect(200);
        test.clock.advance(Duration::minutes(10));
    }
    test.signed_in(&cast.teacher).await.get(&cast.school.path("")).await.expect(200);
    test.clock.advance(Duration::days(1));
    daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    test.clock.advance(Duration::days(1));
    test.signed_in(&cast.pupil).await.get(&cast.school.path("")).await.expect(200);
    // Twice is as good as once.
    for _ in 0..2 {
        daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    }
    let days: Vec<(NaiveDate, Vec<i32>)> =
        sqlx::query_as("SELECT day, hours FROM report_days WHERE array_position(hours, 0) IS NOT NULL AND hours <> array_fill(0, ARRAY[24]) ORDER BY day")
            .fetch_all(&mut test.admin().await)
            .await
            .unwrap();
    let days: Vec<(String, i32, i32)> =
        days.into_iter().map(|(day, hours)| (day.to_string(), hours[8], hours.iter().sum())).collect();
    assert_eq!(days, [("2026-09-07".to_owned(), 2, 2), ("2026-09-09".to_owned(), 1, 1)]);
    let found = figures(&test, &cast.school).await;
    assert_eq!(found.usage.days.weekdays, [2, 0, 1, 0, 0, 0, 0]);
    assert_eq!(found.usage.days.devices.get("phone"), Some(&1));
    assert_eq!(found.usage.first.values().sum::<i64>(), 2);
    let page = test.signed_in(&cast.reports).await.get(&cast.school.path("/reports/use")).await.expect(200);
    page.shows(&[&vi("reports-use-hours"), &vi("device-kind-phone")]);
    // Who came in is forgotten, and the days stay.
    test.clock.advance(Duration::days(60));
    daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    let left: (i64, i64) = sqlx::query_as("SELECT (SELECT count(*) FROM entries), (SELECT count(*) FROM report_days)")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert!(left.0 == 0 && left.1 > 40, "{left:?}");
}

#[tokio::test]
async fn owners_get_a_mail_a_month_where_they_want_it() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let month = NaiveDate::from_ymd_opt(2026, 10, 1).unwrap();
    let job = schoolgate::reports::MailMonth { school_id: cast.school.id(), month };
    let begin = async || {
        let mut tx = test.db.begin().await.unwrap();
        schoolgate::jobs::enqueue(&mut tx, &job).await.unwrap();
        schoolgate::jobs::enqueue(&mut tx, &schoolgate::reports::BeginMonth {}).await.unwrap();
        tx.commit().await.unwrap();
        test.work().await
    };
    assert_eq!(begin().await, ["begin_month", "mail_month"], "off unless the school says otherwise");
    let owner = test.signed_in(&cast.owner).await;
    let settings = cast.school.path("/settings");
    owner.post(&settings, &[("monthly_report", "on")]).await.expect(303);
    owner.get(&settings).await.expect(200);
    assert_eq!(begin().await, ["begin_month", "mail_month", "send_mail"]);
    let mail = test.mail_to(&cast.owner.login);
    assert!(mail.text.contains("2 học sinh") && mail.text.contains("/reports/use"), "{}", mail.text);
    assert!(!mail.text.contains(&cast.pupil.name));
    assert_eq!(begin().await, ["begin_month", "mail_month"], "once a month");
    // On the first of a month, once the night's counts are over.
    let until_october = "2026-10-01T01:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap() - test.clock.now();
    test.clock.advance(until_october);
    sqlx::query("DELETE FROM report_mails").execute(&mut test.admin().await).await.unwrap();
    let mut tx = test.db.begin().await.unwrap();
    schoolgate::jobs::enqueue(&mut tx, &schoolgate::reports::BeginMonth {}).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(test.work().await, ["begin_month", "mail_month", "send_mail"]);
}

#[tokio::test]
async fn each_school_is_counted_in_its_turn_of_the_night() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    // From midnight to five in Vietnam, hour by hour.
    let midnight = "2026-09-07T17:07:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    test.clock.advance(midnight - test.clock.now());
    let mut counted = Vec::new();
    for _ in 0..24 {
        let mut tx = test.db.begin().await.unwrap();
        schoolgate::jobs::enqueue(&mut tx, &daily::BeginDay {}).await.unwrap();
        tx.commit().await.unwrap();
        counted.extend(test.work().await.into_iter().filter(|job| job == "count_school"));
        test.clock.advance(Duration::hours(1));
    }
    assert_eq!(counted.len(), 1, "once a day");
    let (day, pupils): (NaiveDate, i32) = sqlx::query_as("SELECT day, pupils FROM school_figures WHERE school_id = $1")
        .bind(cast.school.id())
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!((day.to_string().as_str(), pupils), ("2026-09-08", 2));
}

/// A night in which no worker ran, or whose count failed, is made up for in the next hour in which one does.
#[tokio::test]
async fn a_missed_night_is_made_up_for() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    let begin = async || {
        let mut tx = test.db.begin().await.unwrap();
        schoolgate::jobs::enqueue(&mut tx, &daily::BeginDay {}).await.unwrap();
        tx.commit().await.unwrap();
    };
    // Ten in the morning of the day after the next, which is no hour of the night.
    test.clock.advance(Duration::hours(50));
    begin().await;
    assert_eq!(test.work().await, ["begin_counting", "count_school"]);
    begin().await;
    assert_eq!(test.work().await, ["begin_counting"], "it is counted");
    let day: NaiveDate = sqlx::query_scalar("SELECT day FROM school_figures WHERE school_id = $1")
        .bind(cast.school.id())
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!(day.to_string(), "2026-09-09");
}

#[tokio::test]
async fn the_mails_of_a_month_are_made_up_for_and_sent_once() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    owner.post(&cast.school.path("/settings"), &[("monthly_report", "on")]).await.expect(303);
    let begin = async |at: &str| {
        test.clock.advance(at.parse::<chrono::DateTime<chrono::Utc>>().unwrap() - test.clock.now());
        let mut tx = test.db.begin().await.unwrap();
        schoolgate::jobs::enqueue(&mut tx, &schoolgate::reports::BeginMonth {}).await.unwrap();
        tx.commit().await.unwrap();
        test.work().await
    };
    assert_eq!(begin("2026-09-20T03:00:00Z").await, ["begin_month"], "a month that is under way is not begun");
    assert_eq!(begin("2026-09-30T20:00:00Z").await, ["begin_month"], "not before the night is over");
    assert_eq!(begin("2026-10-03T20:00:00Z").await, ["begin_month", "mail_month", "send_mail"]);
    assert_eq!(begin("2026-10-03T21:00:00Z").await, ["begin_month"], "once a month");
    assert_eq!(begin("2026-11-01T00:12:00Z").await, ["begin_month", "mail_month", "send_mail"]);
}

/// What a province asks to be counted keeps nobody's list waiting.
#[test]
fn counts_wait_in_a_lane_of_their_own() {
    use schoolgate::jobs::{Job, Lane};
    assert_eq!(daily::CountSchool::LANE, Lane::Counts);
    assert_eq!(schoolgate::reports::MailMonth::LANE, Lane::Counts);
    assert_ne!(schoolgate::plan::apply::ApplyPlan::LANE, Lane::Counts);
}
