//! What a school hands in, from the file to the registry: checked, mended, handed in, approved or returned; in which
//! order; and what happens when two act at once.

use schoolgate::{
    clock::Randomness,
    ids::SchoolId,
    web::{Translator, i18n::Lang},
};
use sqlx::PgConnection;

use crate::support::people::School;
use crate::support::say::{vi, vi1};
use crate::support::{Cast, Client, Page, TestApp, sheets};

pub const STAFF: [&str; 5] = ["Họ và tên", "Giới tính", "Ngày sinh", "Email", "Mã định danh Bộ GD&ĐT"];
pub const PUPILS: [&str; 7] =
    ["Họ và tên", "Giới tính", "Lớp", "Ngày sinh", "Họ và tên mẹ", "Năm sinh của mẹ", "Mã định danh Bộ GD&ĐT"];

pub fn sheet<const N: usize>(headers: [&str; N], rows: &[[&str; N]]) -> Vec<u8> {
    let table: Vec<Vec<String>> =
        std::iter::once(&headers).chain(rows).map(|row| row.map(str::to_owned).to_vec()).collect();
    sheets::written(&table)
}

pub fn classes(names: &[&str]) -> Vec<u8> {
    let table: Vec<Vec<String>> =
        std::iter::once(&"Tên lớp").chain(names).map(|name| vec![(*name).to_owned()]).collect();
    sheets::written(&table)
}

pub fn pupil<'a>(name: &'a str, class: &'a str, birth: &'a str, moet_id: &'a str) -> [&'a str; 7] {
    [name, "Nam", class, birth, "Trần Thị Mẹ", "1985", moet_id]
}

/// Uploads a list; gives the address of the submission once it is checked.
pub async fn upload(test: &TestApp, school: &School, owner: &Client, kind: &str, file: &[u8]) -> String {
    let list = school.path("/submissions");
    let at = owner.upload_with(&list, "danh-sach.xlsx", file, &[("kind", kind)]).await.location();
    test.work().await;
    at
}

/// Uploads a list and hands it in.
pub async fn hand_in(test: &TestApp, school: &School, owner: &Client, kind: &str, file: &[u8]) -> String {
    let at = upload(test, school, owner, kind, file).await;
    owner.post(&format!("{at}/submit"), &[("confirm_leaves", "on")]).await.expect(303);
    at
}

pub fn id_of(at: &str) -> String {
    at.rsplit('/').next().unwrap().to_owned()
}

/// Where an operator decides on it.
pub fn desk(at: &str) -> String {
    format!("/operator/submissions/{}", id_of(at))
}

pub async fn approve(test: &TestApp, operator: &Client, at: &str) {
    operator.post(&format!("{}/approval", desk(at)), &[]).await.expect(303);
    test.work().await;
}

/// Hands a list in and has it approved.
pub async fn take_over(test: &TestApp, school: &School, owner: &Client, operator: &Client, kind: &str, file: &[u8]) {
    let at = hand_in(test, school, owner, kind, file).await;
    approve(test, operator, &at).await;
    owner.get(&at).await.expect(200).shows(&[&vi("submission-state-approved")]);
}

/// The people of a school's registry: name, class, and why they are gone.
pub async fn people(admin: &mut PgConnection, school: &School) -> Vec<(String, Option<String>, Option<String>)> {
    sqlx::query_as(
        "SELECT p.full_name, c.name, p.left_reason FROM registry_people p
         LEFT JOIN registry_classes c ON c.school_id = p.school_id AND c.id = p.class_id
         WHERE p.school_id = $1 ORDER BY p.full_name",
    )
    .bind(school.id())
    .fetch_all(admin)
    .await
    .unwrap()
}

pub fn there(name: &str, class: &str) -> (String, Option<String>, Option<String>) {
    (name.to_owned(), Some(class.to_owned()), None)
}

pub fn gone(name: &str, class: &str, reason: &str) -> (String, Option<String>, Option<String>) {
    (name.to_owned(), Some(class.to_owned()), Some(reason.to_owned()))
}

pub async fn text(admin: &mut PgConnection, query: &str) -> String {
    let value: Option<String> =
        sqlx::query_scalar(sqlx::AssertSqlSafe(query.to_owned())).fetch_one(admin).await.unwrap();
    value.unwrap_or_default()
}

pub struct Stage {
    pub test: TestApp,
    pub cast: Cast,
    pub owner: Client,
    pub operator: Client,
}

