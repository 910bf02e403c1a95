//! Finding one of fifty thousand schools while typing, compared with reading all their names for it, in the same run on
//! the same server.

// A benchmark may panic on a failed precondition, and may read the machine's clock.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

mod support;

use std::time::Instant;

use schoolgate::registration::search;
use support::client::{p99, since};
use support::site::Site;
use support::{figure, heading, median};

const DATABASE: &str = "schools";

/// How often each is searched for.
const ROUNDS: usize = 100;

/// What people type, from the first letter to the code.
const TYPED: [&str; 8] = [
    "t",
    "truong",
    "truong thpt",
    "le quy don",
    "thpt le quy don ha noi",
    "nguyen trai tan phu",
    "10012345",
    "khong co truong nay",
];

/// A search is one round trip among those of a page: it may take a tenth of reading all names, the worst of a hundred
/// the whole of it.
const MOST: f64 = 0.1;

const SCAN: &str = "SELECT s.code, s.name, p.name FROM schools s JOIN provinces p ON p.code = s.province_code
    WHERE s.name ILIKE '%' || $1 || '%' ORDER BY s.folded_code LIMIT 10";

async fn run() {
    let site = Site::start(DATABASE).await;
    let all = include_str!("../tests/suite/support/fifty_thousand_schools.sql");
    sqlx::raw_sql(all).execute(&mut site.admin(DATABASE).await).await.unwrap();
    site.settle(DATABASE).await;
    let db = site.app(DATABASE, 2, 1).db;

    let (mut scans, mut searches) = (Vec::new(), Vec::new());
    let mut each = Vec::new();
    for round in 0..ROUNDS {
        for (at, typed) in TYPED.into_iter().enumerate() {
            let began = Instant::now();
            search::schools(&db, typed).await.unwrap();
            let took = since(began);
            searches.push(took);
            if round == 0 {
                each.push(Vec::new());
            }
            each[at].push(took);
        }
        // A text that no name contains: all of them are read.
        let began = Instant::now();
        sqlx::query(SCAN).bind("Lê Quý Đôn ở nơi không có").fetch_all(db.pool()).await.unwrap();
        scans.push(since(began));
    }
    let scan = median(scans);
    let worst_of_a_hundred = p99(searches.clone());
    heading(&format!("One of 50,000 schools by typing, {ROUNDS} rounds"));
    figure("reading all names (ILIKE)", scan, "ms", None);
    for (typed, times) in TYPED.iter().zip(each) {
        figure(&format!("“{typed}”"), median(times), "ms", None);
    }
    figure("a search, the median", median(searches), "ms", Some(scan * MOST));
    figure("a search, 99 of 100 are quicker", worst_of_a_hundred, "ms", Some(scan));
    db.pool().close().await;
    site.leave().await;
}

fn main() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run());
}
