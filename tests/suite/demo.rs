//! The demo's data: what `make run` and `schoolgate demo` bring about.

use schoolgate::demo::{self, Demo, DemoSize, PASSWORD};
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::support::{TestApp, crowd, html};

async fn make(test: &TestApp, size: DemoSize) -> Demo {
    let owner = test.owner().await;
    let demo = demo::make(test, &owner, size).await.unwrap();
    owner.pool().close().await;
    demo
}

async fn count(test: &TestApp, condition: &str) -> i64 {
    let statement = format!("SELECT count(*) FROM {condition}");
    sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(&mut test.admin().await).await.unwrap()
}

const SIZE: DemoSize = DemoSize { schools: 3, pupils: 240, seed: 1 };

#[tokio::test]
async fn schools_are_as_one_finds_them() {
    let test = TestApp::new().await;
    let demo = make(&test, SIZE).await;
    assert_eq!(
        demo.schools.iter().map(|school| (school.code.as_str(), school.kind)).take(2).collect::<Vec<_>>(),
        [("79000701", "k12"), ("DH000001", "higher"),]
    );
    assert_eq!(demo.schools.len(), 3);
    for school in &demo.schools {
        let members = |condition: &str| {
            format!("members m JOIN schools s ON s.id = m.school_id WHERE s.code = '{}' AND {condition}", school.code)
        };
        assert_eq!(count(&test, &members("role = 'student'")).await, 240);
        let classes = format!("classes c JOIN schools s ON s.id = c.school_id WHERE s.code = '{}'", school.code);
        assert_eq!(count(&test, &classes).await, 6);
        assert_eq!(count(&test, &format!("{classes} AND homeroom_member_id IS NULL")).await, 0, "each class is led");
        for state in [
            "status = 'left'",
            "status = 'suspended'",
            "status = 'invited' AND account_id IS NULL",
            "last_signed_in_at IS NOT NULL",
            "status = 'active' AND role = 'student' AND slip_printed_at IS NOT NULL",
            "status = 'active' AND role = 'student' AND temporary_until IS NOT NULL AND slip_printed_at IS NULL",
        ] {
            let found = count(&test, &members(state)).await;
            assert!(found > 0, "nobody of {} is: {state}", school.code);
        }
        // A person who may sign in can: by the password that is printed, or by a temporary one.
        let accounts = "account_id IS NOT NULL AND status <> 'left' AND NOT EXISTS (SELECT FROM accounts a
            JOIN memberships j ON j.account_id = a.id AND j.member_id = m.id
            WHERE a.id = m.account_id AND (a.password_hash IS NULL) <> (a.temporary_password IS NULL))";
        assert_eq!(count(&test, &members(accounts)).await, 0);
    }
    let without_guardian = "members m JOIN schools s ON s.id = m.school_id WHERE s.kind = 'k12' AND role = 'student'
        AND NOT EXISTS (SELECT FROM guardians g WHERE g.school_id = m.school_id AND g.member_id = m.id)";
    assert_eq!(count(&test, without_guardian).await, 0);
    assert_eq!(crowd::with_other_words(&test).await, 0);

    // The first school has a timetable for all, and exams behind it and before it.
    let of_first = "JOIN schools s ON s.id = t.school_id AND s.code = '79000701'";
    let without_lessons = format!(
        "classes t {of_first} WHERE 20 > (SELECT count(*) FROM timetable_lessons l
             JOIN timetable_versions v ON v.id = l.version_id AND v.published_at IS NOT NULL WHERE l.class_id = t.id)"
    );
    assert_eq!(count(&test, &without_lessons).await, 0);
    assert_eq!(count(&test, &format!("exams t {of_first} WHERE seated_at IS NOT NULL")).await, 2);
    let unmarked = format!("exam_classes t {of_first} WHERE publish_at IS NULL");
    assert_eq!(count(&test, &unmarked).await, 6, "the classes of the exam that is to come");
    assert!(count(&test, "exam_duties").await > 0);

    // Counters and words are those that the program itself keeps.
    let wrong = "counters c WHERE counter LIKE 'member:%' AND value <> (SELECT count(*) FROM members m
        WHERE m.school_id = c.school_id AND counter = 'member:' || role || ':' || status)";
    assert_eq!(count(&test, wrong).await, 0);
    let owner = test.anonymous();
    let sign_in = [("login", demo.schools[0].owner.login.as_str()), ("password", PASSWORD)];
    owner.post("/sign-in", &sign_in).await.expect(303);
    let page = owner.get("/schools/79000701/accounts?q=nguyen&role=student").await.expect(200);
    assert!(page.rows().len() > 10, "a third of all are called Nguyễn");
    let waiting = owner.get("/schools/79000701/accounts?status=slips").await.expect(200);
    let slip = waiting.links().into_iter().find(|link| link.contains("/accounts/0")).unwrap();
    let slip = owner.get(&format!("{slip}/slip")).await.expect(200).html();
    let told: Vec<String> = html::elements(&slip, "dd").into_iter().map(html::words).collect();
    let [login, password] = told.try_into().unwrap();
    let pupil = test.anonymous();
    let fields = [("login", login.as_str()), ("password", password.as_str())];
    let own = pupil.post("/schools/79000701/sign-in", &fields).await.location();
    assert!(own.starts_with("/password/change"), "{own}");
}

