//! The list of accounts: searched, filtered, sorted, a page at a time.

use std::collections::{HashMap, HashSet};

use askama::Template;
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::actions::{DoneTo, name_in_notice};
use crate::{
    access::{Granted, Rank, Role, may},
    accounts::activation::{self, Answerable},
    app::App,
    error::Result,
    identity::{accounts, sessions},
    ids::{AccountId, ClassId, MemberId, YearId},
    roster::{
        list_query::{END, ListQuery},
        model::{
            IN_USE, MemberFilter, MemberListRow, MemberPage, PAGE, PageCursor, SignInState, SortColumn, SortOrder,
            Status, StatusFilter,
        },
        store::{self, ListBasis, MemberCounts},
    },
    routes::EntryTx,
    schools::{
        classes::{self, ClassName},
        years::Year,
    },
    shell::{self, MenuPage},
    web::{PageResult, RequestContext, Shell, Translator, forms::MOST_CHOICES, html, i18n::Around},
};

/// MemberPage of one role, and how many there are.
struct Tab {
    query: String,
    label: String,
    count: i64,
    is_current: bool,
}

/// A list beside this one, in which the same search or filter finds people.
struct OtherList {
    query: String,
    label: String,
    count: usize,
}

/// A column header by which the list can be sorted.
struct SortableHeader {
    query: String,
    label: String,
    /// The value of `aria-sort`; empty where the list is sorted by another column.
    sorted: &'static str,
}

/// One of the choices of a filter.
struct Choosable {
    value: String,
    label: String,
    is_chosen: bool,
}

/// How many people a list has, as far as that is known without counting them.
#[derive(Clone, Copy)]
enum MatchCount {
    Exactly(i64),
    MoreThanAPage,
}

/// What every row says in the same words: said once a page, not once a row.
struct RowWords {
    pick: Around,
    reset: String,
    reset_short: String,
    sign_out: String,
    sign_out_short: String,
}

impl RowWords {
    fn of(l: Translator) -> Self {
        Self {
            pick: l.around("bulk-pick", "name"),
            reset: l.t("person-reset"),
            reset_short: l.t("accounts-short-password"),
            sign_out: l.t("person-sign-out"),
            sign_out_short: l.t("accounts-short-sign-out"),
        }
    }
}

#[derive(Template)]
#[template(path = "accounts/list.html")]
struct AccountsPage {
    l: Translator,
    words: RowWords,
    shell: Shell,
    code: String,
    query: ListQuery,
    filter: MemberFilter,
    order: SortOrder,
    counts: MemberCounts,
    year: Year,
    /// The classes to choose from, unless there are too many.
    classes: Option<Vec<ClassName>>,
    /// The class that the list is narrowed to.
    class: Option<ClassName>,
    people: Vec<(MemberListRow, SignInState)>,
    /// The people that the visitor may act on.
    outranked: HashSet<MemberId>,
    /// Of those who wait for the school's approval: what stands in its way.
    answerable: HashMap<MemberId, Answerable>,
    previous: Option<MemberId>,
    next: Option<MemberId>,
    /// Other lists in which there are some, where this one has nobody.
    elsewhere: Vec<OtherList>,
    now: DateTime<Utc>,
}

impl AccountsPage {
    fn role(&self) -> Role {
        self.filter.role
    }

    fn tabs(&self) -> Vec<Tab> {
        let tab = |role: Role| Tab {
            query: self.query_of(role),
            label: self.l.tk("roles", role.key()),
            count: self.counts.of_role(role),
            is_current: role == self.role(),
        };
        [Role::Student, Role::Teacher, Role::Manager].map(tab).into()
    }

    /// The same search for another role; without the class, which only pupils have.
    fn query_of(&self, role: Role) -> String {
        self.query.link(&[("role", role.key()), ("class", "")])
    }

