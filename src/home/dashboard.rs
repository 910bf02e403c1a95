//! The home of those who manage accounts: totals, charts, the steps of a new year, what needs doing, what happened lately
//! and who is online.

use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use super::figures;
use crate::{
    access::{Granted, Role, Scope, may},
    app::App,
    audit::{
        list::{self, Recorded},
        words,
    },
    clock::date_in_vietnam,
    error::Result,
    ids::MemberId,
    paths::{self, Address},
    plan::store as plans,
    rollover::{
        model::{PupilOutcome, Rollover},
        store as drafts, sums,
    },
    roster::{
        model::Status,
        presence::{self, Online},
        store as members,
    },
    schools::{
        class_figures::{self, ClassFigures},
        settings,
        years::{self, Year},
    },
    shell::{self, MenuPage},
    web::{
        PageResult, RequestContext, Shell, Translator,
        chart::{Bars, Ring, Share},
        html,
    },
};

/// How long before its last day a year counts as about to end.
const ENDING: chrono::Days = chrono::Days::new(60);
/// For how long the steps of the move to a new year stand on the page after it.
const SEASON: chrono::Days = chrono::Days::new(60);
/// How many bars, lines and people a card shows.
const BARS: usize = 8;
const LATELY: usize = 6;
const ONLINE: i64 = 6;

/// A number on top, and where its people are.
struct DashboardTile {
    count: String,
    title: String,
    href: String,
    icon: &'static str,
}

/// A step of a new year.
struct YearStep {
    title: String,
    /// How far it is: "22/24".
    progress: String,
    href: String,
    is_done: bool,
    /// The first that is not done: it stands out.
    is_next: bool,
}

/// One line of what needs doing.
struct ToDo {
    count: i64,
    title: String,
    text: String,
    href: String,
}

/// Something that was done, perhaps to many people at once.
struct Deed {
    what: String,
    who: String,
    about: String,
    person: Option<MemberId>,
    at: DateTime<Utc>,
}

#[derive(Template)]
#[template(path = "home/dashboard.html")]
struct DashboardPage {
    l: Translator,
    shell: Shell,
    code: String,
    school: String,
    line: String,
    tiles: Vec<DashboardTile>,
    steps: Vec<YearStep>,
    to_do: Vec<ToDo>,
    pupils: i64,
    signed_in: Ring,
    by_grade: Bars,
    slips: Bars,
    slips_waiting: i64,
    lately: Vec<Deed>,
    may_see_audit: bool,
    /// The owner has not decided yet whether homeroom teachers may give new passwords.
    asks_homeroom_reset: bool,
    online_count: i64,
    online: Vec<Online>,
    now: DateTime<Utc>,
}

impl DashboardPage {
    fn is_ready(&self) -> bool {
        self.steps.iter().all(|step| step.is_done)
    }
}

/// What the page is made of.
struct HomeFacts {
    counts: members::MemberCounts,
    classes: Vec<ClassFigures>,
    year: Year,
    plans_waiting: i64,
    /// The year is about to end and no other follows yet.
    is_ending: bool,
    /// The draft by which the school moves on, while that is under way.
    draft: Option<Rollover>,
    /// Of the draft's pupils, those who are still to be assessed again.
    awaiting: i64,
}

impl HomeFacts {
    async fn read(scope: &Scope, tx: &mut PgConnection, today: NaiveDate) -> Result<Self> {
        let year = years::current(scope, tx, today).await?;
        let has_next = years::all(scope, tx).await?.iter().any(|each| each.starts_on > year.starts_on);
        let draft = if scope.may::<may::ManageClasses>() { drafts::latest(scope, tx).await? } else { None };
        let is_season = |draft: &Rollover| {
            let applied = draft.applied_at.map(date_in_vietnam);
            draft.is_open() || applied.is_some_and(|day| day + SEASON >= today || draft.to_starts_on + SEASON >= today)
        };
        let draft = draft.filter(is_season);
        let awaiting = match &draft {
            Some(draft) => sums::totals(scope, tx, draft.id).await?.pupils.of(PupilOutcome::Awaiting),
            None => 0,
        };
        Ok(Self {
            draft,
            awaiting,
            counts: members::counts(scope, tx, []).await?,
            classes: class_figures::of_year(scope, tx, year.id, None).await?,
            plans_waiting: plans::count_waiting(scope, tx).await?,
            is_ending: year.ends_on <= today + ENDING && !has_next,
            year,
        })
    }

    fn class_count(&self) -> i64 {
        i64::try_from(self.classes.len()).unwrap_or(i64::MAX)
    }

    fn without_homeroom_teacher(&self) -> i64 {
        let without = self.classes.iter().filter(|class| class.homeroom_teacher.is_none()).count();
        i64::try_from(without).unwrap_or(i64::MAX)
    }

