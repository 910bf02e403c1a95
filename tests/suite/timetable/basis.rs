//! Bell times, subjects, rooms, assignments.

use sqlx::Row;

use crate::support::say::{vi, vi1, vi2};
use crate::support::{TestApp, sheets};

#[tokio::test]
async fn a_school_begins_with_usual_bells_and_the_national_subjects() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let maker = test.signed_in(&cast.timetable).await;
    let bells = maker.get(&cast.school.path("/timetable/bells")).await.expect(200);
    assert_eq!(bells.input("begins_morning_1"), "07:00");
    assert_eq!(bells.input("begins_morning_6"), "");
    let subjects = maker.get(&cast.school.path("/timetable/subjects")).await.expect(200).html();
    for short in ["N.Ngữ", "TD", "HĐTN-HN", "GDKT-PL", "SHDC", "SHCN"] {
        assert!(subjects.contains(&format!("value=\"{short}\"")), "{short}");
    }
    // Once: opened again nothing comes twice.
    maker.get(&cast.school.path("/timetable/versions")).await.expect(200);
    let count: i64 =
        sqlx::query_scalar("SELECT count(*) FROM timetable_subjects").fetch_one(&mut test.admin().await).await.unwrap();
    assert_eq!(count, 28);
}

#[tokio::test]
async fn bell_times_are_saved_whole_or_come_back_as_typed() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let maker = test.signed_in(&cast.timetable).await;
    let page = cast.school.path("/timetable/bells");
    maker.get(&page).await.expect(200);
    let form = [
        ("begins_morning_1", "7h15"),
        ("ends_morning_1", "8:00"),
        ("begins_afternoon_1", "13:00"),
        ("ends_afternoon_1", "13:45"),
    ];
    maker.post(&page, &form).await.expect(303);
    let rows = sqlx::query("SELECT session, period, begins::text FROM timetable_bells ORDER BY session DESC, period")
        .fetch_all(&mut test.admin().await)
        .await
        .unwrap();
    let rows: Vec<(String, i16, String)> = rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    assert_eq!(
        rows,
        [("morning".to_owned(), 1, "07:15:00".to_owned()), ("afternoon".to_owned(), 1, "13:00:00".to_owned())]
    );
    let wrong = [("begins_morning_1", "7:00"), ("ends_morning_1", "bảy giờ")];
    let refused = maker.post(&page, &wrong).await.expect(422);
    assert_eq!(refused.input("ends_morning_1"), "bảy giờ");
    let count: i64 =
        sqlx::query_scalar("SELECT count(*) FROM timetable_bells").fetch_one(&mut test.admin().await).await.unwrap();
    assert_eq!(count, 2);
}

#[tokio::test]
async fn subjects_and_rooms_are_changed_added_and_removed_by_lines() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let maker = test.signed_in(&cast.timetable).await;
    let subjects = cast.school.path("/timetable/subjects");
    let new = [("id", ""), ("short_name", "STEM"), ("name", "Câu lạc bộ STEM"), ("periods", "10: 2"), ("heavy", "0")];
    maker.get(&subjects).await.expect(200);
    maker.post(&subjects, &new).await.expect(303);
    let mut admin = test.admin().await;
    let (id, heavy): (uuid::Uuid, bool) =
        sqlx::query_as("SELECT id, is_heavy FROM timetable_subjects WHERE short_name = 'STEM'")
            .fetch_one(&mut admin)
            .await
            .unwrap();
    assert!(heavy);
    test.clock.advance(chrono::Duration::seconds(10));
    let twice = [("id", ""), ("short_name", "stem"), ("name", "Khác"), ("periods", "")];
    let refused = maker.post(&subjects, &twice).await.expect(422);
    refused.shows(&[&vi1("fault-timetable-short-twice", "value", "stem")]);
    let id = id.to_string();
    maker.post(&subjects, &[("id", &id), ("short_name", ""), ("name", ""), ("periods", "")]).await.expect(303);
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM timetable_subjects WHERE short_name = 'STEM'")
        .fetch_one(&mut admin)
        .await
        .unwrap();
    assert_eq!(left, 0);

    let rooms = cast.school.path("/timetable/rooms");
    let new = [
        ("id", ""),
        ("name", "Nhà đa năng"),
        ("capacity", "2"),
        ("class", ""),
        ("id", ""),
        ("name", "P.101"),
        ("capacity", ""),
        ("class", "10a1"),
    ];
    maker.post(&rooms, &new).await.expect(303);
    let rows: Vec<(String, i16, bool)> =
        sqlx::query_as("SELECT name, capacity, home_class_id IS NOT NULL FROM timetable_rooms ORDER BY name")
            .fetch_all(&mut admin)
            .await
            .unwrap();
    assert_eq!(rows, [("Nhà đa năng".to_owned(), 2, false), ("P.101".to_owned(), 1, true)]);
    let wrong = [("id", ""), ("name", "P.102"), ("capacity", "nhiều"), ("class", "10A99")];
    let refused = maker.post(&rooms, &wrong).await.expect(422);
    refused.shows(&[&vi("fault-timetable-room-capacity"), &vi1("fault-timetable-class", "value", "10A99")]);
}

