//! Holidays, and days with other bell times.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use sqlx::PgConnection;

use super::bells::{field, sentences};
use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    paths,
    schools::years::Year,
    shell::{self, MenuPage},
    timetable::{
        bells,
        days::{self, LONGEST_NAME, MOST_DAYS, NewDay, SpecialDay, SpecialDayRefusal},
        model::{MOST_PERIODS, Session},
        setup,
    },
    vietnam::text,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{self, Form, FormErrors},
        html, page, refused,
    },
};

type TypedDay = BTreeMap<String, String>;

#[derive(Template)]
#[template(path = "timetable/days.html")]
struct DaysPage {
    l: Translator,
    shell: Shell,
    code: String,
    year: Year,
    /// Those of the year.
    days: Vec<SpecialDay>,
    form: TypedDay,
    faults: FormErrors,
}

impl DaysPage {
    fn value(&self, name: &str) -> &str {
        self.form.get(name).map_or("", String::as_str)
    }

    fn has_bells(&self) -> bool {
        self.value("kind") == "bells"
    }

    fn sessions(&self) -> [Session; 2] {
        Session::ALL
    }

    fn periods(&self) -> std::ops::RangeInclusive<i16> {
        1..=MOST_PERIODS
    }

    fn field(&self, what: &str, session: &Session, period: &i16) -> String {
        field(what, *session, *period)
    }

    /// When the lessons of a day begin and end, session by session.
    fn times(&self, day: &SpecialDay) -> Option<String> {
        let shown = |(session, bells): (Session, Vec<bells::Bell>)| {
            let (first, last) = (bells.first()?, bells.last()?);
            let span = format!("{}–{}", first.begins.format("%H:%M"), last.ends.format("%H:%M"));
            Some(format!("{} {span}", self.l.t(session.label())))
        };
        Some(day.bells.as_ref()?.sessions().into_iter().filter_map(shown).collect::<Vec<_>>().join(", "))
    }
}

pub async fn list(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
) -> PageResult {
    html(&days_page(&app, &visitor, &granted, None, FormErrors::new()).await?)
}

pub async fn save(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Form(form): Form<TypedDay>,
) -> PageResult {
    let here = paths::TimetableDays::of(&granted.school.code);
    if let Some(id) = form.get("remove").filter(|id| !id.is_empty()) {
        days::remove(&granted, &app, super::id(id)?).await?;
        return Ok(page::redirect(here.with("done", "timetable-day-removed")));
    }
    let faults = match read(&visitor.l, &form) {
        Ok(new) => match days::note(&granted, &app, &new).await? {
            Ok(()) => return Ok(page::redirect(here.with("done", "timetable-day-noted"))),
            Err(SpecialDayRefusal::Taken(name)) => {
                let mut faults = FormErrors::new();
                faults.add_about("from", "fault-timetable-day-taken", name);
                faults
            }
            Err(SpecialDayRefusal::TooMany) => FormErrors::one("name", "fault-timetable-days-many"),
        },
        Err(faults) => faults,
    };
    refused(&days_page(&app, &visitor, &granted, Some(form), faults).await?)
}

/// A day as typed.
fn read(l: &Translator, form: &TypedDay) -> std::result::Result<NewDay, FormErrors> {
    let value = |name: &str| form.get(name).cloned().unwrap_or_default();
    let mut faults = FormErrors::new();
    let name = text::clean(&value("name"));
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        faults.add("name", "fault-timetable-day-name");
    }
    let from = forms::date(&value("from"));
    if from.is_none() {
        faults.add("from", "fault-timetable-day-from");
    }
    // One day is mostly meant.
    let to = if value("to").trim().is_empty() { from } else { forms::date(&value("to")) };
    let (from, to) = (from.unwrap_or_default(), to.unwrap_or_default());
    if !(0..MOST_DAYS).contains(&(to - from).num_days()) {
        faults.add_about("to", "fault-timetable-absence-span", MOST_DAYS.to_string());
    }
    let mut other = None;
    if value("kind") == "bells" {
        let typed =
            |session, period| (value(&field("begins", session, period)), value(&field("ends", session, period)));
        match bells::read(typed) {
            Ok(bells) => other = Some(bells),
            Err(fault) => faults.add_all(&sentences(l, fault)),
        }
    }
    faults.or_ok(NewDay { name, from, to, bells: other })
}

/// The form begins with the usual times.
async fn usual(granted: &Granted<may::ManageTimetable>, tx: &mut PgConnection) -> Result<TypedDay> {
    let mut form = TypedDay::new();
    for bell in bells::all(granted, tx).await?.0 {
        let shown = |time: chrono::NaiveTime| time.format("%H:%M").to_string();
        form.insert(field("begins", bell.session, bell.period), shown(bell.begins));
        form.insert(field("ends", bell.session, bell.period), shown(bell.ends));
    }
    Ok(form)
}

async fn days_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageTimetable>,
    form: Option<TypedDay>,
    faults: FormErrors,
) -> Result<DaysPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    setup::ensure(granted, app, &mut tx).await?;
    let year = super::year(granted, &mut tx, app.clock.today()).await?;
    let days = days::between(granted, &mut tx, year.starts_on, year.ends_on).await?.0;
    let form = match form {
        Some(form) => form,
        None => usual(granted, &mut tx).await?,
    };
    tx.commit().await?;
    Ok(DaysPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Timetable),
        code: granted.school.code.clone(),
        year,
        days,
        form,
        faults,
    })
}
