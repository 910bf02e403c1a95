//! Taking a plan back: what it created is removed unless it has been signed in to since, what it changed goes back
//! unless that same field was changed since, a member who left comes back. What stays is listed, with the reason.
//!
//! The preview and the act make the same judgement; the act writes over the versions that it was made over, in one
//! short transaction under the roster's lock.

mod judgement;
pub mod rows;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use self::{
    judgement::{Judged, SetBack, Takeback, UndoContext, judge},
    rows::{AppliedRow, KeptChange},
};
use super::{
    class_links,
    draft::CHUNK,
    job_claim::{GivenUp, JobClaim},
    links,
    model::{Plan, PlanState, Source},
    new_classes, rollover_apply, store,
};
use crate::plan::snapshot;
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, AuditActionKind},
    db,
    error::Result,
    identity::accounts,
    ids::{AccountId, MemberId, PlanId, SchoolId},
    jobs,
    roster::{
        departures,
        fields::{Fault, Field},
        records,
        store::{self as members, MemberRecord},
    },
    schools::classes,
};

const CLAIM: JobClaim = JobClaim {
    during: PlanState::Undoing,
    given_up: GivenUp::To(PlanState::Applied),
    started_by: |plan| plan.undone_by,
};

/// Take the plan of this id back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UndoPlan {
    pub school_id: SchoolId,
    pub plan_id: PlanId,
}

impl jobs::Job for UndoPlan {
    const NAME: &'static str = "undo_plan";
    const MAX_ATTEMPTS: i16 = 5;
    const LANE: jobs::Lane = jobs::Lane::Rosters;

    fn queue(&self) -> Option<String> {
        Some(format!("roster:{}", self.school_id))
    }
}

impl jobs::Handle<App> for UndoPlan {
    async fn handle(self, app: Arc<App>, attempt: jobs::Attempt) -> anyhow::Result<()> {
        let Some((granted, plan)) = CLAIM.take_up_job(&app, self.school_id, self.plan_id, attempt).await? else {
            return Ok(());
        };
        let judged = judge_all(&granted, &app, &plan).await?;
        Ok(write(&granted, &app, &plan, judged).await?)
    }
}

/// Starts taking a plan back: it is handed to a worker. False where there is nothing to take back, or another request
/// was first.
pub async fn start(granted: &Granted<may::ManageAccounts>, app: &App, plan_id: PlanId) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    if !store::begin_undoing(granted, &mut tx, plan_id, app.clock.now()).await? {
        return Ok(false);
    }
    jobs::enqueue(&mut tx, &UndoPlan { school_id: granted.school_id(), plan_id }).await?;
    tx.commit().await?;
    Ok(true)
}

/// What becomes of a person when the plan is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum UndoOutcome {
    Removed,
    SetBack,
    BroughtBack,
}

impl UndoOutcome {
    pub const ALL: [Self; 3] = [Self::Removed, Self::SetBack, Self::BroughtBack];

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }
}

/// What undoing would do, row by row, and what would stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// The lines of those for which something goes back.
    pub goes: Vec<(i32, UndoOutcome)>,
    pub stays: Vec<KeptChange>,
}

impl Preview {
    #[must_use]
    pub fn count(&self, becomes: UndoOutcome) -> usize {
        self.goes.iter().filter(|(_, each)| *each == becomes).count()
    }
}

/// What undoing would do now.
pub async fn preview(granted: &Granted<may::ManageAccounts>, app: &App, plan: &Plan) -> Result<Preview> {
    let judged = judge_all(granted, app, plan).await?;
    let mut preview = Preview::default();
    for row in judged {
        let becomes = match row.takeback {
            Takeback::Remove => Some(UndoOutcome::Removed),
            Takeback::SetBack(_) => Some(UndoOutcome::SetBack),
            Takeback::BringBack { .. } | Takeback::KeepOpen => Some(UndoOutcome::BroughtBack),
            Takeback::Nothing => None,
        };
        preview.goes.extend(becomes.map(|becomes| (row.line, becomes)));
        if !row.stays.is_empty() {
            preview.stays.push(KeptChange { line: row.line, faults: row.stays });
        }
    }
    Ok(preview)
}

