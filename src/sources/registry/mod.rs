//! The source "registry": a sync compares what the registry says with what it said at the last sync and with what the
//! school has. Only people of whose values one side has changed some become rows; the others are counted.

pub mod twins;
pub mod waiting;

use std::{collections::HashSet, sync::Arc};

use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};

use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit,
    error::Result,
    ids::{PlanId, RegistryPersonId, SchoolId},
    jobs,
    plan::{
        book::Book,
        class_links,
        draft::{CHUNK, Draft},
        model::{Notes, Plan, PlanState, Source, SourceHead, SourceRow},
        purge,
        store::{self, NewPlan},
        three_way::RegistrySide,
    },
    registry::store::{self as of_registry, SyncedClass},
    roster::{
        fields::{Fault, Field, Values},
        membership,
    },
    schools::{classes as roster_classes, directory, years},
};

/// Read the registry into the plan of this id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReadRegistry {
    school_id: SchoolId,
    plan_id: PlanId,
}

impl ReadRegistry {
    #[must_use]
    pub fn of(school_id: SchoolId, plan_id: PlanId) -> Self {
        Self { school_id, plan_id }
    }
}

impl jobs::Job for ReadRegistry {
    const NAME: &'static str = "read_registry";
    const MAX_ATTEMPTS: i16 = 4;
    const LANE: jobs::Lane = jobs::Lane::Rosters;

    fn queue(&self) -> Option<String> {
        Some(format!("roster:{}", self.school_id))
    }
}

impl jobs::Handle<App> for ReadRegistry {
    async fn handle(self, app: Arc<App>, attempt: jobs::Attempt) -> anyhow::Result<()> {
        let school = directory::by_id(&mut *app.db.pool().acquire().await?, self.school_id).await?;
        let scope = Scope::system(school);
        // The last attempt only reports that the others failed.
        if attempt.is_last {
            let mut tx = app.db.begin_in(scope.school_id()).await?;
            store::refuse(&scope, &mut tx, self.plan_id, "refusal-registry").await?;
            tx.commit().await?;
            return Ok(());
        }
        Ok(read(&scope, &app, self.plan_id).await?)
    }
}

/// Begins a sync: a plan that waits for a worker to read the registry. One that is being read or applied is that of
/// everybody who asks; one that waits for review is dropped, for it may be out of date.
pub async fn begin(granted: &Granted<may::ManageAccounts>, app: &App, what: Source) -> Result<PlanId> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let id = begin_in(granted, app, &mut tx, what).await?;
    tx.commit().await?;
    Ok(id)
}

/// The same in the caller's transaction.
pub async fn begin_in(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    tx: &mut PgConnection,
    what: Source,
) -> Result<PlanId> {
    lock(tx, granted.school_id()).await?;
    let open = open_syncs(granted, tx, what).await?;
    if let Some((id, _)) = open.iter().find(|(_, state)| state != PlanState::Ready.key()) {
        return Ok(*id);
    }
    for (id, _) in open {
        purge::discard_in(granted, app, tx, id).await?;
    }
    let now = app.clock.now();
    let year = years::open(granted, tx, app.clock.today(), None).await?;
    let id = app.randomness.uuid_v7(now);
    let new = NewPlan { id, book: Book::Roster, source: what, school_year_id: year.id, file_name: None };
    store::insert(granted, app, tx, &new).await?;
    purge::plan_for(granted, tx, id, now).await?;
    audit::record(granted, app, tx, audit::Event::about(audit::AuditAction::SyncMade, id)).await?;
    jobs::enqueue(tx, &ReadRegistry { school_id: granted.school_id(), plan_id: id }).await?;
    Ok(id)
}

/// Two who ask at the same instant get one sync.
async fn lock(tx: &mut PgConnection, school_id: SchoolId) -> Result<()> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('sync:' || $1::text, 0))", school_id.to_string())
        .execute(tx)
        .await?;
    Ok(())
}

