//! The link in the mail. The page has a button, since mail scanners open links, but press no buttons.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use crate::registration_forms;
use crate::{
    app::App,
    crypto::token::Token,
    error::Result,
    identity::{
        accounts,
        links::Link,
        own_password::{self, Chosen},
        password::PolicyContext,
        sessions::Device,
        verification::{self, Verified},
    },
    paths,
    web::{
        PageResult, RequestContext, Shell, Translator,
        address_parts::Path,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "registration/verify.html")]
struct VerifyPage {
    l: Translator,
    shell: Shell,
    token: String,
    login: String,
    /// The account has no usable password: it is typed again, or chosen, here.
    asks_password: bool,
    faults: FormErrors,
}

/// The form. Where the password is empty, the address is verified as well, and the password is chosen on the next page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct VerifyForm {
    password: String,
    password_again: String,
}

#[derive(Template)]
#[template(path = "registration/link_dead.html")]
struct LinkDeadPage {
    l: Translator,
    shell: Shell,
}

pub async fn show(State(app): State<App>, visitor: RequestContext, Path(token): Path<String>) -> PageResult {
    let Some(link) = find(&app, &token).await? else { return dead_link(&visitor) };
    html(&verify_page(&app, &visitor, token, &link, FormErrors::new()).await?)
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    Path(token): Path<String>,
    Form(form): Form<VerifyForm>,
) -> PageResult {
    let Some(link) = find(&app, &token).await? else { return dead_link(&visitor) };
    let account = accounts::summary(&mut *app.db.pool().acquire().await?, link.account_id).await?;
    let is_empty = form.password.is_empty() && form.password_again.is_empty();
    let chosen = if is_empty || account.has_password {
        None
    } else {
        match choose(&app, &link, &account.login, &form).await? {
            Ok(chosen) => Some(chosen),
            Err(faults) => return refused(&verify_page(&app, &visitor, token, &link, faults).await?),
        }
    };
    let device = Device { address: visitor.address, user_agent: visitor.user_agent.clone(), session: None };
    match verification::verify(&app, &link, chosen.as_ref(), &device).await? {
        None => dead_link(&visitor),
        Some(Verified::ChoosesBy(token)) => Ok(page::redirect(paths::PasswordReset::of(&token.to_url()))),
        Some(Verified::WithPassword) => {
            let is_signed_in = visitor.signed_in.as_ref().is_some_and(|who| who.account_id == link.account_id);
            Ok(page::redirect(if is_signed_in {
                paths::Registration::of().with("done", "verified").to_string()
            } else {
                paths::SignIn::of().with("done", "verified").to_string()
            }))
        }
    }
}

/// The password of the registration, typed again, or another one, typed twice.
async fn choose(
    app: &App,
    link: &Link,
    login: &str,
    form: &VerifyForm,
) -> Result<std::result::Result<Chosen, FormErrors>> {
    let (password, again) = (&form.password, &form.password_again);
    let before = verification::chosen_with(&mut *app.db.pool().acquire().await?, link.account_id).await?;
    if let Some(before) = before.filter(|_| again.is_empty() && !password.is_empty())
        && app.hasher.verify(password.clone(), before.clone()).await?.matches
    {
        return Ok(Ok(Chosen::again(before)));
    }
    let (person_name, school_name) = registration_forms::names_around(app, link.account_id).await?;
    let context = PolicyContext {
        staff: accounts::is_email(login),
        person_name: &person_name,
        school_name: &school_name,
        login,
        temporary: None,
    };
    Ok(own_password::choose(app, password, again, &context).await?.map_err(|refusal| {
        let mut faults = FormErrors::new();
        refusal.add_to(&mut faults);
        faults
    }))
}

async fn verify_page(
    app: &App,
    visitor: &RequestContext,
    token: String,
    link: &Link,
    faults: FormErrors,
) -> Result<VerifyPage> {
    let account = accounts::summary(&mut *app.db.pool().acquire().await?, link.account_id).await?;
    Ok(VerifyPage {
        l: visitor.l,
        shell: Shell::plain(visitor),
        token,
        login: account.login,
        asks_password: !account.has_password,
        faults,
    })
}

async fn find(app: &App, token: &str) -> Result<Option<Link>> {
    let Some(token) = Token::parse(token) else { return Ok(None) };
    verification::find(&app.db, &token, app.clock.now()).await
}

fn dead_link(visitor: &RequestContext) -> PageResult {
    let page = LinkDeadPage { l: visitor.l, shell: Shell::plain(visitor) };
    page::with_status(axum::http::StatusCode::NOT_FOUND, &page)
}
