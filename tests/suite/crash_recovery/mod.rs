//! Processes that are killed with -9 while a plan is read, reviewed, applied and told of: none or all of it is there,
//! the plan says which, and another worker finishes it or it is offered again.
//!
//! A process that will be killed is this test program itself, started again with nothing but the ignored test
//! `the_doomed`: it is the web, which takes a file in and starts applying, or a worker, or both.

mod approval;
mod exams;
mod processes;
mod sync;

use std::mem::ManuallyDrop;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use schoolgate::{
    access::{Actor, Granted, Scope, may},
    app::App,
    clock::{Clock, Randomness},
    db::{Db, embedded::ServerRole},
    ids::{MemberId, PlanId, SchoolId},
    jobs::{self, WorkerSettings},
    mail::{Mailer, Sender, SmtpSettings},
    plan::{apply, draft::Upload, model::Source},
    roster::membership,
    router,
    schools::directory,
    sources::import,
};
use sqlx::PgConnection;
use tokio::sync::oneshot;

use crate::support::app::{assemble, config};
use crate::support::database::{TestDatabase, elsewhere};
use crate::support::smtp::SmtpSink;
use crate::support::{Cast, TestApp, sheets};

/// By this name the database knows the connections of who is to be killed.
pub const DOOMED: &str = "doomed";

fn upload(source: Source, file: &[u8]) -> Upload<'_> {
    Upload { source, file_name: "danh-sach.xlsx", file, year_id: None }
}

/// What a process works at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Web,
    Worker,
    Both,
}

impl Part {
    const ALL: [Self; 3] = [Self::Web, Self::Worker, Self::Both];

    fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Worker => "worker",
            Self::Both => "both",
        }
    }
}

/// How many, and how long everything takes.
#[derive(Clone, Copy)]
struct Scale {
    pupils: usize,
    teachers: usize,
    /// The longest time between a stage that was seen and the kill, in milliseconds.
    linger: u64,
    is_quick: bool,
    /// For how long anybody may wait.
    patience: Duration,
}

/// As the program has them, or of a worker that reacts in seconds.
pub fn settings(is_quick: bool) -> WorkerSettings {
    if !is_quick {
        return WorkerSettings::default();
    }
    WorkerSettings {
        poll: Duration::from_millis(200),
        heartbeat: Duration::from_millis(300),
        dead_after: Duration::from_millis(1500),
        sweep: Duration::from_millis(500),
        grace: Duration::from_millis(500),
        ..WorkerSettings::default()
    }
}

const SMALL: Scale =
    Scale { pupils: 500, teachers: 40, linger: 400, is_quick: true, patience: Duration::from_secs(60) };

/// As the program runs.
const LARGE: Scale =
    Scale { pupils: 5_000, teachers: 500, linger: 3_000, is_quick: false, patience: Duration::from_secs(60) };

/// The program over a test's database, with a mail server.
pub fn app(database: &TestDatabase, smtp: &str, name: &str) -> App {
    let config = config("http://schoolgate.test");
    let sender = Sender::new(&config.mail_from, &config.base_url).unwrap();
    let mailer = Mailer::smtp(sender, SmtpSettings::from_url(smtp).unwrap());
    let app = assemble(database, config, Clock::system(), Randomness::system().unwrap(), mailer);
    App { db: Db::new(database.options(ServerRole::App).application_name(name), 8), ..app }
}

/// The member on whose behalf everything is done.
async fn granted(app: &App, school_id: SchoolId, member_id: MemberId) -> Granted<may::ManageAccounts> {
    let school = directory::by_id(&mut app.db.pool().acquire().await.unwrap(), school_id).await.unwrap();
    let system = Scope::system(school);
    let mut tx = app.db.begin_in(school_id).await.unwrap();
    let member = membership::actor(&system, &mut tx, member_id).await.unwrap().unwrap();
    Scope { actor: Actor::Member(member), ..system }.grant().unwrap()
}

