//! What the operator can set.

use std::collections::HashSet;

use rialto_filter_sdk::ConfigProblem;
use serde::Deserialize;

/// The configuration, as `config.schema.json` describes it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Config {
    /// Words and phrases, kept here.
    pub lists: Vec<WordList>,
    /// Regular expressions.
    pub patterns: Vec<PatternEntry>,
    /// Lists kept by the host, edited while it runs.
    pub operator_lists: Vec<OperatorList>,
}

/// Words and phrases that mean the same to the operator.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WordList {
    /// What the operator calls it.
    pub id: String,
    /// The signal it gives.
    #[serde(default)]
    pub signal: Option<SignalId>,
    /// The words and phrases.
    #[serde(default)]
    pub words: Vec<String>,
    /// Where in a text they count.
    #[serde(default, rename = "match")]
    pub matching: Matching,
    /// Whether capitals don't matter.
    #[serde(default = "yes")]
    pub ignore_case: bool,
    /// Whether look-alike letters and marks don't matter; capitals don't either then.
    #[serde(default)]
    pub fold: bool,
    /// How sure a finding is.
    #[serde(default = "sure")]
    pub confidence: f32,
    /// For the moderator.
    #[serde(default)]
    pub note: String,
}

/// A regular expression.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PatternEntry {
    /// What the operator calls it.
    pub id: String,
    /// The signal it gives.
    #[serde(default)]
    pub signal: Option<SignalId>,
    /// The expression, in the syntax of the Rust crate `regex`.
    pub regex: String,
    /// Whether capitals don't matter.
    #[serde(default = "yes")]
    pub ignore_case: bool,
    /// Whether look-alike letters and marks don't matter; capitals don't either then.
    #[serde(default)]
    pub fold: bool,
    /// How sure a finding is.
    #[serde(default = "sure")]
    pub confidence: f32,
    /// For the moderator.
    #[serde(default)]
    pub note: String,
}

/// A list kept by the host.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct OperatorList {
    /// Its name there.
    pub list: String,
    /// Words an entry has at most.
    #[serde(default = "four")]
    pub max_words: u8,
    /// Whether look-alike letters and marks don't matter.
    #[serde(default)]
    pub fold: bool,
    /// How sure a finding is.
    #[serde(default = "sure")]
    pub confidence: f32,
    /// For the moderator.
    #[serde(default)]
    pub note: String,
}

/// Where in a text a word counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Matching {
    /// As a whole word.
    #[default]
    Word,
    /// At the beginning of a word.
    Prefix,
    /// Anywhere.
    Substring,
}

/// The signals an entry can choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum SignalId {
    /// Must not be said.
    #[serde(rename = "wordlist.denied")]
    Denied,
    /// Worth a look.
    #[serde(rename = "wordlist.watched")]
    Watched,
    /// Fits a pattern.
    #[serde(rename = "wordlist.pattern")]
    Pattern,
}

impl SignalId {
    /// As declared.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "wordlist.denied",
            Self::Watched => "wordlist.watched",
            Self::Pattern => "wordlist.pattern",
        }
    }
}

fn yes() -> bool {
    true
}

fn sure() -> f32 {
    1.0
}

fn four() -> u8 {
    4
}

// Together at most as many signals as the host takes.
const MAX_LISTS: usize = 24;
const MAX_PATTERNS: usize = 32;
const MAX_OPERATOR_LISTS: usize = 8;
/// Words in all lists together; longer lists belong to the host.
const MAX_WORDS: usize = 5_000;
/// Bytes a word or phrase may have.
pub const MAX_WORD: usize = 128;
const MAX_ID: usize = 64;
const MAX_NOTE: usize = 256;

impl Config {
    /// Everything that is wrong with it but single words and regular expressions.
    pub fn problems(&self) -> Vec<ConfigProblem> {
        let mut check = Check::default();
        check.at_most(self.lists.len(), MAX_LISTS, "/lists", "lists");
        check.at_most(self.patterns.len(), MAX_PATTERNS, "/patterns", "patterns");
        check.at_most(
            self.operator_lists.len(),
            MAX_OPERATOR_LISTS,
            "/operatorLists",
            "operator's lists",
        );
        let words = self.lists.iter().map(|list| list.words.len()).sum();
        check.at_most(words, MAX_WORDS, "/lists", "words in all lists together");
        let mut ids = HashSet::new();
        for (at, list) in self.lists.iter().enumerate() {
            check.entry(&format!("/lists/{at}"), &list.note, list.confidence);
            check.id(&format!("/lists/{at}/id"), &list.id, &mut ids);
        }
        ids.clear();
        for (at, pattern) in self.patterns.iter().enumerate() {
            check.entry(&format!("/patterns/{at}"), &pattern.note, pattern.confidence);
            check.id(&format!("/patterns/{at}/id"), &pattern.id, &mut ids);
        }
        ids.clear();
        for (at, list) in self.operator_lists.iter().enumerate() {
            check.entry(&format!("/operatorLists/{at}"), &list.note, list.confidence);
            check.id(&format!("/operatorLists/{at}/list"), &list.list, &mut ids);
            let fits = (1..=4).contains(&list.max_words);
            check.must(fits, &format!("/operatorLists/{at}/maxWords"), "must be 1 to 4");
        }
        check.0
    }
}

#[derive(Default)]
struct Check(Vec<ConfigProblem>);

impl Check {
    fn must(&mut self, holds: bool, path: &str, problem: &str) {
        if !holds {
            self.0.push(ConfigProblem::new(path, problem));
        }
    }

    fn at_most(&mut self, count: usize, most: usize, path: &str, what: &str) {
        self.must(count <= most, path, &format!("has {count} {what}; at most {most} are possible"));
    }

    fn entry(&mut self, path: &str, note: &str, confidence: f32) {
        let fits = (0.0..=1.0).contains(&confidence);
        self.must(fits, &format!("{path}/confidence"), "must be 0 to 1");
        let fits = note.len() <= MAX_NOTE;
        self.must(fits, &format!("{path}/note"), "must have at most 256 bytes");
    }

    fn id<'a>(&mut self, path: &str, id: &'a str, ids: &mut HashSet<&'a str>) {
        let fits = !id.trim().is_empty() && id.len() <= MAX_ID;
        self.must(fits, path, "must have 1 to 64 bytes");
        self.must(ids.insert(id), path, "is there twice");
    }
}
