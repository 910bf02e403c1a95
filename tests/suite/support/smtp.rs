//! A mail server for tests: listens on loopback, speaks as much SMTP as is needed, keeps what it gets, and misbehaves
//! when told to. It has a thread of its own, so that it serves tests with and without an async runtime alike, and
//! other processes.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use base64::Engine;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};

/// How the server answers from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Behaviour {
    Accept,
    /// Nobody listens.
    Down,
    /// Connects and says nothing, ever.
    Silent,
    /// Takes the text of the mail and does not answer it.
    SilentMail,
    /// Takes the mail and then does not answer `QUIT`.
    SilentGoodbye,
    /// Greets with this, for instance "421 busy".
    Greet(String),
    /// Answers AUTH with this.
    AnswerAuth(String),
    /// Answers RCPT with this, for instance "550 5.1.1 no such user".
    AnswerReceiver(String),
    /// Answers the text of the mail with this.
    AnswerMail(String),
}

/// A mail as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub from: String,
    pub to: Vec<String>,
    /// The whole mail, headers and all.
    pub data: String,
}

#[derive(Default)]
struct Mails {
    received: Vec<Received>,
    connections: usize,
}

pub struct SmtpSink {
    address: SocketAddr,
    mails: Arc<Mutex<Mails>>,
    behaviour: watch::Sender<Behaviour>,
    /// What the listener did last, so that `behave` returns when it is true.
    state: watch::Receiver<Behaviour>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

// Not every test program uses all of it.
#[allow(dead_code)]
impl SmtpSink {
    /// Listens on a free port.
    pub fn start() -> Self {
        Self::listen((Ipv4Addr::LOCALHOST, 0).into())
    }

