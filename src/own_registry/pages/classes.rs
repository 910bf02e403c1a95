//! The classes of the registry.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;

use super::not_here;
use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    ids::RegistryClassId,
    own_registry::actions,
    paths,
    registry::{model::RegistryClass, store},
    schools::years::{self, Year},
    shell::{self, MenuPage},
    vietnam::{class_name, text},
    web::{
        PageResult, RequestContext, Shell, Translator,
        address_parts::Path,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "registry/classes.html")]
struct RegistryClassesPage {
    l: Translator,
    shell: Shell,
    code: String,
    /// The school keeps its registry here itself.
    is_own: bool,
    year: Year,
    years: Vec<Year>,
    classes: Vec<RegistryClass>,
    form: RegistryClassForm,
    faults: FormErrors,
}

/// The longest grade, in characters, as of the school's own classes.
const GRADE_LETTERS: usize = 30;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RegistryClassForm {
    name: String,
    grade: String,
    school_year: String,
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageRegistry>,
    Query(form): Query<RegistryClassForm>,
) -> PageResult {
    html(&classes_page(&app, &visitor, &granted, form, FormErrors::new()).await?)
}

pub async fn add(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageRegistry>,
    Form(form): Form<RegistryClassForm>,
) -> PageResult {
    let page = classes_page(&app, &visitor, &granted, form.clone(), FormErrors::new()).await?;
    let names = match class_name::expand(&form.name) {
        _ if !page.is_own => return refused(&RegistryClassesPage { faults: not_here(), ..page }),
        Ok(names) => names,
        Err(fault) => {
            let mut faults = FormErrors::new();
            faults.add_about("name", format!("fault-{}", fault.key()), fault.value());
            return refused(&RegistryClassesPage { faults, ..page });
        }
    };
    let grade: String = text::clean(&form.grade).chars().take(GRADE_LETTERS).collect();
    let grade = Some(grade).filter(|grade| !grade.is_empty());
    let made = actions::add_classes(&granted, &app, page.year.id, &names, grade.as_deref()).await?;
    if made == 0 {
        let mut faults = FormErrors::new();
        faults.add_about("name", "fault-class-taken", names.join(", "));
        return refused(&RegistryClassesPage { faults, ..page });
    }
    // The classes of the year that was chosen.
    let list = paths::RegistryClasses::of(&granted.school.code).with("school_year", page.year.id);
    Ok(page::redirect(list.with("done", "classes-created").with("n", made)))
}

async fn classes_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageRegistry>,
    form: RegistryClassForm,
    faults: FormErrors,
) -> Result<RegistryClassesPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let years = years::all_open(granted, &mut tx, app.clock.today()).await?;
    let current = years::current(granted, &mut tx, app.clock.today()).await?;
    let asked = years.iter().find(|year| year.id.to_string() == form.school_year || year.name == form.school_year);
    let year = asked.cloned().unwrap_or(current);
    let classes = store::classes_of_year(granted, &mut tx, year.id).await?;
    let is_own = actions::is_kept_here(granted, &mut tx).await?;
    tx.commit().await?;
    Ok(RegistryClassesPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Registry),
        code: granted.school.code.clone(),
        is_own,
        year,
        years,
        classes: classes.into_iter().filter(|class| !class.is_gone).collect(),
        form,
        faults,
    })
}

pub async fn remove(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageRegistry>,
    Path((_, id)): Path<(String, RegistryClassId)>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    store::class_name(&granted, &mut tx, id).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    let page = classes_page(&app, &visitor, &granted, RegistryClassForm::default(), FormErrors::new()).await?;
    if !page.is_own {
        return refused(&RegistryClassesPage { faults: not_here(), ..page });
    }
    if actions::remove_class(&granted, &app, id).await? {
        return Ok(removed(&granted.school.code));
    }
    refused(&RegistryClassesPage { faults: FormErrors::one("name", "fault-registry-class-in-use"), ..page })
}

fn removed(code: &str) -> Response {
    page::redirect(paths::RegistryClasses::of(code).with("done", "registry-class-removed"))
}
