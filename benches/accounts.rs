//! The list of accounts in a school of 100,000 pupils, with 200 others beside it: how long its slowest pages take
//! against those of a school of 2,000, and how many of them are answered against a bare route that runs the same query
//! in the same scoped transaction and returns JSON. All over HTTP, in the same run on the same server.
//!
//! `BENCH_PUPILS` and `BENCH_ROUNDS` make it shorter.

// What a benchmark cannot do without, it may stop for; and it may ask the machine for the time.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

mod support;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use schoolgate::access::{Role as MemberRole, Scope};
use schoolgate::app::App;
use schoolgate::clock::{Clock, Randomness};
use schoolgate::config::{Config, Database};
use schoolgate::db::Db;
use schoolgate::db::embedded::{Durability, EmbeddedServer, Role, Settings};
use schoolgate::db::provision;
use schoolgate::demo::{self, Demo, Size};
use schoolgate::identity::accounts;
use schoolgate::identity::hasher::PasswordHasher;
use schoolgate::identity::seal::KeyRing;
use schoolgate::identity::sessions::{self, Device};
use schoolgate::identity::token::Token;
use schoolgate::mail::{Mailer, Outbox, Sender};
use schoolgate::members::model::{Filter, Order, Turn};
use schoolgate::members::store;
use schoolgate::schools::{directory, years};
use schoolgate::{assembly, members};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use support::{figure, heading, median};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

const DATABASE: &str = "accounts";

/// How many times the time of a school of 2,000 a page may take, the slowest in a hundred.
const MOST_TIMES: f64 = 1.5;

/// How many pages are answered for each answer of the bare route.
const LEAST_SHARE: f64 = 0.5;

/// The pages that are looked at: what they are, and their query.
const PAGES: [(&str, &str); 7] = [
    ("first page", "role=student"),
    ("last page", "role=student&before=end"),
    ("two words", "role=student&q=nguyen+anh"),
    ("a full name", "role=student&q=nguyen+thi+minh+anh"),
    ("never signed in", "role=student&status=never"),
    ("by class", "role=student&sort=class"),
    ("last signed in first", "role=student&sort=-last_signed_in"),
];

/// How many times each page is asked for in a round.
const REQUESTS: usize = 300;

/// How long each side is asked in a round, by how many at once.
const SPELL: Duration = Duration::from_secs(3);
const CLIENTS: usize = 4;