/// What a person does who wants this file applied: whatever is next, until it is done.
async fn press_on(app: &App, granted: &Granted<may::ManageAccounts>, source: Source, file: &[u8]) {
    loop {
        let mut tx = app.db.begin_in(granted.school_id()).await.unwrap();
        let plan: Option<(PlanId, String)> =
            sqlx::query_as("SELECT id, state FROM plans").fetch_optional(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        match plan.as_ref().map(|(id, state)| (*id, state.as_str())) {
            None => drop(import::begin(granted, app, upload(source, file)).await.unwrap()),
            Some((id, "ready")) => drop(apply::start(granted, app, id, None).await.unwrap()),
            Some((_, "applied")) => return,
            Some((_, "reading" | "applying")) => tokio::time::sleep(Duration::from_millis(10)).await,
            Some((_, state)) => panic!("the plan is {state}"),
        }
    }
}

/// Works at one part until it is killed.
#[test]
#[ignore = "run by the other tests, as a process of its own"]
fn the_doomed() {
    let variable = |name: &str| std::env::var(format!("KILLED_{name}"));
    let Ok(name) = variable("DATABASE") else { return };
    // The database is the parent's to remove.
    let database = ManuallyDrop::new(TestDatabase { name });
    let school_id: SchoolId = variable("SCHOOL").unwrap().parse().unwrap();
    let member_id: MemberId = variable("MEMBER").unwrap().parse().unwrap();
    let source = Source::from_key(&variable("SOURCE").unwrap()).unwrap();
    let settings = settings(variable("QUICK").is_ok());
    let part = Part::ALL.into_iter().find(|part| part.name() == variable("PART").unwrap()).unwrap();
    let file = std::fs::read(variable("FILE").unwrap()).unwrap();
    let smtp = variable("SMTP").unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let app = app(&database, &smtp, DOOMED);
        let web = async {
            if part != Part::Worker {
                press_on(&app, &granted(&app, school_id, member_id).await, source, &file).await;
            }
            std::future::pending::<()>().await;
        };
        let worker = async {
            if part != Part::Web {
                let options = database.options(ServerRole::App);
                jobs::work(options, router::handlers(), Arc::new(app.clone()), settings, std::future::pending()).await;
            }
            std::future::pending::<()>().await;
        };
        tokio::join!(web, worker);
    });
}

/// A worker of this process.
pub struct Survivor {
    stop: oneshot::Sender<()>,
    work: tokio::task::JoinHandle<()>,
}

impl Survivor {
    pub fn start(database: &TestDatabase, app: &App, settings: WorkerSettings) -> Self {
        let (stop, stopped) = oneshot::channel();
        let shutdown = async move { drop(stopped.await) };
        let work = jobs::work(
            database.options(ServerRole::App),
            router::handlers(),
            Arc::new(app.clone()),
            settings,
            shutdown,
        );
        Self { stop, work: tokio::spawn(work) }
    }

    pub async fn stop(self) {
        self.stop.send(()).unwrap();
        self.work.await.unwrap();
    }
}

/// One plan, and who is killed over it.
struct Round {
    scale: Scale,
    source: Source,
    part: Part,
    /// At or after which state the kill comes, and how long after, in milliseconds.
    stage: &'static str,
    linger: u64,
}

impl Round {
    /// The same seed kills the same part, at the same stage.
    fn drawn(seed: u64, scale: Scale) -> Self {
        let randomness = Randomness::seeded(seed);
        let draw = |most: u64| u64::from_le_bytes(randomness.bytes()) % most;
        Self {
            scale,
            source: if seed % 4 == 1 { Source::Teachers } else { Source::Students },
            part: Part::ALL[(seed % 3) as usize],
            stage: ["none", "reading", "ready", "applying", "applying", "applied"][draw(6) as usize],
            linger: draw(scale.linger),
        }
    }

    fn rows(&self) -> usize {
        if self.source == Source::Students { self.scale.pupils } else { self.scale.teachers }
    }

    fn file(&self) -> Vec<u8> {
        let pupil = |n: usize| {
            let birth = format!("{:02}/{:02}/2011", 1 + n % 28, 1 + n / 28 % 12);
            let (name, mother) = (format!("Vũ {}", in_letters(n)), format!("Hồ {}", in_letters(n / 2)));
            let (class, moet_id) = (format!("10A{}", 1 + n % 12), (7_900_000_000 + n).to_string());
            vec![name, "Nam".to_owned(), class, birth, mother, "1985".to_owned(), moet_id]
        };
        let teacher = |n: usize| {
            let email = format!("gv{n}@example.vn");
            vec![format!("Vũ {}", in_letters(n)), "Nữ".to_owned(), "02/02/1991".to_owned(), email]
        };
        let pupils = ["Họ và tên", "Giới tính", "Lớp", "Ngày sinh", "Họ và tên mẹ", "Năm sinh của mẹ", "Mã định danh"];
        let teachers = ["Họ và tên", "Giới tính", "Ngày sinh", "Email"];
        let table: Vec<Vec<String>> = match self.source {
            Source::Students => headers(&pupils).chain((0..self.rows()).map(pupil)).collect(),
            Source::Teachers => headers(&teachers).chain((0..self.rows()).map(teacher)).collect(),
            other => panic!("{other:?} is no spreadsheet of people"),
        };
        sheets::written(&table)
    }

