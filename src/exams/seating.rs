//! Who sits where: candidates in the order of their numbers, rooms in theirs. A solver without a database: the same
//! candidates, rooms and seed give the same seats.

use std::collections::BTreeMap;

use super::drawing;

/// A room as far as seating goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatingRoom {
    /// How many sit in it.
    pub seats: usize,
    /// How many may sit in it where it is the last one, so that no room is opened for a few.
    pub most: usize,
}

/// How rooms are filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// One after another, each whole.
    InOrder,
    /// The same rooms, about as many in each.
    Evenly,
}

impl Fill {
    pub const ALL: [Self; 2] = [Self::InOrder, Self::Evenly];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::InOrder => "in-order",
            Self::Evenly => "evenly",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fill| fill.key() == key)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatingSettings<'a> {
    pub fill: Fill,
    /// Neighbours are of different classes as far as possible.
    pub mix_classes: bool,
    pub seed: &'a str,
    /// What is seated, so that each paper draws its own lots.
    pub what: &'a str,
}

/// A seat: the place of the room in the list, and the number of the seat in it, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seat {
    pub room: usize,
    pub seat: usize,
}

/// So many candidates have no seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooFewSeats(pub usize);

/// How many sit in each room that is used.
///
/// # Errors
/// Where the rooms do not hold them.
pub fn sizes(candidates: usize, rooms: &[SeatingRoom], fill: Fill) -> Result<Vec<usize>, TooFewSeats> {
    let mut sizes = Vec::new();
    let mut left = candidates;
    for room in rooms {
        if left == 0 {
            break;
        }
        let here = if left <= room.most { left } else { room.seats.min(room.most) };
        sizes.push(here);
        left -= here;
    }
    if left > 0 {
        let more = rooms.last().map_or(0, |room| room.most.saturating_sub(room.seats));
        return Err(TooFewSeats(left.saturating_sub(more)));
    }
    let used = &rooms[..sizes.len()];
    // Only where the last one had to take more than its seats is there nothing to even out.
    let has_free = sizes.iter().zip(used).any(|(size, room)| *size < room.seats);
    if fill == Fill::Evenly && has_free {
        return Ok(evened(candidates, used));
    }
    Ok(sizes)
}

/// The same rooms, one candidate at a time to the room with the fewest.
fn evened(candidates: usize, rooms: &[SeatingRoom]) -> Vec<usize> {
    let mut sizes = vec![0; rooms.len()];
    for _ in 0..candidates {
        let free = sizes.iter().enumerate().filter(|(at, size)| **size < rooms[*at].seats);
        if let Some((at, _)) = free.min_by_key(|(_, size)| **size) {
            sizes[at] += 1;
        }
    }
    sizes
}

/// A seat for each candidate, in the order in which they come. `classes` are theirs.
///
/// # Errors
/// Where the rooms do not hold them.
pub fn seat(classes: &[u32], rooms: &[SeatingRoom], settings: &SeatingSettings<'_>) -> Result<Vec<Seat>, TooFewSeats> {
    let sizes = sizes(classes.len(), rooms, settings.fill)?;
    let mut blocks = Vec::with_capacity(sizes.len());
    let mut next = 0;
    for size in &sizes {
        blocks.push((next..next + size).collect::<Vec<usize>>());
        next += size;
    }
    if settings.mix_classes {
        blocks = mixed(blocks, classes, settings);
    }
    let mut seats = vec![Seat { room: 0, seat: 0 }; classes.len()];
    for (room, block) in blocks.iter().enumerate() {
        for (place, candidate) in block.iter().enumerate() {
            seats[*candidate] = Seat { room, seat: place + 1 };
        }
    }
    Ok(seats)
}

/// The blocks with their candidates rearranged. Those whose numbers follow each other stay in one room where that leaves
/// no neighbours of the same class; else each class is dealt over all rooms.
fn mixed(blocks: Vec<Vec<usize>>, classes: &[u32], settings: &SeatingSettings<'_>) -> Vec<Vec<usize>> {
    let arrange = |blocks: Vec<Vec<usize>>, how: &str| -> Vec<Vec<usize>> {
        let arranged = blocks.into_iter().enumerate().map(|(room, block)| {
            let lots = drawing::generator(&[settings.seed, settings.what, how, &room.to_string()]);
            apart(block, classes, lots)
        });
        arranged.collect()
    };
    let together = |blocks: &[Vec<usize>]| -> usize { blocks.iter().map(|block| neighbours(block, classes)).sum() };
    let sizes: Vec<usize> = blocks.iter().map(Vec::len).collect();
    let in_blocks = arrange(blocks, "block");
    if together(&in_blocks) == 0 {
        return in_blocks;
    }
    let dealt = arrange(dealt(&sizes, classes, settings), "dealt");
    if together(&dealt) < together(&in_blocks) { dealt } else { in_blocks }
}

