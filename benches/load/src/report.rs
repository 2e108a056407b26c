//! What a scenario found out, as a table for people and as JSON for programs.

use std::path::Path;

use comfy_table::{Cell, CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use serde_json::{Map, Value, json};

use crate::error::LoadError;
use crate::fleet::Phase;

/// One figure.
#[derive(Debug, Clone)]
pub struct Figure {
    /// What it is, also its key in JSON; ends with its unit.
    pub name: String,
    /// How much; `None` if it is not known.
    pub value: Option<f64>,
}

impl Figure {
    /// A figure that is known, or not.
    pub fn new(name: &str, value: impl Into<Option<f64>>) -> Self {
        Self { name: name.to_owned(), value: value.into() }
    }
}

/// Figures of one or several runs of a scenario.
#[derive(Debug, Default)]
pub struct Report {
    scenario: String,
    server: String,
    /// What was asked for, in the order in which it is shown.
    settings: Vec<(String, String)>,
    runs: Vec<Vec<Figure>>,
    notes: Vec<String>,
    /// What happened when, a value for each run; for programs only.
    series: Vec<Value>,
}

impl Report {
    /// Of a scenario against a server.
    pub fn new(scenario: &str, server: &str) -> Self {
        Self { scenario: scenario.to_owned(), server: server.to_owned(), ..Self::default() }
    }

    /// Says how it was run.
    pub fn setting(&mut self, name: &str, value: impl std::fmt::Display) {
        self.settings.push((name.to_owned(), value.to_string()));
    }

    /// One more run.
    pub fn run(&mut self, figures: Vec<Figure>) {
        self.runs.push(figures);
    }

    /// What happened when in the last run.
    pub fn series(&mut self, series: Value) {
        self.series.push(series);
    }

    /// Something the reader must know; said once.
    pub fn note(&mut self, words: String) {
        if !self.notes.contains(&words) {
            self.notes.push(words);
        }
    }

    /// The median of a figure over all runs that have it.
    pub fn median(&self, name: &str) -> Option<f64> {
        median(&self.values(name))
    }

    /// A figure's median, and from where to where it went.
    pub fn spread(&self, name: &str) -> String {
        let values = self.values(name);
        let ends = [f64::min, f64::max].map(|end| shown(values.iter().copied().reduce(end)));
        let median = shown(median(&values));
        if values.len() < 2 { median } else { format!("{median} ({} - {})", ends[0], ends[1]) }
    }

    /// Whom it is about.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Prints what the reader must know.
    pub fn tell_notes(&self) {
        for note in &self.notes {
            println!("NOTE: {}: {note}", self.server);
        }
    }

    fn values(&self, name: &str) -> Vec<f64> {
        let of = |run: &Vec<Figure>| run.iter().find(|it| it.name == name).and_then(|it| it.value);
        self.runs.iter().filter_map(of).collect()
    }

    /// Names of all figures, in the order in which they came.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for figure in self.runs.iter().flatten() {
            if !names.contains(&figure.name.as_str()) {
                names.push(&figure.name);
            }
        }
        names
    }

    /// Prints the table and the notes, and writes the JSON if a file is named.
    pub fn finish(&self, json: Option<&Path>) -> Result<(), LoadError> {
        let settings: Vec<String> =
            self.settings.iter().map(|(name, value)| format!("{name} {value}")).collect();
        println!("{}: {} ({})", self.server, self.scenario, settings.join(", "));
        println!("{}", self.table());
        self.tell_notes();
        let Some(path) = json else { return Ok(()) };
        let text = format!("{:#}\n", self.json());
        std::fs::write(path, text).map_err(|source| LoadError::file(path, source))
    }

    fn table(&self) -> Table {
        let several = self.runs.len() > 1;
        let mut table = Table::new();
        let value = if several { "median" } else { "value" };
        let header = if several {
            vec!["figure", value, "lowest", "highest"]
        } else {
            vec!["figure", value]
        };
        table.load_preset(UTF8_FULL_CONDENSED).set_header(header);
        let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        for name in self.names() {
            let values = self.values(name);
            let mut row = vec![Cell::new(name), right(shown(median(&values)))];
            if several {
                row.push(right(shown(values.iter().copied().reduce(f64::min))));
                row.push(right(shown(values.iter().copied().reduce(f64::max))));
            }
            table.add_row(row);
        }
        table
    }

    /// Everything, for programs.
    pub fn json(&self) -> Value {
        let object = |figures: &mut dyn Iterator<Item = (&str, Option<f64>)>| {
            figures.map(|(name, value)| (name.to_owned(), json!(value))).collect::<Map<_, _>>()
        };
        let runs: Vec<_> = self
            .runs
            .iter()
            .map(|run| object(&mut run.iter().map(|it| (it.name.as_str(), it.value))))
            .collect();
        let names = self.names();
        json!({
            "scenario": self.scenario,
            "server": self.server,
            "settings": self.settings.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
            "median": object(&mut names.iter().map(|name| (*name, self.median(name)))),
            "runs": runs,
            "notes": self.notes,
            "series": self.series,
        })
    }
}

