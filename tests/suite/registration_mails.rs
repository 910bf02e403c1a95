//! Mails of registrations: one for many who come, none lost while the mail server is down; and an address that a reset by
//! mail verifies.

use schoolgate::{jobs, mail::SendError};

use crate::registration::{members, register, subjects_to, verify};
use crate::support::TestApp;
use crate::support::app::link_in;

#[tokio::test]
async fn many_who_come_make_one_mail_to_those_who_answer() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    for number in 0..3 {
        register(&test, "Nguyễn Thị Sen", &format!("sen{number}@example.vn"), "79000001").await.expect(303);
    }
    test.work().await;
    for number in 0..3 {
        let link = link_in(&test.mail_to(&format!("sen{number}@example.vn")).text);
        test.anonymous().post(&link, &[]).await.expect(303);
    }
    test.work().await;
    let subjects = subjects_to(&test, &cast.owner.login);
    assert!(subjects.len() == 1 && subjects[0].starts_with("3 "), "{subjects:?}");
    // Those who come within the hour wait for the next one.
    let mut admin = test.admin().await;
    register(&test, "Nguyễn Thị Sen", "sen4@example.vn", "79000001").await.expect(303);
    test.work().await;
    verify(&test, "sen4@example.vn").await;
    let sent: chrono::DateTime<chrono::Utc> =
        sqlx::query_scalar("SELECT sent_at FROM registration_digests").fetch_one(&mut admin).await.unwrap();
    assert_eq!(sent, test.clock.now());
}

#[tokio::test]
async fn a_mail_server_that_is_down_loses_nothing() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    test.outbox.fail_with(Some(down(&test).await));
    register(&test, "Nguyễn Thị Sen", "sen@example.vn", "79000001").await.expect(303);
    assert!(!test.work_that_may_fail().await.failed.is_empty());
    assert_eq!(members(&test, "sen@example.vn").await.len(), 1);
    test.outbox.fail_with(None);
    jobs::bring_forward(&mut test.db.pool().acquire().await.unwrap()).await.unwrap();
    test.work().await;
    assert_eq!(subjects_to(&test, "sen@example.vn").len(), 1);
    verify(&test, "sen@example.vn").await;
    assert_eq!(subjects_to(&test, &cast.owner.login).len(), 1);
}

/// What a mail server says that is not there.
async fn down(_: &TestApp) -> SendError {
    let settings = schoolgate::mail::SmtpSettings::from_url("smtp://127.0.0.1:1").unwrap();
    let sender = schoolgate::mail::Sender::new("a <a@example.vn>", &"http://example.vn".parse().unwrap()).unwrap();
    schoolgate::mail::Mailer::smtp(sender, settings).check().await.unwrap_err()
}

/// A link that was mailed shows that the address belongs to a person, whatever it was for.
#[tokio::test]
async fn a_reset_by_mail_verifies_the_address() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    register(&test, "Nguyễn Thị Sen", "sen@example.vn", "79000001").await.expect(303);
    test.work().await;
    test.anonymous().post("/password/forgot", &[("login", "sen@example.vn")]).await.expect(200);
    test.work().await;
    let link = link_in(&test.mail_to("sen@example.vn").text);
    let password = [("password", "một câu khác hẳn"), ("password_again", "một câu khác hẳn")];
    test.anonymous().post(&link, &password).await.expect(303);
    test.work().await;
    assert_eq!(subjects_to(&test, &cast.owner.login).len(), 1);
}
