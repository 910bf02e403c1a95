//! The engine's answers to random schools, and to a real one, judged by a check that knows nothing of the engine.

use std::collections::{BTreeMap, BTreeSet};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use schoolgate::timetable::{
    imports::{fet_file, places, xml},
    model::{DAYS, Session, Slot},
    solver::{
        check::{self, Hard},
        feasible,
        problem::{Need, Placed, Problem, ProblemClass, ProblemRoom, ProblemSubject, ProblemTeacher},
    },
};

use super::generation::solved;

/// A small school in which everything differs: sessions, loads, days off, limits, rooms, double periods, locked lessons.
fn random(seed: u64) -> Problem {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let sessions: &[Session] = if rng.random_range(0..3) == 0 { &Session::ALL } else { &[Session::Morning] };
    let long = rng.random_range(4..=6);
    let periods: Vec<(Session, i16)> =
        sessions.iter().flat_map(|session| (1..=long).map(move |period| (*session, period))).collect();
    let slots: Vec<Slot> = DAYS
        .into_iter()
        .flat_map(|day| periods.iter().map(move |&(session, period)| Slot { day, session, period }))
        .collect();
    let (classes, subjects) = (rng.random_range(2..=7), rng.random_range(5..=9));
    let teachers = classes * 2 + rng.random_range(0..4);
    let mut some_slots = |share: usize| -> BTreeSet<Slot> {
        slots.iter().filter(|_| rng.random_range(0..100) < share).copied().collect()
    };
    let blocked: Vec<BTreeSet<Slot>> = (0..teachers).map(|_| some_slots(12)).collect();
    let teacher = |(number, blocked): (usize, BTreeSet<Slot>)| ProblemTeacher {
        name: format!("Cô {}", number % 3),
        blocked,
        most_a_day: (rng.random_range(0..2) == 0).then_some(5),
        most_sessions: (rng.random_range(0..4) == 0).then_some(6),
        most_gaps: (rng.random_range(0..4) == 0).then_some(6),
    };
    let teachers: Vec<ProblemTeacher> = blocked.into_iter().enumerate().map(teacher).collect();
    let rooms =
        vec![ProblemRoom { name: "P".to_owned(), capacity: 1 }, ProblemRoom { name: "P".to_owned(), capacity: 2 }];
    let (mut needs, mut locked): (Vec<Need>, Vec<Placed>) = (Vec::new(), Vec::new());
    for class in 0..classes {
        for subject in 0..subjects {
            let periods = rng.random_range(1..=3);
            needs.push(Need {
                class,
                subject,
                teacher: (rng.random_range(0..10) > 0).then(|| rng.random_range(0..teachers.len())),
                periods,
                doubles: if periods > 1 { rng.random_range(0..=1) } else { 0 },
                room: (rng.random_range(0..6) == 0).then(|| rng.random_range(0..rooms.len())),
            });
        }
        // The flag ceremony, and sometimes a lesson that stays.
        locked.push(Placed { class, slot: slots[0], subject: subjects, teacher: None, room: None });
        let need = needs[needs.len() - 1];
        let slot = slots[rng.random_range(1..slots.len())];
        if rng.random_range(0..2) == 0 {
            locked.push(Placed { class, slot, subject: need.subject, teacher: need.teacher, room: need.room });
        }
    }
    let subject = |number| ProblemSubject { name: format!("Môn {}", number % 4), is_heavy: number % 3 == 0 };
    Problem {
        name: format!("Trường {seed}"),
        periods,
        teachers,
        classes: (0..classes)
            .map(|number| ProblemClass { name: format!("10A{number}"), ..ProblemClass::default() })
            .collect(),
        subjects: (0..=subjects).map(subject).collect(),
        rooms,
        needs,
        locked,
    }
}

#[tokio::test]
async fn no_answer_to_a_random_school_has_a_hard_conflict() {
    let (mut asked, mut whole) = (0, 0);
    for seed in 0..30 {
        let problem = random(seed);
        if !feasible::impossible(&problem).is_empty() {
            continue;
        }
        asked += 1;
        let faults = check::hard(&problem, &solved(&problem, 4, 1).await);
        whole += usize::from(faults.is_empty());
        // What has no place yet is said so; what has one is right.
        let is_left =
            |fault: &&Hard| matches!(fault, Hard::Count { need, placed } if *placed < problem.needs[*need].periods);
        let wrong: Vec<&Hard> = faults.iter().filter(|fault| !is_left(fault)).collect();
        assert!(wrong.is_empty(), "{seed}: {wrong:?}");
    }
    println!("{asked} schools, {whole} of them solved wholly");
    assert!(asked >= 10 && whole * 4 >= asked * 3, "{asked} {whole}");
}

