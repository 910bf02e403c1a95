//! Timetables that come as files.

use schoolgate::ids::TimetableId;
use schoolgate::timetable::{
    assignments::{self, NewAssignment},
    lessons::{self, LessonPlacing},
    model::{Session, Slot},
    rooms::{self, RoomLine},
    subjects,
};

use super::{Timetable, version};
use crate::spreadsheet::libreoffice::converted;
use crate::support::say::{vi, vi1, vi2};
use crate::support::{Cast, Client, Page, Someone, TestApp, sheets};

/// The lessons of a version, as they are.
async fn lessons_of(test: &TestApp, version: TimetableId) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT format('%s %s-%s-%s %s %s %s', c.name, l.day, l.session, l.period, s.short_name, m.id, r.name)
         FROM timetable_lessons l JOIN classes c ON c.id = l.class_id JOIN timetable_subjects s ON s.id = l.subject_id
         LEFT JOIN members m ON m.id = l.teacher_id LEFT JOIN timetable_rooms r ON r.id = l.room_id
         WHERE l.version_id = $1 ORDER BY 1",
    )
    .bind(version)
    .fetch_all(&mut test.admin().await)
    .await
    .unwrap()
}

/// A version with all that may be misread: two teachers of one given name, a shared room, a room that is not the assigned
/// one, lessons without a teacher, one without the teacher who is assigned, short names with dashes, a double period.
async fn difficult(test: &TestApp, cast: &Cast) -> TimetableId {
    let (school, granted) = (&cast.school, cast.school.scope.grant().unwrap());
    let second = school.class(test, "10A2").await;
    let alike = ["Lê Văn Giảng", "Lê Thị Giảng"].map(Someone::teacher);
    let alike = school.add_all(test, &alike).await;
    let line = |name: &str, capacity| RoomLine { id: None, name: name.to_owned(), capacity, home_class_id: None };
    rooms::save(&granted, test, &[line("Nhà đa năng (mới)", 2)]).await.unwrap().unwrap();
    let mut tx = test.db.begin_in(school.id()).await.unwrap();
    let all = subjects::all(&granted, &mut tx).await.unwrap();
    let rooms = rooms::all(&granted, &mut tx).await.unwrap();
    tx.commit().await.unwrap();
    let subject = |name: &str| subjects::meant(name, &all).unwrap().id;
    let room = |name: &str| rooms.iter().find(|room| room.name == name).unwrap().id;
    let assigned = |class, name: &str, teacher, room_id| NewAssignment {
        classes: vec![class],
        subject_id: subject(name),
        teacher_id: teacher,
        periods: vec![2],
        doubles: 0,
        room_id,
    };
    let gym = room("Nhà đa năng (mới)");
    let lines = [
        assigned(cast.class_id, "TD", alike[0].member_id, Some(gym)),
        assigned(second, "TD", alike[1].member_id, Some(gym)),
        assigned(second, "GDKT-PL", cast.homeroom_teacher.member_id, None),
    ];
    assignments::assign(&granted, test, &lines).await.unwrap().unwrap();
    let version = version(test, school, "Khó").await;
    let place = async |class, (day, session, period), name: &str, teacher_id, room_id| {
        let slot = Slot { day, session, period };
        let placing = LessonPlacing { subject_id: subject(name), teacher_id, room_id, is_locked: false };
        let tx = test.db.begin_in(granted.school_id()).await.unwrap();
        lessons::place(&granted, test, tx, version, (class, slot), Some(placing), None).await.unwrap().unwrap();
    };
    let (morning, afternoon) = (Session::Morning, Session::Afternoon);
    let (one, two) = (Some(alike[0].member_id), Some(alike[1].member_id));
    let (teacher, other) = (Some(cast.teacher.member_id), Some(cast.homeroom_teacher.member_id));
    for class in [cast.class_id, second] {
        place(class, (1, morning, 1), "SHDC", None, None).await;
    }
    place(cast.class_id, (2, morning, 1), "TD", one, Some(gym)).await;
    place(second, (2, morning, 1), "TD", two, Some(gym)).await;
    place(cast.class_id, (2, morning, 2), "TD", two, Some(room("Phòng Lý"))).await;
    place(second, (2, morning, 2), "TD", one, None).await;
    place(second, (6, afternoon, 5), "GDKT-PL", other, None).await;
    place(second, (6, afternoon, 4), "GDKT-PL", None, None).await;
    place(cast.class_id, (3, afternoon, 1), "Văn", teacher, None).await;
    place(cast.class_id, (3, afternoon, 2), "Văn", teacher, None).await;
    place(cast.class_id, (4, morning, 5), "Văn", None, None).await;
    place(cast.class_id, (5, morning, 1), "HĐTN-HN", None, Some(gym)).await;
    version
}

