//! The registry at its largest: a sync of 100,000 people, one in a hundred of them changed, against reading both sides
//! from PostgreSQL and writing the same changes set-wise; the operators' queue with 10,000 submissions against one with
//! 100; the page of a sync for which 10,000 people wait against 100; a list of 200,000 rows that is handed in, against
//! reading its cells; and pages of others while one token hands in a hundred lists at once. All in the same run on the
//! same server.
//!
//! `BENCH_PUPILS`, `BENCH_ROUNDS` and `BENCH_SECONDS` make it shorter.

// A benchmark may panic on a failed precondition, and may read the machine's clock.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

mod support;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use schoolgate::{
    access::{Scope, TokenScope},
    app::App,
    db::embedded::ServerRole,
    demo::{self, DemoSize},
    ids::{MemberId, PlanId, SchoolId},
    jobs,
    plan::{
        apply,
        model::{Plan, PlanState, Source},
        store,
        upload::Sealing,
    },
    registry::submissions::SubmissionKind,
    router,
    schools::directory,
    sources::registry,
    submissions::actions::{self, NewSubmission},
    tokens,
};
use sqlx::{PgConnection, Row};
use support::client::{Client, cookie_of, fire, p99, serve, since};
use support::server::Server;
use support::site::{KEY, Site};
use support::{figure, heading, median, of, of_environment, read_cells, workbook};

const DATABASE: &str = "registry";

/// How many times the time of reading both sides and writing the changes a sync may take.
const MOST_SYNC: f64 = 2.0;

/// How many times the time of a queue of 100 one of 10,000 may take, at the 99th percentile.
const MOST_QUEUE: f64 = 1.5;

/// One in so many people has changed.
const CHANGED: i64 = 100;

/// How often a page is requested in a round, and in how many rounds.
const REQUESTS: usize = 300;
const PAGE_ROUNDS: usize = 3;

/// How many lists one token hands in at once, and how many times as long others may wait for their pages meanwhile.
const LISTS: usize = 100;
const MOST_SLOWER: f64 = 2.0;

/// How many people look at pages meanwhile, and how long at each.
const READERS: usize = 4;
const LOOK: Duration = Duration::from_millis(50);

/// Does all that is due; gives the plan.
async fn work(app: &App, scope: &Scope, plan_id: PlanId) -> Plan {
    jobs::run_until_empty(app.db.pool(), &router::handlers(), Arc::new(app.clone())).await.unwrap();
    let mut tx = app.db.begin_in(scope.school_id()).await.unwrap();
    let plan = store::find(scope, &mut tx, plan_id).await.unwrap();
    tx.commit().await.unwrap();
    plan
}

/// A sync from its beginning until it is applied: the seconds of both parts, and its plan.
async fn sync(app: &App, scope: &Scope) -> (f64, f64, Plan) {
    let granted = scope.grant().unwrap();
    let began = Instant::now();
    let plan_id = registry::begin(&granted, app, Source::Registry).await.unwrap();
    let plan = work(app, scope, plan_id).await;
    let made = began.elapsed().as_secs_f64();
    assert_eq!(plan.state, PlanState::Ready, "{:?}", plan.counts);
    let began = Instant::now();
    assert!(apply::start(&granted, app, plan_id, None).await.unwrap());
    let plan = work(app, scope, plan_id).await;
    assert_eq!(plan.state, PlanState::Applied, "{:?}", plan.counts);
    (made, began.elapsed().as_secs_f64(), plan)
}

/// The registry says something else of one person in a hundred.
async fn change(admin: &mut PgConnection, school: SchoolId, round: usize) -> i64 {
    let changed = sqlx::query(
        "UPDATE registry_people SET version = version + 1, changed_at = now(),
             fields = fields || jsonb_build_object('phone', '09' || lpad(($3 * 1000000 + place)::text, 8, '0'))
         FROM (SELECT id AS changed, row_number() OVER (ORDER BY id) AS place FROM registry_people
               WHERE school_id = $1 AND kind = 'student' AND left_at IS NULL) numbered
         WHERE school_id = $1 AND id = changed AND place % $2 = 0",
    )
    .bind(school)
    .bind(CHANGED)
    .bind(i64::try_from(round).unwrap())
    .execute(admin)
    .await
    .unwrap();
    i64::try_from(changed.rows_affected()).unwrap()
}

