//! A mail as it goes over the wire (RFC 5322, MIME).

use std::net::IpAddr;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message as Mail};
use url::{Host, Url};

use super::{Message, SendError, SendFailure};

/// Marks a mail as sent by a program, so that no automatic reply answers it (RFC 3834, section 5).
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// The sender: the address in `From`, and the host that ids and greetings name.
#[derive(Debug, Clone)]
pub struct Sender {
    from: Mailbox,
    host: Host<String>,
}

/// The sender is not usable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SenderError {
    /// Neither `name@host` nor `Name <name@host>`.
    #[error("not a mail address")]
    From,
    #[error("the address of the pages names no host")]
    Host,
}

impl Sender {
    /// `from` as in `SCHOOLGATE_MAIL_FROM`: `name@host` or `Name <name@host>`. `base_url` is the pages' address.
    ///
    /// # Errors
    /// When `from` is no mail address, or `base_url` names no host.
    pub fn new(from: &str, base_url: &Url) -> Result<Self, SenderError> {
        let from = Self::address(from)?;
        let host = base_url.host().ok_or(SenderError::Host)?.to_owned();
        Ok(Self { from, host })
    }

    /// Whether a text can be a sender at all, wherever the pages are.
    ///
    /// # Errors
    /// When it is no mail address.
    pub fn check(from: &str) -> Result<(), SenderError> {
        Self::address(from).map(|_| ())
    }

    fn address(from: &str) -> Result<Mailbox, SenderError> {
        from.trim().parse().map_err(|_| SenderError::From)
    }

    /// `no-reply@` the host of the pages: for files and tests, where nobody answers.
    ///
    /// # Errors
    /// When `base_url` names no host.
    pub fn no_reply(base_url: &Url) -> Result<Self, SenderError> {
        let host = base_url.host().ok_or(SenderError::Host)?.to_owned();
        // lettre does not support senders at an IP address.
        let domain = match &host {
            Host::Domain(name) => name.as_str(),
            Host::Ipv4(_) | Host::Ipv6(_) => "localhost",
        };
        let address = Address::new("no-reply", domain).map_err(|_| SenderError::From)?;
        let from = Mailbox::new(Some("Schoolgate".to_owned()), address);
        Ok(Self { from, host })
    }

    /// The name to greet a mail server with (RFC 5321, 4.1.3: addresses are in brackets).
    pub(super) fn hello_name(&self) -> String {
        literal(&self.host)
    }

    pub(super) fn render(&self, message: &Message, now: DateTime<Utc>) -> Result<Mail, SendError> {
        let to = receiver(message)?;
        // By default, lettre parses the addresses back from the headers, and does not understand all it wrote.
        let envelope = Envelope::new(Some(self.from.email.clone()), vec![to.email.clone()]).map_err(unwritable)?;
        Mail::builder()
            .envelope(envelope)
            .from(self.from.clone())
            .to(to)
            .subject(one_line(&message.subject))
            .message_id(Some(format!("<{}@{}>", message.id, literal(&self.host))))
            .date(SystemTime::from(now))
            .raw_header(HeaderValue::new(AUTO_SUBMITTED, "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(message.text.clone(), message.html.clone()))
            .map_err(unwritable)
    }
}

/// Not the receiver's fault, so the mail is kept until the program is fixed.
fn unwritable(error: lettre::error::Error) -> SendError {
    SendError::Temporary(SendFailure::new("the mail cannot be written", error.to_string()))
}

fn receiver(message: &Message) -> Result<Mailbox, SendError> {
    let address: Address = message.to_address.trim().parse().map_err(|_| bad_address(message))?;
    // Hardly any mail server accepts others (SMTPUTF8), and lettre would fail only while sending.
    if !message.to_address.is_ascii() {
        return Err(bad_address(message));
    }
    let name = Some(one_line(&message.to_name)).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, address))
}

fn bad_address(message: &Message) -> SendError {
    SendError::Permanent(SendFailure::new("not a mail address", message.to_address.clone()))
}

