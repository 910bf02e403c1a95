//! What somebody waits for who is in no school yet.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};

use crate::{
    app::App,
    companies::store::{self as companies, Of},
    identity::{
        accounts,
        registrations::{self, Waiting},
        throttle, verification,
    },
    web::{L, Reply, Shell, Visitor, html, page},
};

#[derive(Template)]
#[template(path = "registration/state.html")]
struct StatePage {
    l: L,
    shell: Shell,
    login: String,
    is_unverified: bool,
    waiting: Vec<Waiting>,
    companies: Vec<Of>,
    /// The code of a school that he is in.
    school: Option<String>,
    now: DateTime<Utc>,
}

pub async fn show(State(app): State<App>, visitor: Visitor) -> Reply {
    let signed_in = visitor.signed_in()?;
    let account = signed_in.account_id;
    let since = verification::waits_since(&mut *app.db.pool().acquire().await?, account).await?;
    html(&StatePage {
        l: visitor.l,
        shell: Shell::plain(&visitor),
        login: signed_in.login.clone(),
        is_unverified: since.is_some(),
        waiting: registrations::of_account(&app.db, account).await?,
        companies: companies::of_account(&app.db, account).await?,
        school: accounts::home_school(&app.db, account).await?,
        now: visitor.now,
    })
}

/// The mail with the link, once more.
pub async fn send_again(State(app): State<App>, visitor: Visitor) -> Reply {
    let signed_in = visitor.signed_in()?;
    let account = signed_in.account_id;
    let place = registrations::of_account(&app.db, account).await?.into_iter().next().map(|waiting| waiting.school);
    let place = match place {
        Some(school) => Some(school),
        None => companies::of_account(&app.db, account).await?.into_iter().next().map(|company| company.name),
    };
    let since = verification::waits_since(&mut *app.db.pool().acquire().await?, account).await?;
    if since.is_none() {
        return Ok(page::redirect("/registration"));
    }
    let mut tx = app.db.begin().await?;
    if !throttle::may_mail(&mut tx, &signed_in.login, app.clock.now()).await? {
        return Ok(page::redirect("/registration?done=mail-enough"));
    }
    let place = place.unwrap_or_else(|| "Schoolgate".to_owned());
    verification::mail_link(&mut tx, &app, account, "", &place, visitor.l.0).await?;
    tx.commit().await?;
    Ok(page::redirect("/registration?done=mail-sent"))
}
