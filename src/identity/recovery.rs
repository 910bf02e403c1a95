//! A forgotten password: a mail with a link to an account whose login is an address. The response is the same whether
//! there is such an account or not, and takes the same time: a background job does the work.

use std::net::IpAddr;

use super::{
    accounts,
    links::{self, Link, LinkPurpose},
    login_aliases, throttle,
};
use crate::{
    app::App,
    crypto::token::Token,
    error::{Error, Result},
    ids::AccountId,
    jobs,
    letters::outbox::{self, Letter},
    web::i18n::Lang,
};
use serde::{Deserialize, Serialize};

/// A password was forgotten: find out in the background whether there is an account to mail to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MailReset {
    /// None where there is nobody to mail to: that is background work as well, so that both cases cost the same.
    #[serde(default)]
    account_id: Option<AccountId>,
    lang: String,
}

impl jobs::Job for MailReset {
    const NAME: &'static str = "mail_reset";
}

impl jobs::Handle<App> for MailReset {
    async fn handle(self, app: std::sync::Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        let Some(account_id) = self.account_id else { return Ok(()) };
        let lang = Lang::from_key(&self.lang).unwrap_or_default();
        let mut tx = app.db.begin().await?;
        mail_link(&mut tx, &app, account_id, &Letter::PasswordReset, lang).await?;
        Ok(tx.commit().await?)
    }
}

/// Asks for a mail to the account of this login. Pupils have no address of their own: they ask their teacher, and
/// the page says so.
///
/// # Errors
/// [`Error::TooManyTries`] where too much was asked for from this network address, for whatever accounts.
pub async fn ask(app: &App, login: &str, lang: Lang, address: Option<IpAddr>) -> Result<()> {
    let login = accounts::fold_login(login);
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if let Err(wait) = throttle::may_ask_for_mail(&mut tx, address, now).await? {
        tx.commit().await?;
        return Err(Error::TooManyTries(wait));
    }
    let may_mail = throttle::may_mail(&mut tx, &login, now).await?;
    let account = login_aliases::credentials(&mut tx, &login, now).await?;
    let account = account.filter(|_| may_mail && accounts::is_email(&login));
    let job = MailReset { account_id: account.map(|account| account.account_id), lang: lang.key().to_owned() };
    jobs::enqueue(&mut tx, &job).await?;
    tx.commit().await?;
    Ok(())
}

/// Mails a link to set a new password to an account's owner; the letter says who has asked for it.
pub async fn mail_link(
    tx: &mut sqlx::PgConnection,
    app: &App,
    account_id: AccountId,
    letter: &Letter,
    lang: Lang,
) -> Result<()> {
    let now = app.clock.now();
    let token = Token::generate(&app.randomness);
    links::create(tx, app.randomness.uuid_v7(now), &token, LinkPurpose::PasswordReset, account_id, None, now).await?;
    outbox::post(tx, app, account_id, letter, Some(&token), lang).await
}

/// The reset's link, if it is still good.
pub async fn find(app: &App, token: &Token) -> Result<Option<Link>> {
    links::find(&mut *app.db.pool().acquire().await?, token, LinkPurpose::PasswordReset, app.clock.now()).await
}
