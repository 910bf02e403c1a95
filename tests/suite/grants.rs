//! `/schools/{code}/grants` and `…/accounts/{id}/role`: who may do what, and who is what.

use schoolgate::access::Grant;
use schoolgate::ids::MemberId;

use crate::support::say::vi;
use crate::support::{Cast, Person, Someone, TestApp};

fn of(cast: &Cast, person: &Person, rest: &str) -> String {
    cast.school.path(&format!("/accounts/{}{rest}", person.member_id))
}

#[tokio::test]
async fn grants_are_handed_out_and_hold_at_once() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let (owner, teacher) = (test.signed_in(&cast.owner).await, test.signed_in(&cast.teacher).await);
    teacher.get(&cast.school.path("/accounts")).await.expect(403);
    let grants = cast.school.path("/grants");
    owner.get(&grants).await.expect(200).shows(&[&cast.account_manager.name]).hides(&[&cast.teacher.name]);
    owner.get(&format!("{grants}?q=giang")).await.expect(200).shows(&[&cast.teacher.name]);
    let id = cast.teacher.member_id.to_string();
    owner.post(&grants, &[("account", &id), ("grants", "account_manager"), ("grants", "exams")]).await.expect(303);
    teacher.get(&cast.school.path("/accounts")).await.expect(200);
    // The set is replaced.
    owner.post(&of(&cast, &cast.teacher, "/grants"), &[("grants", "exams")]).await.expect(303);
    teacher.get(&cast.school.path("/accounts")).await.expect(403);
    let pupil = owner.post(&of(&cast, &cast.pupil, "/grants"), &[("grants", "exams")]).await.expect(422);
    pupil.shows(&[&vi("fault-not-for-them")]);
}

#[tokio::test]
async fn a_school_keeps_an_owner_whatever_happens_at_once() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let alone = owner.post(&of(&cast, &cast.owner, "/grants"), &[]).await.expect(422);
    alone.shows(&[&vi("fault-last-owner")]);
    let second = Someone::manager("Phan Thị Chủ").with(Grant::Owner);
    let second = cast.school.add(&test, second).await;
    let other = test.signed_in(&second).await;
    // Between owners only the owner themselves acts.
    owner.post(&of(&cast, &second, "/grants"), &[]).await.expect(403);
    let (one, two) = (of(&cast, &cast.owner, "/grants"), of(&cast, &second, "/grants"));
    let (one, two) = tokio::join!(owner.post(&one, &[]), other.post(&two, &[]));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422], "one of two stays");
    let owners: i64 = sqlx::query_scalar("SELECT count(*) FROM grants WHERE \"grant\" = 'owner' AND school_id = $1")
        .bind(cast.school.id())
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!(owners, 1);
}

#[tokio::test]
async fn roles_change_and_end_what_belonged_to_them() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let (owner, manager) = (test.signed_in(&cast.owner).await, test.signed_in(&cast.manager).await);
    manager.post(&of(&cast, &cast.pupil, "/role"), &[("role", "teacher")]).await.expect(303);
    manager.get(&of(&cast, &cast.pupil, "")).await.expect(200).shows(&[&vi("role-teacher"), &vi("person-class-ended")]);
    manager.post(&of(&cast, &cast.homeroom_teacher, "/role"), &[("role", "student")]).await.expect(303);
    owner.get(&cast.school.path("/classes")).await.expect(200).hides(&[&cast.homeroom_teacher.name]);
    // Managers are an owner's to make, and no member raises their own rank.
    manager.post(&of(&cast, &cast.teacher, "/role"), &[("role", "manager")]).await.expect(403);
    manager.post(&of(&cast, &cast.manager, "/role"), &[("role", "teacher")]).await.expect(403);
    owner.post(&of(&cast, &cast.teacher, "/role"), &[("role", "manager")]).await.expect(303);
    test.signed_in(&cast.teacher).await.get(&cast.school.path("/accounts")).await.expect(200);
}

/// People × grants in one form: one save changes all that were ticked, and the answer names everybody.
#[tokio::test]
async fn one_save_changes_the_whole_matrix() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let grants = cast.school.path("/grants");
    owner.get(&grants).await.expect(200).shows(&[&vi("grants-what-owner"), &vi("grants-what-exams")]);
    let [exams, reports, own] = [&cast.exams, &cast.reports, &cast.owner].map(|one| one.member_id.to_string());
    let pair = |id: &str, grant: &str| format!("{id}:{grant}");
    let fields = [
        ("people", exams.clone()),
        ("was", pair(&exams, "exams")),
        ("right", pair(&exams, "exams")),
        ("right", pair(&exams, "timetable")),
        ("people", reports.clone()),
        ("was", pair(&reports, "reports")),
        ("people", own.clone()),
        ("was", pair(&own, "owner")),
        ("right", pair(&own, "owner")),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let back = owner.post(&grants, &fields).await.location();
    let page = owner.get(&back).await.expect(200);
    // Who holds nothing any more is still there to be seen.
    let names = format!("{}, {}: {}", cast.reports.name, cast.exams.name, vi("done-grants-changed"));
    assert!(
        page.words().contains(&names)
            || page.words().contains(&format!(
                "{}, {}: {}",
                cast.exams.name,
                cast.reports.name,
                vi("done-grants-changed")
            )),
        "{}",
        page.words()
    );
    let held = async |id: MemberId| -> Vec<String> {
        let statement = "SELECT \"grant\" FROM grants WHERE member_id = $1 ORDER BY 1";
        sqlx::query_scalar(statement).bind(id).fetch_all(&mut test.admin().await).await.unwrap()
    };
    assert_eq!(held(cast.exams.member_id).await, ["exams", "timetable"]);
    assert_eq!(held(cast.reports.member_id).await, [] as [&str; 0]);
    assert_eq!(held(cast.owner.member_id).await, ["owner"]);
    // The same once more changes nothing, and says so. What another owner has changed meanwhile stays.
    let same = [("people", exams.as_str()), ("was", fields[1].1), ("right", fields[2].1)];
    let back = owner.post(&grants, &same).await.location();
    owner.get(&back).await.expect(200).shows(&[&vi("done-grants-unchanged")]);
    assert_eq!(held(cast.exams.member_id).await, ["exams", "timetable"]);
}

#[tokio::test]
async fn a_matrix_that_would_leave_no_owner_changes_nothing() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let grants = cast.school.path("/grants");
    let [exams, own] = [&cast.exams, &cast.owner].map(|one| one.member_id.to_string());
    let (was_own, was_exams, to_reports) =
        (format!("{own}:owner"), format!("{exams}:exams"), format!("{exams}:reports"));
    let fields =
        [("people", own.as_str()), ("was", &was_own), ("people", &exams), ("was", &was_exams), ("right", &to_reports)];
    let page = owner.post(&grants, &fields).await.expect(422);
    page.shows(&[&crate::support::say::vi1("fault-grants-last-owner", "value", cast.owner.name.as_str())]);
    let of_exams: Vec<String> = sqlx::query_scalar("SELECT \"grant\" FROM grants WHERE member_id = $1")
        .bind(cast.exams.member_id)
        .fetch_all(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!(of_exams, ["exams"], "all or nothing");
    // With a new owner in the same save, it holds.
    let to_owner = format!("{exams}:owner");
    let fields =
        [("people", own.as_str()), ("was", &was_own), ("people", &exams), ("was", &was_exams), ("right", &to_owner)];
    owner.post(&grants, &fields).await.expect(303);
    owner.get(&grants).await.expect(403);
    test.signed_in(&cast.exams).await.get(&grants).await.expect(200);
}
