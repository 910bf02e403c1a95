//! Two web nodes behind nginx, set up as the example says.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use schoolgate::web::connections::{self, ConnectionLimits};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

use super::{file, said};
use crate::support::people::PASSWORD;
use crate::support::{Client, TestApp};

const ORIGIN: &str = "http://schoolgate.test";

/// A web node on loopback.
struct Node {
    address: SocketAddr,
    served: JoinHandle<()>,
}

impl Node {
    async fn start(router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let limits = ConnectionLimits::of(10_000, vec!["127.0.0.1/32".parse().unwrap()]);
        let served = tokio::spawn(connections::serve(listener, router, limits, std::future::pending()));
        Self { address, served }
    }

    async fn die(self) {
        self.served.abort();
        let _ = self.served.await;
    }
}

/// Ends with the test.
struct Nginx {
    process: Child,
    port: u16,
    folder: TempDir,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program() -> &'static str {
    let usual = "/usr/sbin/nginx";
    if Path::new(usual).exists() { usual } else { "nginx" }
}

async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

/// The example, on ports that are free.
async fn example(nodes: &[&Node], port: u16) -> String {
    let upstream: String =
        nodes.iter().map(|node| format!("server {} max_fails=2 fail_timeout=5s;\n", node.address)).collect();
    let example = file("nginx/schoolgate.conf");
    let changes = [
        ("server 127.0.0.1:8080 max_fails=2 fail_timeout=5s;", upstream),
        ("listen 80;", format!("listen 127.0.0.1:{};", free_port().await)),
        ("listen [::]:80;", String::new()),
        ("listen 443 ssl http2;", format!("listen 127.0.0.1:{port} ssl http2;")),
        ("listen [::]:443 ssl http2;", String::new()),
    ];
    changes.iter().fold(example, |text, (from, to)| {
        assert!(text.contains(from), "the example has no {from}");
        text.replace(from, to)
    })
}

/// What stands around the example in a configuration.
fn around(folder: &Path) -> String {
    let at = folder.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|what| format!("{what}_temp_path {at}/{what};\n"))
        .collect();
    format!(
        "daemon off;\nmaster_process off;\npid {at}/pid;\nerror_log {at}/errors;\nevents {{}}\n\
         http {{\n{temporary}include {at}/schoolgate.conf;\n}}\n"
    )
}

impl Nginx {
    async fn start(nodes: &[&Node]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port().await;
        let example = example(nodes, port).await;
        // The certificate is the operator's: requests come without one here.
        let plain: Vec<&str> = example.lines().filter(|line| !line.trim_start().starts_with("ssl_")).collect();
        std::fs::write(folder.path().join("schoolgate.conf"), plain.join("\n").replace(" ssl http2;", ";")).unwrap();
        std::fs::write(folder.path().join("nginx.conf"), around(folder.path())).unwrap();
        let process = command(folder.path()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let process = process.expect("nginx is not installed: apt-get install nginx-light");
        let nginx = Self { process, port, folder };
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return nginx;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nginx does not start: {}", nginx.errors());
    }

    fn errors(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("errors")).unwrap_or_default()
    }

