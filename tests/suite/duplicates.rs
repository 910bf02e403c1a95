//! `/schools/{code}/duplicates`: probable pairs, telling apart, merging and undoing.

use chrono::Duration;
use schoolgate::{ids::MemberId, roster::fields::Field};

use crate::support::say::{vi, vi1};
use crate::support::{Cast, Client, Person, Someone, TestApp, sheets};

pub struct Pair {
    pub test: TestApp,
    pub cast: Cast,
    pub manager: Client,
    pub a: Person,
    pub b: Person,
}

pub fn hang(class: schoolgate::ids::ClassId, name: &str) -> Someone {
    Someone::pupil(name, class)
        .value(Field::BirthDate, "2011-11-15")
        .value(Field::Gender, "female")
        .value(Field::MotherName, "Trần Thị Dương")
        .value(Field::MotherBirthYear, "1984")
}

/// A pupil who is there twice: in two classes, the second with a phone and an identifier.
pub async fn pair() -> Pair {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let other = cast.school.class(&test, "10A2").await;
    let a = cast.school.add(&test, hang(cast.class_id, "Nguyễn Thúy Hằng")).await;
    let second = hang(other, "Nguyễn Thúy Hằng").value(Field::Phone, "0912345678").value(Field::MoetId, "7900000042");
    let b = cast.school.add(&test, second).await;
    Pair { test, cast, manager, a, b }
}

impl Pair {
    pub fn path(&self, rest: &str) -> String {
        self.cast.school.path(rest)
    }

    pub fn pair_path(&self, rest: &str) -> String {
        let (a, b) = (self.a.member_id, self.b.member_id);
        self.path(&format!("/duplicates/{a}/{b}{rest}"))
    }

    pub async fn merge(&self, fields: &[(&str, &str)]) {
        self.test.clock.advance(Duration::seconds(10));
        let keep = self.a.member_id.to_string();
        let mut form = vec![("keep", keep.as_str())];
        form.extend(fields);
        let list = self.manager.post(&self.pair_path("/merge"), &form).await.location();
        assert!(list.ends_with("/duplicates?done=merged"), "{list}");
    }

    pub async fn undo(&self) -> String {
        let id: uuid::Uuid = sqlx::query_scalar("SELECT id FROM merges ORDER BY created_at DESC LIMIT 1")
            .fetch_one(&mut self.test.admin().await)
            .await
            .unwrap();
        self.test.clock.advance(Duration::seconds(10));
        self.manager.post(&self.path(&format!("/merges/{id}/undo")), &[]).await.location()
    }

    pub async fn column(&self, column: &str, person: &Person) -> Option<String> {
        let query = format!("SELECT {column}::text FROM members WHERE id = $1");
        sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .bind(person.member_id)
            .fetch_optional(&mut self.test.admin().await)
            .await
            .unwrap()
            .flatten()
    }

    pub async fn is_there(&self, person: &Person) -> bool {
        self.column("id", person).await.is_some()
    }

    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&mut self.test.admin().await).await.unwrap()
    }

    /// Reads a list in and applies it.
    pub async fn import(&self, rows: &[[&str; 7]]) -> String {
        let header =
            ["Họ và tên", "Giới tính", "Lớp", "Ngày sinh", "Họ và tên mẹ", "Năm sinh của mẹ", "Mã định danh Bộ GD&ĐT"];
        let table: Vec<Vec<String>> =
            std::iter::once(&header).chain(rows).map(|row| row.map(str::to_owned).to_vec()).collect();
        self.test.clock.advance(Duration::seconds(10));
        let new = self.path("/plans/new?source=students");
        let plan = self.manager.upload(&new, "ds.xlsx", &sheets::written(&table)).await.location();
        self.test.work().await;
        self.manager.post(&format!("{plan}/apply"), &[]).await.expect(303);
        self.test.work().await;
        plan
    }
}

