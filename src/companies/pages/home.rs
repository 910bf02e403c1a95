//! A representative's home: the company, the colleagues, and people who registered.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::{
    app::App,
    companies::{
        answers::{self, AnsweringOperator},
        store::{self, Company, Representative},
    },
    error::{Error, Result},
    ids::{AccountId, CompanyId},
    paths,
    web::{
        PageResult, RequestContext, Shell, Translator,
        address_parts::Path,
        forms::{self, Form, FormErrors},
        html,
        page::{self, Brand, Me, MenuEntry, MenuGroup},
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
    /// Where colleagues register.
    register: String,
}

/// A representative has one page here; the rest is their account's.
fn menu(visitor: &RequestContext, id: CompanyId) -> Vec<MenuEntry> {
    let entry = |href: String, key: &str, icon, is_active| MenuEntry {
        href,
        label: visitor.l.t(key),
        icon,
        is_active,
        count: 0,
    };
    vec![
        entry(paths::Company::of(id).to_string(), "menu-home", "home", true),
        entry(paths::Me::PATH.to_owned(), "menu-me", "user", false),
    ]
}

/// The account the answer is about, and the reason for a rejection.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AnswerForm {
    account: String,
    reason: String,
}

pub async fn show(State(app): State<App>, visitor: RequestContext, Path(id): Path<CompanyId>) -> PageResult {
    html(&home_page(&app, &visitor, id, AnswerForm::default(), FormErrors::new()).await?)
}

pub async fn approve(
    State(app): State<App>,
    visitor: RequestContext,
    Path(id): Path<CompanyId>,
    Form(form): Form<AnswerForm>,
) -> PageResult {
    answer(&app, &visitor, id, &form, None).await
}

pub async fn reject(
    State(app): State<App>,
    visitor: RequestContext,
    Path(id): Path<CompanyId>,
    Form(form): Form<AnswerForm>,
) -> PageResult {
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
    let home = paths::Company::of(id);
    Ok(page::redirect(match (was_done, rejected_for) {
        (false, _) => home.into(),
        (true, None) => home.with("done", "colleague-approved"),
        (true, Some(_)) => home.with("done", "colleague-rejected"),
    }))
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
            href: paths::Company::of(id).to_string(),
            title: company.name.clone(),
            subtitle: visitor.l.t("company-line"),
            logo: None,
            tone: None,
            elsewhere: Vec::new(),
        }),
        me: me.map(|me| Me { name: me.full_name.clone(), role }),
        menu: vec![MenuGroup { label: None, entries: menu(visitor, id) }],
        ..Shell::plain(visitor)
    };
    let AnswerForm { account, reason } = form;
    let base_url = app.config.base_url.as_str().trim_end_matches('/');
    let register = format!("{base_url}{}", paths::RegisterCompany::PATH);
    Ok(HomePage { l: visitor.l, shell, company, representatives, account, reason, faults, now: visitor.now, register })
}
