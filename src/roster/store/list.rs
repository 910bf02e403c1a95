//! The list of accounts: the people that a filter matches, in every order, a page at a time or all of them.

use chrono::NaiveDate;
use futures_util::TryStreamExt;
use sqlx::{PgConnection, QueryBuilder};
use tokio::sync::mpsc;

use super::{
    MemberCounts, PROFILE_COLUMNS,
    listing::{COLUMNS, Listing, ROWS, Segment, push_order},
    of_class, of_roles, push_profile_tables, values_of,
};
use crate::{
    access::Scope,
    error::{Error, Result},
    ids::{ClassId, MemberId, YearId},
    roster::{
        fields::Values,
        model::{MemberFilter, MemberListRow, MemberPage, PAGE, PageCursor, SortOrder},
    },
    schools::{classes::ClassName, years::Year},
};

/// What a list of people is shown with.
#[derive(Clone, Debug)]
pub struct ListBasis {
    /// Today's.
    pub year: Year,
    /// Of all roles, and of the classes.
    pub counts: MemberCounts,
    /// Those of the year in their natural order; `None` where there are more than asked for.
    pub classes: Option<Vec<ClassName>>,
}

/// All that a list is shown with, in one statement. `most_classes`: with more, none is given; none asked for is an empty
/// list.
///
/// # Errors
/// [`Error::NotFound`] where the school has no year, which opening it prevents.
pub async fn list_basis(
    scope: &Scope,
    tx: &mut PgConnection,
    today: NaiveDate,
    most_classes: Option<usize>,
) -> Result<ListBasis> {
    let counters: Vec<String> = of_roles().collect();
    let row = sqlx::query!(
        r#"WITH year AS MATERIALIZED (
               SELECT id, name, starts_on, ends_on FROM school_years WHERE school_id = $1
               ORDER BY starts_on <= $2 DESC,
                   CASE WHEN starts_on <= $2 THEN $2 - starts_on ELSE starts_on - $2 END LIMIT 1),
           of_year AS MATERIALIZED (
               SELECT id, name, sort_key FROM classes WHERE school_id = $1 AND school_year_id = (SELECT id FROM year)
               ORDER BY sort_key LIMIT $4::bigint)
           SELECT y.id AS "id: YearId", y.name, y.starts_on, y.ends_on, c.names AS "counters!", c.numbers AS "numbers!",
                  k.ids AS "class_ids!: Vec<ClassId>", k.names AS "class_names!", k.pupils AS "pupils!",
                  (SELECT count(*) < greatest($4, 1) FROM of_year) AS "is_short!"
           FROM year y
           CROSS JOIN (SELECT coalesce(array_agg(counter), '{}') AS names, coalesce(array_agg(value), '{}') AS numbers
                       FROM counters WHERE school_id = $1 AND counter = ANY($3)) c
           CROSS JOIN (SELECT coalesce(array_agg(o.id ORDER BY o.sort_key), '{}') AS ids,
                           coalesce(array_agg(o.name ORDER BY o.sort_key), '{}') AS names,
                           coalesce(array_agg(coalesce(n.value, 0) ORDER BY o.sort_key), '{}') AS pupils
                       FROM of_year o LEFT JOIN LATERAL (
                           SELECT value FROM counters WHERE school_id = $1 AND counter = 'class:' || o.id OFFSET 0
                       ) n ON true
                       WHERE (SELECT count(*) < greatest($4, 1) FROM of_year)) k"#,
        scope.school_id(),
        today,
        &counters,
        // One more shows that there are more.
        most_classes.and_then(|most| i64::try_from(most + 1).ok()).unwrap_or_default(),
    )
    .fetch_optional(tx)
    .await?
    .ok_or(Error::NotFound)?;
    let year = Year { id: row.id, name: row.name, starts_on: row.starts_on, ends_on: row.ends_on };
    let of_classes = row.class_ids.iter().copied().map(of_class).zip(row.pupils);
    let counts = MemberCounts(row.counters.into_iter().zip(row.numbers).chain(of_classes).collect());
    let classes = row.class_ids.into_iter().zip(row.class_names).map(|(id, name)| ClassName { id, name });
    Ok(ListBasis { year, counts, classes: row.is_short.then(|| classes.collect()) })
}