impl Stage {
    pub async fn new() -> Self {
        let test = TestApp::with_many_connections().await;
        let cast = test.cast("79000001").await;
        let owner = test.signed_in(&cast.owner).await;
        let operator = test.operator("chuyenvien@example.vn", &["79"]).await;
        let operator = test.signed_in(&operator).await;
        Self { test, cast, owner, operator }
    }

    pub async fn upload(&self, kind: &str, file: &[u8]) -> String {
        upload(&self.test, &self.cast.school, &self.owner, kind, file).await
    }

    pub async fn hand_in(&self, kind: &str, file: &[u8]) -> String {
        hand_in(&self.test, &self.cast.school, &self.owner, kind, file).await
    }

    pub async fn take_over(&self, kind: &str, file: &[u8]) {
        take_over(&self.test, &self.cast.school, &self.owner, &self.operator, kind, file).await;
    }

    pub async fn people(&self) -> Vec<(String, Option<String>, Option<String>)> {
        people(&mut self.test.admin().await, &self.cast.school).await
    }

    pub async fn look(&self, at: &str) -> Page {
        self.owner.get(at).await.expect(200)
    }
}

const TEACHERS: [[&str; 5]; 2] = [
    ["Lý Thị Giáo", "Nữ", "01/02/1990", "giao@example.vn", "7900000001"],
    ["Lý Văn Viên", "Nam", "31/02/1991", "vien@example.vn", ""],
];

#[tokio::test]
async fn a_list_of_staff_goes_from_the_file_to_the_registry() {
    for lang in [Lang::Vi, Lang::En] {
        let stage = Stage::new().await;
        let l = Translator::new(lang);
        let say = |key: &str| l.t(key);
        if lang == Lang::En {
            stage.owner.set_cookie("lang", "en");
            stage.operator.set_cookie("lang", "en");
        }
        let Stage { test, cast, owner, operator } = &stage;
        owner.get(&cast.school.path("/submissions")).await.expect(200).shows(&[&say("submissions-empty")]);
        let at = stage.upload("staff", &sheet(STAFF, &TEACHERS)).await;
        stage.look(&at).await.shows(&["Lý Thị Giáo", &say("submission-state-draft"), &say("submission-submit")]);

        // The impossible date is mended where it is seen.
        owner.post(&format!("{at}/rows/3"), &[("birth_date", "28/02/1991")]).await.expect(303);
        owner.post(&format!("{at}/submit"), &[]).await.expect(303);
        stage.look(&at).await.shows(&[&say("submission-state-submitted")]).hides(&["name=\"birth_date\""]);
        owner.post(&format!("{at}/rows/3"), &[("birth_date", "27/02/1991")]).await.expect(404);
        assert_eq!(stage.people().await, [], "nothing is in the registry before an operator has approved it");

        operator.get("/operator/submissions").await.expect(200).shows(&["79000001", &say("submission-kind-staff")]);
        operator.get(&desk(&at)).await.expect(200).shows(&["Lý Văn Viên", &say("submission-approve")]);
        approve(test, operator, &at).await;
        stage.look(&at).await.shows(&[&say("submission-state-approved")]);
        operator.get(&desk(&at)).await.expect(200).shows(&[&say("submission-state-approved")]);
        let names: Vec<String> = stage.people().await.into_iter().map(|(name, ..)| name).collect();
        assert_eq!(names, ["Lý Thị Giáo", "Lý Văn Viên"]);
        test.mail_to(&cast.owner.login);
        let mut admin = test.admin().await;
        let seen = text(
            &mut admin,
            "SELECT string_agg(action || ' ' || actor_kind, ', ' ORDER BY action) FROM audit_events
             WHERE action LIKE 'submission_%' AND action <> 'submission_viewed'",
        )
        .await;
        assert_eq!(seen, "submission_approved operator, submission_made member, submission_submitted member");
        let viewed =
            text(&mut admin, "SELECT count(*)::text FROM audit_events WHERE action = 'submission_viewed'").await;
        assert_eq!(viewed, "2", "each look of an operator is on record");
        let held = "SELECT count(*)::text FROM registry_identifiers";
        assert_eq!(text(&mut admin, held).await, "1");
        let history = "SELECT string_agg(change || ' ' || actor_kind, ', ') FROM registry_changes";
        assert_eq!(text(&mut admin, history).await, "create operator, create operator");

        // The same list once more changes nothing.
        let mut again = TEACHERS;
        again[1][2] = "28/02/1991";
        again.reverse();
        let at = stage.upload("staff", &sheet(STAFF, &again)).await;
        stage.look(&at).await.shows(&[&l.t1("submission-all-unchanged", "count", 2)]);
        let refused = owner.post(&format!("{at}/submit"), &[]).await.expect(422);
        refused.shows(&[&say("fault-submission-nothing")]);
    }
}

