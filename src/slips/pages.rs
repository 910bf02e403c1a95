//! The sheets of slips: of a class, of what a plan created, of one person.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    actions::{self, MOST, Slip},
    qr::{self, Qr},
};
use crate::{
    access::{Action, Granted, may},
    app::App,
    error::{Error, Result},
    identity::accounts,
    members::{model::Filter, store as members},
    plan::{rows as plan_rows, store as plans},
    schools::{
        shell::{self, Entry},
        years,
    },
    web::{Access, L, Reply, Routes, Shell, Visitor, html},
};

#[must_use]
pub fn routes() -> Routes {
    let slips = Access::School(Action::PrintSlips);
    Routes::new()
        .get("/schools/{code}/slips", slips, of_class)
        .get("/schools/{code}/plans/{id}/slips", slips, of_plan)
        .get("/schools/{code}/accounts/{id}/slip", slips, of_member)
}

/// A slip with what is printed beside the password.
struct Printed {
    slip: Slip,
    name: String,
    class_name: Option<String>,
    qr: Qr,
}

#[derive(Template)]
#[template(path = "slips/sheets.html")]
struct SheetsPage {
    l: L,
    shell: Shell,
    school: String,
    /// Where one types the login, as one reads it aloud.
    address: String,
    /// Eight slips to a sheet.
    sheets: Vec<Vec<Printed>>,
    count: usize,
    /// Those who were asked for and need no slip.
    without: usize,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ClassQuery {
    class: String,
}

async fn of_class(
    State(app): State<App>,
    visitor: Visitor,
    granted: Granted<may::PrintSlips>,
    Query(query): Query<ClassQuery>,
) -> Reply {
    let class_id: Uuid = query.class.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(&granted, &mut tx, app.clock.today()).await?;
    let ids = members::ids(&granted, &mut tx, year.id, &Filter::of_class(class_id), None, MOST).await?;
    tx.commit().await?;
    sheets(&app, &visitor, &granted, &ids).await
}

async fn of_plan(
    State(app): State<App>,
    visitor: Visitor,
    granted: Granted<may::PrintSlips>,
    Path((_, id)): Path<(String, String)>,
) -> Reply {
    let plan_id: Uuid = id.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    plans::find(&granted, &mut tx, plan_id).await?;
    let ids = plan_rows::created_members(&granted, &mut tx, plan_id).await?;
    tx.commit().await?;
    sheets(&app, &visitor, &granted, &ids).await
}

async fn of_member(
    State(app): State<App>,
    visitor: Visitor,
    granted: Granted<may::PrintSlips>,
    Path((_, id)): Path<(String, String)>,
) -> Reply {
    let id: Uuid = id.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(&granted, &mut tx, app.clock.today()).await?;
    members::profile(&granted, &mut tx, year.id, id).await?;
    tx.commit().await?;
    sheets(&app, &visitor, &granted, &[id]).await
}

async fn sheets(app: &App, visitor: &Visitor, granted: &Granted<may::PrintSlips>, ids: &[Uuid]) -> Reply {
    let slips = actions::hand_out(granted, app, ids).await?;
    let count = slips.len();
    let mut printed = with_names(app, granted, slips).await?.into_iter();
    let mut sheets = Vec::new();
    loop {
        let sheet: Vec<Printed> = printed.by_ref().take(8).collect();
        if sheet.is_empty() {
            break;
        }
        sheets.push(sheet);
    }
    let host = app.config.base_url.authority();
    html(&SheetsPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, Entry::Accounts),
        school: granted.school.name.clone(),
        address: format!("{host}/schools/{}/sign-in", granted.school.code),
        sheets,
        count,
        without: ids.len() - count.min(ids.len()),
    })
}

async fn with_names(app: &App, granted: &Granted<may::PrintSlips>, slips: Vec<Slip>) -> Result<Vec<Printed>> {
    let ids: Vec<Uuid> = slips.iter().map(|slip| slip.member_id).collect();
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let names = members::names(granted, &mut tx, year.id, &ids).await?;
    tx.commit().await?;
    let mut names: HashMap<Uuid, (String, Option<String>)> =
        names.into_iter().map(|name| (name.id, (name.full_name, name.class_name))).collect();
    let printed = |slip: Slip| {
        let (name, class_name) = names.remove(&slip.member_id).unwrap_or_default();
        // The school's door adds the part behind the @ of a pupil's login; an address it takes as it is.
        let username = match slip.login.split_once('@') {
            Some((username, _)) if !accounts::is_email(&slip.login) => username.to_owned(),
            _ => slip.login.clone(),
        };
        Printed { qr: qr::code(&sign_in_address(app, granted, &username)), slip, name, class_name }
    };
    Ok(slips.into_iter().map(printed).collect())
}

/// The address in the QR code: the school's own door, with the login filled in.
fn sign_in_address(app: &App, granted: &Granted<may::PrintSlips>, username: &str) -> String {
    let mut url = app.config.base_url.clone();
    url.set_path(&format!("/schools/{}/sign-in", granted.school.code));
    url.query_pairs_mut().append_pair("login", username);
    url.to_string()
}
