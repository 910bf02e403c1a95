//! The reports of a school of 100,000 pupils against those of one of 2,000, and what operators see of fifty thousand
//! schools against what they see of four hundred, all in one province: the time of the slowest pages, over HTTP, in the
//! same run on the same server. Pages have as many rows on both sides, so that what is compared is how they are found.
//!
//! `BENCH_PUPILS` and `BENCH_ROUNDS` make it shorter.

// A benchmark may panic on a failed precondition, and may read the machine's clock.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

mod support;

use std::net::SocketAddr;
use std::time::Instant;

use schoolgate::{
    access::Scope,
    demo::{self, DemoSize},
    reports::daily,
    router,
    schools::directory,
};
use sqlx::AssertSqlSafe;
use support::client::{Client, cookie_of, p99, serve, since};
use support::site::Site;
use support::{figure, heading, median, of_environment};

const DATABASE: &str = "reports";

/// How many times the time of the small one a page may take, at the 99th percentile.
const MOST_TIMES: f64 = 1.5;

const REQUESTS: usize = 500;

const REPORTS: [&str; 13] = [
    "users?role=student",
    "users?role=student&status=in",
    "use",
    "size",
    "quality",
    "quality?line=no-slip",
    "quality?line=twin",
    "quality?line=bounced",
    "use?hour=7",
    "use?weekday=monday",
    "use?device=phone",
    "use?grade=10&status=in",
    "use?grade=10&status=never",
];

const OF_OPERATORS: [&str; 5] = [
    "/operator/reports",
    "/operator/reports?province=79",
    "/operator/reports?province=79&sort=-in",
    "/operator/reports?province=79&sort=name",
    "/operator/reports?province=79&state=silent&sort=-pupils",
];

/// Of each school as many pupils have signed in, one in three: a list of those is as full, and as long, in all of them.
const SIGNED_IN: &str = "UPDATE members SET
        first_signed_in_at = CASE WHEN abs(hashtext(id::text || 'in')) % 3 = 0 THEN now() - interval '40 days' END,
        last_signed_in_at = CASE WHEN abs(hashtext(id::text || 'in')) % 3 = 0 THEN now() - interval '1 day' END
    WHERE role = 'student' AND status = 'active'";

/// One letter in twenty of the whole country has come back.
const BOUNCES: &str = "INSERT INTO mails (id, account_id, letter, language, created_at, refused_at)
    SELECT gen_random_uuid(), account_id, '{}', 'vi', now(), now() FROM memberships WHERE abs(hashtext(account_id::text)) % 20 = 0";

/// A fourth of those who sign in does so on each day of four weeks.
const ENTRIES: &str = "INSERT INTO entries (school_id, member_id, hour, device)
    SELECT m.school_id, m.id, date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - make_interval(days => d.day)
            + make_interval(hours => (ARRAY[0, 0, 1, 2, 7, 8, 12, 13])[1 + abs(hashtext(m.id::text || d.day)) % 8]),
        (ARRAY['phone', 'computer', 'tablet'])[1 + abs(hashtext(m.id::text)) % 3]
    FROM members m CROSS JOIN generate_series(1, 27) AS d (day)
    WHERE m.first_signed_in_at IS NOT NULL AND abs(hashtext(d.day || m.id::text)) % 4 = 0 ON CONFLICT DO NOTHING";

/// The areas as they are, on each day of half a year.
const DAYS: &str =
    "INSERT INTO area_figures (area, day, schools, active, pupils, pupils_in, slips, staff, staff_in, checked, clean)
    SELECT area, a.day - d.day, schools, active, pupils, pupils_in, slips, staff, staff_in, checked, clean
    FROM (SELECT DISTINCT ON (area) * FROM area_figures ORDER BY area, day DESC) a
    CROSS JOIN generate_series(1, 179) AS d (day) ON CONFLICT DO NOTHING";

/// Rows for schools that were inserted past the triggers: each with some numbers, then the sums of their areas.
const ROWS: &str = "INSERT INTO school_figures (school_id, province_code, managing_unit_id, day, is_active, pupils, pupils_in,
        slips, staff, staff_in, checked, clean)
    SELECT id, province_code, managing_unit_id, current_date, abs(hashtext(code)) % 5 > 0, 200 + abs(hashtext(code)) % 1800,
        abs(hashtext(code)) % 200, 200, 60, 50, 260, 200
    FROM schools ON CONFLICT (school_id) DO NOTHING";

async fn slowest(address: SocketAddr, path: &str, cookie: &str) -> f64 {
    let mut client = Client::at(address).await;
    let mut times = Vec::new();
    for _ in 0..REQUESTS {
        let began = Instant::now();
        client.get(path, cookie).await;
        times.push(since(began));
    }
    p99(times)
}

