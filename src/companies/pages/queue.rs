//! The queue for national operators: oldest first, with when each is due.

use askama::Template;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::company_id;
use crate::{
    app::App,
    companies::{
        answers::{self, AnsweringOperator},
        store::{self, Company, PendingCompany, Representative},
    },
    error::Result,
    ids::CompanyId,
    shell::{self, OperatorEntry},
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{self, Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "companies/queue.html")]
struct QueuePage {
    l: Translator,
    shell: Shell,
    waiting: Vec<PendingCompany>,
    now: DateTime<Utc>,
}

#[derive(Template)]
#[template(path = "companies/answer.html")]
struct AnswerPage {
    l: Translator,
    shell: Shell,
    company: Company,
    representatives: Vec<Representative>,
    twins: Vec<Company>,
    reason: String,
    faults: FormErrors,
    now: DateTime<Utc>,
}

impl AnswerPage {
    fn has_waiting(&self) -> bool {
        self.representatives.iter().any(|one| !one.is_active && one.is_verified)
    }
}

pub async fn list(State(app): State<App>, visitor: RequestContext) -> PageResult {
    html(&QueuePage {
        l: visitor.l,
        shell: shell::of_operator(&visitor, OperatorEntry::Companies),
        waiting: store::waiting(&app.db).await?,
        now: visitor.now,
    })
}

pub async fn show(State(app): State<App>, visitor: RequestContext, path: Path<String>) -> PageResult {
    html(&answer_page(&app, &visitor, company_id(&path)?, String::new(), FormErrors::new()).await?)
}

pub async fn approve(State(app): State<App>, visitor: RequestContext, path: Path<String>) -> PageResult {
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
    visitor: RequestContext,
    path: Path<String>,
    Form(form): Form<RejectionForm>,
) -> PageResult {
    let id = company_id(&path)?;
    match forms::reason(&form.reason) {
        Ok(reason) => {
            let was_done = answers::reject(&app, by(&visitor)?, id, &reason).await?;
            let done = if was_done { "/operator/companies?done=company-rejected" } else { "/operator/companies" };
            Ok(page::redirect(done))
        }
        Err(fault) => refused(&answer_page(&app, &visitor, id, form.reason, FormErrors::one("reason", fault)).await?),
    }
}

async fn answer_page(
    app: &App,
    visitor: &RequestContext,
    id: CompanyId,
    reason: String,
    faults: FormErrors,
) -> Result<AnswerPage> {
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

fn by(visitor: &RequestContext) -> Result<AnsweringOperator> {
    Ok(AnsweringOperator { account_id: visitor.signed_in()?.account_id, address: visitor.address })
}
