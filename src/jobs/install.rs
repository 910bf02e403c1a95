//! Making the queue's tables, as part of `migrate`.

use graphile_worker::WorkerUtils;
use sqlx::PgPool;

use super::SCHEMA;

/// The queue could not be made.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// From graphile_worker's own migrations.
    #[error("the tables of graphile_worker could not be made: {0}")]
    Migrations(String),
    /// From granting rights to the program's role.
    #[error("the program's role could not be given its rights to the queue")]
    Rights(#[from] sqlx::Error),
}

/// Brings the queue up to date and gives `program_role` its rights to it. Repeating it changes nothing. `owner` is
/// connected as the owner's role, which needs `CREATE` on the database (the owner of the database has it) and no more.
///
/// # Errors
/// When the database refuses.
pub async fn install(owner: &PgPool, program_role: &str) -> Result<(), InstallError> {
    WorkerUtils::new(owner.clone(), SCHEMA)
        .migrate()
        .await
        .map_err(|error| InstallError::Migrations(error.to_string()))?;
    grant(owner, program_role).await?;
    Ok(())
}

async fn grant(owner: &PgPool, program_role: &str) -> sqlx::Result<()> {
    let mut connection = owner.acquire().await?;
    // A setting of the session, since a DO block takes no parameters.
    sqlx::query("SELECT set_config('schoolgate.program_role', $1, false)")
        .bind(program_role)
        .execute(&mut *connection)
        .await?;
    // Statements sent together are one transaction.
    sqlx::raw_sql(include_str!("jobs.sql")).execute(&mut *connection).await?;
    Ok(())
}
