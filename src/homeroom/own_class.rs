//! The homeroom teacher's view: their own classes of this year, and nothing of any other.

use sqlx::PgConnection;

use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    ids::{ClassId, YearId},
    schools::years,
};

/// A class of this year of which the actor is the homeroom teacher: only the look-up constructs one.
#[derive(Clone, Debug)]
pub struct OwnClass {
    pub id: ClassId,
    pub name: String,
    pub year_id: YearId,
    pub pupils: i64,
}

impl OwnClass {
    /// The actor's classes of this year, in their natural order.
    pub async fn all(granted: &Granted<may::HelpPupils>, app: &App, tx: &mut PgConnection) -> Result<Vec<Self>> {
        let year = years::current(granted, tx, app.clock.today()).await?;
        Ok(sqlx::query_as!(
            Self,
            r#"SELECT c.id, c.name, c.school_year_id AS year_id, coalesce(n.value, 0) AS "pupils!"
               FROM classes c
               LEFT JOIN LATERAL (
                   SELECT value FROM counters WHERE school_id = $1 AND counter = 'class:' || c.id OFFSET 0) n ON true
               WHERE c.school_id = $1 AND c.school_year_id = $2 AND c.homeroom_member_id = $3 ORDER BY c.sort_key"#,
            granted.school_id(),
            year.id,
            granted.member().map(|member| member.id),
        )
        .fetch_all(tx)
        .await?)
    }

    /// One of the actor's classes.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the class is not one of theirs.
    pub async fn find(
        granted: &Granted<may::HelpPupils>,
        app: &App,
        tx: &mut PgConnection,
        id: ClassId,
    ) -> Result<Self> {
        Self::all(granted, app, tx).await?.into_iter().find(|class| class.id == id).ok_or(Error::NotFound)
    }
}
