//! The homeroom teachers of a year's classes, all on one page: a name is typed and chosen from the list of the staff.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};

use super::classes::{ClassesQuery, chosen};
use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    paths,
    schools::{
        classes::{self, Class},
        homeroom::{self, HomeroomAssignment, HomeroomCandidate, HomeroomEntry, meant},
        year_changes,
        years::{self, Year},
    },
    shell::{self, MenuPage},
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "schools/homeroom.html")]
struct HomeroomPage {
    l: Translator,
    shell: Shell,
    code: String,
    year: Year,
    /// The year is over.
    is_closed: bool,
    candidates: Vec<HomeroomCandidate>,
    /// The classes, each with what its field holds.
    classes: Vec<(Class, String)>,
    faults: FormErrors,
}

impl HomeroomPage {
    fn field(&self, class: &Class) -> String {
        field(class)
    }
}

fn field(class: &Class) -> String {
    format!("homeroom_{}", class.id)
}

/// The class, and what was typed for it.
fn about(class: &Class, typed: &str) -> String {
    format!("{}: {typed}", class.name)
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
    Query(query): Query<ClassesQuery>,
) -> PageResult {
    html(&homeroom_page(&app, &visitor, &granted, &query.school_year).await?)
}

/// A field that is not sent leaves its class as it is.
pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
    Form(form): Form<HashMap<String, String>>,
) -> PageResult {
    let asked = form.get("school_year").map_or("", String::as_str);
    let mut page = homeroom_page(&app, &visitor, &granted, asked).await?;
    if page.is_closed {
        page.faults.add("school_year", "fault-year-over");
        return refused(&page);
    }
    let mut assignments: Vec<HomeroomAssignment> = Vec::new();
    for (class, typed) in &mut page.classes {
        let Some(sent) = form.get(&field(class)) else { continue };
        match meant(sent, &page.candidates) {
            HomeroomEntry::Nobody => assignments.push((class.id, None)),
            HomeroomEntry::One(teacher) => assignments.push((class.id, Some(teacher))),
            HomeroomEntry::Unknown => page.faults.add_about(field(class), "fault-homeroom-unknown", about(class, sent)),
            HomeroomEntry::OneOfSeveral => {
                page.faults.add_about(field(class), "fault-homeroom-several", about(class, sent))
            }
        }
        typed.clone_from(sent);
    }
    if !page.faults.is_empty() {
        return refused(&page);
    }
    let changed = homeroom::assign(&granted, &app, &assignments).await?;
    let classes = paths::Classes::of(&granted.school.code).with("done", "homerooms").with("n", changed);
    Ok(page::redirect(classes.with("school_year", page.year.id)))
}

async fn homeroom_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageClasses>,
    asked: &str,
) -> Result<HomeroomPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let years = years::all(granted, &mut tx).await?;
    let year = chosen(app, granted, &years, asked, &mut tx).await?;
    let candidates = homeroom::candidates(granted, &mut tx).await?;
    let classes = classes::of_year(granted, &mut tx, year.id).await?;
    let is_closed = year_changes::is_closed(granted, app, &mut tx, year.id).await?;
    tx.commit().await?;
    let label = |class: &Class| {
        let of_class = |candidate: &&HomeroomCandidate| Some(candidate.id) == class.homeroom_member_id;
        candidates.iter().find(of_class).map(HomeroomCandidate::label).unwrap_or_default()
    };
    Ok(HomeroomPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Classes),
        code: granted.school.code.clone(),
        year,
        is_closed,
        classes: classes.into_iter().map(|class| (class.clone(), label(&class))).collect(),
        candidates,
        faults: FormErrors::new(),
    })
}
