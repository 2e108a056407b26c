//! Connections, and how soon subscribers have what was committed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use super::trace;
use super::{Counter, Gauge, Histogram, LATENCIES, Names, Page, catalogue};

/// How an operation came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// One request, one answer.
    Http,
    /// An event stream.
    Sse,
    /// A socket.
    WebSocket,
}

impl Transport {
    /// Every transport.
    pub const ALL: [Self; 3] = [Self::Http, Self::Sse, Self::WebSocket];

    /// The label's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Sse => "sse",
            Self::WebSocket => "websocket",
        }
    }
}

const STREAMS: [Transport; 2] = [Transport::Sse, Transport::WebSocket];
const TRANSPORTS: usize = Transport::ALL.len();
static OPEN: [Gauge; TRANSPORTS] = [const { Gauge::new() }; TRANSPORTS];
static OPENED: [Counter; TRANSPORTS] = [const { Counter::new() }; TRANSPORTS];

const ENDS: usize = 16;
static END_NAMES: Names<ENDS> = Names::new();
static CLOSED: [Counter; ENDS] = [const { Counter::new() }; ENDS];

static LAG: Histogram = Histogram::new(&LATENCIES);
static FELL_BEHIND: Counter = Counter::new();
static UNAVAILABLE: Counter = Counter::new();

/// Counted among the open connections until dropped.
#[derive(Debug)]
pub struct Connection(Transport);

impl Connection {
    /// One more is open.
    pub fn open(transport: Transport) -> Self {
        OPENED[transport as usize].inc();
        OPEN[transport as usize].add(1);
        Self(transport)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        OPEN[self.0 as usize].add(-1);
    }
}

/// Counts a socket's end, by its close code or the word for it.
pub fn closed(code: &str) {
    CLOSED[END_NAMES.place(code)].inc();
}

/// Counts a subscriber that was told to fetch afresh, because it was too slow or too far behind, or because the store failed.
pub fn resync(fell_behind: bool) {
    if fell_behind { &FELL_BEHIND } else { &UNAVAILABLE }.inc();
}

/// Moments at which what an `Arc` holds was published. While anybody holds the `Arc` nothing else has its address, so a moment
/// found by it is its own; those not found any more are left out of the histogram.
struct Stamp {
    address: AtomicUsize,
    at: AtomicU64,
}

const STAMPS: usize = 4_096;
static STAMPED: [Stamp; STAMPS] =
    [const { Stamp { address: AtomicUsize::new(0), at: AtomicU64::new(0) } }; STAMPS];

fn stamp(address: usize) -> &'static Stamp {
    // Allocations are aligned, so that the lowest bits say nothing; the product spreads the rest.
    let spread = (address as u64 >> 4).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    &STAMPED[usize::try_from(spread >> 52).unwrap_or(0) % STAMPS]
}

/// Notes that this is on its way to subscribers.
pub fn published<T: ?Sized>(item: &Arc<T>) {
    let address = Arc::as_ptr(item).cast::<()>() as usize;
    let stamp = stamp(address);
    stamp.address.store(0, Ordering::Relaxed);
    stamp.at.store(super::now(), Ordering::Release);
    stamp.address.store(address, Ordering::Release);
    trace::published(address, trace::current());
}

/// Notes that a subscriber's connection has it.
pub fn taken<T: ?Sized>(item: &Arc<T>) {
    let address = Arc::as_ptr(item).cast::<()>() as usize;
    let stamp = stamp(address);
    if stamp.address.load(Ordering::Acquire) == address {
        let at = stamp.at.load(Ordering::Acquire);
        let lag = super::now().saturating_sub(at);
        LAG.record(lag);
        trace::delivered(address, Duration::from_nanos(lag));
    }
}

/// Writes them.
pub fn write(page: &mut Page) {
    page.metric(&catalogue::CONNECTIONS);
    for transport in STREAMS {
        page.sample(&[("transport", transport.as_str())], OPEN[transport as usize].get());
    }
    page.metric(&catalogue::CONNECTIONS_OPENED);
    for transport in STREAMS {
        page.sample(&[("transport", transport.as_str())], OPENED[transport as usize].get());
    }
    page.metric(&catalogue::CONNECTIONS_CLOSED);
    for (place, code) in END_NAMES.all() {
        page.sample(&[("code", code)], CLOSED[place].get());
    }
    page.single_histogram(&catalogue::FANOUT_LAG_SECONDS, &LAG);
    page.metric(&catalogue::RESYNCS)
        .sample(&[("reason", "fell_behind")], FELL_BEHIND.get())
        .sample(&[("reason", "unavailable")], UNAVAILABLE.get());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_found_by_what_was_published_then_and_by_nothing_else() {
        let (event, other): (Arc<str>, Arc<str>) = (Arc::from("event"), Arc::from("other"));
        let before = LAG.spread().count;
        taken(&other);
        assert_eq!(LAG.spread().count, before, "never published");
        published(&event);
        taken(&event);
        taken(&Arc::clone(&event));
        assert_eq!(LAG.spread().count, before + 2);
    }
}
