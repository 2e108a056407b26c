//! The event loop of one thread: many sockets, one poll, a timer.

mod answers;
mod pace;
mod sending;
mod sockets;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token};
use rustix::time::{ClockId, clock_gettime};

use crate::error::LoadError;
use crate::link::{Link, State};
use crate::market::{Market, Place};
use crate::stats::Stats;
use crate::talk::Talk;
use crate::texts::Texts;
use crate::timer::Timer;

pub use pace::{Pace, Schedule, Supply};

/// Bytes read in one go.
const SCRATCH: usize = 64 * 1024;
/// Sockets that connect at once if nothing else is asked for: less than a usual listen backlog.
const AT_ONCE: usize = 200;
/// Messages under way on one socket at most, at an offered rate: servers have a limit, and this is below Rialto's.
const MOST_IN_FLIGHT: usize = 100;
/// Length of a slice.
pub const SLICE: Duration = Duration::from_secs(1);
/// How often things are looked after that nothing announces.
const TICK: Duration = Duration::from_millis(5);

/// How a driver behaves.
#[derive(Debug, Clone)]
pub struct Manners {
    /// Messages under way in a sender's closed loop.
    pub in_flight: usize,
    /// Messages under way on one socket at most; more wait, and their wait counts.
    pub most_in_flight: usize,
    /// Senders per conversation.
    pub senders: usize,
    /// Connect again and resume, instead of calling a lost socket a breach.
    pub resumes: bool,
    /// Sockets that connect at once.
    pub at_once: usize,
    /// Keep where every acknowledged message stands, to be compared with what the server has in the end.
    pub keeps_ledger: bool,
    /// Messages come from here, and end.
    pub supply: Option<Arc<Supply>>,
    /// What is said.
    pub texts: Arc<Texts>,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            in_flight: 1,
            most_in_flight: MOST_IN_FLIGHT,
            senders: 2,
            resumes: false,
            at_once: AT_ONCE,
            keeps_ledger: false,
            supply: None,
            texts: Arc::default(),
        }
    }
}

/// A sender's acknowledged messages.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// The conversation's id.
    pub conversation: String,
    /// The sender's token.
    pub token: String,
    /// Whose texts they are.
    pub who: usize,
    /// The message's number, and where it stands.
    pub entries: Vec<(u64, u64)>,
}

/// One thread's sockets and what it knows of them.
#[derive(Debug)]
pub struct Driver {
    poll: Poll,
    timer: Timer,
    server: SocketAddr,
    market: Arc<Market>,
    manners: Manners,
    links: Vec<Link>,
    talks: Vec<Talk>,
    /// Sockets that are to connect, and not before when.
    to_open: VecDeque<(usize, Instant)>,
    coming: usize,
    live: usize,
    scratch: Vec<u8>,
    frame: Vec<u8>,
    /// Whether an answer is followed by the next message.
    looping: bool,
    /// When all clients were dropped.
    away_since: Option<Instant>,
    /// When the figures of a second are put aside, if they are.
    cut: Option<Instant>,
    slices: Vec<Stats>,
    /// Whose turn it is at an offered rate.
    turn: usize,
    /// Numbers of this driver's links begin here, so that texts and client ids differ between threads.
    base: usize,
    /// What was found out since it was last taken.
    pub stats: Stats,
}

impl Driver {
    /// For these conversations; nothing is connected yet.
    pub fn new(
        market: Arc<Market>,
        places: Vec<Place>,
        manners: Manners,
        base: usize,
    ) -> Result<Self, LoadError> {
        let failed = LoadError::socket("making a poll");
        let poll = Poll::new().map_err(&failed)?;
        let timer = Timer::new(poll.registry(), Token(usize::MAX - 1)).map_err(&failed)?;
        let (mut links, mut talks) = (Vec::new(), Vec::new());
        for place in places {
            let (first, talk) = (links.len(), talks.len());
            for (n, token) in place.tokens.iter().enumerate() {
                links.push(Link::new(talk, token.clone(), n < manners.senders));
            }
            talks.push(Talk::new(place.id, first, place.tokens.len(), &market.operations));
        }
        Ok(Self {
            poll,
            timer,
            server: market.server,
            market,
            manners,
            links,
            talks,
            to_open: VecDeque::new(),
            coming: 0,
            live: 0,
            scratch: vec![0; SCRATCH],
            frame: Vec::new(),
            looping: false,
            away_since: None,
            cut: None,
            slices: Vec::new(),
            turn: 0,
            base,
            stats: Stats::new()?,
        })
    }

