//! Who invigilates where. A solver without a database: the same papers, people and seed give the same duties. Nobody has
//! two duties at once or one on a day off; the other rules are kept where that is possible, and [`check`] names each place
//! where one is not, after drawing lots as well as after a change by hand.

use std::collections::{BTreeMap, BTreeSet};

use rand_chacha::ChaCha20Rng;

use super::drawing;

/// Who may have duties.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The classes whose homeroom teacher they are.
    pub classes: BTreeSet<u32>,
    pub subjects: BTreeSet<u32>,
    pub days_off: BTreeSet<u32>,
}

/// A room in which a paper is sat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Room {
    pub room: u32,
    /// The classes of those who sit there.
    pub classes: BTreeSet<u32>,
}

/// A paper, as far as duties go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paper {
    pub day: u32,
    /// Minutes, of whatever beginning.
    pub begins: i64,
    pub ends: i64,
    pub subject: u32,
    pub rooms: Vec<Room>,
}

impl Paper {
    fn overlaps(&self, other: &Self) -> bool {
        self.begins < other.ends && other.begins < self.ends
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules<'a> {
    pub per_room: usize,
    /// One more in the corridor for so many rooms; none for 0.
    pub rooms_per_corridor: usize,
    pub not_own_class: bool,
    pub not_own_subject: bool,
    pub seed: &'a str,
}

impl Rules<'_> {
    fn corridors(&self, rooms: usize) -> usize {
        if self.rooms_per_corridor == 0 { 0 } else { rooms.div_ceil(self.rooms_per_corridor) }
    }

    /// How many people a paper in so many rooms takes.
    #[must_use]
    pub fn needed(&self, rooms: usize) -> usize {
        rooms * self.per_room + self.corridors(rooms)
    }
}

/// One duty: of which paper, in which of its rooms (none: in the corridor), and its invigilator. All are places in the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duty {
    pub paper: usize,
    pub room: Option<usize>,
    pub person: usize,
}

/// A paper for which there are too few people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooFew {
    pub paper: usize,
    pub needed: usize,
    pub available: usize,
}

/// The rules that may have to be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// On a day off.
    DayOff,
    /// Two duties at once.
    TwoAtOnce,
    OwnClass,
    OwnSubject,
    SameRoom,
    /// Together with the same person as before.
    SamePair,
}

impl Rule {
    pub const ALL: [Self; 6] =
        [Self::DayOff, Self::TwoAtOnce, Self::OwnClass, Self::OwnSubject, Self::SameRoom, Self::SamePair];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::DayOff => "day-off",
            Self::TwoAtOnce => "two-at-once",
            Self::OwnClass => "own-class",
            Self::OwnSubject => "own-subject",
            Self::SameRoom => "same-room",
            Self::SamePair => "same-pair",
        }
    }
}

/// A rule that a duty breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Broken {
    pub rule: Rule,
    pub duty: Duty,
}

/// What was given out so far.
struct Given {
    load: Vec<usize>,
    rooms: BTreeSet<(usize, u32)>,
    pairs: BTreeSet<(usize, usize)>,
    /// By person, the papers.
    papers: Vec<Vec<usize>>,
}

/// How strict a draw is: each level also permits what the one before did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    All,
    PairsAgain,
    RoomsAgain,
    OwnSubject,
    OwnClass,
}

const LEVELS: [Level; 5] = [Level::All, Level::PairsAgain, Level::RoomsAgain, Level::OwnSubject, Level::OwnClass];

/// Draws before a level counts as impossible.
const ATTEMPTS: usize = 12;

/// All duties of all papers.
///
/// # Errors
/// The first paper, in the order of time, for which there are too few people who are free.
pub fn assign(papers: &[Paper], people: &[Person], rules: &Rules<'_>) -> Result<Vec<Duty>, TooFew> {
    let mut order: Vec<usize> = (0..papers.len()).collect();
    order.sort_by_key(|at| (papers[*at].begins, *at));
    let mut given = Given {
        load: vec![0; people.len()],
        rooms: BTreeSet::new(),
        pairs: BTreeSet::new(),
        papers: vec![Vec::new(); people.len()],
    };
    let mut duties = Vec::new();
    for at in order {
        let drawn = draw(at, papers, people, rules, &given)?;
        note(&drawn, papers, &mut given);
        duties.extend(drawn);
    }
    duties.sort_unstable();
    Ok(duties)
}

