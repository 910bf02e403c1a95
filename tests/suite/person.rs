//! `/schools/{code}/accounts/{id}` and what hangs below it: one person, created, changed, let in and kept out.

use chrono::Duration;

use crate::support::app::link_in;
use crate::support::say::{vi, vi1};
use crate::support::{Cast, Person, Someone, TestApp};

const PUPIL: [(&str, &str); 6] = [
    ("full_name", "Lê Văn Tý"),
    ("gender", "male"),
    ("birth_date", "2011-04-05"),
    ("mother_name", "Trần Thị Mai"),
    ("mother_birth_year", "1985"),
    ("phone", "0912 345 678"),
];

fn with<'a>(fields: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
    kept.chain(more).copied().collect()
}

fn of(cast: &Cast, person: &Person) -> String {
    cast.school.path(&format!("/accounts/{}", person.member_id))
}

#[tokio::test]
async fn a_pupil_is_created_by_hand_one_after_the_other() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let class = cast.class_id.to_string();
    let students = cast.school.path("/accounts/students");
    manager
        .get(&cast.school.path("/accounts/new/student"))
        .await
        .expect(200)
        .shows(&["10A1", &vi("form-create-again")]);

    // What is missing is said, and what was typed stays.
    let page = manager.post(&students, &[("full_name", "Lê Văn Tý"), ("birth_date", "2011-02-31")]).await.expect(422);
    assert_eq!(page.input("full_name"), "Lê Văn Tý");
    page.shows(&[&vi1("fault-date-impossible", "value", "2011-02-31")]);
    let page = manager.post(&students, &with(&PUPIL, &[("mother_name", ""), ("class", &class)])).await.expect(422);
    page.shows(&[&vi("fault-mother-name-missing")]);
    let elsewhere = test.cast("79000002").await;
    let foreign = elsewhere.class_id.to_string();
    manager.post(&students, &with(&PUPIL, &[("class", &foreign)])).await.expect(422).shows(&[&vi("fault-class-gone")]);

    let again = with(&PUPIL, &[("class", &class), ("again", "on")]);
    let next = manager.post(&students, &again).await.location();
    assert!(next.starts_with(&cast.school.path(&format!("/accounts/new/student?class={class}&made="))), "{next}");
    let page = manager.get(&next).await.expect(200).shows(&[&vi1("form-made", "name", "Lê Văn Tý"), "tylv"]);
    assert_eq!(page.input("full_name"), "");
    let twin = with(&PUPIL, &[("class", &class), ("birth_date", "2011-04-06"), ("mother_name", "Vũ Thị Khác")]);
    let person = manager.post(&students, &twin).await.location();
    let page = manager.get(&person).await.expect(200);
    page.shows(&["Lê Văn Tý", "tylv2", "10A1", "06/04/2011", "0912345678"]);
    manager.get(&cast.school.path("/accounts?q=ty")).await.expect(200).shows(&["tylv", "tylv2"]);
    manager.get(&cast.school.path(&format!("/slips?class={class}"))).await.expect(200).shows(&["tylv@79000001"]);
    assert_eq!(test.work().await, [] as [String; 0], "a pupil is not mailed to");
}

#[tokio::test]
async fn a_teacher_is_invited() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let teacher =
        [("full_name", "Vũ Thị Mới"), ("gender", "female"), ("birth_date", "1990-01-02"), ("email", "Moi@Example.vn")];
    let teachers = cast.school.path("/accounts/teachers");
    manager.post(&teachers, &with(&teacher, &[("email", "")])).await.expect(422).shows(&[&vi("fault-missing")]);
    let person = manager.post(&teachers, &teacher).await.location();
    test.work().await;
    let first = link_in(&test.mail_to("moi@example.vn").text);
    // The same address once more: the school has that person. Not within seconds: that would be the same request twice.
    test.clock.advance(Duration::seconds(10));
    manager.post(&teachers, &teacher).await.expect(422).shows(&[&vi("fault-email-taken")]);

    // The address was wrong: it is mended, and the invitation goes to the right one.
    let path = person.split('?').next().unwrap();
    let edit = manager.get(&format!("{path}/edit")).await.expect(200);
    edit.shows(&[&vi("person-edit")]);
    manager.post(path, &with(&teacher, &[("email", "moi2@example.vn")])).await.expect(303);
    test.work().await;
    let second = link_in(&test.mail_to("moi2@example.vn").text);
    assert_ne!(first, second);
    manager.post(&format!("{path}/password"), &[]).await.expect(303);
    test.work().await;
    let password = [("password", "một câu dài dễ nhớ"), ("password_again", "một câu dài dễ nhớ")];
    let newcomer = test.anonymous();
    newcomer.post(&link_in(&test.mail_to("moi2@example.vn").text), &password).await.expect(303);
    newcomer.get(&cast.school.path("")).await.expect(200).shows(&["Vũ Thị Mới"]);
    // From now on the address is the person's own.
    manager.post(path, &with(&teacher, &[("email", "khac@example.vn"), ("phone", "0912345678")])).await.expect(303);
    manager.get(path).await.expect(200).shows(&["moi2@example.vn", "0912345678"]);
}