#[tokio::test]
async fn a_line_assigns_several_classes_with_the_usual_periods() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let mut tx = test.db.begin_in(cast.school.id()).await.unwrap();
    let names = ["10A2", "10A3"].map(str::to_owned);
    let year = cast.school.year_id;
    schoolgate::schools::classes::insert(&cast.school.scope, &test, &mut tx, year, &names, Some("10")).await.unwrap();
    tx.commit().await.unwrap();
    let maker = test.signed_in(&cast.timetable).await;
    let page = cast.school.path("/timetable/assignments");
    let form = [("teacher", cast.teacher.name.as_str()), ("class", "10A2, 10a3"), ("subject", "toan"), ("periods", "")];
    maker.post(&page, &form).await.expect(303);
    let rows = "SELECT c.name, a.periods FROM timetable_assignments a JOIN classes c ON c.id = a.class_id ORDER BY 1";
    let mut admin = test.admin().await;
    let read: Vec<(String, i16)> = sqlx::query_as(rows).fetch_all(&mut admin).await.unwrap();
    assert_eq!(read, [("10A2".to_owned(), 3), ("10A3".to_owned(), 3)]);
    // Typed again with a number: changed, not added. By ids as well.
    let (teacher, class) = (cast.teacher.member_id.to_string(), cast.class_id.to_string());
    let again =
        [("teacher", teacher.as_str()), ("class", "10A2"), ("subject", "TOAN"), ("periods", "4"), ("doubles", "1")];
    maker.post(&page, &again).await.expect(303);
    let by_id = [("teacher", teacher.as_str()), ("class", class.as_str()), ("subject", "Văn"), ("periods", "2")];
    maker.post(&page, &by_id).await.expect(303);
    let read: Vec<(String, i16)> = sqlx::query_as(rows).fetch_all(&mut admin).await.unwrap();
    assert_eq!(read, [("10A1".to_owned(), 2), ("10A2".to_owned(), 4), ("10A3".to_owned(), 3)]);
    let shown = maker.get(&page).await.expect(200);
    let norm = vi2("timetable-sum-of-norm", ("count", 9), ("norm", 17));
    shown.shows(&[&norm, &vi1("timetable-under-norm", "count", 8), "10A1", "10A2", "10A3"]);
    // The teacher's own norm goes before the usual one.
    let wishes = cast.school.path(&format!("/timetable/teachers/{teacher}/wishes"));
    maker.post(&wishes, &[("norm", "8")]).await.expect(303);
    let own = vi2("timetable-sum-of-norm", ("count", 9), ("norm", 8));
    maker.get(&page).await.expect(200).shows(&[&own, &vi1("timetable-over-norm", "count", 1)]);

    for (field, value, fault) in [
        ("teacher", "Ai Đó", vi1("fault-timetable-teacher", "value", "Ai Đó")),
        ("teacher", "", vi("fault-timetable-teacher-missing")),
        ("class", "10A9", vi1("fault-timetable-class", "value", "10A9")),
        ("class", "", vi("fault-timetable-class-missing")),
        ("subject", "", vi("fault-timetable-subject-missing")),
        ("subject", "Phép thuật", vi1("fault-timetable-subject", "value", "Phép thuật")),
        ("periods", "0", vi("fault-timetable-periods")),
        ("doubles", "3", vi("fault-timetable-doubles")),
        ("room", "Sân thượng", vi1("fault-timetable-room", "value", "Sân thượng")),
    ] {
        let mut form: std::collections::BTreeMap<&str, &str> =
            [("teacher", teacher.as_str()), ("class", "10A2"), ("subject", "Toán"), ("periods", "4")].into();
        form.insert(field, value);
        let form: Vec<(&str, &str)> = form.into_iter().collect();
        let refused = maker.post(&page, &form).await.expect(422).shows(&[&fault]);
        assert_eq!(refused.input(field), value);
    }
    // And taken back.
    let id: uuid::Uuid =
        sqlx::query_scalar("SELECT id FROM timetable_assignments LIMIT 1").fetch_one(&mut admin).await.unwrap();
    maker.post(&page, &[("remove", &id.to_string())]).await.expect(303);
    assert_eq!(sqlx::query_as::<_, (String, i16)>(rows).fetch_all(&mut admin).await.unwrap().len(), 2);
}

