//! A school whose people do all that hurts, over fifty connections, beside people of other schools who work as every
//! day: how long these wait for a page, idle and meanwhile, and the memory of the server, its workers and the database
//! together.
//!
//! `BENCH_SECONDS` says how long each of the two states lasts.

// A benchmark may panic on a failed precondition, and may read the machine's clock.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

mod support;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use schoolgate::{
    db::embedded::ServerRole,
    demo::{self, DemoSize},
};
use support::client::{Client, cookie_of, fire, p99, since};
use support::server::Server;
use support::site::{KEY, Site};
use support::{figure, heading, of_environment};

const DATABASE: &str = "hostile";
/// Schools with everyday work, and how many people of each request pages.
const CALM_SCHOOLS: usize = 10;
const PEOPLE: usize = 2;
/// How long each of them looks at a page.
const LOOK: Duration = Duration::from_millis(200);
/// Connections of the hostile school, and files of 20 MiB that each uploads.
const HOSTILE: usize = 50;
const UPLOAD_BYTES: usize = 20 * 1024 * 1024;
const MOST_UPLOADS: usize = 40;

const MOST_TIMES: f64 = 3.0;
const MOST_MEMORY: f64 = 1_024.0;

/// The waiting times of others during so long, and how many pages fail.
async fn a_day(address: SocketAddr, people: &[(String, String)], spell: Duration) -> (Vec<f64>, usize) {
    let until = Instant::now() + spell;
    let days: Vec<_> = people
        .iter()
        .cloned()
        .map(|(code, cookie)| {
            tokio::spawn(async move {
                let mut client = Client::at(address).await;
                let (mut times, mut refused) = (Vec::new(), 0);
                while Instant::now() < until {
                    for page in ["", "/accounts", "/accounts?q=an", "/classes"] {
                        let began = Instant::now();
                        let status = client.status_of(&format!("/schools/{code}{page}"), &cookie).await;
                        times.push(since(began));
                        refused += usize::from(status != "200");
                        tokio::time::sleep(LOOK).await;
                    }
                }
                (times, refused)
            })
        })
        .collect();
    let (mut times, mut refused) = (Vec::new(), 0);
    for day in days {
        let (of_day, refused_that_day) = day.await.unwrap();
        times.extend(of_day);
        refused += refused_that_day;
    }
    (times, refused)
}

struct Attack {
    address: SocketAddr,
    code: String,
    cookie: String,
    garbage: Vec<u8>,
    uploads: AtomicUsize,
    over: AtomicBool,
    statuses: std::sync::Mutex<HashMap<String, usize>>,
}

impl Attack {
    async fn go(self: Arc<Self>, number: usize) {
        let words = vec!["nguyen"; 6_000].join("+");
        for round in number.. {
            if self.over.load(Ordering::Relaxed) {
                return;
            }
            let head = |method: &str, path: &str, kind: &str| {
                format!(
                    "{method} /schools/{}{path} HTTP/1.1\r\nhost: bench\r\ncookie: session={}\r\n\
                     sec-fetch-site: same-origin\r\ncontent-type: {kind}\r\n",
                    self.code, self.cookie
                )
            };
            let form = "application/x-www-form-urlencoded";
            let created = format!("full_name=L%C3%AA+V%C4%83n+{number}x{round}&gender=male&birth_date=2011-09-05");
            let may_upload = self.uploads.fetch_add(1, Ordering::Relaxed) < MOST_UPLOADS;
            let status = match round % 6 {
                _ if may_upload => {
                    let head = head("POST", "/plans/new?source=students", "multipart/form-data; boundary=b0und");
                    fire(self.address, head, &self.garbage).await
                }
                0 => fire(self.address, head("GET", &format!("/accounts?q={words}"), form), b"").await,
                1 => fire(self.address, head("GET", "/accounts?q=n+t+v+h+l+a+d+m+p+q", form), b"").await,
                2 => fire(self.address, head("POST", "/accounts/students", form), created.as_bytes()).await,
                3 => fire(self.address, head("GET", "/accounts/export.xlsx", form), b"").await,
                4 => fire(self.address, head("GET", "/slips?status=slips", form), b"").await,
                _ => fire(self.address, head("GET", "/accounts?sort=-last_signed_in", form), b"").await,
            };
            *self.statuses.lock().unwrap().entry(status.unwrap_or_default()).or_default() += 1;
        }
    }
}

