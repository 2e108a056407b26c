//! Which conversations have a live actor. Entries come by first use and go with their actor.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use arc_swap::ArcSwapOption;
use dashmap::DashMap;
use ractor::ActorRef;
use tokio::sync::{OnceCell, Semaphore};

use super::View;
use super::command::Command;
use crate::domain::ConversationId;

/// What the handle knows of a live actor.
#[derive(Debug)]
pub struct Slot {
    /// The actor.
    pub actor: ActorRef<Command>,
    /// Shared with the actor itself.
    pub shared: Arc<Shared>,
}

/// Written by the actor, read by the handle without asking it.
#[derive(Debug)]
pub struct Shared {
    /// The newest committed state; `None` until there is a conversation.
    pub view: ArcSwapOption<View>,
    /// Bounds the mailbox, which in ractor has no bound of its own.
    pub permits: Arc<Semaphore>,
    /// A commit failed that the actor had taken into memory.
    pub outdated: AtomicBool,
    mailbox: usize,
    used: AtomicU64,
    started: Instant,
}

impl Shared {
    /// `mailbox`: commands that may wait at once.
    pub fn new(mailbox: usize) -> Self {
        Self {
            view: ArcSwapOption::empty(),
            permits: Arc::new(Semaphore::new(mailbox)),
            outdated: AtomicBool::new(false),
            mailbox,
            used: AtomicU64::new(0),
            started: Instant::now(),
        }
    }

    /// Commands that wait or are under way.
    pub fn pending(&self) -> usize {
        self.mailbox.saturating_sub(self.permits.available_permits())
    }

    /// Notes that the conversation was used now.
    pub fn touch(&self) {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.used.store(now, Ordering::Relaxed);
    }

    /// Milliseconds since the last use.
    pub fn idle_millis(&self) -> u64 {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        now.saturating_sub(self.used.load(Ordering::Relaxed))
    }
}

type Cell = Arc<OnceCell<Slot>>;

/// All live actors by conversation.
#[derive(Debug, Clone, Default)]
pub struct Registry(Arc<DashMap<ConversationId, Cell>>);

impl Registry {
    /// The conversation's cell, made empty if there is none.
    pub fn cell(&self, id: &ConversationId) -> Cell {
        if let Some(cell) = self.0.get(id) {
            return Arc::clone(&cell);
        }
        Arc::clone(&self.0.entry(id.clone()).or_default())
    }

    /// Forgets this cell, unless the conversation has another by now.
    pub fn forget(&self, id: &ConversationId, cell: &Cell) {
        self.0.remove_if(id, |_, current| Arc::ptr_eq(current, cell));
    }

    /// Actors alive or starting.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Asks up to `count` of the longest idle actors among a sample to stop; returns how many were asked.
    pub fn make_room(&self, count: usize) -> usize {
        const SAMPLE: usize = 256;
        let mut idle: Vec<(u64, ActorRef<Command>)> = self
            .0
            .iter()
            .filter_map(|entry| {
                let slot = entry.value().get()?;
                (slot.shared.pending() == 0)
                    .then(|| (slot.shared.idle_millis(), slot.actor.clone()))
            })
            .take(SAMPLE)
            .collect();
        idle.sort_unstable_by_key(|(millis, _)| std::cmp::Reverse(*millis));
        let asked = idle.iter().take(count);
        asked.clone().for_each(|(_, actor)| actor.stop(Some("making room".into())));
        asked.count()
    }

    /// Every live actor, to stop them all.
    pub fn actors(&self) -> Vec<ActorRef<Command>> {
        self.0
            .iter()
            .filter_map(|entry| entry.value().get().map(|slot| slot.actor.clone()))
            .collect()
    }

    /// A guard that forgets the cell when the actor that holds it is gone, panics included.
    pub fn registration(&self, id: ConversationId, cell: &Cell) -> Registration {
        Registration { registry: self.clone(), id, cell: Arc::clone(cell) }
    }
}

/// Held by a live actor.
#[derive(Debug)]
pub struct Registration {
    registry: Registry,
    id: ConversationId,
    cell: Cell,
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.registry.forget(&self.id, &self.cell);
    }
}
