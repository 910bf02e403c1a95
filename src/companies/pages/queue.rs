//! The queue for national operators: oldest first, with when each is due.

use askama::Template;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::company_id;
use crate::{
    app::App,
    companies::{
        answers::{self, By},
        store::{self, Company, Representative, Waiting},
    },
    error::Result,
    schools::shell::{self, OperatorEntry},
    web::{
        L, Reply, Shell, Visitor,
        forms::{self, Faults, Form},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "companies/queue.html")]
struct QueuePage {
    l: L,
    shell: Shell,
    waiting: Vec<Waiting>,
    now: DateTime<Utc>,
}

#[derive(Template)]
#[template(path = "companies/answer.html")]
struct AnswerPage {
    l: L,
    shell: Shell,
    company: Company,
    representatives: Vec<Representative>,
    twins: Vec<Company>,
    reason: String,
    faults: Faults,
    now: DateTime<Utc>,
}

impl AnswerPage {
    fn has_waiting(&self) -> bool {
        self.representatives.iter().any(|one| !one.is_active && one.is_verified)
    }
}

pub async fn list(State(app): State<App>, visitor: Visitor) -> Reply {
    html(&QueuePage {
        l: visitor.l,
        shell: shell::of_operator(&visitor, OperatorEntry::Companies),
        waiting: store::waiting(&app.db).await?,
        now: visitor.now,
    })
}

pub async fn show(State(app): State<App>, visitor: Visitor, path: Path<String>) -> Reply {
    html(&answer_page(&app, &visitor, company_id(&path)?, String::new(), Faults::new()).await?)
}

pub async fn approve(State(app): State<App>, visitor: Visitor, path: Path<String>) -> Reply {
    let was_done = answers::approve(&app, by(&visitor)?, company_id(&path)?).await?;
    Ok(page::redirect(if was_done { "/operator/companies?done=company-approved" } else { "/operator/companies" }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RejectionForm {
    reason: String,
}

pub async fn reject(
    State(app): State<App>,
    visitor: Visitor,
    path: Path<String>,
    Form(form): Form<RejectionForm>,
) -> Reply {
    let id = company_id(&path)?;
    match forms::reason(&form.reason) {
        Ok(reason) => {
            let was_done = answers::reject(&app, by(&visitor)?, id, &reason).await?;
            let done = if was_done { "/operator/companies?done=company-rejected" } else { "/operator/companies" };
            Ok(page::redirect(done))
        }
        Err(fault) => refused(&answer_page(&app, &visitor, id, form.reason, Faults::one("reason", fault)).await?),
    }
}

async fn answer_page(app: &App, visitor: &Visitor, id: Uuid, reason: String, faults: Faults) -> Result<AnswerPage> {
    let company = store::find(&app.db, id).await?;
    let twins = store::twins(&app.db, id).await?;
    Ok(AnswerPage {
        l: visitor.l,
        shell: shell::of_operator(visitor, OperatorEntry::Companies),
        representatives: store::representatives(&mut *app.db.pool().acquire().await?, id).await?,
        company,
        twins,
        reason,
        faults,
        now: visitor.now,
    })
}

fn by(visitor: &Visitor) -> Result<By> {
    Ok(By { account_id: visitor.signed_in()?.account_id, address: visitor.address })
}
