//! The people of a school, or of its part of the registry, by what a row may name them by.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use chrono::NaiveDate;
use sqlx::{PgConnection, types::Json};
use tokio::task::yield_now;

use super::{Key, PARENTS, RowKeys, day_and_month_turned, own_key};
use crate::{
    access::{SchoolKind, Scope},
    error::Result,
    ids::MemberId,
    registry::store as registry,
    roster::fields::{Field, Values},
    vietnam::name,
};

/// The people of a school by their keys, read once for a pass over a plan.
#[derive(Debug, Default)]
pub struct RosterIndex {
    own: HashMap<Key, MemberId>,
    people: HashMap<Key, Vec<MemberId>>,
    /// By the number of the identity card.
    numbers: HashMap<Key, Vec<MemberId>>,
    /// By what records of the same person may have in common: [`clues`].
    alike: HashMap<u64, Vec<MemberId>>,
    /// Those whose clues are not worked out yet.
    without_clues: Vec<KnownPerson>,
}

/// What the clues of a person are made of.
#[derive(Debug)]
struct KnownPerson {
    id: MemberId,
    full_name: String,
    birth: Option<NaiveDate>,
    /// The names of the mother and the guardian.
    parents: [Option<String>; 2],
    /// Of staff: pupils have their family's.
    phone: Option<String>,
}

/// Who may be meant by a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidates {
    Nobody,
    /// An identifier of their own says so.
    Certain(MemberId),
    /// Identifiers of their own point to different people.
    Contradictory(MemberId),
    /// Of the same name and birth date.
    Similar(Vec<MemberId>),
}

impl RosterIndex {
    /// The people of the registry.
    pub async fn read_registry(scope: &Scope, tx: &mut PgConnection) -> Result<Self> {
        let mut index = Self::default();
        let mut people = registry::indexed(scope, tx).await?;
        // As of the roster: which of several is shown first does not change from one reading to the next.
        people.sort_unstable_by_key(|person| person.id);
        for (place, person) in people.into_iter().enumerate() {
            if place % AT_ONCE == 0 {
                yield_now().await;
            }
            index.without_clues.push(KnownPerson {
                id: person.id.of_other_kind(),
                full_name: person.full_name.clone(),
                birth: person.birth_date,
                parents: [person.mother_name, person.guardian_name],
                phone: None,
            });
            let by_email = !person.is_student || scope.school.kind == SchoolKind::Higher;
            let fields = [
                (Field::FullName, Some(person.full_name)),
                (Field::BirthDate, person.birth_date.map(|date| date.to_string())),
                (Field::MoetId, person.moet_id),
                (Field::Email, person.email),
            ];
            let values = fields.into_iter().filter_map(|(field, value)| Some((field, value?))).collect();
            index.add(person.id.of_other_kind(), &RowKeys::exact(&values, by_email));
        }
        Ok(index)
    }

    /// The people of the roster.
    pub async fn read(scope: &Scope, tx: &mut PgConnection) -> Result<Self> {
        let mut parents = parents(scope, tx).await?;
        let rows = sqlx::query!(
            "SELECT id, full_name, birth_date, username, moet_id, email, phone, national_id, role FROM members
             WHERE school_id = $1 ORDER BY id",
            scope.school_id(),
        )
        .fetch_all(&mut *tx)
        .await?;
        let mut index = Self::default();
        for (place, row) in rows.into_iter().enumerate() {
            if place % AT_ONCE == 0 {
                yield_now().await;
            }
            index.without_clues.push(KnownPerson {
                id: row.id,
                full_name: row.full_name.clone(),
                birth: row.birth_date,
                parents: parents.remove(&row.id).unwrap_or_default(),
                phone: row.phone.filter(|_| row.role != "student"),
            });
            let fields = [
                (Field::FullName, Some(row.full_name)),
                (Field::BirthDate, row.birth_date.map(|date| date.to_string())),
                (Field::Username, row.username),
                (Field::MoetId, row.moet_id),
                (Field::Email, row.email),
                (Field::NationalId, row.national_id),
            ];
            let values = fields.into_iter().filter_map(|(field, value)| Some((field, value?))).collect();
            // A pupil's e-mail is the family's: siblings share it. In higher education it is the student's own.
            let by_email = row.role != "student" || scope.school.kind == SchoolKind::Higher;
            index.add(row.id, &RowKeys::exact(&values, by_email));
        }
        index.add_aliases(scope, tx).await?;
        Ok(index)
    }

