//! The audit log: who did what to which person, when, from where: a row in the transaction of the act.

mod export;
pub mod list;
mod pages;
mod sign_ins;
pub mod words;

pub use pages::routes;

use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    access::{Actor, Scope},
    app::App,
    error::Result,
};

/// What can be done, by the keys under which it is on record.
pub const ACTIONS: &[&str] = &[
    "accounts_exported",
    "audit_exported",
    "came_back",
    "class_changed",
    "class_created",
    "class_deleted",
    "data_exported",
    "grants_changed",
    "homeroom_changed",
    "invitation_accepted",
    "invitation_declined",
    "invitation_sent_again",
    "invitation_withdrawn",
    "left",
    "lock_lifted",
    "member_changed",
    "member_created",
    "national_id_shown",
    "owner_invited",
    "owner_replaced",
    "password_reset",
    "plan_applied",
    "plan_discarded",
    "plan_made",
    "plan_undone",
    "pupil_erased",
    "pupil_let_go",
    "pupil_taken_in",
    "registered",
    "registration_accepted",
    "registration_refused",
    "release_made",
    "release_withdrawn",
    "role_changed",
    "school_changed",
    "school_code_added",
    "school_opened",
    "school_suspended",
    "school_suspension_lifted",
    "school_year_added",
    "second_factor_removed",
    "settings_changed",
    "signed_out_everywhere",
    "slips_downloaded",
    "slips_printed",
    "slips_shown",
    "suspended",
    "suspension_lifted",
    "token_made",
    "token_revoked",
    "verification_mailed",
];

/// What was done. Ids, counts and codes only: never a name, a password or a token.
#[derive(Clone, Debug)]
pub struct Event {
    pub action: &'static str,
    pub subject: Option<Uuid>,
    pub detail: Value,
    /// The reason, in the words of the actor. It may name a person, so it is stored beside the row, and deleted when
    /// the subject is erased ([`forget_reasons`]).
    pub reason: Option<String>,
}

impl Event {
    #[must_use]
    pub fn new(action: &'static str) -> Self {
        Self { action, subject: None, detail: json!({}), reason: None }
    }

    #[must_use]
    pub fn about(action: &'static str, subject: Uuid) -> Self {
        Self { subject: Some(subject), ..Self::new(action) }
    }

    #[must_use]
    pub fn with(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }

    /// With the reason that was given, if one was.
    #[must_use]
    pub fn because(mut self, reason: &str) -> Self {
        self.reason = Some(reason.to_owned()).filter(|reason| !reason.is_empty());
        self
    }
}

/// Writes the row.
pub async fn record(scope: &Scope, app: &App, tx: &mut PgConnection, event: Event) -> Result<()> {
    debug_assert!(ACTIONS.contains(&event.action), "{} is not among the actions that can be shown", event.action);
    let now = app.clock.now();
    let id = app.randomness.uuid_v7(now);
    let (kind, actor) = actor(scope);
    sqlx::query!(
        "INSERT INTO audit_events (school_id, id, at, actor_kind, actor_id, action, subject_id, detail, address)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        scope.school_id(),
        id,
        now,
        kind,
        actor,
        event.action,
        event.subject,
        event.detail,
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
pub async fn forget_reasons(scope: &Scope, tx: &mut PgConnection, subject: Uuid) -> Result<()> {
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

/// Writes a row about each of these subjects, for the same act without a reason.
pub async fn record_each(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    subjects: &[Uuid],
    event: Event,
) -> Result<()> {
    debug_assert!(ACTIONS.contains(&event.action), "{} is not among the actions that can be shown", event.action);
    let now = app.clock.now();
    let ids: Vec<Uuid> = subjects.iter().map(|_| app.randomness.uuid_v7(now)).collect();
    let (kind, actor) = actor(scope);
    sqlx::query!(
        "INSERT INTO audit_events (school_id, at, actor_kind, actor_id, action, detail, address, id, subject_id)
         SELECT $1, $2, $3, $4, $5, $6, $7, * FROM unnest($8::uuid[], $9::uuid[])",
        scope.school_id(),
        now,
        kind,
        actor,
        event.action,
        event.detail,
        scope.address.map(ipnet::IpNet::from) as _,
        &ids,
        subjects,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The actor, as the row has it.
fn actor(scope: &Scope) -> (&'static str, Option<Uuid>) {
    match &scope.actor {
        Actor::Member(member) => ("member", Some(member.id)),
        Actor::Operator(account) => ("operator", Some(*account)),
        Actor::Token(token) => ("token", Some(token.id)),
        Actor::System => ("system", None),
    }
}
