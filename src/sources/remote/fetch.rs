//! The job that fetches a roster: all collections of the service, page after page, into one zip, which waits for the
//! reader like one that a person has uploaded.

use std::{fs::File, io::Read as _, sync::Arc};

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use url::Url;

use super::{
    ask::{Asker, FetchFailure, FetchWhy, ServiceAccess, ServiceLimits},
    find, keep,
};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction},
    error::{Error, Result},
    ids::{PlanId, RemoteSourceId, SchoolId},
    jobs,
    outside::Outside,
    plan::{
        book::Book,
        job_claim::{GivenUp, JobClaim},
        model::{PlanState, Source},
        purge, said,
        store::{self, NewPlan},
        upload::{self, SealedFile, Sealing},
    },
    schools::years,
    sources::{
        import::ReadUpload,
        oneroster::{Bundle, RemoteCollection, Unfit},
        spreadsheet::limits::FILE_BYTES,
    },
};

const FETCHING: JobClaim =
    JobClaim { during: PlanState::Reading, given_up: GivenUp::FileRefused, started_by: |plan| plan.created_by };

/// What a plan is at meanwhile.
const STAGE: &str = "fetching";

/// Fetch the roster of the service of this id into the plan of this id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FetchRoster {
    pub school_id: SchoolId,
    pub plan_id: PlanId,
    /// In jobs that are enqueued, by its former name.
    #[serde(rename = "provider_id")]
    pub source_id: RemoteSourceId,
}

impl jobs::Job for FetchRoster {
    const NAME: &'static str = "fetch_roster";
    const MAX_ATTEMPTS: i16 = 4;
    const LANE: jobs::Lane = jobs::Lane::Fetches;

    fn queue(&self) -> Option<String> {
        Some(format!("fetch:{}", self.school_id))
    }
}

impl jobs::Handle<App> for FetchRoster {
    async fn handle(self, app: Arc<App>, attempt: jobs::Attempt) -> anyhow::Result<()> {
        let claimed = FETCHING.take_up_job(&app, self.school_id, self.plan_id, attempt).await?;
        let Some((granted, plan)) = claimed else { return Ok(()) };
        let mut tx = app.db.begin_in(self.school_id).await?;
        let is_fetched = upload::is_kept(&granted, &mut tx, plan.id).await?;
        tx.commit().await?;
        // Then the reader has its job already.
        if is_fetched {
            return Ok(());
        }
        match fetch(&granted, &app, plan.id, self.source_id, ServiceLimits::default()).await {
            Ok(Ok(file)) => Ok(hand_on(&granted, &app, plan.id, file).await?),
            Err(Error::NotFound) => Ok(upload::refuse(&granted, &app, plan.id, "refusal-provider-gone").await?),
            Err(error) => Err(error.into()),
            Ok(Err(failure)) => {
                // Without what was asked for: that is the school's.
                tracing::info!(plan_id = %plan.id, "a roster was not fetched: {}", failure.why.key());
                let told = serde_json::to_string(&failure)?;
                Ok(upload::refuse(&granted, &app, plan.id, &format!("{}{told}", said::NOT_FETCHED)).await?)
            }
        }
    }
}

/// Begins a plan of what the service says. While one is being read, those who ask again get that one.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such service, [`Error::FilesWaiting`] where its limit on waiting files
/// is reached.
pub async fn begin(granted: &Granted<may::ManageAccounts>, app: &App, id: RemoteSourceId) -> Result<PlanId> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    keep::lock(granted, &mut tx).await?;
    let source = find(granted, &mut tx, id).await?;
    if let Some((_, plan_id, PlanState::Reading)) = source.last_run {
        return Ok(plan_id);
    }
    upload::make_room(granted, &mut tx, Book::Roster, 1).await?;
    let year = years::open(granted, &mut tx, app.clock.today(), None).await?;
    let now = app.clock.now();
    let plan_id: PlanId = app.randomness.uuid_v7(now);
    let new = NewPlan {
        id: plan_id,
        book: Book::Roster,
        source: Source::OneRoster,
        school_year_id: year.id,
        file_name: Some(&source.name),
    };
    store::insert(granted, app, &mut tx, &new).await?;
    purge::plan_for(granted, &mut tx, plan_id, now).await?;
    sqlx::query!(
        "UPDATE oneroster_providers SET last_plan_id = $3, last_run_at = $4 WHERE school_id = $1 AND id = $2",
        granted.school_id(),
        id,
        plan_id,
        now,
    )
    .execute(&mut *tx)
    .await?;
    audit::record(granted, app, &mut tx, audit::Event::about(AuditAction::PlanMade, plan_id)).await?;
    let job = FetchRoster { school_id: granted.school_id(), plan_id, source_id: id };
    jobs::enqueue(&mut tx, &job).await?;
    tx.commit().await?;
    Ok(plan_id)
}

