//! Two web nodes and two workers, as operators run them, while people work: each of them is killed with -9 and started
//! again, PostgreSQL is restarted, and idle clients hold what they can. Nothing that was acknowledged is lost, nothing
//! is done twice, and all works again by itself within a minute.

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::Utc;
use schoolgate::db::{embedded::ServerRole, recount};
use schoolgate::ids::MemberId;
use schoolgate::jobs;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

use super::in_letters;
use crate::absence::Stoppable;
use crate::support::database::PROGRAM;
use crate::support::smtp::SmtpSink;
use crate::support::{Person, TestApp};

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

const FORM: &str = "application/x-www-form-urlencoded";

/// How many teachers a list has.
const TEACHERS: usize = 15;

/// Between two kills or restarts.
const PAUSE: Duration = Duration::from_millis(1_500);

/// Within a minute, as the worker that is killed last counts as dead after half of it; with some more for a machine on
/// which all other tests run.
const PATIENCE: Duration = Duration::from_secs(90);

/// A process of the program; killed at the end at the latest.
struct Process {
    command: Command,
    child: Child,
}

impl Process {
    fn start(mut command: Command) -> Self {
        let child = command.spawn().unwrap();
        Self { command, child }
    }

    /// Kills it with -9 and starts it again, as systemd does.
    async fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        sleep(Duration::from_millis(300)).await;
        self.child = self.command.spawn().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program's processes over a database server of their own.
struct Site {
    webs: [Process; 2],
    workers: [Process; 2],
    nodes: [SocketAddr; 2],
    server: Stoppable,
    smtp: SmtpSink,
    _folder: TempDir,
}

async fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

impl Site {
    async fn start(server: Stoppable) -> Self {
        let (smtp, folder) = (SmtpSink::start(), tempfile::tempdir().unwrap());
        let process = |arguments: &[&str]| {
            let mut command = Command::new(PROGRAM);
            command.args(arguments).env_clear().current_dir(&folder).stdout(Stdio::null()).stderr(Stdio::null());
            command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
            command.env("DATABASE_URL", server.url(ServerRole::App)).env("SCHOOLGATE_SECRET_KEY", KEY);
            command.env("SCHOOLGATE_SMTP_URL", smtp.url());
            Process::start(command)
        };
        let nodes = [free_address().await, free_address().await];
        let webs = nodes.map(|node| process(&["serve", "--no-worker", "--listen", &node.to_string()]));
        let workers = [process(&["worker"]), process(&["worker"])];
        let site = Self { webs, workers, nodes, server, smtp, _folder: folder };
        site.until_ready().await;
        site
    }

