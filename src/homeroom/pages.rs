//! *My classes*: what a homeroom teacher sees and does.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};

use super::own_class::OwnClass;
use crate::{
    access::{Action, Granted, may},
    accounts::pages::list::with_states,
    app::App,
    error::Error,
    identity::account_state,
    ids::{AccountId, ClassId},
    roster::{
        model::{Filter, MemberListRow, SignInCounts, SignInState},
        store,
    },
    routes::{Access, Routes},
    schools::{settings, years},
    shell::{self, Entry},
    web::{PageResult, RequestContext, Shell, Translator, html, page},
};

#[must_use]
pub fn routes() -> Routes {
    let helpers = Access::School(Action::HelpPupils);
    Routes::new().get("/schools/{code}/my-classes", helpers, list).get("/schools/{code}/my-classes/{id}", helpers, show)
}

#[derive(Template)]
#[template(path = "homeroom/classes.html")]
struct MyClassesPage {
    l: Translator,
    shell: Shell,
    code: String,
    year: String,
    classes: Vec<OwnClass>,
}

#[derive(Template)]
#[template(path = "homeroom/class.html")]
struct MyClassPage {
    l: Translator,
    shell: Shell,
    code: String,
    class: OwnClass,
    tally: SignInCounts,
    people: Vec<(MemberListRow, SignInState)>,
    /// Accounts locked after too many wrong attempts, and until when.
    locked: HashMap<ClassId, DateTime<Utc>>,
    may_reset: bool,
    now: DateTime<Utc>,
}

impl MyClassPage {
    fn locked_until(&self, person: &MemberListRow) -> Option<&DateTime<Utc>> {
        self.locked.get(&person.account_id?)
    }
}

/// A teacher with one class is redirected straight to it.
pub async fn list(State(app): State<App>, visitor: RequestContext, granted: Granted<may::HelpPupils>) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let classes = OwnClass::all(&granted, &app, &mut tx).await?;
    let year = years::current(&granted, &mut tx, app.clock.today()).await?;
    tx.commit().await?;
    if let [class] = classes.as_slice() {
        let query = visitor.here.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
        return Ok(page::redirect(&format!("/schools/{}/my-classes/{}{query}", granted.school.code, class.id)));
    }
    html(&MyClassesPage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, Entry::MyClasses),
        code: granted.school.code.clone(),
        year: year.label(),
        classes,
    })
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpPupils>,
    Path((_, id)): Path<(String, String)>,
) -> PageResult {
    let id: ClassId = id.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let class = OwnClass::find(&granted, &app, &mut tx, id).await?;
    let settings = settings::read(&granted, &mut tx).await?;
    let people = store::everybody(&granted, &mut tx, class.year_id, &Filter::of_class(id)).await?;
    let accounts: Vec<AccountId> = people.iter().filter_map(|person| person.account_id).collect();
    let locked = account_state::locked(&mut tx, &accounts, visitor.now).await?;
    tx.commit().await?;
    html(&MyClassPage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, Entry::MyClasses),
        code: granted.school.code.clone(),
        class,
        tally: SignInCounts::of(&people, &visitor.now),
        people: with_states(&app, people, visitor.now).await?,
        locked,
        may_reset: settings.homeroom_may_reset || granted.may::<may::ManageAccounts>(),
        now: visitor.now,
    })
}
