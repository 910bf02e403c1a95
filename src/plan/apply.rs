//! Applying a plan: exactly what was shown, in one short transaction, or nothing.
//!
//! What takes time comes before (drawing and sealing passwords); usernames are chosen inside, under the roster's lock,
//! since they must be unique. The rows go from table to table in batches, so that a long list takes no more memory than
//! a short one. If a worker dies, the plan stays as it was and the job runs again.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::{
    class_links,
    create_members::create_all,
    draft::CHUNK,
    eta::Progress,
    job_claim::{GivenUp, JobClaim},
    links, list_rules,
    model::{Plan, PlanRow, PlanState, RowOutcome, Source},
    new_classes,
    prepare::Passwords,
    rollover_apply, rows, snapshot, store, undo, upload,
};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Imported},
    db,
    error::Result,
    identity::accounts,
    ids::{AccountId, ClassId, MemberId, PlanId, SchoolId},
    jobs,
    letters::outbox::{self, Letter},
    roster::{
        departures,
        fields::Field,
        model::Status,
        records::{self, ChangedMember},
        store::{self as members, MemberRecord},
        subject,
    },
    schools::{classes, year_changes},
    web::i18n::Lang,
};

const CLAIM: JobClaim = JobClaim {
    during: PlanState::Applying,
    given_up: GivenUp::To(PlanState::Failed),
    started_by: |plan| plan.applied_by,
};

/// Apply the plan of this id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ApplyPlan {
    pub school_id: SchoolId,
    pub plan_id: PlanId,
}

impl jobs::Job for ApplyPlan {
    const NAME: &'static str = "apply_plan";
    const MAX_ATTEMPTS: i16 = 4;
    const LANE: jobs::Lane = jobs::Lane::Rosters;

    fn queue(&self) -> Option<String> {
        Some(format!("roster:{}", self.school_id))
    }
}

impl jobs::Handle<App> for ApplyPlan {
    async fn handle(self, app: Arc<App>, attempt: jobs::Attempt) -> anyhow::Result<()> {
        let Some((granted, plan)) = CLAIM.take_up_job(&app, self.school_id, self.plan_id, attempt).await? else {
            return Ok(());
        };
        let passwords = Passwords::draw(&granted, &app, &plan).await?;
        Ok(write(&granted, &app, &plan, passwords).await?)
    }
}

/// Starts applying: the plan is handed to a worker. False where it is not ready, or another request was first.
///
/// # Errors
/// [`Error::YearOver`](crate::error::Error::YearOver) where its year has ended since it was made.
pub async fn start(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    plan_id: PlanId,
    wanted_classes: Option<&[String]>,
) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let plan = store::find(granted, &mut tx, plan_id).await?;
    year_changes::expect_open(granted, app, &mut tx, plan.school_year_id).await?;
    if let Some(wanted) = wanted_classes {
        new_classes::want(granted, &mut tx, plan_id, wanted).await?;
    }
    if !store::advance(granted, &mut tx, plan_id, PlanState::Ready, PlanState::Applying).await? {
        return Ok(false);
    }
    sqlx::query!(
        "UPDATE plans SET applied_by = $3, stage = 'waiting', done_rows = 0 WHERE school_id = $1 AND id = $2",
        granted.school_id(),
        plan_id,
        granted.member().map(|member| member.id),
    )
    .execute(&mut *tx)
    .await?;
    jobs::enqueue(&mut tx, &ApplyPlan { school_id: granted.school_id(), plan_id }).await?;
    tx.commit().await?;
    Ok(true)
}