#[tokio::test]
async fn pupils_need_classes_that_are_in_the_registry() {
    let stage = Stage::new().await;
    let Stage { test, owner, operator, .. } = &stage;
    let file = sheet(PUPILS, &[pupil("Đỗ Văn An", "10A1", "04/04/2011", "7900000011")]);
    let pupils = stage.upload("pupils", &file).await;
    let missing = vi1("submission-classes-missing", "names", "10A1");
    stage.look(&pupils).await.shows(&[&missing]);
    let refused = owner.post(&format!("{pupils}/submit"), &[]).await.expect(422);
    refused.shows(&[&vi1("fault-submission-classes", "value", "10A1")]);

    // Handed in, the class lets the pupils be handed in, and is approved before them.
    let lists = stage.hand_in("classes", &classes(&["10A1", "10A2", "10A1"])).await;
    owner.post(&format!("{pupils}/submit"), &[]).await.expect(303);
    let early = operator.post(&format!("{}/approval", desk(&pupils)), &[]).await.expect(422);
    early.shows(&[&vi1("fault-submission-classes-first", "value", "10A1")]);
    assert_eq!(stage.people().await, []);
    approve(test, operator, &lists).await;
    approve(test, operator, &pupils).await;
    assert_eq!(stage.people().await, [there("Đỗ Văn An", "10A1")]);
    let known = "SELECT string_agg(name || ' ' || grade, ', ' ORDER BY sort_key) FROM registry_classes";
    assert_eq!(text(&mut test.admin().await, known).await, "10A1 10, 10A2 10");

    // Both at once: the classes come first, whatever the order of the boxes.
    let stage = Stage::new().await;
    let lists = stage.hand_in("classes", &classes(&["10A1"])).await;
    let pupils = stage.hand_in("pupils", &file).await;
    let (pupils, lists) = (id_of(&pupils), id_of(&lists));
    let ids = [("ids", pupils.as_str()), ("ids", lists.as_str())];
    stage.operator.post("/operator/submissions/approvals", &ids).await.expect(303);
    stage.test.work().await;
    assert_eq!(stage.people().await, [there("Đỗ Văn An", "10A1")]);
}

#[tokio::test]
async fn a_list_is_returned_with_a_remark_and_handed_in_again() {
    let stage = Stage::new().await;
    let Stage { test, cast, owner, operator } = &stage;
    let at = stage.hand_in("classes", &classes(&["10A1"])).await;
    let page = operator.post(&format!("{}/return", desk(&at)), &[("remark", " ")]).await.expect(422);
    page.shows(&[&vi("fault-remark-missing")]);
    operator.post(&format!("{}/return", desk(&at)), &[("remark", "Còn thiếu lớp 10A2")]).await.expect(303);
    test.work().await;
    let mail = test.mail_to(&cast.owner.login);
    assert!(mail.text.contains("Còn thiếu lớp 10A2"), "{}", mail.text);
    stage.look(&at).await.shows(&["Còn thiếu lớp 10A2", &vi("submission-state-returned")]);
    operator.get(&desk(&at)).await.expect(200).hides(&["/approval\""]);
    let late = operator.post(&format!("{}/approval", desk(&at)), &[]).await.expect(422);
    late.shows(&[&vi("fault-submission-not-waiting")]);

    // A newer one of the kind replaces the one that waits.
    owner.post(&format!("{at}/submit"), &[]).await.expect(303);
    let newer = stage.hand_in("classes", &classes(&["10A1", "10A2"])).await;
    stage.look(&at).await.shows(&[&vi("submission-state-replaced")]);
    operator.post(&format!("{}/approval", desk(&at)), &[]).await.expect(422);
    // And may be withdrawn.
    owner.post(&format!("{newer}/withdraw"), &[]).await.expect(303);
    stage.look(&newer).await.shows(&[&vi("submission-state-withdrawn")]);
    owner.post(&format!("{newer}/withdraw"), &[]).await.expect(422);
    operator.get("/operator/submissions").await.expect(200).hides(&["79000001"]);
    owner.post(&format!("{newer}/submit"), &[]).await.expect(303);
    approve(test, operator, &newer).await;
    let counts = "SELECT string_agg(state || ' ' || submissions, ', ' ORDER BY state) FROM submission_counts
                  WHERE submissions <> 0";
    assert_eq!(text(&mut test.admin().await, counts).await, "approved 1, replaced 1");
}

