//! *My classes*: what a homeroom teacher sees and does.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};

use super::own_class::OwnClass;
use crate::{
    access::{Action, Granted, may},
    accounts::{
        activation,
        pages::{DoneTo, list::with_states, name_in_notice},
    },
    app::App,
    identity::account_state,
    ids::{AccountId, ClassId},
    paths,
    roster::{
        model::{MemberFilter, MemberListRow, SignInCounts, SignInState},
        store,
    },
    routes::{Access, Routes},
    schools::{settings, years},
    shell::{self, MenuPage},
    web::{PageResult, RequestContext, Shell, Translator, address_parts::Path, html, page},
};

#[must_use]
pub fn routes() -> Routes {
    let helpers = Access::School(Action::HelpPupils);
    Routes::new().get(paths::OwnClasses::PATH, helpers, list).get(paths::OwnClass::PATH, helpers, show)
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
    locked: HashMap<AccountId, DateTime<Utc>>,
    may_reset: bool,
    /// Who gives new passwords where the school does not let homeroom teachers do so.
    may_be_asked: Vec<String>,
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
        let query = visitor.here.split_once('?').map_or("", |(_, query)| query);
        return Ok(page::redirect(paths::OwnClass::of(&granted.school.code, class.id).with_query(query)));
    }
    html(&MyClassesPage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, MenuPage::MyClasses),
        code: granted.school.code.clone(),
        year: year.label(),
        classes,
    })
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpPupils>,
    Path((_, id)): Path<(String, ClassId)>,
    Query(done): Query<DoneTo>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let class = OwnClass::find(&granted, &app, &mut tx, id).await?;
    let settings = settings::read(&granted, &mut tx).await?;
    let people = store::everybody(&granted, &mut tx, class.year_id, &MemberFilter::of_class(id)).await?;
    let accounts: Vec<AccountId> = people.iter().filter_map(|person| person.account_id).collect();
    let locked = account_state::locked(&mut tx, &accounts, visitor.now).await?;
    let may_reset = settings.homeroom_may_reset || granted.may::<may::ManageAccounts>();
    let may_be_asked = match may_reset {
        true => Vec::new(),
        false => activation::who_answers(&granted, &mut tx).await?.into_iter().map(|(_, name)| name).take(3).collect(),
    };
    let tally = SignInCounts::of(&people, &visitor.now);
    let people = with_states(&mut tx, people, visitor.now).await?;
    tx.commit().await?;
    let mut shell = shell::of_school(&visitor, &granted, MenuPage::MyClasses);
    let done_to = people.iter().find(|(person, _)| Some(person.id) == done.id());
    name_in_notice(&mut shell, done_to.map(|(person, _)| person.full_name.as_str()));
    html(&MyClassPage {
        l: visitor.l,
        shell,
        code: granted.school.code.clone(),
        class,
        tally,
        people,
        locked,
        may_reset,
        may_be_asked,
        now: visitor.now,
    })
}
