//! The statements of the list of accounts, as quick among a hundred thousand as among two hundred.
//!
//! Row-level security lets only leakproof operators use an index: equality, and comparisons of what is stored. So pages
//! begin behind the values of a person (no offsets), words are ranges in collation "C", and every order is an index. One
//! of two ways leads to a page, and the statement leaves the planner no third:
//!
//! - *walk* the order's index and look at each person; in the order of names his words stand in the index as well, so
//!   that passing somebody costs less than half a microsecond,
//! - *gather* the few who can belong to it by the rarest of what is asked for, and sort them, at two or three
//!   microseconds each.
//!
//! What is shown of people is looked up for those of the page alone.
//!
//! The ids of the school and its year stand in the statement itself. A plan that is made once for all schools is made
//! for their average, and reads through a school that is a thousand times larger.

use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::push_class_tables;
use crate::{
    access::{Role, Scope},
    error::Result,
    members::model::{Column, Filter, Listed, Narrowing, Order, PAGE, Status, Turn},
};

/// Of so many people of a role one is few: gathering those costs no more than walking to the middle of all. A given name
/// of one in twenty stands together in the order of names, so that a walk to it can be long; a word of more than that is
/// spread, and a page of it is soon full.
const FEW_OF: i64 = 20;

/// How many people a search by name passes before it asks which of its words is rare: two milliseconds, in which the page
/// of words that many share is full.
const GLANCE: i64 = 5_000;

/// How many rows a page is looked up with: one more tells whether there are more.
pub const ROWS: usize = PAGE + 1;

pub const COLUMNS: &str = "SELECT m.id, m.account_id, m.full_name, m.status, m.username, m.email, m.birth_date,
    c.name AS class_name, m.slip_printed_at, m.temporary_until, m.declined_at, m.last_signed_in_at";

/// What few people are gathered by.
#[derive(Clone, Copy, Debug)]
pub enum Few<'a> {
    Word(&'a str),
    Class(Uuid),
    Narrowing(Narrowing),
}

/// A part of the list that one statement can walk through. In the order of classes those who are in none stand behind
/// all others, where no index leads from one part to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stretch {
    Whole,
    /// Those in a class, class by class.
    Placed,
    /// Those in none.
    Unplaced,
}

impl Stretch {
    /// What it is sorted by.
    pub fn keys(self, column: Column) -> &'static [&'static str] {
        match (column, self) {
            (Column::Name, _) | (Column::Class, Self::Unplaced) => {
                &["m.given_name", "m.family_name", "m.middle_name", "m.id"]
            }
            (Column::Class, Self::Placed) => &["c.sort_key", "m.given_name", "m.family_name", "m.middle_name", "m.id"],
            (Column::Class, Self::Whole) => &[WHOLE_CLASS, "m.given_name", "m.family_name", "m.middle_name", "m.id"],
            (Column::BirthDate, _) => &["m.birth_order", "m.id"],
            (Column::LastSignedIn, _) => &["m.sign_in_order", "m.id"],
        }
    }
}

/// A class, or a place behind all of them.
const WHOLE_CLASS: &str = "coalesce(c.sort_key, U&'\\+10FFFF')";

/// A stretch, and whether the page begins within it or at its end.
pub struct Part {
    stretch: Stretch,
    begins_at: Option<Uuid>,
}

/// Whom a list is about, in which order, and by which way it is found.
pub struct Listing<'a> {
    scope: &'a Scope,
    year_id: Uuid,
    filter: &'a Filter,
    order: Order,
    /// Without anything that few people are gathered by, the order is walked through.
    few: Option<Few<'a>>,
}

impl<'a> Listing<'a> {
    pub fn new(scope: &'a Scope, year_id: Uuid, filter: &'a Filter, order: Order) -> Self {
        Self { scope, year_id, filter, order, few: None }
    }

    /// With the way that is the shorter one.
    pub async fn of(
        scope: &'a Scope,
        tx: &mut PgConnection,
        year_id: Uuid,
        filter: &'a Filter,
        order: Order,
    ) -> Result<Self> {
        let mut listing = Self::new(scope, year_id, filter, order);
        listing.gather_where_few(tx).await?;
        Ok(listing)
    }

    /// Turns from walking to gathering where few can belong to the list.
    pub async fn gather_where_few(&mut self, tx: &mut PgConnection) -> Result<()> {
        self.few = self.fewest(tx).await?;
        Ok(())
    }

