//! What comes of mails: one that came back at once is told on the person's page, and one that a worker was killed over
//! is the same mail again.

use std::sync::Arc;
use std::time::Duration;

use schoolgate::{
    clock::{Clock, Randomness},
    db::embedded::ServerRole,
    jobs::{self, WorkerSettings},
    letters::outbox::{self, Letter},
    mail::{Mailer, Message, SendError, Sender, SmtpSettings},
    router,
    web::i18n::Lang,
};

use crate::registration::{members, registered};
use crate::support::TestApp;
use crate::support::app::{assemble, config};
use crate::support::say::vi;
use crate::support::smtp::{Behaviour, SmtpSink};

/// What a mail server says that does not know a person.
async fn unknown_receiver(test: &TestApp) -> SendError {
    let sink = SmtpSink::start();
    sink.behave(Behaviour::AnswerReceiver("550 5.1.1 no such user here".to_owned()));
    let sender = Sender::new("a <a@example.vn>", &test.config.base_url).unwrap();
    let message = Message {
        id: test.id(),
        to_name: "Ai đó".to_owned(),
        to_address: "ai@example.vn".to_owned(),
        subject: "Thư".to_owned(),
        text: "Thư".to_owned(),
        html: "<p>Thư</p>".to_owned(),
    };
    let mailer = Mailer::smtp(sender, SmtpSettings::from_url(&sink.url()).unwrap());
    mailer.send(&message, test.clock.now()).await.unwrap_err()
}

#[tokio::test]
async fn a_mail_that_came_back_is_told_on_the_persons_page_until_one_arrives() {
    let test = TestApp::new().await;
    let (cast, other) = (test.cast("79000001").await, test.cast("79000002").await);
    let owner = test.signed_in(&cast.owner).await;
    let new = [
        ("full_name", "Nguyễn Thị Sen"),
        ("gender", "female"),
        ("birth_date", "1990-05-01"),
        ("email", "sen@example.vn"),
    ];
    test.outbox.fail_with(Some(unknown_receiver(&test).await));
    owner.post(&cast.school.path("/accounts/teachers"), &new).await.expect(303);
    test.work().await;
    let [(id, _)] = members(&test, "sen@example.vn").await.try_into().unwrap();
    let person = cast.school.path(&format!("/accounts/{id}"));
    let page = owner.get(&person).await.expect(200);
    page.shows(&["550", "5.1.1 no such user here", &vi("person-bounce-mend")]);

    // Another school that has invited the same address hears of its own mails alone.
    test.outbox.fail_with(None);
    let theirs = test.signed_in(&other.owner).await;
    theirs.post(&other.school.path("/accounts/teachers"), &new).await.expect(303);
    let [_, (id, _)] = members(&test, "sen@example.vn").await.try_into().unwrap();
    let there = other.school.path(&format!("/accounts/{id}"));
    theirs.get(&there).await.expect(200).hides(&["no such user"]);
    test.work().await;
    theirs.get(&there).await.expect(200).hides(&["no such user"]);
    owner.get(&person).await.expect(200).shows(&["no such user"]);

    // Invitations go once an hour.
    test.clock.advance(chrono::Duration::hours(1));
    let owner = test.signed_in(&cast.owner).await;
    owner.post(&format!("{person}/password"), &[]).await.expect(303);
    test.work().await;
    owner.get(&person).await.expect(200).hides(&["no such user", &vi("person-bounce-mend")]);
}

#[tokio::test]
async fn a_bounce_of_a_mail_without_a_school_is_told_in_the_members_school() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let person = cast.school.path(&format!("/accounts/{}", cast.teacher.member_id));
    test.outbox.fail_with(Some(unknown_receiver(&test).await));
    test.anonymous().post("/password/forgot", &[("login", &cast.teacher.login)]).await.expect(200);
    test.work().await;
    owner.get(&person).await.expect(200).shows(&["5.1.1 no such user here"]);
    test.outbox.fail_with(None);
    registered(&test, "Nguyễn Thị Sen", "sen@example.vn", "79000001").await;
    owner.get(&person).await.expect(200).shows(&["5.1.1 no such user here"]);
}

/// The worker dies when the mail server has the mail and the database does not know it yet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_killed_between_sending_and_noting_sends_one_more_of_the_same_mail() {
    let test = TestApp::real_time().await;
    let cast = test.cast("79000001").await;
    let smtp = SmtpSink::start();
    let mut tx = test.db.begin().await.unwrap();
    outbox::post(&mut tx, &test, cast.teacher.account_id, &Letter::PasswordReset, None, Lang::Vi).await.unwrap();
    tx.commit().await.unwrap();

    // Nobody notes anything of the mail as long as this is open.
    let mut admin = test.admin().await;
    sqlx::raw_sql("BEGIN; LOCK TABLE mails IN SHARE MODE").execute(&mut admin).await.unwrap();
    let doomed = start_worker(&test, &smtp);
    smtp.wait_for(1);
    // A runtime that is gone is as dead as a process: it runs no other line, and its connections are closed.
    doomed.shutdown_background();
    sqlx::raw_sql("COMMIT").execute(&mut admin).await.unwrap();

    let survivor = start_worker(&test, &smtp);
    let sent = "SELECT sent_at IS NOT NULL FROM mails";
    let patience = std::time::Instant::now() + Duration::from_secs(30);
    while !sqlx::query_scalar::<_, bool>(sent).fetch_one(&mut admin).await.unwrap()
        || !test.left_over().await.is_empty()
    {
        assert!(std::time::Instant::now() < patience, "nobody takes the dead worker's mail up");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    survivor.shutdown_background();
    let ids: Vec<String> = smtp.mails().iter().map(|mail| mail.header("Message-ID").unwrap()).collect();
    assert!(ids.len() <= 2 && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

/// A worker in a runtime of its own, which notices dead colleagues within seconds.
fn start_worker(test: &TestApp, smtp: &SmtpSink) -> tokio::runtime::Runtime {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let app = {
        let _inside = runtime.enter();
        let config = config("http://schoolgate.test");
        let sender = Sender::new(&config.mail_from, &config.base_url).unwrap();
        let mailer = Mailer::smtp(sender, SmtpSettings::from_url(&smtp.url()).unwrap());
        assemble(&test.database, config, Clock::system(), Randomness::system().unwrap(), mailer)
    };
    let settings = WorkerSettings {
        poll: Duration::from_millis(100),
        heartbeat: Duration::from_millis(300),
        dead_after: Duration::from_millis(1500),
        sweep: Duration::from_millis(300),
        grace: Duration::from_millis(200),
        ..WorkerSettings::default()
    };
    let options = test.database.options(ServerRole::App);
    runtime.spawn(jobs::work(options, router::handlers(), Arc::new(app), settings, std::future::pending()));
    runtime
}
