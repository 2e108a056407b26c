//! A conversation as the driver knows it: what was sent and who has it.

use std::collections::VecDeque;
use std::time::Instant;

use crate::json;
use crate::operations::Operations;
use crate::stats::Times;

/// Messages whose way is followed at once; older ones are given up.
const FOLLOWED: usize = 4_096;

/// A message on its way to everybody.
#[derive(Debug)]
struct Way {
    seq: u64,
    /// When it was due, and on which socket it was sent; known when it is acknowledged.
    sent: Option<(Instant, usize)>,
    /// Who had it before that.
    early: Vec<(usize, Instant)>,
    /// Subscribers that have it.
    arrived: usize,
}

/// A conversation.
#[derive(Debug)]
pub struct Talk {
    /// Its id.
    pub id: String,
    /// The first of its sockets, which stand side by side.
    pub first: usize,
    /// How many sockets listen.
    pub listeners: usize,
    /// The highest number that was acknowledged.
    pub acknowledged: u64,
    /// A send's frame from behind its id to the client id.
    pub send: Vec<u8>,
    ways: VecDeque<Way>,
}

impl Talk {
    /// A conversation that listeners from socket `first` on listen to.
    pub fn new(id: String, first: usize, listeners: usize, operations: &Operations) -> Self {
        let mut send = br#"","type":"subscribe","payload":{"query":"#.to_vec();
        send.extend(operations.send.bytes());
        send.extend(br#","variables":{"conversationId":"#);
        json::write_string(&mut send, &id);
        send.extend(br#","clientId":""#);
        Self { id, first, listeners, acknowledged: 0, send, ways: VecDeque::new() }
    }

    /// A message was acknowledged that was due at `due` and sent on socket `link`.
    pub fn acknowledged(&mut self, seq: u64, due: Instant, link: usize, times: &mut Times) {
        self.acknowledged = self.acknowledged.max(seq);
        let Some(place) = self.place(seq) else { return };
        let way = &mut self.ways[place];
        if way.sent.is_some() {
            return;
        }
        way.sent = Some((due, link));
        for (listener, at) in std::mem::take(&mut way.early) {
            if listener != link {
                times.record(at.saturating_duration_since(due));
            }
        }
        self.tidy(place);
    }

    /// Listener `link` has a message.
    pub fn arrived(&mut self, seq: u64, link: usize, now: Instant, times: &mut Times) {
        let Some(place) = self.place(seq) else { return };
        let way = &mut self.ways[place];
        way.arrived += 1;
        match way.sent {
            Some((due, sender)) if sender != link => {
                times.record(now.saturating_duration_since(due));
            }
            Some(_) => {}
            None => way.early.push((link, now)),
        }
        self.tidy(place);
    }

    /// Where a message's way is kept, which may begin with this; `None` if it was given up.
    fn place(&mut self, seq: u64) -> Option<usize> {
        // Nearly always one of the newest.
        let place = self.ways.iter().rposition(|way| way.seq <= seq);
        match place {
            Some(place) if self.ways[place].seq == seq => return Some(place),
            None if self.ways.len() == FOLLOWED => return None,
            _ => {}
        }
        let mut place = place.map_or(0, |place| place + 1);
        self.ways.insert(place, Way { seq, sent: None, early: Vec::new(), arrived: 0 });
        if self.ways.len() > FOLLOWED {
            self.ways.pop_front();
            place -= 1;
        }
        Some(place)
    }

    fn tidy(&mut self, place: usize) {
        let way = &self.ways[place];
        if way.sent.is_some() && way.arrived >= self.listeners {
            self.ways.remove(place);
        }
    }
}
