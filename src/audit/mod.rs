//! The audit log: who did what to which person, when, from where: a row in the transaction of the act.

mod action;
mod export;
mod keys;
pub mod list;
mod pages;
mod sign_ins;
pub mod words;

pub use action::{AuditAction, AuditActionKind, FileForm};
pub use pages::routes;

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    access::{Actor, Scope},
    app::App,
    error::Result,
    ids::{EventId, Id, MemberId, PlanId},
};

/// A row of the log.
#[derive(Clone, Debug)]
pub struct Event {
    pub action: AuditAction,
    pub subject: Option<Uuid>,
    /// The person it is about did it, though nobody of the school acts: registering.
    pub is_own: bool,
    /// Done to many people at once.
    pub is_bulk: bool,
    /// The reason, in the words of the actor. It may name a person, so it is stored beside the row, and deleted when
    /// the subject is erased ([`forget_reasons`]).
    pub reason: Option<String>,
}

impl Event {
    #[must_use]
    pub fn new(action: AuditAction) -> Self {
        Self { action, subject: None, is_own: false, is_bulk: false, reason: None }
    }

    #[must_use]
    pub fn about(action: AuditAction, subject: impl Into<Uuid>) -> Self {
        Self { subject: Some(subject.into()), ..Self::new(action) }
    }

    /// Done by the person it is about, before the school has let them in.
    #[must_use]
    pub fn by_themselves(self) -> Self {
        Self { is_own: true, ..self }
    }

    /// With the reason that was given, if one was.
    #[must_use]
    pub fn because(mut self, reason: &str) -> Self {
        self.reason = Some(reason.to_owned()).filter(|reason| !reason.is_empty());
        self
    }

    /// The details, as the row has them.
    fn detail(&self) -> Result<Value> {
        let mut detail = self.action.to_detail()?;
        if self.is_bulk {
            detail.insert(BULK.to_owned(), true.into());
        }
        Ok(Value::Object(detail))
    }
}

/// The mark of what was done to many people at once.
const BULK: &str = "bulk";

/// Writes the row.
pub async fn record(scope: &Scope, app: &App, tx: &mut PgConnection, event: Event) -> Result<()> {
    let now = app.clock.now();
    let id: EventId = app.randomness.uuid_v7(now);
    let (kind, actor) = if event.is_own { ("member", event.subject) } else { actor(scope) };
    sqlx::query!(
        "INSERT INTO audit_events (school_id, id, at, actor_kind, actor_id, action, subject_id, detail, address)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        scope.school_id(),
        id,
        now,
        kind,
        actor as Option<Uuid>,
        event.action.kind().key(),
        event.subject as Option<Uuid>,
        event.detail()?,
        scope.address.map(ipnet::IpNet::from) as _,
    )
    .execute(&mut *tx)
    .await?;
    if let Some(reason) = event.reason {
        sqlx::query!(
            "INSERT INTO audit_reasons (school_id, event_id, reason) VALUES ($1, $2, $3)",
            scope.school_id(),
            id,
            reason,
        )
        .execute(tx)
        .await?;
    }
    Ok(())
}

/// Deletes the reasons for acts on a person who is erased; the acts stay on record.
pub async fn forget_reasons(scope: &Scope, tx: &mut PgConnection, subject: MemberId) -> Result<()> {
    sqlx::query!(
        "DELETE FROM audit_reasons r USING audit_events e
         WHERE r.school_id = $1 AND e.school_id = $1 AND e.id = r.event_id AND e.subject_id = $2",
        scope.school_id(),
        subject,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes a row about each of these subjects, for the same act on many without a reason.
pub async fn record_each<K>(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    subjects: &[Id<K>],
    action: AuditAction,
) -> Result<()> {
    let event = Event { is_bulk: true, ..Event::new(action) };
    let now = app.clock.now();
    let ids: Vec<EventId> = subjects.iter().map(|_| app.randomness.uuid_v7(now)).collect();
    let (kind, actor) = actor(scope);
    sqlx::query!(
        "INSERT INTO audit_events (school_id, at, actor_kind, actor_id, action, detail, address, id, subject_id)
         SELECT $1, $2, $3, $4, $5, $6, $7, * FROM unnest($8::uuid[], $9::uuid[])",
        scope.school_id(),
        now,
        kind,
        actor as Option<Uuid>,
        event.action.kind().key(),
        event.detail()?,
        scope.address.map(ipnet::IpNet::from) as _,
        &ids,
        subjects,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What a list did to people, as their pages tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    Created,
    Changed,
    Left,
    /// It was taken back.
    Undone,
}

impl Imported {
    pub const ALL: [Self; 4] = [Self::Created, Self::Changed, Self::Left, Self::Undone];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Left => "left",
            Self::Undone => "undone",
        }
    }
}

/// Notes for each of these people what a plan did to them: a short row each, beside the one line that the log has of the
/// plan.
pub async fn record_imported(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    plan_id: PlanId,
    what: Imported,
    members: &[MemberId],
) -> Result<()> {
    if members.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO imported_members (school_id, plan_id, what, at, actor_id, member_id)
         SELECT $1, $2, $3, $4, $5, * FROM unnest($6::uuid[]) ON CONFLICT DO NOTHING",
        scope.school_id(),
        plan_id,
        what.key(),
        app.clock.now(),
        scope.member().map(|member| member.id),
        members,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The actor, as the row has it.
fn actor(scope: &Scope) -> (&'static str, Option<Uuid>) {
    match &scope.actor {
        Actor::Member(member) => ("member", Some(member.id.uuid())),
        Actor::Operator(account) => ("operator", Some(account.uuid())),
        Actor::Token(token) => ("token", Some(token.id.uuid())),
        Actor::Client(client) => ("client", Some(client.uuid())),
        Actor::System => ("system", None),
    }
}
