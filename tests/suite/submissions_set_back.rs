//! Approvals that come to nothing say why; and what crosses with an approval is answered with a sentence.

use crate::submissions::{PUPILS, STAFF, Stage, approve, classes, desk, id_of, pupil, sheet, text};
use crate::support::say::{vi, vi1};

#[tokio::test]
async fn pupils_whose_classes_were_not_taken_over_wait_again_and_say_so() {
    let stage = Stage::new().await;
    let Stage { test, operator, .. } = &stage;
    let lists = stage.hand_in("classes", &classes(&["10A1"])).await;
    let rows = [pupil("Đỗ Văn An", "10A1", "04/04/2011", "7900000011")];
    let pupils = stage.hand_in("pupils", &sheet(PUPILS, &rows)).await;
    let (one, other) = (id_of(&pupils), id_of(&lists));
    let ids = [("ids", one.as_str()), ("ids", other.as_str())];
    operator.post("/operator/submissions/approvals", &ids).await.expect(303);
    // The list of classes is given up before the pupils' turn comes.
    let mut admin = test.admin().await;
    for back in [
        "UPDATE submissions SET state = 'submitted' WHERE kind = 'classes'",
        "UPDATE plans SET state = 'submitted' WHERE source = 'classes'",
        "UPDATE submission_queue SET state = 'submitted' WHERE kind = 'classes'",
    ] {
        sqlx::query(back).execute(&mut admin).await.unwrap();
    }
    test.work().await;
    assert_eq!(stage.people().await, []);
    let sentence = vi1("submission-setback-classes", "value", "10A1");
    stage.look(&pupils).await.shows(&[&vi("submission-state-submitted"), &sentence]);
    operator.get(&desk(&pupils)).await.expect(200).shows(&[&sentence, &vi("submission-approve")]);
    let audited = "SELECT detail ->> 'why' FROM audit_events WHERE action = 'submission_not_taken_over'";
    assert_eq!(text(&mut admin, audited).await, "classes");

    approve(test, operator, &lists).await;
    approve(test, operator, &pupils).await;
    stage.look(&pupils).await.shows(&[&vi("submission-state-approved")]).hides(&[&sentence]);
    assert_eq!(stage.people().await.len(), 1);
}

#[tokio::test]
async fn an_operator_who_lost_the_province_takes_nothing_over() {
    let stage = Stage::new().await;
    let Stage { test, operator, .. } = &stage;
    let at = stage.hand_in("classes", &classes(&["10A1"])).await;
    operator.post(&format!("{}/approval", desk(&at)), &[]).await.expect(303);
    let mut admin = test.admin().await;
    sqlx::query("UPDATE operator_provinces SET province_code = '46'").execute(&mut admin).await.unwrap();
    test.work().await;
    stage.look(&at).await.shows(&[&vi("submission-state-submitted"), &vi("submission-setback-rights")]);
    assert_eq!(text(&mut admin, "SELECT count(*)::text FROM registry_classes").await, "0");
}

#[tokio::test]
async fn what_a_school_handed_in_before_it_keeps_its_registry_itself_is_not_taken_over() {
    let stage = Stage::new().await;
    let Stage { test, cast, owner, operator } = &stage;
    let waits = stage.hand_in("classes", &classes(&["10A1"])).await;
    let teacher = sheet(STAFF, &[["Lý Thị Giáo", "Nữ", "01/02/1990", "giao@example.vn", ""]]);
    let draft = stage.upload("staff", &teacher).await;
    let settings = cast.school.path("/settings");
    let own = async |source: &str| {
        test.clock.advance(chrono::Duration::seconds(10));
        owner.post(&settings, &[("registry_source", source)]).await.expect(303);
    };
    own("own").await;
    let refused = owner.post(&format!("{draft}/submit"), &[]).await.expect(422);
    refused.shows(&[&vi("fault-submission-keeps-own")]);
    let approval = format!("{}/approval", desk(&waits));
    let refused = operator.post(&approval, &[]).await.expect(422);
    refused.shows(&[&vi("fault-submission-school-keeps-own")]);

    // Switched between the decision and the worker.
    own("submissions").await;
    operator.post(&approval, &[]).await.expect(303);
    own("own").await;
    test.work().await;
    operator.get(&desk(&waits)).await.expect(200).shows(&[&vi("submission-setback-keeps-own")]);
    assert_eq!(text(&mut test.admin().await, "SELECT count(*)::text FROM registry_classes").await, "0");
    let why = [("remark", "Trường tự cập nhật")];
    operator.post(&format!("{}/return", desk(&waits)), &why).await.expect(303);
    test.work().await;
    stage.look(&waits).await.shows(&[&vi("submission-state-returned")]).hides(&[&vi("submission-setback-keeps-own")]);
}

