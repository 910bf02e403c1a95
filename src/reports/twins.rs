//! Pupils of the same name and birth date: perhaps one who was entered twice. Two of them that the school has told
//! apart, or whose numbers differ, are no twins.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use sqlx::PgConnection;

use super::walk::{self, Walked};
use crate::{
    access::Scope,
    duplicates::pairs,
    error::Result,
    ids::{MemberId, YearId},
    vietnam::text,
};

/// What twins have in common.
type TwinKey = (String, NaiveDate);

fn key(full_name: &str, born: NaiveDate) -> TwinKey {
    (text::fold(full_name), born)
}

/// Pairs of members who are two people, each with the smaller id first.
type ToldApart = BTreeSet<(MemberId, MemberId)>;

/// A pupil among those of one name and birth date.
struct Alike {
    /// In the order in which people are counted.
    place: usize,
    id: MemberId,
    moet_id: Option<String>,
    national_id: Option<String>,
}

impl Alike {
    /// Whether the two may be the same person.
    fn may_be(&self, other: &Self, apart: &ToldApart) -> bool {
        let differ = |one: &Option<String>, other: &Option<String>| one.is_some() && other.is_some() && one != other;
        self.id != other.id
            && !differ(&self.moet_id, &other.moet_id)
            && !differ(&self.national_id, &other.national_id)
            && !apart.contains(&pairs::in_order(self.id, other.id))
    }

    /// The first of these who may be the same person.
    fn twin(&self, all: &[Self], apart: &ToldApart) -> Option<MemberId> {
        all.iter().find(|other| self.may_be(other, apart)).map(|other| other.id)
    }
}

/// Finds twins while the school is walked through.
#[derive(Default)]
pub struct TwinCounting {
    apart: ToldApart,
    seen: HashMap<TwinKey, Vec<Alike>>,
    pupils: usize,
}

impl TwinCounting {
    pub fn new(apart: ToldApart) -> Self {
        Self { apart, seen: HashMap::new(), pupils: 0 }
    }

    pub fn pupil(&mut self, pupil: &Walked) {
        let Some(born) = pupil.birth_date else { return };
        self.pupils += 1;
        self.seen.entry(key(&pupil.full_name, born)).or_default().push(Alike {
            place: self.pupils,
            id: pupil.id,
            moet_id: pupil.moet_id.clone(),
            national_id: pupil.national_id.clone(),
        });
    }

    /// The twins, in the order in which they were counted.
    pub fn finish(self) -> Vec<MemberId> {
        let apart = &self.apart;
        let several = self.seen.values().filter(|all| all.len() > 1);
        let twins = several.flat_map(|all| all.iter().filter(move |each| each.twin(all, apart).is_some()));
        let mut twins: Vec<(usize, MemberId)> = twins.map(|twin| (twin.place, twin.id)).collect();
        twins.sort_unstable();
        twins.into_iter().map(|(_, id)| id).collect()
    }
}

/// Those of these pupils who have a twin now, each with one.
pub async fn of_these(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    ids: &[MemberId],
) -> Result<HashMap<MemberId, MemberId>> {
    let apart = pairs::told_apart(scope, tx).await?;
    let people = walk::these(scope, tx, year_id, ids).await?;
    // Of all who were born on these days, only those whose names have the given name as well are fetched.
    let given = |name: &str| text::words(name).pop().unwrap_or_default();
    let asked: HashSet<(NaiveDate, String)> =
        people.iter().filter_map(|(person, _)| Some((person.birth_date?, given(&person.full_name)))).collect();
    let (days, given): (Vec<NaiveDate>, Vec<String>) = asked.into_iter().unzip();
    let rows = sqlx::query!(
        r#"SELECT DISTINCT m.id AS "id!", m.full_name AS "full_name!", m.birth_date AS "birth_date!", m.moet_id,
               m.national_id, m.given_name, m.family_name, m.middle_name
           FROM unnest($2::date[], $3::text[]) AS asked (born, given)
           CROSS JOIN LATERAL (
               SELECT id, full_name, birth_date, moet_id, national_id, given_name, family_name, middle_name
               FROM members
               WHERE school_id = $1 AND birth_date = asked.born AND role = 'student' AND status <> 'left'
                   AND strpos(words || ' ', ' ' || asked.given || ' ') > 0 OFFSET 0
           ) m
           ORDER BY m.given_name, m.family_name, m.middle_name, m.id"#,
        scope.school_id(),
        &days,
        &given,
    )
    .fetch_all(tx)
    .await?;
    let mut alike: HashMap<TwinKey, Vec<Alike>> = HashMap::new();
    for (place, row) in rows.into_iter().enumerate() {
        let one = Alike { place, id: row.id, moet_id: row.moet_id, national_id: row.national_id };
        alike.entry(key(&row.full_name, row.birth_date)).or_default().push(one);
    }
    let asked: HashSet<MemberId> = ids.iter().copied().collect();
    let mut twins = HashMap::new();
    for all in alike.values().filter(|all| all.len() > 1) {
        let asked = all.iter().filter(|each| asked.contains(&each.id));
        twins.extend(asked.filter_map(|each| Some((each.id, each.twin(all, &apart)?))));
    }
    Ok(twins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_numbers_or_the_school_tell_apart_are_no_twins() {
        let one = |id: u128, moet_id: Option<&str>| Alike {
            place: 0,
            id: MemberId::from_u128(id),
            moet_id: moet_id.map(str::to_owned),
            national_id: None,
        };
        let all = [one(1, Some("791")), one(2, Some("792")), one(3, None)];
        let twins = |apart: &[(u128, u128)]| {
            let pair = |(a, b): &(u128, u128)| (MemberId::from_u128(*a), MemberId::from_u128(*b));
            let apart: ToldApart = apart.iter().map(pair).collect();
            all.each_ref().map(|each| each.twin(&all, &apart).map(|twin| twin.uuid().as_u128()))
        };
        assert_eq!(twins(&[]), [Some(3), Some(3), Some(1)]);
        assert_eq!(twins(&[(1, 3)]), [None, Some(3), Some(2)]);
        assert_eq!(twins(&[(1, 3), (2, 3)]), [None, None, None]);
    }
}
