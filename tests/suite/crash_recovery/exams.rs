//! A process that is killed with -9 while it seats, cuts or publishes: none or all of it is there, and the act is simply
//! done again.
//!
//! The process is this test program, started once more with the ignored test `the_doomed`, as in `crash_recovery`. To have
//! it die at the last moment before it commits, the audit log is locked: every act writes there last.

use std::mem::ManuallyDrop;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use schoolgate::{
    access::{Actor, Granted, Scope, may},
    app::App,
    exams::{
        actions::{Entrusted, codes, publication, seats},
        model::SeatingChoices,
        seating::Fill,
    },
    ids::{MemberId, SchoolId},
    roster::membership,
    schools::directory,
};
use sqlx::{Connection, PgConnection};

use crate::crash_recovery::{DOOMED, app};
use crate::support::TestApp;
use crate::support::database::TestDatabase;
use crate::support::exams::Setting;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Seat,
    Cut,
    Publish,
}

impl Act {
    const ALL: [Self; 3] = [Self::Seat, Self::Cut, Self::Publish];

    fn name(self) -> &'static str {
        match self {
            Self::Seat => "seat",
            Self::Cut => "cut",
            Self::Publish => "publish",
        }
    }

    async fn done(self, entrusted: &Entrusted, app: &App, paper: &str) {
        match self {
            Self::Seat => {
                let choices =
                    SeatingChoices { fill: Fill::Evenly, mix_classes: true, per_paper: true, seed: "77".to_owned() };
                seats::seat(entrusted, app, &choices, false).await.unwrap().unwrap();
            }
            Self::Cut => {
                codes::cut(entrusted, app, paper.parse().unwrap(), 5, "77").await.unwrap().unwrap();
            }
            Self::Publish => {
                publication::publish(entrusted, app, None, app.clock.now()).await.unwrap().unwrap();
            }
        }
    }
}

async fn entrusted(app: &App, school_id: SchoolId, member_id: MemberId) -> Entrusted {
    let school = directory::by_id(&mut app.db.pool().acquire().await.unwrap(), school_id).await.unwrap();
    let system = Scope::system(school);
    let mut tx = app.db.begin_in(school_id).await.unwrap();
    let member = membership::actor(&system, &mut tx, member_id).await.unwrap().unwrap();
    let granted: Granted<may::HelpWithExams> = Scope { actor: Actor::Member(member), ..system }.grant().unwrap();
    let exam = sqlx::query_scalar("SELECT id FROM exams").fetch_one(&mut *tx).await.unwrap();
    let (entrusted, _) = Entrusted::find(&granted, &mut tx, exam, None).await.unwrap();
    tx.commit().await.unwrap();
    entrusted
}

#[test]
#[ignore = "run by the other tests, as a process of its own"]
fn the_doomed() {
    let variable = |name: &str| std::env::var(format!("KILLED_{name}"));
    let Ok(name) = variable("DATABASE") else { return };
    // The database is the parent's to remove.
    let database = ManuallyDrop::new(TestDatabase { name });
    let act = Act::ALL.into_iter().find(|act| act.name() == variable("ACT").unwrap()).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let app = app(&database, "smtp://127.0.0.1:9", DOOMED);
        let school_id = variable("SCHOOL").unwrap().parse().unwrap();
        let entrusted = entrusted(&app, school_id, variable("MEMBER").unwrap().parse().unwrap()).await;
        act.done(&entrusted, &app, &variable("PAPER").unwrap()).await;
        std::future::pending::<()>().await;
    });
}

fn doom(test: &TestApp, setting: &Setting, act: Act) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["crash_recovery::exams::the_doomed", "--exact", "--ignored"])
        .env("KILLED_DATABASE", &test.database.name)
        .env("KILLED_SCHOOL", setting.school.id().to_string())
        .env("KILLED_MEMBER", setting.runner.member_id.to_string())
        .env("KILLED_PAPER", &setting.paper)
        .env("KILLED_ACT", act.name())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// All that the acts write, as one text.
