//! Traces for OpenTelemetry: one message followed through all its rooms, its contexts carried by hand in memory.
//!
//! Spans are values rather than entries of a global registry: through mailboxes, inspector threads and commit groups they have
//! to be handed over anyway. Off, or for what is not sampled, a span is one look at a static.

mod context;
mod groups;
mod otlp;
mod span;

use std::sync::OnceLock;
use std::time::Duration;

use rand::Rng as _;

pub use context::{Context, Remote};
pub use groups::{Batch, delivered, group_landed, members_of, published};
pub use otlp::{Exporting, Unusable, lost_so_far};
pub use span::{Attribute, Span, current, record, within, within_child};

/// Where spans go, once tracing is on.
struct Tracing {
    spans: tokio::sync::mpsc::Sender<otlp::Finished>,
    /// Of 2^32 traces that begin here, how many are followed.
    share: u64,
    /// Wall clock at nanosecond 0 of `telemetry::now`, nanoseconds since 1970.
    epoch: u64,
}

static TRACING: OnceLock<Tracing> = OnceLock::new();

/// Turns tracing on for the rest of the process; must be called inside the runtime. `ratio`: the share of traces that begin here
/// and are followed, 0 to 1. `millis`: the time, since 1970. Fails if the endpoint can't be used.
pub fn start(endpoint: &str, ratio: f64, millis: i64) -> Result<Exporting, Unusable> {
    let (spans, exporting) = otlp::start(endpoint)?;
    let now = u64::try_from(millis).unwrap_or(0) * 1_000_000;
    let epoch = now.saturating_sub(super::now());
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the ratio is between 0 and 1"
    )]
    let share = (ratio * 4_294_967_296.0) as u64;
    // A second engine in one process goes on with the first one's endpoint.
    let _ = TRACING.set(Tracing { spans, share, epoch });
    Ok(exporting)
}

/// Whether anything is traced at all.
pub fn is_on() -> bool {
    TRACING.get().is_some()
}

/// Begins what came from outside: followed if whoever asked follows it, or if it is among the sampled. `name` is asked for only
/// then.
pub fn root(remote: Option<Remote>, name: impl FnOnce() -> String) -> Span {
    let Some(tracing) = TRACING.get() else { return Span::none() };
    let sampled = match remote {
        Some(remote) => remote.sampled,
        None => u64::from(rand::rng().random::<u32>()) < tracing.share,
    };
    if !sampled {
        return Span::none();
    }
    let (context, parent) = match remote {
        Some(remote) => (Context::child_of(remote.context), Some(remote.context.span)),
        None => (Context::fresh(), None),
    };
    Span::begin(context, parent, name(), true, super::now())
}

/// Begins a part of what the running task is about.
pub fn child(name: &'static str) -> Span {
    current().map_or_else(Span::none, |parent| Span::part_of(parent, name))
}

/// A moment of `telemetry::now` so long ago.
pub(crate) fn ago(now: u64, took: Duration) -> u64 {
    now.saturating_sub(super::nanos(took))
}
