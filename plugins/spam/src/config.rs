//! The filter's configuration.

use rialto_filter_sdk::ConfigProblem;
use serde::Deserialize;

/// What the operator can set.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// Findings below are not given; 0.5 is the threshold the model was made for.
    pub min_confidence: f32,
    /// Visible characters a message has at least to be judged.
    pub min_length: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self { min_confidence: 0.5, min_length: 15 }
    }
}

impl Config {
    /// Everything that is wrong with it.
    pub fn problems(&self) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        if !(0.01..=1.0).contains(&self.min_confidence) {
            problems.push(ConfigProblem::new("/minConfidence", "must be from 0.01 to 1"));
        }
        if self.min_length > 1000 {
            problems.push(ConfigProblem::new("/minLength", "must be from 0 to 1000"));
        }
        problems
    }
}
