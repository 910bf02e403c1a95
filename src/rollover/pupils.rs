//! The pupils of a draft: its list, and what becomes of them.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

use super::{
    changes,
    model::{ClassMap, DraftClass, DraftPupil, PupilOutcome, Rollover},
    naming, store,
};
use crate::{
    access::{Granted, Role, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result, stored},
    ids::{ClassId, MemberId, RolloverId},
    roster::store::WordSearch,
    vietnam::text,
};

/// How many pupils a page shows.
pub const PAGE: usize = 100;

/// Which pupils are wanted.
#[derive(Clone, Debug, Default)]
pub struct PupilFilter {
    pub class_id: Option<ClassId>,
    pub outcome: Option<PupilOutcome>,
    /// The class of the coming year.
    pub target: Option<String>,
    /// Beginnings of words of the name.
    pub words: Vec<String>,
    /// Only those that no plan has written.
    pub unwritten: bool,
}

impl PupilFilter {
    #[must_use]
    pub fn searching(mut self, typed: &str) -> Self {
        self.words = text::words(typed).into_iter().take(6).collect();
        self
    }

    /// How the people with the words are found.
    async fn search(&self, scope: &Scope, tx: &mut PgConnection) -> Result<WordSearch<'_>> {
        if self.words.is_empty() || self.class_id.is_some() {
            return Ok(WordSearch::of_few(&self.words));
        }
        WordSearch::of(scope, tx, Role::Student, &self.words).await
    }

    fn push(&self, query: &mut QueryBuilder<Postgres>, scope: &Scope, id: RolloverId, search: &WordSearch<'_>) {
        // As literals: a plan for drafts of all sizes would sort the largest.
        query.push(format_args!(" WHERE p.school_id = '{}' AND p.rollover_id = '{id}'", scope.school_id()));
        // As the index of the order has it: it is walked through, not sorted.
        query.push(" AND p.class_sort IS NOT NULL");
        if let Some(class_id) = self.class_id {
            // The order of the list begins with the class.
            let school_id = scope.school_id();
            query.push(format_args!(
                " AND p.class_sort = (SELECT c.sort_key FROM classes c
                     WHERE c.school_id = '{school_id}' AND c.id = '{class_id}') AND p.class_id = '{class_id}'"
            ));
        }
        if let Some(outcome) = self.outcome {
            query.push(format_args!(" AND p.outcome = '{}'", outcome.key()));
        }
        if let Some(target) = &self.target {
            query.push(" AND p.target = ").push_bind(target.clone());
        }
        if self.unwritten {
            query.push(" AND p.plan_id IS NULL");
        }
        search.push(scope, query, "p.member_id");
    }
}

/// A page of pupils behind one, in the order of classes and names; one more than [`PAGE`] where there are more.
pub async fn page(
    scope: &Scope,
    tx: &mut PgConnection,
    id: RolloverId,
    filter: &PupilFilter,
    after: Option<MemberId>,
) -> Result<Vec<DraftPupil>> {
    let search = filter.search(scope, tx).await?;
    let mut query = QueryBuilder::new(
        "SELECT p.member_id, m.full_name, m.birth_date, c.name AS class_name, p.outcome, p.target, p.reason,
             p.plan_id IS NOT NULL AS is_written
         FROM (SELECT p.* FROM rollover_pupils p",
    );
    filter.push(&mut query, scope, id, &search);
    if let Some(after) = after {
        query.push(
            " AND (p.class_sort, p.given_name, p.family_name, p.middle_name, p.member_id) > (
                 SELECT a.class_sort, a.given_name, a.family_name, a.middle_name, a.member_id FROM rollover_pupils a
                 WHERE a.school_id = ",
        );
        query.push_bind(scope.school_id()).push(" AND a.rollover_id = ").push_bind(id);
        query.push(" AND a.member_id = ").push_bind(after).push(")");
    }
    query.push(" ORDER BY p.class_sort, p.given_name, p.family_name, p.middle_name, p.member_id");
    query.push(format_args!(" LIMIT {}) p", PAGE + 1));
    query.push(" JOIN members m ON m.school_id = p.school_id AND m.id = p.member_id");
    query.push(" JOIN classes c ON c.school_id = p.school_id AND c.id = p.class_id");
    query.push(" ORDER BY p.class_sort, p.given_name, p.family_name, p.middle_name, p.member_id");
    let rows = query.build().fetch_all(tx).await?;
    rows.iter()
        .map(|row| {
            let outcome: String = row.try_get("outcome")?;
            Ok(DraftPupil {
                id: row.try_get("member_id")?,
                full_name: row.try_get("full_name")?,
                birth_date: row.try_get("birth_date")?,
                class_name: row.try_get("class_name")?,
                outcome: stored("outcome of a pupil", PupilOutcome::from_key(&outcome))?,
                target: row.try_get("target")?,
                reason: row.try_get("reason")?,
                is_written: row.try_get("is_written")?,
            })
        })
        .collect()
}

/// The ids of all pupils that a filter finds.
pub async fn ids(scope: &Scope, tx: &mut PgConnection, id: RolloverId, filter: &PupilFilter) -> Result<Vec<MemberId>> {
    let search = filter.search(scope, tx).await?;
    let mut query = QueryBuilder::new("SELECT p.member_id FROM rollover_pupils p");
    filter.push(&mut query, scope, id, &search);
    Ok(query.build_query_scalar().fetch_all(tx).await?)
}

/// A pupil of the draft, by what a list may name them by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPupil {
    pub id: MemberId,
    pub full_name: String,
    pub birth_date: Option<NaiveDate>,
    pub username: Option<String>,
    pub moet_id: Option<String>,
    pub national_id: Option<String>,
    /// The class of this year.
    pub class_id: ClassId,
    pub outcome: PupilOutcome,
    pub target: Option<String>,
    pub reason: Option<String>,
    /// A plan has written it.
    pub is_written: bool,
}

