//! What goes over when two members become one, and back when they are two again: exams and timetables, sessions, what
//! was told apart, earlier merges, the draft for the coming year.

use chrono::Duration;
use schoolgate::{ids::MemberId, roster::fields::Field};
use serde_json::json;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::duplicates::{Pair, everything, hang, pair};
use crate::scim::Program;
use crate::support::exams::ExamThings;
use crate::support::people::PASSWORD;
use crate::support::say::{vi, vi1};
use crate::support::{Client, Page, Person, Someone, TestApp, html};
use crate::timetable::Timetable;

/// All that a merge may touch, without the school that an account was last in.
async fn all(test: &TestApp) -> Vec<String> {
    everything(test).await.into_iter().filter(|row| !row.contains("last_school_id")).collect()
}

async fn count(test: &TestApp, query: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(query.to_owned())).fetch_one(&mut test.admin().await).await.unwrap()
}

async fn run(test: &TestApp, statement: &str) -> u64 {
    let done = sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&mut test.admin().await).await;
    done.unwrap_or_else(|fault| panic!("{statement}: {fault}")).rows_affected()
}

impl Pair {
    /// Merges two people of the school; gives where that led, or the refusal.
    async fn merge_into(&self, kept: &Person, gone: &Person, fields: &[(&str, &str)]) -> Page {
        self.test.clock.advance(Duration::seconds(10));
        let path = self.path(&format!("/duplicates/{}/{}/merge", kept.member_id, gone.member_id));
        let keep = kept.member_id.to_string();
        let mut form = vec![("keep", keep.as_str())];
        form.extend(fields);
        self.manager.post(&path, &form).await
    }

    /// The merges, the earliest first.
    async fn merges(&self) -> Vec<Uuid> {
        sqlx::query_scalar("SELECT id FROM merges ORDER BY created_at, id")
            .fetch_all(&mut self.test.admin().await)
            .await
            .unwrap()
    }

    async fn undo_of(&self, merge: Uuid) -> String {
        self.test.clock.advance(Duration::seconds(10));
        self.manager.post(&self.path(&format!("/merges/{merge}/undo")), &[]).await.location()
    }
}

#[tokio::test]
async fn a_candidate_of_an_exam_goes_over_and_back() {
    let pair = pair().await;
    let test = &pair.test;
    ExamThings::of(test, &pair.cast).await;
    // Two candidates of one exam are hardly one person.
    let refused = pair.merge_into(&pair.a, &pair.b, &[]).await.expect(422);
    refused.shows(&[&vi("fault-merge-planned")]);
    run(test, &format!("DELETE FROM exam_candidates WHERE member_id = '{}'", pair.a.member_id)).await;
    pair.manager.get(&pair.pair_path("")).await.expect(200).shows(&[&vi("menu-exams")]);
    let before = all(test).await;
    pair.merge(&[]).await;
    let of = |person: &Person| format!("SELECT count(*) FROM exam_candidates WHERE member_id = '{}'", person.member_id);
    assert_eq!(count(test, &of(&pair.a)).await, 1);
    // A number that is given since stays with the candidate.
    run(test, &format!("UPDATE exam_candidates SET is_late = true WHERE member_id = '{}'", pair.a.member_id)).await;
    assert!(pair.undo().await.ends_with("done=merge-undone"));
    assert_eq!(count(test, &of(&pair.b)).await, 1);
    assert_eq!(count(test, "SELECT count(*) FROM exam_candidates WHERE is_late").await, 1);
    run(test, "UPDATE exam_candidates SET is_late = false").await;
    assert_eq!(all(test).await, before);
}

