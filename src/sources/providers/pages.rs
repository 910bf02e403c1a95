//! The services of a school: added, changed, removed, asked.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    Provider,
    keep::{self, ProviderDetails, ProviderRefusal},
};
use crate::{
    access::{Action, Granted, may},
    app::App,
    error::{Error, Result},
    ids::ProviderId,
    paths,
    routes::{Access, Reauthentication, Routes},
    shell::{self, Entry},
    vietnam::text,
    web::{
        PageResult, RequestContext, Shell, Translator,
        address_parts::Path,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[must_use]
pub fn routes() -> Routes {
    let owners = Access::School(Action::ChangeSettings);
    Routes::new()
        .get(paths::Providers::PATH, owners, list)
        .post_reauthenticated(paths::Providers::PATH, owners, Reauthentication::Always, add)
        .creating()
        .get(paths::Provider::PATH, owners, show)
        .post_reauthenticated(paths::Provider::PATH, owners, Reauthentication::Always, change)
        .post(paths::ProviderRemoval::PATH, owners, remove)
        .asking(&[("", "", "ask-provider-remove")])
        .post(paths::ProviderPlan::PATH, Access::School(Action::ManageAccounts), ask)
        .creating()
}

#[derive(Template)]
#[template(path = "sources/providers.html")]
struct ProvidersPage {
    l: Translator,
    shell: Shell,
    code: String,
    now: DateTime<Utc>,
    providers: Vec<Provider>,
    form: ProviderForm,
    faults: FormErrors,
}

#[derive(Template)]
#[template(path = "sources/provider.html")]
struct ProviderPage {
    l: Translator,
    shell: Shell,
    code: String,
    id: ProviderId,
    name: String,
    form: ProviderForm,
    faults: FormErrors,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProviderForm {
    name: String,
    address: String,
    token_address: String,
    client_id: String,
    secret: String,
    demographics: Option<String>,
}

impl ProviderForm {
    fn fresh() -> Self {
        Self { demographics: Some("on".to_owned()), ..Self::default() }
    }

    /// What is known, but for the secret.
    fn of(provider: &Provider) -> Self {
        Self {
            name: provider.name.clone(),
            address: provider.address.clone(),
            token_address: provider.token_address.clone(),
            client_id: provider.client_id.clone(),
            secret: String::new(),
            demographics: provider.with_demographics.then(|| "on".to_owned()),
        }
    }

    fn read(&self) -> ProviderDetails {
        ProviderDetails {
            name: text::clean(&self.name),
            address: self.address.trim().to_owned(),
            token_address: self.token_address.trim().to_owned(),
            client_id: self.client_id.trim().to_owned(),
            secret: Zeroizing::new(self.secret.trim().to_owned()),
            with_demographics: self.demographics.is_some(),
        }
    }
}

fn faults(refusal: ProviderRefusal) -> FormErrors {
    FormErrors::one(refusal.field(), format!("fault-{}", refusal.key()))
}

async fn list(State(app): State<App>, visitor: RequestContext, granted: Granted<may::ChangeSettings>) -> PageResult {
    html(&providers_page(&app, &visitor, &granted, ProviderForm::fresh(), FormErrors::new()).await?)
}

async fn add(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ChangeSettings>,
    Form(form): Form<ProviderForm>,
) -> PageResult {
    match keep::add(&granted, &app, &form.read()).await? {
        Ok(_) => Ok(page::redirect(paths::Providers::of(&granted.school.code).with("done", "provider-added"))),
        Err(refusal) => refused(&providers_page(&app, &visitor, &granted, form, faults(refusal)).await?),
    }
}

async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ChangeSettings>,
    Path((_, id)): Path<(String, ProviderId)>,
) -> PageResult {
    let provider = found(&app, &granted, id).await?;
    html(&provider_page(&visitor, &granted, &provider, ProviderForm::of(&provider), FormErrors::new()))
}

async fn change(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ChangeSettings>,
    Path((_, id)): Path<(String, ProviderId)>,
    Form(form): Form<ProviderForm>,
) -> PageResult {
    match keep::change(&granted, &app, id, &form.read()).await? {
        Ok(()) => Ok(page::redirect(paths::Providers::of(&granted.school.code).with("done", "provider-changed"))),
        Err(refusal) => {
            let provider = found(&app, &granted, id).await?;
            refused(&provider_page(&visitor, &granted, &provider, form, faults(refusal)))
        }
    }
}

async fn remove(
    State(app): State<App>,
    granted: Granted<may::ChangeSettings>,
    Path((_, id)): Path<(String, ProviderId)>,
) -> PageResult {
    keep::remove(&granted, &app, id).await?;
    Ok(page::redirect(paths::Providers::of(&granted.school.code).with("done", "provider-removed")))
}

/// Begins a plan of what the service says.
async fn ask(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, ProviderId)>,
) -> PageResult {
    match super::begin(&granted, &app, id).await {
        Ok(plan_id) => Ok(page::redirect(paths::Plan::of(&granted.school.code, plan_id))),
        Err(Error::FilesWaiting) => crate::sources::pages::upload::too_many_waiting(&app, &visitor, &granted).await,
        Err(error) => Err(error),
    }
}

async fn found(app: &App, granted: &Granted<may::ChangeSettings>, id: ProviderId) -> Result<Provider> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let provider = super::find(granted, &mut tx, id).await?;
    tx.commit().await?;
    Ok(provider)
}

async fn providers_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ChangeSettings>,
    form: ProviderForm,
    faults: FormErrors,
) -> Result<ProvidersPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let providers = super::all(granted, &mut tx).await?;
    tx.commit().await?;
    Ok(ProvidersPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, Entry::Settings),
        code: granted.school.code.clone(),
        now: visitor.now,
        providers,
        form,
        faults,
    })
}

fn provider_page(
    visitor: &RequestContext,
    granted: &Granted<may::ChangeSettings>,
    provider: &Provider,
    form: ProviderForm,
    faults: FormErrors,
) -> ProviderPage {
    ProviderPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, Entry::Settings),
        code: granted.school.code.clone(),
        id: provider.id,
        name: provider.name.clone(),
        form,
        faults,
    }
}