    /// Of the pupils who can sign in, those who have done so.
    fn signed_in(&self) -> Share {
        let whole = self.counts.of_status(Role::Student, Status::Active);
        Share { label: String::new(), part: whole - self.counts.never_signed_in(Role::Student), whole }
    }
}

pub(super) async fn show(app: &App, visitor: &RequestContext, granted: &Granted<may::ManageAccounts>) -> PageResult {
    let l = visitor.l;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let facts = HomeFacts::read(granted, &mut tx, app.clock.today()).await?;
    let events = list::lately(granted, &mut tx).await?;
    let (online_count, online) = presence::online(granted, &mut tx, visitor.now, ONLINE).await?;
    let asks_homeroom_reset =
        granted.may::<may::ChangeSettings>() && settings::asks_homeroom_reset(granted, &mut tx).await?;
    tx.commit().await?;
    html(&DashboardPage {
        asks_homeroom_reset,
        l,
        shell: shell::of_school(visitor, granted, MenuPage::Home),
        code: granted.school.code.clone(),
        school: granted.school.name.clone(),
        line: l.t1("accounts-year", "year", facts.year.label()),
        tiles: tiles(&l, granted, &facts, online_count),
        steps: steps(&l, granted, &facts),
        to_do: to_do(&l, granted, &facts),
        pupils: facts.counts.of_role(Role::Student),
        signed_in: ring(l, &facts),
        by_grade: bars_of_sign_ins(l, &facts.classes),
        slips: bars_of_slips(l, &facts.classes),
        slips_waiting: facts.counts.slips_waiting(Role::Student),
        lately: deeds(&l, events),
        may_see_audit: granted.may::<may::SeeAudit>(),
        online_count,
        online,
        now: visitor.now,
    })
}

fn tiles(l: &Translator, scope: &Scope, facts: &HomeFacts, online: i64) -> Vec<DashboardTile> {
    let code = scope.school.code.as_str();
    let accounts = paths::Accounts::of(code);
    let manages_classes = scope.may::<may::ManageClasses>();
    let tile = |count: i64, key: &str, href: Address, icon| DashboardTile {
        count: l.number(count),
        title: l.t1(key, "count", count),
        href: href.into(),
        icon,
    };
    let mut online_tile =
        tile(online, "home-online-count", Address::from(paths::School::of(code)).at("online"), "device-mobile");
    if online >= presence::MOST {
        online_tile.count.push('+');
    }
    vec![
        tile(facts.counts.of_role(Role::Student), "home-pupils", accounts.with("role", "student"), "users"),
        tile(facts.counts.of_role(Role::Teacher), "home-teachers", accounts.with("role", "teacher"), "user"),
        tile(
            facts.class_count(),
            "home-classes",
            if manages_classes { paths::Classes::of(code).into() } else { paths::SlipsLedger::of(code).into() },
            "chalkboard",
        ),
        online_tile,
    ]
}

/// The steps of a new year, in the order in which they are done.
fn steps(l: &Translator, scope: &Scope, facts: &HomeFacts) -> Vec<YearStep> {
    let code = scope.school.code.as_str();
    let accounts = paths::Accounts::of(code);
    let step = |key: &str, href: Address, (done, of): (i64, i64)| YearStep {
        title: l.t(key),
        progress: if done < of { format!("{}/{}", l.number(done), l.number(of)) } else { l.number(of) },
        href: href.into(),
        is_done: of > 0 && done >= of,
        is_next: false,
    };
    let all = |count: i64| (count, count);
    let classes = facts.class_count();
    let pupils = facts.counts.of_role(Role::Student);
    let Share { part: signed_in, whole: active, .. } = facts.signed_in();
    let of_classes = [
        step(
            "step-classes",
            if classes > 0 { paths::Classes::of(code).into() } else { paths::NewClass::of(code).into() },
            all(classes),
        ),
        step(
            "step-homeroom",
            paths::HomeroomTeachers::of(code).into(),
            (classes - facts.without_homeroom_teacher(), classes),
        ),
    ];
    let [classes, homeroom] = of_classes.map(|step| scope.may::<may::ManageClasses>().then_some(step));
    let students = step("step-students", paths::NewPlan::of(code).with("source", "students"), all(pupils));
    let teachers = step(
        "step-teachers",
        paths::NewPlan::of(code).with("source", "teachers"),
        all(facts.counts.of_role(Role::Teacher)),
    );
    let waiting = facts.counts.slips_waiting(Role::Student);
    let slips = step("step-slips", paths::SlipsLedger::of(code).into(), (active - waiting, active));
    let sign_in = step("step-sign-in", accounts.with("role", "student").with("status", "never"), (signed_in, active));
    let [draft, applied] = match &facts.draft {
        Some(draft) if !facts.classes.is_empty() => {
            let of_draft = |key: &str, is_done: bool| YearStep {
                title: l.t1(key, "year", draft.to_label()),
                progress: if is_done { String::new() } else { l.date(&draft.to_starts_on) },
                href: paths::Rollover::of(code).to_string(),
                is_done,
                is_next: false,
            };
            [of_draft("step-draft", true), of_draft("step-applied", !draft.is_open())].map(Some)
        }
        _ => [None, None],
    };
    let steps = [draft, applied, classes, Some(students), Some(teachers), homeroom, Some(slips), Some(sign_in)];
    let mut steps: Vec<YearStep> = steps.into_iter().flatten().collect();
    if let Some(next) = steps.iter_mut().find(|step| !step.is_done) {
        next.is_next = true;
    }
    steps
}

