//! Making, changing and taking leave of people, by the actions of their pages.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};
use sqlx::PgConnection;

use super::{
    answer::{Resource, ScimRefusal, ScimResult},
    kept::SyncedResource,
    patch,
    people::{self, ScimPerson},
    schema::{self, Schema},
    wanted::WantedPerson,
};
use crate::{
    access::{Granted, MemberAction, Role, SchoolKind, Scope, may},
    accounts::{creation, departure, editing, forms::ParsedForm, role, suspension},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    identity::accounts,
    ids::MemberId,
    roster::{
        fields::{Field, Values},
        model::Status,
        store,
        subject::{self, LockedMember},
        usernames,
    },
    schools::years::Year,
    web::scim::{ScimError, ScimType},
};

impl SyncedResource for ScimPerson {
    type Wanted = WantedPerson;

    const SCHEMA: &str = schema::USER;

    fn read(resource: &Value, today: NaiveDate) -> ScimResult<WantedPerson> {
        Ok(WantedPerson::read(resource, today)?)
    }

    fn address_id(&self) -> String {
        self.id.to_string()
    }

    fn told(&self, app: &App) -> Resource {
        self.resource(app)
    }

    async fn find(scope: &Scope, tx: &mut PgConnection, year: &Year, id: &str) -> Result<Self> {
        people::find(scope, tx, year.id, id).await
    }

    async fn find_to_change(scope: &Scope, tx: &mut PgConnection, year: &Year, id: &str) -> Result<Self> {
        subject::lock(scope, tx, id.parse().map_err(|_| Error::NotFound)?).await?;
        people::find(scope, tx, year.id, id).await
    }

    /// A pupil gets an account, a person who signs in with an own address is invited. A member who left and is known to the
    /// other system by the same name comes back.
    async fn make(
        scope: &Scope,
        app: &App,
        tx: &mut PgConnection,
        year: &Year,
        wanted: &WantedPerson,
    ) -> ScimResult<String> {
        let user_name = wanted.user_name.as_ref().ok_or_else(|| wrong("userName is missing"))?;
        let role = wanted.role.unwrap_or(Role::Student);
        if role == Role::Manager {
            return Err(Error::Forbidden.into());
        }
        if let Some(id) = come_back(scope, app, tx, year, wanted).await? {
            return Ok(id.to_string());
        }
        if is_taken(scope, tx, user_name).await? {
            return Err(name_taken().into());
        }
        let id = make_member(scope, app, tx, year, (role, wanted)).await?;
        note_names(scope, tx, id, wanted.external_id.as_deref(), Some(&user_name.to_lowercase())).await?;
        if wanted.active == Some(false) {
            let of = [Status::Active, Status::Invited];
            suspension::suspend_in(&scope.grant()?, app, tx, id, &of, "").await?;
        }
        Ok(id.to_string())
    }

    async fn change(
        &self,
        scope: &Scope,
        app: &App,
        tx: &mut PgConnection,
        year: &Year,
        wanted: &WantedPerson,
    ) -> ScimResult<()> {
        if wanted.user_name.is_none() {
            return Err(wrong("userName is missing").into());
        }
        change(&scope.grant()?, app, tx, year, self, wanted).await
    }

    /// A person leaves; nothing about them is lost.
    async fn remove(&self, scope: &Scope, app: &App, tx: &mut PgConnection) -> ScimResult<()> {
        departure::leave_in(&scope.grant()?, app, tx, self.id, "").await?;
        Ok(())
    }

    fn patched(
        &self,
        schema: &Schema,
        mut resource: Map<String, Value>,
        request: &Value,
    ) -> ScimResult<Map<String, Value>> {
        // Programs name the kind of an address, of which there is one here.
        if let Some(Value::Array(emails)) = resource.get_mut("emails") {
            emails.iter_mut().filter_map(Value::as_object_mut).for_each(|email| {
                email.insert("type".to_owned(), "work".into());
            });
        }
        let mut nameless = resource.clone();
        nameless.insert("name".to_owned(), json!({}));
        patch::apply(schema, &mut resource, request)?;
        patch::apply(schema, &mut nameless, request)?;
        // A whole name that is sent without parts takes the place of the parts there were.
        if let Some(Value::Object(name)) = nameless.get("name")
            && name.keys().all(|part| part.eq_ignore_ascii_case("formatted"))
            && !name.is_empty()
        {
            resource.insert("name".to_owned(), Value::Object(name.clone()));
        }
        Ok(resource)
    }
}

