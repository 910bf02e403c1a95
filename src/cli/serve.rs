//! Serving pages, and working in the background.

use std::{future::Future, net::SocketAddr, process::ExitCode, sync::Arc};

use anyhow::{Context, Result};
use clap::Args;
use tokio::sync::watch;

use super::{build_app, demo, say, warn_of_missing_keys, with_mailbox};
use crate::{
    app::App,
    assembly,
    config::Config,
    db::provision::{Database, check_role},
    health, jobs,
    web::assets,
};

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
    // Bound before the database is touched: whoever starts it twice learns so at once.
    let listener = tokio::net::TcpListener::bind(config.listen).await.with_context(|| {
        format!("{} cannot be listened on; is it taken? Choose another with --listen", config.listen)
    })?;
    let database = Database::open(&config).await?;
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
    let database = Database::open(&config).await?;
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
    let handlers = assembly::handlers_by_the_clock()?;
    Ok(jobs::work(database.program.clone(), handlers, Arc::new(app), jobs::WorkerSettings::default(), shutdown))
}

async fn serve_pages(
    app: &App,
    listener: tokio::net::TcpListener,
    stop: watch::Sender<bool>,
    stopped: watch::Receiver<bool>,
) -> Result<()> {
    health::install_metrics();
    tokio::task::spawn_blocking(assets::prepare);
    let router = assembly::router(app).into_make_service_with_connect_info::<SocketAddr>();
    say(format_args!("Schoolgate: {}", app.config.base_url));
    tokio::spawn(async move {
        signal().await;
        let _ = stop.send(true);
    });
    let server = axum::serve(listener, router).with_graceful_shutdown(wait(stopped.clone()));
    // Connections that browsers keep open must not keep the program.
    let patience = async {
        wait(stopped).await;
        tokio::time::sleep(std::time::Duration::from_secs(10)).await;
    };
    tokio::select! {
        served = server.into_future() => served.context("serving ended"),
        () = patience => Ok(()),
    }
}

async fn wait(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Ends when the process is told to stop.
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
