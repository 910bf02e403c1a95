//! Handing mails over.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use chrono::{TimeZone, Utc};
use schoolgate::mail::{Mailer, Message, Outbox, SendError, Sender, SmtpSettings};
use uuid::Uuid;

use crate::support::smtp::{Behaviour, SmtpSink};

fn sender() -> Sender {
    Sender::new("Cổng trường <no-reply@truong.vn>", &"https://id.truong.vn".parse().unwrap()).unwrap()
}

fn message() -> Message {
    Message {
        id: Uuid::now_v7().into(),
        to_name: "Nguyễn Thị Mai".to_owned(),
        to_address: "mai@example.com".to_owned(),
        subject: "Lời mời vào trường Trung học phổ thông chuyên Lê Hồng Phong, Thành phố Hồ Chí Minh".to_owned(),
        text: "Chào cô Mai,\n.một dấu chấm đầu dòng\nhttps://id.truong.vn/invitations/abc123 nhé".to_owned(),
        html: "<p>Chào cô Mai</p>".to_owned(),
    }
}

fn mailer(url: &str) -> Mailer {
    let mut settings = SmtpSettings::from_url(url).unwrap();
    settings.connect_timeout = Duration::from_millis(500);
    settings.send_timeout = Duration::from_secs(2);
    settings.pause_after_outage = Duration::ZERO;
    Mailer::smtp(sender(), settings)
}

async fn send(mailer: &Mailer) -> Result<(), SendError> {
    mailer.send(&message(), Utc::now()).await
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let sink = SmtpSink::start();
    let message = message();
    let now = Utc.with_ymd_and_hms(2026, 9, 5, 0, 30, 0).unwrap();
    mailer(&sink.url()).send(&message, now).await.unwrap();

    let mails = sink.mails();
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(mail.from, "no-reply@truong.vn");
    assert_eq!(mail.to, ["mai@example.com"]);
    assert_eq!(mail.subject(), message.subject);
    assert_eq!(mail.text(), message.text.replace('\n', "\r\n"));
    assert_eq!(mail.html(), message.html);
    assert_eq!(mail.link().as_deref(), Some("https://id.truong.vn/invitations/abc123"));
    assert_eq!(mail.header("Message-ID").unwrap(), format!("<{}@id.truong.vn>", message.id));
    assert_eq!(mail.header("Auto-Submitted").as_deref(), Some("auto-generated"));
    assert_eq!(mail.header("Date").as_deref(), Some("Sat, 05 Sep 2026 00:30:00 +0000"));
    assert_eq!(mail.header("To").as_deref(), Some("Nguyễn Thị Mai <mai@example.com>"));
}

#[tokio::test]
async fn what_concerns_the_receiver_or_the_mail_is_final_and_nothing_else() {
    use Behaviour::{AnswerMail, AnswerReceiver, Greet};
    let sink = SmtpSink::start();
    let mailer = mailer(&sink.url());
    for (behaviour, is_final) in [
        (Greet("421 busy".to_owned()), false),
        (Greet("554 no service here".to_owned()), false),
        (AnswerReceiver("450 4.2.1 mailbox busy".to_owned()), false),
        (AnswerReceiver("550 5.1.1 <mai@example.com>: no such user".to_owned()), true),
        (AnswerReceiver("554 5.7.1 <mai@example.com>: relay access denied".to_owned()), false),
        (AnswerReceiver("530 5.7.0 authentication required".to_owned()), false),
        (AnswerMail("451 try again".to_owned()), false),
        (AnswerMail("552 5.3.4 too big".to_owned()), true),
        (Behaviour::Silent, false),
        (Behaviour::Down, false),
    ] {
        sink.behave(behaviour.clone());
        let error = send(&mailer).await.unwrap_err();
        assert_eq!(matches!(error, SendError::Permanent(_)), is_final, "{behaviour:?}: {error:?}");
        assert!(!error.to_string().contains("mai@"), "{error}");
    }
    assert!(sink.mails().is_empty());
    sink.behave(Behaviour::Accept);
    send(&mailer).await.unwrap();
    assert_eq!(sink.mails().len(), 1);
}

