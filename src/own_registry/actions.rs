//! Adding classes and people to the registry by hand.

use std::collections::BTreeSet;

use sqlx::PgConnection;

use crate::{
    access::{Granted, Scope, may},
    accounts::forms::ParsedForm,
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    ids::{Id, RegistryPersonId, YearId},
    registry::{
        history::{self, HistoryChange, HistoryEntry, HistorySubject},
        identifiers::{self, IdentifierKey},
        model::{Origin, PersonKind, kept},
        records::{self, NewClass, PersonValues},
    },
    roster::fields::{Field, Values},
    schools::settings::{self, RegistrySource},
    vietnam::name,
    web::forms::FormErrors,
};

/// Whether the school keeps its registry here itself.
pub async fn is_kept_here(scope: &Scope, tx: &mut PgConnection) -> Result<bool> {
    Ok(settings::registry_source(scope, tx).await? == RegistrySource::Own)
}

async fn begin_writing(scope: &Scope, tx: &mut PgConnection) -> Result<()> {
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

/// Adds a person. `is_sure`: the notice of a person with this name and birth date was seen.
///
/// # Errors
/// [`Error::Forbidden`] where the registry changes by submissions; the inner error is what is wrong with the values.
pub async fn add_person(
    granted: &Granted<may::ManageRegistry>,
    app: &App,
    kind: PersonKind,
    typed: &ParsedForm,
    is_sure: bool,
) -> Result<std::result::Result<(), FormErrors>> {
    let now = app.clock.now();
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    begin_writing(granted, &mut tx).await?;
    let key = IdentifierKey::load(app, &mut tx).await?;
    let faults = taken(granted, &mut tx, &key, kind, typed, is_sure).await?;
    if !faults.is_empty() {
        return Ok(Err(faults));
    }
    let id: RegistryPersonId = app.randomness.uuid_v7(now);
    let mut values = kept(&typed.values);
    let hash = values.get(&Field::MoetId).map(|moet_id| key.hash(moet_id));
    let after = values.clone();
    values.remove(&Field::Class);
    let person = PersonValues { id, version: 1, class_id: typed.class_id.map(Id::of_other_kind), values };
    records::insert_people(granted, &mut tx, kind, Origin::Own, std::slice::from_ref(&person), now).await?;
    let hashes: Vec<_> = hash.map(|hash| (hash, id)).into_iter().collect();
    identifiers::take(granted, &mut tx, &hashes).await?;
    let nothing = Values::new();
    let entry = HistoryEntry { id: id.uuid(), before: &nothing, after: &after };
    history::record(granted, app, &mut tx, None, HistorySubject::Person, HistoryChange::Create, &[entry]).await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::RegistryPersonAdded, id)).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// What others have already: an identifier, an address, or name and birth date.
async fn taken(
    scope: &Scope,
    tx: &mut PgConnection,
    key: &IdentifierKey,
    kind: PersonKind,
    typed: &ParsedForm,
    is_sure: bool,
) -> Result<FormErrors> {
    let value = |field: Field| typed.values.get(&field).map(String::as_str);
    let [given, family, middle] = name::sort_keys(value(Field::FullName).unwrap_or_default());
    let birth_date = value(Field::BirthDate).and_then(|date| date.parse::<chrono::NaiveDate>().ok());
    let email = value(Field::Email).filter(|_| kind == PersonKind::Staff).map(str::to_lowercase);
    let found = sqlx::query!(
        r#"SELECT EXISTS (SELECT FROM registry_people WHERE school_id = $1 AND moet_id = $2) AS "moet_id!",
               EXISTS (SELECT FROM registry_people
                       WHERE school_id = $1 AND kind = 'staff' AND lower(email) = $3 AND left_at IS NULL) AS "email!",
               EXISTS (SELECT FROM registry_people
                       WHERE school_id = $1 AND kind = $4 AND given_name = $5 AND family_name = $6
                           AND middle_name = $7 AND birth_date = $8 AND left_at IS NULL) AS "twin!""#,
        scope.school_id(),
        value(Field::MoetId),
        email,
        kind.key(),
        given,
        family,
        middle,
        birth_date,
    )
    .fetch_one(&mut *tx)
    .await?;
    let mut faults = FormErrors::new();
    if found.moet_id {
        faults.add_about("moet_id", "fault-identifier-taken", value(Field::MoetId).unwrap_or_default());
    } else if let Some(moet_id) = value(Field::MoetId) {
        let holders = identifiers::holders(tx, &[key.hash(moet_id)]).await?;
        if holders.values().any(|holder| holder.school_id != scope.school_id()) {
            faults.add("moet_id", "fault-identifier-elsewhere");
        }
    }
    if found.email {
        faults.add_about("email", "fault-identifier-taken", value(Field::Email).unwrap_or_default());
    }
    if found.twin && !is_sure {
        faults.add("twins", "fault-registry-twin");
    }
    Ok(faults)
}
