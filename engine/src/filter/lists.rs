//! The operator's lists, such as denied hosts or allowed senders: hashed, looked up by filters, replaced while they run.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::normalize::normalize;

/// Entries one list can hold.
pub const MAX_ENTRIES: usize = 1_000_000;

/// A list would hold more entries than a list can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a list holds at most {MAX_ENTRIES} entries")]
pub struct ListTooLong;

/// An entry as lists know it: a hash of its folded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryHash(pub [u8; 16]);

impl EntryHash {
    /// Of an entry as a person or a filter writes it; `None` if nothing of it is visible.
    pub fn of(entry: &str) -> Option<Self> {
        let folded = fold(entry);
        let hash = blake3::hash(folded.as_bytes());
        let first = hash.as_bytes().first_chunk().copied();
        first.filter(|_| !folded.is_empty()).map(Self)
    }
}

/// How entries are compared: NFKC, lower case, nothing invisible, white space trimmed and collapsed.
pub fn fold(entry: &str) -> String {
    normalize(entry)
}

/// One list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List(HashSet<EntryHash>);

impl List {
    /// A list of these entries; invisible ones are left out.
    pub fn new<S: AsRef<str>>(entries: impl IntoIterator<Item = S>) -> Result<Self, ListTooLong> {
        Self::from_hashes(entries.into_iter().filter_map(|entry| EntryHash::of(entry.as_ref())))
    }

    /// A list of entries hashed before.
    pub fn from_hashes(hashes: impl IntoIterator<Item = EntryHash>) -> Result<Self, ListTooLong> {
        let mut list = Self::default();
        for hash in hashes {
            list.0.insert(hash);
            if list.0.len() > MAX_ENTRIES {
                return Err(ListTooLong);
            }
        }
        list.0.shrink_to_fit();
        Ok(list)
    }

    /// Whether the entry is on it.
    pub fn contains(&self, entry: &str) -> bool {
        EntryHash::of(entry).is_some_and(|hash| self.0.contains(&hash))
    }

    /// How many different entries it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// All lists, by name. Share one; each look-up sees one state of it.
#[derive(Debug, Default)]
pub struct Lists(ArcSwap<BTreeMap<String, Arc<List>>>);

impl Lists {
    /// No lists yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Which of the entries are on the list, as ascending places; a list that doesn't exist has none.
    pub fn find<S: AsRef<str>>(&self, name: &str, entries: &[S]) -> Vec<u32> {
        let lists = self.0.load();
        let Some(list) = lists.get(name).filter(|list| !list.is_empty()) else { return Vec::new() };
        let found = (0_u32..).zip(entries).filter(|(_, entry)| list.contains(entry.as_ref()));
        found.map(|(place, _)| place).collect()
    }

    /// Puts all lists in place of the present ones.
    pub fn replace(&self, lists: BTreeMap<String, Arc<List>>) {
        self.0.store(Arc::new(lists));
    }

    /// Puts one list in place, or removes it; the others stay.
    #[expect(clippy::needless_pass_by_value, reason = "whoever has a list has no more use for it")]
    pub fn set(&self, name: &str, list: Option<Arc<List>>) {
        self.0.rcu(|lists| {
            let mut lists = BTreeMap::clone(lists);
            match &list {
                Some(list) => lists.insert(name.to_owned(), Arc::clone(list)),
                None => lists.remove(name),
            };
            lists
        });
    }

    /// Names and numbers of entries.
    pub fn sizes(&self) -> Vec<(String, usize)> {
        self.0.load().iter().map(|(name, list)| (name.clone(), list.len())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(names: &[(&str, &[&str])]) -> BTreeMap<String, Arc<List>> {
        let list = |entries: &[&str]| Arc::new(List::new(entries).expect("short"));
        names.iter().map(|(name, entries)| ((*name).to_owned(), list(entries))).collect()
    }

    #[test]
    fn entries_are_found_however_they_are_written() {
        let all = Lists::new();
        all.replace(lists(&[("deny", &[" Evil.Example ", "ｂａｄ", "Straße", ""])]));
        let asked = ["good", "EVIL.example", "bad ", "", " ", "straße", "ev\u{200b}il.example"];
        assert_eq!(all.find("deny", &asked), [1, 2, 5, 6]);
        assert!(all.find("other", &asked).is_empty(), "a list that doesn't exist has no entries");
        assert_eq!(all.sizes(), [("deny".to_owned(), 3)], "nothing is no entry");
    }

    #[test]
    fn lists_change_one_by_one_or_all_together() {
        let all = Lists::new();
        all.replace(lists(&[("a", &["x"]), ("b", &["y"])]));
        all.set("a", Some(Arc::new(List::new(["z"]).expect("short"))));
        assert_eq!((all.find("a", &["x", "z"]), all.find("b", &["y"])), (vec![1], vec![0]));
        all.set("b", None);
        assert!(all.find("b", &["y"]).is_empty(), "it is gone");
        all.replace(BTreeMap::new());
        assert!(all.sizes().is_empty(), "all are gone");
    }

    #[test]
    fn a_list_is_bounded() {
        let hash = |n: u32| {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&n.to_le_bytes());
            EntryHash(bytes)
        };
        let most = u32::try_from(MAX_ENTRIES).expect("small");
        assert_eq!(List::from_hashes((0..most).map(hash)).map(|list| list.len()), Ok(MAX_ENTRIES));
        assert_eq!(List::from_hashes((0..=most).map(hash)), Err(ListTooLong));
    }
}