/// All that a merge may touch, but for when rows have last changed.
pub async fn everything(test: &TestApp) -> Vec<String> {
    let mut all = Vec::new();
    for query in [
        "SELECT (to_jsonb(m) - '{version,changed_at}'::text[])::text FROM members m ORDER BY id",
        "SELECT (to_jsonb(t) - 'changed_at')::text FROM enrolments t ORDER BY member_id, school_year_id",
        "SELECT (to_jsonb(t) - 'changed_at')::text FROM guardians t ORDER BY member_id, relation",
        "SELECT to_jsonb(t)::text FROM grants t ORDER BY member_id, \"grant\"",
        "SELECT (to_jsonb(t) - '{changed_at,homeroom_changed_at}'::text[])::text FROM classes t ORDER BY id",
        "SELECT to_jsonb(t)::text FROM member_words t ORDER BY member_id, word",
        "SELECT (to_jsonb(t) - 'changed_at')::text FROM scim_people t ORDER BY member_id",
        "SELECT to_jsonb(t)::text FROM memberships t ORDER BY account_id",
        "SELECT to_jsonb(t)::text FROM accounts t ORDER BY id",
        "SELECT to_jsonb(t)::text FROM login_aliases t ORDER BY login",
        "SELECT to_jsonb(t)::text FROM member_aliases t",
        "SELECT to_jsonb(t)::text FROM told_apart t ORDER BY a, b",
        "SELECT to_jsonb(t)::text FROM past_stays t ORDER BY member_id, class_id, to_day",
        "SELECT to_jsonb(t)::text FROM rollover_pupils t ORDER BY rollover_id, member_id",
        "SELECT concat_ws(' ', id, kept_id) FROM merges WHERE undone_at IS NULL ORDER BY id",
        "SELECT to_jsonb(t)::text FROM exam_candidates t ORDER BY id",
        "SELECT to_jsonb(t)::text FROM exam_invigilators t ORDER BY exam_id, member_id",
        "SELECT to_jsonb(t)::text FROM exam_duties t ORDER BY paper_id, member_id",
        "SELECT to_jsonb(t)::text FROM exam_helpers t ORDER BY id",
        "SELECT (to_jsonb(t) - 'changed_at')::text FROM timetable_assignments t ORDER BY id",
        "SELECT to_jsonb(t)::text FROM timetable_lessons t ORDER BY version_id, class_id, day, session, period",
        "SELECT to_jsonb(t)::text FROM timetable_absences t ORDER BY id",
        "SELECT to_jsonb(t)::text FROM timetable_substitutions t ORDER BY absence_id, day, session, period",
        "SELECT to_jsonb(t)::text FROM timetable_wishes t ORDER BY teacher_id",
        "SELECT counter || value FROM counters WHERE value <> 0 ORDER BY counter",
    ] {
        let rows: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut test.admin().await).await.unwrap();
        all.extend(rows);
    }
    all
}

#[tokio::test]
async fn a_pair_is_listed_with_its_evidence_and_told_apart_for_good() {
    let pair = pair().await;
    let (list, twin) = (pair.path("/duplicates"), pair.cast.class_id);
    // A twin by birth: the same birth date, mother and class.
    pair.cast.school.add(&pair.test, hang(twin, "Nguyễn Thúy Hà")).await;
    let page = pair.manager.get(&list).await.expect(200);
    page.shows(&[&pair.a.name, &vi1("duplicates-line", "count", 1), &vi("duplicates-differ")]);
    pair.manager.get(&pair.pair_path("")).await.expect(200).shows(&["10A1", "10A2", "0912345678", "7900000042"]);
    pair.manager.post(&pair.pair_path("/dismissal"), &[]).await.expect(303);
    pair.manager.get(&list).await.expect(200).shows(&[&vi("duplicates-none")]);
    assert_eq!(pair.count("SELECT count(*) FROM told_apart").await, 1);
}

#[tokio::test]
async fn two_become_one_and_two_again() {
    let pair = pair().await;
    // Who looks has entered the school.
    pair.manager.get(&pair.path("/duplicates")).await.expect(200);
    sqlx::query("INSERT INTO scim_people (school_id, member_id, external_id) VALUES ($1, $2, 'hs-7')")
        .bind(pair.cast.school.id())
        .bind(pair.b.member_id)
        .execute(&mut pair.test.admin().await)
        .await
        .unwrap();
    let before = everything(&pair.test).await;
    pair.merge(&[("field_phone", "b")]).await;
    assert!(!pair.is_there(&pair.b).await);
    let named = "SELECT count(*) FROM scim_people x JOIN members m ON m.id = x.member_id WHERE x.external_id = 'hs-7'";
    assert_eq!(pair.count(named).await, 1);
    assert_eq!(pair.column("phone", &pair.a).await.as_deref(), Some("0912345678"));
    assert_eq!(pair.column("moet_id", &pair.a).await.as_deref(), Some("7900000042"), "which only the other had");
    pair.manager.get(&pair.path("/duplicates")).await.expect(200).shows(&[&vi("duplicates-none"), &vi("merges-undo")]);
    // The other login leads to the account that lives on, with its password.
    let client = pair.test.anonymous();
    let sign_in = [("login", pair.b.login.as_str()), ("password", crate::support::people::PASSWORD)];
    assert!(!client.post("/sign-in", &sign_in).await.location().contains("sign-in"));
    let account = "SELECT count(*) FROM sessions WHERE account_id = (SELECT m.account_id FROM memberships m
        JOIN members p ON p.id = m.member_id WHERE p.full_name = 'Nguyễn Thúy Hằng')";
    assert_eq!(pair.count(account).await, 1);

    assert!(pair.undo().await.ends_with("done=merge-undone"));
    let after = everything(&pair.test).await;
    let without_sessions = |rows: Vec<String>| rows.into_iter().filter(|row| !row.contains("last_school_id")).collect();
    let [before, after]: [Vec<String>; 2] = [before, after].map(without_sessions);
    assert_eq!(after, before);
    // Once.
    assert!(pair.undo().await.ends_with("done=merge-not-undone"));
}

