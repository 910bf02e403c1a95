//! The history of the registry: who changed what when, and by which submission.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use crate::{
    access::{Actor, Scope},
    app::App,
    error::{Result, stored},
    ids::{EventId, PlanId, RegistryPersonId},
    roster::fields::Values,
};

/// What was done to a person or a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryChange {
    Create,
    Update,
    Leave,
    /// Another school has the person now.
    Moved,
}

impl HistoryChange {
    pub const ALL: [Self; 4] = [Self::Create, Self::Update, Self::Leave, Self::Moved];

    fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|change| change.key() == key)
    }

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Leave => "leave",
            Self::Moved => "moved",
        }
    }
}

/// Whether a change is about people or classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistorySubject {
    Person,
    Class,
}

impl HistorySubject {
    fn key(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Class => "class",
        }
    }
}

/// One change: of which record, from what to what.
#[derive(Clone, Debug)]
pub struct HistoryEntry<'a> {
    /// Of a person or a class of the registry.
    pub id: Uuid,
    pub before: &'a Values,
    pub after: &'a Values,
}

/// Records changes, by the actor of the scope.
pub async fn record(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    plan_id: Option<PlanId>,
    subject: HistorySubject,
    change: HistoryChange,
    entries: &[HistoryEntry<'_>],
) -> Result<()> {
    let now = app.clock.now();
    let (kind, actor) = match &scope.actor {
        // A school does not learn which other one it was, and who there.
        _ if change == HistoryChange::Moved => ("other_school", None),
        Actor::Member(member) => ("member", Some(member.id.uuid())),
        Actor::Operator(account) => ("operator", Some(account.uuid())),
        Actor::Token(token) => ("token", Some(token.id.uuid())),
        Actor::Client(client) => ("client", Some(client.uuid())),
        Actor::System => ("system", None),
    };
    let ids: Vec<EventId> = entries.iter().map(|_| app.randomness.uuid_v7(now)).collect();
    let subjects: Vec<Uuid> = entries.iter().map(|entry| entry.id).collect();
    let befores: Vec<Json<&Values>> = entries.iter().map(|entry| Json(entry.before)).collect();
    let afters: Vec<Json<&Values>> = entries.iter().map(|entry| Json(entry.after)).collect();
    sqlx::query!(
        "INSERT INTO registry_changes (school_id, at, actor_kind, actor_id, plan_id, subject, change, id, subject_id,
             before, after)
         SELECT $1, $2, $3, $4, $5, $6, $7, * FROM unnest($8::uuid[], $9::uuid[], $10::jsonb[], $11::jsonb[])
         RETURNING id",
        scope.school_id(),
        now,
        kind,
        actor as Option<Uuid>,
        plan_id,
        subject.key(),
        change.key(),
        &ids,
        &subjects as &[Uuid],
        &befores as &[Json<_>],
        &afters as &[Json<_>],
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}

/// Kinds of actors, as the history names them.
pub const ACTORS: [&str; 6] = ["member", "operator", "token", "client", "system", "other_school"];

/// A change, as a page shows it.
#[derive(Clone, Debug)]
pub struct RecordedChange {
    pub at: DateTime<Utc>,
    pub change: HistoryChange,
    /// One of [`ACTORS`].
    pub actor_kind: String,
    /// Of a member of the school.
    pub actor_name: Option<String>,
    pub plan_id: Option<PlanId>,
    pub before: Values,
    pub after: Values,
}

/// How many changes of a person are shown.
const MOST_SHOWN: i64 = 50;

/// The latest changes of a person.
pub async fn of_person(scope: &Scope, tx: &mut PgConnection, id: RegistryPersonId) -> Result<Vec<RecordedChange>> {
    let rows = sqlx::query!(
        r#"SELECT h.at, h.change, h.actor_kind, m.full_name AS "actor_name?", h.plan_id,
               h.before AS "before: Json<Values>", h.after AS "after: Json<Values>"
           FROM registry_changes h
           LEFT JOIN members m ON m.school_id = $1 AND m.id = h.actor_id AND h.actor_kind = 'member'
           WHERE h.school_id = $1 AND h.subject = 'person' AND h.subject_id = $2 ORDER BY h.id DESC LIMIT $3"#,
        scope.school_id(),
        id.uuid() as Uuid,
        MOST_SHOWN,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(RecordedChange {
                at: row.at,
                change: stored("change of the registry", HistoryChange::from_key(&row.change))?,
                actor_kind: row.actor_kind,
                actor_name: row.actor_name,
                plan_id: row.plan_id,
                before: row.before.0,
                after: row.after.0,
            })
        })
        .collect()
}
