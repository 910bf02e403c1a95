//! Members who may be the person that a form is about to create, by the evidence that an import asks about: another
//! spelling, surname or birth date while mother, class or birth date agree, and the same number of the identity card.

use sqlx::PgConnection;

use crate::{
    access::{Role, Scope},
    error::Result,
    ids::{MemberId, YearId},
    plan::matching,
    roster::{
        duplicates::{self, DuplicateCandidate},
        fields::{Field, Values},
        store::{self, MemberRecord},
    },
    vietnam::name,
};

/// How many of one birth date are compared.
const MOST_OF_A_DAY: i64 = 200;

/// The members that an import would ask about.
pub async fn of(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    is_student: bool,
    values: &Values,
) -> Result<Vec<DuplicateCandidate>> {
    let full_name = values.get(&Field::FullName).map_or("", String::as_str);
    let of_name = duplicates::of(scope, tx, year_id, is_student, full_name, None).await?;
    let mut ids: Vec<MemberId> = of_name.iter().map(|candidate| candidate.id).collect();
    let birth_date: Option<chrono::NaiveDate> = values.get(&Field::BirthDate).and_then(|date| date.parse().ok());
    let roles: Vec<&str> =
        Role::ALL.iter().filter(|role| (**role == Role::Student) == is_student).map(|role| role.key()).collect();
    // The values that the index holds, and only those who are in it. Of too many those of the same given name come
    // first: they are the likeliest.
    let [given_name, ..] = name::sort_keys(full_name);
    let of_day = sqlx::query_scalar!(
        "SELECT id FROM members
         WHERE school_id = $1 AND role = ANY($2) AND status <> 'left' AND birth_order = $3
         ORDER BY given_name = $4 DESC, given_name, id LIMIT $5",
        scope.school_id(),
        &roles as &[&str],
        birth_date,
        given_name,
        MOST_OF_A_DAY,
    )
    .fetch_all(&mut *tx)
    .await?;
    ids.extend(of_day);
    ids.extend(of_number(scope, tx, values, is_student).await?);
    ids.sort_unstable();
    ids.dedup();
    let known = store::known(scope, tx, year_id, &ids).await?;
    let is_alike = |record: &&MemberRecord| {
        let known = &record.values;
        let is_same_staff = || !is_student && matching::doubt_of_staff(values, known).is_some();
        let has_number = || matching::same(values, known, Field::NationalId) == Some(true);
        matching::doubt_of_alike(values, known).is_some() || is_same_staff() || has_number()
    };
    Ok(known.iter().filter(is_alike).map(candidate).collect())
}

/// The pupils, or the staff, who have this number of the identity card: found by it as a search word, since row-level
/// security keeps an index over it from being used. Who may create pupils learns nothing of staff.
async fn of_number(scope: &Scope, tx: &mut PgConnection, values: &Values, is_student: bool) -> Result<Vec<MemberId>> {
    let Some(number) = values.get(&Field::NationalId) else { return Ok(Vec::new()) };
    Ok(sqlx::query_scalar!(
        r#"SELECT m.id FROM member_words w JOIN members m ON m.school_id = w.school_id AND m.id = w.member_id
           WHERE w.school_id = $1 AND w.word = $2 AND m.national_id = $2
               AND (m.role = 'student') = $4 LIMIT $3"#,
        scope.school_id(),
        number.as_str(),
        MOST_OF_A_DAY,
        is_student,
    )
    .fetch_all(tx)
    .await?)
}

fn candidate(record: &MemberRecord) -> DuplicateCandidate {
    DuplicateCandidate {
        id: record.id,
        full_name: record.name().to_owned(),
        birth_date: record.values.get(&Field::BirthDate).and_then(|date| date.parse().ok()),
        status: record.status.key().to_owned(),
        class_name: record.values.get(&Field::Class).cloned(),
    }
}
