//! The last weeks of a school of the demo: who came in when, as its reports show it.

use chrono::{DateTime, Utc};

use crate::{
    access::Scope,
    app::App,
    error::Result,
    reports::{daily, past},
};

/// How many sign-ins at most.
const MOST: i64 = 20_000;

/// Writes sign-ins of those who have signed in, on school days mostly and at the hours of schools, and counts the
/// school, as of today and of the days before.
pub async fn fill(app: &App, scope: &Scope, now: DateTime<Utc>) -> Result<()> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    // What is drawn follows from the id, so that the same seed makes the same history.
    sqlx::query!(
        "INSERT INTO entries (school_id, member_id, hour, device)
         SELECT $1, m.id, date_trunc('day', $2::timestamptz) - make_interval(days => d.day)
                 + make_interval(hours => (ARRAY[0, 0, 0, 1, 2, 6, 7, 8, 12, 13, 13, 14])[1 + abs(hashtext(m.id || 'h' || d.day)) % 12]),
             (ARRAY['phone', 'phone', 'phone', 'computer', 'computer', 'tablet'])[1 + abs(hashtext(m.id || 'd')) % 6]
         FROM members m
         CROSS JOIN LATERAL (SELECT generate_series(1, 27) AS day) d
         WHERE m.school_id = $1 AND m.first_signed_in_at < $2::timestamptz - make_interval(days => d.day)
             AND abs(hashtext(m.id || 'n' || d.day)) %
                 (CASE WHEN extract(isodow FROM $2::timestamptz - make_interval(days => d.day)) > 5 THEN 20 ELSE 4 END) = 0
         LIMIT $3 ON CONFLICT DO NOTHING",
        scope.school_id(),
        now,
        MOST,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    daily::write(scope, app, now).await?;
    past::write(scope, app, now).await
}
