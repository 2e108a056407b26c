//! Finds phrases: patterns of words with alternatives, stems, optional words and bounded gaps.
//!
//! A [`Book`] is made of a readable text by [`compile`] (see `plugins/scam/README.md` for the language), in a
//! build script by [`build`] or, for an operator's few own phrases, by [`Builder`]; [`settings`] is what the
//! operator of such a filter can set. Looking costs one hash per word and
//! a bounded check around each pattern's rarest word: linear in the text, without start-up cost.

mod builder;
mod find;
mod key;
mod parse;
#[cfg(not(target_family = "wasm"))]
mod script;
pub mod settings;
mod units;

use std::borrow::Cow;
use std::fmt::Write;

pub use builder::{Builder, Problem, compile};
pub use find::Found;
#[cfg(not(target_family = "wasm"))]
pub use script::build;

use key::{exact_key, in_filter, stem_key, step};

/// A word of no pattern, a number, and the end of a sentence: not in the vocabulary, but in a text.
const UNKNOWN: u16 = 0;
const NUMBER: u16 = 1;
const END: u16 = 2;
/// The first id a word can have.
const FIRST_WORD: u16 = 3;

/// Patterns ready to be looked for. All but [`groups`](Self::groups) is the compiler's business.
#[derive(Debug)]
pub struct Book {
    /// What the patterns are about; [`Found::group`] is a place in it.
    pub groups: Cow<'static, [Group]>,
    /// The vocabulary as an open hash table, 0 where it is empty; its length is a power of two.
    #[doc(hidden)]
    pub keys: Cow<'static, [u64]>,
    #[doc(hidden)]
    pub ids: Cow<'static, [u16]>,
    /// A filter in front of the stems in the vocabulary.
    #[doc(hidden)]
    pub stems: Cow<'static, [u64]>,
    /// Where each set of words starts in `members`, and the end.
    #[doc(hidden)]
    pub sets: Cow<'static, [u32]>,
    #[doc(hidden)]
    pub members: Cow<'static, [u16]>,
    #[doc(hidden)]
    pub elements: Cow<'static, [Element]>,
    #[doc(hidden)]
    pub patterns: Cow<'static, [Pattern]>,
    /// Where each word's patterns start in `anchored`, and the end.
    #[doc(hidden)]
    pub anchors: Cow<'static, [u32]>,
    #[doc(hidden)]
    pub anchored: Cow<'static, [u16]>,
}

/// Patterns that mean the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// What they are signs of; for an exception, what they are no signs of, or `*`.
    pub name: Cow<'static, str>,
    /// Whether they take back what they overlap.
    pub exception: bool,
    /// Such as `en`, or `*`.
    pub language: Cow<'static, str>,
    /// Why, for a moderator.
    pub reason: Cow<'static, str>,
    /// The name as a bit; an exception to everything has all.
    #[doc(hidden)]
    pub mask: u64,
}

/// One place of a pattern.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element {
    /// Which set of words fits.
    pub set: u16,
    /// So many words may stand before it.
    pub gap: u8,
    /// Whether it may be missing.
    pub optional: bool,
}

/// One sequence of places.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pattern {
    /// The group's place.
    pub group: u16,
    /// The first element's place, and how many there are.
    pub first: u32,
    pub len: u8,
    /// Which of them has the rarest words.
    pub anchor: u8,
    /// 0 to 1.
    pub weight: f32,
}

impl Book {
    /// The id of a word, given by its folded bytes: its own, else its longest stem's.
    fn word(&self, bytes: impl IntoIterator<Item = u8>) -> u16 {
        let mut hash = key::SEED;
        let mut stem = UNKNOWN;
        for byte in bytes {
            hash = step(hash, byte);
            if in_filter(&self.stems, hash)
                && let Some(id) = self.look_up(stem_key(hash))
            {
                stem = id;
            }
        }
        self.look_up(exact_key(hash)).unwrap_or(stem)
    }

    fn look_up(&self, key: u64) -> Option<u16> {
        let mask = self.keys.len().checked_sub(1)?;
        let mut slot = key::slot(key) & mask;
        // The table is never full, so there is an empty slot to end at.
        loop {
            match self.keys[slot] {
                0 => return None,
                found if found == key => return Some(self.ids[slot]),
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    fn set(&self, set: u16) -> &[u16] {
        let from = self.sets[usize::from(set)] as usize;
        &self.members[from..self.sets[usize::from(set) + 1] as usize]
    }

    /// The book as a Rust expression of the type [`Book`], for a build script.
    pub fn to_rust(&self) -> String {
        let mut code = String::from("::rialto_filter_sdk::text::phrases::Book {\n");
        let groups: Vec<String> = self.groups.iter().map(Group::to_rust).collect();
        list(&mut code, "groups", &groups);
        list(&mut code, "keys", &self.keys);
        list(&mut code, "ids", &self.ids);
        list(&mut code, "stems", &self.stems);
        list(&mut code, "sets", &self.sets);
        list(&mut code, "members", &self.members);
        let elements = self.elements.iter().map(|Element { set, gap, optional }| {
            format!("::rialto_filter_sdk::text::phrases::Element {{ set: {set}, gap: {gap}, optional: {optional} }}")
        });
        list(&mut code, "elements", &elements.collect::<Vec<_>>());
        let patterns = self.patterns.iter().map(|pattern| {
            let Pattern { group, first, len, anchor, weight } = pattern;
            format!("::rialto_filter_sdk::text::phrases::Pattern {{ group: {group}, first: {first}, len: {len}, anchor: {anchor}, weight: {weight:?} }}")
        });
        list(&mut code, "patterns", &patterns.collect::<Vec<_>>());
        list(&mut code, "anchors", &self.anchors);
        list(&mut code, "anchored", &self.anchored);
        code.push('}');
        code
    }
}

impl Group {
    fn to_rust(&self) -> String {
        let borrowed = |text: &str| format!("::std::borrow::Cow::Borrowed({text:?})");
        format!(
            "::rialto_filter_sdk::text::phrases::Group {{ name: {}, exception: {}, language: {}, reason: {}, mask: {} }}",
            borrowed(&self.name),
            self.exception,
            borrowed(&self.language),
            borrowed(&self.reason),
            self.mask
        )
    }
}

fn list<T: std::fmt::Display>(code: &mut String, name: &str, values: &[T]) {
    let _ = write!(code, "{name}: ::std::borrow::Cow::Borrowed(&[");
    for value in values {
        let _ = write!(code, "{value},");
    }
    code.push_str("]),\n");
}

#[cfg(test)]
mod tests;
