//! What was said before this message. Needs the grant `history`: without it a call ends the inspection.
//!
//! Outside WebAssembly each thread has a history of its own, filled with [`set`](self::set).

pub use crate::bindings::rialto::filter::history::{PastMessage, Scope, SimilarMessages};

/// Latest first, at most 32, at most their first 500 bytes; only messages of the last day or so are kept.
pub fn recent(scope: Scope, limit: u32) -> Vec<PastMessage> {
    imp::recent(scope, limit)
}

/// Counts the sender's messages of the last `window_seconds` (1 to 86,400) in all conversations that are at least
/// `min_similarity` (0 to 1) like the text under inspection.
pub fn similar(window_seconds: u32, min_similarity: f32) -> SimilarMessages {
    imp::similar(window_seconds, min_similarity)
}

#[cfg(target_family = "wasm")]
use crate::bindings::rialto::filter::history as imp;

#[cfg(not(target_family = "wasm"))]
pub use imp::{NO_SIMILAR, set};

#[cfg(not(target_family = "wasm"))]
mod imp {
    use std::cell::RefCell;

    use super::{PastMessage, Scope, SimilarMessages};

    thread_local! {
        static HISTORY: RefCell<(Vec<PastMessage>, SimilarMessages)> =
            const { RefCell::new((Vec::new(), NO_SIMILAR)) };
    }

    /// No message like it.
    pub const NO_SIMILAR: SimilarMessages =
        SimilarMessages { messages: 0, conversations: 0, oldest_seconds: 0 };

    /// Fills this thread's history, for tests: `past` latest first, and what [`similar`](super::similar) shall answer.
    pub fn set(past: Vec<PastMessage>, similar: SimilarMessages) {
        HISTORY.set((past, similar));
    }

    pub(super) fn recent(scope: Scope, limit: u32) -> Vec<PastMessage> {
        HISTORY.with_borrow(|(past, _)| {
            let fits = |past: &&PastMessage| match scope {
                Scope::Sender => past.by_sender,
                Scope::Conversation => past.in_conversation,
            };
            past.iter().filter(fits).take(limit.min(32) as usize).cloned().collect()
        })
    }

    pub(super) fn similar(_window_seconds: u32, _min_similarity: f32) -> SimilarMessages {
        HISTORY.with_borrow(|(_, similar)| *similar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scope_and_the_limit_are_heeded() {
        let past = |text: &str, by_sender, in_conversation| PastMessage {
            text: text.to_owned(),
            age_seconds: 1,
            by_sender,
            in_conversation,
        };
        let similar = SimilarMessages { messages: 2, conversations: 1, oldest_seconds: 9 };
        set(vec![past("a", true, false), past("b", false, true), past("c", true, true)], similar);
        let texts = |scope, limit| -> Vec<String> {
            recent(scope, limit).into_iter().map(|past| past.text).collect()
        };
        assert_eq!(texts(Scope::Sender, 9), ["a", "c"]);
        assert_eq!(texts(Scope::Conversation, 1), ["b"]);
        assert_eq!(super::similar(60, 0.9).messages, 2);
    }
}
