//! Recognises spam by a trained linear model: words, word pairs, parts of words and the form of the text.
//!
//! [`features`] says what is seen of a text, [`model`] weighs it, `explain` puts the weights into words;
//! `train`, which the component has no part of, makes them.

mod config;
mod explain;
pub mod features;
pub mod model;
#[cfg(not(target_family = "wasm"))]
pub mod train;

use rialto_filter_sdk::{
    ConfigProblem, Context, Description, Fault, Filter, Message, Signal, SignalDescription,
    export_filter,
};

pub use config::Config;
use features::Features;
use model::Model;

/// What the filter judges by; the README says how it was made. `None` only while the file's layout is being changed.
pub const MODEL: Option<Model> = Model::parse(include_bytes!("weights.bin"));

/// The filter.
#[derive(Debug)]
pub struct Spam {
    config: Config,
    model: Model<'static>,
}

impl Filter for Spam {
    type Config = Config;

    fn describe() -> Description {
        Description {
            name: "spam",
            version: env!("CARGO_PKG_VERSION"),
            config_schema: include_str!("../config.schema.json"),
            signals: &[SignalDescription {
                id: "spam.text",
                description: "Reads like spam: prizes, subscriptions, chat lines, bulk advertising",
                default_weight: 2.0,
            }],
        }
    }

    fn new(config: Config) -> Result<Self, Vec<ConfigProblem>> {
        let mut problems = config.problems();
        match MODEL {
            Some(model) if problems.is_empty() => return Ok(Self { config, model }),
            Some(_) => {}
            None => problems.push(ConfigProblem::new("", "this build's weights cannot be read")),
        }
        Err(problems)
    }

    fn inspect(&self, message: &Message, _context: &Context) -> Result<Vec<Signal>, Fault> {
        Ok(self.judge(&message.text).into_iter().collect())
    }
}

impl Spam {
    /// The signal, if the text is likely enough spam.
    pub fn judge(&self, text: &str) -> Option<Signal> {
        let features = Features::read(text);
        if features.chars() < self.config.min_length as usize {
            return None;
        }
        let score = self.model.score(&features);
        let confidence = self.model.confidence(score);
        (confidence >= self.config.min_confidence).then(|| {
            explain::explain(
                &self.model,
                &features,
                score,
                Signal::new("spam.text").confidence(confidence),
            )
        })
    }
}

export_filter!(Spam);
