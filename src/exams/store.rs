//! What stands of exams, read.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{
    candidates_sheet::ExamPupil,
    marks::{Mark, MarkKind},
    model::{
        AtOnce, Candidate, Counts, DutyChoices, Exam, ExamClass, ExamLine, ExamRoom, ExamState, Numbering, Paper,
        SeatTaken, SeatingChoices,
    },
    numbers::NumberOrder,
    seating::Fill,
    sheets::Material,
};
use crate::{
    access::Scope,
    error::{Error, Result},
    ids::{CandidateId, ExamId, PaperId, YearId},
};

struct ExamRow {
    id: ExamId,
    name: String,
    school_year_id: YearId,
    year: String,
    grades: Vec<String>,
    mark_kind: String,
    entries: i16,
    types_at_speed: bool,
    state: String,
    number_prefix: Option<String>,
    number_width: Option<i16>,
    number_order: Option<String>,
    last_serial: i32,
    fill: String,
    mix_classes: bool,
    per_paper: bool,
    seating_seed: String,
    seated_at: Option<DateTime<Utc>>,
    per_room: i16,
    rooms_per_corridor: i16,
    not_own_class: bool,
    not_own_subject: bool,
    duties_seed: String,
    version: i64,
}

impl From<ExamRow> for Exam {
    fn from(row: ExamRow) -> Self {
        let order = row.number_order.as_deref().and_then(NumberOrder::from_key);
        let numbering = match (row.number_prefix, row.number_width, order) {
            (Some(prefix), Some(width), Some(order)) => Some(Numbering { prefix, width, order }),
            _ => None,
        };
        Self {
            id: row.id,
            name: row.name,
            year_id: row.school_year_id,
            year: row.year,
            grades: row.grades,
            mark_kind: MarkKind::from_key(&row.mark_kind).unwrap_or(MarkKind::Points),
            entries: row.entries,
            types_at_speed: row.types_at_speed,
            state: ExamState::from_key(&row.state).unwrap_or(ExamState::Locked),
            numbering,
            last_serial: row.last_serial,
            seating: SeatingChoices {
                fill: Fill::from_key(&row.fill).unwrap_or(Fill::InOrder),
                mix_classes: row.mix_classes,
                per_paper: row.per_paper,
                seed: row.seating_seed,
            },
            seated_at: row.seated_at,
            duties: DutyChoices {
                per_room: row.per_room,
                rooms_per_corridor: row.rooms_per_corridor,
                not_own_class: row.not_own_class,
                not_own_subject: row.not_own_subject,
                seed: row.duties_seed,
            },
            version: row.version,
        }
    }
}

/// One exam.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such exam.
pub async fn find(scope: &Scope, tx: &mut PgConnection, id: ExamId) -> Result<Exam> {
    let row = sqlx::query_as!(
        ExamRow,
        "SELECT e.id, e.name, e.school_year_id, y.name AS year, e.grades, e.mark_kind, e.entries,
             e.types_at_speed, e.state, e.number_prefix, e.number_width, e.number_order, e.last_serial, e.fill,
             e.mix_classes, e.per_paper, e.seating_seed, e.seated_at, e.per_room, e.rooms_per_corridor,
             e.not_own_class, e.not_own_subject, e.duties_seed, e.version
         FROM exams e JOIN school_years y ON y.school_id = e.school_id AND y.id = e.school_year_id
         WHERE e.school_id = $1 AND e.id = $2",
        scope.school_id(),
        id,
    )
    .fetch_optional(tx)
    .await?;
    row.map(Exam::from).ok_or(Error::NotFound)
}

