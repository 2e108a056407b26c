//! Finds insults, threats, slurs, profanity and sexual harassment, also disguised, and says whom they mean.
//!
//! The phrases are data (`phrases/`, compiled by `build.rs`); `tell` makes signals of what is found.

mod tell;

use rialto_filter_sdk::text::phrases::settings::Phrases;
use rialto_filter_sdk::{
    ConfigProblem, Context, Description, Fault, Filter, Message, Signal, SignalDescription,
    export_filter,
};

/// What the operator can set, as `config.schema.json` describes it.
pub use rialto_filter_sdk::text::phrases::settings::Settings as Config;
pub use rialto_filter_sdk::text::phrases::settings::{Extra, Language};

use tell::Told;

include!(concat!(env!("OUT_DIR"), "/book.rs"));

/// The filter.
#[derive(Debug)]
pub struct Tone {
    phrases: Phrases,
}

impl Filter for Tone {
    type Config = Config;

    fn describe() -> Description {
        Description {
            name: "tone",
            version: env!("CARGO_PKG_VERSION"),
            config_schema: include_str!("../config.schema.json"),
            signals: SIGNALS,
        }
    }

    fn new(config: Config) -> Result<Self, Vec<ConfigProblem>> {
        Ok(Self { phrases: Phrases::new(config, &BOOK, SIGNALS)? })
    }

    fn inspect(&self, message: &Message, _context: &Context) -> Result<Vec<Signal>, Fault> {
        let mut told = Told::default();
        for (group, found) in self.phrases.find(&message.text) {
            told.add(group, &found);
        }
        Ok(told.into_signals(&self.phrases.settings))
    }
}

/// The signals, the gravest first: a word that is part of one is not told again as a lesser one.
pub(crate) const SIGNALS: &[SignalDescription] = &[
    SignalDescription {
        id: "tone.threat",
        description: "Threatens the other person or wishes death on them",
        default_weight: 3.0,
    },
    SignalDescription {
        id: "tone.hate",
        description: "A slur against a group, or refuses or abuses people for belonging to one",
        default_weight: 2.5,
    },
    SignalDescription {
        id: "tone.harassment",
        description: "Sexual harassment",
        default_weight: 2.0,
    },
    SignalDescription {
        id: "tone.insult",
        description: "Insults the other person, or has a word that can hardly be meant otherwise",
        default_weight: 1.2,
    },
    SignalDescription {
        id: "tone.profanity",
        description: "Coarse language not directed at anybody",
        default_weight: 0.2,
    },
];

export_filter!(Tone);
