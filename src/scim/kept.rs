//! One shape for what is asked about people and groups: each request is one transaction under the roster's lock, about the
//! version that it names, and is answered with the resource as it is then.

use axum::{
    Extension,
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use serde_json::{Map, Value};
use sqlx::PgConnection;

use super::{
    answer::{Resource, ScimResult},
    patch, request,
    schema::{self, Schema},
};
use crate::{
    access::Scope,
    app::App,
    db,
    error::{Error, Result},
    schools::years::{self, Year},
};

/// A kind of resource that another system keeps in step with its own.
pub trait SyncedResource: Sized + Send + Sync {
    /// What a request wants it to be.
    type Wanted: Send + Sync;

    const SCHEMA: &str;

    fn read(resource: &Value, today: NaiveDate) -> ScimResult<Self::Wanted>;

    /// As addresses name it.
    fn address_id(&self) -> String;

    fn told(&self, app: &App) -> Resource;

    /// # Errors
    /// [`Error::NotFound`] where the school has none of this id.
    fn find(scope: &Scope, tx: &mut PgConnection, year: &Year, id: &str) -> impl Future<Output = Result<Self>> + Send;

    /// The same for a change: what is told of it holds until that is made.
    fn find_to_change(
        scope: &Scope,
        tx: &mut PgConnection,
        year: &Year,
        id: &str,
    ) -> impl Future<Output = Result<Self>> + Send {
        Self::find(scope, tx, year, id)
    }

    /// Makes one, and gives its id as addresses name it.
    fn make(
        scope: &Scope,
        app: &App,
        tx: &mut PgConnection,
        year: &Year,
        wanted: &Self::Wanted,
    ) -> impl Future<Output = ScimResult<String>> + Send;

    /// Makes it what is wanted, by what the pages do.
    fn change(
        &self,
        scope: &Scope,
        app: &App,
        tx: &mut PgConnection,
        year: &Year,
        wanted: &Self::Wanted,
    ) -> impl Future<Output = ScimResult<()>> + Send;

    fn remove(&self, scope: &Scope, app: &App, tx: &mut PgConnection) -> impl Future<Output = ScimResult<()>> + Send;

    /// The resource after a change in parts.
    fn patched(
        &self,
        schema: &Schema,
        mut resource: Map<String, Value>,
        request: &Value,
    ) -> ScimResult<Map<String, Value>> {
        patch::apply(schema, &mut resource, request)?;
        Ok(resource)
    }
}

/// Makes one.
pub async fn make<K: SyncedResource>(
    State(app): State<App>,
    Extension(scope): Extension<Scope>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> ScimResult<Response> {
    let wanted = K::read(&request::body(&headers, &body)?, app.clock.today())?;
    let (mut tx, year) = begin(&scope, &app).await?;
    let id = K::make(&scope, &app, &mut tx, &year, &wanted).await?;
    let made = K::find(&scope, &mut tx, &year, &id).await?;
    tx.commit().await?;
    Ok(made.told(&app).made(&request::selection(query.as_deref())))
}

/// Shows one.
pub async fn show<K: SyncedResource>(
    State(app): State<App>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> ScimResult<Response> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let year = years::current(&scope, &mut tx, app.clock.today()).await?;
    let found = K::find(&scope, &mut tx, &year, &id).await?;
    tx.commit().await?;
    Ok(found.told(&app).answer(&request::selection(query.as_deref()), &headers))
}

/// Replaces what is known of one.
pub async fn replace<K: SyncedResource>(
    State(app): State<App>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> ScimResult<Response> {
    let wanted = K::read(&request::body(&headers, &body)?, app.clock.today())?;
    let changed = keep::<K>(&scope, &app, &headers, &id, |_, _| Ok(wanted)).await?;
    Ok(changed.answer(&request::selection(query.as_deref()), &HeaderMap::new()))
}

/// Changes a part of what is known of one: a change in parts is applied to the resource as it is told, and what comes out
/// replaces it.
pub async fn change_in_parts<K: SyncedResource>(
    State(app): State<App>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> ScimResult<Response> {
    let (parts, today) = (request::body(&headers, &body)?, app.clock.today());
    let schema = schema::of(K::SCHEMA).ok_or_else(|| Error::Internal(anyhow::anyhow!("there is no such schema")))?;
    let changed = keep::<K>(&scope, &app, &headers, &id, |found, told| {
        let resource = found.patched(schema, told.to_change(), &parts)?;
        K::read(&Value::Object(resource), today)
    });
    Ok(changed.await?.answer(&request::selection(query.as_deref()), &HeaderMap::new()))
}

/// Takes one away.
pub async fn remove<K: SyncedResource>(
    State(app): State<App>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> ScimResult<Response> {
    let (mut tx, year) = begin(&scope, &app).await?;
    let found = K::find_to_change(&scope, &mut tx, &year, &id).await?;
    found.told(&app).require(&headers)?;
    found.remove(&scope, &app, &mut tx).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn keep<K: SyncedResource>(
    scope: &Scope,
    app: &App,
    headers: &HeaderMap,
    id: &str,
    wanted: impl FnOnce(&K, &Resource) -> ScimResult<K::Wanted> + Send,
) -> ScimResult<Resource> {
    let (mut tx, year) = begin(scope, app).await?;
    let found = K::find_to_change(scope, &mut tx, &year, id).await?;
    let told = found.told(app);
    told.require(headers)?;
    let wanted = wanted(&found, &told)?;
    found.change(scope, app, &mut tx, &year, &wanted).await?;
    let changed = K::find(scope, &mut tx, &year, &found.address_id()).await?;
    tx.commit().await?;
    Ok(changed.told(app))
}

async fn begin(scope: &Scope, app: &App) -> Result<(db::Tx, Year)> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    db::lock_roster(&mut tx, scope.school_id()).await?;
    let year = years::current(scope, &mut tx, app.clock.today()).await?;
    Ok((tx, year))
}
