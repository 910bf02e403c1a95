//! The database is stopped and started again under the program: people wait, or are told kindly; nothing that was
//! acknowledged is lost, and all goes on by itself.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use schoolgate::{
    app::App,
    db::{
        Db,
        embedded::{EmbeddedServer, ServerRole},
        provision::{self, NAME},
    },
    ids::{PlanId, SchoolId},
    jobs,
    plan::{draft::Upload, model::Source},
    router,
    sources::import,
};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::oneshot;

use crate::crash_recovery::{self, in_letters};
use crate::embedded::support::Data;
use crate::support::people::PASSWORD;
use crate::support::say::vi;
use crate::support::{Cast, TestApp};

/// A server of its own, which can be stopped for as long as the test likes.
pub struct Stoppable {
    data: Data,
    server: EmbeddedServer,
}

impl Stoppable {
    pub async fn start() -> Self {
        Self::on(Data::new()).await
    }

    async fn on(data: Data) -> Self {
        let server = data.start();
        server.ensure_database(NAME).await.unwrap();
        let owner = server.connect_options(ServerRole::Owner, NAME);
        let owner = provision::owner_pool(owner, ServerRole::App.name().to_owned()).await.unwrap();
        provision::migrate(&owner, ServerRole::App.name()).await.unwrap();
        owner.close().await;
        Self { data, server }
    }

    pub fn options(&self) -> PgConnectOptions {
        self.server.connect_options(ServerRole::App, NAME)
    }

    /// As `DATABASE_URL` has it.
    pub fn url(&self, role: ServerRole) -> String {
        self.server.url(role, NAME)
    }

