//! Handing out slips: opens the temporary passwords of those who may still need them, and notes that it was done.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit,
    error::Result,
    identity::{accounts, password::TemporaryPassword},
    members::{homeroom::OwnClass, store, subject::Subject},
};

/// How many slips are made at once.
pub const MOST: i64 = 2_000;

/// The permission to open the temporary passwords of some people: of the school's, of one, or of a homeroom class. Only
/// the checks make one.
#[derive(Debug)]
pub struct Printing(());

impl Printing {
    #[must_use]
    pub fn of(_: &Granted<may::PrintSlips>) -> Self {
        Self(())
    }

    #[must_use]
    pub fn of_subject(_: &Subject) -> Self {
        Self(())
    }

    #[must_use]
    pub fn of_class(_: &OwnClass) -> Self {
        Self(())
    }
}

/// One person's slip.
#[derive(Clone, Debug)]
pub struct Slip {
    pub member_id: Uuid,
    pub login: String,
    pub password: String,
    pub good_until: DateTime<Utc>,
}

/// The slips of these people. Whoever has chosen an own password, or whose temporary one has expired,
/// has none, nor has for him whoever does not stand below the actor. That they were shown is on record: for each person, when; in the audit, by whom.
///
/// # Errors
/// When the database cannot be reached.
pub async fn hand_out(scope: &Scope, _: &Printing, app: &App, members: &[Uuid]) -> Result<Vec<Slip>> {
    let now = app.clock.now();
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let below = below(scope, &mut tx, members).await?;
    let accounts_of = store::accounts_of(scope, &mut tx, &below).await?;
    let account_ids: Vec<Uuid> = accounts_of.iter().map(|(_, account)| *account).collect();
    let sealed = accounts::temporary_passwords(&mut tx, &account_ids, now).await?;
    let member_of: HashMap<Uuid, Uuid> = accounts_of.into_iter().map(|(member, account)| (account, member)).collect();
    let mut slips: Vec<Slip> = Vec::new();
    for (account_id, login, temporary) in sealed {
        let Some(member_id) = member_of.get(&account_id) else { continue };
        let password = TemporaryPassword::open(&app.keys, account_id, &temporary.sealed).map_err(anyhow::Error::new)?;
        slips.push(Slip {
            member_id: *member_id,
            login,
            password: password.as_str().to_owned(),
            good_until: temporary.expires_at,
        });
    }
    let shown: Vec<Uuid> = slips.iter().map(|slip| slip.member_id).collect();
    note(scope, app, &mut tx, &shown).await?;
    tx.commit().await?;
    Ok(slips)
}

/// Those of these people who stand below the actor: whose password one may not reset, one does not learn either.
async fn below(scope: &Scope, tx: &mut sqlx::PgConnection, members: &[Uuid]) -> Result<Vec<Uuid>> {
    let ranks = store::ranks(scope, tx, members).await?;
    Ok(ranks.into_iter().filter(|(id, rank)| scope.outranks(*id, *rank)).map(|(id, _)| id).collect())
}

async fn note(scope: &Scope, app: &App, tx: &mut sqlx::PgConnection, shown: &[Uuid]) -> Result<()> {
    if shown.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "UPDATE members SET slip_printed_at = $3 WHERE school_id = $1 AND id = ANY($2)",
        scope.school_id(),
        shown,
        app.clock.now(),
    )
    .execute(&mut *tx)
    .await?;
    let event = match shown {
        [one] => audit::Event::about("slips_printed", *one),
        many => audit::Event::new("slips_printed").with(serde_json::json!({ "members": many })),
    };
    audit::record(scope, app, tx, event).await
}
