//! Applying a plan over the registry: what an operator has approved, set-wise and in the transaction of the approval.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    apply::PlanRows,
    book::BookClass,
    list_rules::signs_in_by_email,
    matching::{RosterIndex, RowKeys, is_still_new},
    model::{Plan, PlanRow, PlanState, RowOutcome, Source},
    registry_identifiers::Identifiers,
    store, upload,
};
use crate::{
    access::Scope,
    app::App,
    error::Result,
    ids::{Id, MemberId, RegistryClassId, RegistryPersonId},
    registry::{
        history::{self, HistoryChange, HistoryEntry, HistorySubject},
        identifiers::{self, IdentifierHash},
        model::{LeftReason, Origin, PersonKind, kept, without_class},
        records::{self, NewClass, PersonValues},
        store as registry,
    },
    roster::fields::{Field, RosterKind, Values},
};

/// What applying has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegistryWritten {
    pub created: usize,
    pub updated: usize,
    pub left: usize,
    /// Rows whose subject had changed since the plan was made, or whose class is not there.
    pub dropped: usize,
    /// People who came from other schools.
    pub moved: usize,
}

/// Writes a plan that is being applied. Nothing where it is not, any more.
///
/// # Errors
/// [`Error::Overloaded`](crate::error::Error::Overloaded) where an identifier went to another school at this very
/// moment: then nothing is written, and it is worth trying again.
pub async fn write(scope: &Scope, app: &App, tx: &mut PgConnection, plan: &Plan) -> Result<Option<RegistryWritten>> {
    let identifiers = Identifiers::lock(scope, app, tx, plan).await?;
    if store::find(scope, tx, plan.id).await?.state != PlanState::Applying {
        return Ok(None);
    }
    let newcomers = plan.book.newcomers(scope, tx, plan.created_at).await?;
    let now = app.clock.now();
    let mut writer = RegistryWriter { scope, app, plan, now, newcomers, dropped: DroppedRows::default() };
    let mut written = match plan.source {
        Source::Classes => writer.classes(tx).await?,
        Source::Students => writer.people(tx, PersonKind::Student, &identifiers).await?,
        Source::Teachers => writer.people(tx, PersonKind::Staff, &identifiers).await?,
        // Syncs are plans over the roster.
        Source::Registry | Source::RegistryClasses | Source::OneRoster | Source::Rollover => return Ok(None),
    };
    let DroppedRows { stale, unwanted, held } = writer.dropped;
    written.moved = identifiers.settle(scope, app, tx, plan, held).await?;
    written.dropped = stale.len() + unwanted.len();
    // Given up meanwhile, because this worker was taken for dead: then nothing may be written.
    if !store::finish_applying(scope, app, tx, plan.id, &stale, &unwanted).await? {
        return Ok(None);
    }
    upload::forget(scope, tx, plan.id).await?;
    if written.dropped > 0 {
        store::recount(scope, tx, plan.id).await?;
    }
    store::recount_results(scope, tx, plan.id).await?;
    Ok(Some(written))
}

/// The lines that were to be written and were not, and the identifiers of the people who were.
#[derive(Default)]
struct DroppedRows {
    stale: Vec<i32>,
    /// Their class is not in the registry.
    unwanted: Vec<i32>,
    held: Vec<(IdentifierHash, RegistryPersonId)>,
}

struct RegistryWriter<'a> {
    scope: &'a Scope,
    app: &'a App,
    plan: &'a Plan,
    now: DateTime<Utc>,
    /// Those who have come into the registry since the plan was made.
    newcomers: HashSet<MemberId>,
    dropped: DroppedRows,
}

