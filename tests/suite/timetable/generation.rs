//! Timetables that the engine makes, judged by a check that knows nothing of it.

use std::{collections::BTreeSet, path::Path};

use rand::{RngExt, SeedableRng};
use schoolgate::ids::TimetableId;
use schoolgate::timetable::{
    model::{DAYS, Session, Slot},
    solver::{
        check,
        engine::{self, Ended, Run},
        feasible::{self, Impossible},
        fet::{self, Blamed},
        problem::{Need, Placed, Problem, ProblemClass, ProblemRoom, ProblemSubject, ProblemTeacher},
    },
};

use super::{Timetable, version};
use crate::support::say::{vi, vi1, vi2};
use crate::support::{TestApp, database::PROGRAM};

/// A school of so many classes, half of them in the morning and half in the afternoon, as schools are.
fn school(classes: usize, seed: u64) -> Problem {
    const PLAN: [(&str, i16, i16, bool, Option<usize>); 13] = [
        ("Toán", 4, 1, true, None),
        ("Văn", 4, 1, true, None),
        ("N.Ngữ", 3, 0, true, None),
        ("Lý", 2, 0, true, None),
        ("Hóa", 2, 0, true, Some(1)),
        ("Sinh", 2, 0, false, None),
        ("Sử", 2, 0, false, None),
        ("Địa", 2, 0, false, None),
        ("Tin", 2, 1, false, Some(0)),
        ("TD", 2, 0, false, Some(2)),
        ("GDQP", 2, 0, false, None),
        ("HĐTN", 1, 0, false, None),
        ("GDĐP", 1, 0, false, None),
    ];
    let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(seed);
    let periods: Vec<(Session, i16)> =
        Session::ALL.into_iter().flat_map(|session| (1..=5).map(move |period| (session, period))).collect();
    let (mut teachers, mut needs) = (Vec::<ProblemTeacher>::new(), Vec::new());
    for (subject, (name, count, doubles, _, room)) in PLAN.iter().enumerate() {
        let each = usize::try_from(16 / count).unwrap();
        for class in 0..classes {
            if class % each == 0 {
                teachers.push(ProblemTeacher {
                    name: format!("{name} {}", teachers.len()),
                    most_a_day: Some(5),
                    ..ProblemTeacher::default()
                });
            }
            let teacher = Some(teachers.len() - 1);
            needs.push(Need { class, subject, teacher, periods: *count, doubles: *doubles, room: *room });
        }
    }
    for teacher in &mut teachers {
        if rng.random_range(0..2) == 0 {
            let day = DAYS[rng.random_range(0..6)];
            teacher.blocked = periods.iter().map(|&(session, period)| Slot { day, session, period }).collect();
        }
    }
    let half = |class: usize| if class < classes / 2 { Session::Morning } else { Session::Afternoon };
    let closed = |class: usize| -> BTreeSet<Slot> {
        let other = if half(class) == Session::Morning { Session::Afternoon } else { Session::Morning };
        DAYS.into_iter().flat_map(|day| (1..=5).map(move |period| Slot { day, session: other, period })).collect()
    };
    let mut subjects: Vec<ProblemSubject> =
        PLAN.iter().map(|row| ProblemSubject { name: row.0.to_owned(), is_heavy: row.3 }).collect();
    subjects.push(ProblemSubject { name: "SHDC".to_owned(), is_heavy: false });
    let flag = |class: usize| Placed {
        class,
        slot: Slot { day: 1, session: half(class), period: 1 },
        subject: PLAN.len(),
        teacher: None,
        room: None,
    };
    let room = |name: &str, capacity| ProblemRoom { name: name.to_owned(), capacity };
    let places = i16::try_from(classes.div_ceil(20)).unwrap();
    Problem {
        name: "Trường <thử> & nghiệm".to_owned(),
        periods,
        teachers,
        classes: (0..classes)
            .map(|class| ProblemClass { name: format!("Lớp {class}"), blocked: closed(class) })
            .collect(),
        subjects,
        rooms: vec![room("Phòng Tin", places), room("Phòng Hóa", places), room("Nhà đa năng", places * 2)],
        needs,
        locked: (0..classes).map(flag).collect(),
    }
}

