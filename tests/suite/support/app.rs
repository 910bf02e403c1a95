//! The program as a test drives it.

use std::ops::Deref;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use axum::Router;
use chrono::{DateTime, Utc};
use schoolgate::{
    app::App,
    clock::{Clock, Randomness},
    config::{Config, DatabaseConfig, LogFormat},
    crypto::{hasher::PasswordHasher, seal::KeyRing},
    db::{Db, Tx, embedded::ServerRole, provision},
    jobs::{self, LeftOver, Ran},
    mail::{Mailer, Message, Outbox, Sender},
    router,
};
use sqlx::{PgConnection, postgres::PgConnectOptions};
use url::Url;
use uuid::Uuid;

use super::client::Client;
use super::database::{PROGRAM, TestDatabase, elsewhere};
use super::log;

/// Each thread of it holds 19 MiB: all tests share them.
static HASHER: LazyLock<PasswordHasher> = LazyLock::new(|| PasswordHasher::new(2, 2_000).unwrap());

/// How many connections a process of the program has in tests of what happens at once.
pub const CONNECTIONS: u32 = 8;

/// How many it has where one request follows the other: each connection plans every statement anew, and a pool takes its
/// connections in turn.
const FEW_CONNECTIONS: u32 = 3;

/// A Monday morning in Vietnam, in the first week of the school year 2026-2027.
pub fn monday_morning() -> DateTime<Utc> {
    "2026-09-07T01:00:00Z".parse().unwrap()
}

/// The real router over a database of its own. Time stands still and moves when told, mails come into the outbox,
/// background work is done by [`TestApp::work`]. Jobs that are left over at the end fail the test.
pub struct TestApp {
    app: App,
    router: Router,
    pub outbox: Outbox,
    pub database: TestDatabase,
    minds_left_overs: bool,
}

impl Deref for TestApp {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl TestApp {
    pub async fn new() -> Self {
        Self::with_config(|_| {}).await
    }

    /// With another configuration than a development machine has.
    pub async fn with_config(configure: impl FnOnce(&mut Config)) -> Self {
        let mut config = config("http://schoolgate.test");
        configure(&mut config);
        Self::made_of(config, Clock::fixed(monday_morning()), Randomness::seeded(1), FEW_CONNECTIONS)
    }

    /// With ids of its own, for what is looked for among the doings of all tests.
    pub async fn seeded(seed: u64) -> Self {
        let (config, clock) = (config("http://schoolgate.test"), Clock::fixed(monday_morning()));
        Self::made_of(config, clock, Randomness::seeded(seed), FEW_CONNECTIONS)
    }

    /// In today's world, beside a [`super::TestServer`]; with the demo's mailbox.
    pub async fn real_time() -> Self {
        let (config, clock) = (config("http://schoolgate.test"), Clock::system());
        let mut test = Self::made_of(config, clock, Randomness::system().unwrap(), CONNECTIONS);
        test.app.mailbox = Some(Outbox::default());
        test.router = router::router(&test.app);
        test
    }

    /// With one connection to the database: a request that needs two at once waits for itself, and fails.
    pub async fn with_one_connection() -> Self {
        Self::with_connections(1).await
    }

    /// For what happens at once.
    pub async fn with_many_connections() -> Self {
        Self::with_connections(CONNECTIONS).await
    }

    async fn with_connections(connections: u32) -> Self {
        let (config, clock) = (config("http://schoolgate.test"), Clock::fixed(monday_morning()));
        Self::made_of(config, clock, Randomness::seeded(1), connections)
    }

    /// Over another database, which the caller has made and migrated.
    pub async fn over(options: PgConnectOptions) -> Self {
        let mut test = Self::new().await;
        test.app.db = Db::new(options, CONNECTIONS);
        test.router = router::router(&test.app);
        test
    }

    /// The same in today's world, beside processes of the program.
    pub async fn over_in_real_time(options: PgConnectOptions) -> Self {
        let mut test = Self::real_time().await;
        test.app.db = Db::new(options, CONNECTIONS);
        test.router = router::router(&test.app);
        test
    }

    /// With threads of its own that hash passwords: what is computed is counted.
    pub async fn with_own_hasher() -> Self {
        let mut test = Self::with_many_connections().await;
        test.app.hasher = PasswordHasher::new(1, 100).unwrap();
        test.router = router::router(&test.app);
        test
    }

    fn made_of(config: Config, clock: Clock, randomness: Randomness, connections: u32) -> Self {
        log::listen();
        let database = TestDatabase::new();
        let outbox = Outbox::default();
        let mailer = Mailer::memory(Sender::new(&config.mail_from, &config.base_url).unwrap(), outbox.clone());
        let db = Db::new(database.options(ServerRole::App), connections);
        let app = App { db, ..assemble(&database, config, clock, randomness, mailer) };
        let router = router::router(&app);
        Self { app, router, outbox, database, minds_left_overs: true }
    }

    /// A visitor that no cookie tells anything of.
    pub fn anonymous(&self) -> Client {
        Client::new(self.router.clone(), self.config.base_url.origin().ascii_serialization())
    }

    /// The pages, as a server has them.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Another process of the program over the same database: with connections, a memory and a way in of its own.
    pub fn other_process(&self) -> OtherProcess {
        let app = App { db: Db::new(self.database.options(ServerRole::App), CONNECTIONS), ..self.app.clone() };
        OtherProcess { router: router::router(&app), app }
    }

