//! TCP connections: how many are open, which were cut off and why, and how many the system allows.

use super::{Counter, Gauge, Page, catalogue};

static OPEN: Gauge = Gauge::new();
static CUT: [Counter; Cut::ALL.len()] = [const { Counter::new() }; Cut::ALL.len()];

/// Why a connection was not let in, or ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// There are as many as there may be.
    Full,
    /// There are as many from its address as there may be.
    Address,
    /// A request's head came too slowly.
    Head,
    /// It took nothing of what was written.
    Stalled,
}

impl Cut {
    const ALL: [(Self, &str); 4] = [
        (Self::Full, "full"),
        (Self::Address, "address"),
        (Self::Head, "head"),
        (Self::Stalled, "stalled"),
    ];

    /// Counts one.
    pub fn count(self) {
        CUT[self as usize].inc();
    }
}

/// Counted among the open connections until dropped.
#[derive(Debug)]
pub struct Open(());

impl Open {
    /// One more is open.
    pub fn begin() -> Self {
        OPEN.add(1);
        Self(())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        OPEN.add(-1);
    }
}

/// How many files the process may have open, a quarter kept back for those of the store and the index, after it was allowed
/// as many as it may get; `None` if there is no bound or the system doesn't say.
#[cfg(unix)]
pub fn room_for_sockets() -> Option<usize> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let files = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    let files = usize::try_from(files?).unwrap_or(usize::MAX);
    Some((files / 4).saturating_mul(3).max(1))
}

/// Other systems have no such bound.
#[cfg(not(unix))]
pub fn room_for_sockets() -> Option<usize> {
    None
}

/// Writes them.
pub fn write(page: &mut Page) {
    page.single(&catalogue::TCP_CONNECTIONS, OPEN.get());
    page.metric(&catalogue::TCP_CUT);
    for (cut, why) in Cut::ALL {
        page.sample(&[("why", why)], CUT[cut as usize].get());
    }
}
