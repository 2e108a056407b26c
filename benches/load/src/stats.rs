//! What a thread counts and times.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::error::LoadError;

/// Longest time that is told apart, microseconds.
const LONGEST: u64 = 600_000_000;
/// Breaches that are kept word for word; all are counted.
const TOLD: usize = 20;

/// Times of many messages, microseconds.
#[derive(Debug, Clone)]
pub struct Times(Histogram<u64>);

impl Times {
    /// None yet.
    pub fn new() -> Result<Self, LoadError> {
        let histogram = Histogram::new_with_bounds(1, LONGEST, 3);
        histogram.map(Self).map_err(|error| LoadError::Setup(format!("no histogram: {error}")))
    }

    /// One more.
    pub fn record(&mut self, time: Duration) {
        self.0.saturating_record(u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(1));
    }

    /// How many.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// Milliseconds that this share of all took at most; `None` if there are none.
    pub fn millis(&self, share: f64) -> Option<f64> {
        let micros = self.0.value_at_quantile(share);
        #[expect(clippy::cast_precision_loss, reason = "at most ten minutes")]
        (!self.0.is_empty()).then_some(micros as f64 / 1e3)
    }

    fn add(&mut self, other: &Self) {
        // Both have the same bounds, the only thing that can go wrong.
        let _ = self.0.add(&other.0);
    }
}

/// How many ended as what.
#[derive(Debug, Clone, Default)]
pub struct Outcomes(Vec<(String, u64)>);

impl Outcomes {
    /// One more that ended so.
    pub fn count(&mut self, what: &[u8]) {
        match self.0.iter_mut().find(|(known, _)| known.as_bytes() == what) {
            Some((_, count)) => *count += 1,
            None => self.0.push((String::from_utf8_lossy(what).into_owned(), 1)),
        }
    }

    /// All of them, by name.
    pub fn sorted(&self) -> Vec<(String, u64)> {
        let mut all = self.0.clone();
        all.sort();
        all
    }

    fn add(&mut self, other: &Self) {
        for (what, count) in &other.0 {
            match self.0.iter_mut().find(|(known, _)| known == what) {
                Some((_, sum)) => *sum += count,
                None => self.0.push((what.clone(), *count)),
            }
        }
    }
}

/// Everything a thread found out in a phase.
#[derive(Debug, Clone)]
pub struct Stats {
    /// From when a message was due to its acknowledgement.
    pub to_ack: Times,
    /// From when it was due to another participant's subscription.
    pub to_receive: Times,
    /// From when it was handed to the kernel to its acknowledgement: without the wait in the driver.
    pub service: Times,
    /// Messages that were acknowledged.
    pub acknowledged: u64,
    /// Messages that were refused, such as with BUSY.
    pub refused: u64,
    /// Messages handed to the kernel.
    pub sent: u64,
    /// Events that came to subscribers.
    pub received: u64,
    /// From when all clients were dropped until one was live again.
    pub back: Times,
    /// How messages and operations ended.
    pub outcomes: Outcomes,
    /// Sockets that were lost and became live again.
    pub reconnects: u64,
    /// Messages sent again because their answer was lost.
    pub resent: u64,
    /// How the server broke its promises, the first few word for word.
    pub breaches: Vec<String>,
    /// How often it did.
    pub breach_count: u64,
    /// CPU time of the driver's threads.
    pub driver_cpu: Duration,
    /// Share of its core the busiest of the driver's threads took, 0 to 1.
    pub driver_busy: f64,
}

impl Stats {
    /// Nothing yet.
    pub fn new() -> Result<Self, LoadError> {
        Ok(Self {
            to_ack: Times::new()?,
            to_receive: Times::new()?,
            service: Times::new()?,
            acknowledged: 0,
            refused: 0,
            sent: 0,
            received: 0,
            back: Times::new()?,
            outcomes: Outcomes::default(),
            reconnects: 0,
            resent: 0,
            breaches: Vec::new(),
            breach_count: 0,
            driver_cpu: Duration::ZERO,
            driver_busy: 0.0,
        })
    }

    /// Notes a broken promise.
    pub fn breach(&mut self, words: String) {
        self.breach_count += 1;
        if self.breaches.len() < TOLD {
            self.breaches.push(words);
        }
    }

    /// Takes another thread's in.
    pub fn add(&mut self, other: &Self) {
        self.to_ack.add(&other.to_ack);
        self.to_receive.add(&other.to_receive);
        self.service.add(&other.service);
        self.back.add(&other.back);
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.sent += other.sent;
        self.received += other.received;
        self.outcomes.add(&other.outcomes);
        self.reconnects += other.reconnects;
        self.resent += other.resent;
        self.breach_count += other.breach_count;
        let room = TOLD.saturating_sub(self.breaches.len());
        self.breaches.extend(other.breaches.iter().take(room).cloned());
        self.driver_cpu += other.driver_cpu;
        self.driver_busy = self.driver_busy.max(other.driver_busy);
    }

    /// Fails if a promise was broken.
    pub fn check(&self) -> Result<(), LoadError> {
        if self.breach_count == 0 {
            return Ok(());
        }
        let words = format!("{} breaches\n  {}", self.breach_count, self.breaches.join("\n  "));
        Err(LoadError::Broken(words))
    }
}
