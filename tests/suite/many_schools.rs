//! One list of several schools, handed in by an operator: each school gets its rows.

use crate::support::say::{vi, vi1};
use crate::support::{Cast, Client, TestApp, sheets};

struct Stage {
    test: TestApp,
    one: Cast,
    other: Cast,
    operator: Client,
}

impl Stage {
    async fn new() -> Self {
        let test = TestApp::new().await;
        let (one, other) = (test.cast("79000001").await, test.cast("79000002").await);
        let operator = test.operator("chuyenvien@example.vn", &["79"]).await;
        let operator = test.signed_in(&operator).await;
        Self { test, one, other, operator }
    }

    async fn hand_in(&self, kind: &str, table: &[&[&str]]) -> crate::support::Page {
        let table: Vec<Vec<String>> =
            table.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect();
        let file = sheets::written(&table);
        self.test.clock.advance(chrono::Duration::seconds(10));
        self.operator.upload_with("/operator/submissions", "huyen.xlsx", &file, &[("kind", kind)]).await
    }

    /// The submissions of a school: kind, state and counts.
    async fn submissions(&self, cast: &Cast) -> String {
        let all =
            "SELECT coalesce(string_agg(s.kind || ' ' || s.state || ' ' || coalesce(p.counts ->> 'create', '0') || ' '
                       || coalesce(p.counts ->> 'error', '0'), ', ' ORDER BY s.created_at, s.kind), '')
                   FROM submissions s JOIN plans p ON p.id = s.plan_id WHERE s.school_id = $1";
        sqlx::query_scalar(all).bind(cast.school.id()).fetch_one(&mut self.test.admin().await).await.unwrap()
    }
}

#[tokio::test]
async fn each_school_gets_its_rows() {
    let stage = Stage::new().await;
    let classes: &[&[&str]] = &[
        &["Mã trường", "Tên lớp", "Khối"],
        &["79000001", "10A1", "10"],
        &["79000002", "11B1", "11"],
        &["79000001", "10A2", "10"],
    ];
    let done = stage.hand_in("classes", classes).await.location();
    stage.operator.get(&done).await.expect(200).shows(&[&vi1("done-submissions-begun", "n", 2)]);
    stage.test.work().await;
    assert_eq!(stage.submissions(&stage.one).await, "classes submitted 2 0");
    assert_eq!(stage.submissions(&stage.other).await, "classes submitted 1 0");
    let queue = stage.operator.get("/operator/submissions").await.expect(200).shows(&["79000001", "79000002"]);
    let ids: Vec<String> = queue
        .links()
        .into_iter()
        .filter_map(|link| link.strip_prefix("/operator/submissions/").map(str::to_owned))
        .filter(|id| id.len() == 36)
        .collect();
    let ids: Vec<(&str, &str)> = ids.iter().map(|id| ("ids", id.as_str())).collect();
    stage.operator.post("/operator/submissions/approvals", &ids).await.expect(303);
    stage.test.work().await;

    // What is wrong stays with its school, who mends it and hands it in.
    let pupils: &[&[&str]] = &[
        &["Mã trường", "Họ và tên", "Giới tính", "Lớp", "Ngày sinh", "Họ và tên mẹ", "Năm sinh của mẹ"],
        &["79000001", "Đỗ Văn An", "Nam", "10A1", "04/04/2011", "Trần Thị Mẹ", "1985"],
        &["79000002", "Đỗ Văn Bình", "Nam", "11B1", "31/02/2010", "Trần Thị Mẹ", "1985"],
    ];
    stage.hand_in("pupils", pupils).await.expect(303);
    stage.test.work().await;
    assert_eq!(stage.submissions(&stage.one).await, "classes approved 2 0, pupils submitted 1 0");
    assert_eq!(stage.submissions(&stage.other).await, "classes approved 1 0, pupils draft 0 1");
    let owner = stage.test.signed_in(&stage.other.owner).await;
    let list = owner.get(&stage.other.school.path("/submissions")).await.expect(200).shows(&["huyen.xlsx"]);
    let draft = list.links().into_iter().find(|link| link.contains("/submissions/")).unwrap();
    let page = owner.get(&draft).await.expect(200).shows(&["Đỗ Văn Bình"]).hides(&["Đỗ Văn An"]);
    page.shows(&[&vi("submission-state-draft")]);
    let by = "SELECT string_agg(DISTINCT actor_kind, ', ') FROM audit_events WHERE action LIKE 'submission_%'";
    let by: String = sqlx::query_scalar(by).fetch_one(&mut stage.test.admin().await).await.unwrap();
    assert_eq!(by, "operator");

    // Its owners get a mail; the operator sees that it is theirs, and no rows, until they drop it.
    let mail = stage.test.mail_to(&stage.other.owner.login);
    assert!(mail.text.contains(&draft), "{}", mail.text);
    let kept = "/operator/submissions?state=draft";
    stage.operator.get(kept).await.expect(200).shows(&["79000002"]).hides(&["79000001"]);
    let desk = format!("/operator/submissions/{}", draft.rsplit('/').next().unwrap());
    let page = stage.operator.get(&desk).await.expect(200);
    page.shows(&[&vi("submission-with-school")]).hides(&["Đỗ Văn Bình"]);
    stage.operator.post(&format!("{desk}/approval"), &[]).await.expect(422);
    owner.post(&format!("{draft}/discard"), &[]).await.expect(303);
    stage.operator.get(kept).await.expect(200).hides(&["79000002"]);
}