    /// Sockets there are to be.
    pub fn links(&self) -> usize {
        self.links.len()
    }

    /// Connects and subscribes everybody; each subscription is live when this returns, and has everything of its
    /// conversation up to what is known to be acknowledged.
    pub fn open(&mut self, deadline: Instant) -> Result<(), LoadError> {
        let now = Instant::now();
        self.to_open.extend((0..self.links.len()).map(|link| (link, now)));
        self.run_until(deadline, None, |driver| {
            driver.live == driver.links.len() && driver.settled()
        })?;
        let (live, all) = (self.live, self.links.len());
        if live < all {
            let lost = self.links.iter().find_map(|link| link.last_loss.as_ref());
            let why = self.stats.breaches.first().or(lost).map_or("no answer", String::as_str);
            let words = format!("only {live} of {all} subscriptions became live: {why}");
            return Err(LoadError::Setup(words));
        }
        Ok(())
    }

    /// Coming back is timed from here.
    pub fn restart_clock(&mut self, start: Instant) {
        self.away_since = Some(start);
    }

    /// Drops every socket at once, without a goodbye.
    pub fn drop_all(&mut self) {
        for link in &mut self.links {
            if let Some(mut connection) = link.connection.take() {
                connection.forget(self.poll.registry());
            }
            link.state = State::Away;
        }
        self.to_open.clear();
        (self.live, self.coming) = (0, 0);
    }

    /// Somebody else sent a message that is acknowledged.
    pub fn expect(&mut self, conversation: &str, seq: u64) {
        if let Some(talk) = self.talks.iter_mut().find(|talk| talk.id == conversation) {
            talk.acknowledged = talk.acknowledged.max(seq);
        }
    }

    /// Sends at this pace until `end`, until told to stop, or until there is nothing more to send.
    pub fn run(&mut self, pace: Pace, end: Instant, stop: &AtomicBool) -> Result<(), LoadError> {
        let (from, cpu) = (Instant::now(), thread_cpu());
        let mut schedule = match pace {
            Pace::Rate(rate) => Some(Schedule::new(from, rate)),
            Pace::Closed | Pace::Silent => None,
        };
        self.looping = matches!(pace, Pace::Closed);
        self.start_loops();
        self.run_until(end, schedule.as_mut(), |driver| {
            stop.load(Ordering::Acquire) || driver.exhausted()
        })?;
        self.looping = false;
        let used = thread_cpu().saturating_sub(cpu);
        self.stats.driver_cpu += used;
        let share = used.as_secs_f64() / from.elapsed().as_secs_f64().max(1e-9);
        self.stats.driver_busy = self.stats.driver_busy.max(share);
        Ok(())
    }

    /// From here on the figures of every `SLICE` are kept apart, until they are taken.
    pub fn begin_slices(&mut self, now: Instant) {
        self.cut = Some(now + SLICE);
    }

    /// The figures of every whole `SLICE`.
    pub fn take_slices(&mut self) -> Vec<Stats> {
        self.cut = None;
        std::mem::take(&mut self.slices)
    }

    /// Gives up what is due and was not sent: how much that was.
    pub fn give_up_waiting(&mut self) -> usize {
        self.links.iter_mut().map(|link| std::mem::take(&mut link.waiting).len()).sum()
    }

    /// Where every acknowledged message stands, sender by sender.
    pub fn ledgers(&self) -> Vec<Ledger> {
        let ledger = |(n, link): (usize, &Link)| Ledger {
            conversation: self.talks[link.talk].id.clone(),
            token: link.token.clone(),
            who: self.base + n,
            entries: link.ledger.clone(),
        };
        let senders = self.links.iter().enumerate().filter(|(_, link)| !link.ledger.is_empty());
        senders.map(ledger).collect()
    }

