//! How well a filter tells spam from ham.

use std::fmt;

use super::number;

/// Counts of what was decided and what was true.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Measures {
    /// Spam, called spam.
    pub caught: usize,
    /// Spam, let through.
    pub missed: usize,
    /// Ham, called spam.
    pub blocked: usize,
    /// Ham, let through.
    pub passed: usize,
}

impl Measures {
    /// Counts one message.
    pub fn add(&mut self, spam: bool, called_spam: bool) {
        *match (spam, called_spam) {
            (true, true) => &mut self.caught,
            (true, false) => &mut self.missed,
            (false, true) => &mut self.blocked,
            (false, false) => &mut self.passed,
        } += 1;
    }

    /// Adds other counts.
    pub fn merge(&mut self, other: Self) {
        self.caught += other.caught;
        self.missed += other.missed;
        self.blocked += other.blocked;
        self.passed += other.passed;
    }

    /// Matthews' correlation coefficient, -1 to 1; 0 if something was never decided or never true.
    pub fn mcc(&self) -> f64 {
        let [tp, fn_, fp, tn] = [self.caught, self.missed, self.blocked, self.passed].map(number);
        let product = (tp + fp) * (tp + fn_) * (tn + fp) * (tn + fn_);
        if product > 0.0 { (tp * tn - fp * fn_) / product.sqrt() } else { 0.0 }
    }

    /// Share of the messages decided rightly.
    pub fn accuracy(&self) -> f64 {
        let all = self.caught + self.missed + self.blocked + self.passed;
        share(self.caught + self.passed, all)
    }

    /// Share of the spam that was caught.
    pub fn spam_caught(&self) -> f64 {
        share(self.caught, self.caught + self.missed)
    }

    /// Share of the ham that was called spam.
    pub fn ham_blocked(&self) -> f64 {
        share(self.blocked, self.blocked + self.passed)
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        share(2 * self.caught, 2 * self.caught + self.blocked + self.missed)
    }
}

impl fmt::Display for Measures {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        write!(
            out,
            "accuracy {:.2} %  spam caught {:.2} %  ham blocked {:.3} %  MCC {:.4}  F1 {:.4}",
            100.0 * self.accuracy(),
            100.0 * self.spam_caught(),
            100.0 * self.ham_blocked(),
            self.mcc(),
            self.f1()
        )
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { number(part) / number(whole) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_figures() {
        let measures = Measures { caught: 90, missed: 10, blocked: 5, passed: 895 };
        assert!((measures.mcc() - 0.9151).abs() < 1e-4, "{}", measures.mcc());
        assert!((measures.f1() - 180.0 / 195.0).abs() < 1e-9);
        assert!(Measures::default().mcc().abs() < 1e-9);
    }
}
