//! What a draft adds up to, from the numbers that triggers keep of each class: no page counts pupils, and each asks for
//! what it shows.

use std::collections::{BTreeMap, HashMap};

use sqlx::PgConnection;

use super::{
    model::{DraftClass, DraftTotals, GradeSums, Misfit, OutcomeSums, PupilOutcome},
    naming,
};
use crate::{
    access::Scope,
    error::{Result, stored},
    ids::{ClassId, MemberId, RolloverId},
    schools::homeroom::HomeroomCandidate,
    vietnam::class_name,
};

/// How many classes of each year a page shows.
pub const CLASSES_OF_PAGE: usize = 60;

fn outcome(key: &str) -> Result<PupilOutcome> {
    stored("outcome of a pupil", PupilOutcome::from_key(key))
}

/// How many classes and pupils there are.
pub async fn totals(scope: &Scope, tx: &mut PgConnection, id: RolloverId) -> Result<DraftTotals> {
    let rows = sqlx::query!(
        r#"SELECT '' AS "outcome!", count(*) AS "count!" FROM rollover_classes WHERE school_id = $1 AND rollover_id = $2
           UNION ALL
           SELECT outcome, sum(value)::bigint FROM rollover_counts WHERE school_id = $1 AND rollover_id = $2
           GROUP BY outcome"#,
        scope.school_id(),
        id,
    )
    .fetch_all(tx)
    .await?;
    let mut totals = DraftTotals::default();
    for row in rows {
        match row.outcome.as_str() {
            "" => totals.classes = usize::try_from(row.count).unwrap_or(usize::MAX),
            key => totals.pupils.add(outcome(key)?, row.count),
        }
    }
    Ok(totals)
}

/// The grades of this year and the coming one, in their order.
pub async fn grades(scope: &Scope, tx: &mut PgConnection, id: RolloverId) -> Result<Vec<GradeSums>> {
    let classes = sqlx::query!(
        r#"SELECT c.grade, count(*) AS "count!" FROM rollover_classes r
           JOIN classes c ON c.school_id = $1 AND c.id = r.class_id
           WHERE r.school_id = $1 AND r.rollover_id = $2 GROUP BY c.grade"#,
        scope.school_id(),
        id,
    )
    .fetch_all(&mut *tx)
    .await?;
    let pupils = sqlx::query!(
        r#"SELECT c.grade, n.outcome, sum(n.value)::bigint AS "count!" FROM rollover_counts n
           JOIN classes c ON c.school_id = $1 AND c.id = n.class_id
           WHERE n.school_id = $1 AND n.rollover_id = $2 GROUP BY c.grade, n.outcome"#,
        scope.school_id(),
        id,
    )
    .fetch_all(&mut *tx)
    .await?;
    let targets = sqlx::query!(
        r#"SELECT t.grade, count(*) AS "count!", coalesce(sum(n.pupils), 0)::bigint AS "pupils!" FROM rollover_targets t
           LEFT JOIN (SELECT target, sum(value) AS pupils FROM rollover_counts
                      WHERE school_id = $1 AND rollover_id = $2 GROUP BY target) n ON n.target = t.name
           WHERE t.school_id = $1 AND t.rollover_id = $2 GROUP BY t.grade"#,
        scope.school_id(),
        id,
    )
    .fetch_all(tx)
    .await?;
    let mut grades = Grades::default();
    for row in classes {
        grades.of(row.grade).classes = usize::try_from(row.count).unwrap_or(usize::MAX);
    }
    for row in pupils {
        grades.of(row.grade).pupils.add(outcome(&row.outcome)?, row.count);
    }
    for row in targets {
        let grade = grades.of(row.grade);
        grade.next_classes = usize::try_from(row.count).unwrap_or(usize::MAX);
        grade.next = row.pupils;
    }
    Ok(grades.0.into_values().collect())
}

/// By what sorts them.
#[derive(Default)]
struct Grades(BTreeMap<String, GradeSums>);

impl Grades {
    fn of(&mut self, grade: Option<String>) -> &mut GradeSums {
        let grade = grade.unwrap_or_default();
        let sums = self.0.entry(class_name::natural_key(&grade)).or_default();
        sums.grade = grade;
        sums
    }
}

