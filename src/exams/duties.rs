//! Who invigilates where. A solver without a database: the same papers, people and seed give the same duties. Nobody has
//! two duties at once or one on a day off; the other rules are kept where that is possible, and [`check`] names each place
//! where one is not, after drawing lots as well as after a change by hand.

use std::collections::{BTreeMap, BTreeSet};

use rand_chacha::ChaCha20Rng;

use super::drawing;

/// Who may have duties.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DutyPerson {
    /// The classes whose homeroom teacher they are.
    pub classes: BTreeSet<u32>,
    pub subjects: BTreeSet<u32>,
    pub days_off: BTreeSet<u32>,
    /// From when until when they are on duty in other exams, in minutes as the papers have them.
    pub elsewhere: Vec<(i64, i64)>,
}

impl DutyPerson {
    fn is_elsewhere(&self, paper: &DutyPaper) -> bool {
        self.elsewhere.iter().any(|(from, until)| *from < paper.ends && paper.begins < *until)
    }
}

/// A room in which a paper is sat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DutyRoom {
    pub room: u32,
    /// The classes of those who sit there.
    pub classes: BTreeSet<u32>,
}

/// A paper, as far as duties go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DutyPaper {
    pub day: u32,
    /// Minutes, of whatever beginning.
    pub begins: i64,
    pub ends: i64,
    pub subject: u32,
    pub rooms: Vec<DutyRoom>,
}

impl DutyPaper {
    fn overlaps(&self, other: &Self) -> bool {
        self.begins < other.ends && other.begins < self.ends
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DutyRules<'a> {
    pub per_room: usize,
    /// One more in the corridor for so many rooms; none for 0.
    pub rooms_per_corridor: usize,
    pub not_own_class: bool,
    pub not_own_subject: bool,
    pub seed: &'a str,
}

impl DutyRules<'_> {
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
pub enum DutyRule {
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

impl DutyRule {
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
pub struct BrokenDutyRule {
    pub rule: DutyRule,
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

/// The duties that are kept, and beside them those that are missing: of all papers, where none are kept.
///
/// # Errors
/// The first paper, in the order of time, for which there are too few people who are free.
pub fn assign_beside(
    kept: &[Duty],
    papers: &[DutyPaper],
    people: &[DutyPerson],
    rules: &DutyRules<'_>,
) -> Result<Vec<Duty>, TooFew> {
    let mut order: Vec<usize> = (0..papers.len()).collect();
    order.sort_by_key(|at| (papers[*at].begins, *at));
    let mut given = Given {
        load: vec![0; people.len()],
        rooms: BTreeSet::new(),
        pairs: BTreeSet::new(),
        papers: vec![Vec::new(); people.len()],
    };
    let mut duties = kept.to_vec();
    for duty in kept {
        note(duty, kept, papers, &mut given);
    }
    for at in order {
        let drawn = draw(at, papers, people, rules, (&given, kept))?;
        duties.extend(&drawn);
        for duty in &drawn {
            note(duty, &duties, papers, &mut given);
        }
    }
    duties.sort_unstable();
    Ok(duties)
}

/// Notes a duty and the people who share it; `all` are the duties that are given.
fn note(duty: &Duty, all: &[Duty], papers: &[DutyPaper], given: &mut Given) {
    given.load[duty.person] += 1;
    given.papers[duty.person].push(duty.paper);
    let Some(room) = duty.room else { return };
    given.rooms.insert((duty.person, papers[duty.paper].rooms[room].room));
    let is_beside = |other: &&Duty| (other.paper, other.room) == (duty.paper, duty.room) && other.person != duty.person;
    for other in all.iter().filter(is_beside) {
        given.pairs.insert((duty.person.min(other.person), duty.person.max(other.person)));
    }
}

/// What a paper lacks beside what is kept of it.
fn draw(
    at: usize,
    papers: &[DutyPaper],
    people: &[DutyPerson],
    rules: &DutyRules<'_>,
    (given, kept): (&Given, &[Duty]),
) -> Result<Vec<Duty>, TooFew> {
    let paper = &papers[at];
    let is_free = |person: &usize| {
        !people[*person].days_off.contains(&paper.day)
            && !people[*person].is_elsewhere(paper)
            && given.papers[*person].iter().all(|other| !papers[*other].overlaps(paper))
    };
    let free: Vec<usize> = (0..people.len()).filter(is_free).collect();
    let start = KeptDuties::of(at, paper, rules, kept);
    let needed = start.lacking(rules);
    if needed == 0 {
        return Ok(Vec::new());
    }
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
            let draw = Draw { paper, people, rules, given, level };
            if let Some(drawn) = fill(at, &start, &draw, pool, &mut lots) {
                return Ok(drawn);
            }
        }
    }
    // The last level permits everybody who is free everywhere, so this is not reached.
    Err(TooFew { paper: at, needed, available: free.len() })
}

/// Whether a person could sit nowhere in this paper without breaking a rule.
fn is_unfit(person: &DutyPerson, paper: &DutyPaper, rules: &DutyRules<'_>) -> bool {
    rules.not_own_subject && person.subjects.contains(&paper.subject)
        || rules.not_own_class
            && !paper.rooms.is_empty()
            && paper.rooms.iter().all(|room| !room.classes.is_disjoint(&person.classes))
}

/// The duties of a paper that are kept, before anything is drawn for it.
struct KeptDuties {
    in_rooms: Vec<Vec<usize>>,
    /// How many more are needed in the corridor.
    corridor: usize,
}

impl KeptDuties {
    fn of(at: usize, paper: &DutyPaper, rules: &DutyRules<'_>, kept: &[Duty]) -> Self {
        let mut in_rooms: Vec<Vec<usize>> = vec![Vec::new(); paper.rooms.len()];
        let mut in_corridor = 0;
        for duty in kept.iter().filter(|duty| duty.paper == at) {
            match duty.room.and_then(|room| in_rooms.get_mut(room)) {
                Some(people) => people.push(duty.person),
                None => in_corridor += 1,
            }
        }
        Self { in_rooms, corridor: rules.corridors(paper.rooms.len()).saturating_sub(in_corridor) }
    }