/// The syncs that are under way or wait, with their states.
async fn open_syncs(scope: &Scope, tx: &mut PgConnection, what: Source) -> Result<Vec<(PlanId, String)>> {
    let rows = sqlx::query!(
        "SELECT id, state FROM plans WHERE school_id = $1 AND source = $2
             AND state IN ('reading', 'ready', 'applying') AND purged_at IS NULL ORDER BY created_at DESC",
        scope.school_id(),
        what.key(),
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.state)).collect())
}

/// Reads the registry into a plan, with the rights of the person who began it. Does nothing where it was done already.
///
/// # Errors
/// [`Error::Forbidden`](crate::error::Error::Forbidden) where that person is gone.
pub async fn read(system: &Scope, app: &App, plan_id: PlanId) -> Result<()> {
    let mut tx = app.db.begin_work_in(system.school_id()).await?;
    let plan = store::find(system, &mut tx, plan_id).await?;
    let scope = &membership::acting_for(system, &mut tx, plan.created_by).await?;
    if plan.state != PlanState::Reading {
        return Ok(());
    }
    if plan.source == Source::RegistryClasses {
        let classes = classes(scope, &mut tx, &plan).await?;
        tx.commit().await?;
        let mut draft = Draft::start(scope, app, plan_id).await?;
        draft.add(classes).await?;
        draft.finish(SourceHead::default()).await?;
        return Ok(());
    }
    let SyncedPeople { changed, unchanged: unlisted } = compared(scope, &mut tx, &plan).await?;
    tx.commit().await?;
    let mut draft = Draft::start(scope, app, plan_id).await?;
    let mut line = 0;
    for ids in changed.chunks(CHUNK) {
        let mut tx = app.db.begin_work_in(scope.school_id()).await?;
        let rows = rows(scope, &mut tx, &plan, ids, &mut line).await?;
        tx.commit().await?;
        draft.add(rows).await?;
    }
    draft.finish(SourceHead { notes: Notes { unlisted, ..Notes::default() }, ..SourceHead::default() }).await?;
    Ok(())
}

/// The classes of the year, as the registry has them. Of one that is gone there the school is told, where it still has
/// it: it may have pupils.
async fn classes(scope: &Scope, tx: &mut PgConnection, plan: &Plan) -> Result<Vec<SourceRow>> {
    let of_school = roster_classes::of_year(scope, tx, plan.school_year_id).await?;
    let of_school: HashSet<String> = of_school.into_iter().map(|class| class.name.to_lowercase()).collect();
    let said = of_registry::synced_classes(scope, tx, plan.school_year_id).await?;
    let shown = said.into_iter().filter(|class| !class.is_gone || of_school.contains(&class.name.to_lowercase()));
    Ok((1..).zip(shown).map(|(line, class)| class_row(line, class)).collect())
}

fn class_row(line: i32, class: SyncedClass) -> SourceRow {
    let grade = |grade: Option<String>| grade.map(|grade| (Field::Grade, grade));
    let mut said = Values::from([(Field::Class, class.name)]);
    if !class.is_gone {
        said.extend(grade(class.grade));
    }
    let side = RegistrySide {
        person: class.id.of_other_kind(),
        version: class.version,
        is_student: false,
        member: None,
        base: class.synced_version.map(|_| grade(class.base).into_iter().collect()),
        base_version: class.synced_version,
        said: said.clone(),
    };
    let mut row = source_row(line, said, Some(side));
    row.warnings.extend(class.is_gone.then(|| Fault::new(Field::Class, class_links::CLASS_GONE, "")));
    row
}

fn source_row(line: i32, values: Values, registry: Option<RegistrySide>) -> SourceRow {
    SourceRow {
        line,
        values,
        cells: Vec::new(),
        faults: Vec::new(),
        warnings: Vec::new(),
        guesses: Vec::new(),
        is_staff: None,
        registry,
    }
}

