//! Bell times and shifts.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;

use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    paths,
    schools::classes,
    shell::{self, MenuPage},
    timetable::{
        bells::{self, BellFault, Shift},
        model::{MOST_PERIODS, Session},
        setup,
    },
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "timetable/bells.html")]
struct BellsPage {
    l: Translator,
    shell: Shell,
    code: String,
    form: BTreeMap<String, String>,
    grades: Vec<String>,
    faults: FormErrors,
}

impl BellsPage {
    fn sessions(&self) -> [Session; 2] {
        Session::ALL
    }

    fn periods(&self) -> std::ops::RangeInclusive<i16> {
        1..=MOST_PERIODS
    }

    fn value(&self, what: &str, session: &Session, period: &i16) -> &str {
        self.form.get(&field(what, *session, *period)).map_or("", String::as_str)
    }

    fn is_shift(&self, grade: &str, session: &str) -> bool {
        self.form.get(&format!("shift_{grade}")).map_or("", String::as_str) == session
    }
}

pub(super) fn field(what: &str, session: Session, period: i16) -> String {
    format!("{what}_{}_{period}", session.key())
}

/// The grades of the classes of this year, in the order of the classes.
pub(super) async fn grades(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    tx: &mut sqlx::PgConnection,
) -> Result<Vec<String>> {
    let year = super::year(granted, tx, app.clock.today()).await?;
    let mut grades: Vec<String> = Vec::new();
    for grade in classes::of_year(granted, tx, year.id).await?.into_iter().filter_map(|class| class.grade) {
        if !grades.contains(&grade) {
            grades.push(grade);
        }
    }
    Ok(grades)
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    setup::ensure(&granted, &app, &mut tx).await?;
    let mut form = BTreeMap::new();
    for bell in bells::all(&granted, &mut tx).await?.0 {
        let shown = |time: chrono::NaiveTime| time.format("%H:%M").to_string();
        form.insert(field("begins", bell.session, bell.period), shown(bell.begins));
        form.insert(field("ends", bell.session, bell.period), shown(bell.ends));
    }
    for shift in bells::shifts(&granted, &mut tx).await? {
        form.insert(format!("shift_{}", shift.grade), shift.session.key().to_owned());
    }
    let grades = grades(&granted, &app, &mut tx).await?;
    tx.commit().await?;
    html(&bells_page(&visitor, &granted, form, grades, FormErrors::new()))
}

pub async fn save(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Form(form): Form<BTreeMap<String, String>>,
) -> PageResult {
    let typed = |session, period| {
        let value = |what| form.get(&field(what, session, period)).cloned().unwrap_or_default();
        (value("begins"), value("ends"))
    };
    let fault = match bells::read(typed) {
        Ok(read) => {
            let mut tx = app.db.begin_in(granted.school_id()).await?;
            let grades = grades(&granted, &app, &mut tx).await?;
            tx.commit().await?;
            let shift = |grade: String| {
                let session = Session::from_key(form.get(&format!("shift_{grade}"))?)?;
                Some(Shift { grade, session })
            };
            let shifts: Vec<Shift> = grades.into_iter().filter_map(shift).collect();
            match bells::replace(&granted, &app, &read, &shifts).await? {
                Ok(()) => {
                    let to = paths::TimetableBells::of(&granted.school.code).with("done", "timetable-bells");
                    return Ok(page::redirect(to.to_string()));
                }
                Err(fault) => fault,
            }
        }
        Err(fault) => fault,
    };
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let grades = grades(&granted, &app, &mut tx).await?;
    tx.commit().await?;
    refused(&bells_page(&visitor, &granted, form, grades, sentences(&visitor.l, fault)))
}

pub(super) fn sentences(l: &Translator, fault: BellFault) -> FormErrors {
    let mut faults = FormErrors::new();
    let (key, session, period) = match fault {
        BellFault::None => ("fault-timetable-bells-none", Session::Morning, 1),
        BellFault::Unreadable(session, period) => ("fault-timetable-bell-unreadable", session, period),
        BellFault::OutOfOrder(session, period) => ("fault-timetable-bell-order", session, period),
        BellFault::Used(session, period) => ("fault-timetable-bell-used", session, period),
        BellFault::Gap(session, period) => ("fault-timetable-bell-gap", session, period),
    };
    let at = l.t2("timetable-slot", "session", l.t(session.label()), "period", period);
    faults.add_about(field("begins", session, period), key, at);
    faults
}

fn bells_page(
    visitor: &RequestContext,
    granted: &Granted<may::ManageTimetable>,
    form: BTreeMap<String, String>,
    grades: Vec<String>,
    faults: FormErrors,
) -> BellsPage {
    BellsPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Timetable),
        code: granted.school.code.clone(),
        form,
        grades,
        faults,
    }
}