#[tokio::test]
async fn a_teacher_goes_over_with_lessons_and_duties_and_back() {
    let pair = pair().await;
    let (test, cast) = (&pair.test, &pair.cast);
    let timetable = Timetable::new(test, cast).await;
    let things = ExamThings::of(test, cast).await;
    let second = cast.school.add(test, Someone::teacher("Phan Văn Đôi")).await;
    let teacher = &cast.teacher;
    let (school, exam, paper, room) = (things.school, things.exam, things.paper, things.room);
    for statement in [
        format!("INSERT INTO timetable_wishes (school_id, teacher_id) VALUES ('{school}', '{}')", teacher.member_id),
        format!(
            "INSERT INTO exam_invigilators (school_id, exam_id, member_id, subjects)
             VALUES ('{school}', '{exam}', '{}', '{{Văn}}')",
            teacher.member_id
        ),
        format!(
            "INSERT INTO exam_duties (school_id, exam_id, paper_id, member_id, room_id)
             VALUES ('{school}', '{exam}', '{paper}', '{}', '{room}')",
            teacher.member_id
        ),
        format!(
            "INSERT INTO exam_helpers (school_id, exam_id, member_id, task, id)
             VALUES ('{school}', '{exam}', '{}', 'seating', '{}')",
            teacher.member_id,
            Uuid::from_u128(5)
        ),
        // Both are assigned to the same subject of the same class: one of the two rows is enough.
        format!(
            "INSERT INTO timetable_assignments (school_id, id, class_id, subject_id, teacher_id, periods)
             SELECT school_id, '{}', class_id, subject_id, '{}', 2 FROM timetable_assignments",
            Uuid::from_u128(6),
            second.member_id
        ),
    ] {
        run(test, &statement).await;
    }
    pair.manager.get(&pair.path("/duplicates")).await.expect(200);
    let before = all(test).await;
    pair.merge_into(&second, teacher, &[]).await.expect(303);
    let id = second.member_id;
    for (table, column, expected) in [
        ("timetable_lessons", "teacher_id", 1),
        ("timetable_assignments", "teacher_id", 1),
        ("timetable_absences", "teacher_id", 1),
        ("timetable_wishes", "teacher_id", 1),
        ("exam_invigilators", "member_id", 1),
        ("exam_duties", "member_id", 1),
        ("exam_helpers", "member_id", 1),
    ] {
        let there = format!("SELECT count(*) FROM {table} WHERE {column} = '{id}'");
        assert_eq!(count(test, &there).await, expected, "{table}");
        assert_eq!(count(test, &format!("SELECT count(*) FROM {table}")).await, expected, "{table}");
    }
    assert!(pair.undo_of(pair.merges().await[0]).await.ends_with("done=merge-undone"));
    assert_eq!(all(test).await, before);

    // At one time in two classes: one of the two is wrong.
    let elsewhere = format!(
        "INSERT INTO timetable_lessons (school_id, version_id, class_id, day, session, period, subject_id, teacher_id)
         SELECT l.school_id, l.version_id, c.id, l.day, l.session, l.period, l.subject_id, '{id}'
         FROM timetable_lessons l JOIN classes c ON c.name = '10A2' WHERE l.version_id = '{}'",
        timetable.version
    );
    assert_eq!(run(test, &elsewhere).await, 1);
    pair.merge_into(&second, teacher, &[]).await.expect(422).shows(&[&vi("fault-merge-planned")]);
}

#[tokio::test]
async fn what_was_given_to_somebody_else_since_stays_there_and_is_listed() {
    let pair = pair().await;
    let (test, cast) = (&pair.test, &pair.cast);
    Timetable::new(test, cast).await;
    let second = cast.school.add(test, Someone::teacher("Phan Văn Đôi")).await;
    pair.merge_into(&second, &cast.teacher, &[]).await.expect(303);
    let other = cast.homeroom_teacher.member_id;
    run(test, &format!("UPDATE timetable_lessons SET teacher_id = '{other}'")).await;
    assert!(pair.undo_of(pair.merges().await[0]).await.ends_with("done=merge-undone-in-part"));
    let page = pair.manager.get(&pair.path("/duplicates")).await.expect(200);
    page.shows(&[&vi1("merges-stays", "what", vi("merge-stays-timetable"))]);
    let still = format!("SELECT count(*) FROM timetable_lessons WHERE teacher_id = '{other}'");
    assert_eq!(count(test, &still).await, 1);
    let back = format!("SELECT count(*) FROM timetable_assignments WHERE teacher_id = '{}'", cast.teacher.member_id);
    assert_eq!(count(test, &back).await, 1);
}

/// Whether somebody is signed in.
async fn is_in(client: &Client) -> bool {
    client.get("/schools/79000001").await.status.as_u16() == 200
}

#[tokio::test]
async fn the_account_that_lives_on_stays_signed_in() {
    let pair = pair().await;
    let test = &pair.test;
    let (a, b) = (test.signed_in(&pair.a).await, test.signed_in(&pair.b).await);
    assert!(is_in(&a).await && is_in(&b).await);
    pair.merge(&[("account", "a")]).await;
    assert!(is_in(&a).await, "it is theirs still");
    assert!(!is_in(&b).await);
    assert!(pair.undo().await.contains("done=merge-undone"));
    assert!(is_in(&a).await);
    // The other account lives on, as that of the one who stays.
    let b = test.signed_in(&pair.b).await;
    assert!(is_in(&b).await);
    pair.merge(&[("account", "b")]).await;
    assert!(is_in(&b).await && !is_in(&a).await);
    let username = pair.column("username", &pair.a).await.unwrap();
    assert!(pair.b.login.starts_with(&format!("{username}@")));
    assert!(pair.undo().await.contains("done=merge-undone"));
    assert!(is_in(&b).await);
    assert_eq!(
        count(
            test,
            "SELECT count(*) FROM memberships m JOIN members p ON p.id = m.member_id
        AND p.account_id = m.account_id WHERE p.full_name = 'Nguyễn Thúy Hằng'"
        )
        .await,
        2
    );
}

