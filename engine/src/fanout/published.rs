//! An event on its way to subscribers, with what the first of them made of it.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::value::RawValue;

use crate::domain::Event;

/// What something made of an event depends on: the shape of what is made, and what kind of viewer it is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mould {
    /// A digest of everything that was asked for.
    pub shape: [u8; 32],
    /// Viewers who see the event alike.
    pub class: u8,
}

/// A committed event. Whoever serializes it first leaves the text to those who want the same.
#[derive(Debug)]
pub struct Published {
    event: Event,
    cast: Mutex<Vec<(Mould, Arc<RawValue>)>>,
}

impl Published {
    /// An event of which nothing was made yet.
    pub fn new(event: Event) -> Self {
        Self { event, cast: Mutex::default() }
    }

    /// What was made of it, if anybody did.
    pub fn cast(&self, mould: &Mould) -> Option<Arc<RawValue>> {
        let cast = self.cast.lock().unwrap_or_else(PoisonError::into_inner);
        cast.iter().find(|(known, _)| known == mould).map(|(_, text)| Arc::clone(text))
    }

    /// Leaves it to others.
    pub fn keep(&self, mould: Mould, text: Arc<RawValue>) {
        let mut cast = self.cast.lock().unwrap_or_else(PoisonError::into_inner);
        if cast.iter().all(|(known, _)| *known != mould) {
            cast.push((mould, text));
        }
    }
}

impl Deref for Published {
    type Target = Event;

    fn deref(&self) -> &Event {
        &self.event
    }
}
