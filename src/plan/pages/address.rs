//! The address of a plan: which book it is over, and where its pages are. The pages of plans and of submissions are the
//! same, under two addresses.

use axum::{
    extract::{FromRequestParts, MatchedPath, RawPathParams},
    http::request::Parts,
};
use sqlx::PgConnection;

use crate::{
    access::Scope,
    app::App,
    error::{Error, Result},
    ids::PlanId,
    plan::{
        book::Book,
        model::{Plan, Source},
        store,
    },
    shell::Entry,
};

/// A plan as an address names it.
#[derive(Clone, Debug)]
pub struct PlanAddress {
    pub book: Book,
    pub id: PlanId,
    /// Where its pages are.
    pub base: String,
    /// The list that it stands in.
    pub list: String,
}

impl PlanAddress {
    /// The pages of a school.
    #[must_use]
    pub fn of(book: Book, code: &str, id: PlanId) -> Self {
        let list = match book {
            Book::Roster => format!("/schools/{code}/plans"),
            Book::Registry => format!("/schools/{code}/submissions"),
        };
        Self { book, id, base: format!("{list}/{id}"), list }
    }

    /// The pages by which an operator approves a submission.
    #[must_use]
    pub fn of_operator(id: PlanId) -> Self {
        let list = "/operator/submissions".to_owned();
        Self { book: Book::Registry, id, base: format!("{list}/{id}"), list }
    }

    /// The plan.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the school has no such plan over this book.
    pub async fn find(&self, scope: &Scope, tx: &mut PgConnection) -> Result<Plan> {
        store::find_in(scope, tx, self.book, self.id).await
    }

    /// What the list is called: the key of a word.
    #[must_use]
    pub fn list_label(&self) -> &'static str {
        match self.book {
            Book::Roster => "menu-import",
            Book::Registry => "menu-submissions",
        }
    }

    #[must_use]
    pub fn entry(&self) -> Entry {
        match self.book {
            Book::Roster => Entry::Import,
            Book::Registry => Entry::Submissions,
        }
    }

    /// Where another file is handed in.
    #[must_use]
    pub fn other_file(&self, source: &Source) -> String {
        match self.book {
            Book::Roster => format!("{}/new?source={}", self.list, source.key()),
            Book::Registry => self.list.clone(),
        }
    }
}

impl FromRequestParts<App> for PlanAddress {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let path = MatchedPath::from_request_parts(parts, app).await.map_err(|_| Error::NotFound)?;
        let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| Error::NotFound)?;
        let param = |wanted: &str| params.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
        let id = param("id").and_then(|id| id.parse().ok()).ok_or(Error::NotFound)?;
        let is_submission = path.as_str().starts_with("/schools/{code}/submissions/");
        let book = if is_submission { Book::Registry } else { Book::Roster };
        Ok(Self::of(book, param("code").unwrap_or_default(), id))
    }
}
