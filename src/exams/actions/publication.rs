//! Publication: by class, at a time. From then on pupils see their own marks, and marks change by corrections only.

use chrono::{DateTime, Utc};

use super::{Entrusted, Refusal, note, open};
use crate::{
    app::App,
    error::Result,
    exams::{marks, store},
    ids::ClassId,
};

/// Publishes the marks of these classes of the exam, or of all, at a time; all of them or none. Refused as long as a mark is
/// missing or two people differ.
pub async fn publish(
    entrusted: &Entrusted,
    app: &App,
    classes: Option<&[ClassId]>,
    at: DateTime<Utc>,
) -> Result<Result<usize, Refusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = store::lock(entrusted, &mut tx, entrusted.exam_id).await?;
    if let Err(refusal) = open(&exam, "classes") {
        return Ok(Err(refusal));
    }
    let is_chosen = |id: ClassId| classes.is_none_or(|classes| classes.contains(&id));
    let papers = store::papers(entrusted, &mut tx, exam.id).await?;
    let candidates = store::candidates(entrusted, &mut tx, exam.id).await?;
    let typed = store::marks(entrusted, &mut tx, exam.id).await?;
    let missing = candidates.iter().filter(|candidate| is_chosen(candidate.class_id)).flat_map(|candidate| {
        papers.iter().filter(move |paper| candidate.sits(paper)).map(move |paper| (paper.id, candidate.id))
    });
    let lacks =
        |key: &_| marks::counting(exam.entries, typed.get(key).map(Vec::as_slice).unwrap_or_default()).is_none();
    let missing = missing.filter(lacks).count();
    if missing > 0 {
        return Ok(Err(Refusal::about("classes", "fault-exam-marks-missing", missing.to_string())));
    }
    // What is published already stays so: a later time would hide it again.
    let published = sqlx::query!(
        "UPDATE exam_classes SET publish_at = $3 WHERE school_id = $1 AND exam_id = $2
             AND ($4::uuid[] IS NULL OR class_id = ANY($4)) AND (publish_at IS NULL OR publish_at > $5)",
        entrusted.school_id(),
        exam.id,
        at,
        classes,
        app.clock.now(),
    )
    .execute(&mut *tx)
    .await?;
    let count = usize::try_from(published.rows_affected()).unwrap_or(usize::MAX);
    if count == 0 {
        return Ok(Err(Refusal::new("classes", "fault-exam-published-already")));
    }
    note(entrusted, app, &mut tx, exam.id, "published", count).await?;
    tx.commit().await?;
    Ok(Ok(count))
}
