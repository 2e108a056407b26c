//! One participant's socket: its state, what it has and what it waits for.

use std::collections::VecDeque;
use std::time::Instant;

use crate::connection::Connection;
use crate::sequence::Sequence;

/// How far a socket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not connected.
    Away,
    /// Connecting, upgrading or signing in.
    Coming,
    /// Subscribed; nothing came yet.
    Subscribed,
    /// The subscription is live.
    Live,
}

/// A message without its answer.
#[derive(Debug, Clone, Copy)]
pub struct Flight {
    /// The operation's id on its socket.
    pub id: u64,
    /// The message's number, of which its client id is made.
    pub number: u64,
    /// What had come of the conversation when it was sent first: its own number must be a later one.
    pub behind: u64,
    /// When it was due.
    pub due: Instant,
    /// When it was handed to the kernel.
    pub sent: Instant,
}

/// One socket.
#[derive(Debug)]
pub struct Link {
    /// The socket, but while it is being read.
    pub connection: Option<Connection>,
    /// How far it is.
    pub state: State,
    /// The conversation it listens to.
    pub talk: usize,
    /// Its participant's token.
    pub token: String,
    /// What came of the conversation.
    pub sequence: Sequence,
    /// Messages without an answer, oldest first.
    pub flights: VecDeque<Flight>,
    /// Messages that are due and wait because too many are under way: their numbers and times.
    pub waiting: VecDeque<(u64, Instant)>,
    /// The next message's number.
    pub next_number: u64,
    /// The next operation's id.
    pub next_id: u64,
    /// Numbers of acknowledged messages and where they stand in the conversation, if that is kept.
    pub ledger: Vec<(u64, u64)>,
    /// It was lost and is not live again.
    pub resuming: bool,
    /// Why it was lost last.
    pub last_loss: Option<String>,
    /// Nothing is sent before.
    pub paused_until: Option<Instant>,
    /// Whether it sends in a closed loop.
    pub sends: bool,
}

impl Link {
    /// A socket to be.
    pub fn new(talk: usize, token: String, sends: bool) -> Self {
        Self {
            connection: None,
            state: State::Away,
            talk,
            token,
            sequence: Sequence::default(),
            flights: VecDeque::new(),
            waiting: VecDeque::new(),
            next_number: 0,
            next_id: 1,
            ledger: Vec::new(),
            resuming: false,
            last_loss: None,
            paused_until: None,
            sends,
        }
    }
}
