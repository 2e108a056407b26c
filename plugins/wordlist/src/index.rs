//! Words of many lists, found in one pass over a text, without an automaton to build first.
//!
//! Words are hashed; from each place in the text the hash is carried on byte by byte and looked up at the lengths
//! that words with the same beginning have. So a pass takes at most [`MAX_WORD`] steps a byte, whatever the words are.

use std::ops::Range;

use crate::config::{MAX_WORD, Matching};
use crate::view::is_word;

/// A word and whose it is.
#[derive(Debug, Clone, Copy)]
struct Entry {
    hash: u32,
    owner: u32,
    start: u32,
    length: u32,
    matching: Matching,
}

/// Words in one form, each with an owner.
#[derive(Debug, Default)]
pub struct Index {
    letters: String,
    entries: Vec<Entry>,
    /// Places in `entries`, plus one, by hash; 0 is a free place. A power of two.
    table: Vec<u32>,
    /// By the hash of a word's first bytes, the lengths of words that begin so.
    lengths: Vec<u128>,
    /// Whether there are words shorter than a beginning.
    shorter: bool,
    /// Whether words count inside other words.
    anywhere: bool,
}

/// Bytes that make a beginning.
const BEGINNING: usize = 3;
const OFFSET: u32 = 0x811C_9DC5;
const PRIME: u32 = 0x0100_0193;

fn step(hash: u32, byte: u8) -> u32 {
    (hash ^ u32::from(byte)).wrapping_mul(PRIME)
}

fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(OFFSET, |hash, byte| step(hash, *byte))
}

/// FNV's low bits are its best, but a table wants all of them.
fn place(hash: u32, size: usize) -> usize {
    (hash ^ (hash >> 15)) as usize & (size - 1)
}

/// Where words that begin so have their lengths; `size` is a power of two.
fn slot([a, b, c]: [u8; BEGINNING], size: usize) -> usize {
    let beginning = u32::from_le_bytes([a, b, c, 0]).wrapping_mul(0x9E37_79B1);
    (beginning >> 16) as usize & (size - 1)
}

impl Index {
    /// Adds a word, in the index's form; the empty word and all beyond [`MAX_WORD`] bytes are left out.
    pub fn add(&mut self, word: &str, owner: usize, matching: Matching) {
        let (start, length) = (self.letters.len(), word.len());
        if (1..=MAX_WORD).contains(&length)
            && let (Ok(owner), Ok(start), Ok(length)) =
                (u32::try_from(owner), u32::try_from(start), u32::try_from(length))
        {
            self.letters.push_str(word);
            let hash = hash(word.as_bytes());
            self.entries.push(Entry { hash, owner, start, length, matching });
            self.anywhere |= matching == Matching::Substring;
        }
    }

    /// Makes it ready, once all words are in.
    pub fn finish(&mut self) {
        let size = (self.entries.len() * 2).next_power_of_two().max(4);
        self.table = vec![0; size];
        self.lengths = vec![0; (size * 2).clamp(512, 4_096)];
        for (index, entry) in self.entries.iter().enumerate() {
            let mut at = place(entry.hash, size);
            let mut known = false;
            while let Some(other) = self.table[at].checked_sub(1) {
                known |= same(&self.letters, entry, &self.entries[other as usize]);
                at = (at + 1) & (size - 1);
            }
            if known {
                continue;
            }
            self.table[at] = u32::try_from(index + 1).unwrap_or(0);
            let word = word(&self.letters, entry).as_bytes();
            match word.first_chunk::<BEGINNING>() {
                Some(beginning) => {
                    let slot = slot(*beginning, self.lengths.len());
                    self.lengths[slot] |= 1 << (entry.length - 1);
                }
                None => self.shorter = true,
            }
        }
    }

    /// Whether there is nothing to find.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Calls back for every word found, with its owner, its letters and its place in the text.
    pub fn find(&self, text: &str, mut found: impl FnMut(usize, &str, Range<usize>)) {
        if self.is_empty() {
            return;
        }
        let bytes = text.as_bytes();
        let mut inside = false;
        for (at, character) in text.char_indices() {
            let starts_word = !inside;
            inside = is_word(character);
            if !starts_word && inside && !self.anywhere {
                continue;
            }
            let beginning = bytes[at..].first_chunk::<BEGINNING>();
            let beginning = beginning.map_or(0, |it| self.lengths[slot(*it, self.lengths.len())]);
            // Bits of the lengths below a beginning's: those words are in no slot.
            let lengths = beginning | if self.shorter { (1 << (BEGINNING - 1)) - 1 } else { 0 };
            if lengths != 0 {
                self.find_at(text, at, lengths, starts_word || !inside, &mut found);
            }
        }
    }

