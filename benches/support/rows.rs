//! The rows of a table as arrays, one a column, in the form in which the database takes them, so that inserting them
//! costs as little as possible.

use schoolgate::ids::SchoolId;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo};
use sqlx::{AssertSqlSafe, Encode, PgConnection, Postgres, Row, Type, TypeInfo, ValueRef};

/// An array of the column's values, as the database sent it.
struct Column {
    kind: PgTypeInfo,
    bytes: Vec<u8>,
}

impl Type<Postgres> for Column {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("unknown")
    }
}

impl Encode<'_, Postgres> for Column {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(&self.bytes);
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(self.kind.clone())
    }
}

/// Some rows of a table.
pub struct Table {
    columns: Vec<Column>,
    insert: String,
}

impl Table {
    /// The rows of a school, in the order in which they were written; what the program may not write is left out.
    pub async fn read(admin: &mut PgConnection, name: &str, of: &str, school: SchoolId) -> Self {
        let names: Vec<String> = sqlx::query_scalar(
            "SELECT quote_ident(column_name) FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name = $1 AND column_name <> 'school_id' AND is_generated = 'NEVER'
                 AND has_column_privilege('schoolgate_app', table_name, column_name, 'INSERT')
             ORDER BY ordinal_position",
        )
        .bind(name)
        .fetch_all(&mut *admin)
        .await
        .unwrap();
        let has_school = name != "accounts";
        // Updated rows have moved.
        let order = if name == "plan_rows" { "line" } else { "ctid" };
        let arrays: Vec<String> = names.iter().map(|column| format!("array_agg({column} ORDER BY {order})")).collect();
        let select = format!("SELECT {} FROM {name} WHERE {of}", arrays.join(", "));
        let row = sqlx::query(AssertSqlSafe(select)).bind(school).fetch_one(admin).await.unwrap();
        let columns = (0..names.len()).map(|at| {
            let value = row.try_get_raw(at).unwrap();
            assert!(value.type_info().name().ends_with("[]"), "{name} has rows");
            Column { kind: value.type_info().into_owned(), bytes: value.as_bytes().unwrap().to_vec() }
        });
        let columns: Vec<Column> = columns.collect();
        let arrays: Vec<String> = (0..names.len()).map(|at| format!("${}", at + 2)).collect();
        let (school_column, school_value) = if has_school { ("school_id, ", "$1, ") } else { ("", "") };
        let of_school = if has_school { "" } else { " WHERE $1 IS NOT NULL" };
        let insert = format!(
            "INSERT INTO {name} ({school_column}{}) SELECT {school_value}* FROM unnest({}){of_school}",
            names.join(", "),
            arrays.join(", "),
        );
        Self { columns, insert }
    }

    /// Inserts them all at once.
    pub async fn insert(&self, tx: &mut PgConnection, school: SchoolId) {
        let mut query = sqlx::query(AssertSqlSafe(self.insert.as_str().to_owned())).bind(school);
        for column in &self.columns {
            query = query.bind(column);
        }
        query.execute(tx).await.unwrap();
    }
}