/// So many schools that a page of them is full, whatever it is narrowed to: in the province of the pages, with other
/// codes than those of fifty thousand.
fn four_hundred(schools: &str) -> String {
    let fewer = schools.replace("generate_series(1, 50000)", "generate_series(1, 400)");
    let elsewhere = fewer.replace("10000000 + n", "20000000 + n");
    elsewhere.replace("kind = 'department'", "kind = 'department' AND province_code = '79'")
}

/// Half of those who have signed in did so first on one day, three days ago; and which it is.
fn first_on_a_day() -> (String, String) {
    let day = (chrono::Utc::now().date_naive() - chrono::Days::new(3)).to_string();
    let update = format!(
        "UPDATE members SET first_signed_in_at = '{day} 02:00+00'
         WHERE first_signed_in_at IS NOT NULL AND abs(hashtext(id::text)) % 2 = 0"
    );
    (update, day)
}

/// The slowest of each, round by round, after one that does not count.
async fn compared(address: SocketAddr, rounds: usize, path: &str, cookie: &str) -> f64 {
    slowest(address, path, cookie).await;
    let mut times = Vec::new();
    for _ in 0..rounds {
        times.push(slowest(address, path, cookie).await);
    }
    median(times)
}

/// Writes past the program, as the database's administrator.
async fn write(site: &Site, statements: &[&str]) {
    let mut admin = site.admin(DATABASE).await;
    for statement in statements {
        sqlx::raw_sql(AssertSqlSafe(*statement)).execute(&mut admin).await.unwrap();
    }
    site.settle(DATABASE).await;
}

async fn run() {
    let site = Site::start(DATABASE).await;
    let app = site.app(DATABASE, 8, 1);
    let owner = site.owner(DATABASE).await;
    let pupils = of_environment("BENCH_PUPILS").unwrap_or(100_000);
    let rounds = of_environment("BENCH_ROUNDS").unwrap_or(3);
    demo::make(&app, &owner, DemoSize { schools: 2, pupils: 2_000, seed: 1 }).await.unwrap();
    let demo = demo::make(&app, &owner, DemoSize { schools: 3, pupils, seed: 1 }).await.unwrap();
    let small = demo::make(&app, &owner, DemoSize { schools: 2, pupils: 2_000, seed: 1 }).await.unwrap();
    owner.pool().close().await;
    let (first, day) = first_on_a_day();
    write(&site, &[SIGNED_IN, BOUNCES, ENTRIES, first.as_str()]).await;
    let (large, small) = (&demo.schools[2], &small.schools[0]);

    heading(&format!("Reports of {pupils} pupils, {rounds} rounds"));
    for school in [small, large] {
        let scope = Scope::system(directory::find(&app.db, &school.code).await.unwrap());
        let began = Instant::now();
        daily::write(&scope, &app, app.clock.now()).await.unwrap();
        figure(&format!("counting {}", school.code), since(began), "ms", None);
    }
    let pages = serve(router::router(&app)).await;
    let cookies = [cookie_of(&app, &small.owner.login).await, cookie_of(&app, &large.owner.login).await];
    for report in REPORTS.map(str::to_owned).into_iter().chain([format!("use?first={day}")]) {
        let path = |code: &str| format!("/schools/{code}/reports/{report}");
        let of_small = compared(pages, rounds, &path(&small.code), &cookies[0]).await;
        let of_large = compared(pages, rounds, &path(&large.code), &cookies[1]).await;
        figure(&format!("{report}, 99 of 100, in a school of 2000"), of_small, "ms", None);
        figure(&format!("{report}, 99 of 100"), of_large, "ms", None);
        figure(&format!("{report}, times a school of 2000"), of_large / of_small, "times", Some(MOST_TIMES));
    }

    let operator = cookie_of(&app, &demo.operators[0].login).await;
    let all = include_str!("../tests/suite/support/fifty_thousand_schools.sql");
    // Each with its figures, and those of its areas.
    let few_schools = four_hundred(all);
    write(&site, &[few_schools.as_str(), ROWS, DAYS]).await;
    let mut few = Vec::new();
    for path in OF_OPERATORS {
        few.push(compared(pages, rounds, path, &operator).await);
    }
    write(&site, &[all, ROWS, DAYS]).await;
    heading(&format!("What operators see of 50,000 schools, {rounds} rounds"));
    for (path, of_few) in OF_OPERATORS.into_iter().zip(few) {
        let of_many = compared(pages, rounds, path, &operator).await;
        figure(&format!("{path}, 99 of 100, of 400 schools"), of_few, "ms", None);
        figure(&format!("{path}, 99 of 100"), of_many, "ms", None);
        figure(&format!("{path}, times that of 400"), of_many / of_few, "times", Some(MOST_TIMES));
    }
    app.db.pool().close().await;
    site.leave().await;
}

fn main() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run());
}
