//! Makes the weights from labelled messages. Never part of the component; the command is `spam-train`.
//!
//! Everything is seeded and uses only operations that IEEE 754 defines to the last bit, so that the same
//! file gives the same weights, byte for byte, on every machine.

mod calibrate;
mod examples;
mod math;
mod measure;
mod pack;
mod solver;
mod validate;

use std::collections::BTreeMap;

use crate::features::{FORMS, Features};
use crate::model::{Model, divisor};
use solver::Problem;

pub use calibrate::Calibration;
pub use examples::{Example, parse};
pub use measure::Measures;
pub use validate::{Fold, Validation, validate};

/// How to train; the default is what made the weights in the repository.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Price of an error, against large weights.
    pub cost: f64,
    /// How many messages a gram must stand in to get a weight.
    pub min_messages: u32,
    /// How much a fact about the form counts, where a gram's measure is its rarity (1 to about 7).
    pub form_scale: f64,
    /// How much a gram with digits counts, relative to another as rare.
    pub digit_scale: f64,
    /// The table gets two to the power of this many slots, and at most half of them are used.
    pub log2_slots: u32,
    /// Share of the honest messages that may score above the threshold.
    pub ham_blocked: f64,
    /// Folds and repeats of the cross-validation that sets threshold and slope.
    pub folds: usize,
    /// Repeats of it.
    pub repeats: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cost: 1.0,
            min_messages: 2,
            form_scale: 1.0,
            digit_scale: 0.7,
            log2_slots: 15,
            ham_blocked: 0.001,
            folds: 10,
            repeats: 3,
        }
    }
}

/// A message as the trainer sees it: its grams' hashes and whether they have digits, its form's bits, its label.
#[derive(Debug, Clone)]
pub struct Row {
    grams: Vec<(u32, bool)>,
    forms: u32,
    divisor: f64,
    spam: bool,
}

impl Row {
    /// Reads an example.
    pub fn of(example: &Example) -> Self {
        let features = Features::read(&example.text);
        let mut grams = Vec::new();
        let count = features.for_each(|gram| grams.push((gram.hash, gram.has_digits)));
        grams.sort_unstable();
        let divisor = f64::from(divisor(count));
        Self { grams, forms: features.form().bits, divisor, spam: example.spam }
    }
}

/// A weights file made from these examples.
pub fn train(examples: &[Example], settings: &Settings) -> Vec<u8> {
    let rows: Vec<Row> = examples.iter().map(Row::of).collect();
    let rows: Vec<&Row> = rows.iter().collect();
    train_rows(&rows, settings)
}

fn train_rows(rows: &[&Row], settings: &Settings) -> Vec<u8> {
    let calibration = calibrate::calibrate(rows, settings);
    fit(rows, settings, calibration)
}

/// A weights file with this calibration.
fn fit(rows: &[&Row], settings: &Settings, calibration: Calibration) -> Vec<u8> {
    let mut messages: BTreeMap<u32, (u32, bool)> = BTreeMap::new();
    for (hash, has_digits) in rows.iter().flat_map(|row| &row.grams) {
        messages.entry(*hash).or_insert((0, *has_digits)).0 += 1;
    }
    messages.retain(|_, (count, _)| *count >= settings.min_messages);
    let hashes: Vec<u32> = messages.keys().copied().collect();
    let all = number(rows.len());
    let scale = |(count, has_digits): &(u32, bool)| {
        let rarity = math::ln((1.0 + all) / (1.0 + f64::from(*count))) + 1.0;
        if *has_digits { rarity * settings.digit_scale } else { rarity }
    };
    let mut scales: Vec<f64> = messages.values().map(scale).collect();
    scales.extend([settings.form_scale; FORMS.len()]);

    let mut problem = Problem { scales, examples: Vec::new() };
    for row in rows {
        let grams = row.grams.iter().filter_map(|(hash, _)| hashes.binary_search(hash).ok());
        let forms = (0..FORMS.len()).filter(|form| row.forms >> form & 1 == 1);
        let features = grams.chain(forms.map(|form| hashes.len() + form)).collect();
        problem.add(features, row.divisor, row.spam);
    }
    let solution = solver::solve(&mut problem, settings.cost);
    let (grams, forms) = solution.weights.split_at(hashes.len());
    let grams: Vec<(u32, f64)> = hashes.into_iter().zip(grams.iter().copied()).collect();
    pack::pack(&grams, forms, solution.bias, calibration, settings.log2_slots)
}

/// The score the filter would give.
fn score(model: &Model, row: &Row) -> f64 {
    let units: i32 = row.grams.iter().map(|(hash, _)| model.weight(*hash)).sum();
    let forms = (0..FORMS.len()).filter(|form| row.forms >> form & 1 == 1);
    let forms: f64 = forms.map(|form| f64::from(model.forms[form])).sum();
    let sum = f64::from(units) * f64::from(model.header.unit) + forms;
    sum / row.divisor + f64::from(model.header.bias)
}

/// Counts are far below 2^53.
#[allow(clippy::cast_precision_loss)]
fn number(count: usize) -> f64 {
    count as f64
}
