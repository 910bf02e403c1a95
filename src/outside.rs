//! Requests to other servers, whose address another party has given: over TLS, to a public address, not on to wherever that
//! leads, and within bounds of time and size.

use std::{net::IpAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use axum::body::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Method, Request, StatusCode, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};
use url::{Host, Url};

/// How long all of it may take.
const WITHIN: Duration = Duration::from_secs(10);

/// The most addresses of a name that are tried.
const MOST_ADDRESSES: usize = 3;

/// The longest answer that is read, in bytes.
const LONGEST_ANSWER: usize = 256 * 1024;

/// What another server answers.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    /// Empty where it is not wanted.
    pub body: Bytes,
}

/// What is asked for.
struct Question {
    method: Method,
    form: String,
    /// Whether the body of the answer is read.
    reads: bool,
}

/// Sends a form, and gives the status of the answer. `is_at_home`: this server is run on its developer's own machine, where
/// other programs of that machine may be told.
///
/// # Errors
/// Where the address is not one that may be asked, or does not answer in time.
pub async fn send_form(url: &Url, form: String, is_at_home: bool) -> Result<StatusCode> {
    let question = Question { method: Method::POST, form, reads: false };
    Ok(ask_in_time(url, question, is_at_home).await?.status)
}

/// Sends a form, and reads what is answered.
///
/// # Errors
/// As [`send_form`], and where the answer is too long.
pub async fn ask_by_form(url: &Url, form: String, is_at_home: bool) -> Result<Answer> {
    ask_in_time(url, Question { method: Method::POST, form, reads: true }, is_at_home).await
}

/// Reads what stands at an address.
///
/// # Errors
/// As [`send_form`], and where the answer is too long.
pub async fn read(url: &Url, is_at_home: bool) -> Result<Answer> {
    ask_in_time(url, Question { method: Method::GET, form: String::new(), reads: true }, is_at_home).await
}

async fn ask_in_time(url: &Url, question: Question, is_at_home: bool) -> Result<Answer> {
    timeout(WITHIN, connect_and_ask(url, question, is_at_home)).await.context("no answer in time")?
}

async fn connect_and_ask(url: &Url, question: Question, is_at_home: bool) -> Result<Answer> {
    let host = url.host().context("the address names no server")?;
    let is_here = names_this_machine(&host);
    ensure!(url.scheme() == "https" || is_at_home && is_here && url.scheme() == "http", "the address is not https");
    let port = url.port_or_known_default().context("the address has no port")?;
    // What the name means is looked at once: what is connected to is what was checked.
    let name = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let addresses: Vec<_> = lookup_host((name, port)).await.context("the name is not known")?.collect();
    let may_be_asked = |address: IpAddr| is_public(address) || is_at_home && address.to_canonical().is_loopback();
    ensure!(addresses.iter().all(|address| may_be_asked(address.ip())), "the address is not a public one");
    for address in addresses.into_iter().take(MOST_ADDRESSES) {
        let Ok(stream) = TcpStream::connect(address).await else { continue };
        if url.scheme() == "http" {
            return ask(stream, url, question).await;
        }
        let server = ServerName::try_from(name.to_owned()).context("no name of a server")?;
        return ask(connector()?.connect(server, stream).await.context("no secure connection")?, url, question).await;
    }
    bail!("the server cannot be reached")
}

fn connector() -> Result<TlsConnector> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

async fn ask(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    url: &Url,
    question: Question,
) -> Result<Answer> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Ends with the sender.
    let connection = tokio::spawn(connection);
    let answer = answered(&mut sender, written(url, &question)?, question.reads).await;
    connection.abort();
    answer
}

async fn answered(
    sender: &mut http1::SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
    reads: bool,
) -> Result<Answer> {
    let answer = sender.send_request(request).await?;
    let status = answer.status();
    if !reads {
        return Ok(Answer { status, body: Bytes::new() });
    }
    let body = Limited::new(answer.into_body(), LONGEST_ANSWER).collect().await.map_err(|error| anyhow!(error))?;
    Ok(Answer { status, body: body.to_bytes() })
}

fn written(url: &Url, question: &Question) -> Result<Request<Full<Bytes>>> {
    let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let authority = match url.port() {
        Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
        None => url.host_str().unwrap_or_default().to_owned(),
    };
    let request = Request::builder()
        .method(question.method.clone())
        .uri(target)
        .header(header::HOST, authority)
        .header(header::ACCEPT, "application/json")
        .header(header::CONNECTION, "close");
    let request = match question.method {
        Method::POST => request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
        _ => request,
    };
    Ok(request.body(Full::new(Bytes::from(question.form.clone())))?)
}

fn names_this_machine(host: &Host<&str>) -> bool {
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
