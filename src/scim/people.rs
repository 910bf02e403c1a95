//! People as resources: what is told of them, and which of them are asked for.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::{
    answer::{Meta, Resource, ScimResult},
    filter::{CompareOperator, ScimFilter},
    schema,
    sql::{self, AttributeColumn, FilterColumns, Logins},
};
use crate::{
    access::{Role, Scope},
    app::App,
    error::{Error, Result, stored},
    identity::accounts,
    ids::{AccountId, ClassId, MemberId, YearId},
    paths,
    roster::model::Status,
};

/// A person, as far as another system learns of them.
#[derive(Clone, Debug)]
pub struct ScimPerson {
    pub id: MemberId,
    /// The login; of staff, the address that the school knows.
    pub user_name: String,
    /// A pupil's, without what stands behind the @.
    pub username: Option<String>,
    /// What the other system called them when it made them.
    pub asked_name: Option<String>,
    pub external_id: Option<String>,
    pub full_name: String,
    pub role: Role,
    pub status: Status,
    pub email: Option<String>,
    class: Option<(ClassId, String)>,
    created_at: DateTime<Utc>,
    changed_at: DateTime<Utc>,
}

impl ScimPerson {
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status != Status::Suspended
    }

    /// Whether a user name means this person.
    #[must_use]
    pub fn goes_by(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        let names = [Some(&self.user_name), self.username.as_ref(), self.asked_name.as_ref()];
        names.into_iter().flatten().any(|each| each.to_lowercase() == name)
    }

    #[must_use]
    pub fn resource(&self, app: &App) -> Resource {
        let (family, given) = match self.full_name.split_once(' ') {
            Some((family, given)) => (Some(family), given),
            None => (None, self.full_name.as_str()),
        };
        let mut name = Map::new();
        name.extend(family.map(|family| ("familyName".to_owned(), json!(family))));
        name.insert("givenName".to_owned(), json!(given));
        let mut told = Map::new();
        told.insert("id".to_owned(), json!(self.id));
        told.extend(self.external_id.as_ref().map(|id| ("externalId".to_owned(), json!(id))));
        told.insert("userName".to_owned(), json!(self.user_name));
        told.insert("name".to_owned(), Value::Object(name));
        told.insert("displayName".to_owned(), json!(self.full_name));
        told.insert("userType".to_owned(), json!(self.role.key()));
        told.insert("active".to_owned(), json!(self.is_active()));
        told.extend(self.email.as_ref().map(|email| ("emails".to_owned(), json!([{ "value": email }]))));
        let group = |id: &str, display: &str| {
            let at = app.config.address_of(&paths::ScimGroup::of(id).to_string());
            json!({ "value": id, "$ref": at, "display": display })
        };
        let class = self.class.as_ref().map(|(id, name)| group(&id.to_string(), name));
        let groups: Vec<Value> = class.into_iter().chain([group(self.role.key(), self.role.key())]).collect();
        told.insert("groups".to_owned(), json!(groups));
        let id = self.id.to_string();
        let meta = Meta {
            schema: schema::USER,
            kind: "User",
            location: app.config.address_of(&paths::ScimUser::of(&id).to_string()),
            created: Some(self.created_at),
            changed: Some(self.changed_at),
            is_whole: true,
        };
        Resource::of(told, meta)
    }
}

/// These people, as far as they are in the school.
pub async fn load(scope: &Scope, tx: &mut PgConnection, year_id: YearId, ids: &[MemberId]) -> Result<Vec<ScimPerson>> {
    let rows = sqlx::query!(
        r#"SELECT m.id, m.account_id, m.username, m.email, m.full_name, m.role, m.status, m.created_at,
                  greatest(m.changed_at, e.changed_at, x.changed_at) AS "changed_at!",
                  x.external_id AS "external_id?", x.user_name AS "asked_name?", c.id AS "class_id?", c.name AS "class_name?"
           FROM members m
           LEFT JOIN scim_people x ON x.school_id = $1 AND x.member_id = m.id
           LEFT JOIN enrolments e ON e.school_id = $1 AND e.school_year_id = $2 AND e.member_id = m.id
               AND e.ended_at IS NULL
           LEFT JOIN classes c ON c.school_id = $1 AND c.id = e.class_id
           WHERE m.school_id = $1 AND m.id = ANY($3) AND m.status NOT IN ('left', 'pending')"#,
        scope.school_id(),
        year_id,
        ids,
    )
    .fetch_all(&mut *tx)
    .await?;
    let accounts: Vec<AccountId> =
        rows.iter().filter(|row| row.username.is_some()).filter_map(|row| row.account_id).collect();
    let logins: HashMap<AccountId, String> = accounts::logins(tx, &accounts).await?.into_iter().collect();
    let mut people: HashMap<MemberId, ScimPerson> = HashMap::new();
    for row in rows {
        let login = row.account_id.and_then(|account| logins.get(&account).cloned());
        let user_name = match &row.username {
            Some(username) => login.unwrap_or_else(|| username.clone()),
            None => row.email.clone().unwrap_or_else(|| row.id.to_string()),
        };
        let person = ScimPerson {
            id: row.id,
            user_name,
            username: row.username,
            asked_name: row.asked_name,
            external_id: row.external_id,
            full_name: row.full_name,
            role: stored("role", Role::from_key(&row.role))?,
            status: stored("status", Status::from_key(&row.status))?,
            email: row.email,
            class: row.class_id.zip(row.class_name),
            created_at: row.created_at,
            changed_at: row.changed_at,
        };
        people.insert(person.id, person);
    }
    Ok(ids.iter().filter_map(|id| people.remove(id)).collect())
}

