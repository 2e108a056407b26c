//! The event loop of one thread: many sockets, one poll, a timer.

mod answers;
mod pace;
mod sending;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token};
use rustix::time::{ClockId, clock_gettime};

use crate::connection::{Connection, Incoming};
use crate::error::LoadError;
use crate::link::{Link, State};
use crate::market::{Market, Place};
use crate::stats::Stats;
use crate::talk::Talk;
use crate::texts::Texts;
use crate::timer::Timer;

pub use pace::Pace;
use pace::Schedule;

/// Bytes read in one go.
const SCRATCH: usize = 64 * 1024;
/// Sockets that connect at once: less than a usual listen backlog.
const COMING: usize = 200;
/// How long a socket waits before it connects again.
const AGAIN: Duration = Duration::from_millis(20);
/// How often things are looked after that nothing announces.
const TICK: Duration = Duration::from_millis(5);
/// Sockets that share a source address, if there are more than this.
const PER_ADDRESS: usize = 20_000;

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
    /// What is said.
    pub texts: Arc<Texts>,
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
            turn: 0,
            base,
            stats: Stats::new()?,
        })
    }

    /// Sockets there are to be.
    pub fn links(&self) -> usize {
        self.links.len()
    }

    /// Connects and subscribes everybody; each subscription is live when this returns.
    pub fn open(&mut self, deadline: Instant) -> Result<(), LoadError> {
        let now = Instant::now();
        self.to_open.extend((0..self.links.len()).map(|link| (link, now)));
        self.run_until(deadline, None, |driver| driver.live == driver.links.len())?;
        let (live, all) = (self.live, self.links.len());
        if live < all {
            let why = self.stats.breaches.first().map_or("no answer", String::as_str);
            let words = format!("only {live} of {all} subscriptions became live: {why}");
            return Err(LoadError::Setup(words));
        }
        Ok(())
    }

    /// Sends at this pace until `end`.
    pub fn run(&mut self, pace: Pace, end: Instant) -> Result<(), LoadError> {
        let (from, cpu) = (Instant::now(), thread_cpu());
        let mut schedule = match pace {
            Pace::Rate(rate) => Some(Schedule::new(from, rate)),
            Pace::Closed | Pace::Silent => None,
        };
        self.looping = matches!(pace, Pace::Closed);
        if self.looping {
            self.start_loops()?;
        }
        self.run_until(end, schedule.as_mut(), |_| false)?;
        self.looping = false;
        let used = thread_cpu().saturating_sub(cpu);
        self.stats.driver_cpu += used;
        let share = used.as_secs_f64() / from.elapsed().as_secs_f64().max(1e-9);
        self.stats.driver_busy = self.stats.driver_busy.max(share);
        Ok(())
    }

    /// Waits for answers that are still to come, and until every subscriber has everything that was acknowledged.
    pub fn drain(&mut self, deadline: Instant) -> Result<(), LoadError> {
        for link in &mut self.links {
            link.waiting.clear();
        }
        self.run_until(deadline, None, Self::settled)?;
        for (n, link) in self.links.iter().enumerate() {
            let (has, want) = (link.sequence.last(), self.talks[link.talk].acknowledged);
            if has < want {
                let words = format!("{}: ends at {has}, but {want} was acknowledged", self.tell(n));
                self.stats.breach(words);
            }
            if !link.flights.is_empty() {
                let words = format!(
                    "{}: {} messages were never answered",
                    self.tell(n),
                    link.flights.len()
                );
                self.stats.breach(words);
            }
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
            if now >= end || done(self) {
                return Ok(());
            }
            let mut wake = end;
            if let Some(schedule) = schedule.as_deref_mut() {
                while let Some(due) = schedule.take(now) {
                    self.due(due)?;
                }
                wake = wake.min(schedule.next());
            }
            if now >= tick {
                self.look_after(now)?;
                tick = now + TICK;
            }
            if !self.to_open.is_empty() || self.manners.resumes || self.looping {
                wake = wake.min(tick);
            }
            self.wait(&mut events, wake)?;
            for event in &events {
                let Token(link) = event.token();
                if link < self.links.len() {
                    self.ready(link, event.is_writable(), event.is_readable())?;
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
        while self.coming < COMING && self.to_open.front().is_some_and(|(_, at)| *at <= now) {
            let Some((link, _)) = self.to_open.pop_front() else { break };
            self.connect(link)?;
        }
        if self.looping {
            for link in 0..self.links.len() {
                if self.links[link].paused_until.is_some_and(|until| until <= now) {
                    self.links[link].paused_until = None;
                    self.fill_loop(link, now)?;
                }
            }
        }
        Ok(())
    }

    fn connect(&mut self, link: usize) -> Result<(), LoadError> {
        let source =
            (self.links.len() > PER_ADDRESS && self.server.ip().is_loopback()).then(|| {
                let n = u8::try_from(link / PER_ADDRESS % 200).unwrap_or_default();
                SocketAddr::from(([127, 0, 1, n + 1], 0))
            });
        let path = &self.market.operations.path;
        let begun = Connection::begin(self.server, source, path, self.poll.registry(), Token(link));
        match begun {
            Ok(connection) => {
                self.coming += 1;
                self.links[link].connection = Some(connection);
                self.links[link].state = State::Coming;
                Ok(())
            }
            Err(error) if self.manners.resumes && refused(&error) => {
                self.to_open.push_back((link, Instant::now() + AGAIN));
                Ok(())
            }
            Err(source) => Err(LoadError::Socket { what: "connecting to the server", source }),
        }
    }

    fn ready(&mut self, link: usize, writable: bool, readable: bool) -> Result<(), LoadError> {
        let Some(mut connection) = self.links[link].connection.take() else { return Ok(()) };
        let mut end = None;
        if writable && let Err(error) = connection.flush() {
            end = Some(error.to_string());
        }
        if readable && end.is_none() {
            let mut scratch = std::mem::take(&mut self.scratch);
            let now = Instant::now();
            let mut goodbye = None;
            let result = connection.read(&mut scratch, |connection, incoming| match incoming {
                Incoming::Open => self.opened(link, connection),
                Incoming::Text(text) => self.text(link, connection, text, now),
                Incoming::Goodbye(code, reason) => goodbye = Some(format!("{code} {reason}")),
            });
            self.scratch = scratch;
            end = match (goodbye, result) {
                (Some(words), _) => Some(format!("closed by the server: {words}")),
                (None, Ok(false)) => None,
                (None, Ok(true)) => Some("the server hung up".to_owned()),
                (None, Err(error)) => Some(error.to_string()),
            };
        }
        match end {
            None => self.links[link].connection = Some(connection),
            Some(why) => self.lost(link, connection, &why),
        }
        Ok(())
    }

    /// A socket is gone.
    fn lost(&mut self, link: usize, mut connection: Connection, why: &str) {
        connection.forget(self.poll.registry());
        drop(connection);
        match self.links[link].state {
            State::Live => self.live -= 1,
            State::Coming | State::Subscribed => self.coming -= 1,
            State::Away => {}
        }
        self.links[link].state = State::Away;
        if self.manners.resumes {
            self.to_open.push_back((link, Instant::now() + AGAIN));
        } else {
            let words = format!("{}: {why}", self.tell(link));
            self.stats.breach(words);
        }
    }
}

fn refused(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionRefused, ConnectionReset, TimedOut};
    matches!(error.kind(), ConnectionRefused | ConnectionReset | TimedOut)
}

/// CPU time of this thread.
fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}
