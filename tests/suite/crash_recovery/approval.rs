//! A worker that is killed with -9 while it takes a submission over: all of it is in the registry, or nothing, and
//! another worker finishes it.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use schoolgate::{clock::Randomness, registry::submissions::SubmissionKind, submissions::deciding};
use sqlx::PgConnection;

use crate::crash_recovery::{DOOMED, Survivor, app, settings};
use crate::support::database::elsewhere;
use crate::support::smtp::SmtpSink;
use crate::support::{Cast, TestApp, sheets};

fn pupils(count: usize) -> Vec<u8> {
    let headers = ["Họ và tên", "Giới tính", "Lớp", "Ngày sinh", "Họ và tên mẹ", "Năm sinh của mẹ", "Mã định danh"];
    let letters = ["An", "Bình", "Chi", "Dung", "Giang", "Hà", "Khánh", "Lan", "Minh", "Ngân"];
    let pupil = |n: usize| {
        let name = format!("Vũ {} {} {}", letters[n / 100 % 10], letters[n / 10 % 10], letters[n % 10]);
        let birth = format!("{:02}/{:02}/2011", 1 + n % 28, 1 + n / 28 % 12);
        let (class, moet_id) = (format!("10A{}", 1 + n % 12), (7_900_000_000 + n).to_string());
        vec![name, "Nam".to_owned(), class, birth, "Hồ Thị Mẹ".to_owned(), "1985".to_owned(), moet_id]
    };
    let head = headers.map(str::to_owned).to_vec();
    sheets::written(&std::iter::once(head).chain((0..count).map(pupil)).collect::<Vec<_>>())
}

/// What is in the registry, and how far the submission is: the two agree at any instant.
async fn look(admin: &mut PgConnection, rows: i64) -> String {
    let (state, people, identifiers, changes): (String, i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT state FROM submissions WHERE kind = 'pupils'), (SELECT count(*) FROM registry_people),
             (SELECT count(*) FROM registry_identifiers),
             (SELECT count(*) FROM registry_changes WHERE subject = 'person')",
    )
    .fetch_one(admin)
    .await
    .unwrap();
    let expected = if state == "approved" { rows } else { 0 };
    assert_eq!([people, identifiers, changes], [expected; 3], "the submission is {state}");
    state
}

/// A worker that will be killed.
pub struct Doomed(Child);

impl Doomed {
    /// Starts it, and waits until it is at work.
    pub async fn start(test: &TestApp, cast: &Cast, smtp: &SmtpSink, admin: &mut PgConnection) -> Self {
        let doomed = Command::new(std::env::current_exe().unwrap())
            .args(["crash_recovery::the_doomed", "--exact", "--ignored"])
            .env("KILLED_DATABASE", &test.database.name)
            .env("KILLED_SCHOOL", cast.school.id().to_string())
            .env("KILLED_MEMBER", cast.owner.member_id.to_string())
            .env("KILLED_SOURCE", "students")
            .env("KILLED_PART", "worker")
            .env("KILLED_FILE", "/dev/null")
            .env("KILLED_SMTP", smtp.url())
            .env("KILLED_QUICK", "")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let patience = Instant::now() + Duration::from_secs(60);
        while !is_there(admin).await {
            assert!(Instant::now() < patience, "the worker never comes");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Self(doomed)
    }

    /// Kills it, and waits until the database knows.
    pub async fn kill(mut self, admin: &mut PgConnection) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
        while is_there(admin).await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn is_there(admin: &mut PgConnection) -> bool {
    let connected =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()";
    sqlx::query_scalar::<_, i64>(connected).bind(DOOMED).fetch_one(admin).await.unwrap() > 0
}

async fn round(seed: u64, rows: usize, linger: u64, is_quick: bool) {
    let test = TestApp::real_time().await;
    let cast = test.cast("79000001").await;
    let names: Vec<Vec<String>> =
        std::iter::once("Lớp".to_owned()).chain((1..=12).map(|n| format!("10A{n}"))).map(|name| vec![name]).collect();
    let classes = cast.school.hand_in(&test, SubmissionKind::Classes, &sheets::written(&names)).await;
    deciding::approve(&cast.school.scope, &test, classes).await.unwrap().unwrap();
    test.work().await;
    let id = cast.school.hand_in(&test, SubmissionKind::Pupils, &pupils(rows)).await;
    deciding::approve(&cast.school.scope, &test, id).await.unwrap().unwrap();

    let smtp = SmtpSink::start();
    let mut admin = test.admin().await;
    let doomed = Doomed::start(&test, &cast, &smtp, &mut admin).await;
    let wait = u64::from_le_bytes(Randomness::seeded(seed).bytes()) % linger;
    tokio::time::sleep(Duration::from_millis(wait)).await;
    doomed.kill(&mut admin).await;
    let found = look(&mut admin, rows as i64).await;
    let survivor = Survivor::start(&test.database, &app(&test.database, &smtp.url(), "survivor"), settings(is_quick));
    let since = Instant::now();
    while look(&mut admin, rows as i64).await != "approved" {
        assert!(since.elapsed() < Duration::from_secs(90), "nobody finishes it");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    while !test.left_over().await.is_empty() {
        assert!(since.elapsed() < Duration::from_secs(90), "jobs are left over");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    survivor.stop().await;
    println!("killed after {wait} ms while {found}");
    let told: i64 = sqlx::query_scalar("SELECT count(*) FROM audit_events WHERE action = 'submission_approved'")
        .fetch_one(&mut admin)
        .await
        .unwrap();
    assert_eq!(told, 2, "the classes and the pupils, once each");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_killed_while_approving_leaves_none_or_all() {
    for seed in 0..3 {
        round(seed, 500, 600, true).await;
    }
}

/// `KILLED_ROUNDS` and `KILLED_SEED` make it longer, or another one.
#[test]
#[ignore = "takes minutes: twenty rounds of 5,000 rows"]
fn a_worker_killed_over_a_long_submission_leaves_none_or_all() {
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let (first, rounds) = (number("KILLED_SEED", 200), number("KILLED_ROUNDS", 20));
    for seed in first..first + rounds {
        elsewhere(async move { round(seed, 5_000, 4_000, true).await });
    }
}
