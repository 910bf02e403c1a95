//! "Why can't this person sign in?": one line of truth on the person's page, and the button that mends it.

use chrono::Duration;
use schoolgate::{
    accounts::diagnosis::{self, SignInObstacle},
    identity::{account_state, registrations},
    roster::{model::Status, store},
};
use uuid::Uuid;

use crate::support::people::PASSWORD;
use crate::support::say::{vi, vi1, vi2};
use crate::support::{Cast, Client, Page, Person, Someone, TestApp, html};

fn of(cast: &Cast, person: &Person) -> String {
    cast.school.path(&format!("/accounts/{}", person.member_id))
}

/// What the page says of it, and where its button leads.
async fn told(client: &Client, cast: &Cast, person: &Person) -> (String, Option<String>) {
    let page = client.get(&of(cast, person)).await.expect(200).html();
    let part = page.split("<section class=\"sg-why").nth(1).unwrap().split("</section>").next().unwrap();
    // The way to more help stands behind some sentences.
    let sentence = html::words(html::elements(part, "p")[0]).trim_end_matches(&vi("help-title")).trim_end().to_owned();
    let form = html::tags(part, "form").first().and_then(|form| html::attribute(form, "action"));
    let links = html::tags(part, "a");
    let mut links = links.iter().filter_map(|link| html::attribute(link, "href"));
    (sentence, form.or_else(|| links.find(|link| !link.starts_with("/help/"))))
}

async fn signs_in(test: &TestApp, person: &Person, password: &str) -> Page {
    test.anonymous().post("/sign-in", &[("login", &person.login), ("password", password)]).await
}

#[tokio::test]
async fn a_pupil_from_the_first_slip_to_the_first_day() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let (pupil, page) = (&cast.newcomer, of(&cast, &cast.newcomer));
    let told = async || told(&manager, &cast, pupil).await;
    let good_until = vi1("why-good-until", "day", "06/12/2026");
    let waiting = [vi("why-never"), vi("why-slip-waiting"), good_until.clone()].join(" ");
    assert_eq!(told().await, (waiting, Some(format!("{page}/slip"))));
    // Nothing is wrong with a person who was just added, and no slip came before this one.
    let shown = manager.get(&page).await.expect(200).shows(&[&vi("why-waiting-title")]);
    shown.hides(&[&vi("why-title")]);
    assert!(!manager.get(&format!("{page}/slip")).await.html().contains("sg-note-done\" role=\"status\">"));
    manager.post(&format!("{page}/slip"), &[]).await.expect(303);
    let printed = vi1("why-slip-printed", "when", vi1("time-today", "time", "08:00"));
    assert_eq!(told().await.0, [vi("why-never"), printed, good_until].join(" "));

    test.clock.advance(Duration::days(90));
    let manager = test.signed_in(&cast.manager).await;
    let (sentence, button) = super::sign_in_diagnosis::told(&manager, &cast, pupil).await;
    assert_eq!(sentence, vi1("why-temporary-expired", "day", "06/12/2026"));
    // The person it is about is said before, and what it did afterwards.
    let ask = vi1("accounts-reset-ask", "name", format!("{} (10A1)", pupil.name));
    assert!(manager.get(&page).await.html().contains(&format!("data-ask=\"{ask}\"")));
    let slip = manager.post(&button.unwrap(), &[]).await.location();
    assert_eq!(slip, format!("{page}/slip"));
    let renewed = vi1("slips-renewed", "when", "08:00 06/12/2026");
    manager.get(&slip).await.expect(200).shows(&[&renewed]);
    let password = html::words(html::elements(&manager.get(&slip).await.html(), "dd")[1]);

    let client = test.anonymous();
    client.post("/sign-in", &[("login", pupil.login.as_str()), ("password", &password)]).await.expect(303);
    let own = [("password", "trăng lên đầu núi"), ("password_again", "trăng lên đầu núi")];
    let home = client.post("/password/change", &own).await.location();
    client.get(&home).await.expect(200);
    let (sentence, button) = super::sign_in_diagnosis::told(&manager, &cast, pupil).await;
    assert_eq!(sentence, vi1("why-nothing", "when", vi1("time-today", "time", "08:00")));
    assert_eq!(button, None);
    // A new password for a person who has come before.
    manager.post(&format!("{page}/password"), &[]).await.expect(303);
    assert!(super::sign_in_diagnosis::told(&manager, &cast, pupil).await.0.starts_with(&vi("why-renewed")));
}

