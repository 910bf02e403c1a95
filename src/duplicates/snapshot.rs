//! Every row about two members, by table, as JSON: what a merge finds and leaves, and what there is when it is undone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{PgConnection, types::Json};

use super::planned::PlannedRows;
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
    pub links: Vec<SnapshotRow>,
    pub closings: Vec<SnapshotRow>,
    /// What another system calls them.
    pub scim_people: Vec<SnapshotRow>,
    /// The classes of which one of them is the homeroom teacher.
    pub homerooms: Vec<SnapshotRow>,
    /// The same of classes of the coming year, in drafts and in plans of them.
    pub next_homerooms: Vec<SnapshotRow>,
    pub new_homerooms: Vec<SnapshotRow>,
    /// The notes that say of other members that they are not the same person as one of the two.
    pub told_apart: Vec<SnapshotRow>,
    /// What becomes of them in drafts for the coming year.
    pub drafts: Vec<SnapshotRow>,
    /// When they came in.
    pub entries: Vec<SnapshotRow>,
    /// The plans that they made, applied or took back.
    pub plans: Vec<SnapshotRow>,
    /// Earlier merges into one of them, and by what those who went are still known.
    pub merges: Vec<SnapshotRow>,
    pub aliases: Vec<SnapshotRow>,
    pub planned: PlannedRows,
    /// Logins of earlier merges that led to the account that ends.
    pub logins: Vec<String>,
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
        .fetch_one(&mut *tx)
        .await?;
        let planned = PlannedRows::read(scope, tx, members).await?;
        Self { planned, ..read.0 }.with_history(scope, tx, members).await
    }

    /// The same with what others have noted of the two, and what the two have done.
    async fn with_history(self, scope: &Scope, tx: &mut PgConnection, members: [MemberId; 2]) -> Result<Self> {
        let read = sqlx::query_scalar!(
            r#"SELECT jsonb_build_object(
                 'next_homerooms', coalesce((SELECT jsonb_agg(jsonb_build_object('rollover_id', t.rollover_id,
                     'name', t.name, 'homeroom_member_id', t.homeroom_member_id)) FROM rollover_targets t
                     WHERE t.school_id = $1 AND t.homeroom_member_id = ANY($2)), '[]'),
                 'new_homerooms', coalesce((SELECT jsonb_agg(jsonb_build_object('plan_id', t.plan_id,
                     'name', t.name, 'homeroom_member_id', t.homeroom_member_id)) FROM plan_classes t
                     WHERE t.school_id = $1 AND t.homeroom_member_id = ANY($2)), '[]'),
                 'told_apart', coalesce((SELECT jsonb_agg(to_jsonb(t)) FROM told_apart t
                     WHERE t.school_id = $1 AND (t.a = ANY($2) OR t.b = ANY($2))), '[]'),
                 'drafts', coalesce((SELECT jsonb_agg(to_jsonb(t)) FROM rollover_pupils t
                     WHERE t.school_id = $1 AND t.member_id = ANY($2)), '[]'),
                 'entries', coalesce((SELECT jsonb_agg(to_jsonb(t)) FROM entries t
                     WHERE t.school_id = $1 AND t.member_id = ANY($2)), '[]'),
                 'plans', coalesce((SELECT jsonb_agg(jsonb_build_object('id', t.id, 'created_by', t.created_by,
                     'applied_by', t.applied_by, 'undone_by', t.undone_by)) FROM plans t
                     WHERE t.school_id = $1 AND (t.created_by = ANY($2) OR t.applied_by = ANY($2)
                         OR t.undone_by = ANY($2))), '[]'),
                 'merges', coalesce((SELECT jsonb_agg(jsonb_build_object('id', t.id, 'kept_id', t.kept_id))
                     FROM merges t WHERE t.school_id = $1 AND t.kept_id = ANY($2)), '[]'),
                 'aliases', coalesce((SELECT jsonb_agg(jsonb_build_object('merge_id', t.merge_id, 'member_id',
                     t.member_id)) FROM member_aliases t
                     WHERE t.school_id = $1 AND t.member_id = ANY($2)), '[]')) AS "read!: Json<Snapshot>""#,
            scope.school_id(),
            &members[..],
        )
        .fetch_one(tx)
        .await?;
        let Json(Self { next_homerooms, new_homerooms, told_apart, drafts, entries, plans, merges, aliases, .. }) =
            read;
        Ok(Self { next_homerooms, new_homerooms, told_apart, drafts, entries, plans, merges, aliases, ..self })
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