    pub fn listen(address: SocketAddr) -> Self {
        let listener = std::net::TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (behaviour, wanted) = watch::channel(Behaviour::Accept);
        let (reached, state) = watch::channel(Behaviour::Accept);
        let (stop, stopped) = oneshot::channel();
        let mails = Arc::new(Mutex::new(Mails::default()));
        let server = Server { address, mails: Arc::clone(&mails), wanted, reached };
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::from_std(listener).unwrap();
                tokio::select! {
                    () = server.serve(listener) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { address, mails, behaviour, state, stop: Some(stop), thread: Some(thread) }
    }

    /// For `SCHOOLGATE_SMTP_URL`.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes how it answers; connections that are open go on as they began.
    pub fn behave(&self, behaviour: Behaviour) {
        self.behaviour.send(behaviour.clone()).unwrap();
        wait_until("the mail server behaves", || *self.state.borrow() == behaviour);
    }

    pub fn mails(&self) -> Vec<Received> {
        self.lock().received.clone()
    }

    /// How many connections it has taken.
    pub fn connections(&self) -> usize {
        self.lock().connections
    }

    pub fn clear(&self) {
        self.lock().received.clear();
    }

    /// Waits until there are so many mails. It blocks the thread: async tests want a runtime with several.
    pub fn wait_for(&self, count: usize) -> Vec<Received> {
        wait_until("mails", || self.lock().received.len() >= count);
        self.mails()
    }

    /// Waits for a mail to that address and gives the newest.
    pub fn wait_for_mail_to(&self, address: &str) -> Received {
        let newest = || self.mails().into_iter().rev().find(|mail| mail.to.iter().any(|to| to == address));
        wait_until("a mail to a person", || newest().is_some());
        newest().unwrap()
    }

    /// Waits for a mail of this subject to that address.
    pub fn wait_for_mail_about(&self, address: &str, subject: &str) -> Received {
        let is_it = |mail: &Received| mail.to.iter().any(|to| to == address) && mail.subject() == subject;
        wait_until(subject, || self.mails().iter().any(is_it));
        self.mails().into_iter().find(is_it).unwrap()
    }

    fn lock(&self) -> MutexGuard<'_, Mails> {
        self.mails.lock().unwrap()
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn wait_until(what: &str, reached: impl Fn() -> bool) {
    let patience = Instant::now() + Duration::from_secs(30);
    while !reached() {
        assert!(Instant::now() < patience, "no {what} within 30 seconds");
        std::thread::sleep(Duration::from_millis(10));
    }
}

struct Server {
    address: SocketAddr,
    mails: Arc<Mutex<Mails>>,
    wanted: watch::Receiver<Behaviour>,
    reached: watch::Sender<Behaviour>,
}

impl Server {
    async fn serve(mut self, listener: TcpListener) {
        let mut listener = Some(listener);
        loop {
            let behaviour = self.wanted.borrow_and_update().clone();
            listener = match (listener, &behaviour) {
                (_, Behaviour::Down) => None,
                (Some(open), _) => Some(open),
                (None, _) => Some(TcpListener::bind(self.address).await.unwrap()),
            };
            self.reached.send_replace(behaviour.clone());
            tokio::select! {
                changed = self.wanted.changed() => if changed.is_err() { return },
                Ok((stream, _)) = accept(listener.as_ref()) => {
                    self.mails.lock().unwrap().connections += 1;
                    let conversation = Conversation { behaviour, mails: Arc::clone(&self.mails) };
                    // A person who hangs up in the middle is no fault of the server.
                    tokio::spawn(async move { let _ = conversation.hold(stream).await; });
                }
            }
        }
    }
}

async fn accept(listener: Option<&TcpListener>) -> std::io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

struct Conversation {
    behaviour: Behaviour,
    mails: Arc<Mutex<Mails>>,
}

impl Conversation {
    async fn hold(self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        if self.behaviour == Behaviour::Silent {
            return std::future::pending().await;
        }
        if let Behaviour::Greet(greeting) = &self.behaviour {
            return say(&mut stream, greeting).await;
        }
        say(&mut stream, "220 sink ESMTP").await?;
        let mut mail = Received { from: String::new(), to: Vec::new(), data: String::new() };
        while let Some(line) = read_line(&mut stream).await? {
            let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => say(&mut stream, "250-sink\r\n250-8BITMIME\r\n250 AUTH PLAIN").await?,
                "HELO" | "RSET" | "NOOP" => say(&mut stream, "250 ok").await?,
                "AUTH" => say(&mut stream, self.answer_to_auth()).await?,
                "MAIL" => {
                    mail.from = path(&line);
                    say(&mut stream, "250 ok").await?;
                }
                "RCPT" => {
                    mail.to.push(path(&line));
                    say(&mut stream, self.answer_to_receiver()).await?;
                }
                "DATA" => {
                    say(&mut stream, "354 go on").await?;
                    mail.data = read_data(&mut stream).await?;
                    if self.behaviour == Behaviour::SilentMail {
                        return std::future::pending().await;
                    }
                    let answer = self.keep(&mut mail);
                    say(&mut stream, &answer).await?;
                }
                "QUIT" if self.behaviour == Behaviour::SilentGoodbye => {
                    return std::future::pending().await;
                }
                "QUIT" => return say(&mut stream, "221 bye").await,
                _ => say(&mut stream, "502 not here").await?,
            }
        }
        Ok(())
    }

    fn answer_to_auth(&self) -> &str {
        match &self.behaviour {
            Behaviour::AnswerAuth(answer) => answer,
            _ => "235 welcome",
        }
    }

    fn answer_to_receiver(&self) -> &str {
        match &self.behaviour {
            Behaviour::AnswerReceiver(answer) => answer,
            _ => "250 ok",
        }
    }

    fn keep(&self, mail: &mut Received) -> String {
        if let Behaviour::AnswerMail(answer) = &self.behaviour {
            return answer.clone();
        }
        let empty = Received { from: String::new(), to: Vec::new(), data: String::new() };
        self.mails.lock().unwrap().received.push(std::mem::replace(mail, empty));
        "250 kept".to_owned()
    }
}

async fn say(stream: &mut BufReader<TcpStream>, line: &str) -> std::io::Result<()> {
    stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await
}

async fn read_line(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let mut line = Vec::new();
    let length = stream.read_until(b'\n', &mut line).await?;
    Ok((length > 0).then(|| String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()))
}

/// Reads up to the lone dot and takes the doubled dots away (RFC 5321, 4.5.2).
async fn read_data(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut data = String::new();
    while let Some(line) = read_line(stream).await? {
        if line == "." {
            break;
        }
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
        data.push_str("\r\n");
    }
    Ok(data)
}

/// The address between the angle brackets of MAIL and RCPT.
fn path(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map(|(address, _)| address.to_owned()).unwrap_or_default()
}

impl Received {
    /// A header's value, unfolded and decoded.
    pub fn header(&self, name: &str) -> Option<String> {
        let (head, _) = self.data.split_once("\r\n\r\n")?;
        raw_header(head, name).map(|value| decode_words(&value))
    }