    /// What merged members, and those who stayed, were known by before the merge: it leads to those who stayed.
    async fn add_aliases(&mut self, scope: &Scope, tx: &mut PgConnection) -> Result<()> {
        let rows = sqlx::query!(
            r#"SELECT a.member_id, known AS "known!: Json<Values>", m.role FROM member_aliases a
               JOIN members m ON m.school_id = $1 AND m.id = a.member_id
               CROSS JOIN LATERAL unnest(ARRAY[a."values", a.kept_values]) known
               WHERE a.school_id = $1 AND known IS NOT NULL
               ORDER BY a.merge_id"#,
            scope.school_id(),
        )
        .fetch_all(tx)
        .await?;
        for row in rows {
            let keys = RowKeys::of(&row.known.0, row.role != "student" || scope.school.kind == SchoolKind::Higher);
            // A member's own keys go before those of an alias.
            keys.own.into_iter().for_each(|key| {
                self.own.entry(key).or_insert(row.member_id);
            });
            if let Some(key) = keys.person {
                let ids = self.people.entry(key).or_default();
                if !ids.contains(&row.member_id) {
                    ids.push(row.member_id);
                }
            }
        }
        Ok(())
    }

    /// Adds a person to the index.
    pub fn add(&mut self, id: MemberId, keys: &RowKeys) {
        self.own.extend(keys.own.iter().map(|key| (*key, id)));
        if let Some(key) = keys.person {
            self.people.entry(key).or_default().push(id);
        }
        if let Some(key) = keys.national {
            self.numbers.entry(key).or_default().push(id);
        }
    }

    /// A person of the index has another identifier of the ministry from now on.
    pub fn add_identifier(&mut self, id: MemberId, moet_id: &str) {
        self.own.insert(own_key(Field::MoetId, moet_id), id);
    }

    /// Works out by which clues everybody is found, before [`RosterIndex::alike`] is asked. Most lists name people in other
    /// ways, and of a hundred thousand people it takes a second: others have their turn in between.
    pub async fn work_out_clues(&mut self) {
        for people in std::mem::take(&mut self.without_clues).chunks(AT_ONCE) {
            for person in people {
                let parents = person.parents.iter().flatten().map(|name| loose(name));
                let by_phone = person.phone.iter().map(|phone| by_phone(&person.full_name, phone));
                for clue in known_by(&person.full_name, person.birth, parents).into_iter().chain(by_phone) {
                    self.alike.entry(clue).or_default().push(person.id);
                }
            }
            yield_now().await;
        }
    }

    /// Who may be meant although neither an identifier nor name and birth date say so.
    #[must_use]
    pub fn alike(&self, values: &Values) -> Vec<MemberId> {
        let Some(full_name) = values.get(&Field::FullName) else { return Vec::new() };
        let birth = values.get(&Field::BirthDate).and_then(|date| date.parse().ok());
        let parents = PARENTS.iter().filter_map(|field| Some(loose(values.get(field)?)));
        let turned = birth.and_then(day_and_month_turned).map(|birth| by_given_name(full_name, birth));
        let named = birth.is_none().then(|| by_name(full_name));
        let phone = values.get(&Field::Phone).map(|phone| by_phone(full_name, phone));
        let clues = clues(full_name, birth, parents).into_iter().chain(turned).chain(named).chain(phone);
        let mut ids: Vec<MemberId> = clues.filter_map(|clue| self.alike.get(&clue)).flatten().copied().collect();
        ids.sort_unstable();
        ids.dedup();
        ids.truncate(MOST_ALIKE);
        ids
    }

    /// The namesakes of a person that a row identifies: those of the name and birth date that it says, or where it has
    /// no birth date, of the name who have a parent that it names.
    #[must_use]
    pub fn namesakes(&self, values: &Values, keys: &RowKeys, member_id: MemberId) -> Vec<MemberId> {
        let Some(full_name) = values.get(&Field::FullName) else { return Vec::new() };
        let has_birth_date = values.contains_key(&Field::BirthDate);
        let parents = PARENTS.iter().filter(|_| !has_birth_date).filter_map(|field| values.get(field));
        let clues = parents.map(|parent| by_parent(full_name, loose(parent)));
        let of_parent = clues.filter_map(|clue| self.alike.get(&clue)).flatten();
        let of_birth = keys.person.and_then(|key| self.people.get(&key)).into_iter().flatten();
        let ids = of_parent.chain(of_birth).copied().filter(|id| *id != member_id);
        ids.take(MOST_ALIKE).collect()
    }

