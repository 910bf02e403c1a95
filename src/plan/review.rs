//! Reviewing: a person mends a value, or decides on a row, and sees its new outcome at once. What others decide
//! meanwhile stays: only the row, and those that share a key with it, are resolved again.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::PgConnection;

use super::{
    absent,
    book::Book,
    claims,
    matching::{self, Key},
    model::{Decision, Plan, PlanRow, PlanState, RowOutcome, Source},
    new_classes,
    related_rows::RelatedRows,
    resolve::Resolver,
    rows, search, store,
};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    error::{Error, Result},
    ids::{MemberId, PlanId},
    registry::{model::PersonKind, store as registry},
    roster::{
        fields::{self, Fault, Field, RosterKind},
        store as members,
    },
};

/// What a person does to a row.
#[derive(Clone, Debug)]
pub enum RowChange {
    /// New values, as typed.
    Mend(Vec<(Field, String)>),
    Decide(Decision),
    /// Takes a decision back.
    Reopen,
}

/// For which rows a change still holds.
pub enum ChangeCondition<'a> {
    /// Those that are as a page has shown them, by the key that it got; without one, all.
    AsSeen(Option<&'a str>),
    If(&'a (dyn Fn(&PlanRow) -> bool + Sync)),
}

impl ChangeCondition<'_> {
    fn holds(&self, row: &PlanRow, related: &RelatedRows) -> bool {
        match self {
            Self::AsSeen(seen) => seen.is_none_or(|seen| related.seen_key(row) == seen),
            Self::If(holds) => holds(row),
        }
    }
}

/// Whether this can be decided of a row. That it is about the member it may be about needs one; and a row that waits
/// behind another is about that one's member: they would be made a second time.
fn may_decide(row: &PlanRow, decision: Decision) -> bool {
    match decision {
        Decision::Same => row.member_id.is_some(),
        Decision::New => !row.is_behind(),
        Decision::Drop => true,
    }
}

/// Changes rows and resolves those for which the condition still holds; the others keep what they have, since another
/// request was first. Values that cannot be taken stay with their row as its faults. Gives the changed rows as they are
/// now.
///
/// # Errors
/// [`Error::NotFound`] where the plan can no longer be changed.
pub async fn change(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    plan_id: PlanId,
    changes: &[(i32, RowChange)],
    condition: ChangeCondition<'_>,
) -> Result<Vec<PlanRow>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    // Two people on one plan: one after the other.
    store::lock(granted, &mut tx, plan_id).await?;
    let plan = store::find(granted, &mut tx, plan_id).await?;
    if plan.state != PlanState::Ready {
        return Err(Error::NotFound);
    }
    let changes: BTreeMap<i32, &RowChange> = changes.iter().map(|(line, change)| (*line, change)).collect();
    let lines: Vec<i32> = changes.keys().copied().collect();
    let mut rows = rows::at(granted, &mut tx, plan_id, &lines).await?;
    let related = match condition {
        ChangeCondition::AsSeen(Some(_)) => RelatedRows::of(granted, &mut tx, &plan, &rows).await?,
        ChangeCondition::AsSeen(None) | ChangeCondition::If(_) => RelatedRows::default(),
    };
    let may_change = |row: &PlanRow| match changes.get(&row.line) {
        Some(RowChange::Decide(decision)) => may_decide(row, *decision),
        _ => true,
    };
    rows.retain(|row| may_change(row) && condition.holds(row, &related));
    if rows.is_empty() {
        return Ok(rows);
    }
    let changed: Vec<i32> = rows.iter().map(|row| row.line).collect();
    let mut resolver = Resolver::read(granted, app, &mut tx, &plan).await?;
    let keys = take_in(&mut rows, &changes, &resolver, app);
    rows::update(granted, &mut tx, plan_id, &rows).await?;

    let mut rows = concerned(granted, &mut tx, plan_id, &changed, &keys).await?;
    let touched: BTreeSet<Key> = rows.iter().flat_map(|row| resolver.keys_of(row).all()).chain(keys).collect();
    let touched: Vec<Key> = touched.into_iter().collect();
    let duplicates = rows::duplicates(granted, &mut tx, plan_id, Some(&touched)).await?;
    let claimed: BTreeMap<i32, Option<MemberId>> = rows.iter().map(|row| (row.line, claims::claimed(row))).collect();
    let mut members: BTreeSet<MemberId> = rows.iter().filter_map(|row| row.member_id).collect();
    resolver.resolve(&mut tx, &plan, &mut rows, &duplicates).await?;
    rows::update(granted, &mut tx, plan_id, &rows).await?;
    members.extend(rows.iter().filter_map(|row| row.member_id));
    let members: Vec<MemberId> = members.into_iter().collect();
    // Those that have come to their member by this change.
    let is_late = |row: &&PlanRow| claimed.get(&row.line) != Some(&claims::claimed(row));
    let late: Vec<i32> = rows.iter().filter(is_late).map(|row| row.line).collect();
    let held = claims::hold(granted, &mut tx, &plan, &plan.notes, Some(&members), &late).await?;
    if !held.is_empty() {
        rows = rows::at(granted, &mut tx, plan_id, &changed).await?;
    }
    let new_classes: Vec<String> = resolver.new_classes.iter().cloned().collect();
    new_classes::add(granted, &mut tx, plan_id, &new_classes).await?;
    absent::refresh(granted, &mut tx, &plan).await?;
    store::recount(granted, &mut tx, plan_id).await?;
    tx.commit().await?;
    rows.retain(|row| changed.contains(&row.line));
    Ok(rows)
}

