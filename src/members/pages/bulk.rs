//! What is done about those who are picked in the list, or about all that it shows.

use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    members::{
        bulk::{self, Act, MOST},
        list_query::ListQuery,
        store,
    },
    schools::years,
    web::{forms::Form, page},
};

/// `ids` are members, or `all` of the list that the address names; `class` is where to move to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct BulkForm {
    ids: Vec<String>,
    action: String,
    class: String,
}

pub async fn submit(
    State(app): State<App>,
    granted: Granted<may::ManageAccounts>,
    Query(query): Query<ListQuery>,
    Form(form): Form<BulkForm>,
) -> Result<Response> {
    let back = |what: &str, count: usize| {
        let query = query.link(&[("done", what), ("n", &count.to_string())]);
        page::redirect(&format!("/schools/{}/accounts?{query}", granted.school.code))
    };
    let all = form.ids.iter().any(|id| id == "all");
    let ids = if all { ids_of(&app, &granted, &query).await? } else { picked(&form.ids) };
    if ids.is_empty() {
        return Ok(back("bulk-nobody", 0));
    }
    let (act, what) = match form.action.as_str() {
        "password" => (Act::Password, ""),
        "sign-out" => (Act::SignOut, "bulk-sign-out"),
        "suspension" => (Act::Suspension, "bulk-suspension"),
        "move" => (Act::Move(form.class.parse().map_err(|_| Error::NotFound)?), "bulk-move"),
        "slips" => return Ok(to_slips(&granted, &query, all, &ids)),
        _ => return Ok(back("bulk-nobody", 0)),
    };
    let count = bulk::act(&granted, &app, &ids, act).await?;
    // New passwords are of no use before they are handed out.
    Ok(if act == Act::Password { to_slips(&granted, &query, all, &ids) } else { back(what, count) })
}

fn picked(ids: &[String]) -> Vec<Uuid> {
    ids.iter().filter_map(|id| id.parse().ok()).collect()
}

async fn ids_of(app: &App, granted: &Granted<may::ManageAccounts>, query: &ListQuery) -> Result<Vec<Uuid>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let ids = store::ids(granted, &mut tx, year.id, &query.filter(), None, MOST).await?;
    tx.commit().await?;
    Ok(ids)
}

/// The sheet of their slips: of the same list, or of those who were picked.
fn to_slips(granted: &Granted<may::ManageAccounts>, query: &ListQuery, all: bool, ids: &[Uuid]) -> Response {
    let query = if all {
        query.link(&[])
    } else {
        let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
        format!("ids={}", ids.join(","))
    };
    page::redirect(&format!("/schools/{}/slips?{query}", granted.school.code))
}
