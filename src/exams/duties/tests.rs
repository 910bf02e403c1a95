//! Duties are complete, kept apart, and what breaks a rule is named.

use proptest::prelude::*;

use super::*;

fn papers(count: usize, rooms: u32) -> Vec<DutyPaper> {
    let paper = |at: usize| {
        let day = u32::try_from(at / 2).unwrap();
        let begins = i64::from(day) * 1440 + if at.is_multiple_of(2) { 450 } else { 810 };
        let rooms = (0..rooms).map(|room| DutyRoom { room, classes: BTreeSet::from([room % 7]) }).collect();
        DutyPaper { day, begins, ends: begins + 90, subject: u32::try_from(at).unwrap(), rooms }
    };
    (0..count).map(paper).collect()
}

fn rules(seed: &str) -> DutyRules<'_> {
    DutyRules { per_room: 2, rooms_per_corridor: 0, not_own_class: true, not_own_subject: true, seed }
}

/// All duties of all papers.
fn assign(papers: &[DutyPaper], people: &[DutyPerson], rules: &DutyRules<'_>) -> Result<Vec<Duty>, TooFew> {
    assign_beside(&[], papers, people, rules)
}

#[test]
fn everybody_on_duty_all_the_time_in_another_room_with_another_person() {
    let papers = papers(9, 80);
    let people = vec![DutyPerson::default(); 160];
    let duties = assign(&papers, &people, &rules("1")).unwrap();
    assert_eq!(duties.len(), 9 * 160);
    assert_eq!(check(&duties, &papers, &people, &rules("1")), []);
    assert_eq!(duties, assign(&papers, &people, &rules("1")).unwrap());
    assert_ne!(duties, assign(&papers, &people, &rules("2")).unwrap());
}

#[test]
fn too_few_people_are_told_with_the_paper() {
    let papers = papers(2, 3);
    let mut people = vec![DutyPerson::default(); 6];
    assert!(assign(&papers, &people, &rules("1")).is_ok());
    people[0].days_off.insert(0);
    assert_eq!(assign(&papers, &people, &rules("1")), Err(TooFew { paper: 0, needed: 6, available: 5 }));
}

#[test]
fn a_rule_that_cannot_hold_is_named() {
    // Two people in one room, twice: the same room and the same pair, whatever is drawn.
    let papers = papers(2, 1);
    let people = vec![DutyPerson::default(); 2];
    let duties = assign(&papers, &people, &rules("1")).unwrap();
    let named: Vec<DutyRule> = check(&duties, &papers, &people, &rules("1")).iter().map(|each| each.rule).collect();
    assert_eq!(named, [DutyRule::SameRoom, DutyRule::SameRoom, DutyRule::SamePair]);
    // A homeroom teacher whose class sits in the only room, for want of others.
    let teacher = DutyPerson { classes: BTreeSet::from([0]), ..DutyPerson::default() };
    let people = [teacher, DutyPerson::default()];
    let duties = assign(&papers[..1], &people, &rules("1")).unwrap();
    let named = check(&duties, &papers[..1], &people, &rules("1"));
    assert_eq!(named, [BrokenDutyRule { rule: DutyRule::OwnClass, duty: Duty { paper: 0, room: Some(0), person: 0 } }]);
}

