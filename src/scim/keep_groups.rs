//! Making, changing and deleting classes, and who is in them; who has which role.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use serde_json::{Map, Value};
use sqlx::PgConnection;

use super::{
    answer::{Resource, ScimRefusal, ScimResult},
    groups::{self, GroupKind, ScimGroup},
    keep_people,
    kept::SyncedResource,
    patch,
    schema::{self, Schema},
    wanted::WantedGroup,
};
use crate::{
    access::{Granted, MemberAction, Role, Scope, may},
    accounts::role,
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result, stored},
    ids::{ClassId, MemberId},
    roster::{records, store, subject::LockedMember},
    schools::{
        classes::{self, ClassChange},
        homeroom,
        years::{self, Year},
    },
    web::scim::{ScimError, ScimType},
};

/// The most people whose role one request changes.
const MOST_ROLES: usize = 200;

/// The most people that one request moves into and out of a class.
const MOST_MOVED: usize = 2_000;

impl SyncedResource for ScimGroup {
    type Wanted = WantedGroup;

    const SCHEMA: &str = schema::GROUP;

    fn read(resource: &Value, _: NaiveDate) -> ScimResult<WantedGroup> {
        Ok(WantedGroup::read(resource)?)
    }

    fn address_id(&self) -> String {
        self.id()
    }

    fn told(&self, app: &App) -> Resource {
        self.resource(app)
    }

    async fn find(scope: &Scope, tx: &mut PgConnection, year: &Year, id: &str) -> Result<Self> {
        groups::find(scope, tx, year.id, id).await
    }

    /// A class of this year.
    async fn make(
        scope: &Scope,
        app: &App,
        tx: &mut PgConnection,
        year: &Year,
        wanted: &WantedGroup,
    ) -> ScimResult<String> {
        let granted: Granted<may::ManageClasses> = scope.grant()?;
        let name = wanted.class_name()?;
        let made = classes::create_in(&granted, app, tx, year.id, std::slice::from_ref(&name), None).await?;
        let id = made.first().ok_or_else(taken)?.id;
        note_external(scope, tx, id, wanted.external_id.as_deref()).await?;
        let class = groups::find(scope, tx, year.id, &id.to_string()).await?;
        put_members(&granted, app, tx, year, &class, &wanted.members).await?;
        Ok(id.to_string())
    }

    async fn change(
        &self,
        scope: &Scope,
        app: &App,
        tx: &mut PgConnection,
        year: &Year,
        wanted: &WantedGroup,
    ) -> ScimResult<()> {
        change(scope, app, tx, year, self, wanted).await
    }

    /// A class that never had pupils; one that has or had some is part of their history.
    async fn remove(&self, scope: &Scope, app: &App, tx: &mut PgConnection) -> ScimResult<()> {
        let granted: Granted<may::ManageClasses> = scope.grant()?;
        let GroupKind::Class { id, homeroom, .. } = self.kind else {
            return Err(ScimError::wrong(ScimType::Mutability, "roles are not deleted").into());
        };
        let year = years::current(scope, tx, app.clock.today()).await?;
        require_changeable(scope, tx, &year, homeroom).await?;
        if !classes::delete_in(&granted, app, tx, id).await? {
            return Err(ScimError::conflict(None, "the class has or had pupils, and stays on record").into());
        }
        Ok(())
    }

    fn patched(
        &self,
        schema: &Schema,
        mut resource: Map<String, Value>,
        request: &Value,
    ) -> ScimResult<Map<String, Value>> {
        resource.insert("displayName".to_owned(), self.name.clone().into());
        patch::apply(schema, &mut resource, request)?;
        Ok(resource)
    }
}