    /// What runs is broken off, and its supervisor starts it again.
    pub fn restart(&self) {
        kill(self.data.postmaster(), Signal::SIGINT).unwrap();
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
    let test = TestApp::over(server.options()).await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let person = cast.school.path(&format!("/accounts/{}", cast.pupil.member_id));
    let (stop, stopped) = oneshot::channel::<()>();
    let working = App { db: Db::new(server.options(), 4), ..(*test).clone() };
    let worker = tokio::spawn(jobs::work(
        server.options(),
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

/// A node of a cluster that is away, with one school on it: whatever is asked in that school's scope is refused so, and
/// the directory, which stands on every node, takes no new school.
async fn keep_away(test: &TestApp, school: Option<SchoolId>) {
    let refusal = "RAISE EXCEPTION USING ERRCODE = '08006', MESSAGE = 'connection to the remote node failed'";
    let (asked, opening) = match school {
        Some(school) => (format!("IF school = '{school}' THEN {refusal}; END IF;"), format!("{refusal};")),
        None => Default::default(),
    };
    let statements = format!(
        "CREATE OR REPLACE FUNCTION is_there(school uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS
             $$ BEGIN {asked} RETURN true; END $$;
         GRANT EXECUTE ON FUNCTION is_there TO PUBLIC;
         CREATE OR REPLACE FUNCTION are_all_there() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN {opening} RETURN NULL; END $$;
         CREATE OR REPLACE TRIGGER are_all_there BEFORE INSERT ON schools
             FOR EACH STATEMENT EXECUTE FUNCTION are_all_there();
         DO $$ DECLARE tenant text; scope text := 'nullif(current_setting(''app.school_id'', true), '''')::uuid'; BEGIN
             FOR tenant IN SELECT polrelid::regclass::text FROM pg_policy JOIN pg_class c ON c.oid = polrelid
                 WHERE polname = 'school_in_scope' AND c.relnamespace = 'public'::regnamespace
             LOOP
                 EXECUTE format('ALTER POLICY school_in_scope ON %1$s USING (is_there(%2$s) AND school_id = %2$s)
                     WITH CHECK (is_there(%2$s) AND school_id = %2$s)', tenant, scope);
             END LOOP;
         END $$"
    );
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut test.admin().await).await.unwrap();
}

#[tokio::test]
async fn a_node_that_is_away_takes_its_own_schools_along_and_no_others() {
    let test = TestApp::new().await;
    let (near, far) = (test.cast("79000001").await, test.cast("79000002").await);
    let (here, there) = (test.signed_in(&near.owner).await, test.signed_in(&far.owner).await);
    let operator = test.operator("operator@example.vn", &[]).await;
    let operator = test.signed_in(&operator).await;
    keep_away(&test, Some(far.school.id())).await;

    here.get(&near.school.path("/accounts?role=student")).await.expect(200).shows(&[&near.pupil.name]);
    let person = far.school.path(&format!("/accounts/{}", far.pupil.member_id));
    let pages = ["", "/accounts?role=student", "/classes", "/settings", "/grants", "/audit", "/timetable", "/exams"];
    for page in pages.map(|page| far.school.path(page)).iter().chain([&person]) {
        let began = Instant::now();
        let page = there.get(page).await.expect(503);
        assert!(began.elapsed() < Duration::from_secs(2), "{} takes {:?}", page.what, began.elapsed());
        assert!(!page.header("retry-after").is_empty(), "{}", page.what);
        page.shows(&[&vi("error-unavailable-title"), &vi("error-unavailable-text")]);
    }
    let form = [("full_name", "Quách Thị Không"), ("birth_date", "05/09/2011")];
    there.post(&person, &form).await.expect(503).shows(&[&vi("error-unavailable-title")]);
    // The way in is on the coordinator, and so are the operators' pages.
    let sign_in = [("login", far.teacher.login.as_str()), ("password", PASSWORD)];
    test.anonymous().post("/sign-in", &sign_in).await.expect(303);
    operator.get("/operator/schools").await.expect(200).shows(&[&far.school.scope.school.name]);

    // A school is opened on all nodes at once: it is said why it waits, and nothing that was typed is lost.
    let new = [
        ("name", "Trường THPT Nguyễn Trung Trực"),
        ("code", "79000009"),
        ("kind", "k12"),
        ("province", "79"),
        ("managing_unit", ""),
        ("owner_name", "Trần Thị Hồng Nhung"),
        ("owner_email", "nhung@example.vn"),
    ];
    let page = operator.post("/operator/schools", &new).await.expect(503).shows(&[&vi("school-open-waits")]);
    assert!(!page.header("retry-after").is_empty());
    assert_eq!((page.input("code").as_str(), page.input("owner_email").as_str()), ("79000009", "nhung@example.vn"));

    keep_away(&test, None).await;
    there.get(&person).await.expect(200).shows(&[&far.pupil.name]).hides(&["Quách Thị Không"]);
    operator.post("/operator/schools", &new).await.expect(303);
    assert_eq!(test.work().await, ["send_mail"]);
}

/// A disk of the database's own that is soon full; gone when it is dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None where this machine lets nobody mount one.
    fn mount(at: &Path) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=256m,mode=711", "tmpfs"]).arg(at).stderr(Stdio::null());
        mount.status().is_ok_and(|status| status.success()).then(|| Self(at.to_owned()))
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }

    fn fill(&self) {
        let (mut ballast, block) = (File::create(self.ballast()).unwrap(), vec![0; 1 << 16]);
        while ballast.write_all(&block).is_ok() {}
        while ballast.write_all(&block[..1 << 12]).is_ok() {}
    }

    fn free(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
        let _ = fs::remove_dir(&self.0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_pages_are_read_forms_are_refused_and_nothing_is_lost() {
    let data = Data::empty();
    let Some(disk) = SmallDisk::mount(data.folder.path()) else { return };
    data.fill();
    let server = Stoppable::on(data).await;
    let test = TestApp::over(server.options()).await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let person = cast.school.path(&format!("/accounts/{}", cast.pupil.member_id));
    let rename = async |name: &str| manager.post(&person, &[("full_name", name), ("birth_date", "05/09/2011")]).await;
    let mut kept = "Nghiêm Thị Đổi".to_owned();
    rename(&kept).await.expect(303);

    // What is small finds room in pages that are there, for a while.
    disk.fill();
    let mut refused = None;
    for turn in 0..1_000 {
        let name = format!("Nghiêm {}", in_letters(turn));
        let page = rename(&name).await;
        if page.status != 303 {
            refused = Some((name, page));
            break;
        }
        kept = name;
    }
    let (lost, page) = refused.expect("the disk is never full");
    let page = page.expect(503).shows(&[&vi("error-unavailable-title"), &vi("error-unavailable-text")]);
    assert!(!page.header("retry-after").is_empty());
    manager.get(&person).await.expect(200).shows(&[&kept]).hides(&[&lost]);

    disk.free();
    manager.get(&person).await.expect(200).shows(&[&kept]);
    rename("Nghiêm Thị Mới").await.expect(303);
    manager.get(&person).await.expect(200).shows(&["Nghiêm Thị Mới"]);
}
