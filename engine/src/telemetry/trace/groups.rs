//! What spans have to do with each other where many messages become one piece of work: commit groups, and followers' batches.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::context::Context;
use super::span::{Attribute, Span, record, stretch};
use super::{TRACING, is_on};

/// Groups remembered for the followers of the log, and events for subscribers.
const REMEMBERED: usize = 256;

/// A group by its writer and number, and the spans of the commits in it.
struct Landed {
    place: (u64, u64),
    members: Vec<Context>,
}

static LANDED: Mutex<VecDeque<Landed>> = Mutex::new(VecDeque::new());

/// A piece of work for many: a trace of its own, linked with what its members are parts of.
#[derive(Debug, Default)]
pub struct Batch {
    name: &'static str,
    part: &'static str,
    began: u64,
    members: Vec<Context>,
}

impl Batch {
    /// Begins one; nothing if no member is followed. `part`: what members' own spans are called.
    pub fn begin(name: &'static str, part: &'static str, members: Vec<Context>) -> Self {
        Self { name, part, began: crate::telemetry::now(), members }
    }

    /// Ends it, and adds a part to each member's trace; returns those.
    pub fn end<const N: usize>(self, facts: impl FnOnce() -> [Attribute; N]) -> Vec<Context> {
        let Self { name, part, began, members } = self;
        if members.is_empty() || TRACING.get().is_none() {
            return members;
        }
        let ended = crate::telemetry::now();
        let mut span = Span::begin(Context::fresh(), None, name.to_owned(), false, began);
        let facts = facts();
        span.say(|| facts.clone());
        for member in &members {
            span.link(*member);
            let facts = facts.clone().into();
            stretch(*member, part, (began, ended), facts, span.context());
        }
        members
    }
}

/// A group is on disk: followers find the commits it held by its writer and number.
pub fn group_landed(place: (u64, u64), members: Vec<Context>) {
    if members.is_empty() {
        return;
    }
    let mut landed = lock();
    if landed.len() >= REMEMBERED {
        landed.pop_front();
    }
    landed.push_back(Landed { place, members });
}

/// The followed commits in these groups.
pub fn members_of(places: impl Iterator<Item = (u64, u64)>) -> Vec<Context> {
    if !is_on() {
        return Vec::new();
    }
    let landed = lock();
    if landed.is_empty() {
        return Vec::new();
    }
    // A group is named once for each of its commits, one after the other.
    let (mut found, mut last) = (Vec::new(), None);
    for place in places.filter(|place| last.replace(*place) != Some(*place)) {
        let group = landed.iter().rev().find(|it| it.place == place);
        found.extend(group.into_iter().flat_map(|it| it.members.iter().copied()));
    }
    found
}

fn lock() -> std::sync::MutexGuard<'static, VecDeque<Landed>> {
    LANDED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Events on their way to subscribers, by the address of what holds them, which is theirs alone while anybody holds it.
static ON_THE_WAY: Mutex<VecDeque<(usize, Context)>> = Mutex::new(VecDeque::new());

/// An event is on its way to subscribers; one that is not traced takes the place of an earlier one at its address.
pub fn published(address: usize, context: Option<Context>) {
    if !is_on() {
        return;
    }
    let mut on_the_way = ON_THE_WAY.lock().unwrap_or_else(PoisonError::into_inner);
    on_the_way.retain(|(known, _)| *known != address);
    if let Some(context) = context {
        if on_the_way.len() >= REMEMBERED {
            on_the_way.pop_front();
        }
        on_the_way.push_back((address, context));
    }
}

/// A subscriber's connection has it, after so long.
pub fn delivered(address: usize, took: Duration) {
    if !is_on() {
        return;
    }
    let found = {
        let on_the_way = ON_THE_WAY.lock().unwrap_or_else(PoisonError::into_inner);
        on_the_way.iter().rev().find(|(known, _)| *known == address).map(|(_, context)| *context)
    };
    record(found, "deliver", took, || []);
}