/// Seconds of reading all people of both sides, and of writing one value of one in a hundred, with what was synced.
async fn baseline(app: &App, scope: &Scope, round: usize) -> (f64, f64) {
    let school = scope.school_id();
    let began = Instant::now();
    let mut tx = app.db.begin_work_in(school).await.unwrap();
    let registry = sqlx::query(
        "SELECT p.id, p.version, p.fields, c.name, l.base, l.member_id FROM registry_people p
         LEFT JOIN registry_classes c ON c.school_id = p.school_id AND c.id = p.class_id
         LEFT JOIN registry_links l ON l.school_id = p.school_id AND l.registry_person_id = p.id
         WHERE p.school_id = $1",
    );
    let registry = registry.bind(school).fetch_all(&mut *tx).await.unwrap();
    let members = sqlx::query(
        "SELECT m.id, m.version, m.full_name, m.gender, m.birth_date, m.email, m.phone, m.address, m.national_id,
             m.moet_id, m.status, c.name, g.full_name, g.birth_year FROM members m
         LEFT JOIN enrolments e ON e.school_id = m.school_id AND e.member_id = m.id AND e.ended_at IS NULL
         LEFT JOIN classes c ON c.school_id = m.school_id AND c.id = e.class_id
         LEFT JOIN guardians g ON g.school_id = m.school_id AND g.member_id = m.id AND g.relation = 'mother'
         WHERE m.school_id = $1",
    );
    let members = members.bind(school).fetch_all(&mut *tx).await.unwrap();
    let read = began.elapsed().as_secs_f64();
    assert!(members.len() >= registry.len() * 9 / 10);
    let step = usize::try_from(CHANGED).unwrap();
    let ids: Vec<MemberId> =
        registry.iter().step_by(step).filter_map(|row| row.get::<Option<MemberId>, _>(5)).collect();
    let phones: Vec<String> = (0..ids.len()).map(|place| format!("08{:08}", round * 1_000_000 + place)).collect();
    let began = Instant::now();
    for write in [
        "UPDATE members m SET phone = new.phone, version = m.version + 1, words = m.words
         FROM unnest($2::uuid[], $3::text[]) AS new (id, phone) WHERE m.school_id = $1 AND m.id = new.id",
        "UPDATE registry_links l SET base = l.base || jsonb_build_object('phone', new.phone), synced_at = now()
         FROM unnest($2::uuid[], $3::text[]) AS new (id, phone) WHERE l.school_id = $1 AND l.member_id = new.id",
    ] {
        sqlx::query(write).bind(school).bind(&ids).bind(&phones).execute(&mut *tx).await.unwrap();
    }
    let wrote = began.elapsed().as_secs_f64();
    // What it wrote is no sync.
    tx.rollback().await.unwrap();
    (read, wrote)
}

async fn syncs(site: &Site, app: &App, scope: &Scope, rounds: usize) {
    let mut admin = site.admin(DATABASE).await;
    // The differences that the demo has.
    sync(app, scope).await;
    site.settle(DATABASE).await;
    let (mut made, mut applied, mut whole, mut read, mut wrote, mut bare) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut people = 0;
    for round in 1..=rounds {
        let changed = change(&mut admin, scope.school_id(), round).await;
        let (making, applying, plan) = sync(app, scope).await;
        assert_eq!(plan.counts.update, changed, "{:?}", plan.counts);
        people = plan.counts.all();
        made.push(making);
        applied.push(applying);
        whole.push(making + applying);
        let (reading, writing) = baseline(app, scope, round).await;
        read.push(reading);
        wrote.push(writing);
        bare.push(reading + writing);
    }
    let (whole, bare) = (median(whole), median(bare));
    heading(&format!("A sync of {people} people, one in {CHANGED} changed, {rounds} rounds"));
    figure("reading both sides", median(read), "s", None);
    figure("writing the changes set-wise", median(wrote), "s", None);
    figure("made, until it can be reviewed", median(made), "s", None);
    figure("applied", median(applied), "s", None);
    figure("made and applied", whole, "s", Some(bare * MOST_SYNC));
    figure("made and applied, times reading and writing alone", whole / bare, "times", Some(MOST_SYNC));
}

/// One list waits of each of so many schools, in no order of theirs. The first hundred are found by each filter, so
/// that all pages are full however many wait.
const WAITING: &str = "
    INSERT INTO submission_queue (plan_id, school_id, province_code, kind, state, submitted_at, counts, quality)
    SELECT gen_random_uuid(), id, province_code, 'pupils', 'submitted',
        now() - (hashtext(code) & 65535) * interval '1 second', '{\"create\": 40}', '{\"no-email\": 3}'
    FROM schools s WHERE code ~ '^1[0-9]{7}$' AND ($2 OR province_code = '79' AND name LIKE 'Trường THPT %')
        AND NOT EXISTS (SELECT FROM submission_queue q WHERE q.school_id = s.id)
    ORDER BY code LIMIT $1";

/// The 99th percentile of a page, the median of some rounds.
async fn p99_of(client: &mut Client, path: &str, cookie: &str) -> f64 {
    client.get(path, cookie).await;
    let mut rounds = Vec::new();
    for _ in 0..PAGE_ROUNDS {
        let mut times = Vec::new();
        for _ in 0..REQUESTS {
            let began = Instant::now();
            client.get(path, cookie).await;
            times.push(since(began));
        }
        rounds.push(p99(times));
    }
    median(rounds)
}