/// Pupils in classes of the coming year that do not fit what becomes of them.
pub async fn misfits(scope: &Scope, tx: &mut PgConnection, id: RolloverId) -> Result<Vec<Misfit>> {
    // Most go up by one grade or stay in it, as the numbers say: only what is left is looked at more closely.
    let rows = sqlx::query!(
        r#"SELECT c.id, c.name, c.grade, n.outcome, n.target, n.value FROM (
               SELECT n.*, substring(n.target FROM '[0-9]+') AS next FROM rollover_counts n
               WHERE n.school_id = $1 AND n.rollover_id = $2 AND n.outcome IN ('promoted', 'kept_back')
                   AND n.value > 0) n
           JOIN classes c ON c.school_id = $1 AND c.id = n.class_id
           WHERE coalesce(CASE n.outcome WHEN 'kept_back' THEN n.next <> c.grade
               ELSE n.next::numeric <> CASE WHEN c.grade ~ '^[0-9]{1,2}$' THEN c.grade::numeric + 1 END END, true)
           ORDER BY c.sort_key, c.id, n.outcome, n.target"#,
        scope.school_id(),
        id,
    )
    .fetch_all(tx)
    .await?;
    let mut misfits = Vec::new();
    for row in rows {
        let class = DraftClass { id: row.id, name: row.name, grade: row.grade, target: None };
        let outcome = outcome(&row.outcome)?;
        if !naming::fits(&class, outcome, &row.target) {
            let (class_id, class_name) = (class.id, class.name);
            misfits.push(Misfit { class_id, class_name, outcome, target: row.target, pupils: row.value });
        }
    }
    Ok(misfits)
}

/// Classes of the coming year without anybody, in their order.
pub async fn empty_targets(scope: &Scope, tx: &mut PgConnection, id: RolloverId) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        "SELECT t.name FROM rollover_targets t
         WHERE t.school_id = $1 AND t.rollover_id = $2 AND t.name NOT IN (
             SELECT n.target FROM rollover_counts n WHERE n.school_id = $1 AND n.rollover_id = $2 AND n.value > 0)
         ORDER BY t.sort_key, t.name",
        scope.school_id(),
        id,
    )
    .fetch_all(tx)
    .await?)
}

/// A class of this year, and what becomes of its pupils.
#[derive(Clone, Debug)]
pub struct ClassSums {
    pub id: ClassId,
    pub name: String,
    /// Where its pupils go; none where they finish school.
    pub target: Option<String>,
    pub pupils: OutcomeSums,
    /// How many are promoted to another class than the rest of it.
    pub elsewhere: i64,
}

/// A page of the classes of this year, in their order; the first page is 0.
pub async fn classes(scope: &Scope, tx: &mut PgConnection, id: RolloverId, page: usize) -> Result<Vec<ClassSums>> {
    let classes = sqlx::query!(
        "SELECT c.id, c.name, r.target FROM rollover_classes r
         JOIN classes c ON c.school_id = $1 AND c.id = r.class_id
         WHERE r.school_id = $1 AND r.rollover_id = $2 ORDER BY c.sort_key, c.id LIMIT $3 OFFSET $4",
        scope.school_id(),
        id,
        of_page(1),
        of_page(page),
    )
    .fetch_all(&mut *tx)
    .await?;
    let ids: Vec<ClassId> = classes.iter().map(|class| class.id).collect();
    let counts = sqlx::query!(
        "SELECT class_id, outcome, target, value FROM rollover_counts
         WHERE school_id = $1 AND rollover_id = $2 AND class_id = ANY($3)",
        scope.school_id(),
        id,
        &ids,
    )
    .fetch_all(tx)
    .await?;
    let mut sums: HashMap<ClassId, (OutcomeSums, i64)> = HashMap::new();
    let targets: HashMap<ClassId, &Option<String>> = classes.iter().map(|class| (class.id, &class.target)).collect();
    for count in counts {
        let outcome = outcome(&count.outcome)?;
        let (pupils, elsewhere) = sums.entry(count.class_id).or_default();
        pupils.add(outcome, count.value);
        let goes = targets.get(&count.class_id).and_then(|target| target.as_ref());
        if outcome == PupilOutcome::Promoted && goes != Some(&count.target) {
            *elsewhere += count.value;
        }
    }
    let of_class = |id| sums.get(&id).copied().unwrap_or_default();
    Ok(classes
        .into_iter()
        .map(|class| {
            let (pupils, elsewhere) = of_class(class.id);
            ClassSums { id: class.id, name: class.name, target: class.target, pupils, elsewhere }
        })
        .collect())
}

