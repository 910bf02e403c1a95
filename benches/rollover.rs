//! A school of 20,000 pupils moves to the new year: its draft is made and applied, against the bare set-based SQL that leaves
//! the same rows in the same tables; and the draft's pages, against those of a draft of 500. All in the same run on the same
//! server.
//!
//! `BENCH_PUPILS` and `BENCH_ROUNDS` make it shorter.

// A benchmark may panic on a failed precondition, and may read the machine's clock.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

mod support;

use std::sync::Arc;
use std::time::Instant;

use schoolgate::{
    access::{Granted, Scope, may},
    app::App,
    db::{embedded::ServerRole, provision},
    demo::{self, DemoSize},
    ids::PlanId,
    jobs,
    plan::{
        apply,
        model::{Plan, PlanState},
        store, undo,
    },
    rollover::{changes, store as drafts},
    router,
    schools::directory,
    sources::rollover,
    vietnam::school_year::SchoolYear,
};
use sqlx::PgConnection;
use support::client::{Client, cookie_of, p99, serve, since};
use support::site::Site;
use support::{figure, heading, median, of_environment};

const DATABASE: &str = "rollover";
const SMALL: &str = "rollover_small";

/// How many times the bare SQL making and applying a draft may take.
const MOST_TIMES: f64 = 2.0;

/// How many times a page of a draft of 500 one of the large draft may take, at the 99th percentile.
const MOST_PAGES: f64 = 1.5;

/// How many pupils the small draft has.
const FEW: usize = 500;

/// How often each page is requested.
const REQUESTS: usize = 300;

const PAGES: [&str; 6] =
    ["", "/classes", "/pupils", "/pupils?outcome=finished", "/pupils?q=nguy%E1%BB%85n", "/balance"];

/// The rows of a draft: where each pupil of a class of the year goes.
const MAKE: [&str; 2] = [
    "INSERT INTO rollovers (school_id, id, from_year_id, to_year_id, state, created_at)
     SELECT $1, '00000000-0000-0000-0000-0000000000aa', f.id, t.id, 'open', now() FROM school_years f, school_years t
     WHERE f.school_id = $1 AND f.name = $2 AND t.school_id = $1 AND t.name = $3",
    "WITH draft AS (SELECT id, from_year_id FROM rollovers WHERE school_id = $1 AND state = 'open'),
     targets AS (
         INSERT INTO rollover_targets (school_id, rollover_id, name, sort_key, grade)
         SELECT c.school_id, d.id, c.name, c.sort_key, c.grade FROM classes c JOIN draft d ON c.school_year_id = d.from_year_id
         WHERE c.school_id = $1 AND $2::text <> $3::text RETURNING name),
     drafted AS (
         INSERT INTO rollover_classes (school_id, rollover_id, class_id, target)
         SELECT c.school_id, d.id, c.id, c.name FROM classes c JOIN draft d ON c.school_year_id = d.from_year_id
         WHERE c.school_id = $1 RETURNING class_id)
     INSERT INTO rollover_pupils (school_id, rollover_id, member_id, class_id, outcome, target, class_sort, given_name,
         family_name, middle_name)
     SELECT $1, d.id, m.id, c.id, 'promoted', c.name, c.sort_key, m.given_name, m.family_name, m.middle_name
     FROM draft d
     JOIN classes c ON c.school_id = $1 AND c.school_year_id = d.from_year_id
     JOIN enrolments e ON e.school_id = $1 AND e.class_id = c.id AND e.ended_at IS NULL
     JOIN members m ON m.school_id = $1 AND m.id = e.member_id AND m.role = 'student' AND m.status <> 'left'",
];