/// Of a plan that is being read: the service that it still waits for. None where it is made of a file that is here.
pub async fn is_awaited(tx: &mut PgConnection, school_id: SchoolId, plan_id: PlanId) -> Result<Option<RemoteSourceId>> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM oneroster_providers WHERE school_id = $1 AND last_plan_id = $2
             AND NOT EXISTS (SELECT FROM plan_uploads WHERE school_id = $1 AND plan_id = $2)",
        school_id,
        plan_id,
    )
    .fetch_optional(tx)
    .await?)
}

/// Fetches everything, into an unnamed zip.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such service any more.
pub async fn fetch(
    scope: &Scope,
    app: &App,
    plan_id: PlanId,
    source_id: RemoteSourceId,
    limits: ServiceLimits,
) -> Result<Result<File, FetchFailure>> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let source = find(scope, &mut tx, source_id).await?;
    let secret = keep::secret(scope, app, &mut tx, source_id).await?;
    tx.commit().await?;
    let access = ServiceAccess {
        address: Url::parse(&source.address).map_err(anyhow::Error::new)?,
        token_address: Url::parse(&source.token_address).map_err(anyhow::Error::new)?,
        client_id: source.client_id,
        secret,
        with_demographics: source.with_demographics,
    };
    let asker = Asker::new(Outside::with(app.config.roster_networks.clone()), access, limits);
    let fetching = Fetching { scope, app, plan_id, asker, rows: 0 };
    match fetching.all(source.with_demographics).await {
        Ok(file) => Ok(Ok(file)),
        Err(Stop::Failed(failure)) => Ok(Err(failure)),
        Err(Stop::Error(error)) => Err(error),
    }
}

/// Why fetching stops: because of the service, or of us.
enum Stop {
    Failed(FetchFailure),
    Error(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<FetchFailure> for Stop {
    fn from(failure: FetchFailure) -> Self {
        Self::Failed(failure)
    }
}

struct Fetching<'a> {
    scope: &'a Scope,
    app: &'a App,
    plan_id: PlanId,
    asker: Asker,
    rows: usize,
}

impl Fetching<'_> {
    async fn all(mut self, with_demographics: bool) -> Result<File, Stop> {
        let mut bundle = Bundle::begin(self.app.clock.today()).map_err(|unfit| stop(unfit, ""))?;
        let collections = RemoteCollection::ALL.into_iter();
        for of in collections.filter(|of| with_demographics || *of != RemoteCollection::DEMOGRAPHICS) {
            bundle = self.collection(of, bundle).await?;
        }
        let file = computed(move || bundle.finish()).await?.map_err(|unfit| stop(unfit, ""))?;
        let size = file.metadata().map_err(|error| Stop::Error(anyhow::Error::new(error).into()))?.len();
        if usize::try_from(size).is_ok_and(|size| size <= FILE_BYTES) {
            Ok(file)
        } else {
            Err(FetchFailure::new(FetchWhy::TooLarge, "", FILE_BYTES / 1024 / 1024).into())
        }
    }

