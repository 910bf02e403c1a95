//! One person: what the school knows, their classes through the years, what was done to the account.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};

use crate::{
    access::{Authority, Granted, MemberAction, Role, Scope, may},
    accounts::{
        activation::{self, ActivationQuestion},
        diagnosis::{self, Remedy, SignInDiagnosis, SignInObstacle},
    },
    app::App,
    audit::{
        self, AuditAction,
        list::{self as record, Recorded},
    },
    duplicates,
    error::{Error, Result, stored},
    identity::{accounts, second_factor, sessions},
    ids::{AccountId, MemberId},
    letters::bounces::{self, Bounce, Receiver},
    paths,
    roster::{
        fields::Field,
        history::{self, ClassOfYear},
        model::{IN_USE, SignInState, Status},
        store::{self, Profile},
        subject::LockedMember,
    },
    schools::years,
    shell::{self, MenuPage},
    vietnam::national_id,
    web::{PageResult, RequestContext, Shell, Translator, address_parts::Path, html, page},
};

#[derive(Template)]
#[template(path = "accounts/person.html")]
struct PersonPage {
    l: Translator,
    shell: Shell,
    code: String,
    profile: Profile,
    /// What the person types to sign in.
    login: Option<String>,
    state: SignInState,
    why: SignInDiagnosis,
    status: Status,
    /// Whether the visitor outranks the person, and so may change their role and status.
    is_above: bool,
    is_self: bool,
    /// For a member who waits for the school's approval.
    question: Option<ActivationQuestion>,
    /// The last mail to the person came back.
    bounce: Option<Bounce>,
    hands_out: bool,
    has_second_factor: bool,
    /// The personal number is shown unmasked; the look-up is in the audit log.
    shows_number: bool,
    places: Vec<ClassOfYear>,
    /// What was done to the account, the latest first.
    events: Vec<Recorded>,
    sees_audit: bool,
    now: DateTime<Utc>,
}

impl PersonPage {
    /// The other roles that the visitor may give the person.
    fn other_roles(&self) -> Vec<Role> {
        let may = |role: &Role| {
            let touches_managers = *role == Role::Manager || self.profile.role == Role::Manager;
            *role != self.profile.role && (!touches_managers || self.hands_out)
        };
        Role::ALL.into_iter().filter(may).collect()
    }

    /// Whether to offer a new password: not where the box above already offers one with the slip.
    fn gives_password(&self) -> bool {
        let may = self.is_above && !self.is_self && self.why.mend != Some(Remedy::NewPassword);
        may && matches!(self.status, Status::Active | Status::Suspended)
    }

    fn has_number(&self) -> bool {
        self.profile.values.contains_key(&Field::NationalId)
    }

    fn is_past(&self, at: &DateTime<Utc>) -> bool {
        *at <= self.now
    }

    /// The fields to show, with their values formatted for reading.
    fn shown(&self) -> Vec<(String, String)> {
        let hidden = [Field::FullName, Field::Username, Field::Password, Field::Status];
        let value = |field: Field| {
            let value = self.profile.values.get(&field)?;
            let text = match field {
                Field::Gender => self.l.t(&format!("gender-{value}")),
                Field::BirthDate => value.parse().map_or_else(|_| value.clone(), |date| self.l.date(&date)),
                Field::NationalId if !self.shows_number => national_id::masked(value),
                _ => value.clone(),
            };
            Some((self.l.t(field.label_key()), text))
        };
        Field::ALL.into_iter().filter(|field| !hidden.contains(field)).filter_map(value).collect()
    }
}

/// How many events are shown; the rest is in the audit log.
const TOLD: i64 = 15;

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MemberId)>,
) -> PageResult {
    match person_page(&app, &visitor, &granted, id, false).await {
        // Lists and records still name who was merged into another.
        Err(Error::NotFound) => {
            let mut tx = app.db.begin_in(granted.school_id()).await?;
            let kept = duplicates::lives_on_as(&granted, &mut tx, id).await?.ok_or(Error::NotFound)?;
            tx.commit().await?;
            Ok(page::redirect(paths::Account::of(&granted.school.code, kept)))
        }
        found => html(&found?),
    }
}

