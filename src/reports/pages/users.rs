//! The users of a school: the list with the filters of the accounts, numbers masked, no way to a person's page; and how
//! many there are by class, gender and status.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};
use sqlx::PgConnection;

use super::{Report, ReportHead, first_classes, people, table_of_classes};
use crate::{
    access::{Granted, Role, may},
    app::App,
    error::Result,
    ids::MemberId,
    reports::{
        figures::{self, Figures, GENDERS, Genders},
        section::{self, FigureCell, FigureTable, Picture, Section},
        users::{self, UserDetails},
    },
    roster::{
        list_query::{END, ListQuery},
        model::{MemberFilter, MemberListRow, MemberPage, PageCursor, Status, StatusFilter},
        store::{self, MemberCounts},
    },
    schools::{
        classes::{self, ClassName},
        years,
    },
    shell::{self, MenuPage},
    sources::{export::ExportFormat, pages::files::list_file},
    web::{PageResult, RequestContext, Shell, Translator, forms::MOST_CHOICES, html},
};

#[derive(Template)]
#[template(path = "reports/users.html")]
struct UsersPage {
    l: Translator,
    shell: Shell,
    head: ReportHead,
    query: ListQuery,
    filter: MemberFilter,
    counts: MemberCounts,
    /// The classes to choose from, unless there are too many.
    classes: Option<Vec<ClassName>>,
    class: Option<ClassName>,
    people: Vec<MemberListRow>,
    details: HashMap<MemberId, UserDetails>,
    previous: Option<MemberId>,
    next: Option<MemberId>,
    sections: Vec<Section>,
}

impl UsersPage {
    fn role(&self) -> Role {
        self.filter.role
    }

    /// Each role with its query, its label, how many there are, and whether it is shown.
    fn tabs(&self) -> Vec<(String, String, i64, bool)> {
        let tab = |role: Role| {
            let query = self.query.link(&[("role", role.key()), ("class", "")]);
            (query, self.l.tk("roles", role.key()), self.counts.of_role(role), role == self.role())
        };
        [Role::Student, Role::Teacher, Role::Manager].map(tab).into()
    }

    /// The narrowings: value, label with the number of people where that is counted, and whether it is chosen.
    fn narrowings(&self) -> Vec<(&'static str, String, bool)> {
        let is_counted = self.query.class.is_empty() && self.filter.words.is_empty();
        let narrowing = |narrowing: Option<StatusFilter>| {
            let label = match narrowing {
                None => self.l.t("accounts-all-statuses"),
                // A number of the report leads to these; the list of choices does without.
                Some(StatusFilter::Status(Status::Active)) => self.l.t("value-status-active"),
                Some(narrowing) => self.l.tk("narrowing", narrowing.key()),
            };
            let count = self.l.number(self.counts.narrowed(self.role(), narrowing));
            let label = if is_counted { format!("{label} ({count})") } else { label };
            (narrowing.map_or("", StatusFilter::key), label, narrowing == self.filter.narrowing)
        };
        let other = self.filter.narrowing.filter(|chosen| !StatusFilter::OFFERED.contains(chosen));
        let offered = std::iter::once(None).chain(StatusFilter::OFFERED.map(Some));
        offered.chain(other.map(Some)).map(narrowing).collect()
    }

    fn is_filtered(&self) -> bool {
        !self.query.q.is_empty() || !self.query.class.is_empty() || !self.query.status.is_empty()
    }

    /// The pictures come first, unless a person is looked for or the list is turned through.
    fn begins_with_pictures(&self) -> bool {
        !self.is_filtered() && self.query.page_cursor() == PageCursor::First
    }

    /// The class as typed or chosen.
    fn class_name(&self) -> &str {
        self.class.as_ref().map_or(&self.query.class, |class| &class.name)
    }

    fn details_of(&self, id: &MemberId) -> UserDetails {
        self.details.get(id).cloned().unwrap_or_default()
    }