/// An account that was guessed at too often is unlocked in time, by the school, and by the homeroom teacher.
#[tokio::test]
async fn who_is_locked_is_let_try_again() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let (manager, teacher) = (test.signed_in(&cast.manager).await, test.signed_in(&cast.homeroom_teacher).await);
    let (pupil, page) = (&cast.pupil, of(&cast, &cast.pupil));
    let guess = async || {
        for _ in 0..10 {
            signs_in(&test, pupil, "đoán mò").await;
        }
        signs_in(&test, pupil, PASSWORD).await.expect(429);
    };
    guess().await;
    let (sentence, button) = told(&manager, &cast, pupil).await;
    assert_eq!(sentence, vi1("why-locked", "until", "08:00 07/09/2026"));
    assert_eq!(button, Some(format!("{page}/unlocking")));
    let back = manager.post(&button.unwrap(), &[]).await.location();
    manager.get(&back).await.expect(200).shows(&[&vi("done-released"), &vi("why-nothing-never")]);
    signs_in(&test, pupil, PASSWORD).await.expect(303);

    guess().await;
    let class = teacher.get(&cast.school.path("/my-classes")).await.location();
    let until = vi1("my-classes-locked", "until", "08:00 07/09/2026");
    teacher.get(&class).await.expect(200).shows(&[&until, &vi("why-release")]);
    teacher.post(&format!("{page}/unlocking"), &[]).await.expect(303);
    teacher.get(&class).await.expect(200).hides(&[&vi("why-release")]);
    signs_in(&test, pupil, PASSWORD).await.expect(303);
    test.signed_in(&cast.teacher).await.post(&format!("{page}/unlocking"), &[]).await.expect(403);
    for (actor, expected) in [(&cast.manager, "lock_lifted"), (&cast.homeroom_teacher, "lock_lifted")] {
        let on_record: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM audit_events WHERE action = $1 AND actor_id = $2 AND subject_id = $3)",
        )
        .bind(expected)
        .bind(actor.member_id)
        .bind(pupil.member_id)
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
        assert!(on_record, "{}", actor.name);
    }

    // A new password opens at once: no pupil waits with the slip in hand.
    guess().await;
    let slip = manager.post(&format!("{page}/password"), &[]).await.location();
    let password = html::words(html::elements(&manager.get(&slip).await.html(), "dd")[1]);
    signs_in(&test, pupil, &password).await.expect(303);
}

#[tokio::test]
async fn a_second_device_is_told_of_and_signed_out() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    owner.post(&cast.school.path("/settings"), &[("one_device_per_student", "on"), ("idle_minutes", "60")]).await;
    signs_in(&test, &cast.pupil, PASSWORD).await.expect(303);
    let (sentence, button) = told(&owner, &cast, &cast.pupil).await;
    assert_eq!(sentence, vi1("why-other-device", "when", vi1("time-today", "time", "08:00")));
    assert_eq!(button, Some(format!("{}/sign-out", of(&cast, &cast.pupil))));
    signs_in(&test, &cast.pupil, PASSWORD).await.expect(422);
    owner.post(&button.unwrap(), &[]).await.expect(303);
    signs_in(&test, &cast.pupil, PASSWORD).await.expect(303);
    // Left idle, it counts no longer.
    test.clock.advance(Duration::minutes(60));
    assert_eq!(told(&owner, &cast, &cast.pupil).await.1, None);
}

