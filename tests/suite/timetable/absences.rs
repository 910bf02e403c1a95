//! Teachers who are away, and those who take their lessons.

use super::Timetable;
use crate::support::html;
use crate::support::say::{vi, vi1};
use crate::support::{Cast, Client, TestApp};

/// The Monday after today.
fn monday(test: &TestApp) -> chrono::NaiveDate {
    schoolgate::timetable::week::Week::of(test.clock.today()).next().monday
}

/// The homeroom teacher teaches the class as well.
async fn knows_the_class(maker: &Client, cast: &Cast) {
    let form = [
        ("teacher", cast.homeroom_teacher.member_id.to_string()),
        ("class", cast.class_id.to_string()),
        ("subject", "Toán".to_owned()),
        ("periods", "4".to_owned()),
    ];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    maker.post(&cast.school.path("/timetable/assignments"), &form).await.expect(303);
}

/// Notes that the teacher of the cast is away from a day on; gives the address of the absence.
async fn away(maker: &Client, cast: &Cast, from: &str, to: &str) -> String {
    let teacher = cast.teacher.member_id.to_string();
    let form = [("teacher", teacher.as_str()), ("from", from), ("to", to)];
    let location = maker.post(&cast.school.path("/timetable/absences"), &form).await.location();
    location.split('?').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_lesson_is_taken_by_one_who_is_free_and_seen_at_once() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let maker = test.signed_in(&cast.timetable).await;
    knows_the_class(&maker, &cast).await;
    let monday = monday(&test);
    let (day, week) = (monday.to_string(), format!("?week={monday}"));
    let absence = away(&maker, &cast, &day, "").await;
    let page = maker.get(&absence).await.expect(200);
    page.shows(&[&cast.homeroom_teacher.name, &vi("timetable-knows-class"), "10A1"]);
    let field = format!("teacher_{monday}_1-morning-1");
    let (pupil, substitute) = (test.signed_in(&cast.pupil).await, test.signed_in(&cast.homeroom_teacher).await);
    let (own, absent) = (cast.school.path(&format!("/timetable{week}")), test.signed_in(&cast.teacher).await);
    pupil.get(&own).await.expect(200).shows(&[&vi("timetable-away")]);
    // The name of one who is none of those who could is not taken.
    let wrong = cast.manager.member_id.to_string();
    let here = format!("{absence}/substitutions");
    maker.post(&here, &[(&field, &wrong)]).await.expect(422).shows(&[&vi("fault-timetable-substitute")]);
    let right = cast.homeroom_teacher.member_id.to_string();
    maker.post(&here, &[(&field, &right)]).await.expect(303);
    assert!(maker.get(&absence).await.expect(200).html().contains(&format!("value=\"{right}\" selected")));
    let instead = vi1("timetable-instead-of", "name", cast.teacher.name.as_str());
    pupil.get(&own).await.expect(200).shows(&[&cast.homeroom_teacher.name, &instead]);
    substitute.get(&own).await.expect(200).shows(&["10A1", "Phòng Lý", &instead]);
    absent.get(&own).await.expect(200).shows(&[&vi1(
        "timetable-taken-by",
        "name",
        cast.homeroom_teacher.name.as_str(),
    )]);
    // Another week is as it was.
    let next = cast.school.path(&format!("/timetable?week={}", monday + chrono::Days::new(7)));
    pupil.get(&next).await.expect(200).shows(&[&cast.teacher.name]).hides(&[&instead]);

    let list = cast.school.path(&format!("/timetable/absences?day={monday}&month={}", monday.format("%Y-%m")));
    maker.get(&list).await.expect(200).shows(&[
        &cast.teacher.name,
        &cast.homeroom_teacher.name,
        &vi1("timetable-counts-of", "month", monday.format("%m/%Y").to_string()),
    ]);
    let counts: Vec<(String, i64)> = sqlx::query_as(
        "SELECT m.full_name, count(*) FROM timetable_substitutions s JOIN members m ON m.id = s.substitute_id GROUP BY 1",
    )
    .fetch_all(&mut test.admin().await)
    .await
    .unwrap();
    assert_eq!(counts, [(cast.homeroom_teacher.name.clone(), 1)]);
    // Taken back, everything is as before.
    maker.post(&format!("{absence}/removal"), &[]).await.expect(303);
    pupil.get(&own).await.expect(200).shows(&[&cast.teacher.name]).hides(&[&instead]);
    substitute.get(&own).await.expect(200).hides(&[instead.as_str(), "Phòng Lý"]);
    maker.get(&absence).await.expect(404);
}

