//! Actions on the people who are selected in the list, or on all that it shows.

use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    accounts::{
        activation,
        bulk::{self, BulkAction, MOST},
        pages::activation::RefusalPage,
    },
    app::App,
    error::Result,
    ids::{ClassId, MemberId},
    paths,
    roster::{list_query::ListQuery, store},
    schools::{classes, years},
    web::{
        RequestContext,
        forms::{self, Form},
        html, limits, page, refused,
    },
};

/// `ids` are members, or `all` of the list that the query string names; `class` is the class to move to, by id or name;
/// `undo` is only for suspensions, and is enough without an `action`; `reason` is for refusals, and is asked for until
/// `confirmed`. A report has its people mended together (`only`): `expired` are those whose temporary password has expired,
/// `unplaced` the pupils in no class; those who are so no more are left as they are.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct BulkForm {
    ids: Vec<String>,
    action: String,
    class: String,
    undo: String,
    reason: String,
    confirmed: String,
    only: String,
}

/// The most people who wait that one action answers: each gets a mail.
const MOST_ANSWERS: usize = 500;

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Query(query): Query<ListQuery>,
    Form(form): Form<BulkForm>,
) -> Result<Response> {
    let back = |what: &str, count: usize, left_out: usize| {
        let changes = [("done", what), ("n", &count.to_string()), ("left_out", &left_out.to_string())];
        page::redirect(match form.only.as_str() {
            "unplaced" => {
                let line = paths::ReportQuality::of(&granted.school.code).with("line", "no-class");
                changes.iter().fold(line, |address, (name, value)| address.with(name, value))
            }
            _ => paths::Accounts::of(&granted.school.code).with_query(&query.link(&changes)),
        })
    };
    let all = form.ids.iter().any(|id| id == "all");
    let is_answer = matches!(form.action.as_str(), "activation" | "refusal");
    let most = if is_answer { MOST_ANSWERS } else { MOST };
    let Lot { ids, class_id } = lot(&app, &granted, &query, &form, all).await?;
    if ids.is_empty() {
        return Ok(back("bulk-nobody", 0, 0));
    }
    if ids.len() > most {
        return Ok(back("bulk-too-many", most, 0));
    }
    if form.action == "activation" {
        let count = activation::activate_all(&granted, &app, &ids).await?;
        return Ok(back("bulk-activation", count, ids.len() - count.min(ids.len())));
    }
    if form.action == "refusal" {
        return refuse(&app, &visitor, &granted, &query, form, &ids).await;
    }
    let (act, what) = match form.action.as_str() {
        "suspension" | "" if !form.undo.is_empty() => (BulkAction::Lifting, "bulk-lifting"),
        "password" if form.only == "expired" => (BulkAction::ExpiredPassword, ""),
        "password" => (BulkAction::Password, ""),
        "sign-out" => (BulkAction::SignOut, "bulk-sign-out"),
        "suspension" => (BulkAction::Suspension, "bulk-suspension"),
        "move" => match class_id {
            Some(class_id) if form.only == "unplaced" => (BulkAction::Placing(class_id), "bulk-move"),
            Some(class_id) => (BulkAction::Move(class_id), "bulk-move"),
            None => return Ok(back("bulk-no-class", 0, 0)),
        },
        "slips" => return Ok(to_slips(&granted, &query, all, &ids)),
        _ => return Ok(back("bulk-nobody", 0, 0)),
    };
    let count = bulk::act(&granted, &app, &ids, act, visitor.l.0).await?;
    // New passwords are of no use until their slips are handed out.
    Ok(match act {
        BulkAction::Password | BulkAction::ExpiredPassword => to_slips(&granted, &query, all, &ids),
        _ => back(what, count, ids.len() - count.min(ids.len())),
    })
}

/// Refuses people who wait, once there is a reason: the page that asks for it says who they are.
async fn refuse(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageAccounts>,
    query: &ListQuery,
    form: BulkForm,
    ids: &[MemberId],
) -> Result<Response> {
    let reason = forms::reason(&form.reason);
    if let (Ok(reason), false) = (&reason, form.confirmed.is_empty()) {
        let count = activation::refuse_all(granted, app, ids, reason).await?;
        let (n, left_out) = (count.to_string(), (ids.len() - count.min(ids.len())).to_string());
        let changes = [("done", "bulk-refusal"), ("n", n.as_str()), ("left_out", left_out.as_str())];
        return Ok(page::redirect(paths::Accounts::of(&granted.school.code).with_query(&query.link(&changes))));
    }
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let names = store::names(granted, &mut tx, year.id, ids).await?;
    tx.commit().await?;
    let names = names.into_iter().map(|name| name.full_name).collect();
    let page = RefusalPage::of_many(visitor, granted, names, form.ids, query);
    match reason {
        Err(fault) if !form.confirmed.is_empty() => refused(&page.with_fault(form.reason, fault)),
        _ => html(&page),
    }
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
    page::redirect(paths::Slips::of(&granted.school.code).with_query(&query))
}
