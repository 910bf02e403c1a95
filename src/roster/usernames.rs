//! Usernames of pupils: made from the name, unique in the school that makes them; the logins made of them are unique
//! for ever.

use std::collections::{HashMap, HashSet};

use sqlx::PgConnection;

use crate::{access::Scope, error::Result, identity::accounts, vietnam::name};

/// The login of a username: `khaintm@79000701`. It stays the same for life, even if the school's code changes.
#[must_use]
pub fn login(username: &str, school_code: &str) -> String {
    format!("{username}@{}", school_code.to_lowercase())
}

/// A username for each name, in order; `wanted` ones are kept where they are free and can be stored.
pub async fn choose(scope: &Scope, tx: &mut PgConnection, people: &[(&str, Option<&str>)]) -> Result<Vec<String>> {
    Usernames::read(scope, tx).await?.choose(tx, people).await
}

/// The usernames of a school while people are added in batches; the caller holds the roster lock.
pub struct Usernames {
    code: String,
    given: ChosenUsernames,
}

impl Usernames {
    /// Reads the usernames in use.
    pub async fn read(scope: &Scope, tx: &mut PgConnection) -> Result<Self> {
        let taken = in_school(scope, tx).await?;
        Ok(Self { code: scope.school.code.clone(), given: ChosenUsernames { taken, next: HashMap::new() } })
    }

    /// As [`choose`]; the chosen names count as in use from now on.
    pub async fn choose(&mut self, tx: &mut PgConnection, people: &[(&str, Option<&str>)]) -> Result<Vec<String>> {
        let mut chosen: Vec<String> = people.iter().map(|(name, wanted)| self.given.give(name, *wanted)).collect();
        let mut fresh: HashSet<usize> = (0..chosen.len()).collect();
        loop {
            // A login outlives its member: a pupil who moved to another school keeps theirs.
            let of_fresh = chosen.iter().enumerate().filter(|(at, _)| fresh.contains(at));
            let logins: Vec<String> = of_fresh.map(|(_, username)| login(username, &self.code)).collect();
            let used: HashSet<String> = accounts::taken_logins(tx, &logins).await?.into_iter().collect();
            if used.is_empty() {
                return Ok(chosen);
            }
            fresh.clear();
            for (at, (username, (name, wanted))) in chosen.iter_mut().zip(people).enumerate() {
                if used.contains(&login(username, &self.code)) {
                    *username = self.given.give(name, *wanted);
                    fresh.insert(at);
                }
            }
        }
    }
}

/// With those by which members who were merged into others are known still.
async fn in_school(scope: &Scope, tx: &mut PgConnection) -> Result<HashSet<String>> {
    let names = sqlx::query_scalar!(
        r#"SELECT username AS "username!" FROM members WHERE school_id = $1 AND username IS NOT NULL
           UNION SELECT "values" ->> 'username' FROM member_aliases
           WHERE school_id = $1 AND "values" ->> 'username' IS NOT NULL"#,
        scope.school_id(),
    )
    .fetch_all(tx)
    .await?;
    Ok(names.into_iter().collect())
}

/// The usernames in use, and the next number to try for each stem: of thousands with one name, none searches past all
/// the earlier ones.
#[derive(Default)]
struct ChosenUsernames {
    taken: HashSet<String>,
    next: HashMap<String, u32>,
}

impl ChosenUsernames {
    fn give(&mut self, full_name: &str, wanted: Option<&str>) -> String {
        let wanted = wanted.filter(|wanted| is_storable(wanted));
        let stem = wanted.map_or_else(|| name::username_stem(full_name), str::to_owned);
        let number = self.next.entry(stem.clone()).or_insert(1);
        loop {
            let candidate = if *number == 1 { stem.clone() } else { numbered(&stem, *number) };
            *number = number.saturating_add(1);
            if self.taken.insert(candidate.clone()) {
                return candidate;
            }
        }
    }
}

/// The longest username, in characters.
const MAX_CHARS: usize = 40;

/// Whether the database takes it as a username, by the check of its column: an import is written in one statement, so
/// one that it does not take would cost all people of the list.
fn is_storable(username: &str) -> bool {
    (name::MIN_STEM_CHARS..=MAX_CHARS).contains(&username.len())
        && username.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-'))
}

/// A long stem is cut at its end to fit the number.
fn numbered(stem: &str, number: u32) -> String {
    let number = number.to_string();
    stem.chars().take(MAX_CHARS - number.len()).chain(number.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_tells_namesakes_apart() {
        let taken = HashSet::from(["khaintm".to_owned(), "khaintm2".to_owned()]);
        let mut given = ChosenUsernames { taken, ..ChosenUsernames::default() };
        assert_eq!(given.give("Nguyễn Trần Minh Khải", None), "khaintm3");
        assert_eq!(given.give("Nguyễn Trần Minh Khải", None), "khaintm4");
        assert_eq!(given.give("Đỗ Đức Đạt", None), "datdd");
        assert_eq!(given.give("Đỗ Đức Đạt", Some("dat.do")), "dat.do");
        assert_eq!(given.give("Nguyễn Trần Minh Khải", Some("khaintm5")), "khaintm5");
        assert_eq!(given.give("Nguyễn Trần Minh Khải", None), "khaintm6");
        let longest = "x".repeat(MAX_CHARS);
        assert_eq!(given.give("Đỗ Đức Đạt", Some(&longest)), longest);
        assert_eq!(given.give("Đỗ Đức Đạt", Some(&longest)), format!("{}2", &longest[1..]));
    }

    #[test]
    fn a_name_of_one_letter_gives_a_username_too() {
        let mut given = ChosenUsernames::default();
        let names = ["Y", "Ô", "A", "Lý 李明", "李明", "Y", "Ỹ"];
        let usernames: Vec<String> = names.iter().map(|name| given.give(name, None)).collect();
        assert_eq!(usernames, ["yhs", "ohs", "ahs", "ly", "hs", "yhs2", "yhs3"]);
        // A wish that the database would refuse is none.
        assert_eq!(given.give("Đỗ Đức Đạt", Some("d")), "datdd");
    }

    proptest::proptest! {
        #[test]
        fn every_username_can_be_stored(
            names in proptest::collection::vec("\\PC{0,12}|[A-ZÀ-ỹ]|[A-ZÀ-ỹ] \\PC{1,3}", 1..30),
            wanted in proptest::option::of("\\PC{0,45}|[a-z0-9._-]{1,45}"),
        ) {
            let mut given = ChosenUsernames::default();
            let mut seen = HashSet::new();
            for name in &names {
                let username = given.give(name, wanted.as_deref());
                proptest::prop_assert!(is_storable(&username), "{name:?}: {username:?}");
                proptest::prop_assert!(seen.insert(username));
            }
        }
    }
}
