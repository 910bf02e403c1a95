//! Adding and removing classes of the registry by hand.

use std::collections::BTreeSet;

use sqlx::PgConnection;

use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    ids::{RegistryClassId, YearId},
    registry::{
        history::{self, HistoryChange, HistoryEntry, HistorySubject},
        model::Origin,
        records::{self, NewClass},
        store,
    },
    roster::fields::{Field, Values},
    schools::settings::{self, RegistrySource},
};

/// Whether the school keeps its registry here itself.
pub async fn is_kept_here(scope: &Scope, tx: &mut PgConnection) -> Result<bool> {
    Ok(settings::registry_source(scope, tx).await? == RegistrySource::Own)
}

/// Takes the registry's lock.
///
/// # Errors
/// [`Error::Forbidden`] where the registry changes by submissions.
pub(super) async fn begin_writing(scope: &Scope, tx: &mut PgConnection) -> Result<()> {
    records::lock(tx, &BTreeSet::from([scope.school_id()])).await?;
    if is_kept_here(scope, tx).await? { Ok(()) } else { Err(Error::Forbidden) }
}

/// Adds classes that the year does not have; gives how many.
///
/// # Errors
/// [`Error::Forbidden`] where the registry changes by submissions.
pub async fn add_classes(
    granted: &Granted<may::ManageRegistry>,
    app: &App,
    year_id: YearId,
    names: &[String],
    grade: Option<&str>,
) -> Result<usize> {
    let now = app.clock.now();
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    begin_writing(granted, &mut tx).await?;
    let class = |name: &String| NewClass {
        id: app.randomness.uuid_v7(now),
        name: name.clone(),
        grade: grade.map(str::to_owned),
    };
    let classes: Vec<NewClass> = names.iter().map(class).collect();
    let made = records::insert_classes(granted, &mut tx, year_id, Origin::Own, &classes, now).await?;
    let nothing = Values::new();
    let values: Vec<Values> = made.iter().map(|class| Values::from([(Field::Class, class.name.clone())])).collect();
    let entries: Vec<HistoryEntry<'_>> = made
        .iter()
        .zip(&values)
        .map(|(class, after)| HistoryEntry { id: class.id.uuid(), before: &nothing, after })
        .collect();
    history::record(granted, app, &mut tx, None, HistorySubject::Class, HistoryChange::Create, &entries).await?;
    for class in &made {
        audit::record(granted, app, &mut tx, Event::about(AuditAction::RegistryClassAdded, class.id)).await?;
    }
    tx.commit().await?;
    Ok(made.len())
}

/// Removes a class without pupils; its record is kept. False where there are pupils in it.
///
/// # Errors
/// [`Error::Forbidden`] where the registry changes by submissions; [`Error::NotFound`] where it has no such class.
pub async fn remove_class(granted: &Granted<may::ManageRegistry>, app: &App, id: RegistryClassId) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    begin_writing(granted, &mut tx).await?;
    let name = store::class_name(granted, &mut tx, id).await?.ok_or(Error::NotFound)?;
    if records::end_classes(granted, &mut tx, &[id], app.clock.now()).await?.is_empty() {
        return Ok(false);
    }
    let (before, after) = (Values::from([(Field::Class, name)]), Values::new());
    let entry = HistoryEntry { id: id.uuid(), before: &before, after: &after };
    history::record(granted, app, &mut tx, None, HistorySubject::Class, HistoryChange::Leave, &[entry]).await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::RegistryClassRemoved, id)).await?;
    tx.commit().await?;
    Ok(true)
}
