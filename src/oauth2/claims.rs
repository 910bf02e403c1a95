//! What an application learns of a person: by its scopes, and as things are at that moment.
//!
//! Never anything of guardians, no birth date, no number of a person. A pupil's e-mail address is not told either.

use serde_json::{Map, Value, json};

use super::{grants::OpenIdGrant, scopes::OpenIdScope};
use crate::{
    access::{MemberActor, Role, Scope},
    app::App,
    db,
    error::Result,
    identity::accounts,
    roster::membership,
    schools::directory,
};

/// All schools are in one time zone.
const ZONE: &str = "Asia/Ho_Chi_Minh";

/// The member of a grant in the scope of the school; `None` where the person may not enter it any more, or it is suspended.
async fn enter(app: &App, grant: &OpenIdGrant) -> Result<Option<(Scope, db::Tx, MemberActor)>> {
    let school = {
        let mut connection = app.db.pool().acquire().await?;
        directory::by_id(&mut connection, grant.school_id).await?
    };
    let scope = Scope::system(school);
    let mut tx = app.db.begin_in(grant.school_id).await?;
    if directory::is_suspended(&scope, &mut tx).await? {
        return Ok(None);
    }
    let member = membership::actor(&scope, &mut tx, grant.member_id).await?;
    let member = member.filter(|member| member.account_id == grant.account_id);
    Ok(member.map(|member| (scope, tx, member)))
}

/// The claims of a grant; `None` where the person may not enter the school any more, or the school is suspended.
pub async fn of(app: &App, grant: &OpenIdGrant) -> Result<Option<Map<String, Value>>> {
    let account = sqlx::query!(
        r#"SELECT a.login, a.language,
                  NOT EXISTS (SELECT FROM unverified_addresses u WHERE u.account_id = a.id) AS "is_verified!"
           FROM accounts a WHERE a.id = $1"#,
        grant.account_id,
    )
    .fetch_optional(app.db.pool())
    .await?;
    let Some(account) = account else { return Ok(None) };
    let Some((scope, mut tx, member)) = enter(app, grant).await? else { return Ok(None) };
    let is_staff = member.authority.role != Role::Student;
    let mut claims = Map::new();
    if grant.scopes.contains(&OpenIdScope::Profile) {
        claims.extend(profile(&member.full_name, account.language.as_deref()));
    }
    if grant.scopes.contains(&OpenIdScope::Email) && is_staff && accounts::is_email(&account.login) {
        claims.insert("email".to_owned(), json!(account.login));
        claims.insert("email_verified".to_owned(), json!(account.is_verified));
    }
    if grant.scopes.contains(&OpenIdScope::School) {
        let place = membership::place(&scope, &mut tx, grant.member_id, app.clock.today()).await?;
        let grants: Vec<&str> = member.authority.grants.iter().map(|grant| grant.key()).collect();
        let mut told = Map::new();
        told.insert("code".to_owned(), json!(scope.school.code));
        told.insert("name".to_owned(), json!(scope.school.name));
        told.insert("role".to_owned(), json!(member.authority.role.key()));
        told.insert("grants".to_owned(), json!(grants));
        for (name, value) in [("class", place.class_name), ("grade", place.grade)] {
            told.extend(value.map(|value| (name.to_owned(), json!(value))));
        }
        if is_staff {
            told.insert("homeroom_of".to_owned(), json!(place.homeroom_of));
        }
        claims.insert("school".to_owned(), Value::Object(told));
    }
    tx.commit().await?;
    Ok(Some(claims))
}

/// The family name stands first in Viet Nam, the given name last.
fn profile(full_name: &str, language: Option<&str>) -> Map<String, Value> {
    let mut words = full_name.split_whitespace();
    let family = words.next().unwrap_or_default();
    let given = words.next_back().unwrap_or(family);
    let middle = words.collect::<Vec<_>>().join(" ");
    let mut claims = Map::new();
    claims.insert("name".to_owned(), json!(full_name));
    claims.insert("given_name".to_owned(), json!(given));
    claims.insert("family_name".to_owned(), json!(family));
    if !middle.is_empty() {
        claims.insert("middle_name".to_owned(), json!(middle));
    }
    claims.insert("locale".to_owned(), json!(language.unwrap_or("vi")));
    claims.insert("zoneinfo".to_owned(), json!(ZONE));
    claims
}

#[cfg(test)]
mod tests {
    use super::profile;

    #[test]
    fn names_are_split_as_they_are_read() {
        let of = |name: &str| {
            let claims = profile(name, None);
            ["family_name", "middle_name", "given_name"]
                .map(|key| claims.get(key).and_then(|value| value.as_str()).unwrap_or("-").to_owned())
                .join("|")
        };
        assert_eq!(of("Nguyễn Thị Minh Khai"), "Nguyễn|Thị Minh|Khai");
        assert_eq!(of("Lê Lợi"), "Lê|-|Lợi");
        assert_eq!(of("Siu"), "Siu|-|Siu");
    }
}
