//! The form of a teacher, and the schools that are found while typing.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use crate::{
    access::{School, Scope, SignedIn},
    app::App,
    error::{Error, Result},
    identity::{
        accounts, own_password,
        password::{self, PolicyContext},
        throttle,
    },
    paths,
    registration::{
        forms::{TakenTeacher, TeacherForm},
        search::{self, FoundSchool},
        teachers,
    },
    roster::fields::{Field, Values},
    schools::directory,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "registration/teacher.html")]
struct RegisterTeacherPage {
    l: Translator,
    shell: Shell,
    /// The login of a signed-in account: it is not asked for an address and a password.
    login: Option<String>,
    form: TeacherForm,
    /// What was looked for, and found.
    found: Option<Vec<FoundSchool>>,
    faults: FormErrors,
}

/// The schools alone, for the search while typing.
#[derive(Template)]
#[template(path = "registration/schools.html")]
struct SchoolsPart {
    l: Translator,
    form: TeacherForm,
    found: Option<Vec<FoundSchool>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SchoolQuery {
    school: String,
}

/// An account that is signed in with an e-mail address, and has chosen its password.
fn registrant(visitor: &RequestContext) -> Option<&SignedIn> {
    visitor.signed_in.as_ref().filter(|who| !who.must_choose_password && accounts::is_email(&who.login))
}

pub async fn show(State(app): State<App>, visitor: RequestContext, Query(query): Query<SchoolQuery>) -> PageResult {
    let found = if query.school.is_empty() { None } else { Some(search::schools(&app.db, &query.school).await?) };
    let mut form = TeacherForm { school: query.school, ..TeacherForm::default() };
    if let Some([only]) = found.as_deref() {
        form.school_found.clone_from(&form.school);
        form.school_choice.clone_from(&only.code);
    }
    html(&page_of(&visitor, form, found, FormErrors::new()))
}

pub async fn schools(State(app): State<App>, visitor: RequestContext, Query(query): Query<SchoolQuery>) -> PageResult {
    let found =
        if query.school.trim().is_empty() { None } else { Some(search::schools(&app.db, &query.school).await?) };
    html(&SchoolsPart { l: visitor.l, form: TeacherForm { school: query.school, ..TeacherForm::default() }, found })
}

fn page_of(
    visitor: &RequestContext,
    form: TeacherForm,
    found: Option<Vec<FoundSchool>>,
    faults: FormErrors,
) -> RegisterTeacherPage {
    let login = registrant(visitor).map(|who| who.login.clone());
    RegisterTeacherPage { l: visitor.l, shell: Shell::plain(visitor), login, form, found, faults }
}

pub async fn submit(State(app): State<App>, visitor: RequestContext, Form(form): Form<TeacherForm>) -> PageResult {
    let mut faults = FormErrors::new();
    let registrant = registrant(&visitor);
    let values = match form.values(registrant.is_none(), app.clock.today()) {
        Ok(values) => values,
        Err(wrong) => {
            faults.add_all(&wrong);
            Values::new()
        }
    };
    let (school, found) = match find_school(&app, &form).await? {
        Ok(school) => (Some(school), None),
        Err((fault, found)) => {
            faults.add("school", fault);
            (None, Some(found))
        }
    };
    if registrant.is_none() {
        let context = context(&values, school.as_deref());
        password::judge_twice(&form.password, &form.password_again, &context, &mut faults);
    }
    let school = match school {
        Some(school) if faults.is_empty() => school,
        chosen => return refuse(&app, &visitor, form, found, chosen.as_deref(), faults).await,
    };
    match registrant {
        Some(who) => {
            let (account, login) = (who.account_id, who.login.as_str());
            take_one(&app, &visitor, login).await?;
            let taken =
                teachers::register_signed_in(&app, school.clone(), account, login, &values, visitor.address).await?;
            match taken {
                Ok(()) => Ok(page::redirect(paths::Registration::of().with("done", "registered"))),
                Err(faults) => refuse(&app, &visitor, form, found, Some(&school), faults).await,
            }
        }
        None => {
            let email = values.get(&Field::Email).cloned().unwrap_or_default();
            take_one(&app, &visitor, &email).await?;
            let context = context(&values, Some(&school));
            match own_password::choose(&app, &form.password, &form.password_again, &context).await? {
                Ok(chosen) => {
                    let taken = TakenTeacher { values, school_id: school.id };
                    teachers::receive(&app, &email, &taken, &chosen, visitor.l.0, visitor.address).await?;
                    Ok(page::redirect(paths::RegisterSent::PATH))
                }
                Err(refusal) => {
                    let mut faults = FormErrors::new();
                    refusal.add_to(&mut faults);
                    refuse(&app, &visitor, form, found, Some(&school), faults).await
                }
            }
        }
    }
}

/// # Errors
/// [`Error::TooManyTries`] where this address, or this network, has registered too often.
async fn take_one(app: &App, visitor: &RequestContext, email: &str) -> Result<()> {
    let email = accounts::fold_login(email);
    throttle::may_register(&app.db, &email, visitor.address, app.clock.now()).await?.map_err(Error::TooManyTries)
}

/// A school that was chosen stays chosen, by its name.
async fn refuse(
    app: &App,
    visitor: &RequestContext,
    mut form: TeacherForm,
    mut found: Option<Vec<FoundSchool>>,
    school: Option<&School>,
    faults: FormErrors,
) -> PageResult {
    if let Some(school) = school {
        let mut chosen = search::schools(&app.db, &school.code).await?;
        chosen.retain(|each| each.code == school.code);
        form.school_choice.clone_from(&school.code);
        form.school.clone_from(if chosen.is_empty() { &school.code } else { &school.name });
        found = Some(chosen).filter(|chosen| !chosen.is_empty());
    }
    form.school_found.clone_from(&form.school);
    refused(&page_of(visitor, form, found, faults))
}

type NotFound = (&'static str, Vec<FoundSchool>);

/// The school of the code that was typed or chosen; otherwise the fault, and the schools that may be meant.
async fn find_school(app: &App, form: &TeacherForm) -> Result<std::result::Result<Arc<School>, NotFound>> {
    let code = form.school_code();
    if code.is_empty() {
        return Ok(Err(("fault-school-missing", Vec::new())));
    }
    match directory::find(&app.db, code).await {
        Ok(school) => {
            let scope = Scope::system(school.clone());
            let is_suspended = directory::is_suspended(&scope, &mut *app.db.pool().acquire().await?).await?;
            return Ok(if is_suspended { Err(("fault-school-suspended", Vec::new())) } else { Ok(school) });
        }
        Err(Error::NotFound) => {}
        Err(error) => return Err(error),
    }
    let found = search::schools(&app.db, &form.school).await?;
    Ok(Err((if found.is_empty() { "fault-school-unknown" } else { "fault-school-choose" }, found)))
}

fn context<'a>(values: &'a Values, school: Option<&'a School>) -> PolicyContext<'a> {
    PolicyContext {
        staff: true,
        person_name: values.get(&Field::FullName).map_or("", String::as_str),
        school_name: school.map_or("", |school| school.name.as_str()),
        login: values.get(&Field::Email).map_or("", String::as_str),
        temporary: None,
    }
}