fn note(drawn: &[Duty], papers: &[Paper], given: &mut Given) {
    for duty in drawn {
        given.load[duty.person] += 1;
        given.papers[duty.person].push(duty.paper);
        if let Some(room) = duty.room {
            given.rooms.insert((duty.person, papers[duty.paper].rooms[room].room));
            for other in drawn.iter().filter(|other| other.room == duty.room && other.person != duty.person) {
                given.pairs.insert((duty.person.min(other.person), duty.person.max(other.person)));
            }
        }
    }
}

fn draw(at: usize, papers: &[Paper], people: &[Person], rules: &Rules<'_>, given: &Given) -> Result<Vec<Duty>, TooFew> {
    let paper = &papers[at];
    let is_free = |person: &usize| {
        !people[*person].days_off.contains(&paper.day)
            && given.papers[*person].iter().all(|other| !papers[*other].overlaps(paper))
    };
    let free: Vec<usize> = (0..people.len()).filter(is_free).collect();
    let needed = rules.needed(paper.rooms.len());
    if free.len() < needed {
        return Err(TooFew { paper: at, needed, available: free.len() });
    }
    let mut lots = drawing::generator(&[rules.seed, "duties", &at.to_string()]);
    for level in LEVELS {
        for attempt in 0..ATTEMPTS {
            let mut ranked = free.clone();
            drawing::shuffle(&mut ranked, &mut lots);
            ranked.sort_by_key(|person| (is_unfit(&people[*person], paper, rules), given.load[*person]));
            // At first only those who have the fewest duties; then all who are free.
            let pool = if attempt < ATTEMPTS / 2 { &ranked[..needed] } else { &ranked[..] };
            if let Some(drawn) = fill(at, paper, people, rules, given, pool, level, &mut lots) {
                return Ok(drawn);
            }
        }
    }
    // The last level permits everybody who is free everywhere, so this is not reached.
    Err(TooFew { paper: at, needed, available: free.len() })
}

/// Whether a person could sit nowhere in this paper without breaking a rule.
fn is_unfit(person: &Person, paper: &Paper, rules: &Rules<'_>) -> bool {
    rules.not_own_subject && person.subjects.contains(&paper.subject)
        || rules.not_own_class
            && !paper.rooms.is_empty()
            && paper.rooms.iter().all(|room| !room.classes.is_disjoint(&person.classes))
}

struct Draw<'a> {
    paper: &'a Paper,
    people: &'a [Person],
    rules: &'a Rules<'a>,
    given: &'a Given,
    level: Level,
}

impl Draw<'_> {
    fn permits(&self, person: usize, room: usize, beside: &[usize]) -> bool {
        let (room, who) = (&self.paper.rooms[room], &self.people[person]);
        let own_subject = self.rules.not_own_subject && who.subjects.contains(&self.paper.subject);
        let own_class = self.rules.not_own_class && !room.classes.is_disjoint(&who.classes);
        let again = self.given.rooms.contains(&(person, room.room));
        let pair = |other: &usize| self.given.pairs.contains(&(person.min(*other), person.max(*other)));
        (self.level >= Level::PairsAgain || !beside.iter().any(pair))
            && (self.level >= Level::RoomsAgain || !again)
            && (self.level >= Level::OwnSubject || !own_subject)
            && (self.level >= Level::OwnClass || !own_class)
    }
}

#[expect(clippy::too_many_arguments, reason = "one draw among several, in one place")]
fn fill(
    at: usize,
    paper: &Paper,
    people: &[Person],
    rules: &Rules<'_>,
    given: &Given,
    pool: &[usize],
    level: Level,
    lots: &mut ChaCha20Rng,
) -> Option<Vec<Duty>> {
    let draw = Draw { paper, people, rules, given, level };
    let mut in_rooms: Vec<Vec<usize>> = vec![Vec::new(); paper.rooms.len()];
    let mut left: Vec<usize> = pool.to_vec();
    for _ in 0..rules.per_room {
        drawing::shuffle(&mut left, lots);
        // Those with fewer duties are asked first.
        left.sort_by_key(|person| given.load[*person]);
        let matched = matching(paper.rooms.len(), &left, |person, room| draw.permits(person, room, &in_rooms[room]))?;
        matched.iter().enumerate().for_each(|(room, person)| in_rooms[room].push(*person));
        left.retain(|person| !matched.contains(person));
    }
    let corridors = rules.corridors(paper.rooms.len());
    let own_subject = |person: &usize| rules.not_own_subject && people[*person].subjects.contains(&paper.subject);
    let in_corridor: Vec<usize> = left
        .iter()
        .filter(|person| level >= Level::OwnSubject || !own_subject(person))
        .take(corridors)
        .copied()
        .collect();
    if in_corridor.len() < corridors {
        return None;
    }
    let of_rooms = in_rooms.iter().enumerate().flat_map(|(room, people)| {
        people.iter().map(move |person| Duty { paper: at, room: Some(room), person: *person })
    });
    let of_corridor = in_corridor.into_iter().map(|person| Duty { paper: at, room: None, person });
    Some(of_rooms.chain(of_corridor).collect())
}

