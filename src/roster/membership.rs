//! What an account is in a school, at the moment of the request.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use crate::{
    access::{Actor, Authority, Grant, MemberActor, Role, School, Scope, SignedIn, let_by_school},
    db::{Db, Tx},
    error::{Error, Result, stored},
    identity::user_agent::DeviceKind,
    ids::{AccountId, MemberId, SchoolId},
    roster::{entries, presence},
};

/// A member who has entered the school.
pub struct Entered {
    pub member: MemberActor,
    /// In the school's scope; not committed yet.
    pub tx: Tx,
    /// The school has learned something by it, which is lost unless the transaction is committed.
    pub has_news: bool,
}

/// The member as which an account enters the school; `None` where it may not (suspended, left, not yet accepted).
///
/// Here the school records the sign-in, once a session: identity, which signs people in, touches no school's data.
pub async fn enter(
    db: &Db,
    school: &Arc<School>,
    member_id: MemberId,
    signed_in: &SignedIn,
    device: DeviceKind,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Option<Entered>> {
    let scope = Scope::system(school.clone());
    let mut tx = db.begin_in(school.id).await?;
    let found = look_up(&scope, &mut tx, member_id, Some(today)).await?;
    let Some(found) = found.filter(|found| found.member.account_id == signed_in.account_id) else {
        return Ok(None);
    };
    // For most requests there is nothing new to write.
    let is_new = found.has_temporary || found.last_signed_in_at.is_none_or(|last| last < signed_in.since);
    if is_new {
        note_sign_in(&mut tx, school.id, member_id, signed_in).await?;
        entries::note(&scope, &mut tx, member_id, signed_in.since, device).await?;
    }
    let has_news = is_new || signed_in.is_seen_anew;
    if has_news {
        presence::note(&scope, &mut tx, member_id, now).await?;
    }
    Ok(Some(Entered { member: found.member, tx, has_news }))
}

async fn note_sign_in(
    tx: &mut PgConnection,
    school_id: SchoolId,
    member_id: MemberId,
    signed_in: &SignedIn,
) -> Result<()> {
    sqlx::query!(
        "UPDATE members SET last_signed_in_at = $3, first_signed_in_at = coalesce(first_signed_in_at, $3),
             temporary_until = NULL
         WHERE school_id = $1 AND id = $2
             AND (last_signed_in_at IS NULL OR last_signed_in_at < $3 OR temporary_until IS NOT NULL)",
        school_id,
        member_id,
        signed_in.since,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What an account is in one school, as far as its own pages show it.
#[derive(Clone, Debug, Default)]
pub struct Affiliation {
    pub name: String,
    pub school: String,
    /// Of a pupil: the class of the year.
    pub class_name: Option<String>,
}

/// What an account is in each of its schools; empty where it has none.
pub async fn places(db: &Db, account_id: AccountId, today: NaiveDate) -> Result<Vec<Affiliation>> {
    let homes = sqlx::query!(
        "SELECT m.school_id, m.member_id, s.name FROM memberships m JOIN schools s ON s.id = m.school_id
         WHERE m.account_id = $1 ORDER BY s.name, s.id",
        account_id,
    )
    .fetch_all(db.pool())
    .await?;
    let mut places = Vec::new();
    for home in homes {
        let mut tx = db.begin_in(home.school_id).await?;
        let who = sqlx::query!(
            r#"SELECT m.full_name, c.name AS "class_name?" FROM members m
               LEFT JOIN enrolments e ON e.school_id = m.school_id AND e.member_id = m.id AND e.ended_at IS NULL
                   AND e.school_year_id = (SELECT y.id FROM school_years y
                       WHERE y.school_id = $1 AND y.starts_on <= $3 ORDER BY y.starts_on DESC LIMIT 1)
               LEFT JOIN classes c ON c.school_id = e.school_id AND c.id = e.class_id
               WHERE m.school_id = $1 AND m.id = $2"#,
            home.school_id,
            home.member_id,
            today,
        )
        .fetch_optional(&mut *tx)
        .await?;
        places.extend(who.map(|who| Affiliation {
            name: who.full_name,
            school: home.name,
            class_name: who.class_name,
        }));
    }
    Ok(places)
}

/// Where a member is in the school today.
#[derive(Clone, Debug, Default)]
pub struct CurrentPlace {
    pub class_name: Option<String>,
    pub grade: Option<String>,
    /// Of a teacher: the names of their classes.
    pub homeroom_of: Vec<String>,
}

/// Where a member is in the school today: of a pupil the class, of a teacher the homeroom classes.
pub async fn place(
    scope: &Scope,
    tx: &mut PgConnection,
    member_id: MemberId,
    today: NaiveDate,
) -> Result<CurrentPlace> {
    let row = sqlx::query!(
        r#"WITH this_year AS (
               SELECT y.id FROM school_years y WHERE y.school_id = $1 AND y.starts_on <= $3
               ORDER BY y.starts_on DESC LIMIT 1)
           SELECT c.name AS "class_name?", c.grade AS "grade?",
                  ARRAY(SELECT h.name FROM classes h WHERE h.school_id = $1 AND h.homeroom_member_id = $2
                            AND h.school_year_id = (SELECT id FROM this_year) ORDER BY h.name) AS "homeroom_of!"
           FROM (SELECT) AS one
           LEFT JOIN enrolments e ON e.school_id = $1 AND e.member_id = $2 AND e.ended_at IS NULL
               AND e.school_year_id = (SELECT id FROM this_year)
           LEFT JOIN classes c ON c.school_id = $1 AND c.id = e.class_id"#,
        scope.school_id(),
        member_id,
        today,
    )
    .fetch_one(tx)
    .await?;
    Ok(CurrentPlace {
        class_name: row.class_name,
        grade: row.grade.map(|grade| grade.to_string()),
        homeroom_of: row.homeroom_of,
    })
}

/// The names that a password must not consist of: the person's, and the school's.
pub async fn names_around(db: &Db, account_id: AccountId) -> Result<(String, String)> {
    let home = sqlx::query!(
        "SELECT m.school_id, m.member_id, s.name FROM memberships m JOIN schools s ON s.id = m.school_id
         WHERE m.account_id = $1 LIMIT 1",
        account_id,
    )
    .fetch_optional(db.pool())
    .await?;
    let Some(home) = home else { return Ok((String::new(), String::new())) };
    let mut tx = db.begin_in(home.school_id).await?;
    let name = sqlx::query_scalar!(
        "SELECT full_name FROM members WHERE school_id = $1 AND id = $2",
        home.school_id,
        home.member_id,
    )
    .fetch_optional(&mut *tx)
    .await?;
    Ok((name.unwrap_or_default(), home.name))
}

/// The scope in which background work continues for the member who started it, with the rights that they have now; a
/// system scope where no member started it.
///
/// # Errors
/// [`Error::Forbidden`] where the member is no longer active.
pub async fn acting_for(system: &Scope, tx: &mut PgConnection, member_id: Option<MemberId>) -> Result<Scope> {
    let Some(member_id) = member_id else { return Ok(system.clone()) };
    let member = actor(system, tx, member_id).await?.ok_or(Error::Forbidden)?;
    Ok(Scope { actor: Actor::Member(member), ..system.clone() })
}

/// The member of this id as an actor, with their current rights; `None` where they are not active.
pub async fn actor(scope: &Scope, tx: &mut PgConnection, member_id: MemberId) -> Result<Option<MemberActor>> {
    Ok(look_up(scope, tx, member_id, None).await?.map(|found| found.member))
}

/// An actor, and what the school has recorded of their sign-ins.
struct FoundMember {
    member: MemberActor,
    last_signed_in_at: Option<DateTime<Utc>>,
    has_temporary: bool,
}

/// `today` is for what only pages show: whether the member has a homeroom class this year.
async fn look_up(
    scope: &Scope,
    tx: &mut PgConnection,
    member_id: MemberId,
    today: Option<NaiveDate>,
) -> Result<Option<FoundMember>> {
    let row = sqlx::query!(
        r#"SELECT m.full_name, m.role, m.account_id AS "account_id!", m.last_signed_in_at,
                  m.temporary_until IS NOT NULL AS "has_temporary!",
                  ARRAY(SELECT g."grant" FROM grants g WHERE g.school_id = $1 AND g.member_id = m.id) AS "grants!",
                  (SELECT s.teachers_may_create_students FROM schools s WHERE s.id = $1) AS "teachers_create!",
                  (SELECT c.value FROM counters c WHERE c.school_id = $1 AND c.counter = 'member:teacher:pending')
                      AS waiting,
                  m.role <> 'student' AND EXISTS (
                      SELECT FROM classes k WHERE k.school_id = $1 AND k.homeroom_member_id = $2
                          AND k.school_year_id = (SELECT y.id FROM school_years y
                              WHERE y.school_id = $1 AND y.starts_on <= $3 ORDER BY y.starts_on DESC LIMIT 1)
                  ) AS "has_homeroom!"
           FROM members m
           WHERE m.school_id = $1 AND m.id = $2 AND m.account_id IS NOT NULL AND m.status = 'active'"#,
        scope.school_id(),
        member_id,
        today,
    )
    .fetch_optional(tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let grants = row.grants.iter().map(|grant| stored("grant", Grant::from_key(grant))).collect::<Result<_>>()?;
    let authority = Authority { role: stored("role", Role::from_key(&row.role))?, grants };
    let waiting = row.waiting.filter(|_| authority.manages_accounts()).unwrap_or_default();
    let member = MemberActor {
        id: member_id,
        account_id: row.account_id,
        full_name: row.full_name,
        let_by_school: let_by_school(&authority, row.teachers_create),
        authority,
        elsewhere: Vec::new(),
        has_homeroom: row.has_homeroom,
        waiting,
    };
    Ok(Some(FoundMember { member, last_signed_in_at: row.last_signed_in_at, has_temporary: row.has_temporary }))
}
