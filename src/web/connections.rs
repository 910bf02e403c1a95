//! Connections: how many there are, from where, and how long each may take to send. A client that opens a thousand of
//! them and sends nothing, or one byte at a time, takes nothing from the others.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use http_body_util::BodyExt;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

/// File descriptors that the program needs beside its connections: the database's, children, temporary files.
const OTHER_FILES: usize = 256;

/// No more connections than this, however many files the system allows.
const MOST: usize = 4_096;

/// One address has at most this part of the connections: a whole school signs in from one.
const SHARE: usize = 4;

/// The most bytes of a request's head.
const HEAD_BYTES: usize = 64 * 1024;

/// What connections may do.
#[derive(Clone, Debug)]
pub struct ConnectionLimits {
    pub connections: usize,
    /// From one address, unless it is a trusted proxy's.
    pub per_address: usize,
    /// From the first byte of a request, or the end of the one before, to the end of its head.
    pub head: Duration,
    /// How long a client may read nothing of a response.
    pub write: Duration,
    /// How long requests may go on after the signal to stop.
    pub grace: Duration,
    pub trusted_proxies: Vec<IpNet>,
}

impl ConnectionLimits {
    /// For a process that may open so many files.
    #[must_use]
    pub fn of(files: usize, trusted_proxies: Vec<IpNet>) -> Self {
        let connections = files.saturating_sub(OTHER_FILES).clamp(64, MOST);
        Self {
            connections,
            per_address: connections / SHARE,
            head: Duration::from_secs(20),
            write: Duration::from_secs(30),
            grace: Duration::from_secs(10),
            trusted_proxies,
        }
    }
}

/// Serves until stopped; requests that have arrived are answered then.
pub async fn serve(listener: TcpListener, router: Router, limits: ConnectionLimits, stopped: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let (open, limits) = (Arc::new(OpenConnection::default()), Arc::new(limits));
    let mut stopped = pin!(stopped);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stopped => break,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors: idle connections are closed.
                tracing::warn!("a connection could not be taken: {error}");
                open.close_oldest_idle(None);
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // Refused at once: a client that retries soon finds a place.
        let Some(place) = open.take(address.ip(), &limits) else { continue };
        tokio::spawn(talk(stream, address, router.clone(), place, Arc::clone(&limits), graceful.watcher()));
    }
    drop(listener);
    let _ = tokio::time::timeout(limits.grace, graceful.shutdown()).await;
}

async fn talk(
    stream: TcpStream,
    address: SocketAddr,
    router: Router,
    place: ConnectionPlace,
    limits: Arc<ConnectionLimits>,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.write));
    let entry = Arc::clone(&place.entry);
    let service = service_fn(|mut request: Request<Incoming>| {
        let busy = BusyConnection::begin(&place.entry, &place.open);
        request.extensions_mut().insert(ConnectInfo(address));
        let answer = router.clone().oneshot(request.map(Body::new));
        async move {
            let response = answer.await.unwrap_or_else(|never: Infallible| match never {});
            // Busy until the last byte has been handed over.
            Ok::<_, Infallible>(response.map(|body| {
                body.map_frame(move |frame| {
                    let _ = &busy;
                    frame
                })
            }))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    tokio::select! {
        _ = watcher.watch(connection) => {}
        () = entry.closing.notified() => {}
    }
}

/// The open connections.
#[derive(Debug, Default)]
struct OpenConnection {
    table: Mutex<ConnectionTable>,
    /// A logical clock.
    moments: AtomicU64,
}

#[derive(Debug, Default)]
struct ConnectionTable {
    next: u64,
    entries: BTreeMap<u64, Arc<AddressEntry>>,
    by_address: HashMap<IpAddr, usize>,
}

#[derive(Debug)]
struct AddressEntry {
    id: u64,
    address: IpAddr,
    /// Requests that are being answered.
    busy: AtomicUsize,
    idle_since: AtomicU64,
    closing: Notify,
}

impl OpenConnection {
    /// A place for a connection. Where there is none, the connection that has been idle for longest is closed; where
    /// all are being answered, there is none.
    fn take(self: &Arc<Self>, address: IpAddr, limits: &ConnectionLimits) -> Option<ConnectionPlace> {
        let is_trusted = limits.trusted_proxies.iter().any(|network| network.contains(&address.to_canonical()));
        let address = household(address);
        let mut table = self.table();
        let has = table.by_address.get(&address).copied().unwrap_or_default();
        if !is_trusted && has >= limits.per_address && !table.close_oldest_idle(Some(address)) {
            return None;
        }
        if table.entries.len() >= limits.connections && !table.close_oldest_idle(None) {
            return None;
        }
        let entry = Arc::new(AddressEntry {
            id: table.next,
            address,
            busy: AtomicUsize::new(0),
            idle_since: AtomicU64::new(self.moment()),
            closing: Notify::new(),
        });
        table.next += 1;
        table.entries.insert(entry.id, Arc::clone(&entry));
        *table.by_address.entry(address).or_default() += 1;
        Some(ConnectionPlace { entry, open: Arc::clone(self) })
    }

    fn close_oldest_idle(&self, of: Option<IpAddr>) {
        self.table().close_oldest_idle(of);
    }

    fn moment(&self) -> u64 {
        self.moments.fetch_add(1, Ordering::Relaxed)
    }

    /// Nothing can panic while the lock is held.
    fn table(&self) -> MutexGuard<'_, ConnectionTable> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ConnectionTable {
    fn close_oldest_idle(&mut self, of: Option<IpAddr>) -> bool {
        let idle = self.entries.values().filter(|entry| {
            entry.busy.load(Ordering::Relaxed) == 0 && of.is_none_or(|address| entry.address == address)
        });
        let Some(oldest) = idle.min_by_key(|entry| entry.idle_since.load(Ordering::Relaxed)).cloned() else {
            return false;
        };
        oldest.closing.notify_one();
        self.remove(&oldest);
        true
    }

    fn remove(&mut self, entry: &AddressEntry) {
        if self.entries.remove(&entry.id).is_none() {
            return;
        }
        if let Some(count) = self.by_address.get_mut(&entry.address) {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&entry.address);
            }
        }
    }
}

/// The place of a connection, free again when it is dropped.
struct ConnectionPlace {
    entry: Arc<AddressEntry>,
    open: Arc<OpenConnection>,
}

impl Drop for ConnectionPlace {
    fn drop(&mut self) {
        self.open.table().remove(&self.entry);
    }
}

/// A request that is being answered.
struct BusyConnection {
    entry: Arc<AddressEntry>,
    open: Arc<OpenConnection>,
}

impl BusyConnection {
    fn begin(entry: &Arc<AddressEntry>, open: &Arc<OpenConnection>) -> Self {
        entry.busy.fetch_add(1, Ordering::Relaxed);
        Self { entry: Arc::clone(entry), open: Arc::clone(open) }
    }
}

impl Drop for BusyConnection {
    fn drop(&mut self) {
        self.entry.idle_since.store(self.open.moment(), Ordering::Relaxed);
        self.entry.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The network an address counts for: with IPv6, each household has 2^64 of them.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        canonical => canonical,
    }
}
