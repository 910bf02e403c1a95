//! What operators do about an identifier of the ministry that a second school names. Of a submission, approving it is the
//! answer; a person of a school that keeps its registry itself is moved here, or loses the identifier again.

use std::collections::BTreeSet;

use sqlx::PgConnection;

use crate::{
    access::Scope,
    app::App,
    audit::{self, AuditAction, Event},
    db,
    error::{Error, Result},
    ids::RegistryPersonId,
    operator::administered::Administered,
    registry::{
        conflicts::{self, ClaimOrigin, ConflictState, IdentifierConflict},
        history::{self, HistoryChange, HistoryEntry, HistorySubject},
        identifiers::{self, Holder, IdentifierHash, IdentifierKey},
        model::{RegistryPerson, without_class},
        moves,
        records::{self, PersonValues},
        store as registry,
    },
    roster::fields::{Field, Values},
    schools::years,
};

/// The person who is named in the school of the scope; nothing where the conflict is of a submission.
pub async fn named(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    conflict: &IdentifierConflict,
) -> Result<Option<RegistryPerson>> {
    let ClaimOrigin::Own(id) = conflict.origin else { return Ok(None) };
    person(scope, app, tx, id).await
}

/// The person who holds the identifier in the school of the scope, if one does.
pub async fn holding(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    conflict: &IdentifierConflict,
) -> Result<Option<RegistryPerson>> {
    match holder(tx, hash(conflict)?).await? {
        Some(holder) if holder.school_id == scope.school_id() => person(scope, app, tx, holder.person_id).await,
        _ => Ok(None),
    }
}

async fn person(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    id: RegistryPersonId,
) -> Result<Option<RegistryPerson>> {
    let year = years::current(scope, tx, app.clock.today()).await?;
    Ok(registry::known(scope, tx, year.id, &[id]).await?.pop())
}

fn hash(conflict: &IdentifierConflict) -> Result<IdentifierHash> {
    conflict.hash.as_slice().try_into().map_err(|_| Error::NotFound)
}

async fn holder(tx: &mut PgConnection, hash: IdentifierHash) -> Result<Option<Holder>> {
    Ok(identifiers::holders(tx, &[hash]).await?.get(&hash).copied())
}

/// The person moves to the school that has taken them in: the identifier comes here, and a pupil leaves the registry of
/// the school that held it. False where there is nothing to decide, any more.
///
/// # Errors
/// [`Error::Overloaded`] where the identifier went to another school at this very moment.
pub async fn allow(school: &Administered, app: &App, conflict: &IdentifierConflict) -> Result<bool> {
    let hash = hash(conflict)?;
    let mut tx = app.db.begin_in(school.school_id()).await?;
    school.lock(&mut tx).await?;
    let before = holder(&mut tx, hash).await?;
    let mut locked = BTreeSet::from([school.school_id()]);
    locked.extend(before.map(|holder| holder.school_id));
    records::lock(&mut tx, &locked).await?;
    let Some(person) = still_named(school, app, &mut tx, conflict, hash).await? else { return Ok(false) };
    identifiers::take(school, &mut tx, &[(hash, person.id)]).await?;
    let other = holder(&mut tx, hash).await?.filter(|holder| holder.school_id != school.school_id());
    if other.is_some_and(|holder| !locked.contains(&holder.school_id)) {
        return Err(Error::Overloaded);
    }
    identifiers::take_over(school, &mut tx, &[(hash, person.id)]).await?;
    if !conflicts::decide(school, app, &mut tx, conflict.id, ConflictState::Moved).await? {
        return Ok(false);
    }
    audit::record(school, app, &mut tx, Event::about(AuditAction::RegistryIdentifierMoved, person.id)).await?;
    if let Some(other) = other {
        moves::away(app, &mut tx, other.school_id, &[other.person_id]).await?;
        db::switch_scope(&mut tx, school.school_id()).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// The identifier stays where it is, and is taken from the person who was given it here. False where there is nothing to
/// decide, any more.
pub async fn refuse(school: &Administered, app: &App, conflict: &IdentifierConflict) -> Result<bool> {
    let now = app.clock.now();
    let hash = hash(conflict)?;
    let mut tx = app.db.begin_in(school.school_id()).await?;
    school.lock(&mut tx).await?;
    records::lock(&mut tx, &BTreeSet::from([school.school_id()])).await?;
    let Some(person) = still_named(school, app, &mut tx, conflict, hash).await? else { return Ok(false) };
    if !conflicts::decide(school, app, &mut tx, conflict.id, ConflictState::Kept).await? {
        return Ok(false);
    }
    let mut values = without_class(person.values);
    let moet_id = values.remove(&Field::MoetId).unwrap_or_default();
    let without = PersonValues { id: person.id, version: person.version, class_id: None, values };
    records::update_people(school, &mut tx, std::slice::from_ref(&without), now).await?;
    let (before, after) = (Values::from([(Field::MoetId, moet_id)]), Values::new());
    let entry = HistoryEntry { id: person.id.uuid(), before: &before, after: &after };
    history::record(school, app, &mut tx, None, HistorySubject::Person, HistoryChange::Update, &[entry]).await?;
    audit::record(school, app, &mut tx, Event::about(AuditAction::RegistryIdentifierRefused, person.id)).await?;
    tx.commit().await?;
    Ok(true)
}

/// The person of a conflict, who is in the registry and has that identifier.
async fn still_named(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    conflict: &IdentifierConflict,
    hash: IdentifierHash,
) -> Result<Option<RegistryPerson>> {
    let key = IdentifierKey::load(app, tx).await?;
    let person = named(scope, app, tx, conflict).await?;
    Ok(person.filter(|person| {
        let moet_id = person.values.get(&Field::MoetId);
        person.left.is_none() && moet_id.is_some_and(|moet_id| key.hash(moet_id) == hash)
    }))
}
