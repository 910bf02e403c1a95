//! Reading the audit log of a school, the newest first.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde_json::Value;
use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::{
    BULK,
    action::{AuditAction, AuditActionKind},
};
use crate::{
    access::{Granted, Scope, may},
    error::Result,
    ids::{EventId, MemberId},
    web::i18n,
};

/// How many events a page shows.
pub const PAGE: usize = 50;

/// How many people a name may match.
const NAMED: i64 = 200;

/// An audited event.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Recorded {
    pub id: EventId,
    pub at: DateTime<Utc>,
    /// `member`, `operator`, `token` or `system`.
    pub actor_kind: String,
    /// Of a member or a token.
    pub actor_name: Option<String>,
    #[sqlx(try_from = "String")]
    pub action: AuditActionKind,
    /// Of a member: the id and the name.
    pub subject_id: Option<MemberId>,
    pub subject_name: Option<String>,
    pub address: Option<String>,
    pub detail: Value,
    pub reason: Option<String>,
    /// Of a move: from which class to which, by their names of today.
    pub from_class: Option<String>,
    pub to_class: Option<String>,
}

impl Recorded {
    /// What was done, in detail; none where an older version wrote other details.
    #[must_use]
    pub fn read(&self) -> Option<AuditAction> {
        AuditAction::from_row(self.action, &self.detail)
    }

    /// Whether it was done to many people at once.
    #[must_use]
    pub fn is_bulk(&self) -> bool {
        self.detail.get(BULK).and_then(Value::as_bool) == Some(true)
    }
}

/// The filter for events.
#[derive(Clone, Debug, Default)]
pub struct WantedEvents {
    /// Of one kind.
    pub action: Option<AuditActionKind>,
    /// By or about this member.
    pub person: Option<MemberId>,
    /// By one of the people that these words find.
    pub who: Vec<String>,
    /// About one of the people that these words find.
    pub member: Vec<String>,
    /// From this day on, and up to the end of that one, in Vietnam.
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// Events before the one of this id, and whether there are older ones.
pub async fn page(
    granted: &Granted<may::SeeAudit>,
    tx: &mut PgConnection,
    wanted: &WantedEvents,
    before: Option<EventId>,
    most: usize,
) -> Result<(Vec<Recorded>, bool)> {
    let school_id = granted.school_id();
    let person = match wanted.person {
        Some(id) => Some(with_merged(granted, tx, id).await?),
        None => None,
    };
    let mut query = begin(granted, person.as_deref());
    if let Some(action) = wanted.action {
        query.push(" AND e.action = ").push_bind(action.key());
    }
    if let Some(person) = person {
        query.push(" AND (e.actor_id = ANY(").push_bind(person.clone());
        query.push(") OR e.subject_id = ANY(").push_bind(person).push("))");
    }
    if !wanted.who.is_empty() {
        let ids = named(granted, tx, &wanted.who).await?;
        query.push(" AND e.actor_kind = 'member' AND e.actor_id = ANY(").push_bind(ids).push(")");
    }
    if !wanted.member.is_empty() {
        let ids = named(granted, tx, &wanted.member).await?;
        query.push(" AND e.subject_id = ANY(").push_bind(ids).push(")");
    }
    if let Some(from) = wanted.from.and_then(midnight) {
        query.push(" AND e.at >= ").push_bind(from);
    }
    if let Some(to) = wanted.to.and_then(midnight) {
        query.push(" AND e.at < ").push_bind(to + Duration::days(1));
    }
    if let Some(before) = before {
        query.push(" AND (e.at, e.id) < (SELECT b.at, b.id FROM audit_events b WHERE b.school_id = ");
        query.push_bind(school_id).push(" AND b.id = ").push_bind(before).push(")");
    }
    query.push(" ORDER BY e.at DESC, e.id DESC LIMIT ").push_bind(i64::try_from(most + 1).unwrap_or(i64::MAX));
    let mut events: Vec<Recorded> = query.build_query_as().fetch_all(tx).await?;
    let has_more = events.len() > most;
    events.truncate(most);
    Ok((events, has_more))
}

/// How many events the home looks at; many of them may be one deed.
const LATELY: i64 = 80;

/// The latest events about people and imports, which everybody who manages accounts sees on those pages as well.
pub async fn lately(granted: &Granted<may::ManageAccounts>, tx: &mut PgConnection) -> Result<Vec<Recorded>> {
    let of_imports = [AuditActionKind::PlanApplied, AuditActionKind::PlanMade, AuditActionKind::PlanUndone];
    let is_told = |kind: &AuditActionKind| super::words::is_told_of_person(*kind) || of_imports.contains(kind);
    let told: Vec<&str> = AuditActionKind::ALL.iter().copied().filter(is_told).map(AuditActionKind::key).collect();
    let mut query = begin(granted, None);
    query.push(" AND e.action = ANY(").push_bind(told);
    query.push(") ORDER BY e.at DESC, e.id DESC LIMIT ").push_bind(LATELY);
    Ok(query.build_query_as().fetch_all(tx).await?)
}

/// The latest events about one person.
pub async fn of_person(
    granted: &Granted<may::ManageAccounts>,
    tx: &mut PgConnection,
    id: MemberId,
    most: i64,
) -> Result<Vec<Recorded>> {
    let person = with_merged(granted, tx, id).await?;
    let mut query = begin(granted, Some(&person));
    query.push(" AND e.subject_id = ANY(").push_bind(person);
    query.push(") ORDER BY e.at DESC, e.id DESC LIMIT ").push_bind(most);
    Ok(query.build_query_as().fetch_all(tx).await?)
}

/// A member, and those who were merged into them: what happened to those is their history as well.
async fn with_merged(scope: &Scope, tx: &mut PgConnection, id: MemberId) -> Result<Vec<MemberId>> {
    let gone = sqlx::query_scalar!(
        "SELECT gone_id FROM merges WHERE school_id = $1 AND kept_id = $2 AND undone_at IS NULL",
        scope.school_id(),
        id,
    );
    let mut all = gone.fetch_all(tx).await?;
    all.push(id);
    Ok(all)
}

/// Those of these members about whose account or record this action was done since a time.
pub async fn happened_since(
    scope: &Scope,
    tx: &mut PgConnection,
    people: &[MemberId],
    action: AuditActionKind,
    since: DateTime<Utc>,
) -> Result<Vec<MemberId>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT DISTINCT subject_id AS "id!: MemberId" FROM audit_events
           WHERE school_id = $1 AND subject_id = ANY($2) AND action = $3 AND at >= $4"#,
        scope.school_id(),
        people,
        action.key(),
        since,
    )
    .fetch_all(tx)
    .await?)
}

