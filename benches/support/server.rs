//! A server in its own process, and a file uploaded over HTTP.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use schoolgate::{
    app::App,
    db::Db,
    demo::{self, DemoSize},
};
use sqlx::PgConnection;

use super::client::cookie_of;

/// A server in a process of its own, with a worker.
pub struct Server {
    process: Child,
    pub address: SocketAddr,
    cookie: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    pub fn start(database_url: &str, key: &str, cookie: String) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_schoolgate"))
            .args(["serve", "--listen", &address.to_string()])
            .env_clear()
            .env("DATABASE_URL", database_url)
            .env("SCHOOLGATE_SECRET_KEY", key)
            .current_dir(std::env::temp_dir())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { process, address, cookie };
        let patience = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(address).is_err() {
            assert!(Instant::now() < patience, "the server does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// Sends a request, and gives the head of the response.
    fn ask(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncookie: session={}\r\nsec-fetch-site: same-origin\r\n\
             content-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            self.address,
            self.cookie,
            body.len(),
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        answer.split("\r\n\r\n").next().unwrap().to_lowercase()
    }

    /// The memory of the server, in MiB: idle, and at most while it handed out a file.
    pub fn memory_of_download(&self, idle_at: &str, path: &str) -> [f64; 2] {
        let get = |path: &str| {
            let answer = self.ask("GET", path, "text/plain", b"");
            assert!(answer.starts_with("http/1.1 200"), "{answer}");
        };
        (0..20).for_each(|_| get(idle_at));
        let idle = self.memory("VmRSS:");
        // Resets the peak counter.
        std::fs::write(format!("/proc/{}/clear_refs", self.process.id()), "5").unwrap();
        get(path);
        [idle, self.memory("VmHWM:")]
    }

    /// Where a form redirects to.
    fn post(&self, path: &str, kind: &str, body: &[u8]) -> String {
        let head = self.ask("POST", path, kind, body);
        let location = head.lines().find_map(|line| line.strip_prefix("location: "));
        location.unwrap_or_else(|| panic!("{path} leads nowhere: {head}")).to_owned()
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    fn memory(&self, figure: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(figure)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
    }
}

/// The memory of a server, in MiB: idle, and at most while it received, planned and applied this file.
pub async fn memory_of_import(
    app: &App,
    owner: &Db,
    admin: &mut PgConnection,
    database_url: &str,
    key: &str,
    file: &[u8],
) -> [f64; 2] {
    let demo = demo::make(app, owner, DemoSize { schools: 2, pupils: 120, seed: 1 }).await.unwrap();
    let school = &demo.schools[0];
    let cookie = cookie_of(app, &school.owner.login).await;

    let server = Server::start(database_url, key, cookie);
    let plans = format!("/schools/{}/plans", school.code);
    for _ in 0..20 {
        let page = server.ask("GET", &plans, "text/plain", b"");
        assert!(page.starts_with("http/1.1 200"), "{page}");
    }
    let idle = server.memory("VmRSS:");
    // Resets the peak counter.
    std::fs::write(format!("/proc/{}/clear_refs", server.process.id()), "5").unwrap();
    let head = "--b0und\r\ncontent-disposition: form-data; name=\"file\"; filename=\"pupils.xlsx\"\r\n\r\n";
    let body = [head.as_bytes(), file, b"\r\n--b0und--\r\n"].concat();
    let plan = server.post(&format!("{plans}/new?source=students"), "multipart/form-data; boundary=b0und", &body);
    until(admin, "ready").await;
    let planned = server.memory("VmHWM:");
    server.post(&format!("{plan}/apply"), "application/x-www-form-urlencoded", b"");
    until(admin, "applied").await;
    if std::env::var_os("BENCH_STAGES").is_some() {
        println!("until it could be reviewed: {:.1} MiB above idle", planned - idle);
    }
    [idle, server.memory("VmHWM:")]
}

/// The state of the list that was uploaded: the demo has plans of its own.
const LATEST: &str = "SELECT state FROM plans WHERE source = 'students' ORDER BY id DESC LIMIT 1";

async fn until(admin: &mut PgConnection, wanted: &str) {
    let patience = Instant::now() + Duration::from_secs(600);
    loop {
        let state: String = sqlx::query_scalar(LATEST).fetch_one(&mut *admin).await.unwrap();
        if state == wanted {
            return;
        }
        assert!(matches!(state.as_str(), "reading" | "applying"), "the plan is {state}");
        assert!(Instant::now() < patience, "the plan is still {state}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
