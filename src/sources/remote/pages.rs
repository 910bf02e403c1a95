//! The services of a school: added, changed, removed, asked.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    RemoteSource,
    keep::{self, RemoteSourceDetails, RemoteSourceRefusal},
};
use crate::{
    access::{Action, Granted, may},
    app::App,
    error::{Error, Result},
    ids::RemoteSourceId,
    paths,
    routes::{Access, Reauthentication, Routes},
    shell::{self, MenuPage},
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
        .get(paths::RemoteSources::PATH, owners, list)
        .post_reauthenticated(paths::RemoteSources::PATH, owners, Reauthentication::Always, add)
        .creating()
        .get(paths::RemoteSource::PATH, owners, show)
        .post_reauthenticated(paths::RemoteSource::PATH, owners, Reauthentication::Always, change)
        .post(paths::RemoteSourceRemoval::PATH, owners, remove)
        .asking(&[("", "", "ask-remote-source-remove")])
        .post(paths::RemoteSourcePlan::PATH, Access::School(Action::ManageAccounts), ask)
        .creating()
}

#[derive(Template)]
#[template(path = "sources/remote_sources.html")]
struct RemoteSourcesPage {
    l: Translator,
    shell: Shell,
    code: String,
    now: DateTime<Utc>,
    sources: Vec<RemoteSource>,
    form: RemoteSourceForm,
    faults: FormErrors,
}

#[derive(Template)]
#[template(path = "sources/remote_source.html")]
struct RemoteSourcePage {
    l: Translator,
    shell: Shell,
    code: String,
    id: RemoteSourceId,
    name: String,
    form: RemoteSourceForm,
    faults: FormErrors,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RemoteSourceForm {
    name: String,
    address: String,
    token_address: String,
    client_id: String,
    secret: String,
    demographics: Option<String>,
}

impl RemoteSourceForm {
    fn fresh() -> Self {
        Self { demographics: Some("on".to_owned()), ..Self::default() }
    }

    /// What is known, but for the secret.
    fn of(source: &RemoteSource) -> Self {
        Self {
            name: source.name.clone(),
            address: source.address.clone(),
            token_address: source.token_address.clone(),
            client_id: source.client_id.clone(),
            secret: String::new(),
            demographics: source.with_demographics.then(|| "on".to_owned()),
        }
    }

    fn read(&self) -> RemoteSourceDetails {
        RemoteSourceDetails {
            name: text::clean(&self.name),
            address: self.address.trim().to_owned(),
            token_address: self.token_address.trim().to_owned(),
            client_id: self.client_id.trim().to_owned(),
            secret: Zeroizing::new(self.secret.trim().to_owned()),
            with_demographics: self.demographics.is_some(),
        }
    }
}

fn faults(refusal: RemoteSourceRefusal) -> FormErrors {
    FormErrors::one(refusal.field(), format!("fault-{}", refusal.key()))
}

async fn list(State(app): State<App>, visitor: RequestContext, granted: Granted<may::ChangeSettings>) -> PageResult {
    html(&remote_sources_page(&app, &visitor, &granted, RemoteSourceForm::fresh(), FormErrors::new()).await?)
}

async fn add(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ChangeSettings>,
    Form(form): Form<RemoteSourceForm>,
) -> PageResult {
    match keep::add(&granted, &app, &form.read()).await? {
        Ok(_) => Ok(page::redirect(paths::RemoteSources::of(&granted.school.code).with("done", "remote-source-added"))),
        Err(refusal) => refused(&remote_sources_page(&app, &visitor, &granted, form, faults(refusal)).await?),
    }
}

async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ChangeSettings>,
    Path((_, id)): Path<(String, RemoteSourceId)>,
) -> PageResult {
    let source = found(&app, &granted, id).await?;
    html(&remote_source_page(&visitor, &granted, &source, RemoteSourceForm::of(&source), FormErrors::new()))
}

async fn change(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ChangeSettings>,
    Path((_, id)): Path<(String, RemoteSourceId)>,
    Form(form): Form<RemoteSourceForm>,
) -> PageResult {
    match keep::change(&granted, &app, id, &form.read()).await? {
        Ok(()) => {
            Ok(page::redirect(paths::RemoteSources::of(&granted.school.code).with("done", "remote-source-changed")))
        }
        Err(refusal) => {
            let source = found(&app, &granted, id).await?;
            refused(&remote_source_page(&visitor, &granted, &source, form, faults(refusal)))
        }
    }
}

async fn remove(
    State(app): State<App>,
    granted: Granted<may::ChangeSettings>,
    Path((_, id)): Path<(String, RemoteSourceId)>,
) -> PageResult {
    keep::remove(&granted, &app, id).await?;
    Ok(page::redirect(paths::RemoteSources::of(&granted.school.code).with("done", "remote-source-removed")))
}

/// Begins a plan of what the service says.
async fn ask(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, RemoteSourceId)>,
) -> PageResult {
    match super::begin(&granted, &app, id).await {
        Ok(plan_id) => Ok(page::redirect(paths::Plan::of(&granted.school.code, plan_id))),
        Err(Error::FilesWaiting) => crate::sources::pages::upload::too_many_waiting(&app, &visitor, &granted).await,
        Err(error) => Err(error),
    }
}

async fn found(app: &App, granted: &Granted<may::ChangeSettings>, id: RemoteSourceId) -> Result<RemoteSource> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let source = super::find(granted, &mut tx, id).await?;
    tx.commit().await?;
    Ok(source)
}

async fn remote_sources_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ChangeSettings>,
    form: RemoteSourceForm,
    faults: FormErrors,
) -> Result<RemoteSourcesPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let sources = super::all(granted, &mut tx).await?;
    tx.commit().await?;
    Ok(RemoteSourcesPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Settings),
        code: granted.school.code.clone(),
        now: visitor.now,
        sources,
        form,
        faults,
    })
}

fn remote_source_page(
    visitor: &RequestContext,
    granted: &Granted<may::ChangeSettings>,
    source: &RemoteSource,
    form: RemoteSourceForm,
    faults: FormErrors,
) -> RemoteSourcePage {
    RemoteSourcePage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Settings),
        code: granted.school.code.clone(),
        id: source.id,
        name: source.name.clone(),
        form,
        faults,
    }
}
