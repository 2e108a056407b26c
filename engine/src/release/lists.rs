//! The operator's lists: entries added and removed, in effect with the next message.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::filter::lists::{EntryHash, MAX_ENTRIES};
use crate::store::{FilterState, FilterWrite, ListChange, ListEntry, ListRow};

use super::change::{By, Draft};
use super::{ProblemCode, ReleaseError, Releases};

/// Entries one call may add and remove.
const MAX_AT_ONCE: usize = 5_000;
const MAX_ENTRY: usize = 512;
const MAX_LISTS: usize = 1_000;
const TRIES: usize = 8;

/// Entries that come and go.
#[derive(Debug, Clone)]
pub struct ChangeList {
    /// Which list; it is made if there is none.
    pub name: String,
    /// Entries to add.
    pub add: Vec<String>,
    /// Entries to remove, however they are written.
    pub remove: Vec<String>,
    /// What is said about the list.
    pub note: Option<String>,
}

impl Releases {
    /// Adds and removes entries, all or none.
    pub async fn change_list(&self, by: By, change: ChangeList) -> Result<ListRow, ReleaseError> {
        check_name(&change.name)?;
        let most = change.add.len().max(change.remove.len());
        if most > MAX_AT_ONCE {
            let message = format!("at most {MAX_AT_ONCE} entries at once, not {most}");
            return Err(ReleaseError::refused(ProblemCode::TooMany, "add", message));
        }
        let (add, remove) = (keyed("add", &change.add)?, keyed("remove", &change.remove)?);
        let keys: Vec<String> = add.keys().chain(remove.keys()).cloned().collect();
        for _ in 0..TRIES {
            // How many entries there are afterwards depends on which there are now, so if the list changes in between,
            // look again.
            let seen = revision(&self.0.store.filter_state().await?, &change.name);
            let known = self.0.store.list_has(&change.name, &keys).await?;
            let plan = Plan { change: change.clone(), add: add.clone(), remove: remove.clone() };
            let (now, author) = (self.0.clock.now(), by.actor.to_string());
            let changed = self.change(by.clone(), move |state| {
                if revision(state, &plan.change.name) != seen {
                    return Ok(Draft::nothing(None));
                }
                plan.draft(state, &known, now, &author)
            });
            if let Some(list) = changed.await? {
                return Ok(list);
            }
        }
        Err(crate::store::ChangeError::Conflict.into())
    }

    /// Deletes a list with all its entries.
    pub async fn delete_list(&self, by: By, name: &str) -> Result<(), ReleaseError> {
        let name = name.to_owned();
        self.change(by, move |state| {
            if !state.lists.iter().any(|list| list.name == name) {
                let message = format!("there is no list called `{name}`");
                return Err(ReleaseError::refused(ProblemCode::NotFound, "name", message));
            }
            let gone = ListChange { list: None, name: name.clone(), add: vec![], remove: vec![] };
            let audit = vec![("list.delete", format!("list:{name}"))];
            Ok(Draft { writes: vec![FilterWrite::List(gone)], audit, answer: () })
        })
        .await
    }

    /// A page of a list's entries, in an order of no meaning.
    pub async fn list_entries(
        &self,
        name: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ListEntry>, ReleaseError> {
        Ok(self.0.store.list_entries(name, after, limit).await?)
    }
}

struct Plan {
    change: ChangeList,
    add: BTreeMap<String, String>,
    remove: BTreeMap<String, String>,
}

impl Plan {
    fn draft(
        &self,
        state: &FilterState,
        known: &BTreeMap<String, ListEntry>,
        now: chrono::DateTime<chrono::Utc>,
        author: &str,
    ) -> Result<Draft<Option<ListRow>>, ReleaseError> {
        let name = &self.change.name;
        let list = state.lists.iter().find(|list| list.name == *name);
        if list.is_none() && state.lists.len() >= MAX_LISTS {
            let message = format!("there are {MAX_LISTS} lists already");
            return Err(ReleaseError::refused(ProblemCode::TooMany, "name", message));
        }
        let gone: BTreeSet<&String> =
            self.remove.keys().filter(|key| !self.add.contains_key(*key)).collect();
        let new = self.add.keys().filter(|key| !known.contains_key(*key)).count() as u64;
        let left = gone.iter().filter(|key| known.contains_key(**key)).count() as u64;
        let entries = list.map_or(0, |list| list.entries) + new - left;
        if entries > MAX_ENTRIES as u64 {
            let message = format!("a list has at most {MAX_ENTRIES} entries");
            return Err(ReleaseError::refused(ProblemCode::TooMany, "add", message));
        }
        let row = ListRow {
            name: name.clone(),
            revision: state.revision + 1,
            entries,
            changed_at: now,
            changed_by: Some(author.to_owned()),
            note: self.change.note.clone().or_else(|| list.and_then(|list| list.note.clone())),
        };
        let entry = |(key, text): (&String, &String)| ListEntry {
            key: key.clone(),
            text: text.clone(),
            at: now,
            by: Some(author.to_owned()),
        };
        let fresh = self.add.iter().filter(|(key, _)| !known.contains_key(*key));
        let change = ListChange {
            list: Some(row.clone()),
            name: name.clone(),
            add: fresh.map(entry).collect(),
            remove: gone.into_iter().cloned().collect(),
        };
        let target = format!("list:{name} +{new} -{left}");
        let writes = vec![FilterWrite::List(change)];
        Ok(Draft { writes, audit: vec![("list.change", target)], answer: Some(row) })
    }
}

fn revision(state: &FilterState, name: &str) -> Option<u64> {
    state.lists.iter().find(|list| list.name == name).map(|list| list.revision)
}

fn check_name(name: &str) -> Result<(), ReleaseError> {
    let fits =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    if (1..=64).contains(&name.len()) && name.chars().all(fits) {
        return Ok(());
    }
    let message = "a list's name has 1 to 64 small letters, digits, hyphens, dots or underscores";
    Err(ReleaseError::refused(ProblemCode::Invalid, "name", message))
}

/// Entries by what they are found by.
fn keyed(field: &str, entries: &[String]) -> Result<BTreeMap<String, String>, ReleaseError> {
    let mut keyed = BTreeMap::new();
    for (number, entry) in entries.iter().enumerate() {
        let wrong = |message: String| {
            let field = format!("{field}[{number}]");
            Err(ReleaseError::refused(ProblemCode::Invalid, &field, message))
        };
        if entry.len() > MAX_ENTRY {
            return wrong(format!("an entry has at most {MAX_ENTRY} bytes"));
        }
        let Some(hash) = EntryHash::of(entry) else {
            return wrong("an entry needs at least one visible character".to_owned());
        };
        let mut key = String::with_capacity(32);
        for byte in hash.0 {
            let _ = write!(key, "{byte:02x}");
        }
        keyed.insert(key, entry.trim().to_owned());
    }
    Ok(keyed)
}
