//! Dealing pupils out to classes: sizes, genders and marks even, friends together and pairs apart where that was asked for.
//! Computes, and knows no database.

use std::collections::{BTreeMap, BTreeSet};

/// A pupil to be dealt out.
#[derive(Clone, Debug, Default)]
pub struct Card {
    /// The place in the draw, which follows from a seed.
    pub lot: String,
    pub gender: String,
    /// In hundredths; none where it is not known.
    pub mark: Option<i64>,
}

/// Who is to be together and who apart, by their places among the cards.
#[derive(Clone, Debug, Default)]
pub struct Bonds {
    pub together: Vec<Vec<usize>>,
    pub apart: Vec<(usize, usize)>,
}

/// The class of each card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dealt {
    pub places: Vec<usize>,
    /// Friends who could not all stay together.
    pub split: Vec<Vec<usize>>,
    /// Pairs that could not be separated.
    pub not_apart: Vec<(usize, usize)>,
}

struct DealingTable<'a> {
    cards: &'a [Card],
    enemies: BTreeMap<usize, BTreeSet<usize>>,
    /// Those who go where their friends go.
    bound: BTreeSet<usize>,
    places: Vec<Option<usize>>,
    classes: Vec<DealtClass>,
    /// The size of each class, and how many may have one more.
    size: usize,
    larger: usize,
}

#[derive(Clone, Default)]
struct DealtClass {
    all: usize,
    marks: i64,
    genders: BTreeMap<String, usize>,
}

/// Deals cards out to so many classes. Sizes differ by one at most; without bonds, genders do as well.
#[must_use]
pub fn deal(cards: &[Card], classes: usize, bonds: &Bonds) -> Dealt {
    let classes = classes.max(1);
    let mut table = DealingTable {
        cards,
        enemies: BTreeMap::new(),
        bound: BTreeSet::new(),
        places: vec![None; cards.len()],
        classes: vec![DealtClass::default(); classes],
        size: cards.len() / classes,
        larger: cards.len() % classes,
    };
    for (one, other) in bonds.apart.iter().filter(|(one, other)| one != other) {
        table.enemies.entry(*one).or_default().insert(*other);
        table.enemies.entry(*other).or_default().insert(*one);
    }
    let groups = united(&bonds.together, cards.len());
    table.bound = groups.iter().flatten().copied().collect();
    let mut split = Vec::new();
    for group in &groups {
        if !table.seat_together(group) {
            split.push(group.clone());
        }
    }
    for card in table.rest() {
        table.seat(card);
    }
    let places = table.places.iter().map(|place| place.unwrap_or_default()).collect::<Vec<_>>();
    let are_together = |(one, other): &&(usize, usize)| one != other && places.get(*one) == places.get(*other);
    let not_apart = bonds.apart.iter().filter(are_together).copied().collect();
    Dealt { places, split, not_apart }
}

/// Groups without a common member, the largest first.
fn united(groups: &[Vec<usize>], count: usize) -> Vec<Vec<usize>> {
    let mut group_of: BTreeMap<usize, usize> = BTreeMap::new();
    let mut united: Vec<BTreeSet<usize>> = Vec::new();
    for group in groups {
        let mut all: BTreeSet<usize> = group.iter().copied().filter(|card| *card < count).collect();
        let others: BTreeSet<usize> = all.iter().filter_map(|card| group_of.get(card).copied()).collect();
        for other in others {
            if let Some(group) = united.get_mut(other) {
                all.append(group);
            }
        }
        for card in &all {
            group_of.insert(*card, united.len());
        }
        united.push(all);
    }
    let mut groups: Vec<Vec<usize>> =
        united.into_iter().filter(|group| group.len() > 1).map(|group| group.into_iter().collect()).collect();
    groups.sort_by_key(|group| (std::cmp::Reverse(group.len()), group.first().copied()));
    groups
}

