//! One entry in the timetable of a school of 60 classes with 1,800 lessons: its time against that in a school of 6 classes,
//! and entries per second against a bare route that does the same write in the same scoped transaction. All over HTTP, in
//! the same run on the same server.
//!
//! `BENCH_ROUNDS` makes it shorter or longer.

// A benchmark may panic on a failed precondition, and may read the machine's clock.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

mod support;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::post,
};
use schoolgate::{
    access::Scope,
    app::App,
    demo::{self, DemoSize},
    ids::{ClassId, MemberId, SubjectId, TimetableId},
    router,
    schools::{classes, directory, years},
    timetable::{
        lessons::{self, LessonPlacing},
        model::{Session, Slot},
        setup,
        versions::{self, NewVersion},
    },
};
use sqlx::PgConnection;
use support::client::{Client, cookie_of, rate, serve, since};
use support::site::Site;
use support::{figure, heading, median, of_environment};

const DATABASE: &str = "timetable";

/// How many times the time of a school of 6 classes an entry may take.
const MOST_TIMES: f64 = 1.5;

/// The least number of entries for each answer of the bare route.
const LEAST_SHARE: f64 = 0.4;

const LARGE: usize = 60;
const SMALL: usize = 6;

/// How many entries are made in each school in a round.
const ENTRIES: usize = 200;

/// How long each side is asked in a round, and by how many clients, each in classes of its own.
const SPELL: Duration = Duration::from_secs(3);
const CLIENTS: usize = 4;

/// What is typed in turn.
const TYPED: [&str; 2] = ["Văn", "Toán"];

const TEACHERS: &str =
    "INSERT INTO members (school_id, id, role, status, full_name, given_name, family_name, middle_name,
        words, created_at)
    SELECT $1, gen_random_uuid(), 'teacher', 'active', 'Vũ Thị ' || n, n::text, 'vu', 'thi', '', now()
    FROM generate_series(1, $2 - (SELECT count(*) FROM members
        WHERE school_id = $1 AND role = 'teacher' AND status = 'active')) n";

/// Thirty lessons for each class, and none on Tuesday: its number and that of the slot say the teacher, so that none has
/// two at a time.
const LESSONS: &str = "WITH c AS (SELECT id, row_number() OVER (ORDER BY sort_key) - 1 AS n FROM classes
            WHERE school_id = $1 AND school_year_id = $3),
        t AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n, count(*) OVER () AS many FROM members
            WHERE school_id = $1 AND role = 'teacher' AND status = 'active'),
        s AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n, count(*) OVER () AS many FROM timetable_subjects
            WHERE school_id = $1)
    INSERT INTO timetable_lessons (school_id, version_id, class_id, day, session, period, subject_id, teacher_id)
    SELECT $1, $2, c.id, (ARRAY[1, 3, 4, 5, 6, 1])[slot / 5 + 1], CASE WHEN slot < 25 THEN 'morning' ELSE 'afternoon' END,
        slot % 5 + 1, s.id, t.id
    FROM c CROSS JOIN generate_series(0, 29) slot
    JOIN t ON t.n = (c.n + slot) % t.many JOIN s ON s.n = slot % s.many";

/// What each class has of each subject, all of it from a teacher of its own.
const ASSIGNMENTS: &str = "WITH c AS (SELECT id, row_number() OVER (ORDER BY sort_key) AS n FROM classes
            WHERE school_id = $1 AND school_year_id = $2),
        t AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM members
            WHERE school_id = $1 AND role = 'teacher' AND status = 'active')
    INSERT INTO timetable_assignments (school_id, id, class_id, subject_id, teacher_id, periods)
    SELECT $1, gen_random_uuid(), c.id, s.id, t.id, 2
    FROM c JOIN t USING (n) JOIN timetable_subjects s ON s.school_id = $1";