    /// The way through it from one of this machine's addresses.
    fn way_from(&self, address: [u8; 4]) -> Client {
        let port = self.port;
        let router = Router::new().fallback(move |request: Request| forward(port, address, request));
        Client::new(router, ORIGIN.to_owned())
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(program());
    command.arg("-p").arg(folder).arg("-e").arg(folder.join("errors")).arg("-c").arg(folder.join("nginx.conf"));
    command
}

/// Sends a request over a socket of its own.
async fn forward(port: u16, from: [u8; 4], request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let mut sent = format!("{} {} HTTP/1.0\r\nhost: schoolgate.example.vn\r\n", parts.method, parts.uri).into_bytes();
    for (name, value) in &parts.headers {
        sent.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    sent.extend(format!("content-length: {}\r\n\r\n", body.len()).into_bytes());
    sent.extend(&body);
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    let mut stream = socket.connect(([127, 0, 0, 1], port).into()).await.unwrap();
    stream.write_all(&sent).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    read(&answer)
}

fn read(answer: &[u8]) -> Response {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status: u16 = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let response = Response::builder().status(StatusCode::from_u16(status).unwrap());
    let response = lines
        .filter_map(|line| line.split_once(": "))
        .fold(response, |response, (name, value)| response.header(name, value));
    response.body(Body::from(answer[end + 4..].to_vec())).unwrap()
}

#[tokio::test]
async fn nginx_takes_the_example() {
    let node = Node::start(Router::new()).await;
    let folder = tempfile::tempdir().unwrap();
    let certificate = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=schoolgate.example.vn"])
        .arg("-keyout")
        .arg(folder.path().join("privkey.pem"))
        .arg("-out")
        .arg(folder.path().join("fullchain.pem"))
        .output();
    said(certificate.expect("openssl is not installed"));
    let example = example(&[&node], free_port().await).await;
    let example = example.replace("/etc/schoolgate/tls", &folder.path().display().to_string());
    std::fs::write(folder.path().join("schoolgate.conf"), example).unwrap();
    std::fs::write(folder.path().join("nginx.conf"), around(folder.path())).unwrap();
    let checked = said(command(folder.path()).arg("-t").output().expect("nginx is not installed"));
    assert!(checked.contains("test is successful"), "{checked}");
    assert!(!checked.contains("[warn]"), "{checked}");
}

#[tokio::test]
async fn two_nodes_behind_nginx_are_one() {
    let test = TestApp::with_config(|config| {
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
        config.metrics_token = Some("a-token-of-some-length".to_owned());
    })
    .await;
    let cast = test.cast("79000001").await;
    let other = test.other_process();
    let (one, two) = (Node::start(test.router()).await, Node::start(other.router()).await);
    let nginx = Nginx::start(&[&one, &two]).await;

    // Signed in at one node, known to both; and the address is the person's, whatever they say it is.
    let manager = nginx.way_from([127, 0, 0, 2]);
    let fields = [("login", cast.manager.login.as_str()), ("password", PASSWORD)];
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = manager
        .request(Method::POST, "/sign-in")
        .header("origin", ORIGIN)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-forwarded-for", "203.0.113.9");
    manager.send(request, Body::from(form)).await.expect(303);
    let accounts = cast.school.path("/accounts");
    for _ in 0..6 {
        manager.get(&accounts).await.expect(200).shows(&[&cast.pupil.name]);
    }
    let addresses: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT host(address) FROM sign_in_events WHERE account_id = $1")
            .bind(cast.manager.account_id)
            .fetch_all(&mut test.admin().await)
            .await
            .unwrap();
    assert_eq!(addresses, ["127.0.0.2"]);

    // What is for collectors is not there, whatever is sent along.
    for path in ["/metrics", "/metrics/", "//metrics", "/./metrics", "/%6Detrics"] {
        let request = manager.request(Method::GET, path).header("authorization", "Bearer a-token-of-some-length");
        let answer = manager.send(request, Body::empty()).await;
        assert!(!answer.html().contains("http_requests_total"), "{path}");
        assert_ne!(answer.status, 200, "{path}");
    }

    // A node that dies is noticed by nobody.
    one.die().await;
    for _ in 0..6 {
        manager.get(&accounts).await.expect(200).shows(&[&cast.pupil.name]);
    }
    assert_eq!(nginx.errors().lines().filter(|line| line.contains("[emerg]")).count(), 0, "{}", nginx.errors());
}

/// What one node has begun, counted or let in, the other knows: requests go to the two in turn.
#[tokio::test]
async fn lists_devices_and_wrong_passwords_are_known_at_both_nodes() {
    let test = TestApp::with_config(|config| config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()]).await;
    let cast = test.cast("79000001").await;
    let other = test.other_process();
    let (one, two) = (Node::start(test.router()).await, Node::start(other.router()).await);
    let nginx = Nginx::start(&[&one, &two]).await;
    let way = |number: u8| nginx.way_from([127, 0, 0, number]);
    let sign_in = async |client: &Client, login: &str, password: &str| {
        client.post("/sign-in", &[("login", login), ("password", password)]).await.status.as_u16()
    };

    // How far a list is.
    let owner = way(2);
    assert_eq!(sign_in(&owner, &cast.owner.login, PASSWORD).await, 303);
    let list = "Họ và tên,Giới tính,Lớp,Ngày sinh,Họ và tên mẹ\nTrần Văn Một,Nam,10A1,05/09/2011,Lê Thị Hoa\n";
    let new = cast.school.path("/plans/new?source=students");
    let plan = owner.upload(&new, "ds.csv", list.as_bytes()).await.location();
    for _ in 0..4 {
        owner.get(&plan).await.expect(200).hides(&["Trần Văn Một"]);
    }
    test.work().await;
    for _ in 0..4 {
        owner.get(&plan).await.expect(200).shows(&["Trần Văn Một"]);
    }

    // A pupil is in on one device.
    let settings = [("one_device_per_student", "on"), ("idle_minutes", "30")];
    owner.post(&cast.school.path("/settings"), &settings).await.expect(303);
    let (first, second) = (way(3), way(4));
    assert_eq!(sign_in(&first, &cast.pupil.login, PASSWORD).await, 303);
    for _ in 0..4 {
        assert_eq!(sign_in(&second, &cast.pupil.login, PASSWORD).await, 422);
        first.get(&cast.school.path("")).await.expect(200);
    }

    // Ten wrong passwords, whichever node they are typed at.
    let guesser = way(5);
    for _ in 0..10 {
        assert_eq!(sign_in(&guesser, &cast.teacher.login, "một mật khẩu nào đó").await, 422);
    }
    for _ in 0..2 {
        assert_eq!(sign_in(&guesser, &cast.teacher.login, "một mật khẩu nào đó").await, 429);
        assert_eq!(sign_in(&guesser, &cast.teacher.login, PASSWORD).await, 429);
    }
}
