//! The queue for national operators: oldest first, with when each is due.

use askama::Template;
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::{
    app::App,
    companies::{
        answers::{self, AnsweringOperator},
        store::{self, ApprovedCompany, Company, PendingCompany, Representative},
    },
    error::Result,
    ids::CompanyId,
    paths,
    shell::{self, OperatorEntry},
    web::{
        PageResult, RequestContext, Shell, Translator,
        address_parts::Path,
        forms::{self, Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "companies/queue.html")]
struct CompanyQueuePage {
    l: Translator,
    shell: Shell,
    waiting: Vec<PendingCompany>,
    now: DateTime<Utc>,
}

#[derive(Template)]
#[template(path = "companies/approved.html")]
struct ApprovedPage {
    l: Translator,
    shell: Shell,
    query: ApprovedQuery,
    companies: Vec<ApprovedCompany>,
    has_more: bool,
}

impl ApprovedPage {
    fn turned(&self, by: i64) -> String {
        let page = (self.query.number() + by).to_string();
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let pairs = [("state", "approved"), ("q", self.query.q.as_str()), ("page", page.as_str())];
        query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty())).finish()
    }
}

/// `state` is `approved` for the companies that were approved. Pages count from 0 in `page`; nonsense is the first one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApprovedQuery {
    state: String,
    q: String,
    page: String,
}

impl ApprovedQuery {
    fn number(&self) -> i64 {
        self.page.parse::<i64>().unwrap_or_default().clamp(0, 10_000)
    }
}

/// The companies that were approved, to be searched.
async fn approved(app: &App, visitor: &RequestContext, query: ApprovedQuery) -> PageResult {
    let mut companies = store::approved(&app.db, &query.q, query.number()).await?;
    let has_more = companies.len() > store::PAGE;
    companies.truncate(store::PAGE);
    let shell = shell::of_operator(visitor, OperatorEntry::Companies);
    html(&ApprovedPage { l: visitor.l, shell, query, companies, has_more })
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

pub async fn list(State(app): State<App>, visitor: RequestContext, Query(query): Query<ApprovedQuery>) -> PageResult {
    if query.state == "approved" {
        return approved(&app, &visitor, query).await;
    }
    html(&CompanyQueuePage {
        l: visitor.l,
        shell: shell::of_operator(&visitor, OperatorEntry::Companies),
        waiting: store::waiting(&app.db).await?,
        now: visitor.now,
    })
}

pub async fn show(State(app): State<App>, visitor: RequestContext, Path(id): Path<CompanyId>) -> PageResult {
    html(&answer_page(&app, &visitor, id, String::new(), FormErrors::new()).await?)
}

pub async fn approve(State(app): State<App>, visitor: RequestContext, Path(id): Path<CompanyId>) -> PageResult {
    let was_done = answers::approve(&app, by(&visitor)?, id).await?;
    Ok(page::redirect(if was_done {
        paths::OperatorCompanies::of().with("done", "company-approved")
    } else {
        paths::OperatorCompanies::of().into()
    }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RejectionForm {
    reason: String,
}

pub async fn reject(
    State(app): State<App>,
    visitor: RequestContext,
    Path(id): Path<CompanyId>,
    Form(form): Form<RejectionForm>,
) -> PageResult {
    match forms::reason(&form.reason) {
        Ok(reason) => {
            let was_done = answers::reject(&app, by(&visitor)?, id, &reason).await?;
            let done = if was_done {
                paths::OperatorCompanies::of().with("done", "company-rejected")
            } else {
                paths::OperatorCompanies::of().into()
            };
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