    fn doom(&self, test: &TestApp, cast: &Cast, smtp: &SmtpSink, file: &Path) -> Child {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["crash_recovery::the_doomed", "--exact", "--ignored"])
            .env("KILLED_DATABASE", &test.database.name)
            .env("KILLED_SCHOOL", cast.school.id().to_string())
            .env("KILLED_MEMBER", cast.manager.member_id.to_string())
            .env("KILLED_SOURCE", self.source.key())
            .env("KILLED_PART", self.part.name())
            .env("KILLED_FILE", file)
            .env("KILLED_SMTP", smtp.url())
            .stdout(Stdio::null());
        if self.scale.is_quick {
            command.env("KILLED_QUICK", "");
        }
        command.spawn().unwrap()
    }

    /// Kills a worker and sees to the end; gives how long the plan was neither finished nor offered again.
    async fn fight(&self) -> Duration {
        let test = TestApp::real_time().await;
        let cast = test.cast("79000001").await;
        let smtp = SmtpSink::start();
        let app = app(&test.database, &smtp.url(), "survivor");
        let granted = granted(&app, cast.school.id(), cast.manager.member_id).await;
        let file = self.file();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("danh-sach.xlsx");
        std::fs::write(&path, &file).unwrap();
        let mut watch = Watch::over(&test, self.rows()).await;

        let mut doomed = self.doom(&test, &cast, &smtp, &path);
        let settings = || settings(self.scale.is_quick);
        let mut survivor = (self.part == Part::Web).then(|| Survivor::start(&test.database, &app, settings()));
        let person = async {
            if self.part == Part::Worker {
                press_on(&app, &granted, self.source, &file).await;
            }
            std::future::pending::<()>().await;
        };
        let death = async {
            watch.until_at_least(self.stage).await;
            tokio::time::sleep(Duration::from_millis(self.linger)).await;
            doomed.kill().unwrap();
            doomed.wait().unwrap();
        };
        tokio::select! {
            () = person => {}
            () = death => {}
        }
        let since = Instant::now();
        watch.until_gone().await;
        let found = watch.look().await;
        survivor.get_or_insert_with(|| Survivor::start(&test.database, &app, settings()));
        let waited = watch.until_at_rest(since, self.scale.patience).await;
        press_on(&app, &granted, self.source, &file).await;
        watch.until_no_job_is_left(&test).await;
        println!("{:?} killed while {found}, {:?}: waited {waited:?}", self.part, self.source);
        survivor.unwrap().stop().await;
        watch.expect_everything_once(&smtp, self.source, &cast).await;
        waited
    }
}

fn headers(headers: &[&str]) -> impl Iterator<Item = Vec<String>> {
    std::iter::once(headers.iter().map(|header| (*header).to_owned()).collect())
}

/// A name out of letters.
pub fn in_letters(mut number: usize) -> String {
    const SYLLABLES: [&str; 12] =
        ["An", "Bình", "Chi", "Dung", "Giang", "Hà", "Khánh", "Lan", "Minh", "Ngân", "Phúc", "Quân"];
    let mut name = Vec::new();
    for _ in 0..4 {
        name.push(SYLLABLES[number % SYLLABLES.len()]);
        number /= SYLLABLES.len();
    }
    name.join(" ")
}

/// Sees what is in the database, past all walls.
struct Watch {
    admin: PgConnection,
    rows: i64,
    /// How many members there are without the plan.
    before: i64,
}

impl Watch {
    async fn over(test: &TestApp, rows: usize) -> Self {
        let mut admin = test.admin().await;
        let before = sqlx::query_scalar("SELECT count(*) FROM members").fetch_one(&mut admin).await.unwrap();
        Self { admin, rows: rows as i64, before }
    }

    /// The plan's state, if there is one. At any instant, it and what is there agree.
    async fn look(&mut self) -> String {
        let (state, members, accounts): (Option<String>, i64, i64) = sqlx::query_as(
            "SELECT (SELECT state FROM plans), (SELECT count(*) FROM members), (SELECT count(*) FROM memberships)",
        )
        .fetch_one(&mut self.admin)
        .await
        .unwrap();
        let state = state.unwrap_or_else(|| "none".to_owned());
        let there = members - self.before;
        assert_eq!(there, if state == "applied" { self.rows } else { 0 }, "the plan is {state}");
        assert!(accounts - self.before == 0 || accounts - self.before == self.rows, "{accounts} accounts");
        state
    }