/// The member who left and is meant, where there is one, comes back as what is wanted.
async fn come_back(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    year: &Year,
    wanted: &WantedPerson,
) -> ScimResult<Option<MemberId>> {
    let granted: Granted<may::ManageAccounts> = scope.grant()?;
    let Some(id) = departed(scope, tx, wanted).await? else { return Ok(None) };
    if !departure::come_back_in(&granted, app, tx, id).await? {
        return Ok(None);
    }
    let person = people::find(scope, tx, year.id, &id.to_string()).await?;
    let known_by = WantedPerson { user_name: None, ..wanted.clone() };
    change(&granted, app, tx, year, &person, &known_by).await?;
    let person = people::find(scope, tx, year.id, &id.to_string()).await?;
    if let Some(user_name) = wanted.user_name.as_ref().filter(|name| !person.goes_by(name)) {
        if is_taken(scope, tx, user_name).await? {
            return Err(name_taken().into());
        }
        note_names(scope, tx, id, person.external_id.as_deref(), Some(&user_name.to_lowercase())).await?;
    }
    Ok(Some(id))
}

async fn make_member(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    year: &Year,
    (role, wanted): (Role, &WantedPerson),
) -> ScimResult<MemberId> {
    let today = app.clock.today();
    let full_name = wanted.full_name.as_ref().ok_or_else(|| wrong("name is missing"))?;
    let mut values = Values::from([(Field::FullName, full_name.clone())]);
    values.extend(wanted.email.clone().or_else(|| wanted.name_as_email(today)).map(|email| (Field::Email, email)));
    let made = if role != Role::Student || scope.school.kind == SchoolKind::Higher {
        if !values.contains_key(&Field::Email) {
            return Err(wrong("emails is missing: the invitation goes there").into());
        }
        let typed = ParsedForm { values, class_id: None };
        creation::invite_in(&scope.grant()?, app, tx, role, year, &typed).await?
    } else {
        if let Some(username) = wanted.username(today) {
            let login = usernames::login(&username, &scope.school.code);
            if !accounts::taken_logins(tx, &[login]).await?.is_empty() {
                return Err(ScimError::conflict(Some(ScimType::Uniqueness), "the userName is taken").into());
            }
            values.insert(Field::Username, username);
        }
        let typed = ParsedForm { values, class_id: None };
        creation::create_pupil_in(&scope.grant()?, app, tx, year, &typed).await?
    };
    Ok(made.map_err(|_| taken())?)
}

/// Makes the person what is wanted, by what the pages do.
async fn change(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    tx: &mut PgConnection,
    year: &Year,
    person: &ScimPerson,
    wanted: &WantedPerson,
) -> ScimResult<()> {
    if wanted.user_name.as_ref().is_some_and(|name| !person.goes_by(name)) {
        return Err(immutable("userName").into());
    }
    edit(granted, app, tx, year, person, wanted).await?;
    if let Some(role) = wanted.role.filter(|role| *role != person.role) {
        role::change_in(granted, app, tx, person.id, role).await.map_err(role_refused)?;
    }
    match wanted.active {
        Some(true) if !person.is_active() => {
            suspension::lift_in(granted, app, tx, person.id).await?;
        }
        Some(false) if person.is_active() => {
            suspension::suspend_in(granted, app, tx, person.id, &[Status::Active, Status::Invited], "").await?;
        }
        _ => {}
    }
    if wanted.external_id != person.external_id {
        LockedMember::find(granted, tx, year.id, person.id, MemberAction::Edit).await?;
        note_names(granted, tx, person.id, wanted.external_id.as_deref(), person.asked_name.as_deref()).await?;
        let action = AuditAction::MemberChanged { fields: Vec::new(), from_class: None, to_class: None };
        audit::record(granted, app, tx, Event::about(action, person.id)).await?;
    }
    Ok(())
}

/// Changes the name and the address.
async fn edit(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    tx: &mut PgConnection,
    year: &Year,
    person: &ScimPerson,
    wanted: &WantedPerson,
) -> ScimResult<()> {
    let known = store::known(granted, tx, year.id, &[person.id]).await?.pop().ok_or(Error::NotFound)?;
    let full_name = wanted.full_name.clone().ok_or_else(|| wrong("name is missing"))?;
    let mut values = known.values.clone();
    values.insert(Field::FullName, full_name);
    let email = wanted.email.as_ref().map(|email| email.to_lowercase());
    if email != person.email.as_ref().map(|email| email.to_lowercase()) {
        match &wanted.email {
            // Also of a person who left and came back: an invitation to another address would hand over their record.
            Some(_) if !editing::may_change_email(&known) || known.signs_in_by_email && known.has_signed_in => {
                return Err(immutable("emails").into());
            }
            Some(email) => {
                values.insert(Field::Email, email.clone());
            }
            // Who signs in with an address has one.
            None if known.signs_in_by_email => {}
            None => {
                values.remove(&Field::Email);
            }
        }
    }
    if values == known.values {
        return Ok(());
    }
    let typed = ParsedForm { values, class_id: None };
    let changed = editing::change_in(granted, app, tx, year, person.id, known.version, &typed).await?;
    changed.map_err(|_| taken().into())
}

