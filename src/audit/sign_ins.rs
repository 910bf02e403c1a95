//! `/schools/{code}/audit/sign-ins`: wrong sign-in attempts, locks, and what was refused to the school's members.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    identity::{
        sign_in_events::{SHOWN, SignInEventKind},
        user_agent,
    },
    ids::MemberId,
    shell::{self, MenuPage},
    web::{PageResult, RequestContext, Shell, Translator, html},
};

/// For how many days back the page looks.
const DAYS: i64 = 30;

#[derive(Template)]
#[template(path = "audit/sign_ins.html")]
struct SignInsPage {
    l: Translator,
    shell: Shell,
    code: String,
    events: Vec<SignInEvent>,
}

impl SignInsPage {
    fn device(&self, event: &SignInEvent) -> String {
        user_agent::name(&event.user_agent).unwrap_or_else(|| self.l.t("devices-unknown"))
    }
}

pub async fn show(State(app): State<App>, visitor: RequestContext, granted: Granted<may::SeeAudit>) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let events = of_school(&granted, &mut tx, visitor.now).await?;
    tx.commit().await?;
    let shell = shell::of_school(&visitor, &granted, MenuPage::Audit);
    html(&SignInsPage { l: visitor.l, shell, code: granted.school.code.clone(), events })
}

/// Events of one kind about one member, as many as there were within an hour.
#[derive(Clone, Debug)]
struct SignInEvent {
    member_id: MemberId,
    name: Option<String>,
    kind: String,
    times: i32,
    last_at: DateTime<Utc>,
    address: Option<String>,
    user_agent: String,
}

/// Recent wrong attempts, locks and refusals for the school: for accounts that are its own alone; for others only what
/// it has refused itself. Successful sign-ins are on each person's page.
async fn of_school(
    granted: &Granted<may::SeeAudit>,
    tx: &mut PgConnection,
    now: DateTime<Utc>,
) -> Result<Vec<SignInEvent>> {
    // Accounts and members are not where each other are on a cluster: first the ones, then the others. Account by account,
    // so that nothing is looked at but the school's own, however many events there are of others; and between two hours, so
    // that no other month is looked at.
    let entries = [SignInEventKind::SignedIn, SignInEventKind::SignedInByProvider].map(|kind| kind.key().to_owned());
    let events = sqlx::query!(
        r#"SELECT m.member_id, e.kind, e.times, e.last_at, host(e.address) AS address, e.user_agent
           FROM memberships m
           CROSS JOIN LATERAL (
               SELECT e.kind, e.times, e.last_at, e.address, e.user_agent FROM sign_in_events e
               WHERE e.account_id = m.account_id AND e.last_at >= $2 AND e.hour >= $2 AND e.hour <= $3
                   AND e.kind <> ALL($4) AND (e.school_id = $1 OR e.school_id IS NULL
                   AND NOT EXISTS (SELECT FROM memberships n WHERE n.account_id = m.account_id AND n.school_id <> $1)
                   AND NOT EXISTS (SELECT FROM registrations r WHERE r.account_id = m.account_id AND r.school_id <> $1)
                   AND NOT EXISTS (SELECT FROM company_members c WHERE c.account_id = m.account_id)
                   AND NOT EXISTS (SELECT FROM operators o WHERE o.account_id = m.account_id))
               ORDER BY e.last_at DESC, e.kind LIMIT $5) AS e
           WHERE m.school_id = $1
           ORDER BY e.last_at DESC, e.kind, m.member_id LIMIT $5"#,
        granted.school_id(),
        now - Duration::days(DAYS),
        now,
        &entries,
        SHOWN,
    )
    .fetch_all(&mut *tx)
    .await?;
    let ids: Vec<MemberId> = events.iter().map(|event| event.member_id).collect();
    let names = sqlx::query!(
        "SELECT id, full_name FROM members WHERE school_id = $1 AND id = ANY($2)",
        granted.school_id(),
        &ids,
    )
    .fetch_all(tx)
    .await?;
    let names: HashMap<MemberId, String> = names.into_iter().map(|row| (row.id, row.full_name)).collect();
    let events = events.into_iter().map(|event| SignInEvent {
        member_id: event.member_id,
        name: names.get(&event.member_id).cloned(),
        kind: event.kind,
        times: event.times,
        last_at: event.last_at,
        address: event.address,
        user_agent: event.user_agent,
    });
    Ok(events.collect())
}