fn version_of(location: &str) -> TimetableId {
    location.split('?').next().unwrap().rsplit('/').next().unwrap().parse().unwrap()
}

/// Hands a file in; gives the address of its review.
async fn handed_in(maker: &Client, cast: &Cast, name: &str, file: &[u8]) -> String {
    maker.upload(&cast.school.path("/timetable/imports"), name, file).await.location()
}

/// Takes a file as it is proposed; the draft.
async fn taken(test: &TestApp, maker: &Client, review: &str, more: &[(&str, &str)]) -> TimetableId {
    let page = maker.get(review).await.expect(200);
    let (name, from) = (page.input("name"), page.input("from"));
    let form = [&[("name", name.as_str()), ("from", from.as_str())], more].concat();
    test.clock.advance(chrono::Duration::seconds(10));
    version_of(&maker.post(&format!("{review}/acceptance"), &form).await.location())
}

#[tokio::test]
async fn an_export_in_each_shape_is_read_back_unchanged() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let version = difficult(&test, &cast).await;
    let maker = test.signed_in(&cast.timetable).await;
    let before = lessons_of(&test, version).await;
    assert_eq!(before.len(), 12);
    for lang in ["vi", "en"] {
        maker.set_cookie("lang", lang);
        for shape in ["grid", "blocks", "teachers"] {
            let address = cast.school.path(&format!("/timetable/versions/{version}.xlsx?shape={shape}"));
            let file = maker.get(&address).await.expect(200).file().to_vec();
            let review = handed_in(&maker, &cast, "tkb.xlsx", &file).await;
            let again = taken(&test, &maker, &review, &[]).await;
            assert_eq!(lessons_of(&test, again).await, before, "{shape} {lang}");
            // It is taken once.
            maker.get(&review).await.expect(404);
        }
    }
}

#[tokio::test]
async fn exports_open_in_libreoffice_and_come_back_from_it_the_same() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let version = difficult(&test, &cast).await;
    let maker = test.signed_in(&cast.timetable).await;
    let before = lessons_of(&test, version).await;
    for shape in ["grid", "blocks", "teachers"] {
        let address = cast.school.path(&format!("/timetable/versions/{version}.xlsx?shape={shape}"));
        let file = maker.get(&address).await.expect(200).file().to_vec();
        let theirs = tokio::task::spawn_blocking(move || converted(&file, "ods")).await.unwrap();
        let review = handed_in(&maker, &cast, "tkb.ods", &theirs).await;
        let again = taken(&test, &maker, &review, &[]).await;
        assert_eq!(lessons_of(&test, again).await, before, "{shape}");
    }
}

#[tokio::test]
async fn a_file_of_fet_with_all_lessons_is_read_back_unchanged() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let version = difficult(&test, &cast).await;
    let maker = test.signed_in(&cast.timetable).await;
    let locked = "UPDATE timetable_lessons SET is_locked = true WHERE version_id = $1 AND day = 3";
    sqlx::query(locked).bind(version).execute(&mut test.admin().await).await.unwrap();
    let address = cast.school.path(&format!("/timetable/versions/{version}.fet?shape=lessons"));
    let file = maker.get(&address).await.expect(200).file().to_vec();
    let review = handed_in(&maker, &cast, "timetable.fet", &file).await;
    let again = taken(&test, &maker, &review, &[]).await;
    assert_eq!(lessons_of(&test, again).await, lessons_of(&test, version).await);
    let days: Vec<i16> = sqlx::query_scalar(
        "SELECT DISTINCT day FROM timetable_lessons WHERE version_id = $1 AND is_locked ORDER BY day",
    )
    .bind(again)
    .fetch_all(&mut test.admin().await)
    .await
    .unwrap();
    assert_eq!(days, [3]);
}

