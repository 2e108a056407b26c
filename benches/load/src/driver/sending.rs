//! What is said to the server, and when.

use std::time::Instant;

use super::Driver;
use crate::connection::Connection;
use crate::error::LoadError;
use crate::json;
use crate::link::{Flight, State};
use crate::texts;

impl Driver {
    /// The upgrade is through: who we are.
    pub(super) fn opened(&mut self, link: usize, connection: &mut Connection) {
        let frame = &mut self.frame;
        frame.clear();
        frame.extend(br#"{"type":"connection_init","payload":{"authorization":"Bearer "#);
        frame.extend(self.links[link].token.bytes());
        frame.extend(b"\"}}");
        // An error shows when the socket is read next.
        let _ = connection.send(frame);
    }

    /// Subscribes, from where the subscriber stands.
    pub(super) fn subscribe(&mut self, link: usize, connection: &mut Connection) {
        let talk = &self.talks[self.links[link].talk];
        let frame = &mut self.frame;
        frame.clear();
        frame.extend(br#"{"id":"e","type":"subscribe","payload":{"query":"#);
        frame.extend(self.market.operations.events.bytes());
        frame.extend(br#","variables":{"conversationId":"#);
        json::write_string(frame, &talk.id);
        frame.extend(br#","after":"#);
        json::write_number(frame, self.links[link].sequence.last());
        frame.extend(b"}}}");
        let _ = connection.send(frame);
    }

    /// Begins every sender's closed loop.
    pub(super) fn start_loops(&mut self) -> Result<(), LoadError> {
        let now = Instant::now();
        for link in 0..self.links.len() {
            self.fill_loop(link, now)?;
        }
        Ok(())
    }

    /// Sends on a socket that is not being read, until its closed loop is full.
    pub(super) fn fill_loop(&mut self, link: usize, now: Instant) -> Result<(), LoadError> {
        if !self.links[link].sends || self.links[link].state != State::Live {
            return Ok(());
        }
        let Some(mut connection) = self.links[link].connection.take() else { return Ok(()) };
        while self.links[link].flights.len() < self.manners.in_flight {
            self.send_new(link, &mut connection, now);
        }
        self.links[link].connection = Some(connection);
        Ok(())
    }

    /// A message is due: whose turn is it? Conversations in turn, and their senders in turn.
    pub(super) fn due(&mut self, due: Instant) -> Result<(), LoadError> {
        let talks = self.talks.len();
        let turn = self.turn;
        self.turn = turn.wrapping_add(1);
        let talk = &self.talks[turn % talks];
        let senders = self.manners.senders.clamp(1, talk.listeners);
        let link = talk.first + turn / talks % senders;
        let number = self.links[link].next_number;
        self.links[link].next_number += 1;
        self.links[link].waiting.push_back((number, due));
        self.send_waiting(link)
    }

    /// Sends what waits on a socket that is not being read.
    pub(super) fn send_waiting(&mut self, link: usize) -> Result<(), LoadError> {
        let Some(mut connection) = self.links[link].connection.take() else { return Ok(()) };
        self.send_waiting_on(link, &mut connection);
        self.links[link].connection = Some(connection);
        Ok(())
    }

    /// Sends what waits, as far as there may be more under way.
    pub(super) fn send_waiting_on(&mut self, link: usize, connection: &mut Connection) {
        let most = self.manners.most_in_flight;
        while self.links[link].state == State::Live
            && self.links[link].flights.len() < most
            && let Some((number, due)) = self.links[link].waiting.pop_front()
        {
            self.send_message(link, connection, number, due);
        }
    }

    /// Sends a closed loop's next message.
    pub(super) fn send_new(&mut self, link: usize, connection: &mut Connection, now: Instant) {
        let number = self.links[link].next_number;
        self.links[link].next_number += 1;
        self.send_message(link, connection, number, now);
    }

    /// Sends message `number`, which was due at `due`.
    pub(super) fn send_message(
        &mut self,
        link: usize,
        connection: &mut Connection,
        number: u64,
        due: Instant,
    ) {
        let who = self.base + link;
        let it = &mut self.links[link];
        let id = it.next_id;
        it.next_id += 1;
        let frame = &mut self.frame;
        frame.clear();
        frame.extend(br#"{"id":""#);
        json::write_number(frame, id);
        frame.extend(&self.talks[it.talk].send);
        client_id(frame, who, number);
        frame.extend(br#"","body":"#);
        self.manners.texts.write(frame, who, number);
        frame.extend(b"}}}");
        let sent = Instant::now();
        let _ = connection.send(frame);
        it.flights.push_back(Flight { id, number, due, sent });
        self.stats.sent += 1;
    }
}

/// Appends what a client calls its message.
pub fn client_id(out: &mut Vec<u8>, who: usize, number: u64) {
    json::write_number(out, who as u64);
    out.push(b'-');
    texts::tag(out, number);
}
