//! Applying a plan: exactly what was shown, in one short transaction, or nothing.
//!
//! What takes time comes before (drawing and sealing passwords); usernames are chosen inside, under the roster's lock,
//! since they must be unique. A worker that dies leaves the plan as it was, and the job comes back.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    draft::{CHUNK, signs_in_by_email},
    model::{Outcome, Plan, PlanRow, State},
    store,
};
use crate::{
    access::{Actor, Granted, Role, Scope, may},
    app::App,
    audit, db,
    error::{Error, Result},
    identity::{
        accounts::{self, NewAccounts},
        password::TemporaryPassword,
    },
    jobs,
    mail::outbox::{self, Letter},
    members::{
        fields::{Field, RosterKind},
        invitations,
        model::Status,
        roster::{self, NewMember},
        standing, usernames,
    },
    schools::{classes, directory},
    web::i18n::Lang,
};

/// For how many days a temporary password is good.
const TEMPORARY_DAYS: i64 = 90;

/// Apply the plan of this id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ApplyPlan {
    pub school_id: Uuid,
    pub plan_id: Uuid,
}

impl jobs::Job for ApplyPlan {
    const NAME: &'static str = "apply_plan";
    const MAX_ATTEMPTS: i16 = 5;
}

impl jobs::Handle<App> for ApplyPlan {
    async fn handle(self, app: Arc<App>, attempt: jobs::Attempt) -> anyhow::Result<()> {
        let school = directory::by_id(&mut *app.db.pool().acquire().await?, self.school_id).await?;
        let scope = Scope::system(school);
        match run(&scope, &app, self.plan_id).await {
            Err(error) if attempt.is_last => {
                give_up(&scope, &app, self.plan_id).await?;
                Err(error.into())
            }
            outcome => Ok(outcome?),
        }
    }
}

/// Starts applying: the plan is handed to a worker. False where it is not ready, or somebody else was quicker.
///
/// # Errors
/// When the database cannot be reached.
pub async fn start(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    plan_id: Uuid,
    wanted_classes: Option<&[String]>,
) -> Result<bool> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    if let Some(wanted) = wanted_classes {
        store::want_classes(granted, &mut tx, plan_id, wanted).await?;
    }
    if !store::advance(granted, &mut tx, plan_id, State::Ready, State::Applying).await? {
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

/// Nothing was written, and the plan says so.
async fn give_up(scope: &Scope, app: &App, plan_id: Uuid) -> Result<()> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    store::advance(scope, &mut tx, plan_id, State::Applying, State::Failed).await?;
    tx.commit().await?;
    Ok(())
}

/// Applies a plan that was started, with the rights that whoever started it has now. Done already, it does nothing.
///
/// # Errors
/// When the database cannot be reached, or [`Error::Forbidden`] where those rights are gone.
pub async fn run(system: &Scope, app: &App, plan_id: Uuid) -> Result<()> {
    let mut tx = app.db.begin_in(system.school_id()).await?;
    let plan = store::find(system, &mut tx, plan_id).await?;
    let scope = acting_scope(system, &mut tx, &plan).await?;
    tx.commit().await?;
    if plan.state != State::Applying {
        return Ok(());
    }
    let granted = match scope.grant::<may::ManageAccounts>() {
        Ok(granted) => granted,
        Err(_) => return give_up(system, app, plan_id).await,
    };
    let kind = plan.source.roster_kind(granted.school.kind);
    let creations = prepare(&granted, app, &plan, kind).await?;
    write(&granted, app, &plan, kind, creations).await
}

/// Whoever started the plan acts; from the command line, the system.
async fn acting_scope(system: &Scope, tx: &mut PgConnection, plan: &Plan) -> Result<Scope> {
    let Some(member_id) = plan.applied_by else { return Ok(system.clone()) };
    let member = standing::actor(system, tx, member_id).await?.ok_or(Error::Forbidden)?;
    Ok(Scope { actor: Actor::Member(member), ..system.clone() })
}

/// Somebody who is to be created, with what was prepared.
struct Creation {
    row: PlanRow,
    id: Uuid,
    /// Of a pupil: the account and its temporary password, sealed.
    account: Option<(Uuid, Vec<u8>, String)>,
}

