//! All threads of the driver together, and the server they drive.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::driver::{Driver, Ledger, Manners, Pace};
use crate::error::LoadError;
use crate::market::{Market, Place};
use crate::progress;
use crate::server::{Server, Taken};
use crate::stats::Stats;

/// Longest wait for answers at the end of a phase.
const DRAIN: Duration = Duration::from_secs(60);
/// Longest wait for all subscriptions to become live.
const OPEN: Duration = Duration::from_secs(120);

/// Drivers, a thread each.
#[derive(Debug)]
pub struct Fleet {
    drivers: Vec<Driver>,
}

/// What a phase showed.
#[derive(Debug, Clone)]
pub struct Phase {
    /// What the drivers saw.
    pub stats: Stats,
    /// What the server took.
    pub taken: Taken,
    /// How long it was.
    pub elapsed: Duration,
}

impl Fleet {
    /// Spreads conversations over threads.
    pub fn new(
        market: &Arc<Market>,
        places: Vec<Place>,
        manners: &Manners,
        threads: usize,
    ) -> Result<Self, LoadError> {
        let threads = threads.clamp(1, places.len().max(1));
        let mut shares: Vec<Vec<Place>> = vec![Vec::new(); threads];
        for (n, place) in places.into_iter().enumerate() {
            shares[n % threads].push(place);
        }
        let mut base = 0;
        let mut drivers = Vec::new();
        for share in shares {
            let driver = Driver::new(Arc::clone(market), share, manners.clone(), base)?;
            base += driver.links();
            drivers.push(driver);
        }
        Ok(Self { drivers })
    }

    /// Takes in another, with its threads.
    pub fn join(&mut self, other: Self) {
        self.drivers.extend(other.drivers);
    }

    /// Sockets of all threads.
    pub fn links(&self) -> usize {
        self.drivers.iter().map(Driver::links).sum()
    }

    /// Runs `work` on every driver in a thread of its own and takes what they saw.
    pub fn each(
        &mut self,
        work: impl Fn(&mut Driver) -> Result<(), LoadError> + Sync,
    ) -> Result<Stats, LoadError> {
        let mut sum = Stats::new()?;
        let results: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                self.drivers.iter_mut().map(|driver| scope.spawn(|| work(driver))).collect();
            threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
        });
        for result in results {
            result
                .map_err(|_| LoadError::Setup("a thread of the driver panicked".to_owned()))??;
        }
        for driver in &mut self.drivers {
            sum.add(&std::mem::replace(&mut driver.stats, Stats::new()?));
        }
        Ok(sum)
    }

    /// Connects and subscribes everybody.
    pub fn open(&mut self) -> Result<Stats, LoadError> {
        let deadline = Instant::now() + OPEN;
        let stats = self.each(|driver| driver.open(deadline))?;
        stats.check()?;
        Ok(stats)
    }

    /// Sends at a pace for a while, and tells what it showed. A rate is shared by the threads.
    pub fn run(
        &mut self,
        server: &Server,
        pace: Pace,
        length: Duration,
        what: &str,
    ) -> Result<Phase, LoadError> {
        let ((stats, elapsed), taken) = server.during(|| {
            let begun = Instant::now();
            let never = AtomicBool::new(false);
            let sent = || self.send(pace, begun + length, &never);
            Ok((progress::during(length, what, sent)?, begun.elapsed()))
        })?;
        Ok(Phase { stats, taken, elapsed })
    }

    /// The same, and the figures of every second.
    pub fn run_in_slices(
        &mut self,
        server: &Server,
        pace: Pace,
        length: Duration,
        what: &str,
    ) -> Result<(Phase, Vec<Stats>), LoadError> {
        let now = Instant::now();
        self.drivers.iter_mut().for_each(|driver| driver.begin_slices(now));
        let mut phase = self.run(server, pace, length, what)?;
        let mut slices: Vec<Stats> = Vec::new();
        for driver in &mut self.drivers {
            for (n, stats) in driver.take_slices().into_iter().enumerate() {
                phase.stats.add(&stats);
                match slices.get_mut(n) {
                    Some(sum) => sum.add(&stats),
                    None => slices.push(stats),
                }
            }
        }
        Ok((phase, slices))
    }

    /// Sends at a pace until `end` or until told to stop.
    pub fn send(
        &mut self,
        pace: Pace,
        end: Instant,
        stop: &AtomicBool,
    ) -> Result<Stats, LoadError> {
        #[expect(clippy::cast_precision_loss, reason = "a few threads")]
        let pace = match pace {
            Pace::Rate(rate) => Pace::Rate(rate / self.drivers.len() as f64),
            other => other,
        };
        self.each(|driver| driver.run(pace, end, stop))
    }

    /// Drops every socket at once.
    pub fn drop_all(&mut self) {
        self.drivers.iter_mut().for_each(Driver::drop_all);
    }

    /// Coming back is timed from here.
    pub fn restart_clock(&mut self, start: Instant) {
        self.drivers.iter_mut().for_each(|driver| driver.restart_clock(start));
    }

    /// Somebody else sent a message that was acknowledged.
    pub fn expect(&mut self, conversation: &str, seq: u64) {
        self.drivers.iter_mut().for_each(|driver| driver.expect(conversation, seq));
    }

    /// Gives up what is due and was not sent: how much that was.
    pub fn give_up_waiting(&mut self) -> usize {
        self.drivers.iter_mut().map(Driver::give_up_waiting).sum()
    }

    /// What was acknowledged, conversation by conversation.
    pub fn ledgers(&self) -> Vec<Ledger> {
        self.drivers.iter().flat_map(Driver::ledgers).collect()
    }

    /// Waits for what is under way; a gap at the end shows here.
    pub fn drain(&mut self) -> Result<Stats, LoadError> {
        self.drain_for(DRAIN)
    }

    /// The same with another patience.
    pub fn drain_for(&mut self, patience: Duration) -> Result<Stats, LoadError> {
        let deadline = Instant::now() + patience;
        self.each(|driver| driver.drain(deadline))
    }
}