/// When this last happened to one person.
pub async fn last_of_person(
    scope: &Scope,
    tx: &mut PgConnection,
    id: MemberId,
    action: AuditActionKind,
) -> Result<Option<DateTime<Utc>>> {
    Ok(sqlx::query_scalar!(
        "SELECT max(at) FROM audit_events WHERE school_id = $1 AND subject_id = $2 AND action = $3",
        scope.school_id(),
        id,
        action.key(),
    )
    .fetch_one(tx)
    .await?)
}

/// The events of the school; of a person also what lists did to them, which has rows of its own.
fn begin(scope: &Scope, person: Option<&[MemberId]>) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new(
        "SELECT e.id, e.at, e.actor_kind, coalesce(a.full_name, k.name) AS actor_name, e.action, s.id AS subject_id,
             s.full_name AS subject_name, host(e.address) AS address, e.detail, r.reason,
             f.name AS from_class, t.name AS to_class
         FROM ",
    );
    if let Some(person) = person {
        query.push(
            "(SELECT school_id, id, at, actor_kind, actor_id, action, subject_id, detail, address FROM audit_events
              UNION ALL
              SELECT school_id, plan_id, at, CASE WHEN actor_id IS NULL THEN 'system' ELSE 'member' END, actor_id,
                  'import_' || what, member_id, jsonb_build_object('plan', plan_id), NULL
              FROM imported_members WHERE member_id = ANY(",
        );
        query.push_bind(person.to_vec()).push("))");
    } else {
        query.push("audit_events");
    }
    query.push(
        " e
         LEFT JOIN audit_reasons r ON r.school_id = e.school_id AND r.event_id = e.id
         LEFT JOIN members a ON a.school_id = e.school_id AND a.id = e.actor_id AND e.actor_kind = 'member'
         LEFT JOIN api_tokens k ON k.school_id = e.school_id AND k.id = e.actor_id AND e.actor_kind = 'token'
         LEFT JOIN members s ON s.school_id = e.school_id AND s.id = e.subject_id
         LEFT JOIN classes f ON f.school_id = e.school_id AND f.id = (e.detail->>'from_class')::uuid
         LEFT JOIN classes t ON t.school_id = e.school_id AND t.id = (e.detail->>'to_class')::uuid
         WHERE e.school_id = ",
    );
    query.push_bind(scope.school_id());
    query
}

/// The members of the school that words find.
async fn named(scope: &Scope, tx: &mut PgConnection, words: &[String]) -> Result<Vec<MemberId>> {
    let mut query = QueryBuilder::<Postgres>::new("SELECT m.id FROM members m WHERE m.school_id = ");
    query.push_bind(scope.school_id());
    for word in words {
        query.push(" AND m.id IN (SELECT w.member_id FROM member_words w WHERE w.school_id = ");
        query.push_bind(scope.school_id()).push(" AND w.word >= ").push_bind(word.clone());
        query.push(" AND w.word < ").push_bind(format!("{word}\u{10FFFF}")).push(")");
    }
    query.push(" LIMIT ").push_bind(NAMED);
    Ok(query.build_query_scalar().fetch_all(tx).await?)
}

/// When a day begins in Vietnam.
fn midnight(day: NaiveDate) -> Option<DateTime<Utc>> {
    let local = day.and_hms_opt(0, 0, 0)?.and_local_timezone(i18n::vietnam()).single()?;
    Some(local.to_utc())
}

/// The name of a member of the school.
pub async fn name_of(granted: &Granted<may::SeeAudit>, tx: &mut PgConnection, id: MemberId) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!("SELECT full_name FROM members WHERE school_id = $1 AND id = $2", granted.school_id(), id,)
        .fetch_optional(tx)
        .await?)
}
