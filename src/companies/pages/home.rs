//! A representative's home: the company, the colleagues, and people who registered.

use askama::Template;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::company_id;
use crate::{
    app::App,
    companies::{
        answers::{self, AnsweringOperator},
        store::{self, Company, Representative},
    },
    error::{Error, Result},
    ids::{AccountId, CompanyId},
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{self, Form, FormErrors},
        html,
        page::{self, Brand, Me},
        refused,
    },
};

#[derive(Template)]
#[template(path = "companies/home.html")]
struct HomePage {
    l: Translator,
    shell: Shell,
    company: Company,
    representatives: Vec<Representative>,
    /// The account whose rejection was refused, and the reason typed.
    account: String,
    reason: String,
    faults: FormErrors,
    now: DateTime<Utc>,
}

/// The account the answer is about, and the reason for a rejection.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AnswerForm {
    account: String,
    reason: String,
}

pub async fn show(State(app): State<App>, visitor: RequestContext, path: Path<String>) -> PageResult {
    html(&home_page(&app, &visitor, company_id(&path)?, AnswerForm::default(), FormErrors::new()).await?)
}

pub async fn approve(
    State(app): State<App>,
    visitor: RequestContext,
    path: Path<String>,
    Form(form): Form<AnswerForm>,
) -> PageResult {
    answer(&app, &visitor, company_id(&path)?, &form, None).await
}

pub async fn reject(
    State(app): State<App>,
    visitor: RequestContext,
    path: Path<String>,
    Form(form): Form<AnswerForm>,
) -> PageResult {
    let id = company_id(&path)?;
    match forms::reason(&form.reason) {
        Ok(reason) => answer(&app, &visitor, id, &form, Some(&reason)).await,
        Err(fault) => refused(&home_page(&app, &visitor, id, form, FormErrors::one("reason", fault)).await?),
    }
}

async fn answer(
    app: &App,
    visitor: &RequestContext,
    id: CompanyId,
    form: &AnswerForm,
    rejected_for: Option<&str>,
) -> PageResult {
    let account: AccountId = form.account.parse().map_err(|_| Error::NotFound)?;
    let by = AnsweringOperator { account_id: visitor.signed_in()?.account_id, address: visitor.address };
    let was_done = answers::answer_colleague(app, by, id, account, rejected_for).await?;
    let done = match (was_done, rejected_for) {
        (false, _) => "",
        (true, None) => "?done=colleague-approved",
        (true, Some(_)) => "?done=colleague-rejected",
    };
    Ok(page::redirect(&format!("/companies/{id}{done}")))
}

async fn home_page(
    app: &App,
    visitor: &RequestContext,
    id: CompanyId,
    form: AnswerForm,
    faults: FormErrors,
) -> Result<HomePage> {
    let signed_in = visitor.signed_in()?;
    let company = store::find(&app.db, id).await?;
    let representatives = store::representatives(&mut *app.db.pool().acquire().await?, id).await?;
    let me = representatives.iter().find(|one| one.account_id == signed_in.account_id);
    let role = visitor.l.t("company-representative");
    let shell = Shell {
        brand: Some(Brand {
            href: format!("/companies/{id}"),
            title: company.name.clone(),
            subtitle: visitor.l.t("company-line"),
            elsewhere: Vec::new(),
        }),
        me: me.map(|me| Me { name: me.full_name.clone(), role }),
        ..Shell::plain(visitor)
    };
    let AnswerForm { account, reason } = form;
    Ok(HomePage { l: visitor.l, shell, company, representatives, account, reason, faults, now: visitor.now })
}
