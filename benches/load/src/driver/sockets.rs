//! Sockets come, are read, and go.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::Token;
use mio::event::Event;

use super::Driver;
use crate::connection::{Connection, Incoming};
use crate::error::LoadError;
use crate::link::State;

/// How long a socket waits before it connects again.
const AGAIN: Duration = Duration::from_millis(50);
/// Sockets that share a source address, if there are more than this.
const PER_ADDRESS: usize = 10_000;

impl Driver {
    /// Begins to connect a socket.
    pub(super) fn connect(&mut self, link: usize) -> Result<(), LoadError> {
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

    /// The poll says that a socket can be read or written.
    pub(super) fn ready(&mut self, link: usize, event: &Event) {
        let Some(mut connection) = self.links[link].connection.take() else { return };
        let mut end = None;
        if event.is_writable()
            && let Err(error) = connection.flush()
        {
            end = Some(error.to_string());
        }
        if (event.is_readable() || event.is_read_closed() || event.is_error()) && end.is_none() {
            let mut scratch = std::mem::take(&mut self.scratch);
            let now = Instant::now();
            let ending = event.is_read_closed() || event.is_error();
            let mut goodbye = None;
            let result =
                connection.read(&mut scratch, ending, |connection, incoming| match incoming {
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
            self.links[link].resuming = true;
            self.links[link].last_loss = Some(why.to_owned());
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
