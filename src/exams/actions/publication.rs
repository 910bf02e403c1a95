//! Publication: by class, at a time. From then on pupils see their own marks, and marks change by corrections only.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{Entrusted, ExamRefusal, lock, note, open};
use crate::{
    access::Scope,
    app::App,
    error::Result,
    exams::{
        marks,
        model::{Exam, ExamClass},
        store,
    },
    ids::{ClassId, ExamId},
};

/// Publishes the marks of these classes of the exam, or of all, at a time; all of them or none. Refused as long as a mark is
/// missing or two people differ.
pub async fn publish(
    entrusted: &Entrusted,
    app: &App,
    classes: Option<&[ClassId]>,
    at: DateTime<Utc>,
) -> Result<Result<usize, ExamRefusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "classes") {
        return Ok(Err(refusal));
    }
    let is_chosen = |id: &ClassId| classes.is_none_or(|classes| classes.contains(id));
    let lacking = lacking(entrusted, &mut tx, &exam).await?;
    let missing: usize = lacking.iter().filter(|(class, _)| is_chosen(class)).map(|(_, count)| count).sum();
    if missing > 0 {
        return Ok(Err(ExamRefusal::about("classes", "fault-exam-marks-missing", missing.to_string())));
    }
    // What is published already stays so: a later time would hide it again.
    let published = sqlx::query!(
        "UPDATE exam_classes SET publish_at = $3, withheld_at = NULL WHERE school_id = $1 AND exam_id = $2
             AND ($4::uuid[] IS NULL OR class_id = ANY($4)) AND (publish_at IS NULL OR publish_at > $5)
             AND EXISTS (SELECT FROM exam_candidates n WHERE n.school_id = $1 AND n.exam_id = $2
                 AND n.class_id = exam_classes.class_id AND n.withdrawn_at IS NULL)",
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
        return Ok(Err(ExamRefusal::new("classes", "fault-exam-published-already")));
    }
    note(entrusted, app, &mut tx, exam.id, "published", count).await?;
    tx.commit().await?;
    Ok(Ok(count))
}

/// The published classes with candidates who were added later and have no marks, and how many are missing. Such marks are
/// entered as corrections with a reason, and are visible at once.
pub async fn missing_in_published(
    scope: &Scope,
    tx: &mut PgConnection,
    exam: &Exam,
    classes: &[ExamClass],
    now: DateTime<Utc>,
) -> Result<Vec<(String, usize)>> {
    if !classes.iter().any(|class| class.is_published(&now)) {
        return Ok(Vec::new());
    }
    let lacking = lacking(scope, tx, exam).await?;
    let published = classes.iter().filter(|class| class.is_published(&now));
    Ok(published.filter_map(|class| Some((class.name.clone(), *lacking.get(&class.id)?))).collect())
}

/// How many marks each class lacks; classes that lack none are left out.
async fn lacking(scope: &Scope, tx: &mut PgConnection, exam: &Exam) -> Result<BTreeMap<ClassId, usize>> {
    let papers = store::papers(scope, tx, exam.id).await?;
    let candidates = store::candidates(scope, tx, exam.id).await?;
    let typed = store::marks(scope, tx, exam.id).await?;
    let mut lacking = BTreeMap::new();
    for candidate in &candidates {
        let lacks = |paper: &&crate::exams::model::Paper| {
            let typed = typed.get(&(paper.id, candidate.id)).map(Vec::as_slice).unwrap_or_default();
            candidate.sits(paper) && marks::counting(exam.entries, typed).is_none()
        };
        let count = papers.iter().filter(lacks).count();
        if count > 0 {
            *lacking.entry(candidate.class_id).or_default() += count;
        }
    }
    Ok(lacking)
}

/// Takes back what is planned for later of classes that lack a mark after an act: pupils never find a gap at the hour that
/// was announced, and those who run the exam see which classes wait. What is published already stays so. Part of every act
/// after which a mark may be missing.
pub(super) async fn withhold(entrusted: &Entrusted, app: &App, tx: &mut PgConnection, exam_id: ExamId) -> Result<()> {
    let now = app.clock.now();
    let planned: Vec<ClassId> = sqlx::query_scalar!(
        "SELECT class_id FROM exam_classes WHERE school_id = $1 AND exam_id = $2 AND publish_at > $3",
        entrusted.school_id(),
        exam_id,
        now,
    )
    .fetch_all(&mut *tx)
    .await?;
    if planned.is_empty() {
        return Ok(());
    }
    let exam = store::find(entrusted, tx, exam_id).await?;
    let lacking = lacking(entrusted, tx, &exam).await?;
    let withheld: Vec<ClassId> = planned.into_iter().filter(|class| lacking.contains_key(class)).collect();
    if withheld.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "UPDATE exam_classes SET publish_at = NULL, withheld_at = $4
         WHERE school_id = $1 AND exam_id = $2 AND class_id = ANY($3)",
        entrusted.school_id(),
        exam_id,
        &withheld,
        now,
    )
    .execute(&mut *tx)
    .await?;
    note(entrusted, app, tx, exam_id, "withheld", withheld.len()).await
}
