//! A teacher who registers with a school.
//!
//! The page accepts the form and says what happens next; a job finds out whether the address has an account. So the
//! page is the same, in the same time, for everybody: only the mail tells.

use std::{net::IpAddr, sync::Arc};

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::forms::TakenTeacher;
use crate::registration_forms::{self, FoundForm, SealedForm};
use crate::{
    access::{Role, School, Scope},
    app::App,
    audit::{self, AuditAction, Event},
    error::Result,
    identity::{accounts, own_password::Chosen, registrations, verification},
    ids::{AccountId, FormId},
    invitations, jobs,
    letters::outbox::{self, Letter},
    paths,
    roster::{
        fields::{Field, Values},
        model::Status,
        records::{self, NewMember},
    },
    schools::directory,
    web::{forms::FormErrors, i18n::Lang},
};

/// A form was submitted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TakeTeacher {
    form_id: FormId,
}

impl jobs::Job for TakeTeacher {
    const NAME: &'static str = "take_teacher";
}

impl jobs::Handle<App> for TakeTeacher {
    async fn handle(self, app: Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        take(&app, self.form_id).await.map_err(anyhow::Error::from)
    }
}

/// Accepts a form: the same work for every sender.
pub async fn receive(
    app: &App,
    email: &str,
    taken: &TakenTeacher,
    chosen: &Chosen,
    lang: Lang,
    address: Option<IpAddr>,
) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let form_id = registration_forms::keep(&mut tx, app, email, taken, chosen, lang, address).await?;
    jobs::enqueue(&mut tx, &TakeTeacher { form_id }).await?;
    tx.commit().await?;
    Ok(())
}

/// Processes a form: opens the account, or has a mail say that there is one.
async fn take(app: &App, form_id: FormId) -> Result<()> {
    let Some(form) = registration_forms::load::<TakenTeacher>(app, form_id).await? else { return Ok(()) };
    let now = app.clock.now();
    let mut tx = app.db.begin_in(form.taken.school_id).await?;
    if !registration_forms::delete(&mut tx, form_id).await? {
        return Ok(());
    }
    let school = directory::by_id(&mut tx, form.taken.school_id).await?;
    let scope = Scope { address: form.address, ..Scope::system(school) };
    if directory::is_suspended(&scope, &mut tx).await? {
        // Suspended since the form was sent: it accepts no registrations.
        return Ok(tx.commit().await?);
    }
    let choice = form.choice("teacher")?;
    let account = app.randomness.uuid_v7(now);
    match verification::open_account(&mut tx, account, &form.email, choice, now).await? {
        Some(account_id) => register_new(&scope, app, &mut tx, account_id, &form).await?,
        None => {
            let Some(account) = accounts::credentials(&mut tx, &form.email).await? else { return Ok(()) };
            let (account_id, place) = (account.account_id, Some(scope.school.name.as_str()));
            match registration_forms::take_place(&mut tx, app, account_id, choice, Some(scope.school_id())).await? {
                FoundForm::Replaced => register_new(&scope, app, &mut tx, account_id, &form).await?,
                FoundForm::Same => registration_forms::mail_again(&mut tx, app, account_id, place, form.lang).await?,
                FoundForm::Verified => tell_of_account(&scope, app, &mut tx, account_id, &form).await?,
            }
        }
    }
    tx.commit().await?;
    Ok(())
}

async fn register_new(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    account_id: AccountId,
    form: &SealedForm<TakenTeacher>,
) -> Result<()> {
    let mut values = form.taken.values.clone();
    values.insert(Field::Email, form.email.clone());
    wait(scope, app, tx, account_id, &values).await?;
    verification::mail_link(tx, app, account_id, Some(&scope.school.name), form.lang).await
}

/// Adds a person to the school's list, to wait for its answer.
async fn wait(scope: &Scope, app: &App, tx: &mut PgConnection, account_id: AccountId, values: &Values) -> Result<()> {
    let now = app.clock.now();
    let member = NewMember {
        id: app.randomness.uuid_v7(now),
        account_id: Some(account_id),
        role: Role::Teacher,
        status: Status::Pending,
        username: None,
        temporary_until: None,
        class_id: None,
        values: values.clone(),
    };
    records::insert(scope, tx, None, std::slice::from_ref(&member), now).await?;
    registrations::add(tx, account_id, scope.school_id(), member.id, now).await?;
    audit::record(scope, app, tx, Event::about(AuditAction::Registered, member.id).by_themselves()).await
}

/// The address has an account: the mail says so. A person invited by the school gets that invitation once more.
async fn tell_of_account(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    account_id: AccountId,
    form: &SealedForm<TakenTeacher>,
) -> Result<()> {
    let invited = sqlx::query!(
        "SELECT id, full_name FROM members
         WHERE school_id = $1 AND role <> 'student' AND lower(email) = $2 AND status = 'invited' FOR UPDATE",
        scope.school_id(),
        form.email,
    )
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(invited) = invited {
        let values = Values::from([(Field::FullName, invited.full_name), (Field::Email, form.email.clone())]);
        // Who asks for more than are sent has the last one.
        invitations::ask(scope, app, tx, invited.id, &values).await?;
        return Ok(());
    }
    let letter = Letter::AccountExists {
        place: Some(scope.school.name.clone()),
        next: paths::RegisterTeacher::of().with("school", &scope.school.code).to_string(),
    };
    outbox::post(tx, app, account_id, &letter, None, form.lang).await
}

/// Registers a signed-in account with one more school: its address is verified, or waits already.
///
/// # Errors
/// The inner error: what is wrong with the form.
pub async fn register_signed_in(
    app: &App,
    school: Arc<School>,
    account_id: AccountId,
    login: &str,
    values: &Values,
    address: Option<IpAddr>,
) -> Result<std::result::Result<(), FormErrors>> {
    let scope = Scope { address, ..Scope::system(school) };
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let mut values = values.clone();
    values.insert(Field::Email, login.to_owned());
    match wait(&scope, app, &mut tx, account_id, &values).await {
        Ok(()) => {}
        Err(error) => {
            return match error.violated_constraint() {
                Some("member_of_account_taken" | "registrations_pkey" | "staff_email_taken") => {
                    Ok(Err(FormErrors::one("school", "fault-in-school-already")))
                }
                _ => Err(error),
            };
        }
    }
    if verification::waits_since(&mut tx, account_id).await?.is_none() {
        super::digest::plan(&mut tx, app, scope.school_id()).await?;
    }
    tx.commit().await?;
    Ok(Ok(()))
}
