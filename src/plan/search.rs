//! Which rows of a plan a page of a review shows: found by what was typed, a page at a time, forwards and back. Pages
//! are identified by the line after which they begin, so that what others mend meanwhile moves nothing.

use sqlx::PgConnection;

use super::{
    model::{MEMBER_TWICE, RowOutcome},
    rows::PAGE,
};
use crate::{
    access::Scope,
    error::Result,
    ids::PlanId,
    vietnam::{search::MOST_WORDS, text},
};

/// Which rows are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowSearch {
    outcome: Option<RowOutcome>,
    /// As the spreadsheet numbers it: where several sheets were read together, each may have one of this number.
    line: Option<i32>,
    /// The LIKE patterns that the row's name must match, all of them.
    patterns: Vec<String>,
}

impl RowSearch {
    /// What was typed: the number of a line, or beginnings of words of the name, in any order.
    #[must_use]
    pub fn of(outcome: Option<RowOutcome>, typed: &str) -> Self {
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
             AND ($5::int IS NULL OR line % 2000000 = $5) AND search LIKE ALL ($6)
         ORDER BY line LIMIT $7",
        scope.school_id(),
        plan_id,
        search.outcome.map(RowOutcome::key),
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
             AND ($5::int IS NULL OR line % 2000000 = $5) AND search LIKE ALL ($6)
         ORDER BY line DESC LIMIT $7",
        scope.school_id(),
        plan_id,
        search.outcome.map(RowOutcome::key),
        after,
        search.line,
        &search.patterns,
        PAGE + 1,
    )
    .fetch_all(tx)
    .await?;
    Ok(after_of_page_before(&lines))
}

/// How many rows are kept out for want of a value that the grid asks for.
pub async fn count_lacking(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM plan_rows WHERE school_id = $1 AND plan_id = $2 AND lacks_values"#,
        scope.school_id(),
        plan_id,
    )
    .fetch_one(tx)
    .await?)
}

/// The lines that are kept out for want of such a value, after a line; at most `most`.
pub async fn lines_lacking(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: PlanId,
    after: i32,
    most: i64,
) -> Result<Vec<i32>> {
    Ok(sqlx::query_scalar!(
        "SELECT line FROM plan_rows WHERE school_id = $1 AND plan_id = $2 AND lacks_values AND line > $3
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
pub async fn page_before_lacking(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: PlanId,
    after: i32,
) -> Result<Option<i32>> {
    let lines = sqlx::query_scalar!(
        "SELECT line FROM plan_rows WHERE school_id = $1 AND plan_id = $2 AND lacks_values AND line <= $3
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

/// The rows that wait for a decision for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoubtGroup {
    /// One of [`super::model::DOUBTS`], `same-name` for a member of the same name and birth date, or `in-sheet` for
    /// another row about the same person.
    pub reason: String,
    pub count: i64,
    /// How many of them may be about a member of the school.
    pub about_members: i64,
}

impl DoubtGroup {
    /// Whether it can be decided of some of them that they are about the member that they may be about.
    #[must_use]
    pub fn may_be_same(&self) -> bool {
        self.about_members > 0 && self.reason != MEMBER_TWICE
    }

    /// Whether it can be decided of them that they are about new people: not where they wait behind a row about the same
    /// member.
    #[must_use]
    pub fn may_be_new(&self) -> bool {
        self.reason != MEMBER_TWICE
    }
}

/// Why rows wait for a decision, the most frequent reason first.
pub async fn doubts(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId) -> Result<Vec<DoubtGroup>> {
    Ok(sqlx::query_as!(
        DoubtGroup,
        r#"SELECT coalesce(blockers -> 0 ->> 'key', CASE WHEN member_id IS NULL THEN 'in-sheet' ELSE 'same-name' END)
               AS "reason!", count(*) AS "count!", count(member_id) AS "about_members!"
           FROM plan_rows WHERE school_id = $1 AND plan_id = $2 AND outcome = 'duplicate'
           GROUP BY 1 ORDER BY 2 DESC, 1"#,
        scope.school_id(),
        plan_id,
    )
    .fetch_all(tx)
    .await?)
}

/// The lines after a line that wait for a decision, for one reason or (`None`) any; at most `most`.
pub async fn lines_in_doubt(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: PlanId,
    reason: Option<&str>,
    after: i32,
    most: i64,
) -> Result<Vec<i32>> {
    Ok(sqlx::query_scalar!(
        "SELECT line FROM plan_rows
         WHERE school_id = $1 AND plan_id = $2 AND outcome = 'duplicate' AND line > $4
             AND ($3::text IS NULL OR $3 = coalesce(
                 blockers -> 0 ->> 'key', CASE WHEN member_id IS NULL THEN 'in-sheet' ELSE 'same-name' END))
         ORDER BY line LIMIT $5",
        scope.school_id(),
        plan_id,
        reason,
        after,
        most,
    )
    .fetch_all(tx)
    .await?)
}

/// The next line after `line` that is wrong or waits for a decision, among those that are searched for.
pub async fn next_to_mend(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: PlanId,
    search: &RowSearch,
    line: i32,
) -> Result<Option<i32>> {
    let mut next = None;
    for outcome in [RowOutcome::Error, RowOutcome::Duplicate] {
        if search.outcome.is_none_or(|asked| asked == outcome) {
            let search = RowSearch { outcome: Some(outcome), ..search.clone() };
            let found = lines(scope, tx, plan_id, &search, line, 1).await?.first().copied();
            next = found.into_iter().chain(next).min();
        }
    }
    Ok(next)
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
            RowSearch::of(Some(RowOutcome::Error), " "),
            RowSearch { outcome: Some(RowOutcome::Error), ..RowSearch::default() }
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
