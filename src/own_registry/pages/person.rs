//! One person of the registry: added, shown with the history, and where the school keeps its registry here, changed and
//! let go.

use askama::Template;
use axum::extract::State;

use super::not_here;
use crate::{
    access::{Granted, may},
    accounts::forms::{ParsedForm, PersonForm},
    app::App,
    error::Result,
    ids::{ClassId, Id, RegistryPersonId},
    own_registry::{
        actions,
        people::{self, Saved, Seen},
    },
    paths::{self, Address},
    plan::shown,
    registry::{
        history::{self, RecordedChange},
        model::{PersonKind, RegistryClass, RegistryPerson},
        store,
    },
    roster::fields::{self, Field, RosterKind, Values, required_of_new},
    schools::{classes::Class, years},
    shell::{self, MenuPage},
    vietnam::national_id,
    web::{
        PageResult, RequestContext, Shell, Translator,
        address_parts::Path,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "registry/person.html")]
struct RegistryPersonPage {
    l: Translator,
    shell: Shell,
    code: String,
    is_own: bool,
    kind: RosterKind,
    person: PersonKind,
    /// The person that the form changes; none where it adds one.
    known: Option<RegistryPerson>,
    history: Vec<RecordedChange>,
    classes: Vec<Class>,
    form: PersonForm,
    faults: FormErrors,
}

/// What `accounts/field.html` asks of the page that it is a part of, and the rest of the page.
impl RegistryPersonPage {
    fn action(&self) -> Address {
        match (&self.known, self.person) {
            (Some(known), _) => paths::RegistryPerson::of(&self.code, known.id).into(),
            (None, PersonKind::Student) => paths::RegistryNewStudent::of(&self.code).into(),
            (None, PersonKind::Staff) => paths::RegistryNewTeacher::of(&self.code).into(),
        }
    }

    fn noun(&self) -> &'static str {
        match self.person {
            PersonKind::Student => "student",
            PersonKind::Staff => "teacher",
        }
    }

    fn title(&self) -> String {
        let name = self.known.as_ref().and_then(|known| known.values.get(&Field::FullName).cloned());
        name.unwrap_or_else(|| self.l.tk("form-new", self.noun()))
    }

    fn keeps_class(&self) -> bool {
        self.known.is_some() && !self.form.typed(Field::Class).is_empty()
    }

    fn is_first(&self, field: &Field) -> bool {
        *field == Field::FullName && self.known.is_none() && self.faults.is_empty()
    }

    fn is_required(&self, field: &Field) -> bool {
        required_of_new(self.kind).contains(field)
    }

    fn hint(&self, field: &Field) -> String {
        if *field == Field::MotherName { self.l.t("form-parent-hint") } else { String::new() }
    }

    fn input_kind(field: &Field) -> &'static str {
        match field {
            Field::BirthDate => "date",
            Field::Email => "email",
            Field::Phone => "tel",
            _ => "text",
        }
    }

    fn fields(&self) -> &'static [Field] {
        fields::of_forms(self.kind)
    }

    fn is_twin(&self) -> bool {
        self.faults.of(&self.l, "twins").is_some() || self.has_seen(TWIN)
    }

    /// Another school holds the identifier: asked about once.
    fn is_elsewhere(&self) -> bool {
        self.faults.iter().any(|fault| fault.key == "fault-identifier-elsewhere") || self.has_seen(ELSEWHERE)
    }

    fn has_seen(&self, warning: &str) -> bool {
        has_seen(&self.form, warning)
    }

    fn has_left(&self) -> bool {
        self.known.as_ref().is_some_and(|known| known.left.is_some())
    }

    /// The values of a person who is not changed here.
    fn shown(&self) -> Vec<(String, String)> {
        let Some(known) = &self.known else { return Vec::new() };
        let shown = |(field, value): (&Field, &String)| (self.l.t(field.label_key()), shown(&self.l, *field, value));
        known.values.iter().map(shown).collect()
    }

    /// What a change was, and who made it.
    fn sentence(&self, change: &RecordedChange) -> String {
        let who = match &change.actor_name {
            Some(name) => name.clone(),
            None => self.l.tk("registry-actor", &change.actor_kind),
        };
        self.l.tk1("registry-change", change.change.key(), "who", who)
    }

    /// Of a change of values: what was before and after.
    fn values(&self, change: &RecordedChange) -> Vec<(String, String, String)> {
        if change.before.is_empty() || change.after.is_empty() {
            return Vec::new();
        }
        let value = |values: &Values, field: Field| {
            values.get(&field).map(|value| shown(&self.l, field, value)).unwrap_or_default()
        };
        let fields = Field::ALL.into_iter();
        let changed = fields.filter(|field| change.before.get(field) != change.after.get(field));
        changed
            .map(|field| (self.l.t(field.label_key()), value(&change.before, field), value(&change.after, field)))
            .collect()
    }
}

