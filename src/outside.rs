//! Requests to other servers, whose addresses another party has given: over TLS, to public addresses, and not on to wherever
//! those lead. How long an answer may take, and how much it may bring, is bounded.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::body::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode,
    body::Incoming,
    client::conn::http1,
    header::{self, HeaderName},
};
use hyper_util::rt::TokioIo;
use ipnet::IpNet;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};
use url::{Host, Url};

/// How long all of a form that is sent may take.
const WITHIN: Duration = Duration::from_secs(10);

/// How long it may take until there is a connection to an address.
const CONNECTED_WITHIN: Duration = Duration::from_secs(10);

/// The most addresses of a name that are tried.
const MOST_ADDRESSES: usize = 3;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    #[error("the address names no server")]
    NoServer,
    #[error("the address is not https")]
    NotHttps,
    #[error("the address is not a public one")]
    NotPublic,
    #[error("the name is not known")]
    NameUnknown,
    #[error("the server cannot be reached")]
    Unreachable,
    #[error("no secure connection")]
    NotSecure,
    #[error("no answer in time")]
    TimedOut,
    #[error("the answer is too large")]
    TooLarge,
    #[error("the answer breaks off")]
    Broken,
}

/// What is asked of another server.
#[derive(Clone, Debug)]
pub struct RemoteRequest<'q> {
    pub method: Method,
    pub url: &'q Url,
    pub headers: Vec<(HeaderName, String)>,
    pub body: String,
}

/// What it answers. A redirection is an answer like any other: it is not followed.
#[derive(Clone, Debug)]
pub struct RemoteAnswer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// Which servers may be asked.
#[derive(Clone, Debug, Default)]
pub struct Outside {
    /// Networks beside the public Internet; there http will do, where the address names no other server than one of them.
    networks: Vec<IpNet>,
}

impl Outside {
    /// Public addresses, and these networks.
    #[must_use]
    pub fn with(networks: Vec<IpNet>) -> Self {
        Self { networks }
    }

    /// Public addresses and, where this server is run on its developer's own machine, other programs of that machine.
    #[must_use]
    pub fn of_machine(is_at_home: bool) -> Self {
        let own = [([127, 0, 0, 0].into(), 8), (std::net::Ipv6Addr::LOCALHOST.into(), 128)];
        let own = own.into_iter().filter_map(|(address, length): (IpAddr, u8)| IpNet::new(address, length).ok());
        Self::with(if is_at_home { own.collect() } else { Vec::new() })
    }

    /// What can be said of an address before its name is looked up.
    ///
    /// # Errors
    /// Why it may not be asked.
    pub fn check(&self, url: &Url) -> Result<(), Unanswered> {
        let host = url.host().ok_or(Unanswered::NoServer)?;
        let literal = match host {
            Host::Domain("localhost") => Some(IpAddr::from([127, 0, 0, 1])),
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(IpAddr::from(address)),
            Host::Ipv6(address) => Some(IpAddr::from(address)),
        };
        let may_be_plain = literal.is_some_and(|address| self.is_in_networks(address));
        if url.scheme() != "https" && !(url.scheme() == "http" && may_be_plain) {
            return Err(Unanswered::NotHttps);
        }
        if literal.is_some_and(|address| !self.may_be_asked(address)) { Err(Unanswered::NotPublic) } else { Ok(()) }
    }

    fn may_be_asked(&self, address: IpAddr) -> bool {
        is_public(address) || self.is_in_networks(address)
    }

    fn is_in_networks(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address.to_canonical()))
    }

    /// Asks, and reads the whole answer.
    ///
    /// # Errors
    /// Where the address is not one that may be asked, does not answer in time, or answers more than `most_bytes`.
    pub async fn ask(
        &self,
        question: RemoteRequest<'_>,
        within: Duration,
        most_bytes: usize,
    ) -> Result<RemoteAnswer, Unanswered> {
        let asked = async {
            let (response, _connection) = self.begin(question).await?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, most_bytes).collect().await.map_err(|error| {
                if error.is::<LengthLimitError>() { Unanswered::TooLarge } else { Unanswered::Broken }
            })?;
            Ok(RemoteAnswer { status: parts.status, headers: parts.headers, body: body.to_bytes() })
        };
        timeout(within, asked).await.map_err(|_| Unanswered::TimedOut)?
    }

    /// Sends the question; the answer has begun.
    async fn begin(&self, question: RemoteRequest<'_>) -> Result<(Response<Incoming>, Connection), Unanswered> {
        let wire = self.connect(question.url).await?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(wire)).await.map_err(|_| Unanswered::Unreachable)?;
        let connection = Connection(tokio::spawn(connection));
        let url = question.url;
        let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let host = url.host_str().unwrap_or_default();
        let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let request = Request::builder().method(question.method).uri(target).header(header::HOST, authority);
        let request = request.header(header::CONNECTION, "close");
        let request = question.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        // What cannot be a header is no question.
        let request = request.body(Full::new(Bytes::from(question.body))).map_err(|_| Unanswered::Broken)?;
        let response = sender.send_request(request).await.map_err(|_| Unanswered::Broken)?;
        Ok((response, connection))
    }

    /// What the name means is looked at once: what is connected to is what was checked.
    async fn connect(&self, url: &Url) -> Result<Box<dyn Wire>, Unanswered> {
        self.check(url)?;
        let port = url.port_or_known_default().ok_or(Unanswered::NoServer)?;
        let name = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let addresses: Vec<_> = lookup_host((name, port)).await.map_err(|_| Unanswered::NameUnknown)?.collect();
        if !addresses.iter().all(|address| self.may_be_asked(address.ip())) {
            return Err(Unanswered::NotPublic);
        }
        for address in addresses.into_iter().take(MOST_ADDRESSES) {
            let Ok(Ok(stream)) = timeout(CONNECTED_WITHIN, TcpStream::connect(address)).await else { continue };
            if url.scheme() == "http" {
                return Ok(Box::new(stream));
            }
            let server = ServerName::try_from(name.to_owned()).map_err(|_| Unanswered::NoServer)?;
            let connector = connector().map_err(|_| Unanswered::NotSecure)?;
            let secure = connector.connect(server, stream).await.map_err(|_| Unanswered::NotSecure)?;
            return Ok(Box::new(secure));
        }
        Err(Unanswered::Unreachable)
    }
}

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

