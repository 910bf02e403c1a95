//! The parts of the problem that FET names where it cannot place activities.

use super::{Activity, activities, own_name};
use crate::timetable::solver::problem::{Index, Problem};

/// The most parts that are named: the first are those that matter.
const MOST: usize = 10;

/// A part of the problem that FET complains of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blamed {
    Block(Activity),
    Teacher(Index),
    Class(Index),
    Room(Index),
}

/// The parts that its words are about: activities by their numbers, and where a line names none, people, classes and
/// rooms by their names. Its sentences may be in any language.
#[must_use]
pub fn blamed(problem: &Problem, words: &str) -> Vec<Blamed> {
    let activities = activities(problem);
    let mut found: Vec<Blamed> = Vec::new();
    for line in words.lines() {
        let of_number = |number: usize| activities.get(number.checked_sub(1)?).copied().map(Blamed::Block);
        let blocks: Vec<Blamed> = numbers(line).into_iter().filter_map(of_number).collect();
        let all = if blocks.is_empty() { named(problem, line) } else { blocks };
        for each in all {
            if !found.contains(&each) {
                found.push(each);
            }
        }
    }
    found.truncate(MOST);
    found
}

/// The numbers of activities in a line: `id=12`, `Id: 12`.
fn numbers(line: &str) -> Vec<usize> {
    let line = line.to_ascii_lowercase();
    let number = |(at, _): (usize, &str)| {
        let is_word = !line[..at].ends_with(char::is_alphanumeric);
        let rest = &line[at + 2..];
        let value = rest.trim_start_matches(['=', ':', ' ']);
        let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok().filter(|_| is_word && value.len() < rest.len())
    };
    line.match_indices("id").filter_map(number).collect()
}

fn named(problem: &Problem, line: &str) -> Vec<Blamed> {
    let is_named = |name: &str, number: usize| has(line, &own_name(name, number));
    let teachers = problem.teachers.iter().enumerate().filter(|(number, each)| is_named(&each.name, *number));
    let classes = problem.classes.iter().enumerate().filter(|(number, each)| is_named(&each.name, *number));
    let rooms = problem.rooms.iter().enumerate().filter(|(number, each)| is_named(&each.name, *number));
    teachers
        .map(|(number, _)| Blamed::Teacher(number))
        .chain(classes.map(|(number, _)| Blamed::Class(number)))
        .chain(rooms.map(|(number, _)| Blamed::Room(number)))
        .collect()
}

/// Whether a line has this name: "Lan #1" is not "Lan #12".
fn has(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| !line[at + name.len()..].starts_with(|next: char| next.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timetable::solver::problem::{Need, ProblemClass, ProblemSubject, ProblemTeacher};

    fn problem() -> Problem {
        let need = |class, teacher, doubles| Need {
            class,
            subject: 0,
            teacher: Some(teacher),
            periods: 2,
            doubles,
            room: None,
        };
        Problem {
            teachers: (0..12)
                .map(|_| ProblemTeacher { name: "Cô Lan".to_owned(), ..ProblemTeacher::default() })
                .collect(),
            classes: (0..2)
                .map(|number| ProblemClass { name: format!("10A{number}"), ..ProblemClass::default() })
                .collect(),
            subjects: vec![ProblemSubject { name: "Văn".to_owned(), is_heavy: false }],
            needs: vec![need(0, 0, 1), need(1, 11, 0)],
            ..Problem::default()
        }
    }

    #[test]
    fn numbers_and_names_are_found_in_what_the_engine_says() {
        let problem = problem();
        let all = activities(&problem);
        let of = |words: &str| blamed(&problem, words);
        assert_eq!(
            of("Message: Activity with id=1 has no allowed slot - please correct that."),
            [Blamed::Block(all[0])]
        );
        assert_eq!(of("Id: 3 (1 - Cô Lan #12 - Văn #1 - 10A1 #2)\n"), [Blamed::Block(all[2])]);
        // Two blocks of one need are the same to a reader.
        assert_eq!(of("Id: 2 (x)\nNo: 1, Id: 3 (x)"), [Blamed::Block(all[1])]);
        assert_eq!(of("Cannot optimize for teacher Cô Lan #12, because"), [Blamed::Teacher(11)]);
        assert_eq!(of("Cannot optimize for students set 10A1 #2, because"), [Blamed::Class(1)]);
        assert_eq!(of("Starting timetable generation...\nSimulation successful\nvalid 5, id=99, id=0, idea"), []);
    }
}