#[tokio::test]
async fn a_file_that_was_read_and_discarded_is_not_called_unreadable() {
    let stage = Stage::new().await;
    let Stage { cast, owner, .. } = &stage;
    let at = stage.upload("classes", &classes(&["10A1"])).await;
    owner.post(&format!("{at}/discard"), &[]).await.expect(303);
    let list = stage.look(&cast.school.path("/submissions")).await;
    list.shows(&[&vi("submission-discarded")]).hides(&[&vi("plan-state-refused")]);
}

#[tokio::test]
async fn who_is_no_longer_in_the_list_is_gone() {
    let stage = Stage::new().await;
    stage.take_over("classes", &classes(&["10A1", "10A2"])).await;
    let an = pupil("Đỗ Văn An", "10A1", "04/04/2011", "7900000011");
    let binh = pupil("Đỗ Văn Bình", "10A1", "05/04/2011", "7900000012");
    let chi = pupil("Đỗ Thị Chi", "10A2", "06/04/2011", "");
    stage.take_over("pupils", &sheet(PUPILS, &[an, binh, chi])).await;

    // An is in another class, Bình is gone, Chi's row cannot be read, and so says nothing of her being gone.
    let mut unread = chi;
    unread[3] = "31/02/2011";
    let an = pupil("Đỗ Văn An", "10A2", "04/04/2011", "7900000011");
    let at = stage.upload("pupils", &sheet(PUPILS, &[unread, an])).await;
    let page = stage.look(&at).await.shows(&["Đỗ Văn Bình", &vi("submission-absent")]);
    assert_eq!(page.html().matches(&vi("submission-absent")).count(), 1);
    let refused = stage.owner.post(&format!("{at}/submit"), &[]).await.expect(422);
    refused.shows(&[&vi("fault-submission-leaves")]);
    // The school says that Bình is still there.
    stage.owner.post(&format!("{at}/rows/4"), &[("decision", "drop")]).await.expect(303);
    stage.owner.post(&format!("{at}/rows/4"), &[("full_name", "Đỗ Văn Bình")]).await.expect(303);
    // Mended, Chi is found to be who she was.
    stage.owner.post(&format!("{at}/rows/2"), &[("birth_date", "06/04/2011")]).await.expect(303);
    stage.owner.post(&format!("{at}/submit"), &[("confirm_leaves", "on")]).await.expect(303);
    approve(&stage.test, &stage.operator, &at).await;
    assert_eq!(
        stage.people().await,
        [there("Đỗ Thị Chi", "10A2"), there("Đỗ Văn An", "10A2"), gone("Đỗ Văn Bình", "10A1", "gone")]
    );
    let mut admin = stage.test.admin().await;
    let counted = "SELECT string_agg(value::text, ' ' ORDER BY counter) FROM counters
                   WHERE counter LIKE 'registry%' AND counter <> 'registry_due' AND value <> 0";
    assert_eq!(text(&mut admin, counted).await, "2 2", "two pupils, both in 10A2");
    let held = "SELECT count(*)::text FROM registry_identifiers";
    assert_eq!(text(&mut admin, held).await, "1", "who is gone holds no identifier");
    // Back again, with the same identifier: the same person.
    stage.take_over("pupils", &sheet(PUPILS, &[an, binh, chi])).await;
    assert_eq!(
        stage.people().await,
        [there("Đỗ Thị Chi", "10A2"), there("Đỗ Văn An", "10A2"), there("Đỗ Văn Bình", "10A1")]
    );
}