async fn queue(site: &Site, app: &App) {
    let schools = include_str!("../tests/suite/support/fifty_thousand_schools.sql");
    sqlx::raw_sql(schools).execute(&mut site.admin(DATABASE).await).await.unwrap();
    let mut admin = site.admin(DATABASE).await;
    let operator = "operator@schoolgate.example.vn";
    let cookie = cookie_of(app, operator).await;
    let pages = serve(router::router(app)).await;
    let mut slowest = Vec::new();
    for (count, is_any) in [(100_i64, false), (9_900, true)] {
        let made = sqlx::query(WAITING).bind(count).bind(is_any).execute(&mut admin).await.unwrap();
        assert_eq!(i64::try_from(made.rows_affected()).unwrap(), count);
        site.settle(DATABASE).await;
        let mut client = Client::at(pages).await;
        let mut times = Vec::new();
        for path in ["/operator/submissions", "/operator/submissions?q=thpt", "/operator/submissions?province=79"] {
            times.push((path, p99_of(&mut client, path, &cookie).await));
        }
        slowest.push(times);
    }
    heading("The queue of submissions, 99 of 100 pages");
    for ((path, few), (_, many)) in slowest[0].iter().zip(&slowest[1]) {
        figure(&format!("{path}, 100 waiting"), *few, "ms", None);
        figure(&format!("{path}, 10,000 waiting"), *many, "ms", Some(few * MOST_QUEUE));
        figure(&format!("{path}, times 100 waiting"), many / few, "times", Some(MOST_QUEUE));
    }
}

/// The registry says something else of so many people.
const CHANGE_SOME: &str = "
    UPDATE registry_people SET version = version + 1, changed_at = now()
    WHERE school_id = $1 AND id IN (
        SELECT p.id FROM registry_people p
        WHERE p.school_id = $1 AND p.left_at IS NULL AND NOT EXISTS (
            SELECT FROM registry_due d WHERE d.school_id = $1 AND d.registry_person_id = p.id)
        LIMIT $2)";

/// The pages that say how many people wait for a sync.
async fn waiting(site: &Site, app: &App, scope: &Scope, owner: &str) {
    let mut admin = site.admin(DATABASE).await;
    let cookie = cookie_of(app, owner).await;
    let pages = serve(router::router(app)).await;
    let code = &scope.school.code;
    let paths = ["accounts/sync", "accounts/new/student"].map(|page| format!("/schools/{code}/{page}"));
    let mut slowest = Vec::new();
    for wanted in [100_i64, 10_000] {
        let due = "SELECT count(*) FROM registry_due WHERE school_id = $1";
        let due: i64 = sqlx::query_scalar(due).bind(scope.school_id()).fetch_one(&mut admin).await.unwrap();
        let missing = (wanted - due).max(0);
        sqlx::query(CHANGE_SOME).bind(scope.school_id()).bind(missing).execute(&mut admin).await.unwrap();
        site.settle(DATABASE).await;
        let mut client = Client::at(pages).await;
        let mut times = Vec::new();
        for path in &paths {
            times.push(p99_of(&mut client, path, &cookie).await);
        }
        slowest.push(times);
    }
    heading("What waits for a sync, 99 of 100 pages");
    for ((path, few), many) in paths.iter().zip(&slowest[0]).zip(&slowest[1]) {
        figure(&format!("{path}, 100 wait"), *few, "ms", None);
        figure(&format!("{path}, 10,000 wait"), *many, "ms", Some(few * MOST_QUEUE));
    }
}

