//! The link in the mail. The page has a button: what scans mails opens links, and presses no buttons.

use askama::Template;
use axum::extract::{Path, State};

use crate::{
    app::App,
    error::Result,
    identity::{accounts, links::Link, token::Token, verification},
    web::{L, Reply, Shell, Visitor, html, page},
};

#[derive(Template)]
#[template(path = "registration/verify.html")]
struct VerifyPage {
    l: L,
    shell: Shell,
    token: String,
    login: String,
}

#[derive(Template)]
#[template(path = "registration/link_dead.html")]
struct LinkDeadPage {
    l: L,
    shell: Shell,
}

pub async fn show(State(app): State<App>, visitor: Visitor, Path(token): Path<String>) -> Reply {
    let Some(link) = find(&app, &token).await? else { return dead_link(&visitor) };
    let account = accounts::summary(&mut *app.db.pool().acquire().await?, link.account_id).await?;
    html(&VerifyPage { l: visitor.l, shell: Shell::plain(&visitor), token, login: account.login })
}

pub async fn submit(State(app): State<App>, visitor: Visitor, Path(token): Path<String>) -> Reply {
    let Some(link) = find(&app, &token).await? else { return dead_link(&visitor) };
    if !verification::verify(&app, &link).await? {
        return dead_link(&visitor);
    }
    let is_signed_in = visitor.signed_in.as_ref().is_some_and(|who| who.account_id == link.account_id);
    Ok(page::redirect(if is_signed_in { "/registration?done=verified" } else { "/sign-in?done=verified" }))
}

async fn find(app: &App, token: &str) -> Result<Option<Link>> {
    let Some(token) = Token::parse(token) else { return Ok(None) };
    verification::find(&app.db, &token, app.clock.now()).await
}

fn dead_link(visitor: &Visitor) -> Reply {
    let page = LinkDeadPage { l: visitor.l, shell: Shell::plain(visitor) };
    page::with_status(axum::http::StatusCode::NOT_FOUND, &page)
}
