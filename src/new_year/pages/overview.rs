//! The draft as a whole: grades of this year and the coming one, what does not add up, and where to go on.

use askama::Template;
use axum::extract::State;
use chrono::Duration;
use serde::Deserialize;

use super::gone;
use crate::{
    access::{Granted, Role, may},
    app::App,
    error::{Error, Result},
    ids::MemberId,
    paths,
    rollover::{
        changes::{self, BeginRefusal},
        model::{DraftTotals, GradeSums, Misfit, OutcomeSums, PupilOutcome, Rollover},
        schedule, store, sums, take_over,
    },
    roster::{model::Status, store as members},
    shell::{self, MenuPage},
    sources::rollover as source,
    vietnam::school_year::SchoolYear,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{self, Form, FormErrors},
        html, page, refused,
    },
};

/// How many of those who are in no class are named.
const MOST_MISSING: i64 = 200;

/// How many classes without anybody are named.
const MOST_NAMED: usize = 30;

#[derive(Template)]
#[template(path = "new_year/overview.html")]
struct OverviewPage {
    l: Translator,
    shell: Shell,
    code: String,
    draft: Option<Rollover>,
    totals: DraftTotals,
    grades: Vec<GradeSums>,
    misfits: Vec<Misfit>,
    /// Classes of the coming year without anybody.
    empty_targets: Vec<String>,
    /// What changed since yesterday: `came`, `moved`, `left`.
    news: [(&'static str, i64); 3],
    /// Pupils of the school who are in no class of this year: how many, and some of them by name.
    without_class: i64,
    missing: Vec<(MemberId, String)>,
    /// Of a draft that was applied: how many have dropped out of the plans of it.
    left_over: i64,
    to: String,
    /// The day on which it is to be applied by itself, as typed or proposed.
    on: String,
    faults: FormErrors,
}

impl OverviewPage {
    fn news_of(&self, what: &str, count: &i64) -> String {
        self.l.tk1("rollover-news", what, "count", *count)
    }

    fn has_news(&self) -> bool {
        self.news.iter().any(|(_, count)| *count > 0)
    }

    /// Numbers in the order of [`PupilOutcome::ALL`], each with the name of its column.
    fn by_outcome(&self, pupils: &OutcomeSums) -> Vec<(String, i64)> {
        let column = |outcome: PupilOutcome| (self.l.tk("rollover-outcome", outcome.key()), pupils.of(outcome));
        PupilOutcome::ALL.into_iter().map(column).collect()
    }

    fn with(&self, outcome: PupilOutcome) -> i64 {
        self.totals.pupils.of(outcome)
    }

    fn next(&self) -> i64 {
        self.with(PupilOutcome::Promoted) + self.with(PupilOutcome::KeptBack)
    }

    /// Whether there is something to apply.
    fn can_apply(&self) -> bool {
        let is_open = self.draft.as_ref().is_some_and(Rollover::is_open);
        is_open || self.left_over > 0 || self.with(PupilOutcome::Awaiting) > 0
    }

    fn empty_names(&self) -> String {
        let named = self.empty_targets.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        if self.empty_targets.len() > MOST_NAMED { format!("{named}, …") } else { named }
    }

    /// The list of those who go to a class that does not fit.
    fn list_of(&self, misfit: &Misfit) -> String {
        paths::RolloverPupils::of(&self.code)
            .with("class", misfit.class_id)
            .with("outcome", misfit.outcome.key())
            .with("target", misfit.target.as_str())
            .to_string()
    }
}

/// The year, as `2027-2028`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct BeginForm {
    to: String,
}

pub async fn show(State(app): State<App>, visitor: RequestContext, granted: Granted<may::ManageClasses>) -> PageResult {
    html(&overview(&app, &visitor, &granted).await?)
}

pub async fn begin(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
    Form(form): Form<BeginForm>,
) -> PageResult {
    let refusal = match form.to.parse::<SchoolYear>() {
        Err(_) => BeginRefusal::Year,
        Ok(to) => match changes::begin(&granted, &app, to).await? {
            Err(refusal) => refusal,
            Ok(_) => {
                let address = paths::Rollover::of(&granted.school.code).with("done", "rollover-begun");
                return Ok(page::redirect(address.to_string()));
            }
        },
    };
    let page = overview(&app, &visitor, &granted).await?;
    let mut faults = FormErrors::new();
    faults.add_about("to", refusal.key(), form.to.replace('-', "–"));
    refused(&OverviewPage { faults, to: form.to, ..page })
}

pub async fn discard(State(app): State<App>, granted: Granted<may::ManageClasses>) -> PageResult {
    let done = if changes::discard(&granted, &app).await? { "rollover-discarded" } else { "rollover-none" };
    Ok(page::redirect(paths::Rollover::of(&granted.school.code).with("done", done).to_string()))
}

/// The day, as a form sends dates.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ScheduleForm {
    on: String,
}

