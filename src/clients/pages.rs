//! The clients of a school: made, their secret shown once, revoked.

use askama::Template;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{Client, NewClient, logo};
use crate::{
    access::{Action, ClientScope, Granted, may},
    app::App,
    clients,
    error::Result,
    ids::ClientId,
    paths,
    routes::{Access, Reauthentication, Routes},
    schools::LOGO_FORM_BYTES,
    shell::{self, MenuPage},
    vietnam::text,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[must_use]
pub fn routes() -> Routes {
    let owners = Access::School(Action::ChangeSettings);
    Routes::new()
        .get(paths::Clients::PATH, owners, show)
        .post_reauthenticated(paths::Clients::PATH, owners, Reauthentication::Always, make)
        .creating_secret()
        .post(paths::ClientRevocation::PATH, owners, revoke)
        .asking(&[("", "", "ask-client-revoke")])
        .get(paths::ClientLogoForm::PATH, owners, logo::show)
        .upload(paths::ClientLogoForm::PATH, owners, LOGO_FORM_BYTES, logo::submit)
        .get(paths::ClientLogo::PATH, Access::Anyone, logo::serve)
}

#[derive(Template)]
#[template(path = "clients/list.html")]
struct ClientsPage {
    l: Translator,
    shell: Shell,
    code: String,
    now: DateTime<Utc>,
    clients: Vec<Client>,
    form: ClientForm,
    faults: FormErrors,
    service: Service,
}

impl ClientsPage {
    fn scopes(&self, client: &Client) -> String {
        scopes(self.l, client)
    }
}

#[derive(Template)]
#[template(path = "clients/made.html")]
struct MadeClientPage {
    l: Translator,
    shell: Shell,
    back: String,
    name: String,
    id: String,
    /// None of a client that keeps none.
    secret: Option<String>,
    service: Service,
}

/// The addresses that a program needs.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) token: String,
    pub(super) rostering: String,
    pub(super) openid: String,
}

impl Service {
    pub(super) fn of(app: &App) -> Self {
        let at = |path: &str| app.config.address_of(path);
        Self { token: at(paths::OAuthToken::PATH), rostering: at(paths::ONEROSTER), openid: at("") }
    }
}

/// What may be done with a client, in words.
pub(super) fn scopes(l: Translator, client: &Client) -> String {
    client.scopes.iter().map(|scope| l.t(scope.label())).collect::<Vec<_>>().join(", ")
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ClientForm {
    pub(super) name: String,
    pub(super) scopes: Vec<String>,
    /// One a line.
    pub(super) redirect_uris: String,
    /// One a line.
    pub(super) logout_uris: String,
    pub(super) backchannel_logout_uri: String,
    pub(super) public: Option<String>,
    pub(super) own: Option<String>,
    /// Of the operators' form.
    pub(super) public_subject: Option<String>,
    /// Of the operators' form.
    pub(super) province: String,
}

impl ClientForm {
    /// What is chosen at first.
    pub(super) fn fresh() -> Self {
        Self { scopes: vec![ClientScope::RosterCore.name(), ClientScope::Roster.name()], ..Self::default() }
    }

    pub(super) fn chosen(&self, scope: ClientScope) -> bool {
        self.scopes.iter().any(|name| ClientScope::from_name(name) == Some(scope))
    }

    pub(super) fn read(&self) -> NewClient {
        let lines = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        NewClient {
            name: text::clean(&self.name),
            scopes: ClientScope::ALL.into_iter().filter(|scope| self.chosen(*scope)).collect(),
            redirect_uris: lines(&self.redirect_uris),
            logout_uris: lines(&self.logout_uris),
            logout_notice_uri: Some(self.backchannel_logout_uri.trim().to_owned()).filter(|uri| !uri.is_empty()),
            is_public: self.public.is_some(),
            is_own: self.own.is_some(),
            has_public_subject: self.public_subject.is_some(),
        }
    }
}

async fn show(State(app): State<App>, visitor: RequestContext, granted: Granted<may::ChangeSettings>) -> PageResult {
    html(&clients_page(&app, &visitor, &granted, ClientForm::fresh(), FormErrors::new()).await?)
}

async fn make(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ChangeSettings>,
    Form(form): Form<ClientForm>,
) -> PageResult {
    let new = form.read();
    match clients::make_for_school(&granted, &app, &new).await? {
        // Shown only this once: only the hash of the secret is stored.
        Ok(made) => {
            let shell = shell::of_school(&visitor, &granted, MenuPage::Settings);
            made_page(&app, &visitor, shell, paths::Clients::of(&granted.school.code).to_string(), new, made)
        }
        Err(refusal) => {
            let faults = FormErrors::one(refusal.field(), format!("fault-{}", refusal.key()));
            refused(&clients_page(&app, &visitor, &granted, form, faults).await?)
        }
    }
}

async fn revoke(
    State(app): State<App>,
    granted: Granted<may::ChangeSettings>,
    Path((_, id)): Path<(String, ClientId)>,
) -> PageResult {
    clients::revoke_of_school(&granted, &app, id).await?;
    Ok(page::redirect(paths::Clients::of(&granted.school.code).with("done", "client-revoked")))
}

async fn clients_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ChangeSettings>,
    form: ClientForm,
    faults: FormErrors,
) -> Result<ClientsPage> {
    Ok(ClientsPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Settings),
        code: granted.school.code.clone(),
        now: visitor.now,
        clients: clients::of_school(&app.db, granted.school_id()).await?,
        form,
        faults,
        service: Service::of(app),
    })
}

/// The page that shows the secret, for the operators' pages as well.
pub(super) fn made_page(
    app: &App,
    visitor: &RequestContext,
    shell: Shell,
    back: String,
    new: NewClient,
    made: clients::MadeClient,
) -> PageResult {
    let (id, service) = (made.id.to_string(), Service::of(app));
    let secret = (!new.is_public).then_some(made.secret);
    html(&MadeClientPage { l: visitor.l, shell, back, name: new.name, id, secret, service })
}
