//! The people of the registry: found by name, a page at a time, forwards and back.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    ids::RegistryPersonId,
    own_registry::actions,
    paths::{self, Address},
    registry::{
        model::PersonKind,
        store::{self, ListedPerson, PeopleFilter},
    },
    shell::{self, MenuPage},
    web::{PageResult, RequestContext, Shell, Translator, html},
};

#[derive(Template)]
#[template(path = "registry/people.html")]
struct PeoplePage {
    l: Translator,
    shell: Shell,
    code: String,
    is_own: bool,
    kind: PersonKind,
    has_left: bool,
    q: String,
    counts: [(PersonKind, i64); 2],
    people: Vec<ListedPerson>,
    /// The pages before and behind.
    previous: Option<Address>,
    next: Option<Address>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PeopleQuery {
    kind: String,
    left: String,
    q: String,
    after: String,
}

/// The list with a filter; a page of it begins behind a person.
fn list(code: &str, kind: PersonKind, has_left: bool, q: &str, after: Option<RegistryPersonId>) -> Address {
    let mut list = paths::RegistryPeople::of(code).with("kind", kind.key());
    if has_left {
        list = list.with("left", "on");
    }
    if !q.is_empty() {
        list = list.with("q", q);
    }
    match after {
        Some(id) => list.with("after", id),
        None => list,
    }
}

impl PeoplePage {
    fn of_kind(&self, kind: &PersonKind) -> Address {
        list(&self.code, *kind, false, &self.q, None)
    }

    fn people_who_left(&self) -> Address {
        list(&self.code, self.kind, true, &self.q, None)
    }

    fn all(&self) -> Address {
        list(&self.code, self.kind, self.has_left, "", None)
    }
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageRegistry>,
    Query(query): Query<PeopleQuery>,
) -> PageResult {
    let kind = PersonKind::from_key(&query.kind).unwrap_or(PersonKind::Student);
    let has_left = !query.left.is_empty();
    let filter = PeopleFilter::of(kind, has_left, &query.q);
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let mut people = store::page(&granted, &mut tx, &filter, query.after.parse().ok()).await?;
    let previous = match people.first() {
        Some(first) => store::page_before(&granted, &mut tx, &filter, first.id).await?,
        None => None,
    };
    let counts = [
        (PersonKind::Student, store::count(&granted, &mut tx, PersonKind::Student).await?),
        (PersonKind::Staff, store::count(&granted, &mut tx, PersonKind::Staff).await?),
    ];
    let is_own = actions::is_kept_here(&granted, &mut tx).await?;
    tx.commit().await?;
    let page = usize::try_from(store::PAGE).unwrap_or(usize::MAX);
    let has_more = people.len() > page;
    people.truncate(page);
    let code = granted.school.code.clone();
    let at = |after| list(&code, kind, has_left, &query.q, after);
    html(&PeoplePage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, MenuPage::Registry),
        is_own,
        kind,
        has_left,
        counts,
        previous: previous.map(at),
        next: people.last().filter(|_| has_more).map(|last| at(Some(last.id))),
        people,
        q: query.q,
        code,
    })
}