/// The same of rows among which new ones are nothing that was changed: only those are looked at that were there.
#[must_use]
pub fn takeback_of_these(
    before: &[SnapshotRow],
    after: &[SnapshotRow],
    now: &[SnapshotRow],
    key: &[&str],
) -> RowTakeback {
    let [known, left] = [before, after].map(|rows| by_key(rows, key));
    let is_known = |of: &Vec<String>| known.contains_key(of) || left.contains_key(of);
    let now: Vec<SnapshotRow> =
        by_key(now, key).into_iter().filter(|(of, _)| is_known(of)).map(|(_, row)| row).collect();
    takeback(before, after, &now, key)
}

/// What handing rows back comes to that went over to the other member.
#[derive(Debug, Default, PartialEq)]
pub struct RowHandback {
    /// As they were: they are there still, and get their owner again. What else was changed of them stays.
    pub owner: Vec<SnapshotRow>,
    /// As they were: they went because the other had the same, and come back.
    pub insert: Vec<SnapshotRow>,
    /// How many stay as they are, because they were given to another member or deleted since.
    pub stays: usize,
}

/// Of rows as they were before a merge, as it left them, and as they are now: those whose `owner` it has changed.
#[must_use]
pub fn handback(
    before: &[SnapshotRow],
    after: &[SnapshotRow],
    now: &[SnapshotRow],
    key: &[&str],
    owner: &str,
) -> RowHandback {
    let [before, after, now] = [before, after, now].map(|rows| by_key(rows, key));
    let mut result = RowHandback::default();
    for (key, was) in before {
        let (left, is) = (after.get(&key), now.get(&key));
        let of = |row: Option<&SnapshotRow>| row.map(|row| text(row, owner).to_owned());
        if of(left) == of(Some(&was)) {
            continue;
        }
        if left.is_none() && is.is_none() {
            result.insert.push(was);
        } else if left.is_some() && of(is) == of(left) {
            result.owner.push(was);
        } else {
            result.stays += 1;
        }
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

    fn owned(entries: &[(&str, &str, u8)]) -> Vec<SnapshotRow> {
        let row = |(key, owner, value): &(&str, &str, u8)| {
            let row = json!({ "key": key, "owner": owner, "value": value });
            row.as_object().cloned().unwrap_or_default()
        };
        entries.iter().map(row).collect()
    }

    #[test]
    fn rows_that_went_over_go_back_with_what_was_changed_of_them() {
        let before = owned(&[("1", "gone", 1), ("2", "gone", 2), ("3", "gone", 3), ("4", "kept", 4), ("5", "gone", 5)]);
        // The third was one that the other had as well.
        let after = owned(&[("1", "kept", 1), ("2", "kept", 2), ("4", "kept", 4), ("5", "kept", 5)]);
        let now = owned(&[("1", "kept", 9), ("2", "third", 2), ("4", "kept", 4), ("6", "kept", 6)]);
        let back = handback(&before, &after, &now, &["key"], "owner");
        assert_eq!(back.owner, owned(&[("1", "gone", 1)]));
        assert_eq!(back.insert, owned(&[("3", "gone", 3)]));
        assert_eq!(back.stays, 2, "given to another, and deleted");
    }

    #[test]
    fn what_came_since_is_no_change_of_what_was_there() {
        let (before, after) = (owned(&[("1", "gone", 1)]), owned(&[("2", "kept", 1)]));
        let now = owned(&[("2", "kept", 1), ("3", "kept", 3)]);
        let back = takeback_of_these(&before, &after, &now, &["key"]);
        assert_eq!((back.insert, back.delete, back.stays), (before, after, 0));
    }
}