#[tokio::test]
async fn who_is_not_quite_in_the_school() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let told = async |person: &Person| told(&manager, &cast, person).await;

    manager.post(&format!("{}/suspension", of(&cast, &cast.pupil)), &[]).await.expect(303);
    let (sentence, button) = told(&cast.pupil).await;
    assert_eq!(sentence, vi("why-suspended"));
    manager.post(&button.unwrap(), &[("undo", "on")]).await.expect(303);
    assert_eq!(told(&cast.pupil).await.0, vi("why-nothing-never"));
    manager.post(&format!("{}/leaving", of(&cast, &cast.pupil)), &[]).await.expect(303);
    assert_eq!(told(&cast.pupil).await, (vi("why-left"), None));

    // Invited, and invited again.
    let teacher =
        [("full_name", "Vũ Thị Mới"), ("gender", "female"), ("birth_date", "1990-01-02"), ("email", "moi@example.vn")];
    let address = manager.post(&cast.school.path("/accounts/teachers"), &teacher).await.location();
    let member_id = address.split('?').next().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let invited = Person { member_id, ..cast.teacher.clone() };
    let sent = vi1("time-today", "time", "08:00");
    let first = vi2("why-invited", ("when", sent.clone()), ("until", "08:00 14/09/2026"));
    assert_eq!(told(&invited).await, (first, Some(format!("{}/invitation", of(&cast, &invited)))));
    test.clock.advance(Duration::days(7));
    // A week idle, staff sign in again.
    let manager = test.signed_in(&cast.manager).await;
    let told = async |person: &Person| self::told(&manager, &cast, person).await;
    let expired = vi2("why-invitation-expired", ("when", "07/09/2026"), ("until", "08:00 14/09/2026"));
    assert_eq!(told(&invited).await.0, expired);
    manager.post(&format!("{}/invitation", of(&cast, &invited)), &[]).await.expect(303);
    let again = vi2("why-invited", ("when", sent), ("until", "08:00 21/09/2026"));
    assert_eq!(told(&invited).await.0, again);

    // Self-registered, and the address not verified yet.
    let pending = cast.school.add(&test, Someone::teacher("Phí Thị Chờ").who_is(Status::Pending)).await;
    let mut admin = test.admin().await;
    for statement in [
        "DELETE FROM memberships WHERE account_id = $1",
        "INSERT INTO unverified_addresses (account_id, since) VALUES ($1, '2026-09-13T01:00:00Z')",
    ] {
        sqlx::query(statement).bind(pending.account_id).execute(&mut admin).await.unwrap();
    }
    let mut tx = test.db.begin().await.unwrap();
    let now = test.clock.now();
    registrations::add(&mut tx, pending.account_id, cast.school.id(), pending.member_id, now).await.unwrap();
    tx.commit().await.unwrap();
    let (sentence, button) = told(&pending).await;
    assert_eq!(sentence, vi1("why-unverified", "when", vi1("time-yesterday", "time", "08:00")));
    let button = button.unwrap();
    for (said, _) in [("done-mail-sent", 1), ("done-mail-sent", 2), ("done-mail-sent", 3), ("done-mail-enough", 3)] {
        let back = manager.post(&button, &[]).await.location();
        manager.get(&back).await.expect(200).shows(&[&vi(said)]);
    }
    test.work().await;
    let link = crate::support::link_in(&test.mail_to(&pending.login).text);
    test.anonymous().post(&link, &[]).await.expect(303);
    test.work().await;
    assert_eq!(told(&pending).await, (vi("why-pending"), Some("#question".to_owned())));
}

/// No member of a suspended school can open a page of it; what is asked from outside is answered truthfully all the same.
#[tokio::test]
async fn a_suspended_school_keeps_everybody_out() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let mut admin = test.admin().await;
    sqlx::query("UPDATE schools SET suspended_at = now() WHERE id = $1")
        .bind(cast.school.id())
        .execute(&mut admin)
        .await
        .unwrap();
    let manager = test.signed_in(&cast.manager).await;
    let page = manager.get(&of(&cast, &cast.pupil)).await.expect(403);
    page.shows(&[&vi("error-school-suspended-title")]);
    let scope = &cast.school.scope;
    let mut tx = test.db.begin_in(cast.school.id()).await.unwrap();
    let profile = store::profile(scope, &mut tx, cast.school.year_id, cast.pupil.member_id).await.unwrap();
    let why = diagnosis::of(scope, &mut tx, &profile.listed, test.clock.now()).await.unwrap();
    assert_eq!((why.reason, why.mend), (SignInObstacle::SchoolSuspended, None));
}

/// Freeing a person that other schools trust is not one school's to do, however it comes to ask.
#[tokio::test]
async fn an_account_of_two_schools_is_neithers_to_free() {
    let test = TestApp::new().await;
    let (cast, elsewhere) = (test.cast("79000001").await, test.cast("79000002").await);
    sqlx::query("INSERT INTO memberships (account_id, school_id, member_id) VALUES ($1, $2, $3)")
        .bind(cast.teacher.account_id)
        .bind(elsewhere.school.id())
        .bind(test.id::<Uuid>())
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    for _ in 0..10 {
        signs_in(&test, &cast.teacher, "đoán mò").await.expect(422);
    }
    let manager = test.signed_in(&cast.manager).await;
    let (sentence, button) = told(&manager, &cast, &cast.teacher).await;
    assert_eq!((sentence, button), (vi1("why-locked", "until", "08:00 07/09/2026"), None));
    let back = manager.post(&format!("{}/unlocking", of(&cast, &cast.teacher)), &[]).await.location();
    manager.get(&back).await.expect(200).shows(&[&vi("done-account-elsewhere")]);
    signs_in(&test, &cast.teacher, PASSWORD).await.expect(429);
    let mut tx = test.db.begin().await.unwrap();
    let locked = account_state::locked(&mut tx, &[cast.teacher.account_id], test.clock.now()).await.unwrap();
    assert!(locked.contains_key(&cast.teacher.account_id));
}
