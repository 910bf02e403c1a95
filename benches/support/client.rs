//! An HTTP client on loopback, with a connection that is kept open.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use schoolgate::{
    app::App,
    crypto::token::Token,
    identity::{
        accounts,
        sessions::{self, Device},
    },
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    address
}

/// The cookie of a signed-in account.
pub async fn cookie_of(app: &App, login: &str) -> String {
    let token = Token::generate(&app.randomness);
    let mut tx = app.db.begin().await.unwrap();
    let account = accounts::credentials(&mut tx, login).await.unwrap().unwrap();
    let (id, device, now) = (account.account_id, Device::default(), app.clock.now());
    sessions::open(&mut tx, &token, id, &device, sessions::Proof::Password, now).await.unwrap();
    tx.commit().await.unwrap();
    token.to_url()
}

/// One request on a connection of its own, whatever its result; gives the status of the response.
pub async fn fire(address: SocketAddr, head: String, body: &[u8]) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let head = format!("{head}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.ok()?;
    let _ = stream.write_all(body).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).split(' ').nth(1).map(str::to_owned)
}

pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    pub async fn at(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: Vec::new() }
    }

    /// The status of a page.
    pub async fn status_of(&mut self, path: &str, cookie: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\nhost: bench\r\ncookie: session={cookie}\r\n\r\n")).await
    }

    /// Reads what a program with an access token asks for; it must be there.
    pub async fn get_by_token(&mut self, path: &str, token: &str) {
        let request = format!("GET {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\r\n");
        let status = self.ask(&request).await;
        assert_eq!(status, "200", "{path}");
    }

    /// How many bytes the last answer had.
    pub fn answered(&self) -> usize {
        self.buffer.len()
    }

    /// Reads a page that must exist.
    pub async fn get(&mut self, path: &str, cookie: &str) {
        let status = self.status_of(path, cookie).await;
        assert_eq!(status, "200", "{path}");
    }

    /// Sends a form; gives the status of the response.
    pub async fn post(&mut self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> String {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.ask(&format!(
            "POST {path} HTTP/1.1\r\nhost: bench\r\nsec-fetch-site: same-origin\r\ncookie: session={cookie}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            body.len(),
        ))
        .await
    }

    /// Signs in from an address, as a proxy passes it, and gives the status of the response.
    pub async fn sign_in(&mut self, login: &str, password: &str, from: &str) -> String {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("login", login), ("password", password)])
            .finish();
        self.ask(&format!(
            "POST /sign-in HTTP/1.1\r\nhost: bench\r\nsec-fetch-site: same-origin\r\nx-forwarded-for: {from}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            body.len(),
        ))
        .await
    }

    /// Exchanges a code for tokens, as an application does, and gives the status of the response.
    pub async fn exchange(&mut self, basic: &str, code: &str, back: &str, verifier: &str) -> String {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("grant_type", "authorization_code"), ("code", code), ("redirect_uri", back)])
            .append_pair("code_verifier", verifier)
            .finish();
        self.ask(&format!(
            "POST /oauth2/token HTTP/1.1\r\nhost: bench\r\nauthorization: Basic {basic}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            body.len(),
        ))
        .await
    }

    /// Sends a request, and waits for the whole response; gives its status.
    async fn ask(&mut self, request: &str) -> String {
        self.stream.write_all(request.as_bytes()).await.unwrap();
        self.buffer.clear();
        loop {
            let mut part = [0; 32_768];
            let count = self.stream.read(&mut part).await.unwrap();
            assert!(count > 0, "no answer to {request}");
            self.buffer.extend_from_slice(&part[..count]);
            let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&self.buffer[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if self.buffer.len() >= end + 4 + length.parse::<usize>().unwrap() {
                return head.split(' ').nth(1).unwrap().to_owned();
            }
        }
    }
}

/// How often a second something is done by so many at once; each repeats it until the time is up, and counts.
pub async fn rate<F: Future<Output = u32> + Send + 'static>(
    clients: usize,
    spell: Duration,
    work: impl Fn(usize, Instant) -> F,
) -> f64 {
    let until = Instant::now() + spell;
    let workers: Vec<_> = (0..clients).map(|number| tokio::spawn(work(number, until))).collect();
    let mut count = 0;
    for worker in workers {
        count += worker.await.unwrap();
    }
    f64::from(count) / spell.as_secs_f64()
}

/// The 99th percentile.
pub fn p99(mut times: Vec<f64>) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    times[times.len() * 99 / 100]
}

/// In milliseconds.
pub fn since(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1_000.0
}
