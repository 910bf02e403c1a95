//! `/me`: the visitor's own account and its language.

use askama::Template;
use axum::{extract::State, response::IntoResponse};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use crate::{
    app::App,
    error::Result,
    identity::{cookies, landing, sign_in_events, user_agent},
    paths,
    roster::membership::{self, Affiliation},
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html,
        i18n::Lang,
        page::{self, Brand, Me, MenuEntry, MenuGroup},
        refused,
    },
};

#[derive(Template)]
#[template(path = "me/account.html")]
struct MePage {
    l: Translator,
    shell: Shell,
    login: String,
    /// The visitor's roles in their schools.
    places: Vec<Affiliation>,
    /// Whether the second factor is on; `None` for accounts that may not use one.
    second_factor: Option<bool>,
    /// There are other services with whose accounts one may sign in here.
    has_providers: bool,
    /// Recent sign-ins and failed attempts.
    events: Vec<sign_in_events::ShownEvent>,
    faults: FormErrors,
}

impl MePage {
    fn device(&self, event: &sign_in_events::ShownEvent) -> String {
        user_agent::name(&event.user_agent).unwrap_or_else(|| self.l.t("devices-unknown"))
    }

    /// The name of each language in that language.
    fn language_name(&self, lang: &Lang) -> String {
        Translator::new(*lang).t("me-language-name")
    }
}

pub async fn show(State(app): State<App>, visitor: RequestContext) -> PageResult {
    html(&me_page(&app, &visitor, FormErrors::new()).await?)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct MeForm {
    language: String,
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    jar: CookieJar,
    Form(form): Form<MeForm>,
) -> PageResult {
    let Some(lang) = Lang::from_key(&form.language) else {
        return refused(&me_page(&app, &visitor, FormErrors::one("language", "fault-language")).await?);
    };
    landing::set_language(&app.db, visitor.signed_in()?.account_id, lang.key()).await?;
    let jar = jar.add(cookies::preference(&app.config, cookies::LANGUAGE, lang.key()));
    Ok((jar, page::redirect(paths::Me::of().with("done", "me-saved"))).into_response())
}

async fn me_page(app: &App, visitor: &RequestContext, faults: FormErrors) -> Result<MePage> {
    let signed_in = visitor.signed_in()?;
    Ok(MePage {
        l: visitor.l,
        shell: shell(app, visitor, paths::Me::PATH).await?,
        login: signed_in.login.clone(),
        places: membership::places(&app.db, signed_in.account_id, app.clock.today()).await?,
        events: sign_in_events::of_account(&app.db, signed_in.account_id, visitor.now).await?,
        second_factor: signed_in.has_address().then_some(signed_in.has_second_factor),
        has_providers: has_providers(app, visitor)?,
        faults,
    })
}

/// Whether there are other services with whose accounts the visitor may sign in, if their schools allow it.
fn has_providers(app: &App, visitor: &RequestContext) -> Result<bool> {
    Ok(visitor.signed_in()?.has_address() && !app.config.providers.is_empty())
}

/// The frame of the visitor's own pages, whatever schools they belong to.
pub async fn shell(app: &App, visitor: &RequestContext, active: &str) -> Result<Shell> {
    let l = visitor.l;
    let signed_in = visitor.signed_in()?;
    let (person, school) = membership::names_around(&app.db, signed_in.account_id).await?;
    let name = match &signed_in.operator {
        Some(operator) => operator.name.clone(),
        None if person.is_empty() => signed_in.login.clone(),
        None => person,
    };
    let role = if signed_in.operator.is_some() { l.t("shell-operator") } else { school };
    let entry = |href: &str, key: &str, icon: &'static str| MenuEntry {
        href: href.to_owned(),
        label: l.t(key),
        icon,
        is_active: href == active,
        count: 0,
    };
    let entries = [
        (entry(paths::Front::PATH, "menu-home", "home"), true),
        (entry(paths::Me::PATH, "menu-me", "user"), true),
        (entry(paths::Devices::PATH, "menu-devices", "device-mobile"), true),
        (entry(paths::MyApplications::PATH, "applications-title", "key"), true),
        (entry(paths::SecondFactor::PATH, "second-factor-title", "shield"), signed_in.has_address()),
        (entry(paths::MyProviders::PATH, "sign-in-providers-title", "user-check"), has_providers(app, visitor)?),
        (entry(paths::PasswordChange::PATH, "shell-change-password", "lock"), true),
    ];
    Ok(Shell {
        brand: Some(Brand {
            href: "/".to_owned(),
            title: "Schoolgate".to_owned(),
            subtitle: l.t("menu-me"),
            logo: None,
            tone: None,
            elsewhere: Vec::new(),
        }),
        me: Some(Me { name, role }),
        menu: vec![MenuGroup {
            label: None,
            entries: entries.into_iter().filter(|(_, may)| *may).map(|(entry, _)| entry).collect(),
        }],
        ..Shell::plain(visitor)
    })
}