/// What a sync is about.
struct SyncedPeople {
    /// Those whose values the registry or the school has changed since the last sync, or who were never compared; and those
    /// whose differences the school keeps, which are shown each time. In the order of a list.
    changed: Vec<RegistryPersonId>,
    /// How many others there are.
    unchanged: i64,
}

/// In one pass over the registry, the links and the roster.
async fn compared(scope: &Scope, tx: &mut PgConnection, plan: &Plan) -> Result<SyncedPeople> {
    let row = sqlx::query!(
        r#"SELECT coalesce(array_agg(j.id ORDER BY j.kind, j.sort_key, j.given_name, j.family_name, j.middle_name, j.id)
                   FILTER (WHERE j.is_changed), '{}') AS "changed!: Vec<RegistryPersonId>",
               count(*) FILTER (WHERE NOT j.is_changed AND j.is_linked AND j.left_at IS NULL) AS "unchanged!"
           FROM (
               SELECT p.id, p.kind, c.sort_key, p.given_name, p.family_name, p.middle_name, p.left_at,
                   l.member_id IS NOT NULL AS is_linked,
                   CASE WHEN l.member_id IS NULL THEN p.left_at IS NULL
                       ELSE l.differs OR l.synced_version <> p.version OR l.member_version <> m.version
                           OR l.school_year_id IS DISTINCT FROM $2 END AS is_changed
               FROM registry_people p
               LEFT JOIN registry_links l ON l.school_id = $1 AND l.registry_person_id = p.id
               LEFT JOIN members m ON m.school_id = $1 AND m.id = l.member_id
               LEFT JOIN registry_classes c ON c.school_id = $1 AND c.id = p.class_id
               WHERE p.school_id = $1) j"#,
        scope.school_id(),
        plan.school_year_id,
    )
    .fetch_one(tx)
    .await?;
    Ok(SyncedPeople { changed: row.changed, unchanged: row.unchanged })
}

/// What the registry says of these people, and said at the last sync.
async fn rows(
    scope: &Scope,
    tx: &mut PgConnection,
    plan: &Plan,
    ids: &[RegistryPersonId],
    line: &mut i32,
) -> Result<Vec<SourceRow>> {
    let found = sqlx::query!(
        r#"SELECT p.id, p.kind = 'student' AS "is_student!", p.version, p.left_reason,
               p.fields AS "fields: Json<Values>", c.name AS "class_name?", l.member_id AS "member_id?",
               l.base AS "base?: Json<Values>", l.synced_version AS "synced_version?"
           FROM unnest($3::uuid[]) WITH ORDINALITY AS wanted (id, place)
           JOIN registry_people p ON p.school_id = $1 AND p.id = wanted.id
           LEFT JOIN registry_classes c ON c.school_id = $1 AND c.id = p.class_id AND c.school_year_id = $2
           LEFT JOIN registry_links l ON l.school_id = $1 AND l.registry_person_id = p.id
           ORDER BY wanted.place"#,
        scope.school_id(),
        plan.school_year_id,
        ids,
    )
    .fetch_all(tx)
    .await?;
    Ok(found
        .into_iter()
        .map(|row| {
            *line += 1;
            let mut values = row.fields.0;
            values.extend(row.class_name.map(|name| (Field::Class, name)));
            let status = if row.left_reason.is_some() { "left" } else { "active" };
            let mut said = values.clone();
            said.insert(Field::Status, status.to_owned());
            if row.left_reason.is_some() {
                values.insert(Field::Status, status.to_owned());
            }
            let reason = row.left_reason.as_deref().map(|reason| format!("registry-{reason}"));
            let side = RegistrySide {
                person: row.id,
                version: row.version,
                is_student: row.is_student,
                member: row.member_id,
                base: row.base.map(|base| base.0),
                base_version: row.synced_version,
                said,
            };
            let mut row = source_row(*line, values, Some(side));
            row.warnings.extend(reason.map(|key| Fault::new(Field::Status, &key, "")));
            row
        })
        .collect())
}
