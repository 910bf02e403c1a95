//! What the program says in its log: its events, each with the spans it was written in, and its spans when they end.

use std::fmt::{Debug, Write};
use std::sync::{Mutex, Once};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// All that was said at the level that servers log at, and below it by the program itself.
static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Begins to listen, for the whole run.
pub fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Listener)).unwrap();
    });
}

/// What the log of this run holds so far.
pub fn everything() -> Vec<String> {
    LINES.lock().unwrap().clone()
}

/// The lines in which all of this stands.
pub fn lines_with(parts: &[&str]) -> Vec<String> {
    everything().into_iter().filter(|line| parts.iter().all(|part| line.contains(part))).collect()
}

struct Listener;

impl<S: Subscriber + for<'l> LookupSpan<'l>> Layer<S> for Listener {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id).filter(|span| span.metadata().target().starts_with("schoolgate")) else {
            return;
        };
        let mut fields = Fields(String::new());
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        if *metadata.level() > Level::INFO && !metadata.target().starts_with("schoolgate") {
            return;
        }
        let mut fields = Fields(format!("{}: ", metadata.target()));
        event.record(&mut fields);
        let said = fields.0.clone();
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(of_span) = span.extensions().get::<Fields>() {
                let _ = write!(fields.0, "in {}: {}", span.name(), of_span.0);
            }
        }
        LINES.lock().unwrap().push(fields.0);
        // A sentence that is not there fails what asked for it: the page, the job, the test.
        let is_language_fault = *metadata.level() == Level::ERROR && metadata.target() == "schoolgate::web::i18n";
        assert!(!is_language_fault, "a sentence that cannot be said: {said}");
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        if let Some(fields) = span.extensions().get::<Fields>() {
            LINES.lock().unwrap().push(format!("end of {}: {}", span.name(), fields.0));
        }
    }
}

struct Fields(String);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = write!(self.0, "{field}={value} ");
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, "{field}={value:?} ");
    }
}
