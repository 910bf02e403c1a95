//! Identifiers that two schools name: the list for the operators of both, and the decision about one.

use askama::Template;
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::decide::operator;
use crate::{
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    ids::ConflictId,
    operator::administered::Administered,
    paths,
    plan::shown,
    registry::{
        conflicts::{self, ClaimOrigin, ConflictState, IdentifierConflict, NamedSchool},
        model::RegistryPerson,
    },
    roster::fields::Field,
    shell::{self, OperatorEntry},
    submissions::identifiers,
    web::{PageResult, RequestContext, Shell, Translator, address_parts::Path, forms::FormErrors, html, page, refused},
};

#[derive(Template)]
#[template(path = "submissions/identifiers.html")]
struct IdentifiersPage {
    l: Translator,
    shell: Shell,
    state: ConflictState,
    conflicts: Vec<IdentifierConflict>,
    next: Option<ConflictId>,
    now: DateTime<Utc>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct IdentifiersQuery {
    state: String,
    after: String,
}

pub async fn list(
    State(app): State<App>,
    visitor: RequestContext,
    Query(query): Query<IdentifiersQuery>,
) -> PageResult {
    let state = ConflictState::from_key(&query.state).unwrap_or(ConflictState::Open);
    let bounds = operator(&visitor)?.bounds();
    let (conflicts, has_more) = conflicts::page(app.db.pool(), bounds, state, query.after.parse().ok()).await?;
    html(&IdentifiersPage {
        l: visitor.l,
        shell: shell::of_operator(&visitor, OperatorEntry::Submissions),
        state,
        next: conflicts.last().map(|last| last.id).filter(|_| has_more),
        conflicts,
        now: visitor.now,
    })
}

/// One of the two schools, and the person there, as far as the operator may see them.
struct Side {
    school: NamedSchool,
    person: Vec<(Field, String)>,
}

#[derive(Template)]
#[template(path = "submissions/identifier.html")]
struct ConflictPage {
    l: Translator,
    shell: Shell,
    conflict: IdentifierConflict,
    claimant: Side,
    holder: Side,
    faults: FormErrors,
}

impl ConflictPage {
    /// The two schools, each with the key of its heading.
    fn sides(&self) -> [(&Side, &'static str); 2] {
        [(&self.claimant, "identifiers-claimant"), (&self.holder, "identifiers-holder")]
    }

    /// Of a school that keeps its registry itself, in the operator's provinces, and not decided.
    fn can_decide(&self) -> bool {
        self.conflict.state == ConflictState::Open
            && matches!(self.conflict.origin, ClaimOrigin::Own(_))
            && self.claimant.school.is_administered
    }

    fn submission(&self) -> Option<paths::OperatorSubmission> {
        match self.conflict.origin {
            ClaimOrigin::Submission(plan_id) if self.claimant.school.is_administered => {
                Some(paths::OperatorSubmission::of(plan_id))
            }
            _ => None,
        }
    }
}

pub async fn show(State(app): State<App>, visitor: RequestContext, Path(id): Path<ConflictId>) -> PageResult {
    html(&conflict_page(&app, &visitor, id, FormErrors::new()).await?)
}

pub async fn allow(State(app): State<App>, visitor: RequestContext, Path(id): Path<ConflictId>) -> PageResult {
    let (conflict, school) = to_decide(&app, &visitor, id).await?;
    let is_done = identifiers::allow(&school, &app, &conflict).await?;
    decided(&app, &visitor, id, is_done, "identifier-moved").await
}

pub async fn refuse(State(app): State<App>, visitor: RequestContext, Path(id): Path<ConflictId>) -> PageResult {
    let (conflict, school) = to_decide(&app, &visitor, id).await?;
    let is_done = identifiers::refuse(&school, &app, &conflict).await?;
    decided(&app, &visitor, id, is_done, "identifier-kept").await
}

/// A conflict and the school that names the identifier, which the operator must administer.
async fn to_decide(app: &App, visitor: &RequestContext, id: ConflictId) -> Result<(IdentifierConflict, Administered)> {
    let conflict = conflicts::find(app.db.pool(), operator(visitor)?.bounds(), id).await?;
    let school = administered(app, visitor, &conflict.claimant).await?.ok_or(Error::NotFound)?;
    Ok((conflict, school))
}

async fn administered(app: &App, visitor: &RequestContext, school: &NamedSchool) -> Result<Option<Administered>> {
    if !school.is_administered {
        return Ok(None);
    }
    Administered::find(app, visitor.signed_in()?, visitor.address, &school.code).await.map(Some)
}

async fn decided(app: &App, visitor: &RequestContext, id: ConflictId, is_done: bool, done: &str) -> PageResult {
    if is_done {
        return Ok(page::redirect(paths::OperatorIdentifier::of(id).with("done", done)));
    }
    let faults = FormErrors::one("decision", "fault-identifier-decided");
    refused(&conflict_page(app, visitor, id, faults).await?)
}

async fn conflict_page(
    app: &App,
    visitor: &RequestContext,
    id: ConflictId,
    faults: FormErrors,
) -> Result<ConflictPage> {
    let conflict = conflicts::find(app.db.pool(), operator(visitor)?.bounds(), id).await?;
    Ok(ConflictPage {
        l: visitor.l,
        shell: shell::of_operator(visitor, OperatorEntry::Submissions),
        claimant: side(app, visitor, &conflict, true).await?,
        holder: side(app, visitor, &conflict, false).await?,
        conflict,
        faults,
    })
}

/// The look at a person is on record in their school.
async fn side(app: &App, visitor: &RequestContext, conflict: &IdentifierConflict, is_claimant: bool) -> Result<Side> {
    let school = if is_claimant { &conflict.claimant } else { &conflict.holder };
    let Some(scope) = administered(app, visitor, school).await? else {
        return Ok(Side { school: school.clone(), person: Vec::new() });
    };
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let person = if is_claimant {
        identifiers::named(&scope, app, &mut tx, conflict).await?
    } else {
        identifiers::holding(&scope, app, &mut tx, conflict).await?
    };
    if let Some(person) = &person {
        audit::record(&scope, app, &mut tx, Event::about(AuditAction::RegistryPersonViewed, person.id)).await?;
    }
    tx.commit().await?;
    Ok(Side { school: school.clone(), person: person.map(|person| values(&visitor.l, &person)).unwrap_or_default() })
}

/// What tells a person from others.
fn values(l: &Translator, person: &RegistryPerson) -> Vec<(Field, String)> {
    let fields = [
        Field::FullName,
        Field::BirthDate,
        Field::Gender,
        Field::Class,
        Field::MotherName,
        Field::GuardianName,
        Field::MoetId,
    ];
    let shown = |field: Field| Some((field, shown(l, field, person.values.get(&field)?)));
    fields.into_iter().filter_map(shown).collect()
}
