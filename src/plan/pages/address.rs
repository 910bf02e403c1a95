//! The address of a plan: which book it is over, and where its pages are. The pages of plans and of submissions are the
//! same, under several addresses.

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
    paths::{self, Address},
    plan::{
        book::Book,
        model::{Plan, Source},
        store,
    },
    shell::MenuPage,
};

/// A plan as an address names it.
#[derive(Clone, Debug)]
pub struct PlanAddress {
    pub book: Book,
    pub id: PlanId,
    place: AddressPlace,
}

/// Whose pages.
#[derive(Clone, Debug)]
enum AddressPlace {
    /// Of a school with this code, as a plan.
    Plans(String),
    /// Of a school with this code, as a submission.
    Submissions(String),
    Operator,
}

impl PlanAddress {
    /// The pages of a school.
    #[must_use]
    pub fn of(book: Book, code: &str, id: PlanId) -> Self {
        let place = match book {
            Book::Roster => AddressPlace::Plans(code.to_owned()),
            Book::Registry => AddressPlace::Submissions(code.to_owned()),
        };
        Self { book, id, place }
    }

    /// The pages by which an operator approves a submission.
    #[must_use]
    pub fn of_operator(id: PlanId) -> Self {
        Self { book: Book::Registry, id, place: AddressPlace::Operator }
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
        match self.place {
            AddressPlace::Plans(_) => "menu-import",
            AddressPlace::Submissions(_) => "menu-submissions",
            AddressPlace::Operator => "menu-operator-submissions",
        }
    }

    /// What the page of the plan is called: the key of a word.
    #[must_use]
    pub fn page_label(&self) -> &'static str {
        match self.book {
            Book::Roster => "plan-title-ready",
            Book::Registry => "submission-review",
        }
    }

    #[must_use]
    pub fn entry(&self) -> MenuPage {
        match self.book {
            Book::Roster => MenuPage::Import,
            Book::Registry => MenuPage::Submissions,
        }
    }

    /// The list that it stands in.
    #[must_use]
    pub fn list(&self) -> Address {
        match &self.place {
            AddressPlace::Plans(code) => paths::Plans::of(code).into(),
            AddressPlace::Submissions(code) => paths::Submissions::of(code).into(),
            AddressPlace::Operator => paths::OperatorSubmissions::of().into(),
        }
    }

    /// Where another file is handed in.
    #[must_use]
    pub fn other_file(&self, source: &Source) -> Address {
        match &self.place {
            AddressPlace::Plans(code) => paths::NewPlan::of(code).with("source", source.key()),
            AddressPlace::Submissions(_) | AddressPlace::Operator => self.list(),
        }
    }

    #[must_use]
    pub fn page(&self) -> Address {
        match &self.place {
            AddressPlace::Plans(code) => paths::Plan::of(code, self.id).into(),
            AddressPlace::Submissions(code) => paths::Submission::of(code, self.id).into(),
            AddressPlace::Operator => paths::OperatorSubmission::of(self.id).into(),
        }
    }

    #[must_use]
    pub fn progress(&self) -> Address {
        match &self.place {
            AddressPlace::Plans(code) => paths::PlanProgress::of(code, self.id).into(),
            AddressPlace::Submissions(code) => paths::SubmissionProgress::of(code, self.id).into(),
            AddressPlace::Operator => paths::OperatorSubmissionProgress::of(self.id).into(),
        }
    }
}

/// What only schools do with a plan. Nothing that operators are shown leads there; for them it is the plan's page.
impl PlanAddress {
    #[must_use]
    pub fn columns(&self) -> Address {
        match &self.place {
            AddressPlace::Plans(code) => paths::PlanColumns::of(code, self.id).into(),
            AddressPlace::Submissions(code) => paths::SubmissionColumns::of(code, self.id).into(),
            AddressPlace::Operator => self.page(),
        }
    }

    #[must_use]
    pub fn decisions(&self) -> Address {
        match &self.place {
            AddressPlace::Plans(code) => paths::PlanDecisions::of(code, self.id).into(),
            AddressPlace::Submissions(code) => paths::SubmissionDecisions::of(code, self.id).into(),
            AddressPlace::Operator => self.page(),
        }
    }

    #[must_use]
    pub fn discard(&self) -> Address {
        match &self.place {
            AddressPlace::Plans(code) => paths::PlanDiscard::of(code, self.id).into(),
            AddressPlace::Submissions(code) => paths::SubmissionDiscard::of(code, self.id).into(),
            AddressPlace::Operator => self.page(),
        }
    }

    /// The rows that could not be taken, as a sheet.
    #[must_use]
    pub fn errors(&self) -> Address {
        match &self.place {
            AddressPlace::Plans(code) => paths::PlanErrors::of(code, self.id).into(),
            AddressPlace::Submissions(code) => paths::SubmissionErrors::of(code, self.id).into(),
            AddressPlace::Operator => self.page(),
        }
    }

    /// The grid of what is missing.
    #[must_use]
    pub fn missing(&self) -> Address {
        match &self.place {
            AddressPlace::Plans(code) => paths::PlanMissing::of(code, self.id).into(),
            AddressPlace::Submissions(code) => paths::SubmissionMissing::of(code, self.id).into(),
            AddressPlace::Operator => self.page(),
        }
    }

    #[must_use]
    pub fn row(&self, line: &i32) -> Address {
        match &self.place {
            AddressPlace::Plans(code) => paths::PlanRow::of(code, self.id, line).into(),
            AddressPlace::Submissions(code) => paths::SubmissionRow::of(code, self.id, line).into(),
            AddressPlace::Operator => self.page(),
        }
    }

    /// Of a plan of the roster; submissions are approved instead.
    #[must_use]
    pub fn apply(&self) -> Address {
        match &self.place {
            AddressPlace::Plans(code) => paths::PlanApply::of(code, self.id).into(),
            AddressPlace::Submissions(_) | AddressPlace::Operator => self.page(),
        }
    }

    /// Of a plan of the roster.
    #[must_use]
    pub fn undo(&self) -> Address {
        match &self.place {
            AddressPlace::Plans(code) => paths::PlanUndo::of(code, self.id).into(),
            AddressPlace::Submissions(_) | AddressPlace::Operator => self.page(),
        }
    }

    /// Of a plan of the roster: the slips of the people that it created.
    #[must_use]
    pub fn slips(&self) -> Address {
        match &self.place {
            AddressPlace::Plans(code) => paths::PlanSlips::of(code, self.id).into(),
            AddressPlace::Submissions(_) | AddressPlace::Operator => self.page(),
        }
    }

    /// Hands a submission in.
    #[must_use]
    pub fn submit(&self) -> Address {
        match &self.place {
            AddressPlace::Submissions(code) => paths::SubmissionSubmit::of(code, self.id).into(),
            AddressPlace::Plans(_) | AddressPlace::Operator => self.page(),
        }
    }

    /// Takes a submission back.
    #[must_use]
    pub fn withdrawal(&self) -> Address {
        match &self.place {
            AddressPlace::Submissions(code) => paths::SubmissionWithdrawal::of(code, self.id).into(),
            AddressPlace::Plans(_) | AddressPlace::Operator => self.page(),
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
        let is_submission = path.as_str().starts_with(paths::Submission::PATH);
        let book = if is_submission { Book::Registry } else { Book::Roster };
        Ok(Self::of(book, param("code").unwrap_or_default(), id))
    }
}