#[tokio::test]
async fn merges_into_one_who_is_merged_are_undone_one_after_the_other() {
    let pair = pair().await;
    let test = &pair.test;
    let class = pair.cast.school.class(test, "10A3").await;
    let third = pair.cast.school.add(test, hang(class, "Nguyễn Thúy Hằng").value(Field::Address, "3 Lê Lợi")).await;
    pair.manager.get(&pair.path("/duplicates")).await.expect(200);
    let before = all(test).await;
    pair.merge_into(&pair.b, &third, &[]).await.expect(303);
    let between = all(test).await;
    pair.merge(&[]).await;
    // By all three logins one comes to the one who stayed.
    for login in [&pair.a.login, &pair.b.login, &third.login] {
        let client = test.anonymous();
        client.post("/sign-in", &[("login", login.as_str()), ("password", PASSWORD)]).await;
        assert!(is_in(&client).await, "{login}");
    }
    run(test, "DELETE FROM sessions WHERE account_id IN (SELECT account_id FROM members WHERE role = 'student')").await;
    let [first, second] = <[Uuid; 2]>::try_from(pair.merges().await).unwrap();
    pair.manager.get(&pair.path("/duplicates")).await.expect(200).shows(&[&vi("merges-behind")]);
    assert!(pair.undo_of(first).await.ends_with("done=merge-behind"));
    // Coming in is no part of what is undone.
    run(test, "UPDATE members SET first_signed_in_at = NULL, last_signed_in_at = NULL WHERE role = 'student'").await;
    run(test, "UPDATE memberships SET is_staff = NULL WHERE NOT is_staff").await;
    let undone = pair.undo_of(second).await;
    assert!(undone.contains("done=merge-undone"), "{undone}");
    assert_eq!(all(test).await, between);
    let undone = pair.undo_of(first).await;
    assert!(undone.contains("done=merge-undone"), "{undone}");
    assert_eq!(all(test).await, before);
}

#[tokio::test]
async fn who_was_told_apart_stays_so() {
    let pair = pair().await;
    let test = &pair.test;
    let namesake = pair.cast.school.add(test, hang(pair.cast.class_id, "Nguyễn Thúy Hằng")).await;
    let apart = format!("/duplicates/{}/{}/dismissal", pair.b.member_id, namesake.member_id);
    pair.manager.post(&pair.path(&apart), &[]).await.expect(303);
    let told = async |one: MemberId| {
        let other = namesake.member_id;
        let query = format!("SELECT count(*) FROM told_apart WHERE '{one}' IN (a, b) AND '{other}' IN (a, b)");
        count(test, &query).await
    };
    let before = all(test).await;
    pair.merge(&[]).await;
    assert_eq!(told(pair.a.member_id).await, 1);
    pair.manager.get(&pair.path("/duplicates")).await.expect(200).shows(&[&vi("duplicates-none")]);
    assert!(pair.undo().await.ends_with("done=merge-undone"));
    assert_eq!((told(pair.a.member_id).await, told(pair.b.member_id).await), (0, 1));
    assert_eq!(all(test).await, before);
}

#[tokio::test]
async fn what_was_decided_for_the_coming_year_goes_over_and_back() {
    let pair = pair().await;
    let test = &pair.test;
    let owner = test.signed_in(&pair.cast.owner).await;
    let draft = |rest: &str| pair.path(&format!("/rollover{rest}"));
    owner.post(&draft(""), &[("to", "2027-2028")]).await.expect(303);
    let [a, b] = [&pair.a, &pair.b].map(|person| person.member_id.to_string());
    test.clock.advance(Duration::seconds(10));
    owner.post(&draft("/pupils"), &[("ids", &b), ("outcome", "kept_back")]).await.expect(303);
    let kept_back = format!("SELECT count(*) FROM rollover_pupils WHERE member_id = '{a}' AND outcome = 'kept_back'");
    // Coming in is no part of what is undone.
    pair.manager.get(&pair.path("/duplicates")).await.expect(200);
    let before = all(test).await;
    // Both are in the draft: what becomes of the one who stays holds.
    pair.merge(&[]).await;
    assert_eq!(count(test, &kept_back).await, 0);
    assert!(pair.undo().await.ends_with("done=merge-undone"));
    assert_eq!(all(test).await, before);
    // Only the other is.
    run(test, &format!("DELETE FROM rollover_pupils WHERE member_id = '{a}'")).await;
    let before = all(test).await;
    pair.merge(&[]).await;
    assert_eq!(count(test, &kept_back).await, 1);
    assert!(pair.undo().await.ends_with("done=merge-undone"));
    assert_eq!(all(test).await, before);
}