/// The middle one; of an even number the mean of both in the middle.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = sorted.get(sorted.len() / 2)?;
    let lower = sorted.get((sorted.len() - 1) / 2)?;
    Some(f64::midpoint(*lower, *upper))
}

/// A figure with as many places as mean something.
pub fn shown(value: Option<f64>) -> String {
    match value {
        None => String::new(),
        Some(value) if value == 0.0 || value.abs() >= 100.0 => format!("{value:.0}"),
        Some(value) if value.abs() >= 10.0 => format!("{value:.1}"),
        Some(value) => format!("{value:.2}"),
    }
}

/// The figures that every scenario with messages has.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub fn figures(phase: &Phase) -> Vec<Figure> {
    let Phase { stats, taken, elapsed } = phase;
    let count = stats.acknowledged as f64;
    let seconds = elapsed.as_secs_f64();
    let each = |micros: f64| (count > 0.0).then(|| micros / count);
    let mut all = vec![
        Figure::new("acknowledged, messages/s", count / seconds),
        Figure::new("received by subscribers, events/s", stats.received as f64 / seconds),
    ];
    for (name, times) in [("send to ack", &stats.to_ack), ("send to receive", &stats.to_receive)] {
        for (label, share) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
            all.push(Figure::new(&format!("{name} {label}, ms"), times.millis(share)));
        }
    }
    all.push(Figure::new("server CPU, µs/message", each(taken.cpu.as_secs_f64() * 1e6)));
    all.push(Figure::new("server CPU, cores", taken.cpu.as_secs_f64() / seconds));
    all.push(Figure::new("server memory at its peak, MB", taken.peak as f64 / 1e6));
    all.push(Figure::new("server memory at the end, MB", taken.end as f64 / 1e6));
    all.push(Figure::new("written, bytes/message", each(taken.written as f64)));
    all.push(Figure::new("syncs per message", taken.syncs.and_then(|it| each(it as f64))));
    all.push(Figure::new("driver CPU, µs/message", each(stats.driver_cpu.as_secs_f64() * 1e6)));
    all.push(Figure::new("driver's busiest thread, % of a core", stats.driver_busy * 100.0));
    for (outcome, many) in stats.outcomes.sorted() {
        all.push(Figure::new(&format!("answered {outcome}"), many as f64));
    }
    all
}

/// Says loudly when the driver measured itself.
pub fn warn_if_bottleneck(report: &mut Report, phase: &Phase) {
    let percent = phase.stats.driver_busy * 100.0;
    if percent > 90.0 {
        report.note(format!(
            "THE DRIVER WAS THE BOTTLENECK: a thread of it took {percent:.0} % of a core. The server can do more; \
             use more --threads or fewer subscribers."
        ));
    }
}

/// Says so when a limit of the server was measured, and not its speed.
pub fn warn_if_refused(report: &mut Report, phase: &Phase) {
    let refused = phase.stats.refused;
    if refused > 0 {
        report.note(format!(
            "the server refused {refused} messages (see its answers): this measures a limit of its settings, such as \
             limits.sends_per_second, and not its speed."
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_are_of_what_is_known() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0]), Some(2.5));
        let mut report = Report::new("chat", "Rialto");
        for value in [Some(10.0), None, Some(30.0), Some(20.0)] {
            report.run(vec![Figure::new("rate", value), Figure::new("never", None)]);
        }
        assert_eq!(report.median("rate"), Some(20.0));
        let json = report.json();
        assert_eq!(json["median"]["rate"], 20.0);
        assert!(json["median"]["never"].is_null() && json["runs"][1]["rate"].is_null());
        let table = report.table().to_string();
        assert!(table.contains("lowest") && table.contains("30.0"), "{table}");
    }
}
