//! `/me/applications`: the applications that a person signs in to, what each learns, and the end of that.

use askama::Template;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};

use crate::{
    app::App,
    ids::ClientId,
    me,
    oauth2::consents::{self, UsedApplication},
    paths,
    web::{PageResult, RequestContext, Shell, Translator, html, page},
};

#[derive(Template)]
#[template(path = "oauth2/applications.html")]
struct ApplicationsPage {
    l: Translator,
    shell: Shell,
    now: DateTime<Utc>,
    applications: Vec<UsedApplication>,
}

impl ApplicationsPage {
    fn learns(&self, application: &UsedApplication) -> Vec<String> {
        let told = application.scopes.iter().filter(|scope| scope.is_told());
        told.map(|scope| self.l.tk("openid-scope", scope.key())).collect()
    }
}

pub async fn list(State(app): State<App>, visitor: RequestContext) -> PageResult {
    let mut connection = app.db.pool().acquire().await?;
    let applications = consents::used(&mut connection, visitor.signed_in()?.account_id).await?;
    drop(connection);
    html(&ApplicationsPage {
        l: visitor.l,
        shell: me::shell(&app, &visitor, paths::MyApplications::PATH).await?,
        now: visitor.now,
        applications,
    })
}

pub async fn take_back(State(app): State<App>, visitor: RequestContext, Path(client_id): Path<ClientId>) -> PageResult {
    consents::take_back(&app, visitor.signed_in()?.account_id, client_id).await?;
    Ok(page::redirect(paths::MyApplications::of().with("done", "application-ended").to_string()))
}