/// A lower secondary school of Hưng Yên, as Debian's `fet-data` has it: its needs, days off and fixed lessons.
const REAL: &str = "/usr/share/doc/fet-data/examples/FET-5-official/Vietnam/2-secondary-school/VietNamHungYen.fet";

/// The numbers of names, in the order of their coming.
#[derive(Default)]
struct Numbers(BTreeMap<String, usize>, Vec<String>);

impl Numbers {
    fn of(&mut self, name: &str) -> usize {
        *self.0.entry(name.to_owned()).or_insert_with(|| {
            self.1.push(name.to_owned());
            self.1.len() - 1
        })
    }
}

fn real() -> Problem {
    let file = std::fs::read(REAL).expect("fet-data: make test installs it");
    let root = xml::parse(&file).unwrap();
    let read = fet_file::read(&root, 5);
    let (mut classes, mut subjects, mut teachers) = (Numbers::default(), Numbers::default(), Numbers::default());
    let need = |need: &schoolgate::timetable::imports::FoundNeed| Need {
        class: classes.of(&need.class),
        subject: subjects.of(&need.subject),
        teacher: Some(teachers.of(&need.teacher)),
        periods: need.periods,
        doubles: need.doubles,
        room: None,
    };
    let needs: Vec<Need> = read.needs.iter().map(need).collect();
    let locked = read.lessons.iter().map(|lesson| Placed {
        class: classes.of(&lesson.class),
        slot: lesson.slot().unwrap(),
        subject: subjects.of(&lesson.subject),
        teacher: lesson.teacher.as_deref().filter(|name| !name.is_empty()).map(|name| teachers.of(name)),
        room: None,
    });
    let locked: Vec<Placed> = locked.collect();
    let blocked = |constraint: &str, tag: &str| -> BTreeMap<String, BTreeSet<Slot>> {
        let slot = |time: &&xml::Element| {
            let (_, period) = places::period(time.text_of("Hour")).unwrap();
            Slot { day: places::day(time.text_of("Day")).unwrap(), session: Session::Morning, period }
        };
        let all = root.listed("Time_Constraints_List", constraint);
        let of = |each: &xml::Element| {
            let times: Vec<&xml::Element> = each.all("Not_Available_Time").collect();
            (fet_file::plain(each.text_of(tag)), times.iter().map(slot).collect())
        };
        all.into_iter().map(of).collect()
    };
    let of_teachers = blocked("ConstraintTeacherNotAvailableTimes", "Teacher");
    let of_classes = blocked("ConstraintStudentsSetNotAvailableTimes", "Students");
    let days: BTreeMap<String, i16> = root
        .listed("Time_Constraints_List", "ConstraintTeacherMaxDaysPerWeek")
        .into_iter()
        .map(|each| (fet_file::plain(each.text_of("Teacher_Name")), each.text_of("Max_Days_Per_Week").parse().unwrap()))
        .collect();
    Problem {
        name: root.text_of("Institution_Name").to_owned(),
        periods: (1..=5).map(|period| (Session::Morning, period)).collect(),
        teachers: teachers
            .1
            .iter()
            .map(|name| ProblemTeacher {
                name: name.clone(),
                blocked: of_teachers.get(name).cloned().unwrap_or_default(),
                most_sessions: days.get(name.as_str()).copied(),
                ..ProblemTeacher::default()
            })
            .collect(),
        classes: classes
            .1
            .iter()
            .map(|name| ProblemClass { name: name.clone(), blocked: of_classes.get(name).cloned().unwrap_or_default() })
            .collect(),
        subjects: subjects.1.iter().map(|name| ProblemSubject { name: name.clone(), is_heavy: false }).collect(),
        rooms: Vec::new(),
        needs,
        locked,
    }
}

#[tokio::test]
async fn a_real_school_is_read_and_solved() {
    let problem = real();
    let lessons: i16 = problem.needs.iter().map(|need| need.periods).sum();
    assert!(problem.classes.len() >= 8 && problem.teachers.len() >= 14 && lessons > 200, "{lessons}");
    assert!(problem.teachers.iter().any(|teacher| !teacher.blocked.is_empty()));
    assert_eq!(feasible::impossible(&problem), []);
    assert_eq!(check::hard(&problem, &solved(&problem, 60, 1).await), []);
}
