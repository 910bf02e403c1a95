//! The statements of the list of accounts, as fast among a hundred thousand people as among two hundred.
//!
//! Under row-level security only leakproof operators use an index: equality, and comparisons of stored values. So pages
//! begin after the sort keys of a person (no offsets), words are ranges in collation "C", and every order has an index.
//! A page is found in one of two ways, and the statement leaves the planner no third:
//!
//! - *walk*: scan the index of the order and test each person; in the order of names the index holds the person's words
//!   too, so that skipping a person costs less than half a microsecond,
//! - *gather*: fetch the few people that match the rarest condition, and sort them, at two or three microseconds each.
//!
//! Of several words that few people have together, a sample shows the rarest. Its index holds all words of its people, so
//! that only those who have every word are fetched.
//!
//! The displayed columns are looked up for the people of the page alone.
//!
//! The ids of the school and its year are literals in the statement. A generic plan, made once for all schools, is made
//! for their average, and scans all of a school that is a thousand times larger.

use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::push_class_tables;
use crate::{
    access::{Role, Scope},
    error::Result,
    ids::{ClassId, MemberId, YearId},
    roster::model::{MemberFilter, MemberListRow, PAGE, PageCursor, SortColumn, SortOrder, Status, StatusFilter},
};

/// One in this many people of a role counts as few: gathering those costs no more than walking to the middle of all. A
/// given name that one in twenty shares is contiguous in the order of names, so that a walk to it can be long; a more
/// frequent word is spread out, and a page of it is soon full.
const FEW_OF: i64 = 20;

/// How many people a search by name scans before it checks which of its words is rare: two milliseconds, enough to fill
/// a page if the words are common.
const GLANCE: i64 = 5_000;

/// How many of the school's people are looked at to see how frequent several words are.
const SAMPLE: i64 = 200;

/// So many times as long as to scan a person it takes to gather one.
const GATHERING_COSTS: f64 = 5.0;

/// Where so many of the sample have all the words, the page is full before those people would be gathered. With a share p of
/// n people, walking scans [`ROWS`] / p of them, and gathering fetches p · n.
fn soon_full(people: i64) -> i64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "counts of people, far below 2^52"
    )]
    let most = (SAMPLE as f64 * (ROWS as f64 / (people.max(1) as f64 * GATHERING_COSTS)).sqrt()).ceil() as i64;
    most
}

/// The number of rows that is fetched for a page: one extra shows whether there are more.
pub const ROWS: usize = PAGE + 1;

pub const COLUMNS: &str = "SELECT m.id, m.account_id, m.full_name, m.status, m.username, m.email, m.birth_date,
    c.name AS class_name, m.slip_printed_at, m.temporary_until, m.declined_at, m.last_signed_in_at";

/// The condition by which few people are gathered.
#[derive(Clone, Copy, Debug)]
pub enum SelectiveFilter<'a> {
    Word(&'a str),
    Class(ClassId),
    Narrowing(StatusFilter),
}

/// A part of the list that one statement can walk through. Ordered by class, the pupils in no class come after all
/// others, and no index leads from one part to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment {
    Whole,
    /// Those in a class, class by class.
    Placed,
    /// Those in no class.
    Unplaced,
}

impl Segment {
    /// The sort keys.
    pub fn keys(self, column: SortColumn) -> &'static [&'static str] {
        match (column, self) {
            (SortColumn::Name, _) | (SortColumn::Class, Self::Unplaced) => {
                &["m.given_name", "m.family_name", "m.middle_name", "m.id"]
            }
            (SortColumn::Class, Self::Placed) => {
                &["c.sort_key", "m.given_name", "m.family_name", "m.middle_name", "m.id"]
            }
            (SortColumn::Class, Self::Whole) => {
                &[WHOLE_CLASS, "m.given_name", "m.family_name", "m.middle_name", "m.id"]
            }
            (SortColumn::BirthDate, _) => &["m.birth_order", "m.id"],
            (SortColumn::LastSignedIn, _) => &["m.sign_in_order", "m.id"],
        }
    }
}

/// The sort key of the class, or a value after all of them.
const WHOLE_CLASS: &str = "coalesce(c.sort_key, U&'\\+10FFFF')";

/// A segment, and the person within it at which the page begins; `None`: at its end.
pub struct SegmentPart {
    segment: Segment,
    begins_at: Option<MemberId>,
}

/// Which people a list contains, in which order, and in which way they are found.
pub struct Listing<'a> {
    scope: &'a Scope,
    year_id: YearId,
    filter: &'a MemberFilter,
    order: SortOrder,
    /// `None`: no condition matches few people, and the order is walked through.
    few: Option<SelectiveFilter<'a>>,
}

