//! What is on its way to those who listen to one thing. It holds no more than somebody has yet to take, as most topics
//! are silent most of the time; bounded, and whoever lags too far behind is told.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Room that is kept when everything is taken.
const KEPT: usize = 8;

/// How many items a listener missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missed(pub u64);

/// Items for those who listen.
#[derive(Debug)]
pub(super) struct Topic<T> {
    waiting: Mutex<Waiting<T>>,
    came: Notify,
    /// Items a listener may lag behind.
    most: usize,
}

#[derive(Debug)]
struct Waiting<T> {
    /// Each with how many have yet to take it.
    items: VecDeque<(T, usize)>,
    /// The number of the first of them.
    first: u64,
    listeners: usize,
}

impl<T: Clone> Topic<T> {
    /// Nobody listens yet.
    pub(super) fn new(most: usize) -> Self {
        let waiting = Waiting { items: VecDeque::new(), first: 0, listeners: 0 };
        Self { waiting: Mutex::new(waiting), came: Notify::new(), most: most.max(1) }
    }

    /// Another listens. Returns the number of the first item that will be theirs.
    pub(super) fn enter(&self) -> u64 {
        let mut waiting = self.lock();
        waiting.listeners += 1;
        waiting.end()
    }

    /// Who would have taken this item next listens no more.
    pub(super) fn leave(&self, next: u64) {
        let mut waiting = self.lock();
        waiting.listeners -= 1;
        let taken = waiting.place(next.max(waiting.first));
        waiting.items.iter_mut().skip(taken).for_each(|(_, left)| *left -= 1);
        waiting.trim();
    }

    /// Whether anybody listens.
    pub(super) fn is_heard(&self) -> bool {
        self.lock().listeners > 0
    }

    /// Hands an item to everybody who listens now.
    pub(super) fn send(&self, item: T) {
        let mut waiting = self.lock();
        let listeners = waiting.listeners;
        if listeners == 0 {
            return;
        }
        let oldest =
            if waiting.items.len() == self.most { waiting.items.pop_front() } else { None };
        waiting.first += u64::from(oldest.is_some());
        waiting.items.push_back((item, listeners));
        drop(waiting);
        self.came.notify_waiters();
    }

    /// Takes the item of this number as soon as it comes, and counts on.
    pub(super) async fn take(&self, next: &mut u64) -> Result<T, Missed> {
        loop {
            // Made before the look: it sees what comes from now on.
            let came = self.came.notified();
            if let Some(taken) = self.try_take(next) {
                return taken;
            }
            came.await;
        }
    }

    /// The same if it has come already.
    pub(super) fn try_take(&self, next: &mut u64) -> Option<Result<T, Missed>> {
        self.lock().take(next)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Waiting<T> {
    fn end(&self) -> u64 {
        self.first + self.items.len() as u64
    }

    /// Where the item of this number is, which has not been trimmed.
    fn place(&self, number: u64) -> usize {
        usize::try_from(number - self.first).unwrap_or(usize::MAX)
    }

    /// `None` if it has not come.
    fn take(&mut self, next: &mut u64) -> Option<Result<T, Missed>> {
        if *next < self.first {
            let missed = Missed(self.first - *next);
            *next = self.first;
            return Some(Err(missed));
        }
        let place = self.place(*next);
        let (item, left) = self.items.get_mut(place)?;
        *next += 1;
        if *left > 1 {
            *left -= 1;
            return Some(Ok(item.clone()));
        }
        // Who takes an item last has taken all before it, and so has everybody: it is the first.
        self.first += 1;
        let (item, _) = self.items.pop_front()?;
        self.shrink();
        Some(Ok(item))
    }

    /// Drops what everybody has taken.
    fn trim(&mut self) {
        while self.items.front().is_some_and(|(_, left)| *left == 0) {
            self.items.pop_front();
            self.first += 1;
        }
        self.shrink();
    }

    fn shrink(&mut self) {
        if self.items.is_empty() && self.items.capacity() > KEPT {
            self.items = VecDeque::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    #[tokio::test]
    async fn what_everybody_took_is_gone() {
        let topic = Topic::new(64);
        topic.send(0);
        let (mut ann, mut bob) = (topic.enter(), topic.enter());
        (1..=40).for_each(|item| topic.send(item));
        for item in 1..=40 {
            assert_eq!(topic.take(&mut ann).await, Ok(item), "nothing of before she came");
        }
        assert_eq!(topic.lock().items.len(), 40, "Bob has yet to take them");
        assert_eq!(topic.take(&mut bob).await, Ok(1));
        assert_eq!(topic.lock().items.len(), 39);
        topic.leave(bob);
        assert_eq!(topic.lock().items.capacity(), 0);
        topic.send(41);
        assert_eq!(topic.take(&mut ann).await, Ok(41));
        topic.leave(ann);
        assert!(!topic.is_heard());
    }

    #[tokio::test]
    async fn who_waits_is_woken() {
        let topic = Arc::new(Topic::new(4));
        let listeners: Vec<_> = (0..10)
            .map(|_| {
                let (topic, mut next) = (Arc::clone(&topic), topic.enter());
                tokio::spawn(async move {
                    let both = (topic.take(&mut next).await, topic.take(&mut next).await);
                    topic.leave(next);
                    both
                })
            })
            .collect();
        tokio::task::yield_now().await;
        topic.send("a");
        tokio::task::yield_now().await;
        topic.send("b");
        for listener in listeners {
            assert_eq!(listener.await.expect("no panic"), (Ok("a"), Ok("b")));
        }
        assert!(!topic.is_heard());
    }

    /// What may happen to a topic.
    #[derive(Debug, Clone, Copy)]
    enum Step {
        Send,
        Enter,
        Leave(usize),
        Take(usize),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => Just(Step::Send),
            1 => Just(Step::Enter),
            1 => (0_usize..4).prop_map(Step::Leave),
            4 => (0_usize..4).prop_map(Step::Take),
        ];
        proptest::collection::vec(step, 0..200)
    }

    proptest! {
        /// A listener gets what was sent while it listened, in order, but for what it was told it missed; and the topic holds
        /// what somebody is yet to take and no more.
        #[test]
        fn nobody_misses_anything_untold(steps in steps()) {
            const MOST: usize = 5;
            let topic = Topic::new(MOST);
            let mut sent: u64 = 0;
            // What each would take next by its own count, and by the topic's.
            let mut listeners: Vec<(u64, u64)> = Vec::new();
            for step in steps {
                match step {
                    Step::Send => {
                        topic.send(sent);
                        sent += 1;
                    }
                    Step::Enter => listeners.push((sent, topic.enter())),
                    Step::Leave(who) if who < listeners.len() => {
                        topic.leave(listeners.swap_remove(who).1);
                    }
                    Step::Take(who) if who < listeners.len() => {
                        let (due, next) = &mut listeners[who];
                        match topic.try_take(next) {
                            None => prop_assert_eq!(*due, sent),
                            Some(Ok(item)) => {
                                prop_assert_eq!(item, *due);
                                *due += 1;
                            }
                            Some(Err(Missed(count))) => {
                                prop_assert_eq!(*due + count, sent - MOST as u64);
                                *due += count;
                            }
                        }
                    }
                    Step::Leave(_) | Step::Take(_) => {}
                }
                let oldest = listeners.iter().map(|(due, _)| *due).min().unwrap_or(sent);
                let held = topic.lock().items.len() as u64;
                prop_assert_eq!(held, (sent - oldest).min(MOST as u64));
            }
        }
    }
}
