//! `/schools/{code}/audit`: who did what to whom, when, from where.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    ACTIONS,
    list::{self, Recorded, Wanted},
};
use crate::{
    access::{Action, Granted, may},
    app::App,
    schools::shell::{self, Entry},
    web::{Access, L, Reply, Routes, Shell, Visitor, html},
};

#[must_use]
pub fn routes() -> Routes {
    Routes::new().get("/schools/{code}/audit", Access::School(Action::SeeAudit), show)
}

#[derive(Template)]
#[template(path = "audit/list.html")]
struct AuditPage {
    l: L,
    shell: Shell,
    code: String,
    query: AuditQuery,
    events: Vec<Recorded>,
    older: Option<Uuid>,
}

impl AuditPage {
    fn actor(&self, event: &Recorded) -> String {
        match (&event.actor_name, event.actor_kind.as_str()) {
            (Some(name), _) => name.clone(),
            (None, "operator") => self.l.t("shell-operator"),
            (None, "system") => self.l.t("plans-system"),
            (None, _) => self.l.t("audit-somebody"),
        }
    }

    fn older_link(&self, before: &Uuid) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("action", &self.query.action), ("person", &self.query.person)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.append_pair("before", &before.to_string()).finish()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AuditQuery {
    action: String,
    person: String,
    before: String,
}

async fn show(
    State(app): State<App>,
    visitor: Visitor,
    granted: Granted<may::SeeAudit>,
    Query(query): Query<AuditQuery>,
) -> Reply {
    let wanted = Wanted {
        action: ACTIONS.contains(&query.action.as_str()).then(|| query.action.clone()),
        person: query.person.parse().ok(),
        before: query.before.parse().ok(),
    };
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let (events, has_older) = list::page(&granted, &mut tx, &wanted).await?;
    tx.commit().await?;
    html(&AuditPage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, Entry::Audit),
        code: granted.school.code.clone(),
        query,
        older: if has_older { events.last().map(|event| event.id) } else { None },
        events,
    })
}
