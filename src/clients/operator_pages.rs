//! The clients of the operators: each sees the schools of a province, or of the country.

use askama::Template;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};

use super::{
    Client, logo,
    pages::{ClientForm, Service, made_page, scopes},
};
use crate::{
    access::{ClientScope, Operator},
    app::App,
    clients,
    error::{Error, Result},
    ids::ClientId,
    operator::{model::ProvinceChoice, store},
    paths,
    routes::{Access, Reauthentication, Routes},
    schools::LOGO_FORM_BYTES,
    shell::{self, OperatorEntry},
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get(paths::OperatorClients::PATH, Access::Operator, show)
        .post_reauthenticated(paths::OperatorClients::PATH, Access::Operator, Reauthentication::Always, make)
        .creating_secret()
        .post(paths::OperatorClientRevocation::PATH, Access::Operator, revoke)
        .asking(&[("", "", "ask-client-revoke")])
        .get(paths::OperatorClientLogoForm::PATH, Access::Operator, logo::show_to_operators)
        .upload(paths::OperatorClientLogoForm::PATH, Access::Operator, LOGO_FORM_BYTES, logo::submit_of_operators)
}

#[derive(Template)]
#[template(path = "clients/operator.html")]
struct OperatorClientsPage {
    l: Translator,
    shell: Shell,
    now: DateTime<Utc>,
    is_national: bool,
    provinces: Vec<ProvinceChoice>,
    clients: Vec<Client>,
    form: ClientForm,
    faults: FormErrors,
    service: Service,
}

impl OperatorClientsPage {
    fn scopes(&self, client: &Client) -> String {
        scopes(self.l, client)
    }
}

pub(super) fn operator(visitor: &RequestContext) -> Result<&Operator> {
    visitor.signed_in()?.operator.as_ref().ok_or(Error::Forbidden)
}

async fn show(State(app): State<App>, visitor: RequestContext) -> PageResult {
    html(&clients_page(&app, &visitor, ClientForm::fresh(), FormErrors::new()).await?)
}

async fn make(State(app): State<App>, visitor: RequestContext, Form(form): Form<ClientForm>) -> PageResult {
    let (operator, by) = (operator(&visitor)?, visitor.signed_in()?.account_id);
    let province = Some(form.province.as_str()).filter(|province| !province.is_empty());
    let is_known = match province {
        Some(province) => {
            let provinces = store::provinces(app.db.pool(), operator.bounds()).await?;
            provinces.iter().any(|each| each.code == province)
        }
        None => operator.is_national,
    };
    if !is_known {
        let faults = FormErrors::one("province", "fault-province");
        return refused(&clients_page(&app, &visitor, form, faults).await?);
    }
    let new = form.read();
    match clients::make_for_operators(operator, by, &app, province, &new).await? {
        Ok(made) => {
            let shell = shell::of_operator(&visitor, OperatorEntry::Clients);
            made_page(&app, &visitor, shell, paths::OperatorClients {}.to_string(), new, made)
        }
        Err(refusal) => {
            let faults = FormErrors::one(refusal.field(), format!("fault-{}", refusal.key()));
            refused(&clients_page(&app, &visitor, form, faults).await?)
        }
    }
}

async fn revoke(State(app): State<App>, visitor: RequestContext, Path(id): Path<ClientId>) -> PageResult {
    clients::revoke_of_operators(operator(&visitor)?, visitor.signed_in()?.account_id, &app, id).await?;
    Ok(page::redirect(paths::OperatorClients {}.with("done", "client-revoked")))
}

async fn clients_page(
    app: &App,
    visitor: &RequestContext,
    form: ClientForm,
    faults: FormErrors,
) -> Result<OperatorClientsPage> {
    let operator = operator(visitor)?;
    Ok(OperatorClientsPage {
        l: visitor.l,
        shell: shell::of_operator(visitor, OperatorEntry::Clients),
        now: visitor.now,
        is_national: operator.is_national,
        provinces: store::provinces(app.db.pool(), operator.bounds()).await?,
        clients: clients::of_operators(&app.db, operator).await?,
        form,
        faults,
        service: Service::of(app),
    })
}
