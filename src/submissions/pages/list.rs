//! What a school has handed in, what comes next, and handing in a file.

use askama::Template;
use axum::extract::{Multipart, Query, State};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    ids::PlanId,
    paths,
    plan::{book::Book, model::PlanState, upload::Sealing},
    registry::{
        model::PersonKind,
        store as registry,
        submissions::{SubmissionKind, SubmissionState},
    },
    schools::{
        settings::{self, RegistrySource},
        years::{self, Year},
    },
    shell::{self, MenuPage},
    sources::{import, pages::upload},
    submissions::{
        actions::{self, NewSubmission},
        listed::{self, SubmissionListRow},
    },
    web::{PageResult, RequestContext, Shell, Translator, forms::FormErrors, html, page, refused},
};

#[derive(Template)]
#[template(path = "submissions/list.html")]
struct SubmissionsPage {
    l: Translator,
    shell: Shell,
    code: String,
    /// The school keeps its registry itself: nothing is handed in.
    keeps_own: bool,
    /// What the registry has of each kind.
    counts: [(SubmissionKind, i64); 3],
    kind: String,
    years: Vec<Year>,
    submissions: Vec<SubmissionListRow>,
    /// The page behind this one begins behind this submission.
    next: Option<PlanId>,
    /// This is not the first page.
    is_later: bool,
    now: DateTime<Utc>,
    faults: FormErrors,
}

impl SubmissionsPage {
    /// What is to be handed in next: the first kind of which the registry has nothing and nothing waits.
    fn next_kind(&self) -> Option<SubmissionKind> {
        if self.is_later {
            return None;
        }
        let waits = |kind: SubmissionKind| {
            let waiting = [SubmissionState::Submitted, SubmissionState::Approving];
            self.submissions.iter().any(|each| each.kind == kind && waiting.contains(&each.state))
        };
        self.counts.iter().find(|(kind, count)| *count == 0 && !waits(*kind)).map(|(kind, _)| *kind)
    }

    /// How far a submission is; while it is checked, its plan says so.
    fn state(&self, submission: &SubmissionListRow) -> String {
        match (submission.state, submission.plan_state) {
            (SubmissionState::Draft, PlanState::Reading) => self.l.t("submission-state-checking"),
            // A file that was read and then discarded, or let lie, keeps its counts.
            (SubmissionState::Draft, PlanState::Refused) if !submission.outcomes().is_empty() => {
                self.l.t("submission-discarded")
            }
            (SubmissionState::Draft, PlanState::Refused) => self.l.t("plan-state-refused"),
            (state, _) => self.l.tk("submission-state", state.key()),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SubmissionsQuery {
    kind: String,
    after: String,
}

impl SubmissionsQuery {
    fn of(kind: String) -> Self {
        Self { kind, after: String::new() }
    }
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageRegistry>,
    Query(query): Query<SubmissionsQuery>,
) -> PageResult {
    html(&list_page(&app, &visitor, &granted, query, FormErrors::new()).await?)
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageRegistry>,
    multipart: Multipart,
) -> PageResult {
    let has_room = import::has_room(&granted, &app, Book::Registry).await?;
    let mut sealing = Sealing::begin(&app)?;
    let typed = upload::read(multipart, has_room.then_some(&mut sealing)).await?;
    let kind = SubmissionKind::from_key(&typed.kind);
    let mut faults = FormErrors::new();
    if kind.is_none() {
        faults.add("kind", "fault-submission-kind");
    }
    if let Some(key) = typed.fault(has_room) {
        faults.add("file", key);
    }
    let (Some(kind), true) = (kind, faults.is_empty()) else {
        return refused(&list_page(&app, &visitor, &granted, SubmissionsQuery::of(typed.kind), faults).await?);
    };
    let year_id = match typed.school_year.as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| Error::NotFound)?),
    };
    let file = sealing.finish().await?;
    let new = NewSubmission { kind, file_name: &typed.file_name, file, year_id, token_id: None };
    match actions::begin(&granted, &app, new).await {
        Ok(id) => Ok(page::redirect(paths::Submission::of(&granted.school.code, id))),
        Err(Error::FilesWaiting) => {
            let faults = FormErrors::one("file", "fault-files-waiting");
            refused(&list_page(&app, &visitor, &granted, SubmissionsQuery::of(typed.kind), faults).await?)
        }
        Err(error) => Err(error),
    }
}

async fn list_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageRegistry>,
    SubmissionsQuery { kind, after }: SubmissionsQuery,
    faults: FormErrors,
) -> Result<SubmissionsPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let years = years::all_open(granted, &mut tx, app.clock.today()).await?;
    let current = years::current(granted, &mut tx, app.clock.today()).await?;
    let classes = registry::classes_of_year(granted, &mut tx, current.id).await?;
    let classes = classes.iter().filter(|class| !class.is_gone).count();
    let counts = [
        (SubmissionKind::Classes, i64::try_from(classes).unwrap_or(i64::MAX)),
        (SubmissionKind::Staff, registry::count(granted, &mut tx, PersonKind::Staff).await?),
        (SubmissionKind::Pupils, registry::count(granted, &mut tx, PersonKind::Student).await?),
    ];
    let keeps_own = settings::registry_source(granted, &mut tx).await? == RegistrySource::Own;
    let (submissions, has_more) = listed::page(granted, &mut tx, after.parse().ok()).await?;
    tx.commit().await?;
    let mut page = SubmissionsPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Submissions),
        code: granted.school.code.clone(),
        keeps_own,
        counts,
        kind,
        years,
        next: submissions.last().map(|last| last.plan_id).filter(|_| has_more),
        is_later: !after.is_empty(),
        submissions,
        now: visitor.now,
        faults,
    };
    if page.kind.is_empty() {
        page.kind = page.next_kind().unwrap_or(SubmissionKind::Pupils).key().to_owned();
    }
    Ok(page)
}
