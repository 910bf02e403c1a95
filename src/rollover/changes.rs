//! Changes of a draft: beginning and dropping it, and where classes go.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::PgConnection;

use super::{
    model::{ClassMap, Rollover},
    naming::{self, Next},
    store, take_over,
    targets::{self, Carry, TargetChanges},
};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    ids::{ClassId, RolloverId, YearId},
    schools::{
        classes::{self, Class},
        year_changes, years,
    },
    vietnam::{class_name, school_year::SchoolYear},
};

/// Why no draft is begun: the key of the sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeginRefusal {
    /// Not a school year, or none that follows one of the school's.
    Year,
    /// Another draft is open.
    Open,
    /// The pupils were taken into that year already.
    Applied,
    /// The year before has no classes.
    NoClasses,
}

impl BeginRefusal {
    pub const ALL: [Self; 4] = [Self::Year, Self::Open, Self::Applied, Self::NoClasses];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Year => "fault-rollover-year",
            Self::Open => "fault-rollover-open",
            Self::Applied => "fault-rollover-applied",
            Self::NoClasses => "fault-rollover-no-classes",
        }
    }
}

/// The year that is proposed for a draft: the one after the latest year that has classes.
pub async fn proposed(scope: &Scope, tx: &mut PgConnection) -> Result<Option<SchoolYear>> {
    let latest = sqlx::query_scalar!(
        "SELECT y.name FROM school_years y WHERE y.school_id = $1 AND EXISTS (
             SELECT FROM classes c WHERE c.school_id = $1 AND c.school_year_id = y.id)
         ORDER BY y.starts_on DESC LIMIT 1",
        scope.school_id(),
    )
    .fetch_optional(tx)
    .await?;
    Ok(latest.and_then(|name| name.parse::<SchoolYear>().ok()?.next()))
}

/// Begins the draft for a year, made from the classes and pupils of the year before.
pub async fn begin(
    granted: &Granted<may::ManageClasses>,
    app: &App,
    to: SchoolYear,
) -> Result<std::result::Result<RolloverId, BeginRefusal>> {
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    store::lock(granted, &mut tx).await?;
    if store::open(granted, &mut tx).await?.is_some() {
        return Ok(Err(BeginRefusal::Open));
    }
    let Some(before) = to.previous() else { return Ok(Err(BeginRefusal::Year)) };
    let Some(from) = store::year_named(granted, &mut tx, &before.to_string()).await? else {
        return Ok(Err(BeginRefusal::Year));
    };
    if let Some(year) = store::year_named(granted, &mut tx, &to.to_string()).await?
        && store::is_applied(granted, &mut tx, year.id).await?
    {
        return Ok(Err(BeginRefusal::Applied));
    }
    let classes = classes::of_year(granted, &mut tx, from.id).await?;
    if classes.is_empty() {
        return Ok(Err(BeginRefusal::NoClasses));
    }
    years::add(granted, app, &mut tx, to).await?;
    let to_year = store::year_named(granted, &mut tx, &to.to_string()).await?.ok_or(Error::NotFound)?;
    // A year that is over is not filled; what was added for it goes with the transaction.
    if year_changes::is_closed(granted, app, &mut tx, to_year.id).await? {
        return Ok(Err(BeginRefusal::Year));
    }
    let id = insert(granted, app, &mut tx, from.id, to_year.id).await?;
    propose_classes(granted, &mut tx, id, &classes, |_| true).await?;
    let draft = store::open(granted, &mut tx).await?.ok_or(Error::NotFound)?;
    take_over::refresh(granted, &mut tx, &draft, None).await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::RolloverBegun, id)).await?;
    tx.commit().await?;
    Ok(Ok(id))
}

async fn insert(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    from_year_id: YearId,
    to_year_id: YearId,
) -> Result<RolloverId> {
    let now = app.clock.now();
    let id: RolloverId = app.randomness.uuid_v7(now);
    sqlx::query!(
        "INSERT INTO rollovers (school_id, id, from_year_id, to_year_id, state, created_by, created_at)
         VALUES ($1, $2, $3, $4, 'open', $5, $6)",
        scope.school_id(),
        id,
        from_year_id,
        to_year_id,
        scope.member().map(|member| member.id),
        now,
    )
    .execute(tx)
    .await?;
    Ok(id)
}