/// One exam, locked for an act on it: other acts on it wait. Its version grows.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such exam.
pub async fn lock(scope: &Scope, tx: &mut PgConnection, id: ExamId) -> Result<Exam> {
    sqlx::query!(
        "UPDATE exams SET version = version + 1 WHERE school_id = $1 AND id = $2 RETURNING id",
        scope.school_id(),
        id,
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    find(scope, tx, id).await
}

struct LineRow {
    id: ExamId,
    name: String,
    year: String,
    state: String,
    papers: i64,
    candidates: i64,
    first_day: Option<DateTime<Utc>>,
    is_published: bool,
}

/// All exams, the latest first.
pub async fn all(scope: &Scope, tx: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<ExamLine>> {
    let rows = sqlx::query_as!(
        LineRow,
        r#"SELECT e.id, e.name, y.name AS year, e.state,
               (SELECT count(*) FROM exam_papers p WHERE p.school_id = $1 AND p.exam_id = e.id) AS "papers!",
               (SELECT count(*) FROM exam_candidates c WHERE c.school_id = $1 AND c.exam_id = e.id
                   AND c.withdrawn_at IS NULL) AS "candidates!",
               (SELECT min(p.starts_at) FROM exam_papers p WHERE p.school_id = $1 AND p.exam_id = e.id) AS first_day,
               EXISTS (SELECT FROM exam_classes k WHERE k.school_id = $1 AND k.exam_id = e.id AND k.publish_at <= $2)
                   AS "is_published!"
           FROM exams e JOIN school_years y ON y.school_id = e.school_id AND y.id = e.school_year_id
           WHERE e.school_id = $1 ORDER BY e.created_at DESC, e.id DESC"#,
        scope.school_id(),
        now,
    )
    .fetch_all(tx)
    .await?;
    let line = |row: LineRow| ExamLine {
        id: row.id,
        name: row.name,
        year: row.year,
        state: ExamState::from_key(&row.state).unwrap_or(ExamState::Locked),
        papers: row.papers,
        candidates: row.candidates,
        first_day: row.first_day,
        is_published: row.is_published,
    };
    Ok(rows.into_iter().map(line).collect())
}

/// The classes of an exam in their natural order.
pub async fn classes(scope: &Scope, tx: &mut PgConnection, exam_id: ExamId) -> Result<Vec<ExamClass>> {
    Ok(sqlx::query_as!(
        ExamClass,
        r#"SELECT c.id, c.name, coalesce(c.grade, '') AS "grade!", k.publish_at, k.withheld_at,
               (SELECT count(*) FROM exam_candidates n WHERE n.school_id = $1 AND n.exam_id = $2 AND n.class_id = c.id
                   AND n.withdrawn_at IS NULL) AS "candidates!"
           FROM exam_classes k JOIN classes c ON c.school_id = k.school_id AND c.id = k.class_id
           WHERE k.school_id = $1 AND k.exam_id = $2 ORDER BY c.sort_key, c.id"#,
        scope.school_id(),
        exam_id,
    )
    .fetch_all(tx)
    .await?)
}

/// Whether marks of any class of the exam are published.
pub async fn is_published(scope: &Scope, tx: &mut PgConnection, exam_id: ExamId, now: DateTime<Utc>) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM exam_classes WHERE school_id = $1 AND exam_id = $2 AND publish_at <= $3)
               AS "is_published!""#,
        scope.school_id(),
        exam_id,
        now,
    )
    .fetch_one(tx)
    .await?)
}

/// The papers of an exam in the order of time.
pub async fn papers(scope: &Scope, tx: &mut PgConnection, exam_id: ExamId) -> Result<Vec<Paper>> {
    Ok(sqlx::query_as!(
        Paper,
        "SELECT id, subject, code, grades, starts_at, minutes, ends_at, bag_size, cut_at, cutting FROM exam_papers
         WHERE school_id = $1 AND exam_id = $2 ORDER BY starts_at, id",
        scope.school_id(),
        exam_id,
    )
    .fetch_all(tx)
    .await?)
}

/// One paper of an exam.
///
/// # Errors
/// [`Error::NotFound`] where the exam has no such paper.
pub async fn paper(scope: &Scope, tx: &mut PgConnection, exam_id: ExamId, id: PaperId) -> Result<Paper> {
    sqlx::query_as!(
        Paper,
        "SELECT id, subject, code, grades, starts_at, minutes, ends_at, bag_size, cut_at, cutting FROM exam_papers
         WHERE school_id = $1 AND exam_id = $2 AND id = $3",
        scope.school_id(),
        exam_id,
        id,
    )
    .fetch_optional(tx)
    .await?
    .ok_or(Error::NotFound)
}