/// Without line breaks and other control characters: lettre panics at a line break in a name.
fn one_line(text: &str) -> String {
    let plain = text.replace(char::is_control, " ");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A host as mail writes it: names as they are, addresses in brackets.
fn literal(host: &Host<String>) -> String {
    match host {
        Host::Domain(name) => name.clone(),
        Host::Ipv4(address) => bracketed(IpAddr::V4(*address)),
        Host::Ipv6(address) => bracketed(IpAddr::V6(*address)),
    }
}

fn bracketed(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("[{address}]"),
        IpAddr::V6(address) => format!("[IPv6:{address}]"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;
    use crate::ids::MailId;

    fn sender() -> Sender {
        Sender::new("Cổng trường <no-reply@truong.vn>", &"https://id.truong.vn/x".parse().unwrap()).unwrap()
    }

    fn message() -> Message {
        Message {
            id: MailId::from_u128(7),
            to_name: "Nguyễn Thị Mai".to_owned(),
            to_address: "mai@example.com".to_owned(),
            subject: "Lời mời vào trường THPT Lê Quý Đôn".to_owned(),
            text: "Chào cô Mai,\nmở liên kết.".to_owned(),
            html: "<p>Chào cô Mai</p>".to_owned(),
        }
    }

    fn rendered(message: &Message) -> String {
        let now = Utc.with_ymd_and_hms(2026, 9, 5, 7, 30, 0).unwrap();
        String::from_utf8(sender().render(message, now).unwrap().formatted()).unwrap()
    }

    #[test]
    fn headers_are_complete_and_in_ascii() {
        let mail = rendered(&message());
        assert!(mail.is_ascii());
        assert!(mail.contains("Message-ID: <00000000-0000-0000-0000-000000000007@id.truong.vn>\r\n"), "{mail}");
        assert!(mail.contains("Date: Sat, 05 Sep 2026 07:30:00 +0000\r\n"), "{mail}");
        assert!(mail.contains("Auto-Submitted: auto-generated\r\n"));
        assert!(mail.contains("MIME-Version: 1.0\r\n"));
        assert!(mail.contains("multipart/alternative"));
        assert!(mail.contains("Subject: =?utf-8?"));
        assert!(mail.contains("<no-reply@truong.vn>"));
        assert!(mail.contains("<mai@example.com>"));
    }

    #[test]
    fn a_line_break_in_a_name_or_subject_makes_no_header() {
        let mut message = message();
        message.subject = "Xin chào\r\nBcc: thief@example.com".to_owned();
        message.to_name = "Mai\r\nBcc: thief@example.com".to_owned();
        let mail = rendered(&message);
        assert!(!mail.contains("\nBcc:"), "{mail}");
    }

    #[test]
    fn addresses_that_are_none_are_refused_for_good_and_not_named_in_logs() {
        for address in ["", "mai", "mai@", "mai@x y", "a@b.vn\r\nBcc: c@d.vn", "mãi@example.com"] {
            let bad = Message { to_address: address.to_owned(), ..message() };
            let error = sender().render(&bad, DateTime::<Utc>::UNIX_EPOCH).unwrap_err();
            assert!(matches!(error, SendError::Permanent(_)), "{address}");
            assert_eq!(error.to_string(), "refused: not a mail address");
        }
    }

    #[test]
    fn hosts_that_are_addresses_stand_in_brackets() {
        let of = |url: &str| Sender::no_reply(&url.parse().unwrap()).unwrap().hello_name();
        assert_eq!(of("http://127.0.0.1:8080"), "[127.0.0.1]");
        assert_eq!(of("http://[::1]:8080"), "[IPv6:::1]");
        assert_eq!(of("https://id.truong.vn"), "id.truong.vn");
    }

    #[test]
    fn addresses_at_a_numbered_host_are_written_and_sent_to() {
        let sender = Sender::no_reply(&"http://127.0.0.1:8080".parse().unwrap()).unwrap();
        let to = Message { to_address: "mai@[127.0.0.1]".to_owned(), ..message() };
        let mail = sender.render(&to, DateTime::<Utc>::UNIX_EPOCH).unwrap();
        assert_eq!(mail.envelope().from().unwrap().to_string(), "no-reply@localhost");
        assert_eq!(mail.envelope().to()[0].to_string(), "mai@[127.0.0.1]");
    }

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        let url: Url = "https://id.truong.vn".parse().unwrap();
        assert!(Sender::new("no-reply@truong.vn", &url).is_ok());
        assert_eq!(Sender::new("no-reply", &url).unwrap_err(), SenderError::From);
        assert_eq!(Sender::new("a@b.vn", &"data:x".parse().unwrap()).unwrap_err(), SenderError::Host);
    }
}
