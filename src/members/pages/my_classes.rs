//! *My classes*: what a homeroom teacher sees and does.

use askama::Template;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::list::with_states;
use crate::{
    access::{Granted, may},
    app::App,
    error::Error,
    members::{
        homeroom::OwnClass,
        model::{Filter, Listed, Order, SignInState, Turn},
        store,
    },
    schools::{
        settings,
        shell::{self, Entry},
        years,
    },
    web::{L, Reply, Shell, Visitor, html, page},
};

#[derive(Template)]
#[template(path = "members/my_classes.html")]
struct MyClassesPage {
    l: L,
    shell: Shell,
    code: String,
    year: String,
    classes: Vec<OwnClass>,
}

#[derive(Template)]
#[template(path = "members/my_class.html")]
struct MyClassPage {
    l: L,
    shell: Shell,
    code: String,
    class: OwnClass,
    people: Vec<(Listed, SignInState)>,
    may_reset: bool,
    now: DateTime<Utc>,
}

impl MyClassPage {
    fn never_signed_in(&self) -> usize {
        self.people.iter().filter(|(person, _)| person.last_signed_in_at.is_none()).count()
    }
}

/// Whoever has one class goes straight to it.
pub async fn list(State(app): State<App>, visitor: Visitor, granted: Granted<may::HelpPupils>) -> Reply {
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
    visitor: Visitor,
    granted: Granted<may::HelpPupils>,
    Path((_, id)): Path<(String, String)>,
) -> Reply {
    let id: Uuid = id.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let class = OwnClass::find(&granted, &app, &mut tx, id).await?;
    let settings = settings::read(&granted, &mut tx).await?;
    let mut people = Vec::new();
    let mut turn = Turn::First;
    loop {
        let page = store::list(&granted, &mut tx, class.year_id, &Filter::of_class(id), Order::default(), turn).await?;
        people.extend(page.rows);
        let Some(next) = page.next else { break };
        turn = Turn::After(next);
    }
    tx.commit().await?;
    html(&MyClassPage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, Entry::MyClasses),
        code: granted.school.code.clone(),
        class,
        people: with_states(&app, people, visitor.now).await?,
        may_reset: settings.homeroom_may_reset || granted.may::<may::ManageAccounts>(),
        now: visitor.now,
    })
}