/// The transaction.
async fn write(granted: &Granted<may::ManageAccounts>, app: &App, plan: &Plan, passwords: Passwords) -> Result<()> {
    let mut tx = app.db.begin_work_in(granted.school_id()).await?;
    db::lock_roster(&mut tx, granted.school_id()).await?;
    if store::find(granted, &mut tx, plan.id).await?.state != PlanState::Applying {
        return Ok(());
    }
    if plan.source.is_of_classes() {
        return write_classes(granted, app, tx, plan).await;
    }
    if plan.source == Source::Rollover {
        return rollover_apply::write(granted, app, tx, plan).await;
    }
    undo::rows::note_what_is(granted, &mut tx, plan).await?;
    let class_ids = make_classes(granted, app, &mut tx, plan).await?;
    let mut dropped = Dropped::default();
    let mut rows = PlanRows::new(app, plan);
    let created = create_all(granted, app, &mut tx, &mut rows, passwords, &class_ids, &mut dropped).await?;
    let (mut updated, mut left) = (0, 0);
    while let Some(rows) = rows.next(granted, app, &mut tx, RowOutcome::Update).await? {
        updated += update(granted, app, &mut tx, plan, &rows, &class_ids, &mut dropped.stale).await?;
    }
    while let Some(rows) = rows.next(granted, app, &mut tx, RowOutcome::Leave).await? {
        left += leave(granted, app, &mut tx, plan, &rows, &mut dropped.stale).await?;
    }

    // Given up meanwhile, because this worker was taken for dead: then nothing may be written.
    if !store::finish_applying(granted, app, &mut tx, plan.id, &dropped.stale, &dropped.unwanted).await? {
        return Ok(());
    }
    if plan.source == Source::OneRoster {
        homerooms(granted, &mut tx, plan).await?;
    }
    if plan.source == Source::Registry {
        links::note(granted, &mut tx, plan, app.clock.now()).await?;
    }
    // The file is no longer needed: its contents have been applied.
    upload::forget(granted, &mut tx, plan.id).await?;
    let out = dropped.stale.len() + dropped.unwanted.len();
    if out > 0 {
        store::recount(granted, &mut tx, plan.id).await?;
    }
    store::recount_results(granted, &mut tx, plan.id).await?;
    let action = AuditAction::PlanApplied { created, updated, left, stale: out };
    audit::record(granted, app, &mut tx, audit::Event::about(action, plan.id)).await?;
    let done = i64::try_from(created + updated + left).unwrap_or_default();
    let left_out = plan.counts.left_out() + i64::try_from(out).unwrap_or_default();
    confirm(granted, app, &mut tx, plan, done, left_out).await?;
    tx.commit().await?;
    Ok(())
}

/// The same for a plan whose rows are classes: those that the year does not have are made, and grades follow.
async fn write_classes(granted: &Granted<may::ManageAccounts>, app: &App, mut tx: db::Tx, plan: &Plan) -> Result<()> {
    let mut rows = PlanRows::new(app, plan);
    let mut of_grade: BTreeMap<Option<String>, Vec<String>> = BTreeMap::new();
    while let Some(rows) = rows.next(granted, app, &mut tx, RowOutcome::Create).await? {
        for row in rows {
            let names = of_grade.entry(row.values.get(&Field::Grade).cloned()).or_default();
            names.push(row.value(Field::Class).to_owned());
        }
    }
    let (mut updated, mut stale) = (0, Vec::new());
    while let Some(rows) = rows.next(granted, app, &mut tx, RowOutcome::Update).await? {
        let written = class_links::set_grades(granted, &mut tx, &rows).await?;
        let is_written = |row: &&PlanRow| row.member_id.is_some_and(|id| written.contains(&id.of_other_kind()));
        stale.extend(rows.iter().filter(|row| !is_written(row)).map(|row| row.line));
        updated += written.len();
    }
    let mut made = Vec::new();
    for (grade, names) in &of_grade {
        // So that undoing finds them.
        new_classes::add(granted, &mut tx, plan.id, names).await?;
        made.extend(classes::insert(granted, app, &mut tx, plan.school_year_id, names, grade.as_deref()).await?);
    }
    new_classes::note_made(granted, &mut tx, plan.id, &made).await?;
    if !store::finish_applying(granted, app, &mut tx, plan.id, &stale, &[]).await? {
        return Ok(());
    }
    if !stale.is_empty() {
        store::recount(granted, &mut tx, plan.id).await?;
    }
    class_links::note(granted, &mut tx, plan, app.clock.now()).await?;
    links::note_sync(granted, &mut tx, plan, "classes").await?;
    store::recount_results(granted, &mut tx, plan.id).await?;
    let action = AuditAction::PlanApplied { created: made.len(), updated, left: 0, stale: stale.len() };
    audit::record(granted, app, &mut tx, audit::Event::about(action, plan.id)).await?;
    let done = i64::try_from(made.len() + updated).unwrap_or_default();
    let left_out = plan.counts.left_out() + i64::try_from(stale.len()).unwrap_or_default();
    confirm(granted, app, &mut tx, plan, done, left_out).await?;
    tx.commit().await?;
    Ok(())
}

/// The rows of a plan, in batches. They do not change: the plan is no longer under review.
pub(super) struct PlanRows<'a> {
    pub(super) plan: &'a Plan,
    progress: Progress,
    handed_out: i32,
    /// The outcome that is being read, and the last line of it that was returned.
    at: Option<(RowOutcome, i32)>,
}

