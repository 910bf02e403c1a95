//! The form of one person, for creating and for changing; and the change itself.

use askama::Template;
use axum::extract::State;

use crate::{
    access::{Granted, MemberAction, Permission, Scope, may},
    accounts::{
        editing::{self, may_change_email},
        forms::PersonForm,
    },
    app::App,
    error::Result,
    ids::{ClassId, MemberId},
    paths,
    roster::{
        duplicates::DuplicateCandidate,
        fields::{Field, RosterKind, of_forms, required_of_new},
        subject::LockedMember,
    },
    schools::{
        classes::{self, Class},
        years::{self, Year},
    },
    shell::{self, MenuPage},
    sources::registry::twins::RegistryTwin,
    vietnam::national_id,
    web::{
        PageResult, RequestContext, Shell, Translator,
        address_parts::Path,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "accounts/form.html")]
pub struct FormPage {
    l: Translator,
    shell: Shell,
    code: String,
    kind: RosterKind,
    /// The member that the form changes, and the name stored for them; `None` where a new one is created.
    person: Option<(MemberId, String)>,
    /// The person signs in with this e-mail address, so only they may change it.
    email_is_own: bool,
    classes: Vec<Class>,
    form: PersonForm,
    /// Possible duplicates: shown while typing, or asked about.
    pub twins: Vec<DuplicateCandidate>,
    pub of_registry: Vec<RegistryTwin>,
    /// How many changes of the registry are not synced yet, for the hint to sync first.
    pub waiting: i64,
    /// The member just created, while the next one is entered.
    pub made: Option<Made>,
    /// The visitor may open people's pages.
    manages: bool,
    makes_classes: bool,
    faults: FormErrors,
}

/// A member that the form has just created.
pub struct Made {
    pub id: MemberId,
    pub name: String,
    pub username: Option<String>,
}

/// The part of the form that shows possible duplicates.
#[derive(Template)]
#[template(path = "accounts/duplicates.html")]
pub struct TwinsPart {
    pub l: Translator,
    pub code: String,
    pub twins: Vec<DuplicateCandidate>,
    pub of_registry: Vec<RegistryTwin>,
    pub manages: bool,
}

impl FormPage {
    /// A pupil in a class can be given another class, but not none.
    fn keeps_class(&self) -> bool {
        self.person.is_some() && !self.form.typed(Field::Class).is_empty()
    }

    /// A new person must be in a class, and the school has none yet.
    fn lacks_classes(&self) -> bool {
        self.person.is_none() && self.classes.is_empty() && required_of_new(self.kind).contains(&Field::Class)
    }

    /// Rarely used fields are collapsed: no key is needed to skip them.
    fn is_rare(&self, field: &Field) -> bool {
        self.person.is_none() && !self.is_required(field) && field.info().is_rare
    }

    /// Where the focus starts, unless something is wrong, which is read first.
    fn is_first(&self, field: &Field) -> bool {
        *field == Field::FullName && self.person.is_none() && self.faults.is_empty()
    }

    fn often(&self) -> impl Iterator<Item = &'static Field> {
        self.fields().filter(|field| !self.is_rare(field))
    }

    fn rarely(&self) -> Vec<&'static Field> {
        self.fields().filter(|field| self.is_rare(field)).collect()
    }

    /// Whether a collapsed field has a value or a fault.
    fn is_unfolded(&self) -> bool {
        self.rarely()
            .iter()
            .any(|field| !self.form.typed(**field).is_empty() || self.faults.of(&self.l, field.key()).is_some())
    }

    fn noun(&self) -> &'static str {
        match self.kind {
            RosterKind::Students | RosterKind::HigherStudents => "student",
            RosterKind::Teachers | RosterKind::HigherTeachers | RosterKind::Classes => "teacher",
        }
    }

    fn action(&self) -> String {
        match &self.person {
            Some((id, _)) => paths::Account::of(&self.code, id).to_string(),
            None if self.noun() == "student" => paths::Students::of(&self.code).to_string(),
            None => paths::Teachers::of(&self.code).to_string(),
        }
    }

    /// Where "cancel" leads.
    fn back(&self) -> String {
        match self.person {
            Some(_) => self.action(),
            None if self.manages => paths::Accounts::of(&self.code).with("role", self.noun()).to_string(),
            None => paths::School::of(&self.code).to_string(),
        }
    }

    fn fields(&self) -> impl Iterator<Item = &'static Field> {
        let own = self.email_is_own;
        of_forms(self.kind).iter().filter(move |field| !(own && **field == Field::Email))
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
            Field::Email => "email",
            Field::Phone => "tel",
            _ => "text",
        }
    }
}

