//! An invitation: set the first password, or accept with an existing account.

use askama::Template;
use axum::extract::State;
use axum_extra::extract::CookieJar;

use super::Invitation;
use crate::{
    access::SignedIn,
    app::App,
    crypto::token::Token,
    error::{Error, Result},
    identity::{
        accounts,
        own_password::{self, Chosen},
        pages::sign_in::finish_sign_in,
        password::PolicyContext,
        sessions::Device,
        sign_in::SignInOutcome,
    },
    invitations,
    me::password::{OwnPasswordForm, dead_link, faults},
    paths::{self, Address},
    web::{
        PageResult, RequestContext, Shell, Translator,
        address_parts::Path,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "invitations/answer.html")]
struct InvitationPage<'a> {
    l: Translator,
    shell: Shell,
    token: &'a str,
    invitation: &'a Invitation,
    step: InvitationStep,
    faults: FormErrors,
}

#[derive(Template)]
#[template(path = "invitations/declined.html")]
struct DeclinedPage {
    l: Translator,
    shell: Shell,
    school: String,
}

/// What the invited person does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InvitationStep {
    ChoosePassword,
    SignIn,
    Accept,
    /// Come back later: the school is suspended.
    Wait,
    /// Another account is signed in on this device.
    SignOut,
}

fn step(invitation: &Invitation, signed_in: Option<&SignedIn>) -> InvitationStep {
    match signed_in {
        _ if invitation.waits => InvitationStep::Wait,
        Some(signed_in) if signed_in.account_id == invitation.link.account_id => InvitationStep::Accept,
        _ if !invitation.has_password => InvitationStep::ChoosePassword,
        Some(_) => InvitationStep::SignOut,
        None => InvitationStep::SignIn,
    }
}

pub async fn show(State(app): State<App>, visitor: RequestContext, Path(token): Path<String>) -> PageResult {
    match find(&app, &token).await? {
        Some(_) if visitor.signed_in.as_ref().is_some_and(|who| who.must_choose_password) => {
            Err(Error::OwnPasswordNeeded)
        }
        Some(invitation) => html(&invitation_page(&visitor, &token, &invitation, FormErrors::new())),
        None => dead_link(&visitor),
    }
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    jar: CookieJar,
    Path(token): Path<String>,
    Form(form): Form<OwnPasswordForm>,
) -> PageResult {
    let Some(invitation) = find(&app, &token).await? else { return dead_link(&visitor) };
    let chosen = match step(&invitation, visitor.signed_in.as_ref()) {
        InvitationStep::Accept => None,
        InvitationStep::ChoosePassword => match choose(&app, &invitation, &form).await? {
            Ok(chosen) => Some(chosen),
            Err(faults) => return refused(&invitation_page(&visitor, &token, &invitation, faults)),
        },
        InvitationStep::Wait => return refused(&invitation_page(&visitor, &token, &invitation, FormErrors::new())),
        InvitationStep::SignIn | InvitationStep::SignOut => return Ok(page::redirect(paths::Invitation::of(&token))),
    };
    match accept(&app, &visitor, &invitation, chosen.as_ref()).await {
        Ok(session) => {
            let school = invitation.membership.as_ref().map(|(school, _)| paths::School::of(&school.code).into());
            let home: Address = school.unwrap_or_else(|| paths::OperatorSchools::of().into());
            let next = home.with("done", "invitation-accepted");
            match session {
                Some(session) => finish_sign_in(&app, &visitor, jar, &session, &next.to_string()).await,
                None => Ok(page::redirect(next)),
            }
        }
        Err(Error::NotFound) => dead_link(&visitor),
        Err(error) => Err(error),
    }
}

/// Declines. The holder of the link needs no further proof.
pub async fn decline(State(app): State<App>, visitor: RequestContext, Path(token): Path<String>) -> PageResult {
    let Some(invitation) = find(&app, &token).await? else { return dead_link(&visitor) };
    match invitations::decline(&app, &invitation, visitor.address).await {
        Ok(()) => {
            let school = invitation.membership.map(|(school, _)| school.name.clone()).unwrap_or_default();
            html(&DeclinedPage { l: visitor.l, shell: Shell::plain(&visitor), school })
        }
        Err(Error::NotFound) => dead_link(&visitor),
        Err(error) => Err(error),
    }
}

async fn find(app: &App, token: &str) -> Result<Option<Invitation>> {
    match Token::parse(token) {
        Some(token) => invitations::find(app, &token).await,
        None => Ok(None),
    }
}

async fn choose(
    app: &App,
    invitation: &Invitation,
    form: &OwnPasswordForm,
) -> Result<std::result::Result<Chosen, FormErrors>> {
    let (school_name, person_name) = invitation
        .membership
        .as_ref()
        .map_or((String::new(), String::new()), |(school, name)| (school.name.clone(), name.clone()));
    let context = PolicyContext {
        staff: accounts::is_email(&invitation.login),
        person_name: &person_name,
        school_name: &school_name,
        login: &invitation.login,
        temporary: None,
    };
    Ok(own_password::choose(app, &form.password, &form.password_again, &context).await?.map_err(faults))
}

/// Accepts and, with a first password, signs the person in: one transaction.
async fn accept(
    app: &App,
    visitor: &RequestContext,
    invitation: &Invitation,
    chosen: Option<&Chosen>,
) -> Result<Option<SignInOutcome>> {
    let account_id = invitation.link.account_id;
    let mut tx = match &invitation.membership {
        Some((school, _)) => app.db.begin_in(school.id).await?,
        None => app.db.begin().await?,
    };
    invitations::accept(app, &mut tx, invitation, visitor.address).await?;
    let session = match chosen {
        Some(chosen) => {
            let device = Device::of(visitor);
            own_password::set(&mut tx, app, account_id, chosen, &device).await?;
            Some(own_password::sign_in_anew(&mut tx, app, account_id, &device).await?)
        }
        None => None,
    };
    tx.commit().await?;
    Ok(session)
}

/// The visitor, spoken to in the words of the school that invites.
fn spoken_to(visitor: &RequestContext, invitation: &Invitation) -> RequestContext {
    let school = invitation.membership.as_ref().map(|(school, _)| school);
    school.map_or_else(|| visitor.clone(), |school| visitor.in_words_of(school.kind.key()))
}

fn invitation_page<'a>(
    visitor: &RequestContext,
    token: &'a str,
    invitation: &'a Invitation,
    faults: FormErrors,
) -> InvitationPage<'a> {
    let visitor = spoken_to(visitor, invitation);
    InvitationPage {
        l: visitor.l,
        shell: Shell::plain(&visitor),
        token,
        invitation,
        step: step(invitation, visitor.signed_in.as_ref()),
        faults,
    }
}
