//! Pupils in an .xlsx, from upload to applied: against reading the file's cells and inserting the same rows into the
//! same tables, in the same run on the same server; and the memory of a server that does it.
//!
//! Everything measured begins in a new copy of one database, right after a checkpoint. `BENCH_ROWS` and `BENCH_ROUNDS`
//! make it shorter.

// A benchmark may panic on a failed precondition, and may read the machine's clock.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

mod support;

use std::sync::Arc;
use std::time::Instant;

use schoolgate::{
    access::{self, SchoolKind, Scope},
    app::App,
    db::embedded::ServerRole,
    demo::{self, DemoSize},
    ids::PlanId,
    ids::SchoolId,
    jobs, operator,
    plan::{
        apply,
        draft::Upload,
        model::{PlanState, Source},
        store, undo,
    },
    router,
    schools::years,
    sources::import,
};
use sqlx::PgConnection;
use support::rows::Table;
use support::site::{KEY, Site};
use support::{figure, heading, median, of, of_environment, read_cells, server, workbook};

/// How many rows, and in how many rounds: each figure is their median, and each round measures everything that is
/// compared.
const SIZES: [(u32, usize); 2] = [(20_000, 5), (100_000, 3)];

/// How many times the time of reading and inserting alone an import may take.
const MOST_TIMES: f64 = 2.0;

/// How many times the time of a row in the shortest list one in the longest may take.
const MOST_GROWTH: f64 = 1.15;

const MOST_MEMORY_MIB: f64 = 150.0;

/// The database that all others are copies of.
const TEMPLATE: &str = "template_of_all";

const HEADERS: [&str; 12] = [
    "Họ và tên (*)",
    "Giới tính (*)",
    "Lớp (*)",
    "Ngày sinh (*)",
    "Họ và tên mẹ",
    "Năm sinh của mẹ",
    "Họ và tên người giám hộ",
    "Email",
    "Điện thoại",
    "Địa chỉ",
    "CMND/CCCD",
    "Mã định danh Bộ GD&ĐT",
];

/// No two have the name and the birth date in common; usernames are the program's to find.
fn pupil(number: u32) -> [String; HEADERS.len()] {
    const MIDDLE: [&str; 20] = [
        "Minh", "Gia", "Bảo", "Khánh", "Tuấn", "Quốc", "Hoài", "Thanh", "Đức", "Kim", "Anh", "Hải", "Mai", "Lan",
        "Phúc", "Thu", "Xuân", "Diệu", "Trọng", "Uyên",
    ];
    let family = of(&["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Đặng"], number);
    let middle = of(&["Văn", "Thị", "Hữu", "Ngọc", "Thùy"], number / 6);
    let second = of(&MIDDLE, number / 5040);
    let given = of(&["An", "Bình", "Phương", "Đạt", "Hằng", "Kiếm", "Quỳnh"], number / 30);
    let (grade, year) = (1 + number % 12, 20 - number % 12);
    [
        format!("{family} {middle} {second} {given}"),
        of(&["Nam", "Nữ"], number),
        format!("{grade}A{}", 1 + number / 12 % 40),
        format!("{:02}/{:02}/20{year:02}", 1 + number % 28, 1 + number / 12 % 12),
        format!("{given} {middle} {family}"),
        (1970 + number % 25).to_string(),
        if number.is_multiple_of(3) { format!("{family} {second} {middle}") } else { String::new() },
        format!("p{number}@example.edu.vn"),
        format!("09{number:08}"),
        format!("Số {number}, Phường Ba Đình, Thành phố Hà Nội"),
        format!("001{}{year:02}{number:06}", 2 + number % 2),
        format!("{}", 1_000_000_000 + number),
    ]
}

/// The database server, on which many databases are made.
struct Bench {
    site: Site,
    school: Scope,
}

