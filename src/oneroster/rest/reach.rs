//! Which schools a client sees.

use crate::{
    access::{Actor, Scope},
    app::App,
    clients::ClientToken,
    error::{Error, Result},
    ids::SchoolId,
    schools::directory,
};

/// The most schools that are gone through for one answer. A client of more asks school by school.
const MOST: usize = 2_000;

/// The scopes in which the client reads, in the order of the schools' ids; of one school, where it is named.
///
/// # Errors
/// [`Error::NotFound`] where it does not see that school; [`Error::SchoolSuspended`]; [`Error::Forbidden`] where it sees
/// more schools than are gone through.
pub async fn scopes(app: &App, token: &ClientToken, only: Option<&str>) -> Result<Vec<Scope>> {
    let only = only.map(|id| id.parse::<SchoolId>().map_err(|_| Error::NotFound)).transpose()?;
    let ids = match token.school_id {
        Some(own) if only.is_none_or(|only| only == own) => vec![own],
        Some(_) => return Err(Error::NotFound),
        None => {
            let ids = sqlx::query_scalar!(
                "SELECT id FROM schools
                 WHERE suspended_at IS NULL AND ($1::text IS NULL OR province_code = $1) AND ($2::uuid IS NULL OR id = $2)
                 ORDER BY id LIMIT $3",
                token.province,
                only,
                i64::try_from(MOST + 1).unwrap_or(i64::MAX),
            );
            ids.fetch_all(app.db.pool()).await?
        }
    };
    if ids.is_empty() && only.is_some() {
        return Err(Error::NotFound);
    }
    if ids.len() > MOST {
        return Err(Error::Forbidden);
    }
    let mut scopes = Vec::with_capacity(ids.len());
    for id in ids {
        let school = directory::by_id(&mut *app.db.pool().acquire().await?, id).await?;
        scopes.push(Scope { school, actor: Actor::Client(token.client_id), address: None });
    }
    if let [own] = scopes.as_slice()
        && directory::is_suspended(own, &mut *app.db.pool().acquire().await?).await?
    {
        return Err(Error::SchoolSuspended);
    }
    Ok(scopes)
}
