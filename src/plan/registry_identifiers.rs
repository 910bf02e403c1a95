//! The identifiers of a submission that is taken over. One that a pupil of another school holds is a move: the pupil
//! leaves the registry there, and the identifier comes here, in the same transaction. All the registries that this is
//! about are locked first, in the order of their ids. Staff may work in two schools: the first keeps the identifier.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use sqlx::PgConnection;

use super::model::{Plan, Source};
use crate::{
    access::Scope,
    app::App,
    db,
    error::{Error, Result},
    ids::{RegistryPersonId, SchoolId},
    registry::{
        conflicts::{self, ClaimOrigin, ConflictState, IdentifierClaim},
        identifiers::{self, Holder, IdentifierHash, IdentifierKey},
        moves, records,
    },
    roster::fields::{Field, Values},
};

/// The identifiers of a plan's rows, and the schools whose registries are locked because they hold some.
pub(super) struct Identifiers {
    key: IdentifierKey,
    locked: BTreeSet<SchoolId>,
    /// Whether people come along with their identifiers.
    is_of_pupils: bool,
}

impl Identifiers {
    pub(super) async fn lock(scope: &Scope, app: &App, tx: &mut PgConnection, plan: &Plan) -> Result<Self> {
        let key = IdentifierKey::load(app, tx).await?;
        let is_of_pupils = plan.source == Source::Students;
        let mut locked = BTreeSet::from([scope.school_id()]);
        if is_of_pupils {
            let named = sqlx::query_scalar!(
                r#"SELECT "values" ->> 'moet_id' AS "moet_id!" FROM plan_rows
                   WHERE school_id = $1 AND plan_id = $2 AND outcome IN ('create', 'update') AND "values" ? 'moet_id'"#,
                scope.school_id(),
                plan.id,
            )
            .fetch_all(&mut *tx)
            .await?;
            let hashes: Vec<IdentifierHash> = named.iter().map(|moet_id| key.hash(moet_id)).collect();
            let holders = identifiers::holders(tx, &hashes).await?;
            locked.extend(holders.values().map(|holder| holder.school_id));
        }
        records::lock(tx, &locked).await?;
        Ok(Self { key, locked, is_of_pupils })
    }

    pub(super) fn hash(&self, values: &Values) -> Option<IdentifierHash> {
        values.get(&Field::MoetId).map(|moet_id| self.key.hash(moet_id))
    }

    /// Of pupils whose rows name no identifier, those whose own one another school holds by now: it is not theirs any
    /// more. Only a row that names it moves the pupil back.
    pub(super) async fn lost(
        &self,
        scope: &Scope,
        tx: &mut PgConnection,
        unnamed: &[(RegistryPersonId, &str)],
    ) -> Result<HashSet<RegistryPersonId>> {
        if !self.is_of_pupils || unnamed.is_empty() {
            return Ok(HashSet::new());
        }
        let hashes: Vec<IdentifierHash> = unnamed.iter().map(|(_, moet_id)| self.key.hash(moet_id)).collect();
        let holders = identifiers::holders(tx, &hashes).await?;
        let is_elsewhere = |hash| holders.get(hash).is_some_and(|holder| holder.school_id != scope.school_id());
        let lost = unnamed.iter().zip(&hashes).filter(|(_, hash)| is_elsewhere(*hash));
        Ok(lost.map(|((id, _), _)| *id).collect())
    }

    /// Takes the identifiers of those who were written; those that other schools hold come along with their pupils.
    /// Gives how many.
    ///
    /// # Errors
    /// [`Error::Overloaded`] where an identifier went to another school at this very moment.
    pub(super) async fn settle(
        &self,
        scope: &Scope,
        app: &App,
        tx: &mut PgConnection,
        plan: &Plan,
        mut held: Vec<(IdentifierHash, RegistryPersonId)>,
    ) -> Result<usize> {
        held.sort_unstable();
        held.dedup_by_key(|(hash, _)| *hash);
        let (hashes, people): (Vec<IdentifierHash>, Vec<RegistryPersonId>) = held.iter().copied().unzip();
        identifiers::let_go(scope, tx, &people, &hashes).await?;
        identifiers::take(scope, tx, &held).await?;
        let holders = identifiers::holders(tx, &hashes).await?;
        let mut moved: BTreeMap<SchoolId, Vec<RegistryPersonId>> = BTreeMap::new();
        let (mut taken_over, mut claims) = (Vec::new(), Vec::new());
        for (hash, person_id) in &held {
            let Some(holder) = holders.get(hash) else { return Err(Error::Overloaded) };
            if *holder == (Holder { school_id: scope.school_id(), person_id: *person_id }) {
                continue;
            }
            let is_elsewhere = holder.school_id != scope.school_id();
            if is_elsewhere {
                claims.push(IdentifierClaim {
                    hash: *hash,
                    holder: holder.school_id,
                    origin: ClaimOrigin::Submission(plan.id),
                });
            }
            match (self.is_of_pupils, self.locked.contains(&holder.school_id)) {
                (false, _) if is_elsewhere => {}
                (_, true) => {
                    if is_elsewhere {
                        moved.entry(holder.school_id).or_default().push(holder.person_id);
                    }
                    taken_over.push((*hash, *person_id));
                }
                (_, false) => return Err(Error::Overloaded),
            }
        }
        identifiers::take_over(scope, tx, &taken_over).await?;
        let state = if self.is_of_pupils { ConflictState::Moved } else { ConflictState::Kept };
        conflicts::note(scope, app, tx, &claims, state).await?;
        // What was claimed by rows that dropped out, or that the other school has let go of meanwhile.
        conflicts::close_of_plan(scope, app, tx, plan.id).await?;
        let count = moved.values().map(Vec::len).sum();
        for (school_id, people) in moved {
            moves::away(app, tx, school_id, &people).await?;
        }
        db::switch_scope(tx, scope.school_id()).await?;
        Ok(count)
    }
}
