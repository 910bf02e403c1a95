//! Where each class goes.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;

use super::{draft, gone, to_overview};
use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    ids::{ClassId, MemberId},
    paths,
    rollover::{
        changes::{self, ClassMove},
        model::{DraftClass, DraftFigures, PupilOutcome, Rollover, TargetClass},
        naming, store,
        targets::{Carry, HomeroomChange, TargetChanges},
    },
    schools::homeroom::{self, HomeroomCandidate, HomeroomEntry, meant},
    shell::{self, MenuPage},
    vietnam::class_name,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "new_year/classes.html")]
struct DraftClassesPage {
    l: Translator,
    shell: Shell,
    code: String,
    draft: Rollover,
    figures: DraftFigures,
    /// Who may be homeroom teachers.
    candidates: Vec<HomeroomCandidate>,
    /// What was typed, by class.
    typed: HashMap<ClassId, String>,
    /// What was typed for homeroom teachers, by class of the coming year.
    typed_homerooms: HashMap<String, String>,
    new_classes: String,
    faults: FormErrors,
}

impl DraftClassesPage {
    fn field(&self, class: &DraftClass) -> String {
        field(class.id)
    }

    /// What becomes of those who do not go where the class goes.
    fn others(&self, class: &DraftClass) -> Vec<(PupilOutcome, i64)> {
        let finished = class.target.as_ref().map(|_| PupilOutcome::Finished);
        let others =
            [PupilOutcome::KeptBack, PupilOutcome::Awaiting, PupilOutcome::Leaving].into_iter().chain(finished);
        let counted = others.map(|outcome| (outcome, self.figures.of_class_with(class.id, outcome)));
        counted.filter(|(_, count)| *count > 0).collect()
    }

    /// How many are promoted to another class than the rest.
    fn elsewhere(&self, class: &DraftClass) -> i64 {
        self.figures.going_elsewhere(class)
    }

    fn homeroom_field(&self, target: &TargetClass) -> String {
        homeroom_field(&target.name)
    }

    fn removal_field(&self, target: &TargetClass) -> String {
        removal_field(&target.name)
    }

    /// A homeroom teacher as the field shows them.
    fn homeroom(&self, target: &TargetClass) -> String {
        let is = || {
            let of_target = |candidate: &&HomeroomCandidate| Some(candidate.id) == target.homeroom_member_id;
            self.candidates.iter().find(of_target).map(HomeroomCandidate::label).unwrap_or_default()
        };
        self.typed_homerooms.get(&target.name).cloned().unwrap_or_else(is)
    }

    /// Whether nobody and no class goes there.
    fn can_go(&self, target: &TargetClass) -> bool {
        self.figures.going_to(&target.name) == 0
            && self.figures.classes.iter().all(|class| class.target.as_ref() != Some(&target.name))
    }

    fn value(&self, class: &DraftClass) -> String {
        let is = || class.target.clone().unwrap_or_default();
        self.typed.get(&class.id).cloned().unwrap_or_else(is)
    }
}

fn field(id: ClassId) -> String {
    format!("target_{id}")
}

/// A name as a part of a field's: letters and digits as they are, all else by its bytes.
fn field_part(name: &str) -> String {
    let mut part = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() {
            part.push(char::from(byte));
        } else {
            part.push_str(&format!("-{byte:02x}"));
        }
    }
    part
}

fn homeroom_field(name: &str) -> String {
    format!("homeroom_{}", field_part(name))
}