/// Everything that takes time, before the transaction.
async fn prepare(scope: &Scope, app: &App, plan: &Plan, kind: RosterKind) -> Result<Vec<Creation>> {
    let mut creations = Vec::new();
    let mut after = 0;
    loop {
        let mut tx = app.db.begin_in(scope.school_id()).await?;
        let most = i64::try_from(CHUNK).unwrap_or(i64::MAX);
        let rows = store::rows(scope, &mut tx, plan.id, Some(Outcome::Create), after, most).await?;
        let Some(last) = rows.last() else { break };
        after = last.line;
        creations.extend(rows.into_iter().filter_map(|row| prepare_one(app, row, kind)));
        let so_far = i32::try_from(creations.len()).unwrap_or(i32::MAX);
        store::tell_progress(scope, &mut tx, plan.id, "preparing", so_far).await?;
        tx.commit().await?;
    }
    Ok(creations)
}

fn prepare_one(app: &App, row: PlanRow, kind: RosterKind) -> Option<Creation> {
    let id = row.member_id?;
    let account = if signs_in_by_email(kind) {
        None
    } else {
        let account_id = row.account_id?;
        let sealed = row.password.clone().unwrap_or_else(|| {
            TemporaryPassword::generate(&app.randomness).seal(&app.keys, &app.randomness, account_id)
        });
        Some((account_id, sealed.bytes, sealed.key_id))
    };
    Some(Creation { row, id, account })
}

/// The transaction.
async fn write(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    plan: &Plan,
    kind: RosterKind,
    creations: Vec<Creation>,
) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    db::lock_roster(&mut tx, granted.school_id()).await?;
    if store::find(granted, &mut tx, plan.id).await?.state != State::Applying {
        return Ok(());
    }
    let (creations, stale) = still_good(granted, &mut tx, creations, kind).await?;
    let class_ids = make_classes(granted, app, &mut tx, plan).await?;
    let (creations, without_class) = seated(creations, &class_ids, kind);
    let stale: Vec<i32> = stale.into_iter().chain(without_class).collect();

    let people = new_members(granted, &mut tx, &creations, &class_ids, kind, now).await?;
    make_accounts(granted, &mut tx, &creations, &people, now).await?;
    roster::insert(granted, &mut tx, Some(plan.school_year_id), &people, now).await?;
    join_accounts(granted, &mut tx, &people).await?;
    invite(granted, app, &mut tx, &people).await?;

    store::finish_applying(granted, app, &mut tx, plan.id, &stale).await?;
    let done = i64::try_from(people.len()).unwrap_or_default();
    let detail = serde_json::json!({ "created": done, "stale": stale.len() });
    audit::record(granted, app, &mut tx, audit::Event::about("plan_applied", plan.id).with(detail)).await?;
    let left_out = plan.counts.left_out() + i64::try_from(stale.len()).unwrap_or_default();
    confirm(granted, app, &mut tx, plan, done, left_out).await?;
    tx.commit().await?;
    Ok(())
}

/// Rows whose person has come into the school since the plan was made drop out.
async fn still_good(
    scope: &Scope,
    tx: &mut PgConnection,
    creations: Vec<Creation>,
    kind: RosterKind,
) -> Result<(Vec<Creation>, Vec<i32>)> {
    let index = super::matching::RosterIndex::read(scope, tx).await?;
    let by_email = signs_in_by_email(kind);
    let (good, stale): (Vec<_>, Vec<_>) = creations
        .into_iter()
        .partition(|creation| index.find(&creation.row.values, by_email) == super::matching::Match::Nobody);
    Ok((good, stale.into_iter().map(|creation| creation.row.line).collect()))
}

/// Makes the wanted classes; gives all classes of the year by name.
async fn make_classes(scope: &Scope, app: &App, tx: &mut PgConnection, plan: &Plan) -> Result<HashMap<String, Uuid>> {
    let new = store::new_classes(scope, tx, plan.id).await?;
    let wanted: Vec<String> = new.into_iter().filter(|(_, wanted)| *wanted).map(|(name, _)| name).collect();
    classes::insert(scope, app, tx, plan.school_year_id, &wanted, None).await?;
    let all = classes::of_year(scope, tx, plan.school_year_id).await?;
    Ok(all.into_iter().map(|class| (class.name.to_lowercase(), class.id)).collect())
}

