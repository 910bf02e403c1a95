//! How the school looks: the form for its colour and logo, and the logo itself.

use askama::Template;
use axum::extract::{Multipart, State};

use crate::{
    access::{Granted, Tone, may},
    app::App,
    error::{Error, Result},
    paths,
    schools::{
        directory, logo,
        look::{self, LogoChange},
    },
    shell::{self, MenuPage},
    web::{PageResult, RequestContext, Shell, Translator, address_parts::Path, forms::FormErrors, html, page, refused},
};

/// The fields of the form, and others that a browser may send along.
const MOST_FIELDS: usize = 10;

#[derive(Template)]
#[template(path = "schools/look.html")]
struct LookPage {
    l: Translator,
    shell: Shell,
    code: String,
    school: String,
    tone: String,
    logo: Option<String>,
    faults: FormErrors,
}

pub async fn show(visitor: RequestContext, granted: Granted<may::ChangeSettings>) -> PageResult {
    let tone = granted.school.look.tone.map(Tone::key).unwrap_or_default().to_owned();
    html(&look_page(&visitor, &granted, tone, FormErrors::new()))
}

/// The form as it was sent.
#[derive(Default)]
struct LookForm {
    tone: String,
    removes: bool,
    file: Vec<u8>,
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ChangeSettings>,
    multipart: Multipart,
) -> PageResult {
    let form = read(multipart).await?;
    let fault = |key| Ok::<_, Error>(look_page(&visitor, &granted, form.tone.clone(), FormErrors::one("file", key)));
    let change = match change_of(&form).await? {
        Ok(change) => change,
        Err(key) => return refused(&fault(key)?),
    };
    look::change(&granted, &app, Tone::from_key(&form.tone), &change).await?;
    Ok(page::redirect(paths::SettingsLook::of(&granted.school.code).with("done", "settings-changed")))
}

/// What a form with a logo makes of it; the key of the sentence that says why where it is none.
pub async fn read_logo(multipart: Multipart) -> Result<Result<LogoChange, &'static str>> {
    change_of(&read(multipart).await?).await
}

async fn change_of(form: &LookForm) -> Result<Result<LogoChange, &'static str>> {
    Ok(match (form.file.is_empty(), form.removes) {
        (false, _) if form.file.len() > logo::MOST_BYTES => Err("fault-logo-large"),
        (false, _) => logo::read(form.file.clone()).await?.map(LogoChange::Becomes),
        (true, true) => Ok(LogoChange::Goes),
        (true, false) => Ok(LogoChange::Stays),
    })
}

async fn read(mut multipart: Multipart) -> Result<LookForm> {
    let mut form = LookForm::default();
    for _ in 0..MOST_FIELDS {
        let Some(mut field) = multipart.next_field().await? else { return Ok(form) };
        let name = field.name().unwrap_or_default().to_owned();
        let most = if name == "file" { logo::MOST_BYTES + 1 } else { 20 };
        let mut value = Vec::new();
        while let Some(bytes) = field.chunk().await? {
            let room = most - value.len();
            value.extend(bytes.into_iter().take(room));
        }
        match name.as_str() {
            "file" => form.file = value,
            "tone" => form.tone = String::from_utf8(value).map_err(|_| Error::Malformed)?,
            "remove" => form.removes = value == b"on",
            _ => {}
        }
    }
    Err(Error::Malformed)
}

fn look_page(
    visitor: &RequestContext,
    granted: &Granted<may::ChangeSettings>,
    tone: String,
    faults: FormErrors,
) -> LookPage {
    LookPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Settings),
        code: granted.school.code.clone(),
        school: granted.school.name.clone(),
        tone,
        logo: granted.school.logo_address(),
        faults,
    }
}

/// The logo. Its address changes with it, so that browsers may keep it.
pub async fn logo(State(app): State<App>, Path((code, version)): Path<(String, String)>) -> PageResult {
    let school = directory::find(&app.db, &code).await?;
    if school.look.logo.as_deref() != Some(version.as_str()) {
        return Err(Error::NotFound);
    }
    Ok(page::lasting_png(look::logo(&app, &school).await?))
}
