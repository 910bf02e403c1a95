//! Where each class goes.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::{draft, gone, to_overview};
use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    ids::{ClassId, MemberId, RolloverId},
    paths,
    rollover::{
        changes::{self, ClassMove},
        model::{ClassMap, DraftTotals, PupilOutcome, Rollover},
        naming, store,
        sums::{self, CLASSES_OF_PAGE, ClassSums, TargetSums},
        targets::{Carry, HomeroomChange, TargetChanges},
    },
    schools::homeroom::{self, HomeroomCandidate, HomeroomEntry, MOST_CANDIDATES, meant},
    shell::{self, MenuPage},
    vietnam::class_name,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors, MOST_CHOICES},
        html, page, refused,
    },
};

/// More pages than the classes of any school fill.
const MOST_PAGES: usize = 1_000;

#[derive(Template)]
#[template(path = "new_year/classes.html")]
struct DraftClassesPage {
    l: Translator,
    shell: Shell,
    code: String,
    draft: Rollover,
    totals: DraftTotals,
    /// Of a school with many classes, a page of them; the first is 0.
    at: usize,
    classes: Vec<ClassSums>,
    targets: Vec<TargetSums>,
    /// Whether there are more of the coming year.
    has_more_targets: bool,
    /// The names of all classes of the coming year; none where they are too many to choose from.
    target_names: Vec<(String, i64)>,
    /// Who may be homeroom teachers; none where they are too many to choose from.
    candidates: Vec<HomeroomCandidate>,
    /// What was typed, by class.
    typed: HashMap<ClassId, String>,
    /// What was typed for homeroom teachers, by class of the coming year.
    typed_homerooms: HashMap<String, String>,
    new_classes: String,
    faults: FormErrors,
}

impl DraftClassesPage {
    fn field(&self, class: &ClassSums) -> String {
        field(class.id)
    }

    /// What becomes of those who do not go where the class goes.
    fn others(&self, class: &ClassSums) -> Vec<(PupilOutcome, i64)> {
        let finished = class.target.as_ref().map(|_| PupilOutcome::Finished);
        let others =
            [PupilOutcome::KeptBack, PupilOutcome::Awaiting, PupilOutcome::Leaving].into_iter().chain(finished);
        others.map(|outcome| (outcome, class.pupils.of(outcome))).filter(|(_, count)| *count > 0).collect()
    }

    fn homeroom_field(&self, target: &TargetSums) -> String {
        homeroom_field(&target.name)
    }

    fn removal_field(&self, target: &TargetSums) -> String {
        removal_field(&target.name)
    }

    /// A homeroom teacher as the field shows them.
    fn homeroom(&self, target: &TargetSums) -> String {
        let is = || target.homeroom.as_ref().map(HomeroomCandidate::label).unwrap_or_default();
        self.typed_homerooms.get(&target.name).cloned().unwrap_or_else(is)
    }

    fn value(&self, class: &ClassSums) -> String {
        let is = || class.target.clone().unwrap_or_default();
        self.typed.get(&class.id).cloned().unwrap_or_else(is)
    }

    fn has_more(&self) -> bool {
        self.has_more_targets || self.totals.classes > (self.at + 1) * CLASSES_OF_PAGE
    }

    fn address(&self, at: impl std::borrow::Borrow<usize>) -> String {
        address(&self.code, *at.borrow()).to_string()
    }
}

fn address(code: &str, at: usize) -> paths::Address {
    let classes = paths::RolloverClasses::of(code);
    if at == 0 { classes.into() } else { classes.with("page", at + 1) }
}

/// Which page of the classes, from 1.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DraftClassesQuery {
    page: String,
}

