//! Homeroom teachers: who may be one, and of which class.

use sqlx::PgConnection;

use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::Result,
    ids::{ClassId, MemberId},
    vietnam::text,
};

/// The most people that a page offers to choose from as one types; where there are more, the name is typed.
pub const MOST_CANDIDATES: usize = 300;

/// A person who may be a class's homeroom teacher.
#[derive(Clone, Debug)]
pub struct HomeroomCandidate {
    pub id: MemberId,
    pub full_name: String,
    pub email: Option<String>,
}

impl HomeroomCandidate {
    /// Distinguishes them from others of the same name: what the forms offer and accept.
    #[must_use]
    pub fn label(&self) -> String {
        let email = self.email.as_deref().map(|email| format!(" · {email}"));
        format!("{}{}", self.full_name, email.unwrap_or_default())
    }
}

/// What was typed for a homeroom teacher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HomeroomEntry {
    Nobody,
    One(MemberId),
    /// No such person in the school.
    Unknown,
    /// One of several.
    OneOfSeveral,
}

/// The person a text means: a candidate by label; otherwise the only one who has this name, or all its words, with or
/// without marks.
#[must_use]
pub fn meant(typed: &str, candidates: &[HomeroomCandidate]) -> HomeroomEntry {
    let words = text::words(typed);
    if words.is_empty() {
        return if typed.trim().is_empty() { HomeroomEntry::Nobody } else { HomeroomEntry::Unknown };
    }
    if let Some(one) = candidates.iter().find(|candidate| candidate.label() == typed.trim()) {
        return HomeroomEntry::One(one.id);
    }
    let of_name: Vec<&HomeroomCandidate> =
        candidates.iter().filter(|candidate| text::words(&candidate.full_name) == words).collect();
    let with_words = || {
        let has_all = |candidate: &&HomeroomCandidate| {
            let of_candidate = text::words(&candidate.label());
            words.iter().all(|word| of_candidate.contains(word))
        };
        candidates.iter().filter(has_all).collect()
    };
    match if of_name.is_empty() { with_words() } else { of_name }.as_slice() {
        [] => HomeroomEntry::Unknown,
        [one] => HomeroomEntry::One(one.id),
        _ => HomeroomEntry::OneOfSeveral,
    }
}

/// All who may be one: staff who are in the school or invited, in the order of Vietnamese lists.
pub async fn candidates(scope: &Scope, tx: &mut PgConnection) -> Result<Vec<HomeroomCandidate>> {
    candidates_up_to(scope, tx, None).await
}

/// The same; nobody where there are more than `most`.
pub async fn candidates_at_most(scope: &Scope, tx: &mut PgConnection, most: usize) -> Result<Vec<HomeroomCandidate>> {
    candidates_up_to(scope, tx, i64::try_from(most).ok()).await
}

async fn candidates_up_to(scope: &Scope, tx: &mut PgConnection, most: Option<i64>) -> Result<Vec<HomeroomCandidate>> {
    Ok(sqlx::query_as!(
        HomeroomCandidate,
        r#"WITH found AS MATERIALIZED (
               SELECT id, full_name, email, given_name, family_name, middle_name FROM members
               WHERE school_id = $1 AND role IN ('teacher', 'manager') AND status IN ('active', 'invited')
               LIMIT $2::bigint + 1)
           SELECT id AS "id!", full_name AS "full_name!", email FROM found
           WHERE coalesce((SELECT count(*) FROM found) <= $2, true)
           ORDER BY given_name, family_name, middle_name, id"#,
        scope.school_id(),
        most,
    )
    .fetch_all(tx)
    .await?)
}

/// A class, and its new homeroom teacher.
pub type HomeroomAssignment = (ClassId, Option<MemberId>);

/// Assigns homeroom teachers to classes, all or none. Gives the number of classes that changed. People who are no
/// candidates, and classes of other schools, are skipped.
pub async fn assign(
    granted: &Granted<may::ManageClasses>,
    app: &App,
    assignments: &[HomeroomAssignment],
) -> Result<usize> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let changed = assign_in(granted, app, &mut tx, assignments).await?;
    tx.commit().await?;
    Ok(changed)
}

/// The same, in the caller's transaction.
pub async fn assign_in(
    granted: &Granted<may::ManageClasses>,
    app: &App,
    tx: &mut PgConnection,
    assignments: &[HomeroomAssignment],
) -> Result<usize> {
    let (classes, teachers): (Vec<ClassId>, Vec<Option<MemberId>>) = assignments.iter().copied().unzip();
    let changed = sqlx::query!(
        r#"UPDATE classes c SET homeroom_member_id = new.member_id
           FROM unnest($2::uuid[], $3::uuid[]) AS new (class_id, member_id)
           WHERE c.school_id = $1 AND c.id = new.class_id AND c.homeroom_member_id IS DISTINCT FROM new.member_id
               AND (new.member_id IS NULL OR EXISTS (
                   SELECT FROM members m WHERE m.school_id = $1 AND m.id = new.member_id
                       AND m.role IN ('teacher', 'manager') AND m.status IN ('active', 'invited')))
           RETURNING c.id, c.homeroom_member_id"#,
        granted.school_id(),
        &classes,
        &teachers as &[Option<MemberId>],
    )
    .fetch_all(&mut *tx)
    .await?;
    for class in &changed {
        let action = AuditAction::HomeroomChanged { teacher: class.homeroom_member_id };
        audit::record(granted, app, tx, Event::about(action, class.id)).await?;
    }
    Ok(changed.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_means_one_and_a_name_only_where_it_is_the_only_one() {
        let candidate = |number: u128, name: &str, email: &str| HomeroomCandidate {
            id: MemberId::from_u128(number),
            full_name: name.to_owned(),
            email: Some(email.to_owned()),
        };
        let staff = [
            candidate(1, "Lê Thị Hoa", "hoa@a.vn"),
            candidate(2, "Lê Thị Hoa", "hoa2@a.vn"),
            candidate(3, "Đỗ An", "an@a.vn"),
        ];
        assert_eq!(meant(" ", &staff), HomeroomEntry::Nobody);
        assert_eq!(meant("Lê Thị Hoa · hoa2@a.vn", &staff), HomeroomEntry::One(MemberId::from_u128(2)));
        assert_eq!(meant("Lê Thị Hoa", &staff), HomeroomEntry::OneOfSeveral);
        for typed in [" Đỗ An ", "do an", "an", "Đỗ", "an@a.vn"] {
            assert_eq!(meant(typed, &staff), HomeroomEntry::One(MemberId::from_u128(3)), "{typed}");
        }
        assert_eq!(meant("hoa", &staff), HomeroomEntry::OneOfSeveral);
        for typed in ["Ai đó", "do binh", "…"] {
            assert_eq!(meant(typed, &staff), HomeroomEntry::Unknown, "{typed}");
        }
    }
}
