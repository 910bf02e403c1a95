//! Lessons that change places, days that are copied, the grid of a teacher, and the whole school on paper.

use schoolgate::ids::{ClassId, TimetableId};

use super::{Timetable, version};
use crate::support::say::{vi, vi1, vi2};
use crate::support::{Cast, Client, TestApp};

async fn lessons(test: &TestApp, version: TimetableId) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT format('%s %s-%s-%s %s', c.name, l.day, l.session, l.period, s.short_name)
         FROM timetable_lessons l JOIN classes c ON c.id = l.class_id JOIN timetable_subjects s ON s.id = l.subject_id
         WHERE l.version_id = $1 ORDER BY c.name, l.day, l.session DESC, l.period",
    )
    .bind(version)
    .fetch_all(&mut test.admin().await)
    .await
    .unwrap()
}

/// Places a lesson of the teacher of the cast.
async fn place(maker: &Client, grid: &str, (day, period): (&str, &str), subject: &str, teacher: &str) {
    let form = [("day", day), ("session", "morning"), ("period", period), ("subject", subject), ("teacher", teacher)];
    maker.post(grid, &form).await.expect(303);
}

fn grid(cast: &Cast, version: TimetableId, class: ClassId) -> String {
    cast.school.path(&format!("/timetable/versions/{version}/classes/{class}"))
}

/// A draft of a school with a second class, `10A2`, and the person who makes it.
async fn a_draft(test: &TestApp) -> (Cast, TimetableId, Client, ClassId) {
    let cast = test.cast("79000001").await;
    Timetable::new(test, &cast).await;
    let draft = version(test, &cast.school, "Nháp").await;
    let maker = test.signed_in(&cast.timetable).await;
    let other = cast.school.class(test, "10A2").await;
    (cast, draft, maker, other)
}

#[tokio::test]
async fn two_lessons_change_places_unless_a_teacher_class_or_room_is_taken_then() {
    let test = TestApp::new().await;
    let (cast, draft, maker, other) = a_draft(&test).await;
    let (here, there) = (grid(&cast, draft, cast.class_id), grid(&cast, draft, other));
    let (one, two) = (cast.teacher.member_id.to_string(), cast.homeroom_teacher.member_id.to_string());
    place(&maker, &here, ("2", "1"), "Văn", &one).await;
    place(&maker, &here, ("3", "2"), "Toán", &two).await;
    let swap = format!("{here}/swap");
    maker.post(&swap, &[("one", "2-morning-1"), ("two", "3-morning-2")]).await.expect(303);
    assert_eq!(lessons(&test, draft).await, ["10A1 2-morning-1 Toán", "10A1 3-morning-2 Văn"]);
    // An empty one is as good.
    maker.post(&swap, &[("one", "2-morning-1"), ("two", "4-morning-1")]).await.expect(303);
    assert_eq!(lessons(&test, draft).await, ["10A1 3-morning-2 Văn", "10A1 4-morning-1 Toán"]);
    // The second teacher has another class where the lesson would go.
    place(&maker, &there, ("3", "2"), "Toán", &two).await;
    let before = lessons(&test, draft).await;
    let refused = maker.post(&swap, &[("one", "3-morning-2"), ("two", "4-morning-1")]).await.expect(422);
    let name = cast.homeroom_teacher.name.as_str();
    refused.shows(&[&vi2("timetable-teacher-taken", ("teacher", name), ("class", "10A2"))]);
    assert_eq!(lessons(&test, draft).await, before);
    for wrong in [[("one", "3-morning-2"), ("two", "3-morning-2")], [("one", ""), ("two", "x")]] {
        maker.post(&swap, &wrong).await.expect(422).shows(&[&vi("fault-timetable-swap")]);
    }
}

#[tokio::test]
async fn a_day_is_copied_to_what_is_empty() {
    let test = TestApp::new().await;
    let (cast, draft, maker, other) = a_draft(&test).await;
    let (here, there) = (grid(&cast, draft, cast.class_id), grid(&cast, draft, other));
    let (one, two) = (cast.teacher.member_id.to_string(), cast.homeroom_teacher.member_id.to_string());
    place(&maker, &here, ("1", "1"), "Văn", &one).await;
    place(&maker, &here, ("1", "2"), "Toán", &two).await;
    place(&maker, &here, ("2", "1"), "Sử", "").await;
    let copy = format!("{here}/day-copy");
    let to = maker.post(&copy, &[("from", "1"), ("to", "2")]).await.location();
    assert!(to.ends_with("done=timetable-day-copied&n=1"), "{to}");
    let of_tuesday = ["10A1 2-morning-1 Sử", "10A1 2-morning-2 Toán"];
    assert_eq!(lessons(&test, draft).await[2..], of_tuesday, "what stood there stands");
    // On Wednesday the teacher has another class.
    place(&maker, &there, ("3", "1"), "Văn", &one).await;
    let before = lessons(&test, draft).await;
    let refused = maker.post(&copy, &[("from", "1"), ("to", "3")]).await.expect(422);
    refused.shows(&[&vi2("timetable-teacher-taken", ("teacher", cast.teacher.name.as_str()), ("class", "10A2"))]);
    assert_eq!(lessons(&test, draft).await, before);
    maker.post(&copy, &[("from", "1"), ("to", "3"), ("rest", "on")]).await.expect(303);
    assert_eq!(lessons(&test, draft).await[4], "10A1 3-morning-2 Toán");
    maker.post(&copy, &[("from", "1"), ("to", "7")]).await.expect(422).shows(&[&vi("fault-timetable-copy-day")]);
}