/// The rooms of an exam in the order in which they are filled.
pub async fn rooms(scope: &Scope, tx: &mut PgConnection, exam_id: ExamId) -> Result<Vec<ExamRoom>> {
    Ok(sqlx::query_as!(
        ExamRoom,
        "SELECT id, name, place, seats, most, closed_for, closed_from, closed_until FROM exam_rooms
         WHERE school_id = $1 AND exam_id = $2 ORDER BY position, id",
        scope.school_id(),
        exam_id,
    )
    .fetch_all(tx)
    .await?)
}

/// The candidates of an exam in the order of their numbers; those without one behind, by name.
pub async fn candidates(scope: &Scope, tx: &mut PgConnection, exam_id: ExamId) -> Result<Vec<Candidate>> {
    Ok(sqlx::query_as!(
        Candidate,
        r#"SELECT n.id, n.member_id, m.full_name, m.birth_date, n.class_id, c.name AS class_name, n.grade, n.number,
               n.exempt_from, n.withdrawn_at IS NOT NULL AS "is_withdrawn!", n.is_late
           FROM exam_candidates n
           JOIN members m ON m.school_id = n.school_id AND m.id = n.member_id
           JOIN classes c ON c.school_id = n.school_id AND c.id = n.class_id
           WHERE n.school_id = $1 AND n.exam_id = $2
           ORDER BY n.serial NULLS LAST, m.given_name, m.family_name, m.middle_name, n.id"#,
        scope.school_id(),
        exam_id,
    )
    .fetch_all(tx)
    .await?)
}

/// The pupils of the classes of an exam's year, and which of them are its candidates.
pub async fn pupils(scope: &Scope, tx: &mut PgConnection, exam: &Exam) -> Result<Vec<ExamPupil>> {
    Ok(sqlx::query_as!(
        ExamPupil,
        r#"SELECT m.id AS member_id, m.username, m.moet_id, m.full_name, m.birth_date, c.name AS class_name,
               EXISTS (SELECT FROM exam_candidates n WHERE n.school_id = $1 AND n.exam_id = $3 AND n.member_id = m.id)
                   AS "is_candidate!"
           FROM enrolments e
           JOIN classes c ON c.school_id = e.school_id AND c.id = e.class_id
           JOIN members m ON m.school_id = e.school_id AND m.id = e.member_id AND m.status <> 'left'
           WHERE e.school_id = $1 AND e.school_year_id = $2 AND e.ended_at IS NULL"#,
        scope.school_id(),
        exam.year_id,
        exam.id,
    )
    .fetch_all(tx)
    .await?)
}

/// The identifiers of the ministry of an exam's candidates, as far as they have one.
pub async fn moet_ids(scope: &Scope, tx: &mut PgConnection, exam_id: ExamId) -> Result<HashMap<CandidateId, String>> {
    let rows = sqlx::query!(
        r#"SELECT n.id, m.moet_id AS "moet_id!" FROM exam_candidates n
           JOIN members m ON m.school_id = n.school_id AND m.id = n.member_id
           WHERE n.school_id = $1 AND n.exam_id = $2 AND m.moet_id IS NOT NULL"#,
        scope.school_id(),
        exam_id,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.moet_id)).collect())
}

/// All seats of an exam, by room and seat.
pub async fn seats(scope: &Scope, tx: &mut PgConnection, exam_id: ExamId) -> Result<Vec<SeatTaken>> {
    Ok(sqlx::query_as!(
        SeatTaken,
        "SELECT paper_id, room_id, seat, candidate_id FROM exam_seats
         WHERE school_id = $1 AND exam_id = $2 ORDER BY paper_id, room_id, seat",
        scope.school_id(),
        exam_id,
    )
    .fetch_all(tx)
    .await?)
}

/// What the lists and the statistics of an exam are made of.
pub async fn material(scope: &Scope, tx: &mut PgConnection, exam_id: ExamId) -> Result<Material> {
    Ok(Material {
        papers: papers(scope, tx, exam_id).await?,
        rooms: rooms(scope, tx, exam_id).await?,
        candidates: candidates(scope, tx, exam_id).await?,
        seats: seats(scope, tx, exam_id).await?,
    })
}

