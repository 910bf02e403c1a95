//! Connections that say nothing, say it slowly, or are too many: over real sockets, few and for a moment.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::{Router, routing};
use schoolgate::web::connections::{self, ConnectionLimits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use crate::support::TestApp;

/// Long enough for a slow machine; nothing waits for it when all is well.
const PATIENCE: Duration = Duration::from_secs(30);

fn limits() -> ConnectionLimits {
    ConnectionLimits { head: Duration::from_millis(300), ..ConnectionLimits::of(10_000, Vec::new()) }
}

struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<()>,
}

impl Server {
    async fn start(router: Router, limits: ConnectionLimits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = async { drop(stopped.await) };
        let served = tokio::spawn(connections::serve(listener, router, limits, stopped));
        Self { address, stop: Some(stop), served }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn stop(mut self) {
        drop(self.stop.take());
        tokio::time::timeout(PATIENCE, self.served).await.unwrap().unwrap();
    }
}

/// Reads until the other side has closed; a reset is closing as well.
async fn until_closed(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("it stays open");
    String::from_utf8_lossy(&answer).into_owned()
}

async fn asks(stream: &mut TcpStream, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n");
    let _ = stream.write_all(request.as_bytes()).await;
    until_closed(stream).await
}

/// Answers `/`, and `/slow` once it is let go.
fn router(go: &Arc<Notify>, begun: &Arc<Notify>) -> Router {
    let (go, begun) = (Arc::clone(go), Arc::clone(begun));
    let slow = move || async move {
        begun.notify_one();
        go.notified().await;
        "at last"
    };
    Router::new().route("/", routing::get(|| async { "here" })).route("/slow", routing::get(slow))
}

#[tokio::test]
async fn half_a_head_and_silence_are_closed() {
    let server = Server::start(router(&Arc::default(), &Arc::default()), limits()).await;
    let mut silent = Vec::new();
    for number in 0..30 {
        let mut stream = server.connect().await;
        if number % 2 == 0 {
            stream.write_all(b"GET / HTTP/1.1\r\nhost: he").await.unwrap();
        } else if number % 3 == 0 {
            // One that was answered and then says nothing more.
            stream.write_all(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n").await.unwrap();
        }
        silent.push(stream);
    }
    for stream in &mut silent {
        until_closed(stream).await;
    }
    server.stop().await;
}

#[tokio::test]
async fn the_oldest_of_those_that_wait_make_room() {
    let few = ConnectionLimits { connections: 10, per_address: 10, head: PATIENCE, ..limits() };
    let server = Server::start(router(&Arc::default(), &Arc::default()), few).await;
    let mut idle = Vec::new();
    for _ in 0..25 {
        idle.push(server.connect().await);
    }
    assert!(asks(&mut server.connect().await, "/").await.ends_with("here"));
    // The first ones were closed, the last ones not.
    for stream in &mut idle[..10] {
        assert_eq!(until_closed(stream).await, "");
    }
    assert!(asks(idle.last_mut().unwrap(), "/").await.ends_with("here"));
    server.stop().await;
}

#[tokio::test]
async fn one_address_takes_a_part_and_what_is_being_answered_is_answered() {
    let (go, begun) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let few = ConnectionLimits { connections: 100, per_address: 3, head: PATIENCE, ..limits() };
    let server = Server::start(router(&go, &begun), few).await;
    let mut busy = Vec::new();
    for _ in 0..3 {
        let mut stream = server.connect().await;
        stream.write_all(b"GET /slow HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n").await.unwrap();
        begun.notified().await;
        busy.push(stream);
    }
    // All that the address has are being answered: another one is refused at once.
    assert_eq!(asks(&mut server.connect().await, "/").await, "");
    for stream in &mut busy {
        go.notify_one();
        assert!(until_closed(stream).await.ends_with("at last"));
    }
    assert!(asks(&mut server.connect().await, "/").await.ends_with("here"));
    server.stop().await;
}

#[tokio::test]
async fn a_trusted_proxy_is_everybody() {
    let few = ConnectionLimits {
        per_address: 2,
        head: PATIENCE,
        trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()],
        ..limits()
    };
    let server = Server::start(router(&Arc::default(), &Arc::default()), few).await;
    let mut streams = Vec::new();
    for _ in 0..10 {
        streams.push(server.connect().await);
    }
    for stream in &mut streams {
        assert!(asks(stream, "/").await.ends_with("here"));
    }
    server.stop().await;
}

#[tokio::test]
async fn stopping_answers_what_was_asked_and_no_more() {
    let (go, begun) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let server = Server::start(router(&go, &begun), limits()).await;
    let mut asked = server.connect().await;
    asked.write_all(b"GET /slow HTTP/1.1\r\nhost: here\r\n\r\n").await.unwrap();
    begun.notified().await;
    let address = server.address;
    let stopping = tokio::spawn(server.stop());
    let patience = async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, patience).await.unwrap();
    go.notify_one();
    assert!(until_closed(&mut asked).await.ends_with("at last"));
    stopping.await.unwrap();
}

/// The pages themselves: a form whose body never comes is given up, and another one's is taken.
#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let test = TestApp::new().await;
    let server = Server::start(test.router(), limits()).await;
    let mut slow = server.connect().await;
    let head =
        "POST /sign-in HTTP/1.1\r\nhost: here\r\nsec-fetch-site: same-origin\r\ncontent-length: 1000\r\n\r\nlogin=";
    slow.write_all(head.as_bytes()).await.unwrap();
    let answer = until_closed(&mut slow).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    let page = asks(&mut server.connect().await, "/sign-in").await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    server.stop().await;
}
