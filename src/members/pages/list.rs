//! The list of accounts: searched, filtered, a page at a time.

use std::collections::{HashMap, HashSet};

use askama::Template;
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    access::{Granted, Role, may},
    app::App,
    error::Result,
    identity::sessions,
    members::{
        list_query::ListQuery,
        model::{IN_USE, Listed, Narrowing, SignInState, Status},
        store::{self, Counts},
    },
    schools::{
        classes::{self, Class},
        shell::{self, Entry},
        years::{self, Year},
    },
    web::{L, Reply, Shell, Visitor, html},
};

/// People of one role, and how many there are.
struct Tab {
    query: String,
    label: String,
    count: i64,
    is_current: bool,
}

#[derive(Template)]
#[template(path = "members/list.html")]
struct ListPage {
    l: L,
    shell: Shell,
    code: String,
    query: ListQuery,
    role: Role,
    counts: Counts,
    year: Year,
    classes: Vec<Class>,
    people: Vec<(Listed, SignInState)>,
    /// Those whom the visitor may act on.
    below: HashSet<Uuid>,
    next: Option<Uuid>,
    now: DateTime<Utc>,
}

impl ListPage {
    fn base(&self) -> String {
        format!("/schools/{}/accounts", self.code)
    }

    fn tabs(&self) -> Vec<Tab> {
        let tab = |role: Role| Tab {
            query: self.query.link(&[("role", role.key()), ("class", "")]),
            label: self.l.tk("roles", role.key()),
            count: self.counts.of_role(role),
            is_current: role == self.role,
        };
        [Role::Student, Role::Teacher, Role::Manager].map(tab).into()
    }

    fn is_filtered(&self) -> bool {
        !self.query.q.is_empty() || !self.query.class.is_empty() || !self.query.status.is_empty()
    }

    fn class_name(&self) -> Option<&str> {
        let id = self.query.class.parse::<Uuid>().ok()?;
        self.classes.iter().find(|class| class.id == id).map(|class| class.name.as_str())
    }
}

pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    granted: Granted<may::ManageAccounts>,
    Query(query): Query<ListQuery>,
) -> Reply {
    let filter = query.filter();
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(&granted, &mut tx, app.clock.today()).await?;
    let classes = classes::of_year(&granted, &mut tx, year.id).await?;
    let counts = store::counts(&granted, &mut tx).await?;
    let people = store::list(&granted, &mut tx, year.id, &filter, query.after.parse().ok()).await?;
    let below = below(&granted, &mut tx, &people.rows).await?;
    tx.commit().await?;
    let is_waiting_list = filter.narrowing == Some(Narrowing::Status(Status::Pending));
    let entry = if is_waiting_list { Entry::Waiting } else { Entry::Accounts };
    let mut shell = shell::of_school(&visitor, &granted, entry);
    if let Some(search) = &mut shell.search {
        search.value.clone_from(&query.q);
    }
    html(&ListPage {
        l: visitor.l,
        shell,
        code: granted.school.code.clone(),
        role: filter.role,
        counts,
        year,
        classes,
        below,
        next: people.next,
        people: with_states(&app, people.rows, visitor.now).await?,
        now: visitor.now,
        query,
    })
}

/// Of these people, those who stand below the visitor and are in the school.
async fn below(
    granted: &Granted<may::ManageAccounts>,
    tx: &mut sqlx::PgConnection,
    people: &[Listed],
) -> Result<HashSet<Uuid>> {
    let ids: Vec<Uuid> =
        people.iter().filter(|person| person.status != Status::Left.key()).map(|person| person.id).collect();
    let ranks = store::ranks(granted, tx, &ids).await?;
    let is_self = |id: &Uuid| granted.member().is_some_and(|member| member.id == *id);
    Ok(ranks.into_iter().filter(|(id, rank)| granted.outranks(*id, *rank) && !is_self(id)).map(|(id, _)| id).collect())
}

/// How it stands with each one's signing in. The devices are identity's to know, and are asked for by account.
pub async fn with_states(app: &App, rows: Vec<Listed>, now: DateTime<Utc>) -> Result<Vec<(Listed, SignInState)>> {
    let accounts: Vec<Uuid> = rows.iter().filter_map(|row| row.account_id).collect();
    let devices: HashMap<Uuid, i64> =
        sessions::devices_in_use(&app.db, &accounts, now - IN_USE).await?.into_iter().collect();
    let state = |row: Listed| {
        let in_use = row.account_id.and_then(|id| devices.get(&id)).copied().unwrap_or_default();
        let state = row.sign_in_state(in_use, now);
        (row, state)
    };
    Ok(rows.into_iter().map(state).collect())
}
