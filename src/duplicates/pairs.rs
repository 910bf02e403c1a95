//! Probable pairs: found by what imports match people by, and judged by the same evidence.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use sqlx::PgConnection;

use super::likely::{self, Person};
use crate::{
    access::{Role, Scope},
    app::App,
    error::Result,
    ids::{ClassId, MemberId, YearId},
    plan::matching::{self, Evidence},
    roster::{
        fields::{Field, Values},
        model::Status,
        store::{self as members, MemberRecord},
    },
};

/// How many pairs a page shows.
pub const MOST: usize = 100;

/// How many pairs are looked at.
const LOOKED_AT: usize = 5_000;

/// What is compared, in the order of the page.
pub const COMPARED: [Field; 10] = [
    Field::FullName,
    Field::BirthDate,
    Field::Gender,
    Field::Class,
    Field::MotherName,
    Field::GuardianName,
    Field::Phone,
    Field::Email,
    Field::MoetId,
    Field::NationalId,
];

/// Two members who are probably one person.
#[derive(Clone, Debug)]
pub struct Pair {
    pub a: MemberRecord,
    pub b: MemberRecord,
    /// Fields in which they agree, and in which they differ.
    pub agree: Vec<Field>,
    pub differ: Vec<Field>,
}

/// The pair as it is remembered: the smaller id first.
#[must_use]
pub fn in_order(a: MemberId, b: MemberId) -> (MemberId, MemberId) {
    if a < b { (a, b) } else { (b, a) }
}

/// The probable pairs of a school, without those that were told apart.
pub async fn find(scope: &Scope, tx: &mut PgConnection, year_id: YearId) -> Result<Vec<Pair>> {
    let apart = told_apart(scope, tx).await?;
    let people = people(scope, tx, year_id).await?;
    // So many names take their time.
    let likely = tokio::task::spawn_blocking(move || likely::pairs(&people)).await.map_err(anyhow::Error::new)?;
    let wanted: Vec<(MemberId, MemberId)> =
        likely.into_iter().filter(|pair| !apart.contains(pair)).take(LOOKED_AT).collect();
    let ids: BTreeSet<MemberId> = wanted.iter().flat_map(|(a, b)| [*a, *b]).collect();
    let ids: Vec<MemberId> = ids.into_iter().collect();
    let known = members::known(scope, tx, year_id, &ids).await?;
    let known: HashMap<MemberId, MemberRecord> = known.into_iter().map(|known| (known.id, known)).collect();
    let mut pairs: Vec<Pair> = wanted.into_iter().filter_map(|(a, b)| judged(known.get(&a)?, known.get(&b)?)).collect();
    pairs.sort_by(|one, other| {
        let key = |pair: &Pair| (pair.differ.len(), std::cmp::Reverse(pair.agree.len()), pair.a.id);
        key(one).cmp(&key(other))
    });
    pairs.truncate(MOST);
    Ok(pairs)
}

/// Everybody, with what pairs are found by.
async fn people(scope: &Scope, tx: &mut PgConnection, year_id: YearId) -> Result<Vec<Person>> {
    let rows = sqlx::query!(
        r#"SELECT m.id, m.full_name, m.birth_date, e.class_id AS "class_id?: ClassId" FROM members m
           LEFT JOIN enrolments e ON e.school_id = $1 AND e.member_id = m.id AND e.school_year_id = $2
               AND e.ended_at IS NULL
           WHERE m.school_id = $1"#,
        scope.school_id(),
        year_id,
    )
    .fetch_all(&mut *tx)
    .await?;
    let guardians = sqlx::query!("SELECT member_id, full_name FROM guardians WHERE school_id = $1", scope.school_id())
        .fetch_all(tx)
        .await?;
    let mut parents: HashMap<MemberId, Vec<String>> = HashMap::new();
    for row in guardians {
        parents.entry(row.member_id).or_default().push(row.full_name);
    }
    let person = |row: (MemberId, String, Option<NaiveDate>, Option<ClassId>)| {
        let (id, full_name, birth_date, class_id) = row;
        Person { id, full_name, birth_date, class_id, parents: parents.remove(&id).unwrap_or_default() }
    };
    Ok(rows.into_iter().map(|row| (row.id, row.full_name, row.birth_date, row.class_id)).map(person).collect())
}