/// One person.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such person.
pub async fn find(scope: &Scope, tx: &mut PgConnection, year_id: YearId, id: &str) -> Result<ScimPerson> {
    let id: MemberId = id.parse().map_err(|_| Error::NotFound)?;
    load(scope, tx, year_id, &[id]).await?.pop().ok_or(Error::NotFound)
}

const COLUMNS: FilterColumns = FilterColumns { schema: schema::USER, of: column };

/// What filters may name, in small letters.
fn column(key: &str) -> Option<AttributeColumn> {
    Some(match key {
        "id" => AttributeColumn::Exact("m.id::text"),
        "externalid" => AttributeColumn::Exact("x.external_id"),
        "username" => AttributeColumn::UserName,
        "displayname" | "name.formatted" => AttributeColumn::Text("m.full_name"),
        "name.familyname" => {
            AttributeColumn::Text("CASE WHEN strpos(m.full_name, ' ') > 0 THEN split_part(m.full_name, ' ', 1) END")
        }
        "name.givenname" => AttributeColumn::Text("substr(m.full_name, strpos(m.full_name, ' ') + 1)"),
        "active" => AttributeColumn::Bool("(m.status <> 'suspended')"),
        "usertype" => AttributeColumn::Text("m.role"),
        "emails" | "emails.value" => AttributeColumn::Text("m.email"),
        "emails.type" => AttributeColumn::Text("CASE WHEN m.email IS NOT NULL THEN 'work' END"),
        "emails.primary" => AttributeColumn::Bool("(m.email IS NOT NULL)"),
        "groups" | "groups.value" => AttributeColumn::Exacts(&["m.role", "c.id::text"]),
        "groups.display" => AttributeColumn::Texts(&["m.role", "c.name"]),
        "meta.created" => AttributeColumn::Moment("m.created_at"),
        "meta.lastmodified" => AttributeColumn::Moment("greatest(m.changed_at, e.changed_at, x.changed_at)"),
        "meta.resourcetype" => AttributeColumn::Text("'User'"),
        _ => return None,
    })
}

/// Adds the people of a school that fit a filter, as `FROM … WHERE …`.
///
/// # Errors
/// A filter that makes no sense for people.
pub fn push(
    query: &mut QueryBuilder<Postgres>,
    scope: &Scope,
    year_id: YearId,
    filter: Option<&ScimFilter>,
    logins: &Logins,
) -> ScimResult<()> {
    let school_id = scope.school_id();
    query.push(" FROM members m LEFT JOIN scim_people x ON x.member_id = m.id AND x.school_id = ").push_bind(school_id);
    query.push(" LEFT JOIN enrolments e ON e.member_id = m.id AND e.ended_at IS NULL AND e.school_id = ");
    query.push_bind(school_id).push(" AND e.school_year_id = ").push_bind(year_id);
    query.push(" LEFT JOIN classes c ON c.id = e.class_id AND c.school_id = ").push_bind(school_id);
    if let Some((ids, names)) = &logins.of_people {
        query.push(" LEFT JOIN unnest(").push_bind(ids).push("::uuid[], ").push_bind(names);
        query.push("::text[]) AS l (member_id, login) ON l.member_id = m.id");
    }
    query.push(" WHERE m.status NOT IN ('left', 'pending') AND m.school_id = ").push_bind(school_id);
    if let Some(filter) = filter {
        query.push(" AND ");
        sql::push(query, filter, COLUMNS, logins)?;
    }
    Ok(())
}

/// The logins that a filter depends on.
pub async fn logins(scope: &Scope, tx: &mut PgConnection, filter: Option<&ScimFilter>) -> Result<Logins> {
    let compared = filter.map(sql::user_names).unwrap_or_default();
    let is_equality = |operator: CompareOperator| matches!(operator, CompareOperator::Eq | CompareOperator::Ne);
    let (equal, other): (Vec<_>, Vec<_>) = compared.into_iter().partition(|(operator, _)| is_equality(*operator));
    let mut logins = Logins::default();
    if !equal.is_empty() {
        let names: Vec<String> = equal.into_iter().map(|(_, name)| name).collect();
        // Whether they are of the school, the filter finds out.
        let rows = sqlx::query!("SELECT id, login FROM accounts WHERE login = ANY($1)", &names);
        logins.named = rows.fetch_all(&mut *tx).await?.into_iter().map(|row| (row.login, row.id)).collect();
    }
    if !other.is_empty() {
        logins.of_people = Some(logins_of_people(scope, tx).await?);
    }
    Ok(logins)
}

/// The login of each person who has a username: its second half is the code that their first school had then.
async fn logins_of_people(scope: &Scope, tx: &mut PgConnection) -> Result<(Vec<MemberId>, Vec<String>)> {
    let rows = sqlx::query!(
        r#"SELECT id, account_id AS "account_id!" FROM members
           WHERE school_id = $1 AND username IS NOT NULL AND account_id IS NOT NULL AND status NOT IN ('left', 'pending')"#,
        scope.school_id(),
    )
    .fetch_all(&mut *tx)
    .await?;
    let members: HashMap<AccountId, MemberId> = rows.into_iter().map(|row| (row.account_id, row.id)).collect();
    let accounts: Vec<AccountId> = members.keys().copied().collect();
    let logins = accounts::logins(tx, &accounts).await?.into_iter();
    Ok(logins.filter_map(|(account, login)| Some((*members.get(&account)?, login))).unzip())
}