/// Has the draft applied by itself on a day.
pub async fn schedule(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
    Form(form): Form<ScheduleForm>,
) -> PageResult {
    let page = overview(&app, &visitor, &granted).await?;
    let code = &granted.school.code;
    if page.draft.as_ref().is_none_or(|draft| !draft.is_open()) {
        return Ok(page::redirect(paths::Rollover::of(code).with("done", "rollover-none").to_string()));
    }
    let key = match forms::date(&form.on) {
        None => "fault-rollover-day",
        Some(on) => match schedule::schedule(&granted, &app, on).await {
            Err(Error::NotFound) => return Ok(gone(&granted)),
            Err(error) => return Err(error),
            Ok(Ok(())) => {
                return Ok(page::redirect(paths::Rollover::of(code).with("done", "rollover-scheduled").to_string()));
            }
            Ok(Err(refusal)) => refusal.key(),
        },
    };
    let mut faults = FormErrors::new();
    faults.add_about("on", key, form.on.as_str());
    refused(&OverviewPage { faults, on: form.on, ..page })
}

pub async fn withdraw(State(app): State<App>, granted: Granted<may::ManageClasses>) -> PageResult {
    let done = if schedule::withdraw(&granted, &app).await? { "rollover-withdrawn" } else { "rollover-none" };
    Ok(page::redirect(paths::Rollover::of(&granted.school.code).with("done", done).to_string()))
}

/// A plan of what the draft says.
pub async fn plan(State(app): State<App>, granted: Granted<may::ManageClasses>) -> PageResult {
    let code = &granted.school.code;
    Ok(page::redirect(&match source::begin(&granted, &app).await? {
        Some(plan_id) => paths::Plan::of(code, plan_id).to_string(),
        None => paths::Rollover::of(code).with("done", "rollover-nothing").to_string(),
    }))
}

async fn overview(app: &App, visitor: &RequestContext, granted: &Granted<may::ManageClasses>) -> Result<OverviewPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let draft = store::latest(granted, &mut tx).await?;
    let mut page = OverviewPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::NewYear),
        code: granted.school.code.clone(),
        draft: None,
        totals: DraftTotals::default(),
        grades: Vec::new(),
        misfits: Vec::new(),
        empty_targets: Vec::new(),
        news: store::NO_NEWS,
        without_class: 0,
        missing: Vec::new(),
        left_over: 0,
        to: String::new(),
        on: String::new(),
        faults: FormErrors::new(),
    };
    if let Some(draft) = draft
        && take_over::take_over(granted, &mut tx, &draft, visitor.now).await?
    {
        page.grades = sums::grades(granted, &mut tx, draft.id).await?;
        page.totals = DraftTotals::of(&page.grades);
        page.news = store::news(granted, &mut tx, draft.id, visitor.now - Duration::days(1)).await?;
        let counts = members::counts(granted, &mut tx, []).await?;
        let pupils: i64 = Status::ALL
            .into_iter()
            .filter(|status| !matches!(status, Status::Left | Status::Pending))
            .map(|status| counts.of_status(Role::Student, status))
            .sum();
        if draft.is_open() {
            page.misfits = sums::misfits(granted, &mut tx, draft.id).await?;
            page.empty_targets = sums::empty_targets(granted, &mut tx, draft.id).await?;
            page.without_class = (pupils - page.totals.pupils.total()).max(0);
            if page.without_class > 0 {
                page.missing = store::missing(granted, &mut tx, draft.id, MOST_MISSING).await?;
            }
        } else {
            page.left_over = store::left_over(granted, &mut tx, &draft).await?;
        }
        page.on = schedule::proposed(&draft, app.clock.today()).to_string();
        page.draft = Some(draft);
    }
    if page.draft.as_ref().is_none_or(|draft| !draft.is_open()) {
        page.to = changes::proposed(granted, &mut tx).await?.map(|year| year.to_string()).unwrap_or_default();
    }
    tx.commit().await?;
    Ok(page)
}
