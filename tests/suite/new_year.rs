//! What follows a move to the new year: accounts that close, days on which drafts are applied by themselves, homeroom
//! teachers of the coming year, and the years themselves.

use chrono::{Days, Duration, NaiveDate};
use schoolgate::{reports::daily, roster::fields::Field};

use crate::rollover::{Small, TO, becomes, class_in, count, drafted, small, status};
use crate::support::people::PASSWORD;
use crate::support::say::{vi, vi1};
use crate::support::{Client, Person, Someone, TestApp};

/// What the worker does for a school once a night.
pub async fn night(small: &Small) {
    daily::write(&small.school().scope, &small.test, small.test.clock.now()).await.unwrap();
    small.test.work().await;
}

async fn owner_again(small: &Small) -> Client {
    small.test.signed_in(&small.cast.owner).await
}

fn vietnamese(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

async fn set_days(small: &Small, days: &str) {
    let settings = small.school().path("/settings");
    small.test.clock.advance(Duration::seconds(10));
    small.owner.post(&settings, &[("finished_days", days)]).await.expect(303);
}

async fn can_sign_in(test: &TestApp, person: &Person) -> bool {
    let sign_in = [("login", person.login.as_str()), ("password", PASSWORD)];
    let client = test.anonymous();
    client.post("/sign-in", &sign_in).await;
    client.cookie("session").is_some() && client.get("/schools/79000001").await.status.as_u16() == 200
}

#[tokio::test]
async fn accounts_of_those_who_finished_close_when_their_time_is_over() {
    let small = small().await;
    let test = &small.test;
    let settings = small.school().path("/settings");
    for days in ["-1", "366", "bald"] {
        let page = small.owner.post(&settings, &[("finished_days", days)]).await.expect(422);
        assert_eq!(page.input("finished_days"), days);
        page.shows(&[&vi("fault-finished-days")]);
    }
    set_days(&small, "10").await;
    small.begin().await;
    let plan = small.plan().await;
    small.owner.get(&plan).await.expect(200).shows(&[&vi1("fault-rollover-finished", "value", "10")]);
    small.apply(&plan).await;
    let due = test.clock.today().checked_add_days(Days::new(10)).unwrap();
    let [giang, hoa] = &small.twelve;
    let told = vi1("home-closing", "date", vietnamese(due));
    let home = small.school().path("");
    test.signed_in(giang).await.get(&home).await.expect(200).shows(&[&told]);
    test.signed_in(&small.eleven[0]).await.get(&home).await.expect(200).hides(&[&told]);
    // One of them is in a class of the new year after all.
    let again = "INSERT INTO enrolments (school_id, school_year_id, member_id, class_id)
        SELECT c.school_id, c.school_year_id, $1, c.id FROM classes c JOIN school_years y ON y.id = c.school_year_id
        WHERE y.name = '2027-2028' AND c.name = '12A2'";
    sqlx::query(again).bind(hoa.member_id).execute(&mut test.admin().await).await.unwrap();
    test.signed_in(hoa).await.get(&home).await.expect(200).hides(&[&told]);

    test.clock.advance(Duration::days(9));
    night(&small).await;
    assert_eq!(status(test, giang).await, "active", "a day too early");
    test.clock.advance(Duration::days(1));
    night(&small).await;
    assert_eq!(status(test, giang).await, "left");
    assert!(!can_sign_in(test, giang).await);
    assert_eq!(status(test, hoa).await, "active");
    assert!(can_sign_in(test, hoa).await);
    assert_eq!(count(test, "SELECT count(*) FROM closings").await, 0);
    let by_system = "SELECT count(*) FROM audit_events WHERE action = 'account_closed' AND actor_kind = 'system'";
    assert_eq!(count(test, by_system).await, 1);
    let owner = owner_again(&small).await;
    let person = small.school().path(&format!("/accounts/{}", giang.member_id));
    owner.get(&person).await.expect(200).shows(&[&vi1("history-account-closed", "who", vi("plans-system"))]);
    // A second night finds nothing, and taking the move back opens the account again.
    night(&small).await;
    assert_eq!(count(test, by_system).await, 1);
    owner.post(&format!("{plan}/undo"), &[]).await.expect(303);
    test.work().await;
    assert_eq!(status(test, giang).await, "active");
    assert!(can_sign_in(test, giang).await);
}

#[tokio::test]
async fn a_draft_is_applied_by_itself_on_its_day() {
    let small = small().await;
    let test = &small.test;
    let schedule = small.path("/schedule");
    assert!(small.owner.post(&schedule, &[("on", "2027-08-01")]).await.location().ends_with("done=rollover-none"));
    small.begin().await;
    // The first day of the coming year is proposed.
    let page = small.owner.get(&small.path("")).await.expect(200);
    assert_eq!(page.input("on"), "01/08/2027");
    let today = test.clock.today();
    for (typed, key) in [
        ("morgen", "fault-rollover-day"),
        (&*today.to_string(), "fault-rollover-day-over"),
        ("2028-12-31", "fault-rollover-day-far"),
    ] {
        test.clock.advance(Duration::seconds(10));
        small.owner.post(&schedule, &[("on", typed)]).await.expect(422).shows(&[&vi(key)]);
    }
    let on = today.checked_add_days(Days::new(3)).unwrap();
    let say = async |client: &Client| {
        test.clock.advance(Duration::seconds(10));
        client.post(&schedule, &[("on", &vietnamese(on))]).await.expect(303);
    };
    say(&small.owner).await;
    let told = vi1("rollover-scheduled", "date", vietnamese(on));
    small.owner.get(&small.path("")).await.expect(200).shows(&[&told]);
    // Taken back, and chosen again.
    let withdrawn = small.owner.post(&small.path("/schedule/withdrawal"), &[]).await.location();
    small.owner.get(&withdrawn).await.expect(200).shows(&[&vi("done-rollover-withdrawn")]).hides(&[&told]);
    say(&small.owner).await;
    test.clock.advance(Duration::days(2));
    night(&small).await;
    assert_eq!(class_in(test, TO, &small.ten[0]).await, None, "a day too early");
    test.clock.advance(Duration::days(1));
    night(&small).await;
    assert_eq!(class_in(test, TO, &small.ten[0]).await.as_deref(), Some("11A2"));
    assert_eq!(count(test, "SELECT count(*) FROM rollovers WHERE state = 'applied' AND apply_on IS NULL").await, 1);
    // With the rights of the owner who chose the day, who gets the mail.
    assert!(test.mail_to(&small.cast.owner.login).text.contains("79000001"));
    assert_eq!(count(test, "SELECT count(*) FROM audit_events WHERE action = 'rollover_scheduled'").await, 2);
    night(&small).await;
    assert_eq!(count(test, "SELECT count(*) FROM plans WHERE source = 'rollover'").await, 1);
}

#[tokio::test]
async fn what_a_person_must_confirm_is_not_applied_by_itself() {
    let small = small().await;
    let test = &small.test;
    small.begin().await;
    // A whole grade that is not the last one goes.
    small.choose(&[&small.eleven[0], &small.eleven[1]], &[("outcome", "finished")]).await;
    let on = test.clock.today().checked_add_days(Days::new(1)).unwrap();
    test.clock.advance(Duration::seconds(10));
    small.owner.post(&small.path("/schedule"), &[("on", &on.to_string())]).await.expect(303);
    test.clock.advance(Duration::days(1));
    night(&small).await;
    assert_eq!(class_in(test, TO, &small.ten[0]).await, None);
    let mail = test.mail_to(&small.cast.owner.login);
    assert!(mail.text.contains("/plans/"), "the plan waits: {}", mail.text);
    let owner = owner_again(&small).await;
    let page = owner.get(&small.path("")).await.expect(200);
    page.shows(&[&vi("rollover-schedule-failed"), &vi("rollover-not-applied-leaves")]);
    // Once, not every night.
    night(&small).await;
    assert_eq!(count(test, "SELECT count(*) FROM audit_events WHERE action = 'rollover_not_applied'").await, 1);
    // Who is no owner any more applies nothing.
    test.clock.advance(Duration::seconds(10));
    let next = on.checked_add_days(Days::new(1)).unwrap();
    owner.post(&small.path("/schedule"), &[("on", &next.to_string())]).await.expect(303);
    let by_another = "UPDATE rollovers SET scheduled_by = $1";
    let teacher = small.cast.teacher.member_id;
    sqlx::query(by_another).bind(teacher).execute(&mut test.admin().await).await.unwrap();
    test.clock.advance(Duration::days(1));
    night(&small).await;
    assert_eq!(class_in(test, TO, &small.ten[0]).await, None);
    let page = owner_again(&small).await.get(&small.path("")).await.expect(200);
    page.shows(&[&vi("rollover-not-applied-rights")]);
}

/// The homeroom teacher of a class of the coming year, in the draft.
async fn homeroom(test: &TestApp, class: &str) -> Option<String> {
    sqlx::query_scalar(
        "SELECT m.full_name FROM rollover_targets t JOIN members m ON m.id = t.homeroom_member_id WHERE t.name = $1",
    )
    .bind(class)
    .fetch_optional(&mut test.admin().await)
    .await
    .unwrap()
}

#[tokio::test]
async fn homeroom_teachers_are_carried_or_chosen() {
    let small = small().await;
    let (test, owner) = (&small.test, &small.owner);
    let [teacher, other] = [&small.cast.homeroom_teacher, &small.cast.teacher].map(|person| person.name.as_str());
    small.begin().await;
    assert_eq!(homeroom(test, "11A1").await.as_deref(), Some(teacher), "along with the class");
    assert_eq!(homeroom(test, "10A1").await, None);
    let classes = small.path("/classes");
    let send = async |form: &[(&str, &str)], status: u16| {
        test.clock.advance(Duration::seconds(10));
        owner.post(&classes, form).await.expect(status)
    };
    let page = owner.get(&classes).await.expect(200);
    assert!(page.input("homeroom_11A1").contains(teacher));
    send(&[("homeroom_11A2", other)], 303).await;
    assert_eq!(homeroom(test, "11A2").await.as_deref(), Some(other));
    assert_eq!(homeroom(test, "11A1").await.as_deref(), Some(teacher), "which was not sent");
    send(&[("homeroom_11A2", "Không Có Ai")], 422).await.shows(&["Không Có Ai"]);
    // A colleague was first: told, and nothing lost.
    let late = [("homeroom_11A2", teacher), ("seen_homeroom_11A2", "")];
    send(&late, 422).await.shows(&[&vi1("fault-rollover-class-meanwhile", "value", label(&small.cast.teacher))]);
    assert_eq!(homeroom(test, "11A2").await.as_deref(), Some(other));
    // Classes are added and, as long as nobody goes there, removed.
    send(&[("new_classes", "11B1-11B3")], 303).await;
    assert_eq!(count(test, "SELECT count(*) FROM rollover_targets WHERE name LIKE '11B%' AND grade = '11'").await, 3);
    send(&[("remove_11B2", "on"), ("remove_11A2", "on")], 303).await;
    assert_eq!(count(test, "SELECT count(*) FROM rollover_targets WHERE name = '11B2'").await, 0);
    assert_eq!(count(test, "SELECT count(*) FROM rollover_targets WHERE name = '11A2'").await, 1, "pupils go there");
    send(&[("new_classes", "?!")], 422).await;
    send(&[("carry", "stay")], 303).await;
    assert_eq!(homeroom(test, "10A1").await.as_deref(), Some(teacher));
    assert_eq!(homeroom(test, "11A1").await, None);
    send(&[("carry", "nobody")], 303).await;
    assert_eq!(count(test, "SELECT count(*) FROM rollover_targets WHERE homeroom_member_id IS NOT NULL").await, 0);
    send(&[("carry", "along")], 303).await;
    // Applied, the classes have them; taken back, there is nothing.
    let plan = small.plan().await;
    small.apply(&plan).await;
    let given = "SELECT count(*) FROM classes c JOIN school_years y ON y.id = c.school_year_id
        JOIN members m ON m.id = c.homeroom_member_id WHERE y.name = '2027-2028' AND c.name = '11A1'";
    assert_eq!(count(test, given).await, 1);
    small.undo(&plan).await;
    assert_eq!(count(test, given).await, 0);
}

#[tokio::test]
async fn classes_are_filled_evenly_as_it_was_shown() {
    let small = small().await;
    let (test, owner) = (&small.test, &small.owner);
    let class = small.school().class(test, "10A3").await;
    let people: Vec<Someone> = (0..9)
        .map(|n| {
            let gender = if n < 5 { "female" } else { "male" };
            Someone::pupil(&format!("Vũ Minh {}", ["An", "Bình", "Chi"][n % 3]), class).value(Field::Gender, gender)
        })
        .collect();
    small.school().add_all(test, &people).await;
    small.begin().await;
    let balance = small.path("/balance");
    owner.get(&balance).await.expect(200).shows(&["11A2", "11A3"]);
    let send = async |form: &[(&str, &str)], status: u16| {
        test.clock.advance(Duration::seconds(10));
        owner.post(&balance, form).await.expect(status)
    };
    send(&[("class", "11A3")], 422).await.shows(&[&vi("fault-balance-few")]);
    send(&[("class", "11A3"), ("class", "12A2")], 422).await.shows(&[&vi("fault-balance-grades")]);
    test.clock.advance(Duration::seconds(10));
    owner.post(&small.path("/classes"), &[("new_classes", "11B1-11B2")]).await.expect(303);
    send(&[("class", "11B1"), ("class", "11B2")], 422).await.shows(&[&vi("fault-balance-nobody")]);
    // Nine into three classes, of which two are new.
    let chosen = [("class", "11A3"), ("class", "11B1"), ("class", "11B2"), ("seed", "7")];
    let shown = send(&chosen, 200).await.shows(&[&vi1("rollover-balance-moves", "count", 6)]);
    let of_class = "SELECT count(*) FROM rollover_pupils WHERE target = '11A3'";
    assert_eq!(count(test, of_class).await, 9, "shown, and nothing done");
    let made_of = shown.input("made_of");
    let take = |made_of: &str| {
        let taken = [("take", "on".to_owned()), ("made_of", made_of.to_owned())];
        chosen.map(|(name, value)| (name, value.to_owned())).into_iter().chain(taken).collect::<Vec<_>>()
    };
    let taken = take("something else");
    let form: Vec<(&str, &str)> = taken.iter().map(|(name, value)| (*name, value.as_str())).collect();
    send(&form, 422).await.shows(&[&vi("fault-balance-meanwhile")]);
    let taken = take(&made_of);
    let form: Vec<(&str, &str)> = taken.iter().map(|(name, value)| (*name, value.as_str())).collect();
    send(&form, 303).await;
    for class in ["11A3", "11B1", "11B2"] {
        let of = |gender: &str| {
            format!(
                "SELECT count(*) FROM rollover_pupils p JOIN members m ON m.id = p.member_id
                 WHERE p.target = '{class}' AND m.gender LIKE '{gender}'"
            )
        };
        assert_eq!(count(test, &of("%")).await, 3, "{class}");
        assert!((1..=2).contains(&count(test, &of("female")).await), "{class}");
    }
    // Applied, they are there.
    let plan = small.plan().await;
    small.apply(&plan).await;
    let there = "SELECT count(*) FROM enrolments e JOIN classes c ON c.id = e.class_id WHERE c.name = '11B2'";
    assert_eq!(count(test, there).await, 3);
}

/// A member of staff as forms name them.
fn label(person: &Person) -> String {
    format!("{} · {}", person.name, person.login)
}

#[tokio::test]
async fn a_second_plan_asks_as_the_first_one_does() {
    let small = small().await;
    let (test, owner) = (&small.test, &small.owner);
    small.begin().await;
    let four = [&small.ten[0], &small.ten[1], &small.eleven[0], &small.cast.newcomer];
    small.choose(&four, &[("outcome", "awaiting")]).await;
    let first = small.plan().await;
    small.apply(&first).await;
    // Those who finished did so by the first plan: they do not excuse four who leave by the second.
    small.choose(&four, &[("outcome", "leaving"), ("reason", "moved")]).await;
    let second = small.plan().await;
    assert_ne!(first, second);
    owner.get(&second).await.expect(200).shows(&[&vi1("rollover-confirm-leaves", "count", 4)]);
    test.clock.advance(Duration::seconds(10));
    owner.post(&format!("{second}/apply"), &[]).await.expect(422).shows(&[&vi("fault-rollover-leaves")]);
}

#[tokio::test]
async fn a_class_that_is_renamed_stays_in_the_draft() {
    let small = small().await;
    let (test, owner) = (&small.test, &small.owner);
    small.begin().await;
    let id: uuid::Uuid = sqlx::query_scalar("SELECT id FROM classes WHERE name = '10A2'")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    owner.post(&small.school().path(&format!("/classes/{id}")), &[("name", "10B9"), ("grade", "10")]).await.expect(303);
    for class in ["10B9", &id.to_string()] {
        let list = owner.get(&small.path(&format!("/pupils?class={class}"))).await.expect(200);
        assert_eq!(list.rows().len(), 2, "{class}");
    }
    test.clock.advance(Duration::seconds(10));
    owner.post(&small.path("/pupils?class=10B9"), &[("ids", "all"), ("outcome", "awaiting")]).await.expect(303);
    assert_eq!(drafted(test, &small.ten[0]).await, becomes("awaiting", None, None));
}

#[tokio::test]
async fn a_year_is_edited_and_deleted_while_it_is_empty() {
    let small = small().await;
    let (test, owner) = (&small.test, &small.owner);
    let years = small.school().path("/years");
    owner.post(&years, &[("name", TO)]).await.expect(303);
    let id: uuid::Uuid = sqlx::query_scalar("SELECT id FROM school_years WHERE name = '2027-2028'")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    let (year, this) = (format!("{years}/{id}"), format!("{years}/{}", small.school().year_id));
    let change = async |path: &str, name: &str, from: &str, to: &str| {
        test.clock.advance(Duration::seconds(10));
        owner.post(path, &[("name", name), ("starts_on", from), ("ends_on", to)]).await
    };
    for (name, from, to, key) in [
        ("next year", "01/08/2027", "31/05/2028", "fault-school-year"),
        (TO, "bald", "31/05/2028", "fault-year-day"),
        ("2026-2027", "01/08/2026", "31/05/2027", "fault-year-taken"),
        (TO, "01/08/2027", "01/07/2027", "fault-year-order"),
        (TO, "01/08/2026", "31/05/2028", "fault-year-outside"),
        (TO, "15/05/2027", "31/05/2028", "fault-year-overlap"),
    ] {
        let page = change(&year, name, from, to).await.expect(422);
        assert_eq!(page.input("name"), name);
        page.shows(&[&vi(key)]);
    }
    // Once; and not over days of another one.
    test.clock.advance(Duration::seconds(10));
    let again = owner.post(&years, &[("name", TO)]).await.expect(422);
    assert_eq!(again.input("name"), TO);
    again.shows(&[&vi("fault-year-taken")]);
    change(&this, "2026-2027", "01/08/2026", "31/07/2027").await.expect(303);
    change(&year, TO, "01/08/2027", "30/08/2028").await.expect(303);
    test.clock.advance(Duration::seconds(10));
    owner.post(&years, &[("name", "2028-2029")]).await.expect(422).shows(&[&vi("fault-year-overlap")]);
    change(&year, TO, "16/08/2027", "25/05/2028").await.expect(303);
    let begins = "SELECT count(*) FROM school_years WHERE starts_on = '2027-08-16' AND ends_on = '2028-05-25'";
    assert_eq!(count(test, begins).await, 1);
    // With classes it stays, without it goes; one always stays.
    test.clock.advance(Duration::seconds(10));
    owner.post(&format!("{this}/deletion"), &[]).await.expect(422).shows(&[&vi("fault-year-used")]);
    owner.post(&format!("{year}/deletion"), &[]).await.expect(303);
    assert_eq!(count(test, "SELECT count(*) FROM school_years").await, 1);
    owner.get(&year).await.expect(404);
    test.clock.advance(Duration::seconds(10));
    owner.post(&format!("{this}/deletion"), &[]).await.expect(422).shows(&[&vi("fault-year-last")]);
    let manager = test.signed_in(&small.cast.manager).await;
    manager.post(&this, &[("name", TO)]).await.expect(403);
}

#[tokio::test]
async fn a_year_that_is_over_is_read_only_until_an_owner_says_why() {
    let small = small().await;
    let test = &small.test;
    small.owner.post(&small.school().path("/years"), &[("name", TO)]).await.expect(303);
    let first_day = NaiveDate::from_ymd_opt(2027, 8, 1).unwrap();
    test.clock.advance(Duration::days((first_day - test.clock.today()).num_days()));
    let owner = owner_again(&small).await;
    let class = small.school().path(&format!("/classes/{}", small.cast.class_id));
    let year = small.school().path(&format!("/years/{}", small.school().year_id));
    let (over, change) = (vi("fault-year-over"), [("name", "10A7"), ("grade", "10")]);
    owner.get(&class).await.expect(200).shows(&["10A1", &vi("years-over")]).hides(&["name=\"grade\""]);
    let id = small.school().year_id.to_string();
    let homeroom = format!("homeroom_{}", small.cast.class_id);
    let classes = small.school().path("/classes");
    for (path, form) in [
        (class.clone(), change.to_vec()),
        (format!("{class}/deletion"), Vec::new()),
        (classes.clone(), vec![("name", "10A8"), ("school_year", id.as_str())]),
        (format!("{classes}/homeroom"), vec![(homeroom.as_str(), ""), ("school_year", &id)]),
        (year.clone(), vec![("name", "2026-2027"), ("starts_on", "2026-08-02"), ("ends_on", "2027-05-31")]),
        (format!("{year}/deletion"), Vec::new()),
    ] {
        test.clock.advance(Duration::seconds(10));
        owner.post(&path, &form).await.expect(422).shows(&[&over]);
    }
    assert_eq!(count(test, "SELECT count(*) FROM classes WHERE name IN ('10A7', '10A8')").await, 0);
    // Its classes can be looked at.
    owner.get(&format!("{classes}?school_year={id}")).await.expect(200).shows(&["10A1", "12A2"]);
    owner.post(&format!("{year}/opening"), &[]).await.expect(422).shows(&[&vi("fault-year-reason")]);
    test.clock.advance(Duration::seconds(10));
    let opened = owner.post(&format!("{year}/opening"), &[("reason", "Sửa tên lớp trong học bạ")]).await.location();
    owner.get(&opened).await.expect(200).shows(&[&vi("done-year-opened")]);
    test.clock.advance(Duration::seconds(10));
    owner.post(&class, &change).await.expect(303);
    assert_eq!(count(test, "SELECT count(*) FROM classes WHERE name = '10A7'").await, 1);
    let record = owner.get(&small.school().path("/audit")).await.expect(200);
    record.shows(&[&vi("audit-school-year-opened"), "Sửa tên lớp trong học bạ"]);
    // For a day.
    test.clock.advance(Duration::hours(25));
    let owner = owner_again(&small).await;
    owner.post(&class, &[("name", "10A6"), ("grade", "10")]).await.expect(422).shows(&[&over]);
}

#[tokio::test]
async fn the_home_page_leads_through_the_summer() {
    let small = small().await;
    let test = &small.test;
    let home = small.school().path("");
    let later = NaiveDate::from_ymd_opt(2027, 6, 10).unwrap();
    test.clock.advance(Duration::days((later - test.clock.today()).num_days()));
    let small = Small { owner: test.signed_in(&small.cast.owner).await, ..small };
    let test = &small.test;
    let label = "2027–2028";
    let page = small.owner.get(&home).await.expect(200).shows(&[&vi("to-do-year-draft")]);
    assert!(page.html().contains(&format!("href=\"{}\"", small.path(""))));
    small.begin().await;
    small.choose(&[&small.ten[0]], &[("outcome", "awaiting")]).await;
    let page = small.owner.get(&home).await.expect(200);
    page.shows(&[
        &vi1("to-do-draft", "year", label),
        &vi1("step-draft", "year", label),
        &vi1("step-applied", "year", label),
    ]);
    // Managers who are no owners have other things to do.
    test.signed_in(&small.cast.manager).await.get(&home).await.expect(200).hides(&[&vi1("to-do-draft", "year", label)]);
    let plan = small.plan().await;
    small.apply(&plan).await;
    let page = small.owner.get(&home).await.expect(200);
    page.shows(&[&vi("to-do-awaiting-text"), &vi1("step-applied", "year", label)]).hides(&[&vi1(
        "to-do-draft",
        "year",
        label,
    )]);
}