/// The warnings that the form's boxes confirm.
const TWIN: &str = "twin";
const ELSEWHERE: &str = "elsewhere";

fn has_seen(form: &PersonForm, warning: &str) -> bool {
    form.seen.iter().any(|seen| seen == warning)
}

fn seen(form: &PersonForm) -> Seen {
    Seen { twin: has_seen(form, TWIN), elsewhere: has_seen(form, ELSEWHERE) }
}

pub async fn new_student(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageRegistry>,
) -> PageResult {
    html(&new_page(&app, &visitor, &granted, PersonKind::Student, PersonForm::default()).await?)
}

pub async fn new_teacher(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageRegistry>,
) -> PageResult {
    html(&new_page(&app, &visitor, &granted, PersonKind::Staff, PersonForm::default()).await?)
}

pub async fn add_student(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageRegistry>,
    Form(form): Form<PersonForm>,
) -> PageResult {
    add(&app, &visitor, &granted, PersonKind::Student, form).await
}

pub async fn add_teacher(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageRegistry>,
    Form(form): Form<PersonForm>,
) -> PageResult {
    add(&app, &visitor, &granted, PersonKind::Staff, form).await
}

async fn add(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageRegistry>,
    kind: PersonKind,
    form: PersonForm,
) -> PageResult {
    let page = new_page(app, visitor, granted, kind, form).await?;
    if !page.is_own {
        return refused(&RegistryPersonPage { faults: not_here(), ..page });
    }
    let typed = match parsed(app, &page, &page.form) {
        Ok(typed) => typed,
        Err(faults) => return refused(&RegistryPersonPage { faults, ..page }),
    };
    match people::add(granted, app, kind, &typed, seen(&page.form)).await? {
        Ok(saved) => {
            let code = &granted.school.code;
            let next: Address = match (page.form.again.is_empty(), kind) {
                (true, _) => paths::RegistryPeople::of(code).into(),
                (false, PersonKind::Student) => paths::RegistryNewStudent::of(code).into(),
                (false, PersonKind::Staff) => paths::RegistryNewTeacher::of(code).into(),
            };
            Ok(page::redirect(next.with("kind", kind.key()).with("done", done(saved))))
        }
        Err(faults) => refused(&RegistryPersonPage { faults, ..page }),
    }
}

fn done(saved: Saved) -> &'static str {
    match saved {
        Saved::Added => "registry-person-added",
        Saved::Returned => "registry-person-returned",
        Saved::Changed => "registry-person-changed",
    }
}

fn parsed(app: &App, page: &RegistryPersonPage, form: &PersonForm) -> std::result::Result<ParsedForm, FormErrors> {
    form.values_of_new(page.kind, &page.classes, app.clock.today())
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageRegistry>,
    Path((_, id)): Path<(String, RegistryPersonId)>,
) -> PageResult {
    html(&known_page(&app, &visitor, &granted, id).await?)
}

