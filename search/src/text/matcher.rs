//! A query's text, ready to be compared with words: what matches, how well, and where in a text.

use std::ops::Range;

use super::fold::{Token, tokens, written_length};
use super::fuzzy::Fuzzy;
use crate::query::Text;
use crate::settings::Settings;

/// How well a word matches, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tier {
    TwoErrors,
    OneError,
    /// Begins with what was typed, or means the same.
    Near,
    Exact,
}

/// A single word that is sought.
#[derive(Debug)]
pub(crate) struct Sought {
    pub(crate) text: String,
    pub(crate) prefix: bool,
    pub(crate) fuzzy: Option<Fuzzy>,
    /// Other words for it, each a sequence of words.
    pub(crate) synonyms: Vec<Vec<String>>,
}

/// What must be found.
#[derive(Debug)]
pub(crate) enum Piece {
    Word(Sought),
    /// Words next to each other, exact; at least two, or one that is exact.
    Sequence {
        words: Vec<String>,
        /// Whether of the last one the beginning is enough.
        prefix: bool,
    },
}

/// Compares texts with a query as the search does.
#[derive(Debug)]
pub struct Matcher {
    pub(crate) wanted: Vec<Piece>,
    pub(crate) unwanted: Vec<Vec<String>>,
}

impl Matcher {
    /// For a query; words and phrases without any letter or digit are left out.
    pub fn new(text: &Text, settings: &Settings) -> Self {
        let mut wanted = Vec::new();
        for word in &text.words {
            let mut words = split(&word.text);
            match (words.pop(), words.is_empty()) {
                (Some(only), true) => {
                    wanted.push(Piece::Word(Sought::new(only, word.prefix, settings)));
                }
                (Some(last), false) => {
                    words.push(last);
                    wanted.push(Piece::Sequence { words, prefix: word.prefix });
                }
                (None, _) => {}
            }
        }
        let phrases = text.phrases.iter().map(|phrase| split(phrase));
        wanted.extend(
            phrases
                .filter(|words| !words.is_empty())
                .map(|words| Piece::Sequence { words, prefix: false }),
        );
        let unwanted = text.excluded.iter().map(|phrase| split(phrase));
        Self { wanted, unwanted: unwanted.filter(|words| !words.is_empty()).collect() }
    }

    /// What of a text matches: byte ranges on character borders, ascending, not overlapping. Of a word that only begins
    /// with what was typed, that part.
    pub fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        let words: Vec<Token> = tokens(text).collect();
        let mut found = Vec::new();
        for at in 0..words.len() {
            for piece in &self.wanted {
                piece.mark(text, &words[at..], &mut found);
            }
        }
        found.sort_by_key(|range| (range.start, range.end));
        found.dedup_by(|next, before| {
            let joined = next.start <= before.end;
            if joined {
                before.end = before.end.max(next.end);
            }
            joined
        });
        found
    }

    /// Whether a text has all that is wanted and nothing that is not.
    #[cfg(test)]
    pub(crate) fn matches(&self, text: &str) -> bool {
        let words: Vec<Token> = tokens(text).collect();
        let found = |piece: &Piece| {
            let mut marks = Vec::new();
            (0..words.len()).for_each(|at| piece.mark(text, &words[at..], &mut marks));
            !marks.is_empty()
        };
        let there = |unwanted: &Vec<String>| {
            (0..words.len()).any(|at| sequence(&words[at..], unwanted, false).is_some())
        };
        self.wanted.iter().all(found) && !self.unwanted.iter().any(there)
    }
}

impl Sought {
    fn new(text: String, prefix: bool, settings: &Settings) -> Self {
        let errors = settings.typos.allowed(&text);
        let fuzzy = (errors > 0).then(|| Fuzzy::new(&text, errors, prefix));
        let synonyms = settings.synonyms.of(&text).iter().map(|other| split(other));
        let synonyms = synonyms.filter(|words| !words.is_empty()).collect();
        Self { text, prefix, fuzzy, synonyms }
    }

    /// How well a folded word matches, synonyms aside.
    pub(crate) fn rate(&self, word: &str) -> Option<Tier> {
        if word == self.text {
            return Some(Tier::Exact);
        }
        if self.prefix && word.starts_with(&self.text) {
            return Some(Tier::Near);
        }
        match self.fuzzy.as_ref()?.errors(word)? {
            0 => Some(Tier::Near),
            1 => Some(Tier::OneError),
            _ => Some(Tier::TwoErrors),
        }
    }
}

impl Piece {
    /// Marks what matches at the first of these words.
    fn mark(&self, text: &str, words: &[Token], found: &mut Vec<Range<usize>>) {
        match self {
            Self::Word(sought) => {
                let Some(word) = words.first() else { return };
                match sought.rate(&word.text) {
                    Some(tier) if tier == Tier::Exact || !sought.prefix => {
                        found.push(word.span.clone());
                    }
                    Some(_) => found.push(typed_part(text, word, &sought.text)),
                    None => {}
                }
                for synonym in &sought.synonyms {
                    let matched = sequence(words, synonym, false).unwrap_or_default();
                    found.extend(matched.iter().map(|word| word.span.clone()));
                }
            }
            Self::Sequence { words: wanted, prefix } => {
                let Some(matched) = sequence(words, wanted, *prefix) else { return };
                for (word, wanted) in matched.iter().zip(wanted) {
                    found.push(typed_part(text, word, wanted));
                }
            }
        }
    }
}

fn split(text: &str) -> Vec<String> {
    tokens(text).map(|token| token.text).collect()
}

/// The words that are the wanted ones, if these are what they begin with.
fn sequence<'a>(words: &'a [Token], wanted: &[String], prefix: bool) -> Option<&'a [Token]> {
    let words = words.get(..wanted.len())?;
    let (last, others) = wanted.split_last()?;
    let same = others.iter().zip(words).all(|(wanted, word)| *wanted == word.text);
    let end = &words.last()?.text;
    (same && (end == last || prefix && end.starts_with(last.as_str()))).then_some(words)
}

fn typed_part(text: &str, word: &Token, typed: &str) -> Range<usize> {
    if word.text.len() <= typed.len() {
        return word.span.clone();
    }
    let length = written_length(&text[word.span.clone()], typed.chars().count());
    word.span.start..word.span.start + length
}
