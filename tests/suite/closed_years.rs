//! What must not happen around the end of a year: drafts that vanish under an edit, drafts that nobody's rights apply, and
//! years that are over and change all the same.

use chrono::{Days, Duration, NaiveDate};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::rollover::{Small, TO, class_in, count, small};
use crate::support::exams::ExamThings;
use crate::support::people::School;
use crate::support::say::vi;
use crate::support::{Cast, Client, TestApp, sheets};
use crate::timetable::Timetable;

/// Lets a colleague drop the draft while `edit` is under way, and gives where that led.
async fn dropped_under(small: &Small, edit: impl Future<Output = String>) -> String {
    let test = &small.test;
    let school = small.school().id().uuid();
    let mut admin = test.admin().await;
    for statement in [
        "BEGIN".to_owned(),
        format!("SELECT pg_advisory_xact_lock(hashtextextended('rollover:{school}', 0))"),
        "DELETE FROM rollovers WHERE state = 'open'".to_owned(),
    ] {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut admin).await.unwrap();
    }
    let commits = async {
        test.until_one_waits_for_a_lock().await;
        sqlx::query("COMMIT").execute(&mut admin).await.unwrap();
    };
    tokio::join!(edit, commits).0
}

#[tokio::test]
async fn a_draft_that_a_colleague_drops_under_an_edit_is_said_to_be_gone() {
    let small = small().await;
    let test = &small.test;
    let gone = small.path("?done=rollover-gone");
    let id = small.ten[0].member_id.to_string();
    let class = sqlx::query_scalar::<_, Uuid>("SELECT id FROM classes WHERE name = '10A2'");
    let class = format!("target_{}", class.fetch_one(&mut test.admin().await).await.unwrap());
    let sheet = sheets::written(&[
        ["Tên đăng nhập", "Kết quả"].map(str::to_owned).to_vec(),
        [small.ten[0].login.as_str(), "Thi lại"].map(str::to_owned).to_vec(),
    ]);
    for (path, form) in [
        ("/pupils", vec![("ids", id.as_str()), ("outcome", "awaiting")]),
        ("/classes", vec![(class.as_str(), "11B1")]),
        ("/schedule", vec![("on", "2027-08-01")]),
        ("/balance", vec![("class", "11A1"), ("class", "11A2"), ("seed", "1"), ("made_of", "x"), ("take", "on")]),
    ] {
        small.begin().await;
        // Nothing waits to be taken over: then only the change itself meets the colleague.
        sqlx::query("DELETE FROM rollover_marks").execute(&mut test.admin().await).await.unwrap();
        test.clock.advance(Duration::seconds(10));
        let address = small.path(path);
        let edit = async { small.owner.post(&address, &form).await.location() };
        assert_eq!(dropped_under(&small, edit).await, gone, "{path}");
        // The same where the draft is gone already.
        test.clock.advance(Duration::seconds(10));
        let late = small.owner.post(&address, &form).await.location();
        assert!(late == gone || late.ends_with("done=rollover-none"), "{path}: {late}");
    }
    // Where the roster has changed meanwhile, looking at the draft takes that over: into one that is there.
    small.begin().await;
    let mark = "INSERT INTO rollover_marks (school_id, id) SELECT school_id, gen_random_uuid() FROM rollovers";
    sqlx::query(mark).execute(&mut test.admin().await).await.unwrap();
    let address = small.path("/pupils");
    let look = async { small.owner.get(&address).await.location() };
    assert!(dropped_under(&small, look).await.ends_with("done=rollover-none"));
    // A sheet.
    test.clock.advance(Duration::seconds(10));
    small.begin().await;
    let review = small.owner.upload(&address, "ket-qua.xlsx", &sheet).await.expect(200);
    let (field, made_of) = (review.input("sheet"), review.input("made_of"));
    let edit = async { small.owner.post(&address, &[("sheet", &*field), ("made_of", &*made_of)]).await.location() };
    assert_eq!(dropped_under(&small, edit).await, gone);
    small.owner.get(&gone).await.expect(200).shows(&[&vi("done-rollover-gone")]);
    assert_eq!(count(test, "SELECT count(*) FROM rollover_pupils").await, 0);
}

