//! A linear support vector machine with squared hinge loss, by dual coordinate descent (Hsieh et al. 2008,
//! the method of liblinear).

use super::math::Random;
use super::number;

const SEED: u64 = 1;
const MAX_ROUNDS: u32 = 400;
/// The largest step still wanted at which the solution is good enough, in margins.
const TOLERANCE: f64 = 1e-3;
/// Of so many rounds one looks at all examples, the others only at those that lately mattered.
const FULL_EVERY: u32 = 8;

/// Examples of which each has some features; feature `j` of an example has the value `scales[j] / divisor`.
#[derive(Debug)]
pub struct Problem {
    /// One for each feature.
    pub scales: Vec<f64>,
    /// What is known.
    pub examples: Vec<Item>,
}

/// One example.
#[derive(Debug)]
pub struct Item {
    features: Vec<usize>,
    divisor: f64,
    sign: f64,
}

impl Problem {
    /// Adds an example.
    pub fn add(&mut self, features: Vec<usize>, divisor: f64, spam: bool) {
        self.examples.push(Item { features, divisor, sign: if spam { 1.0 } else { -1.0 } });
    }

    fn square(&self, item: &Item) -> f64 {
        let squares = item.features.iter().map(|feature| self.scales[*feature].powi(2));
        squares.sum::<f64>() / item.divisor.powi(2)
    }

    /// Makes the examples' mean length 1, so that a cost means the same whatever the features; returns the factor.
    fn standardize(&mut self) -> f64 {
        let lengths: f64 = self.examples.iter().map(|item| self.square(item).sqrt()).sum();
        let factor = number(self.examples.len()) / lengths.max(f64::MIN_POSITIVE);
        self.scales.iter_mut().for_each(|scale| *scale *= factor);
        factor
    }
}

/// Weights with the scales multiplied in: the score is their sum over an example's features, divided by
/// its divisor, plus the bias.
#[derive(Debug)]
pub struct Solution {
    /// One for each feature.
    pub weights: Vec<f64>,
    /// Score of an example without features.
    pub bias: f64,
}

/// Solves it.
pub fn solve(problem: &mut Problem, cost: f64) -> Solution {
    problem.standardize();
    let examples = &problem.examples;
    let squares: Vec<f64> = problem.scales.iter().map(|scale| scale * scale).collect();
    let diagonal = 0.5 / cost;
    // The bias is a feature of value 1 in every example.
    let lengths: Vec<f64> =
        examples.iter().map(|item| problem.square(item) + 1.0 + diagonal).collect();
    let mut weights = vec![0.0; squares.len()];
    let mut bias = 0.0;
    let mut dual = vec![0.0; examples.len()];
    let mut resting = vec![false; examples.len()];
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut random = Random(SEED);
    for round in 0..MAX_ROUNDS {
        let full = round % FULL_EVERY == 0;
        random.shuffle(&mut order);
        let mut largest = 0.0_f64;
        for at in order.iter().copied() {
            if resting[at] && !full {
                continue;
            }
            let item = &examples[at];
            let sum: f64 = item.features.iter().map(|feature| weights[*feature]).sum();
            let score = sum / item.divisor + bias;
            let gradient = item.sign * score - 1.0 + diagonal * dual[at];
            resting[at] = dual[at] == 0.0 && gradient > 0.0;
            if resting[at] {
                continue;
            }
            largest = largest.max(gradient.abs());
            let before = dual[at];
            dual[at] = (before - gradient / lengths[at]).max(0.0);
            let step = (dual[at] - before) * item.sign;
            for feature in &item.features {
                weights[*feature] += step * squares[*feature] / item.divisor;
            }
            bias += step;
        }
        if full && largest < TOLERANCE {
            break;
        }
    }
    Solution { weights, bias }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_two_features_apart_and_ignores_a_third() {
        let mut problem = Problem { scales: vec![1.0, 1.0, 1.0], examples: Vec::new() };
        for _ in 0..10 {
            problem.add(vec![0, 2], 1.0, true);
            problem.add(vec![1, 2], 1.0, false);
        }
        let Solution { weights, bias } = solve(&mut problem, 100.0);
        assert!((weights[0] + weights[1]).abs() < 1e-2 && weights[0] > 0.9, "{weights:?}");
        assert!(weights[2].abs() < 1e-2 && bias.abs() < 1e-2, "{weights:?} {bias}");
    }
}