    fn head(&self, column: SortColumn) -> SortableHeader {
        let is_current = self.order.column == column;
        // The most recent sign-in is what is usually looked for first.
        let starts_descending = column == SortColumn::LastSignedIn;
        let is_descending = if is_current { !self.order.is_descending } else { starts_descending };
        SortableHeader {
            query: self.query.link(&[("sort", &SortOrder { column, is_descending }.key())]),
            label: self.l.tk("accounts-column", column.key()),
            sorted: match (is_current, self.order.is_descending) {
                (false, _) => "",
                (true, false) => "ascending",
                (true, true) => "descending",
            },
        }
    }

    fn columns(&self) -> impl Iterator<Item = SortColumn> {
        let has_classes = self.role() == Role::Student;
        SortColumn::ALL.into_iter().filter(move |column| has_classes || *column != SortColumn::Class)
    }

    fn heads(&self) -> Vec<SortableHeader> {
        self.columns().map(|column| self.head(column)).collect()
    }

    /// Every order, for narrow screens, which have no column headers.
    fn orders(&self) -> Vec<Choosable> {
        let both =
            self.columns().flat_map(|column| [false, true].map(|is_descending| SortOrder { column, is_descending }));
        let choosable = |order: SortOrder| Choosable {
            value: if order == SortOrder::default() { String::new() } else { order.key() },
            label: self.l.t(&format!(
                "accounts-order-{}{}",
                order.column.key().replace('_', "-"),
                if order.is_descending { "-down" } else { "" },
            )),
            is_chosen: order == self.order,
        };
        both.map(choosable).collect()
    }

    /// The narrowings, each with the number of people that it leaves, where that is counted.
    fn narrowings(&self) -> Vec<Choosable> {
        let is_counted = self.is_counted();
        let choosable = |narrowing: Option<StatusFilter>| {
            let label = match narrowing {
                None => self.l.t("accounts-all-statuses"),
                Some(narrowing) => self.l.tk("narrowing", narrowing.key()),
            };
            let count = self.l.number(self.counts.narrowed(self.role(), narrowing));
            Choosable {
                value: narrowing.map(|narrowing| narrowing.key().to_owned()).unwrap_or_default(),
                label: if is_counted { format!("{label} ({count})") } else { label },
                is_chosen: narrowing == self.filter.narrowing,
            }
        };
        std::iter::once(None).chain(StatusFilter::OFFERED.map(Some)).map(choosable).collect()
    }

    /// The counters cover roles and narrowings, not classes or searches.
    fn is_counted(&self) -> bool {
        self.query.class.is_empty() && self.filter.words.is_empty()
    }

    fn is_one_page(&self) -> bool {
        self.previous.is_none() && self.next.is_none()
    }

    fn found(&self) -> MatchCount {
        match i64::try_from(self.people.len()) {
            Ok(count) if self.is_one_page() => MatchCount::Exactly(count),
            _ if self.is_counted() => MatchCount::Exactly(self.counts.narrowed(self.role(), self.filter.narrowing)),
            _ => MatchCount::MoreThanAPage,
        }
    }

    /// How many a search or filter has found.
    fn found_said(&self) -> String {
        match self.found() {
            MatchCount::Exactly(count) => self.l.t1("accounts-found", "count", count),
            MatchCount::MoreThanAPage => {
                self.l.t1("accounts-found-more", "count", i64::try_from(PAGE).unwrap_or(i64::MAX))
            }
        }
    }

    /// How the questions name "everybody on all pages".
    fn everybody_said(&self) -> String {
        match self.found() {
            MatchCount::Exactly(count) => self.l.t1("bulk-selected-all-counted", "count", count),
            MatchCount::MoreThanAPage => self.l.t("bulk-selected-all"),
        }
    }

    /// At least one person is suspended, so that lifting is offered.
    fn shows_suspended(&self) -> bool {
        self.people.iter().any(|(person, _)| person.status == Status::Suspended.key())
    }

    /// Only people who wait are shown: the bar of actions is about approving.
    fn is_waiting_list(&self) -> bool {
        self.filter.narrowing == Some(StatusFilter::Status(Status::Pending))
    }

    fn is_answerable(&self, person: &MemberListRow, how: Answerable) -> bool {
        self.answerable.get(&person.id) == Some(&how)
    }

