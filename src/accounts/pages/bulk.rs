//! Actions on the people who are selected in the list, or on all that it shows.

use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    accounts::bulk::{self, BulkAction, MOST},
    app::App,
    error::Result,
    ids::{ClassId, MemberId},
    roster::{list_query::ListQuery, store},
    schools::{classes, years},
    web::{RequestContext, forms::Form, limits, page},
};

/// `ids` are members, or `all` of the list that the query string names; `class` is the class to move to, by id or name;
/// `undo` is only for suspensions, and is enough without an `action`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct BulkForm {
    ids: Vec<String>,
    action: String,
    class: String,
    undo: String,
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Query(query): Query<ListQuery>,
    Form(form): Form<BulkForm>,
) -> Result<Response> {
    let back = |what: &str, count: usize, left_out: usize| {
        let changes = [("done", what), ("n", &count.to_string()), ("left_out", &left_out.to_string())];
        page::redirect(&format!("/schools/{}/accounts?{}", granted.school.code, query.link(&changes)))
    };
    let all = form.ids.iter().any(|id| id == "all");
    let Lot { ids, class_id } = lot(&app, &granted, &query, &form, all).await?;
    if ids.is_empty() {
        return Ok(back("bulk-nobody", 0, 0));
    }
    if ids.len() > MOST {
        return Ok(back("bulk-too-many", MOST, 0));
    }
    let (act, what) = match form.action.as_str() {
        "suspension" | "" if !form.undo.is_empty() => (BulkAction::Lifting, "bulk-lifting"),
        "password" => (BulkAction::Password, ""),
        "sign-out" => (BulkAction::SignOut, "bulk-sign-out"),
        "suspension" => (BulkAction::Suspension, "bulk-suspension"),
        "move" => match class_id {
            Some(class_id) => (BulkAction::Move(class_id), "bulk-move"),
            None => return Ok(back("bulk-no-class", 0, 0)),
        },
        "slips" => return Ok(to_slips(&granted, &query, all, &ids)),
        _ => return Ok(back("bulk-nobody", 0, 0)),
    };
    let count = bulk::act(&granted, &app, &ids, act, visitor.l.0).await?;
    // New passwords are of no use until their slips are handed out.
    Ok(match act {
        BulkAction::Password => to_slips(&granted, &query, all, &ids),
        _ => back(what, count, ids.len() - count.min(ids.len())),
    })
}

fn picked(ids: &[String]) -> Vec<MemberId> {
    ids.iter().filter_map(|id| id.parse().ok()).collect()
}

/// The members to act on, and the class to move to.
struct Lot {
    ids: Vec<MemberId>,
    class_id: Option<ClassId>,
}

async fn lot(
    app: &App,
    granted: &Granted<may::ManageAccounts>,
    query: &ListQuery,
    form: &BulkForm,
    all: bool,
) -> Result<Lot> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let class_id = match form.class.parse() {
        Ok(id) => Some(id),
        Err(_) => classes::named(granted, &mut tx, year.id, &form.class).await?.map(|class| class.id),
    };
    let ids = if all {
        let filter = query.clone().settle(granted, &mut tx, year.id).await?.filter();
        // One more than the limit shows that there are too many.
        let most = i64::try_from(MOST + 1).unwrap_or(i64::MAX);
        store::ids(granted, &mut tx, year.id, &filter, most).await?
    } else {
        picked(&form.ids)
    };
    tx.commit().await?;
    Ok(Lot { ids, class_id })
}

/// The page of their slips: of the same list, or of the selected members.
fn to_slips(granted: &Granted<may::ManageAccounts>, query: &ListQuery, all: bool, ids: &[MemberId]) -> Response {
    let query = if all {
        query.link(&[])
    } else {
        let ids: Vec<String> = ids.iter().map(MemberId::to_string).collect();
        format!("ids={}", ids.join(","))
    };
    // A selection too long for a query string is shown among all slips that are not printed.
    let query = if query.len() > limits::QUERY_BYTES { "status=slips".to_owned() } else { query };
    page::redirect(&format!("/schools/{}/slips?{query}", granted.school.code))
}
