//! What an operator lets a filter call.

use std::fmt;
use std::str::FromStr;

/// The imports a filter may call; each is granted by the operator.
#[expect(clippy::struct_excessive_bools, reason = "one for each interface of the contract")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Grants {
    /// Write to its own log.
    pub log: bool,
    /// Count in windows.
    pub counters: bool,
    /// Look into the operator's lists.
    pub lists: bool,
    /// Look back at recent messages.
    pub history: bool,
}

/// A word that is no grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is nothing that can be granted; there are: log, counters, lists, history")]
pub struct UnknownGrant(pub String);

impl Grants {
    /// Everything there is.
    pub const ALL: Self = Self { log: true, counters: true, lists: true, history: true };
    /// Nothing.
    pub const NONE: Self = Self { log: false, counters: false, lists: false, history: false };
    /// The words, which are the names of the contract's interfaces.
    pub const WORDS: [&str; 4] = ["log", "counters", "lists", "history"];

    /// Grants by their words.
    pub fn from_words<S: AsRef<str>>(
        words: impl IntoIterator<Item = S>,
    ) -> Result<Self, UnknownGrant> {
        words.into_iter().try_fold(Self::NONE, |grants, word| {
            grants.with(word.as_ref()).ok_or_else(|| UnknownGrant(word.as_ref().to_owned()))
        })
    }

    /// These and one more; `None` if there is no such word.
    pub fn with(mut self, word: &str) -> Option<Self> {
        *self.flag(word)? = true;
        Some(self)
    }

    /// The words of what is granted, in the order of `WORDS`.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        Self::WORDS.into_iter().filter(move |word| self.has(word))
    }

    /// Whether this is granted.
    pub fn has(mut self, word: &str) -> bool {
        self.flag(word).is_some_and(|flag| *flag)
    }

    fn flag(&mut self, word: &str) -> Option<&mut bool> {
        Some(match word {
            "log" => &mut self.log,
            "counters" => &mut self.counters,
            "lists" => &mut self.lists,
            "history" => &mut self.history,
            _ => return None,
        })
    }
}

/// The words with commas: `log,lists`.
impl fmt::Display for Grants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().collect::<Vec<_>>().join(","))
    }
}

/// Words with commas; none is no grant.
impl FromStr for Grants {
    type Err = UnknownGrant;

    fn from_str(text: &str) -> Result<Self, UnknownGrant> {
        Self::from_words(text.split(',').map(str::trim).filter(|word| !word.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_grants_agree() {
        for (text, words) in [("", ""), ("log", "log"), ("history, log,", "log,history")] {
            let grants: Grants = text.parse().expect(text);
            assert_eq!(grants.to_string(), words, "of {text:?}");
        }
        assert_eq!(Grants::from_words(Grants::WORDS), Ok(Grants::ALL));
        assert_eq!(Grants::ALL.words().collect::<Vec<_>>(), Grants::WORDS);
        let unknown = "log,network".parse::<Grants>().expect_err("no such grant").to_string();
        assert!(unknown.contains("\"network\"") && unknown.contains("counters"), "{unknown}");
    }
}
