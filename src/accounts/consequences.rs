//! What ends at once when a member's role ends, or their time in the school: shown before it is done.

use chrono::NaiveDate;
use sqlx::PgConnection;

use crate::{
    access::{Grant, Role, Scope},
    error::Result,
    identity::accounts,
    ids::MemberId,
    roster::{fields::Field, store::MemberRecord},
};

/// What ends for a member.
#[derive(Clone, Debug, Default)]
pub struct Consequences {
    /// The pupil's class of this year.
    pub class: Option<String>,
    /// The classes of which the member is the homeroom teacher.
    pub homeroom: Vec<String>,
    pub grants: Vec<Grant>,
    /// The account is used by this school alone: it is signed out of all devices. An account in use elsewhere stays
    /// signed in.
    pub is_signed_out: bool,
}

impl Consequences {
    /// What would end if the member got the role `becomes`; without a role (the member leaves), everything.
    pub async fn of(
        scope: &Scope,
        tx: &mut PgConnection,
        today: NaiveDate,
        known: &MemberRecord,
        becomes: Option<Role>,
    ) -> Result<Self> {
        let ends_staff = matches!(becomes, None | Some(Role::Student));
        let ends_pupil = becomes != Some(Role::Student);
        let held = if ends_staff { grants(scope, tx, known.id).await? } else { Vec::new() };
        Ok(Self {
            class: known.values.get(&Field::Class).cloned().filter(|_| ends_pupil),
            homeroom: if ends_staff { homeroom(scope, tx, known.id, today).await? } else { Vec::new() },
            grants: held,
            is_signed_out: is_alone(scope, tx, known).await?,
        })
    }

    /// What would end if the member were suspended: only the sessions.
    pub async fn of_suspension(scope: &Scope, tx: &mut PgConnection, known: &MemberRecord) -> Result<Self> {
        Ok(Self { is_signed_out: is_alone(scope, tx, known).await?, ..Self::default() })
    }
}

async fn is_alone(scope: &Scope, tx: &mut PgConnection, known: &MemberRecord) -> Result<bool> {
    match known.account_id {
        Some(account_id) => {
            let alone = accounts::not_elsewhere(tx, &[account_id], scope.school_id()).await?;
            Ok(alone.contains(&account_id))
        }
        None => Ok(false),
    }
}

async fn grants(scope: &Scope, tx: &mut PgConnection, id: MemberId) -> Result<Vec<Grant>> {
    let keys = sqlx::query_scalar!(
        r#"SELECT "grant" FROM grants WHERE school_id = $1 AND member_id = $2"#,
        scope.school_id(),
        id,
    )
    .fetch_all(tx)
    .await?;
    Ok(Grant::ALL.into_iter().filter(|grant| keys.iter().any(|key| key == grant.key())).collect())
}

/// Classes of this school year and later ones.
async fn homeroom(scope: &Scope, tx: &mut PgConnection, id: MemberId, today: NaiveDate) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        "SELECT c.name FROM classes c
         JOIN school_years y ON y.school_id = c.school_id AND y.id = c.school_year_id
         WHERE c.school_id = $1 AND c.homeroom_member_id = $2 AND NOT EXISTS (
             SELECT FROM school_years n WHERE n.school_id = $1 AND n.starts_on > y.starts_on AND n.starts_on <= $3)
         ORDER BY y.starts_on, c.sort_key",
        scope.school_id(),
        id,
        today,
    )
    .fetch_all(tx)
    .await?)
}