impl RegistryWriter<'_> {
    async fn record(
        &self,
        tx: &mut PgConnection,
        subject: HistorySubject,
        change: HistoryChange,
        entries: &[HistoryEntry<'_>],
    ) -> Result<()> {
        history::record(self.scope, self.app, tx, Some(self.plan.id), subject, change, entries).await
    }

    async fn classes(&mut self, tx: &mut PgConnection) -> Result<RegistryWritten> {
        let mut written = RegistryWritten::default();
        let mut rows = PlanRows::new(self.app, self.plan);
        let mut seen = HashSet::new();
        for (outcome, change) in
            [(RowOutcome::Create, HistoryChange::Create), (RowOutcome::Update, HistoryChange::Update)]
        {
            while let Some(rows) = rows.next(self.scope, self.app, tx, outcome).await? {
                let (new, again): (Vec<PlanRow>, Vec<PlanRow>) =
                    rows.into_iter().partition(|row| seen.insert(row.value(Field::Class).to_lowercase()));
                self.dropped.stale.extend(again.iter().map(|row| row.line));
                let class = |row: &PlanRow| {
                    let name = row.value(Field::Class).to_owned();
                    Some(NewClass { id: class_id(row)?, name, grade: row.values.get(&Field::Grade).cloned() })
                };
                let classes: Vec<NewClass> = new.iter().filter_map(class).collect();
                let year_id = self.plan.school_year_id;
                let made =
                    records::insert_classes(self.scope, tx, year_id, Origin::Submission, &classes, self.now).await?;
                let mut made: HashSet<RegistryClassId> = made.into_iter().map(|class| class.id).collect();
                if outcome == RowOutcome::Update {
                    made.extend(records::set_grades(self.scope, tx, &classes, self.now).await?);
                }
                let is_made = |row: &&PlanRow| class_id(row).is_some_and(|id| made.contains(&id));
                self.dropped.stale.extend(new.iter().filter(|row| !is_made(row)).map(|row| row.line));
                let entries = new.iter().filter(is_made);
                let entries: Vec<HistoryEntry<'_>> = entries
                    .filter_map(|row| {
                        Some(HistoryEntry { id: class_id(row)?.uuid(), before: &row.before, after: &row.values })
                    })
                    .collect();
                self.record(tx, HistorySubject::Class, change, &entries).await?;
                *(if outcome == RowOutcome::Create { &mut written.created } else { &mut written.updated }) +=
                    made.len();
            }
        }
        while let Some(rows) = rows.next(self.scope, self.app, tx, RowOutcome::Leave).await? {
            let ids: Vec<RegistryClassId> = rows.iter().filter_map(class_id).collect();
            let gone = records::end_classes(self.scope, tx, &ids, self.now).await?;
            written.left += self.left(tx, HistorySubject::Class, &rows, &gone).await?;
        }
        Ok(written)
    }

    async fn people(
        &mut self,
        tx: &mut PgConnection,
        kind: PersonKind,
        identifiers: &Identifiers,
    ) -> Result<RegistryWritten> {
        let mut written = RegistryWritten::default();
        let classes = self.plan.book.classes(self.scope, tx, self.plan.school_year_id).await?;
        let mut index = self.plan.book.index(self.scope, tx).await?;
        let mut rows = PlanRows::new(self.app, self.plan);
        // People who leave release an identifier before another person takes it.
        while let Some(rows) = rows.next(self.scope, self.app, tx, RowOutcome::Leave).await? {
            let people: Vec<(RegistryPersonId, Option<i64>)> =
                rows.iter().filter_map(|row| Some((person_id(row)?, Some(row.member_version?)))).collect();
            let gone = records::leave(self.scope, tx, &people, LeftReason::Gone, self.now).await?;
            identifiers::let_go(self.scope, tx, &gone, &[]).await?;
            written.left += self.left(tx, HistorySubject::Person, &rows, &gone).await?;
        }
        while let Some(rows) = rows.next(self.scope, self.app, tx, RowOutcome::Update).await? {
            written.updated += self.update(tx, &rows, &classes, &mut index, identifiers).await?;
        }
        while let Some(rows) = rows.next(self.scope, self.app, tx, RowOutcome::Create).await? {
            written.created += self.create(tx, kind, rows, &classes, &mut index, identifiers).await?;
        }
        Ok(written)
    }

    async fn left<K>(
        &mut self,
        tx: &mut PgConnection,
        subject: HistorySubject,
        rows: &[PlanRow],
        gone: &[Id<K>],
    ) -> Result<usize> {
        let gone: HashSet<Uuid> = gone.iter().map(|id| id.uuid()).collect();
        let is_gone = |row: &&PlanRow| row.member_id.is_some_and(|id| gone.contains(&id.uuid()));
        self.dropped.stale.extend(rows.iter().filter(|row| !is_gone(row)).map(|row| row.line));
        let nothing = Values::new();
        let entries = rows.iter().filter(is_gone);
        let entries: Vec<HistoryEntry<'_>> = entries
            .filter_map(|row| Some(HistoryEntry { id: row.member_id?.uuid(), before: &row.values, after: &nothing }))
            .collect();
        self.record(tx, subject, HistoryChange::Leave, &entries).await?;
        Ok(gone.len())
    }

    /// Rows whose person has come into the registry since, or by an earlier row, drop out.
    async fn create(
        &mut self,
        tx: &mut PgConnection,
        kind: PersonKind,
        rows: Vec<PlanRow>,
        classes: &HashMap<String, BookClass>,
        index: &mut RosterIndex,
        identifiers: &Identifiers,
    ) -> Result<usize> {
        let roster_kind = kind.roster_kind(self.scope.school.kind);
        let by_email = signs_in_by_email(roster_kind);
        let mut people = Vec::new();
        let mut created: Vec<PlanRow> = Vec::new();
        for row in rows {
            let class_id = class_of(&row, classes);
            if roster_kind == RosterKind::Students && class_id.is_none() {
                self.dropped.unwanted.push(row.line);
                continue;
            }
            let keys = RowKeys::of(&row.values, by_email);
            let is_new = is_still_new(&row, &index.find(&keys), &self.newcomers);
            let (Some(id), true) = (person_id(&row), is_new) else {
                self.dropped.stale.push(row.line);
                continue;
            };
            index.add(id.of_other_kind(), &keys);
            self.dropped.held.extend(identifiers.hash(&row.values).map(|hash| (hash, id)));
            people.push(PersonValues { id, version: 1, class_id, values: without_class(kept(&row.values)) });
            created.push(row);
        }
        records::insert_people(self.scope, tx, kind, Origin::Submission, &people, self.now).await?;
        let nothing = Values::new();
        let entry = |row: &'_ PlanRow| row.member_id.map(|id| (id.uuid(), kept(&row.values)));
        let values: Vec<(Uuid, Values)> = created.iter().filter_map(entry).collect();
        let entries: Vec<HistoryEntry<'_>> =
            values.iter().map(|(id, values)| HistoryEntry { id: *id, before: &nothing, after: values }).collect();
        self.record(tx, HistorySubject::Person, HistoryChange::Create, &entries).await?;
        Ok(people.len())
    }

    /// Changes the values that differ. Of two rows about the same person, the first is written; so is the first of two
    /// people who would have one identifier.
    async fn update(
        &mut self,
        tx: &mut PgConnection,
        rows: &[PlanRow],
        classes: &HashMap<String, BookClass>,
        index: &mut RosterIndex,
        identifiers: &Identifiers,
    ) -> Result<usize> {
        let ids: Vec<RegistryPersonId> = rows.iter().filter_map(person_id).collect();
        let known = registry::known(self.scope, tx, self.plan.school_year_id, &ids).await?;
        let known: HashMap<RegistryPersonId, Values> =
            known.into_iter().map(|known| (known.id, known.values)).collect();
        let mut seen = HashSet::new();
        let (firsts, seconds): (Vec<&PlanRow>, Vec<&PlanRow>) = rows.iter().partition(|row| seen.insert(row.member_id));
        self.dropped.stale.extend(seconds.iter().map(|row| row.line));
        let lost = identifiers.lost(self.scope, tx, &unnamed(&firsts, &known)).await?;
        let mut people = Vec::new();
        for row in &firsts {
            let Some((id, known)) = person_id(row).and_then(|id| Some((id, known.get(&id)?))) else { continue };
            let moves = row.before.contains_key(&Field::Class);
            let class_id = class_of(row, classes);
            if moves && class_id.is_none() {
                self.dropped.unwanted.push(row.line);
                continue;
            }
            let is_new_id = row.before.contains_key(&Field::MoetId);
            if is_new_id && index.is_of_another(Field::MoetId, row.value(Field::MoetId), id.of_other_kind()) {
                continue;
            }
            let mut values = known.clone();
            values.extend(after(row));
            if lost.contains(&id) {
                values.remove(&Field::MoetId);
            }
            let Some(version) = row.member_version else { continue };
            if is_new_id {
                index.add_identifier(id.of_other_kind(), row.value(Field::MoetId));
            }
            let class_id = class_id.filter(|_| moves);
            people.push(PersonValues { id, version, class_id, values: without_class(kept(&values)) });
        }
        let written: HashSet<RegistryPersonId> =
            records::update_people(self.scope, tx, &people, self.now).await?.into_iter().collect();
        let unwanted: HashSet<i32> = self.dropped.unwanted.iter().copied().collect();
        let is_written = |row: &&&PlanRow| person_id(row).is_some_and(|id| written.contains(&id));
        let stale = firsts.iter().filter(|row| !is_written(row) && !unwanted.contains(&row.line));
        self.dropped.stale.extend(stale.map(|row| row.line));
        let is_held = |person: &&PersonValues| written.contains(&person.id);
        let held = people.iter().filter(is_held);
        self.dropped.held.extend(held.filter_map(|person| Some((identifiers.hash(&person.values)?, person.id))));
        let before = |row: &PlanRow, id: RegistryPersonId| -> Values {
            let moet_id = known.get(&id).and_then(|known| known.get(&Field::MoetId)).filter(|_| lost.contains(&id));
            let of_row = row.before.iter().map(|(field, value)| (*field, value.clone()));
            of_row.chain(moet_id.map(|moet_id| (Field::MoetId, moet_id.clone()))).collect()
        };
        let changes: Vec<(Uuid, Values, Values)> = firsts
            .iter()
            .filter(is_written)
            .filter_map(|row| Some((row, person_id(row)?)))
            .map(|(row, id)| (id.uuid(), before(row, id), after(row)))
            .collect();
        let entries: Vec<HistoryEntry<'_>> =
            changes.iter().map(|(id, before, after)| HistoryEntry { id: *id, before, after }).collect();
        self.record(tx, HistorySubject::Person, HistoryChange::Update, &entries).await?;
        Ok(written.len())
    }
}

