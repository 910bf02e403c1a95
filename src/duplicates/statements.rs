//! Statements that are run one after the other. Each is checked as any other query, so that its text stands where it is
//! run; `$1` is the school.

/// Statements that give the one who stays (`$2`) what the one who goes (`$3`) had.
macro_rules! give_over {
    ($scope:ident, $tx:ident, $kept:ident, $gone:ident; $($statement:literal;)+) => {$(
        sqlx::query!($statement, $scope.school_id(), $kept, $gone).execute(&mut *$tx).await?;
    )+};
}

/// Statements over rows that were kept as JSON (`$2`), each followed by its rows and by its other values (from `$3`).
macro_rules! write_rows {
    ($scope:ident, $tx:ident; $($statement:literal => $rows:expr $(, $more:ident)*;)+) => {$(
        sqlx::query!($statement, $scope.school_id(), sqlx::types::Json(&$rows) as _ $(, $more)*)
            .execute(&mut *$tx)
            .await?;
    )+};
}

pub(super) use {give_over, write_rows};