/// Whether a person of the school goes by this user name, whatever their status.
async fn is_taken(scope: &Scope, tx: &mut PgConnection, user_name: &str) -> Result<bool> {
    let name = user_name.to_lowercase();
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM members m LEFT JOIN scim_people x ON x.school_id = $1 AND x.member_id = m.id
               WHERE m.school_id = $1 AND (x.user_name = $2 OR m.username IS NULL AND lower(m.email) = $2)
           ) OR EXISTS (SELECT FROM members m WHERE m.school_id = $1 AND m.username = $2)
           OR EXISTS (
               SELECT FROM member_aliases a JOIN members m ON m.school_id = $1 AND m.id = a.member_id
               WHERE a.school_id = $1 AND ($2 IN (lower(a."values" ->> 'username'), a.scim_user_name)
                   OR m.username IS NULL AND $2 IN (lower(a."values" ->> 'email'), lower(a.kept_values ->> 'email')))
           ) AS "taken!""#,
        scope.school_id(),
        name,
    )
    .fetch_one(tx)
    .await?)
}

/// The person who left and is meant: by the id or the name that the other system has for them or, of staff, by their
/// address. A name that comes with another id is another person's. A pupil's address is the family's, and may be that
/// of a teacher who left.
async fn departed(scope: &Scope, tx: &mut PgConnection, wanted: &WantedPerson) -> Result<Option<MemberId>> {
    let is_pupil = wanted.role.unwrap_or(Role::Student) == Role::Student;
    let found = sqlx::query_scalar!(
        "SELECT m.id FROM members m LEFT JOIN scim_people x ON x.school_id = $1 AND x.member_id = m.id
         WHERE m.school_id = $1 AND m.status = 'left'
             AND (m.role = 'student') = $5
             AND (x.external_id = $2
                 OR x.user_name = $3 AND ($2::text IS NULL OR x.external_id IS NULL OR x.external_id = $2)
                 OR m.username IS NULL AND lower(m.email) IN ($3, $4))
         ORDER BY x.external_id IS NOT DISTINCT FROM $2 DESC, m.id DESC LIMIT 1",
        scope.school_id(),
        wanted.external_id.as_deref(),
        wanted.user_name.as_ref().map(|name| name.to_lowercase()),
        wanted.email.as_ref().filter(|_| !is_pupil).map(|email| email.to_lowercase()),
        is_pupil,
    );
    Ok(found.fetch_optional(tx).await?)
}

/// Notes what the other system calls a person.
async fn note_names(
    scope: &Scope,
    tx: &mut PgConnection,
    id: MemberId,
    external_id: Option<&str>,
    user_name: Option<&str>,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO scim_people (school_id, member_id, external_id, user_name) VALUES ($1, $2, $3, $4)
         ON CONFLICT (school_id, member_id)
             DO UPDATE SET external_id = excluded.external_id, user_name = excluded.user_name, changed_at = excluded.changed_at",
        scope.school_id(),
        id,
        external_id,
        user_name,
    )
    .execute(tx)
    .await?;
    Ok(())
}

fn wrong(detail: &str) -> ScimError {
    ScimError::wrong(ScimType::InvalidValue, detail)
}

fn name_taken() -> ScimError {
    ScimError::conflict(Some(ScimType::Uniqueness), "there is a person of this userName")
}

fn immutable(name: &str) -> ScimError {
    ScimError::wrong(ScimType::Mutability, format!("{name} is not for a program to change"))
}

/// No two of the staff have the same address; a pupil may have that of one of them.
pub fn role_refused(error: Error) -> ScimRefusal {
    match error.violated_constraint() {
        Some("staff_email_taken") => taken().into(),
        _ => error.into(),
    }
}

fn taken() -> ScimError {
    ScimError::conflict(
        Some(ScimType::Uniqueness),
        "the e-mail address is another person's, or invited often enough for now",
    )
}