/// One person for each room, as far as `permits` has it: augmenting paths. None where some room stays empty.
fn matching(rooms: usize, people: &[usize], permits: impl Fn(usize, usize) -> bool) -> Option<Vec<usize>> {
    // By place among the people, the room.
    let mut room_of: Vec<Option<usize>> = vec![None; people.len()];
    for room in 0..rooms {
        let mut seen = vec![false; people.len()];
        if !augment(room, people, &permits, &mut room_of, &mut seen) {
            return None;
        }
    }
    let mut person_of: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, room) in room_of.iter().enumerate() {
        if let Some(room) = room {
            person_of.insert(*room, people[at]);
        }
    }
    Some(person_of.into_values().collect())
}

fn augment(
    room: usize,
    people: &[usize],
    permits: &impl Fn(usize, usize) -> bool,
    room_of: &mut [Option<usize>],
    seen: &mut [bool],
) -> bool {
    for at in 0..people.len() {
        if seen[at] || !permits(people[at], room) {
            continue;
        }
        seen[at] = true;
        let is_free = match room_of[at] {
            None => true,
            Some(other) => augment(other, people, permits, room_of, seen),
        };
        if is_free {
            room_of[at] = Some(room);
            return true;
        }
    }
    false
}

/// Each rule that each duty breaks. Of two duties in the same room, or of the same pair, the later one.
#[must_use]
pub fn check(duties: &[Duty], papers: &[Paper], people: &[Person], rules: &Rules<'_>) -> Vec<Broken> {
    let mut in_time: Vec<Duty> = duties.to_vec();
    in_time.sort_by_key(|duty| (papers[duty.paper].begins, *duty));
    let mut broken = Vec::new();
    let mut rooms = BTreeSet::new();
    let mut pairs: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut of_person: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for duty in &in_time {
        let (paper, person) = (&papers[duty.paper], &people[duty.person]);
        let mut tell = |rule| broken.push(Broken { rule, duty: *duty });
        if person.days_off.contains(&paper.day) {
            tell(Rule::DayOff);
        }
        let before = of_person.entry(duty.person).or_default();
        if before.iter().any(|other| *other == duty.paper || papers[*other].overlaps(paper)) {
            tell(Rule::TwoAtOnce);
        }
        before.push(duty.paper);
        if rules.not_own_subject && person.subjects.contains(&paper.subject) {
            tell(Rule::OwnSubject);
        }
        let Some(room) = duty.room.and_then(|room| paper.rooms.get(room)) else { continue };
        if rules.not_own_class && !room.classes.is_disjoint(&person.classes) {
            tell(Rule::OwnClass);
        }
        if !rooms.insert((duty.person, room.room)) {
            tell(Rule::SameRoom);
        }
        let beside = in_time
            .iter()
            .filter(|other| other.paper == duty.paper && other.room == duty.room && other.person < duty.person);
        for other in beside {
            let pair = (other.person, duty.person);
            if pairs.insert(pair, duty.paper).is_some_and(|paper| paper != duty.paper) {
                tell(Rule::SamePair);
            }
        }
    }
    broken.sort_unstable();
    broken
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn papers(count: usize, rooms: u32) -> Vec<Paper> {
        let paper = |at: usize| {
            let day = u32::try_from(at / 2).unwrap();
            let begins = i64::from(day) * 1440 + if at.is_multiple_of(2) { 450 } else { 810 };
            let rooms = (0..rooms).map(|room| Room { room, classes: BTreeSet::from([room % 7]) }).collect();
            Paper { day, begins, ends: begins + 90, subject: u32::try_from(at).unwrap(), rooms }
        };
        (0..count).map(paper).collect()
    }

    fn rules(seed: &str) -> Rules<'_> {
        Rules { per_room: 2, rooms_per_corridor: 0, not_own_class: true, not_own_subject: true, seed }
    }

    #[test]
    fn everybody_on_duty_all_the_time_in_another_room_with_another_person() {
        let papers = papers(9, 80);
        let people = vec![Person::default(); 160];
        let duties = assign(&papers, &people, &rules("1")).unwrap();
        assert_eq!(duties.len(), 9 * 160);
        assert_eq!(check(&duties, &papers, &people, &rules("1")), []);
        assert_eq!(duties, assign(&papers, &people, &rules("1")).unwrap());
        assert_ne!(duties, assign(&papers, &people, &rules("2")).unwrap());
    }

    #[test]
    fn too_few_people_are_told_with_the_paper() {
        let papers = papers(2, 3);
        let mut people = vec![Person::default(); 6];
        assert!(assign(&papers, &people, &rules("1")).is_ok());
        people[0].days_off.insert(0);
        assert_eq!(assign(&papers, &people, &rules("1")), Err(TooFew { paper: 0, needed: 6, available: 5 }));
    }

    #[test]
    fn a_rule_that_cannot_hold_is_named() {
        // Two people in one room, twice: the same room and the same pair, whatever is drawn.
        let papers = papers(2, 1);
        let people = vec![Person::default(); 2];
        let duties = assign(&papers, &people, &rules("1")).unwrap();
        let named: Vec<Rule> = check(&duties, &papers, &people, &rules("1")).iter().map(|each| each.rule).collect();
        assert_eq!(named, [Rule::SameRoom, Rule::SameRoom, Rule::SamePair]);
        // A homeroom teacher whose class sits in the only room, for want of others.
        let teacher = Person { classes: BTreeSet::from([0]), ..Person::default() };
        let people = [teacher, Person::default()];
        let duties = assign(&papers[..1], &people, &rules("1")).unwrap();
        let named = check(&duties, &papers[..1], &people, &rules("1"));
        assert_eq!(named, [Broken { rule: Rule::OwnClass, duty: Duty { paper: 0, room: Some(0), person: 0 } }]);
    }

    fn a_person() -> impl Strategy<Value = Person> {
        let set = |values: std::ops::Range<u32>| prop::collection::btree_set(values, 0..2);
        (set(0..7), set(0..6), set(0..3)).prop_map(|(classes, subjects, days_off)| Person {
            classes,
            subjects,
            days_off,
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn all_places_are_filled_and_hard_rules_hold(
            people in prop::collection::vec(a_person(), 4..30), count in 1..6_usize, rooms in 1..6_u32, corridor in 0..4_usize, seed in "[0-9]{0,3}"
        ) {
            let papers = papers(count, rooms);
            let rules = Rules { rooms_per_corridor: corridor, ..rules(&seed) };
            let free = |paper: &Paper| people.iter().filter(|person| !person.days_off.contains(&paper.day)).count();
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
                    let broken = check(&duties, &papers, &people, &rules);
                    prop_assert!(broken.iter().all(|each| !matches!(each.rule, Rule::DayOff | Rule::TwoAtOnce)));
                    // What is named is so, and what is so is named.
                    let of = |rule| broken.iter().filter(|each| each.rule == rule).count();
                    let own_class = duties.iter().filter(|duty| duty.room.is_some_and(|room| {
                        people[duty.person].classes.contains(&(u32::try_from(room).unwrap() % 7))
                    })).count();
                    prop_assert_eq!(of(Rule::OwnClass), own_class);
                    let own_subject = duties.iter().filter(|duty| people[duty.person].subjects.contains(&papers[duty.paper].subject)).count();
                    prop_assert_eq!(of(Rule::OwnSubject), own_subject);
                    let in_rooms: Vec<(usize, usize)> = duties.iter().filter_map(|duty| Some((duty.person, duty.room?))).collect();
                    let rooms: BTreeSet<(usize, usize)> = in_rooms.iter().copied().collect();
                    prop_assert_eq!(of(Rule::SameRoom), in_rooms.len() - rooms.len());
                }
            }
        }

        /// With enough people and no days off, all have as many duties as any other, or one less, and no rule is broken.
        #[test]
        fn the_load_is_even(spare in 0..20_usize, rooms in 4..9_u32, count in 1..4_usize, seed in "[0-9]{0,3}") {
            let papers = papers(count, rooms);
            let people = vec![Person::default(); rooms as usize * 4 + spare];
            let duties = assign(&papers, &people, &rules(&seed)).unwrap();
            prop_assert_eq!(check(&duties, &papers, &people, &rules(&seed)), []);
            let mut load = vec![0; people.len()];
            duties.iter().for_each(|duty| load[duty.person] += 1);
            prop_assert!(load.iter().max().unwrap() - load.iter().min().unwrap() <= 1);
        }
    }
}