pub async fn change(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageRegistry>,
    Path((_, id)): Path<(String, RegistryPersonId)>,
    Form(form): Form<PersonForm>,
) -> PageResult {
    let page = known_page(&app, &visitor, &granted, id).await?;
    if !page.is_own {
        return refused(&RegistryPersonPage { faults: not_here(), ..page });
    }
    let page = RegistryPersonPage { form, ..page };
    let typed = match parsed(&app, &page, &with_number(&page)) {
        Ok(typed) => typed,
        Err(faults) => return refused(&RegistryPersonPage { faults, ..page }),
    };
    let version = page.form.version.parse().unwrap_or_default();
    match people::change(&granted, &app, id, version, &typed, seen(&page.form)).await? {
        Ok(saved) => {
            let person = paths::RegistryPerson::of(&granted.school.code, id);
            Ok(page::redirect(person.with("done", done(saved))))
        }
        Err(faults) => refused(&RegistryPersonPage { faults, ..page }),
    }
}

/// The form shows a masked personal number; if that comes back unchanged, the stored number stays.
fn with_number(page: &RegistryPersonPage) -> PersonForm {
    let mut form = page.form.clone();
    let number = page.known.as_ref().and_then(|known| known.values.get(&Field::NationalId));
    if let Some(number) = number.filter(|number| national_id::masked(number) == form.typed(Field::NationalId)) {
        form.set(Field::NationalId, number.clone());
    }
    form
}

pub async fn leave(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageRegistry>,
    Path((_, id)): Path<(String, RegistryPersonId)>,
) -> PageResult {
    let page = known_page(&app, &visitor, &granted, id).await?;
    if !page.is_own {
        return refused(&RegistryPersonPage { faults: not_here(), ..page });
    }
    people::leave(&granted, &app, id).await?;
    Ok(page::redirect(paths::RegistryPerson::of(&granted.school.code, id).with("done", "registry-person-left")))
}

async fn new_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageRegistry>,
    kind: PersonKind,
    form: PersonForm,
) -> Result<RegistryPersonPage> {
    person_page(app, visitor, granted, kind, None, form).await
}

async fn known_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageRegistry>,
    id: RegistryPersonId,
) -> Result<RegistryPersonPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let known = people::find(granted, app, &mut tx, id).await?;
    let history = history::of_person(granted, &mut tx, id).await?;
    tx.commit().await?;
    let kind = known.kind;
    let page = person_page(app, visitor, granted, kind, Some(known), PersonForm::default()).await?;
    let Some(known) = &page.known else { return Ok(page) };
    let class = known.values.get(&Field::Class);
    let class_id: Option<ClassId> = page.classes.iter().find(|each| Some(&each.name) == class).map(|each| each.id);
    let mut form = PersonForm::of(&known.values, class_id, known.version);
    form.set(Field::NationalId, national_id::masked(form.typed(Field::NationalId)));
    Ok(RegistryPersonPage { form, history, ..page })
}

async fn person_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageRegistry>,
    kind: PersonKind,
    known: Option<RegistryPerson>,
    form: PersonForm,
) -> Result<RegistryPersonPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let classes = store::classes_of_year(granted, &mut tx, year.id).await?;
    let is_own = actions::is_kept_here(granted, &mut tx).await?;
    tx.commit().await?;
    let class = |class: RegistryClass| Class {
        id: Id::of_other_kind(class.id),
        name: class.name,
        grade: class.grade,
        homeroom_member_id: None,
        homeroom_teacher: None,
        pupils: class.pupils,
    };
    Ok(RegistryPersonPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Registry),
        code: granted.school.code.clone(),
        is_own,
        kind: kind.roster_kind(granted.school.kind),
        person: kind,
        known,
        history: Vec::new(),
        classes: classes.into_iter().filter(|class| !class.is_gone).map(class).collect(),
        form,
        faults: FormErrors::new(),
    })
}
