//! Admitting a pupil by the code that their previous school has printed: the account moves along, with its login and
//! password.
//!
//! One transaction over two schools, in two scopes one after the other: the previous school's rows are read and written
//! in a system scope, and nothing but name, birth date and gender leaves it. That school sees that the pupil left, not
//! where to.

use sqlx::PgConnection;

use super::{password, transfer_code};
use crate::{
    access::{Granted, Role, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    db,
    error::{Error, Result},
    identity::accounts,
    ids::{AccountId, ClassId, MemberId, SchoolId, YearId},
    roster::{
        departures,
        fields::{Field, Values},
        model::Status,
        records::{self, NewMember},
        usernames,
    },
    schools::{directory, years},
    web::i18n::Lang,
};

/// Why no pupil was admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferRefusal {
    /// The code does not exist, was used or withdrawn, or has expired. The caller must not learn which.
    NotGood,
    /// This school made the code itself.
    OwnCode,
    /// The class is not of this year.
    NoSuchClass,
}

struct TransferredAccount {
    account_id: AccountId,
    school_id: SchoolId,
    member_id: MemberId,
}

/// What is carried over.
struct Newcomer {
    values: Values,
    username: Option<String>,
}

/// Admits the pupil of this code; returns the new member's id.
///
/// # Errors
/// The inner error: why nobody was admitted.
pub async fn transfer_in(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    code: &str,
    class_id: Option<ClassId>,
) -> Result<std::result::Result<MemberId, TransferRefusal>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let Some(released) = consume(app, &mut tx, code).await? else { return Ok(Err(TransferRefusal::NotGood)) };
    if released.school_id == granted.school_id() {
        return Ok(Err(TransferRefusal::OwnCode));
    }
    // Both rosters are locked in id order, so that two schools that exchange pupils at the same instant do not
    // deadlock.
    let mut schools = [granted.school_id(), released.school_id];
    schools.sort_unstable();
    for school_id in schools {
        db::lock_roster(&mut tx, school_id).await?;
    }
    let Some(newcomer) = transfer_out(app, &mut tx, &released).await? else { return Ok(Err(TransferRefusal::NotGood)) };
    db::switch_scope(&mut tx, granted.school_id()).await?;
    match admit(granted, app, &mut tx, &released, newcomer, class_id).await? {
        Ok(id) => {
            audit::record(granted, app, &mut tx, Event::about(AuditAction::PupilTakenIn, id)).await?;
            tx.commit().await?;
            Ok(Ok(id))
        }
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// Consumes the code: of two concurrent requests with it, the second finds none.
async fn consume(app: &App, tx: &mut PgConnection, code: &str) -> Result<Option<TransferredAccount>> {
    let hash = transfer_code::hash(code);
    Ok(sqlx::query_as!(
        TransferredAccount,
        "DELETE FROM releases WHERE code_hash = $1 AND expires_at > $2 RETURNING account_id, school_id, member_id",
        hash.as_slice(),
        app.clock.now(),
    )
    .fetch_optional(tx)
    .await?)
}

/// In the previous school: marks the pupil as left and reads the values that are carried over. `None` where the account
/// is no longer the pupil's, or is in use in another school as well.
async fn transfer_out(app: &App, tx: &mut PgConnection, released: &TransferredAccount) -> Result<Option<Newcomer>> {
    db::switch_scope(tx, released.school_id).await?;
    let old = Scope::system(directory::by_id(tx, released.school_id).await?);
    let account = released.account_id;
    let alone = accounts::lock_not_elsewhere(tx, &[account], old.school_id()).await?;
    let row = sqlx::query!(
        "SELECT full_name, birth_date::text, gender, username, version, status FROM members
         WHERE school_id = $1 AND id = $2 AND account_id = $3 AND role = 'student' FOR UPDATE",
        old.school_id(),
        released.member_id,
        account,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row.filter(|_| alone.contains(&account)) else { return Ok(None) };
    if row.status != Status::Left.key() {
        departures::leave(&old, tx, &[(released.member_id, row.version)], app.clock.now()).await?;
    }
    accounts::remove_memberships(tx, &[account], old.school_id()).await?;
    // The school keeps what it knows of the pupil, but loses the link to the account: it can neither follow nor restore
    // it.
    records::set_accounts(&old, tx, &[(released.member_id, None)]).await?;
    audit::record(&old, app, tx, Event::about(AuditAction::PupilLetGo, released.member_id)).await?;
    let carried =
        [(Field::FullName, Some(row.full_name)), (Field::BirthDate, row.birth_date), (Field::Gender, row.gender)];
    let values = carried.into_iter().filter_map(|(field, value)| Some((field, value?))).collect();
    Ok(Some(Newcomer { values, username: row.username }))
}

/// In the admitting school: a new member, or the one that this account had here before.
async fn admit(
    scope: &Scope,
    app: &App,
    tx: &mut PgConnection,
    released: &TransferredAccount,
    newcomer: Newcomer,
    class_id: Option<ClassId>,
) -> Result<std::result::Result<MemberId, TransferRefusal>> {
    let now = app.clock.now();
    let year = years::current(scope, tx, app.clock.today()).await?;
    if let Some(class_id) = class_id
        && !is_class(scope, tx, year.id, class_id).await?
    {
        return Ok(Err(TransferRefusal::NoSuchClass));
    }
    let id = match had_before(scope, tx, released.account_id).await? {
        Some(id) => id,
        None => {
            let name = newcomer.values.get(&Field::FullName).cloned().ok_or(Error::NotFound)?;
            // The login stays unchanged; the username is made unique within this school.
            let wanted = newcomer.username.as_deref();
            let username = usernames::choose(scope, tx, &[(&name, wanted)]).await?.pop();
            let member = NewMember {
                id: app.randomness.uuid_v7(now),
                account_id: Some(released.account_id),
                role: Role::Student,
                status: Status::Active,
                username,
                temporary_until: None,
                class_id: None,
                values: newcomer.values,
            };
            records::insert(scope, tx, None, std::slice::from_ref(&member), now).await?;
            member.id
        }
    };
    if let Some(class_id) = class_id {
        records::move_to(scope, tx, year.id, class_id, &[id]).await?;
    }
    accounts::add_memberships(tx, &[released.account_id], scope.school_id(), &[id]).await?;
    // A temporary password belonged to the previous school and ended with it: an account without a password of its own
    // gets a temporary one of this school.
    if !accounts::summary(tx, released.account_id).await?.has_password {
        password::give_temporary(scope, app, tx, &[(id, released.account_id)], Lang::default()).await?;
    }
    Ok(Ok(id))
}

async fn is_class(scope: &Scope, tx: &mut PgConnection, year_id: YearId, class_id: ClassId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM classes WHERE school_id = $1 AND school_year_id = $2 AND id = $3
           ) AS "is_there!""#,
        scope.school_id(),
        year_id,
        class_id,
    )
    .fetch_one(tx)
    .await?)
}

/// The member of a pupil who was here, left, and comes back. A member that left in another role is not reactivated
/// without being asked: it loses its link to the account.
async fn had_before(scope: &Scope, tx: &mut PgConnection, account_id: AccountId) -> Result<Option<MemberId>> {
    sqlx::query!(
        "UPDATE members SET account_id = NULL
         WHERE school_id = $1 AND account_id = $2 AND status = 'left' AND role <> 'student'",
        scope.school_id(),
        account_id,
    )
    .execute(&mut *tx)
    .await?;
    Ok(sqlx::query_scalar!(
        "UPDATE members SET status = 'active', version = version + 1
         WHERE school_id = $1 AND account_id = $2 AND status = 'left' RETURNING id",
        scope.school_id(),
        account_id,
    )
    .fetch_optional(tx)
    .await?)
}
