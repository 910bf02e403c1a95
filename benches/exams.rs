//! An exam of a large school: 2,000 candidates, 80 rooms, 9 papers and 160 invigilators are seated and assigned, against the
//! bare writing of the same rows into the same tables, in the same run on the same server.
//!
//! `BENCH_ROUNDS` makes it shorter or longer.

// A benchmark may panic on a failed precondition, and may read the machine's clock.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

mod support;

use std::time::Instant;

use chrono::{Duration, TimeZone, Utc};
use schoolgate::{
    access::Scope,
    app::App,
    demo::{self, DemoSize},
    exams::{
        actions::{Entrusted, candidates, duties, exam, papers, rooms, seats},
        marks::MarkKind,
        model::{DutyChoices, SeatingChoices},
        numbers::{NumberFormat, NumberOrder},
        seating::Fill,
    },
    ids::YearId,
    schools::directory,
};
use sqlx::PgConnection;
use support::client::since;
use support::rows::Table;
use support::site::Site;
use support::{figure, heading, median, of_environment};

const DATABASE: &str = "exams";

/// How many times the bare writing of the rows seating and assigning may take.
const MOST_TIMES: f64 = 3.0;

const CANDIDATES: i64 = 2_000;
const ROOMS: usize = 80;
const PAPERS: [&str; 9] =
    ["Toán", "Ngữ văn", "Tiếng Anh", "Vật lí", "Hóa học", "Sinh học", "Lịch sử", "Địa lí", "GDKT&PL"];
const INVIGILATORS: i64 = 160;

/// Teachers, as many as there are to be besides those that the school has.
const TEACHERS: &str =
    "INSERT INTO members (school_id, id, role, status, full_name, given_name, family_name, middle_name,
        words, created_at)
    SELECT $1, gen_random_uuid(), 'teacher', 'active', 'Vũ Thị ' || n, 'thi', 'vu', n::text, '', now()
    FROM generate_series(1, $2 - (SELECT count(*) FROM members
        WHERE school_id = $1 AND role = 'teacher' AND status = 'active')) n";

/// An exam with its papers, rooms, candidates and numbers.
async fn an_exam(app: &App, scope: &Scope, year_id: YearId) -> Entrusted {
    let new = exam::NewExam {
        name: "Kiểm tra cuối học kỳ I".to_owned(),
        year_id,
        grades: ["10", "11", "12"].map(str::to_owned).to_vec(),
        classes: Vec::new(),
        mark_kind: MarkKind::Points,
        entries: 1,
        types_at_speed: true,
    };
    let id = exam::create(&scope.grant().unwrap(), app, &new).await.unwrap().unwrap();
    let mut tx = app.db.begin_in(scope.school_id()).await.unwrap();
    let (entrusted, _) = Entrusted::find(&scope.grant().unwrap(), &mut tx, id, None).await.unwrap();
    tx.commit().await.unwrap();
    let first = Utc.with_ymd_and_hms(2026, 12, 14, 0, 30, 0).unwrap();
    for (at, subject) in (0..).zip(PAPERS) {
        let paper = papers::NewPaper {
            subject: subject.to_owned(),
            code: String::new(),
            grades: Vec::new(),
            // Two a day.
            starts_at: first + Duration::days(at / 2) + Duration::hours(at % 2 * 6),
            minutes: 90,
        };
        papers::put(&entrusted, app, None, &paper).await.unwrap().unwrap();
    }
    let names: Vec<String> = (1..=ROOMS).map(|n| format!("Phòng {n:02}")).collect();
    let room = rooms::NewRoom { name: String::new(), place: String::new(), seats: 25, most: 28 };
    rooms::add(&entrusted, app, &names, &room).await.unwrap().unwrap();
    candidates::add_classes(&entrusted, app, None).await.unwrap().unwrap();
    let format = NumberFormat::new("K", 4).unwrap();
    candidates::number(&entrusted, app, &format, NumberOrder::Name, "", false).await.unwrap().unwrap();
    entrusted
}

/// Seats all and gives out all duties; milliseconds of both.
async fn seat_and_assign(app: &App, entrusted: &Entrusted, round: usize) -> (f64, f64) {
    let seating = SeatingChoices { fill: Fill::Evenly, mix_classes: true, per_paper: true, seed: round.to_string() };
    let began = Instant::now();
    seats::seat(entrusted, app, &seating, false).await.unwrap().unwrap();
    let seated = since(began);
    let choices = DutyChoices {
        per_room: 2,
        rooms_per_corridor: 0,
        not_own_class: true,
        not_own_subject: true,
        seed: round.to_string(),
    };
    let began = Instant::now();
    duties::assign(entrusted, app, &choices).await.unwrap().unwrap();
    (seated, since(began))
}