/// A newer list is handed in while an operator's decision about the earlier one is being written.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_newer_list_that_crosses_with_an_approval_is_refused_with_a_sentence() {
    let stage = Stage::new().await;
    let Stage { test, owner, .. } = &stage;
    let earlier = stage.hand_in("classes", &classes(&["10A1"])).await;
    let newer = stage.upload("classes", &classes(&["10A1", "10A2"])).await;
    let mut deciding = test.admin().await;
    for statement in [
        "BEGIN".to_owned(),
        format!("UPDATE submissions SET state = 'approving' WHERE plan_id = '{}'", id_of(&earlier)),
        format!("UPDATE plans SET state = 'applying' WHERE id = '{}'", id_of(&earlier)),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut deciding).await.unwrap();
    }
    let submit = format!("{newer}/submit");
    let commit = async {
        test.until(
            "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        .await;
        sqlx::query("COMMIT").execute(&mut deciding).await.unwrap();
    };
    let (answer, ()) = tokio::join!(owner.post(&submit, &[]), commit);
    answer.expect(422).shows(&[&vi("fault-submission-approving")]);
    let states = "SELECT string_agg(state, ',' ORDER BY created_at, state) FROM submissions";
    assert_eq!(text(&mut test.admin().await, states).await, "approving,draft");
}

/// What waits for an operator is kept however long it takes, and keeps nothing else from being forgotten.
#[tokio::test]
async fn lists_that_wait_for_an_operator_do_not_keep_others_from_being_forgotten() {
    use std::sync::Arc;

    use schoolgate::{
        jobs::{Attempt, Handle},
        plan::purge::PurgePlans,
    };
    let stage = Stage::new().await;
    let Stage { test, cast, .. } = &stage;
    let waits = stage.hand_in("classes", &classes(&["10A1"])).await;
    let mut admin = test.admin().await;
    // A hundred more of them, all due before a draft of another school.
    for more in [
        "INSERT INTO plans (school_id, id, source, state, school_year_id, created_at, book)
         SELECT school_id, md5(n::text)::uuid, source, 'submitted', school_year_id, created_at, book
         FROM plans, generate_series(1, 120) n",
        "INSERT INTO plan_purges (school_id, plan_id, due_at)
         SELECT p.school_id, p.id, q.due_at FROM plans p CROSS JOIN plan_purges q WHERE p.id <> q.plan_id",
    ] {
        sqlx::query(more).execute(&mut admin).await.unwrap();
    }
    test.clock.advance(chrono::Duration::days(1));
    let other = test.cast("79000002").await;
    let draft = other.school.plan(test).await;
    test.clock.advance(chrono::Duration::days(91));
    let attempt = Attempt { number: 1, is_last: false };
    PurgePlans {}.handle(Arc::new((**test).clone()), attempt).await.unwrap();
    let left = format!("SELECT count(*)::text FROM plan_rows WHERE plan_id = '{draft}'");
    assert_eq!(text(&mut admin, &left).await, "0");
    let kept = format!("SELECT count(*)::text FROM plan_rows WHERE plan_id = '{}'", id_of(&waits));
    assert_eq!(text(&mut admin, &kept).await, "1");
    let due = format!("SELECT count(*)::text FROM plan_purges WHERE school_id = '{}'", cast.school.id());
    assert_eq!(text(&mut admin, &due).await, "121", "they are looked at again");
}

#[tokio::test]
async fn of_many_that_are_approved_all_are_looked_up_first_and_the_filter_stays() {
    let stage = Stage::new().await;
    let Stage { test, operator, .. } = &stage;
    let at = stage.hand_in("classes", &classes(&["10A1"])).await;
    let (mine, state) = (id_of(&at), "SELECT state FROM submissions");
    let approvals = "/operator/submissions/approvals";
    let nobody = mine.replace(|c: char| c.is_ascii_digit(), "0");
    operator.post(approvals, &[("ids", mine.as_str()), ("ids", nobody.as_str())]).await.expect(404);
    assert_eq!(text(&mut test.admin().await, state).await, "submitted");
    let queue = operator.get("/operator/submissions?q=7900&province=79").await.expect(200);
    assert_eq!((queue.input("q").as_str(), queue.html().contains("data-pick-all")), ("7900", true));
    let fields = [("ids", mine.as_str()), ("province", "79"), ("q", "7900")];
    let back = operator.post(approvals, &fields).await.location();
    assert!(back.contains("province=79") && back.contains("q=7900") && back.contains("n=1"), "{back}");
    operator.get(&back).await.expect(200);
    test.work().await;
    assert_eq!(text(&mut test.admin().await, state).await, "approved");
}

