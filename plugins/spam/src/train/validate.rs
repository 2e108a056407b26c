//! Repeated, stratified, nested cross-validation: everything, threshold and slope included, is made without
//! the messages it is then measured on.

use super::calibrate::{folds, split};
use super::{Example, Measures, Row, Settings, score, train_rows};
use crate::model::Model;

const SEED: u64 = 1000;

/// One left-out part: what was measured on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fold {
    /// Decided by confidence of at least 0.5.
    pub measures: Measures,
    /// The threshold found without it.
    pub threshold: f32,
    /// The slope found without it.
    pub slope: f32,
}

/// What a cross-validation gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Validation {
    /// By repeat, then by fold.
    pub repeats: Vec<Vec<Fold>>,
    /// Confidence, whether it is spam, and the place in the file, of every message in every repeat.
    pub confidences: Vec<(f32, bool, usize)>,
}

impl Validation {
    /// The counts of one repeat, or of all.
    pub fn total(&self, repeat: Option<usize>) -> Measures {
        let mut total = Measures::default();
        for (at, folds) in self.repeats.iter().enumerate() {
            if repeat.is_none_or(|repeat| repeat == at) {
                folds.iter().for_each(|fold| total.merge(fold.measures));
            }
        }
        total
    }

    /// Messages and spam among them by tenths of confidence.
    pub fn reliability(&self) -> [(usize, usize); 10] {
        let mut tenths = [(0, 0); 10];
        for (confidence, spam, _) in &self.confidences {
            let tenth = (1..10_u8).filter(|tenth| *confidence >= f32::from(*tenth) / 10.0).count();
            tenths[tenth].0 += 1;
            tenths[tenth].1 += usize::from(*spam);
        }
        tenths
    }
}

/// Cross-validates; `done` is called after each fold.
pub fn validate(
    examples: &[Example],
    settings: &Settings,
    (folds_count, repeats): (usize, usize),
    mut done: impl FnMut(&Fold),
) -> Validation {
    let rows: Vec<Row> = examples.iter().map(Row::of).collect();
    let rows: Vec<&Row> = rows.iter().collect();
    let places: Vec<usize> = (0..rows.len()).collect();
    let mut validation = Validation::default();
    for repeat in 0..repeats {
        let of = folds(&rows, folds_count, SEED + repeat as u64);
        let mut measured = Vec::new();
        for fold in 0..folds_count {
            let (seen, unseen) = split(&rows, &of, fold);
            let bytes = train_rows(&seen, settings);
            let Some(model) = Model::parse(&bytes) else { continue };
            let mut measures = Measures::default();
            let in_fold = places.iter().filter(|at| of[**at] == fold);
            for (row, at) in unseen.iter().zip(in_fold) {
                // Weights are single precision in the filter too.
                #[allow(clippy::cast_possible_truncation)]
                let confidence = model.confidence(score(&model, row) as f32);
                measures.add(row.spam, confidence >= 0.5);
                validation.confidences.push((confidence, row.spam, *at));
            }
            let header = model.header;
            let fold = Fold { measures, threshold: header.threshold, slope: header.slope };
            done(&fold);
            measured.push(fold);
        }
        validation.repeats.push(measured);
    }
    validation
}
