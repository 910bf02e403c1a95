//! One school takes no more than its share, and whatever waits for something long gives way: the others never notice.
//! Each is seen through two processes over one database.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use axum::body::Body;
use axum::http::{Method, header};
use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use schoolgate::error::Error;
use sqlx::Connection;

use crate::support::app::CONNECTIONS;
use crate::support::say::vi;
use crate::support::{Client, TestApp};

#[tokio::test]
async fn a_school_that_takes_all_it_gets_leaves_the_others_theirs() {
    let test = TestApp::with_many_connections().await;
    let other = test.other_process();
    let (greedy, calm) = (test.cast("79000001").await, test.cast("79000002").await);
    let mut held = Vec::new();
    for db in [&test.db, &other.app.db] {
        let all = join_all((0..CONNECTIONS * 2).map(|_| db.begin_in(greedy.school.id()))).await;
        let (had, refused): (Vec<_>, Vec<_>) = all.into_iter().partition(Result::is_ok);
        assert!(had.len() <= usize::try_from(CONNECTIONS).unwrap().div_ceil(3), "{} of {CONNECTIONS}", had.len());
        assert!(refused.iter().all(|each| matches!(each, Err(Error::Overloaded))));
        held.extend(had);
    }
    for client in [test.signed_in(&calm.owner).await, other.takes(test.signed_in(&calm.owner).await)] {
        for path in ["/accounts", "/classes", "/audit", "/plans"] {
            client.get(&calm.school.path(path)).await.expect(200);
        }
    }
    for client in [test.signed_in(&greedy.owner).await, other.takes(test.signed_in(&greedy.owner).await)] {
        let page = client.get(&greedy.school.path("/accounts")).await.expect(503);
        assert!(page.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
        page.shows(&[&vi("error-overloaded-title")]);
    }
    drop(held);
    test.signed_in(&greedy.owner).await.get(&greedy.school.path("/accounts")).await.expect(200);
}

#[tokio::test]
async fn a_wait_for_a_roster_gives_the_connection_back() {
    let test = TestApp::with_many_connections().await;
    let other = test.other_process();
    let (busy, calm) = (test.cast("79000001").await, test.cast("79000002").await);
    // What applying a list of a hundred thousand holds for a minute.
    let mut writer = test.admin().await;
    let lock = "SELECT pg_advisory_lock(hashtextextended('roster:' || $1::text, 0))";
    sqlx::query(lock).bind(busy.school.id().to_string()).execute(&mut writer).await.unwrap();

    let owner = test.signed_in(&busy.owner).await;
    let owner_elsewhere = other.takes(test.signed_in(&busy.owner).await);
    let (teacher, grants) = (busy.teacher.member_id.to_string(), busy.school.path("/grants"));
    let form = [("account", teacher.as_str()), ("grants", "timetable")];
    let waiting = join_all(
        (0..CONNECTIONS)
            .map(|at| if at % 2 == 0 { owner.post(&grants, &form) } else { owner_elsewhere.post(&grants, &form) }),
    );
    let calm_pages = async {
        for client in [test.signed_in(&calm.owner).await, other.takes(test.signed_in(&calm.owner).await)] {
            client.get(&calm.school.path("/accounts")).await.expect(200);
            client.get(&calm.school.path("/classes")).await.expect(200);
        }
    };
    let (pages, ()) = tokio::join!(waiting, calm_pages);
    for page in pages {
        let page = page.expect(503);
        assert!(page.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
    }
    owner.post(&grants, &form).await.expect(503).shows(&[&vi("error-locked-title"), &vi("error-locked-text")]);
    let held = "SELECT count(*) FROM grants WHERE member_id = $1";
    let count: i64 = sqlx::query_scalar(held).bind(busy.teacher.member_id).fetch_one(&mut writer).await.unwrap();
    assert_eq!(count, 0, "nothing was written");
    writer.close().await.unwrap();
    owner.post(&grants, &form).await.expect(303);
}

#[tokio::test]
async fn a_pool_without_a_connection_asks_to_come_back() {
    let test = TestApp::with_one_connection().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let held = test.db.begin().await.unwrap();
    for client in [&owner, &test.anonymous()] {
        let page = client.get(&cast.school.path("/accounts")).await;
        if page.status == 303 {
            continue;
        }
        let page = page.expect(503);
        assert!(page.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
        page.shows(&[&vi("error-overloaded-title"), &vi("error-overloaded-text")]);
    }
    drop(held);
    owner.get(&cast.school.path("/accounts")).await.expect(200);
}

/// A statement that goes on for ever is ended, and so is a transaction that nobody ends.
#[tokio::test]
async fn no_connection_of_the_program_is_without_limits() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await.id();
    let asked = "SELECT string_agg(setting::bigint::text, ' ' ORDER BY name) FROM pg_settings
        WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout')";
    let limits = async |mut tx: schoolgate::db::Tx| -> Vec<i64> {
        let text: String = sqlx::query_scalar(asked).fetch_one(&mut *tx).await.unwrap();
        text.split(' ').map(|each| each.parse().unwrap()).collect()
    };
    let page = limits(test.db.begin_in(school).await.unwrap()).await;
    let none_at_all = limits(test.db.begin().await.unwrap()).await;
    let lasting = limits(test.db.begin_lasting_in(school).await.unwrap()).await;
    let work = limits(test.db.begin_work_in(school).await.unwrap()).await;
    assert_eq!(page, none_at_all);
    for (at, each) in page.iter().enumerate() {
        assert!(*each > 0 && *each <= lasting[at] && lasting[at] <= work[at], "{page:?} {lasting:?} {work:?}");
    }
    // What was longer for one transaction is not for the next.
    assert_eq!(limits(test.db.begin_in(school).await.unwrap()).await, page);
    let mut tx = test.db.begin_in(school).await.unwrap();
    sqlx::query("SET LOCAL statement_timeout = '10ms'").execute(&mut *tx).await.unwrap();
    let ended = sqlx::query("SELECT pg_sleep(60)").execute(&mut *tx).await.unwrap_err();
    assert!(matches!(Error::from(ended), Error::Overloaded));
}

/// A file that is being sent and does not come: says when its first byte is asked for.
fn body_that_does_not_come(asked: &Arc<AtomicUsize>) -> Body {
    let (asked, mut is_first) = (Arc::clone(asked), true);
    let head = "--b0und\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.xlsx\"\r\n\r\n";
    Body::from_stream(futures_util::stream::poll_fn(move |_| {
        if std::mem::take(&mut is_first) {
            asked.fetch_add(1, Ordering::Relaxed);
            return Poll::Ready(Some(Ok::<_, std::io::Error>(head)));
        }
        Poll::Pending
    }))
}

/// Ends only by being turned away.
async fn send_what_does_not_come(client: &Client, path: &str, asked: &Arc<AtomicUsize>) {
    let request = client.request(Method::POST, path).header("sec-fetch-site", "same-origin");
    let request = request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=b0und");
    let page = client.send(request, body_that_does_not_come(asked)).await.expect(503);
    assert!(page.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
    page.shows(&[&vi("error-overloaded-title"), &vi("error-overloaded-text")]);
}

/// Each of these sends so many files, none of which comes; those who may not go on are told to come back. Gives how many
/// were read from, and lets them all go.
async fn read_from(people: &[Client], each: usize, path: &str, meanwhile: impl Future<Output = ()>) -> usize {
    let asked = Arc::new(AtomicUsize::new(0));
    let sent = people.iter().flat_map(|client| (0..each).map(move |_| client));
    let mut waiting: FuturesUnordered<_> = sent.map(|client| send_what_does_not_come(client, path, &asked)).collect();
    let (all, mut turned_away) = (waiting.len(), 0);
    let mut meanwhile = pin!(meanwhile);
    let mut is_over = false;
    while !is_over || turned_away + asked.load(Ordering::Relaxed) < all {
        tokio::select! {
            () = &mut meanwhile, if !is_over => is_over = true,
            Some(()) = waiting.next() => turned_away += 1,
        }
    }
    asked.load(Ordering::Relaxed)
}

#[tokio::test]
async fn a_school_is_answered_a_few_requests_at_a_time_and_one_person_fewer() {
    let test = TestApp::new().await;
    let (greedy, calm) = (test.cast("79000001").await, test.cast("79000002").await);
    let (path, pages) = (greedy.school.path("/plans/new?source=students"), ["/accounts", "/classes", "/plans"]);
    let owner = test.signed_in(&greedy.owner).await;
    let neighbour = test.signed_in(&calm.owner).await;
    let at_a_time = read_from(std::slice::from_ref(&owner), 12, &path, async {
        // Neither colleagues nor others at the same address notice.
        let colleague = test.signed_in(&greedy.owner).await;
        colleague.get(&greedy.school.path("/accounts")).await.expect(200);
        for page in pages {
            neighbour.get(&calm.school.path(page)).await.expect(200);
        }
    })
    .await;
    assert!((1..=4).contains(&at_a_time), "{at_a_time} of one person");

    let mut people = Vec::new();
    for _ in 0..8 {
        people.push(test.signed_in(&greedy.owner).await);
    }
    let of_school = read_from(&people, 3, &path, async {
        for page in pages {
            neighbour.get(&calm.school.path(page)).await.expect(200);
        }
    })
    .await;
    assert!((at_a_time + 1..=8).contains(&of_school), "{of_school} of one school, {at_a_time} of one person");
    // What has gone away is not counted any more.
    owner.get(&greedy.school.path("/accounts")).await.expect(200);
}
