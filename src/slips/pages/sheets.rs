//! The sheets of slips: of a class, of what a plan created, of one person.

use std::collections::{BTreeMap, HashMap};

use askama::Template;
use axum::extract::{Query, State};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use sqlx::PgConnection;

use super::back;
use crate::{
    access::{Granted, MemberAction, Scope, may},
    app::App,
    audit::{AuditActionKind, list as record},
    error::{Error, Result},
    homeroom::own_class::OwnClass,
    ids::{ClassId, MemberId, PlanId},
    paths,
    plan::{rows as plan_rows, store as plans},
    roster::{
        list_query::ListQuery,
        model::{MemberFilter, StatusFilter},
        store::{self as members, SlipName},
        subject::LockedMember,
    },
    schools::{classes, years},
    shell::{self, MenuPage},
    slips::{
        actions::{self, Printing, Slip},
        qr::{self, Qr},
    },
    vietnam::class_name,
    web::{PageResult, RequestContext, Shell, Translator, address_parts::Path, page::html_of_many},
};

/// A slip with what is printed beside the password.
struct Printed {
    slip: Slip,
    name: String,
    class_name: Option<String>,
    /// Tells namesakes apart.
    birth_date: Option<NaiveDate>,
    qr: Qr,
}

/// A name of so many characters or more is set in smaller letters.
const LONG: usize = 32;

#[derive(Template)]
#[template(path = "slips/sheets.html")]
struct SheetsPage {
    l: Translator,
    shell: Shell,
    school: String,
    logo: Option<String>,
    tone: Option<&'static str>,
    /// Where the login is typed, in a form that can be read aloud.
    address: String,
    /// Eight slips to a sheet.
    sheets: Vec<Vec<Printed>>,
    /// Of a plan: its classes, each by itself.
    classes: Vec<ClassLink>,
    count: usize,
    /// Those who were requested and need no slip.
    without: usize,
    /// How many were requested, where that is too many for a page.
    too_many: Option<usize>,
    place: SlipsOrigin,
    /// Of one person: when the password replaced another, whose slip is now worthless.
    renewed_at: Option<DateTime<Utc>>,
    /// The people of these slips, with commas between the ids: what is noted as printed is what was seen.
    ids: String,
}

impl SheetsPage {
    /// A single slip can be copied, to be passed on where there is no printer.
    fn is_single(&self) -> bool {
        self.count == 1
    }

    fn title(&self) -> String {
        self.l.t(if self.is_single() { "slips-title-one" } else { "slips-title" })
    }
}

/// The page that slips are opened from.
struct SlipsOrigin {
    entry: MenuPage,
    /// The page to go back to, and what it is called.
    back: String,
    back_to: String,
    /// Where it is noted that they were printed.
    printed: String,
    /// Where they can be downloaded as a file.
    file: Option<String>,
}

impl SlipsOrigin {
    fn of_school(scope: &Scope, l: Translator) -> Self {
        let slips = paths::Slips::of(&scope.school.code).to_string();
        let file = Some(paths::SlipsXlsx::of(&scope.school.code).to_string());
        Self {
            entry: MenuPage::Ledger,
            back: back::to_ledger(scope).into(),
            back_to: l.t("menu-ledger"),
            printed: slips,
            file,
        }
    }

    fn of_member(scope: &Scope, l: Translator, id: MemberId, name: &str) -> Self {
        let back = back::to_person(scope, id).into();
        let printed = paths::AccountSlip::of(&scope.school.code, id).to_string();
        let (entry, back_to) = match scope.may::<may::ManageAccounts>() {
            true => (MenuPage::Accounts, name.to_owned()),
            false => (MenuPage::MyClasses, l.t("menu-my-classes")),
        };
        Self { entry, back, back_to, printed, file: None }
    }

    fn of_own_class(scope: &Scope, class: &OwnClass) -> Self {
        let back = back::to_own_class(scope, class.id).into();
        let printed = paths::OwnClassSlips::of(&scope.school.code, class.id).to_string();
        Self { entry: MenuPage::MyClasses, back, back_to: class.name.clone(), printed, file: None }
    }
}

/// People class by class, in the natural order of classes; those in none come first.
fn by_class(names: Vec<SlipName>) -> Vec<Vec<SlipName>> {
    let mut of_class: BTreeMap<String, Vec<SlipName>> = BTreeMap::new();
    for name in names {
        let class = name.class_name.as_deref().map(class_name::natural_key).unwrap_or_default();
        of_class.entry(class).or_default().push(name);
    }
    of_class.into_values().collect()
}

/// How many slips a sheet of A4 has.
const SHEET: usize = 8;

/// How many slips a page has at most: all of a large school. More are printed part by part.
const MOST: usize = 4_000;

/// The slips of one class, to be printed by themselves.
struct ClassLink {
    href: String,
    /// Empty for those who are in no class.
    name: String,
    count: usize,
    is_current: bool,
}

/// The people whose slips are wanted: groups, each of which begins on a sheet of its own.
#[derive(Default)]
struct SheetsQuery {
    groups: Vec<Vec<SlipName>>,
    classes: Vec<ClassLink>,
    /// How many they would be, where those are too many for a page.
    too_many: Option<usize>,
}

