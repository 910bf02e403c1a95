//! `/schools/{code}/my-classes`: a homeroom teacher's own class, and nobody else's.

use crate::support::say::{vi, vi1};
use crate::support::{Cast, Person, Someone, TestApp};

fn of(cast: &Cast, person: &Person, act: &str) -> String {
    cast.school.path(&format!("/accounts/{}/{act}", person.member_id))
}

#[tokio::test]
async fn a_homeroom_teacher_helps_the_own_class_as_far_as_the_settings_allow() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let other_class = cast.school.class(&test, "10A2").await;
    let stranger = cast.school.add(&test, Someone::pupil("Lý Văn Lạ", other_class).new_here()).await;
    let teacher = test.signed_in(&cast.homeroom_teacher).await;
    teacher.get(&cast.school.path("")).await.expect(200).shows(&[&vi("menu-my-classes")]);
    let class = teacher.get(&cast.school.path("/my-classes")).await.location();
    let page = teacher.get(&class).await.expect(200);
    page.shows(&[&cast.pupil.name, &cast.newcomer.name, &vi1("my-classes-pupils", "count", 2)])
        .hides(&[&stranger.name, &vi("person-reset")]);

    // Slips that are not used yet, of the own class.
    let slips = teacher.get(&format!("{class}/slips")).await.expect(200);
    slips.shows(&[cast.newcomer.temporary.as_deref().unwrap()]);
    teacher.get(&of(&cast, &cast.newcomer, "slip")).await.expect(200);
    teacher.get(&of(&cast, &stranger, "slip")).await.expect(403);
    teacher.get(&cast.school.path(&format!("/my-classes/{other_class}"))).await.expect(404);
    teacher.get(&cast.school.path(&format!("/slips?class={}", cast.class_id))).await.expect(403);

    // A new password, where the school allows it.
    teacher.post(&of(&cast, &cast.pupil, "password"), &[]).await.expect(403);
    let owner = test.signed_in(&cast.owner).await;
    owner.post(&cast.school.path("/settings"), &[("homeroom_may_reset", "on")]).await.expect(303);
    teacher.get(&class).await.expect(200).shows(&[&vi("person-reset")]);
    let slip = teacher.post(&of(&cast, &cast.pupil, "password"), &[]).await.location();
    teacher.get(&slip).await.expect(200).shows(&[&cast.pupil.login]);
    for person in [&stranger, &cast.teacher, &cast.homeroom_teacher, &cast.owner] {
        teacher.post(&of(&cast, person, "password"), &[]).await.expect(403);
    }
    let back = teacher.post(&of(&cast, &cast.pupil, "sign-out"), &[]).await.location();
    assert_eq!(back, cast.school.path("/my-classes?done=signed-out-everywhere"));
    let page = teacher.get(&teacher.get(&back).await.location()).await.expect(200);
    page.shows(&[&vi("done-signed-out-everywhere")]);

    // With the year, the right ends.
    test.clock.advance(chrono::Duration::days(330));
    let mut tx = test.db.begin_in(cast.school.id()).await.unwrap();
    let next = "2027-2028".parse().unwrap();
    schoolgate::schools::years::add(&cast.school.scope, &test, &mut tx, next).await.unwrap();
    tx.commit().await.unwrap();
    let teacher = test.signed_in(&cast.homeroom_teacher).await;
    teacher.post(&of(&cast, &cast.pupil, "password"), &[]).await.expect(403);
    teacher.get(&cast.school.path("/my-classes")).await.expect(200).shows(&[&vi("my-classes-none")]);
    teacher.get(&class).await.expect(404);
}

#[tokio::test]
async fn home_says_who_one_is_and_leads_to_the_own_class() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let home = cast.school.path("");
    let school = &cast.school.scope.school.name;
    // Of two pupils nobody has come yet.
    let teacher = test.signed_in(&cast.homeroom_teacher).await;
    let page = teacher.get(&home).await.expect(200);
    let page = page.shows(&[&vi1("slips-class", "class", "10A1"), &vi1("my-classes-never", "count", 2)]);
    assert!(page.links().contains(&cast.school.path(&format!("/my-classes/{}", cast.class_id))));
    // Who has none is not sent to an empty page.
    let page = test.signed_in(&cast.teacher).await.get(&home).await.expect(200);
    page.shows(&[&cast.teacher.name, school]).hides(&[&vi("menu-my-classes")]);

    let pupil = test.signed_in(&cast.pupil).await;
    let page = pupil.get(&home).await.expect(200).shows(&[&cast.pupil.name, "10A1", school, &cast.pupil.login]);
    page.hides(&[&vi("menu-my-classes")]);
    pupil.get("/me").await.expect(200).shows(&[&cast.pupil.name, "10A1", school]);
    let page = teacher.get(&home).await.expect(200);
    page.shows(&[&vi1("my-classes-never", "count", 1)]);
}
