//! What the program is watched by: for which route or job work is done, how long it takes, and the log.
//!
//! Spans and labels hold routes, names of jobs and ids: never names of people, logins, tokens or what was typed.

use std::{fmt::Display, future::Future, sync::Arc, time::Instant};

use tracing::{
    Span, Subscriber,
    field::{Empty, display},
};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use crate::{config::LogFormat, ids::SchoolId};

tokio::task_local! {
    static ORIGIN: Arc<str>;
}

/// Does work on behalf of a route or a job: what it takes is measured under that name.
pub async fn on_behalf_of<F: Future>(origin: Arc<str>, work: F) -> F::Output {
    ORIGIN.scope(origin, work).await
}

/// The route or job on whose behalf this runs; `none` outside of both.
#[must_use]
pub fn origin() -> Arc<str> {
    ORIGIN.try_with(Arc::clone).unwrap_or_else(|_| Arc::from("none"))
}

/// The span of a request: what is not known yet is [noted](note) when it is.
#[must_use]
pub fn request_span(method: &'static str, route: &str) -> Span {
    tracing::info_span!("request", method, route, request_id = Empty, account_id = Empty, school_id = Empty)
}

/// Adds an id to the span of the request.
pub fn note(name: &'static str, id: impl Display) {
    Span::current().record(name, display(id));
}

/// The methods that requests are counted by: a client must not create new series.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// A request's method, or `other`.
#[must_use]
pub fn method_of(method: &str) -> &'static str {
    METHODS.into_iter().find(|known| method == *known).unwrap_or("other")
}

/// A transaction from its beginning to its end, in a span of its own and in the metrics.
#[derive(Debug)]
pub struct TransactionWatch {
    /// For what runs in it before it is handed out.
    pub span: Span,
    began: Instant,
    origin: Arc<str>,
    outcome: &'static str,
}

impl TransactionWatch {
    #[must_use]
    pub fn begin(school_id: Option<SchoolId>) -> Self {
        let span = tracing::debug_span!("transaction", school_id = Empty);
        if let Some(school_id) = school_id {
            span.record("school_id", display(school_id));
        }
        Self { span, began: Instant::now(), origin: origin(), outcome: "rolled_back" }
    }

    /// There is a connection, and the transaction has begun on it.
    pub fn note_begin(&self) {
        let labels = [("origin", Arc::clone(&self.origin))];
        metrics::histogram!("db_begin_duration_seconds", &labels).record(self.began.elapsed().as_secs_f64());
    }

    pub fn note_commit(&mut self) {
        self.outcome = "committed";
    }

    /// It has only read.
    pub fn note_end_of_reading(&mut self) {
        self.outcome = "read";
    }
}

impl Drop for TransactionWatch {
    fn drop(&mut self) {
        let labels = [("origin", Arc::clone(&self.origin)), ("outcome", Arc::from(self.outcome))];
        metrics::histogram!("db_transaction_duration_seconds", &labels).record(self.began.elapsed().as_secs_f64());
        self.span.in_scope(|| tracing::debug!(outcome = self.outcome, "a transaction has ended"));
    }
}

/// The log, as lines of text or as one JSON object a line, each with the spans that it was written in.
pub fn subscriber<W>(filter: EnvFilter, format: LogFormat, writer: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    match format {
        LogFormat::Text => Box::new(log.finish()),
        LogFormat::Json => Box::new(log.json().flatten_event(true).with_current_span(false).finish()),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::Mutex,
    };

    use super::*;

    /// What is written by an event in a request.
    fn written(format: LogFormat) -> String {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let writer = {
            let lines = Arc::clone(&lines);
            move || LinePen(Arc::clone(&lines))
        };
        tracing::subscriber::with_default(subscriber(EnvFilter::new("info"), format, writer), || {
            let span = tracing::info_span!("request", request_id = "c0ffee", route = "/schools/{code}");
            span.in_scope(|| tracing::warn!(number = 7, "something \"odd\"\nhappened"));
        });
        let bytes = lines.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    struct LinePen(Arc<Mutex<Vec<u8>>>);

    impl Write for LinePen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn json_is_one_object_a_line_with_its_spans() {
        let written = written(LogFormat::Json);
        assert_eq!(written.lines().count(), 1, "{written}");
        let line: serde_json::Value = serde_json::from_str(&written).unwrap();
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["number"], 7);
        assert_eq!(line["message"], "something \"odd\"\nhappened");
        assert_eq!(line["spans"][0]["name"], "request");
        assert_eq!(line["spans"][0]["request_id"], "c0ffee");
    }

    #[test]
    fn text_tells_the_spans_too() {
        let written = written(LogFormat::Text);
        assert!(written.contains("something") && written.contains("c0ffee"), "{written}");
        assert!(!written.starts_with('{'), "{written}");
    }

    #[tokio::test]
    async fn work_is_measured_under_its_route_or_job() {
        assert_eq!(&*origin(), "none");
        let inner = on_behalf_of(Arc::from("/sign-in"), async { origin() }).await;
        assert_eq!(&*inner, "/sign-in");
        assert_eq!((method_of("POST"), method_of("ODD7")), ("POST", "other"));
    }
}
