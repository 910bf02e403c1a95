//! The member that a row is about: matched within the school and nowhere else.
//!
//! In order: MoET identifier; username; the e-mail of people who sign in with it; then full name and birth date with
//! one more match and no mismatch, unique on both sides. Name and birth date with nothing more, or with a mismatch, is
//! for a person to decide. So is an identifier that points to one person while name and birth date point to another,
//! and a person who may be one of the school's under another spelling, surname or birth date.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use chrono::{Datelike, NaiveDate};
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, types::Json};
use tokio::task::yield_now;

use super::model::{Decision, PlanRow};
use crate::{
    access::{SchoolKind, Scope},
    error::Result,
    ids::MemberId,
    registry::store as registry,
    roster::fields::{Field, Values},
    vietnam::name::{self, Likeness},
};

/// What distinguishes a person, hashed: it is compared and never shown.
pub type Key = i64;

/// The keys of a row, in order of precedence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowKeys {
    /// Each of these alone identifies the person.
    pub own: Vec<Key>,
    /// Full name and birth date.
    pub person: Option<Key>,
    /// The same for names that may be written for each other: with i or y, with and without marks. Different names may
    /// share it.
    pub spelled: Option<Key>,
}

impl RowKeys {
    /// The keys of these values; `by_email` where these people sign in with an address of their own.
    #[must_use]
    pub fn of(values: &Values, by_email: bool) -> Self {
        Self { spelled: spelled_key(values), ..Self::exact(values, by_email) }
    }

