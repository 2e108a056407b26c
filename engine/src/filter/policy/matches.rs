//! Which parts of a policy a message's signals met: for whoever decides about it.

use super::{Circumstances, FAILED, Policy, points};
use crate::domain::{Action, RecordedSignal};

/// A part of the policy that signals met.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// `row` or `sum`; `failure` if a filter failed.
    pub table: &'static str,
    /// What it is about, such as `contact.*`.
    pub name: String,
    /// Its number in its table, counted from 1.
    pub number: Option<usize>,
    /// What it leads to.
    pub action: Action,
    /// The least confidence, or the least sum, that meets it.
    pub threshold: Option<f32>,
}

impl Policy {
    /// Every row, sum and failure that had a say, strictest first, each once.
    pub fn matches(&self, at: &Circumstances<'_>, found: &[RecordedSignal]) -> Vec<Match> {
        let mut matches = Vec::new();
        if found.iter().any(|signal| signal.id == FAILED) {
            matches.push(Match {
                table: "failure",
                name: FAILED.to_owned(),
                number: None,
                action: Action::Hold,
                threshold: None,
            });
        }
        let mut rows: Vec<usize> = found
            .iter()
            .filter(|signal| signal.id != FAILED)
            .filter_map(|signal| self.row(signal, at).map(|(place, _)| place))
            .collect();
        rows.sort_unstable();
        rows.dedup();
        matches.extend(rows.into_iter().map(|place| Match {
            table: "row",
            name: self.rows[place].pattern.to_string(),
            number: Some(place + 1),
            action: self.rows[place].consequence.action,
            threshold: Some(self.rows[place].min_confidence),
        }));
        let total = self.total(found);
        let met =
            self.sums.iter().enumerate().filter(|(_, sum)| {
                total >= points(sum.at_least) && sum.consequence.scope.contains(at)
            });
        matches.extend(met.map(|(place, sum)| Match {
            table: "sum",
            name: "sum of all signals".to_owned(),
            number: Some(place + 1),
            action: sum.consequence.action,
            threshold: Some(sum.at_least),
        }));
        matches.sort_by_key(|it| std::cmp::Reverse(it.action));
        matches
    }
}