    fn lacking(&self, rules: &DutyRules<'_>) -> usize {
        let in_rooms: usize = self.in_rooms.iter().map(|people| rules.per_room.saturating_sub(people.len())).sum();
        in_rooms + self.corridor
    }
}

struct Draw<'a> {
    paper: &'a DutyPaper,
    people: &'a [DutyPerson],
    rules: &'a DutyRules<'a>,
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

fn fill(at: usize, start: &KeptDuties, draw: &Draw<'_>, pool: &[usize], lots: &mut ChaCha20Rng) -> Option<Vec<Duty>> {
    let Draw { paper, people, rules, given, level } = *draw;
    let mut in_rooms = start.in_rooms.clone();
    let mut left: Vec<usize> = pool.to_vec();
    let mut drawn = Vec::new();
    for _ in 0..rules.per_room {
        drawing::shuffle(&mut left, lots);
        // Those with fewer duties are asked first.
        left.sort_by_key(|person| given.load[*person]);
        let open: Vec<usize> = (0..in_rooms.len()).filter(|room| in_rooms[*room].len() < rules.per_room).collect();
        let permits = |person, at: usize| draw.permits(person, open[at], &in_rooms[open[at]]);
        let matched = matching(open.len(), &left, permits)?;
        for (room, person) in open.iter().zip(&matched) {
            in_rooms[*room].push(*person);
            drawn.push(Duty { paper: at, room: Some(*room), person: *person });
        }
        left.retain(|person| !matched.contains(person));
    }
    let own_subject = |person: &usize| rules.not_own_subject && people[*person].subjects.contains(&paper.subject);
    let in_corridor: Vec<usize> = left
        .iter()
        .filter(|person| level >= Level::OwnSubject || !own_subject(person))
        .take(start.corridor)
        .copied()
        .collect();
    if in_corridor.len() < start.corridor {
        return None;
    }
    drawn.extend(in_corridor.into_iter().map(|person| Duty { paper: at, room: None, person }));
    Some(drawn)
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
pub fn check(
    duties: &[Duty],
    papers: &[DutyPaper],
    people: &[DutyPerson],
    rules: &DutyRules<'_>,
) -> Vec<BrokenDutyRule> {
    let mut in_time: Vec<Duty> = duties.to_vec();
    in_time.sort_by_key(|duty| (papers[duty.paper].begins, *duty));
    let mut broken = Vec::new();
    let mut rooms = BTreeSet::new();
    let mut pairs: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut of_person: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for duty in &in_time {
        let (paper, person) = (&papers[duty.paper], &people[duty.person]);
        let mut tell = |rule| broken.push(BrokenDutyRule { rule, duty: *duty });
        if person.days_off.contains(&paper.day) {
            tell(DutyRule::DayOff);
        }
        let before = of_person.entry(duty.person).or_default();
        let is_twice = before.iter().any(|other| *other == duty.paper || papers[*other].overlaps(paper));
        if is_twice || person.is_elsewhere(paper) {
            tell(DutyRule::TwoAtOnce);
        }
        before.push(duty.paper);
        if rules.not_own_subject && person.subjects.contains(&paper.subject) {
            tell(DutyRule::OwnSubject);
        }
        let Some(room) = duty.room.and_then(|room| paper.rooms.get(room)) else { continue };
        if rules.not_own_class && !room.classes.is_disjoint(&person.classes) {
            tell(DutyRule::OwnClass);
        }
        if !rooms.insert((duty.person, room.room)) {
            tell(DutyRule::SameRoom);
        }
        let beside = in_time
            .iter()
            .filter(|other| other.paper == duty.paper && other.room == duty.room && other.person < duty.person);
        for other in beside {
            let pair = (other.person, duty.person);
            if pairs.insert(pair, duty.paper).is_some_and(|paper| paper != duty.paper) {
                tell(DutyRule::SamePair);
            }
        }
    }
    broken.sort_unstable();
    broken
}

#[cfg(test)]
mod tests;
