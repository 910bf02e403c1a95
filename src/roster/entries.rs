//! Who came in at which hour, and by what kind of device: for the reports, which sum it up by the day.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use sqlx::PgConnection;

use crate::{access::Scope, error::Result, identity::user_agent::DeviceKind, ids::MemberId};

/// Notes that a member has signed in: once an hour.
pub async fn note(
    scope: &Scope,
    tx: &mut PgConnection,
    member_id: MemberId,
    at: DateTime<Utc>,
    device: DeviceKind,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO entries (school_id, member_id, hour, device) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        scope.school_id(),
        member_id,
        at.duration_trunc(TimeDelta::hours(1)).unwrap_or(at),
        device.key(),
    )
    .execute(tx)
    .await?;
    Ok(())
}