/// Judges all that the plan wrote, in batches, reporting progress where a worker does it.
async fn judge_all(scope: &Scope, app: &App, plan: &Plan) -> Result<Vec<Judged>> {
    let mut judged: Vec<Judged> = Vec::new();
    // Classes go by themselves where they are empty.
    if plan.source.is_of_classes() {
        return Ok(judged);
    }
    let mut after = 0;
    loop {
        let mut tx = app.db.begin_work_in(scope.school_id()).await?;
        let most = i64::try_from(CHUNK).unwrap_or(i64::MAX);
        let written = rows::written(scope, &mut tx, plan.id, after, most).await?;
        let Some(last) = written.last() else { return Ok(judged) };
        after = last.line;
        let ids: Vec<MemberId> = written.iter().map(|row| row.member_id).collect();
        let mut known = members::known(scope, &mut tx, plan.school_year_id, &ids).await?;
        // A school learns of a sign-in when the account enters the school; a chosen password counts as use, too.
        let accounts: Vec<AccountId> = known.iter().filter_map(|known| known.account_id).collect();
        let used = accounts::used(&mut tx, &accounts).await?;
        for known in &mut known {
            known.has_signed_in |= known.account_id.is_some_and(|account| used.contains(&account));
        }
        let free = accounts::not_elsewhere(&mut tx, &accounts, scope.school_id()).await?;
        let known: HashMap<MemberId, MemberRecord> = known.into_iter().map(|known| (known.id, known)).collect();
        let planned = departures::planned(scope, &mut tx, &ids).await?.into_iter().collect();
        let left_since = left_since(scope, &mut tx, plan, &ids).await?;
        let merged = departures::merged(scope, &mut tx, &ids).await?.into_iter().collect();
        let around = UndoContext { free, planned, left_since, merged, ..around(scope, &mut tx, plan, &written).await? };
        judged.extend(written.iter().map(|row| judge(scope, row, known.get(&row.member_id), &around)));
        if plan.state == PlanState::Undoing {
            let so_far = i32::try_from(judged.len()).unwrap_or(i32::MAX);
            store::tell_progress(scope, &mut tx, plan.id, "preparing", so_far).await?;
        }
        tx.commit().await?;
    }
}

/// Those of these people that a person, or another list, has marked as left since the plan was applied.
async fn left_since(scope: &Scope, tx: &mut PgConnection, plan: &Plan, ids: &[MemberId]) -> Result<HashSet<MemberId>> {
    let Some(applied_at) = plan.applied_at else { return Ok(HashSet::new()) };
    let mut left = audit::list::happened_since(scope, tx, ids, AuditActionKind::Left, applied_at).await?;
    left.extend(rows::left_by_others(scope, tx, plan.id, ids, applied_at).await?);
    Ok(left.into_iter().collect())
}

async fn around(scope: &Scope, tx: &mut PgConnection, plan: &Plan, written: &[AppliedRow]) -> Result<UndoContext> {
    let classes = classes::of_year(scope, tx, plan.school_year_id).await?;
    let ids: Vec<String> = written.iter().filter_map(|row| row.before.get(&Field::MoetId)).cloned().collect();
    Ok(UndoContext {
        year_id: plan.school_year_id,
        classes: classes.into_iter().map(|class| class.id).collect(),
        taken: members::taken_moet_ids(scope, tx, &ids).await?,
        ..UndoContext::default()
    })
}

/// The transaction.
async fn write(granted: &Granted<may::ManageAccounts>, app: &App, plan: &Plan, judged: Vec<Judged>) -> Result<()> {
    let mut tx = app.db.begin_work_in(granted.school_id()).await?;
    db::lock_roster(&mut tx, granted.school_id()).await?;
    if store::find(granted, &mut tx, plan.id).await?.state != PlanState::Undoing {
        return Ok(());
    }
    let mut put_back = set_back(granted, &mut tx, plan, &judged).await?;
    put_back.extend(bring_back(granted, app, &mut tx, &judged).await?);
    if plan.source == Source::Rollover {
        let stay_open = judged.iter().filter(|row| matches!(row.takeback, Takeback::KeepOpen));
        let stay_open: Vec<MemberId> = stay_open.map(|row| row.member_id).collect();
        put_back.extend(rollover_apply::put_back(granted, &mut tx, plan, &stay_open).await?);
    }
    let ids: Vec<MemberId> = put_back.iter().copied().collect();
    audit::record_imported(granted, app, &mut tx, plan.id, audit::Imported::Undone, &ids).await?;
    let mut done: HashSet<MemberId> = remove(granted, &mut tx, &judged).await?.into_iter().collect();
    done.extend(put_back);
    let classes = new_classes::made(granted, &mut tx, plan.id).await?;
    let classes = classes::delete_empty(granted, &mut tx, &classes).await?;
    let stays: Vec<KeptChange> = judged.into_iter().filter_map(|row| stay(row, &done)).collect();
    // Given up meanwhile, because this worker was taken for dead: then all stays as it was.
    if !rows::finish(granted, &mut tx, plan.id, &stays, app.clock.now()).await? {
        return Ok(());
    }
    if plan.source.is_sync() {
        links::put_back(granted, &mut tx, plan.id).await?;
        class_links::put_back(granted, &mut tx, plan.id).await?;
    }
    store::recount_results(granted, &mut tx, plan.id).await?;
    let action = AuditAction::PlanUndone { undone: done.len(), stayed: stays.len(), classes: classes.len() };
    audit::record(granted, app, &mut tx, audit::Event::about(action, plan.id)).await?;
    tx.commit().await?;
    Ok(())
}

