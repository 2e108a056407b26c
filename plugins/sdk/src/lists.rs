//! The operator's lists. Needs the grant `lists`: without it a call ends the inspection.
//!
//! Outside WebAssembly each thread has lists of its own, filled with [`set`](self::set).

/// Which of these entries are on the list, as places in `entries`, ascending; case and surrounding white space don't matter.
///
/// A list that doesn't exist has no entries.
pub fn find<S: AsRef<str>>(name: &str, entries: &[S]) -> Vec<usize> {
    if entries.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (chunk, part) in entries.chunks(CHUNK).enumerate() {
        let part: Vec<String> = part.iter().map(|entry| entry.as_ref().to_owned()).collect();
        let places = imp::find(name, &part);
        found.extend(places.into_iter().map(|place| chunk * CHUNK + place as usize));
    }
    found
}

/// Whether an entry is on the list.
pub fn contains(name: &str, entry: &str) -> bool {
    !find(name, &[entry]).is_empty()
}

/// Most entries the host takes at once.
const CHUNK: usize = 1_024;

#[cfg(target_family = "wasm")]
use crate::bindings::rialto::filter::lists as imp;

#[cfg(not(target_family = "wasm"))]
pub use imp::set;

#[cfg(not(target_family = "wasm"))]
mod imp {
    use std::cell::RefCell;
    use std::collections::{HashMap, HashSet};

    thread_local! {
        static LISTS: RefCell<HashMap<String, HashSet<String>>> = RefCell::default();
    }

    /// Fills this thread's list of this name, for tests; replaces what was in it.
    pub fn set(name: &str, entries: &[&str]) {
        let entries = entries.iter().map(|entry| fold(entry)).collect();
        LISTS.with_borrow_mut(|lists| lists.insert(name.to_owned(), entries));
    }

    pub(super) fn find(name: &str, entries: &[String]) -> Vec<u32> {
        LISTS.with_borrow(|lists| {
            let Some(list) = lists.get(name) else { return Vec::new() };
            let places =
                entries.iter().enumerate().filter(|(_, entry)| list.contains(&fold(entry)));
            places.filter_map(|(place, _)| u32::try_from(place).ok()).collect()
        })
    }

    fn fold(entry: &str) -> String {
        entry.trim().to_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_whatever_their_case() {
        set("hosts", &["Bad.example", "worse.example"]);
        assert_eq!(find("hosts", &["good.example", " BAD.example", "worse.example"]), [1, 2]);
        assert!(contains("hosts", "bad.EXAMPLE"));
        assert!(!contains("others", "bad.example"), "a list that doesn't exist has no entries");
    }
}