fn of_environment(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

fn app(server: &EmbeddedServer, folder: &Path) -> App {
    let config = Config {
        listen: ([127, 0, 0, 1], 0).into(),
        base_url: "http://127.0.0.1:8080".parse().unwrap(),
        data_dir: folder.join("data"),
        database: Database::Embedded,
        secret_key: None,
        smtp_url: None,
        mail_from: "Schoolgate <no-reply@schoolgate.test>".to_owned(),
        trusted_proxies: Vec::new(),
        log: "info".to_owned(),
    };
    let sender = Sender::new(&config.mail_from, &config.base_url).unwrap();
    let randomness = Randomness::system().unwrap();
    App {
        mailbox: None,
        db: Db::new(server.connect_options(Role::App, DATABASE), 8),
        clock: Clock::system(),
        hasher: PasswordHasher::new(1, 10).unwrap(),
        keys: Arc::new(KeyRing::generate(&randomness)),
        mailer: Arc::new(Mailer::memory(sender, Outbox::default())),
        program: env!("CARGO_BIN_EXE_schoolgate").into(),
        randomness,
        config: Arc::new(config),
    }
}

/// A school's list, and a cookie of its owner.
struct List {
    scope: Scope,
    year_id: Uuid,
    cookie: String,
}

impl List {
    async fn of(app: &App, demo: &Demo, code: &str) -> Self {
        let school = demo.schools.iter().find(|school| school.code == code).unwrap();
        let token = Token::generate(&app.randomness);
        let mut tx = app.db.begin().await.unwrap();
        let owner = accounts::credentials(&mut tx, &school.owner.login).await.unwrap().unwrap();
        let now = app.clock.now();
        sessions::open(&mut tx, &token, owner.account_id, &Device::default(), false, now).await.unwrap();
        tx.commit().await.unwrap();
        let scope = Scope::system(directory::find(&app.db, code).await.unwrap());
        let mut tx = app.db.begin_in(scope.school_id()).await.unwrap();
        let year_id = years::current(&scope, &mut tx, app.clock.today()).await.unwrap().id;
        tx.commit().await.unwrap();
        Self { scope, year_id, cookie: token.to_url() }
    }

    fn path(&self, query: &str) -> String {
        format!("/schools/{}/accounts?{query}", self.scope.school.code)
    }
}

/// The bare route: the first page's rows.
async fn rows(State((db, list)): State<(Db, Arc<List>)>) -> Json<Vec<Value>> {
    let mut tx = db.begin_in(list.scope.school_id()).await.unwrap();
    let filter = Filter::of_role(MemberRole::Student);
    let page = store::list(&list.scope, &mut tx, list.year_id, &filter, Order::default(), Turn::First).await.unwrap();
    tx.commit().await.unwrap();
    let row = |row: members::model::Listed| {
        json!({ "id": row.id, "account_id": row.account_id, "full_name": row.full_name, "status": row.status,
            "username": row.username, "email": row.email, "birth_date": row.birth_date, "class": row.class_name,
            "slip_printed_at": row.slip_printed_at, "temporary_until": row.temporary_until,
            "last_signed_in_at": row.last_signed_in_at })
    };
    Json(page.rows.into_iter().map(row).collect())
}

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    address
}

/// Somebody with a connection that is kept open.
struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    async fn at(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: Vec::new() }
    }

    /// Asks, and waits for the whole answer; gives its length.
    async fn ask(&mut self, path: &str, cookie: &str) -> usize {
        let request = format!("GET {path} HTTP/1.1\r\nhost: bench\r\ncookie: session={cookie}\r\n\r\n");
        self.stream.write_all(request.as_bytes()).await.unwrap();
        self.buffer.clear();
        loop {
            let mut part = [0; 32_768];
            let count = self.stream.read(&mut part).await.unwrap();
            assert!(count > 0, "{path} is not answered");
            self.buffer.extend_from_slice(&part[..count]);
            let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&self.buffer[..end]).to_lowercase();
            assert!(head.starts_with("http/1.1 200"), "{path}: {head}");
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            let whole = end + 4 + length.parse::<usize>().unwrap();
            if self.buffer.len() >= whole {
                return whole;
            }
        }
    }
}

/// The slowest of a hundred answers, in milliseconds.
async fn p99(address: SocketAddr, lists: [&List; 2], query: &str) -> [f64; 2] {
    let mut client = Client::at(address).await;
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..REQUESTS {
        for (list, times) in lists.iter().zip(&mut times) {
            let since = Instant::now();
            client.ask(&list.path(query), &list.cookie).await;
            times.push(since.elapsed().as_secs_f64() * 1_000.0);
        }
    }
    times.map(|mut times| {
        times.sort_unstable_by(f64::total_cmp);
        times[times.len() * 99 / 100]
    })
}

/// Answers a second.
async fn throughput(address: SocketAddr, path: &str, cookie: &str) -> f64 {
    let until = Instant::now() + SPELL;
    let clients = (0..CLIENTS).map(|_| {
        let (path, cookie) = (path.to_owned(), cookie.to_owned());
        tokio::spawn(async move {
            let mut client = Client::at(address).await;
            let mut count = 0_u32;
            while Instant::now() < until {
                client.ask(&path, &cookie).await;
                count += 1;
            }
            count
        })
    });
    let mut count = 0;
    for client in clients.collect::<Vec<_>>() {
        count += client.await.unwrap();
    }
    f64::from(count) / SPELL.as_secs_f64()
}

