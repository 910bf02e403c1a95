//! Serving pages, and working in the background.

use std::{future::Future, net::SocketAddr, process::ExitCode, sync::Arc};

use anyhow::{Context, Result};
use clap::Args;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::sync::watch;

use super::{build_app, database, demo, say, warn_of_missing_keys, with_mailbox};
use crate::{
    app::App,
    config::Config,
    db::{
        Db,
        provision::{Database, check_role},
    },
    health, jobs, router,
    web::{
        assets,
        connections::{self, ConnectionLimits},
    },
};

/// How many files a process may open where the system does not say.
const USUAL_FILES: usize = 1_024;

/// Connections of background work, beside those to its queue.
const WORK_CONNECTIONS: u32 = 16;

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Makes demo data where there is none and prints sign-ins
    #[arg(long)]
    demo: bool,
    /// The address to listen on, instead of SCHOOLGATE_LISTEN
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Leaves background work to other processes
    #[arg(long)]
    no_worker: bool,
}

pub async fn serve(mut config: Config, args: ServeArgs) -> Result<ExitCode> {
    if let Some(listen) = args.listen {
        config.listen_on(listen);
    }
    // Bound before the database is touched: starting it twice fails at once.
    let listener = tokio::net::TcpListener::bind(config.listen).await.with_context(|| {
        format!("{} cannot be listened on; is it taken? Choose another with --listen", config.listen)
    })?;
    let database = database::open_or_make(&config).await?;
    let served = async {
        if database.owner.is_some() {
            database.migrate().await?;
        }
        let mut app = build_app(config, &database)?;
        check_role(&app.db).await?;
        warn_of_missing_keys(&app).await?;
        if args.demo {
            app = with_mailbox(app)?;
            demo::print_sign_ins(&demo::ensure(&app, &database).await?);
        }
        let (stop, stopped) = watch::channel(false);
        let worker = (!args.no_worker)
            .then(|| work(app.clone(), &database, wait(stopped.clone())).map(tokio::spawn))
            .transpose()?;
        let served = serve_pages(&app, listener, stop, stopped).await;
        if let Some(worker) = worker {
            let _ = worker.await;
        }
        app.db.pool().close().await;
        served
    }
    .await;
    database.leave().await;
    served.map(|()| ExitCode::SUCCESS)
}

pub async fn worker(config: Config) -> Result<ExitCode> {
    let database = database::open_or_make(&config).await?;
    let worked = async {
        let app = build_app(config, &database)?;
        check_role(&app.db).await?;
        warn_of_missing_keys(&app).await?;
        tracing::info!("background work begins");
        work(app.clone(), &database, signal())?.await;
        app.db.pool().close().await;
        Ok(ExitCode::SUCCESS)
    }
    .await;
    database.leave().await;
    worked
}

fn work(
    app: App,
    database: &Database,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<impl Future<Output = ()> + Send + 'static> {
    let handlers = router::scheduled_handlers()?;
    // Connections of its own: pages and background work never wait for each other's.
    let app = App { db: Db::new(database.program.clone(), WORK_CONNECTIONS), ..app };
    let (program, settings) = (database.program.clone(), jobs::WorkerSettings::default());
    Ok(async move {
        let db = app.db.clone();
        jobs::work(program, handlers, Arc::new(app), settings, shutdown).await;
        db.pool().close().await;
    })
}

async fn serve_pages(
    app: &App,
    listener: tokio::net::TcpListener,
    stop: watch::Sender<bool>,
    stopped: watch::Receiver<bool>,
) -> Result<()> {
    health::install_metrics();
    tokio::spawn(health::keep_metrics());
    tokio::task::spawn_blocking(assets::prepare);
    let router = router::router(app);
    let limits = ConnectionLimits::of(raise_file_limit(), app.config.trusted_proxies.clone());
    say(format_args!("Schoolgate: {}", app.config.base_url));
    tokio::spawn(async move {
        signal().await;
        let _ = stop.send(true);
    });
    connections::serve(listener, router, limits, wait(stopped)).await;
    Ok(())
}

/// Raises the limit on open files to what the system allows; gives the limit.
fn raise_file_limit() -> usize {
    let Ok((now, most)) = getrlimit(Resource::RLIMIT_NOFILE) else { return USUAL_FILES };
    let has = if setrlimit(Resource::RLIMIT_NOFILE, most, most).is_ok() { most } else { now };
    usize::try_from(has).unwrap_or(usize::MAX)
}

async fn wait(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Completes when the process receives a signal to stop.
async fn signal() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => {
                terminate.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
