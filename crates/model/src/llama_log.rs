//! llama.cpp's log: to `tracing`, never to the screen; and the reason of a failure, which llama.cpp tells its log only.

use std::sync::{Arc, Mutex, Once};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};

/// Sends llama.cpp's and ggml's log to `tracing` from now on. Must run before the first call into llama.cpp.
pub(super) fn route() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        llama_cpp_2::send_logs_to_tracing(llama_cpp_2::LogOptions::default());
    });
}

/// Runs `work` and returns, beside its result, the error lines that llama.cpp logged meanwhile on this thread.
/// Everything still reaches the subscriber that was active before.
pub(super) fn with_errors<T>(work: impl FnOnce() -> T) -> (T, Vec<String>) {
    let errors = Arc::new(Mutex::new(Vec::new()));
    let outer = tracing::dispatcher::get_default(Dispatch::clone);
    let listener = Listener {
        outer,
        errors: errors.clone(),
    };
    let result = tracing::subscriber::with_default(listener, work);
    let lines = std::mem::take(
        &mut *errors
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner),
    );
    (result, lines)
}

/// A subscriber that notes llama.cpp's error lines and passes everything on.
struct Listener {
    outer: Dispatch,
    errors: Arc<Mutex<Vec<String>>>,
}

fn is_llama_error(meta: &Metadata<'_>) -> bool {
    *meta.level() == Level::ERROR && meta.target() == "llama-cpp-2"
}

impl Subscriber for Listener {
    fn enabled(&self, meta: &Metadata<'_>) -> bool {
        is_llama_error(meta) || self.outer.enabled(meta)
    }

    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        // Asked each time, since the outer subscriber may decide each time.
        Interest::sometimes()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        None
    }

    fn event(&self, event: &Event<'_>) {
        if is_llama_error(event.metadata()) {
            let mut text = Message(String::new());
            event.record(&mut text);
            let line = text.0.trim();
            if !line.is_empty() {
                let mut errors = self
                    .errors
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                errors.push(line.to_owned());
            }
        }
        if self.outer.enabled(event.metadata()) {
            self.outer.event(event);
        }
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        self.outer.new_span(attributes)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.outer.record(span, values);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.outer.record_follows_from(span, follows);
    }

    fn enter(&self, span: &Id) {
        self.outer.enter(span);
    }

    fn exit(&self, span: &Id) {
        self.outer.exit(span);
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.outer.clone_span(id)
    }

    fn try_close(&self, id: Id) -> bool {
        self.outer.try_close(id)
    }
}

/// Picks the `message` field out of an event.
struct Message(String);

impl Visit for Message {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.0.push_str(value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0.push_str(&format!("{value:?}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_llama_are_noted_and_others_are_not() {
        let ((), lines) = with_errors(|| {
            tracing::error!(target: "llama-cpp-2", "no such tensor\n");
            tracing::error!("something else");
            tracing::info!(target: "llama-cpp-2", "loading");
        });
        assert_eq!(lines, ["no such tensor"]);
    }
}