/// Takes into the rows what a person does to them; gives the keys that they had and have.
fn take_in(rows: &mut [PlanRow], changes: &BTreeMap<i32, &RowChange>, resolver: &Resolver<'_>, app: &App) -> Vec<Key> {
    let mut keys = BTreeSet::new();
    for row in rows {
        let (kind, before) = (resolver.kind_of(row), resolver.keys_of(row));
        let name = row.value(Field::FullName).to_owned();
        match changes.get(&row.line) {
            Some(RowChange::Mend(values)) => mend(row, values, kind, app),
            Some(RowChange::Decide(decision)) => row.decision = Some(*decision),
            Some(RowChange::Reopen) => row.decision = None,
            None => {}
        }
        row.keys = resolver.keys_of(row);
        row.values_key = matching::values_key(&row.values);
        // A decision was made about the person that the row named then, and against the members that it matched then.
        if row.keys != before || row.value(Field::FullName) != name {
            row.decision = None;
        }
        keys.extend(before.all());
        keys.extend(row.keys.all());
    }
    keys.into_iter().collect()
}

/// The rows that a change concerns: the changed ones, those that share a key with them, and those that wait behind one
/// of all these, which may no longer have to.
async fn concerned(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: PlanId,
    changed: &[i32],
    keys: &[Key],
) -> Result<Vec<PlanRow>> {
    let mut lines = rows::lines_with_keys(scope, tx, plan_id, keys).await?;
    lines.extend(changed);
    let mut concerned = rows::at(scope, tx, plan_id, &lines).await?;
    let lines: BTreeSet<i32> = concerned.iter().map(|row| row.line).collect();
    let members: Vec<MemberId> = concerned.iter().filter_map(|row| row.member_id).collect();
    let held = claims::held(scope, tx, plan_id, &members).await?;
    let behind: Vec<i32> = held.into_iter().map(|(_, line)| line).filter(|line| !lines.contains(line)).collect();
    concerned.extend(rows::at(scope, tx, plan_id, &behind).await?);
    Ok(concerned)
}

/// How many rows are decided on in one transaction, and in one request.
const BATCH: i64 = 2_000;
const MOST_BATCHES: usize = 10;

/// Decides on all rows that wait for it, for one reason or (`None`) any, as far as this can be decided of them. Gives
/// how many were decided on.
///
/// # Errors
/// [`Error::NotFound`] where the plan can no longer be changed.
pub async fn decide_all(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    plan_id: PlanId,
    reason: Option<&str>,
    decision: Decision,
) -> Result<usize> {
    let waits = |row: &PlanRow| row.outcome == RowOutcome::Duplicate;
    let (mut after, mut decided) = (0, 0);
    for _ in 0..MOST_BATCHES {
        let mut tx = app.db.begin_in(granted.school_id()).await?;
        let lines = search::lines_in_doubt(granted, &mut tx, plan_id, reason, after, BATCH).await?;
        tx.commit().await?;
        let Some(last) = lines.last() else { break };
        after = *last;
        let changes: Vec<(i32, RowChange)> =
            lines.into_iter().map(|line| (line, RowChange::Decide(decision))).collect();
        let rows = change(granted, app, plan_id, &changes, ChangeCondition::If(&waits)).await?;
        // Of several rows about one member the first alone is settled.
        decided += rows.iter().filter(|row| row.outcome != RowOutcome::Duplicate).count();
    }
    Ok(decided)
}

fn mend(row: &mut PlanRow, typed: &[(Field, String)], kind: RosterKind, app: &App) {
    let today = app.clock.today();
    // The contradictions among the values before.
    let contradictions = fields::cross_check(kind, &row.values, today);
    row.warnings.retain(|warning| !contradictions.contains(warning));
    for (field, raw) in typed {
        row.faults.retain(|fault| fault.field != *field);
        row.warnings.retain(|fault| fault.field != *field);
        row.guesses.retain(|guess| guess.field != *field);
        row.values.remove(field);
        match fields::normalise(*field, raw, today) {
            Ok(normal) => {
                row.guesses.extend(normal.guess);
                row.values.extend(normal.value.map(|value| (*field, value)));
            }
            Err(fault) => row.faults.push(Fault { field: *field, ..fault }),
        }
    }
    row.warnings.extend(fields::cross_check(kind, &row.values, today));
    // Mending a row means that it is wanted.
    if row.decision == Some(Decision::Drop) {
        row.decision = None;
    }
}

/// Whether the plan takes away more than a fifth of the people of its book.
pub async fn takes_many(scope: &Scope, tx: &mut PgConnection, plan: &Plan) -> Result<bool> {
    if plan.counts.leave == 0 {
        return Ok(false);
    }
    if !plan.notes.lost_grades.is_empty() {
        return Ok(true);
    }
    let everybody = match (plan.book, plan.source) {
        (Book::Roster, _) => members::counts(scope, tx, []).await?.everybody(),
        (
            Book::Registry,
            Source::Classes | Source::Registry | Source::RegistryClasses | Source::OneRoster | Source::Rollover,
        ) => {
            return Ok(false);
        }
        (Book::Registry, Source::Students) => registry::count(scope, tx, PersonKind::Student).await?,
        (Book::Registry, Source::Teachers) => registry::count(scope, tx, PersonKind::Staff).await?,
    };
    Ok((plan.counts.leave - plan.notes.finishing) * 5 > everybody)
}

/// Whether the actor may apply, discard or undo the plan: the coming year, and the sync of classes, are the owners'
/// business.
///
/// # Errors
/// [`Error::Forbidden`] where the plan is one of these, and the actor is no owner.
pub fn may_act(scope: &Scope, plan: &Plan) -> Result<()> {
    if matches!(plan.source, Source::Rollover | Source::RegistryClasses) {
        scope.grant::<may::ManageClasses>()?;
    }
    Ok(())
}