/// The rows of a plan of the draft ($3), of its year ($2), as reading and applying leave them.
const APPLY: [&str; 9] = [
    r#"INSERT INTO plan_rows (school_id, plan_id, line, outcome, "values", before, member_id, member_version, search)
       SELECT $1, $3, 1000000 + row_number() OVER (ORDER BY p.class_sort, p.given_name, p.member_id),
           CASE WHEN p.target IS NULL THEN 'leave' ELSE 'update' END,
           jsonb_build_object('full_name', m.full_name, 'birth_date', m.birth_date, 'class', coalesce(p.target, c.name)),
           jsonb_build_object('class', c.name), m.id, m.version, m.words
       FROM rollover_pupils p
       JOIN members m ON m.school_id = $1 AND m.id = p.member_id
       JOIN classes c ON c.school_id = $1 AND c.id = p.class_id
       WHERE p.school_id = $1 AND $2::uuid IS NOT NULL"#,
    r#"UPDATE plan_rows r SET was = jsonb_build_object('status', m.status, 'account', m.account_id, 'enrolments', (
           SELECT jsonb_agg(jsonb_build_object('year', e.school_year_id, 'class', e.class_id, 'ended_at', e.ended_at))
           FROM enrolments e WHERE e.school_id = $1 AND e.member_id = m.id))
       FROM members m
       WHERE r.school_id = $1 AND r.plan_id = $3 AND r.line > 1000000 AND m.school_id = $1 AND m.id = r.member_id
           AND $2::uuid IS NOT NULL"#,
    "INSERT INTO classes (school_id, id, school_year_id, name, sort_key, grade, homeroom_member_id, created_at)
     SELECT $1, gen_random_uuid(), $2, t.name, t.sort_key, t.grade, t.homeroom_member_id, now() FROM rollover_targets t
     WHERE t.school_id = $1 AND $3::uuid IS NOT NULL",
    "INSERT INTO enrolments (school_id, school_year_id, member_id, class_id)
     SELECT $1, $2, p.member_id, c.id FROM rollover_pupils p
     JOIN classes c ON c.school_id = $1 AND c.school_year_id = $2 AND c.name = p.target
     WHERE p.school_id = $1 AND $3::uuid IS NOT NULL",
    "INSERT INTO imported_members (school_id, plan_id, what, at, member_id)
     SELECT $1, $3, 'changed', now(), p.member_id FROM rollover_pupils p
     WHERE p.school_id = $1 AND p.target IS NOT NULL AND $2::uuid IS NOT NULL",
    "INSERT INTO closings (school_id, member_id, plan_id, due_on)
     SELECT $1, p.member_id, $3, now()::date + 60 FROM rollover_pupils p
     WHERE p.school_id = $1 AND p.outcome = 'finished' AND $2::uuid IS NOT NULL",
    "UPDATE plan_rows SET result = 'done'
     WHERE school_id = $1 AND plan_id = $3 AND line > 1000000 AND $2::uuid IS NOT NULL",
    "UPDATE rollover_pupils SET plan_id = $3 WHERE school_id = $1 AND $2::uuid IS NOT NULL",
    "UPDATE rollovers SET state = 'applied', applied_at = now() WHERE school_id = $1 AND to_year_id = $2
         AND $3::uuid IS NOT NULL",
];

/// Does all that is due; gives the plan.
async fn work(app: &App, scope: &Scope, plan_id: PlanId) -> Plan {
    jobs::run_until_empty(app.db.pool(), &router::handlers(), Arc::new(app.clone())).await.unwrap();
    let mut tx = app.db.begin_in(scope.school_id()).await.unwrap();
    let plan = store::find(scope, &mut tx, plan_id).await.unwrap();
    tx.commit().await.unwrap();
    plan
}

/// Milliseconds of the bare writing of a draft, of which nothing stays.
async fn bare_draft(app: &App, scope: &Scope, to: SchoolYear) -> f64 {
    let from = to.previous().unwrap().to_string();
    let began = Instant::now();
    let mut tx = app.db.begin_work_in(scope.school_id()).await.unwrap();
    for statement in MAKE {
        sqlx::query(statement)
            .bind(scope.school_id())
            .bind(&from)
            .bind(to.to_string())
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    let wrote = since(began);
    tx.rollback().await.unwrap();
    wrote
}

/// Milliseconds of the bare writing of what a plan of the draft leaves, of which nothing stays.
async fn bare_plan(app: &App, scope: &Scope, plan: &Plan) -> f64 {
    let began = Instant::now();
    let mut tx = app.db.begin_work_in(scope.school_id()).await.unwrap();
    for statement in APPLY {
        let query = sqlx::query(statement).bind(scope.school_id()).bind(plan.school_year_id).bind(plan.id);
        query.execute(&mut *tx).await.unwrap();
    }
    let wrote = since(began);
    tx.rollback().await.unwrap();
    wrote
}

/// What each step of a round took, in milliseconds.
struct Round {
    bare_draft: f64,
    made: f64,
    bare_plan: f64,
    read: f64,
    applied: f64,
}

/// From nothing to a school that has moved on, and back.
async fn round(site: &Site, app: &App, scope: &Scope, to: SchoolYear) -> Round {
    let owners: Granted<may::ManageClasses> = scope.grant().unwrap();
    let bare_draft = bare_draft(app, scope, to).await;
    let began = Instant::now();
    changes::begin(&owners, app, to).await.unwrap().unwrap();
    let made = since(began);
    site.settle(DATABASE).await;
    let began = Instant::now();
    let plan_id = rollover::begin(&owners, app).await.unwrap().unwrap();
    let plan = work(app, scope, plan_id).await;
    let read = since(began);
    assert_eq!(plan.state, PlanState::Ready, "{:?}", plan.counts);
    let bare_plan = bare_plan(app, scope, &plan).await;
    let accounts = scope.grant().unwrap();
    let began = Instant::now();
    assert!(apply::start(&accounts, app, plan_id, None).await.unwrap());
    let plan = work(app, scope, plan_id).await;
    let applied = since(began);
    assert_eq!(plan.state, PlanState::Applied, "{:?}", plan.counts);
    assert!(undo::start(&accounts, app, plan_id).await.unwrap());
    assert_eq!(work(app, scope, plan_id).await.state, PlanState::Undone);
    assert!(changes::discard(&owners, app).await.unwrap());
    site.settle(DATABASE).await;
    Round { bare_draft, made, bare_plan, read, applied }
}

async fn pupils_of(admin: &mut PgConnection) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM rollover_pupils").fetch_one(admin).await.unwrap()
}

