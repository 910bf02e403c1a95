//! The search of the top bar: pupils, staff and classes at once. What is found is a page, and with the script also the
//! list of suggestions below the field.

use askama::Template;
use axum::{
    extract::{Query, State},
    http::HeaderMap,
};
use serde::Deserialize;
use sqlx::PgConnection;

use std::collections::HashSet;

use super::{
    actions::{DoneTo, name_in_notice},
    list::{logins_of, outranked_by_actor, whole_login},
};
use crate::{
    access::{Granted, Role, may},
    app::App,
    error::Result,
    ids::{ClassId, MemberId, YearId},
    roster::{
        model::{MemberFilter, MemberListRow, PageCursor, SortOrder, Status, StatusFilter},
        store,
    },
    schools::{classes, years},
    shell::{self, MenuPage},
    vietnam::search,
    web::{PageResult, RequestContext, Shell, Translator, html},
};

/// How many of each kind the page shows, and how many the suggestions.
const SHOWN: usize = 10;
const SUGGESTED: usize = 4;

/// The most classes that are looked through.
const MOST_CLASSES: usize = 1_000;

/// People of one role.
struct SearchGroup {
    role: Role,
    people: Vec<MemberListRow>,
    /// Those that the visitor may act on.
    outranked: HashSet<MemberId>,
    has_more: bool,
    /// They have left the school, and nobody who is in it was found.
    have_left: bool,
}

struct FoundClass {
    id: ClassId,
    name: String,
}

#[derive(Default)]
struct SearchResults {
    groups: Vec<SearchGroup>,
    classes: Vec<FoundClass>,
}

impl SearchPage {
    /// The query string that leads back here.
    fn here(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &self.q).append_pair("from", "search").finish()
    }
}

impl SearchResults {
    fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.classes.is_empty()
    }
}

#[derive(Template)]
#[template(path = "accounts/search.html")]
struct SearchPage {
    l: Translator,
    shell: Shell,
    code: String,
    q: String,
    found: SearchResults,
}

/// What the script puts below the field.
#[derive(Template)]
#[template(path = "accounts/suggestions.html")]
struct Suggestions {
    l: Translator,
    code: String,
    found: SearchResults,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SearchQuery {
    q: String,
}

/// The page; or its suggestions, where the script asks for them by the header `X-Part`.
pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Query(query): Query<SearchQuery>,
    Query(done): Query<DoneTo>,
    headers: HeaderMap,
) -> PageResult {
    let (l, code) = (visitor.l, granted.school.code.clone());
    if headers.contains_key("x-part") {
        let found = find(&app, &granted, &query.q, SUGGESTED).await?;
        return html(&Suggestions { l, code, found });
    }
    let found = find(&app, &granted, &query.q, SHOWN).await?;
    let mut shell = shell::of_school(&visitor, &granted, MenuPage::Accounts);
    let done_to = found.groups.iter().flat_map(|group| &group.people).find(|person| Some(person.id) == done.id());
    name_in_notice(&mut shell, done_to.map(|person| person.full_name.as_str()));
    if let Some(search) = &mut shell.search {
        search.value.clone_from(&query.q);
    }
    html(&SearchPage { l, shell, code, q: query.q, found })
}

async fn find(app: &App, granted: &Granted<may::ManageAccounts>, typed: &str, most: usize) -> Result<SearchResults> {
    let words = search::words(typed);
    if words.is_empty() {
        return Ok(SearchResults::default());
    }
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let mut groups = Vec::new();
    for role in Role::ALL {
        groups.extend(group(granted, &mut tx, year.id, role, typed, most).await?);
    }
    let choices = classes::at_most(granted, &mut tx, year.id, MOST_CLASSES).await?;
    let classes = choices.into_iter().flatten().filter(|class| is_meant(&class.name, &words)).take(most);
    let classes = classes.map(|class| FoundClass { id: class.id, name: class.name }).collect();
    tx.commit().await?;
    for group in &mut groups {
        let logins = logins_of(app, &group.people).await?;
        group.people.iter_mut().for_each(|person| whole_login(person, &logins));
    }
    Ok(SearchResults { groups, classes })
}

/// The people of a role who match; where nobody does, those who have left.
async fn group(
    granted: &Granted<may::ManageAccounts>,
    tx: &mut PgConnection,
    year_id: YearId,
    role: Role,
    typed: &str,
    most: usize,
) -> Result<Option<SearchGroup>> {
    for have_left in [false, true] {
        let narrowing = have_left.then_some(StatusFilter::Status(Status::Left));
        let filter = MemberFilter { narrowing, ..MemberFilter::of_role(role).searching(typed) };
        let page = store::list(granted, tx, year_id, &filter, SortOrder::default(), PageCursor::First).await?;
        let has_more = page.rows.len() > most;
        let people: Vec<MemberListRow> = page.rows.into_iter().take(most).collect();
        if !people.is_empty() {
            let outranked = outranked_by_actor(granted, tx, role, &people).await?;
            return Ok(Some(SearchGroup { role, people, outranked, has_more, have_left }));
        }
    }
    Ok(None)
}

/// Each word is the beginning of a word of the class's name; its kind may stand before it ("lớp 10a").
fn is_meant(class: &str, words: &[String]) -> bool {
    let names = search::words(class);
    let words: Vec<&String> =
        words.iter().filter(|word| !["lop", "nhom", "class", "group"].contains(&word.as_str())).collect();
    !words.is_empty() && words.iter().all(|word| names.iter().any(|name| name.starts_with(word.as_str())))
}
