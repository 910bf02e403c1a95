//! The queue under the roles of a real installation: the jobs that its tests use.

mod database;
mod lanes;
mod queue;
mod worker;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::Utc;
use schoolgate::{
    jobs::{self, Attempt, Handle, Handlers, Job},
    mail::{Mailer, Message, SendError},
};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use tokio::sync::Notify;
use uuid::Uuid;

/// What the handlers of these tests are given.
struct App {
    pool: PgPool,
    mailer: Option<Mailer>,
    done: AtomicUsize,
    started: Notify,
}

impl App {
    fn new(pool: &PgPool) -> Arc<Self> {
        Self::with_mailer(pool, None)
    }

    fn with_mailer(pool: &PgPool, mailer: Option<Mailer>) -> Arc<Self> {
        Arc::new(Self { pool: pool.clone(), mailer, done: AtomicUsize::new(0), started: Notify::new() })
    }

    fn done(&self) -> usize {
        self.done.load(Ordering::SeqCst)
    }
}

#[derive(Serialize, Deserialize)]
struct Count {
    id: Uuid,
}

fn count() -> Count {
    Count { id: Uuid::now_v7() }
}

impl Job for Count {
    const NAME: &'static str = "count";
}

impl Handle<App> for Count {
    async fn handle(self, app: Arc<App>, _: Attempt) -> anyhow::Result<()> {
        app.done.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

/// Enqueues another job, in a transaction.
#[derive(Serialize, Deserialize)]
struct Chain {
    links: u32,
}

impl Job for Chain {
    const NAME: &'static str = "chain";
}

impl Handle<App> for Chain {
    async fn handle(self, app: Arc<App>, _: Attempt) -> anyhow::Result<()> {
        let mut transaction = app.pool.begin().await?;
        match self.links {
            0 => jobs::enqueue(&mut transaction, &count()).await?,
            links => jobs::enqueue(&mut transaction, &Chain { links: links - 1 }).await?,
        };
        transaction.commit().await?;
        Ok(())
    }
}

#[derive(Serialize, Deserialize)]
struct Fail {}

impl Job for Fail {
    const NAME: &'static str = "fail";
    const MAX_ATTEMPTS: i16 = 2;
}

impl Handle<App> for Fail {
    async fn handle(self, _: Arc<App>, attempt: Attempt) -> anyhow::Result<()> {
        let cause = std::io::Error::other("the cause");
        Err(anyhow::Error::new(cause).context(format!("try {}, last: {}", attempt.number, attempt.is_last)))
    }
}

/// Takes longer than anybody waits.
#[derive(Serialize, Deserialize)]
struct Linger {}

impl Job for Linger {
    const NAME: &'static str = "linger";
}

impl Handle<App> for Linger {
    async fn handle(self, app: Arc<App>, _: Attempt) -> anyhow::Result<()> {
        app.started.notify_one();
        tokio::time::sleep(Duration::from_secs(600)).await;
        Ok(())
    }
}

/// A mail, as the real job does it: what is refused for good is noted and over, the rest is tried again.
#[derive(Serialize, Deserialize)]
struct SendMail {
    mail: Uuid,
}

impl Job for SendMail {
    const NAME: &'static str = "send_mail";
    const MAX_ATTEMPTS: i16 = i16::MAX;
}

impl Handle<App> for SendMail {
    async fn handle(self, app: Arc<App>, _: Attempt) -> anyhow::Result<()> {
        let message = Message {
            id: self.mail.into(),
            to_name: String::new(),
            to_address: "mai@example.com".to_owned(),
            subject: "Xin chào".to_owned(),
            text: "Chào".to_owned(),
            html: "<p>Chào</p>".to_owned(),
        };
        match app.mailer.as_ref().unwrap().send(&message, Utc::now()).await {
            Ok(()) | Err(SendError::Permanent(_)) => Ok(()),
            Err(error @ SendError::Temporary(_)) => Err(error.into()),
        }
    }
}

fn handlers() -> Handlers<App> {
    Handlers::new().on::<Count>().on::<Chain>().on::<Fail>().on::<SendMail>()
}
