//! Candidates and their numbers.

use std::collections::{HashMap, HashSet};

use super::{Entrusted, ExamRefusal, lock, note, open, publication};
use crate::{
    app::App,
    db,
    error::{Error, Result},
    exams::{
        numbers::{self, NumberFormat, NumberOrder, Unnumbered},
        store,
    },
    ids::{CandidateId, ClassId, MemberId, PaperId},
};

/// Takes in the pupils of these classes of the exam, or of all its classes; those who are candidates already stay as they
/// are. Classes that have come to the exam's grades since are taken in as well. Gives how many are new.
pub async fn add_classes(
    entrusted: &Entrusted,
    app: &App,
    classes: Option<&[ClassId]>,
) -> Result<Result<usize, ExamRefusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "classes") {
        return Ok(Err(refusal));
    }
    sqlx::query!(
        "INSERT INTO exam_classes (school_id, exam_id, class_id)
         SELECT $1, $2, c.id FROM classes c
         WHERE c.school_id = $1 AND c.school_year_id = $3 AND (c.grade = ANY($4) OR c.id = ANY($5))
         ON CONFLICT DO NOTHING",
        entrusted.school_id(),
        exam.id,
        exam.year_id,
        &exam.grades,
        classes.unwrap_or_default(),
    )
    .execute(&mut *tx)
    .await?;
    let pupils = sqlx::query_scalar!(
        "SELECT e.member_id FROM exam_classes k
         JOIN enrolments e ON e.school_id = k.school_id AND e.class_id = k.class_id AND e.ended_at IS NULL
         JOIN members m ON m.school_id = e.school_id AND m.id = e.member_id AND m.status <> 'left'
         WHERE k.school_id = $1 AND k.exam_id = $2 AND ($3::uuid[] IS NULL OR k.class_id = ANY($3))
             AND NOT EXISTS (SELECT FROM exam_candidates n
                 WHERE n.school_id = $1 AND n.exam_id = $2 AND n.member_id = e.member_id)",
        entrusted.school_id(),
        exam.id,
        classes,
    )
    .fetch_all(&mut *tx)
    .await?;
    let added = insert(entrusted, app, &mut tx, &pupils).await?;
    note(entrusted, app, &mut tx, exam.id, "candidates", added).await?;
    publication::withhold(entrusted, app, &mut tx, exam.id).await?;
    tx.commit().await?;
    Ok(Ok(added))
}

/// Takes in single pupils, by their usernames or identifiers of the ministry, each in a line. Who is none of a class of the
/// year is told.
pub async fn add_named(entrusted: &Entrusted, app: &App, lines: &[String]) -> Result<Result<usize, ExamRefusal>> {
    let folded: Vec<String> = lines.iter().map(|line| line.to_lowercase()).collect();
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "pupils") {
        return Ok(Err(refusal));
    }
    let found = sqlx::query!(
        r#"SELECT m.id, e.class_id, m.username, m.moet_id FROM members m
           JOIN enrolments e ON e.school_id = m.school_id AND e.member_id = m.id AND e.ended_at IS NULL
           JOIN classes c ON c.school_id = e.school_id AND c.id = e.class_id AND c.school_year_id = $2
           WHERE m.school_id = $1 AND m.role = 'student' AND (m.username = ANY($3) OR m.moet_id = ANY($4))"#,
        entrusted.school_id(),
        exam.year_id,
        &folded,
        lines,
    )
    .fetch_all(&mut *tx)
    .await?;
    let known: HashSet<&str> =
        found.iter().flat_map(|row| [row.username.as_deref(), row.moet_id.as_deref()]).flatten().collect();
    let unknown: Vec<&str> = lines
        .iter()
        .zip(&folded)
        .filter(|(line, folded)| !known.contains(line.as_str()) && !known.contains(folded.as_str()))
        .map(|(line, _)| line.as_str())
        .collect();
    if !unknown.is_empty() {
        return Ok(Err(ExamRefusal::about("pupils", "fault-exam-pupil-unknown", unknown.join(", "))));
    }
    let found: Vec<(MemberId, ClassId)> = found.into_iter().map(|row| (row.id, row.class_id)).collect();
    let added = take_in(entrusted, app, &mut tx, &found).await?;
    tx.commit().await?;
    Ok(Ok(added))
}