#[tokio::test]
async fn lists_that_still_name_the_merged_member_create_no_new_one() {
    let pair = pair().await;
    pair.merge(&[]).await;
    let members = "SELECT count(*) FROM members WHERE role = 'student'";
    let before = pair.count(members).await;
    let row = |identifier| ["Nguyễn Thúy Hằng", "Nữ", "10A1", "15/11/2011", "Trần Thị Dương", "1984", identifier];
    pair.import(&[row("7900000042")]).await;
    pair.import(&[row("")]).await;
    assert_eq!(pair.count(members).await, before);
}

#[tokio::test]
async fn what_was_changed_since_stays_and_is_listed() {
    let pair = pair().await;
    pair.merge(&[("field_phone", "b")]).await;
    let change = "UPDATE members SET phone = '0987654321', version = version + 1 WHERE id = $1";
    let id = pair.a.member_id;
    sqlx::query(change).bind(id).execute(&mut pair.test.admin().await).await.unwrap();
    assert!(pair.undo().await.ends_with("done=merge-undone-in-part"));
    assert_eq!(pair.column("phone", &pair.a).await.as_deref(), Some("0987654321"));
    assert_eq!(pair.column("moet_id", &pair.a).await, None);
    assert_eq!(pair.column("moet_id", &pair.b).await.as_deref(), Some("7900000042"));
    let page = pair.manager.get(&pair.path("/duplicates")).await.expect(200);
    page.shows(&[&vi1("merges-stays", "what", vi("merge-stays-member"))]);
}

#[tokio::test]
async fn no_member_of_higher_rank_is_merged() {
    let pair = pair().await;
    let path = |a: MemberId, b: MemberId| pair.path(&format!("/duplicates/{a}/{b}"));
    for (a, b) in [
        (pair.cast.teacher.member_id, pair.cast.manager.member_id),
        (pair.cast.owner.member_id, pair.cast.teacher.member_id),
        (pair.cast.teacher.member_id, pair.cast.account_manager.member_id),
    ] {
        pair.manager.get(&path(a, b)).await.expect(200).shows(&[&vi("duplicates-rank")]);
        pair.test.clock.advance(Duration::seconds(10));
        let keep = a.to_string();
        pair.manager.post(&format!("{}/merge", path(a, b)), &[("keep", &keep)]).await.expect(403);
    }
    // Nor a pupil into staff, nor without saying which stays.
    let (a, b) = (pair.a.member_id, pair.cast.teacher.member_id);
    let refused = async |form: &[(&str, &str)], said: &str| {
        pair.test.clock.advance(Duration::seconds(10));
        pair.manager.post(&format!("{}/merge", path(a, b)), form).await.expect(422).shows(&[said]);
    };
    refused(&[("keep", &a.to_string())], &vi("fault-merge-other-role")).await;
    refused(&[], &vi("fault-merge-keep")).await;
    pair.manager.get(&path(a, a)).await.expect(404);
}

#[tokio::test]
async fn a_login_that_ends_ends() {
    let mut pair = pair().await;
    pair.merge(&[("login", "end")]).await;
    let client = pair.test.anonymous();
    let sign_in = [("login", pair.b.login.as_str()), ("password", crate::support::people::PASSWORD)];
    client.post("/sign-in", &sign_in).await.expect(422);
    // After a month it stays as it is.
    pair.test.clock.advance(Duration::days(31));
    pair.manager = pair.test.signed_in(&pair.cast.manager).await;
    assert!(pair.undo().await.ends_with("done=merge-not-undone"));
}
