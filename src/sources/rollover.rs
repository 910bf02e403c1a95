//! The source "rollover": the draft for the coming year. Its rows are written set-wise, one for each pupil that the
//! draft says something about that is not done yet.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::Result,
    ids::{ClassId, PlanId, SchoolId},
    jobs,
    plan::{
        book::Book,
        model::{FINISHED, Notes, Plan, PlanState, Source, SourceHead},
        purge, rollover_apply,
        store::{self, NewPlan},
    },
    rollover::{
        model::{ClassMap, GradeSums, PupilOutcome, Rollover},
        naming, store as drafts, sums, take_over,
    },
    schools::{directory, settings},
};

/// Read the draft into the plan of this id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReadRollover {
    school_id: SchoolId,
    plan_id: PlanId,
}

impl ReadRollover {
    #[must_use]
    pub fn of(school_id: SchoolId, plan_id: PlanId) -> Self {
        Self { school_id, plan_id }
    }
}

impl jobs::Job for ReadRollover {
    const NAME: &'static str = "read_rollover";
    const MAX_ATTEMPTS: i16 = 4;
    const LANE: jobs::Lane = jobs::Lane::Rosters;

    fn queue(&self) -> Option<String> {
        Some(format!("roster:{}", self.school_id))
    }
}

impl jobs::Handle<App> for ReadRollover {
    async fn handle(self, app: Arc<App>, attempt: jobs::Attempt) -> anyhow::Result<()> {
        let school = directory::by_id(&mut *app.db.pool().acquire().await?, self.school_id).await?;
        let scope = Scope::system(school);
        // The last attempt only reports that the others failed.
        if attempt.is_last {
            let mut tx = app.db.begin_in(scope.school_id()).await?;
            store::refuse(&scope, &mut tx, self.plan_id, "refusal-rollover").await?;
            tx.commit().await?;
            return Ok(());
        }
        Ok(read(&scope, &app, self.plan_id).await?)
    }
}

/// Begins a plan of the draft. One that is being read or applied is that of everybody who asks; one that waits for review
/// is dropped, for the draft may say something else by now. None where there is nothing left to do, or no draft.
pub async fn begin(granted: &Granted<may::ManageClasses>, app: &App) -> Result<Option<PlanId>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    drafts::lock(granted, &mut tx).await?;
    let Some(draft) = drafts::latest(granted, &mut tx).await? else { return Ok(None) };
    take_over::take_over(granted, &mut tx, &draft, app.clock.now()).await?;
    let open = open_plans(granted, &mut tx).await?;
    if let Some((id, _)) = open.iter().find(|(_, state)| state != PlanState::Ready.key()) {
        let id = *id;
        tx.commit().await?;
        return Ok(Some(id));
    }
    let is_left = if draft.is_open() {
        has_something(granted, &mut tx, &draft).await?
    } else {
        drafts::left_over(granted, &mut tx, &draft).await? > 0
    };
    if !is_left {
        tx.commit().await?;
        return Ok(None);
    }
    for (id, _) in open {
        purge::discard_in(&granted.grant()?, app, &mut tx, id).await?;
    }
    let now = app.clock.now();
    let id = app.randomness.uuid_v7(now);
    let new =
        NewPlan { id, book: Book::Roster, source: Source::Rollover, school_year_id: draft.to_year_id, file_name: None };
    store::insert(granted, app, &mut tx, &new).await?;
    purge::plan_for(granted, &mut tx, id, now).await?;
    sqlx::query!(
        "UPDATE rollovers SET plan_id = $3 WHERE school_id = $1 AND id = $2",
        granted.school_id(),
        draft.id,
        id,
    )
    .execute(&mut *tx)
    .await?;
    audit::record(granted, app, &mut tx, Event::about(AuditAction::PlanMade, id)).await?;
    jobs::enqueue(&mut tx, &ReadRollover { school_id: granted.school_id(), plan_id: id }).await?;
    tx.commit().await?;
    Ok(Some(id))
}

/// The plans of drafts that are under way or wait, with their states.
async fn open_plans(scope: &Scope, tx: &mut PgConnection) -> Result<Vec<(PlanId, String)>> {
    let rows = sqlx::query!(
        "SELECT id, state FROM plans WHERE school_id = $1 AND source = 'rollover'
             AND state IN ('reading', 'ready', 'applying', 'undoing') AND purged_at IS NULL ORDER BY created_at DESC",
        scope.school_id(),
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.state)).collect())
}

/// Whether the draft says something that no plan has written. Those who wait to be assessed again are nothing to write.
async fn has_something(scope: &Scope, tx: &mut PgConnection, draft: &Rollover) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM rollover_pupils
               WHERE school_id = $1 AND rollover_id = $2 AND plan_id IS NULL AND outcome <> 'awaiting') AS "has!""#,
        scope.school_id(),
        draft.id,
    )
    .fetch_one(tx)
    .await?)
}

/// Reads the draft into a plan. Does nothing where it was done already.
async fn read(scope: &Scope, app: &App, plan_id: PlanId) -> Result<()> {
    let mut tx = app.db.begin_work_in(scope.school_id()).await?;
    drafts::lock(scope, &mut tx).await?;
    store::lock(scope, &mut tx, plan_id).await?;
    let plan = store::find(scope, &mut tx, plan_id).await?;
    if plan.state != PlanState::Reading {
        return Ok(());
    }
    let draft = drafts::latest(scope, &mut tx).await?.filter(|draft| draft.plan_id == Some(plan_id));
    let Some(draft) = draft else {
        store::refuse(scope, &mut tx, plan_id, "refusal-rollover-gone").await?;
        tx.commit().await?;
        return Ok(());
    };
    take_over::take_over(scope, &mut tx, &draft, app.clock.now()).await?;
    store::delete_rows(scope, &mut tx, plan_id).await?;
    write_rows(scope, &mut tx, &plan, &draft).await?;
    rollover_apply::name_classes(scope, &mut tx, &plan, &draft).await?;
    let map = drafts::class_map(scope, &mut tx, draft.id).await?;
    let finished = finished_unwritten(scope, &mut tx, &draft).await?;
    let grades = sums::grades(scope, &mut tx, draft.id).await?;
    let (finishing, lost_grades) = (finishing(&map, &finished), lost_grades(&map, grades));
    let notes = Notes { finishing, lost_grades, rollover: Some(draft.id), ..Notes::default() };
    store::finish_reading(scope, &mut tx, plan_id, &SourceHead { notes, ..SourceHead::default() }).await?;
    store::recount(scope, &mut tx, plan_id).await?;
    tx.commit().await?;
    Ok(())
}

