//! A school that an operator administers: found within their provinces, which only the look-up here can establish. The
//! actions of operators on a school demand one, so that forgetting the provinces does not compile.

use std::{net::IpAddr, ops::Deref};

use sqlx::PgConnection;

use crate::{
    access::{Actor, Operator, Scope, SignedIn},
    app::App,
    error::{Error, Result},
    schools::directory,
};

/// A scope in a school of the operator's provinces.
#[derive(Clone, Debug)]
pub struct Administered {
    scope: Scope,
    operator: Operator,
}

impl Administered {
    /// The school of this code, today's or an old one.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none in the operator's provinces, [`Error::Forbidden`] for an account that is
    /// none.
    pub async fn find(app: &App, signed_in: &SignedIn, address: Option<IpAddr>, code: &str) -> Result<Self> {
        let operator = signed_in.operator.clone().ok_or(Error::Forbidden)?;
        let school = directory::find_within(&app.db, code, operator.bounds()).await?;
        let scope = Scope { school, actor: Actor::Operator(signed_in.account_id), address };
        Ok(Self { scope, operator })
    }

    #[must_use]
    pub fn operator(&self) -> &Operator {
        &self.operator
    }

    /// Locks the school's row until the transaction ends, and checks once more: it may have moved to another province.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it has.
    pub async fn lock(&self, tx: &mut PgConnection) -> Result<()> {
        // Not `FOR UPDATE`, which every foreign key to the school would wait for.
        sqlx::query_scalar!(
            "SELECT id FROM schools WHERE id = $1 AND ($2::text[] IS NULL OR province_code = ANY($2))
             FOR NO KEY UPDATE",
            self.scope.school_id(),
            self.operator.bounds(),
        )
        .fetch_optional(tx)
        .await?
        .ok_or(Error::NotFound)?;
        Ok(())
    }
}

impl Deref for Administered {
    type Target = Scope;

    fn deref(&self) -> &Scope {
        &self.scope
    }
}