/// A school's timetable, and a cookie of its owner.
struct Grid {
    scope: Scope,
    version: TimetableId,
    /// Each with the teacher that it has.
    classes: Vec<(ClassId, MemberId)>,
    subjects: [SubjectId; 2],
    cookie: String,
}

impl Grid {
    async fn of(app: &App, admin: &mut PgConnection, code: &str, login: &str, count: usize) -> Self {
        let scope = Scope::system(directory::find(&app.db, code).await.unwrap());
        let mut tx = app.db.begin_in(scope.school_id()).await.unwrap();
        let year = years::current(&scope, &mut tx, app.clock.today()).await.unwrap();
        let there = classes::of_year(&scope, &mut tx, year.id).await.unwrap().len();
        let names: Vec<String> = (there..count).map(|n| format!("11B{n}")).collect();
        classes::insert(&scope, app, &mut tx, year.id, &names, Some("11")).await.unwrap();
        setup::ensure(&scope.grant().unwrap(), app, &mut tx).await.unwrap();
        tx.commit().await.unwrap();
        sqlx::query(TEACHERS)
            .bind(scope.school_id())
            .bind(i64::try_from(count * 2).unwrap())
            .execute(&mut *admin)
            .await
            .unwrap();
        let new = NewVersion { year_id: year.id, name: "TKB".to_owned(), holds_from: year.starts_on, copy_of: None };
        let version = versions::make(&scope.grant().unwrap(), app, &new).await.unwrap().unwrap();
        sqlx::query(LESSONS).bind(scope.school_id()).bind(version).bind(year.id).execute(&mut *admin).await.unwrap();
        sqlx::query(ASSIGNMENTS).bind(scope.school_id()).bind(year.id).execute(&mut *admin).await.unwrap();
        let classes = "SELECT DISTINCT class_id, teacher_id FROM timetable_assignments WHERE school_id = $1";
        let classes = sqlx::query_as(classes).bind(scope.school_id()).fetch_all(&mut *admin).await.unwrap();
        let subject = "SELECT id FROM timetable_subjects WHERE school_id = $1 AND short_name = $2";
        let mut subjects = [SubjectId::nil(); 2];
        for (short_name, id) in TYPED.iter().zip(&mut subjects) {
            *id = sqlx::query_scalar(subject)
                .bind(scope.school_id())
                .bind(short_name)
                .fetch_one(&mut *admin)
                .await
                .unwrap();
        }
        Self { version, classes, subjects, cookie: cookie_of(app, login).await, scope }
    }

    fn path(&self, class: usize) -> String {
        let (class, _) = self.classes[class % self.classes.len()];
        format!("/schools/{}/timetable/versions/{}/classes/{class}", self.scope.school.code, self.version)
    }

    /// Types a subject into a period of a class, another one each time.
    async fn enter(&self, client: &mut Client, class: usize, turn: usize) {
        let period = (turn / 2 % 5 + 1).to_string();
        let form = [
            ("day", "2"),
            ("session", "morning"),
            ("period", period.as_str()),
            ("subject", TYPED[turn % 2]),
            ("teacher", ""),
            ("room", ""),
        ];
        assert_eq!(client.post(&self.path(class), &self.cookie, &form).await, "303");
    }
}

/// The bare route: the lesson is placed, and nothing else is done.
async fn placed(State((app, grid)): State<(App, Arc<Grid>)>, Path((class, turn)): Path<(usize, usize)>) -> StatusCode {
    let period = i16::try_from(turn / 2 % 5 + 1).unwrap();
    let slot = Slot { day: 2, session: Session::Morning, period };
    let (class, teacher) = grid.classes[class % grid.classes.len()];
    let placing = LessonPlacing {
        subject_id: grid.subjects[turn % 2],
        teacher_id: Some(teacher),
        room_id: None,
        is_locked: false,
    };
    let granted = grid.scope.grant().unwrap();
    let tx = app.db.begin_in(granted.school_id()).await.unwrap();
    lessons::place(&granted, &app, tx, grid.version, (class, slot), Some(placing), None).await.unwrap().unwrap();
    StatusCode::SEE_OTHER
}

