//! Who did what to whom, when, from where: a row in the transaction of the act.

mod export;
pub mod list;
mod pages;
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
    "verification_mailed",
];

/// What was done. Ids, counts and codes only: never a name, a password or a token.
#[derive(Clone, Debug)]
pub struct Event {
    pub action: &'static str,
    pub subject: Option<Uuid>,
    pub detail: Value,
}

impl Event {
    #[must_use]
    pub fn new(action: &'static str) -> Self {
        Self { action, subject: None, detail: json!({}) }
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
}

/// Writes the row.
///
/// # Errors
/// When the database cannot be reached.
pub async fn record(scope: &Scope, app: &App, tx: &mut PgConnection, event: Event) -> Result<()> {
    debug_assert!(ACTIONS.contains(&event.action), "{} is not among the actions that can be shown", event.action);
    let now = app.clock.now();
    let (kind, actor) = actor(scope);
    sqlx::query!(
        "INSERT INTO audit_events (school_id, id, at, actor_kind, actor_id, action, subject_id, detail, address)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        scope.school_id(),
        app.randomness.uuid_v7(now),
        now,
        kind,
        actor,
        event.action,
        event.subject,
        event.detail,
        scope.address.map(ipnet::IpNet::from) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes a row about each of these subjects, of whom the same was done.
///
/// # Errors
/// When the database cannot be reached.
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

/// Who acts, as the row has it.
fn actor(scope: &Scope) -> (&'static str, Option<Uuid>) {
    match &scope.actor {
        Actor::Member(member) => ("member", Some(member.id)),
        Actor::Operator(account) => ("operator", Some(*account)),
        Actor::System => ("system", None),
    }
}
