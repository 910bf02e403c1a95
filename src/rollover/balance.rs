//! Filling classes of the coming year evenly: by size, gender and, where they are given, marks, with friends together and
//! pairs apart; in an order that follows from a seed. What was shown is what is taken: a draft that has changed meanwhile
//! is shown again.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use super::{
    dealing::{self, Bonds, Card},
    known::KnownPeople,
    model::{ClassMap, Rollover},
    naming,
    pupils::{self, KnownPupil},
    store,
    wishes::{self, Unclear},
};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    ids::MemberId,
};

/// Why classes are not filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BalanceRefusal {
    /// Fewer than two classes.
    Few,
    /// The coming year has no class of this name.
    Unknown(String),
    /// Classes of several grades.
    Grades,
    /// Nobody goes there.
    Nobody,
    /// The draft is another than what was shown.
    Meanwhile,
    /// A line of those who are to be together.
    Together(Unclear),
    /// A line of those who are to be apart.
    Apart(Unclear),
    /// These cannot be separated.
    NotApart(String),
}

impl BalanceRefusal {
    /// The field that it is about.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::Together(_) => "together",
            Self::Apart(_) | Self::NotApart(_) => "apart",
            _ => "class",
        }
    }

    /// The key of the sentence.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Few => "fault-balance-few",
            Self::Unknown(_) => "fault-balance-class",
            Self::Grades => "fault-balance-grades",
            Self::Nobody => "fault-balance-nobody",
            Self::Meanwhile => "fault-balance-meanwhile",
            Self::Together(Unclear::Nobody(_)) | Self::Apart(Unclear::Nobody(_)) => "fault-balance-unknown",
            Self::Together(Unclear::Several(_)) | Self::Apart(Unclear::Several(_)) => "fault-balance-several",
            Self::Together(Unclear::Alone(_)) | Self::Apart(Unclear::Alone(_)) => "fault-balance-alone",
            Self::NotApart(_) => "fault-balance-not-apart",
        }
    }

    /// What the sentence is about.
    #[must_use]
    pub fn value(&self) -> &str {
        match self {
            Self::Together(unclear) | Self::Apart(unclear) => match unclear {
                Unclear::Nobody(part) | Unclear::Several(part) | Unclear::Alone(part) => part,
            },
            Self::NotApart(value) | Self::Unknown(value) => value,
            _ => "",
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct BalanceRequest {
    /// The classes of the coming year.
    pub classes: Vec<String>,
    pub seed: String,
    /// Lines as [`wishes::read`] reads them.
    pub together: String,
    pub apart: String,
    /// In hundredths.
    pub marks: HashMap<MemberId, i64>,
}

/// Who is in a class: all, girls, boys; and the sum of the marks that are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassMakeup {
    pub all: usize,
    pub girls: usize,
    pub boys: usize,
    marked: i64,
    marks: i64,
}

impl ClassMakeup {
    fn add(&mut self, pupil: &DealtPupil) {
        self.all += 1;
        match pupil.gender.as_str() {
            "female" => self.girls += 1,
            "male" => self.boys += 1,
            _ => {}
        }
        if let Some(mark) = pupil.mark {
            self.marked += 1;
            self.marks += mark;
        }
    }

    /// The average of the marks, as schools write it.
    #[must_use]
    pub fn average(&self) -> Option<String> {
        let average = (self.marked > 0).then(|| (self.marks * 2 + self.marked).div_euclid(self.marked * 2))?;
        Some(format!("{},{:02}", average / 100, average % 100))
    }
}

/// Classes as they would be filled.
#[derive(Clone, Debug, Default)]
pub struct Balance {
    /// Each class as it is and as it would be.
    pub classes: Vec<(String, ClassMakeup, ClassMakeup)>,
    /// Those who would change, and to where.
    pub moves: Vec<(MemberId, String)>,
    /// Friends who cannot all be together, by their names.
    pub split: Vec<String>,
    pub has_marks: bool,
    /// What it was made of and asked for: the same again only where nothing has changed.
    pub made_of: String,
}

/// A pupil who goes to one of the classes.
struct DealtPupil {
    id: MemberId,
    full_name: String,
    target: String,
    gender: String,
    mark: Option<i64>,
}

/// What classes are filled from, read in one transaction.
struct Materials {
    map: ClassMap,
    /// Of the classes, in their order.
    names: Vec<String>,
    pupils: Vec<DealtPupil>,
    known: Vec<KnownPupil>,
}

impl Materials {
    /// What all of it comes to: the same again only where nothing has changed that was asked for or found.
    fn key(&self, asked: &BalanceRequest) -> String {
        // Browsers end lines in more than one way.
        let lines = |typed: &str| typed.lines().map(|line| line.trim().to_owned()).collect::<Vec<String>>();
        let wishes = [lines(&asked.together), lines(&asked.apart)];
        let mut key = Sha256::new();
        key.update(format!("{:?}\n{:?}\n{wishes:?}\n", self.names, asked.seed));
        for pupil in &self.pupils {
            let DealtPupil { id, full_name, target, gender, mark } = pupil;
            key.update(format!("{id} {full_name:?} {target:?} {gender} {mark:?}\n"));
        }
        hex::encode(key.finalize())
    }
}

/// The classes as they would be filled. Computed outside of the transaction, and not among the requests: of a large
/// grade it takes its time.
pub async fn propose(
    scope: &Scope,
    app: &App,
    draft: &Rollover,
    asked: &BalanceRequest,
) -> Result<std::result::Result<Balance, BalanceRefusal>> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let read = read(scope, &mut tx, draft, asked).await?;
    tx.commit().await?;
    let materials = match read {
        Ok(materials) => materials,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let asked = asked.clone();
    let made = tokio::task::spawn_blocking(move || {
        let Materials { map, names, pupils, known } = &materials;
        let bonds = bonds(&asked, map, known, pupils, names.len())?;
        let made_of = materials.key(&asked);
        balance(names, pupils, &asked.seed, &bonds).map(|balance| Balance { made_of, ..balance })
    });
    Ok(made.await.map_err(anyhow::Error::new)?)
}

async fn read(
    scope: &Scope,
    tx: &mut PgConnection,
    draft: &Rollover,
    asked: &BalanceRequest,
) -> Result<std::result::Result<Materials, BalanceRefusal>> {
    let map = store::class_map(scope, tx, draft.id).await?;
    if let Some(unknown) = asked.classes.iter().find(|name| map.targets.iter().all(|target| target.name != **name)) {
        return Ok(Err(BalanceRefusal::Unknown(unknown.clone())));
    }
    let targets: Vec<_> = map.targets.iter().filter(|target| asked.classes.contains(&target.name)).collect();
    if targets.len() < 2 {
        return Ok(Err(BalanceRefusal::Few));
    }
    let grade = |index: usize| {
        targets.get(index).and_then(|target| naming::grade_of(&target.name).or_else(|| target.grade.clone()))
    };
    if (1..targets.len()).any(|index| grade(index) != grade(0)) {
        return Ok(Err(BalanceRefusal::Grades));
    }
    let names: Vec<String> = targets.into_iter().map(|target| target.name.clone()).collect();
    let mut pupils = going_to(scope, tx, draft, &names).await?;
    if pupils.is_empty() {
        return Ok(Err(BalanceRefusal::Nobody));
    }
    for pupil in &mut pupils {
        pupil.mark = asked.marks.get(&pupil.id).copied();
    }
    let known = pupils::known(scope, tx, draft.id).await?;
    Ok(Ok(Materials { map, names, pupils, known }))
}

/// The pupils who go to one of these classes.
async fn going_to(scope: &Scope, tx: &mut PgConnection, draft: &Rollover, names: &[String]) -> Result<Vec<DealtPupil>> {
    Ok(sqlx::query_as!(
        DealtPupil,
        r#"SELECT p.member_id AS id, m.full_name, p.target AS "target!", coalesce(m.gender, '') AS "gender!",
               NULL::bigint AS mark
           FROM rollover_pupils p JOIN members m ON m.school_id = $1 AND m.id = p.member_id
           WHERE p.school_id = $1 AND p.rollover_id = $2 AND p.target = ANY($3) AND p.plan_id IS NULL
           ORDER BY p.member_id"#,
        scope.school_id(),
        draft.id,
        names,
    )
    .fetch_all(tx)
    .await?)
}

/// Who is to be together and who apart, of those who go to the classes.
fn bonds(
    asked: &BalanceRequest,
    map: &ClassMap,
    known: &[KnownPupil],
    pupils: &[DealtPupil],
    classes: usize,
) -> std::result::Result<Bonds, BalanceRefusal> {
    let places: HashMap<MemberId, usize> = pupils.iter().enumerate().map(|(place, pupil)| (pupil.id, place)).collect();
    let theirs: Vec<KnownPupil> = known.iter().filter(|pupil| places.contains_key(&pupil.id)).cloned().collect();
    let known = KnownPeople::of(&theirs, map);
    let of_lines = |typed: &str| -> std::result::Result<Vec<Vec<usize>>, Unclear> {
        let groups = wishes::read(typed, &known)?;
        let places = |group: Vec<MemberId>| group.iter().filter_map(|id| places.get(id).copied()).collect();
        Ok(groups.into_iter().map(places).collect())
    };
    let together = of_lines(&asked.together).map_err(BalanceRefusal::Together)?;
    let apart = of_lines(&asked.apart).map_err(BalanceRefusal::Apart)?;
    // More pupils than classes cannot all be apart; and the pairs of a long line would be too many to look at.
    if let Some(group) = apart.iter().find(|group| group.len() > classes) {
        let names: Vec<&str> =
            group.iter().filter_map(|place| pupils.get(*place)).map(|pupil| pupil.full_name.as_str()).collect();
        return Err(BalanceRefusal::NotApart(names.join(", ")));
    }
    // Each pupil of a line apart from each other one of it.
    let pairs = |group: &Vec<usize>| {
        let others = |(at, one): (usize, usize)| group.iter().skip(at + 1).map(move |other: &usize| (one, *other));
        group.iter().copied().enumerate().flat_map(others).collect::<Vec<(usize, usize)>>()
    };
    Ok(Bonds { together, apart: apart.iter().flat_map(pairs).collect() })
}

fn balance(
    names: &[String],
    pupils: &[DealtPupil],
    seed: &str,
    bonds: &Bonds,
) -> std::result::Result<Balance, BalanceRefusal> {
    let card = |pupil: &DealtPupil| Card {
        lot: lot(seed, &pupil.id.to_string()),
        gender: pupil.gender.clone(),
        mark: pupil.mark,
    };
    let cards: Vec<Card> = pupils.iter().map(card).collect();
    let dealt = dealing::deal(&cards, names.len(), bonds);
    let name = |place: &usize| pupils.get(*place).map(|pupil| pupil.full_name.as_str()).unwrap_or_default();
    if let Some((one, other)) = dealt.not_apart.first() {
        return Err(BalanceRefusal::NotApart(format!("{}, {}", name(one), name(other))));
    }
    let mut heads: BTreeMap<&str, (ClassMakeup, ClassMakeup)> = BTreeMap::new();
    let mut moves = Vec::new();
    for (pupil, place) in pupils.iter().zip(&dealt.places) {
        let Some(name) = names.get(*place) else { continue };
        heads.entry(&pupil.target).or_default().0.add(pupil);
        heads.entry(name).or_default().1.add(pupil);
        if *name != pupil.target {
            moves.push((pupil.id, name.clone()));
        }
    }
    let of_class = |name: &String| {
        let (is, then) = heads.get(name.as_str()).copied().unwrap_or_default();
        (name.clone(), is, then)
    };
    let joined = |group: &Vec<usize>| group.iter().map(name).collect::<Vec<_>>().join(", ");
    Ok(Balance {
        classes: names.iter().map(of_class).collect(),
        moves,
        split: dealt.split.iter().map(joined).collect(),
        has_marks: pupils.iter().any(|pupil| pupil.mark.is_some()),
        made_of: String::new(),
    })
}

/// The place of a pupil in the draw: it cannot be told from the name, and stays when others come or go.
fn lot(seed: &str, id: &str) -> String {
    hex::encode(Sha256::digest(format!("{seed}\n{id}")))
}

/// Fills the classes as it was shown; gives how many pupils go somewhere else than before.
///
/// # Errors
/// [`Error::NotFound`] where no draft is open.
pub async fn take(
    granted: &Granted<may::ManageClasses>,
    app: &App,
    asked: &BalanceRequest,
    made_of: &str,
) -> Result<std::result::Result<usize, BalanceRefusal>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let draft = store::open(granted, &mut tx).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    let balance = match propose(granted, app, &draft, asked).await? {
        Ok(balance) => balance,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    store::lock(granted, &mut tx).await?;
    let draft = store::open(granted, &mut tx).await?.filter(|open| open.id == draft.id).ok_or(Error::NotFound)?;
    // From here on nobody changes it: what was computed is written only over what it was computed from.
    match read(granted, &mut tx, &draft, asked).await? {
        Ok(now) if now.key(asked) == made_of && balance.made_of == made_of => {}
        _ => return Ok(Err(BalanceRefusal::Meanwhile)),
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
    use super::*;

    fn pupils(count: u128) -> Vec<DealtPupil> {
        (0..count)
            .map(|n| DealtPupil {
                id: MemberId::from_u128(n),
                full_name: format!("Em {n}"),
                target: "11A1".to_owned(),
                gender: if n % 2 == 0 { "female" } else { "male" }.to_owned(),
                mark: Some(500 + i64::try_from(n).unwrap() * 10),
            })
            .collect()
    }

    #[test]
    fn another_seed_divides_otherwise_and_the_same_one_does_not() {
        let names = ["11A1", "11A2"].map(str::to_owned);
        let moves = |seed: &str| balance(&names, &pupils(40), seed, &Bonds::default()).unwrap().moves;
        // Marks leave no choice where they differ: without them the seed decides.
        let mut same: Vec<DealtPupil> = pupils(40);
        same.iter_mut().for_each(|pupil| pupil.mark = None);
        let by = |seed: &str| balance(&names, &same, seed, &Bonds::default()).unwrap().moves;
        assert_eq!(by("1"), by("1"));
        assert_ne!(by("1"), by("2"));
        assert_eq!(moves("1").len(), 20);
    }

    #[test]
    fn averages_are_told_and_a_pair_that_cannot_be_apart_is_refused() {
        let names = ["11A1", "11A2"].map(str::to_owned);
        let shown = balance(&names, &pupils(4), "1", &Bonds::default()).unwrap();
        assert_eq!(shown.classes[0].1.average().as_deref(), Some("5,15"));
        let apart = vec![(0, 1), (1, 2), (0, 2)];
        let refused = balance(&names, &pupils(4), "1", &Bonds { together: Vec::new(), apart }).unwrap_err();
        assert!(matches!(refused, BalanceRefusal::NotApart(_)), "{refused:?}");
        assert_eq!(refused.field(), "apart");
    }
}
