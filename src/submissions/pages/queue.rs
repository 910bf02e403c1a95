//! The queue of an operator's provinces: what waits, the oldest first, and what was decided. Approving many at once.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::decide::{administered, operator};
use crate::{
    app::App,
    error::{Error, Result},
    ids::PlanId,
    operator::{model::ProvinceChoice, store as schools},
    paths::{self, Address},
    plan::model::RowOutcome,
    registry::submissions::{SubmissionKind, SubmissionState},
    shell::{self, OperatorEntry},
    submissions::{
        deciding,
        queue::{self, QueueFilter, Queued},
    },
    vietnam::{search, text},
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "submissions/queue.html")]
pub(super) struct QueuePage {
    l: Translator,
    shell: Shell,
    query: QueueQuery,
    state: SubmissionState,
    provinces: Vec<ProvinceChoice>,
    counts: Vec<(SubmissionState, i64)>,
    submissions: Vec<Queued>,
    next: Option<PlanId>,
    now: DateTime<Utc>,
    /// Of the form for a list of several schools.
    kind: String,
    faults: FormErrors,
}

impl QueuePage {
    pub(super) fn with_kind(self, kind: String) -> Self {
        Self { kind, ..self }
    }

    fn can_approve(&self) -> bool {
        self.state == SubmissionState::Submitted && !self.submissions.is_empty()
    }

    fn page(&self, after: &PlanId) -> String {
        self.query.address(self.state, Some(after))
    }

    /// The row outcomes, as far as there are rows.
    fn outcomes(&self, each: &Queued) -> Vec<(RowOutcome, i64)> {
        let counted = RowOutcome::ALL.into_iter().map(|outcome| (outcome, each.counts.of(outcome)));
        counted.filter(|(_, count)| *count > 0).collect()
    }

    fn of_state(&self, state: &SubmissionState) -> String {
        self.query.address(*state, None)
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct QueueQuery {
    state: String,
    province: String,
    q: String,
    after: String,
}

impl QueueQuery {
    /// Unreadable parameters filter nothing; a province must be the operator's.
    fn filter(&self, provinces: &[ProvinceChoice]) -> QueueFilter {
        QueueFilter {
            state: SubmissionState::from_key(&self.state).unwrap_or(SubmissionState::Submitted),
            province: provinces.iter().map(|province| &province.code).find(|code| **code == self.province).cloned(),
            words: text::words(&self.q).into_iter().take(search::MOST_WORDS).collect(),
        }
    }

    fn address(&self, state: SubmissionState, after: Option<&PlanId>) -> String {
        self.list(state, after).to_string()
    }

    fn list(&self, state: SubmissionState, after: Option<&PlanId>) -> Address {
        let mut page = paths::OperatorSubmissions::of().with("state", state.key());
        for (name, value) in [("province", &self.province), ("q", &self.q)] {
            if !value.is_empty() {
                page = page.with(name, value);
            }
        }
        if let Some(after) = after {
            page = page.with("after", after);
        }
        page
    }
}

pub async fn show(State(app): State<App>, visitor: RequestContext, Query(query): Query<QueueQuery>) -> PageResult {
    html(&queue_page(&app, &visitor, query, FormErrors::new()).await?)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ManyForm {
    ids: Vec<String>,
    /// What the list was filtered by.
    province: String,
    q: String,
}

impl ManyForm {
    fn query(&self) -> QueueQuery {
        QueueQuery { province: self.province.clone(), q: self.q.clone(), ..QueueQuery::default() }
    }
}

/// How many submissions may be approved by one form.
const MOST_AT_ONCE: usize = 200;

/// Approves the ones that were ticked, classes first; those that do not wait any more are counted.
pub async fn approve_many(State(app): State<App>, visitor: RequestContext, Form(form): Form<ManyForm>) -> PageResult {
    if form.ids.is_empty() || form.ids.len() > MOST_AT_ONCE {
        let key = if form.ids.is_empty() { "fault-submissions-none" } else { "fault-submissions-many" };
        let page = queue_page(&app, &visitor, form.query(), FormErrors::one("ids", key)).await?;
        return refused(&page);
    }
    let ids: Vec<PlanId> = form.ids.iter().map(|id| id.parse().map_err(|_| Error::NotFound)).collect::<Result<_>>()?;
    // All of them are looked up before the first is approved.
    let mut schools = Vec::with_capacity(ids.len());
    for id in queue::in_order(app.db.pool(), &ids).await? {
        schools.push(administered(&app, &visitor, id).await?);
    }
    if schools.len() < ids.iter().collect::<BTreeSet<_>>().len() {
        return Err(Error::NotFound);
    }
    let (mut done, mut left_out) = (0, 0);
    for (school, at) in schools {
        match deciding::approve(&school, &app, at.id).await? {
            Ok(()) => done += 1,
            Err(_) => left_out += 1,
        }
    }
    let list = form.query().list(SubmissionState::Submitted, None);
    Ok(page::redirect(list.with("done", "submissions-approved").with("n", done).with("left_out", left_out)))
}

pub(super) async fn queue_page(
    app: &App,
    visitor: &RequestContext,
    query: QueueQuery,
    faults: FormErrors,
) -> Result<QueuePage> {
    let bounds = operator(visitor)?.bounds();
    let pool = app.db.pool();
    let provinces = schools::provinces(pool, bounds).await?;
    let filter = query.filter(&provinces);
    let counts = queue::counts(pool, bounds, filter.province.as_deref()).await?;
    let (submissions, has_more) = queue::list(pool, bounds, &filter, query.after.parse().ok()).await?;
    Ok(QueuePage {
        l: visitor.l,
        shell: shell::of_operator(visitor, OperatorEntry::Submissions),
        query,
        state: filter.state,
        provinces,
        counts,
        next: submissions.last().map(|last| last.plan_id).filter(|_| has_more),
        submissions,
        now: visitor.now,
        kind: String::new(),
        faults,
    })
}
