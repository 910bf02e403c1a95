//! Mails by SMTP (RFC 5321). One connection a mail: a mail server that went away between two of them costs nothing.
//!
//! lettre's transport would do all of this in one call, but then a refused password and a refused receiver look the
//! same (535 and 550 are both "permanent"), and a mistake in our configuration would be shown to schools as bounces.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use lettre::Message as Mail;
use lettre::address::Envelope;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use percent_encoding::percent_decode_str;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use url::{Host, Url};

use super::{SendError, SendFailure};

const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];

/// The mail server and how to reach it.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    host: String,
    port: u16,
    security: Security,
    credentials: Option<Credentials>,
    /// For the connection, its TLS and the greeting.
    pub connect_timeout: Duration,
    /// For all of one mail, once connected.
    pub send_timeout: Duration,
    /// For so long after a server could not be reached no mail is attempted, so that ten thousand mails that wait for
    /// it do not each wait for a time-out and keep workers from everything else.
    pub pause_after_outage: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Security {
    None,
    StartTlsIfOffered,
    StartTls,
    Tls,
}

/// `SCHOOLGATE_SMTP_URL` is not usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SmtpUrlError {
    #[error("not a URL")]
    Syntax,
    #[error("neither smtp:// nor smtps://")]
    Scheme,
    #[error("no host is named")]
    Host,
    #[error("unknown parameter; there is tls=required and tls=opportunistic, for smtp:// only")]
    Parameter,
    #[error("user name or password are wrongly written; special characters in them are written as %XX")]
    Credentials,
    #[error("a password would go unprotected over the network; use smtps:// or ?tls=required")]
    Unprotected,
}

impl SmtpSettings {
    /// Reads `smtp://[user:password@]host[:port][?tls=required|opportunistic]` or `smtps://…`, with the meaning and the
    /// default ports that lettre gives them: `smtp://` is unprotected (25), with `tls=` protected by STARTTLS (587),
    /// always or where the server offers it; `smtps://` is protected from the start (465).
    ///
    /// # Errors
    /// When it is none of that, or would send a password unprotected to another machine.
    pub fn from_url(url: &str) -> Result<Self, SmtpUrlError> {
        let url = Url::parse(url.trim()).map_err(|_| SmtpUrlError::Syntax)?;
        let (security, default_port) = security(&url)?;
        // The host of a scheme that `url` does not know is opaque: an IP address is not distinguished from a name.
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(SmtpUrlError::Host)?;
        let host = Host::parse(host).map_err(|_| SmtpUrlError::Host)?;
        let credentials = credentials(&url)?;
        let may_leak = matches!(security, Security::None | Security::StartTlsIfOffered) && !is_loopback(&host);
        if credentials.is_some() && may_leak {
            return Err(SmtpUrlError::Unprotected);
        }
        Ok(Self {
            host: bare(&host),
            port: url.port().unwrap_or(default_port),
            security,
            credentials,
            connect_timeout: Duration::from_secs(10),
            send_timeout: Duration::from_secs(30),
            pause_after_outage: Duration::from_secs(10),
        })
    }
}

fn security(url: &Url) -> Result<(Security, u16), SmtpUrlError> {
    let parameters: Vec<_> = url.query_pairs().collect();
    let tls = match parameters.as_slice() {
        [] => None,
        [(name, value)] if name == "tls" => Some(value.as_ref()),
        _ => return Err(SmtpUrlError::Parameter),
    };
    match (url.scheme(), tls) {
        ("smtp", None) => Ok((Security::None, 25)),
        ("smtp", Some("opportunistic")) => Ok((Security::StartTlsIfOffered, 587)),
        ("smtp", Some("required")) => Ok((Security::StartTls, 587)),
        ("smtps", None) => Ok((Security::Tls, 465)),
        ("smtp" | "smtps", Some(_)) => Err(SmtpUrlError::Parameter),
        _ => Err(SmtpUrlError::Scheme),
    }
}

fn credentials(url: &Url) -> Result<Option<Credentials>, SmtpUrlError> {
    let Some(password) = url.password() else {
        return if url.username().is_empty() { Ok(None) } else { Err(SmtpUrlError::Credentials) };
    };
    let decode =
        |part: &str| percent_decode_str(part).decode_utf8().map(String::from).map_err(|_| SmtpUrlError::Credentials);
    Ok(Some(Credentials::new(decode(url.username())?, decode(password)?)))
}

