//! Whom an act is about: looked up, locked, and found to stand below whoever acts. The acts on people demand one, so
//! that forgetting the check does not compile.

use std::ops::Deref;

use sqlx::PgConnection;
use uuid::Uuid;

use super::store::{self, Known};
use crate::{
    access::{Granted, Scope, may},
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

    /// Somebody to be helped in: by who manages accounts whoever stands below, by a homeroom teacher a pupil of the class
    /// that is his this year. Looked up at the moment of the act.
    ///
    /// # Errors
    /// As [`find_other`](Self::find_other), and [`Error::Forbidden`] for whose homeroom teacher the actor is not.
    pub async fn find_helped(
        granted: &Granted<may::HelpPupils>,
        tx: &mut PgConnection,
        year_id: Uuid,
        id: Uuid,
    ) -> Result<Self> {
        let subject = Self::find_other(granted, tx, year_id, id).await?;
        if granted.may::<may::ManageAccounts>() {
            return Ok(subject);
        }
        let is_own = sqlx::query_scalar!(
            r#"SELECT EXISTS (
                   SELECT FROM enrolments e JOIN classes c ON c.school_id = e.school_id AND c.id = e.class_id
                   WHERE e.school_id = $1 AND e.school_year_id = $2 AND e.member_id = $3 AND e.ended_at IS NULL
                       AND c.homeroom_member_id = $4
               ) AS "own!""#,
            granted.school_id(),
            year_id,
            id,
            granted.member().map(|member| member.id),
        )
        .fetch_one(tx)
        .await?;
        if is_own && !subject.is_staff() { Ok(subject) } else { Err(Error::Forbidden) }
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