async fn run() {
    let mut folder = tempfile::Builder::new();
    // The database may have to run under another account.
    #[cfg(unix)]
    folder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o711));
    let folder = folder.tempdir().unwrap();
    let settings = Settings {
        data_dir: folder.path().join("data"),
        durability: Durability::Full,
        keeper_program: env!("CARGO_BIN_EXE_schoolgate").into(),
    };
    let server = tokio::task::spawn_blocking(move || EmbeddedServer::start(&settings)).await.unwrap().unwrap();
    server.ensure_database(DATABASE).await.unwrap();
    let owner = server.connect_options(Role::Owner, DATABASE);
    let owner = provision::owner_pool(owner, Role::App.name().to_owned()).await.unwrap();
    provision::migrate(&owner, Role::App.name()).await.unwrap();
    let owner = Db::from(owner);
    let app = app(&server, folder.path());
    let pupils = of_environment("BENCH_PUPILS").unwrap_or(100_000);
    let rounds = of_environment("BENCH_ROUNDS").unwrap_or(5);

    // Schools that are there stay as they are: so each size makes those that are missing.
    let since = Instant::now();
    demo::make(&app, &owner, Size { schools: 2, pupils: 2_000, seed: 1 }).await.unwrap();
    let large = demo::make(&app, &owner, Size { schools: 3, pupils, seed: 1 }).await.unwrap();
    demo::make(&app, &owner, Size { schools: 203, pupils: 200, seed: 1 }).await.unwrap();
    let made = since.elapsed().as_secs_f64();
    // The sign-ins are those of a school of its size.
    let small = demo::make(&app, &owner, Size { schools: 2, pupils: 2_000, seed: 1 }).await.unwrap();
    owner.pool().close().await;
    let mut admin = PgConnection::connect_with(&server.connect_options(Role::Admin, DATABASE)).await.unwrap();
    sqlx::raw_sql("VACUUM ANALYZE").execute(&mut admin).await.unwrap();

    let big = Arc::new(List::of(&app, &large, &large.schools[2].code).await);
    let little = List::of(&app, &small, &small.schools[0].code).await;
    let pages = serve(assembly::router(&app)).await;
    let bare = Router::new().route("/bare", get(rows)).with_state((app.db.clone(), Arc::clone(&big)));
    let bare = serve(bare).await;

    heading(&format!("{pupils} pupils and 202 other schools, {rounds} rounds"));
    figure("making them", made, "s", None);
    for (what, query) in PAGES {
        p99(pages, [&big, &little], query).await;
        let (mut large, mut small, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let [of_big, of_little] = p99(pages, [&big, &little], query).await;
            large.push(of_big);
            small.push(of_little);
            ratios.push(of_big / of_little);
        }
        figure(&format!("{what}, 99 of 100, in a school of 2000"), median(small), "ms", None);
        figure(&format!("{what}, 99 of 100"), median(large), "ms", None);
        figure(&format!("{what}, times a school of 2000"), median(ratios), "times", Some(MOST_TIMES));
    }
    let path = big.path("role=student");
    let (mut page, mut rows, mut costs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let of_page = throughput(pages, &path, &big.cookie).await;
        let of_rows = throughput(bare, "/bare", "").await;
        page.push(of_page);
        rows.push(of_rows);
        costs.push(of_rows / of_page);
    }
    figure("first pages a second", median(page), "1/s", None);
    figure("answers of the bare route a second", median(rows), "1/s", None);
    // A share of at least a half is a cost of at most twice.
    figure("answers of the bare route for each page", median(costs), "times", Some(1.0 / LEAST_SHARE));
    app.db.pool().close().await;
    admin.close().await.unwrap();
    tokio::task::spawn_blocking(move || server.leave()).await.unwrap();
}

fn main() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run());
}