async fn change(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    year: &Year,
    group: &ScimGroup,
    wanted: &WantedGroup,
) -> ScimResult<()> {
    match &group.kind {
        GroupKind::Class { id, grade, homeroom } => {
            let granted: Granted<may::ManageClasses> = scope.grant()?;
            let name = wanted.class_name()?;
            if name != group.name {
                let change = ClassChange { name, grade: grade.clone(), homeroom_member_id: *homeroom };
                classes::change_in(&granted, app, tx, *id, &change).await.map_err(renamed)?;
            }
            if wanted.external_id != group.external_id {
                note_external(scope, tx, *id, wanted.external_id.as_deref()).await?;
                audit::record(scope, app, tx, Event::about(AuditAction::ClassChanged, *id)).await?;
            }
            put_members(&granted, app, tx, year, group, &wanted.members).await
        }
        GroupKind::Role(role) => {
            let is_same = wanted.sent_name()? == role.key() && wanted.external_id.is_none();
            if !is_same {
                return Err(ScimError::wrong(ScimType::Mutability, "of a role only the members change").into());
            }
            put_role(&scope.grant()?, app, tx, group, *role, &wanted.members).await
        }
    }
}

fn renamed(error: Error) -> ScimRefusal {
    match error.violated_constraint() {
        Some("class_name_taken") => taken().into(),
        _ => error.into(),
    }
}

fn taken() -> ScimError {
    ScimError::conflict(Some(ScimType::Uniqueness), "the school year has a class of this name")
}

/// Puts people into a class and takes others out: pupils are enrolled, the one member of the staff is the homeroom teacher.
async fn put_members(
    granted: &Granted<may::ManageClasses>,
    app: &App,
    tx: &mut PgConnection,
    year: &Year,
    class: &ScimGroup,
    wanted: &[String],
) -> ScimResult<()> {
    let GroupKind::Class { id, homeroom, .. } = class.kind else { return Ok(()) };
    let roles = roles(granted, tx, wanted).await?;
    let (pupils, staff): (Vec<_>, Vec<_>) = roles.into_iter().partition(|(_, role)| *role == Role::Student);
    if staff.len() > 1 {
        let detail = "a class has one homeroom teacher: of the staff, one person is a member";
        return Err(ScimError::wrong(ScimType::InvalidValue, detail).into());
    }
    let teacher = staff.first().map(|(teacher, _)| *teacher);
    if teacher != homeroom {
        require_changeable(granted, tx, year, homeroom).await?;
        require_changeable(granted, tx, year, teacher).await?;
        put_teacher(granted, app, tx, id, teacher).await?;
    }
    let before: Vec<MemberId> = class.members.iter().copied().filter(|member| Some(*member) != homeroom).collect();
    let now: Vec<MemberId> = pupils.into_iter().map(|(pupil, _)| pupil).collect();
    let were: HashSet<MemberId> = before.iter().copied().collect();
    let are: HashSet<MemberId> = now.iter().copied().collect();
    let new: Vec<MemberId> = now.into_iter().filter(|pupil| !were.contains(pupil)).collect();
    let gone: Vec<MemberId> = before.into_iter().filter(|pupil| !are.contains(pupil)).collect();
    if new.len() + gone.len() > MOST_MOVED {
        let detail = format!("a request moves {MOST_MOVED} people at most");
        return Err(ScimError::wrong(ScimType::InvalidValue, detail).into());
    }
    if !new.is_empty() {
        let came_from = store::class_ids(granted, tx, year.id, &new).await?;
        let moved = records::move_to(granted, tx, year.id, id, &new).await?;
        for pupil in moved {
            record_move(granted, app, tx, pupil, came_from.get(&pupil).copied(), Some(id)).await?;
        }
    }
    if !gone.is_empty() {
        take_out(granted, app, tx, year, id, &gone).await?;
    }
    Ok(())
}

/// Those who manage the school become homeroom teachers, or are it no more, by people alone.
///
/// # Errors
/// As [`LockedMember::find`].
async fn require_changeable(
    scope: &Scope,
    tx: &mut PgConnection,
    year: &Year,
    teacher: Option<MemberId>,
) -> Result<()> {
    if let Some(teacher) = teacher {
        LockedMember::find(scope, tx, year.id, teacher, MemberAction::Edit).await?;
    }
    Ok(())
}

async fn put_teacher(
    granted: &Granted<may::ManageClasses>,
    app: &App,
    tx: &mut PgConnection,
    id: ClassId,
    teacher: Option<MemberId>,
) -> Result<()> {
    match teacher {
        // Also one who is suspended for now: their class stays theirs.
        Some(teacher) => {
            classes::set_homeroom_teacher(granted, tx, id, teacher).await?;
            let action = AuditAction::HomeroomChanged { teacher: Some(teacher) };
            audit::record(granted, app, tx, Event::about(action, id)).await
        }
        None => homeroom::assign_in(granted, app, tx, &[(id, None)]).await.map(drop),
    }
}

