//! What one list or pattern found in a text, and the signal that says so.

use std::ops::Range;

use rialto_filter_sdk::{Signal, Span, merge_spans, span};

use crate::config::{OperatorList, PatternEntry, SignalId, WordList};

/// Different words told in the evidence.
const MAX_WORDS: usize = 5;
/// Bytes of each of them.
const MAX_SHOWN: usize = 40;
/// Spans a signal may have.
const MAX_SPANS: usize = 64;

/// Words found, and where.
#[derive(Debug)]
pub struct Findings {
    /// The list's or pattern's place in the configuration.
    pub owner: usize,
    words: Vec<String>,
    more: bool,
    spans: Vec<Span>,
}

impl Findings {
    /// Nothing yet.
    pub fn new(owner: usize) -> Self {
        Self { owner, words: Vec::new(), more: false, spans: Vec::new() }
    }

    /// The owner's among several.
    pub fn of(all: &mut Vec<Self>, owner: usize) -> &mut Self {
        let at = all.iter().position(|found| found.owner == owner).unwrap_or_else(|| {
            all.push(Self::new(owner));
            all.len() - 1
        });
        &mut all[at]
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Notes a word and its place in the text.
    pub fn add(&mut self, word: &str, place: Range<usize>) {
        let word = &word[..word.floor_char_boundary(MAX_SHOWN)];
        if !self.words.iter().any(|known| known == word) {
            if self.words.len() < MAX_WORDS {
                self.words.push(word.to_owned());
            } else {
                self.more = true;
            }
        }
        self.spans.push(span(place));
    }

    /// As a finding of a word list.
    pub fn list_signal(self, list: &WordList) -> Signal {
        let id = list.signal.unwrap_or(SignalId::Denied);
        let why = format!("on the word list \"{}\"", list.id);
        self.signal(id.as_str(), why, ("list", &list.id), list.confidence, &list.note)
    }

    /// As a finding of a pattern.
    pub fn pattern_signal(self, pattern: &PatternEntry) -> Signal {
        let id = pattern.signal.unwrap_or(SignalId::Pattern);
        let why = format!("fits the pattern \"{}\"", pattern.id);
        let name = ("pattern", pattern.id.as_str());
        self.signal(id.as_str(), why, name, pattern.confidence, &pattern.note)
    }

    /// As a finding of a list the host keeps.
    pub fn listed_signal(self, list: &OperatorList) -> Signal {
        let why = format!("on the operator's list \"{}\"", list.list);
        self.signal("wordlist.listed", why, ("list", &list.list), list.confidence, &list.note)
    }

    fn signal(
        mut self,
        id: &str,
        why: String,
        (kind, name): (&str, &str),
        confidence: f32,
        note: &str,
    ) -> Signal {
        merge_spans(&mut self.spans);
        if self.spans.len() > MAX_SPANS {
            // What is masked must not leave any out.
            let end = self.spans.last().map_or(0, |last| last.end);
            self.spans.truncate(MAX_SPANS);
            if let Some(last) = self.spans.last_mut() {
                last.end = end;
            }
        }
        let mut words = self.words.join(", ");
        if self.more {
            words.push_str(" and others");
        }
        let signal = Signal { spans: self.spans, ..Signal::new(id) }
            .confidence(confidence)
            .evidence("why", why)
            .evidence(kind, name)
            .evidence("words", words);
        if note.trim().is_empty() { signal } else { signal.evidence("note", note) }
    }
}