pub async fn edit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MemberId)>,
) -> PageResult {
    let (year, classes) = year_and_classes(&app, &granted).await?;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let subject = LockedMember::find(&granted, &mut tx, year.id, id, MemberAction::Edit).await?;
    tx.commit().await?;
    let mut form = PersonForm::of(&subject.values, class_of(&subject, &classes), subject.version);
    form.set(Field::NationalId, national_id::masked(form.typed(Field::NationalId)));
    html(&change_page(&visitor, &granted, &subject, classes, form, FormErrors::new()))
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MemberId)>,
    Form(mut form): Form<PersonForm>,
) -> PageResult {
    let (year, classes) = year_and_classes(&app, &granted).await?;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let subject = LockedMember::find(&granted, &mut tx, year.id, id, MemberAction::Edit).await?;
    tx.commit().await?;
    if form.typed(Field::Class).is_empty() {
        form.set(Field::Class, class_of(&subject, &classes).map(|id| id.to_string()).unwrap_or_default());
    }
    // The form shows a masked personal number; if that comes back unchanged, the stored number stays.
    let mut typed = form.clone();
    let stored = subject.values.get(&Field::NationalId);
    if let Some(number) = stored.filter(|number| national_id::masked(number) == typed.typed(Field::NationalId)) {
        typed.set(Field::NationalId, number);
    }
    // A request without a version is taken as made over the current one.
    let version = form.version.parse().unwrap_or(subject.version);
    let typed = typed.values(RosterKind::of(granted.school.kind, !subject.is_staff()), &classes, app.clock.today());
    let changed = match typed {
        Ok(typed) => editing::change(&granted, &app, &year, id, version, &typed).await?,
        Err(faults) => Err(faults),
    };
    match changed {
        Ok(()) => Ok(page::redirect(paths::Account::of(&granted.school.code, id).with("done", "member-changed"))),
        Err(faults) => refused(&change_page(&visitor, &granted, &subject, classes, form, faults)),
    }
}

fn class_of(subject: &LockedMember, classes: &[Class]) -> Option<ClassId> {
    let name = subject.values.get(&Field::Class)?;
    classes.iter().find(|class| class.name == *name).map(|class| class.id)
}

pub async fn year_and_classes(app: &App, granted: &Scope) -> Result<(Year, Vec<Class>)> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let classes = classes::of_year(granted, &mut tx, year.id).await?;
    tx.commit().await?;
    Ok((year, classes))
}

pub fn form_page<P: Permission>(
    visitor: &RequestContext,
    granted: &Granted<P>,
    kind: RosterKind,
    classes: Vec<Class>,
    form: PersonForm,
    faults: FormErrors,
) -> FormPage {
    let manages = granted.may::<may::ManageAccounts>();
    FormPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, if manages { MenuPage::Accounts } else { MenuPage::NewPupil }),
        code: granted.school.code.clone(),
        kind,
        person: None,
        email_is_own: false,
        classes,
        form,
        twins: Vec::new(),
        of_registry: Vec::new(),
        waiting: 0,
        made: None,
        manages,
        makes_classes: granted.may::<may::ManageClasses>(),
        faults,
    }
}

fn change_page(
    visitor: &RequestContext,
    granted: &Granted<may::ManageAccounts>,
    subject: &LockedMember,
    classes: Vec<Class>,
    form: PersonForm,
    faults: FormErrors,
) -> FormPage {
    let kind = RosterKind::of(granted.school.kind, !subject.is_staff());
    FormPage {
        person: Some((subject.id, subject.name().to_owned())),
        email_is_own: !may_change_email(subject),
        ..form_page(visitor, granted, kind, classes, form, faults)
    }
}
