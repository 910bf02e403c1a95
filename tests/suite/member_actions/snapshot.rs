//! What the acts of the table may change, and the way back to it.

use crate::support::TestApp;

/// A copy of everything that acts change, and the way back to it.
pub struct Snapshot {
    /// Each table's own columns, and not those that follow from others.
    columns: Vec<String>,
    /// How the tables were when nothing was found to have changed: a comparison of all rows is for those that were
    /// written since.
    unchanged: Vec<(i64, Option<i64>)>,
}

impl Snapshot {
    const TABLES: [&str; 10] = [
        "accounts",
        "members",
        "guardians",
        "member_words",
        "enrolments",
        "classes",
        "grants",
        "memberships",
        "releases",
        "sessions",
    ];

    pub async fn take(test: &TestApp) -> Self {
        let copies = Self::TABLES.map(|table| format!("CREATE TABLE snap.{table} AS TABLE public.{table};")).concat();
        let sql = format!("CREATE SCHEMA snap; {copies}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut test.admin().await).await.unwrap();
        let mut columns = Vec::new();
        for table in Self::TABLES {
            let own = "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns
                 WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER'";
            columns.push(sqlx::query_scalar(own).bind(table).fetch_one(&mut test.admin().await).await.unwrap());
        }
        Self { columns, unchanged: Vec::new() }
    }

    /// How many rows each table has, and the newest transaction that wrote one: the same as long as nothing is written.
    async fn versions(admin: &mut sqlx::PgConnection) -> Vec<(i64, Option<i64>)> {
        let of = |table: &str| format!("SELECT count(*), max(xmin::text::bigint) FROM {table}");
        let sql = Self::TABLES.map(of).join(" UNION ALL ");
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(admin).await.unwrap()
    }

    /// Puts everything back, past all triggers.
    pub async fn restore(&self, admin: &mut sqlx::PgConnection) {
        let again = |(table, columns): (&str, &String)| {
            format!("DELETE FROM {table}; INSERT INTO {table} ({columns}) SELECT {columns} FROM snap.{table};")
        };
        let tables: String = Self::TABLES.into_iter().zip(&self.columns).map(again).collect();
        let sql = format!("BEGIN; SET LOCAL session_replication_role = replica; {tables} COMMIT;");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(admin).await.unwrap();
    }

    /// The rows that are not as they were; none as long as nothing was changed. When a person last came is no change.
    pub async fn changes(&mut self, admin: &mut sqlx::PgConnection) -> Vec<String> {
        let versions = Self::versions(admin).await;
        if versions == self.unchanged {
            return Vec::new();
        }
        let of = |table: &str| {
            let row = match table {
                "members" => "to_jsonb(t) - '{first_signed_in_at,last_signed_in_at,sign_in_order}'::text[]",
                "accounts" => "to_jsonb(t) - 'last_school_id'",
                "sessions" => "to_jsonb(t) - 'last_seen_at'",
                "memberships" => "to_jsonb(t) - 'is_staff'",
                _ => "to_jsonb(t)",
            };
            let [now, before] = ["public", "snap"].map(|schema| format!("SELECT {row} FROM {schema}.{table} t"));
            format!(
                "SELECT '+ {table} ' || r::text FROM ({now} EXCEPT {before}) c(r)
                 UNION ALL SELECT '- {table} ' || r::text FROM ({before} EXCEPT {now}) c(r)"
            )
        };
        let sql = Self::TABLES.map(of).join(" UNION ALL ");
        let changes: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(admin).await.unwrap();
        if changes.is_empty() {
            self.unchanged = versions;
        }
        changes
    }
}