    /// Who has the number of the identity card that a row says.
    #[must_use]
    pub fn of_number(&self, keys: &RowKeys) -> Vec<MemberId> {
        let ids = keys.national.and_then(|key| self.numbers.get(&key)).into_iter().flatten();
        ids.copied().take(MOST_ALIKE).collect()
    }

    /// Whether an identifying value belongs to another member.
    #[must_use]
    pub fn is_of_another(&self, field: Field, value: &str, member_id: MemberId) -> bool {
        self.own.get(&own_key(field, value)).is_some_and(|owner| *owner != member_id)
    }

    /// Whether the name and birth date of a row are those of other members, and not of this one.
    #[must_use]
    pub fn names_others(&self, keys: &RowKeys, member_id: MemberId) -> bool {
        keys.person.and_then(|key| self.people.get(&key)).is_some_and(|ids| !ids.contains(&member_id))
    }

    /// Who may be meant.
    #[must_use]
    pub fn find(&self, keys: &RowKeys) -> Candidates {
        let mut certain = keys.own.iter().filter_map(|key| self.own.get(key).copied());
        if let Some(first) = certain.next() {
            return if certain.all(|id| id == first) {
                Candidates::Certain(first)
            } else {
                Candidates::Contradictory(first)
            };
        }
        match keys.person.and_then(|key| self.people.get(&key)) {
            Some(ids) => Candidates::Similar(ids.clone()),
            None => Candidates::Nobody,
        }
    }
}

/// How many people are indexed before others have their turn: a few milliseconds.
const AT_ONCE: usize = 1_000;

/// How many possible matches are looked at.
const MOST_ALIKE: usize = 20;

/// The names of mothers and guardians, by their children.
async fn parents(scope: &Scope, tx: &mut PgConnection) -> Result<HashMap<MemberId, [Option<String>; 2]>> {
    let rows =
        sqlx::query!("SELECT member_id, relation, full_name FROM guardians WHERE school_id = $1", scope.school_id())
            .fetch_all(tx)
            .await?;
    let mut parents: HashMap<MemberId, [Option<String>; 2]> = HashMap::new();
    for row in rows {
        let [mother, guardian] = parents.entry(row.member_id).or_default();
        *(if row.relation == "mother" { mother } else { guardian }) = Some(row.full_name);
    }
    Ok(parents)
}

/// What a person is found by who may be known under another name or birth date: the given name with the birth date, the
/// letters of the whole name with the birth date, and the whole name with that of a parent.
fn clues(full_name: &str, birth: Option<NaiveDate>, parents: impl Iterator<Item = u64>) -> Vec<u64> {
    let by_parent = parents.map(|parent| by_parent(full_name, parent));
    let by_birth = birth.into_iter().flat_map(|birth| [by_given_name(full_name, birth), by_letters(full_name, birth)]);
    by_parent.chain(by_birth).collect()
}

/// The clues of a person who is there: also the name alone, for rows that have no birth date.
fn known_by(full_name: &str, birth: Option<NaiveDate>, parents: impl Iterator<Item = u64>) -> Vec<u64> {
    clues(full_name, birth, parents).into_iter().chain([by_name(full_name)]).collect()
}

fn by_parent(full_name: &str, parent: u64) -> u64 {
    quick(&(loose(full_name), parent))
}

fn by_phone(full_name: &str, phone: &str) -> u64 {
    quick(&("phone", loose(full_name), phone))
}

fn by_name(full_name: &str) -> u64 {
    quick(&("name alone", loose(full_name)))
}

/// However the words are split and ordered: "Y Ê-ban" and "Y Êban", "Trần Thu" and "Thu Trần".
fn by_letters(full_name: &str, birth: NaiveDate) -> u64 {
    let mut letters: Vec<char> = name::loose_key(full_name).chars().filter(|c| c.is_alphanumeric()).collect();
    letters.sort_unstable();
    quick(&(letters, birth))
}

fn by_given_name(full_name: &str, birth: NaiveDate) -> u64 {
    quick(&(name::loose_given(full_name), birth))
}

fn loose(name: &str) -> u64 {
    quick(&name::loose_key(name))
}

/// A hash that does not outlive the program.
fn quick(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}
