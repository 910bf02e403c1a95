//! `/schools/{code}/rollover`: the draft for the coming year, from its making to a plan that is applied and taken back.

use chrono::Duration;
use sqlx::{AssertSqlSafe, FromRow};
use uuid::Uuid;

use crate::support::people::School;
use crate::support::say::{vi, vi1};
use crate::support::{Cast, Client, Person, Someone, TestApp};

/// The year after the one in which the tests are.
pub const TO: &str = "2027-2028";

/// A pupil as the database has them in a draft.
#[derive(Debug, PartialEq, Eq, FromRow)]
pub struct Drafted {
    outcome: String,
    target: Option<String>,
    reason: Option<String>,
}

pub async fn drafted(test: &TestApp, person: &Person) -> Option<Drafted> {
    sqlx::query_as("SELECT outcome, target, reason FROM rollover_pupils WHERE member_id = $1")
        .bind(person.member_id)
        .fetch_optional(&mut test.admin().await)
        .await
        .unwrap()
}

pub fn becomes(outcome: &str, target: Option<&str>, reason: Option<&str>) -> Option<Drafted> {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Some(Drafted { outcome: outcome.to_owned(), target: owned(target), reason: owned(reason) })
}

/// The class of a pupil in the coming year.
pub async fn class_in(test: &TestApp, year: &str, person: &Person) -> Option<String> {
    sqlx::query_scalar(
        "SELECT c.name FROM enrolments e JOIN classes c ON c.id = e.class_id JOIN school_years y ON y.id = e.school_year_id
         WHERE e.member_id = $1 AND y.name = $2 AND e.ended_at IS NULL",
    )
    .bind(person.member_id)
    .bind(year)
    .fetch_optional(&mut test.admin().await)
    .await
    .unwrap()
}

pub async fn status(test: &TestApp, person: &Person) -> String {
    sqlx::query_scalar("SELECT status FROM members WHERE id = $1")
        .bind(person.member_id)
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap()
}

pub async fn count(test: &TestApp, query: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(query.to_owned())).fetch_one(&mut test.admin().await).await.unwrap()
}

/// Everything that a school knows of its people and of who is in which class, but for the versions of rows.
pub async fn roster(test: &TestApp) -> Vec<String> {
    let members = "SELECT (to_jsonb(m) - '{version,changed_at}'::text[])::text FROM members m ORDER BY id";
    let places = "SELECT (to_jsonb(e) - 'changed_at')::text FROM enrolments e ORDER BY member_id, school_year_id";
    let classes = "SELECT (to_jsonb(c) - '{changed_at,homeroom_changed_at}'::text[])::text FROM classes c ORDER BY id";
    let words = "SELECT to_jsonb(w)::text FROM member_words w ORDER BY member_id, word";
    let guardians = "SELECT (to_jsonb(g) - 'changed_at')::text FROM guardians g ORDER BY member_id, relation";
    let ways_in = "SELECT to_jsonb(w)::text FROM memberships w ORDER BY account_id, school_id";
    let stays = "SELECT to_jsonb(s)::text FROM past_stays s ORDER BY member_id, class_id, to_day";
    let counters = "SELECT counter || value FROM counters WHERE value <> 0 ORDER BY counter";
    let mut all = Vec::new();
    let mut admin = test.admin().await;
    for query in [members, places, classes, words, guardians, ways_in, stays, counters] {
        let rows: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut admin).await.unwrap();
        all.extend(rows);
    }
    all
}

/// A school of three grades with two pupils in each class.
pub struct Small {
    pub test: TestApp,
    pub cast: Cast,
    pub owner: Client,
    pub ten: [Person; 2],
    pub eleven: [Person; 2],
    pub twelve: [Person; 2],
}

pub async fn small() -> Small {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let mut of_grades = Vec::new();
    for (class, given) in [("10A2", ["An", "Bình"]), ("11A2", ["Chi", "Dũng"]), ("12A2", ["Giang", "Hoa"])] {
        let class_id = cast.school.class(&test, class).await;
        let people = given.map(|given| Someone::pupil(&format!("Lê Thị {given}"), class_id));
        of_grades.push(<[Person; 2]>::try_from(cast.school.add_all(&test, &people).await).unwrap());
    }
    let [ten, eleven, twelve] = <[[Person; 2]; 3]>::try_from(of_grades).unwrap();
    Small { test, cast, owner, ten, eleven, twelve }
}