    /// A short walk: of a search alone, in the order whose index holds the words. What it finds is the page only if it
    /// fills it.
    pub fn glance(&self, columns: &str, turn: Turn) -> Option<QueryBuilder<Postgres>> {
        let is_search = !self.filter.words.is_empty() && self.filter.class_id.is_none();
        if !is_search || self.filter.narrowing.is_some() || self.order.column != Column::Name {
            return None;
        }
        let (keys, is_descending) = (Stretch::Whole.keys(Column::Name), self.is_descending(turn));
        let mut query = self.shown(columns, Stretch::Whole);
        query.push(format_args!("SELECT m.id FROM (SELECT m.words, {} FROM members m", keys.join(", ")));
        query.push(format_args!(" WHERE m.school_id = '{}'", self.scope.school_id()));
        push_role(&mut query, self.filter.role);
        push_narrowing(&mut query, None);
        if let Some(cursor) = turn.cursor() {
            self.push_cursor(&mut query, keys, is_descending, cursor);
        }
        push_order(&mut query, keys, is_descending);
        query.push(format_args!(" LIMIT {GLANCE}) m WHERE true"));
        self.push_words(&mut query);
        self.push_page(&mut query, keys, is_descending);
        Some(query)
    }

    /// The rows of a page, and one more where there are more.
    pub async fn rows(&self, tx: &mut PgConnection, turn: Turn) -> Result<Vec<Listed>> {
        let mut rows: Vec<Listed> = Vec::new();
        for stretch in self.stretches(tx, turn).await? {
            let mut query = self.statement(COLUMNS, &stretch, turn);
            rows.extend(query.build_query_as::<Listed>().fetch_all(&mut *tx).await?);
            if rows.len() >= ROWS {
                break;
            }
        }
        Ok(rows)
    }

    /// The least of what few people can be gathered by, if it is few enough.
    async fn fewest(&self, tx: &mut PgConnection) -> Result<Option<Few<'a>>> {
        if let Some(class_id) = self.filter.class_id {
            return Ok(Some(Few::Class(class_id)));
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

    /// What few people may be found by, unless it turns out to find many.
    pub fn candidates(&self) -> Vec<Few<'a>> {
        let mut candidates: Vec<Few<'a>> = self.filter.words.iter().map(|word| Few::Word(word)).collect();
        // By name, every narrowing has an index of its own to walk on.
        let narrowing = self.filter.narrowing.filter(|_| self.order.column != Column::Name);
        candidates.extend(narrowing.map(Few::Narrowing));
        candidates
    }

