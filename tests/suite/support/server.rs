//! The program as a browser meets it: on a port, with a worker of its own and a mail server.

use std::sync::Arc;

use schoolgate::{
    app::App,
    clock::{Clock, Randomness},
    config::Config,
    db::embedded::ServerRole,
    jobs::{self, WorkerSettings},
    mail::{Mailer, Sender, SmtpSettings},
    router,
    web::connections::{self, ConnectionLimits},
};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::app::{TestApp, assemble, config};
use super::smtp::SmtpSink;

/// Serves until it is dropped. It runs on threads of its own, so that a test may block.
pub struct TestServer {
    /// Of the same database, for making schools and people. Its own mails and jobs are the server's to send and do.
    pub test: TestApp,
    /// The mails that were sent.
    pub smtp: SmtpSink,
    /// Where it is: `http://127.0.0.1:…`, without a slash at the end.
    pub url: String,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl TestServer {
    pub async fn start() -> Self {
        Self::start_with(async |_| {}).await
    }

    /// With another configuration; where the server is stands in it already.
    pub async fn start_with(configure: impl AsyncFnOnce(&mut Config)) -> Self {
        let test = TestApp::real_time().await;
        let smtp = SmtpSink::start();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut config = config(&url);
        configure(&mut config).await;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        // Its own connections: a runtime must not wait for another one to look after its sockets.
        let app = {
            let _inside = runtime.enter();
            let sender = Sender::new(&config.mail_from, &config.base_url).unwrap();
            let mailbox = test.mailbox.clone();
            let mailer = Mailer::smtp(sender, SmtpSettings::from_url(&smtp.url()).unwrap());
            let mailer = mailer.keeping_copies(mailbox.clone().unwrap());
            let app = assemble(&test.database, config, Clock::system(), Randomness::system().unwrap(), mailer);
            App { mailbox, ..app }
        };
        let (stop, stopped) = watch::channel(false);
        let tasks = vec![
            runtime.spawn(serve(app.clone(), listener, stopped.clone())),
            runtime.spawn(work(app, test.database.options(ServerRole::App), stopped)),
        ];
        Self { test, smtp, url, stop, tasks, runtime: Some(runtime) }
    }

    /// An address of the server.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        let tasks = std::mem::take(&mut self.tasks);
        let runtime = self.runtime.take();
        // A runtime cannot be waited for inside another.
        let end = std::thread::spawn(move || {
            let Some(runtime) = runtime else { return };
            runtime.block_on(async {
                for task in tasks {
                    let _ = task.await;
                }
            });
            runtime.shutdown_background();
        });
        let _ = end.join();
    }
}

async fn serve(app: App, listener: std::net::TcpListener, stopped: watch::Receiver<bool>) {
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let limits = ConnectionLimits { grace: std::time::Duration::ZERO, ..ConnectionLimits::of(10_000, Vec::new()) };
    // A browser keeps its connections open; nobody waits for them.
    connections::serve(listener, router::router(&app), limits, told(stopped)).await;
}

async fn work(app: App, database: sqlx::postgres::PgConnectOptions, stopped: watch::Receiver<bool>) {
    let settings = WorkerSettings { poll: std::time::Duration::from_millis(200), ..WorkerSettings::default() };
    jobs::work(database, router::handlers(), Arc::new(app), settings, told(stopped)).await;
}

async fn told(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}
