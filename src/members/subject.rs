//! Whom an act is about: looked up, locked, and found to stand below whoever acts. The acts on people demand one, so
//! that forgetting the check does not compile.

use std::ops::Deref;

use sqlx::PgConnection;
use uuid::Uuid;

use super::store::{self, Known};
use crate::{
    access::Scope,
    error::{Error, Result},
};

/// A member whom the actor may change; nobody else changes him until the transaction ends.
#[derive(Clone, Debug)]
pub struct Subject(Known);

impl Subject {
    /// The member of this id, with his class of this year.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the school has no such member, [`Error::Forbidden`] where he stands too high.
    pub async fn find(scope: &Scope, tx: &mut PgConnection, year_id: Uuid, id: Uuid) -> Result<Self> {
        sqlx::query!("SELECT id FROM members WHERE school_id = $1 AND id = $2 FOR UPDATE", scope.school_id(), id)
            .fetch_one(&mut *tx)
            .await?;
        let known = store::known(scope, tx, year_id, &[id]).await?.pop().ok_or(Error::NotFound)?;
        if scope.outranks(known.id, known.rank) { Ok(Self(known)) } else { Err(Error::Forbidden) }
    }

    /// The same, where nobody does it to himself.
    ///
    /// # Errors
    /// As [`find`](Self::find), and [`Error::Forbidden`] for the actor himself.
    pub async fn find_other(scope: &Scope, tx: &mut PgConnection, year_id: Uuid, id: Uuid) -> Result<Self> {
        let subject = Self::find(scope, tx, year_id, id).await?;
        let is_self = scope.member().is_some_and(|member| member.id == subject.id);
        if is_self { Err(Error::Forbidden) } else { Ok(subject) }
    }
}

impl Deref for Subject {
    type Target = Known;

    fn deref(&self) -> &Known {
        &self.0
    }
}