/// Writes the rows that are there once more, in place of themselves; milliseconds.
async fn write(app: &App, admin: &mut PgConnection, entrusted: &Entrusted) -> f64 {
    let school = entrusted.school_id();
    let seats = Table::read(admin, "exam_seats", "school_id = $1", school).await;
    let duties = Table::read(admin, "exam_duties", "school_id = $1", school).await;
    let mut tx = app.db.begin_in(school).await.unwrap();
    let began = Instant::now();
    for table in ["DELETE FROM exam_seats WHERE school_id = $1", "DELETE FROM exam_duties WHERE school_id = $1"] {
        sqlx::query(table).bind(school).execute(&mut *tx).await.unwrap();
    }
    seats.insert(&mut tx, school).await;
    duties.insert(&mut tx, school).await;
    tx.commit().await.unwrap();
    since(began)
}

async fn run() {
    let site = Site::start(DATABASE).await;
    let app = site.app(DATABASE, 8, 1);
    let owner = site.owner(DATABASE).await;
    let rounds = of_environment("BENCH_ROUNDS").unwrap_or(5);
    let size = DemoSize { schools: 2, pupils: usize::try_from(CANDIDATES).unwrap(), seed: 1 };
    let demo = demo::make(&app, &owner, size).await.unwrap();
    owner.pool().close().await;
    let scope = Scope::system(directory::find(&app.db, &demo.schools[0].code).await.unwrap());
    let mut admin = site.admin(DATABASE).await;
    let most = INVIGILATORS + i64::try_from(ROOMS).unwrap();
    sqlx::query(TEACHERS).bind(scope.school_id()).bind(most).execute(&mut admin).await.unwrap();
    let year_id = sqlx::query_scalar(
        "SELECT c.school_year_id FROM classes c JOIN enrolments e ON e.school_id = c.school_id AND e.class_id = c.id
             AND e.ended_at IS NULL
         WHERE c.school_id = $1 GROUP BY c.school_year_id ORDER BY count(*) DESC LIMIT 1",
    )
    .bind(scope.school_id())
    .fetch_one(&mut admin)
    .await
    .unwrap();
    let entrusted = an_exam(&app, &scope, year_id).await;
    // So many of the teachers have duties.
    sqlx::query(
        "INSERT INTO exam_invigilators (school_id, exam_id, member_id)
         SELECT $1, $2, id FROM members WHERE school_id = $1 AND role = 'teacher' AND status = 'active' LIMIT $3",
    )
    .bind(scope.school_id())
    .bind(entrusted.exam_id)
    .bind(INVIGILATORS)
    .execute(&mut admin)
    .await
    .unwrap();
    site.settle(DATABASE).await;

    seat_and_assign(&app, &entrusted, 0).await;
    let (mut seated, mut assigned, mut written) = (Vec::new(), Vec::new(), Vec::new());
    for round in 1..=rounds {
        let (seats, duties) = seat_and_assign(&app, &entrusted, round).await;
        seated.push(seats);
        assigned.push(duties);
        written.push(write(&app, &mut admin, &entrusted).await);
    }
    let counts: (i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM exam_candidates WHERE school_id = $1),
             (SELECT count(*) FROM exam_seats WHERE school_id = $1), (SELECT count(*) FROM exam_duties WHERE school_id = $1)",
    )
    .bind(scope.school_id())
    .fetch_one(&mut admin)
    .await
    .unwrap();
    let rooms = i64::try_from(ROOMS).unwrap();
    let of_all = i64::try_from(PAPERS.len()).unwrap();
    assert!(counts.0 >= CANDIDATES && counts.1 == counts.0 * of_all, "all have seats: {counts:?}");
    assert_eq!(counts.2, rooms * 2 * of_all, "two in each of the rooms");
    heading(&format!("{} candidates, {} seats, {} duties, {rounds} rounds", counts.0, counts.1, counts.2));
    let (seated, assigned, written) = (median(seated), median(assigned), median(written));
    figure("seating all candidates in all papers", seated, "ms", None);
    figure("giving out all duties", assigned, "ms", None);
    figure("writing the same rows alone", written, "ms", None);
    figure("seated and assigned, times writing alone", (seated + assigned) / written, "times", Some(MOST_TIMES));
    app.db.pool().close().await;
    site.leave().await;
}

fn main() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run());
}
