//! Adding, changing and removing people of the registry by hand.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use sqlx::PgConnection;

use super::actions::begin_writing;
use crate::{
    access::{Granted, Scope, may},
    accounts::forms::ParsedForm,
    app::App,
    audit::{self, AuditAction, Event},
    db::Tx,
    error::{Error, Result},
    ids::{Id, RegistryClassId, RegistryPersonId},
    registry::{
        conflicts::{self, ClaimOrigin, ConflictState, IdentifierClaim},
        history::{self, HistoryChange, HistoryEntry, HistorySubject},
        identifiers::{self, Holder, IdentifierHash, IdentifierKey},
        model::{LeftReason, Origin, PersonKind, RegistryPerson, kept, without_class},
        records::{self, PersonValues},
        store,
    },
    roster::fields::{self, Field, Values},
    schools::years,
    vietnam::name::{self, Likeness},
    web::forms::FormErrors,
};

/// The warnings that the actor has seen and confirmed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// Another person has this name and birth date.
    pub twin: bool,
    /// Another school holds the identifier.
    pub elsewhere: bool,
}

/// What became of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    Added,
    /// A person who had left is back.
    Returned,
    Changed,
}

/// Adds a person; one who had left under the same identifier is brought back.
///
/// # Errors
/// [`Error::Forbidden`] where the registry changes by submissions; the inner error is what is wrong with the values.
pub async fn add(
    granted: &Granted<may::ManageRegistry>,
    app: &App,
    kind: PersonKind,
    typed: &ParsedForm,
    seen: Seen,
) -> Result<std::result::Result<Saved, FormErrors>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    begin_writing(granted, &mut tx).await?;
    let mut writer = PersonWriter::of(granted, app, &mut tx, kind, typed, seen).await?;
    let returning = writer.find_left(granted, &mut tx).await?;
    if let Some(known) = returning {
        return Ok(writer.save_known(granted, app, tx, &known).await?.map(|_| Saved::Returned));
    }
    if let Some(faults) = writer.taken(granted, &mut tx, None).await? {
        return Ok(Err(faults));
    }
    let id: RegistryPersonId = app.randomness.uuid_v7(app.clock.now());
    let after = kept(&typed.values);
    let person = PersonValues { id, version: 1, class_id: writer.class_id(), values: without_class(after.clone()) };
    let now = app.clock.now();
    records::insert_people(granted, &mut tx, kind, Origin::Own, std::slice::from_ref(&person), now).await?;
    if let Some(faults) = writer.claim_identifier(granted, app, &mut tx, id).await? {
        return Ok(Err(faults));
    }
    record(granted, app, &mut tx, id, HistoryChange::Create, (&Values::new(), &after)).await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::RegistryPersonAdded, id)).await?;
    tx.commit().await?;
    Ok(Ok(Saved::Added))
}

/// Stores the values of a form, if the person still has the version that it showed. A person who had left is brought
/// back.
///
/// # Errors
/// [`Error::Forbidden`] where the registry changes by submissions; [`Error::NotFound`] where it has no such person; the
/// inner error is what is wrong with the values.
pub async fn change(
    granted: &Granted<may::ManageRegistry>,
    app: &App,
    id: RegistryPersonId,
    version: i64,
    typed: &ParsedForm,
    seen: Seen,
) -> Result<std::result::Result<Saved, FormErrors>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    begin_writing(granted, &mut tx).await?;
    let known = find(granted, app, &mut tx, id).await?;
    if known.version != version {
        return Ok(Err(FormErrors::one("full_name", "fault-changed-meanwhile")));
    }
    let mut writer = PersonWriter::of(granted, app, &mut tx, known.kind, typed, seen).await?;
    writer.save_known(granted, app, tx, &known).await
}

/// A person of the registry, with the class of the current year.
///
/// # Errors
/// [`Error::NotFound`] where the registry has no such person.
pub async fn find(scope: &Scope, app: &App, tx: &mut PgConnection, id: RegistryPersonId) -> Result<RegistryPerson> {
    let year = years::current(scope, tx, app.clock.today()).await?;
    store::known(scope, tx, year.id, &[id]).await?.pop().ok_or(Error::NotFound)
}

/// A person is no longer at the school; the next sync proposes them as a leaver. False where they had left before.
///
/// # Errors
/// [`Error::Forbidden`] where the registry changes by submissions; [`Error::NotFound`] where it has no such person.
pub async fn leave(granted: &Granted<may::ManageRegistry>, app: &App, id: RegistryPersonId) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    begin_writing(granted, &mut tx).await?;
    let known = find(granted, app, &mut tx, id).await?;
    let gone = records::leave(granted, &mut tx, &[(id, None)], LeftReason::Gone, app.clock.now()).await?;
    if gone.is_empty() {
        return Ok(false);
    }
    identifiers::let_go(granted, &mut tx, &gone, &[]).await?;
    conflicts::close_of_person(granted, app, &mut tx, id).await?;
    record(granted, app, &mut tx, id, HistoryChange::Leave, (&known.values, &Values::new())).await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::RegistryPersonLeft, id)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Stores the values of a form, under the registry's lock.