impl Small {
    pub fn school(&self) -> &School {
        &self.cast.school
    }

    pub fn path(&self, rest: &str) -> String {
        self.school().path(&format!("/rollover{rest}"))
    }

    pub async fn begin(&self) {
        let page = self.owner.post(&self.path(""), &[("to", TO)]).await;
        assert!(page.location().ends_with("/rollover?done=rollover-begun"));
    }

    pub async fn choose(&self, people: &[&Person], fields: &[(&str, &str)]) {
        self.test.clock.advance(Duration::seconds(10));
        let ids: Vec<String> = people.iter().map(|person| person.member_id.to_string()).collect();
        let mut form: Vec<(&str, &str)> = ids.iter().map(|id| ("ids", id.as_str())).collect();
        form.extend(fields);
        self.owner.post(&self.path("/pupils"), &form).await.expect(303);
    }

    /// Makes a plan of the draft; gives its address.
    pub async fn plan(&self) -> String {
        self.test.clock.advance(Duration::seconds(10));
        let plan = self.owner.post(&self.path("/plan"), &[]).await.location();
        self.test.work().await;
        plan
    }

    pub async fn apply(&self, plan: &str) {
        self.owner.post(&format!("{plan}/apply"), &[]).await.expect(303);
        self.test.work().await;
        self.owner.get(plan).await.expect(200).shows(&[&vi("plan-title-applied")]);
    }

    pub async fn undo(&self, plan: &str) {
        self.owner.post(&format!("{plan}/undo"), &[]).await.expect(303);
        self.test.work().await;
        self.owner.get(plan).await.expect(200).shows(&[&vi("plan-title-undone")]);
    }
}

#[tokio::test]
async fn a_draft_is_made_filled_in_applied_and_taken_back() {
    let small = small().await;
    let (test, owner) = (&small.test, &small.owner);
    owner.get(&small.path("")).await.expect(200).shows(&[&vi("rollover-begin"), TO]);
    small.begin().await;
    // Each class keeps its letter, and the last grade finishes.
    assert_eq!(drafted(test, &small.ten[0]).await, becomes("promoted", Some("11A2"), None));
    assert_eq!(drafted(test, &small.eleven[0]).await, becomes("promoted", Some("12A2"), None));
    assert_eq!(drafted(test, &small.twelve[0]).await, becomes("finished", None, None));
    assert_eq!(drafted(test, &small.cast.pupil).await, becomes("promoted", Some("11A1"), None));
    assert_eq!(count(test, "SELECT count(*) FROM rollover_pupils").await, 8);

    small.choose(&[&small.ten[1]], &[("outcome", "kept_back")]).await;
    small.choose(&[&small.eleven[0]], &[("outcome", "awaiting")]).await;
    small.choose(&[&small.eleven[1]], &[("outcome", "leaving"), ("reason", "moved")]).await;
    small.choose(&[&small.ten[0]], &[("outcome", "promoted"), ("class", "11A1")]).await;
    assert_eq!(drafted(test, &small.ten[1]).await, becomes("kept_back", Some("10A2"), None));
    assert_eq!(drafted(test, &small.eleven[0]).await, becomes("awaiting", None, None));
    assert_eq!(drafted(test, &small.eleven[1]).await, becomes("leaving", None, Some("moved")));
    assert_eq!(drafted(test, &small.ten[0]).await, becomes("promoted", Some("11A1"), None));
    // What pages add up is what there is.
    let counted = count(test, "SELECT sum(value)::bigint FROM rollover_counts").await;
    assert_eq!(counted, 8);
    for (outcome, expected) in [("promoted", 3), ("kept_back", 1), ("awaiting", 1), ("finished", 2), ("leaving", 1)] {
        let of = format!("SELECT coalesce(sum(value), 0)::bigint FROM rollover_counts WHERE outcome = '{outcome}'");
        assert_eq!(count(test, &of).await, expected, "{outcome}");
        let list = owner.get(&small.path(&format!("/pupils?outcome={outcome}"))).await.expect(200);
        assert_eq!(list.rows().len() as i64, expected, "{outcome}");
    }

    let before = roster(test).await;
    let plan = small.plan().await;
    owner.get(&plan).await.expect(200).shows(&["Lê Thị An", "11A1", &vi("rollover-from-draft")]);
    small.apply(&plan).await;
    assert_eq!(class_in(test, TO, &small.ten[0]).await.as_deref(), Some("11A1"));
    assert_eq!(class_in(test, TO, &small.ten[1]).await.as_deref(), Some("10A2"));
    assert_eq!(class_in(test, TO, &small.eleven[0]).await, None, "is assessed again");
    assert_eq!(status(test, &small.eleven[0]).await, "active");
    assert_eq!(status(test, &small.eleven[1]).await, "left");
    assert_eq!(status(test, &small.twelve[0]).await, "active", "until the account is closed");
    assert_eq!(count(test, "SELECT count(*) FROM closings").await, 2);
    // This year's classes are as they were, but for the one who left.
    assert_eq!(class_in(test, "2026-2027", &small.ten[0]).await.as_deref(), Some("10A2"));
    owner.get(&small.path("")).await.expect(200).shows(&[&vi1("rollover-still-awaiting", "count", 1)]);

    // A second time is refused.
    test.clock.advance(Duration::seconds(10));
    owner.post(&small.path(""), &[("to", TO)]).await.expect(422).shows(&[&vi1(
        "fault-rollover-applied",
        "value",
        "2027–2028",
    )]);

    small.undo(&plan).await;
    assert_eq!(roster(test).await, before);
    assert_eq!(count(test, "SELECT count(*) FROM closings").await, 0);
    // The draft goes on where it was.
    assert_eq!(drafted(test, &small.ten[1]).await, becomes("kept_back", Some("10A2"), None));
    let again = small.plan().await;
    assert_ne!(again, plan);
    small.apply(&again).await;
    assert_eq!(class_in(test, TO, &small.ten[0]).await.as_deref(), Some("11A1"));
}

