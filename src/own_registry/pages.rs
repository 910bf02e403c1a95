//! The pages of a school's registry.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::actions;
use crate::{
    access::{Action, Granted, may},
    accounts::forms::{PersonForm, lacking},
    app::App,
    error::Result,
    ids::RegistryPersonId,
    paths::{self, Address},
    registry::{
        model::{PersonKind, RegistryClass},
        store::{self, ListedPerson},
    },
    roster::fields::{Field, RosterKind, of_forms, required_of_new},
    routes::{Access, Routes},
    schools::{
        classes::Class,
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

#[must_use]
pub fn routes() -> Routes {
    let owners = Access::School(Action::ManageRegistry);
    Routes::new()
        .get(paths::RegistryClasses::PATH, owners, classes)
        .post(paths::RegistryClasses::PATH, owners, add_classes)
        .creating()
        .get(paths::RegistryPeople::PATH, owners, people)
        .get(paths::RegistryNewStudent::PATH, owners, new_student)
        .post(paths::RegistryNewStudent::PATH, owners, add_student)
        .creating()
        .get(paths::RegistryNewTeacher::PATH, owners, new_teacher)
        .post(paths::RegistryNewTeacher::PATH, owners, add_teacher)
        .creating()
}

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

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RegistryClassForm {
    name: String,
    grade: String,
    school_year: String,
}

async fn classes(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageRegistry>,
    Query(form): Query<RegistryClassForm>,
) -> PageResult {
    html(&classes_page(&app, &visitor, &granted, form, FormErrors::new()).await?)
}

async fn add_classes(
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
    let grade = Some(form.grade.trim()).filter(|grade| !grade.is_empty() && grade.chars().count() <= 30);
    let made = actions::add_classes(&granted, &app, page.year.id, &names, grade).await?;
    if made == 0 {
        let mut faults = FormErrors::new();
        faults.add_about("name", "fault-class-taken", names.join(", "));
        return refused(&RegistryClassesPage { faults, ..page });
    }
    let code = &granted.school.code;
    Ok(page::redirect(paths::RegistryClasses::of(code).with("done", "classes-created").with("n", made)))
}

fn not_here() -> FormErrors {
    FormErrors::one("name", "fault-registry-by-submissions")
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
        shell: shell::of_school(visitor, granted, Entry::Registry),
        code: granted.school.code.clone(),
        is_own,
        year,
        years,
        classes: classes.into_iter().filter(|class| !class.is_gone).collect(),
        form,
        faults,
    })
}

#[derive(Template)]
#[template(path = "registry/people.html")]
struct PeoplePage {
    l: Translator,
    shell: Shell,
    code: String,
    is_own: bool,
    kind: PersonKind,
    counts: [(PersonKind, i64); 2],
    people: Vec<ListedPerson>,
    next: Option<RegistryPersonId>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PeopleQuery {
    kind: String,
    after: String,
}

async fn people(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageRegistry>,
    Query(query): Query<PeopleQuery>,
) -> PageResult {
    let kind = PersonKind::from_key(&query.kind).unwrap_or(PersonKind::Student);
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let mut people = store::page(&granted, &mut tx, kind, query.after.parse().ok()).await?;
    let counts = [
        (PersonKind::Student, store::count(&granted, &mut tx, PersonKind::Student).await?),
        (PersonKind::Staff, store::count(&granted, &mut tx, PersonKind::Staff).await?),
    ];
    let is_own = actions::is_kept_here(&granted, &mut tx).await?;
    tx.commit().await?;
    let page = usize::try_from(store::PAGE).unwrap_or(usize::MAX);
    let has_more = people.len() > page;
    people.truncate(page);
    html(&PeoplePage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, Entry::Registry),
        code: granted.school.code.clone(),
        is_own,
        kind,
        counts,
        next: people.last().map(|last| last.id).filter(|_| has_more),
        people,
    })
}