impl<'a> PlanRows<'a> {
    pub(super) fn new(app: &App, plan: &'a Plan) -> Self {
        let progress = Progress::new(app.clock.now(), plan.counts.to_write());
        Self { plan, progress, handed_out: 0, at: None }
    }

    /// The next rows of an outcome, nothing after the last; reports that those before are written.
    pub(super) async fn next(
        &mut self,
        scope: &Scope,
        app: &App,
        tx: &mut PgConnection,
        outcome: RowOutcome,
    ) -> Result<Option<Vec<PlanRow>>> {
        self.tell(scope, app).await?;
        db::plan_anew(tx).await?;
        let after = self.at.filter(|(at, _)| *at == outcome).map_or(0, |(_, line)| line);
        let rows = rows::to_write(scope, tx, self.plan.id, outcome, after, CHUNK).await?;
        let Some(last) = rows.last() else { return Ok(None) };
        self.at = Some((outcome, last.line));
        self.handed_out = self.handed_out.saturating_add(i32::try_from(rows.len()).unwrap_or(i32::MAX));
        Ok(Some(rows))
    }

    /// On another connection, to be visible before this one commits; where none is free, nothing is reported.
    async fn tell(&self, scope: &Scope, app: &App) -> Result<()> {
        if !app.db.has_spare() {
            return Ok(());
        }
        let mut tx = app.db.begin_work_in(scope.school_id()).await?;
        store::report_progress(scope, app, &mut tx, self.plan.id, "writing", self.handed_out, &self.progress).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// The warning of a teacher's row that says for which class they are responsible.
pub const HOMEROOM: &str = "homeroom-of";

/// Gives the classes that have no homeroom teacher the one that the source names.
async fn homerooms(scope: &Scope, tx: &mut PgConnection, plan: &Plan) -> Result<()> {
    sqlx::query!(
        "UPDATE classes c SET homeroom_member_id = r.member_id
         FROM (
             SELECT DISTINCT ON (lower(told ->> 'value')) p.member_id, lower(told ->> 'value') AS class
             FROM plan_rows p CROSS JOIN LATERAL jsonb_array_elements(p.warnings) told
                 JOIN members m ON m.school_id = $1 AND m.id = p.member_id
             WHERE p.school_id = $1 AND p.plan_id = $2 AND p.outcome IN ('create', 'update', 'unchanged')
                 AND told ->> 'key' = $4 AND m.role <> 'student' AND m.status <> 'left'
             ORDER BY lower(told ->> 'value'), p.line
         ) r
         WHERE c.school_id = $1 AND c.school_year_id = $3 AND lower(c.name) = r.class AND c.homeroom_member_id IS NULL",
        scope.school_id(),
        plan.id,
        plan.school_year_id,
        HOMEROOM,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Makes the wanted classes; gives all classes of the year by name.
pub(super) async fn make_classes(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    plan: &Plan,
) -> Result<HashMap<String, ClassId>> {
    let new = new_classes::all(scope, tx, plan.id).await?;
    let wanted: Vec<String> = new.into_iter().filter(|(_, wanted)| *wanted).map(|(name, _)| name).collect();
    let made = classes::insert(scope, app, tx, plan.school_year_id, &wanted, None).await?;
    new_classes::note_made(scope, tx, plan.id, &made).await?;
    let all = classes::of_year(scope, tx, plan.school_year_id).await?;
    Ok(all.into_iter().map(|class| (class.name.to_lowercase(), class.id)).collect())
}

pub(super) fn class_of(row: &PlanRow, classes: &HashMap<String, ClassId>) -> Option<ClassId> {
    classes.get(&row.value(Field::Class).to_lowercase()).copied()
}

/// The lines that were to be written and were not.
#[derive(Debug, Default)]
pub(super) struct Dropped {
    /// Their people have changed since the plan was made.
    pub(super) stale: Vec<i32>,
    /// Their class is not there, and was not wanted.
    pub(super) unwanted: Vec<i32>,
}

/// Changes the values that differ; a member who was changed since, or now outranks the actor, drops out.
async fn update(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    plan: &Plan,
    rows: &[PlanRow],
    classes: &HashMap<String, ClassId>,
    stale: &mut Vec<i32>,
) -> Result<usize> {
    let known = outranked_by_actor(scope, tx, plan, rows).await?;
    let left: Vec<&MemberRecord> = known.values().filter(|known| known.status == Status::Left).collect();
    let can_come_back = snapshot::can_come_back(scope, tx, &left).await?;
    let changed = |row: &PlanRow| {
        let known = known.get(&row.member_id?)?;
        if known.status == Status::Left && !can_come_back.contains(&known.id) {
            return None;
        }
        let mut values = known.values.clone();
        values.extend(row.before.keys().filter_map(|field| Some((*field, row.values.get(field)?.clone()))));
        let moves = row.before.contains_key(&Field::Class);
        Some(ChangedMember {
            id: known.id,
            version: row.member_version?,
            status: match known.status {
                Status::Left => Status::of_returned(known.signs_in_by_email),
                status => status,
            },
            username: known.values.get(&Field::Username).cloned(),
            class_id: if moves { Some(class_of(row, classes)?) } else { None },
            values,
        })
    };
    // Of two rows about the same person, the first is written.
    let mut seen = HashSet::new();
    let (firsts, seconds): (Vec<&PlanRow>, Vec<&PlanRow>) = rows.iter().partition(|row| seen.insert(row.member_id));
    stale.extend(seconds.iter().map(|row| row.line));
    let changes: Vec<ChangedMember> = firsts.iter().filter_map(|row| changed(row)).collect();
    let written = records::update(scope, tx, plan.school_year_id, &changes).await?;
    let returned = written.iter().filter_map(|id| known.get(id)).filter(|known| known.status == Status::Left);
    snapshot::welcome_back(scope, app, tx, &returned.collect::<Vec<_>>()).await?;
    audit::record_imported(scope, app, tx, plan.id, Imported::Changed, &written).await?;
    let is_written = |row: &&&PlanRow| row.member_id.is_some_and(|id| written.contains(&id));
    stale.extend(firsts.iter().filter(|row| !is_written(row)).map(|row| row.line));
    Ok(written.len())
}

/// Those members that the rows are about and that the actor outranks now, by their ids.
async fn outranked_by_actor(
    scope: &Scope,
    tx: &mut PgConnection,
    plan: &Plan,
    rows: &[PlanRow],
) -> Result<HashMap<MemberId, MemberRecord>> {
    let ids: Vec<MemberId> = rows.iter().filter_map(|row| row.member_id).collect();
    subject::say_who_acts(scope, tx).await?;
    let known = members::known(scope, tx, plan.school_year_id, &ids).await?;
    let outranked = known.into_iter().filter(|known| scope.outranks(known.id, known.rank));
    Ok(outranked.map(|known| (known.id, known)).collect())
}

/// People leave. No list takes out an owner, or the actor who applies it.
async fn leave(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    plan: &Plan,
    rows: &[PlanRow],
    stale: &mut Vec<i32>,
) -> Result<usize> {
    let outranked = outranked_by_actor(scope, tx, plan, rows).await?;
    let may_leave = |id: &MemberId| outranked.get(id).is_some_and(|known| list_rules::may_leave_by_list(scope, known));
    let people: Vec<(MemberId, i64)> =
        rows.iter().filter_map(|row| Some((row.member_id.filter(may_leave)?, row.member_version?))).collect();
    let left = departures::leave(scope, tx, &people, app.clock.now()).await?;
    let ids: Vec<MemberId> = left.iter().map(|(id, _)| *id).collect();
    audit::record_imported(scope, app, tx, plan.id, Imported::Left, &ids).await?;
    let accounts: Vec<AccountId> = left.iter().filter_map(|(_, account)| *account).collect();
    accounts::remove_memberships(tx, &accounts, scope.school_id()).await?;
    let is_left = |row: &&PlanRow| left.iter().any(|(id, _)| Some(*id) == row.member_id);
    stale.extend(rows.iter().filter(|row| !is_left(row)).map(|row| row.line));
    Ok(left.len())
}

/// One mail to the actor who applied the plan.
pub(super) async fn confirm(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    plan: &Plan,
    done: i64,
    left_out: i64,
) -> Result<()> {
    let Some(member) = scope.member() else { return Ok(()) };
    let letter = Letter::PlanApplied {
        name: member.full_name.clone(),
        school: scope.school.name.clone(),
        school_code: scope.school.code.clone(),
        plan_id: plan.id,
        of: plan.source.wrote(),
        done,
        left_out,
    };
    outbox::post(tx, app, member.account_id, &letter, None, Lang::default()).await
}
