//! What was measured, as a table.

use std::collections::BTreeMap;
use std::time::Duration;

use comfy_table::{Cell, CellAlignment, Table, presets::UTF8_FULL_CONDENSED};

/// Latencies and outcomes of many sends.
#[derive(Debug, Default)]
pub struct Figures {
    /// From sending to the acknowledgement, which means "on disk".
    pub to_ack: Vec<Duration>,
    /// From sending to the other side's subscription.
    pub to_receive: Vec<Duration>,
    /// How many messages ended as what: a status, or a user error's code.
    pub outcomes: BTreeMap<String, usize>,
}

impl Figures {
    /// Takes another talk's figures in.
    pub fn add(&mut self, other: Self) {
        self.to_ack.extend(other.to_ack);
        self.to_receive.extend(other.to_receive);
        for (outcome, count) in other.outcomes {
            *self.outcomes.entry(outcome).or_default() += count;
        }
    }

    /// Messages per second, latencies in milliseconds, outcomes.
    pub fn table(mut self, elapsed: Duration) -> Table {
        let mut table = Table::new();
        table.load_preset(UTF8_FULL_CONDENSED).set_header(["figure", "value"]);
        let mut row = |name: &str, value: String| {
            table.add_row([Cell::new(name), Cell::new(value).set_alignment(CellAlignment::Right)]);
        };
        let count = self.to_ack.len();
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let rate = count as f64 / elapsed.as_secs_f64();
        row("messages answered", count.to_string());
        row("messages per second", format!("{rate:.0}"));
        for (name, latencies) in
            [("send to ack", &mut self.to_ack), ("send to receive", &mut self.to_receive)]
        {
            latencies.sort_unstable();
            for (label, permille) in [("p50", 500), ("p99", 990)] {
                row(&format!("{name}, {label}"), millis(latencies, permille));
            }
        }
        for (outcome, count) in &self.outcomes {
            row(&format!("outcome {outcome}"), count.to_string());
        }
        table
    }
}

/// A permille of sorted latencies, or a dash when there are none.
fn millis(sorted: &[Duration], permille: usize) -> String {
    let index = (sorted.len() * permille / 1_000).min(sorted.len().saturating_sub(1));
    sorted
        .get(index)
        .map_or_else(|| "-".to_owned(), |it| format!("{:.2} ms", it.as_secs_f64() * 1e3))
}