/// Next year's classes from those of this year that are new to the draft. The classes of the lowest grade are there
/// again, for those who come new.
pub(super) async fn propose_classes(
    scope: &Scope,
    tx: &mut PgConnection,
    id: RolloverId,
    classes: &[Class],
    is_new: impl Fn(&Class) -> bool,
) -> Result<()> {
    let last = naming::last_grade(classes.iter().map(|class| (class.name.as_str(), class.grade.as_deref())));
    let lowest = classes.iter().filter_map(|class| class_name::grade(&class.name)).min();
    let mut targets: BTreeMap<String, Option<String>> = BTreeMap::new();
    let (mut ids, mut goes): (Vec<ClassId>, Vec<Option<String>>) = (Vec::new(), Vec::new());
    for class in classes.iter().filter(|class| is_new(class)) {
        ids.push(class.id);
        let next = naming::next(scope.school.kind, &class.name, class.grade.as_deref(), last);
        goes.push(match next {
            Next::Class(name, grade) => {
                targets.insert(name.clone(), grade);
                Some(name)
            }
            Next::Finish => None,
        });
        if lowest.is_some() && class_name::grade(&class.name) == lowest {
            targets.entry(class.name.clone()).or_insert_with(|| class.grade.clone());
        }
    }
    // A class that is there already keeps what was chosen for it.
    let known: Vec<String> = sqlx::query_scalar!(
        "SELECT name FROM rollover_targets WHERE school_id = $1 AND rollover_id = $2",
        scope.school_id(),
        id,
    )
    .fetch_all(&mut *tx)
    .await?;
    add_targets(scope, tx, id, &targets).await?;
    sqlx::query!(
        "INSERT INTO rollover_classes (school_id, rollover_id, class_id, target)
         SELECT $1, $2, * FROM unnest($3::uuid[], $4::text[])
         ON CONFLICT DO NOTHING RETURNING class_id",
        scope.school_id(),
        id,
        &ids,
        &goes as &[Option<String>],
    )
    .fetch_all(&mut *tx)
    .await?;
    let new: Vec<String> = targets.into_keys().filter(|name| !known.contains(name)).collect();
    targets::carry(scope, tx, id, Carry::Along, Some(&new)).await?;
    Ok(())
}

/// Adds classes of the coming year that the draft does not have yet, each with its grade; gives how many.
pub async fn add_targets(
    scope: &Scope,
    tx: &mut PgConnection,
    id: RolloverId,
    targets: &BTreeMap<String, Option<String>>,
) -> Result<usize> {
    let names: Vec<String> = targets.keys().cloned().collect();
    let keys: Vec<String> = names.iter().map(|name| class_name::natural_key(name)).collect();
    let grades: Vec<Option<String>> = targets.values().cloned().collect();
    let added = sqlx::query!(
        "INSERT INTO rollover_targets (school_id, rollover_id, name, sort_key, grade)
         SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[]) ON CONFLICT DO NOTHING",
        scope.school_id(),
        id,
        &names,
        &keys,
        &grades as &[Option<String>],
    )
    .execute(tx)
    .await?;
    Ok(usize::try_from(added.rows_affected()).unwrap_or(usize::MAX))
}

/// Drops the open draft. False where there is none.
pub async fn discard(granted: &Granted<may::ManageClasses>, app: &App) -> Result<bool> {
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    store::lock(granted, &mut tx).await?;
    let Some(draft) = store::open(granted, &mut tx).await? else { return Ok(false) };
    sqlx::query!("DELETE FROM rollovers WHERE school_id = $1 AND id = $2", granted.school_id(), draft.id)
        .execute(&mut *tx)
        .await?;
    sqlx::query!("DELETE FROM rollover_marks WHERE school_id = $1", granted.school_id()).execute(&mut *tx).await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::RolloverDiscarded, draft.id)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Where a class is to go, and where it went when the page was made: what a colleague has changed since is not lost.
#[derive(Clone, Debug)]
pub struct ClassMove {
    pub class_id: ClassId,
    /// None where its pupils finish school.
    pub target: Option<String>,
    /// Unknown where the form does not say.
    pub seen: Option<Option<String>>,
}

/// What became of a change of classes.
#[derive(Clone, Debug, Default)]
pub struct ClassChangeOutcome {
    pub count: usize,
    /// Classes that a colleague has sent somewhere else meanwhile.
    pub conflicts: Vec<ClassId>,
    /// Classes of the coming year whose homeroom teacher a colleague has changed meanwhile.
    pub homeroom_conflicts: Vec<String>,
}