struct PersonWriter<'a> {
    kind: PersonKind,
    typed: &'a ParsedForm,
    seen: Seen,
    hash: Option<IdentifierHash>,
    /// The other school that holds the identifier.
    holder: Option<Holder>,
}

impl<'a> PersonWriter<'a> {
    async fn of(
        scope: &Scope,
        app: &App,
        tx: &mut PgConnection,
        kind: PersonKind,
        typed: &'a ParsedForm,
        seen: Seen,
    ) -> Result<PersonWriter<'a>> {
        let hash = match typed.values.get(&Field::MoetId) {
            Some(moet_id) => Some(IdentifierKey::load(app, tx).await?.hash(moet_id)),
            None => None,
        };
        let mut writer = Self { kind, typed, seen, hash, holder: None };
        writer.holder = writer.find_holder(scope, tx).await?;
        Ok(writer)
    }

    /// Another school that holds the identifier now.
    async fn find_holder(&self, scope: &Scope, tx: &mut PgConnection) -> Result<Option<Holder>> {
        let Some(hash) = self.hash else { return Ok(None) };
        let holder = identifiers::holders(tx, &[hash]).await?.get(&hash).copied();
        Ok(holder.filter(|holder| holder.school_id != scope.school_id()))
    }

    fn value(&self, field: Field) -> Option<&str> {
        self.typed.values.get(&field).map(String::as_str)
    }

    fn class_id(&self) -> Option<RegistryClassId> {
        self.typed.class_id.map(Id::of_other_kind)
    }

    /// The person who had this identifier in the school and has left. Where neither the name nor the birth date is
    /// theirs, the identifier was mistyped.
    async fn find_left(&self, scope: &Scope, tx: &mut PgConnection) -> Result<Option<RegistryPerson>> {
        let Some(moet_id) = self.value(Field::MoetId) else { return Ok(None) };
        let Some(left) = store::left_with(scope, tx, self.kind, moet_id).await? else { return Ok(None) };
        let has_same_birth = self.value(Field::BirthDate) == left.values.get(&Field::BirthDate).map(String::as_str);
        let name = left.values.get(&Field::FullName).map_or("", String::as_str);
        let has_same_name = name::likeness(self.value(Field::FullName).unwrap_or_default(), name) >= Likeness::Respelt;
        Ok(Some(left).filter(|_| has_same_birth || has_same_name))
    }

    /// What others have already: an identifier, an address, or name and birth date.
    async fn taken(
        &self,
        scope: &Scope,
        tx: &mut PgConnection,
        own: Option<RegistryPersonId>,
    ) -> Result<Option<FormErrors>> {
        let [given, family, middle] = name::sort_keys(self.value(Field::FullName).unwrap_or_default());
        let birth_date = self.value(Field::BirthDate).and_then(|date| date.parse::<NaiveDate>().ok());
        let email = self.value(Field::Email).filter(|_| self.kind == PersonKind::Staff).map(str::to_lowercase);
        let found = sqlx::query!(
            r#"SELECT EXISTS (SELECT FROM registry_people
                       WHERE school_id = $1 AND moet_id = $2 AND id IS DISTINCT FROM $9) AS "moet_id!",
                   EXISTS (SELECT FROM registry_people WHERE school_id = $1 AND kind = 'staff' AND lower(email) = $3
                           AND left_at IS NULL AND id IS DISTINCT FROM $9) AS "email!",
                   EXISTS (SELECT FROM registry_people
                           WHERE school_id = $1 AND kind = $4 AND given_name = $5 AND family_name = $6
                               AND middle_name = $7 AND birth_date = $8 AND left_at IS NULL
                               AND id IS DISTINCT FROM $9) AS "twin!""#,
            scope.school_id(),
            self.value(Field::MoetId),
            email,
            self.kind.key(),
            given,
            family,
            middle,
            birth_date,
            own as Option<RegistryPersonId>,
        )
        .fetch_one(&mut *tx)
        .await?;
        let mut faults = FormErrors::new();
        if let Some(class_id) = self.class_id()
            && store::class_name(scope, tx, class_id).await?.is_none()
        {
            // Removed since the form was shown.
            faults.add("class", "fault-class-gone");
        }
        if found.moet_id {
            faults.add_about("moet_id", "fault-identifier-taken", self.value(Field::MoetId).unwrap_or_default());
        } else if self.holder.is_some() && !self.seen.elsewhere {
            faults.add("moet_id", "fault-identifier-elsewhere");
        }
        if found.email {
            faults.add_about("email", "fault-identifier-taken", self.value(Field::Email).unwrap_or_default());
        }
        if found.twin && !self.seen.twin {
            faults.add("twins", "fault-registry-twin");
        }
        Ok(Some(faults).filter(|faults| !faults.is_empty()))
    }

    /// Takes the identifier, or tells the operators of both schools that another one holds it. Another school may have
    /// taken it at this very moment: then nothing is stored.
    async fn claim_identifier(
        &mut self,
        scope: &Scope,
        app: &App,
        tx: &mut PgConnection,
        id: RegistryPersonId,
    ) -> Result<Option<FormErrors>> {
        let Some(hash) = self.hash else { return Ok(None) };
        if self.holder.is_none() {
            identifiers::take(scope, tx, &[(hash, id)]).await?;
            self.holder = self.find_holder(scope, tx).await?;
        }
        let Some(holder) = self.holder else {
            identifiers::take_over(scope, tx, &[(hash, id)]).await?;
            return Ok(None);
        };
        if !self.seen.elsewhere {
            return Ok(Some(FormErrors::one("moet_id", "fault-identifier-elsewhere")));
        }
        // Staff may work in two schools: there is nothing to decide.
        let state = if self.kind == PersonKind::Student { ConflictState::Open } else { ConflictState::Kept };
        let claim = IdentifierClaim { hash, holder: holder.school_id, origin: ClaimOrigin::Own(id) };
        conflicts::note(scope, app, tx, &[claim], state).await?;
        Ok(None)
    }

    /// Stores the values of a person of the registry. Fields that the form does not ask for stay.
    async fn save_known(
        &mut self,
        granted: &Granted<may::ManageRegistry>,
        app: &App,
        mut tx: Tx,
        known: &RegistryPerson,
    ) -> Result<std::result::Result<Saved, FormErrors>> {
        let asked = fields::of_forms(self.kind.roster_kind(granted.school.kind));
        let is_back = known.left.is_some();
        // Of a person who comes back, what is not typed anew stays as well.
        let stays =
            |field: &Field| is_back || !asked.contains(field) || *field == Field::Class && self.class_id().is_none();
        let kept_values = known.values.iter().filter(|(field, _)| stays(field));
        let values: Values =
            kept_values.map(|(field, value)| (*field, value.clone())).chain(kept(&self.typed.values)).collect();
        let changed: BTreeSet<Field> =
            Field::ALL.into_iter().filter(|field| values.get(field) != known.values.get(field)).collect();
        if changed.is_empty() && !is_back {
            return Ok(Ok(Saved::Changed));
        }
        let holds_anew = is_back || changed.contains(&Field::MoetId);
        if !holds_anew {
            // What was asked about an identifier was answered when it was given.
            self.holder = None;
        }
        if let Some(faults) = self.taken(granted, &mut tx, Some(known.id)).await? {
            return Ok(Err(faults));
        }
        let class_id = self.class_id().filter(|_| changed.contains(&Field::Class));
        let version = known.version;
        let person = PersonValues { id: known.id, version, class_id, values: without_class(values.clone()) };
        records::update_people(granted, &mut tx, std::slice::from_ref(&person), app.clock.now()).await?;
        if holds_anew {
            conflicts::close_of_person(granted, app, &mut tx, known.id).await?;
            identifiers::let_go(granted, &mut tx, &[known.id], self.hash.as_slice()).await?;
            if let Some(faults) = self.claim_identifier(granted, app, &mut tx, known.id).await? {
                return Ok(Err(faults));
            }
        }
        let of = |values: &Values| -> Values {
            changed.iter().filter_map(|field| Some((*field, values.get(field)?.clone()))).collect()
        };
        record(granted, app, &mut tx, known.id, HistoryChange::Update, (&of(&known.values), &of(&values))).await?;
        let fields = changed.iter().map(|field| field.key().into()).collect();
        let action = match is_back {
            true => AuditAction::RegistryPersonReturned,
            false => AuditAction::RegistryPersonChanged { fields },
        };
        audit::record(granted, app, &mut tx, Event::about(action, known.id)).await?;
        tx.commit().await?;
        Ok(Ok(if is_back { Saved::Returned } else { Saved::Changed }))
    }
}

async fn record(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    id: RegistryPersonId,
    change: HistoryChange,
    (before, after): (&Values, &Values),
) -> Result<()> {
    let entry = HistoryEntry { id: id.uuid(), before, after };
    history::record(scope, app, tx, None, HistorySubject::Person, change, &[entry]).await
}
