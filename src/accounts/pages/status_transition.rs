//! The page that says what ends before a member is suspended, leaves or gets another role.

use askama::Template;
use serde::Deserialize;

use super::actions::address;
use crate::{
    access::{Granted, MemberAction, Role, may},
    accounts::consequences::Consequences,
    app::App,
    error::{Error, Result},
    ids::MemberId,
    paths::{self, Address},
    roster::{model::Status, subject::LockedMember},
    schools::years,
    shell::{self, MenuPage},
    web::{PageResult, RequestContext, Shell, Translator, forms::FormErrors, html, page, refused},
};

/// The change that is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusTransition {
    Suspension,
    Leaving,
    Role(Role),
}

impl StatusTransition {
    fn act(self) -> MemberAction {
        match self {
            Self::Suspension => MemberAction::Suspend,
            Self::Leaving => MemberAction::Leave,
            Self::Role(Role::Manager) => MemberAction::ChangeManager,
            Self::Role(Role::Teacher | Role::Student) => MemberAction::ChangeRole,
        }
    }

    /// The last part of the path, and of the Fluent keys.
    fn key(self) -> &'static str {
        match self {
            Self::Suspension => "suspension",
            Self::Leaving => "leaving",
            Self::Role(_) => "role",
        }
    }

    fn can_be_done_to(self, status: Status) -> bool {
        match self {
            Self::Suspension => status == Status::Active,
            Self::Leaving | Self::Role(_) => !matches!(status, Status::Pending | Status::Left),
        }
    }
}

#[derive(Template)]
#[template(path = "accounts/status_change.html")]
pub struct StatusTransitionPage {
    l: Translator,
    shell: Shell,
    code: String,
    id: MemberId,
    name: String,
    transition: StatusTransition,
    ending: Consequences,
    reason: String,
    faults: FormErrors,
}

impl StatusTransitionPage {
    fn action(&self) -> Address {
        match self.transition {
            StatusTransition::Suspension => paths::AccountSuspension::of(&self.code, self.id).into(),
            StatusTransition::Leaving => paths::AccountLeaving::of(&self.code, self.id).into(),
            StatusTransition::Role(_) => paths::AccountRole::of(&self.code, self.id).into(),
        }
    }

    fn title(&self) -> String {
        let name = self.name.as_str();
        match self.transition {
            StatusTransition::Role(role) => self.l.tk1("transition-title-role", role.key(), "name", name),
            transition => self.l.t1(&format!("transition-title-{}", transition.key()), "name", name),
        }
    }

    fn button(&self) -> String {
        match self.transition {
            StatusTransition::Role(role) => self.l.tk("person-make", role.key()),
            StatusTransition::Suspension => self.l.t("person-suspend"),
            StatusTransition::Leaving => self.l.t("person-leave"),
        }
    }

    /// What ends at once, line by line.
    fn ends(&self) -> Vec<String> {
        let l = &self.l;
        let Consequences { class, homeroom, grants, is_signed_out } = &self.ending;
        let mut lines = Vec::new();
        if self.transition == StatusTransition::Suspension || self.transition == StatusTransition::Leaving {
            lines.push(l.t(if *is_signed_out { "transition-ends-sessions" } else { "transition-ends-sign-in" }));
        }
        lines.extend(class.iter().map(|class| l.t1("transition-ends-class", "class", class.as_str())));
        if !homeroom.is_empty() {
            lines.push(l.t1("transition-ends-homeroom", "classes", homeroom.join(", ")));
        }
        if !grants.is_empty() {
            let grants: Vec<String> = grants.iter().map(|grant| l.tk("grant", grant.key())).collect();
            lines.push(l.t1("transition-ends-grants", "grants", grants.join(", ")));
        }
        lines
    }

    fn stays(&self) -> String {
        self.l.t(&format!("transition-stays-{}", self.transition.key()))
    }

    fn asks_why(&self) -> bool {
        !matches!(self.transition, StatusTransition::Role(_))
    }
}

pub async fn ask(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageAccounts>,
    id: MemberId,
    transition: StatusTransition,
) -> PageResult {
    match page_of(app, visitor, granted, id, transition).await? {
        Some(page) => html(&page),
        None => Ok(page::redirect(address(granted, id))),
    }
}

/// `None` where the change does not apply to the member's current status or role.
pub async fn page_of(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageAccounts>,
    id: MemberId,
    transition: StatusTransition,
) -> Result<Option<StatusTransitionPage>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let mut subject = LockedMember::find(granted, &mut tx, year.id, id, transition.act()).await?;
    if matches!(transition, StatusTransition::Role(_)) && subject.role == Role::Manager {
        subject = LockedMember::find(granted, &mut tx, year.id, id, MemberAction::ChangeManager).await?;
    }
    let ending = match transition {
        StatusTransition::Suspension => Consequences::of_suspension(granted, &mut tx, &subject).await?,
        StatusTransition::Leaving => Consequences::of(granted, &mut tx, app.clock.today(), &subject, None).await?,
        StatusTransition::Role(role) => {
            Consequences::of(granted, &mut tx, app.clock.today(), &subject, Some(role)).await?
        }
    };
    tx.commit().await?;
    if !transition.can_be_done_to(subject.status) || transition == StatusTransition::Role(subject.role) {
        return Ok(None);
    }
    Ok(Some(StatusTransitionPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Accounts),
        code: granted.school.code.clone(),
        id,
        name: subject.name().to_owned(),
        transition,
        ending,
        reason: String::new(),
        faults: FormErrors::new(),
    }))
}

/// `undo` reverses, as the addresses for that do: a suspension is lifted, a member who had left comes back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct StatusTransitionForm {
    pub reason: String,
    pub undo: String,
}

/// The page once more, with what is wrong and the reason as it was typed.
pub async fn ask_again(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageAccounts>,
    id: MemberId,
    transition: StatusTransition,
    reason: String,
    faults: FormErrors,
) -> PageResult {
    match page_of(app, visitor, granted, id, transition).await? {
        Some(page) => refused(&StatusTransitionPage { reason, faults, ..page }),
        None => Err(Error::Forbidden),
    }
}
