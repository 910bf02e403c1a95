//! Filling classes of the coming year evenly: by size and by gender, in an order that follows from a seed. What was shown is
//! what is taken: a draft that has changed meanwhile is shown again.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use super::{model::Rollover, naming, store};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    ids::MemberId,
};

/// Why classes are not filled: the key of the sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BalanceRefusal {
    /// Fewer than two classes.
    Few,
    /// Classes of several grades.
    Grades,
    /// Nobody goes there.
    Nobody,
    /// The draft is another than what was shown.
    Meanwhile,
}

impl BalanceRefusal {
    pub const ALL: [Self; 4] = [Self::Few, Self::Grades, Self::Nobody, Self::Meanwhile];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Few => "fault-balance-few",
            Self::Grades => "fault-balance-grades",
            Self::Nobody => "fault-balance-nobody",
            Self::Meanwhile => "fault-balance-meanwhile",
        }
    }
}

/// How many are in a class: all, girls, boys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heads {
    pub all: usize,
    pub girls: usize,
    pub boys: usize,
}

impl Heads {
    fn add(&mut self, gender: &str) {
        self.all += 1;
        match gender {
            "female" => self.girls += 1,
            "male" => self.boys += 1,
            _ => {}
        }
    }
}

/// Classes as they would be filled.
#[derive(Clone, Debug, Default)]
pub struct Balance {
    /// Each class as it is and as it would be.
    pub classes: Vec<(String, Heads, Heads)>,
    /// Those who would change, and to where.
    pub moves: Vec<(MemberId, String)>,
    /// What it was made of: the same again only where nothing has changed.
    pub made_of: String,
}

/// A pupil who goes to one of the classes.
struct Pupil {
    id: MemberId,
    target: String,
    gender: String,
}

/// The classes as they would be filled, by a seed.
pub async fn propose(
    scope: &Scope,
    tx: &mut PgConnection,
    draft: &Rollover,
    names: &[String],
    seed: &str,
) -> Result<std::result::Result<Balance, BalanceRefusal>> {
    let targets = store::figures(scope, tx, draft.id).await?.targets;
    let targets: Vec<_> = targets.into_iter().filter(|target| names.contains(&target.name)).collect();
    if targets.len() < 2 {
        return Ok(Err(BalanceRefusal::Few));
    }
    let grade = |index: usize| {
        targets.get(index).and_then(|target| naming::grade_of(&target.name).or_else(|| target.grade.clone()))
    };
    if (1..targets.len()).any(|index| grade(index) != grade(0)) {
        return Ok(Err(BalanceRefusal::Grades));
    }
    let names: Vec<String> = targets.into_iter().map(|target| target.name).collect();
    let pupils = sqlx::query_as!(
        Pupil,
        r#"SELECT p.member_id AS id, p.target AS "target!", coalesce(m.gender, '') AS "gender!"
           FROM rollover_pupils p JOIN members m ON m.school_id = $1 AND m.id = p.member_id
           WHERE p.school_id = $1 AND p.rollover_id = $2 AND p.target = ANY($3) AND p.plan_id IS NULL
           ORDER BY p.member_id"#,
        scope.school_id(),
        draft.id,
        &names,
    )
    .fetch_all(tx)
    .await?;
    if pupils.is_empty() {
        return Ok(Err(BalanceRefusal::Nobody));
    }
    Ok(Ok(balance(&names, &pupils, seed)))
}

fn balance(names: &[String], pupils: &[Pupil], seed: &str) -> Balance {
    let genders: Vec<(String, &str)> =
        pupils.iter().map(|pupil| (lot(seed, &pupil.id.to_string()), pupil.gender.as_str())).collect();
    let places = divide(&genders, names.len());
    let mut heads: BTreeMap<&str, (Heads, Heads)> = BTreeMap::new();
    let mut moves = Vec::new();
    let mut made_of = Sha256::new();
    for (pupil, place) in pupils.iter().zip(places) {
        made_of.update(format!("{} {} {}\n", pupil.id, pupil.target, pupil.gender));
        let Some(name) = names.get(place) else { continue };
        heads.entry(&pupil.target).or_default().0.add(&pupil.gender);
        heads.entry(name).or_default().1.add(&pupil.gender);
        if *name != pupil.target {
            moves.push((pupil.id, name.clone()));
        }
    }
    let of_class = |name: &String| {
        let (is, then) = heads.get(name.as_str()).copied().unwrap_or_default();
        (name.clone(), is, then)
    };
    Balance { classes: names.iter().map(of_class).collect(), moves, made_of: hex::encode(made_of.finalize()) }
}

