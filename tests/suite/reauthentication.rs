//! The password, typed once more: before what a person could do great harm with who has found a device unlocked. Nothing
//! happens before it, and what was asked for goes on behind it.

use chrono::Duration;
use schoolgate::ids::PlanId;

use crate::support::people::PASSWORD;
use crate::support::say::vi;
use crate::support::{Client, Person, Someone, TestApp};

async fn count(test: &TestApp, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(&mut test.admin().await).await.unwrap()
}

/// A person who signed in a while ago.
async fn long_in(test: &TestApp, person: &Person) -> Client {
    let client = test.signed_in(person).await;
    test.clock.advance(Duration::minutes(10));
    client
}

/// A change is held until the password is right, then done as it was sent.
async fn is_held(client: &Client, path: &str, form: &[(&str, &str)]) -> String {
    client.post(path, form).await.expect(422).shows(&[&vi("fresh-title")]);
    let with = |password: &'static str| [form, &[("fresh_password", password)]].concat();
    client.post(path, &with("")).await.expect(422).shows(&[&vi("fault-password-missing")]);
    client.post(path, &with("sai rồi")).await.expect(422).shows(&[&vi("fault-password-current-wrong")]);
    client.post(path, &with(PASSWORD)).await.location()
}

#[tokio::test]
async fn joining_a_manager_and_not_a_teacher() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let join = cast.school.path("/accounts/join");
    let owner = long_in(&test, &cast.owner).await;
    let of = |email: &'static str, role: &'static str| [("full_name", "Tô Văn Mời"), ("email", email), ("role", role)];
    owner.post(&join, &of("giao.vien@example.vn", "teacher")).await.expect(303);
    let managers = "SELECT count(*) FROM members WHERE role = 'manager'";
    let before = count(&test, managers).await;
    owner.post(&join, &of("quan.ly@example.vn", "manager")).await.expect(422).shows(&[&vi("fresh-title")]);
    assert_eq!(count(&test, managers).await, before);
    is_held(&owner, &join, &of("quan.ly@example.vn", "manager")).await;
    assert_eq!(count(&test, managers).await, before + 1);
    test.work().await;
}

#[tokio::test]
async fn a_new_owner_for_a_school() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let operator = long_in(&test, &test.operator("operator@example.vn", &[]).await).await;
    let replaces = cast.owner.member_id.to_string();
    let form = [("owner_name", "Tô Văn Chủ"), ("owner_email", "chu@example.vn"), ("replaces", replaces.as_str())];
    let path = format!("/operator/schools/{}/owner", cast.school.code());
    operator.post(&path, &form).await.expect(422).shows(&[&vi("fresh-title")]);
    assert_eq!(count(&test, "SELECT count(*) FROM grants WHERE \"grant\" = 'owner'").await, 1);
    assert!(test.outbox.sent().is_empty());
    is_held(&operator, &path, &form).await;
    test.work().await;
    assert!(test.outbox.sent().iter().any(|mail| mail.to_address == "chu@example.vn"));
}

#[tokio::test]
async fn settings_that_loosen_and_not_those_that_tighten() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let settings = cast.school.path("/settings");
    let owner = long_in(&test, &cast.owner).await;
    let strict = [("one_device_per_student", "on"), ("idle_minutes", "60")];
    // As it comes, homeroom teachers and teachers may nothing: one more rule asks for nothing.
    sqlx::query("UPDATE schools SET homeroom_may_reset = false, teachers_may_create_students = false")
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    owner.post(&settings, &strict).await.expect(303);
    let one_device = "SELECT count(*) FROM schools WHERE one_device_per_student";
    assert_eq!(count(&test, one_device).await, 1);
    owner.post(&settings, &[("idle_minutes", "60")]).await.expect(422).shows(&[&vi("fresh-title")]);
    assert_eq!(count(&test, one_device).await, 1);
    is_held(&owner, &settings, &[("idle_minutes", "60")]).await;
    assert_eq!(count(&test, one_device).await, 0);
    test.clock.advance(Duration::minutes(10));
    for field in ["homeroom_may_reset", "teachers_may_create_students"] {
        owner.post(&settings, &[(field, "on")]).await.expect(422).shows(&[&vi("fresh-title")]);
    }
    // What is wrong with the form is said first.
    owner.post(&settings, &[("idle_minutes", "5")]).await.expect(422).shows(&[&vi("fault-idle-minutes")]);
}

