//! The query string of a list: shared by the list and by every action on all that it shows.

use serde::Deserialize;
use sqlx::PgConnection;

use super::model::{MemberFilter, PageCursor, SortOrder, Status, StatusFilter};
use crate::{
    access::{Role, Scope},
    error::Result,
    ids::{ClassId, YearId},
    schools::classes,
};

/// The query string, unchecked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    pub q: String,
    pub role: String,
    /// The id of a class of this year; or its name, where there are too many to choose from.
    pub class: String,
    pub status: String,
    pub sort: String,
    pub after: String,
    /// The id of the person that follows the page, or [`END`].
    pub before: String,
}

/// The value of `before` on the last page.
pub const END: &str = "end";

impl ListQuery {
    /// Replaces the name of a class by its id.
    pub async fn settle(mut self, scope: &Scope, tx: &mut PgConnection, year_id: YearId) -> Result<Self> {
        if !self.class.is_empty() && self.class.parse::<ClassId>().is_err() {
            let class = classes::named(scope, tx, year_id, &self.class).await?;
            self.class = class.map_or(self.class, |class| class.id.to_string());
        }
        Ok(self)
    }

    /// A part that cannot be read filters nothing, so that an old bookmark still shows people; but a class that does
    /// not exist has nobody in it.
    #[must_use]
    pub fn filter(&self) -> MemberFilter {
        let narrowing = StatusFilter::from_key(&self.status);
        MemberFilter {
            role: Role::from_key(&self.role).unwrap_or(if narrowing == Some(StatusFilter::Status(Status::Pending)) {
                // Only teachers register themselves.
                Role::Teacher
            } else {
                Role::Student
            }),
            class_id: (!self.class.is_empty()).then(|| self.class.parse().unwrap_or_default()),
            narrowing,
            words: Vec::new(),
        }
        .searching(&self.q)
    }

    #[must_use]
    pub fn order(&self) -> SortOrder {
        SortOrder::from_key(&self.sort).unwrap_or_default().of(&self.filter())
    }

    #[must_use]
    pub fn page_cursor(&self) -> PageCursor {
        if self.before == END {
            return PageCursor::Last;
        }
        let before = self.before.parse().ok().map(PageCursor::Before);
        before.or_else(|| self.after.parse().ok().map(PageCursor::After)).unwrap_or_default()
    }

    /// The query string of the same page of the same list.
    #[must_use]
    pub fn here(&self, changes: &[(&str, &str)]) -> String {
        let place = [("after", self.after.as_str()), ("before", self.before.as_str())];
        self.link(&[place.as_slice(), changes].concat())
    }

    /// The query string of the same list, with another page, order or role.
    #[must_use]
    pub fn link(&self, changes: &[(&str, &str)]) -> String {
        let kept = [
            ("role", &self.role),
            ("class", &self.class),
            ("status", &self.status),
            ("q", &self.q),
            ("sort", &self.sort),
        ];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in kept {
            if !value.is_empty() && !changes.iter().any(|(changed, _)| *changed == name) {
                query.append_pair(name, value);
            }
        }
        query.extend_pairs(changes.iter().filter(|(_, value)| !value.is_empty()));
        query.finish()
    }
}