/// What is assigned: teacher, class, subject, periods.
async fn assigned(test: &TestApp) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT format('%s %s %s %s', m.full_name, c.name, s.short_name, a.periods) FROM timetable_assignments a
         JOIN members m ON m.id = a.teacher_id JOIN classes c ON c.id = a.class_id
         JOIN timetable_subjects s ON s.id = a.subject_id ORDER BY c.name, s.short_name",
    )
    .fetch_all(&mut test.admin().await)
    .await
    .unwrap()
}

#[tokio::test]
async fn assignments_come_by_sheet_in_two_shapes_all_or_none() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    cast.school.class(&test, "10A2").await;
    let maker = test.signed_in(&cast.timetable).await;
    let page = cast.school.path("/timetable/assignments");
    let (one, two) = (cast.teacher.name.as_str(), cast.homeroom_teacher.name.as_str());
    let sheet = |rows: &[&[&str]]| {
        let rows = rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>());
        sheets::written(&rows.collect::<Vec<_>>())
    };
    let header = ["Giáo viên", "Môn", "Lớp", "Số tiết"];
    let wrong =
        sheet(&[&header, &[one, "Văn", "10A1", "3"], &[two, "Xyz", "10A1", "2"], &["Ai Đó", "Sử", "10A9", "1"]]);
    let refused = maker.upload(&page, "pc.xlsx", &wrong).await.expect(422);
    let line = |number: u32, fault: String| vi2("timetable-sheet-line", ("line", number), ("fault", fault));
    refused.shows(&[
        &line(3, vi1("fault-timetable-subject", "value", "Xyz")),
        &line(4, vi1("fault-timetable-teacher", "value", "Ai Đó")),
    ]);
    assert_eq!(assigned(&test).await, [] as [&str; 0]);
    let lines = sheet(&[&header, &[one, "Văn", "10A1, 10A2", "3"], &[two, "Sử", "10A1", ""]]);
    let to = maker.upload(&page, "pc.xlsx", &lines).await.location();
    assert!(to.ends_with("done=timetable-sheet-taken&n=3"), "{to}");
    let expected = [format!("{two} 10A1 Sử 1"), format!("{one} 10A1 Văn 3"), format!("{one} 10A2 Văn 3")];
    let now = assigned(&test).await;
    assert_eq!(now.len(), 3, "{now:?}");
    assert_eq!((&now[1], &now[2]), (&expected[1], &expected[2]));
    assert!(now[0].starts_with(&format!("{two} 10A1 Sử ")), "{now:?}");
    let by_class = sheet(&[&["STT", "Lớp", "Toán", "N.Ngữ"], &["1", "10A1", one, two], &["2", "10A2", two, ""]]);
    let to = maker.upload(&page, "pc.xlsx", &by_class).await.location();
    assert!(to.ends_with("n=3"), "{to}");
    assert_eq!(assigned(&test).await.len(), 6);
    let strange = sheet(&[&["Lớp", "Sĩ số"], &["10A1", "40"]]);
    maker.upload(&page, "x.xlsx", &strange).await.expect(422).shows(&[&vi("fault-timetable-sheet-columns")]);
    maker.upload(&page, "x.xlsx", b"").await.expect(422).shows(&[&vi("fault-file-missing")]);
    maker.upload(&page, "x.pdf", b"%PDF-1.7 x").await.expect(422).shows(&[&vi("refusal-pdf")]);
}