    async fn until_ready(&self) {
        let since = Instant::now();
        for node in self.nodes {
            while ask(node, "", "GET /readyz", FORM, b"").await.is_none_or(|(status, _)| status != 200) {
                assert!(since.elapsed() < PATIENCE, "{node} is not ready");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }

    async fn admin(&self) -> PgConnection {
        let since = Instant::now();
        loop {
            match PgConnection::connect(&self.server.url(ServerRole::Admin)).await {
                Ok(connection) => return connection,
                Err(error) => assert!(since.elapsed() < PATIENCE, "{error}"),
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Each process is killed once, and the database restarted in between.
    async fn kill_each(&mut self) {
        for turn in 0..2 {
            sleep(PAUSE).await;
            self.workers[turn].kill().await;
            sleep(PAUSE).await;
            self.webs[turn].kill().await;
            if turn == 0 {
                sleep(PAUSE).await;
                self.server.restart();
                sleep(PAUSE).await;
                self.revive();
            }
        }
        sleep(PAUSE).await;
        self.revive();
    }

    /// Starts again what has ended by itself, as systemd does: a process that begins while there is no database.
    fn revive(&mut self) {
        for process in self.webs.iter_mut().chain(&mut self.workers) {
            if process.child.try_wait().unwrap().is_some() {
                process.child = process.command.spawn().unwrap();
            }
        }
    }

    /// Until no job is due, and none is to be tried again.
    async fn until_at_rest(&self) {
        let since = Instant::now();
        let mut admin = self.admin().await;
        loop {
            let left = jobs::left_over(&mut admin).await.unwrap();
            let busy: Vec<_> = left.into_iter().filter(|job| job.attempts > 0 || job.run_at <= Utc::now()).collect();
            if busy.is_empty() {
                println!("all was well after {:?}", since.elapsed());
                return;
            }
            assert!(since.elapsed() < PATIENCE, "jobs are left over: {busy:?}");
            sleep(Duration::from_millis(200)).await;
        }
    }
}

/// An answer's status and where it leads; none where the connection is refused or cut.
async fn ask(node: SocketAddr, cookie: &str, what: &str, kind: &str, body: &[u8]) -> Option<(u16, String)> {
    let exchange = async {
        let mut stream = TcpStream::connect(node).await.ok()?;
        let head = format!(
            "{what} HTTP/1.1\r\nhost: {node}\r\ncookie: session={cookie}\r\nsec-fetch-site: same-origin\r\n\
             content-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.ok()?;
        stream.write_all(body).await.ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok()?;
        let answer = String::from_utf8_lossy(&answer);
        let (head, _) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse::<u16>().ok()?;
        let location = head.lines().find_map(|line| line.strip_prefix("location: "));
        Some((status, location.unwrap_or_default().to_owned()))
    };
    timeout(Duration::from_secs(30), exchange).await.ok().flatten()
}

/// What a person was told while they worked.
#[derive(Default)]
struct Told {
    /// The names that were typed, one after another.
    names: Vec<String>,
    /// The last one that was taken, as far as they know.
    acknowledged: Option<usize>,
    /// Answers other than done and come back later.
    strange: Vec<String>,
}

/// Renames a person again and again, at either node.
async fn keep_renaming(
    nodes: [SocketAddr; 2],
    cookie: String,
    person: String,
    family: &str,
    stop: Arc<AtomicBool>,
) -> Told {
    let mut told = Told::default();
    while !stop.load(Ordering::Relaxed) {
        let turn = told.names.len();
        let name = format!("{family} {}", in_letters(turn));
        let fields = [("full_name", name.as_str()), ("birth_date", "05/09/2011")];
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        told.names.push(name);
        match ask(nodes[turn % 2], &cookie, &format!("POST {person}"), FORM, form.as_bytes()).await {
            Some((303, to)) if !to.contains("/sign-in") => told.acknowledged = Some(turn),
            None | Some((503, _)) => {}
            Some(other) => told.strange.push(format!("{person}: {other:?}")),
        }
        sleep(Duration::from_millis(50)).await;
    }
    told
}

fn address_of(list: usize, number: usize) -> String {
    format!("gv{list}x{number}@example.vn")
}

/// No two are taken for each other: their birth dates differ.
fn teachers(list: usize) -> String {
    let mut file = "Họ và tên,Giới tính,Ngày sinh,Email\n".to_owned();
    for number in 0..TEACHERS {
        let n = list * TEACHERS + number;
        let birth = format!("{:02}/{:02}/{}", 1 + n % 28, 1 + n / 28 % 12, 1960 + n / 336);
        file += &format!("Lưu {},Nữ,{birth},{}\n", in_letters(n), address_of(list, number));
    }
    file
}

/// Imports one list of teachers after another; gives how many.
async fn keep_importing(nodes: [SocketAddr; 2], admin: String, cookie: String, stop: Arc<AtomicBool>) -> usize {
    let mut list = 0;
    while !stop.load(Ordering::Relaxed) {
        import(nodes, &admin, &cookie, list).await;
        list += 1;
    }
    list
}

/// What a person does who wants this list applied: hands it in until it is taken, and goes on until it is done.
async fn import(nodes: [SocketAddr; 2], admin: &str, cookie: &str, list: usize) {
    let since = Instant::now();
    let head = "--b0und\r\ncontent-disposition: form-data; name=\"file\"; filename=\"giao-vien.csv\"\r\n\r\n";
    let body = [head, teachers(list).as_str(), "\r\n--b0und--\r\n"].concat();
    let mut tries = 0;
    let plan = loop {
        let new = format!("POST /schools/79000001/plans/new?source=teachers&form_key=list-{list}-{tries}");
        let kind = "multipart/form-data; boundary=b0und";
        let answer = ask(nodes[tries % 2], cookie, &new, kind, body.as_bytes()).await;
        if let Some((303, to)) = &answer {
            assert!(to.contains("/plans/"), "{to}");
            break to.split('?').next().unwrap().to_owned();
        }
        assert!(since.elapsed() < PATIENCE, "list {list} is not taken: {answer:?}");
        tries += 1;
        sleep(Duration::from_millis(200)).await;
    };
    let id = plan.rsplit('/').next().unwrap();
    let state = format!("SELECT state FROM plans WHERE id = '{id}'");
    loop {
        match value(admin, &state).await.as_deref() {
            Some("applied") => return,
            Some("ready") => drop(ask(nodes[tries % 2], cookie, &format!("POST {plan}/apply"), FORM, b"").await),
            None | Some("reading" | "applying") => {}
            Some(state) => panic!("list {list} is {state}"),
        }
        assert!(since.elapsed() < PATIENCE, "list {list} is not applied");
        tries += 1;
        sleep(Duration::from_millis(200)).await;
    }
}

/// What a statement gives, as text; none while the database is away.
async fn value(url: &str, statement: &str) -> Option<String> {
    let mut connection = PgConnection::connect(url).await.ok()?;
    sqlx::query_scalar(AssertSqlSafe(statement.to_owned())).fetch_optional(&mut connection).await.ok()?
}

/// Clients that begin a form and say nothing more.
async fn idle_clients(nodes: [SocketAddr; 2]) -> Vec<TcpStream> {
    let mut idle = Vec::new();
    for node in nodes {
        for _ in 0..20 {
            let mut stream = TcpStream::connect(node).await.unwrap();
            let head = "POST /sign-in HTTP/1.1\r\nhost: here\r\nsec-fetch-site: same-origin\r\n\
                 content-type: application/x-www-form-urlencoded\r\ncontent-length: 1000\r\n\r\nlogin=";
            stream.write_all(head.as_bytes()).await.unwrap();
            idle.push(stream);
        }
    }
    idle
}

async fn nothing_is_lost(admin: &mut PgConnection, member: MemberId, told: &Told) {
    assert_eq!(told.strange, [] as [String; 0]);
    let name: String =
        sqlx::query_scalar("SELECT full_name FROM members WHERE id = $1").bind(member).fetch_one(admin).await.unwrap();
    let is = told.names.iter().position(|each| *each == name);
    let acknowledged = told.acknowledged.expect("nothing was acknowledged");
    assert!(is.is_some_and(|is| is >= acknowledged), "{name} is {is:?}, and {acknowledged} was acknowledged");
    println!("{} names were typed; the last that was acknowledged is {acknowledged}", told.names.len());
}

async fn everybody_is_there_once(site: &Site, admin: &mut PgConnection, lists: usize) {
    let (members, addresses, applied, told): (i64, i64, i64, i64) = sqlx::query_as(
        "SELECT count(*), count(DISTINCT email), (SELECT count(*) FROM plans WHERE state = 'applied'),
             (SELECT count(*) FROM audit_events WHERE action = 'plan_applied')
         FROM members WHERE email LIKE 'gv%@example.vn'",
    )
    .fetch_one(admin)
    .await
    .unwrap();
    let expected = i64::try_from(lists * TEACHERS).unwrap();
    assert_eq!((members, addresses), (expected, expected));
    assert_eq!(applied, told, "each list was applied once");
    // Killed between sending and noting, a mail is sent again as the same mail.
    let mut mails: Vec<(String, String)> =
        site.smtp.mails().into_iter().map(|mail| (mail.to.join(" "), mail.header("Message-ID").unwrap())).collect();
    mails.sort();
    mails.dedup();
    for (list, number) in (0..lists).flat_map(|list| (0..TEACHERS).map(move |number| (list, number))) {
        let address = address_of(list, number);
        assert_eq!(mails.iter().filter(|(to, _)| *to == address).count(), 1, "mails to {address}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_killed_nothing_is_lost_and_nothing_done_twice() {
    let server = Stoppable::start().await;
    let test = TestApp::over_in_real_time(server.options()).await;
    let cast = test.cast("79000001").await;
    let cookie = async |person: &Person| test.signed_in(person).await.cookie("session").unwrap();
    let (owner, manager) = (cookie(&cast.owner).await, cookie(&cast.manager).await);
    let mut site = Site::start(server).await;
    let nodes = site.nodes;
    let idle = idle_clients(nodes).await;

    let stop = Arc::new(AtomicBool::new(false));
    let people = [(&cast.pupil, "Vũ"), (&cast.newcomer, "Hồ")];
    let renaming = people.map(|(person, family)| {
        let path = cast.school.path(&format!("/accounts/{}", person.member_id));
        tokio::spawn(keep_renaming(nodes, manager.clone(), path, family, Arc::clone(&stop)))
    });
    let admin = site.server.url(ServerRole::Admin);
    let importing = tokio::spawn(keep_importing(nodes, admin, owner, Arc::clone(&stop)));
    site.kill_each().await;
    stop.store(true, Ordering::Relaxed);
    let [one, other] = renaming;
    let told = [one.await.unwrap(), other.await.unwrap()];
    let lists = importing.await.unwrap();
    site.until_at_rest().await;
    site.until_ready().await;
    drop(idle);

    let mut admin = site.admin().await;
    for ((person, _), told) in people.into_iter().zip(&told) {
        nothing_is_lost(&mut admin, person.member_id, told).await;
    }
    assert!(lists > 0);
    everybody_is_there_once(&site, &mut admin, lists).await;
    let mut tx = test.db.begin_in(cast.school.id()).await.unwrap();
    assert_eq!(recount::wrong_counters(&mut tx, cast.school.id()).await.unwrap(), []);
    tx.rollback().await.unwrap();
}
