//! The page of the own calendar's address, and the calendar itself.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};

use super::{feed, ics};
use crate::{
    app::App,
    error::{Error, Result},
    me, paths,
    routes::{Access, Reauthentication, Routes},
    web::{PageResult, RequestContext, Shell, Translator, address_parts::Path, html, page},
};

#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get(paths::MyCalendar::PATH, Access::PasswordSet, show)
        // The address opens the own timetable to all who have it.
        .post_reauthenticated(paths::MyCalendar::PATH, Access::PasswordSet, Reauthentication::Always, renew)
        .post(paths::MyCalendarRevocation::PATH, Access::PasswordSet, revoke)
        .get(paths::Calendar::PATH, Access::Anyone, calendar)
}

#[derive(Template)]
#[template(path = "calendar/mine.html")]
struct CalendarPage {
    l: Translator,
    shell: Shell,
    created_at: Option<DateTime<Utc>>,
    /// The address, where it was made just now: only its hash is stored.
    address: Option<String>,
}

async fn show(State(app): State<App>, visitor: RequestContext) -> PageResult {
    html(&calendar_page(&app, &visitor, None).await?)
}

async fn renew(State(app): State<App>, visitor: RequestContext) -> PageResult {
    let token = feed::renew(&app, visitor.signed_in()?.account_id).await?;
    let file = format!("{}.ics", token.to_url());
    let path = paths::Calendar::of(&file).to_string();
    let address = app.config.base_url.join(&path).map_err(anyhow::Error::new)?.to_string();
    html(&calendar_page(&app, &visitor, Some(address)).await?)
}

async fn revoke(State(app): State<App>, visitor: RequestContext) -> PageResult {
    feed::revoke(&app, visitor.signed_in()?.account_id).await?;
    Ok(page::redirect(paths::MyCalendar::of().with("done", "calendar-revoked")))
}

async fn calendar_page(app: &App, visitor: &RequestContext, address: Option<String>) -> Result<CalendarPage> {
    let account_id = visitor.signed_in()?.account_id;
    Ok(CalendarPage {
        l: visitor.l,
        shell: me::shell(app, visitor, paths::MyCalendar::PATH).await?,
        created_at: feed::created_at(app, account_id).await?,
        address,
    })
}

/// Calendars ask without a session: the address is all that they have.
async fn calendar(State(app): State<App>, visitor: RequestContext, Path(token): Path<String>) -> Result<Response> {
    let token = token.strip_suffix(".ics").ok_or(Error::NotFound)?;
    let account_id = feed::owner(&app, token).await?;
    let entries = feed::entries(&app, &visitor.l, account_id).await?;
    let name = visitor.l.t("calendar-own");
    let now = app.clock.now();
    let text = tokio::task::spawn_blocking(move || ics::calendar(&name, &entries, now)).await;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8")),
        // The address is a secret, and what stands there is one person's.
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, text.map_err(anyhow::Error::new)?).into_response())
}