/// The memory of these processes and all their children, in MiB; shared memory is counted once.
fn memory_of(roots: &[u32]) -> f64 {
    let mut parents = HashMap::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        let parent = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1)?.parse::<u32>().ok());
        parents.insert(pid, parent.unwrap_or_default());
    }
    let belongs = |mut pid: u32| loop {
        if roots.contains(&pid) {
            return true;
        }
        match parents.get(&pid) {
            Some(parent) if *parent != 0 => pid = *parent,
            _ => return false,
        }
    };
    let kib = parents.keys().filter(|pid| belongs(**pid)).filter_map(|pid| {
        let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        line.trim().trim_end_matches(" kB").parse::<f64>().ok()
    });
    kib.sum::<f64>() / 1024.0
}

async fn run() {
    let site = Site::start(DATABASE).await;
    let app = site.app(DATABASE, 8, 1);
    let owner = site.owner(DATABASE).await;
    let demo = demo::make(&app, &owner, DemoSize { schools: CALM_SCHOOLS + 1, pupils: 400, seed: 1 }).await.unwrap();
    site.settle(DATABASE).await;
    let mut people = Vec::new();
    for school in &demo.schools[1..] {
        for _ in 0..PEOPLE {
            people.push((school.code.clone(), cookie_of(&app, &school.owner.login).await));
        }
    }
    let hostile = &demo.schools[0];
    let cookie = cookie_of(&app, &hostile.owner.login).await;
    let server = Server::start(&site.server.url(ServerRole::App, DATABASE), KEY, cookie.clone());
    let database = site.postmaster();
    let spell = Duration::from_secs(of_environment("BENCH_SECONDS").unwrap_or(20) as u64);

    a_day(server.address, &people, Duration::from_secs(2)).await;
    let idle = p99(a_day(server.address, &people, spell).await.0);
    let before = memory_of(&[server.id(), database]);

    let head = "--b0und\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.xlsx\"\r\n\r\n";
    let attack = Arc::new(Attack {
        address: server.address,
        code: hostile.code.clone(),
        cookie,
        garbage: [head.as_bytes(), &vec![b'x'; UPLOAD_BYTES], b"\r\n--b0und--\r\n"].concat(),
        uploads: AtomicUsize::new(0),
        over: AtomicBool::new(false),
        statuses: std::sync::Mutex::default(),
    });
    let attackers: Vec<_> = (0..HOSTILE).map(|number| tokio::spawn(Arc::clone(&attack).go(number))).collect();
    let watch = {
        let (attack, roots) = (Arc::clone(&attack), [server.id(), database]);
        std::thread::spawn(move || {
            let mut most = 0.0_f64;
            while !attack.over.load(Ordering::Relaxed) {
                most = most.max(memory_of(&roots));
                std::thread::sleep(Duration::from_millis(500));
            }
            most
        })
    };
    let (times, refused) = a_day(server.address, &people, spell).await;
    let meanwhile = p99(times);
    attack.over.store(true, Ordering::Relaxed);
    let most = watch.join().unwrap();
    for attacker in attackers {
        let _ = attacker.await;
    }

    heading(&format!("{HOSTILE} connections of a hostile school beside {} people of others", people.len()));
    figure("a page of the others, idle, 99 of 100 are quicker", idle, "ms", None);
    figure("the same meanwhile", meanwhile, "ms", Some(idle * MOST_TIMES));
    figure("pages that the others did not get", refused as f64, "", Some(0.0));
    figure("memory of everything, idle", before, "MiB", None);
    figure("the same meanwhile, at most", most, "MiB", Some(MOST_MEMORY));
    let mut statuses: Vec<_> = attack.statuses.lock().unwrap().clone().into_iter().collect();
    statuses.sort();
    println!("what the hostile school was told: {statuses:?}");
    drop(server);
    app.db.pool().close().await;
    owner.pool().close().await;
    site.leave().await;
}

fn main() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run());
}