async fn written(admin: &mut PgConnection) -> String {
    sqlx::query_scalar(
        "SELECT jsonb_build_array((SELECT jsonb_agg(e) FROM exams e), (SELECT jsonb_agg(p) FROM exam_papers p),
             (SELECT jsonb_agg(k ORDER BY class_id) FROM exam_classes k),
             (SELECT jsonb_agg(s ORDER BY paper_id, room_id, seat) FROM exam_seats s),
             (SELECT jsonb_agg(c ORDER BY paper_id, code) FROM exam_codes c), (SELECT count(*) FROM audit_events))::text",
    )
    .fetch_one(admin)
    .await
    .unwrap()
}

/// Whether the whole of an act is there.
async fn is_done(admin: &mut PgConnection, act: Act) -> bool {
    let query = match act {
        Act::Seat => {
            "SELECT seating_seed = '77' AND (SELECT count(*) = 12 AND count(DISTINCT candidate_id) = 12 FROM exam_seats)
             FROM exams"
        }
        Act::Cut => {
            "SELECT cut_at IS NOT NULL AND bag_size = 5
                 AND (SELECT count(*) = 12 AND count(DISTINCT candidate_id) = 12 FROM exam_codes) FROM exam_papers"
        }
        Act::Publish => "SELECT bool_and(publish_at IS NOT NULL) FROM exam_classes",
    };
    sqlx::query_scalar(query).fetch_one(admin).await.unwrap()
}

/// How many connections the doomed process has, and how many of them wait for a lock.
async fn connected(admin: &mut PgConnection) -> (i64, i64) {
    sqlx::query_as(
        "SELECT count(*), count(*) FILTER (WHERE wait_event_type = 'Lock') FROM pg_stat_activity
         WHERE application_name = $1 AND datname = current_database()",
    )
    .bind(DOOMED)
    .fetch_one(admin)
    .await
    .unwrap()
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let patience = Instant::now() + Duration::from_secs(60);
    while !holds().await {
        assert!(Instant::now() < patience, "{what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Kills the act right before it commits, then some moments after it has begun, and in the end does it.
async fn fight(act: Act) {
    let test = TestApp::real_time().await;
    let setting = Setting::of(&test, &[("10A1", 6), ("10A2", 6)], "1").await;
    if act == Act::Publish {
        let codes = setting.cut(&test).await;
        setting.type_all(&test.signed_in(&setting.marker).await, &codes, "7").await;
    }
    let mut admin = test.admin().await;
    let before = written(&mut admin).await;

    let mut locker = test.admin().await;
    let mut lock = locker.begin().await.unwrap();
    sqlx::query("LOCK TABLE audit_events IN EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
    let mut doomed = doom(&test, &setting, act);
    until("it never gets to the end", async || connected(&mut admin).await.1 > 0).await;
    doomed.kill().unwrap();
    doomed.wait().unwrap();
    lock.rollback().await.unwrap();
    until("the database never notices", async || connected(&mut admin).await.0 == 0).await;
    assert_eq!(written(&mut admin).await, before, "{act:?}: nothing of it is there");

    for linger in [0, 5, 15, 40] {
        let mut doomed = doom(&test, &setting, act);
        until("it never comes", async || connected(&mut admin).await.0 > 0).await;
        tokio::time::sleep(Duration::from_millis(linger)).await;
        doomed.kill().unwrap();
        doomed.wait().unwrap();
        until("the database never notices", async || connected(&mut admin).await.0 == 0).await;
        let is_whole = is_done(&mut admin, act).await;
        if !is_whole {
            assert_eq!(written(&mut admin).await, before, "{act:?}: neither none nor all");
        }
        println!("{act:?} killed after {linger} ms: {}", if is_whole { "all" } else { "none" });
        if is_whole {
            break;
        }
    }
    if !is_done(&mut admin, act).await {
        let entrusted = entrusted(&test, setting.school.id(), setting.runner.member_id).await;
        act.done(&entrusted, &test, &setting.paper).await;
    }
    assert!(is_done(&mut admin, act).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_seating_none_or_all_have_seats() {
    fight(Act::Seat).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_cutting_none_or_all_have_codes() {
    fight(Act::Cut).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_publishing_none_or_all_classes_are_published() {
    fight(Act::Publish).await;
}