/// The same page with the whole personal number, once the look-up is in the audit log.
pub async fn show_national_id(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MemberId)>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(&granted, &mut tx, app.clock.today()).await?;
    let subject = LockedMember::find(&granted, &mut tx, year.id, id, MemberAction::ShowNationalId).await?;
    if !subject.values.contains_key(&Field::NationalId) {
        return Ok(page::redirect(paths::Account::of(&granted.school.code, id)));
    }
    audit::record(&granted, &app, &mut tx, audit::Event::about(AuditAction::NationalIdShown, id)).await?;
    tx.commit().await?;
    let page = person_page(&app, &visitor, &granted, id, true).await?;
    html(&page)
}

async fn person_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageAccounts>,
    id: MemberId,
    shows_number: bool,
) -> Result<PersonPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let profile = store::profile(granted, &mut tx, year.id, id).await?;
    let question = activation::question(granted, &mut tx, id).await?;
    let why = diagnosis::of(granted, &mut tx, &profile.listed, visitor.now).await?;
    let places = history::places(granted, &mut tx, id).await?;
    let events = record::of_person(granted, &mut tx, id, TOLD).await?;
    tx.commit().await?;
    let devices = devices_of(app, profile.listed.account_id, visitor.now).await?;
    let has_second_factor = match profile.listed.account_id {
        Some(account_id) => second_factor::is_on(&mut *app.db.pool().acquire().await?, account_id).await?,
        None => false,
    };
    let login = match profile.listed.account_id.filter(|_| profile.listed.username.is_some()) {
        // As it was created: the school's code may have changed since.
        Some(account_id) => login_of(app, account_id).await?,
        None => profile.listed.email.clone(),
    };
    let bounce = bounce_of(app, granted, &profile).await?;
    let rank = Authority { role: profile.role, grants: profile.grants.clone() }.rank();
    let is_self = granted.member().is_some_and(|member| member.id == id);
    Ok(PersonPage {
        l: visitor.l,
        status: stored("status", Status::from_key(&profile.listed.status))?,
        is_above: granted.outranks(id, rank),
        is_self,
        question,
        bounce,
        why,
        hands_out: granted.may::<may::HandOutGrants>(),
        has_second_factor,
        shows_number,
        places,
        events,
        sees_audit: granted.may::<may::SeeAudit>(),
        shell: shell::of_school(visitor, granted, MenuPage::Accounts),
        code: granted.school.code.clone(),
        login,
        state: profile.listed.sign_in_state(devices, visitor.now),
        profile,
        now: visitor.now,
    })
}

/// Mails go to the account; for a member who is only invited, to the address that the school knows.
async fn bounce_of(app: &App, scope: &Scope, profile: &Profile) -> Result<Option<Bounce>> {
    let mut connection = app.db.pool().acquire().await?;
    let receiver = match (profile.listed.account_id, &profile.listed.email) {
        (Some(account_id), _) => Receiver::Member(account_id),
        (None, Some(email)) => match accounts::credentials(&mut connection, email).await? {
            Some(account) => Receiver::Stranger(account.account_id),
            None => return Ok(None),
        },
        (None, None) => return Ok(None),
    };
    bounces::last(&mut connection, receiver, &scope.school.name).await
}

async fn login_of(app: &App, account_id: AccountId) -> Result<Option<String>> {
    let mut connection = app.db.pool().acquire().await?;
    Ok(accounts::logins(&mut connection, &[account_id]).await?.pop().map(|(_, login)| login))
}

async fn devices_of(app: &App, account: Option<AccountId>, now: DateTime<Utc>) -> Result<i64> {
    let accounts: Vec<AccountId> = account.into_iter().collect();
    let devices = sessions::devices_in_use(&app.db, &accounts, now - IN_USE).await?;
    Ok(devices.first().map_or(0, |(_, count)| *count))
}
