//! Finds unwanted words in a first message.
//!
//! `describe`, `new` and `inspect` are the whole contract (wit/filter.wit). A filter only detects: the operator's
//! policy decides what a signal leads to.

use std::collections::{BTreeSet, HashSet};

use rialto_filter_sdk::{
    ConfigProblem, Context, Description, Fault, Filter, Message, Signal, SignalDescription,
    export_filter, span,
};
use serde::Deserialize;

/// What an operator can set; config.schema.json describes the same.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Config {
    words: Vec<String>,
    confidence: f32,
    first_contact_only: bool,
}

impl Default for Config {
    fn default() -> Self {
        let words = ["courier", "kurier", "voucher"].map(str::to_owned);
        Self { words: words.into(), confidence: 0.9, first_contact_only: true }
    }
}

/// The filter, made once per instance from its configuration.
pub struct UnwantedWords {
    /// In lower case.
    unwanted: HashSet<String>,
    config: Config,
}

impl Filter for UnwantedWords {
    type Config = Config;

    fn describe() -> Description {
        Description {
            name: "first-words",
            version: env!("CARGO_PKG_VERSION"),
            config_schema: include_str!("../config.schema.json"),
            signals: &[SignalDescription {
                id: "words.unwanted",
                description: "An unwanted word in a first message",
                default_weight: 0.5,
            }],
        }
    }

    /// The host has checked the configuration against the schema already; here is what a schema can't say.
    fn new(config: Config) -> Result<Self, Vec<ConfigProblem>> {
        let is_word = |word: &str| !word.is_empty() && word.chars().all(char::is_alphanumeric);
        let wrong = config.words.iter().enumerate().filter(|(_, word)| !is_word(word));
        let problem = "must be one word of letters and digits";
        let problems: Vec<_> =
            wrong.map(|(at, _)| ConfigProblem::new(format!("/words/{at}"), problem)).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let unwanted = config.words.iter().map(|word| word.to_lowercase()).collect();
        Ok(Self { unwanted, config })
    }

    /// Return `Err(Fault::new("why"))` if a message can't be judged; the filter's fail mode then decides.
    fn inspect(&self, message: &Message, context: &Context) -> Result<Vec<Signal>, Fault> {
        if self.config.first_contact_only && !context.conversation.is_first_contact {
            return Ok(Vec::new());
        }
        let separates = |c: char| !c.is_alphanumeric();
        let (mut found, mut spans, mut start) = (BTreeSet::new(), Vec::new(), 0);
        for piece in message.text.split_inclusive(separates) {
            let word = piece.trim_end_matches(separates);
            let lower = word.to_lowercase();
            if self.unwanted.contains(&lower) {
                spans.push(span(start..start + word.len()));
                found.insert(lower);
            }
            start += piece.len();
        }
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let signal = Signal::new("words.unwanted").confidence(self.config.confidence).spans(spans);
        let signal = found.into_iter().fold(signal, |signal, word| signal.evidence("word", word));
        Ok(vec![signal])
    }
}

export_filter!(UnwantedWords);