/// A class of the coming year, and how many go there.
#[derive(Clone, Debug)]
pub struct TargetSums {
    pub name: String,
    pub grade: Option<String>,
    pub homeroom_member_id: Option<MemberId>,
    /// The same, as long as they may be one.
    pub homeroom: Option<HomeroomCandidate>,
    pub pupils: i64,
    /// Whether nobody and no class goes there.
    pub is_unused: bool,
}

/// A page of the classes of the coming year, in their order, and whether there are more; the first page is 0.
pub async fn targets(
    scope: &Scope,
    tx: &mut PgConnection,
    id: RolloverId,
    page: usize,
) -> Result<(Vec<TargetSums>, bool)> {
    let mut rows = sqlx::query!(
        r#"SELECT t.name, t.grade, t.homeroom_member_id, m.id AS "candidate?: MemberId", m.full_name AS "full_name?", m.email,
               coalesce(n.pupils, 0) AS "pupils!",
               coalesce(n.pupils, 0) = 0 AND NOT EXISTS (SELECT FROM rollover_classes r
                   WHERE r.school_id = $1 AND r.rollover_id = $2 AND r.target = t.name) AS "is_unused!"
           FROM (SELECT * FROM rollover_targets WHERE school_id = $1 AND rollover_id = $2
                 ORDER BY sort_key, name LIMIT $3 OFFSET $4) t
           LEFT JOIN (SELECT target, sum(value)::bigint AS pupils FROM rollover_counts
                      WHERE school_id = $1 AND rollover_id = $2 GROUP BY target) n ON n.target = t.name
           LEFT JOIN members m ON m.school_id = $1 AND m.id = t.homeroom_member_id
               AND m.role IN ('teacher', 'manager') AND m.status IN ('active', 'invited')
           ORDER BY t.sort_key, t.name"#,
        scope.school_id(),
        id,
        of_page(1) + 1,
        of_page(page),
    )
    .fetch_all(tx)
    .await?;
    let has_more = rows.len() > CLASSES_OF_PAGE;
    rows.truncate(CLASSES_OF_PAGE);
    let targets = rows.into_iter().map(|row| TargetSums {
        name: row.name,
        grade: row.grade,
        homeroom_member_id: row.homeroom_member_id,
        homeroom: row.candidate.zip(row.full_name).map(|(id, full_name)| HomeroomCandidate {
            id,
            full_name,
            email: row.email,
        }),
        pupils: row.pupils,
        is_unused: row.is_unused,
    });
    Ok((targets.collect(), has_more))
}

/// How many classes so many pages hold.
fn of_page(pages: usize) -> i64 {
    i64::try_from(CLASSES_OF_PAGE.saturating_mul(pages)).unwrap_or(i64::MAX)
}

/// The classes of this year, each with its id, name and number of pupils.
pub async fn class_choices(
    scope: &Scope,
    tx: &mut PgConnection,
    id: RolloverId,
) -> Result<Vec<(ClassId, String, i64)>> {
    let rows = sqlx::query!(
        r#"SELECT c.id, c.name, coalesce(n.pupils, 0) AS "pupils!" FROM rollover_classes r
           JOIN classes c ON c.school_id = $1 AND c.id = r.class_id
           LEFT JOIN (SELECT class_id, sum(value)::bigint AS pupils FROM rollover_counts
                      WHERE school_id = $1 AND rollover_id = $2 GROUP BY class_id) n ON n.class_id = c.id
           WHERE r.school_id = $1 AND r.rollover_id = $2 ORDER BY c.sort_key, c.id"#,
        scope.school_id(),
        id,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name, row.pupils)).collect())
}

/// The classes of the coming year, each with how many go there; none where there are more than `most`.
pub async fn target_choices(
    scope: &Scope,
    tx: &mut PgConnection,
    id: RolloverId,
    most: usize,
) -> Result<Vec<(String, i64)>> {
    let rows = sqlx::query!(
        r#"WITH targets AS MATERIALIZED (
               SELECT name, sort_key FROM rollover_targets WHERE school_id = $1 AND rollover_id = $2 LIMIT $3::bigint + 1)
           SELECT t.name AS "name!", coalesce(n.pupils, 0) AS "pupils!" FROM targets t
           LEFT JOIN (SELECT target, sum(value)::bigint AS pupils FROM rollover_counts
                      WHERE school_id = $1 AND rollover_id = $2 GROUP BY target) n ON n.target = t.name
           WHERE (SELECT count(*) FROM targets) <= $3
           ORDER BY t.sort_key, t.name"#,
        scope.school_id(),
        id,
        i64::try_from(most).unwrap_or(i64::MAX),
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.pupils)).collect())
}