    fn find_at(
        &self,
        text: &str,
        at: usize,
        mut lengths: u128,
        starts_word: bool,
        found: &mut impl FnMut(usize, &str, Range<usize>),
    ) {
        let mut hash = OFFSET;
        for (index, byte) in text.as_bytes()[at..].iter().enumerate() {
            hash = step(hash, *byte);
            if lengths & 1 == 1 {
                let end = at + index + 1;
                for entry in self.with_hash(hash) {
                    let word = word(&self.letters, entry);
                    let fits = text.get(at..end) == Some(word)
                        && (starts_word || entry.matching == Matching::Substring)
                        && (entry.matching != Matching::Word || ends_word(text, end));
                    if fits {
                        found(entry.owner as usize, word, at..end);
                    }
                }
            }
            lengths >>= 1;
            if lengths == 0 {
                return;
            }
        }
    }

    fn with_hash(&self, hash: u32) -> impl Iterator<Item = &Entry> {
        let size = self.table.len();
        let first = place(hash, size);
        (0..size)
            .map_while(move |step| {
                let index = self.table[(first + step) & (size - 1)].checked_sub(1)?;
                self.entries.get(index as usize)
            })
            .filter(move |entry| entry.hash == hash)
    }
}

fn word<'a>(letters: &'a str, entry: &Entry) -> &'a str {
    let start = entry.start as usize;
    letters.get(start..start + entry.length as usize).unwrap_or_default()
}

fn same(letters: &str, one: &Entry, other: &Entry) -> bool {
    (one.hash, one.owner, one.matching) == (other.hash, other.owner, other.matching)
        && word(letters, one) == word(letters, other)
}

/// Whether no word goes on across this place.
fn ends_word(text: &str, at: usize) -> bool {
    let goes_on = text[at..].chars().next().is_some_and(is_word);
    !goes_on || !text[..at].chars().next_back().is_some_and(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(words: &[(&str, Matching)], text: &str) -> Vec<String> {
        let mut index = Index::default();
        for (owner, (word, matching)) in words.iter().enumerate() {
            index.add(word, owner, *matching);
        }
        index.finish();
        let mut found = Vec::new();
        index.find(text, |owner, word, place| found.push(format!("{owner} {word} {place:?}")));
        found
    }

    #[test]
    fn words_prefixes_and_substrings_are_found_where_they_count() {
        use Matching::{Prefix, Substring, Word};
        let words = [("cash", Word), ("cash", Prefix), ("cash", Substring), ("a", Word)];
        assert_eq!(
            found(&words, "a cash"),
            ["3 a 0..1", "0 cash 2..6", "1 cash 2..6", "2 cash 2..6"]
        );
        assert_eq!(found(&[words[0], words[0]], "cash").len(), 2, "two owners");
        assert_eq!(found(&words, "cashier"), ["1 cash 0..4", "2 cash 0..4"]);
        assert_eq!(found(&words, "encash"), ["2 cash 2..6"]);
        assert!(found(&words, "cas").is_empty());
        let signs = [("€50", Word), ("western union", Word), ("+", Word), ("né", Word)];
        assert_eq!(found(&signs, "x€50 a+b né"), ["0 €50 1..6", "2 + 8..9", "3 né 11..14"]);
        assert_eq!(found(&signs, "western union, western unions"), ["1 western union 0..13"]);
        assert!(found(&signs, "€500 nés").is_empty());
    }

    #[test]
    fn as_many_words_as_are_possible_are_found() {
        let words: Vec<String> = (0..5_000).map(|number| format!("w{number}x")).collect();
        let entries: Vec<_> = words.iter().map(|word| (word.as_str(), Matching::Word)).collect();
        assert_eq!(found(&entries, &words.join(" ")).len(), 5_000);
        let longest = "é".repeat(MAX_WORD / 2);
        assert_eq!(found(&[(&longest, Matching::Word)], &longest).len(), 1);
        assert!(found(&[(&format!("{longest}!"), Matching::Word)], &longest).is_empty());
    }
}