/// The median of each of two schools, in milliseconds.
async fn times(address: SocketAddr, grids: [&Grid; 2]) -> [f64; 2] {
    let mut client = Client::at(address).await;
    let mut times = [Vec::new(), Vec::new()];
    for turn in 0..ENTRIES {
        for (grid, times) in grids.iter().zip(&mut times) {
            let began = Instant::now();
            grid.enter(&mut client, 0, turn).await;
            times.push(since(began));
        }
    }
    times.map(median)
}

async fn run() {
    let site = Site::start(DATABASE).await;
    let app = site.app(DATABASE, 8, 1);
    let owner = site.owner(DATABASE).await;
    let rounds = of_environment("BENCH_ROUNDS").unwrap_or(5);
    let demo = demo::make(&app, &owner, DemoSize { schools: 4, pupils: 200, seed: 1 }).await.unwrap();
    owner.pool().close().await;
    let mut admin = site.admin(DATABASE).await;
    // A university begins without subjects.
    let schools: Vec<_> = demo.schools[1..].iter().filter(|school| !school.code.starts_with("DH")).collect();
    let [small, large] = [schools[0], schools[1]];
    let small = Grid::of(&app, &mut admin, &small.code, &small.owner.login, SMALL).await;
    let large = Arc::new(Grid::of(&app, &mut admin, &large.code, &large.owner.login, LARGE).await);
    site.settle(DATABASE).await;
    let pages = serve(router::router(&app)).await;
    let bare = Router::new().route("/bare/{class}/{turn}", post(placed)).with_state((app.clone(), Arc::clone(&large)));
    let bare = serve(bare).await;

    times(pages, [&large, &small]).await;
    let (mut of_large, mut of_small, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let (mut entries, mut writes, mut costs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let [in_large, in_small] = times(pages, [&large, &small]).await;
        of_large.push(in_large);
        of_small.push(in_small);
        ratios.push(in_large / in_small);
        let entered = rate(CLIENTS, SPELL, |number, until| {
            let large = Arc::clone(&large);
            async move {
                let (mut client, mut count) = (Client::at(pages).await, 0);
                while Instant::now() < until {
                    large.enter(&mut client, number + 1, usize::try_from(count).unwrap()).await;
                    count += 1;
                }
                count
            }
        });
        let entered = entered.await;
        let written = rate(CLIENTS, SPELL, |number, until| async move {
            let (mut client, mut count) = (Client::at(bare).await, 0);
            while Instant::now() < until {
                assert_eq!(client.post(&format!("/bare/{}/{count}", number + 1), "", &[]).await, "303");
                count += 1;
            }
            count
        });
        let written = written.await;
        entries.push(entered);
        writes.push(written);
        costs.push(written / entered);
    }
    let counts: (i64, i64) =
        sqlx::query_as("SELECT count(*), count(DISTINCT class_id) FROM timetable_lessons WHERE version_id = $1")
            .bind(large.version)
            .fetch_one(&mut admin)
            .await
            .unwrap();
    heading(&format!("{} lessons in {} classes, {rounds} rounds", counts.0, counts.1));
    figure(&format!("an entry in a school of {} classes", small.classes.len()), median(of_small), "ms", None);
    figure("an entry", median(of_large), "ms", None);
    figure("an entry, times the smaller school", median(ratios), "times", Some(MOST_TIMES));
    figure("entries a second", median(entries), "1/s", None);
    figure("answers of the bare route a second", median(writes), "1/s", None);
    // The cost of an entry is the reciprocal of its share.
    figure("answers of the bare route for each entry", median(costs), "times", Some(1.0 / LEAST_SHARE));
    app.db.pool().close().await;
    site.leave().await;
}

fn main() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run());
}