#[tokio::test]
async fn every_pupil_has_exactly_one_outcome() {
    let small = small().await;
    small.begin().await;
    let mut admin = small.test.admin().await;
    for change in [
        "UPDATE rollover_pupils SET target = NULL WHERE outcome = 'promoted'",
        "UPDATE rollover_pupils SET outcome = 'finished' WHERE outcome = 'promoted'",
        "UPDATE rollover_pupils SET outcome = 'leaving', target = NULL",
        "UPDATE rollover_pupils SET outcome = 'nothing'",
    ] {
        assert!(sqlx::query(change).execute(&mut admin).await.is_err(), "{change}");
    }
}

#[tokio::test]
async fn what_happens_in_the_school_meanwhile_is_taken_over() {
    let small = small().await;
    let test = &small.test;
    small.begin().await;
    small.choose(&[&small.ten[1]], &[("outcome", "kept_back"), ("class", "10A1")]).await;

    // One comes, two change class (one of them was decided on), one leaves.
    let class_id = small.school().class(test, "11A9").await;
    let new = small.school().add(test, Someone::pupil("Lê Thị Mới", class_id)).await;
    let accounts = small.school().path("/accounts");
    for person in [&small.ten[0], &small.ten[1]] {
        test.clock.advance(Duration::seconds(10));
        let id = person.member_id.to_string();
        let form = [("ids", id.as_str()), ("action", "move"), ("class", "10A1")];
        small.owner.post(&format!("{accounts}/bulk"), &form).await.expect(303);
    }
    let leaving = format!("{accounts}/{}/leaving", small.eleven[1].member_id);
    small.owner.post(&leaving, &[("reason", "Chuyển trường")]).await.expect(303);

    small.owner.get(&small.path("")).await.expect(200).shows(&[
        &vi1("rollover-news-came", "count", 1),
        &vi1("rollover-news-moved", "count", 2),
        &vi1("rollover-news-left", "count", 1),
    ]);
    // A class that came meanwhile goes where it would have gone from the beginning.
    assert_eq!(drafted(test, &new).await, becomes("promoted", Some("12A9"), None));
    assert_eq!(drafted(test, &small.ten[0]).await, becomes("promoted", Some("11A1"), None));
    assert_eq!(drafted(test, &small.ten[1]).await, becomes("kept_back", Some("10A1"), None), "as was decided");
    assert_eq!(drafted(test, &small.eleven[1]).await, None);
    assert_eq!(count(test, "SELECT sum(value)::bigint FROM rollover_counts").await, 8);
}

