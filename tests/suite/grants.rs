//! `/schools/{code}/grants` and `…/accounts/{id}/role`: who may do what, and who is what.

use schoolgate::access::Grant;

use crate::support::say::vi;
use crate::support::{Cast, Person, Someone, TestApp};

fn of(cast: &Cast, person: &Person, rest: &str) -> String {
    cast.school.path(&format!("/accounts/{}{rest}", person.member_id))
}

#[tokio::test]
async fn grants_are_handed_out_and_hold_at_once() {
    let test = TestApp::new().await;
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
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let alone = owner.post(&of(&cast, &cast.owner, "/grants"), &[]).await.expect(422);
    alone.shows(&[&vi("fault-last-owner")]);
    let second = Someone::manager("Phan Thị Chủ").with(Grant::Owner);
    let second = cast.school.add(&test, second).await;
    let other = test.signed_in(&second).await;
    // Between owners only the person himself acts.
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
    // Managers are an owner's to make, and nobody raises himself.
    manager.post(&of(&cast, &cast.teacher, "/role"), &[("role", "manager")]).await.expect(403);
    manager.post(&of(&cast, &cast.manager, "/role"), &[("role", "teacher")]).await.expect(403);
    owner.post(&of(&cast, &cast.teacher, "/role"), &[("role", "manager")]).await.expect(303);
    test.signed_in(&cast.teacher).await.get(&cast.school.path("/accounts")).await.expect(200);
}
