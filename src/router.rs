//! The domains put together: all routes behind the auth middleware and the guards, and the handlers of all jobs. The
//! commands and the tests assemble the program the same way.

use axum::{
    Router,
    http::{Method, Uri},
    response::{IntoResponse, Redirect, Response},
    routing::any,
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::CompressionLayer,
    timeout::{RequestBodyTimeoutLayer, TimeoutLayer},
};

use crate::{
    accounts, api,
    app::App,
    audit, auth, calendar, clients, companies, demo, duplicates, exams, grants, health, help, home, homeroom, identity,
    invitations, jobs, me, new_year, nightly, oauth2, oneroster, operator, own_registry, paths, plan, providers,
    registration, reports,
    routes::{Access, Route, Routes},
    scheduled_rollover, schools, scim, slips, sources, stranded, submissions, timetable, tokens,
    web::{self, again, assets, errors, imsx, limits, middleware, oauth, problems},
};

/// How long the sender of a body may send nothing.
const BODY_SILENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// How long an answer may take.
const ANSWER_WITHIN: std::time::Duration = std::time::Duration::from_secs(60);

/// Every route of the program with its declared access.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .and(identity::routes())
        .and(schools::routes())
        .and(tokens::routes())
        .and(clients::routes())
        .and(home::routes())
        .and(accounts::routes())
        .and(invitations::routes())
        .and(grants::routes())
        .and(homeroom::routes())
        .and(timetable::routes())
        .and(calendar::routes())
        .and(exams::routes())
        .and(me::routes())
        .and(providers::routes())
        .and(oauth2::routes())
        .and(registration::routes())
        .and(companies::routes())
        .and(operator::routes())
        .and(sources::routes())
        .and(oneroster::routes())
        .and(plan::routes())
        .and(new_year::routes())
        .and(duplicates::routes())
        .and(submissions::routes())
        .and(own_registry::routes())
        .and(slips::routes())
        .and(reports::routes())
        .and(audit::routes())
        .and(help::routes())
        .and(demo::routes())
        .and(api::routes())
        .and(scim::routes())
}

/// All pages, behind the auth middleware and the guards.
pub fn router(app: &App) -> Router {
    let base_url = app.config.base_url.clone();
    let shares = auth::RequestShares::default();
    let (programs, pages): (Vec<_>, Vec<_>) = routes()
        .0
        .into_iter()
        .partition(|route| matches!(route.access, Access::Client(_)) || oneroster::is_below(route.path));
    let (api, pages): (Vec<_>, Vec<_>) = pages.into_iter().partition(|route| route.path.starts_with(api::PREFIX));
    let (scim, pages): (Vec<_>, Vec<_>) = pages.into_iter().partition(|route| route.path.starts_with(paths::SCIM));
    let pages: Router<App> = pages
        .into_iter()
        .fold(Router::new(), |router, route| router.route(route.path, auth::guarded(app, &shares, route)))
        .fallback(without_slash)
        .layer(axum::middleware::from_fn(limits::guard_address))
        .layer(axum::middleware::from_fn_with_state(base_url.clone(), middleware::guard_origin))
        .layer(CatchPanicLayer::new())
        .layer(axum::middleware::from_fn(errors::write_pages))
        .layer(axum::middleware::from_fn_with_state((app.clone(), shares.clone()), auth::find_request_context));
    let bare = Routes::new()
        .get("/assets/{version}/{*name}", Access::Anyone, assets::serve)
        .and(health::routes())
        .0
        .into_iter()
        .inspect(|route| debug_assert_eq!(route.access, Access::Anyone, "what passes by the middleware is for all"))
        .fold(Router::new(), |router, route| router.route(route.path, route.answers));
    bare.merge(bounded(pages, app))
        .merge(api_router(app, &shares, api))
        .merge(scim_router(app, &shares, scim))
        .merge(client_router(app, &shares, programs))
        .layer(axum::middleware::from_fn(health::measure))
        .layer(axum::middleware::from_fn_with_state(base_url, middleware::set_headers))
        .with_state(app.clone())
}

/// What holds for every answer that asks the database: it waits for one that is away, ends in time, and is compressed.
fn bounded(router: Router<App>, app: &App) -> Router<App> {
    router
        .layer(axum::middleware::from_fn_with_state(app.db.clone(), again::try_again))
        .layer(TimeoutLayer::with_status_code(axum::http::StatusCode::SERVICE_UNAVAILABLE, ANSWER_WITHIN))
        .layer(RequestBodyTimeoutLayer::new(BODY_SILENCE))
        .layer(CompressionLayer::new().br(true).gzip(true))
}

/// What no route answers: an address with a slash at its end leads to the one without it, as people type and link it.
async fn without_slash(method: Method, uri: Uri) -> Response {
    let path = uri.path().trim_matches('/');
    if path.is_empty() || !uri.path().ends_with('/') || !method.is_safe() {
        return crate::error::Error::NotFound.into_response();
    }
    // One slash at the beginning: two would lead to another host.
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    Redirect::permanent(&format!("/{path}{query}")).into_response()
}