    /// The query string that leads back to this page of the list.
    fn here(&self) -> String {
        self.query.here(&[("from", "list")])
    }

    fn is_filtered(&self) -> bool {
        !self.query.q.is_empty() || !self.query.class.is_empty() || !self.query.status.is_empty()
    }

    /// The class as typed or chosen.
    fn class_name(&self) -> &str {
        self.class.as_ref().map_or(&self.query.class, |class| &class.name)
    }
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    EntryTx(mut tx): EntryTx,
    Query(query): Query<ListQuery>,
    Query(done): Query<DoneTo>,
) -> PageResult {
    // Only pupils are in classes.
    let most_classes = (query.filter().role == Role::Student).then_some(MOST_CHOICES);
    let ListBasis { year, counts, classes } =
        store::list_basis(&granted, &mut tx, app.clock.today(), most_classes).await?;
    let query = query.settle(&granted, &mut tx, year.id).await?;
    let (filter, order) = (query.filter(), query.order());
    let class = class_of(&granted, &mut tx, filter.class_id, classes.as_deref()).await;
    let mut people = store::list(&granted, &mut tx, year.id, &filter, order, query.page_cursor()).await?;
    if people.rows.is_empty() && query.page_cursor() != PageCursor::First {
        // The person at which the page began is gone.
        people = store::list(&granted, &mut tx, year.id, &filter, order, PageCursor::First).await?;
    }
    let elsewhere = match people.rows.is_empty() {
        true => elsewhere(&granted, &mut tx, year.id, &query, visitor.l).await?,
        false => Vec::new(),
    };
    let outranked = outranked_by_actor(&granted, &mut tx, filter.role, &people.rows).await?;
    let waiting = people.rows.iter().filter(|person| person.status == Status::Pending.key());
    let waiting: Vec<(MemberId, AccountId)> =
        waiting.filter_map(|person| Some((person.id, person.account_id?))).collect();
    let answerable = activation::answerable(&granted, &mut tx, &waiting).await?;
    let done_to = match done.id() {
        Some(id) => store::names(&granted, &mut tx, year.id, &[id]).await?.pop(),
        None => None,
    };
    let MemberPage { rows, previous, next } = people;
    let people = with_states(&mut tx, rows, visitor.now).await?;
    tx.end_reading();
    let is_waiting_list = filter.narrowing == Some(StatusFilter::Status(Status::Pending));
    let entry = if is_waiting_list { MenuPage::Waiting } else { MenuPage::Accounts };
    let mut shell = shell::of_school(&visitor, &granted, entry);
    name_in_notice(&mut shell, done_to.as_ref().map(|name| name.full_name.as_str()));
    if let Some(search) = &mut shell.search {
        search.value.clone_from(&query.q);
    }
    html(&AccountsPage {
        l: visitor.l,
        words: RowWords::of(visitor.l),
        shell,
        code: granted.school.code.clone(),
        people,
        query,
        filter,
        order,
        counts,
        year,
        classes,
        class,
        outranked,
        answerable,
        previous,
        next,
        elsewhere,
        now: visitor.now,
    })
}

/// The class that the list is narrowed to, where there is such a class.
async fn class_of(
    granted: &Granted<may::ManageAccounts>,
    tx: &mut PgConnection,
    id: Option<ClassId>,
    choices: Option<&[ClassName]>,
) -> Option<ClassName> {
    let id = id?;
    match choices.into_iter().flatten().find(|class| class.id == id) {
        Some(class) => Some(class.clone()),
        None => classes::find(granted, tx, id).await.ok(),
    }
}