impl SheetsQuery {
    fn one(names: Vec<SlipName>) -> Self {
        Self { groups: vec![names], ..Self::default() }
    }

    /// Of a list that is too long for a page: the part that was asked for, and links to all of them. A part is made of
    /// whole classes.
    fn in_parts(names: Vec<SlipName>, address: &str, part: usize) -> Self {
        let total = names.len();
        let mut parts: Vec<Vec<Vec<SlipName>>> = Vec::new();
        let mut room = 0;
        for class in by_class(names) {
            if class.len() > room || parts.is_empty() {
                parts.push(Vec::new());
                room = MOST;
            }
            room = room.saturating_sub(class.len());
            if let Some(last) = parts.last_mut() {
                last.push(class);
            }
        }
        let link = |(number, classes): (usize, &Vec<Vec<SlipName>>)| {
            let name = |class: Option<&Vec<SlipName>>| {
                class.and_then(|names| names.first()?.class_name.clone()).unwrap_or_default()
            };
            let (first, last) = (name(classes.first()), name(classes.last()));
            ClassLink {
                href: format!("{address}&part={number}"),
                name: if first == last { first } else { format!("{first} – {last}") },
                count: classes.iter().map(Vec::len).sum(),
                is_current: number == part,
            }
        };
        let classes = (1..).zip(&parts).map(link).collect();
        let groups = part.checked_sub(1).filter(|part| *part < parts.len()).map(|part| parts.swap_remove(part));
        let too_many = groups.is_none().then_some(total);
        Self { groups: groups.unwrap_or_default(), classes, too_many }
    }