    async fn until_at_least(&mut self, stage: &str) {
        const STAGES: [&str; 5] = ["none", "reading", "ready", "applying", "applied"];
        let place = |stage: &str| STAGES.iter().position(|each| *each == stage).unwrap();
        let patience = Instant::now() + Duration::from_secs(60);
        while place(&self.look().await) < place(stage) {
            assert!(Instant::now() < patience, "the plan is never {stage}");
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    }

    /// Until the database has noticed who is dead: a commit may still be under way.
    async fn until_gone(&mut self) {
        loop {
            let left: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()",
            )
            .bind(DOOMED)
            .fetch_one(&mut self.admin)
            .await
            .unwrap();
            if left == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Until the plan is finished or offered again.
    async fn until_at_rest(&mut self, since: Instant, patience: Duration) -> Duration {
        while matches!(self.look().await.as_str(), "reading" | "applying") {
            assert!(since.elapsed() < patience, "not within {patience:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        since.elapsed()
    }

    async fn until_no_job_is_left(&mut self, test: &TestApp) {
        let since = Instant::now();
        loop {
            let left = test.left_over().await;
            if left.is_empty() {
                return;
            }
            assert!(since.elapsed() < Duration::from_secs(90), "jobs are left over: {left:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Everybody once, counted once, told once.
    async fn expect_everything_once(&mut self, smtp: &SmtpSink, source: Source, cast: &Cast) {
        assert_eq!(self.look().await, "applied");
        let (plans, applied, names, pupils, counted): (i64, i64, i64, i64, i64) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM plans), (SELECT count(*) FROM audit_events WHERE action = 'plan_applied'),
                 (SELECT count(DISTINCT full_name) FROM members WHERE full_name LIKE 'Vũ %'),
                 (SELECT count(*) FROM members WHERE role = 'student' AND status = 'active'),
                 (SELECT value FROM counters WHERE counter = 'member:student:active')",
        )
        .fetch_one(&mut self.admin)
        .await
        .unwrap();
        assert_eq!((plans, applied, names), (1, 1, self.rows));
        assert_eq!(pupils, counted, "the counters agree");

        // Killed between sending and noting, a mail is sent again as the same mail: who receives it sees one.
        let mut mails: Vec<(String, String)> =
            smtp.mails().into_iter().map(|mail| (mail.to.join(" "), mail.header("Message-ID").unwrap())).collect();
        let sent = mails.len();
        mails.sort();
        mails.dedup();
        if sent > mails.len() {
            println!("{} mails were sent again under their Message-ID", sent - mails.len());
        }
        let mut receivers: Vec<&str> = mails.iter().map(|(to, _)| to.as_str()).collect();
        receivers.dedup();
        assert_eq!(receivers.len(), mails.len(), "nobody gets two mails");
        let invited = if source == Source::Teachers { self.rows as usize } else { 0 };
        assert_eq!(mails.len(), invited + 1);
        assert!(receivers.contains(&cast.manager.login.as_str()));
    }
}

/// A plan whose job comes to its last try: the others failed, or took their workers with them.
async fn at_the_last_try(test: &TestApp) -> String {
    sqlx::query("UPDATE graphile_worker._private_jobs SET attempts = max_attempts - 1")
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    test.work().await;
    sqlx::query_scalar("SELECT state || coalesce(' ' || refusal, '') FROM plans")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_plan_that_kills_every_worker_is_given_up() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let granted = granted(&test, cast.school.id(), cast.manager.member_id).await;
    let file = Round::drawn(0, SMALL).file();
    import::begin(&granted, &test, upload(Source::Students, &file)).await.unwrap();
    assert_eq!(at_the_last_try(&test).await, "refused refusal-reader-failed");

    sqlx::query("DELETE FROM plans").execute(&mut test.admin().await).await.unwrap();
    let id = import::begin(&granted, &test, upload(Source::Students, &file)).await.unwrap();
    // Read, but the worker died before it could say so.
    import::read(&cast.school.scope, &test, id).await.unwrap();
    assert_eq!(at_the_last_try(&test).await, "ready");
    assert!(apply::start(&granted, &test, id, None).await.unwrap());
    let rows: i64 =
        sqlx::query_scalar("SELECT count(*) FROM plan_rows").fetch_one(&mut test.admin().await).await.unwrap();
    assert_eq!(rows, SMALL.pupils as i64);
    assert_eq!(at_the_last_try(&test).await, "failed");
    let vu: i64 = sqlx::query_scalar("SELECT count(*) FROM members WHERE full_name LIKE 'Vũ %'")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!(vu, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_worker_leaves_none_or_all() {
    let rounds: Vec<_> =
        (0..4).map(|seed| tokio::spawn(async move { Round::drawn(seed, SMALL).fight().await })).collect();
    for round in rounds {
        round.await.unwrap();
    }
}

/// `KILLED_ROUNDS` and `KILLED_SEED` make it longer, or another one.
#[test]
#[ignore = "takes a quarter of an hour: twenty rounds of 5,000 rows, with a worker that takes its time"]
fn a_worker_killed_over_a_long_list_leaves_none_or_all() {
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let (first, rounds) = (number("KILLED_SEED", 100), number("KILLED_ROUNDS", 20));
    let mut longest = Duration::ZERO;
    for seed in first..first + rounds {
        longest = longest.max(elsewhere(async move { Round::drawn(seed, LARGE).fight().await }));
    }
    println!("{rounds} rounds; the longest wait was {longest:?}");
}
