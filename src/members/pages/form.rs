//! The form of one person: somebody new, or a change.

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    members::{
        admission,
        changes::{self, kind_of, may_change_email},
        fields::{Field, RosterKind, required_of_new},
        forms::{PersonForm, lacking},
        subject::Subject,
    },
    schools::{
        classes::{self, Class},
        shell::{self, Entry},
        years::{self, Year},
    },
    web::{
        L, Reply, Shell, Visitor,
        forms::{Faults, Form},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "members/form.html")]
struct FormPage {
    l: L,
    shell: Shell,
    code: String,
    kind: RosterKind,
    /// Whom the form changes, and the name that the school knows; nobody where somebody new is created.
    person: Option<(Uuid, String)>,
    /// The person's e-mail is what he signs in with, and his own to change.
    email_is_own: bool,
    classes: Vec<Class>,
    form: PersonForm,
    faults: Faults,
}

impl FormPage {
    fn noun(&self) -> &'static str {
        match self.kind {
            RosterKind::Students | RosterKind::HigherStudents => "student",
            RosterKind::Teachers | RosterKind::HigherTeachers => "teacher",
        }
    }

    fn action(&self) -> String {
        match &self.person {
            Some((id, _)) => format!("/schools/{}/accounts/{id}", self.code),
            None => format!("/schools/{}/accounts/{}s", self.code, self.noun()),
        }
    }

    /// Where one goes who does not want to after all.
    fn back(&self) -> String {
        match self.person {
            Some(_) => self.action(),
            None => format!("/schools/{}/accounts?role={}", self.code, self.noun()),
        }
    }

    fn fields(&self) -> impl Iterator<Item = &'static Field> {
        let own = self.email_is_own;
        PersonForm::fields(self.kind).iter().filter(move |field| !(own && **field == Field::Email))
    }

    fn is_required(&self, field: &Field) -> bool {
        *field == Field::FullName || self.person.is_none() && required_of_new(self.kind).contains(field)
    }

    fn hint(&self, field: &Field) -> String {
        match field {
            Field::MotherName if self.person.is_none() => self.l.t("form-parent-hint"),
            Field::Email if self.person.is_none() && self.kind != RosterKind::Students => self.l.t("form-email-hint"),
            _ => String::new(),
        }
    }

    fn input_kind(field: &Field) -> &'static str {
        match field {
            Field::BirthDate => "date",
            Field::Email => "email",
            Field::Phone => "tel",
            _ => "text",
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NewQuery {
    class: String,
}

pub async fn new_student(
    State(app): State<App>,
    visitor: Visitor,
    granted: Granted<may::ManageAccounts>,
    Query(query): Query<NewQuery>,
) -> Reply {
    new(&app, &visitor, &granted, true, query).await
}

pub async fn new_teacher(State(app): State<App>, visitor: Visitor, granted: Granted<may::ManageAccounts>) -> Reply {
    new(&app, &visitor, &granted, false, NewQuery::default()).await
}

async fn new(
    app: &App,
    visitor: &Visitor,
    granted: &Granted<may::ManageAccounts>,
    is_student: bool,
    query: NewQuery,
) -> Reply {
    let form = PersonForm { class: query.class, ..PersonForm::default() };
    let (_, classes) = year_and_classes(app, granted).await?;
    let kind = kind_of(granted.school.kind, is_student);
    html(&form_page(visitor, granted, kind, classes, form, Faults::new()))
}

pub async fn create_student(
    State(app): State<App>,
    visitor: Visitor,
    granted: Granted<may::ManageAccounts>,
    Form(form): Form<PersonForm>,
) -> Reply {
    create(&app, &visitor, &granted, true, form).await
}

pub async fn create_teacher(
    State(app): State<App>,
    visitor: Visitor,
    granted: Granted<may::ManageAccounts>,
    Form(form): Form<PersonForm>,
) -> Reply {
    create(&app, &visitor, &granted, false, form).await
}

async fn create(
    app: &App,
    visitor: &Visitor,
    granted: &Granted<may::ManageAccounts>,
    is_student: bool,
    form: PersonForm,
) -> Reply {
    let kind = kind_of(granted.school.kind, is_student);
    let (year, classes) = year_and_classes(app, granted).await?;
    let typed = form.values(kind, &classes, app.clock.today()).and_then(|typed| {
        let lacking = lacking(kind, &typed.values);
        lacking.or_ok(typed)
    });
    let created = match typed {
        Ok(typed) => admission::create(granted, app, kind, &year, &typed).await?,
        Err(faults) => Err(faults),
    };
    let id = match created {
        Ok(id) => id,
        Err(faults) => return refused(&form_page(visitor, granted, kind, classes, form, faults)),
    };
    let base = format!("/schools/{}/accounts", granted.school.code);
    Ok(page::redirect(&match (form.again.is_empty(), is_student) {
        (true, _) => format!("{base}/{id}?done=member-created"),
        (false, true) => format!("{base}/new/student?class={}&done=member-created", form.class),
        (false, false) => format!("{base}/new/teacher?done=member-created"),
    }))
}

pub async fn edit(
    State(app): State<App>,
    visitor: Visitor,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, String)>,
) -> Reply {
    let id = member_id(&id)?;
    let (year, classes) = year_and_classes(&app, &granted).await?;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let subject = Subject::find(&granted, &mut tx, year.id, id).await?;
    tx.commit().await?;
    let class = subject.values.get(&Field::Class).and_then(|name| classes.iter().find(|class| class.name == *name));
    let form = PersonForm::of(&subject.values, class.map(|class| class.id), subject.version);
    html(&change_page(&visitor, &granted, &subject, classes, form, Faults::new()))
}