fn placed_by(problem: &Problem, ended: Ended) -> Vec<Placed> {
    match ended {
        Ended::Answer(answer) => fet::read_answer(problem, &answer).unwrap(),
        Ended::Nothing => panic!("the engine has made nothing"),
    }
}

async fn begun(problem: &Problem, seconds: u16, seed: u32) -> Run {
    let engine = engine::installed().expect("fet-cl: make test installs it");
    Run::start(Path::new(PROGRAM), &engine, fet::write(problem), seconds, seed).await.unwrap()
}

pub async fn solved(problem: &Problem, seconds: u16, seed: u32) -> Vec<Placed> {
    let mut run = begun(problem, seconds, seed).await;
    while run.wait_a_moment().await.unwrap() {}
    placed_by(problem, run.ended().await)
}

#[tokio::test]
async fn what_is_solved_has_no_hard_conflict() {
    for seed in 1..=12 {
        let problem = school(2 + usize::try_from(seed).unwrap() * 2, seed);
        assert_eq!(feasible::impossible(&problem), [], "{seed}");
        let placed = solved(&problem, 60, 1).await;
        assert_eq!(check::hard(&problem, &placed), [], "{seed}");
    }
}

#[tokio::test]
async fn a_school_of_sixty_classes_is_solved_within_its_time() {
    let problem = school(60, 7);
    let lessons: i16 = problem.needs.iter().map(|need| need.periods).sum();
    assert!(lessons + 60 >= 1_800 && problem.teachers.len() >= 110, "{lessons} {}", problem.teachers.len());
    let placed = solved(&problem, 120, 1).await;
    assert_eq!(check::hard(&problem, &placed), []);
    assert_eq!(placed, solved(&problem, 120, 1).await, "the same seed, the same timetable");
}

/// One that the engine does not solve, and does not see to be so: a teacher has more periods than the days may hold.
fn hopeless() -> Problem {
    let mut problem = school(24, 3);
    problem.teachers[0].most_a_day = Some(2);
    problem
}

#[tokio::test]
async fn a_run_is_stopped_and_gives_the_best_so_far() {
    let problem = hopeless();
    let mut run = begun(&problem, 600, 1).await;
    let mut looks = 0;
    while run.wait_a_moment().await.unwrap() {
        looks += 1;
        if looks == 6 {
            run.stop().await;
        }
        assert!(looks < 100, "it does not stop");
    }
    assert!(looks >= 6, "it is not solved before it is stopped");
    let placed = placed_by(&problem, run.ended().await);
    assert!(!placed.is_empty());
    assert_eq!(check::collisions(&problem, &placed), []);
    let left = check::hard(&problem, &placed);
    assert!(left.iter().any(|fault| matches!(fault, check::Hard::Count { .. })), "{left:?}");
}

/// The engines whose input lies in this folder.
fn engines_in(folder: &str) -> usize {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let is_its = |process: &std::fs::DirEntry| {
        let command = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command).into_owned();
        command.contains("fet-cl") && command.contains(folder)
    };
    processes.filter(is_its).count()
}