/// A server that takes mails and does not say so keeps one place, and the others are free for what may still go.
#[tokio::test]
async fn a_server_that_answers_no_mail_keeps_one_waiting() {
    let sink = SmtpSink::start();
    let mailer = mailer(&sink.url());
    sink.behave(Behaviour::SilentMail);
    assert!(matches!(send(&mailer).await, Err(SendError::Temporary(_))));
    assert_eq!(sink.connections(), 1);
    let errors = futures_util::future::join_all((0..5).map(|_| send(&mailer))).await;
    assert!(errors.iter().all(|each| matches!(each, Err(SendError::Temporary(_)))), "{errors:?}");
    assert_eq!(sink.connections(), 2, "one of the five asks");
    sink.behave(Behaviour::Accept);
    send(&mailer).await.unwrap();
    for sent in futures_util::future::join_all((0..5).map(|_| send(&mailer))).await {
        sent.unwrap();
    }
    assert_eq!(sink.mails().len(), 6);
}

#[tokio::test]
async fn a_refusal_can_be_shown_in_the_servers_words() {
    let sink = SmtpSink::start();
    sink.behave(Behaviour::AnswerReceiver("550 5.1.1 no such user here".to_owned()));
    let Err(SendError::Permanent(reason)) = send(&mailer(&sink.url())).await else { panic!() };
    assert!(reason.detail().contains("5.1.1 no such user here"), "{}", reason.detail());
    assert_eq!(reason.to_string(), "the receiver was refused (550)");
}

#[tokio::test]
async fn a_wrong_password_of_the_mail_server_is_no_bounce() {
    let sink = SmtpSink::start();
    let url = sink.url().replace("smtp://", "smtp://user:p%C3%A4ss@");
    send(&mailer(&url)).await.unwrap();
    sink.behave(Behaviour::AnswerAuth("535 5.7.8 wrong".to_owned()));
    assert!(matches!(send(&mailer(&url)).await, Err(SendError::Temporary(_))));
    assert!(mailer(&url).check().await.is_err());
}

#[tokio::test]
async fn a_mail_that_was_taken_is_sent_whatever_the_goodbye() {
    let sink = SmtpSink::start();
    sink.behave(Behaviour::SilentGoodbye);
    send(&mailer(&sink.url())).await.unwrap();
    assert_eq!(sink.mails().len(), 1);
}

#[tokio::test]
async fn during_an_outage_the_server_is_not_asked_again_and_afterwards_mails_go_out() {
    let sink = SmtpSink::start();
    sink.behave(Behaviour::Silent);
    let mut settings = SmtpSettings::from_url(&sink.url()).unwrap();
    settings.connect_timeout = Duration::from_millis(200);
    settings.pause_after_outage = Duration::from_secs(3600);
    let patient = Mailer::smtp(sender(), settings.clone());
    for _ in 0..50 {
        assert!(matches!(send(&patient).await, Err(SendError::Temporary(_))));
    }
    assert_eq!(sink.connections(), 1);

    settings.pause_after_outage = Duration::from_millis(50);
    let quick = Mailer::smtp(sender(), settings);
    assert!(matches!(send(&quick).await, Err(SendError::Temporary(_))));
    sink.behave(Behaviour::Accept);
    tokio::time::sleep(Duration::from_millis(200)).await;
    send(&quick).await.unwrap();
}

#[tokio::test]
async fn tls_is_not_done_without_when_it_is_required() {
    let sink = SmtpSink::start();
    let error = send(&mailer(&format!("{}?tls=required", sink.url()))).await.unwrap_err();
    assert!(matches!(error, SendError::Temporary(_)));
    send(&mailer(&format!("{}?tls=opportunistic", sink.url()))).await.unwrap();
    assert_eq!(sink.mails().len(), 1);
}

#[tokio::test]
async fn files_are_whole_private_and_one_a_mail() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("data/mail");
    let mailer = Mailer::files(sender(), folder.clone());
    mailer.check().await.unwrap();
    let message = message();
    for _ in 0..2 {
        mailer.send(&message, Utc::now()).await.unwrap();
    }
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files, [folder.join(format!("{}.eml", message.id))]);
    assert!(std::fs::read_to_string(&files[0]).unwrap().contains("Message-ID"));
    assert_eq!(std::fs::metadata(&files[0]).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn memory_keeps_what_was_sent_and_fails_when_told() {
    let outbox = Outbox::default();
    let mailer = Mailer::memory(sender(), outbox.clone());
    let message = message();
    mailer.send(&message, Utc::now()).await.unwrap();
    assert_eq!(outbox.sent(), std::slice::from_ref(&message));

    let bad = Message { to_address: "nobody".to_owned(), ..message.clone() };
    let fault = mailer.send(&bad, Utc::now()).await.unwrap_err();
    outbox.fail_with(Some(fault.clone()));
    assert_eq!(mailer.send(&message, Utc::now()).await, Err(fault));
    assert_eq!(outbox.take().len(), 1);
    assert!(outbox.sent().is_empty());
}
