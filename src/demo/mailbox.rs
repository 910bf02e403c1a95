//! The demo's mailbox: every mail that was sent, for trying Schoolgate without a mail server.

use askama::Template;
use axum::extract::State;

use crate::{
    app::App,
    error::Error,
    mail::Message,
    web::{PageResult, RequestContext, Shell, Translator, html},
};

#[derive(Template)]
#[template(path = "demo/mailbox.html")]
struct MailboxPage {
    l: Translator,
    shell: Shell,
    mails: Vec<Message>,
}

impl MailboxPage {
    /// The first address in a mail's text: the target of its button.
    fn link<'a>(&self, mail: &'a Message) -> &'a str {
        mail.text.split_whitespace().find(|word| word.starts_with("http")).unwrap_or("/")
    }
}

/// Only the demo has one; elsewhere there is no such page.
pub async fn show(State(app): State<App>, visitor: RequestContext) -> PageResult {
    let mut mails = app.mailbox.as_ref().ok_or(Error::NotFound)?.sent();
    mails.reverse();
    html(&MailboxPage { l: visitor.l, shell: Shell::plain(&visitor), mails })
}