/// How many sit beside one of the same class.
fn neighbours(block: &[usize], classes: &[u32]) -> usize {
    block.windows(2).filter(|pair| classes[pair[0]] == classes[pair[1]]).count()
}

/// Arranged so that as few as possible sit beside one of the same class: always one of the class with the most left,
/// except the class that sits there already.
fn apart(block: Vec<usize>, classes: &[u32], mut lots: rand_chacha::ChaCha20Rng) -> Vec<usize> {
    let mut block = block;
    let size = block.len();
    drawing::shuffle(&mut block, &mut lots);
    let mut waiting: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    block.into_iter().for_each(|candidate| waiting.entry(classes[candidate]).or_default().push(candidate));
    let mut arranged: Vec<usize> = Vec::with_capacity(size);
    while arranged.len() < size {
        let before = arranged.last().map(|candidate| classes[*candidate]);
        let others = waiting.iter_mut().filter(|(_, left)| !left.is_empty());
        let chosen = others.max_by_key(|(class, left)| (Some(**class) != before, left.len()));
        match chosen.and_then(|(_, left)| left.pop()) {
            Some(candidate) => arranged.push(candidate),
            None => break,
        }
    }
    arranged
}

/// Each class dealt over all rooms by their sizes; then what is still more than every second seat of a room is swapped
/// with a room that has space for it.
fn dealt(sizes: &[usize], classes: &[u32], settings: &SeatingSettings<'_>) -> Vec<Vec<usize>> {
    let mut of_class: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    classes.iter().enumerate().for_each(|(candidate, class)| of_class.entry(*class).or_default().push(candidate));
    let mut groups: Vec<Vec<usize>> = of_class.into_values().collect();
    let mut lots = drawing::generator(&[settings.seed, settings.what, "deal"]);
    groups.iter_mut().for_each(|group| drawing::shuffle(group, &mut lots));
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    // The places of all rooms by how far into the room they are: a run of them lies in each room about equally often.
    let mut places: Vec<(usize, usize)> =
        sizes.iter().enumerate().flat_map(|(room, size)| (0..*size).map(move |place| (room, place))).collect();
    let depth = |&(room, place): &(usize, usize)| (place * 2 + 1) * 1_000_000 / (sizes[room] * 2);
    places.sort_by_key(|place| (depth(place), place.0));
    let mut blocks: Vec<Vec<usize>> = sizes.iter().map(|size| Vec::with_capacity(*size)).collect();
    for (candidate, (room, _)) in groups.into_iter().flatten().zip(places) {
        blocks[room].push(candidate);
    }
    balance(&mut blocks, classes);
    blocks
}

fn count_of(block: &[usize], class: u32, classes: &[u32]) -> usize {
    block.iter().filter(|candidate| classes[**candidate] == class).count()
}

/// Only one class can be more than half of all, and so be too many in a room while another room has space for it.
fn balance(blocks: &mut [Vec<usize>], classes: &[u32]) {
    let limit = |block: &Vec<usize>| block.len().div_ceil(2);
    for from in 0..blocks.len() {
        loop {
            let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
            blocks[from].iter().for_each(|candidate| *counts.entry(classes[*candidate]).or_default() += 1);
            let Some((class, _)) = counts.into_iter().find(|(_, count)| *count > limit(&blocks[from])) else { break };
            let swap = (0..blocks.len()).filter(|to| *to != from).find_map(|to| {
                if count_of(&blocks[to], class, classes) >= limit(&blocks[to]) {
                    return None;
                }
                let there = blocks[to].iter().position(|candidate| classes[*candidate] != class)?;
                let here = blocks[from].iter().position(|candidate| classes[*candidate] == class)?;
                Some((to, there, here))
            });
            let Some((to, there, here)) = swap else { break };
            let (one, other) = (blocks[from][here], blocks[to][there]);
            blocks[from][here] = other;
            blocks[to][there] = one;
        }
    }
}

