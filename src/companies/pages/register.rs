//! The form for representing a company, and the companies that are found while typing.

use askama::Template;
use axum::extract::{Query, State};
use chrono::NaiveDate;
use serde::Deserialize;

use crate::{
    access::SignedIn,
    app::App,
    companies::{
        registering::{self, TakenRepresentative},
        store::{self, Company},
    },
    error::{Error, Result},
    identity::{
        accounts, own_password,
        password::{self, PolicyContext},
        throttle,
    },
    ids::CompanyId,
    paths,
    roster::fields::{self, Field},
    vietnam::text,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

/// The longest name of a company and of a position, in characters.
const MOST_OF_A_NAME: usize = 200;
const MOST_OF_A_POSITION: usize = 100;

/// The form's fields. `company_id` is the company that was chosen of those found for `company_found`; `company_name` is
/// the search text, and the name of a new company.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CompanyForm {
    full_name: String,
    email: String,
    phone: String,
    position: String,
    company_id: String,
    company_name: String,
    company_found: String,
    tax_code: String,
    password: String,
    password_again: String,
}

#[derive(Template)]
#[template(path = "companies/register.html")]
struct RegisterPage {
    l: Translator,
    shell: Shell,
    login: Option<String>,
    form: CompanyForm,
    found: Vec<Company>,
    faults: FormErrors,
}

/// The companies alone, for the search while typing.
#[derive(Template)]
#[template(path = "companies/found.html")]
struct FoundPart {
    l: Translator,
    form: CompanyForm,
    found: Vec<Company>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CompanyQuery {
    company_name: String,
}

fn registrant(visitor: &RequestContext) -> Option<&SignedIn> {
    visitor.signed_in.as_ref().filter(|who| !who.must_choose_password && accounts::is_email(&who.login))
}

pub async fn show(visitor: RequestContext) -> PageResult {
    html(&page_of(&visitor, CompanyForm::default(), Vec::new(), FormErrors::new()))
}

pub async fn companies(
    State(app): State<App>,
    visitor: RequestContext,
    Query(query): Query<CompanyQuery>,
) -> PageResult {
    let found = store::search(&app.db, &query.company_name).await?;
    let form = CompanyForm { company_name: query.company_name, ..CompanyForm::default() };
    html(&FoundPart { l: visitor.l, form, found })
}

fn page_of(visitor: &RequestContext, form: CompanyForm, found: Vec<Company>, faults: FormErrors) -> RegisterPage {
    let login = registrant(visitor).map(|who| who.login.clone());
    RegisterPage { l: visitor.l, shell: Shell::plain(visitor), login, form, found, faults }
}

pub async fn submit(State(app): State<App>, visitor: RequestContext, Form(form): Form<CompanyForm>) -> PageResult {
    let mut faults = FormErrors::new();
    let registrant = registrant(&visitor);
    let (mut taken, email) = read(&form, registrant.is_none(), app.clock.today(), &mut faults);
    if let Some(known) = known_company(&app, &form).await? {
        taken.company_id = Some(known.id);
        taken.company_name = known.name;
    } else if taken.company_name.is_empty() {
        faults.add("company_name", "fault-company-missing");
    }
    let context = PolicyContext {
        staff: true,
        person_name: &taken.full_name,
        school_name: &taken.company_name,
        login: &email,
        temporary: None,
    };
    if registrant.is_none() {
        password::judge_twice(&form.password, &form.password_again, &context, &mut faults);
    }
    if !faults.is_empty() {
        return refuse(&app, &visitor, form, faults).await;
    }
    let login = registrant.map_or(email.as_str(), |who| who.login.as_str());
    let login = accounts::fold_login(login);
    throttle::may_register(&app.db, &login, visitor.address, app.clock.now()).await?.map_err(Error::TooManyTries)?;
    if let Some(who) = registrant {
        return match registering::register_signed_in(&app, who.account_id, &taken).await? {
            Ok(()) => Ok(page::redirect(paths::Registration::of().with("done", "registered"))),
            Err(faults) => refuse(&app, &visitor, form, faults).await,
        };
    }
    match own_password::choose(&app, &form.password, &form.password_again, &context).await? {
        Ok(chosen) => {
            registering::receive(&app, &email, &taken, &chosen, visitor.l.0, visitor.address).await?;
            Ok(page::redirect(paths::RegisterSent::of().with("to", "company")))
        }
        Err(refusal) => {
            refusal.add_to(&mut faults);
            refuse(&app, &visitor, form, faults).await
        }
    }
}

/// The values in their normal form, without the company.
fn read(
    form: &CompanyForm,
    asks_email: bool,
    today: NaiveDate,
    faults: &mut FormErrors,
) -> (TakenRepresentative, String) {
    let mut person = |field: Field, typed: &str, is_required: bool| match fields::normalise(field, typed, today) {
        Ok(normal) => {
            if normal.value.is_none() && is_required {
                let is_name = field == Field::FullName;
                faults.add(field.key(), if is_name { "fault-own-name-missing" } else { "fault-email-missing" });
            }
            normal.value
        }
        Err(fault) => {
            faults.add_about(field.key(), fault.sentence_key(), fault.value);
            None
        }
    };
    let full_name = person(Field::FullName, &form.full_name, true).unwrap_or_default();
    let email = if asks_email { person(Field::Email, &form.email, true) } else { None };
    let phone = person(Field::Phone, &form.phone, false);
    let position = Some(text::clean(&form.position)).filter(|position| !position.is_empty());
    if position.as_ref().is_some_and(|position| position.chars().count() > MOST_OF_A_POSITION) {
        faults.add("position", "fault-position-too-long");
    }
    let company_name = text::clean(&form.company_name);
    if company_name.chars().count() > MOST_OF_A_NAME {
        faults.add("company_name", "fault-company-too-long");
    }
    let tax_code: String = form.tax_code.chars().filter(|c| !c.is_whitespace() && *c != '.').collect();
    if !tax_code.is_empty() && !is_tax_code(&tax_code) {
        faults.add("tax_code", "fault-tax-code");
    }
    let tax_code = Some(tax_code).filter(|code| !code.is_empty());
    (
        TakenRepresentative { full_name, phone, position, company_id: None, company_name, tax_code },
        email.unwrap_or_default(),
    )
}

/// Ten digits, of a branch three more behind a dash, or the twelve of a household's CCCD.
fn is_tax_code(code: &str) -> bool {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    match code.split_once('-') {
        Some((company, branch)) => digits(company, 10) && digits(branch, 3),
        None => digits(code, 10) || digits(code, 12),
    }
}

/// The approved company that was chosen. A choice is valid only for the search it was made in.
async fn known_company(app: &App, form: &CompanyForm) -> Result<Option<Company>> {
    let is_stale = !form.company_found.is_empty() && form.company_found != form.company_name;
    let Some(id) = form.company_id.parse::<CompanyId>().ok().filter(|_| !is_stale) else { return Ok(None) };
    match store::find(&app.db, id).await {
        Ok(company) => Ok(Some(company).filter(|company| company.is_approved)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn refuse(app: &App, visitor: &RequestContext, mut form: CompanyForm, faults: FormErrors) -> PageResult {
    let found = store::search(&app.db, &form.company_name).await?;
    if form.company_found != form.company_name {
        form.company_id.clear();
    }
    form.company_found.clone_from(&form.company_name);
    refused(&page_of(visitor, form, found, faults))
}