/// All pupils of a draft.
pub async fn known(scope: &Scope, tx: &mut PgConnection, id: RolloverId) -> Result<Vec<KnownPupil>> {
    let rows = sqlx::query!(
        r#"SELECT p.member_id, m.full_name, m.birth_date, m.username, m.moet_id, m.national_id, p.class_id, p.outcome,
               p.target, p.reason, p.plan_id IS NOT NULL AS "is_written!"
           FROM rollover_pupils p JOIN members m ON m.school_id = $1 AND m.id = p.member_id
           WHERE p.school_id = $1 AND p.rollover_id = $2"#,
        scope.school_id(),
        id,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(KnownPupil {
                id: row.member_id,
                full_name: row.full_name,
                birth_date: row.birth_date,
                username: row.username,
                moet_id: row.moet_id,
                national_id: row.national_id,
                class_id: row.class_id,
                outcome: stored("outcome of a pupil", PupilOutcome::from_key(&row.outcome))?,
                target: row.target,
                reason: row.reason,
                is_written: row.is_written,
            })
        })
        .collect()
}

/// What becomes of a pupil, in a few letters: the same only where it is the same.
fn key_of(outcome: &str, target: Option<&str>, reason: Option<&str>) -> String {
    let said = [outcome, target.unwrap_or_default(), reason.unwrap_or_default()].join("\n");
    hex::encode(Sha256::digest(said)).chars().take(12).collect()
}

/// The same of a pupil as a page shows them.
#[must_use]
pub fn shown_key(pupil: &DraftPupil) -> String {
    key_of(pupil.outcome.key(), pupil.target.as_deref(), pupil.reason.as_deref())
}

/// The names of those of these pupils for which a colleague has chosen something other than what was `shown`, by their
/// ids, and than what is chosen now.
pub async fn changed_meanwhile(
    scope: &Scope,
    tx: &mut PgConnection,
    draft: &Rollover,
    ids: &[MemberId],
    shown: &HashMap<MemberId, String>,
    choice: &OutcomeChoice,
) -> Result<Vec<String>> {
    let ids: Vec<MemberId> = ids.iter().copied().filter(|id| shown.contains_key(id)).collect();
    let rows = sqlx::query!(
        "SELECT p.member_id, m.full_name, p.outcome, p.target, p.reason FROM rollover_pupils p
         JOIN members m ON m.school_id = $1 AND m.id = p.member_id
         WHERE p.school_id = $1 AND p.rollover_id = $2 AND p.member_id = ANY($3) AND p.plan_id IS NULL
         ORDER BY p.class_sort, p.given_name, p.family_name, p.middle_name, p.member_id",
        scope.school_id(),
        draft.id,
        &ids,
    )
    .fetch_all(tx)
    .await?;
    let is_changed = |id: MemberId, key: String| shown.get(&id).is_some_and(|shown| *shown != key);
    let changed = rows.into_iter().filter(|row| {
        let is_wanted =
            row.outcome == choice.outcome.key() && row.target == choice.target && row.reason == choice.reason;
        !is_wanted && is_changed(row.member_id, key_of(&row.outcome, row.target.as_deref(), row.reason.as_deref()))
    });
    Ok(changed.map(|row| row.full_name).collect())
}

/// What is to become of pupils.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeChoice {
    pub outcome: PupilOutcome,
    /// The class of the coming year, by name; none means the one that follows from the pupil's.
    pub target: Option<String>,
    pub reason: Option<String>,
}

/// Why a choice cannot be taken: the key of the sentence, and what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChoiceRefusal {
    /// The pupils' class has no class that follows it: one must be chosen.
    NoClass,
    /// A pupil who repeats a grade stays in a class of that grade.
    OtherGrade,
    /// A pupil who is promoted goes to a higher grade.
    SameGrade,
}

impl ChoiceRefusal {
    pub const ALL: [Self; 3] = [Self::NoClass, Self::OtherGrade, Self::SameGrade];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::NoClass => "fault-rollover-no-class",
            Self::OtherGrade => "fault-rollover-other-grade",
            Self::SameGrade => "fault-rollover-same-grade",
        }
    }
}