fn a_person() -> impl Strategy<Value = DutyPerson> {
    let set = |values: std::ops::Range<u32>| prop::collection::btree_set(values, 0..2);
    let elsewhere = prop::collection::vec((0..4_i64).prop_map(|half| (half * 720 + 400, half * 720 + 600)), 0..2);
    (set(0..7), set(0..6), set(0..3), elsewhere).prop_map(|(classes, subjects, days_off, elsewhere)| DutyPerson {
        classes,
        subjects,
        days_off,
        elsewhere,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn all_places_are_filled_and_hard_rules_hold(
        people in prop::collection::vec(a_person(), 4..30), count in 1..6_usize, rooms in 1..6_u32, corridor in 0..4_usize, seed in "[0-9]{0,3}"
    ) {
        let papers = papers(count, rooms);
        let rules = DutyRules { rooms_per_corridor: corridor, ..rules(&seed) };
        let is_there = |person: &&DutyPerson, paper: &DutyPaper| {
            !person.days_off.contains(&paper.day)
                && !person.elsewhere.iter().any(|(from, until)| *from < paper.ends && paper.begins < *until)
        };
        let free = |paper: &DutyPaper| people.iter().filter(|person| is_there(person, paper)).count();
        let needed = rules.needed(rooms as usize);
        match assign(&papers, &people, &rules) {
            Err(too_few) => prop_assert!(free(&papers[too_few.paper]) < needed),
            Ok(duties) => {
                prop_assert_eq!(&duties, &assign(&papers, &people, &rules).unwrap());
                for at in 0..count {
                    let here: Vec<&Duty> = duties.iter().filter(|duty| duty.paper == at).collect();
                    prop_assert_eq!(here.len(), needed);
                    for room in 0..rooms as usize {
                        prop_assert_eq!(here.iter().filter(|duty| duty.room == Some(room)).count(), 2);
                    }
                    let people: BTreeSet<usize> = here.iter().map(|duty| duty.person).collect();
                    prop_assert_eq!(people.len(), needed, "nobody twice at once");
                }
                // What is taken away is filled up again, and nobody else has another duty than before.
                let kept: Vec<Duty> = duties.iter().copied().filter(|duty| duty.person % 3 > 0).collect();
                let again = assign_beside(&kept, &papers, &people, &rules).unwrap();
                prop_assert_eq!(again.len(), duties.len());
                prop_assert!(kept.iter().all(|duty| again.contains(duty)));
                for room in 0..rooms as usize {
                    let there = again.iter().filter(|duty| duty.paper == 0 && duty.room == Some(room));
                    prop_assert_eq!(there.count(), 2);
                }
                let broken = check(&again, &papers, &people, &rules);
                prop_assert!(broken.iter().all(|each| !matches!(each.rule, DutyRule::DayOff | DutyRule::TwoAtOnce)));
                let broken = check(&duties, &papers, &people, &rules);
                prop_assert!(broken.iter().all(|each| !matches!(each.rule, DutyRule::DayOff | DutyRule::TwoAtOnce)));
                // What is named is so, and what is so is named.
                let of = |rule| broken.iter().filter(|each| each.rule == rule).count();
                let own_class = duties.iter().filter(|duty| duty.room.is_some_and(|room| {
                    people[duty.person].classes.contains(&(u32::try_from(room).unwrap() % 7))
                })).count();
                prop_assert_eq!(of(DutyRule::OwnClass), own_class);
                let own_subject = duties.iter().filter(|duty| people[duty.person].subjects.contains(&papers[duty.paper].subject)).count();
                prop_assert_eq!(of(DutyRule::OwnSubject), own_subject);
                let in_rooms: Vec<(usize, usize)> = duties.iter().filter_map(|duty| Some((duty.person, duty.room?))).collect();
                let rooms: BTreeSet<(usize, usize)> = in_rooms.iter().copied().collect();
                prop_assert_eq!(of(DutyRule::SameRoom), in_rooms.len() - rooms.len());
            }
        }
    }

    /// With enough people and no days off, all have as many duties as any other, or one less, and no rule is broken.
    #[test]
    fn the_load_is_even(spare in 0..20_usize, rooms in 4..9_u32, count in 1..4_usize, seed in "[0-9]{0,3}") {
        let papers = papers(count, rooms);
        let people = vec![DutyPerson::default(); rooms as usize * 4 + spare];
        let duties = assign(&papers, &people, &rules(&seed)).unwrap();
        prop_assert_eq!(check(&duties, &papers, &people, &rules(&seed)), []);
        let mut load = vec![0; people.len()];
        duties.iter().for_each(|duty| load[duty.person] += 1);
        prop_assert!(load.iter().max().unwrap() - load.iter().min().unwrap() <= 1);
    }
}