    /// The statement that says how many are few, and counts the candidates, each as far as they are few.
    pub fn counting(&self, head: &str, candidates: &[Few<'_>]) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(head);
        query.push("SELECT ARRAY[");
        self.push_how_many_are_few(&mut query);
        for candidate in candidates {
            query.push(", (SELECT count(*) FROM (");
            self.push_few(&mut query, *candidate);
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

    /// The ids of those who can belong to the list by one of what is asked for, in the order in which they stand in its
    /// index: any other way to the first few thousand may be a long one.
    fn push_few(&self, query: &mut QueryBuilder<Postgres>, few: Few<'_>) {
        let school_id = self.scope.school_id();
        match few {
            Few::Word(word) => {
                query.push(format_args!("SELECT w.member_id FROM member_words w WHERE w.school_id = '{school_id}'"));
                push_word(query, word);
                query.push(" ORDER BY w.word, w.member_id");
            }
            Few::Class(class_id) => {
                query.push(format_args!("SELECT p.member_id FROM enrolments p WHERE p.school_id = '{school_id}'"));
                query.push(" AND p.ended_at IS NULL AND p.class_id = ").push_bind(class_id);
            }
            Few::Narrowing(narrowing) => {
                query.push(format_args!("SELECT m.id FROM members m WHERE m.school_id = '{school_id}'"));
                push_role(query, self.filter.role);
                push_narrowing(query, Some(narrowing));
                query.push(" ORDER BY m.given_name, m.family_name, m.middle_name, m.id");
            }
        }
    }

    /// The stretches of a page in the direction in which it is found, from the one on in which it begins.
    pub async fn stretches(&self, tx: &mut PgConnection, turn: Turn) -> Result<Vec<Part>> {
        let cursor = turn.cursor();
        if self.order.column != Column::Class || self.few.is_some() {
            return Ok(vec![Part { stretch: Stretch::Whole, begins_at: cursor }]);
        }
        let mut stretches = vec![Stretch::Placed, Stretch::Unplaced];
        if self.is_descending(turn) {
            stretches.reverse();
        }
        let Some(cursor) = cursor else {
            return Ok(stretches.into_iter().map(|stretch| Part { stretch, begins_at: None }).collect());
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
        let first = if is_placed { Stretch::Placed } else { Stretch::Unplaced };
        let rest = stretches.into_iter().skip_while(|stretch| *stretch != first);
        Ok(rest.map(|stretch| Part { stretch, begins_at: (stretch == first).then_some(cursor) }).collect())
    }

    /// Whether the keys go down in the direction in which the page is found.
    fn is_descending(&self, turn: Turn) -> bool {
        self.order.is_descending != turn.is_backward()
    }

    /// The statement for what a page has of a stretch: who is on it, and then what is shown of those.
    pub fn statement(&self, columns: &str, part: &Part, turn: Turn) -> QueryBuilder<Postgres> {
        let (keys, is_descending) = (part.stretch.keys(self.order.column), self.is_descending(turn));
        let school_id = self.scope.school_id();
        let mut query = self.shown(columns, part.stretch);
        query.push("SELECT m.id");
        self.push_tables(&mut query, part.stretch);
        self.push_where(&mut query);
        if part.stretch == Stretch::Unplaced {
            // As a subquery that cannot become a join: this order is walked through.
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

    /// The beginning of a statement: what is shown of those of a page, whom a subquery is to name.
    fn shown(&self, columns: &str, stretch: Stretch) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(columns);
        match stretch {
            Stretch::Whole | Stretch::Placed => push_class_tables(&mut query, self.year_id),
            Stretch::Unplaced => {
                query.push(" FROM members m LEFT JOIN classes c ON false");
            }
        }
        query.push(" JOIN (");
        query
    }

    /// Its end: in which order the subquery has them, and the statement again.
    fn push_page(&self, query: &mut QueryBuilder<Postgres>, keys: &[&str], is_descending: bool) {
        push_order(query, keys, is_descending);
        query.push(format_args!(
            " LIMIT {ROWS}) page ON page.id = m.id WHERE m.school_id = '{}'",
            self.scope.school_id()
        ));
        push_order(query, keys, is_descending);
    }

    /// The tables that say who is on a page.
    pub fn push_tables(&self, query: &mut QueryBuilder<Postgres>, stretch: Stretch) {
        let asks_for_class = self.order.column == Column::Class || self.filter.class_id.is_some();
        match stretch {
            Stretch::Whole if asks_for_class => push_class_tables(query, self.year_id),
            Stretch::Whole | Stretch::Unplaced => {
                query.push(" FROM members m");
            }
            Stretch::Placed => {
                query.push(" FROM classes c JOIN enrolments e ON e.school_id = c.school_id AND e.class_id = c.id");
                query
                    .push(" AND e.ended_at IS NULL JOIN members m ON m.school_id = e.school_id AND m.id = e.member_id");
                query.push(format_args!(" AND c.school_year_id = '{}'", self.year_id));
            }
        }
    }

    /// Who belongs to the list.
    pub fn push_where(&self, query: &mut QueryBuilder<Postgres>) {
        let school_id = self.scope.school_id();
        query.push(format_args!(" WHERE m.school_id = '{school_id}'"));
        push_role(query, self.filter.role);
        push_narrowing(query, self.filter.narrowing);
        if let Some(few) = self.few {
            query.push(" AND m.id = ANY(ARRAY(");
            self.push_few(query, few);
            query.push("))");
        }
        if let Some(class_id) = self.filter.class_id {
            query.push(" AND e.class_id = ").push_bind(class_id);
        }
        self.push_words(query);
    }

    /// Who has all words; the one that people are gathered by they have.
    fn push_words(&self, query: &mut QueryBuilder<Postgres>) {
        for word in &self.filter.words {
            if matches!(self.few, Some(Few::Word(few)) if few == word) {
                continue;
            }
            query.push(" AND strpos(m.words, ").push_bind(format!(" {word}")).push(") > 0");
        }
    }

    /// Who stands behind this person.
    fn push_cursor(&self, query: &mut QueryBuilder<Postgres>, keys: &[&str], is_descending: bool, cursor: Uuid) {
        let beyond = if is_descending { "<" } else { ">" };
        if keys.first() == Some(&"c.sort_key") {
            // Already said by the comparison below, and known to an index only when said of classes alone.
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

    /// This person's value of a key.
    fn push_key(&self, query: &mut QueryBuilder<Postgres>, key: &str, cursor: Uuid) {
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

/// Roles and statuses stand in the statement itself: only so does the planner know which index they are of.
fn push_role(query: &mut QueryBuilder<Postgres>, role: Role) {
    query.push(format_args!(" AND m.role = '{}'", role.key()));
}

fn push_narrowing(query: &mut QueryBuilder<Postgres>, narrowing: Option<Narrowing>) {
    match narrowing {
        None => query.push(" AND m.status <> 'left'"),
        Some(Narrowing::Status(status)) => query.push(format_args!(" AND m.status = '{}'", status.key())),
        Some(Narrowing::NeverSignedIn) => query.push(" AND m.status = 'active' AND m.first_signed_in_at IS NULL"),
        Some(Narrowing::SlipWaiting) => {
            query.push(" AND m.status = 'active' AND m.temporary_until IS NOT NULL AND m.slip_printed_at IS NULL")
        }
    };
}

/// Words that begin like this one.
fn push_word(query: &mut QueryBuilder<Postgres>, word: &str) {
    query.push(" AND w.word >= ").push_bind(word.to_owned());
    query.push(" AND w.word < ").push_bind(format!("{word}\u{10FFFF}"));
}
