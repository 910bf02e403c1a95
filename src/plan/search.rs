//! Which rows of a plan a page of a review shows: found by what was typed, a page at a time, forwards and back. Pages
//! are identified by the line after which they begin, so that what others mend meanwhile moves nothing.

use sqlx::PgConnection;

use super::{model::Outcome, rows::PAGE};
use crate::{
    access::Scope,
    error::Result,
    ids::PlanId,
    vietnam::{search::MOST_WORDS, text},
};

/// Which rows are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowSearch {
    outcome: Option<Outcome>,
    line: Option<i32>,
    /// The LIKE patterns that the row's name must match, all of them.
    patterns: Vec<String>,
}

impl RowSearch {
    /// What was typed: the number of a line, or beginnings of words of the name, in any order.
    #[must_use]
    pub fn of(outcome: Option<Outcome>, typed: &str) -> Self {
        match typed.trim().parse() {
            Ok(line) => Self { outcome, line: Some(line), patterns: Vec::new() },
            // Words hold letters and digits only, and so no pattern characters.
            Err(_) => {
                let patterns = text::words(typed).iter().take(MOST_WORDS).map(|word| format!("% {word}%")).collect();
                Self { outcome, line: None, patterns }
            }
        }
    }
}

/// The lines that are searched for after a line; at most `most`.
pub async fn lines(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: PlanId,
    search: &RowSearch,
    after: i32,
    most: i64,
) -> Result<Vec<i32>> {
    Ok(sqlx::query_scalar!(
        "SELECT line FROM plan_rows
         WHERE school_id = $1 AND plan_id = $2 AND ($3::text IS NULL OR outcome = $3) AND line > $4
             AND ($5::int IS NULL OR line = $5) AND search LIKE ALL ($6)
         ORDER BY line LIMIT $7",
        scope.school_id(),
        plan_id,
        search.outcome.map(Outcome::key),
        after,
        search.line,
        &search.patterns,
        most,
    )
    .fetch_all(tx)
    .await?)
}

/// After which line the page before the one after `after` begins: 0 for the first page, nothing where there is none
/// before.
pub async fn page_before(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: PlanId,
    search: &RowSearch,
    after: i32,
) -> Result<Option<i32>> {
    if after <= 0 {
        return Ok(None);
    }
    let lines = sqlx::query_scalar!(
        "SELECT line FROM plan_rows
         WHERE school_id = $1 AND plan_id = $2 AND ($3::text IS NULL OR outcome = $3) AND line <= $4
             AND ($5::int IS NULL OR line = $5) AND search LIKE ALL ($6)
         ORDER BY line DESC LIMIT $7",
        scope.school_id(),
        plan_id,
        search.outcome.map(Outcome::key),
        after,
        search.line,
        &search.patterns,
        PAGE + 1,
    )
    .fetch_all(tx)
    .await?;
    Ok(after_of_page_before(&lines))
}

/// How many rows are kept out for want of a mother or a guardian.
pub async fn count_without_guardian(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM plan_rows WHERE school_id = $1 AND plan_id = $2 AND lacks_guardian"#,
        scope.school_id(),
        plan_id,
    )
    .fetch_one(tx)
    .await?)
}

/// The lines that are kept out for want of a mother or a guardian, after a line; at most `most`.
pub async fn lines_without_guardian(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: PlanId,
    after: i32,
    most: i64,
) -> Result<Vec<i32>> {
    Ok(sqlx::query_scalar!(
        "SELECT line FROM plan_rows WHERE school_id = $1 AND plan_id = $2 AND lacks_guardian AND line > $3
         ORDER BY line LIMIT $4",
        scope.school_id(),
        plan_id,
        after,
        most,
    )
    .fetch_all(tx)
    .await?)
}

/// After which line the page of these before the one after `after` begins: 0 for the first page, nothing where there
/// is none before.
pub async fn page_before_without_guardian(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: PlanId,
    after: i32,
) -> Result<Option<i32>> {
    let lines = sqlx::query_scalar!(
        "SELECT line FROM plan_rows WHERE school_id = $1 AND plan_id = $2 AND lacks_guardian AND line <= $3
         ORDER BY line DESC LIMIT $4",
        scope.school_id(),
        plan_id,
        after,
        PAGE + 1,
    )
    .fetch_all(tx)
    .await?;
    Ok(after_of_page_before(&lines))
}

/// Of the lines before a page, backwards and one more than a page has: after which line the page before it begins.
fn after_of_page_before(lines: &[i32]) -> Option<i32> {
    let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
    if lines.is_empty() { None } else { Some(lines.get(page).copied().unwrap_or(0)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_line_and_words_begin_words() {
        assert_eq!(RowSearch::of(None, " 12 "), RowSearch { line: Some(12), ..RowSearch::default() });
        let patterns = vec!["% nguyen%".to_owned(), "% dat%".to_owned()];
        assert_eq!(RowSearch::of(None, "NGUYỄN, đạt%_"), RowSearch { patterns, ..RowSearch::default() });
        assert_eq!(
            RowSearch::of(Some(Outcome::Error), " "),
            RowSearch { outcome: Some(Outcome::Error), ..RowSearch::default() }
        );
    }

    #[test]
    fn the_page_before_begins_a_page_back_or_at_the_start() {
        let page = i32::try_from(PAGE).unwrap();
        let backwards = |count: i32| (1..=count).rev().map(|line| line + 10).collect::<Vec<_>>();
        assert_eq!(after_of_page_before(&[]), None);
        assert_eq!(after_of_page_before(&backwards(page)), Some(0));
        assert_eq!(after_of_page_before(&backwards(page + 1)), Some(11));
    }
}
