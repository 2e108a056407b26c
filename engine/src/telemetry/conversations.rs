//! Actors and what is asked of them.

use super::{Counter, Histogram, Page, SIZES, catalogue};

/// Actors started.
pub static STARTS: Counter = Counter::new();
/// Actors ended, failed ones included.
pub static STOPS: Counter = Counter::new();
/// Actors that ended by a failure.
pub static FAILURES: Counter = Counter::new();
/// Commands in a mailbox when one comes in.
pub static MAILBOX: Histogram = Histogram::new(&SIZES);

static BUSY: [Counter; Bound::ALL.len()] = [const { Counter::new() }; Bound::ALL.len()];

/// What was full when a call was answered `BUSY`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Commands of all conversations.
    Intake,
    /// The same, lowered because they take too long.
    Pressure,
    /// Commands of one conversation.
    Mailbox,
    /// Actors alive.
    Actors,
    /// Messages waiting for the filters.
    Filters,
    /// Commits waiting for the store.
    Store,
    /// Memory of the process.
    Memory,
}

impl Bound {
    const ALL: [(Self, &str); 7] = [
        (Self::Intake, "intake"),
        (Self::Pressure, "pressure"),
        (Self::Mailbox, "mailbox"),
        (Self::Actors, "actors"),
        (Self::Filters, "filters"),
        (Self::Store, "store"),
        (Self::Memory, "memory"),
    ];

    /// Counts a call that met it.
    pub fn met(self) {
        BUSY[self as usize].inc();
    }
}

/// Writes them.
pub fn write(page: &mut Page) {
    page.single(&catalogue::ACTOR_STARTS, STARTS.get());
    page.single(&catalogue::ACTOR_STOPS, STOPS.get());
    page.single(&catalogue::ACTOR_FAILURES, FAILURES.get());
    page.single_histogram(&catalogue::MAILBOX_DEPTH, &MAILBOX);
    page.metric(&catalogue::BUSY);
    for (bound, name) in Bound::ALL {
        page.sample(&[("bound", name)], BUSY[bound as usize].get());
    }
}
