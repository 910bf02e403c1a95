//! A database with nothing but the queue, whose program's role has a name that SQL would trip over if it were not quoted.

use std::sync::atomic::{AtomicU32, Ordering};

use schoolgate::{db::embedded::ServerRole, jobs};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};

use crate::support::database::{elsewhere, server};

pub const OWNER: &str = "schoolgate_owner";
pub const PROGRAM: &str = "schoolgate-\"app\"";

/// The process that holds it makes the role, which belongs to the whole server.
const ROLE_LOCK: i64 = 0x5C_0016_0701;

pub struct TestDatabase {
    pub name: String,
    pub owner: PgPool,
    pub program: PgPool,
}

pub fn options(role: &str, database: &str) -> PgConnectOptions {
    server().connect_options(ServerRole::App, database).username(role)
}

impl TestDatabase {
    pub async fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        // The name of a test's database: a later run that finds it left behind removes it.
        let name = format!("t_{}_jobs{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let made = name.clone();
        elsewhere(async move {
            server().ensure_database(&made).await.unwrap();
            let mut admin =
                PgConnection::connect_with(&server().connect_options(ServerRole::Admin, &made)).await.unwrap();
            sqlx::query("SELECT pg_advisory_lock($1)").bind(ROLE_LOCK).execute(&mut admin).await.unwrap();
            let statements = format!(
                "DO $$ BEGIN
                     IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{PROGRAM}') THEN
                         CREATE ROLE {role} LOGIN; END IF;
                 END $$;
                 GRANT CONNECT ON DATABASE {made} TO {role}",
                role = quoted(PROGRAM),
            );
            sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut admin).await.unwrap();
            admin.close().await.unwrap();
        });
        let owner = pool(OWNER, &name).await;
        jobs::install(&owner, PROGRAM).await.unwrap();
        let program = pool(PROGRAM, &name).await;
        Self { program, owner, name }
    }

    pub fn options(&self) -> PgConnectOptions {
        options(PROGRAM, &self.name)
    }

    pub async fn left_over(&self) -> Vec<jobs::LeftOver> {
        jobs::left_over(&mut self.program.acquire().await.unwrap()).await.unwrap()
    }

    /// A role that may log in and has been given nothing.
    pub async fn pool_of_a_stranger(&self) -> PgPool {
        let role = format!("stranger_of_{}", self.name);
        let statements = format!("CREATE ROLE {role} LOGIN; GRANT CONNECT ON DATABASE {} TO {role}", self.name);
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut self.admin().await).await.unwrap();
        pool(&role, &self.name).await
    }

    /// Takes that role away again.
    pub async fn forget_stranger(&self) {
        let role = format!("stranger_of_{}", self.name);
        let statements = format!("DROP OWNED BY {role}; DROP ROLE {role}");
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut self.admin().await).await.unwrap();
    }

    /// Ends all connections of that application to this database.
    pub async fn cut_off(&self, application: &str) {
        let ended = sqlx::query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = $1 AND application_name = $2",
        )
        .bind(&self.name)
        .bind(application)
        .execute(&mut self.admin().await)
        .await
        .unwrap();
        assert!(ended.rows_affected() > 0);
    }

    async fn admin(&self) -> PgConnection {
        PgConnection::connect_with(&server().connect_options(ServerRole::Admin, &self.name)).await.unwrap()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let name = self.name.clone();
        elsewhere(async move { server().drop_database(&name).await.unwrap() });
    }
}

fn quoted(role: &str) -> String {
    format!("\"{}\"", role.replace('"', "\"\""))
}

async fn pool(role: &str, database: &str) -> PgPool {
    PgPoolOptions::new().max_connections(5).connect_with(options(role, database)).await.unwrap()
}