    /// Whether everything there was to send is sent and answered.
    fn exhausted(&self) -> bool {
        let supply = self.manners.supply.as_ref();
        supply.is_some_and(|supply| supply.is_empty())
            && self.links.iter().all(|link| link.flights.is_empty())
    }

    /// Waits for answers that are still to come, and until every subscriber has everything that was acknowledged.
    pub fn drain(&mut self, deadline: Instant) -> Result<(), LoadError> {
        self.give_up_waiting();
        self.run_until(deadline, None, Self::settled)?;
        for (n, link) in self.links.iter().enumerate() {
            let (has, want) = (link.sequence.last(), self.talks[link.talk].acknowledged);
            if has >= want && link.flights.is_empty() {
                continue;
            }
            let words = format!(
                "{}: ends at {has}, but {want} was acknowledged; {} messages were never answered; it is {:?}, \
                 last lost by: {}",
                self.tell(n),
                link.flights.len(),
                link.state,
                link.last_loss.as_deref().unwrap_or("never"),
            );
            self.stats.breach(words);
        }
        Ok(())
    }

    fn settled(&self) -> bool {
        self.links.iter().all(|link| {
            link.flights.is_empty() && link.sequence.last() >= self.talks[link.talk].acknowledged
        })
    }

    /// Who a socket is, for people.
    fn tell(&self, link: usize) -> String {
        let talk = &self.talks[self.links[link].talk];
        format!("conversation {}, socket {}", talk.id, link - talk.first)
    }

    /// Goes round until `end`, or until `done`.
    fn run_until(
        &mut self,
        end: Instant,
        mut schedule: Option<&mut Schedule>,
        done: impl Fn(&Self) -> bool,
    ) -> Result<(), LoadError> {
        let mut events = Events::with_capacity(1_024);
        let mut tick = Instant::now();
        loop {
            let now = Instant::now();
            if let Some(cut) = self.cut.filter(|cut| now >= *cut) {
                self.slices.push(std::mem::replace(&mut self.stats, Stats::new()?));
                self.cut = Some(cut + SLICE);
            }
            if now >= end || done(self) {
                return Ok(());
            }
            let mut wake = self.cut.map_or(end, |cut| cut.min(end));
            if let Some(schedule) = schedule.as_deref_mut() {
                while let Some(due) = schedule.take(now) {
                    self.due(due);
                }
                wake = wake.min(schedule.next());
            }
            if now >= tick {
                self.look_after(now)?;
                tick = now + TICK;
            }
            if !self.to_open.is_empty()
                || self.manners.resumes
                || self.looping
                || self.away_since.is_some()
            {
                wake = wake.min(tick);
            }
            self.wait(&mut events, wake)?;
            for event in &events {
                let Token(link) = event.token();
                if link < self.links.len() {
                    self.ready(link, event);
                }
            }
        }
    }

    fn wait(&mut self, events: &mut Events, wake: Instant) -> Result<(), LoadError> {
        let failed = LoadError::socket("waiting for sockets");
        let longest = self.timer.wake_at(Instant::now(), wake).map_err(&failed)?;
        match self.poll.poll(events, longest) {
            Err(error) if error.kind() != std::io::ErrorKind::Interrupted => Err(failed(error)),
            _ => Ok(()),
        }
    }

    /// Opens what is to be opened and ends pauses.
    fn look_after(&mut self, now: Instant) -> Result<(), LoadError> {
        while self.coming < self.manners.at_once
            && self.to_open.front().is_some_and(|(_, at)| *at <= now)
        {
            let Some((link, _)) = self.to_open.pop_front() else { break };
            self.connect(link)?;
        }
        if self.looping {
            for link in 0..self.links.len() {
                if self.links[link].paused_until.is_some_and(|until| until <= now) {
                    self.links[link].paused_until = None;
                    self.fill_loop(link, now);
                }
            }
        }
        Ok(())
    }
}

/// CPU time of this thread.
fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}
