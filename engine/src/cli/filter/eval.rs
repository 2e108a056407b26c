//! `rialto filter eval`: how well a filter finds the bad messages of a labelled file, and how fast.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use comfy_table::Cell;
use serde_json::json;

use super::component::{Bench, Limits, Source, progress};
use super::paint::{self, Paint, number};
use super::{FilterError, bench::Times, cases};
use crate::backtest::Confusion;
use crate::filter::{Filter as _, FilterFault, Signal};
use crate::plugin::PluginFilter;

mod labels;

use labels::Sample;

/// Wrongly judged messages shown with `--wrong`.
const SHOWN_COLUMNS: usize = 100;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// The component, or the name of a bundled filter such as `spam`
    #[arg(value_name = "FILE.wasm|NAME")]
    filter: String,
    /// The messages, one a line: label, tab, text
    #[arg(value_name = "FILE.tsv")]
    file: PathBuf,
    /// The configuration, a JSON file [default: {}]
    #[arg(long, value_name = "FILE.json")]
    config: Option<PathBuf>,
    /// A message is caught if a signal is at least so sure
    #[arg(long, value_name = "CONFIDENCE", default_value_t = 0.5, value_parser = confidence)]
    threshold: f32,
    /// Only signals whose id is this or starts with this and a dot
    #[arg(long, value_name = "PREFIX")]
    signal: Option<String>,
    /// Messages with this label are the bad ones, all others good; may be given again
    #[arg(long, value_name = "LABEL")]
    positive: Vec<String>,
    /// Print the messages that were judged wrongly
    #[arg(long)]
    wrong: bool,
    /// Print numbers as one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    limits: Limits,
}

/// What came of all messages.
struct Outcome {
    scores: Confusion,
    times: Times,
    faults: Vec<(usize, FilterFault)>,
    wrong: Vec<(usize, bool)>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), FilterError> {
    let bytes = std::fs::read(&arguments.file)
        .map_err(|error| FilterError::file(&arguments.file, error))?;
    let file = String::from_utf8_lossy(&bytes);
    let samples = labels::parse(&file, &arguments.positive)
        .map_err(|problem| FilterError::content(&arguments.file, problem))?;
    let source = Source::file_or_bundled(&arguments.filter)?;
    let bench = Bench::open(&arguments.limits, &arguments.limits.cache())?;
    let filter = bench.load(&source, arguments.config.as_deref(), None)?;
    if let Some(prefix) = &arguments.signal {
        known(&filter, prefix)?;
    }
    let result = judge(arguments, &bench, &filter, &samples);
    if arguments.json {
        println!("{}", as_json(arguments, &filter, &result));
        return Ok(());
    }
    if arguments.wrong {
        tell_wrong(&result, &samples, &arguments.file);
    }
    tell(arguments, &filter, &result);
    Ok(())
}

