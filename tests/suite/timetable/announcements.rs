//! The mail about a timetable that was published.

use schoolgate::{jobs, timetable::announcements::AnnounceTimetable};

use super::Timetable;
use crate::support::TestApp;
use crate::support::app::link_in;
use crate::support::say::vi1;

/// The addresses to which mails about a timetable went.
fn told(test: &TestApp) -> Vec<String> {
    let is_of_timetable = |subject: &str| subject.starts_with("Thời khóa biểu từ");
    let mails = test.outbox.sent().into_iter().filter(|mail| is_of_timetable(&mail.subject));
    let mut addresses: Vec<String> = mails.map(|mail| mail.to_address).collect();
    addresses.sort();
    addresses
}

#[tokio::test]
async fn teachers_whose_lessons_change_get_one_mail_where_the_school_wants_it() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let made = Timetable::new(&test, &cast).await;
    let maker = test.signed_in(&cast.timetable).await;
    let (from, of) = (test.clock.today().to_string(), made.version.to_string());
    let copy = [("name", "Bản hai"), ("from", from.as_str()), ("copy_of", of.as_str())];
    let to = maker.post(&cast.school.path("/timetable/versions"), &copy).await.location();
    // Of two teachers one gets a lesson, and the other keeps theirs.
    let grid = format!("{to}/classes/{}", cast.class_id);
    let other = cast.homeroom_teacher.member_id.to_string();
    for period in ["2", "3"] {
        let form = [
            ("day", "4"),
            ("session", "morning"),
            ("period", period),
            ("subject", "Toán"),
            ("teacher", other.as_str()),
        ];
        maker.post(&grid, &form).await.expect(303);
    }
    // Not wanted.
    maker.post(&format!("{to}/publication"), &[]).await.expect(303);
    assert_eq!(test.work().await, [] as [&str; 0]);
    maker.post(&format!("{to}/withdrawal"), &[]).await.expect(303);
    test.clock.advance(chrono::Duration::seconds(10));
    // Wanted.
    let done = maker.post(&format!("{to}/publication"), &[("mail", "on")]).await.location();
    assert!(done.ends_with("done=timetable-announced"), "{done}");
    assert_eq!(test.work().await, ["announce_timetable", "send_mail"]);
    assert_eq!(told(&test), std::slice::from_ref(&cast.homeroom_teacher.login), "a pupil signs in with a username");
    let mail = test.mail_to(&cast.homeroom_teacher.login);
    let changes = vi1("mail-timetable-published-changes", "count", 2);
    assert!(mail.text.contains(&changes) && mail.text.contains(&cast.school.scope.school.name), "{}", mail.text);
    assert!(link_in(&mail.text).starts_with(&cast.school.path("/timetable?week=")), "{}", mail.text);
    // Published twice, it is told once.
    maker.post(&format!("{to}/publication"), &[("mail", "on")]).await.expect(303);
    assert_eq!(test.work().await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_publication_that_was_taken_back_is_not_told() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let made = Timetable::new(&test, &cast).await;
    let address = cast.school.path(&format!("/timetable/versions/{}", made.version));
    let maker = test.signed_in(&cast.timetable).await;
    maker.post(&format!("{address}/withdrawal"), &[]).await.expect(303);
    maker.post(&format!("{address}/publication"), &[("mail", "on")]).await.expect(303);
    maker.post(&format!("{address}/withdrawal"), &[]).await.expect(303);
    assert_eq!(test.work().await, ["announce_timetable"]);
    assert_eq!(told(&test), [] as [String; 0]);
    // The first of all concerns everybody in it.
    test.clock.advance(chrono::Duration::seconds(10));
    maker.post(&format!("{address}/publication"), &[("mail", "on")]).await.expect(303);
    test.work().await;
    assert_eq!(told(&test), std::slice::from_ref(&cast.teacher.login));
    // An attempt that comes again after a worker's death writes no second letter.
    let published_at =
        sqlx::query_scalar("SELECT published_at FROM timetable_versions WHERE id = $1").bind(made.version);
    let published_at = published_at.fetch_one(&mut test.admin().await).await.unwrap();
    let job = AnnounceTimetable { school_id: cast.school.id(), version_id: made.version, published_at };
    let mut tx = test.db.begin_in(cast.school.id()).await.unwrap();
    jobs::enqueue(&mut tx, &job).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(test.work().await, ["announce_timetable"]);
    assert_eq!(told(&test).len(), 1);
}
