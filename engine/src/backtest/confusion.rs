//! How right a yes-or-no judgement is, against labels: the four counts and the usual figures.

use serde::{Deserialize, Serialize};

/// Counts of (unwanted or not) × (caught or not).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// Unwanted and caught.
    pub true_positives: u64,
    /// Fine, but caught.
    pub false_positives: u64,
    /// Fine and let through.
    pub true_negatives: u64,
    /// Unwanted, but let through.
    pub false_negatives: u64,
}

#[expect(clippy::cast_precision_loss, reason = "shares of fewer than 2^52 messages")]
impl Confusion {
    /// Counts one message.
    pub fn note(&mut self, unwanted: bool, caught: bool) {
        let count = match (unwanted, caught) {
            (true, true) => &mut self.true_positives,
            (false, true) => &mut self.false_positives,
            (false, false) => &mut self.true_negatives,
            (true, false) => &mut self.false_negatives,
        };
        *count += 1;
    }

    /// Messages with a label.
    pub fn messages(&self) -> u64 {
        self.true_positives + self.false_positives + self.true_negatives + self.false_negatives
    }

    /// Share judged rightly.
    pub fn accuracy(&self) -> Option<f64> {
        share(self.true_positives + self.true_negatives, self.messages())
    }

    /// Share of the caught that are unwanted.
    pub fn precision(&self) -> Option<f64> {
        share(self.true_positives, self.true_positives + self.false_positives)
    }

    /// Share of the unwanted that are caught.
    pub fn recall(&self) -> Option<f64> {
        share(self.true_positives, self.true_positives + self.false_negatives)
    }

    /// Share of the fine ones that are caught.
    pub fn false_positive_rate(&self) -> Option<f64> {
        share(self.false_positives, self.false_positives + self.true_negatives)
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(&self) -> Option<f64> {
        share(
            2 * self.true_positives,
            2 * self.true_positives + self.false_positives + self.false_negatives,
        )
    }

    /// Matthews correlation coefficient, -1 to 1; `None` if all labels or all judgements are the same.
    pub fn mcc(&self) -> Option<f64> {
        let (tp, fp) = (self.true_positives as f64, self.false_positives as f64);
        let (tn, r#fn) = (self.true_negatives as f64, self.false_negatives as f64);
        let product = (tp + fp) * (tp + r#fn) * (tn + fp) * (tn + r#fn);
        (product > 0.0).then(|| (tp * tn - fp * r#fn) / product.sqrt())
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of messages are far below 2^52")]
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_the_usual_ones() {
        // Spam caught 92 %, ham blocked 0.12 %.
        let counts = Confusion {
            true_positives: 482,
            false_positives: 4,
            true_negatives: 3_374,
            false_negatives: 42,
        };
        let near = |value: Option<f64>, expected: f64| {
            let value = value.expect("it is defined");
            assert!((value - expected).abs() < 5e-5, "{value}, expected {expected}");
        };
        assert_eq!(counts.messages(), 3_902);
        near(counts.accuracy(), 0.98821);
        near(counts.recall(), 0.91985);
        near(counts.false_positive_rate(), 0.00118);
        near(counts.precision(), 0.99177);
        near(counts.f1(), 0.95446);
        near(counts.mcc(), 0.94858);
    }

    #[test]
    fn what_can_not_be_said_is_not_said() {
        let mut counts = Confusion::default();
        assert_eq!((counts.accuracy(), counts.mcc()), (None, None));
        counts.note(false, false);
        assert_eq!((counts.accuracy(), counts.recall()), (Some(1.0), None));
        assert_eq!((counts.precision(), counts.f1(), counts.mcc()), (None, None, None));
    }
}