#[tokio::test]
async fn an_engine_ends_with_the_worker_that_waits_for_it() {
    let mut run = begun(&hopeless(), 600, 1).await;
    assert!(run.wait_a_moment().await.unwrap());
    let folder = run.folder().to_string_lossy().into_owned();
    assert!(engines_in(&folder) >= 1);
    // What is left of a worker that was killed: the other end of its pipe is gone.
    drop(run);
    for _ in 0..100 {
        if engines_in(&folder) == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("an engine is left");
}

#[test]
fn the_check_finds_what_is_wrong() {
    let problem = school(4, 1);
    let right = problem.locked.clone();
    let lesson = Placed {
        class: 0,
        slot: Slot { day: 2, session: Session::Morning, period: 1 },
        subject: 0,
        teacher: Some(0),
        room: None,
    };
    let with = |more: &[Placed]| [right.as_slice(), more].concat();
    assert_eq!(check::collisions(&problem, &with(&[lesson])), []);
    let twice = Placed { class: 1, ..lesson };
    assert_eq!(check::collisions(&problem, &with(&[lesson, twice])), [check::Hard::TeacherTwice(0, lesson.slot)]);
    let same = Placed { subject: 1, teacher: Some(1), ..lesson };
    assert_eq!(check::collisions(&problem, &with(&[lesson, same])), [check::Hard::ClassTwice(0, lesson.slot)]);
    let full: Vec<Placed> = (0..3).map(|class| Placed { class, teacher: None, room: Some(2), ..lesson }).collect();
    assert_eq!(check::collisions(&problem, &with(&full)), [check::Hard::RoomTooFull(2, lesson.slot)]);
    let missing = check::hard(&problem, &right);
    assert!(missing.iter().all(|fault| matches!(fault, check::Hard::Count { .. })), "{missing:?}");
    assert_eq!(missing.len(), problem.needs.len());
    let outside = Placed { slot: Slot { day: 2, session: Session::Afternoon, period: 1 }, ..lesson };
    assert!(check::hard(&problem, &with(&[outside])).contains(&check::Hard::ClassBlocked(0, outside.slot)));
}

#[test]
fn what_cannot_be_is_found_before_anything_is_tried() {
    let mut problem = school(4, 1);
    problem.teachers[0].most_a_day = Some(1);
    problem.teachers[0].most_sessions = Some(3);
    let found = feasible::impossible(&problem);
    assert!(found.contains(&Impossible::TeacherLoad { teacher: 0, has: 16, can: 3 }), "{found:?}");
    let mut problem = school(4, 1);
    problem.needs[0].periods = 40;
    let found = feasible::impossible(&problem);
    assert!(found.iter().any(|each| matches!(each, Impossible::ClassLoad { class: 0, has: 66, can: 30 })), "{found:?}");
    assert_eq!(feasible::impossible(&Problem::default()), [Impossible::Nothing]);
    let found = feasible::impossible(&without_pairs());
    let doubles = Impossible::Doubles { class: 0, subject: 0, teacher: Some(0), has: 1, can: 0 };
    assert!(found.contains(&doubles), "{found:?}");
}

/// A teacher who is free in every second period only, and has double periods to give.
fn without_pairs() -> Problem {
    let mut problem = school(4, 1);
    problem.teachers[0].blocked = problem.slots().filter(|slot| slot.period % 2 == 0).collect();
    problem
}

#[tokio::test]
async fn what_the_engine_refuses_is_named() {
    let problem = without_pairs();
    let mut run = begun(&problem, 20, 1).await;
    while run.wait_a_moment().await.unwrap() {}
    let blamed = fet::blamed(&problem, &run.complaints().await);
    let is_its =
        |each: &Blamed| matches!(each, Blamed::Block(block) if block.teacher == Some(0) && block.duration == 2);
    assert!(blamed.first().is_some_and(is_its), "{blamed:?}");
    assert_eq!(run.ended().await, Ended::Nothing);
}

#[tokio::test]
async fn what_the_engine_cannot_place_is_told_by_names() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let draft = version(&test, &cast.school, "Nháp").await;
    let maker = test.signed_in(&cast.timetable).await;
    // Two teachers of one class have time in the same three periods only, and four lessons together.
    let other = cast.homeroom_teacher.member_id.to_string();
    let form = [("teacher", other.as_str()), ("class", "10A1"), ("subject", "Toán"), ("periods", "1")];
    maker.post(&cast.school.path("/timetable/assignments"), &form).await.expect(303);
    let sessions = Session::ALL.into_iter().flat_map(|session| (1..=5).map(move |period| (session, period)));
    let slots: Vec<String> = DAYS
        .into_iter()
        .flat_map(|day| sessions.clone().map(move |(session, period)| Slot { day, session, period }.key()))
        .filter(|key| !["1-morning-1", "1-morning-2", "1-morning-3"].contains(&key.as_str()))
        .collect();
    let blocked: Vec<(&str, &str)> = slots.iter().map(|slot| ("blocked", slot.as_str())).collect();
    for teacher in [&cast.teacher, &cast.homeroom_teacher] {
        let wishes = cast.school.path(&format!("/timetable/teachers/{}/wishes", teacher.member_id));
        maker.post(&wishes, &blocked).await.expect(303);
    }
    let generation = cast.school.path(&format!("/timetable/versions/{draft}/generation"));
    maker.post(&generation, &[("seconds", "1"), ("seed", "1")]).await.expect(303);
    assert_eq!(test.work().await, ["make_timetable"]);
    let page = maker.get(&generation).await.expect(200);
    page.shows(&[&vi("timetable-difficult"), &vi("timetable-take"), "10A1"]);
    let blamed: serde_json::Value = sqlx::query_scalar("SELECT blamed FROM timetable_generations")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!(blamed[0]["class"], serde_json::json!(cast.class_id), "{blamed}");
}