async fn move_on(site: &Site, app: &App, scope: &Scope, to: SchoolYear, rounds: usize) {
    // The year of the draft is there from the first round on, and plans are known.
    round(site, app, scope, to).await;
    let mut all = Vec::new();
    for _ in 0..rounds {
        all.push(round(site, app, scope, to).await);
    }
    let of = |what: fn(&Round) -> f64| median(all.iter().map(what).collect());
    let bare_draft = of(|round| round.bare_draft);
    let made = of(|round| round.made);
    let bare_plan = of(|round| round.bare_plan);
    let whole = of(|round| round.read + round.applied);
    figure("the bare SQL of a draft", bare_draft, "ms", None);
    figure("a draft made", made, "ms", Some(bare_draft * MOST_TIMES));
    figure("made, times the bare SQL", made / bare_draft, "times", Some(MOST_TIMES));
    figure("the bare SQL of a plan of it, applied", bare_plan, "ms", None);
    figure("a plan made, until it can be reviewed", of(|round| round.read), "ms", None);
    figure("applied", of(|round| round.applied), "ms", None);
    figure("a plan made and applied", whole, "ms", Some(bare_plan * MOST_TIMES));
    figure("made and applied, times the bare SQL", whole / bare_plan, "times", Some(MOST_TIMES));
}

/// The 99th percentile of each page of the draft of a school, in milliseconds.
async fn pages(site: &Site, database: &str, app: &App, scope: &Scope, to: SchoolYear, owner: &str) -> Vec<f64> {
    changes::begin(&scope.grant().unwrap(), app, to).await.unwrap().unwrap();
    site.settle(database).await;
    let cookie = cookie_of(app, owner).await;
    let mut client = Client::at(serve(router::router(app)).await).await;
    let mut slowest = Vec::new();
    for page in PAGES {
        let path = format!("/schools/{}/rollover{page}", scope.school.code);
        client.get(&path, &cookie).await;
        let mut times = Vec::new();
        for _ in 0..REQUESTS {
            let began = Instant::now();
            client.get(&path, &cookie).await;
            times.push(since(began));
        }
        slowest.push(p99(times));
    }
    slowest
}

/// A school of so many pupils in a database of its own, and the year that comes next.
async fn school(site: &Site, database: &str, pupils: usize) -> (App, Scope, SchoolYear, String) {
    let app = site.app(database, 8, 1);
    let owner = site.owner(database).await;
    let demo = demo::make(&app, &owner, DemoSize { schools: 2, pupils, seed: 1 }).await.unwrap();
    owner.pool().close().await;
    let scope = Scope::system(directory::find(&app.db, &demo.schools[0].code).await.unwrap());
    let mut tx = app.db.begin_in(scope.school_id()).await.unwrap();
    let to = changes::proposed(&scope, &mut tx).await.unwrap().unwrap();
    assert!(drafts::open(&scope, &mut tx).await.unwrap().is_none());
    tx.commit().await.unwrap();
    (app, scope, to, demo.schools[0].owner.login.clone())
}

async fn run() {
    let site = Site::start(DATABASE).await;
    site.server.ensure_database(SMALL).await.unwrap();
    let owner = site.owner(SMALL).await;
    provision::migrate(owner.pool(), ServerRole::App.name()).await.unwrap();
    owner.pool().close().await;
    let many = of_environment("BENCH_PUPILS").unwrap_or(20_000);
    let rounds = of_environment("BENCH_ROUNDS").unwrap_or(5);
    let (app, scope, to, owner) = school(&site, DATABASE, many).await;
    let (small_app, small_scope, small_to, small_owner) = school(&site, SMALL, many.min(FEW)).await;
    let few = pages(&site, SMALL, &small_app, &small_scope, small_to, &small_owner).await;
    let of_few = pupils_of(&mut site.admin(SMALL).await).await;
    let slow = pages(&site, DATABASE, &app, &scope, to, &owner).await;
    let pupils = pupils_of(&mut site.admin(DATABASE).await).await;
    heading(&format!("{pupils} pupils move to the new year, {rounds} rounds"));
    assert!(changes::discard(&scope.grant().unwrap(), &app).await.unwrap());
    move_on(&site, &app, &scope, to, rounds).await;
    heading("Pages of the draft, 99 of 100");
    for ((page, few), many) in PAGES.iter().zip(&few).zip(&slow) {
        figure(&format!("/rollover{page}, {of_few} pupils"), *few, "ms", None);
        figure(&format!("/rollover{page}, {pupils} pupils"), *many, "ms", Some(few * MOST_PAGES));
        figure(&format!("/rollover{page}, times {of_few} pupils"), many / few, "times", Some(MOST_PAGES));
    }
    app.db.pool().close().await;
    small_app.db.pool().close().await;
    site.leave().await;
}

fn main() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run());
}