fn sheet(rows: &[&[&str]]) -> Vec<u8> {
    sheets::written(&rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect::<Vec<_>>())
}

/// The number of the field of a name.
fn number_of(page: &Page, name: &str) -> String {
    let html = page.html();
    let is_its = |rest: &&str| rest.split('>').next().unwrap().contains(&format!("value=\"{name}\""));
    html.split("name=\"spelling_").skip(1).find(is_its).unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn unknown_names_are_chosen_once() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let maker = test.signed_in(&cast.timetable).await;
    let teacher = cast.teacher.name.rsplit(' ').next().unwrap();
    let with = |subject: &str| format!("{subject} - {teacher}");
    let file = sheet(&[
        &["THỜI KHÓA BIỂU ÁP DỤNG TỪ NGÀY 07/12/2026"],
        &["Thứ", "Buổi", "Tiết", "10A1", "12X9"],
        &["2", "S", "1", &with("Vật lý đại cương"), "Văn - Cô Mới"],
        &["2", "S", "2", &with("Văn"), "Câu lạc bộ"],
        &["2", "S", "2", &with("Toán"), ""],
        &["", "", "9", "Văn", ""],
    ]);
    let review = handed_in(&maker, &cast, "TKB tuần 14.xlsx", &file).await;
    let page = maker.get(&review).await.expect(200);
    let page = page.shows(&["TKB tuần 14.xlsx", "Vật lý đại cương", "12X9", &vi("timetable-import-first")]);
    let page =
        page.shows(&[&vi1("timetable-import-unknown", "count", 3), &vi1("timetable-import-in-the-way", "count", 1)]);
    assert_eq!(page.input("from"), "07/12/2026");
    // As long as they are not chosen nothing is taken.
    let form = [("name", "Từ tệp"), ("from", "07/12/2026")];
    let refused = maker.post(&format!("{review}/acceptance"), &form).await.expect(422);
    assert_eq!(refused.shows(&[&vi("fault-timetable-import-unknown")]).input("name"), "Từ tệp");
    let [physics, class, club] = ["Vật lý đại cương", "12X9", "Câu lạc bộ"].map(|name| number_of(&page, name));
    let choice = |physics_is: &str| {
        let field = |what: &str, number: &str, value: &str| (format!("{what}_{number}"), value.to_owned());
        vec![
            field("kind", &physics, "subject"),
            field("spelling", &physics, "Vật lý đại cương"),
            field("choice", &physics, physics_is),
            field("kind", &class, "class"),
            field("spelling", &class, "12X9"),
            field("out", &class, "on"),
            field("kind", &club, "subject"),
            field("spelling", &club, "Câu lạc bộ"),
            field("out", &club, "on"),
        ]
    };
    let post = async |fields: Vec<(String, String)>| {
        test.clock.advance(chrono::Duration::seconds(10));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        maker.post(&review, &fields).await
    };
    let wrong = post(choice("Phép thuật")).await.expect(422);
    wrong.shows(&[&vi1("fault-timetable-subject", "value", "Phép thuật")]);
    assert_eq!(post(choice("Lý")).await.location(), format!("{review}?done=timetable-spellings-chosen"));
    let page = maker.get(&review).await.expect(200);
    page.shows(&[&vi1("timetable-import-left-out", "count", 2), &vi1("timetable-import-placed", "count", 2)]);
    let version = taken(&test, &maker, &review, &[]).await;
    let who = cast.teacher.member_id;
    assert_eq!(
        lessons_of(&test, version).await,
        [format!("10A1 1-morning-1 Lý {who} "), format!("10A1 1-morning-2 Văn {who} ")]
    );
    // The next file with the same names is understood.
    let review = handed_in(&maker, &cast, "tkb2.xlsx", &file).await;
    let page = maker.get(&review).await.expect(200);
    page.hides(&[&vi("timetable-import-first")]);
    maker.post(&format!("{review}/refusal"), &[]).await.expect(303);
    maker.get(&review).await.expect(404);
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM timetable_imports WHERE file_name = 'tkb2.xlsx'")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn files_of_fet_and_asc_are_read() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let made = Timetable::new(&test, &cast).await;
    let maker = test.signed_in(&cast.timetable).await;
    let grid = cast.school.path(&format!("/timetable/versions/{}/classes/{}", made.version, cast.class_id));
    for period in ["1", "2"] {
        let locked = [("day", "1"), ("session", "morning"), ("period", period), ("subject", "Văn"), ("locked", "on")];
        maker.post(&grid, &locked).await.expect(303);
    }
    let fet = maker.get(&cast.school.path(&format!("/timetable/versions/{}.fet", made.version))).await.expect(200);
    let mut admin = test.admin().await;
    sqlx::query("DELETE FROM timetable_assignments").execute(&mut admin).await.unwrap();
    let review = handed_in(&maker, &cast, "timetable.fet", fet.file()).await;
    let page = maker.get(&review).await.expect(200);
    page.shows(&[&vi1("timetable-import-lessons", "count", 2), &vi1("timetable-import-needs", "count", 1)]);
    let version = taken(&test, &maker, &review, &[("assignments", "on")]).await;
    let (first, now) = (lessons_of(&test, made.version).await, lessons_of(&test, version).await);
    assert_eq!(now, first);
    let assigned: Vec<(i16, uuid::Uuid)> =
        sqlx::query_as("SELECT periods, teacher_id FROM timetable_assignments").fetch_all(&mut admin).await.unwrap();
    assert_eq!(assigned, [(3, cast.teacher.member_id.uuid())]);

    let asc = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><timetable ascttversion=\"2020\">\
         <subjects><subject id=\"S\" name=\"Ngữ văn\" short=\"Văn\"/></subjects>\
         <teachers><teacher id=\"T\" name=\"{}\" short=\"X\"/></teachers><classes><class id=\"C\" name=\"10A1\"/></classes>\
         <lessons><lesson id=\"L\" subjectid=\"S\" classids=\"C\" teacherids=\"T\" periodspercard=\"1\" periodsperweek=\"1.0\"/>\
         </lessons><cards><card lessonid=\"L\" period=\"7\" days=\"000100\"/></cards></timetable>",
        cast.teacher.name
    );
    let review = handed_in(&maker, &cast, "asc.xml", asc.as_bytes()).await;
    let version = taken(&test, &maker, &review, &[]).await;
    assert_eq!(lessons_of(&test, version).await, [format!("10A1 4-afternoon-2 Văn {} ", cast.teacher.member_id)]);

    let imports = cast.school.path("/timetable/imports");
    let entity = "<?xml version=\"1.0\"?><!DOCTYPE fet SYSTEM \"http://127.0.0.1/x\"><fet></fet>";
    let people = sheet(&[&["STT", "Họ và tên"], &["1", "Lê Hoa"]]);
    for (name, file, key) in [
        ("x.fet", entity.as_bytes(), "fault-timetable-import-xml"),
        ("x.fet", "<fet version=\"6\"><Activities_List>".as_bytes(), "fault-timetable-import-xml"),
        ("x.fet", "<fet version=\"6\"></fet>".as_bytes(), "fault-timetable-import-empty"),
        ("x.xlsx", people.as_slice(), "fault-timetable-import-shape"),
        ("x.xlsx", "".as_bytes(), "fault-file-missing"),
        ("x.pdf", "%PDF-1.7 x".as_bytes(), "refusal-pdf"),
    ] {
        maker.upload(&imports, name, file).await.expect(422).shows(&[&vi(key)]);
    }
    let strange = sheet(&[
        &["Giáo viên", "Thứ 2", "", "Thứ 3", "Thứ 4"],
        &["", "1", "2", "1", "1"],
        &[cast.teacher.name.as_str(), "10A1-Văn", "xyz", "#", "#"],
    ]);
    let review = handed_in(&maker, &cast, "gv.xlsx", &strange).await;
    maker.get(&review).await.expect(200).shows(&[&vi2("timetable-sheet-line", ("line", 3), ("fault", "xyz"))]);
}