    fn file(&self, form: &str) -> String {
        let address = match form {
            "csv" => crate::paths::ReportUsersCsv::of(&self.head.code).with_query(&self.query.link(&[])),
            _ => crate::paths::ReportUsersXlsx::of(&self.head.code).with_query(&self.query.link(&[])),
        };
        address.to_string()
    }
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::SeeReports>,
    Query(query): Query<ListQuery>,
) -> PageResult {
    let l = visitor.l;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(&granted, &mut tx, app.clock.today()).await?;
    let query = users::by_names(query).settle(&granted, &mut tx, year.id).await?;
    let (filter, order) = (query.filter(), query.order());
    let classes = match filter.role {
        Role::Student => classes::at_most(&granted, &mut tx, year.id, MOST_CHOICES).await?,
        Role::Teacher | Role::Manager => Some(Vec::new()),
    };
    let class = match filter.class_id {
        Some(id) => classes::find(&granted, &mut tx, id).await.ok(),
        None => None,
    };
    let counts = store::counts(&granted, &mut tx, classes.iter().flatten().map(|class| class.id)).await?;
    let mut found = store::list(&granted, &mut tx, year.id, &filter, order, query.page_cursor()).await?;
    if found.rows.is_empty() && query.page_cursor() != PageCursor::First {
        // The person at which the page began is gone.
        found = store::list(&granted, &mut tx, year.id, &filter, order, PageCursor::First).await?;
    }
    let ids: Vec<MemberId> = found.rows.iter().map(|row| row.id).collect();
    let details = users::details(&granted, &mut tx, &ids).await?;
    let (figures, is_kept) = figures::current(&granted, &app, &mut tx).await?;
    let about = About { role: filter.role, class: class.as_ref(), counts: &counts, figures: &figures, is_kept };
    let sections = sections(&l, &granted, &mut tx, about).await?;
    tx.commit().await?;
    let MemberPage { rows, previous, next } = found;
    html(&UsersPage {
        l,
        shell: shell::of_school(&visitor, &granted, MenuPage::Reports),
        head: ReportHead::new(&l, &granted, Report::Users, &figures, is_kept, app.clock.today()),
        query,
        filter,
        counts,
        classes,
        class,
        people: rows,
        details,
        previous,
        next,
        sections,
    })
}

/// The people of the report's sections, and what is known of them.
struct About<'a> {
    role: Role,
    class: Option<&'a ClassName>,
    /// As they are now.
    counts: &'a MemberCounts,
    figures: &'a Figures,
    /// The figures are what was counted last.
    is_kept: bool,
}

/// How many there are by status, gender and class. What was counted last says when that was, beside what is so now.
async fn sections(
    l: &Translator,
    granted: &Granted<may::SeeReports>,
    tx: &mut PgConnection,
    about: About<'_>,
) -> Result<Vec<Section>> {
    let About { role, class, counts, figures, is_kept } = about;
    let counted = |section: Section| match is_kept {
        true => section.saying(l.t1("reports-counted", "at", l.moment(&figures.counted_at))),
        false => section,
    };
    if let (Some(class), Role::Student) = (class, role) {
        let of_class = users::of_class(granted, tx, class.id).await?;
        let of_status = |status: Status| of_class.statuses.get(status.key()).copied().unwrap_or_default();
        let in_class = Status::ALL.into_iter().filter(|status| *status != Status::Left);
        let statuses = in_class.map(|status| (status, of_status(status)));
        return Ok(vec![
            by_status(l, granted, role, Some(class), statuses.collect()),
            by_gender(l, Some(class), of_class.genders),
        ]);
    }
    let statuses = Status::ALL.map(|status| (status, counts.of_status(role, status)));
    let mut sections = vec![
        by_status(l, granted, role, None, statuses.into()),
        counted(by_gender(l, None, figures.of_role(role).genders)),
    ];
    if role == Role::Student && !figures.size.classes.is_empty() {
        let table = table_of_classes(l, granted, &figures.size);
        let title = l.t("reports-size-classes");
        let section = counted(Section::new("users-classes", title, table));
        sections.push(first_classes(l, &figures.size, section));
    }
    Ok(sections)
}

