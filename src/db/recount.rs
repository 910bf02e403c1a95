//! Whether the counters that triggers keep are what a count says.

use sqlx::PgConnection;

use crate::{error::Result, ids::SchoolId};

/// The beginnings of the names of counters that can be told from the tables.
const KINDS: [&str; 9] = [
    "member",
    "never_signed_in",
    "slip_waiting",
    "class",
    "class_never",
    "class_slip_waiting",
    "registry",
    "registry_class",
    "registry_due",
];

/// A counter that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongCounter {
    pub counter: String,
    /// What it says.
    pub told: i64,
    /// What a count says.
    pub counted: i64,
}

/// The counters of a school that are wrong, in its scope: one statement, which sees one moment.
pub async fn wrong_counters(tx: &mut PgConnection, school_id: SchoolId) -> Result<Vec<WrongCounter>> {
    Ok(sqlx::query_as!(
        WrongCounter,
        r#"WITH told AS (
               SELECT counter, value FROM counters
               WHERE school_id = $1 AND value <> 0 AND split_part(counter, ':', 1) = ANY($2)
           ), m AS (
               SELECT id, role, status, status = 'active' AND first_signed_in_at IS NULL AS never,
                   status = 'active' AND temporary_until IS NOT NULL AND slip_printed_at IS NULL AS waits
               FROM members WHERE school_id = $1
           ), e AS (
               SELECT member_id, class_id FROM enrolments WHERE school_id = $1 AND ended_at IS NULL
           ), p AS (
               SELECT kind, class_id FROM registry_people WHERE school_id = $1 AND left_at IS NULL
           ), d AS (
               SELECT r.id FROM registry_people r
               LEFT JOIN registry_links l ON l.school_id = $1 AND l.registry_person_id = r.id
               WHERE r.school_id = $1
                   AND CASE WHEN l.synced_version IS NULL THEN r.left_at IS NULL ELSE l.synced_version <> r.version END
           ), counted AS (
               SELECT counter, count(*) AS value FROM (
                   SELECT 'member:' || m.role || ':' || m.status AS counter FROM m
                   UNION ALL SELECT 'never_signed_in:' || m.role FROM m WHERE m.never
                   UNION ALL SELECT 'slip_waiting:' || m.role FROM m WHERE m.waits
                   UNION ALL SELECT 'class:' || e.class_id FROM e
                   UNION ALL SELECT 'class_never:' || e.class_id FROM e JOIN m ON m.id = e.member_id WHERE m.never
                   UNION ALL SELECT 'class_slip_waiting:' || e.class_id FROM e JOIN m ON m.id = e.member_id WHERE m.waits
                   UNION ALL SELECT 'registry:' || p.kind FROM p
                   UNION ALL SELECT 'registry_class:' || p.class_id FROM p WHERE p.class_id IS NOT NULL
                   UNION ALL SELECT 'registry_due' FROM d
               ) each GROUP BY counter
           )
           SELECT coalesce(t.counter, c.counter) AS "counter!", coalesce(t.value, 0) AS "told!",
               coalesce(c.value, 0) AS "counted!"
           FROM told t FULL JOIN counted c ON c.counter = t.counter
           WHERE t.value IS DISTINCT FROM c.value ORDER BY 1"#,
        school_id,
        &KINDS.map(str::to_owned),
    )
    .fetch_all(tx)
    .await?)
}