impl DealingTable<'_> {
    fn has_room(&self, class: usize, count: usize) -> bool {
        let over = self.classes.iter().filter(|class| class.all > self.size).count();
        self.classes.get(class).is_some_and(|class| {
            let then = class.all + count;
            then <= self.size || then == self.size + 1 && (class.all > self.size || over < self.larger)
        })
    }

    fn has_enemy(&self, class: usize, card: usize) -> bool {
        let enemies = self.enemies.get(&card);
        enemies.is_some_and(|enemies| enemies.iter().any(|enemy| self.places.get(*enemy) == Some(&Some(class))))
    }

    fn put(&mut self, card: usize, class: usize) {
        let Some(of) = self.cards.get(card) else { return };
        if let (Some(place), Some(class_of)) = (self.places.get_mut(card), self.classes.get_mut(class)) {
            *place = Some(class);
            class_of.all += 1;
            class_of.marks += of.mark.unwrap_or_default();
            *class_of.genders.entry(of.gender.clone()).or_default() += 1;
        }
    }

    fn take(&mut self, card: usize) {
        let Some(of) = self.cards.get(card) else { return };
        let Some(class) = self.places.get_mut(card).and_then(Option::take) else { return };
        if let Some(class_of) = self.classes.get_mut(class) {
            class_of.all -= 1;
            class_of.marks -= of.mark.unwrap_or_default();
            if let Some(count) = class_of.genders.get_mut(&of.gender) {
                *count -= 1;
            }
        }
    }

    /// How well a card goes into a class: the least is the best.
    fn fit(&self, class: usize, card: usize) -> (usize, usize, i64, usize) {
        let gender = self.cards.get(card).map(|card| card.gender.as_str()).unwrap_or_default();
        self.classes.get(class).map_or((usize::MAX, usize::MAX, i64::MAX, class), |of| {
            (of.genders.get(gender).copied().unwrap_or_default(), of.all, of.marks, class)
        })
    }

    /// Friends go into the emptiest class that has room for all of them and none of their enemies. False where there is
    /// none: then they are dealt out one by one, as many together as there is room for.
    fn seat_together(&mut self, group: &[usize]) -> bool {
        let is_free = |table: &Self, class: usize, group: &[usize]| {
            table.has_room(class, group.len()) && !group.iter().any(|card| table.has_enemy(class, *card))
        };
        let at_odds = group.iter().any(|card| {
            self.enemies.get(card).is_some_and(|enemies| group.iter().any(|other| enemies.contains(other)))
        });
        let fitting = (0..self.classes.len()).filter(|class| !at_odds && is_free(self, *class, group));
        let best = fitting.min_by_key(|class| self.classes.get(*class).map(|of| (of.all, *class)));
        if let Some(class) = best {
            for card in group {
                self.put(*card, class);
            }
            return true;
        }
        let mut last = None;
        for card in group {
            let together = last.filter(|class| self.has_room(*class, 1) && !self.has_enemy(*class, *card));
            match together {
                Some(class) => self.put(*card, class),
                None => self.seat(*card),
            }
            last = self.places.get(*card).copied().flatten();
        }
        false
    }

    /// Those who have no class yet: first those who are to be apart from others, one after another, then by gender
    /// and mark.
    fn rest(&self) -> Vec<usize> {
        let key = |card: &usize| self.cards.get(*card).map(|of| (&of.gender, std::cmp::Reverse(of.mark), &of.lot));
        let mut free: Vec<usize> = (0..self.cards.len()).filter(|card| self.places.get(*card) == Some(&None)).collect();
        free.sort_by(|one, other| key(one).cmp(&key(other)));
        let without_class: BTreeSet<usize> = free.iter().copied().collect();
        let mut order: Vec<usize> = Vec::new();
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        let degree = |card: &usize| self.enemies.get(card).map_or(0, BTreeSet::len);
        let mut with_enemies: Vec<usize> = free.iter().copied().filter(|card| degree(card) > 0).collect();
        with_enemies.sort_by_key(|card| std::cmp::Reverse(degree(card)));
        for card in with_enemies {
            let mut next = vec![card];
            while let Some(card) = next.pop() {
                if without_class.contains(&card) && seen.insert(card) {
                    order.push(card);
                    next.extend(self.enemies.get(&card).into_iter().flatten().copied());
                }
            }
        }
        order.extend(free.into_iter().filter(|card| !seen.contains(card)));
        order
    }

    fn seat(&mut self, card: usize) {
        let all = 0..self.classes.len();
        let free = all.clone().filter(|class| self.has_room(*class, 1));
        let best =
            free.clone().filter(|class| !self.has_enemy(*class, card)).min_by_key(|class| self.fit(*class, card));
        if let Some(class) = best {
            return self.put(card, class);
        }
        // The classes that have room have an enemy: another pupil goes there instead.
        let open: Vec<usize> = free.collect();
        for class in all.filter(|class| !self.has_enemy(*class, card)) {
            let there: Vec<usize> = (0..self.cards.len())
                .filter(|other| self.places.get(*other) == Some(&Some(class)) && !self.bound.contains(other))
                .collect();
            for other in there {
                let to = open.iter().copied().find(|to| !self.has_enemy(*to, other));
                if let Some(to) = to {
                    self.take(other);
                    self.put(other, to);
                    return self.put(card, class);
                }
            }
        }
        // They cannot be apart.
        if let Some(class) = open.into_iter().min_by_key(|class| self.fit(*class, card)) {
            self.put(card, class);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cards(genders: &[usize], marks: &[Option<i64>]) -> Vec<Card> {
        let all = ["female", "male", ""];
        let marks = marks.iter().copied().chain(std::iter::repeat(None));
        let card = |((n, gender), mark): ((usize, &usize), Option<i64>)| Card {
            lot: format!("{:04}", (n * 7_919) % 10_000),
            gender: all[*gender].to_owned(),
            mark,
        };
        genders.iter().enumerate().zip(marks).map(card).collect()
    }

    fn spread(dealt: &Dealt, classes: usize, is: &dyn Fn(usize) -> bool) -> usize {
        let mut counts = vec![0_usize; classes];
        for (card, place) in dealt.places.iter().enumerate() {
            counts[*place] += usize::from(is(card));
        }
        counts.iter().max().unwrap() - counts.iter().min().unwrap()
    }

    proptest! {
        #[test]
        fn classes_and_genders_differ_by_one_at_most(
            genders in proptest::collection::vec(0..3_usize, 1..200),
            classes in 2..9_usize,
        ) {
            let cards = cards(&genders, &[]);
            let dealt = deal(&cards, classes, &Bonds::default());
            prop_assert!(spread(&dealt, classes, &|_| true) <= 1);
            for gender in 0..3 {
                prop_assert!(spread(&dealt, classes, &|card| genders[card] == gender) <= 1, "{}", gender);
            }
            prop_assert_eq!(&dealt, &deal(&cards, classes, &Bonds::default()), "the same again");
        }

        #[test]
        fn friends_stay_together_and_pairs_apart_or_are_named(
            genders in proptest::collection::vec(0..2_usize, 4..120),
            classes in 2..7_usize,
            groups in proptest::collection::vec(proptest::collection::vec(0..120_usize, 2..5), 0..8),
            pairs in proptest::collection::vec((0..120_usize, 0..120_usize), 0..30),
        ) {
            let cards = cards(&genders, &[]);
            let within = |card: usize| card % cards.len();
            let bonds = Bonds {
                together: groups.iter().map(|group| group.iter().copied().map(within).collect()).collect(),
                apart: pairs.iter().map(|(one, other)| (within(*one), within(*other))).collect(),
            };
            let dealt = deal(&cards, classes, &bonds);
            prop_assert_eq!(dealt.places.len(), cards.len());
            prop_assert!(spread(&dealt, classes, &|_| true) <= 1);
            for group in &bonds.together {
                let is_whole = group.iter().all(|card| dealt.places[*card] == dealt.places[group[0]]);
                let is_named = dealt.split.iter().any(|split| split.contains(&group[0]));
                prop_assert!(is_whole || is_named, "{:?}", group);
            }
            for (one, other) in bonds.apart.iter().filter(|(one, other)| one != other) {
                let is_apart = dealt.places[*one] != dealt.places[*other];
                prop_assert!(is_apart || dealt.not_apart.contains(&(*one, *other)), "{} {}", one, other);
            }
        }

        #[test]
        fn pairs_without_other_bonds_are_never_together(
            genders in proptest::collection::vec(0..2_usize, 4..120),
            classes in 2..7_usize,
            count in 0..60_usize,
        ) {
            let cards = cards(&genders, &[]);
            let apart: Vec<(usize, usize)> =
                (0..count.min(cards.len() / 2)).map(|pair| (pair * 2, pair * 2 + 1)).collect();
            let dealt = deal(&cards, classes, &Bonds { together: Vec::new(), apart });
            prop_assert!(dealt.not_apart.is_empty());
            let even = spread(&dealt, classes, &|_| true) <= 1;
            prop_assert!(even);
        }

        #[test]
        fn friends_who_fit_into_a_class_are_together(
            genders in proptest::collection::vec(0..2_usize, 20..120),
            classes in 2..5_usize,
            length in 2..5_usize,
        ) {
            let cards = cards(&genders, &[]);
            let together = vec![(0..length).collect::<Vec<_>>()];
            let dealt = deal(&cards, classes, &Bonds { together, apart: Vec::new() });
            prop_assert_eq!(dealt.split, [] as [Vec<usize>; 0]);
            prop_assert!((0..length).all(|card| dealt.places[card] == dealt.places[0]));
        }
    }

    #[test]
    fn marks_are_even() {
        let genders: Vec<usize> = (0..60).map(|n| n % 2).collect();
        let marks: Vec<Option<i64>> = (0..60).map(|n| Some(400 + (n * 37 % 60) * 10)).collect();
        let cards = cards(&genders, &marks);
        let dealt = deal(&cards, 3, &Bonds::default());
        let sum = |class: usize| -> i64 {
            dealt
                .places
                .iter()
                .zip(&cards)
                .filter(|(place, _)| **place == class)
                .filter_map(|(_, card)| card.mark)
                .sum()
        };
        let sums = [sum(0), sum(1), sum(2)];
        let spread = sums.iter().max().unwrap() - sums.iter().min().unwrap();
        // By twenty in each class: less than half a mark each.
        assert!(spread < 20 * 50, "{sums:?}");
    }

    #[test]
    fn what_cannot_be_is_named() {
        let cards = cards(&[0, 0, 0, 1], &[]);
        let apart = vec![(0, 1), (1, 2), (0, 2)];
        let dealt = deal(&cards, 2, &Bonds { together: vec![vec![0, 1, 3]], apart });
        assert_eq!(dealt.split, [vec![0, 1, 3]]);
        assert_eq!(dealt.not_apart.len(), 1, "three who are all to be apart do not fit into two classes");
    }
}