/// What the overview counts. Candidates who withdrew are none.
pub async fn counts(scope: &Scope, tx: &mut PgConnection, exam_id: ExamId) -> Result<Counts> {
    Ok(sqlx::query_as!(
        Counts,
        r#"SELECT count(*) AS "candidates!", count(*) FILTER (WHERE number IS NULL) AS "unnumbered!",
               (SELECT count(*) FROM exam_seats s WHERE s.school_id = $1 AND s.exam_id = $2) AS "seats!"
           FROM exam_candidates WHERE school_id = $1 AND exam_id = $2 AND withdrawn_at IS NULL"#,
        scope.school_id(),
        exam_id,
    )
    .fetch_one(tx)
    .await?)
}

/// The papers at the time of which candidates sit a paper of another exam that is not locked, with those candidates.
pub async fn at_once(scope: &Scope, tx: &mut PgConnection, exam_id: ExamId) -> Result<Vec<AtOnce>> {
    Ok(sqlx::query_as!(
        AtOnce,
        r#"SELECT p.subject, p.starts_at, e.name AS other_exam, q.subject AS other_subject, count(*) AS "candidates!",
               (array_agg(m.full_name ORDER BY m.given_name, m.family_name, m.middle_name))[1:5] AS "names!"
           FROM exam_papers p
           JOIN exam_papers q ON q.school_id = p.school_id AND q.exam_id <> p.exam_id
               AND q.starts_at < p.ends_at AND p.starts_at < q.ends_at
           JOIN exams e ON e.school_id = q.school_id AND e.id = q.exam_id AND e.state <> 'locked'
           JOIN exam_candidates n ON n.school_id = p.school_id AND n.exam_id = p.exam_id AND n.withdrawn_at IS NULL
               AND (p.grades = '{}' OR n.grade = ANY(p.grades)) AND p.id <> ALL(n.exempt_from)
           JOIN exam_candidates o ON o.school_id = q.school_id AND o.exam_id = q.exam_id AND o.member_id = n.member_id
               AND o.withdrawn_at IS NULL AND (q.grades = '{}' OR o.grade = ANY(q.grades))
               AND q.id <> ALL(o.exempt_from)
           JOIN members m ON m.school_id = n.school_id AND m.id = n.member_id
           WHERE p.school_id = $1 AND p.exam_id = $2
           GROUP BY p.id, p.subject, p.starts_at, q.id, q.subject, e.name ORDER BY p.starts_at, p.id, q.id"#,
        scope.school_id(),
        exam_id,
    )
    .fetch_all(tx)
    .await?)
}

/// The name of the department or commune that the school answers to, for the heads of lists.
pub async fn unit(scope: &Scope, pool: &sqlx::PgPool) -> Result<String> {
    Ok(sqlx::query_scalar!(
        "SELECT u.name FROM schools s
         JOIN managing_units u ON u.province_code = s.province_code AND u.id = s.managing_unit_id WHERE s.id = $1",
        scope.school_id(),
    )
    .fetch_one(pool)
    .await?)
}

/// What was typed for each candidate in each paper, by entry.
pub type TypedMarks = HashMap<(PaperId, CandidateId), Vec<(i16, Mark)>>;

/// All marks of an exam as they were typed.
pub async fn marks(scope: &Scope, tx: &mut PgConnection, exam_id: ExamId) -> Result<TypedMarks> {
    let rows = sqlx::query!(
        "SELECT paper_id, candidate_id, entry, state, value FROM exam_marks WHERE school_id = $1 AND exam_id = $2",
        scope.school_id(),
        exam_id,
    )
    .fetch_all(tx)
    .await?;
    let mut typed = TypedMarks::new();
    for row in rows {
        if let Some(mark) = Mark::from_stored(&row.state, row.value) {
            typed.entry((row.paper_id, row.candidate_id)).or_default().push((row.entry, mark));
        }
    }
    Ok(typed)
}