impl<'a> Listing<'a> {
    pub fn new(scope: &'a Scope, year_id: YearId, filter: &'a MemberFilter, order: SortOrder) -> Self {
        Self { scope, year_id, filter, order, few: None }
    }

    /// With the faster of the two ways.
    pub async fn of(
        scope: &'a Scope,
        tx: &mut PgConnection,
        year_id: YearId,
        filter: &'a MemberFilter,
        order: SortOrder,
    ) -> Result<Self> {
        let mut listing = Self::new(scope, year_id, filter, order);
        listing.gather_by_rarest_word(tx).await?;
        listing.gather_where_few(tx).await?;
        Ok(listing)
    }

    /// The word whose people are gathered.
    pub fn rarest_word(&self) -> Option<&'a str> {
        match self.few {
            Some(SelectiveFilter::Word(word)) => Some(word),
            _ => None,
        }
    }

    /// Whether people are gathered by a condition.
    pub fn gathers(&self) -> bool {
        self.few.is_some()
    }

    /// Of several words that few people have together: gathers the people of the rarest.
    pub async fn gather_by_rarest_word(&mut self, tx: &mut PgConnection) -> Result<()> {
        let Some(mut sampling) = self.sampling("") else { return Ok(()) };
        let seen: Vec<i64> = sampling.build_query_scalar().fetch_one(tx).await?;
        let [few, with_all, of_each @ ..] = seen.as_slice() else { return Ok(()) };
        if *with_all < soon_full(few * FEW_OF) {
            // Of words that are equally rare in the sample, the longest is probably the rarest.
            let words = self.filter.words.iter().zip(of_each);
            let rarest = words.min_by_key(|(word, count)| (**count, std::cmp::Reverse(word.len())));
            self.few = rarest.map(|(word, _)| SelectiveFilter::Word(word));
        }
        Ok(())
    }

    /// The statement that computes how many are "few", and counts in a sample of the school's people those who have all words,
    /// and those who have each.
    pub fn sampling(&self, head: &str) -> Option<QueryBuilder<Postgres>> {
        let words = &self.filter.words;
        if words.len() < 2 || self.filter.class_id.is_some() {
            return None;
        }
        let mut query = QueryBuilder::new(head);
        query.push("SELECT ARRAY[");
        self.push_how_many_are_few(&mut query);
        query.push(", count(*) FILTER (WHERE true");
        for word in words {
            push_has_word(&mut query, "s", word);
        }
        query.push(")");
        for word in words {
            query.push(", count(*) FILTER (WHERE true");
            push_has_word(&mut query, "s", word);
            query.push(")");
        }
        let school_id = self.scope.school_id();
        query.push(format_args!(
            "] FROM (SELECT m.words FROM members m WHERE m.school_id = '{school_id}' ORDER BY m.id LIMIT {SAMPLE}) s"
        ));
        Some(query)
    }

    /// Switches from walking to gathering where few people can match.
    pub async fn gather_where_few(&mut self, tx: &mut PgConnection) -> Result<()> {
        if self.few.is_none() {
            self.few = self.fewest(tx).await?;
        }
        Ok(())
    }

    /// A short walk: only for a search without other conditions, in the order whose index holds the words. Its result
    /// is used only if it fills the page.
    pub fn glance(&self, columns: &str, page_cursor: PageCursor) -> Option<QueryBuilder<Postgres>> {
        let is_search = !self.filter.words.is_empty() && self.filter.class_id.is_none();
        if !is_search || self.filter.narrowing.is_some() || self.order.column != SortColumn::Name {
            return None;
        }
        let (keys, is_descending) = (Segment::Whole.keys(SortColumn::Name), self.is_descending(page_cursor));
        let mut query = self.shown(columns, Segment::Whole);
        query.push(format_args!("SELECT m.id FROM (SELECT m.words, {} FROM members m", keys.join(", ")));
        query.push(format_args!(" WHERE m.school_id = '{}'", self.scope.school_id()));
        push_role(&mut query, self.filter.role);
        push_narrowing(&mut query, None);
        if let Some(cursor) = page_cursor.cursor() {
            self.push_cursor(&mut query, keys, is_descending, cursor);
        }
        push_order(&mut query, keys, is_descending);
        query.push(format_args!(" LIMIT {GLANCE}) m WHERE true"));
        self.push_words(&mut query);
        self.push_page(&mut query, keys, is_descending);
        Some(query)
    }

    /// The rows of a page, and one extra where there are more.
    pub async fn rows(&self, tx: &mut PgConnection, page_cursor: PageCursor) -> Result<Vec<MemberListRow>> {
        let mut rows: Vec<MemberListRow> = Vec::new();
        for segment in self.segments(tx, page_cursor).await? {
            let mut query = self.statement(COLUMNS, &segment, page_cursor);
            rows.extend(query.build_query_as::<MemberListRow>().fetch_all(&mut *tx).await?);
            if rows.len() >= ROWS {
                break;
            }
        }
        Ok(rows)
    }

    /// The condition that matches the fewest people, if those are few enough.
    async fn fewest(&self, tx: &mut PgConnection) -> Result<Option<SelectiveFilter<'a>>> {
        if let Some(class_id) = self.filter.class_id {
            return Ok(Some(SelectiveFilter::Class(class_id)));
        }
        let candidates = self.candidates();
        if candidates.is_empty() {
            return Ok(None);
        }
        let counted: Vec<i64> = self.counting("", &candidates).build_query_scalar().fetch_one(tx).await?;
        let (&few, counts) = counted.split_first().unwrap_or((&0, &[]));
        let fewest = candidates.into_iter().zip(counts).min_by_key(|(_, count)| **count);
        Ok(fewest.filter(|(_, count)| **count < few).map(|(candidate, _)| candidate))
    }

    /// The conditions that may match few people; they are counted before one is used.
    pub fn candidates(&self) -> Vec<SelectiveFilter<'a>> {
        let mut candidates: Vec<SelectiveFilter<'a>> =
            self.filter.words.iter().map(|word| SelectiveFilter::Word(word)).collect();
        // By name, every narrowing has an index of its own to walk on.
        let narrowing = self.filter.narrowing.filter(|_| self.order.column != SortColumn::Name);
        candidates.extend(narrowing.map(SelectiveFilter::Narrowing));
        candidates
    }

    /// The statement that computes how many are "few", and counts each candidate up to that number.
    pub fn counting(&self, head: &str, candidates: &[SelectiveFilter<'_>]) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(head);
        query.push("SELECT ARRAY[");
        self.push_how_many_are_few(&mut query);
        for candidate in candidates {
            query.push(", (SELECT count(*) FROM (");
            self.push_few(&mut query, *candidate, false);
            query.push(" LIMIT ");
            self.push_how_many_are_few(&mut query);
            query.push(") few)");
        }
        query.push("]");
        query
    }

    fn push_how_many_are_few(&self, query: &mut QueryBuilder<Postgres>) {
        let (school_id, role) = (self.scope.school_id(), self.filter.role.key());
        let counters = Status::ALL.map(|status| format!("'member:{role}:{}'", status.key())).join(", ");
        query.push(format_args!(
            "(SELECT (1 + coalesce(sum(value), 0) / {FEW_OF})::bigint FROM counters
              WHERE school_id = '{school_id}' AND counter IN ({counters}))"
        ));
    }

    /// The ids of the people that match one condition, in the order of its index: any other way to the first few
    /// thousand may be slow. Those of a word may be asked to have the other words as well.
    fn push_few(&self, query: &mut QueryBuilder<Postgres>, few: SelectiveFilter<'_>, with_all_words: bool) {
        let school_id = self.scope.school_id();
        match few {
            SelectiveFilter::Word(word) => {
                let words: &[String] = if with_all_words { &self.filter.words } else { &[] };
                push_people_with(self.scope, query, word, words);
                query.push(" ORDER BY w.word, w.member_id");
            }
            SelectiveFilter::Class(class_id) => {
                query.push(format_args!("SELECT p.member_id FROM enrolments p WHERE p.school_id = '{school_id}'"));
                query.push(" AND p.ended_at IS NULL AND p.class_id = ").push_bind(class_id);
            }
            SelectiveFilter::Narrowing(narrowing) => {
                query.push(format_args!("SELECT m.id FROM members m WHERE m.school_id = '{school_id}'"));
                push_role(query, self.filter.role);
                push_narrowing(query, Some(narrowing));
                query.push(" ORDER BY m.given_name, m.family_name, m.middle_name, m.id");
            }
        }
    }

    /// The segments of a page in the direction in which it is read, starting with the one in which it begins.
    pub async fn segments(&self, tx: &mut PgConnection, page_cursor: PageCursor) -> Result<Vec<SegmentPart>> {
        let cursor = page_cursor.cursor();
        if self.order.column != SortColumn::Class || self.few.is_some() {
            return Ok(vec![SegmentPart { segment: Segment::Whole, begins_at: cursor }]);
        }
        let mut segments = vec![Segment::Placed, Segment::Unplaced];
        if self.is_descending(page_cursor) {
            segments.reverse();
        }
        let Some(cursor) = cursor else {
            return Ok(segments.into_iter().map(|segment| SegmentPart { segment, begins_at: None }).collect());
        };
        let is_placed = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM enrolments WHERE school_id = $1 AND school_year_id = $2 AND member_id = $3
                   AND ended_at IS NULL) AS "is_placed!""#,
            self.scope.school_id(),
            self.year_id,
            cursor,
        )
        .fetch_one(tx)
        .await?;
        let first = if is_placed { Segment::Placed } else { Segment::Unplaced };
        let rest = segments.into_iter().skip_while(|segment| *segment != first);
        Ok(rest.map(|segment| SegmentPart { segment, begins_at: (segment == first).then_some(cursor) }).collect())
    }

    /// Whether the sort keys descend in the direction in which the page is read.
    fn is_descending(&self, page_cursor: PageCursor) -> bool {
        self.order.is_descending != page_cursor.is_backward()
    }

    /// The statement for a page's part of a segment: the people on it, then their displayed columns.
    pub fn statement(&self, columns: &str, part: &SegmentPart, page_cursor: PageCursor) -> QueryBuilder<Postgres> {
        let (keys, is_descending) = (part.segment.keys(self.order.column), self.is_descending(page_cursor));
        let school_id = self.scope.school_id();
        let mut query = self.shown(columns, part.segment);
        query.push("SELECT m.id");
        self.push_tables(&mut query, part.segment);
        self.push_where(&mut query);
        if part.segment == Segment::Unplaced {
            // As a scalar subquery, which cannot become a join: this order is walked through.
            query.push(format_args!(" AND (SELECT p.class_id FROM enrolments p WHERE p.school_id = '{school_id}'"));
            query.push(format_args!(" AND p.school_year_id = '{}'", self.year_id));
            query.push(" AND p.member_id = m.id AND p.ended_at IS NULL) IS NULL");
        }
        if let Some(cursor) = part.begins_at {
            self.push_cursor(&mut query, keys, is_descending, cursor);
        }
        self.push_page(&mut query, keys, is_descending);
        query
    }

    /// The beginning of a statement: the displayed columns of the people that the following subquery selects.
    fn shown(&self, columns: &str, segment: Segment) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(columns);
        match segment {
            Segment::Whole | Segment::Placed => push_class_tables(&mut query, self.year_id),
            Segment::Unplaced => {
                query.push(" FROM members m LEFT JOIN (SELECT NULL::text AS name) c ON false");
            }
        }
        query.push(" JOIN (");
        query
    }

    /// The end of a statement: the order within the subquery, and once more for the whole.
    fn push_page(&self, query: &mut QueryBuilder<Postgres>, keys: &[&str], is_descending: bool) {
        push_order(query, keys, is_descending);
        query.push(format_args!(
            " LIMIT {ROWS}) page ON page.id = m.id WHERE m.school_id = '{}'",
            self.scope.school_id()
        ));
        push_order(query, keys, is_descending);
    }

    /// The tables that decide who is on a page.
    pub fn push_tables(&self, query: &mut QueryBuilder<Postgres>, segment: Segment) {
        let asks_for_class = self.order.column == SortColumn::Class || self.filter.class_id.is_some();
        match segment {
            Segment::Whole if asks_for_class => push_class_tables(query, self.year_id),
            Segment::Whole | Segment::Unplaced => {
                query.push(" FROM members m");
            }
            Segment::Placed => {
                query.push(" FROM classes c JOIN enrolments e ON e.school_id = c.school_id AND e.class_id = c.id");
                query
                    .push(" AND e.ended_at IS NULL JOIN members m ON m.school_id = e.school_id AND m.id = e.member_id");
                query.push(format_args!(" AND c.school_year_id = '{}'", self.year_id));
            }
        }
    }

    /// The conditions of the list.
    pub fn push_where(&self, query: &mut QueryBuilder<Postgres>) {
        let school_id = self.scope.school_id();
        query.push(format_args!(" WHERE m.school_id = '{school_id}'"));
        push_role(query, self.filter.role);
        push_narrowing(query, self.filter.narrowing);
        if let Some(few) = self.few {
            query.push(" AND m.id = ANY(ARRAY(");
            self.push_few(query, few, true);
            query.push("))");
        }
        if let Some(class_id) = self.filter.class_id {
            query.push(" AND e.class_id = ").push_bind(class_id);
        }
        self.push_words(query);
    }

    /// The search words, unless the people are gathered by one of them, and so by all.
    fn push_words(&self, query: &mut QueryBuilder<Postgres>) {
        if matches!(self.few, Some(SelectiveFilter::Word(_))) {
            return;
        }
        for word in &self.filter.words {
            push_has_word(query, "m", word);
        }
    }

    /// Only people after this one.
    fn push_cursor(&self, query: &mut QueryBuilder<Postgres>, keys: &[&str], is_descending: bool, cursor: MemberId) {
        let beyond = if is_descending { "<" } else { ">" };
        if keys.first() == Some(&"c.sort_key") {
            // Implied by the comparison below, but the index is used only when the condition is on classes alone.
            query.push(format_args!(" AND c.sort_key {beyond}= "));
            self.push_key(query, "c.sort_key", cursor);
        }
        query.push(format_args!(" AND ({}) {beyond} (", keys.join(", ")));
        for (at, key) in keys.iter().enumerate() {
            query.push(if at == 0 { "" } else { ", " });
            self.push_key(query, key, cursor);
        }
        query.push(")");
    }

    /// The cursor person's value of a sort key.
    fn push_key(&self, query: &mut QueryBuilder<Postgres>, key: &str, cursor: MemberId) {
        let school_id = self.scope.school_id();
        match key.strip_prefix("m.") {
            Some("id") => {
                query.push_bind(cursor);
            }
            Some(column) => {
                query.push(format_args!(
                    "(SELECT a.{column} FROM members a WHERE a.school_id = '{school_id}' AND a.id = "
                ));
                query.push_bind(cursor).push(")");
            }
            None => {
                query.push("coalesce((SELECT k.sort_key FROM enrolments p JOIN classes k ON k.school_id = p.school_id");
                query.push(format_args!(" AND k.id = p.class_id WHERE p.school_id = '{school_id}'"));
                query.push(format_args!(" AND p.school_year_id = '{}'", self.year_id));
                query.push(" AND p.ended_at IS NULL AND p.member_id = ").push_bind(cursor);
                query.push("), U&'\\+10FFFF')");
            }
        }
    }
}