fn by_status(
    l: &Translator,
    granted: &Granted<may::SeeReports>,
    role: Role,
    class: Option<&ClassName>,
    statuses: Vec<(Status, i64)>,
) -> Section {
    let title = match class {
        Some(class) => l.t1("reports-users-statuses-of", "class", class.name.as_str()),
        None => l.t("reports-users-statuses"),
    };
    let of_class = class.map(|class| class.id.to_string()).unwrap_or_default();
    let mut table = FigureTable::new([l.t("accounts-status"), l.t("reports-head-count")]);
    let mut bars = Vec::new();
    for (status, count) in statuses {
        let label = l.tk("value-status", status.key());
        let query = [("role", role.key()), ("class", of_class.as_str()), ("status", status.key())];
        let query: Vec<(&str, &str)> = query.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        table.push([FigureCell::text(label.clone()), FigureCell::count(count).to(people(granted, &query))]);
        bars.push((label, count));
    }
    let picture = section::amounts(l, "statuses", &title, &bars);
    Section::new("users-statuses", title, table).with(picture, &[1])
}

fn by_gender(l: &Translator, class: Option<&ClassName>, genders: Genders) -> Section {
    let title = match class {
        Some(class) => l.t1("reports-users-genders-of", "class", class.name.as_str()),
        None => l.t("reports-users-genders"),
    };
    let mut table = FigureTable::new([l.t("field-gender"), l.t("reports-head-count")]);
    let mut bars = Vec::new();
    for (gender, count) in GENDERS.into_iter().zip(genders) {
        let label = l.tk("reports-gender", gender);
        table.push([FigureCell::text(label.clone()), FigureCell::count(count)]);
        bars.push((label, count));
    }
    let picture = section::amounts(l, "genders", &title, &bars);
    Section::new("users-genders", title, table).with(picture, &[1])
}

pub async fn xlsx(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::SeeReports>,
    Query(query): Query<ListQuery>,
) -> PageResult {
    file(&app, &visitor, &granted, query, ExportFormat::Xlsx).await
}

pub async fn csv(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::SeeReports>,
    Query(query): Query<ListQuery>,
) -> PageResult {
    file(&app, &visitor, &granted, query, ExportFormat::Csv).await
}

/// The sections of the same people, with all classes.
async fn sections_for_file(
    l: &Translator,
    app: &App,
    granted: &Granted<may::SeeReports>,
    query: &ListQuery,
) -> Result<Vec<Section>> {
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let filter = query.clone().settle(granted, &mut tx, year.id).await?.filter();
    let class = match filter.class_id {
        Some(id) => classes::find(granted, &mut tx, id).await.ok(),
        None => None,
    };
    let counts = store::counts(granted, &mut tx, []).await?;
    let figures = figures::for_file(granted, app, &mut tx).await?;
    let about = About { role: filter.role, class: class.as_ref(), counts: &counts, figures: &figures, is_kept: false };
    let sections = sections(l, granted, &mut tx, about).await?;
    tx.commit().await?;
    Ok(sections)
}

async fn file(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::SeeReports>,
    query: ListQuery,
    form: ExportFormat,
) -> Result<axum::response::Response> {
    let query = users::by_names(query);
    let sections = match form {
        ExportFormat::Xlsx => sections_for_file(&visitor.l, app, granted, &query).await?,
        // A text has room for one table.
        ExportFormat::Csv => Vec::new(),
    };
    let file = users::write(granted, app, &query, form, visitor.l, sections).await?;
    let name = format!("{}-users-{}-{}", granted.school.code, query.filter().role.key(), app.clock.today());
    list_file(file, form, &name)
}