impl DraftClassesQuery {
    fn at(&self) -> usize {
        self.page.parse::<usize>().unwrap_or(1).clamp(1, MOST_PAGES) - 1
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

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
    Query(query): Query<DraftClassesQuery>,
) -> PageResult {
    match classes_page(&app, &visitor, &granted, query.at()).await? {
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
    Query(query): Query<DraftClassesQuery>,
    Form(form): Form<HashMap<String, String>>,
) -> PageResult {
    let page = classes_page(&app, &visitor, &granted, query.at()).await?.filter(|page| page.draft.is_open());
    let Some(mut page) = page else { return Ok(gone(&granted)) };
    let known = KnownClasses::read(&app, &granted, page.draft.id).await?;
    let mut wanted = Vec::new();
    for class in &known.map.classes {
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
    let of_targets = target_changes(&mut page, &known, &form);
    if !page.faults.is_empty() {
        return refused(&page);
    }
    let changed = match changes::change_classes(&granted, &app, &wanted, &of_targets).await {
        Err(Error::NotFound) => return Ok(gone(&granted)),
        changed => changed?,
    };
    if !changed.conflicts.is_empty() || !changed.homeroom_conflicts.is_empty() {
        let Some(now) = classes_page(&app, &visitor, &granted, query.at()).await? else { return Ok(gone(&granted)) };
        let known = KnownClasses::read(&app, &granted, now.draft.id).await?;
        for class in known.map.classes.iter().filter(|class| changed.conflicts.contains(&class.id)) {
            let is = class.target.clone().unwrap_or_else(|| visitor.l.t("rollover-finishes"));
            page.faults.add_about(field(class.id), "fault-rollover-class-meanwhile", is);
        }
        for target in known.map.targets.iter().filter(|target| changed.homeroom_conflicts.contains(&target.name)) {
            let is = target.homeroom_member_id.and_then(|id| known.candidates.iter().find(|one| one.id == id));
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
    let address = address(&granted.school.code, page.at).with("done", "rollover-classes");
    Ok(page::redirect(address.with("n", changed.count).to_string()))
}

/// All that a form may speak of, on whichever page it was filled in.
struct KnownClasses {
    map: ClassMap,
    candidates: Vec<HomeroomCandidate>,
}

impl KnownClasses {
    async fn read(app: &App, granted: &Granted<may::ManageClasses>, id: RolloverId) -> Result<Self> {
        let mut tx = app.db.begin_in(granted.school_id()).await?;
        let map = store::class_map(granted, &mut tx, id).await?;
        let candidates = homeroom::candidates(granted, &mut tx).await?;
        tx.commit().await?;
        Ok(Self { map, candidates })
    }
}

/// What the form says of the classes of the coming year: `homeroom_{class}` with `seen_homeroom_{class}`,
/// `remove_{class}`, `new_classes` as ranges (`10A1-10A12`), and `carry`.
fn target_changes(page: &mut DraftClassesPage, known: &KnownClasses, form: &HashMap<String, String>) -> TargetChanges {
    let mut changes = TargetChanges::default();
    for target in &known.map.targets {
        let name = homeroom_field(&target.name);
        if form.contains_key(&removal_field(&target.name)) {
            changes.remove.push(target.name.clone());
        }
        let Some(typed) = form.get(&name) else { continue };
        let about = format!("{}: {typed}", target.name);
        page.typed_homerooms.insert(target.name.clone(), typed.clone());
        let teacher = match meant(typed, &known.candidates) {
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
    at: usize,
) -> Result<Option<DraftClassesPage>> {
    let Some((mut tx, draft)) = draft(granted, app).await? else { return Ok(None) };
    let totals = sums::totals(granted, &mut tx, draft.id).await?;
    let classes = sums::classes(granted, &mut tx, draft.id, at).await?;
    let (targets, has_more_targets) = sums::targets(granted, &mut tx, draft.id, at).await?;
    let target_names = match totals.classes {
        ..=MOST_CHOICES => sums::target_choices(granted, &mut tx, draft.id, MOST_CHOICES).await?,
        _ => Vec::new(),
    };
    let candidates = homeroom::candidates_at_most(granted, &mut tx, MOST_CANDIDATES).await?;
    tx.commit().await?;
    Ok(Some(DraftClassesPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::NewYear),
        code: granted.school.code.clone(),
        draft,
        totals,
        at,
        classes,
        targets,
        has_more_targets,
        target_names,
        candidates,
        typed: HashMap::new(),
        typed_homerooms: HashMap::new(),
        new_classes: String::new(),
        faults: FormErrors::new(),
    }))
}
