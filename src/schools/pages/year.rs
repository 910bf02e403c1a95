//! One year: its name and days, deleting it where it is empty, and opening it where it is over.

use askama::Template;
use axum::extract::{Query, State};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    ids::YearId,
    paths,
    schools::{
        stays::{self, ClassOnDay},
        year_changes::{self, YearChange, YearRefusal},
        years::Year,
    },
    shell::{self, MenuPage},
    vietnam::school_year::SchoolYear,
    web::{
        PageResult, RequestContext, Shell, Translator,
        address_parts::Path,
        forms::{self, Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "schools/year.html")]
struct YearPage {
    l: Translator,
    shell: Shell,
    code: String,
    year: Year,
    classes: usize,
    /// The day of the list, as typed or chosen.
    on: String,
    /// The day as it is understood, with the classes as they were on it.
    day: NaiveDate,
    list: Vec<ClassOnDay>,
    is_over: bool,
    opened_until: Option<DateTime<Utc>>,
    form: YearEditForm,
    faults: FormErrors,
}

impl YearPage {
    fn is_closed(&self) -> bool {
        self.is_over && self.opened_until.is_none()
    }

    /// How many were in the school.
    fn there(&self) -> i64 {
        self.list.iter().map(|class| class.pupils).sum()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct YearEditForm {
    name: String,
    starts_on: String,
    ends_on: String,
    /// Why a year that is over is opened.
    reason: String,
}

impl YearEditForm {
    fn of(year: &Year) -> Self {
        Self {
            name: year.name.clone(),
            starts_on: year.starts_on.to_string(),
            ends_on: year.ends_on.to_string(),
            reason: String::new(),
        }
    }

    fn checked(&self) -> std::result::Result<YearChange, FormErrors> {
        let mut faults = FormErrors::new();
        let name = self.name.trim().replace('–', "-").parse::<SchoolYear>();
        if name.is_err() {
            faults.add("name", "fault-school-year");
        }
        let (starts_on, ends_on) = (forms::date(&self.starts_on), forms::date(&self.ends_on));
        for (field, date) in [("starts_on", starts_on), ("ends_on", ends_on)] {
            if date.is_none() {
                faults.add(field, "fault-year-day");
            }
        }
        match (name, starts_on, ends_on) {
            (Ok(name), Some(starts_on), Some(ends_on)) => faults.or_ok(YearChange { name, starts_on, ends_on }),
            _ => Err(faults),
        }
    }
}

/// The field that a refusal is about.
fn field(refusal: YearRefusal) -> &'static str {
    match refusal {
        YearRefusal::Taken | YearRefusal::Used | YearRefusal::Last | YearRefusal::Over => "name",
        YearRefusal::Outside | YearRefusal::Overlap | YearRefusal::Reopens => "starts_on",
        YearRefusal::Order => "ends_on",
    }
}

/// The day on which the classes are listed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct YearQuery {
    on: String,
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
    Path((_, id)): Path<(String, YearId)>,
    Query(query): Query<YearQuery>,
) -> PageResult {
    match (forms::date(&query.on), query.on.trim().is_empty()) {
        (_, true) => html(&year_page(&app, &visitor, &granted, id).await?),
        (Some(day), false) => html(&year_page_on(&app, &visitor, &granted, id, Some(day)).await?),
        (None, false) => {
            let page = year_page(&app, &visitor, &granted, id).await?;
            refused(&YearPage { on: query.on, faults: FormErrors::one("on", "fault-class-day"), ..page })
        }
    }
}

pub async fn change(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
    Path((_, id)): Path<(String, YearId)>,
    Form(form): Form<YearEditForm>,
) -> PageResult {
    let page = year_page(&app, &visitor, &granted, id).await?;
    let faults = match form.checked() {
        Ok(change) => match year_changes::change(&granted, &app, id, change).await? {
            Ok(()) => return Ok(to_years(&granted, "year-changed")),
            Err(refusal) => FormErrors::one(field(refusal), refusal.key()),
        },
        Err(faults) => faults,
    };
    refused(&YearPage { form, faults, ..page })
}

pub async fn delete(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
    Path((_, id)): Path<(String, YearId)>,
) -> PageResult {
    let page = year_page(&app, &visitor, &granted, id).await?;
    match year_changes::delete(&granted, &app, id).await? {
        Ok(()) => Ok(to_years(&granted, "year-deleted")),
        Err(refusal) => refused(&YearPage { faults: FormErrors::one(field(refusal), refusal.key()), ..page }),
    }
}

/// Opens a year that is over, for a `reason`.
pub async fn open(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
    Path((_, id)): Path<(String, YearId)>,
    Form(form): Form<YearEditForm>,
) -> PageResult {
    let page = year_page(&app, &visitor, &granted, id).await?;
    match forms::reason(&form.reason) {
        Ok(reason) => {
            year_changes::open(&granted, &app, id, &reason).await?;
            Ok(page::redirect(paths::Year::of(&granted.school.code, id).with("done", "year-opened")))
        }
        Err(key) => {
            let key = if form.reason.trim().is_empty() { "fault-year-reason" } else { key };
            let form = YearEditForm { reason: form.reason, ..YearEditForm::of(&page.year) };
            refused(&YearPage { form, faults: FormErrors::one("reason", key), ..page })
        }
    }
}

fn to_years(granted: &Granted<may::ManageClasses>, done: &str) -> axum::response::Response {
    page::redirect(paths::Years::of(&granted.school.code).with("done", done))
}

async fn year_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageClasses>,
    id: YearId,
) -> Result<YearPage> {
    year_page_on(app, visitor, granted, id, None).await
}

/// The page with the classes as they were on a day; without one on today, or the nearest day of the year.
async fn year_page_on(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageClasses>,
    id: YearId,
    day: Option<NaiveDate>,
) -> Result<YearPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = year_changes::find(granted, &mut tx, id).await?;
    let is_over = year_changes::is_over(granted, &mut tx, app.clock.today(), id).await?;
    let opened_until = year_changes::opened_until(granted, &mut tx, app.clock.now(), id).await?;
    let day = day.unwrap_or_else(|| app.clock.today().min(year.ends_on).max(year.starts_on));
    let list = stays::on_day(granted, &mut tx, id, day).await?;
    tx.commit().await?;
    Ok(YearPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Classes),
        code: granted.school.code.clone(),
        classes: list.len(),
        on: day.to_string(),
        day,
        list,
        is_over,
        opened_until: opened_until.filter(|_| is_over),
        form: YearEditForm::of(&year),
        year,
        faults: FormErrors::new(),
    })
}
