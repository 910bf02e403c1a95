//! One school takes no more than its share, and whatever waits for something long gives way: the others never notice.
//! Each is seen through two processes over one database.

use futures_util::future::join_all;
use schoolgate::error::Error;
use sqlx::Connection;

use crate::support::TestApp;
use crate::support::app::CONNECTIONS;
use crate::support::say::vi;

#[tokio::test]
async fn a_school_that_takes_all_it_gets_leaves_the_others_theirs() {
    let test = TestApp::new().await;
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
async fn whoever_waits_for_a_roster_gives_the_connection_back() {
    let test = TestApp::new().await;
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