/// Where there are people that a list with nobody in it does not show: among the other roles, in other classes, with
/// another status, among those who have left.
async fn elsewhere(
    granted: &Granted<may::ManageAccounts>,
    tx: &mut PgConnection,
    year_id: YearId,
    query: &ListQuery,
    l: Translator,
) -> Result<Vec<OtherList>> {
    let filter = query.filter();
    let mut others: Vec<(String, String, MemberFilter)> = Vec::new();
    let role = filter.role.key();
    if !filter.words.is_empty() && filter.class_id.is_some() {
        let label = l.t("accounts-elsewhere-classes");
        others.push((query.link(&[("class", "")]), label, MemberFilter { class_id: None, ..filter.clone() }));
    }
    if !filter.words.is_empty() && filter.narrowing.is_some() {
        let label = l.t("accounts-elsewhere-statuses");
        others.push((query.link(&[("status", "")]), label, MemberFilter { narrowing: None, ..filter.clone() }));
    }
    let left = Some(StatusFilter::Status(Status::Left));
    if !filter.words.is_empty() && filter.narrowing != left {
        let changes = [("role", role), ("class", ""), ("status", Status::Left.key())];
        let filter = MemberFilter { class_id: None, narrowing: left, ..filter.clone() };
        others.push((query.link(&changes), l.t("narrowing-left"), filter));
    }
    if !filter.words.is_empty() || filter.narrowing.is_some() {
        for role in Role::ALL.into_iter().filter(|role| *role != filter.role) {
            let query = query.link(&[("role", role.key()), ("class", "")]);
            others.push((query, l.tk("roles", role.key()), MemberFilter { role, class_id: None, ..filter.clone() }));
        }
    }
    let mut found = Vec::new();
    for (query, label, filter) in others {
        let count = store::count_to_a_page(granted, tx, year_id, &filter).await?;
        if count > 0 {
            found.push(OtherList { query, label, count });
        }
    }
    Ok(found)
}

/// Those of these people who rank below the visitor and are in the school.
pub async fn outranked_by_actor(
    granted: &Granted<may::ManageAccounts>,
    tx: &mut PgConnection,
    role: Role,
    people: &[MemberListRow],
) -> Result<HashSet<MemberId>> {
    let ids = people.iter().filter(|person| person.status != Status::Left.key()).map(|person| person.id);
    // Pupils hold no grants, so there are none to look up.
    let ranks = match role {
        Role::Student => ids.map(|id| (id, Rank::Student)).collect(),
        Role::Teacher | Role::Manager => store::ranks(granted, tx, &ids.collect::<Vec<_>>()).await?,
    };
    let is_self = |id: &MemberId| granted.member().is_some_and(|member| member.id == *id);
    Ok(ranks.into_iter().filter(|(id, rank)| granted.outranks(*id, *rank) && !is_self(id)).map(|(id, _)| id).collect())
}

/// The logins of those of these people who have a username.
pub async fn logins_of(app: &App, rows: &[MemberListRow]) -> Result<HashMap<AccountId, String>> {
    let accounts: Vec<AccountId> =
        rows.iter().filter(|row| row.username.is_some()).filter_map(|row| row.account_id).collect();
    if accounts.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(accounts::logins(&mut *app.db.pool().acquire().await?, &accounts).await?.into_iter().collect())
}

pub fn whole_login(row: &mut MemberListRow, logins: &HashMap<AccountId, String>) {
    if let (Some(username), Some(account)) = (&mut row.username, row.account_id)
        && let Some(login) = logins.get(&account)
    {
        username.clone_from(login);
    }
}

/// Adds the state of each person's sign-in, and puts the whole login in the place of the username: the bare one is good
/// on the school's own sign-in page only. Devices and logins belong to `identity` and are looked up by account.
pub async fn with_states(
    tx: &mut PgConnection,
    rows: Vec<MemberListRow>,
    now: DateTime<Utc>,
) -> Result<Vec<(MemberListRow, SignInState)>> {
    let accounts: Vec<AccountId> = rows.iter().filter_map(|row| row.account_id).collect();
    let mut known = sessions::listed(tx, &accounts, now - IN_USE).await?;
    let state = |mut row: MemberListRow| {
        let account = row.account_id.and_then(|id| known.remove(&id));
        let devices = account.as_ref().map_or(0, |account| account.devices);
        if let (Some(username), Some(account)) = (&mut row.username, account) {
            *username = account.login;
        }
        let state = row.sign_in_state(devices, now);
        (row, state)
    };
    Ok(rows.into_iter().map(state).collect())
}