/// The class of a pupil.
async fn class(test: &TestApp, person: &Person) -> Option<String> {
    sqlx::query_scalar(
        "SELECT c.name FROM enrolments e JOIN classes c ON c.id = e.class_id WHERE e.member_id = $1 AND e.ended_at IS NULL",
    )
    .bind(person.member_id)
    .fetch_optional(&mut test.admin().await)
    .await
    .unwrap()
}

#[tokio::test]
async fn the_class_of_this_year_is_chosen_as_well() {
    let pair = pair().await;
    let test = &pair.test;
    run(test, "UPDATE enrolments SET from_day = '2020-08-01'").await;
    let page = pair.manager.get(&pair.pair_path("")).await.expect(200);
    assert!(page.html().contains("name=\"field_class\""));
    let before = all(test).await;
    pair.merge(&[("field_class", "b")]).await;
    assert_eq!(class(test, &pair.a).await.as_deref(), Some("10A2"));
    // The other class has had the pupil, and keeps that.
    assert_eq!(count(test, "SELECT count(*) FROM past_stays").await, 1);
    assert!(pair.undo().await.ends_with("done=merge-undone"));
    assert_eq!(all(test).await, before);
    pair.merge(&[]).await;
    assert_eq!(class(test, &pair.a).await.as_deref(), Some("10A1"));
}

#[tokio::test]
async fn who_left_and_is_there_again_is_there() {
    let pair = pair().await;
    let test = &pair.test;
    let leaving = pair.path(&format!("/accounts/{}/leaving", pair.a.member_id));
    pair.manager.post(&leaving, &[("reason", "Chuyển trường")]).await.expect(303);
    let before = all(test).await;
    // The account of the one who is there is proposed.
    let page = pair.manager.get(&pair.pair_path("")).await.expect(200);
    let html = page.html();
    let is = |tag: &str, name: &str, value: &str| html::attribute(tag, name).as_deref() == Some(value);
    let proposed =
        html::tags(&html, "input").into_iter().find(|tag| is(tag, "name", "account") && is(tag, "value", "b"));
    assert!(proposed.unwrap().contains("checked"));
    pair.merge(&[("account", "a")]).await;
    assert_eq!(pair.column("status", &pair.a).await.as_deref(), Some("active"));
    assert_eq!(class(test, &pair.a).await.as_deref(), Some("10A2"));
    assert!(is_in(&test.signed_in(&pair.a).await).await);
    run(test, "DELETE FROM sessions WHERE account_id IN (SELECT account_id FROM members WHERE role = 'student')").await;
    run(
        test,
        &format!(
            "UPDATE members SET first_signed_in_at = NULL, last_signed_in_at = NULL WHERE id = '{}'",
            pair.a.member_id
        ),
    )
    .await;
    assert!(pair.undo().await.contains("done=merge-undone"));
    assert_eq!(all(test).await, before);
    // An account that was taken along is that person's to come back with.
    let there = test.cast("79000002").await;
    run(
        test,
        &format!(
            "INSERT INTO memberships (account_id, school_id, member_id) VALUES ('{}', '{}', '{}')",
            pair.a.account_id,
            there.school.id(),
            Uuid::from_u128(9)
        ),
    )
    .await;
    pair.merge(&[("account", "a")]).await;
    let account = pair.column("account_id", &pair.a).await;
    assert_eq!(account, Some(pair.b.account_id.to_string()));
    assert_eq!(count(test, "SELECT count(*) FROM login_aliases").await, 0, "it goes on where it is");
    assert!(pair.undo().await.contains("done=merge-undone"));
    let there = format!("SELECT count(*) FROM memberships WHERE account_id = '{}'", pair.a.account_id);
    assert_eq!(count(test, &there).await, 1);
}

