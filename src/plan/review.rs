//! Reviewing: a person mends a value, or decides on a row, and sees its new outcome at once. What others decide
//! meanwhile stays: only the row, and those that share a key with it, are resolved again.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::PgConnection;

use super::{
    absent,
    book::Book,
    claims,
    list_rules::signs_in_by_email,
    matching::RowKeys,
    model::{Decision, Plan, PlanRow, PlanState, RowOutcome, Source},
    new_classes,
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

/// Changes rows and resolves those for which `may_change` still holds; the others keep what they have, since another
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
    may_change: impl Fn(&PlanRow) -> bool,
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
    rows.retain(|row| may_change(row));
    if rows.is_empty() {
        return Ok(rows);
    }
    let changed: BTreeSet<i32> = rows.iter().map(|row| row.line).collect();
    let mut members: BTreeSet<MemberId> = rows.iter().filter_map(|row| row.member_id).collect();
    let mut resolver = Resolver::read(granted, app, &mut tx, &plan).await?;
    let by_email = signs_in_by_email(resolver.kind);
    let mut keys = BTreeSet::new();
    for row in &mut rows {
        let before = RowKeys::of(&row.values, by_email);
        keys.extend(before.all());
        match changes.get(&row.line) {
            Some(RowChange::Mend(values)) => mend(row, values, resolver.kind, app),
            Some(RowChange::Decide(decision)) => row.decision = Some(*decision),
            Some(RowChange::Reopen) => row.decision = None,
            None => {}
        }
        row.keys = RowKeys::of(&row.values, by_email);
        row.values_key = super::matching::values_key(&row.values);
        keys.extend(row.keys.all());
        // The person decided on may not be the one the row names now.
        if matches!(changes.get(&row.line), Some(RowChange::Mend(_))) && row.keys != before {
            row.decision = row.decision.filter(|decision| *decision != Decision::Same);
        }
    }
    rows::update(granted, &mut tx, plan_id, &rows).await?;

    let keys: Vec<i64> = keys.into_iter().collect();
    let mut lines = rows::lines_with_keys(granted, &mut tx, plan_id, &keys).await?;
    lines.extend(&changed);
    let before: Vec<MemberId> = members.iter().copied().collect();
    lines.extend(claims::held(granted, &mut tx, plan_id, &before).await?);
    let mut rows = rows::at(granted, &mut tx, plan_id, &lines).await?;
    let touched: BTreeSet<i64> =
        rows.iter().flat_map(|row| RowKeys::of(&row.values, by_email).all()).chain(keys).collect();
    let touched: Vec<i64> = touched.into_iter().collect();
    let duplicates = rows::duplicates(granted, &mut tx, plan_id, Some(&touched)).await?;
    resolver.resolve(&mut tx, &plan, &mut rows, &duplicates).await?;
    rows::update(granted, &mut tx, plan_id, &rows).await?;
    members.extend(rows.iter().filter_map(|row| row.member_id));
    let members: Vec<MemberId> = members.into_iter().collect();
    let held = claims::hold(granted, &mut tx, &plan, &plan.notes, Some(&members)).await?;
    if !held.is_empty() {
        rows = rows::at(granted, &mut tx, plan_id, &lines).await?;
    }
    let new_classes: Vec<String> = resolver.new_classes.iter().cloned().collect();
    new_classes::add(granted, &mut tx, plan_id, &new_classes).await?;
    absent::refresh(granted, &mut tx, &plan).await?;
    store::recount(granted, &mut tx, plan_id).await?;
    tx.commit().await?;
    rows.retain(|row| changed.contains(&row.line));
    Ok(rows)
}

/// How many rows are decided on in one transaction, and in one request.
const BATCH: i64 = 2_000;
const MOST_BATCHES: usize = 10;

/// Decides on all rows that wait for it, for one reason or (`None`) any. That a row is about the member it may be about
/// is decided only where there is one. Gives how many were decided on.
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
    let may_decide =
        |row: &PlanRow| row.outcome == RowOutcome::Duplicate && (decision != Decision::Same || row.member_id.is_some());
    let (mut after, mut decided) = (0, 0);
    for _ in 0..MOST_BATCHES {
        let mut tx = app.db.begin_in(granted.school_id()).await?;
        let lines = search::lines_in_doubt(granted, &mut tx, plan_id, reason, after, BATCH).await?;
        tx.commit().await?;
        let Some(last) = lines.last() else { break };
        after = *last;
        let changes: Vec<(i32, RowChange)> =
            lines.into_iter().map(|line| (line, RowChange::Decide(decision))).collect();
        let rows = change(granted, app, plan_id, &changes, may_decide).await?;
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