#[tokio::test]
async fn one_who_teaches_or_is_away_is_not_proposed() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let made = Timetable::new(&test, &cast).await;
    let maker = test.signed_in(&cast.timetable).await;
    knows_the_class(&maker, &cast).await;
    let other = cast.school.class(&test, "10A2").await;
    let day = monday(&test).to_string();
    let absence = away(&maker, &cast, &day, &day).await;
    let id = cast.homeroom_teacher.member_id.to_string();
    let proposed = |page: &str| html::tags(page, "option").iter().any(|option| option.contains(&id));
    assert!(proposed(&maker.get(&absence).await.expect(200).html()));
    // Another class at the same time.
    let grid = cast.school.path(&format!("/timetable/versions/{}/classes/{other}", made.version));
    let form = [("day", "1"), ("session", "morning"), ("period", "1"), ("subject", "Toán"), ("teacher", id.as_str())];
    maker.post(&grid, &form).await.expect(303);
    assert!(!proposed(&maker.get(&absence).await.expect(200).html()));
    let clear = [("day", "1"), ("session", "morning"), ("period", "1"), ("subject", "")];
    maker.post(&grid, &clear).await.expect(303);
    assert!(proposed(&maker.get(&absence).await.expect(200).html()));
    // Away on the same day.
    let form = [("teacher", id.as_str()), ("from", day.as_str()), ("to", "")];
    maker.post(&cast.school.path("/timetable/absences"), &form).await.expect(303);
    assert!(!proposed(&maker.get(&absence).await.expect(200).html()));
}

#[tokio::test]
async fn what_is_typed_wrong_is_said_and_kept() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let maker = test.signed_in(&cast.timetable).await;
    let here = cast.school.path("/timetable/absences");
    let id = cast.teacher.member_id.to_string();
    for (teacher, from, to) in [
        ("Không Có Ai", "2026-12-07", "2026-12-07"),
        (id.as_str(), "hôm nay", ""),
        (id.as_str(), "2026-12-07", "2026-12-06"),
        (id.as_str(), "2026-12-07", "2027-12-06"),
    ] {
        let refused = maker.post(&here, &[("teacher", teacher), ("from", from), ("to", to)]).await.expect(422);
        assert_eq!(refused.input("teacher"), teacher);
    }
    away(&maker, &cast, "2026-12-07", "2026-12-09").await;
    let again = [("teacher", id.as_str()), ("from", "2026-12-09"), ("to", "2026-12-10")];
    maker.post(&here, &again).await.expect(422).shows(&[&vi("fault-timetable-absence-twice")]);
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM timetable_absences WHERE from_day < '2099-01-01'")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!(count, 1);
    // Pupils are not away.
    let pupil = cast.pupil.member_id.to_string();
    maker.post(&here, &[("teacher", pupil.as_str()), ("from", "2026-12-07")]).await.expect(422);
}

#[tokio::test]
async fn suspended_and_former_teachers_are_not_proposed() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let maker = test.signed_in(&cast.timetable).await;
    knows_the_class(&maker, &cast).await;
    let day = monday(&test).to_string();
    let absence = away(&maker, &cast, &day, &day).await;
    let id = cast.homeroom_teacher.member_id.to_string();
    let proposed = |page: &str| html::tags(page, "option").iter().any(|option| option.contains(&id));
    let mut admin = test.admin().await;
    for (status, expected) in [("active", true), ("suspended", false), ("left", false), ("active", true)] {
        sqlx::query("UPDATE members SET status = $1 WHERE id = $2")
            .bind(status)
            .bind(cast.homeroom_teacher.member_id)
            .execute(&mut admin)
            .await
            .unwrap();
        assert_eq!(proposed(&maker.get(&absence).await.expect(200).html()), expected, "{status}");
    }
}

