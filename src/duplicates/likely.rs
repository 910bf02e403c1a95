//! Which members are worth comparing: those who have in common what a person has who was written down twice. Of a large
//! school it looks at each once, and at namesakes only where something else agrees. Knows no database.

use std::collections::{BTreeSet, HashMap};

use chrono::{Datelike, NaiveDate};

use super::pairs::in_order;
use crate::{
    ids::{ClassId, MemberId},
    vietnam::name,
};

/// How many of those who have the same in common are compared with each other.
const MOST_ALIKE: usize = 40;

/// A member, as far as pairs are found by it.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: MemberId,
    pub full_name: String,
    pub birth_date: Option<NaiveDate>,
    /// Of this year.
    pub class_id: Option<ClassId>,
    /// The names of mother and guardian.
    pub parents: Vec<String>,
}

/// What two have in common.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Clue<'a> {
    /// The whole name, in whatever order and spelling, and the birth date.
    Name(&'a str, NaiveDate),
    /// The same name; the class and a parent.
    Family(&'a str, ClassId, &'a str),
    /// The same name; the birth date with day and month either way, and a parent or the class.
    TurnedFamily(&'a str, NaiveDate, &'a str),
    TurnedClass(&'a str, NaiveDate, ClassId),
    /// The given name and the birth date; a parent or the class.
    GivenFamily(&'a str, NaiveDate, &'a str),
    GivenClass(&'a str, NaiveDate, ClassId),
}

/// A person with what their names come to.
struct Read {
    id: MemberId,
    letters: String,
    given: String,
    birth_date: Option<NaiveDate>,
    class_id: Option<ClassId>,
    parents: Vec<String>,
}

/// The letters of a name, however it is spelt and its words are split and ordered.
fn letters(full_name: &str) -> String {
    let mut letters: Vec<char> = name::loose_key(full_name).chars().filter(|c| c.is_alphanumeric()).collect();
    letters.sort_unstable();
    letters.into_iter().collect()
}

/// 9 August and 8 September, as one of them.
fn either_way(date: NaiveDate) -> NaiveDate {
    let turned = NaiveDate::from_ymd_opt(date.year(), date.day(), date.month());
    turned.map_or(date, |turned| turned.min(date))
}

impl Read {
    fn of(person: &Person) -> Self {
        Self {
            id: person.id,
            letters: letters(&person.full_name),
            given: name::loose_given(&person.full_name),
            birth_date: person.birth_date,
            class_id: person.class_id,
            parents: person.parents.iter().map(|parent| letters(parent)).collect(),
        }
    }

    fn clues(&self) -> Vec<Clue<'_>> {
        let mut clues = Vec::new();
        for parent in &self.parents {
            clues.extend(self.class_id.map(|class| Clue::Family(&self.letters, class, parent)));
        }
        let Some(born) = self.birth_date else { return clues };
        clues.push(Clue::Name(&self.letters, born));
        for parent in &self.parents {
            clues.push(Clue::TurnedFamily(&self.letters, either_way(born), parent));
            clues.push(Clue::GivenFamily(&self.given, born, parent));
        }
        if let Some(class) = self.class_id {
            clues.push(Clue::TurnedClass(&self.letters, either_way(born), class));
            clues.push(Clue::GivenClass(&self.given, born, class));
        }
        clues
    }
}

/// The pairs, each with the smaller id first; the same for the same people, in whatever order they come.
#[must_use]
pub fn pairs(people: &[Person]) -> BTreeSet<(MemberId, MemberId)> {
    let read: Vec<Read> = people.iter().map(Read::of).collect();
    let mut alike: HashMap<Clue<'_>, BTreeSet<MemberId>> = HashMap::new();
    for person in &read {
        for clue in person.clues() {
            alike.entry(clue).or_default().insert(person.id);
        }
    }
    let mut pairs = BTreeSet::new();
    for group in alike.values().filter(|group| group.len() > 1) {
        let group: Vec<MemberId> = group.iter().copied().take(MOST_ALIKE).collect();
        for (at, one) in group.iter().enumerate() {
            pairs.extend(group.iter().skip(at + 1).map(|other| in_order(*one, *other)));
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: u128, name: &str, born: &str, class: u128, parents: &[&str]) -> Person {
        Person {
            id: MemberId::from_u128(id),
            full_name: name.to_owned(),
            birth_date: born.parse().ok(),
            class_id: (class > 0).then(|| ClassId::from_u128(class)),
            parents: parents.iter().map(|parent| (*parent).to_owned()).collect(),
        }
    }

    fn found(people: &[Person]) -> Vec<(u128, u128)> {
        pairs(people).into_iter().map(|(a, b)| (a.uuid().as_u128(), b.uuid().as_u128())).collect()
    }

    #[test]
    fn those_are_found_who_may_be_one_and_namesakes_are_not() {
        let mother = ["Trần Thị Dương"];
        let people = [
            person(1, "Nguyễn Thúy Hằng", "2011-11-15", 1, &mother),
            // Another spelling; another birth date in the same class and family; day and month turned.
            person(2, "Nguyen Thuy Hang", "2011-11-15", 2, &[]),
            person(3, "Nguyễn Thúy Hằng", "2011-12-15", 1, &mother),
            person(4, "Nguyễn Thúy Hằng", "2010-08-09", 3, &mother),
            person(5, "Nguyễn Thúy Hằng", "2010-09-08", 4, &mother),
            // Another family name, the same mother.
            person(6, "Lê Thúy Hằng", "2011-11-15", 5, &mother),
            // A namesake.
            person(7, "Nguyễn Thúy Hằng", "2012-01-01", 6, &["Lê Thị Khác"]),
            person(8, "Nguyễn Thúy Hằng", "", 0, &[]),
        ];
        assert_eq!(found(&people), [(1, 2), (1, 3), (1, 6), (4, 5)]);
        let mut turned = people.to_vec();
        turned.reverse();
        assert_eq!(found(&turned), found(&people), "in whatever order they come");
    }

    #[test]
    fn a_school_full_of_namesakes_is_looked_at_once() {
        let born = |n: u128| format!("20{:02}-{:02}-{:02}", 5 + n % 15, 1 + n % 12, 13 + n % 15);
        let namesakes: Vec<Person> =
            (0..20_000).map(|n| person(n, "Nguyễn Văn An", &born(n), 1 + n % 500, &[])).collect();
        assert!(found(&namesakes).len() < namesakes.len() * MOST_ALIKE);
    }
}
