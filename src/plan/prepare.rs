//! The part of applying that takes time and writes nothing, done before the transaction: drawing and sealing passwords.
//! The rows themselves are read where they are written, in batches: a plan may have a hundred thousand.

use std::collections::HashMap;

use super::{
    draft::CHUNK,
    list_rules::signs_in_by_email,
    model::{Plan, PlanRow, Source},
    rows, store,
};
use crate::{
    access::Scope,
    app::App,
    crypto::seal::Sealed,
    error::Result,
    identity::password::TemporaryPassword,
    ids::{AccountId, MemberId},
};

/// A person to be created, with what was prepared.
pub struct Creation {
    pub row: PlanRow,
    pub id: MemberId,
    /// Of a pupil: the account, its temporary password, sealed, and the key's id.
    pub account: Option<(AccountId, Vec<u8>, String)>,
}

/// The passwords for accounts to which the sheet gives none, sealed for them.
#[derive(Default)]
pub struct Passwords(HashMap<AccountId, Vec<u8>>);

impl Passwords {
    /// Draws and seals, reporting progress.
    pub async fn draw(scope: &Scope, app: &App, plan: &Plan) -> Result<Self> {
        let mut passwords = Self::default();
        // Those of the registry are of both kinds; those without an account need no password.
        if plan.source != Source::Registry && signs_in_by_email(plan.source.roster_kind(scope.school.kind)) {
            return Ok(passwords);
        }
        let mut after = 0;
        loop {
            let mut tx = app.db.begin_work_in(scope.school_id()).await?;
            let accounts = rows::accounts_without_password(scope, &mut tx, plan.id, after, CHUNK).await?;
            let Some((last, _)) = accounts.last() else { return Ok(passwords) };
            after = *last;
            passwords.0.extend(accounts.iter().map(|(_, account_id)| (*account_id, draw(app, *account_id).bytes)));
            let so_far = i32::try_from(passwords.0.len()).unwrap_or(i32::MAX);
            store::tell_progress(scope, &mut tx, plan.id, "preparing", so_far).await?;
            tx.commit().await?;
        }
    }

    /// A person to be created, with their account where they sign in with a username; takes the password out.
    pub fn creation(&mut self, app: &App, mut row: PlanRow, by_email: bool) -> Option<Creation> {
        let id = row.member_id?;
        let account = if by_email {
            None
        } else {
            let account_id = row.account_id?;
            let drawn = self.0.remove(&account_id);
            let drawn = drawn.map(|bytes| Sealed { key_id: app.keys.sealing_key_id().to_owned(), bytes });
            let sealed = row.password.take().or(drawn).unwrap_or_else(|| draw(app, account_id));
            Some((account_id, sealed.bytes, sealed.key_id))
        };
        Some(Creation { row, id, account })
    }
}

fn draw(app: &App, account_id: AccountId) -> Sealed {
    TemporaryPassword::generate(&app.randomness).seal(&app.keys, &app.randomness, account_id)
}
