//! `/schools/{code}/settings/oneroster`: OneRoster services elsewhere from which a school takes its roster.
//!
//! What a service answers becomes a zip of the standard, and goes the way of every zip: one reader, one plan, one
//! review. Either all of it was fetched, or nothing is taken.

mod ask;
mod fetch;
pub mod keep;
mod pages;

pub use ask::{FetchFailure, FetchWhy, ServiceLimits};
pub use fetch::{FetchRoster, begin, fetch, is_awaited};
pub use pages::routes;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    access::Scope,
    error::{Error, Result, stored},
    ids::{PlanId, RemoteSourceId},
    plan::model::PlanState,
};

/// A service, as pages show it. Its secret is sealed and never shown.
#[derive(Clone, Debug)]
pub struct RemoteSource {
    pub id: RemoteSourceId,
    pub name: String,
    pub address: String,
    pub token_address: String,
    pub client_id: String,
    pub with_demographics: bool,
    /// When it was asked last, the plan of that, and how far that plan is.
    pub last_run: Option<(DateTime<Utc>, PlanId, PlanState)>,
}

struct ServiceRow {
    id: RemoteSourceId,
    name: String,
    address: String,
    token_address: String,
    client_id: String,
    with_demographics: bool,
    last_run_at: Option<DateTime<Utc>>,
    last_plan_id: Option<PlanId>,
    state: Option<String>,
}

impl TryFrom<ServiceRow> for RemoteSource {
    type Error = Error;

    fn try_from(row: ServiceRow) -> Result<Self> {
        let last_run = match (row.last_run_at, row.last_plan_id, row.state) {
            (Some(at), Some(plan), Some(state)) => {
                Some((at, plan, stored("state of a plan", PlanState::from_key(&state))?))
            }
            _ => None,
        };
        Ok(Self {
            id: row.id,
            name: row.name,
            address: row.address,
            token_address: row.token_address,
            client_id: row.client_id,
            with_demographics: row.with_demographics,
            last_run,
        })
    }
}

/// The services of the school, by their names.
pub async fn all(scope: &Scope, tx: &mut PgConnection) -> Result<Vec<RemoteSource>> {
    let rows = sqlx::query_as!(
        ServiceRow,
        r#"SELECT o.id, o.name, o.address, o.token_address, o.client_id, o.with_demographics, o.last_run_at, o.last_plan_id,
               p.state AS "state?"
           FROM oneroster_providers o LEFT JOIN plans p ON p.school_id = $1 AND p.id = o.last_plan_id
           WHERE o.school_id = $1 ORDER BY o.name, o.id"#,
        scope.school_id(),
    );
    rows.fetch_all(tx).await?.into_iter().map(RemoteSource::try_from).collect()
}

/// One of them.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such service.
pub async fn find(scope: &Scope, tx: &mut PgConnection, id: RemoteSourceId) -> Result<RemoteSource> {
    all(scope, tx).await?.into_iter().find(|source| source.id == id).ok_or(Error::NotFound)
}

/// The one of this name.
///
/// # Errors
/// [`Error::NotFound`] where the school has none of it.
pub async fn named(scope: &Scope, tx: &mut PgConnection, name: &str) -> Result<RemoteSource> {
    all(scope, tx).await?.into_iter().find(|source| source.name == name).ok_or(Error::NotFound)
}
