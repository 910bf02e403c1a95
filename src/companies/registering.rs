//! Registering to represent a company, a known one or a new one. As with teachers, a job finds out whether the address
//! has an account.

use std::{net::IpAddr, sync::Arc};

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::store::{self, NewRepresentative};
use crate::registration_forms::{self, FoundForm, SealedForm};
use crate::{
    app::App,
    error::Result,
    identity::{accounts, own_password::Chosen, verification},
    ids::{AccountId, CompanyId, FormId},
    jobs,
    letters::outbox::{self, Letter},
    paths,
    web::{forms::FormErrors, i18n::Lang},
};

/// The contents of a form, as it waits for the job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TakenRepresentative {
    pub full_name: String,
    pub phone: Option<String>,
    pub position: Option<String>,
    /// A known company; otherwise the name of a new one.
    pub company_id: Option<CompanyId>,
    pub company_name: String,
    pub tax_code: Option<String>,
}

/// A form was submitted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TakeRepresentative {
    form_id: FormId,
}

impl jobs::Job for TakeRepresentative {
    const NAME: &'static str = "take_representative";
}

impl jobs::Handle<App> for TakeRepresentative {
    async fn handle(self, app: Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        take(&app, self.form_id).await.map_err(anyhow::Error::from)
    }
}

/// Accepts a form: the same work for every sender.
pub async fn receive(
    app: &App,
    email: &str,
    taken: &TakenRepresentative,
    chosen: &Chosen,
    lang: Lang,
    address: Option<IpAddr>,
) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let form_id = registration_forms::keep(&mut tx, app, email, taken, chosen, lang, address).await?;
    jobs::enqueue(&mut tx, &TakeRepresentative { form_id }).await?;
    tx.commit().await?;
    Ok(())
}

async fn take(app: &App, form_id: FormId) -> Result<()> {
    let Some(form) = registration_forms::load::<TakenRepresentative>(app, form_id).await? else { return Ok(()) };
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if !registration_forms::delete(&mut tx, form_id).await? {
        return Ok(());
    }
    let choice = form.choice("company")?;
    let account = app.randomness.uuid_v7(now);
    match verification::open_account(&mut tx, account, &form.email, choice, now).await? {
        Some(account_id) => register_new(&mut tx, app, account_id, &form).await?,
        None => {
            let Some(account) = accounts::credentials(&mut tx, &form.email).await? else { return Ok(()) };
            let account_id = account.account_id;
            match registration_forms::take_place(&mut tx, app, account_id, choice, None).await? {
                FoundForm::Replaced => register_new(&mut tx, app, account_id, &form).await?,
                FoundForm::Same => registration_forms::mail_again(&mut tx, app, account_id, None, form.lang).await?,
                FoundForm::Verified => tell_of_account(&mut tx, app, account_id, &form).await?,
            }
        }
    }
    tx.commit().await?;
    Ok(())
}

/// A company's name is a stranger's wording: it is mailed to nobody who has not asked for it.
async fn register_new(
    tx: &mut PgConnection,
    app: &App,
    account_id: AccountId,
    form: &SealedForm<TakenRepresentative>,
) -> Result<()> {
    wait(tx, app, account_id, &form.taken).await?;
    verification::mail_link(tx, app, account_id, None, form.lang).await
}

async fn tell_of_account(
    tx: &mut PgConnection,
    app: &App,
    account_id: AccountId,
    form: &SealedForm<TakenRepresentative>,
) -> Result<()> {
    let letter = Letter::AccountExists { place: None, next: paths::RegisterCompany::PATH.to_owned() };
    outbox::post(tx, app, account_id, &letter, None, form.lang).await
}

/// Puts an account into the queue, with a new company where the form names one.
async fn wait(tx: &mut PgConnection, app: &App, account_id: AccountId, taken: &TakenRepresentative) -> Result<()> {
    let now = app.clock.now();
    let company_id = match taken.company_id {
        Some(id) => id,
        None => {
            let id = app.randomness.uuid_v7(now);
            store::insert(tx, id, &taken.company_name, taken.tax_code.as_deref(), now).await?;
            id
        }
    };
    let new = NewRepresentative {
        company_id,
        account_id,
        full_name: &taken.full_name,
        phone: taken.phone.as_deref(),
        position: taken.position.as_deref(),
    };
    store::add_representative(tx, &new, now).await
}

/// Registers a signed-in account for a company.
///
/// # Errors
/// The inner error: what is wrong with the form.
pub async fn register_signed_in(
    app: &App,
    account_id: AccountId,
    taken: &TakenRepresentative,
) -> Result<std::result::Result<(), FormErrors>> {
    let waits = store::of_account(&app.db, account_id).await?.iter().any(|company| !company.is_active);
    if waits && taken.company_id.is_none() {
        return Ok(Err(FormErrors::one("company_name", "fault-company-waits")));
    }
    let mut tx = app.db.begin().await?;
    match wait(&mut tx, app, account_id, taken).await {
        Ok(()) => {}
        Err(error) if error.violated_constraint() == Some("company_members_pkey") => {
            return Ok(Err(FormErrors::one("company_name", "fault-company-waits")));
        }
        Err(error) => return Err(error),
    }
    tx.commit().await?;
    Ok(Ok(()))
}