#[tokio::test]
async fn a_draft_is_made_in_the_background_and_locked_lessons_stay() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let draft = version(&test, &cast.school, "Nháp").await;
    let maker = test.signed_in(&cast.timetable).await;
    let address = cast.school.path(&format!("/timetable/versions/{draft}"));
    let generation = format!("{address}/generation");
    let locked = [("day", "6"), ("session", "afternoon"), ("period", "5"), ("subject", "Văn"), ("locked", "on")];
    maker.post(&format!("{address}/classes/{}", cast.class_id), &locked).await.expect(303);
    for (seconds, seed) in [("0", "1"), ("10", "x"), ("99999999999999999999", "1")] {
        let refused = maker.post(&generation, &[("seconds", seconds), ("seed", seed)]).await.expect(422);
        assert_eq!((refused.input("seconds"), refused.input("seed")), (seconds.to_owned(), seed.to_owned()));
    }
    let form = [("seconds", "20"), ("seed", "5")];
    assert_eq!(maker.post(&generation, &form).await.location(), generation);
    maker.get(&generation).await.expect(200).shows(&[&vi("timetable-waiting")]);
    test.clock.advance(chrono::Duration::seconds(10));
    maker.post(&generation, &form).await.expect(422).shows(&[&vi("fault-timetable-under-way")]);
    assert_eq!(test.work().await, ["make_timetable"]);
    let review = maker.get(&generation).await.expect(200);
    review.shows(&[&vi1("timetable-made-whole", "count", 3), &vi("timetable-take")]);
    let made = result_of(&test, draft).await.unwrap();
    let slots = slots(&test, made).await;
    assert!(slots.len() == 3 && slots.contains(&"6-afternoon-5 t".to_owned()), "{slots:?}");
    // The version that it was made of has what it had.
    assert_eq!(self::slots(&test, draft).await, ["6-afternoon-5 t"]);
    maker.get(&cast.school.path("/timetable/versions")).await.expect(200).shows(&[&vi("timetable-proposed")]);

    let to = maker.post(&format!("{generation}/acceptance"), &[]).await.location();
    assert_eq!(to, cast.school.path(&format!("/timetable/versions/{made}?done=timetable-taken")));
    maker.get(&cast.school.path("/timetable/versions")).await.expect(200).hides(&[&vi("timetable-proposed")]);
    // What is taken is not thrown away any more.
    let to = maker.post(&format!("{generation}/refusal"), &[]).await.location();
    assert!(to.ends_with("done=timetable-decided"), "{to}");
    assert_eq!(self::slots(&test, made).await.len(), 3);

    test.clock.advance(chrono::Duration::seconds(10));
    maker.post(&generation, &form).await.expect(303);
    test.work().await;
    let again = result_of(&test, draft).await.unwrap();
    assert_ne!(again, made);
    maker.post(&format!("{generation}/refusal"), &[]).await.expect(303);
    assert_eq!(self::slots(&test, again).await, [] as [&str; 0]);
    maker.get(&cast.school.path(&format!("/timetable/versions/{again}"))).await.expect(404);
}

async fn result_of(test: &TestApp, version: TimetableId) -> Option<TimetableId> {
    let row = sqlx::query_scalar("SELECT result_id FROM timetable_generations WHERE version_id = $1").bind(version);
    let id: Option<uuid::Uuid> = row.fetch_one(&mut test.admin().await).await.unwrap();
    id.map(TimetableId::from)
}

