//! What the server says.

use std::time::{Duration, Instant};

use super::Driver;
use super::sending::client_id;
use crate::connection::Connection;
use crate::json;
use crate::link::State;

/// The id of a socket's subscription.
const EVENTS: &[u8] = b"e";
/// How long a refused sender waits if it is not told.
const PAUSE: Duration = Duration::from_millis(100);

/// A message of the protocol, as far as we look into it.
#[derive(Debug, Default)]
struct Envelope<'a> {
    kind: &'a [u8],
    id: &'a [u8],
    data: Option<&'a [u8]>,
    errors: Option<&'a [u8]>,
    payload: &'a [u8],
}

fn envelope(text: &[u8]) -> Option<Envelope<'_>> {
    let mut found = Envelope::default();
    json::members(text, |key, value| {
        match key {
            b"type" => found.kind = json::string(value).unwrap_or_default(),
            b"id" => found.id = json::string(value).unwrap_or_default(),
            b"payload" => found.payload = value,
            _ => {}
        }
        true
    })?;
    // An `error` has a list as its payload, which has no members.
    let _ = json::members(found.payload, |key, value| {
        match key {
            b"data" => found.data = Some(value),
            b"errors" => found.errors = Some(value),
            _ => {}
        }
        true
    });
    Some(found)
}

impl Driver {
    /// A whole text came on a socket.
    pub(super) fn text(
        &mut self,
        link: usize,
        connection: &mut Connection,
        text: &[u8],
        now: Instant,
    ) {
        let Some(envelope) = envelope(text) else {
            let words = format!("{}: a message that is no JSON object", self.tell(link));
            return self.stats.breach(words);
        };
        match envelope.kind {
            b"connection_ack" => {
                self.links[link].state = State::Subscribed;
                self.subscribe(link, connection);
            }
            b"ping" => {
                let _ = connection.send(br#"{"type":"pong"}"#);
            }
            b"next" if envelope.id == EVENTS => self.event(link, connection, &envelope, now),
            b"error" | b"complete" if envelope.id == EVENTS => {
                let why = String::from_utf8_lossy(envelope.payload).into_owned();
                let words =
                    format!("{}: the server ended the subscription: {why}", self.tell(link));
                self.stats.breach(words);
            }
            b"next" | b"error" => self.answer(link, connection, &envelope, now),
            _ => {}
        }
    }

    fn event(
        &mut self,
        link: usize,
        connection: &mut Connection,
        envelope: &Envelope<'_>,
        now: Instant,
    ) {
        if self.links[link].state == State::Subscribed {
            self.links[link].state = State::Live;
            self.coming -= 1;
            self.live += 1;
            self.stats.reconnects += u64::from(std::mem::take(&mut self.links[link].resuming));
            if let Some(since) = self.away_since {
                self.stats.back.record(now.saturating_duration_since(since));
            }
            self.resume(link, connection, now);
        }
        let data = envelope.data.unwrap_or_default();
        if envelope.errors.is_some_and(|errors| errors != b"[]" && errors != b"null") {
            let why = String::from_utf8_lossy(envelope.payload).into_owned();
            let words = format!("{}: an event with errors: {why}", self.tell(link));
            return self.stats.breach(words);
        }
        let operations = &self.market.operations;
        let kind = operations.event_kind.string(data).unwrap_or_default();
        if operations.resync.as_ref().is_some_and(|resync| resync.as_bytes() == kind) {
            let words = format!("{}: told to resync", self.tell(link));
            return self.stats.breach(words);
        }
        let Some(seq) = operations.event_seq.number(data) else { return };
        let posted = kind == operations.posted.as_bytes();
        self.stats.received += 1;
        if let Err(breach) = self.links[link].sequence.take(seq) {
            let words = format!("{}: {breach}", self.tell(link));
            self.stats.breach(words);
        }
        if posted {
            let talk = &mut self.talks[self.links[link].talk];
            talk.arrived(seq, link, now, &mut self.stats.to_receive);
        }
    }

    /// A socket is live again: what was unanswered is sent again, with the same client ids.
    fn resume(&mut self, link: usize, connection: &mut Connection, now: Instant) {
        let unanswered = std::mem::take(&mut self.links[link].flights);
        self.stats.resent += unanswered.len() as u64;
        for flight in unanswered {
            self.hand_over(link, connection, flight);
        }
        self.send_waiting(link, connection);
        self.go_on(link, connection, now);
    }

    fn answer(
        &mut self,
        link: usize,
        connection: &mut Connection,
        envelope: &Envelope<'_>,
        now: Instant,
    ) {
        let flights = &mut self.links[link].flights;
        let id = json::number(envelope.id);
        // Answers nearly always come in order.
        let Some(place) = flights.iter().position(|flight| Some(flight.id) == id) else { return };
        let Some(flight) = flights.remove(place) else { return };
        let operations = &self.market.operations;
        let data = envelope.data.unwrap_or_default();
        if let Some(seq) = operations.seq.number(data) {
            let echo = operations.client_id.as_ref().and_then(|path| path.string(data));
            self.frame.clear();
            client_id(&mut self.frame, self.base + link, flight.number);
            if echo.is_some_and(|echo| echo != self.frame) || seq <= flight.behind {
                let words = format!("{}: the answer ({seq}) is another message's", self.tell(link));
                self.stats.breach(words);
            }
            let status = self.market.operations.status.as_ref().and_then(|path| path.string(data));
            self.stats.outcomes.count(status.unwrap_or(b"SENT"));
            self.stats.acknowledged += 1;
            if self.manners.keeps_ledger {
                self.links[link].ledger.push((flight.number, seq));
            }
            self.stats.to_ack.record(now.saturating_duration_since(flight.due));
            self.stats.service.record(now.saturating_duration_since(flight.sent));
            let talk = &mut self.talks[self.links[link].talk];
            talk.acknowledged(seq, flight.due, link, &mut self.stats.to_receive);
        } else {
            let code = operations.error.as_ref().and_then(|path| path.string(data));
            let code = code.or_else(|| fault(envelope)).unwrap_or(b"ERROR");
            self.stats.outcomes.count(code);
            self.stats.refused += 1;
            let wait = operations.retry_after.as_ref().and_then(|path| path.number(data));
            let wait = wait.map_or(PAUSE, Duration::from_secs);
            if self.looping {
                self.links[link].paused_until = Some(now + wait);
            }
        }
        self.send_waiting(link, connection);
        self.go_on(link, connection, now);
    }
}

/// The code of the first GraphQL error.
fn fault<'a>(envelope: &Envelope<'a>) -> Option<&'a [u8]> {
    let errors = envelope.errors.unwrap_or(envelope.payload);
    let extensions = json::child(json::child(errors, "0")?, "extensions")?;
    json::string(json::child(extensions, "code")?)
}