#[tokio::test]
async fn a_draft_is_not_applied_with_the_rights_of_nobody() {
    let small = small().await;
    let test = &small.test;
    small.begin().await;
    let gone: Uuid = test.id();
    let mut on = test.clock.today();
    for (by, what) in [(None, "nobody is on record"), (Some(gone), "who chose the day is not there any more")] {
        on = on.checked_add_days(Days::new(1)).unwrap();
        test.clock.advance(Duration::seconds(10));
        let owner = test.signed_in(&small.cast.owner).await;
        owner.post(&small.path("/schedule"), &[("on", &on.to_string())]).await.expect(303);
        let chosen_by = sqlx::query("UPDATE rollovers SET scheduled_by = $1").bind(by);
        chosen_by.execute(&mut test.admin().await).await.unwrap();
        test.clock.advance(Duration::days(1));
        schoolgate::reports::daily::write(&small.school().scope, test, test.clock.now()).await.unwrap();
        test.work().await;
        assert_eq!(class_in(test, TO, &small.ten[0]).await, None, "{what}");
        assert_eq!(count(test, "SELECT count(*) FROM plans WHERE source = 'rollover'").await, 0, "{what}");
        let owner = test.signed_in(&small.cast.owner).await;
        owner.get(&small.path("")).await.expect(200).shows(&[&vi("rollover-not-applied-rights")]);
        assert!(test.mail_to(&small.cast.owner.login).text.contains(&vi("rollover-not-applied-rights")));
    }
}

/// The day on which the year after begins, with that year.
async fn next_year(test: &TestApp, cast: &Cast) -> Client {
    let owner = test.signed_in(&cast.owner).await;
    owner.post(&cast.school.path("/years"), &[("name", TO)]).await.expect(303);
    let first_day = NaiveDate::from_ymd_opt(2027, 8, 1).unwrap();
    test.clock.advance(Duration::days((first_day - test.clock.today()).num_days()));
    test.signed_in(&cast.owner).await
}

async fn open_year(test: &TestApp, school: &School, owner: &Client) {
    test.clock.advance(Duration::seconds(10));
    let opening = school.path(&format!("/years/{}/opening", school.year_id));
    owner.post(&opening, &[("reason", "Sửa sai sót trong hồ sơ")]).await.expect(303);
    test.clock.advance(Duration::seconds(10));
}

#[tokio::test]
async fn a_year_that_is_over_does_not_come_back_by_moving_or_deleting_the_next() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = next_year(&test, &cast).await;
    let next: Uuid = sqlx::query_scalar("SELECT id FROM school_years WHERE name = '2027-2028'")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    let year = cast.school.path(&format!("/years/{next}"));
    let later = [("name", TO), ("starts_on", "01/12/2027"), ("ends_on", "31/05/2028")];
    let class = cast.school.path(&format!("/classes/{}", cast.class_id));
    let rename = [("name", "10A7"), ("grade", "10")];
    let reopens = vi("fault-year-reopens");
    owner.post(&year, &later).await.expect(422).shows(&[&reopens]);
    owner.post(&format!("{year}/deletion"), &[]).await.expect(422).shows(&[&reopens]);
    assert_eq!(count(&test, "SELECT count(*) FROM school_years WHERE starts_on = '2027-08-01'").await, 1);
    test.clock.advance(Duration::seconds(10));
    owner.post(&class, &rename).await.expect(422).shows(&[&vi("fault-year-over")]);
    // An owner who has said why does both.
    open_year(&test, &cast.school, &owner).await;
    owner.post(&year, &later).await.expect(303);
    test.clock.advance(Duration::seconds(10));
    owner.post(&format!("{year}/deletion"), &[]).await.expect(303);
    owner.post(&class, &rename).await.expect(303);
}

