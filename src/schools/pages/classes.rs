//! Classes: the list of a year, and making many at once.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::class;
use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    ids::YearId,
    schools::{
        classes::{self, Class},
        homeroom::{self, Candidate},
        years::{self, Year},
    },
    shell::{self, Entry},
    vietnam::class_name,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "schools/classes.html")]
struct ClassesPage {
    l: Translator,
    shell: Shell,
    code: String,
    year: Year,
    years: Vec<Year>,
    classes: Vec<Class>,
}

#[derive(Template)]
#[template(path = "schools/class_new.html")]
struct NewClassPage {
    l: Translator,
    shell: Shell,
    code: String,
    years: Vec<Year>,
    candidates: Vec<Candidate>,
    form: ClassForm,
    faults: FormErrors,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct YearQuery {
    pub school_year: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ClassForm {
    name: String,
    grade: String,
    school_year: String,
    homeroom_teacher: String,
}

pub async fn list(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
    Query(query): Query<YearQuery>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let years = years::all(&granted, &mut tx).await?;
    let year = chosen(&app, &granted, &years, &query.school_year, &mut tx).await?;
    let classes = classes::of_year(&granted, &mut tx, year.id).await?;
    html(&ClassesPage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, Entry::Classes),
        code: granted.school.code.clone(),
        year,
        years,
        classes,
    })
}

pub async fn new(State(app): State<App>, visitor: RequestContext, granted: Granted<may::ManageClasses>) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let years = years::all(&granted, &mut tx).await?;
    let year = years::current(&granted, &mut tx, app.clock.today()).await?;
    let candidates = homeroom::candidates(&granted, &mut tx).await?;
    let form = ClassForm { school_year: year.id.to_string(), ..ClassForm::default() };
    html(&new_class_page(&visitor, &granted, years, candidates, form, FormErrors::new()))
}

pub async fn create(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
    Form(form): Form<ClassForm>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let years = years::all(&granted, &mut tx).await?;
    let year = chosen(&app, &granted, &years, &form.school_year, &mut tx).await?;
    let candidates = homeroom::candidates(&granted, &mut tx).await?;
    tx.commit().await?;
    let names = match class_name::expand(&form.name) {
        Ok(names) => names,
        Err(fault) => {
            let mut faults = FormErrors::new();
            faults.add_about("name", format!("fault-{}", fault.key()), fault.value());
            return refused(&new_class_page(&visitor, &granted, years, candidates, form, faults));
        }
    };
    let teacher = match class::teacher(&form.homeroom_teacher, &candidates) {
        Ok(Some(_)) if names.len() > 1 => Err(FormErrors::one("homeroom_teacher", "fault-homeroom-many")),
        teacher => teacher,
    };
    let teacher = match teacher {
        Ok(teacher) => teacher,
        Err(faults) => return refused(&new_class_page(&visitor, &granted, years, candidates, form, faults)),
    };
    let grade = class::grade(&form.grade);
    let created = classes::create(&granted, &app, &year, &names, grade.as_deref(), teacher).await?;
    if created.is_empty() {
        let mut faults = FormErrors::new();
        faults.add_about("name", "fault-class-taken", names.join(", "));
        return refused(&new_class_page(&visitor, &granted, years, candidates, form, faults));
    }
    Ok(page::redirect(&format!("/schools/{}/classes?done=classes-created&n={}", granted.school.code, created.len())))
}

fn new_class_page(
    visitor: &RequestContext,
    granted: &Granted<may::ManageClasses>,
    years: Vec<Year>,
    candidates: Vec<Candidate>,
    form: ClassForm,
    faults: FormErrors,
) -> NewClassPage {
    NewClassPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, Entry::Classes),
        code: granted.school.code.clone(),
        years,
        candidates,
        form,
        faults,
    }
}

/// The year that was asked for, by its id or its name, or the current one.
pub async fn chosen(
    app: &App,
    granted: &Granted<may::ManageClasses>,
    years: &[Year],
    asked: &str,
    tx: &mut sqlx::PgConnection,
) -> Result<Year> {
    let id = asked.parse::<YearId>().ok();
    match years.iter().find(|year| Some(year.id) == id || year.name == asked) {
        Some(year) => Ok(year.clone()),
        None => years::current(granted, tx, app.clock.today()).await,
    }
}