/// The API. Cookies do not count here, so a change need not show where it comes from.
fn api_router(app: &App, shares: &auth::RequestShares, routes: Vec<Route>) -> Router<App> {
    let router = routes
        .into_iter()
        .fold(Router::new(), |router, route| router.route(route.path, auth::guarded_api(app, route)))
        .route("/api/{*nothing}", any(|| async { crate::error::Error::NotFound }))
        .layer(axum::middleware::from_fn(limits::guard_address))
        .layer(CatchPanicLayer::new())
        .layer(axum::middleware::from_fn(problems::write_problems))
        .layer(axum::middleware::from_fn_with_state((app.clone(), shares.clone()), auth::find_api_context));
    bounded(router, app)
}

/// What other systems keep by a token. As the API, with the errors of SCIM.
fn scim_router(app: &App, shares: &auth::RequestShares, routes: Vec<Route>) -> Router<App> {
    let router = routes
        .into_iter()
        .fold(Router::new(), |router, route| router.route(route.path, auth::guarded_api(app, route)))
        .route(paths::SCIM_ELSE, any(|| async { crate::error::Error::NotFound }));
    let router = paths::SCIM_UNSUPPORTED
        .into_iter()
        .fold(router, |router, path| router.route(path, any(scim::refuse_unsupported)))
        .layer(axum::middleware::from_fn(limits::guard_address))
        .layer(CatchPanicLayer::new())
        .layer(axum::middleware::from_fn(web::scim::write_scim_errors))
        .layer(axum::middleware::from_fn_with_state((app.clone(), shares.clone()), auth::find_api_context));
    bounded(router, app)
}

/// What programs ask by OAuth 2. Cookies do not count here either, and errors are those of OAuth or of OneRoster.
fn client_router(app: &App, shares: &auth::RequestShares, routes: Vec<Route>) -> Router<App> {
    let (rosters, others): (Vec<Route>, Vec<Route>) =
        routes.into_iter().partition(|route| route.path.starts_with(paths::ONEROSTER));
    let of = |routes: Vec<Route>| {
        routes
            .into_iter()
            .fold(Router::new(), |router, route| router.route(route.path, auth::guarded_for_clients(app, route)))
    };
    let rosters = of(rosters).route(paths::ONEROSTER_ELSE, any(|| async { crate::error::Error::NotFound }));
    let of_rosters = guarded(rosters).layer(axum::middleware::from_fn(imsx::write_status_infos));
    let of_oauth = guarded(of(others)).layer(axum::middleware::from_fn(oauth::write_oauth_errors));
    let router = of_rosters
        .merge(of_oauth)
        .layer(axum::middleware::from_fn_with_state((app.clone(), shares.clone()), auth::find_api_context));
    bounded(router, app)
}

/// What stands before all that programs ask by OAuth 2, below the layer that writes its errors.
fn guarded(router: Router<App>) -> Router<App> {
    router
        .layer(axum::middleware::from_fn(oauth2::answer_preflight))
        .layer(axum::middleware::from_fn(limits::guard_address))
        .layer(CatchPanicLayer::new())
}

/// The handlers of all kinds of jobs.
#[must_use]
pub fn handlers() -> jobs::Handlers<App> {
    jobs::Handlers::new()
        .on::<crate::letters::outbox::SendMail>()
        .on::<identity::recovery::MailReset>()
        .on::<identity::verification::AddressProven>()
        .on::<registration::teachers::TakeTeacher>()
        .on::<registration::digest::TellSchool>()
        .on::<companies::registering::TakeRepresentative>()
        .on::<sources::import::ReadUpload>()
        .on::<sources::remote::FetchRoster>()
        .on::<sources::registry::ReadRegistry>()
        .on::<sources::rollover::ReadRollover>()
        .on::<scheduled_rollover::BeginScheduled>()
        .on::<scheduled_rollover::GoOnScheduled>()
        .on::<accounts::closing::CloseFinished>()
        .on::<api::hand_in::HandIn>()
        .on::<nightly::BeginNight>()
        .on::<nightly::SyncAtNight>()
        .on::<nightly::EndNight>()
        .on::<reports::daily::BeginDay>()
        .on::<reports::daily::CountSchool>()
        .on::<reports::BeginMonth>()
        .on::<reports::MailMonth>()
        .on::<plan::apply::ApplyPlan>()
        .on::<plan::undo::UndoPlan>()
        .on::<submissions::approval::ApproveSubmission>()
        .on::<submissions::many_schools::HandInForSchool>()
        .on::<identity::applications::EndInSuspended>()
        .on::<oauth2::logout_notice::TellLogout>()
        .on::<timetable::solver::writing::MakeTimetable>()
        .on::<timetable::announcements::AnnounceTimetable>()
}

/// The same, with the scheduled jobs.
///
/// # Errors
/// Only where a time below is invalid.
pub fn scheduled_handlers() -> Result<jobs::Handlers<App>, jobs::ScheduleError> {
    handlers()
        .at_start(&stranded::FindStranded {})?
        .hourly(7, stranded::FindStranded {})?
        .hourly(3, nightly::BeginNight {})?
        .hourly(7, reports::daily::BeginDay {})?
        .hourly(12, reports::BeginMonth {})?
        .hourly(17, plan::purge::PurgePlans {})?
        .hourly(27, identity::cleanup::ForgetSpent {})?
        .hourly(33, oauth2::cleanup::ForgetGrants {})?
        .hourly(37, registration::cleanup::ForgetUnverified {})?
        .hourly(47, companies::reminding::RemindOperators {})
}