pub fn push_order(query: &mut QueryBuilder<Postgres>, keys: &[&str], is_descending: bool) {
    let direction = if is_descending { " DESC" } else { "" };
    query.push(" ORDER BY ").push(keys.join(&format!("{direction}, "))).push(direction);
}

/// Roles and statuses are literals in the statement: only then does the planner know which partial index applies.
fn push_role(query: &mut QueryBuilder<Postgres>, role: Role) {
    query.push(format_args!(" AND m.role = '{}'", role.key()));
}

fn push_narrowing(query: &mut QueryBuilder<Postgres>, narrowing: Option<StatusFilter>) {
    match narrowing {
        None => query.push(" AND m.status <> 'left'"),
        Some(StatusFilter::Status(status)) => query.push(format_args!(" AND m.status = '{}'", status.key())),
        Some(StatusFilter::NeverSignedIn) => query.push(" AND m.status = 'active' AND m.first_signed_in_at IS NULL"),
        // Those who never have stand together at the end of the order of sign-ins: none of them is looked at.
        Some(StatusFilter::SignedIn) => query
            .push(" AND m.status = 'active' AND m.first_signed_in_at IS NOT NULL AND m.sign_in_order > '-infinity'"),
        Some(StatusFilter::SlipWaiting) => {
            query.push(" AND m.status = 'active' AND m.temporary_until IS NOT NULL AND m.slip_printed_at IS NULL")
        }
    };
}

/// The ids of the people who have a word, and these words as well.
pub fn push_people_with(scope: &Scope, query: &mut QueryBuilder<Postgres>, word: &str, words: &[String]) {
    let school_id = scope.school_id();
    query.push(format_args!("SELECT w.member_id FROM member_words w WHERE w.school_id = '{school_id}'"));
    push_word(query, word);
    for other in words.iter().filter(|other| *other != word) {
        push_has_word(query, "w", other);
    }
}

/// Among all words of a row of this table there is one with this prefix.
pub fn push_has_word(query: &mut QueryBuilder<Postgres>, table: &str, word: &str) {
    query.push(format_args!(" AND strpos({table}.words, ")).push_bind(format!(" {word}")).push(") > 0");
}

/// Words with this prefix.
fn push_word(query: &mut QueryBuilder<Postgres>, word: &str) {
    query.push(" AND w.word >= ").push_bind(word.to_owned());
    query.push(" AND w.word < ").push_bind(format!("{word}\u{10FFFF}"));
}
