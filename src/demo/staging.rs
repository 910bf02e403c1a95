//! Many rows at once, as the owner of the tables. COPY is refused on tables with row-level security, for the owner too,
//! so rows are copied into a temporary table and inserted from there: row-level security is never switched off.

use std::fmt::Write as _;

use sqlx::{AssertSqlSafe, PgConnection};

use crate::error::Result;

/// Rows of a table in the form in which COPY takes them.
pub struct StagedRows {
    table: &'static str,
    columns: &'static str,
    text: String,
}

impl StagedRows {
    pub fn of(table: &'static str, columns: &'static str) -> Self {
        Self { table, columns, text: String::new() }
    }

    /// Adds a row: a value a column.
    pub fn push<const N: usize>(&mut self, values: [Option<String>; N]) {
        debug_assert_eq!(N, self.columns.split(',').count(), "{}", self.table);
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                self.text.push('\t');
            }
            match value {
                None => self.text.push_str("\\N"),
                Some(value) => self.push_escaped(value),
            }
        }
        self.text.push('\n');
    }

    fn push_escaped(&mut self, value: &str) {
        for c in value.chars() {
            match c {
                '\\' => self.text.push_str("\\\\"),
                '\t' => self.text.push_str("\\t"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                c => self.text.push(c),
            }
        }
    }

    /// Inserts the rows into their table, and holds none afterwards.
    pub async fn insert(&mut self, tx: &mut PgConnection) -> Result<()> {
        if self.text.is_empty() {
            return Ok(());
        }
        let (table, columns, text) = (self.table, self.columns, std::mem::take(&mut self.text));
        let stage = format!(
            "CREATE TEMPORARY TABLE IF NOT EXISTS staged_{table} ON COMMIT DELETE ROWS
             AS SELECT {columns} FROM {table} WITH NO DATA"
        );
        sqlx::raw_sql(AssertSqlSafe(stage)).execute(&mut *tx).await?;
        let mut copy = tx.copy_in_raw(&format!("COPY staged_{table} ({columns}) FROM STDIN")).await?;
        copy.send(text.into_bytes()).await?;
        copy.finish().await?;
        // With RETURNING a cluster does not COPY here either.
        let first = columns.split(',').next().unwrap_or(columns);
        let insert = format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM staged_{table} RETURNING {first}");
        sqlx::raw_sql(AssertSqlSafe(insert)).execute(&mut *tx).await?;
        sqlx::raw_sql(AssertSqlSafe(format!("TRUNCATE staged_{table}"))).execute(&mut *tx).await?;
        Ok(())
    }
}

/// Bytes as COPY takes them.
pub fn bytes(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 + 2 * bytes.len());
    text.push_str("\\x");
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_apart_whatever_is_in_them() {
        let mut rows = StagedRows::of("members", "id, full_name, email");
        rows.push([Some("1".to_owned()), Some("a\tb\\c\nd".to_owned()), None]);
        assert_eq!(rows.text, "1\ta\\tb\\\\c\\nd\t\\N\n");
        assert_eq!(bytes(&[0, 255]), "\\x00ff");
    }
}
