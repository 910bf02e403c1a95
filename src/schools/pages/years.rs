//! The school's years: those that it has, and the next one.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    paths,
    schools::{
        year_changes,
        years::{self, Year},
    },
    shell::{self, MenuPage},
    vietnam::school_year::SchoolYear,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "schools/years.html")]
struct YearsPage {
    l: Translator,
    shell: Shell,
    code: String,
    years: Vec<Year>,
    next_year: String,
    faults: FormErrors,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct YearForm {
    name: String,
    school_year: String,
}

pub async fn show(State(app): State<App>, visitor: RequestContext, granted: Granted<may::ManageClasses>) -> PageResult {
    html(&years_page(&app, &visitor, &granted).await?)
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
    Form(form): Form<YearForm>,
) -> PageResult {
    let typed = if form.name.is_empty() { form.school_year } else { form.name };
    let Ok(year) = typed.parse::<SchoolYear>() else {
        let page = years_page(&app, &visitor, &granted).await?;
        return refused(&YearsPage { next_year: typed, faults: FormErrors::one("name", "fault-school-year"), ..page });
    };
    match year_changes::add(&granted, &app, year).await? {
        Ok(()) => Ok(page::redirect(paths::Years::of(&granted.school.code).with("done", "year-added"))),
        Err(refusal) => {
            let page = years_page(&app, &visitor, &granted).await?;
            refused(&YearsPage { next_year: typed, faults: FormErrors::one("name", refusal.key()), ..page })
        }
    }
}

async fn years_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageClasses>,
) -> crate::error::Result<YearsPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let years = years::all(granted, &mut tx).await?;
    let next = years.first().and_then(|year| year.name.parse::<SchoolYear>().ok()?.next());
    Ok(YearsPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Classes),
        code: granted.school.code.clone(),
        years,
        next_year: next.map(|year| year.to_string()).unwrap_or_default(),
        faults: FormErrors::new(),
    })
}