/// Two members side by side, whether or not they are probably one.
#[must_use]
pub fn compared(a: &MemberRecord, b: &MemberRecord) -> Pair {
    let is = |field: &Field| matching::same(&a.values, &b.values, *field);
    let with = |wanted: bool| COMPARED.into_iter().filter(|field| is(field) == Some(wanted)).collect();
    Pair { a: a.clone(), b: b.clone(), agree: with(true), differ: with(false) }
}

/// The pair, where they are probably one person. Twins have another given name or another identifier.
fn judged(a: &MemberRecord, b: &MemberRecord) -> Option<Pair> {
    let is_pupil = |known: &MemberRecord| known.role == Role::Student;
    let has_left = |known: &MemberRecord| known.status == Status::Left;
    if is_pupil(a) != is_pupil(b) || has_left(a) && has_left(b) {
        return None;
    }
    is_probable(&told(&a.values), &told(&b.values)).then(|| compared(a, b))
}

/// What a person is known by: a username is the school's, and two members never have the same.
fn told(values: &Values) -> Values {
    let mut values = values.clone();
    values.remove(&Field::Username);
    values
}

/// Whether two sets of values are probably of one person, by the evidence of imports.
#[must_use]
pub fn is_probable(a: &Values, b: &Values) -> bool {
    let differs = |field: Field| matching::same(a, b, field) == Some(false);
    if differs(Field::MoetId) || differs(Field::NationalId) {
        return false;
    }
    let agrees = |field: Field| matching::same(a, b, field) == Some(true);
    if agrees(Field::FullName) && agrees(Field::BirthDate) {
        let Evidence { in_favour, against } = matching::evidence(a, b);
        return in_favour || !against;
    }
    matching::doubt_of_alike(a, b).is_some()
}

/// The pairs that are two people, each with the smaller id first.
pub async fn told_apart(scope: &Scope, tx: &mut PgConnection) -> Result<BTreeSet<(MemberId, MemberId)>> {
    let rows = sqlx::query!("SELECT a, b FROM told_apart WHERE school_id = $1", scope.school_id());
    Ok(rows.fetch_all(tx).await?.into_iter().map(|row| (row.a, row.b)).collect())
}

/// Remembers for good that two members are two people.
pub async fn tell_apart(scope: &Scope, app: &App, tx: &mut PgConnection, a: MemberId, b: MemberId) -> Result<()> {
    let (a, b) = in_order(a, b);
    sqlx::query!(
        "INSERT INTO told_apart (school_id, a, b, at, by) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        scope.school_id(),
        a,
        b,
        app.clock.now(),
        scope.member().map(|member| member.id),
    )
    .execute(tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(Field, &str)]) -> Values {
        pairs.iter().map(|(field, value)| (*field, (*value).to_owned())).collect()
    }

    const HANG: [(Field, &str); 4] = [
        (Field::FullName, "Nguyễn Thúy Hằng"),
        (Field::BirthDate, "2011-11-15"),
        (Field::MotherName, "Trần Thị Dương"),
        (Field::Class, "10A1"),
    ];

    fn with(changes: &[(Field, &str)]) -> Values {
        let mut all = values(&HANG);
        all.extend(values(changes));
        all
    }

    #[test]
    fn twins_by_birth_are_two_people() {
        assert!(!is_probable(&with(&[]), &with(&[(Field::FullName, "Nguyễn Thúy Hà")])), "another given name");
        let identified = |id: &str| with(&[(Field::MoetId, id)]);
        assert!(!is_probable(&identified("7900000001"), &identified("7900000002")), "another identifier");
    }

    #[test]
    fn the_same_person_may_be_spelt_or_written_down_otherwise() {
        assert!(is_probable(&with(&[]), &with(&[])));
        assert!(is_probable(&with(&[]), &with(&[(Field::Class, "11A1")])), "another class");
        assert!(is_probable(&with(&[]), &with(&[(Field::FullName, "Nguyễn Thuý Hằng")])));
        assert!(is_probable(&with(&[]), &with(&[(Field::BirthDate, "2011-11-05")])), "a slip in the birth date");
        let other = [(Field::MotherName, "Lê Thị Khác"), (Field::Class, "10A5")];
        assert!(!is_probable(&with(&[]), &with(&other)), "namesakes of two families");
    }
}