/// What a row changes.
fn after(row: &PlanRow) -> Values {
    row.before.keys().filter_map(|field| Some((*field, row.values.get(field)?.clone()))).collect()
}

/// The identifiers of people whose rows name none.
fn unnamed<'a>(rows: &[&PlanRow], known: &'a HashMap<RegistryPersonId, Values>) -> Vec<(RegistryPersonId, &'a str)> {
    let unnamed = rows.iter().filter(|row| row.value(Field::MoetId).is_empty());
    let ids = unnamed.filter_map(|row| person_id(row));
    ids.filter_map(|id| Some((id, known.get(&id)?.get(&Field::MoetId)?.as_str()))).collect()
}

fn class_of(row: &PlanRow, classes: &HashMap<String, BookClass>) -> Option<RegistryClassId> {
    classes
        .get(&row.value(Field::Class).to_lowercase())
        .filter(|class| !class.is_gone)
        .map(|class| class.id.of_other_kind())
}

/// The person of the registry that a row is about.
fn person_id(row: &PlanRow) -> Option<RegistryPersonId> {
    row.member_id.map(Id::of_other_kind)
}

/// The class of the registry that a row is about.
fn class_id(row: &PlanRow) -> Option<RegistryClassId> {
    row.member_id.map(Id::of_other_kind)
}
