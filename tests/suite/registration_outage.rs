//! The whole way of registering while the mail server is down: nothing is lost, and every mail comes once.

use schoolgate::jobs;

use crate::registration::{OWN_PASSWORD, members, register};
use crate::support::smtp::{Behaviour, SmtpSink};
use crate::support::{TestServer, link_in};

/// The mail server is back, and nobody waits for the next try.
async fn back_again(server: &TestServer) {
    server.smtp.behave(Behaviour::Accept);
    jobs::bring_forward(&mut server.test.db.pool().acquire().await.unwrap()).await.unwrap();
}

/// How many mails went to this address; and no mail went twice.
fn count(smtp: &SmtpSink, address: &str) -> usize {
    let mails = smtp.mails();
    let to: Vec<_> = mails.iter().filter(|mail| mail.to == [address]).collect();
    let mut ids: Vec<_> = to.iter().filter_map(|mail| mail.header("Message-ID")).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), to.len(), "a mail came twice");
    to.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_mail_server_down_nothing_is_lost_and_every_mail_comes_once() {
    let server = TestServer::start().await;
    let test = &server.test;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let email = "sen@example.vn";
    server.smtp.behave(Behaviour::Down);

    register(test, "Nguyễn Thị Sen", email, "79000001").await.expect(303);
    test.until("SELECT count(*) = 1 FROM mails WHERE letter->>'kind' = 'email_verification'").await;
    // Tried, and to be tried again.
    test.until("SELECT bool_or(attempts > 0) FROM graphile_worker._private_jobs").await;
    let [(id, status)] = members(test, email).await.try_into().unwrap();
    assert_eq!(status, "pending");
    back_again(&server).await;
    let link = link_in(&server.smtp.wait_for_mail_to(email).text());

    // Down again: the school says yes without having been told by mail that there is a person.
    server.smtp.behave(Behaviour::Down);
    test.anonymous().post(&link, &[("password", OWN_PASSWORD)]).await.expect(303);
    test.until("SELECT count(*) = 3 FROM mails WHERE letter->>'kind' = 'registrations_waiting'").await;
    let person = cast.school.path(&format!("/accounts/{id}"));
    let done = owner.post(&format!("{person}/activation"), &[]).await.location();
    assert!(done.ends_with("?done=activated"), "{done}");
    test.until("SELECT count(*) = 1 FROM mails WHERE letter->>'kind' = 'registration_accepted'").await;
    assert_eq!(count(&server.smtp, email), 1);

    back_again(&server).await;
    test.until("SELECT bool_and(sent_at IS NOT NULL) FROM mails").await;
    test.until("SELECT count(*) = 0 FROM graphile_worker._private_jobs").await;
    assert_eq!(count(&server.smtp, email), 2, "to verify the address, and that the school has said yes");
    for person in [&cast.owner, &cast.manager, &cast.account_manager] {
        assert_eq!(count(&server.smtp, &person.login), 1, "{}", person.name);
    }
    assert_eq!(server.smtp.mails().len(), 5);
}
