//! Finds the threshold and how scores become confidences, from scores of messages the model has not seen.

use super::math::{Random, sigmoid};
use super::{Row, Settings, fit, number, score};
use crate::model::Model;

const SEED: u64 = 2;

/// How a score becomes a confidence: `sigmoid(slope * (score - threshold))`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// Score at which it is 0.5.
    pub threshold: f64,
    /// How fast it rises.
    pub slope: f64,
}

/// Trains on folds, scores what each left out, and calibrates by that.
pub fn calibrate(rows: &[&Row], settings: &Settings) -> Calibration {
    let mut scores: Vec<(f64, bool)> = Vec::new();
    for repeat in 0..settings.repeats {
        let folds = folds(rows, settings.folds, SEED + repeat as u64);
        for fold in 0..settings.folds {
            let (seen, unseen) = split(rows, &folds, fold);
            let bytes = fit(&seen, settings, Calibration { threshold: 0.0, slope: 1.0 });
            if let Some(model) = Model::parse(&bytes) {
                scores.extend(unseen.iter().map(|row| (score(&model, row), row.spam)));
            }
        }
    }
    let threshold = threshold(&scores, settings.ham_blocked);
    Calibration { threshold, slope: platt(&scores).0 }
}

/// A fold for each row: the classes spread evenly, texts with the same grams in the same fold or not as chance has it.
pub fn folds(rows: &[&Row], count: usize, seed: u64) -> Vec<usize> {
    let mut random = Random(seed);
    let mut folds = vec![0; rows.len()];
    let mut next = 0;
    for spam in [true, false] {
        let mut class: Vec<usize> = (0..rows.len()).filter(|at| rows[*at].spam == spam).collect();
        random.shuffle(&mut class);
        for at in class {
            folds[at] = next % count;
            next += 1;
        }
    }
    folds
}

/// The rows outside a fold and those in it.
pub fn split<'r>(rows: &[&'r Row], folds: &[usize], fold: usize) -> (Vec<&'r Row>, Vec<&'r Row>) {
    let (unseen, seen): (Vec<_>, Vec<_>) = rows.iter().zip(folds).partition(|(_, of)| **of == fold);
    let rows = |pairs: Vec<(&&'r Row, &usize)>| pairs.into_iter().map(|(row, _)| *row).collect();
    (rows(seen), rows(unseen))
}

/// The score that only this share of the honest messages exceeds.
fn threshold(scores: &[(f64, bool)], share: f64) -> f64 {
    let mut ham: Vec<f64> = scores.iter().filter(|(_, spam)| !spam).map(|(at, _)| *at).collect();
    ham.sort_by(|one, other| other.total_cmp(one));
    let place = number(ham.len()) * share;
    let at = (0..ham.len()).rev().find(|at| number(*at) <= place).unwrap_or(0);
    ham.get(at).copied().unwrap_or(0.0)
}

/// Platt's method: slope and offset of the logistic curve that fits best, by Newton's steps.
fn platt(scores: &[(f64, bool)]) -> (f64, f64) {
    let spam = number(scores.iter().filter(|(_, spam)| *spam).count());
    let ham = number(scores.len()) - spam;
    let (yes, no) = ((spam + 1.0) / (spam + 2.0), 1.0 / (ham + 2.0));
    let (mut slope, mut offset) = (1.0, 0.0);
    for _ in 0..100 {
        // A little weight on small numbers keeps the matrix invertible.
        let (mut aa, mut ab, mut bb) = (1e-6, 0.0, 1e-6);
        let (mut da, mut db) = (0.0, 0.0);
        for (score, spam) in scores {
            let probability = sigmoid(slope * score + offset);
            let error = probability - if *spam { yes } else { no };
            let certainty = probability * (1.0 - probability);
            (da, db) = (da + error * score, db + error);
            aa += certainty * score * score;
            ab += certainty * score;
            bb += certainty;
        }
        let determinant = aa * bb - ab * ab;
        let step = ((bb * da - ab * db) / determinant, (aa * db - ab * da) / determinant);
        // Long steps overshoot where the curve is flat.
        let brake = (2.0 / step.0.abs().max(step.1.abs()).max(2.0)).min(1.0);
        slope -= brake * step.0;
        offset -= brake * step.1;
        if step.0.abs().max(step.1.abs()) < 1e-9 {
            break;
        }
    }
    (slope, offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_lets_so_many_pass() {
        let scores: Vec<(f64, bool)> = (0..1000_u32).map(|at| (f64::from(at), false)).collect();
        let at = threshold(&scores, 0.002);
        assert_eq!(scores.iter().filter(|(score, _)| *score > at).count(), 2);
    }

    #[test]
    fn the_curve_fits() {
        // Of the scores of 1 three in four are spam, of those of -1 one in four.
        let scores: Vec<(f64, bool)> = (0..4000_u32)
            .map(|at| if at % 2 == 0 { (1.0, at % 8 != 0) } else { (-1.0, at % 8 == 1) })
            .collect();
        let (slope, offset) = platt(&scores);
        assert!((slope - 3.0_f64.ln()).abs() < 1e-2 && offset.abs() < 1e-2, "{slope} {offset}");
    }
}