/// Takes in these pupils of classes of the year, as the review of a sheet named them.
///
/// # Errors
/// [`Error::NotFound`] where one of them is no pupil of a class of the year.
pub async fn add_members(entrusted: &Entrusted, app: &App, members: &[MemberId]) -> Result<Result<usize, ExamRefusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "file") {
        return Ok(Err(refusal));
    }
    let found = sqlx::query!(
        "SELECT m.id, e.class_id FROM members m
         JOIN enrolments e ON e.school_id = m.school_id AND e.member_id = m.id AND e.ended_at IS NULL
         JOIN classes c ON c.school_id = e.school_id AND c.id = e.class_id AND c.school_year_id = $2
         WHERE m.school_id = $1 AND m.role = 'student' AND m.status <> 'left' AND m.id = ANY($3)",
        entrusted.school_id(),
        exam.year_id,
        members,
    )
    .fetch_all(&mut *tx)
    .await?;
    let known: HashSet<MemberId> = found.iter().map(|row| row.id).collect();
    if !members.iter().all(|id| known.contains(id)) {
        return Err(Error::NotFound);
    }
    let found: Vec<(MemberId, ClassId)> = found.into_iter().map(|row| (row.id, row.class_id)).collect();
    let added = take_in(entrusted, app, &mut tx, &found).await?;
    tx.commit().await?;
    Ok(Ok(added))
}

/// Takes in pupils with their classes, which take part from then on.
async fn take_in(
    entrusted: &Entrusted,
    app: &App,
    tx: &mut sqlx::PgConnection,
    found: &[(MemberId, ClassId)],
) -> Result<usize> {
    let (pupils, classes): (Vec<MemberId>, Vec<ClassId>) = found.iter().copied().unzip();
    sqlx::query!(
        "INSERT INTO exam_classes (school_id, exam_id, class_id) SELECT $1, $2, * FROM unnest($3::uuid[])
         ON CONFLICT DO NOTHING",
        entrusted.school_id(),
        entrusted.exam_id,
        &classes,
    )
    .execute(&mut *tx)
    .await?;
    let added = insert(entrusted, app, tx, &pupils).await?;
    note(entrusted, app, tx, entrusted.exam_id, "candidates", added).await?;
    publication::withhold(entrusted, app, tx, entrusted.exam_id).await?;
    Ok(added)
}

/// Candidates who are added after numbers were given are late: they get the next numbers, and free seats.
async fn insert(entrusted: &Entrusted, app: &App, tx: &mut sqlx::PgConnection, pupils: &[MemberId]) -> Result<usize> {
    let now = app.clock.now();
    let ids: Vec<CandidateId> = pupils.iter().map(|_| app.randomness.uuid_v7(now)).collect();
    let added = sqlx::query!(
        "INSERT INTO exam_candidates (school_id, exam_id, id, member_id, class_id, grade, added_at, is_late)
         SELECT $1, $2, new.id, new.member_id, e.class_id, coalesce(c.grade, ''), $3, x.last_serial > 0
         FROM unnest($4::uuid[], $5::uuid[]) AS new (id, member_id)
         JOIN exams x ON x.school_id = $1 AND x.id = $2
         JOIN enrolments e ON e.school_id = $1 AND e.school_year_id = x.school_year_id AND e.member_id = new.member_id
         JOIN classes c ON c.school_id = $1 AND c.id = e.class_id
         ON CONFLICT ON CONSTRAINT exam_candidate_taken DO NOTHING",
        entrusted.school_id(),
        entrusted.exam_id,
        now,
        &ids,
        pupils,
    )
    .execute(tx)
    .await?;
    Ok(usize::try_from(added.rows_affected()).unwrap_or(usize::MAX))
}

/// Withdraws a candidate, or lets them sit again; their number stays theirs. Says which papers they do not sit. Seats that
/// they no longer need become free.
///
/// # Errors
/// [`Error::NotFound`] where the exam has no such candidate.
pub async fn change(
    entrusted: &Entrusted,
    app: &App,
    id: CandidateId,
    is_withdrawn: bool,
    exempt_from: &[PaperId],
) -> Result<Result<(), ExamRefusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "withdrawn") {
        return Ok(Err(refusal));
    }
    let changed = sqlx::query!(
        "UPDATE exam_candidates SET withdrawn_at = CASE WHEN $4 THEN coalesce(withdrawn_at, $5) END, exempt_from = $6
         WHERE school_id = $1 AND exam_id = $2 AND id = $3 RETURNING id",
        entrusted.school_id(),
        exam.id,
        id,
        is_withdrawn,
        app.clock.now(),
        exempt_from,
    )
    .fetch_optional(&mut *tx)
    .await?;
    changed.ok_or(Error::NotFound)?;
    let is_marked = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM exam_marks WHERE school_id = $1 AND candidate_id = $2
               AND ($3 OR paper_id = ANY($4))) AS "is_marked!""#,
        entrusted.school_id(),
        id,
        is_withdrawn,
        exempt_from,
    )
    .fetch_one(&mut *tx)
    .await?;
    if is_marked {
        return Ok(Err(ExamRefusal::new("withdrawn", "fault-exam-candidate-marked")));
    }
    sqlx::query!(
        "DELETE FROM exam_seats WHERE school_id = $1 AND candidate_id = $2 AND ($3 OR paper_id = ANY($4))",
        entrusted.school_id(),
        id,
        is_withdrawn,
        exempt_from,
    )
    .execute(&mut *tx)
    .await?;
    note(entrusted, app, &mut tx, exam.id, "candidates", 1).await?;
    publication::withhold(entrusted, app, &mut tx, exam.id).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Gives a number to each candidate who has none, behind the last that was ever given. `again` takes all numbers back first,
