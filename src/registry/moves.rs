//! A pupil goes to another school: the registry that had them says that they have moved, and not where to.

use sqlx::PgConnection;

use super::{
    history::{self, HistoryChange, HistoryEntry, HistorySubject},
    model::{LeftReason, PersonKind},
    records, store,
};
use crate::{
    access::Scope,
    app::App,
    audit::{self, AuditAction, Event},
    db,
    error::Result,
    ids::{RegistryPersonId, SchoolId},
    roster::fields::Values,
    schools::{directory, years},
};

/// Takes pupils out of the registry of a school that had them, whose lock the caller holds. Staff may work in two schools
/// and stay. The transaction is in the scope of that school afterwards.
pub async fn away(app: &App, tx: &mut PgConnection, school_id: SchoolId, people: &[RegistryPersonId]) -> Result<()> {
    db::switch_scope(tx, school_id).await?;
    let old = Scope::system(directory::by_id(tx, school_id).await?);
    let year = years::current(&old, tx, app.clock.today()).await?;
    let mut known = store::known(&old, tx, year.id, people).await?;
    known.retain(|person| person.kind == PersonKind::Student);
    let pupils: Vec<(RegistryPersonId, Option<i64>)> = known.iter().map(|person| (person.id, None)).collect();
    let gone = records::leave(&old, tx, &pupils, LeftReason::Moved, app.clock.now()).await?;
    known.retain(|person| gone.contains(&person.id));
    let nothing = Values::new();
    let entries: Vec<HistoryEntry<'_>> = known
        .iter()
        .map(|person| HistoryEntry { id: person.id.uuid(), before: &person.values, after: &nothing })
        .collect();
    history::record(&old, app, tx, None, HistorySubject::Person, HistoryChange::Moved, &entries).await?;
    if gone.is_empty() {
        return Ok(());
    }
    let action = AuditAction::RegistryPeopleMoved { count: gone.len() };
    audit::record(&old, app, tx, Event::new(action)).await
}
