//! The page of the own calendar's address, and the calendar itself.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{feed, ics};
use crate::{
    app::App,
    error::{Error, Result},
    me, paths,
    routes::{Access, Reauthentication, Routes},
    timetable::elsewhere,
    web::{PageResult, RequestContext, Shell, Translator, address_parts::Path, forms::Form, html, page},
};

#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get(paths::MyCalendar::PATH, Access::PasswordSet, show)
        // The address opens the own timetable to all who have it.
        .post_reauthenticated(paths::MyCalendar::PATH, Access::PasswordSet, Reauthentication::Always, renew)
        .post(paths::MyCalendarRevocation::PATH, Access::PasswordSet, revoke)
        .post(paths::MyBusyTimes::PATH, Access::PasswordSet, share_busy_times)
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
    /// Whether the schools of the account learn when the member is busy at the others; none where there is only one.
    shares: Option<bool>,
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

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct BusyTimesForm {
    share: Option<String>,
}

async fn share_busy_times(
    State(app): State<App>,
    visitor: RequestContext,
    Form(form): Form<BusyTimesForm>,
) -> PageResult {
    let is_shared = form.share.is_some();
    elsewhere::share(&app, visitor.signed_in()?.account_id, is_shared).await?;
    let done = if is_shared { "busy-times-shared" } else { "busy-times-kept" };
    Ok(page::redirect(paths::MyCalendar::of().with("done", done)))
}

async fn calendar_page(app: &App, visitor: &RequestContext, address: Option<String>) -> Result<CalendarPage> {
    let account_id = visitor.signed_in()?.account_id;
    let is_shared = elsewhere::is_shared(app, account_id).await?;
    let has_others = elsewhere::has_several_schools(app, account_id).await?;
    Ok(CalendarPage {
        l: visitor.l,
        shell: me::shell(app, visitor, paths::MyCalendar::PATH).await?,
        created_at: feed::created_at(app, account_id).await?,
        address,
        shares: (has_others || is_shared).then_some(is_shared),
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