/// One of its schools lives from the registry: a list waits for an operator, one was returned, and five differences
/// wait for a sync, also where a grade has one class alone.
#[tokio::test]
async fn the_first_school_lives_from_the_registry() {
    use schoolgate::{access::Scope, plan::model::Source, schools::directory, sources::registry};
    let test = TestApp::new().await;
    make(&test, DemoSize { schools: 2, pupils: 120, seed: 1 }).await;
    for (kind, state) in [("staff", "submitted"), ("classes", "returned")] {
        let there = format!("submission_queue WHERE kind = '{kind}' AND state = '{state}'");
        assert_eq!(count(&test, &there).await, 1, "{kind}");
    }
    assert_eq!(count(&test, "submissions WHERE remark IS NOT NULL").await, 1);
    assert_eq!(count(&test, "registry_due").await, 5);
    let scope = Scope::system(directory::find(&test.db, "79000701").await.unwrap());
    let plan_id = registry::begin(&scope.grant().unwrap(), &test, Source::Registry).await.unwrap();
    test.work().await;
    let counts: serde_json::Value = sqlx::query_scalar("SELECT counts FROM plans WHERE id = $1")
        .bind(plan_id)
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    let of = |outcome: &str| counts[outcome].as_i64().unwrap_or_default();
    let differences = ["create", "update", "leave", "duplicate", "error"].map(of);
    assert_eq!(differences, [1, 2, 1, 1, 0], "{counts}");
}

#[tokio::test]
async fn the_demo_is_made_once_and_the_same_each_time() {
    let (test, other) = (TestApp::new().await, TestApp::new().await);
    let demo = make(&test, SIZE).await;
    let people =
        "SELECT string_agg(full_name || status || coalesce(username, '') || birth_date, ',' ORDER BY full_name,
        birth_date, username) FROM members";
    let everybody = async |test: &TestApp| -> String {
        sqlx::query_scalar(people).fetch_one(&mut test.admin().await).await.unwrap()
    };
    let before = everybody(&test).await;
    assert_eq!(json!(make(&test, SIZE).await), json!(demo), "sign-ins are printed again");
    assert!(everybody(&test).await == before, "and nobody is made twice");
    make(&other, SIZE).await;
    assert!(everybody(&other).await == before, "the same seed makes the same people");
    let third = TestApp::new().await;
    make(&third, DemoSize { seed: 2, ..SIZE }).await;
    assert!(everybody(&third).await != before, "and another one others");
}

/// Broken off between a school's people and what happens in the school, it goes on with that, and doubles nothing.
#[tokio::test]
async fn a_demo_that_was_broken_off_goes_on_where_it_stopped() {
    let test = TestApp::new().await;
    let size = DemoSize { schools: 2, pupils: 40, seed: 1 };
    make(&test, size).await;
    let counted = async || {
        let mut counts = Vec::new();
        for table in ["members", "registry_people", "timetable_lessons", "exams", "entries", "report_figures"] {
            counts.push((table, count(&test, table).await));
        }
        counts
    };
    let whole = counted().await;
    assert!(whole.iter().all(|(_, rows)| *rows > 0), "{whole:?}");
    sqlx::raw_sql("DELETE FROM report_figures; DELETE FROM entries").execute(&mut test.admin().await).await.unwrap();
    make(&test, size).await;
    assert_eq!(counted().await, whole);
}

/// The demo's accounts have a password that everybody knows: they never come beside real ones.
#[tokio::test]
async fn what_is_real_is_told_from_the_demo() {
    let test = TestApp::new().await;
    assert_eq!(demo::traces(&test).await.unwrap(), demo::Traces::default());
    make(&test, DemoSize { schools: 2, pupils: 40, seed: 1 }).await;
    let traces = demo::traces(&test).await.unwrap();
    assert!(!traces.is_real && traces.demo_operators.len() == 2, "{traces:?}");
    // One that an operator of the demo opens is the demo's.
    test.school("79000009").await;
    assert!(!demo::traces(&test).await.unwrap().is_real);
    test.operator("real@example.vn", &[]).await;
    assert!(demo::traces(&test).await.unwrap().is_real);

    let test = TestApp::new().await;
    test.school("79000009").await;
    assert!(demo::traces(&test).await.unwrap().is_real, "a school and no operator of the demo");
}

/// A country's schools are of different sizes, and as many pupils as asked for, all in all.
#[test]
fn a_country_has_small_schools_and_large_ones() {
    let size = DemoSize { schools: 26_000, pupils: 700, seed: 1 };
    let pupils: Vec<usize> = (0..size.schools).map(|number| size.pupils_of(number)).collect();
    assert_eq!((pupils[0], pupils[1], pupils[2]), (700, 700, 100_000), "the printed ones, and the largest");
    let others = &pupils[3..];
    let average = others.iter().sum::<usize>() / others.len();
    assert!((650..=750).contains(&average), "{average}");
    let (least, most) = (others.iter().min().unwrap(), others.iter().max().unwrap());
    assert!((200..300).contains(least) && (3_000..=3_500).contains(most), "{least} to {most}");
    let small = others.iter().filter(|pupils| **pupils < 700).count();
    assert!(small * 10 > others.len() * 7, "most are small: {small}");
    // A handful are all alike, as ever.
    assert_eq!(DemoSize { schools: 12, ..size }.pupils_of(7), 700);
}