#[tokio::test]
async fn two_who_change_one_person_do_not_undo_each_other() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let (manager, owner) = (test.signed_in(&cast.manager).await, test.signed_in(&cast.owner).await);
    let person = of(&cast, &cast.pupil);
    let page = manager.get(&format!("{person}/edit")).await.expect(200);
    let version = page.input("version");
    let class = cast.class_id.to_string();
    let change = |phone: &'static str, version: &str| {
        let fields = with(&PUPIL, &[("phone", phone)]);
        fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .chain([("version".to_owned(), version.to_owned()), ("class".to_owned(), class.clone())])
            .collect::<Vec<_>>()
    };
    let post = async |client: &crate::support::Client, fields: &[(String, String)]| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        client.post(&person, &fields).await
    };
    post(&owner, &change("0911111111", &version)).await.expect(303);
    let page = post(&manager, &change("0922222222", &version)).await.expect(422);
    page.shows(&[&vi("fault-changed-meanwhile")]);
    owner.get(&person).await.expect(200).shows(&["0911111111"]);
}

#[tokio::test]
async fn a_new_password_ends_the_old_one_and_every_session() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let pupil = test.signed_in(&cast.pupil).await;
    pupil.get(&cast.school.path("")).await.expect(200);
    let slip = manager.post(&format!("{}/password", of(&cast, &cast.pupil)), &[]).await.location();
    assert_eq!(slip, format!("{}/slip", of(&cast, &cast.pupil)));
    pupil.get(&cast.school.path("")).await.expect(303);
    let page = manager.get(&slip).await.expect(200);
    let words = page.words();
    let password = words.split(&vi("slips-password")).nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let old = [("login", cast.pupil.login.as_str()), ("password", crate::support::people::PASSWORD)];
    pupil.post("/sign-in", &old).await.expect(422);
    let new = [("login", cast.pupil.login.as_str()), ("password", password.as_str())];
    assert_eq!(pupil.post("/sign-in", &new).await.location(), "/password/change");
}

#[tokio::test]
async fn an_account_of_two_schools_is_neithers_to_open() {
    let test = TestApp::new().await;
    let (cast, elsewhere) = (test.cast("79000001").await, test.cast("79000002").await);
    let mut admin = test.admin().await;
    sqlx::query("INSERT INTO memberships (account_id, school_id, member_id) VALUES ($1, $2, $3)")
        .bind(cast.teacher.account_id)
        .bind(elsewhere.school.id())
        .bind(test.id::<uuid::Uuid>())
        .execute(&mut admin)
        .await
        .unwrap();
    let manager = test.signed_in(&cast.manager).await;
    let teacher = test.signed_in(&cast.teacher).await;
    let person = of(&cast, &cast.teacher);
    let to = manager.post(&format!("{person}/password"), &[]).await.location();
    assert_eq!(to, format!("{person}?done=reset-mailed"));
    test.work().await;
    assert!(link_in(&test.mail_to(&cast.teacher.login).text).starts_with("/password/reset/"));
    let to = manager.post(&format!("{person}/sign-out"), &[]).await.location();
    manager.get(&to).await.expect(200).shows(&[&vi("done-account-elsewhere")]);
    teacher.get(&cast.school.path("")).await.expect(200);
}

