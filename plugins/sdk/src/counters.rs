//! Windowed counters, shared by all instances of the filter. Needs the grant `counters`: without it a call ends the inspection.
//!
//! Outside WebAssembly each thread has counters of its own that never forget, which is what a test wants.

/// Adds to a counter; returns its sum over the last `window_seconds` (1 to 86,400).
pub fn bump(name: &str, key: &str, by: u32, window_seconds: u32) -> u64 {
    imp::bump(name, key, by, window_seconds)
}

/// Notes an item under a key; returns about how many different items the last `window_seconds` saw.
pub fn distinct(name: &str, key: &str, item: &str, window_seconds: u32) -> u64 {
    imp::distinct(name, key, item, window_seconds)
}

#[cfg(target_family = "wasm")]
use crate::bindings::rialto::filter::counters as imp;

#[cfg(not(target_family = "wasm"))]
mod imp {
    use std::cell::RefCell;
    use std::collections::{HashMap, HashSet};

    type Counter = (String, String);

    thread_local! {
        static SUMS: RefCell<HashMap<Counter, u64>> = RefCell::default();
        static ITEMS: RefCell<HashMap<Counter, HashSet<String>>> = RefCell::default();
    }

    pub fn bump(name: &str, key: &str, by: u32, _window_seconds: u32) -> u64 {
        SUMS.with_borrow_mut(|sums| {
            let sum = sums.entry((name.to_owned(), key.to_owned())).or_default();
            *sum += u64::from(by);
            *sum
        })
    }

    pub fn distinct(name: &str, key: &str, item: &str, _window_seconds: u32) -> u64 {
        ITEMS.with_borrow_mut(|items| {
            let seen = items.entry((name.to_owned(), key.to_owned())).or_default();
            seen.insert(item.to_owned());
            seen.len() as u64
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_kept_apart_by_name_and_key() {
        assert_eq!(bump("sent", "a", 2, 60), 2);
        assert_eq!(bump("sent", "a", 3, 60), 5);
        assert_eq!(bump("sent", "b", 1, 60), 1);
        assert_eq!(distinct("to", "a", "x", 60), 1);
        assert_eq!(distinct("to", "a", "x", 60), 1);
        assert_eq!(distinct("to", "a", "y", 60), 2);
    }
}
