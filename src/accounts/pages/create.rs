//! Creating a person: a pupil or a teacher with all that the form asks for, and another one after that if wanted.

use crate::roster::fields::RosterKind;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::edit::{Made, TwinsPart, form_page, year_and_classes};
use crate::{
    access::{Granted, Permission, Role, SchoolKind, may},
    accounts::{
        alike, creation,
        forms::{ParsedForm, PersonForm},
    },
    app::App,
    error::{Error, Result},
    ids::MemberId,
    paths::{self, Address},
    roster::{
        duplicates::{self, DuplicateCandidate},
        fields::{self, Field},
    },
    schools::years::{self, Year},
    sources::registry::{twins as registry_twins, waiting},
    web::{
        PageResult, RequestContext,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

/// What is kept from one person to the next.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NewQuery {
    class: String,
    department: String,
    /// The member that the form has just created, while the next one is entered.
    made: String,
}

pub async fn new_student(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::CreatePupils>,
    Query(query): Query<NewQuery>,
) -> PageResult {
    new(&app, &visitor, &granted, true, query).await
}

pub async fn new_teacher(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Query(query): Query<NewQuery>,
) -> PageResult {
    new(&app, &visitor, &granted, false, query).await
}

async fn new<P: Permission>(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<P>,
    is_student: bool,
    query: NewQuery,
) -> PageResult {
    let mut form = PersonForm::default();
    form.set(Field::Class, query.class);
    form.set(Field::Department, query.department);
    let (_, classes) = year_and_classes(app, granted).await?;
    let kind = RosterKind::of(granted.school.kind, is_student);
    let made = match query.made.parse::<MemberId>() {
        Ok(id) => {
            let mut tx = app.db.begin_in(granted.school_id()).await?;
            let made = creation::made_by_actor(granted, &mut tx, id).await?;
            tx.commit().await?;
            made.map(|(name, username)| Made { id, name, username })
        }
        Err(_) => None,
    };
    let mut page = form_page(visitor, granted, kind, classes, form, FormErrors::new());
    page.made = made;
    if granted.may::<may::ManageAccounts>() {
        let mut tx = app.db.begin_in(granted.school_id()).await?;
        page.waiting = waiting::accounts(granted, &mut tx).await?.changes;
        tx.commit().await?;
    }
    html(&page)
}

pub async fn create_student(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::CreatePupils>,
    Form(form): Form<PersonForm>,
) -> PageResult {
    create(&app, &visitor, &granted, true, form, async |year: &Year, typed: &ParsedForm| {
        creation::create_pupil(&granted, &app, year, typed).await
    })
    .await
}

pub async fn create_teacher(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Form(form): Form<PersonForm>,
) -> PageResult {
    create(&app, &visitor, &granted, false, form, async |year: &Year, typed: &ParsedForm| {
        creation::invite(&granted, &app, Role::Teacher, year, typed).await
    })
    .await
}

async fn create<P: Permission>(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<P>,
    is_student: bool,
    form: PersonForm,
    admit: impl AsyncFnOnce(&Year, &ParsedForm) -> Result<Result<MemberId, FormErrors>>,
) -> PageResult {
    let kind = RosterKind::of(granted.school.kind, is_student);
    let (year, classes) = year_and_classes(app, granted).await?;
    let typed = match form.values_of_new(kind, &classes, app.clock.today()) {
        Ok(typed) => typed,
        Err(faults) => return refused(&form_page(visitor, granted, kind, classes, form, faults)),
    };
    let twins = unseen_twins(app, granted, &year, is_student, &form, &typed).await?;
    if !twins.is_empty() {
        let faults = FormErrors::one("twins", "fault-twin");
        let mut page = form_page(visitor, granted, kind, classes, form, faults);
        page.twins = twins;
        return refused(&page);
    }
    let id = match admit(&year, &typed).await? {
        Ok(id) => id,
        Err(faults) => return refused(&form_page(visitor, granted, kind, classes, form, faults)),
    };
    Ok(page::redirect(next(granted, is_student, &form, id)))
}

/// The address of the person, or of an empty form for the next one, which keeps the class. A teacher may not open a
/// pupil's page.
fn next<P: Permission>(granted: &Granted<P>, is_student: bool, form: &PersonForm, id: MemberId) -> Address {
    let code = &granted.school.code;
    if form.again.is_empty() && granted.may::<may::ManageAccounts>() {
        return paths::Account::of(code, id).with("done", "member-created");
    }
    let form_page: Address =
        if is_student { paths::NewStudent::of(code).into() } else { paths::NewTeacher::of(code).into() };
    let kept = [Field::Class, Field::Department].map(|field| (field.key(), form.typed(field)));
    let kept = kept.iter().filter(|(_, value)| !value.is_empty());
    kept.fold(form_page, |page, (name, value)| page.with(name, value)).with("made", id)
}

/// Members who may be the same person and were not shown yet: asked about before a person is created twice.
async fn unseen_twins<P: Permission>(
    app: &App,
    granted: &Granted<P>,
    year: &Year,
    is_student: bool,
    form: &PersonForm,
    typed: &ParsedForm,
) -> Result<Vec<DuplicateCandidate>> {
    let full_name = typed.values.get(&Field::FullName).map_or("", String::as_str);
    let birth_date = typed.values.get(&Field::BirthDate).and_then(|date| date.parse().ok());
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    // If the address is in use, the form is refused for that; no question is needed.
    let by_email = !(is_student && granted.school.kind == SchoolKind::K12);
    if by_email && creation::is_known(granted, &mut tx, typed).await? {
        return Ok(Vec::new());
    }
    let mut twins = duplicates::of(granted, &mut tx, year.id, is_student, full_name, birth_date).await?;
    let alike = alike::of(granted, &mut tx, year.id, is_student, &typed.values).await?;
    tx.commit().await?;
    let is_alike = |twin: &DuplicateCandidate| alike.iter().any(|other| other.id == twin.id);
    let further: Vec<DuplicateCandidate> =
        alike.iter().filter(|other| twins.iter().all(|twin| twin.id != other.id)).cloned().collect();
    twins.extend(further);
    let is_seen = |twin: &DuplicateCandidate| form.seen.iter().any(|id| *id == twin.id.to_string());
    if !twins.iter().any(|twin| (twin.is_the_same_as(&typed.values) || is_alike(twin)) && !is_seen(twin)) {
        twins.clear();
    }
    Ok(twins)
}

/// What has been typed so far.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct TwinsQuery {
    kind: String,
    full_name: String,
    birth_date: String,
}

/// Possible duplicates, looked up while the name is typed.
pub async fn twins(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::CreatePupils>,
    Query(query): Query<TwinsQuery>,
) -> PageResult {
    let is_student = query.kind != "teacher";
    if !is_student && !granted.may::<may::ManageAccounts>() {
        return Err(Error::Forbidden);
    }
    // As typed: a date that cannot be read yet narrows nothing.
    let birth_date = fields::normalise(Field::BirthDate, &query.birth_date, app.clock.today());
    let birth_date = birth_date.ok().and_then(|date| date.value?.parse().ok());
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(&granted, &mut tx, app.clock.today()).await?;
    let twins = duplicates::of(&granted, &mut tx, year.id, is_student, &query.full_name, birth_date).await?;
    let of_registry = registry_twins::of(&granted, &mut tx, is_student, &query.full_name, birth_date).await?;
    tx.commit().await?;
    let code = granted.school.code.clone();
    html(&TwinsPart { l: visitor.l, code, twins, of_registry, manages: granted.may::<may::ManageAccounts>() })
}