/// First what people wait for; then what opens the year; then what goes on through it.
fn to_do(l: &Translator, granted: &Granted<may::ManageAccounts>, facts: &HomeFacts) -> Vec<ToDo> {
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
        (facts.is_ending && manages_classes).then(|| ToDo {
            count: 0,
            title: l.t1("to-do-year", "year", facts.year.label()),
            text: l.t(if facts.classes.is_empty() { "to-do-year-text" } else { "to-do-year-draft" }),
            href: if facts.classes.is_empty() {
                paths::Years::of(code).to_string()
            } else {
                paths::Rollover::of(code).to_string()
            },
        }),
        facts.draft.as_ref().filter(|draft| draft.is_open()).map(|draft| ToDo {
            count: 0,
            title: l.t1("to-do-draft", "year", draft.to_label()),
            text: match draft.apply_on {
                Some(on) => l.t1("to-do-draft-scheduled", "date", l.date(&on)),
                None => l.t1("to-do-draft-text", "date", l.date(&draft.to_starts_on)),
            },
            href: paths::Rollover::of(code).to_string(),
        }),
        (facts.awaiting > 0 && facts.draft.as_ref().is_some_and(|draft| !draft.is_open())).then(|| {
            line(
                "awaiting",
                facts.awaiting,
                paths::RolloverPupils::of(code).with("outcome", PupilOutcome::Awaiting.key()),
            )
        }),
    ];
    lines.into_iter().flatten().collect()
}

fn ring(l: Translator, facts: &HomeFacts) -> Ring {
    let share = Share { label: l.t("home-chart-signed-in"), ..facts.signed_in() };
    Ring { l, id: "signed-in", title: l.t("home-signed-in-share"), share }
}

fn heads(l: &Translator, of: &str, part: &str) -> [String; 3] {
    [l.t(of), l.t(part), l.t("home-chart-pupils")]
}

fn bars_of_sign_ins(l: Translator, classes: &[ClassFigures]) -> Bars {
    let mut shares = figures::signed_in_by_grade(classes, |grade| l.t1("home-grade", "grade", grade.to_owned()));
    let has_grades = !shares.is_empty();
    if !has_grades {
        let least = figures::least(classes, |class| class.never, BARS);
        let share =
            |class: &ClassFigures| Share { label: class.name.clone(), part: class.signed_in(), whole: class.pupils };
        shares = least.into_iter().map(share).collect();
    }
    Bars {
        l,
        id: "by-grade",
        title: l.t(if has_grades { "home-by-grade" } else { "home-by-class" }),
        heads: heads(&l, if has_grades { "home-chart-grade" } else { "accounts-class" }, "home-chart-signed-in"),
        shares,
    }
}

fn bars_of_slips(l: Translator, classes: &[ClassFigures]) -> Bars {
    let least = figures::least(classes, |class| class.waiting, BARS);
    let share = |class: &ClassFigures| Share { label: class.name.clone(), part: class.has_slip(), whole: class.pupils };
    Bars {
        l,
        id: "slips-by-class",
        title: l.t("home-slips-by-class"),
        heads: heads(&l, "accounts-class", "home-chart-slips"),
        shares: least.into_iter().map(share).collect(),
    }
}

/// Events as deeds: what one person did to many within a moment is one.
fn deeds(l: &Translator, events: Vec<Recorded>) -> Vec<Deed> {
    let is_same = |a: &Recorded, b: &Recorded| {
        a.action == b.action && a.actor_name == b.actor_name && (a.at - b.at).num_minutes().abs() < 1
    };
    events
        .chunk_by(is_same)
        .take(LATELY)
        .filter_map(|group| {
            let first = group.first()?;
            let many = group.len() > 1 && first.subject_name.is_some();
            Some(Deed {
                what: words::name(l, first.action),
                who: words::actor(l, first),
                about: match (&first.subject_name, many) {
                    (_, true) => l.t1("accounts-total", "count", group.len()),
                    (Some(name), _) => name.clone(),
                    (None, _) => words::detail(l, first),
                },
                person: first.subject_id.filter(|_| first.subject_name.is_some() && !many),
                at: first.at,
            })
        })
        .collect()
}
