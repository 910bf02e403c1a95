//! Versions, and what everybody sees of them.

use chrono::{Days, NaiveDate};

use super::{Timetable, version};
use crate::support::say::vi;
use crate::support::{Someone, TestApp};

#[tokio::test]
async fn a_draft_is_not_shown_and_a_published_version_is() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let made = Timetable::new(&test, &cast).await;
    let maker = test.signed_in(&cast.timetable).await;
    let (pupil, teacher) = (test.signed_in(&cast.pupil).await, test.signed_in(&cast.teacher).await);
    let own = cast.school.path("/timetable");
    pupil.get(&own).await.expect(200).shows(&["Văn", &cast.teacher.name, "Phòng Lý"]);
    teacher.get(&own).await.expect(200).shows(&["10A1", "Văn", "Phòng Lý"]);
    let address = cast.school.path(&format!("/timetable/versions/{}", made.version));
    maker.post(&format!("{address}/deletion"), &[]).await.expect(303);
    maker.get(&address).await.expect(200).shows(&["10A1", "1/3"]);
    maker.post(&format!("{address}/withdrawal"), &[]).await.expect(303);
    pupil.get(&own).await.expect(200).shows(&[&vi("timetable-nothing-yet")]).hides(&["Phòng Lý"]);
    test.clock.advance(chrono::Duration::seconds(10));
    maker.post(&format!("{address}/publication"), &[]).await.expect(303);
    pupil.get(&own).await.expect(200).shows(&["Phòng Lý"]);
    let kinds: Vec<String> = sqlx::query_scalar(
        "SELECT action FROM audit_events WHERE actor_kind = 'member' AND action LIKE 'timetable%' ORDER BY at, id",
    )
    .fetch_all(&mut test.admin().await)
    .await
    .unwrap();
    assert_eq!(kinds, ["timetable_withdrawn", "timetable_published"]);
    maker.post(&format!("{address}/withdrawal"), &[]).await.expect(303);
    maker.post(&format!("{address}/deletion"), &[]).await.expect(303);
    maker.get(&address).await.expect(404);
}

#[tokio::test]
async fn each_day_of_a_week_is_by_the_version_that_holds_then() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let made = Timetable::new(&test, &cast).await;
    let maker = test.signed_in(&cast.timetable).await;
    let monday = schoolgate::timetable::week::Week::of(test.clock.today()).next().monday;
    let copy = [("name", "TKB mới"), ("from", &monday.to_string()), ("copy_of", &made.version.to_string())];
    let to = maker.post(&cast.school.path("/timetable/versions"), &copy).await.location();
    let grid = format!("{to}/classes/{}", cast.class_id);
    let form =
        [("day", "1"), ("session", "morning"), ("period", "2"), ("subject", "GDQP"), ("teacher", ""), ("room", "")];
    maker.post(&grid, &form).await.expect(303);
    maker.post(&format!("{to}/publication"), &[]).await.expect(303);
    let pupil = test.signed_in(&cast.pupil).await;
    let week = |date: NaiveDate| cast.school.path(&format!("/timetable?week={date}"));
    let before = monday.checked_sub_days(Days::new(3)).unwrap();
    pupil.get(&week(before)).await.expect(200).shows(&["Văn"]).hides(&["GDQP"]);
    pupil.get(&week(monday)).await.expect(200).shows(&["Văn", "GDQP", "TKB mới"]);
    // Of the copy nothing goes back into what it was copied from.
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM timetable_lessons WHERE version_id = $1")
        .bind(made.version)
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!(count, 1);
}

