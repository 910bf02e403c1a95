//! Slips as a file: for the people on the page, those selected in the list, or all that the list shows.

use std::collections::HashMap;

use axum::extract::{Query, State};
use serde::Deserialize;

use super::sheets::school_sign_in_address;
use crate::{
    access::{Granted, may},
    app::App,
    ids::MemberId,
    paths,
    roster::{list_query::ListQuery, store as members},
    schools::years,
    slips::{
        actions::{self, Slip},
        file::{self, SlipRow},
    },
    web::{PageResult, RequestContext, forms::Form, page},
};

/// `ids` are members, many or with commas between them, or `all` of the list that the address names.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DownloadForm {
    ids: Vec<String>,
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::PrintSlips>,
    Query(list): Query<ListQuery>,
    Form(form): Form<DownloadForm>,
) -> PageResult {
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    let year = years::current(&granted, &mut tx, app.clock.today()).await?;
    let ids: Vec<MemberId> = if form.ids.iter().any(|id| id == "all") {
        let filter = list.clone().settle(&granted, &mut tx, year.id).await?.filter();
        members::ids(&granted, &mut tx, year.id, &filter, i64::MAX).await?
    } else {
        form.ids.iter().flat_map(|ids| ids.split(',')).filter_map(|id| id.parse().ok()).collect()
    };
    let names = members::names(&granted, &mut tx, year.id, &ids).await?;
    let slips = actions::download(&granted, &app, &mut tx, &ids).await?;
    tx.commit().await?;
    if slips.is_empty() {
        let query = list.link(&[("done", "slips-none")]);
        return Ok(page::redirect(paths::Accounts::of(&granted.school.code).with_query(&query)));
    }
    let l = visitor.l;
    let mut slips: HashMap<MemberId, Slip> = slips.into_iter().map(|slip| (slip.member_id, slip)).collect();
    let row = |name: members::SlipName| {
        let slip = slips.remove(&name.id)?;
        Some(SlipRow {
            name: name.full_name,
            class_name: name.class_name.unwrap_or_default(),
            birth_date: name.birth_date.map(|date| l.date(&date)).unwrap_or_default(),
            login: slip.login,
            password: slip.password,
            good_until: l.day(&slip.good_until),
        })
    };
    let rows: Vec<SlipRow> = names.into_iter().filter_map(row).collect();
    let address = school_sign_in_address(&app, &granted);
    let written = tokio::task::spawn_blocking(move || file::workbook(&rows, &address, l)).await;
    let workbook = written.map_err(anyhow::Error::new)?.map_err(anyhow::Error::new)?;
    Ok(page::attachment(workbook, page::XLSX, &format!("{}-slips-{}.xlsx", granted.school.code, app.clock.today())))
}
