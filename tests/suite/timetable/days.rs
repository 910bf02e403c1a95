//! Holidays, and days with other bell times.

use super::Timetable;
use crate::support::TestApp;
use crate::support::say::{vi, vi1};

#[tokio::test]
async fn a_holiday_has_no_lessons() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let maker = test.signed_in(&cast.timetable).await;
    let monday = schoolgate::timetable::week::Week::of(test.clock.today()).next().monday;
    let day = monday.to_string();
    let days = cast.school.path("/timetable/days");
    let pupil = test.signed_in(&cast.pupil).await;
    let (week, after) = (
        cast.school.path(&format!("/timetable?week={monday}")),
        cast.school.path(&format!("/timetable?week={}", monday + chrono::Days::new(7))),
    );
    pupil.get(&week).await.expect(200).shows(&["Văn"]);
    for (name, from, to, key) in
        [("", day.as_str(), "", "fault-timetable-day-name"), ("Lễ", "hôm nay", "", "fault-timetable-day-from")]
    {
        let refused = maker.post(&days, &[("name", name), ("from", from), ("to", to)]).await.expect(422);
        assert_eq!(refused.shows(&[&vi(key)]).input("name"), name);
    }
    let form = [("name", "Ngày Nhà giáo"), ("from", day.as_str()), ("to", ""), ("kind", "free")];
    maker.post(&days, &form).await.expect(303);
    maker.get(&days).await.expect(200).shows(&["Ngày Nhà giáo", &vi("timetable-day-kind-free")]);
    pupil.get(&week).await.expect(200).shows(&["Ngày Nhà giáo"]).hides(&["Văn"]);
    pupil.get(&after).await.expect(200).shows(&["Văn"]).hides(&["Ngày Nhà giáo"]);
    // A teacher who is absent on it misses no lesson.
    let teacher = cast.teacher.member_id.to_string();
    let away = [("teacher", teacher.as_str()), ("from", day.as_str()), ("to", day.as_str())];
    let absence = maker.post(&cast.school.path("/timetable/absences"), &away).await.location();
    maker.get(&absence).await.expect(200).shows(&[&vi("timetable-missed-none")]);
    // Calendars have no lessons on it either.
    let calendar = super::calendar::renewed(&pupil).await;
    let text = test.anonymous().get(&calendar).await.expect(200).html();
    let at = |date: chrono::NaiveDate| format!("DTSTART;TZID=Asia/Ho_Chi_Minh:{}T", date.format("%Y%m%d"));
    assert!(!text.contains(&at(monday)) && text.contains(&at(monday + chrono::Days::new(7))), "{text}");
    // A day is noted only once.
    test.clock.advance(chrono::Duration::seconds(10));
    let again = [("name", "Nghỉ"), ("from", day.as_str()), ("to", ""), ("kind", "free")];
    maker.post(&days, &again).await.expect(422).shows(&[&vi1("fault-timetable-day-taken", "value", "Ngày Nhà giáo")]);
    let id: uuid::Uuid =
        sqlx::query_scalar("SELECT id FROM timetable_days").fetch_one(&mut test.admin().await).await.unwrap();
    maker.post(&days, &[("remove", &id.to_string())]).await.expect(303);
    pupil.get(&week).await.expect(200).shows(&["Văn"]);
    maker.post(&days, &[("remove", &id.to_string())]).await.expect(404);
}

#[tokio::test]
async fn a_day_with_other_bell_times_has_its_own() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let maker = test.signed_in(&cast.timetable).await;
    let monday = schoolgate::timetable::week::Week::of(test.clock.today()).next().monday;
    let (day, days) = (monday.to_string(), cast.school.path("/timetable/days"));
    let wrong = [
        ("name", "Họp"),
        ("from", day.as_str()),
        ("kind", "bells"),
        ("begins_morning_1", "8h"),
        ("ends_morning_1", "7h"),
    ];
    assert_eq!(maker.post(&days, &wrong).await.expect(422).input("begins_morning_1"), "8h");
    let form = [
        ("name", "Họp"),
        ("from", day.as_str()),
        ("kind", "bells"),
        ("begins_morning_1", "6h30"),
        ("ends_morning_1", "7:05"),
    ];
    maker.post(&days, &form).await.expect(303);
    let pupil = test.signed_in(&cast.pupil).await;
    let week = cast.school.path(&format!("/timetable?week={monday}"));
    pupil.get(&week).await.expect(200).shows(&["Họp", "06:30–07:05", "Văn"]);
    let calendar = super::calendar::renewed(&pupil).await;
    let text = test.anonymous().get(&calendar).await.expect(200).html();
    assert!(text.contains(&format!("DTSTART;TZID=Asia/Ho_Chi_Minh:{}T063000", monday.format("%Y%m%d"))), "{text}");
    // A period that the day does not have is not held.
    let mut admin = test.admin().await;
    sqlx::query("UPDATE timetable_day_bells SET session = 'afternoon'").execute(&mut admin).await.unwrap();
    pupil.get(&week).await.expect(200).shows(&["Họp"]).hides(&["Văn"]);
}