/// A class that does not fit, by its name.
pub type Refused = (ChoiceRefusal, String);

/// The class of the coming year that a choice means for the pupils of a class.
pub fn target_for(choice: &OutcomeChoice, class: &DraftClass) -> std::result::Result<Option<String>, Refused> {
    let target = match (choice.outcome, &choice.target) {
        (PupilOutcome::Promoted | PupilOutcome::KeptBack, Some(target)) => target.clone(),
        (PupilOutcome::Promoted, None) => class.target.clone().ok_or((ChoiceRefusal::NoClass, class.name.clone()))?,
        // Next year's class of the same name.
        (PupilOutcome::KeptBack, None) => class.name.clone(),
        _ => return Ok(None),
    };
    if naming::fits(class, choice.outcome, &target) {
        return Ok(Some(target));
    }
    let refusal = match choice.outcome {
        PupilOutcome::KeptBack => ChoiceRefusal::OtherGrade,
        _ => ChoiceRefusal::SameGrade,
    };
    Err((refusal, class.name.clone()))
}

/// Says what becomes of pupils; those that a plan has written already are left as they are. All or none; gives how many.
/// The caller has taken the lock of drafts before it looked for this one.
pub async fn choose(
    granted: &Granted<may::ManageClasses>,
    app: &App,
    tx: &mut PgConnection,
    draft: &Rollover,
    ids: &[MemberId],
    choice: &OutcomeChoice,
) -> Result<std::result::Result<usize, Refused>> {
    choose_each(granted, app, tx, draft, &[(ids.to_vec(), choice.clone())]).await
}

/// The same for several groups of pupils, each with its choice; all or none. Gives how many pupils.
pub async fn choose_each(
    granted: &Granted<may::ManageClasses>,
    app: &App,
    tx: &mut PgConnection,
    draft: &Rollover,
    groups: &[(Vec<MemberId>, OutcomeChoice)],
) -> Result<std::result::Result<usize, Refused>> {
    let mut counts: BTreeMap<PupilOutcome, usize> = BTreeMap::new();
    for (ids, choice) in groups {
        match set(granted, tx, draft, ids, choice).await? {
            Ok(count) => *counts.entry(choice.outcome).or_default() += count,
            Err(refused) => return Ok(Err(refused)),
        }
    }
    for (outcome, count) in counts.iter().filter(|(_, count)| **count > 0) {
        let action = AuditAction::RolloverPupilsChanged { count: *count, outcome: outcome.key().into() };
        audit::record(granted, app, tx, Event::about(action, draft.id)).await?;
    }
    Ok(Ok(counts.values().sum()))
}

async fn set(
    granted: &Granted<may::ManageClasses>,
    tx: &mut PgConnection,
    draft: &Rollover,
    ids: &[MemberId],
    choice: &OutcomeChoice,
) -> Result<std::result::Result<usize, Refused>> {
    let map = store::class_map(granted, tx, draft.id).await?;
    let of_pupils = sqlx::query!(
        "SELECT DISTINCT class_id FROM rollover_pupils
         WHERE school_id = $1 AND rollover_id = $2 AND member_id = ANY($3) AND plan_id IS NULL",
        granted.school_id(),
        draft.id,
        ids,
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut classes = Vec::new();
    let mut targets = Vec::new();
    for row in of_pupils {
        let class = map.classes.iter().find(|class| class.id == row.class_id).ok_or(Error::NotFound)?;
        match target_for(choice, class) {
            Ok(target) => {
                classes.push(class.id);
                targets.push(target);
            }
            Err(refused) => return Ok(Err(refused)),
        }
    }
    Ok(Ok(write(granted, tx, draft, &map, ids, choice, (&classes, &targets)).await?))
}

async fn write(
    scope: &Scope,
    tx: &mut PgConnection,
    draft: &Rollover,
    map: &ClassMap,
    ids: &[MemberId],
    choice: &OutcomeChoice,
    (classes, targets): (&[ClassId], &[Option<String>]),
) -> Result<usize> {
    let grade = |name: &String| {
        let same = map.classes.iter().find(|class| class.name == *name).and_then(|class| class.grade.clone());
        naming::grade_of(name).or(same)
    };
    let new: BTreeMap<String, Option<String>> =
        targets.iter().flatten().map(|name| (name.clone(), grade(name))).collect();
    changes::add_targets(scope, tx, draft.id, &new).await?;
    let written = sqlx::query!(
        "UPDATE rollover_pupils p SET outcome = $4, target = new.target, reason = $5, is_chosen = true
         FROM unnest($6::uuid[], $7::text[]) AS new (class_id, target)
         WHERE p.school_id = $1 AND p.rollover_id = $2 AND p.member_id = ANY($3) AND p.class_id = new.class_id
             AND p.plan_id IS NULL",
        scope.school_id(),
        draft.id,
        ids,
        choice.outcome.key(),
        choice.reason,
        classes,
        targets as &[Option<String>],
    )
    .execute(tx)
    .await?;
    Ok(usize::try_from(written.rows_affected()).unwrap_or(usize::MAX))
}
