//! All letters with sample data, in both languages, for preview.

use askama::Template;
use axum::{
    extract::{Query, State},
    http::header,
    response::{Html, IntoResponse},
};
use serde::Deserialize;

use crate::{
    app::App,
    error::{Error, Result},
    letters::{
        outbox::Letter,
        samples::{self, SampleWords},
        wording::{self, WrittenLetter},
    },
    web::{PageResult, RequestContext, Shell, Translator, html, i18n::Lang},
};

/// A letter is a page of its own, with the style that a mail has to carry in itself; it runs and loads nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

/// A token that is not valid.
const TOKEN: &str = "mau-thu-khong-dung-duoc";

#[derive(Template)]
#[template(path = "demo/letters.html")]
struct LettersPage {
    l: Translator,
    shell: Shell,
    letters: Vec<Sample>,
}

/// One letter in both languages.
struct Sample {
    kind: String,
    written: Vec<(Translator, WrittenLetter)>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct LetterQuery {
    kind: String,
    language: String,
}

/// Only the demo shows them; elsewhere there is no such page.
pub async fn list(State(app): State<App>, visitor: RequestContext) -> PageResult {
    let letters = samples(&app)?.iter().map(|letter| sample(&app, letter)).collect::<Result<_>>()?;
    html(&LettersPage { l: visitor.l, shell: Shell::plain(&visitor), letters })
}

fn sample(app: &App, letter: &Letter) -> Result<Sample> {
    let write = |lang| Ok((Translator::new(lang), written(app, letter, lang)?));
    Ok(Sample { kind: letter.kind()?, written: Lang::ALL.into_iter().map(write).collect::<Result<_>>()? })
}

/// One as a mail program shows it.
pub async fn show(State(app): State<App>, Query(query): Query<LetterQuery>) -> PageResult {
    let lang = Lang::from_key(&query.language).ok_or(Error::NotFound)?;
    for letter in samples(&app)? {
        if letter.kind()? == query.kind {
            let policy = [(header::CONTENT_SECURITY_POLICY, POLICY)];
            return Ok((policy, Html(written(&app, &letter, lang)?.html)).into_response());
        }
    }
    Err(Error::NotFound)
}

fn samples(app: &App) -> Result<Vec<Letter>> {
    let _only_in_the_demo = app.mailbox.as_ref().ok_or(Error::NotFound)?;
    Ok(samples::letters(SampleWords {
        name: "Nguyễn Thị Sen",
        school: "Trường THPT Lê Quý Đôn",
        school_code: "79000701",
        company: "Công ty TNHH Sao Mai",
    }))
}

fn written(app: &App, letter: &Letter, lang: Lang) -> Result<WrittenLetter> {
    wording::write(letter, &Translator::new(lang), &app.config.base_url, Some(TOKEN))
}