impl Bench {
    /// Makes the template: with the demo's two schools, and an empty one.
    async fn start() -> Self {
        let site = Site::start(TEMPLATE).await;
        let school = access::School {
            id: SchoolId::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001),
            code: "01009999".to_owned(),
            name: "Trường phổ thông Cổng Trường".to_owned(),
            kind: SchoolKind::K12,
            year_starts_month: 8,
            look: access::Look::default(),
        };
        let bench = Self { site, school: Scope::system(Arc::new(school)) };
        let app = bench.app(TEMPLATE);
        let owner = bench.site.owner(TEMPLATE).await;
        demo::make(&app, &owner, DemoSize { schools: 2, pupils: 120, seed: 1 }).await.unwrap();
        owner.pool().close().await;
        let mut tx = app.db.begin_in(bench.school.school_id()).await.unwrap();
        operator::insert_demo_school(&bench.school, &app, &mut tx, "01").await.unwrap();
        let year = years::calendar_year(&bench.school.school, app.clock.today());
        years::add(&bench.school, &app, &mut tx, year).await.unwrap();
        tx.commit().await.unwrap();
        app.db.pool().close().await;
        bench
    }

    fn app(&self, database: &str) -> App {
        self.site.app(database, 24, 1)
    }

    /// The program over a new database, with nothing waiting to be written.
    async fn fresh(&self, name: &str) -> App {
        self.site.server.create_database(name, Some(TEMPLATE)).await.unwrap();
        let app = self.app(name);
        app.db.pool().acquire().await.unwrap();
        sqlx::query("CHECKPOINT").execute(&mut self.site.admin(name).await).await.unwrap();
        app
    }

    async fn drop(&self, app: App, name: &str) {
        app.db.pool().close().await;
        self.site.server.drop_database(name).await.unwrap();
    }

    /// The whole import, as the command line runs it: seconds until it can be reviewed, and until it is applied; and the
    /// plan.
    async fn import(&self, app: &App, file: &[u8], rows: u32) -> (f64, f64, PlanId) {
        let granted = self.school.grant().unwrap();
        let handlers = router::handlers();
        let since = Instant::now();
        let upload = Upload { source: Source::Students, file_name: "pupils.xlsx", file, year_id: None };
        let plan_id = import::begin(&granted, app, upload).await.unwrap();
        jobs::run_until_empty(app.db.pool(), &handlers, Arc::new(app.clone())).await.unwrap();
        let planned = since.elapsed().as_secs_f64();
        let since = Instant::now();
        assert!(apply::start(&granted, app, plan_id, None).await.unwrap());
        jobs::run_until_empty(app.db.pool(), &handlers, Arc::new(app.clone())).await.unwrap();
        let applied = since.elapsed().as_secs_f64();
        let mut tx = app.db.begin_in(self.school.school_id()).await.unwrap();
        let plan = store::find(&self.school, &mut tx, plan_id).await.unwrap();
        assert_eq!((plan.state, plan.counts.create), (PlanState::Applied, i64::from(rows)), "{:?}", plan.counts);
        (planned, applied, plan_id)
    }

    /// Seconds until all of it is taken back.
    async fn undo(&self, app: &App, plan_id: PlanId, rows: u32) -> f64 {
        let since = Instant::now();
        assert!(undo::start(&self.school.grant().unwrap(), app, plan_id).await.unwrap());
        jobs::run_until_empty(app.db.pool(), &router::handlers(), Arc::new(app.clone())).await.unwrap();
        let undone = since.elapsed().as_secs_f64();
        let mut tx = app.db.begin_in(self.school.school_id()).await.unwrap();
        let plan = store::find(&self.school, &mut tx, plan_id).await.unwrap();
        assert_eq!((plan.state, plan.results.undone), (PlanState::Undone, i64::from(rows)), "{:?}", plan.results);
        undone
    }

    /// Reads the cells and inserts the rows: seconds of reading, of inserting, and of inserting the plan's rows.
    async fn baseline(&self, app: &App, file: &[u8], tables: &Tables) -> (f64, f64, f64) {
        let mut tx = app.db.begin_work_in(self.school.school_id()).await.unwrap();
        for table in &tables.around {
            table.insert(&mut tx, self.school.school_id()).await;
        }
        tx.commit().await.unwrap();

        let since = Instant::now();
        read_cells(file);
        let cells = since.elapsed().as_secs_f64();
        let [roster, plan] = [&tables.roster[..], std::slice::from_ref(&tables.plan_rows)];
        let mut times = Vec::new();
        for tables in [roster, plan] {
            let since = Instant::now();
            let mut tx = app.db.begin_work_in(self.school.school_id()).await.unwrap();
            for table in tables {
                table.insert(&mut tx, self.school.school_id()).await;
            }
            tx.commit().await.unwrap();
            times.push(since.elapsed().as_secs_f64());
        }
        (cells, times[0], times[1])
    }
}

/// What an import wrote.
struct Tables {
    /// Tables that the others refer to; there are a few rows of it.
    around: Vec<Table>,
    roster: Vec<Table>,
    plan_rows: Table,
}