pub async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, String)>,
    Form(form): Form<PersonForm>,
) -> Reply {
    let id = member_id(&id)?;
    let (year, classes) = year_and_classes(&app, &granted).await?;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let subject = Subject::find(&granted, &mut tx, year.id, id).await?;
    tx.commit().await?;
    // Who sends no version means the person as he is.
    let version = form.version.parse().unwrap_or(subject.version);
    let typed = form.values(kind_of(granted.school.kind, !subject.is_staff()), &classes, app.clock.today());
    let changed = match typed {
        Ok(typed) => changes::change(&granted, &app, &year, id, version, &typed).await?,
        Err(faults) => Err(faults),
    };
    match changed {
        Ok(()) => Ok(page::redirect(&format!("/schools/{}/accounts/{id}?done=member-changed", granted.school.code))),
        Err(faults) => refused(&change_page(&visitor, &granted, &subject, classes, form, faults)),
    }
}

async fn year_and_classes(app: &App, granted: &Granted<may::ManageAccounts>) -> Result<(Year, Vec<Class>)> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let classes = classes::of_year(granted, &mut tx, year.id).await?;
    tx.commit().await?;
    Ok((year, classes))
}

fn form_page(
    visitor: &Visitor,
    granted: &Granted<may::ManageAccounts>,
    kind: RosterKind,
    classes: Vec<Class>,
    form: PersonForm,
    faults: Faults,
) -> FormPage {
    FormPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, Entry::Accounts),
        code: granted.school.code.clone(),
        kind,
        person: None,
        email_is_own: false,
        classes,
        form,
        faults,
    }
}

fn change_page(
    visitor: &Visitor,
    granted: &Granted<may::ManageAccounts>,
    subject: &Subject,
    classes: Vec<Class>,
    form: PersonForm,
    faults: Faults,
) -> FormPage {
    let kind = kind_of(granted.school.kind, !subject.is_staff());
    FormPage {
        person: Some((subject.id, subject.values.get(&Field::FullName).cloned().unwrap_or_default())),
        email_is_own: !may_change_email(subject.signs_in_by_email, subject.status),
        ..form_page(visitor, granted, kind, classes, form, faults)
    }
}

fn member_id(id: &str) -> Result<Uuid> {
    id.parse().map_err(|_| Error::NotFound)
}