/// Ends with the answer.
struct Connection(JoinHandle<hyper::Result<()>>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn connector() -> Result<TlsConnector, tokio_rustls::rustls::Error> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// The longest answer to a form, or of what stands at an address, in bytes.
const LONGEST_ANSWER: usize = 256 * 1024;

/// Sends a form, and reads what is answered. `is_at_home` as for [`send_form`].
///
/// # Errors
/// As [`send_form`], and where the answer is too long.
pub async fn ask_by_form(url: &Url, body: String, is_at_home: bool) -> Result<RemoteAnswer, Unanswered> {
    let headers = vec![
        (header::CONTENT_TYPE, "application/x-www-form-urlencoded".to_owned()),
        (header::ACCEPT, "application/json".to_owned()),
    ];
    let question = RemoteRequest { method: Method::POST, url, headers, body };
    Outside::of_machine(is_at_home).ask(question, WITHIN, LONGEST_ANSWER).await
}

/// Reads what stands at an address. `is_at_home` as for [`send_form`].
///
/// # Errors
/// As [`send_form`], and where the answer is too long.
pub async fn read(url: &Url, is_at_home: bool) -> Result<RemoteAnswer, Unanswered> {
    let headers = vec![(header::ACCEPT, "application/json".to_owned())];
    let question = RemoteRequest { method: Method::GET, url, headers, body: String::new() };
    Outside::of_machine(is_at_home).ask(question, WITHIN, LONGEST_ANSWER).await
}

/// Sends a form, and gives the status of the answer, which is not read. `is_at_home`: this server is run on its developer's
/// own machine, where other programs of that machine may be told.
///
/// # Errors
/// Where the address is not one that may be asked, or does not answer in time.
pub async fn send_form(url: &Url, body: String, is_at_home: bool) -> Result<StatusCode, Unanswered> {
    let headers = vec![(header::CONTENT_TYPE, "application/x-www-form-urlencoded".to_owned())];
    let outside = Outside::of_machine(is_at_home);
    let sent = outside.begin(RemoteRequest { method: Method::POST, url, headers, body });
    let (response, _connection) = timeout(WITHIN, sent).await.map_err(|_| Unanswered::TimedOut)??;
    Ok(response.status())
}

/// Whether a host is the machine on which it is looked up.
#[must_use]
pub fn names_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Whether this server is run on its developer's own machine.
#[must_use]
pub fn is_at_home(base_url: &Url) -> bool {
    base_url.host().is_some_and(|host| names_this_machine(&host))
}

/// Whether an address is one of the public Internet: not of this machine, of a network behind it, or of a special use
/// (RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            let is_special = matches!(
                (a, b, c),
                (0 | 10 | 127 | 240..=255, ..)
                    | (100, 64..=127, _)
                    | (169, 254, _)
                    | (172, 16..=31, _)
                    | (192, 0, 0 | 2)
                    | (192, 88, 99)
                    | (192, 168, _)
                    | (198, 18 | 19, _)
                    | (198, 51, 100)
                    | (203, 0, 113)
                    | (224..=239, ..)
            );
            !is_special
        }
        IpAddr::V6(v6) => {
            let [first, second, ..] = v6.segments();
            // Global unicast alone, without documentation, tunnels and what translates to IPv4.
            let is_special = matches!((first, second), (0x2001, 0..=0x1ff | 0xdb8) | (0x2002, _) | (0x3fff, 0..=0xfff));
            (0x2000..=0x3fff).contains(&first) && !is_special
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_asked() {
        for address in ["8.8.8.8", "103.1.200.7", "2606:4700::1111", "::ffff:8.8.8.8"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "192.88.99.1",
            "198.18.0.1",
            "203.0.113.9",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
            "3fff:fff::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[tokio::test]
    async fn nothing_is_sent_where_it_may_not_be() {
        for (address, is_at_home) in [
            ("http://127.0.0.1:1/", false),
            ("https://127.0.0.1:1/", false),
            ("https://localhost:1/", false),
            ("http://192.168.1.1/", true),
            ("https://10.0.0.1/", true),
            ("http://example.vn/", true),
            ("https://[::ffff:169.254.169.254]/", false),
            ("file:///etc/passwd", true),
        ] {
            let refused = send_form(&address.parse().unwrap(), String::new(), is_at_home).await.unwrap_err();
            let why = refused.to_string();
            let expected =
                ["the address is not https", "the address is not a public one", "the address names no server"];
            assert!(expected.contains(&why.as_str()), "{address}: {why}");
        }
        assert!(is_at_home(&"http://127.0.0.1:8080".parse().unwrap()));
        assert!(!is_at_home(&"https://schoolgate.vn".parse().unwrap()));
    }
}
