//! OneRoster of a large school: 10,000 users in pages of 1,000 from the service, against a bare axum route that runs the same
//! statement and answers its rows; the zip of 100,000 people, against writing the same CSV files from the same statements;
//! and the memory that a server takes for that zip above what it has when idle. All in the same run on the same server.
//!
//! `BENCH_PUPILS` and `BENCH_ROUNDS` make it shorter.

// A benchmark may panic on a failed precondition, and may read the machine's clock.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

mod support;

use std::{collections::HashMap, io::Seek, time::Instant};

use axum::{
    Router,
    extract::{Query, State},
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::TryStreamExt;
use schoolgate::{
    access::{ClientScope, Scope},
    app::App,
    clients::{self, NewClient},
    db::embedded::ServerRole,
    demo::{self, DemoSize},
    oneroster::{
        export,
        rest::collection,
        tables::{ExportSource, GONE_TOLD_DAYS, PARAMETERS, StandardTable, Wanted},
    },
    paths, router,
    schools::directory,
};
use sqlx::{PgConnection, Row};
use support::client::{Client, cookie_of, serve, since};
use support::server::Server;
use support::site::{KEY, Site};
use support::{figure, heading, median, of_environment};

const DATABASE: &str = "oneroster";

/// How many times the time of the bare route a page of the service may take: it is no slower than 0.4 of that.
const MOST_PAGE: f64 = 2.5;

/// How many times the time of writing the files alone the zip may take.
const MOST_ZIP: f64 = 2.0;

const MOST_MEMORY_MIB: f64 = 100.0;

/// How many users are asked for, and how many of them at a time.
const USERS: usize = 10_000;
const PAGE: usize = 1_000;

const WANTED: Wanted = Wanted { demographics: true, guardians: true, gone_since: None };

/// The bare route: a page of users, each row as JSON, and nothing else.
async fn bare(State((app, scope)): State<(App, Scope)>, Query(asked): Query<HashMap<String, i64>>) -> Response {
    let mut tx = app.db.begin_in(scope.school_id()).await.unwrap();
    let gone_since = Some(app.clock.now() - chrono::Duration::days(GONE_TOLD_DAYS));
    let wanted = Wanted { demographics: false, guardians: false, gone_since };
    let source = ExportSource::of(&scope, &app, &mut tx, wanted).await.unwrap();
    let order = "r.\"sourcedId\" COLLATE \"C\"";
    let sql = format!(
        "SELECT {}, r.total FROM (SELECT r.*, count(*) OVER () AS total FROM {} ORDER BY {order}
             LIMIT ${} OFFSET ${}) r ORDER BY {order}",
        collection::USERS.json(),
        StandardTable::Users.rows(),
        PARAMETERS + 1,
        PARAMETERS + 2,
    );
    let rows = source.query(sql).bind(asked["limit"]).bind(asked["offset"]).fetch_all(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let rows: Vec<&str> = rows.iter().map(|row| row.get(0)).collect();
    let body = format!("{{\"users\":[{}]}}", rows.join(","));
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

async fn pages(app: &App, admin: &mut PgConnection, scope: &Scope, users: usize, rounds: usize) {
    let new = NewClient { name: "LMS".to_owned(), scopes: vec![ClientScope::RosterCore], ..NewClient::default() };
    let made = clients::make_for_school(&scope.grant().unwrap(), app, &new).await.unwrap().unwrap();
    let token = clients::issue(app, made.id, &new.scopes).await.unwrap();
    let bare = Router::new().route("/users", get(bare)).with_state((app.clone(), scope.clone()));
    let (service, bare) = (serve(router::router(app)).await, serve(bare).await);
    let (mut service, mut bare) = (Client::at(service).await, Client::at(bare).await);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut bytes = [0, 0];
    for round in 0..=rounds {
        // What a client may ask for in a while is no matter of speed.
        sqlx::query("DELETE FROM attempts").execute(&mut *admin).await.unwrap();
        let (mut of_service, mut of_bare) = (0.0, 0.0);
        for offset in (0..users).step_by(PAGE) {
            let page = format!("/users?limit={PAGE}&offset={offset}");
            let began = Instant::now();
            service.get_by_token(&format!("{}{page}", paths::ONEROSTER), &token).await;
            of_service += since(began);
            let began = Instant::now();
            bare.get_by_token(&page, &token).await;
            of_bare += since(began);
            bytes = [service.answered(), bare.answered()];
        }
        // The first round only warms up.
        if round > 0 {
            ours.push(of_service);
            theirs.push(of_bare);
        }
    }
    assert!(bytes[0] > bytes[1] && bytes[0] < bytes[1] + 2_000, "{bytes:?}: they do not answer the same");
    let (ours, theirs) = (median(ours), median(theirs));
    heading(&format!("{users} users in pages of {PAGE}, {rounds} rounds"));
    figure("a bare route with the same statement", theirs, "ms", None);
    figure("the service", ours, "ms", Some(theirs * MOST_PAGE));
    figure("the service, times the bare route", ours / theirs, "times", Some(MOST_PAGE));
    figure("the service, as a part of the bare route's speed (at least 0.4)", theirs / ours, "", None);
}

/// Writes the same files from the same statements, and nothing else: seconds, and how many rows.
async fn write_alone(app: &App, scope: &Scope) -> (f64, usize) {
    let began = Instant::now();
    let mut rows = 0;
    let mut tx = app.db.begin_lasting_in(scope.school_id()).await.unwrap();
    let source = ExportSource::of(scope, app, &mut tx, WANTED).await.unwrap();
    for (_, sql) in export::statements() {
        let mut csv = csv::Writer::from_writer(tempfile::tempfile().unwrap());
        let mut found = source.query(sql).fetch(&mut *tx);
        while let Some(row) = found.try_next().await.unwrap() {
            let cells: Vec<Option<String>> = row.get(0);
            csv.write_record(cells.iter().map(|cell| cell.as_deref().unwrap_or_default())).unwrap();
            rows += 1;
        }
        csv.flush().unwrap();
    }
    tx.commit().await.unwrap();
    (began.elapsed().as_secs_f64(), rows)
}

async fn zips(app: &App, scope: &Scope, rounds: usize) {
    let (mut zipped, mut alone, mut size, mut rows) = (Vec::new(), Vec::new(), 0, 0);
    for _ in 0..rounds {
        let began = Instant::now();
        let mut zip = export::write(&scope.grant().unwrap(), app).await.unwrap();
        zipped.push(began.elapsed().as_secs_f64());
        size = zip.seek(std::io::SeekFrom::End(0)).unwrap();
        let (seconds, written) = write_alone(app, scope).await;
        alone.push(seconds);
        rows = written;
    }
    let (zipped, alone) = (median(zipped), median(alone));
    heading(&format!("The zip of a school, {rows} rows, {} KiB, {rounds} rounds", size / 1024));
    figure("writing the same files alone", alone, "s", None);
    figure("the zip", zipped, "s", Some(alone * MOST_ZIP));
    figure("the zip, times writing alone", zipped / alone, "times", Some(MOST_ZIP));
}

async fn run() {
    let site = Site::start(DATABASE).await;
    let app = site.app(DATABASE, 8, 1);
    let owner = site.owner(DATABASE).await;
    let pupils = of_environment("BENCH_PUPILS").unwrap_or(100_000);
    let rounds = of_environment("BENCH_ROUNDS").unwrap_or(5);
    let demo = demo::make(&app, &owner, DemoSize { schools: 2, pupils, seed: 1 }).await.unwrap();
    owner.pool().close().await;
    let school = &demo.schools[0];
    let scope = Scope::system(directory::find(&app.db, &school.code).await.unwrap());
    let mut admin = site.admin(DATABASE).await;
    let share = "UPDATE schools SET shares_demographics = true, shares_guardians = true";
    sqlx::query(share).execute(&mut admin).await.unwrap();
    site.settle(DATABASE).await;
    pages(&app, &mut admin, &scope, USERS.min(pupils), rounds).await;
    zips(&app, &scope, rounds).await;

    let cookie = cookie_of(&app, &school.owner.login).await;
    let server = Server::start(&site.server.url(ServerRole::App, DATABASE), KEY, cookie);
    let at = |rest: &str| format!("/schools/{}/{rest}", school.code);
    let [idle, peak] = server.memory_of_download(&at("classes"), &at("oneroster.zip"));
    heading("The zip, over HTTP");
    figure("memory of the server, idle", idle, "MiB", None);
    figure("memory of the server, above idle", peak - idle, "MiB", Some(MOST_MEMORY_MIB));
    drop(server);
    app.db.pool().close().await;
    site.leave().await;
}

fn main() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run());
}