/// A pupil whose class was not wanted drops out: without a class he would be nowhere.
fn seated(creations: Vec<Creation>, classes: &HashMap<String, Uuid>, kind: RosterKind) -> (Vec<Creation>, Vec<i32>) {
    let needs_class = matches!(kind, RosterKind::Students);
    let (good, without): (Vec<_>, Vec<_>) = creations
        .into_iter()
        .partition(|creation| !needs_class || classes.contains_key(&creation.row.value(Field::Class).to_lowercase()));
    (good, without.into_iter().map(|creation| creation.row.line).collect())
}

async fn new_members(
    scope: &Scope,
    tx: &mut PgConnection,
    creations: &[Creation],
    classes: &HashMap<String, Uuid>,
    kind: RosterKind,
    now: DateTime<Utc>,
) -> Result<Vec<NewMember>> {
    let pupils: Vec<(&str, Option<&str>)> = creations
        .iter()
        .filter(|creation| creation.account.is_some())
        .map(|creation| {
            (creation.row.value(Field::FullName), creation.row.values.get(&Field::Username).map(String::as_str))
        })
        .collect();
    let mut usernames = usernames::choose(scope, tx, &pupils).await?.into_iter();
    let is_student = matches!(kind, RosterKind::Students | RosterKind::HigherStudents);
    Ok(creations
        .iter()
        .map(|creation| NewMember {
            id: creation.id,
            account_id: creation.account.as_ref().map(|(id, ..)| *id),
            role: if is_student { Role::Student } else { Role::Teacher },
            status: if creation.account.is_some() { Status::Active } else { Status::Invited },
            username: creation.account.as_ref().and_then(|_| usernames.next()),
            temporary_until: creation.account.as_ref().map(|_| now + Duration::days(TEMPORARY_DAYS)),
            class_id: classes.get(&creation.row.value(Field::Class).to_lowercase()).copied(),
            values: creation.row.values.clone(),
        })
        .collect())
}

async fn make_accounts(
    scope: &Scope,
    tx: &mut PgConnection,
    creations: &[Creation],
    people: &[NewMember],
    now: DateTime<Utc>,
) -> Result<()> {
    let login = |username: &String| usernames::login(username, &scope.school.code);
    // Sheets' passwords may have been sealed with an older key than those drawn now.
    let mut by_key: HashMap<&str, NewAccounts> = HashMap::new();
    for (creation, person) in creations.iter().zip(people) {
        let (Some((id, sealed, key_id)), Some(username)) = (&creation.account, &person.username) else { continue };
        let batch = by_key.entry(key_id).or_insert_with(|| NewAccounts {
            ids: Vec::new(),
            logins: Vec::new(),
            sealed: Vec::new(),
            key_id: key_id.clone(),
            expires_at: now + Duration::days(TEMPORARY_DAYS),
        });
        batch.ids.push(*id);
        batch.logins.push(login(username));
        batch.sealed.push(sealed.clone());
    }
    for batch in by_key.values() {
        accounts::insert(tx, batch, now).await?;
    }
    Ok(())
}

async fn join_accounts(scope: &Scope, tx: &mut PgConnection, people: &[NewMember]) -> Result<()> {
    let (accounts, members): (Vec<Uuid>, Vec<Uuid>) =
        people.iter().filter_map(|person| Some((person.account_id?, person.id))).unzip();
    accounts::join(tx, &accounts, scope.school_id(), &members).await
}

/// Mails an invitation to everybody who signs in with his own address.
async fn invite(scope: &Scope, app: &App, tx: &mut PgConnection, people: &[NewMember]) -> Result<()> {
    for person in people.iter().filter(|person| person.status == Status::Invited) {
        let Some(email) = person.values.get(&Field::Email) else { continue };
        let name = person.values.get(&Field::FullName).cloned().unwrap_or_default();
        let letter = Letter::MemberInvitation { name, school: scope.school.name.clone() };
        invitations::send(scope, app, tx, person.id, email, &letter, Lang::default()).await?;
    }
    Ok(())
}

/// One mail to whoever applied the plan.
async fn confirm(scope: &Scope, app: &App, tx: &mut PgConnection, plan: &Plan, done: i64, left_out: i64) -> Result<()> {
    let Some(member) = scope.member() else { return Ok(()) };
    let letter = Letter::PlanApplied {
        name: member.full_name.clone(),
        school: scope.school.name.clone(),
        school_code: scope.school.code.clone(),
        plan_id: plan.id,
        done,
        left_out,
    };
    outbox::post(tx, app, member.account_id, &letter, None, Lang::default()).await
}
