//! Finding one of fifty thousand schools while somebody types, beside reading all their names for it, in the same run on
//! the same server.

// What a benchmark cannot do without, it may stop for; and it may ask the machine for the time.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

mod support;

use std::path::Path;
use std::time::Instant;

use schoolgate::db::Db;
use schoolgate::db::embedded::{Durability, EmbeddedServer, Role, Settings};
use schoolgate::db::provision;
use schoolgate::registration::search;
use sqlx::{Connection, PgConnection};
use support::{figure, heading, median};

/// How often each is looked for.
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
    let mut folder = tempfile::Builder::new();
    // The database may have to run under another account.
    #[cfg(unix)]
    folder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o711));
    let folder = folder.tempdir().unwrap();
    let settings = Settings {
        data_dir: folder.path().join("data"),
        durability: Durability::Full,
        keeper_program: Path::new(env!("CARGO_BIN_EXE_schoolgate")).to_owned(),
    };
    let server = tokio::task::spawn_blocking(move || EmbeddedServer::start(&settings)).await.unwrap().unwrap();
    server.ensure_database("schools").await.unwrap();
    let owner = provision::owner_pool(server.connect_options(Role::Owner, "schools"), Role::App.name().to_owned());
    let owner = owner.await.unwrap();
    provision::migrate(&owner, Role::App.name()).await.unwrap();
    owner.close().await;
    let mut admin = PgConnection::connect_with(&server.connect_options(Role::Admin, "schools")).await.unwrap();
    let all = include_str!("../tests/suite/support/fifty_thousand_schools.sql");
    sqlx::raw_sql(all).execute(&mut admin).await.unwrap();
    sqlx::raw_sql("VACUUM ANALYZE").execute(&mut admin).await.unwrap();
    admin.close().await.unwrap();
    let db = Db::new(server.connect_options(Role::App, "schools"), 2);

    let (mut scans, mut searches) = (Vec::new(), Vec::new());
    let mut each = Vec::new();
    for round in 0..ROUNDS {
        for (at, typed) in TYPED.into_iter().enumerate() {
            let since = Instant::now();
            search::schools(&db, typed).await.unwrap();
            let took = since.elapsed().as_secs_f64() * 1000.0;
            searches.push(took);
            if round == 0 {
                each.push(Vec::new());
            }
            each[at].push(took);
        }
        // Something that no name holds: all of them are read.
        let since = Instant::now();
        sqlx::query(SCAN).bind("Lê Quý Đôn ở nơi không có").fetch_all(db.pool()).await.unwrap();
        scans.push(since.elapsed().as_secs_f64() * 1000.0);
    }
    let scan = median(scans);
    searches.sort_by(f64::total_cmp);
    let worst_of_a_hundred = searches[searches.len() * 99 / 100];
    heading(&format!("One of 50,000 schools by typing, {ROUNDS} rounds"));
    figure("reading all names (ILIKE)", scan, "ms", None);
    for (typed, times) in TYPED.iter().zip(each) {
        figure(&format!("“{typed}”"), median(times), "ms", None);
    }
    figure("a search, the median", median(searches), "ms", Some(scan * MOST));
    figure("a search, 99 of 100 are quicker", worst_of_a_hundred, "ms", Some(scan));
    db.pool().close().await;
    tokio::task::spawn_blocking(move || server.leave()).await.unwrap();
}

fn main() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run());
}