#[tokio::test]
async fn kept_out_let_in_and_gone() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let pupil = test.signed_in(&cast.pupil).await;
    let person = of(&cast, &cast.pupil);
    manager.post(&format!("{person}/suspension"), &[]).await.expect(303);
    pupil.get(&cast.school.path("")).await.expect(303);
    test.signed_in(&cast.pupil).await.get(&cast.school.path("")).await.expect(403);
    manager.get(&person).await.expect(200).shows(&[&vi("state-suspended"), &vi("person-lift")]);
    manager.post(&format!("{person}/suspension"), &[("undo", "on")]).await.expect(303);
    let pupil = test.signed_in(&cast.pupil).await;
    pupil.get(&cast.school.path("")).await.expect(200);
    manager.post(&format!("{person}/sign-out"), &[]).await.expect(303);
    pupil.get(&cast.school.path("")).await.expect(303);

    manager.post(&format!("{person}/leaving"), &[]).await.expect(303);
    test.signed_in(&cast.pupil).await.get(&cast.school.path("")).await.expect(404);
    manager.get(&person).await.expect(200).shows(&[&vi("state-left")]).hides(&[&vi("person-suspend")]);
    let actions: Vec<String> =
        sqlx::query_scalar("SELECT action FROM audit_events WHERE subject_id = $1 ORDER BY action")
            .bind(cast.pupil.member_id)
            .fetch_all(&mut test.admin().await)
            .await
            .unwrap();
    assert_eq!(actions, ["left", "signed_out_everywhere", "suspended", "suspension_lifted"]);
}

/// Every member against every other: those of lower rank may be acted on, no others.
#[tokio::test]
async fn no_action_reaches_a_member_of_higher_rank() {
    let test = TestApp::new().await;
    let (cast, elsewhere) = (test.cast("79000001").await, test.cast("79000002").await);
    let second_owner = Someone::manager("Phan Thị Chủ").with(schoolgate::access::Grant::Owner);
    let second_owner = cast.school.add(&test, second_owner).await;
    let rank = |person: &Person| match person.member_id {
        id if id == cast.owner.member_id || id == second_owner.member_id => 3,
        id if id == cast.manager.member_id || id == cast.account_manager.member_id => 2,
        id if id == cast.pupil.member_id || id == cast.newcomer.member_id => 0,
        _ => 1,
    };
    for actor in [&cast.owner, &cast.manager, &cast.account_manager, &cast.teacher, &cast.pupil] {
        let client = test.signed_in(actor).await;
        for target in [&second_owner, &cast.manager, &cast.account_manager, &cast.timetable, &cast.newcomer] {
            let may = rank(actor) >= 2 && rank(actor) > rank(target);
            for act in ["suspension", "password", "sign-out"] {
                // Every member may sign themselves out, and is out then.
                if act == "sign-out" && actor.member_id == target.member_id {
                    continue;
                }
                let status = client.post(&format!("{}/{act}", of(&cast, target)), &[]).await.status.as_u16();
                assert_eq!(status, if may { 303 } else { 403 }, "{} {act} {}", actor.name, target.name);
            }
            if may {
                client.post(&format!("{}/suspension", of(&cast, target)), &[("undo", "on")]).await.expect(303);
            }
        }
        let client = test.signed_in(actor).await;
        for act in ["sign-out", "suspension", "password", "leaving"] {
            let path = cast.school.path(&format!("/accounts/{}/{act}", elsewhere.pupil.member_id));
            let status = client.post(&path, &[]).await.status.as_u16();
            // Any teacher may have a pupil to help; which one is looked up in the own school.
            let helps = rank(actor) == 1 && matches!(act, "sign-out" | "password");
            assert_eq!(status, if rank(actor) >= 2 || helps { 404 } else { 403 }, "{} {act}", actor.name);
        }
    }
    let owner = test.signed_in(&cast.owner).await;
    owner.post(&format!("{}/leaving", of(&cast, &second_owner)), &[]).await.expect(403);
    owner.post(&format!("{}/leaving", of(&cast, &cast.owner)), &[]).await.expect(403);
    // Staff whose passwords were reset are told.
    test.work().await;
}