    /// The same person as another process of the program meets them: with a pool of its own, over the same database.
    pub fn through_another_process(&self, client: &Client) -> Client {
        let other = Client::new(self.other_process().router, self.config.base_url.origin().ascii_serialization());
        if let Some(session) = client.cookie("session") {
            other.set_cookie("session", &session);
        }
        other
    }

    /// Does all background work that is due, and says what it was, in the order of the alphabet. None may fail.
    pub async fn work(&self) -> Vec<String> {
        let mut ran = self.work_that_may_fail().await;
        assert_eq!(ran.failed, [], "background work failed");
        ran.done.sort();
        ran.done
    }

    pub async fn work_that_may_fail(&self) -> Ran {
        for _ in 0..3 {
            match jobs::run_until_empty(self.db.pool(), &router::handlers(), Arc::new(self.app.clone())).await {
                Ok(ran) => return ran,
                // A worker that begins while a request enqueues may have to begin again.
                Err(error) if format!("{error:?}").contains("deadlock detected") => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        panic!("background work cannot begin");
    }

    pub async fn left_over(&self) -> Vec<LeftOver> {
        jobs::left_over(&mut self.db.pool().acquire().await.unwrap()).await.unwrap()
    }

    /// This test leaves jobs behind, and means to.
    pub fn leaves_jobs(&mut self) {
        self.minds_left_overs = false;
    }

    /// The newest mail to this address.
    #[track_caller]
    pub fn mail_to(&self, address: &str) -> Message {
        let mail = self.outbox.sent().into_iter().rev().find(|mail| mail.to_address == address);
        mail.unwrap_or_else(|| panic!("no mail went to {address}"))
    }

    /// Waits until the answer is yes: for what another process or a worker does.
    pub async fn until(&self, query: &str) {
        let mut admin = self.admin().await;
        for _ in 0..600 {
            let query = sqlx::AssertSqlSafe(query.to_owned());
            let is_so: Option<bool> = sqlx::query_scalar(query).fetch_optional(&mut admin).await.unwrap();
            if is_so == Some(true) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("not within half a minute: {query}");
    }

    /// Waits until a session of this database waits for another one.
    pub async fn until_one_waits_for_a_lock(&self) {
        self.until(
            "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
        )
        .await;
    }

    /// Commits once another session waits for what the transaction has locked.
    pub async fn commit_once_waited_for(&self, tx: Tx) {
        self.until_one_waits_for_a_lock().await;
        tx.commit().await.unwrap();
    }

    /// A connection past all walls, to look and to bring about what the program would not do.
    pub async fn admin(&self) -> PgConnection {
        self.database.connect(ServerRole::Admin).await
    }

    /// The database as the owner of its tables sees it, who makes the demo.
    pub async fn owner(&self) -> Db {
        provision::owner_pool(self.database.options(ServerRole::Owner), ServerRole::App.name().to_owned())
            .await
            .unwrap()
            .into()
    }

    /// A new id.
    pub fn id<T: From<Uuid>>(&self) -> T {
        self.randomness.uuid_v7(self.clock.now())
    }
}

/// See [`TestApp::other_process`].
pub struct OtherProcess {
    pub app: App,
    router: Router,
}

impl OtherProcess {
    /// Its pages, as a server has them.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// The same browser, led to this process.
    pub fn takes(&self, client: Client) -> Client {
        client.to(self.router.clone())
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if std::thread::panicking() || !self.minds_left_overs {
            return;
        }
        let options = self.database.options(ServerRole::App);
        let left = elsewhere(async move {
            let mut connection = <PgConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
            jobs::left_over(&mut connection).await.unwrap()
        });
        assert!(left.is_empty(), "jobs are left over: {left:?}");
    }
}

/// The path and query of the first link in a mail.
#[track_caller]
pub fn link_in(text: &str) -> String {
    let link = text.split_whitespace().find(|word| word.starts_with("http")).expect("a link in the mail");
    let url: Url = link.parse().unwrap();
    url[url::Position::BeforePath..].to_owned()
}

/// The configuration of a program that is reached at `base_url`.
pub fn config(base_url: &str) -> Config {
    Config {
        listen: ([127, 0, 0, 1], 0).into(),
        base_url: base_url.parse().unwrap(),
        data_dir: Path::new("/nonexistent").to_owned(),
        database: DatabaseConfig::Embedded,
        secret_key: None,
        smtp_url: None,
        mail_from: "Schoolgate <no-reply@schoolgate.test>".to_owned(),
        trusted_proxies: Vec::new(),
        roster_networks: Vec::new(),
        metrics_token: None,
        log: "info".to_owned(),
        log_format: LogFormat::Text,
        providers: Vec::new(),
    }
}

/// The program over a test's database. The key is always the same: several may share a database.
pub fn assemble(database: &TestDatabase, config: Config, clock: Clock, randomness: Randomness, mailer: Mailer) -> App {
    App {
        mailbox: None,
        db: Db::new(database.options(ServerRole::App), CONNECTIONS),
        clock,
        hasher: HASHER.clone(),
        keys: Arc::new(KeyRing::generate(&Randomness::seeded(7))),
        mailer: Arc::new(mailer),
        program: PROGRAM.into(),
        randomness,
        config: Arc::new(config),
    }
}
