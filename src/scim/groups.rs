//! Groups as resources: the classes of the year, and the roles.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::{
    answer::{Meta, Resource, ScimResult},
    filter::ScimFilter,
    schema,
    sql::{self, AttributeColumn, FilterColumns, Logins},
};
use crate::{
    access::{Role, Scope},
    app::App,
    error::{Error, Result},
    ids::{ClassId, MemberId, YearId},
    paths,
};

/// What a group is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupKind {
    Class {
        id: ClassId,
        grade: Option<String>,
        /// Its homeroom teacher, who is the last of the members.
        homeroom: Option<MemberId>,
    },
    Role(Role),
}

/// A group, as far as another system learns of it.
#[derive(Clone, Debug)]
pub struct ScimGroup {
    pub kind: GroupKind,
    pub name: String,
    pub external_id: Option<String>,
    pub members: Vec<MemberId>,
    /// Whether the members were loaded: not where nobody asks for them.
    has_members: bool,
    created_at: Option<DateTime<Utc>>,
    changed_at: Option<DateTime<Utc>>,
}

impl ScimGroup {
    #[must_use]
    pub fn id(&self) -> String {
        match &self.kind {
            GroupKind::Class { id, .. } => id.to_string(),
            GroupKind::Role(role) => role.key().to_owned(),
        }
    }

    #[must_use]
    pub fn resource(&self, app: &App) -> Resource {
        let id = self.id();
        let member = |id: &MemberId| {
            let text = id.to_string();
            let at = app.config.address_of(&paths::ScimUser::of(&text).to_string());
            json!({ "value": id, "$ref": at, "type": "User" })
        };
        let mut told = Map::new();
        told.insert("id".to_owned(), json!(id));
        told.extend(self.external_id.as_ref().map(|id| ("externalId".to_owned(), json!(id))));
        told.insert("displayName".to_owned(), json!(self.name));
        if !self.members.is_empty() {
            let members: Vec<Value> = self.members.iter().map(member).collect();
            told.insert("members".to_owned(), json!(members));
        }
        let meta = Meta {
            schema: schema::GROUP,
            kind: "Group",
            location: app.config.address_of(&paths::ScimGroup::of(&id).to_string()),
            created: self.created_at,
            changed: self.changed_at,
            is_whole: self.has_members,
        };
        Resource::of(told, meta)
    }
}

/// The group of this id.
///
/// # Errors
/// [`Error::NotFound`] where the year has no such class.
pub async fn find(scope: &Scope, tx: &mut PgConnection, year_id: YearId, id: &str) -> Result<ScimGroup> {
    if let Some(role) = Role::from_key(id) {
        return of_role(scope, tx, role, true).await;
    }
    let id: ClassId = id.parse().map_err(|_| Error::NotFound)?;
    classes(scope, tx, year_id, &[id], true).await?.pop().ok_or(Error::NotFound)
}

/// Everybody of a role.
pub async fn of_role(scope: &Scope, tx: &mut PgConnection, role: Role, with_members: bool) -> Result<ScimGroup> {
    let members = if with_members {
        let members = sqlx::query_scalar!(
            "SELECT id FROM members WHERE school_id = $1 AND role = $2 AND status NOT IN ('left', 'pending') ORDER BY id",
            scope.school_id(),
            role.key(),
        );
        members.fetch_all(tx).await?
    } else {
        Vec::new()
    };
    let (kind, name) = (GroupKind::Role(role), role.key().to_owned());
    Ok(ScimGroup {
        kind,
        name,
        external_id: None,
        members,
        has_members: with_members,
        created_at: None,
        changed_at: None,
    })
}

/// These classes, as far as the year has them.
pub async fn classes(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    ids: &[ClassId],
    with_members: bool,
) -> Result<Vec<ScimGroup>> {
    let rows = sqlx::query!(
        r#"SELECT c.id, c.name, c.grade, c.created_at, h.id AS "homeroom?", x.external_id AS "external_id?",
                  greatest(c.changed_at, x.changed_at) AS "changed_at!"
           FROM classes c
           LEFT JOIN scim_classes x ON x.school_id = $1 AND x.class_id = c.id
           LEFT JOIN members h ON h.school_id = $1 AND h.id = c.homeroom_member_id AND h.status NOT IN ('left', 'pending')
           WHERE c.school_id = $1 AND c.school_year_id = $2 AND c.id = ANY($3)"#,
        scope.school_id(),
        year_id,
        ids,
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut members: HashMap<ClassId, Vec<MemberId>> = HashMap::new();
    if with_members {
        let enrolled = sqlx::query!(
            "SELECT e.class_id, e.member_id FROM enrolments e JOIN members m ON m.school_id = $1 AND m.id = e.member_id
             WHERE e.school_id = $1 AND e.school_year_id = $2 AND e.class_id = ANY($3) AND e.ended_at IS NULL
                 AND m.status NOT IN ('left', 'pending') ORDER BY e.member_id",
            scope.school_id(),
            year_id,
            ids,
        );
        for row in enrolled.fetch_all(tx).await? {
            members.entry(row.class_id).or_default().push(row.member_id);
        }
    }
    let mut groups: HashMap<ClassId, ScimGroup> = HashMap::new();
    for row in rows {
        let mut members = members.remove(&row.id).unwrap_or_default();
        members.extend(row.homeroom.filter(|_| with_members));
        let kind = GroupKind::Class { id: row.id, grade: row.grade, homeroom: row.homeroom };
        let group = ScimGroup {
            kind,
            name: row.name,
            external_id: row.external_id,
            members,
            has_members: with_members,
            created_at: Some(row.created_at),
            changed_at: Some(row.changed_at),
        };
        groups.insert(row.id, group);
    }
    Ok(ids.iter().filter_map(|id| groups.remove(id)).collect())
}

const COLUMNS: FilterColumns = FilterColumns { schema: schema::GROUP, of: column };

/// What filters may name, in small letters.
fn column(key: &str) -> Option<AttributeColumn> {
    Some(match key {
        "id" => AttributeColumn::Exact("c.id::text"),
        "externalid" => AttributeColumn::Exact("x.external_id"),
        "displayname" => AttributeColumn::Text("c.name"),
        "members" | "members.value" => AttributeColumn::Members,
        "meta.created" => AttributeColumn::Moment("c.created_at"),
        "meta.lastmodified" => AttributeColumn::Moment("greatest(c.changed_at, x.changed_at)"),
        "meta.resourcetype" => AttributeColumn::Text("'Group'"),
        _ => return None,
    })
}

/// Adds the classes of a year that fit a filter, as `FROM … WHERE …`.
///
/// # Errors
/// A filter that makes no sense for groups.
pub fn push(
    query: &mut QueryBuilder<Postgres>,
    scope: &Scope,
    year_id: YearId,
    filter: Option<&ScimFilter>,
) -> ScimResult<()> {
    let school_id = scope.school_id();
    query.push(" FROM classes c LEFT JOIN scim_classes x ON x.class_id = c.id AND x.school_id = ").push_bind(school_id);
    query.push(" WHERE c.school_id = ").push_bind(school_id).push(" AND c.school_year_id = ").push_bind(year_id);
    if let Some(filter) = filter {
        query.push(" AND ");
        sql::push(query, filter, COLUMNS, &Logins::default())?;
    }
    Ok(())
}