#[tokio::test]
async fn a_list_of_classes_says_their_grades() {
    let stage = Stage::new().await;
    let Stage { test, cast, owner, .. } = &stage;
    let grades = "SELECT string_agg(name || ' ' || coalesce(grade, '–'), ', ' ORDER BY name) FROM registry_classes";
    let list = |rows: &[[&str; 2]]| sheet(["Tên lớp", "Khối"], rows);
    let first = list(&[["11B1", "Khối 11"], ["Hướng Dương", "Mẫu giáo lớn"], ["11B2", ""]]);
    let at = stage.upload("classes", &first).await;
    stage.look(&at).await.shows(&["Mẫu giáo lớn"]);
    stage.take_over("classes", &first).await;
    let mut admin = test.admin().await;
    assert_eq!(text(&mut admin, grades).await, "11B1 11, 11B2 11, Hướng Dương Mẫu giáo lớn");

    // Another grade is a change, with what was before; none says nothing.
    let second = list(&[["11B1", "12"], ["Hướng Dương", ""], ["11B2", "11"]]);
    let at = stage.upload("classes", &second).await;
    let expected = vi1("submission-will-change", "count", 1);
    let page = stage.look(&at).await.shows(&[&expected, &vi("plan-before")]);
    assert!(page.html().contains("</span>11</del>"), "{}", page.words());
    stage.take_over("classes", &second).await;
    assert_eq!(text(&mut admin, grades).await, "11B1 12, 11B2 11, Hướng Dương Mẫu giáo lớn");

    // And the school gets them with the classes.
    let plan = owner.post(&cast.school.path("/classes/sync"), &[]).await.location();
    test.work().await;
    owner.get(&plan).await.expect(200).shows(&["Mẫu giáo lớn"]);
    owner.post(&format!("{plan}/apply"), &[]).await.expect(303);
    test.work().await;
    let own = "SELECT string_agg(name || ' ' || grade, ', ' ORDER BY name) FROM classes WHERE name <> '10A1'";
    assert_eq!(text(&mut admin, own).await, "11B1 12, 11B2 11, Hướng Dương Mẫu giáo lớn");
}

/// What is in the registry does not depend on the order of the rows; and the same list once more, in any order, changes
/// nothing.
#[tokio::test]
async fn the_order_of_the_rows_does_not_matter() {
    let names: Vec<(String, String, String)> = (0..40)
        .map(|n| {
            let letters = ["An", "Bình", "Chi", "Dung", "Giang", "Hà", "Khánh", "Lan"];
            let name = format!("Đỗ {} {}", letters[n / 8], letters[n % 8]);
            (name, format!("{:02}/04/2011", 1 + n % 20), if n % 3 == 0 { String::new() } else { format!("79{n:08}") })
        })
        .collect();
    let mut rows: Vec<[&str; 7]> = names
        .iter()
        .enumerate()
        .map(|(n, (name, birth, moet_id))| pupil(name, if n % 2 == 0 { "10A1" } else { "10A2" }, birth, moet_id))
        .collect();
    let mut seen: Option<String> = None;
    for seed in 0..3 {
        let stage = Stage::new().await;
        stage.take_over("classes", &classes(&["10A1", "10A2"])).await;
        let randomness = Randomness::seeded(seed);
        let shuffle = |rows: &mut Vec<[&str; 7]>| {
            rows.sort_by_cached_key(|_| u64::from_le_bytes(randomness.bytes()));
        };
        shuffle(&mut rows);
        stage.take_over("pupils", &sheet(PUPILS, &rows)).await;
        let all = "SELECT string_agg(p.fields::text || c.name, ' ' ORDER BY p.full_name) FROM registry_people p
                   JOIN registry_classes c ON c.id = p.class_id";
        let now = text(&mut stage.test.admin().await, all).await;
        assert_eq!(stage.people().await.len(), 40);
        assert!(seen.is_none_or(|before| before == now), "another order, another registry");
        seen = Some(now);
        shuffle(&mut rows);
        let at = stage.upload("pupils", &sheet(PUPILS, &rows)).await;
        stage.look(&at).await.shows(&[&vi1("submission-all-unchanged", "count", 40)]);
    }
}

#[tokio::test]
async fn an_identifier_of_another_school_is_a_move() {
    let stage = Stage::new().await;
    let Stage { test, operator, .. } = &stage;
    let other = test.cast("79000002").await;
    let other_owner = test.signed_in(&other.owner).await;
    let file = sheet(PUPILS, &[pupil("Đỗ Văn An", "10A1", "04/04/2011", "7900000011")]);
    take_over(test, &other.school, &other_owner, operator, "classes", &classes(&["10A1"])).await;
    take_over(test, &other.school, &other_owner, operator, "pupils", &file).await;

    stage.take_over("classes", &classes(&["10A1"])).await;
    let at = stage.hand_in("pupils", &file).await;
    // The school learns that, and not where; the operator sees where.
    stage.look(&at).await.shows(&[&vi1("fault-identifier-elsewhere", "value", "")]).hides(&["79000002"]);
    let page = operator.get(&desk(&at)).await.expect(200);
    page.shows(&["79000002", &vi("submission-elsewhere")]);
    approve(test, operator, &at).await;
    assert_eq!(stage.people().await, [there("Đỗ Văn An", "10A1")]);
    let mut admin = test.admin().await;
    assert_eq!(people(&mut admin, &other.school).await, [gone("Đỗ Văn An", "10A1", "moved")]);
    let holder: SchoolId =
        sqlx::query_scalar("SELECT school_id FROM registry_identifiers").fetch_one(&mut admin).await.unwrap();
    assert_eq!(holder, stage.cast.school.id());
    let history = "SELECT string_agg(change || ' ' || actor_kind, ', ' ORDER BY change) FROM registry_changes
                   WHERE subject = 'person'";
    assert_eq!(text(&mut admin, history).await, "create operator, create operator, moved other_school");
}