impl Tables {
    async fn read(admin: &mut PgConnection, school: SchoolId) -> Self {
        let mut around = Vec::new();
        for (name, of) in [("classes", "school_id = $1"), ("plans", "school_id = $1")] {
            around.push(Table::read(admin, name, of, school).await);
        }
        let mut roster = Vec::new();
        for (name, of) in [
            ("accounts", "id IN (SELECT account_id FROM members WHERE school_id = $1)"),
            ("members", "school_id = $1"),
            ("guardians", "school_id = $1"),
            ("enrolments", "school_id = $1"),
            ("member_words", "school_id = $1"),
            ("memberships", "school_id = $1"),
        ] {
            roster.push(Table::read(admin, name, of, school).await);
        }
        Self { around, roster, plan_rows: Table::read(admin, "plan_rows", "school_id = $1", school).await }
    }
}

/// Gives the milliseconds that a row takes: to come in, and to be taken back.
async fn compare(bench: &Bench, rows: u32, rounds: usize) -> [f64; 2] {
    let file = workbook(HEADERS, rows, pupil, false);
    let app = bench.fresh("first").await;
    bench.import(&app, &file, rows).await;
    let tables = Tables::read(&mut bench.site.admin("first").await, bench.school.school_id()).await;
    bench.drop(app, "first").await;

    let (mut planned, mut applied, mut whole, mut undone) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut cells, mut roster, mut plan_rows, mut baseline) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        for ours in [round % 2 == 0, round % 2 == 1] {
            let app = bench.fresh("round").await;
            if ours {
                let (plan, apply, plan_id) = bench.import(&app, &file, rows).await;
                undone.push(bench.undo(&app, plan_id, rows).await);
                planned.push(plan);
                applied.push(apply);
                whole.push(plan + apply);
            } else {
                let (read, insert, insert_plan) = bench.baseline(&app, &file, &tables).await;
                cells.push(read);
                roster.push(insert);
                plan_rows.push(insert_plan);
                baseline.push(read + insert + insert_plan);
            }
            bench.drop(app, "round").await;
        }
    }
    let (cells, roster, plan_rows) = (median(cells), median(roster), median(plan_rows));
    let (baseline, whole, undone) = (median(baseline), median(whole), median(undone));
    heading(&format!("{rows} rows of .xlsx, {rounds} rounds"));
    figure("cells alone", cells, "s", None);
    figure("inserting people, guardians, classes, words, accounts", roster, "s", None);
    figure("inserting the plan's rows", plan_rows, "s", None);
    figure("upload to review", median(planned), "s", None);
    figure("review to applied", median(applied), "s", None);
    figure("upload to applied", whole, "s", Some(baseline * MOST_TIMES));
    figure("upload to applied, times reading and inserting", whole / baseline, "times", Some(MOST_TIMES));
    figure("the same, the plan's rows not counted as to be inserted", whole / (cells + roster), "times", None);
    figure("applied to taken back", undone, "s", None);
    [whole, undone].map(|seconds| 1000.0 * seconds / f64::from(rows))
}

/// How much memory a server takes above what it has when idle, from upload to applied.
async fn memory(bench: &Bench, rows: u32) {
    let file = workbook(HEADERS, rows, pupil, false);
    let app = bench.fresh("served").await;
    let url = bench.site.server.url(ServerRole::App, "served");
    let owner = bench.site.owner("served").await;
    let mut admin = bench.site.admin("served").await;
    let [idle, peak] = server::memory_of_import(&app, &owner, &mut admin, &url, KEY, &file).await;
    owner.pool().close().await;
    bench.drop(app, "served").await;
    heading(&format!("{rows} rows of .xlsx, over HTTP"));
    figure("memory of the server, idle", idle, "MiB", None);
    figure("memory of the server, above idle", peak - idle, "MiB", Some(MOST_MEMORY_MIB));
}

async fn run() {
    let bench = Bench::start().await;
    let rows = of_environment("BENCH_ROWS").map(|rows| u32::try_from(rows).unwrap());
    let rounds = of_environment("BENCH_ROUNDS");
    let mut of_a_row = Vec::new();
    for (size, usual) in SIZES.into_iter().filter(|(size, _)| rows.is_none_or(|_| *size == SIZES[0].0)) {
        of_a_row.push(compare(&bench, rows.unwrap_or(size), rounds.unwrap_or(usual)).await);
    }
    if let [shortest, .., longest] = of_a_row[..] {
        heading("Growth");
        for (what, shortest, longest) in
            [("imported", shortest[0], longest[0]), ("taken back", shortest[1], longest[1])]
        {
            figure(&format!("a row of the shortest list, {what}"), shortest, "ms", None);
            figure(
                &format!("a row of the longest list, {what}, times that"),
                longest / shortest,
                "times",
                Some(MOST_GROWTH),
            );
        }
    }
    memory(&bench, rows.unwrap_or(SIZES[1].0)).await;
    bench.site.leave().await;
}

fn main() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run());
}