#[tokio::test]
async fn a_week_is_read_day_by_day_as_well() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let pupil = test.signed_in(&cast.pupil).await;
    let monday = schoolgate::timetable::week::Week::of(test.clock.today()).next().monday;
    let day = |date: NaiveDate| cast.school.path(&format!("/timetable?day={date}"));
    let week = pupil.get(&cast.school.path(&format!("/timetable?week={monday}"))).await.expect(200);
    assert_eq!(week.link("?day="), day(monday));
    let page = pupil.get(&day(monday)).await.expect(200).shows(&["Văn", "Thứ 2", &vi("timetable-whole-week")]);
    let page = page.hides(&["id=\"day-2\""]);
    // Before a Monday comes a Saturday, and behind a Saturday a Monday.
    let (before, after) = (monday - Days::new(2), monday + Days::new(1));
    let links: Vec<String> = page.links().into_iter().filter(|link| link.contains("?day=")).collect();
    assert_eq!(links, [day(before), day(test.clock.today()), day(after)]);
    let saturday = pupil.get(&day(before)).await.expect(200).shows(&[&vi("timetable-day-free")]);
    assert!(saturday.links().contains(&day(monday)));
    // A Sunday leads on to its Monday, and what is none to the week.
    pupil.get(&day(monday - Days::new(1))).await.expect(200).shows(&["Văn"]);
    pupil.get(&cast.school.path("/timetable?day=x")).await.expect(200).shows(&[&vi("timetable-by-day")]);
}

#[tokio::test]
async fn a_pupil_sees_the_own_class_and_no_other() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let made = Timetable::new(&test, &cast).await;
    let other = cast.school.class(&test, "10A2").await;
    let outsider = cast.school.add(&test, Someone::pupil("Trần Thị Ngoài", other)).await;
    let class = cast.school.path(&format!("/timetable/classes/{}", cast.class_id));
    let teacher = cast.school.path(&format!("/timetable/teachers/{}", made.teacher));
    let room = cast.school.path(&format!("/timetable/rooms/{}", made.room));
    let pupil = test.signed_in(&cast.pupil).await;
    pupil.get(&class).await.expect(200).shows(&["Văn"]);
    let outsider = test.signed_in(&outsider).await;
    for address in [&class, &teacher, &room] {
        outsider.get(address).await.expect(403).hides(&["Văn"]);
    }
    outsider.get(&cast.school.path("/timetable")).await.expect(200).hides(&["Văn"]);
    let homeroom = test.signed_in(&cast.homeroom_teacher).await;
    homeroom.get(&cast.school.path("/timetable")).await.expect(200).link(&class);
    homeroom.get(&class).await.expect(200).shows(&["Văn"]);
    homeroom.get(&teacher).await.expect(403);
    let maker = test.signed_in(&cast.timetable).await;
    for address in [&class, &teacher, &room] {
        maker.get(address).await.expect(200).shows(&["Văn"]);
    }
    // Without the grant neither menu nor editing.
    for client in [&pupil, &homeroom] {
        let home = client.get(&cast.school.path("")).await.expect(200);
        assert!(!home.html().contains(&vi("menu-group-teaching")));
        for path in ["bells", "subjects", "rooms", "assignments", "versions"] {
            client.get(&cast.school.path(&format!("/timetable/{path}"))).await.expect(403);
        }
    }
    maker.get(&cast.school.path("")).await.expect(200).shows(&[&vi("menu-timetable")]);
}

#[tokio::test]
async fn a_version_is_made_for_a_day_of_the_year() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let maker = test.signed_in(&cast.timetable).await;
    let page = cast.school.path("/timetable/versions");
    for (name, from, fault) in
        [("", "2026-12-07", "fault-timetable-version-name"), ("TKB", "mai", "fault-timetable-version-from")]
    {
        let refused = maker.post(&page, &[("name", name), ("from", from)]).await.expect(422).shows(&[&vi(fault)]);
        assert_eq!(refused.input("from"), if from == "mai" { "mai" } else { "07/12/2026" });
    }
    maker.post(&page, &[("name", "TKB"), ("from", "1999-09-01")]).await.expect(422);
    version(&test, &cast.school, "TKB 1").await;
    maker.get(&page).await.expect(200).shows(&["TKB 1", &vi("timetable-draft")]);
}
