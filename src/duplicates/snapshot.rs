//! Every row about two members, by table, as JSON: what a merge finds and leaves, and what there is when it is undone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{PgConnection, types::Json};

use crate::{access::Scope, error::Result, ids::MemberId};

/// A row as the database has it, by column.
pub type SnapshotRow = serde_json::Map<String, Value>;

/// The rows of two members.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Snapshot {
    pub members: Vec<SnapshotRow>,
    pub guardians: Vec<SnapshotRow>,
    pub enrolments: Vec<SnapshotRow>,
    /// The classes that they were in before.
    pub stays: Vec<SnapshotRow>,
    pub grants: Vec<SnapshotRow>,
    pub words: Vec<SnapshotRow>,
    pub links: Vec<SnapshotRow>,
    pub closings: Vec<SnapshotRow>,
    /// What another system calls them.
    pub scim_people: Vec<SnapshotRow>,
    /// The classes of which one of them is the homeroom teacher.
    pub homerooms: Vec<SnapshotRow>,
}

impl Snapshot {
    /// Reads the rows of these members.
    pub async fn read(scope: &Scope, tx: &mut PgConnection, members: [MemberId; 2]) -> Result<Self> {
        let read = sqlx::query_scalar!(
            r#"SELECT jsonb_build_object(
                 'members', coalesce((SELECT jsonb_agg(to_jsonb(t)) FROM members t
                     WHERE t.school_id = $1 AND t.id = ANY($2)), '[]'),
                 'guardians', coalesce((SELECT jsonb_agg(to_jsonb(t)) FROM guardians t
                     WHERE t.school_id = $1 AND t.member_id = ANY($2)), '[]'),
                 'enrolments', coalesce((SELECT jsonb_agg(to_jsonb(t)) FROM enrolments t
                     WHERE t.school_id = $1 AND t.member_id = ANY($2)), '[]'),
                 'stays', coalesce((SELECT jsonb_agg(to_jsonb(t)) FROM past_stays t
                     WHERE t.school_id = $1 AND t.member_id = ANY($2)), '[]'),
                 'grants', coalesce((SELECT jsonb_agg(to_jsonb(t)) FROM grants t
                     WHERE t.school_id = $1 AND t.member_id = ANY($2)), '[]'),
                 'words', coalesce((SELECT jsonb_agg(to_jsonb(t)) FROM member_words t
                     WHERE t.school_id = $1 AND t.member_id = ANY($2)), '[]'),
                 'links', coalesce((SELECT jsonb_agg(to_jsonb(t)) FROM registry_links t
                     WHERE t.school_id = $1 AND t.member_id = ANY($2)), '[]'),
                 'closings', coalesce((SELECT jsonb_agg(to_jsonb(t)) FROM closings t
                     WHERE t.school_id = $1 AND t.member_id = ANY($2)), '[]'),
                 'scim_people', coalesce((SELECT jsonb_agg(to_jsonb(t)) FROM scim_people t
                     WHERE t.school_id = $1 AND t.member_id = ANY($2)), '[]'),
                 'homerooms', coalesce((SELECT jsonb_agg(jsonb_build_object('id', t.id, 'homeroom_member_id',
                     t.homeroom_member_id)) FROM classes t
                     WHERE t.school_id = $1 AND t.homeroom_member_id = ANY($2)), '[]')) AS "read!: Json<Snapshot>""#,
            scope.school_id(),
            &members[..],
        )
        .fetch_one(tx)
        .await?;
        Ok(read.0)
    }

    /// The row of a member.
    #[must_use]
    pub fn member(&self, id: MemberId) -> Option<&SnapshotRow> {
        let id = id.to_string();
        self.members.iter().find(|row| text(row, "id") == id)
    }
}

/// A column as text; nothing where it is empty.
#[must_use]
pub fn text<'a>(row: &'a SnapshotRow, column: &str) -> &'a str {
    row.get(column).and_then(Value::as_str).unwrap_or_default()
}

/// Rows of one table by their key.
fn by_key(rows: &[SnapshotRow], key: &[&str]) -> BTreeMap<Vec<String>, SnapshotRow> {
    rows.iter().map(|row| (key.iter().map(|column| text(row, column).to_owned()).collect(), row.clone())).collect()
}

/// What taking rows back comes to.
#[derive(Debug, Default, PartialEq)]
pub struct RowTakeback {
    /// As they are now: they go.
    pub delete: Vec<SnapshotRow>,
    /// As they were: they come back.
    pub insert: Vec<SnapshotRow>,
    /// How many stay as they are, because they were changed since.
    pub stays: usize,
}

/// Of rows as they were before a merge, as it left them, and as they are now: what has not been changed since goes back.
#[must_use]
pub fn takeback(before: &[SnapshotRow], after: &[SnapshotRow], now: &[SnapshotRow], key: &[&str]) -> RowTakeback {
    let [before, after, now] = [before, after, now].map(|rows| by_key(rows, key));
    let mut result = RowTakeback::default();
    let mut keys: Vec<&Vec<String>> = before.keys().chain(after.keys()).chain(now.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        let [was, left, is] = [&before, &after, &now].map(|rows| rows.get(key));
        if is == was {
            continue;
        }
        if is != left {
            result.stays += 1;
            continue;
        }
        result.delete.extend(is.cloned());
        result.insert.extend(was.cloned());
    }
    result
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn rows(entries: &BTreeMap<u8, u8>) -> Vec<SnapshotRow> {
        let row = |(key, value): (&u8, &u8)| {
            let row = json!({ "key": key.to_string(), "value": value });
            row.as_object().cloned().unwrap_or_default()
        };
        entries.iter().map(row).collect()
    }

    /// Applies a takeback to rows.
    fn applied(now: &[SnapshotRow], takeback: &RowTakeback) -> Vec<SnapshotRow> {
        let mut all: Vec<SnapshotRow> = now.iter().filter(|row| !takeback.delete.contains(row)).cloned().collect();
        all.extend(takeback.insert.iter().cloned());
        all.sort_by_key(|row| text(row, "key").to_owned());
        all
    }

    proptest! {
        #[test]
        fn without_a_change_since_all_is_as_it_was(
            before in proptest::collection::btree_map(0..6_u8, 0..3_u8, 0..6),
            after in proptest::collection::btree_map(0..6_u8, 0..3_u8, 0..6),
        ) {
            let (before, after) = (rows(&before), rows(&after));
            let back = takeback(&before, &after, &after, &["key"]);
            prop_assert_eq!(back.stays, 0);
            prop_assert_eq!(applied(&after, &back), before);
        }

        #[test]
        fn what_was_changed_since_stays(
            before in proptest::collection::btree_map(0..6_u8, 0..3_u8, 0..6),
            after in proptest::collection::btree_map(0..6_u8, 0..3_u8, 0..6),
            now in proptest::collection::btree_map(0..6_u8, 0..3_u8, 0..6),
        ) {
            let back = takeback(&rows(&before), &rows(&after), &rows(&now), &["key"]);
            let result = applied(&rows(&now), &back);
            for key in 0..6_u8 {
                let expected = if now.get(&key) == after.get(&key) { before.get(&key) } else { now.get(&key) };
                let found = result.iter().find(|row| text(row, "key") == key.to_string());
                let found = found.and_then(|row| row.get("value")).and_then(Value::as_u64);
                prop_assert_eq!(found, expected.map(|value| u64::from(*value)));
            }
        }
    }
}