#[tokio::test]
async fn a_substitute_stays_until_another_is_chosen_and_open_lessons_are_listed() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let maker = test.signed_in(&cast.timetable).await;
    knows_the_class(&maker, &cast).await;
    let monday = monday(&test);
    let (day, field) = (monday.to_string(), format!("teacher_{monday}_1-morning-1"));
    let absence = away(&maker, &cast, &day, &day).await;
    let list = cast.school.path(&format!("/timetable/absences?day={monday}"));
    let open = maker.get(&list).await.expect(200).shows(&["10A1", &vi("timetable-substitute-none")]);
    open.hides(&[&vi("timetable-staff-room-none")]);
    let id = cast.homeroom_teacher.member_id.to_string();
    maker.post(&format!("{absence}/substitutions"), &[(&field, &id)]).await.expect(303);
    let homeroom = cast.homeroom_teacher.name.as_str();
    let taken = maker.get(&list).await.expect(200);
    assert!(taken.rows().iter().any(|row| row.contains(homeroom)), "{:?}", taken.rows());
    // They would not be proposed any more, and take it all the same: the form keeps them.
    let remove = "DELETE FROM timetable_assignments WHERE teacher_id = $1";
    sqlx::query(remove).bind(cast.homeroom_teacher.member_id).execute(&mut test.admin().await).await.unwrap();
    let page = maker.get(&absence).await.expect(200).shows(&[&vi("timetable-takes-it")]);
    assert!(page.html().contains(&format!("value=\"{id}\" selected")));
    maker.post(&format!("{absence}/substitutions"), &[(&field, &id)]).await.expect(303);
    maker.get(&list).await.expect(200).shows(&[homeroom]);
    maker.post(&format!("{absence}/substitutions"), &[(&field, "")]).await.expect(303);
    maker.get(&absence).await.expect(200).hides(&[&vi("timetable-takes-it")]);
}

#[tokio::test]
async fn a_substitution_in_a_replaced_timetable_blocks_no_teacher() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let made = Timetable::new(&test, &cast).await;
    let maker = test.signed_in(&cast.timetable).await;
    knows_the_class(&maker, &cast).await;
    let third = cast.manager.member_id.to_string();
    let form = [("teacher", third.as_str()), ("class", "10A1"), ("subject", "Sử"), ("periods", "1")];
    maker.post(&cast.school.path("/timetable/assignments"), &form).await.expect(303);
    let monday = monday(&test);
    let (day, field) = (monday.to_string(), format!("teacher_{monday}_1-morning-1"));
    let first = away(&maker, &cast, &day, &day).await;
    maker.post(&format!("{first}/substitutions"), &[(&field, &third)]).await.expect(303);
    let list = cast.school.path(&format!("/timetable/absences?day={monday}"));
    maker.get(&list).await.expect(200).shows(&["10A1", &cast.manager.name]);
    // Another version from then on: the lesson is one of another teacher.
    let copy = [("name", "Bản hai"), ("from", day.as_str()), ("copy_of", &*made.version.to_string())];
    let to = maker.post(&cast.school.path("/timetable/versions"), &copy).await.location();
    let homeroom = cast.homeroom_teacher.member_id.to_string();
    let form =
        [("day", "1"), ("session", "morning"), ("period", "1"), ("subject", "Toán"), ("teacher", homeroom.as_str())];
    maker.post(&format!("{to}/classes/{}", cast.class_id), &form).await.expect(303);
    maker.post(&format!("{to}/publication"), &[]).await.expect(303);
    maker.get(&list).await.expect(200).shows(&[&vi("timetable-staff-room-none")]);
    // The substitution of the replaced version hinders neither the new absence nor its substitute.
    let form = [("teacher", homeroom.as_str()), ("from", day.as_str()), ("to", "")];
    let second = maker.post(&cast.school.path("/timetable/absences"), &form).await.location();
    let second = second.split('?').next().unwrap().to_owned();
    maker.post(&format!("{second}/substitutions"), &[(&field, &third)]).await.expect(303);
    let rows: Vec<uuid::Uuid> = sqlx::query_scalar(
        "SELECT a.teacher_id FROM timetable_substitutions t JOIN timetable_absences a ON a.id = t.absence_id",
    )
    .fetch_all(&mut test.admin().await)
    .await
    .unwrap();
    assert_eq!(rows, [cast.homeroom_teacher.member_id.uuid()]);
    maker.get(&list).await.expect(200).shows(&[&cast.manager.name, &cast.homeroom_teacher.name]);
}