#[tokio::test]
async fn a_new_password_for_staff_and_not_for_a_pupil() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let reset = |person: &Person| cast.school.path(&format!("/accounts/{}/password", person.member_id));
    let owner = long_in(&test, &cast.owner).await;
    owner.post(&reset(&cast.pupil), &[]).await.expect(303);
    let own = "SELECT count(*) FROM accounts WHERE password_hash IS NULL";
    let before = count(&test, own).await;
    owner.post(&reset(&cast.teacher), &[]).await.expect(422).shows(&[&vi("fresh-title")]);
    assert_eq!(count(&test, own).await, before);
    is_held(&owner, &reset(&cast.teacher), &[]).await;
    assert_eq!(count(&test, own).await, before + 1);
    // Who may not do it is not asked.
    let manager = long_in(&test, &cast.manager).await;
    manager.post(&reset(&cast.owner), &[]).await.expect(403);
    test.work().await;
}

/// Slips of many and files with whole numbers: there is no form to carry along, so one is led to a page and back.
#[tokio::test]
async fn slips_of_many_and_files_with_whole_numbers() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let plan = cast.school.plan(&test).await;
    let newcomer = cast.school.add(&test, Someone::pupil("Lý Văn Tân", cast.class_id).new_here()).await;
    let owner = test.signed_in(&cast.owner).await;
    for path in [
        format!("/slips?class={}", cast.class_id),
        format!("/slips?ids={}", newcomer.member_id),
        format!("/plans/{plan}/slips"),
        "/accounts/export.xlsx?role=student".to_owned(),
        "/accounts/export.csv?role=student".to_owned(),
        format!("/accounts/{}/data", cast.pupil.member_id),
        format!("/years/{}/export.xlsx", cast.school.year_id),
    ] {
        test.clock.advance(Duration::minutes(10));
        let path = cast.school.path(&path);
        let records = count(&test, "SELECT count(*) FROM audit_events").await;
        let asks = owner.get(&path).await.location();
        let page = owner.get(&asks).await.expect(200).shows(&[&vi("fresh-title")]);
        let next = page.input("next");
        let form = |password: &'static str| [("next", next.clone()), ("fresh_password", password.to_owned())];
        let send = async |password| {
            let form = form(password);
            let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            owner.post("/me/reauthentication", &form).await
        };
        send("").await.expect(422);
        send("sai rồi").await.expect(422).shows(&[&vi("fault-password-current-wrong")]);
        assert_eq!(count(&test, "SELECT count(*) FROM audit_events").await, records, "{path} shows nothing before");
        assert_eq!(send(PASSWORD).await.location(), path);
        owner.get(&path).await.expect(200);
    }
    test.clock.advance(Duration::minutes(10));
    let ids = newcomer.member_id.to_string();
    let page = owner.post(&cast.school.path("/slips.xlsx"), &[("ids", ids.as_str())]).await.expect(422);
    page.shows(&[&vi("fresh-title")]);
    let homeroom = long_in(&test, &cast.homeroom_teacher).await;
    let own_class = cast.school.path(&format!("/my-classes/{}/slips", cast.class_id));
    assert!(homeroom.get(&own_class).await.location().starts_with("/me/reauthentication?next="));
    // It leads nowhere else.
    let form = [("next", "/\t/evil.example"), ("fresh_password", PASSWORD)];
    assert_eq!(owner.post("/me/reauthentication", &form).await.location(), "/");
    // One slip at the desk is no matter of many.
    let one = cast.school.path(&format!("/accounts/{}/slip", newcomer.member_id));
    test.clock.advance(Duration::minutes(10));
    owner.get(&one).await.expect(200);
    assert_ne!(plan, PlanId::nil());
}
