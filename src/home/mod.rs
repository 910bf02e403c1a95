//! The school's home: what needs doing, each with its number and its link.

use askama::Template;
use axum::extract::State;
use chrono::NaiveDate;
use sqlx::PgConnection;

use crate::{
    access::{Action, Granted, Role, may},
    app::App,
    error::Result,
    homeroom::own_class::OwnClass,
    paths::{self, Address},
    plan::store as plans,
    roster::{
        model::{Filter, Status},
        store as members,
    },
    routes::{Access, Routes},
    schools::{
        classes::{self, Class},
        years::{self, Year},
    },
    shell::{self, Entry},
    web::{PageResult, RequestContext, Shell, Translator, html},
};

#[must_use]
pub fn routes() -> Routes {
    Routes::new().get(paths::School::PATH, Access::School(Action::Enter), show)
}

/// One line of what needs doing.
struct ToDo {
    count: i64,
    title: String,
    text: String,
    href: String,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    l: Translator,
    shell: Shell,
    code: String,
    school: String,
    line: String,
    manages_accounts: bool,
    to_do: Vec<ToDo>,
    name: String,
    /// Of a pupil: the class of the year.
    class_name: Option<String>,
    login: String,
    own_classes: Vec<OwnClassLine>,
}

/// A class whose homeroom teacher the visitor is.
struct OwnClassLine {
    class: OwnClass,
    never_signed_in: usize,
}

/// The visitor's classes of the year, with how many of each have never signed in: these are few, and counted when read.
async fn own_classes(granted: &Granted<may::Enter>, app: &App, tx: &mut PgConnection) -> Result<Vec<OwnClassLine>> {
    let mut lines = Vec::new();
    if granted.member().is_some_and(|member| member.has_homeroom) {
        for class in OwnClass::all(&granted.grant()?, app, tx).await? {
            let people = members::everybody(granted, tx, class.year_id, &Filter::of_class(class.id)).await?;
            let never_signed_in = people.iter().filter(|person| person.last_signed_in_at.is_none()).count();
            lines.push(OwnClassLine { class, never_signed_in });
        }
    }
    Ok(lines)
}

/// How long before its last day a year counts as about to end.
const ENDING: chrono::Days = chrono::Days::new(60);

/// The data behind the to-do lines.
struct HomeData {
    counts: members::MemberCounts,
    classes: Vec<Class>,
    plans_waiting: i64,
    /// The year, where it is about to end and no other follows yet.
    ending: Option<Year>,
}

impl HomeData {
    async fn read(granted: &Granted<may::Enter>, tx: &mut PgConnection, today: NaiveDate, year: &Year) -> Result<Self> {
        let is_ending = year.ends_on <= today + ENDING;
        let has_next = years::all(granted, tx).await?.iter().any(|each| each.starts_on > year.starts_on);
        Ok(Self {
            counts: members::counts(granted, tx, []).await?,
            classes: classes::of_year(granted, tx, year.id).await?,
            plans_waiting: plans::count_waiting(granted, tx).await?,
            ending: (is_ending && !has_next).then(|| year.clone()),
        })
    }

    fn without_homeroom_teacher(&self) -> i64 {
        let without = self.classes.iter().filter(|class| class.homeroom_member_id.is_none()).count();
        i64::try_from(without).unwrap_or(i64::MAX)
    }
}

async fn show(State(app): State<App>, visitor: RequestContext, granted: Granted<may::Enter>) -> PageResult {
    let l = visitor.l;
    let manages_accounts = granted.may::<may::ManageAccounts>();
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(&granted, &mut tx, app.clock.today()).await?;
    let to_do = match manages_accounts {
        true => to_do(&l, &granted, &HomeData::read(&granted, &mut tx, app.clock.today(), &year).await?),
        false => Vec::new(),
    };
    let own_classes = own_classes(&granted, &app, &mut tx).await?;
    let class_name = match granted.member() {
        Some(member) if member.standing.role == Role::Student => {
            members::names(&granted, &mut tx, year.id, &[member.id]).await?.pop()
        }
        _ => None,
    }
    .and_then(|name| name.class_name);
    tx.commit().await?;
    html(&HomePage {
        l,
        shell: shell::of_school(&visitor, &granted, Entry::Home),
        code: granted.school.code.clone(),
        school: granted.school.name.clone(),
        line: l.t1("accounts-year", "year", year.label()),
        manages_accounts,
        to_do,
        name: granted.member().map(|member| member.full_name.clone()).unwrap_or_default(),
        class_name,
        login: visitor.signed_in()?.login.clone(),
        own_classes,
    })
}

/// First what people wait for; then what opens the year; then what goes on through it.
fn to_do(l: &Translator, granted: &Granted<may::Enter>, facts: &HomeData) -> Vec<ToDo> {
    let code = granted.school.code.as_str();
    let accounts = paths::Accounts::of(code);
    let line = |key: &str, count: i64, href: Address| ToDo {
        count,
        title: l.t1(&format!("to-do-{key}"), "count", count),
        text: l.t(&format!("to-do-{key}-text")),
        href: href.into(),
    };
    let counted = |key: &str, count: i64, href: Address| (count > 0).then(|| line(key, count, href));
    let counts = &facts.counts;
    let manages_classes = granted.may::<may::ManageClasses>();
    let year = facts.ending.as_ref().filter(|_| manages_classes);
    let lines = [
        counted("waiting", granted.member().map_or(0, |member| member.waiting), accounts.with("status", "pending")),
        counted("plans", facts.plans_waiting, paths::Plans::of(code).into()),
        (manages_classes && facts.classes.is_empty()).then(|| line("classes", 0, paths::NewClass::of(code).into())),
        (counts.of_role(Role::Student) == 0)
            .then(|| line("students", 0, paths::NewPlan::of(code).with("source", "students"))),
        counted(
            "homeroom",
            if manages_classes { facts.without_homeroom_teacher() } else { 0 },
            paths::HomeroomTeachers::of(code).into(),
        ),
        counted("slips", counts.slips_waiting(Role::Student), paths::SlipsLedger::of(code).into()),
        counted(
            "never",
            counts.never_signed_in(Role::Student),
            accounts.with("role", "student").with("status", "never"),
        ),
        counted(
            "invited",
            counts.of_status(Role::Teacher, Status::Invited),
            accounts.with("role", "teacher").with("status", "invited"),
        ),
        year.map(|year| ToDo {
            count: 0,
            title: l.t1("to-do-year", "year", year.label()),
            text: l.t("to-do-year-text"),
            href: paths::Years::of(code).to_string(),
        }),
    ];
    lines.into_iter().flatten().collect()
}
