//! What a backtest found, for people.

use comfy_table::Cell;
use serde::Deserialize;
use serde_json::json;

use super::super::FilterError;
use super::super::list::micros;
use super::super::paint::{self, Paint, number};
use super::super::remote::Engine;

const REPORT: &str = "fragment Sample on BacktestSample {
  conversationId seq line text before after unwanted signals { id confidence }
}
fragment Truth on BacktestTruth {
  truePositives falsePositives trueNegatives falseNegatives precision recall f1 mcc
}
query ($id: ID!) {
  result: backtest(id: $id) { report {
    messages changedCount newlyCaughtCount newlyReleasedCount
    transitions { before after messages }
    signals { signalId before after }
    newlyCaught { ...Sample } newlyReleased { ...Sample }
    truthBefore { ...Truth } truthAfter { ...Truth }
    timing { p50Micros p99Micros maxMicros }
    faults { kind messages }
  } }
}";
/// Characters shown of a sample.
const SHOWN: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    messages: u64,
    changed_count: u64,
    newly_caught_count: u64,
    newly_released_count: u64,
    transitions: Vec<Transition>,
    signals: Vec<SignalCount>,
    newly_caught: Vec<Sample>,
    newly_released: Vec<Sample>,
    truth_before: Option<Truth>,
    truth_after: Option<Truth>,
    timing: Option<Timing>,
    faults: Vec<Faults>,
}

#[derive(Deserialize)]
struct Transition {
    before: String,
    after: String,
    messages: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignalCount {
    signal_id: String,
    before: u64,
    after: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sample {
    conversation_id: Option<String>,
    seq: Option<u64>,
    line: Option<u64>,
    text: String,
    before: String,
    after: String,
    unwanted: Option<bool>,
    signals: Vec<Signal>,
}

#[derive(Deserialize)]
struct Signal {
    id: String,
    confidence: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Truth {
    true_positives: u64,
    false_positives: u64,
    true_negatives: u64,
    false_negatives: u64,
    precision: Option<f64>,
    recall: Option<f64>,
    f1: Option<f64>,
    mcc: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the unit is part of the API's names")]
struct Timing {
    p50_micros: f64,
    p99_micros: f64,
    max_micros: f64,
}

#[derive(Deserialize)]
struct Faults {
    kind: String,
    messages: u64,
}

impl Report {
    /// The report, if the backtest has one.
    pub(super) async fn of(engine: &Engine, id: &str) -> Result<Option<Self>, FilterError> {
        #[derive(Deserialize)]
        struct Backtest {
            report: Option<Report>,
        }
        let backtest: Option<Backtest> = engine.query(REPORT, json!({"id": id})).await?;
        Ok(backtest.and_then(|backtest| backtest.report))
    }

    /// Prints everything, and so many samples of each kind.
    pub(super) fn tell(&self, samples: usize) {
        let paint = Paint::stdout();
        println!(
            "{} messages judged again: {} would change, {} newly caught, {} newly released",
            self.messages,
            paint.bold(self.changed_count),
            self.newly_caught_count,
            self.newly_released_count
        );
        self.tell_counts();
        self.tell_truth();
        tell_samples("newly caught", &self.newly_caught, samples, paint);
        tell_samples("newly released", &self.newly_released, samples, paint);
        if let Some(Timing { p50_micros, p99_micros, max_micros }) = self.timing {
            let [p50, p99, max] = [p50_micros, p99_micros, max_micros].map(micros);
            println!("time per message: p50 {p50}, p99 {p99}, at most {max}");
        }
        for Faults { kind, messages } in &self.faults {
            println!("{} failed on {messages} messages: {kind}", paint.red("!"));
        }
    }

    fn tell_counts(&self) {
        let mut table = paint::table(["now", "then", "messages"]);
        for Transition { before, after, messages } in &self.transitions {
            table.add_row([Cell::new(word(before)), Cell::new(word(after)), number(messages)]);
        }
        println!("{table}");
        if !self.signals.is_empty() {
            let mut table = paint::table(["signal", "now", "then"]);
            for SignalCount { signal_id, before, after } in &self.signals {
                table.add_row([Cell::new(signal_id), number(before), number(after)]);
            }
            println!("{table}");
        }
    }

    fn tell_truth(&self) {
        let (Some(before), Some(after)) = (&self.truth_before, &self.truth_after) else { return };
        let mut table = paint::table(["of messages known to be good or bad", "now", "then"]);
        let mut row = |name: &str, of: &dyn Fn(&Truth) -> String| {
            table.add_row([Cell::new(name), number(of(before)), number(of(after))]);
        };
        row("bad, caught", &|truth| truth.true_positives.to_string());
        row("bad, let through", &|truth| truth.false_negatives.to_string());
        row("good, caught", &|truth| truth.false_positives.to_string());
        row("good, let through", &|truth| truth.true_negatives.to_string());
        let figure = |value: Option<f64>| value.map_or_else(|| "–".into(), |it| format!("{it:.4}"));
        row("precision", &|truth| figure(truth.precision));
        row("recall", &|truth| figure(truth.recall));
        row("F1", &|truth| figure(truth.f1));
        row("MCC", &|truth| figure(truth.mcc));
        println!("{table}");
    }
}

fn tell_samples(title: &str, samples: &[Sample], count: usize, paint: Paint) {
    if samples.is_empty() || count == 0 {
        return;
    }
    println!("{}", paint.bold(title));
    for sample in samples.iter().take(count) {
        let text: String = sample.text.chars().take(SHOWN).collect();
        let text = text.replace('\n', "⏎");
        let known = match sample.unwanted {
            Some(true) => ", known to be bad",
            Some(false) => ", known to be good",
            None => "",
        };
        let place = match (&sample.conversation_id, sample.seq, sample.line) {
            (_, _, Some(line)) => format!("line {line}"),
            (Some(id), Some(seq), _) => format!("{id} message {seq}"),
            (Some(id), None, _) => format!("{id}, refused"),
            (None, ..) => String::new(),
        };
        let signals: Vec<String> = sample
            .signals
            .iter()
            .map(|signal| format!("{} {:.2}", signal.id, signal.confidence))
            .collect();
        println!("  {text}");
        let about = format!(
            "    {} → {} · {} · {place}{known}",
            word(&sample.before),
            word(&sample.after),
            signals.join(", ")
        );
        println!("{}", paint.dim(about));
    }
}

fn word(action: &str) -> String {
    action.to_lowercase()
}