/// A page of people. `year_id` is the year whose classes are shown.
pub async fn list(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    filter: &MemberFilter,
    order: SortOrder,
    page_cursor: PageCursor,
) -> Result<MemberPage> {
    let mut listing = Listing::new(scope, year_id, filter, order);
    let mut rows: Vec<MemberListRow> = Vec::new();
    listing.gather_by_rarest_word(tx).await?;
    let glance = if listing.gathers() { None } else { listing.glance(COLUMNS, page_cursor) };
    if let Some(mut glance) = glance {
        rows = glance.build_query_as().fetch_all(&mut *tx).await?;
    }
    if rows.len() < ROWS {
        listing.gather_where_few(tx).await?;
        rows = listing.rows(tx, page_cursor).await?;
    }
    let has_more = rows.len() > PAGE;
    rows.truncate(PAGE);
    if page_cursor.is_backward() {
        rows.reverse();
    }
    let has_cursor = page_cursor.cursor().is_some();
    let (has_previous, has_next) =
        if page_cursor.is_backward() { (has_more, has_cursor) } else { (has_cursor, has_more) };
    Ok(MemberPage {
        previous: rows.first().filter(|_| has_previous).map(|row| row.id),
        next: rows.last().filter(|_| has_next).map(|row| row.id),
        rows,
    })
}

/// Everybody that a filter matches: meant for a class, not for a whole school.
pub async fn everybody(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    filter: &MemberFilter,
) -> Result<Vec<MemberListRow>> {
    let mut people = Vec::new();
    let mut page_cursor = PageCursor::First;
    loop {
        let page = list(scope, tx, year_id, filter, SortOrder::default(), page_cursor).await?;
        people.extend(page.rows);
        let Some(next) = page.next else { return Ok(people) };
        page_cursor = PageCursor::After(next);
    }
}

/// The database's plans for a page: for the test that checks them.
pub async fn plans(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    filter: &MemberFilter,
    order: SortOrder,
    page_cursor: PageCursor,
) -> Result<Vec<String>> {
    let listing = Listing::of(scope, tx, year_id, filter, order).await?;
    let candidates = listing.candidates();
    let mut lines = Vec::new();
    if let Some(mut sampling) = listing.sampling("EXPLAIN (COSTS OFF) ") {
        lines.extend(sampling.build_query_scalar::<String>().fetch_all(&mut *tx).await?);
    }
    if let Some(mut glance) = listing.glance(&format!("EXPLAIN (COSTS OFF) {COLUMNS}"), page_cursor) {
        lines.extend(glance.build_query_scalar::<String>().fetch_all(&mut *tx).await?);
    }
    if !candidates.is_empty() {
        let mut query = listing.counting("EXPLAIN (COSTS OFF) ", &candidates);
        lines.extend(query.build_query_scalar::<String>().fetch_all(&mut *tx).await?);
    }
    for segment in listing.segments(tx, page_cursor).await? {
        let mut query = listing.statement(&format!("EXPLAIN (COSTS OFF) {COLUMNS}"), &segment, page_cursor);
        lines.extend(query.build_query_scalar::<String>().fetch_all(&mut *tx).await?);
    }
    Ok(lines)
}

/// The ids of the people that a filter matches, by name; at most `most`.
pub async fn ids(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    filter: &MemberFilter,
    most: i64,
) -> Result<Vec<MemberId>> {
    let listing = Listing::of(scope, tx, year_id, filter, SortOrder::default()).await?;
    let mut query = QueryBuilder::new("SELECT m.id");
    listing.push_tables(&mut query, Segment::Whole);
    listing.push_where(&mut query);
    query.push(" ORDER BY m.given_name, m.family_name, m.middle_name, m.id LIMIT ").push_bind(most);
    Ok(query.build_query_scalar().fetch_all(tx).await?)
}

/// How many people a filter matches, counted up to one more than a page holds.
pub async fn count_to_a_page(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    filter: &MemberFilter,
) -> Result<usize> {
    let most = i64::try_from(ROWS).unwrap_or(i64::MAX);
    Ok(ids(scope, tx, year_id, filter, most).await?.len())
}

/// Sends everybody that a filter matches, with all values, in the given order, and returns how many those were. Rows
/// are streamed from the database as the receiver takes them: memory does not grow with their number. When the receiver
/// is gone, sending stops.
pub async fn send_records(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    filter: &MemberFilter,
    order: SortOrder,
    takes: &mpsc::Sender<Values>,
) -> Result<u64> {
    let listing = Listing::of(scope, tx, year_id, filter, order).await?;
    let mut query = QueryBuilder::new(PROFILE_COLUMNS.as_str());
    push_profile_tables(&mut query, year_id);
    listing.push_where(&mut query);
    push_order(&mut query, Segment::Whole.keys(order.column), order.is_descending);
    let mut rows = query.build().fetch(tx);
    let mut count = 0;
    while let Some(row) = rows.try_next().await? {
        if takes.send(values_of(&row)?).await.is_err() {
            break;
        }
        count += 1;
    }
    Ok(count)
}