/// How long people wait for pages of another school during so long.
async fn readers(address: SocketAddr, code: &str, cookie: &str, spell: Duration) -> Vec<f64> {
    let until = Instant::now() + spell;
    let days: Vec<_> = (0..READERS)
        .map(|_| {
            let (code, cookie) = (code.to_owned(), cookie.to_owned());
            tokio::spawn(async move {
                let mut client = Client::at(address).await;
                let mut times = Vec::new();
                while Instant::now() < until {
                    for page in ["", "/accounts", "/classes"] {
                        let began = Instant::now();
                        client.get(&format!("/schools/{code}{page}"), &cookie).await;
                        times.push(since(began));
                        tokio::time::sleep(LOOK).await;
                    }
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for day in days {
        times.extend(day.await.unwrap());
    }
    times
}

/// A hundred lists of two thousand teachers, at once and by one token.
async fn flood(site: &Site, app: &App, scope: &Scope, calm: &demo::DemoSchool) {
    let token = tokens::make(&scope.grant().unwrap(), app, "SMAS", &[TokenScope::Submit]).await.unwrap().unwrap();
    let cookie = cookie_of(app, &calm.owner.login).await;
    let server = Server::start(&site.server.url(ServerRole::App, DATABASE), KEY, cookie.clone());
    let spell = Duration::from_secs(of_environment("BENCH_SECONDS").unwrap_or(10) as u64);
    readers(server.address, &calm.code, &cookie, Duration::from_secs(2)).await;
    let idle = readers(server.address, &calm.code, &cookie, spell).await;

    let row = |number: u32| {
        let [middle, given] = [of(&["Văn", "Thị", "Hoài"], number), of(&["An", "Bình", "Chi", "Dung"], number / 3)];
        let name = format!("Lê {middle} {given}");
        [name, "Nam".to_owned(), format!("{:02}/03/1980", 1 + number % 28), format!("gv{number}@example.vn")]
    };
    let file = workbook(["Họ và tên", "Giới tính", "Ngày sinh", "Email"], 2_000, row, true);
    let part = "--b0und\r\ncontent-disposition: form-data; name=";
    let kind = format!("{part}\"kind\"\r\n\r\nstaff\r\n{part}\"file\"; filename=\"ds.xlsx\"\r\n\r\n");
    let body: Arc<[u8]> = [kind.as_bytes(), &file, b"\r\n--b0und--\r\n"].concat().into();
    let head = format!(
        "POST /api/submissions HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\nprefer: respond-async\r\n\
         content-type: multipart/form-data; boundary=b0und\r\n"
    );
    let lists: Vec<_> = (0..LISTS)
        .map(|_| {
            let (head, body, address) = (head.clone(), Arc::clone(&body), server.address);
            tokio::spawn(async move { fire(address, head, &body).await.unwrap_or_default() })
        })
        .collect();
    let meanwhile = readers(server.address, &calm.code, &cookie, spell).await;
    let mut statuses: BTreeMap<String, usize> = BTreeMap::new();
    for list in lists {
        *statuses.entry(list.await.unwrap()).or_default() += 1;
    }
    heading(&format!("{LISTS} lists at once by one token, and pages of another school"));
    figure("a page, half of them are quicker, idle", median(idle.clone()), "ms", None);
    figure("the same meanwhile", median(meanwhile.clone()), "ms", Some(median(idle.clone()) * MOST_SLOWER));
    figure("a page, 99 of 100 are quicker, idle", p99(idle.clone()), "ms", None);
    figure("the same meanwhile", p99(meanwhile), "ms", Some(p99(idle) * MOST_SLOWER));
    println!("what the token was told: {statuses:?}");
}

/// A list that is longer than may be read: refused, and no sooner than it is read anyway.
async fn huge(app: &App, scope: &Scope) {
    let row = |number: u32| {
        [
            format!("Lê Văn {}", of(&["An", "Bình", "Chi"], number)),
            "Nam".to_owned(),
            "10A1".to_owned(),
            "02/03/2011".to_owned(),
        ]
    };
    let file = workbook(["Họ và tên", "Giới tính", "Lớp", "Ngày sinh"], 200_000, row, true);
    let began = Instant::now();
    read_cells(&file);
    let cells = began.elapsed().as_secs_f64();
    let began = Instant::now();
    let mut sealing = Sealing::begin(app).unwrap();
    sealing.push(&file).await.unwrap();
    let file = sealing.finish().await.unwrap();
    let new =
        NewSubmission { kind: SubmissionKind::Pupils, file_name: "huge.xlsx", file, year_id: None, token_id: None };
    let plan_id = actions::begin(&scope.grant().unwrap(), app, new).await.unwrap();
    let plan = work(app, scope, plan_id).await;
    assert_eq!(plan.state, PlanState::Refused, "{:?}", plan.counts);
    heading("200,000 rows handed in");
    figure("reading the cells", cells, "s", None);
    figure("handed in, until they are refused", began.elapsed().as_secs_f64(), "s", None);
}

async fn run() {
    let site = Site::start(DATABASE).await;
    let app = site.app(DATABASE, 8, 1);
    let owner = site.owner(DATABASE).await;
    let pupils = of_environment("BENCH_PUPILS").unwrap_or(100_000);
    let rounds = of_environment("BENCH_ROUNDS").unwrap_or(3);
    // The first school of the demo lives from the registry.
    let demo = demo::make(&app, &owner, DemoSize { schools: 2, pupils, seed: 1 }).await.unwrap();
    owner.pool().close().await;
    let [own, calm] = &demo.schools[..] else { panic!("the demo has two schools") };
    let scope = Scope::system(directory::find(&app.db, &own.code).await.unwrap());
    syncs(&site, &app, &scope, rounds).await;
    huge(&app, &scope).await;
    waiting(&site, &app, &scope, &own.owner.login).await;
    flood(&site, &app, &scope, calm).await;
    queue(&site, &app).await;
    app.db.pool().close().await;
    site.leave().await;
}

fn main() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run());
}