    pub fn subject(&self) -> String {
        self.header("Subject").unwrap_or_default()
    }

    /// The part that mail programs without HTML show.
    pub fn text(&self) -> String {
        self.part("text/plain")
    }

    pub fn html(&self) -> String {
        self.part("text/html")
    }

    /// The first link in the text.
    pub fn link(&self) -> Option<String> {
        let text = self.text();
        let start = text.find("http://").or_else(|| text.find("https://"))?;
        text.get(start..)?.split_whitespace().next().map(str::to_owned)
    }

    fn part(&self, kind: &str) -> String {
        let content_type = self.header("Content-Type").unwrap_or_default();
        let Some(boundary) = content_type.split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next()) else {
            return String::new();
        };
        self.data
            .split(&format!("--{boundary}"))
            .filter_map(|part| part.trim_start_matches("\r\n").split_once("\r\n\r\n"))
            .find(|(head, _)| raw_header(head, "Content-Type").is_some_and(|value| value.starts_with(kind)))
            .map(|(head, body)| decode_body(head, body.trim_end_matches("\r\n")))
            .unwrap_or_default()
    }
}

fn raw_header(head: &str, name: &str) -> Option<String> {
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    unfolded.split("\r\n").find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

fn decode_body(head: &str, body: &str) -> String {
    let encoding = raw_header(head, "Content-Transfer-Encoding").unwrap_or_default().to_ascii_lowercase();
    let bytes = match encoding.as_str() {
        "base64" => from_base64(&body.replace("\r\n", "")),
        "quoted-printable" => from_quoted(&body.replace("=\r\n", "")),
        _ => body.as_bytes().to_vec(),
    };
    String::from_utf8(bytes).unwrap()
}

/// Decodes `=?utf-8?b?…?=` (RFC 2047); white space between two of them does not count.
fn decode_words(value: &str) -> String {
    let mut decoded = Vec::new();
    let mut rest = value.replace("?= =?", "?==?");
    while let Some((before, word)) = rest.split_once("=?").map(|(a, b)| (a.to_owned(), b.to_owned())) {
        decoded.extend_from_slice(before.as_bytes());
        let mut fields = word.splitn(3, '?');
        let (_, encoding, tail) = (fields.next(), fields.next().unwrap_or("q"), fields.next().unwrap_or_default());
        let (text, after) = tail.split_once("?=").unwrap_or((tail, ""));
        decoded.extend(match encoding.to_ascii_lowercase().as_str() {
            "b" => from_base64(text),
            _ => from_quoted(&text.replace('_', " ")),
        });
        rest = after.to_owned();
    }
    decoded.extend_from_slice(rest.as_bytes());
    String::from_utf8(decoded).unwrap()
}

fn from_base64(text: &str) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

fn from_quoted(text: &str) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'=' {
            decoded.push(byte);
            continue;
        }
        let code: String = bytes.by_ref().take(2).map(char::from).collect();
        decoded.push(u8::from_str_radix(&code, 16).unwrap());
    }
    decoded
}