/// What stays of a row: what was judged to, and all of it where the person has changed between the judgement and now.
fn stay(row: Judged, done: &HashSet<MemberId>) -> Option<KeptChange> {
    let is_late = !matches!(row.takeback, Takeback::Nothing) && !done.contains(&row.member_id);
    let faults = if is_late { vec![Fault::new(Field::FullName, "undo-late", "")] } else { row.stays };
    (!faults.is_empty()).then_some(KeptChange { line: row.line, faults })
}

async fn remove(scope: &Scope, tx: &mut PgConnection, judged: &[Judged]) -> Result<Vec<MemberId>> {
    let created = judged.iter().filter(|row| matches!(row.takeback, Takeback::Remove));
    let created: Vec<MemberId> = created.map(|row| row.member_id).collect();
    let held = members::accounts_held(scope, tx, &created).await?;
    let used = accounts::used(tx, &held.iter().map(|(_, account)| *account).collect::<Vec<_>>()).await?;
    let come: HashSet<MemberId> =
        held.into_iter().filter(|(_, account)| used.contains(account)).map(|(member, _)| member).collect();
    let created: Vec<MemberId> = created.into_iter().filter(|member| !come.contains(member)).collect();
    let removed = departures::remove_unused(scope, tx, &created).await?;
    let accounts: Vec<AccountId> = removed.iter().filter_map(|(_, account)| *account).collect();
    accounts::remove_memberships(tx, &accounts, scope.school_id()).await?;
    accounts::delete_unused(tx, &accounts).await?;
    Ok(removed.into_iter().map(|(id, _)| id).collect())
}

async fn set_back(scope: &Scope, tx: &mut PgConnection, plan: &Plan, judged: &[Judged]) -> Result<BTreeSet<MemberId>> {
    let backs: Vec<&SetBack> = judged
        .iter()
        .filter_map(|row| if let Takeback::SetBack(back) = &row.takeback { Some(back.as_ref()) } else { None })
        .collect();
    let members: Vec<records::ChangedMember> = backs.iter().map(|back| back.member.clone()).collect();
    let written: BTreeSet<MemberId> =
        records::update(scope, tx, plan.school_year_id, &members).await?.into_iter().collect();
    let backs = || backs.iter().filter(|back| written.contains(&back.member.id));
    let places: Vec<_> = backs().filter_map(|back| Some((back.member.id, back.place.clone()?))).collect();
    snapshot::put_enrolments_back(scope, tx, plan.school_year_id, &places).await?;
    // Their accounts no longer lead to this school: those that they have now, whatever they had before.
    let leaving: Vec<MemberId> = backs().filter(|back| back.leaves_again).map(|back| back.member.id).collect();
    let held = members::all_accounts_of(scope, tx, &leaving).await?;
    accounts::remove_memberships(tx, &held, scope.school_id()).await?;
    Ok(written)
}

async fn bring_back(scope: &Scope, app: &App, tx: &mut PgConnection, judged: &[Judged]) -> Result<BTreeSet<MemberId>> {
    let people: Vec<_> = judged
        .iter()
        .filter_map(|row| match &row.takeback {
            Takeback::BringBack { version, was } => Some((row.member_id, *version, was.as_ref())),
            _ => None,
        })
        .collect();
    snapshot::bring_back(scope, app, tx, &people).await
}
