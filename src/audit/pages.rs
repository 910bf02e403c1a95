//! `/schools/{code}/audit`: who did what to which person, when, from where.

use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    AuditActionKind, export,
    list::{self, PAGE, Recorded, WantedEvents},
    sign_ins, words,
};
use crate::{
    access::{Action, Granted, may},
    app::App,
    ids::EventId,
    paths,
    routes::{Access, Routes},
    shell::{self, MenuPage},
    vietnam::search,
    web::{PageResult, RequestContext, Shell, Translator, forms, html},
};

#[must_use]
pub fn routes() -> Routes {
    let owners = Access::School(Action::SeeAudit);
    Routes::new()
        .get(paths::Audit::PATH, owners, show)
        .get(paths::AuditSignIns::PATH, owners, sign_ins::show)
        .get(paths::AuditCsv::PATH, owners, export_csv)
        .get(paths::AuditXlsx::PATH, owners, export_xlsx)
}

#[derive(Template)]
#[template(path = "audit/list.html")]
struct AuditPage {
    l: Translator,
    shell: Shell,
    code: String,
    query: AuditQuery,
    /// The actor or subject, where the address names one by the id.
    person: Option<String>,
    events: Vec<Recorded>,
    older: Option<EventId>,
}

impl AuditPage {
    fn named(&self, action: &AuditActionKind) -> String {
        words::name(&self.l, *action)
    }

    fn actor(&self, event: &Recorded) -> String {
        words::actor(&self.l, event)
    }

    fn detail(&self, event: &Recorded) -> String {
        words::detail(&self.l, event)
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AuditQuery {
    who: String,
    member: String,
    action: String,
    person: String,
    from: String,
    to: String,
    before: String,
}

impl AuditQuery {
    /// Unreadable parameters filter nothing: an old bookmark still shows the log.
    fn wanted(&self) -> WantedEvents {
        WantedEvents {
            action: AuditActionKind::from_key(&self.action),
            person: self.person.parse().ok(),
            who: search::words(&self.who),
            member: search::words(&self.member),
            from: forms::date(&self.from),
            to: forms::date(&self.to),
        }
    }

    fn is_filtered(&self) -> bool {
        [&self.who, &self.member, &self.action, &self.person, &self.from, &self.to]
            .iter()
            .any(|value| !value.is_empty())
    }

    /// The query of the same list, from this event on.
    fn link(&self, before: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let kept = [
            ("who", self.who.as_str()),
            ("member", &self.member),
            ("action", &self.action),
            ("person", &self.person),
            ("from", &self.from),
            ("to", &self.to),
            ("before", before),
        ];
        query.extend_pairs(kept.iter().filter(|(_, value)| !value.is_empty()));
        query.finish()
    }
}

async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::SeeAudit>,
    Query(query): Query<AuditQuery>,
) -> PageResult {
    let wanted = query.wanted();
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let (events, has_older) = list::page(&granted, &mut tx, &wanted, query.before.parse().ok(), PAGE).await?;
    let person = match wanted.person {
        Some(id) => list::name_of(&granted, &mut tx, id).await?,
        None => None,
    };
    tx.commit().await?;
    html(&AuditPage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, MenuPage::Audit),
        code: granted.school.code.clone(),
        query,
        person,
        older: if has_older { events.last().map(|event| event.id) } else { None },
        events,
    })
}

async fn export_csv(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::SeeAudit>,
    Query(query): Query<AuditQuery>,
) -> PageResult {
    let body = export::csv(&granted, &app, query.wanted(), visitor.l).await?;
    Ok(attachment(&app, &granted, "text/csv; charset=utf-8", "csv", body.into_response()))
}

async fn export_xlsx(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::SeeAudit>,
    Query(query): Query<AuditQuery>,
) -> PageResult {
    let file = export::xlsx(&granted, &app, query.wanted(), visitor.l).await?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(attachment(&app, &granted, kind, "xlsx", file.into_response()))
}

/// A file to be saved. Its name is made of codes and dates and needs no quoting.
fn attachment(
    app: &App,
    granted: &Granted<may::SeeAudit>,
    kind: &'static str,
    extension: &str,
    mut file: Response,
) -> Response {
    let name = format!("{}-audit-{}.{extension}", granted.school.code, app.clock.today());
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let headers = file.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("attachment")));
    file
}
