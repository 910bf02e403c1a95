//! The figures of the home: from counters and by indexed queries, never by walking the school's people.

use sqlx::PgConnection;

use crate::{
    access::Scope,
    error::Result,
    ids::{ClassId, MemberId, YearId},
    schools::class_figures::ClassFigures,
    web::chart::Share,
};

/// How many have signed in, by grade in the order of the classes; by class where there are no grades to tell apart.
#[must_use]
pub fn signed_in_by_grade(classes: &[ClassFigures], named: impl Fn(&str) -> String) -> Vec<Share> {
    let mut grades: Vec<(&str, Share)> = Vec::new();
    for class in classes.iter().filter(|class| class.pupils > 0) {
        let grade = class.grade.as_deref().unwrap_or_default();
        let index = grades.iter().position(|(each, _)| *each == grade).unwrap_or(grades.len());
        if index == grades.len() {
            grades.push((grade, Share::default()));
        }
        if let Some((_, share)) = grades.get_mut(index) {
            share.part += class.signed_in();
            share.whole += class.pupils;
        }
    }
    grades.retain(|(grade, _)| !grade.is_empty());
    let shares = grades.into_iter().map(|(grade, share)| Share { label: named(grade), ..share });
    shares.collect()
}

/// The classes with the most slips that wait, or the least that have signed in, in their natural order.
#[must_use]
pub fn least(classes: &[ClassFigures], missing: fn(&ClassFigures) -> i64, most: usize) -> Vec<&ClassFigures> {
    let mut order: Vec<(usize, &ClassFigures)> =
        classes.iter().enumerate().filter(|(_, class)| class.pupils > 0).collect();
    order.sort_by_key(|(_, class)| std::cmp::Reverse(missing(class)));
    order.truncate(most);
    order.sort_by_key(|(index, _)| *index);
    order.into_iter().map(|(_, class)| class).collect()
}

/// The class of a pupil, and who is its homeroom teacher.
#[derive(Clone, Debug)]
pub struct OwnPlace {
    pub class_id: ClassId,
    pub class_name: String,
    pub homeroom_teacher: Option<String>,
}

/// Where a pupil is in a year.
pub async fn place_of(scope: &Scope, tx: &mut PgConnection, year_id: YearId, id: MemberId) -> Result<Option<OwnPlace>> {
    Ok(sqlx::query_as!(
        OwnPlace,
        r#"SELECT c.id AS class_id, c.name AS class_name, t.full_name AS "homeroom_teacher?"
           FROM enrolments e
           JOIN classes c ON c.school_id = e.school_id AND c.id = e.class_id
           LEFT JOIN members t ON t.school_id = c.school_id AND t.id = c.homeroom_member_id
           WHERE e.school_id = $1 AND e.member_id = $2 AND e.school_year_id = $3 AND e.ended_at IS NULL"#,
        scope.school_id(),
        id,
        year_id,
    )
    .fetch_optional(tx)
    .await?)
}

/// The names of the owners, for a teacher who has to ask one.
pub async fn owners(scope: &Scope, tx: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT m.full_name FROM grants g JOIN members m ON m.school_id = g.school_id AND m.id = g.member_id
           WHERE g.school_id = $1 AND g."grant" = 'owner' AND m.status = 'active'
           ORDER BY m.given_name, m.family_name, m.id LIMIT 3"#,
        scope.school_id(),
    )
    .fetch_all(tx)
    .await?)
}
