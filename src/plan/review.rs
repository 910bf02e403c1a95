//! Reviewing: a person mends a value, or decides on a row, and sees at once what the row comes to. What others decide
//! meanwhile stays: only the row, and those that share a key with it, are looked at again.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{
    matching::Keys,
    model::{Decision, PlanRow, State},
    resolve::{Resolver, signs_in_by_email},
    rows, store,
};
use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    members::fields::{self, Fault, Field},
};

/// What a person does to a row.
#[derive(Clone, Debug)]
pub enum Change {
    /// New values, as typed.
    Mend(Vec<(Field, String)>),
    Decide(Decision),
}

/// Changes a row and finds its outcome anew. Values that cannot be taken stay with the row as its faults.
///
/// # Errors
/// [`Error::NotFound`] where there is no such row, or the plan can no longer be changed.
pub async fn change(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    plan_id: Uuid,
    line: i32,
    change: &Change,
) -> Result<()> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    // Two people on one plan: one after the other.
    sqlx::query!("SELECT id FROM plans WHERE school_id = $1 AND id = $2 FOR UPDATE", granted.school_id(), plan_id)
        .fetch_one(&mut *tx)
        .await?;
    let plan = store::find(granted, &mut tx, plan_id).await?;
    if plan.state != State::Ready {
        return Err(Error::NotFound);
    }
    let mut row = rows::at(granted, &mut tx, plan_id, &[line]).await?.pop().ok_or(Error::NotFound)?;
    let mut resolver = Resolver::read(granted, app, &mut tx, &plan).await?;
    let by_email = signs_in_by_email(resolver.kind);
    let mut keys: BTreeSet<i64> = Keys::of(&row.values, by_email).all().into_iter().collect();
    match change {
        Change::Mend(values) => mend(&mut row, values, app),
        Change::Decide(decision) => row.decision = Some(*decision),
    }
    row.keys = Keys::of(&row.values, by_email);
    keys.extend(row.keys.all());
    row.values_key = super::matching::values_key(&row.values);
    rows::update(granted, &mut tx, plan_id, std::slice::from_ref(&row)).await?;

    let keys: Vec<i64> = keys.into_iter().collect();
    let mut lines = rows::lines_with_keys(granted, &mut tx, plan_id, &keys).await?;
    lines.push(line);
    let mut rows = rows::at(granted, &mut tx, plan_id, &lines).await?;
    let touched: BTreeSet<i64> =
        rows.iter().flat_map(|row| Keys::of(&row.values, by_email).all()).chain(keys).collect();
    let touched: Vec<i64> = touched.into_iter().collect();
    let twins = rows::twins(granted, &mut tx, plan_id, Some(&touched)).await?;
    resolver.resolve(&mut tx, &plan, &mut rows, &twins).await?;
    rows::update(granted, &mut tx, plan_id, &rows).await?;
    let new_classes: Vec<String> = resolver.new_classes.iter().cloned().collect();
    store::add_classes(granted, &mut tx, plan_id, &new_classes).await?;
    store::recount(granted, &mut tx, plan_id).await?;
    tx.commit().await?;
    Ok(())
}

fn mend(row: &mut PlanRow, typed: &[(Field, String)], app: &App) {
    for (field, raw) in typed {
        row.faults.retain(|fault| fault.field != *field);
        row.warnings.retain(|fault| fault.field != *field);
        row.guesses.retain(|guess| guess.field != *field);
        row.values.remove(field);
        match fields::normalise(*field, raw, app.clock.today()) {
            Ok(normal) => {
                row.guesses.extend(normal.guess);
                row.values.extend(normal.value.map(|value| (*field, value)));
            }
            Err(fault) => row.faults.push(Fault { field: *field, ..fault }),
        }
    }
    // Somebody who mends a row wants to have it.
    if row.decision == Some(Decision::Drop) {
        row.decision = None;
    }
}