fn is_loopback(host: &Host<String>) -> bool {
    match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// A host as sockets want it: IPv6 without brackets.
fn bare(host: &Host<String>) -> String {
    match host {
        Host::Ipv6(address) => address.to_string(),
        other => other.to_string(),
    }
}

#[derive(Debug)]
pub(super) struct Smtp {
    settings: SmtpSettings,
    hello: ClientId,
    /// Since when the server has been unreachable.
    outage: Mutex<Option<Instant>>,
    /// The last mail timed out: until one is answered, a single mail at a time is attempted, and the others do not each
    /// wait as long.
    is_silent: AtomicBool,
    asking: Semaphore,
}

impl Smtp {
    pub(super) fn new(settings: SmtpSettings, hello_name: String) -> Self {
        Self {
            settings,
            hello: ClientId::Domain(hello_name),
            outage: Mutex::new(None),
            is_silent: AtomicBool::new(false),
            asking: Semaphore::new(1),
        }
    }

    pub(super) async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        self.refuse_during_outage()?;
        let _asking = match self.is_silent.load(Ordering::Relaxed) {
            true => Some(self.asking.try_acquire().map_err(|_| still_silent())?),
            false => None,
        };
        let mut connection = self.connect().await?;
        let handed_over = timeout(self.settings.send_timeout, hand_over(&mut connection, mail)).await;
        // The mail is the server's with its reply to the text; an error in the goodbye must not send it once more.
        self.is_silent.store(handed_over.is_err(), Ordering::Relaxed);
        let _ = timeout(self.settings.connect_timeout, connection.abort()).await;
        handed_over.unwrap_or_else(|_| Err(out_of_time("while a mail was handed over")))
    }

    pub(super) async fn check(&self) -> Result<(), SendError> {
        let mut connection = self.connect().await?;
        let _ = timeout(self.settings.connect_timeout, connection.abort()).await;
        Ok(())
    }

    fn refuse_during_outage(&self) -> Result<(), SendError> {
        let since = *self.outage.lock().unwrap_or_else(PoisonError::into_inner);
        match since {
            Some(since) if since.elapsed() < self.settings.pause_after_outage => {
                let text = "the mail server was out of reach a moment ago";
                Err(SendError::Temporary(SendFailure::new(text, text)))
            }
            _ => Ok(()),
        }
    }

    /// Connects, protects the connection and signs in, as configured.
    async fn connect(&self) -> Result<AsyncSmtpConnection, SendError> {
        let opened = timeout(self.settings.connect_timeout, self.open())
            .await
            .unwrap_or_else(|_| Err(out_of_time("while connecting to the mail server")));
        let outage = opened.is_err().then(Instant::now);
        *self.outage.lock().unwrap_or_else(PoisonError::into_inner) = outage;
        opened
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, SendError> {
        let settings = &self.settings;
        let tls = || TlsParameters::new(settings.host.clone()).map_err(|error| unusable(&error));
        let wrapper = (settings.security == Security::Tls).then(tls).transpose()?;
        let server = (settings.host.as_str(), settings.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(settings.connect_timeout), &self.hello, wrapper, None)
                .await
                .map_err(|error| unusable(&error))?;
        let upgrade = match settings.security {
            Security::StartTls => true,
            Security::StartTlsIfOffered => connection.can_starttls(),
            Security::None | Security::Tls => false,
        };
        if upgrade {
            connection.starttls(tls()?, &self.hello).await.map_err(|error| unusable(&error))?;
        }
        if let Some(credentials) = &settings.credentials {
            connection.auth(&MECHANISMS, credentials).await.map_err(|error| unusable(&error))?;
        }
        Ok(connection)
    }
}

/// One mail to one receiver over an open connection.
async fn hand_over(connection: &mut AsyncSmtpConnection, mail: &Mail) -> Result<(), SendError> {
    let envelope: &Envelope = mail.envelope();
    connection.command(MailFrom::new(envelope.from().cloned(), vec![])).await.map_err(|error| unusable(&error))?;
    for receiver in envelope.to() {
        connection.command(Rcpt::new(receiver.clone(), vec![])).await.map_err(|error| receiver_refused(&error))?;
    }
    connection.command(Data).await.map_err(|error| mail_refused(&error))?;
    connection.message(&mail.formatted()).await.map_err(|error| mail_refused(&error))?;
    Ok(())
}

/// Before a receiver was named, nothing can be the receiver's fault.
fn unusable(error: &SmtpError) -> SendError {
    SendError::Temporary(reason("the mail server turned us away", error))
}

fn receiver_refused(error: &SmtpError) -> SendError {
    let reason = reason("the receiver was refused", error);
    // 5.7: a matter of policy (RFC 3463), such as "relay access denied": the server does not want to serve us.
    if error.is_permanent() && !quotes(error, "5.7.") && !is_about_signing_in(error) {
        return SendError::Permanent(reason);
    }
    SendError::Temporary(reason)
}

fn mail_refused(error: &SmtpError) -> SendError {
    let reason = reason("the mail was refused", error);
    if error.is_permanent() && !is_about_signing_in(error) {
        return SendError::Permanent(reason);
    }
    SendError::Temporary(reason)
}

/// "Authentication required" and its kin (RFC 4954, section 6).
fn is_about_signing_in(error: &SmtpError) -> bool {
    error.status().is_some_and(|code| matches!(u16::from(code), 530 | 534 | 535 | 538))
}

/// Whether the server's text has an enhanced status code that starts so.
fn quotes(error: &SmtpError, enhanced: &str) -> bool {
    std::error::Error::source(error).is_some_and(|text| text.to_string().trim_start().starts_with(enhanced))
}

/// `refusal` says what a reply code means at this point; without one the connection is at fault.
fn reason(refusal: &str, error: &SmtpError) -> SendFailure {
    let summary = match error.status() {
        Some(code) => format!("{refusal} ({code})"),
        None if error.is_timeout() => "the mail server did not answer in time".to_owned(),
        None if error.is_tls() => "the mail server has no certificate that can be trusted, or no TLS".to_owned(),
        None if error.is_response() => "the mail server answered nonsense".to_owned(),
        None if error.is_client() => "the mail server does not offer what the configuration asks for".to_owned(),
        None => "the mail server could not be reached".to_owned(),
    };
    SendFailure::new(summary, error.to_string())
}

fn still_silent() -> SendError {
    let text = "the mail server has not answered the mail before";
    SendError::Temporary(SendFailure::new(text, text))
}

fn out_of_time(what: &str) -> SendError {
    let text = format!("time ran out {what}");
    SendError::Temporary(SendFailure::new(text.clone(), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> (String, u16, Security, bool) {
        let settings = SmtpSettings::from_url(url).unwrap();
        (settings.host, settings.port, settings.security, settings.credentials.is_some())
    }

    #[test]
    fn urls_mean_what_lettre_says() {
        let host = || "mail.truong.vn".to_owned();
        assert_eq!(read("smtp://mail.truong.vn"), (host(), 25, Security::None, false));
        assert_eq!(read("smtp://mail.truong.vn?tls=required"), (host(), 587, Security::StartTls, false));
        assert_eq!(
            read("smtp://mail.truong.vn:2525/?tls=opportunistic"),
            (host(), 2525, Security::StartTlsIfOffered, false)
        );
        assert_eq!(read("smtps://a%40b.vn:p%2Fw@mail.truong.vn"), (host(), 465, Security::Tls, true));
        assert_eq!(read("smtp://u:p@127.0.0.1:2525"), ("127.0.0.1".to_owned(), 2525, Security::None, true));
        assert_eq!(read("smtp://u:p@[::1]:2525"), ("::1".to_owned(), 2525, Security::None, true));
    }

    #[test]
    fn unusable_urls_say_why() {
        let fault = |url: &str| SmtpSettings::from_url(url).unwrap_err();
        assert_eq!(fault("mail.truong.vn"), SmtpUrlError::Syntax);
        assert_eq!(fault("http://mail.truong.vn"), SmtpUrlError::Scheme);
        assert_eq!(fault("smtp:///x"), SmtpUrlError::Host);
        assert_eq!(fault("smtp://mail.truong.vn?tls=yes"), SmtpUrlError::Parameter);
        assert_eq!(fault("smtp://mail.truong.vn?tsl=required"), SmtpUrlError::Parameter);
        assert_eq!(fault("smtps://user@mail.truong.vn"), SmtpUrlError::Credentials);
        assert_eq!(fault("smtp://user:secret@mail.truong.vn"), SmtpUrlError::Unprotected);
        assert_eq!(fault("smtp://user:secret@mail.truong.vn?tls=opportunistic"), SmtpUrlError::Unprotected);
    }

    #[test]
    fn settings_do_not_show_the_password() {
        let settings = SmtpSettings::from_url("smtps://user:geheim@mail.truong.vn").unwrap();
        assert!(!format!("{settings:?}").contains("geheim"));
    }
}
