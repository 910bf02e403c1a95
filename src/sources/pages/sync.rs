//! Syncing the accounts with the registry: what waits, and the plan that is made from it.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};

use crate::{
    access::{Granted, may},
    app::App,
    paths::{self, Address},
    plan::model::Source,
    registry::store as of_registry,
    schools::years,
    shell::{self, MenuPage},
    sources::registry::{
        self,
        waiting::{self, WaitingChanges},
    },
    web::{PageResult, RequestContext, Shell, Translator, html, page},
};

#[derive(Template)]
#[template(path = "plan/sync.html")]
struct SyncPage {
    l: Translator,
    shell: Shell,
    code: String,
    now: DateTime<Utc>,
    /// Of the classes of a year, not of all accounts.
    is_classes: bool,
    waiting: WaitingChanges,
    /// Nothing has been submitted or typed in yet.
    is_empty: bool,
}

impl SyncPage {
    /// As message keys name it.
    fn what(&self) -> &'static str {
        if self.is_classes { "classes" } else { "accounts" }
    }

    fn list(&self) -> Address {
        if self.is_classes { paths::Classes::of(&self.code).into() } else { paths::Accounts::of(&self.code).into() }
    }

    fn sync(&self) -> Address {
        if self.is_classes {
            paths::ClassesSync::of(&self.code).into()
        } else {
            paths::AccountsSync::of(&self.code).into()
        }
    }

    /// How many changes wait, as a sentence.
    fn changes(&self) -> String {
        self.l.t1("sync-changes", "count", self.waiting.changes)
    }
}

pub async fn accounts(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let waiting = waiting::accounts(&granted, &mut tx).await?;
    tx.commit().await?;
    html(&SyncPage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, MenuPage::Sync),
        code: granted.school.code.clone(),
        now: visitor.now,
        is_classes: false,
        is_empty: waiting.since.is_none() && waiting.changes == 0,
        waiting,
    })
}

pub async fn sync_accounts(State(app): State<App>, granted: Granted<may::ManageAccounts>) -> PageResult {
    let plan_id = registry::begin(&granted, &app, Source::Registry).await?;
    Ok(page::redirect(paths::Plan::of(&granted.school.code, plan_id)))
}

pub async fn classes(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(&granted, &mut tx, app.clock.today()).await?;
    let waiting = waiting::classes(&granted, &mut tx, year.id).await?;
    let has_some = !of_registry::classes_of_year(&granted, &mut tx, year.id).await?.is_empty();
    tx.commit().await?;
    html(&SyncPage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, MenuPage::Classes),
        code: granted.school.code.clone(),
        now: visitor.now,
        is_classes: true,
        waiting,
        is_empty: !has_some,
    })
}

pub async fn sync_classes(State(app): State<App>, granted: Granted<may::ManageClasses>) -> PageResult {
    let plan_id = registry::begin(&granted.grant()?, &app, Source::RegistryClasses).await?;
    Ok(page::redirect(paths::Plan::of(&granted.school.code, plan_id)))
}