/// The lessons of a version, and whether they are locked.
async fn slots(test: &TestApp, version: TimetableId) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT format('%s-%s-%s %s', day, session, period, is_locked) FROM timetable_lessons WHERE version_id = $1
         ORDER BY 1",
    )
    .bind(version)
    .fetch_all(&mut test.admin().await)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_killed_worker_leaves_nothing_half_taken() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let draft = version(&test, &cast.school, "Nháp").await;
    let maker = test.signed_in(&cast.timetable).await;
    let generation = cast.school.path(&format!("/timetable/versions/{draft}/generation"));
    maker.post(&generation, &[("seconds", "20"), ("seed", "1")]).await.expect(303);
    let mut admin = test.admin().await;
    let count = "SELECT count(*) FROM timetable_versions";
    let versions: i64 = sqlx::query_scalar(count).fetch_one(&mut admin).await.unwrap();
    // As it is when the worker has died and another one takes the job up.
    for died in
        ["UPDATE timetable_generations SET state = 'running'", "UPDATE graphile_worker._private_jobs SET attempts = 1"]
    {
        sqlx::query(died).execute(&mut admin).await.unwrap();
    }
    test.work().await;
    maker.get(&generation).await.expect(200).shows(&[&vi("timetable-failed-died"), &vi("timetable-auto")]);
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut admin).await.unwrap(), versions);
    assert_eq!(slots(&test, draft).await, [] as [&str; 0]);
    // And it is made when it is asked for again.
    test.clock.advance(chrono::Duration::seconds(10));
    maker.post(&generation, &[("seconds", "20"), ("seed", "1")]).await.expect(303);
    test.work().await;
    maker.get(&generation).await.expect(200).shows(&[&vi1("timetable-made-whole", "count", 3)]);
}

#[tokio::test]
async fn a_job_that_was_put_off_or_is_of_an_older_release_does_not_stay() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let draft = version(&test, &cast.school, "Nháp").await;
    let maker = test.signed_in(&cast.timetable).await;
    let generation = cast.school.path(&format!("/timetable/versions/{draft}/generation"));
    let ask = async || {
        test.clock.advance(chrono::Duration::seconds(10));
        maker.post(&generation, &[("seconds", "20"), ("seed", "1")]).await.expect(303);
    };
    let mut admin = test.admin().await;
    // The database was away while it searched: the job comes again, as a new one.
    ask().await;
    sqlx::query("UPDATE timetable_generations SET state = 'running'").execute(&mut admin).await.unwrap();
    assert_eq!(test.work().await, ["make_timetable"]);
    maker.get(&generation).await.expect(200).shows(&[&vi("timetable-failed-died")]);
    // What an older release has enqueued does not say for which request it is.
    ask().await;
    let older = "UPDATE graphile_worker._private_jobs SET payload = (payload::jsonb - 'asked_at')::json";
    sqlx::query(older).execute(&mut admin).await.unwrap();
    test.work().await;
    maker.get(&generation).await.expect(200).shows(&[&vi1("timetable-made-whole", "count", 3)]);
}

#[tokio::test]
async fn what_cannot_be_solved_is_explained_by_names() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let draft = version(&test, &cast.school, "Nháp").await;
    let maker = test.signed_in(&cast.timetable).await;
    let wishes = cast.school.path(&format!("/timetable/teachers/{}/wishes", cast.teacher.member_id));
    let wrong = maker.post(&wishes, &[("most_a_day", "nhiều")]).await.expect(422);
    assert_eq!(wrong.input("most_a_day"), "nhiều");
    let form = [("blocked", "1-morning-1"), ("most_a_day", "1"), ("most_sessions", "2"), ("most_gaps", "")];
    maker.post(&wishes, &form).await.expect(303);
    assert!(maker.get(&wishes).await.expect(200).html().contains("value=\"1-morning-1\" checked"));
    let generation = cast.school.path(&format!("/timetable/versions/{draft}/generation"));
    let load = vi2("timetable-has-can", ("has", 3), ("can", 2));
    let sentence = vi2("timetable-impossible-teacher", ("name", cast.teacher.name.as_str()), ("load", load));
    maker.get(&generation).await.expect(200).shows(&[&sentence]);
    let form = [("seconds", "20"), ("seed", "1")];
    maker.post(&generation, &form).await.expect(422).shows(&[&sentence]);
    assert_eq!(test.work().await, [] as [&str; 0]);
    // Those who may no longer make timetables have none made.
    maker.post(&wishes, &[("most_a_day", "")]).await.expect(303);
    test.clock.advance(chrono::Duration::seconds(10));
    maker.post(&generation, &form).await.expect(303);
    sqlx::query("DELETE FROM grants WHERE \"grant\" = 'timetable'").execute(&mut test.admin().await).await.unwrap();
    test.work().await;
    let owner = test.signed_in(&cast.owner).await;
    owner.get(&generation).await.expect(200).shows(&[&vi("timetable-failed-rights")]);
    assert_eq!(result_of(&test, draft).await, None);
}