/// as long as nobody has a seat; where the new ones cannot be given, the old ones stay.
pub async fn number(
    entrusted: &Entrusted,
    app: &App,
    format: &NumberFormat,
    order: NumberOrder,
    seed: &str,
    again: bool,
) -> Result<Result<usize, ExamRefusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let mut exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "order") {
        return Ok(Err(refusal));
    }
    if again {
        if exam.seated_at.is_some() {
            return Ok(Err(ExamRefusal::new("order", "fault-exam-numbers-used")));
        }
        forget_numbers(entrusted, &mut tx).await?;
        exam.last_serial = 0;
    }
    let classes = store::classes(entrusted, &mut tx, exam.id).await?;
    let ranks: HashMap<ClassId, u32> = (0..).zip(&classes).map(|(rank, class)| (class.id, rank)).collect();
    let grades: HashMap<String, u32> = exam.grades_with(&classes).into_iter().zip(0..).collect();
    // In the order of their names already.
    let waiting = store::candidates(entrusted, &mut tx, exam.id).await?;
    let waiting = waiting.into_iter().filter(|each| each.number.is_none() && !each.is_withdrawn);
    let waiting = waiting.map(|each| Unnumbered {
        id: each.id,
        grade: grades.get(&each.grade).copied().unwrap_or(u32::MAX),
        class: ranks.get(&each.class_id).copied().unwrap_or(u32::MAX),
    });
    let ordered = numbers::ordered(waiting.collect(), order, seed);
    if ordered.is_empty() {
        return Ok(Err(ExamRefusal::new("order", "fault-exam-all-numbered")));
    }
    let last = u32::try_from(exam.last_serial).unwrap_or(0);
    let given = match format.following(last, ordered.len()) {
        Ok(given) => given,
        Err(_) => return Ok(Err(ExamRefusal::new("width", "fault-exam-number-too-narrow"))),
    };
    let ids: Vec<CandidateId> = ordered.iter().map(|candidate| candidate.id).collect();
    let serials: Vec<i32> = given.iter().map(|(serial, _)| i32::try_from(*serial).unwrap_or(i32::MAX)).collect();
    let written: Vec<String> = given.into_iter().map(|(_, number)| number).collect();
    if let Err(refusal) = give_numbers(entrusted, &mut tx, &ids, &serials, &written).await? {
        return Ok(Err(refusal));
    }
    sqlx::query!(
        "UPDATE exams SET last_serial = $3, number_prefix = $4, number_width = $5, number_order = $6
         WHERE school_id = $1 AND id = $2",
        entrusted.school_id(),
        exam.id,
        serials.last().copied().unwrap_or(exam.last_serial),
        format.prefix(),
        i16::try_from(format.width()).unwrap_or(i16::MAX),
        order.key(),
    )
    .execute(&mut *tx)
    .await?;
    note(entrusted, app, &mut tx, exam.id, "numbers", ids.len()).await?;
    tx.commit().await?;
    Ok(Ok(ids.len()))
}

/// Writes the numbers. With another prefix or width than before, one of them may be another candidate's already.
async fn give_numbers(
    entrusted: &Entrusted,
    tx: &mut sqlx::PgConnection,
    ids: &[CandidateId],
    serials: &[i32],
    numbers: &[String],
) -> Result<Result<(), ExamRefusal>> {
    let written = sqlx::query!(
        "UPDATE exam_candidates n SET serial = new.serial, number = new.number
         FROM unnest($3::uuid[], $4::integer[], $5::text[]) AS new (id, serial, number)
         WHERE n.school_id = $1 AND n.exam_id = $2 AND n.id = new.id AND n.number IS NULL",
        entrusted.school_id(),
        entrusted.exam_id,
        ids,
        serials,
        numbers,
    )
    .execute(tx)
    .await;
    match written {
        Ok(_) => Ok(Ok(())),
        Err(error) if db::violated_constraint(&error) == Some("exam_number_taken") => {
            Ok(Err(ExamRefusal::new("prefix", "fault-exam-number-taken")))
        }
        Err(error) => Err(error.into()),
    }
}

/// Takes all numbers back, so that no candidate is late any more; the caller has to store the last serial.
async fn forget_numbers(entrusted: &Entrusted, tx: &mut sqlx::PgConnection) -> Result<()> {
    sqlx::query!(
        "UPDATE exam_candidates SET serial = NULL, number = NULL, is_late = false WHERE school_id = $1 AND exam_id = $2",
        entrusted.school_id(),
        entrusted.exam_id,
    )
    .execute(tx)
    .await?;
    Ok(())
}