/// The place of a pupil in the draw: it cannot be told from the name, and stays when others come or go.
fn lot(seed: &str, id: &str) -> String {
    hex::encode(Sha256::digest(format!("{seed}\n{id}")))
}

/// Deals pupils out to so many classes, each with a lot and a gender: one gender after the other, each where the last one
/// ended, so that neither the classes nor the genders in them differ by more than one.
fn divide(pupils: &[(String, &str)], classes: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..pupils.len()).collect();
    order.sort_by_key(|index| pupils.get(*index).map(|(lot, gender)| (*gender, lot.as_str())));
    let mut places = vec![0; pupils.len()];
    for (turn, index) in order.into_iter().enumerate() {
        if let Some(place) = places.get_mut(index) {
            *place = turn % classes.max(1);
        }
    }
    places
}

/// Fills the classes as it was shown; gives how many pupils go somewhere else than before.
///
/// # Errors
/// [`Error::NotFound`] where no draft is open.
pub async fn take(
    granted: &Granted<may::ManageClasses>,
    app: &App,
    names: &[String],
    seed: &str,
    made_of: &str,
) -> Result<std::result::Result<usize, BalanceRefusal>> {
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    store::lock(granted, &mut tx).await?;
    let draft = store::open(granted, &mut tx).await?.ok_or(Error::NotFound)?;
    let balance = match propose(granted, &mut tx, &draft, names, seed).await? {
        Ok(balance) => balance,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if balance.made_of != made_of {
        return Ok(Err(BalanceRefusal::Meanwhile));
    }
    let (ids, targets): (Vec<MemberId>, Vec<String>) = balance.moves.into_iter().unzip();
    sqlx::query!(
        "UPDATE rollover_pupils p SET target = new.target, is_chosen = true
         FROM unnest($3::uuid[], $4::text[]) AS new (member_id, target)
         WHERE p.school_id = $1 AND p.rollover_id = $2 AND p.member_id = new.member_id AND p.plan_id IS NULL",
        granted.school_id(),
        draft.id,
        &ids,
        &targets,
    )
    .execute(&mut *tx)
    .await?;
    let action = AuditAction::RolloverBalanced { classes: balance.classes.len(), pupils: ids.len() };
    audit::record(granted, app, &mut tx, Event::about(action, draft.id)).await?;
    tx.commit().await?;
    Ok(Ok(ids.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn classes_and_genders_differ_by_one_at_most(
            genders in proptest::collection::vec(0..3_usize, 1..200),
            classes in 2..9_usize,
            seed in "[a-z0-9]{0,6}",
        ) {
            let all = ["female", "male", ""];
            let pupils: Vec<(String, &str)> =
                genders.iter().enumerate().map(|(n, gender)| (lot(&seed, &n.to_string()), all[*gender])).collect();
            let places = divide(&pupils, classes);
            prop_assert_eq!(places.len(), pupils.len());
            let spread = |is: &dyn Fn(&str) -> bool| {
                let mut counts = vec![0_usize; classes];
                for ((_, gender), place) in pupils.iter().zip(&places) {
                    counts[*place] += usize::from(is(gender));
                }
                counts.iter().max().unwrap() - counts.iter().min().unwrap()
            };
            prop_assert!(spread(&|_| true) <= 1);
            for gender in all {
                prop_assert!(spread(&|other| other == gender) <= 1, "{}", gender);
            }
            prop_assert_eq!(places, divide(&pupils, classes), "the same seed, the same classes");
        }
    }
}