/// Changes where classes go, and with them the pupils who have no other outcome chosen, and what the classes of the
/// coming year are; all or none.
///
/// # Errors
/// [`Error::NotFound`] where no draft is open.
pub async fn change_classes(
    granted: &Granted<may::ManageClasses>,
    app: &App,
    changes: &[ClassMove],
    of_targets: &TargetChanges,
) -> Result<ClassChangeOutcome> {
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    store::lock(granted, &mut tx).await?;
    let draft = store::open(granted, &mut tx).await?.ok_or(Error::NotFound)?;
    let map = store::class_map(granted, &mut tx, draft.id).await?;
    let now: BTreeMap<ClassId, &Option<String>> = map.classes.iter().map(|class| (class.id, &class.target)).collect();
    let mut changed = ClassChangeOutcome::default();
    let mut wanted: Vec<(ClassId, Option<String>)> = Vec::new();
    for change in changes {
        let Some(is) = now.get(&change.class_id) else { continue };
        let is_untouched = change.seen.as_ref().is_some_and(|seen| *seen == change.target);
        if is_untouched || **is == change.target {
            continue;
        }
        if change.seen.as_ref().is_some_and(|seen| seen != *is) {
            changed.conflicts.push(change.class_id);
        } else {
            wanted.push((change.class_id, change.target.clone()));
        }
    }
    let (conflicts, homerooms) = targets::compare(&map, &of_targets.homerooms);
    changed.homeroom_conflicts = conflicts;
    let is_refused = !changed.conflicts.is_empty() || !changed.homeroom_conflicts.is_empty();
    if is_refused || wanted.is_empty() && homerooms.is_empty() && of_targets.is_of_homerooms_alone() {
        return Ok(changed);
    }
    changed.count = wanted.len();
    write_classes(granted, &mut tx, &draft, &map, &wanted).await?;
    changed.count += targets::write(granted, &mut tx, draft.id, &homerooms, of_targets).await?;
    if changed.count > 0 {
        let action = AuditAction::RolloverClassesChanged { count: changed.count };
        audit::record(granted, app, &mut tx, Event::about(action, draft.id)).await?;
    }
    tx.commit().await?;
    Ok(changed)
}

async fn write_classes(
    scope: &Scope,
    tx: &mut PgConnection,
    draft: &Rollover,
    map: &ClassMap,
    wanted: &[(ClassId, Option<String>)],
) -> Result<()> {
    let grade = |name: &String| {
        let is_known = map.targets.iter().find(|target| target.name == *name);
        is_known.map_or_else(|| naming::grade_of(name), |target| target.grade.clone())
    };
    let targets = wanted.iter().filter_map(|(_, target)| target.clone());
    let targets: BTreeMap<String, Option<String>> = targets.map(|name| (name.clone(), grade(&name))).collect();
    add_targets(scope, tx, draft.id, &targets).await?;
    let (ids, names): (Vec<ClassId>, Vec<Option<String>>) = wanted.iter().cloned().unzip();
    // Those who go where their class went go along.
    sqlx::query!(
        "UPDATE rollover_pupils p SET target = new.target,
             outcome = CASE WHEN new.target IS NULL THEN 'finished' ELSE 'promoted' END
         FROM unnest($3::uuid[], $4::text[]) AS new (class_id, target)
         JOIN rollover_classes r ON r.school_id = $1 AND r.rollover_id = $2 AND r.class_id = new.class_id
         WHERE p.school_id = $1 AND p.rollover_id = $2 AND p.class_id = new.class_id AND p.plan_id IS NULL
             AND p.outcome IN ('promoted', 'finished') AND p.target IS NOT DISTINCT FROM r.target",
        scope.school_id(),
        draft.id,
        &ids,
        &names as &[Option<String>],
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE rollover_classes r SET target = new.target FROM unnest($3::uuid[], $4::text[]) AS new (class_id, target)
         WHERE r.school_id = $1 AND r.rollover_id = $2 AND r.class_id = new.class_id",
        scope.school_id(),
        draft.id,
        &ids,
        &names as &[Option<String>],
    )
    .execute(&mut *tx)
    .await?;
    // A class that is new has the teacher of the class that goes there.
    let is_new = |name: &&String| map.targets.iter().all(|target| target.name != **name);
    let new: Vec<String> = targets.keys().filter(is_new).cloned().collect();
    targets::carry(scope, tx, draft.id, Carry::Along, Some(&new)).await?;
    let left: BTreeSet<ClassId> = ids.into_iter().collect();
    let left: Vec<String> =
        map.classes.iter().filter(|class| left.contains(&class.id)).filter_map(|class| class.target.clone()).collect();
    remove_targets(scope, tx, draft.id, &left).await?;
    Ok(())
}

/// Removes those of these classes of the coming year to which nobody goes; gives how many.
pub async fn remove_targets(scope: &Scope, tx: &mut PgConnection, id: RolloverId, names: &[String]) -> Result<usize> {
    let removed = sqlx::query_scalar!(
        "DELETE FROM rollover_targets t WHERE t.school_id = $1 AND t.rollover_id = $2 AND t.name = ANY($3)
             AND NOT EXISTS (SELECT FROM rollover_classes r
                 WHERE r.school_id = $1 AND r.rollover_id = $2 AND r.target = t.name)
             AND NOT EXISTS (SELECT FROM rollover_pupils p
                 WHERE p.school_id = $1 AND p.rollover_id = $2 AND p.target = t.name)
         RETURNING t.name",
        scope.school_id(),
        id,
        names,
    )
    .fetch_all(tx)
    .await?;
    Ok(removed.len())
}
