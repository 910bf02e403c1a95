//! Where each class goes.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;

use super::{draft, to_overview};
use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    ids::ClassId,
    paths,
    rollover::{
        changes::{self, ClassChange},
        model::{DraftClass, Figures, PupilOutcome, Rollover},
        store,
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
#[template(path = "new_year/classes.html")]
struct ClassesPage {
    l: Translator,
    shell: Shell,
    code: String,
    draft: Rollover,
    figures: Figures,
    /// What was typed, by class.
    typed: HashMap<ClassId, String>,
    faults: FormErrors,
}

impl ClassesPage {
    fn field(&self, class: &DraftClass) -> String {
        field(class.id)
    }

    /// What becomes of those who do not go where the class goes.
    fn others(&self, class: &DraftClass) -> Vec<(PupilOutcome, i64)> {
        let others = [PupilOutcome::KeptBack, PupilOutcome::Awaiting, PupilOutcome::Leaving];
        let counted = others.map(|outcome| (outcome, self.figures.of_class_with(class.id, outcome)));
        counted.into_iter().filter(|(_, count)| *count > 0).collect()
    }

    fn value(&self, class: &DraftClass) -> String {
        let is = || class.target.clone().unwrap_or_default();
        self.typed.get(&class.id).cloned().unwrap_or_else(is)
    }
}

fn field(id: ClassId) -> String {
    format!("target_{id}")
}

pub async fn show(State(app): State<App>, visitor: RequestContext, granted: Granted<may::ManageClasses>) -> PageResult {
    match classes_page(&app, &visitor, &granted).await? {
        Some(page) => html(&page),
        None => Ok(to_overview(&granted)),
    }
}

/// `target_{class}` is the name of next year's class, empty for those who finish school; a class that is not sent stays as
/// it is. `seen_{class}` is what the page showed: what a colleague has changed since is not overwritten.
pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
    Form(form): Form<HashMap<String, String>>,
) -> PageResult {
    let page = classes_page(&app, &visitor, &granted).await?.filter(|page| page.draft.is_open());
    let Some(mut page) = page else { return Ok(to_overview(&granted)) };
    let mut wanted = Vec::new();
    for class in &page.figures.classes {
        let Some(typed) = form.get(&field(class.id)) else { continue };
        let target = if typed.trim().is_empty() { Some(None) } else { class_name::normalise(typed).map(Some) };
        let seen = form.get(&format!("seen_{}", class.id));
        let seen = seen.map(|seen| Some(seen.clone()).filter(|seen| !seen.is_empty()));
        match target {
            Some(target) => wanted.push(ClassChange { class_id: class.id, target, seen }),
            None => page.faults.add_about(field(class.id), "fault-class-malformed", typed),
        }
        page.typed.insert(class.id, typed.clone());
    }
    if !page.faults.is_empty() {
        return refused(&page);
    }
    let changed = changes::change_classes(&granted, &app, &wanted).await?;
    if !changed.conflicts.is_empty() {
        let Some(now) = classes_page(&app, &visitor, &granted).await? else { return Ok(to_overview(&granted)) };
        for class in now.figures.classes.iter().filter(|class| changed.conflicts.contains(&class.id)) {
            let is = class.target.clone().unwrap_or_else(|| visitor.l.t("rollover-finishes"));
            page.faults.add_about(field(class.id), "fault-rollover-class-meanwhile", is);
        }
        return refused(&ClassesPage { typed: page.typed, faults: page.faults, ..now });
    }
    let address = paths::RolloverClasses::of(&granted.school.code).with("done", "rollover-classes");
    Ok(page::redirect(address.with("n", changed.count).to_string()))
}

async fn classes_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageClasses>,
) -> Result<Option<ClassesPage>> {
    let Some((mut tx, draft)) = draft(granted, app).await? else { return Ok(None) };
    let figures = store::figures(granted, &mut tx, draft.id).await?;
    tx.commit().await?;
    Ok(Some(ClassesPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, Entry::NewYear),
        code: granted.school.code.clone(),
        draft,
        figures,
        typed: HashMap::new(),
        faults: FormErrors::new(),
    }))
}
