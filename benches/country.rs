//! What people of a school wait for, with a country beside it: signing in, the list, a search, a person's page, the
//! home page and the operators' directory, in a database with thousands of schools against one with two. The two
//! databases are on one server and hold the same two schools; they are asked in turn, over HTTP.
//!
//! `BENCH_SCHOOLS` and `BENCH_PUPILS` (in each) say how large the country is, `BENCH_ROUNDS` how long this takes. From
//! a thousand schools on they are of different sizes: 2,600 with 700 pupils each are two million accounts.

// A benchmark may panic on a failed precondition, and may read the machine's clock.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

mod support;

use std::time::Instant;

use schoolgate::{
    app::App,
    demo::{self, Demo, DemoSize, PASSWORD},
    ids::MemberId,
    router,
    schools::directory,
};
use support::client::{Client, cookie_of, p99, serve, since};
use support::site::Site;
use support::{figure, heading, median, of_environment};

/// The databases: two schools alone, and with all others beside them.
const ALONE: &str = "alone";
const BESIDE: &str = "beside";

/// How many times the time of two schools alone anything may take, at the 99th percentile.
const MOST_TIMES: f64 = 1.2;

/// How many pupils each of the two schools has.
const PUPILS: usize = 700;

/// How often each page is asked for in a round, and how often a person signs in.
const REQUESTS: usize = 300;
const SIGN_INS: usize = 100;

/// What a person asks for.
#[derive(Clone, Copy)]
enum Asked {
    SignIn,
    /// A page of the school, of its owner.
    School(&'static str),
    /// A pupil's page.
    Person,
    /// A page of the operators.
    Operators(&'static str),
}

const ALL: [(&str, Asked); 8] = [
    ("signing in", Asked::SignIn),
    ("home", Asked::School("")),
    ("the list", Asked::School("/accounts?role=student")),
    ("a search", Asked::School("/accounts?role=student&q=nguyen+thi+an")),
    ("a person", Asked::Person),
    ("the operators' directory", Asked::Operators("/operator/schools")),
    ("a school that operators look for", Asked::Operators("/operator/schools?q=le+quy+don")),
    ("the schools of a province", Asked::Operators("/operator/schools?province=79")),
];

/// A database as the program serves it, and who asks.
struct Side {
    client: Client,
    school: String,
    person: String,
    pupil: String,
    owner: String,
    operator: String,
}

impl Side {
    async fn serve(app: &App, demo: &Demo) -> Self {
        let school = &demo.schools[0];
        let scope = directory::find(&app.db, &school.code).await.unwrap();
        let mut tx = app.db.begin_in(scope.id).await.unwrap();
        let member: MemberId =
            sqlx::query_scalar("SELECT id FROM members WHERE school_id = $1 AND role = 'student' ORDER BY id LIMIT 1")
                .bind(scope.id)
                .fetch_one(&mut *tx)
                .await
                .unwrap();
        tx.commit().await.unwrap();
        let path = format!("/schools/{}", school.code);
        Self {
            client: Client::at(serve(router::router(app)).await).await,
            person: format!("{path}/accounts/{member}"),
            school: path,
            pupil: school.student.login.clone(),
            owner: cookie_of(app, &school.owner.login).await,
            operator: cookie_of(app, &demo.operators[0].login).await,
        }
    }

    async fn ask(&mut self, asked: Asked) {
        match asked {
            Asked::SignIn => {
                let status = self.client.sign_in(&self.pupil, PASSWORD, "203.0.113.7").await;
                assert_eq!(status, "303", "{}", self.pupil);
            }
            Asked::School(page) => self.client.get(&format!("{}{page}", self.school), &self.owner).await,
            Asked::Person => self.client.get(&self.person, &self.owner).await,
            Asked::Operators(page) => self.client.get(page, &self.operator).await,
        }
    }
}

/// The 99th percentile for each of the two, in milliseconds.
async fn slowest(sides: &mut [Side; 2], asked: Asked) -> [f64; 2] {
    let mut times = [Vec::new(), Vec::new()];
    let count = if matches!(asked, Asked::SignIn) { SIGN_INS } else { REQUESTS };
    for _ in 0..count {
        for (side, times) in sides.iter_mut().zip(&mut times) {
            let began = Instant::now();
            side.ask(asked).await;
            times.push(since(began));
        }
    }
    times.map(p99)
}

async fn make(site: &Site, app: &App, database: &str, size: DemoSize) -> Demo {
    let owner = site.owner(database).await;
    let demo = demo::make(app, &owner, size).await.unwrap();
    owner.pool().close().await;
    demo
}

async fn run() {
    let rounds = of_environment("BENCH_ROUNDS").unwrap_or(5);
    let schools = of_environment("BENCH_SCHOOLS").unwrap_or(300);
    let pupils = of_environment("BENCH_PUPILS").unwrap_or(150);
    let site = Site::start(ALONE).await;
    let app = site.app(ALONE, 8, 1);
    let two = make(&site, &app, ALONE, DemoSize { schools: 2, pupils: PUPILS, seed: 1 }).await;
    app.db.pool().close().await;
    // The same two schools in both, to the last id.
    site.server.create_database(BESIDE, Some(ALONE)).await.unwrap();
    let (alone, beside) = (site.app(ALONE, 8, 1), site.app(BESIDE, 8, 1));
    let began = Instant::now();
    make(&site, &beside, BESIDE, DemoSize { schools, pupils, seed: 1 }).await;
    let made = began.elapsed().as_secs_f64();
    let people: i64 =
        sqlx::query_scalar("SELECT count(*) FROM accounts").fetch_one(&mut site.admin(BESIDE).await).await.unwrap();
    site.settle(ALONE).await;
    site.settle(BESIDE).await;

    heading(&format!("{people} accounts in {schools} schools, beside two schools alone; {rounds} rounds"));
    figure("making them", made, "s", None);
    let mut sides = [Side::serve(&alone, &two).await, Side::serve(&beside, &two).await];
    for (what, asked) in ALL {
        slowest(&mut sides, asked).await;
        let (mut few, mut many, mut times) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let [of_few, of_many] = slowest(&mut sides, asked).await;
            few.push(of_few);
            many.push(of_many);
            times.push(of_many / of_few);
        }
        figure(&format!("{what}, 99 of 100, alone"), median(few), "ms", None);
        figure(&format!("{what}, 99 of 100, beside the others"), median(many), "ms", None);
        figure(&format!("{what}, times alone"), median(times), "times", Some(MOST_TIMES));
    }
    for app in [alone, beside] {
        app.db.pool().close().await;
    }
    site.leave().await;
}

fn main() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run());
}