fn judge(
    arguments: &Arguments,
    bench: &Bench,
    filter: &PluginFilter,
    samples: &[Sample<'_>],
) -> Outcome {
    let now = bench.clock.now();
    let bar = progress(samples.len());
    let (mut scores, mut times) = (Confusion::default(), Times::default());
    let (mut faults, mut wrong) = (Vec::new(), Vec::new());
    for (number, sample) in samples.iter().enumerate() {
        let subject = cases::stranger(sample.text, number, now);
        // What the engine derives once for all filters is not the filter's time.
        let _ = (subject.normalized(), subject.links());
        let started = Instant::now();
        let found = filter.inspect(&subject, &[]);
        times.add(started.elapsed());
        let caught = match found {
            Ok(signals) => signals.iter().any(|signal| arguments.counts(signal)),
            Err(fault) => {
                faults.push((sample.line, fault));
                false
            }
        };
        scores.note(sample.positive, caught);
        if caught != sample.positive {
            wrong.push((number, caught));
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Outcome { scores, times, faults, wrong }
}

impl Arguments {
    /// Whether this signal catches a message.
    fn counts(&self, signal: &Signal) -> bool {
        signal.confidence >= self.threshold
            && self.signal.as_ref().is_none_or(|prefix| starts_with(&signal.id, prefix))
    }
}

/// `contact` and `contact.` are the start of `contact.phone`, `con` is not.
fn starts_with(id: &str, prefix: &str) -> bool {
    let prefix = prefix.trim_end_matches(['*', '.']);
    id.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// A misspelt `--signal` would make every message look good.
fn known(filter: &PluginFilter, prefix: &str) -> Result<(), FilterError> {
    if filter.signals().iter().any(|signal| starts_with(&signal.id, prefix)) {
        return Ok(());
    }
    let ids: Vec<&str> = filter.signals().iter().map(|signal| signal.id.as_str()).collect();
    Err(FilterError::Usage(format!(
        "--signal {prefix}: {} has only {}",
        filter.name(),
        ids.join(", ")
    )))
}

fn tell(arguments: &Arguments, filter: &PluginFilter, result: &Outcome) {
    let paint = Paint::stdout();
    let scores = &result.scores;
    println!(
        "{} {} on {} messages, threshold {}{}",
        paint.bold(filter.name()),
        filter.version(),
        scores.messages(),
        arguments.threshold,
        arguments.signal.as_ref().map(|it| format!(", signal {it}")).unwrap_or_default()
    );
    let mut table = paint::table(["", "caught", "let through", "together"]);
    let mut row = |name: &str, caught: u64, passed: u64| {
        let cells = [caught, passed, caught + passed].map(number);
        table.add_row([Cell::new(name)].into_iter().chain(cells));
    };
    row("bad", scores.true_positives, scores.false_negatives);
    row("good", scores.false_positives, scores.true_negatives);
    println!("{table}");
    let mut table = paint::table(["measure", "", "meaning"]);
    let mut row = |name: &str, value: String, meaning: &str| {
        table.add_row([Cell::new(name), number(value), Cell::new(meaning)]);
    };
    row("accuracy", percent(scores.accuracy()), "judged rightly, of all");
    row("spam caught", percent(scores.recall()), "caught, of the bad (recall)");
    row("ham blocked", percent(scores.false_positive_rate()), "caught, of the good");
    row("precision", percent(scores.precision()), "bad, of the caught");
    row("F1", figure(scores.f1()), "mean of precision and recall");
    row("MCC", figure(scores.mcc()), "-1 to 1; 0 is guessing");
    let spread = result.times.quantiles().map(paint::time);
    let spread = format!("mean; p50 {}, p99 {}, at most {}", spread[0], spread[1], spread[2]);
    row("time per message", paint::time(result.times.mean()), &spread);
    println!("{table}");
    if let Some((line, fault)) = result.faults.first() {
        let text = format!(
            "{} messages could not be judged and count as let through; the first is line {line}: {fault}",
            result.faults.len()
        );
        println!("{}", paint.red(text));
    }
}

fn tell_wrong(result: &Outcome, samples: &[Sample<'_>], file: &Path) {
    let paint = Paint::stdout();
    for (number, caught) in &result.wrong {
        let sample = &samples[*number];
        let what =
            if *caught { paint.yellow("good, caught ") } else { paint.red("bad, let through") };
        let text: String = sample.text.chars().take(SHOWN_COLUMNS).collect();
        println!("{}:{} {what} {text}", file.display(), sample.line);
    }
}

fn as_json(arguments: &Arguments, filter: &PluginFilter, result: &Outcome) -> serde_json::Value {
    let scores = &result.scores;
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let [p50, p99, max] = result.times.quantiles().map(micros);
    json!({
        "filter": filter.name(),
        "version": filter.version(),
        "threshold": arguments.threshold,
        "signal": arguments.signal,
        "messages": scores.messages(),
        "truePositive": scores.true_positives,
        "falsePositive": scores.false_positives,
        "trueNegative": scores.true_negatives,
        "falseNegative": scores.false_negatives,
        "accuracy": scores.accuracy(),
        "spamCaught": scores.recall(),
        "hamBlocked": scores.false_positive_rate(),
        "precision": scores.precision(),
        "f1": scores.f1(),
        "mcc": scores.mcc(),
        "faults": result.faults.len(),
        "microsPerMessage": {"mean": micros(result.times.mean()), "p50": p50, "p99": p99, "max": max},
    })
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".into(), |share| format!("{:.2} %", share * 100.0))
}

fn figure(value: Option<f64>) -> String {
    value.map_or_else(|| "–".into(), |value| format!("{value:.4}"))
}

fn confidence(text: &str) -> Result<f32, String> {
    text.parse()
        .ok()
        .filter(|value| (0.0..=1.0).contains(value))
        .ok_or_else(|| "a confidence is a number from 0 to 1".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_where_a_word_ends() {
        for prefix in ["contact", "contact.", "contact.*", "contact.phone", ""] {
            assert!(prefix.is_empty() || starts_with("contact.phone", prefix), "{prefix}");
        }
        for prefix in ["con", "contact.p", "contact.phone.x", "spam"] {
            assert!(!starts_with("contact.phone", prefix), "{prefix}");
        }
    }
}