/// Seats for late candidates: free ones in the rooms that are used, beside another class where `mix_classes` wants it and
/// one is free; then in the next room. `taken` are the seats and the classes of those who sit there.
///
/// # Errors
/// Where nothing is free for some of them.
pub fn seat_late(
    late: &[u32],
    taken: &BTreeMap<Seat, u32>,
    rooms: &[SeatingRoom],
    mix_classes: bool,
) -> Result<Vec<Seat>, TooFewSeats> {
    let mut taken = taken.clone();
    let mut seats = Vec::with_capacity(late.len());
    for (at, class) in late.iter().enumerate() {
        let seat = free_seat(*class, &taken, rooms, mix_classes).ok_or(TooFewSeats(late.len() - at))?;
        taken.insert(seat, *class);
        seats.push(seat);
    }
    Ok(seats)
}

fn free_seat(class: u32, taken: &BTreeMap<Seat, u32>, rooms: &[SeatingRoom], mix_classes: bool) -> Option<Seat> {
    let used = taken.keys().map(|seat| seat.room + 1).max().unwrap_or(0);
    let free = |room: usize, seats: usize| {
        let places = (1..=seats).map(move |seat| Seat { room, seat });
        places.filter(|seat| !taken.contains_key(seat)).collect::<Vec<_>>()
    };
    let held = |room: usize| taken.keys().filter(|seat| seat.room == room).count();
    let within = |room: usize| if held(room) < rooms[room].seats { free(room, rooms[room].seats) } else { Vec::new() };
    let in_used: Vec<Seat> = (0..used.min(rooms.len())).flat_map(within).collect();
    let choices = if in_used.is_empty() {
        let of_next = (used..rooms.len()).map(within).find(|seats| !seats.is_empty());
        // No room is left to open: up to what a room may hold at most.
        let most = || (0..rooms.len()).map(|room| free(room, rooms[room].most)).find(|seats| !seats.is_empty());
        of_next.or_else(most)?
    } else {
        in_used
    };
    let is_beside = |seat: &Seat, step: isize| {
        let beside = seat.seat.checked_add_signed(step).map(|place| Seat { seat: place, ..*seat });
        beside.and_then(|beside| taken.get(&beside)) == Some(&class)
    };
    let apart = choices.iter().find(|seat| mix_classes && !is_beside(seat, -1) && !is_beside(seat, 1));
    apart.or(choices.first()).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    const USUAL: SeatingRoom = SeatingRoom { seats: 24, most: 28 };

    fn settings(fill: Fill, mix_classes: bool, seed: &str) -> SeatingSettings<'_> {
        SeatingSettings { fill, mix_classes, seed, what: "all" }
    }

    #[test]
    fn the_last_room_takes_a_few_more_before_another_is_opened() {
        let rooms = [USUAL; 5];
        assert_eq!(sizes(100, &rooms, Fill::InOrder).unwrap(), [24, 24, 24, 28]);
        assert_eq!(sizes(101, &rooms, Fill::InOrder).unwrap(), [24, 24, 24, 24, 5]);
        assert_eq!(sizes(101, &rooms, Fill::Evenly).unwrap(), [21, 20, 20, 20, 20]);
        assert_eq!(sizes(100, &rooms, Fill::Evenly).unwrap(), [24, 24, 24, 28]);
        assert_eq!(sizes(124, &rooms, Fill::InOrder).unwrap(), [24, 24, 24, 24, 28]);
        assert_eq!(sizes(125, &rooms, Fill::InOrder), Err(TooFewSeats(1)));
        assert_eq!(sizes(0, &[], Fill::InOrder).unwrap(), [] as [usize; 0]);
    }

    #[test]
    fn classes_that_come_one_after_another_are_dealt_over_the_rooms() {
        let classes: Vec<u32> = (0..96).map(|candidate| candidate / 32).collect();
        let seats = seat(&classes, &[USUAL; 4], &settings(Fill::InOrder, true, "1")).unwrap();
        assert_eq!(beside(&seats, &classes), 0);
        // Without mixing they sit in the order of their numbers.
        let seats = seat(&classes, &[USUAL; 4], &settings(Fill::InOrder, false, "1")).unwrap();
        assert_eq!(seats[25], Seat { room: 1, seat: 2 });
    }

    fn beside(seats: &[Seat], classes: &[u32]) -> usize {
        let by_seat: BTreeMap<Seat, u32> = seats.iter().copied().zip(classes.iter().copied()).collect();
        let next = |seat: &Seat| Seat { seat: seat.seat + 1, ..*seat };
        by_seat.iter().filter(|(seat, class)| by_seat.get(&next(seat)) == Some(class)).count()
    }

    fn rooms() -> impl Strategy<Value = Vec<SeatingRoom>> {
        let room = (1..30_usize, 0..5_usize).prop_map(|(seats, more)| SeatingRoom { seats, most: seats + more });
        prop::collection::vec(room, 1..9)
    }

    proptest! {
        #[test]
        fn each_has_one_seat_and_no_room_is_over_its_seats(
            classes in prop::collection::vec(0..5_u32, 0..160), rooms in rooms(), evenly: bool, mix: bool, seed in "[0-9]{0,3}"
        ) {
            let fill = if evenly { Fill::Evenly } else { Fill::InOrder };
            let settings = settings(fill, mix, &seed);
            match seat(&classes, &rooms, &settings) {
                Err(TooFewSeats(missing)) => {
                    prop_assert!(missing > 0);
                    let all: usize = rooms.iter().map(|room| room.seats).sum();
                    prop_assert!(classes.len() > all, "{} seats hold {}", all, classes.len());
                }
                Ok(seats) => {
                    prop_assert_eq!(&seats, &seat(&classes, &rooms, &settings).unwrap());
                    prop_assert_eq!(seats.len(), classes.len());
                    prop_assert_eq!(seats.iter().collect::<HashSet<_>>().len(), classes.len());
                    let last = seats.iter().map(|seat| seat.room).max().unwrap_or(0);
                    for (at, room) in rooms.iter().enumerate() {
                        let held = seats.iter().filter(|seat| seat.room == at).count();
                        let limit = if at == last { room.most } else { room.seats };
                        prop_assert!(held <= limit);
                        // Seats are taken from the first on.
                        prop_assert!(seats.iter().all(|seat| seat.room != at || (1..=held).contains(&seat.seat)));
                    }
                }
            }
        }

        /// Where no class is more than every second seat, none sits beside its own.
        #[test]
        fn neighbours_differ_where_that_is_possible(
            classes in prop::collection::vec(0..6_u32, 2..150), most in 4..29_usize, seed in "[0-9]{0,3}"
        ) {
            let rooms = vec![SeatingRoom { seats: most, most }; classes.len().div_ceil(most)];
            let settings = settings(Fill::Evenly, true, &seed);
            let sizes = sizes(classes.len(), &rooms, Fill::Evenly).unwrap();
            let room_for: usize = sizes.iter().map(|size| size.div_ceil(2)).sum();
            let largest = (0..6).map(|class| classes.iter().filter(|each| **each == class).count()).max().unwrap();
            let seats = seat(&classes, &rooms, &settings).unwrap();
            if largest <= room_for {
                prop_assert_eq!(beside(&seats, &classes), 0);
            }
        }

        #[test]
        fn late_candidates_take_free_seats_and_others_keep_theirs(
            classes in prop::collection::vec(0..4_u32, 0..80), late in prop::collection::vec(0..4_u32, 0..30), rooms in rooms(), mix: bool
        ) {
            if let Ok(seats) = seat(&classes, &rooms, &settings(Fill::InOrder, mix, "1")) {
                let taken: BTreeMap<Seat, u32> = seats.iter().copied().zip(classes.iter().copied()).collect();
                let all: usize = rooms.iter().map(|room| room.most).sum();
                match seat_late(&late, &taken, &rooms, mix) {
                    Ok(new) => {
                        prop_assert_eq!(new.len(), late.len());
                        prop_assert_eq!(new.iter().collect::<HashSet<_>>().len(), late.len());
                        prop_assert!(new.iter().all(|seat| !taken.contains_key(seat)));
                        prop_assert!(new.iter().all(|seat| (1..=rooms[seat.room].most).contains(&seat.seat)));
                    }
                    Err(TooFewSeats(missing)) => prop_assert_eq!(missing, classes.len() + late.len() - all),
                }
            }
        }
    }
}
