//! What the program says in its log, as far as it is a fault that no page shows.

use std::fmt::Debug;
use std::sync::{Mutex, Once};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

static LANGUAGE_FAULTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// All that was said at the level that servers log at, and below it by the program itself.
static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Begins to listen, for the whole run.
pub fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Listener)).unwrap();
    });
}

/// Fails if some page has asked for a sentence that is not there, or left out an argument. Whichever test ends next.
pub fn expect_no_language_faults() {
    let faults = std::mem::take(&mut *LANGUAGE_FAULTS.lock().unwrap());
    assert!(faults.is_empty(), "sentences that could not be said: {faults:?}");
}

/// What the log of this run holds so far.
pub fn everything() -> Vec<String> {
    LINES.lock().unwrap().clone()
}

struct Listener;

impl<S: Subscriber> Layer<S> for Listener {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        if *metadata.level() <= Level::INFO || metadata.target().starts_with("schoolgate") {
            let mut fields = Fields(format!("{}: ", metadata.target()));
            event.record(&mut fields);
            LINES.lock().unwrap().push(fields.0);
        }
        if *metadata.level() == Level::ERROR && metadata.target() == "schoolgate::web::i18n" {
            let mut fields = Fields(String::new());
            event.record(&mut fields);
            LANGUAGE_FAULTS.lock().unwrap().push(fields.0);
        }
    }
}

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push_str(&format!("{field}={value:?} "));
    }
}