#[derive(Template)]
#[template(path = "registry/person.html")]
struct RegistryPersonPage {
    l: Translator,
    shell: Shell,
    code: String,
    is_own: bool,
    kind: RosterKind,
    person: PersonKind,
    classes: Vec<Class>,
    form: PersonForm,
    faults: FormErrors,
}

/// What `accounts/field.html` asks of the page that it is a part of.
impl RegistryPersonPage {
    fn action(&self) -> Address {
        match self.person {
            PersonKind::Student => paths::RegistryNewStudent::of(&self.code).into(),
            PersonKind::Staff => paths::RegistryNewTeacher::of(&self.code).into(),
        }
    }

    fn noun(&self) -> &'static str {
        match self.person {
            PersonKind::Student => "student",
            PersonKind::Staff => "teacher",
        }
    }

    fn keeps_class(&self) -> bool {
        false
    }

    fn is_first(&self, field: &Field) -> bool {
        *field == Field::FullName && self.faults.is_empty()
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
        of_forms(self.kind)
    }

    fn is_twin(&self) -> bool {
        self.faults.of(&self.l, "twins").is_some()
    }
}

async fn new_student(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageRegistry>,
) -> PageResult {
    let form = PersonForm::default();
    html(&person_page(&app, &visitor, &granted, PersonKind::Student, form, FormErrors::new()).await?)
}

async fn new_teacher(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageRegistry>,
) -> PageResult {
    let form = PersonForm::default();
    html(&person_page(&app, &visitor, &granted, PersonKind::Staff, form, FormErrors::new()).await?)
}

async fn add_student(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageRegistry>,
    Form(form): Form<PersonForm>,
) -> PageResult {
    add(&app, &visitor, &granted, PersonKind::Student, form).await
}

async fn add_teacher(
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
    let page = person_page(app, visitor, granted, kind, form, FormErrors::new()).await?;
    if !page.is_own {
        return refused(&RegistryPersonPage { faults: not_here(), ..page });
    }
    let typed = page.form.values(page.kind, &page.classes, app.clock.today()).and_then(|typed| {
        let lacking = lacking(page.kind, &typed.values);
        lacking.or_ok(typed)
    });
    let typed = match typed {
        Ok(typed) => typed,
        Err(faults) => return refused(&RegistryPersonPage { faults, ..page }),
    };
    match actions::add_person(granted, app, kind, &typed, !page.form.seen.is_empty()).await? {
        Ok(()) => {
            let code = &granted.school.code;
            let next: Address = match (page.form.again.is_empty(), kind) {
                (true, _) => paths::RegistryPeople::of(code).into(),
                (false, PersonKind::Student) => paths::RegistryNewStudent::of(code).into(),
                (false, PersonKind::Staff) => paths::RegistryNewTeacher::of(code).into(),
            };
            Ok(page::redirect(next.with("kind", kind.key()).with("done", "registry-person-added")))
        }
        Err(faults) => refused(&RegistryPersonPage { faults, ..page }),
    }
}

async fn person_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageRegistry>,
    kind: PersonKind,
    form: PersonForm,
    faults: FormErrors,
) -> Result<RegistryPersonPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let classes = store::classes_of_year(granted, &mut tx, year.id).await?;
    let is_own = actions::is_kept_here(granted, &mut tx).await?;
    tx.commit().await?;
    let class = |class: RegistryClass| Class {
        id: class.id.of_other_kind(),
        name: class.name,
        grade: class.grade,
        homeroom_member_id: None,
        homeroom_teacher: None,
        pupils: class.pupils,
    };
    Ok(RegistryPersonPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, Entry::Registry),
        code: granted.school.code.clone(),
        is_own,
        kind: kind.roster_kind(granted.school.kind),
        person: kind,
        classes: classes.into_iter().filter(|class| !class.is_gone).map(class).collect(),
        form,
        faults,
    })
}