#[tokio::test]
async fn what_somebody_else_has_by_now_is_not_taken_from_them() {
    let pair = pair().await;
    let (test, cast) = (&pair.test, &pair.cast);
    pair.merge(&[]).await;
    run(test, &format!("UPDATE members SET moet_id = NULL, version = version + 1 WHERE id = '{}'", pair.a.member_id))
        .await;
    let other = Someone::pupil("Vũ Thị Khác", cast.class_id).value(Field::MoetId, "7900000042");
    let other = cast.school.add(test, other).await;
    assert!(pair.undo().await.ends_with("done=merge-undone-in-part"));
    assert!(pair.is_there(&pair.b).await);
    assert_eq!(pair.column("moet_id", &pair.b).await, None);
    assert_eq!(pair.column("moet_id", &other).await.as_deref(), Some("7900000042"));
    let page = pair.manager.get(&pair.path("/duplicates")).await.expect(200);
    page.shows(&[&vi("merge-stays-identifier")]);

    // Who would come in by somebody else's address does not come back.
    let [one, two] = ["Phan Văn Một", "Phan Văn Hai"].map(Someone::teacher);
    let staff = cast.school.add_all(test, &[one, two]).await;
    pair.merge_into(&staff[0], &staff[1], &[]).await.expect(303);
    let address = &staff[1].login;
    let taken = format!("UPDATE members SET email = '{address}' WHERE id = '{}'", cast.homeroom_teacher.member_id);
    run(test, &taken).await;
    let merges = pair.merges().await;
    let led_to = pair.undo_of(merges[1]).await;
    pair.manager.get(&led_to).await.expect(200).shows(&[&vi("done-merge-taken")]);
    assert!(!pair.is_there(&staff[1]).await);
}

#[tokio::test]
async fn the_history_of_the_merged_is_that_of_the_one_who_stays() {
    let pair = pair().await;
    let suspension = pair.path(&format!("/accounts/{}/suspension", pair.b.member_id));
    pair.manager.post(&suspension, &[("reason", "Hồ sơ nghi trùng")]).await.expect(303);
    pair.merge(&[]).await;
    let [a, b] = [&pair.a, &pair.b].map(|person| pair.path(&format!("/accounts/{}", person.member_id)));
    // Lists and records still lead to the one who is gone.
    assert_eq!(pair.manager.get(&b).await.location(), a);
    pair.manager.get(&a).await.expect(200).shows(&["Hồ sơ nghi trùng"]);
    assert!(pair.undo().await.ends_with("done=merge-undone"));
    pair.manager.get(&a).await.expect(200).hides(&["Hồ sơ nghi trùng"]);
    pair.manager.get(&b).await.expect(200).shows(&["Hồ sơ nghi trùng"]);
    pair.manager.get(&pair.path(&format!("/accounts/{}", Uuid::from_u128(7)))).await.expect(404);
}

#[tokio::test]
async fn no_other_system_makes_again_who_was_merged_away() {
    let pair = pair().await;
    let (test, cast) = (&pair.test, &pair.cast);
    let program = Program::of(test, &cast.school).await;
    pair.merge(&[("field_moet_id", "b")]).await;
    let username = pair.b.login.split('@').next().unwrap();
    let person = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": username,
        "name": { "formatted": "Nguyễn Thúy Hằng" },
    });
    program.post("/Users", person).await.expect(409);
    assert_eq!(count(test, "SELECT count(*) FROM members WHERE full_name = 'Nguyễn Thúy Hằng'").await, 1);
}

#[tokio::test]
async fn an_import_is_not_taken_back_over_a_merge() {
    let pair = pair().await;
    let test = &pair.test;
    let row = ["Nguyễn Thị Mới", "Nữ", "10A1", "01/02/2011", "Lê Thị Mẹ", "1985", "7900000077"];
    let plan = pair.import(&[row]).await;
    let new: MemberId = sqlx::query_scalar("SELECT id FROM members WHERE full_name = 'Nguyễn Thị Mới'")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    let path = pair.path(&format!("/duplicates/{}/{}/merge", new, pair.b.member_id));
    test.clock.advance(Duration::seconds(10));
    pair.manager.post(&path, &[("keep", &new.to_string())]).await.expect(303);
    pair.manager.post(&format!("{plan}/undo"), &[]).await.expect(303);
    test.work().await;
    let still = format!("SELECT count(*) FROM members WHERE id = '{}'", new);
    assert_eq!(count(test, &still).await, 1, "with what the other had");
    pair.manager.get(&format!("{plan}/undo")).await.expect(200).shows(&[&vi("fault-undo-merged")]);
}