#[tokio::test]
async fn two_owners_lose_nothing_of_each_other() {
    let small = small().await;
    let (test, owner) = (&small.test, &small.owner);
    small.begin().await;
    let id = async |name: &str| -> Uuid {
        sqlx::query_scalar("SELECT id FROM classes WHERE name = $1 ORDER BY created_at LIMIT 1")
            .bind(name)
            .fetch_one(&mut test.admin().await)
            .await
            .unwrap()
    };
    let (ten, eleven) = (id("10A2").await, id("11A2").await);
    let names = |class: Uuid| (format!("target_{class}"), format!("seen_{class}"));
    let ((ten, seen_ten), (eleven, seen_eleven)) = (names(ten), names(eleven));
    // Both have the whole table before them; each changes one class.
    let first = [(ten.as_str(), "11B"), (&seen_ten, "11A2"), (&eleven, "12A2"), (&seen_eleven, "12A2")];
    owner.post(&small.path("/classes"), &first).await.expect(303);
    test.clock.advance(Duration::seconds(10));
    let second = [(ten.as_str(), "11A2"), (&seen_ten, "11A2"), (&eleven, "12B"), (&seen_eleven, "12A2")];
    owner.post(&small.path("/classes"), &second).await.expect(303);
    assert_eq!(drafted(test, &small.ten[0]).await, becomes("promoted", Some("11B"), None));
    assert_eq!(drafted(test, &small.eleven[0]).await, becomes("promoted", Some("12B"), None));

    // Both change the same class: the second is told, and nothing is lost.
    test.clock.advance(Duration::seconds(10));
    let third = [(ten.as_str(), "11C"), (&seen_ten, "11A2"), (&eleven, "12C"), (&seen_eleven, "12B")];
    let told = owner.post(&small.path("/classes"), &third).await.expect(422);
    assert!([r#"value="11C""#, r#"value="12C""#].iter().all(|typed| told.html().contains(typed)), "as typed");
    told.shows(&[&vi1("fault-rollover-class-meanwhile", "value", "11B")]);
    assert_eq!(drafted(test, &small.ten[0]).await, becomes("promoted", Some("11B"), None));
    // Without what was seen, as programs send it, the last one holds.
    test.clock.advance(Duration::seconds(10));
    owner.post(&small.path("/classes"), &[(ten.as_str(), "")]).await.expect(303);
    assert_eq!(drafted(test, &small.ten[0]).await, becomes("finished", None, None));
}

#[tokio::test]
async fn what_does_not_fit_is_refused_with_a_sentence() {
    let small = small().await;
    let (test, owner) = (&small.test, &small.owner);
    let refused = async |path: &str, form: &[(&str, &str)], said: &str| {
        test.clock.advance(Duration::seconds(10));
        owner.post(&small.path(path), form).await.expect(422).shows(&[said]);
    };
    refused("", &[("to", "im nächsten Jahr")], &vi1("fault-rollover-year", "value", "im nächsten Jahr")).await;
    refused("", &[("to", "2035-2036")], &vi1("fault-rollover-year", "value", "2035–2036")).await;
    test.clock.advance(Duration::seconds(10));
    assert!(owner.get(&small.path("/pupils")).await.location().ends_with("/rollover?done=rollover-none"));
    small.begin().await;
    refused("", &[("to", TO)], &vi("fault-rollover-open")).await;
    let [ten, twelve] = [&small.ten[0], &small.twelve[0]].map(|person| person.member_id.to_string());
    let pupils = "/pupils";
    refused(pupils, &[("ids", &ten)], &vi("fault-rollover-outcome")).await;
    refused(pupils, &[("ids", &ten), ("outcome", "leaving")], &vi("fault-rollover-reason")).await;
    let kept_back = [("ids", ten.as_str()), ("outcome", "kept_back"), ("class", "11A1")];
    refused(pupils, &kept_back, &vi1("fault-rollover-other-grade", "value", "10A2")).await;
    let promoted = [("ids", ten.as_str()), ("outcome", "promoted"), ("class", "10A1")];
    refused(pupils, &promoted, &vi1("fault-rollover-same-grade", "value", "10A2")).await;
    let last = [("ids", twelve.as_str()), ("outcome", "promoted")];
    refused(pupils, &last, &vi1("fault-rollover-no-class", "value", "12A2")).await;
    assert_eq!(drafted(test, &small.ten[0]).await, becomes("promoted", Some("11A2"), None));
    owner.get(&small.path("/pupils?target=%00")).await.expect(200);
    // All that a filter finds.
    test.clock.advance(Duration::seconds(10));
    owner.post(&small.path("/pupils?class=10A2"), &[("ids", "all"), ("outcome", "kept_back")]).await.expect(303);
    assert_eq!(drafted(test, &small.ten[0]).await, becomes("kept_back", Some("10A2"), None));
    assert_eq!(drafted(test, &small.ten[1]).await, becomes("kept_back", Some("10A2"), None));
    assert_eq!(drafted(test, &small.eleven[0]).await, becomes("promoted", Some("12A2"), None));
    // Discarded, nothing is left of it.
    test.clock.advance(Duration::seconds(10));
    owner.post(&small.path("/discard"), &[]).await.expect(303);
    assert_eq!(count(test, "SELECT count(*) FROM rollover_pupils").await, 0);
    small.begin().await;
}

#[tokio::test]
async fn a_whole_other_grade_is_asked_about_and_the_last_one_is_not() {
    let small = small().await;
    let (test, owner) = (&small.test, &small.owner);
    small.begin().await;
    let plan = small.plan().await;
    owner.get(&plan).await.expect(200).hides(&["name=\"confirm_leaves\""]);
    let eleven = [&small.eleven[0], &small.eleven[1]];
    small.choose(&eleven, &[("outcome", "finished")]).await;
    let plan = small.plan().await;
    owner.get(&plan).await.expect(200).shows(&[&vi1("rollover-lost-grades", "grades", "11")]);
    test.clock.advance(Duration::seconds(10));
    owner.post(&format!("{plan}/apply"), &[]).await.expect(422).shows(&[&vi("fault-rollover-leaves")]);
    // Only owners move a school on.
    let manager = test.signed_in(&small.cast.manager).await;
    manager.post(&format!("{plan}/apply"), &[("confirm_leaves", "on")]).await.expect(403);
    test.clock.advance(Duration::seconds(10));
    owner.post(&format!("{plan}/apply"), &[("confirm_leaves", "on")]).await.expect(303);
    test.work().await;
    assert_eq!(count(test, "SELECT count(*) FROM closings").await, 4);
}

#[tokio::test]
async fn who_leaves_or_moves_while_a_plan_waits_is_in_one_place() {
    let small = small().await;
    let test = &small.test;
    small.begin().await;
    let plan = small.plan().await;
    let leaving = small.school().path(&format!("/accounts/{}/leaving", small.ten[0].member_id));
    small.owner.post(&leaving, &[("reason", "Chuyển trường")]).await.expect(303);
    let id = small.ten[1].member_id.to_string();
    let form = [("ids", id.as_str()), ("action", "move"), ("class", "10A1")];
    small.owner.post(&small.school().path("/accounts/bulk"), &form).await.expect(303);
    small.apply(&plan).await;
    assert_eq!(status(test, &small.ten[0]).await, "left");
    assert_eq!(class_in(test, TO, &small.ten[0]).await, None);
    assert_eq!(class_in(test, TO, &small.ten[1]).await, None, "the plan says 11A2, the draft says 11A1 by now");
    assert_eq!(class_in(test, TO, &small.eleven[0]).await.as_deref(), Some("12A2"));
    // What dropped out is listed, and can be applied afterwards.
    small.owner.get(&format!("{plan}?outcome=error")).await.expect(200).shows(&[&small.ten[1].name]);
    let rest = small.plan().await;
    small.apply(&rest).await;
    assert_eq!(class_in(test, TO, &small.ten[1]).await.as_deref(), Some("11A1"));
}

/// Three thousand pupils in seventy-five classes; the last grade has 980.
async fn large(test: &TestApp, cast: &Cast) -> Vec<Person> {
    let mut classes = Vec::new();
    for grade in [10, 11, 12] {
        for number in 1..=25 {
            let name = format!("{grade}C{number}");
            classes.push(cast.school.class(test, &name).await);
        }
    }
    let pupils: Vec<Someone> = (0..3_000_usize)
        .map(|n| {
            let (grade, within) = match n {
                0..1_010 => (0, n),
                1_010..2_020 => (1, n - 1_010),
                _ => (2, n - 2_020),
            };
            let given = ["An", "Bình", "Chi", "Dũng", "Giang", "Hoa", "Khánh", "Linh", "Minh", "Nam"][n % 10];
            Someone::pupil(&format!("Lý Thị {given}"), classes[grade * 25 + within % 25])
        })
        .collect();
    cast.school.add_all(test, &pupils).await
}

#[tokio::test]
async fn a_school_of_three_thousand_moves_on_and_back_but_for_the_five_that_were_edited() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let everybody = large(&test, &cast).await;
    // On the day on which the coming year begins.
    let first_day = chrono::NaiveDate::from_ymd_opt(2027, 8, 1).unwrap();
    test.clock.advance(Duration::days((first_day - test.clock.today()).num_days()));
    let owner = test.signed_in(&cast.owner).await;
    let path = |rest: &str| cast.school.path(&format!("/rollover{rest}"));
    owner.post(&path(""), &[("to", TO)]).await.expect(303);
    let choose = async |people: &[Person], fields: &[(&str, &str)]| {
        test.clock.advance(Duration::seconds(10));
        let ids: Vec<String> = people.iter().map(|person| person.member_id.to_string()).collect();
        let mut form: Vec<(&str, &str)> = ids.iter().map(|id| ("ids", id.as_str())).collect();
        form.extend(fields);
        owner.post(&path("/pupils"), &form).await.expect(303);
    };
    choose(&everybody[..40], &[("outcome", "kept_back")]).await;
    choose(&everybody[40..65], &[("outcome", "leaving"), ("reason", "dropped_out")]).await;
    choose(&everybody[65..77], &[("outcome", "awaiting")]).await;
    // What pages add up: the three thousand, and two pupils of the cast.
    for (outcome, expected) in
        [("promoted", 1_945), ("kept_back", 40), ("leaving", 25), ("awaiting", 12), ("finished", 980)]
    {
        let of = format!("SELECT sum(value)::bigint FROM rollover_counts WHERE outcome = '{outcome}'");
        assert_eq!(count(&test, &of).await, expected, "{outcome}");
    }
    let before = roster(&test).await;
    test.clock.advance(Duration::seconds(10));
    let plan = owner.post(&path("/plan"), &[]).await.location();
    test.work().await;
    owner.get(&plan).await.expect(200).hides(&["name=\"confirm_leaves\""]);
    owner.post(&format!("{plan}/apply"), &[]).await.expect(303);
    test.work().await;
    let of_year = format!(
        "SELECT count(*) FROM enrolments e JOIN school_years y ON y.id = e.school_year_id WHERE y.name = '{TO}'"
    );
    assert_eq!(count(&test, &of_year).await, 1_985);
    assert_eq!(count(&test, "SELECT count(*) FROM closings").await, 980);
    assert_eq!(count(&test, "SELECT count(*) FROM members WHERE status = 'left'").await, 25);

    // The next day, five are put into another class by hand.
    test.clock.advance(Duration::days(1));
    let owner = test.signed_in(&cast.owner).await;
    let mut form: Vec<(&str, String)> =
        everybody[1_100..1_105].iter().map(|person| ("ids", person.member_id.to_string())).collect();
    form.extend([("action", "move".to_owned()), ("class", "12C25".to_owned())]);
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    owner.post(&cast.school.path("/accounts/bulk"), &form).await.expect(303);
    let moved = "SELECT count(*) FROM enrolments e JOIN classes c ON c.id = e.class_id
        JOIN school_years y ON y.id = c.school_year_id WHERE c.name = '12C25' AND y.name = '2027-2028'";
    let after_moving = count(&test, moved).await;
    assert!(after_moving >= 45, "{after_moving}");

    owner.post(&format!("{plan}/undo"), &[]).await.expect(303);
    test.work().await;
    let listed = owner.get(&format!("{plan}/undo")).await.expect(200).rows().len();
    assert!(listed >= 5, "{listed}");
    let stayed = count(&test, "SELECT count(*) FROM plan_rows WHERE result = 'stayed'").await;
    assert_eq!(stayed, 5);
    assert_eq!(count(&test, &of_year).await, stayed, "all but those are back");
    assert_eq!(count(&test, "SELECT count(*) FROM members WHERE status = 'left'").await, 0);
    assert_eq!(count(&test, "SELECT count(*) FROM closings").await, 0);
    // But for those, and the year and the class that they need, it is as before.
    let is_pupil = |row: &&String| row.contains("\"full_name\"") && row.contains("\"role\": \"student\"");
    let names = |rows: &[String]| rows.iter().filter(is_pupil).cloned().collect::<Vec<_>>();
    assert_eq!(names(&roster(&test).await), names(&before));
}