#[tokio::test]
async fn a_submission_is_seen_by_its_owners_and_the_operators_of_its_province() {
    let stage = Stage::new().await;
    let Stage { test, cast, .. } = &stage;
    let at = stage.hand_in("classes", &classes(&["10A1"])).await;
    let elsewhere = test.operator("hue@example.vn", &["46"]).await;
    let elsewhere = test.signed_in(&elsewhere).await;
    elsewhere.get("/operator/submissions").await.expect(200).hides(&["79000001"]);
    elsewhere.get(&desk(&at)).await.expect(404);
    elsewhere.post(&format!("{}/approval", desk(&at)), &[]).await.expect(404);
    elsewhere.post("/operator/submissions/approvals", &[("ids", id_of(&at).as_str())]).await.expect(404);
    let manager = test.signed_in(&cast.manager).await;
    manager.get(&at).await.expect(403);
    // Its plan is no list of people, no matter who asks.
    let as_plan = at.replace("/submissions/", "/plans/");
    for rest in ["", "/columns", "/errors.xlsx", "/undo", "/missing", "/progress"] {
        manager.get(&format!("{as_plan}{rest}")).await.expect(404);
    }
    for rest in ["/apply", "/discard", "/rows/2", "/undo", "/columns"] {
        manager.post(&format!("{as_plan}{rest}"), &[]).await.expect(404);
    }
    manager.get(&cast.school.path("/plans")).await.expect(200).hides(&[id_of(&at)]);
    let other = test.cast("79000002").await;
    let other_owner = test.signed_in(&other.owner).await;
    other_owner.get(&other.school.path(&format!("/submissions/{}", id_of(&at)))).await.expect(404);
    other_owner.get(&at).await.expect(404);
    let state = "SELECT state FROM submissions";
    assert_eq!(text(&mut test.admin().await, state).await, "submitted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_decisions_at_once_one_is_made() {
    let stage = Stage::new().await;
    let Stage { test, owner, operator, .. } = &stage;
    for _ in 0..3 {
        let at = stage.hand_in("classes", &classes(&["10A1", "10A2"])).await;
        let approval = format!("{}/approval", desk(&at));
        let (one, two) = tokio::join!(operator.post(&approval, &[]), operator.post(&approval, &[]));
        let mut both = [one.status.as_u16(), two.status.as_u16()];
        both.sort_unstable();
        assert_eq!(both, [303, 422]);
        test.work().await;
        let mut admin = test.admin().await;
        let count = "SELECT count(*)::text FROM audit_events WHERE action = 'submission_approved'";
        assert_eq!(text(&mut admin, count).await, "1");

        let at = stage.hand_in("staff", &sheet(STAFF, &TEACHERS[..1])).await;
        let (approval, withdrawal) = (format!("{}/approval", desk(&at)), format!("{at}/withdraw"));
        let (approved, withdrawn) = tokio::join!(operator.post(&approval, &[]), owner.post(&withdrawal, &[]));
        let both = [approved.status.as_u16(), withdrawn.status.as_u16()];
        assert!(both == [303, 422] || both == [422, 303], "{both:?}");
        test.work().await;
        let is_approved = both[0] == 303;
        let state = format!("SELECT state FROM submissions WHERE plan_id = '{}'", id_of(&at));
        assert_eq!(text(&mut admin, &state).await, if is_approved { "approved" } else { "withdrawn" });
        assert_eq!(stage.people().await.len(), usize::from(is_approved));
        for again in [
            "DELETE FROM registry_identifiers",
            "DELETE FROM registry_people",
            "DELETE FROM registry_classes",
            "DELETE FROM audit_events WHERE action = 'submission_approved'",
        ] {
            sqlx::query(again).execute(&mut admin).await.unwrap();
        }
    }
}