#[tokio::test]
async fn a_list_that_was_read_for_a_year_that_is_over_is_not_applied_to_it() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let plan = cast.school.path(&format!("/plans/{}/apply", cast.school.plan(&test).await));
    // The next year begins sooner than a plan is forgotten.
    let owner = test.signed_in(&cast.owner).await;
    owner.post(&cast.school.path("/years"), &[("name", TO)]).await.expect(303);
    let soon = test.clock.today().checked_add_days(Days::new(10)).unwrap();
    let sooner = sqlx::query("UPDATE school_years SET starts_on = $1 WHERE name = $2").bind(soon).bind(TO);
    sooner.execute(&mut test.admin().await).await.unwrap();
    test.clock.advance(Duration::days(10));
    let owner = test.signed_in(&cast.owner).await;
    owner.post(&plan, &[]).await.expect(422).shows(&[&vi("fault-year-over")]);
    assert_eq!(count(&test, "SELECT count(*) FROM plans WHERE state = 'ready'").await, 1);
    open_year(&test, &cast.school, &owner).await;
    owner.post(&plan, &[]).await.expect(303);
    test.work().await;
    assert_eq!(count(&test, "SELECT count(*) FROM plans WHERE state = 'applied'").await, 1);
}

#[tokio::test]
async fn exams_and_timetables_of_a_year_that_is_over_are_as_they_were() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let things = ExamThings::of(&test, &cast).await;
    let timetable = Timetable::new(&test, &cast).await;
    let mut admin = test.admin().await;
    let assignment: Uuid =
        sqlx::query_scalar("SELECT id FROM timetable_assignments").fetch_one(&mut admin).await.unwrap();
    let owner = next_year(&test, &cast).await;
    let exam = cast.school.path(&format!("/exams/{}", things.exam));
    let version = cast.school.path(&format!("/timetable/versions/{}", timetable.version));
    let grid = format!("{version}/classes/{}", cast.class_id);
    let assignment = assignment.to_string();
    let slot = [("day", "1"), ("session", "morning"), ("period", "1"), ("subject", "")];
    let writes: Vec<(String, Vec<(&str, &str)>)> = vec![
        (exam.clone(), vec![("name", "Tên khác"), ("mark_kind", "points"), ("entries", "1"), ("state", "preparing")]),
        (
            format!("{exam}/papers"),
            vec![("subject", "Văn"), ("date", "2026-12-15"), ("begins", "7:30"), ("minutes", "90")],
        ),
        (format!("{exam}/papers/{}/removal", things.paper), vec![]),
        (format!("{exam}/rooms"), vec![("name", "P2"), ("seats", "24")]),
        (format!("{exam}/candidates"), vec![("classes", "all")]),
        (format!("{exam}/numbers"), vec![("prefix", "9"), ("width", "4"), ("order", "name")]),
        (format!("{version}/withdrawal"), vec![]),
        (grid, slot.to_vec()),
        (cast.school.path("/timetable/assignments"), vec![("remove", &assignment)]),
    ];
    let tables = ["exams", "exam_papers", "exam_rooms", "exam_candidates", "timetable_versions", "timetable_lessons"];
    let stands = async || {
        let mut all = Vec::new();
        for table in tables.iter().chain(&["timetable_assignments"]) {
            let rows = format!("SELECT (to_jsonb(t) - 'version')::text FROM {table} t ORDER BY 1");
            let rows: Vec<String> =
                sqlx::query_scalar(AssertSqlSafe(rows)).fetch_all(&mut test.admin().await).await.unwrap();
            all.extend(rows);
        }
        all
    };
    let before = stands().await;
    let over = vi("fault-year-over");
    for client in [&owner, &test.signed_in(&cast.exams).await, &test.signed_in(&cast.timetable).await] {
        for (path, form) in &writes {
            test.clock.advance(Duration::seconds(10));
            let page = client.post(path, form).await;
            // Who holds the other grant may not do it at all.
            if page.status.as_u16() != 403 {
                page.expect(422).shows(&[&over]);
            }
        }
    }
    assert_eq!(stands().await, before);
    // They can be looked at, and say so.
    owner.get(&exam).await.expect(200).shows(&[&vi("years-over"), &vi("years-over-exam")]);
    owner.get(&version).await.expect(200).shows(&[&vi("years-over-timetable")]).hides(&["/withdrawal"]);
    // An owner who has said why changes them; the others still do not.
    open_year(&test, &cast.school, &owner).await;
    let exams = test.signed_in(&cast.exams).await;
    exams.post(&writes[3].0, &writes[3].1).await.expect(422).shows(&[&over]);
    for (path, form) in &writes {
        test.clock.advance(Duration::seconds(10));
        owner.post(path, form).await.hides(&[&over]);
    }
    assert_ne!(stands().await, before);
}
