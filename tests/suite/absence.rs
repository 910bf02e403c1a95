//! The database is stopped and started again under the program: people wait, or are told kindly; nothing that was
//! acknowledged is lost, and all goes on by itself.

use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use schoolgate::{
    app::App,
    db::{
        Db,
        embedded::{EmbeddedServer, ServerRole},
        provision::{self, NAME},
    },
    ids::PlanId,
    jobs,
    plan::{draft::Upload, model::Source},
    router,
    sources::import,
};
use sqlx::postgres::PgConnectOptions;
use tokio::sync::oneshot;

use crate::crash_recovery;
use crate::embedded::support::Data;
use crate::support::say::vi;
use crate::support::{Cast, TestApp};

/// A server of its own, which can be stopped for as long as the test likes.
struct Stoppable {
    data: Data,
    options: PgConnectOptions,
    _server: EmbeddedServer,
}

impl Stoppable {
    async fn start() -> Self {
        let data = Data::new();
        let server = data.start();
        server.ensure_database(NAME).await.unwrap();
        let owner = server.connect_options(ServerRole::Owner, NAME);
        let owner = provision::owner_pool(owner, ServerRole::App.name().to_owned()).await.unwrap();
        provision::migrate(&owner, ServerRole::App.name()).await.unwrap();
        owner.close().await;
        let options = server.connect_options(ServerRole::App, NAME);
        Self { data, options, _server: server }
    }

    /// As an operator does: what runs is broken off. Its supervisor would start it again, and is held.
    fn stop(&self) {
        for supervisor in self.data.supervisors() {
            kill(supervisor, Signal::SIGSTOP).unwrap();
        }
        kill(self.data.postmaster(), Signal::SIGINT).unwrap();
        for _ in 0..600 {
            if self.data.servers().is_empty() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the server does not stop");
    }

    fn go_on(&self) {
        for supervisor in self.data.supervisors() {
            kill(supervisor, Signal::SIGCONT).unwrap();
        }
    }
}

impl Drop for Stoppable {
    fn drop(&mut self) {
        self.go_on();
    }
}

/// A list of one pupil: a plan that waits for a worker.
async fn hand_in(test: &App, cast: &Cast, name: &str) -> PlanId {
    let file = format!("Họ và tên,Giới tính,Lớp,Ngày sinh,Họ và tên mẹ\n{name},Nam,10A1,05/09/2011,Lê Thị Hoa\n");
    let upload = Upload { source: Source::Students, file_name: "ds.csv", file: file.as_bytes(), year_id: None };
    import::begin(&cast.school.scope.grant().unwrap(), test, upload).await.unwrap()
}

async fn until_read(test: &App, cast: &Cast, plan_id: PlanId) {
    for _ in 0..600 {
        let mut tx = test.db.begin_in(cast.school.id()).await.unwrap();
        let state: String = sqlx::query_scalar("SELECT state FROM plans WHERE id = $1")
            .bind(plan_id)
            .fetch_one(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        if state == "ready" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the plan is not read within a minute");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_stopped_database_is_waited_for_and_loses_nothing() {
    let server = Stoppable::start().await;
    let test = TestApp::over(server.options.clone()).await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let person = cast.school.path(&format!("/accounts/{}", cast.pupil.member_id));
    let (stop, stopped) = oneshot::channel::<()>();
    let working = App { db: Db::new(server.options.clone(), 4), ..(*test).clone() };
    let worker = tokio::spawn(jobs::work(
        server.options.clone(),
        router::scheduled_handlers().unwrap(),
        Arc::new(working),
        crash_recovery::settings(true),
        async move { drop(stopped.await) },
    ));
    let first = hand_in(&test, &cast, "Trần Văn Một").await;
    until_read(&test, &cast, first).await;

    // Acknowledged, and the database goes at once.
    let fields = [("full_name", "Quách Thị Đổi"), ("birth_date", "05/09/2011")];
    manager.post(&person, &fields).await.expect(303);
    let second = hand_in(&test, &cast, "Trần Văn Hai").await;
    server.stop();

    let page = manager.get(&person).await.expect(503);
    assert!(!page.header("retry-after").is_empty());
    page.shows(&[&vi("error-unavailable-title"), &vi("error-unavailable-text")]);
    let form = [("full_name", "Quách Thị Không"), ("birth_date", "05/09/2011")];
    let page = manager.post(&person, &form).await.expect(503);
    assert!(!page.header("retry-after").is_empty());
    test.anonymous().get("/healthz").await.expect(200);
    let ready = test.anonymous().get("/readyz").await.expect(503);
    assert_eq!(ready.html(), "transactions cannot be run\njobs cannot be enqueued\n");

    // It comes back while people wait: they get their page, the form its answer.
    test.clock.advance(chrono::Duration::seconds(10));
    let other = test.anonymous();
    other.set_cookie("session", &manager.cookie("session").unwrap());
    let changed = [("full_name", "Quách Thị Mới"), ("birth_date", "05/09/2011")];
    let (seen, sent, ()) = tokio::join!(other.get(&person), manager.post(&person, &changed), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        server.go_on();
    });
    seen.expect(200);
    sent.expect(303);
    manager.get(&person).await.expect(200).shows(&["Quách Thị Mới"]).hides(&["Quách Thị Không"]);
    let pages = futures_util::future::join_all((0..20).map(|_| manager.get(&person))).await;
    for page in pages {
        page.expect(200);
    }
    assert_eq!(test.anonymous().get("/readyz").await.expect(200).html(), "ok");

    // What was handed in just before is read by itself, and so is what comes after.
    until_read(&test, &cast, second).await;
    let third = hand_in(&test, &cast, "Trần Văn Ba").await;
    until_read(&test, &cast, third).await;
    let mut tx = test.db.begin_in(cast.school.id()).await.unwrap();
    let (plans, named): (i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM plans), (SELECT count(*) FROM members WHERE full_name = 'Quách Thị Mới')",
    )
    .fetch_one(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    assert_eq!((plans, named), (3, 1), "nothing is lost, and nothing done twice");
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(60), worker).await.expect("the worker stops").unwrap();
}

/// A node of a cluster that is away: what a school's tables answer then.
async fn break_node(test: &TestApp, is_away: bool) {
    let statement = if is_away {
        "CREATE OR REPLACE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION USING ERRCODE = '08006', MESSAGE = 'connection to the remote node failed'; END $$;
         CREATE OR REPLACE TRIGGER away BEFORE INSERT OR UPDATE ON plan_rows FOR EACH STATEMENT EXECUTE FUNCTION away()"
    } else {
        "DROP TRIGGER away ON plan_rows"
    };
    sqlx::raw_sql(statement).execute(&mut test.admin().await).await.unwrap();
}

#[tokio::test]
async fn jobs_wait_for_a_node_that_is_away_and_use_up_no_attempts() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    break_node(&test, true).await;
    let plan_id = hand_in(&test, &cast, "Trần Văn Chờ").await;
    for _ in 0..12 {
        let ran = test.work_that_may_fail().await;
        assert_eq!(ran.failed, []);
        let [left] = test.left_over().await.try_into().unwrap();
        assert_eq!((left.name.as_str(), left.attempts, left.last_error), ("read_upload", 0, None));
        jobs::bring_forward(&mut test.admin().await).await.unwrap();
    }
    break_node(&test, false).await;
    assert_eq!(test.work().await, ["read_upload"]);
    until_read(&test, &cast, plan_id).await;
}