    /// The same without the key of other spellings, which only the rows of one list are compared by.
    fn exact(values: &Values, by_email: bool) -> Self {
        let own = [Field::MoetId, Field::Username, Field::Email];
        let own = own.into_iter().filter(|field| *field != Field::Email || by_email);
        Self {
            own: own.filter_map(|field| Some(own_key(field, values.get(&field)?))).collect(),
            person: person_key(values),
            spelled: None,
        }
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> Vec<Key> {
        self.own.iter().copied().chain(self.person).chain(self.spelled).collect()
    }

    /// Those that identify the person.
    #[must_use]
    pub fn telling(&self) -> Vec<Key> {
        self.own.iter().copied().chain(self.person).collect()
    }
}

/// The key of a class, by its name in lower case.
#[must_use]
pub fn class_key(name: &str) -> Key {
    own_key(Field::Class, name)
}

fn own_key(field: Field, value: &str) -> Key {
    hash(&format!("{}:{}", field.key(), value.to_lowercase()))
}

fn person_key(values: &Values) -> Option<Key> {
    let (full_name, birth) = (values.get(&Field::FullName)?, values.get(&Field::BirthDate)?);
    Some(hash(&format!("person:{}:{birth}", name::match_key(full_name))))
}

fn spelled_key(values: &Values) -> Option<Key> {
    let (full_name, birth) = (values.get(&Field::FullName)?, values.get(&Field::BirthDate)?);
    Some(hash(&format!("spelled:{}:{birth}", name::loose_key(full_name))))
}

/// The key of everything that a person sees of a row and may change: an edit made over an outdated key is not accepted,
/// so that two people do not undo each other's work.
#[must_use]
pub fn seen_key(row: &PlanRow) -> Key {
    let wrong = row.problems().map(|fault| format!("{}?{}={}\n", fault.field.key(), fault.key, fault.value));
    let decision = row.decision.map(Decision::key).unwrap_or_default();
    hash(&format!("{}:{decision}:{}", values_key(&row.values), wrong.collect::<String>()))
}

/// The key of everything that a row says.
#[must_use]
pub fn values_key(values: &Values) -> Key {
    let said = values.iter().map(|(field, value)| format!("{}={value}\n", field.key())).collect::<String>();
    hash(&said)
}

fn hash(text: &str) -> Key {
    let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// The people of a school by their keys, read once for a pass over a plan.
#[derive(Debug, Default)]
pub struct RosterIndex {
    own: HashMap<Key, MemberId>,
    people: HashMap<Key, Vec<MemberId>>,
    /// By what records of the same person may have in common: [`clues`].
    alike: HashMap<u64, Vec<MemberId>>,
    /// Those whose clues are not worked out yet.
    clueless: Vec<KnownPerson>,
}

/// What the clues of a person are made of.
#[derive(Debug)]
struct KnownPerson {
    id: MemberId,
    full_name: String,
    birth: Option<NaiveDate>,
    /// The names of the mother and the guardian.
    parents: [Option<String>; 2],
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
        for (place, person) in registry::indexed(scope, tx).await?.into_iter().enumerate() {
            if place % AT_ONCE == 0 {
                yield_now().await;
            }
            index.clueless.push(KnownPerson {
                id: person.id.of_other_kind(),
                full_name: person.full_name.clone(),
                birth: person.birth_date,
                parents: [person.mother_name, person.guardian_name],
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
            "SELECT id, full_name, birth_date, username, moet_id, email, role FROM members WHERE school_id = $1",
            scope.school_id(),
        )
        .fetch_all(&mut *tx)
        .await?;
        let mut index = Self::default();
        for (place, row) in rows.into_iter().enumerate() {
            if place % AT_ONCE == 0 {
                yield_now().await;
            }
            index.clueless.push(KnownPerson {
                id: row.id,
                full_name: row.full_name.clone(),
                birth: row.birth_date,
                parents: parents.remove(&row.id).unwrap_or_default(),
            });
            let fields = [
                (Field::FullName, Some(row.full_name)),
                (Field::BirthDate, row.birth_date.map(|date| date.to_string())),
                (Field::Username, row.username),
                (Field::MoetId, row.moet_id),
                (Field::Email, row.email),
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
               WHERE a.school_id = $1 AND known IS NOT NULL"#,
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
    }

    /// A person of the index has another identifier of the ministry from now on.
    pub fn add_identifier(&mut self, id: MemberId, moet_id: &str) {
        self.own.insert(own_key(Field::MoetId, moet_id), id);
    }

    /// Works out by which clues everybody is found, before [`RosterIndex::alike`] is asked. Most lists name people in other
    /// ways, and of a hundred thousand people it takes a second: others have their turn in between.
    pub async fn work_out_clues(&mut self) {
        for people in std::mem::take(&mut self.clueless).chunks(AT_ONCE) {
            for person in people {
                let parents = person.parents.iter().flatten().map(|name| loose(name));
                for clue in known_by(&person.full_name, person.birth, parents) {
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
        let clues = clues(full_name, birth, parents).into_iter().chain(turned).chain(named);
        let mut ids: Vec<MemberId> = clues.filter_map(|clue| self.alike.get(&clue)).flatten().copied().collect();
        ids.sort_unstable();
        ids.dedup();
        ids.truncate(MOST_ALIKE);
        ids
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

/// The people named around a pupil.
const PARENTS: [Field; 2] = [Field::MotherName, Field::GuardianName];

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
    let by_parent = parents.map(|parent| quick(&(loose(full_name), parent)));
    let by_birth = birth.into_iter().flat_map(|birth| [by_given_name(full_name, birth), by_letters(full_name, birth)]);
    by_parent.chain(by_birth).collect()
}

/// The clues of a person who is there: also the name alone, for rows that have no birth date.
fn known_by(full_name: &str, birth: Option<NaiveDate>, parents: impl Iterator<Item = u64>) -> Vec<u64> {
    clues(full_name, birth, parents).into_iter().chain([by_name(full_name)]).collect()
}

fn by_name(full_name: &str) -> u64 {
    quick(&("name alone", loose(full_name)))
}

/// Whether a row that has no birth date names this person: by the same name in the same class, with nothing against it.
#[must_use]
pub fn is_named_in_class(row: &Values, known: &Values) -> bool {
    let names = row.get(&Field::FullName).zip(known.get(&Field::FullName));
    let is_same = names.is_some_and(|(one, other)| name::likeness(one, other) == Likeness::Same);
    is_same && same(row, known, Field::Class) == Some(true) && !evidence(row, known).against
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

/// 9 August where 8 September was read, and the other way round.
fn day_and_month_turned(date: NaiveDate) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(date.year(), date.day(), date.month()).filter(|turned| *turned != date)
}

/// What a row and a person of the same name and birth date have in common beyond that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    pub in_favour: bool,
    pub against: bool,
}

/// Compares a row with a person.
#[must_use]
pub fn evidence(row: &Values, known: &Values) -> Evidence {
    let in_favour = [
        Field::Class,
        Field::MotherName,
        Field::MotherBirthYear,
        Field::GuardianName,
        Field::GuardianBirthYear,
        Field::Phone,
    ];
    // A pupil changes class, a family its phone: that is no mismatch.
    let against = [Field::MoetId, Field::Username, Field::NationalId, Field::Gender, Field::MotherName];
    Evidence {
        in_favour: in_favour.into_iter().any(|field| same(row, known, field) == Some(true)),
        against: against.into_iter().any(|field| same(row, known, field) == Some(false)),
    }
}

/// Whether both say the same of a field; nothing where one of them says nothing. Parents' names may be spelled
/// differently.
#[must_use]
pub fn same(row: &Values, known: &Values, field: Field) -> Option<bool> {
    let (one, other) = (row.get(&field)?, known.get(&field)?);
    Some(if PARENTS.contains(&field) {
        name::likeness(one, other) >= Likeness::Respelt
    } else {
        comparable(field, one) == comparable(field, other)
    })
}

/// Why a row of an unknown name or birth date may be about an existing member: the key of the fault that says so, and
/// the field that differs.
#[must_use]
pub fn doubt_of_alike(row: &Values, known: &Values) -> Option<(Field, &'static str)> {
    let is = |field: Field| same(row, known, field);
    if [Field::MoetId, Field::Username, Field::NationalId, Field::Gender].iter().any(|field| is(*field) == Some(false))
    {
        return None;
    }
    let names = name::likeness(row.get(&Field::FullName)?, known.get(&Field::FullName)?);
    let family = PARENTS.iter().any(|field| is(*field) == Some(true));
    let other_family = !family && PARENTS.iter().any(|field| is(*field) == Some(false));
    let class = is(Field::Class) == Some(true);
    let has_same_birth = is(Field::BirthDate) == Some(true);
    let has_turned_birth = || {
        let date = |values: &Values| values.get(&Field::BirthDate)?.parse().ok();
        date(row).and_then(day_and_month_turned).is_some_and(|turned| date(known) == Some(turned))
    };
    match names {
        Likeness::Same | Likeness::Respelt if !has_same_birth => {
            // A person may be known without a birth date: from another system, or typed in a hurry.
            let may_differ = is(Field::BirthDate) == Some(false) || !known.contains_key(&Field::BirthDate);
            let agrees = family && class || has_turned_birth() && !other_family && (family || class);
            (may_differ && agrees).then_some((Field::BirthDate, "doubt-birth-date"))
        }
        Likeness::Same => None,
        Likeness::Respelt => (!other_family || class).then_some((Field::FullName, "doubt-spelling")),
        Likeness::Akin | Likeness::Other => {
            let loose = |values: &Values| values.get(&Field::FullName).map(|name| name::loose_given(name));
            let has_same_given = loose(row) == loose(known);
            let agrees = family || class && !other_family;
            (has_same_birth && has_same_given && agrees).then_some((Field::FullName, "doubt-surname"))
        }
    }
}

/// The field by which a row names a person who, by name and birth date, is another one.
#[must_use]
pub fn contradicted_identifier(row: &Values, known: &Values) -> Option<Field> {
    let is = |field: Field| same(row, known, field);
    let names = name::likeness(row.get(&Field::FullName)?, known.get(&Field::FullName)?);
    if names >= Likeness::Respelt {
        return None;
    }
    let family = PARENTS.into_iter().chain([Field::Phone, Field::NationalId]).any(|field| is(field) == Some(true));
    let contradicts = match is(Field::BirthDate) {
        Some(agrees) => !agrees,
        // With no birth date to compare: a person of quite another name and of no common family.
        None => names == Likeness::Other && (!family || is(Field::Gender) == Some(false)),
    };
    if contradicts { agreeing_identifier(row, known) } else { None }
}

/// The identifier by which a row names a person.
#[must_use]
pub fn agreeing_identifier(row: &Values, known: &Values) -> Option<Field> {
    let identifiers = [Field::MoetId, Field::Username, Field::Email];
    identifiers.into_iter().find(|field| same(row, known, *field) == Some(true))
}

/// A value in the form in which it is compared: names without their spellings, the rest regardless of case.
#[must_use]
pub fn comparable(field: Field, value: &str) -> String {
    match field {
        Field::FullName | Field::MotherName | Field::GuardianName => name::match_key(value),
        _ => value.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(Field, &str)]) -> Values {
        pairs.iter().map(|(field, value)| (*field, (*value).to_owned())).collect()
    }

    const HANG: [(Field, &str); 2] = [(Field::FullName, "Nguyễn Thúy Hằng"), (Field::BirthDate, "2011-11-15")];

    fn index() -> RosterIndex {
        let mut index = RosterIndex::default();
        let known = [&HANG[..], &[(Field::MoetId, "7900000001"), (Field::Username, "hangnt")]].concat();
        index.add(MemberId::from_u128(1), &RowKeys::of(&values(&known), false));
        index.add(MemberId::from_u128(2), &RowKeys::of(&values(&[(Field::Username, "hangnt2")]), false));
        index
    }

    #[test]
    fn own_keys_are_believed_and_must_agree() {
        let find = |pairs: &[(Field, &str)]| index().find(&RowKeys::of(&values(pairs), false));
        assert_eq!(find(&[(Field::MoetId, "7900000001")]), Candidates::Certain(MemberId::from_u128(1)));
        assert_eq!(find(&[(Field::Username, "HangNT")]), Candidates::Certain(MemberId::from_u128(1)));
        let torn = [(Field::MoetId, "7900000001"), (Field::Username, "hangnt2")];
        assert_eq!(find(&torn), Candidates::Contradictory(MemberId::from_u128(1)));
        assert_eq!(find(&HANG), Candidates::Similar(vec![MemberId::from_u128(1)]));
        assert_eq!(find(&[HANG[0], (Field::BirthDate, "2011-11-16")]), Candidates::Nobody);
    }

    #[test]
    fn a_familys_email_is_no_key() {
        let shared = values(&[(Field::Email, "me@example.vn")]);
        assert!(RowKeys::of(&shared, false).own.is_empty());
        assert_eq!(RowKeys::of(&shared, true).own.len(), 1);
    }

    #[test]
    fn evidence_speaks_for_and_against() {
        let known = values(&[(Field::Class, "10A1"), (Field::Gender, "female"), (Field::MotherName, "Trần Thị Dương")]);
        let said = |pairs: &[(Field, &str)]| evidence(&values(pairs), &known);
        assert_eq!(said(&[(Field::Class, "10a1")]), Evidence { in_favour: true, against: false });
        assert_eq!(said(&[(Field::Class, "10A3")]), Evidence::default());
        assert_eq!(said(&[(Field::MotherName, "TRẦN THỊ DƯƠNG")]), Evidence { in_favour: true, against: false });
        let mixed = [(Field::Gender, "male"), (Field::Class, "10A1")];
        assert_eq!(said(&mixed), Evidence { in_favour: true, against: true });
    }
}
