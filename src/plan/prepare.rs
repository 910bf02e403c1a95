//! Everything of applying that takes time, done before the transaction: reading the rows, drawing and sealing passwords.

use uuid::Uuid;

use super::{
    draft::CHUNK,
    model::{Outcome, Plan, PlanRow},
    pace::Pace,
    resolve::signs_in_by_email,
    rows, store,
};
use crate::{
    access::Scope, app::App, error::Result, identity::password::TemporaryPassword, members::fields::RosterKind,
};

/// Somebody who is to be created, with what was prepared.
pub struct Creation {
    pub row: PlanRow,
    pub id: Uuid,
    /// Of a pupil: the account, its temporary password, sealed, and the key's id.
    pub account: Option<(Uuid, Vec<u8>, String)>,
}

/// What a plan is to write.
#[derive(Default)]
pub struct Work {
    pub creations: Vec<Creation>,
    pub updates: Vec<PlanRow>,
    pub leaves: Vec<PlanRow>,
}

impl Work {
    fn len(&self) -> i32 {
        i32::try_from(self.creations.len() + self.updates.len() + self.leaves.len()).unwrap_or(i32::MAX)
    }
}

/// Reads and prepares, telling how far it is.
///
/// # Errors
/// When the database cannot be reached.
pub async fn read(scope: &Scope, app: &App, plan: &Plan) -> Result<Work> {
    let kind = plan.source.roster_kind(scope.school.kind);
    let pace = Pace::new(app.clock.now(), plan.counts.to_write());
    let mut work = Work::default();
    for outcome in [Outcome::Create, Outcome::Update, Outcome::Leave] {
        let mut after = 0;
        loop {
            let mut tx = app.db.begin_in(scope.school_id()).await?;
            let most = i64::try_from(CHUNK).unwrap_or(i64::MAX);
            let rows = rows::page(scope, &mut tx, plan.id, Some(outcome), after, most).await?;
            let Some(last) = rows.last() else { break };
            after = last.line;
            match outcome {
                Outcome::Create => work.creations.extend(rows.into_iter().filter_map(|row| prepare(app, row, kind))),
                Outcome::Update => work.updates.extend(rows),
                _ => work.leaves.extend(rows),
            }
            store::tell_pace(scope, app, &mut tx, plan.id, "preparing", work.len(), &pace).await?;
            tx.commit().await?;
        }
    }
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    store::tell_pace(scope, app, &mut tx, plan.id, "writing", work.len(), &pace).await?;
    tx.commit().await?;
    Ok(work)
}

fn prepare(app: &App, row: PlanRow, kind: RosterKind) -> Option<Creation> {
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
