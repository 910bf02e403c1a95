//! Searching by words of names in lists of other tables than that of the members.

use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::listing::{Listing, push_has_word, push_people_with};
use crate::{
    access::{Role, Scope},
    error::Result,
    ids::YearId,
    roster::model::{MemberFilter, SortOrder},
};

/// How the people who have all words of a search are found in a list of another table, which has an order of its own: by
/// gathering those of the rarest word, or by testing each person on the way.
pub struct WordSearch<'a> {
    words: &'a [String],
    rarest: Option<String>,
}

impl<'a> WordSearch<'a> {
    /// With the faster of the two ways among the people of a role.
    pub async fn of(scope: &Scope, tx: &mut PgConnection, role: Role, words: &'a [String]) -> Result<Self> {
        let filter = MemberFilter { words: words.to_vec(), ..MemberFilter::of_role(role) };
        // Classes are not asked for.
        let listing = Listing::of(scope, tx, YearId::default(), &filter, SortOrder::default()).await?;
        let rarest = listing.rarest_word().map(str::to_owned);
        Ok(Self { words, rarest })
    }

    /// Where the list is short already: each of its people is tested.
    #[must_use]
    pub fn of_few(words: &'a [String]) -> Self {
        Self { words, rarest: None }
    }

    /// The condition on the id of a member, with AND before it.
    pub fn push(&self, scope: &Scope, query: &mut QueryBuilder<Postgres>, member_id: &str) {
        let school_id = scope.school_id();
        if let Some(rarest) = &self.rarest {
            query.push(format_args!(" AND {member_id} = ANY(ARRAY("));
            push_people_with(scope, query, rarest, self.words);
            query.push("))");
        } else if !self.words.is_empty() {
            // As a scalar subquery, which cannot become a join: the order of the list is walked through.
            query.push(" AND (SELECT true");
            for word in self.words {
                push_has_word(query, "m", word);
            }
            query.push(format_args!(" FROM members m WHERE m.school_id = '{school_id}' AND m.id = {member_id})"));
        }
    }
}
