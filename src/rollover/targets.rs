//! The classes of the coming year by themselves: their homeroom teachers, those that are added, and those that go.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use super::{changes, model::ClassMap};
use crate::{
    access::Scope,
    error::Result,
    ids::{MemberId, RolloverId},
};

/// Who becomes the homeroom teacher of each class of the coming year, said for all of them at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum Carry {
    /// The teacher goes along with the class.
    Along,
    /// The teacher stays with the class of that name: 10A1 of this year, 10A1 of the coming one.
    Stay,
    Nobody,
}

impl Carry {
    pub const ALL: [Self; 3] = [Self::Along, Self::Stay, Self::Nobody];

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        key.parse().ok()
    }
}

/// A homeroom teacher, and who it was when the page was made: what a colleague has changed since is not lost.
#[derive(Clone, Debug)]
pub struct HomeroomChange {
    pub target: String,
    pub teacher: Option<MemberId>,
    /// Unknown where the form does not say.
    pub seen: Option<Option<MemberId>>,
}

/// What is to become of the classes of the coming year.
#[derive(Clone, Debug, Default)]
pub struct TargetChanges {
    pub homerooms: Vec<HomeroomChange>,
    /// Added, each with its grade.
    pub add: BTreeMap<String, Option<String>>,
    /// Removed, as far as nobody goes there.
    pub remove: Vec<String>,
    /// For all of them at once, after what was said for single ones.
    pub carry: Option<Carry>,
}

impl TargetChanges {
    /// Whether nothing is wanted but, perhaps, single homeroom teachers.
    #[must_use]
    pub fn is_of_homerooms_alone(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty() && self.carry.is_none()
    }
}

/// The classes whose homeroom teacher a colleague has changed meanwhile, and the changes that are left to write.
#[must_use]
pub fn compare<'a>(map: &ClassMap, changes: &'a [HomeroomChange]) -> (Vec<String>, Vec<&'a HomeroomChange>) {
    let mut conflicts = Vec::new();
    let mut wanted = Vec::new();
    for change in changes {
        let Some(is) = map.targets.iter().find(|target| target.name == change.target) else { continue };
        let is_untouched = change.seen.is_some_and(|seen| seen == change.teacher);
        if is_untouched || is.homeroom_member_id == change.teacher {
            continue;
        }
        if change.seen.is_some_and(|seen| seen != is.homeroom_member_id) {
            conflicts.push(change.target.clone());
        } else {
            wanted.push(change);
        }
    }
    (conflicts, wanted)
}

/// Writes what was wanted; gives how many classes of the coming year are other than before.
pub async fn write(
    scope: &Scope,
    tx: &mut PgConnection,
    id: RolloverId,
    homerooms: &[&HomeroomChange],
    changes: &TargetChanges,
) -> Result<usize> {
    let mut count = changes::add_targets(scope, tx, id, &changes.add).await?;
    count += changes::remove_targets(scope, tx, id, &changes.remove).await?;
    let names: Vec<String> = homerooms.iter().map(|change| change.target.clone()).collect();
    let teachers: Vec<Option<MemberId>> = homerooms.iter().map(|change| change.teacher).collect();
    let written = sqlx::query!(
        "UPDATE rollover_targets t SET homeroom_member_id = new.member_id
         FROM unnest($3::text[], $4::uuid[]) AS new (name, member_id)
         WHERE t.school_id = $1 AND t.rollover_id = $2 AND t.name = new.name AND (new.member_id IS NULL OR EXISTS (
             SELECT FROM members m WHERE m.school_id = $1 AND m.id = new.member_id
                 AND m.role IN ('teacher', 'manager') AND m.status IN ('active', 'invited')))",
        scope.school_id(),
        id,
        &names,
        &teachers as &[Option<MemberId>],
    )
    .execute(&mut *tx)
    .await?;
    count += usize::try_from(written.rows_affected()).unwrap_or(usize::MAX);
    if let Some(carry) = changes.carry {
        count += self::carry(scope, tx, id, carry, None).await?;
    }
    Ok(count)
}

/// Says for all classes of the coming year, or those of these names, who their homeroom teacher is; gives how many are
/// other than before.
pub async fn carry(
    scope: &Scope,
    tx: &mut PgConnection,
    id: RolloverId,
    carry: Carry,
    names: Option<&[String]>,
) -> Result<usize> {
    let written = sqlx::query!(
        "UPDATE rollover_targets t SET homeroom_member_id = new.member_id
         FROM (
             SELECT n.name, (
                 SELECT m.id FROM rollovers d
                 JOIN classes c ON c.school_id = $1 AND c.school_year_id = d.from_year_id
                 LEFT JOIN rollover_classes r ON r.school_id = $1 AND r.rollover_id = $2 AND r.class_id = c.id
                 JOIN members m ON m.school_id = $1 AND m.id = c.homeroom_member_id
                     AND m.role IN ('teacher', 'manager') AND m.status IN ('active', 'invited')
                 WHERE d.school_id = $1 AND d.id = $2
                     AND ($3 = 'along' AND r.target = n.name OR $3 = 'stay' AND c.name = n.name)
                 ORDER BY c.sort_key LIMIT 1) AS member_id
             FROM rollover_targets n WHERE n.school_id = $1 AND n.rollover_id = $2) new
         WHERE t.school_id = $1 AND t.rollover_id = $2 AND t.name = new.name
             AND ($4::text[] IS NULL OR t.name = ANY($4))
             AND t.homeroom_member_id IS DISTINCT FROM new.member_id",
        scope.school_id(),
        id,
        carry.key(),
        names as Option<&[String]>,
    )
    .execute(tx)
    .await?;
    Ok(usize::try_from(written.rows_affected()).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollover::model::TargetClass;

    #[test]
    fn what_a_colleague_has_changed_is_told_and_not_overwritten() {
        let [an, binh, chi] = [1, 2, 3].map(MemberId::from_u128);
        let target =
            |name: &str, teacher| TargetClass { name: name.to_owned(), grade: None, homeroom_member_id: teacher };
        let map = ClassMap {
            targets: vec![target("11A1", Some(an)), target("11A2", Some(binh)), target("11A3", None)],
            ..ClassMap::default()
        };
        let change = |name: &str, teacher, seen| HomeroomChange { target: name.to_owned(), teacher, seen };
        let changes = [
            // As it was shown: a colleague's change stays.
            change("11A1", None, Some(None)),
            // Shown with nobody, and chosen: a colleague was first.
            change("11A2", Some(chi), Some(None)),
            change("11A3", Some(chi), Some(None)),
            change("gone", Some(chi), None),
        ];
        let (conflicts, wanted) = compare(&map, &changes);
        assert_eq!(conflicts, ["11A2"]);
        assert_eq!(wanted.iter().map(|change| change.target.as_str()).collect::<Vec<_>>(), ["11A3"]);
    }
}
