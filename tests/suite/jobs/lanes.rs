//! Work of one kind never waits for work of another, and a school's own is done one after another: with two workers, as
//! two processes have them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use schoolgate::jobs::{self, Attempt, Handle, Handlers, Job, Lane, WorkerSettings};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, oneshot};

use super::database::TestDatabase;

/// What goes on.
struct App {
    /// Files are read for as long as nobody lets them end.
    go: Semaphore,
    reading: Mutex<HashMap<u32, usize>>,
    most_of_a_school: AtomicUsize,
    most: AtomicUsize,
    read: AtomicUsize,
    sent: AtomicUsize,
}

#[derive(Serialize, Deserialize)]
struct ReadFile {
    school: u32,
}

impl Job for ReadFile {
    const NAME: &'static str = "read_file";
    const LANE: Lane = Lane::Files;

    fn queue(&self) -> Option<String> {
        Some(format!("files:{}", self.school))
    }
}

impl Handle<App> for ReadFile {
    async fn handle(self, app: Arc<App>, _: Attempt) -> anyhow::Result<()> {
        let (of_school, all) = {
            let mut reading = app.reading.lock().unwrap();
            *reading.entry(self.school).or_default() += 1;
            (reading[&self.school], reading.values().sum::<usize>())
        };
        app.most_of_a_school.fetch_max(of_school, Ordering::SeqCst);
        app.most.fetch_max(all, Ordering::SeqCst);
        app.go.acquire().await?.forget();
        *app.reading.lock().unwrap().get_mut(&self.school).unwrap() -= 1;
        app.read.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[derive(Serialize, Deserialize)]
struct Send<const MAIL: bool> {}

impl Job for Send<true> {
    const NAME: &'static str = "send";
    const LANE: Lane = Lane::Mails;
}

impl Job for Send<false> {
    const NAME: &'static str = "tell";
}

impl Handle<App> for Send<true> {
    async fn handle(self, app: Arc<App>, _: Attempt) -> anyhow::Result<()> {
        app.sent.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

impl Handle<App> for Send<false> {
    async fn handle(self, app: Arc<App>, _: Attempt) -> anyhow::Result<()> {
        app.sent.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

async fn until(what: &str, mut reached: impl FnMut() -> bool) {
    for _ in 0..3_000 {
        if reached() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("not within a minute: {what}");
}

#[tokio::test]
async fn files_of_one_school_keep_no_other_waiting() {
    let database = TestDatabase::new().await;
    let app = Arc::new(App {
        go: Semaphore::new(0),
        reading: Mutex::default(),
        most_of_a_school: AtomicUsize::new(0),
        most: AtomicUsize::new(0),
        read: AtomicUsize::new(0),
        sent: AtomicUsize::new(0),
    });
    let mut connection = database.program.acquire().await.unwrap();
    let greedy: Vec<ReadFile> = (0..20).map(|_| ReadFile { school: 1 }).collect();
    jobs::enqueue_all(&mut connection, &greedy).await.unwrap();
    let settings = WorkerSettings { poll: Duration::from_millis(200), ..WorkerSettings::default() };
    let handlers = || Handlers::new().on::<ReadFile>().on::<Send<true>>().on::<Send<false>>();
    let workers: Vec<_> = (0..2)
        .map(|_| {
            let (stop, stopped) = oneshot::channel::<()>();
            let shutdown = async { drop(stopped.await) };
            let work = jobs::work(database.options(), handlers(), Arc::clone(&app), settings.clone(), shutdown);
            (stop, tokio::spawn(work))
        })
        .collect();
    let reading = |school: u32| app.reading.lock().unwrap().get(&school).copied().unwrap_or_default();
    until("the first file is being read", || reading(1) == 1).await;

    // Its other nineteen wait, and the next school's file, mails and everything else do not.
    jobs::enqueue(&mut connection, &ReadFile { school: 2 }).await.unwrap();
    for _ in 0..10 {
        jobs::enqueue(&mut connection, &Send::<true> {}).await.unwrap();
        jobs::enqueue(&mut connection, &Send::<false> {}).await.unwrap();
    }
    until("mails are sent", || app.sent.load(Ordering::SeqCst) == 20).await;
    until("another school's file is being read", || reading(2) == 1).await;
    assert_eq!(app.read.load(Ordering::SeqCst), 0);

    // Many schools at once: the lane is full at two for each worker, and mails still go.
    let many: Vec<ReadFile> = (3..20).map(|school| ReadFile { school }).collect();
    jobs::enqueue_all(&mut connection, &many).await.unwrap();
    until("the lane is full", || app.most.load(Ordering::SeqCst) >= 3).await;
    jobs::enqueue(&mut connection, &Send::<true> {}).await.unwrap();
    until("a mail is sent", || app.sent.load(Ordering::SeqCst) == 21).await;

    app.go.add_permits(1_000);
    until("all is read", || app.read.load(Ordering::SeqCst) == 38).await;
    assert_eq!(app.most_of_a_school.load(Ordering::SeqCst), 1);
    assert!(app.most.load(Ordering::SeqCst) <= 4);
    for (stop, work) in workers {
        drop(stop);
        work.await.unwrap();
    }
    assert!(jobs::left_over(&mut connection).await.unwrap().is_empty());
}