/// What its school never mends is forgotten like any other list, and waits for nobody then.
#[tokio::test]
async fn a_list_that_is_forgotten_leaves_the_operators_list() {
    use std::sync::Arc;

    use schoolgate::{
        jobs::{Attempt, Handle},
        plan::purge::PurgePlans,
    };
    let stage = Stage::new().await;
    let pupils: &[&[&str]] = &[
        &["Mã trường", "Họ và tên", "Giới tính", "Lớp", "Ngày sinh", "Họ và tên mẹ", "Năm sinh của mẹ"],
        &["79000002", "Đỗ Văn Bình", "Nam", "11B1", "31/02/2010", "Trần Thị Mẹ", "1985"],
    ];
    stage.hand_in("pupils", pupils).await.expect(303);
    stage.test.work().await;
    let states = "SELECT coalesce(string_agg(state, ', '), '') FROM submission_queue";
    let states =
        async || -> String { sqlx::query_scalar(states).fetch_one(&mut stage.test.admin().await).await.unwrap() };
    assert_eq!(states().await, "draft");
    stage.test.clock.advance(chrono::Duration::days(91));
    let attempt = Attempt { number: 1, is_last: false };
    PurgePlans {}.handle(Arc::new((*stage.test).clone()), attempt).await.unwrap();
    assert_eq!(states().await, "withdrawn");
}

#[tokio::test]
async fn of_a_list_with_wrong_codes_nothing_is_taken() {
    let stage = Stage::new().await;
    let elsewhere = stage.test.school("01000001").await;
    sqlx::query(
        "UPDATE schools SET province_code = '01', managing_unit_id = (
                     SELECT id FROM managing_units WHERE province_code = '01' ORDER BY id LIMIT 1) WHERE id = $1",
    )
    .bind(elsewhere.id())
    .execute(&mut stage.test.admin().await)
    .await
    .unwrap();
    for (rows, sentence) in [
        (vec![vec!["79000001", "10A1"], vec!["79999999", "10A1"]], vi1("fault-many-unknown", "value", "79999999")),
        // A school of another province is as unknown.
        (vec![vec!["79000001", "10A1"], vec!["01000001", "10A1"]], vi1("fault-many-unknown", "value", "01000001")),
        (vec![vec!["79000001", "10A1"], vec!["", "10A2"]], vi1("fault-many-without-code", "value", "3")),
    ] {
        let mut table: Vec<&[&str]> = vec![&["Mã trường", "Tên lớp"]];
        table.extend(rows.iter().map(Vec::as_slice));
        stage.hand_in("classes", &table).await.expect(422).shows(&[&sentence]);
    }
    stage.hand_in("classes", &[&["Tên lớp"], &["10A1"]]).await.expect(422).shows(&[&vi("fault-many-no-codes")]);
    stage.hand_in("", &[&["Mã trường", "Tên lớp"], &["79000001", "10A1"]]).await.expect(422);
    let own = stage.test.signed_in(&stage.other.owner).await;
    own.post(&stage.other.school.path("/settings"), &[("registry_source", "own")]).await.expect(303);
    let both: &[&[&str]] = &[&["School code", "Tên lớp"], &["79000001", "10A1"], &["79000002", "10A1"]];
    let refused = stage.hand_in("classes", both).await.expect(422);
    refused.shows(&[&vi1("fault-many-keep-own", "value", "79000002")]);
    assert_eq!(stage.submissions(&stage.one).await + stage.submissions(&stage.other).await.as_str(), "");
    own.upload_with("/operator/submissions", "huyen.xlsx", b"x", &[("kind", "classes")]).await.expect(403);
}

#[tokio::test]
async fn a_list_of_several_schools_begins_in_all_of_them_or_in_none() {
    let stage = Stage::new().await;
    let mut admin = stage.test.admin().await;
    let fails = format!(
        "CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
         CREATE TRIGGER fails BEFORE INSERT ON submissions FOR EACH ROW WHEN (NEW.school_id = '{}')
             EXECUTE FUNCTION fails();",
        stage.other.school.id()
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(fails)).execute(&mut admin).await.unwrap();
    let classes: &[&[&str]] = &[&["Mã trường", "Tên lớp"], &["79000001", "10A1"], &["79000002", "11B1"]];
    stage.hand_in("classes", classes).await.expect(500);
    stage.test.work().await;
    assert_eq!((stage.submissions(&stage.one).await, stage.submissions(&stage.other).await), Default::default());
    // The same list once more doubles nothing.
    sqlx::query("DROP TRIGGER fails ON submissions").execute(&mut admin).await.unwrap();
    stage.hand_in("classes", classes).await.expect(303);
    stage.test.work().await;
    assert_eq!(stage.submissions(&stage.one).await, "classes submitted 1 0");
    assert_eq!(stage.submissions(&stage.other).await, "classes submitted 1 0");
}

#[tokio::test]
async fn codes_that_nobody_has_are_not_looked_up_for_ever() {
    let stage = Stage::new().await;
    let codes: Vec<String> = (0..2_000).map(|n| format!("X{n}")).collect();
    let mut table: Vec<&[&str]> = vec![&["Mã trường", "Tên lớp"]];
    let rows: Vec<[&str; 2]> = codes.iter().map(|code| [code.as_str(), "10A1"]).collect();
    table.extend(rows.iter().map(<[&str; 2]>::as_slice));
    let refused = stage.hand_in("classes", &table).await.expect(422);
    // In the order of the alphabet X1000 would stand before X101.
    refused.shows(&["X100, X101, X102"]).hides(&["X1000"]);
}