/// The rows. What is before an update is the class of the coming year where there is one already, and this year's
/// otherwise.
async fn write_rows(scope: &Scope, tx: &mut PgConnection, plan: &Plan, draft: &Rollover) -> Result<()> {
    let days = settings::finished_days(scope, tx).await?;
    sqlx::query!(
        r#"INSERT INTO plan_rows (school_id, plan_id, line, outcome, "values", before, warnings, member_id,
               member_version, search)
           SELECT $1, $2,
               row_number() OVER (ORDER BY p.class_sort, p.given_name, p.family_name, p.middle_name, p.member_id),
               CASE WHEN p.outcome = 'awaiting' OR n.name = p.target THEN 'unchanged'
                   WHEN p.outcome IN ('finished', 'leaving') THEN 'leave' ELSE 'update' END,
               jsonb_strip_nulls(jsonb_build_object('full_name', m.full_name, 'birth_date', m.birth_date,
                   'class', coalesce(p.target, c.name),
                   'status', CASE p.outcome WHEN 'finished' THEN $5::text WHEN 'leaving' THEN 'left' END)),
               CASE WHEN p.target IS NULL THEN '{}'
                   ELSE jsonb_build_object('class', coalesce(n.name, c.name)) END,
               CASE p.outcome WHEN 'promoted' THEN '[]' ELSE jsonb_build_array(jsonb_build_object('field', 'status',
                   'key', CASE p.outcome WHEN 'awaiting' THEN 'rollover-awaiting' WHEN 'finished' THEN 'rollover-finished'
                       WHEN 'kept_back' THEN 'rollover-kept-back' ELSE CASE p.reason WHEN 'moved' THEN 'rollover-moved'
                           WHEN 'dropped_out' THEN 'rollover-dropped-out' ELSE 'rollover-leaving' END END,
                   'value', CASE WHEN p.outcome = 'finished' THEN $6::int::text
                       WHEN p.reason IN ('moved', 'dropped_out', 'other') THEN '' ELSE coalesce(p.reason, '') END
                   )) END,
               m.id, m.version, m.words
           FROM rollover_pupils p
           JOIN members m ON m.school_id = $1 AND m.id = p.member_id
           JOIN classes c ON c.school_id = $1 AND c.id = p.class_id
           LEFT JOIN enrolments e ON e.school_id = $1 AND e.member_id = p.member_id AND e.school_year_id = $4
               AND e.ended_at IS NULL
           LEFT JOIN classes n ON n.school_id = $1 AND n.id = e.class_id
           WHERE p.school_id = $1 AND p.rollover_id = $3 AND p.plan_id IS NULL
         RETURNING line"#,
        scope.school_id(),
        plan.id,
        draft.id,
        plan.school_year_id,
        FINISHED,
        days,
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}

/// How many of each class finish by this plan: what an earlier plan has written is not in it.
async fn finished_unwritten(scope: &Scope, tx: &mut PgConnection, draft: &Rollover) -> Result<Vec<(ClassId, i64)>> {
    let rows = sqlx::query!(
        r#"SELECT class_id, count(*) AS "pupils!" FROM rollover_pupils
           WHERE school_id = $1 AND rollover_id = $2 AND outcome = 'finished' AND plan_id IS NULL GROUP BY class_id"#,
        scope.school_id(),
        draft.id,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.class_id, row.pupils)).collect())
}

/// How many of those who finish do so in the last grade.
fn finishing(map: &ClassMap, finished: &[(ClassId, i64)]) -> i64 {
    let last = last_grade(map);
    let of_last = finished.iter().filter(|(class_id, _)| {
        let class = map.classes.iter().find(|class| class.id == *class_id);
        class.is_some_and(|class| match (naming::grade_of(&class.name).or_else(|| class.grade.clone()), &last) {
            (Some(grade), Some(last)) => grade == *last,
            // Kindergartens and higher education: what finishes by its label or was said to.
            (None, _) => true,
            (Some(_), None) => false,
        })
    });
    of_last.map(|(_, pupils)| *pupils).sum()
}

fn last_grade(map: &ClassMap) -> Option<String> {
    let classes = map.classes.iter().map(|class| (class.name.as_str(), class.grade.as_deref()));
    naming::last_grade(classes).map(|grade| grade.to_string())
}

/// The grades of which nobody stays although they are not the last one.
fn lost_grades(map: &ClassMap, grades: Vec<GradeSums>) -> Vec<String> {
    let last = last_grade(map);
    let has_lost = |grade: &GradeSums| {
        let gone = grade.pupils.of(PupilOutcome::Finished) + grade.pupils.of(PupilOutcome::Leaving);
        grade.pupils.total() > 0 && gone == grade.pupils.total()
    };
    let others = grades.into_iter().filter(|grade| !grade.grade.is_empty() && Some(&grade.grade) != last.as_ref());
    others.filter(has_lost).map(|grade| grade.grade).collect()
}