fn removal_field(name: &str) -> String {
    format!("remove_{}", field_part(name))
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
    let Some(mut page) = page else { return Ok(gone(&granted)) };
    let mut wanted = Vec::new();
    for class in &page.figures.classes {
        let Some(typed) = form.get(&field(class.id)) else { continue };
        let target = if typed.trim().is_empty() { Some(None) } else { class_name::normalise(typed).map(Some) };
        let seen = form.get(&format!("seen_{}", class.id));
        let seen = seen.map(|seen| Some(seen.clone()).filter(|seen| !seen.is_empty()));
        match target {
            Some(target) => wanted.push(ClassMove { class_id: class.id, target, seen }),
            None => page.faults.add_about(field(class.id), "fault-class-malformed", typed),
        }
        page.typed.insert(class.id, typed.clone());
    }
    let of_targets = target_changes(&mut page, &form);
    if !page.faults.is_empty() {
        return refused(&page);
    }
    let changed = match changes::change_classes(&granted, &app, &wanted, &of_targets).await {
        Err(Error::NotFound) => return Ok(gone(&granted)),
        changed => changed?,
    };
    if !changed.conflicts.is_empty() || !changed.homeroom_conflicts.is_empty() {
        let Some(now) = classes_page(&app, &visitor, &granted).await? else { return Ok(gone(&granted)) };
        for class in now.figures.classes.iter().filter(|class| changed.conflicts.contains(&class.id)) {
            let is = class.target.clone().unwrap_or_else(|| visitor.l.t("rollover-finishes"));
            page.faults.add_about(field(class.id), "fault-rollover-class-meanwhile", is);
        }
        for target in now.figures.targets.iter().filter(|target| changed.homeroom_conflicts.contains(&target.name)) {
            let is = target.homeroom_member_id.and_then(|id| now.candidates.iter().find(|one| one.id == id));
            let is = is.map_or_else(|| visitor.l.t("rollover-no-homeroom"), HomeroomCandidate::label);
            page.faults.add_about(homeroom_field(&target.name), "fault-rollover-class-meanwhile", is);
        }
        return refused(&DraftClassesPage {
            typed: page.typed,
            typed_homerooms: page.typed_homerooms,
            new_classes: page.new_classes,
            faults: page.faults,
            ..now
        });
    }
    let address = paths::RolloverClasses::of(&granted.school.code).with("done", "rollover-classes");
    Ok(page::redirect(address.with("n", changed.count).to_string()))
}

/// What the form says of the classes of the coming year: `homeroom_{class}` with `seen_homeroom_{class}`,
/// `remove_{class}`, `new_classes` as ranges (`10A1-10A12`), and `carry`.
fn target_changes(page: &mut DraftClassesPage, form: &HashMap<String, String>) -> TargetChanges {
    let mut changes = TargetChanges::default();
    for target in &page.figures.targets {
        let name = homeroom_field(&target.name);
        if form.contains_key(&removal_field(&target.name)) {
            changes.remove.push(target.name.clone());
        }
        let Some(typed) = form.get(&name) else { continue };
        let about = format!("{}: {typed}", target.name);
        page.typed_homerooms.insert(target.name.clone(), typed.clone());
        let teacher = match meant(typed, &page.candidates) {
            HomeroomEntry::Nobody => None,
            HomeroomEntry::One(id) => Some(id),
            HomeroomEntry::Unknown => {
                page.faults.add_about(name, "fault-homeroom-unknown", about);
                continue;
            }
            HomeroomEntry::OneOfSeveral => {
                page.faults.add_about(name, "fault-homeroom-several", about);
                continue;
            }
        };
        let seen = form.get(&format!("seen_{name}")).map(|seen| seen.parse::<MemberId>().ok());
        changes.homerooms.push(HomeroomChange { target: target.name.clone(), teacher, seen });
    }
    page.new_classes = form.get("new_classes").cloned().unwrap_or_default();
    if !page.new_classes.trim().is_empty() {
        match class_name::expand(&page.new_classes) {
            Ok(names) => changes.add = names.into_iter().map(|name| (name.clone(), naming::grade_of(&name))).collect(),
            Err(fault) => page.faults.add_about("new_classes", format!("fault-{}", fault.key()), fault.value()),
        }
    }
    changes.carry = form.get("carry").and_then(|key| Carry::from_key(key));
    changes
}

async fn classes_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageClasses>,
) -> Result<Option<DraftClassesPage>> {
    let Some((mut tx, draft)) = draft(granted, app).await? else { return Ok(None) };
    let figures = store::figures(granted, &mut tx, draft.id).await?;
    let candidates = homeroom::candidates(granted, &mut tx).await?;
    tx.commit().await?;
    Ok(Some(DraftClassesPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::NewYear),
        code: granted.school.code.clone(),
        draft,
        figures,
        candidates,
        typed: HashMap::new(),
        typed_homerooms: HashMap::new(),
        new_classes: String::new(),
        faults: FormErrors::new(),
    }))
}