#[tokio::test]
async fn another_class_is_copied_with_the_own_teachers() {
    let test = TestApp::new().await;
    let (cast, draft, maker, other) = a_draft(&test).await;
    let (here, there) = (grid(&cast, draft, cast.class_id), grid(&cast, draft, other));
    let (one, two) = (cast.teacher.member_id.to_string(), cast.homeroom_teacher.member_id.to_string());
    let assigned = [("teacher", two.as_str()), ("class", "10A2"), ("subject", "Văn"), ("periods", "2")];
    maker.post(&cast.school.path("/timetable/assignments"), &assigned).await.expect(303);
    place(&maker, &here, ("1", "1"), "Văn", &one).await;
    place(&maker, &here, ("1", "2"), "Toán", "").await;
    place(&maker, &here, ("1", "3"), "Sử", &one).await;
    place(&maker, &there, ("1", "3"), "Địa", "").await;
    let copy = format!("{there}/class-copy");
    let from = cast.class_id.to_string();
    let to = maker.post(&copy, &[("from", from.as_str())]).await.location();
    assert!(to.ends_with("done=timetable-class-copied&n=2"), "{to}");
    let of_other = ["10A2 1-morning-1 Văn", "10A2 1-morning-2 Toán", "10A2 1-morning-3 Địa"];
    assert_eq!(lessons(&test, draft).await[3..], of_other, "what stood there stands");
    let teacher: Option<uuid::Uuid> = sqlx::query_scalar(
        "SELECT teacher_id FROM timetable_lessons WHERE version_id = $1 AND class_id = $2 AND period = 1",
    )
    .bind(draft)
    .bind(other)
    .fetch_one(&mut test.admin().await)
    .await
    .unwrap();
    assert_eq!(teacher, Some(cast.homeroom_teacher.member_id.uuid()));
    // Where the own teacher has another class then, nothing is copied, or the rest.
    place(&maker, &here, ("2", "1"), "Văn", &one).await;
    place(&maker, &here, ("2", "2"), "Sử", &two).await;
    place(&maker, &here, ("3", "2"), "Văn", &two).await;
    let third = cast.school.class(&test, "10A3").await;
    place(&maker, &grid(&cast, draft, third), ("2", "1"), "Văn", &two).await;
    let before = lessons(&test, draft).await;
    let refused = maker.post(&copy, &[("from", "10A1")]).await.expect(422);
    let name = cast.homeroom_teacher.name.as_str();
    refused.shows(&[&vi2("timetable-teacher-taken", ("teacher", name), ("class", "10A3"))]);
    assert_eq!(lessons(&test, draft).await, before);
    let to = maker.post(&copy, &[("from", "10A1"), ("rest", "on")]).await.location();
    assert!(to.ends_with("&n=1"), "{to}");
    for wrong in ["", "10A2", "10A9"] {
        maker.post(&copy, &[("from", wrong)]).await.expect(422).shows(&[&vi("fault-timetable-copy-class")]);
    }
}

#[tokio::test]
async fn what_another_has_changed_in_a_teacher_s_grid_is_not_overwritten() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let draft = version(&test, &cast.school, "Nháp").await;
    cast.school.class(&test, "10A2").await;
    let (one, two) = (test.signed_in(&cast.timetable).await, test.signed_in(&cast.owner).await);
    let here = cast.school.path(&format!("/timetable/versions/{draft}/teachers/{}", cast.teacher.member_id));
    let type_in = async |client: &Client, lesson: &str, was: &str| {
        let slot = [("day", "2"), ("session", "morning"), ("period", "1")];
        client.post(&here, &[slot.as_slice(), &[("lesson", lesson), ("was", was)]].concat()).await
    };
    // Both have seen an empty field.
    type_in(&one, "10A1 Văn", "-").await.expect(303);
    let at = "Thứ 3, Sáng, tiết 1";
    let refused = type_in(&two, "10A2 Sử", "-").await.expect(422);
    let refused = refused.shows(&[&vi1("timetable-changed", "at", at)]);
    assert_eq!(lessons(&test, draft).await, ["10A1 2-morning-1 Văn"]);
    // The page says what stands there now, and is good to be sent again.
    let page = refused.html();
    let is_of_slot = |form: &&str| form.contains("id=\"slot-2-morning-1\"");
    let form = page.split("<form").find(is_of_slot).unwrap();
    let was = form.split("name=\"was\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    type_in(&two, "10A2 Sử", &was).await.expect(303);
    assert_eq!(lessons(&test, draft).await, ["10A2 2-morning-1 Sử"]);
    type_in(&one, "", &was).await.expect(422);
}

