//! The registry at its largest: a sync of 100,000 people, one in a hundred of them changed, against reading both sides
//! from PostgreSQL and writing the same changes set-wise; the operators' queue with 10,000 submissions against one with
//! 100; and a list of 200,000 rows that is handed in, against reading its cells. All in the same run on the same server.
//!
//! `BENCH_PUPILS` and `BENCH_ROUNDS` make it shorter.

// A benchmark may panic on a failed precondition, and may read the machine's clock.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

mod support;

use std::sync::Arc;
use std::time::Instant;

use schoolgate::{
    access::Scope,
    app::App,
    demo::{self, Size},
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
};
use sqlx::{PgConnection, Row};
use support::client::{Client, cookie_of, p99, serve, since};
use support::site::Site;
use support::{figure, heading, median, of, of_environment, read_cells, workbook};

const DATABASE: &str = "registry";

/// How many times the time of reading both sides and writing the changes a sync may take.
const MOST_SYNC: f64 = 2.0;

/// How many times the time of a queue of 100 one of 10,000 may take, at the 99th percentile.
const MOST_QUEUE: f64 = 1.5;

/// One in so many people has changed.
const CHANGED: i64 = 100;

/// How often a page of the queue is requested in a round.
const REQUESTS: usize = 300;

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

/// One list waits of each of so many schools.
const WAITING: &str = "
    INSERT INTO submission_queue (plan_id, school_id, province_code, kind, state, submitted_at, counts, quality)
    SELECT gen_random_uuid(), id, province_code, 'pupils', 'submitted', now() - length(name) * interval '1 minute',
        '{\"create\": 40}', '{\"no-email\": 3}'
    FROM schools WHERE code ~ '^1[0-9]{7}$' ORDER BY code LIMIT $1 OFFSET $2";

async fn queue(site: &Site, app: &App) {
    let schools = include_str!("../tests/suite/support/fifty_thousand_schools.sql");
    sqlx::raw_sql(schools).execute(&mut site.admin(DATABASE).await).await.unwrap();
    let mut admin = site.admin(DATABASE).await;
    let operator = "operator@schoolgate.example.vn";
    let cookie = cookie_of(app, operator).await;
    let pages = serve(router::router(app)).await;
    let mut slowest = Vec::new();
    for (count, before) in [(100_i64, 0_i64), (9_900, 100)] {
        sqlx::query(WAITING).bind(count).bind(before).execute(&mut admin).await.unwrap();
        site.settle(DATABASE).await;
        let mut client = Client::at(pages).await;
        let mut times = Vec::new();
        for path in ["/operator/submissions", "/operator/submissions?q=thpt", "/operator/submissions?province=79"] {
            client.get(path, &cookie).await;
            let mut of_page = Vec::new();
            for _ in 0..REQUESTS {
                let began = Instant::now();
                client.get(path, &cookie).await;
                of_page.push(since(began));
            }
            times.push((path, p99(of_page)));
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
    demo::make(&app, &owner, Size { schools: 2, pupils, seed: 1 }).await.unwrap();
    owner.pool().close().await;
    let scope = Scope::system(directory::find(&app.db, "79000701").await.unwrap());
    syncs(&site, &app, &scope, rounds).await;
    huge(&app, &scope).await;
    queue(&site, &app).await;
    app.db.pool().close().await;
    site.leave().await;
}

fn main() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run());
}