#[tokio::test]
async fn what_an_operator_should_look_at_is_counted() {
    let stage = Stage::new().await;
    stage.take_over("classes", &classes(&["10A1", "10A2"])).await;
    let rows = [
        pupil("Đỗ Văn An", "10A1", "04/04/2011", "7900000011"),
        pupil("Đỗ Văn Bình", "10A1", "05/04/2011", "7900000012"),
        pupil("Đỗ Thị Chi", "10A1", "06/04/2011", "7900000012"),
        pupil("Đỗ Văn Dũng", "10A1", "06/04/1941", ""),
        pupil("Đỗ Văn Giang", "10A1", "31/02/2011", ""),
    ];
    let at = stage.hand_in("pupils", &sheet(PUPILS, &rows)).await;
    let page = stage.operator.get(&desk(&at)).await.expect(200);
    page.shows(&[
        &vi1("quality-twin-identifiers", "count", 2),
        &vi1("quality-impossible-births", "count", 2),
        &vi1("quality-empty-classes", "count", 1),
    ])
    .hides(&[&vi1("quality-birth-dates", "count", 1)]);
}

/// The rows of a list are an operator's from when it is handed in until it goes back.
#[tokio::test]
async fn the_rows_of_a_list_that_went_back_are_the_schools_alone() {
    let stage = Stage::new().await;
    let Stage { test, owner, operator, .. } = &stage;
    let at = stage.hand_in("staff", &sheet(STAFF, &[["Lý Thị Giáo", "Nữ", "01/02/1990", "giao@example.vn", ""]])).await;
    operator.get(&desk(&at)).await.expect(200).shows(&["Lý Thị Giáo"]);
    owner.post(&format!("{at}/withdraw"), &[]).await.expect(303);
    let told = vi("submission-with-school");
    operator.get(&desk(&at)).await.expect(200).shows(&[&told]).hides(&["Lý Thị Giáo"]);
    owner.post(&format!("{at}/submit"), &[]).await.expect(303);
    operator.post(&format!("{}/return", desk(&at)), &[("remark", "Thiếu mã định danh")]).await.expect(303);
    operator.get(&desk(&at)).await.expect(200).shows(&[&told]).hides(&["Lý Thị Giáo"]);
    stage.look(&at).await.shows(&["Lý Thị Giáo"]);
    owner.post(&format!("{at}/submit"), &[]).await.expect(303);
    approve(test, operator, &at).await;
    operator.get(&desk(&at)).await.expect(200).shows(&["Lý Thị Giáo"]).hides(&[&told]);
}

#[tokio::test]
async fn submissions_beyond_the_first_page_are_reached() {
    let stage = Stage::new().await;
    let Stage { test, cast, owner, .. } = &stage;
    let first = stage.upload("classes", &classes(&["10A1"])).await;
    let mut admin = test.admin().await;
    for more in [
        "INSERT INTO plans (school_id, id, source, state, school_year_id, created_at, book, file_name)
         SELECT school_id, md5(n::text)::uuid, source, state, school_year_id, created_at + n * interval '1 minute', book,
             'lop-' || n || '.xlsx' FROM plans, generate_series(1, 60) n",
        "INSERT INTO submissions (school_id, plan_id, kind, state, created_at)
         SELECT school_id, id, 'classes', 'approved', created_at FROM plans WHERE file_name LIKE 'lop-%'",
    ] {
        sqlx::query(more).execute(&mut admin).await.unwrap();
    }
    let list = cast.school.path("/submissions");
    let page = owner.get(&list).await.expect(200).shows(&["lop-60.xlsx", "lop-11.xlsx"]).hides(&["lop-10.xlsx"]);
    let rest = owner.get(&page.link("after=")).await.expect(200).shows(&["lop-10.xlsx", &vi("submissions-latest")]);
    assert_eq!(rest.link(&first), first);
}
