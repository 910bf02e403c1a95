//! One submission as an operator sees it, with its rows; each look is on record. Approving it, or returning it.

use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;

use crate::{
    access::Operator,
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    ids::PlanId,
    operator::{administered::Administered, store as schools},
    plan::{
        PlanAddress,
        model::PlanState,
        pages::{OperatorPart, PlanPage, progress as plan_progress, query::ReviewQuery, review},
    },
    shell::{self, OperatorEntry},
    submissions::{deciding, elsewhere, listed, queue},
    vietnam::text,
    web::{
        PageResult, RequestContext,
        address_parts::Path,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

pub fn operator(visitor: &RequestContext) -> Result<&Operator> {
    visitor.signed_in()?.operator.as_ref().ok_or(Error::Forbidden)
}

/// The school of a submission, if it is in the operator's provinces.
pub async fn administered(app: &App, visitor: &RequestContext, id: PlanId) -> Result<(Administered, PlanAddress)> {
    let code = queue::school_of(app.db.pool(), operator(visitor)?.bounds(), id).await?;
    let administered = Administered::find(app, visitor.signed_in()?, visitor.address, &code).await?;
    Ok((administered, PlanAddress::of_operator(id)))
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    Path(id): Path<PlanId>,
    Query(query): Query<ReviewQuery>,
) -> PageResult {
    let (administered, at) = administered(&app, &visitor, id).await?;
    html(&submission_page(&app, &visitor, &administered, at, &query, String::new()).await?)
}

/// How far the worker is that takes it over.
pub async fn progress(State(app): State<App>, visitor: RequestContext, Path(id): Path<PlanId>) -> PageResult {
    let (administered, at) = administered(&app, &visitor, id).await?;
    let mut tx = app.db.begin_in(administered.school_id()).await?;
    let plan = at.find(&administered, &mut tx).await?;
    tx.commit().await?;
    plan_progress::part(&visitor, at, plan)
}

pub async fn approve(State(app): State<App>, visitor: RequestContext, Path(id): Path<PlanId>) -> PageResult {
    let (administered, at) = administered(&app, &visitor, id).await?;
    match deciding::approve(&administered, &app, at.id).await? {
        Ok(()) => Ok(page::redirect(at.page())),
        Err(refusal) => {
            let mut faults = FormErrors::new();
            faults.add_about("approval", refusal.key(), refusal.value());
            with_faults(&app, &visitor, &administered, at, String::new(), faults).await
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ReturnForm {
    remark: String,
}

/// The longest remark, in characters.
const MOST_OF_A_REMARK: usize = 1_000;

pub async fn give_back(
    State(app): State<App>,
    visitor: RequestContext,
    Path(id): Path<PlanId>,
    Form(form): Form<ReturnForm>,
) -> PageResult {
    let (administered, at) = administered(&app, &visitor, id).await?;
    let remark = text::clean(&form.remark);
    let fault = match remark.chars().count() {
        0 => Some("fault-remark-missing"),
        count if count > MOST_OF_A_REMARK => Some("fault-remark-too-long"),
        _ => None,
    };
    if let Some(key) = fault {
        let faults = FormErrors::one("remark", key);
        return with_faults(&app, &visitor, &administered, at, form.remark, faults).await;
    }
    if deciding::give_back(&administered, &app, at.id, &remark).await? {
        return Ok(page::redirect(at.page().with("done", "submission-returned")));
    }
    let faults = FormErrors::one("approval", "fault-submission-not-waiting");
    with_faults(&app, &visitor, &administered, at, form.remark, faults).await
}

async fn with_faults(
    app: &App,
    visitor: &RequestContext,
    administered: &Administered,
    at: PlanAddress,
    remark: String,
    faults: FormErrors,
) -> Result<Response> {
    let page = submission_page(app, visitor, administered, at, &ReviewQuery::default(), remark).await?;
    refused(&page.with_faults(faults))
}

async fn submission_page(
    app: &App,
    visitor: &RequestContext,
    administered: &Administered,
    at: PlanAddress,
    query: &ReviewQuery,
    remark: String,
) -> Result<PlanPage> {
    let id = at.id;
    let shell = shell::of_operator(visitor, OperatorEntry::Submissions);
    let page = review::plan_page(app, visitor, administered, shell, at, query).await?;
    let mut tx = app.db.begin_in(administered.school_id()).await?;
    let facts = schools::facts(administered, &mut tx).await?;
    // What the school is working at is its own.
    let is_handed_in = page.plan().state != PlanState::Ready;
    let mut lines = if is_handed_in { elsewhere::lines(administered, &mut tx, id).await? } else { Vec::new() };
    lines.extend(page.shown_lines().into_iter().filter(|_| is_handed_in));
    let elsewhere = elsewhere::of_lines(administered, app, &mut tx, id, &lines).await?;
    let quality = listed::quality(&mut tx, id).await?;
    audit::record(administered, app, &mut tx, Event::about(AuditAction::SubmissionViewed, id)).await?;
    tx.commit().await?;
    Ok(page.for_operator(OperatorPart {
        school: facts.name,
        code: facts.code,
        province: facts.province,
        elsewhere,
        quality,
        remark,
    }))
}
