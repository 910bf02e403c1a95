//! The school's tokens: made, shown once, revoked.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::ApiToken;
use crate::{
    access::{Action, Granted, TokenScope, may},
    app::App,
    error::Result,
    ids::TokenId,
    paths,
    routes::{Access, Reauthentication, Routes},
    shell::{self, MenuPage},
    tokens,
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
        .get(paths::Tokens::PATH, owners, show)
        .post_reauthenticated(paths::Tokens::PATH, owners, Reauthentication::Always, make)
        .creating_secret()
        .post(paths::TokenRevocation::PATH, owners, revoke)
        .asking(&[("", "", "ask-token-revoke")])
}

#[derive(Template)]
#[template(path = "tokens/list.html")]
struct TokensPage {
    l: Translator,
    shell: Shell,
    code: String,
    now: DateTime<Utc>,
    tokens: Vec<ApiToken>,
    form: TokenForm,
    faults: FormErrors,
}

impl TokensPage {
    fn scopes(&self, token: &ApiToken) -> String {
        token.scopes.iter().map(|scope| self.l.tk("token-scope", scope.key())).collect::<Vec<_>>().join(", ")
    }
}

#[derive(Template)]
#[template(path = "tokens/made.html")]
struct MadeTokenPage {
    l: Translator,
    shell: Shell,
    code: String,
    name: String,
    token: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TokenForm {
    name: String,
    scopes: Vec<String>,
}

impl TokenForm {
    fn chosen(&self, scope: TokenScope) -> bool {
        self.scopes.iter().any(|key| key == scope.key())
    }
}

async fn show(State(app): State<App>, visitor: RequestContext, granted: Granted<may::ChangeSettings>) -> PageResult {
    // What every such program needs. Writing people and classes is ticked by the person who wants it.
    let proposed = [TokenScope::Submit, TokenScope::Read].map(|scope| scope.key().to_owned());
    let form = TokenForm { scopes: proposed.into(), ..TokenForm::default() };
    html(&tokens_page(&app, &visitor, &granted, form, FormErrors::new()).await?)
}

async fn make(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ChangeSettings>,
    Form(form): Form<TokenForm>,
) -> PageResult {
    let name = text::clean(&form.name);
    let scopes: Vec<TokenScope> = TokenScope::ALL.into_iter().filter(|scope| form.chosen(*scope)).collect();
    match tokens::make(&granted, &app, &name, &scopes).await? {
        // Shown only this once: only its hash is stored.
        Ok(token) => html(&MadeTokenPage {
            l: visitor.l,
            shell: shell::of_school(&visitor, &granted, MenuPage::Settings),
            code: granted.school.code.clone(),
            name,
            token,
        }),
        Err(refusal) => {
            let faults = FormErrors::one(refusal.field(), format!("fault-{}", refusal.key()));
            refused(&tokens_page(&app, &visitor, &granted, form, faults).await?)
        }
    }
}

async fn revoke(
    State(app): State<App>,
    granted: Granted<may::ChangeSettings>,
    Path((_, id)): Path<(String, TokenId)>,
) -> PageResult {
    tokens::revoke(&granted, &app, id).await?;
    Ok(page::redirect(paths::Tokens::of(&granted.school.code).with("done", "token-revoked")))
}

async fn tokens_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ChangeSettings>,
    form: TokenForm,
    faults: FormErrors,
) -> Result<TokensPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let tokens = tokens::all(granted, &mut tx).await?;
    tx.commit().await?;
    Ok(TokensPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Settings),
        code: granted.school.code.clone(),
        now: visitor.now,
        tokens,
        form,
        faults,
    })
}
