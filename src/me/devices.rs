//! `/me/devices`: the devices on which the own account is signed in, and signing them out.

use askama::Template;
use axum::{extract::State, response::IntoResponse};
use axum_extra::extract::CookieJar;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::account::shell;
use crate::{
    app::App,
    identity::{
        cookies,
        devices::{self, SignedInDevice},
        user_agent,
    },
    paths,
    web::{PageResult, RequestContext, Shell, Translator, forms::Form, html, page},
};

#[derive(Template)]
#[template(path = "me/devices.html")]
struct DevicesPage {
    l: Translator,
    shell: Shell,
    devices: Vec<ShownDevice>,
    now: DateTime<Utc>,
}

/// A device as its owner recognises it.
struct ShownDevice {
    device: SignedInDevice,
    /// Browser and operating system.
    name: String,
    is_this: bool,
}

pub async fn show(State(app): State<App>, visitor: RequestContext) -> PageResult {
    let signed_in = visitor.signed_in()?;
    let here = signed_in.session;
    let name = |device: &SignedInDevice| {
        user_agent::name(&device.user_agent).unwrap_or_else(|| visitor.l.t("devices-unknown"))
    };
    let devices = devices::of_account(&app.db, signed_in, visitor.now).await?;
    html(&DevicesPage {
        l: visitor.l,
        shell: shell(&app, &visitor, paths::Devices::PATH).await?,
        devices: devices
            .into_iter()
            .map(|device| ShownDevice { name: name(&device), is_this: device.session == here, device })
            .collect(),
        now: visitor.now,
    })
}

/// `device` is one of the list, or `all`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DevicesForm {
    device: String,
}

pub async fn sign_out(
    State(app): State<App>,
    visitor: RequestContext,
    jar: CookieJar,
    Form(form): Form<DevicesForm>,
) -> PageResult {
    let signed_in = visitor.signed_in()?;
    let is_out = if form.device == "all" {
        devices::sign_out_of_all(&app, signed_in, visitor.address).await?;
        true
    } else {
        let ended = devices::sign_out(&app, signed_in, &form.device, visitor.address).await?;
        ended && form.device == hex::encode(signed_in.session)
    };
    if is_out {
        let jar = jar.add(cookies::no_session(&app.config));
        return Ok((jar, page::redirect(paths::SignIn::of().with("done", "signed-out"))).into_response());
    }
    // A device that was signed out meanwhile counts as signed out.
    Ok(page::redirect(paths::Devices::of().with("done", "device-signed-out")))
}