    /// Class by class, to be handed to the homeroom teachers.
    fn by_class(names: Vec<SlipName>) -> Self {
        Self { groups: by_class(names), ..Self::default() }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SlipSheetQuery {
    pub class: String,
}

/// For people named one by one, or a list: a class, a search, all whose slip waits to be printed.
pub async fn of_list(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::PrintSlips>,
    Query(list): Query<ListQuery>,
    Query(named): Query<NamedQuery>,
) -> PageResult {
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    let year = years::current(&granted, &mut tx, app.clock.today()).await?;
    let query = list.link(&[]);
    let ids: Vec<MemberId> = if named.ids.is_empty() {
        let filter = list.settle(&granted, &mut tx, year.id).await?.filter();
        if let Some(class_id) = filter.class_id {
            classes::find(&granted, &mut tx, class_id).await?;
        }
        members::ids(&granted, &mut tx, year.id, &filter, i64::MAX).await?
    } else {
        named.ids.split(',').filter_map(|id| id.parse().ok()).collect()
    };
    let names = members::names(&granted, &mut tx, year.id, &ids).await?;
    let asked = if ids.len() > MOST {
        let address = paths::Slips::of(&granted.school.code).with_query(&query).to_string();
        SheetsQuery::in_parts(names, &address, named.part)
    } else {
        SheetsQuery::by_class(names)
    };
    if !named.ids.is_empty() && asked.groups.iter().all(Vec::is_empty) {
        return Err(Error::NotFound);
    }
    let place = SlipsOrigin::of_school(&granted, visitor.l);
    let page = sheets(&app, &visitor, &granted, &Printing::of(&granted), &mut tx, asked, place).await?;
    tx.commit().await?;
    html_of_many(page).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NamedQuery {
    /// Members' ids, with commas between them.
    ids: String,
    /// Which part of a list that is too long for a page, from 1.
    part: usize,
}

/// For what a plan created, class by class: each begins on a sheet of its own, to be handed to its homeroom teacher.
pub async fn of_plan(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::PrintSlips>,
    Path((_, id)): Path<(String, PlanId)>,
    Query(query): Query<SlipSheetQuery>,
) -> PageResult {
    let plan_id = id;
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    let plan = plans::find_in(&granted, &mut tx, crate::plan::book::Book::Roster, plan_id).await?;
    let ids = plan_rows::created_members(&granted, &mut tx, plan_id).await?;
    let names = members::names(&granted, &mut tx, plan.school_year_id, &ids).await?;
    let address = paths::PlanSlips::of(&granted.school.code, plan_id);
    let mut asked = SheetsQuery::default();
    for names in by_class(names) {
        let class = names.first().and_then(|name| name.class_name.clone()).unwrap_or_default();
        let is_current = query.class == class && !class.is_empty();
        let href = address.with("class", &class).to_string();
        asked.classes.push(ClassLink { href, count: names.len(), is_current, name: class });
        if is_current || query.class.is_empty() {
            asked.groups.push(names);
        }
    }
    if !query.class.is_empty() && asked.groups.is_empty() {
        return Err(Error::NotFound);
    }
    let place = SlipsOrigin::of_school(&granted, visitor.l);
    let page = sheets(&app, &visitor, &granted, &Printing::of(&granted), &mut tx, asked, place).await?;
    tx.commit().await?;
    html_of_many(page).await
}

pub async fn of_member(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpPupils>,
    Path((_, id)): Path<(String, MemberId)>,
) -> PageResult {
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    let year = years::current(&granted, &mut tx, app.clock.today()).await?;
    let subject = LockedMember::find(&granted, &mut tx, year.id, id, MemberAction::PrintSlip).await?;
    let names = members::names(&granted, &mut tx, year.id, &[id]).await?;
    let place = SlipsOrigin::of_member(&granted, visitor.l, id, subject.name());
    let printing = Printing::of_subject(&subject);
    let renewed_at = record::last_of_person(&granted, &mut tx, id, AuditActionKind::PasswordReset).await?;
    let page = sheets(&app, &visitor, &granted, &printing, &mut tx, SheetsQuery::one(names), place).await?;
    tx.commit().await?;
    html_of_many(SheetsPage { renewed_at, ..page }).await
}

pub async fn of_own_class(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpPupils>,
    Path((_, id)): Path<(String, ClassId)>,
    Query(list): Query<ListQuery>,
) -> PageResult {
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    let class = OwnClass::find(&granted, &app, &mut tx, id).await?;
    let filter = MemberFilter { narrowing: StatusFilter::from_key(&list.status), ..MemberFilter::of_class(id) };
    let ids = members::ids(&granted, &mut tx, class.year_id, &filter, i64::MAX).await?;
    let names = members::names(&granted, &mut tx, class.year_id, &ids).await?;
    let place = SlipsOrigin::of_own_class(&granted, &class);
    let page =
        sheets(&app, &visitor, &granted, &Printing::of_class(&class), &mut tx, SheetsQuery::one(names), place).await?;
    tx.commit().await?;
    html_of_many(page).await
}

async fn sheets(
    app: &App,
    visitor: &RequestContext,
    scope: &Scope,
    printing: &Printing,
    tx: &mut PgConnection,
    mut asked: SheetsQuery,
    place: SlipsOrigin,
) -> Result<SheetsPage> {
    let wanted = asked.groups.iter().map(Vec::len).sum();
    if wanted > MOST && asked.classes.len() > 1 {
        asked.too_many = Some(wanted);
        asked.groups.clear();
    }
    let ids: Vec<MemberId> = asked.groups.iter().flatten().map(|name| name.id).collect();
    let slips = actions::show(scope, printing, app, tx, &ids).await?;
    let count = slips.len();
    let shown: Vec<String> = slips.iter().map(|slip| slip.member_id.to_string()).collect();
    // The codes of a school's slips take a second: all that time, nobody else would be answered by this thread.
    let (app_there, scope_there, groups) = (app.clone(), scope.clone(), asked.groups);
    let laid_out = tokio::task::spawn_blocking(move || lay_out(&app_there, &scope_there, groups, slips));
    let sheets = laid_out.await.map_err(anyhow::Error::new)?;
    Ok(SheetsPage {
        l: visitor.l,
        shell: shell::of_school(visitor, scope, place.entry),
        school: scope.school.name.clone(),
        logo: scope.school.logo_address(),
        tone: scope.school.tone(),
        address: school_sign_in_address(app, scope),
        sheets,
        classes: asked.classes,
        count,
        without: ids.len() - count.min(ids.len()),
        too_many: asked.too_many,
        place,
        renewed_at: None,
        ids: shown.join(","),
    })
}

fn lay_out(app: &App, scope: &Scope, groups: Vec<Vec<SlipName>>, slips: Vec<Slip>) -> Vec<Vec<Printed>> {
    let mut slips: HashMap<MemberId, Slip> = slips.into_iter().map(|slip| (slip.member_id, slip)).collect();
    let mut sheets: Vec<Vec<Printed>> = Vec::new();
    for group in groups {
        let mut printed =
            group.into_iter().filter_map(|name| Some(printed(app, scope, slips.remove(&name.id)?, name))).peekable();
        while printed.peek().is_some() {
            sheets.push(printed.by_ref().take(SHEET).collect());
        }
    }
    sheets
}

/// The school's own sign-in page, in a form that can be read aloud.
pub fn school_sign_in_address(app: &App, scope: &Scope) -> String {
    format!("{}{}", app.config.base_url.authority(), paths::SchoolSignIn::of(&scope.school.code))
}

fn printed(app: &App, scope: &Scope, slip: Slip, name: SlipName) -> Printed {
    // The school's sign-in page adds the part behind the @ of a pupil's login, and accepts an address as it is. A pupil
    // from another school keeps that school's code behind the @, and types it.
    let username = match slip.login.split_once('@') {
        Some((username, code)) if code == scope.school.code.to_lowercase() => username.to_owned(),
        _ => slip.login.clone(),
    };
    let qr = qr::code(&sign_in_address(app, scope, &username));
    Printed { qr, slip, name: name.full_name, class_name: name.class_name, birth_date: name.birth_date }
}

/// The address in the QR code: the school's own sign-in page, with the login filled in.
fn sign_in_address(app: &App, scope: &Scope, username: &str) -> String {
    let mut url = app.config.base_url.clone();
    url.set_path(&paths::SchoolSignIn::of(&scope.school.code).to_string());
    url.query_pairs_mut().append_pair("login", username);
    url.to_string()
}
