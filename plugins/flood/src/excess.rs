//! More than is usual: how sure that makes the filter, and the signal that says so.

use rialto_filter_sdk::Signal;

use crate::standing::{Standing, duration};

/// Nothing here is ever certain: a shop may have a busy day.
const MOST: f32 = 0.98;

/// A count beyond what is usual.
#[derive(Debug)]
pub struct Excess {
    pub count: u64,
    pub usual: u32,
    /// How long it took, seconds.
    pub within: u64,
}

impl Excess {
    /// The excess, if there is one; `usual` 0 stands for no limit.
    pub fn of(count: u64, usual: u32, within: u64) -> Option<Self> {
        (usual > 0 && count > u64::from(usual)).then_some(Self { count, usual, within })
    }

    /// From 0.5 a little above the usual: 0.8 at twice as many, 0.92 at four times, 0.98 at most.
    #[expect(clippy::cast_precision_loss, reason = "a ratio needs no more digits")]
    pub fn confidence(&self) -> f32 {
        let ratio = self.usual as f32 / self.count as f32;
        (1.0 - 0.5 * ratio.powf(1.3)).min(MOST)
    }

    /// The signal: `does` and `what` frame the count, as in `wrote to 9 new people`.
    pub fn signal(&self, id: &str, (does, what): (&str, &str), standing: &Standing) -> Signal {
        let Self { count, usual, within } = self;
        let (within, account) = (duration(*within), standing.words());
        let are = if *usual == 1 { "is" } else { "are" };
        let why =
            format!("{does} {count} {what} within {within}; {usual} {are} usual for {account}");
        Signal::new(id)
            .confidence(self.confidence())
            .evidence("why", why)
            .evidence("count", count.to_string())
            .evidence("usual", usual.to_string())
            .evidence("within", within)
            .evidence("sender", account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_grows_with_the_excess_and_never_becomes_certainty() {
        assert!(Excess::of(6, 6, 60).is_none(), "as many as usual are no finding");
        assert!(Excess::of(1_000, 0, 60).is_none(), "0 is no limit");
        let confidences: Vec<f32> = [7, 12, 24, 60, u64::MAX]
            .into_iter()
            .filter_map(|count| Excess::of(count, 6, 60))
            .map(|excess| excess.confidence())
            .collect();
        assert!(confidences.is_sorted(), "{confidences:?}");
        assert!((0.5..0.6).contains(&confidences[0]), "{confidences:?}");
        assert!((0.78..0.82).contains(&confidences[1]), "{confidences:?}");
        assert!(confidences[4] <= MOST, "{confidences:?}");
    }
}
