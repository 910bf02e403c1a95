//! The list of accounts in a school of 100,000 pupils, with 200 others beside it: the time of its slowest pages against
//! those of a school of 2,000, and its pages per second against a bare route that runs the same query in the same
//! scoped transaction and returns JSON. All over HTTP, in the same run on the same server.
//!
//! `BENCH_PUPILS` and `BENCH_ROUNDS` make it shorter.

// A benchmark may panic on a failed precondition, and may read the machine's clock.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

mod support;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use schoolgate::{
    access::{Role, Scope},
    app::App,
    db::Db,
    demo::{self, Demo, DemoSize},
    ids::YearId,
    roster::{
        model::{MemberFilter, PageCursor, SortOrder},
        store,
    },
    router,
    schools::{directory, years},
};
use serde_json::{Value, json};
use support::client::{Client, cookie_of, p99, rate, serve, since};
use support::site::Site;
use support::{figure, heading, median, of_environment};

const DATABASE: &str = "accounts";

/// How many times the time of a school of 2,000 a page may take, at the 99th percentile.
const MOST_TIMES: f64 = 1.5;

/// The least number of pages answered for each response of the bare route.
const LEAST_SHARE: f64 = 0.6;

/// The pages that are measured: what they are, and their query.
const PAGES: [(&str, &str); 7] = [
    ("first page", "role=student"),
    ("last page", "role=student&before=end"),
    ("two words", "role=student&q=nguyen+anh"),
    ("a full name", "role=student&q=nguyen+thi+minh+anh"),
    ("never signed in", "role=student&status=never"),
    ("by class", "role=student&sort=class"),
    ("last signed in first", "role=student&sort=-last_signed_in"),
];

/// How many times each page is requested in a round.
const REQUESTS: usize = 300;

/// How long each side is requested in a round, and by how many clients.
const SPELL: Duration = Duration::from_secs(3);
const CLIENTS: usize = 4;

/// A school's list, and a cookie of its owner.
struct List {
    scope: Scope,
    year_id: YearId,
    cookie: String,
}

impl List {
    async fn of(app: &App, demo: &Demo, code: &str) -> Self {
        let school = demo.schools.iter().find(|school| school.code == code).unwrap();
        let cookie = cookie_of(app, &school.owner.login).await;
        let scope = Scope::system(directory::find(&app.db, code).await.unwrap());
        let mut tx = app.db.begin_in(scope.school_id()).await.unwrap();
        let year_id = years::current(&scope, &mut tx, app.clock.today()).await.unwrap().id;
        tx.commit().await.unwrap();
        Self { scope, year_id, cookie }
    }

    fn path(&self, query: &str) -> String {
        format!("/schools/{}/accounts?{query}", self.scope.school.code)
    }
}

/// The bare route: the first page's rows.
async fn rows(State((db, list)): State<(Db, Arc<List>)>) -> Json<Vec<Value>> {
    let mut tx = db.begin_in(list.scope.school_id()).await.unwrap();
    let filter = MemberFilter::of_role(Role::Student);
    let page = store::list(&list.scope, &mut tx, list.year_id, &filter, SortOrder::default(), PageCursor::First)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let row = |row: schoolgate::roster::model::MemberListRow| {
        json!({ "id": row.id, "account_id": row.account_id, "full_name": row.full_name, "status": row.status,
            "username": row.username, "email": row.email, "birth_date": row.birth_date, "class": row.class_name,
            "slip_printed_at": row.slip_printed_at, "temporary_until": row.temporary_until,
            "last_signed_in_at": row.last_signed_in_at })
    };
    Json(page.rows.into_iter().map(row).collect())
}

/// The 99th percentile for each of two lists, in milliseconds.
async fn slowest(address: SocketAddr, lists: [&List; 2], query: &str) -> [f64; 2] {
    let mut client = Client::at(address).await;
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..REQUESTS {
        for (list, times) in lists.iter().zip(&mut times) {
            let began = Instant::now();
            client.get(&list.path(query), &list.cookie).await;
            times.push(since(began));
        }
    }
    times.map(p99)
}

/// Responses a second.
async fn throughput(address: SocketAddr, path: &str, cookie: &str) -> f64 {
    rate(CLIENTS, SPELL, |_, until| {
        let (path, cookie) = (path.to_owned(), cookie.to_owned());
        async move {
            let mut client = Client::at(address).await;
            let mut count = 0;
            while Instant::now() < until {
                client.get(&path, &cookie).await;
                count += 1;
            }
            count
        }
    })
    .await
}

async fn run() {
    let site = Site::start(DATABASE).await;
    let app = site.app(DATABASE, 8, 1);
    let owner = site.owner(DATABASE).await;
    let pupils = of_environment("BENCH_PUPILS").unwrap_or(100_000);
    let rounds = of_environment("BENCH_ROUNDS").unwrap_or(5);

    // Existing schools stay as they are: so each size makes those that are missing.
    let began = Instant::now();
    demo::make(&app, &owner, DemoSize { schools: 2, pupils: 2_000, seed: 1 }).await.unwrap();
    let large = demo::make(&app, &owner, DemoSize { schools: 3, pupils, seed: 1 }).await.unwrap();
    demo::make(&app, &owner, DemoSize { schools: 203, pupils: 200, seed: 1 }).await.unwrap();
    let made = began.elapsed().as_secs_f64();
    // The sign-ins are those of a school of its size.
    let small = demo::make(&app, &owner, DemoSize { schools: 2, pupils: 2_000, seed: 1 }).await.unwrap();
    owner.pool().close().await;
    site.settle(DATABASE).await;

    let big = Arc::new(List::of(&app, &large, &large.schools[2].code).await);
    let little = List::of(&app, &small, &small.schools[0].code).await;
    let pages = serve(router::router(&app)).await;
    let bare = Router::new().route("/bare", get(rows)).with_state((app.db.clone(), Arc::clone(&big)));
    let bare = serve(bare).await;

    heading(&format!("{pupils} pupils and 202 other schools, {rounds} rounds"));
    figure("making them", made, "s", None);
    for (what, query) in PAGES {
        slowest(pages, [&big, &little], query).await;
        let (mut large, mut small, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let [of_big, of_little] = slowest(pages, [&big, &little], query).await;
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
    // The cost of a page is the reciprocal of its share.
    figure("answers of the bare route for each page", median(costs), "times", Some(1.0 / LEAST_SHARE));
    app.db.pool().close().await;
    site.leave().await;
}

fn main() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run());
}
