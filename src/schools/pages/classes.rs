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
    paths,
    schools::{
        classes::{self, Class},
        homeroom::{self, HomeroomCandidate},
        year_changes,
        years::{self, Year},
    },
    shell::{self, MenuPage},
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
    candidates: Vec<HomeroomCandidate>,
    /// What the form would make, as far as it was asked for.
    preview: Option<ClassesPreview>,
    form: ClassForm,
    faults: FormErrors,
}

/// What an entry of names would make.
#[derive(Default)]
struct ClassesPreview {
    /// The classes by their grades, in the order typed.
    grades: Vec<(String, Vec<String>)>,
    count: usize,
    /// Those of them that the year has already.
    taken: Vec<String>,
    fault: Option<String>,
}

#[derive(Template)]
#[template(path = "schools/class_preview.html")]
struct PreviewPart {
    l: Translator,
    preview: Option<ClassesPreview>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ClassesQuery {
    pub school_year: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ClassForm {
    name: String,
    grade: String,
    school_year: String,
    homeroom_teacher: String,
    /// Asks what would be made, and makes nothing.
    preview: String,
}

pub async fn list(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
    Query(query): Query<ClassesQuery>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let years = years::all(&granted, &mut tx).await?;
    let year = chosen(&app, &granted, &years, &query.school_year, &mut tx).await?;
    let classes = classes::of_year(&granted, &mut tx, year.id).await?;
    html(&ClassesPage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, MenuPage::Classes),
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
    let is_closed = year_changes::is_closed(&granted, &app, &mut tx, year.id).await?;
    tx.commit().await?;
    if is_closed {
        let faults = FormErrors::one("school_year", "fault-year-over");
        return refused(&new_class_page(&visitor, &granted, years, candidates, form, faults));
    }
    let names = match class_name::expand(&form.name) {
        Ok(names) => names,
        Err(fault) => {
            let mut faults = FormErrors::new();
            faults.add_about("name", format!("fault-{}", fault.key()), fault.value());
            return refused(&new_class_page(&visitor, &granted, years, candidates, form, faults));
        }
    };
    if !form.preview.is_empty() {
        let preview = Some(preview_of(&app, &visitor, &granted, &form).await?);
        let page = new_class_page(&visitor, &granted, years, candidates, form, FormErrors::new());
        return html(&NewClassPage { preview, ..page });
    }
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
    Ok(page::redirect(
        paths::Classes::of(&granted.school.code).with("done", "classes-created").with("n", created.len()),
    ))
}

/// What is typed so far would make, while one types.
pub async fn preview(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
    Query(form): Query<ClassForm>,
) -> PageResult {
    let preview = match form.name.trim() {
        "" => None,
        _ => Some(preview_of(&app, &visitor, &granted, &form).await?),
    };
    html(&PreviewPart { l: visitor.l, preview })
}

async fn preview_of(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageClasses>,
    form: &ClassForm,
) -> Result<ClassesPreview> {
    let names = match class_name::expand(&form.name) {
        Ok(names) => names,
        Err(fault) => {
            let sentence = visitor.l.t1(&format!("fault-{}", fault.key()), "value", fault.value());
            return Ok(ClassesPreview { fault: Some(sentence), ..ClassesPreview::default() });
        }
    };
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let years = years::all(granted, &mut tx).await?;
    let year = chosen(app, granted, &years, &form.school_year, &mut tx).await?;
    let known = classes::of_year(granted, &mut tx, year.id).await?;
    tx.commit().await?;
    let known: Vec<String> = known.into_iter().map(|class| class.name.to_lowercase()).collect();
    let is_taken = |name: &String| known.contains(&name.to_lowercase());
    let (taken, names): (Vec<String>, Vec<String>) = names.into_iter().partition(is_taken);
    let typed = class::grade(&form.grade);
    let grade = |name: &str| {
        let of_name = class_name::grade(name).map(|grade| grade.to_string());
        typed.clone().or(of_name).unwrap_or_default()
    };
    let mut preview = ClassesPreview { count: names.len(), taken, ..ClassesPreview::default() };
    for name in names {
        let grade = grade(&name);
        match preview.grades.last_mut() {
            Some((of, together)) if *of == grade => together.push(name),
            _ => preview.grades.push((grade, vec![name])),
        }
    }
    Ok(preview)
}

fn new_class_page(
    visitor: &RequestContext,
    granted: &Granted<may::ManageClasses>,
    years: Vec<Year>,
    candidates: Vec<HomeroomCandidate>,
    form: ClassForm,
    faults: FormErrors,
) -> NewClassPage {
    NewClassPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Classes),
        code: granted.school.code.clone(),
        years,
        candidates,
        preview: None,
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
