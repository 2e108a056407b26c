//! What is said to the server, and when.

use std::time::Instant;

use super::Driver;
use crate::connection::Connection;
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
    pub(super) fn start_loops(&mut self) {
        let now = Instant::now();
        for link in 0..self.links.len() {
            self.fill_loop(link, now);
        }
    }

    /// Sends on a socket that is not being read, until its closed loop is full.
    pub(super) fn fill_loop(&mut self, link: usize, now: Instant) {
        let Some(mut connection) = self.links[link].connection.take() else { return };
        self.go_on(link, &mut connection, now);
        self.links[link].connection = Some(connection);
    }

    /// Sends a closed loop's next messages, if there are any to be sent.
    pub(super) fn go_on(&mut self, link: usize, connection: &mut Connection, now: Instant) {
        let it = &self.links[link];
        let sends = self.looping && it.sends && it.state == State::Live;
        if !sends || it.paused_until.is_some() {
            return;
        }
        for _ in it.flights.len()..self.manners.in_flight {
            let Some(number) = self.next_number(link) else { return };
            self.send_message(link, connection, number, now);
        }
    }

    /// The next message's number: the sender's own, or the next one of all if there is an end to them.
    fn next_number(&mut self, link: usize) -> Option<u64> {
        if let Some(supply) = &self.manners.supply {
            return supply.take();
        }
        let number = self.links[link].next_number;
        self.links[link].next_number += 1;
        Some(number)
    }

    /// A message is due: whose turn is it? Conversations in turn, and their senders in turn.
    pub(super) fn due(&mut self, due: Instant) {
        let talks = self.talks.len();
        let turn = self.turn;
        self.turn = turn.wrapping_add(1);
        let talk = &self.talks[turn % talks];
        let senders = self.manners.senders.clamp(1, talk.listeners);
        let link = talk.first + turn / talks % senders;
        let Some(number) = self.next_number(link) else { return };
        self.links[link].waiting.push_back((number, due));
        let Some(mut connection) = self.links[link].connection.take() else { return };
        self.send_waiting(link, &mut connection);
        self.links[link].connection = Some(connection);
    }

    /// Sends what waits, as far as there may be more under way.
    pub(super) fn send_waiting(&mut self, link: usize, connection: &mut Connection) {
        let most = self.manners.most_in_flight;
        while self.links[link].state == State::Live
            && self.links[link].flights.len() < most
            && let Some((number, due)) = self.links[link].waiting.pop_front()
        {
            self.send_message(link, connection, number, due);
        }
    }

    /// Sends message `number`, which was due at `due`, for the first time.
    pub(super) fn send_message(
        &mut self,
        link: usize,
        connection: &mut Connection,
        number: u64,
        due: Instant,
    ) {
        let behind = self.links[link].sequence.last();
        let now = Instant::now();
        self.hand_over(link, connection, Flight { id: 0, number, behind, due, sent: now });
    }

    /// Hands a message to the kernel, under a new id.
    pub(super) fn hand_over(&mut self, link: usize, connection: &mut Connection, flight: Flight) {
        let number = flight.number;
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
        it.flights.push_back(Flight { id, sent, ..flight });
        self.stats.sent += 1;
    }
}

/// Appends what a client calls its message.
pub fn client_id(out: &mut Vec<u8>, who: usize, number: u64) {
    json::write_number(out, who as u64);
    out.push(b'-');
    texts::tag(out, number);
}
