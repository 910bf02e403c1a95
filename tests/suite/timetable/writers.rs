//! Concurrent requests, and workers that were replaced by another one.

use super::{Timetable, version};
use crate::support::TestApp;
use crate::support::say::{vi, vi1};

const WAITS: &str = "SELECT EXISTS (SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid())";

#[tokio::test]
async fn of_concurrent_assignment_and_removal_the_second_is_refused() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let maker = test.signed_in(&cast.timetable).await;
    let (assignments, subjects) = (cast.school.path("/timetable/assignments"), cast.school.path("/timetable/subjects"));
    maker.get(&assignments).await.expect(200);
    // A subject is being removed while it is assigned.
    let mut admin = test.admin().await;
    let mut tx = sqlx::Connection::begin(&mut admin).await.unwrap();
    sqlx::query("DELETE FROM timetable_subjects WHERE short_name = 'Sử'").execute(&mut *tx).await.unwrap();
    let (teacher, class) = (cast.teacher.member_id.to_string(), cast.class_id.to_string());
    let form = [("teacher", teacher.as_str()), ("class", class.as_str()), ("subject", "Sử"), ("periods", "2")];
    let first_is_done = async {
        test.until(WAITS).await;
        tx.commit().await.unwrap();
    };
    let (answer, ()) = tokio::join!(maker.post(&assignments, &form), first_is_done);
    assert_eq!(answer.expect(422).shows(&[&vi("fault-timetable-gone")]).input("periods"), "2");
    // And assigned while it is being removed.
    let mut tx = sqlx::Connection::begin(&mut admin).await.unwrap();
    let id: uuid::Uuid = sqlx::query_scalar(
        "INSERT INTO timetable_assignments (school_id, id, class_id, subject_id, teacher_id, periods)
         SELECT school_id, gen_random_uuid(), $1, id, $2, 2 FROM timetable_subjects WHERE short_name = 'Địa'
         RETURNING subject_id",
    )
    .bind(cast.class_id)
    .bind(cast.teacher.member_id)
    .fetch_one(&mut *tx)
    .await
    .unwrap();
    let id = id.to_string();
    let remove = [("id", id.as_str()), ("short_name", ""), ("name", ""), ("periods", "")];
    let first_is_done = async {
        test.until(WAITS).await;
        tx.commit().await.unwrap();
    };
    let (answer, ()) = tokio::join!(maker.post(&subjects, &remove), first_is_done);
    answer.expect(422).shows(&[&vi1("fault-timetable-subject-used", "value", "Địa lí")]);
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM timetable_subjects WHERE short_name = 'Địa'")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!(left, 1);
}

#[tokio::test]
async fn a_worker_that_was_replaced_changes_nothing() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let draft = version(&test, &cast.school, "Nháp").await;
    let maker = test.signed_in(&cast.timetable).await;
    let generation = cast.school.path(&format!("/timetable/versions/{draft}/generation"));
    let state = async || -> (String, i32, bool) {
        sqlx::query_as("SELECT state, placed, result_id IS NULL FROM timetable_generations")
            .fetch_one(&mut test.admin().await)
            .await
            .unwrap()
    };
    let count = async || -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM timetable_versions").fetch_one(&mut test.admin().await).await.unwrap()
    };
    let versions = count().await;
    // A draft was asked for anew before the job of the first time came up again.
    maker.post(&generation, &[("seconds", "20"), ("seed", "1")]).await.expect(303);
    let mut admin = test.admin().await;
    let anew = "UPDATE timetable_generations SET asked_at = asked_at + interval '1 s'";
    sqlx::query(anew).execute(&mut admin).await.unwrap();
    sqlx::query("UPDATE graphile_worker._private_jobs SET attempts = 1").execute(&mut admin).await.unwrap();
    assert_eq!(test.work().await, ["make_timetable"]);
    assert_eq!(state().await, ("waiting".to_owned(), 0, true));
    // Or while the worker searches.
    sqlx::raw_sql(
        "UPDATE timetable_generations SET state = 'failed';
         CREATE FUNCTION ask_anew() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             NEW.asked_at := NEW.asked_at + interval '1 s'; RETURN NEW; END $$;
         CREATE TRIGGER ask_anew BEFORE UPDATE ON timetable_generations FOR EACH ROW
             WHEN (OLD.state = 'waiting' AND NEW.state = 'running') EXECUTE FUNCTION ask_anew();",
    )
    .execute(&mut admin)
    .await
    .unwrap();
    test.clock.advance(chrono::Duration::seconds(10));
    maker.post(&generation, &[("seconds", "20"), ("seed", "1")]).await.expect(303);
    assert_eq!(test.work().await, ["make_timetable"]);
    assert_eq!(state().await, ("running".to_owned(), 0, true));
    assert_eq!(count().await, versions, "nothing is half written");
}

#[tokio::test]
async fn a_lesson_that_is_locked_where_none_may_be_is_named_before_the_search() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let draft = version(&test, &cast.school, "Nháp").await;
    let maker = test.signed_in(&cast.timetable).await;
    let address = cast.school.path(&format!("/timetable/versions/{draft}"));
    let locked = [("day", "2"), ("session", "morning"), ("period", "3"), ("subject", "Văn"), ("locked", "on")];
    maker.post(&format!("{address}/classes/{}", cast.class_id), &locked).await.expect(303);
    let wishes = cast.school.path(&format!("/timetable/teachers/{}/wishes", cast.teacher.member_id));
    maker.post(&wishes, &[("blocked", "2-morning-3")]).await.expect(303);
    let generation = format!("{address}/generation");
    let refused = maker.post(&generation, &[("seconds", "20"), ("seed", "1")]).await.expect(422);
    let at = format!(
        "{}, {}",
        vi("timetable-day-2"),
        crate::support::say::vi2("timetable-slot", ("session", vi("timetable-morning")), ("period", 3))
    );
    refused.shows(&[&crate::support::say::vi2(
        "timetable-impossible-closed",
        ("name", cast.teacher.name.as_str()),
        ("at", at),
    )]);
    // Without the day off it is made.
    maker.post(&wishes, &[]).await.expect(303);
    test.clock.advance(chrono::Duration::seconds(10));
    maker.post(&generation, &[("seconds", "20"), ("seed", "1")]).await.expect(303);
    test.work().await;
    maker.get(&generation).await.expect(200).shows(&[&vi1("timetable-made-whole", "count", 3)]);
}
