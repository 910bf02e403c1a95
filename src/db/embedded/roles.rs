//! The roles and databases on the embedded server.

use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::{error::EmbeddedError, user::EmbeddedServer};

/// A database that always exists, and holds nothing.
const MAINTENANCE_DATABASE: &str = "postgres";

/// The collation that Vietnamese names are sorted by.
const COLLATION: &str = "vi-x-icu";

/// The lock under which processes that start together set up the same server one after the other.
const SETUP_LOCK: i64 = 0x5C_0016_A7E0;

/// How long a server that was just restarted may refuse connections.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);

/// The roles on the server. None has a password: the socket is accessible to nobody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerRole {
    /// Superuser. Sets up the others, and is used for nothing else.
    Admin,
    /// Owns the databases and what is in them; migrates.
    Owner,
    /// The program. Owns nothing, and row-level security holds for it.
    App,
}

impl ServerRole {
    /// The role's name on the server.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "schoolgate_admin",
            Self::Owner => "schoolgate_owner",
            Self::App => "schoolgate_app",
        }
    }
}

impl EmbeddedServer {
    /// Makes the roles and a database for the program, as far as they are missing.
    ///
    /// # Errors
    /// When the name is invalid, the server lacks ICU or a statement fails.
    pub async fn ensure_database(&self, database: &str) -> Result<(), EmbeddedError> {
        check_name(database)?;
        let mut admin = self.connect_as_admin(MAINTENANCE_DATABASE).await?;
        sqlx::query("SELECT pg_advisory_lock($1)").bind(SETUP_LOCK).execute(&mut admin).await?;
        for role in [ServerRole::Owner, ServerRole::App] {
            ensure_role(&mut admin, role).await?;
        }
        if !exists(&mut admin, "SELECT FROM pg_database WHERE datname = $1", database).await? {
            create(&mut admin, database, None).await?;
        }
        grant_access(&mut admin, database).await?;
        self.set_up_schemas(database).await?;
        // Releases the lock as well.
        admin.close().await?;
        Ok(())
    }

    /// Makes a copy of a database without connections, or a database like a new one. The roles must exist.
    ///
    /// # Errors
    /// When a name is invalid, the database exists already, or the template has connections.
    pub async fn create_database(&self, database: &str, template: Option<&str>) -> Result<(), EmbeddedError> {
        check_name(database)?;
        template.map_or(Ok(()), check_name)?;
        let mut admin = self.connect_as_admin(MAINTENANCE_DATABASE).await?;
        create(&mut admin, database, template).await?;
        grant_access(&mut admin, database).await?;
        if template.is_none() {
            self.set_up_schemas(database).await?;
        }
        admin.close().await?;
        Ok(())
    }

    /// Drops a database and closes its connections. A missing one is no error.
    ///
    /// # Errors
    /// When the name is invalid or the statement fails.
    pub async fn drop_database(&self, database: &str) -> Result<(), EmbeddedError> {
        check_name(database)?;
        let mut admin = self.connect_as_admin(MAINTENANCE_DATABASE).await?;
        run(&mut admin, format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)")).await?;
        admin.close().await?;
        Ok(())
    }

    /// How to connect as one of the roles, whatever `PGHOST` and the like are set to.
    #[must_use]
    pub fn connect_options(&self, role: ServerRole, database: &str) -> PgConnectOptions {
        let (folder, port) = self.socket();
        PgConnectOptions::new_without_pgpass()
            .socket(folder)
            .port(port)
            .username(role.name())
            .database(database)
            .ssl_mode(PgSslMode::Disable)
    }

    pub(super) async fn connect_as_admin(&self, database: &str) -> Result<PgConnection, EmbeddedError> {
        let options = self.connect_options(ServerRole::Admin, database);
        let deadline = Instant::now() + CONNECT_PATIENCE;
        loop {
            match PgConnection::connect_with(&options).await {
                Err(error) if turns_away_for_now(&error) && Instant::now() < deadline => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                outcome => return Ok(outcome?),
            }
        }
    }

    async fn set_up_schemas(&self, database: &str) -> Result<(), EmbeddedError> {
        let mut admin = self.connect_as_admin(database).await?;
        if !exists(&mut admin, "SELECT FROM pg_collation WHERE collname = $1", COLLATION).await? {
            return Err(EmbeddedError::NoIcu);
        }
        let owner = ServerRole::Owner.name();
        run(
            &mut admin,
            format!(
                "ALTER SCHEMA public OWNER TO {owner};
                 REVOKE CREATE ON SCHEMA public FROM PUBLIC"
            ),
        )
        .await?;
        admin.close().await?;
        Ok(())
    }
}

/// Makes a role, and removes attributes that it must not have.
async fn ensure_role(admin: &mut PgConnection, role: ServerRole) -> Result<(), EmbeddedError> {
    let name = role.name();
    if !exists(admin, "SELECT FROM pg_roles WHERE rolname = $1", name).await? {
        run(admin, format!("CREATE ROLE {name}")).await?;
    }
    run(admin, format!("ALTER ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT"))
        .await
}

async fn create(admin: &mut PgConnection, database: &str, template: Option<&str>) -> Result<(), EmbeddedError> {
    let owner = ServerRole::Owner.name();
    // A copy of a filled database takes a multiple of the time where each of its pages is logged.
    let source = template
        .map_or_else(|| "TEMPLATE template1".to_owned(), |template| format!("TEMPLATE {template} STRATEGY FILE_COPY"));
    run(admin, format!("CREATE DATABASE {database} OWNER {owner} {source}")).await
}

/// Who may connect. A copy of a database does not inherit that.
async fn grant_access(admin: &mut PgConnection, database: &str) -> Result<(), EmbeddedError> {
    let app = ServerRole::App.name();
    run(
        admin,
        format!(
            "REVOKE ALL ON DATABASE {database} FROM PUBLIC;
             GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app}"
        ),
    )
    .await
}

pub(super) async fn exists(
    connection: &mut PgConnection,
    query: &'static str,
    name: &str,
) -> Result<bool, EmbeddedError> {
    Ok(sqlx::query(query).bind(name).fetch_optional(connection).await?.is_some())
}

/// Runs statements made of our constants and of names that [`check_name`] accepted.
pub(super) async fn run(connection: &mut PgConnection, sql: String) -> Result<(), EmbeddedError> {
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
    Ok(())
}

/// Names are put into statements unquoted.
pub(super) fn check_name(name: &str) -> Result<(), EmbeddedError> {
    let starts_well = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    let goes_on_well = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if starts_well && goes_on_well && name.len() <= 63 {
        Ok(())
    } else {
        Err(EmbeddedError::DatabaseName(name.to_owned()))
    }
}

/// Whether the server is just starting or stopping (SQLSTATE 57P03), or being replaced.
fn turns_away_for_now(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => error.code().as_deref() == Some("57P03"),
        sqlx::Error::Io(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_need_no_quotes_are_names() {
        assert!(check_name("schoolgate").is_ok());
        assert!(check_name("test_0199_a").is_ok());
        for name in ["", "1st", "Trường", "a-b", "a;b", "a\"b", &"x".repeat(64)] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }
}