/// Ends what pupils are enrolled in; that they were stays on record.
async fn take_out(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    year: &Year,
    class_id: ClassId,
    pupils: &[MemberId],
) -> Result<()> {
    let gone = sqlx::query_scalar!(
        "UPDATE enrolments SET ended_at = $5
         WHERE school_id = $1 AND school_year_id = $2 AND class_id = $3 AND member_id = ANY($4) AND ended_at IS NULL
         RETURNING member_id",
        scope.school_id(),
        year.id,
        class_id,
        pupils,
        app.clock.now(),
    )
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE members SET version = version + 1 WHERE school_id = $1 AND id = ANY($2)",
        scope.school_id(),
        &gone,
    )
    .execute(&mut *tx)
    .await?;
    for pupil in gone {
        record_move(scope, app, tx, pupil, Some(class_id), None).await?;
    }
    Ok(())
}

async fn record_move(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    pupil: MemberId,
    from_class: Option<ClassId>,
    to_class: Option<ClassId>,
) -> Result<()> {
    let action = AuditAction::MemberChanged { fields: Vec::new(), from_class, to_class };
    audit::record(scope, app, tx, Event::about(action, pupil)).await
}

/// Gives the role to those who are new to it. Nobody is without one: they leave it by getting another.
async fn put_role(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    tx: &mut PgConnection,
    group: &ScimGroup,
    role: Role,
    wanted: &[String],
) -> ScimResult<()> {
    let people = roles(granted, tx, wanted).await?;
    let named: HashSet<MemberId> = people.iter().map(|(person, _)| *person).collect();
    let lacks = |member: &MemberId| !named.contains(member);
    if group.members.iter().any(lacks) {
        let detail = "a person has one role: they leave it when they are added to another";
        return Err(ScimError::wrong(ScimType::Mutability, detail).into());
    }
    let new: Vec<MemberId> = people.into_iter().filter(|(_, has)| *has != role).map(|(person, _)| person).collect();
    if new.len() > MOST_ROLES {
        let detail = format!("a request changes the role of {MOST_ROLES} people at most");
        return Err(ScimError::wrong(ScimType::InvalidValue, detail).into());
    }
    for person in new {
        role::change_in(granted, app, tx, person, role).await.map_err(keep_people::role_refused)?;
    }
    Ok(())
}

/// The roles of people of the school, who are all there.
async fn roles(scope: &Scope, tx: &mut PgConnection, ids: &[String]) -> ScimResult<Vec<(MemberId, Role)>> {
    let nobody = || ScimError::wrong(ScimType::InvalidValue, "members names nobody of the school");
    let ids: Vec<MemberId> = ids.iter().map(|id| id.parse().map_err(|_| nobody())).collect::<Result<_, _>>()?;
    let rows = sqlx::query!(
        "SELECT id, role FROM members WHERE school_id = $1 AND id = ANY($2) AND status NOT IN ('left', 'pending')",
        scope.school_id(),
        &ids,
    );
    let rows = rows.fetch_all(tx).await?;
    let roles = rows.into_iter().map(|row| Ok((row.id, stored("role", Role::from_key(&row.role))?)));
    let roles: HashMap<MemberId, Role> = roles.collect::<Result<_>>()?;
    ids.into_iter().map(|id| Ok((id, *roles.get(&id).ok_or_else(nobody)?))).collect()
}

/// Notes what the other system calls a class.
async fn note_external(scope: &Scope, tx: &mut PgConnection, id: ClassId, external_id: Option<&str>) -> Result<()> {
    sqlx::query!(
        "INSERT INTO scim_classes (school_id, class_id, external_id) VALUES ($1, $2, $3)
         ON CONFLICT (school_id, class_id) DO UPDATE SET external_id = excluded.external_id, changed_at = excluded.changed_at",
        scope.school_id(),
        id,
        external_id,
    )
    .execute(tx)
    .await?;
    Ok(())
}