#[tokio::test]
async fn what_stands_against_a_wish_is_told_and_stands() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let draft = version(&test, &cast.school, "Nháp").await;
    let maker = test.signed_in(&cast.timetable).await;
    let here = grid(&cast, draft, cast.class_id);
    let (teacher, name) = (cast.teacher.member_id.to_string(), cast.teacher.name.as_str());
    let wishes = cast.school.path(&format!("/timetable/teachers/{teacher}/wishes"));
    let form =
        [("blocked", "2-morning-1"), ("most_a_day", "2"), ("most_sessions", ""), ("most_gaps", ""), ("norm", "17")];
    maker.post(&wishes, &form).await.expect(303);
    assert_eq!(maker.get(&wishes).await.expect(200).input("norm"), "17");
    let blocked = vi1("timetable-caution-blocked", "teacher", name);
    let load = vi2("timetable-caution-load", ("count", 3), ("most", 2));
    let too_long = vi2("timetable-caution-day", ("teacher", name), ("load", load));
    place(&maker, &here, ("2", "2"), "Văn", &teacher).await;
    place(&maker, &here, ("2", "3"), "Văn", &teacher).await;
    maker.get(&here).await.expect(200).hides(&[&vi("timetable-cautions")]);
    place(&maker, &here, ("2", "1"), "Văn", &teacher).await;
    let of_teacher = cast.school.path(&format!("/timetable/versions/{draft}/teachers/{teacher}"));
    for page in [&here, &of_teacher] {
        maker.get(page).await.expect(200).shows(&[
            &vi("timetable-cautions"),
            &format!("Thứ 3, Sáng, tiết 1: {blocked}"),
            &format!("Thứ 3: {too_long}"),
        ]);
    }
    assert_eq!(lessons(&test, draft).await.len(), 3);
}

#[tokio::test]
async fn a_teacher_s_grid_takes_class_and_subject() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let draft = version(&test, &cast.school, "Nháp").await;
    let other = cast.school.class(&test, "10A2").await;
    let maker = test.signed_in(&cast.timetable).await;
    let here = cast.school.path(&format!("/timetable/versions/{draft}/teachers/{}", cast.teacher.member_id));
    let type_in = async |period: &str, lesson: &str| {
        let form = [("day", "2"), ("session", "morning"), ("period", period), ("lesson", lesson)];
        maker.post(&here, &form).await
    };
    // The class alone: the subject is what they are assigned there.
    assert_eq!(type_in("1", "10a1").await.location(), format!("{here}?at=2-morning-2"));
    type_in("2", "10A2 sử").await.expect(303);
    assert_eq!(lessons(&test, draft).await, ["10A1 2-morning-1 Văn", "10A2 2-morning-2 Sử"]);
    maker.get(&here).await.expect(200).shows(&[&cast.teacher.name, &vi1("timetable-left-of", "left", 2)]);
    // Another class in place of the one that stands there.
    type_in("1", "10A2 Văn").await.expect(303);
    assert_eq!(lessons(&test, draft).await, ["10A2 2-morning-1 Văn", "10A2 2-morning-2 Sử"]);
    type_in("1", "").await.expect(303);
    // What another teacher has is not overwritten.
    place(&maker, &grid(&cast, draft, other), ("2", "3"), "Toán", &cast.homeroom_teacher.member_id.to_string()).await;
    let refused = type_in("3", "10A2 Văn").await.expect(422);
    let refused = refused.shows(&[&vi2("timetable-class-taken", ("class", "10A2"), ("subject", "Toán"))]);
    assert!(refused.html().contains("value=\"10A2 Văn\""), "what was typed stays");
    for (wrong, sentence) in [
        ("10A9 Văn", vi1("fault-timetable-class", "value", "10A9")),
        ("10A1 Xyz", vi1("fault-timetable-subject", "value", "Xyz")),
        ("10A2", vi1("fault-timetable-lesson", "value", "10A2")),
    ] {
        type_in("4", wrong).await.expect(422).shows(&[&sentence]);
    }
    assert_eq!(lessons(&test, draft).await, ["10A2 2-morning-2 Sử", "10A2 2-morning-3 Toán"]);
}

#[tokio::test]
async fn the_whole_school_is_one_page_by_classes_and_by_teachers() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let made = Timetable::new(&test, &cast).await;
    let maker = test.signed_in(&cast.timetable).await;
    let sheet = cast.school.path(&format!("/timetable/versions/{}/sheet", made.version));
    let by_class = maker.get(&sheet).await.expect(200);
    let called = cast.teacher.name.rsplit(' ').next().unwrap();
    assert!(by_class.html().contains(&format!("<td>Văn<small>{called}</small></td>")));
    let by_teacher = maker.get(&format!("{sheet}?of=teachers")).await.expect(200);
    let by_teacher = by_teacher.shows(&[&cast.teacher.name]);
    assert!(by_teacher.html().contains(">10A1<small>Văn</small></td>"));
    let draft = version(&test, &cast.school, "Nháp").await;
    let empty = cast.school.path(&format!("/timetable/versions/{draft}/sheet"));
    maker.get(&empty).await.expect(200).shows(&[&vi("timetable-sheet-empty")]);
}
