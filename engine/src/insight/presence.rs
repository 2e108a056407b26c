//! Who has a socket or a stream open now.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dashmap::DashMap;

use crate::domain::UserId;

/// Everybody with an open connection. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Presence(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    people: DashMap<UserId, usize>,
    connections: AtomicUsize,
}

/// Somebody's open connection; ends when it is dropped.
#[derive(Debug)]
pub struct Present {
    presence: Presence,
    user: UserId,
}

impl Presence {
    /// Somebody connected.
    pub fn enter(&self, user: &UserId) -> Present {
        *self.0.people.entry(user.clone()).or_default() += 1;
        self.0.connections.fetch_add(1, Ordering::Relaxed);
        Present { presence: self.clone(), user: user.clone() }
    }

    /// Different people.
    pub fn people(&self) -> usize {
        self.0.people.len()
    }

    /// Connections.
    pub fn connections(&self) -> usize {
        self.0.connections.load(Ordering::Relaxed)
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        let Inner { people, connections } = &*self.presence.0;
        if let Some(mut count) = people.get_mut(&self.user) {
            *count = count.saturating_sub(1);
        }
        people.remove_if(&self.user, |_, count| *count == 0);
        connections.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_present_until_their_last_connection_ends() {
        let presence = Presence::default();
        let (ann, bob) = (UserId::trusted("ann"), UserId::trusted("bob"));
        let first = presence.enter(&ann);
        let second = presence.enter(&ann);
        let other = presence.enter(&bob);
        assert_eq!((presence.people(), presence.connections()), (2, 3));
        drop(first);
        drop(other);
        assert_eq!((presence.people(), presence.connections()), (1, 1));
        drop(second);
        assert_eq!((presence.people(), presence.connections()), (0, 0));
    }
}