    /// All pages of a collection. A service may have smaller pages than it is asked for, and need not say how many
    /// there are; where it does, that many must come.
    async fn collection(&mut self, of: RemoteCollection, mut bundle: Bundle) -> Result<Bundle, Stop> {
        let optional = of == RemoteCollection::DEMOGRAPHICS;
        let (mut offset, mut expected) = (0, None);
        loop {
            let Some(page) = self.asker.page(of.name, offset, optional && offset == 0).await? else { break };
            let (told, body, total, has_next) = (page.request, page.body, page.total, page.has_next);
            let taken = computed(move || {
                let taken = bundle.take(of, &body);
                (bundle, taken)
            });
            let (back, taken) = taken.await?;
            bundle = back;
            let (count, all) = taken.map_err(|unfit| stop(unfit, &told))?;
            offset = all;
            self.tell(count).await?;
            if expected.is_some_and(|expected| total.is_some_and(|total| total != expected)) {
                return Err(FetchFailure::new(FetchWhy::Changed, &told, "").into());
            }
            expected = expected.or(total);
            let is_last = match expected {
                Some(expected) => offset >= expected,
                None => !has_next.unwrap_or(count >= self.asker.page_size()),
            };
            if is_last {
                // More than there are: pages overlap, or the count is wrong.
                if expected.is_some_and(|expected| offset > expected) {
                    return Err(FetchFailure::new(FetchWhy::Changed, &told, "").into());
                }
                break;
            }
            if count == 0 {
                let missing = expected.unwrap_or_default().saturating_sub(offset);
                return Err(FetchFailure::new(FetchWhy::Incomplete, &told, missing).into());
            }
        }
        let (bundle, ended) = computed(move || {
            let ended = bundle.end(of);
            (bundle, ended)
        })
        .await?;
        ended.map_err(|unfit| stop(unfit, ""))?;
        Ok(bundle)
    }

    /// Says how far it is.
    async fn tell(&mut self, count: usize) -> Result<(), Stop> {
        self.rows += count;
        let rows = i32::try_from(self.rows).unwrap_or(i32::MAX);
        let mut tx = self.app.db.begin_in(self.scope.school_id()).await?;
        store::tell_progress(self.scope, &mut tx, self.plan_id, STAGE, rows).await?;
        tx.commit().await.map_err(Error::from)?;
        Ok(())
    }
}

/// Not on the threads that answer requests.
async fn computed<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::new)?)
}

fn stop(unfit: Unfit, told: &str) -> Stop {
    match unfit {
        Unfit::Shape => FetchFailure::new(FetchWhy::Unfit, told, "").into(),
        Unfit::Twice => FetchFailure::new(FetchWhy::Changed, told, "").into(),
        Unfit::TooMany => FetchFailure::new(FetchWhy::TooMuch, told, "").into(),
        Unfit::Write(error) => Stop::Error(anyhow::Error::new(error).into()),
    }
}

/// Seals the zip beside its plan, and lets the reader go on: in one transaction, so that neither is there without the
/// other.
async fn hand_on(granted: &Granted<may::ManageAccounts>, app: &App, plan_id: PlanId, file: File) -> Result<()> {
    let sealed = sealed(app, plan_id, file).await?;
    let mut tx = app.db.begin_work_in(granted.school_id()).await?;
    store::lock(granted, &mut tx, plan_id).await?;
    if store::find(granted, &mut tx, plan_id).await?.state != PlanState::Reading {
        return Ok(());
    }
    match upload::make_room(granted, &mut tx, Book::Roster, sealed.bytes()).await {
        Ok(()) => {}
        Err(Error::FilesWaiting) => {
            drop(tx);
            return upload::refuse(granted, app, plan_id, "fault-files-waiting").await;
        }
        Err(error) => return Err(error),
    }
    sealed.keep(granted, &mut tx).await?;
    jobs::enqueue(&mut tx, &ReadUpload::of(granted.school_id(), plan_id)).await?;
    tx.commit().await?;
    Ok(())
}

async fn sealed(app: &App, plan_id: PlanId, mut file: File) -> Result<SealedFile> {
    let bytes = computed(move || {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map(|_| bytes)
    });
    let bytes = bytes.await?.map_err(anyhow::Error::new)?;
    let mut sealing = Sealing::begin_for(app, plan_id)?;
    sealing.push(&bytes).await?;
    sealing.finish().await
}
