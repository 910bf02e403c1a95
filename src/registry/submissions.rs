//! Submissions: what each is about and how far it is. Its rows are those of its plan.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    access::Scope,
    error::{Error, Result, stored},
    ids::{AccountId, MemberId, PlanId, TokenId, YearId},
};

/// What a submission is a list of, in the order in which lists are handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubmissionKind {
    Classes,
    Staff,
    Pupils,
}

impl SubmissionKind {
    pub const ALL: [Self; 3] = [Self::Classes, Self::Staff, Self::Pupils];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Classes => "classes",
            Self::Staff => "staff",
            Self::Pupils => "pupils",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// How far a submission is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubmissionState {
    /// Is checked, or waits for the school to hand it in.
    Draft,
    /// Waits for an operator.
    Submitted,
    /// A worker takes it over into the registry.
    Approving,
    /// An operator has returned it, with a remark.
    Returned,
    Approved,
    /// The school has taken it back.
    Withdrawn,
    /// The school has handed in a newer one of the kind.
    Replaced,
}

impl SubmissionState {
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::Submitted,
        Self::Approving,
        Self::Returned,
        Self::Approved,
        Self::Withdrawn,
        Self::Replaced,
    ];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Approving => "approving",
            Self::Returned => "returned",
            Self::Approved => "approved",
            Self::Withdrawn => "withdrawn",
            Self::Replaced => "replaced",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }

    /// Whether the school may hand it in: for the first time, or once more.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::Returned | Self::Withdrawn)
    }
}

/// Why an approval came to nothing: the submission waits again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum Setback {
    /// The operator who approved it no longer administers the school.
    Rights,
    /// These classes are not in the registry: their own list was not taken over.
    Classes,
    /// The school keeps its registry itself by now.
    KeepsOwn,
    /// Something unforeseen, at each attempt.
    Failed,
}

impl Setback {
    pub const ALL: [Self; 4] = [Self::Rights, Self::Classes, Self::KeepsOwn, Self::Failed];

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        key.parse().ok()
    }
}

/// A submission without its rows.
#[derive(Clone, Debug)]
pub struct Submission {
    pub plan_id: PlanId,
    pub kind: SubmissionKind,
    pub state: SubmissionState,
    /// Why an operator has returned it.
    pub remark: Option<String>,
    /// Why the last approval came to nothing, and what that is about.
    pub setback: Option<(Setback, String)>,
    pub created_at: DateTime<Utc>,
    /// The member; nothing for a token and for the command line.
    pub submitted_by: Option<MemberId>,
    pub submitted_at: Option<DateTime<Utc>>,
    /// The account of the operator; nothing for the command line.
    pub decided_by: Option<AccountId>,
    pub decided_at: Option<DateTime<Utc>>,
}

struct StoredSubmission {
    plan_id: PlanId,
    kind: String,
    state: String,
    remark: Option<String>,
    setback: Option<String>,
    setback_about: Option<String>,
    created_at: DateTime<Utc>,
    submitted_by: Option<MemberId>,
    submitted_at: Option<DateTime<Utc>>,
    decided_by: Option<AccountId>,
    decided_at: Option<DateTime<Utc>>,
}

impl TryFrom<StoredSubmission> for Submission {
    type Error = Error;

    fn try_from(row: StoredSubmission) -> Result<Self> {
        Ok(Self {
            plan_id: row.plan_id,
            kind: stored("kind of submission", SubmissionKind::from_key(&row.kind))?,
            state: stored("state of a submission", SubmissionState::from_key(&row.state))?,
            remark: row.remark,
            setback: row
                .setback
                .as_deref()
                .and_then(Setback::from_key)
                .map(|setback| (setback, row.setback_about.unwrap_or_default())),
            created_at: row.created_at,
            submitted_by: row.submitted_by,
            submitted_at: row.submitted_at,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
        })
    }
}

/// Writes a submission that begins: its plan is being made.
pub async fn insert(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: PlanId,
    kind: SubmissionKind,
    token_id: Option<TokenId>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO submissions (school_id, plan_id, kind, created_at, token_id) VALUES ($1, $2, $3, $4, $5)",
        scope.school_id(),
        plan_id,
        kind.key(),
        now,
        token_id,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// One submission.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such submission.
pub async fn find(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId) -> Result<Submission> {
    sqlx::query_as!(
        StoredSubmission,
        "SELECT plan_id, kind, state, remark, setback, setback_about, created_at, submitted_by, submitted_at, decided_by,
             decided_at
         FROM submissions WHERE school_id = $1 AND plan_id = $2",
        scope.school_id(),
        plan_id,
    )
    .fetch_optional(tx)
    .await?
    .ok_or(Error::NotFound)?
    .try_into()
}

/// A class that rows name and the registry does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingClass {
    pub name: String,
    /// It stands in a list of classes that waits for an operator.
    pub is_submitted: bool,
}

/// The classes that a list of pupils names and the registry does not have yet.
pub async fn missing_classes(
    scope: &Scope,
    tx: &mut PgConnection,
    plan_id: PlanId,
    year_id: YearId,
) -> Result<Vec<MissingClass>> {
    Ok(sqlx::query_as!(
        MissingClass,
        r#"SELECT c.name, EXISTS (
               SELECT FROM submissions s
               JOIN plans p ON p.school_id = s.school_id AND p.id = s.plan_id AND p.school_year_id = $3
               JOIN plan_rows r ON r.school_id = s.school_id AND r.plan_id = s.plan_id
                   AND r.outcome IN ('create', 'update')
               WHERE s.school_id = $1 AND s.kind = 'classes' AND s.state IN ('submitted', 'approving')
                   AND lower(r."values" ->> 'class') = lower(c.name)) AS "is_submitted!"
           FROM plan_classes c
           WHERE c.school_id = $1 AND c.plan_id = $2
               AND NOT EXISTS (
                   SELECT FROM registry_classes k WHERE k.school_id = $1 AND k.school_year_id = $3
                       AND lower(k.name) = lower(c.name) AND k.gone_at IS NULL)
               AND EXISTS (
                   SELECT FROM plan_rows r WHERE r.school_id = $1 AND r.plan_id = $2
                       AND r.outcome IN ('create', 'update') AND r."values" ->> 'class' = c.name)
           ORDER BY c.name"#,
        scope.school_id(),
        plan_id,
        year_id,
    )
    .fetch_all(tx)
    .await?)
}
